/* links: tui/ui/field.c tui/ui/request.c tui/ui/canvas.c tui/ui/grid.c tui/ui/role.c tui/term/picture.c */
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
#include "tui/ui/canvas.h"
#include "tui/ui/field.h"
#include "tui/ui/grid.h"

static void what_may_not_be_in_a_line_stays_out(void **state)
{
	static const struct {
		const char *in, *text;
	} cases[] = {
		{ "abc", "abc" },
		{ "a\nb", "a b" },
		{ "a\r\nb", "a b" },
		{ "a\tb", "a b" },
		{ "a\x1b[31mb", "a[31mb" },
		{ "a\x7f\x01"
		  "b",
		  "ab" },
		{ "é漢", "é漢" },
		{ "e\xcc\x81", "e\xcc\x81" },
		{ "a\r", "a" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct field field;

		field_set(&field, cases[i].in);
		assert_string_equal(field.text, cases[i].text);
		assert_int_equal(field.len, strlen(cases[i].text));
		assert_int_equal(field.cursor, field.len);
	}
}

static void requests_move_and_erase_by_characters(void **state)
{
	static const struct {
		enum request request;
		const char *text;
		size_t cursor;
	} steps[] = {
		{ REQ_LEFT, "ab é漢 xy", 10 }, { REQ_WORD_LEFT, "ab é漢 xy", 9 }, { REQ_WORD_LEFT, "ab é漢 xy", 3 },
		{ REQ_RIGHT, "ab é漢 xy", 5 }, { REQ_RIGHT, "ab é漢 xy", 8 },     { REQ_BACKSPACE, "ab é xy", 5 },
		{ REQ_DELETE, "ab éxy", 5 },   { REQ_LINE_END, "ab éxy", 7 },     { REQ_RIGHT, "ab éxy", 7 },
		{ REQ_DELETE, "ab éxy", 7 },   { REQ_DELETE_WORD, "ab ", 3 },     { REQ_LINE_START, "ab ", 0 },
		{ REQ_LEFT, "ab ", 0 },        { REQ_BACKSPACE, "ab ", 0 },       { REQ_WORD_RIGHT, "ab ", 3 },
		{ REQ_DELETE_WORD, "", 0 },    { REQ_DELETE_LINE, "", 0 },
	};
	struct field field;

	(void)state;
	field_set(&field, "ab é漢 xy");
	for (size_t i = 0; i < KL_LENGTH(steps); i++) {
		assert_true(field_request(&field, steps[i].request));
		assert_string_equal(field.text, steps[i].text);
		assert_int_equal(field.cursor, steps[i].cursor);
	}
	assert_false(field_request(&field, REQ_SELECT));
}

static void a_full_field_takes_no_more(void **state)
{
	char *text = kl_alloc(3000);
	struct field field;

	(void)state;
	memset(text, 'a', 2999);
	text[2999] = '\0';
	field_set(&field, text);
	assert_int_equal(field.len, FIELD_MAX);
	field_request(&field, REQ_BACKSPACE);
	field_insert(&field, "é", strlen("é")); /* two bytes do not fit, and it is not halved */
	assert_int_equal(field.len, FIELD_MAX - 1);
	free(text);
}

static void the_cursor_is_always_seen(void **state)
{
	struct glyphs *glyphs = glyphs_new();
	struct field field;
	struct canvas canvas;
	struct kl_buf row;
	struct grid grid;

	(void)state;
	kl_buf_init(&row, 4096);
	grid_init(&grid, glyphs, 1, 12);
	grid_clear(&grid);
	canvas = grid_canvas(&grid);
	field_set(&field, "0123456789漢字");
	field_draw(&field, &canvas, 0, 2, 8, ROLE_FIELD, true);
	picture_row(&grid, 0, &row);
	assert_string_equal(row.data, "  789漢字");
	assert_int_equal(grid.cursor_x, 9);
	field_request(&field, REQ_LINE_START);
	field_draw(&field, &canvas, 0, 2, 8, ROLE_FIELD, true);
	kl_buf_clear(&row);
	picture_row(&grid, 0, &row);
	assert_string_equal(row.data, "  01234567");
	assert_int_equal(grid.cursor_x, 2);
	field_draw(&field, &canvas, 0, 2, 0, ROLE_FIELD, true);
	field_draw(&field, &canvas, 0, 2, 1, ROLE_FIELD, true);
	kl_buf_release(&row);
	grid_release(&grid);
	glyphs_free(glyphs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_not_be_in_a_line_stays_out),
		cmocka_unit_test(requests_move_and_erase_by_characters),
		cmocka_unit_test(a_full_field_takes_no_more),
		cmocka_unit_test(the_cursor_is_always_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
