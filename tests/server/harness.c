/* Starting, asking, checking. */

#include "tests/server/harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/visible.h>

#define PATIENCE_S 300 /* a busy machine may take its time */
#define REPLY_MAX  ((size_t)256 << 20)

/* Passwords of tests need no strength, and tests ask more often than people. */
static const char cheap[] = "accounts.hash_kib = 64\naccounts.hash_passes = 1\naccounts.requests_per_minute = 0\n"
			    "accounts.submissions_per_minute = 0\n";
static const char accepted[] = "judge.unsafe = \"I accept that programs of strangers run here with weaker walls\"\n";

/* --- the folder ------------------------------------------------------------------------------------------------- */

static char *in_folder(const struct daemon *daemon, const char *name)
{
	return kl_path_join(daemon->folder, name);
}

static void write_config(const struct daemon *daemon, const char *extra, bool safe)
{
	char *path = in_folder(daemon, "conf");
	char *text = kl_format("listen = 127.0.0.1:0\ndata = %s\n%s%s%s", daemon->folder, cheap, safe ? "" : accepted,
			       extra ? extra : "");
	struct kl_error err;

	CHECK(!kl_file_write(path, text, strlen(text), 0600, &err), "%s", err.message);
	free(path);
	free(text);
}

void daemon_configure(const struct daemon *daemon, const char *extra)
{
	write_config(daemon, extra, false);
}

void daemon_configure_safe(const struct daemon *daemon)
{
	write_config(daemon, NULL, true);
}

static void make_folder(struct daemon *daemon)
{
	const char *base = getenv("TMPDIR");

	snprintf(daemon->folder, sizeof(daemon->folder), "%.60s/kodelabd-XXXXXX", base ? base : "/tmp");
	CHECK(mkdtemp(daemon->folder), "mkdtemp: %s", strerror(errno));
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

char *daemon_log(const struct daemon *daemon)
{
	char *path = in_folder(daemon, "log");
	struct kl_buf text;

	kl_buf_init(&text, REPLY_MAX);
	(void)!kl_file_read(&text, path, NULL);
	free(path);
	return kl_buf_detach(&text);
}

void daemon_await_log(const struct daemon *daemon, const char *part)
{
	char *path = in_folder(daemon, "log"), *log, events[4096];
	int fd = inotify_init1(IN_CLOEXEC);
	bool found;

	CHECK(fd >= 0 && inotify_add_watch(fd, path, IN_MODIFY) >= 0, "inotify: %s", strerror(errno));
	for (;;) { /* watched before it is read: nothing is missed */
		log = daemon_log(daemon);
		found = strstr(log, part) != NULL;
		free(log);
		if (found)
			break;
		CHECK(read(fd, events, sizeof(events)) > 0, "inotify: %s", strerror(errno));
	}
	close(fd);
	free(path);
}

/* --- the process ------------------------------------------------------------------------------------------------ */

static int open_ready(const struct daemon *daemon)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/notify", daemon->folder);
	unlink(address.sun_path);
	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind: %s", strerror(errno));
	return fd;
}

static KL_NORETURN void become(const struct daemon *daemon)
{
	char *program = kl_path_join(build_folder, "kodelabd"), *config = in_folder(daemon, "conf");
	char *log = in_folder(daemon, "log");
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600), null = open("/dev/null", O_RDONLY);
	char *const argv[] = { program, (char[]){ "--config" }, config, NULL };
	char *environment[13] = { kl_format("HOME=%s", daemon->folder), kl_format("KODELAB_LIBEXEC=%s", build_folder),
				  kl_format("NOTIFY_SOCKET=%s/notify", daemon->folder),
				  kl_format("KL_FAULT=%d", daemon->fault) };
	size_t count = 4;

	if (daemon->files)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t)daemon->files, (rlim_t)daemon->files });
	if (daemon->level)
		environment[count++] = kl_format("KL_SANDBOX_LEVEL=%s", daemon->level);
	if (daemon->master)
		environment[count++] = kl_format("KODELAB_MASTER_KEY=%s", daemon->master);
	if (daemon->clock_ms)
		environment[count++] = kl_format("KL_CLOCK=%lld", (long long)daemon->clock_ms);
	if (daemon->kill)
		environment[count++] = kl_format("KL_KILL=%s", daemon->kill);
	if (daemon->preload)
		environment[count++] = kl_format("LD_PRELOAD=%s/tests/%s", build_folder, daemon->preload);
	if (getenv("ASAN_OPTIONS") && daemon->preload) /* its own library would have to be the first */
		environment[count++] = kl_format("ASAN_OPTIONS=%s:verify_asan_link_order=0", getenv("ASAN_OPTIONS"));
	else if (getenv("ASAN_OPTIONS"))
		environment[count++] = kl_format("ASAN_OPTIONS=%s", getenv("ASAN_OPTIONS"));
	dup2(null, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is given up leaves no server behind */
	execve(program, argv, environment);
	_exit(127);
}

