#ifndef KODELAB_STORE_SYNC_H
#define KODELAB_STORE_SYNC_H

/*
 * What goes from the lab to its class server, and what came from there. An account is as in store_class.h. Rows of the outbox belong to
 * the account that was active when they were made; only those about packs that the class publishes are ever sent.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/crypto.h>
#include <kodelab/error.h>
#include <kodelab/id.h>
#include <kodelab/store.h>

/* fn in one transaction; what it returns decides. */
typedef enum kl_status kl_store_sync_fn(void *ctx, struct kl_error *err);
enum kl_status kl_store_sync_change(struct kl_store *store, kl_store_sync_fn *fn, void *ctx,
				    struct kl_error *err) KL_MUST_CHECK;

/* ---- the outbox ---- */

struct kl_outbox_item { /* texts are owned: kl_outbox_free */
	char row[KL_ID_SIZE]; /* in the outbox */
	char id[KL_ID_SIZE]; /* on the wire: of a submission, the attempt's */
	char hash[KL_SHA256_SIZE]; /* on the wire: of a submission or draft, of its code */
	char *kind, *subject, *body;
	char *receipt; /* of before the server was restored without it; "": none */
	int64_t at_ms; /* when it was made */
	char *code; /* DRAFT: the text, which the body does not hold; else NULL */
	size_t code_len, cursor;
	int64_t seq; /* DRAFT: one more than what the server is known to have */
};

/*
 * The oldest first, at most max, until their texts are more than bytes (one is always given). Drafts that wait for a decision are left
 * out; one whose text is gone is dropped.
 */
enum kl_status kl_store_outbox_ready(struct kl_outbox_item **items, size_t *count, struct kl_store *store,
				     const char *account, size_t max, size_t bytes, struct kl_error *err) KL_MUST_CHECK;
void kl_outbox_free(struct kl_outbox_item *items, size_t count);
/* How many wait for the account, and since when (0: none). */
enum kl_status kl_store_outbox_waiting(size_t *count, int64_t *since_ms, struct kl_store *store, const char *account,
				       struct kl_error *err) KL_MUST_CHECK;
/* It is about to be sent, and may arrive without an answer. Belongs into kl_store_sync_change. */
enum kl_status kl_store_outbox_leaves(struct kl_store *store, const struct kl_outbox_item *item,
				      struct kl_error *err) KL_MUST_CHECK;
/*
 * The server has it, as receipt (JSON, checked by the caller) says: marked as sent, and a draft becomes what both sides have in common,
 * unless stale. Belongs into kl_store_sync_change.
 */
enum kl_status kl_store_outbox_sent(struct kl_store *store, const struct kl_outbox_item *item, const char *account,
				    const char *receipt, bool stale, struct kl_error *err) KL_MUST_CHECK;
/*
 * It was handed to somebody who may bring it there: a draft's number is used up, so that a later text does not get the same one. Belongs into
 * kl_store_sync_change.
 */
enum kl_status kl_store_outbox_given(struct kl_store *store, const struct kl_outbox_item *item,
				     struct kl_error *err) KL_MUST_CHECK;
/* The server does not take it, for good. Belongs into kl_store_sync_change. */
enum kl_status kl_store_outbox_refused(struct kl_store *store, const struct kl_outbox_item *item, const char *account,
				       const char *why, struct kl_error *err) KL_MUST_CHECK;
/* Every receipt there is, as JSON; borrowed for the call. fn must not call the store. */
typedef void kl_store_receipt_fn(void *ctx, const char *receipt);
enum kl_status kl_store_receipts(struct kl_store *store, kl_store_receipt_fn *fn, void *ctx,
				 struct kl_error *err) KL_MUST_CHECK;

/*
 * ---- after the server was restored from a backup ----
 *
 * Receipts, packs and courses are doubted until it has said that it has them. All of these belong into kl_store_sync_change.
 */

enum kl_status kl_store_doubt(struct kl_store *store, const char *account, struct kl_error *err) KL_MUST_CHECK;
/* Ids (on the wire) of items that are doubted, at most max. ids: room for max. */
enum kl_status kl_store_doubted(char (*ids)[KL_ID_SIZE], size_t *count, size_t max, struct kl_store *store,
				const char *account, struct kl_error *err) KL_MUST_CHECK;
/* The server has it; or lacks it: it waits again, with its receipt. */
enum kl_status kl_store_doubt_item(struct kl_store *store, const char *id, bool lacks,
				   struct kl_error *err) KL_MUST_CHECK;
/* Everything was told: packs and courses that were not are gone. *gone: there were such. */
enum kl_status kl_store_doubt_end(bool *gone, struct kl_store *store, const char *account,
				  struct kl_error *err) KL_MUST_CHECK;

/* What has become of a text: of exactly these bytes, by their hash. */
struct kl_delivered {
	enum kl_delivery delivery;
	int64_t at_ms; /* RECEIVED: when */
	char problem[256]; /* REFUSED: the server's words */
};
enum kl_status kl_store_delivered(struct kl_delivered *out, struct kl_store *store, const char *account,
				  const char *pack, const char *slug, const char *language, const char *hash,
				  struct kl_error *err) KL_MUST_CHECK;

/*
 * ---- what came: all of these belong into kl_store_sync_change ----
 *
 * Of results, progress and drafts only those of packs that the account's server gave are taken, so that no server says
 * anything about the work for another; what is of other packs is left out in silence.
 */

