/*
 * Signing in by GitHub. The GitHub here is a process of the test's own on a real socket, which answers what the test told it to, good or
 * bad, and counts what it is asked.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "tests/server/harness.h"

#define CONFIG      "judge.enabled = false\naccounts.hash_kib = 8\naccounts.hash_passes = 1\n"
#define SECRET      "gho_16C7e42F292c6912E7710c838347Ae178B4a"
#define THEIRS      "3584d83530557fdd1f46af8289938c8ef79f9dc5"
#define ANSWER_SIZE 4096

/* --- GitHub ------------------------------------------------------------------------------------------------------- */

enum question { CODES, TOKEN, WHO, ELSEWHERE, QUESTION_COUNT };

struct github { /* shared with the process */
	char answers[QUESTION_COUNT][ANSWER_SIZE]; /* whole ones, with their heads */
	atomic_int filler; /* so many bytes after the next answer */
	atomic_int asked[QUESTION_COUNT];
	char heard[QUESTION_COUNT][ANSWER_SIZE]; /* the newest request */
	int port;
	pid_t pid;
};

static enum question question_of(const char *request)
{
	return strstr(request, " /login/device/code ")          ? CODES
	       : strstr(request, " /login/oauth/access_token ") ? TOKEN
	       : strstr(request, " /user ")                     ? WHO
								: ELSEWHERE;
}

static bool is_whole(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n"), *length = strcasestr(request, "\r\nContent-Length: ");

	return end && (!length || strlen(end + 4) >= strtoul(length + 18, NULL, 10));
}

static void serve_one(struct github *github, int fd)
{
	char request[ANSWER_SIZE] = "", filler[1024];
	enum question question;
	size_t len = 0;
	ssize_t got;

	while (!is_whole(request) && (got = read(fd, request + len, sizeof(request) - 1 - len)) > 0)
		request[len += (size_t)got] = '\0';
	question = question_of(request);
	memcpy(github->heard[question], request, sizeof(request));
	atomic_fetch_add(&github->asked[question], 1);
	(void)!write(fd, github->answers[question], strlen(github->answers[question]));
	memset(filler, ' ', sizeof(filler));
	for (int left = github->filler; left > 0; left -= (int)sizeof(filler))
		if (write(fd, filler, sizeof(filler)) < 0)
			break;
	close(fd);
}

