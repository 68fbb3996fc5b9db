/*
 * The chaos proxy: plans are the same for the same seed, and each fault is what its name says, seen by the client that it
 * is made for.
 *
 * links: tests/unit/http_server.c tests/judge/chaos_http.c tests/judge/chaos_plan.c tests/judge/chaos_proxy.c
 */

#include "tests/unit/http_scene.h"
#include "tests/unit/http_server.h"

#include <kodelab/json.h>

#include "tests/judge/chaos_proxy.h"

#define ANSWER                                                                                                         \
	"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 26\r\n\r\n"    \
	"{\"token\":\"a-b-c\",\"n\":[12]}"
#define FAULT_MS 600 /* deadline of a request whose answer never comes */

static size_t profile_of(const char *name)
{
	size_t profile;

	assert_true(chaos_profile_find(&profile, name));
	return profile;
}

static void plans_depend_on_seed_and_number_alone(void **state)
{
	size_t all = profile_of("all"), same = 0;

	(void)state;
	for (uint64_t n = 0; n < 1000; n++) {
		struct chaos_plan plan = chaos_plan_of(all, 7, n, false), again = chaos_plan_of(all, 7, n, false);
		struct chaos_plan other = chaos_plan_of(all, 8, n, false);

		assert_int_equal(plan.fault, again.fault);
		assert_int_equal(plan.request, again.request);
		assert_int_equal(plan.forward, again.forward);
		assert_int_equal(plan.delay_ms, again.delay_ms);
		assert_int_equal(plan.permille, again.permille);
		assert_int_equal(plan.retry_after_s, again.retry_after_s);
		same += plan.fault == other.fault && plan.delay_ms == other.delay_ms;
	}
	assert_true(same < 100);
}

