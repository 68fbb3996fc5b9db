/*
 * Keys of judges elsewhere under the routes of /api: what is kept for whom, what owners are told, a disk that refuses, and
 * a key that is looked for in what a dying server leaves behind.
 */

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/keypool.h>

#include "tests/server/harness.h"

#define ADMIN  "the-administrators-token"
#define SECRET "a-key-of-the-judge-elsewhere"
#define BOSS   "X-Auth-User: " ADMIN "\r\n"
#define ADA    BOSS "X-KodeLab-User: ada\r\n"
#define BOB    BOSS "X-KodeLab-User: bob\r\n"
#define EXAM   "X-KodeLab-Priority: exam\r\n"
#define FAR    "judge.languages = 46\n" /* wants no key, and gets it all the same */
#define NEAR   "authz.tokens = " ADMIN "\njudge.executor = remote\nkeys.validate = no\n"
#define NOON   INT64_C(1767268800000) /* 2026-01-01 12:00 UTC */
#define OK_RUN "{\"source_code\":\"echo hi\",\"language_id\":46}"
#define RUN    "POST /submissions?wait=true&fields=stdout,message"

/* --- asking ----------------------------------------------------------------------------------------------------- */

/* The status; what is not a success must be one of our own errors. */
static int api(const struct daemon *daemon, const char *target, const char *headers, const char *body)
{
	char *all = kl_format("%s%s", headers, body ? JSON : "");
	struct reply reply;
	int status;

	ask(&reply, daemon, target, all, body);
	status = reply.status;
	CHECK(strstr(reply.body, status < 400 ? "{\"success\":true,\"data\":" : "{\"success\":false,\"error\":{"),
	      "%s: %d %s", target, status, reply.body);
	reply_release(&reply);
	free(all);
	return status;
}

static char *instance_body(int port)
{
	return kl_format("{\"name\":\"far\",\"url\":\"http://127.0.0.1:%d\"}", port);
}

static char *key_body(int limit, int reserve)
{
	return kl_format("{\"instance\":\"far\",\"key\":\"" SECRET
			 "\",\"share\":\"pool\",\"consent\":\"%s\",\"daily_limit\":%d,\"reserve\":%d}",
			 kl_keypool_consent(KL_KEY_POOL), limit, reserve);
}

static void start_both(struct daemon *far, struct daemon *near, int limit, int reserve)
{
	char *instance, *key = key_body(limit, reserve);

	daemon_start(far, FAR);
	instance = instance_body(far->port);
	daemon_prepare(near, NEAR);
	near->clock_ms = NOON;
	daemon_start_again(near);
	CHECK(api(near, "POST /api/instances", BOSS, instance) == 201, "no instance");
	ask_until(near, "GET /languages", NULL, "\"name\":\"Bash ("); /* asked without a key: it is not counted */
	CHECK(api(near, "POST /api/keys", ADA, key) == 201, "no key");
	free(instance);
	free(key);
}

static void run_says(const struct daemon *daemon, const char *headers, const char *part)
{
	char *all = kl_format("%s" JSON, headers);
	struct reply reply;

	ask(&reply, daemon, RUN, all, OK_RUN);
	check_has(&reply, 201, part);
	reply_release(&reply);
	free(all);
}

/* --- what is kept for whom -------------------------------------------------------------------------------------- */

/* Runs it until it is refused; how often it was served. */
static int runs_until(const struct daemon *daemon, const char *headers, const char *refusal)
{
	char *all = kl_format("%s" JSON, headers);
	struct reply reply;
	int count = 0;
	bool refused = false;

	for (; !refused && count < 50; count += !refused) {
		ask(&reply, daemon, RUN, all, OK_RUN);
		refused = strstr(reply.body, refusal) != NULL;
		CHECK(refused || strstr(reply.body, "{\"stdout\":\"hi\\n\""), "neither served nor refused: %s",
		      reply.body);
		reply_release(&reply);
	}
	free(all);
	return count;
}

