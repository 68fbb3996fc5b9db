/*
 * How many submissions of a class are taken a second, each durable and receipted before it is answered, and how long one takes with
 * 2,000 connections; beside the least that SQLite and libmicrohttpd can do (class_floor). Nothing is judged meanwhile.
 * They take turns. usage: class_bench <build folder> [rounds]
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/archive.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/file.h>
#include <kodelab/id.h>

#include "tests/bench/samples.h"

#define USERS    50
#define TURN_US  3000000
#define CROWD    2000 /* connections */
#define BUSY     64 /* of them, when it is about the rate */
#define RATE     1000 /* submissions a second of the crowd */
#define TEXT_MAX ((size_t)1 << 20)

static const char code[] =
	"import sys\n\n\ndef main():\n    for line in sys.stdin:\n        print(line.strip())\n\n\nmain()\n";

struct connection {
	int fd;
	bool busy;
	int64_t sent_us;
	char text[2048]; /* of the answer */
	size_t len;
};

struct bench {
	const char *build;
	char folder[64];
	pid_t pid;
	int port, epoll;
	char *tokens[USERS]; /* NULL: the floor asks for none */
	char hash[KL_SHA256_SIZE];
	struct connection *all;
	size_t count, next_user;
	struct samples *samples;
	size_t answered;
	const char *key; /* of the samples of one answer; NULL: none are taken */
	const char *who;
};

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "class_bench: %s\n", what);
	exit(1);
}

/* --- one request at a time ---------------------------------------------------------------------------------------- */

static int connect_to(const struct bench *bench)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)bench->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		give_up("no connection");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void send_all(int fd, const char *text, size_t len)
{
	while (len) { /* requests are small: the socket takes them */
		ssize_t put = send(fd, text, len, MSG_NOSIGNAL);

		if (put <= 0)
			give_up("the server hangs up");
		text += put;
		len -= (size_t)put;
	}
}

