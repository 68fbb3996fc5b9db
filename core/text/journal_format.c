/* The journal's bytes, put and got. */

#include <zlib.h>

#include <kodelab/alloc.h>

#include "core/text/journal_int.h"

#define WHOLE_AT    ((size_t)16)
#define PATH_LEN_AT ((size_t)36)
#define CRC_AT      ((size_t)40)

static const char magic[8] = { 'K', 'L', 'J', 'R', 'N', 'L', '\r', '\n' };

static uint32_t crc_of(uint32_t crc, const char *bytes, size_t len)
{
	return (uint32_t)crc32_z(crc, (const unsigned char *)bytes, len);
}

/* --- putting ---------------------------------------------------------------------------------------------------- */

static void store_number(char *to, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (char)(value >> (8 * i) & 0xff);
}

void put_u32(struct kl_buf *out, uint32_t value)
{
	char bytes[4];

	store_number(bytes, value, sizeof(bytes));
	kl_buf_add(out, bytes, sizeof(bytes));
}

void put_u64(struct kl_buf *out, uint64_t value)
{
	char bytes[8];

	store_number(bytes, value, sizeof(bytes));
	kl_buf_add(out, bytes, sizeof(bytes));
}

void put_varint(struct kl_buf *out, uint64_t value)
{
	char bytes[10];
	size_t len = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[len++] = (char)(value | 0x80);
	bytes[len++] = (char)value;
	kl_buf_add(out, bytes, len);
}

static uint32_t header_crc(const char *bytes, size_t path_len)
{
	uint32_t crc = crc_of(0, bytes, JOURNAL_PID_AT);

	crc = crc_of(crc, bytes + JOURNAL_PID_AT + 4, JOURNAL_HEADER_SIZE - JOURNAL_PID_AT - 8);
	return crc_of(crc, bytes + JOURNAL_HEADER_SIZE, path_len);
}

void put_header(struct kl_buf *out, const char *path, const struct identity *base, uint32_t pid)
{
	size_t start = out->len, path_len = strlen(path);

	kl_buf_add(out, magic, sizeof(magic));
	put_u32(out, JOURNAL_VERSION);
	put_u32(out, pid);
	put_u64(out, 0);
	put_u64(out, base->len);
	put_u32(out, base->crc);
	put_u32(out, (uint32_t)path_len);
	put_u32(out, 0);
	kl_buf_add(out, path, path_len);
	store_number(out->data + start + CRC_AT, header_crc(out->data + start, path_len), 4);
}

void patch_header(struct kl_buf *out)
{
	struct reader reader = { .at = out->data + PATH_LEN_AT, .end = out->data + out->len };
	size_t path_len = get_u32(&reader);

	store_number(out->data + WHOLE_AT, out->len - JOURNAL_HEADER_SIZE - path_len, 8);
	store_number(out->data + CRC_AT, header_crc(out->data, path_len), 4);
}

size_t record_begin(struct kl_buf *out, enum record_type type)
{
	size_t start = out->len;

	put_u32(out, 0);
	kl_buf_add_char(out, (char)type);
	return start;
}

void record_end(struct kl_buf *out, size_t start)
{
	size_t len = out->len - start - RECORD_HEAD;

	store_number(out->data + start, len, 4);
	put_u32(out, crc_of(0, out->data + start, out->len - start));
}

void put_edit_head(struct kl_buf *out, const struct revision *revision, bool joins)
{
	kl_buf_add_char(out, (char)((unsigned)revision->kind << EDIT_KIND_SHIFT | (joins ? EDIT_JOINS : 0)));
	put_u64(out, revision->cursor_after);
	put_varint(out, joins ? 0 : revision->parent);
	put_varint(out, joins ? 0 : revision->cursor_before);
}

void patch_cursor(struct kl_buf *out, size_t start, size_t cursor)
{
	store_number(out->data + start + RECORD_HEAD + 1, cursor, 8);
}

void put_change(struct kl_buf *out, const struct pieces *pieces, const struct change *change)
{
	put_varint(out, change->offset);
	put_varint(out, change->removed);
	put_varint(out, change->added);
	for (size_t i = 0; i < change->removed_count + change->added_count; i++)
		kl_buf_add(out, pieces_bytes(pieces, change->spans[i]), change->spans[i].len);
}

