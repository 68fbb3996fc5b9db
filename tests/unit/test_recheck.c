/*
 * A server that was restored from a backup: what it lacks is sent again, with the receipts of then; what it has is not; and what it does not
 * tell any more is gone.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/sync_scene.h"

#define LACKS             .path = "/api/sync/lacks"
#define RESTORED(changes) good("{\"changes\":[" changes "],\"cursor\":9,\"more\":false,\"restored\":true}")
#define THE_PACK                                                                                                       \
	"{\"kind\":\"pack\",\"subject\":\"pack\",\"seq\":4,\"body\":{\"version\":1,\"title\":\"Pack\","                \
	"\"hash\":\"" HASH_1 "\"}}"

/* Handed in, and received. */
static void hand_in(char id[KL_ID_SIZE], const char *code)
{
	submit(id, "pack", code);
	{
		const struct act acts[] = { { PUSH, .answer = receipts("stored", RIGHT) }, NOTHING, { 0 } };

		assert_int_equal(round_of(acts)->waiting, 0);
	}
}

static const char *lacking(const char *id)
{
	char *body = kl_format("{\"lacks\":[\"%s\"]}", id);
	const char *text = good(body);

	free(body);
	return text;
}

static enum kl_delivery delivery_of(const char *id)
{
	struct kl_attempt attempt = attempt_of(id);
	enum kl_delivery delivery = attempt.delivery;

	kl_attempt_release(&attempt);
	return delivery;
}

static void what_it_lacks_is_sent_again_with_its_receipt(void **state)
{
	char kept[KL_ID_SIZE], lost[KL_ID_SIZE], *mark;

	(void)state;
	class_has("pack");
	hand_in(kept, "int kept;");
	scene.clock.held_wall_ms += 1000;
	hand_in(lost, "int lost;");
	{
		const struct act acts[] = { { LACKS, .answer = lacking(lost) },
					    { PUSH, .answer = bad(503, "STORAGE_FULL", "later") },
					    { .path = "/api/sync", .answer = RESTORED(THE_PACK) },
					    { 0 } };

		assert_int_equal(round_of(acts)->waiting, 1);
	}
	assert_true(heard(kept)); /* both were asked about */
	assert_false(heard("int kept;"));
	assert_true(heard("int lost;"));
	assert_true(heard("\"before\":{\"id\":"));
	assert_int_equal(delivery_of(kept), KL_DELIVERY_RECEIVED);
	assert_int_equal(delivery_of(lost), KL_DELIVERY_WAITING); /* "received" would not be true */
	{
		const struct act acts[] = { { PUSH, .answer = receipts("stored", RIGHT) }, NOTHING, { 0 } };

		assert_int_equal(round_of(acts)->sent, 1);
	}
	mark = kl_format("{\"items\":[{\"id\":\"%s\"", lost);
	assert_true(heard(mark));
	assert_int_equal(delivery_of(lost), KL_DELIVERY_RECEIVED);
	free(mark);
}

/* The page was taken, and then the line was cut: it is asked in the next round. */
static void the_question_outlives_a_bad_line(void **state)
{
	char id[KL_ID_SIZE];

	(void)state;
	class_has("pack");
	hand_in(id, "int x;");
	{
		const struct act acts[] = { { LACKS, .answer = bad(503, "STORAGE_FULL", "later") },
					    { .path = "/api/sync", .answer = RESTORED(THE_PACK) },
					    { 0 } };

		assert_int_equal(round_of(acts)->line, KL_LINE_OFFLINE);
	}
	{
		const struct act acts[] = {
			{ LACKS, .answer = lacking(id) }, { PUSH, .answer = good("{\"items\":[]}") }, NOTHING, { 0 }
		};

		assert_int_equal(round_of(acts)->waiting, 1);
	}
	assert_int_equal(times_heard("/api/sync/lacks"), 1);
	{
		const struct act acts[] = { { PUSH, .answer = receipts("stored", RIGHT) }, NOTHING, { 0 } };

		assert_int_equal(round_of(acts)->waiting, 0);
	}
	assert_false(heard("/api/sync/lacks")); /* once it is known */
}

