/* Verdicts with real compilers in the real sandbox: every one, forged reports, cancelling, done exactly once. */

#include "tests/unit/judge_run.h"

static const char pair_meta[] =
	"{\"format\": 1, \"title\": \"Pair\", \"summary\": \"Two that sum up\", \"difficulty\": \"BEGINNER\","
	" \"category\": \"arrays\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"function\","
	" \"function\": {\"name\": \"two_sum\", \"params\": [{\"name\": \"nums\", \"type\": \"int[]\"},"
	" {\"name\": \"target\", \"type\": \"int\"}], \"returns\": \"int[]\"}, \"limits\": {\"cpu_ms\": 900}}";
static const char pair_tests[] =
	"{\"tests\": [{\"id\": \"first\", \"sample\": true, \"weight\": 3, \"args\": {\"nums\": [2, 7], \"target\": 9}, \"expect\": [0, 1]},"
	" {\"id\": \"second\", \"disclosure\": \"actual\", \"args\": {\"nums\": [1, 2, 3], \"target\": 5}, \"expect\": [1, 2]},"
	" {\"id\": \"none\", \"args\": {\"nums\": [1], \"target\": 7}, \"error\": \"no pair\"}]}";

/* --- one verdict each --------------------------------------------------------------------------------------------- */

static const struct {
	const char *language, *code;
	enum kl_verdict verdict; /* of the sample test "plain" */
	const char *detail; /* begins with this; NULL: there is none */
} programs[] = {
	{ "python", "a, b = map(int, input().split())\nprint(a + b)\n", KL_VERDICT_PASSED, NULL },
	{ "python", "print(4)\n", KL_VERDICT_WRONG, "line 1" },
	{ "python", ENDLESS, KL_VERDICT_TIME, "time limit 0.1 s reached" },
	{ "python", "import time\ntime.sleep(60)\n", KL_VERDICT_TIME, "stopped after " },
	{ "python", "x = []\nwhile True: x.append(bytearray(1 << 20))\n", KL_VERDICT_MEMORY,
	  "memory limit 64 MiB reached" },
	{ "python", "while True: print('x' * 100)\n", KL_VERDICT_OUTPUT, "output limit 16 KiB reached" },
	{ "python", "raise ValueError('no sum')\n", KL_VERDICT_RUNTIME, "ValueError: no sum" },
	{ "python", "import sys\nsys.exit(3)\n", KL_VERDICT_RUNTIME, "exit code 3" },
	{ "python", "def f(:\n", KL_VERDICT_COMPILE, NULL },
	{ "python", "import os\nos.kill(os.getpid(), 11)\n", KL_VERDICT_RUNTIME, "SIGSEGV: bad memory access" },
	{ "c", "int main(void)\n{\n    return *(volatile int *)0;\n}\n", KL_VERDICT_RUNTIME,
	  "SIGSEGV: bad memory access" },
	{ "c", "#include <stdlib.h>\nint main(void)\n{\n    abort();\n}\n", KL_VERDICT_RUNTIME,
	  "SIGABRT: the program aborted" },
	{ "c", "int main(void)\n{\n    return x;\n}\n", KL_VERDICT_COMPILE, NULL },
	{ "bash", "read -r a b\necho $((a + b))\n", KL_VERDICT_PASSED, NULL },
	{ "bash", "nosuch\n", KL_VERDICT_RUNTIME, "solution.sh: line 1: nosuch: command not found" },
	{ "javascript", "null.x;\n", KL_VERDICT_RUNTIME, "TypeError: Cannot read properties of null (reading 'x')" },
	{ "ruby", "raise 'no'\n", KL_VERDICT_RUNTIME, "no (RuntimeError)" },
};

