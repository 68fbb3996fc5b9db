/*
 * Tokens: sealed in the store, one in memory. A refresh token is good once, and a second use of it ends the whole login, so
 * one process at a time renews: it holds a lock on a file, and looks first whether another one has been faster. The answer
 * may be lost: then the same token is sent with the same nonce, which was put down before it was sent first.
 */

#include "core/sync/class_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/crypto.h>
#include <kodelab/json.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/store_sync.h>
#include <kodelab/vault.h>

enum {
	LOCK_PAUSE_MS = 100,
	LOCK_TRIES = 300, /* longer than a renewal can take */
	SKEW_MS = 30000, /* a token that ends in this time is taken for ended */
	RESPONSE_MAX = 64 << 10,
	DEADLINE_MS = 20000,
};

struct session_renewal {
	struct kl_class *class;
	char *refresh; /* secret memory */
	char *failed; /* the token that was refused or has run out, in secret memory; NULL: none was there */
	struct kl_http_request *request;
	struct kl_timer *timer;
	int lock; /* descriptor; -1 */
	int tries; /* at the lock */
	size_t hops; /* to further addresses */
	char nonce[KL_ID_SIZE];
	char *url;
	session_renewed_fn *done; /* NULL: nobody is told any more */
};

/* --- the store ---------------------------------------------------------------------------------------------------- */

static enum kl_status unseal(char **secret, struct kl_class *class, const char *sealed, bool refresh,
			     struct kl_error *err)
{
	char *context = kl_class_context(class->server.name, refresh);
	enum kl_status status = kl_vault_unseal(secret, NULL, class->parts.vault, sealed, context, err);

	free(context);
	if (status)
		status = kl_fail(err, KL_EDENIED, "your login to '%s' cannot be opened any more: kodelab login",
				 class->server.name);
	return status;
}

/* Another process may have logged somebody else in: work of one is never sent with the token of another. */
static enum kl_status check_account(struct kl_class *class, struct kl_error *err)
{
	const struct kl_class_server *ours = &class->server;
	struct kl_class_server now;
	enum kl_status status = kl_store_class_get(&now, class->parts.store, ours->name, err);

	if (status)
		return status;
	if (strcmp(now.user_id, ours->user_id) != 0 || strcmp(now.server_id, ours->server_id) != 0)
		status = kl_fail(err, KL_EDENIED, "%s has logged in to '%s' meanwhile: start the lab again",
				 now.user_name, now.name);
	kl_class_server_release(&now);
	return status;
}

enum kl_status session_read(struct kl_class *class, struct kl_error *err)
{
	struct kl_class_session session;
	enum kl_status status = check_account(class, err);
	char *token;

	if (!status)
		status = kl_store_class_session(&session, class->parts.store, class->server.name, err);
	if (status)
		return status;
	status = unseal(&token, class, session.token, false, err);
	if (!status) {
		session_forget(class);
		class->token = token;
		if (session.token_until_ms && session.token_until_ms < kl_clock_wall_ms(class->parts.clock) + SKEW_MS)
			status = kl_fail(err, KL_ETIME, "your login to '%s' has ended: kodelab login",
					 class->server.name);
	}
	kl_class_session_release(&session);
	return status;
}

enum kl_status session_proof(char **secret, struct kl_class *class, struct kl_error *err)
{
	struct kl_class_session session;
	enum kl_status status = check_account(class, err);
	bool refresh;

	if (!status)
		status = kl_store_class_session(&session, class->parts.store, class->server.name, err);
	if (status == KL_ENOENT)
		err->status = status = KL_EDENIED; /* logged out */
	if (status)
		return status;
	refresh = session.refresh && *session.refresh;
	status = unseal(secret, class, refresh ? session.refresh : session.token, refresh, err);
	kl_class_session_release(&session);
	return status;
}

void session_forget(struct kl_class *class)
{
	kl_secret_free(class->token);
	class->token = NULL;
}

