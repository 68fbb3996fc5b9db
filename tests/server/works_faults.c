/* The server dies, stops, is cut off, while work is handed in and judged: the ledger holds. */

#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>

#include "tests/server/ledger.h"

static void prepare(struct daemon *daemon, struct ledger **ledger, char **who, const char *extra)
{
	char *config = kl_format(CLASS_CONFIG "%s", extra);

	daemon_start(daemon, config);
	publish_tiny(daemon);
	*ledger = ledger_new(daemon);
	*who = signed_in(daemon, "ada", "student");
	free(config);
}

static void finish(struct daemon *daemon, struct ledger *ledger, char *who)
{
	char *log;

	await_verdicts(daemon);
	daemon_stop(daemon, SIGTERM);
	ledger_check(ledger, daemon, true);
	log = daemon_log(daemon);
	CHECK(!strstr(log, "\"level\":\"error\""), "%s", log);
	daemon_remove(daemon);
	free(log);
	free(who);
}

static void await_death(struct daemon *daemon)
{
	int status;

	CHECK(waitpid(daemon->pid, &status, 0) == daemon->pid, "waitpid");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "it ended with %x: %s", status, daemon_log(daemon));
	daemon->pid = 0;
}

static void start_to_die(struct daemon *daemon, const char *kill)
{
	daemon->kill = kill;
	daemon_start_again(daemon);
	daemon->kill = NULL;
}

/* --- around the commit -------------------------------------------------------------------------------------------- */

/* Dies at place while one is handed in; then it is handed in again: status. */
static void die_once(const char *place, bool stored)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who;

	prepare(&daemon, &ledger, &who, "");
	daemon_stop(&daemon, SIGTERM);
	start_to_die(&daemon, place);
	CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 0, "it was answered");
	await_death(&daemon);
	daemon_start_again(&daemon);
	CHECK(hand_in(ledger, &daemon, who, 0, "echo", GOOD_ECHO) == (stored ? 200 : 201), "not as expected");
	CHECK(hand_in(ledger, &daemon, who, 0, "echo", GOOD_ECHO) == 200, "not known again");
	finish(&daemon, ledger, who);
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

	prepare(&daemon, &ledger, &who, "");
	new_id(id);
	item = any_item(id, "draft", "x",
			"{\"pack\":\"tiny\",\"slug\":\"echo\",\"language\":\"bash\",\"code\":\"x\",\"seq\":1}");
	items = kl_format("{\"items\":[%s]}", item);
	daemon_stop(&daemon, SIGTERM);
	start_to_die(&daemon, "commit:1");
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
	await_death(&daemon);
	daemon_remove(&daemon);
	free(item);
	free(items);
	free(who);
}

/* --- anywhere ----------------------------------------------------------------------------------------------------- */

#define CLIENTS 6
#define EACH    3 /* submissions of a client in a round */

static unsigned long seed_of(const char *name, unsigned long otherwise)
{
	const char *said = getenv(name);

	return said && *said ? strtoul(said, NULL, 10) : otherwise;
}

static unsigned long chance(unsigned long *state)
{
	*state = *state * 6364136223846793005UL + 1442695040888963407UL;
	return *state >> 33;
}

/* Hands in what has no receipt yet, until all have one or nobody answers. */
static KL_NORETURN void be_client(struct ledger *ledger, const struct daemon *daemon, const char *who, size_t from,
				  size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!ledger->entries[i].receipt[0] && !hand_in(ledger, daemon, who, i, "echo", GOOD_ECHO))
			_exit(0);
	_exit(0);
}

