#ifndef KODELAB_KEYPOOL_H
#define KODELAB_KEYPOOL_H

/*
 * Keys for judge instances: tokens of the student's own, keys donated to a class, backup keys of the platform. They lie
 * encrypted in the store (kodelab/vault.h), are opened for one request, and wiped.
 *
 * A lease is the right to send one request with one key; whoever takes it settles it, exactly once, with what the
 * provider answered. Usage is counted when the lease is taken (so that a crash can only count too much) and put right
 * when it is settled. It does not wait for the disk: a power cut may forget the last uses.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/clock.h>
#include <kodelab/error.h>
#include <kodelab/id.h>
#include <kodelab/store_keys.h>

struct kl_keypool;
struct kl_store;
struct kl_vault;

#define KL_KEY_LIMIT   50 /* requests a day, unless said otherwise */
#define KL_KEY_RESERVE 5 /* of them kept for the owner's own submits and for exams */

enum kl_key_strategy { KL_KEYS_OWNER_FIRST, KL_KEYS_LEAST_USED, KL_KEYS_ROUND_ROBIN, KL_KEYS_RANDOM };
enum kl_key_purpose { KL_PURPOSE_RUN, KL_PURPOSE_SUBMIT, KL_PURPOSE_EXAM, KL_PURPOSE_VALIDATE };

struct kl_key_want {
	const char *instance;
	const char *user; /* "" in the lab */
	enum kl_key_purpose purpose;
	int64_t requests; /* expected cost, at least 1 */
	const char *not_id; /* a key that has just failed; NULL */
	const char *exam; /* EXAM: whose reservation it uses; NULL: the first one open now */
};

struct kl_lease; /* one request's use of one key */

/* What the provider said. Quota fields -1: not said. */
struct kl_key_outcome {
	int http_status; /* 0: no answer came */
	int64_t requests; /* really sent, whatever came of them; 0: the use is given back */
	int64_t quota_limit, quota_remaining, quota_reset_ms; /* reset: wall time */
};

/* vault and store are borrowed and must outlive the pool. */
enum kl_status kl_keypool_open(struct kl_keypool **out, struct kl_store *store, struct kl_vault *vault,
			       const struct kl_clock *clock, enum kl_key_strategy strategy,
			       struct kl_error *err) KL_MUST_CHECK;
void kl_keypool_close(struct kl_keypool *pool);
/* From the next lease on. fair (the default): the last half of a day is divided, see kl_keypool_lease. */
void kl_keypool_set_rules(struct kl_keypool *pool, enum kl_key_strategy strategy, bool fair);

/* ---- use ---- */

/*
 * Of the user's own keys and those of the pool, by the strategy; backup keys when nothing else is left. Own keys come
 * first with OWNER_FIRST. The last `reserve` requests of a key's day are for exams and its owner's submits alone.
 * KL_ENOENT: no key for this instance at all ("add one: kodelab keys add …"), or none that works · KL_EMANY: all are
 * exhausted until the time the sentence names, or what is left is kept for an exam · KL_EDENIED: this user's fair share
 * of today is used up: once half of the pool's day is gone, everybody who used it in the last week has an equal part.
 */
enum kl_status kl_keypool_lease(struct kl_lease **out, struct kl_keypool *pool, const struct kl_key_want *want,
				struct kl_error *err) KL_MUST_CHECK;
const char *kl_lease_key(const struct kl_lease *lease); /* the secret: hand it to kl_http as a secret header only */
const char *kl_lease_key_id(const struct kl_lease *lease);
/*
 * Counts, changes the key's state (401: INVALID, 403: SUSPENDED, 429: EXHAUSTED, unless the key has no
 * daily limit or the provider says that some of the day's quota is left: then it was asked too fast), wipes and frees the lease.
 */
void kl_lease_settle(struct kl_lease *lease, struct kl_keypool *pool, const struct kl_key_outcome *outcome);

/* ---- the keys of an owner ---- */

struct kl_key_new { /* borrowed for the call */
	const char *instance, *owner, *label; /* label: for its owner; "" */
	const char *secret; /* 1 to 512 visible ASCII characters: it becomes a header */
	enum kl_key_share share;
	int64_t daily_limit, reserve; /* -1: KL_KEY_LIMIT, KL_KEY_RESERVE; limit 0: unlimited */
	const char *zone; /* NULL: "UTC" */
	bool consented; /* its owner has agreed to kl_keypool_consent(share) */
};

/* What its owner agrees to by giving a key; kept with the key and the time. */
const char *kl_keypool_consent(enum kl_key_share share);
/* KL_EDENIED: not consented · KL_EEXIST: the owner has given this key already · KL_EINVAL: what the sentence says. */
enum kl_status kl_keypool_add(char id[KL_ID_SIZE], struct kl_keypool *pool, const struct kl_key_new *key,
			      struct kl_error *err) KL_MUST_CHECK;
/*
 * The keys of one owner, with their last four characters; owner NULL: all keys, without. As they are now: a day that is
 * over counts no more. Freed by kl_key_infos_free.
 */
