/* Clients that are slow, large, many or curious; headers, log, sockets. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/json.h>

#include "tests/server/harness.h"

#define FEW   "judge.languages = \"43 46\"\n"
#define LARGE ((size_t)300 << 10)

/* --- clients that misbehave ------------------------------------------------------------------------------------- */

/* Sends one byte now and then until the server has had enough. */
static void drip(int fd, const char *bytes)
{
	struct pollfd ended = { .fd = fd, .events = POLLIN };

	while (poll(&ended, 1, 50) == 0) { /* alarm() ends the test */
		if (send(fd, *bytes ? bytes : "x", 1, MSG_NOSIGNAL) < 0)
			break;
		bytes += *bytes != '\0';
	}
	close(fd);
}

static void test_slow_clients(void)
{
	struct daemon daemon;
	struct reply reply;
	int64_t begin_ms;
	int fd;

	daemon_start(&daemon, FEW "limits.head_s = 1\nlimits.body_s = 1\nlimits.idle_s = 1\n");
	begin_ms = kl_clock_mono_ms(); /* before the server's own clock runs, so that it must show the whole second */
	drip(client_connect(&daemon), "GET /about HTTP/1.1\r\nHost: t\r\nX-Slow: ");
	CHECK(kl_clock_mono_ms() - begin_ms >= 1000, "a slow head had no second");
	begin_ms = kl_clock_mono_ms();
	fd = client_connect(&daemon);
	client_text(fd, "POST /submissions HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n");
	drip(fd, "");
	CHECK(kl_clock_mono_ms() - begin_ms >= 1000, "a slow body had no second");
	fd = client_connect(&daemon);
	client_text(fd, "GET /version HTTP/1.1\r\nHost: t\r\n\r\n");
	client_read(&reply, fd); /* until the idle connection is ended */
	check_is(&reply, 200, "1.13.1");
	ask(&reply, &daemon, "GET /metrics", NULL, NULL);
	check_has(&reply, 200, "\nkodelabd_connections_slow_total 2\n");
	daemon_remove(&daemon);
}

static void test_large_requests(void)
{
	struct daemon daemon;
	struct reply reply;
	char *large = kl_alloc((2 << 20) + 1), *headers = kl_format("X-Long: %040000d\r\n", 0);
	int fd;

	memset(large, 'x', 2 << 20);
	large[2 << 20] = '\0';
	daemon_start(&daemon, FEW "limits.body_kib = 1024\n");
	ask(&reply, &daemon, "POST /submissions", JSON "Accept: application/json\r\n", large);
	check_is(&reply, 413, "{\"status\":413,\"error\":\"Payload Too Large\"}");
	/* Who asks first is told before anything was sent. */
	fd = client_connect(&daemon);
	free(headers);
	headers = kl_format("POST /submissions HTTP/1.1\r\nHost: t\r\nConnection: close\r\nExpect: 100-continue\r\n"
			    "Content-Length: 2000000\r\n\r\n");
	client_write(fd, headers, strlen(headers));
	client_read(&reply, fd);
	CHECK(reply.status == 413, "%d %s", reply.status, reply.head);
	free(headers);
	headers = kl_format("X-Long: %040000d\r\n", 0);
	ask(&reply, &daemon, "GET /about", headers, NULL);
	CHECK(reply.status == 431, "%d %s", reply.status, reply.head);
	free(headers);
	headers = kl_format("X-Long: %031600d\r\n", 0); /* leaves the one KiB of limits.head_kib that it must */
	ask(&reply, &daemon, "GET /about", headers, NULL);
	check_has(&reply, 200, "1.13.1");
	ask(&reply, &daemon, "GET /about", NULL, NULL);
	check_has(&reply, 200, "1.13.1");
	free(headers);
	free(large);
	daemon_remove(&daemon);
}

/* A form of which every field is a new one; JSON of nothing but numbers. */
static char *many_fields(bool json, int count)
{
	struct kl_buf text;

	kl_buf_init(&text, 1 << 20);
	kl_buf_add_str(&text, json ? "[0" : "a=1");
	for (int i = 0; i < count; i++)
		kl_buf_addf(&text, json ? ",0" : "&a%d", i);
	kl_buf_add_str(&text, json ? "]" : "");
	return kl_buf_detach(&text);
}

