/* What is in an archive, and how it is written: a ustar without times and owners, so that equal files give equal bytes. */

#include "core/challenge/archive_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

/* --- files in it -------------------------------------------------------------------------------------------------- */

void kl_archive_release(struct kl_archive *archive)
{
	for (size_t i = 0; i < archive->count; i++) {
		free(archive->files[i].name);
		free(archive->files[i].text);
	}
	free(archive->files);
	*archive = (struct kl_archive){ .files = NULL };
}

void kl_archive_add(struct kl_archive *archive, const char *name, const char *text, size_t len)
{
	struct kl_file *file;

	KL_GROW(archive->files, archive->count, archive->capacity);
	file = &archive->files[archive->count++];
	file->name = kl_strdup(name);
	file->text = kl_alloc(len + 1);
	memcpy(file->text, text, len);
	file->text[len] = '\0';
	file->len = len;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(((const struct kl_file *)left)->name, ((const struct kl_file *)right)->name);
}

void kl_archive_sort(struct kl_archive *archive)
{
	if (archive->count)
		qsort(archive->files, archive->count, sizeof(*archive->files), by_name);
}

const struct kl_file *kl_archive_find(const struct kl_archive *archive, const char *name)
{
	const struct kl_file key = { .name = (char *)(uintptr_t)name };

	return archive->count ? bsearch(&key, archive->files, archive->count, sizeof(*archive->files), by_name) : NULL;
}