static void profiles_deal_what_they_promise(void **state)
{
	static const struct {
		const char *profile;
		bool raw;
		const char *faults; /* all of these, and no others */
	} cases[] = {
		{ "calm", false, "none" },
		{ "slow", false, "none delay drip" },
		{ "cut", false, "none drop-before drop-after reset truncate half-open" },
		{ "storm", false, "none 429 500 502 503" },
		{ "liar", false, "none json portal" },
		{ "twice", false, "none duplicate drop-after" },
		{ "tls", true, "none tls-cut tls-plain tls-flip reset half-open" },
		{ "all", true, "none delay drop-before reset half-open tls-cut tls-plain tls-flip" },
		{ "all", false,
		  "none delay drop-before drop-after reset duplicate truncate drip 429 500 502 503 json portal half-open" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		bool seen[CHAOS_FAULTS] = { false };
		size_t words = 1;

		for (uint64_t n = 0; n < 3000; n++)
			seen[chaos_plan_of(profile_of(cases[i].profile), 1, n, cases[i].raw).fault] = true;
		for (const char *c = cases[i].faults; *c; c++)
			words += *c == ' ';
		for (int fault = 0; fault < CHAOS_FAULTS; fault++) {
			if (!seen[fault])
				continue;
			words--;
			assert_non_null(strstr(cases[i].faults, chaos_fault_name((enum chaos_fault)fault)));
		}
		assert_int_equal(words, 0);
	}
}

static void storms_last(void **state)
{
	int storms = 0;

	(void)state;
	for (uint64_t group = 0; group < 100; group++) {
		bool same = true;
		enum chaos_fault first = chaos_plan_of(profile_of("storm"), 3, group * 8, false).fault;

		for (uint64_t n = 1; n < 8; n++)
			same &= chaos_plan_of(profile_of("storm"), 3, group * 8 + n, false).fault == first;
		storms += same && first >= CHAOS_429 && first <= CHAOS_503;
	}
	assert_in_range(storms, 25, 55); /* 40 of 100 */
}

/* --- what the client sees ----------------------------------------------------------------------------------------- */

/* A seed whose first connection gets that fault at that request. */
static uint64_t seed_for(enum chaos_fault fault, int request, bool raw, struct chaos_plan *plan)
{
	for (uint64_t seed = 1; seed < 100000; seed++) {
		*plan = chaos_plan_of(profile_of("all"), seed, 0, raw);
		if (plan->fault == fault && plan->request == request)
			return seed;
	}
	fail();
	return 0;
}

static const struct {
	enum chaos_fault fault;
	enum kl_http_end end;
	int status;
	int heard; /* requests that reach the server; -1: by the plan */
} faults[] = {
	{ CHAOS_NONE, KL_HTTP_ANSWERED, 201, 1 },    { CHAOS_DELAY, KL_HTTP_ANSWERED, 201, 1 },
	{ CHAOS_DROP_BEFORE, KL_HTTP_BROKEN, 0, 0 }, { CHAOS_DROP_AFTER, KL_HTTP_BROKEN, 0, 1 },
	{ CHAOS_RESET, KL_HTTP_BROKEN, 0, 1 },       { CHAOS_DUPLICATE, KL_HTTP_ANSWERED, 201, 2 },
	{ CHAOS_TRUNCATE, KL_HTTP_BROKEN, 0, 1 },    { CHAOS_DRIP, KL_HTTP_ANSWERED, 201, 1 },
	{ CHAOS_429, KL_HTTP_ANSWERED, 429, 0 },     { CHAOS_500, KL_HTTP_ANSWERED, 500, -1 },
	{ CHAOS_502, KL_HTTP_ANSWERED, 502, -1 },    { CHAOS_503, KL_HTTP_ANSWERED, 503, 0 },
	{ CHAOS_JSON, KL_HTTP_ANSWERED, 201, 1 },    { CHAOS_PORTAL, KL_HTTP_ANSWERED, 200, 0 },
	{ CHAOS_HALF_OPEN, KL_HTTP_LATE, 0, -1 },
};

static bool is_json(const struct outcome *outcome)
{
	struct kl_json *doc;

	if (kl_json_parse(&doc, outcome->body, outcome->body_len, 1000, "answer", NULL))
		return false;
	kl_json_free(doc);
	return true;
}

static void deal_one(struct scene *scene, size_t row, int request)
{
	static const struct act acts[] = { { .path = "/submissions", .answer = ANSWER, .close = true }, { 0 } };
	enum chaos_fault fault = faults[row].fault;
	struct chaos_plan plan;
	uint64_t seed = seed_for(fault, request, false, &plan);
	struct chaos *chaos;
	struct outcome outcome;
	char url[64];
	struct kl_http_spec spec = {
		.method = "POST", .url = url, .body = "{\"language_id\":71}", .body_len = 18, .proxy = ""
	};
	int heard = faults[row].heard >= 0 ? faults[row].heard : plan.forward;

	scene->server = server_open(scene->loop, acts);
	chaos = chaos_open(scene->loop, 0, server_port(scene->server), profile_of("all"), seed, false);
	assert_non_null(chaos);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/submissions", chaos_port(chaos));
	for (int i = 0; i < request; i++) { /* the earlier ones of the connection pass */
		ask(scene, &outcome, &spec);
		assert_int_equal(outcome.status, 201);
		assert_string_equal(outcome.body, "{\"token\":\"a-b-c\",\"n\":[12]}");
		forget(&outcome);
	}
	if (faults[row].end == KL_HTTP_LATE)
		spec.deadline_ms = FAULT_MS;
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.end, faults[row].end);
	assert_int_equal(outcome.status, faults[row].status);
	assert_int_equal(server_requests(scene->server), request + heard);
	assert_int_equal(chaos_counts(chaos)->forwarded, request + heard);
	assert_int_equal(chaos_counts(chaos)->sent, request + heard);
	assert_int_equal(chaos_counts(chaos)->made, request + heard);
	assert_int_equal(chaos_counts(chaos)->given, request + (outcome.status == 201 && fault != CHAOS_JSON));
	assert_int_equal(chaos_counts(chaos)->dealt[fault], fault == CHAOS_NONE ? request + 1 : 1);
	assert_int_equal(chaos_counts(chaos)->requests, request + 1); /* nothing is sent twice */
	if (fault == CHAOS_DELAY)
		assert_true(outcome.total_us >= (plan.delay_ms - 2) * 1000); /* timers count in ms */
	if (fault == CHAOS_JSON || fault == CHAOS_PORTAL)
		assert_false(is_json(&outcome));
	if (outcome.status == 201 && fault != CHAOS_JSON)
		assert_true(is_json(&outcome));
	forget(&outcome);
	chaos_close(chaos);
	server_close(scene->server);
	scene->server = NULL;
}

