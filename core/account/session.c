/*
 * Sessions: an access token for a day, a refresh token for a month that is spent each time it is used.
 *
 * An answer that is lost on its way must not lock its owner out: who sends a nonce with a refresh gets tokens that are
 * derived from the old token, a seed that the row keeps, and the nonce. The same request again gets the same tokens; a
 * thief who has only the old token does not know the nonce, and ends the session.
 */

#include <kodelab/account.h>

#include <kodelab/alloc.h>
#include <kodelab/id.h>

#define SESSIONS_MAX 20 /* of one user */

static const char access_prefix[] = "kls_", refresh_prefix[] = "klr_";

static void fingerprint(char hash[KL_SHA256_SIZE], const char *token)
{
	kl_sha256(hash, token, strlen(token));
}

/* Fingerprints and times of tokens into the row that keeps them. */
static void keep(struct kl_session_row *row, struct kl_tokens *tokens, int64_t now_ms)
{
	row->used_ms = now_ms;
	row->access_until_ms = now_ms + KL_ACCESS_MS;
	row->refresh_until_ms = now_ms + KL_REFRESH_MS;
	fingerprint(row->access, tokens->access);
	fingerprint(row->refresh, tokens->refresh);
}

static void hand_out(struct kl_tokens *tokens, const struct kl_session_row *row)
{
	tokens->access_until_ms = row->access_until_ms;
	tokens->refresh_until_ms = row->refresh_until_ms;
	memcpy(tokens->session, row->id, sizeof(tokens->session));
}

enum kl_status kl_session_begin(struct kl_tokens *tokens, struct kl_store *store, const char *user, const char *device,
				const char *from, const struct kl_clock *clock, struct kl_error *err)
{
	int64_t now_ms = kl_clock_wall_ms(clock);
	char *kept_device = kl_strdup(device), *kept_from = kl_strdup(from);
	struct kl_session_row row = { .device = kept_device, .from = kept_from, .created_ms = now_ms };
	enum kl_status status;

	kl_id_new(row.id, clock);
	snprintf(row.user, sizeof(row.user), "%s", user);
	kl_token_make(tokens->access, access_prefix);
	kl_token_make(tokens->refresh, refresh_prefix);
	keep(&row, tokens, now_ms);
	status = kl_store_session_add(store, &row, err);
	if (!status)
		status = kl_store_sessions_trim(store, user, SESSIONS_MAX, now_ms, err);
	if (!status)
		status = kl_store_user_signed_in(store, user, now_ms, err);
	hand_out(tokens, &row);
	kl_session_row_release(&row);
	return status;
}

enum kl_status kl_session_find(struct kl_session_holder *holder, struct kl_store *store, const char *access,
			       const struct kl_clock *clock, struct kl_error *err)
{
	char hash[KL_SHA256_SIZE];
	enum kl_status status;

	if (strncmp(access, access_prefix, sizeof(access_prefix) - 1) != 0 || strlen(access) != KL_TOKEN_SIZE - 1)
		return kl_fail(err, KL_EDENIED, "this token lets nobody in: sign in again");
	fingerprint(hash, access);
	status = kl_store_session_holder(holder, store, hash, kl_clock_wall_ms(clock), err);
	return status == KL_ENOENT ? kl_fail(err, KL_EDENIED, "this token lets nobody in: sign in again") : status;
}

enum kl_status kl_session_owner(char user[KL_ID_SIZE], struct kl_store *store, const char *token, struct kl_error *err)
{
	struct kl_session_holder holder;
	struct kl_session_row row;
	char hash[KL_SHA256_SIZE];
	bool spent, ended = true;
	enum kl_status status;

	fingerprint(hash, token);
	status = kl_store_session_holder(&holder, store, hash, 0, err);
	if (!status)
		memcpy(user, holder.user, KL_ID_SIZE);
	if (status != KL_ENOENT)
		return status;
	status = kl_store_session_refreshed(&row, &spent, store, hash, err);
	if (status && status != KL_ENOENT)
		return status;
	if (!status) {
		ended = row.ended_ms != 0;
		if (!ended)
			memcpy(user, row.user, KL_ID_SIZE);
		kl_session_row_release(&row);
	}
	return ended ? kl_fail(err, KL_EDENIED, "this token is nobody's, or its session has ended") : KL_OK;
}

