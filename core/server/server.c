/* The parts put together, and the turn: work, commit, answer. */

#include "core/server/server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/queue.h>
#include <kodelab/store.h>
#include <kodelab/store_judge.h>
#include <kodelab/store_queue.h>
#include <kodelab/store_turn.h>

#include "core/server/class/accounts.h"
#include "core/server/class/courses.h"
#include "core/server/class/packs.h"
#include "core/server/class/admin.h"
#include "core/server/class/works.h"
#include "core/server/eventlog.h"
#include "core/server/http.h"
#include "core/server/judge0.h"
#include "core/server/keys.h"
#include "core/server/notify.h"
#include "core/server/settings.h"

#define HOUSE_MS   (3600 * 1000)
#define EXPIRE_MAX 500
#define TICKETS_MS INT64_C(86400000) /* no judge elsewhere is asked for a result that is older */
#define FULL_MS    1000 /* between two tries to write */

/* clang-format off */
static const struct server_part *const parts[] = {
	&accounts_part,
	&packs_part,
	&courses_part,
	&admin_part,
	&works_part,
	NULL, /* the end */
};
/* clang-format on */

#define FOR_PARTS(at) for (const struct server_part *const *at = parts; *at; at++)

/* --- the turn --------------------------------------------------------------------------------------------------- */

enum kl_status server_write(struct server *server, struct kl_error *err)
{
	return kl_store_in_batch(server->store) ? KL_OK : kl_store_batch_begin(server->store, err);
}

/* As much as a turn writes: the commit tells whether there was room for it. */
static void try_to_write(void *ctx)
{
	struct server *server = ctx;
	struct kl_error err;

	server->full = kl_loop_add_timer(server->loop, FULL_MS, try_to_write, server);
	server->probing = !server_write(server, &err) && !kl_store_try_room(server->store, &err);
}

void server_is_full(struct server *server, const char *why)
{
	if (server->storage_full)
		return;
	server->storage_full = true;
	server->full = kl_loop_add_timer(server->loop, FULL_MS, try_to_write, server);
	eventlog(KL_LOG_ERROR, "storage_full", EVENTLOG_TEXT("error", why));
}

static void has_room(struct server *server)
{
	server->probing = server->storage_full = false;
	kl_timer_cancel(server->full);
	server->full = NULL;
	eventlog(KL_LOG_INFO, "storage_has_room", EVENTLOG_NUMBER("bytes", server_database_bytes(server)));
}

bool server_writes(const struct server *server)
{
	return kl_store_in_batch(server->store);
}

void server_reads_queue_again(struct server *server)
{
	struct kl_error err;

	server->queue_stale = kl_queue_reload(server->queue, &err) != KL_OK;
	if (server->queue_stale)
		eventlog(KL_LOG_ERROR, "queue_reload_failed", EVENTLOG_TEXT("error", err.message));
}

static bool commit(struct server *server)
{
	int64_t begin_us = kl_clock_mono_us();
	struct kl_error err;

	if (!server_writes(server))
		return true;
	failpoint_pass(&server->failpoint, "commit");
	if (!kl_store_batch_end(server->store, &err)) {
		failpoint_pass(&server->failpoint, "committed");
		server->metrics.counters[METRIC_COMMITS]++;
		server->metrics.counters[METRIC_COMMIT_US] += kl_clock_mono_us() - begin_us;
		kl_queue_committed(server->queue);
		if (server->probing)
			has_room(server);
		return true;
	}
	server->probing = false;
	server->metrics.counters[METRIC_COMMITS_FAILED]++;
	if (err.status == KL_EFULL)
		server_is_full(server, err.message);
	else
		eventlog(KL_LOG_ERROR, "commit_failed", EVENTLOG_TEXT("error", err.message));
	server_reads_queue_again(server);
	return false;
}

