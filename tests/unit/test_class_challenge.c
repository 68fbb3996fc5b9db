/*
 * Which whole challenges the class server keeps in memory when nobody holds them: those used last, of so many bytes of tests.
 *
 * links: core/server/class/class_challenge.c core/server/eventlog.c core/server/jsonout.c
 */

#include "tests/unit/scratch.h"

#include <kodelab/challenge.h>

#include "core/server/class/packs.h"

#define TESTS_BYTES ((size_t)15 << 20) /* of each challenge: four of them are kept, five are too many */

static struct packs packs;
static struct server server = { .packs = &packs };

/* --- instead of the server's other files -------------------------------------------------------------------------- */

enum kl_status kl_store_pack_judged_by(int64_t *by, bool *same, struct kl_store *store, const char *pack,
				       const char *slug, int64_t version, struct kl_error *err)
{
	(void)store;
	(void)pack;
	(void)slug;
	(void)err;
	*by = version;
	*same = true;
	return KL_OK;
}

enum kl_status packs_folder(char **dir, struct packs *all, const char *pack, int64_t version, struct kl_error *err)
{
	(void)all;
	(void)pack;
	(void)version;
	(void)err;
	*dir = kl_strdup(scratch);
	return KL_OK;
}

struct packs *packs_of(struct server *any)
{
	return any->packs;
}

const struct kl_entry *packs_entry(const struct packs *all, const char *pack, const char *slug)
{
	(void)all;
	(void)pack;
	(void)slug;
	return NULL;
}

/* --- challenges --------------------------------------------------------------------------------------------------- */

static const char *const slugs[] = { "one", "two", "three", "four", "five" };

static void put(const char *slug, const char *file, const char *text)
{
	char *name = kl_format("full/%s/%s", slug, file);

	scratch_put(name, text);
	free(name);
}

static void put_challenge(const char *slug, const char *tests)
{
	put(slug, "challenge.json",
	    "{\"format\": 1, \"title\": \"Some\", \"summary\": \"s\", \"difficulty\": \"BEGINNER\","
	    " \"category\": \"basics\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"],"
	    " \"kind\": \"program\"}");
	put(slug, "statement.md", "Print 1.\n");
	put(slug, "tests.json", tests);
}

static int set_up(void **state)
{
	static const char tests[] =
		"{\"tests\": [{\"id\": \"a\", \"sample\": true, \"stdin\": \"\", \"stdout\": \"1\"}]}";
	char *padded = kl_alloc(TESTS_BYTES + 1);

	if (scratch_open_fast(state))
		return -1;
	memset(padded, ' ', TESTS_BYTES);
	memcpy(padded, tests, sizeof(tests) - 1);
	padded[TESTS_BYTES] = '\0';
	for (size_t i = 0; i < KL_LENGTH(slugs); i++)
		put_challenge(slugs[i], padded);
	free(padded);
	packs.challenges = class_challenges_open();
	return 0;
}

static int tear_down(void **state)
{
	class_challenges_close(packs.challenges);
	return scratch_close(state);
}

static const struct kl_challenge *hold(const char *slug)
{
	const struct kl_challenge *challenge;
	struct kl_error err;

	if (class_challenge(&challenge, NULL, &server, "pack", slug, 1, &err))
		fail_msg("%s", err.message);
	return challenge;
}

static void remove_files(void)
{
	char *full = kl_path_join(scratch, "full");

	assert_int_equal(kl_file_remove_tree(full, NULL), KL_OK);
	free(full);
}

static void is_gone(const char *slug)
{
	const struct kl_challenge *challenge;
	struct kl_error err;

	assert_int_equal(class_challenge(&challenge, NULL, &server, "pack", slug, 1, &err), KL_EIO);
}

static void is_there(const char *slug)
{
	class_challenge_drop(&server, hold(slug));
}

static void what_was_used_longest_ago_goes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++)
		is_there(slugs[i]);
	is_there("one");
	is_there("five");
	remove_files();
	is_gone("two");
	is_there("one");
	is_there("three");
	is_there("four");
	is_there("five");
}

/* What is judged just now stays, and counts again when nobody holds it any more. */
static void what_is_held_stays(void **state)
{
	const struct kl_challenge *held = hold("one"), *again = hold("one");

	(void)state;
	assert_ptr_equal(held, again);
	for (size_t i = 1; i < 5; i++)
		is_there(slugs[i]);
	class_challenge_drop(&server, again);
	remove_files();
	is_there("two");
	assert_ptr_equal(hold("one"), held);
	class_challenge_drop(&server, held);
	class_challenge_drop(&server, held);
	is_gone("three");
	is_there("one");
	is_there("two");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_used_longest_ago_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_held_stays, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
