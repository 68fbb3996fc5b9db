/*
 * kodelabd beside what it does: trivial programs in boxes alone, one after another on each core, and through the
 * Judge0 API with wait=true and with polling; how quickly submissions are taken to the disk; memory with 10,000 waiting.
 * They take turns, so that a busy machine is busy for all. usage: server_bench <kodelabd> [rounds]
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/sandbox.h>

#include "tests/bench/samples.h"

#define TURN_MS       2000
#define CLIENTS       8
#define ACCEPT_MS     2000
#define ACCEPTERS     64
#define POLL_MS       10
#define QUEUED        10000
#define HTTP_TEXT_MAX ((size_t)1 << 20)

static const struct kind {
	const char *bare, *wait, *poll; /* what is measured */
	const char *source, *compile, *run; /* as kodelabd does it */
	const char *text, *body;
} kinds[] = {
	{ "serve.py", "serve.py", "serve.py.poll", "script.py", NULL, "/usr/bin/python3 script.py ", "print(42)\n",
	  "{\"language_id\":71,\"source_code\":\"print(42)\\n\"}" },
	{ "serve.c", "serve.c", "serve.c.poll", "main.c", "/usr/bin/gcc  main.c -lm", "./a.out ",
	  "int main(void){return 0;}\n", "{\"language_id\":50,\"source_code\":\"int main(void){return 0;}\\n\"}" },
};

struct bench {
	struct kl_loop *loop;
	struct kl_sandbox *sandbox;
	struct samples *samples;
	pid_t pid;
	int port;
	char folder[64];
};

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "server_bench: %s\n", what);
	exit(1);
}

/* --- bare ------------------------------------------------------------------------------------------------------- */

struct lane {
	const struct kind *kind;
	struct kl_box *box;
	size_t *finished;
	int64_t until_us;
	bool busy;
};

static void start_lane(struct lane *lane, bool compiling);

static void on_step(void *ctx, const struct kl_box_result *result)
{
	struct lane *lane = ctx;
	const bool compiled = lane->kind->compile && lane->busy;

	if (result->end != KL_END_EXITED || result->exit_code != 0)
		give_up(result->end == KL_END_FAILED ? result->error.message : "a program of ours fails");
	if (compiled) {
		lane->busy = false; /* the run is next */
		start_lane(lane, false);
		return;
	}
	++*lane->finished;
	lane->busy = kl_clock_mono_us() < lane->until_us;
	if (lane->busy) {
		if (kl_box_forget(lane->box, NULL))
			give_up("kl_box_forget");
		start_lane(lane, lane->kind->compile != NULL);
	} else {
		lane->until_us = 0;
	}
}

static void start_lane(struct lane *lane, bool compiling)
{
	const struct kind *kind = lane->kind;
	const char *script = compiling ? kind->compile : kind->run;
	struct kl_file files[] = {
		{ .name = (char *)(uintptr_t)(compiling ? "compile" : "run"), .text = (char *)(uintptr_t)script },
		{ .name = (char *)(uintptr_t)kind->source, .text = (char *)(uintptr_t)kind->text },
	};
	struct kl_box_run run = {
		.argv = (const char *const[]){ "/usr/bin/bash", compiling ? "compile" : "run", NULL },
		.env = (const char *const[]){ "HOME=/tmp", NULL },
		.files = files,
		.file_count = kind->compile && !compiling ? 1 : 2,
		.cpu_ms = 6000,
		.wall_ms = 10000,
		.memory_kib = 512000,
		.processes = 60,
		.output_to_file = true,
		.file_kib = compiling ? 65536 : 1024,
		.join_err = compiling,
		.keep = compiling,
	};
	struct kl_error err;

	for (size_t i = 0; i < KL_LENGTH(files); i++)
		files[i].len = strlen(files[i].text);
	lane->busy = compiling;
	if (kl_box_run(lane->box, &run, on_step, lane, &err))
		give_up(err.message);
}

static void measure_bare(struct bench *bench, const struct kind *kind)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct lane *lanes = kl_calloc((size_t)cores, sizeof(*lanes));
	int64_t start_us;
	size_t finished = 0;

	for (long i = 0; i < cores; i++)
		if (kl_box_open(&lanes[i].box, bench->sandbox, NULL, NULL))
			give_up("kl_box_open");
	start_us = kl_clock_mono_us();
	for (long i = 0; i < cores; i++) {
		lanes[i].kind = kind;
		lanes[i].finished = &finished;
		lanes[i].until_us = start_us + TURN_MS * 1000;
		start_lane(&lanes[i], kind->compile != NULL);
	}
	for (bool all = false; !all;) {
		kl_loop_turn(bench->loop, 1000);
		all = true;
		for (long i = 0; i < cores; i++)
			all &= !lanes[i].until_us;
	}
	samples_add(bench->samples, kind->bare, "bare",
		    (double)(kl_clock_mono_us() - start_us) / 1000 / (double)finished);
	for (long i = 0; i < cores; i++)
		kl_box_close(lanes[i].box);
	free(lanes);
}

/* --- clients ---------------------------------------------------------------------------------------------------- */

