/* What is set in a course: assignments, their challenges, and who may take longer. */

#include <kodelab/store_courses.h>

#include <kodelab/alloc.h>

#include "core/store/courses_int.h"
#include "core/store/store_int.h"

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct assignments {
	struct kl_assignment *items;
	size_t count, capacity;
	size_t at; /* whose challenges are being read */
	size_t room; /* for them */
};

static void take_assignment(void *ctx, const struct sql_row *row)
{
	struct assignments *list = ctx;
	struct kl_assignment *to;

	KL_GROW(list->items, list->count, list->capacity);
	to = &list->items[list->count++];
	*to = (struct kl_assignment){ .place = row_int(row, 2),
				      .title = row_text(row, 3),
				      .instructions = row_text(row, 4),
				      .terms = { .opens_ms = row_int(row, 5),
						 .due_ms = row_int(row, 6),
						 .grace_ms = row_int(row, 7),
						 .late = { .kind = (enum kl_late_kind)row_int(row, 8),
							   .percent = (int)row_int(row, 9),
							   .floor = (int)row_int(row, 10),
							   .until_ms = row_int(row, 11) } },
				      .created_ms = row_int(row, 12),
				      .extended_ms = row_int(row, 13),
				      .score = row_real(row, 14),
				      .solved = row_int(row, 15),
				      .tried = row_int(row, 16),
				      .late = row_int(row, 17) != 0,
				      .last_ms = row_int(row, 18) };
	row_copy(row, 0, to->id, sizeof(to->id));
	row_copy(row, 1, to->course, sizeof(to->course));
}

/* They come in the order of the assignments. */
static void take_item(void *ctx, const struct sql_row *row)
{
	struct assignments *list = ctx;
	struct kl_assignment *to;
	char id[KL_ID_SIZE];

	row_copy(row, 0, id, sizeof(id));
	while (list->at < list->count && strcmp(list->items[list->at].id, id) != 0) {
		list->at++;
		list->room = 0;
	}
	if (list->at == list->count)
		return;
	to = &list->items[list->at];
	KL_GROW(to->items, to->item_count, list->room);
	to->items[to->item_count++] = (struct kl_assignment_item){ .pack = row_text(row, 1),
								   .slug = row_text(row, 2),
								   .points = row_int(row, 3),
								   .counted = row_real(row, 4),
								   .tries = row_int(row, 5) };
}

void kl_assignment_release(struct kl_assignment *assignment)
{
	for (size_t i = 0; i < assignment->item_count; i++) {
		free(assignment->items[i].pack);
		free(assignment->items[i].slug);
	}
	free(assignment->items);
	free(assignment->title);
	free(assignment->instructions);
	*assignment = (struct kl_assignment){ .title = NULL };
}

void kl_assignments_free(struct kl_assignment *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kl_assignment_release(&rows[i]);
	free(rows);
}

static int64_t opened_by(int64_t now_ms)
{
	return now_ms ? now_ms : INT64_MAX;
}

enum kl_status kl_store_assignments(struct kl_assignment **rows, size_t *count, struct kl_store *store,
				    const char *course, const char *user, int64_t now_ms, struct kl_error *err)
{
	struct sql_args args = ARGS(ARG_TEXT(user), ARG_TEXT(course), ARG_INT(opened_by(now_ms)));
	struct assignments list = { .items = NULL };
	enum kl_status status = store_select(store, SQL_ASSIGNMENTS, args, take_assignment, &list, err);

	if (!status)
		status = store_select(store, SQL_ITEMS, args, take_item, &list, err);
	if (status) {
		kl_assignments_free(list.items, list.count);
		return status;
	}
	*rows = list.items;
	*count = list.count;
	return KL_OK;
}

