/* Texts from files and back. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/text.h>

#include "core/text/text_int.h"

struct bytes {
	char *data;
	size_t len, capacity;
};

/* Reads to the end, wherever that is by now: the file may grow or shrink under us. */
static enum kl_status read_all(struct bytes *bytes, int fd, const char *path, struct kl_error *err)
{
	for (;;) {
		ssize_t got;

		if (bytes->len == bytes->capacity) {
			bytes->capacity += bytes->capacity / 2 + 4096;
			bytes->data = kl_realloc_array(bytes->data, bytes->capacity, 1);
		}
		got = read(fd, bytes->data + bytes->len, bytes->capacity - bytes->len);
		if (got == 0)
			return KL_OK;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return kl_fail_errno(err, KL_EIO, errno, "cannot read '%s'", path);
		bytes->len += (size_t)got;
		if (bytes->len > KL_TEXT_FILE_MAX)
			break;
	}
	return kl_fail(err, KL_EFULL, "'%s' is too large to edit (over 1 GiB)", path);
}

static enum kl_status check(size_t *size, int fd, const char *path, struct kl_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot read '%s'", path);
	if (S_ISDIR(st.st_mode))
		return kl_fail(err, KL_EINVAL, "'%s' is a folder", path);
	if (!S_ISREG(st.st_mode))
		return kl_fail(err, KL_EINVAL, "'%s' is not a regular file", path);
	if ((uintmax_t)st.st_size > KL_TEXT_FILE_MAX)
		return kl_fail(err, KL_EFULL, "'%s' is too large to edit (over 1 GiB)", path);
	*size = (size_t)st.st_size;
	return KL_OK;
}

enum kl_status kl_text_load(struct kl_text **out, const char *path, struct kl_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct bytes bytes = { NULL, 0, 0 };
	enum kl_status status;

	if (fd < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot open '%s'", path);
	status = check(&bytes.capacity, fd, path, err);
	if (!status) {
		bytes.capacity++; /* so that the read that finds the end has room */
		bytes.data = kl_alloc(bytes.capacity);
		status = read_all(&bytes, fd, path, err);
	}
	close(fd);
	if (status)
		free(bytes.data);
	else
		*out = text_take(bytes.data, bytes.len);
	return status;
}

static enum kl_status write_all(struct kl_file_writer *writer, const struct kl_text *text, uint32_t *crc,
				struct kl_error *err)
{
	const char *chunk;
	size_t len;

	for (size_t at = 0; (chunk = kl_text_chunk(text, at, &len)); at += len) {
		enum kl_status status = kl_file_add(writer, chunk, len, err);

		if (status)
			return status;
		*crc = (uint32_t)crc32_z(*crc, (const unsigned char *)chunk, len);
	}
	return KL_OK;
}

enum kl_status kl_text_save(struct kl_text *text, const char *path, unsigned mode, struct kl_error *err)
{
	const struct text_sink *sink = text->sink;
	struct kl_file_writer *writer;
	uint32_t crc = 0;
	enum kl_status status = kl_file_begin(&writer, path, mode, err);

	if (status)
		return status;
	status = write_all(writer, text, &crc, err);
	if (status) {
		kl_file_abandon(writer);
		return status;
	}
	/* Told before and after: killed in between, the journal still knows the new file for its own. */
	if (sink)
		sink->saving(sink->ctx, kl_text_len(text), crc);
	status = kl_file_commit(writer, err);
	if (status)
		return status;
	if (!sink || sink->saved(sink->ctx, path)) /* a copy elsewhere does not make the file new */
		text->saved = text->current;
	return KL_OK;
}