/* Does the account's server publish the pack, or did it receive work of it? */
enum kl_status kl_store_class_gave(bool *gave, struct kl_store *store, const char *account, const char *pack,
				   struct kl_error *err) KL_MUST_CHECK;

/* How far the changes of the server were taken, and that it has just answered. */
enum kl_status kl_store_taken_cursor(struct kl_store *store, const char *server, int64_t cursor,
				     struct kl_error *err) KL_MUST_CHECK;

struct kl_taken_result { /* borrowed */
	const char *id; /* the attempt's */
	const char *verdict, *report;
	double score;
	int passed, total;
	int64_t cpu_us, peak_kib;
	bool failed; /* the class could not judge it: it counts for nothing */
};
/* The class's verdict takes the place of the provisional one. *known: there is such an attempt here; *first_pass: it completes. */
enum kl_status kl_store_taken_result(bool *known, bool *first_pass, struct kl_store *store, const char *account,
				     const struct kl_taken_result *result, struct kl_error *err) KL_MUST_CHECK;

struct kl_taken_progress { /* borrowed */
	const char *pack, *slug;
	int state, hints;
	int64_t first_ms, completed_ms, spent_ms;
	double best_score;
	const char *best_attempt;
};
/* What only the server's verdicts say (completed, best) is as it says; the rest is merged. */
enum kl_status kl_store_taken_progress(struct kl_store *store, const char *account,
				       const struct kl_taken_progress *progress, struct kl_error *err) KL_MUST_CHECK;

struct kl_class_pack { /* owned in rows that are read, borrowed in those that are put */
	char *id, *title, *problem;
	int64_t version, bytes;
	char hash[KL_SHA256_SIZE]; /* of what students get; "": they get nothing */
	char installed[KL_SHA256_SIZE]; /* of what is here; "": nothing */
};
enum kl_status kl_store_taken_pack(struct kl_store *store, const char *account, const struct kl_class_pack *pack,
				   struct kl_error *err) KL_MUST_CHECK;
/* It is not published any more. */
enum kl_status kl_store_taken_pack_away(struct kl_store *store, const char *account, const char *id,
					struct kl_error *err) KL_MUST_CHECK;
/* body NULL: the course is gone, or one is not in it any more. */
enum kl_status kl_store_taken_course(struct kl_store *store, const char *account, const char *id, const char *body,
				     struct kl_error *err) KL_MUST_CHECK;

/* ---- packs and courses of the class ---- */

enum kl_status kl_store_class_packs(struct kl_class_pack **rows, size_t *count, struct kl_store *store,
				    const char *account, struct kl_error *err) KL_MUST_CHECK;
void kl_class_packs_free(struct kl_class_pack *rows, size_t count);
/* hash "" with a problem: it could not be installed. */
enum kl_status kl_store_class_pack_installed(struct kl_store *store, const char *account, const char *id,
					     const char *hash, const char *problem, struct kl_error *err) KL_MUST_CHECK;
/* Is the pack one that the active account's class publishes, and is it here? Then its server judges. */
bool kl_store_class_judges(struct kl_store *store, const char *pack);

/* Does any submit that was received wait for the server's verdict? */
enum kl_status kl_store_class_unjudged(bool *waits, struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

/* Was a draft sent, and never answered? What comes from the server tells whether it arrived. */
bool kl_store_drafts_unanswered(struct kl_store *store);

/* By id; borrowed for the call. fn must not call the store. */
typedef void kl_store_course_fn(void *ctx, const char *id, const char *body);
enum kl_status kl_store_class_courses(struct kl_store *store, const char *account, kl_store_course_fn *fn, void *ctx,
				      struct kl_error *err) KL_MUST_CHECK;

/* ---- drafts of two machines ---- */

struct kl_other_draft { /* owned in rows that are read, borrowed in those that are put */
	char *pack, *slug, *language, *device, *code;
	size_t code_len;
	char hash[KL_SHA256_SIZE];
	int64_t seq, at_ms;
};

enum kl_draft_fate {
	KL_DRAFT_SAME, /* it is what is here, or older */
	KL_DRAFT_TAKEN, /* nothing was changed here since: it is the draft now, and the file must become it */
	KL_DRAFT_CONFLICT, /* both were changed: it waits for a decision */
};

struct kl_draft_here { /* borrowed */
	const char *text; /* NULL: there is no file */
	size_t len;
	bool untouched; /* it is the starter */
};

/* A draft that the server has; here: what the student's file holds. Belongs into kl_store_sync_change. */
enum kl_status kl_store_taken_draft(enum kl_draft_fate *fate, struct kl_store *store, const char *account,
				    const struct kl_other_draft *draft, const struct kl_draft_here *here,
				    struct kl_error *err) KL_MUST_CHECK;
/* Those that wait, by challenge. */
enum kl_status kl_store_other_drafts(struct kl_other_draft **rows, size_t *count, struct kl_store *store,
				     struct kl_error *err) KL_MUST_CHECK;
void kl_other_drafts_free(struct kl_other_draft *rows, size_t count);
/*
 * The decision: text is what the draft is from now on, and follows from the other one. It is sent when it is not the same.
 * KL_ENOENT: nothing waits.
 */
enum kl_status kl_store_other_settle(struct kl_store *store, const char *pack, const char *slug, const char *language,
				     const char *text, size_t len, struct kl_error *err) KL_MUST_CHECK;

#endif
