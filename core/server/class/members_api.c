/* Who is in a course, over HTTP: its members, and the roster of those who are expected. */

#include <string.h>

#include <kodelab/account.h>
#include <kodelab/alloc.h>
#include <kodelab/csv.h>
#include <kodelab/store.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/courses.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define DISPLAY_MAX 200 /* bytes */

/* --- members ------------------------------------------------------------------------------------------------------ */

static void show_member(struct kl_buf *body, const struct kl_member *member)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "id", member->user);
	jsonout_text(body, "name", member->name);
	jsonout_text(body, "display", member->display);
	jsonout_text(body, "role", kl_course_role_word(member->role));
	jsonout_text(body, "team", *member->team ? member->team : NULL);
	api_bool(body, "on_leaderboard", member->role == KL_COURSE_STUDENT && !member->hidden);
	courses_number(body, "total", member->total);
	api_time(body, "joined_at", member->joined_ms);
	kl_buf_add_char(body, '}');
}

static bool read_role(struct request *request, struct kl_members_wanted *wanted)
{
	const char *word = request_query(request, "role");

	if (!word)
		return true;
	if (kl_course_role_read(&wanted->least, word)) {
		wanted->most = wanted->least;
		return true;
	}
	api_error(request, API_INVALID, "'role' must be STUDENT, TEACHING_ASSISTANT or INSTRUCTOR");
	return false;
}

void members_answer(struct request *request, struct kl_members_wanted *wanted,
		    void (*show)(struct kl_buf *body, const struct kl_member *member))
{
	struct kl_member *rows = NULL;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	if (!api_list_begin_page(&list, request))
		return;
	wanted->skip = list.page.skip;
	wanted->max = list.page.limit;
	status = kl_store_members(&rows, &count, &list.total, request->server->store, wanted, &list.err);
	for (size_t i = 0; i < count; i++)
		show(&list.body, &rows[i]);
	kl_members_free(rows, count);
	api_list_end(&list, status);
}

static void members_list(struct request *request)
{
	struct kl_members_wanted wanted = { .course = request_argument(request, "course"),
					    .least = KL_COURSE_STUDENT,
					    .most = KL_COURSE_INSTRUCTOR };

	if (read_role(request, &wanted))
		members_answer(request, &wanted, show_member);
}

static enum kl_status promote(struct request *request, const char *word, struct kl_error *err)
{
	const char *course = request_argument(request, "course"), *user = request_argument(request, "user");
	enum kl_course_role role = KL_COURSE_NONE;
	enum kl_status status;

	if (!kl_course_role_read(&role, word))
		return kl_fail(err, KL_EINVAL, "'role' must be STUDENT, TEACHING_ASSISTANT or INSTRUCTOR");
	status = kl_store_member_promote(request->server->store, course, user, role, err);
	return status ? status
		      : audit_note(request, "course_role", user, err, "%s in course %s", kl_course_role_word(role),
				   course);
}

/* Both or neither. role, team: NULL: it stays. */
static enum kl_status change(struct request *request, const char *role, const char *team, struct kl_error *err)
{
	const char *course = request_argument(request, "course"), *user = request_argument(request, "user");
	struct kl_store *store = request->server->store;
	enum kl_status status = server_write(request->server, err);

	if (status || (status = kl_store_part_begin(store, err)))
		return status;
	if (role)
		status = promote(request, role, err);
	if (!status && team)
		status = kl_store_team_set(store, course, user, team, err);
	return kl_store_part_end(store, status, err);
}

static void members_change(struct request *request)
{
	const char *role = NULL, *team = "";
	const struct api_field fields[] = { { "role", .text = &role }, { "team", .text = &team } };
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return;
	if (!role && !api_says(request, "team"))
		api_error(request, API_INVALID, "nothing to change: send 'role' or 'team'");
	else if (change(request, role, api_says(request, "team") ? team : NULL, &err))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", request_argument(request, "user"), "changed");
}

static void members_remove(struct request *request)
{
	const char *course = request_argument(request, "course"), *user = request_argument(request, "user");
	struct kl_error err;

	if (server_write(request->server, &err) || kl_store_member_remove(request->server->store, course, user, &err) ||
	    audit_note(request, "course_removed", user, &err, "from course %s", course))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", user, "removed");
}

/* --- the roster --------------------------------------------------------------------------------------------------- */

static void show_expected(struct kl_buf *body, const struct kl_expected *expected)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "name", expected->name);
	jsonout_text(body, "display", expected->display);
	api_bool(body, "joined", expected->joined);
	kl_buf_add_char(body, '}');
}

