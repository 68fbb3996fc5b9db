/*
 * Logging in: who is the server, is it the one that it was, then one of six ways to tokens, then who are we. A device that asks to
 * be let in shows a code and asks again and again until somebody has said yes. A GitHub account is bound in the same way, with the session
 * that is there: no tokens come of it.
 */

#include "core/sync/class_int.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/loop.h>
#include <kodelab/store.h>
#include <kodelab/visible.h>

enum {
	PATIENCE_MS = 5000,
	INTERVAL_MIN_S = 1,
	INTERVAL_MAX_S = 60,
	SLOWER_MS = 5000, /* as RFC 8628, 3.5 has it */
	RESPONSE_MAX = 64 << 10,
	CODE_DEFAULT_S = 600,
	TITLE_MAX = 200,
};

struct kl_class_login {
	struct kl_class *class;
	struct kl_class_call *call; /* NULL: none is made */
	struct kl_timer *timer;
	enum kl_class_way way;
	char *device, *user, *display, *invitation;
	char *password, *token, *code; /* secret memory */
	bool signed_in; /* BIND_GITHUB: asks with the session that goes on; not before it is known who the server is */
	bool sends_token; /* not before it is known who the server is: it may be the wrong one */
	char *device_code; /* secret memory */
	int64_t interval_ms, until_ms; /* wall */
	struct kl_class_server server; /* as it will be put */
	bool canceled;
	kl_class_code_fn *show;
	kl_class_login_fn *done;
	void *ctx;
};

/* --- the end ------------------------------------------------------------------------------------------------------ */

static void end(struct kl_class_login *login, const struct kl_error *error)
{
	kl_class_login_fn *done = login->done;
	void *ctx = login->ctx;
	struct kl_error told = *error;

	kl_timer_cancel(login->timer);
	free(login->device);
	free(login->user);
	free(login->display);
	free(login->invitation);
	kl_secret_free(login->password);
	kl_secret_free(login->token);
	kl_secret_free(login->code);
	kl_secret_free(login->device_code);
	kl_class_server_release(&login->server);
	free(login);
	done(ctx, &told);
}

static void end_canceled(void *ctx)
{
	struct kl_class_login *login = ctx;
	struct kl_error err;

	login->timer = NULL;
	kl_fail(&err, KL_ECANCELED, "nothing was changed");
	end(login, &err);
}

void kl_class_login_cancel(struct kl_class_login *login)
{
	login->canceled = true;
	if (login->call) {
		kl_class_cancel(login->call);
		return;
	}
	kl_timer_cancel(login->timer);
	login->timer = kl_loop_add_timer(login->class->parts.loop, 0, end_canceled, login);
}

