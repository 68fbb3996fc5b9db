/*
 * Which key serves a request. Words: a key is own when the user is its owner; its room is what is left of its day for
 * this purpose; a hold is what is kept back for an exam. Rows in, an index out: nothing here writes.
 */

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#include "core/keypool/keypool_int.h"

/* Why a key is passed over; the largest is what the user is told. */
enum refusal { REFUSED_NOT_SEEN, REFUSED_BROKEN, REFUSED_EMPTY, REFUSED_HELD, REFUSED_SHARE, FIT };

static bool is_own(const struct kl_key_info *key, const struct kl_key_want *want)
{
	return !strcmp(key->owner, want->user);
}

static bool is_shared(const struct kl_key_info *key)
{
	return key->share != KL_KEY_PRIVATE;
}

static bool works(const struct kl_key_info *key)
{
	return !key->paused && (key->state == KL_KEY_ACTIVE || key->state == KL_KEY_EXHAUSTED);
}

static int64_t room(const struct kl_key_info *key, const struct kl_key_want *want)
{
	bool reserve_is_open = want->purpose == KL_PURPOSE_EXAM || want->purpose == KL_PURPOSE_VALIDATE ||
			       (is_own(key, want) && want->purpose == KL_PURPOSE_SUBMIT);

	if (key->state == KL_KEY_EXHAUSTED)
		return 0;
	if (!key->daily_limit)
		return INT64_MAX;
	return key->daily_limit - key->used_today - (reserve_is_open ? 0 : key->reserve);
}

/* --- exams ------------------------------------------------------------------------------------------------------ */

static bool is_open(const struct kl_key_hold *hold, int64_t now_ms)
{
	return hold->from_ms <= now_ms && now_ms < hold->to_ms;
}

/* What an exam's request is charged to. */
static const struct kl_key_hold *own_hold(const struct choosing *choosing)
{
	const struct kl_key_want *want = choosing->want;

	if (want->purpose != KL_PURPOSE_EXAM)
		return NULL;
	for (size_t i = 0; i < choosing->hold_count; i++)
		if (is_open(&choosing->holds[i], choosing->now_ms) &&
		    (!want->exam || !strcmp(want->exam, choosing->holds[i].exam)))
			return &choosing->holds[i];
	return NULL;
}

/* Does what a key gives today matter to this hold? Not when the exam begins on the key's next day. */
static bool weighs_on(const struct kl_key_hold *hold, const struct kl_key_info *key, const struct choosing *choosing)
{
	return hold != own_hold(choosing) && hold->to_ms > choosing->now_ms && hold->from_ms < key->reset_ms &&
	       hold->used < hold->requests;
}

/* What the shared keys can give between now and a hold's beginning; INT64_MAX: without limit. */
static int64_t shared_left(const struct choosing *choosing, int64_t from_ms)
{
	int64_t left = 0;

	for (size_t i = 0; i < choosing->count; i++) {
		const struct kl_key_info *key = &choosing->keys[i];
		bool fresh = key->reset_ms <= from_ms;

		if (!is_shared(key) || !works(key) || (key->state == KL_KEY_EXHAUSTED && !fresh))
			continue;
		if (!key->daily_limit)
			return INT64_MAX;
		left += key->daily_limit - (fresh ? 0 : key->used_today);
	}
	return left;
}

static bool exams_allow(const struct choosing *choosing, const struct kl_key_info *key)
{
	int64_t held = 0, first_ms = INT64_MAX, left;

	for (size_t i = 0; i < choosing->hold_count; i++) {
		const struct kl_key_hold *hold = &choosing->holds[i];

		if (!weighs_on(hold, key, choosing))
			continue;
		held += hold->requests - hold->used;
		if (hold->from_ms < first_ms)
			first_ms = hold->from_ms;
	}
	left = held ? shared_left(choosing, first_ms) : INT64_MAX;
	return left == INT64_MAX || left - choosing->want->requests >= held;
}

/* --- fairness --------------------------------------------------------------------------------------------------- */

struct share {
	int64_t limit, used; /* of the shared keys today */
	int64_t part; /* of one user */
	bool unlimited;
};

static struct share fair_share(const struct choosing *choosing)
{
	struct share share = { .limit = 0 };

	for (size_t i = 0; i < choosing->count; i++) {
		const struct kl_key_info *key = &choosing->keys[i];

		if (!is_shared(key) || !works(key))
			continue;
		share.unlimited |= !key->daily_limit;
		share.limit += key->daily_limit - key->reserve;
		share.used += key->used_today;
	}
	share.part = share.limit / (choosing->takers + 1);
	if (share.part < 1)
		share.part = 1;
	return share;
}

static bool share_allows(const struct choosing *choosing)
{
	const struct kl_key_want *want = choosing->want;
	struct share share = fair_share(choosing);

	if (choosing->unfair || !*want->user || want->purpose == KL_PURPOSE_EXAM ||
	    want->purpose == KL_PURPOSE_VALIDATE)
		return true;
	return share.unlimited || 2 * (share.used + want->requests) <= share.limit ||
	       choosing->taken + want->requests <= share.part;
}

/* --- choosing --------------------------------------------------------------------------------------------------- */

