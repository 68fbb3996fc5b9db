/*
 * Leases: a request's use of a key is counted in the same transaction that chooses the key, and put right when the
 * answer is there. A crash in between counts one use too many.
 */

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/log.h>
#include <kodelab/store.h>

#include "core/keypool/keypool_int.h"

#define WEEK_MS   INT64_C(604800000)
#define TRIES_MAX 8 /* keys that turn out not to open, in one lease */

const char *kl_lease_key(const struct kl_lease *lease)
{
	return lease->secret;
}

const char *kl_lease_key_id(const struct kl_lease *lease)
{
	return lease->key_id;
}

void lease_free(struct kl_lease *lease)
{
	if (!lease)
		return;
	kl_secret_free(lease->secret);
	free(lease->user);
	free(lease);
}

/* --- taking ----------------------------------------------------------------------------------------------------- */

struct taking {
	struct kl_keypool *pool;
	const struct kl_key_want *want;
	struct kl_lease *lease; /* filled */
};

static int64_t next_turn(const struct kl_key_info *keys, size_t count)
{
	int64_t turn = 0;

	for (size_t i = 0; i < count; i++)
		if (keys[i].turn > turn)
			turn = keys[i].turn;
	return turn + 1;
}

/* Writes what was chosen; requests may be negative when a use is given back. */
static enum kl_status count_use(struct kl_keypool *pool, const struct kl_lease *lease, int64_t requests, int64_t failed,
				struct kl_error *err)
{
	struct kl_key_day day = { .day_ms = lease->day_ms, .used = requests, .failed = failed };
	enum kl_status status = KL_OK;

	memcpy(day.key_id, lease->key_id, sizeof(day.key_id));
	if (requests || failed)
		status = kl_store_key_use(pool->store, lease->user, &day, err);
	if (!status && requests && lease->hold_id[0])
		status = kl_store_key_hold_use(pool->store, lease->hold_id, requests, err);
	return status;
}

static enum kl_status take(const struct taking *taking, struct kl_key_info *keys, size_t count, size_t index,
			   struct kl_error *err)
{
	struct kl_lease *lease = taking->lease;
	struct kl_key_info *key = &keys[index];
	enum kl_status status;

	key->turn = next_turn(keys, count);
	key->used_today += taking->want->requests;
	key->used_ever += taking->want->requests;
	memcpy(lease->key_id, key->id, sizeof(lease->key_id));
	lease->day_ms = key->reset_ms;
	lease->requests = taking->want->requests;
	status = kl_store_key_put(taking->pool->store, key, err);
	return status ? status : count_use(taking->pool, lease, lease->requests, 0, err);
}

static enum kl_status choose_and_take(const struct taking *taking, struct kl_key_info *keys, size_t count,
				      struct kl_error *err)
{
	struct kl_keypool *pool = taking->pool;
	const struct kl_key_want *want = taking->want;
	struct choosing choosing = { .keys = keys,
				     .count = count,
				     .want = want,
				     .strategy = pool->strategy,
				     .unfair = pool->unfair,
				     .now_ms = pool_now_ms(pool) };
	const struct kl_key_hold *hold = NULL;
	struct kl_key_hold *holds = NULL;
	enum kl_status status;
	size_t index = 0;

	if ((status = kl_store_key_holds(&holds, &choosing.hold_count, pool->store, want->instance, err)) ||
	    (status = kl_store_key_taken(&choosing.taken, pool->store, want->instance, want->user, err)) ||
	    (status = kl_store_key_takers(&choosing.takers, pool->store, want->instance, want->user,
					  choosing.now_ms - WEEK_MS, err)))
		goto out;
	choosing.holds = holds;
	status = choose_key(&index, &hold, &choosing, err);
	if (status)
		goto out;
	if (hold)
		memcpy(taking->lease->hold_id, hold->id, sizeof(hold->id));
	status = take(taking, keys, count, index, err);
out:
	kl_key_holds_free(holds, choosing.hold_count);
	return status;
}

