/* Callbacks. */

#include "core/server/callback.h"

#include <strings.h>
#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/http.h>
#include <kodelab/loop.h>
#include <kodelab/queue.h>
#include <kodelab/store_callbacks.h>

#include "core/server/eventlog.h"
#include "core/server/judge0.h"
#include "core/server/peer.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/submission.h"

#define ACTIVE_MAX   32
#define PER_HOST_MAX 4 /* one that hangs does not hold up the others */
#define RESPONSE_MAX ((size_t)64 << 10)

struct callback {
	TAILQ_ENTRY(callback) link;
	struct callbacks *all;
	struct kl_callback row;
	char *host; /* owned; row has it, too */
	bool literal; /* the address itself was allowed */
	bool surplus; /* there are too many */
	struct kl_http_request *request; /* NULL: it waits */
};

TAILQ_HEAD(pending, callback);

struct callbacks {
	struct server *server;
	struct kl_http *http; /* NULL: nothing was ever to be sent */
	struct pending pending; /* in the order in which they came */
	size_t count;
	struct callback *under_way[ACTIVE_MAX]; /* those with a request */
	size_t active;
	struct kl_timer *timer; /* for the one that is due next; NULL: none is, or there is no turn for it */
	bool closing;
};

/* --- where to ----------------------------------------------------------------------------------------------------- */

/* A name may stand for any address, and for another one tomorrow: it is looked at when the connection is made. */
static bool may_connect(void *ctx, const struct sockaddr *address)
{
	const struct callback *callback = ctx;
	const struct peer peer = peer_of(address);

	return callback->literal || !callback_is_inner(&peer) ||
	       peer_in(&peer, settings_string(callback->all->server->settings, "callbacks.networks"));
}

/* --- one ---------------------------------------------------------------------------------------------------------- */

static void serve(struct callbacks *callbacks);

static void free_callback(struct callback *callback)
{
	TAILQ_REMOVE(&callback->all->pending, callback, link);
	callback->all->count--;
	free(callback->host);
	free(callback);
}

static void not_kept(const char *id, const struct kl_error *err)
{
	eventlog(KL_LOG_ERROR, "callback_not_kept", EVENTLOG_TEXT("token", id), EVENTLOG_TEXT("error", err->message));
}

static void forget(struct callback *callback)
{
	struct server *server = callback->all->server;
	struct kl_error err;

	if (server_write(server, &err) || kl_store_callback_remove(server->store, callback->row.id, &err))
		not_kept(callback->row.id, &err); /* it is told once more after a restart */
	free_callback(callback);
}

static void say_failed(const char *id, const char *why, int64_t tries)
{
	eventlog(KL_LOG_WARN, "callback_failed", EVENTLOG_TEXT("token", id), EVENTLOG_TEXT("error", why),
		 EVENTLOG_NUMBER("tries", tries));
}

static void fail(struct callback *callback, const char *why)
{
	say_failed(callback->row.id, why, callback->row.tries);
	forget(callback);
}

static void try_again(struct callback *callback, const char *why)
{
	struct server *server = callback->all->server;
	struct kl_error err;
	unsigned char chance;

	kl_random(&chance, 1);
	if (++callback->row.tries >= settings_int(server->settings, "judge0.callbacks_max_tries")) {
		fail(callback, why);
		return;
	}
	callback->row.due_ms =
		kl_clock_wall_ms(&server->clock) +
		callback_pause_ms(settings_int(server->settings, "callbacks.pause_ms"), callback->row.tries, chance);
	if (server_write(server, &err) || kl_store_callback_put(server->store, &callback->row, &err))
		not_kept(callback->row.id, &err);
}

static void on_done(void *ctx, const struct kl_http_result *result)
{
	struct callback *callback = ctx;
	struct callbacks *all = callback->all;

	callback->request = NULL;
	for (size_t i = 0; i < all->active; i++)
		if (all->under_way[i] == callback)
			all->under_way[i] = all->under_way[--all->active];
	if (all->closing) {
		free_callback(callback); /* its row stays */
		return;
	}
	if (result->end == KL_HTTP_ANSWERED || result->end == KL_HTTP_TOO_LARGE) {
		eventlog(KL_LOG_INFO, "callback", EVENTLOG_TEXT("token", callback->row.id),
			 EVENTLOG_NUMBER("status", result->status), EVENTLOG_NUMBER("tries", callback->row.tries + 1));
		forget(callback);
	} else {
		try_again(callback, result->error.message);
	}
	serve(all);
}

