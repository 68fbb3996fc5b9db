/* links: tui/ui/canvas.c tui/ui/grid.c tui/ui/role.c tui/term/picture.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tui/term/picture.h"
#include "tui/ui/canvas.h"
#include "tui/ui/grid.h"

enum { ROWS = 4, COLS = 12, TEXT_MAX = 1 << 16 };

struct fixture {
	struct glyphs *glyphs;
	struct grid grid;
	struct canvas canvas;
};

static int set_up(void **state)
{
	struct fixture *fixture = kl_calloc(1, sizeof(*fixture));

	fixture->glyphs = glyphs_new();
	grid_init(&fixture->grid, fixture->glyphs, ROWS, COLS);
	fixture->canvas = grid_canvas(&fixture->grid);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	grid_release(&fixture->grid);
	glyphs_free(fixture->glyphs);
	free(fixture);
	return 0;
}

static void assert_row(const struct fixture *fixture, int y, const char *expected)
{
	struct kl_buf row;

	kl_buf_init(&row, TEXT_MAX);
	picture_row(&fixture->grid, y, &row);
	assert_string_equal(row.data, expected);
	kl_buf_release(&row);
}

static void text_is_drawn_and_measured(void **state)
{
	static const struct {
		const char *text, *row;
		int cols;
	} cases[] = {
		{ "hello", "hello", 5 },
		{ "héllo", "héllo", 5 },
		{ "世界", "世界", 4 },
		{ "e\xcc\x81x", "e\xcc\x81x", 2 },
		{ "👩‍👩‍👧!", "👩‍👩‍👧!", 3 },
		{ "a\tb", "a       b", 9 },
		{ "\033[2Jx", "^[[2Jx", 6 },
		{ "a\x9b"
		  "b",
		  "a<9b>b", 6 },
		{ "a\nb", "a^Jb", 4 },
		{ "\xe2\x80\xae"
		  "abc",
		  "<U+202E>abc", 11 },
		{ "0123456789abcdef", "0123456789ab", 16 },
		{ "0123456789a世", "0123456789a", 13 },
	};

	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct fixture *fixture = *state;

		grid_clear(&fixture->grid);
		canvas_str(&fixture->canvas, 1, 0, ROLE_TEXT, cases[i].text);
		assert_row(fixture, 1, cases[i].row);
		assert_int_equal(canvas_width(cases[i].text, strlen(cases[i].text)), cases[i].cols);
	}
}

static void nothing_leaves_the_clip(void **state)
{
	struct fixture *fixture = *state;
	struct canvas part = canvas_sub(&fixture->canvas, (struct rect){ 1, 2, 2, 5 });
	struct canvas inner = canvas_sub(&part, (struct rect){ -1, -1, 10, 10 });

	canvas_fill(&fixture->canvas, (struct rect){ -5, -5, 100, 100 }, ROLE_DIM);
	canvas_str(&part, 0, 0, ROLE_TEXT, "0123456789");
	canvas_str(&part, 1, -2, ROLE_TEXT, "abcdef");
	canvas_str(&part, 2, 0, ROLE_TEXT, "below");
	canvas_str(&part, -1, 0, ROLE_TEXT, "above");
	canvas_str(&inner, 0, 0, ROLE_TEXT, "above too");
	assert_row(fixture, 0, "");
	assert_row(fixture, 1, "  01234");
	assert_row(fixture, 2, "  cdef");
	assert_row(fixture, 3, "");
	canvas_str(&inner, 2, 0, ROLE_TEXT, "xyz");
	assert_row(fixture, 2, "  yzef");
}

static void wide_glyphs_are_never_cut(void **state)
{
	struct fixture *fixture = *state;
	struct canvas part = canvas_sub(&fixture->canvas, (struct rect){ 0, 1, 4, 3 });

	canvas_str(&part, 0, 0, ROLE_TEXT, "世界");
	assert_row(fixture, 0, " 世");
	assert_int_equal(grid_cell(&fixture->grid, 0, 3)->glyph, GLYPH_BLANK);
	canvas_str(&part, 1, -1, ROLE_TEXT, "世x");
	assert_row(fixture, 1, "  x");
	/* half of one is drawn over: the other half goes */
	canvas_str(&fixture->canvas, 2, 0, ROLE_TEXT, "世界");
	canvas_str(&fixture->canvas, 2, 1, ROLE_TEXT, "ab");
	assert_row(fixture, 2, " ab");
	assert_int_equal(grid_cell(&fixture->grid, 2, 3)->cols, 1);
}

static void text_is_cut_with_a_sign(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(canvas_str_cut(&fixture->canvas, 0, 0, ROLE_TEXT, "a long text", 6), 6);
	assert_row(fixture, 0, "a lon…");
	assert_int_equal(canvas_str_cut(&fixture->canvas, 1, 0, ROLE_TEXT, "short", 6), 5);
	assert_row(fixture, 1, "short");
	assert_int_equal(canvas_str_cut(&fixture->canvas, 2, 0, ROLE_TEXT, "世界世界", 4), 3);
	assert_row(fixture, 2, "世…");
	assert_int_equal(canvas_str_cut(&fixture->canvas, 3, 0, ROLE_TEXT, "none", 0), 0);
}

