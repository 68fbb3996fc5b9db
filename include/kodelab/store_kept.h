#ifndef KODELAB_STORE_KEPT_H
#define KODELAB_STORE_KEPT_H

/*
 * Runs and submits that no judge could take: kept until one can. A kept run has the id and the time of the attempt that it will
 * become; it becomes one exactly once, whoever sends it and how often.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/store.h>

#define KL_KEPT_MAX 100 /* at most so many */

struct kl_kept_run {
	char id[KL_ID_SIZE];
	char *pack, *slug, *language; /* owned in those that are read, borrowed in those that are put */
	enum kl_attempt_kind kind; /* RUN: the samples and the student's own inputs; SUBMIT: all tests */
	char *code;
	size_t code_len;
	char *why; /* one sentence: why nobody judged it, when last tried */
	int64_t at_ms; /* when the student ran it */
};

/*
 * Keeps run, whose id and at_ms are filled in. A run takes the place of a kept run of the same challenge, and every later attempt
 * there makes it go; submits are each kept, but not the same code twice: run gets the id and time of the first.
 * KL_EFULL: there are KL_KEPT_MAX.
 */
enum kl_status kl_store_kept_put(struct kl_store *store, struct kl_kept_run *run, struct kl_error *err) KL_MUST_CHECK;
/* The oldest first; kl_kept_runs_free. */
enum kl_status kl_store_kept(struct kl_kept_run **rows, size_t *count, struct kl_store *store,
			     struct kl_error *err) KL_MUST_CHECK;
void kl_kept_runs_free(struct kl_kept_run *rows, size_t count);
/* It was tried once more, in vain. Nothing when it is gone. */
enum kl_status kl_store_kept_failed(struct kl_store *store, const char *id, const char *why,
				    struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_kept_drop(struct kl_store *store, const char *id, struct kl_error *err) KL_MUST_CHECK;
/*
 * It was judged: it becomes the attempt, whose id and at_ms are its own, as with kl_store_attempt_add. Both or nothing.
 * KL_ENOENT: it is kept no more (judged by another process, dropped, replaced), and nothing is recorded.
 */
enum kl_status kl_store_kept_settle(struct kl_store *store, struct kl_attempt *attempt, bool *first_pass,
				    struct kl_error *err) KL_MUST_CHECK;

#endif