static void on_turn(void *ctx)
{
	struct server *server = ctx;
	bool committed;

	if (server->told) /* in the turn before: it has left by now */
		failpoint_pass(&server->failpoint, "answered");
	if (server->queue_stale)
		server_reads_queue_again(server);
	FOR_PARTS(part)
	if ((*part)->turn)
		(*part)->turn(server);
	judge0_turn(server->judge0); /* claims go into the same transaction */
	committed = commit(server);
	judge0_committed(server->judge0, committed);
	keys_committed(server->keys, committed);
	FOR_PARTS(part)
	if ((*part)->committed)
		(*part)->committed(server, committed);
	server->told = http_turn(server->http, committed);
	kl_store_turn_end(server->store);
	eventlog_flush();
}

/* --- housekeeping ----------------------------------------------------------------------------------------------- */

static void forgotten(void *ctx, const struct kl_queue_entry *row)
{
	(void)row;
	++*(size_t *)ctx;
}

/* Forgets what is older than queue.keep_days, a little at a time. */
static void keep_house(void *ctx)
{
	struct server *server = ctx;
	int64_t days = settings_int(server->settings, "queue.keep_days"), next_ms = HOUSE_MS;
	int64_t until_ms = kl_clock_wall_ms(&server->clock) - days * 24 * 3600 * 1000;
	struct kl_error err;
	size_t count = 0;

	if (days && (server_write(server, &err) ||
		     kl_store_queue_expire(server->store, until_ms, EXPIRE_MAX, forgotten, &count, &err)))
		eventlog(KL_LOG_ERROR, "not_forgotten", EVENTLOG_TEXT("error", err.message));
	if (server_write(server, &err) ||
	    kl_store_tickets_expire(server->store, kl_clock_wall_ms(&server->clock) - TICKETS_MS, &err))
		eventlog(KL_LOG_ERROR, "not_forgotten", EVENTLOG_TEXT("error", err.message));
	if (count)
		eventlog(KL_LOG_INFO, "forgotten", EVENTLOG_NUMBER("count", count));
	if (count == EXPIRE_MAX)
		next_ms = 100;
	server->house = kl_loop_add_timer(server->loop, next_ms, keep_house, server);
}

/* --- signals ---------------------------------------------------------------------------------------------------- */

static void stop_now(void *ctx)
{
	struct server *server = ctx;

	server->deadline = NULL;
	kl_loop_stop(server->loop);
}

static bool parts_busy(const struct server *server)
{
	FOR_PARTS(part)
	if ((*part)->busy && (*part)->busy(server))
		return true;
	return false;
}

/* Nothing is in flight any more: what was answered has left. */
static void watch_the_end(void *ctx)
{
	struct server *server = ctx;

	if (!judge0_busy(server->judge0) && !parts_busy(server) && !http_active(server->http))
		kl_loop_stop(server->loop);
	else
		kl_loop_add_timer(server->loop, 20, watch_the_end, server);
}

static void on_stop(void *ctx, int signo)
{
	struct server *server = ctx;

	if (server->stopping) { /* asked twice: at once */
		kl_loop_stop(server->loop);
		return;
	}
	eventlog(KL_LOG_INFO, "stopping", EVENTLOG_NUMBER("signal", signo));
	notify("STOPPING=1");
	server->stopping = true;
	http_stop_listening(server->http);
	judge0_stop(server->judge0);
	keys_stop(server->keys);
	FOR_PARTS(part)
	if ((*part)->stop)
		(*part)->stop(server);
	server->deadline = kl_loop_add_timer(server->loop, 1000 * settings_int(server->settings, "stop.deadline_s"),
					     stop_now, server);
	watch_the_end(server);
}

enum kl_status server_reload(struct server *server, struct kl_error *err)
{
	struct settings *fresh = settings_load(server->config_path);
	enum kl_status status = KL_OK;
	const char *restart;