enum kl_status kl_store_assignment_get(struct kl_assignment *out, struct kl_store *store, const char *course,
				       const char *assignment, const char *user, int64_t now_ms, struct kl_error *err)
{
	struct assignments list = { .items = NULL };
	enum kl_status status =
		store_select(store, SQL_ASSIGNMENT_GET,
			     ARGS(ARG_TEXT(user), ARG_TEXT(course), ARG_INT(opened_by(now_ms)), ARG_TEXT(assignment)),
			     take_assignment, &list, err);

	if (!status && !list.count)
		status = kl_fail(err, KL_ENOENT, "this course has no such assignment");
	if (!status)
		status = store_select(store, SQL_ITEMS_OF, ARGS(ARG_TEXT(user), ARG_TEXT(assignment)), take_item, &list,
				      err);
	if (status) {
		kl_assignments_free(list.items, list.count);
		return status;
	}
	*out = list.items[0];
	free(list.items);
	return KL_OK;
}

enum kl_status kl_store_course_sets(bool *sets, struct kl_store *store, const char *user, const char *pack,
				    const char *slug, int64_t now_ms, struct kl_error *err)
{
	int64_t count = 0;
	enum kl_status status = store_select(store, SQL_ASSIGNMENT_SETS,
					     ARGS(ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(user), ARG_INT(now_ms)),
					     row_number, &count, err);

	if (!status)
		*sets = count > 0;
	return status;
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

static enum kl_status has_assignment(struct kl_store *store, const char *course, const char *assignment,
				     struct kl_error *err)
{
	int64_t has = 0;
	enum kl_status status = store_select(store, SQL_ASSIGNMENT_HAS, ARGS(ARG_TEXT(assignment), ARG_TEXT(course)),
					     row_number, &has, err);

	return !status && !has ? kl_fail(err, KL_ENOENT, "this course has no such assignment") : status;
}

static enum kl_status put_items(struct kl_store *store, const struct kl_assignment *assignment, struct kl_error *err)
{
	enum kl_status status = store_run(store, SQL_ITEMS_REMOVE, ARGS(ARG_TEXT(assignment->id)), err);

	for (size_t i = 0; !status && i < assignment->item_count; i++)
		status = store_run(store, SQL_ITEM_ADD,
				   ARGS(ARG_TEXT(assignment->id), ARG_INT((int64_t)i),
					ARG_TEXT(assignment->items[i].pack), ARG_TEXT(assignment->items[i].slug),
					ARG_INT(assignment->items[i].points)),
				   err);
	return status;
}

/* The labs are told now when it has opened, else when it does. */
static bool is_open(struct kl_store *store, const struct kl_assignment *assignment)
{
	return assignment->terms.opens_ms <= kl_clock_wall_ms(&store->clock);
}

static enum kl_status add_row(struct kl_store *store, const struct kl_assignment *assignment, struct kl_error *err)
{
	const struct kl_terms *terms = &assignment->terms;

	return store_run(store, SQL_ASSIGNMENT_ADD,
			 ARGS(ARG_TEXT(assignment->id), ARG_TEXT(assignment->course), ARG_TEXT(assignment->title),
			      ARG_TEXT(assignment->instructions), ARG_INT(terms->opens_ms), ARG_INT(terms->due_ms),
			      ARG_INT(terms->grace_ms), ARG_INT(terms->late.kind), ARG_INT(terms->late.percent),
			      ARG_INT(terms->late.floor), ARG_INT(terms->late.until_ms),
			      ARG_INT(kl_clock_wall_ms(&store->clock)), ARG_INT(is_open(store, assignment))),
			 err);
}

static enum kl_status add_assignment(struct kl_store *store, const struct kl_assignment *assignment,
				     struct kl_error *err)
{
	int64_t count = 0;
	enum kl_status status =
		store_select(store, SQL_ASSIGNMENT_COUNT, ARGS(ARG_TEXT(assignment->course)), row_number, &count, err);

	if (!status && count >= KL_COURSE_SET_MAX)
		status = kl_fail(err, KL_EMANY, "a course has %d assignments at most", KL_COURSE_SET_MAX);
	if (status || (status = add_row(store, assignment, err)) || (status = put_items(store, assignment, err)) ||
	    (status = course_rescore_all(store, assignment->course, assignment->id, err)))
		return status;
	status = course_note_packs(store, assignment->course, NULL, err);
	return status ? status : course_note(store, assignment->course, NULL, err);
}

enum kl_status kl_store_assignment_add(struct kl_store *store, const struct kl_assignment *assignment,
				       struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, add_assignment(store, assignment, err), err);
}

