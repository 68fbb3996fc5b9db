/*
 * Who is next: the highest priority that somebody may be taken of, within it the user with the fewest runs in flight,
 * among those the one who was served longest ago, of theirs the oldest. A user with a hundred entries so gets every
 * second turn as soon as another one has a single entry.
 */

#include "core/queue/queue_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#define MINUTE_MS 60000

/* --- users -------------------------------------------------------------------------------------------------------- */

static bool is_nobody(const struct user *user)
{
	return !user->name[0];
}

/* FNV-1a: ids and names may come from outside. */
static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261U;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619U;
	return hash;
}

static struct user_bucket *user_bucket_of(const struct waiting *waiting, const char *name)
{
	return (struct user_bucket *)(uintptr_t)&waiting->user_buckets[hash_of(name) & (USER_BUCKETS - 1)];
}

static void free_user(struct waiting *waiting, struct user *user)
{
	TAILQ_REMOVE(&waiting->users, user, link);
	LIST_REMOVE(user, bucket);
	free(user->stamps_ms);
	free(user->name);
	free(user);
}

/* A stamp from the future is of a clock that was set back: it does not count. */
static bool counts(int64_t stamp_ms, int64_t now_ms)
{
	return stamp_ms && stamp_ms <= now_ms && now_ms - stamp_ms < MINUTE_MS;
}

static bool is_remembered(const struct user *user, int64_t now_ms)
{
	for (size_t i = 0; i < user->stamp_room; i++)
		if (counts(user->stamps_ms[i], now_ms))
			return true;
	return false;
}

static struct user *find_user(const struct waiting *waiting, const char *name)
{
	struct user *user = LIST_FIRST(user_bucket_of(waiting, name));

	while (user && strcmp(user->name, name) != 0)
		user = LIST_NEXT(user, bucket);
	return user;
}

static struct user *new_user(struct waiting *waiting, const char *name)
{
	struct user *user = kl_calloc(1, sizeof(*user));

	user->name = kl_strdup(name);
	for (size_t i = 0; i < KL_PRIORITY_COUNT; i++)
		TAILQ_INIT(&user->waiting[i]);
	LIST_INSERT_HEAD(user_bucket_of(waiting, name), user, bucket);
	return user;
}

/* Found users come to the front: the forgotten gather at the end. */
struct user *waiting_user(struct waiting *waiting, const char *name, int64_t now_ms)
{
	struct user *user, *last = TAILQ_LAST(&waiting->users, users);

	if (last && !last->open && !is_remembered(last, now_ms))
		free_user(waiting, last);
	user = find_user(waiting, name);
	if (user)
		TAILQ_REMOVE(&waiting->users, user, link);
	else
		user = new_user(waiting, name);
	TAILQ_INSERT_HEAD(&waiting->users, user, link);
	return user;
}

static void make_room(struct user *user, size_t rate)
{
	if (user->stamp_room == rate)
		return;
	free(user->stamps_ms);
	user->stamps_ms = kl_calloc(rate, sizeof(*user->stamps_ms));
	user->stamp_room = rate;
	user->stamp_next = 0;
}

