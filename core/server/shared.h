#ifndef CORE_SERVER_SHARED_H
#define CORE_SERVER_SHARED_H

/*
 * Bodies that many answers have in common: made once, hashed once, sent without being copied. They are kept by a key, the least
 * used ones go when there are too many.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>

struct request;

#define SHARED_ETAG_SIZE 72

struct shared {
	size_t refs; /* shared_keep and shared_drop */
	char *bytes;
	size_t len;
	char *packed; /* the same in gzip; NULL: nobody wanted it so far */
	size_t packed_len; /* 0: it would not be smaller */
	const char *type; /* Content-Type */
	char etag[SHARED_ETAG_SIZE]; /* with its quotes */
};

/* One reference is the caller's. Takes body over. exact: the ETag is for these bytes (for ranges), not for what they say. */
struct shared *shared_new(struct kl_buf *body, const char *type, bool exact);
struct shared *shared_keep(struct shared *shared);
void shared_drop(struct shared *shared); /* NULL is fine */

/* The answer: 200, or 304 to one who has it. */
void answer_shared(struct request *request, struct shared *shared);
/* The same for what is worth resuming: Range and If-Range are heard (RFC 9110 section 14), 206 and 416 answered. */
void answer_ranges(struct request *request, struct shared *shared);

struct shelf;

struct shelf *shelf_open(size_t count_max, size_t bytes_max);
void shelf_close(struct shelf *shelf);
void shelf_clear(struct shelf *shelf);
/* Borrowed until the next call of the shelf; NULL: it is not here. */
struct shared *shelf_find(struct shelf *shelf, const char *key);
/* Keeps a reference of its own. */
void shelf_put(struct shelf *shelf, const char *key, struct shared *shared);

#endif
