/* The pool: opening it, its days, its words, and sealing everything anew. */

#include <kodelab/alloc.h>
#include <kodelab/store.h>
#include <kodelab/store_class.h>
#include <kodelab/vault.h>

#include "core/keypool/keypool_int.h"

#define DAY_MS INT64_C(86400000)
/* A reset further away than any provider's (a month) was made by a clock that was wrong. */
#define RESET_MAX_MS (40 * DAY_MS)
#define KEPT_MS      (400 * DAY_MS) /* how long uses are remembered */

static const char *const states[] = { "active", "exhausted", "invalid", "suspended" };
static const char *const shares[] = { "private", "pool", "backup" };
static const char *const strategies[] = { "owner-first", "least-used", "round-robin", "random" };
static const char *const events[] = { "failed", "exhausted", "validated" };

const char *kl_key_state_word(enum kl_key_state state)
{
	return (size_t)state < KL_LENGTH(states) ? states[state] : "unknown";
}

const char *kl_key_share_word(enum kl_key_share share)
{
	return (size_t)share < KL_LENGTH(shares) ? shares[share] : "unknown";
}

const char *kl_key_event_word(enum kl_key_event event)
{
	return (size_t)event < KL_LENGTH(events) ? events[event] : "unknown";
}

bool kl_key_share_read(enum kl_key_share *share, const char *word)
{
	for (size_t i = 0; i < KL_LENGTH(shares); i++)
		if (!strcmp(shares[i], word)) {
			*share = (enum kl_key_share)i;
			return true;
		}
	return false;
}

bool kl_key_strategy_read(enum kl_key_strategy *strategy, const char *word)
{
	for (size_t i = 0; i < KL_LENGTH(strategies); i++)
		if (!strcmp(strategies[i], word)) {
			*strategy = (enum kl_key_strategy)i;
			return true;
		}
	return false;
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

enum kl_status kl_keypool_open(struct kl_keypool **out, struct kl_store *store, struct kl_vault *vault,
			       const struct kl_clock *clock, enum kl_key_strategy strategy, struct kl_error *err)
{
	struct kl_keypool *pool = kl_calloc(1, sizeof(*pool));
	enum kl_status status = KL_OK;
	size_t sealed, lost;

	*pool = (struct kl_keypool){ .store = store, .vault = vault, .clock = *clock, .strategy = strategy };
	if (kl_vault_rotating(vault)) /* stopped in the middle; whoever began it without us ends it as well */
		status = kl_keypool_rotate(&sealed, &lost, pool, err);
	if (status) {
		kl_keypool_close(pool);
		return status;
	}
	*out = pool;
	return KL_OK;
}

void kl_keypool_close(struct kl_keypool *pool)
{
	if (pool && pool->traces) /* failing again, it is left to the last one who closes the store */
		pool->traces = kl_store_keys_shred(pool->store, NULL) != KL_OK;
	free(pool);
}

void kl_keypool_set_rules(struct kl_keypool *pool, enum kl_key_strategy strategy, bool fair)
{
	pool->strategy = strategy;
	pool->unfair = !fair;
}

int64_t pool_now_ms(const struct kl_keypool *pool)
{
	return kl_clock_wall_ms(&pool->clock);
}

enum kl_status pool_change(struct kl_keypool *pool, kl_store_keys_fn *fn, void *ctx, struct kl_error *err)
{
	return kl_store_keys_change(pool->store, fn, ctx, err);
}

bool kl_keypool_traces(const struct kl_keypool *pool)
{
	return pool->traces;
}

void kl_keypool_shred(struct kl_keypool *pool)
{
	pool->traces = kl_store_keys_shred(pool->store, NULL) != KL_OK;
}

/* --- days ------------------------------------------------------------------------------------------------------- */

/* A zone that this system no longer knows counts as UTC: a day is begun either way. */
static int64_t midnight_after(const char *name, int64_t now_ms)
{
	struct kl_zone *zone;
	int64_t midnight_ms;

	if (kl_zone_open(&zone, name, NULL) && kl_zone_open(&zone, "UTC", NULL))
		return now_ms + DAY_MS;
	midnight_ms = kl_zone_next_midnight_ms(zone, now_ms);
	kl_zone_close(zone);
	return midnight_ms;
}

static void begin_day(struct kl_key_info *key, int64_t now_ms)
{
	key->used_today = 0;
	key->reset_ms = midnight_after(key->zone, now_ms);
	if (key->state != KL_KEY_EXHAUSTED)
		return;
	key->state = KL_KEY_ACTIVE;
	free(key->why);
	key->why = kl_strdup("");
}

enum kl_status pool_keys(struct kl_key_info **keys, size_t *count, struct kl_keypool *pool, const char *instance,
			 struct kl_error *err)
{
	int64_t now_ms = pool_now_ms(pool);
	struct kl_key_info *rows;
	bool begun = false;
	size_t found;
	enum kl_status status = kl_store_keys(&rows, &found, pool->store, instance, err);

	if (status)
		return status;
	for (size_t i = 0; !status && i < found; i++) {
		if (now_ms < rows[i].reset_ms && rows[i].reset_ms - now_ms < RESET_MAX_MS)
			continue;
		begin_day(&rows[i], now_ms);
		status = kl_store_key_put(pool->store, &rows[i], err);
		begun = true;
	}
	if (!status && begun)
		status = kl_store_key_uses_forget(pool->store, now_ms - KEPT_MS, err);
	if (status) {
		kl_key_infos_free(rows, found);
		return status;
	}
	*keys = rows;
	*count = found;
	return KL_OK;
}

struct kl_key_info *pool_find(struct kl_key_info *keys, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(keys[i].id, id))
			return &keys[i];
	return NULL;
}

