/* What goes in comes out, and what one call does to several tables. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <sqlite3.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)
#define NOON   INT64_C(1767268800000) /* 2026-01-01 12:00 UTC, a Thursday */

static char dir[64];
static char *path;
static struct kl_clock held = { .held = true, .held_wall_ms = NOON };
static struct kl_store *store;

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/kodelab-test-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	setenv("TZ", "UTC", 1);
	tzset();
	path = kl_path_join(dir, "lab.db");
	return kl_store_open(&store, NULL, path, &held, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	kl_store_close(store);
	free(path);
	return kl_file_remove_tree(dir, NULL) ? -1 : 0;
}

static char two_sum[] = "two-sum", starter[] = "starter", python[] = "python", wrong[] = "wrong_answer";

static struct kl_attempt attempt_of(enum kl_attempt_kind kind, int passed, int total)
{
	return (struct kl_attempt){ .pack = starter,
				    .slug = two_sum,
				    .language = python,
				    .kind = kind,
				    .verdict = wrong,
				    .score = total ? 100.0 * passed / total : 0,
				    .passed = passed,
				    .total = total };
}

static bool add(enum kl_attempt_kind kind, int passed, int total)
{
	struct kl_attempt attempt = attempt_of(kind, passed, total);
	bool first = false;

	assert_int_equal(kl_store_attempt_add(store, &attempt, &first, NULL), KL_OK);
	return first;
}