/* --- refreshing --------------------------------------------------------------------------------------------------- */

static void derive(struct kl_tokens *tokens, const char *refresh, const char *seed, const char *nonce)
{
	kl_token_derive(tokens->access, access_prefix, refresh, seed, nonce);
	kl_token_derive(tokens->refresh, refresh_prefix, refresh, seed, nonce);
}

/* The next tokens of the session; row is as it was found. */
static enum kl_status rotate(struct kl_tokens *tokens, struct kl_store *store, struct kl_session_row *row,
			     const char *refresh, const char *nonce, int64_t now_ms, struct kl_error *err)
{
	char seed[KL_TOKEN_SIZE];

	*row->nonce = *row->seed = '\0';
	if (nonce) {
		kl_token_make(seed, "----");
		fingerprint(row->seed, seed);
		fingerprint(row->nonce, nonce);
		derive(tokens, refresh, row->seed, nonce);
	} else {
		kl_token_make(tokens->access, access_prefix);
		kl_token_make(tokens->refresh, refresh_prefix);
	}
	memcpy(row->prior, row->refresh, sizeof(row->prior));
	keep(row, tokens, now_ms);
	return kl_store_session_rotate(store, row, err);
}

/* Is it the very exchange that made the newest tokens, asked for once more? */
static bool repeats(const struct kl_session_row *row, const char *hash, const char *nonce)
{
	char word[KL_SHA256_SIZE];

	if (!nonce || !*row->nonce || strcmp(row->prior, hash) != 0)
		return false;
	fingerprint(word, nonce);
	return kl_same_secret(word, row->nonce, KL_SHA256_SIZE - 1);
}

static enum kl_status refuse(struct kl_error *err)
{
	return kl_fail(err, KL_EDENIED, "this session is over: sign in again");
}

static enum kl_status exchange(struct kl_tokens *tokens, struct kl_store *store, struct kl_session_row *row, bool spent,
			       const char *refresh, const char *nonce, int64_t now_ms, struct kl_error *err)
{
	char hash[KL_SHA256_SIZE];
	enum kl_status status;

	fingerprint(hash, refresh);
	if (row->ended_ms || row->refresh_until_ms <= now_ms)
		return refuse(err);
	if (!spent)
		return rotate(tokens, store, row, refresh, nonce, now_ms, err);
	if (repeats(row, hash, nonce)) {
		derive(tokens, refresh, row->seed, nonce);
		return KL_OK;
	}
	status = kl_store_session_end(store, row->id, now_ms, err);
	return status ? status
		      : kl_fail(err, KL_ECONFLICT,
				"this refresh token was used before: the session was ended, because somebody else may have "
				"it; sign in again");
}

static enum kl_status user_may(struct kl_store *store, const char *id, struct kl_error *err)
{
	struct kl_user user;
	enum kl_status status = kl_store_user_get(&user, store, id, err);
	bool disabled;

	if (status)
		return status == KL_ENOENT ? refuse(err) : status;
	disabled = user.disabled;
	kl_user_release(&user);
	return disabled ? refuse(err) : KL_OK;
}

enum kl_status kl_session_refresh(struct kl_tokens *tokens, struct kl_store *store, const char *refresh,
				  const char *nonce, const struct kl_clock *clock, struct kl_error *err)
{
	struct kl_session_row row;
	char hash[KL_SHA256_SIZE];
	enum kl_status status;
	bool spent;

	fingerprint(hash, refresh);
	status = kl_store_session_refreshed(&row, &spent, store, hash, err);
	if (status)
		return status == KL_ENOENT ? refuse(err) : status;
	status = user_may(store, row.user, err);
	if (!status)
		status = exchange(tokens, store, &row, spent, refresh, nonce, kl_clock_wall_ms(clock), err);
	hand_out(tokens, &row);
	kl_session_row_release(&row);
	return status;
}
