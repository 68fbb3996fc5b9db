#ifndef KODELAB_QUEUE_H
#define KODELAB_QUEUE_H

/*
 * The durable queue of the class judge: priorities, fairness between users, a bound, a rate limit, claims with an
 * epoch. What is queued lies in the server's store; in memory is one small record for each waiting entry, so that
 * 10,000 of them cost a few megabytes and the next one is found without SQL.
 *
 * States: queued → processing → completed | failed; queued → cancelled. An entry that was processing when the server
 * died is queued again by kl_queue_open, with a higher epoch: a late result of the former claim is refused, so
 * nothing is lost and nothing is judged twice.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/clock.h>
#include <kodelab/error.h>
#include <kodelab/store_queue.h>

struct kl_queue;
struct kl_store;

struct kl_queue_limits {
	size_t queued_max; /* waiting entries; 0: 10,000 */
	size_t bytes_max; /* of their bodies; 0: 1 GiB */
	bool unfair; /* one user may fill all of it; else nobody gets more than what is then still free. Exams are exempt */
	size_t in_flight_max; /* claimed at the same time; 0: the number of cores */
	size_t user_in_flight_max; /* of one user; 0: 1 */
	int rate_per_minute; /* executions of one user; 0: 10; -1: none. Exams are exempt */
	int tries_max; /* claims of one entry before it fails; 0: 3 */
};

/* store and clock are borrowed and must outlive the queue. */
enum kl_status kl_queue_open(struct kl_queue **out, struct kl_store *store, const struct kl_clock *clock,
			     const struct kl_queue_limits *limits, struct kl_error *err) KL_MUST_CHECK;
void kl_queue_close(struct kl_queue *queue);
/*
 * After a batch of the store that failed: takes what waits from the store again. Claims that are not in the store go; a late
 * result of theirs is refused. Claims that ended in the batch are claims again: their results are to be written once more.
 * When it fails memory stays as it was: call it again.
 */
enum kl_status kl_queue_reload(struct kl_queue *queue, struct kl_error *err) KL_MUST_CHECK;
void kl_queue_committed(struct kl_queue *queue); /* after a batch that went well */
void kl_queue_set_limits(struct kl_queue *queue, const struct kl_queue_limits *limits); /* config reload */

/*
 * Adds count entries of one user, all or none. Read: user, priority, kind, body, and id (empty: a UUID v4 is made);
 * the rest is filled in. Durable when the call returns, or, inside kl_store_batch_begin, when the batch has ended:
 * answer only then.
 * KL_EMANY: "queue is full", for this user at least · KL_EBUSY: over the user's rate; *retry_ms (may be NULL) says how long to wait · KL_EINVAL:
 * more at once than a minute allows.
 */
enum kl_status kl_queue_add(struct kl_queue *queue, struct kl_queue_entry *entries, size_t count, int64_t *retry_ms,
			    struct kl_error *err) KL_MUST_CHECK;

/* Writes what belongs to a move of the queue, in the same transaction; when it fails the queue does not move. */
typedef enum kl_status kl_queue_with_fn(void *ctx, struct kl_error *err);

/*
 * Adds what was promised already: no bound and no rate refuses it. Inside a batch; with (may be NULL) is called first.
 * Read: user, priority, kind, body, id.
 */
enum kl_status kl_queue_admit(struct kl_queue *queue, struct kl_queue_entry *entry, kl_queue_with_fn *with, void *ctx,
			      struct kl_error *err) KL_MUST_CHECK;
/*
 * Inside a batch: the claim with this epoch has ended, what was found is written by with, and the entry is forgotten.
 * KL_ECONFLICT: the claim is no longer the entry's; with is not called.
 */
enum kl_status kl_queue_settle(struct kl_queue *queue, const char *id, int64_t epoch, kl_queue_with_fn *with, void *ctx,
			       struct kl_error *err) KL_MUST_CHECK;

/*
 * The next entry to work on, now PROCESSING with a new epoch: highest priority first, within it the user with the
 * fewest in flight who has waited longest, within that the oldest. KL_ENOENT: none may be taken now.
 * body lives until kl_queue_entry_release.
 */
enum kl_status kl_queue_claim(struct kl_queue_entry *out, struct kl_queue *queue, struct kl_error *err) KL_MUST_CHECK;
/* KL_ECONFLICT: the claim with this epoch is no longer the entry's: the result is dropped. */
enum kl_status kl_queue_finish(struct kl_queue *queue, const char *id, int64_t epoch, enum kl_queue_state state,
			       int64_t outcome, const char *result, size_t result_len,
			       struct kl_error *err) KL_MUST_CHECK;
/* Gives a claim back (the judge itself failed): queued again in its old place, or FAILED after tries_max. */
enum kl_status kl_queue_requeue(struct kl_queue *queue, const char *id, int64_t epoch,
				struct kl_error *err) KL_MUST_CHECK;
/* The same where nothing was tried (nobody could take it): this claim does not count as a try. */
enum kl_status kl_queue_postpone(struct kl_queue *queue, const char *id, int64_t epoch,
				 struct kl_error *err) KL_MUST_CHECK;
/* A queued one. KL_ECONFLICT: it is being worked on or finished · KL_ENOENT. */
enum kl_status kl_queue_cancel(struct kl_queue *queue, const char *id, struct kl_error *err) KL_MUST_CHECK;

/* KL_ENOENT, of those of the class too. Texts are owned: kl_queue_entry_release. */
enum kl_status kl_queue_get(struct kl_queue_entry *out, struct kl_queue *queue, const char *id,
			    struct kl_error *err) KL_MUST_CHECK;
/* A finished one is forgotten. KL_ECONFLICT: it is not finished. */
enum kl_status kl_queue_remove(struct kl_queue *queue, const char *id, struct kl_error *err) KL_MUST_CHECK;
/* As kl_store_queue_list. */
enum kl_status kl_queue_list(struct kl_queue_entry *rows, size_t *count, size_t skip, size_t bytes_max,
			     struct kl_queue *queue, struct kl_error *err) KL_MUST_CHECK;

/* How many are ahead (0: next), and a guess from the measured run times; -1: not waiting. */
int64_t kl_queue_position(const struct kl_queue *queue, const char *id, int64_t *estimate_ms);

struct kl_queue_place {
	const char *id; /* borrowed */
	int64_t ahead, estimate_ms; /* as kl_queue_position says */
};
/* The positions of many by one walk through what waits, however many they are. */
void kl_queue_places(const struct kl_queue *queue, struct kl_queue_place *places, size_t count);

/* Waiting or being worked on? */
bool kl_queue_has(const struct kl_queue *queue, const char *id);
/* Of one user, both together. */
size_t kl_queue_open_of(struct kl_queue *queue, const char *user);

struct kl_queue_counts {
	size_t queued, processing;
	int64_t oldest_wait_ms, mean_run_ms;
	int64_t walked; /* entries that were looked at to tell positions, ever */
};
void kl_queue_counts(struct kl_queue_counts *out, const struct kl_queue *queue);
/* Statistics of all that is stored, and forgetting what is old: kl_store_queue_counts, kl_store_queue_expire. */

#endif
