/* The text: pieces, history, marks and listeners brought together; offsets are made good here, once. */

#include <kodelab/text.h>

#include <zlib.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/grapheme.h>

#include "core/text/text_int.h"

#define CRLF_SAMPLE ((size_t)64 * 1024) /* bytes looked at to tell how lines end */
#define NEAR        ((size_t)4096) /* a newline this near is found quicker by looking */
#define LOOK_BACK   ((size_t)1024) /* bytes searched for a place where a cluster surely begins */

/* --- life ------------------------------------------------------------------------------------------------------- */

static bool ends_in_crlf(const char *bytes, size_t len)
{
	size_t lines = 0, crlf = 0;

	if (len > CRLF_SAMPLE)
		len = CRLF_SAMPLE;
	for (size_t i = 0; i < len; i++) {
		lines += bytes[i] == '\n';
		crlf += bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r';
	}
	return lines && crlf * 2 > lines;
}

struct kl_text *text_take(char *bytes, size_t len)
{
	struct kl_text *text = kl_calloc(1, sizeof(*text));

	text->crlf = ends_in_crlf(bytes, len);
	text->memories = kl_calloc(LINE_MEMORIES, sizeof(*text->memories));
	pieces_init(&text->pieces, bytes, len);
	history_init(text);
	LIST_INIT(&text->marks);
	return text;
}

struct kl_text *kl_text_new(const char *bytes, size_t len)
{
	return text_take(len ? kl_strndup(bytes, len) : NULL, len);
}

void kl_text_free(struct kl_text *text)
{
	if (!text)
		return;
	marks_free(text);
	history_release(text);
	pieces_release(&text->pieces);
	free(text->memories);
	free(text->listeners);
	free(text);
}

static void tell(struct kl_text *text, const struct kl_text_change *change)
{
	marks_move(text, change);
	text->generation++;
	for (size_t i = 0; i < text->listener_count; i++)
		text->listeners[i].fn(text->listeners[i].ctx, text, change);
}

