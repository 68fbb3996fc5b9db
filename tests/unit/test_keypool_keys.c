/* Keys of an owner: given, looked at, shared, held back, taken away with no trace. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "keypool_scene.h"

/* --- giving and looking ----------------------------------------------------------------------------------------- */

static void only_the_owner_sees_four_characters(void **state)
{
	struct kl_key_info *keys;
	char id[KL_ID_SIZE];
	size_t count;

	(void)state;
	add_planted(id, "ann");
	assert_int_equal(kl_keypool_list(&keys, &count, scene.pool, "ann", NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(keys[0].last4, "s6Gu");
	assert_string_equal(keys[0].label, "mine");
	assert_string_equal(keys[0].zone, "UTC");
	assert_int_equal(keys[0].daily_limit, 50);
	assert_int_equal(keys[0].reserve, 5);
	assert_int_equal(keys[0].added_ms, NOON);
	assert_int_equal(keys[0].consented_ms, NOON);
	kl_key_infos_free(keys, count);
	assert_int_equal(kl_keypool_list(&keys, &count, scene.pool, "bob", NULL), KL_OK);
	assert_int_equal(count, 0);
	kl_key_infos_free(keys, count);
	assert_int_equal(kl_keypool_list(&keys, &count, scene.pool, NULL, NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(keys[0].last4, "");
	kl_key_infos_free(keys, count);
}

static void a_short_key_shows_nothing(void **state)
{
	struct kl_key_new key = planted("");
	struct kl_key_info *keys;
	char id[KL_ID_SIZE];
	size_t count;

	(void)state;
	key.secret = "elevenchars";
	key.daily_limit = 0;
	assert_int_equal(kl_keypool_add(id, scene.pool, &key, NULL), KL_OK);
	assert_int_equal(kl_keypool_list(&keys, &count, scene.pool, "", NULL), KL_OK);
	assert_string_equal(keys[0].last4, "");
	assert_int_equal(keys[0].reserve, 0);
	kl_key_infos_free(keys, count);
}

static void refused(void **state)
{
	static const char long_name[] = "12345678901234567890123456789012345678901234567890123456789012345";
	/* clang-format off */
	static const struct {
		const char *instance, *label, *secret, *zone;
		int64_t limit;
		bool consented;
		enum kl_status status;
		const char *sentence;
	} cases[] = {
		{ "", "", PLANTED, NULL, -1, true, KL_EINVAL, "the name of the judge must be 1 to 64 characters" },
		{ long_name, "", PLANTED, NULL, -1, true, KL_EINVAL, "the name of the judge must be 1 to 64 characters" },
		{ "a\033b", "", PLANTED, NULL, -1, true, KL_EINVAL, "the name of the judge must be 1 to 64 characters" },
		{ "r", long_name, PLANTED, NULL, -1, true, KL_EINVAL, "the label must be 64 characters at most" },
		{ "r", "", "", NULL, -1, true, KL_EINVAL, "this is no key: it must be 1 to 512 letters, digits and signs without spaces" },
		{ "r", "", "a b", NULL, -1, true, KL_EINVAL, "this is no key: it must be 1 to 512 letters, digits and signs without spaces" },
		{ "r", "", "a\r\nHost: x", NULL, -1, true, KL_EINVAL, "this is no key: it must be 1 to 512 letters, digits and signs without spaces" },
		{ "r", "", "kläger", NULL, -1, true, KL_EINVAL, "this is no key: it must be 1 to 512 letters, digits and signs without spaces" },
		{ "r", "", PLANTED, NULL, -2, true, KL_EINVAL, "the daily limit and the reserve must be numbers from 0 to 1000000000" },
		{ "r", "", PLANTED, "Moon/Base", -1, true, KL_ENOENT, "this system knows no time zone 'Moon/Base': 'UTC' is always known" },
		{ "r", "", PLANTED, NULL, -1, false, KL_EDENIED, "a key is only taken with its owner's consent: read it and agree, or give --yes" },
	};
	/* clang-format on */
	char id[KL_ID_SIZE];
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_key_new key = planted("");

		key.instance = cases[i].instance;
		key.label = cases[i].label;
		key.secret = cases[i].secret;
		key.zone = cases[i].zone;
		key.daily_limit = cases[i].limit;
		key.consented = cases[i].consented;
		assert_int_equal(kl_keypool_add(id, scene.pool, &key, &err), cases[i].status);
		assert_string_equal(err.message, cases[i].sentence);
	}
	assert_false(kl_path_exists(scene.master)); /* nothing was sealed */
}

static void the_same_key_twice(void **state)
{
	struct kl_key_new again = planted("ann");
	char id[KL_ID_SIZE];
	struct kl_error err;

	(void)state;
	add_planted(id, "ann");
	assert_int_equal(kl_keypool_add(id, scene.pool, &again, &err), KL_EEXIST);
	assert_string_equal(err.message, "this key for 'rapid' is there already: 'kodelab keys list' shows it");
	add_planted(id, "bob"); /* says nothing about ann's */
}

/* One owner does not take all the room that there is, and what every lease reads stays short. */
static void so_many_of_one_owner(void **state)
{
	struct kl_key_new key = planted("ann");
	char id[KL_ID_SIZE], secret[32];
	struct kl_error err;

	(void)state;
	key.secret = secret;
	for (int i = 0; i < 100; i++) {
		snprintf(secret, sizeof(secret), "key-number-%d", i);
		assert_int_equal(kl_keypool_add(id, scene.pool, &key, NULL), KL_OK);
	}
	snprintf(secret, sizeof(secret), "one-too-many");
	assert_int_equal(kl_keypool_add(id, scene.pool, &key, &err), KL_EMANY);
	assert_string_equal(err.message, "you have 100 keys for 'rapid': remove one first");
	key.instance = "other";
	assert_int_equal(kl_keypool_add(id, scene.pool, &key, NULL), KL_OK);
	add_planted(id, "bob");
}

static void sharing_needs_consent(void **state)
{
	struct kl_error err;
	struct kl_key_info row;
	char id[KL_ID_SIZE];

	(void)state;
	add_planted(id, "ann");
	assert_int_equal(kl_keypool_share(scene.pool, id, "ann", KL_KEY_POOL, false, &err), KL_EDENIED);
	assert_string_equal(err.message,
			    "a key is only shared with its owner's consent: read it and agree, or give --yes");
	scene_pool(KL_KEYS_OWNER_FIRST, NOON + HOUR_MS);
	assert_int_equal(kl_keypool_share(scene.pool, id, "ann", KL_KEY_POOL, true, NULL), KL_OK);
	row = scene_key(id);
	assert_int_equal(row.share, KL_KEY_POOL);
	assert_int_equal(row.consented_ms, NOON + HOUR_MS);
	kl_key_info_release(&row);
	assert_leases("bob", PLANTED);
	assert_int_equal(kl_keypool_share(scene.pool, id, "ann", KL_KEY_PRIVATE, false, NULL), KL_OK);
	row = scene_key(id);
	assert_int_equal(row.share, KL_KEY_PRIVATE);
	kl_key_info_release(&row);
}

static void held_back_by_its_owner(void **state)
{
	struct kl_key_want want = { .instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	struct kl_key_info row;
	struct kl_lease *lease;
	struct kl_error err;
	char id[KL_ID_SIZE];

	(void)state;
	add_planted(id, "");
	assert_int_equal(kl_keypool_suspend(scene.pool, id, "", NULL), KL_OK);
	row = scene_key(id);
	assert_int_equal(row.state, KL_KEY_SUSPENDED);
	assert_string_equal(row.why, "is held back by its owner");
	kl_key_info_release(&row);
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, &err), KL_ENOENT);
	assert_string_equal(err.message, "no key for 'rapid' works: 'kodelab keys list' says why");
	assert_int_equal(kl_keypool_resume(scene.pool, id, "", NULL), KL_OK);
	assert_leases("", PLANTED);
}

static void another_s_key_is_not_there(void **state)
{
	char id[KL_ID_SIZE], *want;
	struct kl_error err;

	(void)state;
	add_planted(id, "ann");
	want = kl_format("there is no key '%s': 'kodelab keys list' shows yours", id);
	assert_int_equal(kl_keypool_remove(scene.pool, id, "bob", &err), KL_ENOENT);
	assert_string_equal(err.message, want);
	assert_int_equal(kl_keypool_suspend(scene.pool, id, "bob", &err), KL_ENOENT);
	assert_int_equal(kl_keypool_resume(scene.pool, id, "bob", &err), KL_ENOENT);
	assert_int_equal(kl_keypool_share(scene.pool, id, "bob", KL_KEY_POOL, true, &err), KL_ENOENT);
	assert_string_equal(err.message, want);
	assert_leases("ann", PLANTED);
	assert_int_equal(kl_keypool_remove(scene.pool, id, NULL, NULL), KL_OK); /* the platform itself */
	free(want);
}

/* --- notices ---------------------------------------------------------------------------------------------------- */

static void assert_notices(const char *owner, size_t want, enum kl_key_event event, const char *sentence)
{
	struct kl_key_notice *notices;
	size_t count;

	assert_int_equal(kl_keypool_notices(&notices, &count, scene.pool, owner, NULL), KL_OK);
	assert_int_equal(count, want);
	if (want) {
		assert_int_equal(notices[0].event, event);
		assert_string_equal(notices[0].text, sentence);
	}
	kl_key_notices_free(notices, count);
}

static void a_notice_is_shown_once_to_its_owner(void **state)
{
	char label[32], id[KL_ID_SIZE];

	(void)state;
	add_planted(id, "ann");
	assert_int_equal(kl_keypool_share(scene.pool, id, "ann", KL_KEY_POOL, true, NULL), KL_OK);
	assert_int_equal(scene_use(label, "bob", KL_PURPOSE_RUN, 401, NULL), KL_OK);
	assert_notices("bob", 0, KL_KEY_FAILED, NULL);
	assert_notices("ann", 1, KL_KEY_FAILED,
		       "your key 'mine' for 'rapid' is refused by its provider (401): it is wrong or was withdrawn");
	assert_notices("ann", 0, KL_KEY_FAILED, NULL);
	assert_int_equal(kl_keypool_resume(scene.pool, id, "ann", NULL), KL_OK);
	assert_int_equal(scene_use(label, "bob", KL_PURPOSE_RUN, 429, NULL), KL_OK);
	assert_notices("ann", 1, KL_KEY_USED_UP, "your key 'mine' for 'rapid' is used up until 2026-01-02 00:00");
}

/* --- trying ----------------------------------------------------------------------------------------------------- */

static void try_it(const char *id, int http_status)
{
	struct kl_lease *lease;

	assert_int_equal(kl_keypool_try(&lease, scene.pool, id, "", NULL), KL_OK);
	assert_string_equal(kl_lease_key(lease), PLANTED);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ http_status, 0, -1, -1, -1 });
}

