/* Courses over HTTP: made, changed, joined with a code, left. */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/id.h>
#include <kodelab/limiter.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/courses.h"
#include "core/server/class/courses_part.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define CODES_WRONG 10 /* in a quarter of an hour, of one user */
#define CODE_TRIES  8 /* for one that is not in use: 2^40 of them */

#define NO_CODE "no course has this code: see that it is typed as it was given, or ask for a new one"

/* --- showing ------------------------------------------------------------------------------------------------------ */

static void show_one(struct kl_buf *body, const struct request *request, const struct kl_course *course)
{
	jsonout_object(body, NULL);
	courses_show(body, course, courses_staff(request, course->role));
	kl_buf_add_char(body, '}');
}

static void courses_list(struct request *request)
{
	struct kl_courses_wanted wanted = { .user = request->actor.id,
					    .all = request->actor.role == ROLE_ADMIN &&
						   request_says_true(request, "all"),
					    .archived = request_says_true(request, "archived") };
	struct kl_course *rows = NULL;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	if (!api_list_begin_page(&list, request))
		return;
	wanted.skip = list.page.skip;
	wanted.max = list.page.limit;
	status = kl_store_courses(&rows, &count, &list.total, request->server->store, &wanted, &list.err);
	for (size_t i = 0; i < count; i++)
		show_one(&list.body, request, &rows[i]);
	kl_courses_free(rows, count);
	api_list_end(&list, status);
}

static void answer_course(struct request *request, int status, const char *id)
{
	struct kl_course course;
	struct kl_error err;
	struct kl_buf body;

	if (kl_store_course_get(&course, request->server->store, id, request->actor.id, &err)) {
		api_fail_unseen(request, &err);
		return;
	}
	request_durable(request);
	api_begin(&body);
	show_one(&body, request, &course);
	kl_course_release(&course);
	api_end(request, status, &body);
}

static void courses_get(struct request *request)
{
	answer_course(request, 200, request_argument(request, "course"));
}

/* --- making and changing ------------------------------------------------------------------------------------------ */

/* The administrator's own program is nobody: it cannot be in a course. */
static bool is_person(struct request *request)
{
	if (*request->actor.id)
		return true;
	api_error(request, API_FORBIDDEN,
		  "a course has people in it: sign in as one, with Authorization: Bearer TOKEN");
	return false;
}

/* What is absent stays; id is of a new one, archived of one that is there. false: the refusal was answered. */
static bool read_course(struct request *request, struct kl_course *course, bool there)
{
	const char *title = course->title ? course->title : "", *joining = kl_joining_word(course->joining);
	const char *id = course->id;
	const struct api_field fields[] = {
		{ "title", .line = &title, .most = KL_COURSE_TITLE_MAX },
		{ "joining", .text = &joining },
		there ? (struct api_field){ "archived", .flag = &course->archived }
		      : (struct api_field){ "id", .text = &id },
	};
	char *copy;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return false;
	if (!there && !kl_id_valid(id)) {
		api_error(request, API_INVALID, "'id' must be a UUID of version 7");
		return false;
	}
	if (id != course->id)
		memcpy(course->id, id, sizeof(course->id));
	if (!kl_joining_read(&course->joining, joining)) {
		api_error(request, API_INVALID, "'joining' must be code, roster or closed");
		return false;
	}
	copy = kl_strdup(title);
	kl_course_release(course);
	course->title = copy;
	return true;
}

static enum kl_status add_course(struct request *request, struct kl_course *course, struct kl_error *err)
{
	enum kl_status status = server_write(request->server, err);

	for (int i = 0; !status && i < CODE_TRIES; i++) {
		kl_course_code_new(course->code);
		status = kl_store_course_add(request->server->store, course, err);
		if (status != KL_EEXIST)
			return status;
		status = KL_OK;
	}
	return status ? status : kl_fail(err, KL_EBUSY, "no code was found that is not in use: try again");
}

/* The request comes again: what it made is there. *made: it is, and the same. KL_EEXIST: something else has the id. */
static enum kl_status look_for(bool *made, struct request *request, const struct kl_course *course,
			       struct kl_error *err)
{
	struct kl_course there;
	enum kl_status status = kl_store_course_get(&there, request->server->store, course->id, request->actor.id, err);

	*made = !status && !strcmp(there.owner, course->owner) && !strcmp(there.title, course->title) &&
		there.joining == course->joining;
	if (!status)
		kl_course_release(&there);
	if (!status && !*made)
		return kl_fail(err, KL_EEXIST, "a course with this id is there already: send another id");
	return status == KL_ENOENT ? KL_OK : status;
}

static void courses_create(struct request *request)
{
	struct kl_course course = { .created_ms = kl_clock_wall_ms(&request->server->clock) };
	struct kl_error err;
	bool made;

	kl_id_new(course.id, &request->server->clock);
	if (!is_person(request) || !read_course(request, &course, false))
		return;
	memcpy(course.owner, request->actor.id, sizeof(course.owner));
	if (look_for(&made, request, &course, &err) || (!made && add_course(request, &course, &err)))
		api_fail_unseen(request, &err);
	else
		answer_course(request, made ? 200 : 201, course.id);
	kl_course_release(&course);
}

static void courses_change(struct request *request)
{
	const char *id = request_argument(request, "course");
	struct kl_store *store = request->server->store;
	struct kl_course course;
	struct kl_error err;

	if (kl_store_course_get(&course, store, id, request->actor.id, &err)) {
		api_fail_unseen(request, &err);
		return;
	}
	if (read_course(request, &course, true)) {
		if (server_write(request->server, &err) || kl_store_course_put(store, &course, &err) ||
		    audit_note(request, "course.change", id, &err, "%s, joining by %s",
			       course.archived ? "archived" : "going on", kl_joining_word(course.joining)))
			api_fail_unseen(request, &err);
		else
			answer_course(request, 200, id);
	}
	kl_course_release(&course);
}

