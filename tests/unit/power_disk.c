/* Recording what is done to files, and making their disk as it would be found. */

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

#define SECTOR  512
#define MARK_FD 1000000 /* no descriptor: what is written there is a mark */
#define NOTHING SIZE_MAX
#define TASKS   16

enum kind { WRITE, CUT, SYNC, NAME, SYNC_FOLDER, MARK };

struct step {
	enum kind kind;
	size_t file; /* WRITE, CUT, SYNC; NAME: what has it now, NOTHING: nobody */
	size_t from, len; /* WRITE; CUT: len is what is left */
	char *bytes; /* WRITE; MARK: its text */
	char *name,
		*former; /* below the folder. NAME: what is named now, and the name it had, NULL: none; SYNC_FOLDER: name */
};

struct file {
	ino_t ino;
	bool folder;
};

struct task { /* traced; what its system call was asked */
	pid_t pid;
	uint64_t nr, args[6];
};

struct power_disk {
	char *root;
	dev_t dev;
	struct step *steps;
	size_t step_count, step_cap;
	struct file *files;
	size_t file_count, file_cap;
	struct task tasks[TASKS];
};

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

/* --- what is left --------------------------------------------------------------------------------------------------- */

struct left { /* of a file, or of the names */
	size_t synced; /* steps before this one last */
	size_t loose; /* how many since */
	size_t seen; /* of these, while they are gone through */
	char *bytes;
	size_t len, size; /* what was written at most, and what the file is long */
};

static uint64_t mix(uint64_t seed, uint64_t more)
{
	seed ^= more + UINT64_C(0x9e3779b97f4a7c15) + (seed << 6);
	seed = (seed ^ seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	seed = (seed ^ seed >> 27) * UINT64_C(0x94d049bb133111eb);
	return seed ^ seed >> 31;
}

/* So many of the loose steps of a file happened, to this sector of it. */
static size_t moment(const struct power_cut *cut, const struct left *left, size_t file, size_t sector)
{
	uint64_t chance = mix(cut->seed, file);

	switch (cut->loss) {
	case POWER_LOSES_ALL:
		return 0;
	case POWER_TEARS:
		chance = mix(chance, sector);
		break;
	case POWER_KEEPS_SOME:
		break;
	case POWER_KEEPS_ALL:
	case POWER_LOSSES:
		return left->loose;
	}
	return (size_t)(chance % (left->loose + 1));
}

/* Of a name: that of the folder it is in. */
static bool is_in(const char *name, const char *folder)
{
	size_t len = (size_t)(kl_path_name(name) - name);

	return (len ? len - 1 : 0) == strlen(folder) && !strncmp(name, folder, strlen(folder));
}

static const char *place_named(const struct step *step)
{
	return step->name ? step->name : step->former;
}

/* Does a name last: was its folder synced before the power went? */
static bool name_lasts(const struct power_disk *disk, size_t at, size_t step)
{
	for (size_t i = step + 1; i < at; i++)
		if (disk->steps[i].kind == SYNC_FOLDER && is_in(place_named(&disk->steps[step]), disk->steps[i].name))
			return true;
	return false;
}

static void count_loose(const struct power_disk *disk, const struct power_cut *cut, struct left *left)
{
	for (size_t i = 0; i < cut->at; i++) {
		const struct step *step = &disk->steps[i];

		if (step->kind == SYNC) {
			left[step->file].synced = i;
			left[step->file].loose = 0;
		} else if (step->kind == WRITE || step->kind == CUT) {
			left[step->file].loose++;
		}
	}
}

static void change_sector(struct left *left, const struct step *step, size_t sector)
{
	size_t begin = sector * SECTOR, end = begin + SECTOR;

	if (begin < step->from)
		begin = step->from;
	if (step->kind == CUT) {
		if (begin < left->len)
			memset(left->bytes + begin, 0, (end < left->len ? end : left->len) - begin);
		return;
	}
	if (end > step->from + step->len)
		end = step->from + step->len;
	memcpy(left->bytes + begin, step->bytes + (begin - step->from), end - begin);
}

/* from, to: what of the file is another one by it. */
static void change_file(const struct power_cut *cut, struct left *left, const struct step *step, size_t number)
{
	struct step change = *step;
	size_t file = step->file, end = step->from + step->len;
	bool loose = number >= left->synced;
	size_t order = loose ? left->seen++ : 0;

	if (step->kind == CUT) {
		change.from = step->len;
		end = left->len;
	} else if (end > left->len) {
		left->bytes = kl_realloc_array(left->bytes, end, 1);
		memset(left->bytes + left->len, 0, end - left->len);
		left->len = end;
	}
	for (size_t at = change.from; at < end; at = (at / SECTOR + 1) * SECTOR)
		if (!loose || order < moment(cut, left, file, at / SECTOR))
			change_sector(left, &change, at / SECTOR);
	if (loose && order >= moment(cut, left, file, NOTHING))
		return;
	if (step->kind == CUT || left->size < end)
		left->size = step->kind == CUT ? step->len : end;
}

/* Which name is whose at the end: names[file] is borrowed; a file may have several, so each step has its own. */
static bool name_counts(const struct power_disk *disk, const struct power_cut *cut, size_t number, struct left *names)
{
	if (name_lasts(disk, cut->at, number))
		return true;
	return names->seen++ < moment(cut, names, disk->file_count, 0);
}

static void put_file(const char *folder, const char *name, const struct file *file, const struct left *left)
{
	char *path = kl_path_join(folder, name);
	int fd;

	if (file->folder) {
		assert_true(mkdir(path, 0700) == 0 || errno == ENOENT || errno == EEXIST);
	} else if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) >= 0) { /* its folder is there */
		size_t len = left->len < left->size ? left->len : left->size;

		assert_int_equal(write(fd, left->bytes ? left->bytes : "", len), len);
		assert_int_equal(ftruncate(fd, (off_t)left->size), 0);
		close(fd);
	}
	free(path);
}