static enum kl_status seal(char **sealed, struct kl_class *class, const char *name, const char *secret, bool refresh,
			   struct kl_error *err)
{
	char *context = kl_class_context(name, refresh);
	enum kl_status status = kl_vault_seal(sealed, class->parts.vault, secret, strlen(secret), context, err);

	free(context);
	return status;
}

/* What is over already by this machine's clock tells that the clock is wrong: then only the server knows. */
static int64_t until(const struct kl_class *class, int64_t at_ms)
{
	return at_ms < kl_clock_wall_ms(class->parts.clock) + SKEW_MS ? 0 : at_ms;
}

enum kl_status session_keep(struct kl_class *class, const char *name, const cJSON *data, struct kl_error *err)
{
	const char *token = wire_text(data, "token", ""), *refresh = wire_text(data, "refresh_token", "");
	struct kl_class_session session = { .token = NULL };
	enum kl_status status;

	if (!*token || strlen(token) > KL_VAULT_SECRET_MAX || strlen(refresh) > KL_VAULT_SECRET_MAX)
		return kl_fail(err, KL_ENET, "the class server's answer to the login has no token");
	session.token_until_ms = until(class, wire_time(data, "expires_at"));
	session.refresh_until_ms = wire_time(data, "refresh_expires_at");
	status = seal(&session.token, class, name, token, false, err);
	if (!status)
		status = seal(&session.refresh, class, name, refresh, true, err);
	if (!status)
		status = kl_store_class_session_put(class->parts.store, name, &session, err);
	kl_class_session_release(&session);
	return status;
}

/* --- renewing ----------------------------------------------------------------------------------------------------- */

static void free_renewal(struct session_renewal *renewal)
{
	kl_timer_cancel(renewal->timer);
	if (renewal->lock >= 0)
		close(renewal->lock);
	kl_secret_free(renewal->refresh);
	kl_secret_free(renewal->failed);
	free(renewal->url);
	free(renewal);
}

static void end_renewal(struct session_renewal *renewal, const struct kl_error *error)
{
	struct kl_class *class = renewal->class;
	session_renewed_fn *done = renewal->done;
	struct kl_error told = *error;

	if (class)
		class->renewal = NULL;
	free_renewal(renewal);
	if (done)
		done(class, &told);
}

void session_stop(struct kl_class *class)
{
	struct session_renewal *renewal = class->renewal;

	if (!renewal)
		return;
	class->renewal = NULL;
	renewal->done = NULL;
	renewal->class = NULL;
	if (!renewal->request) /* else its end comes with kl_http_close */
		free_renewal(renewal);
}

struct settling {
	const struct session_renewal *renewal;
	const cJSON *data; /* NULL: the session is over */
	bool ours;
};

/* Only the login that was to be renewed: another process may have logged out meanwhile, or somebody in. */
static enum kl_status settle(void *ctx, struct kl_error *err)
{
	struct settling *settling = ctx;
	struct kl_class *class = settling->renewal->class;
	struct kl_class_session now;
	enum kl_status status = kl_store_class_session(&now, class->parts.store, class->server.name, err);

	if (status)
		return status == KL_ENOENT ? KL_OK : status;
	settling->ours = !strcmp(now.nonce, settling->renewal->nonce);
	kl_class_session_release(&now);
	if (!settling->ours)
		return KL_OK;
	return settling->data ? session_keep(class, class->server.name, settling->data, err)
			      : kl_store_class_session_drop(class->parts.store, class->server.name, err);
}

/* Whoever is refused here is logged out: the token was used, revoked, or is too old. */
static void take_refusal(struct session_renewal *renewal, const struct kl_class_answer *answer)
{
	struct kl_class *class = renewal->class;
	struct settling settling = { .renewal = renewal };
	struct kl_error err = answer->error;

	if (answer->end == KL_CLASS_LOGIN || answer->end == KL_CLASS_REFUSED) {
		session_forget(class);
		err.status = kl_store_sync_change(class->parts.store, settle, &settling, &err);
		if (settling.ours && !err.status)
			kl_fail(&err, KL_EDENIED, "your login to '%s' has ended: kodelab login", class->server.name);
	} else if (err.status == KL_OK) {
		kl_fail(&err, KL_ENET, "the login could not be renewed");
	}
	end_renewal(renewal, &err);
}

