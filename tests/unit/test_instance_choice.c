/*
 * The registry of judge instances: whom it chooses and why not the others, what doors and quotas look like, and that keys
 * go where they belong.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/instance_scene.h"

#include <kodelab/vault.h>

/* --- choosing ----------------------------------------------------------------------------------------------------- */

static void report(struct kl_instance *instance, enum kl_instance_fate fate)
{
	const struct kl_instance_outcome outcome = {
		.fate = fate, .retry_after_ms = -1, .queued = -1, .why = "cannot reach it"
	};

	kl_instance_report(instance, &outcome);
}

static enum kl_status choose(struct kl_instance_choice *choice, struct judges *judges, const char *language,
			     const char *only, const char * not, struct kl_error *err)
{
	const char *names[] = { not };
	struct kl_instance_want want = {
		.language = kl_language_find(language), .only = only, .not = names, .not_count = not ? 1 : 0
	};

	return kl_instances_choose(choice, judges->instances, &want, err);
}

static void the_reasons_are_told(void **state)
{
	struct judges *judges = *state;
	struct kl_instance *instance, *other;
	struct kl_instance_choice choice;
	struct kl_instance_health health;
	struct asked asked;
	struct kl_error err;

	assert_int_equal(choose(&choice, judges, "python", NULL, NULL, &err), KL_ENOENT);
	assert_string_equal(err.message, "no judge is known; add one: kodelab judge add NAME ADDRESS");
	kl_instance_choice_release(&choice);
	instance = add_server(judges, good);
	assert_int_equal(choose(&choice, judges, "python", "home", NULL, &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no judge 'home'; 'kodelab judge list' names them");
	kl_instance_choice_release(&choice);
	assert_int_equal(probe(judges, instance, &asked), KL_OK);
	assert_int_equal(choose(&choice, judges, "rust", NULL, NULL, &err), KL_ENOTOOL);
	assert_string_equal(err.message, "no judge can take it now: school does not have Rust");
	assert_int_equal(choice.retry_ms, 0);
	kl_instance_choice_release(&choice);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(choose(&choice, judges, "python", NULL, NULL, &err), KL_OK);
		assert_ptr_equal(choice.instance, instance);
		kl_instance_choice_release(&choice);
		report(instance, KL_FATE_DOWN);
	}
	assert_int_equal(choose(&choice, judges, "python", NULL, NULL, &err), KL_EBUSY);
	assert_memory_equal(err.message, "no judge can take it now: school has failed; next try in 1", 58);
	assert_in_range(choice.retry_ms, NOON + 10000, NOON + 12500);
	kl_instance_choice_release(&choice);
	kl_instance_health(&health, instance);
	assert_int_equal(health.breaker, KL_BREAKER_OPEN);
	assert_string_equal(health.last_failure, "cannot reach it");
	other = add(judges, "home", "http://h"); /* never probed: taken to have it */
	assert_int_equal(choose(&choice, judges, "python", NULL, NULL, &err), KL_OK);
	assert_ptr_equal(choice.instance, other);
	assert_int_equal(choice.passed_count, 1);
	assert_string_equal(choice.passed[0].name, "school");
	kl_instance_choice_release(&choice);
	report(other, KL_FATE_UNUSED);
	assert_int_equal(choose(&choice, judges, "python", NULL, "home", &err), KL_EBUSY);
	assert_non_null(strstr(err.message, "home has failed on this run, school has failed; next try in "));
	kl_instance_choice_release(&choice);
}

static void being_open_survives_a_restart_and_one_may_try(void **state)
{
	struct judges *judges = *state;
	struct kl_instance *instance = add(judges, "school", "http://h");
	struct kl_instance_choice choice;
	struct kl_instance_health health;

	assert_int_equal(choose(&choice, judges, "c", NULL, NULL, NULL), KL_OK);
	kl_instance_choice_release(&choice);
	report(instance, KL_FATE_UNTRUSTED);
	kl_instances_close(judges->instances);
	assert_int_equal(
		kl_instances_open(&judges->instances, judges->scene.loop, judges->store, &judges->clock, NULL, NULL),
		KL_OK);
	instance = kl_instances_find(judges->instances, "school");
	assert_int_equal(choose(&choice, judges, "c", NULL, NULL, NULL), KL_EBUSY);
	kl_instance_choice_release(&choice);
	judges->clock.held_wall_ms += 75000;
	assert_int_equal(choose(&choice, judges, "c", NULL, NULL, NULL), KL_OK);
	kl_instance_choice_release(&choice);
	assert_int_equal(choose(&choice, judges, "c", NULL, NULL, NULL), KL_EBUSY); /* one may try, not two */
	kl_instance_choice_release(&choice);
	report(instance, KL_FATE_GOOD);
	kl_instance_health(&health, instance);
	assert_int_equal(health.breaker, KL_BREAKER_CLOSED);
	assert_string_equal(health.last_failure, "");
}

static void runs_are_spread_by_latency_and_what_is_out(void **state)
{
	struct judges *judges = *state;
	struct kl_instance *fast = add(judges, "fast", "http://a"), *slow = add(judges, "slow", "http://b");
	struct kl_instance_outcome outcome = { .fate = KL_FATE_GOOD, .retry_after_ms = -1, .queued = -1 };
	struct kl_instance_choice choice;
	int fasts = 0, slows = 0;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(choose(&choice, judges, "c", i ? "slow" : "fast", NULL, NULL), KL_OK);
		kl_instance_choice_release(&choice);
		outcome.latency_us = i ? 900000 : 10000;
		kl_instance_report(i ? slow : fast, &outcome);
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(choose(&choice, judges, "c", NULL, NULL, NULL), KL_OK);
		fasts += choice.instance == fast;
		slows += choice.instance == slow;
		kl_instance_choice_release(&choice);
	}
	assert_true(fasts >= 4 && slows >= 3);
	while (fasts--)
		report(fast, KL_FATE_GOOD);
	while (slows--)
		report(slow, KL_FATE_GOOD);
}

