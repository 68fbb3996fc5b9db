/* The key pool: whose key serves whom, what is counted, what answers do to a key, whose day ends when. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keypool_scene.h"

static void assert_serves(const char *user, enum kl_key_purpose purpose, const char *want)
{
	struct kl_error err = { .message = "" };
	char label[32] = "";

	if (scene_use(label, user, purpose, 200, &err))
		fail_msg("%s", err.message);
	assert_string_equal(label, want);
}

static void assert_refuses(const char *user, enum kl_key_purpose purpose, enum kl_status want, const char *sentence)
{
	struct kl_error err = { .message = "" };
	char label[32];

	assert_int_equal(scene_use(label, user, purpose, 200, &err), want);
	assert_string_equal(err.message, sentence);
}

static void serve(const char *user, enum kl_key_purpose purpose, int times)
{
	struct kl_error err = { .message = "" };
	char label[32];

	for (int i = 0; i < times; i++)
		if (scene_use(label, user, purpose, 200, &err))
			fail_msg("request %d: %s", i + 1, err.message);
}

/* --- whose key -------------------------------------------------------------------------------------------------- */

static void a_private_key_serves_its_owner(void **state)
{
	(void)state;
	assert_refuses("", KL_PURPOSE_RUN, KL_ENOENT,
		       "there is no key for 'rapid': add one with 'kodelab keys add rapid'");
	scene_add("ann", "own", KL_KEY_PRIVATE, -1);
	assert_serves("ann", KL_PURPOSE_RUN, "own");
	assert_refuses("bob", KL_PURPOSE_RUN, KL_ENOENT,
		       "there is no key for 'rapid': add one with 'kodelab keys add rapid'");
}

static void own_then_pool_then_backup(void **state)
{
	(void)state;
	scene_add("root", "backup", KL_KEY_BACKUP, 0);
	scene_add("bob", "pool", KL_KEY_POOL, 20);
	scene_add("ann", "own", KL_KEY_PRIVATE, 10); /* a reserve of 5 */
	for (int i = 0; i < 5; i++)
		assert_serves("ann", KL_PURPOSE_RUN, "own");
	for (int i = 0; i < 15; i++)
		assert_serves("ann", KL_PURPOSE_RUN, "pool");
	assert_serves("ann", KL_PURPOSE_RUN, "backup");
	for (int i = 0; i < 5; i++)
		assert_serves("ann", KL_PURPOSE_SUBMIT, "own"); /* the reserve */
	assert_serves("ann", KL_PURPOSE_SUBMIT, "backup");
	assert_serves("bob", KL_PURPOSE_SUBMIT, "pool"); /* his reserve was kept from ann */
}

static void least_used(void **state)
{
	(void)state;
	scene_pool(KL_KEYS_LEAST_USED, NOON);
	scene_add("a", "small", KL_KEY_POOL, 20);
	scene_add("b", "large", KL_KEY_POOL, 60);
	assert_serves("", KL_PURPOSE_RUN, "small"); /* 1/20 */
	assert_serves("", KL_PURPOSE_RUN, "large"); /* 1/60 */
	assert_serves("", KL_PURPOSE_RUN, "large"); /* 2/60 */
	assert_serves("", KL_PURPOSE_RUN, "large"); /* 3/60: as much as the small one now */
	assert_serves("", KL_PURPOSE_RUN, "small"); /* whose turn was longer ago */
}

static void round_robin(void **state)
{
	static const char *const turns[] = { "x", "y", "z", "x", "y", "z", "x" };

	(void)state;
	scene_pool(KL_KEYS_ROUND_ROBIN, NOON);
	scene_add("a", "x", KL_KEY_POOL, -1);
	scene_add("a", "y", KL_KEY_POOL, 100);
	scene_add("a", "z", KL_KEY_POOL, 30);
	for (size_t i = 0; i < KL_LENGTH(turns); i++) {
		if (i == 4) /* turns survive a restart */
			scene_open(KL_KEYS_ROUND_ROBIN);
		assert_serves("", KL_PURPOSE_RUN, turns[i]);
	}
}

/* 300 throws over three keys: each at least 60 times; by chance less than once in 10^6 runs. */
static void random_keys(void **state)
{
	int counts[3] = { 0 };
	char label[32];

	(void)state;
	scene_pool(KL_KEYS_RANDOM, NOON);
	scene_add("a", "0", KL_KEY_POOL, 0);
	scene_add("a", "1", KL_KEY_POOL, 0);
	scene_add("a", "2", KL_KEY_POOL, 0);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(scene_use(label, "", KL_PURPOSE_RUN, 200, NULL), KL_OK);
		counts[label[0] - '0']++;
	}
	for (size_t i = 0; i < 3; i++)
		assert_in_range(counts[i], 60, 180);
}

