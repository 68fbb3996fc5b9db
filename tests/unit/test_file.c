/* Whole files: old or new, never half; trees removed without leaving them. */

#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_holds(const char *path, const char *want)
{
	struct kl_buf text;

	kl_buf_init(&text, 1000);
	assert_int_equal(kl_file_read(&text, path, NULL), KL_OK);
	assert_string_equal(text.data, want);
	kl_buf_release(&text);
}

static void reading(void **state)
{
	char *path = kl_path_join(scratch, "f"), *want;
	struct kl_error err;
	struct kl_buf text;

	(void)state;
	assert_int_equal(kl_file_write(path, "hello", 5, 0644, NULL), KL_OK);
	kl_buf_init(&text, 4);
	assert_int_equal(kl_file_read(&text, path, &err), KL_EFULL);
	want = kl_format("'%s' is too large (over 4 bytes)", path);
	assert_string_equal(err.message, want);
	assert_int_equal(kl_file_read(&text, scratch, &err), KL_EINVAL);
	assert_int_equal(kl_file_read(&text, "/nonexistent", &err), KL_ENOENT);
	assert_int_equal(mkfifo(path, 0600) < 0 && errno == EEXIST, 1);
	kl_buf_release(&text);
	free(want);
	free(path);
}

static void fifo_does_not_hang(void **state)
{
	char *path = kl_path_join(scratch, "fifo");
	struct kl_error err;
	struct kl_buf text;

	(void)state;
	kl_buf_init(&text, 4);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(kl_file_read(&text, path, &err), KL_EINVAL);
	kl_buf_release(&text);
	free(path);
}

static void writing_keeps_mode_and_links(void **state)
{
	char *path = kl_path_join(scratch, "f"), *link = kl_path_join(scratch, "link");
	struct stat st;

	(void)state;
	assert_int_equal(kl_file_write(path, "one", 3, 0640, NULL), KL_OK);
	assert_int_equal(chmod(path, 0751), 0);
	assert_int_equal(symlink("f", link), 0);
	assert_int_equal(kl_file_write(link, "two", 3, 0600, NULL), KL_OK);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0751);
	assert_holds(path, "two");
	unlink(path);
	assert_int_equal(kl_file_write(link, "three", 5, 0600, NULL), KL_OK);
	assert_holds(path, "three");
	free(path);
	free(link);
}

static void full_disk_keeps_the_old(void **state)
{
	struct rlimit old, tight = { .rlim_cur = 10 };
	char *path = kl_path_join(scratch, "f");
	struct kl_error err;

	(void)state;
	assert_int_equal(kl_file_write(path, "old", 3, 0600, NULL), KL_OK);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	tight.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &tight);
	assert_int_equal(kl_file_write(path, "more than ten bytes", 19, 0600, &err), KL_EFULL);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_holds(path, "old");
	unlink(path);
	assert_int_equal(rmdir(scratch), 0); /* no temporary file is left */
	assert_int_equal(mkdir(scratch, 0700), 0);
	free(path);
}

static void pieces(void **state)
{
	struct kl_file_writer *writer;
	char *path = kl_path_join(scratch, "f");

	(void)state;
	assert_int_equal(kl_file_begin(&writer, path, 0600, NULL), KL_OK);
	assert_int_equal(kl_file_add(writer, "ab", 2, NULL), KL_OK);
	assert_false(kl_path_exists(path));
	assert_int_equal(kl_file_add(writer, "c", 1, NULL), KL_OK);
	assert_int_equal(kl_file_commit(writer, NULL), KL_OK);
	assert_holds(path, "abc");
	assert_int_equal(kl_file_begin(&writer, path, 0600, NULL), KL_OK);
	kl_file_abandon(writer);
	assert_holds(path, "abc");
	free(path);
}

/* Folders in folders, each without any rights in the end. */
static void make_deep(const char *top, int levels)
{
	int at = open(top, O_RDONLY | O_DIRECTORY);

	for (int i = 0; i < levels; i++) {
		int next;

		assert_int_equal(mkdirat(at, "d", 0700), 0);
		next = openat(at, "d", O_RDONLY | O_DIRECTORY);
		close(openat(next, "f", O_CREAT | O_WRONLY, 0));
		assert_int_equal(fchmod(at, 0), 0);
		close(at);
		at = next;
	}
	assert_int_equal(fchmod(at, 0), 0);
	close(at);
}

static void trees(void **state)
{
	char *tree = kl_path_join(scratch, "tree"), *kept = kl_path_join(scratch, "kept");
	char *link = kl_path_join(scratch, "tree/link"), *shut = kl_path_join(scratch, "tree/shut");

	(void)state;
	assert_int_equal(kl_file_remove_tree(tree, NULL), KL_OK);
	assert_int_equal(kl_path_make(shut, NULL), KL_OK);
	assert_int_equal(kl_path_make(kept, NULL), KL_OK);
	assert_int_equal(symlink(kept, link), 0);
	make_deep(shut, 300);
	assert_int_equal(chmod(shut, 0), 0);
	assert_int_equal(kl_file_remove_tree(tree, NULL), KL_OK);
	assert_false(kl_path_exists(tree));
	assert_true(kl_path_exists(kept));
	assert_int_equal(symlink(kept, tree), 0);
	assert_int_equal(kl_file_remove_tree(tree, NULL), KL_OK);
	assert_true(kl_path_exists(kept));
	free(tree);
	free(kept);
	free(link);
	free(shut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reading, scratch_open, scratch_close),
		cmocka_unit_test_setup_teardown(fifo_does_not_hang, scratch_open, scratch_close),
		cmocka_unit_test_setup_teardown(writing_keeps_mode_and_links, scratch_open, scratch_close),
		cmocka_unit_test_setup_teardown(full_disk_keeps_the_old, scratch_open, scratch_close),
		cmocka_unit_test_setup_teardown(pieces, scratch_open, scratch_close),
		cmocka_unit_test_setup_teardown(trees, scratch_open, scratch_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
