/* Courses in the class server's store: who is in them, and what is set. */

#include <sqlite3.h>

#include "tests/unit/course_scene.h"
#include "tests/unit/scratch.h"

/* --- courses and members ------------------------------------------------------------------------------------------ */

#define NEEDS_ONE "a course needs an instructor: make another member one first, or archive the course"

static void courses_have_their_owner_and_their_code(void **state)
{
	struct kl_course row, same = { .created_ms = NOW };
	char title[] = "Programming II", other[KL_ID_SIZE];
	enum kl_course_role role;
	struct kl_error err;

	(void)state;
	assert_int_equal(kl_store_course_by_code(&row, store, "K7M2QX0B", ada, NULL), KL_OK);
	assert_string_equal(row.id, course);
	assert_string_equal(row.title, "Programming I");
	assert_int_equal(row.role, KL_COURSE_STUDENT);
	assert_int_equal(row.students, 2);
	kl_course_release(&row);
	assert_int_equal(kl_store_member_role(&role, store, course, teacher, NULL), KL_OK);
	assert_int_equal(role, KL_COURSE_INSTRUCTOR);
	same.title = title;
	memcpy(same.owner, ada, KL_ID_SIZE);
	memcpy(same.code, "K7M2QX0B", KL_COURSE_CODE_SIZE);
	assert_int_equal(kl_store_course_add(store, &same, &err), KL_EEXIST);
	assert_string_equal(err.message, "this code is in use: take another one");
	add_course(other, "AAAAAAAA");
	assert_int_equal(kl_store_course_code(store, other, "K7M2QX0B", &err), KL_EEXIST);
	assert_string_equal(err.message, "this code is in use: take another one");
	assert_int_equal(kl_store_course_code(store, course, "BBBBBBBB", NULL), KL_OK);
	assert_int_equal(kl_store_course_by_code(&row, store, "K7M2QX0B", ada, NULL), KL_ENOENT);
	assert_int_equal(kl_store_course_get(&row, store, "nowhere", ada, &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no such course");
}

static void lists_are_of_those_who_are_in(void **state)
{
	struct kl_courses_wanted wanted = { .user = ada, .max = 10 };
	char title[] = "Programming I", other[KL_ID_SIZE];
	struct kl_course *rows, old = { .title = title, .archived = true };
	int64_t total;
	size_t count;

	(void)state;
	add_course(other, "AAAAAAAA");
	assert_int_equal(kl_store_courses(&rows, &count, &total, store, &wanted, NULL), KL_OK);
	assert_int_equal(count, 1);
	kl_courses_free(rows, count);
	wanted.all = true;
	assert_int_equal(kl_store_courses(&rows, &count, &total, store, &wanted, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].id, other);
	assert_int_equal(rows[0].role, KL_COURSE_NONE);
	kl_courses_free(rows, count);
	wanted.max = 1;
	wanted.skip = 1;
	assert_int_equal(kl_store_courses(&rows, &count, &total, store, &wanted, NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_int_equal(total, 2);
	kl_courses_free(rows, count);
	memcpy(old.id, course, KL_ID_SIZE);
	assert_int_equal(kl_store_course_put(store, &old, NULL), KL_OK);
	wanted = (struct kl_courses_wanted){ .user = ada, .max = 10 };
	assert_int_equal(kl_store_courses(&rows, &count, &total, store, &wanted, NULL), KL_OK);
	assert_int_equal(total, 0);
	kl_courses_free(rows, count);
}

static void a_course_keeps_an_instructor(void **state)
{
	struct kl_error err;

	(void)state;
	assert_int_equal(kl_store_member_remove(store, course, teacher, &err), KL_ECONFLICT);
	assert_string_equal(err.message, NEEDS_ONE);
	assert_int_equal(kl_store_member_promote(store, course, teacher, KL_COURSE_STUDENT, &err), KL_ECONFLICT);
	assert_string_equal(err.message, NEEDS_ONE);
	assert_int_equal(kl_store_member_promote(store, course, ada, KL_COURSE_INSTRUCTOR, NULL), KL_OK);
	assert_int_equal(kl_store_member_remove(store, course, teacher, NULL), KL_OK);
	assert_int_equal(kl_store_member_remove(store, course, ada, &err), KL_ECONFLICT);
	assert_string_equal(err.message, NEEDS_ONE);
	assert_int_equal(kl_store_member_promote(store, course, teacher, KL_COURSE_STUDENT, &err), KL_ENOENT);
	assert_string_equal(err.message, "nobody of that id is in this course");
	assert_int_equal(kl_store_member_add(store, course, ben, KL_COURSE_STUDENT, &err), KL_EEXIST);
	assert_string_equal(err.message, "you are in this course already");
}

static enum kl_status put_on_roster(const char *name, const char *look, const char *display)
{
	const struct kl_expected row = { .name = (char *)(uintptr_t)name,
					 .look = (char *)(uintptr_t)look,
					 .display = (char *)(uintptr_t)display };

	return kl_store_roster_put(store, course, &row, 1, NULL);
}

static void the_roster_knows_who_came(void **state)
{
	struct kl_expected *rows;
	struct kl_error err;
	int64_t total;
	size_t count;
	bool has;

	(void)state;
	assert_int_equal(put_on_roster("zoe", "zoe", "Zoe"), KL_OK);
	assert_int_equal(put_on_roster("ada", "ada", "A"), KL_OK);
	assert_int_equal(put_on_roster("Ada", "ada", "Ada"), KL_OK);
	assert_int_equal(kl_store_roster(&rows, &count, &total, store, course, 0, 100, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].name, "Ada");
	assert_string_equal(rows[0].display, "Ada");
	assert_true(rows[0].joined);
	assert_false(rows[1].joined);
	kl_roster_free(rows, count);
	assert_int_equal(kl_store_roster_has(&has, store, course, "zoe", NULL), KL_OK);
	assert_true(has);
	assert_int_equal(kl_store_roster_remove(store, course, "zoe", NULL), KL_OK);
	assert_int_equal(kl_store_roster_remove(store, course, "zoe", &err), KL_ENOENT);
	assert_string_equal(err.message, "the roster has no such name");
	assert_int_equal(kl_store_roster_has(&has, store, course, "zoe", NULL), KL_OK);
	assert_false(has);
}

/* One name too many takes none, also of those before it. */
static void a_roster_is_put_whole(void **state)
{
	struct kl_expected *rows = kl_calloc(KL_COURSE_MEMBERS_MAX, sizeof(*rows)), *none;
	int64_t total = -1;
	struct kl_error err;
	size_t count;

	(void)state;
	for (size_t i = 0; i < KL_COURSE_MEMBERS_MAX; i++)
		rows[i] = (struct kl_expected){ .name = kl_format("n%zu", i),
						.look = kl_format("n%zu", i),
						.display = kl_strdup("") };
	assert_int_equal(put_on_roster("zoe", "zoe", "Zoe"), KL_OK);
	assert_int_equal(kl_store_roster_put(store, course, rows, KL_COURSE_MEMBERS_MAX, &err), KL_EMANY);
	assert_string_equal(err.message, "a roster has 10000 names at most");
	assert_int_equal(kl_store_roster(&none, &count, &total, store, course, 0, 1, NULL), KL_OK);
	assert_int_equal(total, 1);
	kl_roster_free(none, count);
	assert_int_equal(kl_store_roster_put(store, course, rows, KL_COURSE_MEMBERS_MAX - 1, NULL), KL_OK);
	kl_roster_free(rows, KL_COURSE_MEMBERS_MAX);
}

/* A database of before names on rosters were compared as those of accounts are. */
static void rosters_of_before_stay(void **state)
{
	static const char before[] =
		"DROP TABLE course_roster; CREATE TABLE course_roster ("
		" course TEXT NOT NULL, name TEXT NOT NULL, display TEXT NOT NULL, PRIMARY KEY (course, name));"
		"INSERT INTO course_roster VALUES ('c', 'Bob1', 'B'), ('c', 'b0bI', ''), ('c', 'zoe', 'Zoe'),"
		" ('d', 'zoe', '');"
		"DROP TABLE serials_given; UPDATE schema_version SET version = 19;";
	char *path = kl_path_join(scratch, "old.db");
	struct kl_expected *rows;
	int64_t total;
	size_t count;
	bool has;
	sqlite3 *db;

	(void)state;
	assert_int_equal(kl_store_open_server(&store, path, &held, NULL), KL_OK);
	kl_store_close(store);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, before, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(kl_store_open_server(&store, path, &held, NULL), KL_OK);
	assert_int_equal(kl_store_roster(&rows, &count, &total, store, "c", 0, 100, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].display, "B");
	kl_roster_free(rows, count);
	assert_int_equal(kl_store_roster_has(&has, store, "c", "bobl", NULL), KL_OK);
	assert_true(has);
	assert_int_equal(kl_store_roster_has(&has, store, "d", "zoe", NULL), KL_OK);
	assert_true(has);
	kl_store_close(store);
	free(path);
}

static void teams_are_of_the_course(void **state)
{
	char name[] = "Red", again[] = "Blue", other[KL_ID_SIZE];
	struct kl_team team = { .name = name }, blue = { .name = name }, *rows;
	struct kl_error err;
	size_t count;

	(void)state;
	memcpy(team.course, course, KL_ID_SIZE);
	memcpy(blue.course, course, KL_ID_SIZE);
	assert_int_equal(kl_store_team_add(store, &team, NULL), KL_OK);
	assert_int_equal(kl_store_team_add(store, &blue, &err), KL_EEXIST);
	assert_string_equal(err.message, "this course has a team of that name");
	blue.name = again;
	assert_int_equal(kl_store_team_add(store, &blue, NULL), KL_OK);
	assert_int_equal(kl_store_team_set(store, course, ada, team.id, NULL), KL_OK);
	assert_int_equal(kl_store_team_set(store, course, ben, team.id, NULL), KL_OK);
	assert_int_equal(kl_store_team_set(store, course, teacher, team.id, &err), KL_ENOENT);
	assert_string_equal(err.message, "this course has no such student");
	assert_int_equal(kl_store_team_set(store, course, ada, "nowhere", &err), KL_ENOENT);
	assert_string_equal(err.message, "this course has no such team");
	add_course(other, "AAAAAAAA");
	assert_int_equal(kl_store_team_remove(store, other, team.id, &err), KL_ENOENT);
	assert_string_equal(err.message, "this course has no such team");
	assert_int_equal(kl_store_teams(&rows, &count, store, course, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].name, "Blue");
	assert_int_equal(rows[0].members, 0);
	assert_int_equal(rows[1].members, 2);
	kl_teams_free(rows, count);
	assert_int_equal(kl_store_team_remove(store, course, team.id, NULL), KL_OK);
	assert_int_equal(kl_store_team_set(store, course, ada, team.id, NULL), KL_ENOENT);
}

/* --- assignments -------------------------------------------------------------------------------------------------- */

static int notes;

static void count_note(void *ctx, int64_t seq, const char *kind, const char *subject)
{
	(void)ctx;
	(void)seq;
	assert_string_equal(kind, "course");
	assert_string_equal(subject, course);
	notes++;
}

/* How many notes there are for a user, or for everybody in the course, behind the newest of before. */
static int notes_for(char kind, const char *id, int64_t seq)
{
	char audience[KL_ID_SIZE + 2];

	notes = 0;
	snprintf(audience, sizeof(audience), "%c:%s", kind, id);
	assert_int_equal(kl_store_changes(store, audience, seq, 100, count_note, NULL, NULL), KL_OK);
	return notes;
}

static int notes_after(int64_t seq)
{
	return notes_for('c', course, seq);
}

static void staff_hear_of_who_comes_and_goes(void **state)
{
	int64_t seq;

	(void)state;
	assert_int_equal(kl_store_changes_newest(&seq, store, NULL), KL_OK);
	assert_int_equal(kl_store_member_remove(store, course, ben, NULL), KL_OK);
	assert_int_equal(notes_for('u', ben, seq), 1);
	assert_int_equal(notes_for('u', teacher, seq), 1);
	assert_int_equal(notes_for('u', ada, seq), 0);
	assert_int_equal(kl_store_changes_newest(&seq, store, NULL), KL_OK);
	assert_int_equal(kl_store_member_add(store, course, ben, KL_COURSE_STUDENT, NULL), KL_OK);
	assert_int_equal(notes_for('u', teacher, seq), 1);
	assert_int_equal(notes_for('u', ada, seq), 0);
	assert_int_equal(notes_after(seq), 0);
}

static void what_has_not_opened_is_not_seen(void **state)
{
	struct kl_terms later = { .opens_ms = NOW + HOUR };
	struct kl_assignment *rows, row;
	int64_t next_ms, seq;
	char id[KL_ID_SIZE];
	size_t count;
	bool sets;

	(void)state;
	set_assignment(id, &later);
	assert_int_equal(kl_store_assignments(&rows, &count, store, course, ada, NOW, NULL), KL_OK);
	assert_int_equal(count, 0);
	kl_assignments_free(rows, count);
	assert_int_equal(kl_store_assignment_get(&row, store, course, id, ada, NOW, NULL), KL_ENOENT);
	assert_int_equal(kl_store_course_sets(&sets, store, ada, "basics", "one", NOW, NULL), KL_OK);
	assert_false(sets);
	assert_int_equal(kl_store_course_sets(&sets, store, teacher, "basics", NULL, NOW, NULL), KL_OK);
	assert_true(sets);
	assert_int_equal(kl_store_changes_newest(&seq, store, NULL), KL_OK);
	assert_int_equal(kl_store_assignments_tell(&next_ms, store, NOW, NULL), KL_OK);
	assert_int_equal(next_ms, NOW + HOUR);
	assert_int_equal(notes_after(seq), 0);
	assert_int_equal(kl_store_assignments_tell(&next_ms, store, NOW + HOUR, NULL), KL_OK);
	assert_int_equal(next_ms, 0);
	assert_int_equal(notes_after(seq), 1);
	assert_int_equal(kl_store_course_sets(&sets, store, ada, "basics", "one", NOW + HOUR, NULL), KL_OK);
	assert_true(sets);
	assert_int_equal(kl_store_course_sets(&sets, store, ada, "basics", "three", NOW + HOUR, NULL), KL_OK);
	assert_false(sets);
	assert_int_equal(kl_store_assignment_get(&row, store, course, id, ada, NOW + HOUR, NULL), KL_OK);
	assert_int_equal(row.item_count, 2);
	assert_string_equal(row.items[0].slug, "two");
	assert_string_equal(row.instructions, "Do *both*.");
	kl_assignment_release(&row);
}

static void an_assignment_is_of_its_course(void **state)
{
	struct kl_terms always = { .opens_ms = 0 };
	char id[KL_ID_SIZE], other[KL_ID_SIZE];
	struct kl_assignment row;
	struct kl_error err;

	(void)state;
	set_assignment(id, &always);
	add_course(other, "AAAAAAAA");
	assert_int_equal(kl_store_assignment_get(&row, store, other, id, teacher, 0, &err), KL_ENOENT);
	assert_string_equal(err.message, "this course has no such assignment");
	assert_int_equal(kl_store_assignment_remove(store, other, id, &err), KL_ENOENT);
	assert_string_equal(err.message, "this course has no such assignment");
	assert_int_equal(kl_store_assignment_remove(store, course, id, NULL), KL_OK);
	assert_int_equal(kl_store_assignment_remove(store, course, id, NULL), KL_ENOENT);
}

static int hides(const char *user, int64_t now_ms)
{
	char **names;
	size_t count;
	bool hidden;

	assert_int_equal(kl_store_packs_hidden(&names, &count, store, user, now_ms, NULL), KL_OK);
	if (count)
		assert_string_equal(names[0], "basics");
	kl_pack_names_free(names, count);
	assert_int_equal(kl_store_pack_hidden(&hidden, store, "basics", user, now_ms, NULL), KL_OK);
	assert_int_equal(hidden, count);
	return (int)count;
}

static void a_kept_pack_is_seen_when_something_of_it_opened(void **state)
{
	struct kl_terms later = { .opens_ms = NOW + HOUR };
	char id[KL_ID_SIZE], zoe[KL_ID_SIZE], **names;
	struct kl_error err;
	size_t count;

	(void)state;
	add_user(zoe, "zoe");
	assert_int_equal(hides(zoe, NOW), 0);
	assert_int_equal(kl_store_course_keep(store, course, "basics", true, NULL), KL_OK);
	assert_int_equal(kl_store_course_keep(store, course, "basics", true, NULL), KL_OK);
	assert_int_equal(kl_store_course_packs(&names, &count, store, course, NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(names[0], "basics");
	kl_pack_names_free(names, count);
	assert_int_equal(hides(zoe, NOW), 1);
	assert_int_equal(hides(ada, NOW), 1);
	assert_int_equal(hides(teacher, NOW), 0);
	set_assignment(id, &later);
	assert_int_equal(hides(ada, NOW), 1);
	assert_int_equal(hides(ada, NOW + HOUR), 0);
	assert_int_equal(hides(zoe, NOW + HOUR), 1);
	assert_int_equal(kl_store_course_keep(store, course, "basics", false, NULL), KL_OK);
	assert_int_equal(hides(zoe, NOW), 0);
	assert_int_equal(kl_store_course_keep(store, course, "basics", false, &err), KL_ENOENT);
	assert_string_equal(err.message, "this course does not keep this pack");
}

static void states_have_a_word(void **state)
{
	static const struct {
		int64_t now, extended, tried, solved;
		const char *word;
	} cases[] = {
		{ NOW - 1, 0, 0, 0, "upcoming" },      { NOW, 0, 0, 0, "open" },
		{ NOW, 0, 1, 0, "started" },           { NOW, 0, 2, 2, "done" },
		{ NOW + DAY + 1, 0, 1, 1, "overdue" }, { NOW + 4 * DAY, 0, 1, 1, "closed" },
		{ NOW + 4 * DAY, 0, 2, 2, "done" },    { NOW + DAY + 1, NOW + 2 * DAY, 1, 1, "started" },
	};
	struct kl_assignment row = {
		.terms = { .opens_ms = NOW, .due_ms = NOW + DAY, .late = { KL_LATE_PERCENT, 50, 0, 0 } },
		.item_count = 2,
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		row.extended_ms = cases[i].extended;
		row.tried = cases[i].tried;
		row.solved = cases[i].solved;
		assert_string_equal(kl_assignment_state(&row, cases[i].now), cases[i].word);
	}
}

/* What the one who reads it has done himself is nothing to those who teach. */
static void stages_are_for_the_class(void **state)
{
	static const struct {
		int64_t now;
		const char *word;
	} cases[] = {
		{ NOW - 1, "upcoming" },
		{ NOW, "open" },
		{ NOW + DAY + 1, "past due" },
		{ NOW + 4 * DAY, "closed" },
	};
	const struct kl_assignment row = {
		.terms = { .opens_ms = NOW, .due_ms = NOW + DAY, .late = { KL_LATE_PERCENT, 50, 0, 0 } },
		.item_count = 2,
		.tried = 2,
		.solved = 2,
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_string_equal(kl_assignment_stage(&row, cases[i].now), cases[i].word);
}

static void who_teaches_whom(void **state)
{
	enum kl_course_role role;

	(void)state;
	assert_int_equal(kl_store_teaches(&role, store, teacher, ada, NULL), KL_OK);
	assert_int_equal(role, KL_COURSE_INSTRUCTOR);
	assert_int_equal(kl_store_teaches(&role, store, ada, ben, NULL), KL_OK);
	assert_int_equal(role, KL_COURSE_NONE);
	assert_int_equal(kl_store_teaches(&role, store, ada, teacher, NULL), KL_OK);
	assert_int_equal(role, KL_COURSE_NONE);
	assert_int_equal(kl_store_member_most(&role, store, ada, NULL), KL_OK);
	assert_int_equal(role, KL_COURSE_STUDENT);
	assert_int_equal(kl_store_member_most(&role, store, teacher, NULL), KL_OK);
	assert_int_equal(role, KL_COURSE_INSTRUCTOR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(courses_have_their_owner_and_their_code),
		TEST(lists_are_of_those_who_are_in),
		TEST(a_course_keeps_an_instructor),
		TEST(the_roster_knows_who_came),
		TEST(a_roster_is_put_whole),
		cmocka_unit_test_setup_teardown(rosters_of_before_stay, scratch_open_fast, scratch_close),
		TEST(teams_are_of_the_course),
		TEST(staff_hear_of_who_comes_and_goes),
		TEST(what_has_not_opened_is_not_seen),
		TEST(an_assignment_is_of_its_course),
		TEST(a_kept_pack_is_seen_when_something_of_it_opened),
		cmocka_unit_test(states_have_a_word),
		cmocka_unit_test(stages_are_for_the_class),
		TEST(who_teaches_whom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
