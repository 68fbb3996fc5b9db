#ifndef CORE_SERVER_HTTP_H
#define CORE_SERVER_HTTP_H

/* libmicrohttpd on the loop: its epoll descriptor is one of the loop's, its deadline one of the loop's timers. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

struct http;
struct request;
struct server;

enum kl_status http_open(struct http **out, struct server *server, struct kl_error *err) KL_MUST_CHECK;
/* No further connections; those that are open end with their next answer. */
void http_stop_listening(struct http *http);
/* What comes from now on is answered with 503: who would do it closes. NULL is fine. */
void http_work_no_more(struct http *http);
/* Answers that wait are answered with 503. */
void http_close(struct http *http); /* NULL is fine */

/* Once a turn, after the commit: committed says whether what was written is on the disk. Did anybody wait for that? */
bool http_turn(struct http *http, bool committed);
/* A connection sleeps until http_wake; request->gone is told when its client goes meanwhile. */
void http_sleep(struct request *request);
void http_wake(struct request *request);
/* How many requests are being received, worked on or sent. */
size_t http_active(const struct http *http);

#endif
