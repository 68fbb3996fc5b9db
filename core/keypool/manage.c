/* What an owner does with a key: give it, look at it, share it, hold it back, take it away. */

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/vault.h>

#include "core/keypool/keypool_int.h"

#define SECRET_MAX 512
#define NAME_CHARS 64 /* of an instance, a label */
#define SHOWN_MIN  12 /* a shorter key shows nothing of itself */
#define LIMIT_MAX  INT64_C(1000000000)
#define KEYS_MAX   10000
#define OWN_MAX    100

static const char *const consents[] = {
	[KL_KEY_PRIVATE] =
		"My key is kept encrypted and used for my own programs alone. I can take it away at any time; "
		"then it is overwritten.",
	[KL_KEY_POOL] =
		"My key is kept encrypted and used for the programs of everybody in this class, up to its daily "
		"limit, less a reserve for me. My provider may count and charge these requests as mine. Nobody "
		"gets to see the key. I can take it away at any time; then it is overwritten.",
	[KL_KEY_BACKUP] =
		"This key is kept encrypted and used for everybody when no other key is left, up to its daily "
		"limit. Its provider may count and charge these requests as its owner's. Nobody gets to see "
		"the key. It can be taken away at any time; then it is overwritten.",
};

const char *kl_keypool_consent(enum kl_key_share share)
{
	return consents[share];
}

/* --- giving ----------------------------------------------------------------------------------------------------- */

static bool is_name(const char *text, bool may_be_empty)
{
	size_t len = strlen(text);

	if (len > NAME_CHARS || (!len && !may_be_empty))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return true;
}

static bool is_secret(const char *secret)
{
	size_t len = strlen(secret);

	for (size_t i = 0; i < len; i++)
		if (secret[i] < 0x21 || secret[i] > 0x7e)
			return false;
	return len && len <= SECRET_MAX;
}

static enum kl_status check_new(const struct kl_key_new *new, struct kl_error *err)
{
	struct kl_zone *zone = NULL;
	enum kl_status status;

	if (!is_name(new->instance, false))
		return kl_fail(err, KL_EINVAL, "the name of the judge must be 1 to %d characters", NAME_CHARS);
	if (!is_name(new->label, true))
		return kl_fail(err, KL_EINVAL, "the label must be %d characters at most", NAME_CHARS);
	if (!is_secret(new->secret))
		return kl_fail(err, KL_EINVAL,
			       "this is no key: it must be 1 to %d letters, digits and signs without spaces",
			       SECRET_MAX);
	if (new->daily_limit < -1 || new->daily_limit > LIMIT_MAX || new->reserve < -1 || new->reserve > LIMIT_MAX)
		return kl_fail(err, KL_EINVAL, "the daily limit and the reserve must be numbers from 0 to %lld",
			       (long long)LIMIT_MAX);
	if (!new->consented)
		return kl_fail(err, KL_EDENIED,
			       "a key is only taken with its owner's consent: read it and agree, or give --yes");
	status = kl_zone_open(&zone, new->zone ? new->zone : "UTC", err);
	kl_zone_close(zone);
	return status;
}

struct giving {
	struct kl_keypool *pool;
	const struct kl_key_new *new;
	struct kl_key_info key;
};

static bool same_text(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && kl_same_secret(a, b, strlen(a));
}

/* Keys are compared as they are: a hash of one beside it would help to guess a short one. */
static enum kl_status check_not_there(const struct giving *giving, struct kl_error *err)
{
	const struct kl_key_new *new = giving->new;
	struct kl_key_info *keys;
	enum kl_status status;
	bool there = false;
	size_t count, own = 0;

