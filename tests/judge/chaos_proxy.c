/* The chaos proxy: a client's connection, its plan, and for each request a connection to the server. */

#include "tests/judge/chaos_proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/loop.h>

#include "tests/judge/chaos_http.h"

#define CONNECTIONS_MAX 256
#define MESSAGE_MAX     ((size_t)32 << 20)
#define HOLD_MS         60000 /* a half-open connection is let go then */
#define PIECES          40 /* of an answer that drips */
#define PIECE_MS        5

struct connection {
	TAILQ_ENTRY(connection) link;
	struct chaos *chaos;
	struct chaos_plan plan;
	int requests; /* read so far */
	enum chaos_fault fault; /* of the request in hand */
	int fd, server_fd; /* -1: none */
	struct kl_watch *watch, *server_watch;
	struct kl_timer *timer;
	struct kl_buf in; /* from the client */
	struct kl_buf request; /* for the server; what is still to be written of it is from request_at */
	size_t request_at;
	struct kl_buf answer; /* from the server */
	struct kl_buf out; /* for the client */
	bool busy; /* a request is in hand */
	bool again; /* the request goes to the server once more */
	bool ends; /* closed when out is written */
	uint64_t submissions; /* in the request in hand */
	uint64_t tokens; /* in the answer to it, when the client is to get it whole */
	uint64_t passed; /* RAW: bytes of the server so far */
};

struct chaos {
	struct kl_loop *loop;
	int fd, port, to_port;
	struct kl_watch *watch;
	size_t profile;
	uint64_t seed, next; /* number of the next connection */
	bool raw;
	size_t open;
	struct chaos_counts counts;
	void (*given)(void *ctx); /* NULL: nobody wants to know */
	void *given_ctx;
	TAILQ_HEAD(, connection) connections;
};

static void next_request(struct connection *connection);
static void on_server(void *ctx, int fd, short revents);

/* --- the end ------------------------------------------------------------------------------------------------------ */

static void close_server(struct connection *connection)
{
	kl_watch_remove(connection->server_watch);
	connection->server_watch = NULL;
	if (connection->server_fd >= 0)
		close(connection->server_fd);
	connection->server_fd = -1;
}

static void close_connection(struct connection *connection)
{
	close_server(connection);
	TAILQ_REMOVE(&connection->chaos->connections, connection, link);
	connection->chaos->open--;
	kl_watch_remove(connection->watch);
	kl_timer_cancel(connection->timer);
	close(connection->fd);
	kl_buf_release(&connection->in);
	kl_buf_release(&connection->request);
	kl_buf_release(&connection->answer);
	kl_buf_release(&connection->out);
	free(connection);
}

static void reset_connection(struct connection *connection)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close_connection(connection);
}

static void on_held(void *ctx)
{
	struct connection *connection = ctx;

	connection->timer = NULL;
	close_connection(connection);
}

static void hold(struct connection *connection)
{
	kl_timer_cancel(connection->timer);
	connection->timer = kl_loop_add_timer(connection->chaos->loop, HOLD_MS, on_held, connection);
}

static void deal(struct connection *connection)
{
	connection->chaos->counts.dealt[connection->fault]++;
}

/* --- to the client ------------------------------------------------------------------------------------------------ */

static void drip(void *ctx);

/* The client has the whole answer, and the tokens in it. */
static void give(struct connection *connection)
{
	struct chaos *chaos = connection->chaos;
	bool any = connection->tokens > 0;

	chaos->counts.given += connection->tokens;
	connection->tokens = 0;
	if (any && chaos->given)
		chaos->given(chaos->given_ctx);
}

static void write_out(struct connection *connection)
{
	struct kl_buf *out = &connection->out;
	bool drips = connection->fault == CHAOS_DRIP && connection->busy;
	size_t piece = drips ? connection->answer.len / PIECES + 1 : out->len;
	ssize_t put = send(connection->fd, out->data, piece < out->len ? piece : out->len, MSG_NOSIGNAL);

	if (put < 0 && errno != EAGAIN) {
		close_connection(connection); /* the client has gone */
		return;
	}
	kl_buf_consume(out, put > 0 ? (size_t)put : 0);
	if (!out->len)
		give(connection);
	if (out->len && drips) {
		kl_watch_events(connection->watch, POLLIN);
		connection->timer = kl_loop_add_timer(connection->chaos->loop, PIECE_MS, drip, connection);
	} else if (out->len) {
		kl_watch_events(connection->watch, POLLIN | POLLOUT);
	} else if (connection->ends) {
		close_connection(connection);
	} else {
		kl_watch_events(connection->watch, POLLIN);
		connection->busy = false;
		next_request(connection);
	}
}

