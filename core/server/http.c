/*
 * libmicrohttpd calls on_request several times for one request: when its headers are there, for each piece of its body,
 * when the body is complete, and again after a connection was resumed. The answer is given to it only when it has been
 * made and the turn's writes are committed; until then the connection is suspended.
 */

#include "core/server/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/loop.h>

#include "core/server/ambiguous.h"
#include "core/server/api.h"
#include "core/server/connection.h"
#include "core/server/eventlog.h"
#include "core/server/hangup.h"
#include "core/server/listen.h"
#include "core/server/request.h"
#include "core/server/response.h"
#include "core/server/route.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/stream_int.h"
#include "core/server/tls.h"

#define ACCEPTS_A_TURN 256 /* those who come must not wait for turns full of others who are in already */
#define DISCARD_MAX    ((size_t)64 << 20) /* of a body that is too large, so that the client lives to read the answer */

TAILQ_HEAD(requests, request);

struct http {
	struct server *server;
	struct MHD_Daemon *daemon;
	struct listeners *listeners;
	struct connections connections;
	struct hangups *hangups; /* of those who wait */
	struct kl_watch *watch;
	struct kl_timer *timer; /* runs the daemon again; NULL: it sleeps */
	struct requests held; /* answered in this turn, or waiting for an answer: suspended */
	size_t active;
	size_t bodies; /* bytes of all bodies being received */
	bool paused, closing;
};

/* --- running the daemon ----------------------------------------------------------------------------------------- */

static void run(struct http *http);

static void on_timer(void *ctx)
{
	struct http *http = ctx;

	http->timer = NULL;
	run(http);
}

static void run_soon(struct http *http)
{
	if (!http->timer)
		http->timer = kl_loop_add_timer(http->server->loop, 0, on_timer, http);
}

static void run(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	MHD_run(http->daemon);
	if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES && !wait_ms)
		run_soon(http);
}

static void on_ready(void *ctx, int fd, short revents)
{
	(void)fd;
	(void)revents;
	run(ctx);
}

/* --- connections ------------------------------------------------------------------------------------------------ */

static void on_accept(void *ctx, int fd)
{
	struct http *http = ctx;

	for (int i = 0; i < ACCEPTS_A_TURN && !connections_full(&http->connections); i++) {
		struct sockaddr_storage address = { .ss_family = AF_UNIX };
		socklen_t len = sizeof(address);
		int client = accept4(fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct peer peer = peer_of((struct sockaddr *)&address);

		if (client < 0)
			return;
		if (!connections_may(&http->connections, &peer)) {
			http->server->metrics.counters[METRIC_CONNECTIONS_REFUSED]++;
			close(client);
			continue;
		}
		if (!len || address.ss_family == AF_UNIX)
			len = sizeof(sa_family_t);
		http->server->metrics.counters[METRIC_CONNECTIONS]++;
		MHD_add_connection(http->daemon, client, (struct sockaddr *)&address, len);
	}
	run_soon(http);
}

static void pace_accepting(struct http *http)
{
	bool full = connections_full(&http->connections);

	if (full == http->paused)
		return;
	http->paused = full;
	listen_pause(http->listeners, full);
}

static void on_connection(void *ctx, struct MHD_Connection *handle, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http *http = ctx;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *fd = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
		const union MHD_ConnectionInfo *address =
			MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
		struct peer peer = peer_of(address ? address->client_addr : NULL);

		*socket_context = connection_add(&http->connections, fd->connect_fd, &peer);
	} else {
		connection_remove(&http->connections, *socket_context);
		*socket_context = NULL;
	}
	pace_accepting(http);
}

/* --- waiting ---------------------------------------------------------------------------------------------------- */

void request_durable(struct request *request)
{
	request->durable = true;
}

void request_wait(struct request *request, request_gone_fn *gone, void *ctx)
{
	request->state = REQUEST_WAITING;
	request->gone = gone;
	request->gone_ctx = ctx;
}

static void on_hangup(void *ctx, void *who)
{
	struct request *request = who;

	(void)ctx;
	request->gone(request->gone_ctx, request);
}

void http_sleep(struct request *request)
{
	MHD_suspend_connection(request->handle);
	if (request->gone)
		hangups_watch(request->server->http->hangups, request->connection->fd, request);
}

void http_wake(struct request *request)
{
	if (request->gone)
		hangups_forget(request->server->http->hangups, request->connection->fd);
	MHD_resume_connection(request->handle);
	run_soon(request->server->http);
}

