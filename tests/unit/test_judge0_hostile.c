/*
 * The client against an instance that answers what no honest one would: the run ends with a sentence, and nothing else does.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/http_server.h"
#include "tests/unit/judge0_scene.h"

#include <sys/resource.h>

#define HEAD(n) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" n
#define PYTHON                                                                                                         \
	{ .path = "/languages", .answer = HEAD("[{\"id\":71,\"name\":\"Python (3.8.1)\"}]"), .close = true },          \
	{                                                                                                              \
		.path = "/languages/71",                                                                               \
		.answer = HEAD("{\"id\":71,\"name\":\"Python (3.8.1)\",\"source_file\":\"script.py\","                 \
			       "\"compile_cmd\":null,\"run_cmd\":\"/usr/bin/python3 script.py\"}"),                    \
		.close = true                                                                                          \
	}
#define REST                                                                                                           \
	{ .path = "/about", .answer = HEAD("{\"version\":\"1.13.0\"}"), .close = true },                               \
		{ .path = "/workers", .answer = HEAD("[{\"size\":2,\"available\":4,\"idle\":1}]"), .close = true },    \
		{ .path = "/system_info", .answer = HEAD("{\"CPU(s)\":\"8\"}"), .close = true },                       \
	{                                                                                                              \
		.answer = NULL                                                                                         \
	}
#define TOKENS  HEAD("[{\"token\":\"one\"},{\"token\":\"two\"}]")
#define REFUSAL "HTTP/1.1 422 Unprocessable\r\nConnection: close\r\n\r\n{\"error\":\"enough\"}"

struct hostile {
	struct court0 *court;
	struct server *server;
};

static struct court0 *open_hostile(void **state, const struct act *acts)
{
	struct hostile *hostile = kl_calloc(1, sizeof(*hostile));
	struct court0 *court = kl_calloc(1, sizeof(*court));
	void *plain;

	unsetenv("http_proxy");
	open_court(&plain);
	court->court = plain;
	kl_clock_init(&court->clock);
	assert_int_equal(kl_store_open(&court->store, NULL, NULL, &court->clock, NULL), KL_OK);
	assert_int_equal(
		kl_instances_open(&court->instances, court->court->loop, court->store, &court->clock, NULL, NULL),
		KL_OK);
	*hostile = (struct hostile){ court, server_open(court->court->loop, acts) };
	add_instance(court, "school", server_url(hostile->server));
	use(court, "school", false);
	*state = hostile;
	return court;
}

static int close_hostile(void **state)
{
	struct hostile *hostile = *state;
	void *court = hostile->court;

	server_close(hostile->server);
	free(hostile);
	return close_court0(&court);
}

static void assert_gave_up(struct court0 *court, const char *words)
{
	struct kl_challenge *program = make_challenge(court->court, sum_meta, sum_tests);

	judge_code(court->court, program, "python", "print(3)\n");
	assert_int_equal(court->court->report->verdict, KL_VERDICT_INTERNAL);
	assert_string_equal(court->court->report->error.message, words);
	kl_challenge_free(program);
}

/* Its sandbox is broken, and it says so of every submission of the batch: the first of them is the end with this instance. */
static void every_answer_is_an_internal_error(void **state)
{
	static const struct act acts[] = {
		{ .path = "/config_info", .answer = HEAD("{\"max_submission_batch_size\":7}"), .close = true },
		PYTHON,
		{ .path = "/submissions/batch", .times = 1, .answer = TOKENS, .close = true },
		{ .path = "/submissions/batch",
		  .times = 1,
		  .answer = HEAD("{\"submissions\":[{\"token\":\"one\",\"status_id\":13},"
				 "{\"token\":\"two\",\"status_id\":13}]}"),
		  .close = true },
		{ .path = "/submissions/batch", .answer = REFUSAL, .close = true },
		REST
	};

	assert_gave_up(open_hostile(state, acts), "judge 'school' refused the submission (enough)");
}

