/*
 * A submission on its way to judges elsewhere: what each answer makes of it, how often it is sent, what is counted, and
 * that one which was left there is asked for instead of being sent again.
 */

/* links: tests/unit/http_server.c */

#include "tests/unit/instance_scene.h"

#include <kodelab/relay.h>
#include <kodelab/vault.h>

#define PLANTED "token-3fQ9xLm2Zr7Wc1Vt-PLANTED"
#define MASTER  "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
#define BODY    "{\"source_code\":\"cHJpbnQoMSk=\",\"language_id\":71}"
#define TOKEN   "6f0f0d3c-0000-4000-8000-000000000000"
#define TOOK    HEAD("{\"token\":\"" TOKEN "\"}")
#define WAITS   HEAD("{\"status\":{\"id\":1}}")
#define PASSED                                                                                                         \
	HEAD("{\"status\":{\"id\":3},\"stdout\":\"aGk=\\n\",\"stderr\":null,\"compile_output\":null,\"message\":null," \
	     "\"exit_code\":0,\"exit_signal\":null,\"time\":\"0.02\",\"wall_time\":\"0.03\",\"memory\":900}")
#define BROKEN                                                                                                         \
	HEAD("{\"status\":{\"id\":13},\"message\":\"Tm8gc3VjaCBmaWxl\",\"stdout\":null,\"stderr\":null,"               \
	     "\"compile_output\":null}")
#define POST "POST /submissions?"
#define GET  "GET /submissions/" TOKEN

struct told { /* what came of it */
	struct kl_loop *loop;
	int count, took;
	enum kl_relay_end end;
	int status;
	char out[64], sentence[256], instance[64], at[64], token[64];
	int64_t retry_ms, cpu_us, wall_us, memory_kib;
};

static void done(void *ctx, const struct kl_relay_result *result)
{
	struct told *told = ctx;

	told->count++;
	told->end = result->end;
	told->status = result->status;
	told->retry_ms = result->retry_ms;
	told->cpu_us = result->cpu_us;
	told->wall_us = result->wall_us;
	told->memory_kib = result->memory_kib;
	snprintf(told->out, sizeof(told->out), "%s", result->out ? result->out : "");
	snprintf(told->sentence, sizeof(told->sentence), "%s", result->sentence);
	snprintf(told->instance, sizeof(told->instance), "%s", result->instance);
	kl_loop_stop(told->loop);
}

static void took(void *ctx, const char *instance, const char *token)
{
	struct told *told = ctx;

	told->took++;
	snprintf(told->at, sizeof(told->at), "%s", instance);
	snprintf(told->token, sizeof(told->token), "%s", token);
}

/* --- what one case needs ---------------------------------------------------------------------------------------- */

struct bench {
	struct judges *judges;
	struct kl_vault *vault;
	struct kl_keypool *pool;
	struct kl_instances *instances; /* with the pool */
	int64_t expected_ms;
};

static void set_up_bench(struct bench *bench, struct judges *judges)
{
	*bench = (struct bench){ .judges = judges };
	assert_int_equal(kl_vault_open(&bench->vault, "/nonexistent", MASTER, NULL), KL_OK);
	assert_int_equal(
		kl_keypool_open(&bench->pool, judges->store, bench->vault, &judges->clock, KL_KEYS_OWNER_FIRST, NULL),
		KL_OK);
	assert_int_equal(kl_instances_open(&bench->instances, judges->scene.loop, judges->store, &judges->clock,
					   bench->pool, NULL),
			 KL_OK);
}

static void take_down_bench(struct bench *bench)
{
	kl_instances_close(bench->instances);
	kl_keypool_close(bench->pool);
	kl_vault_close(bench->vault);
}

/* A judge that plays acts. */
static void add_judge(struct bench *bench, const char *name, const char *url)
{
	const struct kl_instance_spec spec = { .name = name, .kind = "self-hosted", .url = url };
	struct kl_error err;

	if (kl_instances_add(bench->instances, &spec, NULL, &err))
		fail_msg("%s", err.message);
}

static void note_learned(void *ctx, struct kl_instance *instance, const struct kl_error *error)
{
	(void)instance;
	assert_int_equal(error->status, KL_OK);
	kl_loop_stop(ctx);
}

/* Asks it what it can do, without a key: so that what is counted later is the relay's. */
static void learn(const struct bench *bench)
{
	struct kl_instance_ask *ask;

	assert_int_equal(kl_instance_probe(&ask, kl_instances_find(bench->instances, "school"), note_learned,
					   bench->judges->scene.loop, NULL),
			 KL_OK);
	kl_loop_run(bench->judges->scene.loop);
}

