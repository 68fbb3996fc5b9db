/*
 * Signing in and out. A wrong name, a wrong password and a disabled user are the same answer after the same work: one
 * hash each. Tokens and passwords leave the memory of the request as soon as they were read.
 */

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define NONCE_MIN 16
#define NONCE_MAX 128

static const char wrong[] = "the name or the password is wrong";

/* --- registering ---------------------------------------------------------------------------------------------------- */

static void on_registered(struct hashing *hashing, bool right, const char *hash)
{
	const struct newcomer newcomer = { .name = hashing->name,
					   .key = hashing->key,
					   .display = hashing->display,
					   .email = hashing->email,
					   .password = hash,
					   .invitation = hashing->code };
	struct kl_error err;

	(void)right;
	if (registering_add(hashing->user, hashing->request, &newcomer, &err))
		api_fail(hashing->request, &err);
	else
		signing_begin(hashing, 201);
}

static void auth_register(struct request *request)
{
	const char *name = "", *password = "", *display = NULL, *email = "", *invitation = "", *device = "";
	const struct api_field fields[] = {
		{ "name", .text = &name },   { "password", .text = &password },     { "display", .text = &display },
		{ "email", .text = &email }, { "invitation", .text = &invitation }, { "device", .text = &device },
	};
	struct hashing *hashing = hashing_new(request);
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		hashing_free(hashing);
	else if (registering_allowed(&hashing->code, request, invitation, &err) ||
		 kl_name_read(&hashing->name, &hashing->key, name, &err) ||
		 kl_line_read(&hashing->display, "the display name", display ? display : name, &err) ||
		 kl_line_read(&hashing->email, "the e-mail address", email, &err) ||
		 signing_device(hashing, device, &err) ||
		 kl_password_read(&hashing->password, password, hashing->name, &err) ||
		 registering_name_is_free(request, hashing->key, &err))
		signing_failed(hashing, &err);
	else
		hashing_make(hashing, hashing->password, on_registered);
	wipe_body(request);
}

/* --- signing in ------------------------------------------------------------------------------------------------------ */

static void refuse(struct request *request)
{
	api_error(request, API_UNAUTHORIZED, "%s", wrong);
}

static void on_signed_in(struct hashing *hashing, bool right, const char *hash);

/* There is another password since, or it is kept at another cost: that one is looked at. */
static void look_again(struct hashing *hashing)
{
	struct kl_error err;
	char *hash;

	if (signing_find(&hash, hashing, &err)) {
		api_fail(hashing->request, &err);
		return;
	}
	hashing_check(hashing, hashing->password, hash, on_signed_in);
	free(hash);
}

static void on_signed_in(struct hashing *hashing, bool right, const char *hash)
{
	struct request *request = hashing->request;
	struct kl_error err;

	if (!right || !signing_still_there(hashing)) {
		eventlog(KL_LOG_INFO, "sign_in_refused", EVENTLOG_TEXT("id", request->id),
			 EVENTLOG_TEXT("from", hashing->from));
		refuse(request);
		return;
	}
	if (!signing_holds(request->server, hashing->user, hashing->held)) {
		look_again(hashing);
		return;
	}
	attempt_succeeds(hashing);
	if (*hash && (server_write(request->server, &err) ||
		      kl_store_user_password(request->server->store, hashing->user, hash, &err)))
		api_fail(request, &err);
	else
		signing_begin(hashing, 200);
}

static void sign_in(struct hashing *hashing)
{
	struct kl_error err;
	char *hash;

	if (!attempt_begins(hashing)) {
		hashing_free(hashing);
		return;
	}
	if (signing_find(&hash, hashing, &err)) {
		signing_failed(hashing, &err);
		return;
	}
	hashing_check(hashing, hashing->password, hash, on_signed_in);
	free(hash);
}

static void auth_login(struct request *request)
{
	const char *name = "", *password = "", *device = "";
	const struct api_field fields[] = { { "name", .text = &name },
					    { "password", .text = &password },
					    { "device", .text = &device } };
	struct hashing *hashing = hashing_new(request);
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields))) {
		hashing_free(hashing);
	} else if (signing_device(hashing, device, &err)) {
		signing_failed(hashing, &err);
	} else if (kl_name_read(&hashing->name, &hashing->key, name, &err) ||
		   kl_password_read(&hashing->password, password, NULL, &err)) {
		refuse(request); /* nobody is called so, and no password is so long */
		hashing_free(hashing);
	} else {
		sign_in(hashing);
	}
	wipe_body(request);
}

