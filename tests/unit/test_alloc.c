/* Memory that is there. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>

static void strings(void **state)
{
	char *text = kl_format("%s-%d", "a", 7);

	(void)state;
	assert_string_equal(text, "a-7");
	free(text);
	assert_null(kl_strdup(NULL));
	text = kl_strndup("hello", 2);
	assert_string_equal(text, "he");
	free(text);
}

static void zero_sizes_are_memory_too(void **state)
{
	void *a = kl_alloc(0), *b = kl_calloc(0, 8);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	free(a);
	free(b);
}

static void growing(void **state)
{
	size_t count = 0, capacity = 0;
	int *items = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		KL_GROW(items, count, capacity);
		items[count++] = i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	assert_true(capacity >= 1000);
	free(items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(zero_sizes_are_memory_too),
		cmocka_unit_test(growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
