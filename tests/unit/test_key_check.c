/* Trying a key at its judge: what each answer does to it, and that the key is in the one header it belongs to. */

/* links: tests/unit/http_server.c */

#include "tests/unit/instance_scene.h"

#include <kodelab/keycheck.h>
#include <kodelab/vault.h>
#include <time.h>

#define PLANTED "token-3fQ9xLm2Zr7Wc1Vt-PLANTED"
#define MASTER  "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="

struct verdict {
	struct kl_loop *loop;
	int count;
	enum kl_status status;
	char sentence[256];
};

static void checked(void *ctx, enum kl_status status, const char *sentence)
{
	struct verdict *verdict = ctx;

	verdict->count++;
	verdict->status = status;
	snprintf(verdict->sentence, sizeof(verdict->sentence), "%s", sentence);
	kl_loop_stop(verdict->loop);
}

struct bench { /* what one case needs beside the judges */
	struct kl_vault *vault;
	struct kl_keypool *pool;
	char id[KL_ID_SIZE];
};

static struct bench set_up_key(struct judges *judges)
{
	struct kl_key_new key = { .instance = "school",
				  .owner = "",
				  .label = "",
				  .secret = PLANTED,
				  .daily_limit = -1,
				  .reserve = -1,
				  .consented = true };
	struct bench bench;

	assert_int_equal(kl_vault_open(&bench.vault, "/nonexistent", MASTER, NULL), KL_OK);
	assert_int_equal(
		kl_keypool_open(&bench.pool, judges->store, bench.vault, &judges->clock, KL_KEYS_OWNER_FIRST, NULL),
		KL_OK);
	assert_int_equal(kl_keypool_add(bench.id, bench.pool, &key, NULL), KL_OK);
	return bench;
}

static void take_down(struct bench *bench)
{
	kl_keypool_close(bench->pool);
	kl_vault_close(bench->vault);
}

static enum kl_status try_key(struct verdict *verdict, struct kl_key_check **check, struct judges *judges,
			      const struct bench *bench, struct kl_error *err)
{
	const struct kl_key_check_spec spec = { .instances = judges->instances,
						.pool = bench->pool,
						.id = bench->id,
						.owner = "",
						.done = checked,
						.ctx = verdict };

	*verdict = (struct verdict){ .loop = judges->scene.loop };
	return kl_key_check(check, &spec, err);
}

static enum kl_key_state state_of(const struct bench *bench)
{
	struct kl_key_info *keys;
	enum kl_key_state state;
	size_t count;

