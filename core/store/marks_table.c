/* What comes of the submissions in a course: marks, scores, totals; the gradebook reads nothing but these. */

#include <kodelab/store_courses.h>

#include <kodelab/alloc.h>

#include "core/store/courses_int.h"
#include "core/store/store_int.h"

/* --- where something counts --------------------------------------------------------------------------------------- */

struct places {
	struct kl_mark_place *items;
	size_t count, capacity;
};

static void take_place(void *ctx, const struct sql_row *row)
{
	struct places *places = ctx;
	struct kl_mark_place *to;

	KL_GROW(places->items, places->count, places->capacity);
	to = &places->items[places->count++];
	*to = (struct kl_mark_place){ .pack = row_text(row, 2),
				      .slug = row_text(row, 3),
				      .terms = { .opens_ms = row_int(row, 4),
						 .due_ms = row_int(row, 5),
						 .grace_ms = row_int(row, 6),
						 .late = { .kind = (enum kl_late_kind)row_int(row, 7),
							   .percent = (int)row_int(row, 8),
							   .floor = (int)row_int(row, 9),
							   .until_ms = row_int(row, 10) } },
				      .extended_ms = row_int(row, 11) };
	row_copy(row, 0, to->course, sizeof(to->course));
	row_copy(row, 1, to->assignment, sizeof(to->assignment));
}

static enum kl_status get_places(struct kl_mark_place **rows, size_t *count, struct kl_store *store, enum sql which,
				 struct sql_args args, struct kl_error *err)
{
	struct places places = { .items = NULL };
	enum kl_status status = store_select(store, which, args, take_place, &places, err);

	if (status) {
		kl_mark_places_free(places.items, places.count);
		return status;
	}
	*rows = places.items;
	*count = places.count;
	return KL_OK;
}

enum kl_status kl_store_mark_places(struct kl_mark_place **rows, size_t *count, struct kl_store *store,
				    const char *user, const char *pack, const char *slug, struct kl_error *err)
{
	return get_places(rows, count, store, SQL_MARK_PLACES, ARGS(ARG_TEXT(user), ARG_TEXT(pack), ARG_TEXT(slug)),
			  err);
}

enum kl_status kl_store_mark_places_of(struct kl_mark_place **rows, size_t *count, struct kl_store *store,
				       const char *user, const char *assignment, struct kl_error *err)
{
	return get_places(rows, count, store, SQL_MARK_PLACES_OF, ARGS(ARG_TEXT(user), ARG_TEXT(assignment)), err);
}

void kl_mark_places_free(struct kl_mark_place *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].pack);
		free(rows[i].slug);
	}
	free(rows);
}

struct tries {
	struct kl_try *items;
	size_t count, capacity;
};

static void take_try(void *ctx, const struct sql_row *row)
{
	struct tries *tries = ctx;
	struct kl_try *to;

	KL_GROW(tries->items, tries->count, tries->capacity);
	to = &tries->items[tries->count++];
	*to = (struct kl_try){ .score = row_real(row, 1),
			       .claimed_ms = row_int(row, 2),
			       .received_ms = row_int(row, 3) };
	row_copy(row, 0, to->work, sizeof(to->work));
}

enum kl_status kl_store_tries(struct kl_try **rows, size_t *count, struct kl_store *store, const char *user,
			      const char *pack, const char *slug, struct kl_error *err)
{
	struct tries tries = { .items = NULL };
	enum kl_status status = store_select(store, SQL_TRIES, ARGS(ARG_TEXT(user), ARG_TEXT(pack), ARG_TEXT(slug)),
					     take_try, &tries, err);

	if (status) {
		free(tries.items);
		return status;
	}
	*rows = tries.items;
	*count = tries.count;
	return KL_OK;
}

/* --- marks and scores --------------------------------------------------------------------------------------------- */

enum kl_status kl_store_mark_put(struct kl_store *store, const struct kl_mark_place *place, const char *user,
				 const struct kl_mark *mark, struct kl_error *err)
{
	if (!mark->tries)
		return store_run(
			store, SQL_MARK_REMOVE,
			ARGS(ARG_TEXT(place->assignment), ARG_TEXT(user), ARG_TEXT(place->pack), ARG_TEXT(place->slug)),
			err);
	return store_run(store, SQL_MARK_PUT,
			 ARGS(ARG_TEXT(place->assignment), ARG_TEXT(user), ARG_TEXT(place->pack), ARG_TEXT(place->slug),
			      ARG_TEXT(mark->work), ARG_TEXT(mark->last), ARG_REAL(mark->score),
			      ARG_REAL(mark->counted), ARG_INT(mark->late), ARG_INT(mark->tries),
			      ARG_INT(mark->last_ms)),
			 err);
}

