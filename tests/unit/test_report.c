/* Results become verdicts: exact words, limits, disclosure, the way through JSON. No sandbox: results are made up. */

#include "tests/unit/judge_run.h"

#include <signal.h>

#include "core/judge/judge_int.h"

static char test_id[] = "one", test_name[] = "the first", expected_output[] = "3\n", no_pair[] = "no pair";

struct trial {
	struct kl_challenge challenge;
	struct kl_test test;
	struct judge_run run;
	struct judge_plan plan;
	struct kl_test_result result;
};

static void set_up(struct trial *trial, bool function, const char *language)
{
	*trial = (struct trial){
		.challenge = { .kind = function ? KL_KIND_FUNCTION : KL_KIND_PROGRAM,
			       .function = { .returns = { .kind = KL_TYPE_INT } },
			       .checker = { .kind = function ? KL_CHECK_VALUE : KL_CHECK_LINES } },
		.test = { .id = test_id,
			  .name = test_name,
			  .disclosure = KL_SHOW_FULL,
			  .weight = 1,
			  .output = expected_output,
			  .output_len = 2,
			  .expect = { .text = expected_output, .len = 1 } },
		.run = { .cpu_ms = 2000, .memory_kib = 64 << 10, .output_bytes = 16 << 10 },
		.plan = { .language = kl_language_find(language), .function = function },
	};
	trial->run.test = &trial->test;
	trial->plan.challenge = &trial->challenge;
}

static void judge_it(struct trial *trial, struct kl_box_result result)
{
	result.out = result.out ? result.out : "";
	result.err = result.err ? result.err : "";
	result.result = result.result ? result.result : "";
	result.out_len = strlen(result.out);
	result.err_len = strlen(result.err);
	result.result_len = strlen(result.result);
	judge_verdict(&trial->result, &trial->plan, &trial->run, &result);
}

static void release(struct trial *trial)
{
	free(trial->result.detail);
	free(trial->result.out);
	free(trial->result.err);
	free(trial->result.actual);
	free(trial->result.expected);
}

static void expect(struct trial *trial, enum kl_verdict verdict, const char *detail)
{
	assert_int_equal(trial->result.verdict, verdict);
	if (detail && trial->result.detail)
		assert_string_equal(trial->result.detail, detail);
	else
		assert_ptr_equal(trial->result.detail, detail);
	release(trial);
}

/* --- programs ----------------------------------------------------------------------------------------------------- */

static const struct {
	struct kl_box_result result;
	enum kl_verdict verdict;
	const char *detail;
} ends[] = {
	{ { .end = KL_END_EXITED, .out = "3\n" }, KL_VERDICT_PASSED, NULL },
	{ { .end = KL_END_EXITED, .out = "3\n", .cpu_us = 2000000 }, KL_VERDICT_PASSED, NULL },
	{ { .end = KL_END_EXITED, .out = "3\n", .cpu_us = 2000001 }, KL_VERDICT_TIME, "time limit 2.0 s reached" },
	{ { .end = KL_END_CPU }, KL_VERDICT_TIME, "time limit 2.0 s reached" },
	{ { .end = KL_END_WALL, .wall_ms = 8000 },
	  KL_VERDICT_TIME,
	  "stopped after 8.0 s: it waited and used little time itself" },
	{ { .end = KL_END_MEMORY }, KL_VERDICT_MEMORY, "memory limit 64 MiB reached" },
	{ { .end = KL_END_OUTPUT }, KL_VERDICT_OUTPUT, "output limit 16 KiB reached" },
	{ { .end = KL_END_CANCELED }, KL_VERDICT_SKIPPED, "cancelled" },
	{ { .end = KL_END_FAILED, .error = { KL_EIO, "no walls" } },
	  KL_VERDICT_INTERNAL,
	  "the sandbox failed: no walls" },
	{ { .end = KL_END_SIGNALED, .signo = SIGSEGV }, KL_VERDICT_RUNTIME, "SIGSEGV: bad memory access" },
	{ { .end = KL_END_SIGNALED, .signo = SIGFPE },
	  KL_VERDICT_RUNTIME,
	  "SIGFPE: division by zero, or a number out of range" },
	{ { .end = KL_END_SIGNALED, .signo = 40 }, KL_VERDICT_RUNTIME, "signal 40" },
	{ { .end = KL_END_EXITED, .exit_code = 3 }, KL_VERDICT_RUNTIME, "exit code 3" },
	{ { .end = KL_END_EXITED,
	    .exit_code = 1,
	    .err = "Traceback (most recent call last):\n  File \"/box/solution.py\", "
		   "line 1, in <module>\nValueError: bad: 3\n" },
	  KL_VERDICT_RUNTIME,
	  "ValueError: bad: 3" },
	{ { .end = KL_END_EXITED, .exit_code = 1, .err = "MemoryError\n" },
	  KL_VERDICT_MEMORY,
	  "memory limit 64 MiB reached (MemoryError)" },
};

