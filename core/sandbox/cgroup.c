/*
 * The kernel's own limits: a delegated part of the cgroup tree, version 2.
 *
 *   TOP                     ours by delegation: systemd-run --user --scope -p Delegate=yes kodelab
 *     kodelab-lab           this process: who hands controllers on may hold no process itself
 *     kodelab-PID-N         a box
 *       keep                bubblewrap and kodelab-box, which must outlive the program
 *       run-N               the processes of one run, with its limits; new for each
 *
 * Nothing is ever moved but this process, once: a move waits for all processors, 10 ms. The box is born in keep and
 * the program in run-N (CLONE_INTO_CGROUP). Everything is decided by trying; what fails is undone.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>

#include "core/sandbox/sandbox_int.h"

#define LEAF         "kodelab-lab"
#define BOX_PREFIX   "kodelab-"
#define FOLDER       (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define REMOVE_TRIES 50 /* 1 ms each: the dead leave a moment after they are reaped */

/* --- files of a folder ------------------------------------------------------------------------------------------ */

static bool put(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return done;
}

static bool put_number(int dir, const char *name, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	return put(dir, name, text);
}

/* Whether a list of words in a file has this one. */
static bool lists(int dir, const char *name, const char *word)
{
	char text[512], *rest = text, *at;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	while ((at = strsep(&rest, " \n")))
		if (!strcmp(at, word))
			return true;
	return false;
}

static bool has_controllers(int dir, const char *name)
{
	return lists(dir, name, "memory") && lists(dir, name, "pids");
}

static int make_folder(int parent, const char *name)
{
	int dir;

	if (mkdirat(parent, name, 0755) < 0)
		return -1;
	dir = openat(parent, name, FOLDER);
	if (dir < 0)
		unlinkat(parent, name, AT_REMOVEDIR);
	return dir;
}

static bool remove_folder(int parent, const char *name, int tries)
{
	for (; tries > 0; tries--) {
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return true;
		if (errno != EBUSY)
			return false;
		if (tries > 1)
			poll(NULL, 0, 1);
	}
	return false;
}

/* Removes a box's folder; tries: for each folder. What still holds a process stays. */
static void remove_box(int top, const char *name, int tries)
{
	int dir = openat(top, name, FOLDER);
	DIR *stream = dir >= 0 ? fdopendir(dir) : NULL;
	struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			remove_folder(dirfd(stream), entry->d_name, tries);
	if (stream)
		closedir(stream);
	else if (dir >= 0)
		close(dir);
	remove_folder(top, name, tries);
}

/* --- ours ------------------------------------------------------------------------------------------------------- */

/* Where version 2 is mounted: the whole of it, as far as this process's cgroup namespace goes. */
static char *find_mount(void)
{
	struct kl_buf mounts;
	char *found = NULL, *rest, *line;

	kl_buf_init(&mounts, (size_t)256 << 10);
	if (kl_file_read(&mounts, "/proc/self/mountinfo", NULL) == KL_OK)
		for (rest = mounts.data; !found && (line = strsep(&rest, "\n"));) {
			char root[64], path[256];

			if (strstr(line, " - cgroup2 ") && sscanf(line, "%*s %*s %*s %63s %255s", root, path) == 2 &&
			    !strcmp(root, "/"))
				found = kl_strdup(path);
		}
	kl_buf_release(&mounts);
	return found;
}

/* This process's place below the mount, from the line "0::/place"; NULL: none, or outside of what is visible. */
static char *find_place(void)
{
	struct kl_buf lines;
	char *found = NULL, *rest, *line;

	kl_buf_init(&lines, 4096);
	if (kl_file_read(&lines, "/proc/self/cgroup", NULL) == KL_OK)
		for (rest = lines.data; !found && (line = strsep(&rest, "\n"));)
			if (!strncmp(line, "0::/", 4) && strncmp(line, "0::/..", 6) != 0)
				found = kl_strdup(line + 3);
	kl_buf_release(&lines);
	return found;
}

/* KL_SANDBOX_LEVEL=0-part: take a folder without the two controllers as well. For tests. */
static bool part_will_do(void)
{
	const char *forced = getenv("KL_SANDBOX_LEVEL");

	return forced && !strcmp(forced, "0-part");
}