void kl_archive_lift(struct kl_archive *archive, const char *name)
{
	size_t len = archive->count ? strcspn(archive->files[0].name, "/") : 0;

	if (!len || kl_archive_find(archive, name))
		return;
	for (size_t i = 0; i < archive->count; i++)
		if (strncmp(archive->files[i].name, archive->files[0].name, len) != 0 ||
		    archive->files[i].name[len] != '/')
			return;
	for (size_t i = 0; i < archive->count; i++)
		memmove(archive->files[i].name, archive->files[i].name + len + 1,
			strlen(archive->files[i].name + len + 1) + 1);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

void kl_tar_put(char *field, size_t digits, size_t value)
{
	for (; digits; value >>= 3)
		field[--digits] = (char)('0' + (value & 7));
}

/* A name over 100 bytes is parted at a slash. */
static bool put_name(struct kl_tar_header *header, const char *name)
{
	size_t len = strlen(name), prefix = 0;

	while (len - prefix > sizeof(header->name)) {
		const char *slash = strchr(name + prefix, '/');

		if (!slash || (size_t)(slash - name) > sizeof(header->prefix))
			return false;
		prefix = (size_t)(slash - name) + 1;
	}
	if (prefix)
		memcpy(header->prefix, name, prefix - 1);
	memcpy(header->name, name + prefix, len - prefix);
	return true;
}

static bool put_file(struct kl_buf *tar, const struct kl_file *file)
{
	static const char zeros[KL_TAR_BLOCK];
	struct kl_tar_header header = { .type = '0' };

	if (!put_name(&header, file->name))
		return false;
	memcpy(header.mode, "0000644", 8);
	memcpy(header.uid, "0000000", 8);
	memcpy(header.gid, "0000000", 8);
	memcpy(header.mtime, "00000000000", 12);
	memcpy(header.magic, "ustar\00000", 8);
	kl_tar_put(header.size, sizeof(header.size) - 1, file->len);
	kl_tar_put(header.checksum, 6, kl_tar_checksum(&header));
	header.checksum[7] = ' ';
	kl_buf_add(tar, &header, sizeof(header));
	kl_buf_add(tar, file->text, file->len);
	kl_buf_add(tar, zeros, (KL_TAR_BLOCK - file->len % KL_TAR_BLOCK) % KL_TAR_BLOCK);
	return true;
}

static enum kl_status write_tar(struct kl_buf *tar, const struct kl_archive *archive, struct kl_error *err)
{
	static const char end[2 * KL_TAR_BLOCK];

	kl_buf_init(tar, SIZE_MAX / 2);
	for (size_t i = 0; i < archive->count; i++)
		if (!put_file(tar, &archive->files[i]))
			return kl_fail(err, KL_EINVAL, "the name '%.200s' is too long for an archive",
				       archive->files[i].name);
	kl_buf_add(tar, end, sizeof(end));
	return KL_OK;
}

static void gzip(char **bytes, size_t *len, const struct kl_buf *tar)
{
	z_stream stream = { .next_in = (z_const unsigned char *)tar->data, .avail_in = (unsigned)tar->len };
	size_t room;

	if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		kl_die("kodelab: zlib does not start");
	room = deflateBound(&stream, tar->len);
	*bytes = kl_alloc(room + 1);
	stream.next_out = (unsigned char *)*bytes;
	stream.avail_out = (unsigned)room;
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		kl_die("kodelab: zlib does not end");
	*len = stream.total_out;
	deflateEnd(&stream);
}

enum kl_status kl_archive_write(char **bytes, size_t *len, const struct kl_archive *archive, struct kl_error *err)
{
	struct kl_buf tar;
	enum kl_status status = write_tar(&tar, archive, err);

	if (!status && tar.len > UINT32_MAX)
		status = kl_fail(err, KL_EMANY, "the files are too large for one archive");
	if (!status)
		gzip(bytes, len, &tar);
	kl_buf_release(&tar);
	return status;
}

void kl_archive_hash(char hex[KL_SHA256_SIZE], const struct kl_archive *archive)
{
	struct kl_buf text;

	kl_buf_init(&text, SIZE_MAX / 2);
	for (size_t i = 0; i < archive->count; i++) {
		const struct kl_file *file = &archive->files[i];

		kl_buf_addf(&text, "%zu %s %zu ", strlen(file->name), file->name, file->len);
		kl_buf_add(&text, file->text, file->len);
	}
	kl_sha256(hex, text.data, text.len);
	kl_buf_release(&text);
}

/* --- unpacking ---------------------------------------------------------------------------------------------------- */

/* Makes the folders that name lies in, below folder. */
static enum kl_status make_folders(int folder, const char *name, struct kl_error *err)
{
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		char *part = kl_strndup(name, (size_t)(slash - name));
		bool made = mkdirat(folder, part, 0755) == 0 || errno == EEXIST;

		if (!made)
			kl_fail_errno(err, KL_EIO, errno, "cannot make the folder '%s'", part);
		free(part);
		if (!made)
			return err ? err->status : KL_EIO;
	}
	return KL_OK;
}

static enum kl_status write_whole(int fd, const struct kl_file *file, struct kl_error *err)
{
	for (size_t at = 0; at < file->len;) {
		ssize_t put = write(fd, file->text + at, file->len - at);

		if (put < 0 && errno != EINTR)
			return kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", file->name);
		at += put > 0 ? (size_t)put : 0;
	}
	return KL_OK;
}

static enum kl_status unpack_file(int folder, const struct kl_file *file, struct kl_error *err)
{
	enum kl_status status = make_folders(folder, file->name, err);
	int fd;

	if (status)
		return status;
	fd = openat(folder, file->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", file->name);
	status = write_whole(fd, file, err);
	if (close(fd) < 0 && !status)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", file->name);
	return status;
}

enum kl_status kl_archive_unpack(const struct kl_archive *archive, const char *dir, bool durable, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	int folder;

	if (mkdir(dir, 0755) < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot make the folder '%s'", dir);
	folder = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot open the folder '%s'", dir);
	for (size_t i = 0; i < archive->count && !status; i++)
		status = unpack_file(folder, &archive->files[i], err);
	/* One wait for all of them. */
	if (!status && durable && syncfs(folder) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot write into '%s'", dir);
	close(folder);
	return status;
}
