/*
 * The client against servers that are in a mood, over real sockets: busy ones, full queues, a sandbox without control groups, a C compiler
 * that is not there, and one that does not say where in its queue one stands.
 * links: tests/unit/http_server.c
 */

#include "tests/unit/http_server.h"
#include "tests/unit/judge_run.h"

#include <kodelab/crypto.h>
#include <kodelab/instance.h>
#include <kodelab/store.h>
#include <kodelab/store_judge.h>

#define ANSWER(line, more, body) "HTTP/1.1 " line "\r\nConnection: close\r\n" more "\r\n" body
#define GOOD(body)               ANSWER("200 OK", "", body)
#define TOKEN                    ANSWER("201 Created", "", "{\"token\":\"t-1\"}")
#define PLAIN                                                                                                          \
	"{\"enable_additional_files\":false,\"enable_batched_submissions\":false,\"enable_wait_result\":false,"        \
	"\"allow_enable_per_process_and_thread_time_limit\":true,"                                                     \
	"\"allow_enable_per_process_and_thread_memory_limit\":true}"
#define FILES "{\"enable_batched_submissions\":false,\"enable_wait_result\":false}"
#define LIST                                                                                                           \
	"[{\"id\":50,\"name\":\"C (GCC 9.2.0)\"},{\"id\":71,\"name\":\"Python (3.8.1)\"},"                             \
	"{\"id\":89,\"name\":\"Multi-file program\"}]"
#define C                                                                                                              \
	"{\"id\":50,\"name\":\"C (GCC 9.2.0)\",\"source_file\":\"main.c\","                                            \
	"\"compile_cmd\":\"/usr/local/gcc-9.2.0/bin/gcc %s main.c\",\"run_cmd\":\"./a.out\"}"
#define PYTHON                                                                                                         \
	"{\"id\":71,\"name\":\"Python (3.8.1)\",\"source_file\":\"script.py\",\"compile_cmd\":null,"                   \
	"\"run_cmd\":\"/usr/local/python-3.8.1/bin/python3 script.py\"}"
#define MULTI "{\"id\":89,\"name\":\"Multi-file program\",\"source_file\":null,\"compile_cmd\":null,\"run_cmd\":null}"
/* what every server says of itself; workers: its /workers */
#define SELF(config, workers)                                                                                          \
	{ .path = "/config_info", .answer = GOOD(config), .close = true },                                             \
		{ .path = "/languages", .answer = GOOD(LIST), .close = true },                                         \
		{ .path = "/about", .answer = GOOD("{\"version\":\"1.13.1\"}"), .close = true },                       \
		{ .path = "/workers", .answer = GOOD(workers), .close = true },                                        \
		{ .path = "/system_info", .answer = GOOD("{\"CPU(s)\":\"8\"}"), .close = true },                       \
		{ .path = "/languages/50", .answer = GOOD(C), .close = true },                                         \
		{ .path = "/languages/71", .answer = GOOD(PYTHON), .close = true },                                    \
	{                                                                                                              \
		.path = "/languages/89", .answer = GOOD(MULTI), .close = true                                          \
	}
#define IDLE "[{\"queue\":\"default\",\"size\":0,\"available\":2,\"idle\":2}]"
#define SAYS_3                                                                                                         \
	GOOD("{\"token\":\"t-1\",\"status\":{\"id\":3},\"stdout\":\"Mwo=\",\"exit_code\":0,\"time\":\"0.01\","         \
	     "\"memory\":1000}")
#define POST "/submissions"
#define GET  "/submissions/t-1"

struct mood {
	struct court *court;
	struct server *server;
	struct kl_clock clock;
	struct kl_store *store;
	struct kl_instances *instances;
	struct kl_buf notes; /* a line for each */
};

static void be_patient(const struct mood *mood, int64_t patience_ms)
{
	const struct kl_judge_elsewhere means = {
		.instances = mood->instances, .store = mood->store, .choice = "school", .patience_ms = patience_ms
	};

	kl_judge_use(mood->court->judge, &means);
}

static struct mood *open_mood(void **state, const struct act *acts, int64_t patience_ms)
{
	struct mood *mood = kl_calloc(1, sizeof(*mood));
	struct kl_instance_spec spec = { .name = "school", .kind = "self-hosted" };
	void *plain;

