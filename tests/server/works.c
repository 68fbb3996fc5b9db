/* Submissions of the class: taken once, receipted, judged, shown to whom they belong. */

#include <stdint.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tests/server/ledger.h"

/* --- one submission ----------------------------------------------------------------------------------------------- */

static void expect(const struct daemon *daemon, const char *target, const char *who, int status, const char *part)
{
	struct reply reply;

	ask(&reply, daemon, target, who, NULL);
	check_has(&reply, status, part);
	reply_release(&reply);
}

static void expect_post(const struct daemon *daemon, const char *target, const char *who, const char *body, int status,
			const char *part)
{
	char *headers = kl_format("%s" JSON, who);
	struct reply reply;

	ask(&reply, daemon, target, headers, body);
	check_has(&reply, status, part);
	reply_release(&reply);
	free(headers);
}

static void test_judged(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who, *other, *admin, *target, *part;
	int events;

	daemon_start(&daemon, CLASS_CONFIG "queue.max = 1\n");
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	who = signed_in(&daemon, "ada", "student");
	other = signed_in(&daemon, "bob", "student");
	admin = signed_in(&daemon, "root", "admin");
	events = listen_for(&daemon, who);
	CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201, "not taken");
	CHECK(hand_in(ledger, &daemon, who, 0, "echo", GOOD_ECHO) == 200, "not known again");
	target = submission_item(ledger->entries[0].id, "echo", GOOD_ECHO);
	expect_post(&daemon, "POST /api/submissions", who, target, 200, "\"end\":\"duplicate\"");
	free(target);
	part = kl_format("event: result\ndata: {\"work\":\"%s\",\"pack\":\"tiny\",\"slug\":\"echo\",\"state\":\"done\","
			 "\"verdict\":\"passed\",\"score\":100.0}",
			 ledger->entries[0].id);
	await_event(events, part);
	free(part);
	target = kl_format("GET /api/submissions/%s", ledger->entries[0].id);
	expect(&daemon, target, who, 200, "\"state\":\"done\",\"queue\":null,");
	expect(&daemon, target, who, 200, "\"code\":\"cat\\n\",\"report\":{");
	expect(&daemon, target, admin, 200, "\"verdict\":\"passed\"");
	expect(&daemon, target, other, 404, "or it is not yours to see");
	expect(&daemon, "GET /api/submissions/01a2275f-12aa-7dcf-ba51-d4034e394988", who, 404,
	       "or it is not yours to see");
	free(target);
	CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, "echo 7\n"), "check", "echo 7\n") == 201, "not taken");
	target = kl_format("GET /api/submissions/%s", ledger->entries[1].id);
	ask_until(&daemon, target, who, "\"verdict\":\"passed\"");
	free(target);
	CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, "read x; if [ $x = 2 ]; then echo 2; fi\n"), "echo",
		      "read x; if [ $x = 2 ]; then echo 2; fi\n") == 201,
	      "not taken");
	await_verdicts(&daemon);
	target = kl_format("GET /api/submissions/%s", ledger->entries[2].id);
	expect(&daemon, target, who, 200, "\"verdict\":\"wrong_answer\",\"score\":50.0,\"passed\":1,\"total\":3,");
	free(target);
	expect(&daemon, "GET /api/users/me/submissions?limit=1", who, 200, "\"total\":3,\"pages\":3}");
	expect(&daemon, "GET /api/users/me/submissions?limit=1&page=4", who, 200, "\"data\":[]");
	expect(&daemon, "GET /api/users/me/submissions?pack=tiny&slug=slow", who, 200, "\"data\":[]");
	expect(&daemon, "GET /api/users/me/submissions?page=0", who, 422, "'page' must be");
	expect(&daemon, "GET /api/users/me/progress", who, 200,
	       "\"state\":\"COMPLETED\",\"submissions\":2,\"hints\":0,");
	expect(&daemon, "GET /api/users/me/progress", other, 200, "\"data\":[]");
	close(events);
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, true);
	daemon_remove(&daemon);
	free(who);
	free(other);
	free(admin);
}

