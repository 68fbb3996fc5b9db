#ifndef KODELAB_STORE_JUDGE_H
#define KODELAB_STORE_JUDGE_H

/*
 * What the lab remembers of judges elsewhere: submissions that are under way there, results that need not be asked for twice, and
 * counts. Nothing here is the student's progress: losing it costs a request.
 */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

/*
 * A submission under way. work names what was sent, by its content and its judge: the same work is asked for again by its
 * token instead of being sent again. An empty token: it was about to be sent, whether it arrived is not known.
 */
struct kl_judge_ticket {
	char *instance, *token, *nonce; /* owned in tickets that are read, borrowed in those that are put */
	int64_t at_ms; /* wall; set when put */
};

enum kl_status kl_store_ticket_put(struct kl_store *store, const char *work, const struct kl_judge_ticket *ticket,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_ticket_get(struct kl_judge_ticket *out, struct kl_store *store, const char *work,
				   struct kl_error *err) KL_MUST_CHECK; /* KL_ENOENT */
enum kl_status kl_store_ticket_remove(struct kl_store *store, const char *work, struct kl_error *err) KL_MUST_CHECK;
/* Those put before then_ms are forgotten. */
enum kl_status kl_store_tickets_expire(struct kl_store *store, int64_t then_ms, struct kl_error *err) KL_MUST_CHECK;
void kl_judge_ticket_release(struct kl_judge_ticket *ticket);

/* Results by the content of what was run. The oldest used go first, beyond KL_RESULTS_ROWS and KL_RESULTS_BYTES. */
#define KL_RESULTS_ROWS  500
#define KL_RESULTS_BYTES ((size_t)16 << 20)
#define KL_RESULT_MAX    ((size_t)2 << 20) /* a larger one is not kept */

enum kl_status kl_store_result_put(struct kl_store *store, const char *work, const char *bytes, size_t len,
				   struct kl_error *err) KL_MUST_CHECK;
/* *bytes owned by the caller; KL_ENOENT. */
enum kl_status kl_store_result_get(char **bytes, size_t *len, struct kl_store *store, const char *work,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_results_clear(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

/* Counts of what was done, by instance and language; what is a word ("run", "failed", "request", "ms 500"). */
enum kl_status kl_store_count_add(struct kl_store *store, const char *instance, const char *language, const char *what,
				  int64_t by, struct kl_error *err) KL_MUST_CHECK;
struct kl_judge_count { /* borrowed for the call */
	const char *instance, *language, *what;
	int64_t count;
};
/* By instance, language and what; fn must not call the store. */
typedef void kl_store_count_fn(void *ctx, const struct kl_judge_count *count);
enum kl_status kl_store_counts_each(struct kl_store *store, kl_store_count_fn *fn, void *ctx,
				    struct kl_error *err) KL_MUST_CHECK;

#endif
