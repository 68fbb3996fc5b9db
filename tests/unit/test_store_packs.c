/* Published packs on a real store: versions, and by which of them work is judged. */

#include "tests/unit/scratch.h"

#include <kodelab/store.h>
#include <kodelab/store_changes.h>
#include <kodelab/store_packs.h>

static struct kl_clock clock_ = { .held = true, .held_wall_ms = INT64_C(1767268800000) };
static struct kl_store *store;

static int set_up(void **state)
{
	char *path;
	enum kl_status status;

	if (scratch_open_fast(state))
		return -1;
	path = kl_path_join(scratch, "server.db");
	status = kl_store_open_server(&store, path, &clock_, NULL);
	free(path);
	return status ? -1 : 0;
}

static int tear_down(void **state)
{
	kl_store_close(store);
	return scratch_close(state);
}

/* A version with the challenges that text names, each with its task: "say=A ask=B". 0: it was not to be. */
static int64_t try_publish(const char *title, const char *text)
{
	char id[] = "pack", owner[] = "teacher", none[] = "", *copy = kl_strdup(text), *rest = copy, *word;
	struct kl_published row = {
		.pack = id, .owner = owner, .title = (char *)(uintptr_t)title, .description = none
	};
	struct kl_pack_part parts[8] = { 0 };
	struct kl_pack_publication publication = { .row = &row, .publisher = "teacher", .parts = parts };
	int64_t version = 0;

	while ((word = strsep(&rest, " "))) {
		struct kl_pack_part *part = &parts[publication.part_count++];

		part->slug = strsep(&word, "=");
		part->number = (int64_t)publication.part_count;
		part->shown = true;
		snprintf(part->task, sizeof(part->task), "%s", word);
		snprintf(part->hash, sizeof(part->hash), "%s %s", title, word);
	}
	row.shown = (int64_t)publication.part_count;
	publication.whole = "whole\0bytes";
	publication.whole_len = 11;
	publication.view = title;
	publication.view_len = strlen(title);
	if (kl_store_pack_publish(&version, store, &publication, NULL))
		version = 0;
	free(copy);
	return version;
}

static int64_t publish(const char *title, const char *text)
{
	int64_t version = try_publish(title, text);

	assert_true(version > 0);
	return version;
}

static void judged(const char *slug, int64_t version, int64_t want, bool want_same)
{
	int64_t by = 0;
	bool same = !want_same;

	assert_int_equal(kl_store_pack_judged_by(&by, &same, store, "pack", slug, version, NULL), KL_OK);
	assert_int_equal(by, want);
	assert_int_equal(same, want_same);
}