static void a_trial_costs_nothing_and_takes_up(void **state)
{
	struct kl_lease *lease;
	char id[KL_ID_SIZE];
	struct kl_error err;

	(void)state;
	add_planted(id, "");
	try_it(id, 401);
	assert_int_equal(scene_state(id), KL_KEY_INVALID);
	assert_notices("", 1, KL_KEY_FAILED,
		       "your key 'mine' for 'rapid' is refused by its provider (401): it is wrong or was withdrawn");
	try_it(id, 502); /* says nothing about the key */
	assert_int_equal(scene_state(id), KL_KEY_INVALID);
	try_it(id, 200);
	assert_int_equal(scene_state(id), KL_KEY_ACTIVE);
	assert_notices("", 1, KL_KEY_VALIDATED, "your key 'mine' for 'rapid' was tried and works");
	try_it(id, 200);
	assert_notices("", 0, KL_KEY_VALIDATED, NULL); /* no news */
	assert_int_equal(scene_used(id), 0);
	assert_int_equal(kl_keypool_try(&lease, scene.pool, id, "bob", &err), KL_ENOENT);
}

static size_t due(void)
{
	struct kl_key_info *keys;
	size_t count;

	assert_int_equal(kl_keypool_due(&keys, &count, scene.pool, NULL), KL_OK);
	kl_key_infos_free(keys, count);
	return count;
}

