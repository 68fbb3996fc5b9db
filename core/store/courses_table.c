/* Courses, their rosters and teams; members are in members_table.c, what is set in assignments_table.c. */

#include <kodelab/store_courses.h>

#include <kodelab/alloc.h>

#include "core/store/courses_int.h"
#include "core/store/store_int.h"

/* --- shared ------------------------------------------------------------------------------------------------------- */

enum kl_status course_note(struct kl_store *store, const char *course, const char *user, struct kl_error *err)
{
	char audience[KL_ID_SIZE + 2];

	snprintf(audience, sizeof(audience), "%s:%s", user ? "u" : "c", user ? user : course);
	return kl_store_change_note(store, audience, "course", course, err);
}

/* --- courses ------------------------------------------------------------------------------------------------------ */

struct courses {
	struct kl_course *items;
	size_t count, capacity;
};

static void take_course(void *ctx, const struct sql_row *row)
{
	struct courses *courses = ctx;
	struct kl_course *course;

	KL_GROW(courses->items, courses->count, courses->capacity);
	course = &courses->items[courses->count++];
	*course = (struct kl_course){ .title = row_text(row, 3),
				      .joining = (enum kl_course_joining)row_int(row, 4),
				      .archived = row_int(row, 5) != 0,
				      .created_ms = row_int(row, 6),
				      .students = row_int(row, 7),
				      .role = (enum kl_course_role)row_int(row, 8),
				      .hidden = row_int(row, 9) != 0,
				      .joined_ms = row_int(row, 11),
				      .total = row_real(row, 12) };
	row_copy(row, 0, course->id, sizeof(course->id));
	row_copy(row, 1, course->owner, sizeof(course->owner));
	row_copy(row, 2, course->code, sizeof(course->code));
	row_copy(row, 10, course->team, sizeof(course->team));
}

void kl_course_release(struct kl_course *course)
{
	free(course->title);
	course->title = NULL;
}

void kl_courses_free(struct kl_course *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kl_course_release(&rows[i]);
	free(rows);
}

static enum kl_status may_add(struct kl_store *store, const struct kl_course *course, struct kl_error *err)
{
	int64_t created = 0, used = 0;
	enum kl_status status;

	if ((status = store_select(store, SQL_COURSE_CREATED, ARGS(ARG_TEXT(course->owner)), row_number, &created,
				   err)) ||
	    (status = store_select(store, SQL_COURSE_CODE_USED, ARGS(ARG_TEXT(course->code)), row_number, &used, err)))
		return status;
	if (created >= KL_COURSE_CREATED_MAX)
		return kl_fail(err, KL_EMANY, "you have %d courses already: ask the administrator",
			       KL_COURSE_CREATED_MAX);
	return used ? kl_fail(err, KL_EEXIST, "this code is in use: take another one") : KL_OK;
}

static enum kl_status add_course(struct kl_store *store, const struct kl_course *course, struct kl_error *err)
{
	enum kl_status status = may_add(store, course, err);

	if (!status)
		status = store_run(store, SQL_COURSE_ADD,
				   ARGS(ARG_TEXT(course->id), ARG_TEXT(course->owner), ARG_TEXT(course->code),
					ARG_TEXT(course->title), ARG_INT(course->joining), ARG_INT(course->archived),
					ARG_INT(course->created_ms)),
				   err);
	if (!status)
		status = store_run(store, SQL_MEMBER_ADD,
				   ARGS(ARG_TEXT(course->id), ARG_TEXT(course->owner), ARG_INT(KL_COURSE_INSTRUCTOR),
					ARG_INT(course->created_ms)),
				   err);
	return status ? status : course_note(store, course->id, course->owner, err);
}

enum kl_status kl_store_course_add(struct kl_store *store, const struct kl_course *course, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, add_course(store, course, err), err);
}

enum kl_status kl_store_course_put(struct kl_store *store, const struct kl_course *course, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = store_run(store, SQL_COURSE_PUT,
			   ARGS(ARG_TEXT(course->title), ARG_INT(course->joining), ARG_INT(course->archived),
				ARG_TEXT(course->id)),
			   err);
	if (!status)
		status = course_note(store, course->id, NULL, err);
	return store_end(store, status, err);
}

enum kl_status kl_store_course_code(struct kl_store *store, const char *course, const char *code, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);
	int64_t used = 0;

	if (status)
		return status;
	status = store_select(store, SQL_COURSE_CODE_USED, ARGS(ARG_TEXT(code)), row_number, &used, err);
	if (!status && used)
		status = kl_fail(err, KL_EEXIST, "this code is in use: take another one");
	if (!status)
		status = store_run(store, SQL_COURSE_RECODE, ARGS(ARG_TEXT(code), ARG_TEXT(course)), err);
	return store_end(store, status, err);
}

static enum kl_status get_one(struct kl_course *out, struct kl_store *store, enum sql which, struct sql_args args,
			      struct kl_error *err)
{
	struct courses courses = { .items = NULL };
	enum kl_status status = store_select(store, which, args, take_course, &courses, err);

	if (!status && !courses.count)
		status = kl_fail(err, KL_ENOENT, "there is no such course");
	if (status) {
		kl_courses_free(courses.items, courses.count);
		return status;
	}
	*out = courses.items[0];
	free(courses.items);
	return KL_OK;
}

enum kl_status kl_store_course_get(struct kl_course *out, struct kl_store *store, const char *course, const char *user,
				   struct kl_error *err)
{
	return get_one(out, store, SQL_COURSE_GET, ARGS(ARG_TEXT(user), ARG_TEXT(course)), err);
}

