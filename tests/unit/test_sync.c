/*
 * Rounds against a class server that says what it is told to: what is sent and what of it is believed, what a receipt must be, what
 * comes back and where it goes.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/sync_scene.h"

#include <kodelab/coursework.h>

/* --- push --------------------------------------------------------------------------------------------------------- */

static void a_submit_is_received_once(void **state)
{
	char id[KL_ID_SIZE];
	struct kl_attempt attempt;

	(void)state;
	class_has("pack");
	submit(id, "pack", "int x;");
	attempt = attempt_of(id);
	assert_int_equal(attempt.standing, KL_STANDING_PROVISIONAL);
	assert_int_equal(attempt.delivery, KL_DELIVERY_WAITING);
	kl_attempt_release(&attempt);
	{
		const struct act acts[] = { { PUSH, .answer = receipts("stored", RIGHT) }, NOTHING, { 0 } };

		assert_int_equal(round_of(acts)->error.status, KL_OK);
	}
	assert_int_equal(lab.end.line, KL_LINE_ONLINE);
	assert_int_equal(lab.end.sent, 2); /* and how far the student is */
	assert_int_equal(lab.end.waiting, 0);
	assert_string_equal(lab.news, "received pack/one\nreceived pack/one\n");
	attempt = attempt_of(id);
	assert_int_equal(attempt.delivery, KL_DELIVERY_RECEIVED);
	kl_attempt_release(&attempt);
	assert_true(heard("\"kind\":\"submission\""));
	assert_true(heard("\"code\":\"int x;\""));
	assert_false(heard("verdict")); /* what was found here is nobody's business there */
	{
		const struct act acts[] = { NOTHING, { 0 } };

		assert_int_equal(round_of(acts)->error.status, KL_OK);
	}
	assert_false(heard("/api/sync/push")); /* one request when nothing is new */
	assert_int_equal(server_requests(scene.server), 1);
	assert_true(server_heard(scene.server)->len < 1024);
}

/* Whatever the server's answer claims: without its signature under this very item nothing is called received. */
static void a_receipt_must_be_this_servers_word_on_this_item(void **state)
{
	static const enum wrong cases[] = { OTHER_KEY, OTHER_HASH, OTHER_USER, OTHER_ID, NO_RECEIPT };
	char id[KL_ID_SIZE];
	struct kl_attempt attempt;

	(void)state;
	class_has("pack");
	submit(id, "pack", "int x;");
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		const struct act acts[] = { { PUSH, .answer = receipts("stored", cases[i]) }, NOTHING, { 0 } };

		assert_int_equal(round_of(acts)->sent, 0);
		assert_string_equal(lab.news, "");
		assert_int_equal(waiting(), 2);
		attempt = attempt_of(id);
		assert_int_equal(attempt.delivery, KL_DELIVERY_WAITING);
		kl_attempt_release(&attempt);
	}
}

static void an_assignments_submit_says_so(void **state)
{
	struct kl_attempt attempt = { .pack = (char *)(uintptr_t) "pack",
				      .slug = (char *)(uintptr_t) "one",
				      .language = (char *)(uintptr_t) "c",
				      .kind = KL_ATTEMPT_SUBMIT,
				      .code = (char *)(uintptr_t) "x",
				      .code_len = 1,
				      .course = (char *)(uintptr_t)SERVER_ID,
				      .assignment = (char *)(uintptr_t)USER_ID };

	(void)state;
	class_has("pack");
	assert_false(kl_store_attempt_add(scene.store, &attempt, NULL, NULL));
	{
		const struct act acts[] = { { PUSH, .answer = receipts("stored", RIGHT) }, NOTHING, { 0 } };

		assert_int_equal(round_of(acts)->waiting, 0);
	}
	assert_true(heard("\"course\":\"" SERVER_ID "\",\"assignment\":\"" USER_ID "\""));
}

static void C08_what_was_not_answered_is_sent_again_by_the_same_id(void **state)
{
	char id[KL_ID_SIZE], *mark;

	(void)state;
	class_has("pack");
	submit(id, "pack", "int x;");
	{
		const struct act again[] = { { PUSH, .times = 1, .answer = "", .close = true },
					     { PUSH, .answer = receipts("duplicate", RIGHT) },
					     NOTHING,
					     { 0 } };

		assert_int_equal(round_of(again)->sent, 2);
	}
	mark = kl_format("\"id\":\"%s\"", id);
	assert_int_equal(times_heard(mark), 2);
	assert_int_equal(waiting(), 0);
	free(mark);
}