static void drip(void *ctx)
{
	struct connection *connection = ctx;

	connection->timer = NULL;
	write_out(connection);
}

static void say_status(struct connection *connection)
{
	deal(connection);
	chaos_http_add_fault(&connection->out, connection->fault, connection->plan.retry_after_s);
	write_out(connection);
}

static void count_tokens(struct connection *connection)
{
	bool good = connection->submissions && !strncmp(connection->answer.data, "HTTP/1.1 2", 10);

	connection->tokens = good ? chaos_http_count(connection->answer.data, "\"token\":\"") : 0;
	connection->chaos->counts.made += connection->tokens;
	if (connection->fault == CHAOS_500 || connection->fault == CHAOS_502 || connection->fault == CHAOS_TRUNCATE ||
	    connection->fault == CHAOS_JSON)
		connection->tokens = 0;
}

static void answer_came(struct connection *connection)
{
	struct kl_buf *out = &connection->out;
	char *body;

	if (connection->answer.len == 0) { /* the server itself has failed */
		close_connection(connection);
		return;
	}
	switch ((int)connection->fault) {
	case CHAOS_DROP_AFTER:
		deal(connection);
		close_connection(connection);
		return;
	case CHAOS_RESET:
		deal(connection);
		reset_connection(connection);
		return;
	case CHAOS_HALF_OPEN:
		deal(connection);
		hold(connection);
		return;
	case CHAOS_500:
	case CHAOS_502:
		say_status(connection);
		return;
	}
	connection->ends |= !chaos_http_add_answer(out, &connection->answer, connection->ends);
	if (connection->fault == CHAOS_TRUNCATE) {
		deal(connection);
		kl_buf_cut(out, out->len * (size_t)connection->plan.permille / 1000);
		connection->ends = true;
		if (out->len == 0) {
			close_connection(connection);
			return;
		}
	} else if (connection->fault == CHAOS_JSON && (body = strstr(out->data, "\r\n\r\n"))) {
		deal(connection);
		for (char *c = body + 4; c < out->data + out->len; c++)
			*c = *c == '"' || *c == '{' || *c == '[' ? '}' : *c;
		connection->ends = true; /* chunks may have lost their sense */
	} else if (connection->fault == CHAOS_DRIP || connection->fault == CHAOS_DUPLICATE ||
		   connection->fault == CHAOS_DELAY || connection->fault == CHAOS_NONE) {
		deal(connection);
	}
	write_out(connection);
}

/* --- to the server ------------------------------------------------------------------------------------------------ */

static bool connect_server(struct connection *connection)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons((uint16_t)connection->chaos->to_port) };

	connection->server_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (connection->server_fd < 0 ||
	    (connect(connection->server_fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
	     errno != EINPROGRESS)) {
		close_connection(connection);
		return false;
	}
	connection->server_watch =
		kl_loop_add_fd(connection->chaos->loop, connection->server_fd, POLLIN | POLLOUT, on_server, connection);
	return true;
}

static void forward(struct connection *connection)
{
	connection->request_at = 0;
	kl_buf_clear(&connection->answer);
	connection->chaos->counts.forwarded++;
	connection->chaos->counts.sent += connection->submissions;
	connect_server(connection);
}

static void on_delay(void *ctx)
{
	struct connection *connection = ctx;

	connection->timer = NULL;
	forward(connection);
}

static bool write_request(struct connection *connection)
{
	size_t left = connection->request.len - connection->request_at;
	ssize_t put =
		send(connection->server_fd, connection->request.data + connection->request_at, left, MSG_NOSIGNAL);

	if (put < 0 && errno != EAGAIN)
		return false;
	connection->request_at += put > 0 ? (size_t)put : 0;
	if (connection->request_at == connection->request.len)
		kl_watch_events(connection->server_watch, POLLIN);
	return true;
}

static void server_is_done(struct connection *connection)
{
	close_server(connection);
	count_tokens(connection);
	if (connection->again) {
		connection->again = false;
		forward(connection);
		return;
	}
	answer_came(connection);
}