static void once_a_day(void **state)
{
	char id[KL_ID_SIZE], label[32];

	(void)state;
	assert_int_equal(due(), 0);
	add_planted(id, "");
	assert_int_equal(due(), 1);
	try_it(id, 200);
	assert_int_equal(due(), 0);
	scene_pool(KL_KEYS_OWNER_FIRST, NOON + DAY_MS - 1);
	assert_int_equal(due(), 0);
	scene_pool(KL_KEYS_OWNER_FIRST, NOON + DAY_MS);
	assert_int_equal(due(), 1);
	assert_int_equal(scene_use(label, "", KL_PURPOSE_RUN, 201, NULL), KL_OK); /* as good as a trial */
	assert_int_equal(due(), 0);
	scene_pool(KL_KEYS_OWNER_FIRST, NOON + 3 * DAY_MS);
	assert_int_equal(kl_keypool_suspend(scene.pool, id, "", NULL), KL_OK);
	assert_int_equal(due(), 0);
}

/* --- taking away ------------------------------------------------------------------------------------------------ */

static void removed_without_a_trace(bool network)
{
	char id[KL_ID_SIZE], other[KL_ID_SIZE], *sealed, *kept;
	struct kl_key_new second = planted("bob");

	if (network)
		setenv("KL_STORE_NETWORK", "1", 1);
	scene_open(KL_KEYS_OWNER_FIRST);
	add_planted(id, "ann");
	second.secret = "another-key-that-stays";
	assert_int_equal(kl_keypool_add(other, scene.pool, &second, NULL), KL_OK);
	assert_leases("ann", PLANTED);
	sealed = sealed_of(id);
	kept = sealed_of(other);
	assert_true(files_with(scene.dir, sealed) > 0);
	assert_int_equal(files_with(scene.dir, PLANTED), 0);
	assert_int_equal(kl_keypool_remove(scene.pool, id, "ann", NULL), KL_OK);
	assert_false(kl_keypool_traces(scene.pool));
	assert_int_equal(files_with(scene.dir, sealed), 0);
	assert_true(files_with(scene.dir, kept) > 0);
	scene_close();
	assert_int_equal(files_with(scene.dir, sealed), 0);
	assert_int_equal(files_with(scene.dir, PLANTED), 0);
	unsetenv("KL_STORE_NETWORK");
	free(sealed);
	free(kept);
}

