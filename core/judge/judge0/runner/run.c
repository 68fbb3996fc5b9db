/* One test: its program between pipes, watched every 10 ms, and nothing of it alive when it is over. */

#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_US       10000
#define STACK_MAX     ((rlim_t)64 << 20)
#define THREAD_STACKS ((rlim_t)24 * STACK_MAX) /* glibc reserves the stack limit for each thread */
#define EVENTS        (1 + STREAMS + 1) /* input, streams, signals */

extern char **environ;

/* --- the program's side ------------------------------------------------------------------------------------------- */

static void limit(int resource, rlim_t value)
{
	struct rlimit now, want = { value, value };

	if (getrlimit(resource, &now) < 0)
		return;
	if (want.rlim_max > now.rlim_max)
		want.rlim_cur = want.rlim_max = now.rlim_max;
	setrlimit(resource, &want);
}

static void set_limits(const struct test *test)
{
	rlim_t cpu_s = (rlim_t)(test->cpu_ms / 1000) + 2;

	limit(RLIMIT_CPU, cpu_s);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, 256);
	limit(RLIMIT_STACK, STACK_MAX);
	limit(RLIMIT_MEMLOCK, 0);
	if (test->address_limit)
		limit(RLIMIT_AS, 4096 * (rlim_t)test->memory_kib + ((rlim_t)512 << 20) + THREAD_STACKS);
}

static void take_descriptors(const int *ends)
{
	int count = ends[3] >= 0 ? 4 : 3, max = (int)sysconf(_SC_OPEN_MAX);

	for (int i = 0; i < count; i++)
		dup2(ends[i], i);
	for (int fd = count; fd < (max > 0 && max < 65536 ? max : 65536); fd++)
		if (fd != ends[4])
			close(fd);
}

/* ends: what become 0 to 3 (-1: not wanted), then where to tell of the exec; all of them above 9. */
static void become_program(const struct test *test, const int *ends)
{
	struct timespec used;
	int64_t told;
	sigset_t none;
	int fd;

	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	umask(022);
	fd = open("/proc/self/oom_score_adj", O_WRONLY);
	if (fd >= 0 && write(fd, "1000", 4) > 0) /* when memory runs out it is the program, not the runner */
		close(fd);
	take_descriptors(ends);
	set_limits(test);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	told = (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
	if (write(ends[4], &told, sizeof(told)) > 0)
		execvp(test->argv[0], test->argv);
	told = -errno;
	if (write(ends[4], &told, sizeof(told)) < 0)
		_exit(126);
	_exit(127);
}

/* --- our side ----------------------------------------------------------------------------------------------------- */

/* Out of the way of the descriptors the program gets. */
static int make_pipe(int *ends)
{
	int low[2];

	if (pipe2(low, O_CLOEXEC) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 10);
		close(low[i]);
	}
	return ends[0] < 0 || ends[1] < 0 ? -1 : 0;
}

static void keep_end(int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* Waits for the exec; false: there was none. */
static int began(struct run *run, int fd)
{
	int64_t told = 0;

	run->failed = EIO;
	while (read(fd, &told, sizeof(told)) == (ssize_t)sizeof(told)) {
		run->failed = told < 0 ? (int)-told : 0;
		if (told > 0)
			run->setup_us = told;
		run->start_us = now_us();
	}
	close(fd);
	return !run->failed;
}

static int start(struct run *run)
{
	int pipes[5][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } }, ends[5];

	for (int i = 0; i < 5; i++)
		if ((i != 3 || run->test->result_max) && make_pipe(pipes[i]) < 0)
			_exit(7);
	for (int i = 0; i < 5; i++)
		ends[i] = pipes[i][i ? 1 : 0];
	run->start_us = now_us();
	run->program = fork();
	if (!run->program)
		become_program(run->test, ends);
	for (int i = 0; i < 5; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	run->input_fd = pipes[0][1];
	keep_end(run->input_fd);
	for (int i = 0; i < STREAMS; i++) {
		run->streams[i].fd = pipes[1 + i][0];
		if (run->streams[i].fd >= 0)
			keep_end(run->streams[i].fd);
	}
	if (run->program < 0) {
		run->failed = errno;
		close(pipes[4][0]);
		return 0;
	}
	return began(run, pipes[4][0]);
}

static void close_input(struct run *run)
{
	if (run->input_fd >= 0)
		close(run->input_fd);
	run->input_fd = -1;
}

static void feed(struct run *run)
{
	const struct blob *input = &run->test->input;
	ssize_t done = write(run->input_fd, input->data + run->input_at, input->len - run->input_at);

	if (done > 0)
		run->input_at += (size_t)done;
	if (run->input_at == input->len || (done < 0 && errno != EAGAIN && errno != EINTR))
		close_input(run);
}

/* Takes at most one bite; over the limit nothing more is kept. False: nothing is there now. */
static int drain(struct stream *stream)
{
	char bite[65536];
	ssize_t got = read(stream->fd, bite, sizeof(bite));
	size_t take;

	if (got < 0)
		return errno == EINTR;
	if (!got) {
		close(stream->fd);
		stream->fd = -1;
		return 0;
	}
	take = (size_t)got < stream->max - stream->len ? (size_t)got : stream->max - stream->len;
	if (take < (size_t)got)
		stream->over = 1;
	while (stream->len + take > stream->capacity)
		stream->data = need(realloc(stream->data, stream->capacity = 2 * stream->capacity + 65536));
	if (take)
		memcpy(stream->data + stream->len, bite, take);
	stream->len += take;
	return 1;
}

/* False: no children are left. */
static int reap(struct run *run, int flags)
{
	struct rusage usage;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, flags, &usage)) > 0) {
		if (!WIFEXITED(status) && !WIFSIGNALED(status))
			continue; /* it asked to be traced by us: nothing to tell */
		account(run, &usage);
		if (pid != run->program)
			continue;
		run->done = 1;
		run->wall_us = now_us() - run->start_us;
		run->wait_status = status;
	}
	return pid == 0 || (pid < 0 && errno == EINTR);
}

