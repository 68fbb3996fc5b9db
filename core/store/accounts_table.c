/* People, and the codes that let them in. */

#include <kodelab/store_accounts.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "core/store/store_int.h"

static void take_true(void *ctx, const struct sql_row *row)
{
	(void)row;
	*(bool *)ctx = true;
}

/* --- users ---------------------------------------------------------------------------------------------------------- */

void kl_user_release(struct kl_user *user)
{
	free(user->name);
	free(user->key);
	free(user->display);
	free(user->email);
	free(user->password);
	*user = (struct kl_user){ .name = NULL };
}

static void take_user(void *ctx, const struct sql_row *row)
{
	struct kl_user *user = ctx;

	row_copy(row, 0, user->id, sizeof(user->id));
	user->name = row_text(row, 1);
	user->key = row_text(row, 2);
	user->display = row_text(row, 3);
	user->email = row_text(row, 4);
	user->password = row_text(row, 5);
	user->role = row_int(row, 6);
	user->disabled = row_int(row, 7) != 0;
	user->created_ms = row_int(row, 8);
	user->signed_in_ms = row_int(row, 9);
}

/* The one user that a statement finds by a text. */
static enum kl_status find_user(struct kl_user *out, struct kl_store *store, enum sql which, const char *text,
				struct kl_error *err)
{
	struct kl_user user = { .name = NULL };
	enum kl_status status = store_select(store, which, ARGS(ARG_TEXT(text)), take_user, &user, err);

	if (!status && !user.name)
		status = kl_fail(err, KL_ENOENT, "there is no such user");
	if (status)
		kl_user_release(&user);
	else
		*out = user;
	return status;
}

enum kl_status kl_store_user_get(struct kl_user *out, struct kl_store *store, const char *id, struct kl_error *err)
{
	return find_user(out, store, SQL_USER_GET, id, err);
}

enum kl_status kl_store_user_named(struct kl_user *out, struct kl_store *store, const char *key, struct kl_error *err)
{
	return find_user(out, store, SQL_USER_NAMED, key, err);
}

static enum kl_status add_user(struct kl_store *store, const struct kl_user *user, struct kl_error *err)
{
	struct kl_user other;
	enum kl_status status = kl_store_user_named(&other, store, user->key, NULL);

	if (!status) {
		kl_user_release(&other);
		return kl_fail(err, KL_EEXIST, "this name is taken, or looks like one that is: choose another");
	}
	return store_run(store, SQL_USER_ADD,
			 ARGS(ARG_TEXT(user->id), ARG_TEXT(user->name), ARG_TEXT(user->key), ARG_TEXT(user->display),
			      ARG_TEXT(user->email), ARG_TEXT(user->password), ARG_INT(user->role),
			      ARG_INT(user->disabled), ARG_INT(user->created_ms)),
			 err);
}

enum kl_status kl_store_user_add(struct kl_store *store, const struct kl_user *user, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, add_user(store, user, err), err);
}

static void take_id(void *ctx, const struct sql_row *row)
{
	row_copy(row, 0, ctx, KL_ID_SIZE);
}

enum kl_status kl_store_github_user(char user[KL_ID_SIZE], struct kl_store *store, int64_t github, struct kl_error *err)
{
	enum kl_status status;

	user[0] = '\0';
	status = store_select(store, SQL_GITHUB_USER, ARGS(ARG_INT(github)), take_id, user, err);
	if (!status && !*user)
		status = kl_fail(err, KL_ENOENT, "no account here is bound to this GitHub account");
	return status;
}

enum kl_status kl_store_github_bind(struct kl_store *store, int64_t github, const char *user, int64_t at_ms,
				    struct kl_error *err)
{
	char holder[KL_ID_SIZE], other[KL_ID_SIZE] = "";
	enum kl_status status = kl_store_github_user(holder, store, github, err);

	if (!status && !strcmp(holder, user))
		return KL_OK;
	if (!status)
		return kl_fail(err, KL_EEXIST, "this GitHub account is bound to another account here");
	if (status != KL_ENOENT)
		return status;
	status = store_select(store, SQL_GITHUB_OF, ARGS(ARG_TEXT(user)), take_id, other, err);
	if (!status && *other)
		status = kl_fail(err, KL_EEXIST, "your account is bound to another GitHub account");
	return status ? status
		      : store_run(store, SQL_GITHUB_BIND, ARGS(ARG_INT(github), ARG_TEXT(user), ARG_INT(at_ms)), err);
}

