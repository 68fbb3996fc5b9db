/* The queue: every move is written to the store first; what is in memory follows when that has worked. */

#include "core/queue/queue_int.h"

#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/store.h>

#define QUEUED_MAX  10000
#define BYTES_MAX   ((size_t)1 << 30)
#define RATE        10
#define TRIES_MAX   3
#define FIRST_GUESS 500 /* ms of a run, before anything was measured */

struct ended { /* a claim that ended in the batch that is open */
	char id[KL_ID_SIZE];
	int64_t epoch;
};

struct kl_queue {
	struct kl_store *store;
	const struct kl_clock *clock;
	struct kl_queue_limits limits;
	struct waiting *waiting;
	int64_t newest; /* number of the newest entry ever */
	int64_t mean_run_ms; /* moving; 0: nothing measured */
	struct ended *ended;
	size_t ended_count, ended_capacity;
};

static int64_t now(const struct kl_queue *queue)
{
	return kl_clock_wall_ms(queue->clock);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

void kl_queue_set_limits(struct kl_queue *queue, const struct kl_queue_limits *limits)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	queue->limits = *limits;
	if (!limits->queued_max)
		queue->limits.queued_max = QUEUED_MAX;
	if (!limits->bytes_max)
		queue->limits.bytes_max = BYTES_MAX;
	if (!limits->in_flight_max)
		queue->limits.in_flight_max = cores > 0 ? (size_t)cores : 1;
	if (!limits->user_in_flight_max)
		queue->limits.user_in_flight_max = 1;
	if (!limits->rate_per_minute)
		queue->limits.rate_per_minute = RATE;
	if (!limits->tries_max)
		queue->limits.tries_max = TRIES_MAX;
}

struct loading {
	struct kl_queue *queue;
	struct waiting *before; /* what this process works on; NULL: nothing */
	struct kl_queue_entry *lost; /* claims nobody works on any more */
	size_t lost_count, lost_capacity;
};

/* It is being worked on, or its result is at hand and will be written again. */
static bool is_ours(const struct loading *loading, const struct kl_queue_entry *row)
{
	const struct entry *entry = loading->before ? waiting_find(loading->before, row->id) : NULL;
	const struct kl_queue *queue = loading->queue;

	for (size_t i = 0; i < queue->ended_count; i++)
		if (queue->ended[i].epoch == row->epoch && !strcmp(queue->ended[i].id, row->id))
			return true;
	return entry && entry->processing && entry->epoch == row->epoch;
}

static void take_row(void *ctx, const struct kl_queue_entry *row)
{
	struct loading *loading = ctx;

	if (row->state == KL_PROCESSING && !is_ours(loading, row)) {
		KL_GROW(loading->lost, loading->lost_count, loading->lost_capacity);
		loading->lost[loading->lost_count] = *row;
		loading->lost[loading->lost_count++].user = kl_strdup(row->user);
		return;
	}
	waiting_add(loading->queue->waiting, row, now(loading->queue));
}

static enum kl_status fail_entry(struct kl_queue *queue, struct kl_queue_entry *row, struct kl_error *err)
{
	row->state = KL_FAILED;
	row->finished_ms = now(queue);
	row->result = NULL;
	row->result_len = 0;
	return kl_store_queue_end(queue->store, row, err);
}

/*
 * After a batch that failed the disk may take nothing yet: the entry waits in memory, and its row says so when it is claimed
 * again, or when the server starts anew.
 */
static void wait_again(struct kl_queue *queue, struct kl_queue_entry *row)
{
	row->state = KL_QUEUED;
	row->started_ms = 0;
	waiting_add(queue->waiting, row, now(queue));
}

static enum kl_status take_back(struct kl_queue *queue, struct kl_queue_entry *row, struct kl_error *err)
{
	enum kl_status status;

	if (row->tries >= queue->limits.tries_max)
		return fail_entry(queue, row, err);
	row->state = KL_QUEUED;
	row->started_ms = 0;
	status = kl_store_queue_move(queue->store, row, err);
	if (!status)
		waiting_add(queue->waiting, row, now(queue));
	return status;
}