static enum kl_status take_one(void *ctx, struct kl_error *err)
{
	const struct taking *taking = ctx;
	struct kl_key_info *keys;
	size_t count;
	enum kl_status status = pool_keys(&keys, &count, taking->pool, taking->want->instance, err);

	if (status)
		return status;
	status = choose_and_take(taking, keys, count, err);
	kl_key_infos_free(keys, count);
	return status;
}

struct breaking {
	struct kl_keypool *pool;
	const struct kl_lease *lease;
	const char *why;
};

/* The secret does not open: the use is given back, the key is out until its owner has seen to it. */
static enum kl_status break_key(void *ctx, struct kl_error *err)
{
	const struct breaking *breaking = ctx;
	const struct kl_lease *lease = breaking->lease;
	struct kl_key_info *keys, *key;
	size_t count;
	enum kl_status status = pool_keys(&keys, &count, breaking->pool, NULL, err);

	if (status)
		return status;
	key = pool_find(keys, count, lease->key_id);
	if (key) {
		key->used_today -= key->reset_ms == lease->day_ms ? lease->requests : 0;
		key->used_ever -= lease->requests;
		status = pool_set_state(breaking->pool, key, KL_KEY_INVALID, breaking->why, err);
		if (!status)
			status = kl_store_key_put(breaking->pool->store, key, err);
		if (!status)
			status = count_use(breaking->pool, lease, -lease->requests, 0, err);
	}
	kl_key_infos_free(keys, count);
	return status;
}

/* About this one key, not about the store or the master keys as a whole. */
static bool blames_key(enum kl_status status)
{
	return status == KL_ENOENT || status == KL_ECORRUPT || status == KL_ENOTOOL || status == KL_ECONFLICT;
}

/* *broken: the key that was chosen cannot be opened and is out of the pool now: choose again. */
static enum kl_status lease_once(struct kl_lease **out, bool *broken, struct kl_keypool *pool,
				 const struct kl_key_want *want, struct kl_error *err)
{
	struct kl_lease *lease = kl_calloc(1, sizeof(*lease));
	struct taking taking = { pool, want, lease };
	struct kl_error why = { .message = "" };
	struct breaking breaking = { pool, lease, why.message };
	enum kl_status status;

	*broken = false;
	lease->user = kl_strdup(want->user);
	kl_store_lightly(pool->store, true); /* as each request is counted twice, the loop would often wait */
	status = pool_change(pool, take_one, &taking, err);
	kl_store_lightly(pool->store, false);
	if (!status) {
		status = pool_open_secret(&lease->secret, pool, lease->key_id, &why);
		*broken = blames_key(status);
		if (*broken)
			status = pool_change(pool, break_key, &breaking, err);
		else if (status)
			kl_fail(err, status, "%s", why.message);
	}
	if (status || *broken)
		lease_free(lease);
	else
		*out = lease;
	return status;
}

enum kl_status kl_keypool_lease(struct kl_lease **out, struct kl_keypool *pool, const struct kl_key_want *want,
				struct kl_error *err)
{
	bool broken = true;
	enum kl_status status = KL_OK;

	for (int tries = 0; !status && broken && tries < TRIES_MAX; tries++)
		status = lease_once(out, &broken, pool, want, err);
	if (!status && broken)
		status = kl_fail(err, KL_ENOENT, "no key for '%s' can be opened: 'kodelab keys list' says why",
				 want->instance);
	return status;
}

/* --- settling --------------------------------------------------------------------------------------------------- */

struct settling {
	struct kl_keypool *pool;
	const struct kl_lease *lease;
	const struct kl_key_outcome *outcome;
};

