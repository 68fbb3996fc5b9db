/*
 * The registry of judge instances against a server of the test's own: what it takes up, what it learns and keeps, and
 * what it says of servers that are none.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/instance_scene.h"

/* --- adding ------------------------------------------------------------------------------------------------------- */

static void bad_instances_are_refused(void **state)
{
	static const struct {
		struct kl_instance_spec spec;
		enum kl_status status;
		const char *error;
	} cases[] = {
		{ { .name = "School", .kind = "self-hosted", .url = "http://h" },
		  KL_EINVAL,
		  "'School' is no name for a judge: use a-z, 0-9 and -, at most 32" },
		{ { .name = "taken", .kind = "self-hosted", .url = "http://h" },
		  KL_EEXIST,
		  "there is a judge 'taken' already; remove it first: kodelab judge remove taken" },
		{ { .name = "a", .kind = "docker", .url = "http://h" },
		  KL_EINVAL,
		  "'docker' is no kind of judge: self-hosted, rapidapi or allthingsdev" },
		{ { .name = "a", .kind = "self-hosted" },
		  KL_EINVAL,
		  "say where the judge is: its address, such as https://judge.school.example" },
		{ { .name = "a", .kind = "self-hosted", .url = "ftp://h" },
		  KL_EINVAL,
		  "'ftp://h' is no address of a judge: it begins with https:// or http://, and holds no ?, # and @" },
		{ { .name = "a", .kind = "self-hosted", .url = "http://me:pw@h" },
		  KL_EINVAL,
		  "'http://me:pw@h' is no address of a judge: it begins with https:// or http://, and holds no ?, # and @" },
		{ { .name = "a", .kind = "self-hosted", .url = "http://h?X-Auth-Token=t" },
		  KL_EINVAL,
		  "'http://h?X-Auth-Token=t' is no address of a judge: it begins with https:// or http://, and holds no "
		  "?, # and @" },
		{ { .name = "a", .kind = "self-hosted", .url = "http://h", .weight = 101 },
		  KL_EINVAL,
		  "a weight is from 1 to 100" },
	};
	struct judges *judges = *state;

	add(judges, "taken", "http://h");
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_error err;

		assert_int_equal(kl_instances_add(judges->instances, &cases[i].spec, NULL, &err), cases[i].status);
		assert_string_equal(err.message, cases[i].error);
	}
	assert_int_equal(kl_instances_count(judges->instances), 1);
}

static void plain_http_to_another_machine_is_warned_of(void **state)
{
	static const struct {
		const char *name, *url;
		bool warns;
	} cases[] = {
		{ "a", "http://judge.school.example:2358", true },
		{ "b", "https://judge.school.example", false },
		{ "c", "http://localhost:2358", false },
		{ "d", "http://127.0.0.1:2358", false },
		{ "e", "http://[::1]:2358", false },
		{ "f", "http://10.0.0.1", true },
		{ "g", "http://localhost.evil.example", true },
		{ "h", "http://127.evil.example", true },
		{ "i", "HTTP://10.0.0.1", true },
	};
	struct judges *judges = *state;

	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_instance_spec spec = { .name = cases[i].name, .kind = "self-hosted", .url = cases[i].url };
		const char *warning = NULL;

		assert_int_equal(kl_instances_add(judges->instances, &spec, &warning, NULL), KL_OK);
		assert_string_equal(warning, cases[i].warns
						     ? "the address is http, not https: code and keys can be read "
						       "by everybody on the way"
						     : "");
		assert_string_equal(kl_instance_warning(kl_instances_find(judges->instances, cases[i].name)), warning);
	}
}

