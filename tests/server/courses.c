/* Courses over HTTP: joined with a code, seen by those who may, and what comes of submissions in them. */

#include <signal.h>

#include <kodelab/alloc.h>
#include <kodelab/course.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_works.h>

#include "tests/server/harness.h"

#define CONFIG     "judge.enabled = false\nauthz.tokens = the-administrators-token\n"
#define NOT_THERE  "there is no such thing, or it is not yours to see"
#define REFUSED    "{\"success\":false,\"error\":{\"message\":\"%s\",\"code\":\"%s\",\"details\":{}}}"
#define NOW        INT64_C(1790000000000) /* 2026-09-21 14:13:20 UTC */
#define HOUR       INT64_C(3600000)
#define OTHER_ID   "01997000-0000-7000-8000-000000000000"
#define ONE_ITEM   "[{\"pack\":\"basics\",\"slug\":\"one\",\"points\":10}]"
#define ASSIGNMENT "{\"title\":\"Week 1\",\"items\":" ONE_ITEM "}"

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* where: "GET /api/courses/%s/…", its %s being id; who: a header of signed_in, NULL: nobody. */
static void ask_for(struct reply *out, const struct daemon *daemon, const char *who, const char *where, const char *id,
		    const char *body)
{
	const char *hole = strstr(where, "%s");
	char *target = hole ? kl_format("%.*s%s%s", (int)(hole - where), where, id, hole + 2) : kl_strdup(where);
	char *headers = kl_format("%s%s", who ? who : "", body ? JSON : "");

	ask(out, daemon, target, headers, body);
	free(headers);
	free(target);
}

static void says(const struct daemon *daemon, const char *who, const char *where, const char *id, const char *body,
		 int status, const char *part)
{
	struct reply reply;

	ask_for(&reply, daemon, who, where, id, body);
	CHECK(reply.status == status && strstr(reply.body, part), "%s %s\n  expected %d %s\n       got %d %s", where,
	      body ? body : "", status, part, reply.status, reply.body);
	reply_release(&reply);
}

static void refuses(const struct daemon *daemon, const char *who, const char *where, const char *id, const char *body,
		    int status, const char *code, const char *message)
{
	char *whole = kl_format(REFUSED, message, code);
	struct reply reply;

	ask_for(&reply, daemon, who, where, id, body);
	CHECK(reply.status == status && !strcmp(reply.body, whole), "%s %s\n  expected %d %s\n       got %d %s", where,
	      body ? body : "", status, whole, reply.status, reply.body);
	reply_release(&reply);
	free(whole);
}

/* The text of a member of the answer; owned by the caller. */
static char *made(const struct daemon *daemon, const char *who, const char *where, const char *id, const char *body,
		  const char *name)
{
	struct reply reply;
	char *text;

	ask_for(&reply, daemon, who, where, id, body);
	CHECK(reply.status == 200 || reply.status == 201, "%s: %d %s", where, reply.status, reply.body);
	text = member_of(reply.body, name);
	reply_release(&reply);
	return text;
}

/* A class: a server, a course, and the people around it. Headers and ids are owned. */
struct class
{
	struct daemon daemon;
	char *teacher, *ada, *ben;
	char *course, *code;
	char *ada_id, *ben_id;
};

static void class_open(struct class *class)
{
	char *body;

	daemon_prepare(&class->daemon, CONFIG);
	class->daemon.clock_ms = NOW;
	daemon_start_again(&class->daemon);
	class->teacher = signed_in(&class->daemon, "teacher", "instructor");
	class->ada = signed_in(&class->daemon, "ada", "student");
	class->ben = signed_in(&class->daemon, "ben", "student");
	class->ada_id = made(&class->daemon, class->ada, "GET /api/auth/me", NULL, NULL, "id");
	class->ben_id = made(&class->daemon, class->ben, "GET /api/auth/me", NULL, NULL, "id");
	class->course =
		made(&class->daemon, class->teacher, "POST /api/courses", NULL, "{\"title\":\"Programming I\"}", "id");
	class->code = made(&class->daemon, class->teacher, "GET /api/courses/%s", class->course, NULL, "code");
	body = kl_format("{\"code\":\"%.4s-%s\"}", class->code, class->code + 4);
	says(&class->daemon, class->ada, "POST /api/courses/join", NULL, body, 201, "\"role\":\"STUDENT\"");
	free(body);
}

