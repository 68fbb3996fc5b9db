/* The client against a real kodelabd: the verdicts of the local sandbox, in every way of sending. */

#include "tests/unit/judge0_scene.h"

static const char pair_meta[] =
	"{\"format\": 1, \"title\": \"Pair\", \"summary\": \"Two that sum up\", \"difficulty\": \"BEGINNER\","
	" \"category\": \"arrays\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"function\","
	" \"function\": {\"name\": \"two_sum\", \"params\": [{\"name\": \"nums\", \"type\": \"int[]\"},"
	" {\"name\": \"target\", \"type\": \"int\"}], \"returns\": \"int[]\"}, \"limits\": {\"cpu_ms\": 900}}";
static const char pair_tests[] =
	"{\"tests\": [{\"id\": \"first\", \"sample\": true, \"weight\": 3, \"args\": {\"nums\": [2, 7], \"target\": 9}, \"expect\": [0, 1]},"
	" {\"id\": \"second\", \"disclosure\": \"actual\", \"args\": {\"nums\": [1, 2, 3], \"target\": 5}, \"expect\": [1, 2]},"
	" {\"id\": \"none\", \"args\": {\"nums\": [1], \"target\": 7}, \"error\": \"no pair\"}]}";
static const char pair_python[] = "def two_sum(nums, target):\n    for i in range(len(nums)):\n"
				  "        for j in range(i):\n            if nums[i] + nums[j] == target:\n"
				  "                return [j, i]\n    raise ValueError('no pair')\n";
static const char sum_python[] = "a, b = map(int, input().split())\nprint(a + b)\n";

/* --- the same verdicts as here ------------------------------------------------------------------------------------ */

static const struct {
	const char *language, *code;
	bool function;
	bool runner_only; /* limits of a whole submission are coarser than a test's */
} programs[] = {
	{ "python", sum_python, false, false },
	{ "python", "print(4)\n", false, false },
	{ "python", "while True: pass\n", false, false },
	{ "python", "x = []\nwhile True: x.append(bytearray(1 << 20))\n", false, true },
	{ "python", "while True: print('x' * 100)\n", false, true },
	{ "python", "raise ValueError('no sum')\n", false, false },
	{ "python", "import sys\nsys.exit(3)\n", false, false },
	{ "python", "def f(:\n", false, false },
	{ "python", "import os\nos.kill(os.getpid(), 11)\n", false, false },
	{ "c", "int main(void)\n{\n    return *(volatile int *)0;\n}\n", false, true },
	{ "c", "int main(void)\n{\n    return x;\n}\n", false, true },
	{ "bash", "read -r a b\necho $((a + b))\n", false, false },
	{ "bash", "nosuch\n", false, false },
	{ "ruby", "raise 'no'\n", false, false },
	{ "java", "class Main { public static void main(String[] a) { System.out.println(3); } }\n", false, true },
	{ "python", pair_python, true, false },
	{ "python", "def two_sum(nums, target):\n    return [0, 1]\n", true, false },
	{ "python", "def two_sum(nums, target):\n    return 'x'\n", true, false },
	{ "python", "def two_sum(nums, target):\n    while True: pass\n", true, true },
	{ "c",
	  "#include \"kodelab.h\"\nstruct int_array two_sum(struct int_array nums, int target)\n{\n    (void)target;\n"
	  "    return nums;\n}\n",
	  true, true },
};

static void assert_same(const struct kl_report *here, const struct kl_report *there, const char *code)
{
	if (there->verdict != here->verdict)
		print_error("%s is '%s' here, '%s' there: %s\n", code, kl_verdict_name(here->verdict),
			    kl_verdict_name(there->verdict), there->error.message);
	if (there->verdict != here->verdict && there->tests[0].err)
		print_error("%s\n", there->tests[0].err);
	assert_int_equal(there->verdict, here->verdict);
	assert_int_equal(there->compile, here->compile);
	for (size_t i = 0; i < here->count; i++) {
		const struct kl_test_result *a = &here->tests[i], *b = &there->tests[i];

		if (a->verdict != b->verdict)
			print_error("%s, test %zu is '%s' here, '%s' there\n", code, i, kl_verdict_name(a->verdict),
				    kl_verdict_name(b->verdict));
		assert_int_equal(b->verdict, a->verdict);
		assert_int_equal(a->detail != NULL, b->detail != NULL);
		if (a->detail && a->verdict != KL_VERDICT_TIME)
			assert_string_equal(b->detail, a->detail);
		if (a->actual)
			assert_string_equal(b->actual, a->actual);
		if (a->err && a->verdict == KL_VERDICT_RUNTIME)
			assert_string_equal(b->err, a->err);
	}
	assert_int_equal(there->passed, here->passed);
}

