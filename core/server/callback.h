#ifndef CORE_SERVER_CALLBACK_H
#define CORE_SERVER_CALLBACK_H

/*
 * Results sent to where the client asked for: HTTP PUT, tried again at once when the connection fails. Whoever can
 * submit could otherwise make this machine talk to whatever it can reach: only hosts of callbacks.allow are called,
 * by http or https, and redirects are not followed. Kept in memory only: a restart forgets what was not delivered.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

struct callbacks;
struct server;

struct callbacks *callbacks_new(struct server *server);
void callbacks_free(struct callbacks *callbacks); /* NULL is fine */
bool callbacks_busy(const struct callbacks *callbacks);
/* body is copied. */
void callback_send(struct callbacks *callbacks, const char *token, const char *url, const char *body, size_t len);
/* Is url one of hosts that the blank-separated list allows ("host", "host:port", "*.host")? */
bool callback_allowed(const char *list, const char *url);

#endif
