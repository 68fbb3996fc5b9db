/* Group H: what a client may send that no client sends. Each is answered at once, exactly, and the server goes on. */

#include <signal.h>
#include <string.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tests/server/harness.h"

#define CONFIG    "judge.enabled = false\nauthz.tokens = admin\nlimits.body_kib = 256\n"
#define ADMIN     "Host: t\r\nX-Auth-User: admin\r\n"
#define LARGE     (100 << 10)
#define TWO_WAYS  "the request can be read in two ways"
#define NO_JSON   "the body is no JSON"
#define TOO_LARGE "the body is larger than this server takes: send less at once"

static void send_raw(struct reply *reply, const struct daemon *daemon, const char *bytes, size_t len)
{
	int fd = client_connect(daemon);

	client_write(fd, bytes, len);
	client_read(reply, fd);
	close(fd);
}

/* bytes as they are; the answer, then the end of the connection. part "" : any body. */
static void expect(const struct daemon *daemon, const char *bytes, int status, const char *part)
{
	struct reply reply;

	send_raw(&reply, daemon, bytes, strlen(bytes));
	CHECK(reply.status == status && strstr(reply.body, part), "%.200s\n  expected %d %s\n       got %d %.300s",
	      bytes, status, part, reply.status, reply.body);
	reply_release(&reply);
}

static char *many(const char *begin, const char *piece, int count, const char *end)
{
	struct kl_buf text;

	kl_buf_init(&text, SIZE_MAX / 2);
	kl_buf_add_str(&text, begin);
	for (int i = 0; i < count; i++)
		kl_buf_add_str(&text, piece);
	kl_buf_add_str(&text, end);
	return kl_buf_detach(&text);
}

static void test_h02_sizes(void)
{
	struct daemon daemon;
	struct reply reply;
	char *chunks;
	int fd;

	daemon_start(&daemon, CONFIG);
	expect(&daemon, "POST /api/holds HTTP/1.1\r\n" ADMIN "Content-Length: 10000000000\r\n\r\n", 413, TOO_LARGE);
	expect(&daemon, "POST /submissions HTTP/1.1\r\n" ADMIN "Content-Length: 10000000000\r\n\r\n", 413, "");
	expect(&daemon,
	       "POST /api/holds HTTP/1.1\r\n" ADMIN "Expect: 100-continue\r\nContent-Length: 10000000000\r\n\r\n", 413,
	       TOO_LARGE);
	/* chunks without end: the server hangs up in the middle */
	fd = client_connect(&daemon);
	client_text(fd, "POST /api/holds HTTP/1.1\r\n" ADMIN "Transfer-Encoding: chunked\r\n\r\n");
	chunks = many("10000\r\n", "0123456789abcdef", 4096, "\r\n");
	for (int i = 0; i < 4000 && send(fd, chunks, strlen(chunks), MSG_NOSIGNAL) > 0; i++)
		;
	client_read(&reply, fd);
	CHECK(reply.status == 0 || reply.status == 413, "status %d", reply.status);
	reply_release(&reply);
	close(fd);
	free(chunks);
	ask(&reply, &daemon, "GET /health", NULL, NULL);
	CHECK(reply.status == 200, "status %d", reply.status);
	reply_release(&reply);
	daemon_remove(&daemon);
}

