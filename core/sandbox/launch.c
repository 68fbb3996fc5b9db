/*
 * Starting kodelab-box inside its walls.
 *
 * bubblewrap gets an empty environment (the program can read what pid 1 was started with), its arguments through a
 * descriptor, and no other descriptor than the five named in wire.h. kodelab-box is executed through a descriptor
 * too: so its place need not be visible inside, nor readable for the account the box runs under.
 *
 * Started by root, a box runs under an account nobody else has: limits on processes do not hold for root.
 */

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/worker.h>

#include "core/sandbox/sandbox_int.h"

#define SLOT_FIRST 60600u /* 60578-61183 are nobody's, by Debian policy and systemd's list of UIDs */
#define SLOT_COUNT 512u
#define FD_HIGH    20 /* ours are moved up here, out of the way of the child's */
#define END_MS     1000

enum { FD_IN, FD_OUT, FD_ERR, FD_CONTROL, FD_ARGS, FD_EXE, FD_PASSWD, FD_COUNT };

struct start { /* prepared before vfork, then only read */
	const char *program;
	const char *argv[8];
	int fds[FD_COUNT]; /* become 0 .. FD_COUNT - 1 */
	uid_t uid;
	bool become; /* change to uid first */
	int cgroup; /* to be born in; -1: where we are */
};

static const char *const wrappers[] = { "/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap" };

/* --- bubblewrap's arguments ------------------------------------------------------------------------------------- */

/*
 * Not --die-with-parent: bubblewrap's outer half would die with us between making the inner one and letting it go on, and
 * the inner one would wait for ever. Both go on instead, until kodelab-box finds its socket closed (box/main.c).
 */
/* clang-format off */
static const char *const arguments[] = {
	"--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
	"--uid", "1000", "--gid", "1000", "--hostname", "box",
	"--new-session", "--as-pid-1",
	"--ro-bind", "/usr", "/usr",
	"--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
	"--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
	"--file", "6", "/etc/passwd", /* FD_PASSWD */
	"--proc", "/proc",
	"--tmpfs", "/dev",
	"--dev-bind", "/dev/null", "/dev/null",
	"--dev-bind", "/dev/zero", "/dev/zero",
	"--dev-bind", "/dev/full", "/dev/full",
	"--dev-bind", "/dev/random", "/dev/random",
	"--dev-bind", "/dev/urandom", "/dev/urandom",
	"--symlink", "/proc/self/fd", "/dev/fd",
	"--symlink", "/proc/self/fd/0", "/dev/stdin",
	"--symlink", "/proc/self/fd/1", "/dev/stdout",
	"--symlink", "/proc/self/fd/2", "/dev/stderr",
	NULL
};

/* With a cgroup each run gets a namespace of its own around it (program.c): one around the box would shut it out. */
static const char *const cgroup_arguments[] = { "--unshare-cgroup-try", NULL };

static const char *const nested_arguments[] = {
	"--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP",
	"--dir", "/box", "--dir", "/tmp", "--dir", "/base", "--dir", "/dev/shm",
	NULL
};

/* One run per bubblewrap: the folders are mounted by it; only their inodes cannot be limited then. */
static const char *const flat_arguments[] = {
	"--cap-drop", "ALL",
	"--size", "134217728", "--tmpfs", "/box",
	"--size", "134217728", "--tmpfs", "/tmp",
	"--size", "33554432", "--tmpfs", "/dev/shm",
	NULL
};

/* clang-format on */

static const char *const system_folders[] = { "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32" };

static const char passwd[] = "root:x:0:0::/:/bin/sh\nbox:x:1000:1000::/box:/bin/sh\n";

static void add(struct kl_buf *args, const char *text)
{
	kl_buf_add(args, text, strlen(text) + 1);
}

static void add_all(struct kl_buf *args, const char *const *texts)
{
	for (; *texts; texts++)
		add(args, *texts);
}

/* Links on systems with a merged /usr, folders elsewhere: the same inside. */
static void add_system_folders(struct kl_buf *args)
{
	for (size_t i = 0; i < KL_LENGTH(system_folders); i++) {
		char target[256];
		ssize_t len = readlink(system_folders[i], target, sizeof(target) - 1);

		if (len > 0) {
			target[len] = '\0';
			add_all(args, (const char *[]){ "--symlink", target, system_folders[i], NULL });
		} else {
			add_all(args, (const char *[]){ "--ro-bind-try", system_folders[i], system_folders[i], NULL });
		}
	}
}

