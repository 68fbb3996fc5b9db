/* After a damaged database the student's files are taken up again. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <unistd.h>

static char dir[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/kodelab-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return kl_file_remove_tree(dir, NULL) ? -1 : 0;
}

static void put_file(const char *name, const char *text)
{
	char *path = kl_path_join(dir, name), *folder = kl_format("%.*s", (int)(kl_path_name(path) - path), path);

	assert_int_equal(kl_path_make(folder, NULL), KL_OK);
	assert_int_equal(kl_file_write(path, text, strlen(text), 0644, NULL), KL_OK);
	free(folder);
	free(path);
}

static void takes_up_sources(void **state)
{
	struct kl_clock clock;
	struct kl_progress progress;
	struct kl_store *store;
	char *text, *link;
	size_t count = 9, len, cursor;

	(void)state;
	kl_clock_init(&clock);
	put_file("starter/two-sum/solution.py", "print(1)\n");
	put_file("starter/two-sum/solution.c", "int main;\n");
	put_file("starter/two-sum/notes.txt.bak", "no language");
	put_file("starter/two-sum/.hidden.py", "hidden");
	put_file("starter/stray.py", "not in a challenge");
	link = kl_path_join(dir, "starter/two-sum/link.rs");
	assert_int_equal(symlink("/etc/passwd", link), 0);
	free(link);
	assert_int_equal(kl_store_open(&store, NULL, NULL, &clock, NULL), KL_OK);
	assert_int_equal(kl_store_rebuild(&count, store, dir, NULL), KL_OK);
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
		cmocka_unit_test_setup_teardown(takes_up_sources, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
