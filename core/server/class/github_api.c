/*
 * Signing in by GitHub from a terminal. A flow begins with a code of GitHub's, which the terminal shows; it asks here until the person has
 * entered it there, and each such question is one to GitHub, if its interval has passed. Then GitHub is asked who that is, its token is
 * forgotten, and the account that is bound to that number is signed in. Who begins with a session binds his account.
 *
 * Flows live in memory: after a restart the terminal begins anew.
 */

#include <string.h>
#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/http.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/github.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/settings.h"

#define BEGUN_PER_MINUTE 60 /* of one address */
#define FLOWS_MAX        1000
#define INVITATION_MAX   64 /* bytes of its code, as it is typed */
#define FAILURES_MAX     5 /* in a row, until GitHub is given up */
#define SLOWER_MS        5000

struct flow {
	LIST_ENTRY(flow) link;
	struct github *github;
	struct request *request; /* waits for what GitHub says; NULL: nobody does */
	char code[KL_SHA256_SIZE]; /* fingerprint of what the terminal asks with */
	char site[FROM_SIZE]; /* where it began */
	char *theirs; /* GitHub's device code, in secret memory */
	char *device; /* what the terminal is called; owned */
	char *invitation; /* as it was sent; owned */
	char binds[KL_ID_SIZE]; /* whose account is bound; "": somebody signs in */
	int64_t until_ms, next_ms, interval_ms; /* monotonic */
	int failures;
};

struct github {
	struct server *server;
	struct kl_http *http; /* NULL: nothing was asked yet */
	LIST_HEAD(flows, flow) flows;
	size_t count;
};

struct github *github_new(struct server *server)
{
	struct github *github = kl_calloc(1, sizeof(*github));

	github->server = server;
	LIST_INIT(&github->flows);
	return github;
}

static void drop(struct flow *flow)
{
	LIST_REMOVE(flow, link);
	flow->github->count--;
	kl_secret_free(flow->theirs);
	free(flow->device);
	free(flow->invitation);
	free(flow);
}

