/*
 * Terminals that ask to be let in: the terminal holds one code, shows another, and asks now and then whether somebody has
 * let it in. A code is good once, for one decision and one pair of tokens.
 */

#include <kodelab/account.h>

#include <kodelab/alloc.h>

#define GROUPS     2 /* of the code that is shown: 40 bits for ten minutes */
#define ASKING_MAX 20000
#define SLOWER_S   5
#define EARLY_MS   1000 /* a timer that fires early is no haste */
#define NOT_ASKED  "no terminal asks with this code: see what it shows, or begin anew there"

static const char prefix[] = "kld_";

enum kl_status kl_device_places(int64_t *left, struct kl_store *store, const struct kl_clock *clock,
				struct kl_error *err)
{
	int64_t count = 0;
	enum kl_status status = kl_store_devices_count(&count, store, kl_clock_wall_ms(clock), err);

	if (!status)
		*left = count < ASKING_MAX ? ASKING_MAX - count : 0;
	return status;
}

enum kl_status kl_device_begin(struct kl_device_codes *codes, struct kl_store *store, const char *device,
			       const char *from, const struct kl_clock *clock, struct kl_error *err)
{
	char *kept_device = kl_strdup(device), *kept_from = kl_strdup(from);
	struct kl_device row = { .device = kept_device, .from = kept_from, .interval_s = KL_DEVICE_INTERVAL_S };
	enum kl_status status;

	row.created_ms = kl_clock_wall_ms(clock);
	row.until_ms = row.created_ms + KL_DEVICE_MS;
	kl_token_make(codes->device, prefix);
	kl_code_make(codes->user, GROUPS);
	codes->interval_s = row.interval_s;
	kl_sha256(row.code, codes->device, strlen(codes->device));
	kl_sha256(row.user_code, codes->user, strlen(codes->user));
	status = kl_store_device_add(store, &row, err);
	kl_device_release(&row);
	return status;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static enum kl_device_answer answer_of(const struct kl_device *row, int64_t now_ms)
{
	if (row->until_ms <= now_ms || row->state == KL_DEVICE_DONE)
		return KL_DEVICE_EXPIRED;
	if (row->state == KL_DEVICE_DENIED)
		return KL_DEVICE_REFUSED;
	if (row->polled_ms && now_ms - row->polled_ms < row->interval_s * 1000 - EARLY_MS)
		return KL_DEVICE_SLOW_DOWN;
	return row->state == KL_DEVICE_APPROVED ? KL_DEVICE_GRANTED : KL_DEVICE_PENDING;
}

/* Whoever let it in may have been disabled since. */
static bool may_still(struct kl_store *store, const char *id)
{
	struct kl_user user;
	bool may;

	if (kl_store_user_get(&user, store, id, NULL))
		return false;
	may = !user.disabled;
	kl_user_release(&user);
	return may;
}

static enum kl_status give(struct kl_tokens *tokens, struct kl_store *store, struct kl_device *row, const char *from,
			   const struct kl_clock *clock, struct kl_error *err)
{
	enum kl_status status;

	row->state = KL_DEVICE_DONE;
	status = kl_store_device_put(store, row, err);
	return status ? status : kl_session_begin(tokens, store, row->user, row->device, from, clock, err);
}

enum kl_status kl_device_poll(enum kl_device_answer *answer, struct kl_tokens *tokens, char user[KL_ID_SIZE],
			      struct kl_store *store, const char *device_code, const char *from,
			      const struct kl_clock *clock, struct kl_error *err)
{
	int64_t now_ms = kl_clock_wall_ms(clock);
	char hash[KL_SHA256_SIZE];
	struct kl_device row;
	enum kl_status status;

	kl_sha256(hash, device_code, strlen(device_code));
	*answer = KL_DEVICE_EXPIRED;
	status = kl_store_device_get(&row, store, hash, err);
	if (status)
		return status == KL_ENOENT ? KL_OK : status;
	*answer = answer_of(&row, now_ms);
	if (*answer == KL_DEVICE_GRANTED && !may_still(store, row.user))
		*answer = KL_DEVICE_REFUSED;
	row.polled_ms = now_ms;
	row.interval_s += *answer == KL_DEVICE_SLOW_DOWN ? SLOWER_S : 0;
	if (*answer == KL_DEVICE_GRANTED)
		status = give(tokens, store, &row, from, clock, err);
	else if (*answer != KL_DEVICE_EXPIRED)
		status = kl_store_device_put(store, &row, err);
	memcpy(user, row.user, sizeof(row.user));
	kl_device_release(&row);
	return status;
}

/* --- deciding ----------------------------------------------------------------------------------------------------- */

static bool asks(const struct kl_device *row, const struct kl_clock *clock)
{
	return row->state == KL_DEVICE_ASKS && row->until_ms > kl_clock_wall_ms(clock);
}

/* Keeps the row when it asks; otherwise nothing is left of it. */
static enum kl_status only_asking(struct kl_device *row, const struct kl_clock *clock, struct kl_error *err)
{
	if (asks(row, clock))
		return KL_OK;
	kl_device_release(row);
	return kl_fail(err, KL_ENOENT, NOT_ASKED);
}

enum kl_status kl_device_find(struct kl_device *out, struct kl_store *store, const char *text,
			      const struct kl_clock *clock, struct kl_error *err)
{
	char code[KL_CODE_SIZE], hash[KL_SHA256_SIZE];
	struct kl_device row;
	enum kl_status status;

	if (!kl_code_read(code, text, GROUPS))
		return kl_fail(err, KL_ENOENT, NOT_ASKED);
	kl_sha256(hash, code, strlen(code));
	status = kl_store_device_shown(&row, store, hash, err);
	if (status)
		return status == KL_ENOENT ? kl_fail(err, KL_ENOENT, NOT_ASKED) : status;
	status = only_asking(&row, clock, err);
	if (!status)
		*out = row;
	return status;
}

enum kl_status kl_device_decide(struct kl_device *out, struct kl_store *store, const char *code, const char *user,
				bool approved, const struct kl_clock *clock, struct kl_error *err)
{
	struct kl_device row;
	enum kl_status status = kl_store_device_get(&row, store, code, err);

	if (!status)
		status = only_asking(&row, clock, err);
	if (status)
		return status;
	row.state = approved ? KL_DEVICE_APPROVED : KL_DEVICE_DENIED;
	snprintf(row.user, sizeof(row.user), "%s", user);
	status = kl_store_device_put(store, &row, err);
	if (status)
		kl_device_release(&row);
	else
		*out = row;
	return status;
}
