/* Opening: modes, who else is here, what is refused, what is damaged. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOON   INT64_C(1767268800000) /* 2026-01-01 12:00 UTC */
#define NOBODY 65534

static char dir[64];
static char *path;
static struct kl_clock held = { .held = true, .held_wall_ms = NOON };

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	unsetenv("KL_STORE_NETWORK");
	snprintf(dir, sizeof(dir), "/tmp/kodelab-test-XXXXXX");
	path = NULL;
	if (!mkdtemp(dir))
		return -1;
	path = kl_path_join(dir, "data/lab.db");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(path);
	return kl_file_remove_tree(dir, NULL) ? -1 : 0;
}

static struct kl_store *opened(struct kl_store_opened *what)
{
	struct kl_store *store = NULL;
	struct kl_error err = { .message = "" };
	enum kl_status status = kl_store_open(&store, what, path, &held, &err);

	if (status)
		fail_msg("%s", err.message);
	return store;
}

static void remember(const char *value)
{
	struct kl_store *store = opened(NULL);

	assert_int_equal(kl_store_setting_put(store, "k", value, NULL), KL_OK);
	kl_store_close(store);
}

static void assert_remembers(struct kl_store *store, const char *want)
{
	char *value = NULL;

	assert_int_equal(kl_store_setting_get(&value, store, "k", NULL), KL_OK);
	assert_string_equal(value, want);
	free(value);
}

static off_t size_of(const char *suffix)
{
	char *name = kl_format("%s%s", path, suffix);
	struct stat st;
	off_t size = stat(name, &st) == 0 ? st.st_size : -1;

	free(name);
	return size;
}

static void run_sql(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static int schema_version(void)
{
	sqlite3_stmt *statement;
	sqlite3 *db;
	int version;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT version FROM schema_version", -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return version;
}

/* Overwrites bytes of the database file. */
static void scribble(off_t at, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY);

	assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
	close(fd);
}

/* --- modes ------------------------------------------------------------------------------------------------------ */

static void makes_folder_and_private_file(void **state)
{
	struct kl_store_opened what;
	struct kl_store *store = opened(&what);
	struct stat st;

	(void)state;
	assert_false(what.rebuilt);
	assert_int_equal(what.mode, KL_STORE_WAL);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(size_of("-wal") > 0);
	kl_store_close(store);
	assert_int_equal(size_of("-wal"), -1); /* a clean end leaves no log */
	assert_int_equal(size_of(".lock"), 0);
}

static void network_mode_leaves_no_shared_memory(void **state)
{
	struct kl_store_opened what;
	struct kl_store *store;

	(void)state;
	remember("local"); /* a file that was in WAL mode is turned, and back */
	setenv("KL_STORE_NETWORK", "1", 1);
	store = opened(&what);
	assert_int_equal(what.mode, KL_STORE_NETWORK);
	assert_remembers(store, "local");
	assert_int_equal(kl_store_setting_put(store, "k", "net", NULL), KL_OK);
	assert_int_equal(size_of("-wal"), -1);
	assert_int_equal(size_of("-shm"), -1);
	assert_int_equal(size_of("-journal"), 0);
	kl_store_close(store);
	unsetenv("KL_STORE_NETWORK");
	store = opened(&what);
	assert_int_equal(what.mode, KL_STORE_WAL);
	assert_remembers(store, "net");
	kl_store_close(store);
}

static void in_memory_keeps_nothing(void **state)
{
	struct kl_store_opened what;
	struct kl_store *store;

	(void)state;
	assert_int_equal(kl_store_open(&store, &what, NULL, &held, NULL), KL_OK);
	assert_int_equal(kl_store_setting_put(store, "k", "v", NULL), KL_OK);
	assert_remembers(store, "v");
	kl_store_close(store);
	assert_false(kl_path_exists(path));
}

/* --- two processes ---------------------------------------------------------------------------------------------- */

