/* Is a key good? A lease of one key that counts nothing: its settling says what the answer says. */

#include <kodelab/alloc.h>

#include "core/keypool/keypool_int.h"

#define DAY_MS INT64_C(86400000)

struct trying {
	struct kl_keypool *pool;
	const char *id, *owner;
	struct kl_lease *lease; /* filled */
};

static enum kl_status try_one(void *ctx, struct kl_error *err)
{
	const struct trying *trying = ctx;
	struct kl_key_info *keys, *key;
	size_t count;
	enum kl_status status = pool_keys(&keys, &count, trying->pool, NULL, err);

	if (status)
		return status;
	status = pool_find_owned(&key, keys, count, trying->id, trying->owner, err);
	if (!status)
		status = pool_open_secret(&trying->lease->secret, trying->pool, key->id, err);
	if (!status) {
		memcpy(trying->lease->key_id, key->id, sizeof(key->id));
		trying->lease->user = kl_strdup(key->owner);
		trying->lease->day_ms = key->reset_ms;
	}
	kl_key_infos_free(keys, count);
	return status;
}

enum kl_status kl_keypool_try(struct kl_lease **out, struct kl_keypool *pool, const char *id, const char *owner,
			      struct kl_error *err)
{
	struct kl_lease *lease = kl_calloc(1, sizeof(*lease));
	struct trying trying = { pool, id, owner, lease };
	enum kl_status status;

	lease->trial = true;
	status = pool_change(pool, try_one, &trying, err);
	if (status)
		lease_free(lease);
	else
		*out = lease;
	return status;
}

enum kl_status try_take_up(struct kl_keypool *pool, struct kl_key_info *key, struct kl_error *err)
{
	bool failed = key->state == KL_KEY_INVALID || key->state == KL_KEY_SUSPENDED;
	enum kl_status status = failed ? pool_set_state(pool, key, KL_KEY_ACTIVE, "", err) : KL_OK;

	if (!status && (failed || !key->validated_ms))
		status = pool_notify(pool, key, KL_KEY_VALIDATED, "was tried and works", err);
	return status;
}

enum kl_status kl_keypool_due(struct kl_key_info **keys, size_t *count, struct kl_keypool *pool, struct kl_error *err)
{
	int64_t now_ms = pool_now_ms(pool);
	struct kl_key_info *all;
	size_t found, kept = 0;
	enum kl_status status = kl_keypool_list(&all, &found, pool, NULL, err);

	if (status)
		return status;
	for (size_t i = 0; i < found; i++) {
		if (all[i].state == KL_KEY_ACTIVE && now_ms - all[i].validated_ms >= DAY_MS)
			all[kept++] = all[i];
		else
			kl_key_info_release(&all[i]);
	}
	*keys = all;
	*count = kept;
	return KL_OK;
}
