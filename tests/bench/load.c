/* A server and many connections: see load.h. */
#include "load.h"

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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/account.h>
#include <kodelab/alloc.h>
#include <kodelab/archive.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/file.h>
#include <kodelab/id.h>
#include <kodelab/path.h>
#include <kodelab/store.h>

#define TEXT_MAX ((size_t)1 << 20)

const char load_code[] =
	"import sys\n\n\ndef main():\n    for line in sys.stdin:\n        print(line.strip())\n\n\nmain()\n";

_Noreturn void load_give_up(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

void load_prepare(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
}

/* --- one request at a time ---------------------------------------------------------------------------------------- */

static int connect_to(const struct load *load)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)load->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		load_give_up("no connection");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static bool send_all(int fd, const char *text, size_t len)
{
	while (len) { /* requests are small: the socket takes them */
		ssize_t put = send(fd, text, len, MSG_NOSIGNAL);

		if (put <= 0)
			return false;
		text += put;
		len -= (size_t)put;
	}
	return true;
}

char *load_ask(const struct load *load, const char *target, const char *headers, const char *body, size_t len)
{
	char *head = kl_format("%s HTTP/1.1\r\nHost: b\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n", target,
			       headers, len);
	int fd = connect_to(load);
	struct kl_buf text;
	char chunk[4096];
	ssize_t got;

	if (!send_all(fd, head, strlen(head)) || !send_all(fd, body, len))
		load_give_up("the server hangs up");
	kl_buf_init(&text, TEXT_MAX);
	while ((got = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		kl_buf_add(&text, chunk, (size_t)got);
	close(fd);
	free(head);
	if (strncmp(text.data, "HTTP/1.1 20", 11) != 0)
		load_give_up(text.data);
	return kl_buf_detach(&text);
}

void load_publish(const struct load *load)
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
		load_give_up("no archive");
	free(load_ask(load, "POST /api/packs", "X-Auth-User: bench\r\nContent-Type: application/gzip\r\n", bytes, len));
	free(bytes);
	kl_archive_release(&archive);
}

void load_sign_up(struct load *load, size_t count)
{
	load->tokens = kl_calloc(count, sizeof(*load->tokens));
	load->token_count = count;
	for (size_t i = 0; i < count; i++) {
		char *body = kl_format("{\"name\":\"student%zu\",\"password\":\"" LOAD_PASSWORD "\"}", i);
		char *text = load_ask(load, "POST /api/auth/register", "Content-Type: application/json\r\n", body,
				      strlen(body));
		const char *at = strstr(text, "\"token\":\"");

		if (!at)
			load_give_up(text);
		load->tokens[i] = kl_strndup(at + 9, strcspn(at + 9, "\""));
		free(text);
		free(body);
	}
}

struct kl_store *load_store(const struct load *load)
{
	static const struct kl_clock running = { .held = false };
	char *folder = kl_path_join(load->folder, "data"), *path = kl_path_join(folder, "kodelabd.db");
	struct kl_store *store;
	struct kl_error err;

	if (kl_path_make(folder, &err) || kl_store_open_server(&store, path, &running, &err))
		load_give_up(err.message);
	free(path);
	free(folder);
	return store;
}

static void add_user(char id[KL_ID_SIZE], struct kl_store *store, size_t number, char *hash)
{
	static const struct kl_clock running = { .held = false };
	char *text = kl_format("class%zu", number), none[] = "";
	struct kl_user user = { .display = none, .email = none, .password = hash, .role = 1 };
	struct kl_error err;

	kl_id_new(user.id, &running);
	user.created_ms = kl_clock_wall_ms(&running);
	if (kl_name_read(&user.name, &user.key, text, &err) || kl_store_user_add(store, &user, &err))
		load_give_up(err.message);
	memcpy(id, user.id, KL_ID_SIZE);
	free(user.name);
	free(user.key);
	free(text);
}

void load_enroll(const struct load *load, size_t count, size_t hash_kib, char (*ids)[KL_ID_SIZE])
{
	const struct kl_password_cost cost = { .kib = hash_kib, .passes = 2 };
	char hash[KL_PASSWORD_HASH_SIZE], unwanted[KL_ID_SIZE];
	struct kl_store *store = load_store(load);
	struct kl_error err;

	if (!kl_password_hash(hash, LOAD_PASSWORD, strlen(LOAD_PASSWORD), &cost))
		load_give_up("no memory for a password");
	if (kl_store_batch_begin(store, &err))
		load_give_up(err.message);
	for (size_t i = 0; i < count; i++)
		add_user(ids ? ids[i] : unwanted, store, i, hash);
	if (kl_store_batch_end(store, &err))
		load_give_up(err.message);
	kl_store_close(store);
}

/* --- the servers -------------------------------------------------------------------------------------------------- */

static void spawn(struct load *load, char *const argv[], int out)
{
	load->pid = fork();
	if (!load->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
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
			load_give_up(text.data);
		kl_buf_add(&text, chunk, (size_t)got);
	}
	number = (int)strtol(at + strlen(mark), NULL, 10);
	kl_buf_release(&text);
	return number;
}

void load_folder(struct load *load)
{
	snprintf(load->folder, sizeof(load->folder), "/tmp/kodelabd-bench-XXXXXX");
	if (!mkdtemp(load->folder))
		load_give_up("no folder");
}

void load_start_here(struct load *load, const char *extra)
{
	char *program = kl_format("%s/kodelabd", load->build), *config = kl_format("%s/conf", load->folder);
	char *text =
		kl_format("listen = 127.0.0.1:0\ndata = %s/data\nlog.requests = no\njudge.enabled = no\n"
			  "authz.tokens = bench\nlimits.connections = 4096\nlimits.connections_per_address = 4096\n"
			  "accounts.registration = open\naccounts.requests_per_minute = 0\n"
			  "accounts.submissions_per_minute = 0\nclass.waiting_max = 100000\nlimits.idle_s = 600\n%s",
			  load->folder, extra);
	char *const argv[] = { program, (char[]){ "--config" }, config, NULL };
	int ends[2];

	if (kl_file_write(config, text, strlen(text), 0600, NULL) || pipe2(ends, O_CLOEXEC) < 0)
		load_give_up("the configuration cannot be written");
	spawn(load, argv, ends[1]);
	load->port = await_number(ends[0], "\"address\":\"127.0.0.1:");
	free(program);
	free(config);
	free(text);
}

void load_start(struct load *load, const char *extra)
{
	load_folder(load);
	load_start_here(load, extra);
}

void load_start_floor(struct load *load, const char *name, const char *text)
{
	char *program = kl_format("%s/tests/bench/%s", load->build, name), *path;
	int ends[2];

	load_folder(load);
	path = kl_format("%s/floor", load->folder);
	if ((text && kl_file_write(path, text, strlen(text), 0600, NULL)) || pipe2(ends, O_CLOEXEC) < 0)
		load_give_up("the floor's file cannot be written");
	spawn(load, (char *const[]){ program, path, NULL }, ends[1]);
	load->port = await_number(ends[0], "");
	free(program);
	free(path);
}

void load_kill(struct load *load)
{
	kill(load->pid, SIGKILL);
	waitpid(load->pid, NULL, 0);
}

void load_stop(struct load *load)
{
	load_kill(load);
	if (kl_file_remove_tree(load->folder, NULL))
		load_give_up("the folder stays");
	for (size_t i = 0; i < load->token_count; i++)
		free(load->tokens[i]);
	free(load->tokens);
	load->tokens = NULL;
	load->token_count = 0;
}

double load_cpu_us(const struct load *load)
{
	char *path = kl_format("/proc/%d/stat", (int)load->pid), *at;
	unsigned long user = 0, kernel = 0;
	struct kl_buf text;

	kl_buf_init(&text, 4096);
	if (kl_file_read(&text, path, NULL) || !(at = strrchr(text.data, ')')) ||
	    sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
		load_give_up("the server is gone");
	kl_buf_release(&text);
	free(path);
	return (double)(user + kernel) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* --- many at once ------------------------------------------------------------------------------------------------- */

static void open_line(struct load *load, struct load_line *line)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = line };

	line->fd = connect_to(load);
	epoll_ctl(load->epoll, EPOLL_CTL_ADD, line->fd, &event);
}

void load_reopen(struct load *load, struct load_line *line)
{
	if (line->fd >= 0)
		close(line->fd);
	open_line(load, line);
}

void load_open(struct load *load, size_t count)
{
	load->lines = kl_calloc(count, sizeof(*load->lines));
	load->count = count;
	load->busy = 0;
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < count; i++) {
		load->lines[i].user = i;
		kl_buf_init(&load->lines[i].text, TEXT_MAX);
		open_line(load, &load->lines[i]);
	}
}