static void not_the_one_that_just_failed(void **state)
{
	struct scene_key first = scene_add("a", "first", KL_KEY_POOL, -1);
	struct kl_key_want want = {
		.instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 1, .not_id = first.id
	};
	struct kl_lease *lease;
	struct kl_error err;

	(void)state;
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, &err), KL_ENOENT);
	assert_string_equal(err.message, "no key for 'rapid' works: 'kodelab keys list' says why");
	scene_add("a", "second", KL_KEY_POOL, -1);
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	assert_string_equal(kl_lease_key(lease), "secret-a-second");
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 200, 1, -1, -1, -1 });
}

/* --- counting --------------------------------------------------------------------------------------------------- */

static void counted_at_once_and_put_right(void **state)
{
	struct scene_key key = scene_add("", "k", KL_KEY_PRIVATE, -1);
	struct kl_key_want want = { .instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 4 };
	struct kl_lease *lease;
	struct kl_key_info row;

	(void)state;
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	assert_string_equal(kl_lease_key_id(lease), key.id);
	assert_int_equal(scene_used(key.id), 4);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 201, 6, -1, -1, -1 });
	assert_int_equal(scene_used(key.id), 6);
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 0, 0, -1, -1, -1 }); /* nothing was sent */
	assert_int_equal(scene_used(key.id), 6);
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 0, 2, -1, -1, -1 }); /* sent, and cut off */
	assert_int_equal(scene_used(key.id), 8);
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 503, 1, -1, -1, -1 });
	row = scene_key(key.id);
	assert_int_equal(row.used_today, 9);
	assert_int_equal(row.used_ever, 9);
	assert_int_equal(row.failed_ever, 1);
	assert_int_equal(row.state, KL_KEY_ACTIVE);
	kl_key_info_release(&row);
}

/* A lease that is out at midnight belongs to the old day. */
static void settled_on_the_next_day(void **state)
{
	struct scene_key key = scene_add("", "k", KL_KEY_PRIVATE, -1);
	struct kl_key_want want = { .instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	struct kl_key_day *days;
	struct kl_lease *lease;
	size_t count;

	(void)state;
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	scene_pool(KL_KEYS_OWNER_FIRST, NOON + DAY_MS);
	serve("", KL_PURPOSE_RUN, 2);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 200, 3, -1, -1, -1 });
	assert_int_equal(scene_used(key.id), 2);
	assert_int_equal(kl_keypool_days(&days, &count, scene.pool, 0, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_int_equal(days[0].used, 3);
	assert_int_equal(days[0].day_ms, NOON + 12 * HOUR_MS);
	assert_int_equal(days[1].used, 2);
	free(days);
}

static void two_labs_share_one_count(void **state)
{
	struct kl_keypool *other;
	struct kl_store *store;
	struct kl_vault *vault;
	struct kl_key_want want = { .instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	struct kl_lease *lease;
	struct kl_error err;

	(void)state;
	scene_add("", "k", KL_KEY_PRIVATE, 8); /* a reserve of 4 */
	assert_int_equal(kl_store_open(&store, NULL, scene.db, &scene.clock, NULL), KL_OK);
	assert_int_equal(kl_vault_open(&vault, scene.master, NULL, NULL), KL_OK);
	assert_int_equal(kl_keypool_open(&other, store, vault, &scene.clock, KL_KEYS_OWNER_FIRST, NULL), KL_OK);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(kl_keypool_lease(&lease, i % 2 ? other : scene.pool, &want, NULL), KL_OK);
		kl_lease_settle(lease, i % 2 ? other : scene.pool, &(struct kl_key_outcome){ 200, 1, -1, -1, -1 });
	}
	assert_int_equal(kl_keypool_lease(&lease, other, &want, &err), KL_EMANY);
	assert_string_equal(err.message,
			    "the keys for 'rapid' are used up until 2026-01-02 00:00: wait, or add another "
			    "with 'kodelab keys add rapid'");
	kl_keypool_close(other);
	kl_vault_close(vault);
	kl_store_close(store);
}

/* --- what answers do -------------------------------------------------------------------------------------------- */

static void answers_change_the_state(void **state)
{
	/* clang-format off */
	static const struct {
		int http_status;
		int64_t quota_remaining;
		enum kl_key_state state;
		const char *why;
	} cases[] = {
		{ 200, -1, KL_KEY_ACTIVE,    "" },
		{ 400, -1, KL_KEY_ACTIVE,    "" },
		{ 500, -1, KL_KEY_ACTIVE,    "" },
		{ 401, -1, KL_KEY_INVALID,   "is refused by its provider (401): it is wrong or was withdrawn" },
		{ 403, -1, KL_KEY_SUSPENDED, "may not use this service (403): see your subscription at its provider" },
		{ 429, -1, KL_KEY_EXHAUSTED, "is used up until 2026-01-02 00:00" },
		{ 429,  0, KL_KEY_EXHAUSTED, "is used up until 2026-01-02 00:00" },
		{ 429, 30, KL_KEY_ACTIVE,    "" }, /* only too fast */
	};
	/* clang-format on */
	struct kl_key_want want = { .instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	struct kl_key_info row;
	struct kl_lease *lease;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct scene_key key = scene_add("", "k", KL_KEY_PRIVATE, -1);
		struct kl_key_outcome outcome = { cases[i].http_status, 1, 50, cases[i].quota_remaining, -1 };

		assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
		kl_lease_settle(lease, scene.pool, &outcome);
		row = scene_key(key.id);
		assert_int_equal(row.state, cases[i].state);
		assert_string_equal(row.why, cases[i].why);
		assert_int_equal(row.validated_ms, cases[i].http_status == 200 ? NOON : 0);
		kl_key_info_release(&row);
		assert_int_equal(kl_keypool_remove(scene.pool, key.id, "", NULL), KL_OK);
	}
}

/* A token without a daily limit has no day that could be used up: it was asked too fast. */
static void unlimited_keys_are_never_used_up(void **state)
{
	struct scene_key key = scene_add("", "k", KL_KEY_PRIVATE, 0);
	struct kl_key_want want = { .instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	struct kl_lease *lease;
	struct kl_key_info row;

	(void)state;
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 429, 1, -1, -1, -1 });
	row = scene_key(key.id);
	assert_int_equal(row.state, KL_KEY_ACTIVE);
	kl_key_info_release(&row);
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	kl_lease_settle(lease, scene.pool,
			&(struct kl_key_outcome){ 429, 1, 50, 0, -1 }); /* it has a limit after all */
	row = scene_key(key.id);
	assert_int_equal(row.state, KL_KEY_EXHAUSTED);
	kl_key_info_release(&row);
}

