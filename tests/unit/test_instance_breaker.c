/* When an instance is asked again after failures, and which of several is chosen: tables, with the clock in hand. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>

#include "core/judge/judge0/instance_int.h"

#define AT INT64_C(1767268800000)

/*
 * A story in words: "down" and the other fates are reported (a request goes out first); +N lets N seconds pass; then
 * what is expected: closed, open or half; yes or no (may one go out?); =N: it may in N seconds; out: one goes out and is
 * not yet reported.
 */
static const char *const stories[] = {
	"closed yes good closed yes",
	"down down closed yes down open no =10 +9 no =1 +1 yes out half no =1 good closed yes",
	"down down good down down closed yes", /* in a row is meant */
	"nonsense sandbox down open no",
	"down down down +10 down open no =20 +20 down open =40 +40 down =80 +80 good closed down closed",
	"down down down +10 down +20 down +40 down +80 down +160 down +320 down =600 +600 down =600", /* at most */
	"untrusted open =60 +60 untrusted =120",
	"busy closed no =5 +5 yes", /* not a failure */
	"busy30 no =30 +29 no +1 yes closed",
	"down down busy closed =5 +5 down closed", /* it answered: what failed before is forgotten */
	"down down down +10 busy30 closed no =30",
	"denied denied denied denied closed yes",
	"unused unused closed yes",
	"down down down +10 out half no unused half yes down open =20", /* a trial that was cancelled */
	"down down down down down open =10", /* late news of requests sent before it opened */
	"down down down good open =10",
};

static const char *const fates[] = {
	[KL_FATE_GOOD] = "good",     [KL_FATE_DOWN] = "down",         [KL_FATE_UNTRUSTED] = "untrusted",
	[KL_FATE_BUSY] = "busy",     [KL_FATE_NONSENSE] = "nonsense", [KL_FATE_SANDBOX] = "sandbox",
	[KL_FATE_DENIED] = "denied", [KL_FATE_UNUSED] = "unused",
};

struct teller {
	struct breaker breaker;
	int64_t now_ms;
	bool out; /* begun and not reported */
	double chance;
};

static bool tell_fate(struct teller *teller, const char *word)
{
	for (size_t i = 0; i < KL_LENGTH(fates); i++) {
		size_t len = strlen(fates[i]);

		if (strncmp(word, fates[i], len) != 0 || strspn(word + len, "0123456789") != strlen(word + len))
			continue;
		if (!teller->out)
			breaker_begin(&teller->breaker, teller->now_ms);
		teller->out = false;
		breaker_end(&teller->breaker, (enum kl_instance_fate)i,
			    word[len] ? strtol(word + len, NULL, 10) * 1000 : -1, teller->now_ms, teller->chance);
		return true;
	}
	return false;
}

static void tell(struct teller *teller, const char *word)
{
	static const char *const states[] = {
		[KL_BREAKER_CLOSED] = "closed", [KL_BREAKER_OPEN] = "open", [KL_BREAKER_HALF_OPEN] = "half"
	};
	int64_t retry_ms;
	bool may = breaker_allows(&teller->breaker, teller->now_ms, &retry_ms);

	if (*word == '+') {
		teller->now_ms += strtol(word + 1, NULL, 10) * 1000;
	} else if (*word == '=') {
		assert_int_equal(retry_ms - teller->now_ms, strtol(word + 1, NULL, 10) * 1000);
	} else if (!strcmp(word, "yes") || !strcmp(word, "no")) {
		assert_int_equal(may, !strcmp(word, "yes"));
		assert_int_equal(retry_ms > 0, !may);
	} else if (!strcmp(word, "out")) {
		assert_true(may);
		breaker_begin(&teller->breaker, teller->now_ms);
		teller->out = true;
	} else if (!tell_fate(teller, word)) {
		assert_string_equal(states[teller->breaker.state], word);
	}
}

static void the_stories_go_as_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(stories); i++) {
		struct teller teller = { .now_ms = AT };
		const char *at = stories[i];

		print_message("%s\n", at);
		while (*at) {
			size_t len = strcspn(at, " ");
			char word[16];

			assert_true(len < sizeof(word));
			snprintf(word, sizeof(word), "%.*s", (int)len, at);
			tell(&teller, word);
			at += len + (at[len] == ' ');
		}
	}
}

static void a_class_does_not_come_back_at_once(void **state)
{
	struct teller early = { .now_ms = AT, .chance = 0 }, late = { .now_ms = AT, .chance = 1 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		tell(&early, "down");
		tell(&late, "down");
	}
	assert_int_equal(early.breaker.open_until_ms, AT + 10000);
	assert_int_equal(late.breaker.open_until_ms, AT + 12500);
	tell(&late, "busy8");
	assert_int_equal(late.breaker.busy_until_ms, AT + 9250);
}

static void the_cheapest_is_chosen(void **state)
{
	/* latency_us, queued, workers, in_flight, weight */
	static const struct {
		struct balance_candidate candidates[3];
		size_t count, chosen;
	} cases[] = {
		{ { { 50000, 0, 4, 0, 10 } }, 1, 0 },
		{ { { 50000, 0, 4, 0, 10 }, { 40000, 0, 4, 0, 10 } }, 2, 1 },
		{ { { 40000, 0, 4, 0, 10 }, { 40000, 0, 4, 0, 10 } }, 2, 0 }, /* the first of equals */
		{ { { 40000, 0, 4, 1, 10 }, { 40000, 0, 4, 0, 10 } }, 2, 1 }, /* ours are counted */
		{ { { 40000, 12, 4, 0, 10 }, { 400000, 0, 4, 0, 10 } }, 2, 1 }, /* a queue is worse than a long way */
		{ { { 40000, 12, 48, 0, 10 }, { 400000, 0, 4, 0, 10 } }, 2, 0 }, /* unless there are many workers */
		{ { { 40000, 0, 4, 0, 2 }, { 100000, 0, 4, 0, 10 } }, 2, 1 }, /* a metered one is spared */
		{ { { 100000, 0, 4, 0, 10 }, { 0, -1, -1, 0, 10 } },
		  2,
		  0 }, /* what is not known is taken as middling */
		{ { { 300000, 0, 4, 0, 10 }, { 0, -1, -1, 0, 10 } }, 2, 1 },
		{ { { 90000, 0, 1, 0, 10 }, { 80000, 0, 1, 0, 10 }, { 85000, 0, 1, 0, 100 } }, 3, 2 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_int_equal(balance_choose(cases[i].candidates, cases[i].count), cases[i].chosen);
}

static void measurements_are_smoothed(void **state)
{
	(void)state;
	assert_int_equal(balance_smooth(0, 500), 500);
	assert_int_equal(balance_smooth(1000, 500), 900);
	assert_int_equal(balance_smooth(900, 400), 800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stories_go_as_told),
		cmocka_unit_test(a_class_does_not_come_back_at_once),
		cmocka_unit_test(the_cheapest_is_chosen),
		cmocka_unit_test(measurements_are_smoothed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