static void suspend(struct request *request)
{
	struct http *http = request->server->http;

	if (request->suspended)
		return;
	request->suspended = true;
	TAILQ_INSERT_TAIL(&http->held, request, link);
	http_sleep(request);
}

static void resume(struct http *http, struct request *request)
{
	request->state = REQUEST_READY;
	request->suspended = false;
	TAILQ_REMOVE(&http->held, request, link);
	http_wake(request);
}

/* An answer was made: it may go at once, or after the commit. */
static void settle(struct request *request)
{
	request->state = request->durable && server_writes(request->server) ? REQUEST_HELD : REQUEST_READY;
}

void request_answered(struct request *request)
{
	settle(request);
	if (request->state == REQUEST_READY && request->suspended)
		resume(request->server->http, request);
}

bool http_turn(struct http *http, bool committed)
{
	struct request *request, *next;
	bool told = false;

	for (request = TAILQ_FIRST(&http->held); request; request = next) {
		next = TAILQ_NEXT(request, link);
		if (request->state != REQUEST_HELD)
			continue;
		if (!committed)
			api_not_written(request);
		resume(http, request);
		told = true;
	}
	return told;
}

/* --- sending ---------------------------------------------------------------------------------------------------- */

static enum MHD_Result send_answer(struct request *request)
{
	struct MHD_Response *response = response_of(request);
	enum MHD_Result result = MHD_queue_response(request->handle, (unsigned)request->answer.status, response);

	MHD_destroy_response(response);
	request->state = REQUEST_SENT;
	connection_enter(request->connection,
			 request->stream && !stream_pulls(request->stream) ? CONNECTION_WORK : CONNECTION_SEND);
	return result;
}

/* --- receiving -------------------------------------------------------------------------------------------------- */

static void *on_uri(void *ctx, const char *uri, struct MHD_Connection *handle)
{
	struct http *http = ctx;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct request *request = request_new(http->server, handle, uri);

	request->ambiguous = ambiguous_uri(uri);
	request->connection = info->socket_context;
	request->peer = request->connection->peer;
	connection_enter(request->connection, CONNECTION_HEAD);
	http->active++;
	return request;
}

static void give_back(struct request *request)
{
	request->server->http->bodies -= request->counted;
	request->counted = 0;
}

static void on_completed(void *ctx, struct MHD_Connection *handle, void **context, enum MHD_RequestTerminationCode code)
{
	struct http *http = ctx;
	struct request *request = *context;

	(void)handle;
	(void)code;
	if (!request)
		return;
	connection_enter(request->connection, CONNECTION_IDLE);
	give_back(request);
	if (request->begun)
		request_log(request);
	request_free(request);
	*context = NULL;
	http->active--;
}

static size_t announced(const struct request *request)
{
	const char *length = request_header(request, "Content-Length");

	return length ? (size_t)strtoull(length, NULL, 10) : 0;
}

/* As who asks expects it: in the envelope of /api, or as the framework of Judge0 says it. */
static void refuse(struct request *request, int status, enum api_code code, const char *message)
{
	if (api_is_path(request))
		api_error(request, code, "%s", message);
	else
		answer_framework(request, status);
}

static void refuse_size(struct request *request)
{
	refuse(request, 413, API_TOO_LARGE, "the body is larger than this server takes: send less at once");
}

/* The headers are there. A client that asks before it sends (Expect) is told at once that it need not. */
static enum MHD_Result begin(struct request *request, const char *path, const char *method)
{
	request_begin(request, path, method);
	connection_enter(request->connection, CONNECTION_BODY);
	if (request->ambiguous || ambiguous_headers(request->handle)) {
		answer_header(request, "Connection", "close");
		refuse(request, 400, API_BAD_REQUEST, "the request can be read in two ways");
		return send_answer(request);
	}
	if (announced(request) <= request->body.max)
		return MHD_YES;
	request->too_large = true;
	if (!request_header(request, "Expect") && announced(request) <= DISCARD_MAX)
		return MHD_YES;
	refuse_size(request);
	return send_answer(request);
}

static void take_body(struct request *request, const char *bytes, size_t len)
{
	struct http *http = request->server->http;
	size_t most = (size_t)settings_int(request->server->settings, "limits.bodies_kib") << 10;

	request->received += len;
	if (request->multipart)
		return;
	if (!request->too_large && http->bodies + len > most)
		request->too_large = true;
	if (request->too_large || !kl_buf_add(&request->body, bytes, len)) {
		request->too_large = true;
		give_back(request);
		kl_buf_release(&request->body);
		return;
	}
	http->bodies += len;
	request->counted += len;
}

