#ifndef KODELAB_STORE_COURSES_H
#define KODELAB_STORE_COURSES_H

/*
 * Courses in the class server's store: who is in them, what is set, what it is worth, what came of it. Times are wall clock,
 * 0: none. Whatever a lab should hear of is noted among the changes (kodelab/store_changes.h), kind "course", in the same
 * transaction. Texts are owned in what is read, borrowed in what is put.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;
struct kl_work; /* kodelab/store_works.h */

#define KL_COURSE_CODE_SIZE   9 /* eight characters and a NUL */
#define KL_COURSE_TITLE_MAX   200 /* bytes: of courses, assignments, teams */
#define KL_COURSE_TEXT_MAX    16384 /* bytes of instructions */
#define KL_COURSE_CREATED_MAX 500 /* courses of one owner */
#define KL_COURSE_MEMBERS_MAX 10000 /* and names on the roster */
#define KL_COURSE_TEAMS_MAX   1000
#define KL_COURSE_SET_MAX     200 /* assignments of a course */
#define KL_COURSE_ITEMS_MAX   100 /* challenges of an assignment */
#define KL_COURSE_POINTS_MAX  10000 /* of a challenge */

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

/* ---- courses ---- */

struct kl_course {
	char id[KL_ID_SIZE], owner[KL_ID_SIZE];
	char code[KL_COURSE_CODE_SIZE];
	char *title;
	enum kl_course_joining joining;
	bool archived;
	int64_t created_ms;
	int64_t students; /* how many; read only, as are the following, which are those of the user who asks */
	enum kl_course_role role;
	bool hidden; /* not on the leaderboard */
	char team[KL_ID_SIZE]; /* "": in none */
	int64_t joined_ms;
	double total;
};

void kl_course_release(struct kl_course *course);
void kl_courses_free(struct kl_course *rows, size_t count);
/* Its owner becomes its instructor. KL_EEXIST: the code is in use · KL_EMANY: the owner has KL_COURSE_CREATED_MAX. */
enum kl_status kl_store_course_add(struct kl_store *store, const struct kl_course *course,
				   struct kl_error *err) KL_MUST_CHECK;
/* title, joining, archived. */
enum kl_status kl_store_course_put(struct kl_store *store, const struct kl_course *course,
				   struct kl_error *err) KL_MUST_CHECK;
