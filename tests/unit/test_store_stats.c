/* Counts of judged works: after any sequence of verdicts, new verdicts and verdicts taken back they are what counting all works anew gives. */

#include "tests/unit/scratch.h"

#include <kodelab/store.h>
#include <kodelab/store_stats.h>
#include <kodelab/store_works.h>

#define NOON   INT64_C(1767268800000) /* Thursday, 2026-01-01 12:00 UTC */
#define DAY    INT64_C(86400000)
#define USERS  3
#define WORKS  60
#define MOVES  400
#define REPORT "{\"tests\":[{\"id\":\"a\",\"verdict\":\"%s\"},{\"id\":\"b\",\"verdict\":\"%s\"}]}"

static const struct kl_clock clock_ = { .held = true, .held_wall_ms = NOON };
static struct kl_store *store;

/* What the test itself knows of each work. */
static struct known {
	int user; /* its challenge is always the same one */
	int64_t received_ms;
	bool judged, a, b; /* which test passed */
} known[WORKS];

static int set_up(void **state)
{
	char *path;
	enum kl_status status;

	if (scratch_open_fast(state))
		return -1;
	path = kl_path_join(scratch, "server.db");
	status = kl_store_open_server(&store, path, &clock_, NULL);
	free(path);
	memset(known, 0, sizeof(known));
	return status ? -1 : 0;
}

static int tear_down(void **state)
{
	kl_store_close(store);
	return scratch_close(state);
}

/* --- doing -------------------------------------------------------------------------------------------------------- */

static void add(int index, int user, int64_t received_ms)
{
	struct kl_work work = { .pack = (char[]){ "p" },
				.slug = (char[]){ "s" },
				.language = (char[]){ "python" },
				.course = (char[]){ "" },
				.assignment = (char[]){ "" },
				.received_ms = received_ms,
				.code = (char[]){ "" } };

	snprintf(work.id, sizeof(work.id), "w%d", index);
	snprintf(work.user, sizeof(work.user), "u%d", user);
	known[index] = (struct known){ .user = user, .received_ms = received_ms };
	assert_int_equal(kl_store_work_add(store, &work, NULL), KL_OK);
}

static void judge(int index, bool a, bool b)
{
	char report[128];
	struct kl_work work = { .state = KL_WORK_DONE, .total = 2, .passed = a + b, .cpu_us = 3000, .report = report };

	snprintf(work.id, sizeof(work.id), "w%d", index);
	snprintf(report, sizeof(report), REPORT, a ? "passed" : "wrong_answer", b ? "passed" : "time_limit");
	work.verdict = a && b ? (char[]){ "passed" } : !a ? (char[]){ "wrong_answer" } : (char[]){ "time_limit" };
	known[index].judged = true;
	known[index].a = a;
	known[index].b = b;
	assert_int_equal(kl_store_work_end(store, &work, NULL), KL_OK);
}

/* The judge itself could not: the work has no verdict any more. */
static void fail_to_judge(int index)
{
	struct kl_work work = { .state = KL_WORK_FAILED,
				.verdict = (char[]){ "judge_error" },
				.report = (char[]){ "" } };

	snprintf(work.id, sizeof(work.id), "w%d", index);
	known[index].judged = false;
	assert_int_equal(kl_store_work_end(store, &work, NULL), KL_OK);
}

/* --- counting anew ------------------------------------------------------------------------------------------------ */

static bool passed(const struct known *work)
{
	return work->judged && work->a && work->b;
}

/* The user's first pass; NULL: none. */
static const struct known *first_pass(int user)
{
	const struct known *first = NULL;

	for (size_t i = 0; i < WORKS; i++)
		if (known[i].user == user && passed(&known[i]) && (!first || known[i].received_ms < first->received_ms))
			first = &known[i];
	return first;
}

static int64_t tries_of(int user)
{
	const struct known *first = first_pass(user);
	int64_t tries = 0;

	for (size_t i = 0; first && i < WORKS; i++)
		tries += known[i].user == user && known[i].judged && known[i].received_ms <= first->received_ms;
	return tries;
}

static void assert_challenge(void)
{
	struct kl_challenge_stats stats;
	int64_t works = 0, good = 0, tried = 0, solved = 0;

	for (size_t i = 0; i < WORKS; i++) {
		works += known[i].judged;
		good += passed(&known[i]);
	}
	for (int user = 1; user <= USERS; user++) {
		bool has = false;

		for (size_t i = 0; i < WORKS; i++)
			has |= known[i].user == user && known[i].judged;
		tried += has;
		solved += first_pass(user) != NULL;
	}
	assert_int_equal(kl_store_stats_challenge(&stats, store, "p", "s", NULL), KL_OK);
	assert_int_equal(stats.works, works);
	assert_int_equal(stats.passed, good);
	assert_int_equal(stats.tried, tried);
	assert_int_equal(stats.solved, solved);
}