/* The top is free of processes when we were alone in it. Undone when not. */
static bool hand_on(int top, bool is_inside)
{
	int leaf;

	if (part_will_do() || has_controllers(top, "cgroup.subtree_control"))
		return true;
	if (is_inside || !has_controllers(top, "cgroup.controllers"))
		return false;
	if (put(top, "cgroup.subtree_control", "+memory +pids"))
		return true; /* the root of a tree: there it may hold processes too */
	if (mkdirat(top, LEAF, 0755) < 0 && errno != EEXIST)
		return false;
	leaf = openat(top, LEAF, FOLDER);
	if (leaf < 0)
		return false;
	if (put(leaf, "cgroup.procs", "0") && put(top, "cgroup.subtree_control", "+memory +pids")) {
		close(leaf);
		return true;
	}
	close(leaf);
	(void)!put(top, "cgroup.procs", "0");
	remove_folder(top, LEAF, 1);
	return false;
}

/* Boxes of a process that was killed. */
static void sweep(int top)
{
	DIR *stream = fdopendir(openat(top, ".", FOLDER));
	struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		size_t prefix = strlen(BOX_PREFIX);
		char *end = NULL;
		long pid = 0;

		if (strncmp(entry->d_name, BOX_PREFIX, prefix) == 0)
			pid = strtol(entry->d_name + prefix, &end, 10);
		if (pid > 1 && *end == '-' && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
			remove_box(top, entry->d_name, 1);
	}
	if (stream)
		closedir(stream);
}

int kl_cgroup_open(void)
{
	char *mount = find_mount(), *place = find_place(), *path = NULL;
	size_t len = place ? strlen(place) : 0, leaf_len = strlen("/" LEAF);
	bool inside = len >= leaf_len && !strcmp(place + len - leaf_len, "/" LEAF);
	int top = -1;

	if (inside)
		place[len - leaf_len] = '\0';
	if (mount && place) {
		path = kl_format("%s%s", mount, place);
		top = open(path, FOLDER);
	}
	if (top >= 0 && !hand_on(top, inside)) {
		close(top);
		top = -1;
	}
	if (top >= 0)
		sweep(top);
	free(path);
	free(place);
	free(mount);
	return top;
}

/* --- a box ------------------------------------------------------------------------------------------------------ */

/* The box's account may move nothing but its own processes within its own folder. */
static bool give(int dir, uid_t uid)
{
	return uid == geteuid() || fchownat(dir, "cgroup.procs", uid, (gid_t)-1, 0) == 0;
}

bool kl_cgroup_box_make(struct kl_cgroup_box *box, int top, unsigned number, uid_t uid)
{
	*box = (struct kl_cgroup_box){ .top = top, .dir = -1, .keep = -1, .run = -1, .uid = uid };
	snprintf(box->name, sizeof(box->name), BOX_PREFIX "%d-%u", (int)getpid(), number);
	box->dir = make_folder(top, box->name);
	if (box->dir < 0)
		return false;
	box->keep = make_folder(box->dir, "keep");
	if (box->keep >= 0 && give(box->dir, uid) &&
	    (!has_controllers(box->dir, "cgroup.controllers") ||
	     put(box->dir, "cgroup.subtree_control", "+memory +pids")))
		return true;
	kl_cgroup_box_end(box);
	return false;
}

/* Without the controllers (0-part, or taken away since) kodelab-box sees that and watches memory itself. */
static bool limit(int run, int64_t memory_kib, unsigned processes)
{
	if (faccessat(run, "memory.max", F_OK, 0) < 0)
		return true;
	(void)!put(run, "memory.swap.max", "0"); /* not there without swap */
	return put_number(run, "memory.max", memory_kib * 1024) && put(run, "memory.oom.group", "1") &&
	       put_number(run, "pids.max", processes);
}

int kl_cgroup_run_make(struct kl_cgroup_box *box, int64_t memory_kib, unsigned processes)
{
	char name[24];

	kl_cgroup_run_end(box);
	snprintf(name, sizeof(name), "run-%u", ++box->runs);
	box->run = make_folder(box->dir, name);
	if (box->run >= 0 && (!limit(box->run, memory_kib, processes) || !give(box->run, box->uid)))
		kl_cgroup_run_end(box);
	return box->run;
}

void kl_cgroup_run_end(struct kl_cgroup_box *box)
{
	char name[24];

	if (box->run < 0)
		return;
	(void)!put(box->run, "cgroup.kill", "1"); /* all are dead already; the second means */
	close(box->run);
	box->run = -1;
	snprintf(name, sizeof(name), "run-%u", box->runs);
	remove_folder(box->dir, name, 1); /* what is busy now goes with the box */
}

void kl_cgroup_box_end(struct kl_cgroup_box *box)
{
	kl_cgroup_run_end(box);
	if (box->keep >= 0)
		close(box->keep);
	if (box->dir >= 0) {
		(void)!put(box->dir, "cgroup.kill", "1");
		close(box->dir);
		remove_box(box->top, box->name, REMOVE_TRIES);
	}
	*box = (struct kl_cgroup_box){ .top = -1, .dir = -1, .keep = -1, .run = -1 };
}
