/* links: tui/ui/lines.c tui/ui/canvas.c tui/ui/grid.c tui/ui/role.c tui/term/picture.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tui/term/picture.h"
#include "tui/ui/grid.h"
#include "tui/ui/lines.h"

static void assert_lines(const struct lines *lines, const char *expected)
{
	struct kl_buf is;

	kl_buf_init(&is, 1 << 20);
	for (size_t i = 0; i < lines->count; i++)
		kl_buf_addf(&is, "%s\n", lines->items[i].text);
	assert_string_equal(is.data, expected);
	kl_buf_release(&is);
}

static void pieces_of_one_role_are_one_span(void **state)
{
	struct lines lines = { 0 };
	struct line *line = lines_new(&lines, 7);

	(void)state;
	line_str(line, ROLE_TEXT, "a");
	line_str(line, ROLE_TEXT, "b");
	line_str(line, ROLE_STRONG, "");
	line_printf(line, ROLE_STRONG, "%d", 12);
	line_add(line, ROLE_TEXT, "\0x", 2);
	assert_int_equal(line->value, 7);
	assert_int_equal(line->len, 6);
	assert_memory_equal(line->text, "ab12\0x", 7);
	assert_int_equal(line->span_count, 3);
	assert_int_equal(line->spans[1].start, 2);
	assert_int_equal(line->spans[1].len, 2);
	lines_clear(&lines);
	assert_int_equal(lines.count, 0);
	lines_clear(&lines);
}

static void texts_become_lines_up_to_a_number(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *lines;
	} cases[] = {
		{ "", 9, "" },
		{ "a", 9, "> a\n" },
		{ "a\n", 9, "> a\n" },
		{ "a\n\nb\n", 9, "> a\n> \n> b\n" },
		{ "a\nb\nc\nd", 2, "> a\n> b\n> (3 more bytes)\n" },
		{ "a\nb\n", 2, "> a\n> b\n" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct lines lines = { 0 };

		lines_text(&lines, 0, ROLE_TEXT, "> ", cases[i].text, strlen(cases[i].text), cases[i].max);
		assert_lines(&lines, cases[i].lines);
		lines_clear(&lines);
	}
}

static void words_are_wrapped(void **state)
{
	static const struct {
		const char *text;
		int width;
		const char *lines;
	} cases[] = {
		{ "", 20, "" },
		{ "one two three", 20, "  one two three\n" },
		{ "one two three four", 16, "  one two three\n  four\n" },
		{ "a\nb", 20, "  a\n  b\n" },
		{ "a\n\nb", 20, "  a\n  \n  b\n" },
		{ "0123456789abcdef", 12, "  0123456789\n  abcdef\n" },
		{ "漢字漢字漢字", 12, "  漢字漢字漢\n  字\n" },
		{ "one two", 1, "  one two\n" }, /* ten columns at least */
		{ "ab\xc3", 20, "  ab\xc3\n" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct lines lines = { 0 };

		lines_wrapped(&lines, 0, ROLE_TEXT, "  ", cases[i].text, cases[i].width);
		assert_lines(&lines, cases[i].lines);
		lines_clear(&lines);
	}
}

static void lines_are_drawn_from_a_place_on(void **state)
{
	struct glyphs *glyphs = glyphs_new();
	struct lines lines = { 0 };
	struct canvas canvas;
	struct kl_buf is;
	struct grid grid;

	(void)state;
	kl_buf_init(&is, 4096);
	grid_init(&grid, glyphs, 3, 8);
	grid_clear(&grid);
	canvas = grid_canvas(&grid);
	for (int i = 0; i < 5; i++)
		line_printf(lines_new(&lines, i), ROLE_TEXT, "%d 345678\x1b", i);
	line_symbol(&lines.items[4], ROLE_PASSED, SYMBOL_PASSED);
	lines_draw(&lines, &canvas, 3, 0, 4);
	picture_text(&grid, &is);
	assert_string_equal(is.data, "3 345678\n✓ 4 3456\n\n");
	assert_int_equal(grid_cell(&grid, 1, 7)->ground, ROLE_SELECTED);
	grid_clear(&grid);
	kl_buf_clear(&is);
	lines_draw(&lines, &canvas, 3, 4, (size_t)-1);
	picture_text(&grid, &is);
	assert_string_equal(is.data, "5678^[\n345678^[\n\n");
	lines_draw(&lines, &canvas, 99, 0, 0);
	kl_buf_release(&is);
	lines_clear(&lines);
	grid_release(&grid);
	glyphs_free(glyphs);
}

static void a_line_of_many_pieces_is_quick(void **state)
{
	struct lines lines = { 0 };
	struct line *line = lines_new(&lines, 0);

	(void)state;
	for (int i = 0; i < 1000000; i++)
		line_add(line, i % 2 ? ROLE_TEXT : ROLE_STRONG, "x", 1);
	assert_int_equal(line->len, 1000000);
	assert_int_equal(line->span_count, 1000000);
	lines_clear(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_one_role_are_one_span),
		cmocka_unit_test(texts_become_lines_up_to_a_number),
		cmocka_unit_test(words_are_wrapped),
		cmocka_unit_test(lines_are_drawn_from_a_place_on),
		cmocka_unit_test(a_line_of_many_pieces_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
