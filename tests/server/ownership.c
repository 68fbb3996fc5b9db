/* Whose work is whose: ids are their users', who teaches sees what counts in his course, and nobody fills the disk alone. */

#include <signal.h>

#include <kodelab/alloc.h>

#include "tests/server/ledger.h"

#define NOT_THERE "there is no such thing, or it is not yours to see"

static void post(const struct daemon *daemon, const char *target, const char *who, const char *body, int status,
		 const char *part)
{
	char *headers = kl_format("%s" JSON, who);
	struct reply reply;

	ask(&reply, daemon, target, headers, body);
	check_has(&reply, status, part);
	reply_release(&reply);
	free(headers);
}

/* A member of what is answered; owned by the caller. */
static char *made(const struct daemon *daemon, const char *target, const char *who, const char *body, const char *name)
{
	char *headers = kl_format("%s%s", who, body ? JSON : ""), *text;
	struct reply reply;

	ask(&reply, daemon, target, headers, body);
	check_has(&reply, body ? 201 : 200, "\"success\":true");
	text = member_of(reply.body, name);
	reply_release(&reply);
	free(headers);
	return text;
}

/* --- ids -------------------------------------------------------------------------------------------------------------- */

/* Bob hands in under the id that Ada had, or will have: neither is refused, and neither hears of the other. */
static void test_ids(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *ada, *bob, *admin, *item, *target, *pulled, *best;

	daemon_start(&daemon, CLASS_CONFIG);
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	ada = signed_in(&daemon, "ada", "student");
	bob = signed_in(&daemon, "bob", "student");
	admin = signed_in(&daemon, "root", "admin");
	hand_in(ledger, &daemon, ada, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO);
	item = submission_item(ledger->entries[0].id, "echo", BAD_ECHO);
	post(&daemon, "POST /api/submissions", bob, item, 201, "\"end\":\"stored\"");
	post(&daemon, "POST /api/submissions", bob, item, 200, "\"end\":\"duplicate\"");
	CHECK(hand_in(ledger, &daemon, ada, 0, "echo", GOOD_ECHO) == 200, "hers is not known again");
	await_verdicts(&daemon);
	target = kl_format("GET /api/submissions/%s", ledger->entries[0].id);
	expect_has(&daemon, target, ada, NULL, 200, "\"verdict\":\"passed\"");
	expect_has(&daemon, target, bob, NULL, 200, "\"verdict\":\"wrong_answer\"");
	expect_has(&daemon, target, bob, NULL, 200, "\"code\":\"echo no\\n\"");
	pulled = kl_format("\"body\":{\"id\":\"%s\",\"user\":", ledger->entries[0].id);
	expect_has(&daemon, "GET /api/sync?cursor=0", ada, NULL, 200, pulled);
	expect_has(&daemon, "GET /api/sync?cursor=0", bob, NULL, 200, pulled);
	best = kl_format("\"best_submission\":\"%s\"", ledger->entries[0].id);
	expect_has(&daemon, "GET /api/users/me/progress", ada, NULL, 200, best);
	expect_has(&daemon, "GET /api/users/me/progress", bob, NULL, 200, best);
	free(best);
	expect_has(&daemon, "GET /api/users/me/submissions", bob, NULL, 200, "\"total\":1,");
	expect_has(&daemon, "GET /api/audit?action=intake.conflict", admin, NULL, 200, "\"total\":0,");
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, true);
	daemon_remove(&daemon);
	free(pulled);
	free(target);
	free(item);
	free(admin);
	free(bob);
	free(ada);
}

/* --- who teaches -------------------------------------------------------------------------------------------------------- */

/* A course of the teacher's that the student joins, with a challenge set in it, or none. Returns its id; owned. */
static char *teach(const struct daemon *daemon, const char *teacher, const char *student, const char *slug)
{
	char *code, *body, *course, *target;

	course = made(daemon, "POST /api/courses", teacher, "{\"title\":\"Echoes\"}", "id");
	target = kl_format("GET /api/courses/%s", course);
	code = made(daemon, target, teacher, NULL, "code");
	free(target);
	body = kl_format("{\"code\":\"%s\"}", code);
	post(daemon, "POST /api/courses/join", student, body, 201, "\"success\":true");
	free(body);
	target = kl_format("POST /api/courses/%s/assignments", course);
	body = kl_format("{\"title\":\"Week 1\",\"items\":[{\"pack\":\"tiny\",\"slug\":\"%s\",\"points\":10}]}", slug);
	if (*slug)
		post(daemon, target, teacher, body, 201, "\"success\":true");
	free(target);
	free(body);
	free(code);
	return course;
}

