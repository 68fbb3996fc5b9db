/* So much in so long: windows of their own for each key, and a bound on keys. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <kodelab/limiter.h>

static void windows(void **state)
{
	struct kl_limiter *limiter = kl_limiter_new(1000, 100);
	struct kl_limit limit;

	(void)state;
	kl_limiter_take(&limit, limiter, "ada", 3, 0, 10); /* only looks */
	assert_false(limit.refused);
	assert_int_equal(limit.left, 3);
	assert_int_equal(limit.reset_ms, 1000);
	for (int i = 0; i < 3; i++) {
		kl_limiter_take(&limit, limiter, "ada", 3, 1, 100 + i);
		assert_false(limit.refused);
		assert_int_equal(limit.left, 2 - i);
	}
	kl_limiter_take(&limit, limiter, "ada", 3, 1, 600);
	assert_true(limit.refused);
	assert_int_equal(limit.left, 0);
	assert_int_equal(limit.reset_ms, 500);
	kl_limiter_take(&limit, limiter, "bob", 3, 2, 600);
	assert_false(limit.refused);
	kl_limiter_take(&limit, limiter, "bob", 3, 2, 601); /* all or nothing */
	assert_true(limit.refused);
	assert_int_equal(limit.left, 1);
	kl_limiter_take(&limit, limiter, "ada", 3, 1, 1099);
	assert_true(limit.refused);
	kl_limiter_take(&limit, limiter, "ada", 3, 1, 1100); /* another window */
	assert_false(limit.refused);
	assert_int_equal(limit.left, 2);
	kl_limiter_clear(limiter, "ada");
	kl_limiter_clear(limiter, "nobody");
	kl_limiter_take(&limit, limiter, "ada", 3, 3, 1100);
	assert_false(limit.refused);
	kl_limiter_give_back(limiter, "ada", 2);
	kl_limiter_give_back(limiter, "nobody", 1);
	kl_limiter_take(&limit, limiter, "ada", 3, 3, 1100);
	assert_true(limit.refused);
	assert_int_equal(limit.left, 2);
	kl_limiter_give_back(limiter, "ada", 1); /* nothing is counted of her any more: her window is over */
	kl_limiter_take(&limit, limiter, "ada", 3, 3, 1500);
	assert_false(limit.refused);
	assert_int_equal(limit.reset_ms, 1000);
	kl_limiter_free(limiter);
	kl_limiter_free(NULL);
}

static void bound(void **state)
{
	struct kl_limiter *limiter = kl_limiter_new(1000, 10);
	struct kl_limit limit;
	char key[16];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		kl_limiter_take(&limit, limiter, key, 1, 1, i / 100);
		assert_false(limit.refused);
	}
	kl_limiter_take(&limit, limiter, "999", 1, 1, 10); /* of the newest ten */
	assert_true(limit.refused);
	kl_limiter_take(&limit, limiter, "0", 1, 1, 10); /* forgotten */
	assert_false(limit.refused);
	kl_limiter_free(limiter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows),
		cmocka_unit_test(bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
