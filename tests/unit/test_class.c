/*
 * The client of the class server's API against a server that says what it is told to: what is an answer and what is being offline,
 * what is tried again.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/class_calls.h"

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void an_envelope_is_read(void **state)
{
	const struct act acts[] = { { .answer = good("{\"text\":\"hi\"}") }, { 0 } };
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_string_equal(outcome.text, "hi");
	assert_true(heard("GET /api/x HTTP/1.1\r\n"));
	assert_true(heard("Authorization: Bearer kls_first\r\n"));
	assert_true(heard("Accept-Encoding: gzip\r\n"));
}

static void a_refusal_keeps_its_words(void **state)
{
	static const struct {
		int status;
		const char *code;
		enum kl_class_end end;
		enum kl_status error;
	} cases[] = {
		{ 403, "FORBIDDEN", KL_CLASS_REFUSED, KL_EDENIED },
		{ 404, "NOT_FOUND", KL_CLASS_REFUSED, KL_ENOENT },
		{ 409, "CONFLICT", KL_CLASS_REFUSED, KL_ECONFLICT },
		{ 422, "VALIDATION_ERROR", KL_CLASS_REFUSED, KL_EINVAL },
		{ 429, "TOO_MANY_REQUESTS", KL_CLASS_BUSY, KL_ENET },
		{ 500, "INTERNAL_SERVER_ERROR", KL_CLASS_BUSY, KL_ENET },
		{ 503, "STORAGE_FULL", KL_CLASS_BUSY, KL_ENET },
	};
	struct act acts[KL_LENGTH(cases) + 1] = { { 0 } };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		acts[i].answer = bad(cases[i].status, cases[i].code, "not like this");
	scene_logged_in(acts);
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct outcome outcome = get("/api/x");

		assert_int_equal(outcome.end, cases[i].end);
		assert_int_equal(outcome.status, cases[i].status);
		assert_int_equal(outcome.error, cases[i].error);
		assert_string_equal(outcome.code, cases[i].code);
		assert_string_equal(outcome.message, "not like this");
	}
}

/* Whatever is no answer of the server is being offline, and nothing of it is believed. */
static void N05_a_captive_portal_is_being_offline(void **state)
{
	const char *html = "<html><body>Welcome to Hotel WiFi</body></html>";
	const struct act acts[] = {
		{ .answer = said(200, "Content-Type: text/html\r\n", html) },
		{ .answer = said(200, JSON_TYPE, "{\"data\":{\"text\":\"no envelope\"}}") },
		{ .answer = said(200, JSON_TYPE, "{\"success\":true,\"data\":") },
		{ .answer = said(200, JSON_TYPE, "{\"success\":false,\"error\":{\"code\":\"NOT_FOUND\"}}") },
		{ .answer = said(302, "Location: http://portal.example/\r\n", "") },
		{ .answer = said(401, "Content-Type: text/html\r\n", html) },
		{ .answer = said(502, "Content-Type: text/html\r\n", html) },
		{ 0 },
	};

	(void)state;
	scene_logged_in(acts);
	for (size_t i = 0; i + 1 < KL_LENGTH(acts); i++) {
		struct outcome outcome = get("/api/x");

		assert_int_equal(outcome.end, KL_CLASS_OFFLINE);
		assert_int_equal(outcome.error, KL_ENET);
		assert_string_equal(outcome.text, "");
		assert_string_equal(outcome.code, "");
	}
	assert_int_equal(server_requests(scene.server), (int)KL_LENGTH(acts) - 1);
	assert_false(heard("/api/auth/refresh")); /* a portal's 401 says nothing of the session */
}

static void other_bytes_must_be_of_the_type_that_was_asked_for(void **state)
{
	const struct act acts[] = { { .answer = said(200, "Content-Type: application/gzip\r\n", "bytes") },
				    { .answer = said(200, "Content-Type: text/html\r\n", "<html>") },
				    { .answer = bad(404, "NOT_FOUND", "there is no such pack") },
				    { 0 } };
	const struct kl_class_ask ask = { .method = "GET", .path = "/api/packs/p/archive", .raw = "application/gzip" };
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_string_equal(outcome.text, "bytes");
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_OFFLINE);
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_REFUSED);
	assert_int_equal(outcome.error, KL_ENOENT);
}

