/* Who is in which course, and how they stand there. */

#include <kodelab/store_courses.h>

#include <kodelab/alloc.h>
#include <kodelab/store_works.h>

#include "core/store/courses_int.h"
#include "core/store/store_int.h"

#define STAFF_MAX 100 /* of one course that hear at once who came and went */

/* --- reading ------------------------------------------------------------------------------------------------------ */

enum kl_status kl_store_member_role(enum kl_course_role *role, struct kl_store *store, const char *course,
				    const char *user, struct kl_error *err)
{
	int64_t number = KL_COURSE_NONE;
	enum kl_status status =
		store_select(store, SQL_MEMBER_ROLE, ARGS(ARG_TEXT(course), ARG_TEXT(user)), row_number, &number, err);

	if (!status)
		*role = (enum kl_course_role)number;
	return status;
}

struct members {
	struct kl_member *items;
	size_t count, capacity;
};

static void take_member(void *ctx, const struct sql_row *row)
{
	struct members *members = ctx;
	struct kl_member *member;

	KL_GROW(members->items, members->count, members->capacity);
	member = &members->items[members->count++];
	*member = (struct kl_member){ .name = row_text(row, 2),
				      .display = row_text(row, 3),
				      .role = (enum kl_course_role)row_int(row, 4),
				      .hidden = row_int(row, 5) != 0,
				      .joined_ms = row_int(row, 6),
				      .total = row_real(row, 7),
				      .seen_ms = row_int(row, 8),
				      .seen_pack = row_text(row, 9),
				      .seen_slug = row_text(row, 10),
				      .seen_what = row_text(row, 11),
				      .seen_best = row_real(row, 12) };
	row_copy(row, 0, member->user, sizeof(member->user));
	row_copy(row, 1, member->team, sizeof(member->team));
}

static const enum sql orders[] = {
	[KL_MEMBER_BY_NAME] = SQL_MEMBERS_BY_NAME,
	[KL_MEMBER_BY_SEEN] = SQL_MEMBERS_BY_SEEN,
	[KL_MEMBER_BY_TOTAL] = SQL_MEMBERS_BY_TOTAL,
};

enum kl_status kl_store_members(struct kl_member **rows, size_t *count, int64_t *total, struct kl_store *store,
				const struct kl_members_wanted *wanted, struct kl_error *err)
{
	struct members members = { .items = NULL };
	const struct store_page page = { SQL_MEMBERS_COUNT, orders[wanted->order], wanted->skip, wanted->max };
	enum kl_status status = store_select_page(
		total, store, &page,
		ARGS(ARG_TEXT(wanted->course), ARG_INT(wanted->least), ARG_INT(wanted->most), ARG_INT(!wanted->shown)),
		take_member, &members, err);

	if (status) {
		kl_members_free(members.items, members.count);
		return status;
	}
	*rows = members.items;
	*count = members.count;
	return KL_OK;
}

void kl_members_free(struct kl_member *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].name);
		free(rows[i].display);
		free(rows[i].seen_pack);
		free(rows[i].seen_slug);
		free(rows[i].seen_what);
	}
	free(rows);
}

enum kl_status kl_store_members_ahead(int64_t *ahead, struct kl_store *store, const char *course, double total,
				      struct kl_error *err)
{
	return store_select(store, SQL_MEMBERS_AHEAD, ARGS(ARG_TEXT(course), ARG_REAL(total)), row_number, ahead, err);
}

static enum kl_status get_role(enum kl_course_role *role, struct kl_store *store, enum sql which, struct sql_args args,
			       struct kl_error *err)
{
	int64_t number = KL_COURSE_NONE;
	enum kl_status status = store_select(store, which, args, row_number, &number, err);

	if (!status)
		*role = (enum kl_course_role)number;
	return status;
}

enum kl_status kl_store_teaches(enum kl_course_role *as, struct kl_store *store, const char *teacher,
				const char *student, struct kl_error *err)
{
	return get_role(as, store, SQL_MEMBER_TEACHES, ARGS(ARG_TEXT(teacher), ARG_TEXT(student)), err);
}

enum kl_status kl_store_teaches_work(enum kl_course_role *as, struct kl_store *store, const char *teacher,
				     const struct kl_work *work, struct kl_error *err)
{
	return get_role(as, store, SQL_MEMBER_TEACHES_WORK,
			ARGS(ARG_TEXT(teacher), ARG_TEXT(work->user), ARG_TEXT(work->pack), ARG_TEXT(work->slug)), err);
}