static enum kl_status load(struct kl_queue *queue, struct waiting *before, struct kl_error *err)
{
	struct loading loading = { .queue = queue, .before = before };
	enum kl_status status;

	if (!(status = kl_store_queue_newest(&queue->newest, queue->store, err)))
		status = kl_store_queue_open_rows(queue->store, take_row, &loading, err);
	for (size_t i = 0; i < loading.lost_count; i++) {
		if (before && !status)
			wait_again(queue, &loading.lost[i]);
		else if (!status)
			status = take_back(queue, &loading.lost[i], err);
		free(loading.lost[i].user);
	}
	free(loading.lost);
	return status;
}

enum kl_status kl_queue_open(struct kl_queue **out, struct kl_store *store, const struct kl_clock *clock,
			     const struct kl_queue_limits *limits, struct kl_error *err)
{
	struct kl_queue *queue = kl_calloc(1, sizeof(*queue));
	enum kl_status status;

	queue->store = store;
	queue->clock = clock;
	kl_queue_set_limits(queue, limits);
	queue->waiting = waiting_new();
	status = load(queue, NULL, err);
	if (status) {
		kl_queue_close(queue);
		return status;
	}
	*out = queue;
	return KL_OK;
}

enum kl_status kl_queue_reload(struct kl_queue *queue, struct kl_error *err)
{
	struct waiting *before = queue->waiting;
	enum kl_status status;

	queue->waiting = waiting_new();
	status = load(queue, before, err);
	waiting_free(status ? queue->waiting : before);
	if (status)
		queue->waiting = before;
	else
		queue->ended_count = 0;
	return status;
}

void kl_queue_committed(struct kl_queue *queue)
{
	queue->ended_count = 0;
}

void kl_queue_close(struct kl_queue *queue)
{
	if (!queue)
		return;
	waiting_free(queue->waiting);
	free(queue->ended);
	free(queue);
}

/* --- adding ------------------------------------------------------------------------------------------------------- */

/* Exams are never held up by a rate. */
static enum kl_status check_rate(struct kl_queue *queue, const struct kl_queue_entry *entry, size_t count,
				 int64_t *retry_ms, struct kl_error *err)
{
	int rate = queue->limits.rate_per_minute;
	struct user *user = waiting_user(queue->waiting, entry->user, now(queue));
	int64_t wait_ms;

	if (rate < 0 || entry->priority == KL_PRIORITY_EXAM)
		return KL_OK;
	if (*entry->user && count > (size_t)rate)
		return kl_fail(err, KL_EINVAL, "%zu executions at once are more than the %d of a minute: send fewer",
			       count, rate);
	wait_ms = user_rate(user, count, (size_t)rate, now(queue));
	if (!wait_ms)
		return KL_OK;
	if (retry_ms)
		*retry_ms = wait_ms;
	return kl_fail(err, KL_EBUSY, "more than %d executions in a minute: try again in %lld s", rate,
		       (long long)(wait_ms + 999) / 1000);
}

/* Is there room for so much more of what this user has, where so much of all that may be is taken? */
static bool fits(size_t more, size_t own, size_t taken, size_t most, bool fair)
{
	size_t left = taken < most ? most - taken : 0;

	return more <= left && (!fair || own + more <= left);
}

/*
 * A user who has sent as much as is still free waits until something of it was done: one alone so gets half of the queue,
 * two a third each, and there is always room for one who comes new.
 */
static bool has_room(struct kl_queue *queue, const struct kl_queue_entry *entries, size_t count)
{
	const struct waiting *waiting = queue->waiting;
	const struct user *user = waiting_user(queue->waiting, entries->user, now(queue));
	bool fair = !queue->limits.unfair && *entries->user && entries->priority != KL_PRIORITY_EXAM;
	size_t own = user->open - user->in_flight, bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += entries[i].body_len;
	return fits(count, own, waiting->queued, queue->limits.queued_max, fair) &&
	       fits(bytes, user->bytes, waiting->bytes, queue->limits.bytes_max, fair);
}