/* Only to who said what he has: nobody else can tell what "as before" would be. */
static void what_one_has_is_not_sent_again(void **state)
{
	const struct act acts[] = { { .times = 1, .answer = said(304, "ETag: W/\"abc\"\r\n", "") },
				    { .times = 1, .answer = good("{\"text\":\"new\"}") },
				    { .answer = said(304, "", "") },
				    { 0 } };
	struct kl_class_ask ask = { .method = "GET", .path = "/api/x", .known = "W/\"abc\"" };
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_true(heard("If-None-Match: W/\"abc\""));
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_int_equal(outcome.status, 304);
	assert_string_equal(outcome.text, "");
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_string_equal(outcome.text, "new");
	ask.known = NULL;
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_OFFLINE);
}

/* --- trying again ------------------------------------------------------------------------------------------------- */

static void what_may_come_twice_is_tried_again(void **state)
{
	const struct act acts[] = { { .path = "/api/get", .times = 1, .answer = "", .close = true },
				    { .path = "/api/get", .answer = good("{\"text\":\"got\"}") },
				    { .path = "/api/post", .times = 1, .answer = "", .close = true },
				    { .path = "/api/post", .answer = good("{\"text\":\"posted\"}") },
				    { .path = "/api/push", .times = 1, .answer = "", .close = true },
				    { .path = "/api/push", .answer = good("{\"text\":\"pushed\"}") },
				    { 0 } };
	struct kl_class_ask ask = { .method = "GET", .path = "/api/get", .patience_ms = WAIT_MS };
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_string_equal(outcome.text, "got");
	ask = (struct kl_class_ask){
		.method = "POST", .path = "/api/post", .body = "{}", .body_len = 2, .patience_ms = WAIT_MS
	};
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_OFFLINE); /* it may have been done */
	assert_int_equal(times_heard("POST /api/post"), 1);
	ask.path = "/api/push";
	ask.repeatable = true;
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_string_equal(outcome.text, "pushed");
	assert_int_equal(times_heard("POST /api/push"), 2);
}

static void retry_after_is_obeyed_and_patience_ends(void **state)
{
	const struct act acts[] = {
		{ .path = "/api/x",
		  .times = 1,
		  .answer = said(
			  429, "Retry-After: 2\r\n" JSON_TYPE,
			  "{\"success\":false,\"error\":{\"message\":\"slowly\",\"code\":\"TOO_MANY_REQUESTS\"}}") },
		{ .path = "/api/x", .answer = good("{\"text\":\"in\"}") },
		{ .path = "/api/y",
		  .answer = said(503, "Retry-After: 60\r\n" JSON_TYPE,
				 "{\"success\":false,\"error\":{\"message\":\"full\",\"code\":\"STORAGE_FULL\"}}") },
		{ 0 },
	};
	struct kl_class_ask ask = { .method = "GET", .path = "/api/x", .patience_ms = 50000 };
	int64_t begun_ms = kl_clock_mono_ms();
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_string_equal(outcome.text, "in");
	assert_true(kl_clock_mono_ms() - begun_ms >= 2000);
	ask.path = "/api/y";
	start(&outcome, &ask);
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_BUSY); /* a minute is more than the patience: told at once */
	assert_string_equal(outcome.message, "full");
	assert_int_equal(times_heard("GET /api/y"), 1);
}

static void pauses_grow_to_less_than_a_minute_and_are_not_all_the_same(void **state)
{
	static const int64_t seconds[] = { 1, 2, 4, 8, 16, 32, 36, 36 };

	(void)state;
	for (int i = 0; i < (int)KL_LENGTH(seconds); i++) {
		assert_int_equal(kl_class_pause_ms(i + 1, 0), 1000 * seconds[i]);
		assert_int_equal(kl_class_pause_ms(i + 1, 1), 1500 * seconds[i]);
	}
	assert_int_equal(kl_class_pause_ms(1000000, 0), 36000);
}

