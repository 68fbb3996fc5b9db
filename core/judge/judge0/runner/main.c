/* The runner's frames, and one test after the other within what the instance allows. */

#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FRAME_ROOM  (512 + PATH_SIZE) /* bytes of a frame's lines */
#define STDERR_KEPT ((size_t)64 << 10)
#define LEAST_MS    100 /* of time, for a test to begin with */
#define CUT_OUT     1
#define CUT_ERR     2

int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void *need(void *memory)
{
	if (!memory)
		_exit(4);
	return memory;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static void put(struct runner *runner, const char *bytes, size_t len)
{
	while (len) {
		ssize_t done = write(1, bytes, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			_exit(3); /* no room for the report: the lab sees that it ends here */
		bytes += done;
		len -= (size_t)done;
		runner->out_bytes -= done;
	}
}

static void say(struct runner *runner, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct runner *runner, const char *fmt, ...)
{
	char line[FRAME_ROOM];
	va_list args;
	int len = snprintf(line, sizeof(line), "KL1 %s ", runner->nonce);

	va_start(args, fmt);
	len += vsnprintf(line + len, sizeof(line) - (size_t)len - 1, fmt, args);
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = (int)sizeof(line) - 2;
	line[len++] = '\n';
	put(runner, line, (size_t)len);
}

static const char *end_of(const struct run *run, int *code)
{
	*code = 0;
	if (run->failed) {
		*code = run->failed;
		return "failed";
	}
	if (run->end)
		return run->end;
	if (WIFSIGNALED(run->wait_status)) {
		*code = WTERMSIG(run->wait_status);
		return "signal";
	}
	*code = WEXITSTATUS(run->wait_status);
	return "exit";
}

/* Does the report of the run fit? The first of a request has to: what it wrote is cut then. */
static int fits(struct runner *runner, struct run *run, int first, int *flags)
{
	struct stream *out = &run->streams[OUT], *err = &run->streams[ERR], *result = &run->streams[RESULT];
	long long room = runner->out_bytes - 4 * FRAME_ROOM;

	if (out->over)
		*flags |= CUT_OUT;
	if (err->over)
		*flags |= CUT_ERR;
	if (err->len > STDERR_KEPT) { /* its last lines say what went wrong */
		memmove(err->data, err->data + err->len - STDERR_KEPT, STDERR_KEPT);
		err->len = STDERR_KEPT;
		*flags |= CUT_ERR;
	}
	if ((long long)out->len + (long long)err->len + (long long)result->len <= room)
		return 1;
	if (!first || room < 0)
		return 0;
	*flags |= CUT_OUT | CUT_ERR;
	err->len = err->len > 4096 ? 4096 : err->len;
	if ((long long)out->len + (long long)err->len + (long long)result->len <= room)
		return 1;
	run->end = "output";
	result->len = 0;
	if ((long long)out->len + (long long)err->len > room)
		out->len = room > (long long)err->len ? (size_t)room - err->len : 0;
	return 1;
}

static void report(struct runner *runner, long long position, struct run *run, int flags)
{
	int code;
	const char *end = end_of(run, &code);
	int64_t cpu_us = run->cpu_us > run->setup_us ? run->cpu_us - run->setup_us : 0;

	say(runner, "test %lld %s %d %lld %lld %lld %d %zu %zu %zu", position, end, code, (long long)cpu_us,
	    (long long)run->wall_us, (long long)run->peak_kib, flags, run->streams[OUT].len, run->streams[ERR].len,
	    run->streams[RESULT].len);
	for (int i = 0; i < STREAMS; i++)
		put(runner, run->streams[i].data, run->streams[i].len);
	put(runner, "\n", 1);
}

/* --- the tests ---------------------------------------------------------------------------------------------------- */

static long long cpu_used_ms(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return (long long)(self.ru_utime.tv_sec + self.ru_stime.tv_sec + children.ru_utime.tv_sec +
			   children.ru_stime.tv_sec) *
		       1000 +
	       (self.ru_utime.tv_usec + self.ru_stime.tv_usec + children.ru_utime.tv_usec + children.ru_stime.tv_usec) /
		       1000;
}

/* Could the test use all it may, and the instance still not stop us? */
static int has_time(const struct runner *runner, const struct test *test)
{
	return (now_us() - runner->start_us) / 1000 + test->wall_ms <= runner->wall_ms &&
	       cpu_used_ms() + test->cpu_ms <= runner->cpu_ms;
}

/* What the test may use before the instance would stop us. False: too little to begin with it. */
static int limit_test(struct test *test, const struct runner *runner)
{
	long long wall_ms = runner->wall_ms - (now_us() - runner->start_us) / 1000;
	long long cpu_ms = runner->cpu_ms - cpu_used_ms();

	if (test->wall_ms > wall_ms)
		test->wall_ms = wall_ms;
	if (test->cpu_ms > cpu_ms)
		test->cpu_ms = cpu_ms;
	return wall_ms >= LEAST_MS && cpu_ms >= LEAST_MS;
}

/* Stopped at a limit that was not its own: with a whole budget it may do. */
static int fell_short(const struct run *run, const struct test *own)
{
	return run->end && ((!strcmp(run->end, "wall") && run->test->wall_ms < own->wall_ms) ||
			    (!strcmp(run->end, "cpu") && run->test->cpu_ms < own->cpu_ms));
}

/* Close to its limit: once more before it is said. */
static int deserves_another(const struct run *run)
{
	return !run->end && !run->failed && run->cpu_us - run->setup_us > 1000 * run->test->told_cpu_ms;
}

static int run_position(struct runner *runner, long long position)
{
	static struct run run;
	const struct test *own = &runner->tests[position];
	struct test test = *own;
	int flags = 0;

	if (position && !limit_test(&test, runner))
		return 0;
	say(runner, "start %lld", position);
	for (int tries = 0; tries < 2; tries++) {
		if (enter_folder(runner, &test))
			_exit(6);
		run_test(&run, runner, &test);
		leave_folder(runner);
		if (tries || !deserves_another(&run) || !has_time(runner, own))
			break;
		free_run(&run);
	}
	if (fell_short(&run, own) || !fits(runner, &run, position == 0, &flags)) {
		free_run(&run);
		return 0;
	}
	report(runner, position, &run, flags);
	free_run(&run);
	return 1;
}

static void guard(struct runner *runner)
{
	struct rlimit none = { 0, 0 };
	sigset_t mask;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	for (int signo = 1; signo < NSIG; signo++)
		if (signo != SIGCHLD)
			signal(signo, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	runner->signal_fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	fcntl(1, F_SETFD, FD_CLOEXEC);
}

int main(void)
{
	static struct runner runner;
	long long position = 0;

	runner.start_us = now_us();
	guard(&runner);
	if (runner.signal_fd < 0 || !getcwd(runner.home, sizeof(runner.home)))
		return 2;
	take_input(&runner);
	list_program(&runner);
	say(&runner, "hello %s/kodelab_run", runner.home);
	while (position < runner.test_count && run_position(&runner, position))
		position++;
	if (position < runner.test_count)
		say(&runner, "more %lld", position);
	else
		say(&runner, "done");
	return 0;
}
