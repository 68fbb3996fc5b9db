#ifndef KODELAB_KEYPOOL_INT_H
#define KODELAB_KEYPOOL_INT_H

/*
 * Between the pool's files. Whatever reads a key and then changes it does so in one transaction of the store
 * (pool_change), so that two labs on one database never lend the same request twice.
 */

#include <kodelab/keypool.h>

struct kl_keypool {
	struct kl_store *store; /* borrowed, as vault is */
	struct kl_vault *vault;
	struct kl_clock clock;
	enum kl_key_strategy strategy;
	bool unfair; /* first come, first served */
	bool traces; /* the store's log is to be emptied */
};

struct kl_lease {
	char key_id[KL_ID_SIZE], hold_id[KL_ID_SIZE]; /* hold_id "": none */
	char *user; /* owned */
	char *secret; /* secret memory */
	int64_t requests; /* counted when it was taken */
	int64_t day_ms; /* the end of the key's day then */
	bool trial; /* of kl_keypool_try */
};

/* ---- pool.c ---- */

enum kl_status pool_change(struct kl_keypool *pool, kl_store_keys_fn *fn, void *ctx,
			   struct kl_error *err) KL_MUST_CHECK;
int64_t pool_now_ms(const struct kl_keypool *pool);
/* The keys of an instance (NULL: all); days that are over are begun anew in the rows and in the store. */
enum kl_status pool_keys(struct kl_key_info **keys, size_t *count, struct kl_keypool *pool, const char *instance,
			 struct kl_error *err) KL_MUST_CHECK;
/* The row of an id; NULL: none. */
struct kl_key_info *pool_find(struct kl_key_info *keys, size_t count, const char *id);
/* The same, of this owner (NULL: anybody's): KL_ENOENT. */
enum kl_status pool_find_owned(struct kl_key_info **key, struct kl_key_info *keys, size_t count, const char *id,
			       const char *owner, struct kl_error *err) KL_MUST_CHECK;
/* What a secret is sealed for. Owned by the caller. */
char *pool_context(const char *id);
/* *secret: secret memory. */
enum kl_status pool_open_secret(char **secret, struct kl_keypool *pool, const char *id,
				struct kl_error *err) KL_MUST_CHECK;
/* Sets state and reason of a row (why: copied), and leaves a notice to its owner. Does not write the row. */
enum kl_status pool_set_state(struct kl_keypool *pool, struct kl_key_info *key, enum kl_key_state state,
			      const char *why, struct kl_error *err) KL_MUST_CHECK;
enum kl_status pool_notify(struct kl_keypool *pool, const struct kl_key_info *key, enum kl_key_event event,
			   const char *why, struct kl_error *err) KL_MUST_CHECK;

/* ---- choose.c: which key; looks at rows only ---- */

struct choosing {
	const struct kl_key_info *keys; /* of the instance */
	size_t count;
	const struct kl_key_hold *holds; /* of the instance */
	size_t hold_count;
	const struct kl_key_want *want;
	enum kl_key_strategy strategy;
	bool unfair;
	int64_t now_ms;
	int64_t taken, takers; /* by this user today; how many others share */
};

/* *index: into keys; *hold: what it is charged to, NULL: none. */
enum kl_status choose_key(size_t *index, const struct kl_key_hold **hold, const struct choosing *choosing,
			  struct kl_error *err) KL_MUST_CHECK;

/* ---- lease.c ---- */

void lease_free(struct kl_lease *lease);

/* ---- try.c ---- */

/* A good answer to a trial: row and notice. */
enum kl_status try_take_up(struct kl_keypool *pool, struct kl_key_info *key, struct kl_error *err) KL_MUST_CHECK;

#endif
