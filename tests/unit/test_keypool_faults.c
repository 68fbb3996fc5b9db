/* A new master key for all secrets, killed anywhere; and every step of everything failing once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>

#include "keypool_scene.h"

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

static void rotate_until_killed(int pipe_end)
{
	size_t count, lost;

	scene_open(KL_KEYS_OWNER_FIRST);
	for (;;)
		if (kl_keypool_rotate(&count, &lost, scene.pool, NULL) || lost || write(pipe_end, "x", 1) != 1)
			_exit(1);
}

static void kill_a_rotation(int part, int parts)
{
	int64_t begin_us, period_us;
	int ends[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	scene_close(); /* nothing of SQLite goes through a fork */
	pid = fork();
	if (!pid)
		rotate_until_killed(ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	begin_us = kl_clock_mono_us();
	assert_int_equal(read(ends[0], &byte, 1), 1);
	period_us = kl_clock_mono_us() - begin_us;
	begin_us = kl_clock_mono_us();
	while (kl_clock_mono_us() - begin_us < period_us * part / parts)
		;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	close(ends[0]);
}

static void killed_while_rotating(void **state)
{
	enum { PARTS = 20 };
	char ids[5][KL_ID_SIZE], user[2] = "a";
	size_t unended = 0;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(ids); i++) {
		user[0] = (char)('a' + i);
		add_planted(ids[i], user);
	}
	for (int part = 0; part < PARTS; part++) {
		struct kl_vault *vault;

		kill_a_rotation(part, PARTS);
		assert_int_equal(kl_vault_open(&vault, scene.master, NULL, NULL), KL_OK);
		unended += kl_vault_rotating(vault);
		kl_vault_close(vault);
		scene_open(KL_KEYS_OWNER_FIRST); /* which ends what was begun */
		assert_false(kl_vault_rotating(scene.vault));
		for (size_t i = 0; i < KL_LENGTH(ids); i++) {
			user[0] = (char)('a' + i);
			assert_leases(user, PLANTED);
		}
	}
	assert_in_range(unended, 1, PARTS); /* some were killed where it matters */
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
		IN_SCENE(killed_while_rotating),
		IN_SCENE(every_step_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