static void removing_forgets_everything(void **state)
{
	struct judges *judges = *state;
	struct kl_error err;

	add(judges, "b", "http://h/");
	add(judges, "a", "http://h");
	assert_string_equal(kl_instance_spec(kl_instances_at(judges->instances, 0))->name, "a");
	assert_string_equal(kl_instance_spec(kl_instances_at(judges->instances, 1))->url, "http://h");
	assert_int_equal(kl_instances_remove(judges->instances, "a", NULL), KL_OK);
	assert_int_equal(kl_instances_remove(judges->instances, "a", &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no judge 'a'; 'kodelab judge list' names them");
	assert_int_equal(kl_instances_count(judges->instances), 1);
	kl_instances_close(judges->instances);
	assert_int_equal(
		kl_instances_open(&judges->instances, judges->scene.loop, judges->store, &judges->clock, NULL, NULL),
		KL_OK);
	assert_int_equal(kl_instances_count(judges->instances), 1);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static void check_known(const struct kl_instance *instance)
{
	struct kl_instance_health health;
	size_t count;

	kl_instance_health(&health, instance);
	assert_string_equal(health.version, "1.13.0");
	assert_string_equal(health.warning,
			    "its sandbox can be escaped from (CVE-2024-28185): update Judge0 to 1.13.1 or newer");
	assert_int_equal(health.probed_ms, NOON);
	assert_in_range(health.skew_ms, 2000,
			7500); /* the server's Date is 7 s ahead; half of what it took is taken off */
	assert_int_equal(health.workers, 4);
	assert_int_equal(health.idle, 1);
	assert_int_equal(health.queued, 2);
	assert_string_equal(health.machine, "8 CPUs");
	assert_true(health.latency_us > 0);
	assert_int_equal(kl_instance_facts(instance)->batch_max, 7);
	assert_false(kl_instance_facts(instance)->wait);
	assert_true(kl_instance_facts(instance)->batches); /* not said: as in 1.13 */
	assert_non_null(kl_instance_languages(instance, &count));
	assert_int_equal(count, 3);
}

static void what_a_probe_learns_is_kept(void **state)
{
	struct judges *judges = *state;
	struct kl_instance *instance = add_server(judges, good);
	struct asked asked;

	assert_null(kl_instance_facts(instance));
	assert_int_equal(probe(judges, instance, &asked), KL_OK);
	check_known(instance);
	assert_int_equal(kl_instances_language_count(judges->instances), 1);
	assert_string_equal(kl_instances_language(judges->instances, "KOTLIN")->id, "kotlin");
	assert_string_equal(kl_instances_language(judges->instances, "python3")->id, "python");
	assert_null(kl_instances_language(judges->instances, "cobol"));
	assert_int_equal(server_requests(judges->scene.server), 5);
	assert_non_null(strstr(server_heard(judges->scene.server)->data, "\r\nAccept: application/json\r\n"));
	kl_instances_close(judges->instances);
	assert_int_equal(
		kl_instances_open(&judges->instances, judges->scene.loop, judges->store, &judges->clock, NULL, NULL),
		KL_OK);
	check_known(kl_instances_find(judges->instances, "school"));
	assert_int_equal(kl_instances_language_count(judges->instances), 1);
	assert_int_equal(server_requests(judges->scene.server), 5);
}

#define PAGE "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>Log in</html>"

static void what_is_no_judge_is_told(void **state)
{
	static const struct {
		struct act config, languages;
		enum kl_status status;
		const char *error; /* %s: the address */
	} cases[] = {
		{ { .answer = STATUS("401 Unauthorized") },
		  { .answer = STATUS("401 Unauthorized") },
		  KL_EDENIED,
		  "school wants a key: give it one with 'kodelab keys add school'" },
		{ { .answer = STATUS("403 Forbidden") },
		  { .answer = STATUS("403 Forbidden") },
		  KL_EDENIED,
		  "school does not let us in (403): is the key's plan subscribed, and may this machine's address ask?" },
		{ { .answer = STATUS("404 Not Found") },
		  { .answer = LIST },
		  KL_EINVAL,
		  "school has no /config_info (404): is %s the address of a Judge0?" },
		{ { .answer = STATUS("429 Too Many Requests") },
		  { .answer = LIST },
		  KL_EBUSY,
		  "school has had enough requests for now (429): try again later" },
		{ { .answer = CONFIG },
		  { .answer = STATUS("502 Bad Gateway") },
		  KL_ENET,
		  "school has trouble of its own (502): try again later" },
		{ { .answer = STATUS("301 Moved Permanently") },
		  { .answer = LIST },
		  KL_EINVAL,
		  "school answers /config_info with 301: is %s the address of a Judge0?" },
		{ { .answer = PAGE },
		  { .answer = PAGE },
		  KL_EINVAL,
		  "school answers /config_info with something that is not Judge0's: does the network want you to log in "
		  "first? Open %s in a browser" },
		{ { .answer = CONFIG },
		  { .answer = HEAD("{\"languages\":[]}") },
		  KL_EINVAL,
		  "school answers /languages with something that is not Judge0's: does the network want you to log in "
		  "first? Open %s in a browser" },
		{ { .answer = HEAD("{\"cut\":") },
		  { .answer = LIST },
		  KL_EINVAL,
		  "school answers /config_info with something that is not Judge0's: does the network want you to log in "
		  "first? Open %s in a browser" },
	};
	struct judges *judges = *state;

	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct act acts[] = { cases[i].config, cases[i].languages, REST };
		struct kl_instance *instance;
		struct asked asked;
		char *want, *url;

		acts[0].path = "/config_info";
		acts[1].path = "/languages";
		acts[0].close = acts[1].close = true;
		instance = add_server(judges, acts);
		url = kl_strdup(kl_instance_spec(instance)->url);
		assert_int_equal(probe(judges, instance, &asked), cases[i].status);
		want = kl_strdup(cases[i].error);
		if (strstr(want, "%s")) {
			char *filled = kl_format("%.*s%s%s", (int)(strstr(want, "%s") - want), want, url,
						 strstr(want, "%s") + 2);

			free(want);
			want = filled;
		}
		assert_string_equal(asked.message, want);
		assert_null(kl_instance_facts(instance));
		free(want);
		free(url);
		assert_int_equal(kl_instances_remove(judges->instances, "school", NULL), KL_OK);
		server_close(judges->scene.server);
		judges->scene.server = NULL;
	}
}

static void what_is_cut_off_is_asked_again_once(void **state)
{
	static const struct act once[] = { { .path = "/config_info", .times = 1, .close = true },
					   { .path = "/config_info", .answer = CONFIG, .close = true },
					   { .path = "/languages", .answer = LIST, .close = true },
					   REST };
	static const struct act always[] = { { .path = "/config_info", .close = true },
					     { .path = "/languages", .answer = LIST, .close = true },
					     REST };
	struct judges *judges = *state;
	struct kl_instance *instance = add_server(judges, once);
	struct kl_instance_health health;
	struct asked asked;

	assert_int_equal(probe(judges, instance, &asked), KL_OK);
	assert_int_equal(server_requests(judges->scene.server), 6);
	assert_int_equal(kl_instances_remove(judges->instances, "school", NULL), KL_OK);
	server_close(judges->scene.server);
	instance = add_server(judges, always);
	assert_int_equal(probe(judges, instance, &asked), KL_ENET);
	assert_int_equal(server_requests(judges->scene.server), 6);
	kl_instance_health(&health, instance);
	assert_string_equal(health.version, "");
}

static void what_it_does_not_say_again_is_still_known(void **state)
{
	static const struct act acts[] = {
		{ .path = "/about", .times = 1, .answer = HEAD("{\"version\":\"1.13.1\"}"), .close = true },
		{ .path = "/about", .answer = STATUS("500 Oops"), .close = true },
		{ .path = "/config_info", .answer = CONFIG, .close = true },
		{ .path = "/languages", .answer = LIST, .close = true },
		REST
	};
	struct judges *judges = *state;
	struct kl_instance *instance = add_server(judges, acts);
	struct kl_instance_health health;
	struct asked asked;

	assert_int_equal(probe(judges, instance, &asked), KL_OK);
	assert_int_equal(probe(judges, instance, &asked), KL_OK);
	kl_instance_health(&health, instance);
	assert_string_equal(health.version, "1.13.1");
}

static void a_run_is_prepared_with_as_few_requests_as_can_be(void **state)
{
	struct judges *judges = *state;
	struct kl_instance *instance = add_server(judges, good);
	const struct kl_language *python = kl_language_find("python");
	struct kl_instance_ask *asks[4];
	struct asked asked[4] = { { 0 } };

	for (int i = 0; i < 4; i++)
		assert_int_equal(kl_instance_prepare(&asks[i], instance, python, note_asked, &asked[i], NULL), KL_OK);
	for (int i = 0; i < 4; i++) {
		wait_asked(judges, &asked[i]);
		assert_int_equal(asked[i].status, KL_OK);
	}
	assert_int_equal(server_requests(judges->scene.server), 5 + 2);
	assert_string_equal(kl_instance_language(instance, python)->run_cmd, "python3 script.py");
	assert_string_equal(kl_instance_language(instance, kl_language_find("c"))->compile_cmd, "gcc %s main.c");
	assert_int_equal(prepare(judges, instance, "python", &asked[0]), KL_OK);
	assert_int_equal(prepare(judges, instance, "c", &asked[0]), KL_OK);
	assert_int_equal(prepare(judges, instance, "rust", &asked[0]), KL_OK); /* it has none: nothing to ask */
	assert_int_equal(server_requests(judges->scene.server), 7);
	kl_instances_close(judges->instances); /* and the commands are kept, too */
	assert_int_equal(
		kl_instances_open(&judges->instances, judges->scene.loop, judges->store, &judges->clock, NULL, NULL),
		KL_OK);
	instance = kl_instances_find(judges->instances, "school");
	assert_int_equal(prepare(judges, instance, "python", &asked[0]), KL_OK);
	assert_int_equal(server_requests(judges->scene.server), 7);
	judges->clock.held_wall_ms += DAY_MS + 1; /* a day later it is asked again, but not for commands */
	assert_int_equal(prepare(judges, instance, "python", &asked[0]), KL_OK);
	assert_int_equal(server_requests(judges->scene.server), 12);
	assert_true(kl_instance_language(instance, python)->detailed);
}

static void old_facts_do_when_it_does_not_answer(void **state)
{
	struct judges *judges = *state;
	struct kl_instance *instance = add_server(judges, good);
	struct asked asked;

	assert_int_equal(prepare(judges, instance, "python", &asked), KL_OK);
	server_close(judges->scene.server);
	judges->scene.server = NULL;
	judges->clock.held_wall_ms += DAY_MS + 1;
	assert_int_equal(prepare(judges, instance, "python", &asked), KL_OK);
	assert_non_null(kl_instance_facts(instance));
	assert_int_equal(prepare(judges, instance, "rust", &asked), KL_OK);
	assert_int_equal(probe(judges, instance, &asked), KL_ENET); /* who asks for a probe is told */
	assert_memory_equal(asked.message, "cannot reach 127.0.0.1:", 23);
}

static void asking_can_be_cancelled_and_closed(void **state)
{
	static const struct act silent[] = { { 0 } };
	struct judges *judges = *state;
	struct kl_instance *instance = add_server(judges, silent);
	struct kl_instance_ask *ask;
	struct asked canceled = { 0 }, at_once = { 0 }, closed = { 0 };
	struct kl_error err;

	assert_int_equal(kl_instance_probe(&ask, instance, note_asked, &at_once, NULL), KL_OK);
	kl_instance_cancel(ask);
	kl_instance_cancel(ask);
	assert_int_equal(at_once.count, 0);
	wait_asked(judges, &at_once);
	assert_int_equal(at_once.status, KL_ECANCELED);
	assert_int_equal(kl_instance_probe(&ask, instance, note_asked, &canceled, NULL), KL_OK);
	while (server_requests(judges->scene.server) < 5)
		turn(&judges->scene);
	assert_int_equal(kl_instances_remove(judges->instances, "school", &err), KL_EBUSY);
	kl_instance_cancel(ask);
	wait_asked(judges, &canceled);
	assert_int_equal(canceled.status, KL_ECANCELED);
	assert_int_equal(kl_instance_probe(&ask, instance, note_asked, &closed, NULL), KL_OK);
	turn(&judges->scene);
	kl_instances_close(judges->instances);
	judges->instances = NULL;
	assert_int_equal(closed.count, 1);
	assert_int_equal(closed.status, KL_ECANCELED);
}

/* Two processes with one store: what the other one adds, removes and replaces. */
static void takes_up_what_others_do(void **state)
{
	struct judges *judges = *state;
	struct kl_instance_spec spec = { .name = "school", .kind = "self-hosted", .url = "http://127.0.0.1:2" };
	struct kl_instances *other;
	struct kl_instance_ask *ask;
	struct asked asked = { .count = 0 };
	bool more;

	assert_int_equal(kl_instances_open(&other, judges->scene.loop, judges->store, &judges->clock, NULL, NULL),
			 KL_OK);
	assert_int_equal(kl_instances_refresh(&more, other, NULL), KL_OK);
	assert_false(more);
	add(judges, "school", "http://127.0.0.1:1");
	assert_int_equal(kl_instances_count(other), 0);
	assert_int_equal(kl_instances_refresh(&more, other, NULL), KL_OK);
	assert_true(more);
	assert_int_equal(kl_instances_count(other), 1);
	assert_int_equal(kl_instances_refresh(&more, other, NULL), KL_OK);
	assert_false(more);

	assert_int_equal(kl_instances_remove(judges->instances, "school", NULL), KL_OK);
	assert_int_equal(kl_instances_add(judges->instances, &spec, NULL, NULL), KL_OK);
	/* while it is asked, what is known of it stays */
	assert_int_equal(kl_instance_probe(&ask, kl_instances_find(other, "school"), note_asked, &asked, NULL), KL_OK);
	assert_int_equal(kl_instances_refresh(&more, other, NULL), KL_OK);
	assert_false(more);
	assert_string_equal(kl_instance_spec(kl_instances_find(other, "school"))->url, "http://127.0.0.1:1");
	wait_asked(judges, &asked);
	assert_int_equal(kl_instances_refresh(&more, other, NULL), KL_OK);
	assert_true(more);
	assert_string_equal(kl_instance_spec(kl_instances_find(other, "school"))->url, "http://127.0.0.1:2");
	kl_instances_close(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_judges, close_judges)
	const struct CMUnitTest tests[] = {
		TEST(bad_instances_are_refused),
		TEST(plain_http_to_another_machine_is_warned_of),
		TEST(removing_forgets_everything),
		TEST(what_a_probe_learns_is_kept),
		TEST(what_is_no_judge_is_told),
		TEST(what_is_cut_off_is_asked_again_once),
		TEST(what_it_does_not_say_again_is_still_known),
		TEST(a_run_is_prepared_with_as_few_requests_as_can_be),
		TEST(old_facts_do_when_it_does_not_answer),
		TEST(asking_can_be_cancelled_and_closed),
		cmocka_unit_test_setup_teardown(takes_up_what_others_do, open_judges, close_judges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