	status = kl_store_keys(&keys, &count, giving->pool->store, new->instance, err);
	if (status)
		return status;
	if (count >= KEYS_MAX)
		status = kl_fail(err, KL_EMANY, "'%s' has %d keys: remove some first", new->instance, KEYS_MAX);
	for (size_t i = 0; !status && !there && i < count; i++) {
		char *secret;

		if (strcmp(keys[i].owner, new->owner) != 0)
			continue;
		own++;
		if (pool_open_secret(&secret, giving->pool, keys[i].id, NULL))
			continue;
		there = same_text(secret, new->secret);
		kl_secret_free(secret);
	}
	kl_key_infos_free(keys, count);
	if (there)
		status = kl_fail(err, KL_EEXIST, "this key for '%s' is there already: 'kodelab keys list' shows it",
				 new->instance);
	else if (!status && own >= OWN_MAX)
		status = kl_fail(err, KL_EMANY, "you have %d keys for '%s': remove one first", OWN_MAX, new->instance);
	return status;
}

/* Sealed inside the transaction, so that a rotation going on elsewhere sees the row or is seen by us. */
static enum kl_status give(void *ctx, struct kl_error *err)
{
	struct giving *giving = ctx;
	struct kl_keypool *pool = giving->pool;
	const struct kl_key_new *new = giving->new;
	char *context = pool_context(giving->key.id), *sealed = NULL;
	enum kl_status status = check_not_there(giving, err);

	if (!status)
		status = kl_vault_seal(&sealed, pool->vault, new->secret, strlen(new->secret), context, err);
	if (!status)
		status = kl_store_key_add(pool->store, &giving->key, consents[new->share], sealed, err);
	free(sealed);
	free(context);
	return status;
}

static void fill(struct kl_key_info *key, const struct kl_key_new *new, const struct kl_clock *clock)
{
	size_t len = strlen(new->secret);

	*key = (struct kl_key_info){
		.instance = kl_strdup(new->instance),
		.owner = kl_strdup(new->owner),
		.label = kl_strdup(new->label),
		.why = kl_strdup(""),
		.share = new->share,
		.daily_limit = new->daily_limit < 0 ? KL_KEY_LIMIT : new->daily_limit,
		.reserve = new->reserve < 0 ? KL_KEY_RESERVE : new->reserve,
		.added_ms = kl_clock_wall_ms(clock),
	};
	if (!key->daily_limit)
		key->reserve = 0;
	else if (new->reserve < 0 && key->reserve > key->daily_limit / 2)
		key->reserve = key->daily_limit / 2;
	key->consented_ms = key->added_ms;
	kl_id_new(key->id, clock);
	snprintf(key->zone, sizeof(key->zone), "%s", new->zone ? new->zone : "UTC");
	if (len >= SHOWN_MIN)
		snprintf(key->last4, sizeof(key->last4), "%s", new->secret + len - 4);
}

enum kl_status kl_keypool_add(char id[KL_ID_SIZE], struct kl_keypool *pool, const struct kl_key_new *new,
			      struct kl_error *err)
{
	struct giving giving = { .pool = pool, .new = new };
	enum kl_status status = check_new(new, err);

	if (status)
		return status;
	fill(&giving.key, new, &pool->clock);
	status = pool_change(pool, give, &giving, err);
	if (!status)
		memcpy(id, giving.key.id, KL_ID_SIZE);
	kl_key_info_release(&giving.key);
	return status;
}

/* --- looking ---------------------------------------------------------------------------------------------------- */

struct listing {
	struct kl_keypool *pool;
	struct kl_key_info *keys;
	size_t count;
};

static enum kl_status list_all(void *ctx, struct kl_error *err)
{
	struct listing *listing = ctx;

	return pool_keys(&listing->keys, &listing->count, listing->pool, NULL, err);
}

/* As people see it: held back by its owner is suspended. */
static void show(struct kl_key_info *key)
{
	if (!key->paused)
		return;
	key->state = KL_KEY_SUSPENDED;
	free(key->why);
	key->why = kl_strdup("is held back by its owner");
}

enum kl_status kl_keypool_list(struct kl_key_info **keys, size_t *count, struct kl_keypool *pool, const char *owner,
			       struct kl_error *err)
{
	struct listing listing = { .pool = pool };
	enum kl_status status = pool_change(pool, list_all, &listing, err);
	size_t kept = 0;

