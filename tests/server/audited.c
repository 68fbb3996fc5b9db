/* Who administers or teaches leaves a trace of what he does. */

#include <kodelab/alloc.h>

#include "tests/server/ledger.h"

#define CONFIG CLASS_CONFIG "judge.enabled = false\n"

static char *made(const struct daemon *daemon, const char *target, const char *who, const char *body, const char *name)
{
	char *headers = kl_format("%s" JSON, who), *text;
	struct reply reply;

	ask(&reply, daemon, target, headers, body);
	CHECK(reply.status == 200 || reply.status == 201, "%s: %d %s", target, reply.status, reply.body);
	text = member_of(reply.body, name);
	reply_release(&reply);
	free(headers);
	return text;
}

/* The newest row of that action is about this. */
static void noted(const struct daemon *daemon, const char *root, const char *action, const char *name,
		  const char *subject, const char *detail)
{
	char *target = kl_format("GET /api/audit?limit=1&action=%s", action);
	char *part = kl_format("\"name\":\"%s\",\"action\":\"%s\",\"subject\":\"%s\",\"detail\":\"%s\"", name, action,
			       subject, detail);

	expect_has(daemon, target, root, NULL, 200, part);
	free(target);
	free(part);
}

static void test_administrator(void)
{
	struct daemon daemon;
	char *root, *id, *target;

	daemon_start(&daemon, CONFIG);
	publish_tiny(&daemon);
	root = signed_in(&daemon, "root", "admin");
	id = made(&daemon, "POST /api/admin/rejudge", root, "{\"pack\":\"tiny\",\"slug\":\"echo\"}", "id");
	noted(&daemon, root, "rejudge.begin", "root", id, "tiny/echo");
	expect_has(&daemon, "POST /api/admin/reload", root, NULL, 200, "\"reloaded\":true");
	noted(&daemon, root, "server.reload", "root", "", "the configuration");
	free(made(&daemon, "POST /api/admin/backup", root, "{}", "file"));
	expect_has(&daemon, "GET /api/audit?limit=1&action=server.backup", root, NULL, 200, "\"subject\":\"kodelabd-");
	free(made(&daemon, "POST /api/instances", root, "{\"name\":\"far\",\"url\":\"http://127.0.0.1:1\"}", "name"));
	noted(&daemon, root, "instance.add", "root", "far", "self-hosted");
	free(id);
	id = made(&daemon, "POST /api/holds", root,
		  "{\"instance\":\"far\",\"exam\":\"midterm\",\"requests\":5,\"from\":\"2026-12-01T08:00:00Z\","
		  "\"to\":\"2026-12-01T10:00:00Z\"}",
		  "id");
	noted(&daemon, root, "hold.add", "root", id, "5 of far for midterm");
	target = kl_format("DELETE /api/holds/%s", id);
	free(made(&daemon, target, root, NULL, "id"));
	noted(&daemon, root, "hold.remove", "root", id, "given back");
	free(made(&daemon, "DELETE /api/instances/far", root, NULL, "name"));
	noted(&daemon, root, "instance.remove", "root", "far", "taken away");
	daemon_remove(&daemon);
	free(root);
	free(id);
	free(target);
}

