/* Movement: where each request takes the cursor, by a table; the select- requests are the same movements with the anchor held. */
#include "editor_int.h"

#include <ctype.h>

#include <kodelab/alloc.h>

bool is_word_byte(int byte)
{
	return byte >= 0x80 || byte == '_' || (byte >= 0 && isalnum(byte));
}

/* Blanks at the start of a line are a stop of their own: a line end is crossed only from beside it. */
size_t word_left(const struct editor *editor, size_t offset)
{
	size_t start = kl_text_line_start(editor->text, kl_text_line_of(editor->text, offset));

	if (offset == start)
		return kl_text_prev(editor->text, offset);
	while (offset > start && !is_word_byte(kl_text_byte(editor->text, offset - 1)))
		offset--;
	while (offset > start && is_word_byte(kl_text_byte(editor->text, offset - 1)))
		offset--;
	return kl_text_align(editor->text, offset);
}

size_t word_right(const struct editor *editor, size_t offset)
{
	size_t end = kl_text_line_end(editor->text, kl_text_line_of(editor->text, offset)), at = offset;

	if (offset >= end)
		return kl_text_next(editor->text, offset);
	while (at < end && is_word_byte(kl_text_byte(editor->text, at)))
		at++;
	while (at < end && !is_word_byte(kl_text_byte(editor->text, at)))
		at++;
	at = kl_text_align(editor->text, at);
	/* a mark that belongs to the sign before it looks like a word, but is none */
	return at > offset ? at : kl_text_next(editor->text, offset);
}

size_t line_text_start(const struct editor *editor, size_t line0)
{
	size_t offset = kl_text_line_start(editor->text, line0);
	int byte;

	while ((byte = kl_text_byte(editor->text, offset)) == ' ' || byte == '\t')
		offset++;
	return offset;
}

static size_t go_left(struct editor *editor, size_t offset)
{
	return kl_text_prev(editor->text, offset);
}

static size_t go_right(struct editor *editor, size_t offset)
{
	return kl_text_next(editor->text, offset);
}

static size_t go_word_left(struct editor *editor, size_t offset)
{
	return word_left(editor, offset);
}

static size_t go_word_right(struct editor *editor, size_t offset)
{
	return word_right(editor, offset);
}

static size_t go_line_start(struct editor *editor, size_t offset)
{
	size_t line0 = kl_text_line_of(editor->text, offset);
	size_t text_start = line_text_start(editor, line0);

	return offset == text_start ? kl_text_line_start(editor->text, line0) : text_start;
}

static size_t go_line_end(struct editor *editor, size_t offset)
{
	return kl_text_line_end(editor->text, kl_text_line_of(editor->text, offset));
}

static size_t go_top(struct editor *editor, size_t offset)
{
	(void)editor;
	(void)offset;
	return 0;
}

static size_t go_bottom(struct editor *editor, size_t offset)
{
	(void)offset;
	return kl_text_len(editor->text);
}

/* `rows` screen rows down (up when negative), keeping the goal column. */
static size_t go_rows(struct editor *editor, size_t offset, long rows)
{
	size_t width = window_width(editor);
	size_t line0 = kl_text_line_of(editor->text, offset);
	size_t last = kl_text_lines(editor->text) - 1;
	size_t column = kl_columns_of(editor->columns, offset);
	size_t step = editor->options.wrap ? width : (size_t)-1;

	if (!editor->has_goal) {
		editor->goal = editor->options.wrap ? column % width : column;
		editor->has_goal = true;
	}
	for (; rows < 0; rows++) {
		if (editor->options.wrap && column >= step) {
			column -= step;
		} else if (line0 == 0) {
			return 0;
		} else {
			line0--;
			column = editor->options.wrap
					 ? kl_columns_of(editor->columns, kl_text_line_end(editor->text, line0))
					 : 0;
		}
	}
	for (; rows > 0; rows--) {
		size_t end = kl_columns_of(editor->columns, kl_text_line_end(editor->text, line0));

		if (editor->options.wrap && column / step < end / step) {
			column += step;
		} else if (line0 == last) {
			return kl_text_len(editor->text);
		} else {
			line0++;
			column = 0;
		}
	}
	column = editor->options.wrap ? column / step * step + editor->goal : editor->goal;
	return kl_columns_find(editor->columns, line0, column, NULL);
}

