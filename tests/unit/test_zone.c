/* Where days begin: known midnights, and every zone of this system beside the C library's own reading of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/zone.h>
#include <stdlib.h>
#include <time.h>

static int64_t at(const char *utc)
{
	struct tm tm = { .tm_mday = 0 };

	assert_non_null(strptime(utc, "%Y-%m-%d %H:%M", &tm));
	return (int64_t)timegm(&tm) * 1000;
}

static void known_midnights(void **state)
{
	/* clang-format off */
	static const struct {
		const char *zone, *now, *midnight; /* UTC */
	} cases[] = {
		{ "UTC",                 "2026-11-29 09:00", "2026-11-30 00:00" },
		{ "UTC",                 "2026-11-29 00:00", "2026-11-30 00:00" }, /* at midnight: the next one */
		{ "Europe/Berlin",       "2026-07-01 12:00", "2026-07-01 22:00" },
		{ "Europe/Berlin",       "2026-12-01 12:00", "2026-12-01 23:00" },
		{ "Europe/Berlin",       "2026-03-28 23:30", "2026-03-29 22:00" }, /* a day of 23 hours */
		{ "Europe/Berlin",       "2026-10-24 22:30", "2026-10-25 23:00" }, /* of 25 */
		{ "America/New_York",    "2026-03-08 05:30", "2026-03-09 04:00" },
		{ "America/New_York",    "2026-11-01 04:30", "2026-11-02 05:00" },
		{ "America/Los_Angeles", "2026-11-29 09:15", "2026-11-30 08:00" },
		{ "Asia/Kolkata",        "2026-01-01 18:29", "2026-01-01 18:30" },
		{ "Asia/Kathmandu",      "2026-01-01 18:15", "2026-01-02 18:15" },
		{ "Australia/Lord_Howe", "2026-04-04 13:00", "2026-04-05 13:30" }, /* turns by half an hour */
		{ "Africa/Cairo",        "2026-04-23 12:00", "2026-04-23 22:00" }, /* no midnight: 00:00 becomes 01:00 */
		{ "Asia/Beirut",         "2026-03-28 12:00", "2026-03-28 22:00" },
		{ "Pacific/Apia",        "2011-12-30 09:59", "2011-12-30 10:00" }, /* a whole day left out */
		{ "Pacific/Kiritimati",  "2026-11-29 09:59", "2026-11-29 10:00" },
		{ "Asia/Tokyo",          "2099-06-01 00:00", "2099-06-01 15:00" }, /* by the rule */
		{ "America/New_York",    "2099-07-04 12:00", "2099-07-05 04:00" },
	};
	/* clang-format on */
	struct kl_zone *zone;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		assert_int_equal(kl_zone_open(&zone, cases[i].zone, NULL), KL_OK);
		if (kl_zone_next_midnight_ms(zone, at(cases[i].now)) != at(cases[i].midnight))
			fail_msg("%s at %s: %lld", cases[i].zone, cases[i].now,
				 (long long)kl_zone_next_midnight_ms(zone, at(cases[i].now)) / 1000);
		kl_zone_close(zone);
	}
}

static void refused(void **state)
{
	/* clang-format off */
	static const struct {
		const char *name;
		enum kl_status status;
		const char *sentence;
	} cases[] = {
		{ "", KL_EINVAL, "'' is no name of a time zone: one is 'Europe/Berlin'" },
		{ "../../../etc/passwd", KL_EINVAL, "'../../../etc/passwd' is no name of a time zone: one is 'Europe/Berlin'" },
		{ "/etc/passwd", KL_EINVAL, "'/etc/passwd' is no name of a time zone: one is 'Europe/Berlin'" },
		{ "Europe/Berlin/", KL_EINVAL, "'Europe/Berlin/' is no name of a time zone: one is 'Europe/Berlin'" },
		{ "Middle/Earth", KL_ENOENT, "this system knows no time zone 'Middle/Earth': 'UTC' is always known" },
		{ "Europe", KL_ENOENT, "this system knows no time zone 'Europe': 'UTC' is always known" },
		{ "leapseconds", KL_ECORRUPT, "'/usr/share/zoneinfo/leapseconds' is no time zone file: use another zone, 'UTC' say" },
	};
	/* clang-format on */
	struct kl_zone *zone = NULL;
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		assert_int_equal(kl_zone_open(&zone, cases[i].name, &err), cases[i].status);
		assert_string_equal(err.message, cases[i].sentence);
		assert_null(zone);
	}
}

/* The C library's own reading. Where a day comes twice (a clock turned back over midnight), it is told by its date. */
static bool same_day(const struct tm *a, const struct tm *b)
{
	return a->tm_yday == b->tm_yday && a->tm_year == b->tm_year;
}

static void compare(const char *name, const struct kl_zone *zone)
{
	int64_t step_s = INT64_C(86400) * 13 + 4567, end_s = INT64_C(86400) * 365 * 80;

	setenv("TZ", name, 1);
	tzset();
	for (int64_t at_s = INT64_C(86400) * 365; at_s < end_s; at_s += step_s) {
		time_t now = (time_t)at_s, midnight = (time_t)(kl_zone_next_midnight_ms(zone, at_s * 1000) / 1000);
		struct tm here, there;

		localtime_r(&now, &here);
		if (here.tm_gmtoff != kl_zone_offset_s(zone, at_s))
			fail_msg("%s at %lld: %ld, not %lld", name, (long long)at_s, here.tm_gmtoff,
				 (long long)kl_zone_offset_s(zone, at_s));
		localtime_r(&midnight, &there);
		if (same_day(&here, &there) || midnight <= now)
			fail_msg("%s at %lld: the day goes on at %lld", name, (long long)at_s, (long long)midnight);
		midnight--;
		localtime_r(&midnight, &there);
		if (!same_day(&here, &there))
			fail_msg("%s at %lld: the day ended before %lld", name, (long long)at_s, (long long)midnight);
	}
}

static void like_the_c_library(void **state)
{
	char line[256], name[KL_ZONE_NAME_SIZE];
	FILE *table = fopen("/usr/share/zoneinfo/tzdata.zi", "r");
	struct kl_zone *zone;
	size_t count = 0;

	(void)state;
	if (!table) {
		print_message("no tzdata.zi here: nothing to compare with\n");
		skip();
	}
	while (fgets(line, sizeof(line), table)) {
		if (sscanf(line, "Z %63s", name) != 1)
			continue;
		assert_int_equal(kl_zone_open(&zone, name, NULL), KL_OK);
		compare(name, zone);
		kl_zone_close(zone);
		count++;
	}
	fclose(table);
	unsetenv("TZ");
	tzset();
	assert_in_range(count, 200, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_midnights),
		cmocka_unit_test(refused),
		cmocka_unit_test(like_the_c_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
