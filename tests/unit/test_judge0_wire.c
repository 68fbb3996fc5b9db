/* Answers of a judge instance: what they mean, odd and broken ones too. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>

#include <kodelab/alloc.h>

#include "core/judge/judge0/judge0_int.h"

static const char defaults[] =
	"{\"maintenance_mode\":false,\"enable_wait_result\":true,\"enable_batched_submissions\":false,"
	"\"max_submission_batch_size\":7,\"max_cpu_time_limit\":15.0,\"max_wall_time_limit\":\"20.5\","
	"\"max_memory_limit\":512000,\"max_max_file_size\":4096,\"something_new\":[1]}";

static void reads_facts(void **state)
{
	struct kl_instance_facts facts;
	struct kl_error err;

	(void)state;
	assert_int_equal(judge0_facts_read(&facts, defaults, sizeof(defaults) - 1, NULL), KL_OK);
	assert_true(facts.wait);
	assert_false(facts.batches);
	assert_int_equal(facts.batch_max, 7);
	assert_int_equal(facts.cpu_max_ms, 15000);
	assert_int_equal(facts.wall_max_ms, 20500);
	assert_int_equal(facts.processes_max, 120); /* not said: as in 1.13 */
	assert_int_equal(judge0_facts_read(&facts, "[]", 2, &err), KL_EINVAL);
	assert_string_equal(err.message, "config_info is no object: is this a Judge0 server?");
	assert_int_equal(judge0_facts_read(&facts, "<html>", 6, &err), KL_EINVAL);
}

/* --- one answer --------------------------------------------------------------------------------------------------- */

static const struct {
	const char *json;
	enum kl_end end;
	int exit_code, signo;
	const char *out, *err;
} answers[] = {
	{ "{\"token\":\"t\",\"status\":{\"id\":3},\"stdout\":\"aGVs\\nbG8=\\n\",\"time\":\"0.016\",\"memory\":3000}",
	  KL_END_EXITED, 0, 0, "hello", "" },
	{ "{\"token\":\"t\",\"status_id\":4,\"stdout\":null}", KL_END_EXITED, 0, 0, "", "" },
	{ "{\"status\":{\"id\":5},\"message\":\"VGltZSBsaW1pdCBleGNlZWRlZA==\"}", KL_END_CPU, 0, 0, "", "" },
	{ "{\"status\":{\"id\":5},\"message\":\"VGltZSBsaW1pdCBleGNlZWRlZCAod2FsbCBjbG9jayk=\"}", KL_END_WALL, 0, 0, "",
	  "" },
	{ "{\"status\":{\"id\":11},\"exit_code\":139,\"stderr\":"
	  "\"cnVuOiBsaW5lIDE6ICAgICAzIFNlZ21lbnRhdGlvbiBmYXVsdCAgICAgIC4vYS5vdXQKb3duCg==\"}",
	  KL_END_SIGNALED, 0, SIGSEGV, "", "own\n" },
	{ "{\"status\":{\"id\":11},\"exit_code\":3,\"new_field\":{}}", KL_END_EXITED, 3, 0, "", "" },
	{ "{\"status\":{\"id\":11},\"exit_code\":137,\"memory\":63000}", KL_END_MEMORY, 0, 0, "", "" },
	{ "{\"status\":{\"id\":11},\"exit_code\":137,\"memory\":9000}", KL_END_SIGNALED, 0, SIGKILL, "", "" },
	{ "{\"status\":{\"id\":11},\"exit_code\":153}", KL_END_OUTPUT, 0, 0, "", "" },
	{ "{\"status\":{\"id\":11},\"exit_code\":1,\"stderr\":\"T1NFcnJvcjogW0Vycm5vIDI3XSBGaWxlIHRvbyBsYXJnZQ==\"}",
	  KL_END_OUTPUT, 0, 0, "", "OSError: [Errno 27] File too large" },
	{ "{\"status\":{\"id\":9},\"exit_signal\":8}", KL_END_SIGNALED, 0, SIGFPE, "", "" },
	{ "{\"status\":{\"id\":12},\"exit_signal\":15}", KL_END_SIGNALED, 0, SIGTERM, "", "" },
	{ "{\"status\":{\"id\":7}}", KL_END_SIGNALED, 0, SIGSEGV, "", "" },
	{ "{\"status\":{\"id\":13},\"message\":\"Tm8gc3VjaCBmaWxlIEAgcmJfc3lzb3BlbiAtIC9ib3g=\"}", KL_END_FAILED, 0, 0,
	  "", "" },
};

