/* Runs that no judge could take: kept, replaced, and made an attempt exactly once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/store_kept.h>

static struct kl_clock held;

static int set_up(void **state)
{
	struct kl_store *store;

	held = (struct kl_clock){ .held = true, .held_wall_ms = 1000000 };
	if (kl_store_open(&store, NULL, NULL, &held, NULL))
		return -1;
	*state = store;
	return 0;
}

static int tear_down(void **state)
{
	kl_store_close(*state);
	return 0;
}

/* Keeps code for slug; *run has its id and time. */
static enum kl_status keep(struct kl_kept_run *run, struct kl_store *store, const char *slug, enum kl_attempt_kind kind,
			   const char *text)
{
	char pack[] = "p", language[] = "c", why[] = "it is down", *name = kl_strdup(slug), *code = kl_strdup(text);
	enum kl_status status;

	*run = (struct kl_kept_run){ .pack = pack,
				     .slug = name,
				     .language = language,
				     .kind = kind,
				     .code = code,
				     .code_len = strlen(code),
				     .why = why };
	status = kl_store_kept_put(store, run, NULL);
	free(name);
	free(code);
	run->pack = run->slug = run->language = run->code = run->why = NULL;
	return status;
}

/* The codes of all that is kept, by time: "a b ". */
static void assert_kept(struct kl_store *store, const char *expected)
{
	struct kl_kept_run *runs;
	struct kl_buf codes;
	size_t count;

	assert_int_equal(kl_store_kept(&runs, &count, store, NULL), KL_OK);
	kl_buf_init(&codes, 1000);
	for (size_t i = 0; i < count; i++)
		kl_buf_addf(&codes, "%s ", runs[i].code);
	kl_kept_runs_free(runs, count);
	assert_string_equal(codes.data, expected);
	kl_buf_release(&codes);
}

static enum kl_status settle(struct kl_store *store, const struct kl_kept_run *run, const char *slug, bool *first)
{
	char pack[] = "p", language[] = "c", verdict[] = "passed", *name = kl_strdup(slug);
	struct kl_attempt attempt = { .pack = pack,
				      .slug = name,
				      .language = language,
				      .verdict = verdict,
				      .kind = KL_ATTEMPT_SUBMIT,
				      .passed = 2,
				      .total = 2,
				      .at_ms = run->at_ms };
	enum kl_status status;

	memcpy(attempt.id, run->id, sizeof(attempt.id));
	status = kl_store_kept_settle(store, &attempt, first, NULL);
	free(name);
	return status;
}

static void a_run_takes_the_place_of_the_one_before(void **state)
{
	struct kl_kept_run run, again;

	assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_RUN, "a"), KL_OK);
	assert_int_equal(keep(&run, *state, "two", KL_ATTEMPT_RUN, "b"), KL_OK);
	assert_int_equal(keep(&again, *state, "one", KL_ATTEMPT_RUN, "c"), KL_OK);
	assert_kept(*state, "b c ");
}

static void submits_are_each_kept_but_not_twice(void **state)
{
	struct kl_kept_run run, again;

	assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_SUBMIT, "a"), KL_OK);
	assert_int_equal(run.at_ms, 1000000);
	assert_int_equal(keep(&again, *state, "one", KL_ATTEMPT_SUBMIT, "b"), KL_OK);
	assert_int_equal(keep(&again, *state, "one", KL_ATTEMPT_SUBMIT, "a"), KL_OK);
	assert_string_equal(again.id, run.id);
	assert_kept(*state, "a b ");
}

static void it_becomes_an_attempt_once(void **state)
{
	struct kl_attempt attempt;
	struct kl_kept_run run;
	bool first = false;

	assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_SUBMIT, "a"), KL_OK);
	assert_int_equal(settle(*state, &run, "one", &first), KL_OK);
	assert_true(first);
	assert_kept(*state, "");
	assert_int_equal(kl_store_attempt_get(&attempt, *state, run.id, NULL), KL_OK);
	assert_int_equal(attempt.at_ms, run.at_ms);
	kl_attempt_release(&attempt);
	assert_int_equal(settle(*state, &run, "one", &first), KL_ENOENT);
}

static void what_was_dropped_is_not_recorded(void **state)
{
	struct kl_attempt_totals totals;
	struct kl_kept_run run;

	assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_SUBMIT, "a"), KL_OK);
	assert_int_equal(kl_store_kept_drop(*state, run.id, NULL), KL_OK);
	assert_int_equal(kl_store_kept_drop(*state, run.id, NULL), KL_ENOENT);
	assert_int_equal(settle(*state, &run, "one", NULL), KL_ENOENT);
	assert_int_equal(kl_store_attempt_totals(&totals, *state, NULL), KL_OK);
	assert_int_equal(totals.attempts, 0);
}

static void a_later_attempt_outdates_a_run(void **state)
{
	char pack[] = "p", slug[] = "one", language[] = "c", verdict[] = "wrong_answer";
	struct kl_attempt attempt = { .pack = pack, .slug = slug, .language = language, .verdict = verdict };
	struct kl_kept_run run;

	assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_RUN, "a"), KL_OK);
	assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_SUBMIT, "b"), KL_OK);
	assert_int_equal(keep(&run, *state, "two", KL_ATTEMPT_RUN, "c"), KL_OK);
	attempt.at_ms = run.at_ms - 1; /* an older one does not */
	assert_int_equal(kl_store_attempt_add(*state, &attempt, NULL, NULL), KL_OK);
	assert_kept(*state, "a b c ");
	attempt.id[0] = '\0';
	attempt.at_ms = run.at_ms;
	assert_int_equal(kl_store_attempt_add(*state, &attempt, NULL, NULL), KL_OK);
	assert_kept(*state, "b c ");
}

static void there_is_a_bound(void **state)
{
	struct kl_kept_run run;
	char code[16];

	for (int i = 0; i < KL_KEPT_MAX; i++) {
		snprintf(code, sizeof(code), "%d", i);
		assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_SUBMIT, code), KL_OK);
	}
	assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_SUBMIT, "x"), KL_EFULL);
	assert_string_equal(run.id, "");
	assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_SUBMIT, "7"), KL_OK);
}

static void why_it_waits_is_known(void **state)
{
	struct kl_kept_run run, *runs;
	size_t count;

	assert_int_equal(keep(&run, *state, "one", KL_ATTEMPT_RUN, "a"), KL_OK);
	assert_int_equal(kl_store_kept_failed(*state, run.id, "it is busy", NULL), KL_OK);
	assert_int_equal(kl_store_kept_failed(*state, "nobody", "it is busy", NULL), KL_OK);
	assert_int_equal(kl_store_kept(&runs, &count, *state, NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(runs[0].why, "it is busy");
	assert_string_equal(runs[0].slug, "one");
	assert_int_equal(runs[0].kind, KL_ATTEMPT_RUN);
	kl_kept_runs_free(runs, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_takes_the_place_of_the_one_before, set_up, tear_down),
		cmocka_unit_test_setup_teardown(submits_are_each_kept_but_not_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_becomes_an_attempt_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_dropped_is_not_recorded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_later_attempt_outdates_a_run, set_up, tear_down),
		cmocka_unit_test_setup_teardown(there_is_a_bound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(why_it_waits_is_known, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