static void test_h03_json(void)
{
	/* clang-format off */
	static const struct { const char *body; int status; const char *part; } rows[] = {
		{ "{\"exam\":",                   400, NO_JSON }, /* cut off */
		{ "{\"exam\":\"a\",\"exam\":\"b\"}", 400, NO_JSON }, /* twice */
		{ "{\"exam\":\"\xff\xfe\"}",      400, NO_JSON }, /* no UTF-8 */
		{ "{\"exam\":\"\xc0\xae\"}",      400, NO_JSON }, /* overlong */
		{ "{\"exam\":\"\\ud800\"}",       400, NO_JSON }, /* half a character */
		{ "{\"exam\":\"a\"} trailing",    400, NO_JSON },
		{ "{\"exam\":\"\x01\"}",          400, NO_JSON }, /* a control as it is */
		{ "{\"requests\":1e9999}",        422, "'requests' must be a whole number, 0 or more" },
		{ "{\"requests\":-1}",            422, "'requests' must be a whole number, 0 or more" },
		{ "{\"requests\":0.5}",           422, "'requests' must be a whole number, 0 or more" },
		{ "{\"exam\":{}}",                422, "'exam' must be a text" },
		{ "{\"exam\":[1]}",               422, "'exam' must be a text" },
		{ "{\"from\":\"2026-02-30T00:00:00Z\"}", 422, "'from' must be a time such as 2026-11-20T11:34:01Z" },
	};
	/* clang-format on */
	static const char head[] =
		"POST /api/holds HTTP/1.1\r\n" ADMIN "Connection: close\r\nContent-Type: application/json\r\n";
	struct daemon daemon;
	char *deep, *text;

	daemon_start(&daemon, CONFIG);
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		text = kl_format("%sContent-Length: %zu\r\n\r\n%s", head, strlen(rows[i].body), rows[i].body);
		expect(&daemon, text, rows[i].status, rows[i].part);
		free(text);
	}
	deep = many("", "[", LARGE, "");
	text = kl_format("%sContent-Length: %zu\r\n\r\n%s", head, strlen(deep), deep);
	expect(&daemon, text, 400, NO_JSON);
	free(text);
	free(deep);
	daemon_remove(&daemon);
}

/* Ten million bytes in one text: too much for this body, or, where bodies may be so large, for what it is to be. */
static void test_h03_long_text(void)
{
	static const struct {
		const char *config;
		int status;
		const char *part;
	} rows[] = {
		{ CONFIG, 413, TOO_LARGE },
		{ "judge.enabled = false\nauthz.tokens = admin\n", 422,
		  "'requests' must be a whole number, 0 or more" },
	};
	char *body = many("{\"requests\":\"", "0123456789", 1000000, "\"}");
	char *text = kl_format("POST /api/holds HTTP/1.1\r\n" ADMIN
			       "Connection: close\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			       strlen(body), body);
	struct daemon daemon;

	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		daemon_start(&daemon, rows[i].config);
		expect(&daemon, text, rows[i].status, rows[i].part);
		daemon_remove(&daemon);
	}
	free(text);
	free(body);
}

static void test_h04_smuggling(void)
{
	struct daemon daemon;
	char *text;

	daemon_start(&daemon, CONFIG);
	expect(&daemon,
	       "POST /api/holds HTTP/1.1\r\n" ADMIN
	       "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
	       400, TWO_WAYS);
	expect(&daemon, "POST /api/holds HTTP/1.1\r\n" ADMIN "Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}abc", 400,
	       TWO_WAYS);
	expect(&daemon, "POST /submissions HTTP/1.1\r\n" ADMIN "Content-Length: 2\r\ncontent-length: 2\r\n\r\n{}", 400,
	       "");
	expect(&daemon, "GET /api/holds HTTP/1.1\r\n" ADMIN "Host: other\r\n\r\n", 400, TWO_WAYS);
	expect(&daemon, "POST /api/holds HTTP/1.1\r\n" ADMIN "Content-Length: -5\r\n\r\n{}", 400, "");
	text = many("GET /api/holds HTTP/1.1\r\n" ADMIN, "X-Many: a\r\n", 10000, "\r\n");
	expect(&daemon, text, 431, "");
	free(text);
	text = many("GET /", "a", 1000000, " HTTP/1.1\r\n" ADMIN "\r\n");
	expect(&daemon, text, 414, "");
	free(text);
	daemon_remove(&daemon);
}

static void test_h05_paths(void)
{
	/* clang-format off */
	static const struct { const char *path; int status; } rows[] = {
		{ "/api/%2e%2e/health",        404 },
		{ "/api/holds/../holds",       404 },
		{ "/api/holds/%2e%2e%2fholds", 404 },
		{ "//api//holds",              404 },
		{ "/api/holds;x",              404 },
		{ "/api/%c0%ae%c0%ae/holds",   404 },
		{ "/api/holds%00",             400 },
		{ "/api/%00holds",             400 },
		{ "/api/holds%0d%0aX-A:%20b",  404 },
	};
	/* clang-format on */
	struct daemon daemon;

	daemon_start(&daemon, CONFIG);
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		char *text = kl_format("GET %s HTTP/1.1\r\n" ADMIN "Connection: close\r\n\r\n", rows[i].path);

		expect(&daemon, text, rows[i].status, "");
		free(text);
	}
	daemon_remove(&daemon);
}