	unsetenv("http_proxy");
	open_court(&plain);
	mood->court = plain;
	kl_clock_init(&mood->clock);
	kl_buf_init(&mood->notes, 10000);
	if (acts)
		mood->server = server_open(mood->court->loop, acts);
	assert_int_equal(kl_store_open(&mood->store, NULL, NULL, &mood->clock, NULL), KL_OK);
	assert_int_equal(kl_instances_open(&mood->instances, mood->court->loop, mood->store, &mood->clock, NULL, NULL),
			 KL_OK);
	spec.url = acts ? server_url(mood->server) : "http://127.0.0.1:1";
	assert_int_equal(kl_instances_add(mood->instances, &spec, NULL, NULL), KL_OK);
	be_patient(mood, patience_ms);
	*state = mood;
	return mood;
}

static int close_mood(void **state)
{
	struct mood *mood = *state;
	void *plain = mood->court;

	kl_judge_close(mood->court->judge);
	mood->court->judge = NULL;
	kl_instances_close(mood->instances);
	kl_store_close(mood->store);
	server_close(mood->server);
	kl_buf_release(&mood->notes);
	free(mood);
	return close_court(&plain);
}

static void hear(void *ctx, const struct kl_report *report)
{
	struct mood *mood = ctx;
	size_t len = strlen(report->note);

	if (!len ||
	    (mood->notes.len > len && !strncmp(mood->notes.data + mood->notes.len - len - 1, report->note, len)))
		return;
	kl_buf_addf(&mood->notes, "%s\n", report->note);
}

static void ended(void *ctx, const struct kl_report *report)
{
	on_done(((struct mood *)ctx)->court, report);
}

static const char code[] = "a, b = map(int, input().split())\nprint(a + b)\n";
static const char one_test[] =
	"{\"tests\": [{\"id\": \"plain\", \"sample\": true, \"stdin\": \"1 2\\n\", \"stdout\": \"3\\n\"}]}";

/* Judges a program that is right when it prints 3; returns how long that took. */
static int64_t judge_it(struct mood *mood, enum kl_verdict expected)
{
	struct kl_challenge *challenge = make_challenge(mood->court, sum_meta, one_test);
	struct kl_submission sub = { .challenge = challenge,
				     .language = kl_language_find("python"),
				     .code = code,
				     .code_len = sizeof(code) - 1 };
	int64_t begin_ms = kl_clock_mono_ms();
	struct kl_job *job;

	mood->court->done = 0;
	assert_int_equal(kl_judge_submit(&job, mood->court->judge, &sub, hear, ended, mood, NULL), KL_OK);
	wait_done(mood->court);
	kl_challenge_free(challenge);
	if (mood->court->report->verdict != expected)
		print_error("%s: %s\n%s", kl_verdict_name(mood->court->report->verdict),
			    mood->court->report->error.message, mood->notes.data);
	assert_int_equal(mood->court->report->verdict, expected);
	return kl_clock_mono_ms() - begin_ms;
}

static void assert_told(const struct mood *mood, const char *words)
{
	if (!strstr(mood->notes.data, words))
		fail_msg("'%s' was not told, but: %s", words, mood->notes.data);
}

static size_t count_heard(const struct mood *mood, const char *what)
{
	size_t count = 0;

	for (const char *at = server_heard(mood->server)->data; (at = strstr(at, what)); at++)
		count++;
	return count;
}

/* --- busy ones ---------------------------------------------------------------------------------------------------- */

static const struct act full[] = {
	SELF(PLAIN, IDLE),
	{ .path = POST,
	  .times = 2,
	  .answer = ANSWER("503 Service Unavailable", "Retry-After: 1\r\n", "{\"error\":\"queue is full\"}"),
	  .close = true },
	{ .path = POST, .answer = TOKEN, .close = true },
	{ .path = GET, .answer = SAYS_3, .close = true },
	{ .answer = NULL },
};

/* Two pauses of a second, and patience for less than one. */
static void a_full_queue_is_waited_for(void **state)
{
	struct mood *mood = open_mood(state, full, 600);

	assert_true(judge_it(mood, KL_VERDICT_PASSED) >= 2000);
	assert_told(mood, "judge 'school' is busy: its queue is full; trying again in 1 s\n");
	assert_int_equal(count_heard(mood, "POST /submissions"), 3);
}