static struct github *github_start(void)
{
	struct github *github = mmap(NULL, sizeof(*github), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	CHECK(github != MAP_FAILED && fd >= 0 && !bind(fd, (struct sockaddr *)&address, size) && !listen(fd, 16) &&
		      !getsockname(fd, (struct sockaddr *)&address, &size),
	      "GitHub does not start");
	github->port = ntohs(address.sin_port);
	pid = fork(); /* not into what both share */
	if (!pid) {
		signal(SIGPIPE, SIG_IGN);
		for (;;)
			serve_one(github, accept(fd, NULL, NULL));
	}
	github->pid = pid;
	close(fd);
	return github;
}

static void github_stop(struct github *github)
{
	kill(github->pid, SIGKILL);
	waitpid(github->pid, NULL, 0);
	munmap(github, sizeof(*github));
}

static void says(struct github *github, enum question question, const char *status, const char *body)
{
	snprintf(github->answers[question], ANSWER_SIZE,
		 "HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
		 status, strlen(body), body);
}

/* As the documented ones. */
static void is_well(struct github *github, const char *who)
{
	char *codes = kl_format("{\"device_code\":\"" THEIRS "\",\"user_code\":\"WDJB-MJHT\","
				"\"verification_uri\":\"http://127.0.0.1:%d/login/device\",\"expires_in\":900,"
				"\"interval\":1}",
				github->port);

	says(github, CODES, "200 OK", codes);
	says(github, TOKEN, "200 OK", "{\"access_token\":\"" SECRET "\",\"token_type\":\"bearer\",\"scope\":\"\"}");
	says(github, WHO, "200 OK", who);
	says(github, ELSEWHERE, "200 OK", "{\"access_token\":\"" SECRET "\"}");
	github->filler = 0;
	free(codes);
}

#define OCTOCAT "{\"login\":\"octocat\",\"id\":583231,\"node_id\":\"MDQ6VXNlcjE=\",\"type\":\"User\"}"

static void server_start(struct daemon *daemon, const struct github *github, const char *more)
{
	char *config = kl_format(CONFIG "github.client_id = Iv1.b507a08c87ecfe98\ngithub.url = http://127.0.0.1:%d/\n"
					"github.api = http://127.0.0.1:%d\n%s",
				 github->port, github->port, more);

	daemon_start(daemon, config);
	free(config);
}

/* --- the terminal ------------------------------------------------------------------------------------------------- */

/* The body with which it asks; owned. */
static char *begins(const struct daemon *daemon, const char *who, const char *body)
{
	char *headers = kl_format("%s" JSON, who), *code, *asks;
	struct reply reply;

	ask(&reply, daemon, "POST /api/auth/github", headers, body);
	check_has(&reply, 200, "\"user_code\":\"WDJB-MJHT\"");
	CHECK(!strstr(reply.body, THEIRS), "GitHub's own code was told: %s", reply.body);
	code = member_of(reply.body, "device_code");
	asks = kl_format("{\"device_code\":\"%s\"}", code);
	reply_release(&reply);
	free(headers);
	free(code);
	return asks;
}

/* Begins, and asks once. */
static void tries(const struct daemon *daemon, const char *who, const char *body, int status, const char *part)
{
	char *asks = begins(daemon, who, body);

	expect_has(daemon, "POST /api/auth/github/token", who, asks, status, part);
	free(asks);
}

/* --- it signs in -------------------------------------------------------------------------------------------------- */

static void test_signs_in(void)
{
	struct github *github = github_start();
	struct daemon daemon = { .pid = 0 };
	char *asks, *log;

	is_well(github, OCTOCAT);
	server_start(&daemon, github, "accounts.registration = open\n");
	says(github, TOKEN, "200 OK", "{\"error\":\"authorization_pending\"}");
	asks = begins(&daemon, "", "{\"device\":\"lab-pc-12\"}");
	CHECK(strstr(github->heard[CODES], "client_id=Iv1.b507a08c87ecfe98"), "%s", github->heard[CODES]);
	expect_refused(&daemon, "POST /api/auth/github/token", NULL, asks, 400, "AUTHORIZATION_PENDING",
		       "the code was not entered at GitHub yet: ask again");
	CHECK(strstr(github->heard[TOKEN], "device_code=" THEIRS "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3A"
					   "grant-type%3Adevice_code"),
	      "%s", github->heard[TOKEN]);
	says(github, TOKEN, "200 OK", "{\"access_token\":\"" SECRET "\",\"token_type\":\"bearer\",\"scope\":\"\"}");
	for (int status = 400; status == 400;) { /* as often as it likes: GitHub is asked once a second */
		struct reply reply;

		ask(&reply, &daemon, "POST /api/auth/github/token", JSON, asks);
		status = reply.status;
		CHECK(status == 400 || (status == 200 && strstr(reply.body, "\"name\":\"octocat\"")), "%s", reply.body);
		reply_release(&reply);
	}
	CHECK(github->asked[TOKEN] == 2 && github->asked[WHO] == 1, "asked %d times", github->asked[TOKEN]);
	CHECK(strstr(github->heard[WHO], "Authorization: Bearer " SECRET) && strstr(github->heard[WHO], "User-Agent: "),
	      "%s", github->heard[WHO]);
	expect_refused(&daemon, "POST /api/auth/github/token", NULL, asks, 400, "EXPIRED",
		       "this code is over or was used: begin anew");
	free(asks);
	/* It is the number that counts, not what it is called. */
	says(github, WHO, "200 OK", "{\"login\":\"octodog\",\"id\":583231}");
	tries(&daemon, "", "{}", 200, "\"name\":\"octocat\"");
	free(signed_in(&daemon, "mona", "student"));
	says(github, WHO, "200 OK", "{\"login\":\"M0NA\",\"id\":99}");
	tries(&daemon, "", "{}", 200, "\"name\":\"M0NA-gh\"");
	expect_refused(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"octocat\",\"password\":\"" PASSWORD "\"}",
		       401, "UNAUTHORIZED", "the name or the password is wrong");
	CHECK(!daemon_command(&daemon, "user disable octocat", NULL, NULL), "not disabled");
	says(github, WHO, "200 OK", OCTOCAT);
	tries(&daemon, "", "{}", 403, "this account may not sign in: ask the administrator");
	log = daemon_log(&daemon);
	CHECK(!strstr(log, SECRET) && !strstr(log, THEIRS), "the log has a secret: %s", log);
	free(log);
	daemon_stop(&daemon, SIGTERM);
	log = kl_format("grep -r -l -e %s -e %s %s", SECRET, THEIRS, daemon.folder);
	{
		char shell[] = "/bin/sh", option[] = "-c", *argv[] = { shell, option, log, NULL };
		char *found = output_of(argv);

		CHECK(!*found, "kept: %s", found);
		free(found);
	}
	free(log);
	github_stop(github);
	daemon_remove(&daemon);
}

/* --- who may ------------------------------------------------------------------------------------------------------ */

static void test_who_may(void)
{
	static const char gone[] = "Authorization: Bearer kls_of_a_session_that_is_over\r\n";
	static const char sign_in[] = "sign in first: 'kodelab login', or send Authorization: Bearer TOKEN";
	struct github *github = github_start();
	struct daemon daemon = { .pid = 0 };
	char *ada, *root, *asks, *code, *body;
	struct reply reply;

	is_well(github, OCTOCAT);
	server_start(&daemon, github, "accounts.registration = closed\n");
	ada = signed_in(&daemon, "ada", "student");
	body = kl_format("{\"invitation\":\"%065d\"}", 0); /* it would be kept until somebody enters the code */
	expect_refused(&daemon, "POST /api/auth/github", NULL, body, 422, "VALIDATION_ERROR",
		       "'invitation' has at most 64 bytes");
	free(body);
	tries(&daemon, "", "{}", 403, "no account here is bound to this GitHub account, and: nobody can register here");
	expect_refused(&daemon, "POST /api/auth/github", gone, "{}", 401, "UNAUTHORIZED",
		       sign_in); /* not as a stranger */
	expect_refused(&daemon, "POST /api/auth/github/token", gone, "{\"device_code\":\"x\"}", 401, "UNAUTHORIZED",
		       sign_in);
	asks = begins(&daemon, ada, "{}"); /* with a session: she binds hers */
	expect_refused(&daemon, "POST /api/auth/github/token", NULL, asks, 400, "EXPIRED",
		       "this code is over or was used: begin anew"); /* nobody else does */
	expect_has(&daemon, "POST /api/auth/github/token", ada, asks, 200, "\"bound\":true");
	tries(&daemon, ada, "{}", 200, "\"bound\":true");
	tries(&daemon, "", "{}", 200, "\"name\":\"ada\"");
	says(github, WHO, "200 OK", "{\"login\":\"other\",\"id\":7}");
	tries(&daemon, ada, "{}", 409, "your account is bound to another GitHub account");
	free(asks);
	root = signed_in(&daemon, "root", "admin");
	says(github, WHO, "200 OK", OCTOCAT);
	tries(&daemon, root, "{}", 409, "this GitHub account is bound to another account here");
	expect_has(&daemon, "GET /api/audit?action=user.github", root, NULL, 200,
		   "\"detail\":\"bound to 583231 of GitHub\"");
	body = kl_format("%s" JSON, root);
	ask(&reply, &daemon, "POST /api/invitations", body, "{\"role\":\"INSTRUCTOR\"}");
	check_has(&reply, 201, "\"code\":\"");
	code = member_of(reply.body, "code");
	reply_release(&reply);
	free(body);
	daemon_stop(&daemon, SIGTERM);
	body = kl_format(CONFIG "github.client_id = x\ngithub.url = http://127.0.0.1:%d\n"
				"github.api = http://127.0.0.1:%d\naccounts.registration = invitation\n",
			 github->port, github->port);
	daemon_configure(&daemon, body);
	free(body);
	daemon_start_again(&daemon);
	says(github, WHO, "200 OK", "{\"login\":\"other\",\"id\":7}");
	tries(&daemon, "", "{}", 403, "registering needs an invitation: ask your instructor for its code");
	body = kl_format("{\"invitation\":\"%s\"}", code);
	tries(&daemon, "", body, 200, "\"name\":\"other\",\"display\":\"other\",\"role\":\"INSTRUCTOR\"");
	free(body);
	free(code);
	free(ada);
	free(root);
	github_stop(github);
	daemon_remove(&daemon);
}

/* --- shares ------------------------------------------------------------------------------------------------------- */

#define PLACES 1000
#define MINUTE 60 /* what one address may begin in it */

/* Somebody of an address, as a proxy of ours tells it; owned. */
static char *from_v4(int network)
{
	return kl_format("X-Forwarded-For: 10.%d.0.1\r\n", network);
}

static char *from_v6(int host) /* all of one network: they are one */
{
	return kl_format("X-Forwarded-For: 2001:db8:0:1:%x::1\r\n", host);
}

/* What the newest of them asks with; owned. */
static char *begin_many(const struct daemon *daemon, char *(*from)(int), int first, int count)
{
	char *asks = NULL;

	for (int i = 0; i < count; i++) {
		char *who = from(first + i);

		free(asks);
		asks = begins(daemon, who, "{}");
		free(who);
	}
	return asks;
}

static void has_its_share(const struct daemon *daemon, char *who)
{
	char *headers = kl_format("%s" JSON, who);
	struct reply reply;

	ask(&reply, daemon, "POST /api/auth/github", headers, "{}");
	check_has(&reply, 429, "too many terminals ask to be let in: wait for Retry-After seconds");
	CHECK(strstr(reply.head, "\r\nRetry-After: 60\r\n"), "%s", reply.head);
	reply_release(&reply);
	free(headers);
	free(who);
}

/* No address has more of the places than are then still free. */
static void test_shares(void)
{
	struct github *github = github_start();
	struct daemon daemon = { .pid = 0 };
	char *asks;

	is_well(github, OCTOCAT);
	server_start(&daemon, github, "accounts.registration = open\naccess.proxies = 127.0.0.1\n");
	for (int i = 0; i < PLACES - 100; i++) /* others hold all but a hundred */
		free(begin_many(&daemon, from_v4, i / MINUTE, 1));
	asks = begin_many(&daemon, from_v6, 1, 50);
	has_its_share(&daemon, from_v6(51));
	has_its_share(&daemon, from_v4(0));
	free(begin_many(&daemon, from_v4, 200, 40)); /* who has none gets in */
	expect_has(&daemon, "POST /api/auth/github/token", NULL, asks, 200, "\"name\":\"octocat\"");
	has_its_share(&daemon, from_v6(52)); /* it had 50, and 10 are free */
	free(begin_many(&daemon, from_v4, 240, 1));
	free(asks);
	github_stop(github);
	daemon_remove(&daemon);
}

/* --- GitHub misbehaves -------------------------------------------------------------------------------------------- */

static void asks_too_soon(const struct daemon *daemon, struct github *github)
{
	char *asks = begins(daemon, "", "{}");
	int before = github->asked[TOKEN];

	for (int i = 0; i < 3; i++)
		expect_has(daemon, "POST /api/auth/github/token", NULL, asks, 400,
			   "\"code\":\"AUTHORIZATION_PENDING\"");
	CHECK(github->asked[TOKEN] == before + 1, "GitHub was asked too soon");
	free(asks);
}

static void test_misbehaves(void)
{
	static const char page[] = "<!DOCTYPE html><html><body>We had issues producing the response</body></html>";
	static const char pending[] = "\"code\":\"AUTHORIZATION_PENDING\"", nonsense[] = "\"code\":\"BAD_GATEWAY\"";
	static const struct row {
		enum question question;
		const char *status, *body;
		int filler, expected;
		const char *part;
	} rows[] = {
		{ TOKEN, "200 OK", "{\"error\":\"slow_down\",\"interval\":10}", 0, 400, pending },
		{ TOKEN, "400 Bad Request", "{\"error\":\"authorization_pending\"}", 0, 400, pending },
		{ TOKEN, "200 OK", "{\"error\":\"expired_token\"}", 0, 400, "\"code\":\"EXPIRED\"" },
		{ TOKEN, "200 OK", "{\"error\":\"access_denied\"}", 0, 403, "the terminal was not let in" },
		{ TOKEN, "200 OK", "{\"error\":\"incorrect_client_credentials\"}", 0, 502, nonsense },
		{ TOKEN, "200 OK", page, 0, 400, pending }, /* perhaps the next time */
		{ TOKEN, "500 Oops", "{}", 0, 400, pending },
		{ TOKEN, "200 OK", "{}", 0, 400, pending },
		{ TOKEN, "200 OK", "{\"access_token\":17}", 0, 400, pending },
		{ TOKEN, "200 OK", "{\"access_token\":\"a\\r\\nb: c\"}", 0, 400, pending },
		{ TOKEN, "302 Found\r\nLocation: /elsewhere", "", 0, 400, pending },
		{ TOKEN, "200 OK\r\nTransfer-Encoding: chunked", "5\r\n{\"acc", 0, 400, pending }, /* cut off */
		{ TOKEN, "200 OK\r\nX-Not: it\r\nContent-Length: 300000", "{", 300000, 400, pending }, /* huge */
		{ WHO, "200 OK", "{\"login\":\"octocat\",\"id\":\"583231\"}", 0, 502, nonsense },
		{ WHO, "200 OK", "{\"login\":\"octocat\",\"id\":0}", 0, 502, nonsense },
		{ WHO, "200 OK", "{\"login\":\"octocat\",\"id\":5.5}", 0, 502, nonsense },
		{ WHO, "200 OK", "{\"id\":583231}", 0, 502, nonsense },
		{ WHO, "200 OK", page, 0, 502, nonsense },
		{ WHO, "401 Unauthorized", "{\"message\":\"Bad credentials\"}", 0, 502, nonsense },
		{ WHO, "302 Found\r\nLocation: /elsewhere", "", 0, 502, nonsense },
		{ WHO, "200 OK", "{\"login\":\"../\\u001b[2J\",\"id\":3}", 0, 200, "\"name\":\"gh-3\"" },
	};
	struct github *github = github_start();
	struct daemon daemon = { .pid = 0 };

	is_well(github, OCTOCAT);
	server_start(&daemon, github, "accounts.registration = open\n");
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		char *asks;

		is_well(github, OCTOCAT);
		says(github, rows[i].question, rows[i].status, rows[i].body);
		asks = begins(&daemon, "", "{}");
		github->filler = rows[i].filler;
		expect_has(&daemon, "POST /api/auth/github/token", NULL, asks, rows[i].expected, rows[i].part);
		free(asks);
	}
	/* Asked at once again, it does not ask GitHub. */
	is_well(github, OCTOCAT);
	says(github, TOKEN, "200 OK", "{\"error\":\"slow_down\",\"interval\":60}");
	asks_too_soon(&daemon, github);
	CHECK(!github->asked[ELSEWHERE], "a redirect was followed");
	github_stop(github);
	expect_has(&daemon, "POST /api/auth/github", NULL, "{}", 502, nonsense); /* nobody is there */
	daemon_remove(&daemon);
}