static void each_fault_is_what_it_says(void **state)
{
	for (size_t i = 0; i < KL_LENGTH(faults); i++) {
		print_message("%s\n", chaos_fault_name(faults[i].fault));
		deal_one(*state, i, 0);
		if (faults[i].fault < CHAOS_429 || faults[i].fault > CHAOS_503)
			deal_one(*state, i, 2);
	}
}

static void raw_faults_are_tls_faults(void **state)
{
	static const struct {
		enum chaos_fault fault;
		enum kl_http_end end;
	} cases[] = {
		{ CHAOS_TLS_CUT, KL_HTTP_UNREACHABLE },
		{ CHAOS_TLS_PLAIN, KL_HTTP_UNREACHABLE },
		{ CHAOS_RESET, KL_HTTP_UNREACHABLE },
		{ CHAOS_HALF_OPEN, KL_HTTP_LATE },
	};
	static const struct act none[] = { { 0 } };
	struct scene *scene = *state;

	scene->server = server_open(scene->loop, none);
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct chaos_plan plan;
		uint64_t seed = seed_for(cases[i].fault, 0, true, &plan);
		struct chaos *chaos =
			chaos_open(scene->loop, 0, server_port(scene->server), profile_of("all"), seed, true);
		struct outcome outcome;
		char url[64];
		struct kl_http_spec spec = { .method = "GET", .url = url, .proxy = "" };

		snprintf(url, sizeof(url), "https://127.0.0.1:%d/", chaos_port(chaos));
		if (cases[i].end == KL_HTTP_LATE)
			spec.deadline_ms = FAULT_MS;
		ask(scene, &outcome, &spec);
		assert_int_equal(outcome.end, cases[i].end);
		assert_false(outcome.sent);
		assert_int_equal(chaos_counts(chaos)->dealt[cases[i].fault], 1);
		forget(&outcome);
		chaos_close(chaos);
	}
	assert_int_equal(server_connections(scene->server), 0);
}

static void a_flip_turns_one_bit(void **state)
{
	static const struct act acts[] = { { .answer = "HTTP/1.0 200 OK\r\n\r\n", .filler = 5000, .close = true },
					   { 0 } };
	struct scene *scene = *state;
	struct chaos *chaos;
	struct chaos_plan plan;
	struct outcome outcome;
	char url[64];
	struct kl_http_spec spec = { .method = "GET", .url = url, .proxy = "" };
	uint64_t seed = 0;
	int turned = 0;

	do { /* one that is not in the head */
		plan = chaos_plan_of(profile_of("all"), ++seed, 0, true);
	} while (plan.fault != CHAOS_TLS_FLIP || plan.permille < 10);
	scene->server = server_open(scene->loop, acts);
	chaos = chaos_open(scene->loop, 0, server_port(scene->server), profile_of("all"), seed, true);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", chaos_port(chaos));
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.body_len, 5000);
	for (size_t i = 0; i < outcome.body_len; i++)
		turned += outcome.body[i] == ('x' ^ 1);
	assert_int_equal(turned, 1);
	forget(&outcome);
	chaos_close(chaos);
}

static void profiles_can_be_switched(void **state)
{
	static const struct act acts[] = { { .path = "/submissions", .answer = ANSWER, .close = true }, { 0 } };
	struct scene *scene = *state;
	struct chaos_plan plan;
	uint64_t seed = seed_for(CHAOS_DROP_BEFORE, 0, false, &plan);
	struct chaos *chaos;
	struct outcome outcome;
	char url[64];
	struct kl_http_spec spec = { .method = "GET", .url = url, .proxy = "" };

	scene->server = server_open(scene->loop, acts);
	chaos = chaos_open(scene->loop, 0, server_port(scene->server), profile_of("all"), seed, false);
	chaos_switch(chaos, profile_of("calm"));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/submissions", chaos_port(chaos));
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.status, 201);
	assert_int_equal(chaos_counts(chaos)->dealt[CHAOS_NONE], 1);
	forget(&outcome);
	chaos_close(chaos);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_depend_on_seed_and_number_alone),
		cmocka_unit_test(profiles_deal_what_they_promise),
		cmocka_unit_test(storms_last),
		cmocka_unit_test_setup_teardown(each_fault_is_what_it_says, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(raw_faults_are_tls_faults, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(a_flip_turns_one_bit, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(profiles_can_be_switched, open_scene, close_scene),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
