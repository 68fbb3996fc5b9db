/* The class server's intake on a real store and queue: each thing once, all of it or nothing. */

#include "tests/unit/intake_scene.h"

#include <sys/stat.h>

#include <kodelab/store_changes.h>
#include <kodelab/store_learner.h>

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *part;
	} wrong[] = {
		{ "[]", "an item must be an object" },
		{ "{}", "'kind' is missing" },
		{ "{\"kind\":\"exam\"}", "'kind' is none of" },
		{ "{\"kind\":7}", "'kind' must be a text" },
		{ "{\"kind\":\"hint\"}", "'id' is missing" },
		{ "{\"kind\":\"hint\",\"id\":\"1\",\"hash\":\"2\"}", "'id' is no UUID" },
		{ "{\"kind\":\"hint\",\"id\":\"" ADA "\",\"hash\":\"2\"}", "'hash' is no SHA-256" },
		{ "{\"kind\":\"hint\",\"user_id\":\"x\"}", "'user_id' is no member" },
	};
	static const struct {
		const char *kind, *body, *part;
	} bodies[] = {
		{ "submission", "7", "'body' is missing or no object" },
		{ "submission", "{}", "'pack' is missing" },
		{ "submission", "{\"score\":100}", "'score' is no member" },
		{ "submission", "{\"pack\":\"../x\",\"slug\":\"a\"}", "'pack' is no name" },
		{ "submission", "{\"pack\":\"a\",\"slug\":\"a/b\"}", "'slug' is no name" },
		{ "submission", "{\"pack\":\"a\",\"slug\":\"b\",\"code\":\"\"}", "'language' is missing" },
		{ "submission", "{\"pack\":\"a\",\"slug\":\"b\",\"language\":\"c\"}", "one of 'code' and" },
		{ "submission", "{\"pack\":\"a\",\"slug\":\"b\",\"language\":\"c\",\"code\":\"\",\"code_base64\":\"\"}",
		  "one of 'code' and" },
		{ "submission", "{\"pack\":\"a\",\"slug\":\"b\",\"language\":\"c\",\"code_base64\":\"?\"}",
		  "not base64" },
		{ "submission", "{\"pack\":\"a\",\"slug\":\"b\",\"language\":\"c\",\"code_base64\":\"MQ==\"}",
		  "'hash' is not the SHA-256" },
		{ "submission", "{\"pack\":\"a\",\"slug\":\"b\",\"language\":\"c\",\"code\":\"\",\"version\":0}",
		  "'version' must be" },
		{ "submission", "{\"pack\":\"a\",\"slug\":\"b\",\"language\":\"c\",\"code\":\"\",\"course\":\"x\"}",
		  "'course' is no id" },
		{ "draft", "{\"pack\":\"a\",\"slug\":\"b\",\"language\":\"c\",\"code\":\"\"}", "'seq' is missing" },
		{ "draft", "{\"pack\":\"a\",\"slug\":\"b\",\"language\":\"c\",\"code\":\"\",\"seq\":1.5}",
		  "'seq' must be" },
		{ "progress", "{\"pack\":\"a\",\"slug\":\"b\",\"state\":\"DONE\"}", "'state' is none of" },
		{ "progress", "{\"pack\":\"a\",\"slug\":\"b\",\"role\":\"ADMIN\"}", "'role' is no member" },
		{ "hint", "{\"pack\":\"a\",\"slug\":\"b\",\"revealed\":-1}", "'revealed' must be" },
		{ "rating", "{\"pack\":\"a\",\"slug\":\"b\",\"stars\":6}", "'stars' must be" },
	};
	struct kl_intake_item item;
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(wrong); i++) {
		cJSON *node = cJSON_Parse(wrong[i].text);

		assert_int_equal(kl_intake_read(&item, node, NULL, &err), KL_EINVAL);
		if (!strstr(err.message, wrong[i].part))
			fail_msg("%s: %s", wrong[i].text, err.message);
		cJSON_Delete(node);
	}
	for (size_t i = 0; i < KL_LENGTH(bodies); i++) {
		char *text = item_text(ADA, bodies[i].kind, NULL, bodies[i].body);
		cJSON *node = cJSON_Parse(text);

		assert_int_equal(kl_intake_read(&item, node, NULL, &err), KL_EINVAL);
		if (!strstr(err.message, bodies[i].part))
			fail_msg("%s: %s", text, err.message);
		cJSON_Delete(node);
		free(text);
	}
}

/* --- submissions -------------------------------------------------------------------------------------------------- */

