/* Assignments over HTTP: set, changed, taken back; and extensions of single students. */

#include <string.h>

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/courses.h"
#include "core/server/class/kept_packs.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define MINUTE_MS   60000
#define GRACE_MAX   (7 * 24 * 60) /* minutes */
#define NAME_MAX_   64 /* bytes of a pack's or challenge's name */
#define REASON_MAX  500
#define SHARE_WRONG 101 /* percent: beyond what may be */

static int64_t now_of(const struct request *request)
{
	return kl_clock_wall_ms(&request->server->clock);
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

/* What has not opened is for staff alone: until when something must have opened to be seen, 0: always. */
static int64_t seen_until(const struct request *request)
{
	const char *course = request_argument(request, "course");
	enum kl_course_role role = KL_COURSE_NONE;

	if (kl_store_member_role(&role, request->server->store, course, request->actor.id, NULL))
		role = KL_COURSE_NONE;
	return courses_staff(request, role) ? 0 : now_of(request);
}

/* As they stand for this user, those that have opened by then. */
static void answer_assignments(struct request *request, const char *user, int64_t until_ms)
{
	struct kl_assignment *rows = NULL;
	struct hidden_packs hidden;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	if (!hidden_packs_ask(&hidden, request))
		return;
	api_list_begin(&list, request);
	status = kl_store_assignments(&rows, &count, request->server->store, request_argument(request, "course"), user,
				      until_ms, &list.err);
	for (size_t i = 0; i < count; i++)
		assignments_show(&list.body, request->server, &hidden, &rows[i]);
	kl_assignments_free(rows, count);
	hidden_packs_release(&hidden);
	api_list_end(&list, status);
}

static void assignments_list(struct request *request)
{
	answer_assignments(request, request->actor.id, seen_until(request));
}

static void pupil_assignments(struct request *request)
{
	if (courses_pupil(request))
		answer_assignments(request, request_argument(request, "user"), 0);
}

static void answer_assignment(struct request *request, int status, const char *id)
{
	struct kl_assignment assignment;
	struct hidden_packs hidden;
	struct kl_error err;
	struct kl_buf body;

	if (!hidden_packs_ask(&hidden, request))
		return;
	if (kl_store_assignment_get(&assignment, request->server->store, request_argument(request, "course"), id,
				    request->actor.id, 0, &err)) {
		hidden_packs_release(&hidden);
		api_fail_unseen(request, &err);
		return;
	}
	request_durable(request);
	api_begin(&body);
	assignments_show(&body, request->server, &hidden, &assignment);
	kl_assignment_release(&assignment);
	hidden_packs_release(&hidden);
	api_end(request, status, &body);
}

static void assignments_get(struct request *request)
{
	answer_assignment(request, 200, request_argument(request, "assignment"));
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void replace(char **text, const char *with)
{
	char *copy = kl_strdup(with);

	free(*text);
	*text = copy;
}

/* Do its times and the rule for late work go together? */
static bool is_sound(struct request *request, struct kl_terms *terms, const char *late)
{
	struct kl_error err;

	if (terms->due_ms && terms->due_ms <= terms->opens_ms)
		api_error(request, API_INVALID, "'due_at' must be later than 'opens_at'");
	else if (!kl_late_read(&terms->late.kind, late))
		api_error(request, API_INVALID, "'late' must be none, percent or cut");
	else if (kl_late_check(&terms->late, terms->due_ms, &err))
		api_fail(request, &err);
	else
		return true;
	return false;
}

static int share_of(int64_t percent) /* any that is too much is refused by is_sound */
{
	return percent > SHARE_WRONG ? SHARE_WRONG : (int)percent;
}

static const char *item_text(const cJSON *item, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, name));

	return text && *text && strlen(text) <= NAME_MAX_ ? text : NULL;
}

static const char items_wanted[] =
	"'items' must be a list of up to %d challenges: {\"pack\":…,\"slug\":…,\"points\":1 to %d}";

static bool read_item(struct kl_assignment_item *out, const cJSON *item)
{
	const char *pack = item_text(item, "pack"), *slug = item_text(item, "slug");
	const cJSON *points = cJSON_GetObjectItemCaseSensitive(item, "points");
	double worth = cJSON_IsNumber(points) ? points->valuedouble : 0;

	if (!cJSON_IsObject(item) || cJSON_GetArraySize(item) != 3 || !pack || !slug || worth < 1 ||
	    worth > KL_COURSE_POINTS_MAX || worth != (double)(int64_t)worth)
		return false;
	*out = (struct kl_assignment_item){ .pack = kl_strdup(pack),
					    .slug = kl_strdup(slug),
					    .points = (int64_t)worth };
	return true;
}

static bool is_twice(const struct kl_assignment *assignment)
{
	const struct kl_assignment_item *last = &assignment->items[assignment->item_count - 1];

	for (const struct kl_assignment_item *item = assignment->items; item < last; item++)
		if (!strcmp(item->pack, last->pack) && !strcmp(item->slug, last->slug))
			return true;
	return false;
}