/* --- doors, quotas, keys ------------------------------------------------------------------------------------------ */

static void doors_have_the_headers_of_their_kind(void **state)
{
	static const struct {
		struct kl_instance_spec spec;
		enum kl_instance_route route;
		const char *want; /* NULL: not offered */
	} cases[] = {
		{ { .name = "a", .kind = "self-hosted", .url = "http://h" },
		  KL_ROUTE_CREATE,
		  "http://h/p Accept: application/json X-Auth-Token: k!" },
		{ { .name = "b", .kind = "self-hosted", .url = "http://h", .key_header = "X-Ours" },
		  KL_ROUTE_SYSTEM,
		  "http://h/p Accept: application/json X-Ours: k!" },
		{ { .name = "c", .kind = "rapidapi" },
		  KL_ROUTE_CREATE,
		  "https://judge0-ce.p.rapidapi.com/p Accept: application/json X-RapidAPI-Key: k! X-RapidAPI-Host: "
		  "judge0-ce.p.rapidapi.com" },
		{ { .name = "d", .kind = "allthingsdev" },
		  KL_ROUTE_GET_BATCH,
		  "https://judge0-ce.proxy-production.allthingsdev.co/p Accept: application/json x-apihub-key: k! "
		  "x-apihub-host: Judge0-CE.allthingsdev.co x-apihub-endpoint: e42f2a26-5b02-472a-80c9-61c4bdae32ec" },
		{ { .name = "e", .kind = "allthingsdev" }, KL_ROUTE_WORKERS, NULL },
	};
	struct judges *judges = *state;

	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_instance_door door;
		struct kl_error err;
		struct kl_buf text;
		enum kl_status status;

		assert_int_equal(kl_instances_add(judges->instances, &cases[i].spec, NULL, NULL), KL_OK);
		status = kl_instance_open_door(&door, kl_instances_find(judges->instances, cases[i].spec.name),
					       cases[i].route, "/p", "k", &err);
		assert_int_equal(status, cases[i].want ? KL_OK : KL_ENOENT);
		if (!cases[i].want)
			continue;
		kl_buf_init(&text, 1000);
		kl_buf_add_str(&text, door.url);
		for (size_t k = 0; k < door.header_count; k++)
			kl_buf_addf(&text, " %s: %s%s", door.headers[k].name, door.headers[k].value,
				    door.headers[k].secret ? "!" : "");
		assert_string_equal(text.data, cases[i].want);
		kl_buf_release(&text);
		kl_instance_close_door(&door);
	}
}