static void class_close(struct class *class)
{
	daemon_remove(&class->daemon);
	free(class->teacher);
	free(class->ada);
	free(class->ben);
	free(class->course);
	free(class->code);
	free(class->ada_id);
	free(class->ben_id);
}

/* where with a second id behind the course's: "…/courses/<course>/<kind>/<id><rest>"; owned by the caller. */
static char *inside(const struct class *class, const char *method, const char *kind, const char *id, const char *rest)
{
	return kl_format("%s /api/courses/%s/%s/%s%s", method, class->course, kind, id, rest);
}

/* --- courses ------------------------------------------------------------------------------------------------------ */

static void test_life(void)
{
	struct class class;
	char *code, *body;

	class_open(&class);
	refuses(&class.daemon, class.ada, "POST /api/courses", NULL, "{\"title\":\"Mine\"}", 403, "FORBIDDEN",
		"only instructors can do this; an administrator of the class server can make you one");
	refuses(&class.daemon, class.teacher, "POST /api/courses", NULL, "{\"title\":\"a\\u001b[2Jb\"}", 422,
		"VALIDATION_ERROR", "'title' holds characters that cannot be shown: leave them out");
	refuses(&class.daemon, class.teacher, "POST /api/courses", NULL, "{\"title\":\"a\",\"owner\":\"b\"}", 422,
		"VALIDATION_ERROR", "'owner' is not known here: leave it out");
	refuses(&class.daemon, class.teacher, "POST /api/courses", NULL, "{\"title\":\"a\",\"joining\":\"open\"}", 422,
		"VALIDATION_ERROR", "'joining' must be code, roster or closed");
	refuses(&class.daemon, "X-Auth-User: the-administrators-token\r\n", "POST /api/courses", NULL,
		"{\"title\":\"Nobody's\"}", 403, "FORBIDDEN",
		"a course has people in it: sign in as one, with Authorization: Bearer TOKEN");
	body = kl_format("{\"code\":\"%s\"}", class.code);
	refuses(&class.daemon, class.ada, "POST /api/courses/join", NULL, body, 409, "CONFLICT",
		"you are in this course already");
	says(&class.daemon, class.ada, "GET /api/courses", NULL, NULL, 200, "\"total\":1,\"pages\":1}");
	says(&class.daemon, class.ben, "GET /api/courses", NULL, NULL, 200, "\"data\":[]");
	code = made(&class.daemon, class.teacher, "POST /api/courses/%s/code", class.course, "{}", "code");
	CHECK(strcmp(code, class.code) != 0, "the code is the same");
	refuses(&class.daemon, class.ben, "POST /api/courses/join", NULL, body, 404, "NOT_FOUND",
		"no course has this code: see that it is typed as it was given, or ask for a new one");
	free(body);
	body = kl_format("{\"code\":\"%s\"}", code);
	says(&class.daemon, class.teacher, "PUT /api/courses/%s", class.course, "{\"joining\":\"closed\"}", 200,
	     "\"joining\":\"closed\"");
	refuses(&class.daemon, class.ben, "POST /api/courses/join", NULL, body, 409, "CONFLICT",
		"nobody can join this course now: ask its instructor");
	says(&class.daemon, class.teacher, "PUT /api/courses/%s", class.course,
	     "{\"joining\":\"code\",\"title\":\"Programming 1\"}", 200, "\"title\":\"Programming 1\"");
	says(&class.daemon, class.ben, "POST /api/courses/%s/enroll", class.course, body, 201, "\"students\":2");
	says(&class.daemon, class.ben, "POST /api/courses/%s/leave", class.course, "{}", 200, "\"left\":true");
	refuses(&class.daemon, class.ben, "GET /api/courses/%s", class.course, NULL, 404, "NOT_FOUND", NOT_THERE);
	says(&class.daemon, class.teacher, "PUT /api/courses/%s", class.course, "{\"archived\":true}", 200,
	     "\"archived\":true");
	says(&class.daemon, class.ada, "GET /api/courses", NULL, NULL, 200, "\"data\":[]");
	says(&class.daemon, class.ada, "GET /api/courses?archived=true", NULL, NULL, 200, "Programming 1");
	refuses(&class.daemon, class.ben, "POST /api/courses/join", NULL, body, 409, "CONFLICT",
		"nobody can join this course now: ask its instructor");
	free(body);
	free(code);
	class_close(&class);
}

