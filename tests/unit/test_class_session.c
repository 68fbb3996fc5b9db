/*
 * The session of a lab: when it is renewed and how often, and what other processes do to it meanwhile.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/class_calls.h"

#include <kodelab/keypool.h>

static void N08_the_session_is_renewed_once_and_in_silence(void **state)
{
	const struct act acts[] = {
		{ .path = "/api/x", .times = 1, .answer = bad(401, "UNAUTHORIZED", "the token has run out") },
		{ .path = "/api/x", .times = 1, .answer = good("{\"text\":\"in\"}") },
		{ .path = "/api/x", .answer = bad(401, "UNAUTHORIZED", "you are out") },
		{ .path = "/api/auth/refresh", .answer = good(TOKENS) },
		{ 0 },
	};
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_string_equal(outcome.text, "in");
	assert_true(heard("{\"refresh_token\":\"klr_first\",\"nonce\":\""));
	assert_true(heard("Authorization: Bearer kls_second\r\n"));
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_LOGIN);
	assert_int_equal(outcome.error, KL_EDENIED);
	assert_int_equal(times_heard("POST /api/auth/refresh"), 2); /* once for each call, never in a circle */
}

static void a_token_that_has_run_out_is_renewed_beforehand(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .answer = good("{\"text\":\"in\"}") },
				    { .path = "/api/auth/refresh", .answer = good(TOKENS) },
				    { 0 } };
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	scene.clock.held_wall_ms = NOON + 3600000;
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_int_equal(times_heard("GET /api/x"), 1);
	assert_false(heard("Bearer kls_first"));
}

static void who_is_refused_a_renewal_is_logged_out(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .answer = bad(401, "UNAUTHORIZED", "out") },
				    { .path = "/api/auth/refresh", .answer = bad(401, "UNAUTHORIZED", "used twice") },
				    { 0 } };
	struct kl_class_session session;
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_LOGIN);
	assert_string_equal(outcome.message, "your login to 'school' has ended: kodelab login");
	assert_int_equal(kl_store_class_session(&session, scene.store, "school", NULL), KL_ENOENT);
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_LOGIN);
	assert_int_equal(server_requests(scene.server), 2); /* nothing is sent without a token */
}

/* A clock that is years ahead: what the server gives is over already, and is used until the server says so. */
static void a_wrong_clock_ends_no_login(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .answer = good("{\"text\":\"in\"}") },
				    { .path = "/api/auth/refresh", .answer = good(TOKENS) },
				    { 0 } };

	(void)state;
	scene_logged_in(acts);
	scene.clock.held_wall_ms = NOON + INT64_C(10) * 365 * 86400000;
	for (int i = 0; i < 2; i++)
		assert_int_equal(get("/api/x").end, KL_CLASS_DONE);
	assert_true(heard("Bearer kls_second"));
	assert_int_equal(times_heard("POST /api/auth/refresh"), 1);
}

/* The answer to a renewal is lost: the same one is asked for again, by its nonce, and the session lives on. */
static void a_lost_renewal_is_asked_for_again(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .answer = good("{\"text\":\"in\"}") },
				    { .path = "/api/auth/refresh", .times = 1, .answer = "", .close = true },
				    { .path = "/api/auth/refresh", .answer = good(TOKENS) },
				    { 0 } };
	struct outcome outcome;
	const char *first;
	char nonce[64];

	(void)state;
	scene_logged_in(acts);
	scene.clock.held_wall_ms = NOON + 3600000;
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_OFFLINE);
	first = strstr(server_heard(scene.server)->data, "\"nonce\"");
	assert_non_null(first);
	snprintf(nonce, sizeof(nonce), "%.46s", first); /* "nonce":"<36>"} */
	assert_int_equal(nonce[45], '"');
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_int_equal(times_heard(nonce), 2);
	assert_int_equal(times_heard("\"nonce\""), 2);
}

