/* After a damaged database the student's files are taken up again. */

#include "tests/unit/scratch.h"

#include <kodelab/catalogue.h>
#include <kodelab/store.h>
#include <unistd.h>

static void takes_up_sources(void **state)
{
	struct kl_clock clock;
	struct kl_progress progress;
	struct kl_store *store;
	char *text, *link;
	size_t count = 9, len, cursor;

	(void)state;
	kl_clock_init(&clock);
	scratch_put("starter/two-sum/solution.py", "print(1)\n");
	scratch_put("starter/two-sum/solution.c", "int main;\n");
	scratch_put("starter/two-sum/notes.txt.bak", "no language");
	scratch_put("starter/two-sum/.hidden.py", "hidden");
	scratch_put("starter/stray.py", "not in a challenge");
	link = kl_path_join(scratch, "starter/two-sum/link.rs");
	assert_int_equal(symlink("/etc/passwd", link), 0);
	free(link);
	assert_int_equal(kl_store_open(&store, NULL, NULL, &clock, NULL), KL_OK);
	assert_int_equal(kl_store_rebuild(&count, store, scratch, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_int_equal(kl_store_draft_get(&text, &len, &cursor, store, "starter", "two-sum", "python", NULL), KL_OK);
	assert_string_equal(text, "print(1)\n");
	free(text);
	assert_int_equal(kl_store_progress_get(&progress, store, "starter", "two-sum", NULL), KL_OK);
	assert_int_equal(progress.state, KL_IN_PROGRESS);
	assert_int_equal(kl_store_rebuild(&count, store, "/nonexistent", NULL), KL_OK);
	assert_int_equal(count, 0);
	kl_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_up_sources, scratch_open, scratch_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