static const struct act enough[] = {
	SELF(PLAIN, IDLE),
	{ .path = POST,
	  .times = 1,
	  .answer = ANSWER("429 Too Many Requests", "Retry-After: 1\r\n", "{}"),
	  .close = true },
	{ .path = POST, .answer = TOKEN, .close = true },
	{ .path = GET,
	  .times = 1,
	  .answer = ANSWER("429 Too Many Requests", "Retry-After: 1\r\n", "{}"),
	  .close = true },
	{ .path = GET, .answer = SAYS_3, .close = true },
	{ .answer = NULL },
};

/* Also while the result is asked for: what was sent is not sent again. */
static void enough_requests_are_waited_for(void **state)
{
	struct mood *mood = open_mood(state, enough, 600);

	assert_true(judge_it(mood, KL_VERDICT_PASSED) >= 2000);
	assert_told(mood, "judge 'school' has had enough requests for now; trying again in 1 s\n");
	assert_int_equal(count_heard(mood, "POST /submissions"), 2);
}

static const struct act tomorrow[] = {
	SELF(PLAIN, IDLE),
	{ .path = POST, .answer = ANSWER("429 Too Many Requests", "Retry-After: 3600\r\n", "{}"), .close = true },
	{ .answer = NULL },
};

/* Nobody waits an hour: it is told at once, and may be sent later. */
static void a_pause_beyond_the_deadline_ends_it(void **state)
{
	struct mood *mood = open_mood(state, tomorrow, 600);

	assert_true(judge_it(mood, KL_VERDICT_INTERNAL) < 10000);
	assert_true(mood->court->report->later);
	assert_string_equal(mood->court->report->error.message, "judge 'school' has had enough requests for now");
	assert_int_equal(count_heard(mood, "POST /submissions"), 1);
}

/* --- failures ----------------------------------------------------------------------------------------------------- */

static void nobody_there_is_for_later(void **state)
{
	struct mood *mood = open_mood(state, NULL, 600);
	const struct kl_language *python = kl_language_find("python");
	int64_t pause_ms;

	assert_int_equal(kl_judge_ready_ms(mood->court->judge, python), 0);
	judge_it(mood, KL_VERDICT_INTERNAL);
	assert_true(mood->court->report->later);
	for (int i = 0; i < 3 && !kl_judge_ready_ms(mood->court->judge, python); i++)
		judge_it(mood, KL_VERDICT_INTERNAL);
	/* the breaker is open now: there is nothing to wait for */
	pause_ms = kl_judge_ready_ms(mood->court->judge, python) - kl_clock_wall_ms(&mood->clock);
	assert_true(pause_ms > 0);
	be_patient(mood, pause_ms / 2);
	assert_true(judge_it(mood, KL_VERDICT_INTERNAL) < pause_ms / 2);
	assert_true(mood->court->report->later);
	assert_int_equal(mood->court->report->error.status, KL_EBUSY);
}

static const struct act closed[] = {
	SELF(PLAIN, IDLE),
	{ .path = POST, .answer = ANSWER("401 Unauthorized", "", ""), .close = true },
	{ .answer = NULL },
};

/* A key that is missing does not come by waiting. */
static void a_closed_door_is_not_for_later(void **state)
{
	struct mood *mood = open_mood(state, closed, 600);

	judge_it(mood, KL_VERDICT_INTERNAL);
	assert_false(mood->court->report->later);
	assert_int_equal(mood->court->report->error.status, KL_EDENIED);
}

static const struct act no_groups[] = {
	SELF(PLAIN, IDLE),
	{ .path = POST, .answer = TOKEN, .close = true },
	{ .path = GET,
	  .times = 1,
	  .answer = GOOD("{\"token\":\"t-1\",\"status\":{\"id\":13},\"message\":"
			 "\"Tm8gc3VjaCBmaWxlIG9yIGRpcmVjdG9yeSBAIHJiX3N5c29wZW4gLSAvYm94L3NjcmlwdC5weQ==\"}"),
	  .close = true },
	{ .path = GET, .answer = SAYS_3, .close = true },
	{ .answer = NULL },
};

