/* What is called back when they misbehave: who listens there is ours, and real. */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>

#include "tests/server/harness.h"

#define FEW  "judge.languages = \"43 46\"\n"
#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* --- who listens -------------------------------------------------------------------------------------------------- */

static int listen_at(uint32_t host, int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(host);
	CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 8) == 0, "no port");
	getsockname(fd, (struct sockaddr *)&address, &len);
	*port = ntohs(address.sin_port);
	return fd;
}

static int listen_here(int *port)
{
	return listen_at(INADDR_LOOPBACK, port);
}

/* Reads one request up to the end of its body. */
static char *read_call(int fd)
{
	struct kl_buf text;
	char chunk[4096];
	ssize_t got;

	kl_buf_init(&text, 1 << 20);
	while (!strstr(text.data, "\"}}") && (got = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		kl_buf_add(&text, chunk, (size_t)got);
	return kl_buf_detach(&text);
}

static int take_caller(int listener)
{
	int fd = accept(listener, NULL, NULL);

	CHECK(fd >= 0, "nobody calls");
	return fd;
}

/* The same of whoever calls next, with an answer (or none). */
static char *take_call(int listener, const char *answer)
{
	int fd = take_caller(listener);
	char *call = read_call(fd);

	if (answer)
		client_write(fd, answer, strlen(answer));
	close(fd);
	return call;
}

static bool is_called(int listener)
{
	struct pollfd waiting = { .fd = listener, .events = POLLIN };

	return poll(&waiting, 1, 0) == 1;
}

static void await_log(const struct daemon *daemon, const char *part)
{
	bool found = false;

	while (!found) { /* alarm() ends the test */
		char *log = daemon_log(daemon);

		found = strstr(log, part) != NULL;
		free(log);
		poll(NULL, 0, 10);
	}
}

/* A submission whose result goes to that port of host. */
static void submit(const struct daemon *daemon, const char *host, int port)
{
	char *body = kl_format("{\"language_id\":43,\"source_code\":\"a\",\"callback_url\":\"http://%s:%d/done?x=1\"}",
			       host, port);
	struct reply reply;

	judge(&reply, daemon, "stdout", body);
	check_is(&reply, 201, "{\"stdout\":\"a\"}");
	reply_release(&reply);
	free(body);
}

static void start(struct daemon *daemon, const char *fmt, int port)
{
	char *more = kl_format("callbacks.allow = 127.0.0.1:%d\n", port), *config = kl_format("%s%s%s", FEW, more, fmt);

	daemon_start(daemon, config);
	free(config);
	free(more);
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

static void test_call(void)
{
	struct daemon daemon;
	struct reply reply;
	char *call;
	int port, listener = listen_here(&port);

	start(&daemon, "callbacks.pause_ms = 20\n", port);
	submit(&daemon, "127.0.0.1", port);
	/* Twice the connection breaks; the third time it is answered, with an error, and that is an answer. */
	free(take_call(listener, NULL));
	free(take_call(listener, NULL));
	call = take_call(listener, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
	CHECK(!strncmp(call, "PUT /done?x=1 HTTP/1.1\r\n", 24), "%s", call);
	CHECK(strstr(call, "Content-Type: application/json\r\n"), "%s", call);
	CHECK(strstr(call, "{\"stdout\":\"YQ==\\n\",\"time\":\"0."), "always base64: %s", call);
	CHECK(strstr(call, "\"status\":{\"id\":3,\"description\":\"Accepted\"}}"), "%s", call);
	free(call);
	/* A port that was not allowed is never called. */
	judge(&reply, &daemon, "stdout",
	      "{\"language_id\":43,\"source_code\":\"a\",\"callback_url\":\"http://127.0.0.1:1/\"}");
	check_is(&reply, 201, "{\"stdout\":\"a\"}");
	await_log(&daemon, "\"error\":\"the host is not among callbacks.allow\"");
	daemon_stop(&daemon, SIGTERM);
	call = daemon_log(&daemon);
	CHECK(strstr(call, "\"event\":\"callback\",\"token\":\""), "%s", call);
	CHECK(strstr(call, "\"status\":500,\"tries\":3"), "%s", call);
	free(call);
	daemon_remove(&daemon);
}

/* Longer and longer, and then never again. */
static void test_pauses(void)
{
	struct daemon daemon;
	int port, listener = listen_here(&port);
	int64_t broken_ms = 0, waited_ms;

	start(&daemon, "callbacks.pause_ms = 200\njudge0.callbacks_max_tries = 4\n", port);
	submit(&daemon, "127.0.0.1", port);
	for (size_t i = 0; i < 4; i++) {
		int fd = take_caller(listener);

		waited_ms = kl_clock_mono_ms() - broken_ms;
		CHECK(!i || waited_ms >= 50 << i, "pause %zu: %lld ms", i, (long long)waited_ms);
		free(read_call(fd));
		broken_ms = kl_clock_mono_ms(); /* before the server can know */
		close(fd);
	}
	await_log(&daemon, "\"event\":\"callback_failed\"");
	await_log(&daemon, "\"tries\":4}");
	daemon_stop(&daemon, SIGTERM);
	daemon_start_again(&daemon); /* nothing is left of it */
	submit(&daemon, "127.0.0.1", port);
	free(take_call(listener, GOOD));
	CHECK(!is_called(listener), "it was tried once more");
	daemon_remove(&daemon);
}

/* Told to end, or killed: the next start goes on. */
static void test_restart(void)
{
	static const int signals[] = { SIGTERM, SIGKILL };
	struct daemon daemon;
	int64_t broken_ms;
	char *call;
	int port, listener = listen_here(&port);

	for (size_t i = 0; i < KL_LENGTH(signals); i++) {
		start(&daemon, "callbacks.pause_ms = 2000\n", port);
		submit(&daemon, "127.0.0.1", port);
		free(take_call(listener, NULL));
		broken_ms = kl_clock_mono_ms();
		daemon_end(&daemon, signals[i]);
		for (; is_called(listener); free(take_call(listener, NULL))) /* on a slow machine the pause was over */
			CHECK(kl_clock_mono_ms() - broken_ms >= 1000, "it did not pause");
		daemon_start_again(&daemon);
		call = take_call(listener, GOOD);
		CHECK(strstr(call, "{\"stdout\":\"YQ==\\n\""), "%s", call);
		free(call);
		await_log(&daemon, "\"event\":\"callback\"");
		daemon_stop(&daemon, SIGTERM);
		daemon_start_again(&daemon); /* told once */
		submit(&daemon, "127.0.0.1", port);
		free(take_call(listener, GOOD));
		CHECK(!is_called(listener), "it was told again");
		daemon_remove(&daemon);
	}
}

/* --- where they do not go ----------------------------------------------------------------------------------------- */

static void test_redirect(void)
{
	struct daemon daemon;
	char *answer;
	int port, other, listener = listen_here(&port), away = listen_here(&other);

	answer = kl_format("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n", other);
	start(&daemon, "", port);
	submit(&daemon, "127.0.0.1", port);
	free(take_call(listener, answer));
	await_log(&daemon, "\"status\":302,\"tries\":1");
	CHECK(!is_called(away), "it was followed");
	daemon_remove(&daemon);
	free(answer);
}

/* A name that is allowed and stands for an inner address. */
static void test_inner(void)
{
	struct daemon daemon;
	char *config, *log;
	int port, listener = listen_here(&port);

	config = kl_format(FEW "callbacks.allow = localhost:%d\njudge0.callbacks_max_tries = 1\n", port);
	daemon_start(&daemon, config);
	submit(&daemon, "localhost", port);
	await_log(&daemon, "\"event\":\"callback_failed\"");
	log = daemon_log(&daemon);
	CHECK(strstr(log, ": its address is none that may be called\""), "%s", log);
	CHECK(!is_called(listener), "it was called");
	free(log);
	free(config);
	config = kl_format(FEW "callbacks.allow = localhost:%d\ncallbacks.networks = 127.0.0.0/8\n", port);
	daemon_configure(&daemon, config);
	kill(daemon.pid, SIGHUP);
	daemon_expect(&daemon, "READY=1");
	submit(&daemon, "localhost", port);
	free(take_call(listener, GOOD));
	daemon_remove(&daemon);
	free(config);
}

/* --- who hangs, and who does not end ------------------------------------------------------------------------------ */

/* Says nothing, and holds nobody else up: neither calls to others nor submissions. */
static void test_hanging(void)
{
	struct daemon daemon;
	char *config;
	int port, other, listener = listen_here(&port), good = listen_at(INADDR_LOOPBACK + 1, &other);

	config = kl_format(FEW "callbacks.allow = 127.0.0.1:%d 127.0.0.2:%d\njudge0.callbacks_max_tries = 1\n"
			       "judge0.callbacks_timeout_ms = 60000\n",
			   port, other);
	daemon_start(&daemon, config);
	for (int i = 0; i < 6; i++) /* more than go to one host at a time */
		submit(&daemon, "127.0.0.1", port);
	submit(&daemon, "127.0.0.2", other);
	free(take_call(good, GOOD));
	await_log(&daemon, "\"status\":200,\"tries\":1");
	CHECK(is_called(listener), "it was not called");
	CHECK(daemon_end(&daemon, SIGKILL) == 128 + SIGKILL, "killed");
	daemon_remove(&daemon);
	free(config);
}

/* A head that never ends, a body that never ends. */
static void test_endless(void)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nX-A: a\r\n", body[] = "HTTP/1.1 200 OK\r\n\r\n";
	struct daemon daemon;
	int port, listener = listen_here(&port), fd;
	char *piece = kl_alloc(4096);

	memset(piece, 'x', 4096);
	start(&daemon, "judge0.callbacks_max_tries = 1\njudge0.callbacks_timeout_ms = 300\n", port);
	submit(&daemon, "127.0.0.1", port);
	fd = accept(listener, NULL, NULL);
	client_write(fd, head, strlen(head));
	await_log(&daemon, "has not answered within 0.3 s");
	close(fd);
	daemon_remove(&daemon);
	start(&daemon, "judge0.callbacks_max_tries = 1\njudge0.callbacks_timeout_ms = 60000\n", port);
	submit(&daemon, "127.0.0.1", port);
	fd = accept(listener, NULL, NULL);
	free(read_call(fd));
	client_write(fd, body, strlen(body));
	while (send(fd, piece, 4096, MSG_NOSIGNAL) > 0) /* until it has enough */
		continue;
	await_log(&daemon, "\"event\":\"callback\"");
	close(fd);
	daemon_remove(&daemon);
	free(piece);
}

static void test_bound(void)
{
	struct daemon daemon;
	int port, listener = listen_here(&port);

	start(&daemon, "callbacks.max = 2\ncallbacks.pause_ms = 600000\n", port);
	for (int i = 0; i < 3; i++) {
		submit(&daemon, "127.0.0.1", port);
		if (i < 2)
			free(take_call(listener, NULL));
	}
	await_log(&daemon, "\"error\":\"too many callbacks are under way\"");
	CHECK(!is_called(listener), "a third one is made");
	daemon_remove(&daemon);
}

/* clang-format off */
const struct test callback_tests[] = {
	{ "callback", test_call },
	{ "callback_pauses", test_pauses },
	{ "callback_restart", test_restart },
	{ "callback_redirect", test_redirect },
	{ "callback_inner", test_inner },
	{ "callback_hanging", test_hanging },
	{ "callback_endless", test_endless },
	{ "callback_bound", test_bound },
	{ NULL, NULL },
};
/* clang-format on */
