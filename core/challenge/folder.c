/* Files of packs. Packs come from strangers: no link is followed, nothing but regular files is read, all have a maximum. */

#include "core/challenge/challenge_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utf8proc.h>

#include <kodelab/path.h>

enum kl_status kl_folder_open(int *out, int folder, const char *name, struct kl_error *err)
{
	int top = folder == AT_FDCWD ? 0 : O_NOFOLLOW; /* a person may name a pack by a link */
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | top);

	if (fd < 0 && errno == ENOENT)
		return kl_fail(err, KL_ENOENT, "there is no folder '%s'", name);
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return kl_fail(err, KL_EINVAL, "'%s' is not a folder (links are not followed)", name);
	if (fd < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot open the folder '%s'", name);
	*out = fd;
	return KL_OK;
}

static enum kl_status read_all(struct kl_buf *out, int fd, const char *shown, struct kl_error *err)
{
	char chunk[16384];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return kl_fail_errno(err, KL_EIO, errno, "cannot read '%s'", shown);
		if (!kl_buf_add(out, chunk, (size_t)got))
			return kl_fail(err, KL_EMANY, "%s: too large (over %zu KiB)", shown, out->max >> 10);
	}
	return KL_OK;
}

enum kl_status kl_folder_read(struct kl_buf *out, int folder, const char *name, const char *shown, struct kl_error *err)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	enum kl_status status;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return kl_fail(err, KL_ENOENT, "there is no file '%s'", shown);
	if (fd < 0 && errno == ELOOP)
		return kl_fail(err, KL_EINVAL, "'%s' is a symbolic link: put the file itself there", shown);
	if (fd < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot open '%s'", shown);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		status = kl_fail(err, KL_EINVAL, "'%s' is not a regular file", shown);
	else
		status = read_all(out, fd, shown, err);
	close(fd);
	return status;
}

enum kl_status kl_folder_read_json(struct kl_json **out, int folder, const char *name, size_t max, struct kl_error *err)
{
	struct kl_buf text;
	enum kl_status status;

	kl_buf_init(&text, max);
	status = kl_folder_read(&text, folder, name, kl_path_name(name), err);
	if (!status)
		status = kl_json_parse(out, text.data, text.len, max, kl_path_name(name), err);
	kl_buf_release(&text);
	return status;
}

int kl_text_bad_line(const char *text, size_t len)
{
	int line = 1;

	for (size_t at = 0; at < len;) {
		utf8proc_int32_t rune;
		utf8proc_ssize_t step =
			utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &rune);

		if (step <= 0 || !rune)
			return line;
		line += rune == '\n';
		at += (size_t)step;
	}
	return 0;
}

enum kl_status kl_folder_read_text(char **text, size_t *len, int folder, const char *name, const char *shown,
				   struct kl_error *err)
{
	struct kl_buf bytes;
	enum kl_status status;
	int bad_line;

	kl_buf_init(&bytes, strcmp(name, "statement.md") != 0 ? KL_SOURCE_MAX : KL_STATEMENT_MAX);
	status = kl_folder_read(&bytes, folder, name, shown, err);
	bad_line = status ? 0 : kl_text_bad_line(bytes.data, bytes.len);
	if (bad_line)
		status = kl_fail(err, KL_EINVAL, "%s:%d: this line is not UTF-8 text", shown, bad_line);
	if (!status) {
		*len = bytes.len;
		*text = kl_buf_detach(&bytes);
	}
	kl_buf_release(&bytes);
	return status;
}