/* Judge0 on a host without control groups v1: once more, with limits for each process. */
static void without_control_groups(void **state)
{
	struct mood *mood = open_mood(state, no_groups, 0);

	judge_it(mood, KL_VERDICT_PASSED);
	assert_int_equal(count_heard(mood, "POST /submissions"), 2);
	assert_int_equal(count_heard(mood, "\"enable_per_process_and_thread_time_limit\":true"), 1);
	assert_int_equal(count_heard(mood, "\"enable_per_process_and_thread_memory_limit\":true"), 1);
}

/* The line of the compile script that says so names the program: it cannot be left over from another one. */
static char *no_compiler_answer(void)
{
	char hash[KL_SHA256_SIZE], *line, *coded, *answer;

	kl_sha256(hash, code, sizeof(code) - 1);
	line = kl_format("kodelab no runner %.16s\n", hash);
	coded = kl_base64(line, strlen(line));
	answer = kl_format(GOOD("{\"token\":\"t-1\",\"status\":{\"id\":6},\"compile_output\":\"%s\"}"), coded);
	free(line);
	free(coded);
	return answer;
}

static void without_a_compiler(void **state)
{
	char *missing = no_compiler_answer(), *learned = NULL;
	const struct act acts[] = {
		SELF(FILES, IDLE),
		{ .path = POST, .answer = TOKEN, .close = true },
		{ .path = GET, .times = 1, .answer = missing, .close = true },
		{ .path = GET, .answer = SAYS_3, .close = true },
		{ .answer = NULL },
	};
	struct mood *mood = open_mood(state, acts, 0);

	judge_it(mood, KL_VERDICT_PASSED);
	assert_told(mood, "one request for all tests");
	assert_told(mood, "one submission for each test");
	assert_int_equal(count_heard(mood, "POST /submissions"), 2);
	assert_int_equal(kl_store_setting_get(&learned, mood->store, "judge0 no runner school", NULL), KL_OK);
	assert_string_equal(learned, "C (GCC 9.2.0)");
	kl_buf_clear(&mood->notes);
	judge_it(mood, KL_VERDICT_PASSED); /* it is not tried again */
	assert_null(strstr(mood->notes.data, "asking"));
	assert_null(strstr(mood->notes.data, "one request for all tests"));
	assert_int_equal(count_heard(mood, "POST /submissions"), 3);
	free(learned);
	free(missing);
}

/* --- a queue ------------------------------------------------------------------------------------------------------ */

#define WAITS GOOD("{\"token\":\"t-1\",\"status\":{\"id\":1}}")

static const struct act crowded[] = {
	SELF(PLAIN, "[{\"queue\":\"default\",\"size\":13,\"available\":2,\"idle\":0}]"),
	{ .path = POST, .answer = TOKEN, .close = true },
	{ .path = GET, .times = 4, .answer = WAITS, .close = true },
	{ .path = GET, .answer = SAYS_3, .close = true },
	{ .answer = NULL },
};

static void a_queue_that_says_its_length(void **state)
{
	struct mood *mood = open_mood(state, crowded, 0);

	judge_it(mood, KL_VERDICT_PASSED);
	assert_told(mood, "asking judge 'school' what it can do\n");
	assert_told(mood, "waiting in the queue of judge 'school' with 12 others\n");
	assert_int_equal(count_heard(mood, "GET /workers"), 2); /* the probe's, and one in 5 s */
}

static const struct act exact[] = {
	SELF(PLAIN, IDLE),
	{ .path = POST, .answer = TOKEN, .close = true },
	{ .path = GET,
	  .times = 1,
	  .answer = ANSWER("200 OK", "X-Queue-Position: 12\r\n", "{\"token\":\"t-1\",\"status\":{\"id\":1}}"),
	  .close = true },
	{ .path = GET,
	  .times = 1,
	  .answer = ANSWER("200 OK", "X-Queue-Position: 0\r\n", "{\"token\":\"t-1\",\"status\":{\"id\":1}}"),
	  .close = true },
	{ .path = GET,
	  .times = 1,
	  .answer = ANSWER("200 OK", "X-Queue-Position: 9 lives\r\n", "{\"token\":\"t-1\",\"status\":{\"id\":1}}"),
	  .close = true },
	{ .path = GET, .answer = SAYS_3, .close = true },
	{ .answer = NULL },
};

