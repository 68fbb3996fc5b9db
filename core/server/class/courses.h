#ifndef CORE_SERVER_CLASS_COURSES_H
#define CORE_SERVER_CLASS_COURSES_H

/* Courses, as the server's other parts and this area's files see them. */

#include <stdbool.h>
#include <stdint.h>

#include <kodelab/buf.h>
#include <kodelab/course.h>
#include <kodelab/store_courses.h>

#include "core/server/access.h"
#include "core/server/route.h"
#include "core/server/server.h"

struct request;

extern const struct server_part courses_part;
extern const struct route_area courses_area, members_area, assignments_area, gradebook_area, teams_area,
	kept_packs_area;

/* How the actor stands to the route's :course; with its :assignment, which a student sees only when it has opened. */
relation_fn courses_relation, assignments_relation;

/*
 * A course as this user sees it, with its assignments: due when, and how far he is. What has not opened is in it for staff
 * alone. *there is false, and nothing is written, when there is no such course or he is not in it.
 */
enum kl_status courses_body(struct kl_buf *body, bool *there, struct server *server, const char *user,
			    const char *course, struct kl_error *err) KL_MUST_CHECK;

/* --- what this area's files share ---------------------------------------------------------------------------------- */

/* The actor as one of this course: who administers the server stands like its instructor. */
bool courses_staff(const struct request *request, enum kl_course_role role);
/* Something was changed that is computed anew, or opens, before the part would look. */
void courses_wake(struct server *server);
/* 404 for what is not there, in the words for what is not to be seen; everything else as api_fail. */
void courses_fail(struct request *request, const struct kl_error *err);
/* {"id":…,"<name>":true} when this turn's writes are on the disk. */
void courses_done(struct request *request, int status, const char *id, const char *name);

/* A text of the body that people read: without controls, within max bytes, not empty unless many lines are allowed. */
const char *courses_text(struct request *request, const char *name, const char *otherwise, size_t max, bool lines,
			 bool *good);
/* A time: absent keeps otherwise, null is 0. */
int64_t courses_time(struct request *request, const char *name, int64_t otherwise, bool *good);
/* true or false; absent: otherwise. */
bool courses_bool(struct request *request, const char *name, bool otherwise, bool *good);
bool courses_says(const struct request *request, const char *name); /* the body has this member */

/* "name":7.25, rounded to two decimals. */
void courses_number(struct kl_buf *body, const char *name, double value);
/* The members of a course, without braces. */
void courses_show(struct kl_buf *body, const struct kl_course *course, bool staff);
/* A page of the members that are wanted, each as show writes it, is the answer. */
void members_answer(struct request *request, struct kl_members_wanted *wanted,
		    void (*show)(struct kl_buf *body, const struct kl_member *member));
/* As it stands now. */
void assignments_show(struct kl_buf *body, struct server *server, const struct kl_assignment *assignment);

#endif