/* What the server has used of processors; how busy the machine is does not count. */
static int64_t used_us(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	CHECK(clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0, "no clock of the server's");
	return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static int64_t cost_us(const struct daemon *daemon, const char *target, bool json, int count, int status)
{
	static const char form[] = "Content-Type: application/x-www-form-urlencoded\r\n";
	char *fields = many_fields(json, count);
	int64_t before_us = used_us(daemon->pid);
	struct reply reply;

	ask(&reply, daemon, target, json ? JSON : form, fields);
	check_is(&reply, status, "");
	reply_release(&reply);
	free(fields);
	return used_us(daemon->pid) - before_us;
}

/* What costs a client little must not cost the server much, least of all from somebody it does not know. */
static void test_many_fields(void)
{
	static const char known[] = "POST /submissions?X-Auth-Token=ada", stranger[] = "POST /submissions";
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, FEW "authn.tokens = ada\n");
	ask(&reply, &daemon, stranger, JSON, "{\"source");
	check_is(&reply, 401, ""); /* a stranger's body is not even read */
	for (int json = 0; json < 2; json++) {
		int64_t few_us = cost_us(&daemon, known, json, 6000, 400);
		int64_t many_us = cost_us(&daemon, known, json, 60000, 400);

		/* Ten times as many cost about ten times as much; a hundred times when each is compared with all. */
		CHECK(many_us < 40 * few_us, "%s: 6000 fields cost %lld us, 60000 %lld us", json ? "JSON" : "a form",
		      (long long)few_us, (long long)many_us);
		cost_us(&daemon, stranger, json, 60000, 401);
	}
	daemon_remove(&daemon);
}

static long resident_kib(pid_t pid)
{
	char *path = kl_format("/proc/%d/status", (int)pid), *at;
	struct kl_buf text;
	long kib;

	kl_buf_init(&text, 1 << 16);
	CHECK(!kl_file_read(&text, path, NULL), "%s", path);
	at = strstr(text.data, "VmRSS:");
	CHECK(at, "%s", text.data);
	kib = strtol(at + 6, NULL, 10);
	kl_buf_release(&text);
	free(path);
	return kib;
}

/* Who waits for a result no longer needs what was sent: ten of them must not hold a hundred megabytes. */
static void test_bodies_of_waiters(void)
{
	char *body = kl_alloc((4 << 20) + 1), *head;
	struct daemon daemon;
	struct reply reply;
	long before;
	int fds[10];

	memset(body, ' ', 4 << 20);
	memcpy(body, "{\"language_id\":46,\"source_code\":\"sleep 999\"", 43);
	body[(4 << 20) - 1] = '}';
	daemon_start(&daemon, FEW HELD_LIMITS "judge.workers = 1\n");
	head = kl_format("POST /submissions?wait=true HTTP/1.1\r\nHost: t\r\n" JSON "Content-Length: %d\r\n\r\n",
			 4 << 20);
	before = resident_kib(daemon.pid);
	for (size_t i = 0; i < KL_LENGTH(fds); i++) {
		fds[i] = client_connect(&daemon);
		client_text(fds[i], head);
		client_write(fds[i], body, 4 << 20);
	}
	do /* until the last has come in */
		ask(&reply, &daemon, "GET /metrics", NULL, NULL);
	while (!strstr(reply.body, "\nkodelabd_queue_length 9\n"));
	CHECK(resident_kib(daemon.pid) - before < 20 << 10, "%ld KiB are held", resident_kib(daemon.pid) - before);
	for (size_t i = 0; i < KL_LENGTH(fds); i++)
		close(fds[i]);
	free(head);
	free(body);
	daemon_remove(&daemon);
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text++)
		count++;
	return count;
}

/* A request that waits for this submission; owned by the caller. */
static char *waiting_for(const char *body)
{
	return kl_format("POST /submissions?wait=true HTTP/1.1\r\nHost: t\r\n" JSON "Content-Length: %zu\r\n\r\n%s",
			 strlen(body), body);
}

