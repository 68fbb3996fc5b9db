/* All or nothing: teams that are made or changed with members, and a course that is sent twice. */

#include <signal.h>

#include <kodelab/alloc.h>

#include "tests/server/harness.h"

#define CONFIG   "judge.enabled = false\n"
#define OTHER_ID "01997000-0000-7000-8000-000000000000"
#define TAKEN    "a course with this id is there already: send another id"
#define UNKNOWN  "'" OTHER_ID "' in 'members' is no student of this course"

struct school {
	struct daemon daemon;
	char *teacher, *ada; /* headers */
	char *teams, *first; /* "/api/courses/…/teams"; the first one's address behind "PUT " */
	char *ada_id;
};

static char *made(const struct daemon *daemon, const char *target, const char *who, const char *body, const char *name)
{
	struct reply reply;
	char *text;

	ask(&reply, daemon, target, who, body);
	CHECK(reply.status == 200 || reply.status == 201, "%s: %d %s", target, reply.status, reply.body);
	text = member_of(reply.body, name);
	reply_release(&reply);
	return text;
}

/* A course with ada in it, and a team of nobody. */
static void school_open(struct school *school)
{
	char *who, *course, *code, *target, *body, *team;

	daemon_start(&school->daemon, CONFIG);
	who = signed_in(&school->daemon, "teacher", "instructor");
	school->teacher = kl_format("%s" JSON, who);
	free(who);
	who = signed_in(&school->daemon, "ada", "student");
	school->ada = kl_format("%s" JSON, who);
	free(who);
	school->ada_id = made(&school->daemon, "GET /api/auth/me", school->ada, NULL, "id");
	course = made(&school->daemon, "POST /api/courses", school->teacher, "{\"title\":\"Programming\"}", "id");
	target = kl_format("GET /api/courses/%s", course);
	code = made(&school->daemon, target, school->teacher, NULL, "code");
	body = kl_format("{\"code\":\"%s\"}", code);
	expect_has(&school->daemon, "POST /api/courses/join", school->ada, body, 201, "\"role\":\"STUDENT\"");
	school->teams = kl_format("/api/courses/%s/teams", course);
	free(target);
	target = kl_format("POST %s", school->teams);
	team = made(&school->daemon, target, school->teacher, "{\"name\":\"Blue\"}", "id");
	school->first = kl_format("PUT %s/%s", school->teams, team);
	free(team);
	free(body);
	free(target);
	free(code);
	free(course);
}

static void school_close(struct school *school)
{
	daemon_stop(&school->daemon, SIGTERM);
	daemon_remove(&school->daemon);
	free(school->teacher);
	free(school->ada);
	free(school->teams);
	free(school->first);
	free(school->ada_id);
}

static void has_teams(const struct school *school, const char *data)
{
	char *target = kl_format("GET %s", school->teams);

	expect_has(&school->daemon, target, school->teacher, NULL, 200, data);
	free(target);
}

static void test_whole(void)
{
	struct school school;
	char *both, *some, *alone, *post;

	school_open(&school);
	both = kl_format("{\"name\":\"Red\",\"members\":[\"%s\",\"%s\"]}", school.ada_id, OTHER_ID);
	some = kl_format("{\"members\":[\"%s\",\"%s\"]}", school.ada_id, OTHER_ID);
	alone = kl_format("{\"members\":[\"%s\"]}", school.ada_id);
	post = kl_format("POST %s", school.teams);
	expect_refused(&school.daemon, post, school.teacher, both, 422, "VALIDATION_ERROR", UNKNOWN);
	expect_refused(&school.daemon, school.first, school.teacher, both, 422, "VALIDATION_ERROR", UNKNOWN);
	expect_refused(&school.daemon, school.first, school.teacher, some, 422, "VALIDATION_ERROR", UNKNOWN);
	expect_refused(&school.daemon, school.first, school.teacher, "{\"members\":[1]}", 422, "VALIDATION_ERROR",
		       "'members' must be a list of at most 100 ids of students");
	expect_refused(&school.daemon, school.first, school.teacher, "{}", 422, "VALIDATION_ERROR",
		       "nothing to change: send 'name' or 'members'");
	has_teams(&school, "\"name\":\"Blue\",\"members\":0,\"score\":0.0}]");
	expect_has(&school.daemon, school.first, school.teacher, alone, 200, "\"changed\":true");
	has_teams(&school, "\"name\":\"Blue\",\"members\":1,\"score\":0.0}]");
	free(post);
	free(alone);
	free(some);
	free(both);
	school_close(&school);
}

/* A proxy, or a hand, may send a request twice: the course is there once. */
static void test_sent_twice(void)
{
	static const char whole[] = "{\"id\":\"" OTHER_ID "\",\"title\":\"Twice\"}";
	struct school school;
	char *who, *other;

	school_open(&school);
	expect_refused(&school.daemon, "POST /api/courses", school.teacher, "{\"id\":\"mine\",\"title\":\"Twice\"}",
		       422, "VALIDATION_ERROR", "'id' must be a UUID of version 7");
	expect_has(&school.daemon, "POST /api/courses", school.teacher, whole, 201, "\"id\":\"" OTHER_ID "\"");
	expect_has(&school.daemon, "POST /api/courses", school.teacher, whole, 200, "\"id\":\"" OTHER_ID "\"");
	expect_has(&school.daemon, "GET /api/courses", school.teacher, NULL, 200, "\"total\":2,");
	expect_refused(&school.daemon, "POST /api/courses", school.teacher,
		       "{\"id\":\"" OTHER_ID "\",\"title\":\"Otherwise\"}", 409, "CONFLICT", TAKEN);
	who = signed_in(&school.daemon, "other", "instructor");
	other = kl_format("%s" JSON, who);
	expect_refused(&school.daemon, "POST /api/courses", other, whole, 409, "CONFLICT", TAKEN);
	free(other);
	free(who);
	school_close(&school);
}

const struct test teams_tests[] = {
	{ "teams_are_filled_whole", test_whole },
	{ "a_course_sent_twice_is_there_once", test_sent_twice },
	{ NULL, NULL },
};
