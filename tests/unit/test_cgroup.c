/* The folders of a box in the cgroup tree: made, given to one run after the other, gone at the end. */

#include "core/sandbox/sandbox_int.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/buf.h>
#include <kodelab/file.h>

static void read_place(struct kl_buf *place)
{
	kl_buf_init(place, 4096);
	assert_int_equal(kl_file_read(place, "/proc/self/cgroup", NULL), KL_OK);
}

static bool exists(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, 0) == 0;
}

/* With any cgroup of version 2 we may write to, whatever its controllers. */
static int open_part(void)
{
	int top;

	setenv("KL_SANDBOX_LEVEL", "0-part", 1);
	top = kl_cgroup_open();
	unsetenv("KL_SANDBOX_LEVEL");
	return top;
}

static void test_folders_come_and_go(void **state)
{
	struct kl_cgroup_box box;
	int top = open_part(), run;

	(void)state;
	if (top < 0 || !kl_cgroup_box_make(&box, top, 7, geteuid())) {
		print_message("skipped: no cgroup of version 2 that this account may divide\n");
		if (top >= 0)
			close(top);
		skip();
	}
	assert_true(exists(top, box.name));
	assert_true(exists(box.dir, "keep"));
	run = kl_cgroup_run_make(&box, 65536, 8);
	assert_true(run >= 0);
	assert_true(exists(run, "cpu.stat"));
	assert_true(exists(box.dir, "run-1"));
	assert_true(kl_cgroup_run_make(&box, 65536, 8) >= 0);
	assert_false(exists(box.dir, "run-1"));
	assert_true(exists(box.dir, "run-2"));
	kl_cgroup_box_end(&box);
	assert_int_equal(box.dir, -1);
	kl_cgroup_box_end(&box); /* harmless */
	close(top);
}

static void test_names_are_free_again(void **state)
{
	struct kl_cgroup_box box;
	int top = open_part();
	char name[sizeof(box.name)];

	(void)state;
	if (top < 0 || !kl_cgroup_box_make(&box, top, 8, geteuid())) {
		if (top >= 0)
			close(top);
		skip();
	}
	memcpy(name, box.name, sizeof(name));
	kl_cgroup_box_end(&box);
	assert_false(exists(top, name));
	close(top);
}

/* Where nothing is delegated, nothing changes. */
static void test_refusal_changes_nothing(void **state)
{
	struct kl_buf before, after;
	int top;

	(void)state;
	read_place(&before);
	top = kl_cgroup_open();
	read_place(&after);
	if (top < 0)
		assert_string_equal(before.data, after.data);
	else
		close(top);
	kl_buf_release(&before);
	kl_buf_release(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folders_come_and_go),
		cmocka_unit_test(test_names_are_free_again),
		cmocka_unit_test(test_refusal_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
