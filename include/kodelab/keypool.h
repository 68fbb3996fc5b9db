#ifndef KODELAB_KEYPOOL_H
#define KODELAB_KEYPOOL_H

/*
 * Keys for judge instances: tokens of the student's own, keys donated to a class, backup keys of the platform. They lie
 * encrypted in the store (kodelab/vault.h), are opened for one request, and wiped.
 *
 * A lease is the right to send one request with one key; whoever takes it settles it, exactly once, with what the
 * provider answered. Usage is counted when the lease is taken (so that a crash can only count too much) and put right
 * when it is settled.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/clock.h>
#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_keypool;
struct kl_store;
struct kl_vault;

enum kl_key_state { KL_KEY_ACTIVE, KL_KEY_EXHAUSTED, KL_KEY_INVALID, KL_KEY_SUSPENDED };
enum kl_key_share { KL_KEY_PRIVATE, KL_KEY_POOL, KL_KEY_BACKUP };
enum kl_key_strategy { KL_KEYS_OWNER_FIRST, KL_KEYS_LEAST_USED, KL_KEYS_ROUND_ROBIN, KL_KEYS_RANDOM };
enum kl_key_purpose { KL_PURPOSE_RUN, KL_PURPOSE_SUBMIT, KL_PURPOSE_EXAM, KL_PURPOSE_VALIDATE };

struct kl_key_info { /* what may be shown: never the key itself */
	char id[KL_ID_SIZE];
	char *instance; /* name of the judge instance it opens */
	char *owner; /* user id; "" in the lab */
	char *label;
	char last4[8]; /* for its owner's eyes; UTF-8 */
	enum kl_key_state state;
	enum kl_key_share share;
	int64_t daily_limit, reserve; /* requests; limit 0: unlimited (a self-hosted instance's token) */
	int64_t used_today, used_ever, failed_ever;
	int64_t reset_ms; /* when used_today returns to 0: the provider's midnight */
	char zone[64]; /* the provider's, "UTC" by default: IANA name */
	int64_t added_ms, validated_ms, consented_ms;
	char *why; /* why it is not ACTIVE; "" else */
};

struct kl_key_want {
	const char *instance;
	const char *user; /* "" in the lab */
	enum kl_key_purpose purpose;
	int64_t requests; /* expected cost, at least 1 */
	const char *not_id; /* a key that has just failed; NULL */
};

struct kl_lease; /* one request's use of one key */

/* What the provider said. Quota fields -1: not said. */
struct kl_key_outcome {
	int http_status; /* 0: nothing was sent, the use is given back */
	int64_t requests; /* really used */
	int64_t quota_limit, quota_remaining, quota_reset_ms; /* reset: wall time */
};

/* vault and store are borrowed and must outlive the pool. */
enum kl_status kl_keypool_open(struct kl_keypool **out, struct kl_store *store, struct kl_vault *vault,
			       const struct kl_clock *clock, enum kl_key_strategy strategy,
			       struct kl_error *err) KL_MUST_CHECK;
void kl_keypool_close(struct kl_keypool *pool);

/*
 * KL_ENOENT: no key for this instance at all ("add one: kodelab keys add …") · KL_EFULL: all are exhausted until the
 * time the sentence names · KL_EDENIED: this user's fair share of today is used up.
 */
enum kl_status kl_keypool_lease(struct kl_lease **out, struct kl_keypool *pool, const struct kl_key_want *want,
				struct kl_error *err) KL_MUST_CHECK;
const char *kl_lease_key(const struct kl_lease *lease); /* the secret: hand it to kl_http as a secret header only */
const char *kl_lease_key_id(const struct kl_lease *lease);
/* Counts, changes the key's state (401: INVALID, 403: SUSPENDED, 429: EXHAUSTED), wipes and frees the lease. */
void kl_lease_settle(struct kl_lease *lease, struct kl_keypool *pool, const struct kl_key_outcome *outcome);

#endif