/* How she stands in the course, and what she handed in at the challenge: how many, -1: not for this teacher to see. */
static void check_pupil(const struct daemon *daemon, const char *teacher, const char *student, const char *course,
			int count)
{
	char *user = made(daemon, "GET /api/auth/me", student, NULL, "id");
	char *target = kl_format("GET /api/courses/%s/students/%s/assignments", course, user);
	char *total = kl_format("\"total\":%d,", count);

	expect_has(daemon, target, teacher, NULL, 200, "\"success\":true");
	expect_refused(daemon, target, student, NULL, 403, "FORBIDDEN",
		       "only the staff of the course can do this; its instructor can make you an assistant");
	free(target);
	target = kl_format("GET /api/courses/%s/students/%s/submissions?pack=tiny&slug=echo", course, user);
	expect_refused(daemon, target, student, NULL, 403, "FORBIDDEN",
		       "only the staff of the course can do this; its instructor can make you an assistant");
	if (count < 0)
		expect_refused(daemon, target, teacher, NULL, 404, "NOT_FOUND", NOT_THERE);
	else
		expect_has(daemon, target, teacher, NULL, 200, total);
	free(target);
	target = kl_format("GET /api/courses/%s/students/%s/submissions", course, user);
	expect_refused(daemon, target, teacher, NULL, 422, "VALIDATION_ERROR",
		       "'pack' and 'slug' must name a challenge");
	free(target);
	target = kl_format("GET /api/courses/%s/students/01a2275f-12aa-7dcf-ba51-d4034e394988/assignments", course);
	expect_refused(daemon, target, teacher, NULL, 404, "NOT_FOUND", NOT_THERE);
	free(target);
	free(total);
	free(user);
}

static void test_teachers(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *ada, *near, *far, *target, *echo, *slow;

	daemon_start(&daemon, CLASS_CONFIG);
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	ada = signed_in(&daemon, "ada", "student");
	near = signed_in(&daemon, "near", "instructor");
	far = signed_in(&daemon, "far", "instructor");
	hand_in(ledger, &daemon, ada, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO);
	target = kl_format("GET /api/submissions/%s", ledger->entries[0].id);
	expect_refused(&daemon, target, near, NULL, 404, "NOT_FOUND", NOT_THERE);
	slow = teach(&daemon, far, ada, "slow"); /* teaches her, but not this */
	free(teach(&daemon, near, ada, "")); /* teaches her nothing yet */
	expect_refused(&daemon, target, far, NULL, 404, "NOT_FOUND", NOT_THERE);
	expect_refused(&daemon, target, near, NULL, 404, "NOT_FOUND", NOT_THERE);
	echo = teach(&daemon, near, ada, "echo");
	expect_has(&daemon, target, near, NULL, 200, "\"code\":\"cat\\n\"");
	expect_refused(&daemon, target, far, NULL, 404, "NOT_FOUND", NOT_THERE);
	check_pupil(&daemon, near, ada, echo, 1);
	check_pupil(&daemon, far, ada, slow, -1);
	daemon_remove(&daemon);
	free(echo);
	free(slow);
	free(target);
	free(far);
	free(near);
	free(ada);
}

/* --- how much is kept ----------------------------------------------------------------------------------------------------- */

/* A submission of 300 KB, each of its own; the status. */
static void hand_in_large(const struct daemon *daemon, const char *who, int number, int status, const char *part)
{
	char *code = kl_format("# %0300000d\n", number), *item, id[KL_ID_SIZE];

	new_id(id);
	item = submission_item(id, "echo", code);
	post(daemon, "POST /api/submissions", who, item, status, part);
	free(item);
	free(code);
}

static void test_quota(void)
{
	static const char full[] =
		"the server keeps 1 MiB of yours, as much as of one user: ask who runs it for more; this stays with you "
		"until then";
	struct daemon daemon;
	struct reply reply;
	char *ada, *bob, *headers, *item, *body, id[KL_ID_SIZE];

	daemon_start(&daemon, CLASS_CONFIG "class.kept_mib = 1\n");
	publish_tiny(&daemon);
	ada = signed_in(&daemon, "ada", "student");
	bob = signed_in(&daemon, "bob", "student");
	for (int i = 0; i < 3; i++)
		hand_in_large(&daemon, ada, i, 201, "\"end\":\"stored\"");
	hand_in_large(&daemon, ada, 3, 429, full);
	hand_in_large(&daemon, bob, 3, 201, "\"end\":\"stored\"");
	new_id(id);
	item = submission_item(id, "echo", GOOD_ECHO);
	post(&daemon, "POST /api/submissions", ada, item, 201, "\"end\":\"stored\""); /* there is room for that */
	free(item);
	new_id(id);
	item = kl_format("# %0300000d\n", 4);
	body = submission_item(id, "echo", item);
	free(item);
	item = kl_format("{\"items\":[%s]}", body);
	headers = kl_format("%s" JSON, ada);
	ask(&reply, &daemon, "POST /api/sync/push", headers, item);
	check_has(&reply, 200, full); /* a lab keeps it, and sends it again later */
	check_has(&reply, 200, "\"code\":\"TOO_MANY_REQUESTS\"");
	reply_release(&reply);
	daemon_remove(&daemon);
	free(headers);
	free(item);
	free(body);
	free(bob);
	free(ada);
}

const struct test ownership_tests[] = {
	{ "works_ids_are_their_users", test_ids },
	{ "works_are_seen_where_they_count", test_teachers },
	{ "works_kept_are_bounded", test_quota },
	{ NULL, NULL },
};