enum kl_status kl_store_user_profile(struct kl_store *store, const char *id, const char *display, const char *email,
				     struct kl_error *err)
{
	return store_run(store, SQL_USER_PROFILE, ARGS(ARG_TEXT(display), ARG_TEXT(email), ARG_TEXT(id)), err);
}

enum kl_status kl_store_user_password(struct kl_store *store, const char *id, const char *password,
				      struct kl_error *err)
{
	return store_run(store, SQL_USER_PASSWORD, ARGS(ARG_TEXT(password), ARG_TEXT(id)), err);
}

enum kl_status kl_store_user_role(struct kl_store *store, const char *id, int64_t role, struct kl_error *err)
{
	return store_run(store, SQL_USER_ROLE, ARGS(ARG_INT(role), ARG_TEXT(id)), err);
}

enum kl_status kl_store_user_disable(struct kl_store *store, const char *id, bool disabled, struct kl_error *err)
{
	return store_run(store, SQL_USER_DISABLE, ARGS(ARG_INT(disabled), ARG_TEXT(id)), err);
}

enum kl_status kl_store_user_signed_in(struct kl_store *store, const char *id, int64_t at_ms, struct kl_error *err)
{
	return store_run(store, SQL_USER_SIGNED_IN, ARGS(ARG_INT(at_ms), ARG_TEXT(id)), err);
}

enum kl_status kl_store_users_of_role(int64_t *count, struct kl_store *store, int64_t role, struct kl_error *err)
{
	return store_select(store, SQL_USERS_OF_ROLE, ARGS(ARG_INT(role)), row_number, count, err);
}

struct telling {
	kl_store_user_fn *fn;
	void *ctx;
};

static void tell_user(void *ctx, const struct sql_row *row)
{
	const struct telling *telling = ctx;
	struct kl_user user = { .name = NULL };

	take_user(&user, row);
	telling->fn(telling->ctx, &user);
	kl_user_release(&user);
}

/* "%part%" in lower case, what LIKE takes for more than itself escaped; "" for "". Owned. */
static char *pattern_of(const char *part)
{
	struct kl_buf pattern;

	kl_buf_init(&pattern, 1024);
	if (*part)
		kl_buf_add_char(&pattern, '%');
	for (const char *at = part; *at; at++) {
		if (strchr("%_!", *at))
			kl_buf_add_char(&pattern, '!');
		kl_buf_add_char(&pattern, *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at);
	}
	if (*part)
		kl_buf_add_char(&pattern, '%');
	return kl_buf_detach(&pattern);
}

enum kl_status kl_store_users(int64_t *total, struct kl_store *store, const struct kl_user_filter *filter,
			      kl_store_user_fn *fn, void *ctx, struct kl_error *err)
{
	struct telling telling = { fn, ctx };
	char *pattern = pattern_of(filter->part);
	const struct store_page page = { SQL_USERS_COUNT, SQL_USERS, filter->skip, filter->max };
	enum kl_status status = store_select_page(total, store, &page, ARGS(ARG_TEXT(pattern), ARG_INT(filter->role)),
						  tell_user, &telling, err);

	free(pattern);
	return status;
}

/* --- invitations ---------------------------------------------------------------------------------------------------- */

void kl_invitation_release(struct kl_invitation *invitation)
{
	free(invitation->note);
	free(invitation->by);
	*invitation = (struct kl_invitation){ .note = NULL };
}

enum kl_status kl_store_invitation_add(struct kl_store *store, const struct kl_invitation *invitation,
				       struct kl_error *err)
{
	return store_run(store, SQL_INVITATION_ADD,
			 ARGS(ARG_TEXT(invitation->id), ARG_TEXT(invitation->code), ARG_TEXT(invitation->note),
			      ARG_TEXT(invitation->by), ARG_INT(invitation->role), ARG_INT(invitation->uses),
			      ARG_INT(invitation->created_ms), ARG_INT(invitation->until_ms)),
			 err);
}