/* --- going on and out -------------------------------------------------------------------------------------------------- */

static bool is_nonce(const char *nonce)
{
	size_t len = strlen(nonce);

	return len >= NONCE_MIN && len <= NONCE_MAX;
}

static void note_reuse(struct request *request, const char *session, const struct kl_error *refusal)
{
	struct kl_error err;

	if (audit_note(request, "session.reuse", session, &err, "a spent refresh token came again: session ended"))
		api_fail(request, &err);
	else
		api_error(request, API_UNAUTHORIZED, "%s", refusal->message);
	request_durable(request);
}

static void refresh(struct request *request, const char *token, const char *nonce)
{
	struct server *server = request->server;
	struct kl_session_row row;
	struct kl_tokens tokens = { .session = "" };
	struct kl_error err;
	enum kl_status status = server_write(server, &err);

	if (!status)
		status = kl_session_refresh(&tokens, server->store, token, nonce, &server->clock, &err);
	if (status == KL_ECONFLICT)
		note_reuse(request, tokens.session, &err);
	else if (status == KL_EDENIED)
		api_error(request, API_UNAUTHORIZED, "%s", err.message);
	else if (status || kl_store_session_get(&row, server->store, tokens.session, &err))
		api_fail(request, &err);
	else {
		answer_tokens(request, 200, &tokens, row.user);
		kl_session_row_release(&row);
	}
}

static void auth_refresh(struct request *request)
{
	const char *token = "", *nonce = NULL;
	const struct api_field fields[] = { { "refresh_token", .text = &token }, { "nonce", .text = &nonce } };
	bool good = api_read(request, fields, KL_LENGTH(fields));

	if (good && nonce && !is_nonce(nonce))
		api_error(request, API_INVALID, "'nonce' must have %d to %d characters, made by chance", NONCE_MIN,
			  NONCE_MAX);
	else if (good)
		refresh(request, token, nonce);
	wipe_body(request);
}

static void auth_logout(struct request *request)
{
	struct server *server = request->server;
	struct kl_error err;

	if (!api_read_nothing(request))
		return;
	if (server_write(server, &err) ||
	    kl_store_session_end(server->store, request->actor.session, kl_clock_wall_ms(&server->clock), &err))
		api_fail(request, &err);
	else
		answer_done(request, "signed_out");
}

static void show_session(struct kl_buf *body, const struct request *request)
{
	struct kl_session_row row;

	jsonout_key(body, "session");
	if (kl_store_session_get(&row, request->server->store, request->actor.session, NULL)) {
		kl_buf_add_str(body, "null");
		return;
	}
	kl_buf_add_char(body, '{');
	jsonout_text(body, "id", row.id);
	jsonout_text(body, "device", row.device);
	api_time(body, "created_at", row.created_ms);
	api_time(body, "expires_at", row.access_until_ms);
	kl_buf_add_char(body, '}');
	kl_session_row_release(&row);
}

static void auth_me(struct request *request)
{
	struct kl_user user;
	struct kl_error err;
	struct kl_buf body;

	if (kl_store_user_get(&user, request->server->store, request->actor.id, &err)) {
		api_fail(request, &err);
		return;
	}
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	show_user(&body, &user);
	jsonout_text(&body, "email", user.email);
	api_time(&body, "created_at", user.created_ms);
	show_session(&body, request);
	kl_buf_add_char(&body, '}');
	kl_user_release(&user);
	api_end(request, 200, &body);
}

/* clang-format off */
static const struct route routes[] = {
	{ "POST", "/api/auth/register", 0, auth_register, ACCESS_OPEN },
	{ "POST", "/api/auth/login",    0, auth_login,    ACCESS_OPEN },
	{ "POST", "/api/auth/refresh",  0, auth_refresh,  ACCESS_OPEN },
	{ "POST", "/api/auth/reset",    0, auth_reset,    ACCESS_OPEN },
	{ "POST", "/api/auth/logout",   0, auth_logout,   ACCESS_USER },
	{ "POST", "/api/auth/password", 0, auth_password, ACCESS_USER },
	{ "GET",  "/api/auth/me",       0, auth_me,       ACCESS_USER },
};
/* clang-format on */

const struct route_area auth_area = { "/api/auth", routes, KL_LENGTH(routes) };
