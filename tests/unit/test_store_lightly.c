/* What waits for the disk, and what need not: the calls that SQLite makes for it are counted on their way. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_judge.h>

static int waits;

/* libsqlite3 finds these before the C library's. */
int fdatasync(int fd)
{
	waits++;
	return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	waits++;
	return (int)syscall(SYS_fsync, fd);
}

static int count_waits(struct kl_store *store)
{
	int before = waits;

	assert_int_equal(kl_store_count_add(store, "school", "python", "run", 1, NULL), KL_OK);
	return waits - before;
}

static void light_writes_do_not_wait(void **state)
{
	char dir[] = "/tmp/kodelab-test-XXXXXX", *path;
	struct kl_clock clock;
	struct kl_store *store;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = kl_path_join(dir, "lab.db");
	kl_clock_init(&clock);
	assert_int_equal(kl_store_open(&store, NULL, path, &clock, NULL), KL_OK);
	count_waits(store); /* the first one of a new log syncs its head, too */
	assert_int_equal(count_waits(store), 1);
	kl_store_lightly(store, true);
	assert_int_equal(count_waits(store), 0);
	kl_store_lightly(store, false);
	assert_int_equal(count_waits(store), 1);
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
	kl_store_lightly(store, true); /* the batch waits, once */
	assert_int_equal(count_waits(store), 0);
	kl_store_lightly(store, false);
	waits = 0;
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
	assert_int_equal(waits, 1);
	kl_store_close(store);
	free(path);
	assert_int_equal(kl_file_remove_tree(dir, NULL), KL_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(light_writes_do_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