static void a_queue_that_says_the_place(void **state)
{
	struct mood *mood = open_mood(state, exact, 0);

	judge_it(mood, KL_VERDICT_PASSED);
	assert_told(mood, "queued behind 12 at judge 'school'\nnext in the queue of judge 'school'\n"
			  "waiting in the queue of judge 'school'\n");
}

/* --- in one turn of the loop -------------------------------------------------------------------------------------- */

static const struct act silent[] = {
	SELF(PLAIN, IDLE),
	{ .path = POST, .answer = NULL },
	{ .answer = NULL },
};

/* The request of an abandoned run ends in the next turn, when its instance is gone already. */
static void removed_while_a_request_ends(void **state)
{
	struct mood *mood = open_mood(state, silent, 0);
	struct kl_challenge *challenge = make_challenge(mood->court, sum_meta, one_test);
	struct kl_submission sub = { .challenge = challenge,
				     .language = kl_language_find("python"),
				     .code = code,
				     .code_len = sizeof(code) - 1 };
	struct kl_job *job;

	assert_int_equal(kl_judge_submit(&job, mood->court->judge, &sub, hear, ended, mood, NULL), KL_OK);
	while (!count_heard(mood, "POST /submissions"))
		kl_loop_turn(mood->court->loop, 1000);
	kl_judge_abandon(job);
	assert_int_equal(kl_instances_remove(mood->instances, "school", NULL), KL_OK);
	assert_int_equal(kl_instances_count(mood->instances), 0);
	kl_loop_turn(mood->court->loop, 1000);
	kl_challenge_free(challenge);
}

static const struct act waited_for[] = {
	{ .path = "/workers", .times = 1, .answer = GOOD(IDLE), .close = true },
	SELF("{\"enable_batched_submissions\":false,\"enable_additional_files\":false}",
	     "[{\"queue\":\"default\",\"size\":7,\"available\":2,\"idle\":0}]"),
	{ .path = POST,
	  .answer = ANSWER("201 Created", "",
			   "{\"token\":\"t-1\",\"status\":{\"id\":3},\"stdout\":\"Mwo=\",\"exit_code\":0,"
			   "\"time\":\"0.01\",\"memory\":1000}"),
	  .drip_ms = 12,
	  .close = true },
	{ .answer = NULL },
};

/* One request that waits for the result: what it waits for is found out beside it. */
static void a_queue_behind_a_request_that_waits(void **state)
{
	struct mood *mood = open_mood(state, waited_for, 0);
	struct kl_challenge *challenge = make_challenge(mood->court, sum_meta, one_test);
	struct kl_submission sub = { .challenge = challenge,
				     .language = kl_language_find("python"),
				     .code = code,
				     .code_len = sizeof(code) - 1,
				     .samples_only = true };
	struct kl_job *job;

	assert_int_equal(kl_judge_submit(&job, mood->court->judge, &sub, hear, ended, mood, NULL), KL_OK);
	wait_done(mood->court);
	kl_challenge_free(challenge);
	assert_int_equal(mood->court->report->verdict, KL_VERDICT_PASSED);
	assert_int_equal(count_heard(mood, "wait=true"), 1);
	assert_told(mood, "judge 'school' is busy: 7 in its queue\n");
	assert_string_equal(mood->court->report->note,
			    "judge 'school', Python (3.8.1): one plain submission for each test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(removed_while_a_request_ends, close_mood),
		cmocka_unit_test_teardown(a_full_queue_is_waited_for, close_mood),
		cmocka_unit_test_teardown(enough_requests_are_waited_for, close_mood),
		cmocka_unit_test_teardown(a_pause_beyond_the_deadline_ends_it, close_mood),
		cmocka_unit_test_teardown(nobody_there_is_for_later, close_mood),
		cmocka_unit_test_teardown(a_closed_door_is_not_for_later, close_mood),
		cmocka_unit_test_teardown(without_control_groups, close_mood),
		cmocka_unit_test_teardown(without_a_compiler, close_mood),
		cmocka_unit_test_teardown(a_queue_that_says_its_length, close_mood),
		cmocka_unit_test_teardown(a_queue_that_says_the_place, close_mood),
		cmocka_unit_test_teardown(a_queue_behind_a_request_that_waits, close_mood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