static enum kl_status put_row(struct kl_store *store, const struct kl_assignment *assignment, struct kl_error *err)
{
	const struct kl_terms *terms = &assignment->terms;

	return store_run(store, SQL_ASSIGNMENT_PUT,
			 ARGS(ARG_TEXT(assignment->title), ARG_TEXT(assignment->instructions), ARG_INT(terms->opens_ms),
			      ARG_INT(terms->due_ms), ARG_INT(terms->grace_ms), ARG_INT(terms->late.kind),
			      ARG_INT(terms->late.percent), ARG_INT(terms->late.floor), ARG_INT(terms->late.until_ms),
			      ARG_INT(is_open(store, assignment)), ARG_TEXT(assignment->id),
			      ARG_TEXT(assignment->course)),
			 err);
}

enum kl_status kl_store_assignment_put(struct kl_store *store, const struct kl_assignment *assignment,
				       struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	if (!(status = has_assignment(store, assignment->course, assignment->id, err)) &&
	    !(status = put_row(store, assignment, err)) && !(status = put_items(store, assignment, err)) &&
	    !(status = course_rescore_all(store, assignment->course, assignment->id, err)) &&
	    !(status = course_note_packs(store, assignment->course, NULL, err)))
		status = course_note(store, assignment->course, NULL, err);
	return store_end(store, status, err);
}

/* Without its items nothing counts for it any more: its scores go when they are computed anew. */
static enum kl_status remove_assignment(struct kl_store *store, const char *course, const char *assignment,
					struct kl_error *err)
{
	enum kl_status status = has_assignment(store, course, assignment, err);

	if (status || (status = store_run(store, SQL_ITEMS_REMOVE, ARGS(ARG_TEXT(assignment)), err)) ||
	    (status = store_run(store, SQL_EXTENSIONS_REMOVE, ARGS(ARG_TEXT(assignment)), err)) ||
	    (status = store_run(store, SQL_ASSIGNMENT_REMOVE, ARGS(ARG_TEXT(assignment), ARG_TEXT(course)), err)) ||
	    (status = course_rescore_all(store, course, assignment, err)))
		return status;
	status = course_note_packs(store, course, NULL, err);
	return status ? status : course_note(store, course, NULL, err);
}

enum kl_status kl_store_assignment_remove(struct kl_store *store, const char *course, const char *assignment,
					  struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, remove_assignment(store, course, assignment, err), err);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

struct opened {
	struct {
		char id[KL_ID_SIZE], course[KL_ID_SIZE];
	} * items;
	size_t count, capacity;
};

static void take_opened(void *ctx, const struct sql_row *row)
{
	struct opened *opened = ctx;

	KL_GROW(opened->items, opened->count, opened->capacity);
	row_copy(row, 0, opened->items[opened->count].id, KL_ID_SIZE);
	row_copy(row, 1, opened->items[opened->count].course, KL_ID_SIZE);
	opened->count++;
}

static enum kl_status tell_opened(struct kl_store *store, const struct opened *opened, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	for (size_t i = 0; !status && i < opened->count; i++) {
		status = store_run(store, SQL_ASSIGNMENT_TOLD, ARGS(ARG_TEXT(opened->items[i].id)), err);
		if (!status)
			status = course_note_packs(store, opened->items[i].course, NULL, err);
		if (!status)
			status = course_note(store, opened->items[i].course, NULL, err);
	}
	return store_end(store, status, err);
}