static void ask_or_post(struct session_renewal *renewal);

/* The server may be reached at another one of its addresses: there the same token with the same nonce is the same question. */
static bool asks_elsewhere(struct session_renewal *renewal, const struct kl_class_answer *answer)
{
	struct kl_class *class = renewal->class;

	if (answer->end != KL_CLASS_OFFLINE)
		return false;
	class_next_address(class);
	if (++renewal->hops >= class->address_count)
		return false;
	ask_or_post(renewal);
	return true;
}

static void on_renewed(void *ctx, const struct kl_http_result *result)
{
	struct session_renewal *renewal = ctx;
	struct kl_class *class = renewal->class;
	struct settling settling = { .renewal = renewal };
	struct kl_class_answer answer;
	struct kl_error err = { .status = KL_OK };
	struct kl_json *doc;

	renewal->request = NULL;
	if (!class) {
		free_renewal(renewal);
		return;
	}
	class_read_answer(&answer, &doc, &(struct kl_class_ask){ .raw = NULL }, result,
			  kl_clock_wall_ms(class->parts.clock));
	if (answer.end == KL_CLASS_DONE) {
		settling.data = answer.data;
		err.status = kl_store_sync_change(class->parts.store, settle, &settling, &err);
		if (!err.status)
			session_forget(class); /* it is read anew */
		end_renewal(renewal, &err);
	} else if (!asks_elsewhere(renewal, &answer)) {
		take_refusal(renewal, &answer);
	}
	kl_json_free(doc);
}

/* A token holds nothing that JSON would have to escape. */
static void post_refresh(struct session_renewal *renewal)
{
	struct kl_class *class = renewal->class;
	size_t size = strlen(renewal->refresh) + 96;
	char *body = kl_secret_alloc(size);
	struct kl_http_header headers[] = { { "Content-Type", "application/json", false },
					    { "Accept", "application/json", false } };
	struct kl_http_spec spec = { .method = "POST",
				     .headers = headers,
				     .header_count = KL_LENGTH(headers),
				     .body = body,
				     .deadline_ms = DEADLINE_MS,
				     .response_max = RESPONSE_MAX };
	struct kl_error err;

	snprintf(body, size, "{\"refresh_token\":\"%s\",\"nonce\":\"%s\"}", renewal->refresh, renewal->nonce);
	free(renewal->url);
	renewal->url = kl_format("%s/api/auth/refresh", class->addresses[class->address]);
	class_fill_spec(&spec, class);
	spec.url = renewal->url;
	spec.body_len = strlen(body);
	if (kl_http_start(&renewal->request, class->http, &spec, on_renewed, renewal, &err)) {
		renewal->request = NULL;
		end_renewal(renewal, &err);
	}
	kl_secret_free(body);
}

static void on_who(void *ctx, const struct kl_http_result *result)
{
	struct session_renewal *renewal = ctx;
	struct kl_class_answer answer;
	struct kl_json *doc;

	renewal->request = NULL;
	if (!renewal->class) {
		free_renewal(renewal);
		return;
	}
	who_read(&answer, &doc, renewal->class, result);
	if (answer.end == KL_CLASS_DONE)
		post_refresh(renewal);
	else if (!asks_elsewhere(renewal, &answer))
		take_refusal(renewal, &answer);
	kl_json_free(doc);
}

static void ask_or_post(struct session_renewal *renewal)
{
	struct kl_error err;

	if (who_known(renewal->class))
		post_refresh(renewal);
	else if (who_ask(&renewal->request, renewal->class, on_who, renewal, &err))
		end_renewal(renewal, &err);
}

static bool is_plain(const char *token)
{
	for (; *token; token++)
		if ((unsigned char)*token <= ' ' || *token == '"' || *token == '\\' || (unsigned char)*token >= 0x7f)
			return false;
	return true;
}

