/* Routes and gates. */

#include "core/server/route.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include <kodelab/alloc.h>
#include <kodelab/queue.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/admin.h"
#include "core/server/class/analytics.h"
#include "core/server/class/courses.h"
#include "core/server/class/packs.h"
#include "core/server/class/pull.h"
#include "core/server/class/works.h"
#include "core/server/cors.h"
#include "core/server/judge0_routes.h"
#include "core/server/keys.h"
#include "core/server/ops.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/submissions.h"

/* clang-format off */
static const struct route routes[] = {
	{ "GET",    "/",                   0,                       info_home, ACCESS_GATES },
	{ "GET",    "/docs",               0,                       info_home, ACCESS_GATES },
	{ "GET",    "/health",             0,                       ops_health, ACCESS_GATES },
	{ "GET",    "/metrics",            GATE_LOCAL,              ops_metrics, ACCESS_GATES },

	{ "GET",    "/submissions",        GATE_TOKEN | GATE_USER,  submissions_list, ACCESS_GATES },
	{ "POST",   "/submissions",        GATE_TOKEN | GATE_MAINTENANCE | GATE_WAIT | GATE_QUEUE, submissions_create, ACCESS_GATES },
	{ "GET",    "/submissions/batch",  GATE_TOKEN | GATE_BATCH, submissions_batch_get, ACCESS_GATES },
	{ "POST",   "/submissions/batch",  GATE_TOKEN | GATE_BATCH | GATE_QUEUE, submissions_batch_create, ACCESS_GATES },
	{ "GET",    "/submissions/:token", GATE_TOKEN,              submissions_get, ACCESS_GATES },
	{ "DELETE", "/submissions/:token", GATE_TOKEN | GATE_USER | GATE_MAINTENANCE, submissions_delete, ACCESS_GATES },

	{ "GET",    "/languages",          GATE_TOKEN,              info_languages, ACCESS_GATES },
	{ "GET",    "/languages/all",      GATE_TOKEN,              info_all_languages, ACCESS_GATES },
	{ "GET",    "/languages/:id",      GATE_TOKEN,              info_language, ACCESS_GATES },
	{ "GET",    "/statuses",           GATE_TOKEN,              info_statuses, ACCESS_GATES },
	{ "GET",    "/system_info",        GATE_TOKEN,              info_system, ACCESS_GATES },
	{ "GET",    "/config_info",        GATE_TOKEN,              info_config, ACCESS_GATES },
	{ "GET",    "/statistics",         GATE_TOKEN,              info_statistics, ACCESS_GATES },
	{ "GET",    "/workers",            GATE_TOKEN,              info_workers, ACCESS_GATES },
	{ "GET",    "/about",              GATE_TOKEN,              info_about, ACCESS_GATES },
	{ "GET",    "/version",            GATE_TOKEN,              info_version, ACCESS_GATES },
	{ "GET",    "/isolate",            GATE_TOKEN,              info_isolate, ACCESS_GATES },
	{ "GET",    "/license",            GATE_TOKEN,              info_license, ACCESS_GATES },
	{ "POST",   "/authenticate",       GATE_TOKEN,              info_authenticate, ACCESS_GATES },
	{ "POST",   "/authorize",          GATE_TOKEN | GATE_USER,  info_authorize, ACCESS_GATES },

	{ "GET",    "/api/instances",             0,                instances_list, ACCESS_SIGNED_IN },
	{ "POST",   "/api/instances",             0,                instances_add, ACCESS_ADMIN },
	{ "DELETE", "/api/instances/:name",       0,                instances_remove, ACCESS_ADMIN },
	{ "POST",   "/api/instances/:name/probe", 0,                instances_probe, ACCESS_ADMIN },
	{ "GET",    "/api/keys",                  0,                keys_list, ACCESS_SIGNED_IN },
	{ "POST",   "/api/keys",                  0,                keys_give, ACCESS_SIGNED_IN },
	{ "GET",    "/api/keys/consent",          0,                keys_consent, ACCESS_SIGNED_IN },
	{ "GET",    "/api/keys/pool",             0,                keys_usage, ACCESS_SIGNED_IN },
	{ "PUT",    "/api/keys/:id",              0,                keys_change, ACCESS_SIGNED_IN },
	{ "DELETE", "/api/keys/:id",              0,                keys_remove, ACCESS_SIGNED_IN },
	{ "POST",   "/api/keys/:id/validate",     0,                keys_validate, ACCESS_SIGNED_IN },
	{ "POST",   "/api/profile/judge0-key",    0,                keys_give, ACCESS_SIGNED_IN },
	{ "DELETE", "/api/profile/judge0-key",    0,                keys_remove_only, ACCESS_SIGNED_IN },
	{ "POST",   "/api/admin/validate-keys",   0,                keys_validate_all, ACCESS_ADMIN },
	{ "GET",    "/api/holds",                 0,                holds_list, ACCESS_ADMIN },
	{ "POST",   "/api/holds",                 0,                holds_add, ACCESS_ADMIN },
	{ "DELETE", "/api/holds/:id",             0,                holds_remove, ACCESS_ADMIN },
	{ "POST",   "/api/notices/take",          0,                keys_notices, ACCESS_SIGNED_IN },
};
/* clang-format on */