static void take_away(const char *folder, const char *name)
{
	char *path = kl_path_join(folder, name);

	if (unlink(path) < 0)
		rmdir(path);
	free(path);
}

static void put_names(const struct power_disk *disk, const char *folder, const struct power_cut *cut,
		      const struct left *left)
{
	struct left names = { .synced = 0 };

	for (size_t i = 0; i < cut->at; i++)
		names.loose += disk->steps[i].kind == NAME && !name_lasts(disk, cut->at, i);
	for (size_t i = 0; i < cut->at; i++) {
		const struct step *step = &disk->steps[i];

		if (step->kind != NAME || !name_counts(disk, cut, i, &names))
			continue;
		if (step->former)
			take_away(folder, step->former);
		if (step->name)
			put_file(folder, step->name, &disk->files[step->file], &left[step->file]);
	}
}

void power_restore(const struct power_disk *disk, const char *folder, const struct power_cut *cut)
{
	struct left *left = kl_calloc(disk->file_count + 1, sizeof(*left));

	count_loose(disk, cut, left);
	for (size_t i = 0; i < cut->at; i++) {
		const struct step *step = &disk->steps[i];

		if (step->kind == WRITE || step->kind == CUT)
			change_file(cut, &left[step->file], step, i);
	}
	put_names(disk, folder, cut, left);
	for (size_t i = 0; i < disk->file_count; i++)
		free(left[i].bytes);
	free(left);
}

/* --- every cut ------------------------------------------------------------------------------------------------------ */

static void cut_once(const struct power_disk *disk, const char *folder, const struct power_cut *cut,
		     void (*check)(void *ctx, const struct power_cut *cut), void *ctx)
{
	assert_int_equal(mkdir(folder, 0700), 0);
	power_restore(disk, folder, cut);
	check(ctx, cut);
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
}

/* How often a cut is made before a step with a loss; turn: how many steps were cut before already. */
static int times(enum power_loss loss, size_t turn)
{
	const char *said = getenv("KL_POWER");

	if (said)
		return loss < POWER_KEEPS_SOME ? 1 : (int)strtol(said, NULL, 10);
	return loss == POWER_TEARS || loss == turn % POWER_TEARS;
}

size_t power_every_cut(const struct power_disk *disk, const char *folder, size_t elsewhere,
		       void (*check)(void *ctx, const struct power_cut *cut), void *ctx)
{
	size_t every = getenv("KL_POWER") ? 1 : disk->step_count / (elsewhere + 1) + 1, turn = 0, count = 0;

	for (size_t at = 0; at <= disk->step_count; at++) {
		if (at < disk->step_count && !power_is_sync(disk, at) && at % every)
			continue;
		for (int loss = 0; loss < POWER_LOSSES; loss++)
			for (int i = 0; i < times((enum power_loss)loss, turn); i++, count++) {
				const struct power_cut cut = { at, (enum power_loss)loss, mix(at, (uint64_t)i) };

				cut_once(disk, folder, &cut, check, ctx);
			}
		turn++;
	}
	return count;
}