/* The answer of one statement's first column, as text; owned. Reads beside the store, as a person with sqlite3 would. */
static char *ask(const char *sql)
{
	sqlite3_stmt *statement;
	sqlite3 *db;
	char *answer = NULL;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	if (sqlite3_step(statement) == SQLITE_ROW)
		answer = kl_format("%s", (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return answer;
}

static void assert_answer(const char *sql, const char *want)
{
	char *answer = ask(sql);

	assert_non_null(answer);
	assert_string_equal(answer, want);
	free(answer);
}

static void attempts_round_trip(void **state)
{
	char code[] = "print(1)\0\xff tail", report[] = "{\"tests\":[]}";
	struct kl_attempt in = attempt_of(KL_ATTEMPT_SUBMIT, 3, 4), out = { .pack = NULL };

	(void)state;
	in.code = code;
	in.code_len = sizeof(code) - 1;
	in.report = report;
	in.cpu_us = 12345;
	in.peak_kib = INT64_C(1) << 40;
	assert_int_equal(kl_store_attempt_add(store, &in, NULL, NULL), KL_OK);
	assert_true(kl_id_valid(in.id));
	assert_true(in.at_ms == NOON);
	assert_int_equal(kl_store_attempt_get(&out, store, in.id, NULL), KL_OK);
	assert_string_equal(out.id, in.id);
	assert_string_equal(out.pack, "starter");
	assert_string_equal(out.slug, "two-sum");
	assert_string_equal(out.language, "python");
	assert_string_equal(out.verdict, "wrong_answer");
	assert_string_equal(out.report, report);
	assert_true(out.score == 75.0 && out.passed == 3 && out.total == 4 && out.kind == KL_ATTEMPT_SUBMIT);
	assert_true(out.cpu_us == 12345 && out.peak_kib == INT64_C(1) << 40 && out.at_ms == NOON);
	assert_true(out.code_len == in.code_len);
	assert_memory_equal(out.code, code, sizeof(code));
	kl_attempt_release(&out);
}

static void unknown_things_are_named(void **state)
{
	struct kl_attempt out;
	struct kl_error err;
	size_t len, cursor;
	char *text;

	(void)state;
	assert_int_equal(kl_store_attempt_get(&out, store, "nope", &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no attempt 'nope': see kodelab history");
	assert_int_equal(kl_store_draft_get(&text, &len, &cursor, store, "p", "two-sum", "c", &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no draft of 'two-sum' in c");
	assert_int_equal(kl_store_setting_get(&text, store, "last", &err), KL_ENOENT);
	assert_string_equal(err.message, "nothing is remembered as 'last'");
}

static void history_comes_in_pages(void **state)
{
	struct kl_attempt rows[4], other = attempt_of(KL_ATTEMPT_RUN, 0, 1);
	char another[] = "another";
	size_t count;

	(void)state;
	for (int i = 0; i < 5; i++)
		add(KL_ATTEMPT_RUN, i, 9);
	other.slug = another;
	other.at_ms = NOON + 100;
	assert_int_equal(kl_store_attempt_add(store, &other, NULL, NULL), KL_OK);
	assert_int_equal(kl_store_attempts(rows, &count, 4, 0, store, NULL, NULL, NULL), KL_OK);
	assert_int_equal(count, 4);
	assert_string_equal(rows[0].slug, "another");
	assert_int_equal(rows[1].passed, 4); /* the store's clock is held: of one time, the newest id is first */
	while (count)
		kl_attempt_release(&rows[--count]);
	assert_int_equal(kl_store_attempts(rows, &count, 4, 3, store, "starter", "two-sum", NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_null(rows[0].code);
	while (count)
		kl_attempt_release(&rows[--count]);
	assert_int_equal(kl_store_attempts(rows, &count, 4, 6, store, "starter", NULL, NULL), KL_OK);
	assert_int_equal(count, 0);
}

static void completion_is_counted_once(void **state)
{
	struct kl_attempt_totals totals;
	struct kl_progress progress;

	(void)state;
	assert_int_equal(kl_store_progress_get(&progress, store, "starter", "two-sum", NULL), KL_OK);
	assert_int_equal(progress.state, KL_NOT_STARTED);
	assert_false(add(KL_ATTEMPT_RUN, 4, 4)); /* a run never completes */
	assert_false(add(KL_ATTEMPT_SUBMIT, 0, 0)); /* no test, no pass */
	assert_false(add(KL_ATTEMPT_SUBMIT, 3, 4));
	assert_int_equal(kl_store_progress_get(&progress, store, "starter", "two-sum", NULL), KL_OK);
	assert_int_equal(progress.state, KL_IN_PROGRESS);
	assert_true(progress.best_score == 75.0 && progress.completed_ms == 0);
	assert_true(add(KL_ATTEMPT_SUBMIT, 4, 4));
	assert_false(add(KL_ATTEMPT_SUBMIT, 4, 4));
	assert_false(add(KL_ATTEMPT_SUBMIT, 1, 4));
	assert_int_equal(kl_store_progress_get(&progress, store, "starter", "two-sum", NULL), KL_OK);
	assert_int_equal(progress.state, KL_COMPLETED);
	assert_int_equal(progress.attempts, 6);
	assert_true(progress.best_score == 100.0 && progress.first_ms == NOON && progress.completed_ms == NOON);
	assert_string_equal(progress.last_language, "python");
	assert_int_equal(kl_store_attempt_totals(&totals, store, NULL), KL_OK);
	assert_int_equal(totals.attempts, 6);
	assert_int_equal(totals.submits, 5);
	assert_int_equal(totals.passes, 2);
}

static void opening_hints_and_time(void **state)
{
	struct kl_progress progress;

	(void)state;
	assert_int_equal(kl_store_opened(store, "p", "s", "c", NULL), KL_OK);
	assert_int_equal(kl_store_hint_add(store, "p", "s", 2, NULL), KL_OK);
	assert_int_equal(kl_store_hint_add(store, "p", "s", 1, NULL), KL_OK);
	assert_int_equal(kl_store_spent_add(store, "p", "s", 1500, NULL), KL_OK);
	assert_int_equal(kl_store_spent_add(store, "p", "s", -7, NULL), KL_OK);
	assert_int_equal(kl_store_progress_get(&progress, store, "p", "s", NULL), KL_OK);
	assert_int_equal(progress.state, KL_IN_PROGRESS);
	assert_int_equal(progress.hints, 2);
	assert_int_equal(progress.attempts, 0);
	assert_true(progress.spent_ms == 1500 && progress.last_ms == NOON && progress.first_ms == 0);
	assert_string_equal(progress.last_language, "c");
}

static void drafts_keep_bytes_and_cursor(void **state)
{
	size_t len, cursor;
	char *text;

	(void)state;
	assert_int_equal(kl_store_draft_put(store, "p", "s", "c", "a\0b\xff", 4, 3, NULL), KL_OK);
	assert_int_equal(kl_store_draft_put(store, "p", "s", "c", "a\0b\xff", 4, 2, NULL), KL_OK);
	assert_int_equal(kl_store_draft_get(&text, &len, &cursor, store, "p", "s", "c", NULL), KL_OK);
	assert_true(len == 4 && cursor == 2);
	assert_memory_equal(text, "a\0b\xff", 5);
	free(text);
	assert_int_equal(kl_store_draft_put(store, "p", "s", "c", NULL, 0, 99, NULL), KL_OK);
	assert_int_equal(kl_store_draft_get(&text, &len, &cursor, store, "p", "s", "c", NULL), KL_OK);
	assert_true(len == 0 && cursor == 0);
	free(text);
}

static void reset_forgets_one_challenge(void **state)
{
	struct kl_attempt_totals totals;
	struct kl_progress progress;
	size_t len;
	char *text;

	(void)state;
	add(KL_ATTEMPT_SUBMIT, 4, 4);
	assert_int_equal(kl_store_draft_put(store, "starter", "two-sum", "c", "x", 1, 0, NULL), KL_OK);
	assert_int_equal(kl_store_draft_put(store, "starter", "other", "c", "y", 1, 0, NULL), KL_OK);
	assert_int_equal(kl_store_reset(store, "starter", "two-sum", NULL), KL_OK);
	assert_int_equal(kl_store_progress_get(&progress, store, "starter", "two-sum", NULL), KL_OK);
	assert_int_equal(progress.state, KL_NOT_STARTED);
	assert_int_equal(kl_store_draft_get(&text, &len, NULL, store, "starter", "two-sum", "c", NULL), KL_ENOENT);
	assert_int_equal(kl_store_draft_get(&text, &len, NULL, store, "starter", "other", "c", NULL), KL_OK);
	free(text);
	assert_int_equal(kl_store_attempt_totals(&totals, store, NULL), KL_OK);
	assert_int_equal(totals.attempts, 1);
}

static void count_each(void *ctx, const char *pack, const char *slug, const struct kl_progress *progress)
{
	struct kl_buf *seen = ctx;

	kl_buf_addf(seen, "%s/%s:%d ", pack, slug, progress->state);
}

static void each_progress_in_order(void **state)
{
	struct kl_buf seen;

	(void)state;
	kl_buf_init(&seen, 1000);
	assert_int_equal(kl_store_opened(store, "b", "x", "c", NULL), KL_OK);
	assert_int_equal(kl_store_opened(store, "a", "y", "c", NULL), KL_OK);
	add(KL_ATTEMPT_SUBMIT, 1, 1);
	assert_int_equal(kl_store_progress_each(store, count_each, &seen, NULL), KL_OK);
	assert_string_equal(seen.data, "a/y:1 b/x:1 starter/two-sum:2 ");
	kl_buf_release(&seen);
}

static void days_are_local_days_of_writing(void **state)
{
	int64_t today = kl_clock_local_day_number(NOON);
	int counts[3], passes[3];

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct kl_attempt attempt = attempt_of(KL_ATTEMPT_SUBMIT, i, 3);

		attempt.at_ms = NOON - i * DAY_MS;
		assert_int_equal(kl_store_attempt_add(store, &attempt, NULL, NULL), KL_OK);
	}
	setenv("TZ", "Pacific/Kiritimati", 1); /* moved by half a day: the past stays where it was */
	tzset();
	assert_int_equal(kl_store_days(counts, passes, 3, today - 3, store, NULL), KL_OK);
	assert_int_equal(counts[0] + 10 * counts[1] + 100 * counts[2], 111);
	assert_int_equal(passes[0] + 10 * passes[1] + 100 * passes[2], 1);
	assert_int_equal(kl_store_days(counts, NULL, 3, today + 1, store, NULL), KL_OK);
	assert_int_equal(counts[0] + counts[1] + counts[2], 0);
}

static void own_inputs(void **state)
{
	char name[] = "empty", input[] = "", expected[] = "0\n";
	struct kl_own_input in = { .name = name, .input = input }, *rows;
	size_t count;

	(void)state;
	assert_int_equal(kl_store_input_put(store, "p", "s", &in, NULL), KL_OK);
	assert_int_equal(kl_store_inputs(&rows, &count, store, "p", "s", NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_null(rows[0].expected);
	kl_own_inputs_free(rows, count);
	in.expected = expected;
	assert_int_equal(kl_store_input_put(store, "p", "s", &in, NULL), KL_OK);
	assert_int_equal(kl_store_inputs(&rows, &count, store, "p", "s", NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].id, in.id);
	assert_string_equal(rows[0].expected, "0\n");
	kl_own_inputs_free(rows, count);
	assert_int_equal(kl_store_input_remove(store, in.id, NULL), KL_OK);
	assert_int_equal(kl_store_inputs(&rows, &count, store, "p", "s", NULL), KL_OK);
	assert_int_equal(count, 0);
	kl_own_inputs_free(rows, count);
}

static void settings_and_snippets(void **state)
{
	char name[] = "n", code[] = "x = 'it''s'; --", argv[] = "a\nb c";
	struct kl_snippet in = { .name = name, .language = python, .code = code, .argv = argv }, *rows;
	size_t count;
	char *value;

	(void)state;
	assert_int_equal(kl_store_setting_put(store, "last", "one", NULL), KL_OK);
	assert_int_equal(kl_store_setting_put(store, "last", "two'; DROP TABLE settings; --", NULL), KL_OK);
	assert_int_equal(kl_store_setting_get(&value, store, "last", NULL), KL_OK);
	assert_string_equal(value, "two'; DROP TABLE settings; --");
	free(value);
	assert_int_equal(kl_store_snippet_put(store, &in, NULL), KL_OK);
	assert_int_equal(kl_store_snippets(&rows, &count, store, NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].code, code);
	assert_string_equal(rows[0].argv, argv);
	assert_string_equal(rows[0].input, "");
	assert_true(rows[0].at_ms == NOON);
	kl_snippets_free(rows, count);
	assert_int_equal(kl_store_snippet_remove(store, in.id, NULL), KL_OK);
	assert_int_equal(kl_store_snippets(&rows, &count, store, NULL), KL_OK);
	assert_int_equal(count, 0);
	kl_snippets_free(rows, count);
}

static void unpublished_until_told(void **state)
{
	char ids[4][KL_ID_SIZE];
	size_t count;

	(void)state;
	add(KL_ATTEMPT_SUBMIT, 4, 4);
	add(KL_ATTEMPT_SUBMIT, 3, 4);
	add(KL_ATTEMPT_RUN, 4, 4);
	add(KL_ATTEMPT_SUBMIT, 2, 2);
	assert_int_equal(kl_store_unpublished(ids, &count, 4, store, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_true(strcmp(ids[0], ids[1]) < 0);
	assert_int_equal(kl_store_published(store, ids[0], NULL), KL_OK);
	assert_int_equal(kl_store_unpublished(ids, &count, 4, store, NULL), KL_OK);
	assert_int_equal(count, 1);
}

static void outbox_holds_what_happened(void **state)
{
	struct kl_attempt attempt = attempt_of(KL_ATTEMPT_SUBMIT, 4, 4);
	char code[] = "print(\"h\xc3\xa9\")\n";
	size_t count;

	(void)state;
	attempt.code = code;
	attempt.code_len = strlen(code);
	assert_int_equal(kl_store_attempt_add(store, &attempt, NULL, NULL), KL_OK);
	add(KL_ATTEMPT_RUN, 4, 4); /* changes nothing the server wants */
	assert_int_equal(kl_store_outbox_count(&count, store, NULL), KL_OK);
	assert_int_equal(count, 2); /* progress, submission */
	assert_int_equal(kl_store_hint_add(store, "starter", "two-sum", 1, NULL), KL_OK);
	assert_int_equal(kl_store_outbox_count(&count, store, NULL), KL_OK);
	assert_int_equal(count, 3); /* the unsent progress was replaced */
	for (int i = 0; i < 3; i++)
		assert_int_equal(kl_store_draft_put(store, "starter", "two-sum", "python", "abc", (size_t)i, 0, NULL),
				 KL_OK);
	assert_answer("SELECT group_concat(kind) FROM (SELECT kind FROM outbox ORDER BY kind)",
		      "draft,hint,progress,submission");
	assert_answer("SELECT hash FROM outbox WHERE kind = 'draft'", /* of "ab" */
		      "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603");
	assert_answer("SELECT subject FROM outbox WHERE kind = 'draft'", "starter/two-sum/python");
	assert_answer("SELECT body ->> 'code' FROM outbox WHERE kind = 'submission'", code);
	assert_answer("SELECT body ->> 'attempt' = (SELECT id FROM attempts WHERE kind = 1) FROM outbox"
		      " WHERE kind = 'submission'",
		      "1");
	assert_answer("SELECT body ->> 'state' FROM outbox WHERE kind = 'progress'", "COMPLETED");
}

static void bytes_that_are_no_text_go_as_base64(void **state)
{
	struct kl_attempt attempt = attempt_of(KL_ATTEMPT_SUBMIT, 0, 1);
	char code[] = "a\0\xff";

	(void)state;
	attempt.code = code;
	attempt.code_len = 3;
	assert_int_equal(kl_store_attempt_add(store, &attempt, NULL, NULL), KL_OK);
	assert_answer("SELECT body ->> 'code_base64' FROM outbox WHERE kind = 'submission'", "YQD/");
	assert_answer("SELECT body ->> 'code_sha256' FROM outbox WHERE kind = 'submission'",
		      "2d28501a66adef190c7f5b220994e76d5cc30f1eb165a8ca6cab56dfd57092fe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(attempts_round_trip, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unknown_things_are_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(history_comes_in_pages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(completion_is_counted_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(opening_hints_and_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(drafts_keep_bytes_and_cursor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reset_forgets_one_challenge, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_progress_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(days_are_local_days_of_writing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(own_inputs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(settings_and_snippets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unpublished_until_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(outbox_holds_what_happened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bytes_that_are_no_text_go_as_base64, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
