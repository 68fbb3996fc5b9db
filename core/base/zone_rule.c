/* The rule at the end of a zone's file: two offsets, and when in a year the clock turns from one to the other. */

#include <kodelab/alloc.h>

#include "core/base/zone_int.h"

/* --- reading: "CET-1CEST,M3.5.0,M10.5.0/3" ----------------------------------------------------------------------- */

static bool read_number(int *value, const char **at, int max)
{
	const char *begin = *at;

	*value = 0;
	for (; **at >= '0' && **at <= '9' && *value <= max; (*at)++)
		*value = *value * 10 + (**at - '0');
	return *at > begin && *value <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool read_time(int64_t *seconds, const char **at)
{
	int parts[3] = { 0, 0, 0 };
	int64_t sign = 1;

	if (**at == '+' || **at == '-')
		sign = *(*at)++ == '-' ? -1 : 1;
	for (size_t i = 0; i < KL_LENGTH(parts); i++) {
		if (i && **at != ':')
			break;
		*at += i ? 1 : 0;
		if (!read_number(&parts[i], at, i ? 59 : 167))
			return false;
	}
	*seconds = sign * (parts[0] * INT64_C(3600) + parts[1] * INT64_C(60) + parts[2]);
	return true;
}

/* A name as "CET" or "<+03>". */
static bool skip_name(const char **at)
{
	const char *begin = *at;

	if (**at == '<') {
		*at = strchr(begin, '>');
		if (!*at)
			return false;
		(*at)++;
		return true;
	}
	while ((**at >= 'A' && **at <= 'Z') || (**at >= 'a' && **at <= 'z'))
		(*at)++;
	return *at >= begin + 3;
}

static bool read_day(struct zone_turn *turn, const char **at)
{
	if (**at == 'M') {
		turn->kind = ZONE_DAY_OF_MONTH;
		(*at)++;
		return read_number(&turn->month, at, 12) && turn->month && *(*at)++ == '.' &&
		       read_number(&turn->week, at, 5) && turn->week && *(*at)++ == '.' &&
		       read_number(&turn->day, at, 6);
	}
	turn->kind = **at == 'J' ? ZONE_DAY_JULIAN : ZONE_DAY_OF_YEAR;
	*at += **at == 'J';
	return read_number(&turn->day, at, 365) && (turn->kind == ZONE_DAY_OF_YEAR || turn->day);
}

static bool read_turn(struct zone_turn *turn, const char **at)
{
	if (*(*at)++ != ',' || !read_day(turn, at))
		return false;
	turn->time_s = 2 * 3600;
	if (**at != '/')
		return true;
	(*at)++;
	return read_time(&turn->time_s, at);
}

bool zone_rule_read(struct zone_rule *rule, const char *text)
{
	const char *at = text;

	*rule = (struct zone_rule){ .has_summer = false };
	if (!skip_name(&at) || !read_time(&rule->standard_s, &at))
		return false;
	rule->standard_s = -rule->standard_s; /* written as west of Greenwich */
	if (!*at)
		return true;
	rule->has_summer = true;
	rule->summer_s = rule->standard_s + 3600;
	if (!skip_name(&at))
		return false;
	if (*at != ',') {
		if (!read_time(&rule->summer_s, &at))
			return false;
		rule->summer_s = -rule->summer_s;
	}
	return read_turn(&rule->to_summer, &at) && read_turn(&rule->to_standard, &at) && !*at;
}

/* --- the calendar ----------------------------------------------------------------------------------------------- */

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to the first of January. */
static int64_t days_to_year(int64_t year)
{
	int64_t before = year - 1;

	return 365 * (year - 1970) + zone_floor(before, 4) - zone_floor(before, 100) + zone_floor(before, 400) - 477;
}

static int64_t year_of(int64_t at_s)
{
	int64_t day = zone_floor(at_s, ZONE_DAY_S);
	int64_t year = 1970 + zone_floor(day, 366); /* near it */

	while (days_to_year(year + 1) <= day)
		year++;
	while (days_to_year(year) > day)
		year--;
	return year;
}

static int month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t day_of_month(const struct zone_turn *turn, int64_t year)
{
	int64_t first = days_to_year(year), day;
	int weekday;

	for (int month = 1; month < turn->month; month++)
		first += month_days(year, month);
	weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	day = first + (turn->day - weekday + 7) % 7 + 7 * (turn->week - 1);
	if (day >= first + month_days(year, turn->month))
		day -= 7;
	return day;
}

static int64_t turn_at_s(const struct zone_turn *turn, int64_t year, int64_t offset_before_s)
{
	int64_t day = days_to_year(year) + turn->day;

	switch (turn->kind) {
	case ZONE_DAY_JULIAN:
		day -= !(is_leap(year) && turn->day >= 60);
		break;
	case ZONE_DAY_OF_YEAR:
		break;
	case ZONE_DAY_OF_MONTH:
		day = day_of_month(turn, year);
		break;
	}
	return day * ZONE_DAY_S + turn->time_s - offset_before_s;
}

/* --- asking ----------------------------------------------------------------------------------------------------- */

/* The last turn at or before at_s and the first one after it. A turn may fall into the neighbouring years. */
static void turns_around(int64_t *next_s, bool *summer, const struct zone_rule *rule, int64_t at_s)
{
	int64_t year = year_of(at_s), last_s = INT64_MIN;

	*next_s = INT64_MAX;
	*summer = false;
	for (int64_t y = year - 1; y <= year + 1; y++)
		for (int to_summer = 0; to_summer < 2; to_summer++) {
			int64_t turn_s = to_summer ? turn_at_s(&rule->to_summer, y, rule->standard_s)
						   : turn_at_s(&rule->to_standard, y, rule->summer_s);

			if (turn_s > at_s && turn_s < *next_s)
				*next_s = turn_s;
			/* at one moment (summer all year): summer wins */
			if (turn_s <= at_s && (turn_s > last_s || (turn_s == last_s && to_summer))) {
				last_s = turn_s;
				*summer = to_summer;
			}
		}
}

int64_t zone_rule_offset_s(const struct zone_rule *rule, int64_t at_s)
{
	int64_t next_s;
	bool summer = false;

	if (rule->has_summer)
		turns_around(&next_s, &summer, rule, at_s);
	return summer ? rule->summer_s : rule->standard_s;
}

int64_t zone_rule_next_s(const struct zone_rule *rule, int64_t at_s)
{
	int64_t next_s = INT64_MAX;
	bool summer;

	if (rule->has_summer)
		turns_around(&next_s, &summer, rule, at_s);
	return next_s;
}