/* Another code: the former one is good for nothing. KL_EEXIST: it is in use. */
enum kl_status kl_store_course_code(struct kl_store *store, const char *course, const char *code,
				    struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT */
enum kl_status kl_store_course_get(struct kl_course *out, struct kl_store *store, const char *course, const char *user,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_course_by_code(struct kl_course *out, struct kl_store *store, const char *code,
				       const char *user, struct kl_error *err) KL_MUST_CHECK;
/* The newest first: a page of those user is in, or of all of them. *total: how many on all pages. */
struct kl_courses_wanted {
	const char *user;
	bool all, archived;
	int64_t skip, max;
};
enum kl_status kl_store_courses(struct kl_course **rows, size_t *count, int64_t *total, struct kl_store *store,
				const struct kl_courses_wanted *wanted, struct kl_error *err) KL_MUST_CHECK;

/* Every course a user is in, archived ones too: whose changes he hears of. fn must not call the store. */
typedef void kl_course_id_fn(void *ctx, const char *course);
enum kl_status kl_store_courses_of(struct kl_store *store, const char *user, kl_course_id_fn *fn, void *ctx,
				   struct kl_error *err) KL_MUST_CHECK;

/* ---- members ---- */

struct kl_member {
	char user[KL_ID_SIZE], team[KL_ID_SIZE];
	char *name, *display;
	enum kl_course_role role;
	bool hidden;
	int64_t joined_ms;
	double total;
	int64_t seen_ms; /* last at a challenge of this course; 0: never */
	char *seen_pack, *seen_slug, *seen_what;
	double seen_best; /* best score there, below 0: none; with KL_MEMBER_BY_SEEN alone */
};

/* KL_COURSE_NONE: is not in it, or there is no such course. */
enum kl_status kl_store_member_role(enum kl_course_role *role, struct kl_store *store, const char *course,
				    const char *user, struct kl_error *err) KL_MUST_CHECK;
/* KL_EEXIST: is in it already · KL_EMANY */
enum kl_status kl_store_member_add(struct kl_store *store, const char *course, const char *user,
				   enum kl_course_role role, struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT: is not in it · KL_ECONFLICT: its last instructor stays one. The same for removing. */
enum kl_status kl_store_member_promote(struct kl_store *store, const char *course, const char *user,
				       enum kl_course_role role, struct kl_error *err) KL_MUST_CHECK;
/* What he has done stays, and counts again when he comes back. */
enum kl_status kl_store_member_remove(struct kl_store *store, const char *course, const char *user,
				      struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_member_hide(struct kl_store *store, const char *course, const char *user, bool hidden,
				    struct kl_error *err) KL_MUST_CHECK;

enum kl_member_order { KL_MEMBER_BY_NAME, KL_MEMBER_BY_SEEN, KL_MEMBER_BY_TOTAL };
struct kl_members_wanted {
	const char *course;
	enum kl_course_role least, most; /* roles from … to */
	bool shown; /* those on the leaderboard alone */
	enum kl_member_order order; /* by name; the last seen first; the highest total first */
	int64_t skip, max;
};
enum kl_status kl_store_members(struct kl_member **rows, size_t *count, int64_t *total, struct kl_store *store,
				const struct kl_members_wanted *wanted, struct kl_error *err) KL_MUST_CHECK;
void kl_members_free(struct kl_member *rows, size_t count);
/* How many students on the leaderboard have more than this. */
enum kl_status kl_store_members_ahead(int64_t *ahead, struct kl_store *store, const char *course, double total,
				      struct kl_error *err) KL_MUST_CHECK;
/* As what does one of them teach the other, who is a student there, in any course? KL_COURSE_NONE: in none. */
enum kl_status kl_store_teaches(enum kl_course_role *as, struct kl_store *store, const char *teacher,
				const char *student, struct kl_error *err) KL_MUST_CHECK;
/* The same, in any course where the work counts: one that sets its challenge. */
enum kl_status kl_store_teaches_work(enum kl_course_role *as, struct kl_store *store, const char *teacher,
				     const struct kl_work *work, struct kl_error *err) KL_MUST_CHECK;
/* The most that he is in any course. */
enum kl_status kl_store_member_most(enum kl_course_role *role, struct kl_store *store, const char *user,
				    struct kl_error *err) KL_MUST_CHECK;
/* He did something (a word: "draft", "submitted", …) at a challenge: for every course of his that sets it. */
enum kl_status kl_store_member_seen(struct kl_store *store, const char *user, const char *pack, const char *slug,
				    const char *what, int64_t at_ms, struct kl_error *err) KL_MUST_CHECK;

/* ---- the roster: names that are expected ---- */

/* look: the key of the name (kl_name_read): names that are taken for each other are one here as among accounts. */
struct kl_expected {
	char *name, *look, *display; /* look: not read */
	bool joined; /* a user of this name is in the course */
};

/* Adds them, or changes how they are written: all or none. KL_EMANY */
enum kl_status kl_store_roster_put(struct kl_store *store, const char *course, const struct kl_expected *rows,
				   size_t count, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_roster_remove(struct kl_store *store, const char *course, const char *look,
				      struct kl_error *err) KL_MUST_CHECK; /* KL_ENOENT */
enum kl_status kl_store_roster_has(bool *has, struct kl_store *store, const char *course, const char *look,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_roster(struct kl_expected **rows, size_t *count, int64_t *total, struct kl_store *store,
			       const char *course, int64_t skip, int64_t max, struct kl_error *err) KL_MUST_CHECK;
void kl_roster_free(struct kl_expected *rows, size_t count);

/* ---- teams ---- */

struct kl_team {
	char id[KL_ID_SIZE], course[KL_ID_SIZE];
	char *name;
	double *totals; /* of its members; read only */
	size_t members;
};

/* id "": made. KL_EEXIST: the course has one of this name · KL_EMANY */
enum kl_status kl_store_team_add(struct kl_store *store, struct kl_team *team, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_team_rename(struct kl_store *store, const struct kl_team *team,
				    struct kl_error *err) KL_MUST_CHECK; /* KL_ENOENT, KL_EEXIST */
enum kl_status kl_store_team_remove(struct kl_store *store, const char *course, const char *team,
				    struct kl_error *err) KL_MUST_CHECK; /* KL_ENOENT */
/* team "": into none. KL_ENOENT: no such student, or no such team, in the course. */
enum kl_status kl_store_team_set(struct kl_store *store, const char *course, const char *user, const char *team,
				 struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_teams(struct kl_team **rows, size_t *count, struct kl_store *store, const char *course,
			      struct kl_error *err) KL_MUST_CHECK;
void kl_teams_free(struct kl_team *rows, size_t count);

/* ---- assignments ---- */

enum kl_late_kind { KL_LATE_NONE, KL_LATE_PERCENT, KL_LATE_CUT, KL_LATE_COUNT };

struct kl_late { /* what becomes of work that comes after it was due */
	enum kl_late_kind kind; /* NONE: it counts in full */
	int percent; /* PERCENT: so much less for each day begun… */
	int floor; /* …but never less than this */
	int64_t until_ms; /* PERCENT, CUT: after this it counts nothing; 0: never with PERCENT, when due with CUT */
};

/* What holds for one student and one assignment; kl_terms_extend puts an extension in. */
struct kl_terms {
	int64_t opens_ms; /* what was done before does not count; 0: always */
	int64_t due_ms; /* 0: never */
	int64_t grace_ms; /* so long after due_ms a lab's own time is believed */
	struct kl_late late;
};

struct kl_assignment_item {
	char *pack, *slug;
	int64_t points;
	double counted; /* of the user who asks: percent of the points; read only, as are these */
	int64_t tries;
	bool offered; /* is published for students; only in what is read of the server's answers (kodelab/coursework.h) */
};

struct kl_assignment {
	char id[KL_ID_SIZE], course[KL_ID_SIZE];
	char *title, *instructions;
	struct kl_terms terms; /* without an extension */
	int64_t place, created_ms;
	struct kl_assignment_item *items; /* in their order */
	size_t item_count;
	int64_t extended_ms; /* of the user who asks; 0: no extension. Read only, as are these */
	double score;
	int64_t solved, tried; /* challenges */
	bool late;
	int64_t last_ms;
};

void kl_assignment_release(struct kl_assignment *assignment);
void kl_assignments_free(struct kl_assignment *rows, size_t count);
/*
 * Adds it behind the others, or changes it, items and all; what it comes to is then computed anew (kl_course_rescore).
 * KL_EMANY: the course has KL_COURSE_SET_MAX.
 */
enum kl_status kl_store_assignment_add(struct kl_store *store, const struct kl_assignment *assignment,
				       struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_assignment_put(struct kl_store *store, const struct kl_assignment *assignment,
				       struct kl_error *err) KL_MUST_CHECK;
/* With its extensions; its scores go when they are computed anew, the submissions stay. */
enum kl_status kl_store_assignment_remove(struct kl_store *store, const char *course, const char *assignment,
					  struct kl_error *err) KL_MUST_CHECK;
/* In their order; now_ms: those that have opened by then alone, 0: all. */
enum kl_status kl_store_assignments(struct kl_assignment **rows, size_t *count, struct kl_store *store,
				    const char *course, const char *user, int64_t now_ms,
				    struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT: also when it has not opened by now_ms. */
enum kl_status kl_store_assignment_get(struct kl_assignment *out, struct kl_store *store, const char *course,
				       const char *assignment, const char *user, int64_t now_ms,
				       struct kl_error *err) KL_MUST_CHECK;
/* Tells the labs of those that have opened by now_ms; *next_ms: when the next one will, 0: none. */
enum kl_status kl_store_assignments_tell(int64_t *next_ms, struct kl_store *store, int64_t now_ms,
					 struct kl_error *err) KL_MUST_CHECK;
/*
 * Is a challenge of the pack set for the user: in an assignment that has opened by now_ms, of a course he is in, or in any of
 * a course he teaches? slug NULL: any.
 */
enum kl_status kl_store_course_sets(bool *sets, struct kl_store *store, const char *user, const char *pack,
				    const char *slug, int64_t now_ms, struct kl_error *err) KL_MUST_CHECK;

/* ---- packs that are for a course alone ---- */

/*
 * Keeps a published pack for the course, or lets go of it. Several courses may keep one. Those outside do not see it, nor does a
 * student before something of it is set in an assignment that has opened. Everybody's labs are told to look again.
 */
enum kl_status
kl_store_course_keep(struct kl_store *store, const char *course, const char *pack, bool kept,
		     struct kl_error *err) KL_MUST_CHECK; /* KL_ENOENT: letting go of what it did not keep */
/* Their names, by name, each the caller's, as the array is: kl_pack_names_free. */
enum kl_status kl_store_course_packs(char ***names, size_t *count, struct kl_store *store, const char *course,
				     struct kl_error *err) KL_MUST_CHECK;
/* Those that the user does not see at now_ms. */
enum kl_status kl_store_packs_hidden(char ***names, size_t *count, struct kl_store *store, const char *user,
				     int64_t now_ms, struct kl_error *err) KL_MUST_CHECK;
/* One of them? */
enum kl_status kl_store_pack_hidden(bool *hidden, struct kl_store *store, const char *pack, const char *user,
				    int64_t now_ms, struct kl_error *err) KL_MUST_CHECK;
void kl_pack_names_free(char **names, size_t count);

struct kl_extension {
	char user[KL_ID_SIZE], given_by[KL_ID_SIZE];
	char *name, *display; /* read only */
	char *reason;
	int64_t due_ms, at_ms;
};

/* KL_ENOENT: not a member. */
enum kl_status kl_store_extension_put(struct kl_store *store, const char *course, const char *assignment,
				      const struct kl_extension *extension, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_extension_remove(struct kl_store *store, const char *course, const char *assignment,
					 const char *user, struct kl_error *err) KL_MUST_CHECK; /* KL_ENOENT */
enum kl_status kl_store_extensions(struct kl_extension **rows, size_t *count, struct kl_store *store,
				   const char *assignment, struct kl_error *err) KL_MUST_CHECK;
void kl_extensions_free(struct kl_extension *rows, size_t count);

/* ---- what comes of it: kodelab/course.h computes, these keep ---- */

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

struct kl_mark_place { /* an item that a student's submissions count for */
	char course[KL_ID_SIZE], assignment[KL_ID_SIZE];
	char *pack, *slug;
	struct kl_terms terms; /* with the extension not yet put in */
	int64_t extended_ms;
};

void kl_mark_places_free(struct kl_mark_place *rows, size_t count);
/* Where a challenge counts for a student, in all his courses. */
enum kl_status kl_store_mark_places(struct kl_mark_place **rows, size_t *count, struct kl_store *store,
				    const char *user, const char *pack, const char *slug,
				    struct kl_error *err) KL_MUST_CHECK;
/* All items of an assignment, for a student. */
enum kl_status kl_store_mark_places_of(struct kl_mark_place **rows, size_t *count, struct kl_store *store,
				       const char *user, const char *assignment, struct kl_error *err) KL_MUST_CHECK;
/* The student's judged submissions of a challenge. free() */
enum kl_status kl_store_tries(struct kl_try **rows, size_t *count, struct kl_store *store, const char *user,
			      const char *pack, const char *slug, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_mark_put(struct kl_store *store, const struct kl_mark_place *place, const char *user,
				 const struct kl_mark *mark, struct kl_error *err) KL_MUST_CHECK;
/*
 * The assignment's score and the course's total out of the marks. The student's lab is told: always, or only when the score
 * is another one.
 */
enum kl_status kl_store_mark_sum(struct kl_store *store, const char *course, const char *assignment, const char *user,
				 bool always, struct kl_error *err) KL_MUST_CHECK;

/* The tests that the student's newest judged submission of a challenge failed take the place of those of the one before. */
enum kl_status kl_store_failures_put(struct kl_store *store, const char *user, const char *pack, const char *slug,
				     const char *const *tests, size_t count, struct kl_error *err) KL_MUST_CHECK;

/* Those assignments of a course alone that the user tried something of, or has a score for; ids is the caller's. */
enum kl_status kl_store_assignments_tried(char (**ids)[KL_ID_SIZE], size_t *count, struct kl_store *store,
					  const char *course, const char *user, struct kl_error *err) KL_MUST_CHECK;

struct kl_rescore { /* an assignment whose scores are being computed anew */
	char course[KL_ID_SIZE], assignment[KL_ID_SIZE];
	char after[KL_ID_SIZE]; /* the students up to this one are done */
};
/* KL_ENOENT: nothing is left to do. */
enum kl_status kl_store_rescore_next(struct kl_rescore *out, struct kl_store *store,
				     struct kl_error *err) KL_MUST_CHECK;
/* Up to max students behind after, by id. */
enum kl_status kl_store_rescore_users(char (*users)[KL_ID_SIZE], size_t *count, size_t max, struct kl_store *store,
				      const struct kl_rescore *rescore, struct kl_error *err) KL_MUST_CHECK;
/* after "": it is done. */
enum kl_status kl_store_rescore_moved(struct kl_store *store, const struct kl_rescore *rescore,
				      struct kl_error *err) KL_MUST_CHECK;
/* Are scores of the course being computed anew? */
enum kl_status kl_store_rescoring(bool *rescoring, struct kl_store *store, const char *course,
				  struct kl_error *err) KL_MUST_CHECK;

/* ---- the gradebook ---- */

struct kl_grade { /* one student and one assignment he has begun; borrowed for the call */
	const char *user, *name, *display;
	double total; /* of the student */
	const char *assignment; /* "": the student has begun none */
	double score;
	int64_t solved, tried;
	bool late;
};

struct kl_grades_wanted { /* of which students */
	const char *course;
	const char *after; /* a name: those behind it; NULL: all */
	int64_t skip, max; /* so many of these are passed over, and then told */
};

/* Students by name, with all their assignments; fn must not call the store. */
typedef void kl_store_grade_fn(void *ctx, const struct kl_grade *grade);
enum kl_status kl_store_grades(struct kl_store *store, const struct kl_grades_wanted *wanted, kl_store_grade_fn *fn,
			       void *ctx, struct kl_error *err) KL_MUST_CHECK;

struct kl_failing { /* a test, and how many students' newest submissions fail it; borrowed for the call */
	const char *pack, *slug, *test;
	int64_t students;
};
/* Of an assignment, the most often failed first. */
typedef void kl_store_failing_fn(void *ctx, const struct kl_failing *failing);
enum kl_status kl_store_failing(struct kl_store *store, const char *assignment, int64_t max, kl_store_failing_fn *fn,
				void *ctx, struct kl_error *err) KL_MUST_CHECK;

#endif
