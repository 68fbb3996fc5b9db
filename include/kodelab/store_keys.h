#ifndef KODELAB_STORE_KEYS_H
#define KODELAB_STORE_KEYS_H

/*
 * The rows behind kodelab/keypool.h, in the lab's store and in the class server's. What a row means and who may change
 * it is the pool's to know; a secret comes here sealed and leaves sealed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>
#include <kodelab/zone.h>

struct kl_store;

/* Numbers are in the database: never changed. */
enum kl_key_state { KL_KEY_ACTIVE, KL_KEY_EXHAUSTED, KL_KEY_INVALID, KL_KEY_SUSPENDED, KL_KEY_STATE_COUNT };
enum kl_key_share { KL_KEY_PRIVATE, KL_KEY_POOL, KL_KEY_BACKUP, KL_KEY_SHARE_COUNT };

struct kl_key_info { /* what may be shown: never the key itself */
	char id[KL_ID_SIZE];
	char *instance; /* name of the judge instance it opens */
	char *owner; /* user id; "" in the lab */
	char *label;
	char last4[8]; /* for its owner's eyes; "": not for yours, or the key is too short to show any */
	enum kl_key_state state;
	enum kl_key_share share;
	int64_t daily_limit, reserve; /* requests; limit 0: unlimited (a self-hosted instance's token) */
	int64_t used_today, used_ever, failed_ever;
	int64_t reset_ms; /* when used_today returns to 0: the provider's midnight */
	char zone[KL_ZONE_NAME_SIZE]; /* the provider's, "UTC" by default: IANA name */
	int64_t added_ms, validated_ms, consented_ms;
	char *why; /* why it is not ACTIVE; "" else */
	bool paused; /* suspended by its owner, whatever the provider says */
	int64_t turn; /* of its last lease: the smallest was used longest ago */
};

void kl_key_info_release(struct kl_key_info *key);
void kl_key_infos_free(struct kl_key_info *keys, size_t count);

/*
 * Runs fn in one transaction (in a batch: as a part of it), kept if it returns KL_OK. fn calls the functions below, and
 * no other of the store.
 */
typedef enum kl_status kl_store_keys_fn(void *ctx, struct kl_error *err);
enum kl_status kl_store_keys_change(struct kl_store *store, kl_store_keys_fn *fn, void *ctx,
				    struct kl_error *err) KL_MUST_CHECK;

/* ---- keys ---- */

/* By instance, oldest first; instance NULL: of all. Freed by kl_key_infos_free. */
enum kl_status kl_store_keys(struct kl_key_info **keys, size_t *count, struct kl_store *store, const char *instance,
			     struct kl_error *err) KL_MUST_CHECK;
/* consent: the text its owner agreed to, at key->consented_ms. */
enum kl_status kl_store_key_add(struct kl_store *store, const struct kl_key_info *key, const char *consent,
				const char *sealed, struct kl_error *err) KL_MUST_CHECK;
/* Everything but id, instance, owner, last4, when it was added, and the consent. */
enum kl_status kl_store_key_put(struct kl_store *store, const struct kl_key_info *key,
				struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_key_consent(struct kl_store *store, const char *id, const char *consent, int64_t at_ms,
				    struct kl_error *err) KL_MUST_CHECK;
/* *sealed: owned by the caller. KL_ENOENT */
enum kl_status kl_store_key_sealed(char **sealed, struct kl_store *store, const char *id,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_key_seal(struct kl_store *store, const char *id, const char *sealed,
				 struct kl_error *err) KL_MUST_CHECK;
/* With its secret, overwritten, its uses and its notices. Old copies may still be in the log: see kl_store_keys_shred. */
enum kl_status kl_store_key_remove(struct kl_store *store, const char *id, struct kl_error *err) KL_MUST_CHECK;
/*
 * Empties the write-ahead log, where what was overwritten or removed may still stand. Not inside a transaction.
 * KL_EBUSY: in a batch, or another process reads: try again later; closing the last store does it, too.
 */
enum kl_status kl_store_keys_shred(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

/* ---- uses: requests of a user by a key on a day, a day being named by its end ---- */

struct kl_key_day {
	char key_id[KL_ID_SIZE];
	int64_t day_ms; /* its end: the key's reset_ms on that day */
	int64_t used, failed;
};

/* Adds, also below zero. */
enum kl_status kl_store_key_use(struct kl_store *store, const char *user, const struct kl_key_day *more,
				struct kl_error *err) KL_MUST_CHECK;
/* Days that ended after since_ms, oldest first, all users together. free() */
enum kl_status kl_store_key_days(struct kl_key_day **days, size_t *count, struct kl_store *store, int64_t since_ms,
				 struct kl_error *err) KL_MUST_CHECK;
/* What a user took today of keys that are not his own. */
enum kl_status kl_store_key_taken(int64_t *used, struct kl_store *store, const char *instance, const char *user,
				  struct kl_error *err) KL_MUST_CHECK;
/* How many other users took of keys that are not their own, on days that ended after since_ms. */
enum kl_status kl_store_key_takers(int64_t *users, struct kl_store *store, const char *instance, const char *user,
				   int64_t since_ms, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_key_uses_forget(struct kl_store *store, int64_t before_ms, struct kl_error *err) KL_MUST_CHECK;

/* ---- holds: requests kept back for an exam ---- */

struct kl_key_hold {
	char id[KL_ID_SIZE];
	char *instance, *exam; /* owned in rows that are read */
	int64_t from_ms, to_ms; /* the exam's window */
	int64_t requests, used;
};

void kl_key_holds_free(struct kl_key_hold *holds, size_t count);
/* By their beginning; instance NULL: of all. Ended ones too. */
enum kl_status kl_store_key_holds(struct kl_key_hold **holds, size_t *count, struct kl_store *store,
				  const char *instance, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_key_hold_add(struct kl_store *store, const struct kl_key_hold *hold,
				     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_key_hold_use(struct kl_store *store, const char *id, int64_t more,
				     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_key_hold_remove(struct kl_store *store, const char *id, struct kl_error *err) KL_MUST_CHECK;

/* ---- notices: what the owner of a key should know, shown once ---- */

enum kl_key_event { KL_KEY_FAILED, KL_KEY_USED_UP, KL_KEY_VALIDATED, KL_KEY_EVENT_COUNT };

struct kl_key_notice {
	char id[KL_ID_SIZE], key_id[KL_ID_SIZE];
	char *owner, *text; /* owned in rows that are read; the sentence */
	enum kl_key_event event;
	int64_t at_ms;
};

void kl_key_notices_free(struct kl_key_notice *notices, size_t count);
enum kl_status kl_store_key_notice_add(struct kl_store *store, const struct kl_key_notice *notice,
				       struct kl_error *err) KL_MUST_CHECK;
/* Those the owner has not seen, oldest first. */
enum kl_status kl_store_key_notices(struct kl_key_notice **notices, size_t *count, struct kl_store *store,
				    const char *owner, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_key_notice_seen(struct kl_store *store, const char *id, int64_t at_ms,
					struct kl_error *err) KL_MUST_CHECK;

#endif
