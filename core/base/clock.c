/* Wall and monotonic time; the wall clock can be held by KL_CLOCK. */

#include <kodelab/clock.h>

#include <errno.h>

#define MS_PER_DAY INT64_C(86400000)

void kl_clock_init(struct kl_clock *clock)
{
	const char *held = getenv("KL_CLOCK");
	char *end = NULL;

	*clock = (struct kl_clock){ .held = false };
	tzset();
	if (!held || !*held)
		return;
	errno = 0;
	clock->held_wall_ms = strtoll(held, &end, 10);
	clock->held = !errno && *end == '\0';
}

static int64_t read_us(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t kl_clock_wall_ms(const struct kl_clock *clock)
{
	return clock && clock->held ? clock->held_wall_ms : read_us(CLOCK_REALTIME) / 1000;
}

int64_t kl_clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t kl_clock_mono_ms(void)
{
	return kl_clock_mono_us() / 1000;
}

int64_t kl_clock_cpu_us(void)
{
	return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

static struct tm local_time(int64_t wall_ms)
{
	int64_t day_ms = ((wall_ms % MS_PER_DAY) + MS_PER_DAY) % MS_PER_DAY;
	time_t seconds = (time_t)((wall_ms - day_ms) / 1000 + day_ms / 1000);
	struct tm tm = { .tm_mday = 1 };

	localtime_r(&seconds, &tm);
	return tm;
}

int kl_clock_local_day(int64_t wall_ms)
{
	struct tm tm = local_time(wall_ms);

	return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

int64_t kl_clock_local_day_number(int64_t wall_ms)
{
	struct tm tm = local_time(wall_ms);
	struct tm midnight = { .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday };

	return (int64_t)timegm(&midnight) / 86400;
}

void kl_clock_format(int64_t wall_ms, char *text, size_t size)
{
	struct tm tm = local_time(wall_ms);

	if (!strftime(text, size, "%Y-%m-%d %H:%M", &tm) && size)
		text[0] = '\0';
}

void kl_clock_print_utc(char text[KL_UTC_SIZE], int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(text, KL_UTC_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, KL_UTC_SIZE - len, ".%03dZ", (int)(wall_ms % 1000));
}

int64_t kl_sum_ms(int64_t a, int64_t b)
{
	return b > INT64_MAX - a ? INT64_MAX : a + b;
}

/* timegm makes 2 March of 30 February: printing tells. */
static bool is_day(const char *text, int64_t wall_ms)
{
	char again[KL_UTC_SIZE];

	kl_clock_print_utc(again, wall_ms);
	return !strncmp(again, text, sizeof("2026-11-29T12:30:00") - 1);
}

bool kl_clock_read_utc(int64_t *wall_ms, const char *text)
{
	struct tm tm = { .tm_isdst = 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t read_ms, unit = 100;

	if (!end)
		return false;
	read_ms = (int64_t)timegm(&tm) * 1000;
	if (read_ms < 0 || !is_day(text, read_ms))
		return false;
	if (*end == '.')
		for (end++; *end >= '0' && *end <= '9'; end++, unit /= 10)
			read_ms += (*end - '0') * unit;
	if (strcmp(end, "Z") != 0)
		return false;
	*wall_ms = read_ms;
	return true;
}