static enum kl_status put(struct callback *callback, const char *url, const struct kl_buf *body, struct kl_error *err)
{
	static const struct kl_http_header headers[] = { { "Content-Type", "application/json", false } };
	struct callbacks *all = callback->all;
	struct kl_http_spec spec = {
		.method = "PUT",
		.url = url,
		.headers = headers,
		.header_count = KL_LENGTH(headers),
		.body = body->data,
		.body_len = body->len,
		.deadline_ms = settings_int(all->server->settings, "judge0.callbacks_timeout_ms"),
		.response_max = RESPONSE_MAX,
		.proxy = "",
		.may_connect = may_connect,
		.may_ctx = callback,
	};
	enum kl_status status = KL_OK;

	if (!all->http)
		status = kl_http_open(&all->http, all->server->loop, err);
	return status ? status : kl_http_start(&callback->request, all->http, &spec, on_done, callback, err);
}

static enum kl_status try_submission(struct callback *callback, const struct submission *submission,
				     struct kl_error *err)
{
	struct server *server = callback->all->server;
	const char *url = submission_text(submission, ATTRIBUTE_CALLBACK_URL);
	struct fields fields;
	struct kl_buf body, none;
	enum kl_status status;

	if (!url || !callback_allowed(settings_string(server->settings, "callbacks.allow"), url))
		return kl_fail(err, KL_EDENIED, "the host is not among callbacks.allow");
	kl_buf_init(&none, 1);
	fields_read(&fields, NULL, &none);
	answer_begin(&body);
	submission_show(&body, submission, &fields, true, judge0_toolchains(server->judge0));
	status = put(callback, url, &body, err);
	kl_buf_release(&body);
	return status;
}

