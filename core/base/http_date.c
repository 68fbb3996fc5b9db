/* Times in headers: the three forms of an HTTP date (RFC 9110, 5.6.7), read without the locale, and Retry-After. */

#include <kodelab/http.h>

#include <strings.h>

#include <kodelab/alloc.h>

#define DAY_MS INT64_C(86400000)

static int month_of(const char *name)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	for (int i = 0; i < (int)KL_LENGTH(names); i++)
		if (!strcasecmp(name, names[i]))
			return i;
	return -1;
}

/* Years since 1900. Two digits mean 1970 to 2069. */
static int full_year(int year)
{
	if (year >= 100)
		return year - 1900;
	return year < 70 ? year + 100 : year;
}

int64_t kl_http_date_ms(const char *text)
{
	struct tm tm = { .tm_isdst = 0 };
	char month[4], zone[4];
	int end = 0;

	/* NOLINTBEGIN(cert-err34-c): at most four digits, the ranges are checked below */
	if ((sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d %3[A-Z]%n", &tm.tm_mday, month, &tm.tm_year,
		    &tm.tm_hour, &tm.tm_min, &tm.tm_sec, zone, &end) == 7 ||
	     sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d %3[A-Z]%n", &tm.tm_mday, month, &tm.tm_year,
		    &tm.tm_hour, &tm.tm_min, &tm.tm_sec, zone, &end) == 7)) {
		if (strcmp(zone, "GMT") != 0)
			return -1;
	} else if (sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &tm.tm_mday, &tm.tm_hour,
			  &tm.tm_min, &tm.tm_sec, &tm.tm_year, &end) != 6) {
		return -1;
	}
	/* NOLINTEND(cert-err34-c) */
	tm.tm_mon = month_of(month);
	tm.tm_year = full_year(tm.tm_year);
	if (text[end] != '\0' || tm.tm_mon < 0 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour < 0 ||
	    tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60 || tm.tm_year < 70)
		return -1;
	return (int64_t)timegm(&tm) * 1000;
}

static int64_t seconds_ms(const char *digits)
{
	int64_t seconds = 0;

	for (; *digits; digits++) {
		if (*digits < '0' || *digits > '9')
			return -1;
		if (seconds <= DAY_MS / 1000)
			seconds = seconds * 10 + (*digits - '0');
	}
	return seconds * 1000;
}

int64_t kl_http_retry_after_ms(const struct kl_http_result *result, int64_t wall_ms)
{
	const char *value = kl_http_header(result, "Retry-After");
	int64_t wait_ms, date_ms;

	if (!value || !*value)
		return -1;
	wait_ms = seconds_ms(value);
	if (wait_ms < 0) {
		date_ms = kl_http_date_ms(value);
		if (date_ms < 0)
			return -1;
		wait_ms = date_ms > wall_ms ? date_ms - wall_ms : 0;
	}
	return wait_ms < DAY_MS ? wait_ms : DAY_MS;
}