static void give_key(const struct bench *bench, int64_t limit)
{
	struct kl_key_new key = { .instance = "school",
				  .owner = "donor",
				  .label = "",
				  .secret = PLANTED,
				  .share = KL_KEY_POOL,
				  .daily_limit = limit,
				  .reserve = 0,
				  .consented = true };
	char id[KL_ID_SIZE];

	assert_int_equal(kl_keypool_add(id, bench->pool, &key, NULL), KL_OK);
}

static int64_t used(const struct bench *bench)
{
	struct kl_key_totals totals;

	assert_int_equal(kl_keypool_totals(&totals, bench->pool, NULL, NULL, NULL), KL_OK);
	return totals.used;
}

static struct kl_relay *begin(struct bench *bench, struct told *told, const char *left_at, const char *left_token)
{
	*told = (struct told){ .loop = bench->judges->scene.loop };
	return kl_relay_start(&(struct kl_relay_spec){ .loop = bench->judges->scene.loop,
						       .instances = bench->instances,
						       .pool = bench->pool,
						       .body = BODY,
						       .language_id = 71,
						       .language = "Python (3.11.2)",
						       .user = "ann",
						       .purpose = KL_PURPOSE_SUBMIT,
						       .left_at = left_at,
						       .left_token = left_token,
						       .took = took,
						       .expected_ms = &bench->expected_ms,
						       .done = done,
						       .ctx = told });
}

static void run(struct bench *bench, struct told *told)
{
	(void)begin(bench, told, NULL, NULL);
	kl_loop_run(bench->judges->scene.loop);
	assert_int_equal(told->count, 1);
}

static int heard(const struct judges *judges, const char *what)
{
	int count = 0;

	for (const char *at = server_heard(judges->scene.server)->data; (at = strstr(at, what)); at++)
		count++;
	return count;
}

/* The acts of a judge that takes what it is sent and answers so. */
#define JUDGE(...)                                                                                                     \
	{                                                                                                              \
		{ .path = "/config_info", .answer = CONFIG, .close = true },                                           \
			{ .path = "/languages", .answer = LIST, .close = true }, __VA_ARGS__, REST                     \
	}
#define ON_POST(what)                                                                                                  \
	{                                                                                                              \
		.path = "/submissions", .answer = (what), .close = true                                                \
	}
#define ON_GET(what)                                                                                                   \
	{                                                                                                              \
		.path = "/submissions/" TOKEN, .answer = (what), .close = true                                         \
	}

/* --- one judge -------------------------------------------------------------------------------------------------- */

static void sent_and_asked_for(void **state)
{
	static const struct act acts[] =
		JUDGE(ON_POST(TOOK), { .path = "/submissions/" TOKEN, .times = 1, .answer = WAITS, .close = true },
		      ON_GET(PASSED));
	struct judges *judges = *state;
	struct bench bench;
	struct told told;

	judges->scene.server = server_open(judges->scene.loop, acts);
	set_up_bench(&bench, judges);
	add_judge(&bench, "school", server_url(judges->scene.server));
	learn(&bench);
	give_key(&bench, 50);
	run(&bench, &told);
	assert_int_equal(told.end, KL_RELAY_JUDGED);
	assert_int_equal(told.status, 3);
	assert_string_equal(told.out, "hi");
	assert_string_equal(told.instance, "school");
	assert_int_equal(told.cpu_us, 20000);
	assert_int_equal(told.wall_us, 30000);
	assert_int_equal(told.memory_kib, 900);
	assert_int_equal(told.took, 1);
	assert_string_equal(told.at, "school");
	assert_string_equal(told.token, TOKEN);
	assert_int_equal(heard(judges, POST), 1);
	assert_int_equal(heard(judges, GET), 2);
	assert_int_equal(used(&bench), 3); /* one for the submission, one for each question */
	assert_int_equal(heard(judges, "X-Auth-Token: " PLANTED "\r\n"), 3);
	assert_true(bench.expected_ms > 0);
	take_down_bench(&bench);
}

