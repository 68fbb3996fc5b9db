/* Packs for a course alone, over HTTP, and for whoever lists packs. */

#include "core/server/class/kept_packs.h"

#include <string.h>

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/courses.h"
#include "core/server/class/packs.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

/* --- who sees what ------------------------------------------------------------------------------------------------ */

static void forget_own(struct hidden_packs *hidden, struct server *server, const char *user)
{
	const struct packs *packs = packs_of(server);
	size_t kept = 0;

	for (size_t i = 0; i < hidden->count; i++) {
		const struct kl_published *row = packs_find(packs, hidden->names[i]);

		if (row && *user && !strcmp(row->owner, user))
			free(hidden->names[i]);
		else
			hidden->names[kept++] = hidden->names[i];
	}
	hidden->count = kept;
}

enum kl_status hidden_packs_of(struct hidden_packs *out, struct server *server, const char *user, struct kl_error *err)
{
	enum kl_status status;

	*out = (struct hidden_packs){ .count = 0 };
	if (!packs_of(server)->some_kept)
		return KL_OK;
	status = kl_store_packs_hidden(&out->names, &out->count, server->store, user, kl_clock_wall_ms(&server->clock),
				       err);
	if (!status)
		forget_own(out, server, user);
	return status;
}

bool hidden_packs_ask(struct hidden_packs *out, struct request *request)
{
	struct kl_error err;

	*out = (struct hidden_packs){ .count = 0 };
	if (request->actor.role == ROLE_ADMIN)
		return true;
	if (!hidden_packs_of(out, request->server, request->actor.id, &err))
		return true;
	api_fail(request, &err);
	return false;
}

bool hidden_packs_has(const struct hidden_packs *hidden, const char *pack)
{
	for (size_t i = 0; i < hidden->count; i++)
		if (!strcmp(hidden->names[i], pack))
			return true;
	return false;
}

void hidden_packs_release(struct hidden_packs *hidden)
{
	kl_pack_names_free(hidden->names, hidden->count);
	*hidden = (struct hidden_packs){ .count = 0 };
}

/* One pack alone: of a hundred that a lab asks for not all are looked up each time. */
static enum kl_status is_hidden(bool *hidden, struct server *server, const char *user, const char *pack,
				struct kl_error *err)
{
	const struct kl_published *row = packs_find(packs_of(server), pack);

	*hidden = false;
	if (!packs_of(server)->some_kept || (row && *user && !strcmp(row->owner, user)))
		return KL_OK;
	return kl_store_pack_hidden(hidden, server->store, pack, user, kl_clock_wall_ms(&server->clock), err);
}

bool kept_packs_show(const struct request *request, const char *pack)
{
	struct kl_error err;
	bool hidden;

	if (request->actor.role == ROLE_ADMIN)
		return true;
	if (!is_hidden(&hidden, request->server, request->actor.id, pack, &err))
		return !hidden;
	eventlog(KL_LOG_ERROR, "packs_not_read", EVENTLOG_TEXT("error", err.message));
	return false;
}

enum kl_status kept_packs_body(struct kl_buf *body, bool *there, struct server *server, const char *user,
			       const char *pack, struct kl_error *err)
{
	const struct kl_published *row = packs_find(packs_of(server), pack);
	bool hidden;
	enum kl_status status;

	*there = false;
	if (!row || !row->shown)
		return KL_OK;
	status = is_hidden(&hidden, server, user, pack, err);
	*there = !status && !hidden;
	if (*there)
		packs_tell(server, pack, body);
	return status;
}

enum relation kept_packs_relation(struct request *request)
{
	enum relation course = courses_relation(request), pack = packs_relation(request);

	return course < pack ? course : pack;
}

/* --- routes ------------------------------------------------------------------------------------------------------- */

static void kept_list(struct request *request)
{
	struct api_list list;
	char **names = NULL;
	size_t count = 0;
	enum kl_status status;

	api_list_begin(&list, request);
	status = kl_store_course_packs(&names, &count, request->server->store, request_argument(request, "course"),
				       &list.err);
	for (size_t i = 0; i < count; i++) {
		jsonout_object(&list.body, NULL);
		jsonout_text(&list.body, "pack", names[i]);
		kl_buf_add_char(&list.body, '}');
	}
	kl_pack_names_free(names, count);
	api_list_end(&list, status);
}

static void keep(struct request *request, bool kept, const char *done)
{
	const char *pack = request_argument(request, "pack"), *course = request_argument(request, "course");
	struct kl_error err;

	if (server_write(request->server, &err) ||
	    kl_store_course_keep(request->server->store, course, pack, kept, &err) ||
	    audit_note(request, kept ? "pack.keep" : "pack.open", pack, &err, "in course %s", course))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", pack, done);
	packs_changed(request->server);
}

static void kept_put(struct request *request)
{
	if (api_read_nothing(request))
		keep(request, true, "kept");
}

static void kept_remove(struct request *request)
{
	keep(request, false, "removed");
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",    "/api/courses/:course/packs",       0, kept_list,   ACCESS_COURSE_STAFF },
	{ "POST",   "/api/courses/:course/packs",       0, packs_publish_kept, ACCESS_COURSE_PUBLISHER },
	{ "PUT",    "/api/courses/:course/packs/:pack", 0, kept_put,    ACCESS_COURSE_PACK_AUTHOR },
	{ "DELETE", "/api/courses/:course/packs/:pack", 0, kept_remove, ACCESS_COURSE_PACK_AUTHOR },
};
/* clang-format on */

const struct route_area kept_packs_area = { "/api/courses", rows, KL_LENGTH(rows) };