static size_t go_up(struct editor *editor, size_t offset)
{
	return go_rows(editor, offset, -1);
}

static size_t go_down(struct editor *editor, size_t offset)
{
	return go_rows(editor, offset, 1);
}

static size_t go_page_up(struct editor *editor, size_t offset)
{
	window_scroll(editor, -(editor->rows > 2 ? editor->rows - 2 : 1));
	return go_rows(editor, offset, -(editor->rows > 2 ? editor->rows - 2 : 1));
}

static size_t go_page_down(struct editor *editor, size_t offset)
{
	window_scroll(editor, editor->rows > 2 ? editor->rows - 2 : 1);
	return go_rows(editor, offset, editor->rows > 2 ? editor->rows - 2 : 1);
}

static size_t go_bracket(struct editor *editor, size_t offset)
{
	size_t other = code_bracket(editor, offset);

	if (other == (size_t)-1 && offset > 0)
		other = code_bracket(editor, offset - 1);
	if (other == (size_t)-1) {
		editor_say(editor, false, "There is no bracket here, or it has no partner.");
		return offset;
	}
	return other;
}

static const struct movement {
	enum request plain, mark; /* the same movement, without and with selecting */
	size_t (*go)(struct editor *editor, size_t offset);
} movements[] = {
	{ REQ_LEFT, REQ_MARK_LEFT, go_left },
	{ REQ_RIGHT, REQ_MARK_RIGHT, go_right },
	{ REQ_UP, REQ_MARK_UP, go_up },
	{ REQ_DOWN, REQ_MARK_DOWN, go_down },
	{ REQ_WORD_LEFT, REQ_MARK_WORD_LEFT, go_word_left },
	{ REQ_WORD_RIGHT, REQ_MARK_WORD_RIGHT, go_word_right },
	{ REQ_LINE_START, REQ_MARK_LINE_START, go_line_start },
	{ REQ_LINE_END, REQ_MARK_LINE_END, go_line_end },
	{ REQ_PAGE_UP, REQ_MARK_PAGE_UP, go_page_up },
	{ REQ_PAGE_DOWN, REQ_MARK_PAGE_DOWN, go_page_down },
	{ REQ_TOP, REQ_MARK_TOP, go_top },
	{ REQ_BOTTOM, REQ_MARK_BOTTOM, go_bottom },
	{ REQ_BRACKET, REQ_NONE, go_bracket },
};

/* Left and Right without Shift leave a selection at its end, as everywhere. */
static bool leave_selection(struct editor *editor, enum request request)
{
	size_t start, end;

	if (editor->sticky || (request != REQ_LEFT && request != REQ_RIGHT) || !selection_get(editor, &start, &end))
		return false;
	selection_drop(editor);
	cursor_set(editor, request == REQ_LEFT ? start : end);
	return true;
}

static void move(struct editor *editor, const struct movement *movement, bool mark)
{
	if (mark && !editor->selecting) {
		kl_mark_set(editor->anchor, cursor_at(editor));
		editor->selecting = true;
	} else if (!mark && !editor->sticky) {
		editor->selecting = false;
	}
	cursor_set(editor, movement->go(editor, cursor_at(editor)));
}

static bool mark_request(struct editor *editor, enum request request)
{
	if (request == REQ_MARK_ALL) {
		kl_mark_set(editor->anchor, 0);
		editor->selecting = true;
		kl_mark_set(editor->cursor, kl_text_len(editor->text));
		return true;
	}
	if (request != REQ_MARK)
		return false;
	editor->sticky = !editor->sticky;
	editor->selecting = editor->sticky;
	kl_mark_set(editor->anchor, cursor_at(editor));
	editor_say(editor, false, editor->sticky ? "Selecting: move, then copy or cut." : "Selection ended.");
	return true;
}

bool move_request(struct editor *editor, enum request request)
{
	if (request == REQ_NONE)
		return false;
	if (request == REQ_SCROLL_UP || request == REQ_SCROLL_DOWN) {
		window_scroll(editor, request == REQ_SCROLL_UP ? -1 : 1);
		return true;
	}
	if (mark_request(editor, request) || leave_selection(editor, request))
		return true;
	for (size_t i = 0; i < KL_LENGTH(movements); i++) {
		if (movements[i].plain == request || movements[i].mark == request) {
			move(editor, &movements[i], movements[i].mark == request);
			return true;
		}
	}
	return false;
}
