/* The server dies, stops, is cut off, while work is handed in and judged: the ledger holds. */

#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "tests/server/ledger.h"

/* --- around the commit -------------------------------------------------------------------------------------------- */

/* Dies at place while one is handed in; then it is handed in again: status. */
static void die_once(const char *place, bool stored)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who;

	class_start(&daemon, &ledger, &who, "");
	daemon_stop(&daemon, SIGTERM);
	daemon_start_to_die(&daemon, place);
	CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 0, "it was answered");
	daemon_await_death(&daemon);
	daemon_start_again(&daemon);
	CHECK(hand_in(ledger, &daemon, who, 0, "echo", GOOD_ECHO) == (stored ? 200 : 201), "not as expected");
	CHECK(hand_in(ledger, &daemon, who, 0, "echo", GOOD_ECHO) == 200, "not known again");
	class_finish(&daemon, ledger, who);
}

static void R01_killed_after_the_commit(void)
{
	die_once("committed:1", true);
}

static void R02_killed_before_the_commit(void)
{
	die_once("commit:1", false);
}

static int send_request(const struct daemon *daemon, const char *target, const char *who, const char *body)
{
	char *text =
		kl_format("%s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n%s" JSON "Content-Length: %zu\r\n\r\n%s",
			  target, who, strlen(body), body);
	int fd = client_connect(daemon);

	client_text(fd, text);
	free(text);
	return fd;
}

/* What a lab pulls in the turn in which something is handed in: a cursor that is never committed would make it miss what gets this number then. */
static void R02_pulled_before_the_commit(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	struct reply reply;
	char id[KL_ID_SIZE], *who, *item, *items;
	int fds[5];

	class_start(&daemon, &ledger, &who, "");
	new_id(id);
	item = any_item(id, "draft", "x",
			"{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"bash\",\"code\":\"x\",\"seq\":1}");
	items = kl_format("{\"items\":[%s]}", item);
	daemon_stop(&daemon, SIGTERM);
	daemon_start_to_die(&daemon, "commit:1");
	kill(daemon.pid, SIGSTOP); /* so that all of it comes in one turn */
	for (size_t i = 0; i < KL_LENGTH(fds); i++)
		fds[i] = i == 2 ? send_request(&daemon, "POST /api/sync/push", who, items)
				: send_request(&daemon, "GET /api/sync", who, "");
	kill(daemon.pid, SIGCONT);
	for (size_t i = 0; i < KL_LENGTH(fds); i++) {
		client_read(&reply, fds[i]);
		CHECK(!strstr(reply.body, "\"kind\":\"draft\""), "%zu was told: %s", i, reply.body);
		CHECK(i != 2 || !reply.status, "it was answered");
		reply_release(&reply);
		close(fds[i]);
	}
	daemon_await_death(&daemon);
	daemon_remove(&daemon);
	free(item);
	free(items);
	free(who);
}

/* --- a line that swallows ----------------------------------------------------------------------------------------- */

/* Sends and goes without waiting for the answer. */
static void send_and_go(const struct ledger *ledger, const struct daemon *daemon, const char *who, size_t index)
{
	char *item = submission_item(ledger->entries[index].id, "echo", GOOD_ECHO);
	char *head =
		kl_format("POST /api/submissions HTTP/1.1\r\nHost: test\r\n%s" JSON "Content-Length: %zu\r\n\r\n%s",
			  who, strlen(item), item);
	int fd = client_connect(daemon);

	client_text(fd, head);
	close(fd);
	free(head);
	free(item);
}

/* A proxy swallows every third answer; whoever got none asks again. */
static void R04_swallowed_answers(void)
{
	int asked = 0, swallowed = 0;
	struct daemon daemon, line;
	struct ledger *ledger;
	char *who;

	class_start(&daemon, &ledger, &who, "");
	line = daemon;
	line.port = chaos_start(&daemon, "third");
	for (size_t i = 0; i < 12; i++)
		for (ledger_add(ledger, GOOD_ECHO); !ledger->entries[i].receipt[0]; asked++)
			swallowed += !hand_in(ledger, &line, who, i, "echo", GOOD_ECHO);
	CHECK(swallowed == asked / 3 && swallowed > 3, "%d of %d were swallowed", swallowed, asked);
	class_finish(&daemon, ledger, who);
}

