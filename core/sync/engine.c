/*
 * Rounds: lock, push, pull, fetch, and once more from the top when something came in between. A round that does not reach the server
 * ends, and the next one comes after a pause that grows; a round that does is followed by another one in a minute, or sooner while a
 * verdict is waited for and the server's events do not come through (listen.c).
 */

#include "core/sync/sync_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/log.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

enum {
	LOCK_PAUSE_MS = 200,
	ASK_MS = 60000, /* when nothing is waited for */
	ASK_SOON_MS = 2000, /* a verdict is waited for: doubled each time */
	HEARD_MS = 1000, /* for a round that the server asked for */
};

static void begin_round(void *ctx);
static void end_stopped(void *ctx);

/* --- telling ------------------------------------------------------------------------------------------------------ */

void sync_tell(struct kl_sync *sync, enum kl_sync_news_kind kind, const char *subject, const char *words)
{
	sync->parts.news(sync->parts.ctx,
			 &(struct kl_sync_news){ .kind = kind, .subject = subject ? subject : "", .words = words });
}

void sync_tell_state(struct kl_sync *sync)
{
	sync_tell(sync, KL_NEWS_STATE, NULL, NULL);
}

void sync_count(struct kl_sync *sync)
{
	struct kl_other_draft *others;
	int64_t since_ms;
	size_t count;

	if (!kl_store_outbox_waiting(&count, &since_ms, sync->parts.store, kl_class_account(sync->parts.class), NULL))
		sync->state.waiting = count;
	if (!kl_store_other_drafts(&others, &count, sync->parts.store, NULL)) {
		sync->state.conflicts = count;
		kl_other_drafts_free(others, count);
	}
}

/* --- the lock ----------------------------------------------------------------------------------------------------- */

/* false: another process has it. Where no lock can be had, one syncs without. */
static bool take_lock(struct kl_sync *sync)
{
	char *path;

	if (sync->lock < 0) {
		path = kl_path_join(sync->parts.folder, "sync.lock");
		sync->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		free(path);
	}
	return sync->lock < 0 || flock(sync->lock, LOCK_EX | LOCK_NB) == 0;
}

static void give_lock(struct kl_sync *sync)
{
	if (sync->lock >= 0)
		close(sync->lock);
	sync->lock = -1;
}

/* --- the end of a round ------------------------------------------------------------------------------------------- */

static void plan(struct kl_sync *sync, int64_t pause_ms)
{
	kl_timer_cancel(sync->timer);
	sync->timer = kl_loop_add_timer(sync->parts.loop, pause_ms, begin_round, sync);
	sync->planned_ms = kl_clock_mono_ms() + pause_ms;
}

/* What is planned for an earlier moment stays. */
static void plan_sooner(struct kl_sync *sync, int64_t pause_ms)
{
	if (!sync->timer || kl_clock_mono_ms() + pause_ms < sync->planned_ms)
		plan(sync, pause_ms);
}

void sync_soon(struct kl_sync *sync, int64_t pause_ms)
{
	if (sync->state.phase != KL_SYNC_RESTS)
		sync->again = true;
	else if (sync->background)
		plan_sooner(sync, pause_ms);
}

static void plan_heard(struct kl_sync *sync)
{
	int64_t pause_ms = sync->heard_until_ms - HEARD_MS - kl_clock_mono_ms();

	plan_sooner(sync, pause_ms > 0 ? pause_ms : 0);
}

void sync_heard(struct kl_sync *sync)
{
	sync->heard = true;
	if (sync->state.phase == KL_SYNC_RESTS && sync->background)
		plan_heard(sync);
}

/* A round begins: it finds what was said until now. */
static void spend_heard(struct kl_sync *sync)
{
	int64_t now_ms = kl_clock_mono_ms();

	if (!sync->heard)
		return;
	sync->heard = false;
	sync->heard_until_ms = HEARD_MS + (sync->heard_until_ms > now_ms ? sync->heard_until_ms : now_ms);
}

static bool waits_for_verdict(struct kl_sync *sync)
{
	bool waits = false;

	return !kl_store_class_unjudged(&waits, sync->parts.store, NULL) && waits;
}

