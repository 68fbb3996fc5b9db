/*
 * From fork to exec of the program. Order matters: limits while nothing is forbidden yet, then landlock (needs
 * no_new_privs), then seccomp, then exec.
 */

#include "core/sandbox/box/box_int.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS 24 /* that an address limit has room for: glibc reserves the stack limit for each */

/* All a program finds in its environment. Without mounts of its own, /tmp is closed to it and its folder serves. */
static const char *const box_environment[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/box", "TERM=dumb", NULL,
};

static const char *const bare_environment[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=.", "TERM=dumb", "TMPDIR=.", NULL,
};

struct limit {
	int resource;
	rlim_t value;
};

static bool set_limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit want = { soft, hard }, now;

	if (getrlimit(resource, &now) < 0)
		return false;
	if (want.rlim_max > now.rlim_max)
		want.rlim_max = now.rlim_max;
	if (want.rlim_cur > want.rlim_max)
		want.rlim_cur = want.rlim_max;
	return setrlimit(resource, &want) == 0;
}

/*
 * What counts beside the program's processes: inside a user namespace kodelab-box and the keeper (FLAT: one and the
 * same), elsewhere all of the account.
 */
static rlim_t other_processes(const struct box *box)
{
	if (box->mode == BOX_BARE)
		return watch_account_tasks() - 1; /* without us, who become the program */
	return box->mode == BOX_FLAT ? 1 : 2;
}

static bool set_limits(const struct box *box, const struct wire_run *run)
{
	rlim_t stack = (rlim_t)run->stack_kib * 1024;
	const struct limit limits[] = {
		{ RLIMIT_FSIZE, run->file_max },
		{ RLIMIT_NOFILE, 256 },
		{ RLIMIT_STACK, stack },
		{ RLIMIT_CORE, 1 }, /* 0 would still run a core_pattern pipe */
		{ RLIMIT_MEMLOCK, 0 },
		{ RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_NICE, 0 },
		{ RLIMIT_RTPRIO, 0 },
		{ RLIMIT_SIGPENDING, 256 },
		{ RLIMIT_NPROC, run->processes + other_processes(box) },
	};
	rlim_t cpu_s = (rlim_t)(run->cpu_us / 1000000) + 2;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (!set_limit(limits[i].resource, limits[i].value, limits[i].value))
			return false;
	if (run->address_limit &&
	    !set_limit(RLIMIT_AS, 4096 * (rlim_t)run->memory_kib + ((rlim_t)512 << 20) + THREADS * stack,
		       RLIM_INFINITY))
		return false;
	return set_limit(RLIMIT_CPU, cpu_s, cpu_s + 1);
}

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 }, { 0 } };

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (unsigned long cap = 0; cap < 64; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); /* needs CAP_SETPCAP; nothing can use the set anyway */
	return syscall(SYS_capset, &head, none) == 0;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool take_descriptors(const struct request *request)
{
	unsigned first_closed = request->fds[WIRE_FD_RESULT] >= 0 ? 4 : 3;

	for (int i = WIRE_FD_INPUT; i <= WIRE_FD_RESULT; i++) {
		if (request->fds[i] < 0)
			continue;
		if (dup2(request->fds[i], i - WIRE_FD_INPUT) < 0)
			return false;
	}
	return syscall(SYS_close_range, first_closed, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */) == 0;
}

/* What this process has used before it is the program: not the program's to answer for. */
static void announce(int report)
{
	struct timespec used;
	int64_t used_us;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	used_us = (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
	if (write(report, &used_us, sizeof(used_us)) < 0)
		_exit(126);
}

static bool same_name(const char *entry, const char *other)
{
	size_t len = strcspn(entry, "=");

	return !strncmp(entry, other, len) && other[len] == '=';
}

/* The box's own, less what the run names itself, then the run's; NULL: no memory. */
static char **make_environment(const struct box *box, const struct bundle *bundle)
{
	const char *const *own = box->mode == BOX_BARE ? bare_environment : box_environment;
	char **asked = bundle_env(bundle), **env = calloc((size_t)bundle->envc + 8, sizeof(*env));
	size_t count = 0;

	if (!asked || !env)
		return NULL;
	for (; *own; own++) {
		uint32_t i = 0;

		while (i < bundle->envc && !same_name(*own, asked[i]))
			i++;
		if (i == bundle->envc)
			memcpy(&env[count++], own, sizeof(*env));
	}
	memcpy(env + count, asked, bundle->envc * sizeof(*env));
	return env;
}

/* Never returns but by exec; *what says what went wrong. */
static void become_program(const struct box *box, const struct request *request, int report, const char **what)
{
	char **argv = bundle_argv(request->bundle);
	char **env = make_environment(box, request->bundle);

	*what = "cannot read the arguments";
	if (!argv || !argv[0] || !env)
		return;
	*what = "cannot set up descriptors";
	reset_signals();
	setsid();
	umask(022);
	if (!take_descriptors(request))
		return;
	*what = "cannot enter the program's folder";
	if (chdir(box->dir) < 0)
		return;
	*what = "cannot set the limits";
	if (!set_limits(box, &request->run))
		return;
	*what = "cannot enter a cgroup namespace";
	if (!cgroup_hide(box->cgroup))
		return;
	*what = "cannot give up privileges";
	if (!drop_capabilities() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return;
	*what = "cannot enter the landlock domain";
	if (!landlock_enter(box))
		return;
	*what = "cannot load the seccomp filter";
	if (!filter_enter(box))
		return;
	*what = argv[0];
	announce(report);
	execvpe(argv[0], argv, env);
}

/* Out of the way of the descriptors the program gets. */
static bool raise_descriptors(const struct request *request, int *report, struct request *raised)
{
	*raised = *request;
	*report = fcntl(*report, F_DUPFD_CLOEXEC, 20);
	for (int i = WIRE_FD_INPUT; i < WIRE_FD_MAX; i++)
		if (request->fds[i] >= 0 && (raised->fds[i] = fcntl(request->fds[i], F_DUPFD_CLOEXEC, 20)) < 0)
			return false;
	return *report >= 0;
}

static void child(const struct box *box, const struct request *request, int report)
{
	struct program_failure failure = { 0 };
	struct request raised;
	const char *what = "cannot move the descriptors";

	if (raise_descriptors(request, &report, &raised))
		become_program(box, &raised, report, &what);
	failure.errnum = errno;
	snprintf(failure.what, sizeof(failure.what), "%s", what);
	if (write(report, &failure, sizeof(failure)) < 0)
		_exit(126);
	_exit(127);
}

pid_t program_start(const struct box *box, const struct request *request, int *exec_pipe)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_DIRECT) < 0)
		return -1;
	pid = cgroup_fork(box->cgroup);
	if (pid == 0) {
		close(ends[0]);
		child(box, request, ends[1]);
	}
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	else
		*exec_pipe = ends[0];
	return pid;
}