void text_restart(struct kl_text *text, char *bytes, size_t len)
{
	struct kl_text_change change = { .removed = kl_text_len(text),
					 .added = len,
					 .lines_removed = kl_text_lines(text) - 1 };

	history_release(text);
	pieces_release(&text->pieces);
	pieces_init(&text->pieces, bytes, len);
	history_init(text);
	change.lines_added = kl_text_lines(text) - 1;
	tell(text, &change);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

size_t kl_text_len(const struct kl_text *text)
{
	return pieces_len(&text->pieces);
}

const char *kl_text_chunk(const struct kl_text *text, size_t offset, size_t *len)
{
	return pieces_chunk(&text->pieces, offset, len);
}

size_t kl_text_copy(const struct kl_text *text, size_t offset, char *to, size_t len)
{
	size_t done = 0, part;
	const char *chunk;

	while (done < len && (chunk = kl_text_chunk(text, offset + done, &part))) {
		if (part > len - done)
			part = len - done;
		memcpy(to + done, chunk, part);
		done += part;
	}
	return done;
}

bool kl_text_add_to(const struct kl_text *text, size_t offset, size_t len, struct kl_buf *out)
{
	const char *chunk;
	size_t part;

	while (len && (chunk = kl_text_chunk(text, offset, &part))) {
		if (part > len)
			part = len;
		if (!kl_buf_add(out, chunk, part))
			return false;
		offset += part;
		len -= part;
	}
	return true;
}

char *kl_text_dup(const struct kl_text *text, size_t *len)
{
	size_t all = kl_text_len(text);
	char *copy = kl_alloc(all + 1);

	kl_text_copy(text, 0, copy, all);
	copy[all] = '\0';
	if (len)
		*len = all;
	return copy;
}

int kl_text_byte(const struct kl_text *text, size_t offset)
{
	size_t len;
	const char *chunk = kl_text_chunk(text, offset, &len);

	return chunk ? (unsigned char)*chunk : -1;
}

uint32_t text_crc(const struct kl_text *text)
{
	uint32_t crc = 0;
	const char *chunk;
	size_t len;

	for (size_t at = 0; (chunk = kl_text_chunk(text, at, &len)); at += len)
		crc = (uint32_t)crc32_z(crc, (const unsigned char *)chunk, len);
	return crc;
}

/* --- lines ------------------------------------------------------------------------------------------------------ */

size_t kl_text_lines(const struct kl_text *text)
{
	return pieces_newlines(&text->pieces) + 1;
}

/* Behind the newline that ends line0, which begins at start. */
static size_t after_line(const struct kl_text *text, size_t line0, size_t start)
{
	const char *chunk, *newline = NULL;
	size_t at = start, len;

	while (!newline && at - start < NEAR && (chunk = kl_text_chunk(text, at, &len))) {
		newline = memchr(chunk, '\n', len < NEAR ? len : NEAR);
		at += newline ? (size_t)(newline - chunk) + 1 : len < NEAR ? len : NEAR;
	}
	return newline ? at : pieces_after_newline(&text->pieces, line0);
}

static const struct line_memory *recall(const struct kl_text *text, size_t line0)
{
	const struct line_memory *memory = &text->memories[line0 % LINE_MEMORIES];

	return memory->generation == text->generation + 1 && memory->line0 == line0 ? memory : NULL;
}

static size_t line_start(const struct kl_text *text, size_t line0)
{
	const struct line_memory *above = line0 ? recall(text, line0 - 1) : NULL;

	if (line0 == 0)
		return 0;
	return above ? above->next : pieces_after_newline(&text->pieces, line0 - 1);
}

/* line0 must end in a newline. */
static const struct line_memory *look_up(const struct kl_text *text, size_t line0)
{
	struct line_memory *memory = &text->memories[line0 % LINE_MEMORIES];
	size_t start;

	if (recall(text, line0))
		return memory;
	start = line_start(text, line0);
	*memory = (struct line_memory){ .generation = text->generation + 1,
					.line0 = line0,
					.start = start,
					.next = after_line(text, line0, start) };
	return memory;
}

size_t kl_text_line_start(const struct kl_text *text, size_t line0)
{
	if (line0 > pieces_newlines(&text->pieces))
		return kl_text_len(text);
	if (line0 == pieces_newlines(&text->pieces))
		return line_start(text, line0);
	return look_up(text, line0)->start;
}

size_t kl_text_line_end(const struct kl_text *text, size_t line0)
{
	size_t end;

	if (line0 >= pieces_newlines(&text->pieces))
		return kl_text_len(text);
	end = look_up(text, line0)->next - 1;
	if (end > 0 && kl_text_byte(text, end - 1) == '\r')
		end--;
	return end;
}

size_t kl_text_line_of(const struct kl_text *text, size_t offset)
{
	return pieces_newlines_before(&text->pieces, offset);
}

const char *kl_text_newline(const struct kl_text *text)
{
	return text->crlf ? "\r\n" : "\n";
}

/* --- characters ------------------------------------------------------------------------------------------------- */

size_t kl_text_next(const struct kl_text *text, size_t offset)
{
	char bytes[KL_GRAPHEME_MAX];
	size_t len;
	const char *chunk = kl_text_chunk(text, offset, &len);

	if (!chunk)
		return offset;
	if (len < KL_GRAPHEME_MAX) {
		len = kl_text_copy(text, offset, bytes, sizeof(bytes));
		chunk = bytes;
	}
	return offset + kl_grapheme_next(chunk, len);
}

/*
 * The last boundary in front of bytes + at that is sure without reading on from the line's start: between two ASCII
 * bytes that are not "\r\n". Without one in sight a character's first byte has to do. from: where bytes lie in the text.
 */
static size_t sure_boundary(const char *bytes, size_t from, size_t at)
{
	for (size_t i = at; i-- > 1;) {
		unsigned char before = (unsigned char)bytes[i - 1], here = (unsigned char)bytes[i];

		if (before < 0x80 && here < 0x80 && !(before == '\r' && here == '\n'))
			return i;
	}
	if (from == 0)
		return 0;
	for (size_t i = 0; i < at && i < 4; i++)
		if (((unsigned char)bytes[i] & 0xc0) != 0x80) /* NOLINT(clang-analyzer-core.*): all of at was copied */
			return i;
	return 0;
}

/* The boundary before offset, or offset itself when itself is asked for and it is one. */
static size_t boundary(const struct kl_text *text, size_t offset, bool itself)
{
	char bytes[LOOK_BACK + KL_GRAPHEME_MAX];
	size_t from = offset > LOOK_BACK ? offset - LOOK_BACK : 0;
	size_t len = kl_text_copy(text, from, bytes, sizeof(bytes));
	size_t want = offset - from, at, size;

	if (want == 0)
		return from;
	at = sure_boundary(bytes, from, want);
	while ((size = kl_grapheme_next(bytes + at, len - at))) {
		if (at + size > want || (at + size == want && !itself))
			break;
		at += size;
	}
	return from + at;
}

size_t kl_text_prev(const struct kl_text *text, size_t offset)
{
	if (offset > kl_text_len(text))
		offset = kl_text_len(text);
	return boundary(text, offset, false);
}

size_t kl_text_align(const struct kl_text *text, size_t offset)
{
	if (offset >= kl_text_len(text))
		return kl_text_len(text);
	return boundary(text, offset, true);
}

/* --- editing ---------------------------------------------------------------------------------------------------- */

void text_splice(struct kl_text *text, size_t offset, size_t removed, struct spans *gone, const struct span *added,
		 size_t added_count)
{
	size_t before = pieces_newlines(&text->pieces);
	struct kl_text_change change = { .offset = offset, .removed = removed };

	change.line0 = kl_text_line_of(text, offset);
	if (removed)
		pieces_delete(&text->pieces, offset, removed, gone);
	change.lines_removed = before - pieces_newlines(&text->pieces);
	for (size_t i = 0; i < added_count; i++)
		change.added += added[i].len;
	before = pieces_newlines(&text->pieces);
	if (change.added)
		pieces_insert(&text->pieces, offset, added, added_count);
	change.lines_added = pieces_newlines(&text->pieces) - before;
	tell(text, &change);
}

void kl_text_replace(struct kl_text *text, size_t offset, size_t removed, const char *bytes, size_t len)
{
	size_t all = kl_text_len(text);
	struct change change;
	struct spans spans = { 0 };
	struct span added = { 0 };

	if (offset > all)
		offset = all;
	if (removed > all - offset)
		removed = all - offset;
	if (!removed && !len)
		return;
	change = (struct change){ .offset = offset, .removed = removed, .added = len };
	kl_text_begin(text, KL_EDIT_OTHER, offset);
	history_prepare(text, &change, len ? (unsigned char)bytes[0] : -1);
	if (len)
		added = pieces_keep(&text->pieces, bytes, len);
	text_splice(text, offset, removed, &spans, &added, len ? 1 : 0);
	change.removed_count = spans.count;
	if (len) {
		spans_add(&spans, added);
		change.added_count = 1;
	}
	change.spans = spans.items;
	history_record(text, change);
	kl_text_end(text, offset + len);
}

void kl_text_insert(struct kl_text *text, size_t offset, const char *bytes, size_t len)
{
	kl_text_replace(text, offset, 0, bytes, len);
}

void kl_text_delete(struct kl_text *text, size_t offset, size_t len)
{
	kl_text_replace(text, offset, len, NULL, 0);
}

static size_t common_start(const struct kl_text *text, const char *bytes, size_t len)
{
	size_t same = 0, part;
	const char *chunk;

	while (same < len && (chunk = kl_text_chunk(text, same, &part))) {
		size_t at = 0;

		if (part > len - same)
			part = len - same;
		while (at < part && chunk[at] == bytes[same + at])
			at++;
		same += at;
		if (at < part)
			break;
	}
	return same;
}

/* Bytes that are the same at both ends; at most max. */
static size_t common_end(const struct kl_text *text, const char *bytes, size_t len, size_t max)
{
	size_t same = 0, part, all = kl_text_len(text);
	const char *chunk;

	while (same < max && (chunk = pieces_chunk_before(&text->pieces, all - same, &part))) {
		size_t at = 0;

		if (part > max - same) {
			chunk += part - (max - same);
			part = max - same;
		}
		while (at < part && chunk[part - 1 - at] == bytes[len - 1 - same - at])
			at++;
		same += at;
		if (at < part)
			break;
	}
	return same;
}

bool kl_text_assign(struct kl_text *text, const char *bytes, size_t len, size_t cursor)
{
	size_t all = kl_text_len(text);
	size_t start = common_start(text, bytes, len);
	size_t end;

	if (start == len && start == all)
		return false;
	end = common_end(text, bytes, len, (len < all ? len : all) - start);
	kl_text_begin(text, KL_EDIT_OTHER, cursor);
	kl_text_replace(text, start, all - start - end, bytes + start, len - start - end);
	kl_text_end(text, cursor < len ? cursor : len);
	return true;
}

/* --- watching --------------------------------------------------------------------------------------------------- */

uint64_t kl_text_generation(const struct kl_text *text)
{
	return text->generation;
}

void kl_text_listen(struct kl_text *text, kl_text_change_fn *fn, void *ctx)
{
	KL_GROW(text->listeners, text->listener_count, text->listener_capacity);
	text->listeners[text->listener_count++] = (struct listener){ fn, ctx };
}

void kl_text_unlisten(struct kl_text *text, kl_text_change_fn *fn, void *ctx)
{
	size_t kept = 0;

	for (size_t i = 0; i < text->listener_count; i++)
		if (text->listeners[i].fn != fn || text->listeners[i].ctx != ctx)
			text->listeners[kept++] = text->listeners[i];
	text->listener_count = kept;
}
