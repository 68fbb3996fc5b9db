/*
 * The least that libmicrohttpd can do: the same body for whatever is asked, in one thread, on epoll, run from a loop as
 * kodelabd's. What a server needs beyond it is its own doing. usage: http_floor FILE; prints its port and answers until it is killed.
 */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <microhttpd.h>

#define BODY_MAX (1 << 20)

struct body {
	char bytes[BODY_MAX];
	size_t len;
};

static enum MHD_Result answer(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *upload, size_t *upload_len, void **state)
{
	static int begun;
	struct body *body = ctx;
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	(void)upload_len;
	if (*state != &begun) { /* an answer before the request has ended would cost the connection */
		*state = &begun;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(body->len, body->bytes, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(response, "Content-Type", "application/json; charset=utf-8");
	result = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

int main(int argc, char **argv)
{
	static struct body body;
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	const union MHD_DaemonInfo *port, *epoll;
	struct MHD_Daemon *daemon;

	if (!file)
		return 2;
	body.len = fread(body.bytes, 1, sizeof(body.bytes), file);
	fclose(file);
	daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, &body, MHD_OPTION_END);
	port = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	epoll = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!port || !epoll)
		return 1;
	printf("%u\n", port->port);
	fflush(stdout);
	for (struct pollfd ready = { .fd = epoll->epoll_fd, .events = POLLIN };;) {
		MHD_UNSIGNED_LONG_LONG wait_ms;

		if (MHD_get_timeout(daemon, &wait_ms) != MHD_YES || wait_ms)
			poll(&ready, 1, -1);
		MHD_run(daemon);
	}
}
