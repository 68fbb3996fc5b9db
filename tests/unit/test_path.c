/* Places: XDG, the build tree, folders made. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <sys/stat.h>
#include <unistd.h>

static void xdg(void **state)
{
	struct kl_paths paths;

	(void)state;
	setenv("HOME", "/h", 1);
	setenv("XDG_CONFIG_HOME", "/c", 1);
	setenv("XDG_DATA_HOME", "relative", 1);
	unsetenv("XDG_STATE_HOME");
	setenv("XDG_CACHE_HOME", "", 1);
	setenv("KODELAB_SHARE", "/s", 1);
	setenv("KODELAB_LIBEXEC", "/l", 1);
	unsetenv("KODELAB_WORK");
	assert_int_equal(kl_paths_init(&paths, NULL), KL_OK);
	assert_string_equal(paths.config, "/c/kodelab");
	assert_string_equal(paths.data, "/h/.local/share/kodelab");
	assert_string_equal(paths.state, "/h/.local/state/kodelab");
	assert_string_equal(paths.cache, "/h/.cache/kodelab");
	assert_string_equal(paths.work, "/h/kodelab");
	assert_string_equal(paths.share, "/s");
	assert_string_equal(paths.libexec, "/l");
	kl_paths_release(&paths);
}

static void build_tree(void **state)
{
	char *themes, *challenges;
	struct kl_paths paths;

	(void)state;
	unsetenv("KODELAB_SHARE");
	unsetenv("KODELAB_LIBEXEC");
	assert_int_equal(kl_paths_init(&paths, NULL), KL_OK);
	themes = kl_path_join(paths.share, "themes");
	challenges = kl_path_join(paths.share, "challenges");
	assert_true(kl_path_exists(themes));
	assert_true(kl_path_exists(challenges));
	assert_non_null(strstr(paths.libexec, "/build/"));
	assert_null(strstr(paths.libexec, "/tests"));
	free(themes);
	free(challenges);
	kl_paths_release(&paths);
}

static void joining(void **state)
{
	char *joined = kl_path_join("/a/", "b");

	(void)state;
	assert_string_equal(joined, "/a/b");
	free(joined);
	joined = kl_path_join("/a", "b");
	assert_string_equal(joined, "/a/b");
	free(joined);
	assert_string_equal(kl_path_name("/a/b.c"), "b.c");
	assert_string_equal(kl_path_name("b.c"), "b.c");
	assert_string_equal(kl_path_name("a/"), "");
}

static void making(void **state)
{
	char dir[] = "/tmp/kodelab-test-XXXXXX";
	struct kl_error err;
	char *deep, *file, *want;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	deep = kl_format("%s/a/b/c", dir);
	assert_int_equal(kl_path_make(deep, NULL), KL_OK);
	assert_int_equal(kl_path_make(deep, NULL), KL_OK);
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	file = kl_format("%s/a/file", dir);
	assert_int_equal(kl_file_write(file, "x", 1, 0600, NULL), KL_OK);
	assert_int_equal(kl_path_make(file, &err), KL_EEXIST);
	want = kl_format("'%s' is in the way: it is not a folder", file);
	assert_string_equal(err.message, want);
	assert_int_equal(kl_file_remove_tree(dir, NULL), KL_OK);
	free(deep);
	free(file);
	free(want);
}

static void file_systems(void **state)
{
	char name[32], same[32];

	(void)state;
	assert_false(kl_path_is_network("/proc/nothing/here"));
	kl_path_fs_name("/proc/self/nothing", name, sizeof(name));
	assert_string_equal(name, "unknown (0x9fa0)");
	kl_path_fs_name("/tmp", name, sizeof(name));
	kl_path_fs_name("/tmp/kodelab-no-such/deeper", same, sizeof(same));
	assert_string_equal(name, same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xdg),	   cmocka_unit_test(build_tree),   cmocka_unit_test(joining),
		cmocka_unit_test(making), cmocka_unit_test(file_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
