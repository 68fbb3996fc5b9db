/* Stopped in the middle: by a failing step, by kill -9, by an old schema. Whatever is left is whole. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_kept.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/kill_steps.h"

#define NOON INT64_C(1767268800000)

/* The schema of version 1 as it was released, with one of everything: never changed any more. */
static const char version_1[] =
	"CREATE TABLE schema_version (version BIGINT NOT NULL);"
	"INSERT INTO schema_version VALUES (1);"
	"CREATE TABLE attempts (id TEXT PRIMARY KEY, pack TEXT NOT NULL, slug TEXT NOT NULL, language TEXT NOT NULL,"
	" kind BIGINT NOT NULL, verdict TEXT NOT NULL, score DOUBLE PRECISION NOT NULL, passed BIGINT NOT NULL,"
	" total BIGINT NOT NULL, cpu_us BIGINT NOT NULL, peak_kib BIGINT NOT NULL, at_ms BIGINT NOT NULL,"
	" day BIGINT NOT NULL, code TEXT NOT NULL, report TEXT NOT NULL, published BIGINT NOT NULL);"
	"CREATE INDEX attempts_by_time ON attempts (at_ms, id);"
	"CREATE INDEX attempts_by_challenge ON attempts (pack, slug, at_ms, id);"
	"CREATE INDEX attempts_by_day ON attempts (day, kind, total, passed);"
	"CREATE INDEX attempts_to_publish ON attempts (published, kind, at_ms);"
	"CREATE TABLE progress (pack TEXT NOT NULL, slug TEXT NOT NULL, state BIGINT NOT NULL, attempts BIGINT NOT NULL,"
	" hints BIGINT NOT NULL, first_ms BIGINT NOT NULL, completed_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL,"
	" spent_ms BIGINT NOT NULL, best_score DOUBLE PRECISION NOT NULL, best_attempt TEXT NOT NULL,"
	" last_language TEXT NOT NULL, PRIMARY KEY (pack, slug));"
	"CREATE TABLE drafts (pack TEXT NOT NULL, slug TEXT NOT NULL, language TEXT NOT NULL, code TEXT NOT NULL,"
	" cursor_at BIGINT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (pack, slug, language));"
	"INSERT INTO attempts VALUES ('a1', 'old', 'one', 'c', 0, 'passed', 100, 1, 1, 7, 8, 1767268800000, 20454, 'x',"
	" '', 0);"
	"INSERT INTO progress VALUES ('old', 'one', 1, 1, 0, 1767268800000, 0, 1767268800000, 5, 0, '', 'c');"
	"INSERT INTO drafts VALUES ('old', 'one', 'c', 'int x;', 4, 1767268800000);";

static char dir[64];
static char *path;
static struct kl_clock held = { .held = true, .held_wall_ms = NOON };

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/kodelab-test-XXXXXX");
	path = NULL;
	if (!mkdtemp(dir))
		return -1;
	path = kl_path_join(dir, "lab.db");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unsetenv("KL_FAULT");
	unsetenv("KL_STORE_NETWORK");
	free(path);
	return kl_file_remove_tree(dir, NULL) ? -1 : 0;
}