enum kl_status kl_store_invitation_look(int64_t *role, struct kl_store *store, const char *code, int64_t now_ms,
					struct kl_error *err)
{
	int64_t found = 0;
	enum kl_status status = store_select(store, SQL_INVITATION_LOOK, ARGS(ARG_TEXT(code), ARG_INT(now_ms)),
					     row_number, &found, err);

	if (status)
		return status;
	if (!found)
		return kl_fail(err, KL_ENOENT, "this invitation is not known, used up or over: ask for another");
	*role = found;
	return KL_OK;
}

enum kl_status kl_store_invitation_take(int64_t *role, struct kl_store *store, const char *code, int64_t now_ms,
					struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = kl_store_invitation_look(role, store, code, now_ms, err);
	if (!status)
		status = store_run(store, SQL_INVITATION_USE, ARGS(ARG_TEXT(code)), err);
	return store_end(store, status, err);
}

enum kl_status kl_store_invitation_remove(struct kl_store *store, const char *id, struct kl_error *err)
{
	bool found = false;
	enum kl_status status = store_select(store, SQL_INVITATION_GET, ARGS(ARG_TEXT(id)), take_true, &found, err);

	if (!status && !found)
		return kl_fail(err, KL_ENOENT, "there is no such invitation");
	return status ? status : store_run(store, SQL_INVITATION_REMOVE, ARGS(ARG_TEXT(id)), err);
}

struct inviting {
	kl_store_invitation_fn *fn;
	void *ctx;
};

static void tell_invitation(void *ctx, const struct sql_row *row)
{
	const struct inviting *inviting = ctx;
	struct kl_invitation invitation = { .note = row_text(row, 1), .by = row_text(row, 2) };

	row_copy(row, 0, invitation.id, sizeof(invitation.id));
	invitation.role = row_int(row, 3);
	invitation.uses = row_int(row, 4);
	invitation.used = row_int(row, 5);
	invitation.created_ms = row_int(row, 6);
	invitation.until_ms = row_int(row, 7);
	inviting->fn(inviting->ctx, &invitation);
	kl_invitation_release(&invitation);
}

enum kl_status kl_store_invitations(struct kl_store *store, kl_store_invitation_fn *fn, void *ctx, struct kl_error *err)
{
	struct inviting inviting = { fn, ctx };

	return store_select(store, SQL_INVITATIONS, NO_ARGS, tell_invitation, &inviting, err);
}

/* --- codes for a new password --------------------------------------------------------------------------------------- */

enum kl_status kl_store_reset_put(struct kl_store *store, const char *user, const char *code, int64_t until_ms,
				  struct kl_error *err)
{
	return store_run(store, SQL_RESET_PUT, ARGS(ARG_TEXT(user), ARG_TEXT(code), ARG_INT(until_ms)), err);
}

enum kl_status kl_store_reset_look(struct kl_store *store, const char *user, const char *code, int64_t now_ms,
				   struct kl_error *err)
{
	bool found = false;
	enum kl_status status = store_select(
		store, SQL_RESET_LOOK, ARGS(ARG_TEXT(user), ARG_TEXT(code), ARG_INT(now_ms)), take_true, &found, err);

	if (!status && !found)
		return kl_fail(err, KL_ENOENT, "this code is not good for that name, or over: ask for another");
	return status;
}

enum kl_status kl_store_reset_remove(struct kl_store *store, const char *user, struct kl_error *err)
{
	return store_run(store, SQL_RESET_REMOVE, ARGS(ARG_TEXT(user)), err);
}

/* --- forgetting ----------------------------------------------------------------------------------------------------- */

enum kl_status kl_store_accounts_forget(struct kl_store *store, int64_t before_ms, struct kl_error *err)
{
	static const enum sql parts[] = { SQL_SESSION_SPENT_FORGET, SQL_SESSIONS_FORGET, SQL_INVITATIONS_FORGET,
					  SQL_RESETS_FORGET, SQL_DEVICES_FORGET };
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	for (size_t i = 0; !status && i < KL_LENGTH(parts); i++)
		status = store_run(store, parts[i], ARGS(ARG_INT(before_ms)), err);
	return store_end(store, status, err);
}