/* Into to; false: nothing more comes. */
static bool read_some(struct kl_buf *to, int fd)
{
	char bytes[65536];
	ssize_t got = recv(fd, bytes, sizeof(bytes), 0);

	if (got < 0 && errno == EAGAIN)
		return true;
	return got > 0 && kl_buf_add(to, bytes, (size_t)got);
}

/* RAW: what the server says goes on at once, with its fault. */
static void pass_raw(struct connection *connection)
{
	uint64_t at = (uint64_t)connection->plan.permille * 3; /* within the first 3 KB: handshake or a little after */

	if (!read_some(&connection->out, connection->server_fd)) {
		connection->ends = true;
		close_server(connection);
	}
	if (connection->fault == CHAOS_TLS_FLIP && at >= connection->passed &&
	    at < connection->passed + connection->out.len) {
		connection->out.data[at - connection->passed] ^= 1;
		deal(connection);
	}
	connection->passed += connection->out.len;
	if (connection->out.len)
		write_out(connection);
	else if (connection->ends)
		close_connection(connection);
}

static void on_server(void *ctx, int fd, short revents)
{
	struct connection *connection = ctx;

	if (revents & POLLOUT && !write_request(connection)) {
		close_connection(connection);
		return;
	}
	if (connection->chaos->raw) {
		if (revents & (POLLIN | POLLHUP | POLLERR))
			pass_raw(connection);
		return;
	}
	if (revents & (POLLIN | POLLHUP | POLLERR) && !read_some(&connection->answer, fd))
		server_is_done(connection);
}

/* --- from the client ---------------------------------------------------------------------------------------------- */

/* The request as the server gets it: it closes after its answer, so that the answer's end is known. */
static void take_request(struct connection *connection, size_t size)
{
	struct kl_buf *in = &connection->in;
	size_t line = strcspn(in->data, "\r\n") + 2;

	kl_buf_clear(&connection->request);
	kl_buf_add(&connection->request, in->data, line);
	kl_buf_add_str(&connection->request, "Connection: close\r\n");
	kl_buf_add(&connection->request, in->data + line, size - line);
	connection->submissions = strncmp(connection->request.data, "POST ", 5)
					  ? 0
					  : chaos_http_count(connection->request.data, "\"language_id\":");
	connection->tokens = 0;
	kl_buf_consume(in, size);
	connection->fault = connection->requests == connection->plan.request ? connection->plan.fault : CHAOS_NONE;
	connection->ends = connection->requests == connection->plan.request; /* a plan is dealt once */
	connection->requests++;
	connection->chaos->counts.requests++;
	connection->busy = true;
}

/* Faults before the server hears of it; false: the connection may be gone. */
static bool passes(struct connection *connection)
{
	switch (connection->fault) {
	case CHAOS_DROP_BEFORE:
		deal(connection);
		close_connection(connection);
		return false;
	case CHAOS_PORTAL:
		say_status(connection);
		return false;
	case CHAOS_429:
	case CHAOS_503:
		say_status(connection);
		return false;
	case CHAOS_500:
	case CHAOS_502:
		if (connection->plan.forward)
			return true;
		say_status(connection);
		return false;
	case CHAOS_HALF_OPEN:
		if (connection->plan.forward)
			return true;
		deal(connection);
		hold(connection);
		return false;
	case CHAOS_DELAY:
		connection->timer =
			kl_loop_add_timer(connection->chaos->loop, connection->plan.delay_ms, on_delay, connection);
		return false;
	case CHAOS_DUPLICATE:
		connection->again = true;
		return true;
	case CHAOS_NONE:
	case CHAOS_DROP_AFTER:
	case CHAOS_RESET:
	case CHAOS_TRUNCATE:
	case CHAOS_DRIP:
	case CHAOS_JSON:
	case CHAOS_TLS_CUT:
	case CHAOS_TLS_PLAIN:
	case CHAOS_TLS_FLIP:
	case CHAOS_FAULTS:
		break;
	}
	return true;
}

static void next_request(struct connection *connection)
{
	size_t size = connection->busy || connection->chaos->raw ? 0 : chaos_http_request(&connection->in);

	if (!size)
		return;
	take_request(connection, size);
	if (passes(connection))
		forward(connection);
}

