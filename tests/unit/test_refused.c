/*
 * Sources that an interpreter cannot read: told once, as a compile error with its places, and never mistaken for a
 * program that fails with words of the same sound.
 */

#include "tests/unit/judge_run.h"

#include "core/judge/judge_int.h"

static const char half_tests[] =
	"{\"tests\": [{\"id\": \"one\", \"sample\": true, \"args\": {\"n\": 0}, \"expect\": 0},"
	" {\"id\": \"two\", \"disclosure\": \"name\", \"args\": {\"n\": 73551}, \"expect\": 2},"
	" {\"id\": \"three\", \"disclosure\": \"name\", \"args\": {\"n\": 73551}, \"expect\": 2}]}";
static const char hidden_tests[] =
	"{\"tests\": [{\"id\": \"one\", \"disclosure\": \"name\", \"stdin\": \"73551\\n\", \"stdout\": \"1\\n\"},"
	" {\"id\": \"two\", \"disclosure\": \"name\", \"stdin\": \"73551\\n\", \"stdout\": \"1\\n\"}]}";

/* --- real ones ---------------------------------------------------------------------------------------------------- */

/* As a function and as a program alike. */
static const struct {
	const char *language, *code;
	int line1, column1;
	const char *message; /* of the first place; NULL: the words depend on the version */
} refused[] = {
	{ "python", "def half(n):\n    if n:\n        return n +\n", 3, 19, "SyntaxError: invalid syntax" },
	{ "python", "def half(n):\n\tif n:\n\t\treturn n ** )\n", 3, 15, "SyntaxError: unmatched ')'" },
	{ "python", "def half(n):\nreturn n\n", 2, 1, NULL },
	{ "python", "def half(n):\n    n = 1\n     n = 2\n", 3, 0, "IndentationError: unexpected indent" },
	{ "python", "print(1)\nx = 1 is 1\ndef half(n):\n    return n\nreturn 5\n", 5, 1,
	  "SyntaxError: 'return' outside function" },
	{ "python", "# -*- coding: nonesuch -*-\nprint(1)\n", 0, 0, NULL },
	{ "javascript", "function half(n) {\n  return n +;\n}\n", 2, 13, "SyntaxError: Unexpected token ';'" },
	{ "javascript", "\nexport function half(n) { return é é; }\n", 2, 0, NULL },
	{ "javascript", "console.log(1);\nfunction half(n) {\n  return n;\n", 4, 0,
	  "SyntaxError: Unexpected end of input" },
	{ "javascript", "let n = 1;\nlet n = 2;\n", 2, 5, "SyntaxError: Identifier 'n' has already been declared" },
	{ "ruby", "def half(n)\n  n +\nend\n", 3, 0, NULL },
	{ "ruby", "puts 1\ndef half(n)\n  N = 1\nend\n", 3, 3, NULL },
	{ "ruby", "def half(n)\n  5 = n\nend\n", 2, 5, NULL },
	{ "bash", "half() {\n    if true; then\n        echo 1\n}\n", 4, 0, NULL },
	{ "bash", "echo 1\nhalf() {\n    echo \"1\n}\n", 3, 0, NULL },
	{ "bash", "half() { result=1; }\nhalf\necho 1\ndone\n", 4, 0, "syntax error near unexpected token `done'" },
};

static void expect_place(const struct court *court, size_t index)
{
	struct kl_place places[4] = { { .line1 = 0 } };
	size_t count = kl_report_places(kl_language_find(refused[index].language), court->report->messages, places, 4);

	if (places[0].line1 != refused[index].line1 ||
	    (refused[index].column1 && places[0].column1 != refused[index].column1))
		fail_msg("%s is said to be in %d:%d:\n%s", refused[index].code, places[0].line1, places[0].column1,
			 court->report->messages);
	if (refused[index].message)
		assert_string_equal(places[0].message, refused[index].message);
	assert_int_equal(count, refused[index].line1 ? 1 : 0);
	for (size_t i = 0; i < count; i++)
		free(places[i].message);
}

