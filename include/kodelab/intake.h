#ifndef KODELAB_INTAKE_H
#define KODELAB_INTAKE_H

/*
 * What labs hand over to the class server, each thing exactly once, and what comes of submissions there.
 *
 * An item has an id that its sender made (UUID version 7), a kind, a hash and a body. The same id with the same hash is the same
 * item, however often it comes: it gets the receipt it got before, byte for byte. The same id with another hash is refused, and
 * what came first stays. Ids are their user's: what others have handed in is nothing to him. On the wire (POST /api/sync/push, POST /api/submissions):
 *
 *     {"id":…,"kind":"submission","hash":…,"at":"2026-11-29T12:00:00.000Z","body":{…}}
 *
 *     submission  hash: SHA-256 of the code's bytes. body: pack, slug, language, code or code_base64;
 *                 version (of the pack; absent: the newest), course, assignment may be there
 *     draft       hash: likewise. body: pack, slug, language, code or code_base64, seq (1 or more, counted by the sender; the highest is the
 *                 newest); cursor, device may be there
 *     progress    body: pack, slug; state ("NOT_STARTED", "IN_PROGRESS", "COMPLETED"), attempts, hints, first_ms, completed_ms, spent_ms,
 *                 best_score, best_attempt, at_ms as the lab's outbox has them. It is merged: hints and spent_ms grow, first_ms falls;
 *                 what only verdicts of the server may say (completed, scores) is passed over
 *     hint        body: pack, slug, revealed; at_ms may be there
 *     rating      body: pack, slug, stars (1 to 5); comment may be there
 *
 * The hash of the last three is whatever 64 hex digits their sender made of them. A member that is not named here is refused.
 *
 * Beside the body may be "before": the receipt that its sender has for this very item, of before the server was restored from a backup
 * that lacks it. When the server did sign it, the item was received when that says.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/crypto.h>
#include <kodelab/error.h>
#include <kodelab/id.h>
#include <kodelab/receipt.h>

struct cJSON;
struct kl_clock;
struct kl_intake;
struct kl_queue;
struct kl_rejudge; /* kodelab/store_rejudge.h */
struct kl_store;
struct kl_work;

#define KL_INTAKE_CODE_MAX    ((size_t)1 << 20) /* bytes */
#define KL_INTAKE_COMMENT_MAX 2000 /* bytes of a rating's */

enum kl_intake_kind {
	KL_INTAKE_SUBMISSION,
	KL_INTAKE_DRAFT,
	KL_INTAKE_PROGRESS,
	KL_INTAKE_HINT,
	KL_INTAKE_RATING,
	KL_INTAKE_KIND_COUNT,
};
const char *kl_intake_kind_word(enum kl_intake_kind kind); /* "submission" */

/* ---- items ---- */

struct kl_intake_item { /* texts are borrowed from the JSON that was read, but for code */
	char id[KL_ID_SIZE], hash[KL_SHA256_SIZE];
	enum kl_intake_kind kind;
	int64_t at_ms; /* as its sender says; 0: he does not */
	const char *pack, *slug, *language; /* language "": has none */
	char *code; /* owned; NULL: has none */
	size_t code_len;
	int64_t version; /* SUBMISSION; 0: the newest */
	const char *course, *assignment; /* SUBMISSION; "": none */
	int64_t seq, cursor; /* DRAFT */
	const char *device; /* DRAFT; "": not said */
	int64_t hints, first_ms, spent_ms; /* PROGRESS; hints: HINT, too */
	bool begun; /* PROGRESS: more than NOT_STARTED */
	int stars; /* RATING */
	const char *comment;
	struct kl_receipt before; /* serial 0: none. Not checked */
};

/* kind NULL: node says it. KL_EINVAL: the sentence names the member. */
enum kl_status kl_intake_read(struct kl_intake_item *out, const struct cJSON *node, const char *kind,
			      struct kl_error *err) KL_MUST_CHECK;
void kl_intake_item_release(struct kl_intake_item *item);

/* ---- taking them ---- */

enum kl_intake_end {
	KL_INTAKE_STORED,
	KL_INTAKE_DUPLICATE, /* it was here already: the receipt of then */
	KL_INTAKE_STALE, /* a draft that is older than the newest: kept beside it, with a receipt */
	KL_INTAKE_CONFLICT, /* the id is another item's: no receipt, what was here stays */
	KL_INTAKE_REFUSED,
	KL_INTAKE_END_COUNT,
};
const char *kl_intake_end_word(enum kl_intake_end end); /* "stored" */

struct kl_intake_answer {
	enum kl_intake_end end;
	struct kl_receipt
		receipt; /* of STORED, DUPLICATE, STALE. Not to be told before the turn's writes are on the disk */
	int64_t newest; /* of a draft: the highest seq there is */
	char work[KL_ID_SIZE]; /* STORED, of a submission: the work it has become */
	bool first_conflict; /* of this item */
};

