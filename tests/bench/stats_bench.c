/*
 * What analytics cost when there are many submissions: a database is filled with them, each with its verdict as the judge would write it,
 * and a student, an instructor and a challenge are asked about. usage: stats_bench <build folder> [works]
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/store.h>
#include <kodelab/store_works.h>

#include "tests/bench/load.h"
#include "tests/bench/samples.h"

#define CLASS      2000
#define CHALLENGES 20
#define BATCH      10000 /* works of one transaction */
#define ASKED      50 /* times */
#define APART_MS   INT64_C(2592) /* between two works: a million in a month */

static char ids[CLASS][KL_ID_SIZE];

static void add_work(struct kl_store *store, size_t number, int64_t at_ms)
{
	static const struct kl_clock running = { .held = false };
	static char code[] = "print(input())\n", pack[] = "tiny", language[] = "python", none[] = "";
	static char passed[] = "passed", wrong[] = "wrong_answer",
		    report[] = "{\"tests\":[{\"id\":\"one\",\"verdict\":\"wrong_answer\"}]}";
	size_t challenge = number / CLASS % CHALLENGES;
	bool solves = number % 3 == 0;
	char *slug = challenge ? kl_format("other%zu", challenge) : kl_strdup("echo");
	struct kl_work work = { .pack = pack,
				.slug = slug,
				.language = language,
				.course = none,
				.assignment = none,
				.version = 1,
				.at_ms = at_ms,
				.received_ms = at_ms,
				.judged_ms = at_ms + 1000,
				.state = KL_WORK_DONE,
				.verdict = solves ? passed : wrong,
				.score = solves ? 100 : 0,
				.passed = solves,
				.total = 1,
				.cpu_us = 1000 + (int64_t)(number % 64) * 1000,
				.peak_kib = 9000,
				.code = code,
				.code_len = strlen(code),
				.report = solves ? none : report };
	struct kl_error err;

	kl_id_new(work.id, &running);
	memcpy(work.user, ids[number % CLASS], KL_ID_SIZE);
	if (kl_store_work_add(store, &work, &err) || kl_store_work_end(store, &work, &err))
		load_give_up(err.message);
	free(slug);
}

static void fill(const struct load *load, size_t works)
{
	static const struct kl_clock running = { .held = false };
	int64_t begin_ms = kl_clock_wall_ms(&running) - (int64_t)works * APART_MS;
	struct kl_store *store = load_store(load);
	struct kl_error err;

	for (size_t done = 0; done < works;) {
		if (kl_store_batch_begin(store, &err))
			load_give_up(err.message);
		for (size_t end = done + BATCH; done < end && done < works; done++)
			add_work(store, done, begin_ms + (int64_t)done * APART_MS);
		if (kl_store_batch_end(store, &err))
			load_give_up(err.message);
	}
	kl_store_close(store);
}

static void measure(struct samples *samples, const struct load *load, const char *key, const char *target,
		    const char *who)
{
	for (int i = 0; i < ASKED; i++) {
		int64_t begin_us = kl_clock_mono_us();

		free(load_ask(load, target, who, "", 0));
		samples_add(samples, key, "lab", (double)(kl_clock_mono_us() - begin_us) / 1000);
	}
}

static char *sign_in(const struct load *load)
{
	static const char body[] = "{\"name\":\"class0\",\"password\":\"" LOAD_PASSWORD "\"}";
	char *text = load_ask(load, "POST /api/auth/login", "Content-Type: application/json\r\n", body, strlen(body));
	const char *at = strstr(text, "\"token\":\"");
	char *who;

	if (!at)
		load_give_up(text);
	who = kl_format("Authorization: Bearer %.*s\r\n", (int)strcspn(at + 9, "\""), at + 9);
	free(text);
	return who;
}

int main(int argc, char **argv)
{
	size_t works = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
	struct load load = { .build = argc > 1 ? argv[1] : NULL };
	struct samples *samples = samples_new();
	int64_t begin_us = kl_clock_mono_us();
	char *who;

	if (argc < 2 || !works)
		load_give_up("usage: stats_bench <build folder> [works]");
	load_prepare();
	load_folder(&load);
	load_enroll(&load, CLASS, 8, ids);
	fill(&load, works);
	samples_add(samples, "stats.works", "lab", (double)works);
	samples_add(samples, "stats.fill", "lab", (double)(kl_clock_mono_us() - begin_us) / (double)works);
	load_start_here(&load, "accounts.hash_kib = 8\n");
	load_publish(&load);
	who = sign_in(&load);
	measure(samples, &load, "stats.me", "GET /api/analytics/me", who);
	measure(samples, &load, "stats.all", "GET /api/analytics/instructor/challenges?limit=100",
		"X-Auth-User: bench\r\n");
	measure(samples, &load, "stats.one", "GET /api/analytics/challenge/tiny/echo", "X-Auth-User: bench\r\n");
	load_stop(&load);
	samples_print(samples);
	samples_free(samples);
	free(who);
	return 0;
}
