/* Whole files: reading under a maximum, and replacing so that a crash leaves the old or the new. */

#include <kodelab/file.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

struct kl_file_writer {
	char *name; /* as the caller said it, for sentences */
	char *target; /* name with its last link followed */
	char *temporary; /* beside target */
	int fd;
};

static enum kl_status read_all(struct kl_buf *out, int fd, const char *path, struct kl_error *err)
{
	char chunk[65536];
	ssize_t got;

	for (;;) {
		got = read(fd, chunk, sizeof(chunk));
		if (got == 0)
			return KL_OK;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return kl_fail_errno(err, KL_EIO, errno, "cannot read '%s'", path);
		if (!kl_buf_add(out, chunk, (size_t)got))
			return kl_fail(err, KL_EFULL, "'%s' is too large (over %zu bytes)", path, out->max);
	}
}

enum kl_status kl_file_read(struct kl_buf *out, const char *path, struct kl_error *err)
{
	/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum kl_status status;
	struct stat st;

	if (fd < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot open '%s'", path);
	if (fstat(fd, &st) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot read '%s'", path);
	else if (!S_ISREG(st.st_mode))
		status = kl_fail(err, KL_EINVAL, "'%s' is not a regular file", path);
	else if (st.st_size > 0 && (uintmax_t)st.st_size > out->max - out->len)
		status = kl_fail(err, KL_EFULL, "'%s' is too large (over %zu bytes)", path, out->max);
	else
		status = read_all(out, fd, path, err);
	close(fd);
	return status;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

/* What path names in the end; when the last link dangles, the name that link gives. */
static char *follow(const char *path)
{
	char *real = realpath(path, NULL);
	char link[PATH_MAX];
	ssize_t len;

	if (real)
		return real;
	len = readlink(path, link, sizeof(link) - 1);
	if (len <= 0)
		return kl_strdup(path);
	link[len] = '\0';
	if (link[0] == '/')
		return kl_strdup(link);
	return kl_format("%.*s%s", (int)(kl_path_name(path) - path), path, link);
}

static void writer_free(struct kl_file_writer *writer)
{
	if (writer->fd >= 0)
		close(writer->fd);
	free(writer->name);
	free(writer->target);
	free(writer->temporary);
	free(writer);
}

/* Owner first: giving a file away clears the set-id bits. Only root may, a group's member may keep the group. */
static int take_over(int fd, const struct stat *old, unsigned mode)
{
	if (old && fchown(fd, old->st_uid, old->st_gid) < 0 && fchown(fd, (uid_t)-1, old->st_gid) < 0)
		mode &= 0777;
	return fchmod(fd, mode);
}

enum kl_status kl_file_begin(struct kl_file_writer **out, const char *path, unsigned mode, struct kl_error *err)
{
	struct kl_file_writer *writer = kl_calloc(1, sizeof(*writer));
	enum kl_status status = KL_OK;
	struct stat st;
	bool exists;

	writer->name = kl_strdup(path);
	writer->target = follow(path);
	writer->fd = -1;
	exists = stat(writer->target, &st) == 0;
	if (exists && !S_ISREG(st.st_mode)) {
		writer_free(writer);
		return kl_fail(err, KL_EINVAL, "'%s' is not a regular file", path);
	}
	writer->temporary = kl_format("%.*s.%.100s.XXXXXX", (int)(kl_path_name(writer->target) - writer->target),
				      writer->target, kl_path_name(writer->target));
	writer->fd = mkostemp(writer->temporary, O_CLOEXEC);
	if (writer->fd < 0 || take_over(writer->fd, exists ? &st : NULL, exists ? st.st_mode & 07777 : mode) < 0) {
		status = kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", path);
		kl_file_abandon(writer);
		return status;
	}
	*out = writer;
	return KL_OK;
}

enum kl_status kl_file_add(struct kl_file_writer *writer, const void *bytes, size_t len, struct kl_error *err)
{
	const char *from = bytes;

	while (len) {
		ssize_t put = write(writer->fd, from, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", writer->name);
		from += put;
		len -= (size_t)put;
	}
	return KL_OK;
}

static void sync_folder(const char *path)
{
	char *folder = kl_format("%.*s.", (int)(kl_path_name(path) - path), path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(folder);
	if (fd < 0)
		return;
	fsync(fd); /* some network file systems refuse this; the rename stands either way */
	close(fd);
}

enum kl_status kl_file_commit(struct kl_file_writer *writer, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	int fd = writer->fd;

	writer->fd = -1;
	/* close() too may report that the server of a network file system has no space left. */
	if (fsync(fd) < 0) {
		status = kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", writer->name);
		close(fd);
	} else if (close(fd) < 0 || rename(writer->temporary, writer->target) < 0) {
		status = kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", writer->name);
	}
	if (status) {
		unlink(writer->temporary);
	} else {
		sync_folder(writer->target);
	}
	writer_free(writer);
	return status;
}

void kl_file_abandon(struct kl_file_writer *writer)
{
	if (!writer)
		return;
	if (writer->fd >= 0)
		unlink(writer->temporary);
	writer_free(writer);
}

enum kl_status kl_file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct kl_error *err)
{
	struct kl_file_writer *writer = NULL;
	enum kl_status status = kl_file_begin(&writer, path, mode, err);

	if (status)
		return status;
	assert(writer);
	status = kl_file_add(writer, bytes, len, err);
	if (status) {
		kl_file_abandon(writer);
		return status;
	}
	return kl_file_commit(writer, err);
}