static void reads_answers(void **state)
{
	static const struct kl_instance_facts facts = { .file_max_kib = 4096 };
	static const struct judge_run run = { .memory_kib = 64 << 10, .output_bytes = 1 << 20 };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(answers); i++) {
		struct judge0_answer *list;
		struct kl_box_result result;
		size_t count;

		assert_int_equal(judge0_answers_read(&list, &count, answers[i].json, strlen(answers[i].json), NULL),
				 KL_OK);
		assert_int_equal(count, 1);
		assert_null(list->error);
		judge0_result_of(&result, list, &run, &facts);
		if (result.end != answers[i].end)
			print_error("%s\n", answers[i].json);
		assert_int_equal(result.end, answers[i].end);
		assert_int_equal(result.exit_code, answers[i].exit_code);
		assert_int_equal(result.signo, answers[i].signo);
		assert_string_equal(result.out, answers[i].out);
		assert_string_equal(result.err, answers[i].err);
		assert_int_equal(result.err_len, strlen(answers[i].err));
		judge0_answers_free(list, count);
	}
}

static void names_a_broken_sandbox(void **state)
{
	(void)state;
	assert_true(judge0_lacks_groups("No such file or directory @ rb_sysopen - /box/script.py"));
	assert_true(judge0_lacks_groups("Failed to create control group /sys/fs/cgroup/memory/box-1/"));
	assert_false(judge0_lacks_groups("No space left on device"));
	assert_string_equal(judge0_words_internal("boom"), "the judge failed, not your program: try again");
}

/* --- lists and errors --------------------------------------------------------------------------------------------- */

static void reads_lists(void **state)
{
	static const char batch[] =
		"{\"submissions\":[{\"token\":\"a\",\"status\":{\"id\":1}},null,{\"token\":\"c\",\"status_id\":3}]}";
	static const char created[] =
		"[{\"token\":\"a\"},{\"language_id\":[\"can't be blank\",\"language with id  doesn't exist\"]}]";
	struct judge0_answer *list;
	size_t count;

	(void)state;
	assert_int_equal(judge0_answers_read(&list, &count, batch, sizeof(batch) - 1, NULL), KL_OK);
	assert_int_equal(count, 3);
	assert_false(judge0_is_final(&list[0]));
	assert_string_equal(list[1].error, "the judge does not know it");
	assert_true(judge0_is_final(&list[2]));
	judge0_answers_free(list, count);
	assert_int_equal(judge0_answers_read(&list, &count, created, sizeof(created) - 1, NULL), KL_OK);
	assert_string_equal(list[0].token, "a");
	assert_string_equal(list[1].error, "language_id can't be blank; language_id language with id  doesn't exist");
	judge0_answers_free(list, count);
}

static void reads_errors(void **state)
{
	static const char full[] = "{\"error\":\"queue is full\"}", rapid[] = "{\"message\":\"Too many requests\"}";
	struct judge0_answer *list;
	struct kl_error err;
	size_t count;

	(void)state;
	assert_int_equal(judge0_answers_read(&list, &count, full, sizeof(full) - 1, NULL), KL_OK);
	assert_string_equal(list->error, "queue is full");
	judge0_answers_free(list, count);
	assert_int_equal(judge0_answers_read(&list, &count, rapid, sizeof(rapid) - 1, NULL), KL_OK);
	assert_string_equal(list->error, "Too many requests");
	judge0_answers_free(list, count);
	assert_int_equal(judge0_answers_read(&list, &count, "7", 1, &err), KL_EINVAL);
	assert_string_equal(err.message, "the answer is neither a submission nor a list of them");
	assert_int_equal(judge0_answers_read(&list, &count, "{\"token\":", 9, &err), KL_EINVAL);
}