static void N01_offline_work_waits_and_its_order_stays(void **state)
{
	const struct act gone[] = { { PUSH, .answer = said(200, "Content-Type: text/html\r\n", "<html>portal</html>") },
				    { 0 } };
	char first[KL_ID_SIZE], second[KL_ID_SIZE];
	const char *at_first, *at_second;

	(void)state;
	class_has("pack");
	submit(first, "pack", "int x;");
	scene.clock.held_wall_ms += 60000;
	submit(second, "pack", "int y;");
	scene.clock.held_wall_ms += 60000;
	assert_int_equal(round_of(gone)->line, KL_LINE_OFFLINE);
	assert_int_equal(lab.end.offline_since_ms, scene.clock.held_wall_ms);
	assert_int_equal(lab.end.waiting, 3);
	{
		const struct act acts[] = { { PUSH, .answer = receipts("stored", RIGHT) }, NOTHING, { 0 } };

		assert_int_equal(round_of(acts)->waiting, 0);
	}
	at_first = strstr(server_heard(scene.server)->data, first);
	at_second = strstr(server_heard(scene.server)->data, second);
	assert_true(at_first && at_second && at_first < at_second);
	assert_true(heard("\"at\":\"2026-01-01T12:00:00.000Z\"")); /* its own time, not that of the sending */
	assert_true(heard("\"at\":\"2026-01-01T12:01:00.000Z\""));
}

static void a_refusal_for_good_is_not_sent_again(void **state)
{
	char id[KL_ID_SIZE];
	struct kl_attempt attempt;

	(void)state;
	class_has("pack");
	submit(id, "pack", "int x;");
	{
		const struct act acts[] = { { PUSH, .times = 1, .answer = refusal(id, "TOO_MANY_REQUESTS") },
					    NOTHING,
					    { 0 } };

		assert_int_equal(round_of(acts)->refused, 0);
		assert_int_equal(waiting(), 2);
	}
	{
		const struct act acts[] = { { PUSH, .times = 1, .answer = refusal(id, "VALIDATION_ERROR") },
					    { PUSH, .answer = good("{\"items\":[]}") },
					    NOTHING,
					    { 0 } };

		assert_int_equal(round_of(acts)->refused, 1);
	}
	assert_int_equal(waiting(), 1);
	assert_string_equal(lab.news, "refused pack/one\n");
	attempt = attempt_of(id);
	assert_int_equal(attempt.delivery, KL_DELIVERY_REFUSED);
	assert_string_equal(attempt.refusal, "not like this");
	kl_attempt_release(&attempt);
}

/* Work of packs that the class does not publish, and of other accounts, is nobody's business there. */
static void what_is_not_the_classs_stays_here(void **state)
{
	const struct act acts[] = { NOTHING, { 0 } };
	struct kl_class_server other = { .name = (char *)(uintptr_t) "school",
					 .server_id = (char *)(uintptr_t)SERVER_ID,
					 .user_id = (char *)(uintptr_t) "somebody else",
					 .addresses = (char *)(uintptr_t) "http://127.0.0.1:1" };
	char id[KL_ID_SIZE];

	(void)state;
	class_has("pack");
	submit(id, "private", "int x;");
	assert_int_equal(round_of(acts)->error.status, KL_OK);
	assert_false(heard("/api/sync/push"));
	submit(id, "pack", "int y;");
	assert_int_equal(waiting(), 2);
	assert_false(kl_store_class_put(scene.store, &other, NULL));
	submit(id, "pack", "int z;");
	assert_int_equal(waiting(), 0); /* the other account knows no pack, and these are not for it */
}

/* --- pull --------------------------------------------------------------------------------------------------------- */

