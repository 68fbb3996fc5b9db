/* What the class server says of courses, read; and what people are told of what is due. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/coursework.h>
#include <kodelab/json.h>

#define NOW_MS INT64_C(1772370300000) /* Sunday, 2026-03-01 13:05 UTC */
#define HOUR   INT64_C(3600000)
#define DAY    (24 * HOUR)
#define COURSE "0195518a-0000-7000-8000-000000000001"
#define WEEK_1 "0195518a-0000-7000-8000-000000000002"

static const char course_json[] =
	"{\"id\":\"" COURSE "\",\"title\":\"Programming I\",\"role\":\"STUDENT\",\"archived\":false,\"students\":31,"
	"\"team\":null,\"on_leaderboard\":true,\"total\":7.5,\"created_at\":\"2026-02-01T08:00:00.000Z\","
	"\"joined_at\":\"2026-02-02T08:00:00.000Z\",\"assignments\":[{\"id\":\"" WEEK_1 "\",\"title\":\"Week 1\","
	"\"instructions\":\"# Read\",\"opens_at\":null,\"due_at\":\"2026-03-02T22:00:00.000Z\",\"extended_at\":null,"
	"\"grace_minutes\":10,\"late\":\"percent\",\"late_percent\":10,\"late_floor\":50,\"late_until\":null,"
	"\"items\":[{\"pack\":\"lab\",\"slug\":\"add\",\"points\":20,\"score\":7.5,\"tries\":2,\"published\":true},"
	"{\"pack\":\"lab\",\"slug\":\"maze\",\"points\":10,\"score\":0,\"tries\":0,\"published\":false}],"
	"\"points\":30,\"state\":\"started\",\"score\":7.5,\"solved\":0,\"tried\":1,\"was_late\":false,"
	"\"last_at\":\"2026-02-28T10:00:00.000Z\"}]}";

static cJSON *parse(const char *text)
{
	cJSON *node = cJSON_Parse(text);

	assert_non_null(node);
	return node;
}

static void a_course_is_read(void **state)
{
	struct kl_coursework work;
	const struct kl_assignment *week;
	cJSON *node = parse(course_json);

	(void)state;
	assert_int_equal(kl_coursework_read(&work, node, NULL), KL_OK);
	cJSON_Delete(node);
	assert_string_equal(work.course.title, "Programming I");
	assert_int_equal(work.course.role, KL_COURSE_STUDENT);
	assert_false(work.course.hidden);
	assert_int_equal(work.course.students, 31);
	assert_int_equal(work.count, 1);
	week = &work.assignments[0];
	assert_string_equal(week->instructions, "# Read");
	assert_int_equal(week->terms.grace_ms, 600000);
	assert_int_equal(week->terms.late.kind, KL_LATE_PERCENT);
	assert_int_equal(week->terms.late.floor, 50);
	assert_int_equal(week->item_count, 2);
	assert_true(week->items[0].counted > 37.4 && week->items[0].counted < 37.6);
	assert_true(week->items[0].offered);
	assert_false(week->items[1].offered);
	assert_int_equal(kl_assignment_points(week), 30);
	assert_string_equal(kl_assignment_state(week, NOW_MS), "started");
	assert_string_equal(kl_assignment_state(week, NOW_MS + 2 * DAY), "overdue"); /* no server has said so yet */
	kl_coursework_release(&work);
}

/* An answer that is something else is refused, or read as nothing; it never ends the lab. */
static void what_is_no_course_is_refused(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"{\"id\":7}",
		"{\"id\":\"../etc\"}",
		"{\"id\":\"" COURSE "\",\"assignments\":[{}]}",
		"{\"id\":\"" COURSE "\",\"assignments\":[7]}",
	};
	struct kl_coursework work;
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(texts); i++) {
		cJSON *node = parse(texts[i]);

		assert_int_equal(kl_coursework_read(&work, node, &err), KL_EINVAL);
		assert_string_equal(err.message, i < 4 ? "the class server's answer is no course"
						       : "the class server's answer is no assignment");
		cJSON_Delete(node);
	}
}