enum kl_status kl_store_assignments_tell(int64_t *next_ms, struct kl_store *store, int64_t now_ms, struct kl_error *err)
{
	struct opened opened = { .items = NULL };
	enum kl_status status =
		store_select(store, SQL_ASSIGNMENTS_UNTOLD, ARGS(ARG_INT(now_ms)), take_opened, &opened, err);

	if (!status && opened.count)
		status = tell_opened(store, &opened, err);
	if (!status)
		status = store_select(store, SQL_ASSIGNMENTS_NEXT, NO_ARGS, row_number, next_ms, err);
	free(opened.items);
	return status;
}

/* --- extensions --------------------------------------------------------------------------------------------------- */

static enum kl_status put_extension(struct kl_store *store, const char *course, const char *assignment,
				    const struct kl_extension *extension, struct kl_error *err)
{
	enum kl_course_role role = KL_COURSE_NONE;
	enum kl_status status = has_assignment(store, course, assignment, err);

	if (!status)
		status = kl_store_member_role(&role, store, course, extension->user, err);
	if (!status && role == KL_COURSE_NONE)
		status = kl_fail(err, KL_ENOENT, "nobody of that id is in this course");
	if (!status)
		status = store_run(store, SQL_EXTENSION_PUT,
				   ARGS(ARG_TEXT(assignment), ARG_TEXT(extension->user), ARG_INT(extension->due_ms),
					ARG_TEXT(extension->reason), ARG_TEXT(extension->given_by),
					ARG_INT(kl_clock_wall_ms(&store->clock))),
				   err);
	return status ? status : course_note(store, course, extension->user, err);
}

enum kl_status kl_store_extension_put(struct kl_store *store, const char *course, const char *assignment,
				      const struct kl_extension *extension, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, put_extension(store, course, assignment, extension, err), err);
}

enum kl_status kl_store_extension_remove(struct kl_store *store, const char *course, const char *assignment,
					 const char *user, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);
	int64_t has = 0;

	if (status)
		return status;
	status = store_select(store, SQL_EXTENSION_HAS, ARGS(ARG_TEXT(assignment), ARG_TEXT(user)), row_number, &has,
			      err);
	if (!status && !has)
		status = kl_fail(err, KL_ENOENT, "this student has no extension");
	if (!status)
		status = store_run(store, SQL_EXTENSION_REMOVE, ARGS(ARG_TEXT(assignment), ARG_TEXT(user)), err);
	if (!status)
		status = course_note(store, course, user, err);
	return store_end(store, status, err);
}

struct extensions {
	struct kl_extension *items;
	size_t count, capacity;
};

static void take_extension(void *ctx, const struct sql_row *row)
{
	struct extensions *list = ctx;
	struct kl_extension *to;

	KL_GROW(list->items, list->count, list->capacity);
	to = &list->items[list->count++];
	*to = (struct kl_extension){ .name = row_text(row, 2),
				     .display = row_text(row, 3),
				     .reason = row_text(row, 4),
				     .due_ms = row_int(row, 5),
				     .at_ms = row_int(row, 6) };
	row_copy(row, 0, to->user, sizeof(to->user));
	row_copy(row, 1, to->given_by, sizeof(to->given_by));
}

enum kl_status kl_store_extensions(struct kl_extension **rows, size_t *count, struct kl_store *store,
				   const char *assignment, struct kl_error *err)
{
	struct extensions list = { .items = NULL };
	enum kl_status status =
		store_select(store, SQL_EXTENSIONS, ARGS(ARG_TEXT(assignment)), take_extension, &list, err);

	if (status) {
		kl_extensions_free(list.items, list.count);
		return status;
	}
	*rows = list.items;
	*count = list.count;
	return KL_OK;
}

void kl_extensions_free(struct kl_extension *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].name);
		free(rows[i].display);
		free(rows[i].reason);
	}
	free(rows);
}