static void test_h07_pages(void)
{
	static const char *const queries[] = {
		"page=1000000000", "page=0",   "page=1e3",    "page=",
		"limit=-1",        "limit=0",  "limit=101",   "limit=9999999999999999999",
		"sort=nonsense",   "sort=;--", "difficulty=x"
	};
	struct daemon daemon;

	daemon_start(&daemon, CONFIG);
	for (size_t i = 0; i < KL_LENGTH(queries); i++) {
		char *text =
			kl_format("GET /api/challenges?%s HTTP/1.1\r\n" ADMIN "Connection: close\r\n\r\n", queries[i]);

		expect(&daemon, text, 422, "\"code\":\"VALIDATION_ERROR\"");
		free(text);
	}
	daemon_remove(&daemon);
}

/* Many requests at once on one connection: each is answered, in order, and memory stays where it was. */
static void test_h08_pipelining(void)
{
	enum { REQUESTS = 10000, AT_ONCE = 100 };
	struct daemon daemon;
	struct reply reply;
	int answers = 0, fd;
	char *text;

	daemon_start(&daemon, CONFIG "log.requests = no\n");
	text = many("", "GET /version HTTP/1.1\r\nHost: t\r\n\r\n", AT_ONCE, "");
	fd = client_connect(&daemon);
	if (!fork()) {
		for (int i = 0; i < REQUESTS / AT_ONCE - 1; i++)
			client_text(fd, text);
		for (int i = 0; i < AT_ONCE - 1; i++)
			client_text(fd, "GET /version HTTP/1.1\r\nHost: t\r\n\r\n");
		client_text(fd, "GET /version HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
		_exit(0);
	}
	client_read(&reply, fd);
	for (const char *at = reply.head; (at = strstr(at, "HTTP/1.1 200")); at++)
		answers++;
	for (const char *at = reply.body; (at = strstr(at, "HTTP/1.1 200")); at++)
		answers++;
	CHECK(answers == REQUESTS, "%d answers to %d requests", answers, REQUESTS);
	reply_release(&reply);
	close(fd);
	free(text);
	daemon_remove(&daemon);
}

/* I03: whatever stands in a name, a path or a header, the log has one line of JSON for each event, without controls. */
static void test_i03_one_line_each(void)
{
	static const char login[] = "{\"name\":\"ada\\n\\u001b[31m{\\\"level\\\"\",\"password\":\"a password of ada\"}";
	struct daemon daemon;
	struct reply reply;
	char *log, *line, *rest;
	int lines = 0;

	daemon_start(&daemon, CONFIG "log.level = debug\n");
	ask(&reply, &daemon, "POST /api/auth/login", JSON "User-Agent: a\x1b]0;owned\x07\r\nX-Request-Id: b\x1b[2J\r\n",
	    login);
	CHECK(reply.status >= 400 && reply.status < 500, "status %d", reply.status);
	reply_release(&reply);
	ask(&reply, &daemon, "GET /api/%1b%5b31mred%0a%7b%22event%22", NULL, NULL);
	CHECK(reply.status == 401, "status %d", reply.status);
	reply_release(&reply);
	daemon_stop(&daemon, SIGTERM);
	log = daemon_log(&daemon);
	for (line = strtok_r(log, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), lines++) {
		CHECK(line[0] == '{' && line[strlen(line) - 1] == '}', "this is no event: %s", line);
		for (const char *at = line; *at; at++)
			CHECK((unsigned char)*at >= ' ' && *at != 0x7f, "a control is in the log: %s", line);
	}
	CHECK(lines > 3, "%d lines", lines);
	free(log);
	daemon_remove(&daemon);
}

const struct test abuse_tests[] = {
	{ "H02_sizes", test_h02_sizes },
	{ "H03_json", test_h03_json },
	{ "H03_long_text", test_h03_long_text },
	{ "H04_smuggling", test_h04_smuggling },
	{ "H05_paths", test_h05_paths },
	{ "H07_pages", test_h07_pages },
	{ "H08_pipelining", test_h08_pipelining },
	{ "I03_one_line_each", test_i03_one_line_each },
	{ NULL, NULL },
};