static void every_verdict(void **state)
{
	struct court *court = *state;
	struct kl_challenge *patient = make_challenge(court, patient_meta, sum_tests);
	struct kl_challenge *hasty = make_challenge(court, hasty_meta, sum_tests);

	for (size_t i = 0; i < KL_LENGTH(programs); i++) {
		const struct kl_test_result *result;

		if (!kl_language_ready(kl_language_find(programs[i].language), NULL, 0))
			continue;
		judge_code(court, strcmp(programs[i].code, ENDLESS) ? patient : hasty, programs[i].language,
			   programs[i].code);
		result = result_of(court, "plain");
		if (result->verdict != programs[i].verdict)
			print_error("%s gives %s: %s\n", programs[i].code, kl_verdict_name(result->verdict),
				    result->detail ? result->detail : "");
		assert_int_equal(result->verdict, programs[i].verdict);
		assert_int_equal(court->report->verdict, programs[i].verdict);
		if (!programs[i].detail) {
			assert_null(result->detail);
			continue;
		}
		assert_non_null(result->detail);
		if (strncmp(result->detail, programs[i].detail, strlen(programs[i].detail)))
			assert_string_equal(result->detail, programs[i].detail);
	}
	kl_challenge_free(patient);
	kl_challenge_free(hasty);
}

static void arguments_and_files(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, sum_meta, sum_tests);

	judge_code(
		court, challenge, "python",
		"import sys\nif len(sys.argv) > 1:\n    assert sys.argv[1] == '-x' and open('note.txt').read() == 'n'\n"
		"print(sum(map(int, input().split())))\n");
	assert_int_equal(court->report->verdict, KL_VERDICT_PASSED);
	assert_int_equal(court->progress, 2);
	assert_int_equal(court->report->passed, 2);
	assert_true(result_of(court, "plain")->peak_kib > 1000);
	assert_true(result_of(court, "plain")->cpu_us > 1000);
	kl_challenge_free(challenge);
}

static void a_compile_error_has_places(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, sum_meta, sum_tests);
	struct kl_place places[4];

	judge_code(court, challenge, "c", "int main(void)\n{\n    return x;\n}\n");
	assert_int_equal(court->report->compile, KL_COMPILE_FAILED);
	assert_int_equal(court->report->done, 0);
	assert_int_equal(kl_report_places(kl_language_find("c"), court->report->messages, places, 4), 1);
	assert_int_equal(places[0].line1, 3);
	assert_int_equal(places[0].column1, 12);
	assert_string_equal(places[0].message, "‘x’ undeclared (first use in this function)");
	free(places[0].message);
	assert_null(strstr(court->report->messages, "/box"));
	kl_challenge_free(challenge);
}

/* --- functions ---------------------------------------------------------------------------------------------------- */

static const char right_python[] =
	"def two_sum(nums, target):\n    for i, a in enumerate(nums):\n        for k in range(i + 1, len(nums)):\n"
	"            if a + nums[k] == target:\n                return [i, k]\n    raise ValueError('no pair')\n";

static void a_right_function(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, pair_meta, pair_tests);

	judge_code(court, challenge, "python", right_python);
	assert_int_equal(court->report->verdict, KL_VERDICT_PASSED);
	assert_true(court->report->score == 100);
	assert_string_equal(result_of(court, "first")->actual, "[0, 1]");
	assert_string_equal(result_of(court, "first")->expected, "[0, 1]");
	kl_challenge_free(challenge);
}

static void weights_and_disclosure(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, pair_meta, pair_tests);
	const struct kl_test_result *result;

	judge_code(court, challenge, "python", "def two_sum(nums, target):\n    print(nums)\n    return [0, 1]\n");
	assert_int_equal(court->report->verdict, KL_VERDICT_WRONG);
	assert_true(court->report->score == 60);
	result = result_of(court, "second"); /* actual: what came back, not what was asked */
	assert_int_equal(result->verdict, KL_VERDICT_WRONG);
	assert_string_equal(result->actual, "[0, 1]");
	assert_string_equal(result->out, "[1, 2, 3]\n");
	assert_null(result->expected);
	assert_false(result->show_input);
	result = result_of(court, "none"); /* name: nothing */
	assert_int_equal(result->verdict, KL_VERDICT_WRONG);
	assert_null(result->actual);
	assert_null(result->out);
	assert_null(result->expected);
	assert_null(result->detail);
	kl_challenge_free(challenge);
}

/* EVERYWHERE(bytes): python that writes to every descriptor a report could go to. */
#define EVERYWHERE(bytes)                                                                                              \
	"import os\nfor fd in range(3, 64):\n    try:\n        os.write(fd, b'" bytes                                  \
	"')\n    except OSError:\n        pass\n"