static void the_servers_verdict_takes_the_place_of_the_provisional_one(void **state)
{
	struct kl_progress progress;
	struct kl_attempt attempt;
	char id[KL_ID_SIZE], *change;

	(void)state;
	class_has("pack");
	submit(id, "pack", "int x;");
	assert_false(kl_store_progress_get(&progress, scene.store, "pack", "one", NULL));
	assert_int_equal(progress.state, KL_IN_PROGRESS); /* passing the samples solves nothing */
	change = kl_format(
		"{\"kind\":\"result\",\"subject\":\"%s\",\"seq\":5,\"body\":{\"id\":\"%s\",\"state\":\"done\","
		"\"verdict\":\"PASSED\",\"score\":100.0,\"passed\":7,\"total\":7,\"cpu_us\":5,\"peak_kib\":6,"
		"\"report\":{\"tests\":[]}}}",
		id, id);
	assert_int_equal(pull(change)->taken, 1);
	assert_non_null(strstr(lab.news, "solved"));
	attempt = attempt_of(id);
	assert_int_equal(attempt.standing, KL_STANDING_CLASS);
	assert_int_equal(attempt.total, 7);
	assert_string_equal(attempt.report, "{\"tests\":[]}");
	kl_attempt_release(&attempt);
	assert_false(kl_store_progress_get(&progress, scene.store, "pack", "one", NULL));
	assert_int_equal(progress.state, KL_COMPLETED);
	free(change);
}

static void a_page_is_taken_whole_or_not_at_all(void **state)
{
	struct kl_class_server server;

	(void)state;
	class_has("pack");
	assert_int_equal(
		pull("{\"kind\":\"pack\",\"subject\":\"more\",\"seq\":4,\"body\":{\"version\":2,\"title\":\"More\","
		     "\"hash\":\"" HASH_1
		     "\"}},{\"kind\":\"course\",\"subject\":\"c1\",\"seq\":5,\"body\":{\"title\":\"CS\"}},"
		     "{\"kind\":\"from the future\",\"subject\":\"x\",\"seq\":6,\"body\":{}}")
			->taken,
		3);
	assert_string_equal(lab.news, "pack more\ncourse c1\n");
	assert_false(kl_store_class_get(&server, scene.store, NULL, NULL));
	assert_int_equal(server.cursor, 9);
	assert_int_equal(server.synced_ms, NOON);
	kl_class_server_release(&server);
}

#define SOLVED(pack)                                                                                                   \
	"{\"kind\":\"progress\",\"subject\":\"" pack "/one\",\"seq\":5,\"body\":{\"pack\":\"" pack                     \
	"\",\"slug\":\"one\",\"state\":\"COMPLETED\"}}"

static int state_in(const char *pack)
{
	struct kl_progress progress;

	assert_false(kl_store_progress_get(&progress, scene.store, pack, "one", NULL));
	return progress.state;
}

/* Another class's server, or one that lies: of packs that it did not give it has nothing to say. */
static void of_packs_that_it_did_not_give_a_server_says_nothing(void **state)
{
	const char hash[] = "4c55a8552a2c7261f61f798c2265e6f13358f326ae5b934096ff16bd15e62c33";
	char id[KL_ID_SIZE], *change;
	struct kl_attempt attempt;

	(void)state;
	class_has("pack");
	submit(id, "private", "int x;");
	lab.file = kl_strdup("mine");
	lab.untouched = true;
	change = kl_format(SOLVED("other") "," SOLVED(
				   "pack") ",{\"kind\":\"result\",\"subject\":\"%s\",\"seq\":5,\"body\":"
					   "{\"id\":\"%s\",\"state\":\"done\",\"verdict\":\"FAILED\"}},"
					   "{\"kind\":\"draft\",\"subject\":\"private/one/c\",\"seq\":6,\"body\":{"
					   "\"pack\":\"private\",\"slug\":\"one\",\"language\":\"c\",\"seq\":1,"
					   "\"hash\":\"%s\",\"code\":\"theirs\"}}",
			   id, id, hash);
	assert_int_equal(pull(change)->error.status, KL_OK);
	free(change);
	assert_int_equal(state_in("pack"), KL_COMPLETED);
	assert_int_equal(state_in("other"), KL_NOT_STARTED);
	assert_string_equal(lab.file, "mine");
	assert_string_equal(lab.news, "");
	attempt = attempt_of(id);
	assert_string_equal(attempt.verdict, "PASSED");
	kl_attempt_release(&attempt);
}

#define STRANGER "0190b0a0-0000-7000-8000-0000000000ff/" USER_ID

static enum kl_status put_strange_pack(void *ctx, struct kl_error *err)
{
	const struct kl_class_pack pack = { .id = ctx, .title = ctx, .version = 9, .hash = HASH_1 };

	return kl_store_taken_pack(scene.store, STRANGER, &pack, err);
}

static bool gave(const char *account, const char *pack)
{
	bool given = false;

	assert_false(kl_store_class_gave(&given, scene.store, account, pack, NULL));
	return given;
}