/* A child that works with a store of its own: 60 changes, then a clean end. Exit code 0: all went well. */
static pid_t start_writer(int number)
{
	struct kl_store *store;
	struct kl_error err;
	pid_t pid = fork();
	char value[32];
	int bad = 0;

	if (pid)
		return pid;
	if (kl_store_open(&store, NULL, path, &held, &err)) {
		print_error("%s\n", err.message);
		_exit(1);
	}
	for (int i = 0; i < 30; i++) {
		snprintf(value, sizeof(value), "%d-%d", number, i);
		bad |= kl_store_setting_put(store, value, value, NULL) != KL_OK;
		bad |= kl_store_spent_add(store, "p", "s", 1, NULL) != KL_OK;
	}
	kl_store_close(store);
	_exit(bad ? 2 : 0);
}

static void two_processes_at_once(void **state)
{
	struct kl_progress progress;
	struct kl_store *store;
	int ended;

	(void)state;
	for (int network = 0; network < 2; network++) {
		setenv("KL_STORE_NETWORK", network ? "1" : "0", 1);
		for (int i = 0; i < 3; i++)
			assert_true(start_writer(i) > 0);
		for (int i = 0; i < 3; i++) {
			assert_true(wait(&ended) > 0);
			assert_true(WIFEXITED(ended));
			assert_int_equal(WEXITSTATUS(ended), 0);
		}
		store = opened(NULL);
		assert_int_equal(kl_store_progress_get(&progress, store, "p", "s", NULL), KL_OK);
		assert_int_equal(progress.spent_ms, 90 * (network + 1));
		kl_store_close(store);
	}
}

static void a_long_lock_is_named(void **state)
{
	struct kl_store *store = opened(NULL);
	struct kl_error err;
	sqlite3 *other;
	char *want;

	(void)state;
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(kl_store_setting_put(store, "k", "v", &err), KL_EBUSY);
	want = kl_format("'%s' has been in use by another program for 2 seconds: close that, or try again", path);
	assert_string_equal(err.message, want);
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	assert_int_equal(kl_store_setting_put(store, "k", "v", NULL), KL_OK);
	kl_store_close(store);
	free(want);
}

/* --- refusals --------------------------------------------------------------------------------------------------- */

static void newer_schema_is_left_alone(void **state)
{
	struct kl_store *store = NULL;
	struct kl_buf before, after;
	struct kl_error err;
	char *want;
	int newest;

	(void)state;
	remember("v");
	newest = schema_version();
	run_sql("UPDATE schema_version SET version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
	kl_buf_init(&before, 1 << 20);
	kl_buf_init(&after, 1 << 20);
	assert_int_equal(kl_file_read(&before, path, NULL), KL_OK);
	assert_int_equal(kl_store_open(&store, NULL, path, &held, &err), KL_ECONFLICT);
	want = kl_format("'%s' was written by a newer KodeLab (schema 99, this one knows %d): "
			 "use that one, or update this one; nothing was changed",
			 path, newest);
	assert_string_equal(err.message, want);
	assert_int_equal(kl_file_read(&after, path, NULL), KL_OK);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.data, after.data, before.len);
	assert_null(store);
	kl_buf_release(&before);
	kl_buf_release(&after);
	free(want);
}

/* The sentence an unprivileged person gets, through a pipe from a child that is one. */
static void sentence_of_nobody(char *message, size_t size)
{
	struct kl_error err = { .message = "it worked" };
	struct kl_store *store;
	int ends[2], ended;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		if (geteuid() == 0 && setuid(NOBODY) < 0)
			_exit(9);
		if (kl_store_open(&store, NULL, path, &held, &err) == KL_OK)
			kl_store_close(store);
		_exit(write(ends[1], err.message, strlen(err.message)) < 0);
	}
	close(ends[1]);
	message[read(ends[0], message, size - 1)] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_int_equal(ended, 0);
}