static void wrong_members_are_nothing(void **state)
{
	struct kl_coursework work;
	cJSON *node = parse(
		"{\"id\":\"" COURSE "\",\"title\":7,\"role\":\"KING\",\"students\":1e300,"
		"\"team\":\"x\",\"assignments\":[{\"id\":\"" WEEK_1 "\",\"items\":[7,{\"points\":0}],"
		"\"due_at\":\"tomorrow\",\"grace_minutes\":9e15,\"late\":\"never\",\"late_percent\":900,\"late_floor\":-4}]}");

	(void)state;
	assert_int_equal(kl_coursework_read(&work, node, NULL), KL_OK);
	cJSON_Delete(node);
	assert_string_equal(work.course.title, "");
	assert_int_equal(work.course.role, KL_COURSE_NONE);
	assert_int_equal(work.course.students, 0);
	assert_string_equal(work.course.team, "");
	assert_int_equal(work.assignments[0].terms.due_ms, 0);
	assert_int_equal(work.assignments[0].terms.grace_ms, 366 * DAY);
	assert_int_equal(work.assignments[0].terms.late.kind, KL_LATE_NONE);
	assert_int_equal(work.assignments[0].terms.late.percent, 100);
	assert_int_equal(work.assignments[0].terms.late.floor, 0);
	assert_string_equal(work.assignments[0].items[0].slug, "");
	kl_coursework_release(&work);
}

static void rows_of_lists_are_read(void **state)
{
	cJSON *leader_node = parse("{\"rank\":2,\"display\":\"Ada\",\"team\":null,\"total\":9.5,\"me\":true}");
	cJSON *seen_node = parse("{\"name\":\"ben\",\"display\":\"Ben\",\"pack\":null,\"slug\":null,\"what\":null,"
				 "\"at\":null,\"best\":null}");
	cJSON *failing_node = parse("{\"pack\":\"lab\",\"slug\":\"add\",\"test\":\"big\",\"students\":12}");
	struct kl_leader leader;
	struct kl_seen seen;
	struct kl_failing failing;

	(void)state;
	kl_leader_read(&leader, leader_node);
	assert_int_equal(leader.rank, 2);
	assert_string_equal(leader.display, "Ada");
	assert_true(leader.me);
	kl_seen_read(&seen, seen_node);
	assert_string_equal(seen.pack, "");
	assert_int_equal(seen.at_ms, 0);
	assert_true(seen.best < 0);
	kl_failing_read(&failing, failing_node);
	assert_string_equal(failing.test, "big");
	assert_int_equal(failing.students, 12);
	cJSON_Delete(leader_node);
	cJSON_Delete(seen_node);
	cJSON_Delete(failing_node);
}

static void a_gradebook_of_two_pages_is_one(void **state)
{
	static const char *const pages[] = {
		"{\"computing\":false,\"assignments\":[{\"title\":\"W1\",\"points\":30},{\"title\":\"W2\",\"points\":5}],"
		"\"students\":[{\"name\":\"ada\",\"display\":\"Ada\",\"total\":31,\"scores\":[30,1]}]}",
		"{\"computing\":true,\"assignments\":[{\"title\":\"W1\",\"points\":30},{\"title\":\"W2\",\"points\":5}],"
		"\"students\":[{\"name\":\"ben\",\"display\":\"\",\"total\":0,\"scores\":[null]},"
		"{\"name\":\"eve\",\"display\":\"\",\"total\":9,\"scores\":[9,0,7,7]}]}",
		"{\"students\":7}",
	};
	struct kl_gradebook book = { .columns = NULL };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(pages); i++) {
		cJSON *page = parse(pages[i]);

		kl_gradebook_add(&book, page);
		cJSON_Delete(page);
	}
	assert_int_equal(book.column_count, 2);
	assert_int_equal(book.row_count, 3);
	assert_true(book.computing);
	assert_string_equal(book.columns[1].title, "W2");
	assert_true(book.rows[0].scores[1] > 0.9);
	assert_true(book.rows[1].scores[0] < 0 && book.rows[1].scores[1] < 0);
	assert_true(book.rows[2].scores[0] > 8.9);
	kl_gradebook_release(&book);
}

/* A page of a megabyte could want terabytes: each row has a cell for each column. */
static void a_gradebook_is_not_larger_than_a_class(void **state)
{
	struct kl_gradebook book = { .columns = NULL };
	cJSON *page = cJSON_CreateObject(), *columns = cJSON_AddArrayToObject(page, "assignments");
	cJSON *students = cJSON_AddArrayToObject(page, "students");

	(void)state;
	for (int i = 0; i < 1 << 20; i++)
		cJSON_AddItemToArray(columns, cJSON_CreateObject());
	for (int i = 0; i < 100; i++)
		cJSON_AddItemToArray(students, cJSON_CreateObject());
	kl_gradebook_add(&book, page);
	cJSON_Delete(page);
	assert_int_equal(book.row_count, 7);
	kl_gradebook_release(&book);
}

/* --- what is due -------------------------------------------------------------------------------------------------- */

