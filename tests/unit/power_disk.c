/* Recording what is done to files. */

#include "tests/unit/power_disk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tests/unit/kill_steps.h"
#include "tests/unit/power_int.h"

#define MARK_FD 1000000 /* no descriptor: what is written there is a mark */

/* --- what is known of files ----------------------------------------------------------------------------------------- */

static struct step *add_step(struct power_disk *disk, enum kind kind)
{
	KL_GROW(disk->steps, disk->step_count, disk->step_cap);
	disk->steps[disk->step_count] = (struct step){ .kind = kind, .file = NOTHING };
	return &disk->steps[disk->step_count++];
}

/* Its name below the folder; NULL: it is elsewhere, or memory. Owned by the caller. */
static char *below(const struct power_disk *disk, const char *path)
{
	size_t root = strlen(disk->root), len = strlen(path);

	if (strncmp(path, disk->root, root) != 0 || (path[root] && path[root] != '/') ||
	    (len > 4 && !strcmp(path + len - 4, "-shm")))
		return NULL;
	return kl_strdup(path + root + (path[root] == '/'));
}

static size_t named(const struct power_disk *disk, const char *name)
{
	for (size_t i = disk->step_count; i--;) {
		const struct step *step = &disk->steps[i];

		if (step->kind == NAME && step->name && !strcmp(step->name, name))
			return step->file;
		if (step->kind == NAME && step->former && !strcmp(step->former, name))
			return NOTHING;
	}
	return NOTHING;
}

static size_t numbered(const struct power_disk *disk, ino_t ino)
{
	for (size_t i = disk->file_count; i--;) /* numbers are given again: the newest */
		if (disk->files[i].ino == ino)
			return i;
	return NOTHING;
}

static void add_file(struct power_disk *disk, const char *path, char *name)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	KL_GROW(disk->files, disk->file_count, disk->file_cap);
	disk->files[disk->file_count] = (struct file){ st.st_ino, S_ISDIR(st.st_mode) };
	*add_step(disk, NAME) = (struct step){ NAME, disk->file_count++, .name = name };
}

/* --- system calls --------------------------------------------------------------------------------------------------- */

static char *memory_of(pid_t pid, uint64_t at, size_t len)
{
	char *bytes = kl_calloc(len + 1, 1);
	struct iovec here = { bytes, len }, there = { (void *)(uintptr_t)at, len };

	assert_int_equal(process_vm_readv(pid, &here, 1, &there, 1, 0), len);
	return bytes;
}

static char *text_of(pid_t pid, uint64_t at)
{
	struct kl_buf text;
	char byte;

	kl_buf_init(&text, PATH_MAX);
	do {
		char *one = memory_of(pid, at++, 1);

		byte = *one;
		free(one);
		if (byte)
			kl_buf_add(&text, &byte, 1);
	} while (byte);
	return kl_buf_detach(&text);
}

static char *link_of(pid_t pid, int fd)
{
	char *link = kl_format("/proc/%d/fd/%d", (int)pid, fd), target[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target) - 1);

	free(link);
	target[len > 0 ? len : 0] = '\0';
	return kl_strdup(target);
}

static size_t file_of(const struct power_disk *disk, pid_t pid, int fd)
{
	char *link = kl_format("/proc/%d/fd/%d", (int)pid, fd);
	struct stat st;
	bool there = stat(link, &st) == 0 && st.st_dev == disk->dev;

	free(link);
	return there ? numbered(disk, st.st_ino) : NOTHING;
}

/* Where the next byte would be read or written. */
static size_t place_of(pid_t pid, int fd)
{
	char *path = kl_format("/proc/%d/fdinfo/%d", (int)pid, fd);
	struct kl_buf text;
	size_t place;

	kl_buf_init(&text, 4096);
	assert_int_equal(kl_file_read(&text, path, NULL), KL_OK);
	place = (size_t)strtoull(text.data + strlen("pos:\t"), NULL, 10);
	kl_buf_release(&text);
	free(path);
	return place;
}

