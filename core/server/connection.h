#ifndef CORE_SERVER_CONNECTION_H
#define CORE_SERVER_CONNECTION_H

/*
 * Open connections: how many there may be, and how long each may take for a step. libmicrohttpd's own timeout begins
 * anew with every byte, so a client that sends one byte a second would hold a connection for ever.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "core/server/peer.h"

struct server;

enum connection_step {
	CONNECTION_FRESH, /* connected, nothing asked yet: the first headers are due */
	CONNECTION_IDLE, /* kept alive */
	CONNECTION_HEAD, /* the request line is there */
	CONNECTION_BODY,
	CONNECTION_WORK, /* ours to do */
	CONNECTION_SEND,
};

struct connection {
	TAILQ_ENTRY(connection) link;
	struct connections *all;
	int fd;
	struct peer peer;
	char from[PEER_TEXT_SIZE]; /* the same as text */
	enum connection_step step;
	int64_t since_ms; /* monotonic, when the step began */
};

TAILQ_HEAD(connection_list, connection);

struct connections {
	struct server *server;
	struct connection_list list;
	size_t count;
	size_t room; /* how many the descriptors of this process suffice for */
	struct kl_timer *timer; /* of the sweep; NULL: nobody has a deadline */
	int64_t sweep_ms; /* monotonic, when it is due */
	bool moved; /* somebody took a step since the last one */
};

void connections_init(struct connections *all, struct server *server);
void connections_release(struct connections *all);
/* May one more of this address come? */
bool connections_may(const struct connections *all, const struct peer *peer);
bool connections_full(const struct connections *all);
struct connection *connection_add(struct connections *all, int fd, const struct peer *peer);
void connection_remove(struct connections *all, struct connection *connection);
void connection_enter(struct connection *connection, enum connection_step step);
/* Ends those that ask for nothing. */
void connections_end_idle(struct connections *all);

#endif
