#ifndef KODELAB_STORE_QUEUE_H
#define KODELAB_STORE_QUEUE_H

/* The rows behind kodelab/queue.h, in the class server's store. Who may move which row is the queue's to know. */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

enum kl_queue_priority { KL_PRIORITY_RUN, KL_PRIORITY_SUBMIT, KL_PRIORITY_EXAM, KL_PRIORITY_COUNT }; /* rising */
/*
 * kind of entries that the class server judges itself. They are in no list and no count here: whoever added them knows
 * them by their own rows.
 */
#define KL_QUEUE_CLASS (-1)

enum kl_queue_state { KL_QUEUED, KL_PROCESSING, KL_COMPLETED, KL_FAILED, KL_CANCELLED, KL_QUEUE_STATE_COUNT };

struct kl_queue_entry {
	char id[KL_ID_SIZE];
	int64_t number; /* order of arrival */
	char *user; /* "": nobody in particular. Owned in entries that are read, borrowed in those that are added; so are body and result */
	enum kl_queue_priority priority;
	enum kl_queue_state state;
	int64_t kind; /* the judge's own: a Judge0 language id */
	int64_t outcome; /* the judge's own: a Judge0 status id; 0 until finished */
	int64_t epoch; /* of the newest claim; 0: never claimed */
	int64_t tries; /* claims since it was queued */
	int64_t created_ms, started_ms, finished_ms; /* wall; 0: not yet */
	char *body, *result; /* the judge's own formats; bytes, NUL-terminated */
	size_t body_len, result_len;
};

void kl_queue_entry_release(struct kl_queue_entry *row);

/* As queued, whatever state, epoch, tries, outcome and the other times say. All or none. */
enum kl_status kl_store_queue_add(struct kl_store *store, const struct kl_queue_entry *rows, size_t count,
				  struct kl_error *err) KL_MUST_CHECK;
/* Writes state, epoch, tries and started_ms of row->id. */
enum kl_status kl_store_queue_move(struct kl_store *store, const struct kl_queue_entry *row,
				   struct kl_error *err) KL_MUST_CHECK;
/* Writes state, outcome, finished_ms and result of row->id, if its epoch is row->epoch. */
enum kl_status kl_store_queue_end(struct kl_store *store, const struct kl_queue_entry *row,
				  struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT */
enum kl_status kl_store_queue_get(struct kl_queue_entry *out, struct kl_store *store, const char *id,
				  struct kl_error *err) KL_MUST_CHECK;
/*
 * Newest first; *count in: room, out: rows, each to be released. No row follows the one with which bodies and results
 * together reach bytes_max.
 */
enum kl_status kl_store_queue_list(struct kl_queue_entry *rows, size_t *count, size_t skip, size_t bytes_max,
				   struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_queue_remove(struct kl_store *store, const char *id, struct kl_error *err) KL_MUST_CHECK;

/* What waits (state 0) or was being worked on (1), in order of arrival, without body (but for its length) and result; borrowed for the call. */
typedef void kl_store_queue_fn(void *ctx, const struct kl_queue_entry *row);
enum kl_status kl_store_queue_open_rows(struct kl_store *store, kl_store_queue_fn *fn, void *ctx,
					struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_queue_newest(int64_t *number, struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

/* Removes at most max rows that ended before wall_ms; fn (with state set) is told of each. One transaction. */
enum kl_status kl_store_queue_expire(struct kl_store *store, int64_t wall_ms, size_t max, kl_store_queue_fn *fn,
				     void *ctx, struct kl_error *err) KL_MUST_CHECK;

enum kl_store_queue_by { KL_QUEUE_BY_STATE, KL_QUEUE_BY_KIND, KL_QUEUE_BY_OUTCOME, KL_QUEUE_BY_DAY };
typedef void kl_store_queue_count_fn(void *ctx, int64_t value, int64_t count);
enum kl_status kl_store_queue_counts(struct kl_store *store, enum kl_store_queue_by by, kl_store_queue_count_fn *fn,
				     void *ctx, struct kl_error *err) KL_MUST_CHECK;

#endif
