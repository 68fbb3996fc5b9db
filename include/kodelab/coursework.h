#ifndef KODELAB_COURSEWORK_H
#define KODELAB_COURSEWORK_H

/*
 * What the class server says of courses, read by the lab and its commands: the JSON of docs/openapi.yaml as structs, and what
 * people are told of them. Of what is missing or of another type nothing is read (0, ""). Texts are outside texts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/course.h>
#include <kodelab/error.h>
#include <kodelab/store_courses.h>

struct cJSON;
struct kl_store;

/* ---- a course and what is set in it, for the one who asked ---- */

struct kl_coursework {
	struct kl_course course;
	struct kl_assignment *assignments; /* terms with the extension put in */
	size_t count;
};

/* KL_EINVAL: it is no course. */
enum kl_status kl_coursework_read(struct kl_coursework *out, const struct cJSON *node,
				  struct kl_error *err) KL_MUST_CHECK;
void kl_coursework_release(struct kl_coursework *work);
/* KL_EINVAL: it is no assignment. */
enum kl_status kl_assignment_read(struct kl_assignment *out, const struct cJSON *node,
				  struct kl_error *err) KL_MUST_CHECK;
/* Those that were pulled for the account (store_class.h), can be read, and are not archived, by title. */
enum kl_status kl_courseworks(struct kl_coursework **rows, size_t *count, struct kl_store *store, const char *account,
			      struct kl_error *err) KL_MUST_CHECK;
void kl_courseworks_free(struct kl_coursework *rows, size_t count);

/* An assistant, or an instructor. */
bool kl_course_is_staff(const struct kl_course *course);
const char *kl_course_role_name(enum kl_course_role role); /* "student", "assistant", "instructor", "" */
int64_t kl_assignment_points(const struct kl_assignment *assignment);

/* ---- what is due ---- */

struct kl_due {
	size_t course, assignment; /* places in the list and in its course */
};

/*
 * What a student still has to do: not done, still worth something, and due at all; the soonest first, and of those that are
 * overdue only the last two weeks'. Returns how many there are; at most max are filled in.
 */
size_t kl_courseworks_due(struct kl_due *due, size_t max, const struct kl_coursework *rows, size_t count,
			  int64_t now_ms);

#define KL_DUE_SIZE 40
/* "in 40 min (22:00)", "today 22:00", "tomorrow 22:00", "on Friday 22:00", "2026-10-01 22:00", "yesterday 22:00"; "": never */
void kl_due_words(char text[KL_DUE_SIZE], int64_t due_ms, int64_t now_ms);

#define KL_DUE_WHOLE_SIZE 96
/* …and the time itself, with the zone that it is told in: "tomorrow 22:00 (2026-10-01 22:00 CEST)" */
void kl_due_whole(char text[KL_DUE_WHOLE_SIZE], int64_t due_ms, int64_t now_ms);

/* "2026-10-01", the end of that day, or "2026-10-01 22:00", both here. false: it is no such time. */
bool kl_due_read(int64_t *wall_ms, const char *text);
/* The same, but a day alone is its begin: what opens on that day is open all of it. */
bool kl_opens_read(int64_t *wall_ms, const char *text);

#define KL_AGO_SIZE 20
/* "just now", "5 min ago", "3 h ago", "yesterday 22:00", "2026-10-01 22:00"; "never". A clock that is behind makes no future. */
void kl_ago_words(char text[KL_AGO_SIZE], int64_t at_ms, int64_t now_ms);

#define KL_LATE_SIZE 120
/* "10 % less for each day late, at least 50 %, until 2026-10-08 22:00"; "": it is never due */
void kl_late_words(char text[KL_LATE_SIZE], const struct kl_terms *terms);

/* ---- rows of lists: their texts are the node's ---- */

struct kl_leader {
	int64_t rank;
	double total;
	const char *display;
	bool me;
};
void kl_leader_read(struct kl_leader *out, const struct cJSON *node);

struct kl_seen { /* where a student is */
	const char *name, *display;
	const char *pack, *slug, *what; /* "": was nowhere yet */
	int64_t at_ms; /* 0: never */
	double best; /* his best result there, in percent; negative: none yet */
};
void kl_seen_read(struct kl_seen *out, const struct cJSON *node);
void kl_failing_read(struct kl_failing *out, const struct cJSON *node);

/* ---- the gradebook ---- */

struct kl_gradebook_column {
	char id[KL_ID_SIZE]; /* of the assignment; "": none that is one */
	char *title;
	int64_t points;
};

struct kl_gradebook_row {
	char id[KL_ID_SIZE]; /* of the user; "": none that is one */
	char *name, *display;
	double total;
	double *scores; /* one for each column; negative: not begun */
};

struct kl_gradebook { /* zeroed: empty */
	struct kl_gradebook_column *columns;
	struct kl_gradebook_row *rows;
	size_t column_count, row_count, row_capacity;
	bool computing; /* some scores are still those from before an assignment was changed */
};

/* The columns of the first page, the rows of each. */
void kl_gradebook_add(struct kl_gradebook *book, const struct cJSON *page);
void kl_gradebook_release(struct kl_gradebook *book);

#endif