void load_close(struct load *load)
{
	for (size_t i = 0; i < load->count; i++) {
		if (load->lines[i].fd >= 0)
			close(load->lines[i].fd);
		kl_buf_release(&load->lines[i].text);
	}
	close(load->epoll);
	free(load->lines);
	load->lines = NULL;
}

void load_send(struct load *load, struct load_line *line, const char *text, size_t len)
{
	line->busy = true;
	load->busy++;
	line->status = 0;
	line->sent_us = kl_clock_mono_us();
	kl_buf_clear(&line->text);
	if (!send_all(line->fd, text, len))
		load_give_up("the server hangs up");
}

/* true: the answer is there, or none will be. */
static bool receive(struct load_line *line)
{
	char chunk[16384];
	ssize_t got = recv(line->fd, chunk, sizeof(chunk), 0);
	const char *blank, *length;

	if (got <= 0)
		return true;
	kl_buf_add(&line->text, chunk, (size_t)got);
	blank = strstr(line->text.data, "\r\n\r\n");
	length = blank ? strstr(line->text.data, "Content-Length: ") : NULL;
	if (!length || line->text.len < (size_t)(blank - line->text.data) + 4 + strtoul(length + 16, NULL, 10))
		return false;
	line->status = (int)strtol(line->text.data + 9, NULL, 10);
	return true;
}

