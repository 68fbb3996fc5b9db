/* What is counted: wrong passwords, requests, hashes; the audit log; a storm at the door. */

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>

#include "tests/server/harness.h"

#define OPEN  "accounts.registration = open\njudge.enabled = false\n"
#define WRONG "the name or the password is wrong"
#define MANY                                                                                                           \
	"too many wrong passwords for this name from this address: wait a while, or ask your instructor for a reset code"
#define STORM 2000

static char *login_body(const char *name, const char *password)
{
	return kl_format("{\"name\":\"%s\",\"password\":\"%s\"}", name, password);
}

/* Signs in from an address, as a proxy of ours tells it; the status. */
static int login_from(const struct daemon *daemon, const char *from, const char *name, const char *password)
{
	char *headers = kl_format(JSON "X-Forwarded-For: 198.51.100.1, %s\r\n", from),
	     *body = login_body(name, password);
	struct reply reply;
	int status;

	ask(&reply, daemon, "POST /api/auth/login", headers, body);
	status = reply.status;
	reply_release(&reply);
	free(headers);
	free(body);
	return status;
}

/* The value of a header as a number; -1: it is not there. */
static long header_number(const struct reply *reply, const char *name)
{
	char *mark = kl_format("\r\n%s: ", name);
	const char *at = strstr(reply->head, mark);
	long value = at ? strtol(at + strlen(mark), NULL, 10) : -1;

	free(mark);
	return value;
}

/* --- A04 ---------------------------------------------------------------------------------------------------------------- */

static void test_lockout(void)
{
	struct daemon daemon;
	struct reply reply;
	char *body;

	daemon_start(&daemon, OPEN "access.proxies = 127.0.0.1\n");
	free(signed_in(&daemon, "ada", "student"));
	for (int i = 0; i < 10; i++)
		CHECK(login_from(&daemon, "10.0.0.66", "ada", "guessed") == 401, "guess %d", i);
	body = login_body("ada", PASSWORD);
	ask(&reply, &daemon, "POST /api/auth/login", JSON "X-Forwarded-For: 10.0.0.66\r\n", body);
	check_has(&reply, 429, MANY); /* even with the right one: nobody learns by it that it is */
	CHECK(header_number(&reply, "Retry-After") > 880 && header_number(&reply, "Retry-After") <= 900, "%s",
	      reply.head);
	reply_release(&reply);
	free(body);
	CHECK(login_from(&daemon, "10.0.0.66", "ADA", PASSWORD) == 429, "the same account in other letters");
	CHECK(login_from(&daemon, "10.0.0.7", "ada", PASSWORD) == 200, "the victim is locked out");
	for (int i = 0; i < 11; i++) { /* one host has all the addresses of a network of 64 bits */
		char *from = kl_format("2001:db8:0:1:%x::1", i + 1);

		CHECK(login_from(&daemon, from, "ada", "guessed") == (i < 10 ? 401 : 429), "%s", from);
		free(from);
	}
	CHECK(login_from(&daemon, "2001:db8:0:2::1", "ada", PASSWORD) == 200, "another network is locked out");
	for (int i = 0; i < 50; i++) { /* one account, tried from everywhere */
		char *from = kl_format("10.1.0.%d", i);

		CHECK(login_from(&daemon, from, "ada", "guessed") == 401, "%s", from);
		free(from);
	}
	CHECK(login_from(&daemon, "10.0.0.7", "ada", PASSWORD) == 200, "the victim is locked out");
	CHECK(login_from(&daemon, "10.0.0.66", "nobody", "guessed") == 401, "another name from there");
	daemon_remove(&daemon);
}

