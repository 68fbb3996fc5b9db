/* Texts from files and back: byte for byte, whatever the bytes; and the sizes that people bring. */

#include "tests/unit/scratch.h"

#include <kodelab/clock.h>
#include <kodelab/text.h>
#include <sys/stat.h>
#include <unistd.h>

static char *path;

static int set_up(void **state)
{
	if (scratch_open(state))
		return -1;
	path = kl_path_join(scratch, "file");
	return 0;
}

static int tear_down(void **state)
{
	free(path);
	return scratch_close(state);
}

static void bytes_stay_as_they_are(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *newline;
	} cases[] = {
		{ "", 0, "\n" },
		{ "one", 3, "\n" },
		{ "one\n", 4, "\n" },
		{ "one\r\ntwo\r\n", 10, "\r\n" },
		{ "one\r\ntwo", 8, "\r\n" },
		{ "one\ntwo\r\nthree\n", 15, "\n" },
		{ "\0\xff\xfe\x1b\r\r\n\n", 8, "\n" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_text *text;
		struct kl_buf out;

		assert_int_equal(kl_file_write(path, cases[i].bytes, cases[i].len, 0640, NULL), KL_OK);
		assert_int_equal(kl_text_load(&text, path, NULL), KL_OK);
		assert_int_equal(kl_text_len(text), cases[i].len);
		assert_string_equal(kl_text_newline(text), cases[i].newline);
		kl_text_insert(text, cases[i].len / 2, "abc", 3);
		assert_true(kl_text_modified(text));
		kl_text_delete(text, cases[i].len / 2, 3);
		assert_int_equal(kl_text_save(text, path, 0600, NULL), KL_OK);
		assert_false(kl_text_modified(text));
		kl_buf_init(&out, 100);
		assert_int_equal(kl_file_read(&out, path, NULL), KL_OK);
		assert_int_equal(out.len, cases[i].len);
		assert_memory_equal(out.data, cases[i].bytes, cases[i].len);
		kl_buf_release(&out);
		kl_text_free(text);
	}
}

static void refusals(void **state)
{
	struct kl_text *text = NULL;
	struct kl_error err;
	char *want = kl_format("cannot open '%s': No such file or directory", path);

	(void)state;
	assert_int_equal(kl_text_load(&text, path, &err), KL_ENOENT);
	assert_string_equal(err.message, want);
	free(want);
	assert_int_equal(kl_text_load(&text, scratch, &err), KL_EINVAL);
	want = kl_format("'%s' is a folder", scratch);
	assert_string_equal(err.message, want);
	free(want);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(kl_text_load(&text, path, &err), KL_EINVAL);
	unlink(path);
	assert_null(text);
}

static void too_large(void **state)
{
	struct kl_text *text = NULL;
	struct kl_error err;
	char *want = kl_format("'%s' is too large to edit (over 1 GiB)", path);

	(void)state;
	assert_int_equal(kl_file_write(path, "", 0, 0600, NULL), KL_OK);
	assert_int_equal(truncate(path, (off_t)KL_TEXT_FILE_MAX + 1), 0); /* a hole: costs nothing */
	assert_int_equal(kl_text_load(&text, path, &err), KL_EFULL);
	assert_string_equal(err.message, want);
	free(want);
}

static void a_failed_save_keeps_text_and_file(void **state)
{
	struct kl_text *text = kl_text_new("", 0);
	struct kl_error err;
	char *bad = kl_path_join(scratch, "no/such/file");

	(void)state;
	kl_text_insert(text, 0, "x", 1);
	assert_int_equal(kl_text_save(text, bad, 0600, &err), KL_ENOENT);
	assert_true(kl_text_modified(text));
	kl_text_free(text);
	free(bad);
}

static size_t memory_kib(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	size_t kib = 0;

	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, "VmRSS:", 6))
			kib = strtoul(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return kib;
}

static int since_us(int64_t *start_us)
{
	int64_t now_us = kl_clock_mono_us();
	int took = (int)(now_us - *start_us);

	*start_us = now_us;
	return took;
}

/* Figures, printed and not asserted: a loaded machine must not fail the build. */
static void a_hundred_megabytes(void **state)
{
	size_t len = 100 << 20, before_kib = memory_kib();
	char *bytes = kl_alloc(len);
	struct kl_text *text;
	int64_t clock_us;

	(void)state;
	memset(bytes, 'x', len);
	for (size_t i = 99; i < len; i += 100)
		bytes[i] = '\n';
	assert_int_equal(kl_file_write(path, bytes, len, 0600, NULL), KL_OK);
	free(bytes);
	clock_us = kl_clock_mono_us();
	assert_int_equal(kl_text_load(&text, path, NULL), KL_OK);
	print_message("# open 100 MB, 10^6 lines: %d us, %zu KiB\n", since_us(&clock_us), memory_kib() - before_kib);
	assert_int_equal(kl_text_lines(text), len / 100 + 1);
	since_us(&clock_us);
	for (size_t i = 0; i < 10000; i++) {
		size_t offset = i * 7919 * 1013 % kl_text_len(text);

		kl_text_insert(text, offset, "hello\n", 6);
		assert_int_equal(kl_text_line_start(text, kl_text_line_of(text, offset) + 1), offset + 6);
	}
	print_message("# 10000 scattered edits with line look-ups: %d us\n", since_us(&clock_us));
	while (kl_text_undo(text, NULL))
		continue;
	print_message("# undone: %d us\n", since_us(&clock_us));
	assert_int_equal(kl_text_len(text), len);
	kl_text_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bytes_stay_as_they_are, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_large, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_save_keeps_text_and_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_hundred_megabytes, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