/* RAW: the first bytes decide, then everything passes. */
static void begin_raw(struct connection *connection)
{
	connection->fault = connection->plan.fault;
	connection->busy = true;
	connection->chaos->counts.requests++;
	if (connection->fault != CHAOS_TLS_FLIP)
		deal(connection);
	switch ((int)connection->fault) {
	case CHAOS_DROP_BEFORE:
	case CHAOS_TLS_CUT:
		close_connection(connection);
		return;
	case CHAOS_RESET:
		reset_connection(connection);
		return;
	case CHAOS_HALF_OPEN:
		hold(connection);
		return;
	case CHAOS_TLS_PLAIN:
		kl_buf_add_str(&connection->out, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
		connection->ends = true;
		write_out(connection);
		return;
	case CHAOS_DELAY:
		connection->timer =
			kl_loop_add_timer(connection->chaos->loop, connection->plan.delay_ms, on_delay, connection);
		return;
	}
	forward(connection);
}

static void on_client_raw(struct connection *connection)
{
	kl_buf_add(&connection->request, connection->in.data, connection->in.len);
	kl_buf_clear(&connection->in);
	if (connection->requests++ == 0)
		begin_raw(connection);
	else if (connection->server_watch)
		kl_watch_events(connection->server_watch, POLLIN | POLLOUT);
}

static void on_client(void *ctx, int fd, short revents)
{
	struct connection *connection = ctx;

	if (revents & POLLOUT) {
		write_out(connection);
		return;
	}
	if (!read_some(&connection->in, fd)) {
		close_connection(connection);
		return;
	}
	if (connection->chaos->raw)
		on_client_raw(connection);
	else
		next_request(connection);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void on_accept(void *ctx, int fd, short revents)
{
	struct chaos *chaos = ctx;
	struct connection *connection;
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)revents;
	if (client < 0)
		return;
	if (chaos->open >= CONNECTIONS_MAX) {
		chaos->counts.refused++;
		close(client);
		return;
	}
	connection = kl_calloc(1, sizeof(*connection));
	connection->chaos = chaos;
	connection->plan = chaos_plan_of(chaos->profile, chaos->seed, chaos->next++, chaos->raw);
	connection->fd = client;
	connection->server_fd = -1;
	kl_buf_init(&connection->in, MESSAGE_MAX);
	kl_buf_init(&connection->request, MESSAGE_MAX);
	kl_buf_init(&connection->answer, MESSAGE_MAX);
	kl_buf_init(&connection->out, MESSAGE_MAX);
	connection->watch = kl_loop_add_fd(chaos->loop, client, POLLIN, on_client, connection);
	TAILQ_INSERT_TAIL(&chaos->connections, connection, link);
	chaos->open++;
	chaos->counts.connections++;
}

struct chaos *chaos_open(struct kl_loop *loop, int port, int to_port, size_t profile, uint64_t seed, bool raw)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(port < 0 ? INADDR_ANY : INADDR_LOOPBACK),
				       .sin_port = htons((uint16_t)(port < 0 ? 0 : port)) };
	socklen_t size = sizeof(address);
	struct chaos *chaos;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, CONNECTIONS_MAX) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	chaos = kl_calloc(1, sizeof(*chaos));
	*chaos = (struct chaos){ .loop = loop,
				 .fd = fd,
				 .port = ntohs(address.sin_port),
				 .to_port = to_port,
				 .profile = profile,
				 .seed = seed,
				 .raw = raw };
	TAILQ_INIT(&chaos->connections);
	chaos->watch = kl_loop_add_fd(loop, fd, POLLIN, on_accept, chaos);
	return chaos;
}

void chaos_close(struct chaos *chaos)
{
	struct connection *connection;

	if (!chaos)
		return;
	while ((connection = TAILQ_FIRST(&chaos->connections)))
		close_connection(connection);
	kl_watch_remove(chaos->watch);
	close(chaos->fd);
	free(chaos);
}

int chaos_port(const struct chaos *chaos)
{
	return chaos->port;
}

const struct chaos_counts *chaos_counts(const struct chaos *chaos)
{
	return &chaos->counts;
}

void chaos_switch(struct chaos *chaos, size_t profile)
{
	chaos->profile = profile;
}

void chaos_aim(struct chaos *chaos, int to_port)
{
	chaos->to_port = to_port;
}

void chaos_on_given(struct chaos *chaos, void (*fn)(void *ctx), void *ctx)
{
	chaos->given = fn;
	chaos->given_ctx = ctx;
}
