#ifndef KODELAB_STORE_COURSES_H
#define KODELAB_STORE_COURSES_H

/* Courses as they are stored: who is in them, what is set, what it is worth, what came of it. Times are wall clock, 0: none. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

#define KL_COURSE_CODE_SIZE   9 /* eight characters and a NUL */
#define KL_COURSE_TITLE_MAX   200 /* bytes: of courses, assignments, teams */
#define KL_COURSE_TEXT_MAX    65536 /* bytes of instructions */
#define KL_COURSE_MEMBERS_MAX 10000
#define KL_COURSE_ITEMS_MAX   100 /* challenges of an assignment */
#define KL_COURSE_POINTS_MAX  10000 /* of a challenge */
#define KL_COURSE_SET_MAX     200 /* assignments of a course */
#define KL_COURSE_TEAMS_MAX   1000
#define KL_COURSE_CREATED_MAX 500 /* courses of one owner */

/* Numbers are in the database: never changed. Each role may what the one before may. */
enum kl_course_role {
	KL_COURSE_NONE,
	KL_COURSE_STUDENT,
	KL_COURSE_ASSISTANT,
	KL_COURSE_INSTRUCTOR,
	KL_COURSE_ROLE_COUNT,
};

/* Who may join with the code: whoever has it, those on the roster alone, nobody. */
enum kl_course_joining { KL_JOINING_CODE, KL_JOINING_ROSTER, KL_JOINING_CLOSED, KL_JOINING_COUNT };

enum kl_late_kind { KL_LATE_NONE, KL_LATE_PERCENT, KL_LATE_CUT, KL_LATE_COUNT };

struct kl_late { /* what becomes of work that comes after it was due */
	enum kl_late_kind kind; /* NONE: it counts in full */
	int percent; /* PERCENT: so much less for each day begun… */
	int floor; /* …but never less than this */
	int64_t until_ms; /* PERCENT, CUT: after this it counts nothing; 0: never with PERCENT, when due with CUT */
};

#endif
