/* How a call may fail, in every language: errors, an early end, a wrong type, a missing function. */

#include "tests/unit/harness_run.h"

/* check(n): fails when n < 0, ends the program when n is 0, else gives 2 n. */
static const struct {
	const char *language, *code, *message;
} checks[] = {
	{ "python",
	  "import os\ndef check(n):\n    print('hello')\n    if n < 0:\n        raise ValueError('no pair')\n"
	  "    if n == 0:\n        raise SystemExit(0)\n    return 2 * n\n",
	  "ValueError: no pair" },
	{ "javascript",
	  "const check = async (n) => {\n  console.log('hello');\n  if (n < 0) throw new RangeError('no pair');\n"
	  "  if (n === 0) process.exit(0);\n  return 2 * n;\n};\nmodule.exports = { check };\n",
	  "RangeError: no pair" },
	{ "typescript",
	  "export function check(n: number): number {\n  console.log('hello');\n  if (n < 0) throw new Error('no pair');\n"
	  "  if (n === 0) process.exit(0);\n  return 2 * n;\n}\n",
	  "Error: no pair" },
	{ "ruby",
	  "def check(n)\n  puts 'hello'\n  raise ArgumentError, 'no pair' if n < 0\n  exit if n == 0\n  2 * n\nend\n",
	  "ArgumentError: no pair" },
	{ "c",
	  "#include <stdio.h>\n#include <stdlib.h>\nint check(int n)\n{\n    puts(\"hello\");\n    if (n < 0)\n"
	  "        kl_error(\"no pair\");\n    if (!n)\n        exit(0);\n    return 2 * n;\n}\n",
	  "no pair" },
	{ "cpp",
	  "#include <iostream>\n#include <stdexcept>\nint check(int n)\n{\n    std::cout << \"hello\\n\";\n    if (n < 0)\n"
	  "        throw std::invalid_argument(\"no pair\");\n    if (!n)\n        std::exit(0);\n    return 2 * n;\n}\n",
	  "std::invalid_argument: no pair" },
	{ "rust",
	  "fn check(n: i32) -> Result<i32, String> {\n    println!(\"hello\");\n    if n < 0 {\n"
	  "        return Err(\"no pair\".to_string());\n    }\n    if n == 0 {\n        std::process::exit(0);\n    }\n"
	  "    Ok(2 * n)\n}\n",
	  "no pair" },
	{ "rust",
	  "fn check(n: i32) -> i32 {\n    println!(\"hello\");\n    if n < 0 {\n        panic!(\"no {}\", \"pair\");\n    }\n"
	  "    if n == 0 {\n        std::process::exit(0);\n    }\n    2 * n\n}\n",
	  "no pair" },
	{ "go",
	  "package main\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc Check(n int) (int, error) {\n"
	  "\tfmt.Println(\"hello\")\n\tif n < 0 {\n\t\treturn 0, errors.New(\"no pair\")\n\t}\n\tif n == 0 {\n\t\tos.Exit(0)\n\t}\n"
	  "\treturn 2 * n, nil\n}\n",
	  "no pair" },
	{ "go",
	  "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc Check(n int) int {\n\tfmt.Println(\"hello\")\n"
	  "\tif n < 0 {\n\t\tpanic(\"no pair\")\n\t}\n\tif n == 0 {\n\t\tos.Exit(0)\n\t}\n\treturn 2 * n\n}\n",
	  "no pair" },
	{ "java",
	  "class Solution {\n    static int check(int n) {\n        System.out.println(\"hello\");\n        if (n < 0) {\n"
	  "            throw new IllegalArgumentException(\"no pair\");\n        }\n        if (n == 0) {\n            System.exit(0);\n"
	  "        }\n        return 2 * n;\n    }\n}\n",
	  "IllegalArgumentException: no pair" },
	{ "bash",
	  "check() {\n    echo hello\n    if (($1 < 0)); then\n        echo 'no pair' >&2\n        return 3\n    fi\n"
	  "    (($1 != 0)) || exit 0\n    result=$((2 * $1))\n}\n",
	  "" },
};

static const struct param numbers[] = { { "n", "int" } };

static void make_check(struct kl_challenge *challenge)
{
	*challenge = (struct kl_challenge){ .records = NULL };
	make_signature(challenge, "check", numbers, KL_LENGTH(numbers), "int");
}

