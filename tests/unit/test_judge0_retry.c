/* What may be repeated, where and when, and the words for it; when a result is asked for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "core/judge/judge0/judge0_int.h"

static const struct {
	int status;
	const char *body;
	enum judge0_next next;
	const char *words;
} answers[] = {
	{ 201, "{\"token\":\"x\"}", JUDGE0_GO_ON, "" },
	{ 200, "<html>sign in</html>", JUDGE0_ELSEWHERE,
	  "judge 'school' answers as no judge does: is there a sign-in page of the network in between?" },
	{ 302, "", JUDGE0_ELSEWHERE,
	  "judge 'school' answers as no judge does: is there a sign-in page of the network in between?" },
	{ 400, "{\"error\":\"wait not allowed\"}", JUDGE0_LESS, "judge 'school' does not let us wait" },
	{ 401, "", JUDGE0_NO_KEY,
	  "judge 'school' does not take the key in X-Auth-Token (401): replace it with 'kodelab keys add school'" },
	{ 403, "", JUDGE0_NO_KEY,
	  "judge 'school' forbids it to the key in X-Auth-Token (403): ask its administrator, or use another key" },
	{ 403, "{\"message\":\"You are not subscribed to this API.\"}", JUDGE0_NO_KEY,
	  "judge 'school' says that the key's account is not subscribed: subscribe there" },
	{ 404, "", JUDGE0_GONE, "judge 'school' does not know the submission any more" },
	{ 422, "{\"memory_limit\":[\"must be less than or equal to 512000\"]}", JUDGE0_REFUSED,
	  "judge 'school' refused the submission (memory_limit must be less than or equal to 512000)" },
	{ 429, "", JUDGE0_LATER, "judge 'school' has had enough requests for now" },
	{ 500, "", JUDGE0_ELSEWHERE, "judge 'school' failed: the fault is there, not in your program" },
	{ 503, "{\"error\":\"queue is full\"}", JUDGE0_LATER, "judge 'school' is busy: its queue is full" },
	{ 503, "{\"error\":\"Judge0 is currently in maintenance.\"}", JUDGE0_ELSEWHERE,
	  "judge 'school' is in maintenance" },
};

static void answers_have_outcomes(void **state)
{
	static const struct kl_buf headers = { .len = 0 };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(answers); i++) {
		struct kl_http_result result = { .end = KL_HTTP_ANSWERED,
						 .status = answers[i].status,
						 .body = answers[i].body,
						 .headers = &headers,
						 .body_len = strlen(answers[i].body),
						 .sent = true };
		struct judge0_outcome outcome;

		judge0_outcome_of(&outcome, &result, true, "school", "X-Auth-Token", 0);
		assert_string_equal(outcome.words, answers[i].words);
		assert_int_equal(outcome.next, answers[i].next);
	}
}

static void ends_have_outcomes(void **state)
{
	static const struct {
		enum kl_http_end end;
		bool post;
		enum judge0_next next;
	} rows[] = {
		{ KL_HTTP_UNREACHABLE, true, JUDGE0_ELSEWHERE }, { KL_HTTP_UNREACHABLE, false, JUDGE0_ELSEWHERE },
		{ KL_HTTP_UNTRUSTED, true, JUDGE0_ELSEWHERE },   { KL_HTTP_BROKEN, false, JUDGE0_LATER },
		{ KL_HTTP_BROKEN, true, JUDGE0_ELSEWHERE },      { KL_HTTP_LATE, false, JUDGE0_LATER },
		{ KL_HTTP_TOO_LARGE, false, JUDGE0_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		struct kl_http_result result = { .end = rows[i].end, .body = "" };
		struct judge0_outcome outcome;

		kl_fail(&result.error, KL_ENET, "no connection to judge.test:2358");
		judge0_outcome_of(&outcome, &result, rows[i].post, "school", "", 0);
		assert_int_equal(outcome.next, rows[i].next);
		assert_string_equal(outcome.words, "judge 'school': no connection to judge.test:2358");
	}
}

static void backoff_grows_with_jitter(void **state)
{
	int64_t before = 0;

	(void)state;
	for (int tries = 0; tries < 20; tries++) {
		int64_t low = judge0_backoff_ms(tries, 0), high = judge0_backoff_ms(tries, 255);

		assert_true(low >= before);
		assert_true(high > low || high == 15000);
		assert_true(high <= 15000);
		before = low;
	}
	assert_int_equal(judge0_backoff_ms(0, 0), 125);
	assert_int_equal(judge0_backoff_ms(0, 255), 375);
}

static void pace_follows_what_was_measured(void **state)
{
	struct judge0_pace pace = { 0 };

	(void)state;
	assert_int_equal(judge0_pace_ms(&pace, 0, 0), 400);
	judge0_pace_learn(&pace, 1200);
	assert_int_equal(judge0_pace_ms(&pace, 0, 200), 1000);
	assert_int_equal(judge0_pace_ms(&pace, 0, 5000), 100);
	judge0_pace_learn(&pace, 800);
	assert_int_equal(pace.expected_ms, 1100);
	judge0_pace_learn(&pace, 90000);
	assert_int_equal(judge0_pace_ms(&pace, 0, 0), 2000);
	assert_int_equal(judge0_pace_ms(&pace, 1, 0), 200);
	assert_int_equal(judge0_pace_ms(&pace, 2, 0), 300);
	assert_int_equal(judge0_pace_ms(&pace, 30, 0), 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_have_outcomes),
		cmocka_unit_test(ends_have_outcomes),
		cmocka_unit_test(backoff_grows_with_jitter),
		cmocka_unit_test(pace_follows_what_was_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