static void refuses_codes(const struct daemon *daemon, struct github *github, const char *body)
{
	says(github, CODES, "200 OK", body);
	expect_refused(daemon, "POST /api/auth/github", NULL, "{}", 502, "BAD_GATEWAY",
		       "GitHub does not answer as it should: try again later, or sign in otherwise");
}

static void test_codes_are_looked_at(void)
{
	static const char *const bodies[] = {
		"{\"error\":\"device_flow_disabled\"}",
		"{\"device_code\":\"x\",\"user_code\":\"A\",\"verification_uri\":\"https://evil.example/login/device\"}",
		"{\"device_code\":\"x\",\"user_code\":\"A\",\"verification_uri\":\"http://127.0.0.1.evil.example/\"}",
		"[]",
	};
	static const char *const odd[][2] = { { "a&b", "A" }, { "x", "\\u001b[2J" }, { "", "A" } };
	struct github *github = github_start();
	struct daemon daemon = { .pid = 0 };

	is_well(github, OCTOCAT);
	server_start(&daemon, github, "");
	for (size_t i = 0; i < KL_LENGTH(bodies); i++)
		refuses_codes(&daemon, github, bodies[i]);
	for (size_t i = 0; i < KL_LENGTH(odd); i++) {
		char *body = kl_format("{\"device_code\":\"%s\",\"user_code\":\"%s\","
				       "\"verification_uri\":\"http://127.0.0.1:%d/login/device\"}",
				       odd[i][0], odd[i][1], github->port);

		refuses_codes(&daemon, github, body);
		free(body);
	}
	expect_has(&daemon, "POST /api/auth/github", NULL, "{\"admin\":true}", 422, "VALIDATION_ERROR");
	github_stop(github);
	daemon_remove(&daemon);
	daemon_start(&daemon, CONFIG);
	expect_refused(&daemon, "POST /api/auth/github", NULL, "{}", 404, "NOT_FOUND",
		       "nobody signs in by GitHub here: sign in otherwise");
	daemon_remove(&daemon);
}