static void clear_items(struct kl_assignment *assignment)
{
	for (size_t i = 0; i < assignment->item_count; i++) {
		free(assignment->items[i].pack);
		free(assignment->items[i].slug);
	}
	free(assignment->items);
	assignment->items = NULL;
	assignment->item_count = 0;
}

static bool read_items(struct request *request, struct kl_assignment *assignment)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(request->fields, "items"), *item;

	if (!list)
		return true;
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > KL_COURSE_ITEMS_MAX) {
		api_error(request, API_INVALID, items_wanted, KL_COURSE_ITEMS_MAX, KL_COURSE_POINTS_MAX);
		return false;
	}
	clear_items(assignment);
	assignment->items = kl_calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*assignment->items));
	cJSON_ArrayForEach(item, list) {
		if (!read_item(&assignment->items[assignment->item_count], item)) {
			api_error(request, API_INVALID, items_wanted, KL_COURSE_ITEMS_MAX, KL_COURSE_POINTS_MAX);
			return false;
		}
		assignment->item_count++;
		if (is_twice(assignment)) {
			api_error(request, API_INVALID, "'items' has a challenge twice");
			return false;
		}
	}
	return true;
}

/* What is absent stays as it is in assignment. false: the refusal was answered. */
static bool read_assignment(struct request *request, struct kl_assignment *assignment)
{
	struct kl_terms *terms = &assignment->terms;
	const char *title = assignment->title, *instructions = assignment->instructions;
	const char *late = kl_late_word(terms->late.kind);
	int64_t grace = terms->grace_ms / MINUTE_MS, percent = terms->late.percent, floor = terms->late.floor;
	const struct api_field fields[] = {
		{ "title", .line = &title, .most = KL_COURSE_TITLE_MAX },
		{ "instructions", .lines = &instructions, .most = KL_COURSE_TEXT_MAX },
		{ "opens_at", .time_ms = &terms->opens_ms },
		{ "due_at", .time_ms = &terms->due_ms },
		{ "grace_minutes", .number = &grace, .most = GRACE_MAX },
		{ "late", .text = &late },
		{ "late_percent", .number = &percent },
		{ "late_floor", .number = &floor },
		{ "late_until", .time_ms = &terms->late.until_ms },
		{ .name = "items" },
	};

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return false;
	terms->grace_ms = grace * MINUTE_MS;
	terms->late.percent = share_of(percent);
	terms->late.floor = share_of(floor);
	if (!is_sound(request, terms, late) || !read_items(request, assignment))
		return false;
	replace(&assignment->title, title);
	replace(&assignment->instructions, instructions);
	return true;
}

/* --- setting ------------------------------------------------------------------------------------------------------ */

static void assignments_create(struct request *request)
{
	struct kl_assignment assignment = { .title = kl_strdup(""), .instructions = kl_strdup("") };
	struct kl_error err;

	kl_id_new(assignment.id, &request->server->clock);
	snprintf(assignment.course, sizeof(assignment.course), "%s", request_argument(request, "course"));
	if (read_assignment(request, &assignment)) {
		if (server_write(request->server, &err) ||
		    kl_store_assignment_add(request->server->store, &assignment, &err) ||
		    audit_note(request, "assignment.set", assignment.id, &err, "in course %s", assignment.course)) {
			api_fail_unseen(request, &err);
		} else {
			courses_wake(request->server);
			answer_assignment(request, 201, assignment.id);
		}
	}
	kl_assignment_release(&assignment);
}

static void assignments_change(struct request *request)
{
	const char *id = request_argument(request, "assignment");
	struct kl_store *store = request->server->store;
	struct kl_assignment assignment;
	struct kl_error err;

	if (kl_store_assignment_get(&assignment, store, request_argument(request, "course"), id, request->actor.id, 0,
				    &err)) {
		api_fail_unseen(request, &err);
		return;
	}
	if (read_assignment(request, &assignment)) {
		if (server_write(request->server, &err) || kl_store_assignment_put(store, &assignment, &err) ||
		    audit_note(request, "assignment.change", id, &err, "in course %s", assignment.course)) {
			api_fail_unseen(request, &err);
		} else {
			courses_wake(request->server);
			answer_assignment(request, 200, id);
		}
	}
	kl_assignment_release(&assignment);
}

static void assignments_remove(struct request *request)
{
	const char *course = request_argument(request, "course"), *id = request_argument(request, "assignment");
	struct kl_error err;

	if (server_write(request->server, &err) ||
	    kl_store_assignment_remove(request->server->store, course, id, &err) ||
	    audit_note(request, "assignment_removed", id, &err, "from course %s", course))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", id, "removed");
	courses_wake(request->server);
}

/* --- extensions --------------------------------------------------------------------------------------------------- */

