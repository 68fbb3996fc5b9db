/* Windows in a hash table with a seed of its own, so that nobody can choose keys that fall into one place. */

#include <kodelab/limiter.h>

#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#define BUCKETS 1024

struct window {
	TAILQ_ENTRY(window) by_age;
	LIST_ENTRY(window) by_key;
	char *key;
	int64_t begin_ms, count;
};

struct kl_limiter {
	int64_t window_ms;
	size_t count, keys_max;
	uint64_t seed;
	TAILQ_HEAD(ages, window) ages; /* the first began first */
	LIST_HEAD(bucket, window) buckets[BUCKETS];
};

struct kl_limiter *kl_limiter_new(int64_t window_ms, size_t keys_max)
{
	struct kl_limiter *limiter = kl_calloc(1, sizeof(*limiter));

	limiter->window_ms = window_ms;
	limiter->keys_max = keys_max;
	kl_random(&limiter->seed, sizeof(limiter->seed));
	TAILQ_INIT(&limiter->ages);
	return limiter;
}

static struct bucket *bucket_of(struct kl_limiter *limiter, const char *key)
{
	uint64_t hash = limiter->seed;

	for (; *key; key++) {
		hash ^= (unsigned char)*key;
		hash *= UINT64_C(0x100000001b3);
		hash ^= hash >> 29;
	}
	return &limiter->buckets[hash % BUCKETS];
}

static void forget(struct kl_limiter *limiter, struct window *window)
{
	TAILQ_REMOVE(&limiter->ages, window, by_age);
	LIST_REMOVE(window, by_key);
	limiter->count--;
	free(window->key);
	free(window);
}

void kl_limiter_free(struct kl_limiter *limiter)
{
	if (!limiter)
		return;
	while (!TAILQ_EMPTY(&limiter->ages))
		forget(limiter, TAILQ_FIRST(&limiter->ages));
	free(limiter);
}

/* Windows that are over; they all last as long, so the oldest end first. */
static void forget_old(struct kl_limiter *limiter, int64_t now_ms)
{
	struct window *oldest;

	while ((oldest = TAILQ_FIRST(&limiter->ages))) {
		int64_t age_ms =
			now_ms - oldest->begin_ms; /* NOLINT(clang-analyzer-unix.Malloc): who was freed left the list */

		if (age_ms < limiter->window_ms && limiter->count <= limiter->keys_max)
			return;
		forget(limiter, oldest);
	}
}

static struct window *find(struct kl_limiter *limiter, const char *key)
{
	struct window *window;

	LIST_FOREACH(window, bucket_of(limiter, key), by_key)
		if (!strcmp(window->key, key))
			return window;
	return NULL;
}

static struct window *add(struct kl_limiter *limiter, const char *key, int64_t now_ms)
{
	struct window *window = kl_calloc(1, sizeof(*window));

	window->key = kl_strdup(key);
	window->begin_ms = now_ms;
	TAILQ_INSERT_TAIL(&limiter->ages, window, by_age);
	LIST_INSERT_HEAD(bucket_of(limiter, key), window, by_key);
	limiter->count++;
	return window;
}

void kl_limiter_take(struct kl_limit *out, struct kl_limiter *limiter, const char *key, int64_t limit, int64_t count,
		     int64_t now_ms)
{
	struct window *window;
	int64_t used;

	forget_old(limiter, now_ms);
	window = find(limiter, key);
	used = window ? window->count : 0;
	*out = (struct kl_limit){ .limit = limit, .refused = used + count > limit };
	if (!out->refused && count) {
		window = window ? window : add(limiter, key, now_ms);
		window->count += count;
		used += count;
	}
	out->left = used < limit ? limit - used : 0;
	out->reset_ms = window ? window->begin_ms + limiter->window_ms - now_ms : limiter->window_ms;
	forget_old(limiter, now_ms);
}

void kl_limiter_give_back(struct kl_limiter *limiter, const char *key, int64_t count)
{
	struct window *window = find(limiter, key);

	if (!window)
		return;
	window->count -= count;
	if (window->count <= 0)
		forget(limiter, window);
}

void kl_limiter_clear(struct kl_limiter *limiter, const char *key)
{
	struct window *window = find(limiter, key);

	if (window)
		forget(limiter, window);
}
