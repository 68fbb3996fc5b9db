/* links: tui/ui/layout.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/ui/layout.h"

/* problem | (editor over output) */
static const struct layout_node nodes[] = {
	{ .kind = LAYOUT_ROW, .first = 1, .second = 2, .share = 40 },
	{ .kind = LAYOUT_PANE, .pane = 0 },
	{ .kind = LAYOUT_COLUMN, .first = 3, .second = 4, .share = 60 },
	{ .kind = LAYOUT_PANE, .pane = 1 },
	{ .kind = LAYOUT_PANE, .pane = 2 },
};

static const struct layout_node tabs[] = {
	{ .kind = LAYOUT_TABS, .first = 1, .second = 2 },
	{ .kind = LAYOUT_PANE, .pane = 0 },
	{ .kind = LAYOUT_PANE, .pane = 1 },
};

static void assert_rect(struct rect rect, int y, int x, int rows, int cols)
{
	assert_int_equal(rect.y, y);
	assert_int_equal(rect.x, x);
	assert_int_equal(rect.rows, rows);
	assert_int_equal(rect.cols, cols);
}

static void places_fill_the_area(void **state)
{
	int shares[] = { 40, 0, 60, 0, 0 };
	struct layout layout = { nodes, shares };
	struct layout_places places;

	(void)state;
	layout_place(&places, &layout, (struct rect){ 1, 0, 21, 101 }, 1, 0, false);
	assert_rect(places.panes[0], 1, 0, 21, 40);
	assert_rect(places.panes[1], 1, 41, 12, 60);
	assert_rect(places.panes[2], 14, 41, 8, 60);
	assert_int_equal(places.divider_count, 2);
	assert_int_equal(layout_pane_at(&places, 15, 50), 2);
	assert_int_equal(layout_pane_at(&places, 13, 50), -1);
	assert_int_equal(layout_divider_at(&places, 13, 50), 1);
}

static void hidden_panes_give_their_room(void **state)
{
	int shares[] = { 40, 0, 60, 0, 0 };
	struct layout layout = { nodes, shares };
	struct layout_places places;

	(void)state;
	layout_place(&places, &layout, (struct rect){ 0, 0, 20, 80 }, 1, 1u << 0 | 1u << 1, false);
	assert_int_equal(places.panes[0].rows, 0);
	assert_int_equal(places.panes[1].cols, 80); /* the focused one is never hidden */
	layout_place(&places, &layout, (struct rect){ 0, 0, 20, 80 }, 2, 0, true);
	assert_rect(places.panes[2], 0, 0, 20, 80);
	assert_int_equal(places.panes[1].rows, 0);
}

static void tabs_show_the_focused_pane(void **state)
{
	int shares[3] = { 0 };
	struct layout layout = { tabs, shares };
	struct layout_places places;

	(void)state;
	layout_place(&places, &layout, (struct rect){ 0, 0, 5, 9 }, 1, 0, false);
	assert_int_equal(places.panes[0].rows, 0);
	assert_rect(places.panes[1], 0, 0, 5, 9);
	assert_false(layout_resize(&layout, 1, 5));
}

static void shares_move_and_stay_in_bounds(void **state)
{
	int shares[] = { 40, 0, 60, 0, 0 };
	struct layout layout = { nodes, shares };
	struct layout_places places;

	(void)state;
	assert_true(layout_resize(&layout, 2, 10));
	assert_int_equal(shares[2], 50);
	for (int i = 0; i < 30; i++)
		layout_resize(&layout, 0, 10);
	assert_int_equal(shares[0], 85);
	layout_place(&places, &layout, (struct rect){ 0, 0, 20, 101 }, 1, 0, false);
	layout_drag(&layout, &places.dividers[0], 5, 30);
	layout_place(&places, &layout, (struct rect){ 0, 0, 20, 101 }, 1, 0, false);
	assert_int_equal(places.dividers[0].area.x, 30);
}

static void any_size_survives(void **state)
{
	int shares[] = { 40, 0, 60, 0, 0 };
	struct layout layout = { nodes, shares };
	struct layout_places places;

	(void)state;
	for (int rows = 0; rows < 6; rows++) {
		for (int cols = 0; cols < 6; cols++) {
			layout_place(&places, &layout, (struct rect){ 0, 0, rows, cols }, 1, 0, false);
			for (int pane = 0; pane < 3; pane++) {
				assert_true(places.panes[pane].y + places.panes[pane].rows <= rows);
				assert_true(places.panes[pane].x + places.panes[pane].cols <= cols);
				assert_true(places.panes[pane].rows >= 0 && places.panes[pane].cols >= 0);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_fill_the_area),       cmocka_unit_test(hidden_panes_give_their_room),
		cmocka_unit_test(tabs_show_the_focused_pane), cmocka_unit_test(shares_move_and_stay_in_bounds),
		cmocka_unit_test(any_size_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