static void roster_list(struct request *request)
{
	struct kl_expected *rows = NULL;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	if (!api_list_begin_page(&list, request))
		return;
	status = kl_store_roster(&rows, &count, &list.total, request->server->store,
				 request_argument(request, "course"), list.page.skip, list.page.limit, &list.err);
	for (size_t i = 0; i < count; i++)
		show_expected(&list.body, &rows[i]);
	kl_roster_free(rows, count);
	api_list_end(&list, status);
}

struct import {
	struct kl_expected *rows;
	size_t count, capacity;
};

static bool is_heading(const struct kl_csv_row *row)
{
	return row->line1 == 1 && (!strcasecmp(row->cells[0], "name") || !strcasecmp(row->cells[0], "login"));
}

static enum kl_status import_row(void *ctx, const struct kl_csv_row *row, struct kl_error *err)
{
	const char *display = row->count > 1 ? row->cells[1] : "";
	struct kl_expected expected = { .joined = false };
	struct import *import = ctx;

	if (is_heading(row))
		return KL_OK;
	if (kl_name_read(&expected.name, &expected.look, row->cells[0], err))
		return kl_fail(err, KL_EINVAL,
			       "line %d: the first cell is no name to sign in with: 1 to %d letters, digits and ._@-",
			       row->line1, KL_NAME_MAX);
	expected.display = kl_strdup(display);
	KL_GROW(import->rows, import->count, import->capacity);
	import->rows[import->count++] = expected;
	if (strlen(display) > DISPLAY_MAX)
		return kl_fail(err, KL_EINVAL, "line %d: the second cell has more than %d bytes", row->line1,
			       DISPLAY_MAX);
	if (import->count > KL_COURSE_MEMBERS_MAX)
		return kl_fail(err, KL_EINVAL, "a roster has %d names at most", KL_COURSE_MEMBERS_MAX);
	return KL_OK;
}

/* All rows or none. */
static enum kl_status import_roster(size_t *count, struct request *request, struct kl_error *err)
{
	const char *course = request_argument(request, "course");
	struct import import = { .rows = NULL };
	enum kl_status status = kl_csv_read(request->body.data, request->body.len, import_row, &import, err);

	if (!status && !(status = server_write(request->server, err)))
		status = kl_store_roster_put(request->server->store, course, import.rows, import.count, err);
	if (!status)
		status = audit_note(request, "roster.put", course, err, "%zu names", import.count);
	*count = import.count;
	kl_roster_free(import.rows, import.count);
	return status;
}

static void roster_import(struct request *request)
{
	const char *type = request_header(request, "Content-Type");
	struct kl_error err;
	struct kl_buf body;
	size_t count;

	if (!type || strncasecmp(type, "text/csv", 8) != 0) {
		api_error(request, API_MEDIA_TYPE,
			  "send the names as text/csv: a name to sign in with in the first cell of "
			  "each line, a name to show in the second");
		return;
	}
	if (import_roster(&count, request, &err)) {
		api_fail_unseen(request, &err);
		return;
	}
	request_durable(request);
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_int(&body, "names", (int64_t)count);
	kl_buf_add_char(&body, '}');
	api_end(request, 200, &body);
}

static enum kl_status remove_expected(struct request *request, const char *course, const char *typed,
				      struct kl_error *err)
{
	char *name = NULL, *look = NULL;
	enum kl_status status = server_write(request->server, err);

	if (!status && kl_name_read(&name, &look, typed, err))
		return kl_fail(err, KL_ENOENT, "the roster has no such name");
	if (!status)
		status = kl_store_roster_remove(request->server->store, course, look, err);
	free(name);
	free(look);
	return status;
}

static void roster_remove(struct request *request)
{
	const char *course = request_argument(request, "course"), *name = request_argument(request, "name");
	struct kl_error err;

	if (remove_expected(request, course, name, &err) ||
	    audit_note(request, "roster.remove", course, &err, "%s", name))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", name, "removed");
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",    "/api/courses/:course/students",       0, members_list,   ACCESS_COURSE_STAFF },
	{ "PUT",    "/api/courses/:course/students/:user", 0, members_change, ACCESS_COURSE_INSTRUCTOR },
	{ "DELETE", "/api/courses/:course/students/:user", 0, members_remove, ACCESS_COURSE_INSTRUCTOR },
	{ "GET",    "/api/courses/:course/roster",         0, roster_list,    ACCESS_COURSE_STAFF },
	{ "POST",   "/api/courses/:course/roster",         0, roster_import,  ACCESS_COURSE_INSTRUCTOR },
	{ "DELETE", "/api/courses/:course/roster/:name",   0, roster_remove,  ACCESS_COURSE_INSTRUCTOR },
};
/* clang-format on */

const struct route_area members_area = { "/api/courses", rows, KL_LENGTH(rows) };