/* The last of the day is for exams and for the owner's own submits; then it is used up, and the owner is told. */
static void test_reserve(void)
{
	static const char empty[] = "the keys for 'far' are used up until ";
	struct daemon far, near;

	start_both(&far, &near, 30, 20);
	CHECK(runs_until(&near, BOB, empty) > 0, "nothing was served");
	CHECK(api(&near, "POST /api/notices/take", ADA, NULL) == 200, "no notices");
	run_says(&near, BOB EXAM, "{\"stdout\":\"hi\\n\""); /* the reserve is open for an exam */
	run_says(&near, ADA, "{\"stdout\":\"hi\\n\""); /* and for the owner's submits */
	run_says(&near, BOB, empty);
	CHECK(runs_until(&near, ADA, empty) > 0, "the owner was not served");
	expect_has(&near, "GET /api/keys", ADA, NULL, 200, "\"state\":\"exhausted\",\"why\":\"is used up until ");
	expect_has(&near, "POST /api/notices/take", ADA, NULL, 200,
		   "\"event\":\"exhausted\",\"text\":\"your key for 'far' is used up until ");
	expect_has(&near, "POST /api/notices/take", ADA, NULL, 200, "\"data\":[]");
	expect_has(&near, "POST /api/notices/take", BOB, NULL, 200, "\"data\":[]");
	daemon_remove(&near);
	daemon_remove(&far);
}

/* Who leaves is not asked for anything more. */
static void test_leave(void)
{
	struct daemon far, near;

	start_both(&far, &near, 100, 0);
	run_says(&near, BOB, "{\"stdout\":\"hi\\n\"");
	CHECK(api(&near, "DELETE /api/profile/judge0-key", BOB, NULL) == 404, "another one's key was removed");
	CHECK(api(&near, "DELETE /api/profile/judge0-key", ADA, NULL) == 200, "the key was not removed");
	expect_has(&near, "GET /api/keys/pool", BOSS, NULL, 200,
		   "{\"keys\":{\"active\":0,\"exhausted\":0,\"invalid\":0,\"suspended\":0},\"limit\":0,");
	expect_has(&near, "GET /api/keys", ADA, NULL, 200, "\"data\":[]");
	daemon_remove(&near);
	daemon_remove(&far);
}

/* --- a disk that refuses ---------------------------------------------------------------------------------------- */

#define QUIET 25 /* starts in a row that no fault has reached: all of them were tried */

/* Asks twice where the first answer is 500, which must be true: nothing of it was done. *refused counts. */
static void ask_firmly(const struct daemon *daemon, const char *target, const char *headers, const char *body,
		       int status, int *refused)
{
	int got = api(daemon, target, headers, body);

	if (got == 500) {
		++*refused;
		got = api(daemon, target, headers, body);
	}
	CHECK(got == status, "%s: %d, not %d", target, got, status);
}

/* What a GET says, where part must be in it; asked for twice where need be. Owned by the caller. */
static char *told(const struct daemon *daemon, const char *target, const char *headers, const char *part, int *refused)
{
	struct reply reply;
	char *body;

	ask(&reply, daemon, target, headers, NULL);
	if (reply.status == 500) {
		++*refused;
		reply_release(&reply);
		ask(&reply, daemon, target, headers, NULL);
	}
	check_has(&reply, 200, part);
	body = kl_strdup(reply.body);
	reply_release(&reply);
	return body;
}

static char *first_id(const struct daemon *daemon, const char *target, const char *headers, int *refused)
{
	char *body = told(daemon, target, headers, "\"id\":\"", refused), *at = strstr(body, "\"id\":\"") + 6;
	char *id = kl_strndup(at, strcspn(at, "\""));

	free(body);
	return id;
}

/* The one there is: then there is none. */
static void remove_one(const struct daemon *daemon, const char *path, const char *headers, int *refused)
{
	char *list = kl_format("GET %s", path), *id = first_id(daemon, list, headers, refused);
	char *target = kl_format("DELETE %s/%s", path, id);

	ask_firmly(daemon, target, headers, NULL, 200, refused);
	free(told(daemon, list, headers, "\"data\":[]", refused));
	free(list);
	free(target);
	free(id);
}