static void test_judged_by_the_newest_of_the_same_task(void **state)
{
	struct kl_error err;
	int64_t by;
	bool same;

	(void)state;
	publish("1", "say=A ask=B");
	publish("2", "say=A ask=C"); /* tests of say were corrected; ask is another task */
	publish("3", "say=A");
	publish("4", "say=D");
	judged("say", 1, 3, true);
	judged("say", 2, 3, true);
	judged("say", 4, 4, true);
	judged("ask", 1, 1, true);
	judged("ask", 2, 2, true);
	judged("say", 0, 4, false); /* written for nothing that is known */
	judged("say", 99, 4, false);
	judged("ask", 3, 2, false); /* this version has it no more */
	assert_int_equal(kl_store_pack_judged_by(&by, &same, store, "pack", "none", 1, &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no challenge 'pack/none'");
	assert_int_equal(kl_store_pack_remove(store, "pack", NULL), KL_OK);
	judged("say", 1, 3, true); /* what is judged late is judged all the same */
}

static void test_versions_are_kept(void **state)
{
	struct kl_published *rows;
	struct kl_pack_version *versions;
	struct kl_pack_part *parts;
	struct kl_error err;
	size_t count, len;
	char *bytes;

	(void)state;
	assert_int_equal(publish("1", "say=A ask=B"), 1);
	assert_int_equal(publish("2", "ask=B"), 2);
	assert_int_equal(kl_store_packs(&rows, &count, store, NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].title, "2");
	assert_string_equal(rows[0].owner, "teacher");
	assert_int_equal(rows[0].version, 2);
	assert_int_equal(rows[0].shown, 1);
	kl_published_free(rows, count);
	assert_int_equal(kl_store_pack_versions(&versions, &count, store, "pack", NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_int_equal(versions[0].version, 2);
	assert_int_equal(versions[1].challenges, 2);
	kl_pack_versions_free(versions, count);
	assert_int_equal(kl_store_pack_parts(&parts, &count, store, "pack", 1, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_string_equal(parts[1].slug, "ask");
	kl_pack_parts_free(parts, count);
	assert_int_equal(kl_store_pack_content(&bytes, &len, store, "pack", 1, KL_PACK_WHOLE, NULL), KL_OK);
	assert_int_equal(len, 11);
	assert_memory_equal(bytes, "whole\0bytes", 11);
	free(bytes);
	assert_int_equal(kl_store_pack_content(&bytes, &len, store, "pack", 2, KL_PACK_VIEW, NULL), KL_OK);
	assert_memory_equal(bytes, "2", 1);
	free(bytes);
	assert_int_equal(kl_store_pack_content(&bytes, &len, store, "pack", 3, KL_PACK_VIEW, &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no version 3 of the pack 'pack'");
}

static void test_changes_are_noted(void **state)
{
	int64_t before, after;

	(void)state;
	publish("1", "say=A");
	assert_int_equal(kl_store_changes_newest(&before, store, NULL), KL_OK);
	publish("2", "say=A");
	assert_int_equal(kl_store_changes_newest(&after, store, NULL), KL_OK);
	assert_true(after > before);
	assert_int_equal(kl_store_pack_remove(store, "pack", NULL), KL_OK);
	assert_int_equal(kl_store_changes_newest(&before, store, NULL), KL_OK);
	assert_true(before > after);
	assert_int_equal(publish("3", "say=A"), 3); /* and it is there again */
}

static enum kl_status open_with_fault(int64_t step)
{
	char *path = kl_path_join(scratch, "server.db"), text[32];
	enum kl_status status;

	snprintf(text, sizeof(text), "%lld", (long long)step);
	setenv("KL_FAULT", text, 1);
	status = kl_store_open_server(&store, path, &clock_, NULL);
	unsetenv("KL_FAULT");
	free(path);
	return status;
}

static int64_t newest(void)
{
	struct kl_published *rows;
	int64_t version;
	size_t count;

	assert_int_equal(kl_store_packs(&rows, &count, store, NULL), KL_OK);
	assert_int_equal(count, 1);
	version = rows[0].version;
	kl_published_free(rows, count);
	return version;
}

/* Whatever step fails: all of a version is there, or nothing of it. */
static void test_all_of_a_version_or_nothing(void **state)
{
	struct kl_pack_part *parts;
	size_t count, failed = 0;
	int64_t version = 0;

	(void)state;
	publish("1", "say=A ask=B");
	for (int64_t step = 1; !version; step++) {
		kl_store_close(store);
		store = NULL;
		if (open_with_fault(step))
			continue; /* it fails while it is opened */
		version = try_publish("2", "say=C ask=D");
		kl_store_close(store);
		assert_int_equal(open_with_fault(0), KL_OK);
		assert_int_equal(newest(), version ? 2 : 1);
		assert_int_equal(kl_store_pack_parts(&parts, &count, store, "pack", 2, NULL), KL_OK);
		assert_int_equal(count, version ? 2 : 0);
		kl_pack_parts_free(parts, count);
		failed += !version;
	}
	assert_true(failed >= 8); /* the pack, its version, two parts, the change, two archives, begin and end */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_judged_by_the_newest_of_the_same_task, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_versions_are_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_changes_are_noted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_all_of_a_version_or_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