enum kl_status kl_keypool_list(struct kl_key_info **keys, size_t *count, struct kl_keypool *pool, const char *owner,
			       struct kl_error *err) KL_MUST_CHECK;
/*
 * Below: owner NULL is the platform's own hand; else a key that is not the owner's is KL_ENOENT.
 * remove: the sealed secret is overwritten, the row deleted, the database's log emptied. A lease that is out stays
 * good until it is settled.
 */
enum kl_status kl_keypool_remove(struct kl_keypool *pool, const char *id, const char *owner,
				 struct kl_error *err) KL_MUST_CHECK;
/* Not used until resumed. resume also takes a key up again that failed. */
enum kl_status kl_keypool_suspend(struct kl_keypool *pool, const char *id, const char *owner,
				  struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_keypool_resume(struct kl_keypool *pool, const char *id, const char *owner,
				 struct kl_error *err) KL_MUST_CHECK;
/* To POOL and BACKUP only with a new consent: KL_EDENIED. */
enum kl_status kl_keypool_share(struct kl_keypool *pool, const char *id, const char *owner, enum kl_key_share share,
				bool consented, struct kl_error *err) KL_MUST_CHECK;

/*
 * A new master key: all secrets sealed anew. *sealed: how many; *lost: those whose old master key is not here (they stay
 * as they are). What a crash left half done is ended by kl_keypool_open.
 */
enum kl_status kl_keypool_rotate(size_t *sealed, size_t *lost, struct kl_keypool *pool,
				 struct kl_error *err) KL_MUST_CHECK;
/*
 * Something removed may still stand in the database's log: a batch was open, or another process was reading. Tried again
 * by every remove, and by shred.
 */
bool kl_keypool_traces(const struct kl_keypool *pool);
void kl_keypool_shred(struct kl_keypool *pool);

/* ---- is a key good? ---- */

/*
 * A lease of this very key, whatever its state, that counts no use: for a request that runs nothing (GET /languages). A
 * good answer takes a key up again that had failed, and its owner gets a notice when it is the first one or news.
 * KL_ENOENT: as below · what kl_vault_unseal says when it cannot be opened.
 */
enum kl_status kl_keypool_try(struct kl_lease **out, struct kl_keypool *pool, const char *id, const char *owner,
			      struct kl_error *err) KL_MUST_CHECK;
/* The keys to be tried today: in use, and not known to be good for a day (every good answer to a lease counts). */
enum kl_status kl_keypool_due(struct kl_key_info **keys, size_t *count, struct kl_keypool *pool,
			      struct kl_error *err) KL_MUST_CHECK;

/* ---- exams: quota kept back ---- */

/*
 * In the window, and on the provider's day before it, nobody but this exam gets the last `requests` of the shared keys.
 * An owner's use of his own key always goes first. KL_EINVAL: a window that ends before it begins, or no requests.
 */
enum kl_status kl_keypool_hold(char id[KL_ID_SIZE], struct kl_keypool *pool, const struct kl_key_hold *hold,
			       struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_keypool_holds(struct kl_key_hold **holds, size_t *count, struct kl_keypool *pool,
				struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_keypool_release(struct kl_keypool *pool, const char *id, struct kl_error *err) KL_MUST_CHECK;

/* ---- what its owner should know, and the figures ---- */

/* The owner's unseen notices, which are seen from now on. Freed by kl_key_notices_free. */
enum kl_status kl_keypool_notices(struct kl_key_notice **notices, size_t *count, struct kl_keypool *pool,
				  const char *owner, struct kl_error *err) KL_MUST_CHECK;

struct kl_key_totals { /* of an instance, or of all */
	size_t keys[KL_KEY_STATE_COUNT];
	int64_t limit, used; /* requests of today, of ACTIVE and EXHAUSTED keys with a limit */
	int64_t held; /* for exams, still to come or running */
	bool unlimited; /* one of them has no limit */
	int64_t reset_ms; /* the next time a day ends; 0: none does */
};
/* instance NULL: all; owner NULL: everybody's. */
enum kl_status kl_keypool_totals(struct kl_key_totals *out, struct kl_keypool *pool, const char *instance,
				 const char *owner, struct kl_error *err) KL_MUST_CHECK;
/* Use by key and day since a time, oldest first. free() */
enum kl_status kl_keypool_days(struct kl_key_day **days, size_t *count, struct kl_keypool *pool, int64_t since_ms,
			       struct kl_error *err) KL_MUST_CHECK;

const char *kl_key_state_word(enum kl_key_state state); /* "active": for JSON and lists */
const char *kl_key_share_word(enum kl_key_share share); /* "private" */
bool kl_key_share_read(enum kl_key_share *share, const char *word);
const char *kl_key_event_word(enum kl_key_event event); /* "failed" */
bool kl_key_strategy_read(enum kl_key_strategy *strategy, const char *word); /* "owner-first" */

#endif