/* What hidden tests hold is in no answer, and the Judge0 API knows nothing of the class. */
static void test_hidden(void)
{
	static const char *const asked[] = { "GET /submissions", "GET /statistics", "GET /api/users/me/submissions" };
	struct daemon daemon;
	struct ledger *ledger;
	struct reply reply;
	char *who, *target, *headers;

	daemon_start(&daemon, CLASS_CONFIG "authz.tokens = the-program\n");
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	who = signed_in(&daemon, "ada", "student");
	headers = kl_format("%sX-Auth-User: the-program\r\n", who);
	hand_in(ledger, &daemon, who, ledger_add(ledger, BAD_ECHO), "echo", BAD_ECHO);
	await_verdicts(&daemon);
	target = kl_format("GET /api/submissions/%s", ledger->entries[0].id);
	ask(&reply, &daemon, target, who, NULL);
	check_has(&reply, 200, "\"id\":\"secret\"");
	CHECK(!strstr(reply.body, "zq7") && !strstr(reply.body, "zq8"), "it is told: %s", reply.body);
	reply_release(&reply);
	free(target);
	for (size_t i = 0; i < KL_LENGTH(asked); i++) {
		ask(&reply, &daemon, asked[i], i < 2 ? headers : who, NULL);
		CHECK(reply.status == 200 && (i == 2 || !strstr(reply.body, ledger->entries[0].id)), "%s: %s", asked[i],
		      reply.body);
		CHECK(i != 1 || strstr(reply.body, "\"total\":0"), "%s", reply.body);
		reply_release(&reply);
	}
	target = kl_format("GET /submissions/%s", ledger->entries[0].id);
	expect(&daemon, target, NULL, 404, "");
	free(target);
	target = kl_format("GET /submissions/batch?tokens=%s", ledger->entries[0].id);
	expect(&daemon, target, NULL, 200, "{\"submissions\":[null]}");
	free(target);
	daemon_remove(&daemon);
	free(headers);
	free(who);
}

/* --- judged elsewhere --------------------------------------------------------------------------------------------- */

#define SECRET "a-key-of-the-judge-elsewhere"

