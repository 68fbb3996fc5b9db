/* What the intake keeps, of whom, and how much: ids are their users', and nobody fills the disk alone. */

#include "tests/unit/intake_scene.h"

#include <sqlite3.h>

#include <kodelab/store_intake.h>
#include <kodelab/store_learner.h>

#define DRAFT "{\"pack\":\"basics\",\"slug\":\"sum\",\"language\":\"python\",\"code\":\"%03d\",\"seq\":%d}"

/* Two users may hand in under one id, by chance or on purpose: neither hears of the other. */
static void an_id_is_its_users(void **state)
{
	struct kl_intake_answer ada = submit(ADA, ADA), bob = submit(BOB, ADA), again;
	char id[KL_ID_SIZE];
	struct kl_work work;

	(void)state;
	assert_int_equal(bob.end, KL_INTAKE_STORED);
	assert_string_equal(bob.receipt.id, ADA);
	assert_string_equal(bob.receipt.user, BOB);
	assert_string_equal(ada.work, ADA);
	assert_string_not_equal(bob.work, ADA);
	assert_int_equal(kl_store_work_of(id, store, BOB, ADA, NULL), KL_OK);
	assert_string_equal(id, bob.work);
	assert_int_equal(kl_store_work_of(id, store, ADA, ADA, NULL), KL_OK);
	assert_string_equal(id, ADA);
	assert_int_equal(kl_store_work_get(&work, store, bob.work, NULL), KL_OK);
	assert_string_equal(work.user, BOB);
	assert_string_equal(work.item, ADA);
	kl_work_release(&work);
	assert_true(kl_queue_has(queue, ADA) && kl_queue_has(queue, bob.work));
	again = submit(BOB, ADA);
	assert_int_equal(again.end, KL_INTAKE_DUPLICATE);
	assert_memory_equal(&again.receipt, &bob.receipt, sizeof(bob.receipt));
	for (int i = 1; i < 4; i++) { /* drafts that are followed, too */
		char *body = kl_format(DRAFT, i, i);

		kl_id_new(id, &clock_);
		assert_int_equal(take(&again, ADA, id, "draft", body), KL_OK);
		assert_int_equal(again.end, KL_INTAKE_STORED);
		assert_int_equal(take(&again, BOB, id, "draft", body), KL_OK);
		assert_int_equal(again.end, KL_INTAKE_STORED);
		free(body);
	}
}

static int64_t kept_of(const char *user)
{
	int64_t bytes = 0;

	assert_int_equal(kl_store_intake_kept(&bytes, store, user, NULL), KL_OK);
	return bytes;
}

static void one_user_cannot_fill_the_disk(void **state)
{
	struct kl_intake_answer answer;
	char id[KL_ID_SIZE];
	struct kl_error err;

	(void)state;
	close_all();
	kept_max = 2 * (KL_INTAKE_ROW_BYTES + (int64_t)strlen("print(1)\n"));
	open_all();
	submit(ADA, ADA);
	submit(ADA, BOB);
	assert_int_equal(kept_of(ADA), kept_max);
	kl_id_new(id, &clock_);
	assert_int_equal(take_why(&answer, ADA, id, "submission", SUBMISSION, &err), KL_EMANY);
	assert_string_equal(err.message,
			    "the server keeps 0 MiB of yours, as much as of one user: ask who runs it for more; "
			    "this stays with you until then");
	assert_int_equal(submit(ADA, ADA).end, KL_INTAKE_DUPLICATE); /* what is here is here */
	assert_int_equal(submit(BOB, id).end, KL_INTAKE_STORED);
	assert_int_equal(kept_of(ADA), kept_max);
}

