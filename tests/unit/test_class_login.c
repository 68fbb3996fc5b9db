/*
 * Logging in to a class server that says what it is told to: the ways to tokens, the key that is held to, what is kept and what not.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/class_scene.h"

#include <sqlite3.h>

#define KEY_A  "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
#define BEN_ID "0190b0a0-0000-7000-8000-000000000003"
#define KEY_B  "YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI="

/* --- logging in --------------------------------------------------------------------------------------------------- */

struct entry {
	int count, shown;
	struct kl_error error;
	char code[64], address[128];
};

static void show(void *ctx, const struct kl_class_code *code)
{
	struct entry *entry = ctx;

	entry->shown++;
	snprintf(entry->code, sizeof(entry->code), "%s", code->code);
	snprintf(entry->address, sizeof(entry->address), "%s", code->address);
}

static void entered(void *ctx, const struct kl_error *error)
{
	struct entry *entry = ctx;

	entry->count++;
	entry->error = *error;
}

/* A server that is played, and nobody is logged in. */
static void open_new(const struct act *acts)
{
	const struct kl_class_parts parts = scene_parts();
	struct kl_class_server row = { .name = (char *)(uintptr_t) "school", .proxy = (char *)(uintptr_t) "none" };

	scene.server = server_open(scene.loop, acts);
	row.addresses = (char *)(uintptr_t)server_url(scene.server);
	assert_false(kl_class_open_new(&scene.class, &parts, &row, NULL));
}

static struct entry log_in(const struct kl_class_login_spec *spec)
{
	struct entry entry = { .count = 0 };
	struct kl_class_login *login;

	assert_false(kl_class_login(&login, scene.class, spec, show, entered, &entry, NULL));
	wait_for(&entry.count);
	return entry;
}

static void answered(void *ctx, const struct kl_class_answer *answer)
{
	assert_int_equal(answer->end, KL_CLASS_DONE);
	++*(int *)ctx;
}

static void ask_something(void)
{
	const struct kl_class_ask ask = { .method = "GET", .path = "/api/x" };
	struct kl_class_call *call;
	int count = 0;

	assert_false(kl_class_call(&call, scene.class, &ask, answered, &count, NULL));
	wait_for(&count);
}

#define SERVER(key) "{\"id\":\"" SERVER_ID "\",\"name\":\"CS 1\",\"public_key\":\"" key "\",\"version\":\"0.1.0\"}"

static void a_password_opens_the_door(void **state)
{
	const struct act acts[] = { { .path = "/api/server", .answer = good(SERVER(KEY_A)) },
				    { .path = "/api/auth/login", .answer = good(TOKENS) },
				    { .path = "/api/x", .answer = good("{}") },
				    { 0 } };
	const struct kl_class_login_spec spec = {
		.way = KL_CLASS_PASSWORD, .user = "ada", .password = "s3cret \"quoted\"", .device = "a lab"
	};
	struct kl_class_server server;
	struct entry entry;

	(void)state;
	open_new(acts);
	entry = log_in(&spec);
	assert_string_equal(entry.error.message, "");
	assert_int_equal(entry.error.status, KL_OK);
	assert_false(kl_store_class_get(&server, scene.store, NULL, NULL));
	assert_string_equal(server.public_key, KEY_A);
	assert_string_equal(server.title, "CS 1");
	assert_string_equal(server.user_name, "ada");
	assert_string_equal(server.display, "Ada L.");
	assert_true(server.active && server.session);
	kl_class_server_release(&server);
	assert_true(heard("{\"name\":\"ada\",\"password\":\"s3cret \\\"quoted\\\"\",\"device\":\"a lab\"}"));
	ask_something();
	assert_true(heard("Authorization: Bearer kls_second\r\n"));
	assert_string_equal(kl_class_account(scene.class), SERVER_ID "/" USER_ID);
}

/* A second login, by a server that does not say whose tokens it gives: they never stand beside Ada's account. */
static void tokens_of_nobody_are_not_kept(void **state)
{
	const struct act acts[] = { { .path = "/api/server", .answer = good(SERVER(KEY_A)) },
				    { .path = "/api/auth/login", .times = 1, .answer = good(TOKENS) },
				    { .path = "/api/auth/login", .answer = good("{\"token\":\"kls_other\"}") },
				    { .path = "/api/x", .answer = good("{}") },
				    { 0 } };
	const struct kl_class_login_spec spec = { .way = KL_CLASS_PASSWORD, .user = "ada", .password = "secret123" };
	struct entry entry;

	(void)state;
	open_new(acts);
	assert_int_equal(log_in(&spec).error.status, KL_OK);
	entry = log_in(&spec);
	assert_int_equal(entry.error.status, KL_ENET);
	assert_string_equal(entry.error.message, "the class server's answer to the login does not say who you are");
	ask_something();
	assert_true(heard("Bearer kls_second\r\n"));
	assert_false(heard("Bearer kls_other"));
}