/* --- from the lab ------------------------------------------------------------------------------------------------- */

static void test_from_the_lab(void)
{
	struct github *github = github_start();
	struct daemon daemon = { .pid = 0 };
	char *words;

	is_well(github, OCTOCAT);
	server_start(&daemon, github, "accounts.registration = open\n");
	words = kl_format("login --github http://127.0.0.1:%d", daemon.port);
	lab_says(&daemon, words, "", "WDJB-MJHT");
	lab_says(&daemon, "whoami", "", "octocat");
	free(words);
	github_stop(github);
	daemon_remove(&daemon);
}

static void logs_in(const struct daemon *daemon, const char *name)
{
	char *words = kl_format("login --password --name class --user %s http://127.0.0.1:%d", name, daemon->port);

	free(signed_in(daemon, name, "student"));
	lab_says(daemon, words, PASSWORD, "You are ");
	free(words);
}

/* As after a day: tokens are over, sessions are not. */
static void tokens_end(const struct daemon *daemon)
{
	char *command = kl_format("sqlite3 %s/kodelabd.db 'UPDATE sessions SET access_until_ms = 1'", daemon->folder);
	char *const argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, command, NULL }, *text = output_of(argv);

	CHECK(!*text, "%s", text);
	free(text);
	free(command);
}