/* Ten wrong codes in a quarter of an hour, then not even the right one. */
static void test_guessing(void)
{
	struct class class;
	struct reply reply;
	char *body;

	class_open(&class);
	body = kl_format("{\"code\":\"%s\"}", class.code);
	for (int i = 0; i < 10; i++)
		says(&class.daemon, class.ben, "POST /api/courses/join", NULL, "{\"code\":\"00000000\"}", 404,
		     "no course has this code");
	ask_for(&reply, &class.daemon, class.ben, "POST /api/courses/join", NULL, body);
	check_has(&reply, 429, "too many wrong codes: wait for Retry-After seconds, or ask for the code");
	CHECK(strstr(reply.head, "\r\nRetry-After: "), "%s", reply.head);
	reply_release(&reply);
	says(&class.daemon, class.ada, "POST /api/courses/join", NULL, body, 409, "you are in this course already");
	free(body);
	class_close(&class);
}

static void test_members(void)
{
	struct class class;
	char *ada, *ben, *teacher, *teacher_id;

	class_open(&class);
	ada = inside(&class, "PUT", "students", class.ada_id, "");
	ben = inside(&class, "PUT", "students", class.ben_id, "");
	teacher_id = made(&class.daemon, class.teacher, "GET /api/auth/me", NULL, NULL, "id");
	teacher = inside(&class, "DELETE", "students", teacher_id, "");
	says(&class.daemon, class.teacher, "GET /api/courses/%s/students", class.course, NULL, 200,
	     "\"name\":\"teacher\"");
	says(&class.daemon, class.teacher, "GET /api/courses/%s/students?role=STUDENT", class.course, NULL, 200,
	     "\"total\":1,\"pages\":1}");
	refuses(&class.daemon, class.teacher, "GET /api/courses/%s/students?role=ADMIN", class.course, NULL, 422,
		"VALIDATION_ERROR", "'role' must be STUDENT, TEACHING_ASSISTANT or INSTRUCTOR");
	refuses(&class.daemon, class.teacher, "GET /api/courses/%s/students?limit=101", class.course, NULL, 422,
		"VALIDATION_ERROR", "'limit' must be a whole number from 1 to 100");
	says(&class.daemon, class.teacher, ada, NULL, "{\"role\":\"TEACHING_ASSISTANT\"}", 200, "\"changed\":true");
	says(&class.daemon, class.ada, "GET /api/courses/%s/students", class.course, NULL, 200, "\"data\":[{");
	refuses(&class.daemon, class.ada, ada, NULL, "{\"role\":\"INSTRUCTOR\"}", 403, "FORBIDDEN",
		"only an instructor of the course can do this; ask one of them");
	refuses(&class.daemon, class.teacher, ben, NULL, "{\"role\":\"STUDENT\"}", 404, "NOT_FOUND", NOT_THERE);
	refuses(&class.daemon, class.teacher, ada, NULL, "{\"role\":\"ADMIN\"}", 422, "VALIDATION_ERROR",
		"'role' must be STUDENT, TEACHING_ASSISTANT or INSTRUCTOR");
	refuses(&class.daemon, class.teacher, teacher, NULL, NULL, 409, "CONFLICT",
		"a course needs an instructor: make another member one first, or archive the course");
	free(ada);
	ada = inside(&class, "DELETE", "students", class.ada_id, "");
	says(&class.daemon, class.teacher, ada, NULL, NULL, 200, "\"removed\":true");
	refuses(&class.daemon, class.ada, "GET /api/courses/%s", class.course, NULL, 404, "NOT_FOUND", NOT_THERE);
	free(ada);
	free(ben);
	free(teacher);
	free(teacher_id);
	class_close(&class);
}

static void import(const struct class *class, const char *csv, int status, const char *part)
{
	char *headers = kl_format("%sContent-Type: text/csv; charset=utf-8\r\n", class->teacher);
	char *target = kl_format("POST /api/courses/%s/roster", class->course);
	struct reply reply;

	ask(&reply, &class->daemon, target, headers, csv);
	check_has(&reply, status, part);
	reply_release(&reply);
	free(target);
	free(headers);
}