static void prepare(struct kl_queue_entry *entry, int64_t number, int64_t now_ms)
{
	if (!entry->id[0])
		kl_id_random(entry->id);
	entry->number = number;
	entry->created_ms = now_ms;
	entry->state = KL_QUEUED;
	entry->epoch = entry->tries = entry->outcome = entry->started_ms = entry->finished_ms = 0;
}

enum kl_status kl_queue_add(struct kl_queue *queue, struct kl_queue_entry *entries, size_t count, int64_t *retry_ms,
			    struct kl_error *err)
{
	enum kl_status status;

	if (!count)
		return KL_OK;
	if (!has_room(queue, entries, count))
		return kl_fail(err, KL_EMANY, "queue is full");
	if ((status = check_rate(queue, entries, count, retry_ms, err)))
		return status;
	for (size_t i = 0; i < count; i++)
		prepare(&entries[i], queue->newest + 1 + (int64_t)i, now(queue));
	if ((status = kl_store_queue_add(queue->store, entries, count, err)))
		return status;
	for (size_t i = 0; i < count; i++)
		waiting_add(queue->waiting, &entries[i], now(queue));
	queue->newest += (int64_t)count;
	return KL_OK;
}

struct admission {
	struct kl_queue *queue;
	struct kl_queue_entry *entry;
	kl_queue_with_fn *with;
	void *ctx;
};

static enum kl_status write_admission(const struct admission *admission, struct kl_error *err)
{
	struct kl_queue *queue = admission->queue;
	enum kl_status status = admission->with ? admission->with(admission->ctx, err) : KL_OK;

	if (status)
		return status;
	prepare(admission->entry, queue->newest + 1, now(queue));
	return kl_store_queue_add(queue->store, admission->entry, 1, err);
}

enum kl_status kl_queue_admit(struct kl_queue *queue, struct kl_queue_entry *entry, kl_queue_with_fn *with, void *ctx,
			      struct kl_error *err)
{
	const struct admission admission = { queue, entry, with, ctx };
	enum kl_status status = kl_store_part_begin(queue->store, err);

	if (status || (status = kl_store_part_end(queue->store, write_admission(&admission, err), err)))
		return status;
	waiting_add(queue->waiting, entry, now(queue));
	queue->newest++;
	return KL_OK;
}

/* --- working ------------------------------------------------------------------------------------------------------ */

/* The row of entry as it would stand in state, for the store. */
static struct kl_queue_entry row_of(const struct entry *entry, enum kl_queue_state state)
{
	struct kl_queue_entry row = {
		.state = state, .epoch = entry->epoch, .tries = entry->tries, .started_ms = entry->started_ms
	};

	memcpy(row.id, entry->id, sizeof(row.id));
	return row;
}

enum kl_status kl_queue_claim(struct kl_queue_entry *out, struct kl_queue *queue, struct kl_error *err)
{
	struct entry *entry = NULL;
	struct kl_queue_entry row, full;
	enum kl_status status;

	if (queue->waiting->processing < queue->limits.in_flight_max)
		entry = waiting_next(queue->waiting, queue->limits.user_in_flight_max);
	if (!entry)
		return kl_fail(err, KL_ENOENT, "nothing is to be done now");
	row = row_of(entry, KL_PROCESSING);
	row.epoch++;
	row.tries++;
	row.started_ms = now(queue);
	if ((status = kl_store_queue_get(&full, queue->store, entry->id, err)))
		return status;
	if ((status = kl_store_queue_move(queue->store, &row, err))) {
		kl_queue_entry_release(&full);
		return status;
	}
	waiting_start(queue->waiting, entry);
	entry->epoch = full.epoch = row.epoch;
	entry->tries = full.tries = row.tries;
	entry->started_ms = full.started_ms = row.started_ms;
	full.state = KL_PROCESSING;
	*out = full;
	return KL_OK;
}

/* The entry that this claim is the newest of; NULL, and err says so, when there is none. */
static struct entry *find_claim(const struct kl_queue *queue, const char *id, int64_t epoch, struct kl_error *err)
{
	struct entry *entry = waiting_find(queue->waiting, id);

	if (entry && entry->processing && entry->epoch == epoch)
		return entry;
	kl_fail(err, KL_ECONFLICT, "the claim on '%s' is an old one: its result is dropped", id);
	return NULL;
}