/* A class behind one address: forty sign in, each after a slip, while one of them guesses. */
static void test_one_address(void)
{
	struct daemon daemon;

	daemon_start(&daemon, OPEN);
	for (int i = 0; i < 10; i++)
		expect_has(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"victim\",\"password\":\"guessed\"}", 401,
			   WRONG);
	expect_has(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"victim\",\"password\":\"guessed\"}", 429, MANY);
	for (int i = 0; i < 40; i++) {
		char *name = kl_format("student.%c%c", 'a' + i / 10, 'm' + i % 10), *slip = login_body(name, "slipped");

		free(signed_in(&daemon, name, "student"));
		expect_has(&daemon, "POST /api/auth/login", NULL, slip, 401, WRONG);
		expect_has(&daemon, "POST /api/auth/login", "X-Forwarded-For: 10.9.9.9\r\n", slip, 401,
			   WRONG); /* no proxy of ours */
		free(signed_in(&daemon, name, "student"));
		free(name);
		free(slip);
	}
	daemon_remove(&daemon);
}

/* --- A05 ---------------------------------------------------------------------------------------------------------------- */

static long hashes(const struct daemon *daemon)
{
	static const char mark[] = "\nkodelabd_password_hashes_total ";
	struct reply reply;
	long count;

	ask(&reply, daemon, "GET /metrics", NULL, NULL);
	check_has(&reply, 200, mark);
	count = strtol(strstr(reply.body, mark) + strlen(mark), NULL, 10);
	reply_release(&reply);
	return count;
}

/* Who is told to ask for a code gets in with it, and with the password that he chose; codes that are guessed are counted, too. */
static void test_code_after_wrong_passwords(void)
{
	static const char wrong[] = "{\"name\":\"ada\",\"password\":\"not her password\"}";
	static const char guess[] = "{\"name\":\"ada\",\"code\":\"ABCD-EFGH-JKLM\",\"new\":\"second of all\"}";
	char *admin, *ada, *id, *target, *code, *body;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, OPEN "accounts.login_failures = 1\n");
	admin = signed_in(&daemon, "root", "admin");
	ada = signed_in(&daemon, "ada", "student");
	ask(&reply, &daemon, "GET /api/auth/me", ada, NULL);
	id = member_of(reply.body, "id");
	reply_release(&reply);
	target = kl_format("POST /api/users/%s/reset-code", id);
	ask(&reply, &daemon, target, admin, NULL);
	check_has(&reply, 201, "\"code\":\"");
	code = member_of(reply.body, "code");
	reply_release(&reply);
	expect_refused(&daemon, "POST /api/auth/login", NULL, wrong, 401, "UNAUTHORIZED", WRONG);
	expect_refused(&daemon, "POST /api/auth/login", NULL, wrong, 429, "TOO_MANY_REQUESTS",
		       "too many wrong passwords for this name from this address: wait a while, or ask your "
		       "instructor for a reset code");
	body = kl_format("{\"name\":\"ada\",\"code\":\"%s\",\"new\":\"second of all\"}", code);
	expect_has(&daemon, "POST /api/auth/reset", NULL, body, 200, "kls_");
	expect_has(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"ada\",\"password\":\"second of all\"}", 200,
		   "kls_");
	expect_refused(&daemon, "POST /api/auth/reset", NULL, guess, 401, "UNAUTHORIZED",
		       "this code is not good for that name, or over: ask for another");
	expect_refused(&daemon, "POST /api/auth/reset", NULL, guess, 429, "TOO_MANY_REQUESTS",
		       "too many wrong codes for this name from this address: wait a while");
	daemon_remove(&daemon);
	free(body);
	free(code);
	free(target);
	free(id);
	free(ada);
	free(admin);
}