static void quotas_are_read(void **state)
{
	static const struct {
		const char *kind, *headers; /* name, value, … */
		size_t len;
		int64_t limit, remaining, reset_ms;
	} cases[] = {
#define H(text) text, sizeof(text)
		{ "rapidapi",
		  H("x-ratelimit-submissions-limit\00050\0x-ratelimit-submissions-remaining\00047\0"
		    "x-ratelimit-submissions-reset\0003600"),
		  50, 47, NOON + 3600000 },
		{ "rapidapi",
		  H("x-ratelimit-requests-limit\000100\0x-ratelimit-requests-remaining\0000\0"
		    "x-ratelimit-requests-reset\0001767300000"),
		  100, 0, INT64_C(1767300000000) },
		{ "rapidapi", H("x-ratelimit-requests-limit\0many"), -1, -1, -1 },
		{ "rapidapi", H("date\0x"), -1, -1, -1 },
		{ "self-hosted", H("x-ratelimit-requests-limit\000100"), -1, -1, -1 },
	};
	struct judges *judges = *state;

	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		char name[] = { (char)('a' + i), '\0' };
		struct kl_instance_spec spec = { .name = name, .kind = cases[i].kind, .url = "http://h" };
		struct kl_http_result result = { .end = KL_HTTP_ANSWERED, .status = 201, .sent = true, .sends = 1 };
		struct kl_key_outcome outcome;
		struct kl_buf headers;

		kl_buf_init(&headers, 1000);
		kl_buf_add(&headers, cases[i].headers, cases[i].len);
		result.headers = &headers;
		assert_int_equal(kl_instances_add(judges->instances, &spec, NULL, NULL), KL_OK);
		kl_instance_quota(&outcome, kl_instances_find(judges->instances, name), &result, 3, NOON);
		assert_int_equal(outcome.http_status, 201);
		assert_int_equal(outcome.requests, 3);
		assert_int_equal(outcome.quota_limit, cases[i].limit);
		assert_int_equal(outcome.quota_remaining, cases[i].remaining);
		assert_int_equal(outcome.quota_reset_ms, cases[i].reset_ms);
		kl_buf_release(&headers);
	}
}

static void keys_go_to_their_instance_and_nowhere_else(void **state)
{
	static const struct act denies[] = {
		{ .path = "/config_info", .answer = STATUS("401 Unauthorized"), .close = true },
		{ .path = "/languages", .answer = STATUS("401 Unauthorized"), .close = true },
		REST
	};
	struct judges *judges = *state;
	char dir[] = "/tmp/kodelab-keys.XXXXXX", *path, id[KL_ID_SIZE];
	struct kl_key_new key = { .instance = "school",
				  .owner = "",
				  .label = "",
				  .secret = "s3cret-of-school",
				  .share = KL_KEY_PRIVATE,
				  .daily_limit = 0,
				  .reserve = 0,
				  .consented = true };
	struct kl_instance *instance;
	struct kl_keypool *pool;
	struct kl_vault *vault;
	struct asked asked;

	assert_non_null(mkdtemp(dir));
	path = kl_path_join(dir, "master.key");
	assert_int_equal(kl_vault_open(&vault, path, NULL, NULL), KL_OK);
	assert_int_equal(kl_keypool_open(&pool, judges->store, vault, &judges->clock, KL_KEYS_OWNER_FIRST, NULL),
			 KL_OK);
	kl_instances_close(judges->instances);
	assert_int_equal(
		kl_instances_open(&judges->instances, judges->scene.loop, judges->store, &judges->clock, pool, NULL),
		KL_OK);
	instance = add_server(judges, good);
	assert_int_equal(probe(judges, instance, &asked), KL_OK); /* it wants none, and there is none */
	assert_int_equal(kl_instances_remove(judges->instances, "school", NULL), KL_OK);
	server_close(judges->scene.server);
	assert_int_equal(kl_keypool_add(id, pool, &key, NULL), KL_OK);
	instance = add_server(judges, denies);
	assert_int_equal(probe(judges, instance, &asked), KL_EDENIED);
	assert_string_equal(asked.message,
			    "school refuses the key (401): it was sent as X-Auth-Token; is that the header, "
			    "and is the key right?");
	assert_non_null(strstr(server_heard(judges->scene.server)->data, "\r\nX-Auth-Token: s3cret-of-school\r\n"));
	kl_instances_close(judges->instances);
	judges->instances = NULL;
	kl_keypool_close(pool);
	kl_vault_close(vault);
	free(path);
	assert_int_equal(kl_file_remove_tree(dir, NULL), KL_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_judges, close_judges)
	const struct CMUnitTest tests[] = {
		TEST(the_reasons_are_told),
		TEST(being_open_survives_a_restart_and_one_may_try),
		TEST(runs_are_spread_by_latency_and_what_is_out),
		TEST(doors_have_the_headers_of_their_kind),
		TEST(quotas_are_read),
		TEST(keys_go_to_their_instance_and_nowhere_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
