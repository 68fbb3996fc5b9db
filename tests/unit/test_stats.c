/* Streaks, shares and the calendar, on a held clock, with days of 23 and 25 hours. */

#include "tests/unit/scratch.h"

#include <kodelab/progress.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)
#define NOON    INT64_C(1767268800000) /* 2026-01-01 12:00 UTC, a Thursday */

static const struct row {
	const char *slug, *difficulty, *category;
} rows[] = {
	{ "one", "BEGINNER", "basics" },
	{ "two", "BEGINNER", "strings" },
	{ "three", "EXPERT", "strings" },
};

static struct kl_catalogue *catalogue;
static struct kl_store *store;
static struct kl_clock held = { .held = true, .held_wall_ms = NOON };

static void make_pack(void)
{
	scratch_put("pack/pack.json",
		    "{\"format\": 1, \"id\": \"pack\", \"title\": \"P\", \"description\": \"d\", \"author\": \"a\","
		    " \"licence\": \"MIT\", \"version\": \"1\", \"challenges\": [\"one\", \"two\", \"three\"]}");
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		char *name = kl_format("pack/%s/challenge.json", rows[i].slug);
		char *text = kl_format("{\"format\": 1, \"title\": \"T\", \"summary\": \"s\", \"difficulty\": \"%s\","
				       " \"category\": \"%s\", \"minutes\": 5, \"hints\": [], \"kind\": \"program\"}",
				       rows[i].difficulty, rows[i].category);

		scratch_put(name, text);
		free(text);
		free(name);
	}
}

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static int set_up(void **state)
{
	const char *dirs[] = { scratch };

	(void)state;
	set_zone("UTC");
	held.held_wall_ms = NOON;
	if (scratch_open(state))
		return -1;
	make_pack();
	catalogue = kl_catalogue_open(dirs, 1, NULL);
	return kl_store_open(&store, NULL, NULL, &held, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	kl_store_close(store);
	kl_catalogue_close(catalogue);
	return scratch_close(state);
}

static void submit(const char *slug, int64_t at_ms, int passed)
{
	char *name = kl_strdup(slug), pack[] = "pack", language[] = "c", verdict[] = "x";
	struct kl_attempt attempt = { .pack = pack,
				      .slug = name,
				      .language = language,
				      .verdict = verdict,
				      .kind = KL_ATTEMPT_SUBMIT,
				      .passed = passed,
				      .total = 2,
				      .at_ms = at_ms };

	assert_int_equal(kl_store_attempt_add(store, &attempt, NULL, NULL), KL_OK);
	free(name);
}

static struct kl_stats stats_at(int64_t now_ms)
{
	struct kl_clock clock = { .held = true, .held_wall_ms = now_ms };
	struct kl_stats stats;

	assert_int_equal(kl_stats_read(&stats, store, catalogue, &clock, NULL), KL_OK);
	return stats;
}

static void nothing_yet(void **state)
{
	struct kl_stats stats = stats_at(NOON);

	(void)state;
	assert_int_equal(stats.total, 3);
	assert_int_equal(stats.completed + stats.in_progress + stats.attempts + stats.streak + stats.longest_streak, 0);
	assert_int_equal(stats.heatmap_first_day % 7, 4); /* a Monday: day 4 was 1970-01-05 */
	assert_int_equal(stats.category_count, 2);
	kl_stats_release(&stats);
}

static void shares_and_totals(void **state)
{
	struct kl_stats stats;

	(void)state;
	submit("one", NOON, 2);
	submit("three", NOON, 1);
	submit("gone-from-the-packs", NOON, 2);
	assert_int_equal(kl_store_spent_add(store, "pack", "one", 90000, NULL), KL_OK);
	stats = stats_at(NOON);
	assert_int_equal(stats.completed, 1);
	assert_int_equal(stats.in_progress, 1);
	assert_int_equal(stats.attempts, 3);
	assert_int_equal(stats.submits, 3);
	assert_int_equal(stats.passes, 2);
	assert_true(stats.spent_ms == 90000);
	assert_string_equal(stats.by_difficulty[KL_EXPERT].name, "EXPERT");
	assert_int_equal(stats.by_difficulty[KL_EXPERT].in_progress, 1);
	assert_int_equal(stats.by_difficulty[KL_BEGINNER].completed, 1);
	assert_int_equal(stats.by_difficulty[KL_BEGINNER].total, 2);
	assert_string_equal(stats.by_category[1].name, "strings");
	assert_int_equal(stats.by_category[1].total, 2);
	assert_int_equal(stats.by_category[1].in_progress, 1);
	kl_stats_release(&stats);
}

static void streaks(void **state)
{
	/* clang-format off */
	static const struct {
		const char *days; /* the days before today with an attempt, today first: "x" yes, "." no */
		int streak, longest;
	} cases[] = {
		{ "x",        1, 1 },
		{ ".x",       1, 1 }, /* today may still be empty */
		{ "..xx",     0, 2 },
		{ "xxx.xxxx", 3, 4 },
		{ ".xx.x",    2, 2 },
		{ "x.x.x",    1, 1 },
	};
	/* clang-format on */

	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_stats stats;

		for (int64_t back = 0; cases[i].days[back]; back++)
			if (cases[i].days[back] == 'x')
				submit("one", NOON - back * DAY_MS, 1);
		stats = stats_at(NOON);
		assert_int_equal(stats.streak, cases[i].streak);
		assert_int_equal(stats.longest_streak, cases[i].longest);
		kl_stats_release(&stats);
		tear_down(state);
		assert_int_equal(set_up(state), 0);
	}
}