/* Whoever it is, it costs one hash, and the answer is byte for byte the same. */
static void test_same_work(void)
{
	/* clang-format off */
	static const struct { const char *target, *body; } cases[] = {
		{ "POST /api/auth/login", "{\"name\":\"ada\",\"password\":\"not her password\"}" },
		{ "POST /api/auth/login", "{\"name\":\"nobody\",\"password\":\"not her password\"}" },
		{ "POST /api/auth/login", "{\"name\":\"dora\",\"password\":\"not her password\"}" }, /* disabled */
		{ "POST /api/auth/login", "{\"name\":\"dora\",\"password\":\"" PASSWORD "\"}" },
		{ "POST /api/auth/reset", "{\"name\":\"ada\",\"code\":\"ABCD-EFGH-JKLM\",\"new\":\"second of all\"}" },
		{ "POST /api/auth/reset", "{\"name\":\"nobody\",\"code\":\"ABCD-EFGH-JKLM\",\"new\":\"second of all\"}" },
		{ "POST /api/auth/reset", "{\"name\":\"dora\",\"code\":\"ABCD-EFGH-JKLM\",\"new\":\"second of all\"}" },
		{ "POST /api/auth/reset", "{\"name\":\"ada\",\"code\":\"no code at all\",\"new\":\"second of all\"}" },
	};
	/* clang-format on */
	struct daemon daemon;
	long before;

	daemon_start(&daemon, OPEN);
	free(signed_in(&daemon, "ada", "student"));
	free(signed_in(&daemon, "dora", "student"));
	CHECK(!daemon_command(&daemon, "user disable dora", NULL, NULL), "user disable");
	before = hashes(&daemon);
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		expect_refused(&daemon, cases[i].target, NULL, cases[i].body, 401, "UNAUTHORIZED",
			       strstr(cases[i].target, "login")
				       ? WRONG
				       : "this code is not good for that name, or over: ask for another");
		CHECK(hashes(&daemon) == before + (long)i + 1, "%s cost %ld hashes", cases[i].body,
		      hashes(&daemon) - before - (long)i);
	}
	daemon_remove(&daemon);
}

/* --- how often ---------------------------------------------------------------------------------------------------------- */

static void test_rates(void)
{
	struct daemon daemon;
	struct reply reply;
	char *ada, *bob;
	long reset;

	daemon_start(&daemon, OPEN "accounts.requests_per_minute = 3\n");
	ada = signed_in(&daemon, "ada", "student");
	bob = signed_in(&daemon, "bob", "student");
	for (int i = 0; i < 3; i++) {
		ask(&reply, &daemon, i == 1 ? "GET /api/nowhere" : "GET /api/auth/me", ada, NULL);
		CHECK(reply.status == (i == 1 ? 404 : 200), "%d: %s", reply.status, reply.body);
		CHECK(header_number(&reply, "X-RateLimit-Limit") == 3, "%s", reply.head);
		CHECK(header_number(&reply, "X-RateLimit-Remaining") == 2 - i, "%s", reply.head);
		reset = header_number(&reply, "X-RateLimit-Reset");
		CHECK(reset >= time(NULL) && reset <= time(NULL) + 61, "%s", reply.head);
		reply_release(&reply);
	}
	ask(&reply, &daemon, "GET /api/auth/me", ada, NULL);
	check_has(&reply, 429, "\"code\":\"TOO_MANY_REQUESTS\"");
	CHECK(header_number(&reply, "X-RateLimit-Remaining") == 0, "%s", reply.head);
	CHECK(header_number(&reply, "Retry-After") >= 1 && header_number(&reply, "Retry-After") <= 60, "%s",
	      reply.head);
	CHECK(header_number(&reply, "X-RateLimit-Reset") - time(NULL) <= header_number(&reply, "Retry-After") + 1, "%s",
	      reply.head);
	reply_release(&reply);
	expect_has(&daemon, "GET /api/auth/me", bob, NULL, 200, "\"name\":\"bob\"");
	ask(&reply, &daemon, "GET /api/auth/me", NULL, NULL); /* nobody's */
	CHECK(header_number(&reply, "X-RateLimit-Limit") == -1, "%s", reply.head);
	reply_release(&reply);
	daemon_remove(&daemon);
	free(ada);
	free(bob);
}

/* --- A13 ---------------------------------------------------------------------------------------------------------------- */

/* What an edit of the stopped server's database is found to be. */
static void edit(struct daemon *daemon, const char *statement, const char *found)
{
	char *command = kl_format("sqlite3 %s/kodelabd.db '%s'", daemon->folder, statement), *text;
	char *const argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, command, NULL };

	text = output_of(argv);
	CHECK(!*text, "%s: %s", statement, text);
	free(text);
	CHECK(daemon_command(daemon, "audit verify", NULL, &text) == (strstr(found, "wrong") ? 1 : 0) &&
		      strstr(text, found),
	      "%s: %s", statement, text);
	free(text);
	free(command);
}

