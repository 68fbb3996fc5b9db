/*
 * Starting a helper process by vfork(2): the lab may hold 100 MB of text, and fork would copy its page tables.
 * Until it execs, the child shares our memory and stands on our stack: it may only make system calls, and what
 * it needs is prepared beforehand.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/worker.h>

#include "core/base/worker_int.h"

#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"
#define FD_FIRST     4 /* our pipes live here and above: 0-2 are the child's, 3 its report */

struct launch {
	const char *program; /* argv[0] after the walk through PATH */
	char *const *argv;
	char *const *env;
	const char *dir;
	pid_t parent;
	int fds[3]; /* become 0, 1, 2 */
	int report; /* an errno is written here when exec fails; closed by a good exec */
};

enum { IN, OUT, ERR, REPORT, PIPES };

/* --- in the child: system calls only ---------------------------------------------------------------------------- */

void kl_child_reset_signals(void)
{
	struct sigaction normal = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signo = 1; signo < _NSIG; signo++)
		sigaction(signo, &normal, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_others(void)
{
	if (close_range(FD_FIRST, ~0U, 0) == 0)
		return;
	for (int fd = FD_FIRST; fd < 4096; fd++) /* an old kernel; ours are close-on-exec anyway */
		close(fd);
}

static bool arrange(const struct launch *launch)
{
	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != launch->parent)
		return false;
	for (int fd = 0; fd < 3; fd++)
		if (dup2(launch->fds[fd], fd) < 0)
			return false;
	if (dup3(launch->report, FD_FIRST - 1, O_CLOEXEC) < 0)
		return false;
	return !launch->dir || chdir(launch->dir) == 0;
}

static void run_child(const struct launch *launch)
{
	int report = launch->report;
	int errnum;

	if (arrange(launch)) {
		report = FD_FIRST - 1;
		close_others();
		kl_child_reset_signals();
		execve(launch->program, launch->argv, launch->env);
	}
	errnum = errno ? errno : EIO;
	if (write(report, &errnum, sizeof(errnum)) < 0)
		_exit(126);
	_exit(127);
}

/* --- before it -------------------------------------------------------------------------------------------------- */

static void close_pipes(int pipes[PIPES][2])
{
	for (size_t i = 0; i < PIPES; i++)
		for (size_t end = 0; end < 2; end++)
			if (pipes[i][end] >= 0)
				close(pipes[i][end]);
}

static int move_up(int fd)
{
	int moved;

	if (fd >= FD_FIRST)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST);
	close(fd);
	return moved;
}

static bool open_pipes(int pipes[PIPES][2])
{
	for (size_t i = 0; i < PIPES; i++)
		pipes[i][0] = pipes[i][1] = -1;
	for (size_t i = 0; i < PIPES; i++) {
		if (pipe2(pipes[i], O_CLOEXEC) < 0)
			return false;
		pipes[i][0] = move_up(pipes[i][0]);
		pipes[i][1] = move_up(pipes[i][1]);
		if (pipes[i][0] < 0 || pipes[i][1] < 0)
			return false;
	}
	return fcntl(pipes[IN][1], F_SETFL, O_NONBLOCK) == 0 && fcntl(pipes[OUT][0], F_SETFL, O_NONBLOCK) == 0 &&
	       fcntl(pipes[ERR][0], F_SETFL, O_NONBLOCK) == 0;
}

static bool runnable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Owned by the caller. Not found: the name itself, so that exec gives the reason. */
static char *find_program(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return kl_strdup(name);
	if (!path || !*path)
		path = PATH_DEFAULT;
	for (const char *end; *path; path = *end ? end + 1 : end) {
		char *candidate;

		end = strchrnul(path, ':');
		candidate = kl_format("%.*s/%s", (int)(end - path), path, name);
		if (candidate[0] == '/' && runnable(candidate)) /* never a program lying about in "." */
			return candidate;
		free(candidate);
	}
	return kl_format("/nonexistent/%s", name);
}

struct plain_env {
	char *values[4];
};

static char *const *plain_environment(struct plain_env *env)
{
	static const char *const names[] = { "PATH", "HOME", "LANG" };
	size_t count = 0;

	*env = (struct plain_env){ .values = { NULL } };
	for (size_t i = 0; i < KL_LENGTH(names); i++) {
		const char *value = getenv(names[i]);

		if (value)
			env->values[count++] = kl_format("%s=%s", names[i], value);
	}
	return env->values;
}

static void plain_environment_release(struct plain_env *env)
{
	for (size_t i = 0; i < KL_LENGTH(env->values); i++)
		free(env->values[i]);
}

/* execve wants the array of pointers writable by type only; it writes nothing. */
static char *const *as_vector(const char *const *strings)
{
	union {
		const char *const *constant;
		char *const *plain;
	} vector = { .constant = strings };

	return vector.plain;
}

/* No handler of ours may run in the child while it shares our memory. */
static pid_t vfork_quietly(const struct launch *launch)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork): see the top */
	if (pid == 0)
		run_child(launch); /* NOLINT(clang-analyzer-unix.Vfork): makes system calls only */
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

static int read_report(int fd)
{
	int errnum = 0;
	ssize_t got;

	do
		got = read(fd, &errnum, sizeof(errnum));
	while (got < 0 && errno == EINTR);
	return got == sizeof(errnum) ? errnum : 0;
}

static void take_ends(struct kl_spawned *out, int pipes[PIPES][2])
{
	out->in = pipes[IN][1];
	out->out = pipes[OUT][0];
	out->err = pipes[ERR][0];
	pipes[IN][1] = pipes[OUT][0] = pipes[ERR][0] = -1;
}

enum kl_status kl_spawn(struct kl_spawned *out, const struct kl_worker_spec *spec, struct kl_error *err)
{
	struct plain_env plain = { .values = { NULL } };
	char *program = find_program(spec->argv[0]);
	enum kl_status status = KL_OK;
	int pipes[PIPES][2];
	struct launch launch;

	if (!open_pipes(pipes)) {
		status = kl_fail_errno(err, KL_EIO, errno, "cannot start '%s'", spec->argv[0]);
		goto out;
	}
	launch = (struct launch){
		.program = program,
		.argv = as_vector(spec->argv),
		.env = spec->env ? as_vector(spec->env) : plain_environment(&plain),
		.dir = spec->dir,
		.parent = getpid(),
		.fds = { pipes[IN][0], pipes[OUT][1], pipes[ERR][1] },
		.report = pipes[REPORT][1],
	};
	out->pid = vfork_quietly(&launch);
	if (out->pid < 0) {
		status = kl_fail_errno(err, KL_EIO, errno, "cannot start '%s'", spec->argv[0]);
		goto out;
	}
	close(pipes[REPORT][1]);
	pipes[REPORT][1] = -1;
	out->exec_errno = read_report(pipes[REPORT][0]);
	take_ends(out, pipes);
out:
	close_pipes(pipes);
	plain_environment_release(&plain);
	free(program);
	return status;
}