static void each_is_taken_once(void **state)
{
	struct kl_intake_answer first = submit(ADA, ADA), again, other;
	struct kl_error err;
	struct kl_work work;

	(void)state;
	assert_int_equal(first.end, KL_INTAKE_STORED);
	assert_int_equal(first.receipt.serial, 1);
	assert_int_equal(kl_receipt_check(&first.receipt, kl_intake_public_key(intake), &err), KL_OK);
	clock_.held_wall_ms += 1000;
	again = submit(ADA, ADA);
	assert_int_equal(again.end, KL_INTAKE_DUPLICATE);
	assert_memory_equal(&again.receipt, &first.receipt, sizeof(first.receipt));
	assert_int_equal(take(&other, ADA, ADA, "submission",
			      "{\"pack\":\"basics\",\"slug\":\"sum\",\"language\":\"python\",\"code\":\"print(2)\"}"),
			 KL_OK);
	assert_int_equal(other.end, KL_INTAKE_CONFLICT);
	assert_true(other.first_conflict);
	assert_string_equal(other.receipt.signature, "");
	assert_int_equal(take(&other, ADA, ADA, "hint", "{\"pack\":\"basics\",\"slug\":\"sum\",\"revealed\":1}"),
			 KL_OK);
	assert_int_equal(other.end, KL_INTAKE_CONFLICT);
	assert_false(other.first_conflict);
	assert_int_equal(kl_store_work_get(&work, store, ADA, NULL), KL_OK);
	assert_string_equal(work.user, ADA);
	assert_string_equal(work.code, "print(1)\n");
	assert_int_equal(work.at_ms, NOON - 3600000);
	assert_int_equal(work.received_ms, NOON);
	assert_int_equal(work.state, KL_WORK_QUEUED);
	kl_work_release(&work);
	assert_true(kl_queue_has(queue, ADA));
}

