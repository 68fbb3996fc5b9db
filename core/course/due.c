/* What is due, and in which words people are told of it. */

#include <kodelab/coursework.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>

#define MINUTE_MS      60000
#define HOUR_MS        (60 * MINUTE_MS)
#define DAY_MS         (24 * INT64_C(3600000))
#define OVERDUE_MAX_MS (14 * DAY_MS) /* older ones are not reminded of */
#define WEEK           7
#define FIRST_WEEKDAY  4 /* 1970-01-01 was a Thursday; Sunday is 0 */

bool kl_course_is_staff(const struct kl_course *course)
{
	return course->role >= KL_COURSE_ASSISTANT;
}

const char *kl_course_role_name(enum kl_course_role role)
{
	static const char *const names[KL_COURSE_ROLE_COUNT] = { "", "student", "assistant", "instructor" };

	return names[role];
}

int64_t kl_assignment_points(const struct kl_assignment *assignment)
{
	int64_t points = 0;

	for (size_t i = 0; i < assignment->item_count; i++)
		points += assignment->items[i].points;
	return points;
}

/* --- what is to be done ------------------------------------------------------------------------------------------- */

static bool is_due(const struct kl_coursework *work, const struct kl_assignment *assignment, int64_t now_ms)
{
	static const char *const states[] = { "open", "started", "overdue" };
	const char *state = kl_assignment_state(assignment, now_ms);
	int64_t due_ms = assignment->terms.due_ms;

	if (work->course.role != KL_COURSE_STUDENT || !due_ms || now_ms - due_ms > OVERDUE_MAX_MS)
		return false;
	for (size_t i = 0; i < KL_LENGTH(states); i++)
		if (!strcmp(state, states[i]))
			return true;
	return false;
}

/* Puts it where it belongs among the first max; the last one falls out. */
static void insert(struct kl_due *due, size_t count, size_t max, const struct kl_coursework *rows, struct kl_due one)
{
	int64_t due_ms = rows[one.course].assignments[one.assignment].terms.due_ms;
	size_t at = count < max ? count : max;

	while (at > 0 && rows[due[at - 1].course].assignments[due[at - 1].assignment].terms.due_ms > due_ms) {
		if (at < max)
			due[at] = due[at - 1];
		at--;
	}
	if (at < max)
		due[at] = one;
}

size_t kl_courseworks_due(struct kl_due *due, size_t max, const struct kl_coursework *rows, size_t count,
			  int64_t now_ms)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < rows[i].count; j++)
			if (is_due(&rows[i], &rows[i].assignments[j], now_ms))
				insert(due, found++, max, rows, (struct kl_due){ i, j });
	return found;
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

void kl_due_words(char text[KL_DUE_SIZE], int64_t due_ms, int64_t now_ms)
{
	static const char *const weekdays[WEEK] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
						    "Thursday", "Friday", "Saturday" };
	int64_t day = kl_clock_local_day_number(due_ms), days = day - kl_clock_local_day_number(now_ms);
	int64_t left_ms = due_ms - now_ms;
	char whole[20];
	const char *time = whole + strlen("2026-01-01 ");

	text[0] = '\0';
	if (!due_ms)
		return;
	kl_clock_format(due_ms, whole, sizeof(whole));
	if (left_ms > 0 && left_ms < HOUR_MS)
		snprintf(text, KL_DUE_SIZE, "in %d min (%s)", (int)((left_ms + MINUTE_MS - 1) / MINUTE_MS), time);
	else if (days == 0)
		snprintf(text, KL_DUE_SIZE, "today %s", time);
	else if (days == 1)
		snprintf(text, KL_DUE_SIZE, "tomorrow %s", time);
	else if (days == -1)
		snprintf(text, KL_DUE_SIZE, "yesterday %s", time);
	else if (days > 1 && days < WEEK)
		snprintf(text, KL_DUE_SIZE, "on %s %s", weekdays[(day + FIRST_WEEKDAY) % WEEK], time);
	else
		snprintf(text, KL_DUE_SIZE, "%s", whole);
}

