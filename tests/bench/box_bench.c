/*
 * What the walls of a box cost: /bin/true bare, in bubblewrap alone, in a box from nothing, in a box opened before, and
 * once more in the same box. They take turns, so that a busy machine is busy for all; medians and 90th percentiles.
 * usage: box_bench [rounds]; on a busy machine: chrt -f 10 box_bench
 */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/sandbox.h>

enum who { BARE, WRAPPED, FROM_NOTHING, OPENED_BEFORE, NEXT, CLOSING, WHO_COUNT };

struct bench {
	struct kl_loop *loop;
	struct kl_sandbox *sandbox;
	struct kl_box *box;
	size_t rounds;
	double *ms[WHO_COUNT];
};

static const char *const names[] = {
	[BARE] = "bare",
	[WRAPPED] = "bwrap alone",
	[FROM_NOTHING] = "box, from nothing to the result",
	[OPENED_BEFORE] = "box, first run when opened before",
	[NEXT] = "box, one run more",
	[CLOSING] = "box, closing",
};

/* clang-format off */
static const char *const bare[] = { "/bin/true", NULL };
static const char *const wrapped[] = {
	"/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib64", "/lib64",
	"--symlink", "usr/lib", "/lib", "--symlink", "usr/bin", "/bin", "--proc", "/proc", "--dev", "/dev",
	"/bin/true", NULL,
};
/* clang-format on */

static double ms_since(int64_t start_us)
{
	return (double)(kl_clock_mono_us() - start_us) / 1000;
}

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "box_bench: %s\n", what);
	exit(1);
}

/* --- one of each ------------------------------------------------------------------------------------------------ */

static double spawn_once(const char *const *argv)
{
	char *copy[KL_LENGTH(wrapped)] = { NULL }, *env[] = { NULL };
	int64_t start_us = kl_clock_mono_us();
	int status = -1;
	pid_t pid;

	for (size_t i = 0; argv[i]; i++)
		copy[i] = kl_strdup(argv[i]);
	pid = vfork();
	if (!pid) {
		execve(copy[0], copy, env);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	for (size_t i = 0; copy[i]; i++)
		free(copy[i]);
	if (status)
		give_up("a program cannot be started");
	return ms_since(start_us);
}

static void on_done(void *ctx, const struct kl_box_result *result)
{
	if (result->end != KL_END_EXITED || result->exit_code != 0)
		give_up(result->error.message);
	*(bool *)ctx = true;
}

static double run_once(const struct bench *bench)
{
	const struct kl_box_run run = { .argv = bare, .cpu_ms = 5000, .memory_kib = 256 << 10 };
	int64_t start_us = kl_clock_mono_us();
	struct kl_error err;
	bool done = false;

	if (kl_box_run(bench->box, &run, on_done, &done, &err))
		give_up(err.message);
	while (!done)
		kl_loop_turn(bench->loop, 1000);
	return ms_since(start_us);
}

static void open_box(struct bench *bench)
{
	struct kl_error err;

	if (kl_box_open(&bench->box, bench->sandbox, NULL, &err))
		give_up(err.message);
}

static void measure(struct bench *bench, size_t round)
{
	int64_t start_us;

	bench->ms[BARE][round] = spawn_once(bare);
	bench->ms[WRAPPED][round] = spawn_once(wrapped);
	start_us = kl_clock_mono_us();
	open_box(bench);
	run_once(bench);
	bench->ms[FROM_NOTHING][round] = ms_since(start_us);
	bench->ms[NEXT][round] = run_once(bench);
	start_us = kl_clock_mono_us();
	kl_box_close(bench->box);
	bench->ms[CLOSING][round] = ms_since(start_us);
	open_box(bench);
	poll(NULL, 0, 15); /* what a student needs to press a key */
	bench->ms[OPENED_BEFORE][round] = run_once(bench);
	kl_box_close(bench->box);
}

/* --- all -------------------------------------------------------------------------------------------------------- */

static int by_value(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void print(const struct bench *bench)
{
	double median[WHO_COUNT];

	printf("level %d, medians of %zu\n", (int)kl_sandbox_level(bench->sandbox), bench->rounds);
	for (size_t who = 0; who < WHO_COUNT; who++) {
		double *ms = bench->ms[who];

		qsort(ms, bench->rounds, sizeof(*ms), by_value);
		median[who] = ms[bench->rounds / 2];
		printf("%-36s %7.2f ms   p90 %7.2f ms\n", names[who], median[who], ms[bench->rounds * 9 / 10]);
	}
	printf("from nothing / bwrap alone %.2f; opened before / bwrap alone %.2f; one more - bare %.2f ms\n",
	       median[FROM_NOTHING] / median[WRAPPED], median[OPENED_BEFORE] / median[WRAPPED],
	       median[NEXT] - median[BARE]);
}

int main(int argc, char **argv)
{
	struct bench bench = { .rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 60 };
	struct kl_paths paths;
	struct kl_error err;

	if (!bench.rounds)
		give_up("usage: box_bench [rounds]");
	if (kl_loop_open(&bench.loop, &err) || kl_paths_init(&paths, &err) ||
	    kl_sandbox_open(&bench.sandbox, bench.loop, &paths, &err))
		give_up(err.message);
	for (size_t who = 0; who < WHO_COUNT; who++)
		bench.ms[who] = kl_calloc(bench.rounds, sizeof(double));
	for (size_t round = 0; round < bench.rounds; round++)
		measure(&bench, round);
	print(&bench);
	for (size_t who = 0; who < WHO_COUNT; who++)
		free(bench.ms[who]);
	kl_sandbox_close(bench.sandbox);
	kl_paths_release(&paths);
	kl_loop_close(bench.loop);
	return 0;
}