static void expect_refusal(const struct court *court, const char *code)
{
	const struct kl_report *report = court->report;

	if (report->compile != KL_COMPILE_FAILED)
		fail_msg("%s gives %s: %s", code, kl_verdict_name(report->verdict), report->tests[0].err);
	assert_int_equal(report->verdict, KL_VERDICT_COMPILE);
	assert_int_equal(report->done, 0);
	assert_int_equal(report->passed, 0);
	assert_true(report->score == 0);
	assert_non_null(report->messages);
	assert_null(strstr(report->messages, "/box"));
	assert_null(strstr(report->messages, "kl_main"));
	assert_null(strstr(report->messages, "node:"));
	for (size_t i = 0; i < report->count; i++) {
		assert_int_equal(report->tests[i].verdict, KL_VERDICT_COMPILE);
		assert_null(report->tests[i].detail);
		assert_null(report->tests[i].err);
	}
}

static void told_once(void **state)
{
	struct court *court = *state;
	struct kl_challenge *function = make_challenge(court, half_meta, half_tests);
	struct kl_challenge *program = make_challenge(court, sum_meta, sum_tests);

	for (size_t i = 0; i < KL_LENGTH(refused); i++) {
		if (!kl_language_ready(kl_language_find(refused[i].language), NULL, 0))
			continue;
		judge_code(court, function, refused[i].language, refused[i].code);
		expect_refusal(court, refused[i].code);
		expect_place(court, i);
		judge_code(court, program, refused[i].language, refused[i].code);
		expect_refusal(court, refused[i].code);
		expect_place(court, i);
	}
	kl_challenge_free(function);
	kl_challenge_free(program);
}

static void ruby_and_python_say_each_mistake(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, half_meta, half_tests);
	struct kl_place places[4];

	judge_code(court, challenge, "ruby", "def half(n)\n  N = 1\nend\nreturn 1 2\n");
	expect_refusal(court, "two mistakes");
	assert_int_equal(kl_report_places(kl_language_find("ruby"), court->report->messages, places, 4), 2);
	assert_int_equal(places[0].line1, 2);
	assert_int_equal(places[1].line1, 4);
	assert_int_equal(places[1].column1, 10);
	free(places[0].message);
	free(places[1].message);
	judge_code(court, challenge, "python", "def half(n):\n    \tif n:\n    \t    return n +\n");
	assert_string_equal(court->report->messages, "  File \"solution.py\", line 3\n        \t    return n +\n"
						     "        \t              ^\nSyntaxError: invalid syntax\n");
	kl_challenge_free(challenge);
}

/* With a checker program the last word on a test comes later: it has none here. */
static void a_checker_program_is_not_asked(void **state)
{
	static const char meta[] =
		"{\"format\": 1, \"title\": \"Any\", \"summary\": \"Anything\", \"difficulty\": \"BEGINNER\","
		" \"category\": \"basics\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"program\","
		" \"checker\": {\"type\": \"program\", \"language\": \"bash\", \"file\": \"check.sh\"}}";
	struct court *court = *state;
	char *dir = kl_path_join(court->dir, "sample");
	struct kl_challenge *challenge;

	assert_int_equal(kl_path_make(dir, NULL), KL_OK);
	write_text(dir, "check.sh", "exit 42\n");
	free(dir);
	challenge = make_challenge(court, meta, sum_tests);
	judge_code(court, challenge, "bash", "read a b; if ((a == 1)); then exit 0; fi\ndone\n");
	assert_int_equal(court->report->verdict, KL_VERDICT_RUNTIME);
	assert_int_equal(court->report->passed, 1);
	judge_code(court, challenge, "bash", "echo 3\ndone\n");
	expect_refusal(court, "bash");
	kl_challenge_free(challenge);
}

/* --- what only sounds so ------------------------------------------------------------------------------------------ */

static const struct {
	const char *language, *code;
} raised[] = {
	{ "python", "raise SyntaxError('no')\n" },
	{ "python", "eval('1 +')\n" },
	{ "python", "def half(n):\n    return eval('1 +')\nhalf(1)\n" },
	{ "python", "import sys\nsys.exit('SyntaxError: no such word')\n" },
	{ "python", "import sys\nprint('SyntaxError: invalid syntax')\nsys.exit(1)\n" },
	{ "javascript", "throw new SyntaxError('no');\n" },
	{ "javascript", "JSON.parse('{');\n" },
	{ "javascript", "eval('1 +');\n" },
	{ "javascript", "console.error('SyntaxError: no');\nprocess.exit(1);\n" },
	{ "ruby", "raise SyntaxError, 'no'\n" },
	{ "ruby", "eval('1 +')\n" },
	{ "ruby", "abort \"#{__FILE__}:#{__LINE__}: no such word\"\n" },
	{ "bash", "eval 'if'\nexit 1\n" },
	{ "bash", "bash -c 'if'\nexit 1\n" },
	{ "bash", "x=$((1 + ))\nexit 1\n" },
	{ "bash", "echo 'syntax error near unexpected token' >&2\nexit 1\n" },
};