enum kl_status kl_store_course_by_code(struct kl_course *out, struct kl_store *store, const char *code,
				       const char *user, struct kl_error *err)
{
	return get_one(out, store, SQL_COURSE_BY_CODE, ARGS(ARG_TEXT(user), ARG_TEXT(code)), err);
}

static enum kl_status count_courses(int64_t *total, struct kl_store *store, const struct kl_courses_wanted *wanted,
				    struct kl_error *err)
{
	if (wanted->all)
		return store_select(store, SQL_COURSE_COUNT_ALL, ARGS(ARG_INT(wanted->archived)), row_number, total,
				    err);
	return store_select(store, SQL_COURSE_COUNT, ARGS(ARG_TEXT(wanted->user), ARG_INT(wanted->archived)),
			    row_number, total, err);
}

enum kl_status kl_store_courses(struct kl_course **rows, size_t *count, int64_t *total, struct kl_store *store,
				const struct kl_courses_wanted *wanted, struct kl_error *err)
{
	struct courses courses = { .items = NULL };
	int64_t counted = 0;
	enum kl_status status = count_courses(&counted, store, wanted, err);

	if (!status)
		status = store_select(store, wanted->all ? SQL_COURSE_LIST_ALL : SQL_COURSE_LIST,
				      ARGS(ARG_TEXT(wanted->user), ARG_INT(wanted->archived), ARG_INT(wanted->max),
					   ARG_INT(wanted->skip)),
				      take_course, &courses, err);
	if (status) {
		kl_courses_free(courses.items, courses.count);
		return status;
	}
	*rows = courses.items;
	*count = courses.count;
	*total = counted;
	return KL_OK;
}

struct ids {
	kl_course_id_fn *fn;
	void *ctx;
};

static void give_id(void *ctx, const struct sql_row *row)
{
	const struct ids *ids = ctx;
	char id[KL_ID_SIZE];

	row_copy(row, 0, id, sizeof(id));
	ids->fn(ids->ctx, id);
}

enum kl_status kl_store_courses_of(struct kl_store *store, const char *user, kl_course_id_fn *fn, void *ctx,
				   struct kl_error *err)
{
	struct ids ids = { fn, ctx };

	return store_select(store, SQL_COURSE_IDS, ARGS(ARG_TEXT(user)), give_id, &ids, err);
}

/* --- the roster --------------------------------------------------------------------------------------------------- */

/* How many there are then is looked at once, when all are there. */
static enum kl_status put_expected(struct kl_store *store, const char *course, const struct kl_expected *rows,
				   size_t count, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	int64_t total = 0;

	for (size_t i = 0; !status && i < count; i++)
		status = store_run(store, SQL_ROSTER_PUT,
				   ARGS(ARG_TEXT(course), ARG_TEXT(rows[i].look), ARG_TEXT(rows[i].name),
					ARG_TEXT(rows[i].display)),
				   err);
	if (!status)
		status = store_select(store, SQL_ROSTER_COUNT, ARGS(ARG_TEXT(course)), row_number, &total, err);
	if (!status && total > KL_COURSE_MEMBERS_MAX)
		status = kl_fail(err, KL_EMANY, "a roster has %d names at most", KL_COURSE_MEMBERS_MAX);
	return status;
}

enum kl_status kl_store_roster_put(struct kl_store *store, const char *course, const struct kl_expected *rows,
				   size_t count, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, put_expected(store, course, rows, count, err), err);
}

enum kl_status kl_store_roster_has(bool *has, struct kl_store *store, const char *course, const char *look,
				   struct kl_error *err)
{
	int64_t count = 0;
	enum kl_status status =
		store_select(store, SQL_ROSTER_HAS, ARGS(ARG_TEXT(course), ARG_TEXT(look)), row_number, &count, err);

	if (!status)
		*has = count > 0;
	return status;
}

enum kl_status kl_store_roster_remove(struct kl_store *store, const char *course, const char *look,
				      struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);
	bool has = false;

	if (status)
		return status;
	status = kl_store_roster_has(&has, store, course, look, err);
	if (!status && !has)
		status = kl_fail(err, KL_ENOENT, "the roster has no such name");
	if (!status)
		status = store_run(store, SQL_ROSTER_REMOVE, ARGS(ARG_TEXT(course), ARG_TEXT(look)), err);
	return store_end(store, status, err);
}

struct roster {
	struct kl_expected *items;
	size_t count, capacity;
};

static void take_expected(void *ctx, const struct sql_row *row)
{
	struct roster *roster = ctx;

	KL_GROW(roster->items, roster->count, roster->capacity);
	roster->items[roster->count++] = (struct kl_expected){ .name = row_text(row, 0),
							       .display = row_text(row, 1),
							       .joined = row_int(row, 2) != 0 };
}

enum kl_status kl_store_roster(struct kl_expected **rows, size_t *count, int64_t *total, struct kl_store *store,
			       const char *course, int64_t skip, int64_t max, struct kl_error *err)
{
	struct roster roster = { .items = NULL };
	const struct store_page page = { SQL_ROSTER_COUNT, SQL_ROSTER, skip, max };
	enum kl_status status =
		store_select_page(total, store, &page, ARGS(ARG_TEXT(course)), take_expected, &roster, err);

	if (status) {
		kl_roster_free(roster.items, roster.count);
		return status;
	}
	*rows = roster.items;
	*count = roster.count;
	return KL_OK;
}

void kl_roster_free(struct kl_expected *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].name);
		free(rows[i].look);
		free(rows[i].display);
	}
	free(rows);
}