static void short_limits_are_told_in_full(void **state)
{
	static const struct {
		int64_t cpu_ms;
		const char *detail;
	} limits[] = {
		{ 1000, "time limit 1.0 s reached" },
		{ 250, "time limit 0.25 s reached" },
		{ 40, "time limit 0.04 s reached" },
		{ 5, "time limit 0.005 s reached" },
	};
	struct trial trial;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(limits); i++) {
		set_up(&trial, false, "python");
		trial.run.cpu_ms = limits[i].cpu_ms;
		judge_it(&trial, (struct kl_box_result){ .end = KL_END_CPU });
		expect(&trial, KL_VERDICT_TIME, limits[i].detail);
	}
}

static void ends_have_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(ends); i++) {
		struct trial trial;

		set_up(&trial, false, "python");
		judge_it(&trial, ends[i].result);
		expect(&trial, ends[i].verdict, ends[i].detail);
	}
}

static void exit_codes(void **state)
{
	struct trial trial;

	(void)state;
	set_up(&trial, false, "python");
	trial.test.exit_code = 2;
	judge_it(&trial, (struct kl_box_result){ .end = KL_END_EXITED, .exit_code = 2, .out = "3\n" });
	expect(&trial, KL_VERDICT_PASSED, NULL);
	trial.result = (struct kl_test_result){ .detail = NULL };
	judge_it(&trial, (struct kl_box_result){ .end = KL_END_EXITED, .out = "3\n" });
	expect(&trial, KL_VERDICT_WRONG, "exit code 0, but 2 was expected");
	trial.result = (struct kl_test_result){ .detail = NULL };
	judge_it(&trial, (struct kl_box_result){ .end = KL_END_EXITED, .exit_code = 5, .out = "3\n" });
	expect(&trial, KL_VERDICT_WRONG, "exit code 5, but 2 was expected");
}

/* --- what other languages say ------------------------------------------------------------------------------------- */

static const struct {
	const char *language, *err, *detail;
} sayings[] = {
	{ "java",
	  "Exception in thread \"main\" java.lang.ArithmeticException: / by zero\n\tat Main.main(Main.java:3)\n",
	  "java.lang.ArithmeticException: / by zero" },
	{ "javascript",
	  "/box/solution.js:1\nnull.x\n     ^\n\nTypeError: Cannot read properties of null (reading 'x')\n    at Object"
	  ".<anonymous> (/box/solution.js:1:6)\n\nNode.js v18\n",
	  "TypeError: Cannot read properties of null (reading 'x')" },
	{ "ruby", "solution.rb:1:in `<main>': no (RuntimeError)\n\tfrom x\n", "no (RuntimeError)" },
	{ "go", "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n",
	  "panic: runtime error: index out of range [5] with length 3" },
	{ "rust", "thread 'main' panicked at 'no pair', solution.rs:3:5\nnote: run with\n", "panicked at 'no pair'" },
	{ "rust", "thread 'main' panicked at solution.rs:3:5:\nno pair\nnote: run with\n", "no pair" },
	{ "bash", "solution.sh: line 1: nosuch: command not found\n",
	  "solution.sh: line 1: nosuch: command not found" },
	{ "sql", "Parse error near line 1: no such table: x\n", "Parse error near line 1: no such table: x" },
	{ "c", "nothing one knows\n", "exit code 1" },
};

static void languages_speak_for_themselves(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(sayings); i++) {
		struct trial trial;

		set_up(&trial, false, sayings[i].language);
		judge_it(&trial, (struct kl_box_result){ .end = KL_END_EXITED, .exit_code = 1, .err = sayings[i].err });
		expect(&trial, KL_VERDICT_RUNTIME, sayings[i].detail);
	}
}

static void a_long_saying_is_cut(void **state)
{
	struct trial trial;
	char err[2000];

	(void)state;
	memset(err, 'x', sizeof(err));
	memcpy(err, "ValueError: ", 12);
	err[sizeof(err) - 1] = '\0';
	set_up(&trial, false, "python");
	judge_it(&trial, (struct kl_box_result){ .end = KL_END_EXITED, .exit_code = 1, .err = err });
	assert_int_equal(strlen(trial.result.detail), 203);
	assert_string_equal(trial.result.detail + 200, "…");
	release(&trial);
}

/* --- functions ---------------------------------------------------------------------------------------------------- */

