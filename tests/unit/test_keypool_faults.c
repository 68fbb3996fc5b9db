/* A new master key for all secrets, killed anywhere; and every step of everything failing once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keypool_scene.h"
#include "kill_steps.h"

/* --- a new master key ------------------------------------------------------------------------------------------- */

static void rotated(void **state)
{
	char one[KL_ID_SIZE], two[KL_ID_SIZE], *before, *after;
	size_t count, lost;

	(void)state;
	add_planted(one, "ann");
	add_planted(two, "bob");
	before = sealed_of(one);
	assert_int_equal(kl_keypool_rotate(&count, &lost, scene.pool, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_int_equal(lost, 0);
	after = sealed_of(one);
	assert_string_not_equal(before, after);
	assert_int_equal(files_with(scene.dir, before),
			 0); /* the old master key may be known: nothing is left for it */
	assert_leases("ann", PLANTED);
	scene_open(KL_KEYS_OWNER_FIRST);
	assert_leases("bob", PLANTED);
	free(before);
	free(after);
}

static char users[][2] = { "a", "b", "c", "d", "e" };

static bool rotate_once(void *ctx)
{
	size_t count, lost;

	(void)ctx;
	scene_open(KL_KEYS_OWNER_FIRST);
	return !kl_keypool_rotate(&count, &lost, scene.pool, NULL) && !lost;
}

static void plant_for_all(void)
{
	char id[KL_ID_SIZE];

	for (size_t i = 0; i < KL_LENGTH(users); i++)
		add_planted(id, users[i]);
	scene_close(); /* nothing of SQLite goes through a fork */
}

/* Whatever was done last: opening the pool ends it, and all keys serve. True: it was begun and not ended. */
static bool all_keys_serve(void)
{
	struct kl_vault *vault;
	bool unended;

	assert_int_equal(kl_vault_open(&vault, scene.master, NULL, NULL), KL_OK);
	unended = kl_vault_rotating(vault);
	kl_vault_close(vault);
	scene_open(KL_KEYS_OWNER_FIRST);
	assert_false(kl_vault_rotating(scene.vault));
	for (size_t i = 0; i < KL_LENGTH(users); i++)
		assert_leases(users[i], PLANTED);
	scene_close();
	return unended;
}

static void killed_in_any_step(void **state)
{
	bool unended = false;
	int changes = 0, calls = 0;
	pid_t pid;

	(void)state;
	plant_for_all();
	for (; (pid = steps_start(rotate_once, NULL)) && steps_kill(pid, calls); calls++) {
		changes += all_keys_serve() != unended;
		unended = changes % 2;
	}
	if (!pid)
		skip();
	assert_int_equal(changes, 2); /* from some step on it is begun, from some later one on it is ended */
	assert_false(unended || all_keys_serve());
	print_message("%d points\n", calls);
}

static void killed_at_any_moment(void **state)
{
	(void)state;
	plant_for_all();
	for (int round = 0; round < 20; round++) {
		kill_at_any_moment(rotate_once, NULL, round * 137);
		all_keys_serve();
	}
}

/* --- every step may fail ---------------------------------------------------------------------------------------- */

static enum kl_status do_all(struct kl_error *err)
{
	struct kl_key_want want = { .instance = "rapid", .user = "ann", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	struct kl_key_new key = planted("ann");
	struct kl_key_notice *notices;
	struct kl_lease *lease;
	char id[KL_ID_SIZE];
	enum kl_status status;
	size_t count, lost;

	if ((status = kl_keypool_add(id, scene.pool, &key, err)) ||
	    (status = kl_keypool_share(scene.pool, id, "ann", KL_KEY_POOL, true, err)) ||
	    (status = kl_keypool_lease(&lease, scene.pool, &want, err)))
		return status;
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 401, 1, -1, -1, -1 });
	if ((status = kl_keypool_rotate(&count, &lost, scene.pool, err)) ||
	    (status = kl_keypool_notices(&notices, &count, scene.pool, "ann", err)))
		return status;
	kl_key_notices_free(notices, count);
	return kl_keypool_remove(scene.pool, id, "ann", err);
}

static enum kl_status open_and_do_all(struct kl_error *err)
{
	enum kl_status status;

	if ((status = kl_store_open(&scene.store, NULL, scene.db, &scene.clock, err)) ||
	    (status = kl_vault_open(&scene.vault, scene.master, NULL, err)) ||
	    (status = kl_keypool_open(&scene.pool, scene.store, scene.vault, &scene.clock, KL_KEYS_OWNER_FIRST, err)))
		return status;
	return do_all(err);
}

/* Whatever failed: what is there opens, and the count of a key is the sum of its uses. */
static void assert_whole(void)
{
	struct kl_key_info *keys;
	struct kl_key_day *days;
	size_t count, day_count;
	int64_t used = 0;

	unsetenv("KL_FAULT");
	scene_open(KL_KEYS_OWNER_FIRST);
	assert_int_equal(kl_keypool_list(&keys, &count, scene.pool, "ann", NULL), KL_OK);
	assert_int_equal(kl_keypool_days(&days, &day_count, scene.pool, 0, NULL), KL_OK);
	for (size_t i = 0; i < day_count; i++)
		used += days[i].used;
	assert_in_range(count, 0, 1);
	if (count) {
		assert_int_equal(keys[0].used_today, used);
		assert_int_equal(kl_keypool_resume(scene.pool, keys[0].id, "ann", NULL), KL_OK);
		assert_leases("ann", PLANTED);
	} else {
		assert_int_equal(day_count, 0);
	}
	assert_false(kl_vault_rotating(scene.vault));
	kl_key_infos_free(keys, count);
	free(days);
}

static void every_step_may_fail(void **state)
{
	struct kl_error err;
	enum kl_status status = KL_EIO;
	char number[16];
	int n;

	(void)state;
	for (n = 1; status && n < 1000; n++) {
		scene_close();
		assert_int_equal(kl_file_remove_tree(scene.dir, NULL), KL_OK);
		snprintf(number, sizeof(number), "%d", n);
		setenv("KL_FAULT", number, 1);
		status = open_and_do_all(&err);
		assert_true(status == KL_OK || status == KL_EIO);
		if (status)
			assert_non_null(strstr(err.message, "a fault was asked for"));
		assert_true(!status || !strstr(err.message, PLANTED));
		assert_whole();
	}
	assert_in_range(n, 50, 200);
}

int main(void)
{
#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)
	const struct CMUnitTest tests[] = {
		IN_SCENE(rotated),
		IN_SCENE(killed_in_any_step),
		IN_SCENE(killed_at_any_moment),
		IN_SCENE(every_step_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