/* every: 2 is every second program. way: what the notes say. */
static void compare_all(struct court0 *court, bool runner, size_t every, const char *way)
{
	struct kl_challenge *function = make_challenge(court->court, pair_meta, pair_tests);
	struct kl_challenge *program = make_challenge(court->court, patient_meta, sum_tests);
	struct trial trials[TRIALS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < KL_LENGTH(programs); i += every) {
		if ((programs[i].runner_only && !runner) ||
		    !kl_language_ready(kl_language_find(programs[i].language), NULL, 0))
			continue;
		for (int there = 0; there < 2; there++)
			trials[count++] = (struct trial){ .challenge = programs[i].function ? function : program,
							  .language = programs[i].language,
							  .code = programs[i].code,
							  .choice = there ? "school" : "local" };
	}
	run_trials(court, trials, count);
	for (size_t i = 0; i < count; i += 2) {
		assert_same(trials[i].report, trials[i + 1].report, trials[i].code);
		assert_non_null(strstr(trials[i + 1].report->note, way));
	}
	release_trials(trials, count);
	kl_challenge_free(function);
	kl_challenge_free(program);
}

static void one_request(void **state)
{
	struct court0 *court = open_court0(state, "");

	compare_all(court, true, 1, "one request for all tests");
}

/* No C compiler there: a submission for each test, in batches. */
static void batches(void **state)
{
	struct court0 *court = open_court0(state, "judge.languages = 71 46 72 89\n");

	compare_all(court, false, 2, "one submission for each test");
}

static void singles(void **state)
{
	struct court0 *court =
		open_court0(state, "judge.languages = 71 46 72 89\njudge0.enable_batched_submissions = false\n");

	compare_all(court, false, 5, "one submission for each test");
}

static void assert_passed(const struct court0 *court)
{
	const struct kl_report *report = court->court->report;

	if (report->verdict != KL_VERDICT_PASSED)
		print_error("%s: %s\n", kl_verdict_name(report->verdict), report->error.message);
	assert_int_equal(report->verdict, KL_VERDICT_PASSED);
}

static const char plain_tests[] =
	"{\"tests\": [{\"id\": \"plain\", \"sample\": true, \"stdin\": \"1 2\\n\", \"stdout\": \"3\\n\"},"
	" {\"id\": \"second\", \"stdin\": \"4 5\\n\", \"argv\": [\"-x\"], \"stdout\": \"9\\n\"}]}";

static void plain(void **state)
{
	struct court0 *court = open_court0(state, "judge0.enable_additional_files = false\n");
	struct kl_challenge *program = make_challenge(court->court, sum_meta, plain_tests);
	struct kl_challenge *function;

	judge_code(court->court, program, "python", sum_python);
	assert_passed(court);
	assert_non_null(strstr(court->court->report->note, "one plain submission for each test"));
	kl_challenge_free(program);
	function = make_challenge(court->court, pair_meta, pair_tests);
	judge_code(court->court, function, "python", pair_python);
	assert_int_equal(court->court->report->verdict, KL_VERDICT_INTERNAL);
	assert_string_equal(court->court->report->error.message,
			    "this judge takes no files, so it cannot run function tests: choose another with 'judge'");
	kl_challenge_free(function);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_request, close_court0),
		cmocka_unit_test_teardown(batches, close_court0),
		cmocka_unit_test_teardown(singles, close_court0),
		cmocka_unit_test_teardown(plain, close_court0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