enum kl_status pool_find_owned(struct kl_key_info **key, struct kl_key_info *keys, size_t count, const char *id,
			       const char *owner, struct kl_error *err)
{
	*key = pool_find(keys, count, id);
	if (*key && (!owner || !strcmp((*key)->owner, owner)))
		return KL_OK;
	return kl_fail(err, KL_ENOENT, "there is no key '%s': 'kodelab keys list' shows yours", id);
}

/* --- secrets ---------------------------------------------------------------------------------------------------- */

char *pool_context(const char *id)
{
	return kl_format("judge key %s", id);
}

enum kl_status pool_open_secret(char **secret, struct kl_keypool *pool, const char *id, struct kl_error *err)
{
	char *context = pool_context(id), *sealed = NULL;
	enum kl_status status = kl_store_key_sealed(&sealed, pool->store, id, err);

	if (!status)
		status = kl_vault_unseal(secret, NULL, pool->vault, sealed, context, err);
	free(sealed);
	free(context);
	return status;
}

struct resealing {
	struct kl_keypool *pool;
	size_t sealed, lost;
};

static enum kl_status reseal_one(struct resealing *resealing, const char *id, struct kl_error *err)
{
	struct kl_keypool *pool = resealing->pool;
	char *context = pool_context(id), *sealed = NULL, *anew = NULL;
	enum kl_status status = kl_store_key_sealed(&sealed, pool->store, id, err);

	if (!status && kl_vault_reseal(&anew, pool->vault, sealed, context, NULL))
		resealing->lost++;
	if (!status && anew) {
		status = kl_store_key_seal(pool->store, id, anew, err);
		resealing->sealed++;
	}
	free(anew);
	free(sealed);
	free(context);
	return status;
}

static enum kl_status reseal_text(char **text, struct resealing *resealing, const char *name, bool refresh)
{
	char *context = kl_class_context(name, refresh), *anew = NULL;
	enum kl_status status = kl_vault_reseal(&anew, resealing->pool->vault, *text, context, NULL);

	free(context);
	if (!status && anew) {
		free(*text);
		*text = anew;
	}
	return status;
}

/* The tokens of a class server are sealed with the same key. What cannot be opened is a login to be made again. */
static enum kl_status reseal_session(struct resealing *resealing, const char *name, struct kl_error *err)
{
	struct kl_store *store = resealing->pool->store;
	struct kl_class_session session;
	enum kl_status status = kl_store_class_session(&session, store, name, err);