static const struct {
	const char *code;
	enum kl_verdict verdict;
	const char *detail;
} forgeries[] = {
	{ EVERYWHERE("ok\\n2\\n5\\n5\\n") "os._exit(0)\n", KL_VERDICT_WRONG, "returned another value than expected" },
	{ EVERYWHERE("ok\\n") "os._exit(0)\n", KL_VERDICT_WRONG,
	  "the answer ends too early: expected the length of an array" },
	{ EVERYWHERE("ok\\n999999999\\n") "os._exit(0)\n", KL_VERDICT_WRONG,
	  "the answer ends too early: the length of an array says 999999999, but there is less" },
	{ EVERYWHERE("passed") "os._exit(0)\n", KL_VERDICT_RUNTIME,
	  "the result is damaged: descriptor 3 belongs to the judge" },
	{ EVERYWHERE("error\\n99\\nx\\n") "os._exit(0)\n", KL_VERDICT_RUNTIME,
	  "the result is damaged: descriptor 3 belongs to the judge" },
	{ EVERYWHERE("ok\\n2\\n0\\n1\\n") "def two_sum(nums, target):\n    return [0, 1]\n", KL_VERDICT_RUNTIME,
	  "the result is damaged: descriptor 3 belongs to the judge" },
	{ EVERYWHERE("ok\\n2\\n0\\n1\\n") "os.kill(os.getpid(), 9)\n", KL_VERDICT_RUNTIME,
	  "SIGKILL: the program was killed" },
	{ "def two_sum(nums, target):\n    print('ok\\n2\\n0\\n1')\n    print('{\"verdict\": \"passed\"}')\n    return []\n",
	  KL_VERDICT_WRONG, "returned another value than expected" },
	{ "import os\nos.closerange(3, 64)\ndef two_sum(nums, target):\n    return [0, 1]\n", KL_VERDICT_RUNTIME,
	  "OSError: [Errno 9] Bad file descriptor" },
	{ "def two_sum(nums, target):\n    raise SystemExit(0)\n", KL_VERDICT_RUNTIME,
	  "the program ended before returning" },
};

static void forged_reports_gain_nothing(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, pair_meta, pair_tests);

	for (size_t i = 0; i < KL_LENGTH(forgeries); i++) {
		const struct kl_test_result *result;

		judge_code(court, challenge, "python", forgeries[i].code);
		result = result_of(court, "first");
		if (result->verdict != forgeries[i].verdict)
			print_error("%s gives %s\n", forgeries[i].code, kl_verdict_name(result->verdict));
		assert_int_equal(result->verdict, forgeries[i].verdict);
		assert_non_null(result->detail);
		assert_string_equal(result->detail, forgeries[i].detail);
		assert_int_equal(court->report->passed, 0);
	}
	kl_challenge_free(challenge);
}

static void one_crash_spoils_no_other(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, pair_meta, pair_tests);

	judge_code(
		court, challenge, "c",
		"#include \"kodelab.h\"\n#include <stdlib.h>\nstruct int_array two_sum(struct int_array nums, int target)\n{\n"
		"    static int pair[] = { 0, 1 };\n    if (target == 5)\n        *(volatile int *)0 = 1;\n"
		"    if (nums.len < 2)\n        kl_error(\"no pair\");\n    return (struct int_array){ pair, 2 };\n}\n");
	assert_int_equal(result_of(court, "first")->verdict, KL_VERDICT_PASSED);
	assert_int_equal(result_of(court, "second")->verdict, KL_VERDICT_RUNTIME);
	assert_string_equal(result_of(court, "second")->detail, "SIGSEGV: bad memory access");
	assert_int_equal(result_of(court, "none")->verdict, KL_VERDICT_PASSED);
	assert_int_equal(court->report->verdict, KL_VERDICT_RUNTIME);
	kl_challenge_free(challenge);
}

static void a_wrong_signature_is_said(void **state)
{
	static const char said[] =
		"solution.cpp does not define the function with the parameters and the result of the starter.\n\n";
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, pair_meta, pair_tests);

	judge_code(court, challenge, "cpp", "int three_sum(int a)\n{\n    return a;\n}\n");
	assert_int_equal(court->report->verdict, KL_VERDICT_COMPILE);
	assert_memory_equal(court->report->messages, said, sizeof(said) - 1);
	assert_null(strstr(court->report->messages, "In file included from"));
	kl_challenge_free(challenge);
}

