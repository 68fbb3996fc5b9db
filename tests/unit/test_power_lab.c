/* R15 at home: a student's machine loses its power, with a log and with a rollback journal (network file systems). */
/* links: tests/unit/power_disk.c tests/unit/power_cut.c */

#include "tests/unit/scratch.h"

#include <kodelab/clock.h>
#include <kodelab/store.h>
#include <kodelab/store_backup.h>

#include "tests/unit/power_disk.h"

#define ATTEMPTS  8
#define RESTARTED 4 /* before which of them the lab is closed and opened again */
#define BETWEEN   12 /* cuts that are not at a sync */

static const struct kl_clock clock_ = { .held = true, .held_wall_ms = INT64_C(1796040000000) };

static bool opened(struct kl_store **store, const char *folder, struct kl_store_opened *what)
{
	char *path = kl_path_join(folder, "lab.db");
	bool good = !kl_store_open(store, what, path, &clock_, NULL);

	free(path);
	return good;
}

/* Attempt, progress and outbox in one transaction, then a draft; each is told when it is done. */
static bool work_once(struct kl_store *store, int number)
{
	struct kl_attempt attempt = { .pack = (char[]){ "basics" },
				      .slug = (char[]){ "sum" },
				      .language = (char[]){ "python" },
				      .kind = KL_ATTEMPT_SUBMIT,
				      .verdict = (char[]){ "passed" },
				      .score = 100,
				      .passed = 1,
				      .total = 1,
				      .report = (char[]){ "{}" } };
	char *code = kl_format("#%0900d\n", number), *said;
	bool good;

	attempt.code = code;
	attempt.code_len = strlen(code);
	good = !kl_store_attempt_add(store, &attempt, NULL, NULL);
	if (good)
		power_mark(attempt.id);
	good = good && !kl_store_draft_put(store, "basics", "sum", "python", code, strlen(code), 0, NULL);
	said = kl_format("draft %d", number);
	if (good)
		power_mark(said);
	free(said);
	free(code);
	return good;
}

static bool live(void *ctx)
{
	struct kl_store *store;
	bool good = opened(&store, scratch, NULL);

	(void)ctx;
	for (int i = 0; good && i < ATTEMPTS; i++) {
		if (i == RESTARTED) {
			kl_store_close(store);
			good = opened(&store, scratch, NULL);
		}
		good = good && work_once(store, i);
	}
	if (good)
		kl_store_close(store);
	return good;
}

struct scene {
	const struct power_disk *disk;
	const char *folder;
};

static int draft_of(struct kl_store *store)
{
	size_t len, cursor;
	char *text;
	int number = -1;

	if (!kl_store_draft_get(&text, &len, &cursor, store, "basics", "sum", "python", NULL)) {
		number = (int)strtol(text + 1, NULL, 10);
		free(text);
	}
	return number;
}

static void check_cut(void *ctx, const struct power_cut *cut)
{
	const struct scene *scene = ctx;
	struct kl_store_opened what;
	struct kl_attempt_totals totals;
	struct kl_store *store;
	int told = 0, draft = -1;
	size_t waiting;

	if (!opened(&store, scene->folder, &what) || what.rebuilt)
		fail_msg("cut before step %zu, loss %d, seed %llu: it is damaged", cut->at, (int)cut->loss,
			 (unsigned long long)cut->seed);
	for (size_t i = 0; i < cut->at; i++) {
		const char *text = power_mark_of(scene->disk, i);
		struct kl_attempt attempt;

		if (text && !strncmp(text, "draft ", 6)) {
			draft = (int)strtol(text + 6, NULL, 10);
		} else if (text) {
			assert_int_equal(kl_store_attempt_get(&attempt, store, text, NULL), KL_OK);
			kl_attempt_release(&attempt);
			told++;
		}
	}
	assert_in_range(draft_of(store) + 1, draft + 1, draft + 2);
	assert_int_equal(kl_store_attempt_totals(&totals, store, NULL), KL_OK);
	assert_in_range(totals.attempts, told, told + 1);
	if (cut->at == power_count(scene->disk))
		assert_int_equal(told, ATTEMPTS);
	assert_int_equal(kl_store_outbox_count(&waiting, store, NULL), KL_OK);
	assert_true(waiting >= (size_t)totals.attempts);
	assert_int_equal(kl_store_check_all(store, NULL), KL_OK);
	assert_true(work_once(store, ATTEMPTS)); /* and life goes on */
	kl_store_close(store);
}

static void lose_power(void)
{
	struct power_disk *disk = power_record(scratch, live, NULL);
	struct scene scene = { .disk = disk };
	char *found;

	if (!disk)
		skip();
	scene.folder = found = kl_path_join(scratch, "found");
	print_message("# %zu power cuts\n", power_every_cut(disk, found, BETWEEN, check_cut, &scene));
	power_free(disk);
	free(found);
}

static void R15_with_a_log(void **state)
{
	(void)state;
	lose_power();
}

static void R15_with_a_rollback_journal(void **state)
{
	(void)state;
	assert_int_equal(setenv("KL_STORE_NETWORK", "1", 1), 0);
	lose_power();
	unsetenv("KL_STORE_NETWORK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(R15_with_a_log, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(R15_with_a_rollback_journal, scratch_open_fast, scratch_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
