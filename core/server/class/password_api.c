/* Another password: by who knows the old one, or who was given a code by his instructor. */

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/request.h"

#define RESET_GROUPS 3
#define OLD_WRONG    "the old password is wrong"

/* --- another password ---------------------------------------------------------------------------------------------------- */

static enum kl_status set_password(struct hashing *hashing, const char *hash, const char *action, const char *kept,
				   struct kl_error *err)
{
	struct server *server = hashing->request->server;
	int64_t now_ms = kl_clock_wall_ms(&server->clock);
	enum kl_status status;

	if ((status = server_write(server, err)) ||
	    (status = kl_store_user_password(server->store, hashing->user, hash, err)) ||
	    (status = kl_store_reset_remove(server->store, hashing->user, err)) ||
	    (status = kl_store_sessions_end(server->store, hashing->user, kept, now_ms, err)))
		return status;
	return audit_note(hashing->request, action, hashing->user, err, "%s: other sessions ended", hashing->name);
}

static void on_changed(struct hashing *hashing, bool right, const char *hash)
{
	struct request *request = hashing->request;
	struct kl_error err;

	(void)right;
	if (!signing_holds(request->server, hashing->user, hashing->held)) /* there is another one since */
		api_error(request, API_FORBIDDEN, OLD_WRONG);
	else if (set_password(hashing, hash, "user.password", request->actor.session, &err))
		api_fail(request, &err);
	else
		answer_done(request, "changed");
}

static void on_old_known(struct hashing *hashing, bool right, const char *hash)
{
	(void)hash;
	if (!right) {
		api_error(hashing->request, API_FORBIDDEN, OLD_WRONG);
		return;
	}
	attempt_succeeds(hashing);
	hashing_make(hashing, hashing->password, on_changed);
}

/* Also who is signed in has ten wrong passwords: a terminal left alone is no place to try them. */
static void change_password(struct hashing *hashing, const char *old)
{
	struct request *request = hashing->request;
	struct kl_user user;
	struct kl_error err;

	if (kl_store_user_get(&user, request->server->store, request->actor.id, &err)) {
		signing_failed(hashing, &err);
		return;
	}
	signing_hold(hashing, &user);
	hashing->name = kl_strdup(user.name);
	hashing->key = kl_strdup(user.key);
	if (attempt_begins(hashing))
		hashing_check(hashing, old, user.password, on_old_known);
	else
		hashing_free(hashing);
	kl_user_release(&user);
}

void auth_password(struct request *request)
{
	const char *old = "", *new = "";
	const struct api_field fields[] = { { "old", .text = &old }, { "new", .text = &new } };
	struct hashing *hashing = hashing_new(request);
	char *composed = NULL;
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		hashing_free(hashing);
	else if (kl_password_read(&hashing->password, new, request->actor.name, &err) ||
		 kl_password_read(&composed, old, NULL, &err))
		signing_failed(hashing, &err);
	else
		change_password(hashing, composed);
	kl_secret_free(composed);
	wipe_body(request);
}

/* --- a password by a code ------------------------------------------------------------------------------------------------- */

static enum kl_status look_code(const struct hashing *hashing, struct kl_error *err)
{
	struct server *server = hashing->request->server;

	return kl_store_reset_look(server->store, hashing->user, hashing->code, kl_clock_wall_ms(&server->clock), err);
}

static void on_reset(struct hashing *hashing, bool right, const char *hash)
{
	struct request *request = hashing->request;
	struct kl_error err;

	(void)right;
	if (!signing_still_there(hashing) || look_code(hashing, &err)) { /* used meanwhile */
		api_error(request, API_UNAUTHORIZED, "this code is not good for that name, or over: ask for another");
		return;
	}
	attempt_succeeds(hashing);
	if (set_password(hashing, hash, "user.reset", NULL, &err))
		api_fail(request, &err);
	else
		signing_begin(hashing, 200);
}

/* A wrong code costs as much as a good one: the password is hashed in any case, and what came of it then counts. */
static void reset(struct hashing *hashing, const char *text)
{
	char code[KL_CODE_SIZE] = "", fingerprint[KL_SHA256_SIZE], *hash;
	struct kl_error err;

	hashing->by_code = true;
	if (!attempt_begins(hashing)) {
		hashing_free(hashing);
		return;
	}
	if (signing_find(&hash, hashing, &err)) {
		signing_failed(hashing, &err);
		return;
	}
	free(hash);
	if (!kl_code_read(code, text, RESET_GROUPS))
		*hashing->user = '\0';
	kl_sha256(fingerprint, code, strlen(code));
	hashing->code = kl_strdup(fingerprint);
	hashing_make(hashing, hashing->password, on_reset);
}

void auth_reset(struct request *request)
{
	const char *name = "", *code = "", *new = "", *device = "";
	const struct api_field fields[] = { { "name", .text = &name },
					    { "code", .text = &code },
					    { "new", .text = &new },
					    { "device", .text = &device } };
	struct hashing *hashing = hashing_new(request);
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		hashing_free(hashing);
	else if (kl_name_read(&hashing->name, &hashing->key, name, &err) ||
		 kl_password_read(&hashing->password, new, hashing->name, &err) ||
		 signing_device(hashing, device, &err))
		signing_failed(hashing, &err);
	else
		reset(hashing, code);
	wipe_body(request);
}
