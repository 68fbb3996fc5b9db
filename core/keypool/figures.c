/* What is to be seen of the pool: notices, totals, days; and what exams keep back. */

#include <kodelab/alloc.h>

#include "core/keypool/keypool_int.h"

/* --- notices ---------------------------------------------------------------------------------------------------- */

struct noticing {
	struct kl_keypool *pool;
	const char *owner;
	struct kl_key_notice *notices;
	size_t count;
};

static enum kl_status take_notices(void *ctx, struct kl_error *err)
{
	struct noticing *noticing = ctx;
	struct kl_keypool *pool = noticing->pool;
	enum kl_status status =
		kl_store_key_notices(&noticing->notices, &noticing->count, pool->store, noticing->owner, err);

	for (size_t i = 0; !status && i < noticing->count; i++)
		status = kl_store_key_notice_seen(pool->store, noticing->notices[i].id, pool_now_ms(pool), err);
	return status;
}

enum kl_status kl_keypool_notices(struct kl_key_notice **notices, size_t *count, struct kl_keypool *pool,
				  const char *owner, struct kl_error *err)
{
	struct noticing noticing = { .pool = pool, .owner = owner };
	enum kl_status status = pool_change(pool, take_notices, &noticing, err);

	if (status) {
		kl_key_notices_free(noticing.notices, noticing.count);
		return status;
	}
	*notices = noticing.notices;
	*count = noticing.count;
	return KL_OK;
}

/* --- totals ----------------------------------------------------------------------------------------------------- */

static void add_key(struct kl_key_totals *totals, const struct kl_key_info *key)
{
	totals->keys[key->state]++;
	if (key->state != KL_KEY_ACTIVE && key->state != KL_KEY_EXHAUSTED)
		return;
	totals->unlimited |= !key->daily_limit;
	totals->limit += key->daily_limit;
	totals->used += key->daily_limit ? key->used_today : 0;
	if (!totals->reset_ms || key->reset_ms < totals->reset_ms)
		totals->reset_ms = key->reset_ms;
}

enum kl_status kl_keypool_totals(struct kl_key_totals *out, struct kl_keypool *pool, const char *instance,
				 const char *owner, struct kl_error *err)
{
	struct kl_key_totals totals = { .limit = 0 };
	struct kl_key_hold *holds = NULL;
	struct kl_key_info *keys = NULL;
	size_t count = 0, hold_count = 0;
	enum kl_status status;

	if ((status = kl_keypool_list(&keys, &count, pool, owner, err)) ||
	    (status = kl_store_key_holds(&holds, &hold_count, pool->store, instance, err)))
		goto out;
	for (size_t i = 0; i < count; i++)
		if (!instance || !strcmp(keys[i].instance, instance))
			add_key(&totals, &keys[i]);
	for (size_t i = 0; i < hold_count; i++)
		if (holds[i].to_ms > pool_now_ms(pool) && holds[i].used < holds[i].requests)
			totals.held += holds[i].requests - holds[i].used;
	*out = totals;
out:
	kl_key_infos_free(keys, count);
	kl_key_holds_free(holds, hold_count);
	return status;
}

enum kl_status kl_keypool_days(struct kl_key_day **days, size_t *count, struct kl_keypool *pool, int64_t since_ms,
			       struct kl_error *err)
{
	return kl_store_key_days(days, count, pool->store, since_ms, err);
}

/* --- exams ------------------------------------------------------------------------------------------------------ */

enum kl_status kl_keypool_hold(char id[KL_ID_SIZE], struct kl_keypool *pool, const struct kl_key_hold *hold,
			       struct kl_error *err)
{
	struct kl_key_hold row = *hold;
	enum kl_status status;

	if (hold->to_ms <= hold->from_ms)
		return kl_fail(err, KL_EINVAL, "the exam's window ends before it begins: give a later end");
	if (hold->requests < 1)
		return kl_fail(err, KL_EINVAL, "an exam keeps back at least 1 request: say how many");
	kl_id_new(row.id, &pool->clock);
	status = kl_store_key_hold_add(pool->store, &row, err);
	if (!status)
		memcpy(id, row.id, KL_ID_SIZE);
	return status;
}

enum kl_status kl_keypool_holds(struct kl_key_hold **holds, size_t *count, struct kl_keypool *pool,
				struct kl_error *err)
{
	return kl_store_key_holds(holds, count, pool->store, NULL, err);
}

enum kl_status kl_keypool_release(struct kl_keypool *pool, const char *id, struct kl_error *err)
{
	return kl_store_key_hold_remove(pool->store, id, err);
}
