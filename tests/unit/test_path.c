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
#include <sys/wait.h>
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

/* The test program copied to where a program would lie, and asked what it finds. */
static void assert_found_from(const char *top, const char *where, const char *share, const char *libexec)
{
	char *program = kl_format("%s/%s/program", top, where), *folder = kl_format("%s/%s", top, where);
	char *want = kl_format("%s/%s\n%s/%s\n", top, share, top, libexec);
	struct kl_buf self;
	char got[1000] = "";
	int ends[2];

	kl_buf_init(&self, 64 << 20);
	assert_int_equal(kl_file_read(&self, "/proc/self/exe", NULL), KL_OK);
	assert_int_equal(kl_path_make(folder, NULL), KL_OK);
	assert_int_equal(kl_file_write(program, self.data, self.len, 0700, NULL), KL_OK);
	assert_int_equal(pipe(ends), 0);
	if (fork() == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execl(program, program, "--print-paths", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	for (ssize_t at = 0, part; (part = read(ends[0], got + at, sizeof(got) - 1 - (size_t)at)) > 0;)
		at += part;
	close(ends[0]);
	wait(NULL);
	assert_string_equal(got, want);
	kl_buf_release(&self);
	free(program);
	free(folder);
	free(want);
}

static void make_folder(const char *top, const char *name)
{
	char *folder = kl_path_join(top, name);

	assert_int_equal(kl_path_make(folder, NULL), KL_OK);
	free(folder);
}

static void own_data_is_found_beside_the_program(void **state)
{
	char dir[] = "/tmp/kodelab-test-XXXXXX";
	char *top;

	(void)state;
	unsetenv("KODELAB_SHARE");
	unsetenv("KODELAB_LIBEXEC");
	assert_non_null(mkdtemp(dir));
	top = realpath(dir, NULL);
	make_folder(top, "tree/themes");
	make_folder(top, "tree/challenges");
	assert_found_from(top, "tree/build/release", "tree", "tree/build/release");
	assert_found_from(top, "tree/build/asan/tests", "tree", "tree/build/asan");
	make_folder(top, "usr/share/kodelab");
	make_folder(top, "usr/libexec/kodelab");
	assert_found_from(top, "usr/bin", "usr/share/kodelab", "usr/libexec/kodelab");
	assert_int_equal(kl_file_remove_tree(dir, NULL), KL_OK);
	free(top);
}

static int print_paths(void)
{
	struct kl_paths paths;

	if (kl_paths_init(&paths, NULL))
		return 1;
	printf("%s\n%s\n", paths.share, paths.libexec);
	kl_paths_release(&paths);
	return 0;
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xdg),          cmocka_unit_test(own_data_is_found_beside_the_program),
		cmocka_unit_test(joining),      cmocka_unit_test(making),
		cmocka_unit_test(file_systems),
	};

	if (argc > 1 && !strcmp(argv[1], "--print-paths"))
		return print_paths();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
