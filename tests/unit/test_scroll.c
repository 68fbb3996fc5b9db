/* links: tui/ui/scroll.c tui/ui/request.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>

#include "tui/ui/scroll.h"

static void texts_move_the_window(void **state)
{
	static const struct {
		enum request request;
		size_t top; /* after it */
	} steps[] = {
		{ REQ_UP, 0 },       { REQ_DOWN, 1 },  { REQ_PAGE_DOWN, 10 }, { REQ_PAGE_DOWN, 19 },
		{ REQ_BOTTOM, 20 },  { REQ_DOWN, 20 }, { REQ_SCROLL_UP, 19 }, { REQ_SCROLL_DOWN, 20 },
		{ REQ_PAGE_UP, 11 }, { REQ_UP, 10 },   { REQ_PAGE_UP, 1 },    { REQ_TOP, 0 },
	};
	struct scroll scroll = { .rows = 10 };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(steps); i++) {
		assert_true(scroll_text(&scroll, 30, steps[i].request));
		assert_int_equal(scroll.top, steps[i].top);
	}
	assert_false(scroll_text(&scroll, 30, REQ_SELECT));
}

static void lists_move_the_mark_and_the_window_follows(void **state)
{
	static const struct {
		enum request request;
		size_t selected, top;
	} steps[] = {
		{ REQ_UP, 0, 0 },          { REQ_DOWN, 1, 0 },      { REQ_PAGE_DOWN, 5, 1 },
		{ REQ_BOTTOM, 19, 15 },    { REQ_DOWN, 19, 15 },    { REQ_SCROLL_UP, 18, 14 },
		{ REQ_SCROLL_UP, 17, 13 }, { REQ_PAGE_UP, 13, 13 }, { REQ_SCROLL_DOWN, 14, 14 },
		{ REQ_TOP, 0, 0 },
	};
	struct scroll scroll = { .rows = 5 };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(steps); i++) {
		assert_true(scroll_list(&scroll, 20, steps[i].request));
		assert_int_equal(scroll.selected, steps[i].selected);
		assert_int_equal(scroll.top, steps[i].top);
	}
	assert_false(scroll_list(&scroll, 20, REQ_SELECT));
}

static void sides_have_ends(void **state)
{
	struct scroll scroll = { .rows = 5 };

	(void)state;
	assert_true(scroll_text(&scroll, 3, REQ_LEFT));
	assert_int_equal(scroll.left, 0);
	for (int i = 0; i < 10000; i++)
		scroll_text(&scroll, 3, REQ_RIGHT);
	assert_in_range(scroll.left, 1000, 5000);
}

static void nothing_and_little_are_fine(void **state)
{
	static const enum request requests[] = { REQ_UP,  REQ_DOWN,   REQ_PAGE_UP,   REQ_PAGE_DOWN,
						 REQ_TOP, REQ_BOTTOM, REQ_SCROLL_UP, REQ_SCROLL_DOWN };

	(void)state;
	for (size_t count = 0; count < 3; count++) {
		for (int rows = 0; rows < 4; rows++) {
			struct scroll scroll = { .rows = rows, .selected = 9, .top = 9 };

			for (size_t i = 0; i < KL_LENGTH(requests); i++) {
				scroll_list(&scroll, count, requests[i]);
				assert_true(scroll.selected == 0 || scroll.selected < count);
				scroll_text(&scroll, count, requests[i]);
				assert_true(scroll.top == 0 || scroll.top < count);
			}
		}
	}
}

static void a_list_that_shrank_keeps_its_mark_inside(void **state)
{
	struct scroll scroll = { .rows = 5, .selected = 90, .top = 88 };

	(void)state;
	scroll_keep(&scroll, 10);
	assert_int_equal(scroll.selected, 9);
	assert_int_equal(scroll.top, 5);
	scroll_keep(&scroll, 3);
	assert_int_equal(scroll.selected, 2);
	assert_int_equal(scroll.top, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_move_the_window),
		cmocka_unit_test(lists_move_the_mark_and_the_window_follows),
		cmocka_unit_test(sides_have_ends),
		cmocka_unit_test(nothing_and_little_are_fine),
		cmocka_unit_test(a_list_that_shrank_keeps_its_mark_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