/* With a key of the class's pool, which counts whose submission it was used for. */
static void test_elsewhere(void)
{
	struct daemon far, near;
	struct ledger *ledger;
	char *who, *target;

	daemon_start(&far, "authn.tokens = " SECRET "\njudge.languages = \"46 50\"\n");
	daemon_start(&near, CLASS_CONFIG "authz.tokens = the-program\njudge.executor = remote\n");
	publish_tiny(&near);
	ledger = ledger_new(&near);
	who = signed_in(&near, "ada", "student");
	CHECK(hand_in(ledger, &near, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201, "not taken");
	target = kl_format("GET /api/submissions/%s", ledger->entries[0].id);
	expect(&near, target, who, 200, "\"judgings\":0,"); /* nobody can: it waits, and costs no try */
	class_lends(&near, &far, SECRET);
	ask_until(&near, target, who, "\"state\":\"done\"");
	expect(&near, target, who, 200, "\"verdict\":\"passed\",\"score\":100.0,\"passed\":3,\"total\":3,");
	expect(&near, "GET /api/keys/pool?instance=far", BOSS, 200, "\"used\":");
	free(target);
	daemon_stop(&near, SIGTERM);
	ledger_check(ledger, &near, true);

	/* A checker would have to run here, where no program may run. */
	daemon_start_again(&near);
	hand_in(ledger, &near, who, ledger_add(ledger, GOOD_ECHO), "check", GOOD_ECHO);
	target = kl_format("GET /api/submissions/%s", ledger->entries[1].id);
	ask_until(&near, target, who, "\"state\":\"failed\"");
	expect(&near, target, who, 200, "no program is run on this machine, not even a checker of answers");
	daemon_stop(&near, SIGTERM);
	daemon_remove(&near);
	daemon_remove(&far);
	free(target);
	free(who);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

#define NO_CHALLENGE                                                                                                   \
	"\"end\":\"refused\",\"receipt\":null,\"error\":{\"message\":\"the server has no challenge 'tiny/nothing'\",\"code\":\"NOT_FOUND\"}"

/* What nobody poses, nobody fills the server's disk with. */
static const struct {
	const char *kind, *code, *body, *refusal;
} nowhere[] = {
	{ "draft", "x", "{\"pack\":\"tiny\",\"slug\":\"nothing\",\"language\":\"bash\",\"code\":\"x\",\"seq\":1}",
	  NO_CHALLENGE },
	{ "draft", "x", "{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"none\",\"code\":\"x\",\"seq\":1}",
	  "\"message\":\"'tiny/echo' is not solved in none here\",\"code\":\"VALIDATION_ERROR\"}" },
	{ "progress", "", "{\"pack\":\"tiny\",\"slug\":\"nothing\",\"state\":\"IN_PROGRESS\"}", NO_CHALLENGE },
	{ "hint", "", "{\"pack\":\"tiny\",\"slug\":\"nothing\",\"revealed\":2}", NO_CHALLENGE },
	{ "rating", "", "{\"pack\":\"tiny\",\"slug\":\"nothing\",\"stars\":5}", NO_CHALLENGE },
};

static void test_refused(void)
{
	char id[KL_ID_SIZE], *who, *item, *many, *body_text;
	struct daemon daemon;
	struct kl_buf body;

	daemon_start(&daemon, CLASS_CONFIG);
	publish_tiny(&daemon);
	who = signed_in(&daemon, "ada", "student");
	new_id(id);
	item = submission_item(id, "nothing", "cat\n");
	expect_post(&daemon, "POST /api/submissions", who, item, 404, "the server has no challenge 'tiny/nothing'");
	free(item);
	item = any_item(id, "submission", "x",
			"{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"python\",\"code\":\"x\"}");
	expect_post(&daemon, "POST /api/submissions", who, item, 422, "'tiny/echo' is not solved in python here");
	free(item);
	item = any_item(id, "submission", "x",
			"{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"bash\",\"code\":\"x\",\"score\":100}");
	expect_post(&daemon, "POST /api/submissions", who, item, 422, "'score' is no member that is known here");
	free(item);
	item = any_item(id, "submission", "x",
			"{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"bash\",\"code\":\"y\"}");
	expect_post(&daemon, "POST /api/submissions", who, item, 422, "'hash' is not the SHA-256 of the code");
	expect_post(&daemon, "POST /api/submissions", "", item, 401, "sign in first");
	free(item);
	for (size_t i = 0; i < KL_LENGTH(nowhere); i++) {
		item = any_item(id, nowhere[i].kind, nowhere[i].code, nowhere[i].body);
		body_text = kl_format("{\"items\":[%s]}", item);
		expect_post(&daemon, "POST /api/sync/push", who, body_text, 200, nowhere[i].refusal);
		free(body_text);
		free(item);
	}
	expect(&daemon, "GET /api/users/me/progress", who, 200, "\"total\":0,");
	expect_post(&daemon, "POST /api/submissions", who, "[]", 422, "an item must be an object");
	expect_post(&daemon, "POST /api/sync/push", who, "{\"items\":7}", 422, "'items' must be a list");
	expect_post(&daemon, "POST /api/sync/push", who, "{\"items\":[],\"user_id\":\"x\"}", 422, "user_id");
	expect_post(
		&daemon, "POST /api/sync/push", who, "{\"items\":[{\"kind\":\"x\"}]}", 200,
		"{\"items\":[{\"id\":null,\"end\":\"refused\",\"receipt\":null,\"error\":{\"message\":\"'kind' is none of");
	kl_buf_init(&body, 1 << 20);
	kl_buf_add_str(&body, "{\"items\":[");
	for (int i = 0; i < 101; i++)
		kl_buf_add_str(&body, i ? ",0" : "0");
	kl_buf_add_str(&body, "]}");
	many = kl_buf_detach(&body);
	expect_post(&daemon, "POST /api/sync/push", who, many, 422, "'items' must be a list of at most 100");
	free(many);
	expect(&daemon, "GET /api/users/me/submissions", who, 200, "\"total\":0,");
	daemon_remove(&daemon);
	free(who);
}

/* --- all kinds at once -------------------------------------------------------------------------------------------- */

static void test_push(void)
{
	char ids[5][KL_ID_SIZE], *items[5], *who, *body;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, CLASS_CONFIG);
	publish_tiny(&daemon);
	who = signed_in(&daemon, "ada", "student");
	for (size_t i = 0; i < 5; i++)
		new_id(ids[i]);
	items[0] = submission_item(ids[0], "echo", GOOD_ECHO);
	items[1] = any_item(ids[1], "draft", "x",
			    "{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"bash\","
			    "\"code\":\"x\",\"seq\":5,\"cursor\":1,\"device\":\"desk\"}");
	items[2] = any_item(ids[2], "progress", "",
			    "{\"pack\":\"tiny\",\"slug\":\"slow\",\"state\":\"IN_PROGRESS\","
			    "\"hints\":1,\"spent_ms\":9000,\"best_score\":100}");
	items[3] = any_item(ids[3], "hint", "", "{\"pack\":\"tiny\",\"slug\":\"slow\",\"revealed\":2}");
	items[4] = any_item(ids[4], "rating", "", "{\"pack\":\"tiny\",\"slug\":\"slow\",\"stars\":5}");
	body = kl_format("{\"items\":[%s,%s,%s,%s,%s,%s,{}]}", items[0], items[1], items[2], items[3], items[4],
			 items[0]);
	expect_post(&daemon, "POST /api/sync/push", who, body, 200, "\"end\":\"duplicate\",\"receipt\":{");
	expect_post(&daemon, "POST /api/sync/push", who, body, 200, "\"end\":\"refused\",\"receipt\":null");
	free(body);
	await_verdicts(&daemon);
	expect(&daemon, "GET /api/users/me/progress", who, 200,
	       "\"slug\":\"slow\",\"state\":\"IN_PROGRESS\",\"submissions\":0,\"hints\":2,");
	expect(&daemon, "GET /api/users/me/drafts/tiny/echo/bash", who, 200, "{\"newest\":{\"id\":\"");
	expect(&daemon, "GET /api/users/me/drafts/tiny/slow/bash", who, 404, "there is no draft");
	for (size_t i = 0; i < 5; i++)
		free(items[i]);

	/* R08: drafts 5 and then 4. */
	new_id(ids[0]);
	items[0] = any_item(ids[0], "draft", "y",
			    "{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"bash\","
			    "\"code\":\"y\",\"seq\":4}");
	body = kl_format("{\"items\":[%s]}", items[0]);
	expect_post(&daemon, "POST /api/sync/push", who, body, 200, "\"end\":\"stale\",\"receipt\":{");
	ask(&reply, &daemon, "GET /api/users/me/drafts/tiny/echo/bash", who, NULL);
	check_has(&reply, 200, "\"older\":[{\"id\":\"");
	CHECK(strstr(reply.body, "\"seq\":5,\"device\":\"desk\"") && strstr(reply.body, "\"seq\":4,\"device\":\"\""),
	      "%s", reply.body);
	reply_release(&reply);
	free(items[0]);
	free(body);
	daemon_remove(&daemon);
	free(who);
}

/* --- the same again ----------------------------------------------------------------------------------------------- */

static void R05_same_request_ten_times(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who, *item, *head;
	struct reply reply;
	int fds[10];

	daemon_start(&daemon, CLASS_CONFIG);
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	who = signed_in(&daemon, "ada", "student");
	ledger_add(ledger, GOOD_ECHO);
	item = submission_item(ledger->entries[0].id, "echo", GOOD_ECHO);
	head = kl_format("POST /api/submissions HTTP/1.1\r\nHost: test\r\nConnection: close\r\n%s" JSON
			 "Content-Length: %zu\r\n\r\n",
			 who, strlen(item));
	for (size_t i = 0; i < KL_LENGTH(fds); i++) {
		fds[i] = client_connect(&daemon);
		client_text(fds[i], head);
		client_write(fds[i], item, strlen(item) - 1);
	}
	for (size_t i = 0; i < KL_LENGTH(fds); i++) /* the last byte of all of them at once */
		client_write(fds[i], "}", 1);
	for (size_t i = 0; i < KL_LENGTH(fds); i++) {
		char *receipt;

		client_read(&reply, fds[i]);
		close(fds[i]);
		check_has(&reply, reply.status == 201 ? 201 : 200, "\"receipt\":{");
		receipt = kl_format("\"receipt\":%s", ledger->entries[0].receipt);
		CHECK(!ledger->entries[0].receipt[0] || strstr(reply.body, receipt), "another receipt: %s", reply.body);
		if (!ledger->entries[0].receipt[0]) {
			const char *at = strstr(reply.body, "\"receipt\":") + strlen("\"receipt\":");

			snprintf(ledger->entries[0].receipt, sizeof(ledger->entries[0].receipt), "%.*s",
				 (int)(strchr(at, '}') - at + 1), at);
		}
		free(receipt);
		reply_release(&reply);
	}
	await_verdicts(&daemon);
	expect(&daemon, "GET /api/users/me/submissions", who, 200, "\"total\":1,");
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, true);
	daemon_remove(&daemon);
	free(item);
	free(head);
	free(who);
}

