/*
 * GET /api/events. Each listener has a stream; results go to it at once, places in the queue when they have changed, and
 * a comment now and then, so that both ends notice when the other is gone. A stream ends by itself after a while, and soon
 * after the session that it was begun with.
 */

#include "core/server/class/events.h"

#include <string.h>
#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>
#include <kodelab/queue.h>
#include <kodelab/store_accounts.h>
#include <kodelab/store_works.h>

#include "core/server/api.h"
#include "core/server/class/works.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/settings.h"
#include "core/server/stream.h"

#define SWEEP_MS     1000
#define HEARTBEAT_MS 15000
#define LIFE_MS      600000
#define SESSION_MS   5000 /* between two looks whether its session goes on */
#define WAITING_MAX  ((size_t)64 << 10) /* bytes that a listener has not taken */
#define WATCHED_MAX  16 /* submissions of one listener whose places he hears of */
#define RETRY_MS     3000 /* when a listener who was cut off comes back */

struct watched {
	char work[KL_ID_SIZE], item[KL_ID_SIZE]; /* item: as he calls it */
	int64_t ahead; /* as it was told; -1: not yet */
};

struct listener {
	TAILQ_ENTRY(listener) link;
	struct events *events;
	struct stream *stream;
	char user[KL_ID_SIZE], session[KL_ID_SIZE];
	struct watched watched[WATCHED_MAX];
	size_t watched_count;
	int64_t begun_ms, spoke_ms, looked_ms; /* monotonic */
};

struct events {
	struct server *server;
	TAILQ_HEAD(listeners, listener) listeners;
	size_t count;
	struct kl_queue_place *places; /* of all that is watched, as the listeners stand; asked anew at each sweep */
	size_t place_count, place_capacity;
	struct kl_timer *sweep; /* NULL: nobody listens */
};

/* --- saying ------------------------------------------------------------------------------------------------------- */

static void say(struct listener *listener, const char *event, struct kl_buf *data)
{
	struct kl_buf text;

	kl_buf_init(&text, WAITING_MAX);
	kl_buf_addf(&text, "event: %s\ndata: %s\n\n", event, data->data); /* JSON of jsonout.h has no line ends */
	stream_write(listener->stream, text.data, text.len);
	listener->spoke_ms = kl_clock_mono_ms();
	kl_buf_release(&text);
}

static void forget(struct listener *listener, size_t index)
{
	listener->watched[index] = listener->watched[--listener->watched_count];
}

static void say_place(struct listener *listener, struct watched *watched, const struct kl_queue_place *place)
{
	struct kl_buf data;

	if (place->ahead < 0 || place->ahead == watched->ahead)
		return;
	watched->ahead = place->ahead;
	kl_buf_init(&data, 1024);
	kl_buf_add_char(&data, '{');
	jsonout_text(&data, "work", watched->item);
	jsonout_int(&data, "ahead", place->ahead);
	jsonout_int(&data, "estimate_ms", place->estimate_ms);
	kl_buf_add_char(&data, '}');
	say(listener, "queue", &data);
	kl_buf_release(&data);
}

/* It may have been ended here or beside the server. What cannot be read ends nothing. */
static bool session_goes_on(struct listener *listener, int64_t now_ms)
{
	struct kl_session_row row;
	enum kl_status status;
	bool ended;

	if (!*listener->session ||
	    now_ms - listener->looked_ms < SESSION_MS) /* "": the administrator's program, for him */
		return true;
	listener->looked_ms = now_ms;
	status = kl_store_session_get(&row, listener->events->server->store, listener->session, NULL);
	if (status)
		return status != KL_ENOENT;
	ended = row.ended_ms > 0;
	kl_session_row_release(&row);
	return !ended;
}

static void look(struct listener *listener, int64_t now_ms)
{
	static const char beat[] = ": still here\n\n";

	if (now_ms - listener->begun_ms > LIFE_MS || !session_goes_on(listener, now_ms)) {
		stream_end(listener->stream);
	} else if (now_ms - listener->spoke_ms > HEARTBEAT_MS) {
		stream_write(listener->stream, beat, sizeof(beat) - 1);
		listener->spoke_ms = now_ms;
	}
}

static void note_watched(struct events *events, struct listener *listener)
{
	for (size_t i = listener->watched_count; i-- > 0;)
		if (!kl_queue_has(events->server->queue, listener->watched[i].work))
			forget(listener, i);
	for (size_t i = 0; i < listener->watched_count; i++) {
		KL_GROW(events->places, events->place_count, events->place_capacity);
		events->places[events->place_count++] = (struct kl_queue_place){ .id = listener->watched[i].work };
	}
}

/* The queue is walked once, however many listen: a place for each would be as many walks as submissions wait. */
static void say_places(struct events *events)
{
	const struct kl_queue_place *place;
	struct listener *listener;

	events->place_count = 0;
	for (listener = TAILQ_FIRST(&events->listeners); listener; listener = TAILQ_NEXT(listener, link))
		note_watched(events, listener);
	kl_queue_places(events->server->queue, events->places, events->place_count);
	place = events->places;
	for (listener = TAILQ_FIRST(&events->listeners); listener; listener = TAILQ_NEXT(listener, link))
		for (size_t i = 0; i < listener->watched_count; i++)
			say_place(listener, &listener->watched[i], place++);
}

static void sweep(void *ctx)
{
	struct events *events = ctx;
	struct listener *listener;
	int64_t now_ms = kl_clock_mono_ms();

	say_places(events);
	for (listener = TAILQ_FIRST(&events->listeners); listener; listener = TAILQ_NEXT(listener, link))
		look(listener, now_ms);
	events->sweep = events->count ? kl_loop_add_timer(events->server->loop, SWEEP_MS, sweep, events) : NULL;
}