/* The claim has ended, unless the batch fails. */
static void drop_claim(struct kl_queue *queue, struct entry *entry)
{
	if (kl_store_in_batch(queue->store)) {
		KL_GROW(queue->ended, queue->ended_count, queue->ended_capacity);
		memcpy(queue->ended[queue->ended_count].id, entry->id, sizeof(entry->id));
		queue->ended[queue->ended_count++].epoch = entry->epoch;
	}
	waiting_drop(queue->waiting, entry);
}

/* An eighth of each new time: a class moves on from quick challenges to slow ones within minutes. */
static void learn(struct kl_queue *queue, int64_t run_ms)
{
	run_ms = run_ms < 1 ? 1 : run_ms;
	queue->mean_run_ms = queue->mean_run_ms ? (7 * queue->mean_run_ms + run_ms + 4) / 8 : run_ms;
}

enum kl_status kl_queue_finish(struct kl_queue *queue, const char *id, int64_t epoch, enum kl_queue_state state,
			       int64_t outcome, const char *result, size_t result_len, struct kl_error *err)
{
	struct entry *entry = find_claim(queue, id, epoch, err);
	struct kl_queue_entry row;
	enum kl_status status;

	if (!entry)
		return KL_ECONFLICT;
	row = row_of(entry, state);
	row.outcome = outcome;
	row.finished_ms = now(queue);
	row.result = (char *)(uintptr_t)result; /* borrowed for the call */
	row.result_len = result_len;
	if ((status = kl_store_queue_end(queue->store, &row, err)))
		return status;
	learn(queue, row.finished_ms - entry->started_ms);
	drop_claim(queue, entry);
	return KL_OK;
}

enum kl_status kl_queue_settle(struct kl_queue *queue, const char *id, int64_t epoch, kl_queue_with_fn *with, void *ctx,
			       struct kl_error *err)
{
	struct entry *entry = find_claim(queue, id, epoch, err);
	enum kl_status status;

	if (!entry)
		return KL_ECONFLICT;
	if ((status = kl_store_part_begin(queue->store, err)))
		return status;
	status = with(ctx, err);
	if (!status)
		status = kl_store_queue_remove(queue->store, id, err);
	if ((status = kl_store_part_end(queue->store, status, err)))
		return status;
	learn(queue, now(queue) - entry->started_ms);
	drop_claim(queue, entry);
	return KL_OK;
}

static enum kl_status put_back(struct kl_queue *queue, struct entry *entry, struct kl_error *err)
{
	struct kl_queue_entry row = row_of(entry, KL_QUEUED);
	enum kl_status status;

	row.started_ms = 0;
	if (!(status = kl_store_queue_move(queue->store, &row, err)))
		waiting_stop(queue->waiting, entry);
	return status;
}

enum kl_status kl_queue_requeue(struct kl_queue *queue, const char *id, int64_t epoch, struct kl_error *err)
{
	struct entry *entry = find_claim(queue, id, epoch, err);
	struct kl_queue_entry row;
	enum kl_status status;

	if (!entry)
		return KL_ECONFLICT;
	if (entry->tries >= queue->limits.tries_max) {
		row = row_of(entry, KL_FAILED);
		if (!(status = fail_entry(queue, &row, err)))
			waiting_drop(queue->waiting, entry);
		return status;
	}
	return put_back(queue, entry, err);
}

enum kl_status kl_queue_postpone(struct kl_queue *queue, const char *id, int64_t epoch, struct kl_error *err)
{
	struct entry *entry = find_claim(queue, id, epoch, err);
	enum kl_status status;

	if (!entry)
		return KL_ECONFLICT;
	entry->tries--;
	status = put_back(queue, entry, err);
	entry->tries += status != KL_OK;
	return status;
}

enum kl_status kl_queue_cancel(struct kl_queue *queue, const char *id, struct kl_error *err)
{
	struct entry *entry = waiting_find(queue->waiting, id);
	struct kl_queue_entry row;
	enum kl_status status;