/* A second server announces a pack of the first one's: it changes nothing of it, and is told whose the id is. */
static void a_pack_is_its_first_servers(void **state)
{
	struct kl_class_pack *packs;
	size_t count;

	(void)state;
	class_has("pack");
	for (int i = 0; i < 2; i++) /* also when it says so again */
		assert_false(kl_store_sync_change(scene.store, put_strange_pack, (char[]){ "pack" }, NULL));
	assert_false(kl_store_sync_change(scene.store, put_strange_pack, (char[]){ "their-own" }, NULL));
	assert_true(gave(ACCOUNT, "pack") && !gave(STRANGER, "pack") && gave(STRANGER, "their-own"));
	assert_false(kl_store_class_packs(&packs, &count, scene.store, STRANGER, NULL));
	assert_int_equal(count, 2);
	assert_string_equal(packs[0].problem,
			    "the id 'pack' is a pack's of the class server 'school': to take this one, "
			    "'kodelab logout --forget school'");
	assert_string_equal(packs[1].problem, "");
	kl_class_packs_free(packs, count);
	assert_false(kl_store_class_remove(scene.store, "school", NULL));
	assert_false(kl_store_sync_change(scene.store, put_strange_pack, (char[]){ "pack" }, NULL));
	assert_true(gave(STRANGER, "pack"));
}

/* A pack that was published anew comes pages after the work of it. */
static void work_waits_for_its_pack(void **state)
{
	const char *work = good("{\"changes\":[" SOLVED("late") "],\"cursor\":5,\"more\":true}");
	const char *pack =
		good("{\"changes\":[{\"kind\":\"pack\",\"subject\":\"late\",\"seq\":7,\"body\":"
		     "{\"version\":2,\"title\":\"Late\",\"hash\":\"" HASH_1 "\"}}],\"cursor\":7,\"more\":false}");
	const struct act acts[] = { { .path = "/api/sync", .times = 1, .answer = work },
				    { .path = "/api/sync", .times = 1, .answer = pack },
				    { .path = "/api/sync", .times = 1, .answer = work },
				    { .path = "/api/sync", .times = 1, .answer = pack },
				    { 0 } };
	struct kl_class_server server;

	(void)state;
	assert_int_equal(round_of(acts)->error.status, KL_OK);
	assert_int_equal(lab.end.taken, 2);
	assert_string_equal(lab.news, "pack late\n");
	assert_int_equal(state_in("late"), KL_COMPLETED);
	assert_int_equal(times_heard("/api/sync?cursor=1&"), 2);
	assert_false(kl_store_class_get(&server, scene.store, NULL, NULL));
	assert_int_equal(server.cursor, 7);
	kl_class_server_release(&server);
}

#define TEN "{},{},{},{},{},{},{},{},{},{},"

/* Nor does it go on for ever: the last three would, and the first of them is longer than was asked for. */
static void what_is_no_page_moves_no_cursor(void **state)
{
	static const char *const bodies[] = {
		"{}",
		"{\"changes\":{},\"cursor\":9}",
		"{\"changes\":[]}",
		"{\"changes\":[],\"cursor\":-5}",
		"[]",
		"{\"changes\":[" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "{}],\"cursor\":9,\"more\":true}",
		"{\"changes\":[{}],\"cursor\":1,\"more\":true}",
		"{\"changes\":[{}],\"cursor\":1,\"more\":true,\"restored\":true}",
	};
	struct kl_class_server server;

	(void)state;
	class_has("pack");
	for (size_t i = 0; i < KL_LENGTH(bodies); i++) {
		const struct act acts[] = { { .path = "/api/sync", .answer = good(bodies[i]) }, { 0 } };

		assert_int_equal(round_of(acts)->error.status, KL_ENET);
		assert_false(kl_store_class_get(&server, scene.store, NULL, NULL));
		assert_int_equal(server.cursor, 1);
		kl_class_server_release(&server);
	}
}

/* Of the largest epoch there may be, and after a restore of a smaller one: to the last digit. */
static void a_cursor_is_kept_as_it_is(void **state)
{
	static const int64_t cursors[] = { INT64_C(4503599627370495), INT64_C(4294967303), 2 };
	struct kl_class_server server;
	char body[100];

	(void)state;
	class_has("pack");
	for (size_t i = 0; i < KL_LENGTH(cursors); i++) {
		struct act acts[] = { { .path = "/api/sync" }, { 0 } };

		snprintf(body, sizeof(body), "{\"changes\":[],\"cursor\":%lld,\"more\":false}", (long long)cursors[i]);
		acts[0].answer = good(body);
		open_lab(acts);
		lab.ended = 0;
		kl_sync_once(lab.sync, 1000, ended, NULL);
		wait_for(&lab.ended);
		assert_false(kl_store_class_get(&server, scene.store, NULL, NULL));
		assert_int_equal(server.cursor, cursors[i]);
		kl_class_server_release(&server);
	}
}