static void take_score(void *ctx, const struct sql_row *row)
{
	*(double *)ctx = row_real(row, 0);
}

static enum kl_status sum_marks(struct kl_store *store, const char *course, const char *assignment, const char *user,
				struct kl_error *err)
{
	const struct sql_args which = ARGS(ARG_TEXT(course), ARG_TEXT(user), ARG_TEXT(assignment));
	enum kl_status status;

	if ((status = store_run(store, SQL_MARKS_LEFT_OVER, ARGS(ARG_TEXT(assignment), ARG_TEXT(user)), err)) ||
	    (status = store_run(store, SQL_SCORE_REMOVE, which, err)) ||
	    (status = store_run(store, SQL_SCORE_SUM, ARGS(ARG_TEXT(course), ARG_TEXT(assignment), ARG_TEXT(user)),
				err)))
		return status;
	return store_run(store, SQL_TOTAL_SUM, ARGS(ARG_TEXT(course), ARG_TEXT(user)), err);
}

enum kl_status kl_store_mark_sum(struct kl_store *store, const char *course, const char *assignment, const char *user,
				 bool always, struct kl_error *err)
{
	const struct sql_args which = ARGS(ARG_TEXT(course), ARG_TEXT(user), ARG_TEXT(assignment));
	enum kl_status status = store_begin(store, err);
	double before = 0, after = 0;

	if (status)
		return status;
	if (!(status = store_select(store, SQL_SCORE_GET, which, take_score, &before, err)) &&
	    !(status = sum_marks(store, course, assignment, user, err)) &&
	    !(status = store_select(store, SQL_SCORE_GET, which, take_score, &after, err)) &&
	    (always || before != after))
		status = course_note(store, course, user, err);
	return store_end(store, status, err);
}

enum kl_status kl_store_failures_put(struct kl_store *store, const char *user, const char *pack, const char *slug,
				     const char *const *tests, size_t count, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = store_run(store, SQL_FAILURES_REMOVE, ARGS(ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(user)), err);
	for (size_t i = 0; !status && i < count; i++)
		status = store_run(store, SQL_FAILURE_ADD,
				   ARGS(ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(user), ARG_TEXT(tests[i])), err);
	return store_end(store, status, err);
}

struct ids {
	char (*items)[KL_ID_SIZE];
	size_t count, capacity;
};

static void take_id(void *ctx, const struct sql_row *row)
{
	struct ids *ids = ctx;

	KL_GROW(ids->items, ids->count, ids->capacity);
	row_copy(row, 0, ids->items[ids->count++], KL_ID_SIZE);
}

enum kl_status kl_store_assignments_tried(char (**ids)[KL_ID_SIZE], size_t *count, struct kl_store *store,
					  const char *course, const char *user, struct kl_error *err)
{
	struct ids list = { .items = NULL };
	enum kl_status status =
		store_select(store, SQL_ASSIGNMENTS_TRIED, ARGS(ARG_TEXT(course), ARG_TEXT(user)), take_id, &list, err);

	if (status) {
		free(list.items);
		return status;
	}
	*ids = list.items;
	*count = list.count;
	return KL_OK;
}

/* --- computing anew ----------------------------------------------------------------------------------------------- */

enum kl_status course_rescore_all(struct kl_store *store, const char *course, const char *assignment,
				  struct kl_error *err)
{
	return store_run(store, SQL_RESCORE_PUT, ARGS(ARG_TEXT(assignment), ARG_TEXT(course), ARG_TEXT("")), err);
}

static void take_rescore(void *ctx, const struct sql_row *row)
{
	struct kl_rescore *to = ctx;

	row_copy(row, 0, to->course, sizeof(to->course));
	row_copy(row, 1, to->assignment, sizeof(to->assignment));
	row_copy(row, 2, to->after, sizeof(to->after));
}

enum kl_status kl_store_rescore_next(struct kl_rescore *out, struct kl_store *store, struct kl_error *err)
{
	struct kl_rescore next = { .course = "" };
	enum kl_status status = store_select(store, SQL_RESCORE_NEXT, NO_ARGS, take_rescore, &next, err);

