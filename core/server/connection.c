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

/* After this it is late. */
static int64_t deadline_of(const struct connections *all, const struct connection *connection)
{
	const char *limit = limits[connection->step];

	return limit ? connection->since_ms + 1000 * settings_int(all->server->settings, limit) : INT64_MAX;
}

static void sweep(void *ctx);

static void plan(struct connections *all, int64_t now_ms, int64_t pause_ms)
{
	all->sweep_ms = now_ms + pause_ms;
	all->timer = kl_loop_add_timer(all->server->loop, pause_ms, sweep, all);
}

/* As long as something moves each second; when nothing does, a server full of kept connections sleeps until the first of them is late. */
static void plan_next(struct connections *all, int64_t now_ms, int64_t earliest_ms)
{
	int64_t pause_ms = all->moved || earliest_ms < now_ms + SWEEP_MS ? SWEEP_MS : earliest_ms + 1 - now_ms;

	all->moved = false;
	all->timer = NULL;
	if (earliest_ms < INT64_MAX)
		plan(all, now_ms, pause_ms);
}

static void sweep(void *ctx)
{
	struct connections *all = ctx;
	int64_t now_ms = kl_clock_mono_ms(), earliest_ms = INT64_MAX;

	for (struct connection *at = TAILQ_FIRST(&all->list); at; at = TAILQ_NEXT(at, link)) {
		int64_t deadline_ms = deadline_of(all, at);

		if (deadline_ms < earliest_ms)
			earliest_ms = deadline_ms;
		if (deadline_ms >= now_ms)
			continue;
		if (at->step != CONNECTION_IDLE)
			all->server->metrics.counters[METRIC_CONNECTIONS_SLOW]++;
		hang_up(at);
	}
	plan_next(all, now_ms, earliest_ms);
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
	struct connections *all = connection->all;

	connection->step = step;
	connection->since_ms = kl_clock_mono_ms();
	all->moved = true;
	if (all->timer && all->sweep_ms <= connection->since_ms + SWEEP_MS)
		return;
	kl_timer_cancel(all->timer);
	plan(all, connection->since_ms, SWEEP_MS);
}

struct connection *connection_add(struct connections *all, int fd, const struct peer *peer)
{
	struct connection *connection = kl_calloc(1, sizeof(*connection));

	connection->all = all;
	connection->fd = fd;
	connection->peer = *peer;
	peer_text(peer, connection->from, sizeof(connection->from));
	connection_enter(connection, CONNECTION_FRESH);
	TAILQ_INSERT_TAIL(&all->list, connection, link);
	all->count++;
	return connection;
}

void connection_remove(struct connections *all, struct connection *connection)
{
	TAILQ_REMOVE(&all->list, connection, link);
	all->count--;
	free(connection);
}