static void answers(void **state)
{
	/* clang-format off */
	static const struct {
		const char *post, *get; /* get NULL: is not asked for */
		enum kl_relay_end end;
		const char *sentence;
		int posts;
	} cases[] = {
		{ STATUS("422 Unprocessable Entity"), NULL, KL_RELAY_REFUSED, "judge 'school' refused the submission", 1 },
		{ STATUS("500 Internal Server Error"), NULL, KL_RELAY_FAILED, "judge 'school' failed: the fault is there, not in your program", 1 },
		{ STATUS("503 Service Unavailable"), NULL, KL_RELAY_NOBODY, "judge 'school' is busy", 1 },
		{ STATUS("429 Too Many Requests"), NULL, KL_RELAY_NOBODY, "judge 'school' has had enough requests for now", 1 },
		{ STATUS("401 Unauthorized"), NULL, KL_RELAY_NOBODY,
		  "judge 'school' wants a key (401): add one with 'kodelab keys add school'", 2 }, /* the second time without */
		{ HEAD("<html>Please log in</html>"), NULL, KL_RELAY_NOBODY,
		  "judge 'school' answers as no judge does: is there a sign-in page of the network in between?", 1 },
		{ HEAD("{\"token\":\"../../etc/passwd\"}"), NULL, KL_RELAY_FAILED, "the judge gave no token for what it took", 1 },
		{ HEAD("{\"token\":\"\"}"), NULL, KL_RELAY_FAILED, "the judge gave no token for what it took", 1 },
		{ HEAD("[]"), NULL, KL_RELAY_FAILED, "the judge answered with a list", 1 },
		{ TOOK, BROKEN, KL_RELAY_FAILED, "the judge failed, not your program: try again", 1 },
		{ TOOK, STATUS("404 Not Found"), KL_RELAY_FAILED, "judge 'school' does not know the submission any more", 1 },
		{ TOOK, HEAD("{\"status\":{\"id\":99}}"), KL_RELAY_FAILED, "the judge failed, not your program: try again", 1 },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		const struct act acts[] = JUDGE(ON_POST(cases[i].post), ON_GET(cases[i].get ? cases[i].get : PASSED));
		struct judges *judges;
		struct bench bench;
		struct told told;
		void *opened;

		assert_int_equal(open_judges(&opened), 0);
		judges = opened;
		judges->scene.server = server_open(judges->scene.loop, acts);
		set_up_bench(&bench, judges);
		add_judge(&bench, "school", server_url(judges->scene.server));
		give_key(&bench, 50);
		run(&bench, &told);
		if (told.end != cases[i].end || strcmp(told.sentence, cases[i].sentence) != 0 ||
		    heard(judges, POST) != cases[i].posts || (!cases[i].get && heard(judges, GET)))
			fail_msg("case %zu: end %d, '%s', sent %d times, asked for %d times", i, (int)told.end,
				 told.sentence, heard(judges, POST), heard(judges, GET));
		if (strstr(told.sentence, PLANTED))
			fail_msg("case %zu tells the key: %s", i, told.sentence);
		take_down_bench(&bench);
		close_judges(&opened);
	}
}

static void not_there_at_all(void **state)
{
	char *url = kl_format("http://127.0.0.1:%d", unused_port());
	struct bench bench;
	struct told told;

	set_up_bench(&bench, *state);
	add_judge(&bench, "school", url);
	give_key(&bench, 50);
	run(&bench, &told);
	assert_int_equal(told.end, KL_RELAY_NOBODY);
	assert_int_equal(told.took, 0);
	assert_int_equal(used(&bench), 0); /* nothing left */
	take_down_bench(&bench);
	free(url);
}

/* The same number may be another language elsewhere. */
static void another_language(void **state)
{
	static const struct act acts[] = {
		{ .path = "/config_info", .answer = CONFIG, .close = true },
		{ .path = "/languages", .answer = HEAD("[{\"id\":71,\"name\":\"Cobol (2.2)\"}]"), .close = true },
		REST
	};
	struct judges *judges = *state;
	struct bench bench;
	struct told told;

	judges->scene.server = server_open(judges->scene.loop, acts);
	set_up_bench(&bench, judges);
	add_judge(&bench, "school", server_url(judges->scene.server));
	give_key(&bench, 50);
	run(&bench, &told);
	assert_int_equal(told.end, KL_RELAY_REFUSED);
	assert_string_equal(told.sentence, "judge 'school' does not have Python (3.11.2)");
	assert_int_equal(heard(judges, POST), 0);
	take_down_bench(&bench);
}

static void nothing_is_left_of_the_day(void **state)
{
	static const struct act acts[] = JUDGE(ON_POST(TOOK), ON_GET(PASSED));
	struct judges *judges = *state;
	struct bench bench;
	struct told told;

	judges->scene.server = server_open(judges->scene.loop, acts);
	set_up_bench(&bench, judges);
	add_judge(&bench, "school", server_url(judges->scene.server));
	learn(&bench);
	give_key(&bench, 4); /* two runs */
	run(&bench, &told);
	run(&bench, &told);
	assert_int_equal(told.end, KL_RELAY_JUDGED);
	run(&bench, &told);
	assert_int_equal(told.end, KL_RELAY_REFUSED);
	assert_non_null(strstr(told.sentence, "the keys for 'school' are used up until "));
	assert_int_equal(heard(judges, POST), 2);
	assert_int_equal(used(&bench), 4);
	take_down_bench(&bench);
}

/* --- several ---------------------------------------------------------------------------------------------------- */