static void removed_from_a_log(void **state)
{
	(void)state;
	removed_without_a_trace(false);
}

static void removed_on_a_network(void **state)
{
	(void)state;
	removed_without_a_trace(true);
}

/* Pages split, merge and move cells about: no copy may stay behind in their gaps. */
static void removed_from_among_many(void **state)
{
	enum { MANY = 240 };
	char ids[MANY][KL_ID_SIZE], *sealed[MANY], *secret, instance[32];
	uint32_t dice = 1;

	(void)state;
	assert_int_equal(kl_store_batch_begin(scene.store, NULL), KL_OK);
	for (size_t i = 0; i < MANY; i++) {
		struct kl_key_new key = planted("ann");

		dice = dice * 1103515245 + 12345;
		secret = kl_format(
			"%s-%zu-%.*s", PLANTED, i, (int)(dice >> 16) % 300,
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		snprintf(instance, sizeof(instance), "rapid-%zu", i / 100);
		key.instance = instance;
		key.secret = secret;
		assert_int_equal(kl_keypool_add(ids[i], scene.pool, &key, NULL), KL_OK);
		sealed[i] = sealed_of(ids[i]);
		free(secret);
	}
	assert_int_equal(kl_store_batch_end(scene.store, NULL), KL_OK);
	assert_int_equal(kl_store_batch_begin(scene.store, NULL), KL_OK);
	for (size_t i = 0; i < MANY; i++)
		if (i % 3)
			assert_int_equal(kl_keypool_remove(scene.pool, ids[i], "ann", NULL), KL_OK);
	assert_int_equal(kl_store_batch_end(scene.store, NULL), KL_OK);
	kl_keypool_close(scene.pool);
	scene.pool = NULL;
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(files_with(scene.dir, sealed[i]) > 0, i % 3 == 0);
		free(sealed[i]);
	}
}

