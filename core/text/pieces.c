/* The treap over two growing stores (pieces.h tells the idea). */

#include "core/text/pieces.h"

#include <kodelab/alloc.h>

#define BLOCK ((size_t)512) /* 1.6 % of the bytes again for the counts; a walk down a screen asks for many lines */

struct piece {
	struct piece *left, *right;
	struct span span;
	size_t newlines; /* in span */
	size_t total, total_newlines; /* in the whole subtree */
	uint32_t priority; /* larger ones are nearer to the root */
};

/* --- stores ----------------------------------------------------------------------------------------------------- */

/* Eight bytes at a time: a byte of x is 0 exactly where a newline stands. */
static size_t count_newlines(const char *bytes, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), low = ones * 0x7f;
	size_t count = 0, at = 0;

	for (; at + 8 <= len; at += 8) {
		uint64_t x;

		memcpy(&x, bytes + at, 8);
		x ^= ones * '\n';
		x = ~(((x & low) + low) | x | low);
		count += (size_t)((x >> 7) * ones >> 56); /* adds up the eight 0 or 1 */
	}
	for (; at < len; at++)
		count += bytes[at] == '\n';
	return count;
}

static void count_blocks(struct store *store, size_t from)
{
	while (from < store->len) {
		size_t block_end = (from / BLOCK + 1) * BLOCK;
		size_t end = block_end < store->len ? block_end : store->len;

		if (from % BLOCK == 0) {
			KL_GROW(store->counts, store->count_len, store->count_capacity);
			store->counts[store->count_len++] = store->newlines;
		}
		store->newlines += count_newlines(store->data + from, end - from);
		from = end;
	}
}

static void store_add(struct store *store, const char *bytes, size_t len)
{
	size_t from = store->len;

	if (store->capacity - store->len < len) {
		store->capacity = store->len + len + (store->len + len) / 2 + 256;
		store->data = kl_realloc_array(store->data, store->capacity, 1);
	}
	memcpy(store->data + from, bytes, len);
	store->len += len;
	count_blocks(store, from);
}

static size_t store_newlines_before(const struct store *store, size_t at)
{
	size_t block = at / BLOCK;

	if (at == store->len)
		return store->newlines;
	return store->counts[block] + count_newlines(store->data + block * BLOCK, at - block * BLOCK);
}

/* Position behind the newline number index of the store. */
static size_t store_after_newline(const struct store *store, size_t index)
{
	size_t low = 0, high = store->count_len;
	const char *at;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (store->counts[middle] <= index)
			low = middle;
		else
			high = middle;
	}
	at = store->data + low * BLOCK;
	for (size_t left = index - store->counts[low] + 1; left; left--)
		at = (const char *)memchr(at, '\n', store->len - (size_t)(at - store->data)) + 1;
	return (size_t)(at - store->data);
}

static const struct store *store_of(const struct pieces *pieces, size_t *address)
{
	if (*address < pieces->loaded.len)
		return &pieces->loaded;
	*address -= pieces->loaded.len;
	return &pieces->added;
}

const char *pieces_bytes(const struct pieces *pieces, struct span span)
{
	const struct store *store = store_of(pieces, &span.address);

	return store->data + span.address;
}

size_t pieces_span_newlines(const struct pieces *pieces, struct span span)
{
	const struct store *store = store_of(pieces, &span.address);

	if (span.len <= BLOCK)
		return count_newlines(store->data + span.address, span.len);
	return store_newlines_before(store, span.address + span.len) - store_newlines_before(store, span.address);
}

struct span pieces_keep(struct pieces *pieces, const char *bytes, size_t len)
{
	struct span span = { pieces->loaded.len + pieces->added.len, len };

	store_add(&pieces->added, bytes, len);
	return span;
}

/* --- the treap -------------------------------------------------------------------------------------------------- */

static size_t total(const struct piece *piece)
{
	return piece ? piece->total : 0;
}

static size_t total_newlines(const struct piece *piece)
{
	return piece ? piece->total_newlines : 0;
}