void load_turn(struct load *load, int wait_ms, load_fn *fn, void *ctx)
{
	struct epoll_event events[256];
	int count = epoll_wait(load->epoll, events, KL_LENGTH(events), wait_ms);

	for (int i = 0; i < count; i++) {
		struct load_line *line = events[i].data.ptr;

		if (!receive(line))
			continue;
		if (!line->status) {
			close(line->fd);
			line->fd = -1;
		}
		if (!line->busy)
			continue; /* the server closed what was at rest */
		line->busy = false;
		load->busy--;
		fn(ctx, load, line);
	}
}

void load_drain(struct load *load, load_fn *fn, void *ctx)
{
	while (load->busy)
		load_turn(load, 10, fn, ctx);
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

int load_submission(char text[LOAD_TEXT], char id[KL_ID_SIZE], const char *token)
{
	static const struct kl_clock clock = { .held = false };
	static char hash[KL_SHA256_SIZE];
	char body[1024];
	int len;

	if (!*hash)
		kl_sha256(hash, load_code, strlen(load_code));
	kl_id_new(id, &clock);
	len = snprintf(
		body, sizeof(body),
		"{\"id\":\"%s\",\"hash\":\"%s\",\"body\":{\"pack\":\"tiny\",\"slug\":\"echo\","
		"\"language\":\"python\",\"code\":\"import sys\\n\\n\\ndef main():\\n    for line in sys.stdin:\\n"
		"        print(line.strip())\\n\\n\\nmain()\\n\"}}",
		id, hash);
	return snprintf(text, LOAD_TEXT,
			"POST /api/submissions HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer %s\r\n"
			"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			token ? token : "-", len, body);
}

int load_get(char text[LOAD_TEXT], const char *path, const char *token)
{
	return snprintf(text, LOAD_TEXT, "GET %s HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer %s\r\n\r\n", path,
			token ? token : "-");
}