/* The whole answer; owned by the caller. */
static char *ask(const struct bench *bench, const char *target, const char *headers, const char *body, size_t len)
{
	char *head = kl_format("%s HTTP/1.1\r\nHost: b\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n", target,
			       headers, len);
	int fd = connect_to(bench);
	struct kl_buf text;
	char chunk[4096];
	ssize_t got;

	send_all(fd, head, strlen(head));
	send_all(fd, body, len);
	kl_buf_init(&text, TEXT_MAX);
	while ((got = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		kl_buf_add(&text, chunk, (size_t)got);
	close(fd);
	free(head);
	if (strncmp(text.data, "HTTP/1.1 20", 11) != 0)
		give_up(text.data);
	return kl_buf_detach(&text);
}

static void publish(const struct bench *bench)
{
	static const struct {
		const char *name, *text;
	} files[] = {
		{ "pack.json", "{\"format\":1,\"id\":\"tiny\",\"title\":\"Tiny\",\"challenges\":[\"echo\"]}" },
		{ "echo/challenge.json", "{\"format\":1,\"title\":\"Echo\",\"summary\":\"Say it again.\","
					 "\"difficulty\":\"BEGINNER\",\"category\":\"basics\",\"minutes\":5,"
					 "\"kind\":\"program\"}" },
		{ "echo/statement.md", "Print whatever comes in, every line of it, exactly as it is.\n" },
		{ "echo/tests.json",
		  "{\"tests\":[{\"id\":\"one\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"1\"}]}" },
		{ "echo/starter/python.py", "pass\n" },
		{ "echo/solution/python.py", "print(input())\n" },
	};
	struct kl_archive archive = { .files = NULL };
	char *bytes;
	size_t len;

	for (size_t i = 0; i < KL_LENGTH(files); i++)
		kl_archive_add(&archive, files[i].name, files[i].text, strlen(files[i].text));
	kl_archive_sort(&archive);
	if (kl_archive_write(&bytes, &len, &archive, NULL))
		give_up("no archive");
	free(ask(bench, "POST /api/packs", "X-Auth-User: bench\r\nContent-Type: application/gzip\r\n", bytes, len));
	free(bytes);
	kl_archive_release(&archive);
}

static void sign_up(struct bench *bench)
{
	for (int i = 0; i < USERS; i++) {
		char *body = kl_format("{\"name\":\"student%d\",\"password\":\"a password for benches\"}", i);
		char *text =
			ask(bench, "POST /api/auth/register", "Content-Type: application/json\r\n", body, strlen(body));
		const char *at = strstr(text, "\"token\":\"");

		if (!at)
			give_up(text);
		free(bench->tokens[i]);
		bench->tokens[i] = kl_strndup(at + 9, strcspn(at + 9, "\""));
		free(text);
		free(body);
	}
}

/* --- the servers -------------------------------------------------------------------------------------------------- */

static void spawn(struct bench *bench, char *const argv[], int out)
{
	bench->pid = fork();
	if (!bench->pid) {
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	close(out);
}

/* What it prints until mark is there, and the number behind that. */
static int await_number(int fd, const char *mark)
{
	struct kl_buf text;
	char chunk[4096];
	const char *at;
	ssize_t got;
	int number;

	kl_buf_init(&text, TEXT_MAX);
	while (!(at = strstr(text.data, mark)) || !strchr(at + strlen(mark), '\n')) {
		got = read(fd, chunk, sizeof(chunk));
		if (got <= 0)
			give_up(text.data);
		kl_buf_add(&text, chunk, (size_t)got);
	}
	number = (int)strtol(at + strlen(mark), NULL, 10);
	kl_buf_release(&text);
	return number;
}

static void start_lab(struct bench *bench)
{
	char *program = kl_format("%s/kodelabd", bench->build), *config = kl_format("%s/conf", bench->folder);
	char *text =
		kl_format("listen = 127.0.0.1:0\ndata = %s/data\nlog.requests = no\njudge.enabled = no\n"
			  "authz.tokens = bench\nlimits.connections = 4096\nlimits.connections_per_address = 4096\n"
			  "accounts.registration = open\naccounts.hash_kib = 8\naccounts.requests_per_minute = 0\n"
			  "accounts.submissions_per_minute = 0\nclass.waiting_max = 100000\n",
			  bench->folder);
	char *const argv[] = { program, (char[]){ "--config" }, config, NULL };
	int ends[2];

	if (kl_file_write(config, text, strlen(text), 0600, NULL) || pipe2(ends, O_CLOEXEC) < 0)
		give_up("the configuration cannot be written");
	spawn(bench, argv, ends[1]);
	bench->port = await_number(ends[0], "\"address\":\"127.0.0.1:");
	publish(bench);
	sign_up(bench);
	free(program);
	free(config);
	free(text);
}

static void start_floor(struct bench *bench)
{
	char *program = kl_format("%s/tests/bench/class_floor", bench->build);
	char *path = kl_format("%s/floor.db", bench->folder);
	char *const argv[] = { program, path, NULL };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		give_up("no pipe");
	spawn(bench, argv, ends[1]);
	bench->port = await_number(ends[0], "");
	free(program);
	free(path);
}

static void stop_server(struct bench *bench)
{
	kill(bench->pid, SIGKILL);
	waitpid(bench->pid, NULL, 0);
	if (kl_file_remove_tree(bench->folder, NULL))
		give_up("the folder stays");
}

/* --- many at once ------------------------------------------------------------------------------------------------- */

static void submit(struct bench *bench, struct connection *connection)
{
	static const struct kl_clock clock = { .held = false };
	const char *token = bench->tokens[bench->next_user++ % USERS];
	char id[KL_ID_SIZE], body[1024], text[2048];
	int len;

	kl_id_new(id, &clock);
	len = snprintf(
		body, sizeof(body),
		"{\"id\":\"%s\",\"hash\":\"%s\",\"body\":{\"pack\":\"tiny\",\"slug\":\"echo\","
		"\"language\":\"python\",\"code\":\"import sys\\n\\n\\ndef main():\\n    for line in sys.stdin:\\n"
		"        print(line.strip())\\n\\n\\nmain()\\n\"}}",
		id, bench->hash);
	len = snprintf(text, sizeof(text),
		       "POST /api/submissions HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer %s\r\n"
		       "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		       token ? token : "-", len, body);
	connection->busy = true;
	connection->sent_us = kl_clock_mono_us();
	connection->len = 0;
	send_all(connection->fd, text, (size_t)len);
}

/* true: the answer is there. */
static bool receive(struct bench *bench, struct connection *connection)
{
	ssize_t got = recv(connection->fd, connection->text + connection->len,
			   sizeof(connection->text) - 1 - connection->len, 0);
	const char *blank, *length;

	if (got <= 0)
		give_up("the server hangs up");
	connection->text[connection->len += (size_t)got] = '\0';
	blank = strstr(connection->text, "\r\n\r\n");
	length = blank ? strstr(connection->text, "Content-Length: ") : NULL;
	if (!length || connection->len < (size_t)(blank - connection->text) + 4 + strtoul(length + 16, NULL, 10))
		return false;
	if (strncmp(connection->text, "HTTP/1.1 201", 12) != 0)
		give_up(connection->text);
	connection->busy = false;
	bench->answered++;
	if (bench->key)
		samples_add(bench->samples, bench->key, bench->who,
			    (double)(kl_clock_mono_us() - connection->sent_us) / 1000);
	return true;
}

static void open_all(struct bench *bench, size_t count)
{
	bench->all = kl_calloc(count, sizeof(*bench->all));
	bench->count = count;
	bench->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < count; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u64 = i };

		bench->all[i].fd = connect_to(bench);
		epoll_ctl(bench->epoll, EPOLL_CTL_ADD, bench->all[i].fd, &event);
	}
}

static void close_all(struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++)
		close(bench->all[i].fd);
	close(bench->epoll);
	free(bench->all);
}

/* Takes what has come; who is through sends again when again says so. */
static void turn(struct bench *bench, int wait_ms, bool again)
{
	struct epoll_event events[256];
	int count = epoll_wait(bench->epoll, events, KL_LENGTH(events), wait_ms);

	for (int i = 0; i < count; i++) {
		struct connection *connection = &bench->all[events[i].data.u64];

		if (receive(bench, connection) && again)
			submit(bench, connection);
	}
}

static bool any_busy(const struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++)
		if (bench->all[i].busy)
			return true;
	return false;
}