	for (size_t i = 0; i < settings_problem_count(fresh); i++)
		eventlog(KL_LOG_ERROR, "config_problem", EVENTLOG_TEXT("problem", settings_problem(fresh, i)));
	if (settings_problem_count(fresh)) {
		status = kl_fail(err, KL_EINVAL, "the configuration stays as it was: %s", settings_problem(fresh, 0));
		settings_free(fresh);
		return status;
	}
	notify("RELOADING=1");
	restart = settings_keep(fresh, server->settings);
	if (restart)
		eventlog(KL_LOG_WARN, "restart_needed", EVENTLOG_TEXT("option", restart));
	settings_free(server->settings);
	server->settings = fresh;
	eventlog_level(settings_string(fresh, "log.level"));
	judge0_reload(server->judge0);
	keys_reload(server->keys);
	FOR_PARTS(part)
	if ((*part)->reload)
		(*part)->reload(server);
	eventlog(KL_LOG_INFO, "reloaded", EVENTLOG_TEXT("file", server->config_path ? server->config_path : ""));
	notify("READY=1");
	return status;
}

static void on_reload(void *ctx, int signo)
{
	struct kl_error err;

	(void)signo;
	(void)!server_reload(ctx, &err); /* the log says what is wrong */
}

/* --- opening and closing ---------------------------------------------------------------------------------------- */

static char *database_path(const struct server *server)
{
	return kl_path_join(settings_string(server->settings, "data"), "kodelabd.db");
}

int64_t server_database_bytes(const struct server *server)
{
	char *path = database_path(server);
	struct stat st;
	int64_t bytes = stat(path, &st) == 0 ? st.st_size : 0;

	free(path);
	return bytes;
}

static enum kl_status open_store(struct server *server, struct kl_error *err)
{
	char *path = database_path(server);
	enum kl_status status = kl_store_open_server(&server->store, path, &server->clock, err);

	free(path);
	return status;
}

static enum kl_status open_parts(struct server *server, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	FOR_PARTS(part)
	if (!status && (*part)->open)
		status = (*part)->open(server, err);
	return status;
}

static void close_parts(struct server *server)
{
	for (size_t i = KL_LENGTH(parts) - 1; i > 0; i--)
		if (parts[i - 1]->close)
			parts[i - 1]->close(server);
}

enum kl_status server_open(struct server *server, const char *master, struct kl_error *err)
{
	struct kl_queue_limits limits;
	enum kl_status status;

	server->started_ms = kl_clock_mono_ms();
	failpoint_init(&server->failpoint);
	kl_clock_init(&server->clock);
	judge0_queue_limits(server, &limits);
	if ((status = kl_loop_open(&server->loop, err)) || (status = open_store(server, err)) ||
	    (status = kl_queue_open(&server->queue, server->store, &server->clock, &limits, err)) ||
	    (status = keys_open(&server->keys, server, master, err)) ||
	    (status = judge0_open(&server->judge0, server, err)) || (status = open_parts(server, err)) ||
	    (status = http_open(&server->http, server, err)))
		return status;
	judge0_reload(server->judge0); /* where programs are judged is known only now */
	kl_loop_on_signal(server->loop, SIGTERM, on_stop, server);
	kl_loop_on_signal(server->loop, SIGINT, on_stop, server);
	kl_loop_on_signal(server->loop, SIGHUP, on_reload, server);
	kl_loop_on_idle(server->loop, on_turn, server);
	keep_house(server);
	kl_store_read_in_turns(server->store);
	return KL_OK;
}

void server_run(struct server *server)
{
	if (geteuid() == 0)
		eventlog(KL_LOG_WARN, "root",
			 EVENTLOG_TEXT("advice", "run kodelabd under an account of its own: docs/kodelabd.service"));
	eventlog(KL_LOG_INFO, "ready", EVENTLOG_TEXT("version", KL_VERSION));
	eventlog_flush();
	notify("READY=1");
	kl_loop_run(server->loop);
}

void server_close(struct server *server)
{
	if (server->loop)
		kl_loop_on_idle(server->loop, NULL, NULL);
	kl_timer_cancel(server->deadline);
	kl_timer_cancel(server->full);
	http_work_no_more(server->http);
	close_parts(server);
	judge0_close(server->judge0); /* what still runs is queued again */
	keys_close(server->keys);
	if (server->store)
		commit(server);
	http_close(server->http);
	kl_queue_close(server->queue);
	kl_store_close(server->store);
	kl_loop_close(server->loop);
	settings_free(server->settings);
	free(server->statistics);
	eventlog_close();
}