static void saw_write(struct power_disk *disk, const struct task *task, size_t len)
{
	int fd = (int)task->args[0];
	size_t file = file_of(disk, task->pid, fd);
	struct step *step;

	if (file == NOTHING)
		return;
	step = add_step(disk, WRITE);
	step->file = file;
	step->from = task->nr == SYS_pwrite64 ? (size_t)task->args[3] : place_of(task->pid, fd) - len;
	step->len = len;
	step->bytes = memory_of(task->pid, task->args[1], len);
}

static void saw_open(struct power_disk *disk, pid_t pid, int fd, uint64_t flags)
{
	char *path = link_of(pid, fd), *name = below(disk, path);

	if (name && flags & O_CREAT && named(disk, name) == NOTHING) {
		add_file(disk, path, name);
		name = NULL;
	} else if (name && flags & O_TRUNC) {
		add_step(disk, CUT)->file = file_of(disk, pid, fd);
	}
	free(name);
	free(path);
}

static void saw_sync(struct power_disk *disk, pid_t pid, int fd)
{
	char *path = link_of(pid, fd), *name = below(disk, path);
	struct stat st;

	if (name && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		add_step(disk, SYNC_FOLDER)->name = name;
		name = NULL;
	} else if (file_of(disk, pid, fd) != NOTHING) {
		add_step(disk, SYNC)->file = file_of(disk, pid, fd);
	}
	free(name);
	free(path);
}

/* from NULL: it was not there before; to NULL: it is not there any more; the former name stays when it is a second one. */
static void saw_names(struct power_disk *disk, pid_t pid, uint64_t from_at, uint64_t to_at, bool second)
{
	char *from = text_of(pid, from_at), *to = to_at ? text_of(pid, to_at) : NULL;
	char *former = below(disk, from), *name = to ? below(disk, to) : NULL;
	size_t file = former ? named(disk, former) : NOTHING;

	if (former && file != NOTHING) {
		struct step *step = add_step(disk, NAME);

		step->name = name;
		step->file = name ? file : NOTHING;
		step->former = second ? NULL : kl_strdup(former);
	} else {
		free(name);
	}
	free(former);
	free(from);
	free(to);
}

static void saw_folder(struct power_disk *disk, pid_t pid, uint64_t at)
{
	char *path = text_of(pid, at), *name = below(disk, path);

	if (name)
		add_file(disk, path, name);
	free(path);
}

static void saw_mark(struct power_disk *disk, const struct task *task)
{
	add_step(disk, MARK)->bytes = memory_of(task->pid, task->args[1], (size_t)task->args[2]);
}

static void saw(struct power_disk *disk, const struct task *task, int64_t result)
{
	const uint64_t *args = task->args;

	if (task->nr == SYS_write && args[0] == MARK_FD)
		saw_mark(disk, task);
	if (result < 0)
		return;
	switch (task->nr) {
	case SYS_write:
	case SYS_pwrite64:
		saw_write(disk, task, (size_t)result);
		break;
	case SYS_openat:
		saw_open(disk, task->pid, (int)result, args[2]);
		break;
	case SYS_ftruncate:
		if (file_of(disk, task->pid, (int)args[0]) != NOTHING)
			*add_step(disk, CUT) =
				(struct step){ CUT, file_of(disk, task->pid, (int)args[0]), .len = (size_t)args[1] };
		break;
	case SYS_fsync:
	case SYS_fdatasync:
		saw_sync(disk, task->pid, (int)args[0]);
		break;
	case SYS_renameat2:
		saw_names(disk, task->pid, args[1], args[3], false);
		break;
	case SYS_linkat:
		saw_names(disk, task->pid, args[1], args[3], true);
		break;
	case SYS_unlinkat:
		saw_names(disk, task->pid, args[1], 0, false);
		break;
	case SYS_mkdirat:
		saw_folder(disk, task->pid, args[1]);
		break;
#ifdef SYS_rename
	case SYS_open:
		saw_open(disk, task->pid, (int)result, args[1]);
		break;
	case SYS_rename:
		saw_names(disk, task->pid, args[0], args[1], false);
		break;
	case SYS_link:
		saw_names(disk, task->pid, args[0], args[1], true);
		break;
	case SYS_unlink:
		saw_names(disk, task->pid, args[0], 0, false);
		break;
	case SYS_mkdir:
		saw_folder(disk, task->pid, args[0]);
		break;
#endif
	default:
		break;
	}
}