/* --- which tests -------------------------------------------------------------------------------------------------- */

static void run_takes_samples_and_own(void **state)
{
	static char input[] = "20 22\n", id[] = "mine";
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, sum_meta, sum_tests);
	struct kl_test own = { .id = id, .input = input, .input_len = 6, .own = true };
	const char *code = "print(sum(map(int, input().split())))\n";
	struct kl_submission sub = { .challenge = challenge,
				     .language = kl_language_find("python"),
				     .code = code,
				     .code_len = strlen(code),
				     .samples_only = true,
				     .own = &own,
				     .own_count = 1 };

	submit(court, &sub);
	wait_done(court);
	assert_int_equal(court->report->count, 2);
	assert_int_equal(court->report->verdict, KL_VERDICT_PASSED);
	assert_true(court->report->score == 100);
	assert_int_equal(result_of(court, "mine")->verdict, KL_VERDICT_RAN);
	assert_string_equal(result_of(court, "mine")->out, "42\n");
	sub.only = "mine";
	submit(court, &sub);
	wait_done(court);
	assert_int_equal(court->report->count, 1);
	assert_int_equal(court->report->verdict, KL_VERDICT_RAN);
	kl_challenge_free(challenge);
}

static void playground(void **state)
{
	static char input[] = "hi\n", id[] = "input";
	struct court *court = *state;
	struct kl_test own = { .id = id, .input = input, .input_len = 3, .own = true };
	const char *code = "cat\n";
	struct kl_submission sub = {
		.language = kl_language_find("bash"), .code = code, .code_len = 4, .own = &own, .own_count = 1
	};

	submit(court, &sub);
	wait_done(court);
	assert_int_equal(court->report->verdict, KL_VERDICT_RAN);
	assert_string_equal(result_of(court, "input")->out, "hi\n");
}

static void refusals(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, pair_meta, pair_tests);
	struct kl_submission sub = {
		.challenge = challenge, .language = kl_language_find("sql"), .code = "", .only = NULL
	};
	struct kl_job *job = NULL;
	struct kl_error err;

	assert_int_equal(kl_judge_submit(&job, court->judge, &sub, NULL, on_done, court, &err), KL_EINVAL);
	assert_string_equal(err.message, "'sample' cannot be solved in SQL: choose another language");
	sub.language = kl_language_find("python");
	sub.only = "nope";
	assert_int_equal(kl_judge_submit(&job, court->judge, &sub, NULL, on_done, court, &err), KL_EINVAL);
	assert_string_equal(err.message, "there is no test 'nope'");
	sub.only = NULL;
	setenv("KL_TOOLS_PATH", court->dir, 1);
	assert_int_equal(kl_judge_submit(&job, court->judge, &sub, NULL, on_done, court, &err), KL_ENOTOOL);
	unsetenv("KL_TOOLS_PATH");
	assert_string_equal(err.message, "Python needs python3: sudo apt install python3");
	assert_int_equal(court->done, 0);
	kl_challenge_free(challenge);
}

/* --- cancelling --------------------------------------------------------------------------------------------------- */

static void cancel_while_running(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, sum_meta, sum_tests);
	const char *code = "import time\ntime.sleep(60)\n";
	struct kl_submission sub = {
		.challenge = challenge, .language = kl_language_find("python"), .code = code, .code_len = strlen(code)
	};
	struct kl_job *job = submit(court, &sub);

	kl_loop_turn(court->loop, 50);
	kl_judge_cancel(job);
	kl_judge_cancel(job);
	assert_int_equal(court->done, 0);
	wait_done(court);
	assert_int_equal(court->report->verdict, KL_VERDICT_SKIPPED);
	assert_int_equal(result_of(court, "plain")->verdict, KL_VERDICT_SKIPPED);
	assert_int_equal(court->report->done, 0);
	kl_challenge_free(challenge);
}