static void spawn(struct daemon *daemon)
{
	daemon->pid = fork();
	CHECK(daemon->pid >= 0, "fork: %s", strerror(errno));
	if (!daemon->pid)
		become(daemon);
}

void daemon_expect(const struct daemon *daemon, const char *state)
{
	struct pollfd polled = { .fd = daemon->ready, .events = POLLIN };
	char text[256], *log;
	ssize_t got;

	while (poll(&polled, 1, PATIENCE_S * 1000) > 0) {
		got = recv(daemon->ready, text, sizeof(text) - 1, 0);
		text[got > 0 ? got : 0] = '\0';
		if (!strncmp(text, state, strlen(state)))
			return;
	}
	log = daemon_log(daemon);
	test_failed(__FILE__, __LINE__, "the server never said %s: %s", state, log);
}

static int find_port(const struct daemon *daemon)
{
	static const char mark[] = "\"listening\",\"address\":\"127.0.0.1:";
	char *log = daemon_log(daemon), *found = NULL;
	int port;

	for (char *at = log; (at = strstr(at, mark)); at++)
		found = at; /* the newest start's */
	CHECK(found, "no port in the log: %s", log);
	port = (int)strtol(found + strlen(mark), NULL, 10);
	free(log);
	return port;
}

void daemon_start_again(struct daemon *daemon)
{
	if (daemon->ready >= 0)
		close(daemon->ready);
	daemon->ready = open_ready(daemon);
	spawn(daemon);
	daemon_expect(daemon, "READY=1");
	daemon->port = find_port(daemon);
}

void daemon_start_to_die(struct daemon *daemon, const char *place)
{
	daemon->kill = place;
	daemon_start_again(daemon);
	daemon->kill = NULL;
}

void daemon_prepare(struct daemon *daemon, const char *extra)
{
	*daemon = (struct daemon){ .ready = -1 };
	make_folder(daemon);
	write_config(daemon, extra, false);
}

void daemon_start(struct daemon *daemon, const char *extra)
{
	daemon_prepare(daemon, extra);
	daemon_start_again(daemon);
}

bool daemon_try(struct daemon *daemon)
{
	struct pollfd polled = { .events = POLLIN };
	int status;

	daemon->ready = open_ready(daemon);
	spawn(daemon);
	polled.fd = daemon->ready;
	while (poll(&polled, 1, 20) == 0)
		if (waitpid(daemon->pid, &status, WNOHANG) == daemon->pid) {
			daemon->pid = 0;
			return false;
		}
	daemon_expect(daemon, "READY=1");
	daemon->port = find_port(daemon);
	return true;
}

char *output_of(char *const argv[])
{
	struct kl_buf text;
	char chunk[4096];
	ssize_t got;
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	kl_buf_init(&text, REPLY_MAX);
	while ((got = read(ends[0], chunk, sizeof(chunk))) > 0)
		kl_buf_add(&text, chunk, (size_t)got);
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return kl_buf_detach(&text);
}

static int wait_for(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid, "waitpid: %s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int daemon_end(struct daemon *daemon, int signo)
{
	pid_t pid = daemon->pid;

	daemon->pid = 0;
	kill(pid, signo);
	return wait_for(pid);
}

void need_files(rlim_t count)
{
	struct rlimit files;

	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max >= count,
	      "this needs %llu open files: ulimit -Hn", (unsigned long long)count);
	files.rlim_cur = files.rlim_cur < count ? count : files.rlim_cur;
	CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0, "setrlimit");
}

void daemon_set_room(const struct daemon *daemon, size_t bytes)
{
	const struct rlimit limit = { bytes ? bytes : RLIM_INFINITY, RLIM_INFINITY };

	CHECK(prlimit(daemon->pid, RLIMIT_FSIZE, &limit, NULL) == 0, "prlimit");
}

