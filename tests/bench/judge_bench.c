/*
 * What judging costs beyond the programs themselves. One run in the box against the same program bare and within bwrap alone; each
 * further test of one program; and 20 tests of one Python program against the same 20 runs bare, spread over the cores.
 * usage: judge_bench [rounds]
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/judge.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/sandbox.h>

#include "samples.h"

enum { TESTS = 20, SINGLES = 4 };

static const char code[] = "total = 0\nfor line in open(0):\n    total += int(line)\n"
			   "for i in range(200000):\n    total += i % 3 - 1\nprint(total)\n";
static char input[] = "1\n2\n3\n";

struct bench {
	struct kl_loop *loop;
	struct kl_judge *judge;
	struct kl_sandbox *sandbox;
	struct kl_box *box;
	struct samples *samples;
	char *program, *data;
	long cores;
};

static double ms_since(int64_t start_us)
{
	return (double)(kl_clock_mono_us() - start_us) / 1000;
}

/* ---- bare, and in bwrap alone ---------------------------------------------------------------------------------- */

/* The environment is the box's: what Python finds in it costs time. */
static pid_t start_bare(const struct bench *bench, const char *const *argv)
{
	static char path[] = "PATH=/usr/bin:/bin", lang[] = "LANG=C.UTF-8", home[] = "HOME=/box";
	char *env[] = { path, lang, home, NULL }, *copy[24] = { NULL };
	pid_t pid;

	for (size_t i = 0; i < KL_LENGTH(copy) - 1 && argv[i]; i++)
		copy[i] = kl_strdup(argv[i]);
	pid = vfork();
	if (!pid) {
		int in = open(bench->data, O_RDONLY), out = open("/dev/null", O_WRONLY);

		dup2(in, 0);
		dup2(out, 1);
		execve(copy[0], copy, env);
		_exit(127);
	}
	for (size_t i = 0; copy[i]; i++)
		free(copy[i]);
	return pid;
}

static double bare_once(const struct bench *bench, const char *const *argv)
{
	int64_t start_us = kl_clock_mono_us();
	int status = -1;

	waitpid(start_bare(bench, argv), &status, 0);
	return status == 0 ? ms_since(start_us) : -1;
}

static void run_all(const struct bench *bench)
{
	const char *const argv[] = { "/usr/bin/python3", "-B", bench->program, NULL };
	long running = 0;

	for (int i = 0; i < TESTS; i++) {
		if (running == bench->cores) {
			wait(NULL);
			running--;
		}
		running += start_bare(bench, argv) > 0;
	}
	while (wait(NULL) > 0)
		;
}

/* In a process of its own: the boxes are children of this one. */
static double bare_all(const struct bench *bench)
{
	int64_t start_us = kl_clock_mono_us();
	pid_t pid = fork();

	if (pid == 0) {
		run_all(bench);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return ms_since(start_us);
}

/* ---- judged ---------------------------------------------------------------------------------------------------- */

static void on_report(void *ctx, const struct kl_report *report)
{
	*(size_t *)ctx = report->verdict == KL_VERDICT_RAN ? report->done : SIZE_MAX;
}

/* Milliseconds; negative: it failed. */
static double judged(const struct bench *bench, size_t count)
{
	static char id[] = "input";
	struct kl_test tests[TESTS];
	struct kl_submission sub = { .language = kl_language_find("python"),
				     .code = code,
				     .code_len = sizeof(code) - 1,
				     .own = tests,
				     .own_count = count };
	int64_t start_us = kl_clock_mono_us();
	struct kl_job *job;
	size_t done = 0;

	memset(tests, 0, sizeof(tests));
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct kl_test){ .id = id, .input = input, .input_len = sizeof(input) - 1, .own = true };
	if (kl_judge_submit(&job, bench->judge, &sub, NULL, on_report, &done, NULL))
		return -1;
	while (!done)
		kl_loop_turn(bench->loop, 1000);
	return done == count ? ms_since(start_us) : -1;
}

static void on_run(void *ctx, const struct kl_box_result *result)
{
	*(int *)ctx = result->end == KL_END_EXITED && result->exit_code == 0 ? 1 : -1;
}

