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

struct hidden_packs;
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
/* Is the route's :user a student of its :course? false: the refusal was answered, in the words for what is not to be seen. */
bool courses_pupil(struct request *request);
/* Something was changed that is computed anew, or opens, before the part would look. */
void courses_wake(struct server *server);
/* "name":7.25, rounded to two decimals. */
void courses_number(struct kl_buf *body, const char *name, double value);
/* The members of a course, without braces. */
void courses_show(struct kl_buf *body, const struct kl_course *course, bool staff);
/* A page of the members that are wanted, each as show writes it, is the answer. */
void members_answer(struct request *request, struct kl_members_wanted *wanted,
		    void (*show)(struct kl_buf *body, const struct kl_member *member));
/* As it stands now. */
void assignments_show(struct kl_buf *body, struct server *server, const struct hidden_packs *hidden,
		      const struct kl_assignment *assignment); /* hidden: of whom it is shown to */

#endif
