/* A folder that is listened to: what is written in it is heard once, what is not is not. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/folder.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

#include "tests/unit/scratch.h"

struct heard {
	struct kl_loop *loop;
	int times;
};

static void on_written(void *ctx)
{
	struct heard *heard = ctx;

	heard->times++;
	kl_loop_stop(heard->loop);
}

static void stop(void *ctx)
{
	kl_loop_stop(ctx);
}

static void write_in(const char *name)
{
	char *path = kl_path_join(scratch, name);

	assert_false(kl_file_write(path, "x", 1, 0600, NULL));
	free(path);
}

static void what_is_written_is_heard(void **state)
{
	struct heard heard = { .times = 0 };
	struct kl_folder *folder;

	(void)state;
	assert_false(kl_loop_open(&heard.loop, NULL));
	folder = kl_folder_watch(heard.loop, scratch, on_written, &heard);
	assert_non_null(folder);
	for (int i = 0; i < 100; i++)
		write_in("one");
	kl_loop_run(heard.loop);
	assert_int_equal(heard.times, 1); /* for all of it */
	kl_loop_add_timer(heard.loop, 0, stop, heard.loop);
	kl_loop_run(heard.loop);
	assert_int_equal(heard.times, 1);
	write_in("two");
	kl_loop_run(heard.loop);
	assert_int_equal(heard.times, 2);
	kl_folder_close(folder);
	write_in("three");
	kl_loop_add_timer(heard.loop, 0, stop, heard.loop);
	kl_loop_run(heard.loop);
	assert_int_equal(heard.times, 2);
	kl_loop_close(heard.loop);
}

static void what_is_no_folder_is_not_heard(void **state)
{
	struct kl_loop *loop;
	char *path = kl_path_join(scratch, "file");

	(void)state;
	assert_false(kl_loop_open(&loop, NULL));
	write_in("file");
	assert_null(kl_folder_watch(loop, path, NULL, NULL));
	assert_null(kl_folder_watch(loop, "/nowhere", NULL, NULL));
	kl_folder_close(NULL);
	kl_loop_close(loop);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_heard, scratch_open, scratch_close),
		cmocka_unit_test_setup_teardown(what_is_no_folder_is_not_heard, scratch_open, scratch_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