static void end_with(struct kl_class_login *login, const struct kl_class_answer *answer)
{
	struct kl_error err = answer->error;

	if (login->canceled)
		kl_fail(&err, KL_ECANCELED, "nothing was changed");
	end(login, &err);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* body: taken, and wiped: it may hold a password. NULL: none. */
static void ask(struct kl_class_login *login, const char *method, const char *path, cJSON *body, kl_class_done_fn *done)
{
	char *text = body ? cJSON_PrintUnformatted(body) : NULL;
	struct kl_class_ask what = { .method = method,
				     .path = path,
				     .body = text,
				     .body_len = text ? strlen(text) : 0,
				     .open = !login->signed_in,
				     .token = login->sends_token ? login->token : NULL,
				     .patience_ms = PATIENCE_MS,
				     .response_max = RESPONSE_MAX };
	struct kl_error err;

	for (cJSON *node = body ? body->child : NULL; node; node = node->next)
		if (cJSON_IsString(node))
			kl_wipe(node->valuestring, strlen(node->valuestring));
	cJSON_Delete(body);
	if (kl_class_call(&login->call, login->class, &what, done, login, &err)) {
		login->call = NULL;
		end(login, &err);
	}
	if (text)
		kl_wipe(text, strlen(text));
	cJSON_free(text);
}

static void add(cJSON *body, const char *name, const char *text)
{
	if (text && *text)
		cJSON_AddStringToObject(body, name, text);
}

/* --- who we are now ----------------------------------------------------------------------------------------------- */

static void set(char **text, const char *value, size_t max)
{
	free(*text);
	*text = kl_strndup(value, kl_utf8_fit(value, strlen(value), max));
}

static enum kl_status read_user(struct kl_class_login *login, const cJSON *user, struct kl_error *err)
{
	struct kl_class_server *server = &login->server;
	const char *id = wire_text(user, "id", ""), *name = wire_text(user, "name", "");

	if (!kl_id_valid(id) || !*name)
		return kl_fail(err, KL_ENET, "the class server's answer to the login does not say who you are");
	set(&server->user_id, id, TITLE_MAX);
	set(&server->user_name, name, TITLE_MAX);
	set(&server->display, wire_text(user, "display", name), TITLE_MAX);
	set(&server->role, wire_text(user, "role", "STUDENT"), TITLE_MAX);
	server->added_ms = kl_clock_wall_ms(login->class->parts.clock);
	return KL_OK;
}

/* The tokens first: one who is not logged in has no server that is the active one. */
static enum kl_status keep_both(struct kl_class_login *login, const cJSON *session, struct kl_error *err)
{
	struct kl_store *store = login->class->parts.store;
	enum kl_status status = kl_store_part_begin(store, err);

	if (status)
		return status;
	status = session_keep(login->class, login->server.name, session, err);
	if (!status)
		status = kl_store_class_put(store, &login->server, err);
	return kl_store_part_end(store, status, err);
}

/* Tokens and whose they are, or neither: with another one's tokens this account's work would be handed in as his. */
static enum kl_status keep(struct kl_class_login *login, const cJSON *session, struct kl_error *err)
{
	struct kl_store *store = login->class->parts.store;
	enum kl_status status = kl_store_batch_begin(store, err), ended;

	if (status)
		return status;
	status = keep_both(login, session, err);
	ended = kl_store_batch_end(store, status ? NULL : err);
	return status ? status : ended;
}

static void finish(struct kl_class_login *login, const cJSON *session, const cJSON *user)
{
	struct kl_class *class = login->class;
	struct kl_error err = { .status = KL_OK };

	if (!read_user(login, user, &err) && !keep(login, session, &err) &&
	    !class_read(class, login->server.name, &err))
		session_forget(class); /* it is read anew */
	end(login, &err);
}

static void end_bound(struct kl_class_login *login, const cJSON *data)
{
	struct kl_error err = { .status = KL_OK };

	if (!cJSON_IsTrue(wire_member(data, "bound")))
		kl_fail(&err, KL_ENET, "the class server does not say that the account is bound");
	end(login, &err);
}

static void on_tokens(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_class_login *login = ctx;

	login->call = NULL;
	if (answer->end != KL_CLASS_DONE)
		end_with(login, answer);
	else if (login->way == KL_CLASS_BIND_GITHUB)
		end_bound(login, answer->data);
	else
		finish(login, answer->data, wire_member(answer->data, "user"));
}

/* --- with a token that somebody else got -------------------------------------------------------------------------- */

static void on_me(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_class_login *login = ctx;
	const cJSON *user = wire_member(answer->data, "user");
	cJSON *session;

	login->call = NULL;
	if (answer->end != KL_CLASS_DONE) {
		end_with(login, answer);
		return;
	}
	session = cJSON_CreateObject();
	cJSON_AddItemToObject(session, "token", cJSON_CreateStringReference(login->token));
	finish(login, session, user ? user : answer->data);
	cJSON_Delete(session);
}

static void begin_token(struct kl_class_login *login)
{
	cJSON *body;

	if (strncmp(login->token, "klr_", 4) != 0) {
		login->sends_token = true;
		ask(login, "GET", "/api/auth/me", NULL, on_me);
		return;
	}
	body = cJSON_CreateObject();
	cJSON_AddStringToObject(body, "refresh_token", login->token);
	kl_secret_free(login->token);
	login->token = NULL;
	ask(login, "POST", "/api/auth/refresh", body, on_tokens);
}

/* --- with a password ---------------------------------------------------------------------------------------------- */

static void begin_password(struct kl_class_login *login)
{
	bool new = login->way == KL_CLASS_REGISTER;
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "name", login->user);
	cJSON_AddStringToObject(body, "password", login->password);
	kl_secret_free(login->password);
	login->password = NULL;
	if (new) {
		add(body, "display", login->display);
		add(body, "invitation", login->invitation);
	} else {
		add(body, "device", login->device);
	}
	ask(login, "POST", new ? "/api/auth/register" : "/api/auth/login", body, on_tokens);
}

/* --- with the code for a forgotten one ------------------------------------------------------------------------------ */

static void begin_reset(struct kl_class_login *login)
{
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "name", login->user);
	cJSON_AddStringToObject(body, "code", login->code);
	cJSON_AddStringToObject(body, "new", login->password);
	cJSON_AddStringToObject(body, "device", login->device);
	kl_secret_free(login->password);
	login->password = NULL;
	ask(login, "POST", "/api/auth/reset", body, on_tokens);
}

/* --- with a code -------------------------------------------------------------------------------------------------- */

static void ask_code(void *ctx);

static bool is_by_github(const struct kl_class_login *login)
{
	return login->way == KL_CLASS_GITHUB || login->way == KL_CLASS_BIND_GITHUB;
}

static void ask_later(struct kl_class_login *login)
{
	login->timer = kl_loop_add_timer(login->class->parts.loop, login->interval_ms, ask_code, login);
}