int64_t user_rate(struct user *user, size_t count, size_t rate, int64_t now_ms)
{
	int64_t *last; /* the stamp that the last of the new ones would overwrite */

	if (is_nobody(user))
		return 0;
	assert(count && count <= rate);
	make_room(user, rate);
	last = &user->stamps_ms[(user->stamp_next + count - 1) % rate];
	if (counts(*last, now_ms))
		return *last + MINUTE_MS - now_ms;
	for (size_t i = 0; i < count; i++) {
		user->stamps_ms[user->stamp_next] = now_ms;
		user->stamp_next = (user->stamp_next + 1) % rate;
	}
	return 0;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

static struct bucket *bucket_of(const struct waiting *waiting, const char *id)
{
	return (struct bucket *)(uintptr_t)&waiting->buckets[hash_of(id) & (BUCKETS - 1)];
}

struct entry *waiting_find(const struct waiting *waiting, const char *id)
{
	struct entry *entry = LIST_FIRST(bucket_of(waiting, id));

	while (entry && strcmp(entry->id, id) != 0)
		entry = LIST_NEXT(entry, bucket);
	return entry;
}

/* Into its place by number: nearly always the end, the front for one that comes back. */
static void take_turn(struct entry *entry)
{
	struct turns *turns = &entry->user->waiting[entry->priority];
	struct entry *before = TAILQ_LAST(turns, turns), *first = TAILQ_FIRST(turns);

	if (first && entry->number < first->number) {
		TAILQ_INSERT_HEAD(turns, entry, turn);
		return;
	}
	while (before && before->number > entry->number)
		before = TAILQ_PREV(before, turns, turn);
	if (before)
		TAILQ_INSERT_AFTER(turns, before, entry, turn);
	else
		TAILQ_INSERT_HEAD(turns, entry, turn);
}

static void begin_to_wait(struct waiting *waiting, struct entry *entry)
{
	take_turn(entry);
	waiting->queued++;
	waiting->bytes += entry->bytes;
	entry->user->bytes += entry->bytes;
}

static void end_to_wait(struct waiting *waiting, struct entry *entry)
{
	TAILQ_REMOVE(&entry->user->waiting[entry->priority], entry, turn);
	waiting->queued--;
	waiting->bytes -= entry->bytes;
	entry->user->bytes -= entry->bytes;
}

struct entry *waiting_add(struct waiting *waiting, const struct kl_queue_entry *row, int64_t now_ms)
{
	struct entry *entry = kl_calloc(1, sizeof(*entry));

	*entry = (struct entry){ .priority = row->priority,
				 .bytes = row->body_len,
				 .number = row->number,
				 .epoch = row->epoch,
				 .tries = row->tries,
				 .created_ms = row->created_ms,
				 .started_ms = row->started_ms,
				 .processing = row->state == KL_PROCESSING,
				 .user = waiting_user(waiting, row->user, now_ms) };
	memcpy(entry->id, row->id, sizeof(entry->id));
	LIST_INSERT_HEAD(bucket_of(waiting, entry->id), entry, bucket);
	entry->user->open++;
	if (entry->processing) {
		entry->user->in_flight++;
		waiting->processing++;
	} else {
		begin_to_wait(waiting, entry);
	}
	return entry;
}

void waiting_start(struct waiting *waiting, struct entry *entry)
{
	end_to_wait(waiting, entry);
	entry->processing = true;
	entry->user->in_flight++;
	entry->user->served = ++waiting->claims;
	waiting->processing++;
}

void waiting_stop(struct waiting *waiting, struct entry *entry)
{
	entry->processing = false;
	entry->user->in_flight--;
	waiting->processing--;
	begin_to_wait(waiting, entry);
}

void waiting_drop(struct waiting *waiting, struct entry *entry)
{
	if (entry->processing) {
		entry->user->in_flight--;
		waiting->processing--;
	} else {
		end_to_wait(waiting, entry);
	}
	entry->user->open--;
	LIST_REMOVE(entry, bucket);
	free(entry);
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

static bool goes_before(const struct user *a, const struct user *b)
{
	if (a->in_flight != b->in_flight)
		return a->in_flight < b->in_flight;
	return a->served < b->served;
}

struct entry *waiting_next(const struct waiting *waiting, size_t user_in_flight_max)
{
	struct user *user, *best;

	for (size_t priority = KL_PRIORITY_COUNT; priority-- > 0;) {
		best = NULL;
		for (user = TAILQ_FIRST(&waiting->users); user; user = TAILQ_NEXT(user, link)) {
			struct entry *head = TAILQ_FIRST(&user->waiting[priority]);

			if (!head || (!is_nobody(user) && user->in_flight >= user_in_flight_max))
				continue;
			if (!best || goes_before(user, best) ||
			    (!goes_before(best, user) && head->number < TAILQ_FIRST(&best->waiting[priority])->number))
				best = user;
		}
		if (best)
			return TAILQ_FIRST(&best->waiting[priority]);
	}
	return NULL;
}

static size_t turns_before(const struct turns *turns, int64_t number)
{
	const struct entry *entry = TAILQ_FIRST(turns);
	size_t count = 0;

	for (; entry && entry->number < number; entry = TAILQ_NEXT(entry, turn))
		count++;
	return count;
}

size_t waiting_ahead(struct waiting *waiting, const struct entry *entry)
{
	const struct user *user;
	size_t ahead = 0;

	for (user = TAILQ_FIRST(&waiting->users); user; user = TAILQ_NEXT(user, link)) {
		ahead += turns_before(&user->waiting[entry->priority], entry->number);
		for (size_t priority = entry->priority + 1; priority < KL_PRIORITY_COUNT; priority++)
			ahead += turns_before(&user->waiting[priority], INT64_MAX);
	}
	waiting->walked += (int64_t)ahead;
	return ahead;
}

/* < 0: a's turn is before b's, turns between users not counted. */
static int compare_turns(const struct entry *a, const struct entry *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static int by_turn(const void *a, const void *b)
{
	return compare_turns(((const struct sought *)a)->entry, ((const struct sought *)b)->entry);
}

/* The first that comes after entry; count: none does. */
static size_t first_after(const struct sought *sought, size_t count, const struct entry *entry)
{
	size_t from = 0, middle;

	while (from < count) {
		middle = from + (count - from) / 2;
		if (compare_turns(entry, sought[middle].entry) < 0)
			count = middle;
		else
			from = middle + 1;
	}
	return from;
}

static void count_turns(struct waiting *waiting, const struct turns *turns, struct sought *sought, size_t count)
{
	const struct entry *entry;
	size_t after;

	for (entry = TAILQ_FIRST(turns); entry; entry = TAILQ_NEXT(entry, turn)) {
		after = first_after(sought, count, entry);
		waiting->walked++;
		if (after == count) /* nobody asked about those behind it */
			break;
		sought[after].ahead++;
	}
}

/* Each entry is counted for the first that it is ahead of; those behind have what those before them have, and more. */
void waiting_places(struct waiting *waiting, struct sought *sought, size_t count)
{
	const struct user *user;

	if (!count)
		return;
	qsort(sought, count, sizeof(*sought), by_turn);
	for (size_t i = 0; i < count; i++)
		sought[i].ahead = 0;
	for (user = TAILQ_FIRST(&waiting->users); user; user = TAILQ_NEXT(user, link))
		for (size_t priority = 0; priority < KL_PRIORITY_COUNT; priority++)
			count_turns(waiting, &user->waiting[priority], sought, count);
	for (size_t i = 1; i < count; i++)
		sought[i].ahead += sought[i - 1].ahead;
}

int64_t waiting_oldest_ms(const struct waiting *waiting)
{
	const struct user *user;
	int64_t oldest_ms = 0;

	for (user = TAILQ_FIRST(&waiting->users); user; user = TAILQ_NEXT(user, link))
		for (size_t priority = 0; priority < KL_PRIORITY_COUNT; priority++) {
			const struct entry *head = TAILQ_FIRST(&user->waiting[priority]);

			if (head && (!oldest_ms || head->created_ms < oldest_ms))
				oldest_ms = head->created_ms;
		}
	return oldest_ms;
}

struct waiting *waiting_new(void)
{
	struct waiting *waiting = kl_calloc(1, sizeof(*waiting));

	TAILQ_INIT(&waiting->users);
	return waiting;
}

void waiting_free(struct waiting *waiting)
{
	struct entry *entry;
	struct user *user;

	if (!waiting)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while ((entry = LIST_FIRST(&waiting->buckets[i])))
			waiting_drop(waiting, entry); /* NOLINT(clang-analyzer-unix.Malloc): it does leave the list */
	while ((user = TAILQ_FIRST(&waiting->users)))
		free_user(waiting, user); /* NOLINT(clang-analyzer-unix.Malloc): the same */
	free(waiting);
}