/* Most often a link into /usr, which is visible inside: a link costs a tenth of a mount. */
static void add_localtime(struct kl_buf *args)
{
	char target[256] = "";
	ssize_t len = readlink("/etc/localtime", target, sizeof(target) - 1);

	if (len > 0 && !strncmp(target, "/usr/", 5) && !strstr(target, "/../"))
		add_all(args, (const char *[]){ "--symlink", target, "/etc/localtime", NULL });
	else
		add_all(args, (const char *[]){ "--ro-bind-try", "/etc/localtime", "/etc/localtime", NULL });
}

/* A bind may be a pattern ("/etc/java-*"); what is not there is left out. */
static void add_binds(struct kl_buf *args, const char *const *binds)
{
	for (; binds && *binds; binds++) {
		glob_t found;

		if (**binds != '/' || glob(*binds, GLOB_NOSORT, NULL, &found) != 0)
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++)
			add_all(args, (const char *[]){ "--ro-bind-try", found.gl_pathv[i], found.gl_pathv[i], NULL });
		globfree(&found);
	}
}

static void build_arguments(struct kl_buf *args, const struct kl_sandbox *sandbox, const char *const *binds)
{
	kl_buf_init(args, (size_t)64 << 10);
	add_all(args, arguments);
	if (sandbox->cgroup < 0)
		add_all(args, cgroup_arguments);
	add_system_folders(args);
	add_localtime(args);
	add_binds(args, binds);
	add_all(args, sandbox->walls == KL_WALLS_FLAT ? flat_arguments : nested_arguments);
	add_all(args, (const char *[]){ "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", NULL });
}

static int text_fd(const char *name, const char *bytes, size_t len)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int arguments_fd(const struct kl_sandbox *sandbox, const char *const *binds)
{
	struct kl_buf args;
	int fd;

	build_arguments(&args, sandbox, binds);
	fd = text_fd("arguments", args.data, args.len);
	kl_buf_release(&args);
	return fd;
}

/* --- the child: system calls only, it shares our memory --------------------------------------------------------- */

static bool change_account(uid_t uid)
{
	return syscall(SYS_setgroups, 0, NULL) == 0 && syscall(SYS_setresgid, uid, uid, uid) == 0 &&
	       syscall(SYS_setresuid, uid, uid, uid) == 0;
}

static void run_child(const struct start *start)
{
	static char *const no_environment[] = { NULL };
	char *argv[KL_LENGTH(start->argv)];

	memcpy(argv, start->argv, sizeof(argv));
	for (int fd = 0; fd < FD_COUNT; fd++)
		if (start->fds[fd] >= 0 && dup2(start->fds[fd], fd) < 0)
			_exit(127);
	if (setsid() < 0 || /* a terminal that hangs up, or C-c, would end the outer half alone */
	    syscall(SYS_close_range, FD_COUNT, ~0u, 0) < 0 || chdir("/") < 0 ||
	    (start->become && !change_account(start->uid)))
		_exit(126);
	kl_child_reset_signals();
	execve(start->program, argv, no_environment);
	_exit(127);
}

/* --- the start -------------------------------------------------------------------------------------------------- */

static const char *find_wrapper(void)
{
	for (size_t i = 0; i < KL_LENGTH(wrappers); i++)
		if (access(wrappers[i], X_OK) == 0)
			return wrappers[i];
	return NULL;
}

static enum kl_status make_folder(struct kl_launched *launched, bool become, struct kl_error *err)
{
	const char *top = getenv("TMPDIR");

	launched->dir = kl_format("%s/kodelab-box-XXXXXX", top && *top == '/' ? top : "/tmp");
	if (mkdtemp(launched->dir) && (!become || chown(launched->dir, launched->uid, launched->uid) == 0))
		return KL_OK;
	return kl_fail_errno(err, KL_EIO, errno, "cannot make a folder for the program");
}

static int raised(int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FD_HIGH);

	if (fd >= 0)
		close(fd);
	return high;
}

static bool open_descriptors(struct start *start, struct kl_launched *launched, const struct kl_sandbox *sandbox,
			     const char *const *binds)
{
	int control[2] = { -1, -1 }, errors[2] = { -1, -1 };
	bool wrapped = sandbox->walls != KL_WALLS_BARE;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0 ||
	    pipe2(errors, O_CLOEXEC | O_NONBLOCK) < 0) {
		close(control[0]);
		close(control[1]);
		return false;
	}
	launched->control = raised(control[0]);
	launched->errors = raised(errors[0]);
	start->fds[FD_IN] = raised(open("/dev/null", O_RDWR | O_CLOEXEC));
	start->fds[FD_OUT] = fcntl(start->fds[FD_IN], F_DUPFD_CLOEXEC, FD_HIGH);
	start->fds[FD_ERR] = raised(errors[1]);
	start->fds[FD_CONTROL] = raised(control[1]);
	start->fds[FD_ARGS] = wrapped ? raised(arguments_fd(sandbox, binds)) : -1;
	start->fds[FD_EXE] = fcntl(sandbox->exe_fd, F_DUPFD_CLOEXEC, FD_HIGH);
	start->fds[FD_PASSWD] = raised(text_fd("passwd", passwd, sizeof(passwd) - 1));
	for (int i = 0; i < FD_COUNT; i++)
		if (start->fds[i] < 0 && (i != FD_ARGS || wrapped))
			return false;
	return launched->control >= 0 && launched->errors >= 0;
}

