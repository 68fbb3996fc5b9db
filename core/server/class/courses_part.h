#ifndef CORE_SERVER_CLASS_COURSES_PART_H
#define CORE_SERVER_CLASS_COURSES_PART_H

/* What the courses' part keeps in memory, for its own files. */

struct kl_limiter;
struct kl_timer;

struct courses {
	struct kl_limiter *codes; /* wrong codes of a user */
	struct kl_timer *timer; /* looks for what is to be done in the background */
};

#endif