void put_identity(struct kl_buf *out, enum record_type type, const struct identity *identity)
{
	size_t start = record_begin(out, type);

	put_u64(out, identity->len);
	put_u32(out, identity->crc);
	put_varint(out, identity->revision == NO_REVISION ? 0 : identity->revision + 1);
	record_end(out, start);
}

void put_number(struct kl_buf *out, enum record_type type, uint64_t number)
{
	size_t start = record_begin(out, type);

	put_varint(out, number);
	record_end(out, start);
}

void put_text(struct kl_buf *out, const struct kl_text *text)
{
	size_t start = record_begin(out, RECORD_TEXT);

	put_varint(out, text->current);
	kl_text_add_to(text, 0, kl_text_len(text), out);
	record_end(out, start);
}

void put_everything(struct kl_buf *out, const struct kl_text *text, const struct identity *saved, size_t cursor,
		    bool with_text)
{
	if (with_text)
		put_text(out, text);
	for (size_t i = 1; i < text->revision_count; i++) {
		const struct revision *revision = &text->revisions[i];
		size_t start = record_begin(out, RECORD_EDIT);

		put_edit_head(out, revision, false);
		for (size_t j = 0; j < revision->count; j++)
			put_change(out, &text->pieces, &revision->changes[j]);
		record_end(out, start);
	}
	put_number(out, RECORD_GOTO, text->current);
	put_identity(out, RECORD_SAVED, saved);
	put_number(out, RECORD_CURSOR, cursor);
}

/* --- getting ---------------------------------------------------------------------------------------------------- */

const char *get_bytes(struct reader *reader, size_t len)
{
	const char *bytes = reader->at;

	if (reader->bad || len > (size_t)(reader->end - reader->at)) {
		reader->bad = true;
		return NULL;
	}
	reader->at += len;
	return bytes;
}

static uint64_t get_number(struct reader *reader, size_t size)
{
	const char *bytes = get_bytes(reader, size);
	uint64_t value = 0;

	for (size_t i = 0; bytes && i < size; i++)
		value |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
	return value;
}

uint8_t get_u8(struct reader *reader)
{
	return (uint8_t)get_number(reader, 1);
}

uint64_t get_u64(struct reader *reader)
{
	return get_number(reader, 8);
}

uint32_t get_u32(struct reader *reader)
{
	return (uint32_t)get_number(reader, 4);
}

uint64_t get_varint(struct reader *reader)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 63; shift += 7) {
		const char *byte = get_bytes(reader, 1);

		if (!byte)
			return 0;
		value |= (uint64_t)(*byte & 0x7f) << shift;
		if (!(*byte & 0x80))
			return value;
	}
	reader->bad = true;
	return 0;
}

enum kl_status get_header(struct journal_header *out, const char *bytes, size_t len)
{
	struct reader reader = { .at = bytes, .end = bytes + len };
	const char *found = get_bytes(&reader, sizeof(magic));
	uint32_t crc;

	*out = (struct journal_header){ .version = 0 };
	if (!found || memcmp(found, magic, sizeof(magic)) != 0)
		return KL_ECORRUPT;
	out->version = get_u32(&reader);
	if (!reader.bad && out->version > JOURNAL_VERSION)
		return KL_EINVAL;
	out->pid = get_u32(&reader);
	out->whole_len = get_u64(&reader);
	out->base.len = get_u64(&reader);
	out->base.crc = get_u32(&reader);
	out->path_len = get_u32(&reader);
	crc = get_u32(&reader);
	out->path = get_bytes(&reader, out->path_len);
	if (reader.bad || out->version != JOURNAL_VERSION || crc != header_crc(bytes, out->path_len))
		return KL_ECORRUPT;
	out->size = JOURNAL_HEADER_SIZE + out->path_len;
	return KL_OK;
}

bool get_record(struct reader *payload, enum record_type *type, const char *bytes, size_t len, size_t *offset)
{
	struct reader reader = { .at = bytes + *offset, .end = bytes + len };
	const char *start = reader.at;
	size_t payload_len = get_u32(&reader);
	const char *kind = get_bytes(&reader, 1);
	const char *content = get_bytes(&reader, payload_len);
	uint32_t crc = get_u32(&reader);

	if (reader.bad || crc != crc_of(0, start, RECORD_HEAD + payload_len))
		return false;
	*type = (enum record_type) * kind;
	*payload = (struct reader){ .at = content, .end = content + payload_len };
	*offset = (size_t)(reader.at - bytes);
	return true;
}