/* All that changes anything under /api, from nothing to nothing. How often it was refused. */
static int walk(const struct daemon *daemon)
{
	static const char hold[] =
		"{\"instance\":\"far\",\"exam\":\"algebra\",\"from\":\"2026-11-20T10:00:00Z\",\"to\":"
		"\"2036-11-20T12:00:00Z\",\"requests\":30}";
	char *instance = instance_body(1), *key = key_body(50, 5), *id, *change;
	int refused = 0;

	ask_firmly(daemon, "POST /api/instances", BOSS, instance, 201, &refused);
	ask_firmly(daemon, "POST /api/keys", ADA, key, 201, &refused);
	ask_firmly(daemon, "GET /api/keys", ADA, NULL, 200, &refused);
	ask_firmly(daemon, "POST /api/holds", BOSS, hold, 201, &refused);
	ask_firmly(daemon, "GET /api/holds", BOSS, NULL, 200, &refused);
	ask_firmly(daemon, "GET /api/keys/pool", BOSS, NULL, 200, &refused);
	ask_firmly(daemon, "POST /api/notices/take", ADA, NULL, 200, &refused);
	id = first_id(daemon, "GET /api/keys", ADA, &refused);
	change = kl_format("PUT /api/keys/%s", id);
	ask_firmly(daemon, change, ADA, "{\"suspended\":true}", 200, &refused);
	free(told(daemon, "GET /api/keys", ADA, "\"state\":\"suspended\"", &refused));
	ask_firmly(daemon, change, ADA, "{\"suspended\":false}", 200, &refused);
	remove_one(daemon, "/api/holds", BOSS, &refused);
	remove_one(daemon, "/api/keys", ADA, &refused);
	ask_firmly(daemon, "DELETE /api/instances/far", BOSS, NULL, 200, &refused);
	free(told(daemon, "GET /api/instances", BOSS, "\"data\":[]", &refused));
	free(instance);
	free(key);
	free(id);
	free(change);
	return refused;
}

/* Whatever step on the database fails under them: it is told, it is as if nothing was asked, and asking again helps. */
static void test_faults(void)
{
	int refused = 0, quiet = 0, starts = 0;
	struct daemon daemon;

	daemon_start(&daemon, "authz.tokens = " ADMIN "\njudge.enabled = no\n");
	daemon_stop(&daemon, SIGTERM);
	daemon.errors = "*";
	for (daemon.fault = 1; quiet < QUIET; daemon.fault++) {
		int here;

		alarm(120); /* for each, not for all */
		if (!daemon_try(&daemon))
			continue;
		here = walk(&daemon);
		starts++;
		refused += here;
		quiet = here ? 0 : quiet + (refused > 0);
		daemon_end(&daemon, SIGKILL);
	}
	CHECK(refused > 20, "%d starts, %d refused: the faults hit nothing", starts, refused);
	daemon_remove(&daemon);
}

/* --- what a dying server leaves --------------------------------------------------------------------------------- */

/* It has the key in use, and is hit so that others would leave a core file. */
static void test_no_core(void)
{
	struct daemon far, near;
	struct rlimit without = { RLIM_INFINITY, RLIM_INFINITY };
	char *log, *path;
	int status;

	setrlimit(RLIMIT_CORE, &without); /* children of ours may */
	start_both(&far, &near, 100, 0);
	run_says(&near, BOB, "{\"stdout\":\"hi\\n\"");
	path = kl_format("/proc/%d/limits", (int)near.pid);
	log = output_of(
		(char *const[]){ (char[]){ "/bin/grep" }, (char[]){ "^Max core file size  *0  *0 " }, path, NULL });
	CHECK(*log, "it may leave a core file");
	free(log);
	free(path);
	kill(near.pid, SIGQUIT); /* a death that leaves one */
	CHECK(waitpid(near.pid, &status, 0) == near.pid && WIFSIGNALED(status), "it lives on");
	CHECK(!WCOREDUMP(status), "it has left a core file");
	near.pid = 0;
	log = daemon_log(&near);
	CHECK(!strstr(log, SECRET), "the log has the key");
	free(log);
	daemon_remove(&near);
	daemon_remove(&far);
}

/* clang-format off */
const struct test pool_tests[] = {
	{ "pool_reserve", test_reserve },
	{ "pool_leave", test_leave },
	{ "pool_faults", test_faults },
	{ "pool_no_core", test_no_core },
	{ NULL, NULL },
};
/* clang-format on */