static void add_up(struct piece *piece)
{
	piece->total = total(piece->left) + piece->span.len + total(piece->right);
	piece->total_newlines = total_newlines(piece->left) + piece->newlines + total_newlines(piece->right);
}

static uint32_t next_priority(struct pieces *pieces)
{
	pieces->seed ^= pieces->seed << 13;
	pieces->seed ^= pieces->seed >> 17;
	pieces->seed ^= pieces->seed << 5;
	return pieces->seed;
}

static struct piece *piece_new(struct pieces *pieces, struct span span, size_t newlines)
{
	struct piece *piece = kl_alloc(sizeof(*piece));

	*piece = (struct piece){ .span = span,
				 .newlines = newlines,
				 .total = span.len,
				 .total_newlines = newlines,
				 .priority = next_priority(pieces) };
	return piece;
}

static struct piece *merge(struct piece *left, struct piece *right)
{
	struct piece *root;

	if (!left || !right)
		return left ? left : right;
	if (left->priority > right->priority) {
		root = left;
		root->right = merge(left->right, right);
	} else {
		root = right;
		root->left = merge(left, right->left);
	}
	add_up(root);
	return root;
}

/* Cuts one piece in two; the tail gets the pieces behind it. */
static struct piece *cut_piece(struct pieces *pieces, struct piece *piece, size_t at)
{
	struct span rest = { piece->span.address + at, piece->span.len - at };
	struct span front = { piece->span.address, at };
	size_t in_front;
	struct piece *tail;

	/* Counts the shorter part. */
	if (at < rest.len)
		in_front = pieces_span_newlines(pieces, front);
	else
		in_front = piece->newlines - pieces_span_newlines(pieces, rest);
	tail = merge(piece_new(pieces, rest, piece->newlines - in_front), piece->right);
	piece->span = front;
	piece->newlines = in_front;
	piece->right = NULL;
	add_up(piece);
	return tail;
}

static void split(struct pieces *pieces, struct piece *root, size_t offset, struct piece **left, struct piece **right)
{
	size_t before;

	if (!root) {
		*left = *right = NULL;
		return;
	}
	before = total(root->left);
	if (offset <= before) {
		split(pieces, root->left, offset, left, &root->left);
		*right = root;
	} else if (offset >= before + root->span.len) {
		split(pieces, root->right, offset - before - root->span.len, &root->right, right);
		*left = root;
	} else {
		*right = cut_piece(pieces, root, offset - before);
		*left = root;
		return;
	}
	add_up(root);
}

static void free_pieces(struct piece *root)
{
	if (!root)
		return;
	free_pieces(root->left);
	free_pieces(root->right);
	free(root);
}

void pieces_init(struct pieces *pieces, char *bytes, size_t len)
{
	*pieces = (struct pieces){ .seed = 2463534242U };
	pieces->loaded = (struct store){ .data = bytes, .len = len, .capacity = len };
	count_blocks(&pieces->loaded, 0);
	if (len)
		pieces->root = piece_new(pieces, (struct span){ 0, len }, pieces->loaded.newlines);
}

void pieces_release(struct pieces *pieces)
{
	free_pieces(pieces->root);
	free(pieces->loaded.data);
	free(pieces->loaded.counts);
	free(pieces->added.data);
	free(pieces->added.counts);
}

size_t pieces_len(const struct pieces *pieces)
{
	return total(pieces->root);
}

size_t pieces_newlines(const struct pieces *pieces)
{
	return total_newlines(pieces->root);
}

const char *pieces_chunk(const struct pieces *pieces, size_t offset, size_t *len)
{
	const struct piece *piece = pieces->root;

	while (piece) {
		size_t before = total(piece->left);

		if (offset < before) {
			piece = piece->left;
		} else if (offset - before >= piece->span.len) {
			offset -= before + piece->span.len;
			piece = piece->right;
		} else {
			*len = piece->span.len - (offset - before);
			return pieces_bytes(pieces, piece->span) + (offset - before);
		}
	}
	*len = 0;
	return NULL;
}