static void make_version_1(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, version_1, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static int64_t ask(const char *sql)
{
	sqlite3_stmt *statement;
	int64_t answer;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	answer = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return answer;
}

/* What must hold between the tables, whatever happened. */
static void assert_whole(void)
{
	static const char *const nothing[] = {
		"SELECT COUNT(*) FROM pragma_integrity_check() WHERE integrity_check <> 'ok'",
		"SELECT COUNT(*) FROM progress p WHERE attempts <>"
		" (SELECT COUNT(*) FROM attempts a WHERE a.pack = p.pack AND a.slug = p.slug)",
		"SELECT COUNT(*) FROM attempts a WHERE NOT EXISTS"
		" (SELECT 1 FROM progress p WHERE a.pack = p.pack AND a.slug = p.slug)",
		"SELECT COUNT(*) FROM attempts a WHERE kind = 1 AND 1 <>"
		" (SELECT COUNT(*) FROM outbox WHERE kind = 'submission' AND body ->> 'attempt' = a.id)",
		"SELECT COUNT(*) FROM progress p WHERE state = 2 AND NOT EXISTS"
		" (SELECT 1 FROM outbox WHERE kind = 'progress' AND body ->> 'slug' = p.slug)",
		"SELECT COUNT(*) FROM kept_runs k WHERE EXISTS (SELECT 1 FROM attempts a WHERE a.id = k.id)",
		"SELECT COUNT(*) - 1 FROM schema_version",
	};

	for (size_t i = 0; i < KL_LENGTH(nothing); i++)
		assert_int_equal(ask(nothing[i]), 0);
}

static enum kl_status submit(struct kl_store *store, int passed, bool *first, struct kl_error *err)
{
	char pack[] = "p", slug[] = "s", language[] = "c", verdict[] = "passed", code[] = "int main;";
	struct kl_attempt attempt = { .pack = pack,
				      .slug = slug,
				      .language = language,
				      .verdict = verdict,
				      .kind = KL_ATTEMPT_SUBMIT,
				      .passed = passed,
				      .total = 2,
				      .code = code,
				      .code_len = strlen(code) };

	return kl_store_attempt_add(store, &attempt, first, err);
}

/* Everything that writes or reads, in order; stops at the first failure. */
static enum kl_status do_all(struct kl_store *store, struct kl_error *err)
{
	char ids[4][KL_ID_SIZE], *value = NULL, pack[] = "p", slug[] = "k", language[] = "c", verdict[] = "passed";
	struct kl_kept_run kept = { .pack = pack, .slug = slug, .language = language, .kind = KL_ATTEMPT_SUBMIT };
	struct kl_attempt late = { .pack = pack, .slug = slug, .language = language, .kind = KL_ATTEMPT_SUBMIT };
	struct kl_attempt_totals totals;
	struct kl_progress progress;
	int counts[3];
	size_t count;
	enum kl_status status;
	bool first;

	if ((status = kl_store_opened(store, "p", "s", "c", err)) ||
	    (status = kl_store_draft_put(store, "p", "s", "c", "int", 3, 3, err)) ||
	    (status = submit(store, 1, &first, err)) || (status = kl_store_hint_add(store, "p", "s", 1, err)) ||
	    (status = submit(store, 2, &first, err)) || (status = kl_store_spent_add(store, "p", "s", 9, err)) ||
	    (status = kl_store_unpublished(ids, &count, 4, store, err)) ||
	    (status = kl_store_published(store, ids[0], err)) ||
	    (status = kl_store_setting_put(store, "k", "v", err)) ||
	    (status = kl_store_setting_get(&value, store, "k", err)) ||
	    (status = kl_store_days(counts, NULL, 3, 20454, store, err)) ||
	    (status = kl_store_attempt_totals(&totals, store, err)) ||
	    (status = kl_store_progress_get(&progress, store, "p", "s", err)) ||
	    (status = kl_store_reset(store, "p", "other", err)) || (status = kl_store_kept_put(store, &kept, err)))
		goto out;
	late.verdict = verdict;
	late.at_ms = kept.at_ms;
	memcpy(late.id, kept.id, sizeof(late.id));
	if ((status = kl_store_kept_settle(store, &late, &first, err)))
		goto out;
	assert_false(first);
	assert_int_equal(count, 1);
out:
	free(value);
	return status;
}

/* Fails step after step from n = 1 on; returns the n at which nothing failed. */
static int walk_faults(bool from_version_1)
{
	struct kl_error err;
	struct kl_store *store;
	enum kl_status status = KL_EIO;
	char number[16];
	int n;

	for (n = 1; status && n < 1000; n++) {
		assert_int_equal(kl_file_remove_tree(dir, NULL), KL_OK);
		assert_int_equal(kl_path_make(dir, NULL), KL_OK);
		if (from_version_1)
			make_version_1();
		snprintf(number, sizeof(number), "%d", n);
		setenv("KL_FAULT", number, 1);
		status = kl_store_open(&store, NULL, path, &held, &err);
		if (!status) {
			status = do_all(store, &err);
			kl_store_close(store);
		}
		assert_true(status == KL_OK || status == KL_EIO);
		if (status)
			assert_non_null(strstr(err.message, "a fault was asked for"));
		unsetenv("KL_FAULT");
		assert_int_equal(kl_store_open(&store, NULL, path, &held, &err), KL_OK);
		kl_store_close(store);
		assert_whole();
	}
	return n - 1;
}

static void every_step_may_fail(void **state)
{
	(void)state;
	assert_in_range(walk_faults(false), 60, 200);
}

static void every_step_of_a_migration_may_fail(void **state)
{
	(void)state;
	assert_in_range(walk_faults(true), 60, 200);
}

static void an_old_file_is_brought_up(void **state)
{
	struct kl_attempt attempt;
	struct kl_progress progress;
	struct kl_store *store;
	size_t len, cursor;
	char *text;

	(void)state;
	make_version_1();
	assert_int_equal(kl_store_open(&store, NULL, path, &held, NULL), KL_OK);
	assert_int_equal(kl_store_attempt_get(&attempt, store, "a1", NULL), KL_OK);
	assert_string_equal(attempt.slug, "one");
	kl_attempt_release(&attempt);
	assert_int_equal(kl_store_progress_get(&progress, store, "old", "one", NULL), KL_OK);
	assert_int_equal(progress.state, KL_IN_PROGRESS);
	assert_int_equal(kl_store_draft_get(&text, &len, &cursor, store, "old", "one", "c", NULL), KL_OK);
	assert_string_equal(text, "int x;");
	assert_int_equal(cursor, 4);
	free(text);
	assert_int_equal(kl_store_setting_put(store, "k", "v", NULL), KL_OK);
	kl_store_close(store);
	assert_int_equal(ask("SELECT version FROM schema_version"), 13);
}

/* --- kill -9 ---------------------------------------------------------------------------------------------------- */

/* Submits until killed; a byte down the pipe for each that was acknowledged. */
static void work_until_killed(int pipe_end)
{
	struct kl_store *store;

	if (kl_store_open(&store, NULL, path, &held, NULL))
		_exit(1);
	for (;;)
		if (submit(store, 1, NULL, NULL) || write(pipe_end, "x", 1) != 1)
			_exit(2);
}

/* Kills the worker once it has acknowledged at least want; returns how many it had acknowledged in the end. */
static int64_t kill_after(int64_t want)
{
	int64_t acknowledged = 0;
	int ends[2], ended;
	char bytes[64];
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid)
		work_until_killed(ends[1]);
	close(ends[1]);
	while (acknowledged < want && (got = read(ends[0], bytes, sizeof(bytes))) > 0)
		acknowledged += got;
	/* anywhere in a transaction: a few hundred microseconds of spinning, different each time */
	for (int64_t end_us = kl_clock_mono_us() + want * 137 % 900; kl_clock_mono_us() < end_us;)
		;
	kill(pid, SIGKILL);
	while ((got = read(ends[0], bytes, sizeof(bytes))) > 0)
		acknowledged += got;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_true(WIFSIGNALED(ended));
	return acknowledged;
}