static const struct {
	bool expect_error;
	struct kl_box_result result;
	enum kl_verdict verdict;
	const char *detail;
} calls[] = {
	{ false, { .result = "ok\n3\n" }, KL_VERDICT_PASSED, NULL },
	{ false, { .result = "ok\n4\n" }, KL_VERDICT_WRONG, "returned another value than expected" },
	{ false,
	  { .result = "ok\n3\n3\n" },
	  KL_VERDICT_RUNTIME,
	  "the result is damaged: descriptor 3 belongs to the judge" },
	{ false, { .result = "ok\n3\n", .exit_code = 1 }, KL_VERDICT_RUNTIME, "exit code 1" },
	{ false,
	  { .result = "ok\n3000000000\n" },
	  KL_VERDICT_WRONG,
	  "the answer cannot be read: expected an int, found '3000000000'" },
	{ false, { .result = "" }, KL_VERDICT_RUNTIME, "the program ended before returning" },
	{ false, { .result = "k\n" }, KL_VERDICT_RUNTIME, "the result is damaged: descriptor 3 belongs to the judge" },
	{ false,
	  { .result = "error\n10\nE: no pair\n\n" },
	  KL_VERDICT_RUNTIME,
	  "the result is damaged: descriptor 3 belongs to the judge" },
	{ false, { .result = "error\n10\nE: no pair\n" }, KL_VERDICT_RUNTIME, "E: no pair" },
	{ false, { .result = "type\n4\nnone\n" }, KL_VERDICT_WRONG, "none" },
	{ true, { .result = "ok\n3\n" }, KL_VERDICT_WRONG, "an error was expected, but a value was returned" },
	{ true, { .result = "error\n10\nE: no pair\n" }, KL_VERDICT_PASSED, NULL },
	{ true,
	  { .result = "error\n5\nE: no\n" },
	  KL_VERDICT_WRONG,
	  "it failed with 'E: no', but an error with 'no pair' was expected" },
	{ true, { .result = "error\n0\n\n", .err = "oh: no pair\n", .exit_code = 3 }, KL_VERDICT_PASSED, NULL },
	{ true, { .result = "type\n7\nno pair\n" }, KL_VERDICT_WRONG, "no pair" },
	{ true, { .result = "", .err = "no pair\n", .exit_code = 1 }, KL_VERDICT_RUNTIME, "exit code 1" },
};

static void calls_are_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(calls); i++) {
		struct trial trial;

		set_up(&trial, true, "c");
		trial.test.expect_error = calls[i].expect_error;
		trial.test.error_text = calls[i].expect_error ? no_pair : NULL;
		judge_it(&trial, calls[i].result);
		expect(&trial, calls[i].verdict, calls[i].detail);
	}
}

static void own_inputs_just_run(void **state)
{
	struct trial trial;

	(void)state;
	set_up(&trial, true, "c");
	trial.test.own = true;
	judge_it(&trial, (struct kl_box_result){ .result = "ok\n77\n" });
	assert_string_equal(trial.result.actual, "77");
	assert_null(trial.result.expected);
	expect(&trial, KL_VERDICT_RAN, NULL);
}

/* --- disclosure --------------------------------------------------------------------------------------------------- */

