/*
 * Removing a folder that a hostile program may have filled: links are never followed, other file systems are left
 * alone, and a chain of folders deeper than our descriptors is folded up (a folder found too deep is first moved
 * to the top, then taken as one of the top's own).
 */

#include <kodelab/file.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLD_DEPTH 32

struct removal {
	const char *path; /* for sentences */
	int top; /* the folder that is emptied */
	dev_t device; /* of the file system we stay in */
	unsigned folded; /* folders moved to the top so far */
	struct kl_error *err;
};

static enum kl_status empty_folder(struct removal *removal, int folder, int depth);

static enum kl_status failed(struct removal *removal, const char *name)
{
	return kl_fail_errno(removal->err, KL_EIO, errno, "cannot remove '%s' in '%s'", name, removal->path);
}

/* Gives us the rights of a folder; by descriptor, so that a swapped link is not followed. */
static bool take_rights(int parent, const char *name)
{
	int handle = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char self[64];
	bool taken;

	if (handle < 0)
		return false;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", handle);
	taken = chmod(self, 0700) == 0;
	close(handle);
	return taken;
}

static int open_folder(int parent, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(parent, name, flags);

	if (fd < 0 && errno == EACCES && take_rights(parent, name))
		fd = openat(parent, name, flags);
	return fd;
}

/* Moving a folder writes its "..", and so wants rights of both its parent and itself. */
static bool move_to_top(const struct removal *removal, int folder, const char *name, const char *moved)
{
	if (renameat(folder, name, removal->top, moved) == 0)
		return true;
	return errno == EACCES && fchmod(folder, 0700) == 0 && take_rights(folder, name) &&
	       renameat(folder, name, removal->top, moved) == 0;
}

static enum kl_status fold(struct removal *removal, int folder, const char *name)
{
	char moved[64];

	do
		snprintf(moved, sizeof(moved), ".kodelab-folded-%u", removal->folded++);
	while (faccessat(removal->top, moved, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
	if (!move_to_top(removal, folder, name, moved))
		return failed(removal, name);
	return KL_OK;
}

static enum kl_status remove_folder(struct removal *removal, int parent, const char *name, int depth)
{
	enum kl_status status;
	struct stat st;
	int fd;

	if (depth == FOLD_DEPTH)
		return fold(removal, parent, name);
	fd = open_folder(parent, name);
	if (fd < 0)
		return errno == ENOENT ? KL_OK : failed(removal, name);
	if (fstat(fd, &st) == 0 && st.st_dev != removal->device)
		status = kl_fail(removal->err, KL_EDENIED, "'%s' in '%s' is another file system and was left alone",
				 name, removal->path);
	else
		status = empty_folder(removal, fd, depth + 1);
	close(fd);
	if (status)
		return status;
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return failed(removal, name);
	return KL_OK;
}

static enum kl_status remove_entry(struct removal *removal, int folder, const char *name, int depth)
{
	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return KL_OK;
	if (errno == EACCES && fchmod(folder, 0700) == 0 && unlinkat(folder, name, 0) == 0)
		return KL_OK;
	if (errno == EISDIR || errno == EPERM)
		return remove_folder(removal, folder, name, depth);
	return failed(removal, name);
}

static enum kl_status empty_once(struct removal *removal, DIR *entries, int folder, int depth, bool *found)
{
	struct dirent *entry;

	while ((entry = readdir(entries))) {
		enum kl_status status;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		*found = true;
		status = remove_entry(removal, folder, entry->d_name, depth);
		if (status)
			return status;
	}
	return KL_OK;
}

/* Again and again until nothing is found: folded folders appear in the top while it is read. */
static enum kl_status empty_folder(struct removal *removal, int folder, int depth)
{
	enum kl_status status = KL_OK;
	bool found = true;

	while (!status && found) {
		int copy = fcntl(folder, F_DUPFD_CLOEXEC, 0);
		DIR *entries = copy < 0 ? NULL : fdopendir(copy);

		if (!entries) {
			status = failed(removal, ".");
			if (copy >= 0)
				close(copy);
			return status;
		}
		rewinddir(entries);
		found = false;
		status = empty_once(removal, entries, folder, depth, &found);
		closedir(entries);
	}
	return status;
}

enum kl_status kl_file_remove_tree(const char *path, struct kl_error *err)
{
	struct removal removal = { .path = path, .err = err };
	enum kl_status status;
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? KL_OK : kl_fail_errno(err, KL_EIO, errno, "cannot remove '%s'", path);
	if (!S_ISDIR(st.st_mode)) {
		if (unlink(path) < 0 && errno != ENOENT)
			return kl_fail_errno(err, KL_EIO, errno, "cannot remove '%s'", path);
		return KL_OK;
	}
	removal.device = st.st_dev;
	removal.top = open_folder(AT_FDCWD, path);
	if (removal.top < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot remove '%s'", path);
	status = empty_folder(&removal, removal.top, 0);
	close(removal.top);
	if (!status && rmdir(path) < 0 && errno != ENOENT)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot remove '%s'", path);
	return status;
}