static void test_audit(void)
{
	char *admin, *id, *target, *text;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, OPEN);
	admin = signed_in(&daemon, "root", "admin");
	free(signed_in(&daemon, "eve", "student"));
	ask(&reply, &daemon, "GET /api/users?search=eve", admin, NULL);
	id = member_of(reply.body, "id");
	reply_release(&reply);
	target = kl_format("PUT /api/users/%s/role", id);
	expect_has(&daemon, target, admin, "{\"role\":\"ADMIN\"}", 200, "\"role\":\"ADMIN\"");
	expect_has(&daemon, target, admin, "{\"role\":\"STUDENT\"}", 200, "\"role\":\"STUDENT\"");
	CHECK(!daemon_command(&daemon, "audit verify", NULL, &text) &&
		      strstr(text, "4 rows of the audit log are as they were"),
	      "%s", text); /* beside the server */
	free(text);
	expect_has(&daemon, "GET /api/audit", admin, NULL, 200, "\"detail\":\"eve: ADMIN to STUDENT\"");
	daemon_stop(&daemon, SIGTERM);
	edit(&daemon, "SELECT 1 WHERE 0", "4 rows of the audit log are as they were written");
	edit(&daemon, "CREATE TABLE kept AS SELECT * FROM audit", "4 rows");
	edit(&daemon, "UPDATE audit SET detail = \"\" WHERE number = 3",
	     "row 3 of the audit log is wrong: it is not as it was written");
	edit(&daemon, "DELETE FROM audit WHERE number = 3", "row 3 of the audit log is wrong: it is missing");
	edit(&daemon, "INSERT INTO audit SELECT * FROM kept WHERE number = 3", "4 rows");
	edit(&daemon, "DELETE FROM audit WHERE number = 4", "row 4 of the audit log is wrong: it is missing");
	edit(&daemon,
	     "INSERT INTO audit SELECT 4, at_ms, actor, name, action, subject, detail, origin, chain FROM kept WHERE number = 2",
	     "row 4 of the audit log is wrong: it is not as it was written");
	edit(&daemon, "DELETE FROM audit WHERE number = 4; UPDATE audit_head SET number = 3",
	     "row 3 of the audit log is wrong: the log");
	daemon_remove(&daemon);
	free(target);
	free(id);
	free(admin);
}

/* --- A14 ---------------------------------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;

	return first < second ? -1 : first > second;
}

static int send_login(const struct daemon *daemon, int number)
{
	char *body = kl_format("{\"name\":\"student%d\",\"password\":\"a password\"}", number);
	char *text = kl_format("POST /api/auth/login HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" JSON
			       "Content-Length: %zu\r\n\r\n%s",
			       strlen(body), body);
	int fd = client_connect(daemon);

	client_text(fd, text);
	free(text);
	free(body);
	return fd;
}

/* What one who signs in waits for while nobody else does. */
static int64_t login_us(const struct daemon *daemon)
{
	int64_t begin_us = kl_clock_mono_us();
	int fd = send_login(daemon, STORM);
	struct reply reply;

	client_read(&reply, fd);
	CHECK(reply.status == 401, "%d %s", reply.status, reply.body);
	reply_release(&reply);
	close(fd);
	return kl_clock_mono_us() - begin_us;
}

/* Who was told to come again, because too many signed in, has not guessed: his tries are not counted. */
static void test_crowded(void)
{
	struct daemon daemon;
	struct reply reply;
	size_t refused = 0;
	int fds[16];

	daemon_start(&daemon, OPEN "accounts.hash_kib = 65536\naccounts.hash_passes = 4\naccounts.hash_workers = 1\n"
				   "accounts.hash_queue = 1\n");
	for (size_t i = 0; i < KL_LENGTH(fds); i++)
		fds[i] = send_login(&daemon, 0);
	for (size_t i = 0; i < KL_LENGTH(fds); i++) {
		client_read(&reply, fds[i]);
		CHECK(reply.status == 401 || strstr(reply.body, "too many sign in at this moment"), "%d %s",
		      reply.status, reply.body);
		refused += reply.status == 429;
		reply_release(&reply);
		close(fds[i]);
	}
	CHECK(refused > 10, "%zu were refused", refused);
	daemon_remove(&daemon);
}