static void test_roster(void)
{
	struct class class;
	char *body, *zoe;

	class_open(&class);
	body = kl_format("{\"code\":\"%s\"}", class.code);
	import(&class, "name;display\r\nada;Ada L.\r\nzoe;Zoe\r\n", 200, "{\"success\":true,\"data\":{\"names\":2}}");
	import(&class, "carl,Carl\n=cmd,Dora\n", 422,
	       "line 2: the first cell is no name to sign in with: 1 to 64 letters, digits and ._@-");
	refuses(&class.daemon, class.teacher, "POST /api/courses/%s/roster", class.course, "{}", 415,
		"UNSUPPORTED_MEDIA_TYPE",
		"send the names as text/csv: a name to sign in with in the first cell of each line, a name to show in "
		"the second");
	says(&class.daemon, class.teacher, "GET /api/courses/%s/roster", class.course, NULL, 200,
	     "[{\"name\":\"ada\",\"display\":\"Ada L.\",\"joined\":true},"
	     "{\"name\":\"zoe\",\"display\":\"Zoe\",\"joined\":false}]");
	says(&class.daemon, class.teacher, "PUT /api/courses/%s", class.course, "{\"joining\":\"roster\"}", 200,
	     "\"joining\":\"roster\"");
	refuses(&class.daemon, class.ben, "POST /api/courses/join", NULL, body, 403, "FORBIDDEN",
		"only those on its roster can join this course: ask its instructor to put your name there");
	import(&class, "\uff22EN,Ben\nBen,Ben B.\n", 200, "\"names\":2"); /* the first letter is of full width */
	says(&class.daemon, class.ben, "POST /api/courses/join", NULL, body, 201, "\"role\":\"STUDENT\"");
	zoe = inside(&class, "DELETE", "roster", "ZOE", "");
	says(&class.daemon, class.teacher, zoe, NULL, NULL, 200, "\"removed\":true");
	refuses(&class.daemon, class.teacher, zoe, NULL, NULL, 404, "NOT_FOUND", NOT_THERE);
	free(zoe);
	zoe = inside(&class, "DELETE", "roster", "ben.json", ""); /* another name than ben's */
	refuses(&class.daemon, class.teacher, zoe, NULL, NULL, 404, "NOT_FOUND", NOT_THERE);
	free(zoe);
	free(body);
	class_close(&class);
}

/* --- assignments -------------------------------------------------------------------------------------------------- */

