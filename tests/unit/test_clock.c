/* The clock, held and running. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_by_the_environment),
		cmocka_unit_test(monotonic_rises),
		cmocka_unit_test(local_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
