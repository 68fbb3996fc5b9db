/* Bodies in common, and parts of them. */

#include "core/server/shared.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#include "core/server/request.h"

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

/* --- answering ---------------------------------------------------------------------------------------------------- */

static void give(struct request *request, int status, struct shared *shared, size_t from, size_t len)
{
	answer_empty(request, status);
	request->answer.type = shared->type;
	request->answer.shared = shared_keep(shared);
	request->answer.from = from;
	request->answer.len = len;
}

void answer_shared(struct request *request, struct shared *shared)
{
	give(request, 200, shared, 0, shared->len);
}

enum range { RANGE_NONE, RANGE_GOOD, RANGE_BEYOND };

/* "bytes=5-", "bytes=5-9", "bytes=-5"; several at once are answered with all of it. */
static enum range read_range(size_t *from, size_t *len, const char *text, size_t whole)
{
	unsigned long long first = 0, last = 0;
	int used = 0;

	if (strncmp(text, "bytes=", 6) != 0)
		return RANGE_NONE;
	if (text[6] == '-' && text[7] >= '0' && text[7] <= '9' && sscanf(text, "bytes=-%18llu%n", &last, &used) == 1 &&
	    !text[used]) {
		*len = last < whole ? (size_t)last : whole;
		*from = whole - *len;
		return last && whole ? RANGE_GOOD : RANGE_BEYOND;
	}
	if (sscanf(text, "bytes=%18llu-%n", &first, &used) != 1 || !used || text[6] < '0' || text[6] > '9')
		return RANGE_NONE;
	last = whole ? whole - 1 : 0;
	if (text[used]) {
		int more = 0;

		if (text[used] < '0' || text[used] > '9' || sscanf(text + used, "%18llu%n", &last, &more) != 1 ||
		    text[used + more] || last < first)
			return RANGE_NONE;
	}
	if (first >= whole)
		return RANGE_BEYOND;
	*from = (size_t)first;
	*len = (last < whole ? (size_t)last : whole - 1) - *from + 1;
	return RANGE_GOOD;
}

void answer_ranges(struct request *request, struct shared *shared)
{
	const char *range = request_header(request, "Range"), *when = request_header(request, "If-Range");
	size_t from = 0, len = shared->len;
	enum range kind = RANGE_NONE;

	if (range && (!when || !strcmp(when, shared->etag)))
		kind = read_range(&from, &len, range, shared->len);
	if (kind == RANGE_BEYOND) {
		answer_empty(request, 416);
		answer_header(request, "Content-Range", "bytes */%zu", shared->len);
		return;
	}
	give(request, kind == RANGE_GOOD ? 206 : 200, shared, from, len);
	answer_header(request, "Accept-Ranges", "bytes");
	if (kind == RANGE_GOOD)
		answer_header(request, "Content-Range", "bytes %zu-%zu/%zu", from, from + len - 1, shared->len);
}

/* --- keeping ------------------------------------------------------------------------------------------------------ */

struct kept {
	TAILQ_ENTRY(kept) link;
	char *key;
	uint32_t hash;
	struct shared *shared;
};

TAILQ_HEAD(kept_list, kept);

struct shelf {
	struct kept_list list; /* what was asked for last is first */
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
	while (!TAILQ_EMPTY(&shelf->list))
		forget(shelf, TAILQ_FIRST(&shelf->list));
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
	struct kept *kept;

	TAILQ_FOREACH(kept, &shelf->list, link) {
		if (kept->hash != hash || strcmp(kept->key, key) != 0)
			continue;
		TAILQ_REMOVE(&shelf->list, kept, link);
		TAILQ_INSERT_HEAD(&shelf->list, kept, link);
		return kept->shared;
	}
	return NULL;
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
	while (shelf->count > shelf->count_max || shelf->bytes > shelf->bytes_max)
		forget(shelf, TAILQ_LAST(&shelf->list, kept_list));
}