static void forbid_accounts(void)
{
	char *path = kl_path_join(scratch, "lab.db");
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "CREATE TRIGGER full BEFORE INSERT ON class_servers"
				      " BEGIN SELECT RAISE(ABORT, 'no room'); END",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	free(path);
}

/* The tokens could be written, the account could not: those of before are there. */
static void tokens_and_account_are_kept_together(void **state)
{
	const struct act acts[] = { { .path = "/api/server", .answer = good(SERVER(KEY_A)) },
				    { .path = "/api/auth/login", .times = 1, .answer = good(TOKENS) },
				    { .path = "/api/auth/login",
				      .answer = good("{\"token\":\"kls_bens\",\"user\":{\"id\":\"" BEN_ID
						     "\",\"name\":\"ben\"}}") },
				    { .path = "/api/x", .answer = good("{}") },
				    { 0 } };
	struct kl_class_login_spec spec = { .way = KL_CLASS_PASSWORD, .user = "ada", .password = "secret123" };
	const struct kl_class_parts parts = scene_parts();
	struct entry entry;

	(void)state;
	open_new(acts);
	assert_int_equal(log_in(&spec).error.status, KL_OK);
	forbid_accounts();
	spec.user = "ben";
	entry = log_in(&spec);
	assert_int_equal(entry.error.status, KL_EIO);
	assert_non_null(strstr(entry.error.message, "' cannot be used: no room"));
	kl_class_close(scene.class);
	assert_false(kl_class_open(&scene.class, &parts, NULL, NULL)); /* as the lab is when it comes again */
	ask_something();
	assert_true(heard("Bearer kls_second\r\n"));
	assert_false(heard("Bearer kls_bens"));
	assert_string_equal(kl_class_account(scene.class), SERVER_ID "/" USER_ID);
}

/* Names that only begin like this machine's are others'. */
static void a_way_in_the_clear_is_warned_of(void **state)
{
	static const struct {
		const char *address;
		bool warns;
	} cases[] = {
		{ "http://127.0.0.1:1", false },          { "http://localhost", false },
		{ "http://[::1]:8080", false },           { "https://class.example.org", false },
		{ "http://class.example.org", true },     { "http://127.example.org", true },
		{ "http://localhost.example.org", true },
	};
	const struct kl_class_parts parts = scene_parts();

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_class_server row = { .name = (char *)(uintptr_t) "school",
					       .addresses = (char *)(uintptr_t)cases[i].address };

		assert_false(kl_class_open_new(&scene.class, &parts, &row, NULL));
		assert_int_equal(*kl_class_warning(scene.class) != '\0', cases[i].warns);
		kl_class_close(scene.class);
		scene.class = NULL;
	}
}

static void another_key_is_refused(void **state)
{
	const struct act acts[] = { { .path = "/api/server", .times = 1, .answer = good(SERVER(KEY_A)) },
				    { .path = "/api/server", .answer = good(SERVER(KEY_B)) },
				    { .path = "/api/auth/login", .answer = good(TOKENS) },
				    { 0 } };
	const struct kl_class_login_spec spec = { .way = KL_CLASS_PASSWORD, .user = "ada", .password = "secret123" };
	struct entry entry;

	(void)state;
	open_new(acts);
	assert_int_equal(log_in(&spec).error.status, KL_OK);
	entry = log_in(&spec);
	assert_int_equal(entry.error.status, KL_ECONFLICT);
	assert_string_equal(
		entry.error.message,
		"'school' shows another key than before: it was set up anew, or somebody is in between; ask "
		"your instructor, then 'kodelab logout --forget school' and log in again");
	assert_int_equal(times_heard("POST /api/auth/login"), 1); /* the password never went there */
}

/* What was taken from a server goes by its id: another one, under another name, must not have it. */
static void another_servers_id_is_refused(void **state)
{
	const struct act acts[] = { { .path = "/api/server", .answer = good(SERVER(KEY_B)) },
				    { .path = "/api/auth/login", .answer = good(TOKENS) },
				    { 0 } };
	const struct kl_class_login_spec spec = { .way = KL_CLASS_PASSWORD, .user = "ada", .password = "secret123" };
	const struct kl_class_server known = { .name = (char[]){ "the first" },
					       .addresses = (char[]){ "http://127.0.0.1:1" },
					       .server_id = (char[]){ SERVER_ID },
					       .public_key = (char[]){ KEY_A } };
	struct entry entry;
	char *sentence;

	(void)state;
	assert_false(kl_store_class_put(scene.store, &known, NULL));
	open_new(acts);
	entry = log_in(&spec);
	assert_int_equal(entry.error.status, KL_ECONFLICT);
	sentence = kl_format("127.0.0.1:%d says that it is 'the first', with another key: ask your instructor which "
			     "one is right",
			     server_port(scene.server));
	assert_string_equal(entry.error.message, sentence);
	free(sentence);
	assert_int_equal(times_heard("POST /api/auth/login"), 0);
}

