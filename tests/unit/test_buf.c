/* Buffers: the maximum holds whatever is added. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/buf.h>

static void empty_is_a_string(void **state)
{
	struct kl_buf buf;
	char *text;

	(void)state;
	kl_buf_init(&buf, 10);
	assert_string_equal(buf.data, "");
	text = kl_buf_detach(&buf);
	assert_string_equal(text, "");
	free(text);
	kl_buf_release(&buf);
	kl_buf_release(&buf);
}

static void maximum_holds(void **state)
{
	struct kl_buf buf;

	(void)state;
	kl_buf_init(&buf, 5);
	assert_true(kl_buf_add_str(&buf, "abc"));
	assert_false(kl_buf_add_str(&buf, "def"));
	assert_string_equal(buf.data, "abcde");
	assert_true(buf.truncated);
	assert_false(kl_buf_add_char(&buf, 'x'));
	assert_int_equal(buf.len, 5);
	kl_buf_clear(&buf);
	assert_false(buf.truncated);
	assert_true(kl_buf_addf(&buf, "%d", 42));
	assert_string_equal(buf.data, "42");
	kl_buf_release(&buf);
}

static void a_flood_costs_the_maximum(void **state)
{
	struct kl_buf buf;

	(void)state;
	kl_buf_init(&buf, 65536);
	for (int i = 0; i < 100000; i++)
		kl_buf_add_str(&buf, "x\n");
	assert_int_equal(buf.len, 65536);
	assert_true(buf.capacity <= 65537);
	kl_buf_release(&buf);
}

/* A text that fits where it is formatted, one that does not, one beyond the maximum. */
static void formats_what_fits(void **state)
{
	char wide[200];
	struct kl_buf buf;

	(void)state;
	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	kl_buf_init(&buf, 300);
	assert_true(kl_buf_addf(&buf, "%s", ""));
	assert_int_equal(buf.capacity, 0);
	assert_true(kl_buf_addf(&buf, "%d,", 7));
	assert_true(kl_buf_addf(&buf, "%s", wide));
	assert_int_equal(buf.len, 201);
	assert_memory_equal(buf.data, "7,www", 5);
	assert_false(buf.truncated);
	assert_false(kl_buf_addf(&buf, "<%s>", wide));
	assert_true(buf.truncated);
	assert_int_equal(buf.len, 300);
	assert_memory_equal(buf.data + 199, "ww<ww", 5);
	assert_int_equal(strspn(buf.data + 202, "w"), 98);
	assert_false(kl_buf_addf(&buf, "%d", 1));
	assert_true(kl_buf_addf(&buf, "%s", ""));
	assert_int_equal(buf.len, 300);
	kl_buf_release(&buf);
	kl_buf_init(&buf, 0);
	assert_false(kl_buf_addf(&buf, "%d", 1));
	assert_string_equal(buf.data, "");
}

static void whole_numbers(void **state)
{
	struct kl_buf buf;

	(void)state;
	kl_buf_init(&buf, 60);
	kl_buf_add_int(&buf, 0);
	kl_buf_add_int(&buf, -1);
	kl_buf_add_int(&buf, 1234567890);
	kl_buf_add_int(&buf, INT64_MAX);
	kl_buf_add_int(&buf, INT64_MIN);
	assert_string_equal(buf.data, "0-112345678909223372036854775807-9223372036854775808");
	kl_buf_release(&buf);
}

static void no_maximum(void **state)
{
	struct kl_buf buf;

	(void)state;
	kl_buf_init(&buf, SIZE_MAX);
	for (int i = 0; i < 1000; i++)
		assert_true(kl_buf_addf(&buf, "%03d", i));
	assert_int_equal(buf.len, 3000);
	assert_memory_equal(buf.data + 2997, "999", 4);
	kl_buf_release(&buf);
}

static void ends_come_off(void **state)
{
	struct kl_buf buf;

	(void)state;
	kl_buf_init(&buf, 100);
	kl_buf_add(&buf, "a\0bcd", 5);
	kl_buf_consume(&buf, 2);
	assert_string_equal(buf.data, "bcd");
	kl_buf_cut(&buf, 1);
	assert_string_equal(buf.data, "b");
	kl_buf_cut(&buf, 9);
	kl_buf_consume(&buf, 9);
	assert_int_equal(buf.len, 0);
	kl_buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_a_string),
		cmocka_unit_test(maximum_holds),
		cmocka_unit_test(a_flood_costs_the_maximum),
		cmocka_unit_test(formats_what_fits),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(no_maximum),
		cmocka_unit_test(ends_come_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