static void read_only_home_says_so(void **state)
{
	char message[600], *want, *folder = kl_path_join(dir, "data");

	(void)state;
	assert_int_equal(chmod(dir, 0555), 0);
	sentence_of_nobody(message, sizeof(message));
	want = kl_format("cannot make the folder '%s/data': Permission denied", dir);
	assert_string_equal(message, want);
	free(want);
	chmod(dir, 0755);
	remember("v");
	chmod(path, 0444);
	chmod(folder, 0555);
	sentence_of_nobody(message, sizeof(message));
	chmod(folder, 0755);
	want = kl_format("'%s' cannot be written: make the file and its folder writable", path);
	assert_string_equal(message, want);
	free(want);
	free(folder);
}

static bool tell(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);
	bool told = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return told;
}

/* A file system of 512 KiB at dir, that only this process sees. */
static bool mount_tiny_disk(void)
{
	char *users = kl_format("0 %d 1", (int)getuid()), *groups = kl_format("0 %d 1", (int)getgid());
	bool good = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && tell("/proc/self/uid_map", users) &&
		    tell("/proc/self/setgroups", "deny") && tell("/proc/self/gid_map", groups) &&
		    mount("none", dir, "tmpfs", 0, "size=512k") == 0;

	free(users);
	free(groups);
	return good;
}

/* 0: good; 7: no such disk to be had here; else wrong. */
static int on_a_tiny_disk(void)
{
	struct kl_error err = { .message = "" };
	struct kl_store *store;
	static char text[20000];
	enum kl_status status = KL_OK;
	size_t len, before;
	char *got;

	if (!mount_tiny_disk())
		return 7;
	if (kl_store_open(&store, NULL, path, &held, &err)) {
		print_error("%s\n", err.message);
		return 1;
	}
	memset(text, 'x', sizeof(text));
	for (before = 1; !status && before < sizeof(text); before += 100)
		status = kl_store_draft_put(store, "p", "s", "c", text, before, 0, &err);
	before -= 200;
	if (status != KL_EFULL || !strstr(err.message, "has no space left on its disk: free some space and try again"))
		return 2;
	if (kl_store_draft_get(&got, &len, NULL, store, "p", "s", "c", NULL) || len != before)
		return 3;
	free(got);
	kl_store_close(store);
	if (kl_store_open(&store, NULL, path, &held, &err))
		return 4;
	kl_store_close(store);
	return 0;
}