static void reads_compiling(void **state)
{
	static const char failed[] = "{\"status\":{\"id\":6},\"compile_output\":\"YmFk\"}";
	static const char late[] =
		"{\"status\":{\"id\":6},\"compile_output\":\"Q29tcGlsYXRpb24gdGltZSBsaW1pdCBleGNlZWRlZC4=\"}";
	struct judge0_answer *list;
	struct kl_box_result result;
	size_t count;

	(void)state;
	assert_int_equal(judge0_answers_read(&list, &count, failed, sizeof(failed) - 1, NULL), KL_OK);
	judge0_compile_of(&result, list);
	assert_int_equal(result.end, KL_END_EXITED);
	assert_int_equal(result.exit_code, 1);
	assert_string_equal(result.out, "bad");
	judge0_answers_free(list, count);
	assert_int_equal(judge0_answers_read(&list, &count, late, sizeof(late) - 1, NULL), KL_OK);
	judge0_compile_of(&result, list);
	assert_int_equal(result.end, KL_END_WALL);
	judge0_answers_free(list, count);
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

static const char *const forged[] = {
	"KL1 other test 0 exit 0 1 1 1 0 0 0 0\n\n", /* another nonce */
	"KL1 abc test 0 exit 0 1 1 1 0 99 0 0\nshort\n", /* longer than there is */
	"KL1 abc test 0 exit 0 1 1 1 0 18446744073709551615 2 0\nx\n", /* lengths that wrap */
	"KL1 abc test 0 exit 0 -1 1 1 0 0 0 0\n\n",
	"KL1 abc test 0 nonsense 0 1 1 1 0 0 0 0\n\n",
	"KL1 abc test 0 exit 0 1 1 1 0 1 0 0\nab\n", /* no end of line where it has to be */
	"KL1 abc done", /* cut off */
	"KL1 abcd done\n",
	"",
};

static void refuses_bad_frames(void **state)
{
	struct judge0_frame frame;
	size_t at;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(forged); i++) {
		at = 0;
		assert_false(judge0_frame_next(&frame, forged[i], strlen(forged[i]), &at, "abc"));
		assert_int_equal(at, 0);
	}
}

static void reads_frames(void **state)
{
	static const char report[] = "KL1 abc hello /box/kodelab_run\nKL1 abc start 0\n"
				     "KL1 abc test 0 signal 11 1500 2500 77 2 2 3 1\nhierrR\nKL1 abc more 1\n";
	struct judge0_frame frame;
	size_t at = 0;

	(void)state;
	assert_true(judge0_frame_next(&frame, report, sizeof(report) - 1, &at, "abc"));
	assert_int_equal(frame.kind, JUDGE0_HELLO);
	assert_int_equal(frame.folder_len, strlen("/box/kodelab_run"));
	assert_true(judge0_frame_next(&frame, report, sizeof(report) - 1, &at, "abc"));
	assert_int_equal(frame.kind, JUDGE0_START);
	assert_true(judge0_frame_next(&frame, report, sizeof(report) - 1, &at, "abc"));
	assert_int_equal(frame.kind, JUDGE0_TEST);
	assert_int_equal(frame.result.signo, 11);
	assert_int_equal(frame.result.cpu_us, 1500);
	assert_true(frame.result.err_cut);
	assert_memory_equal(frame.result.out, "hi", 2);
	assert_memory_equal(frame.result.err, "err", 3);
	assert_memory_equal(frame.result.result, "R", 1);
	assert_true(judge0_frame_next(&frame, report, sizeof(report) - 1, &at, "abc"));
	assert_int_equal(frame.kind, JUDGE0_MORE);
	assert_int_equal(frame.position, 1);
	assert_int_equal(at, sizeof(report) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {

		cmocka_unit_test(reads_facts),
		cmocka_unit_test(reads_answers),
		cmocka_unit_test(names_a_broken_sandbox),
		cmocka_unit_test(reads_lists),
		cmocka_unit_test(reads_errors),
		cmocka_unit_test(reads_compiling),
		cmocka_unit_test(refuses_bad_frames),
		cmocka_unit_test(reads_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
