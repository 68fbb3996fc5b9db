#ifndef KODELAB_COURSE_H
#define KODELAB_COURSE_H

/*
 * The rules of a course: codes to join by, what late work is worth, which of many tries counts, who stands where. All of them
 * are functions of what they are given; kodelab/store_courses.h has what is stored.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>
#include <kodelab/store_courses.h>

/* ---- words, as they are on the wire ---- */

const char *kl_course_role_word(enum kl_course_role role); /* "STUDENT"; NONE: NULL */
bool kl_course_role_read(enum kl_course_role *role, const char *word);
const char *kl_joining_word(enum kl_course_joining joining);
bool kl_joining_read(enum kl_course_joining *joining, const char *word);
const char *kl_late_word(enum kl_late_kind kind);
bool kl_late_read(enum kl_late_kind *kind, const char *word);

/* ---- codes ---- */

/* Eight characters nobody can guess (40 bits), without those that are taken for others. */
void kl_course_code_new(char code[KL_COURSE_CODE_SIZE]);
/* What somebody typed: in any case, with dashes and blanks, with O for 0 and I or L for 1. false: it is no code. */
bool kl_course_code_read(char code[KL_COURSE_CODE_SIZE], const char *typed);

/* ---- late work ---- */

/* What holds for one student and one assignment. */
struct kl_terms {
	int64_t opens_ms; /* what was done before does not count */
	int64_t due_ms; /* with the student's extension; 0: never */
	int64_t grace_ms; /* so long after due_ms a lab's own time is believed */
	struct kl_late late; /* until_ms moved by the extension */
};

/* Is it a policy? KL_EINVAL: percent or floor beyond 0 to 100, an end before due_ms, a policy for what is never due. */
enum kl_status kl_late_check(const struct kl_late *late, int64_t due_ms, struct kl_error *err) KL_MUST_CHECK;
/* An extension that ends later than due_ms moves it, and with it the whole of the policy; 0: none. */
void kl_terms_extend(struct kl_terms *terms, int64_t extended_ms);
/*
 * When it counts as done. What the server received is what counts; only what reached it within the grace time may have been
 * done when the lab says (claimed_ms), never later than it came.
 */
int64_t kl_terms_moment(const struct kl_terms *terms, int64_t claimed_ms, int64_t received_ms);
/* How much of its points work of this moment is worth, in percent. */
int kl_terms_share(const struct kl_terms *terms, int64_t moment_ms);

/* ---- what counts ---- */

struct kl_try { /* one submission that was judged */
	char work[KL_ID_SIZE];
	double score; /* 0 to 100 */
	int64_t claimed_ms, received_ms;
};

struct kl_mark { /* what a student's tries at one challenge of an assignment come to */
	char work[KL_ID_SIZE]; /* the one that counts; "": none does */
	char last[KL_ID_SIZE]; /* the newest */
	double score; /* as judged */
	double counted; /* score less what it was late: 0 to 100 */
	bool late; /* the one that counts came after it was due */
	int tries;
	int64_t last_ms; /* received */
};

/* The try that counts most, the earlier of two that count the same. Tries from before it opened are none. */
void kl_mark_of(struct kl_mark *mark, const struct kl_try *tries, size_t count, const struct kl_terms *terms);

/* ---- standing ---- */

/* The mean of its members: teams of different size stand beside each other. 0 without members. */
double kl_team_score(const double *scores, size_t count);
/* Falling scores into ranks: equal ones share theirs, the next is as many further: 1, 2, 2, 4. */
void kl_ranks(size_t *ranks, const double *scores, size_t count);

#endif
