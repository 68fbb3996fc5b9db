#ifndef CORE_TEXT_PIECES_H
#define CORE_TEXT_PIECES_H

/*
 * The bytes of a text: two stores that only grow (what was loaded, what was added), and a treap of pieces that says
 * in which order parts of them make the text. Bytes are named by address: loaded ones begin at 0, added ones behind.
 * Nothing is ever overwritten, so a span stays good for undo as long as the text lives.
 *
 * Each store counts its newlines per block of 512 bytes, each tree node the bytes and newlines below it: offset to line and
 * back is a walk down the tree, a binary search in the blocks, and a scan of one block.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	size_t address, len;
};

struct spans {
	struct span *items; /* owned */
	size_t count, capacity;
};

struct store {
	char *data; /* owned */
	size_t len, capacity;
	size_t *counts; /* counts[i]: newlines in front of block i, for each block begun */
	size_t count_len, count_capacity;
	size_t newlines; /* in all */
};

struct piece;

struct pieces {
	struct store loaded, added;
	struct piece *root; /* NULL: the text is empty */
	uint32_t seed; /* of the treap's priorities */
};

/* Takes bytes (malloc; NULL when len is 0). */
void pieces_init(struct pieces *pieces, char *bytes, size_t len);
void pieces_release(struct pieces *pieces);

size_t pieces_len(const struct pieces *pieces);
size_t pieces_newlines(const struct pieces *pieces);
/* Bytes that lie together from offset on; NULL at the end. */
const char *pieces_chunk(const struct pieces *pieces, size_t offset, size_t *len);
/* Bytes that lie together and end at offset, *len of them; NULL at the start. */
const char *pieces_chunk_before(const struct pieces *pieces, size_t offset, size_t *len);
/* Newlines in front of offset. */
size_t pieces_newlines_before(const struct pieces *pieces, size_t offset);
/* Offset behind the newline number index (from 0), which must exist. */
size_t pieces_after_newline(const struct pieces *pieces, size_t index);

/* Copies bytes into the added store. */
struct span pieces_keep(struct pieces *pieces, const char *bytes, size_t len);
const char *pieces_bytes(const struct pieces *pieces, struct span span);
size_t pieces_span_newlines(const struct pieces *pieces, struct span span);
/* Puts spans into the text. */
void pieces_insert(struct pieces *pieces, size_t offset, const struct span *spans, size_t count);
/* Takes len bytes (which must be there) out; what they were is appended to gone (may be NULL). */
void pieces_delete(struct pieces *pieces, size_t offset, size_t len, struct spans *gone);

/* Appends span. */
void spans_add(struct spans *spans, struct span span);

#endif