static void N09_the_next_address_is_tried(void **state)
{
	const struct act acts[] = { { .path = "/api/server", .answer = good(WHO(SCENE_KEY)) },
				    { .path = "/api/x", .answer = good("{\"text\":\"in\"}") },
				    { 0 } };
	char *gone = kl_format("http://127.0.0.1:%d", unused_port());
	struct outcome outcome;

	(void)state;
	scene_logged_in_at(acts, gone);
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_true(heard("Bearer kls_first"));
	outcome = get("/api/x"); /* it stays with what answered */
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_int_equal(server_connections(scene.server), 1);
	assert_int_equal(times_heard("GET /api/server"), 1); /* before its token went there */
	free(gone);
}

static void N09_the_session_is_renewed_at_the_next_address(void **state)
{
	const struct act acts[] = { { .path = "/api/server", .answer = good(WHO(SCENE_KEY)) },
				    { .path = "/api/x", .answer = good("{\"text\":\"in\"}") },
				    { .path = "/api/auth/refresh", .answer = good(TOKENS) },
				    { 0 } };
	char *gone = kl_format("http://127.0.0.1:%d", unused_port());
	struct outcome outcome;

	(void)state;
	scene_logged_in_at(acts, gone);
	scene.clock.held_wall_ms = NOON + 3600000;
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_true(heard("Bearer kls_second"));
	assert_int_equal(times_heard("POST /api/auth/refresh"), 1);
	free(gone);
}

static void N02_one_request_is_in_flight(void **state)
{
	const struct act acts[] = { { .answer = good("{\"text\":\"1\"}"), .drip_ms = 1 },
				    { .answer = good("{\"text\":\"2\"}"), .drip_ms = 1 },
				    { .answer = good("{\"text\":\"3\"}") },
				    { 0 } };
	const struct kl_class_ask ask = { .method = "GET", .path = "/api/x" };
	struct outcome outcomes[3];

	(void)state;
	scene_logged_in(acts);
	for (size_t i = 0; i < 3; i++)
		start(&outcomes[i], &ask);
	for (int i = 0; i < 3; i++) {
		wait_for(&outcomes[i].count);
		assert_int_equal(outcomes[i].text[0], '1' + i);
		if (i < 2)
			assert_int_equal(server_requests(scene.server), i + 1);
	}
	assert_int_equal(server_connections(scene.server), 1);
}

static void a_call_can_be_stopped_anywhere(void **state)
{
	const struct act acts[] = { { 0 } }; /* never answers */
	const struct kl_class_ask ask = { .method = "GET", .path = "/api/x" };
	struct kl_class_call *calls[3];
	struct outcome outcomes[3];

	(void)state;
	scene_logged_in(acts);
	for (size_t i = 0; i < 3; i++)
		calls[i] = start(&outcomes[i], &ask);
	while (!server_requests(scene.server))
		kl_loop_turn(scene.loop, 100);
	kl_class_cancel(calls[1]); /* in line */
	kl_class_cancel(calls[0]); /* in flight */
	wait_for(&outcomes[1].count);
	wait_for(&outcomes[0].count);
	assert_int_equal(outcomes[0].end, KL_CLASS_CANCELED);
	assert_int_equal(outcomes[1].end, KL_CLASS_CANCELED);
	assert_int_equal(outcomes[2].count, 0);
	kl_class_close(scene.class);
	scene.class = NULL;
	assert_int_equal(outcomes[2].count, 1);
	assert_int_equal(outcomes[2].end, KL_CLASS_CANCELED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_envelope_is_read),
		CASE(a_refusal_keeps_its_words),
		CASE(N05_a_captive_portal_is_being_offline),
		CASE(other_bytes_must_be_of_the_type_that_was_asked_for),
		CASE(what_may_come_twice_is_tried_again),
		CASE(retry_after_is_obeyed_and_patience_ends),
		CASE(pauses_grow_to_less_than_a_minute_and_are_not_all_the_same),
		CASE(N09_the_next_address_is_tried),
		CASE(N09_the_session_is_renewed_at_the_next_address),
		CASE(N02_one_request_is_in_flight),
		CASE(what_one_has_is_not_sent_again),
		CASE(a_call_can_be_stopped_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
