#ifndef CORE_QUEUE_QUEUE_INT_H
#define CORE_QUEUE_QUEUE_INT_H

/*
 * What is open (waiting or being worked on), in memory: who is next is decided here, without SQL. queue.c keeps it and
 * the store alike.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <kodelab/queue.h>

#define BUCKETS      16384 /* of ids; a power of two */
#define USER_BUCKETS 4096 /* of names; likewise */

struct entry {
	char id[KL_ID_SIZE];
	enum kl_queue_priority priority;
	bool processing;
	size_t bytes; /* of its body */
	int64_t number, epoch, tries, created_ms, started_ms;
	struct user *user;
	TAILQ_ENTRY(entry) turn; /* in user->waiting[priority], by number; not while it is processing */
	LIST_ENTRY(entry) bucket;
};

TAILQ_HEAD(turns, entry);

/* Somebody who has something open, or whose rate still counts. */
struct user {
	char *name; /* "": nobody in particular: no bound and no rate of its own */
	struct turns waiting[KL_PRIORITY_COUNT];
	size_t open, in_flight, bytes; /* bytes: of the bodies that wait */
	int64_t served; /* when it was last given a turn: counts claims, not time */
	int64_t *stamps_ms; /* ring of the newest executions, stamp_room long */
	size_t stamp_room, stamp_next;
	TAILQ_ENTRY(user) link;
	LIST_ENTRY(user) bucket;
};

struct waiting {
	TAILQ_HEAD(users, user) users;
	LIST_HEAD(bucket, entry) buckets[BUCKETS];
	LIST_HEAD(user_bucket, user) user_buckets[USER_BUCKETS];
	size_t queued, processing, bytes;
	int64_t claims; /* ever */
	int64_t walked; /* entries looked at for waiting_ahead and waiting_places, ever */
};

struct sought { /* an entry that waits, and what waiting_places finds */
	const struct entry *entry;
	size_t ahead;
	size_t at; /* the caller's own */
};

struct waiting *waiting_new(void);
void waiting_free(struct waiting *waiting); /* NULL is fine */

/* A user by name, made when unknown. Those with nothing open and nothing remembered are dropped now and then. */
struct user *waiting_user(struct waiting *waiting, const char *name, int64_t now_ms);
struct entry *waiting_find(const struct waiting *waiting, const char *id);
/* Takes up row as waiting, or, processing set, as being worked on. */
struct entry *waiting_add(struct waiting *waiting, const struct kl_queue_entry *row, int64_t now_ms);
void waiting_drop(struct waiting *waiting, struct entry *entry);
/* From waiting to being worked on, and back to its old place. */
void waiting_start(struct waiting *waiting, struct entry *entry);
void waiting_stop(struct waiting *waiting, struct entry *entry);
/* Who is next; NULL: nobody may be taken now. */
struct entry *waiting_next(const struct waiting *waiting, size_t user_in_flight_max);
/* How many are to be taken before entry if nothing new comes, not counting turns between users. */
size_t waiting_ahead(struct waiting *waiting, const struct entry *entry);
/* The same for many, in one walk; sorts them. */
void waiting_places(struct waiting *waiting, struct sought *sought, size_t count);
int64_t waiting_oldest_ms(const struct waiting *waiting); /* created_ms; 0: nothing waits */

/* 0: count executions are within rate a minute and were noted; else how many ms until they would be. */
int64_t user_rate(struct user *user, size_t count, size_t rate, int64_t now_ms);

#endif