static void test_assignments(void)
{
	static const struct {
		const char *body, *message;
	} bad[] = {
		{ "{\"items\":[]}", "'title' must have 1 to 200 bytes" },
		{ "{\"title\":\"x\",\"points\":1}", "'points' is not known here: leave it out" },
		{ "{\"title\":\"x\",\"late\":\"percent\"}", "a late policy needs a time when the assignment is due" },
		{ "{\"title\":\"x\",\"late\":\"half\"}", "'late' must be none, percent or cut" },
		{ "{\"title\":\"x\",\"due_at\":\"tomorrow\"}", "'due_at' must be a time such as 2026-11-20T11:34:01Z" },
		{ "{\"title\":\"x\",\"due_at\":\"2026-10-01T00:00:00Z\",\"opens_at\":\"2026-10-02T00:00:00Z\"}",
		  "'due_at' must be later than 'opens_at'" },
		{ "{\"title\":\"x\",\"late_floor\":4294967346}", "percent and floor are whole numbers from 0 to 100" },
		{ "{\"title\":\"x\",\"grace_minutes\":10081}", "'grace_minutes' must be 10080 at most" },
		{ "{\"title\":\"x\",\"items\":[{\"pack\":\"a\",\"slug\":\"b\",\"points\":1},"
		  "{\"pack\":\"a\",\"slug\":\"b\",\"points\":2}]}",
		  "'items' has a challenge twice" },
	};
	struct class class;
	char *id, *one, *extension, *list;

	class_open(&class);
	for (size_t i = 0; i < KL_LENGTH(bad); i++)
		refuses(&class.daemon, class.teacher, "POST /api/courses/%s/assignments", class.course, bad[i].body,
			422, "VALIDATION_ERROR", bad[i].message);
	says(&class.daemon, class.teacher, "POST /api/courses/%s/assignments", class.course,
	     "{\"title\":\"x\",\"items\":[{\"pack\":\"a\",\"slug\":\"b\",\"points\":0.5}]}", 422,
	     "'items' must be a list of up to 100 challenges");
	id = made(&class.daemon, class.teacher, "POST /api/courses/%s/assignments", class.course,
		  "{\"title\":\"Week 1\",\"instructions\":\"Read *chapter 1*.\\nThen:\",\"late\":\"percent\","
		  "\"late_percent\":10,\"late_floor\":50,\"due_at\":\"2026-10-01T00:00:00Z\",\"grace_minutes\":60,"
		  "\"items\":" ONE_ITEM "}",
		  "id");
	one = inside(&class, "GET", "assignments", id, "");
	says(&class.daemon, class.ada, one, NULL, NULL, 200,
	     "\"instructions\":\"Read *chapter 1*.\\nThen:\",\"opens_at\":null,"
	     "\"due_at\":\"2026-10-01T00:00:00.000Z\",\"extended_at\":null,\"grace_minutes\":60,\"late\":\"percent\","
	     "\"late_percent\":10,\"late_floor\":50,\"late_until\":null,"
	     "\"items\":[{\"pack\":\"basics\",\"slug\":\"one\",\"points\":10,\"score\":0.0,\"tries\":0,\"published\":false}],"
	     "\"points\":10,\"state\":\"open\",\"score\":0.0,");
	extension = inside(&class, "PUT", "assignments", id, "/extensions/");
	list = kl_format("%s%s", extension, class.ada_id);
	refuses(&class.daemon, class.teacher, list, NULL, "{\"due_at\":\"2026-09-30T00:00:00Z\"}", 422,
		"VALIDATION_ERROR", "'due_at' must be later than it is due for all");
	says(&class.daemon, class.teacher, list, NULL, "{\"due_at\":\"2026-10-03T00:00:00Z\",\"reason\":\"ill\"}", 200,
	     "\"extended\":true");
	says(&class.daemon, class.ada, one, NULL, NULL, 200, "\"due_at\":\"2026-10-03T00:00:00.000Z\"");
	says(&class.daemon, class.teacher, one, NULL, NULL, 200, "\"due_at\":\"2026-10-01T00:00:00.000Z\"");
	free(list);
	list = inside(&class, "GET", "assignments", id, "/extensions");
	says(&class.daemon, class.teacher, list, NULL, NULL, 200, "\"reason\":\"ill\"");
	free(list);
	list = kl_format("DELETE%s%s", extension + 3, class.ada_id);
	says(&class.daemon, class.teacher, list, NULL, NULL, 200, "\"removed\":true");
	refuses(&class.daemon, class.teacher, list, NULL, NULL, 404, "NOT_FOUND", NOT_THERE);
	free(list);
	list = inside(&class, "PUT", "assignments", id, "");
	says(&class.daemon, class.teacher, list, NULL, "{\"due_at\":null,\"late\":\"none\"}", 200,
	     "\"due_at\":null,\"extended_at\":null,\"grace_minutes\":60,\"late\":\"none\"");
	says(&class.daemon, class.ada, "GET /api/courses/%s/assignments", class.course, NULL, 200,
	     "\"title\":\"Week 1\"");
	free(list);
	list = inside(&class, "DELETE", "assignments", id, "");
	says(&class.daemon, class.teacher, list, NULL, NULL, 200, "\"removed\":true");
	refuses(&class.daemon, class.teacher, one, NULL, NULL, 404, "NOT_FOUND", NOT_THERE);
	free(list);
	free(extension);
	free(one);
	free(id);
	class_close(&class);
}

/* What opens later is nowhere to be seen before, and there when it has opened. */
static void test_embargo(void)
{
	struct class class;
	char *id, *one;

	class_open(&class);
	id = made(&class.daemon, class.teacher, "POST /api/courses/%s/assignments", class.course,
		  "{\"title\":\"Secret\",\"opens_at\":\"2026-09-21T15:00:00Z\",\"items\":" ONE_ITEM "}", "id");
	one = inside(&class, "GET", "assignments", id, "");
	refuses(&class.daemon, class.ada, one, NULL, NULL, 404, "NOT_FOUND", NOT_THERE);
	says(&class.daemon, class.ada, "GET /api/courses/%s/assignments", class.course, NULL, 200, "\"data\":[]");
	says(&class.daemon, class.teacher, one, NULL, NULL, 200, "\"state\":\"upcoming\"");
	says(&class.daemon, class.teacher, "GET /api/courses/%s/assignments", class.course, NULL, 200, "Secret");
	daemon_stop(&class.daemon, SIGTERM);
	class.daemon.clock_ms = NOW + HOUR;
	daemon_start_again(&class.daemon);
	says(&class.daemon, class.ada, one, NULL, NULL, 200, "\"state\":\"open\"");
	says(&class.daemon, class.ada, "GET /api/courses/%s/assignments", class.course, NULL, 200, "Secret");
	free(one);
	free(id);
	class_close(&class);
}