struct kl_intake_use { /* borrowed for as long as the intake lives */
	struct kl_store *store;
	struct kl_queue *queue;
	const struct kl_clock *clock;
	const char *key_path; /* file of the secret that signs receipts; made when absent. Borrowed for the call */
	size_t waiting_max; /* submissions of one user that may wait to be judged */
	int64_t kept_max; /* bytes that are kept of one user: code, and KL_INTAKE_ROW_BYTES an item */
	/*
	 * Another verdict of a work was written, in the same transaction: who keeps scores of it computes them anew. work is without code
	 * and report; report: as kl_report_json, NULL: of no use. May be NULL.
	 */
	enum kl_status (*scored)(void *ctx, const struct kl_work *work, const char *report, struct kl_error *err);
	void *ctx;
};

/* KL_EDENIED: others can read the key's file · KL_ECORRUPT: it holds no key. *renewed: there were receipts, and their key is gone. */
enum kl_status kl_intake_open(struct kl_intake **out, bool *renewed, const struct kl_intake_use *use,
			      struct kl_error *err) KL_MUST_CHECK;
void kl_intake_close(struct kl_intake *intake); /* NULL is fine */
const char *kl_intake_server_id(const struct kl_intake *intake);
const char *kl_intake_public_key(const struct kl_intake *intake); /* base64 */
/* What was sealed to that key (kl_envelope_seal): *text is the caller's, a NUL added. false: it was for another one, or was changed. */
bool kl_intake_unseal(char **text, size_t *len, const struct kl_intake *intake, const void *sealed, size_t sealed_len);
/* After a batch that failed: nothing of it counts. */
enum kl_status kl_intake_reload(struct kl_intake *intake, struct kl_error *err) KL_MUST_CHECK;

/*
 * Takes one item of user (id), in the turn's batch, all of it or nothing: a submission is queued as well. Whether there is such a
 * challenge, and whether he may submit to the assignment, is the caller's to know.
 * KL_EBUSY: too many of his submissions wait · KL_EMANY: as much as may be is kept of him · KL_EFULL: the disk. *out is filled on KL_OK, which CONFLICT is, too.
 */
enum kl_status kl_intake_take(struct kl_intake_answer *out, struct kl_intake *intake, const char *user,
			      const struct kl_intake_item *item, struct kl_error *err) KL_MUST_CHECK;

/* Was something of the user's taken under this id, and not forgotten? */
bool kl_intake_knows(struct kl_intake *intake, const char *user, const char *id);

/* ---- verdicts ---- */

struct kl_intake_claim { /* of the queue */
	const char *id;
	int64_t epoch;
	const char *rejudge; /* the entry's body: id of a rejudge; "": judged for the first time */
};

/*
 * What the judge found, in the turn's batch: work (id, judged_ms, state DONE or FAILED, verdict, score, passed, total, cpu_us, peak_kib,
 * report), progress, best submission, change log, and the end of the claim are one.
 * KL_ECONFLICT: somebody else has the claim: nothing was written.
 */
enum kl_status kl_intake_judged(struct kl_intake *intake, const struct kl_intake_claim *claim,
				const struct kl_work *work, struct kl_error *err) KL_MUST_CHECK;
/*
 * Queue entries that ended without a verdict, because their last try died with the server: their works become FAILED, with
 * this report (JSON, borrowed). In a batch; *count: how many.
 */
enum kl_status kl_intake_bury(size_t *count, struct kl_intake *intake, const char *report,
			      struct kl_error *err) KL_MUST_CHECK;

/* ---- judging again ---- */

/*
 * Every judged work of a challenge, received until now, is queued again, a few at a time and behind everything else; its former verdict
 * holds until there is another, and is kept beside until all is done. A judge that fails changes no verdict.
 */
enum kl_status kl_rejudge_begin(struct kl_rejudge *out, struct kl_intake *intake, const char *pack, const char *slug,
				int64_t version, const char *user, struct kl_error *err) KL_MUST_CHECK;
/* Former verdicts are put back. KL_ENOENT · KL_ECONFLICT: it is at its end already. */
enum kl_status kl_rejudge_cancel(struct kl_rejudge *out, struct kl_intake *intake, const char *id,
				 struct kl_error *err) KL_MUST_CHECK;
/*
 * A bite of work for all that run, in a batch: queues works while fewer than at_once wait, puts verdicts back, comes to an end. *more:
 * there is something to do even if no judge is done with anything. Does nothing where nothing runs.
 */
enum kl_status kl_rejudge_step(bool *more, struct kl_intake *intake, size_t at_once,
			       struct kl_error *err) KL_MUST_CHECK;

#endif