static void not_what_was_raised(void **state)
{
	struct court *court = *state;
	struct kl_challenge *function = make_challenge(court, half_meta, half_tests);
	struct kl_challenge *program = make_challenge(court, sum_meta, sum_tests);

	for (size_t i = 0; i < 2 * KL_LENGTH(raised); i++) {
		const char *language = raised[i / 2].language, *code = raised[i / 2].code;

		if (!kl_language_ready(kl_language_find(language), NULL, 0))
			continue;
		judge_code(court, i % 2 ? function : program, language, code);
		if (court->report->verdict != KL_VERDICT_RUNTIME)
			fail_msg("%s gives %s: %s", code, kl_verdict_name(court->report->verdict),
				 court->report->messages);
		assert_int_equal(court->report->compile, KL_COMPILE_NONE);
		assert_int_equal(court->report->done, court->report->count);
	}
	kl_challenge_free(function);
	kl_challenge_free(program);
}

/* --- hidden inputs ------------------------------------------------------------------------------------------------ */

/* Forged from a hidden test, the compiler's messages would carry its input out. */
static void a_hidden_test_tells_no_words(void **state)
{
	static const char forger[] =
		"import sys\nword = sys.stdin.read()\n"
		"sys.stderr.write('  File \"/box/solution.py\", line 1\\n    ' + word.strip() + '\\nSyntaxError: ' + word)\n"
		"sys.exit('73551' in word)\n";
	static char input[] = "1\n", id[] = "mine";
	struct court *court = *state;
	struct kl_challenge *hidden = make_challenge(court, sum_meta, hidden_tests);
	struct kl_challenge *mixed = make_challenge(court, half_meta, half_tests);
	struct kl_test own = { .id = id, .input = input, .input_len = 2, .own = true };
	struct kl_submission sub = { .challenge = hidden,
				     .language = kl_language_find("python"),
				     .code = forger,
				     .code_len = strlen(forger),
				     .own = &own,
				     .own_count = 1 };

	judge_code(court, mixed, "python",
		   "import sys\ndef half(n):\n    if n:\n        sys.stderr.write('  File \"solution.py\", line 1\\n"
		   "SyntaxError: %d\\n' % n)\n        sys.exit(1)\n    return n\n");
	assert_int_equal(court->report->verdict, KL_VERDICT_RUNTIME);
	assert_int_equal(court->report->compile, KL_COMPILE_NONE);
	assert_null(court->report->messages);
	submit(court, &sub);
	wait_done(court);
	assert_int_equal(court->report->compile, KL_COMPILE_NONE);
	assert_null(court->report->messages);
	judge_code(court, hidden, "python", forger);
	assert_int_equal(court->report->verdict, KL_VERDICT_COMPILE);
	assert_string_equal(court->report->messages,
			    "solution.py has a syntax error: test it with an input of your own to see where.\n");
	kl_challenge_free(hidden);
	kl_challenge_free(mixed);
}

/* --- other versions ----------------------------------------------------------------------------------------------- */