/* --- what comes of submissions ------------------------------------------------------------------------------------ */

static void put_work(struct kl_store *store, const char *user, double score)
{
	static const char *const failed[] = { "empty" };
	struct kl_clock clock = { .held = true, .held_wall_ms = NOW };
	char pack[] = "basics", slug[] = "one", language[] = "c", none[] = "", verdict[] = "passed";
	struct kl_work work = { .pack = pack,
				.slug = slug,
				.language = language,
				.course = none,
				.assignment = none,
				.at_ms = NOW,
				.received_ms = NOW,
				.judged_ms = NOW,
				.state = KL_WORK_DONE,
				.verdict = verdict,
				.score = score,
				.code = none,
				.report = none };
	struct kl_verdict_news news = { work.id, user, "basics", "one", failed, score < 100 };
	struct kl_error err;

	kl_id_new(work.id, &clock);
	snprintf(work.user, sizeof(work.user), "%s", user);
	CHECK(!kl_store_work_add(store, &work, &err) && !kl_store_work_end(store, &work, &err) &&
		      !kl_store_member_seen(store, user, pack, slug, "submitted", NOW, &err) &&
		      !kl_course_scored(store, &news, &err),
	      "%s", err.message);
}

/* Verdicts, written while the server is away. */
static void judge_both(struct class *class, double ada, double ben)
{
	char *path = kl_path_join(class->daemon.folder, "kodelabd.db");
	struct kl_clock clock = { .held = true, .held_wall_ms = NOW };
	struct kl_store *store;
	struct kl_error err;

	daemon_stop(&class->daemon, SIGTERM);
	CHECK(!kl_store_open_server(&store, path, &clock, &err), "%s", err.message);
	put_work(store, class->ada_id, ada);
	put_work(store, class->ben_id, ben);
	kl_store_close(store);
	free(path);
	daemon_start_again(&class->daemon);
}

/* Two students, an assignment whose title is a formula, and their verdicts. Returns its id; owned. */
static char *judged_class(struct class *class)
{
	char *code = kl_format("{\"code\":\"%s\"}", (class_open(class), class->code)), *id;

	says(&class->daemon, class->ben, "POST /api/courses/join", NULL, code, 201, "STUDENT");
	id = made(&class->daemon, class->teacher, "POST /api/courses/%s/assignments", class->course,
		  "{\"title\":\"=HYPERLINK(\\\"http://x\\\")\",\"items\":" ONE_ITEM "}", "id");
	judge_both(class, 75, 100);
	free(code);
	return id;
}

static void test_gradebook(void)
{
	struct class class;
	struct reply reply;
	char *id = judged_class(&class), *failing;

	says(&class.daemon, class.teacher, "GET /api/courses/%s/gradebook?limit=1&page=2", class.course, NULL, 200,
	     "\"name\":\"ben\",\"display\":\"ben\",\"total\":10.0,\"scores\":[10.00]}]},"
	     "\"pagination\":{\"page\":2,\"limit\":1,\"total\":2,\"pages\":2}}");
	ask_for(&reply, &class.daemon, class.teacher, "GET /api/courses/%s/gradebook.csv", class.course, NULL);
	check_is(&reply, 200,
		 "\"Name\",\"Display name\",\"'=HYPERLINK(\"\"http://x\"\") (10)\",\"Total\"\r\n"
		 "\"ada\",\"ada\",7.5,7.5\r\n\"ben\",\"ben\",10,10\r\n");
	CHECK(strstr(reply.head, "Content-Type: text/csv; charset=utf-8\r\n") &&
		      strstr(reply.head, "Content-Disposition: attachment; filename=\"gradebook.csv\"\r\n"),
	      "%s", reply.head);
	reply_release(&reply);
	says(&class.daemon, class.teacher, "GET /api/courses/%s/activity", class.course, NULL, 200,
	     "\"slug\":\"one\",\"what\":\"submitted\",\"at\":\"2026-09-21T14:13:20.000Z\",\"best\":75.0}");
	failing = inside(&class, "GET", "assignments", id, "/failing");
	says(&class.daemon, class.teacher, failing, NULL, NULL, 200,
	     "\"data\":[{\"pack\":\"basics\",\"slug\":\"one\",\"test\":\"empty\",\"students\":1}]}");
	free(failing);
	free(id);
	class_close(&class);
}

