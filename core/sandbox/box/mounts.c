/*
 * What a run finds under /box, /tmp, /dev/shm and /proc. All of it is new for each run and dies with the run's
 * mount namespace, so there is nothing to clean: deep trees, odd modes and odd names vanish with it.
 */

#include "core/sandbox/box/box_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger kept files are not copied into each run's /box but bound there, read-only. */
#define BIND_FROM ((uint64_t)128 << 10)

static const struct place {
	const char *path, *mode;
} places[] = {
	{ "/box", "0755" },
	{ "/tmp", "1777" },
	{ "/dev/shm", "1777" },
};

static bool mount_places(const struct wire_run *run)
{
	char options[128];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(options, sizeof(options), "size=%llu,nr_inodes=%u,mode=%s", (unsigned long long)run->tmpfs_max,
			 run->inodes, places[i].mode);
		if (mount("tmpfs", places[i].path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
			return false;
	}
	return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) == 0;
}

static bool bind_file(const char *name)
{
	char from[600], to[600];

	snprintf(from, sizeof(from), BOX_BASE "/%s", name);
	snprintf(to, sizeof(to), "/box/%s", name);
	return mount(from, to, NULL, MS_BIND, NULL) == 0;
}

static bool write_files(const struct bundle *bundle, int dir, bool bind_large)
{
	struct bundle_file file;
	size_t at = 0;

	while (bundle && bundle_next(bundle, &at, &file)) {
		bool bound = bind_large && file.len >= BIND_FROM;

		if (!bundle_write(dir, &file, bound))
			return false;
		if (bound && !bind_file(file.name))
			return false;
	}
	return true;
}

/* The run's own files first: what is already there stays, so they win over the base. */
static bool fill(const struct box *box, const struct request *request, bool bind_large)
{
	int dir = open(box->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = dir >= 0 && write_files(request->bundle, dir, false) && write_files(box->base, dir, bind_large);

	if (dir >= 0)
		close(dir);
	return done;
}

/* BOX_BASE stays visible, read-only: it holds the box's own files, and an unmount waits for all processors. */
bool mounts_make(const struct box *box, const struct request *request)
{
	return mount_places(&request->run) && fill(box, request, true);
}

bool mounts_fill(const struct box *box, const struct request *request)
{
	return fill(box, request, false);
}

void mounts_drop_base(void)
{
	umount2(BOX_BASE, MNT_DETACH);
}

bool mounts_keep_base(const struct box *box)
{
	struct bundle_file file;
	size_t at = 0;
	bool done = true;
	int dir;

	mounts_drop_base(); /* an earlier one */
	if (mount("tmpfs", BOX_BASE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		return false;
	dir = open(BOX_BASE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (dir >= 0 && done && bundle_next(box->base, &at, &file))
		if (file.len >= BIND_FROM)
			done = bundle_write(dir, &file, false);
	if (dir >= 0)
		close(dir);
	return dir >= 0 && done &&
	       mount(NULL, BOX_BASE, NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) == 0;
}

/* --- without namespaces ----------------------------------------------------------------------------------------- */

/* Folders the program made unreadable are its own, so they can be opened up again. */
static int open_up(int dir, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int sub = openat(dir, name, flags);

	if (sub < 0 && errno == EACCES && fchmodat(dir, name, 0700, 0) == 0)
		sub = openat(dir, name, flags);
	return sub;
}

/* Removes what a dead program left: always through the descriptor of the folder, never through a path. */
static void empty_dir(int dir, int depth)
{
	DIR *stream = fdopendir(dir);
	struct dirent *entry;

	if (!stream) {
		close(dir);
		return;
	}
	while ((entry = readdir(stream))) {
		const char *name = entry->d_name;
		int sub;

		if (!strcmp(name, ".") || !strcmp(name, "..") || unlinkat(dirfd(stream), name, 0) == 0)
			continue;
		sub = depth < 200 ? open_up(dirfd(stream), name) : -1;
		if (sub >= 0)
			empty_dir(sub, depth + 1);
		unlinkat(dirfd(stream), name, AT_REMOVEDIR);
	}
	closedir(stream);
}

void mounts_empty(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		empty_dir(fd, 0);
}