	if (status) {
		kl_key_infos_free(listing.keys, listing.count);
		return status;
	}
	for (size_t i = 0; i < listing.count; i++) {
		struct kl_key_info *key = &listing.keys[i];

		if (owner && strcmp(key->owner, owner) != 0) {
			kl_key_info_release(key);
			continue;
		}
		if (!owner)
			key->last4[0] = '\0';
		show(key);
		listing.keys[kept++] = *key;
	}
	*keys = listing.keys;
	*count = kept;
	return KL_OK;
}

/* --- changing --------------------------------------------------------------------------------------------------- */

struct change {
	struct kl_keypool *pool;
	const char *id, *owner;
	enum kl_key_share share;
	/* What is done to the row; the row is written afterwards. */
	enum kl_status (*act)(const struct change *change, struct kl_key_info *key, struct kl_error *err);
};

static enum kl_status change_one(void *ctx, struct kl_error *err)
{
	const struct change *change = ctx;
	struct kl_key_info *keys, *key;
	size_t count;
	enum kl_status status = pool_keys(&keys, &count, change->pool, NULL, err);

	if (status)
		return status;
	status = pool_find_owned(&key, keys, count, change->id, change->owner, err);
	if (!status)
		status = change->act(change, key, err);
	kl_key_infos_free(keys, count);
	return status;
}

static enum kl_status act_remove(const struct change *change, struct kl_key_info *key, struct kl_error *err)
{
	return kl_store_key_remove(change->pool->store, key->id, err);
}

static enum kl_status act_suspend(const struct change *change, struct kl_key_info *key, struct kl_error *err)
{
	key->paused = true;
	return kl_store_key_put(change->pool->store, key, err);
}

static enum kl_status act_resume(const struct change *change, struct kl_key_info *key, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	key->paused = false;
	if (key->state == KL_KEY_INVALID || key->state == KL_KEY_SUSPENDED)
		status = pool_set_state(change->pool, key, KL_KEY_ACTIVE, "", err);
	return status ? status : kl_store_key_put(change->pool->store, key, err);
}

static enum kl_status act_share(const struct change *change, struct kl_key_info *key, struct kl_error *err)
{
	enum kl_status status;

	key->share = change->share;
	status = kl_store_key_put(change->pool->store, key, err);
	if (status || change->share == KL_KEY_PRIVATE)
		return status;
	return kl_store_key_consent(change->pool->store, key->id, consents[change->share], pool_now_ms(change->pool),
				    err);
}

enum kl_status kl_keypool_remove(struct kl_keypool *pool, const char *id, const char *owner, struct kl_error *err)
{
	struct change change = { .pool = pool, .id = id, .owner = owner, .act = act_remove };
	enum kl_status status = pool_change(pool, change_one, &change, err);

	if (!status)
		pool->traces = kl_store_keys_shred(pool->store, NULL) != KL_OK;
	return status;
}

enum kl_status kl_keypool_suspend(struct kl_keypool *pool, const char *id, const char *owner, struct kl_error *err)
{
	struct change change = { .pool = pool, .id = id, .owner = owner, .act = act_suspend };

	return pool_change(pool, change_one, &change, err);
}

enum kl_status kl_keypool_resume(struct kl_keypool *pool, const char *id, const char *owner, struct kl_error *err)
{
	struct change change = { .pool = pool, .id = id, .owner = owner, .act = act_resume };

	return pool_change(pool, change_one, &change, err);
}

enum kl_status kl_keypool_share(struct kl_keypool *pool, const char *id, const char *owner, enum kl_key_share share,
				bool consented, struct kl_error *err)
{
	struct change change = { .pool = pool, .id = id, .owner = owner, .share = share, .act = act_share };

	if (share != KL_KEY_PRIVATE && !consented)
		return kl_fail(err, KL_EDENIED,
			       "a key is only shared with its owner's consent: read it and agree, or give --yes");
	return pool_change(pool, change_one, &change, err);
}