static void R03_killed_anywhere(void)
{
	unsigned long rounds = seed_of("KL_ROUNDS", 5), state = seed_of("KL_SEED", 20261129);
	struct daemon daemon;
	struct ledger *ledger;
	char *who;

	prepare(&daemon, &ledger, &who, "queue.tries = 100\n");
	daemon_stop(&daemon, SIGTERM);
	for (unsigned long round = 0; round < rounds; round++) {
		char *place = kl_format("any:%lu", 1 + chance(&state) % 60);
		pid_t clients[CLIENTS];
		int status;

		for (int i = 0; i < CLIENTS * EACH && ledger->count < LEDGER_MAX; i++)
			ledger_add(ledger, GOOD_ECHO);
		start_to_die(&daemon, place);
		for (size_t i = 0; i < CLIENTS; i++) {
			clients[i] = fork();
			if (!clients[i])
				be_client(ledger, &daemon, who, i * ledger->count / CLIENTS,
					  (i + 1) * ledger->count / CLIENTS);
		}
		for (size_t i = 0; i < CLIENTS; i++)
			CHECK(waitpid(clients[i], &status, 0) == clients[i] && !status, "a client failed");
		if (waitpid(daemon.pid, &status, WNOHANG) != daemon.pid) /* it came by there less often */
			daemon_end(&daemon, SIGKILL);
		daemon.pid = 0;
		ledger_check(ledger, &daemon, false);
		free(place);
	}
	daemon_start_again(&daemon);
	for (size_t i = 0; i < ledger->count; i++)
		CHECK(hand_in(ledger, &daemon, who, i, "echo", GOOD_ECHO) != 0, "no answer");
	finish(&daemon, ledger, who);
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

static void R04_swallowed_answers(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who;

	prepare(&daemon, &ledger, &who, "");
	for (size_t i = 0; i < 12; i++) {
		ledger_add(ledger, GOOD_ECHO);
		if (i % 3 == 0)
			send_and_go(ledger, &daemon, who, i);
		CHECK(hand_in(ledger, &daemon, who, i, "echo", GOOD_ECHO) != 0, "no answer");
	}
	for (size_t i = 0; i < 12; i++)
		CHECK(ledger->entries[i].receipt[0], "%zu has no receipt", i);
	finish(&daemon, ledger, who);
}

/* --- stopping ----------------------------------------------------------------------------------------------------- */

static void R09_stopped_under_load(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	pid_t clients[CLIENTS];
	int status;
	char *who;

	prepare(&daemon, &ledger, &who, "");
	for (int i = 0; i < CLIENTS * 8; i++)
		ledger_add(ledger, GOOD_ECHO);
	for (size_t i = 0; i < CLIENTS; i++) {
		clients[i] = fork();
		if (!clients[i])
			be_client(ledger, &daemon, who, i * 8, (i + 1) * 8);
	}
	while (!ledger->entries[5].receipt[0]) /* well under way */
		usleep(1000);
	daemon_stop(&daemon, SIGTERM); /* exit status 0 */
	for (size_t i = 0; i < CLIENTS; i++)
		waitpid(clients[i], &status, 0);
	ledger_check(ledger, &daemon, false);
	daemon_start_again(&daemon);
	for (size_t i = 0; i < ledger->count; i++)
		CHECK(hand_in(ledger, &daemon, who, i, "echo", GOOD_ECHO) != 0, "no answer");
	finish(&daemon, ledger, who);
}

/* --- dying while it judges ---------------------------------------------------------------------------------------- */

static void expect(const struct daemon *daemon, const char *target, const char *who, const char *part)
{
	struct reply reply;

	ask(&reply, daemon, target, who, NULL);
	check_has(&reply, 200, part);
	reply_release(&reply);
}

/* Many wait, some run: each gets its verdict once. One that dies with the server three times is told, not tried for ever. */
static void R10_killed_while_it_judges(void)
{
	static const char *const places[] = { "found:2", "claimed:3", "found:1" };
	struct daemon daemon;
	struct ledger *ledger;
	char *who, *log;

	prepare(&daemon, &ledger, &who, "queue.tries = 50\n");
	daemon_stop(&daemon, SIGTERM);
	for (int i = 0; i < 16; i++)
		ledger_add(ledger, GOOD_ECHO);
	for (size_t round = 0; round < KL_LENGTH(places); round++) {
		start_to_die(&daemon, places[round]);
		for (size_t i = 0; i < ledger->count; i++)
			if (!ledger->entries[i].receipt[0] && !hand_in(ledger, &daemon, who, i, "echo", GOOD_ECHO))
				break;
		await_death(&daemon);
	}
	daemon_start_again(&daemon);
	for (size_t i = 0; i < ledger->count; i++)
		hand_in(ledger, &daemon, who, i, "echo", GOOD_ECHO);
	await_verdicts(&daemon);
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, true);

	daemon_configure(&daemon, CLASS_CONFIG); /* three tries */
	for (int round = 0; round < 3; round++) {
		start_to_die(&daemon, "found:1");
		if (!round)
			hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO);
		await_death(&daemon);
	}
	daemon_start_again(&daemon);
	expect(&daemon, "GET /api/users/me/submissions?limit=1", who, "\"state\":\"failed\"");
	expect(&daemon, "GET /api/users/me/submissions?limit=1", who, "\"verdict\":\"judge_error\"");
	log = daemon_log(&daemon);
	CHECK(strstr(log, "\"event\":\"judge_gave_up\",\"works\":1"), "%s", log);
	daemon_remove(&daemon);
	free(log);
	free(who);
}

/* --- a worker that hangs ------------------------------------------------------------------------------------------ */

/* A process below pid that runs program; 0: there is none. */
static pid_t find_below(pid_t pid, const char *program)
{
	char path[64], name[64] = "";
	struct kl_buf text;
	pid_t found = 0;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	kl_buf_init(&text, 4096);
	(void)!kl_file_read(&text, path, NULL);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text.data, "\n"), text.data);
	if (!strcmp(name, program))
		found = pid;
	kl_buf_clear(&text);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	(void)!kl_file_read(&text, path, NULL);
	for (char *at = text.data, *end; !found && *at; at = end) {
		pid_t child = (pid_t)strtol(at, &end, 10);

		if (end == at)
			break;
		found = find_below(child, program);
		end += *end == ' ';
	}
	kl_buf_release(&text);
	return found;
}

