/* The change log on a real store: a thing that changes again moves, and no number is given twice. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_changes.h>

static char dir[64];
static struct kl_clock clock_ = { .held = true, .held_wall_ms = INT64_C(1767268800000) };
static struct kl_store *store;

static int set_up(void **state)
{
	char *path;
	enum kl_status status;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/kodelab-test-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	path = kl_path_join(dir, "server.db");
	status = kl_store_open_server(&store, path, &clock_, NULL);
	free(path);
	return status ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	kl_store_close(store);
	return kl_file_remove_tree(dir, NULL) ? -1 : 0;
}

static void note(const char *audience, const char *subject)
{
	assert_int_equal(kl_store_change_note(store, audience, "pack", subject, NULL), KL_OK);
}

static void add_word(void *ctx, int64_t seq, const char *kind, const char *subject)
{
	struct kl_buf *told = ctx;

	kl_buf_addf(told, "%lld %s %s;", (long long)seq, kind, subject);
}

static void assert_told(const char *audience, int64_t after, size_t max, const char *want)
{
	struct kl_buf told;

	kl_buf_init(&told, 1000);
	assert_int_equal(kl_store_changes(store, audience, after, max, add_word, &told, NULL), KL_OK);
	assert_string_equal(told.data, want);
	kl_buf_release(&told);
}

static void a_change_moves_to_the_end(void **state)
{
	int64_t newest;

	(void)state;
	note("*", "basics");
	note("*", "strings");
	note("*", "basics");
	assert_told("*", 0, 10, "2 pack strings;3 pack basics;");
	note("*", "basics"); /* the last one itself: 4, not 3 again */
	assert_told("*", 3, 10, "4 pack basics;");
	assert_told("*", 4, 10, "");
	assert_int_equal(kl_store_changes_newest(&newest, store, NULL), KL_OK);
	assert_int_equal(newest, 4);
}

static void audiences_are_told_apart(void **state)
{
	(void)state;
	note("u:one", "a");
	note("u:two", "a");
	note("c:one", "b");
	assert_told("u:one", 0, 10, "1 pack a;");
	assert_told("u:two", 0, 10, "2 pack a;");
	assert_told("c:one", 0, 10, "3 pack b;");
	assert_told("u:o", 0, 10, "");
}

static void a_page_has_its_size(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		note("*", (const char *[]){ "a", "b", "c", "d", "e" }[i]);
	assert_told("*", 0, 2, "1 pack a;2 pack b;");
	assert_told("*", 2, 2, "3 pack c;4 pack d;");
	assert_told("*", 4, 2, "5 pack e;");
}

static void cursors_hold_for_one_epoch(void **state)
{
	const int64_t last = (1 << 20) - 1, cursor = kl_changes_cursor(last, UINT32_MAX);

	(void)state;
	assert_int_equal((int64_t)(double)cursor, cursor); /* as JSON has it */
	assert_int_equal(kl_changes_after(cursor, last, UINT32_MAX), UINT32_MAX);
	assert_int_equal(kl_changes_cursor(0, 7), 7); /* of a server that was never restored */
	assert_int_equal(kl_changes_after(7, 0, 9), 7);
	assert_int_equal(kl_changes_after(kl_changes_cursor(3, 7), 3, 7), 7);
	assert_int_equal(kl_changes_after(kl_changes_cursor(3, 8), 3, 7), 0);
	assert_int_equal(kl_changes_after(7, 3, 9), 0);
	assert_int_equal(kl_changes_after(kl_changes_cursor(2, 7), 3, 9), 0);
	assert_int_equal(kl_changes_after(kl_changes_cursor(4, 7), 3, 9), 0);
	assert_int_equal(kl_changes_after(INT64_MAX, 3, 9), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_change_moves_to_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cursors_hold_for_one_epoch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(audiences_are_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_page_has_its_size, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