static void try(struct callback *callback)
{
	struct submission submission = { .status_id = 0 };
	struct kl_queue_entry entry;
	struct kl_error err;
	enum kl_status status = kl_queue_get(&entry, callback->all->server->queue, callback->row.id, &err);

	if (!status) {
		status = submission_of_entry(&submission, &entry)
				 ? try_submission(callback, &submission, &err)
				 : kl_fail(&err, KL_ECORRUPT, "the stored submission is damaged");
		submission_release(&submission);
		kl_queue_entry_release(&entry);
	}
	if (!status)
		callback->all->under_way[callback->all->active++] = callback;
	else if (status == KL_EIO || status == KL_ENOTOOL)
		try_again(callback, err.message);
	else
		fail(callback, err.message); /* it was deleted, or may no longer be called */
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

static bool has_turn(const struct callback *callback)
{
	const struct callbacks *all = callback->all;
	size_t here = 0;

	for (size_t i = 0; i < all->active; i++)
		here += !strcasecmp(all->under_way[i]->host, callback->host);
	return here < PER_HOST_MAX;
}

static void on_timer(void *ctx)
{
	struct callbacks *callbacks = ctx;

	callbacks->timer = NULL;
	serve(callbacks);
}

/* Sends what is due, and plans for what will be. */
static void serve(struct callbacks *callbacks)
{
	struct server *server = callbacks->server;
	int64_t now_ms = kl_clock_wall_ms(&server->clock), next_ms = INT64_MAX;
	struct callback *callback, *next;

	kl_timer_cancel(callbacks->timer);
	callbacks->timer = NULL;
	if (server->stopping)
		return;
	for (callback = TAILQ_FIRST(&callbacks->pending); callback && callbacks->active < ACTIVE_MAX; callback = next) {
		next = TAILQ_NEXT(callback, link);
		if (callback->surplus)
			fail(callback, "too many callbacks are under way");
		else if (!callback->request && callback->row.due_ms <= now_ms && has_turn(callback))
			try(callback);
	}
	TAILQ_FOREACH(callback, &callbacks->pending, link)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what was freed above is no longer in the list */
		if (!callback->request && callback->row.due_ms > now_ms && callback->row.due_ms < next_ms)
			next_ms = callback->row.due_ms;
	if (next_ms < INT64_MAX)
		callbacks->timer = kl_loop_add_timer(server->loop, next_ms - now_ms, on_timer, callbacks);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static struct callback *add(struct callbacks *callbacks, const struct kl_callback *row)
{
	struct callback *callback = kl_calloc(1, sizeof(*callback));

	*callback = (struct callback){
		.all = callbacks, .row = *row, .host = kl_strdup(row->host), .literal = callback_is_literal(row->host)
	};
	callback->row.host = callback->host;
	TAILQ_INSERT_TAIL(&callbacks->pending, callback, link);
	callbacks->count++;
	return callback;
}

/* The host of a call that is asked for; why: it may not be made. false: none is asked for. */
static bool read_call(const struct callbacks *callbacks, const struct kl_queue_entry *entry,
		      char host[CALLBACK_HOST_SIZE], const char **why)
{
	struct submission submission;
	const char *url = NULL;

	*why = NULL;
	if (submission_of_entry(&submission, entry))
		url = submission_text(&submission, ATTRIBUTE_CALLBACK_URL);
	if (url && (!callback_allowed(settings_string(callbacks->server->settings, "callbacks.allow"), url) ||
		    !callback_host(url, host)))
		*why = "the host is not among callbacks.allow";
	submission_release(&submission);
	return url != NULL;
}

void callbacks_keep(struct callbacks *callbacks, const struct kl_queue_entry *entry)
{
	struct server *server = callbacks->server;
	char host[CALLBACK_HOST_SIZE];
	struct kl_callback row = { .host = host, .due_ms = kl_clock_wall_ms(&server->clock) };
	struct kl_error err;
	const char *why;

	memcpy(row.id, entry->id, sizeof(row.id));
	if (read_call(callbacks, entry, host, &why) && !why &&
	    (server_write(server, &err) || kl_store_callback_put(server->store, &row, &err)))
		not_kept(row.id, &err);
}

/* The turn's transaction is over: what is written because of it is written in the next turn. */
void callbacks_begin(struct callbacks *callbacks, const struct kl_queue_entry *entry)
{
	struct server *server = callbacks->server;
	char host[CALLBACK_HOST_SIZE];
	struct kl_callback row = { .host = host, .due_ms = kl_clock_wall_ms(&server->clock) };
	struct callback *callback;
	const char *why;

	memcpy(row.id, entry->id, sizeof(row.id));
	if (!read_call(callbacks, entry, host, &why))
		return;
	if (why) {
		say_failed(row.id, why, 0);
		return;
	}
	callback = add(callbacks, &row);
	callback->surplus = callbacks->count > (size_t)settings_int(server->settings, "callbacks.max");
	kl_timer_cancel(callbacks->timer);
	callbacks->timer = kl_loop_add_timer(server->loop, 0, on_timer, callbacks);
}

/* What a former process has not told. */
static void take_up(void *ctx, const struct kl_callback *row)
{
	add(ctx, row);
}

enum kl_status callbacks_open(struct callbacks **out, struct server *server, struct kl_error *err)
{
	struct callbacks *callbacks = kl_calloc(1, sizeof(*callbacks));
	enum kl_status status;

	callbacks->server = server;
	TAILQ_INIT(&callbacks->pending);
	status = kl_store_callbacks_each(server->store, take_up, callbacks, err);
	if (status) {
		callbacks_free(callbacks);
		return status;
	}
	callbacks->timer = kl_loop_add_timer(server->loop, 0, on_timer, callbacks);
	*out = callbacks;
	return KL_OK;
}

bool callbacks_busy(const struct callbacks *callbacks)
{
	return callbacks->active > 0;
}

void callbacks_free(struct callbacks *callbacks)
{
	struct callback *callback;

	if (!callbacks)
		return;
	callbacks->closing = true;
	kl_timer_cancel(callbacks->timer);
	kl_http_close(callbacks->http);
	while ((callback = TAILQ_FIRST(&callbacks->pending)))
		free_callback(callback); /* NOLINT(clang-analyzer-unix.Malloc): it does leave the list */
	free(callbacks);
}