static void test_teacher(void)
{
	char *root, *teacher, *course, *assignment, *base, *target, *detail;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, CONFIG);
	publish_tiny(&daemon); /* by "teacher" */
	root = signed_in(&daemon, "root", "admin");
	teacher = signed_in(&daemon, "teacher", "instructor");
	course = made(&daemon, "POST /api/courses", teacher, "{\"title\":\"P\"}", "id");
	base = kl_format("/api/courses/%s", course);
	detail = kl_format("in course %s", course);
	target = kl_format("PUT %s", base);
	free(made(&daemon, target, teacher, "{\"archived\":true}", "id"));
	noted(&daemon, root, "course.change", "teacher", course, "archived, joining by code");
	free(target);
	target = kl_format("POST %s/assignments", base);
	assignment = made(&daemon, target, teacher, "{\"title\":\"A\",\"due_at\":\"2030-01-01T00:00:00Z\"}", "id");
	noted(&daemon, root, "assignment.set", "teacher", assignment, detail);
	free(target);
	target = kl_format("PUT %s/assignments/%s", base, assignment);
	free(made(&daemon, target, teacher, "{\"due_at\":\"2030-02-01T00:00:00Z\"}", "id"));
	noted(&daemon, root, "assignment.change", "teacher", assignment, detail);
	free(target);
	target = kl_format("PUT %s/packs/tiny", base);
	free(made(&daemon, target, teacher, "{}", "id"));
	noted(&daemon, root, "pack.keep", "teacher", "tiny", detail);
	free(target);
	target = kl_format("DELETE %s/packs/tiny", base);
	free(made(&daemon, target, teacher, NULL, "id"));
	noted(&daemon, root, "pack.open", "teacher", "tiny", detail);
	free(target);
	target = kl_format("POST %s/roster", base);
	free(detail);
	detail = kl_format("%sContent-Type: text/csv\r\n", teacher);
	ask(&reply, &daemon, target, detail, "ada\nbob\n");
	check_has(&reply, 200, "\"names\":2");
	reply_release(&reply);
	noted(&daemon, root, "roster.put", "teacher", course, "2 names");
	free(target);
	target = kl_format("DELETE %s/roster/ada", base);
	free(made(&daemon, target, teacher, NULL, "id"));
	noted(&daemon, root, "roster.remove", "teacher", course, "ada");
	daemon_remove(&daemon);
	free(root);
	free(teacher);
	free(course);
	free(assignment);
	free(base);
	free(target);
	free(detail);
}

static void joins(const struct daemon *daemon, const char *who, const char *code)
{
	char *body = kl_format("{\"code\":\"%s\"}", code);

	free(made(daemon, "POST /api/courses/join", who, body, "id"));
	free(body);
}

/* Whose code it is, is who signs in: that is for the instructor alone, and for those alone who are no more than students anywhere. */
static void test_reset_codes(void)
{
	char *teacher, *other, *ada, *ben, *course, *second, *code, *ada_id, *ben_id, *target, *reset;
	struct daemon daemon;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	other = signed_in(&daemon, "other", "instructor");
	ada = signed_in(&daemon, "ada", "student");
	ben = signed_in(&daemon, "ben", "student");
	ada_id = made(&daemon, "GET /api/auth/me", ada, NULL, "id");
	ben_id = made(&daemon, "GET /api/auth/me", ben, NULL, "id");
	course = made(&daemon, "POST /api/courses", teacher, "{\"title\":\"P\"}", "id");
	second = made(&daemon, "POST /api/courses", other, "{\"title\":\"Q\"}", "id");
	target = kl_format("GET /api/courses/%s", course);
	code = made(&daemon, target, teacher, NULL, "code");
	joins(&daemon, ada, code);
	joins(&daemon, ben, code);
	free(code);
	free(target);
	target = kl_format("GET /api/courses/%s", second);
	code = made(&daemon, target, other, NULL, "code");
	joins(&daemon, ben, code);
	free(target);
	target = kl_format("PUT /api/courses/%s/students/%s", course, ben_id); /* ben assists where ada learns */
	free(made(&daemon, target, teacher, "{\"role\":\"TEACHING_ASSISTANT\"}", "id"));
	reset = kl_format("POST /api/users/%s/reset-code", ada_id);
	expect_has(&daemon, reset, ben, NULL, 404, "or it is not yours to see");
	free(made(&daemon, reset, teacher, NULL, "code"));
	free(reset);
	reset = kl_format("POST /api/users/%s/reset-code", ben_id);
	expect_has(&daemon, reset, other, NULL, 404, "or it is not yours to see");
	daemon_remove(&daemon);
	free(teacher);
	free(other);
	free(ada);
	free(ben);
	free(course);
	free(second);
	free(code);
	free(ada_id);
	free(ben_id);
	free(target);
	free(reset);
}

const struct test audited_tests[] = {
	{ "audited_administrator", test_administrator },
	{ "audited_teacher", test_teacher },
	{ "A01_reset_codes", test_reset_codes },
	{ NULL, NULL },
};