/* When the next round begins; -1: not by itself. */
static int64_t next_pause_ms(struct kl_sync *sync)
{
	int64_t pause_ms = ASK_SOON_MS;
	bool waits;

	if (sync->state.line != KL_LINE_ONLINE)
		listen_stop(sync);
	switch (sync->state.line) {
	case KL_LINE_LOGIN:
	case KL_LINE_UNTRUSTED:
		return -1;
	case KL_LINE_OFFLINE:
	case KL_LINE_UNKNOWN:
		return kl_class_pause_ms(++sync->failures, class_chance());
	case KL_LINE_ONLINE:
		break;
	}
	sync->failures = 0;
	waits = sync->background && waits_for_verdict(sync);
	if (waits)
		listen_begin(sync);
	else
		listen_stop(sync);
	if (!waits || sync->state.hears) {
		sync->asks = 0;
		return ASK_MS + (int64_t)(class_chance() * ASK_MS / 4);
	}
	for (int i = 0; i < sync->asks && pause_ms < ASK_MS; i++)
		pause_ms *= 2;
	sync->asks++;
	return pause_ms < ASK_MS ? pause_ms : ASK_MS;
}

static void set_line(struct kl_sync *sync, enum kl_sync_line line)
{
	if (line != KL_LINE_ONLINE && (sync->state.line == KL_LINE_ONLINE || sync->state.line == KL_LINE_UNKNOWN))
		sync->state.offline_since_ms = kl_clock_wall_ms(sync->parts.clock);
	sync->state.line = line;
}

static void end_round(struct kl_sync *sync)
{
	kl_sync_done_fn *done = sync->done;
	int64_t pause_ms;

	push_release(sync);
	pull_release(sync);
	give_lock(sync);
	sync->state.phase = KL_SYNC_RESTS;
	sync_count(sync);
	pause_ms = next_pause_ms(sync);
	if (sync->background && sync->again && !sync->state.error.status)
		plan(sync, 0);
	else if (sync->background && pause_ms >= 0)
		plan(sync, pause_ms);
	if (sync->background && sync->heard && !sync->state.error.status)
		plan_heard(sync);
	sync->again = false;
	sync->done = NULL;
	sync_tell_state(sync);
	if (done)
		done(sync->ctx, &sync->state);
}

void sync_end(struct kl_sync *sync, const struct kl_error *error)
{
	sync->state.error = *error;
	if (error->status != KL_ECANCELED)
		kl_log(KL_LOG_WARN, "sync", "%s", error->message);
	end_round(sync);
}

void sync_end_answer(struct kl_sync *sync, const struct kl_class_answer *answer)
{
	switch (answer->end) {
	case KL_CLASS_LOGIN:
		set_line(sync, KL_LINE_LOGIN);
		break;
	case KL_CLASS_UNTRUSTED:
		set_line(sync, KL_LINE_UNTRUSTED);
		break;
	case KL_CLASS_OFFLINE:
	case KL_CLASS_BUSY:
		set_line(sync, KL_LINE_OFFLINE);
		break;
	case KL_CLASS_DONE:
	case KL_CLASS_REFUSED:
	case KL_CLASS_CANCELED:
		break;
	}
	sync_end(sync, &answer->error);
}

/* --- a round ------------------------------------------------------------------------------------------------------ */

/* What was made before the first pull is only sent when it is known which packs the class has. */
static bool knows_the_class(const struct kl_sync *sync)
{
	struct kl_class_server server = { .name = NULL };
	bool knows = !kl_store_class_get(&server, sync->parts.store, kl_class_server(sync->parts.class)->name, NULL) &&
		     server.cursor > 0;

	kl_class_server_release(&server);
	return knows;
}

static void begin_phase(struct kl_sync *sync, enum kl_sync_phase phase)
{
	sync->state.phase = phase;
	sync_tell_state(sync);
	switch (phase) {
	case KL_SYNC_PUSHES:
		push_begin(sync);
		break;
	case KL_SYNC_PULLS:
		pull_begin(sync);
		break;
	case KL_SYNC_FETCHES:
		fetch_begin(sync);
		break;
	case KL_SYNC_RESTS:
		set_line(sync, KL_LINE_ONLINE);
		end_round(sync);
		break;
	}
}