/* --- tracing -------------------------------------------------------------------------------------------------------- */

static struct task *task_of(struct power_disk *disk, pid_t pid)
{
	struct task *unused = NULL;

	for (size_t i = 0; i < TASKS; i++) {
		if (disk->tasks[i].pid == pid)
			return &disk->tasks[i];
		if (!disk->tasks[i].pid)
			unused = &disk->tasks[i];
	}
	assert_non_null(unused);
	*unused = (struct task){ .pid = pid };
	return unused;
}

static void at_call(struct power_disk *disk, struct task *task)
{
	struct __ptrace_syscall_info call = { .op = 0 };

	assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, sizeof(call), &call) > 0);
	if (call.op == PTRACE_SYSCALL_INFO_EXIT)
		saw(disk, task, call.exit.rval);
	if (call.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	task->nr = call.entry.nr;
	memcpy(task->args, call.entry.args, sizeof(task->args));
}

/* The signal that a stopped task is to get: none for stops that are of tracing. */
static int signal_of(int stopped)
{
	int signo = WSTOPSIG(stopped);

	return signo == (SIGTRAP | 0x80) || signo == SIGTRAP || signo == SIGSTOP ? 0 : signo;
}

/* Until first and whoever it forked have ended. */
static void follow(struct power_disk *disk, pid_t first)
{
	int stopped;
	pid_t pid;

	assert_int_equal(ptrace(PTRACE_SETOPTIONS, first, NULL,
				PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
					PTRACE_O_TRACECLONE),
			 0);
	assert_int_equal(ptrace(PTRACE_SYSCALL, first, NULL, NULL), 0);
	while ((pid = waitpid(-1, &stopped, __WALL)) > 0) {
		struct task *task = task_of(disk, pid);

		if (!WIFSTOPPED(stopped)) {
			task->pid = 0;
			assert_true(pid != first || (WIFEXITED(stopped) && WEXITSTATUS(stopped) == 0));
			continue;
		}
		if (WSTOPSIG(stopped) == (SIGTRAP | 0x80))
			at_call(disk, task);
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(uintptr_t)signal_of(stopped));
	}
}

struct power_disk *power_record(const char *folder, bool (*work)(void *ctx), void *ctx)
{
	struct power_disk *disk = kl_calloc(1, sizeof(*disk));
	struct stat st;
	pid_t pid;

	assert_int_equal(stat(folder, &st), 0);
	disk->root = kl_strdup(folder);
	disk->dev = st.st_dev;
	pid = steps_start(work, ctx);
	if (!pid) {
		power_free(disk);
		return NULL;
	}
	follow(disk, pid);
	return disk;
}

void power_free(struct power_disk *disk)
{
	if (!disk)
		return;
	for (size_t i = 0; i < disk->step_count; i++) {
		free(disk->steps[i].bytes);
		free(disk->steps[i].name);
		free(disk->steps[i].former);
	}
	free(disk->steps);
	free(disk->files);
	free(disk->root);
	free(disk);
}

void power_mark(const char *text)
{
	(void)!write(MARK_FD, text, strlen(text));
}

size_t power_count(const struct power_disk *disk)
{
	return disk->step_count;
}

bool power_is_sync(const struct power_disk *disk, size_t step)
{
	return disk->steps[step].kind == SYNC || disk->steps[step].kind == SYNC_FOLDER;
}

const char *power_mark_of(const struct power_disk *disk, size_t step)
{
	return disk->steps[step].kind == MARK ? disk->steps[step].bytes : NULL;
}