/* --- finding ---------------------------------------------------------------------------------------------------- */

static const struct route_area judge_area = { "/", routes, KL_LENGTH(routes) };

/* clang-format off */
static const struct route_area *const areas[] = {
	&judge_area,
	&auth_area,
	&users_area,
	&invitations_area,
	&audit_area,
	&device_area,
	&github_area,
	&courses_area,
	&members_area,
	&assignments_area,
	&gradebook_area,
	&teams_area,
	&kept_packs_area,
	&packs_area,
	&challenges_area,
	&admin_area,
	&analytics_area,
	&works_area,
	&learner_area,
	&push_area,
	&parcel_area,
	&events_area,
	&rejudge_area,
	&pull_area,
};
/* clang-format on */

/* Is path of the form of pattern? parts and lens: what its ":name"s stand for. */
static bool fits(const char *pattern, const char *path, const char *parts[], size_t lens[], size_t *count)
{
	*count = 0;
	while (*pattern == ':' || (*pattern && *pattern == *path)) {
		if (*pattern != ':') {
			pattern++;
			path++;
			continue;
		}
		assert(*count < ROUTE_ARGUMENTS);
		parts[*count] = path;
		lens[*count] = strcspn(path, "/");
		if (!lens[*count])
			return false;
		path += lens[(*count)++];
		pattern += strcspn(pattern, "/");
	}
	return !*pattern && !*path;
}

const struct route *route_at(size_t index)
{
	for (size_t i = 0; i < KL_LENGTH(areas); i++) {
		if (index < areas[i]->count)
			return &areas[i]->rows[index];
		index -= areas[i]->count;
	}
	return NULL;
}

static const struct route *find_in(const struct route_area *area, char *arguments[ROUTE_ARGUMENTS], const char *method,
				   const char *path)
{
	const char *parts[ROUTE_ARGUMENTS];
	size_t lens[ROUTE_ARGUMENTS], count;

	for (const struct route *route = area->rows; route < area->rows + area->count; route++) {
		if (strcmp(route->method, method) != 0 || !fits(route->path, path, parts, lens, &count))
			continue;
		for (size_t i = 0; i < count; i++)
			arguments[i] = kl_strndup(parts[i], lens[i]);
		return route;
	}
	return NULL;
}

const struct route *route_find(char *arguments[ROUTE_ARGUMENTS], const char *method, const char *path)
{
	const struct route *found = NULL;

	if (!strcmp(method, "HEAD"))
		method = "GET";
	for (size_t i = 0; !found && i < KL_LENGTH(areas); i++)
		if (!strncmp(path, areas[i]->under, strlen(areas[i]->under)))
			found = find_in(areas[i], arguments, method, path);
	return found;
}

/* --- gates ------------------------------------------------------------------------------------------------------ */

static bool address_may(struct request *request)
{
	const struct settings *settings = request->server->settings;
	const char *allow = settings_string(settings, "access.allow_ip");

	if ((!*allow || peer_in(&request->peer, allow)) &&
	    !peer_in(&request->peer, settings_string(settings, "access.deny_ip")))
		return true;
	answer_empty(request, 403);
	return false;
}

const char *route_token(const struct request *request, const char *header_option)
{
	const char *name = settings_string(request->server->settings, header_option);
	const char *given = request_header(request, name);

	return given ? given : request_query(request, name);
}

bool route_has_token(const struct request *request, const char *header_option, const char *tokens_option)
{
	const struct settings *settings = request->server->settings;
	const char *given = route_token(request, header_option);

	return given && *given && settings_has_word(settings, tokens_option, given);
}

bool route_authenticated(const struct request *request)
{
	return !*settings_string(request->server->settings, "authn.tokens") ||
	       route_has_token(request, "authn.header", "authn.tokens");
}

