/*
 * Drafts of two machines: which one is followed, when both are kept, and what the person's decision does.
 *
 * links: tests/unit/http_server.c
 */

#include "core/sync/sync_int.h"
#include "tests/unit/sync_scene.h"

static char *draft(const char *slug, int seq, const char *code)
{
	char hash[KL_SHA256_SIZE];

	kl_sha256(hash, code, strlen(code));
	return kl_format(
		"{\"kind\":\"draft\",\"subject\":\"pack/%s/c\",\"seq\":5,\"body\":{\"pack\":\"pack\",\"slug\":\"%s\","
		"\"language\":\"c\",\"seq\":%d,\"hash\":\"%s\",\"device\":\"the other lab\","
		"\"at\":\"2026-01-01T11:00:00.000Z\",\"code\":\"%s\"}}",
		slug, slug, seq, hash, code);
}

/* The server tells of a draft. */
static const struct kl_sync_state *pull_draft(int seq, const char *code)
{
	const struct kl_sync_state *end;
	char *change = draft("one", seq, code);

	end = pull(change);
	free(change);
	return end;
}

static void a_draft_that_was_not_touched_here_is_followed(void **state)
{
	(void)state;
	class_has("pack");
	assert_int_equal(pull_draft(1, "from there")->conflicts, 0);
	assert_string_equal(lab.file, "from there");
	assert_string_equal(lab.news, "draft pack/one/c\n");
	assert_int_equal(waiting(), 0);
}

/* No receipt is here for what another machine sent: it is not called received, and not called not received either. */
static void what_came_is_said_to_be_from_the_server(void **state)
{
	(void)state;
	class_has("pack");
	pull_draft(1, "from there");
	assert_int_equal(delivered("from there"), KL_DELIVERY_FROM_SERVER);
	assert_int_equal(delivered("from there "), KL_DELIVERY_NONE);
	type("from there, and here");
	assert_int_equal(delivered("from there, and here"), KL_DELIVERY_WAITING);
	push_draft("stored");
	assert_int_equal(delivered("from there, and here"), KL_DELIVERY_RECEIVED);
	assert_int_equal(delivered("from there"), KL_DELIVERY_NONE);
}

static void what_could_not_be_written_is_not_told(void **state)
{
	(void)state;
	class_has("pack");
	lab.stuck = true;
	assert_int_equal(pull_draft(1, "from there")->conflicts, 0);
	assert_null(lab.file);
	assert_string_equal(lab.news, "");
}

static void a_starter_is_no_change(void **state)
{
	(void)state;
	class_has("pack");
	lab.file = kl_strdup("int main(void) {}");
	lab.untouched = true;
	assert_int_equal(pull_draft(1, "from there")->conflicts, 0);
	assert_string_equal(lab.file, "from there");
}

static void what_was_sent_from_here_comes_back_in_silence(void **state)
{
	(void)state;
	class_has("pack");
	type("mine");
	push_draft("stored");
	assert_true(heard("\"seq\":1"));
	assert_int_equal(pull_draft(1, "mine")->conflicts, 0);
	assert_string_equal(lab.news, "");
	assert_string_equal(lab.file, "mine");
}

static void a_draft_goes_on_from_one_machine_to_the_other_and_back(void **state)
{
	(void)state;
	class_has("pack");
	type("mine");
	push_draft("stored");
	pull_draft(2, "mine, and more");
	assert_string_equal(lab.file, "mine, and more");
	type("mine, and more, and more");
	push_draft("stored");
	assert_true(heard("\"seq\":3"));
}

/* The answer to a push is lost, and one types on: what comes back is one's own, and no other machine's. It is asked for first. */
static void what_was_sent_in_vain_is_known_again(void **state)
{
	const struct act lost[] = { { .path = "/api/sync/push", .answer = "", .close = true }, NOTHING, { 0 } };

	(void)state;
	class_has("pack");
	for (int i = 0; i < 2; i++) {
		type(i == 0 ? "one two" : "one two three");
		assert_int_equal(round_of(lost)->line, KL_LINE_OFFLINE);
	}
	type("one two three four");
	assert_int_equal(pull_draft(1, "one two")->conflicts, 0);
	assert_string_equal(lab.news, "");
	assert_string_equal(lab.file, "one two three four");
	assert_true(heard("\"seq\":2")); /* it follows from that, in the same round */
	push_draft("stored"); /* the scene had no receipt for it before */
	assert_int_equal(waiting(), 0);
	assert_true(heard("\"seq\":2"));
	assert_true(heard("\"code\":\"one two three four\""));
	pull_draft(3, "theirs"); /* what both have is that */
	assert_string_equal(lab.file, "theirs");
}