static void an_attempt_from_the_future_makes_no_streak(void **state)
{
	struct kl_stats stats;

	(void)state;
	submit("one", NOON, 1);
	submit("one", NOON + 30 * DAY_MS, 1);
	stats = stats_at(NOON);
	assert_int_equal(stats.streak, 1);
	assert_int_equal(stats.longest_streak, 1);
	kl_stats_release(&stats);
}

/* Every evening at half past eleven, over the nights when the clocks change: no day is lost, none counted twice. */
static void clock_changes_break_no_streak(void **state)
{
	static const int64_t evenings[] = {
		INT64_C(1774650600000), /* 2026-03-27 23:30 in Berlin; the 29th has 23 hours */
		INT64_C(1792791000000), /* 2026-10-23 23:30; the 25th has 25 hours */
	};

	(void)state;
	set_zone("Europe/Berlin");
	for (size_t i = 0; i < KL_LENGTH(evenings); i++) {
		int64_t at = evenings[i], now = at + 4 * DAY_MS;
		struct kl_stats stats;

		for (int day = 0; day < 5; day++) {
			int64_t shifted = at + day * DAY_MS;

			if (day >= 2)
				shifted += i == 0 ? -HOUR_MS : HOUR_MS;
			submit("one", shifted, 1);
		}
		stats = stats_at(now);
		assert_int_equal(stats.streak, 5);
		assert_int_equal(stats.longest_streak, 5);
		kl_stats_release(&stats);
	}
}

static void calendar_ends_with_this_week(void **state)
{
	struct kl_stats stats;
	size_t thursday = KL_HEATMAP_DAYS - 7 + 3;

	(void)state;
	submit("one", NOON, 2);
	submit("two", NOON - 3 * DAY_MS, 2);
	submit("two", NOON - 4 * DAY_MS, 1); /* Sunday: the week before */
	submit("two", NOON - 200 * DAY_MS, 1);
	stats = stats_at(NOON);
	assert_int_equal(stats.heatmap[thursday], 1);
	assert_int_equal(stats.heatmap[thursday - 3], 1);
	assert_int_equal(stats.heatmap[thursday - 4], 1);
	assert_int_equal(stats.heatmap[thursday + 1], 0);
	assert_int_equal(stats.weekly[KL_HEATMAP_WEEKS - 1], 2);
	assert_int_equal(stats.weekly[KL_HEATMAP_WEEKS - 2], 0);
	assert_int_equal(stats.attempts, 4);
	kl_stats_release(&stats);
}

static void states_reach_the_catalogue(void **state)
{
	size_t one, two;

	(void)state;
	submit("one", NOON, 2);
	assert_int_equal(kl_store_opened(store, "pack", "two", "c", NULL), KL_OK);
	assert_int_equal(kl_progress_apply(catalogue, store, NULL), KL_OK);
	assert_int_equal(kl_catalogue_find(&one, catalogue, "pack/one", NULL, NULL), KL_OK);
	assert_int_equal(kl_catalogue_find(&two, catalogue, "pack/two", NULL, NULL), KL_OK);
	assert_int_equal(kl_catalogue_at(catalogue, one)->state, KL_COMPLETED);
	assert_int_equal(kl_catalogue_at(catalogue, two)->state, KL_IN_PROGRESS);
	assert_int_equal(kl_store_reset(store, "pack", "one", NULL), KL_OK);
	assert_int_equal(kl_progress_apply(catalogue, store, NULL), KL_OK);
	assert_int_equal(kl_catalogue_at(catalogue, one)->state, KL_NOT_STARTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_yet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(shares_and_totals, set_up, tear_down),
		cmocka_unit_test_setup_teardown(streaks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_attempt_from_the_future_makes_no_streak, set_up, tear_down),
		cmocka_unit_test_setup_teardown(clock_changes_break_no_streak, set_up, tear_down),
		cmocka_unit_test_setup_teardown(calendar_ends_with_this_week, set_up, tear_down),
		cmocka_unit_test_setup_teardown(states_reach_the_catalogue, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
