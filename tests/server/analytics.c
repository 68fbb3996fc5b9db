/* What a student did and how challenges fare, over HTTP. */

#include <kodelab/alloc.h>

#include "tests/server/ledger.h"

static void expect(const struct daemon *daemon, const char *target, const char *who, int status, const char *part)
{
	struct reply reply;

	ask(&reply, daemon, target, who, NULL);
	check_has(&reply, status, part);
	reply_release(&reply);
}

static void test_analytics(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *ada, *bob, *teacher;

	daemon_start(&daemon, CLASS_CONFIG);
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	ada = signed_in(&daemon, "ada", "student");
	bob = signed_in(&daemon, "bob", "student");
	teacher = signed_in(&daemon, "teacher", "instructor");
	expect(&daemon, "GET /api/analytics/me", ada, 200, "\"submissions\":0,\"passed\":0,\"success_percent\":0.0,");
	expect(&daemon, "GET /api/analytics/challenge/tiny/echo", teacher, 200, "\"submissions\":0,");
	CHECK(hand_in(ledger, &daemon, ada, ledger_add(ledger, BAD_ECHO), "echo", BAD_ECHO) == 201, "not taken");
	await_verdicts(&daemon);
	CHECK(hand_in(ledger, &daemon, ada, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201, "not taken");
	CHECK(hand_in(ledger, &daemon, bob, ledger_add(ledger, BAD_ECHO), "echo", BAD_ECHO) == 201, "not taken");
	await_verdicts(&daemon);
	expect(&daemon, "GET /api/analytics/me", ada, 200,
	       "\"summary\":{\"challenges\":3,\"tried\":1,\"solved\":1,\"submissions\":2,\"passed\":1,\"success_percent\":50.0,");
	expect(&daemon, "GET /api/analytics/me", ada, 200,
	       "\"languages\":[{\"language\":\"bash\",\"submissions\":2,\"passed\":1}]");
	expect(&daemon, "GET /api/analytics/me", ada, 200,
	       "\"submissions\":2,\"passed\":1,\"solved\":1}],\"recent\":[{");
	expect(&daemon, "GET /api/analytics/me", bob, 200, "\"tried\":1,\"solved\":0,\"submissions\":1,\"passed\":0,");
	expect(&daemon, "GET /api/analytics/instructor/challenges", teacher, 200,
	       "\"submissions\":3,\"passed\":1,\"pass_percent\":33.3,\"tried\":2,\"solved\":1,\"solved_percent\":50.0,");
	expect(&daemon, "GET /api/analytics/instructor/challenges?pack=none", teacher, 200, "\"data\":[]");
	expect(&daemon, "GET /api/analytics/instructor/challenges?limit=0", teacher, 422, "'limit' must be");
	expect(&daemon, "GET /api/analytics/challenge/tiny/echo", teacher, 200,
	       "\"verdicts\":[{\"verdict\":\"wrong_answer\",\"submissions\":2},{\"verdict\":\"passed\",\"submissions\":1}]");
	expect(&daemon, "GET /api/analytics/challenge/tiny/echo", teacher, 200,
	       "\"tries\":[{\"submissions\":2,\"students\":1}]");
	expect(&daemon, "GET /api/analytics/challenge/tiny/none", teacher, 404, "or it is not yours to see");
	expect(&daemon, "GET /api/analytics/challenge/tiny/echo", ada, 403,
	       "only instructors can do this; an administrator of the class server can make you one");
	expect(&daemon, "GET /api/analytics/me", NULL, 401, "sign in first");
	daemon_remove(&daemon);
	free(ada);
	free(bob);
	free(teacher);
}

const struct test analytics_tests[] = {
	{ "analytics", test_analytics },
	{ NULL, NULL },
};