/* As other versions say it, for instances and distributions to come: standard error, and what of it is told. */
static const struct {
	const char *language, *err, *told;
} versions[] = {
	{ "python", "  File \"/box/solution.py\", line 1\n    x = 5 5\n          ^\nSyntaxError: invalid syntax\n",
	  "  File \"/box/solution.py\", line 1\n    x = 5 5\n          ^\nSyntaxError: invalid syntax\n" },
	{ "python",
	  "/box/solution.py:1: SyntaxWarning: invalid escape sequence '\\d'\n  x = '\\d'\n"
	  "  File \"/box/solution.py\", line 2\n    )\n    ^\nSyntaxError: unmatched ')'\n",
	  "/box/solution.py:1: SyntaxWarning: invalid escape sequence '\\d'\n  x = '\\d'\n"
	  "  File \"/box/solution.py\", line 2\n    )\n    ^\nSyntaxError: unmatched ')'\n" },
	{ "python",
	  "SyntaxError: Non-UTF-8 code starting with '\\xff' in file /box/solution.py on line 1, but no encoding\n",
	  "SyntaxError: Non-UTF-8 code starting with '\\xff' in file /box/solution.py on line 1, but no encoding\n" },
	{ "python", "  File \"/box/other.py\", line 1\n    )\n    ^\nSyntaxError: unmatched ')'\n", NULL },
	{ "python",
	  "Traceback (most recent call last):\n  File \"solution.py\", line 1, in <module>\n    import other\n"
	  "  File \"/box/other.py\", line 1\n    )\n    ^\nSyntaxError: unmatched ')'\n",
	  NULL },
	{ "javascript",
	  "/box/solution.js:1\nlet = ;\n      ^\n\nSyntaxError: Unexpected token ';'\n"
	  "    at Module._compile (internal/modules/cjs/loader.js:891:18)\n    at Object.Module._extensions..js (x)\n",
	  "/box/solution.js:1\nlet = ;\n      ^\n\nSyntaxError: Unexpected token ';'" },
	{ "javascript",
	  "file:///box/solution.js:3\nlet a = 2;\n    ^\n\nSyntaxError: Identifier 'a' has already been declared\n"
	  "    at compileSourceTextModule (node:internal/modules/esm/utils:346:16)\n\nNode.js v22.0.0\n",
	  "file:///box/solution.js:3\nlet a = 2;\n    ^\n\nSyntaxError: Identifier 'a' has already been declared" },
	{ "javascript",
	  "/box/solution.js:1\nthrow new SyntaxError('no');\n^\n\nSyntaxError: no\n    at Object.<anonymous> "
	  "(/box/solution.js:1:7)\n    at Module._compile (node:internal/modules/cjs/loader:1521:14)\n",
	  NULL },
	{ "ruby",
	  "solution.rb: --> solution.rb\nUnmatched keyword, missing `end' ?\n> 1  def f\n\n"
	  "solution.rb:2: syntax error, unexpected end-of-input, expecting `end' (SyntaxError)\n",
	  "solution.rb: --> solution.rb\nUnmatched keyword, missing `end' ?\n> 1  def f\n\n"
	  "solution.rb:2: syntax error, unexpected end-of-input, expecting `end' (SyntaxError)\n" },
	{ "ruby", "solution.rb:1: syntax errors found (SyntaxError)\n> 1 | x = )\n    |     ^ unexpected ')'\n",
	  "solution.rb:1: syntax errors found (SyntaxError)\n> 1 | x = )\n    |     ^ unexpected ')'\n" },
	{ "ruby", "solution.rb:1:in `<main>': no (SyntaxError)\n", NULL },
	{ "bash",
	  "before\n/box/solution.sh: line 3: syntax error: unexpected end of file from `if' command on line 1\n",
	  "/box/solution.sh: line 3: syntax error: unexpected end of file from `if' command on line 1" },
	{ "bash", "solution.sh: eval: line 2: syntax error: unexpected end of file\n", NULL },
	{ "c", "solution.c:1:1: error: no\n", NULL },
};

static void other_versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(versions); i++) {
		const struct kl_language *language = kl_language_find(versions[i].language);
		struct kl_buf words;
		bool found;

		kl_buf_init(&words, 4096);
		found = judge_refused(language, NULL, versions[i].err, &words);
		if (found != (versions[i].told != NULL))
			fail_msg("%s: %s", found ? "taken" : "not taken", versions[i].err);
		assert_string_equal(words.data, versions[i].told ? versions[i].told : "");
		kl_buf_release(&words);
	}
}

int main(void)
{
#define COURT(test) cmocka_unit_test_setup_teardown(test, open_court, close_court)
	const struct CMUnitTest tests[] = {
		COURT(told_once),
		COURT(ruby_and_python_say_each_mistake),
		COURT(a_checker_program_is_not_asked),
		COURT(not_what_was_raised),
		COURT(a_hidden_test_tells_no_words),
		cmocka_unit_test(other_versions),
	};
#undef COURT

	return cmocka_run_group_tests(tests, NULL, NULL);
}
