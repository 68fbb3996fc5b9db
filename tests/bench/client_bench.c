/*
 * The judges' client and a real kodelabd: how many requests a run takes, and what the client adds to the judge's own time
 * (from the submission's created_at to its finished_at), when the answer is waited for and when it is polled.
 * usage: client_bench <build folder> [rounds]
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/instance.h>
#include <kodelab/judge.h>
#include <kodelab/keypool.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_judge.h>
#include <kodelab/vault.h>

#include "tests/bench/samples.h"
#include "tests/judge/campaign_lab.h"
#include "tests/judge/campaign_server.h"

#define TESTS_MAX   50
#define LIST_MAX    ((size_t)1 << 16)
#define DAY_MS      86400000
#define EACH_ROUNDS 5 /* runs of one test in a round: their times are the ones that vary */

static const char code[] = "print(2 * int(input()))\n";
static char input[] = "21\n", id[] = "input";

struct bench {
	struct campaign_lab lab;
	struct campaign_server server;
	struct samples *samples;
	enum kl_verdict verdict; /* of the run that has ended */
	bool done;
};

static void open_bench(struct bench *bench, const char *build, const char *dir)
{
	char *folder = kl_path_join(dir, "server"), *url;

	*bench = (struct bench){ .samples = samples_new() };
	campaign_lab_open(&bench->lab, NULL, "/nonexistent");
	campaign_server_init(&bench->server, bench->lab.loop, build, folder, "50 71 89");
	campaign_server_start(&bench->server);
	while (!bench->server.ready)
		kl_loop_turn(bench->lab.loop, -1);
	url = kl_format("http://127.0.0.1:%d", bench->server.port);
	campaign_lab_add(&bench->lab, "school", url, NULL);
	kl_judge_use(bench->lab.judge, &(struct kl_judge_elsewhere){ .instances = bench->lab.instances,
								     .keys = bench->lab.keys,
								     .store = bench->lab.store,
								     .choice = "school" });
	free(folder);
	free(url);
}

static void close_bench(struct bench *bench)
{
	campaign_server_release(&bench->server);
	campaign_lab_close(&bench->lab);
	samples_free(bench->samples);
}

/* --- a run -------------------------------------------------------------------------------------------------------- */

static void on_done(void *ctx, const struct kl_report *report)
{
	struct bench *bench = ctx;

	bench->done = true;
	bench->verdict = report->verdict;
}

/* Milliseconds; negative: it failed. waits: as Run does; else as Submit. */
static double run(struct bench *bench, size_t count, bool waits)
{
	struct kl_test tests[TESTS_MAX];
	struct kl_submission sub = { .language = kl_language_find("python"),
				     .code = code,
				     .code_len = sizeof(code) - 1,
				     .samples_only = waits,
				     .own = tests,
				     .own_count = count };
	int64_t start_us = kl_clock_mono_us();
	struct kl_job *job;
	struct kl_error err;

	memset(tests, 0, sizeof(tests));
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct kl_test){ .id = id, .input = input, .input_len = sizeof(input) - 1, .own = true };
	bench->done = false;
	must(kl_judge_submit(&job, bench->lab.judge, &sub, NULL, on_done, bench, &err), &err);
	while (!bench->done)
		kl_loop_turn(bench->lab.loop, -1);
	return bench->verdict == KL_VERDICT_RAN ? (double)(kl_clock_mono_us() - start_us) / 1000 : -1;
}

/* Of the day, of "2026-03-01T14:05:06.789Z" after name. */
static double time_ms(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	int hour, minute;
	double second;

	if (!at || sscanf(at + strlen(name), "\":\"%*d-%*d-%*dT%d:%d:%lfZ", &hour, &minute, &second) != 3)
		campaign_give_up("the server's list", text);
	return (hour * 60 + minute) * 60000.0 + second * 1000;
}

/* What the judge itself took for its latest submission. */
static double own_ms(const struct bench *bench)
{
	struct kl_buf text;
	double ms;

	kl_buf_init(&text, LIST_MAX);
	campaign_server_list(&bench->server, &text);
	ms = time_ms(text.data, "finished_at") - time_ms(text.data, "created_at");
	kl_buf_release(&text);
	return ms < 0 ? ms + DAY_MS : ms;
}

/* --- measuring ---------------------------------------------------------------------------------------------------- */

struct sum {
	const char *what;
	int64_t count;
};

static void add_up(void *ctx, const struct kl_judge_count *count)
{
	struct sum *sum = ctx;

	if (!strcmp(count->what, sum->what))
		sum->count += count->count;
}

static int64_t counted(const struct bench *bench, const char *what)
{
	struct sum sum = { .what = what };
	struct kl_error err;

	must(kl_store_counts_each(bench->lab.store, add_up, &sum, &err), &err);
	return sum.count;
}

/* key: counts, of what ("request"), for one run. */
static void measure_count(struct bench *bench, const char *key, const char *what, size_t count, bool waits)
{
	int64_t before = counted(bench, what);
	bool good = run(bench, count, waits) >= 0;

	samples_add(bench->samples, key, "lab", good ? (double)(counted(bench, what) - before) : -1);
}

static void measure_time(struct bench *bench, const char *key, bool waits)
{
	double ms = run(bench, 1, waits);

	samples_add(bench->samples, key, "lab", ms < 0 ? ms : ms - own_ms(bench));
}

int main(int argc, char **argv)
{
	long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 15;
	char dir[] = "/tmp/kl-bench-XXXXXX";
	struct bench bench;

	if (argc < 2 || !mkdtemp(dir))
		return 1;
	setenv("XDG_CACHE_HOME", dir, 1);
	open_bench(&bench, argv[1], dir);
	run(&bench, 1, true); /* it asks the instance what it can do */
	run(&bench, 1, false); /* it learns how long it takes */
	for (long i = 0; i < rounds; i++) {
		measure_count(&bench, "requests.1", "request", 1, true);
		measure_count(&bench, "requests.8", "request", 8, true);
		measure_count(&bench, "requests.50", "request", TESTS_MAX, true);
		measure_count(&bench, "submissions.50", "submission", TESTS_MAX, false);
		for (int k = 0; k < EACH_ROUNDS; k++) {
			measure_time(&bench, "added.wait", true);
			measure_time(&bench, "added.poll", false);
		}
	}
	samples_print(bench.samples);
	close_bench(&bench);
	return kl_file_remove_tree(dir, NULL) ? 1 : 0;
}
