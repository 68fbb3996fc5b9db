/* What is run: which tests, with what input, under what limits. */

#include "tests/unit/judge_run.h"

#include "core/judge/judge_int.h"

static const char meta[] =
	"{\"format\": 1, \"title\": \"Plan\", \"summary\": \"Plans\", \"difficulty\": \"BEGINNER\","
	" \"category\": \"basics\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"function\","
	" \"function\": {\"name\": \"mix\", \"params\": [{\"name\": \"a\", \"type\": \"int?[]\"},"
	" {\"name\": \"b\", \"type\": \"string\"}], \"returns\": \"int\"}, \"limits\": {\"cpu_ms\": 500, \"memory_mib\": 100}}";
static const char tests_json[] =
	"{\"tests\": [{\"id\": \"s\", \"sample\": true, \"args\": {\"b\": \"x\\ny\", \"a\": [1, null]}, \"expect\": 1},"
	" {\"id\": \"h\", \"args\": {\"a\": [], \"b\": \"\"}, \"expect\": 2, \"limits\": {\"cpu_ms\": 900, \"memory_mib\": 32}}]}";

static struct kl_submission submission(const struct kl_challenge *challenge, const char *language)
{
	return (struct kl_submission){
		.challenge = challenge, .language = kl_language_find(language), .code = "#\n", .code_len = 2
	};
}

static void make_plan(struct judge_plan *plan, const struct kl_submission *sub)
{
	struct kl_error err = { .message = "" };

	if (judge_plan_make(plan, sub, true, &err))
		fail_msg("%s", err.message);
}

static void inputs_are_the_arguments_in_order(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, meta, tests_json);
	struct kl_submission sub = submission(challenge, "python");
	struct judge_plan plan;

	make_plan(&plan, &sub);
	assert_int_equal(plan.count, 2);
	assert_string_equal(plan.runs[0].input, "2\n1\n1\n0\n3\nx\ny\n");
	assert_string_equal(plan.runs[1].input, "0\n0\n\n");
	assert_null(plan.compile);
	judge_plan_release(&plan);
	kl_challenge_free(challenge);
}

static void samples_only(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, meta, tests_json);
	struct kl_submission sub = submission(challenge, "python");
	struct judge_plan plan;

	sub.samples_only = true;
	make_plan(&plan, &sub);
	assert_int_equal(plan.count, 1);
	assert_string_equal(plan.runs[0].test->id, "s");
	judge_plan_release(&plan);
	sub.only = "h"; /* by name also a hidden one */
	make_plan(&plan, &sub);
	assert_int_equal(plan.count, 1);
	assert_string_equal(plan.runs[0].test->id, "h");
	judge_plan_release(&plan);
	kl_challenge_free(challenge);
}

static void limits_come_from_the_nearest(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, meta, tests_json);
	struct kl_submission sub = submission(challenge, "python");
	struct kl_file *files;
	struct kl_box_run run;
	struct judge_plan plan;

	make_plan(&plan, &sub);
	assert_int_equal(plan.runs[0].cpu_ms, 500);
	assert_int_equal(plan.runs[0].memory_kib, 100 << 10);
	assert_int_equal(plan.runs[0].output_bytes, 1 << 20);
	assert_int_equal(plan.runs[1].cpu_ms, 900);
	assert_int_equal(plan.runs[1].memory_kib, 32 << 10);
	run = judge_test_run(&plan, &plan.runs[0], &files);
	assert_int_equal(run.cpu_ms, 550); /* the box leaves room to tell "close" from "endless" */
	assert_int_equal(run.memory_kib, 100 << 10);
	assert_true(run.want_result);
	assert_true(run.address_limit);
	assert_int_equal(run.file_count, 3); /* the student's and ours: nothing was compiled into the box */
	free(files);
	judge_plan_release(&plan);
	kl_challenge_free(challenge);
}

