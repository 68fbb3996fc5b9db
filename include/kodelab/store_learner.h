#ifndef KODELAB_STORE_LEARNER_H
#define KODELAB_STORE_LEARNER_H

/* What the class server knows of a user and a challenge: progress, drafts, ratings. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/crypto.h>
#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

struct kl_user_progress {
	char *pack, *slug; /* owned in those that are read: kl_user_progress_release; borrowed in those that are put */
	int state; /* enum kl_progress_state */
	int64_t submissions, hints; /* judged; revealed */
	int64_t first_ms, completed_ms, last_ms; /* 0: never */
	int64_t spent_ms; /* in the workspace, as the lab says */
	double best_score;
	char best_work[KL_ID_SIZE]; /* "": none */
	char last_language[32];
};

void kl_user_progress_release(struct kl_user_progress *progress);
/* All zero but pack and slug when nothing is known. */
enum kl_status kl_store_user_progress_get(struct kl_user_progress *out, struct kl_store *store, const char *user,
					  const char *pack, const char *slug, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_user_progress_put(struct kl_store *store, const char *user,
					  const struct kl_user_progress *progress, struct kl_error *err) KL_MUST_CHECK;

/* Borrowed for the call. fn must not call the store. */
typedef void kl_store_user_progress_fn(void *ctx, const struct kl_user_progress *progress);
struct kl_user_progress_wanted {
	const char *user;
	int64_t skip, max;
};
/* By pack and slug. *total: on all pages; NULL: nobody asks. */
enum kl_status kl_store_user_progress_list(int64_t *total, struct kl_store *store,
					   const struct kl_user_progress_wanted *wanted, kl_store_user_progress_fn *fn,
					   void *ctx, struct kl_error *err) KL_MUST_CHECK;

#define KL_DRAFTS_OLD_MAX   20 /* kept of one user, challenge and language; the oldest go */
#define KL_DRAFT_DEVICE_MAX 64

struct kl_user_draft {
	char id[KL_ID_SIZE], user[KL_ID_SIZE], hash[KL_SHA256_SIZE];
	char *pack, *slug, *language, *device, *code; /* owned when read: kl_user_draft_release; borrowed when put */
	size_t code_len;
	int64_t seq; /* the sender's count: the newest has the highest */
	int64_t cursor; /* bytes from the start */
	int64_t at_ms, received_ms;
};

void kl_user_draft_release(struct kl_user_draft *draft);
/*
 * The highest seq is the newest, whenever it comes; what it follows is kept among the old ones. *stale: this one is not
 * higher than the newest, and was kept among the old ones itself. *newest: its seq now. In the caller's transaction.
 */
enum kl_status kl_store_user_draft_put(bool *stale, int64_t *newest, struct kl_store *store,
				       const struct kl_user_draft *draft, struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT */
enum kl_status kl_store_user_draft_get(struct kl_user_draft *out, struct kl_store *store, const char *user,
				       const char *pack, const char *slug, const char *language,
				       struct kl_error *err) KL_MUST_CHECK;
/* The old ones, newest arrival first; each to be released. *count in: room, out: rows. */
enum kl_status kl_store_user_drafts_old(struct kl_user_draft *rows, size_t *count, struct kl_store *store,
					const char *user, const char *pack, const char *slug, const char *language,
					struct kl_error *err) KL_MUST_CHECK;

enum kl_status kl_store_rating_put(struct kl_store *store, const char *user, const char *pack, const char *slug,
				   int stars, const char *comment, int64_t at_ms, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_rating_sums(int64_t *count, int64_t *stars, struct kl_store *store, const char *pack,
				    const char *slug, struct kl_error *err) KL_MUST_CHECK;

#endif