void daemon_stop(struct daemon *daemon, int signo)
{
	int status = daemon_end(daemon, signo);
	char *log;

	if (!status)
		return;
	log = daemon_log(daemon);
	test_failed(__FILE__, __LINE__, "the server ended with %d: %s", status, log);
}

void daemon_await_death(struct daemon *daemon)
{
	int status = wait_for(daemon->pid);

	daemon->pid = 0;
	CHECK(status == 128 + SIGKILL, "it ended with %d: %s", status, daemon_log(daemon));
}

int daemon_refuses(const char *extra, bool safe, char *text, size_t size)
{
	struct daemon daemon = { .ready = -1 };
	char *log;
	int status;

	make_folder(&daemon);
	write_config(&daemon, extra, safe);
	spawn(&daemon);
	status = wait_for(daemon.pid);
	daemon.pid = 0;
	log = daemon_log(&daemon);
	snprintf(text, size, "%s", log);
	free(log);
	daemon_remove(&daemon);
	return status;
}

static bool is_word_of(const char *list, const char *word, size_t len)
{
	char *words = kl_format(" %s ", list ? list : ""), *sought = kl_format(" %.*s ", (int)len, word);
	bool found = strstr(words, sought) != NULL;

	free(words);
	free(sought);
	return found;
}

/* What is an error there is one of the test, unless the test names it. */
static void check_log(const struct daemon *daemon)
{
	static const char mark[] = "\"level\":\"error\",\"event\":\"";
	char *log = daemon_log(daemon);

	for (const char *at = log; (at = strstr(at, mark));) {
		at += strlen(mark);
		CHECK(is_word_of(daemon->errors, "*", 1) || is_word_of(daemon->errors, at, strcspn(at, "\"")),
		      "an error in the server's log: %.*s", (int)strcspn(at, "\n"), at);
	}
	free(log);
}

void daemon_remove(struct daemon *daemon)
{
	if (daemon->pid)
		daemon_end(daemon, SIGKILL);
	check_log(daemon);
	if (daemon->ready >= 0)
		close(daemon->ready);
	nftw(daemon->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- requests --------------------------------------------------------------------------------------------------- */

int client_try(const struct daemon *daemon)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)daemon->port) };
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int client_connect(const struct daemon *daemon)
{
	int fd = client_try(daemon);

	CHECK(fd >= 0, "connect: %s", strerror(errno));
	return fd;
}

void client_write(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t put = send(fd, bytes, len, MSG_NOSIGNAL);

		if (put <= 0)
			return; /* the answer says why */
		bytes += put;
		len -= (size_t)put;
	}
}

void client_text(int fd, const char *text)
{
	client_write(fd, text, strlen(text));
}