static void killed_in_the_middle(void **state)
{
	struct kl_store_opened what;
	struct kl_store *store;
	int64_t acknowledged = 0, there;

	(void)state;
	for (int round = 0; round < 24; round++) {
		setenv("KL_STORE_NETWORK", round % 2 ? "1" : "0", 1);
		acknowledged += kill_after(round % 7);
		assert_int_equal(kl_store_open(&store, &what, path, &held, NULL), KL_OK);
		assert_false(what.rebuilt);
		kl_store_close(store);
		there = ask("SELECT COUNT(*) FROM attempts");
		assert_in_range(there, acknowledged, acknowledged + 1); /* one may be on the disk without its byte */
		acknowledged = there;
		assert_whole();
	}
}

static bool submit_once(void *ctx)
{
	struct kl_store *store;
	bool good;

	(void)ctx;
	if (kl_store_open(&store, NULL, path, &held, NULL))
		return false;
	good = !submit(store, 1, NULL, NULL);
	kl_store_close(store);
	return good;
}

/* It is there as a whole or not at all; true: it is there. */
static bool submitted(int64_t before)
{
	struct kl_store_opened what;
	struct kl_store *store;
	int64_t there;

	assert_int_equal(kl_store_open(&store, &what, path, &held, NULL), KL_OK);
	assert_false(what.rebuilt);
	kl_store_close(store);
	there = ask("SELECT COUNT(*) FROM attempts");
	assert_in_range(there, before, before + 1);
	assert_whole();
	return there > before;
}

/* False: this machine does not let us trace. */
static bool kill_in_each_step(const char *on_network)
{
	int64_t there = 1, was;
	int calls = 0;
	pid_t pid;

	setenv("KL_STORE_NETWORK", on_network, 1);
	assert_int_equal(kl_file_remove_tree(dir, NULL), KL_OK);
	assert_int_equal(kl_path_make(dir, NULL), KL_OK);
	assert_true(submit_once(NULL)); /* what a first opening makes is not what is tested here */
	for (; (pid = steps_start(submit_once, NULL)) && steps_kill(pid, calls); calls++) {
		was = there;
		there += submitted(there);
		assert_true(there > was || was == 1); /* from some step on it stays */
	}
	if (pid)
		assert_true(submitted(there));
	return pid > 0;
}

static void killed_in_any_step(void **state)
{
	(void)state;
	if (!kill_in_each_step("0") || !kill_in_each_step("1"))
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_step_may_fail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_step_of_a_migration_may_fail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_old_file_is_brought_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed_in_the_middle, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed_in_any_step, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