	assert_int_equal(kl_keypool_list(&keys, &count, bench->pool, "", NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_int_equal(keys[0].used_today, 0); /* it costs nothing */
	state = keys[0].state;
	kl_key_infos_free(keys, count);
	return state;
}

static void answers(void **state)
{
	/* clang-format off */
	static const struct {
		const char *answer;
		enum kl_status status;
		const char *sentence;
		enum kl_key_state key;
	} cases[] = {
		{ CONFIG, KL_OK, "the key works", KL_KEY_ACTIVE },
		{ STATUS("401 Unauthorized"), KL_EDENIED,
		  "the key is refused by its provider (401): it is wrong or was withdrawn", KL_KEY_INVALID },
		{ STATUS("403 Forbidden"), KL_EDENIED,
		  "the key may not use this service (403): see your subscription at its provider", KL_KEY_SUSPENDED },
		{ STATUS("429 Too Many Requests"), KL_EMANY, "the key is used up until 2026-01-02 00:00", KL_KEY_EXHAUSTED },
		{ "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", KL_ENET,
		  "the judge was asked too fast: try again in a minute", KL_KEY_ACTIVE },
		{ STATUS("503 Service Unavailable"), KL_ENET,
		  "the judge is out of order: whether the key is good cannot be told now", KL_KEY_ACTIVE },
		{ HEAD("<html>Please log in</html>"), KL_ENET, "what answers there is no Judge0: see the judge's address",
		  KL_KEY_ACTIVE },
		{ HEAD("{\"message\":\"hello\"}"), KL_ENET, "what answers there is no Judge0: see the judge's address",
		  KL_KEY_ACTIVE },
	};
	/* clang-format on */
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset(); /* what was read before stays otherwise */
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		const struct act acts[] = { { .path = "/config_info", .answer = cases[i].answer, .close = true },
					    { .answer = NULL } };
		struct kl_key_check *check;
		struct verdict verdict;
		struct judges *judges;
		struct bench bench;
		void *opened;

		assert_int_equal(open_judges(&opened), 0);
		judges = opened;
		judges->scene.server = server_open(judges->scene.loop, acts);
		add(judges, "school", server_url(judges->scene.server));
		bench = set_up_key(judges);
		assert_int_equal(try_key(&verdict, &check, judges, &bench, NULL), KL_OK);
		kl_loop_run(judges->scene.loop);
		assert_int_equal(verdict.count, 1);
		assert_string_equal(verdict.sentence, cases[i].sentence);
		assert_int_equal(verdict.status, cases[i].status);
		assert_int_equal(state_of(&bench), cases[i].key);
		assert_non_null(strstr(server_heard(judges->scene.server)->data, "X-Auth-Token: " PLANTED "\r\n"));
		assert_null(strstr(server_heard(judges->scene.server)->data, "?" PLANTED));
		take_down(&bench);
		close_judges(&opened);
	}
}

#define SECOND "user-8Kx2Vn5Bt-PLANTED"

static void add_second(struct bench *bench)
{
	const struct kl_key_new key = { .instance = "school" KL_INSTANCE_USER,
					.owner = "",
					.label = "",
					.secret = SECOND,
					.reserve = -1,
					.consented = true };

	assert_int_equal(kl_keypool_add(bench->id, bench->pool, &key, NULL), KL_OK);
}

/* Of a second secret: sent beside the first, in its own header, to where it is wanted. */
static void second_secrets(void **state)
{
	static const struct {
		const char *answer;
		enum kl_status status;
		const char *sentence;
	} cases[] = {
		{ STATUS("200 OK"), KL_OK, "the key works" },
		{ STATUS("403 Forbidden"), KL_EDENIED,
		  "it is not taken (403): is it one of the judge's authorization tokens, and is X-Auth-User the header?" },
		{ STATUS("401 Unauthorized"), KL_ENET,
		  "the judge refuses the first secret, so it says nothing of this one: see 'kodelab keys test'" },
		{ HEAD("<html>Please log in</html>"), KL_ENET,
		  "what answers there is no Judge0, or out of order: see the judge's address" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		const struct act acts[] = { { .path = "/authorize", .answer = cases[i].answer, .close = true },
					    { .answer = NULL } };
		struct kl_key_check *check;
		struct verdict verdict;
		struct judges *judges;
		struct bench bench;
		const char *heard;
		void *opened;

		assert_int_equal(open_judges(&opened), 0);
		judges = opened;
		judges->scene.server = server_open(judges->scene.loop, acts);
		add(judges, "school", server_url(judges->scene.server));
		bench = set_up_key(judges);
		add_second(&bench);
		assert_int_equal(try_key(&verdict, &check, judges, &bench, NULL), KL_OK);
		kl_loop_run(judges->scene.loop);
		assert_string_equal(verdict.sentence, cases[i].sentence);
		assert_int_equal(verdict.status, cases[i].status);
		heard = server_heard(judges->scene.server)->data;
		assert_memory_equal(heard, "POST /authorize ", 16);
		assert_non_null(strstr(heard, "X-Auth-Token: " PLANTED "\r\n"));
		assert_non_null(strstr(heard, "X-Auth-User: " SECOND "\r\n"));
		take_down(&bench);
		close_judges(&opened);
	}
}

static void not_reached_is_no_news(void **state)
{
	struct judges *judges = *state;
	char *url = kl_format("http://127.0.0.1:%d", unused_port());
	struct bench bench = set_up_key(judges);
	struct kl_key_check *check;
	struct verdict verdict;
	struct kl_error err;

	assert_int_equal(try_key(&verdict, &check, judges, &bench, &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no judge 'school': add it with 'kodelab judge add school'");
	add(judges, "school", url);
	assert_int_equal(try_key(&verdict, &check, judges, &bench, NULL), KL_OK);
	kl_loop_run(judges->scene.loop);
	assert_int_equal(verdict.status, KL_ENET);
	assert_non_null(strstr(verdict.sentence, "127.0.0.1"));
	assert_null(strstr(verdict.sentence, PLANTED));
	assert_int_equal(state_of(&bench), KL_KEY_ACTIVE);
	take_down(&bench);
	free(url);
}

static void cancelled(void **state)
{
	static const struct act silent[] = { { .answer = NULL } };
	struct judges *judges = *state;
	struct bench bench = set_up_key(judges);
	struct kl_key_check *check;
	struct verdict verdict;

	judges->scene.server = server_open(judges->scene.loop, silent);
	add(judges, "school", server_url(judges->scene.server));
	assert_int_equal(try_key(&verdict, &check, judges, &bench, NULL), KL_OK);
	kl_key_check_cancel(check);
	kl_loop_run(judges->scene.loop);
	assert_int_equal(verdict.count, 1);
	assert_int_equal(verdict.status, KL_ENET);
	assert_int_equal(state_of(&bench), KL_KEY_ACTIVE);
	take_down(&bench);
}

static void removed_while_it_ends(void **state)
{
	static const struct act silent[] = { { .answer = NULL } };
	struct judges *judges = *state;
	struct bench bench = set_up_key(judges);
	struct kl_key_check *check;
	struct verdict verdict;

	judges->scene.server = server_open(judges->scene.loop, silent);
	add(judges, "school", server_url(judges->scene.server));
	assert_int_equal(try_key(&verdict, &check, judges, &bench, NULL), KL_OK);
	assert_int_equal(kl_instances_remove(judges->instances, "school", NULL), KL_OK);
	kl_key_check_cancel(check);
	kl_loop_run(judges->scene.loop);
	assert_int_equal(verdict.count, 1);
	take_down(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(second_secrets),
		cmocka_unit_test_setup_teardown(not_reached_is_no_news, open_judges, close_judges),
		cmocka_unit_test_setup_teardown(cancelled, open_judges, close_judges),
		cmocka_unit_test_setup_teardown(removed_while_it_ends, open_judges, close_judges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