static void show_extension(struct kl_buf *body, const struct kl_extension *extension)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "id", extension->user);
	jsonout_text(body, "name", extension->name);
	jsonout_text(body, "display", extension->display);
	api_time(body, "due_at", extension->due_ms);
	jsonout_text(body, "reason", extension->reason);
	jsonout_text(body, "given_by", extension->given_by);
	api_time(body, "given_at", extension->at_ms);
	kl_buf_add_char(body, '}');
}

static void extensions_list(struct request *request)
{
	struct kl_extension *rows = NULL;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	api_list_begin(&list, request);
	status = kl_store_extensions(&rows, &count, request->server->store, request_argument(request, "assignment"),
				     &list.err);
	for (size_t i = 0; i < count; i++)
		show_extension(&list.body, &rows[i]);
	kl_extensions_free(rows, count);
	api_list_end(&list, status);
}

/* An extension must be one: later than what is due for all. */
static bool is_later(struct request *request, const struct kl_extension *extension)
{
	struct kl_assignment assignment;
	struct kl_error err;
	int64_t due_ms;

	if (kl_store_assignment_get(&assignment, request->server->store, request_argument(request, "course"),
				    request_argument(request, "assignment"), request->actor.id, 0, &err)) {
		api_fail_unseen(request, &err);
		return false;
	}
	due_ms = assignment.terms.due_ms;
	kl_assignment_release(&assignment);
	if (!due_ms)
		api_error(request, API_INVALID, "this assignment is never due: it needs no extension");
	else if (extension->due_ms <= due_ms)
		api_error(request, API_INVALID, "'due_at' must be later than it is due for all");
	else
		return true;
	return false;
}

static enum kl_status extend(struct request *request, const struct kl_extension *extension, struct kl_error *err)
{
	const char *course = request_argument(request, "course"), *id = request_argument(request, "assignment");
	struct kl_store *store = request->server->store;
	enum kl_status status;

	if ((status = server_write(request->server, err)) ||
	    (status = kl_store_extension_put(store, course, id, extension, err)) ||
	    (status = kl_course_assignment_scored(store, course, id, extension->user, err)))
		return status;
	return audit_note(request, "extension", extension->user, err, "of assignment %s in course %s", id, course);
}

static void extensions_put(struct request *request)
{
	struct kl_extension extension = { .due_ms = 0 };
	const char *reason = "";
	const struct api_field fields[] = {
		{ "due_at", .time_ms = &extension.due_ms, .needed = true },
		{ "reason", .lines = &reason, .most = REASON_MAX },
	};
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)) || !is_later(request, &extension))
		return;
	extension.reason = kl_strdup(reason);
	snprintf(extension.user, sizeof(extension.user), "%s", request_argument(request, "user"));
	memcpy(extension.given_by, request->actor.id, sizeof(extension.given_by));
	if (extend(request, &extension, &err))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", extension.user, "extended");
	free(extension.reason);
}

static void extensions_remove(struct request *request)
{
	const char *course = request_argument(request, "course"), *id = request_argument(request, "assignment");
	const char *user = request_argument(request, "user");
	struct kl_store *store = request->server->store;
	struct kl_error err;

	if (server_write(request->server, &err) || kl_store_extension_remove(store, course, id, user, &err) ||
	    kl_course_assignment_scored(store, course, id, user, &err) ||
	    audit_note(request, "extension_removed", user, &err, "of assignment %s in course %s", id, course))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", user, "removed");
}

#define ASSIGNMENT "/api/courses/:course/assignments/:assignment"

/* clang-format off */
static const struct route rows[] = {
	{ "GET",    "/api/courses/:course/assignments", 0, assignments_list,   ACCESS_COURSE_MEMBER },
	{ "POST",   "/api/courses/:course/assignments", 0, assignments_create, ACCESS_COURSE_INSTRUCTOR },
	{ "GET",    ASSIGNMENT,                         0, assignments_get,    ACCESS_ASSIGNMENT_MEMBER },
	{ "PUT",    ASSIGNMENT,                         0, assignments_change, ACCESS_ASSIGNMENT_INSTRUCTOR },
	{ "DELETE", ASSIGNMENT,                         0, assignments_remove, ACCESS_ASSIGNMENT_INSTRUCTOR },
	{ "GET",    ASSIGNMENT "/extensions",           0, extensions_list,    ACCESS_ASSIGNMENT_STAFF },
	{ "PUT",    ASSIGNMENT "/extensions/:user",     0, extensions_put,     ACCESS_ASSIGNMENT_INSTRUCTOR },
	{ "GET",    "/api/courses/:course/students/:user/assignments", 0, pupil_assignments, ACCESS_COURSE_STAFF },
	{ "DELETE", ASSIGNMENT "/extensions/:user",     0, extensions_remove,  ACCESS_ASSIGNMENT_INSTRUCTOR },
};
/* clang-format on */

const struct route_area assignments_area = { "/api/courses", rows, KL_LENGTH(rows) };