/* Drafts and progress without end cost no more than the newest of them. */
static void what_was_followed_is_forgotten(void **state)
{
	enum { DRAFTS = 3 * KL_INTAKE_SPENT_MAX, CODE = 3 };
	struct kl_intake_answer answer;
	char first[KL_ID_SIZE] = "", id[KL_ID_SIZE];

	(void)state;
	for (int i = 1; i <= DRAFTS; i++) {
		char *body = kl_format(DRAFT, i, i);

		kl_id_new(id, &clock_);
		clock_.held_wall_ms++;
		if (!*first)
			memcpy(first, id, sizeof(first));
		assert_int_equal(take(&answer, ADA, id, "draft", body), KL_OK);
		assert_int_equal(answer.end, KL_INTAKE_STORED);
		free(body);
	}
	assert_int_equal(kept_of(ADA), KL_INTAKE_SPENT_MAX * KL_INTAKE_ROW_BYTES + (KL_DRAFTS_OLD_MAX + 1) * CODE);
	assert_true(kl_intake_knows(intake, ADA, id));
	assert_false(kl_intake_knows(intake, ADA, first));
	assert_int_equal(
		take(&answer, ADA, first, "draft",
		     "{\"pack\":\"basics\",\"slug\":\"sum\",\"language\":\"python\",\"code\":\"001\",\"seq\":1}"),
		KL_OK);
	assert_int_equal(answer.end, KL_INTAKE_STALE); /* and it changes nothing */
	assert_int_equal(answer.newest, DRAFTS);
}

static void one_user_cannot_fill_the_queue(void **state)
{
	struct kl_intake_answer answer;
	char id[KL_ID_SIZE];
	struct kl_error err;

	(void)state;
	for (int i = 0; i < 3; i++) { /* more than the queue's rate of a minute */
		kl_id_new(id, &clock_);
		submit(ADA, id);
	}
	kl_id_new(id, &clock_);
	assert_int_equal(take_why(&answer, ADA, id, "submission", SUBMISSION, &err), KL_EBUSY);
	assert_string_equal(err.message, "3 of your submissions wait to be judged: send this one later");
	assert_int_equal(submit(BOB, id).end, KL_INTAKE_STORED);
}

/* A database of before ids were their users': everything is there, and counted. */
static void what_was_taken_before_counts(void **state)
{
	static const char before[] =
		"CREATE INDEX works_tried ON works (user_id, pack, slug, received_ms); DROP TABLE github_accounts;"
		"DROP TABLE works_renamed; DROP TABLE intake_kept;"
		"CREATE TABLE old AS SELECT id, user_id, kind, hash, subject, at_ms, received_ms, serial, signature FROM intake;"
		"DROP TABLE intake; ALTER TABLE old RENAME TO intake; CREATE UNIQUE INDEX intake_by_serial ON intake (serial);"
		"CREATE TABLE older AS SELECT id, user_id, pack, slug, language, seq, device, hash, cursor_at, at_ms, received_ms,"
		" code FROM user_drafts_old; DROP TABLE user_drafts_old; ALTER TABLE older RENAME TO user_drafts_old;"
		"DROP TABLE serials_given; UPDATE schema_version SET version = 16;";
	struct kl_intake_answer first = submit(ADA, ADA), again;
	struct kl_user_draft old[KL_DRAFTS_OLD_MAX];
	size_t count = KL_LENGTH(old);
	int64_t kept;
	sqlite3 *db;

	(void)state;
	for (int i = 1; i < 3; i++) {
		char *body = kl_format(DRAFT, i, i), id[KL_ID_SIZE];

		kl_id_new(id, &clock_);
		assert_int_equal(take(&again, ADA, id, "draft", body), KL_OK);
		free(body);
	}
	kept = kept_of(ADA);
	close_all();
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, before, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	open_all();
	again = submit(ADA, ADA);
	assert_int_equal(again.end, KL_INTAKE_DUPLICATE);
	assert_memory_equal(&again.receipt, &first.receipt, sizeof(first.receipt));
	assert_int_equal(kept_of(ADA), kept);
	assert_int_equal(kl_store_user_drafts_old(old, &count, store, ADA, "basics", "sum", "python", NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(old[0].code, "001");
	kl_user_draft_release(&old[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_id_is_its_users, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_user_cannot_fill_the_queue, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_user_cannot_fill_the_disk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_followed_is_forgotten, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_taken_before_counts, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
