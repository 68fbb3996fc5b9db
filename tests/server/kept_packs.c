/* A pack that is for a course alone: nobody outside sees it anywhere, and nobody inside before something of it has opened. */

#include <signal.h>

#include <kodelab/alloc.h>
#include <kodelab/archive.h>

#include "tests/server/harness.h"
#include "tests/server/ledger.h"

#define CONFIG "judge.enabled = false\n"
#define NOW    INT64_C(1790000000000) /* 2026-09-21 14:13:20 UTC */
#define HOUR   INT64_C(3600000)
#define ABSENT                                                                                                         \
	"{\"success\":false,\"error\":{\"message\":\"there is no such thing, or it is not yours to see\","             \
	"\"code\":\"NOT_FOUND\",\"details\":{}}}"

/* clang-format off */
static const struct { const char *name, *text; } files[] = {
	{ "pack.json", "{\"format\":1,\"id\":\"sealed\",\"title\":\"Sealed\",\"challenges\":[\"one\"]}" },
	{ "one/challenge.json", "{\"format\":1,\"title\":\"One\",\"summary\":\"Print it.\",\"difficulty\":\"beginner\","
				"\"category\":\"sealed-things\",\"minutes\":5,\"kind\":\"program\",\"hints\":[\"Print.\"]}" },
	{ "one/statement.md", "Print the letter x, once, and nothing else at all.\n" },
	{ "one/tests.json", "{\"tests\":[{\"id\":\"a\",\"sample\":true,\"stdin\":\"\",\"stdout\":\"x\"},"
			    "{\"id\":\"b\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"x\"}]}" },
	{ "one/starter/python.py", "pass\n" },
	{ "one/solution/python.py", "print('x')\n" },
};
/* clang-format on */

static void send_pack(const struct daemon *daemon, const char *target, const char *who, int status, const char *part)
{
	struct kl_archive archive = { .files = NULL };
	char *headers = kl_format("%sContent-Type: application/gzip\r\n", who), *bytes;
	struct reply reply;
	size_t len;

	for (size_t i = 0; i < KL_LENGTH(files); i++)
		kl_archive_add(&archive, files[i].name, files[i].text, strlen(files[i].text));
	kl_archive_sort(&archive);
	CHECK(!kl_archive_write(&bytes, &len, &archive, NULL), "the archive cannot be written");
	ask_bytes(&reply, daemon, target, headers, bytes, len);
	check_has(&reply, status, part);
	reply_release(&reply);
	kl_archive_release(&archive);
	free(bytes);
	free(headers);
}

static void publish(const struct daemon *daemon, const char *who)
{
	send_pack(daemon, "POST /api/packs", who, 201, "\"pack\":\"sealed\"");
}

static char *made(const struct daemon *daemon, const char *target, const char *who, const char *body, const char *name)
{
	char *headers = kl_format("%s%s", who, body ? JSON : ""), *text;
	struct reply reply;

	ask(&reply, daemon, target, headers, body);
	CHECK(reply.status == 200 || reply.status == 201, "%s: %d %s", target, reply.status, reply.body);
	text = member_of(reply.body, name);
	reply_release(&reply);
	free(headers);
	return text;
}

static void expect(const struct daemon *daemon, const char *target, const char *who, int status, const char *part)
{
	struct reply reply;

	ask(&reply, daemon, target, who, NULL);
	CHECK(reply.status == status && strstr(reply.body, part), "%s: expected %d %s\n got %d %s", target, status,
	      part, reply.status, reply.body);
	reply_release(&reply);
}

static const char *const lists[] = { "GET /api/packs", "GET /api/challenges", "GET /api/challenges/categories",
				     "GET /api/analytics/me" };
static const char *const things[] = { "GET /api/packs/sealed", "GET /api/packs/sealed/archive",
				      "GET /api/challenges/sealed/one" };

static void sees(const struct daemon *daemon, const char *who)
{
	for (size_t i = 0; i < KL_LENGTH(lists); i++)
		expect(daemon, lists[i], who, 200, "sealed");
	for (size_t i = 0; i < KL_LENGTH(things); i++)
		expect(daemon, things[i], who, 200, "");
}

static void sees_nothing(const struct daemon *daemon, const char *who)
{
	struct reply reply;

	for (size_t i = 0; i < KL_LENGTH(lists); i++) {
		ask(&reply, daemon, lists[i], who, NULL);
		CHECK(reply.status == 200 && !strstr(reply.body, "sealed"), "%s: %s", lists[i], reply.body);
		reply_release(&reply);
	}
	for (size_t i = 0; i < KL_LENGTH(things); i++) {
		ask(&reply, daemon, things[i], who, NULL);
		check_is(&reply, 404, ABSENT);
		reply_release(&reply);
	}
}

/* Who sets what he does not see in a course of his own does not hear whether it is there. */
static void sets_it_blindly(const struct daemon *daemon, const char *who)
{
	char *course = made(daemon, "POST /api/courses", who, "{\"title\":\"Q\"}", "id");
	char *target = kl_format("POST /api/courses/%s/assignments", course);

	expect_has(daemon, target, who,
		   "{\"title\":\"Guess\",\"items\":[{\"pack\":\"sealed\",\"slug\":\"one\",\"points\":1}]}", 201,
		   "\"published\":false}");
	free(target);
	target = kl_format("GET /api/courses/%s/assignments", course);
	expect(daemon, target, who, 200, "\"published\":false}");
	expect(daemon, "GET /api/sync", who, 200, "\"published\":false}");
	free(target);
	free(course);
}

