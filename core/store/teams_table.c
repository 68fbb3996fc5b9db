/* Teams of a course: a name each, and the students that say they are in it. */

#include <kodelab/store_courses.h>

#include <assert.h>

#include <kodelab/alloc.h>

#include "core/store/courses_int.h"
#include "core/store/store_int.h"

static enum kl_status is_free(struct kl_store *store, const struct kl_team *team, struct kl_error *err)
{
	int64_t named = 0;
	enum kl_status status = store_select(store, SQL_TEAM_NAMED,
					     ARGS(ARG_TEXT(team->course), ARG_TEXT(team->name), ARG_TEXT(team->id)),
					     row_number, &named, err);

	return !status && named ? kl_fail(err, KL_EEXIST, "this course has a team of that name") : status;
}

static enum kl_status has_team(struct kl_store *store, const char *course, const char *team, struct kl_error *err)
{
	int64_t has = 0;
	enum kl_status status =
		store_select(store, SQL_TEAM_HAS, ARGS(ARG_TEXT(team), ARG_TEXT(course)), row_number, &has, err);

	return !status && !has ? kl_fail(err, KL_ENOENT, "this course has no such team") : status;
}

static enum kl_status add_team(struct kl_store *store, const struct kl_team *team, struct kl_error *err)
{
	int64_t count = 0;
	enum kl_status status =
		store_select(store, SQL_TEAM_COUNT, ARGS(ARG_TEXT(team->course)), row_number, &count, err);

	if (!status && count >= KL_COURSE_TEAMS_MAX)
		status = kl_fail(err, KL_EMANY, "a course has %d teams at most", KL_COURSE_TEAMS_MAX);
	if (!status)
		status = is_free(store, team, err);
	if (!status)
		status = store_run(store, SQL_TEAM_ADD,
				   ARGS(ARG_TEXT(team->id), ARG_TEXT(team->course), ARG_TEXT(team->name)), err);
	return status;
}

enum kl_status kl_store_team_add(struct kl_store *store, struct kl_team *team, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	if (!*team->id)
		kl_id_new(team->id, &store->clock);
	return store_end(store, add_team(store, team, err), err);
}

enum kl_status kl_store_team_rename(struct kl_store *store, const struct kl_team *team, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = has_team(store, team->course, team->id, err);
	if (!status)
		status = is_free(store, team, err);
	if (!status)
		status = store_run(store, SQL_TEAM_RENAME,
				   ARGS(ARG_TEXT(team->name), ARG_TEXT(team->id), ARG_TEXT(team->course)), err);
	return store_end(store, status, err);
}

enum kl_status kl_store_team_remove(struct kl_store *store, const char *course, const char *team, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = has_team(store, course, team, err);
	if (!status)
		status = store_run(store, SQL_TEAM_EMPTY, ARGS(ARG_TEXT(course), ARG_TEXT(team)), err);
	if (!status)
		status = store_run(store, SQL_TEAM_REMOVE, ARGS(ARG_TEXT(team), ARG_TEXT(course)), err);
	if (!status)
		status = course_note(store, course, NULL, err);
	return store_end(store, status, err);
}

static enum kl_status set_team(struct kl_store *store, const char *course, const char *user, const char *team,
			       struct kl_error *err)
{
	enum kl_course_role role;
	enum kl_status status = *team ? has_team(store, course, team, err) : KL_OK;

	if (!status)
		status = kl_store_member_role(&role, store, course, user, err);
	if (!status && role != KL_COURSE_STUDENT)
		status = kl_fail(err, KL_ENOENT, "this course has no such student");
	if (!status)
		status = store_run(store, SQL_MEMBER_TEAM, ARGS(ARG_TEXT(team), ARG_TEXT(course), ARG_TEXT(user)), err);
	return status ? status : course_note(store, course, user, err);
}

enum kl_status kl_store_team_set(struct kl_store *store, const char *course, const char *user, const char *team,
				 struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, set_team(store, course, user, team, err), err);
}

struct teams {
	struct kl_team *items;
	size_t count, capacity, room; /* room: for the totals of the last one */
};

static struct kl_team *begin_team(struct teams *teams, const char id[KL_ID_SIZE], char *name)
{
	struct kl_team *team;

	KL_GROW(teams->items, teams->count, teams->capacity);
	assert(teams->items);
	team = &teams->items[teams->count++];
	*team = (struct kl_team){ .name = name };
	memcpy(team->id, id, KL_ID_SIZE);
	teams->room = 0;
	return team;
}

/* A row for each member, or one without a member for a team that has none. */
static void take_team(void *ctx, const struct sql_row *row)
{
	struct teams *teams = ctx;
	struct kl_team *team = teams->count ? &teams->items[teams->count - 1] : NULL;
	char id[KL_ID_SIZE], user[KL_ID_SIZE];

	row_copy(row, 0, id, sizeof(id));
	row_copy(row, 2, user, sizeof(user));
	if (!team || strcmp(team->id, id) != 0)
		team = begin_team(teams, id, row_text(row, 1));
	if (!*user)
		return;
	KL_GROW(team->totals, team->members, teams->room);
	team->totals[team->members++] = row_real(row, 3);
}

enum kl_status kl_store_teams(struct kl_team **rows, size_t *count, struct kl_store *store, const char *course,
			      struct kl_error *err)
{
	struct teams teams = { .items = NULL };
	enum kl_status status = store_select(store, SQL_TEAMS, ARGS(ARG_TEXT(course)), take_team, &teams, err);

	if (status) {
		kl_teams_free(teams.items, teams.count);
		return status;
	}
	for (size_t i = 0; i < teams.count; i++)
		snprintf(teams.items[i].course, KL_ID_SIZE, "%s", course);
	*rows = teams.items;
	*count = teams.count;
	return KL_OK;
}

void kl_teams_free(struct kl_team *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].name);
		free(rows[i].totals);
	}
	free(rows);
}
