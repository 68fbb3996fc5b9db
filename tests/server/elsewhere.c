/*
 * kodelabd that lets other judges run its programs: a second one is the judge elsewhere. One verdict for each submission,
 * whatever fails on the way; keys are lent by the rules, and counted.
 */

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/keypool.h>

#include "tests/server/harness.h"

#define ADMIN  "the-administrators-token"
#define BOSS   "X-Auth-User: " ADMIN "\r\n"
#define SECRET "a-key-of-the-judge-elsewhere"
#define FAR    "authn.tokens = " SECRET "\njudge.languages = \"46 50 71\"\njudge.workers = 2\n" HELD_LIMITS
#define NEAR   "authz.tokens = " ADMIN "\njudge.executor = remote\n"
#define NOON   INT64_C(1767268800000) /* 2026-01-01 12:00 UTC */
#define DAY_MS INT64_C(86400000)
#define OK_RUN "{\"source_code\":\"echo hi\",\"language_id\":46}"

/* --- asking ------------------------------------------------------------------------------------------------------- */

static void api(struct reply *out, const struct daemon *daemon, const char *target, const char *headers,
		const char *body)
{
	char *all = kl_format(BOSS "%s%s", headers ? headers : "", body ? JSON : "");

	ask(out, daemon, target, all, body);
	free(all);
}

static void expect(const struct daemon *daemon, const char *target, const char *headers, const char *body, int status,
		   const char *part)
{
	struct reply reply;

	api(&reply, daemon, target, headers, body);
	CHECK(reply.status == status && strstr(reply.body, part), "%s %s\n  expected %d %s\n       got %d %s", target,
	      body ? body : "", status, part, reply.status, reply.body);
	reply_release(&reply);
}

static int times_logged(const struct daemon *daemon, const char *part)
{
	char *log = daemon_log(daemon);
	int times = 0;

	for (const char *at = log; (at = strstr(at, part)); at++)
		times++;
	free(log);
	return times;
}

static void await_log(const struct daemon *daemon, const char *part, int times)
{
	while (times_logged(daemon, part) < times)
		poll(NULL, 0, 20);
}

static void add_instance(const struct daemon *daemon, const char *name, int port)
{
	char *body = kl_format("{\"name\":\"%s\",\"url\":\"http://127.0.0.1:%d\"}", name, port);

	expect(daemon, "POST /api/instances", NULL, body, 201, "\"success\":true");
	free(body);
}

static void give(const struct daemon *daemon, const char *user, enum kl_key_share share, int limit)
{
	char *headers = user ? kl_format("X-KodeLab-User: %s\r\n", user) : NULL;
	char *body = kl_format("{\"instance\":\"far\",\"key\":\"" SECRET
			       "\",\"share\":\"%s\",\"consent\":\"%s\",\"daily_limit\":%d,\"reserve\":0}",
			       kl_key_share_word(share), kl_keypool_consent(share), limit);

	expect(daemon, "POST /api/keys", headers, body, 201, "\"success\":true");
	free(headers);
	free(body);
}

/* Two servers; near has far's key, lent to all, and knows its languages. */
static void start_both(struct daemon *far, struct daemon *near, int limit)
{
	daemon_start(far, FAR);
	daemon_prepare(near, NEAR);
	near->clock_ms = limit ? NOON : 0;
	daemon_start_again(near);
	add_instance(near, "far", far->port);
	give(near, "donor", KL_KEY_POOL, limit);
	ask_until(near, "GET /languages", BOSS, "\"name\":\"Python (");
}

/* A run for user, waited for. */
static void run(struct reply *out, const struct daemon *daemon, const char *headers, const char *body)
{
	api(out, daemon,
	    "POST /submissions?wait=true&fields=stdout,stderr,compile_output,message,status,exit_code,exit_signal",
	    headers, body);
}

static void check_run(const struct daemon *daemon, const char *headers, const char *part)
{
	struct reply reply;

	run(&reply, daemon, headers, OK_RUN);
	check_has(&reply, 201, part);
	reply_release(&reply);
}

/* --- verdicts ----------------------------------------------------------------------------------------------------- */

