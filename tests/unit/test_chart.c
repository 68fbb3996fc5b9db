/* links: tui/ui/chart.c tui/ui/canvas.c tui/ui/grid.c tui/ui/role.c tui/term/picture.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tui/term/picture.h"
#include "tui/ui/chart.h"
#include "tui/ui/grid.h"

enum { ROWS = 8, COLS = 60 };

static struct glyphs *glyphs;
static struct grid grid;
static struct canvas canvas;

static int set_up(void **state)
{
	(void)state;
	glyphs = glyphs_new();
	grid_init(&grid, glyphs, ROWS, COLS);
	grid_clear(&grid);
	canvas = grid_canvas(&grid);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	grid_release(&grid);
	glyphs_free(glyphs);
	return 0;
}

static void assert_row(int y, const char *expected)
{
	struct kl_buf row;

	kl_buf_init(&row, 1 << 16);
	picture_row(&grid, y, &row);
	assert_string_equal(row.data, expected);
	kl_buf_release(&row);
}

static void bars(void **state)
{
	static const struct {
		int cols, part, whole;
		const char *label, *row;
	} cases[] = {
		{ 40, 5, 10, "half", "half              ███████░░░░░░ 5/10" },
		{ 40, 0, 10, "none", "none              ░░░░░░░░░░░░░ 0/10" },
		{ 40, 10, 10, "all", "all               █████████████ 10/10" },
		{ 40, 1, 1000, "one of many", "one of many       █░░░░░░░░░░░░ 1/1000" },
		{ 40, 20, 10, "more than all", "more than all     █████████████ 20/10" },
		{ 40, 0, 0, "nothing", "nothing           ░░░░░░░░░░░░░ 0/0" },
		{ 40, 1, 2, "a label that is far too long", "a label that is … ███████░░░░░░ 1/2" },
		{ 40, 123456, 1234567, "large", "large             █░░░░░░ 123456/1234567" },
		{ 40, INT_MAX / 2, INT_MAX, "huge", "huge              1073741823/2147483647" },
		{ 24, 1, 2, "narrow", "narrow            1/2" },
		{ 10, 1, 2, "tiny", "tiny" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		grid_clear(&grid);
		chart_bar(&canvas, 0, 0, cases[i].cols, cases[i].label, cases[i].part, cases[i].whole);
		assert_row(0, cases[i].row);
	}
}

static void sparks(void **state)
{
	static const int values[] = { 0, 1, 4, 8, 16, INT_MAX, -3 };

	(void)state;
	chart_spark(&canvas, 0, 0, values, 5);
	chart_spark(&canvas, 1, 0, values, 7);
	chart_spark(&canvas, 2, 0, values, 1);
	chart_spark(&canvas, 3, 0, values, 0);
	assert_row(0, "▁▁▂▄█");
	assert_row(1, "▁▁▁▁▁█▁");
	assert_row(2, "▁");
	assert_row(3, "");
	assert_int_equal(grid_cell(&grid, 0, 0)->role, ROLE_BAR_REST);
	assert_int_equal(grid_cell(&grid, 0, 1)->role, ROLE_BAR);
}

static void calendars(void **state)
{
	int days[17] = { [0] = 1, [7] = 3, [8] = 6, [14] = 10, [15] = 2 };

	(void)state;
	chart_calendar(&canvas, 0, 0, COLS, days, 17, 15);
	assert_row(0, "Mon ■ ■ ■");
	assert_row(1, "    · ■ ■");
	assert_row(2, "Wed · ·");
	assert_row(6, "Sun · ·");
	assert_int_equal(grid_cell(&grid, 0, 4)->role, ROLE_HEAT_1);
	assert_int_equal(grid_cell(&grid, 1, 6)->role, ROLE_HEAT_3);
	assert_int_equal(grid_cell(&grid, 0, 8)->role, ROLE_HEAT_4);
	grid_clear(&grid);
	chart_calendar(&canvas, 0, 0, 8, days, 17, 16);
	assert_row(0, "Mon ■ ■"); /* the newest weeks that fit */
	assert_row(2, "Wed · ·");
	grid_clear(&grid);
	chart_calendar(&canvas, 0, 0, 2, days, 17, 16);
	assert_row(0, "Mon");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bars, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sparks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(calendars, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
