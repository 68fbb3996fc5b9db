/* Places: what real compilers and interpreters say about real mistakes, in the student's own lines. */

#include "tests/unit/judge_run.h"

static const char tests_json[] =
	"{\"tests\": [{\"id\": \"one\", \"sample\": true, \"args\": {\"n\": 0}, \"expect\": 0}]}";

/* Each has its mistake in line 4; message: is in the message of that place, or NULL. */
static const struct {
	const char *language, *code, *message;
} compile_errors[] = {
	{ "c", "#include <stdio.h>\nint half(int n)\n{\n    return m;\n}\n", "undeclared" },
	{ "c", "#include <stdio.h>\n\n\nlong half(int n)\n{\n    return n;\n}\n", "conflicting types" },
	{ "cpp", "#include <vector>\nint half(int n)\n{\n    return m;\n}\n", "not declared" },
	{ "rust", "// one\n// two\nfn half(n: i32) -> i32 {\n    m\n}\n", "cannot find value `m`" },
	{ "go", "package main\n\nfunc Half(n int) int {\n\treturn m\n}\n", "undefined: m" },
	{ "java", "class Solution {\n    static int half(int n) {\n        // three\n        return m;\n    }\n}\n",
	  "cannot find symbol" },
	{ "typescript", "// one\n// two\nfunction half(n: number): number {\n  return 'x';\n}\n", "not assignable" },
};

/* Failures at run time: the place is found in standard error. */
static const struct {
	const char *language, *code;
} failures[] = {
	{ "python", "def half(n):\n    # two\n    # three\n    return 1 // n\n" },
	{ "javascript", "function half(n) {\n  // two\n  // three\n  return n.x.y;\n}\n" },
	{ "typescript", "function half(n: number): number {\n  // two\n  // three\n  throw new Error('no');\n}\n" },
	{ "ruby", "def half(n)\n  # two\n  # three\n  1 / n\nend\n" },
	{ "java",
	  "class Solution {\n    static int half(int n) {\n        // three\n        return 1 / n;\n    }\n}\n" },
	{ "go", "package main\n\nfunc Half(n int) int {\n\treturn 1 / n\n}\n" },
	{ "rust", "// one\n// two\nfn half(n: i32) -> i32 {\n    1 / n\n}\n" },
	{ "bash", "# one\n# two\nhalf() {\n    nosuch \"$1\"\n}\n" },
};

static void expect_line(const struct kl_language *language, const char *text, int line1, const char *message)
{
	struct kl_place places[8];
	size_t count = kl_report_places(language, text, places, KL_LENGTH(places));
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		found = found || (places[i].line1 == line1 && (!message || strstr(places[i].message, message)));
		free(places[i].message);
	}
	if (!found)
		print_error("%s: line %d is not in:\n%s\n", language->name, line1, text);
	assert_true(found);
}

static void compilers(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, half_meta, tests_json);

	for (size_t i = 0; i < KL_LENGTH(compile_errors); i++) {
		const struct kl_language *language = kl_language_find(compile_errors[i].language);

		if (!kl_language_ready(language, NULL, 0))
			continue;
		judge_code(court, challenge, language->id, compile_errors[i].code);
		assert_int_equal(court->report->verdict, KL_VERDICT_COMPILE);
		expect_line(language, court->report->messages, 4, compile_errors[i].message);
		assert_null(strstr(court->report->messages, "/box/"));
		assert_null(strstr(court->report->messages, "of the starter"));
	}
	kl_challenge_free(challenge);
}

static void tracebacks(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, half_meta, tests_json);

	for (size_t i = 0; i < KL_LENGTH(failures); i++) {
		const struct kl_language *language = kl_language_find(failures[i].language);
		const struct kl_test_result *result;

		if (!kl_language_ready(language, NULL, 0))
			continue;
		judge_code(court, challenge, language->id, failures[i].code);
		result = result_of(court, "one");
		assert_int_equal(result->verdict, KL_VERDICT_RUNTIME);
		expect_line(language, result->err, 4, NULL);
	}
	kl_challenge_free(challenge);
}

static void nothing_to_find(void **state)
{
	struct kl_place place;

	(void)state;
	assert_int_equal(kl_report_places(kl_language_find("python"), "", &place, 1), 0);
	assert_int_equal(kl_report_places(kl_language_find("python"), NULL, &place, 1), 0);
	assert_int_equal(kl_report_places(kl_language_find("python"), "line 3 of nothing", &place, 1), 0);
	assert_int_equal(kl_report_places(kl_language_find("c"), "kl_main.c:3:5: error: x\n", &place, 1), 0);
	assert_int_equal(kl_report_places(kl_language_find("c"), "solution.c:3:5: error: x\n", &place, 0), 0);
}

static void recursion_is_one_place(void **state)
{
	static const char text[] =
		"Traceback (most recent call last):\n  File \"/box/solution.py\", line 2, in f\n    f()\n"
		"  File \"/box/solution.py\", line 2, in f\n    f()\n  File \"/box/solution.py\", line 2, in f\n    f()\n"
		"RecursionError: maximum recursion depth exceeded\n";
	struct kl_place places[8];
	size_t count = kl_report_places(kl_language_find("python"), text, places, 8);

	(void)state;
	assert_true(count <= 2);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(places[i].line1, 2);
		free(places[i].message);
	}
}

int main(void)
{
#define COURT(test) cmocka_unit_test_setup_teardown(test, open_court, close_court)
	const struct CMUnitTest tests[] = {
		COURT(compilers),
		COURT(tracebacks),
		cmocka_unit_test(nothing_to_find),
		cmocka_unit_test(recursion_is_one_place),
	};
#undef COURT

	return cmocka_run_group_tests(tests, NULL, NULL);
}