/* Some go before they could have been answered. */
static void R04_gone_before_the_answer(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who;

	class_start(&daemon, &ledger, &who, "");
	for (size_t i = 0; i < 12; i++) {
		ledger_add(ledger, GOOD_ECHO);
		if (i % 3 == 0)
			send_and_go(ledger, &daemon, who, i);
		CHECK(hand_in(ledger, &daemon, who, i, "echo", GOOD_ECHO) != 0, "no answer");
	}
	for (size_t i = 0; i < 12; i++)
		CHECK(ledger->entries[i].receipt[0], "%zu has no receipt", i);
	class_finish(&daemon, ledger, who);
}

/* --- too late ----------------------------------------------------------------------------------------------------- */

#define NOON   INT64_C(1795953600000) /* 2026-11-29 12:00 UTC, when any_item() was made */
#define DAY_MS INT64_C(86400000)
#define ONE_DUE                                                                                                        \
	"{\"title\":\"Week 1\",\"late\":\"cut\",\"due_at\":\"2026-11-29T13:00:00Z\","                                  \
	"\"items\":[{\"pack\":\"tiny\",\"slug\":\"echo\",\"points\":10}]}"

/* A member of what is answered; owned by the caller. */
static char *made(const struct daemon *daemon, const char *target, const char *who, const char *body, const char *name)
{
	char *headers = kl_format("%s" JSON, who), *text;
	struct reply reply;

	ask(&reply, daemon, target, headers, body);
	CHECK(reply.status == 200 || reply.status == 201, "%s: %d %s", target, reply.status, reply.body);
	text = member_of(reply.body, name);
	reply_release(&reply);
	free(headers);
	return text;
}

static char *text_of(const struct daemon *daemon, const char *target, const char *who)
{
	struct reply reply;

	ask(&reply, daemon, target, who, NULL);
	CHECK(reply.status == 200, "%s: %d %s", target, reply.status, reply.body);
	free(reply.head);
	return reply.body;
}

/* A course with one assignment that is due at one; an item for it. Owned by the caller. */
static char *due_item(const struct daemon *daemon, const char *teacher, const char *who, char **course)
{
	char id[KL_ID_SIZE], *target, *code, *body, *assignment, *item;

	*course = made(daemon, "POST /api/courses", teacher, "{\"title\":\"P\",\"joining\":\"code\"}", "id");
	target = kl_format("POST /api/courses/%s/code", *course);
	code = made(daemon, target, teacher, "{}", "code");
	body = kl_format("{\"code\":\"%s\"}", code);
	expect_has(daemon, "POST /api/courses/join", who, body, 201, "STUDENT");
	free(body);
	free(target);
	target = kl_format("POST /api/courses/%s/assignments", *course);
	assignment = made(daemon, target, teacher, ONE_DUE, "id");
	body = kl_format("{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"bash\",\"code\":\"cat\\n\","
			 "\"course\":\"%s\",\"assignment\":\"%s\"}",
			 *course, assignment);
	new_id(id);
	item = any_item(id, "submission", GOOD_ECHO, body);
	free(target);
	free(code);
	free(body);
	free(assignment);
	return item;
}

/* What was handed in in time and comes once more a day too late has the receipt of then, and counts in full. */
static void R07_duplicate_after_the_deadline(void)
{
	char *teacher, *who, *course, *item, *signature, *again, *target, *before, *after;
	struct daemon daemon;

	daemon_prepare(&daemon, CLASS_CONFIG);
	daemon.clock_ms = NOON;
	daemon_start_again(&daemon);
	publish_tiny(&daemon);
	teacher = signed_in(&daemon, "teacher", "instructor");
	who = signed_in(&daemon, "ada", "student");
	item = due_item(&daemon, teacher, who, &course);
	signature = made(&daemon, "POST /api/submissions", who, item, "signature");
	await_verdicts(&daemon);
	target = kl_format("GET /api/courses/%s/gradebook.csv", course);
	before = text_of(&daemon, target, teacher);
	daemon_stop(&daemon, SIGTERM);
	free(teacher);
	free(who);
	daemon.clock_ms += DAY_MS;
	daemon_start_again(&daemon);
	teacher = signed_in(&daemon, "teacher", "instructor");
	who = signed_in(&daemon, "ada", "student");
	again = made(&daemon, "POST /api/submissions", who, item, "signature");
	CHECK(!strcmp(signature, again), "%s is another receipt than %s", again, signature);
	await_verdicts(&daemon);
	after = text_of(&daemon, target, teacher);
	CHECK(strstr(before, "\"ada\",\"ada\",10,10") && !strcmp(before, after), "%s\nwas %s", after, before);
	daemon_remove(&daemon);
	free(teacher);
	free(who);
	free(course);
	free(item);
	free(signature);
	free(again);
	free(target);
	free(before);
	free(after);
}