/* What fails at one is sent to another, and one result is told. */
static void failing_over(void **state)
{
	static const struct act acts[] = JUDGE(ON_POST(TOOK), ON_GET(PASSED));
	static const struct act ill[] = JUDGE(ON_POST(STATUS("500 Internal Server Error")));
	struct judges *judges = *state;
	struct server *other = server_open(judges->scene.loop, ill);
	struct bench bench;
	struct told told;

	judges->scene.server = server_open(judges->scene.loop, acts);
	set_up_bench(&bench, judges);
	add_judge(&bench, "school", server_url(judges->scene.server));
	add_judge(&bench, "ill", server_url(other));
	for (int i = 0; i < 3; i++) {
		run(&bench, &told);
		assert_int_equal(told.end, KL_RELAY_JUDGED);
		assert_string_equal(told.instance, "school");
	}
	assert_int_equal(heard(judges, POST), 3);
	assert_non_null(strstr(server_heard(other)->data, POST));
	take_down_bench(&bench);
	server_close(other);
}

/* --- after a restart -------------------------------------------------------------------------------------------- */

static void left_there(void **state)
{
	static const struct act acts[] = JUDGE(ON_POST(TOOK), ON_GET(PASSED));
	struct judges *judges = *state;
	struct bench bench;
	struct told told;

	judges->scene.server = server_open(judges->scene.loop, acts);
	set_up_bench(&bench, judges);
	add_judge(&bench, "school", server_url(judges->scene.server));
	learn(&bench);
	give_key(&bench, 50);
	(void)begin(&bench, &told, "school", TOKEN);
	kl_loop_run(judges->scene.loop);
	assert_int_equal(told.end, KL_RELAY_JUDGED);
	assert_string_equal(told.out, "hi");
	assert_int_equal(heard(judges, POST), 0);
	assert_int_equal(used(&bench), 1);
	assert_int_equal(told.took, 0);
	take_down_bench(&bench);
}

/* Forgotten there, a judge that is gone, a token that is none: it is sent. */
static void left_in_vain(void **state)
{
	static const struct act acts[] =
		JUDGE(ON_POST(TOOK),
		      { .path = "/submissions/" TOKEN, .times = 1, .answer = STATUS("404 Not Found"), .close = true },
		      ON_GET(PASSED));
	static const struct act plain[] = JUDGE(ON_POST(TOOK), ON_GET(PASSED));
	static const struct {
		const struct act *acts;
		const char *at, *token;
	} cases[] = { { acts, "school", TOKEN }, { plain, "gone", TOKEN }, { plain, "school", "../x" } };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct judges *judges;
		struct bench bench;
		struct told told;
		void *opened;

		assert_int_equal(open_judges(&opened), 0);
		judges = opened;
		judges->scene.server = server_open(judges->scene.loop, cases[i].acts);
		set_up_bench(&bench, judges);
		add_judge(&bench, "school", server_url(judges->scene.server));
		give_key(&bench, 50);
		(void)begin(&bench, &told, cases[i].at, cases[i].token);
		kl_loop_run(judges->scene.loop);
		assert_int_equal(told.end, KL_RELAY_JUDGED);
		assert_int_equal(heard(judges, POST), 1);
		assert_int_equal(told.took, 1);
		take_down_bench(&bench);
		close_judges(&opened);
	}
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

/* At any moment: it is told once, the lease is settled, nothing is lost. */
static void closed(void **state)
{
	static const struct act acts[] = JUDGE(ON_POST(NULL));
	struct judges *judges = *state;
	struct kl_relay *relay;
	struct bench bench;
	struct told told;

	judges->scene.server = server_open(judges->scene.loop, acts);
	set_up_bench(&bench, judges);
	add_judge(&bench, "school", server_url(judges->scene.server));
	give_key(&bench, 50);
	for (int turns = 0; !heard(judges, POST) && turns < 200; turns += 5) {
		relay = begin(&bench, &told, NULL, NULL);
		for (int i = 0; i < turns && !heard(judges, POST); i++)
			kl_loop_turn(judges->scene.loop, 20);
		assert_int_equal(told.count, 0);
		kl_relay_close(relay);
		assert_int_equal(told.count, 1);
		assert_int_equal(told.end, KL_RELAY_CANCELED);
	}
	assert_int_equal(heard(judges, POST), 1);
	take_down_bench(&bench); /* what was out comes back */
	assert_int_equal(told.count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_judges, close_judges)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sent_and_asked_for), cmocka_unit_test(answers),        TEST(not_there_at_all),
		TEST(another_language),   TEST(nothing_is_left_of_the_day), TEST(failing_over),
		TEST(left_there),         cmocka_unit_test(left_in_vain),   TEST(closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