static void R06_other_content_conflicts(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who, *admin, *item, *log;

	daemon_start(&daemon, CLASS_CONFIG);
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	who = signed_in(&daemon, "ada", "student");
	admin = signed_in(&daemon, "root", "admin");
	CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201, "not taken");
	item = submission_item(ledger->entries[0].id, "echo", BAD_ECHO);
	expect_post(&daemon, "POST /api/submissions", who, item, 409, "\"code\":\"CONFLICT\"");
	free(item);
	for (int i = 0; i < 3; i++) { /* told once */
		item = submission_item(ledger->entries[0].id, "slow", BAD_ECHO);
		expect_post(&daemon, "POST /api/submissions", who, item, 409, "\"code\":\"CONFLICT\"");
		free(item);
	}
	await_verdicts(&daemon);
	log = daemon_log(&daemon);
	CHECK(strstr(log, "\"event\":\"intake_conflict\""), "%s", log);
	CHECK(strstr(log, "\"action\":\"intake.conflict\""), "%s", log);
	free(log);
	expect(&daemon, "GET /api/audit?action=intake.conflict", admin, 200, "\"total\":1,");
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, true);
	daemon_remove(&daemon);
	free(who);
	free(admin);
}

/* A year later, and after a restart: nothing is too late for its own receipt. */
static void R07_duplicate_long_after(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who;

	daemon_prepare(&daemon, CLASS_CONFIG);
	daemon.clock_ms = INT64_C(1795953600000);
	daemon_start_again(&daemon);
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	who = signed_in(&daemon, "ada", "student");
	CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201, "not taken");
	await_verdicts(&daemon);
	free(who);
	daemon_stop(&daemon, SIGTERM);
	daemon.clock_ms += INT64_C(365) * 24 * 3600 * 1000;
	daemon_start_again(&daemon);
	who = signed_in(&daemon, "ada", "student");
	CHECK(hand_in(ledger, &daemon, who, 0, "echo", GOOD_ECHO) == 200, "not known again");
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, true);
	daemon_remove(&daemon);
	free(who);
}

