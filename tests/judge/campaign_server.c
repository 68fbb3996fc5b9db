/* Starting and killing kodelabd. */

#include "tests/judge/campaign_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/worker.h>

#include "tests/judge/campaign.h"

#define LOG_MAX  ((size_t)1 << 20)
#define LISTENER "tester" /* who may list submissions */

_Noreturn void campaign_give_up(const char *what, const char *why)
{
	fprintf(stderr, "campaign: %s: %s\n", what, why);
	exit(1);
}

pid_t campaign_spawn(char *const *argv, int in, int out, int err)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		campaign_give_up("fork", strerror(errno));
	if (pid)
		return pid;
	kl_child_reset_signals();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	if (err >= 0)
		dup2(err, STDERR_FILENO);
	execv(argv[0], argv);
	_exit(127);
}

/* --- its life ----------------------------------------------------------------------------------------------------- */

static void configure(const struct campaign_server *server)
{
	char *path = kl_path_join(server->folder, "conf");
	char *text = kl_format("listen = 127.0.0.1:%d\ndata = %s\nlog.requests = no\njudge.languages = \"%s\"\n"
			       "authn.tokens = %s\nauthz.tokens = %s\nqueue.max = 100000\nqueue.fair = no\n"
			       "judge.unsafe = \"I accept that programs of strangers run here with weaker walls\"\n%s",
			       server->port, server->folder, server->languages, CAMPAIGN_TOKEN, LISTENER,
			       server->extra ? server->extra : "");
	struct kl_error err;

	if (kl_file_write(path, text, strlen(text), 0600, &err))
		campaign_give_up("the configuration", err.message);
	free(path);
	free(text);
}

/* Keeps the first error, and what is not a whole line yet. */
static void read_lines(struct campaign_server *server)
{
	char *line = server->log.data, *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (!*server->error && strstr(line, "\"level\":\"error\""))
			snprintf(server->error, sizeof(server->error), "%s", line);
	}
	kl_buf_consume(&server->log, (size_t)(line - server->log.data));
}

static void on_log(void *ctx, int fd, short revents)
{
	static const char mark[] = "\"address\":\"127.0.0.1:";
	struct campaign_server *server = ctx;
	char chunk[4096], *found;
	ssize_t got = read(fd, chunk, sizeof(chunk));

	(void)revents;
	if (got <= 0) {
		if (got == 0 && server->pid)
			campaign_give_up("kodelabd ended", server->log.data);
		return;
	}
	kl_buf_add(&server->log, chunk, (size_t)got);
	if (server->ready)
		read_lines(server);
	if (server->ready || !strstr(server->log.data, "\"event\":\"ready\""))
		return;
	found = strstr(server->log.data, mark);
	server->port = found ? (int)strtol(found + strlen(mark), NULL, 10) : 0;
	server->ready = true;
}

void campaign_server_init(struct campaign_server *server, struct kl_loop *loop, const char *build, const char *folder,
			  const char *languages)
{
	struct kl_error err;

	*server = (struct campaign_server){
		.loop = loop, .build = build, .folder = kl_strdup(folder), .languages = languages
	};
	kl_buf_init(&server->log, LOG_MAX);
	if (kl_path_make(folder, &err))
		campaign_give_up("its folder", err.message);
}

void campaign_server_start(struct campaign_server *server)
{
	char *program = kl_path_join(server->build, "kodelabd"), *config = kl_path_join(server->folder, "conf");
	char *argv[] = { program, (char[]){ "--config" }, config, NULL };
	int ends[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);

	configure(server);
	if (null < 0 || pipe2(ends, O_CLOEXEC) < 0)
		campaign_give_up("a pipe", strerror(errno));
	server->ready = false;
	kl_buf_clear(&server->log);
	server->pid = campaign_spawn(argv, null, null, ends[1]);
	close(ends[1]);
	close(null);
	server->log_fd = ends[0];
	server->watch = kl_loop_add_fd(server->loop, ends[0], POLLIN, on_log, server);
	free(program);
	free(config);
}

void campaign_server_kill(struct campaign_server *server)
{
	if (!server->pid)
		return;
	kl_watch_remove(server->watch);
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	close(server->log_fd);
	server->pid = 0;
	server->ready = false;
	server->deaths++;
}

void campaign_server_release(struct campaign_server *server)
{
	campaign_server_kill(server);
	kl_buf_release(&server->log);
	free(server->folder);
}

/* --- what it has taken -------------------------------------------------------------------------------------------- */

void campaign_server_list(const struct campaign_server *server, struct kl_buf *out)
{
	static const char request[] =
		"GET /submissions?per_page=1&page=1&fields=created_at,finished_at HTTP/1.1\r\nHost: t\r\n"
		"Connection: close\r\nX-Auth-Token: " CAMPAIGN_TOKEN "\r\nX-Auth-User: " LISTENER "\r\n\r\n";
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons((uint16_t)server->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char chunk[4096];
	ssize_t got;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		campaign_give_up("asking the server", strerror(errno));
	while ((got = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		kl_buf_add(out, chunk, (size_t)got);
	close(fd);
}

int64_t campaign_server_count(const struct campaign_server *server)
{
	struct kl_buf text;
	char *found;
	int64_t count;

	kl_buf_init(&text, LOG_MAX);
	campaign_server_list(server, &text);
	found = strstr(text.data, "\"total_count\":");
	if (!found)
		campaign_give_up("the server's list", text.data);
	count = strtoll(found + strlen("\"total_count\":"), NULL, 10);
	kl_buf_release(&text);
	return count;
}