void client_read(struct reply *out, int fd)
{
	struct kl_buf text;
	char chunk[16384], *blank;
	ssize_t got;

	kl_buf_init(&text, REPLY_MAX);
	while ((got = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		kl_buf_add(&text, chunk, (size_t)got);
	*out = (struct reply){ .status = 0 };
	blank = strstr(text.data, "\r\n\r\n");
	if (blank && !strncmp(text.data, "HTTP/1.1 ", 9)) {
		size_t head = (size_t)(blank - text.data) + 4;

		out->status = (int)strtol(text.data + 9, NULL, 10);
		out->head = kl_strndup(text.data, head);
		out->len = text.len - head;
		out->body = kl_strndup(text.data + head, out->len);
	} else {
		out->head = kl_strdup(text.data);
		out->body = kl_strdup("");
	}
	kl_buf_release(&text);
}

/* The value of a header in lines of them, "" when it is not there; owned by the caller. */
static char *header_of(const char *lines, const char *name)
{
	const char *at = lines ? strcasestr(lines, name) : NULL;

	if (!at)
		return kl_strdup("");
	at += strlen(name);
	at += strspn(at, ": ");
	return kl_strndup(at, strcspn(at, "\r\n"));
}

/* KL_EXCHANGES names a file that tests/openapi reads: what was asked and answered, for holding it against docs/openapi.yaml. */
static void record(const struct reply *reply, const char *target, const char *headers, const char *body)
{
	const char *path = getenv("KL_EXCHANGES");
	char *sent = header_of(headers, "Content-Type"), *type = header_of(reply->head, "Content-Type");
	char *method = kl_strndup(target, strcspn(target, " ")), *line;
	cJSON *row = cJSON_CreateObject();
	FILE *file = path && reply->status ? fopen(path, "a") : NULL;

	cJSON_AddStringToObject(row, "method", method);
	cJSON_AddStringToObject(row, "path", target + strcspn(target, " ") + 1);
	cJSON_AddNumberToObject(row, "status", reply->status);
	cJSON_AddStringToObject(row, "sent", sent);
	cJSON_AddStringToObject(row, "type", type);
	cJSON_AddStringToObject(row, "request", body ? body : "");
	cJSON_AddStringToObject(row, "body", strlen(reply->body) == reply->len ? reply->body : "");
	line = cJSON_PrintUnformatted(row);
	if (file && kl_utf8_valid(line, strlen(line)))
		fprintf(file, "%s\n", line);
	if (file)
		fclose(file);
	cJSON_free(line);
	cJSON_Delete(row);
	free(method);
	free(sent);
	free(type);
}

static void ask_once(struct reply *out, const struct daemon *daemon, const char *target, const char *headers,
		     const char *body, size_t len)
{
	int fd = client_connect(daemon);
	char *head = kl_format("%s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n",
			       target, headers ? headers : "", len);

	client_write(fd, head, strlen(head));
	client_write(fd, body, len);
	client_read(out, fd);
	free(head);
	close(fd);
}

void ask(struct reply *out, const struct daemon *daemon, const char *target, const char *headers, const char *body)
{
	ask_once(out, daemon, target, headers, body ? body : "", body ? strlen(body) : 0);
	record(out, target, headers, body);
}

void ask_bytes(struct reply *out, const struct daemon *daemon, const char *target, const char *headers,
	       const char *body, size_t len)
{
	ask_once(out, daemon, target, headers, body, len);
	record(out, target, headers, NULL);
}

void ask_until(const struct daemon *daemon, const char *target, const char *headers, const char *part)
{
	struct reply reply;

	for (bool found = false; !found; poll(NULL, 0, 5)) { /* alarm() ends the test */
		ask(&reply, daemon, target, headers, NULL);
		found = strstr(reply.body, part) != NULL;
		reply_release(&reply);
	}
}

void judge(struct reply *out, const struct daemon *daemon, const char *fields, const char *body)
{
	char *target = kl_format("POST /submissions?wait=true&fields=%s", fields);

	ask(out, daemon, target, JSON, body);
	free(target);
}

void reply_release(struct reply *reply)
{
	free(reply->head);
	free(reply->body);
	*reply = (struct reply){ .status = 0 };
}

/* --- what stands between -------------------------------------------------------------------------------------------- */

int chaos_start(const struct daemon *daemon, const char *profile)
{
	char *program = kl_format("%s/tests/chaos", build_folder), *port = kl_format("%d", daemon->port);
	char *const argv[] = { program,
			       (char[]){ "--seed" },
			       (char[]){ "7" },
			       (char[]){ "--profile" },
			       (char *)(uintptr_t)profile,
			       port,
			       NULL };
	char said[64] = "";
	int in[2], out[2], listening = 0;

	CHECK(pipe(in) == 0 && pipe(out) == 0, "pipe");
	if (!fork()) {
		dup2(in[0], STDIN_FILENO); /* its end is the proxy's */
		dup2(out[1], STDOUT_FILENO);
		execv(program, argv);
		_exit(127);
	}
	close(out[1]);
	CHECK(read(out[0], said, sizeof(said) - 1) > 0 && sscanf(said, "listening %d", &listening) == 1, "chaos: %s",
	      said);
	free(program);
	free(port);
	return listening;
}

/* --- checking --------------------------------------------------------------------------------------------------- */

void check_is(const struct reply *reply, int status, const char *body)
{
	CHECK(reply->status == status, "status %d was expected, not %d: %s", status, reply->status, reply->body);
	CHECK(!strcmp(reply->body, body), "expected %s\n         got %s", body, reply->body);
}

void check_has(const struct reply *reply, int status, const char *part)
{
	CHECK(reply->status == status, "status %d was expected, not %d: %s", status, reply->status, reply->body);
	CHECK(strstr(reply->body, part), "expected %s\n          in %s", part, reply->body);
}