static bool pass_token(struct request *request)
{
	if (route_authenticated(request))
		return true;
	answer_empty(request, 401);
	return false;
}

static bool pass_user(struct request *request)
{
	if (route_has_token(request, "authz.header", "authz.tokens"))
		return true;
	answer_empty(request, 403);
	return false;
}

static bool pass_local(struct request *request)
{
	if (peer_in(&request->peer, settings_string(request->server->settings, "access.metrics")))
		return true;
	answer_empty(request, 403);
	return false;
}

static bool pass_maintenance(struct request *request)
{
	if (!settings_bool(request->server->settings, "maintenance"))
		return true;
	answer_error(request, 503, "%s", settings_string(request->server->settings, "maintenance_message"));
	return false;
}

static bool pass_wait(struct request *request)
{
	if (!request_says_true(request, "wait") ||
	    settings_bool(request->server->settings, "judge0.enable_wait_result"))
		return true;
	answer_error(request, 400, "wait not allowed");
	return false;
}

static bool pass_batch(struct request *request)
{
	if (settings_bool(request->server->settings, "judge0.enable_batched_submissions"))
		return true;
	answer_error(request, 400, "batched submissions are not allowed");
	return false;
}

static size_t brought(const struct request *request)
{
	const cJSON *list = NULL;

	if (request->route->gates & GATE_BATCH) {
		if (request->fields)
			list = cJSON_GetObjectItemCaseSensitive(request->fields, "submissions");
		return cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
	}
	return 1;
}

static bool pass_queue(struct request *request)
{
	struct kl_queue_counts counts;

	kl_queue_counts(&counts, request->server->queue);
	if (!request->server->stopping &&
	    counts.queued + brought(request) <= (size_t)settings_int(request->server->settings, "queue.max"))
		return true;
	answer_error(request, 503, "queue is full");
	return false;
}

/* clang-format off */
static const struct {
	enum route_gate gate;
	bool inside; /* looks into the body, which is read for those alone who came through the gates before */
	bool (*pass)(struct request *request); /* false: the answer was given */
} gates[] = { /* in this order */
	{ GATE_LOCAL,       false, pass_local },
	{ GATE_TOKEN,       false, pass_token },
	{ GATE_USER,        false, pass_user },
	{ GATE_MAINTENANCE, false, pass_maintenance },
	{ GATE_WAIT,        true,  pass_wait },
	{ GATE_BATCH,       true,  pass_batch },
	{ GATE_QUEUE,       true,  pass_queue },
};
/* clang-format on */

static bool pass_gates(struct request *request, bool inside)
{
	for (size_t i = 0; i < KL_LENGTH(gates); i++)
		if (gates[i].inside == inside && (request->route->gates & gates[i].gate) && !gates[i].pass(request))
			return false;
	return true;
}

/* Nobody without a token learns which routes there are below /api. */
static void refuse(struct request *request, int status)
{
	if (!api_is_path(request))
		answer_framework(request, status);
	else if (request->route || access_known(request))
		api_error(request, status == 404 ? API_NOT_FOUND : API_BAD_REQUEST, "%s",
			  status == 404 ? "there is nothing here: docs/openapi.yaml lists the routes"
					: "the body is no JSON");
}

/* Judge0 takes such bodies: here a third parser of what strangers send is more than they are worth. */
static bool pass_form(struct request *request)
{
	static const char words[] = "multipart bodies are not taken: send JSON (Content-Type: application/json)";

	if (!request->multipart)
		return true;
	if (api_is_path(request))
		api_error(request, API_MEDIA_TYPE, "%s", words);
	else
		answer_error(request, 415, "%s", words);
	return false;
}

/* A compressed body could be a bomb, and none of ours is large. */
static bool plainly_coded(struct request *request)
{
	const char *coding = request_header(request, "Content-Encoding");

	if (!coding || !strcasecmp(coding, "identity"))
		return true;
	if (api_is_path(request))
		api_error(request, API_MEDIA_TYPE, "send the body as it is, without Content-Encoding");
	else
		answer_framework(request, 415);
	return false;
}

void route_run(struct request *request)
{
	if (!address_may(request) || cors_preflight(request))
		return;
	if (!request->route) {
		refuse(request, 404);
		return;
	}
	if (!access_pass(request) || !pass_gates(request, false) || !pass_form(request) || !plainly_coded(request))
		return;
	if (!request_read_body(request)) {
		refuse(request, 400);
		return;
	}
	if (pass_gates(request, true))
		request->route->run(request);
}
