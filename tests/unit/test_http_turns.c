/*
 * HTTP: turns of many requests, cancelling, closing, and proxies.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/http_scene.h"
#include "tests/unit/http_server.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Test: one\r\n\r\nhi"

static bool heard(const struct scene *scene, const char *text)
{
	return strstr(server_heard(scene->server)->data, text) != NULL;
}

static struct kl_http_spec get(const struct scene *scene)
{
	return (struct kl_http_spec){ .method = "GET", .url = server_url(scene->server), .proxy = "" };
}

/* --- answers that break off --------------------------------------------------------------------------------------- */

#define CUT_ANSWER "HTTP/1.1 206 Partial Content\r\nContent-Length: 9\r\nX-Test: one\r\n\r\nhalf"

static void what_came_is_told_only_when_it_is_wanted(void **state)
{
	static const struct act acts[] = { { .answer = CUT_ANSWER, .close = true },
					   { .answer = CUT_ANSWER, .close = true },
					   { .answer = CUT_ANSWER },
					   { .answer = "HTTP/1.1 206 Partial", .close = true },
					   { 0 } };
	static const struct {
		bool partial;
		int64_t deadline_ms;
		enum kl_http_end end;
		int status;
		const char *body;
	} cases[] = {
		{ false, 0, KL_HTTP_BROKEN, 0, "" },
		{ true, 0, KL_HTTP_BROKEN, 206, "half" },
		{ true, 2000, KL_HTTP_LATE, 206, "half" },
		{ true, 0, KL_HTTP_BROKEN, 0, "" },
	};
	struct scene *scene = *state;

	scene->server = server_open(scene->loop, acts);
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_http_spec spec = get(scene);
		struct outcome outcome;

		spec.partial = cases[i].partial;
		spec.deadline_ms = cases[i].deadline_ms;
		start(scene, &outcome, &spec);
		wait_for(scene, &outcome);
		assert_int_equal(outcome.end, cases[i].end);
		assert_int_equal(outcome.status, cases[i].status);
		assert_string_equal(outcome.body, cases[i].body);
		forget(&outcome);
	}
}

/* --- turns, cancelling, closing --------------------------------------------------------------------------------- */

static void requests_wait_for_their_turn(void **state)
{
	static const struct act acts[] = { { .answer = OK_ANSWER, .drip_ms = 1 }, { .answer = OK_ANSWER, .drip_ms = 1 },
					   { .answer = OK_ANSWER, .drip_ms = 1 }, { .answer = OK_ANSWER, .drip_ms = 1 },
					   { .answer = OK_ANSWER, .drip_ms = 1 }, { 0 } };
	struct scene *scene = *state;
	struct outcome outcomes[6];
	struct kl_http_spec spec;

	scene->server = server_open(scene->loop, acts);
	spec = get(scene);
	kl_http_limits(scene->http, 2, 3);
	for (int i = 0; i < 5; i++)
		start(scene, &outcomes[i], &spec);
	for (int i = 0; i < 5; i++) {
		wait_for(scene, &outcomes[i]);
		assert_int_equal(outcomes[i].end, KL_HTTP_ANSWERED);
		forget(&outcomes[i]);
	}
	assert_int_equal(server_connections(scene->server), 2);
	spec.deadline_ms = 1000; /* the server says nothing any more */
	for (int i = 0; i < 3; i++)
		start(scene, &outcomes[i], &spec);
	spec.deadline_ms = 30;
	start(scene, &outcomes[3], &spec);
	wait_for(scene, &outcomes[3]);
	assert_int_equal(outcomes[3].end, KL_HTTP_LATE);
	assert_false(outcomes[3].sent);
	assert_non_null(strstr(outcomes[3].error, " had no turn for this request within 0.03 s"));
	for (int i = 0; i < 4; i++) {
		wait_for(scene, &outcomes[i]);
		forget(&outcomes[i]);
	}
}