	if (!entry) { /* finished, or never heard of */
		if ((status = kl_store_queue_get(&row, queue->store, id, err)))
			return status;
		kl_queue_entry_release(&row);
		return kl_fail(err, KL_ECONFLICT, "'%s' has ended already", id);
	}
	if (entry->processing)
		return kl_fail(err, KL_ECONFLICT, "'%s' is being worked on", id);
	row = row_of(entry, KL_CANCELLED);
	row.finished_ms = now(queue);
	if (!(status = kl_store_queue_end(queue->store, &row, err)))
		waiting_drop(queue->waiting, entry);
	return status;
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

enum kl_status kl_queue_get(struct kl_queue_entry *out, struct kl_queue *queue, const char *id, struct kl_error *err)
{
	enum kl_status status = kl_store_queue_get(out, queue->store, id, err);

	if (status || out->kind != KL_QUEUE_CLASS)
		return status;
	kl_queue_entry_release(out);
	return kl_fail(err, KL_ENOENT, "there is no submission '%s'", id);
}

enum kl_status kl_queue_list(struct kl_queue_entry *rows, size_t *count, size_t skip, size_t bytes_max,
			     struct kl_queue *queue, struct kl_error *err)
{
	return kl_store_queue_list(rows, count, skip, bytes_max, queue->store, err);
}

enum kl_status kl_queue_remove(struct kl_queue *queue, const char *id, struct kl_error *err)
{
	struct kl_queue_entry row;
	enum kl_status status;

	if (waiting_find(queue->waiting, id))
		return kl_fail(err, KL_ECONFLICT, "'%s' has not ended yet", id);
	if ((status = kl_store_queue_get(&row, queue->store, id, err)))
		return status;
	kl_queue_entry_release(&row);
	return kl_store_queue_remove(queue->store, id, err);
}

static int64_t estimate(const struct kl_queue *queue, int64_t ahead)
{
	int64_t run_ms = queue->mean_run_ms ? queue->mean_run_ms : FIRST_GUESS;

	return (ahead + (int64_t)queue->waiting->processing) * run_ms / (int64_t)queue->limits.in_flight_max + run_ms;
}

int64_t kl_queue_position(const struct kl_queue *queue, const char *id, int64_t *estimate_ms)
{
	const struct entry *entry = waiting_find(queue->waiting, id);
	int64_t ahead;

	if (!entry || entry->processing)
		return -1;
	ahead = (int64_t)waiting_ahead(queue->waiting, entry);
	if (estimate_ms)
		*estimate_ms = estimate(queue, ahead);
	return ahead;
}

void kl_queue_places(const struct kl_queue *queue, struct kl_queue_place *places, size_t count)
{
	struct sought *sought = kl_calloc(count + 1, sizeof(*sought));
	const struct entry *entry;
	size_t waits = 0;

	for (size_t i = 0; i < count; i++) {
		entry = waiting_find(queue->waiting, places[i].id);
		places[i].ahead = -1;
		if (entry && !entry->processing)
			sought[waits++] = (struct sought){ .entry = entry, .at = i };
	}
	waiting_places(queue->waiting, sought, waits);
	for (size_t i = 0; i < waits; i++) {
		places[sought[i].at].ahead = (int64_t)sought[i].ahead;
		places[sought[i].at].estimate_ms = estimate(queue, (int64_t)sought[i].ahead);
	}
	free(sought);
}

bool kl_queue_has(const struct kl_queue *queue, const char *id)
{
	return waiting_find(queue->waiting, id) != NULL;
}

size_t kl_queue_open_of(struct kl_queue *queue, const char *user)
{
	return waiting_user(queue->waiting, user, now(queue))->open;
}

void kl_queue_counts(struct kl_queue_counts *out, const struct kl_queue *queue)
{
	int64_t oldest_ms = waiting_oldest_ms(queue->waiting);

	*out = (struct kl_queue_counts){ .queued = queue->waiting->queued,
					 .processing = queue->waiting->processing,
					 .oldest_wait_ms = oldest_ms ? now(queue) - oldest_ms : 0,
					 .mean_run_ms = queue->mean_run_ms,
					 .walked = queue->waiting->walked };
}