/* Esc, and R again, while the line is slow. */
static void who_asks_while_the_login_is_being_renewed_waits_for_it(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .answer = good("{\"text\":\"in\"}") },
				    { .path = "/api/auth/refresh", .answer = good(TOKENS), .drip_ms = 1 },
				    { 0 } };
	const struct kl_class_ask ask = { .method = "GET", .path = "/api/x" };
	struct outcome stopped, outcome;
	struct kl_class_call *call;

	(void)state;
	scene_logged_in(acts);
	scene.clock.held_wall_ms = NOON + 3600000;
	call = start(&stopped, &ask);
	while (!server_requests(scene.server))
		kl_loop_turn(scene.loop, 100);
	kl_class_cancel(call);
	wait_for(&stopped.count);
	assert_int_equal(stopped.end, KL_CLASS_CANCELED);
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_string_equal(outcome.text, "in");
	assert_int_equal(times_heard("POST /api/auth/refresh"), 1);
}

static void what_another_process_renewed_is_taken(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .times = 1, .answer = good("{}") },
				    { .path = "/api/x", .times = 1, .answer = bad(401, "UNAUTHORIZED", "out") },
				    { .path = "/api/x", .answer = good("{\"text\":\"in\"}") },
				    { 0 } };
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	get("/api/x");
	start(&outcome, &(struct kl_class_ask){ .method = "GET", .path = "/api/x" });
	while (server_requests(scene.server) < 2)
		kl_loop_turn(scene.loop, 100);
	keep_session("kls_third", "klr_third", NOON + 7200000);
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_true(heard("Bearer kls_third"));
	assert_false(heard("/api/auth/refresh"));
}

/* Until the renewal has been sent and its answer is coming, a byte at a time. */
static void begin_renewal(struct outcome *outcome, const struct act *acts)
{
	scene_logged_in(acts);
	scene.clock.held_wall_ms = NOON + 3600000;
	start(outcome, &(struct kl_class_ask){ .method = "GET", .path = "/api/x" });
	while (!server_requests(scene.server))
		kl_loop_turn(scene.loop, 100);
	assert_true(heard("klr_first"));
}

/* In another window: the server's row says that it is bob now, and his tokens are kept. */
static void bob_logs_in(void)
{
	struct kl_class_server row;

	assert_false(kl_store_class_get(&row, scene.store, NULL, NULL));
	free(row.user_id);
	free(row.user_name);
	row.user_id = kl_strdup(SERVER_ID);
	row.user_name = kl_strdup("bob");
	assert_false(kl_store_class_put(scene.store, &row, NULL));
	kl_class_server_release(&row);
	keep_session("kls_bobs", "klr_bobs", NOON + 7200000);
}

static void assert_kept(const char *token)
{
	struct kl_class_session session;
	char *context = kl_class_context("school", false), *kept;

	assert_false(kl_store_class_session(&session, scene.store, "school", NULL));
	assert_false(kl_vault_unseal(&kept, NULL, scene.vault, session.token, context, NULL));
	assert_string_equal(kept, token);
	kl_secret_free(kept);
	kl_class_session_release(&session);
	free(context);
}

/* Bob logs in while Ada's login is being renewed: with her tokens in his row his work would be handed in as hers. */
static void a_renewal_never_takes_the_place_of_another_login(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .answer = good("{}") },
				    { .path = "/api/auth/refresh", .answer = good(TOKENS), .drip_ms = 1 },
				    { 0 } };
	struct outcome outcome;

	(void)state;
	begin_renewal(&outcome, acts);
	bob_logs_in();
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_LOGIN);
	assert_string_equal(outcome.message, "bob has logged in to 'school' meanwhile: start the lab again");
	assert_kept("kls_bobs");
}

static void who_logs_out_during_a_renewal_stays_logged_out(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .answer = good("{}") },
				    { .path = "/api/auth/refresh", .answer = good(TOKENS), .drip_ms = 1 },
				    { 0 } };
	struct kl_class_session session;
	struct outcome outcome;

	(void)state;
	begin_renewal(&outcome, acts);
	assert_false(kl_store_class_session_drop(scene.store, "school", NULL));
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_LOGIN);
	assert_string_equal(outcome.message, "you are logged out of 'school': kodelab login");
	assert_int_equal(kl_store_class_session(&session, scene.store, "school", NULL), KL_ENOENT);
}