static void test_binds_from_the_lab(void)
{
	static const char bind[] = "login --bind-github";
	static const char bound[] = "Your account ada at 'class' is bound to your GitHub account: "
				    "'kodelab login --github' takes it.\n";
	struct github *github = github_start();
	struct daemon daemon = { .pid = 0 };

	is_well(github, OCTOCAT);
	server_start(&daemon, github, "accounts.registration = closed\n");
	lab_says(&daemon, bind, "", "kodelab: you are not logged in: kodelab login ADDRESS\n");
	logs_in(&daemon, "ada");
	tokens_end(&daemon); /* the lab renews its own and is not taken for a stranger */
	lab_says(&daemon, bind, "", "WDJB-MJHT");
	lab_says(&daemon, bind, "", bound);
	lab_says(&daemon, "login --bind-github --json class", "", "\"user\":\t\"ada\"");
	says(github, WHO, "200 OK", "{\"login\":\"other\",\"id\":7}");
	lab_says(&daemon, bind, "", "kodelab: your account is bound to another GitHub account\n");
	logs_in(&daemon, "ben");
	says(github, WHO, "200 OK", OCTOCAT);
	lab_says(&daemon, bind, "", "kodelab: this GitHub account is bound to another account here\n");
	lab_says(&daemon, "login --github class", "", "You are ada at 'class'");
	lab_says(&daemon, "logout", "", "");
	lab_says(&daemon, bind, "", "kodelab: you are logged out of 'class': kodelab login\n");
	github_stop(github);
	daemon_remove(&daemon);
	daemon_start(&daemon, CONFIG);
	logs_in(&daemon, "ada");
	lab_says(&daemon, bind, "", "kodelab: nobody signs in by GitHub here: there is nothing to bind\n");
	daemon_remove(&daemon);
}

const struct test github_tests[] = {
	{ "github_signs_in", test_signs_in },
	{ "github_who_may", test_who_may },
	{ "github_shares", test_shares },
	{ "github_misbehaves", test_misbehaves },
	{ "github_codes_are_looked_at", test_codes_are_looked_at },
	{ "github_from_the_lab", test_from_the_lab },
	{ "github_binds_from_the_lab", test_binds_from_the_lab },
	{ NULL, NULL },
};
