/* A zip of a few small files, the same bytes for the same files: what additional_files takes. */

#include "core/judge/judge0/judge0_int.h"

#include <string.h>
#include <zlib.h>

#include <kodelab/alloc.h>

#define DAY_ONE     0x21 /* 1980-01-01, as DOS counts */
#define MADE_BY     0x0314 /* Unix, 2.0 */
#define FILE_MODE   (0100644u << 16)
#define METHOD_NONE 0
#define METHOD_ZIP  8

struct entry {
	uint32_t crc, packed_len, offset;
	uint16_t method;
};

static void put16(struct kl_buf *out, uint32_t value)
{
	const unsigned char bytes[2] = { (unsigned char)value, (unsigned char)(value >> 8) };

	kl_buf_add(out, bytes, sizeof(bytes));
}

static void put32(struct kl_buf *out, uint32_t value)
{
	put16(out, value & 0xffff);
	put16(out, value >> 16);
}

/* The bytes deflated without a header; NULL: that makes them no shorter. */
static unsigned char *deflated(const struct kl_file *file, uint32_t *len)
{
	z_stream stream = { .zalloc = NULL };
	unsigned char *bytes;
	bool shorter;

	if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	bytes = kl_alloc(file->len + 1);
	stream.next_in = (z_const Bytef *)(uintptr_t)file->text;
	stream.avail_in = (uInt)file->len;
	stream.next_out = bytes;
	stream.avail_out = (uInt)file->len;
	shorter = deflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out < file->len;
	*len = (uint32_t)stream.total_out;
	deflateEnd(&stream);
	if (shorter)
		return bytes;
	free(bytes);
	return NULL;
}

/* What the local header and the directory have in common. */
static void put_common(struct kl_buf *out, const struct kl_file *file, const struct entry *entry)
{
	put16(out, 20); /* needed to extract: 2.0 */
	put16(out, 0);
	put16(out, entry->method);
	put16(out, 0);
	put16(out, DAY_ONE);
	put32(out, entry->crc);
	put32(out, entry->packed_len);
	put32(out, (uint32_t)file->len);
	put16(out, (uint32_t)strlen(file->name));
	put16(out, 0);
}

static void put_file(struct kl_buf *out, const struct kl_file *file, struct entry *entry)
{
	unsigned char *packed = deflated(file, &entry->packed_len);

	entry->offset = (uint32_t)out->len;
	entry->crc = (uint32_t)crc32(0, (const Bytef *)file->text, (uInt)file->len);
	entry->method = packed ? METHOD_ZIP : METHOD_NONE;
	if (!packed)
		entry->packed_len = (uint32_t)file->len;
	put32(out, 0x04034b50);
	put_common(out, file, entry);
	kl_buf_add_str(out, file->name);
	if (packed)
		kl_buf_add(out, packed, entry->packed_len);
	else
		kl_buf_add(out, file->text, file->len);
	free(packed);
}

static void put_directory_row(struct kl_buf *out, const struct kl_file *file, const struct entry *entry)
{
	put32(out, 0x02014b50);
	put16(out, MADE_BY);
	put_common(out, file, entry);
	put16(out, 0);
	put16(out, 0);
	put16(out, 0);
	put32(out, FILE_MODE);
	put32(out, entry->offset);
	kl_buf_add_str(out, file->name);
}

void judge0_zip(struct kl_buf *out, const struct kl_file *files, size_t count)
{
	struct entry *entries = kl_calloc(count + 1, sizeof(*entries));
	size_t directory;

	for (size_t i = 0; i < count; i++)
		put_file(out, &files[i], &entries[i]);
	directory = out->len;
	for (size_t i = 0; i < count; i++)
		put_directory_row(out, &files[i], &entries[i]);
	put32(out, 0x06054b50);
	put32(out, 0);
	put16(out, (uint32_t)count);
	put16(out, (uint32_t)count);
	put32(out, (uint32_t)(out->len - 12 - directory));
	put32(out, (uint32_t)directory);
	put16(out, 0);
	free(entries);
}