struct counts {
	int64_t a, b, passed, wrong, late, fast, tries[WORKS + 1];
};

static void take_count(void *ctx, const char *what, const char *name, int64_t total)
{
	struct counts *counts = ctx;

	if (!strcmp(what, "test"))
		*(*name == 'a' ? &counts->a : &counts->b) = total;
	else if (!strcmp(what, "tries"))
		counts->tries[strtol(name, NULL, 10)] = total;
	else if (!strcmp(what, "time:python") && !strcmp(name, "2")) /* 3 ms: up to 4 */
		counts->fast = total;
	else if (!strcmp(what, "verdict"))
		*(!strcmp(name, "passed") ? &counts->passed : *name == 'w' ? &counts->wrong : &counts->late) = total;
	else
		fail_msg("%s %s", what, name);
}

static void assert_counts(void)
{
	struct counts want = { .a = 0 }, got = { .a = 0 };

	for (size_t i = 0; i < WORKS; i++) {
		want.a += known[i].judged && !known[i].a;
		want.b += known[i].judged && !known[i].b;
		want.passed += passed(&known[i]);
		want.wrong += known[i].judged && !known[i].a;
		want.late += known[i].judged && known[i].a && !known[i].b;
	}
	want.fast = want.passed;
	for (int user = 1; user <= USERS; user++)
		if (first_pass(user))
			want.tries[tries_of(user)]++;
	assert_int_equal(kl_store_stats_counts(store, "p", "s", take_count, &got, NULL), KL_OK);
	assert_memory_equal(&want, &got, sizeof(want));
}

struct sums {
	int64_t works, passed, solved;
};

static void add_up(void *ctx, int64_t at, int64_t works, int64_t good, int64_t solved)
{
	struct sums *sums = ctx;

	(void)at;
	sums->works += works;
	sums->passed += good;
	sums->solved += solved;
}

/* Each week, and each day of each user, sums up to the same. */
static void assert_periods(void)
{
	struct kl_challenge_stats stats;
	struct sums weeks = { 0 }, days = { 0 };

	assert_int_equal(kl_store_stats_challenge(&stats, store, "p", "s", NULL), KL_OK);
	assert_int_equal(kl_store_stats_weeks(store, "p", "s", 0, add_up, &weeks, NULL), KL_OK);
	for (int user = 1; user <= USERS; user++) {
		char name[8];

		snprintf(name, sizeof(name), "u%d", user);
		assert_int_equal(kl_store_stats_days(store, name, 0, add_up, &days, NULL), KL_OK);
	}
	assert_int_equal(weeks.works, stats.works);
	assert_int_equal(weeks.passed, stats.passed);
	assert_int_equal(weeks.solved, stats.solved);
	assert_memory_equal(&weeks, &days, sizeof(weeks));
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void counts_follow_every_verdict(void **state)
{
	unsigned seed = 2026;

	(void)state;
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK); /* one wait for the disk */
	for (int i = 0; i < WORKS; i++)
		add(i, 1 + i % USERS, NOON + DAY * (i / 6) + i);
	for (int move = 0; move < MOVES; move++) {
		int index = rand_r(&seed) % WORKS, dice = rand_r(&seed) % 10;

		if (dice == 0)
			fail_to_judge(index);
		else
			judge(index, dice > 4, dice > 6);
		if (move % 20)
			continue;
		assert_challenge();
		assert_counts();
		assert_periods();
	}
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
	assert_challenge();
	assert_counts();
	assert_periods();
}

static void weeks_begin_on_monday(void **state)
{
	int64_t week = kl_stats_week(NOON);

	(void)state;
	assert_int_equal(kl_stats_week_begins_ms(week), INT64_C(1766966400000)); /* 2025-12-29, a Monday */
	assert_int_equal(kl_stats_week(INT64_C(1766966400000)), week);
	assert_int_equal(kl_stats_week(INT64_C(1766966400000) - 1), week - 1);
	assert_int_equal(kl_stats_day(-1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts_follow_every_verdict, set_up, tear_down),
		cmocka_unit_test(weeks_begin_on_monday),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