static double boxed_once(const struct bench *bench, const char *const *argv)
{
	struct kl_box_run box_run = { .argv = argv, .cpu_ms = 5000, .memory_kib = 256 << 10 };
	int64_t start_us = kl_clock_mono_us();
	int done = 0;

	if (kl_box_run(bench->box, &box_run, on_run, &done, NULL))
		return -1;
	while (!done)
		kl_loop_turn(bench->loop, 1000);
	return done > 0 ? ms_since(start_us) : -1;
}

/* From nothing to a result: walls, limits, run, verdict. */
static double boxed_from_nothing(struct bench *bench, const char *const *argv)
{
	struct kl_box *kept = bench->box;
	int64_t start_us = kl_clock_mono_us();
	double ms = -1;

	if (!kl_box_open(&bench->box, bench->sandbox, NULL, NULL)) {
		if (boxed_once(bench, argv) >= 0)
			ms = ms_since(start_us);
		kl_box_close(bench->box);
	}
	bench->box = kept;
	return ms;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

/* They take turns, so that a busy machine is busy for all. */
static void measure_singles(struct bench *bench)
{
	static const char *const plain[] = { "/bin/true", NULL };
	static const char *const walled[] = { "/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/usr",      "/usr",
					      "--symlink",      "usr/lib64",     "/lib64",    "--symlink", "usr/lib",
					      "/lib",           "--symlink",     "usr/bin",   "/bin",      "--proc",
					      "/proc",          "--dev",         "/dev",      "/bin/true", NULL };

	for (int i = 0; i < SINGLES; i++) {
		samples_add(bench->samples, "run", "bare", bare_once(bench, plain));
		samples_add(bench->samples, "run", "bwrap", bare_once(bench, walled));
		samples_add(bench->samples, "run", "lab", boxed_from_nothing(bench, plain));
		samples_add(bench->samples, "run.next", "bare", bare_once(bench, plain));
		samples_add(bench->samples, "run.next", "lab", boxed_once(bench, plain));
	}
}

static void measure_many(struct bench *bench)
{
	const char *const argv[] = { "/usr/bin/python3", "-B", bench->program, NULL };

	samples_add(bench->samples, "judge.1", "bare", bare_once(bench, argv));
	samples_add(bench->samples, "judge.1", "lab", judged(bench, 1));
	samples_add(bench->samples, "judge.20", "bare", bare_all(bench));
	samples_add(bench->samples, "judge.20", "lab", judged(bench, TESTS));
}

static void open_bench(struct bench *bench, struct kl_paths *paths, const char *dir)
{
	struct kl_error err;

	*bench = (struct bench){ .samples = samples_new(),
				 .program = kl_path_join(dir, "program.py"),
				 .data = kl_path_join(dir, "input"),
				 .cores = sysconf(_SC_NPROCESSORS_ONLN) };
	setenv("XDG_CACHE_HOME", dir, 1);
	if (kl_file_write(bench->program, code, sizeof(code) - 1, 0600, &err) ||
	    kl_file_write(bench->data, input, sizeof(input) - 1, 0600, &err) || kl_loop_open(&bench->loop, &err) ||
	    kl_paths_init(paths, &err) || kl_judge_open(&bench->judge, bench->loop, paths, &err) ||
	    kl_sandbox_open(&bench->sandbox, bench->loop, paths, &err) ||
	    kl_box_open(&bench->box, bench->sandbox, NULL, &err))
		kl_die("%s", err.message);
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 9;
	char dir[] = "/tmp/kl-bench-XXXXXX";
	struct kl_paths paths;
	struct bench bench;

	if (!mkdtemp(dir))
		return 1;
	open_bench(&bench, &paths, dir);
	for (long i = 0; i < rounds; i++) {
		measure_singles(&bench);
		measure_many(&bench);
	}
	samples_print(bench.samples);
	kl_box_close(bench.box);
	kl_sandbox_close(bench.sandbox);
	kl_judge_close(bench.judge);
	kl_paths_release(&paths);
	kl_loop_close(bench.loop);
	samples_free(bench.samples);
	free(bench.program);
	free(bench.data);
	return kl_file_remove_tree(dir, NULL) ? 1 : 0;
}