static void the_provider_counts_better(void **state)
{
	struct scene_key key = scene_add("", "k", KL_KEY_PRIVATE, 50);
	struct kl_key_want want = { .instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	struct kl_lease *lease;
	struct kl_key_info row;

	(void)state;
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 200, 1, 40, 25, -1 });
	row = scene_key(key.id);
	assert_int_equal(row.used_today, 15);
	assert_int_equal(row.daily_limit, 40);
	kl_key_info_release(&row);
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 201, 1, 40, 0, NOON + 3 * HOUR_MS });
	row = scene_key(key.id);
	assert_int_equal(row.state, KL_KEY_EXHAUSTED);
	assert_int_equal(row.reset_ms, NOON + 3 * HOUR_MS);
	kl_key_info_release(&row);
	scene_pool(KL_KEYS_OWNER_FIRST, NOON + 3 * HOUR_MS);
	assert_serves("", KL_PURPOSE_RUN, "k");
	assert_int_equal(scene_used(key.id), 1);
}

/* --- days ------------------------------------------------------------------------------------------------------- */

static int64_t reset_of(const char *zone, int64_t now_ms)
{
	struct kl_key_new key = { .instance = "rapid",
				  .owner = "",
				  .label = "",
				  .secret = "secret-of-a-zone",
				  .daily_limit = 10,
				  .reserve = 0,
				  .zone = zone,
				  .consented = true };
	struct kl_key_info row;
	char id[KL_ID_SIZE];
	int64_t reset_ms;

	scene_pool(KL_KEYS_OWNER_FIRST, now_ms);
	assert_int_equal(kl_keypool_add(id, scene.pool, &key, NULL), KL_OK);
	row = scene_key(id);
	reset_ms = row.reset_ms;
	kl_key_info_release(&row);
	serve("", KL_PURPOSE_RUN, 10);
	assert_int_equal(scene_state(id), KL_KEY_EXHAUSTED);
	scene_pool(KL_KEYS_OWNER_FIRST, reset_ms - 1);
	assert_int_equal(scene_state(id), KL_KEY_EXHAUSTED);
	scene_pool(KL_KEYS_OWNER_FIRST, reset_ms);
	assert_int_equal(scene_state(id), KL_KEY_ACTIVE);
	assert_int_equal(scene_used(id), 0);
	assert_int_equal(kl_keypool_remove(scene.pool, id, "", NULL), KL_OK);
	return reset_ms;
}