static void test_leaderboard(void)
{
	struct class class;
	char *id = judged_class(&class);

	says(&class.daemon, class.ada, "GET /api/courses/%s/leaderboard", class.course, NULL, 200,
	     "[{\"rank\":1,\"display\":\"ben\",\"team\":null,\"total\":10.0,\"me\":false},"
	     "{\"rank\":2,\"display\":\"ada\",\"team\":null,\"total\":7.5,\"me\":true}]");
	says(&class.daemon, class.ada, "GET /api/courses/%s/leaderboard?limit=1&page=2", class.course, NULL, 200,
	     "[{\"rank\":2,");
	refuses(&class.daemon, class.ben, "PUT /api/courses/%s/leaderboard", class.course, "{}", 422,
		"VALIDATION_ERROR", "'shown' must be true or false");
	says(&class.daemon, class.ben, "PUT /api/courses/%s/leaderboard", class.course, "{\"shown\":false}", 200,
	     "\"changed\":true");
	says(&class.daemon, class.ada, "GET /api/courses/%s/leaderboard", class.course, NULL, 200,
	     "[{\"rank\":1,\"display\":\"ada\"");
	says(&class.daemon, class.ben, "GET /api/courses/%s", class.course, NULL, 200, "\"on_leaderboard\":false");
	free(id);
	class_close(&class);
}