static void on_code_token(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_class_login *login = ctx;
	bool slower = !strcmp(answer->code, "SLOW_DOWN");
	bool waits = answer->end == KL_CLASS_OFFLINE || answer->end == KL_CLASS_BUSY || slower ||
		     !strcmp(answer->code, "AUTHORIZATION_PENDING");
	struct kl_error err;

	login->call = NULL;
	if (answer->end == KL_CLASS_DONE || login->canceled) {
		on_tokens(login, answer);
	} else if (!strcmp(answer->code, "EXPIRED") ||
		   (waits && kl_clock_wall_ms(login->class->parts.clock) > login->until_ms)) {
		kl_fail(&err, KL_EDENIED, "nobody has confirmed the code in time: kodelab login makes a new one");
		end(login, &err);
	} else if (waits) {
		if (slower || answer->end == KL_CLASS_BUSY)
			login->interval_ms += SLOWER_MS;
		ask_later(login);
	} else {
		end_with(login, answer);
	}
}

static void ask_code(void *ctx)
{
	struct kl_class_login *login = ctx;
	cJSON *body = cJSON_CreateObject();

	login->timer = NULL;
	cJSON_AddStringToObject(body, "device_code", login->device_code);
	ask(login, "POST", is_by_github(login) ? "/api/auth/github/token" : "/api/auth/device/token", body,
	    on_code_token);
}

static int64_t bounded(int64_t value, int64_t min, int64_t max)
{
	return value < min ? min : value > max ? max : value;
}

static void on_code(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_class_login *login = ctx;
	struct kl_class_code code = { .address = wire_text(answer->data, "verification_uri", ""),
				      .code = wire_text(answer->data, "user_code", "") };
	const char *device_code = wire_text(answer->data, "device_code", "");
	struct kl_error err;

	login->call = NULL;
	if (answer->end != KL_CLASS_DONE) {
		end_with(login, answer);
	} else if (!*code.address || !*code.code || !*device_code) {
		kl_fail(&err, KL_ENET, "the class server gave no code: log in with --password");
		end(login, &err);
	} else {
		int64_t lives_s = bounded(wire_int(answer->data, "expires_in", CODE_DEFAULT_S), 1, 24 * 3600);

		login->device_code = kl_secret_copy(device_code, strlen(device_code));
		login->interval_ms =
			1000 * bounded(wire_int(answer->data, "interval", 5), INTERVAL_MIN_S, INTERVAL_MAX_S);
		login->until_ms = code.until_ms = kl_clock_wall_ms(login->class->parts.clock) + 1000 * lives_s;
		ask_later(login);
		login->show(login->ctx, &code);
	}
}

static void begin_code(struct kl_class_login *login)
{
	cJSON *body = cJSON_CreateObject();

	login->signed_in = login->way == KL_CLASS_BIND_GITHUB;
	cJSON_AddStringToObject(body, "device", login->device);
	if (login->way == KL_CLASS_GITHUB)
		add(body, "invitation", login->invitation);
	ask(login, "POST", is_by_github(login) ? "/api/auth/github" : "/api/auth/device", body, on_code);
}

/* --- who the server is -------------------------------------------------------------------------------------------- */

/* No other server may pass for one that is known: what is taken from a server goes by its id. */
static enum kl_status hold_to_id(struct kl_class_login *login, const char *id, const char *key, struct kl_error *err)
{
	struct kl_class_server *rows;
	size_t count;
	enum kl_status status = kl_store_class_servers(&rows, &count, login->class->parts.store, err);

	if (status)
		return status;
	for (size_t i = 0; !status && i < count; i++)
		if (!strcmp(rows[i].server_id, id) && strcmp(rows[i].public_key, key) != 0)
			status = kl_fail(
				err, KL_ECONFLICT,
				"%s says that it is '%s', with another key: ask your instructor which one is right",
				login->class->host, rows[i].name);
	kl_class_servers_free(rows, count);
	return status;
}

/* It must be the one that it was: else receipts of before could not be checked, and it may be somebody else. */
static enum kl_status hold_to_key(struct kl_class_login *login, const char *id, const char *key, struct kl_error *err)
{
	struct kl_class_server before;
	enum kl_status status = kl_store_class_get(&before, login->class->parts.store, login->server.name, NULL);

	if (status == KL_ENOENT)
		return hold_to_id(login, id, key, err);
	if (status)
		return kl_fail(err, status, "what is known of the server cannot be read");
	if (strcmp(before.public_key, key) != 0 || strcmp(before.server_id, id) != 0)
		status = kl_fail(
			err, KL_ECONFLICT,
			"'%s' shows another key than before: it was set up anew, or somebody is in between; ask "
			"your instructor, then 'kodelab logout --forget %s' and log in again",
			before.name, before.name);
	kl_class_server_release(&before);
	return status;
}