static void cancel_while_compiling(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, sum_meta, sum_tests);
	const char *code = "#include <iostream>\nint main() {}\n";
	struct kl_submission sub = {
		.challenge = challenge, .language = kl_language_find("cpp"), .code = code, .code_len = strlen(code)
	};
	struct kl_job *job;

	if (!kl_language_ready(sub.language, NULL, 0))
		skip();
	job = submit(court, &sub);
	kl_judge_cancel(job);
	wait_done(court);
	assert_int_equal(court->report->verdict, KL_VERDICT_SKIPPED);
	assert_int_equal(court->progress, 0);
	kl_challenge_free(challenge);
}

static void closing_tells_everybody(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, sum_meta, sum_tests);
	const char *code = "import time\ntime.sleep(60)\n";
	struct kl_submission sub = {
		.challenge = challenge, .language = kl_language_find("python"), .code = code, .code_len = strlen(code)
	};

	submit(court, &sub);
	submit(court, &sub);
	kl_judge_close(court->judge);
	assert_int_equal(court->done, 2);
	assert_int_equal(court->report->verdict, KL_VERDICT_SKIPPED);
	assert_int_equal(kl_judge_open(&court->judge, court->loop, &court->paths, NULL), KL_OK);
	kl_challenge_free(challenge);
}

/* --- a checker program -------------------------------------------------------------------------------------------- */

static void checker_program(void **state)
{
	static const char meta[] =
		"{\"format\": 1, \"title\": \"Any\", \"summary\": \"Any divisor\", \"difficulty\": \"BEGINNER\","
		" \"category\": \"basics\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"program\","
		" \"checker\": {\"type\": \"program\", \"language\": \"python\", \"file\": \"check.py\"}}";
	static const char tests[] =
		"{\"tests\": [{\"id\": \"plain\", \"sample\": true, \"stdin\": \"12\\n\", \"stdout\": \"any divisor\\n\"},"
		" {\"id\": \"other\", \"sample\": true, \"stdin\": \"35\\n\", \"stdout\": \"any divisor\\n\"}]}";
	static const char check[] =
		"import sys\nn = int(open(sys.argv[1]).read())\nassert open(sys.argv[2]).read() == 'any divisor\\n'\n"
		"open(sys.argv[3] + '/x', 'w').close()\nword = sys.stdin.read()\nif word.strip() == 'boom':\n    sys.exit(1)\n"
		"if 1 < int(word) < n and n % int(word) == 0:\n    sys.exit(42)\nprint('that does not divide')\nsys.exit(43)\n";
	struct court *court = *state;
	char *dir = kl_path_join(court->dir, "sample");
	struct kl_challenge *challenge;

	assert_int_equal(kl_path_make(dir, NULL), KL_OK);
	write_text(dir, "check.py", check);
	free(dir);
	challenge = make_challenge(court, meta, tests);
	judge_code(court, challenge, "bash", "read n; if ((n % 5)); then echo 4; else echo 7; fi\n");
	assert_int_equal(court->report->verdict, KL_VERDICT_PASSED);
	judge_code(court, challenge, "bash", "echo 6\n");
	assert_int_equal(result_of(court, "plain")->verdict, KL_VERDICT_PASSED);
	assert_int_equal(result_of(court, "other")->verdict, KL_VERDICT_WRONG);
	assert_string_equal(result_of(court, "other")->detail, "that does not divide");
	judge_code(court, challenge, "bash", "echo boom\n");
	assert_int_equal(court->report->verdict, KL_VERDICT_INTERNAL);
	assert_string_equal(court->report->error.message, "the checker program failed: exit code 1");
	kl_challenge_free(challenge);
}

int main(void)
{
#define COURT(test) cmocka_unit_test_setup_teardown(test, open_court, close_court)
	const struct CMUnitTest tests[] = {
		COURT(every_verdict),
		COURT(arguments_and_files),
		COURT(a_compile_error_has_places),
		COURT(a_right_function),
		COURT(weights_and_disclosure),
		COURT(forged_reports_gain_nothing),
		COURT(one_crash_spoils_no_other),
		COURT(a_wrong_signature_is_said),
		COURT(run_takes_samples_and_own),
		COURT(playground),
		COURT(refusals),
		COURT(cancel_while_running),
		COURT(cancel_while_compiling),
		COURT(closing_tells_everybody),
		COURT(checker_program),
	};
#undef COURT

	return cmocka_run_group_tests(tests, NULL, NULL);
}
