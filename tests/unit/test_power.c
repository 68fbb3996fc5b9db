/* R15. The class server's machine loses its power, at every moment: what was receipted is there, and all of it is well. */
/* links: tests/unit/power_disk.c tests/unit/power_cut.c */

#include "tests/unit/intake_scene.h"

#include <sqlite3.h>

#include <kodelab/store_backup.h>
#include <kodelab/store_intake.h>
#include <kodelab/store_keys.h>

#include "tests/unit/power_disk.h"

#define TURNS     12
#define EACH      3 /* submissions of a turn, one transaction */
#define BACKUP    4 /* what is done before which turn */
#define EMPTIED   6
#define RESTARTED 8
#define BETWEEN   20 /* cuts that are not at a sync */

static char *copy_path(const char *folder)
{
	return kl_path_join(folder, "copy.db");
}

static void id_of(char id[KL_ID_SIZE], int turn, int item)
{
	snprintf(id, KL_ID_SIZE, "01920a3c-5f00-7abc-8def-%06d%06d", turn, item);
}

/* A sector and more, so that it may be torn; no two are the same. */
static char *submission_of(int turn, int item)
{
	char id[KL_ID_SIZE], *body, *text;

	id_of(id, turn, item);
	body = kl_format("{\"pack\":\"basics\",\"slug\":\"sum\",\"language\":\"python\",\"code\":\"#%0900d\"}",
			 turn * EACH + item);
	text = item_text(id, "submission", NULL, body);
	free(body);
	return text;
}

/* --- what the server does ------------------------------------------------------------------------------------------- */

static void mark_receipt(const struct kl_receipt *receipt)
{
	struct kl_buf text;

	kl_buf_init(&text, 4096);
	kl_receipt_json(&text, receipt);
	power_mark(text.data);
	kl_buf_release(&text);
}

static bool take_all(struct kl_intake_answer *answers, int turn)
{
	char user[KL_ID_SIZE];
	bool good = true;

	id_of(user, turn, 999);
	for (int i = 0; i < EACH; i++) {
		char *text = submission_of(turn, i);

		good = good && !take_text(&answers[i], user, text, NULL);
		free(text);
	}
	return good;
}

/* The oldest that waits gets its verdict. */
static bool judge_one(void)
{
	struct kl_queue_entry entry = { .body = NULL };
	struct kl_work found = { .state = KL_WORK_DONE,
				 .judged_ms = NOON,
				 .verdict = (char[]){ "passed" },
				 .score = 100,
				 .passed = 2,
				 .total = 2,
				 .report = (char[]){ "{}" } };
	struct kl_intake_claim claim = { .rejudge = "" };
	bool good;

	if (kl_queue_claim(&entry, queue, NULL))
		return false;
	snprintf(found.id, sizeof(found.id), "%s", entry.id);
	claim.id = entry.id;
	claim.epoch = entry.epoch;
	good = !kl_intake_judged(intake, &claim, &found, NULL);
	kl_queue_entry_release(&entry);
	return good;
}

/* As core/server/server.c: one transaction, and then what came of it is told. */
static bool take_turn(int turn)
{
	struct kl_intake_answer answers[EACH];

	if (kl_store_batch_begin(store, NULL) || !take_all(answers, turn) || (turn && !judge_one()) ||
	    kl_store_batch_end(store, NULL))
		return false;
	kl_queue_committed(queue);
	for (int i = 0; i < EACH; i++)
		mark_receipt(&answers[i].receipt);
	return true;
}

static bool back_up(void)
{
	char *copy = copy_path(scratch);
	struct kl_store *beside;
	bool good = !kl_store_open_beside(&beside, path, &clock_, NULL);

	if (good) {
		good = !kl_store_backup(NULL, beside, copy, NULL);
		kl_store_close(beside);
	}
	if (good)
		power_mark("backup");
	free(copy);
	return good;
}

static bool start_anew(void)
{
	close_all(); /* the log goes into the file */
	return !try_open_all(NULL);
}

static bool serve(void *ctx)
{
	(void)ctx;
	if (try_open_all(NULL))
		return false;
	for (int turn = 0; turn < TURNS; turn++)
		if ((turn == BACKUP && !back_up()) || (turn == EMPTIED && kl_store_keys_shred(store, NULL)) ||
		    (turn == RESTARTED && !start_anew()) || !take_turn(turn))
			return false;
	close_all();
	return true;
}

/* --- what must be there --------------------------------------------------------------------------------------------- */

struct scene {
	const struct power_disk *disk;
	const char *folder; /* where it is found */
	const struct power_cut *cut;
};

#define CHECK(condition, ...)                                                                                          \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			print_error("cut before step %zu, loss %d, seed %llu: ", scene->cut->at,                       \
				    (int)scene->cut->loss, (unsigned long long)scene->cut->seed);                      \
			fail_msg(__VA_ARGS__);                                                                         \
		}                                                                                                      \
	} while (0)

static int take_text_of(void *ctx, int count, char **values, char **names)
{
	(void)names;
	snprintf(ctx, 64, "%s", count && values[0] ? values[0] : "");
	return 0;
}