/* The key may be used elsewhere, too: the provider counts better than we do. */
static void take_quota(struct kl_key_info *key, const struct kl_key_outcome *outcome, int64_t now_ms)
{
	int64_t used = outcome->quota_limit - outcome->quota_remaining;

	if (outcome->quota_limit > 0 && key->daily_limit > outcome->quota_limit)
		key->daily_limit = outcome->quota_limit;
	if (outcome->quota_limit > 0 && outcome->quota_remaining >= 0 && used > key->used_today)
		key->used_today = used;
	/* its words for a minute's limit are no news about the day */
	if (outcome->quota_remaining == 0 && outcome->quota_reset_ms > now_ms)
		key->reset_ms = outcome->quota_reset_ms;
}

static enum kl_status exhaust(struct kl_keypool *pool, struct kl_key_info *key, struct kl_error *err)
{
	char when[32], *why;
	enum kl_status status;

	kl_clock_format(key->reset_ms, when, sizeof(when));
	why = kl_format("is used up until %s", when);
	status = pool_set_state(pool, key, KL_KEY_EXHAUSTED, why, err);
	free(why);
	return status;
}

static enum kl_status judge_answer(struct kl_keypool *pool, struct kl_key_info *key,
				   const struct kl_key_outcome *outcome, struct kl_error *err)
{
	switch (outcome->http_status) {
	case 401:
		return pool_set_state(pool, key, KL_KEY_INVALID,
				      "is refused by its provider (401): it is wrong or was withdrawn", err);
	case 403:
		return pool_set_state(pool, key, KL_KEY_SUSPENDED,
				      "may not use this service (403): see your subscription at its provider", err);
	case 429:
		/* without a limit there is no day to be used up, unless the provider says that there is */
		if (outcome->quota_remaining == 0 || (outcome->quota_remaining < 0 && key->daily_limit))
			return exhaust(pool, key, err);
		break;
	default:
		if (outcome->http_status >= 200 && outcome->http_status < 300)
			key->validated_ms = pool_now_ms(pool);
		break;
	}
	if (key->state == KL_KEY_ACTIVE && key->daily_limit && key->used_today >= key->daily_limit)
		return exhaust(pool, key, err);
	return KL_OK;
}

static enum kl_status settle_key(const struct settling *settling, struct kl_key_info *key, struct kl_error *err)
{
	const struct kl_key_outcome *outcome = settling->outcome;
	const struct kl_lease *lease = settling->lease;
	int64_t more = outcome->requests - lease->requests;
	int64_t failed = outcome->http_status >= 400;
	enum kl_status status;

	if (key->reset_ms == lease->day_ms) {
		key->used_today += more;
		if (key->used_today < 0)
			key->used_today = 0;
	}
	key->used_ever += more;
	key->failed_ever += failed;
	if (outcome->http_status)
		take_quota(key, outcome, pool_now_ms(settling->pool));
	if (lease->trial && outcome->http_status >= 200 && outcome->http_status < 300) {
		status = try_take_up(settling->pool, key, err);
		if (status)
			return status;
	}
	status = judge_answer(settling->pool, key, outcome, err);
	if (!status)
		status = count_use(settling->pool, lease, more, failed, err);
	return status ? status : kl_store_key_put(settling->pool->store, key, err);
}

static enum kl_status settle_one(void *ctx, struct kl_error *err)
{
	const struct settling *settling = ctx;
	struct kl_key_info *keys, *key;
	size_t count;
	enum kl_status status = pool_keys(&keys, &count, settling->pool, NULL, err);

	if (status)
		return status;
	key = pool_find(keys, count, settling->lease->key_id);
	if (key) /* else it was removed meanwhile */
		status = settle_key(settling, key, err);
	kl_key_infos_free(keys, count);
	return status;
}

void kl_lease_settle(struct kl_lease *lease, struct kl_keypool *pool, const struct kl_key_outcome *outcome)
{
	struct settling settling = { pool, lease, outcome };
	struct kl_error err;

	kl_store_lightly(pool->store, true);
	if (pool_change(pool, settle_one, &settling, &err))
		kl_log(KL_LOG_WARN, "keys", "the use of key %s could not be put right: %s", lease->key_id, err.message);
	kl_store_lightly(pool->store, false);
	lease_free(lease);
}