static void a_day_ends_at_the_provider_s_midnight(void **state)
{
	const int64_t march_29 = NOON + 87 * DAY_MS, october_25 = NOON + 297 * DAY_MS;

	(void)state;
	assert_int_equal(reset_of("UTC", NOON), NOON + 12 * HOUR_MS);
	assert_int_equal(reset_of("America/Los_Angeles", NOON), NOON + 20 * HOUR_MS);
	assert_int_equal(reset_of("Asia/Kolkata", NOON), NOON + 6 * HOUR_MS + HOUR_MS / 2);
	assert_int_equal(reset_of("Pacific/Kiritimati", NOON), NOON + 22 * HOUR_MS);
	/* the days on which Berlin's clocks turn: 23 and 25 hours */
	assert_int_equal(reset_of("Europe/Berlin", march_29 - 13 * HOUR_MS), march_29 + 10 * HOUR_MS);
	assert_int_equal(reset_of("Europe/Berlin", october_25 - 14 * HOUR_MS), october_25 + 11 * HOUR_MS);
}

static void a_clock_that_was_wrong_locks_nothing(void **state)
{
	struct scene_key key;

	(void)state;
	scene_pool(KL_KEYS_OWNER_FIRST, NOON + 3650 * DAY_MS);
	key = scene_add("", "k", KL_KEY_PRIVATE, 2);
	serve("", KL_PURPOSE_SUBMIT, 2);
	assert_int_equal(scene_state(key.id), KL_KEY_EXHAUSTED);
	scene_pool(KL_KEYS_OWNER_FIRST, NOON);
	assert_serves("", KL_PURPOSE_RUN, "k");
}

/* --- fairness and exams ------------------------------------------------------------------------------------------ */

static void everybody_has_a_part(void **state)
{
	(void)state;
	scene_add("donor", "d", KL_KEY_POOL, 45); /* 40 for others */
	serve("bob", KL_PURPOSE_RUN, 1);
	serve("cid", KL_PURPOSE_RUN, 1);
	serve("dan", KL_PURPOSE_RUN, 1);
	serve("ann", KL_PURPOSE_RUN, 17); /* half of the day is gone: from here on a part is 40 / 4 */
	assert_refuses(
		"ann", KL_PURPOSE_RUN, KL_EDENIED,
		"your part of the shared keys for 'rapid' (10 requests a day) is used up until 2026-01-02 00:00: "
		"wait, or add a key of your own with 'kodelab keys add rapid'");
	serve("bob", KL_PURPOSE_RUN, 9);
	assert_refuses(
		"bob", KL_PURPOSE_SUBMIT, KL_EDENIED,
		"your part of the shared keys for 'rapid' (10 requests a day) is used up until 2026-01-02 00:00: "
		"wait, or add a key of your own with 'kodelab keys add rapid'");
	serve("eve", KL_PURPOSE_RUN, 1); /* a fifth */
	serve("donor", KL_PURPOSE_SUBMIT, 2); /* his own key */
	scene_add("ann", "own", KL_KEY_PRIVATE, -1);
	assert_serves("ann", KL_PURPOSE_RUN, "own");
	scene_pool(KL_KEYS_OWNER_FIRST, NOON + DAY_MS);
	serve("bob", KL_PURPOSE_RUN, 20);
}

static void whoever_comes_first_where_it_is_said_so(void **state)
{
	(void)state;
	scene_add("donor", "d", KL_KEY_POOL, 45); /* 40 for others */
	serve("bob", KL_PURPOSE_RUN, 1);
	kl_keypool_set_rules(scene.pool, KL_KEYS_OWNER_FIRST, false);
	serve("ann", KL_PURPOSE_RUN, 38);
	kl_keypool_set_rules(scene.pool, KL_KEYS_OWNER_FIRST, true);
	assert_refuses(
		"ann", KL_PURPOSE_RUN, KL_EDENIED,
		"your part of the shared keys for 'rapid' (20 requests a day) is used up until 2026-01-02 00:00: "
		"wait, or add a key of your own with 'kodelab keys add rapid'");
	serve("bob", KL_PURPOSE_RUN, 1);
}