static bool is_public_key(const char *text)
{
	size_t len = 0;
	char *bytes;
	bool good = kl_base64_decode(&bytes, &len, text);

	if (good)
		free(bytes);
	return good && len == 32;
}

static void (*const ways[])(struct kl_class_login *login) = {
	[KL_CLASS_DEVICE] = begin_code,       [KL_CLASS_GITHUB] = begin_code,       [KL_CLASS_BIND_GITHUB] = begin_code,
	[KL_CLASS_PASSWORD] = begin_password, [KL_CLASS_REGISTER] = begin_password, [KL_CLASS_TOKEN] = begin_token,
	[KL_CLASS_RESET] = begin_reset,
};

static void on_server(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_class_login *login = ctx;
	const char *id = wire_text(answer->data, "id", ""), *key = wire_text(answer->data, "public_key", "");
	struct kl_error err = { .status = KL_OK };

	login->call = NULL;
	if (answer->end != KL_CLASS_DONE) {
		end_with(login, answer);
		return;
	}
	if (!kl_id_valid(id) || !is_public_key(key))
		kl_fail(&err, KL_ENET, "%s does not say who it is: it is no class server of this version",
			login->class->host);
	else if (!hold_to_key(login, id, key, &err)) {
		set(&login->server.server_id, id, TITLE_MAX);
		set(&login->server.public_key, key, TITLE_MAX);
		set(&login->server.title, wire_text(answer->data, "name", ""), TITLE_MAX);
		ways[login->way](login);
		return;
	}
	end(login, &err);
}

static void begin(void *ctx)
{
	struct kl_class_login *login = ctx;

	login->timer = NULL;
	ask(login, "GET", "/api/server", NULL, on_server);
}

enum kl_status kl_class_login(struct kl_class_login **out, struct kl_class *class,
			      const struct kl_class_login_spec *spec, kl_class_code_fn *show, kl_class_login_fn *done,
			      void *ctx, struct kl_error *err)
{
	struct kl_class_login *login;

	if ((spec->way == KL_CLASS_PASSWORD || spec->way == KL_CLASS_REGISTER) && (!spec->user || !spec->password))
		return kl_fail(err, KL_EINVAL, "a name and a password are needed");
	if (spec->way == KL_CLASS_RESET && (!spec->user || !spec->password || !spec->code))
		return kl_fail(err, KL_EINVAL, "a name, a code and a password are needed");
	if (spec->way == KL_CLASS_TOKEN && (!spec->token || !*spec->token))
		return kl_fail(err, KL_EINVAL, "a token is needed");
	login = kl_calloc(1, sizeof(*login));
	*login = (struct kl_class_login){ .class = class, .way = spec->way, .show = show, .done = done, .ctx = ctx };
	login->device = kl_strdup(spec->device ? spec->device : "kodelab");
	login->user = kl_strdup(spec->user);
	login->display = kl_strdup(spec->display);
	login->invitation = kl_strdup(spec->invitation);
	if (spec->password)
		login->password = kl_secret_copy(spec->password, strlen(spec->password));
	if (spec->code)
		login->code = kl_secret_copy(spec->code, strlen(spec->code));
	if (spec->token)
		login->token = kl_secret_copy(spec->token, strlen(spec->token));
	login->server.name = kl_strdup(class->server.name);
	login->server.addresses = kl_strdup(class->server.addresses);
	login->server.ca_file = kl_strdup(class->server.ca_file);
	login->server.proxy = kl_strdup(class->server.proxy);
	login->timer = kl_loop_add_timer(class->parts.loop, 0, begin, login);
	*out = login;
	return KL_OK;
}

/* --- logging out -------------------------------------------------------------------------------------------------- */

struct logout {
	struct kl_class *class;
	struct kl_class_call *call;
	kl_class_done_fn *done;
	void *ctx;
};

static void on_logout(void *ctx, const struct kl_class_answer *answer)
{
	struct logout *logout = ctx;
	struct kl_class_answer told = *answer;

	session_forget(logout->class);
	if (kl_store_class_session_drop(logout->class->parts.store, logout->class->server.name, &told.error))
		told.end = KL_CLASS_REFUSED;
	logout->done(logout->ctx, &told);
	free(logout);
}

enum kl_status kl_class_logout(struct kl_class *class, kl_class_done_fn *done, void *ctx, struct kl_error *err)
{
	struct logout *logout = kl_calloc(1, sizeof(*logout));
	struct kl_class_ask what = { .method = "POST",
				     .path = "/api/auth/logout",
				     .body = "{}",
				     .body_len = 2,
				     .repeatable = true,
				     .response_max = RESPONSE_MAX };
	enum kl_status status;

	*logout = (struct logout){ .class = class, .done = done, .ctx = ctx };
	status = kl_class_call(&logout->call, class, &what, on_logout, logout, err);
	if (status)
		free(logout);
	return status;
}