static void due_is_told_in_words(void **state)
{
	static const struct {
		int64_t from_now_ms;
		const char *words;
	} cases[] = {
		{ 1, "in 1 min (13:05)" },       { 40 * 60000, "in 40 min (13:45)" }, { HOUR, "today 14:05" },
		{ -HOUR, "today 12:05" },        { 11 * HOUR, "tomorrow 00:05" },     { DAY, "tomorrow 13:05" },
		{ 2 * DAY, "on Tuesday 13:05" }, { 6 * DAY, "on Saturday 13:05" },    { 7 * DAY, "2026-03-08 13:05" },
		{ -DAY, "yesterday 13:05" },     { -2 * DAY, "2026-02-27 13:05" },
	};
	char words[KL_DUE_SIZE];

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		kl_due_words(words, NOW_MS + cases[i].from_now_ms, NOW_MS);
		assert_string_equal(words, cases[i].words);
	}
	kl_due_words(words, 0, NOW_MS);
	assert_string_equal(words, "");
}

static void due_is_told_whole(void **state)
{
	char words[KL_DUE_WHOLE_SIZE];

	(void)state;
	kl_due_whole(words, NOW_MS + DAY, NOW_MS);
	assert_string_equal(words, "tomorrow 13:05 (2026-03-02 13:05 UTC)");
	kl_due_whole(words, NOW_MS + 40 * 60000, NOW_MS);
	assert_string_equal(words, "in 40 min (2026-03-01 13:45 UTC)");
	kl_due_whole(words, NOW_MS + 7 * DAY, NOW_MS);
	assert_string_equal(words, "2026-03-08 13:05 UTC");
	kl_due_whole(words, 0, NOW_MS);
	assert_string_equal(words, "");
}

static void what_is_told_is_read(void **state)
{
	static const char *const bad[] = { "",           "tomorrow",         "2026-02-30",
					   "2026-13-01", "2026-03-01 25:00", "2026-03-01 13:05 ",
					   "1960-01-01" };
	int64_t read_ms = 0;

	(void)state;
	assert_true(kl_due_read(&read_ms, "2026-03-01 13:05"));
	assert_int_equal(read_ms, NOW_MS / 60000 * 60000);
	assert_true(kl_due_read(&read_ms, "2026-03-01"));
	assert_int_equal(read_ms, 1772409540000);
	assert_true(kl_opens_read(&read_ms, "2026-03-01"));
	assert_int_equal(read_ms, 1772323200000);
	assert_true(kl_opens_read(&read_ms, "2026-03-01 13:05"));
	assert_int_equal(read_ms, NOW_MS / 60000 * 60000);
	assert_false(kl_opens_read(&read_ms, "2026-02-30"));
	for (size_t i = 0; i < KL_LENGTH(bad); i++)
		assert_false(kl_due_read(&read_ms, bad[i]));
}

static void the_past_is_told_in_words(void **state)
{
	static const struct {
		int64_t from_now_ms;
		const char *words;
	} cases[] = {
		{ DAY, "just now" },         { 0, "just now" },
		{ -59999, "just now" },      { -60000, "1 min ago" },
		{ -HOUR + 1, "59 min ago" }, { -HOUR, "1 h ago" },
		{ -13 * HOUR, "13 h ago" },  { -14 * HOUR, "yesterday 23:05" },
		{ -DAY, "yesterday 13:05" }, { -2 * DAY, "2026-02-27 13:05" },
	};
	char words[KL_AGO_SIZE];

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		kl_ago_words(words, NOW_MS + cases[i].from_now_ms, NOW_MS);
		assert_string_equal(words, cases[i].words);
	}
	kl_ago_words(words, 0, NOW_MS);
	assert_string_equal(words, "never");
}

/* Days have 23 and 25 hours where clocks are put forward and back: words go by the calendar and the hands of the clock. */
static void words_hold_when_clocks_are_put_forward_and_back(void **state)
{
	static const struct {
		int64_t now_ms, due_ms;
		const char *due, *ago; /* ago: of now, seen from due */
	} cases[] = {
		{ 1774695600000, 1774778400000, "tomorrow 12:00",
		  "yesterday 12:00" }, /* Berlin, 28 March 2026: 23 hours */
		{ 1774738800000, 1774749600000, "today 04:00", "3 h ago" },
		{ 1792836000000, 1792926000000, "tomorrow 12:00", "yesterday 12:00" }, /* 24 October: 25 hours */
	};
	char words[KL_DUE_SIZE];

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1); /* Berlin's, also where there are no files of zones */
	tzset();
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		kl_due_words(words, cases[i].due_ms, cases[i].now_ms);
		assert_string_equal(words, cases[i].due);
		kl_ago_words(words, cases[i].now_ms, cases[i].due_ms);
		assert_string_equal(words, cases[i].ago);
	}
	setenv("TZ", "UTC", 1);
	tzset();
}