const char *pieces_chunk_before(const struct pieces *pieces, size_t offset, size_t *len)
{
	const struct piece *piece = pieces->root;

	while (piece) {
		size_t before = total(piece->left);

		if (offset <= before) {
			piece = piece->left;
		} else if (offset - before > piece->span.len) {
			offset -= before + piece->span.len;
			piece = piece->right;
		} else {
			*len = offset - before;
			return pieces_bytes(pieces, piece->span);
		}
	}
	*len = 0;
	return NULL;
}

size_t pieces_newlines_before(const struct pieces *pieces, size_t offset)
{
	const struct piece *piece = pieces->root;
	size_t newlines = 0;

	while (piece) {
		size_t before = total(piece->left);

		if (offset <= before) {
			piece = piece->left;
			continue;
		}
		offset -= before;
		newlines += total_newlines(piece->left);
		if (offset < piece->span.len)
			return newlines + pieces_span_newlines(pieces, (struct span){ piece->span.address, offset });
		newlines += piece->newlines;
		offset -= piece->span.len;
		piece = piece->right;
	}
	return newlines;
}

size_t pieces_after_newline(const struct pieces *pieces, size_t index)
{
	const struct piece *piece = pieces->root;
	const struct store *store;
	size_t offset = 0, start;

	for (;;) {
		size_t before = total_newlines(piece->left);

		if (index < before) {
			piece = piece->left;
			continue;
		}
		offset += total(piece->left);
		index -= before;
		if (index < piece->newlines)
			break;
		index -= piece->newlines;
		offset += piece->span.len;
		piece = piece->right;
	}
	start = piece->span.address;
	store = store_of(pieces, &start);
	index += store_newlines_before(store, start);
	return offset + store_after_newline(store, index) - start;
}

/* --- editing ---------------------------------------------------------------------------------------------------- */

/* Typing goes on where it was: the piece that ends at offset, and in the store where span begins, just grows. */
static bool extend(struct piece *piece, size_t offset, struct span span, size_t newlines)
{
	size_t before;
	bool done;

	if (!piece)
		return false;
	before = total(piece->left);
	if (offset <= before) {
		done = extend(piece->left, offset, span, newlines);
	} else if (offset - before > piece->span.len) {
		done = extend(piece->right, offset - before - piece->span.len, span, newlines);
	} else {
		done = offset - before == piece->span.len && piece->span.address + piece->span.len == span.address;
		if (done) {
			piece->span.len += span.len;
			piece->newlines += newlines;
		}
	}
	if (done)
		add_up(piece);
	return done;
}

void pieces_insert(struct pieces *pieces, size_t offset, const struct span *spans, size_t count)
{
	struct piece *left, *right;

	/* A piece never spans both stores: the first added byte directly follows the last loaded one by address. */
	if (count == 1 && spans[0].address != pieces->loaded.len &&
	    extend(pieces->root, offset, spans[0], pieces_span_newlines(pieces, spans[0])))
		return;
	split(pieces, pieces->root, offset, &left, &right);
	for (size_t i = 0; i < count; i++)
		left = merge(left, piece_new(pieces, spans[i], pieces_span_newlines(pieces, spans[i])));
	pieces->root = merge(left, right);
}

void spans_add(struct spans *spans, struct span span)
{
	KL_GROW(spans->items, spans->count, spans->capacity);
	spans->items[spans->count++] = span;
}

static void gather(const struct piece *piece, struct spans *gone)
{
	if (!piece)
		return;
	gather(piece->left, gone);
	spans_add(gone, piece->span);
	gather(piece->right, gone);
}

void pieces_delete(struct pieces *pieces, size_t offset, size_t len, struct spans *gone)
{
	struct piece *left, *middle, *right;

	split(pieces, pieces->root, offset, &left, &right);
	split(pieces, right, len, &middle, &right);
	if (gone)
		gather(middle, gone);
	free_pieces(middle);
	pieces->root = merge(left, right);
}