static void a_cancelled_request_ends_once_and_from_the_loop(void **state)
{
	static const struct act acts[] = { { 0 } };
	struct scene *scene = *state;
	struct outcome running, waiting;
	struct kl_http_spec spec;

	scene->server = server_open(scene->loop, acts);
	kl_http_limits(scene->http, 1, 1);
	spec = get(scene);
	start(scene, &running, &spec);
	start(scene, &waiting, &spec);
	while (server_requests(scene->server) == 0)
		turn(scene);
	kl_http_cancel(waiting.request);
	kl_http_cancel(running.request);
	kl_http_cancel(running.request);
	assert_int_equal(running.count + waiting.count, 0);
	wait_for(scene, &running);
	wait_for(scene, &waiting);
	assert_int_equal(running.end, KL_HTTP_CANCELED);
	assert_true(running.sent);
	assert_int_equal(waiting.end, KL_HTTP_CANCELED);
	assert_false(waiting.sent);
	kl_loop_turn(scene->loop, 0);
	assert_int_equal(running.count, 1);
	forget(&running);
	forget(&waiting);
}

struct closing {
	struct scene *scene;
	struct outcome *other;
	enum kl_status status;
};

/* From inside a callback: closes, which ends the other one, and cannot start a third. */
static void close_all(void *ctx, const struct kl_http_result *result)
{
	struct closing *closing = ctx;
	struct kl_http_request *request;
	struct kl_http_spec spec = get(closing->scene);

	assert_int_equal(result->end, KL_HTTP_ANSWERED);
	kl_http_close(closing->scene->http);
	assert_int_equal(closing->other->count, 1);
	assert_int_equal(closing->other->end, KL_HTTP_CANCELED);
	closing->status = kl_http_start(&request, closing->scene->http, &spec, note, closing->other, NULL);
	closing->scene->http = NULL;
}

static void closing_inside_a_callback_ends_all(void **state)
{
	static const struct act acts[] = { { .answer = OK_ANSWER }, { 0 } };
	struct scene *scene = *state;
	struct outcome other;
	struct closing closing = { .scene = scene, .other = &other };
	struct kl_http_request *request;
	struct kl_http_spec spec;

	scene->server = server_open(scene->loop, acts);
	spec = get(scene);
	kl_http_limits(scene->http, 1, 1);
	assert_int_equal(kl_http_start(&request, scene->http, &spec, close_all, &closing, NULL), KL_OK);
	start(scene, &other, &spec);
	while (scene->http)
		turn(scene);
	assert_int_equal(closing.status, KL_ECANCELED);
	forget(&other);
}

/* --- proxies ---------------------------------------------------------------------------------------------------- */

static void proxies_are_asked(void **state)
{
	static const struct act acts[] = { { .answer = OK_ANSWER },
					   { .answer = OK_ANSWER },
					   { .answer = "HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n",
					     .close = true },
					   { 0 } };
	static const struct kl_http_header key = { "X-Auth-Token", "s3cret", true };
	struct scene *scene = *state;
	struct kl_http_spec spec = {
		.method = "POST", .url = "http://judge.test/a", .headers = &key, .header_count = 1
	};
	struct outcome outcome;
	char proxy[64];

	scene->server = server_open(scene->loop, acts);
	snprintf(proxy, sizeof(proxy), "http://me:pr0xy@127.0.0.1:%d", server_port(scene->server));
	spec.proxy = proxy;
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.status, 200);
	assert_true(heard(scene, "POST http://judge.test/a HTTP/1.1\r\n"));
	forget(&outcome);
	setenv("http_proxy", proxy, 1);
	spec.proxy = NULL;
	spec.url = "http://judge.test/b";
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.status, 200);
	assert_true(heard(scene, "POST http://judge.test/b HTTP/1.1\r\n"));
	forget(&outcome);
	unsetenv("http_proxy");
	spec.proxy = proxy;
	spec.url = "https://judge.test/c";
	ask(scene, &outcome, &spec); /* the proxy got a CONNECT, the judge nothing */
	assert_int_equal(outcome.end, KL_HTTP_UNREACHABLE);
	assert_false(outcome.sent);
	assert_string_equal(outcome.error, "cannot reach judge.test:443: CONNECT tunnel failed, response 407");
	assert_null(strstr(strstr(server_heard(scene->server)->data, "CONNECT"), "s3cret"));
	forget(&outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_came_is_told_only_when_it_is_wanted, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(requests_wait_for_their_turn, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(a_cancelled_request_ends_once_and_from_the_loop, open_scene,
						close_scene),
		cmocka_unit_test_setup_teardown(closing_inside_a_callback_ends_all, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(proxies_are_asked, open_scene, close_scene),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