void events_result(struct server *server, const struct kl_work *work)
{
	struct listener *listener;
	struct kl_buf data;

	kl_buf_init(&data, 4096);
	kl_buf_add_char(&data, '{');
	jsonout_text(&data, "work", work->item);
	jsonout_text(&data, "pack", work->pack);
	jsonout_text(&data, "slug", work->slug);
	jsonout_text(&data, "state", work->state == KL_WORK_DONE ? "done" : "failed");
	jsonout_text(&data, "verdict", work->verdict);
	jsonout_key(&data, "score");
	jsonout_float(&data, work->score);
	kl_buf_add_char(&data, '}');
	for (listener = TAILQ_FIRST(&server->works->events->listeners); listener; listener = TAILQ_NEXT(listener, link))
		if (!strcmp(listener->user, work->user))
			say(listener, "result", &data);
	kl_buf_release(&data);
}

void events_watch(struct server *server, const char *user, const char *work, const char *item)
{
	struct listener *listener;

	for (listener = TAILQ_FIRST(&server->works->events->listeners); listener;
	     listener = TAILQ_NEXT(listener, link)) {
		struct watched *watched = &listener->watched[listener->watched_count];

		if (strcmp(listener->user, user) != 0 || listener->watched_count == WATCHED_MAX)
			continue;
		*watched = (struct watched){ .ahead = -1 };
		snprintf(watched->work, sizeof(watched->work), "%s", work);
		snprintf(watched->item, sizeof(watched->item), "%s", item);
		listener->watched_count++;
	}
}

void events_metrics(const struct server *server, struct kl_buf *body)
{
	struct kl_queue_counts counts;

	metrics_gauge(body, "kodelabd_listeners", "Who listens for results", (double)server->works->events->count);
	kl_queue_counts(&counts, server->queue);
	metrics_counter(body, "kodelabd_queue_walked_total", "Entries looked at to tell places", counts.walked);
}

/* --- listening ---------------------------------------------------------------------------------------------------- */

static void on_closed(void *ctx)
{
	struct listener *listener = ctx;

	if (listener->events) {
		TAILQ_REMOVE(&listener->events->listeners, listener, link);
		listener->events->count--;
	}
	free(listener);
}

static size_t count_of(const struct events *events, const char *user)
{
	const struct listener *listener;
	size_t count = 0;

	for (listener = TAILQ_FIRST(&events->listeners); listener; listener = TAILQ_NEXT(listener, link))
		count += !strcmp(listener->user, user);
	return count;
}

static void refuse(struct request *request, const char *sentence)
{
	api_error(request, API_TOO_MANY, "%s", sentence);
	answer_header(request, "Retry-After", "60");
}

static void events_listen(struct request *request)
{
	struct events *events = request->server->works->events;
	const struct settings *settings = request->server->settings;
	struct listener *listener;
	struct kl_buf hello;

	if (request->server->stopping)
		refuse(request, "the server is stopping: come back");
	else if (events->count >= (size_t)settings_int(settings, "class.listeners"))
		refuse(request, "too many listen already: ask for results instead");
	else if (count_of(events, request->actor.id) >= (size_t)settings_int(settings, "class.listeners_per_user"))
		refuse(request, "too many of your terminals listen already: close one");
	if (request->answer.status)
		return;
	listener = kl_calloc(1, sizeof(*listener));
	listener->events = events;
	listener->begun_ms = listener->spoke_ms = listener->looked_ms = kl_clock_mono_ms();
	memcpy(listener->user, request->actor.id, sizeof(listener->user));
	memcpy(listener->session, request->actor.session, sizeof(listener->session));
	listener->stream = stream_begin(request, "text/event-stream; charset=utf-8", WAITING_MAX, on_closed, listener);
	answer_header(request, "Cache-Control", "no-store");
	answer_header(request, "X-Accel-Buffering", "no");
	TAILQ_INSERT_TAIL(&events->listeners, listener, link);
	events->count++;
	if (!events->sweep)
		events->sweep = kl_loop_add_timer(events->server->loop, SWEEP_MS, sweep, events);
	kl_buf_init(&hello, 256);
	kl_buf_addf(&hello, "retry: %d\nevent: hello\ndata: {}\n\n", RETRY_MS);
	stream_write(listener->stream, hello.data, hello.len);
	kl_buf_release(&hello);
}

/* --- opening and closing ------------------------------------------------------------------------------------------ */

struct events *events_new(struct server *server)
{
	struct events *events = kl_calloc(1, sizeof(*events));

	events->server = server;
	TAILQ_INIT(&events->listeners);
	return events;
}

void events_end(struct events *events)
{
	struct listener *listener;

	for (listener = TAILQ_FIRST(&events->listeners); listener; listener = TAILQ_NEXT(listener, link))
		stream_end(listener->stream);
}

/* Their connections end later: what they still tell finds nobody. */
void events_free(struct events *events)
{
	struct listener *listener;

	if (!events)
		return;
	events_end(events);
	kl_timer_cancel(events->sweep);
	while ((listener = TAILQ_FIRST(&events->listeners))) {
		TAILQ_REMOVE(&events->listeners, listener, link);
		listener->events = NULL;
	}
	free(events->places);
	free(events);
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET", "/api/events", 0, events_listen, ACCESS_USER },
};
/* clang-format on */

const struct route_area events_area = { "/api/events", rows, KL_LENGTH(rows) };
