/*
 * The part that has the courses: who stands how to them, what a lab gets to know of one, and what is done in the background, a
 * little in each turn: scores that a change has made old, and telling the labs of assignments that open.
 */

#include "core/server/class/courses.h"

#include <kodelab/alloc.h>
#include <kodelab/limiter.h>
#include <kodelab/loop.h>

#include "core/server/api.h"
#include "core/server/class/courses_part.h"
#include "core/server/class/kept_packs.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define CODES_MS     (15 * 60 * 1000)
#define CODES_KEYS   65536 /* users counted at the same time */
#define SOON_MS      1
#define LOOK_MS      30000 /* a clock that was set is noticed after so long */
#define STUDENTS_MAX 5 /* whose scores are computed in one turn */

/* --- in the background -------------------------------------------------------------------------------------------- */

static void on_time(void *ctx);

static void arm(struct server *server, int64_t ms)
{
	kl_timer_cancel(server->courses->timer);
	server->courses->timer = kl_loop_add_timer(server->loop, ms, on_time, server);
}

static enum kl_status work(int64_t *wait_ms, struct server *server, struct kl_error *err)
{
	int64_t now_ms = kl_clock_wall_ms(&server->clock), next_ms;
	enum kl_status status = server_write(server, err);
	bool more;

	if (status || (status = kl_store_assignments_tell(&next_ms, server->store, now_ms, err)) ||
	    (status = kl_course_rescore(&more, server->store, STUDENTS_MAX, err)))
		return status;
	*wait_ms = LOOK_MS;
	if (next_ms && next_ms - now_ms < LOOK_MS)
		*wait_ms = next_ms > now_ms ? next_ms - now_ms : SOON_MS;
	if (more)
		*wait_ms = SOON_MS;
	return KL_OK;
}

static void on_time(void *ctx)
{
	struct server *server = ctx;
	int64_t wait_ms = LOOK_MS;
	struct kl_error err;

	server->courses->timer = NULL;
	if (work(&wait_ms, server, &err))
		eventlog(KL_LOG_ERROR, "courses_failed", EVENTLOG_TEXT("error", err.message));
	arm(server, wait_ms);
}

void courses_wake(struct server *server)
{
	arm(server, SOON_MS);
}

/* --- the part ----------------------------------------------------------------------------------------------------- */

static enum kl_status open_part(struct server *server, struct kl_error *err)
{
	(void)err;
	server->courses = kl_calloc(1, sizeof(*server->courses));
	server->courses->codes = kl_limiter_new(CODES_MS, CODES_KEYS);
	arm(server, SOON_MS);
	return KL_OK;
}

static void close_part(struct server *server)
{
	if (!server->courses)
		return;
	kl_timer_cancel(server->courses->timer);
	kl_limiter_free(server->courses->codes);
	free(server->courses);
	server->courses = NULL;
}

const struct server_part courses_part = {
	.name = "courses",
	.open = open_part,
	.close = close_part,
};

/* --- who stands how ----------------------------------------------------------------------------------------------- */

static const enum relation relations[] = {
	[KL_COURSE_NONE] = RELATION_NONE,
	[KL_COURSE_STUDENT] = RELATION_READER,
	[KL_COURSE_ASSISTANT] = RELATION_HELPER,
	[KL_COURSE_INSTRUCTOR] = RELATION_OWNER,
};

static enum relation admin_relation(const struct request *request, const char *id)
{
	struct kl_course course;

	if (kl_store_course_get(&course, request->server->store, id, request->actor.id, NULL))
		return RELATION_NONE;
	kl_course_release(&course);
	return RELATION_OWNER;
}

enum relation courses_relation(struct request *request)
{
	const char *course = request_argument(request, "course");
	enum kl_course_role role;
	struct kl_error err;

	if (request->actor.role == ROLE_ADMIN)
		return admin_relation(request, course);
	if (!kl_store_member_role(&role, request->server->store, course, request->actor.id, &err))
		return relations[role];
	eventlog(KL_LOG_ERROR, "api_failed", EVENTLOG_TEXT("id", request->id), EVENTLOG_TEXT("error", err.message));
	return RELATION_NONE;
}

enum relation assignments_relation(struct request *request)
{
	enum relation relation = courses_relation(request);
	int64_t now_ms = relation < RELATION_HELPER ? kl_clock_wall_ms(&request->server->clock) : 0;
	struct kl_assignment assignment;

	if (relation == RELATION_NONE)
		return RELATION_NONE;
	if (kl_store_assignment_get(&assignment, request->server->store, request_argument(request, "course"),
				    request_argument(request, "assignment"), request->actor.id, now_ms, NULL))
		return RELATION_NONE;
	kl_assignment_release(&assignment);
	return relation;
}

bool courses_staff(const struct request *request, enum kl_course_role role)
{
	return role >= KL_COURSE_ASSISTANT || request->actor.role == ROLE_ADMIN;
}

bool courses_pupil(struct request *request)
{
	enum kl_course_role role = KL_COURSE_NONE;
	struct kl_error err;

	if (kl_store_member_role(&role, request->server->store, request_argument(request, "course"),
				 request_argument(request, "user"), &err)) {
		api_fail_unseen(request, &err);
		return false;
	}
	if (role != KL_COURSE_STUDENT)
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
	return role == KL_COURSE_STUDENT;
}

/* --- what a lab gets to know -------------------------------------------------------------------------------------- */

enum kl_status courses_body(struct kl_buf *body, bool *there, struct server *server, const char *user, const char *id,
			    struct kl_error *err)
{
	int64_t now_ms = kl_clock_wall_ms(&server->clock);
	struct kl_assignment *rows = NULL;
	struct hidden_packs hidden = { .count = 0 };
	struct kl_course course;
	size_t count = 0;
	enum kl_status status = kl_store_course_get(&course, server->store, id, user, err);
	bool staff;

	*there = !status && course.role != KL_COURSE_NONE;
	if (status)
		return status == KL_ENOENT ? KL_OK : status;
	staff = course.role >= KL_COURSE_ASSISTANT;
	if (*there)
		status = kl_store_assignments(&rows, &count, server->store, id, user, staff ? 0 : now_ms, err);
	if (!status && count)
		status = hidden_packs_of(&hidden, server, user, err);
	if (!status && *there) {
		kl_buf_add_char(body, '{');
		courses_show(body, &course, staff);
		jsonout_list(body, "assignments");
		for (size_t i = 0; i < count; i++)
			assignments_show(body, server, &hidden, &rows[i]);
		kl_buf_add_str(body, "]}");
	}
	hidden_packs_release(&hidden);
	kl_assignments_free(rows, count);
	kl_course_release(&course);
	return status;
}
