#ifndef KODELAB_STORE_SCHEMA_COURSES_H
#define KODELAB_STORE_SCHEMA_COURSES_H

/* The class server's tables of courses: see schema.c. Included there alone. */

static const char courses[] =
	"CREATE TABLE courses ("
	" id TEXT PRIMARY KEY, owner TEXT NOT NULL, code TEXT NOT NULL, title TEXT NOT NULL,"
	" joining BIGINT NOT NULL, archived BIGINT NOT NULL, created_ms BIGINT NOT NULL);"
	"CREATE UNIQUE INDEX courses_by_code ON courses (code);"
	"CREATE INDEX courses_by_owner ON courses (owner);"
	/*
	 * Who is in it. team "": in none. total: the sum of the scores below, kept with them. seen_*: what the student last did at
	 * a challenge that is set in this course.
	 */
	"CREATE TABLE course_members ("
	" course TEXT NOT NULL, user_id TEXT NOT NULL, role BIGINT NOT NULL, team TEXT NOT NULL,"
	" hidden BIGINT NOT NULL, joined_ms BIGINT NOT NULL, total DOUBLE PRECISION NOT NULL,"
	" seen_ms BIGINT NOT NULL, seen_pack TEXT NOT NULL, seen_slug TEXT NOT NULL, seen_what TEXT NOT NULL,"
	" PRIMARY KEY (course, user_id));"
	"CREATE INDEX course_members_by_user ON course_members (user_id, course);"
	/* Names that are expected, whether or not there is such a user. */
	"CREATE TABLE course_roster ("
	" course TEXT NOT NULL, name TEXT NOT NULL, display TEXT NOT NULL, PRIMARY KEY (course, name));"
	"CREATE TABLE course_teams (id TEXT PRIMARY KEY, course TEXT NOT NULL, name TEXT NOT NULL);"
	"CREATE UNIQUE INDEX course_teams_by_name ON course_teams (course, name);"
	/* place: order in the course. told: since it opened, its students' labs were told that it is there. */
	"CREATE TABLE assignments ("
	" id TEXT PRIMARY KEY, course TEXT NOT NULL, place BIGINT NOT NULL,"
	" title TEXT NOT NULL, instructions TEXT NOT NULL,"
	" opens_ms BIGINT NOT NULL, due_ms BIGINT NOT NULL, grace_ms BIGINT NOT NULL,"
	" late BIGINT NOT NULL, late_percent BIGINT NOT NULL, late_floor BIGINT NOT NULL, late_until_ms BIGINT NOT NULL,"
	" created_ms BIGINT NOT NULL, told BIGINT NOT NULL);"
	"CREATE INDEX assignments_by_course ON assignments (course, place, id);"
	"CREATE INDEX assignments_to_tell ON assignments (told, opens_ms);"
	"CREATE TABLE assignment_items ("
	" assignment TEXT NOT NULL, place BIGINT NOT NULL, pack TEXT NOT NULL, slug TEXT NOT NULL,"
	" points BIGINT NOT NULL, PRIMARY KEY (assignment, pack, slug));"
	"CREATE INDEX assignment_items_by_challenge ON assignment_items (pack, slug, assignment);"
	"CREATE TABLE assignment_extensions ("
	" assignment TEXT NOT NULL, user_id TEXT NOT NULL, due_ms BIGINT NOT NULL, reason TEXT NOT NULL,"
	" given_by TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (assignment, user_id));"
	/* What a student's submissions at one challenge come to: struct kl_mark. */
	"CREATE TABLE assignment_marks ("
	" assignment TEXT NOT NULL, user_id TEXT NOT NULL, pack TEXT NOT NULL, slug TEXT NOT NULL,"
	" work TEXT NOT NULL, last_work TEXT NOT NULL, score DOUBLE PRECISION NOT NULL,"
	" counted DOUBLE PRECISION NOT NULL, late BIGINT NOT NULL, tries BIGINT NOT NULL, last_ms BIGINT NOT NULL,"
	" PRIMARY KEY (assignment, user_id, pack, slug));"
	/* …and the assignment as a whole. solved, tried: how many of its challenges. */
	"CREATE TABLE assignment_scores ("
	" course TEXT NOT NULL, user_id TEXT NOT NULL, assignment TEXT NOT NULL,"
	" score DOUBLE PRECISION NOT NULL, solved BIGINT NOT NULL, tried BIGINT NOT NULL, late BIGINT NOT NULL,"
	" last_ms BIGINT NOT NULL, PRIMARY KEY (course, user_id, assignment));"
	/* Packs that are for this course alone. */
	"CREATE TABLE course_packs (pack TEXT NOT NULL, course TEXT NOT NULL, PRIMARY KEY (pack, course));"
	"CREATE INDEX course_packs_by_course ON course_packs (course, pack);"
	/* Tests that a student's newest judged submission of a challenge failed. */
	"CREATE TABLE course_failures ("
	" pack TEXT NOT NULL, slug TEXT NOT NULL, user_id TEXT NOT NULL, test TEXT NOT NULL,"
	" PRIMARY KEY (pack, slug, user_id, test));"
	/* A student's submissions of one challenge. */
	"CREATE INDEX works_tried ON works (user_id, pack, slug, received_ms);"
	/* Assignments that were changed or removed, and up to which student what they come to was computed anew. */
	"CREATE TABLE assignment_rescores ("
	" assignment TEXT PRIMARY KEY, course TEXT NOT NULL, after_user TEXT NOT NULL);";

/* works_by_subject begins with the same columns. */
static const char one_index_less[] = "DROP INDEX works_tried;";

/* A name on the roster is whoever's is taken for it, as among accounts: look as in users, here for names of ASCII. */
static const char roster_looks[] =
	"CREATE TABLE course_roster_by_look ("
	" course TEXT NOT NULL, look TEXT NOT NULL, name TEXT NOT NULL, display TEXT NOT NULL,"
	" PRIMARY KEY (course, look));"
	"INSERT INTO course_roster_by_look (course, look, name, display)"
	" SELECT course, REPLACE(REPLACE(REPLACE(LOWER(name), '0', 'o'), '1', 'l'), 'i', 'l'), MAX(name), MAX(display)"
	" FROM course_roster GROUP BY 1, 2;"
	"DROP TABLE course_roster;"
	"ALTER TABLE course_roster_by_look RENAME TO course_roster;";

#endif