static void hidden_tests_keep_their_secrets(void **state)
{
	static const struct {
		enum kl_disclosure disclosure;
		const char *err, *detail;
		bool input, actual, expected;
	} rows[] = {
		{ KL_SHOW_FULL, "ValueError: 42\n", "ValueError: 42", true, true, true },
		{ KL_SHOW_ACTUAL, "ValueError: 42\n", "ValueError: 42", false, true, false },
		{ KL_SHOW_NAME, "ValueError: 42\n", "ValueError", false, false, false },
		{ KL_SHOW_NAME, "my_input_is_42: x\n", NULL, false, false, false },
		{ KL_SHOW_NONE, "ValueError: 42\n", "ValueError", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		struct trial trial;

		set_up(&trial, false, "python");
		trial.test.disclosure = rows[i].disclosure;
		judge_it(&trial, (struct kl_box_result){ .exit_code = 1, .err = rows[i].err, .out = "seen" });
		judge_disclose(&trial.result, &trial.test);
		assert_int_equal(trial.result.show_input, rows[i].input);
		assert_int_equal(trial.result.show_actual, rows[i].actual);
		assert_int_equal(trial.result.out != NULL, rows[i].actual);
		assert_int_equal(trial.result.expected != NULL, rows[i].expected);
		expect(&trial, KL_VERDICT_RUNTIME, rows[i].detail);
	}
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void there_and_back(void **state)
{
	struct trial trial;
	struct kl_report *report, *back, *copy;
	struct kl_buf json;
	char out[20000];

	(void)state;
	memset(out, 'y', sizeof(out));
	memcpy(out, "\x1b[31m\xff \xc3\xa9", 9);
	out[sizeof(out) - 1] = '\0';
	set_up(&trial, false, "python");
	trial.plan.runs = &trial.run;
	trial.plan.count = 1;
	report = judge_report_new(&trial.plan);
	judge_it(&trial, (struct kl_box_result){ .out = out, .cpu_us = 1234, .peak_kib = 99 });
	report->tests[0] = trial.result;
	judge_report_count(report, 0);
	judge_report_end(report, false);
	kl_buf_init(&json, 1 << 20);
	kl_report_json(report, &json);
	assert_int_equal(kl_report_from_json(&back, json.data, json.len, NULL), KL_OK);
	copy = kl_report_copy(back);
	kl_report_free(back);
	assert_int_equal(copy->verdict, KL_VERDICT_WRONG);
	assert_string_equal(copy->asked[0]->id, "one");
	assert_string_equal(copy->asked[0]->name, "the first");
	assert_int_equal(copy->tests[0].cpu_us, 1234);
	assert_int_equal(copy->tests[0].peak_kib, 99);
	assert_string_equal(copy->tests[0].detail, report->tests[0].detail);
	assert_string_equal(copy->tests[0].expected, "3\n");
	assert_true(copy->tests[0].out_cut);
	assert_true(copy->tests[0].out_len <= 8192);
	assert_memory_equal(copy->tests[0].out,
			    "\x1b[31m\xef\xbf\xbd \xc3\xa9"
			    "y",
			    12);
	kl_report_free(copy);
	kl_report_free(report);
	kl_buf_release(&json);
}

/* Bytes below the blank are six letters in JSON: what many tests print of them is left out, and what is left is whole. */
static void a_report_is_whole(void **state)
{
	enum { COUNT = 60, ROOM = 1 << 20 };
	static struct judge_run runs[COUNT];
	struct kl_report *report, *back;
	struct kl_buf json, narrow;
	struct trial trial;
	char out[8192];

	(void)state;
	memset(out, '\x01', sizeof(out));
	out[sizeof(out) - 1] = '\0';
	set_up(&trial, false, "python");
	for (size_t i = 0; i < COUNT; i++)
		runs[i] = trial.run;
	trial.plan.runs = runs;
	trial.plan.count = COUNT;
	report = judge_report_new(&trial.plan);
	for (size_t i = 0; i < COUNT; i++) {
		trial.result = report->tests[i];
		judge_it(&trial, (struct kl_box_result){ .out = out, .err = out });
		report->tests[i] = trial.result;
		judge_report_count(report, i);
	}
	judge_report_end(report, false);
	kl_buf_init(&json, ROOM);
	kl_report_json(report, &json);
	assert_false(json.truncated);
	assert_int_equal(kl_report_from_json(&back, json.data, json.len, NULL), KL_OK);
	assert_int_equal(back->count, COUNT);
	assert_non_null(back->tests[0].out);
	assert_null(back->tests[COUNT - 1].out);
	kl_report_free(back);
	kl_buf_init(&narrow, json.len - 1); /* no half of one */
	kl_report_json(report, &narrow);
	assert_int_equal(narrow.len, 0);
	kl_report_free(report);
	kl_buf_release(&json);
	kl_buf_release(&narrow);
}

static void damaged_reports(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"tests\": 3}", "null" };
	static const char odd[] = "{\"tests\": [3, {\"cpu_us\": 1e300}]}";
	struct kl_report *report;
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(texts); i++) {
		assert_int_equal(kl_report_from_json(&report, texts[i], strlen(texts[i]), &err), KL_ECORRUPT);
		assert_string_equal(err.message, "the stored report cannot be read");
	}
	assert_int_equal(kl_report_from_json(&report, odd, sizeof(odd) - 1, &err), KL_OK);
	assert_int_equal(report->count, 2);
	assert_int_equal(report->tests[0].verdict, KL_VERDICT_INTERNAL);
	kl_report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_have_words),      cmocka_unit_test(short_limits_are_told_in_full),
		cmocka_unit_test(exit_codes),           cmocka_unit_test(languages_speak_for_themselves),
		cmocka_unit_test(a_long_saying_is_cut), cmocka_unit_test(calls_are_compared),
		cmocka_unit_test(own_inputs_just_run),  cmocka_unit_test(hidden_tests_keep_their_secrets),
		cmocka_unit_test(there_and_back),       cmocka_unit_test(a_report_is_whole),
		cmocka_unit_test(damaged_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