static void receipts_survive_a_restart(void **state)
{
	struct kl_intake_answer first = submit(ADA, ADA), again;
	char public_key[KL_RECEIPT_KEY_SIZE];
	struct stat st;

	(void)state;
	snprintf(public_key, sizeof(public_key), "%s", kl_intake_public_key(intake));
	close_all();
	open_all();
	assert_false(renewed);
	assert_string_equal(kl_intake_public_key(intake), public_key);
	again = submit(ADA, ADA);
	assert_memory_equal(&again.receipt, &first.receipt, sizeof(first.receipt));
	assert_int_equal(submit(ADA, BOB).receipt.serial, 2);
	assert_int_equal(stat(key_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Its file is gone: what was signed stays as it was, what comes is signed with another one. */
static void a_lost_key_is_told(void **state)
{
	struct kl_intake_answer first = submit(ADA, ADA), again;
	struct kl_error err;
	char *open, *nonsense;

	(void)state;
	open = kl_format("others may read '%s', which signs receipts: chmod 600 it", key_path);
	nonsense = kl_format("'%s' holds no key for receipts: restore it from a copy", key_path);
	close_all();
	assert_int_equal(unlink(key_path), 0);
	open_all();
	assert_true(renewed);
	again = submit(ADA, ADA);
	assert_memory_equal(&again.receipt, &first.receipt, sizeof(first.receipt));
	assert_string_equal(first.receipt.server, kl_intake_server_id(intake));
	assert_int_equal(kl_receipt_check(&first.receipt, kl_intake_public_key(intake), &err), KL_EDENIED);
	kl_intake_close(intake);
	assert_int_equal(chmod(key_path, 0644), 0);
	assert_int_equal(open_intake(&err), KL_EDENIED);
	assert_string_equal(err.message, open);
	assert_int_equal(chmod(key_path, 0600), 0);
	assert_int_equal(kl_file_write(key_path, "nonsense", 8, 0600, NULL), KL_OK);
	assert_int_equal(open_intake(&err), KL_ECORRUPT);
	assert_string_equal(err.message, nonsense);
	assert_int_equal(unlink(key_path), 0);
	assert_int_equal(open_intake(&err), KL_OK);
	free(open);
	free(nonsense);
}

/* --- verdicts ----------------------------------------------------------------------------------------------------- */

static enum kl_status judge(const char *id, int64_t epoch, double score, int64_t passed)
{
	struct kl_intake_claim claim = { .id = id, .epoch = epoch, .rejudge = "" };
	struct kl_work found = { .state = KL_WORK_DONE,
				 .judged_ms = clock_.held_wall_ms,
				 .verdict = (char[]){ "passed" },
				 .score = score,
				 .passed = passed,
				 .total = 2,
				 .report = (char[]){ "{}" } };
	enum kl_status status = kl_store_batch_begin(store, NULL), end;

	snprintf(found.id, sizeof(found.id), "%s", id);
	if (status)
		return status;
	status = kl_intake_judged(intake, &claim, &found, NULL);
	end = kl_store_batch_end(store, NULL);
	return status ? status : end;
}

static struct kl_queue_entry claim(void)
{
	struct kl_queue_entry entry;

	assert_int_equal(kl_queue_claim(&entry, queue, NULL), KL_OK);
	return entry;
}

static void check_progress(int state, int64_t submissions, double best)
{
	struct kl_user_progress progress;

	assert_int_equal(kl_store_user_progress_get(&progress, store, ADA, "basics", "sum", NULL), KL_OK);
	assert_int_equal(progress.state, state);
	assert_int_equal(progress.submissions, submissions);
	assert_true(progress.best_score == best);
	kl_user_progress_release(&progress);
}

static void a_verdict_is_written_once(void **state)
{
	struct kl_queue_entry entry;
	struct kl_work work;
	int64_t before, after;

	(void)state;
	submit(ADA, ADA);
	assert_int_equal(kl_store_changes_newest(&before, store, NULL), KL_OK);
	entry = claim();
	assert_int_equal(entry.kind, KL_QUEUE_CLASS);
	assert_int_equal(judge(ADA, entry.epoch + 1, 100, 2), KL_ECONFLICT);
	check_progress(0, 0, 0);
	assert_int_equal(judge(ADA, entry.epoch, 50, 1), KL_OK);
	assert_int_equal(judge(ADA, entry.epoch, 100, 2), KL_ECONFLICT);
	check_progress(1, 1, 50);
	assert_int_equal(scored, 1);
	assert_int_equal(kl_store_changes_newest(&after, store, NULL), KL_OK);
	assert_int_equal(after, before + 2);
	assert_int_equal(kl_store_work_look(&work, store, ADA, NULL), KL_OK);
	assert_int_equal(work.state, KL_WORK_DONE);
	assert_int_equal(work.judgings, 1);
	kl_work_release(&work);
	assert_false(kl_queue_has(queue, ADA));
	assert_int_equal(kl_store_queue_get(&entry, store, ADA, NULL), KL_ENOENT);
	kl_queue_entry_release(&entry);
	submit(ADA, BOB);
	entry = claim();
	assert_int_equal(judge(BOB, entry.epoch, 100, 2), KL_OK);
	check_progress(2, 2, 100);
	kl_queue_entry_release(&entry);
}

/* Died with it too often: it is told, not tried for ever. */
static void what_kills_the_server_is_buried(void **state)
{
	struct kl_queue_entry entry;
	struct kl_work work;
	size_t count = 0;

	(void)state;
	submit(ADA, ADA);
	for (int i = 0; i < 3; i++) {
		entry = claim();
		kl_queue_entry_release(&entry);
		close_all();
		open_all();
	}
	assert_int_equal(kl_queue_claim(&entry, queue, NULL), KL_ENOENT);
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
	assert_int_equal(kl_intake_bury(&count, intake, "{\"error\":\"why\"}", NULL), KL_OK);
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_int_equal(kl_store_work_get(&work, store, ADA, NULL), KL_OK);
	assert_int_equal(work.state, KL_WORK_FAILED);
	assert_string_equal(work.verdict, "judge_error");
	assert_string_equal(work.report, "{\"error\":\"why\"}");
	kl_work_release(&work);
	check_progress(1, 0, 0); /* nothing counts against the student */
}

/* --- drafts and progress ------------------------------------------------------------------------------------------ */

static struct kl_intake_answer put_draft(const char *code, int seq)
{
	struct kl_intake_answer answer;
	char id[KL_ID_SIZE];
	char *body =
		kl_format("{\"pack\":\"basics\",\"slug\":\"sum\",\"language\":\"python\",\"code\":\"%s\",\"seq\":%d,"
			  "\"device\":\"desk\"}",
			  code, seq);

	kl_id_new(id, &clock_);
	assert_int_equal(take(&answer, ADA, id, "draft", body), KL_OK);
	free(body);
	return answer;
}

static void R08_the_highest_draft_stays(void **state)
{
	struct kl_user_draft draft, old[4];
	size_t count = KL_LENGTH(old);
	struct kl_intake_answer answer;

	(void)state;
	assert_int_equal(put_draft("five", 5).end, KL_INTAKE_STORED);
	answer = put_draft("four", 4);
	assert_int_equal(answer.end, KL_INTAKE_STALE);
	assert_int_equal(answer.newest, 5);
	assert_true(answer.receipt.signature[0]);
	assert_int_equal(kl_store_user_draft_get(&draft, store, ADA, "basics", "sum", "python", NULL), KL_OK);
	assert_string_equal(draft.code, "five");
	assert_string_equal(draft.device, "desk");
	kl_user_draft_release(&draft);
	assert_int_equal(put_draft("six", 6).end, KL_INTAKE_STORED);
	assert_int_equal(kl_store_user_drafts_old(old, &count, store, ADA, "basics", "sum", "python", NULL), KL_OK);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++) {
		assert_true(!strcmp(old[i].code, "four") || !strcmp(old[i].code, "five"));
		kl_user_draft_release(&old[i]);
	}
	for (int i = 7; i < 40; i++)
		assert_int_equal(put_draft("more", i).end, KL_INTAKE_STORED);
	assert_int_equal(kl_store_user_draft_get(&draft, store, ADA, "basics", "sum", "python", NULL), KL_OK);
	assert_int_equal(draft.seq, 39);
	kl_user_draft_release(&draft);
}

static void progress_is_merged(void **state)
{
	static const struct {
		const char *kind, *body;
	} items[] = {
		{ "progress", "{\"pack\":\"basics\",\"slug\":\"sum\",\"state\":\"COMPLETED\",\"best_score\":100,"
			      "\"hints\":2,\"spent_ms\":5000,\"first_ms\":1000}" },
		{ "progress", "{\"pack\":\"basics\",\"slug\":\"sum\",\"state\":\"NOT_STARTED\",\"hints\":1,"
			      "\"spent_ms\":4000,\"first_ms\":2000}" },
		{ "hint", "{\"pack\":\"basics\",\"slug\":\"sum\",\"revealed\":3}" },
		{ "rating", "{\"pack\":\"basics\",\"slug\":\"sum\",\"stars\":4}" },
	};
	struct kl_user_progress progress;
	struct kl_intake_answer answer;
	int64_t count, stars;
	char id[KL_ID_SIZE];

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(items); i++) {
		kl_id_new(id, &clock_);
		assert_int_equal(take(&answer, ADA, id, items[i].kind, items[i].body), KL_OK);
		assert_int_equal(answer.end, KL_INTAKE_STORED);
	}
	assert_int_equal(kl_store_user_progress_get(&progress, store, ADA, "basics", "sum", NULL), KL_OK);
	assert_int_equal(progress.state, 1); /* in progress: a lab's word completes nothing */
	assert_true(progress.best_score == 0);
	assert_int_equal(progress.hints, 3);
	assert_int_equal(progress.spent_ms, 5000);
	assert_int_equal(progress.first_ms, 1000);
	kl_user_progress_release(&progress);
	assert_int_equal(kl_store_rating_sums(&count, &stars, store, "basics", "sum", NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_int_equal(stars, 4);
}

/* --- faults ------------------------------------------------------------------------------------------------------- */

/* The n-th step on the disk fails, for every n: what was answered is there, all of it, and nothing else is. */
static void a_fault_leaves_all_or_nothing(void **state)
{
	struct kl_intake_answer answer;
	struct kl_work work = { .pack = NULL };
	char fault[16];
	bool taken = false;
	int steps = 0;

	(void)state;
	while (!taken) {
		snprintf(fault, sizeof(fault), "%d", ++steps);
		close_all();
		assert_int_equal(setenv("KL_FAULT", fault, 1), 0);
		if (!try_open_all(NULL))
			taken = !take(&answer, ADA, ADA, "submission", SUBMISSION);
		close_all();
		unsetenv("KL_FAULT");
		open_all();
		assert_int_equal(kl_store_work_look(&work, store, ADA, NULL), taken ? KL_OK : KL_ENOENT);
		assert_int_equal(kl_queue_has(queue, ADA), taken);
		kl_work_release(&work);
		assert_true(steps < 200);
	}
	assert_true(steps > 10);
	assert_int_equal(submit(ADA, ADA).end, KL_INTAKE_DUPLICATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test_setup_teardown(each_is_taken_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(receipts_survive_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lost_key_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_verdict_is_written_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_kills_the_server_is_buried, set_up, tear_down),
		cmocka_unit_test_setup_teardown(R08_the_highest_draft_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(progress_is_merged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_fault_leaves_all_or_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
