/* Connections and their deadlines. */

#include "core/server/connection.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>

#include "core/server/server.h"
#include "core/server/settings.h"

#define SWEEP_MS       1000
#define RESERVED_FILES 128 /* database, log, boxes, callbacks */

static const char *const limits[] = {
	[CONNECTION_FRESH] = "limits.head_s",
	[CONNECTION_IDLE] = "limits.idle_s",
	[CONNECTION_HEAD] = "limits.head_s",
	[CONNECTION_BODY] = "limits.body_s",
	[CONNECTION_WORK] = NULL,
	[CONNECTION_SEND] = "limits.send_s",
};

void connections_init(struct connections *all, struct server *server)
{
	struct rlimit files = { .rlim_cur = RESERVED_FILES };

	getrlimit(RLIMIT_NOFILE, &files);
	*all = (struct connections){ .server = server };
	all->room = files.rlim_cur > 2 * RESERVED_FILES ? files.rlim_cur - RESERVED_FILES : RESERVED_FILES;
	TAILQ_INIT(&all->list);
}

void connections_release(struct connections *all)
{
	kl_timer_cancel(all->timer);
	all->timer = NULL;
}

bool connections_full(const struct connections *all)
{
	return all->count >= all->room ||
	       all->count >= (size_t)settings_int(all->server->settings, "limits.connections");
}

bool connections_may(const struct connections *all, const struct peer *peer)
{
	size_t most = (size_t)settings_int(all->server->settings, "limits.connections_per_address"), same = 0;
	const struct connection *connection;

	if (peer->family == PEER_UNIX)
		return true;
	TAILQ_FOREACH(connection, &all->list, link)
		same += peer_same_site(&connection->peer, peer);
	return same < most;
}

/* --- deadlines -------------------------------------------------------------------------------------------------- */

/* libmicrohttpd then sees the end of the connection and tidies up; its descriptor stays its own. */
static void hang_up(const struct connection *connection)
{
	shutdown(connection->fd, SHUT_RDWR);
}

static bool is_late(const struct connections *all, const struct connection *connection, int64_t now_ms)
{
	const char *limit = limits[connection->step];

	return limit && now_ms - connection->since_ms > 1000 * settings_int(all->server->settings, limit);
}

static void sweep(void *ctx)
{
	struct connections *all = ctx;
	int64_t now_ms = kl_clock_mono_ms();

	for (struct connection *at = TAILQ_FIRST(&all->list); at; at = TAILQ_NEXT(at, link)) {
		if (!is_late(all, at, now_ms))
			continue;
		if (at->step != CONNECTION_IDLE)
			all->server->metrics.counters[METRIC_CONNECTIONS_SLOW]++;
		hang_up(at);
	}
	all->timer = all->count ? kl_loop_add_timer(all->server->loop, SWEEP_MS, sweep, all) : NULL;
}

void connections_end_idle(struct connections *all)
{
	struct connection *connection;

	TAILQ_FOREACH(connection, &all->list, link)
		if (connection->step == CONNECTION_IDLE || connection->step == CONNECTION_FRESH)
			hang_up(connection);
}

/* --- coming and going ------------------------------------------------------------------------------------------- */

void connection_enter(struct connection *connection, enum connection_step step)
{
	connection->step = step;
	connection->since_ms = kl_clock_mono_ms();
}

struct connection *connection_add(struct connections *all, int fd, const struct peer *peer)
{
	struct connection *connection = kl_calloc(1, sizeof(*connection));

	connection->fd = fd;
	connection->peer = *peer;
	peer_text(peer, connection->from, sizeof(connection->from));
	connection_enter(connection, CONNECTION_FRESH);
	TAILQ_INSERT_TAIL(&all->list, connection, link);
	all->count++;
	if (!all->timer)
		all->timer = kl_loop_add_timer(all->server->loop, SWEEP_MS, sweep, all);
	return connection;
}

void connection_remove(struct connections *all, struct connection *connection)
{
	TAILQ_REMOVE(&all->list, connection, link);
	all->count--;
	free(connection);
}
