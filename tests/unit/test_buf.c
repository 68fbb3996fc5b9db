/* Buffers: the maximum holds whatever is added. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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
		cmocka_unit_test(no_maximum),
		cmocka_unit_test(ends_come_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
