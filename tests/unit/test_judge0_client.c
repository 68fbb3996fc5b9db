/* The client against a real kodelabd: what need not be sent twice, what goes wrong on the way, and a whole pack. */

#include "tests/unit/judge0_scene.h"

static const char sum_python[] = "a, b = map(int, input().split())\nprint(a + b)\n";

static void assert_passed(const struct court0 *court)
{
	const struct kl_report *report = court->court->report;

	if (report->verdict != KL_VERDICT_PASSED)
		print_error("%s: %s\n", kl_verdict_name(report->verdict), report->error.message);
	assert_int_equal(report->verdict, KL_VERDICT_PASSED);
}

/* --- what need not be sent twice ---------------------------------------------------------------------------------- */

static void second_run_is_free(void **state)
{
	struct court0 *court = open_court0(state, "");
	struct kl_challenge *program = make_challenge(court->court, sum_meta, sum_tests);
	int64_t requests;

	use(court, "school", true);
	judge_code(court->court, program, "python", sum_python);
	assert_passed(court);
	assert_false(court->court->report->cached);
	requests = counted(court, "request");
	assert_true(requests > 0);
	judge_code(court->court, program, "python", sum_python);
	assert_passed(court);
	assert_true(court->court->report->cached);
	assert_int_equal(counted(court, "request"), requests);
	judge_code(court->court, program, "python", "print(3)\n");
	assert_false(court->court->report->cached);
	assert_int_equal(court->court->report->verdict, KL_VERDICT_WRONG);
	kl_challenge_free(program);
}

static bool has_ticket(struct court0 *court)
{
	int64_t count = counted(court, "submission");

	return count > 0;
}

/* The lab dies between the token and the result: the next one asks for it. */
static void asked_for_again(void **state)
{
	struct court0 *court = open_court0(state, "");
	struct kl_challenge *program = make_challenge(court->court, sum_meta, sum_tests);
	const char code[] = "import time\ntime.sleep(0.5)\na, b = map(int, input().split())\nprint(a + b)\n";
	struct kl_submission sub = {
		.challenge = program, .language = kl_language_find("python"), .code = code, .code_len = sizeof(code) - 1
	};
	struct kl_job *job = submit(court->court, &sub);

	while (!has_ticket(court))
		kl_loop_turn(court->court->loop, 1000);
	kl_judge_abandon(job);
	judge_code(court->court, program, "python", code);
	assert_passed(court);
	assert_int_equal(counted(court, "submission"), 1);
	kl_challenge_free(program);
}

/* --- instances that fail ------------------------------------------------------------------------------------------ */

static void another_takes_over(void **state)
{
	struct court0 *court = open_court0(state, "");
	struct kl_challenge *program = make_challenge(court->court, sum_meta, sum_tests);
	const char code[] = "import time\ntime.sleep(0.5)\na, b = map(int, input().split())\nprint(a + b)\n";
	struct kl_submission sub = {
		.challenge = program, .language = kl_language_find("python"), .code = code, .code_len = sizeof(code) - 1
	};

	use(court, "judge0", false);
	submit(court->court, &sub);
	while (!has_ticket(court))
		kl_loop_turn(court->court->loop, 1000);
	start_daemon(&court->other, &court->court->paths, "");
	add_instance(court, "other", court->other.url);
	stop_daemon(&court->school, SIGKILL);
	wait_done(court->court);
	assert_passed(court);
	assert_int_equal(court->court->report->done, 2);
	assert_non_null(strstr(court->court->report->note, "judge 'other'"));
	kl_challenge_free(program);
}

static void cancelled(void **state)
{
	struct court0 *court = open_court0(state, "");
	struct kl_challenge *program = make_challenge(court->court, sum_meta, sum_tests);
	const char code[] = "import time\ntime.sleep(2)\n";
	struct kl_submission sub = {
		.challenge = program, .language = kl_language_find("python"), .code = code, .code_len = sizeof(code) - 1
	};
	struct kl_job *job = submit(court->court, &sub);

	while (!has_ticket(court))
		kl_loop_turn(court->court->loop, 1000);
	kl_judge_cancel(job);
	wait_done(court->court);
	assert_int_equal(court->court->report->verdict, KL_VERDICT_SKIPPED);
	kl_challenge_free(program);
	stop_daemon(&court->school, SIGKILL); /* it still runs there */
}

static void pace_is_learned(void **state)
{
	struct court0 *court = open_court0(state, "");
	struct kl_challenge *program = make_challenge(court->court, sum_meta, sum_tests);
	char *before, *after;

	assert_int_equal(kl_store_setting_get(&before, court->store, "judge0 pace school python", NULL), KL_ENOENT);
	judge_code(court->court, program, "python", "import time\ntime.sleep(0.2)\nprint(3)\n");
	assert_int_equal(kl_store_setting_get(&before, court->store, "judge0 pace school python", NULL), KL_OK);
	assert_true(strtol(before, NULL, 10) >= 400);
	judge_code(court->court, program, "python", sum_python);
	assert_int_equal(kl_store_setting_get(&after, court->store, "judge0 pace school python", NULL), KL_OK);
	assert_true(strtol(after, NULL, 10) > 0);
	free(before);
	free(after);
	kl_challenge_free(program);
}

/* The solutions of the pack that comes with the lab: here they all pass ('kodelab check' says so). */
static void solutions_of_the_pack(void **state)
{
	struct court0 *court = open_court0(state, "");
	char *dir = kl_path_join(court->court->paths.share, "challenges/starter");
	struct kl_challenge *challenges[TRIALS_MAX];
	struct trial trials[TRIALS_MAX];
	struct kl_pack *pack;
	size_t count = 0;

	assert_int_equal(kl_pack_read(&pack, dir, NULL), KL_OK);
	assert_in_range(pack->challenge_count, 1, TRIALS_MAX);
	for (size_t i = 0; i < pack->challenge_count; i++) {
		char *path = kl_path_join(dir, pack->challenges[i]);

		assert_int_equal(kl_challenge_read(&challenges[i], "starter", path, (int)i + 1, NULL), KL_OK);
		for (size_t k = 0; k < challenges[i]->solution_count && count < TRIALS_MAX; k++)
			if (strcmp(challenges[i]->solutions[k].language, "python") == 0)
				trials[count++] = (struct trial){ .challenge = challenges[i],
								  .language = "python",
								  .code = challenges[i]->solutions[k].text,
								  .choice = "school" };
		free(path);
	}
	run_trials(court, trials, count);
	for (size_t i = 0; i < count; i++) {
		if (trials[i].report->verdict != KL_VERDICT_PASSED)
			print_error("%s: %s: %s\n", trials[i].challenge->slug,
				    kl_verdict_name(trials[i].report->verdict), trials[i].report->error.message);
		assert_int_equal(trials[i].report->verdict, KL_VERDICT_PASSED);
		assert_int_equal(trials[i].report->passed, trials[i].report->count);
	}
	release_trials(trials, count);
	for (size_t i = 0; i < pack->challenge_count; i++)
		kl_challenge_free(challenges[i]);
	kl_pack_free(pack);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(second_run_is_free, close_court0),
		cmocka_unit_test_teardown(asked_for_again, close_court0),
		cmocka_unit_test_teardown(another_takes_over, close_court0),
		cmocka_unit_test_teardown(cancelled, close_court0),
		cmocka_unit_test_teardown(pace_is_learned, close_court0),
		cmocka_unit_test_teardown(solutions_of_the_pack, close_court0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
