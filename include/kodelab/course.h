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

/* Is it a policy? KL_EINVAL: percent or floor beyond 0 to 100, an end before due_ms, a policy for what is never due. */
enum kl_status kl_late_check(const struct kl_late *late, int64_t due_ms, struct kl_error *err) KL_MUST_CHECK;
/* An extension that ends later than due_ms moves it, and with it the whole of the policy; 0: none. */
void kl_terms_extend(struct kl_terms *terms, int64_t extended_ms);
/*
 * When it counts as done. What the server received is what counts; only what reached it within the grace time may have been
 * done when the lab says (claimed_ms), never later than it came, nor before it opened: that it came after.
 */
int64_t kl_terms_moment(const struct kl_terms *terms, int64_t claimed_ms, int64_t received_ms);
/* How much of its points work of this moment is worth, in percent. */
int kl_terms_share(const struct kl_terms *terms, int64_t moment_ms);

/* ---- what counts ---- */

/* The try that counts most, the earlier of two that count the same. Tries from before it opened are none. */
void kl_mark_of(struct kl_mark *mark, const struct kl_try *tries, size_t count, const struct kl_terms *terms);

#define KL_COURSE_FAILED_MAX 100 /* tests that are remembered of one submission */

/* A submission that got a verdict, or another one. */
struct kl_verdict_news {
	const char *work, *user, *pack, *slug;
	const char *const *
		failed; /* ids of the tests it failed; NULL: not known, what was known stays. Those of the newest count */
	size_t failed_count;
};
/*
 * How an assignment stands for the user it was read for, as a word: "upcoming" (it has not opened), "open", "started", "done" (all
 * its challenges are solved), "overdue", "closed" (work that comes now counts nothing).
 */
const char *kl_assignment_state(const struct kl_assignment *assignment, int64_t now_ms);
/* How it stands for the class, for those who teach it: "upcoming", "open", "past due" (late work counts something), "closed". */
const char *kl_assignment_stage(const struct kl_assignment *assignment, int64_t now_ms);

/*
 * What the user's submissions at this challenge come to in all his courses is computed anew. Called in the transaction that
 * stores the verdict (kl_store_batch_begin), behind it. Cheap where the challenge is set in none.
 */
enum kl_status kl_course_scored(struct kl_store *store, const struct kl_verdict_news *news,
				struct kl_error *err) KL_MUST_CHECK;
/*
 * After an assignment was changed or somebody joined: computes what it comes to for some students (max of them) and returns, so
 * that nobody waits long. *more: there is more to do.
 */
enum kl_status kl_course_rescore(bool *more, struct kl_store *store, size_t max, struct kl_error *err) KL_MUST_CHECK;
/* One student, one assignment: an extension was given or taken back. */
enum kl_status kl_course_assignment_scored(struct kl_store *store, const char *course, const char *assignment,
					   const char *user, struct kl_error *err) KL_MUST_CHECK;
/* One student, all assignments of a course: he joined it. */
enum kl_status kl_course_joined(struct kl_store *store, const char *course, const char *user,
				struct kl_error *err) KL_MUST_CHECK;

/* ---- standing ---- */

/* The mean of its members: teams of different size stand beside each other. 0 without members. */
double kl_team_score(const double *scores, size_t count);
/* Falling scores into ranks: equal ones share theirs, the next is as many further: 1, 2, 2, 4. */
void kl_ranks(size_t *ranks, const double *scores, size_t count);

#endif