void github_free(struct github *github)
{
	if (!github)
		return;
	kl_http_close(github->http); /* who waits is answered */
	while (!LIST_EMPTY(&github->flows))
		drop(LIST_FIRST(&github->flows)); /* NOLINT(clang-analyzer-unix.Malloc): who was freed left the list */
	free(github);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* The request's answer was given. */
static void answered(struct flow *flow)
{
	struct request *request = flow->request;

	flow->request = NULL;
	request_durable(request);
	request_answered(request);
}

static void not_understood(struct request *request, const char *why)
{
	eventlog(KL_LOG_WARN, "github_failed", EVENTLOG_TEXT("id", request->id), EVENTLOG_TEXT("error", why));
	api_error(request, API_UPSTREAM, "GitHub does not answer as it should: try again later, or sign in otherwise");
}

static void end_with_error(struct flow *flow, const struct kl_error *err)
{
	api_fail(flow->request, err);
	answered(flow);
	drop(flow);
}

/* --- who it is ---------------------------------------------------------------------------------------------------- */

/* A name like the one there that is free here; both owned. */
static enum kl_status choose_name(char **name, char **key, const struct request *request, const char *login, int64_t id,
				  struct kl_error *err)
{
	enum kl_status status = KL_EEXIST;

	for (int i = 0; i < 3 && status; i++) {
		char *text = i == 0   ? kl_strdup(login)
			     : i == 1 ? kl_format("%s-gh", login)
				      : kl_format("gh-%lld", (long long)id);

		status = kl_name_read(name, key, text, err);
		free(text);
		if (status)
			continue;
		status = registering_name_is_free(request, *key, err);
		if (!status)
			return KL_OK;
		free(*name);
		free(*key);
	}
	return status;
}

/* A new account, as registering makes one, but without a password. */
static enum kl_status register_user(char user[KL_ID_SIZE], const struct flow *flow, const struct github_answer *who,
				    struct kl_error *err)
{
	char *name, *key, *invitation = NULL;
	enum kl_status status = registering_allowed(&invitation, flow->request, flow->invitation, err);

	if (status == KL_EDENIED || status == KL_ENOENT)
		kl_error_prefix(err, "no account here is bound to this GitHub account, and");
	if (!status)
		status = choose_name(&name, &key, flow->request, who->login, who->id, err);
	if (!status) {
		status = registering_add(user, flow->request, &(struct newcomer){ name, key, name, "", "", invitation },
					 err);
		free(name);
		free(key);
	}
	free(invitation);
	return status;
}

static enum kl_status bind_account(const char *user, const struct flow *flow, const struct github_answer *who,
				   struct kl_error *err)
{
	struct server *server = flow->github->server;
	enum kl_status status = server_write(server, err);

	if (!status)
		status = kl_store_github_bind(server->store, who->id, user, kl_clock_wall_ms(&server->clock), err);
	return status ? status
		      : audit_note(flow->request, "user.github", user, err, "bound to %lld of GitHub",
				   (long long)who->id);
}

/* *user: of who may sign in now. */
static enum kl_status find_user(char user[KL_ID_SIZE], const struct flow *flow, const struct github_answer *who,
				struct kl_error *err)
{
	struct kl_store *store = flow->github->server->store;
	enum kl_status status = kl_store_github_user(user, store, who->id, err);
	struct kl_user row;

	if (status == KL_ENOENT && !(status = register_user(user, flow, who, err)))
		status = bind_account(user, flow, who, err);
	if (status || (status = kl_store_user_get(&row, store, user, err)))
		return status;
	if (row.disabled)
		status = kl_fail(err, KL_EDENIED, "this account may not sign in: ask the administrator");
	kl_user_release(&row);
	return status;
}

static void sign_in(struct flow *flow, const struct github_answer *who)
{
	struct server *server = flow->github->server;
	char user[KL_ID_SIZE], from[FROM_SIZE];
	struct kl_tokens tokens;
	struct kl_error err;
	enum kl_status status = find_user(user, flow, who, &err);

	accounts_from(from, flow->request);
	if (!status && !(status = server_write(server, &err)))
		status = kl_session_begin(&tokens, server->store, user, flow->device, from, &server->clock, &err);
	if (status) {
		end_with_error(flow, &err);
		return;
	}
	answer_tokens(flow->request, 200, &tokens, user);
	answered(flow);
	drop(flow);
}

static void bind_to(struct flow *flow, const struct github_answer *who)
{
	struct kl_error err;

	if (bind_account(flow->binds, flow, who, &err)) {
		end_with_error(flow, &err);
		return;
	}
	answer_done(flow->request, "bound");
	answered(flow);
	drop(flow);
}

static void on_user(void *ctx, const struct github_answer *answer)
{
	struct flow *flow = ctx;

	if (answer->end == GITHUB_GAVE && *flow->binds) {
		bind_to(flow, answer);
	} else if (answer->end == GITHUB_GAVE) {
		sign_in(flow, answer);
	} else { /* the token is gone */
		if (answer->end == GITHUB_CANCELED)
			answer_framework(flow->request, 503);
		else
			not_understood(flow->request, answer->why);
		answered(flow);
		drop(flow);
	}
}

/* --- has he entered the code? ------------------------------------------------------------------------------------- */

static void say_pending(struct request *request)
{
	api_error(request, API_PENDING, "the code was not entered at GitHub yet: ask again");
}

/* It goes on, unless GitHub has failed too often. */
static bool goes_on(struct flow *flow, const struct github_answer *answer)
{
	if (answer->end == GITHUB_SLOW_DOWN)
		flow->interval_ms = answer->interval_s * 1000 > flow->interval_ms ? answer->interval_s * 1000
										  : flow->interval_ms + SLOWER_MS;
	flow->failures = answer->end == GITHUB_FAILED ? flow->failures + 1 : 0;
	flow->next_ms = kl_clock_mono_ms() + flow->interval_ms;
	return answer->end == GITHUB_PENDING || answer->end == GITHUB_SLOW_DOWN ||
	       (answer->end == GITHUB_FAILED && flow->failures < FAILURES_MAX);
}

static void tell_end(struct request *request, const struct github_answer *answer)
{
	if (answer->end == GITHUB_EXPIRED)
		api_error(request, API_EXPIRED, "this code is over or was used: begin anew");
	else if (answer->end == GITHUB_DENIED)
		api_error(request, API_FORBIDDEN, "the terminal was not let in");
	else if (answer->end == GITHUB_CANCELED)
		answer_framework(request, 503);
	else
		not_understood(request, answer->why);
}

static void on_token(void *ctx, const struct github_answer *answer)
{
	struct flow *flow = ctx;
	struct kl_error err;

	if (answer->end == GITHUB_GAVE) {
		if (github_ask_user(&flow->github->http, flow->github->server, answer->token, on_user, flow, &err))
			end_with_error(flow, &err);
	} else if (goes_on(flow, answer)) {
		say_pending(flow->request);
		answered(flow);
	} else {
		tell_end(flow->request, answer);
		answered(flow);
		drop(flow);
	}
}

static void forget_old(struct github *github)
{
	int64_t now_ms = kl_clock_mono_ms();

	for (struct flow *flow = LIST_FIRST(&github->flows), *next; flow; flow = next) {
		next = LIST_NEXT(flow, link);
		if (!flow->request && flow->until_ms < now_ms)
			drop(flow);
	}
}

/* Of whom the code is, and nobody else's who binds. */
static struct flow *find_flow(struct github *github, const struct request *request, const char *code)
{
	char hash[KL_SHA256_SIZE];
	struct flow *flow;

	forget_old(github);
	kl_sha256(hash, code, strlen(code));
	LIST_FOREACH(flow, &github->flows, link)
		if (!strcmp(flow->code, hash))
			return *flow->binds && strcmp(flow->binds, request->actor.id) != 0 ? NULL : flow;
	return NULL;
}

static void github_token(struct request *request)
{
	struct github *github = request->server->accounts->github;
	const char *code = "";
	const struct api_field fields[] = { { "device_code", .text = &code } };
	bool good = !access_refuses_token(request) && api_read(request, fields, KL_LENGTH(fields));
	struct flow *flow = good ? find_flow(github, request, code) : NULL;
	struct kl_error err;

	wipe_body(request);
	if (!good)
		return;
	if (!flow) {
		api_error(request, API_EXPIRED, "this code is over or was used: begin anew");
	} else if (flow->request || kl_clock_mono_ms() < flow->next_ms) {
		say_pending(request); /* GitHub is not asked more often than it wants */
	} else if (github_ask_token(&github->http, request->server, flow->theirs, on_token, flow, &err)) {
		api_fail(request, &err);
	} else {
		flow->request = request;
		request_wait(request, NULL, NULL);
	}
}

/* --- beginning ---------------------------------------------------------------------------------------------------- */

static void answer_codes(struct flow *flow, const struct github_answer *codes)
{
	char ours[KL_TOKEN_SIZE];
	struct kl_buf body;

	kl_token_make(ours, "klg_");
	kl_sha256(flow->code, ours, strlen(ours));
	flow->theirs = kl_secret_copy(codes->device_code, strlen(codes->device_code));
	flow->interval_ms = codes->interval_s * 1000;
	flow->next_ms = kl_clock_mono_ms();
	flow->until_ms = flow->next_ms + codes->expires_s * 1000;
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "device_code", ours);
	jsonout_text(&body, "user_code", codes->user_code);
	jsonout_text(&body, "verification_uri", codes->verification_uri);
	jsonout_int(&body, "expires_in", codes->expires_s);
	jsonout_int(&body, "interval", codes->interval_s);
	kl_buf_add_char(&body, '}');
	answer_header(flow->request, "Cache-Control", "no-store");
	api_end(flow->request, 200, &body);
	kl_wipe(ours, sizeof(ours));
}