static void failures_are_reported(void **state)
{
	size_t index = *(const size_t *)*state;
	const struct kl_language *language = language_or_skip(checks[index].language);
	struct kl_challenge challenge;
	struct bench bench = { .dir = "" };
	char *want;

	make_check(&challenge);
	bench_open(&bench, &challenge, language, checks[index].code);
	run_argv(&bench, bench.harness.run, "21\n", 3);
	assert_string_equal(bench.result.data, "ok\n42\n");
	assert_string_equal(bench.out.data, "hello\n");
	run_argv(&bench, bench.harness.run, "-1\n", 3);
	want = kl_format("error\n%zu\n%s\n", strlen(checks[index].message), checks[index].message);
	assert_string_equal(bench.result.data, want);
	assert_non_null(strstr(bench.err.data, "no pair")); /* the student sees it too */
	assert_null(strstr(bench.err.data, "kl_main.")); /* and nothing of ours */
	free(want);
	run_argv(&bench, bench.harness.run, "0\n", 2);
	assert_string_equal(bench.result.data, "");
	assert_int_equal(bench.wait_status, 0);
	bench_close(&bench);
	free_signature(&challenge);
}

/* Languages without declared types find the wrong one at the end. */
static const struct {
	const char *language, *code, *sentence;
} mistypes[] = {
	{ "python", "def check(n):\n    pass\n", "the result is None, expected int" },
	{ "python", "def check(n):\n    return 'x'\n", "the result is str 'x', expected int" },
	{ "python", "def check(n):\n    return True\n", "the result is bool True, expected int" },
	{ "javascript", "function check(n) {}\n", "the result is undefined, expected number" },
	{ "javascript", "function check(n) { return n / 2; }\n", "the result is number 0.5, expected number" },
	{ "javascript", "function check(n) { return [n]; }\n", "the result is array [ 1 ], expected number" },
	{ "ruby", "def check(n)\nend\n", "the result is nil, expected Integer" },
	{ "ruby", "def check(n)\n  n / 2.0\nend\n", "the result is Float 0.5, expected Integer" },
	{ "bash", "check() { :; }\n", "the function did not set result" },
	{ "bash", "check() { result=one; }\n", "the result is 'one', expected an integer" },
	{ "go", "package main\n\nfunc Check(n int64) int { return 1 }\n",
	  "Check is func(int64) int, expected func(int) int" },
};

static void wrong_types_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(mistypes); i++) {
		const struct kl_language *language = kl_language_find(mistypes[i].language);
		struct kl_challenge challenge;
		struct bench bench = { .dir = "" };
		char *want;

		if (!kl_language_ready(language, NULL, 0))
			continue;
		make_check(&challenge);
		bench_open(&bench, &challenge, language, mistypes[i].code);
		run_argv(&bench, bench.harness.run, "1\n", 2);
		want = kl_format("type\n%zu\n%s\n", strlen(mistypes[i].sentence), mistypes[i].sentence);
		assert_string_equal(bench.result.data, want);
		free(want);
		bench_close(&bench);
		free_signature(&challenge);
	}
}

/* No function, or a file that cannot be read: no report, and words on standard error. */
static const struct {
	const char *language, *code, *said;
} broken[] = {
	{ "python", "def chekc(n):\n    pass\n", "NameError: there is no function 'check' in solution.py\n" },
	{ "python", "def check(n)\n    pass\n", "SyntaxError: expected ':'\n" },
	{ "javascript", "function chekc(n) {}\n", "ReferenceError: there is no function 'check' in solution.js\n" },
	{ "javascript", "function check(n) {\n", "SyntaxError: " },
	{ "ruby", "def chekc(n)\nend\n", "NoMethodError: there is no method 'check' in solution.rb\n" },
	{ "ruby", "def check(n)\n", "solution.rb:1: syntax error" },
	{ "bash", "chekc() { :; }\n", "there is no function 'check' in solution.sh\n" },
	{ "bash", "check() {\n", "solution.sh: line 2: syntax error" },
};

static void no_report_without_a_function(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(broken); i++) {
		const struct kl_language *language = kl_language_find(broken[i].language);
		struct kl_challenge challenge;
		struct bench bench = { .dir = "" };

		if (!kl_language_ready(language, NULL, 0))
			continue;
		make_check(&challenge);
		bench_open(&bench, &challenge, language, broken[i].code);
		run_argv(&bench, bench.harness.run, "1\n", 2);
		assert_string_equal(bench.result.data, "");
		assert_true(WIFEXITED(bench.wait_status) && WEXITSTATUS(bench.wait_status) != 0);
		if (!strstr(bench.err.data, broken[i].said))
			print_error("%s said: %s\n", language->name, bench.err.data);
		assert_non_null(strstr(bench.err.data, broken[i].said));
		bench_close(&bench);
		free_signature(&challenge);
	}
}

int main(void)
{
	static size_t indexes[KL_LENGTH(checks)];
	struct CMUnitTest tests[KL_LENGTH(checks) + 2];
	size_t count = 0;

	for (; count < KL_LENGTH(checks); count++) {
		indexes[count] = count;
		tests[count] = (struct CMUnitTest){ checks[count].language, failures_are_reported, NULL, NULL,
						    &indexes[count] };
	}
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(wrong_types_are_named);
	tests[count] = (struct CMUnitTest)cmocka_unit_test(no_report_without_a_function);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
