/*
 * Reading a .tar.gz. zlib unpacks it into memory and knows by the checksum at its end that nothing is wrong or missing;
 * then the tar is walked block by block. Two of its entries say something about the next one: pax records ('x') and GNU's
 * long names ('L'). Everything that is neither a file nor a folder is refused.
 */

#include "core/challenge/archive_int.h"

#include <zlib.h>

#include <kodelab/alloc.h>

#define CHUNK      ((size_t)64 << 10)
#define RATIO_FROM ((size_t)1 << 20) /* small texts may shrink as they like */
#define PAX_MAX    ((size_t)64 << 10)

const struct kl_archive_limits kl_pack_archive_limits = {
	.packed_max = (size_t)16 << 20,
	.total_max = (size_t)128 << 20,
	.ratio_max = 200,
	.count_max = 50000,
	.depth_max = 6,
};

/* --- gzip --------------------------------------------------------------------------------------------------------- */

static enum kl_status check_growth(const struct kl_buf *tar, const z_stream *stream,
				   const struct kl_archive_limits *limits, struct kl_error *err)
{
	if (tar->truncated)
		return kl_fail(err, KL_EMANY, "the archive holds more than %zu MiB", limits->total_max >> 20);
	if (tar->len > RATIO_FROM && tar->len / limits->ratio_max > stream->total_in)
		return kl_fail(err, KL_EMANY, "the archive grows more than %zu times when it is unpacked",
			       limits->ratio_max);
	return KL_OK;
}

static enum kl_status inflate_all(struct kl_buf *tar, z_stream *stream, const struct kl_archive_limits *limits,
				  struct kl_error *err)
{
	char *chunk = kl_alloc(CHUNK);
	enum kl_status status = KL_OK;
	int code = Z_OK;

	while (!status && code == Z_OK) {
		stream->next_out = (unsigned char *)chunk;
		stream->avail_out = (unsigned)CHUNK;
		code = inflate(stream, Z_NO_FLUSH);
		kl_buf_add(tar, chunk, CHUNK - stream->avail_out);
		status = check_growth(tar, stream, limits, err);
	}
	free(chunk);
	if (status)
		return status;
	if (code == Z_BUF_ERROR)
		return kl_fail(err, KL_ECORRUPT, "the archive is cut off");
	if (code != Z_STREAM_END)
		return kl_fail(err, KL_ECORRUPT, "the archive is damaged, or no .tar.gz");
	if (stream->avail_in)
		return kl_fail(err, KL_ECORRUPT, "there is something behind the end of the archive");
	return KL_OK;
}

static enum kl_status gunzip(struct kl_buf *tar, const void *bytes, size_t len, const struct kl_archive_limits *limits,
			     struct kl_error *err)
{
	z_stream stream = { .next_in = (z_const unsigned char *)(uintptr_t)bytes, .avail_in = (unsigned)len };
	enum kl_status status;

	if (len > limits->packed_max || len > UINT32_MAX)
		return kl_fail(err, KL_EMANY, "the archive is larger than %zu MiB", limits->packed_max >> 20);
	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		kl_die("kodelab: zlib does not start");
	status = inflate_all(tar, &stream, limits, err);
	inflateEnd(&stream);
	return status;
}

/* --- tar: fields -------------------------------------------------------------------------------------------------- */

unsigned kl_tar_checksum(const struct kl_tar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof(*header); i++) {
		size_t in_field = i - offsetof(struct kl_tar_header, checksum);

		sum += in_field < sizeof(header->checksum) ? ' ' : bytes[i];
	}
	return sum;
}

/* Octal digits between blanks, ended by a blank, a NUL or the field. */
static bool read_octal(size_t *out, const char *field, size_t size)
{
	size_t at = 0, value = 0, digits = 0;

	while (at < size && field[at] == ' ')
		at++;
	for (; at < size && field[at] >= '0' && field[at] <= '7'; at++, digits++)
		value = value << 3 | (size_t)(field[at] - '0');
	for (; at < size; at++)
		if (field[at] && field[at] != ' ')
			return false;
	*out = value;
	return digits > 0;
}

static bool is_zero(const char *bytes, size_t len)
{
	return !len || (!bytes[0] && !memcmp(bytes, bytes + 1, len - 1));
}

