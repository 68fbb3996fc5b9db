/* Courses and assignments as JSON, and what is read of bodies. */

#include <math.h>

#include <kodelab/alloc.h>
#include <kodelab/visible.h>

#include "core/server/api.h"
#include "core/server/class/courses.h"
#include "core/server/class/packs.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define MINUTE_MS 60000

/* --- showing ------------------------------------------------------------------------------------------------------ */

void courses_number(struct kl_buf *body, const char *name, double value)
{
	jsonout_key(body, name);
	jsonout_float(body, round(value * 100) / 100);
}

void courses_show(struct kl_buf *body, const struct kl_course *course, bool staff)
{
	jsonout_text(body, "id", course->id);
	jsonout_text(body, "title", course->title);
	jsonout_text(body, "role", kl_course_role_word(course->role));
	api_bool(body, "archived", course->archived);
	jsonout_int(body, "students", course->students);
	jsonout_text(body, "team", *course->team ? course->team : NULL);
	api_bool(body, "on_leaderboard", course->role == KL_COURSE_STUDENT && !course->hidden);
	courses_number(body, "total", course->total);
	api_time(body, "created_at", course->created_ms);
	api_time(body, "joined_at", course->joined_ms);
	if (!staff)
		return;
	jsonout_text(body, "code", course->code);
	jsonout_text(body, "joining", kl_joining_word(course->joining));
}

static int64_t points_of(const struct kl_assignment *assignment)
{
	int64_t points = 0;

	for (size_t i = 0; i < assignment->item_count; i++)
		points += assignment->items[i].points;
	return points;
}

static void show_items(struct kl_buf *body, struct server *server, const struct kl_assignment *assignment)
{
	jsonout_list(body, "items");
	for (size_t i = 0; i < assignment->item_count; i++) {
		const struct kl_assignment_item *item = &assignment->items[i];

		jsonout_object(body, NULL);
		jsonout_text(body, "pack", item->pack);
		jsonout_text(body, "slug", item->slug);
		jsonout_int(body, "points", item->points);
		courses_number(body, "score", (double)item->points * item->counted / 100);
		jsonout_int(body, "tries", item->tries);
		api_bool(body, "published", class_challenge_offered(server, item->pack, item->slug));
		kl_buf_add_char(body, '}');
	}
	kl_buf_add_char(body, ']');
}

/* Times are those that hold for the one who asks; extended_at says that they are his own. */
static void show_terms(struct kl_buf *body, const struct kl_assignment *assignment)
{
	struct kl_terms terms = assignment->terms;

	kl_terms_extend(&terms, assignment->extended_ms);
	api_time(body, "opens_at", terms.opens_ms);
	api_time(body, "due_at", terms.due_ms);
	api_time(body, "extended_at", assignment->extended_ms);
	jsonout_int(body, "grace_minutes", terms.grace_ms / MINUTE_MS);
	jsonout_text(body, "late", kl_late_word(terms.late.kind));
	jsonout_int(body, "late_percent", terms.late.percent);
	jsonout_int(body, "late_floor", terms.late.floor);
	api_time(body, "late_until", terms.late.until_ms);
}

void assignments_show(struct kl_buf *body, struct server *server, const struct kl_assignment *assignment)
{
	int64_t now_ms = kl_clock_wall_ms(&server->clock);

	jsonout_object(body, NULL);
	jsonout_text(body, "id", assignment->id);
	jsonout_text(body, "title", assignment->title);
	jsonout_text(body, "instructions", assignment->instructions);
	show_terms(body, assignment);
	show_items(body, server, assignment);
	jsonout_int(body, "points", points_of(assignment));
	jsonout_text(body, "state", kl_assignment_state(assignment, now_ms));
	courses_number(body, "score", assignment->score);
	jsonout_int(body, "solved", assignment->solved);
	jsonout_int(body, "tried", assignment->tried);
	api_bool(body, "was_late", assignment->late);
	api_time(body, "last_at", assignment->last_ms);
	kl_buf_add_char(body, '}');
}

/* --- answering ---------------------------------------------------------------------------------------------------- */

void courses_fail(struct request *request, const struct kl_error *err)
{
	if (err->status == KL_ENOENT)
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
	else
		api_fail(request, err);
}

void courses_done(struct request *request, int status, const char *id, const char *name)
{
	struct kl_buf body;

	request_durable(request);
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "id", id);
	api_bool(&body, name, true);
	kl_buf_add_char(&body, '}');
	api_end(request, status, &body);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

bool courses_says(const struct request *request, const char *name)
{
	return request->fields && cJSON_GetObjectItemCaseSensitive(request->fields, name) != NULL;
}

static bool is_plain(const char *text, unsigned flags)
{
	char form[KL_VISIBLE_MAX];

	for (size_t len = strlen(text), step; len; text += step, len -= step) {
		step = kl_visible_char(form, text, len, flags);
		if (*form)
			return false;
	}
	return true;
}

const char *courses_text(struct request *request, const char *name, const char *otherwise, size_t max, bool lines,
			 bool *good)
{
	const char *text = api_text(request, name, otherwise, good);
	bool plain = is_plain(text, lines ? KL_VISIBLE_NEWLINE | KL_VISIBLE_TAB : 0);

	if (!*good || (plain && strlen(text) <= max && (lines || *text)))
		return text;
	if (!plain)
		api_error(request, API_INVALID, "'%s' holds characters that cannot be shown: leave them out", name);
	else
		api_error(request, API_INVALID, "'%s' must have %d to %zu bytes", name, lines ? 0 : 1, max);
	*good = false;
	return text;
}

int64_t courses_time(struct request *request, const char *name, int64_t otherwise, bool *good)
{
	if (!*good || !courses_says(request, name))
		return otherwise;
	if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(request->fields, name)))
		return 0;
	return api_read_time(request, name, good);
}

bool courses_bool(struct request *request, const char *name, bool otherwise, bool *good)
{
	const cJSON *node = request->fields ? cJSON_GetObjectItemCaseSensitive(request->fields, name) : NULL;

	if (!*good || !node)
		return otherwise;
	if (cJSON_IsBool(node))
		return cJSON_IsTrue(node);
	api_error(request, API_INVALID, "'%s' must be true or false", name);
	*good = false;
	return otherwise;
}
