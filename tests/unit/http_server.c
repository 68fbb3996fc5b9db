/* The server of test_http: reads a request (head, then Content-Length bytes), plays the next act. */

#include "tests/unit/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/error.h>
#include <kodelab/loop.h>

#define ACTS_MAX 16

struct connection {
	TAILQ_ENTRY(connection) link;
	struct server *server;
	int fd;
	struct kl_watch *watch;
	struct kl_timer *pause;
	struct kl_buf in, out, request; /* request: the one that is being answered */
	const struct act *act; /* that is being played; NULL: between requests */
};

struct server {
	struct kl_loop *loop;
	int fd, port;
	char url[64];
	struct kl_watch *watch;
	const struct act *acts;
	int played[ACTS_MAX]; /* how often those with a path were */
	TAILQ_HEAD(, connection) connections;
	int accepted, requests;
	struct kl_buf heard;
};

static void close_connection(struct connection *connection)
{
	TAILQ_REMOVE(&connection->server->connections, connection, link);
	kl_watch_remove(connection->watch);
	kl_timer_cancel(connection->pause);
	close(connection->fd);
	kl_buf_release(&connection->in);
	kl_buf_release(&connection->out);
	kl_buf_release(&connection->request);
	free(connection);
}

static void write_some(void *ctx);

static void end_act(struct connection *connection)
{
	bool closes = connection->act->close;

	connection->act = NULL;
	kl_watch_events(connection->watch, POLLIN);
	if (closes)
		close_connection(connection);
}

static void write_some(void *ctx)
{
	struct connection *connection = ctx;
	const struct act *act = connection->act;
	ssize_t put = send(connection->fd, connection->out.data, act->drip_ms ? 1 : connection->out.len, MSG_NOSIGNAL);

	connection->pause = NULL;
	if (put < 0) {
		close_connection(connection); /* the client has gone */
		return;
	}
	kl_buf_consume(&connection->out, (size_t)put);
	if (connection->out.len == 0)
		end_act(connection);
	else if (act->drip_ms)
		connection->pause = kl_loop_add_timer(connection->server->loop, act->drip_ms, write_some, connection);
	else
		kl_watch_events(connection->watch, POLLOUT);
}

/* The act for a request that begins with "GET /about HTTP/1.1". */
static const struct act *choose_act(struct server *server, const char *request)
{
	const struct act *act = server->acts;
	const char *path = request + strcspn(request, " ");
	size_t len = *path ? strcspn(path + 1, " ?") : 0;

	for (; act->path; act++) {
		int *played = &server->played[act - server->acts];

		if (strlen(act->path) == len && !strncmp(path + 1, act->path, len) &&
		    (!act->times || *played < act->times)) {
			++*played;
			return act;
		}
	}
	if (act == server->acts && (act->answer || act->close))
		server->acts++; /* a row of zeroes stays */
	return act;
}

static void play(struct connection *connection)
{
	const struct act *act = choose_act(connection->server, connection->request.data);

	connection->act = act;
	if (act->answer)
		kl_buf_add(&connection->out, act->answer, act->answer_len ? act->answer_len : strlen(act->answer));
	for (size_t i = 0; i < act->filler; i++)
		kl_buf_add_char(&connection->out, 'x');
	if (connection->out.len)
		write_some(connection);
	else if (act->close)
		end_act(connection);
}

/* Has a whole request come? Then it is taken out. */
static bool take_request(struct connection *connection)
{
	struct kl_buf *in = &connection->in;
	const char *end = strstr(in->data, "\r\n\r\n");
	const char *length = strcasestr(in->data, "\r\nContent-Length:");
	size_t size;

	if (connection->server->acts->raw) {
		connection->server->requests++;
		return true;
	}
	if (!end)
		return false;
	size = (size_t)(end + 4 - in->data);
	if (length && length < end)
		size += strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
	if (in->len < size)
		return false;
	kl_buf_add(&connection->server->heard, in->data, size);
	kl_buf_clear(&connection->request);
	kl_buf_add(&connection->request, in->data, size);
	kl_buf_consume(in, size);
	connection->server->requests++;
	return true;
}

static void on_ready(void *ctx, int fd, short revents)
{
	struct connection *connection = ctx;
	char bytes[65536];
	ssize_t got;

	if (revents & POLLOUT) {
		write_some(connection);
		return;
	}
	got = read(fd, bytes, sizeof(bytes));
	if (got <= 0) {
		close_connection(connection);
		return;
	}
	kl_buf_add(&connection->in, bytes, (size_t)got);
	if (!connection->act && take_request(connection))
		play(connection);
}

static void on_accept(void *ctx, int fd, short revents)
{
	struct server *server = ctx;
	struct connection *connection = kl_calloc(1, sizeof(*connection));

	(void)revents;
	connection->server = server;
	connection->fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (connection->fd < 0)
		kl_die("the test's server cannot accept");
	server->accepted++;
	kl_buf_init(&connection->in, 1 << 24);
	kl_buf_init(&connection->out, 1 << 24);
	kl_buf_init(&connection->request, 1 << 24);
	connection->watch = kl_loop_add_fd(server->loop, connection->fd, POLLIN, on_ready, connection);
	TAILQ_INSERT_TAIL(&server->connections, connection, link);
}

static int listen_somewhere(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 64) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		kl_die("the test's server cannot listen");
	*port = ntohs(address.sin_port);
	return fd;
}

struct server *server_open(struct kl_loop *loop, const struct act *acts)
{
	struct server *server = kl_calloc(1, sizeof(*server));

	server->loop = loop;
	server->acts = acts;
	server->fd = listen_somewhere(&server->port);
	server->watch = kl_loop_add_fd(loop, server->fd, POLLIN, on_accept, server);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d/", server->port);
	TAILQ_INIT(&server->connections);
	kl_buf_init(&server->heard, 1 << 24);
	return server;
}

void server_close(struct server *server)
{
	struct connection *connection;

	if (!server)
		return;
	while ((connection = TAILQ_FIRST(&server->connections)))
		close_connection(connection);
	kl_watch_remove(server->watch);
	close(server->fd);
	kl_buf_release(&server->heard);
	free(server);
}

int server_port(const struct server *server)
{
	return server->port;
}

const char *server_url(const struct server *server)
{
	return server->url;
}

int server_connections(const struct server *server)
{
	return server->accepted;
}

int server_requests(const struct server *server)
{
	return server->requests;
}

const struct kl_buf *server_heard(const struct server *server)
{
	return &server->heard;
}

/* It stays bound, so that nobody else gets it meanwhile, and takes no connections. */
int unused_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		kl_die("no port: %s", strerror(errno));
	return ntohs(address.sin_port);
}