enum kl_status kl_store_member_most(enum kl_course_role *role, struct kl_store *store, const char *user,
				    struct kl_error *err)
{
	return get_role(role, store, SQL_MEMBER_MOST, ARGS(ARG_TEXT(user)), err);
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

/* Who joined, left, or is another one there now: his labs are to hear of it, and those of the staff, who see how many there are. */
static enum kl_status note_member(struct kl_store *store, const char *course, const char *user, struct kl_error *err)
{
	const struct kl_members_wanted staff = {
		.course = course, .least = KL_COURSE_ASSISTANT, .most = KL_COURSE_INSTRUCTOR, .max = STAFF_MAX
	};
	struct kl_member *rows = NULL;
	size_t count = 0;
	int64_t total;
	enum kl_status status = course_note_packs(store, course, user, err);

	if (!status)
		status = course_note(store, course, user, err);
	if (!status)
		status = kl_store_members(&rows, &count, &total, store, &staff, err);
	for (size_t i = 0; !status && i < count; i++)
		status = course_note(store, course, rows[i].user, err);
	kl_members_free(rows, count);
	return status;
}

static enum kl_status may_add(struct kl_store *store, const char *course, const char *user, struct kl_error *err)
{
	enum kl_course_role role;
	int64_t count = 0;
	enum kl_status status = kl_store_member_role(&role, store, course, user, err);

	if (!status && role != KL_COURSE_NONE)
		return kl_fail(err, KL_EEXIST, "you are in this course already");
	if (!status)
		status = store_select(store, SQL_MEMBER_COUNT, ARGS(ARG_TEXT(course)), row_number, &count, err);
	if (!status && count >= KL_COURSE_MEMBERS_MAX)
		status = kl_fail(err, KL_EMANY, "this course is full: it has %d members", KL_COURSE_MEMBERS_MAX);
	return status;
}

static enum kl_status add_member(struct kl_store *store, const char *course, const char *user, enum kl_course_role role,
				 struct kl_error *err)
{
	enum kl_status status = may_add(store, course, user, err);

	if (!status)
		status = store_run(
			store, SQL_MEMBER_ADD,
			ARGS(ARG_TEXT(course), ARG_TEXT(user), ARG_INT(role), ARG_INT(kl_clock_wall_ms(&store->clock))),
			err);
	return status ? status : note_member(store, course, user, err);
}

enum kl_status kl_store_member_add(struct kl_store *store, const char *course, const char *user,
				   enum kl_course_role role, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, add_member(store, course, user, role, err), err);
}

/* Is he in it, and would an instructor be left without him? */
static enum kl_status can_spare(struct kl_store *store, const char *course, const char *user, struct kl_error *err)
{
	enum kl_course_role role;
	int64_t others = 0;
	enum kl_status status = kl_store_member_role(&role, store, course, user, err);

	if (status)
		return status;
	if (role == KL_COURSE_NONE)
		return kl_fail(err, KL_ENOENT, "nobody of that id is in this course");
	if (role != KL_COURSE_INSTRUCTOR)
		return KL_OK;
	status = store_select(store, SQL_MEMBER_INSTRUCTORS, ARGS(ARG_TEXT(course), ARG_TEXT(user)), row_number,
			      &others, err);
	if (!status && !others)
		status = kl_fail(err, KL_ECONFLICT,
				 "a course needs an instructor: make another member one first, or archive the course");
	return status;
}

enum kl_status kl_store_member_promote(struct kl_store *store, const char *course, const char *user,
				       enum kl_course_role role, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);
	enum kl_course_role now = KL_COURSE_NONE;

	if (status)
		return status;
	status = kl_store_member_role(&now, store, course, user, err);
	if (!status && now == role && role != KL_COURSE_NONE)
		return store_end(store, KL_OK, err);
	if (!status)
		status = can_spare(store, course, user, err);
	if (!status)
		status = store_run(store, SQL_MEMBER_PROMOTE, ARGS(ARG_INT(role), ARG_TEXT(course), ARG_TEXT(user)),
				   err);
	if (!status)
		status = note_member(store, course, user, err);
	return store_end(store, status, err);
}

enum kl_status kl_store_member_remove(struct kl_store *store, const char *course, const char *user,
				      struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = can_spare(store, course, user, err);
	if (!status)
		status = store_run(store, SQL_MEMBER_REMOVE, ARGS(ARG_TEXT(course), ARG_TEXT(user)), err);
	if (!status)
		status = note_member(store, course, user, err);
	return store_end(store, status, err);
}

enum kl_status kl_store_member_hide(struct kl_store *store, const char *course, const char *user, bool hidden,
				    struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = store_run(store, SQL_MEMBER_HIDE, ARGS(ARG_INT(hidden), ARG_TEXT(course), ARG_TEXT(user)), err);
	if (!status)
		status = course_note(store, course, user, err);
	return store_end(store, status, err);
}

enum kl_status kl_store_member_seen(struct kl_store *store, const char *user, const char *pack, const char *slug,
				    const char *what, int64_t at_ms, struct kl_error *err)
{
	return store_run(store, SQL_MEMBER_SEEN,
			 ARGS(ARG_INT(at_ms), ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(what), ARG_TEXT(user)), err);
}
