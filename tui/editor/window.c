/* Which part of the text is seen: the window, its scrolling, and what keeps the cursor in it. */
#include "editor_int.h"

enum { SCROLL_MARGIN = 2, SIDE_STEP = 8 };

/* Wrapped rows leave one column free: a wide character that begins in their last one reaches into it. */
size_t window_width(const struct editor *editor)
{
	int cols = editor->options.wrap ? editor->cols - 1 : editor->cols;

	return cols > 1 ? (size_t)cols : 1;
}

size_t window_line_rows(struct editor *editor, size_t line0)
{
	if (!editor->options.wrap)
		return 1;
	return kl_columns_of(editor->columns, kl_text_line_end(editor->text, line0)) / window_width(editor) + 1;
}

static size_t cursor_row(struct editor *editor)
{
	return editor->options.wrap ? kl_columns_of(editor->columns, cursor_at(editor)) / window_width(editor) : 0;
}

void window_scroll(struct editor *editor, int rows)
{
	size_t lines = kl_text_lines(editor->text);

	editor->follow = false;
	for (; rows < 0; rows++) {
		if (editor->top_row > 0) {
			editor->top_row--;
		} else if (editor->top > 0) {
			editor->top--;
			editor->top_row = window_line_rows(editor, editor->top) - 1;
		}
	}
	for (; rows > 0; rows--) {
		if (editor->top_row + 1 < window_line_rows(editor, editor->top)) {
			editor->top_row++;
		} else if (editor->top + 1 < lines) {
			editor->top++;
			editor->top_row = 0;
		}
	}
}

int window_rows_to_cursor(struct editor *editor, int most)
{
	size_t line = kl_text_line_of(editor->text, cursor_at(editor)), row = cursor_row(editor);
	size_t count = 0;

	if (line < editor->top || (line == editor->top && row < editor->top_row))
		return -1;
	for (size_t line0 = editor->top; line0 < line && count <= (size_t)most + editor->top_row; line0++)
		count += window_line_rows(editor, line0);
	count += row;
	count -= editor->top_row < count ? editor->top_row : count;
	return count > (size_t)most ? most + 1 : (int)count;
}

static void follow_rows(struct editor *editor)
{
	int margin = editor->rows > 3 * SCROLL_MARGIN ? SCROLL_MARGIN : 0;
	int far = window_rows_to_cursor(editor, 2 * editor->rows);

	if (far < 0 || far > editor->rows + editor->rows / 2) {
		/* a jump: the cursor comes to the middle */
		bool near = far < 0 &&
			    kl_text_line_of(editor->text, cursor_at(editor)) + (size_t)editor->rows / 2 > editor->top;

		editor->top = kl_text_line_of(editor->text, cursor_at(editor));
		editor->top_row = cursor_row(editor);
		window_scroll(editor, near ? -margin : -editor->rows / 2);
		return;
	}
	if (far < margin)
		window_scroll(editor, far - margin);
	else if (far >= editor->rows - margin)
		window_scroll(editor, far - editor->rows + margin + 1);
}

static void follow_columns(struct editor *editor)
{
	size_t column = kl_columns_of(editor->columns, cursor_at(editor));
	size_t width = window_width(editor);

	if (editor->options.wrap) {
		editor->left = 0;
		return;
	}
	if (column < editor->left)
		editor->left = column > SIDE_STEP ? column - SIDE_STEP : 0;
	else if (column >= editor->left + width)
		editor->left = column - width + 1 + (width > 2 * SIDE_STEP ? SIDE_STEP : 0);
	else if (column < width && editor->left > 0 &&
		 kl_columns_of(editor->columns,
			       kl_text_line_end(editor->text, kl_text_line_of(editor->text, cursor_at(editor)))) <
			 width)
		editor->left = 0; /* the whole line fits again */
}

void window_follow(struct editor *editor)
{
	if (editor->top >= kl_text_lines(editor->text)) {
		editor->top = kl_text_lines(editor->text) - 1;
		editor->top_row = 0;
	}
	if (!editor->follow)
		return;
	follow_rows(editor);
	follow_columns(editor);
	editor->follow = true;
}

size_t window_offset_at(struct editor *editor, int y, int x)
{
	size_t lines = kl_text_lines(editor->text), line0 = editor->top, row = editor->top_row;
	size_t column = x > editor->gutter ? (size_t)(x - editor->gutter) : 0;

	for (; y > 0 && line0 < lines; y--) {
		if (++row >= window_line_rows(editor, line0)) {
			row = 0;
			line0++;
		}
	}
	if (line0 >= lines)
		return kl_text_len(editor->text);
	column += editor->options.wrap ? row * window_width(editor) : editor->left;
	return kl_columns_find(editor->columns, line0, column, NULL);
}
