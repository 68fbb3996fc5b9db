#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

/* A server that misbehaves as told: on the test's own loop, on 127.0.0.1, one act for each request it gets. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>

struct kl_loop;
struct server;

struct act {
	const char *path; /* "/about": for requests of this path; NULL: for the next request, whatever it is */
	int times; /* of a path: so often, then the next act of that path; 0: always */
	const char *answer; /* written once the whole request has come; NULL: nothing, for ever */
	size_t answer_len; /* 0: strlen(answer) */
	size_t filler; /* so many 'x' after it */
	int drip_ms; /* not 0: one byte at a time, with this pause */
	bool close; /* the connection is closed then */
	bool raw; /* whatever bytes come are a request: for what is no HTTP */
};

/* Acts with a path come first, are played for every request of that path, and are not used up. acts: borrowed, ends with a row of zeroes, which is repeated for what comes after. */
struct server *server_open(struct kl_loop *loop, const struct act *acts);
void server_close(struct server *server);

int server_port(const struct server *server);
const char *server_url(const struct server *server); /* "http://127.0.0.1:port/" */
int server_connections(const struct server *server); /* accepted so far */
int server_requests(const struct server *server); /* read whole so far */
const struct kl_buf *server_heard(const struct server *server); /* all bytes of all requests */

/* A port on 127.0.0.1 that nobody listens on. */
int unused_port(void);

#endif