static void full_disk_says_so(void **state)
{
	int ended;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(on_a_tiny_disk());
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_true(WIFEXITED(ended));
	if (WEXITSTATUS(ended) == 7) {
		print_message("# skipped: no user namespace here to mount a small disk in\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(ended), 0);
}

/* --- damage ----------------------------------------------------------------------------------------------------- */

static void assert_set_aside(const struct kl_store_opened *what, const char *suffix)
{
	char *want = kl_format("%s.damaged-20260101-120000%s", path, suffix);

	assert_true(what->rebuilt);
	assert_string_equal(what->set_aside, want);
	assert_true(kl_path_exists(want));
	free(want);
}

static void damaged_files_are_set_aside(void **state)
{
	static const char nonsense[] = "this is no database, it is a letter to a friend, and rather long for a header";
	struct kl_store_opened what;
	struct kl_store *store;

	(void)state;
	remember("lost");
	assert_int_equal(kl_file_write(path, nonsense, sizeof(nonsense), 0600, NULL), KL_OK);
	store = opened(&what);
	assert_set_aside(&what, "");
	assert_int_equal(kl_store_setting_put(store, "k", "new", NULL), KL_OK);
	kl_store_close(store);
	assert_int_equal(truncate(path, 5000), 0); /* a half written copy, in the same second */
	store = opened(&what);
	assert_set_aside(&what, "-2");
	kl_store_close(store);
	store = opened(&what);
	assert_false(what.rebuilt);
	kl_store_close(store);
}

/* Fills pages, ends cleanly, then damages a leaf that the start does not read. */
static void damage_deep_inside(void)
{
	static const char zeros[4096] = "";
	struct kl_store *store = opened(NULL);
	char name[16], text[3000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 80; i++) {
		snprintf(name, sizeof(name), "k%02d", i);
		assert_int_equal(kl_store_setting_put(store, name, text, NULL), KL_OK);
	}
	kl_store_close(store);
	for (off_t at = size_of("") / 2; at < size_of(""); at += 4096)
		scribble(at / 4096 * 4096, zeros, sizeof(zeros));
}

static void damage_met_later_is_named_and_mended_next_time(void **state)
{
	struct kl_store_opened what;
	struct kl_store *store;
	struct kl_error err;
	char name[16], *value, *want;
	enum kl_status status = KL_OK;

	(void)state;
	damage_deep_inside();
	store = opened(&what);
	assert_false(what.rebuilt); /* a clean start looks at nothing */
	for (int i = 0; !status && i < 80; i++) {
		snprintf(name, sizeof(name), "k%02d", i);
		status = kl_store_setting_get(&value, store, name, &err);
		if (!status)
			free(value);
	}
	assert_int_equal(status, KL_ECORRUPT);
	want = kl_format("'%s' is damaged: leave the lab and start it again, then it is begun anew from your files",
			 path);
	assert_string_equal(err.message, want);
	free(want);
	kl_store_close(store);
	store = opened(&what);
	assert_set_aside(&what, "");
	kl_store_close(store);
	store = opened(&what);
	assert_false(what.rebuilt);
	kl_store_close(store);
}

static void an_emptied_database_is_set_aside(void **state)
{
	struct kl_store_opened what = { .rebuilt = false };
	struct kl_store *store;

	(void)state;
	assert_int_equal(kl_store_open(&store, NULL, path, &held, NULL), KL_OK);
	kl_store_close(store);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(kl_store_open(&store, &what, path, &held, NULL), KL_OK);
	assert_set_aside(&what, "");
	kl_store_close(store);
}

static void a_foreign_database_is_set_aside(void **state)
{
	struct kl_store_opened what;
	struct kl_store *store;
	struct kl_error err;
	char *value;

	(void)state;
	remember("v");
	run_sql("DROP TABLE settings; CREATE TABLE settings (x TEXT)");
	store = opened(&what);
	assert_int_equal(kl_store_setting_get(&value, store, "k", &err), KL_ECORRUPT);
	kl_store_close(store);
	store = opened(&what);
	assert_set_aside(&what, "");
	kl_store_close(store);
}

static void damage_under_another_process_waits(void **state)
{
	struct kl_store *mine = opened(NULL), *store;
	static const char zeros[4096] = "";
	struct kl_error err;
	int ends[2], ended;
	pid_t pid;

	(void)state;
	assert_int_equal(kl_store_setting_put(mine, "k", "v", NULL), KL_OK);
	assert_int_equal(pipe(ends), 0);
	run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
	scribble(0, zeros, sizeof(zeros));
	pid = fork();
	if (!pid)
		_exit(kl_store_open(&store, NULL, path, &held, &err) != KL_ECORRUPT ||
		      !strstr(err.message, "is damaged and another lab has it open: close that one and start again"));
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_int_equal(ended, 0);
	assert_true(size_of("") > 0); /* it stayed where it was */
	close(ends[0]);
	close(ends[1]);
	kl_store_close(mine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(makes_folder_and_private_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(network_mode_leaves_no_shared_memory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(in_memory_keeps_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_processes_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_lock_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(newer_schema_is_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(read_only_home_says_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_disk_says_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged_files_are_set_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damage_met_later_is_named_and_mended_next_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_emptied_database_is_set_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_foreign_database_is_set_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damage_under_another_process_waits, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
