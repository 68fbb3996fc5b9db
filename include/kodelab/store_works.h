#ifndef KODELAB_STORE_WORKS_H
#define KODELAB_STORE_WORKS_H

/* The class server's rows of submissions, here called works, and of judging them again. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

enum kl_work_state {
	KL_WORK_QUEUED, /* it has a row in the queue: there it may be processing already */
	KL_WORK_JUDGING, /* as it is shown; never stored */
	KL_WORK_DONE,
	KL_WORK_FAILED, /* the judge itself could not, several times */
	KL_WORK_STATE_COUNT,
};

struct kl_work {
	char id[KL_ID_SIZE], user[KL_ID_SIZE]; /* user: whose it is */
	char item
		[KL_ID_SIZE]; /* its id at its sender, and in intake; the work's as well, unless somebody else's has it. Added, "": the work's */
	char *pack, *slug,
		*language; /* owned in works that are read, borrowed in those that are added; so are the others */
	char *course, *assignment; /* ids; "": none */
	int64_t version; /* of the pack */
	int64_t at_ms, received_ms, judged_ms; /* claimed, by our clock, 0: not yet */
	enum kl_work_state state;
	int64_t judgings; /* verdicts written so far */
	char *verdict; /* kl_verdict_word; "" none yet */
	double score; /* 0-100, weighted */
	int64_t passed, total, cpu_us, peak_kib; /* the largest of its tests */
	char *code; /* bytes, NUL-terminated; NULL where it was not asked for */
	size_t code_len;
	char *report; /* kl_report_json; "" none; NULL likewise */
};

void kl_work_release(struct kl_work *work);

/* Queued, whatever state and verdict say. */
enum kl_status kl_store_work_add(struct kl_store *store, const struct kl_work *work,
				 struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT. look: without code and report. */
enum kl_status kl_store_work_get(struct kl_work *out, struct kl_store *store, const char *id,
				 struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_work_look(struct kl_work *out, struct kl_store *store, const char *id,
				  struct kl_error *err) KL_MUST_CHECK;
/* The work that a user's item has become, if it is there. */
enum kl_status kl_store_work_of(char id[KL_ID_SIZE], struct kl_store *store, const char *user, const char *item,
				struct kl_error *err) KL_MUST_CHECK;
/* Is the id a work's, or that of something in the queue? */
enum kl_status kl_store_work_taken(bool *taken, struct kl_store *store, const char *id,
				   struct kl_error *err) KL_MUST_CHECK;
/* Writes judged_ms, state and what the judge found of work->id; one judging more. */
enum kl_status kl_store_work_end(struct kl_store *store, const struct kl_work *work,
				 struct kl_error *err) KL_MUST_CHECK;

/* Borrowed for the call, without code and report. fn must not call the store. */
typedef void kl_store_work_fn(void *ctx, const struct kl_work *work);

struct kl_works_filter {
	const char *user; /* id */
	const char *pack, *slug, *assignment; /* NULL or "": any */
	int64_t skip, max;
};
/* Newest first. *total: on all pages; NULL: nobody asks. */
enum kl_status kl_store_works_of_user(int64_t *total, struct kl_store *store, const struct kl_works_filter *filter,
				      kl_store_work_fn *fn, void *ctx, struct kl_error *err) KL_MUST_CHECK;
/* All of one user and challenge, in order of arrival. */
enum kl_status kl_store_works_of_subject(struct kl_store *store, const char *user, const char *pack, const char *slug,
					 kl_store_work_fn *fn, void *ctx, struct kl_error *err) KL_MUST_CHECK;

/* Ids of works whose entry in the queue ended without a verdict, with the entry's body; borrowed for the call. */
typedef void kl_store_buried_fn(void *ctx, const char *id, const char *body);
enum kl_status kl_store_works_buried(struct kl_store *store, kl_store_buried_fn *fn, void *ctx,
				     struct kl_error *err) KL_MUST_CHECK;

struct kl_works_sum { /* of the judged ones of a user and challenge */
	int64_t count, first_pass_ms; /* 0: none passed */
	double best_score;
	char best[KL_ID_SIZE]; /* the first of the best, by its id at its sender; "": none */
};
enum kl_status kl_store_works_sum(struct kl_works_sum *out, struct kl_store *store, const char *user, const char *pack,
				  const char *slug, struct kl_error *err) KL_MUST_CHECK;

#endif