void kl_due_whole(char text[KL_DUE_WHOLE_SIZE], int64_t due_ms, int64_t now_ms)
{
	time_t moment = (time_t)(due_ms / 1000);
	char words[KL_DUE_SIZE], whole[48] = "";
	const char *time;
	struct tm tm;

	kl_due_words(words, due_ms, now_ms);
	if (!*words || !localtime_r(&moment, &tm) || !strftime(whole, sizeof(whole), "%Y-%m-%d %H:%M %Z", &tm))
		snprintf(text, KL_DUE_WHOLE_SIZE, "%s", words);
	else if (!strncmp(whole, words, strlen(words))) /* the words are the time already */
		snprintf(text, KL_DUE_WHOLE_SIZE, "%s", whole);
	else if ((time = strstr(words, " ("))) /* "in 40 min (22:00)" */
		snprintf(text, KL_DUE_WHOLE_SIZE, "%.*s (%s)", (int)(time - words), words, whole);
	else
		snprintf(text, KL_DUE_WHOLE_SIZE, "%s (%s)", words, whole);
}

/* of_day: when a day alone is meant. */
static bool read_time(int64_t *wall_ms, const char *text, struct tm of_day)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *end = strptime(text, "%Y-%m-%d %H:%M", &tm);
	time_t moment;
	int day;

	if (!end) {
		tm = of_day;
		end = strptime(text, "%Y-%m-%d", &tm);
	}
	day = tm.tm_mday;
	moment = mktime(&tm);
	if (!end || *end || moment < 0 || tm.tm_mday != day) /* mktime makes 2 March of 30 February */
		return false;
	*wall_ms = (int64_t)moment * 1000;
	return true;
}

bool kl_due_read(int64_t *wall_ms, const char *text)
{
	return read_time(wall_ms, text, (struct tm){ .tm_isdst = -1, .tm_hour = 23, .tm_min = 59 });
}

bool kl_opens_read(int64_t *wall_ms, const char *text)
{
	return read_time(wall_ms, text, (struct tm){ .tm_isdst = -1 });
}

void kl_ago_words(char text[KL_AGO_SIZE], int64_t at_ms, int64_t now_ms)
{
	int64_t days = kl_clock_local_day_number(now_ms) - kl_clock_local_day_number(at_ms);
	int64_t ago_ms = now_ms - at_ms;
	char whole[20];

	kl_clock_format(at_ms, whole, sizeof(whole));
	if (!at_ms)
		snprintf(text, KL_AGO_SIZE, "never");
	else if (ago_ms < MINUTE_MS)
		snprintf(text, KL_AGO_SIZE, "just now");
	else if (ago_ms < HOUR_MS)
		snprintf(text, KL_AGO_SIZE, "%d min ago", (int)(ago_ms / MINUTE_MS));
	else if (days == 0)
		snprintf(text, KL_AGO_SIZE, "%d h ago", (int)(ago_ms / HOUR_MS));
	else if (days == 1)
		snprintf(text, KL_AGO_SIZE, "yesterday %s", whole + strlen("2026-01-01 "));
	else
		snprintf(text, KL_AGO_SIZE, "%s", whole);
}

void kl_late_words(char text[KL_LATE_SIZE], const struct kl_terms *terms)
{
	const struct kl_late *late = &terms->late;
	char until[20], floor[32] = "", end[32] = "";

	text[0] = '\0';
	if (!terms->due_ms)
		return;
	kl_clock_format(late->until_ms, until, sizeof(until));
	if (late->floor > 0)
		snprintf(floor, sizeof(floor), ", at least %d %%", late->floor);
	if (late->until_ms)
		snprintf(end, sizeof(end), ", until %s", until);
	if (late->kind == KL_LATE_PERCENT)
		snprintf(text, KL_LATE_SIZE, "%d %% less for each day late%s%s", late->percent, floor, end);
	else if (late->kind == KL_LATE_CUT && late->until_ms)
		snprintf(text, KL_LATE_SIZE, "late work counts in full until %s, then nothing", until);
	else if (late->kind == KL_LATE_CUT)
		snprintf(text, KL_LATE_SIZE, "late work counts nothing");
	else
		snprintf(text, KL_LATE_SIZE, "late work counts in full");
}