/* --- a full disk -------------------------------------------------------------------------------------------------- */

static void R13_full_disk(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	struct reply reply;
	char *who, *headers, *item;
	size_t index, refused = 0;

	daemon_start(&daemon, CLASS_CONFIG);
	daemon.errors = "storage_full";
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	who = signed_in(&daemon, "ada", "student");
	headers = kl_format("%s" JSON, who);
	CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201, "not taken");
	await_verdicts(&daemon);
	daemon_set_room(&daemon, 4096);
	for (int i = 0; i < 5; i++) {
		index = ledger_add(ledger, GOOD_ECHO);
		item = submission_item(ledger->entries[index].id, "echo", GOOD_ECHO);
		ask(&reply, &daemon, "POST /api/submissions", headers, item);
		check_has(&reply, 503, "\"code\":\"STORAGE_FULL\"");
		CHECK(strstr(reply.head, "\r\nRetry-After: ") && !strstr(reply.body, "receipt\":{"), "%s%s", reply.head,
		      reply.body);
		reply_release(&reply);
		free(item);
		refused++;
	}
	expect(&daemon, "GET /health", NULL, 200, "\"status\":\"degraded\"");
	expect(&daemon, "GET /api/users/me/submissions", who, 200, "\"total\":1,");
	daemon_set_room(&daemon, 0);
	ask_until(&daemon, "GET /health", NULL, "\"status\":\"ok\"");
	for (size_t i = 1; i <= refused; i++)
		CHECK(hand_in(ledger, &daemon, who, i, "echo", GOOD_ECHO) == 201, "not taken");
	await_verdicts(&daemon);
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, true);
	daemon_remove(&daemon);
	free(headers);
	free(who);
}