/* Two thousand sign in at once, at the true cost of a hash, while somebody works. */
static void test_storm(void)
{
	static int fds[STORM];
	int64_t took_us[200], hash_us;
	struct daemon daemon;
	struct reply reply;
	size_t refused = 0;
	char *ada;

	need_files(STORM + 100);
	daemon_start(&daemon,
		     OPEN "accounts.hash_kib = 65536\naccounts.hash_passes = 2\naccounts.hash_queue = 32\n"
			  "limits.connections = 4096\nlimits.connections_per_address = 4096\nlog.requests = false\n");
	ada = signed_in(&daemon, "ada", "student");
	hash_us = login_us(&daemon);
	for (int i = 0; i < STORM; i++)
		fds[i] = send_login(&daemon, i);
	for (size_t i = 0; i < KL_LENGTH(took_us); i++) {
		int64_t begin_us = kl_clock_mono_us();

		ask(&reply, &daemon, "GET /api/auth/me", ada, NULL);
		took_us[i] = kl_clock_mono_us() - begin_us;
		check_has(&reply, 200, "\"name\":\"ada\"");
		reply_release(&reply);
	}
	qsort(took_us, KL_LENGTH(took_us), sizeof(took_us[0]), by_size);
	if (getenv("KL_SAMPLES")) { /* a campaign tells */
		printf("A14: beside %d logins, of %zu requests: median %lld us, 99th percentile %lld us\n", STORM,
		       KL_LENGTH(took_us), (long long)took_us[100], (long long)took_us[198]);
		fflush(stdout);
	}
	/* Who waits for one hash takes as long as one, on this machine, when it does nothing else. */
	CHECK(took_us[100] < hash_us, "others waited: half of them %lld us, a hash takes %lld us",
	      (long long)took_us[100], (long long)hash_us);
	for (size_t i = 0; i < STORM; i++) {
		client_read(&reply, fds[i]);
		CHECK(reply.status == 401 || (reply.status == 429 && header_number(&reply, "Retry-After") >= 1),
		      "%d %s %s", reply.status, reply.head, reply.body);
		refused += reply.status == 429;
		reply_release(&reply);
		close(fds[i]);
	}
	CHECK(refused > 0 && refused < STORM, "%zu of %d were refused", refused, STORM);
	daemon_remove(&daemon);
	free(ada);
}

/* Who hangs up while he waits is not waited for: his password is not hashed. */
static void test_hung_up(void)
{
	int fds[20];
	struct daemon daemon;
	char *ada;
	long before;

	daemon_start(&daemon, OPEN "accounts.hash_kib = 65536\naccounts.hash_passes = 4\naccounts.hash_workers = 1\n");
	ada = signed_in(&daemon, "ada", "student");
	before = hashes(&daemon);
	for (int i = 0; i < 20; i++)
		fds[i] = send_login(&daemon, i);
	expect_has(&daemon, "GET /api/auth/me", ada, NULL, 200, "\"name\":\"ada\""); /* they are there before it */
	for (int i = 0; i < 20; i++)
		close(fds[i]);
	expect_has(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"ada\",\"password\":\"" PASSWORD "\"}", 200,
		   "kls_");
	CHECK(hashes(&daemon) - before < 20, "%ld hashes were made for nobody", hashes(&daemon) - before - 1);
	daemon_remove(&daemon);
	free(ada);
}

const struct test limits_tests[] = {
	{ "A04_lockout", test_lockout },
	{ "A04_class_behind_one_address", test_one_address },
	{ "A05_same_work_for_everybody", test_same_work },
	{ "accounts_rates", test_rates },
	{ "A13_edited_audit_log", test_audit },
	{ "A04_refused_in_a_crowd", test_crowded },
	{ "A14_login_storm", test_storm },
	{ "accounts_hung_up", test_hung_up },
	{ "code_after_wrong_passwords", test_code_after_wrong_passwords },
	{ NULL, NULL },
};