struct client {
	struct bench *bench;
	const char *body, *target;
	int fd;
	struct kl_watch *watch;
	struct kl_buf text;
	char token[40]; /* being polled; "": none */
	bool polls;
	size_t *finished, *running;
	int64_t until_us;
};

static void send_text(struct client *client, const char *text, size_t len)
{
	kl_buf_clear(&client->text);
	while (len) { /* requests are small: the socket takes them */
		ssize_t put = send(client->fd, text, len, MSG_NOSIGNAL);

		if (put <= 0)
			give_up("the server hangs up");
		text += put;
		len -= (size_t)put;
	}
}

static void post(struct client *client)
{
	char *text = kl_format(
		"POST %s HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		client->target, strlen(client->body), client->body);

	client->token[0] = '\0';
	send_text(client, text, strlen(text));
	free(text);
}

static void poll_token(void *ctx)
{
	struct client *client = ctx;
	char text[200];

	snprintf(
		text, sizeof(text),
		"GET /submissions/batch?base64_encoded=true&fields=status_id,stdout&tokens=%s HTTP/1.1\r\nHost: b\r\n\r\n",
		client->token);
	send_text(client, text, strlen(text));
}

static void next(struct client *client)
{
	++*client->finished;
	if (kl_clock_mono_us() < client->until_us) {
		post(client);
		return;
	}
	kl_watch_remove(client->watch);
	client->watch = NULL;
	close(client->fd);
	kl_buf_release(&client->text);
	--*client->running;
}

static void on_answer(struct client *client, const char *body)
{
	const char *token = strstr(body, "\"token\":\"");

	if (!client->polls) {
		next(client);
		return;
	}
	if (!client->token[0]) {
		if (!token)
			give_up("no token");
		snprintf(client->token, 37, "%s", token + 9);
		kl_loop_add_timer(client->bench->loop, POLL_MS, poll_token, client);
	} else if (strstr(body, "\"status_id\":1}") || strstr(body, "\"status_id\":2}")) {
		kl_loop_add_timer(client->bench->loop, POLL_MS, poll_token, client);
	} else {
		next(client);
	}
}

static void on_bytes(void *ctx, int fd, short revents)
{
	struct client *client = ctx;
	char chunk[16384];
	ssize_t got = recv(fd, chunk, sizeof(chunk), 0);
	const char *blank, *length;

	(void)revents;
	if (got <= 0)
		give_up("the server hangs up");
	kl_buf_add(&client->text, chunk, (size_t)got);
	blank = strstr(client->text.data, "\r\n\r\n");
	length = strstr(client->text.data, "Content-Length: ");
	if (!blank || !length)
		return;
	if (client->text.len < (size_t)(blank - client->text.data) + 4 + strtoul(length + 16, NULL, 10))
		return;
	if (strncmp(client->text.data, "HTTP/1.1 20", 11) != 0)
		give_up(client->text.data);
	on_answer(client, blank + 4);
}

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

/* ms for each answer, with so many clients that ask again and again for so long. */
static double drive(struct bench *bench, const char *target, const char *body, bool polls, size_t count, int64_t ms)
{
	struct client *clients = kl_calloc(count, sizeof(*clients));
	size_t finished = 0, running = count;
	int64_t start_us = kl_clock_mono_us();

	for (size_t i = 0; i < count; i++) {
		clients[i] = (struct client){ .bench = bench,
					      .body = body,
					      .target = target,
					      .polls = polls,
					      .finished = &finished,
					      .running = &running,
					      .until_us = start_us + ms * 1000,
					      .fd = connect_to(bench) };
		kl_buf_init(&clients[i].text, HTTP_TEXT_MAX);
		clients[i].watch = kl_loop_add_fd(bench->loop, clients[i].fd, POLLIN, on_bytes, &clients[i]);
		post(&clients[i]);
	}
	while (running)
		kl_loop_turn(bench->loop, 1000);
	free(clients);
	return (double)(kl_clock_mono_us() - start_us) / 1000 / (double)finished;
}

/* --- the server ------------------------------------------------------------------------------------------------- */

static void write_config(const struct bench *bench, const char *extra)
{
	char *path = kl_path_join(bench->folder, "conf");
	char *text =
		kl_format("listen = 127.0.0.1:0\ndata = %s\nlog.requests = no\nqueue.max = 1000000\n"
			  "queue.fair = no\njudge.languages = \"46 50 71\"\njudge0.max_submission_batch_size = 1000\n"
			  "judge.unsafe = \"I accept that programs of strangers run here with weaker walls\"\n%s",
			  bench->folder, extra);

	if (kl_file_write(path, text, strlen(text), 0600, NULL))
		give_up("the configuration cannot be written");
	free(path);
	free(text);
}

/* Its log comes through a pipe: the port, then that it is ready. */
static void start_server(struct bench *bench, const char *program, const char *extra)
{
	char *config = kl_path_join(bench->folder, "conf"), *found;
	char *const argv[] = { (char *)(uintptr_t)program, (char[]){ "--config" }, config, NULL };
	struct kl_buf log;
	int ends[2];

	write_config(bench, extra);
	if (pipe2(ends, O_CLOEXEC) < 0)
		give_up("no pipe");
	bench->pid = fork();
	if (!bench->pid) {
		dup2(ends[1], STDERR_FILENO);
		execv(program, argv);
		_exit(127);
	}
	close(ends[1]);
	kl_buf_init(&log, HTTP_TEXT_MAX);
	while (!strstr(log.data, "\"event\":\"ready\"")) {
		char chunk[4096];
		ssize_t got = read(ends[0], chunk, sizeof(chunk));

		if (got <= 0)
			give_up(log.data);
		kl_buf_add(&log, chunk, (size_t)got);
	}
	found = strstr(log.data, "\"address\":\"127.0.0.1:");
	bench->port = found ? (int)strtol(found + 21, NULL, 10) : 0;
	kl_buf_release(&log);
	free(config);
	fcntl(ends[0], F_SETFD, 0); /* stays open: it logs on */
}

static void stop_server(struct bench *bench)
{
	char *command[] = { (char[]){ "rm" }, (char[]){ "-rf" }, bench->folder, NULL };
	pid_t pid;

	kill(bench->pid, SIGKILL);
	waitpid(bench->pid, NULL, 0);
	pid = fork();
	if (!pid) {
		execvp(command[0], command);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static void make_folder(struct bench *bench)
{
	snprintf(bench->folder, sizeof(bench->folder), "/tmp/kodelabd-bench-XXXXXX");
	if (!mkdtemp(bench->folder))
		give_up("no folder");
}

/* --- measuring -------------------------------------------------------------------------------------------------- */

static void measure_judging(struct bench *bench, const char *program, size_t rounds)
{
	make_folder(bench);
	start_server(bench, program, "");
	for (size_t round = 0; round < rounds; round++)
		for (size_t i = 0; i < KL_LENGTH(kinds); i++) {
			const struct kind *kind = &kinds[i];

			measure_bare(bench, kind);
			samples_add(bench->samples, kind->wait, "lab",
				    drive(bench, "/submissions?wait=true", kind->body, false, CLIENTS, TURN_MS));
			samples_add(bench->samples, kind->poll, "lab",
				    drive(bench, "/submissions", kind->body, true, CLIENTS, TURN_MS));
		}
	stop_server(bench);
}

static double memory_mb(pid_t pid)
{
	char *path = kl_format("/proc/%d/status", (int)pid), *at;
	struct kl_buf text;
	double kib;

	kl_buf_init(&text, HTTP_TEXT_MAX);
	if (kl_file_read(&text, path, NULL))
		give_up("the server is gone");
	at = strstr(text.data, "VmHWM:");
	kib = at ? strtod(at + 6, NULL) : 0;
	kl_buf_release(&text);
	free(path);
	return kib / 1024;
}

/* One worker, and it sleeps: what is measured is the way onto the disk. */
static void measure_accepting(struct bench *bench, const char *program, size_t rounds)
{
	static const char sleeper[] = "{\"language_id\":46,\"source_code\":\"sleep 60\",\"wall_time_limit\":60}";
	struct kl_buf batch;

	make_folder(bench);
	start_server(bench, program, "judge.workers = 1\njudge0.max_wall_time_limit_ms = 60000\n");
	drive(bench, "/submissions", sleeper, false, 1, 0);
	for (size_t round = 0; round < rounds; round++)
		samples_add(bench->samples, "accept", "lab",
			    drive(bench, "/submissions", kinds[0].body, false, ACCEPTERS, ACCEPT_MS));
	stop_server(bench);

	make_folder(bench);
	start_server(bench, program, "judge.workers = 1\njudge0.max_wall_time_limit_ms = 60000\n");
	drive(bench, "/submissions", sleeper, false, 1, 0);
	kl_buf_init(&batch, HTTP_TEXT_MAX);
	kl_buf_add_str(&batch, "{\"submissions\":[");
	for (int i = 0; i < 500; i++)
		kl_buf_addf(&batch, "%s{\"language_id\":71,\"source_code\":\"print(%0500d)\"}", i ? "," : "", i);
	kl_buf_add_str(&batch, "]}");
	for (int i = 0; i < QUEUED / 500; i++)
		drive(bench, "/submissions/batch", batch.data, false, 1, 0);
	kl_buf_release(&batch);
	samples_add(bench->samples, "queued.memory", "lab", memory_mb(bench->pid));
	stop_server(bench);
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;
	struct bench bench = { .pid = 0 };
	struct kl_paths paths;
	struct kl_error err;

	if (argc < 2 || !rounds)
		give_up("usage: server_bench <kodelabd> [rounds]");
	if (kl_loop_open(&bench.loop, &err) || kl_paths_init(&paths, &err) ||
	    kl_sandbox_open(&bench.sandbox, bench.loop, &paths, &err))
		give_up(err.message);
	bench.samples = samples_new();
	measure_judging(&bench, argv[1], rounds);
	measure_accepting(&bench, argv[1], rounds);
	samples_print(bench.samples);
	samples_free(bench.samples);
	kl_sandbox_close(bench.sandbox);
	kl_paths_release(&paths);
	kl_loop_close(bench.loop);
	return 0;
}