static enum kl_status choose_program(struct start *start, const struct kl_sandbox *sandbox, const char *dir,
				     struct kl_error *err)
{
	static const char exe[] = "/proc/self/fd/5"; /* WIRE_EXE_FD */

	if (sandbox->walls == KL_WALLS_BARE) {
		start->program = exe;
		memcpy(start->argv, (const char *[]){ "kodelab-box", "bare", dir, sandbox->weak ? "weak" : NULL, NULL },
		       5 * sizeof(char *));
		return KL_OK;
	}
	start->program = find_wrapper();
	if (!start->program)
		return kl_fail(err, KL_ENOTOOL, "bubblewrap is missing: sudo apt install bubblewrap");
	memcpy(start->argv,
	       (const char *[]){ "bwrap", "--args", "4", "--", exe, sandbox->walls == KL_WALLS_FLAT ? "flat" : "nested",
				 NULL },
	       7 * sizeof(char *));
	return KL_OK;
}

/* There is no vfork into a cgroup; a fork copies page tables, which is still less than moving (cgroup.c). */
static pid_t fork_into(int cgroup)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };

	args.cgroup = (uint64_t)cgroup;
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static pid_t start_child(const struct start *start)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old); /* no handler of ours may run in the child */
	/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork): makes system calls only */
	pid = start->cgroup >= 0 ? fork_into(start->cgroup) : vfork();
	if (pid == 0)
		run_child(start);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

enum kl_status kl_launch_start(struct kl_launched *out, struct kl_sandbox *sandbox, const char *const *binds,
			       struct kl_error *err)
{
	struct kl_launched launched = KL_LAUNCHED_NONE;
	struct start start = { .fds = { -1, -1, -1, -1, -1, -1, -1 }, .become = geteuid() == 0, .cgroup = -1 };
	enum kl_status status = KL_OK;

	launched.uid = geteuid();
	if (start.become)
		launched.uid = start.uid = SLOT_FIRST + sandbox->next_slot++ % SLOT_COUNT;
	if (sandbox->walls == KL_WALLS_BARE)
		status = make_folder(&launched, start.become, err);
	if (!status)
		status = choose_program(&start, sandbox, launched.dir, err);
	if (!status && sandbox->cgroup >= 0 &&
	    !kl_cgroup_box_make(&launched.cgroup, sandbox->cgroup, sandbox->next_box++, launched.uid))
		status = kl_fail_errno(err, KL_EIO, errno, "cannot make a cgroup for the box");
	start.cgroup = launched.cgroup.keep;
	if (!status && !open_descriptors(&start, &launched, sandbox, binds))
		status = kl_fail_errno(err, KL_EIO, errno, "cannot open what the sandbox needs");
	if (!status) {
		launched.pid = start_child(&start);
		if (launched.pid < 0)
			status = kl_fail_errno(err, KL_EIO, errno, "cannot start the sandbox");
	}
	for (int i = 0; i < FD_COUNT; i++)
		if (start.fds[i] >= 0)
			close(start.fds[i]);
	if (status)
		kl_launch_end(&launched);
	else
		*out = launched;
	return status;
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

/* It ends by itself when its socket is closed; it is only killed when it does not. */
static void reap(pid_t pid)
{
	struct pollfd ended = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };

	if (ended.fd >= 0) {
		while (poll(&ended, 1, END_MS) < 0 && errno == EINTR)
			continue;
		close(ended.fd);
	}
	if (!ended.revents)
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void kl_launch_end(struct kl_launched *launched)
{
	if (launched->control >= 0)
		close(launched->control);
	if (launched->pid > 0)
		reap(launched->pid);
	if (launched->errors >= 0)
		close(launched->errors);
	if (launched->dir)
		(void)!kl_file_remove_tree(launched->dir, NULL);
	free(launched->dir);
	kl_cgroup_box_end(&launched->cgroup);
	*launched = KL_LAUNCHED_NONE;
}

void kl_launch_errors(const struct kl_launched *launched, char *text, size_t size)
{
	ssize_t got = launched->errors >= 0 ? read(launched->errors, text, size - 1) : 0;

	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}