static void R11_stopped_worker_is_given_up(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who, *log;
	pid_t hung = 0;

	prepare(&daemon, &ledger, &who, "class.lease_s = 5\n");
	hand_in(ledger, &daemon, who, ledger_add(ledger, "sleep 1; cat\n"), "slow", "sleep 1; cat\n");
	while (!(hung = find_below(daemon.pid, "sleep")))
		usleep(1000);
	kill(hung, SIGSTOP);
	for (bool given_up = false; !given_up; free(log)) { /* alarm() ends the test */
		log = daemon_log(&daemon);
		given_up = strstr(log, "the judge was not done in time and was given up") != NULL;
		usleep(10000);
	}
	kill(hung, SIGCONT); /* whatever it still says is nobody's */
	await_verdicts(&daemon);
	log = daemon_log(&daemon);
	CHECK(strstr(log, "\"verdict\":\"passed\",\"epoch\":2"), "%s", log);
	free(log);
	finish(&daemon, ledger, who);
}

/* --- judging again ------------------------------------------------------------------------------------------------ */

static char *admin_post(const struct daemon *daemon, const char *who, const char *target, const char *body)
{
	char *headers = kl_format("%s" JSON, who), *copy;
	struct reply reply;

	ask(&reply, daemon, target, headers, body);
	CHECK(reply.status == 200 || reply.status == 201, "%s: %s", target, reply.body);
	copy = kl_strdup(reply.body);
	reply_release(&reply);
	free(headers);
	return copy;
}

#define AGAIN 24

static void R12_judged_again(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who, *admin, *body, *id, *target;

	prepare(&daemon, &ledger, &who, "");
	admin = signed_in(&daemon, "root", "admin");
	for (size_t i = 0; i < AGAIN; i++)
		hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO);
	await_verdicts(&daemon);
	body = admin_post(&daemon, admin, "POST /api/admin/rejudge", "{\"pack\":\"tiny\",\"slug\":\"echo\"}");
	id = member_of(body, "id");
	CHECK(strstr(body, "\"total\":24,"), "%s", body);
	free(body);
	for (size_t i = 0; i < 10; i++) /* others arrive meanwhile */
		CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201,
		      "not taken");
	expect(&daemon, "GET /api/admin/rejudge", admin,
	       "\"pagination\":{\"page\":1,\"limit\":20,\"total\":1,\"pages\":1}");
	target = kl_format("GET /api/admin/rejudge/%s", id);
	ask_until(&daemon, target, admin, "\"state\":\"done\"");
	expect(&daemon, target, admin, "\"total\":24,\"done\":24,\"changed\":0,");
	await_verdicts(&daemon);
	free(target);
	free(id);

	/* Once more, cancelled at once and half way: what was found before is there again. */
	body = admin_post(&daemon, admin, "POST /api/admin/rejudge", "{\"pack\":\"tiny\",\"slug\":\"echo\"}");
	id = member_of(body, "id");
	free(body);
	target = kl_format("GET /api/admin/rejudge/%s", id);
	ask_until(&daemon, target, admin, "\"changed\":0");
	free(target);
	target = kl_format("DELETE /api/admin/rejudge/%s", id);
	body = admin_post(&daemon, admin, target, NULL);
	CHECK(strstr(body, "\"state\":\"canceling\""), "%s", body);
	free(body);
	free(target);
	expect_has(&daemon, "GET /api/audit?limit=2&action=rejudge.cancel", admin, NULL, 200,
		   "\"pagination\":{\"page\":1,\"limit\":2,\"total\":1,");
	target = kl_format("GET /api/admin/rejudge/%s", id);
	ask_until(&daemon, target, admin, "\"state\":\"canceled\"");
	await_verdicts(&daemon);
	expect(&daemon, "GET /api/users/me/progress", who, "\"state\":\"COMPLETED\",\"submissions\":34,");
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, false);
	daemon_remove(&daemon);
	free(target);
	free(id);
	free(admin);
	free(who);
}

const struct test works_faults_tests[] = {
	{ "R01_killed_after_the_commit", R01_killed_after_the_commit },
	{ "R02_pulled_before_the_commit", R02_pulled_before_the_commit },
	{ "R02_killed_before_the_commit", R02_killed_before_the_commit },
	{ "R03_killed_anywhere", R03_killed_anywhere },
	{ "R04_swallowed_answers", R04_swallowed_answers },
	{ "R09_stopped_under_load", R09_stopped_under_load },
	{ "R10_killed_while_it_judges", R10_killed_while_it_judges },
	{ "R11_stopped_worker_is_given_up", R11_stopped_worker_is_given_up },
	{ "R12_judged_again", R12_judged_again },
	{ NULL, NULL },
};