static void slow_starters_get_more(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, meta, tests_json);
	struct kl_submission sub = submission(challenge, "java");
	struct kl_file *files;
	struct kl_box_run run;
	struct judge_plan plan;
	bool heap = false;

	if (!kl_language_ready(sub.language, NULL, 0))
		skip();
	make_plan(&plan, &sub);
	assert_int_equal(plan.runs[0].cpu_ms, 500 * sub.language->cpu_factor_percent / 100);
	for (char **arg = plan.runs[0].argv; *arg; arg++)
		heap = heap || !strcmp(*arg, "-Xmx100m");
	assert_true(heap);
	run = judge_test_run(&plan, &plan.runs[0], &files);
	assert_true(run.memory_kib > 100 << 10);
	assert_false(run.address_limit);
	assert_int_equal(run.file_count, 0);
	assert_non_null(plan.compile);
	free(files);
	judge_plan_release(&plan);
	kl_challenge_free(challenge);
}

static void no_expected_value_enters(void **state)
{
	static const char secret[] =
		"{\"tests\": [{\"id\": \"s\", \"args\": {\"a\": [], \"b\": \"\"}, \"expect\": 987654321},"
		" {\"id\": \"t\", \"args\": {\"a\": [], \"b\": \"\"}, \"error\": \"987654321\"}]}";
	static const char *const languages[] = { "python", "c", "java", "bash" };
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, meta, secret);

	for (size_t i = 0; i < KL_LENGTH(languages); i++) {
		struct kl_submission sub = submission(challenge, languages[i]);
		struct judge_plan plan;

		if (!kl_language_ready(sub.language, NULL, 0))
			continue;
		make_plan(&plan, &sub);
		for (size_t k = 0; k < plan.harness.file_count; k++)
			assert_null(strstr(plan.harness.files[k].text, "987654321"));
		for (size_t k = 0; k < plan.count; k++)
			assert_null(strstr(plan.runs[k].input, "987654321"));
		judge_plan_release(&plan);
	}
	kl_challenge_free(challenge);
}

static void too_much_code(void **state)
{
	struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, meta, tests_json);
	struct kl_submission sub = submission(challenge, "python");
	struct judge_plan plan;
	struct kl_error err;

	sub.code_len = JUDGE_CODE_MAX + 1;
	assert_int_equal(judge_plan_make(&plan, &sub, true, &err), KL_EINVAL);
	assert_string_equal(err.message, "the code is larger than 1 MiB: make it shorter");
	kl_challenge_free(challenge);
}

/* What to run is the instance's to know: the plan has the program's own arguments alone. */
static void a_language_of_an_instance_alone(void **state)
{
	static const struct kl_language perl = {
		.id = "perl", .name = "Perl", .source = "solution.pl", .cpu_factor_percent = 100
	};
	char first[] = "one", *argv[] = { first };
	const struct kl_test own = { .own = true, .argv = argv, .argv_count = 1 };
	const struct kl_submission sub = {
		.language = &perl, .code = "#\n", .code_len = 2, .own = &own, .own_count = 1
	};
	struct judge_plan plan;
	struct kl_error err;

	(void)state;
	assert_int_equal(judge_plan_make(&plan, &sub, false, &err), KL_OK);
	assert_null(plan.harness.run);
	assert_string_equal(plan.runs[0].argv[0], "one");
	assert_null(plan.runs[0].argv[1]);
	judge_plan_release(&plan);
}

int main(void)
{
#define COURT(test) cmocka_unit_test_setup_teardown(test, open_court, close_court)
	const struct CMUnitTest tests[] = {
		COURT(inputs_are_the_arguments_in_order), COURT(samples_only),
		COURT(limits_come_from_the_nearest),      COURT(slow_starters_get_more),
		COURT(no_expected_value_enters),          COURT(too_much_code),
		COURT(a_language_of_an_instance_alone),
	};
#undef COURT

	return cmocka_run_group_tests(tests, NULL, NULL);
}