static size_t signal_all(int signo)
{
	static pid_t pids[ALL_MAX];
	size_t count = list_below(pids, ALL_MAX);

	for (size_t i = 0; i < count; i++)
		kill(pids[i], signo);
	return count;
}

/* Stops all first, until nothing new is born (the stopped keep their places under the limit of processes), then kills. */
static void kill_all(struct run *run)
{
	while (reap(run, WNOHANG)) {
		size_t before = 0, count = signal_all(SIGSTOP);

		for (int round = 0; round < 200 && count != before; round++) {
			before = count;
			count = signal_all(SIGSTOP);
		}
		if (!count && run->program > 0)
			kill(-run->program, SIGKILL); /* /proc shows nothing here */
		signal_all(SIGKILL);
		usleep(200);
	}
}

/* --- the limits --------------------------------------------------------------------------------------------------- */

static int over(struct run *run)
{
	const struct test *test = run->test;

	if (run->streams[OUT].over || run->streams[ERR].over || run->streams[RESULT].over)
		run->end = "output";
	else if (run->cpu_us - run->setup_us > 1000 * test->cpu_ms)
		run->end = "cpu";
	else if (run->processes > CROWD_MAX)
		run->end = "crowd";
	else if (run->memory_kib > test->memory_kib)
		run->end = "memory";
	else if (now_us() - run->start_us > 1000 * test->wall_ms)
		run->end = "wall";
	return run->end != NULL;
}

static void poll_once(struct run *run, int signal_fd, int64_t until_us)
{
	struct pollfd polled[EVENTS];
	struct signalfd_siginfo info;
	int64_t wait_us = until_us - now_us();

	polled[0] = (struct pollfd){ run->input_fd, POLLOUT, 0 };
	for (int i = 0; i < STREAMS; i++)
		polled[1 + i] = (struct pollfd){ run->streams[i].fd, POLLIN, 0 };
	polled[1 + STREAMS] = (struct pollfd){ signal_fd, POLLIN, 0 };
	if (poll(polled, EVENTS, wait_us > 0 ? (int)(wait_us + 999) / 1000 : 0) <= 0)
		return;
	if (polled[0].revents)
		feed(run);
	for (int i = 0; i < STREAMS; i++)
		if (polled[1 + i].revents)
			drain(&run->streams[i]);
	if (polled[1 + STREAMS].revents && read(signal_fd, &info, sizeof(info)) > 0)
		reap(run, WNOHANG);
}

static void supervise(struct run *run, int signal_fd)
{
	int64_t tick_us = run->start_us + TICK_US;

	reap(run, WNOHANG);
	while (!run->done) {
		poll_once(run, signal_fd, tick_us);
		if (now_us() < tick_us)
			continue;
		watch_tick(run);
		if (!run->done && over(run))
			return;
		tick_us = now_us() + TICK_US;
	}
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void finish(struct run *run)
{
	kill_all(run);
	close_input(run);
	for (int i = 0; i < STREAMS; i++) {
		while (run->streams[i].fd >= 0 && drain(&run->streams[i]))
			continue;
		if (run->streams[i].fd >= 0)
			close(run->streams[i].fd);
	}
	if (!run->done)
		run->wall_us = now_us() - run->start_us;
	if (run->end || run->failed)
		return;
	if (run->streams[OUT].over || run->streams[ERR].over || run->streams[RESULT].over)
		run->end = "output";
	else if (run->cpu_us - run->setup_us > 1000 * run->test->cpu_ms)
		run->end = "cpu";
}

void run_test(struct run *run, const struct runner *runner, const struct test *test)
{
	memset(run, 0, sizeof(*run));
	run->test = test;
	run->input_fd = -1;
	run->streams[OUT].max = run->streams[ERR].max = (size_t)test->output_max;
	run->streams[RESULT].max = (size_t)test->result_max;
	for (int i = 0; i < STREAMS; i++)
		run->streams[i].fd = -1;
	if (start(run))
		supervise(run, runner->signal_fd);
	finish(run);
}

void free_run(struct run *run)
{
	for (int i = 0; i < STREAMS; i++) {
		free(run->streams[i].data);
		run->streams[i].data = NULL;
	}
}
