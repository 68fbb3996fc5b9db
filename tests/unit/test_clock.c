/* The clock, held and running. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <poll.h>

static void held_by_the_environment(void **state)
{
	struct kl_clock clock;

	(void)state;
	setenv("KL_CLOCK", "1772370300000", 1);
	kl_clock_init(&clock);
	assert_true(clock.held);
	assert_int_equal(kl_clock_wall_ms(&clock), INT64_C(1772370300000));
	setenv("KL_CLOCK", "soon", 1);
	kl_clock_init(&clock);
	assert_false(clock.held);
	unsetenv("KL_CLOCK");
	kl_clock_init(&clock);
	assert_true(kl_clock_wall_ms(&clock) > INT64_C(1600000000000));
}

static void monotonic_rises(void **state)
{
	int64_t before = kl_clock_mono_us();

	(void)state;
	assert_true(kl_clock_mono_us() >= before);
	assert_true(kl_clock_mono_ms() >= before / 1000);
}

static void processor_time_is_ours_alone(void **state)
{
	int64_t before_us = kl_clock_cpu_us(), begin_us = kl_clock_mono_us();

	(void)state;
	(void)poll(NULL, 0, 200);
	assert_true(kl_clock_mono_us() - begin_us >= 200000);
	assert_true(kl_clock_cpu_us() - before_us < 100000); /* waiting costs none */
	while (kl_clock_cpu_us() - before_us < 102000)
		; /* work does */
}

static void local_days(void **state)
{
	static const struct {
		const char *zone;
		int64_t wall_ms;
		int day;
		int64_t number;
		const char *text;
	} cases[] = {
		{ "UTC", 0, 19700101, 0, "1970-01-01 00:00" },
		{ "UTC", -1, 19691231, -1, "1969-12-31 23:59" },
		{ "UTC", INT64_C(1772370300000), 20260301, 20513, "2026-03-01 13:05" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", INT64_C(1772370300000), 20260301, 20513, "2026-03-01 14:05" },
		{ "NZST-12", INT64_C(1772370300000), 20260302, 20514, "2026-03-02 01:05" },
	};
	struct kl_clock clock;
	char text[17];

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		setenv("TZ", cases[i].zone, 1);
		kl_clock_init(&clock);
		assert_int_equal(kl_clock_local_day(cases[i].wall_ms), cases[i].day);
		assert_int_equal(kl_clock_local_day_number(cases[i].wall_ms), cases[i].number);
		kl_clock_format(cases[i].wall_ms, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void times_as_texts(void **state)
{
	static const struct {
		const char *text;
		int64_t wall_ms; /* -1: it is refused */
	} cases[] = {
		{ "2026-11-30T12:00:00.123Z", INT64_C(1796040000123) },
		{ "2026-11-30T12:00:00Z", INT64_C(1796040000000) },
		{ "2026-11-30T12:00:00.1234567Z", INT64_C(1796040000123) },
		{ "2024-02-29T23:59:59.5Z", INT64_C(1709251199500) },
		{ "2026-02-29T00:00:00Z", -1 },
		{ "2026-11-30T12:00:00", -1 },
		{ "2026-11-30T12:00:00+01:00", -1 },
		{ "2026-11-30 12:00:00Z", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "", -1 },
	};
	char text[KL_UTC_SIZE];
	int64_t wall_ms;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		wall_ms = -1;
		assert_int_equal(kl_clock_read_utc(&wall_ms, cases[i].text), cases[i].wall_ms >= 0);
		assert_int_equal(wall_ms, cases[i].wall_ms);
	}
	kl_clock_print_utc(text, INT64_C(1796040000007));
	assert_string_equal(text, "2026-11-30T12:00:00.007Z");
}

static void a_sum_that_is_too_large_stays_the_largest(void **state)
{
	(void)state;
	assert_true(kl_sum_ms(2, 3) == 5);
	assert_true(kl_sum_ms(INT64_MAX - 3, 3) == INT64_MAX);
	assert_true(kl_sum_ms(INT64_MAX - 2, 3) == INT64_MAX);
	assert_true(kl_sum_ms(INT64_MAX, INT64_MAX) == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_by_the_environment),
		cmocka_unit_test(monotonic_rises),
		cmocka_unit_test(processor_time_is_ours_alone),
		cmocka_unit_test(local_days),
		cmocka_unit_test(times_as_texts),
		cmocka_unit_test(a_sum_that_is_too_large_stays_the_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