/* A text that ends at a NUL or fills its field; nothing may hide behind the NUL. */
static bool read_text(size_t *len, const char *field, size_t size)
{
	*len = strnlen(field, size);
	return is_zero(field + *len, size - *len);
}

/* --- tar: what is said about the next entry ------------------------------------------------------------------------- */

struct tar {
	const char *at;
	size_t left;
	struct kl_archive *out;
	const struct kl_archive_limits *limits;
	size_t entries;
	struct kl_buf name; /* the next entry's, when an entry before it says so */
	size_t size; /* the same, SIZE_MAX: nothing was said */
	struct kl_error *err;
};

static enum kl_status damaged(const struct tar *tar)
{
	return kl_fail(tar->err, KL_ECORRUPT, "the archive is damaged: a header of its tar is wrong");
}

static enum kl_status take_pax(struct tar *tar, const char *key, const char *value, size_t len, bool global)
{
	size_t size = 0, digits = 0;

	if (!strncmp(key, "GNU.sparse", 10))
		return kl_fail(tar->err, KL_EINVAL, "the archive holds a sparse file");
	if (strcmp(key, "path") != 0 && strcmp(key, "size") != 0)
		return KL_OK;
	if (global)
		return damaged(tar);
	if (!strcmp(key, "path")) {
		kl_buf_clear(&tar->name);
		return kl_buf_add(&tar->name, value, len) ? KL_OK : damaged(tar);
	}
	for (; digits < len && digits < 15 && value[digits] >= '0' && value[digits] <= '9'; digits++)
		size = 10 * size + (size_t)(value[digits] - '0');
	tar->size = size;
	return len && digits == len ? KL_OK : damaged(tar);
}

/* Records "12 path=name\n", the number being the record's own length. */
static enum kl_status read_pax(struct tar *tar, const char *text, size_t len, bool global)
{
	enum kl_status status = KL_OK;

	if (len > PAX_MAX)
		return damaged(tar);
	while (len && !status) {
		size_t digits = 0, size = 0;
		const char *equals;
		char *key;

		for (; digits < len && digits < 6 && text[digits] >= '0' && text[digits] <= '9'; digits++)
			size = 10 * size + (size_t)(text[digits] - '0');
		if (!digits || size > len || size < digits + 3 || text[digits] != ' ' || text[size - 1] != '\n')
			return damaged(tar);
		equals = memchr(text + digits + 1, '=', size - digits - 2);
		if (!equals)
			return damaged(tar);
		key = kl_strndup(text + digits + 1, (size_t)(equals - text) - digits - 1);
		status = take_pax(tar, key, equals + 1, (size_t)(text + size - 1 - (equals + 1)), global);
		free(key);
		text += size;
		len -= size;
	}
	return status;
}

/* --- tar: entries ------------------------------------------------------------------------------------------------- */

static enum kl_status read_name(struct kl_buf *out, const struct tar *tar, const struct kl_tar_header *header)
{
	bool posix = !memcmp(header->magic, "ustar", 6);
	size_t prefix = 0, name;

	if (tar->name.len) {
		kl_buf_add(out, tar->name.data, tar->name.len);
		return KL_OK;
	}
	if (!read_text(&name, header->name, sizeof(header->name)) ||
	    (posix && !read_text(&prefix, header->prefix, sizeof(header->prefix))))
		return kl_fail(tar->err, KL_EINVAL, "a name in the archive holds bytes that no name may have");
	if (prefix) {
		kl_buf_add(out, header->prefix, prefix);
		kl_buf_add_char(out, '/');
	}
	kl_buf_add(out, header->name, name);
	return KL_OK;
}

static enum kl_status add_entry(struct tar *tar, const struct kl_tar_header *header, const char *text, size_t len)
{
	bool folder = header->type == '5', hidden = false;
	enum kl_status status;
	struct kl_buf raw;
	char *name = NULL;

	kl_buf_init(&raw, PAX_MAX);
	status = read_name(&raw, tar, header);
	if (!status && raw.len && raw.data[raw.len - 1] == '/')
		folder = true;
	if (!status && folder && (!strcmp(raw.data, "./") || !strcmp(raw.data, "."))) {
		kl_buf_release(&raw);
		return KL_OK;
	}
	if (!status && folder && len)
		status = damaged(tar);
	if (!status)
		status = kl_archive_name(&name, &hidden, raw.data, raw.len, tar->limits, tar->err);
	if (!status && !folder && !hidden)
		kl_archive_add(tar->out, name, text, len);
	free(name);
	kl_buf_release(&raw);
	return status;
}