static void work(struct request *request)
{
	connection_enter(request->connection, CONNECTION_WORK);
	if (request->server->http->closing)
		answer_framework(request, 503); /* the parts that would do it are gone */
	else if (request->too_large)
		refuse_size(request);
	else
		route_run(request);
	request_forget_body(request);
	give_back(request);
	if (request->state == REQUEST_RECEIVING)
		settle(request);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *handle, const char *path, const char *method,
				  const char *version, const char *upload, size_t *upload_len, void **context)
{
	struct request *request = *context;

	(void)ctx;
	(void)handle;
	(void)version;
	if (request->state == REQUEST_SENT) /* refused already: what still comes is forgotten */
		return MHD_YES;
	if (!request->begun)
		return begin(request, path, method);
	if (*upload_len) {
		take_body(request, upload, *upload_len);
		*upload_len = 0;
		return request->received > DISCARD_MAX + request->body.max ? MHD_NO : MHD_YES;
	}
	if (request->state == REQUEST_RECEIVING)
		work(request);
	if (request->state == REQUEST_READY)
		return send_answer(request);
	suspend(request);
	return MHD_YES;
}

/* --- opening and closing ---------------------------------------------------------------------------------------- */

/* What libmicrohttpd has to say about clients' mistakes is nobody's business but a debugger's. */
static void KL_PRINTF(2, 0) on_message(void *ctx, const char *fmt, va_list args)
{
	char text[256];

	(void)ctx;
	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\n")] = '\0';
	eventlog(KL_LOG_DEBUG, "http_library", EVENTLOG_TEXT("text", text));
}

static enum kl_status start_daemon(struct http *http, struct kl_error *err)
{
	const struct settings *settings = http->server->settings;
	size_t memory = (size_t)settings_int(settings, "limits.head_kib") << 10;
	unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem secured[TLS_OPTIONS];
	struct tls tls;
	enum kl_status status = tls_load(&tls, settings, err);

	if (status)
		return status;
	tls_options(&tls, secured);
	http->daemon = MHD_start_daemon(flags | (tls_on(&tls) ? MHD_USE_TLS : 0), 0, NULL, NULL, on_request, http,
					MHD_OPTION_EXTERNAL_LOGGER, on_message, http, MHD_OPTION_NOTIFY_COMPLETED,
					on_completed, http, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
					MHD_OPTION_URI_LOG_CALLBACK, on_uri, http, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
					memory, MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
					MHD_OPTION_ARRAY, secured, MHD_OPTION_END);
	if (!http->daemon)
		status = tls_on(&tls) ? tls_fail(settings, err)
				      : kl_fail(err, KL_EIO, "libmicrohttpd does not start: see its version with ldd");
	tls_release(&tls);
	return status;
}

enum kl_status http_open(struct http **out, struct server *server, struct kl_error *err)
{
	struct http *http = kl_calloc(1, sizeof(*http));
	const union MHD_DaemonInfo *info;
	enum kl_status status;

	http->server = server;
	TAILQ_INIT(&http->held);
	connections_init(&http->connections, server);
	status = start_daemon(http, err);
	if (status) {
		free(http);
		return status;
	}
	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	http->watch = kl_loop_add_fd(server->loop, info->epoll_fd, POLLIN, on_ready, http);
	status = hangups_open(&http->hangups, server->loop, on_hangup, http, err);
	if (!status)
		status = listen_open(&http->listeners, server->loop, settings_string(server->settings, "listen"),
				     on_accept, http, err);
	if (status)
		http_close(http);
	else
		*out = http;
	return status;
}

void http_stop_listening(struct http *http)
{
	listen_close(http->listeners);
	http->listeners = NULL;
	connections_end_idle(&http->connections);
}

void http_work_no_more(struct http *http)
{
	if (http)
		http->closing = true;
}

size_t http_active(const struct http *http)
{
	return http->active;
}

void http_close(struct http *http)
{
	struct request *request, *next;

	if (!http)
		return;
	listen_close(http->listeners);
	http->listeners = NULL;
	for (request = TAILQ_FIRST(&http->held); request; request = next) {
		next = TAILQ_NEXT(request, link);
		answer_framework(request, 503);
		resume(http, request);
	}
	MHD_run(http->daemon);
	kl_watch_remove(http->watch);
	kl_timer_cancel(http->timer);
	MHD_stop_daemon(http->daemon);
	connections_release(&http->connections);
	hangups_close(http->hangups);
	free(http);
}