static const char *const programs[] = {
	OK_RUN,
	"{\"source_code\":\"cat; echo oops >&2\",\"language_id\":46,\"stdin\":\"in\",\"expected_output\":\"in\"}",
	"{\"source_code\":\"cat\",\"language_id\":46,\"stdin\":\"in\",\"expected_output\":\"out\"}",
	"{\"source_code\":\"exit 7\",\"language_id\":46}",
	"{\"source_code\":\"kill -SEGV $$\",\"language_id\":46}",
	"{\"source_code\":\"while :; do :; done\",\"language_id\":46,\"cpu_time_limit\":0.2,\"cpu_extra_time\":0}",
	"{\"source_code\":\"#error no\",\"language_id\":50}",
	"{\"source_code\":\"print(6 * 7)\",\"language_id\":71,\"command_line_arguments\":\"a b\"}",
};

/* The same as if it were asked there, to the letter. */
static void test_verdicts(void)
{
	struct daemon far, near;
	struct reply there, here;
	char *log;

	start_both(&far, &near, 0);
	for (size_t i = 0; i < KL_LENGTH(programs); i++) {
		run(&there, &far, "X-Auth-Token: " SECRET "\r\n", programs[i]);
		run(&here, &near, NULL, programs[i]);
		check_is(&here, 201, there.body);
		reply_release(&there);
		reply_release(&here);
	}
	expect(&near, "GET /health", NULL, NULL, 200, "\"status\":\"ok\"");
	expect(&near, "GET /health", NULL, NULL, 200, "\"executor\":\"remote\"");
	expect(&near, "POST /submissions", NULL, "{\"source_code\":\"x\",\"language_id\":60}", 422,
	       "language with id 60 doesn't exist");
	log = daemon_log(&near);
	CHECK(strstr(log, "judged_elsewhere") && !strstr(log, SECRET), "the log: %s", log);
	free(log);
	daemon_stop(&near, SIGTERM);
	daemon_remove(&near);
	daemon_remove(&far);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static void test_counters(void)
{
	struct daemon far, near;
	struct reply reply;

	start_both(&far, &near, 200);
	api(&reply, &near, "GET /api/keys/pool", NULL, NULL);
	check_has(&reply, 200, "\"limit\":200,");
	reply_release(&reply);
	check_run(&near, NULL, "\"stdout\":\"hi\\n\"");
	api(&reply, &near, "GET /api/keys/pool", NULL, NULL);
	CHECK(strstr(reply.body, "\"resets_at\":\"2026-01-02T00:00:00.000Z\"") && !strstr(reply.body, "\"used\":0,"),
	      "nothing was counted: %s", reply.body);
	reply_release(&reply);
	daemon_stop(&near, SIGTERM);
	near.clock_ms = NOON + DAY_MS;
	daemon_start_again(&near);
	expect(&near, "GET /api/keys/pool", NULL, NULL, 200,
	       "\"limit\":200,\"used\":0,\"held\":0,\"unlimited\":false,\"resets_at\":\"2026-01-03T00:00:00.000Z\"");
	daemon_remove(&near);
	daemon_remove(&far);
}

#define ANN "X-KodeLab-User: ann\r\n"
#define BOB "X-KodeLab-User: bob\r\n"

static void test_fairness(void)
{
	static const char refusal[] = "your part of the shared keys for 'far' (";
	struct daemon far, near;
	struct reply reply;
	int runs = 0;
	bool refused = false;

	start_both(&far, &near, 40);
	check_run(&near, BOB, "\"stdout\":\"hi\\n\"");
	for (; !refused && runs < 40; runs++) {
		run(&reply, &near, ANN, OK_RUN);
		refused = strstr(reply.body, refusal) != NULL;
		CHECK(refused || strstr(reply.body, "\"stdout\":\"hi\\n\""), "neither served nor refused: %s",
		      reply.body);
		if (refused)
			check_has(&reply, 201, "\"status\":{\"id\":13,\"description\":\"Internal Error\"}");
		reply_release(&reply);
	}
	CHECK(refused && runs > 1, "ann was %s after %d runs", refused ? "refused" : "served", runs);
	check_run(&near, BOB, "\"stdout\":\"hi\\n\"");
	check_run(&near, ANN, refusal);
	daemon_remove(&near);
	daemon_remove(&far);
}

static void test_exam(void)
{
	static const char hold[] =
		"{\"instance\":\"far\",\"exam\":\"algebra\",\"from\":\"2026-01-01T11:00:00Z\",\"to\":"
		"\"2026-01-01T13:00:00Z\",\"requests\":200}";
	static const char *const said[] = { JSON "X-KodeLab-Priority: exam\r\n", JSON ANN,
					    JSON ANN "X-Auth-User: wrong\r\n" };
	struct daemon far, near;
	struct reply reply;

	start_both(&far, &near, 200);
	expect(&near, "POST /api/holds", NULL, hold, 201, "\"used\":0");
	check_run(&near, ANN, "what is left of the keys for 'far' is kept for an exam");
	expect(&near, "GET /api/holds", NULL, NULL, 200, "\"used\":0");
	check_run(&near, ANN "X-KodeLab-Priority: exam\r\n", "\"stdout\":\"hi\\n\"");
	api(&reply, &near, "GET /api/holds", NULL, NULL);
	CHECK(reply.status == 200 && !strstr(reply.body, "\"used\":0"), "the exam's use was not counted: %s",
	      reply.body);
	reply_release(&reply);
	expect(&near, "POST /submissions", "X-KodeLab-Priority: now\r\n", OK_RUN, 400,
	       "{\"error\":\"invalid X-KodeLab-Priority: run, submit or exam\"}");
	expect(&near, "POST /submissions", "X-KodeLab-User: @platform\r\n", OK_RUN, 400,
	       "{\"error\":\"invalid X-KodeLab-User\"}");
	for (size_t i = 0; i < KL_LENGTH(said); i++) { /* who has no token of authz.tokens may not say it */
		ask(&reply, &near, "POST /submissions", said[i], OK_RUN);
		check_is(&reply, 403, "");
		reply_release(&reply);
	}
	daemon_remove(&near);
	daemon_remove(&far);
}

/* --- failures ----------------------------------------------------------------------------------------------------- */

static char *submit(const struct daemon *daemon, const char *body)
{
	struct reply reply;
	char *target;

	api(&reply, daemon, "POST /submissions", NULL, body);
	check_has(&reply, 201, "{\"token\":\"");
	target = kl_format("GET /submissions/%.36s?fields=stdout,status", reply.body + 10);
	reply_release(&reply);
	return target;
}

/* The first one is not there: the other one judges. */
static void test_failover(void)
{
	struct daemon far, near;

	start_both(&far, &near, 0);
	add_instance(&near, "dead", 1);
	for (int i = 0; i < 4; i++)
		check_run(&near, NULL, "\"stdout\":\"hi\\n\"");
	expect(&near, "DELETE /api/instances/dead", NULL, NULL, 200, "\"removed\":true");
	daemon_remove(&near);
	daemon_remove(&far);
}

/* All are gone: it waits, longer than it has tries, and is judged when one is back. */
static void test_outage(void)
{
	struct daemon far, near;
	char *target, *config;

	start_both(&far, &near, 0);
	config = kl_format(FAR "listen = 127.0.0.1:%d\n", far.port);
	daemon_stop(&far, SIGTERM);
	target = submit(&near, OK_RUN);
	await_log(&near, "\"nobody_judges\"", 5);
	expect(&near, target, NULL, NULL, 200, "\"status\":{\"id\":1,\"description\":\"In Queue\"}");
	daemon_configure(&far, config);
	daemon_start_again(&far);
	ask_until(&near, target, BOSS, "{\"stdout\":\"hi\\n\",\"status\":{\"id\":3,\"description\":\"Accepted\"}}");
	daemon_remove(&near);
	daemon_remove(&far);
	free(config);
	free(target);
}

/* Killed or told to end in the middle: what was sent is asked for after the restart, and not sent again. */
static void test_killed(void)
{
	static const int signals[] = { SIGKILL, SIGTERM };
	struct daemon far, near;
	struct reply reply;
	char *target;

	start_both(&far, &near, 0);
	for (size_t i = 0; i < KL_LENGTH(signals); i++) {
		int sent = times_logged(&near, "\"sent_elsewhere\"");
		char *total = kl_format("\"total\":%d,", (int)i + 1), *held = held_program((int)i, "hi");

		target = submit(&near, held);
		await_log(&near, "\"sent_elsewhere\"", sent + 1);
		if (signals[i] == SIGTERM) { /* the second one ends it at once */
			kill(near.pid, SIGTERM);
			daemon_expect(&near, "STOPPING=1");
		}
		daemon_end(&near, signals[i]);
		daemon_start_again(&near);
		held_release((int)i);
		ask_until(&near, target, BOSS,
			  "{\"stdout\":\"hi\\n\",\"status\":{\"id\":3,\"description\":\"Accepted\"}}");
		CHECK(times_logged(&near, "judged_elsewhere") == (int)i + 1, "judged twice");
		ask(&reply, &far, "GET /statistics?invalidate_cache=true", "X-Auth-Token: " SECRET "\r\n", NULL);
		check_has(&reply, 200, total);
		reply_release(&reply);
		free(target);
		free(total);
		free(held);
	}
	daemon_stop(&near, SIGTERM);
	daemon_remove(&near);
	daemon_remove(&far);
}

/* What was sent is not there any more: it is sent again. */
static void test_forgotten(void)
{
	struct daemon far, near;
	char *target, *config, *held = held_program(0, "hi");

	start_both(&far, &near, 0);
	config = kl_format(FAR "listen = 127.0.0.1:%d\n", far.port);
	target = submit(&near, held);
	await_log(&near, "\"sent_elsewhere\"", 1);
	daemon_end(&near, SIGKILL);
	daemon_remove(&far);
	held_await(0, false);
	daemon_prepare(&far, config); /* another folder, the same address */
	daemon_start_again(&far);
	daemon_start_again(&near);
	held_release(0);
	ask_until(&near, target, BOSS, "{\"stdout\":\"hi\\n\",\"status\":{\"id\":3,\"description\":\"Accepted\"}}");
	daemon_remove(&near);
	daemon_remove(&far);
	free(config);
	free(target);
	free(held);
}

#define MANY 8

/* Answers that are cut, doubled or lies: each submission gets its own result, once. */
static void test_chaos(void)
{
	static const char *const profiles[] = { "cut", "liar", "twice" };
	char *targets[MANY];

	for (size_t p = 0; p < KL_LENGTH(profiles); p++) {
		struct daemon far, near;

		daemon_start(&far, FAR);
		daemon_start(&near, NEAR "queue.tries = 100\n");
		near.errors = "judge_failed"; /* which is tried again */
		add_instance(&near, "far", chaos_start(&far, profiles[p]));
		give(&near, "donor", KL_KEY_POOL, 0);
		ask_until(&near, "GET /languages", BOSS, "\"name\":\"Python (");
		for (int i = 0; i < MANY; i++) {
			char *body = kl_format("{\"source_code\":\"echo %d\",\"language_id\":46}", i);

			targets[i] = submit(&near, body);
			free(body);
		}
		for (int i = 0; i < MANY; i++) {
			char *wanted = kl_format(
				"{\"stdout\":\"%d\\n\",\"status\":{\"id\":3,\"description\":\"Accepted\"}}", i);

			ask_until(&near, targets[i], BOSS, wanted);
			free(wanted);
			free(targets[i]);
		}
		CHECK(times_logged(&near, "judged_elsewhere") == MANY, "%s: not once each", profiles[p]);
		daemon_remove(&near);
		daemon_remove(&far);
	}
}

/* Walls that are never good enough send everything elsewhere, where the configuration says so. */
static void test_auto(void)
{
	struct daemon daemon;

	daemon_prepare(&daemon, "judge.executor = auto\n");
	daemon.level = "3";
	daemon_start_again(&daemon);
	expect(&daemon, "GET /health", NULL, NULL, 200, "\"executor\":\"remote\"");
	daemon_stop(&daemon, SIGTERM);
	daemon.level = NULL;
	daemon_configure(&daemon, "judge.executor = auto\njudge.languages = 46\n");
	daemon_start_again(&daemon);
	expect(&daemon, "GET /health", NULL, NULL, 200, "\"sandbox_level\":");
	expect(&daemon, "POST /submissions?wait=true", NULL, OK_RUN, 201, "\"stdout\":\"hi\\n\"");
	daemon_remove(&daemon);
}

/* clang-format off */
const struct test elsewhere_tests[] = {
	{ "elsewhere_verdicts", test_verdicts },
	{ "elsewhere_counters", test_counters },
	{ "elsewhere_fairness", test_fairness },
	{ "elsewhere_exam", test_exam },
	{ "elsewhere_failover", test_failover },
	{ "elsewhere_outage", test_outage },
	{ "elsewhere_killed", test_killed },
	{ "elsewhere_forgotten", test_forgotten },
	{ "elsewhere_chaos", test_chaos },
	{ "elsewhere_auto", test_auto },
	{ NULL, NULL },
};
/* clang-format on */