/* Who does not wait any longer has no place among those who do; what he sent is judged all the same. */
static void test_gone_waiters(void)
{
	struct daemon daemon;
	struct reply reply;
	char *held = held_program(0, "1"), *slow = waiting_for(held);
	char *head = waiting_for("{\"language_id\":46,\"source_code\":\"echo 1\"}");
	int fds[5], fd;

	daemon_start(&daemon, FEW HELD_LIMITS "authz.tokens = chief\njudge.workers = 1\nlimits.connections = 8\n");
	for (size_t i = 0; i < KL_LENGTH(fds); i++) {
		fds[i] = client_connect(&daemon);
		client_text(fds[i], i ? head : slow);
	}
	ask_until(&daemon, "GET /health", NULL, "\"queue_length\":4,\"processing\":1");
	ask_until(&daemon, "GET /metrics", NULL, "\nkodelabd_active_requests 6\n");
	for (size_t i = 1; i < KL_LENGTH(fds); i++)
		close(fds[i]);
	ask_until(&daemon, "GET /metrics", NULL, "\nkodelabd_active_requests 2\n");
	ask(&reply, &daemon, "GET /health", NULL, NULL); /* none was judged */
	check_has(&reply, 200, "\"queue_length\":4,\"processing\":1");
	reply_release(&reply);
	/* One who sends nothing more, but listens, hears at once how it stands. */
	fd = client_connect(&daemon);
	client_text(fd, head);
	shutdown(fd, SHUT_WR);
	client_read(&reply, fd);
	check_has(&reply, 201, "\"status\":{\"id\":1,\"description\":\"In Queue\"}}");
	reply_release(&reply);
	held_release(0);
	client_read(&reply, fds[0]); /* the one who stayed */
	check_has(&reply, 201, "\"stdout\":\"1\\n\"");
	reply_release(&reply);
	ask_until(&daemon, "GET /health", NULL, "\"queue_length\":0,\"processing\":0");
	ask(&reply, &daemon, "GET /submissions?fields=status_id", "X-Auth-User: chief\r\n", NULL);
	CHECK(count_of(reply.body, "\"status_id\":3") == 6, "%s", reply.body);
	daemon_remove(&daemon);
	free(held);
	free(slow);
	free(head);
}

/* A page is no way to make the server hold all that it ever got. */
static void test_large_list(void)
{
	struct daemon daemon;
	struct reply reply;
	char *source = kl_alloc(LARGE + 1), *body;

	memset(source, '#', LARGE);
	source[LARGE] = '\0';
	body = kl_format("{\"language_id\":46,\"source_code\":\"%s\"}", source);
	daemon_start(&daemon, FEW "authz.tokens = chief\nlimits.list_kib = 512\n");
	for (int i = 0; i < 5; i++) {
		judge(&reply, &daemon, "status_id", body);
		check_is(&reply, 201, "{\"status_id\":3}");
		reply_release(&reply);
	}
	ask(&reply, &daemon, "GET /submissions?per_page=4", "X-Auth-User: chief\r\n", NULL);
	check_has(&reply, 200, "\"total_pages\":2,\"total_count\":5,\"left_off\":2}}");
	CHECK(count_of(reply.body, "\"token\"") == 2, "%zu rows", count_of(reply.body, "\"token\""));
	reply_release(&reply);
	/* What was left off is reached by smaller pages, of one that is larger than all that is allowed, too. */
	ask(&reply, &daemon, "GET /submissions?per_page=2&page=2", "X-Auth-User: chief\r\n", NULL);
	check_has(&reply, 200, "\"total_pages\":3,\"total_count\":5}}");
	CHECK(count_of(reply.body, "\"token\"") == 2, "%zu rows", count_of(reply.body, "\"token\""));
	reply_release(&reply);
	daemon_configure(&daemon, FEW "authz.tokens = chief\nlimits.list_kib = 1\n");
	kill(daemon.pid, SIGHUP);
	daemon_expect(&daemon, "READY=1");
	ask(&reply, &daemon, "GET /submissions?per_page=1&page=5&fields=source_code", "X-Auth-User: chief\r\n", NULL);
	check_has(&reply, 200, source);
	check_has(&reply, 200, "\"total_pages\":5,\"total_count\":5}}");
	daemon_remove(&daemon);
	free(source);
	free(body);
}