static const char *kind_of(char type)
{
	switch (type) {
	case '1':
	case '2':
	case 'K':
		return "a link";
	case '3':
	case '4':
		return "a device";
	case '6':
		return "a pipe";
	case 'S':
		return "a sparse file";
	default:
		return "something that is neither a file nor a folder";
	}
}

static enum kl_status take_entry(struct tar *tar, const struct kl_tar_header *header, const char *text, size_t len)
{
	enum kl_status status;

	switch (header->type) {
	case 'x':
		return read_pax(tar, text, len, false);
	case 'g':
		return read_pax(tar, text, len, true);
	case 'L':
		kl_buf_clear(&tar->name);
		len -= len && !text[len - 1];
		return len && kl_buf_add(&tar->name, text, len) ? KL_OK : damaged(tar);
	case '0':
	case '\0':
	case '5':
		status = add_entry(tar, header, text, len);
		kl_buf_clear(&tar->name);
		tar->size = SIZE_MAX;
		return status;
	default:
		return kl_fail(tar->err, KL_EINVAL, "the archive holds %s: packs have files and folders only",
			       kind_of(header->type));
	}
}

/* The header's fields, and the bytes that follow it. */
static enum kl_status read_entry(struct tar *tar)
{
	struct kl_tar_header header;
	size_t size, sum, padded;

	memcpy(&header, tar->at, sizeof(header));
	if (memcmp(header.magic, "ustar", 5) != 0 || !read_octal(&sum, header.checksum, sizeof(header.checksum)) ||
	    sum != kl_tar_checksum(&header) || !read_octal(&size, header.size, sizeof(header.size)))
		return damaged(tar);
	if (tar->size != SIZE_MAX && !strchr("xgL", header.type))
		size = tar->size;
	if (++tar->entries > tar->limits->count_max)
		return kl_fail(tar->err, KL_EMANY, "the archive holds more than %zu entries", tar->limits->count_max);
	tar->at += KL_TAR_BLOCK;
	tar->left -= KL_TAR_BLOCK;
	padded = (size + KL_TAR_BLOCK - 1) / KL_TAR_BLOCK * KL_TAR_BLOCK;
	if (size > tar->left || padded > tar->left)
		return kl_fail(tar->err, KL_ECORRUPT, "the archive is cut off");
	tar->at += padded;
	tar->left -= padded;
	return take_entry(tar, &header, tar->at - padded, size);
}

/* Two blocks of zeros end it, and only zeros may follow. */
static enum kl_status read_tar(struct tar *tar)
{
	enum kl_status status = KL_OK;

	while (!status && tar->left >= KL_TAR_BLOCK && !is_zero(tar->at, KL_TAR_BLOCK))
		status = read_entry(tar);
	if (status)
		return status;
	if (tar->left < 2 * (size_t)KL_TAR_BLOCK)
		return kl_fail(tar->err, KL_ECORRUPT, "the archive is cut off");
	if (!is_zero(tar->at, tar->left) || tar->name.len || tar->size != SIZE_MAX)
		return kl_fail(tar->err, KL_ECORRUPT, "there is something behind the end of the archive");
	return KL_OK;
}

enum kl_status kl_archive_read(struct kl_archive *out, const void *bytes, size_t len,
			       const struct kl_archive_limits *limits, struct kl_error *err)
{
	struct kl_archive archive = { .files = NULL };
	struct tar tar = { .out = &archive, .limits = limits, .size = SIZE_MAX, .err = err };
	enum kl_status status;
	struct kl_buf text;

	kl_buf_init(&text, limits->total_max);
	kl_buf_init(&tar.name, PAX_MAX);
	status = gunzip(&text, bytes, len, limits, err);
	if (!status) {
		tar.at = text.data;
		tar.left = text.len;
		status = read_tar(&tar);
	}
	kl_buf_release(&tar.name);
	kl_buf_release(&text);
	if (!status) {
		kl_archive_sort(&archive);
		status = kl_archive_refuse_twins(&archive, err);
	}
	if (status)
		kl_archive_release(&archive);
	else
		*out = archive;
	return status;
}
