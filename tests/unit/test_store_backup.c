/* Backups of the server's store: one moment of it, put back elsewhere, refused when they are none, killed at every step. */

#include "tests/unit/scratch.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include <kodelab/store.h>
#include <kodelab/store_backup.h>
#include <kodelab/store_changes.h>
#include <kodelab/store_intake.h>

#include "tests/unit/kill_steps.h"

static char *database, *copy;
static const struct kl_clock clock_ = { .held = true, .held_wall_ms = INT64_C(1767268800000) };

static int set_up(void **state)
{
	if (scratch_open_fast(state))
		return -1;
	database = kl_path_join(scratch, "server.db");
	copy = kl_path_join(scratch, "copy.db");
	return 0;
}

static int tear_down(void **state)
{
	free(database);
	free(copy);
	return scratch_close(state);
}

/* --- a database with something in it ------------------------------------------------------------------------------ */

static struct kl_store *opened(const char *path)
{
	struct kl_store *store;

	assert_int_equal(kl_store_open_server(&store, path, &clock_, NULL), KL_OK);
	return store;
}

static void note(struct kl_store *store, int count)
{
	for (int i = 0; i < count; i++)
		assert_int_equal(kl_store_change_note(store, "*", "pack", "p", NULL), KL_OK);
}

static int64_t newest(struct kl_store *store)
{
	int64_t seq;

	assert_int_equal(kl_store_changes_newest(&seq, store, NULL), KL_OK);
	return seq;
}

/* How many changes the file at path has seen; it is well, too. */
static int64_t newest_at(const char *path)
{
	struct kl_store *store = opened(path);
	int64_t seq = newest(store);

	assert_int_equal(kl_store_check_all(store, NULL), KL_OK);
	kl_store_close(store);
	return seq;
}

static void make(const char *path, int count)
{
	struct kl_store *store = opened(path);

	note(store, count);
	kl_store_close(store);
}

/* --- backup ------------------------------------------------------------------------------------------------------- */

static void a_backup_is_one_moment(void **state)
{
	struct kl_store *store = opened(database), *beside;
	struct kl_error err;
	struct stat st;
	int64_t bytes;
	char *said;

	(void)state;
	note(store, 7);
	assert_int_equal(kl_store_open_beside(&beside, database, &clock_, NULL), KL_OK); /* as another process does */
	assert_int_equal(kl_store_backup(&bytes, beside, copy, NULL), KL_OK);
	note(store, 3);
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_size, bytes);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(kl_store_backup(NULL, beside, copy, &err), KL_EEXIST);
	said = kl_format("there is a file '%s' already: choose another name", copy);
	assert_string_equal(err.message, said);
	free(said);
	kl_store_close(beside);
	assert_int_equal(newest(store), 10);
	kl_store_close(store);
	assert_int_equal(newest_at(copy), 7);
}

/* --- restore ------------------------------------------------------------------------------------------------------ */

static void the_old_one_is_kept(void **state)
{
	char kept[256];

	(void)state;
	make(database, 3);
	make(copy, 5);
	assert_int_equal(kl_store_restore(kept, sizeof(kept), database, copy, &clock_, NULL), KL_OK);
	assert_int_equal(newest_at(database), 5);
	assert_int_equal(newest_at(kept), 3);
	assert_int_equal(newest_at(copy), 5);
}

static int64_t epoch_at(const char *path)
{
	struct kl_store *store = opened(path);
	int64_t epoch = -1;

	assert_int_equal(kl_store_changes_epoch(&epoch, store, NULL), KL_OK);
	kl_store_close(store);
	return epoch;
}

/* It is another life of the database: cursors of the one before, and of the one in the backup, are none of it. */
static void a_restore_begins_an_epoch(void **state)
{
	char kept[256];
	int64_t first, second;

	(void)state;
	make(copy, 5);
	assert_int_equal(epoch_at(copy), 0);
	assert_int_equal(kl_store_restore(kept, sizeof(kept), database, copy, &clock_, NULL), KL_OK);
	first = epoch_at(database);
	assert_int_not_equal(first, 0);
	assert_int_equal(epoch_at(copy), 0);
	assert_int_equal(epoch_at(database), first); /* opening it again begins none */
	assert_int_equal(kl_store_restore(kept, sizeof(kept), copy, database, &clock_, NULL), KL_OK);
	second = epoch_at(copy);
	assert_int_not_equal(second, 0);
	assert_int_not_equal(second, first);
}

static int64_t newest_serial_at(const char *path)
{
	struct kl_store *store = opened(path);
	int64_t serial = -1;

	assert_int_equal(kl_store_intake_newest(&serial, store, NULL), KL_OK);
	kl_store_close(store);
	return serial;
}

/* Labs have receipts of after the backup. */
static void a_restore_gives_no_serial_again(void **state)
{
	struct kl_clock later = clock_, back = clock_;
	char kept[256];

	(void)state;
	make(copy, 5);
	assert_int_equal(newest_serial_at(copy), 0);
	assert_int_equal(kl_store_restore(kept, sizeof(kept), database, copy, &later, NULL), KL_OK);
	assert_int_equal(newest_serial_at(database), later.held_wall_ms);
	later.held_wall_ms += 5000;
	assert_int_equal(kl_store_restore(kept, sizeof(kept), database, copy, &later, NULL), KL_OK);
	assert_int_equal(newest_serial_at(database), later.held_wall_ms);
	assert_int_equal(kl_store_restore(kept, sizeof(kept), copy, database, &back, NULL), KL_OK);
	assert_int_equal(newest_serial_at(copy), later.held_wall_ms); /* a clock that was put back */
}