/* Another process may have renewed it while this one waited for the lock. */
static bool is_newer(const struct session_renewal *renewal, const char *token)
{
	return !renewal->failed || strcmp(renewal->failed, token) != 0;
}

static enum kl_status keep_nonce(struct session_renewal *renewal, struct kl_class_session *session,
				 struct kl_error *err)
{
	struct kl_class *class = renewal->class;

	if (!session->nonce[0]) {
		kl_id_random(session->nonce);
		memcpy(renewal->nonce, session->nonce, sizeof(renewal->nonce));
		return kl_store_class_session_put(class->parts.store, class->server.name, session, err);
	}
	memcpy(renewal->nonce, session->nonce, sizeof(renewal->nonce));
	return KL_OK;
}

struct looking {
	struct session_renewal *renewal;
	bool newer; /* nothing is to be sent: the session is another one already */
};

/* What is to be sent into renewal->refresh. */
static enum kl_status look(struct looking *looking, struct kl_class_session *session, struct kl_error *err)
{
	struct session_renewal *renewal = looking->renewal;
	struct kl_class *class = renewal->class;
	char *token;
	enum kl_status status = unseal(&token, class, session->token, false, err);

	if (status)
		return status;
	looking->newer = is_newer(renewal, token);
	kl_secret_free(token);
	if (looking->newer)
		return KL_OK;
	status = unseal(&renewal->refresh, class, session->refresh, true, err);
	if (!status && (!*renewal->refresh || !is_plain(renewal->refresh)))
		status = kl_fail(err, KL_EDENIED, "your login to '%s' has ended: kodelab login", class->server.name);
	return status ? status : keep_nonce(renewal, session, err);
}

static enum kl_status look_at_session(void *ctx, struct kl_error *err)
{
	struct looking *looking = ctx;
	struct kl_class *class = looking->renewal->class;
	struct kl_class_session session;
	enum kl_status status = kl_store_class_session(&session, class->parts.store, class->server.name, err);

	if (status == KL_ENOENT)
		err->status = status = KL_EDENIED; /* logged out */
	if (status)
		return status;
	status = look(looking, &session, err);
	kl_class_session_release(&session);
	return status;
}

/* With the lock held. */
static void renew_now(struct session_renewal *renewal)
{
	struct kl_class *class = renewal->class;
	struct looking looking = { .renewal = renewal };
	struct kl_error err = { .status = KL_OK };
	enum kl_status status = kl_store_sync_change(class->parts.store, look_at_session, &looking, &err);

	if (looking.newer)
		session_forget(class);
	if (status || looking.newer)
		end_renewal(renewal, &err);
	else
		ask_or_post(renewal);
}

static void try_lock(void *ctx)
{
	struct session_renewal *renewal = ctx;
	struct kl_class *class = renewal->class;
	struct kl_error err;

	renewal->timer = NULL;
	if (renewal->lock < 0 || flock(renewal->lock, LOCK_EX | LOCK_NB) == 0) { /* no lock to be had there: alone */
		renew_now(renewal);
	} else if (++renewal->tries < LOCK_TRIES) {
		renewal->timer = kl_loop_add_timer(class->parts.loop, LOCK_PAUSE_MS, try_lock, renewal);
	} else {
		kl_fail(&err, KL_ENET, "another lab has been renewing the login for too long: try again");
		end_renewal(renewal, &err);
	}
}

void session_renew(struct kl_class *class, session_renewed_fn *done)
{
	struct session_renewal *renewal;
	char *path;

	if (class->renewal) { /* begun for a call that was stopped since: its end is this one's */
		class->renewal->done = done;
		return;
	}
	renewal = kl_calloc(1, sizeof(*renewal));
	path = kl_path_join(class->parts.folder, "login.lock");
	class->renewal = renewal;
	renewal->class = class;
	renewal->done = done;
	if (class->token)
		renewal->failed = kl_secret_copy(class->token, strlen(class->token));
	renewal->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(path);
	renewal->timer = kl_loop_add_timer(class->parts.loop, 0, try_lock, renewal);
}