static void test_many_connections(void)
{
	struct daemon daemon;
	struct reply reply;
	int fds[4];

	daemon_start(&daemon, FEW "limits.connections_per_address = 4\n");
	for (size_t i = 0; i < KL_LENGTH(fds); i++) {
		fds[i] = client_connect(&daemon);
		client_text(fds[i], "GET /");
	}
	ask(&reply, &daemon, "GET /about", NULL, NULL);
	CHECK(reply.status == 0, "the fifth was served: %s", reply.body);
	client_text(fds[0], "version HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
	client_read(&reply, fds[0]);
	check_is(&reply, 200, "1.13.1");
	close(fds[0]);
	do /* it is gone a moment later */
		ask(&reply, &daemon, "GET /version", NULL, NULL);
	while (!reply.status);
	check_is(&reply, 200, "1.13.1");
	daemon_remove(&daemon);
}

/* More clients than descriptors: who comes last waits, and the server does not spin. */
static void test_few_descriptors(void)
{
	struct daemon daemon;
	struct reply reply;
	int fds[180], last;
	int64_t used;

	daemon_prepare(&daemon, FEW);
	daemon.files = 160;
	daemon_start_again(&daemon);
	for (size_t i = 0; i < KL_LENGTH(fds); i++)
		fds[i] = client_connect(&daemon);
	last = client_connect(&daemon);
	client_text(last, "GET /version HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
	do { /* until all have come in; who spins never rests: alarm() ends the test */
		used = used_us(daemon.pid);
		usleep(500000); /* it is idleness that is tested */
	} while (used_us(daemon.pid) - used > 10000);
	for (size_t i = 0; i < KL_LENGTH(fds); i++)
		close(fds[i]);
	client_read(&reply, last);
	check_is(&reply, 200, "1.13.1");
	daemon_remove(&daemon);
}

/* --- transport -------------------------------------------------------------------------------------------------- */

static void test_headers(void)
{
	struct daemon daemon;
	struct reply reply;
	char etag[64], *at, *headers;

	daemon_start(&daemon, FEW "access.allow_origin = http://good\nauthn.tokens = s3cret\n");
	ask(&reply, &daemon, "GET /statuses",
	    "X-Auth-Token: s3cret\r\nX-Request-Id: my-id.1\r\nOrigin: http://good\r\n", NULL);
	CHECK(reply.status == 200 && strstr(reply.head, "X-Request-Id: my-id.1\r\n"), "%s", reply.head);
	CHECK(strstr(reply.head, "Access-Control-Allow-Origin: http://good\r\n"), "%s", reply.head);
	CHECK(strstr(reply.head, "Content-Type: application/json; charset=utf-8\r\n"), "%s", reply.head);
	at = strstr(reply.head, "ETag: W/\"");
	CHECK(at, "%s", reply.head);
	snprintf(etag, sizeof(etag), "%.*s", (int)strcspn(at + 6, "\r"), at + 6);
	headers = kl_format("X-Auth-Token: s3cret\r\nIf-None-Match: %s\r\nOrigin: http://bad\r\n", etag);
	ask(&reply, &daemon, "GET /statuses", headers, NULL);
	check_is(&reply, 304, "");
	CHECK(!strstr(reply.head, "Access-Control-Allow-Origin"), "%s", reply.head);
	free(headers);
	ask(&reply, &daemon, "GET /version?X-Auth-Token=s3cret", "X-Request-Id: a\"b\r\n", NULL);
	check_is(&reply, 200, "1.13.1");
	CHECK(!strstr(reply.head, "a\"b"), "an id that could harm a log: %s", reply.head);
	daemon_remove(&daemon);
}

/* Every line is JSON, no secret and nothing of a program is in one. */
static void test_log(void)
{
	struct daemon daemon;
	struct reply reply;
	struct kl_json *line;
	struct kl_error err;
	char *log;

	daemon_start(&daemon, FEW "authn.tokens = s3cret\nauthz.tokens = gr4nted\n");
	ask(&reply, &daemon, "POST /submissions?wait=true&X-Auth-Token=s3cret&X-Auth-User=gr4nted", JSON,
	    "{\"language_id\":46,\"source_code\":\"echo planted-source\",\"stdin\":\"planted-input\"}");
	CHECK(reply.status == 201, "%d %s", reply.status, reply.body);
	ask(&reply, &daemon, "GET /about", "X-Auth-Token: s3cret-no\r\n", NULL);
	CHECK(reply.status == 401, "%d", reply.status);
	daemon_stop(&daemon, SIGTERM);
	log = daemon_log(&daemon);
	CHECK(!strstr(log, "s3cret") && !strstr(log, "gr4nted") && !strstr(log, "planted"), "%s", log);
	CHECK(strstr(log, "\"method\":\"POST\",\"path\":\"/submissions\",\"status\":201,"), "%s", log);
	for (char *at = log; *at; at += strcspn(at, "\n") + 1) {
		CHECK(!kl_json_parse(&line, at, strcspn(at, "\n"), 1 << 16, "log", &err), "%s: %s", err.message, at);
		kl_json_free(line);
	}
	free(log);
	daemon_remove(&daemon);
}

static void test_unix_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct daemon daemon;
	struct reply reply;
	char *config = NULL;
	int fd;

	daemon_start(&daemon, FEW);
	daemon_stop(&daemon, SIGTERM);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/socket", daemon.folder);
	config = kl_format(FEW "listen = 127.0.0.1:0 unix:%s\naccess.allow_ip = unix\n", address.sun_path);
	daemon_configure(&daemon, config);
	for (int round = 0; round < 2; round++) { /* the second time the socket of a killed one is in the way */
		daemon_start_again(&daemon);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect: %s", strerror(errno));
		client_text(fd, "GET /version HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
		client_read(&reply, fd);
		check_is(&reply, 200, "1.13.1");
		close(fd);
		ask(&reply, &daemon, "GET /version", NULL, NULL);
		check_is(&reply, 403, "");
		CHECK(daemon_end(&daemon, SIGKILL) == 128 + SIGKILL, "killed");
	}
	free(config);
	daemon_remove(&daemon);
}

static void test_rate(void)
{
	static const char body[] = "{\"language_id\":43,\"source_code\":\"a\"}";
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, FEW "authn.tokens = ada bob\nqueue.rate_per_minute = 2\n");
	for (int i = 0; i < 2; i++) {
		ask(&reply, &daemon, "POST /submissions", JSON "X-Auth-Token: ada\r\n", body);
		CHECK(reply.status == 201, "%d %s", reply.status, reply.body);
	}
	ask(&reply, &daemon, "POST /submissions", JSON "X-Auth-Token: ada\r\n", body);
	check_has(&reply, 429, "{\"error\":\"more than 2 executions in a minute: try again in ");
	CHECK(strstr(reply.head, "Retry-After: "), "%s", reply.head);
	/* The same token in another place is the same token. */
	ask(&reply, &daemon, "POST /submissions?X-Auth-Token=ada", JSON, body);
	check_has(&reply, 429, "{\"error\":\"more than 2 executions in a minute: try again in ");
	ask(&reply, &daemon, "POST /submissions", JSON "X-Auth-Token: bob\r\n", body);
	CHECK(reply.status == 201, "%d %s", reply.status, reply.body);
	daemon_remove(&daemon);
	/* Where none is asked for, a new one for each submission is no way out. */
	daemon_start(&daemon, FEW "queue.rate_per_minute = 2\n");
	for (int i = 0; i < 2; i++) {
		ask(&reply, &daemon, "POST /submissions", JSON, body);
		CHECK(reply.status == 201, "%d %s", reply.status, reply.body);
	}
	ask(&reply, &daemon, "POST /submissions", JSON "X-Auth-Token: new\r\n", body);
	check_has(&reply, 429, "{\"error\":\"more than 2 executions in a minute: try again in ");
	daemon_remove(&daemon);
}

const struct test client_tests[] = {
	{ "slow_clients", test_slow_clients },
	{ "large_requests", test_large_requests },
	{ "many_fields", test_many_fields },
	{ "bodies_of_waiters", test_bodies_of_waiters },
	{ "gone_waiters", test_gone_waiters },
	{ "large_list", test_large_list },
	{ "many_connections", test_many_connections },
	{ "few_descriptors", test_few_descriptors },
	{ "headers", test_headers },
	{ "log", test_log },
	{ "unix_socket", test_unix_socket },
	{ "rate", test_rate },
	{ NULL, NULL },
};
