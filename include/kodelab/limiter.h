#ifndef KODELAB_LIMITER_H
#define KODELAB_LIMITER_H

/*
 * So much in so long, for each key: requests of a user in a minute, wrong passwords of an address for an account in a
 * quarter of an hour. A window begins with the first thing counted. In memory, and bounded: when there are too many
 * keys, the one whose window began first is forgotten.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kl_limiter;

struct kl_limit { /* how a key stands */
	int64_t limit, left;
	int64_t reset_ms; /* until its window ends, from now; the whole window when none has begun */
	bool refused; /* there was not enough left: nothing was taken */
};

struct kl_limiter *kl_limiter_new(int64_t window_ms, size_t keys_max);
void kl_limiter_free(struct kl_limiter *limiter);

/* Takes count of key's limit; count 0 only looks. now_ms: monotonic. */
void kl_limiter_take(struct kl_limit *out, struct kl_limiter *limiter, const char *key, int64_t limit, int64_t count,
		     int64_t now_ms);
/* What was taken was for nothing after all. */
void kl_limiter_give_back(struct kl_limiter *limiter, const char *key, int64_t count);
/* Forgets what was counted of key. */
void kl_limiter_clear(struct kl_limiter *limiter, const char *key);

#endif