	if (!status && !*next.assignment)
		status = kl_fail(err, KL_ENOENT, "all scores are as they should be");
	if (!status)
		*out = next;
	return status;
}

enum kl_status kl_store_rescore_users(char (*users)[KL_ID_SIZE], size_t *count, size_t max, struct kl_store *store,
				      const struct kl_rescore *rescore, struct kl_error *err)
{
	struct ids list = { users, 0, max };
	enum kl_status status = store_select(
		store, SQL_RESCORE_USERS,
		ARGS(ARG_TEXT(rescore->course), ARG_TEXT(rescore->after), ARG_INT((int64_t)max)), take_id, &list, err);

	if (!status)
		*count = list.count;
	return status;
}

/* What is left of students who are no longer in the course goes with it. */
static enum kl_status end_rescore(struct kl_store *store, const struct kl_rescore *rescore, struct kl_error *err)
{
	enum kl_status status = store_run(store, SQL_RESCORE_REMOVE, ARGS(ARG_TEXT(rescore->assignment)), err);

	if (!status)
		status = store_run(store, SQL_MARKS_OF_NOBODY, ARGS(ARG_TEXT(rescore->assignment)), err);
	if (!status)
		status = store_run(store, SQL_SCORES_OF_NOTHING,
				   ARGS(ARG_TEXT(rescore->course), ARG_TEXT(rescore->assignment)), err);
	return status;
}

enum kl_status kl_store_rescore_moved(struct kl_store *store, const struct kl_rescore *rescore, struct kl_error *err)
{
	enum kl_status status;

	if (*rescore->after)
		return store_run(
			store, SQL_RESCORE_PUT,
			ARGS(ARG_TEXT(rescore->assignment), ARG_TEXT(rescore->course), ARG_TEXT(rescore->after)), err);
	status = store_begin(store, err);
	return status ? status : store_end(store, end_rescore(store, rescore, err), err);
}

enum kl_status kl_store_rescoring(bool *rescoring, struct kl_store *store, const char *course, struct kl_error *err)
{
	int64_t count = 0;
	enum kl_status status = store_select(store, SQL_RESCORING, ARGS(ARG_TEXT(course)), row_number, &count, err);

	if (!status)
		*rescoring = count > 0;
	return status;
}

/* --- the gradebook ------------------------------------------------------------------------------------------------ */

struct grades {
	kl_store_grade_fn *fn;
	void *ctx;
};

static void give_grade(void *ctx, const struct sql_row *row)
{
	const struct grades *grades = ctx;
	char user[KL_ID_SIZE], assignment[KL_ID_SIZE];
	char *name = row_text(row, 1), *display = row_text(row, 2);
	struct kl_grade grade = { .user = user,
				  .name = name,
				  .display = display,
				  .total = row_real(row, 3),
				  .assignment = assignment,
				  .score = row_real(row, 5),
				  .solved = row_int(row, 6),
				  .tried = row_int(row, 7),
				  .late = row_int(row, 8) != 0 };

	row_copy(row, 0, user, sizeof(user));
	row_copy(row, 4, assignment, sizeof(assignment));
	grades->fn(grades->ctx, &grade);
	free(name);
	free(display);
}

enum kl_status kl_store_grades(struct kl_store *store, const struct kl_grades_wanted *wanted, kl_store_grade_fn *fn,
			       void *ctx, struct kl_error *err)
{
	struct grades grades = { fn, ctx };

	return store_select(
		store, SQL_GRADES,
		ARGS(ARG_TEXT(wanted->course), ARG_TEXT(wanted->after), ARG_INT(wanted->max), ARG_INT(wanted->skip)),
		give_grade, &grades, err);
}

struct failing {
	kl_store_failing_fn *fn;
	void *ctx;
};

static void give_failing(void *ctx, const struct sql_row *row)
{
	const struct failing *failing = ctx;
	char *pack = row_text(row, 0), *slug = row_text(row, 1), *test = row_text(row, 2);
	struct kl_failing one = { pack, slug, test, row_int(row, 3) };

	failing->fn(failing->ctx, &one);
	free(pack);
	free(slug);
	free(test);
}

enum kl_status kl_store_failing(struct kl_store *store, const char *assignment, int64_t max, kl_store_failing_fn *fn,
				void *ctx, struct kl_error *err)
{
	struct failing failing = { fn, ctx };

	return store_select(store, SQL_FAILING, ARGS(ARG_TEXT(assignment), ARG_INT(max)), give_failing, &failing, err);
}