/* While another process reads, the log cannot be emptied: that is known, and done with the next chance. */
static void a_reader_keeps_the_log(void **state)
{
	char id[KL_ID_SIZE], *sealed;
	int ends[2], back[2], status;
	char byte;
	pid_t pid;

	(void)state;
	add_planted(id, "ann");
	sealed = sealed_of(id);
	assert_int_equal(pipe(ends) | pipe(back), 0);
	pid = fork();
	if (!pid) {
		struct kl_store *store;

		if (kl_store_open(&store, NULL, scene.db, &scene.clock, NULL) || kl_store_batch_begin(store, NULL))
			_exit(1);
		if (write(ends[1], "x", 1) != 1 || read(back[0], &byte, 1) != 1)
			_exit(2);
		_exit(0); /* killed or gone: the batch was never */
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(kl_store_keys_shred(scene.store, NULL), KL_EBUSY);
	assert_int_equal(write(back[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(kl_keypool_remove(scene.pool, id, "ann", NULL), KL_OK);
	assert_false(kl_keypool_traces(scene.pool));
	assert_int_equal(files_with(scene.dir, sealed), 0);
	for (size_t i = 0; i < 2; i++) {
		close(ends[i]);
		close(back[i]);
	}
	free(sealed);
}

static void a_batch_is_shredded_after_it(void **state)
{
	char id[KL_ID_SIZE], *sealed;
	size_t count, lost;
	struct kl_error err;

	(void)state;
	add_planted(id, "ann");
	sealed = sealed_of(id);
	assert_int_equal(kl_store_batch_begin(scene.store, NULL), KL_OK);
	assert_int_equal(kl_keypool_remove(scene.pool, id, "ann", NULL), KL_OK);
	assert_true(kl_keypool_traces(scene.pool));
	assert_int_equal(kl_keypool_rotate(&count, &lost, scene.pool, &err), KL_EBUSY);
	assert_string_equal(err.message, "the database is being written: rotate again in a moment");
	kl_keypool_shred(scene.pool);
	assert_true(kl_keypool_traces(scene.pool)); /* not yet */
	assert_int_equal(kl_store_batch_end(scene.store, NULL), KL_OK);
	assert_true(files_with(scene.dir, sealed) > 0);
	kl_keypool_shred(scene.pool);
	assert_false(kl_keypool_traces(scene.pool));
	assert_int_equal(files_with(scene.dir, sealed), 0);
	free(sealed);
}

/* --- what does not open ------------------------------------------------------------------------------------------ */

static void a_moved_secret_is_not_used(void **state)
{
	char ann[KL_ID_SIZE], bob[KL_ID_SIZE], *sealed;
	struct kl_key_want want = { .instance = "rapid", .user = "bob", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	struct kl_key_new second = planted("bob");
	struct kl_lease *lease;
	struct kl_key_info row;
	struct kl_error err;

	(void)state;
	add_planted(ann, "ann");
	second.secret = "the-key-of-bob";
	assert_int_equal(kl_keypool_add(bob, scene.pool, &second, NULL), KL_OK);
	sealed = sealed_of(ann);
	assert_int_equal(kl_store_key_seal(scene.store, bob, sealed, NULL), KL_OK); /* by the hand of a thief */
	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, &err), KL_ENOENT);
	assert_string_equal(err.message, "no key for 'rapid' works: 'kodelab keys list' says why");
	row = scene_key(bob);
	assert_int_equal(row.state, KL_KEY_INVALID);
	assert_string_equal(row.why,
			    "this secret was changed or moved since it was sealed: remove it and add it again");
	assert_int_equal(row.used_today, 0);
	kl_key_info_release(&row);
	assert_leases("ann", PLANTED);
	free(sealed);
}

int main(void)
{
#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)
	const struct CMUnitTest tests[] = {
		IN_SCENE(only_the_owner_sees_four_characters),
		IN_SCENE(a_short_key_shows_nothing),
		IN_SCENE(refused),
		IN_SCENE(the_same_key_twice),
		IN_SCENE(so_many_of_one_owner),
		IN_SCENE(sharing_needs_consent),
		IN_SCENE(held_back_by_its_owner),
		IN_SCENE(another_s_key_is_not_there),
		IN_SCENE(a_notice_is_shown_once_to_its_owner),
		IN_SCENE(a_trial_costs_nothing_and_takes_up),
		IN_SCENE(once_a_day),
		IN_SCENE(removed_from_a_log),
		IN_SCENE(removed_on_a_network),
		IN_SCENE(removed_from_among_many),
		IN_SCENE(a_reader_keeps_the_log),
		IN_SCENE(a_batch_is_shredded_after_it),
		IN_SCENE(a_moved_secret_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