/* It would take a batch that no memory holds. */
static void batches_without_bound(void **state)
{
	static const struct act acts[] = {
		{ .path = "/config_info",
		  .answer = HEAD("{\"max_submission_batch_size\":1000000000,\"max_queue_size\":1000000000}"),
		  .close = true },
		PYTHON,
		{ .path = "/submissions/batch", .answer = REFUSAL, .close = true },
		REST
	};
	struct rlimit before, little;

	getrlimit(RLIMIT_AS, &before);
	little = before;
#ifndef __SANITIZE_ADDRESS__ /* whose own memory is more than that */
	if (before.rlim_cur == RLIM_INFINITY)
		little.rlim_cur = (rlim_t)4 << 30;
#endif
	setrlimit(RLIMIT_AS, &little);
	assert_gave_up(open_hostile(state, acts), "judge 'school' refused the submission (enough)");
	setrlimit(RLIMIT_AS, &before);
}

/* A language whose file has no name and whose tools are nowhere. */
static void language_without_a_file(void **state)
{
	static const struct act acts[] = {
		{ .path = "/config_info", .answer = HEAD("{\"max_submission_batch_size\":7}"), .close = true },
		{ .path = "/languages",
		  .answer = HEAD("[{\"id\":71,\"name\":\"Python (3.8.1)\",\"run_cmd\":null}]"),
		  .close = true },
		{ .path = "/languages/71", .answer = HEAD("{\"id\":71,\"name\":\"Python (3.8.1)\"}"), .close = true },
		{ .path = "/submissions/batch", .answer = REFUSAL, .close = true },
		REST
	};

	assert_gave_up(open_hostile(state, acts),
		       "this judge does not say where its Python is: choose another with 'judge'");
}

/* The run goes on, elsewhere or later: there is no need to wait for that. */
static void assert_given_up_with(struct court0 *court, const char *tests, const char *words)
{
	struct kl_challenge *program = make_challenge(court->court, sum_meta, tests);
	struct kl_submission sub = {
		.challenge = program, .language = kl_language_find("python"), .code = "print(3)\n", .code_len = 9
	};
	struct kl_job *job = submit(court->court, &sub);
	struct kl_instance_health health = { .last_failure = "" };

	while (!court->court->done && strcmp(health.last_failure, words) != 0) {
		kl_loop_turn(court->court->loop, 1000);
		kl_instance_health(&health, kl_instances_find(court->instances, "school"));
	}
	assert_string_equal(health.last_failure, words);
	kl_judge_cancel(job);
	wait_done(court->court);
	kl_challenge_free(program);
}

/* It takes every submission and knows none of them a moment later: it is given up, not asked for ever. */
static void forgets_what_it_took(void **state)
{
	static const struct act acts[] = {
		{ .path = "/config_info", .answer = HEAD("{\"enable_batched_submissions\":false}"), .close = true },
		PYTHON,
		{ .path = "/submissions", .times = 6, .answer = HEAD("{\"token\":\"one\"}"), .close = true },
		{ .path = "/submissions", .answer = REFUSAL, .close = true },
		{ .path = "/submissions/one", .answer = HEAD("{\"error\":\"unknown\"}"), .close = true },
		REST
	};

	assert_given_up_with(open_hostile(state, acts), sum_tests, "judge 'school' takes submissions and forgets them");
}

/* It refuses what is not asked of it: there is nothing more to do without. */
static void refuses_what_nobody_wants(void **state)
{
	static const struct act acts[] = {
		{ .path = "/config_info",
		  .answer = HEAD("{\"enable_batched_submissions\":false,\"enable_additional_files\":false}"),
		  .close = true },
		PYTHON,
		{ .path = "/submissions",
		  .times = 4,
		  .answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n{\"error\":\"wait not allowed\"}",
		  .close = true },
		{ .path = "/submissions", .answer = REFUSAL, .close = true },
		REST
	};
	static const char one[] = "{\"tests\": [{\"id\": \"plain\", \"sample\": true, \"stdin\": \"1 2\\n\","
				  " \"stdout\": \"3\\n\"}]}";

	assert_given_up_with(open_hostile(state, acts), one, "judge 'school' does not let us wait");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_answer_is_an_internal_error, close_hostile),
		cmocka_unit_test_teardown(batches_without_bound, close_hostile),
		cmocka_unit_test_teardown(language_without_a_file, close_hostile),
		cmocka_unit_test_teardown(forgets_what_it_took, close_hostile),
		cmocka_unit_test_teardown(refuses_what_nobody_wants, close_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
