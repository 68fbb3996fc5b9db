/* Bodies in common: their life, and where they are kept. */

#include "core/server/shared.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

struct shared *shared_new(struct kl_buf *body, const char *type, bool exact)
{
	struct shared *shared = kl_calloc(1, sizeof(*shared));
	char hash[KL_SHA256_SIZE];

	shared->refs = 1;
	shared->type = type;
	shared->len = body->len;
	shared->bytes = kl_buf_detach(body);
	kl_sha256(hash, shared->bytes, shared->len);
	snprintf(shared->etag, sizeof(shared->etag), "%s\"%.32s\"", exact ? "" : "W/", hash);
	return shared;
}

struct shared *shared_keep(struct shared *shared)
{
	shared->refs++;
	return shared;
}

void shared_drop(struct shared *shared)
{
	if (!shared || --shared->refs)
		return;
	free(shared->bytes);
	free(shared->packed);
	free(shared);
}

/* --- keeping ------------------------------------------------------------------------------------------------------ */

struct kept {
	TAILQ_ENTRY(kept) link;
	char *key;
	uint32_t hash;
	uint64_t used; /* the shelf's turn when it was asked for last */
	struct shared *shared;
};

TAILQ_HEAD(kept_list, kept);

struct shelf {
	struct kept_list list;
	uint64_t turn;
	size_t count, bytes;
	size_t count_max, bytes_max;
};

struct shelf *shelf_open(size_t count_max, size_t bytes_max)
{
	struct shelf *shelf = kl_calloc(1, sizeof(*shelf));

	TAILQ_INIT(&shelf->list);
	shelf->count_max = count_max;
	shelf->bytes_max = bytes_max;
	return shelf;
}

static void forget(struct shelf *shelf, struct kept *kept)
{
	TAILQ_REMOVE(&shelf->list, kept, link);
	shelf->count--;
	shelf->bytes -= kept->shared->len;
	shared_drop(kept->shared);
	free(kept->key);
	free(kept);
}

void shelf_clear(struct shelf *shelf)
{
	for (struct kept *kept = TAILQ_FIRST(&shelf->list), *next; kept; kept = next) {
		next = TAILQ_NEXT(kept, link);
		forget(shelf, kept);
	}
}

void shelf_close(struct shelf *shelf)
{
	if (!shelf)
		return;
	shelf_clear(shelf);
	free(shelf);
}

/* FNV-1a: most keys of a shelf begin alike. */
static uint32_t hash_of(const char *key)
{
	uint32_t hash = 2166136261u;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619u;
	return hash;
}

struct shared *shelf_find(struct shelf *shelf, const char *key)
{
	uint32_t hash = hash_of(key);

	for (struct kept *kept = TAILQ_FIRST(&shelf->list); kept; kept = TAILQ_NEXT(kept, link)) {
		if (kept->hash != hash || strcmp(kept->key, key) != 0)
			continue;
		kept->used = ++shelf->turn;
		return kept->shared;
	}
	return NULL;
}

static struct kept *least_used(const struct shelf *shelf)
{
	struct kept *least = TAILQ_FIRST(&shelf->list);

	for (struct kept *kept = least; kept; kept = TAILQ_NEXT(kept, link))
		if (kept->used < least->used)
			least = kept;
	return least;
}

void shelf_put(struct shelf *shelf, const char *key, struct shared *shared)
{
	struct kept *kept;

	if (shared->len > shelf->bytes_max)
		return;
	kept = kl_calloc(1, sizeof(*kept));
	kept->key = kl_strdup(key);
	kept->hash = hash_of(key);
	kept->shared = shared_keep(shared);
	TAILQ_INSERT_HEAD(&shelf->list, kept, link);
	shelf->count++;
	shelf->bytes += shared->len;
	kept->used = ++shelf->turn;
	while ((shelf->count > shelf->count_max || shelf->bytes > shelf->bytes_max) && (kept = least_used(shelf)))
		forget(shelf, kept); /* NOLINT(clang-analyzer-unix.Malloc): it does leave the list */
}