static void onto_nothing(void **state)
{
	char kept[256];

	(void)state;
	make(copy, 5);
	assert_int_equal(kl_store_restore(kept, sizeof(kept), database, copy, &clock_, NULL), KL_OK);
	assert_string_equal(kept, "");
	assert_int_equal(newest_at(database), 5);
}

static void assert_refused(const char *from, enum kl_status status, const char *part)
{
	char kept[256];
	struct kl_error err;

	assert_int_equal(kl_store_restore(kept, sizeof(kept), database, from, &clock_, &err), status);
	assert_non_null(strstr(err.message, part));
	assert_int_equal(newest_at(database), 3);
}

static void what_is_no_backup(void **state)
{
	struct kl_store *store;

	(void)state;
	make(database, 3);
	assert_refused("/nowhere/file", KL_ENOENT, "cannot read '/nowhere/file'");
	assert_int_equal(kl_file_write(copy, "nonsense", 8, 0600, NULL), KL_OK);
	assert_refused(copy, KL_ECORRUPT, "is no backup of a class server, or it is damaged: take another one");
	assert_int_equal(kl_file_write(copy, "", 0, 0600, NULL), KL_OK);
	assert_refused(copy, KL_ECORRUPT, "is no backup of a class server, or it is damaged: take another one");
	unlink(copy);
	assert_int_equal(kl_store_open(&store, NULL, copy, &clock_, NULL), KL_OK); /* a lab's */
	kl_store_close(store);
	assert_refused(copy, KL_ECORRUPT, "is no backup of a class server, or it is damaged: take another one");
}

static void a_running_server_keeps_its_own(void **state)
{
	struct kl_store *store;
	char kept[256];
	struct kl_error err;

	(void)state;
	make(copy, 5);
	store = opened(database);
	note(store, 3);
	assert_int_equal(kl_store_restore(kept, sizeof(kept), database, copy, &clock_, &err), KL_EBUSY);
	assert_non_null(strstr(err.message, "a kodelabd has '"));
	assert_int_equal(newest(store), 3);
	kl_store_close(store);
	store = opened(copy); /* a copy that is in use itself: what is in its log would be missing */
	note(store, 1);
	assert_refused(copy, KL_EBUSY, "was not closed: a backup is made by 'kodelabd backup'");
	kl_store_close(store);
}

/* As it was two schemas ago. */
static void make_older(const char *path)
{
	sqlite3 *db;

	make(path, 5);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(
			db,
			"DROP TABLE github_accounts; DROP TABLE serials_given; CREATE INDEX works_tried ON works (id);"
			" UPDATE schema_version SET version = 17; VACUUM",
			NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* What the backup lacks is in the log of the new file until it gets into the file itself: where there is no room for that, nothing is put anywhere. */
static void no_room_for_what_is_newer(void **state)
{
	struct rlimit limit = { .rlim_max = RLIM_INFINITY };
	char kept[256];
	struct kl_error err;
	struct stat st;

	(void)state;
	make(database, 3);
	make_older(copy);
	assert_int_equal(stat(copy, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	limit.rlim_cur = (rlim_t)st.st_size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(kl_store_restore(kept, sizeof(kept), database, copy, &clock_, &err), KL_EFULL);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(newest_at(database), 3);
	assert_int_equal(kl_store_restore(kept, sizeof(kept), database, copy, &clock_, &err), KL_OK);
	assert_int_equal(newest_at(database), 5);
}

/* --- killed ------------------------------------------------------------------------------------------------------- */

static bool restore_work(void *ctx)
{
	char kept[256];

	(void)ctx;
	return kl_store_restore(kept, sizeof(kept), database, copy, &clock_, NULL) == KL_OK;
}

static void clear(void)
{
	assert_int_equal(kl_file_remove_tree(scratch, NULL), KL_OK);
	assert_int_equal(mkdir(scratch, 0700), 0);
}

static void restoring_killed_at_every_step(void **state)
{
	int old = 0, fresh = 0;

	(void)state;
	for (int step = 0;; step++) {
		bool killed;
		pid_t pid;

		make(database, 3);
		make(copy, 5);
		pid = steps_start(restore_work, NULL);
		if (!pid)
			skip();
		killed = steps_kill(pid, step);
		switch (newest_at(database)) {
		case 3:
			old++;
			break;
		case 5:
			fresh++;
			break;
		default:
			fail_msg("killed before change %d: it is neither the old nor the new one", step);
		}
		clear();
		if (!killed)
			break;
	}
	assert_true(old > 0 && fresh > 0);
}

static bool open_work(void *ctx)
{
	struct kl_store *store;

	(void)ctx;
	if (kl_store_open_server(&store, database, &clock_, NULL))
		return false;
	kl_store_close(store);
	return true;
}

/*
 * R17: from nothing to the newest schema, through every migration: each of them changes files often enough that every seventh
 * time (KL_POWER: each time, a minute) meets them all.
 */
static void r17_migrating_killed_on_its_way(void **state)
{
	int stride = getenv("KL_POWER") ? 1 : 7, step = 0;
	bool killed = true;
	pid_t pid;

	(void)state;
	for (; killed; step += stride) {
		pid = steps_start(open_work, NULL);
		if (!pid)
			skip();
		killed = steps_kill(pid, step);
		make(database, 2);
		assert_int_equal(newest_at(database), 2);
		clear();
	}
	assert_true(step > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_backup_is_one_moment, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_old_one_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_restore_begins_an_epoch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_restore_gives_no_serial_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(onto_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_backup, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_running_server_keeps_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_room_for_what_is_newer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(restoring_killed_at_every_step, set_up, tear_down),
		cmocka_unit_test_setup_teardown(r17_migrating_killed_on_its_way, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