/* push → pull → fetch → rest; the first round of an account pulls before it pushes. */
void sync_next(struct kl_sync *sync, enum kl_sync_phase after)
{
	sync->pushed |= after == KL_SYNC_PUSHES;
	sync->pulled |= after == KL_SYNC_PULLS;
	if (sync_stops(sync))
		return;
	if (after == KL_SYNC_FETCHES)
		begin_phase(sync, KL_SYNC_RESTS);
	else if (!sync->pushed && sync->state.waiting)
		begin_phase(sync, KL_SYNC_PUSHES);
	else
		begin_phase(sync, sync->pulled ? KL_SYNC_FETCHES : KL_SYNC_PULLS);
}

static void wait_for_lock(struct kl_sync *sync)
{
	struct kl_error err;

	if (sync->done && kl_clock_mono_ms() > sync->patience_until_ms) {
		kl_fail(&err, KL_EBUSY, "another lab is syncing: it does this, too");
		sync_end(sync, &err);
	} else {
		plan(sync, sync->done ? LOCK_PAUSE_MS : ASK_SOON_MS);
	}
}

static void begin_round(void *ctx)
{
	struct kl_sync *sync = ctx;

	sync->timer = NULL;
	spend_heard(sync);
	if (!take_lock(sync)) {
		wait_for_lock(sync);
		return;
	}
	sync->state.sent = sync->state.refused = sync->state.taken = 0;
	sync->state.error = (struct kl_error){ .status = KL_OK };
	sync->again = sync->stopped = sync->pulled = sync->pushed = false;
	sync_count(sync);
	begin_phase(sync, knows_the_class(sync) && !kl_store_drafts_unanswered(sync->parts.store) ? KL_SYNC_PUSHES
												  : KL_SYNC_PULLS);
}

/* --- from outside ------------------------------------------------------------------------------------------------- */

struct kl_sync *kl_sync_open(const struct kl_sync_parts *parts)
{
	struct kl_sync *sync = kl_calloc(1, sizeof(*sync));

	sync->parts = *parts;
	sync->lock = -1;
	sync_count(sync);
	return sync;
}

void kl_sync_close(struct kl_sync *sync)
{
	if (!sync)
		return;
	sync->background = false;
	sync->done = NULL;
	listen_stop(sync);
	kl_timer_cancel(sync->timer);
	if (sync->call)
		kl_class_forget(sync->call);
	fetch_stop(sync);
	fetch_forget(sync);
	push_release(sync);
	pull_release(sync);
	recheck_release(sync);
	give_lock(sync);
	free(sync);
}

void kl_sync_wake(struct kl_sync *sync)
{
	sync->background = true;
	sync->asks = 0;
	sync_soon(sync, 0);
}

void kl_sync_once(struct kl_sync *sync, int64_t patience_ms, kl_sync_done_fn *done, void *ctx)
{
	sync->done = done;
	sync->ctx = ctx;
	sync->patience_until_ms = kl_clock_mono_ms() + patience_ms;
	if (sync->state.phase == KL_SYNC_RESTS)
		plan(sync, 0);
}

bool sync_stops(struct kl_sync *sync)
{
	if (sync->stopped && !sync->timer)
		end_stopped(sync);
	return sync->stopped;
}

static void end_stopped(void *ctx)
{
	struct kl_sync *sync = ctx;
	struct kl_error err;

	sync->timer = NULL;
	kl_fail(&err, KL_ECANCELED, "stopped; what was not sent yet waits");
	sync_end(sync, &err);
}

void kl_sync_stop(struct kl_sync *sync)
{
	sync->background = false;
	sync->stopped = true;
	listen_stop(sync);
	if (sync->call) {
		kl_class_cancel(sync->call); /* its end is the round's */
		return;
	}
	fetch_stop(sync);
	kl_timer_cancel(sync->timer);
	sync->timer = kl_loop_add_timer(sync->parts.loop, 0, end_stopped, sync);
	sync->planned_ms = INT64_MAX; /* it begins none */
}

const struct kl_sync_state *kl_sync_state(const struct kl_sync *sync)
{
	return &sync->state;
}