static void test_teams(void)
{
	struct class class;
	char *id = judged_class(&class), *red, *body, *ada;

	red = made(&class.daemon, class.teacher, "POST /api/courses/%s/teams", class.course, "{\"name\":\"Red\"}",
		   "id");
	refuses(&class.daemon, class.teacher, "POST /api/courses/%s/teams", class.course, "{\"name\":\"Red\"}", 409,
		"CONFLICT", "this course has a team of that name");
	body = kl_format("{\"team\":\"%s\"}", red);
	ada = inside(&class, "PUT", "students", class.ada_id, "");
	says(&class.daemon, class.teacher, ada, NULL, body, 200, "\"changed\":true");
	says(&class.daemon, class.ada, "GET /api/courses/%s/teams", class.course, NULL, 200,
	     "\"name\":\"Red\",\"members\":1,\"score\":7.5}]");
	says(&class.daemon, class.teacher, ada, NULL, "{\"role\":\"INSTRUCTOR\",\"team\":\"x\"}", 404, NOT_THERE);
	says(&class.daemon, class.teacher, ada, NULL, "{\"team\":\"\"}", 200, "\"changed\":true"); /* still a student */
	free(ada);
	ada = inside(&class, "PUT", "teams", red, "");
	says(&class.daemon, class.teacher, ada, NULL, "{\"name\":\"Blue\"}", 200, "\"changed\":true");
	free(ada);
	ada = inside(&class, "DELETE", "teams", red, "");
	says(&class.daemon, class.teacher, ada, NULL, NULL, 200, "\"removed\":true");
	refuses(&class.daemon, class.teacher, ada, NULL, NULL, 404, "NOT_FOUND", NOT_THERE);
	free(ada);
	free(body);
	free(red);
	free(id);
	class_close(&class);
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

enum who { NOBODY, OUTSIDER, OTHER_TEACHER, STUDENT, ASSISTANT, TEACHER, ADMIN, WHO_COUNT };

/* What each may: the answer's status. 404 is the same as for what is not there at all. */
/* clang-format off */
static const struct {
	const char *where, *body;
	int status[WHO_COUNT];
} rights[] = { /*                                       nobody outs. other stud. assi. teach. admin */
	{ "GET /api/courses/%s",               NULL,    { 401,   404,  404,  200,  200,  200,  200 } },
	{ "PUT /api/courses/%s",               "{}",    { 401,   404,  404,  403,  403,  200,  200 } },
	{ "POST /api/courses/%s/code",         "{}",    { 401,   404,  404,  403,  403,  200,  200 } },
	{ "GET /api/courses/%s/students",      NULL,    { 401,   404,  404,  403,  200,  200,  200 } },
	{ "GET /api/courses/%s/roster",        NULL,    { 401,   404,  404,  403,  200,  200,  200 } },
	{ "POST /api/courses/%s/roster",       "{}",    { 401,   404,  404,  403,  403,  415,  415 } },
	{ "GET /api/courses/%s/assignments",   NULL,    { 401,   404,  404,  200,  200,  200,  200 } },
	{ "POST /api/courses/%s/assignments",  "{}",    { 401,   404,  404,  403,  403,  422,  422 } },
	{ "GET /api/courses/%s/gradebook",     NULL,    { 401,   404,  404,  403,  200,  200,  200 } },
	{ "GET /api/courses/%s/gradebook.csv", NULL,    { 401,   404,  404,  403,  200,  200,  200 } },
	{ "GET /api/courses/%s/leaderboard",   NULL,    { 401,   404,  404,  200,  200,  200,  200 } },
	{ "GET /api/courses/%s/activity",      NULL,    { 401,   404,  404,  403,  200,  200,  200 } },
	{ "GET /api/courses/%s/teams",         NULL,    { 401,   404,  404,  200,  200,  200,  200 } },
	{ "POST /api/courses/%s/teams",        "{}",    { 401,   404,  404,  403,  403,  422,  422 } },
	{ "GET /api/courses/%s/assignments/" OTHER_ID,            NULL, { 401, 404, 404, 404, 404, 404, 404 } },
	{ "PUT /api/courses/%s/assignments/" OTHER_ID,            "{}", { 401, 404, 404, 404, 404, 404, 404 } },
	{ "GET /api/courses/%s/assignments/" OTHER_ID "/failing", NULL, { 401, 404, 404, 404, 404, 404, 404 } },
	{ "PUT /api/courses/%s/students/" OTHER_ID, "{\"role\":\"STUDENT\"}", { 401, 404, 404, 403, 403, 404, 404 } },
	{ "DELETE /api/courses/%s/teams/" OTHER_ID, NULL,         { 401, 404, 404, 403, 403, 404, 404 } },
};
/* clang-format on */

static void test_rights(void)
{
	struct class class;
	struct reply reply;
	char *people[WHO_COUNT] = { NULL }, *ben, *body;

	class_open(&class);
	people[OUTSIDER] = signed_in(&class.daemon, "zoe", "student");
	people[OTHER_TEACHER] = signed_in(&class.daemon, "other", "instructor");
	people[STUDENT] = class.ada;
	people[ASSISTANT] = class.ben;
	people[TEACHER] = class.teacher;
	people[ADMIN] = signed_in(&class.daemon, "root", "admin");
	body = kl_format("{\"code\":\"%s\"}", class.code);
	says(&class.daemon, class.ben, "POST /api/courses/join", NULL, body, 201, "STUDENT");
	ben = inside(&class, "PUT", "students", class.ben_id, "");
	says(&class.daemon, class.teacher, ben, NULL, "{\"role\":\"TEACHING_ASSISTANT\"}", 200, "changed");
	for (size_t i = 0; i < KL_LENGTH(rights); i++)
		for (int who = NOBODY; who < WHO_COUNT; who++) {
			ask_for(&reply, &class.daemon, people[who], rights[i].where, class.course, rights[i].body);
			CHECK(reply.status == rights[i].status[who], "%s by %d: expected %d, got %d %s",
			      rights[i].where, who, rights[i].status[who], reply.status, reply.body);
			CHECK(reply.status != 404 || strstr(reply.body, NOT_THERE), "%s: %s", rights[i].where,
			      reply.body);
			reply_release(&reply);
			if (who == NOBODY)
				continue;
			ask_for(&reply, &class.daemon, people[who], rights[i].where, OTHER_ID, rights[i].body);
			CHECK(reply.status == 404 && strstr(reply.body, NOT_THERE), "%s by %d of no course: %d %s",
			      rights[i].where, who, reply.status, reply.body);
			reply_release(&reply);
		}
	free(ben);
	free(body);
	free(people[OUTSIDER]);
	free(people[OTHER_TEACHER]);
	free(people[ADMIN]);
	class_close(&class);
}

const struct test courses_tests[] = {
	{ "courses_are_joined_with_a_code", test_life },
	{ "A04_codes_are_not_guessed", test_guessing },
	{ "members_of_a_course", test_members },
	{ "roster_of_a_course", test_roster },
	{ "assignments_and_extensions", test_assignments },
	{ "embargo_hides_an_assignment", test_embargo },
	{ "I06_gradebook_is_no_formula", test_gradebook },
	{ "leaderboard_can_be_left", test_leaderboard },
	{ "teams_of_a_course", test_teams },
	{ "A01_A02_rights_in_a_course", test_rights },
	{ NULL, NULL },
};