	if (status)
		return status == KL_ENOENT ? KL_OK : status;
	if (reseal_text(&session.token, resealing, name, false) || reseal_text(&session.refresh, resealing, name, true))
		status = kl_store_class_session_drop(store, name, err);
	else
		status = kl_store_class_session_put(store, name, &session, err);
	kl_class_session_release(&session);
	return status;
}

static enum kl_status reseal_sessions(struct resealing *resealing, struct kl_error *err)
{
	struct kl_class_server *servers;
	size_t count;
	enum kl_status status = kl_store_class_servers(&servers, &count, resealing->pool->store, err);

	if (status)
		return status;
	for (size_t i = 0; !status && i < count; i++)
		status = reseal_session(resealing, servers[i].name, err);
	kl_class_servers_free(servers, count);
	return status;
}

/* The list of master keys is read inside the transaction: what others seal after it is of a newer key. */
static enum kl_status reseal_all(void *ctx, struct kl_error *err)
{
	struct resealing *resealing = ctx;
	struct kl_key_info *keys;
	size_t count;
	enum kl_status status = kl_vault_refresh(resealing->pool->vault, err);

	if (status || (status = kl_store_keys(&keys, &count, resealing->pool->store, NULL, err)))
		return status;
	for (size_t i = 0; !status && i < count; i++)
		status = reseal_one(resealing, keys[i].id, err);
	kl_key_infos_free(keys, count);
	return status ? status : reseal_sessions(resealing, err);
}

static enum kl_status end_rotation(struct resealing *resealing, struct kl_error *err)
{
	struct kl_keypool *pool = resealing->pool;
	enum kl_status status = pool_change(pool, reseal_all, resealing, err);

	if (status)
		return status;
	pool->traces = kl_store_keys_shred(pool->store, NULL) != KL_OK;
	return kl_vault_rotate_end(pool->vault, err);
}

enum kl_status kl_keypool_rotate(size_t *sealed, size_t *lost, struct kl_keypool *pool, struct kl_error *err)
{
	struct resealing resealing = { .pool = pool };
	enum kl_status status = KL_OK;

	/* A batch is on the disk only later, and then the old keys must still be there. */
	if (kl_store_in_batch(pool->store))
		return kl_fail(err, KL_EBUSY, "the database is being written: rotate again in a moment");
	if (!kl_vault_rotating(pool->vault)) /* else one was begun: it is ended */
		status = kl_vault_rotate_begin(pool->vault, err);
	if (!status)
		status = end_rotation(&resealing, err);
	if (status)
		return status;
	*sealed = resealing.sealed;
	*lost = resealing.lost;
	return KL_OK;
}

/* --- states and notices ----------------------------------------------------------------------------------------- */

enum kl_status pool_notify(struct kl_keypool *pool, const struct kl_key_info *key, enum kl_key_event event,
			   const char *why, struct kl_error *err)
{
	struct kl_key_notice notice = { .event = event, .at_ms = pool_now_ms(pool), .owner = key->owner };
	enum kl_status status;

	kl_id_new(notice.id, &pool->clock);
	memcpy(notice.key_id, key->id, sizeof(notice.key_id));
	notice.text = kl_format("your key %s%s%sfor '%s' %s", *key->label ? "'" : "", key->label,
				*key->label ? "' " : "", key->instance, why);
	status = kl_store_key_notice_add(pool->store, &notice, err);
	free(notice.text);
	return status;
}

enum kl_status pool_set_state(struct kl_keypool *pool, struct kl_key_info *key, enum kl_key_state state,
			      const char *why, struct kl_error *err)
{
	bool news = key->state != state;

	key->state = state;
	free(key->why);
	key->why = kl_strdup(why);
	if (!news || state == KL_KEY_ACTIVE)
		return KL_OK;
	return pool_notify(pool, key, state == KL_KEY_EXHAUSTED ? KL_KEY_USED_UP : KL_KEY_FAILED, why, err);
}