/* Both machines went on from the same text; the other one was faster. */
static void conflict(void)
{
	class_has("pack");
	type("mine");
	push_draft("stored");
	type("mine, changed");
	push_draft("stale");
	pull_draft(2, "theirs");
}

static void two_changed_drafts_are_both_kept_and_asked_about(void **state)
{
	struct kl_other_draft *others;
	size_t count;

	(void)state;
	conflict();
	assert_int_equal(lab.end.conflicts, 1);
	assert_string_equal(lab.news, "conflict pack/one/c\n");
	assert_string_equal(lab.file, "mine, changed");
	assert_string_equal(lab.beside, "theirs");
	assert_false(kl_store_other_drafts(&others, &count, scene.store, NULL));
	assert_int_equal(count, 1);
	assert_string_equal(others[0].code, "theirs");
	assert_string_equal(others[0].device, "the other lab");
	kl_other_drafts_free(others, count);
	type("mine, changed again"); /* held back until it is decided */
	{
		const struct act acts[] = { NOTHING, { 0 } };

		assert_int_equal(round_of(acts)->conflicts, 1);
	}
	assert_false(heard("/api/sync/push"));
}

static char *settle(enum kl_sync_choice choice)
{
	struct kl_other_draft *others;
	char *path = NULL;
	size_t count;

	assert_false(kl_store_other_drafts(&others, &count, scene.store, NULL));
	assert_int_equal(count, 1);
	lab.beside[0] = '\0';
	assert_false(kl_sync_settle(&path, scene.store, &files, &others[0], choice, NULL));
	kl_other_drafts_free(others, count);
	return path;
}

static void mine_goes_on_from_theirs(void **state)
{
	(void)state;
	conflict();
	assert_null(settle(KL_SYNC_MINE));
	assert_string_equal(lab.file, "mine, changed");
	push_draft("stored");
	assert_true(heard("\"seq\":3")); /* behind theirs, so the server takes it for the newest */
	assert_true(heard("\"code\":\"mine, changed\""));
	assert_int_equal(lab.end.conflicts, 0);
}

static void theirs_takes_the_place_of_mine(void **state)
{
	const struct act acts[] = { NOTHING, { 0 } };
	char *path;

	(void)state;
	conflict();
	path = settle(KL_SYNC_THEIRS);
	assert_string_equal(path, "beside");
	assert_string_equal(lab.beside, "mine, changed");
	assert_string_equal(lab.file, "theirs");
	assert_int_equal(round_of(acts)->conflicts, 0);
	assert_false(heard("/api/sync/push")); /* it is what the server has */
	free(path);
}

static void both_keeps_both(void **state)
{
	char *path;

	(void)state;
	conflict();
	path = settle(KL_SYNC_BOTH);
	assert_string_equal(lab.beside, "theirs");
	assert_string_equal(lab.file, "mine, changed");
	push_draft("stored");
	assert_true(heard("\"code\":\"mine, changed\""));
	free(path);
}

/* --- a second machine: a page full of them ------------------------------------------------------------------------ */

enum { MANY = 100 };

/* A round that takes a page of MANY drafts, until it has ended or `stop` of them are told of. */
static void pull_many(int stop)
{
	struct kl_buf changes;
	int64_t until_ms;
	char *body;

	kl_buf_init(&changes, 1 << 20);
	for (int i = 0; i < MANY; i++) {
		char *slug = kl_format("slug-%d", i), *change = draft(slug, 1, slug);

		kl_buf_addf(&changes, "%s%s", i ? "," : "", change);
		free(change);
		free(slug);
	}
	body = page(changes.data);
	{
		const struct act acts[] = { { .path = "/api/sync", .answer = good(body) }, { 0 } };

		open_lab(acts);
	}
	lab.ended = lab.told = lab.files = 0;
	kl_sync_once(lab.sync, 1000, ended, NULL);
	for (until_ms = kl_clock_mono_ms() + WAIT_MS; !lab.ended && kl_clock_mono_ms() < until_ms;) {
		int before = lab.files;

		kl_loop_turn(scene.loop, 100);
		assert_in_range(lab.files - before, 0, 2); /* one is read, and written */
		if (stop && lab.told == stop)
			kl_sync_stop(lab.sync);
	}
	assert_int_equal(lab.ended, 1);
	free(body);
	kl_buf_release(&changes);
}