static void it_cannot_lack_more_than_it_was_asked_about(void **state)
{
	const struct act acts[] = { { LACKS, .answer = good("{\"lacks\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}") },
				    { .path = "/api/sync", .answer = RESTORED(THE_PACK) },
				    { 0 } };
	char id[KL_ID_SIZE];

	(void)state;
	class_has("pack");
	hand_in(id, "int x;");
	assert_int_equal(round_of(acts)->error.status, KL_ENET);
	assert_string_equal(lab.end.error.message,
			    "the class server does not say what it lacks: it is of another version");
	assert_int_equal(lab.end.waiting, 0);
	assert_int_equal(delivery_of(id), KL_DELIVERY_RECEIVED);
}

static void count_course(void *ctx, const char *id, const char *body)
{
	(void)body;
	assert_string_equal(id, "kept");
	++*(int *)ctx;
}

static void what_is_not_told_any_more_is_gone(void **state)
{
	struct kl_class_pack *packs;
	size_t count;
	int courses = 0;

	(void)state;
	class_has("pack");
	class_has("newer");
	pull("{\"kind\":\"course\",\"subject\":\"kept\",\"seq\":5,\"body\":{\"title\":\"CS\"}},"
	     "{\"kind\":\"course\",\"subject\":\"lost\",\"seq\":6,\"body\":{\"title\":\"CS 2\"}}");
	{
		const struct act acts[] = { { .path = "/api/sync",
					      .times = 1,
					      .answer = good("{\"changes\":[" THE_PACK
							     "],\"cursor\":4,\"more\":true,\"restored\":true}") },
					    { .path = "/api/sync",
					      .answer = good("{\"changes\":[{\"kind\":\"course\",\"subject\":\"kept\","
							     "\"seq\":5,\"body\":{\"title\":\"CS\"}}],\"cursor\":5,"
							     "\"more\":false,\"restored\":false}") },
					    { 0 } };

		assert_int_equal(round_of(acts)->taken, 2);
	}
	assert_string_equal(lab.news, "pack pack\ncourse kept\npack \ncourse \n");
	assert_false(kl_store_class_packs(&packs, &count, scene.store, ACCOUNT, NULL));
	assert_int_equal(count, 1);
	assert_string_equal(packs[0].id, "pack");
	assert_string_equal(packs[0].installed, HASH_1); /* it is not fetched again */
	kl_class_packs_free(packs, count);
	assert_false(kl_store_class_courses(scene.store, ACCOUNT, count_course, &courses, NULL));
	assert_int_equal(courses, 1);
}

/* The draft of the backup is older than what both sides had in common since: it takes nothing's place. */
static void an_older_draft_takes_no_newer_ones_place(void **state)
{
	char hash[KL_SHA256_SIZE], *change;

	(void)state;
	class_has("pack");
	type("first");
	push_draft("stored");
	type("second");
	push_draft("stored");
	assert_true(heard("\"seq\":2"));
	kl_sha256(hash, "first", 5);
	change = kl_format("{\"kind\":\"draft\",\"subject\":\"pack/one/c\",\"seq\":5,\"body\":{\"pack\":\"pack\","
			   "\"slug\":\"one\",\"language\":\"c\",\"seq\":1,\"hash\":\"%s\",\"code\":\"first\"}}",
			   hash);
	assert_int_equal(pull(change)->conflicts, 0);
	assert_string_equal(lab.file, "second");
	assert_string_equal(lab.news, "");
	free(change);
	type("third");
	push_draft("stored");
	assert_true(heard("\"seq\":3"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_it_lacks_is_sent_again_with_its_receipt), CASE(the_question_outlives_a_bad_line),
		CASE(it_cannot_lack_more_than_it_was_asked_about),  CASE(what_is_not_told_any_more_is_gone),
		CASE(an_older_draft_takes_no_newer_ones_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