static void late_policies_are_told_in_words(void **state)
{
	static const struct {
		struct kl_late late;
		const char *words;
	} cases[] = {
		{ { .kind = KL_LATE_NONE }, "late work counts in full" },
		{ { .kind = KL_LATE_CUT }, "late work counts nothing" },
		{ { .kind = KL_LATE_CUT, .until_ms = NOW_MS },
		  "late work counts in full until 2026-03-01 13:05, then nothing" },
		{ { .kind = KL_LATE_PERCENT, .percent = 10 }, "10 % less for each day late" },
		{ { .kind = KL_LATE_PERCENT, .percent = 100, .floor = 100, .until_ms = NOW_MS },
		  "100 % less for each day late, at least 100 %, until 2026-03-01 13:05" },
	};
	char words[KL_LATE_SIZE];

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		const struct kl_terms terms = { .due_ms = NOW_MS, .late = cases[i].late };

		kl_late_words(words, &terms);
		assert_string_equal(words, cases[i].words);
	}
	kl_late_words(words, &(struct kl_terms){ .due_ms = 0 });
	assert_string_equal(words, "");
}

static void what_is_due_comes_soonest_first(void **state)
{
	struct kl_assignment_item items[1] = { { .points = 1 } };
	struct kl_assignment first[] = {
		{ .terms = { .due_ms = NOW_MS + 3 * DAY }, .items = items, .item_count = 1 },
		{ .terms = { .due_ms = NOW_MS + DAY }, .items = items, .item_count = 1, .solved = 1 }, /* done */
		{ .terms = { .due_ms = 0 }, .items = items, .item_count = 1 }, /* never */
		{ .terms = { .due_ms = NOW_MS + DAY, .opens_ms = NOW_MS + HOUR }, .item_count = 1 }, /* not open */
		{ .terms = { .due_ms = NOW_MS - DAY, .late = { .kind = KL_LATE_CUT } }, .item_count = 1 }, /* closed */
	};
	struct kl_assignment second[] = {
		{ .terms = { .due_ms = NOW_MS + 2 * DAY }, .items = items, .item_count = 1 },
		{ .terms = { .due_ms = NOW_MS - DAY }, .items = items, .item_count = 1 }, /* overdue */
		{ .terms = { .due_ms = NOW_MS - 15 * DAY }, .items = items, .item_count = 1 }, /* long ago */
		{ .terms = { .due_ms = NOW_MS + HOUR }, .items = items, .item_count = 1 },
	};
	struct kl_assignment taught[] = { { .terms = { .due_ms = NOW_MS + HOUR }, .items = items, .item_count = 1 } };
	const struct kl_coursework rows[] = {
		{ .course = { .role = KL_COURSE_STUDENT }, first, KL_LENGTH(first) },
		{ .course = { .role = KL_COURSE_STUDENT }, second, KL_LENGTH(second) },
		{ .course = { .role = KL_COURSE_INSTRUCTOR }, taught, KL_LENGTH(taught) },
	};
	static const struct kl_due want[] = { { 1, 1 }, { 1, 3 }, { 1, 0 }, { 0, 0 } };
	struct kl_due due[8];

	(void)state;
	for (size_t max = 0; max <= KL_LENGTH(due); max++) {
		assert_int_equal(kl_courseworks_due(due, max, rows, KL_LENGTH(rows), NOW_MS), KL_LENGTH(want));
		for (size_t i = 0; i < max && i < KL_LENGTH(want); i++) {
			assert_int_equal(due[i].course, want[i].course);
			assert_int_equal(due[i].assignment, want[i].assignment);
		}
	}
}

static int in_utc(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_course_is_read),
		cmocka_unit_test(what_is_no_course_is_refused),
		cmocka_unit_test(wrong_members_are_nothing),
		cmocka_unit_test(rows_of_lists_are_read),
		cmocka_unit_test(a_gradebook_of_two_pages_is_one),
		cmocka_unit_test(a_gradebook_is_not_larger_than_a_class),
		cmocka_unit_test(due_is_told_in_words),
		cmocka_unit_test(due_is_told_whole),
		cmocka_unit_test(what_is_told_is_read),
		cmocka_unit_test(the_past_is_told_in_words),
		cmocka_unit_test(words_hold_when_clocks_are_put_forward_and_back),
		cmocka_unit_test(late_policies_are_told_in_words),
		cmocka_unit_test(what_is_due_comes_soonest_first),
	};

	return cmocka_run_group_tests(tests, in_utc, NULL);
}