static void a_code_is_waited_for(void **state)
{
	const struct act acts[] = {
		{ .path = "/api/server", .answer = good(SERVER(KEY_A)) },
		{ .path = "/api/auth/device",
		  .answer = good("{\"device_code\":\"dev\",\"user_code\":\"ABCD-EFGH\","
				 "\"verification_uri\":\"https://x/device\",\"expires_in\":600,\"interval\":1}") },
		{ .path = "/api/auth/device/token", .times = 1, .answer = bad(400, "AUTHORIZATION_PENDING", "wait") },
		{ .path = "/api/auth/device/token", .answer = good(TOKENS) },
		{ 0 },
	};
	struct entry entry;

	(void)state;
	open_new(acts);
	entry = log_in(&(struct kl_class_login_spec){ .way = KL_CLASS_DEVICE, .device = "a lab" });
	assert_int_equal(entry.error.status, KL_OK);
	assert_int_equal(entry.shown, 1);
	assert_string_equal(entry.code, "ABCD-EFGH");
	assert_string_equal(entry.address, "https://x/device");
	assert_int_equal(times_heard("POST /api/auth/device/token"), 2);
	assert_true(heard("{\"device_code\":\"dev\"}"));
}

static void a_code_that_nobody_confirmed_ends(void **state)
{
	const struct act acts[] = {
		{ .path = "/api/server", .answer = good(SERVER(KEY_A)) },
		{ .path = "/api/auth/device",
		  .answer = good("{\"device_code\":\"dev\",\"user_code\":\"ABCD-EFGH\","
				 "\"verification_uri\":\"https://x/device\",\"expires_in\":600,\"interval\":1}") },
		{ .path = "/api/auth/device/token", .answer = bad(400, "EXPIRED", "too late") },
		{ 0 },
	};
	struct kl_class_server server;
	struct entry entry;

	(void)state;
	open_new(acts);
	entry = log_in(&(struct kl_class_login_spec){ .way = KL_CLASS_DEVICE });
	assert_int_equal(entry.error.status, KL_EDENIED);
	assert_string_equal(entry.error.message,
			    "nobody has confirmed the code in time: kodelab login makes a new one");
	assert_int_equal(kl_store_class_get(&server, scene.store, NULL, NULL), KL_ENOENT);
}

static void a_token_is_tried_before_it_is_kept(void **state)
{
	const struct act acts[] = {
		{ .path = "/api/server", .answer = good(SERVER(KEY_A)) },
		{ .path = "/api/auth/me", .times = 1, .answer = bad(401, "UNAUTHORIZED", "no such token") },
		{ .path = "/api/auth/me", .answer = good("{\"user\":{\"id\":\"" USER_ID "\",\"name\":\"ada\"}}") },
		{ 0 },
	};
	const struct kl_class_login_spec spec = { .way = KL_CLASS_TOKEN, .token = "kls_given" };
	struct kl_class_server server;
	struct entry entry;

	(void)state;
	open_new(acts);
	entry = log_in(&spec);
	assert_int_equal(entry.error.status, KL_EDENIED);
	assert_string_equal(entry.error.message, "no such token");
	assert_int_equal(kl_store_class_get(&server, scene.store, NULL, NULL), KL_ENOENT);
	assert_int_equal(log_in(&spec).error.status, KL_OK);
	assert_int_equal(times_heard("Bearer kls_given"), 2); /* not with /api/server */
	assert_false(kl_store_class_get(&server, scene.store, NULL, NULL));
	kl_class_server_release(&server);
}

static void another_account_begins_at_the_first_change(void **state)
{
	struct kl_class_server row = { .name = (char *)(uintptr_t) "school",
				       .server_id = (char *)(uintptr_t)SERVER_ID,
				       .user_id = (char *)(uintptr_t)USER_ID },
			       found;

	(void)state;
	assert_false(kl_store_class_put(scene.store, &row, NULL));
	row.name = (char *)(uintptr_t) "other";
	assert_false(kl_store_class_put(scene.store, &row, NULL));
	assert_false(kl_store_class_get(&found, scene.store, NULL, NULL));
	assert_string_equal(found.name, "other"); /* one at most is active */
	kl_class_server_release(&found);
	assert_false(kl_store_class_activate(scene.store, "school", NULL));
	assert_int_equal(kl_store_class_activate(scene.store, "none", NULL), KL_ENOENT);
	assert_false(kl_store_class_get(&found, scene.store, NULL, NULL));
	assert_string_equal(found.name, "school");
	kl_class_server_release(&found);
	assert_false(kl_store_class_remove(scene.store, "school", NULL));
	assert_int_equal(kl_store_class_get(&found, scene.store, NULL, NULL), KL_ENOENT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_password_opens_the_door),
		CASE(tokens_of_nobody_are_not_kept),
		CASE(tokens_and_account_are_kept_together),
		CASE(a_way_in_the_clear_is_warned_of),
		CASE(another_key_is_refused),
		CASE(another_servers_id_is_refused),
		CASE(a_code_is_waited_for),
		CASE(a_code_that_nobody_confirmed_ends),
		CASE(a_token_is_tried_before_it_is_kept),
		CASE(another_account_begins_at_the_first_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