/* --- pulling ------------------------------------------------------------------------------------------------------ */

/* Another lab of his hears of the verdict, of how he stands, and of his draft. */
static void test_pulled(void)
{
	static const char draft[] =
		"{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"bash\",\"code\":\"cat\\n\",\"seq\":1}";
	char id[KL_ID_SIZE], *item, *body, *ada, *part;
	struct daemon daemon;
	struct ledger *ledger;
	size_t index;

	daemon_start(&daemon, CLASS_CONFIG);
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	ada = signed_in(&daemon, "ada", "student");
	index = ledger_add(ledger, GOOD_ECHO);
	CHECK(hand_in(ledger, &daemon, ada, index, "echo", GOOD_ECHO) == 201, "not taken");
	new_id(id);
	item = any_item(id, "draft", "cat\n", draft);
	body = kl_format("{\"items\":[%s]}", item);
	expect_post(&daemon, "POST /api/sync/push", ada, body, 200, "\"end\":\"stored\"");
	await_verdicts(&daemon);
	part = kl_format("\"body\":{\"id\":\"%s\"", ledger->entries[index].id);
	expect(&daemon, "GET /api/sync?cursor=0", ada, 200, part);
	expect(&daemon, "GET /api/sync?cursor=0", ada, 200, "\"subject\":\"tiny/echo/bash\",");
	expect(&daemon, "GET /api/sync?cursor=0", ada, 200, "\"kind\":\"progress\",\"subject\":\"tiny/echo\",");
	daemon_remove(&daemon);
	free(part);
	free(body);
	free(item);
	free(ada);
}

const struct test works_tests[] = {
	{ "works_are_judged", test_judged },
	{ "works_hide_hidden_tests", test_hidden },
	{ "works_judged_elsewhere", test_elsewhere },
	{ "works_refused", test_refused },
	{ "works_pushed", test_push },
	{ "works_pulled", test_pulled },
	{ "R05_same_request_ten_times", R05_same_request_ten_times },
	{ "R06_other_content_conflicts", R06_other_content_conflicts },
	{ "R07_duplicate_long_after", R07_duplicate_long_after },
	{ "R13_full_disk", R13_full_disk },
	{ NULL, NULL },
};