/* Processor time of the server so far. */
static double cpu_us(const struct bench *bench)
{
	char *path = kl_format("/proc/%d/stat", (int)bench->pid), *at;
	unsigned long user = 0, kernel = 0;
	struct kl_buf text;

	kl_buf_init(&text, 4096);
	if (kl_file_read(&text, path, NULL) || !(at = strrchr(text.data, ')')) ||
	    sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
		give_up("the server is gone");
	kl_buf_release(&text);
	free(path);
	return (double)(user + kernel) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* As fast as it goes: ms for each; and what each costs the server, whoever else is busy on this machine. */
static void measure_rate(struct bench *bench, const char *key, const char *cpu_key)
{
	double before_us = cpu_us(bench);
	int64_t begin_us, end_us;

	open_all(bench, BUSY);
	bench->answered = 0;
	bench->key = NULL;
	begin_us = kl_clock_mono_us();
	end_us = begin_us + TURN_US;
	for (size_t i = 0; i < BUSY; i++)
		submit(bench, &bench->all[i]);
	while (kl_clock_mono_us() < end_us)
		turn(bench, 10, true);
	while (any_busy(bench))
		turn(bench, 10, false);
	samples_add(bench->samples, key, bench->who,
		    (double)(kl_clock_mono_us() - begin_us) / 1000 / (double)bench->answered);
	samples_add(bench->samples, cpu_key, bench->who, (cpu_us(bench) - before_us) / (double)bench->answered);
	close_all(bench);
}

/* A crowd, each now and then: how long each takes. A connection that is not through yet when it is its turn is passed over. */
static void measure_crowd(struct bench *bench, const char *key)
{
	int64_t begin_us, now_us;
	size_t sent = 0, at = 0;

	open_all(bench, CROWD);
	bench->key = key;
	begin_us = kl_clock_mono_us();
	while ((now_us = kl_clock_mono_us()) < begin_us + TURN_US) {
		while (sent < (size_t)((now_us - begin_us) * RATE / 1000000)) {
			if (!bench->all[at].busy)
				submit(bench, &bench->all[at]);
			at = (at + 1) % CROWD;
			sent++;
		}
		turn(bench, 1, false);
	}
	while (any_busy(bench))
		turn(bench, 10, false);
	close_all(bench);
}

static void make_folder(struct bench *bench)
{
	snprintf(bench->folder, sizeof(bench->folder), "/tmp/kodelabd-bench-XXXXXX");
	if (!mkdtemp(bench->folder))
		give_up("no folder");
}

static void measure(struct bench *bench)
{
	make_folder(bench);
	bench->who = "lab";
	start_lab(bench);
	measure_rate(bench, "submit", "submit.cpu");
	measure_crowd(bench, "submit.crowd");
	stop_server(bench);
	make_folder(bench);
	bench->who = "floor";
	start_floor(bench);
	measure_rate(bench, "submit", "submit.cpu");
	measure_crowd(bench, "submit.crowd");
	stop_server(bench);
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 3;
	struct bench bench = { .build = argc > 1 ? argv[1] : NULL, .samples = samples_new() };
	struct rlimit files;

	if (argc < 2 || !rounds)
		give_up("usage: class_bench <build folder> [rounds]");
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	kl_sha256(bench.hash, code, strlen(code));
	for (size_t i = 0; i < rounds; i++)
		measure(&bench);
	samples_print(bench.samples);
	samples_free(bench.samples);
	for (size_t i = 0; i < USERS; i++)
		free(bench.tokens[i]);
	return 0;
}