/* --- a worker that hangs ------------------------------------------------------------------------------------------ */

#define GIVEN_UP "the judge was not done in time and was given up"

static void R11_stopped_worker_is_given_up(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *held = held_code(0, "cat"), *who, *log;
	pid_t hung;

	class_start(&daemon, &ledger, &who, "class.lease_s = 5\n");
	hand_in(ledger, &daemon, who, ledger_add(ledger, held), "slow", held);
	held_await(0, true);
	hung = held_find(0);
	kill(hung, SIGSTOP);
	daemon_await_log(&daemon, GIVEN_UP);
	kill(hung, SIGCONT); /* whatever it still says is nobody's */
	while (held_find(0) == hung || !held_let_go(0)) /* the second one; alarm() ends the test */
		usleep(1000);
	await_verdicts(&daemon);
	log = daemon_log(&daemon);
	CHECK(strstr(log, "\"verdict\":\"passed\",\"epoch\":2"), "%s", log);
	free(log);
	free(held);
	class_finish(&daemon, ledger, who);
}

#define SECRET "a-key-of-the-judge-elsewhere"

/* Right when it is ended by SIGTERM, wrong by any other signal. */
static char *held_verdict(void)
{
	return held_code(0, "[ $? = 143 ] && cat || echo late");
}

/* The judge elsewhere has a result when the lease is over, and it is another one than what counts. */
static void R11_late_answer_from_elsewhere(void)
{
	struct daemon far, near;
	struct ledger *ledger;
	char *held = held_verdict(), *who, *target, *log;
	pid_t late;

	daemon_start(&far, "authn.tokens = " SECRET "\njudge.languages = 46\njudge.workers = 2\n" HELD_LIMITS);
	class_start(&near, &ledger, &who, "authz.tokens = the-program\njudge.executor = remote\nclass.lease_s = 5\n");
	class_lends(&near, &far, SECRET);
	CHECK(hand_in(ledger, &near, who, ledger_add(ledger, held), "slow", held) == 201, "not taken");
	target = kl_format("GET /api/submissions/%s", ledger->entries[0].id);
	held_await(0, true);
	late = held_find(0);
	daemon_await_log(&near, GIVEN_UP);
	ask_until(&far, "GET /health", NULL, "\"processing\":2,"); /* sent once more */
	kill(late, SIGUSR1);
	ask_until(&far, "GET /health", NULL, "\"processing\":1,");
	expect_has(&near, target, who, NULL, 200, "\"judgings\":0,"); /* not this one's */
	while (held_find(0) == late || !held_let_go(0)) /* the second one; alarm() ends the test */
		usleep(1000);
	await_verdicts(&near);
	expect_has(&near, target, who, NULL, 200, "\"verdict\":\"passed\",\"score\":100.0,\"passed\":1,\"total\":1,");
	log = daemon_log(&near);
	CHECK(strstr(log, "\"verdict\":\"passed\",\"epoch\":2") && !strstr(log, "\"epoch\":1"), "%s", log);
	class_finish(&near, ledger, who);
	daemon_remove(&far);
	free(log);
	free(held);
	free(target);
}

const struct test works_faults_tests[] = {
	{ "R01_killed_after_the_commit", R01_killed_after_the_commit },
	{ "R02_pulled_before_the_commit", R02_pulled_before_the_commit },
	{ "R02_killed_before_the_commit", R02_killed_before_the_commit },
	{ "R04_swallowed_answers", R04_swallowed_answers },
	{ "R04_gone_before_the_answer", R04_gone_before_the_answer },
	{ "R07_duplicate_after_the_deadline", R07_duplicate_after_the_deadline },
	{ "R11_stopped_worker_is_given_up", R11_stopped_worker_is_given_up },
	{ "R11_late_answer_from_elsewhere", R11_late_answer_from_elsewhere },
	{ NULL, NULL },
};
