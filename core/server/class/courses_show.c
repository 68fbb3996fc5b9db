/* Courses and assignments as JSON. */

#include <math.h>

#include <kodelab/alloc.h>
#include <kodelab/coursework.h>

#include "core/server/api.h"
#include "core/server/class/courses.h"
#include "core/server/class/kept_packs.h"
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

/* What he does not see is for him not published, also when it is for a course that he is not in. */
static void show_items(struct kl_buf *body, struct server *server, const struct hidden_packs *hidden,
		       const struct kl_assignment *assignment)
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
		api_bool(body, "published",
			 class_challenge_offered(server, item->pack, item->slug) &&
				 !hidden_packs_has(hidden, item->pack));
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

void assignments_show(struct kl_buf *body, struct server *server, const struct hidden_packs *hidden,
		      const struct kl_assignment *assignment)
{
	int64_t now_ms = kl_clock_wall_ms(&server->clock);

	jsonout_object(body, NULL);
	jsonout_text(body, "id", assignment->id);
	jsonout_text(body, "title", assignment->title);
	jsonout_text(body, "instructions", assignment->instructions);
	show_terms(body, assignment);
	show_items(body, server, hidden, assignment);
	jsonout_int(body, "points", kl_assignment_points(assignment));
	jsonout_text(body, "state", kl_assignment_state(assignment, now_ms));
	courses_number(body, "score", assignment->score);
	jsonout_int(body, "solved", assignment->solved);
	jsonout_int(body, "tried", assignment->tried);
	api_bool(body, "was_late", assignment->late);
	api_time(body, "last_at", assignment->last_ms);
	kl_buf_add_char(body, '}');
}
