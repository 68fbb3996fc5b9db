/*
 * Bodies in common: kept by their key, the least used given up, and there as long as somebody sends them.
 * links: core/server/shelf.c
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/server/shared.h"

static struct shared *make(const char *text)
{
	struct kl_buf body;

	kl_buf_init(&body, 100);
	kl_buf_add_str(&body, text);
	return shared_new(&body, "text/plain", true);
}

static void put(struct shelf *shelf, const char *key, const char *text)
{
	struct shared *made = make(text);

	shelf_put(shelf, key, made);
	shared_drop(made);
}

static void test_the_least_used_goes(void **state)
{
	struct shelf *shelf = shelf_open(2, 1000);

	(void)state;
	put(shelf, "a", "1");
	put(shelf, "b", "2");
	assert_string_equal(shelf_find(shelf, "a")->bytes, "1");
	put(shelf, "c", "3");
	assert_null(shelf_find(shelf, "b"));
	assert_non_null(shelf_find(shelf, "a"));
	assert_non_null(shelf_find(shelf, "c"));
	shelf_close(shelf);
}

static void test_bytes_have_a_bound(void **state)
{
	struct shelf *shelf = shelf_open(100, 10);

	(void)state;
	put(shelf, "a", "12345");
	put(shelf, "b", "12345");
	put(shelf, "c", "1");
	assert_null(shelf_find(shelf, "a"));
	assert_non_null(shelf_find(shelf, "b"));
	put(shelf, "d", "12345678901"); /* would take all, and more */
	assert_null(shelf_find(shelf, "d"));
	assert_non_null(shelf_find(shelf, "c"));
	shelf_clear(shelf);
	assert_null(shelf_find(shelf, "c"));
	shelf_close(shelf);
}

static void test_what_is_sent_stays(void **state)
{
	struct shelf *shelf = shelf_open(1, 1000);
	struct shared *sent;

	(void)state;
	put(shelf, "a", "sent");
	sent = shared_keep(shelf_find(shelf, "a"));
	put(shelf, "b", "other");
	assert_null(shelf_find(shelf, "a"));
	assert_string_equal(sent->bytes, "sent");
	shared_drop(sent);
	shelf_close(shelf);
	shelf_close(NULL);
	shared_drop(NULL);
}

static void test_equal_bytes_have_equal_tags(void **state)
{
	struct shared *one = make("text"), *same = make("text"), *other = make("texts");

	(void)state;
	assert_string_equal(one->etag, same->etag);
	assert_string_not_equal(one->etag, other->etag);
	assert_int_equal(one->etag[0], '"'); /* a strong one: for ranges */
	shared_drop(one);
	shared_drop(same);
	shared_drop(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_least_used_goes),
		cmocka_unit_test(test_bytes_have_a_bound),
		cmocka_unit_test(test_what_is_sent_stays),
		cmocka_unit_test(test_equal_bytes_have_equal_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
