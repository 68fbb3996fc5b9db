#ifndef KODELAB_STORE_CHANGES_H
#define KODELAB_STORE_CHANGES_H

/*
 * What has changed, in the class server's store, so that a lab asks for what is new to it and for nothing else. One row for each
 * thing and audience: a thing that changes again moves to the end, so the log is as long as there are things. What the
 * thing looks like now is read when it is told.
 */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

struct kl_store;

#define KL_CHANGES_EVERYBODY "*"
/* Further audiences: "u:<user's id>", "c:<course's id>". */

/* Belongs into the transaction that changes the thing (kl_store_batch_begin, or the store's own). */
enum kl_status kl_store_change_note(struct kl_store *store, const char *audience, const char *kind, const char *subject,
				    struct kl_error *err) KL_MUST_CHECK;

/* Rising by seq; borrowed for the call. fn must not call the store. */
typedef void kl_store_change_fn(void *ctx, int64_t seq, const char *kind, const char *subject);
/* Those behind after, at most max, of one audience. */
enum kl_status kl_store_changes(struct kl_store *store, const char *audience, int64_t after, size_t max,
				kl_store_change_fn *fn, void *ctx, struct kl_error *err) KL_MUST_CHECK;
/* The newest seq of all; 0: none. */
enum kl_status kl_store_changes_newest(int64_t *seq, struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

/*
 * How far somebody is, as one number: the seq together with the epoch, which is another one after each restore (kl_store_restore), because
 * seqs are given again then. JSON's numbers hold it exactly.
 */
int64_t kl_changes_cursor(int64_t epoch, int64_t seq);
/* The seq to go on behind; 0: the cursor is of another epoch, or of changes that are not there: from the beginning. */
int64_t kl_changes_after(int64_t cursor, int64_t epoch, int64_t newest);
enum kl_status kl_store_changes_epoch(int64_t *epoch, struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;
/* A new one, at random. Belongs into no transaction. */
enum kl_status kl_store_changes_new_epoch(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

#endif
