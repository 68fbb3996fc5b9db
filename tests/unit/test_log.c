/* The log file. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/log.h>
#include <sys/stat.h>
#include <unistd.h>

static void lines(void **state)
{
	char dir[] = "/tmp/kodelab-test-XXXXXX";
	char *path, *old, big[4096];
	struct kl_buf text;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = kl_format("%s/log", dir);
	old = kl_format("%s/log.1", dir);
	setenv("KL_CLOCK", "1772370300123", 1);
	kl_log(KL_LOG_ERROR, "test", "nowhere");
	assert_int_equal(kl_log_open(path, KL_LOG_INFO, NULL), KL_OK);
	kl_log(KL_LOG_INFO, "test", "one %s", "a\nb\033[0m");
	kl_log(KL_LOG_DEBUG, "test", "not written");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	kl_buf_init(&text, 100000);
	assert_int_equal(kl_file_read(&text, path, NULL), KL_OK);
	assert_string_equal(text.data, "2026-03-01T13:05:00.123Z INFO test one a\\x0ab\\x1b[0m\n");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	for (int i = 0; i < 300; i++)
		kl_log(KL_LOG_WARN, "test", "%s", big);
	assert_int_equal(kl_log_open(path, KL_LOG_INFO, NULL), KL_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(stat(old, &st), 0);
	assert_true(st.st_size > 1 << 20);
	kl_log_close();
	kl_buf_release(&text);
	assert_int_equal(kl_file_remove_tree(dir, NULL), KL_OK);
	free(path);
	free(old);
}

static void refusal(void **state)
{
	struct kl_error err;

	(void)state;
	assert_int_equal(kl_log_open("/nonexistent/log", KL_LOG_INFO, &err), KL_ENOENT);
	assert_string_equal(err.message, "cannot open the log '/nonexistent/log': No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
