/*
 * What judging costs beyond the program itself: 20 tests of one Python program, judged, against the same 20 runs started
 * bare and spread over the cores. Prints medians and the ratio.
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

#define TESTS  20
#define ROUNDS 9

static const char code[] = "total = 0\nfor line in open(0):\n    total += int(line)\n"
			   "for i in range(200000):\n    total += i % 3 - 1\nprint(total)\n";
static char input[] = "1\n2\n3\n";

static void on_done(void *ctx, const struct kl_report *report)
{
	*(size_t *)ctx = report->verdict == KL_VERDICT_RAN ? report->done : TESTS + 1;
}

/* Milliseconds; negative: it failed. */
static double judged(struct kl_judge *judge, struct kl_loop *loop, const struct kl_test *tests)
{
	struct kl_submission sub = { .language = kl_language_find("python"),
				     .code = code,
				     .code_len = sizeof(code) - 1,
				     .own = tests,
				     .own_count = TESTS };
	int64_t start_us = kl_clock_mono_us();
	struct kl_job *job;
	size_t done = 0;

	if (kl_judge_submit(&job, judge, &sub, NULL, on_done, &done, NULL))
		return -1;
	while (!done)
		kl_loop_turn(loop, 1000);
	return done == TESTS ? (double)(kl_clock_mono_us() - start_us) / 1000 : -1;
}

/* The environment is the box's: what Python finds in it costs time. */
static pid_t start_bare(const char *program, const char *data)
{
	static char path[] = "PATH=/usr/bin:/bin", lang[] = "LANG=C.UTF-8", home[] = "HOME=/box";
	char *env[] = { path, lang, home, NULL };
	pid_t pid = vfork();

	if (!pid) {
		int in = open(data, O_RDONLY), out = open("/dev/null", O_WRONLY);

		dup2(in, 0);
		dup2(out, 1);
		execle("/usr/bin/python3", "python3", "-B", program, (char *)NULL, env);
		_exit(127);
	}
	return pid;
}

static double bare(const char *program, const char *data, long cores)
{
	int64_t start_us = kl_clock_mono_us();
	long running = 0;

	for (int i = 0; i < TESTS; i++) {
		if (running == cores) {
			wait(NULL);
			running--;
		}
		running += start_bare(program, data) > 0;
	}
	while (wait(NULL) > 0)
		;
	return (double)(kl_clock_mono_us() - start_us) / 1000;
}

static int by_size(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *times)
{
	qsort(times, ROUNDS, sizeof(*times), by_size);
	return times[ROUNDS / 2];
}

/* The two take turns, so that a busy machine is busy for both. */
static int measure(struct kl_judge *judge, struct kl_loop *loop, const char *program, const char *data)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	double with[ROUNDS], without[ROUNDS];
	static char id[] = "input";
	struct kl_test tests[TESTS];

	memset(tests, 0, sizeof(tests));
	for (int i = 0; i < TESTS; i++) {
		tests[i].id = id;
		tests[i].input = input;
		tests[i].input_len = sizeof(input) - 1;
		tests[i].own = true;
	}
	for (int i = 0; i < ROUNDS; i++) {
		without[i] = bare(program, data, cores);
		with[i] = judged(judge, loop, tests);
		if (with[i] < 0)
			return 1;
	}
	printf("judge: %d tests of one Python program on %ld cores: bare %.1f ms, judged %.1f ms, ratio %.2f\n", TESTS,
	       cores, median(without), median(with), median(with) / median(without));
	return 0;
}

int main(void)
{
	char dir[] = "/tmp/kl-bench-XXXXXX";
	char *program, *data;
	struct kl_loop *loop;
	struct kl_paths paths;
	struct kl_judge *judge;
	int failed;

	if (!mkdtemp(dir))
		return 1;
	program = kl_path_join(dir, "program.py");
	data = kl_path_join(dir, "input");
	if (kl_file_write(program, code, sizeof(code) - 1, 0600, NULL) ||
	    kl_file_write(data, input, sizeof(input) - 1, 0600, NULL) || kl_loop_open(&loop, NULL) ||
	    kl_paths_init(&paths, NULL) || kl_judge_open(&judge, loop, &paths, NULL))
		return 1;
	failed = measure(judge, loop, program, data);
	kl_judge_close(judge);
	kl_paths_release(&paths);
	kl_loop_close(loop);
	if (kl_file_remove_tree(dir, NULL))
		failed = 1;
	free(program);
	free(data);
	return failed;
}
