/* The table of rights, and the one function that reads it. */

#include "core/server/access.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <kodelab/account.h>
#include <kodelab/alloc.h>
#include <kodelab/holders.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/courses.h"
#include "core/server/class/kept_packs.h"
#include "core/server/class/works.h"
#include "core/server/request.h"
#include "core/server/route.h"
#include "core/server/server.h"
#include "core/server/settings.h"

static const struct right {
	const char *word;
	enum role least;
	relation_fn *relation; /* NULL: the role decides alone */
	enum relation needs;
	const char *refusal; /* "": nobody comes so far */
} rights[] = {
#define X(name, word, least, relation, needs, refusal) { word, least, relation, needs, refusal },
	ACCESS_MAP(X)
#undef X
};

static const char *const role_words[] = {
	[ROLE_NOBODY] = "NOBODY",
	[ROLE_STUDENT] = "STUDENT",
	[ROLE_INSTRUCTOR] = "INSTRUCTOR",
	[ROLE_ADMIN] = "ADMIN",
};

const char *role_word(enum role role)
{
	return role_words[role];
}

bool role_parse(enum role *out, const char *word)
{
	for (int role = ROLE_STUDENT; role < ROLE_COUNT; role++) {
		if (strcmp(role_words[role], word) != 0)
			continue;
		*out = (enum role)role;
		return true;
	}
	return false;
}

const char *access_word(enum access access)
{
	return rights[access].word;
}

/* --- who asks ----------------------------------------------------------------------------------------------------- */

/* The user whom the administrator's program asks for: with his rights, or, when he has no account, with a student's. */
static void take_user(struct request *request, const char *name)
{
	struct actor *actor = &request->actor;
	char *good = NULL, *key = NULL;
	struct kl_user user;

	actor->role = ROLE_STUDENT;
	snprintf(actor->name, sizeof(actor->name), "%s", name);
	if (!kl_name_read(&good, &key, name, NULL) && !kl_store_user_named(&user, request->server->store, key, NULL)) {
		if (kl_name_same(user.name, name)) {
			actor->role = user.disabled ? ROLE_NOBODY : (enum role)user.role;
			memcpy(actor->id, user.id, sizeof(actor->id));
			snprintf(actor->name, sizeof(actor->name), "%s", user.name);
		}
		kl_user_release(&user);
	}
	free(good);
	free(key);
}

/* The administrator's own program: no user, but every right, unless it asks for a user. */
static bool take_platform(struct request *request)
{
	const char *user = request_header(request, API_USER_HEADER);

	if (!route_has_token(request, "authz.header", "authz.tokens"))
		return false;
	if (user) {
		take_user(request, user);
		return true;
	}
	request->actor.role = ROLE_ADMIN;
	snprintf(request->actor.name, sizeof(request->actor.name), "@platform");
	return true;
}

/* The token of "Authorization: Bearer TOKEN"; NULL: there is none. */
static const char *bearer_of(const struct request *request)
{
	const char *given = request_header(request, "Authorization");

	if (!given || strncasecmp(given, "Bearer ", 7) != 0)
		return NULL;
	return given + 7 + strspn(given + 7, " ");
}

static void take_session(struct request *request)
{
	const struct server *server = request->server;
	const char *token = bearer_of(request);
	struct kl_session_holder holder;

	if (!token || kl_holders_find(&holder, server->accounts->holders, server->store, token, &server->clock, NULL))
		return;
	request->actor.role = (enum role)holder.role;
	memcpy(request->actor.id, holder.user, sizeof(request->actor.id));
	memcpy(request->actor.session, holder.session, sizeof(request->actor.session));
	snprintf(request->actor.name, sizeof(request->actor.name), "%s", holder.name);
}

/* false: the refusal was answered, because he asks too often, or for somebody who cannot be. */
static bool find_actor(struct request *request)
{
	const char *user = request_header(request, API_USER_HEADER);

	request->actor = (struct actor){ .role = ROLE_NOBODY };
	if (!take_platform(request))
		take_session(request);
	else if (user && !api_is_user(user)) {
		api_error(request, API_BAD_REQUEST,
			  "%s names no user: 1 to %d letters, digits and ._@-, the first a letter or digit",
			  API_USER_HEADER, API_USER_MAX);
		return false;
	}
	return rates_pass(request);
}

enum relation access_is_user(struct request *request)
{
	return *request->actor.id ? RELATION_OWNER : RELATION_READER;
}

static void refuse_unknown(struct request *request)
{
	answer_header(request, "WWW-Authenticate", "Bearer");
	api_error(request, API_UNAUTHORIZED, "sign in first: 'kodelab login', or send Authorization: Bearer TOKEN");
}

/* --- what he may -------------------------------------------------------------------------------------------------- */

static bool related(struct request *request, const struct right *right)
{
	enum relation relation = right->relation ? right->relation(request) : right->needs;

	if (relation == RELATION_NONE && right->needs != RELATION_NONE)
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
	else if (relation < right->needs)
		api_error(request, API_FORBIDDEN, "%s", right->refusal);
	else
		return true;
	return false;
}

bool access_pass(struct request *request)
{
	const struct right *right = &rights[request->route->access];

	if (request->route->access == ACCESS_GATES)
		return true;
	if (!find_actor(request))
		return false;
	if (request->actor.role >= right->least)
		return related(request, right);
	if (request->actor.role == ROLE_NOBODY)
		refuse_unknown(request);
	else
		api_error(request, API_FORBIDDEN, "%s", right->refusal);
	return false;
}

bool access_known(struct request *request)
{
	if (!find_actor(request))
		return false;
	if (request->actor.role != ROLE_NOBODY)
		return true;
	refuse_unknown(request);
	return false;
}

bool access_refuses_token(struct request *request)
{
	if (request->actor.role != ROLE_NOBODY || !bearer_of(request))
		return false;
	refuse_unknown(request);
	return true;
}