/* One that makes no sense takes none of the others away. */
static void a_course_that_cannot_be_read_is_left_out(void **state)
{
	struct kl_coursework *rows;
	size_t count;

	(void)state;
	class_has("pack");
	pull("{\"kind\":\"course\",\"subject\":\"a\",\"seq\":2,\"body\":[7]},"
	     "{\"kind\":\"course\",\"subject\":\"b\",\"seq\":3,\"body\":{\"id\":\"" SERVER_ID "\",\"title\":\"C\"}}");
	assert_false(kl_courseworks(&rows, &count, scene.store, ACCOUNT, NULL));
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].course.title, "C");
	kl_courseworks_free(rows, count);
}

/* The hash is part of the name of a file, and a word of a command. */
static void what_is_no_hash_announces_no_pack(void **state)
{
	struct kl_class_pack *packs;
	size_t count;

	(void)state;
	class_has("pack");
	pull("{\"kind\":\"pack\",\"subject\":\"more\",\"seq\":2,\"body\":{\"version\":1,\"title\":\"More\",\"hash\":"
	     "\"/../../../../../../../../../../../../../../../../../../../../../\"}}");
	assert_int_equal(lab.end.taken, 1);
	assert_false(kl_store_class_packs(&packs, &count, scene.store, ACCOUNT, NULL));
	assert_int_equal(count, 1);
	assert_string_equal(packs[0].id, "pack");
	kl_class_packs_free(packs, count);
}

/* --- the badge ---------------------------------------------------------------------------------------------------- */

static void received_is_said_of_these_very_bytes(void **state)
{
	(void)state;
	class_has("pack");
	type("int x;");
	assert_int_equal(delivered("int x;"), KL_DELIVERY_WAITING);
	push_draft("stored");
	assert_int_equal(delivered("int x;"), KL_DELIVERY_RECEIVED);
	assert_int_equal(delivered("int x; "), KL_DELIVERY_NONE);
	type("int x; ");
	assert_int_equal(delivered("int x; "), KL_DELIVERY_WAITING);
}

static void two_labs_do_not_sync_at_once(void **state)
{
	const struct act acts[] = { { 0 } }; /* never answers */
	struct kl_sync_parts parts = { .files = &files, .news = on_news, .folder = scratch, .cache = scratch };
	struct kl_sync *other;

	(void)state;
	class_has("pack");
	open_lab(acts);
	kl_sync_wake(lab.sync);
	while (!server_requests(scene.server))
		kl_loop_turn(scene.loop, 100);
	parts.loop = scene.loop;
	parts.store = scene.store;
	parts.clock = &scene.clock;
	parts.class = scene.class;
	other = kl_sync_open(&parts);
	lab.ended = 0;
	kl_sync_once(other, 300, ended, NULL);
	wait_for(&lab.ended);
	assert_int_equal(lab.end.error.status, KL_EBUSY);
	assert_string_equal(lab.end.error.message, "another lab is syncing: it does this, too");
	kl_sync_close(other);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_submit_is_received_once),
		CASE(a_receipt_must_be_this_servers_word_on_this_item),
		CASE(an_assignments_submit_says_so),
		CASE(C08_what_was_not_answered_is_sent_again_by_the_same_id),
		CASE(N01_offline_work_waits_and_its_order_stays),
		CASE(a_refusal_for_good_is_not_sent_again),
		CASE(what_is_not_the_classs_stays_here),
		CASE(the_servers_verdict_takes_the_place_of_the_provisional_one),
		CASE(a_page_is_taken_whole_or_not_at_all),
		CASE(of_packs_that_it_did_not_give_a_server_says_nothing),
		CASE(a_pack_is_its_first_servers),
		CASE(work_waits_for_its_pack),
		CASE(what_is_no_page_moves_no_cursor),
		CASE(a_cursor_is_kept_as_it_is),
		CASE(a_course_that_cannot_be_read_is_left_out),
		CASE(what_is_no_hash_announces_no_pack),
		CASE(received_is_said_of_these_very_bytes),
		CASE(two_labs_do_not_sync_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