static void test_kept(void)
{
	struct daemon daemon;
	char *teacher, *other, *ada, *zoe, *course, *code, *target, *body;

	daemon_prepare(&daemon, CONFIG);
	daemon.clock_ms = NOW;
	daemon_start_again(&daemon);
	teacher = signed_in(&daemon, "teacher", "instructor");
	other = signed_in(&daemon, "other", "instructor");
	ada = signed_in(&daemon, "ada", "student");
	zoe = signed_in(&daemon, "zoe", "student");
	publish(&daemon, teacher);
	course = made(&daemon, "POST /api/courses", teacher, "{\"title\":\"P\"}", "id");
	target = kl_format("GET /api/courses/%s", course);
	code = made(&daemon, target, teacher, NULL, "code");
	body = kl_format("{\"code\":\"%s\"}", code);
	free(made(&daemon, "POST /api/courses/join", ada, body, "id"));
	sees(&daemon, ada);
	sees(&daemon, zoe);
	free(target);
	target = kl_format("PUT /api/courses/%s/packs/sealed", course);
	free(made(&daemon, target, teacher, "{}", "id"));
	expect(&daemon, target, other, 404, ABSENT);
	expect(&daemon, target, ada, 404, ABSENT);
	sees(&daemon, teacher);
	sees_nothing(&daemon, other);
	sets_it_blindly(&daemon, other);
	expect(&daemon, "GET /api/analytics/challenge/sealed/one", teacher, 200, "\"slug\":\"one\"");
	expect(&daemon, "GET /api/analytics/challenge/sealed/one", other, 404, ABSENT);
	sees_nothing(&daemon, ada);
	sees_nothing(&daemon, zoe);
	free(target);
	target = kl_format("POST /api/courses/%s/assignments", course);
	free(made(&daemon, target, teacher,
		  "{\"title\":\"W\",\"opens_at\":\"2026-09-21T15:00:00Z\","
		  "\"items\":[{\"pack\":\"sealed\",\"slug\":\"one\",\"points\":1}]}",
		  "id"));
	sees_nothing(&daemon, ada);
	daemon_stop(&daemon, SIGTERM);
	daemon.clock_ms = NOW + HOUR;
	daemon_start_again(&daemon);
	sees(&daemon, ada);
	sees_nothing(&daemon, zoe);
	expect(&daemon, "GET /api/sync", ada, 200, "\"body\":{\"pack\":\"sealed\"");
	expect(&daemon, "GET /api/sync", zoe, 200, "\"subject\":\"sealed\",\"seq\":");
	expect(&daemon, "GET /api/sync", zoe, 200, "\"body\":null}");
	hands_in(&daemon, zoe, "sealed", "one", 404, "the server has no challenge 'sealed/one'");
	hands_in(&daemon, ada, "sealed", "one", 201, "\"end\":\"stored\"");
	free(target);
	target = kl_format("GET /api/courses/%s/packs", course);
	expect(&daemon, target, teacher, 200, "[{\"pack\":\"sealed\"}]");
	free(target);
	target = kl_format("DELETE /api/courses/%s/packs/sealed", course);
	expect(&daemon, target, ada, 403,
	       "only the pack's author can do this, as an instructor of the course; ask him");
	expect(&daemon, target, teacher, 200, "\"removed\":true");
	sees(&daemon, zoe);
	expect(&daemon, target, teacher, 404, "NOT_FOUND");
	free(target);
	free(body);
	free(code);
	free(course);
	free(teacher);
	free(other);
	free(ada);
	free(zoe);
	daemon_remove(&daemon);
}

/* From its first moment nobody outside sees it; and what cannot be kept is not published. */
static void test_published_kept(void)
{
	struct daemon daemon;
	char *teacher, *other, *zoe, *course, *target;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	other = signed_in(&daemon, "other", "instructor");
	zoe = signed_in(&daemon, "zoe", "student");
	course = made(&daemon, "POST /api/courses", teacher, "{\"title\":\"P\"}", "id");
	target = kl_format("POST /api/courses/%s/packs", course);
	send_pack(&daemon, target, other, 404, ABSENT);
	send_pack(
		&daemon, target, zoe, 403,
		"only an instructor of the class server who is one of the course, too, can do this; ask an administrator");
	sees_nothing(&daemon, teacher);
	send_pack(&daemon, target, teacher, 201, "\"version\":1");
	sees(&daemon, teacher);
	sees_nothing(&daemon, zoe);
	expect(&daemon, "GET /api/sync", zoe, 200, "\"body\":null}");
	send_pack(&daemon, target, teacher, 200, "\"published\":false"); /* again: as it is */
	sees_nothing(&daemon, zoe);
	free(target);
	target = kl_format("DELETE /api/courses/%s/packs/sealed", course);
	expect(&daemon, target, teacher, 200, "\"removed\":true");
	sees(&daemon, zoe);
	free(target);
	target = kl_format("POST /api/courses/%s/packs", course);
	send_pack(&daemon, target, teacher, 200, "\"published\":false"); /* the same version, kept again */
	sees_nothing(&daemon, zoe);
	free(target);
	free(course);
	free(teacher);
	free(other);
	free(zoe);
	daemon_remove(&daemon);
}

const struct test kept_packs_tests[] = {
	{ "packs_published_for_a_course", test_published_kept },
	{ "packs_for_a_course_alone", test_kept },
	{ NULL, NULL },
};
