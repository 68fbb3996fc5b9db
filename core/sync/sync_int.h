#ifndef CORE_SYNC_SYNC_INT_H
#define CORE_SYNC_SYNC_INT_H

/*
 * Rounds in parts: engine.c (when, and what comes next), push.c, pull.c, recheck.c, fetch.c. Each part ends in one of engine.c's steps.
 */

#include <kodelab/sync.h>

#include "core/sync/class_int.h"

struct ended;
struct fetch;
struct listening;
struct page;

struct kl_sync {
	struct kl_sync_parts parts;
	struct kl_sync_state state;
	struct kl_timer *timer; /* the next round, try at the lock, or draft of a page; NULL: none is planned */
	int64_t planned_ms; /* monotonic; when the next round or try begins, while there is a timer for it */
	struct kl_class_call *call; /* NULL: none is made */
	int lock; /* of the folder while a round goes on; -1 */
	int64_t patience_until_ms; /* monotonic; for the lock */
	bool background; /* goes on by itself */
	bool again; /* there is more to do when this round has ended */
	bool heard; /* the server said that there is something new; no round has begun since */
	int64_t heard_until_ms; /* monotonic; a second for each round that began after that: see sync_heard() */
	bool pulled, pushed; /* in this round */
	bool pull_ahead; /* only packs are taken, for what is of one that was not known */
	bool pull_again; /* that was done: what is of no pack still is of none */
	bool pull_first; /* the page that is asked for is the first one behind the stored cursor */
	int64_t pull_at; /* the cursor that a page was asked for behind */
	struct page *page; /* its drafts are being taken; NULL: none */
	bool stopped; /* the round was cancelled */
	int failures; /* rounds in a row that did not reach the server */
	int asks; /* rounds in a row that only waited for verdicts */
	struct kl_outbox_item *items; /* on their way */
	size_t item_count;
	struct cJSON *doubted; /* ids that the server is asked about; NULL: none */
	struct listening *listening; /* NULL: to nothing */
	struct fetch *fetch; /* NULL: no pack is on its way */
	struct ended *ended; /* packs whose installer was ended or crashed: left alone for a while */
	size_t ended_count, ended_capacity;
	kl_sync_done_fn *done; /* of kl_sync_once; NULL: nobody waits */
	void *ctx;
};

/* ---- engine.c ---- */

void sync_tell(struct kl_sync *sync, enum kl_sync_news_kind kind, const char *subject, const char *words);
void sync_tell_state(struct kl_sync *sync);
/* This part of the round is done: the next one. */
void sync_next(struct kl_sync *sync, enum kl_sync_phase after);
/* The round ends early: the server's answer says why, or the store's error. */
void sync_end_answer(struct kl_sync *sync, const struct kl_class_answer *answer);
void sync_end(struct kl_sync *sync, const struct kl_error *error);
/* Was the round stopped? Then it ends, if not here, then soon. What was stopped too late comes to its own end, and asks. */
bool sync_stops(struct kl_sync *sync);
/* Another round after this pause, where rounds go on by themselves; while one goes on, after that. */
void sync_soon(struct kl_sync *sync, int64_t pause_ms);
/* The same, because the server said so: once a second, or it could keep the lab at it; twice at once, so a verdict that comes right after the hello waits for nothing. */
void sync_heard(struct kl_sync *sync);
/* How often the outbox and the drafts that wait are counted again: after each change of them. */
void sync_count(struct kl_sync *sync);

/* ---- listen.c: to the server's events, while a verdict is waited for ---- */

void listen_begin(struct kl_sync *sync); /* nothing when it does already */
void listen_stop(struct kl_sync *sync);

/* ---- push.c, pull.c, recheck.c, fetch.c: each begins, and goes on until sync_next or sync_end ---- */

void push_begin(struct kl_sync *sync);
void push_release(struct kl_sync *sync);
/* An item as the wire has it; NULL: it knows no such kind. device: of a draft; NULL: not said. */
struct cJSON *push_item(const struct kl_outbox_item *item, const char *device);
/* Is this the server's word, that it has exactly what the item is? */
enum kl_status push_check_receipt(const struct kl_class *class, const struct kl_outbox_item *item,
				  const struct cJSON *node, struct kl_error *err) KL_MUST_CHECK;
void pull_begin(struct kl_sync *sync);
void pull_release(struct kl_sync *sync);
void recheck_begin(struct kl_sync *sync); /* the end of a pull */
void recheck_release(struct kl_sync *sync);
void fetch_begin(struct kl_sync *sync);
void fetch_stop(struct kl_sync *sync);
void fetch_forget(struct kl_sync *sync); /* whose installing was ended: all of it */

#endif