static enum refusal look_at(const struct choosing *choosing, const struct kl_key_info *key)
{
	const struct kl_key_want *want = choosing->want;

	if (!is_own(key, want) && !is_shared(key))
		return REFUSED_NOT_SEEN;
	if (!works(key) || (want->not_id && !strcmp(key->id, want->not_id)))
		return REFUSED_BROKEN;
	if (room(key, want) < want->requests)
		return REFUSED_EMPTY;
	if (is_own(key, want))
		return FIT;
	if (!exams_allow(choosing, key))
		return REFUSED_HELD;
	return share_allows(choosing) ? FIT : REFUSED_SHARE;
}

static int rank(const struct choosing *choosing, const struct kl_key_info *key)
{
	if (key->share == KL_KEY_BACKUP)
		return 2;
	return choosing->strategy == KL_KEYS_OWNER_FIRST && !is_own(key, choosing->want) ? 1 : 0;
}

/* By the part of their day that is used; without a limit nothing is. */
static int compare_use(const struct kl_key_info *a, const struct kl_key_info *b)
{
	double used_a = a->daily_limit ? (double)a->used_today / (double)a->daily_limit : 0;
	double used_b = b->daily_limit ? (double)b->used_today / (double)b->daily_limit : 0;

	if (used_a != used_b)
		return used_a < used_b ? -1 : 1;
	return a->turn < b->turn ? -1 : a->turn > b->turn;
}

/* *seen: how many equals were met, for RANDOM. */
static bool is_better(const struct choosing *choosing, const struct kl_key_info *key, const struct kl_key_info *best,
		      uint32_t *seen)
{
	uint32_t dice;

	if (rank(choosing, key) != rank(choosing, best)) {
		*seen = 1;
		return rank(choosing, key) < rank(choosing, best);
	}
	switch (choosing->strategy) {
	case KL_KEYS_OWNER_FIRST:
	case KL_KEYS_LEAST_USED:
		return compare_use(key, best) < 0;
	case KL_KEYS_ROUND_ROBIN:
		return key->turn < best->turn;
	case KL_KEYS_RANDOM:
		kl_random(&dice, sizeof(dice));
		return dice % ++*seen == 0;
	}
	return false;
}

/* --- refusing --------------------------------------------------------------------------------------------------- */

/* When something changes: the first day that ends; for an exam's hold, its end. */
static void say_when(char *text, size_t size, const struct choosing *choosing)
{
	int64_t reset_ms = INT64_MAX;

	for (size_t i = 0; i < choosing->count; i++) {
		const struct kl_key_info *key = &choosing->keys[i];

		if (works(key) && (is_shared(key) || is_own(key, choosing->want)) && key->reset_ms < reset_ms)
			reset_ms = key->reset_ms;
	}
	kl_clock_format(reset_ms, text, size);
}

static enum kl_status refuse(const struct choosing *choosing, enum refusal why, struct kl_error *err)
{
	const char *instance = choosing->want->instance;
	struct share share = fair_share(choosing);
	char when[32] = "";

	if (why > REFUSED_BROKEN)
		say_when(when, sizeof(when), choosing);
	switch (why) {
	case REFUSED_NOT_SEEN:
		return kl_fail(err, KL_ENOENT, "there is no key for '%s': add one with 'kodelab keys add %s'", instance,
			       instance);
	case REFUSED_BROKEN:
		return kl_fail(err, KL_ENOENT, "no key for '%s' works: 'kodelab keys list' says why", instance);
	case REFUSED_EMPTY:
		return kl_fail(err, KL_EMANY,
			       "the keys for '%s' are used up until %s: wait, or add another with 'kodelab keys add "
			       "%s'",
			       instance, when, instance);
	case REFUSED_HELD:
		return kl_fail(err, KL_EMANY,
			       "what is left of the keys for '%s' is kept for an exam: wait until it is over, or add a "
			       "key of your own with 'kodelab keys add %s'",
			       instance, instance);
	case REFUSED_SHARE:
		return kl_fail(err, KL_EDENIED,
			       "your part of the shared keys for '%s' (%lld requests a day) is used up until %s: wait, "
			       "or add a key of your own with 'kodelab keys add %s'",
			       instance, (long long)share.part, when, instance);
	case FIT:
		break;
	}
	return KL_OK;
}

enum kl_status choose_key(size_t *index, const struct kl_key_hold **hold, const struct choosing *choosing,
			  struct kl_error *err)
{
	enum refusal why = REFUSED_NOT_SEEN;
	size_t best = choosing->count;
	uint32_t seen = 1;

	for (size_t i = 0; i < choosing->count; i++) {
		const struct kl_key_info *key = &choosing->keys[i];
		enum refusal answer = look_at(choosing, key);

		if (answer > why)
			why = answer;
		if (answer == FIT &&
		    (best == choosing->count || is_better(choosing, key, &choosing->keys[best], &seen)))
			best = i;
	}
	if (why != FIT)
		return refuse(choosing, why, err);
	*index = best;
	*hold = is_own(&choosing->keys[best], choosing->want) ? NULL : own_hold(choosing);
	return KL_OK;
}