static void check_sql(const struct scene *scene, const char *name, const char *sql, const char *wanted)
{
	char text[64] = "";
	sqlite3 *db;

	CHECK(sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	CHECK(sqlite3_exec(db, sql, take_text_of, text, NULL) == SQLITE_OK, "%s: %s", name, sqlite3_errmsg(db));
	CHECK(!strcmp(text, wanted), "%s: %s: %s", name, sql, text);
	sqlite3_close(db);
}

static void check_receipt(const struct scene *scene, const char *text)
{
	cJSON *node = cJSON_Parse(text);
	struct kl_receipt receipt;
	struct kl_intake_row row;
	struct kl_error err;

	CHECK(!kl_receipt_read(&receipt, node, &err), "%s", err.message);
	CHECK(!kl_store_intake_get(&row, store, receipt.user, receipt.id, &err), "%s was receipted and is gone: %s",
	      receipt.id, err.message);
	CHECK(!strcmp(row.hash, receipt.hash) && !strcmp(row.signature, receipt.signature) &&
		      row.serial == receipt.serial && !strcmp(row.user, receipt.user),
	      "the row of %s is not what its receipt says", receipt.id);
	CHECK(!kl_receipt_check(&receipt, kl_intake_public_key(intake), &err), "%s", err.message);
	cJSON_Delete(node);
}

/* All that was receipted before the cut; how many turns that is. */
static int check_receipts(const struct scene *scene, bool *backed_up)
{
	int count = 0;

	*backed_up = false;
	for (size_t i = 0; i < scene->cut->at; i++) {
		const char *text = power_mark_of(scene->disk, i);

		if (text && !strcmp(text, "backup"))
			*backed_up = true;
		else if (text)
			check_receipt(scene, text), count++;
	}
	return (count + EACH - 1) / EACH; /* the power may go while they are told */
}

/* A turn is there whole or not at all, and what waits to be judged is what is not judged. */
static int check_works(const struct scene *scene)
{
	int stored[TURNS] = { 0 }, turns = 0;
	char id[KL_ID_SIZE];
	struct kl_work work;

	for (int i = 0; i < TURNS * EACH; i++) {
		id_of(id, i / EACH, i % EACH);
		if (kl_store_work_look(&work, store, id, NULL))
			continue;
		stored[i / EACH]++;
		CHECK(kl_queue_has(queue, id) == (work.state == KL_WORK_QUEUED), "%s in state %d is %s", id, work.state,
		      kl_queue_has(queue, id) ? "queued" : "not queued");
		CHECK(work.judgings == (work.state == KL_WORK_DONE), "%s judged %d times", id, (int)work.judgings);
		kl_work_release(&work);
	}
	for (int i = 0; i < TURNS; i++) {
		CHECK(!stored[i] || (stored[i] == EACH && turns == i), "%d of turn %d", stored[i], i);
		turns += stored[i] != 0;
	}
	return turns;
}

/* Everything is handed in once more: what is there is known, by its receipt, and what is not is taken. */
static void check_again(const struct scene *scene, int turns)
{
	struct kl_intake_answer answers[EACH];

	for (int turn = 0; turn <= turns && turn < TURNS; turn++) {
		assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
		assert_true(take_all(answers, turn));
		assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
		for (int i = 0; i < EACH; i++) {
			CHECK(answers[i].end == (turn < turns ? KL_INTAKE_DUPLICATE : KL_INTAKE_STORED), "turn %d: %d",
			      turn, answers[i].end);
			CHECK(answers[i].receipt.serial == turn * EACH + i + 1, "serial %d of %d in turn %d",
			      (int)answers[i].receipt.serial, i, turn);
		}
	}
}

static void check_cut(void *ctx, const struct power_cut *cut)
{
	struct scene *scene = ctx;
	char *copy = copy_path(scene->folder);
	struct kl_error err;
	bool backed_up;
	int told, turns;

	scene->cut = cut;
	live_in(scene->folder);
	CHECK(!try_open_all(&err), "%s", err.message);
	check_sql(scene, path, "PRAGMA integrity_check", "ok");
	told = check_receipts(scene, &backed_up);
	CHECK(!told || !renewed, "the key of the receipts is gone");
	turns = check_works(scene);
	CHECK(turns == told || turns == told + 1, "%d turns are there, %d were told", turns, told);
	if (cut->at == power_count(scene->disk))
		CHECK(told == TURNS && backed_up, "%d turns were told in the whole of it", told);
	if (backed_up || kl_path_exists(copy))
		check_sql(scene, copy, "PRAGMA integrity_check", "ok");
	if (backed_up)
		check_sql(scene, copy, "SELECT COUNT(*) FROM intake", "12");
	check_again(scene, turns);
	close_all();
	check_sql(scene, path, "PRAGMA integrity_check", "ok");
	free(copy);
}

static void R15_the_power_goes_while_it_serves(void **state)
{
	struct power_disk *disk = power_record(scratch, serve, NULL);
	struct scene scene = { .disk = disk };
	char *found;

	(void)state;
	if (!disk)
		skip();
	scene.folder = found = kl_path_join(scratch, "found");
	print_message("# %zu power cuts\n", power_every_cut(disk, found, BETWEEN, check_cut, &scene));
	power_free(disk);
	free(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(R15_the_power_goes_while_it_serves, set_up_closed, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
