/* links: tui/tally.c */
/* Counts of judges elsewhere, added up. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/store.h>
#include <kodelab/store_judge.h>

#include "tui/tally.h"

static struct kl_clock held = { .held = true, .held_wall_ms = 1000000 };

static const struct {
	const char *judge, *language, *what;
	int64_t by;
} counts[] = {
	{ "school", "python", "run", 3 },
	{ "school", "python", "ms 100", 1 },
	{ "school", "python", "ms 500", 2 },
	{ "school", "python", "request", 4 },
	{ "school", "c", "run", 1 },
	{ "school", "c", "ms more", 1 },
	{ "school", "c", "compile error", 1 },
	{ "rapid", "python", "failed", 2 },
	{ "rapid", "python", "submission", 2 },
	{ "rapid", "python", "cached", 7 },
	{ "rapid", "python", "something new", 1 },
};

static struct kl_store *filled_store(void)
{
	struct kl_store *store;

	assert_int_equal(kl_store_open(&store, NULL, NULL, &held, NULL), KL_OK);
	for (size_t i = 0; i < KL_LENGTH(counts); i++)
		assert_int_equal(kl_store_count_add(store, counts[i].judge, counts[i].language, counts[i].what,
						    counts[i].by, NULL),
				 KL_OK);
	return store;
}

static void lines_and_their_sums(void **state)
{
	struct kl_store *store = filled_store();
	struct tally tally = { .lines = NULL };
	struct tally_line all, school, python, nobody;

	(void)state;
	for (int i = 0; i < 2; i++) /* the second time adds nothing */
		assert_int_equal(tally_read(&tally, store, NULL), KL_OK);
	assert_int_equal(tally.count, 3);
	assert_string_equal(tally.lines[0].judge, "rapid");
	assert_string_equal(tally.lines[2].language, "python");
	all = tally_sum(&tally, NULL, NULL);
	school = tally_sum(&tally, "school", NULL);
	python = tally_sum(&tally, NULL, "python");
	nobody = tally_sum(&tally, "school", "rust");
	assert_int_equal(all.counts[TALLY_RUNS], 4);
	assert_int_equal(all.counts[TALLY_FAILED], 2);
	assert_int_equal(all.counts[TALLY_SENT], 2);
	assert_int_equal(all.counts[TALLY_REQUESTS], 4);
	assert_int_equal(all.counts[TALLY_REUSED], 7);
	assert_int_equal(school.counts[TALLY_RUNS], 4);
	assert_int_equal(school.counts[TALLY_FAILED], 0);
	assert_int_equal(python.counts[TALLY_RUNS], 3);
	assert_int_equal(nobody.counts[TALLY_RUNS], 0);
	tally_release(&tally);
	kl_store_close(store);
}

static void the_faster_half(void **state)
{
	static const struct {
		int64_t times[TALLY_TIMES];
		size_t half;
	} cases[] = {
		{ { 0 }, TALLY_TIMES },
		{ { 1 }, 0 },
		{ { 1, 1 }, 0 },
		{ { 1, 2 }, 1 },
		{ { 0, 0, 5, 0, 0, 0, 0, 0, 4 }, 2 },
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 1 }, TALLY_TIMES - 1 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct tally_line line = { .judge = NULL };

		for (size_t part = 0; part < TALLY_TIMES; part++)
			line.times[part] = cases[i].times[part];
		assert_int_equal(tally_half(&line), cases[i].half);
	}
	assert_string_equal(tally_bound(0), "100");
	assert_string_equal(tally_bound(TALLY_TIMES - 1), "more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_and_their_sums),
		cmocka_unit_test(the_faster_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