static void on_codes(void *ctx, const struct github_answer *answer)
{
	struct flow *flow = ctx;

	if (answer->end == GITHUB_GAVE) {
		answer_codes(flow, answer);
		answered(flow);
		return;
	}
	tell_end(flow->request, answer);
	answered(flow);
	drop(flow);
}

static struct flow *new_flow(struct github *github, struct request *request, char *device, const char *invitation)
{
	struct flow *flow = kl_calloc(1, sizeof(*flow));

	flow->github = github;
	flow->request = request;
	flow->device = device;
	flow->invitation = kl_strdup(invitation);
	memcpy(flow->binds, request->actor.id, sizeof(flow->binds));
	accounts_site(flow->site, request);
	LIST_INSERT_HEAD(&github->flows, flow, link);
	github->count++;
	return flow;
}

/* An address may have taken as many places as it leaves: alone half of all, each of two a third. */
static bool has_room(const struct github *github, const struct request *request)
{
	char site[FROM_SIZE];
	const struct flow *flow;
	size_t its = 0;

	accounts_site(site, request);
	LIST_FOREACH(flow, &github->flows, link)
		its += !strcmp(flow->site, site);
	return its < FLOWS_MAX - github->count;
}

static void github_begin(struct request *request)
{
	struct github *github = request->server->accounts->github;
	const char *name = "", *invitation = "";
	const struct api_field fields[] = { { "device", .text = &name }, { "invitation", .text = &invitation } };
	bool good = !access_refuses_token(request) && api_read(request, fields, KL_LENGTH(fields));
	char *device = NULL;
	struct flow *flow;
	struct kl_error err;

	if (!good)
		return;
	if (!*settings_string(request->server->settings, "github.client_id")) {
		api_error(request, API_NOT_FOUND, "nobody signs in by GitHub here: %s",
			  *request->actor.id ? "there is nothing to bind" : "sign in otherwise");
		return;
	}
	forget_old(github);
	if (!has_room(github, request))
		rates_refuse(request, 60000, "too many terminals ask to be let in: wait for Retry-After seconds");
	else if (!rates_begin(request, "github", BEGUN_PER_MINUTE))
		return;
	else if (strlen(invitation) > INVITATION_MAX) /* it waits for the person to enter a code */
		api_error(request, API_INVALID, "'invitation' has at most %d bytes", INVITATION_MAX);
	else if (kl_line_read(&device, "the device's name", *name ? name : "a terminal", &err))
		api_fail(request, &err);
	else {
		flow = new_flow(github, request, device, invitation);
		if (github_ask_codes(&github->http, request->server, on_codes, flow, &err)) {
			api_fail(request, &err);
			drop(flow);
		} else {
			request_wait(request, NULL, NULL);
		}
	}
	wipe_body(request);
}

static const struct route routes[] = {
	{ "POST", "/api/auth/github", 0, github_begin, ACCESS_OPEN },
	{ "POST", "/api/auth/github/token", 0, github_token, ACCESS_OPEN },
};

const struct route_area github_area = { "/api/auth/github", routes, KL_LENGTH(routes) };