static void an_exam_finds_its_quota(void **state)
{
	struct kl_key_hold hold = { .instance = (char[]){ "rapid" },
				    .exam = (char[]){ "finals" },
				    .from_ms = NOON + 6 * HOUR_MS,
				    .to_ms = NOON + 8 * HOUR_MS,
				    .requests = 30 };
	char id[KL_ID_SIZE];
	struct kl_key_totals totals;

	(void)state;
	scene_add("donor", "d", KL_KEY_POOL, 50);
	scene_add("", "own", KL_KEY_PRIVATE, 1);
	assert_int_equal(kl_keypool_hold(id, scene.pool, &hold, NULL), KL_OK);
	assert_int_equal(kl_keypool_totals(&totals, scene.pool, "rapid", NULL, NULL), KL_OK);
	assert_int_equal(totals.held, 30);
	serve("", KL_PURPOSE_SUBMIT, 1 + 20); /* own, then the pool's */
	assert_refuses("", KL_PURPOSE_RUN, KL_EMANY,
		       "what is left of the keys for 'rapid' is kept for an exam: wait until it is over, or add a key "
		       "of your own with 'kodelab keys add rapid'");
	assert_refuses("ann", KL_PURPOSE_EXAM, KL_EMANY, /* not yet open: an exam like any other use */
		       "what is left of the keys for 'rapid' is kept for an exam: wait until it is over, or add a key "
		       "of your own with 'kodelab keys add rapid'");
	scene_pool(KL_KEYS_OWNER_FIRST, hold.from_ms);
	serve("ann", KL_PURPOSE_EXAM, 15);
	assert_refuses("bob", KL_PURPOSE_SUBMIT, KL_EMANY,
		       "what is left of the keys for 'rapid' is kept for an exam: wait until it is over, or add a key "
		       "of your own with 'kodelab keys add rapid'");
	serve("bob", KL_PURPOSE_EXAM, 15); /* all thirty, the reserve too */
	assert_refuses("bob", KL_PURPOSE_EXAM, KL_EMANY,
		       "the keys for 'rapid' are used up until 2026-01-02 00:00: wait, or add another with 'kodelab "
		       "keys add rapid'");
	assert_int_equal(kl_keypool_totals(&totals, scene.pool, "rapid", NULL, NULL), KL_OK);
	assert_int_equal(totals.held, 0);
}

static void an_exam_tomorrow_costs_nothing_today(void **state)
{
	struct kl_key_hold hold = { .instance = (char[]){ "rapid" },
				    .exam = (char[]){ "finals" },
				    .from_ms = NOON + DAY_MS,
				    .to_ms = NOON + DAY_MS + HOUR_MS,
				    .requests = 50 };
	char id[KL_ID_SIZE];
	struct kl_error err;

	(void)state;
	scene_add("donor", "d", KL_KEY_POOL, 50);
	assert_int_equal(kl_keypool_hold(id, scene.pool, &hold, NULL), KL_OK);
	serve("", KL_PURPOSE_RUN, 45);
	scene_pool(KL_KEYS_OWNER_FIRST, NOON + 13 * HOUR_MS); /* the exam's own day */
	assert_refuses("", KL_PURPOSE_RUN, KL_EMANY,
		       "what is left of the keys for 'rapid' is kept for an exam: wait until it is over, or add a key "
		       "of your own with 'kodelab keys add rapid'");
	assert_int_equal(kl_keypool_release(scene.pool, id, NULL), KL_OK);
	serve("", KL_PURPOSE_RUN, 1);
	hold.to_ms = hold.from_ms;
	assert_int_equal(kl_keypool_hold(id, scene.pool, &hold, &err), KL_EINVAL);
	assert_string_equal(err.message, "the exam's window ends before it begins: give a later end");
	hold.to_ms++;
	hold.requests = 0;
	assert_int_equal(kl_keypool_hold(id, scene.pool, &hold, &err), KL_EINVAL);
	assert_string_equal(err.message, "an exam keeps back at least 1 request: say how many");
}

int main(void)
{
#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)
	const struct CMUnitTest tests[] = {
		IN_SCENE(a_private_key_serves_its_owner),
		IN_SCENE(own_then_pool_then_backup),
		IN_SCENE(least_used),
		IN_SCENE(round_robin),
		IN_SCENE(random_keys),
		IN_SCENE(not_the_one_that_just_failed),
		IN_SCENE(counted_at_once_and_put_right),
		IN_SCENE(settled_on_the_next_day),
		IN_SCENE(two_labs_share_one_count),
		IN_SCENE(answers_change_the_state),
		IN_SCENE(unlimited_keys_are_never_used_up),
		IN_SCENE(the_provider_counts_better),
		IN_SCENE(a_day_ends_at_the_provider_s_midnight),
		IN_SCENE(a_clock_that_was_wrong_locks_nothing),
		IN_SCENE(everybody_has_a_part),
		IN_SCENE(whoever_comes_first_where_it_is_said_so),
		IN_SCENE(an_exam_finds_its_quota),
		IN_SCENE(an_exam_tomorrow_costs_nothing_today),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
