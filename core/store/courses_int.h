#ifndef KODELAB_STORE_COURSES_INT_H
#define KODELAB_STORE_COURSES_INT_H

/* Between the files of courses, members, teams, assignments and marks. */

#include <kodelab/store_changes.h>
#include <kodelab/store_courses.h>

/* The labs of the user, or of everybody in the course (user NULL), are to hear of the course. */
enum kl_status course_note(struct kl_store *store, const char *course, const char *user,
			   struct kl_error *err) KL_MUST_CHECK;
/* The labs of the user, or of the course, are to hear of the packs that the course keeps. In a transaction. */
enum kl_status course_note_packs(struct kl_store *store, const char *course, const char *user,
				 struct kl_error *err) KL_MUST_CHECK;
/* In a transaction: all scores of the assignment are to be computed anew. */
enum kl_status course_rescore_all(struct kl_store *store, const char *course, const char *assignment,
				  struct kl_error *err) KL_MUST_CHECK;

#endif