static void courses_recode(struct request *request)
{
	const char *id = request_argument(request, "course");
	char code[KL_COURSE_CODE_SIZE];
	struct kl_error err;

	if (!api_read_nothing(request))
		return;
	kl_course_code_new(code);
	if (server_write(request->server, &err) || kl_store_course_code(request->server->store, id, code, &err) ||
	    audit_note(request, "course_code", id, &err, "another code to join by"))
		api_fail_unseen(request, &err);
	else
		answer_course(request, 200, id);
}

/* --- joining and leaving ------------------------------------------------------------------------------------------ */

/* Whoever guesses is stopped long before he finds one; who types the right one is never counted. */
static bool may_try(struct request *request)
{
	struct kl_limit limit;

	kl_limiter_take(&limit, request->server->courses->codes, request->actor.id, CODES_WRONG, 0, kl_clock_mono_ms());
	if (limit.left)
		return true;
	rates_refuse(request, limit.reset_ms,
		     "too many wrong codes: wait for Retry-After seconds, or ask for the code");
	return false;
}

static void wrong_code(struct request *request)
{
	struct kl_limit limit;

	kl_limiter_take(&limit, request->server->courses->codes, request->actor.id, CODES_WRONG, 1, kl_clock_mono_ms());
	api_error(request, API_NOT_FOUND, NO_CODE);
}

static enum kl_status is_expected(bool *listed, struct request *request, const char *course, struct kl_error *err)
{
	char *name, *look;
	enum kl_status status = kl_name_read(&name, &look, request->actor.name, err);

	if (status)
		return status;
	status = kl_store_roster_has(listed, request->server->store, course, look, err);
	free(name);
	free(look);
	return status;
}

/* Says why not. A code is no more secret to who has it: he is told the truth. */
static bool is_open(struct request *request, const struct kl_course *course)
{
	struct kl_error err;
	bool listed = false;

	if (course->role != KL_COURSE_NONE) {
		api_error(request, API_CONFLICT, "you are in this course already");
	} else if (course->archived || course->joining == KL_JOINING_CLOSED) {
		api_error(request, API_CONFLICT, "nobody can join this course now: ask its instructor");
	} else if (course->joining != KL_JOINING_ROSTER) {
		return true;
	} else if (is_expected(&listed, request, course->id, &err)) {
		api_fail_unseen(request, &err);
	} else if (!listed) {
		api_error(request, API_FORBIDDEN,
			  "only those on its roster can join this course: ask its instructor to put your name there");
	}
	return listed;
}

static void enter(struct request *request, const char *id)
{
	struct kl_store *store = request->server->store;
	const char *user = request->actor.id;
	struct kl_error err;

	if (server_write(request->server, &err) || kl_store_member_add(store, id, user, KL_COURSE_STUDENT, &err) ||
	    kl_course_joined(store, id, user, &err))
		api_fail_unseen(request, &err);
	else
		answer_course(request, 201, id);
}

/* wanted: the course it must be the code of; NULL: any. */
static void join(struct request *request, const char *wanted)
{
	const char *typed = "";
	const struct api_field fields[] = { { "code", .text = &typed } };
	char code[KL_COURSE_CODE_SIZE];
	struct kl_course course;
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)) || !is_person(request) || !may_try(request))
		return;
	if (!kl_course_code_read(code, typed)) {
		wrong_code(request);
		return;
	}
	if (kl_store_course_by_code(&course, request->server->store, code, request->actor.id, &err)) {
		if (err.status == KL_ENOENT)
			wrong_code(request);
		else
			api_fail(request, &err);
		return;
	}
	if (wanted && strcmp(wanted, course.id) != 0)
		wrong_code(request);
	else if (is_open(request, &course))
		enter(request, course.id);
	kl_course_release(&course);
}

static void courses_join(struct request *request)
{
	join(request, NULL);
}

static void courses_enroll(struct request *request)
{
	join(request, request_argument(request, "course"));
}

static void courses_leave(struct request *request)
{
	const char *id = request_argument(request, "course");
	struct kl_error err;

	if (!api_read_nothing(request))
		return;
	if (server_write(request->server, &err) ||
	    kl_store_member_remove(request->server->store, id, request->actor.id, &err))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", id, "left");
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",  "/api/courses",                0, courses_list,   ACCESS_SIGNED_IN },
	{ "POST", "/api/courses",                0, courses_create, ACCESS_INSTRUCTOR },
	{ "POST", "/api/courses/join",           0, courses_join,   ACCESS_SIGNED_IN },
	{ "GET",  "/api/courses/:course",        0, courses_get,    ACCESS_COURSE_MEMBER },
	{ "PUT",  "/api/courses/:course",        0, courses_change, ACCESS_COURSE_INSTRUCTOR },
	{ "POST", "/api/courses/:course/code",   0, courses_recode, ACCESS_COURSE_INSTRUCTOR },
	{ "POST", "/api/courses/:course/enroll", 0, courses_enroll, ACCESS_SIGNED_IN },
	{ "POST", "/api/courses/:course/leave",  0, courses_leave,  ACCESS_COURSE_MEMBER },
};
/* clang-format on */

const struct route_area courses_area = { "/api/courses", rows, KL_LENGTH(rows) };
