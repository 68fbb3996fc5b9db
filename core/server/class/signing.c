/* What signing in, registering and changing a password have in common. */

#include "core/server/class/accounts.h"

#include <stdarg.h>

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

/* --- answers --------------------------------------------------------------------------------------------------------- */

void wipe_body(struct request *request)
{
	const cJSON *node;

	cJSON_ArrayForEach(node, request->fields)
		if (cJSON_IsString(node))
			kl_wipe(node->valuestring, strlen(node->valuestring));
	kl_wipe(request->body.data, request->body.len);
}

void show_user(struct kl_buf *body, const struct kl_user *user)
{
	jsonout_text(body, "id", user->id);
	jsonout_text(body, "name", user->name);
	jsonout_text(body, "display", user->display);
	jsonout_text(body, "role", role_word((enum role)user->role));
}

void answer_tokens(struct request *request, int status, struct kl_tokens *tokens, const char *user_id)
{
	struct kl_user user;
	struct kl_error err;
	struct kl_buf body;

	if (kl_store_user_get(&user, request->server->store, user_id, &err)) {
		api_fail(request, &err);
	} else {
		api_begin(&body);
		kl_buf_add_char(&body, '{');
		jsonout_text(&body, "token", tokens->access);
		api_time(&body, "expires_at", tokens->access_until_ms);
		jsonout_text(&body, "refresh_token", tokens->refresh);
		api_time(&body, "refresh_expires_at", tokens->refresh_until_ms);
		jsonout_key(&body, "user");
		kl_buf_add_char(&body, '{');
		show_user(&body, &user);
		kl_buf_add_str(&body, "}}");
		kl_user_release(&user);
		request_durable(request);
		answer_header(request, "Cache-Control", "no-store");
		api_end(request, status, &body);
	}
	kl_wipe(tokens, sizeof(*tokens));
}

enum kl_status audit_note(struct request *request, const char *action, const char *subject, struct kl_error *err,
			  const char *fmt, ...)
{
	struct server *server = request->server;
	char detail[1024], from[FROM_SIZE];
	struct kl_audit_row row = { .actor = request->actor.id,
				    .name = request->actor.name,
				    .action = action,
				    .subject = subject,
				    .detail = detail,
				    .from = from };
	enum kl_status status;
	va_list args;

	va_start(args, fmt);
	vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	accounts_from(from, request);
	status = server_write(server, err);
	if (!status)
		status = kl_audit_add(server->store, &row, &server->clock, err);
	eventlog(KL_LOG_INFO, "audit", EVENTLOG_TEXT("id", request->id), EVENTLOG_TEXT("actor", request->actor.name),
		 EVENTLOG_TEXT("action", action), EVENTLOG_TEXT("subject", subject), EVENTLOG_TEXT("detail", detail));
	return status;
}

/* A session for the user, who is signed in by the answer. */
void signing_begin(struct hashing *hashing, int status)
{
	struct request *request = hashing->request;
	struct server *server = request->server;
	struct kl_tokens tokens;
	struct kl_error err;

	if (server_write(server, &err) || kl_session_begin(&tokens, server->store, hashing->user, hashing->device,
							   hashing->from, &server->clock, &err))
		api_fail(request, &err);
	else
		answer_tokens(request, status, &tokens, hashing->user);
}

/* Texts of the body into owned copies, checked. */
enum kl_status signing_device(struct hashing *hashing, const char *text, struct kl_error *err)
{
	return kl_line_read(&hashing->device, "the device's name", *text ? text : "a terminal", err);
}

void signing_failed(struct hashing *hashing, const struct kl_error *err)
{
	api_fail(hashing->request, err);
	hashing_free(hashing);
}

void answer_done(struct request *request, const char *what)
{
	struct kl_buf body;

	request_durable(request);
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	api_bool(&body, what, true);
	kl_buf_add_char(&body, '}');
	api_end(request, 200, &body);
}

/* --- whose password it is --------------------------------------------------------------------------------------------- */

/* Of a user who may sign in just now; he may have been disabled while the password was hashed. */
bool signing_still_there(const struct hashing *hashing)
{
	struct kl_user user;
	bool there;

	if (!*hashing->user || kl_store_user_get(&user, hashing->request->server->store, hashing->user, NULL))
		return false;
	there = !user.disabled;
	kl_user_release(&user);
	return there;
}

static void fingerprint(char held[KL_SHA256_SIZE], const struct kl_user *user)
{
	kl_sha256(held, user->password, strlen(user->password));
}

void signing_hold(struct hashing *hashing, const struct kl_user *user)
{
	memcpy(hashing->user, user->id, sizeof(hashing->user));
	fingerprint(hashing->held, user);
}

bool signing_holds(struct server *server, const char *id, const char held[KL_SHA256_SIZE])
{
	char now[KL_SHA256_SIZE];
	struct kl_user user;
	bool holds;

	if (kl_store_user_get(&user, server->store, id, NULL))
		return false;
	fingerprint(now, &user);
	holds = !user.disabled && !strcmp(now, held);
	kl_user_release(&user);
	return holds;
}

/* Also of one who is disabled: it is told from the others by nothing but the end. */
enum kl_status signing_find(char **hash, struct hashing *hashing, struct kl_error *err)
{
	struct kl_user user;
	enum kl_status status = kl_store_user_named(&user, hashing->request->server->store, hashing->key, err);

	*hash = NULL;
	if (status)
		return status == KL_ENOENT ? KL_OK : status;
	if (kl_name_same(user.name, hashing->name)) {
		*hash = *user.password ? kl_strdup(user.password) : NULL; /* none: he signs in otherwise */
		signing_hold(hashing, &user);
	}
	kl_user_release(&user);
	return KL_OK;
}