static void of_many_drafts_a_turn_takes_one(void **state)
{
	(void)state;
	class_has("pack");
	lab.untouched = true;
	pull_many(0);
	assert_int_equal(lab.end.error.status, KL_OK);
	assert_int_equal(lab.told, MANY);
	assert_int_equal(lab.files, 2 * MANY);
}

/*
 * Stopped in the turn in which the answer has come, but was not delivered: the request is not cancelled any more. That moment is too
 * short to be met, so what kl_sync_stop leaves then is put there.
 */
static void a_stop_too_late_for_the_answer_ends_the_round(void **state)
{
	const struct act acts[] = {
		{ .path = "/api/sync", .answer = good("{\"changes\":[],\"cursor\":1,\"more\":false}") }, { 0 }
	};
	int64_t until_ms = kl_clock_mono_ms() + WAIT_MS;

	(void)state;
	class_has("pack");
	open_lab(acts);
	lab.ended = 0;
	kl_sync_once(lab.sync, 1000, ended, NULL);
	while (!lab.sync->call && kl_clock_mono_ms() < until_ms)
		kl_loop_turn(scene.loop, 100);
	lab.sync->stopped = true;
	while (!lab.ended && kl_clock_mono_ms() < until_ms)
		kl_loop_turn(scene.loop, 100);
	assert_int_equal(lab.ended, 1);
	assert_int_equal(lab.end.error.status, KL_ECANCELED);
}

static void what_was_taken_of_a_page_is_not_taken_again(void **state)
{
	(void)state;
	class_has("pack");
	lab.untouched = true;
	pull_many(3);
	assert_int_equal(lab.end.error.status, KL_ECANCELED);
	assert_int_equal(lab.told, 3);
	assert_true(heard("cursor=1&"));
	pull_many(0);
	assert_int_equal(lab.end.error.status, KL_OK);
	assert_int_equal(lab.told, MANY - 3);
	assert_true(heard("cursor=1&")); /* that page once more */
	assert_int_equal(lab.end.conflicts, 0);
}

/* What is answered is taken in one transaction, in one turn: it is of no more than this. */
static void of_much_that_waits_a_request_has_a_hundred(void **state)
{
	const struct act acts[] = { { PUSH, .answer = good("{\"items\":[]}") }, NOTHING, { 0 } };
	char id[KL_ID_SIZE];

	(void)state;
	class_has("pack");
	for (int i = 0; i < 2 * MANY; i++)
		submit(id, "pack", "int x;");
	assert_in_range(waiting(), 2 * MANY, SIZE_MAX);
	round_of(acts);
	assert_int_equal(times_heard("POST /api/sync/push"), 1);
	assert_int_equal(times_heard("\"kind\":"), MANY);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_draft_that_was_not_touched_here_is_followed),
		CASE(what_came_is_said_to_be_from_the_server),
		CASE(what_could_not_be_written_is_not_told),
		CASE(a_starter_is_no_change),
		CASE(what_was_sent_from_here_comes_back_in_silence),
		CASE(a_draft_goes_on_from_one_machine_to_the_other_and_back),
		CASE(what_was_sent_in_vain_is_known_again),
		CASE(two_changed_drafts_are_both_kept_and_asked_about),
		CASE(mine_goes_on_from_theirs),
		CASE(theirs_takes_the_place_of_mine),
		CASE(both_keeps_both),
		CASE(of_many_drafts_a_turn_takes_one),
		CASE(a_stop_too_late_for_the_answer_ends_the_round),
		CASE(what_was_taken_of_a_page_is_not_taken_again),
		CASE(of_much_that_waits_a_request_has_a_hundred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