static void grounds_and_attributes_lie_on_whole_glyphs(void **state)
{
	struct fixture *fixture = *state;

	canvas_str(&fixture->canvas, 0, 0, ROLE_CODE, "a世b");
	canvas_ground(&fixture->canvas, (struct rect){ 0, 2, 1, 1 }, ROLE_SELECTION);
	canvas_attr(&fixture->canvas, (struct rect){ 0, 1, 1, 1 }, ATTR_BOLD);
	assert_int_equal(grid_cell(&fixture->grid, 0, 0)->ground, ROLE_TEXT);
	assert_int_equal(grid_cell(&fixture->grid, 0, 1)->ground, ROLE_SELECTION);
	assert_int_equal(grid_cell(&fixture->grid, 0, 2)->ground, ROLE_SELECTION);
	assert_int_equal(grid_cell(&fixture->grid, 0, 2)->attrs, ATTR_BOLD);
	assert_int_equal(grid_cell(&fixture->grid, 0, 3)->ground, ROLE_TEXT);
	assert_int_equal(grid_cell(&fixture->grid, 0, 1)->role, ROLE_CODE);
}

static void boxes_and_cursor(void **state)
{
	struct fixture *fixture = *state;
	struct canvas part = canvas_sub(&fixture->canvas, (struct rect){ 1, 1, 3, 5 });

	canvas_box(&part, (struct rect){ 0, 0, 3, 5 }, ROLE_BORDER);
	assert_row(fixture, 1, " ┌───┐");
	assert_row(fixture, 2, " │   │");
	assert_row(fixture, 3, " └───┘");
	canvas_cursor(&part, 1, 2);
	assert_int_equal(fixture->grid.cursor_y, 2);
	assert_int_equal(fixture->grid.cursor_x, 3);
	canvas_cursor(&part, 3, 0);
	assert_int_equal(fixture->grid.cursor_y, -1);
}

static void empty_canvases_take_everything(void **state)
{
	struct fixture *fixture = *state;
	struct canvas none = canvas_sub(&fixture->canvas, (struct rect){ 2, 2, -3, 0 });

	canvas_clear(&none, ROLE_ERROR);
	canvas_box(&none, (struct rect){ 0, 0, 5, 5 }, ROLE_ERROR);
	canvas_ground(&none, (struct rect){ 0, 0, 5, 5 }, ROLE_ERROR);
	canvas_scrolled(&none, (struct rect){ 0, 0, 5, 5 }, 1);
	canvas_printf(&none, 0, 0, ROLE_ERROR, "%d", 5);
	assert_int_equal(fixture->grid.hint_count, 0);
	for (int y = 0; y < ROWS; y++)
		assert_row(fixture, y, "");
}

static void words_are_wrapped_into_an_area(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(canvas_wrapped(&fixture->canvas, (struct rect){ 0, 1, 3, 7 }, ROLE_TEXT, "one two three"), 2);
	assert_row(fixture, 0, " one two");
	assert_row(fixture, 1, " three");
	grid_clear(&fixture->grid);
	assert_int_equal(canvas_wrapped(&fixture->canvas, (struct rect){ 1, 0, 2, 5 }, ROLE_TEXT, "longword a b c d e"),
			 3);
	assert_row(fixture, 0, "");
	assert_row(fixture, 1, "longw");
	assert_row(fixture, 2, "ord a");
	assert_row(fixture, 3, "");
	assert_int_equal(canvas_wrapped(&fixture->canvas, (struct rect){ 1, 0, 2, 0 }, ROLE_TEXT, "x"), 1);
	assert_int_equal(canvas_wrapped(&fixture->canvas, (struct rect){ 1, 0, 2, 5 }, ROLE_TEXT, ""), 1);
}

static void glyph_tables_fill_up_politely(void **state)
{
	struct fixture *fixture = *state;
	char text[8];

	for (int i = 0; i < 5000; i++) {
		int mark = 0x300 + i % 0x60, base = 0x100 + i / 0x60;

		text[0] = (char)(0xc0 | base >> 6);
		text[1] = (char)(0x80 | (base & 0x3f));
		text[2] = (char)(0xc0 | mark >> 6);
		text[3] = (char)(0x80 | (mark & 0x3f));
		glyphs_find(fixture->glyphs, text, 4);
	}
	assert_true(glyphs_crowded(fixture->glyphs));
	assert_int_equal(glyphs_find(fixture->glyphs, "z\xcc\x81", 3), 0xfffd);
	glyphs_clear(fixture->glyphs);
	assert_false(glyphs_crowded(fixture->glyphs));
	assert_int_equal(glyphs_find(fixture->glyphs, "z\xcc\x81", 3), GLYPH_CLUSTER | 0);
	assert_int_equal(glyphs_find(fixture->glyphs, "z\xcc\x81", 3), GLYPH_CLUSTER | 0);
}

static void fitting_counts_whole_clusters(void **state)
{
	(void)state;
	assert_int_equal(canvas_fit("abc", 3, 2), 2);
	assert_int_equal(canvas_fit("世界", 6, 3), 3);
	assert_int_equal(canvas_fit("e\xcc\x81x", 4, 1), 3);
	assert_int_equal(canvas_fit("", 0, 5), 0);
	assert_int_equal(canvas_cluster("\t", 1).cols, 0);
	assert_int_equal(canvas_cluster("\r\n", 2).len, 1);
	assert_false(canvas_cluster("\033", 1).plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(text_is_drawn_and_measured, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_leaves_the_clip, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wide_glyphs_are_never_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(text_is_cut_with_a_sign, set_up, tear_down),
		cmocka_unit_test_setup_teardown(grounds_and_attributes_lie_on_whole_glyphs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(boxes_and_cursor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(empty_canvases_take_everything, set_up, tear_down),
		cmocka_unit_test_setup_teardown(words_are_wrapped_into_an_area, set_up, tear_down),
		cmocka_unit_test_setup_teardown(glyph_tables_fill_up_politely, set_up, tear_down),
		cmocka_unit_test(fitting_counts_whole_clusters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