/* The old login is refused; she has logged in anew meanwhile, which the refusal says nothing of. */
static void a_refused_renewal_ends_no_newer_login(void **state)
{
	const struct act acts[] = {
		{ .path = "/api/x", .answer = good("{}") },
		{ .path = "/api/auth/refresh", .answer = bad(401, "UNAUTHORIZED", "over"), .drip_ms = 1 },
		{ 0 }
	};
	struct outcome outcome;

	(void)state;
	begin_renewal(&outcome, acts);
	keep_session("kls_third", "klr_third", NOON + 7200000);
	wait_for(&outcome.count);
	assert_int_equal(outcome.end, KL_CLASS_DONE);
	assert_true(heard("Bearer kls_third"));
	assert_kept("kls_third");
}

/* Bob logs in to the same server from another window: nothing of Ada's goes out with his token. */
static void another_user_of_the_same_lab_is_noticed(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .answer = good("{}") }, { 0 } };
	struct outcome outcome;

	(void)state;
	scene_logged_in(acts);
	assert_int_equal(get("/api/x").end, KL_CLASS_DONE);
	bob_logs_in();
	outcome = get("/api/x");
	assert_int_equal(outcome.end, KL_CLASS_LOGIN);
	assert_string_equal(outcome.message, "bob has logged in to 'school' meanwhile: start the lab again");
	assert_false(heard("kls_bobs"));
	assert_int_equal(server_requests(scene.server), 1);
}

static void a_new_master_key_seals_tokens_anew(void **state)
{
	const struct act acts[] = { { .path = "/api/x", .answer = good("{}") }, { 0 } };
	struct kl_class_session before, after;
	struct kl_keypool *pool;
	size_t sealed, lost;

	(void)state;
	scene_logged_in(acts);
	assert_false(kl_store_class_session(&before, scene.store, "school", NULL));
	assert_false(kl_keypool_open(&pool, scene.store, scene.vault, &scene.clock, KL_KEYS_OWNER_FIRST, NULL));
	assert_false(kl_keypool_rotate(&sealed, &lost, pool, NULL));
	kl_keypool_close(pool);
	assert_false(kl_store_class_session(&after, scene.store, "school", NULL));
	assert_string_not_equal(before.token, after.token);
	assert_string_not_equal(before.refresh, after.refresh);
	assert_int_equal(get("/api/x").end, KL_CLASS_DONE);
	assert_true(heard("Bearer kls_first"));
	kl_class_session_release(&before);
	kl_class_session_release(&after);
}

static void tokens_are_sealed_in_the_store(void **state)
{
	const struct act acts[] = { { 0 } };
	char *db = kl_path_join(scratch, "lab.db"), *log = kl_path_join(scratch, "lab.db-wal");
	struct kl_buf bytes;

	(void)state;
	scene_logged_in(acts);
	kl_buf_init(&bytes, 16 << 20);
	assert_false(kl_file_read(&bytes, db, NULL));
	assert_false(kl_file_read(&bytes, log, NULL));
	assert_non_null(memmem(bytes.data, bytes.len, "school", 6));
	assert_null(memmem(bytes.data, bytes.len, "kls_first", 9));
	assert_null(memmem(bytes.data, bytes.len, "klr_first", 9));
	kl_buf_release(&bytes);
	free(db);
	free(log);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(N08_the_session_is_renewed_once_and_in_silence),
		CASE(a_token_that_has_run_out_is_renewed_beforehand),
		CASE(who_is_refused_a_renewal_is_logged_out),
		CASE(a_wrong_clock_ends_no_login),
		CASE(a_lost_renewal_is_asked_for_again),
		CASE(who_asks_while_the_login_is_being_renewed_waits_for_it),
		CASE(what_another_process_renewed_is_taken),
		CASE(a_renewal_never_takes_the_place_of_another_login),
		CASE(who_logs_out_during_a_renewal_stays_logged_out),
		CASE(a_refused_renewal_ends_no_newer_login),
		CASE(another_user_of_the_same_lab_is_noticed),
		CASE(a_new_master_key_seals_tokens_anew),
		CASE(tokens_are_sealed_in_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
