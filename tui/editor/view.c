/*
 * What is seen: lines, gutter, selection, matches, and the scrolling that keeps the cursor in view. Drawing costs what is
 * on screen, never what is in the text.
 */
#include "editor_int.h"

#include <stdio.h>
#include <string.h>

#include <kodelab/highlight.h>
#include <kodelab/syntax.h>

#include "tui/ui/canvas.h"
#include "tui/ui/key.h"
#include "tui/ui/mouse.h"

enum {
	SPANS_MAX = 512,
	MATCHES_MAX = 256,
	ROW_BYTES_MAX = 4096, /* of one screen row that are read; a row of 300 cells has fewer */
	SCROLL_MARGIN = 2,
	SIDE_STEP = 8,
};

/* Wrapped rows leave one column free: a wide character that begins in their last one reaches into it. */
size_t view_width(const struct editor *editor)
{
	int cols = editor->options.wrap ? editor->cols - 1 : editor->cols;

	return cols > 1 ? (size_t)cols : 1;
}

static int digits(size_t number)
{
	int count = 1;

	while (number >= 10) {
		number /= 10;
		count++;
	}
	return count;
}

static int gutter_width(const struct editor *editor, int cols)
{
	int width = digits(kl_text_lines(editor->text));

	if (!editor->options.numbers || cols < 20)
		return editor->place_count ? 2 : 0;
	return (width < 2 ? 2 : width) + 2;
}

/* Screen rows of a line. */
static size_t line_rows(struct editor *editor, size_t line0)
{
	if (!editor->options.wrap)
		return 1;
	return kl_columns_of(editor->columns, kl_text_line_end(editor->text, line0)) / view_width(editor) + 1;
}

static size_t cursor_row(struct editor *editor)
{
	return editor->options.wrap ? kl_columns_of(editor->columns, cursor_at(editor)) / view_width(editor) : 0;
}

/* Moves the window by rows without moving the cursor. */
void view_scroll(struct editor *editor, int rows)
{
	size_t lines = kl_text_lines(editor->text);

	editor->follow = false;
	for (; rows < 0; rows++) {
		if (editor->top_row > 0) {
			editor->top_row--;
		} else if (editor->top > 0) {
			editor->top--;
			editor->top_row = line_rows(editor, editor->top) - 1;
		}
	}
	for (; rows > 0; rows--) {
		if (editor->top_row + 1 < line_rows(editor, editor->top)) {
			editor->top_row++;
		} else if (editor->top + 1 < lines) {
			editor->top++;
			editor->top_row = 0;
		}
	}
}

/* Rows from the top of the window down to the cursor, counted up to `most`; -1: it is above. */
static int rows_to_cursor(struct editor *editor, int most)
{
	size_t line = kl_text_line_of(editor->text, cursor_at(editor)), row = cursor_row(editor);
	size_t count = 0;

	if (line < editor->top || (line == editor->top && row < editor->top_row))
		return -1;
	for (size_t line0 = editor->top; line0 < line && count <= (size_t)most + editor->top_row; line0++)
		count += line_rows(editor, line0);
	count += row;
	count -= editor->top_row < count ? editor->top_row : count;
	return count > (size_t)most ? most + 1 : (int)count;
}

static void follow_rows(struct editor *editor)
{
	int margin = editor->rows > 3 * SCROLL_MARGIN ? SCROLL_MARGIN : 0;
	int far = rows_to_cursor(editor, 2 * editor->rows);

	if (far < 0 || far > editor->rows + editor->rows / 2) {
		/* a jump: the cursor comes to the middle */
		bool near = far < 0 &&
			    kl_text_line_of(editor->text, cursor_at(editor)) + (size_t)editor->rows / 2 > editor->top;

		editor->top = kl_text_line_of(editor->text, cursor_at(editor));
		editor->top_row = cursor_row(editor);
		view_scroll(editor, near ? -margin : -editor->rows / 2);
		return;
	}
	if (far < margin)
		view_scroll(editor, far - margin);
	else if (far >= editor->rows - margin)
		view_scroll(editor, far - editor->rows + margin + 1);
}

static void follow_columns(struct editor *editor)
{
	size_t column = kl_columns_of(editor->columns, cursor_at(editor));
	size_t width = view_width(editor);

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

static void follow_cursor(struct editor *editor)
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

/* ---- drawing one line ---- */

struct drawing {
	struct editor *editor;
	struct canvas *canvas;
	int y;
	size_t line_start, line_end; /* of the line the spans and matches are of */
	struct kl_span spans[SPANS_MAX];
	size_t span_count;
	size_t span; /* the one looked at last: offsets are asked for in order */
	struct kl_match matches[MATCHES_MAX];
	size_t match_count;
	size_t bracket; /* offset of the partner; (size_t)-1 */
	bool has_grounds; /* else ground_at finds nothing on the line */
	size_t select_start, select_end; /* equal: nothing is selected */
};

static size_t span_end(const struct kl_span *span)
{
	return (size_t)span->start + span->len;
}

static enum role token_at(struct drawing *drawing, size_t offset)
{
	size_t at = offset - drawing->line_start;

	if (drawing->span > 0 && at < span_end(&drawing->spans[drawing->span - 1]))
		drawing->span = 0; /* back by a wide character that begins another row */
	while (drawing->span < drawing->span_count && at >= span_end(&drawing->spans[drawing->span]))
		drawing->span++;
	if (drawing->span < drawing->span_count && at >= drawing->spans[drawing->span].start)
		return ROLE_OF_TOKEN(drawing->spans[drawing->span].token);
	return ROLE_TOKEN_TEXT;
}

static bool is_fixed(const struct editor *editor, size_t offset)
{
	for (size_t i = 0; i < editor->fixed_count; i++) {
		if (offset >= kl_mark_offset(editor->fixed[i].start) && offset <= kl_mark_offset(editor->fixed[i].end))
			return true;
	}
	return false;
}

/* What lies under a cell; ROLE_TEXT: nothing. */
static enum role ground_at(const struct drawing *drawing, size_t offset)
{
	const struct editor *editor = drawing->editor;

	if (offset == drawing->bracket)
		return ROLE_BRACKET;
	if (editor->find.bar != BAR_NONE) {
		for (size_t i = 0; i < drawing->match_count; i++) {
			const struct kl_match *match = &drawing->matches[i];

			if (offset >= match->start && offset < match->end)
				return editor->find.has_match && match->start == editor->find.match.start
					       ? ROLE_MATCH_CURRENT
					       : ROLE_MATCH;
		}
	}
	if (offset >= drawing->select_start && offset < drawing->select_end)
		return ROLE_SELECTION;
	return editor->fixed_count && is_fixed(editor, offset) ? ROLE_READONLY : ROLE_TEXT;
}

/* area: one row, where text may be drawn; x may be to the left of it, then only the rest of the cluster is seen. */
static void draw_cluster(struct canvas *area, int x, int cols, const char *bytes, size_t len, enum role role,
			 enum role ground)
{
	if (*bytes != '\t')
		canvas_text(area, 0, x, role, bytes, len, -1);
	else if (ground == ROLE_SELECTION)
		canvas_symbol(area, 0, x, ROLE_WHITESPACE, SYMBOL_TAB);
	if (ground != ROLE_TEXT)
		canvas_ground(area, (struct rect){ 0, x, 1, cols }, ground);
}

/* False: ground_at finds nothing on this line. */
static bool has_grounds(const struct drawing *drawing, size_t line_end)
{
	return drawing->match_count || drawing->editor->fixed_count || drawing->select_start < drawing->select_end ||
	       (drawing->bracket >= drawing->line_start && drawing->bracket < line_end);
}

/* Bytes from offset on that look alike. */
struct piece {
	size_t len;
	enum role role, ground;
};

/* At most max bytes, all on the line and one cell each. */
static struct piece piece_at(struct drawing *drawing, size_t offset, size_t max)
{
	struct piece piece = { max, token_at(drawing, offset), ground_at(drawing, offset) };
	size_t at = offset - drawing->line_start, next = SIZE_MAX, run = 1;

	if (drawing->span < drawing->span_count) {
		const struct kl_span *span = &drawing->spans[drawing->span];

		next = at < span->start ? span->start : span_end(span);
	}
	if (next != SIZE_MAX && next - at < max)
		piece.len = next - at;
	if (!drawing->has_grounds)
		return piece;
	while (run < piece.len && ground_at(drawing, offset + run) == piece.ground)
		run++;
	piece.len = run;
	return piece;
}

static size_t draw_piece(struct drawing *drawing, struct canvas *area, int x, const char *bytes, size_t offset,
			 size_t max)
{
	struct piece piece = piece_at(drawing, offset, max);

	canvas_put(area, 0, x, piece.role, bytes, (int)piece.len);
	if (piece.ground != ROLE_TEXT)
		canvas_ground(area, (struct rect){ 0, x, 1, (int)piece.len }, piece.ground);
	return piece.len;
}

/* Draws the columns [from, from + width) of the line into row `drawing->y`. */
static void draw_columns(struct drawing *drawing, size_t line0, size_t from)
{
	struct editor *editor = drawing->editor;
	size_t line_end = drawing->line_end, offset = drawing->line_start, column = 0, width = view_width(editor);
	struct rect rect = { drawing->y, editor->gutter, 1, (int)width };
	struct canvas area = canvas_sub(drawing->canvas, rect), whole;
	size_t tab = (size_t)editor->options.tab_width;
	char bytes[ROW_BYTES_MAX];
	size_t len;

	if (from > 0)
		offset = kl_columns_find(editor->columns, line0, from, &column);
	len = kl_text_copy(editor->text, offset, bytes,
			   line_end - offset < sizeof(bytes) ? line_end - offset : sizeof(bytes));
	rect.cols = editor->cols; /* one more when lines are wrapped: see view_width */
	whole = canvas_sub(drawing->canvas, rect);
	for (size_t at = 0, plain = 0; at < len && column < from + width;) {
		struct cluster cluster;
		size_t cols;
		bool wide;

		if (plain <= at)
			plain = at + canvas_plain(bytes + at, len - at);
		if (at < plain) {
			cols = draw_piece(drawing, &area, (int)(column - from), bytes + at, offset + at,
					  plain - at < from + width - column ? plain - at : from + width - column);
			column += cols;
			at += cols;
			continue;
		}
		cluster = canvas_cluster(bytes + at, len - at);
		cols = bytes[at] == '\t' ? tab - column % tab : (size_t)cluster.cols;
		wide = cluster.plain && cols > 1 && bytes[at] != '\t';
		if (column >= from || !wide)
			draw_cluster(wide ? &whole : &area, (int)(column - from), (int)cols, bytes + at, cluster.len,
				     token_at(drawing, offset + at), ground_at(drawing, offset + at));
		column += cols;
		at += cluster.len;
	}
	/* a newline that is selected is seen as a blank behind its line */
	if (column < from + width && column >= from && line_end >= drawing->select_start &&
	    line_end < drawing->select_end)
		canvas_ground(&area, (struct rect){ 0, (int)(column - from), 1, 1 }, ROLE_SELECTION);
}

static const struct editor_place *place_on(const struct editor *editor, size_t line0)
{
	for (size_t i = 0; i < editor->place_count; i++) {
		if (kl_text_line_of(editor->text, kl_mark_offset(editor->places[i].mark)) == line0)
			return &editor->places[i];
	}
	return NULL;
}

/* At the right of width columns. */
static void draw_number(struct canvas *canvas, int y, int width, enum role role, size_t number)
{
	char text[24];
	int at = sizeof(text);

	for (; number > 0 && at > 0; number /= 10)
		text[--at] = (char)('0' + number % 10);
	canvas_text(canvas, y, width - ((int)sizeof(text) - at), role, text + at, sizeof(text) - (size_t)at, -1);
}

static void draw_gutter(struct drawing *drawing, size_t line0, bool first_row, bool is_current)
{
	const struct editor *editor = drawing->editor;
	const struct editor_place *place = place_on(editor, line0);
	enum role role = is_current ? ROLE_GUTTER_CURSOR : ROLE_GUTTER;
	int width = editor->gutter;

	if (width == 0)
		return;
	if (place)
		role = place->warning ? ROLE_GUTTER_WARNING : ROLE_GUTTER_ERROR;
	canvas_fill(drawing->canvas, (struct rect){ drawing->y, 0, 1, width - 1 }, role);
	if (width > 2 && first_row)
		draw_number(drawing->canvas, drawing->y, width - 2, role, line0 + 1);
	if (place && first_row)
		canvas_symbol(drawing->canvas, drawing->y, width - 2, role,
			      place->warning ? SYMBOL_BULLET : SYMBOL_FAILED);
}

static void read_line(struct drawing *drawing, size_t line0)
{
	struct editor *editor = drawing->editor;
	size_t start = kl_text_line_start(editor->text, line0), end = kl_text_line_end(editor->text, line0);

	drawing->line_start = start;
	drawing->line_end = end;
	drawing->span_count = drawing->span = 0;
	if (editor->highlight)
		drawing->span_count = kl_highlight_line(editor->highlight, line0, drawing->spans, SPANS_MAX);
	drawing->match_count = 0;
	if (editor->find.bar != BAR_NONE && editor->find.search)
		drawing->match_count =
			kl_search_all(drawing->matches, MATCHES_MAX, editor->find.search, editor->text, start, end + 1);
	drawing->has_grounds = has_grounds(drawing, end + 1);
}

static void draw_lines(struct drawing *drawing)
{
	struct editor *editor = drawing->editor;
	size_t lines = kl_text_lines(editor->text), cursor_line = kl_text_line_of(editor->text, cursor_at(editor));
	bool show_line = editor->options.cursor_line && !editor->selecting; /* costs bytes on every line moved */
	size_t row = editor->top_row;

	for (size_t line0 = editor->top; line0 < lines && drawing->y < editor->rows; line0++, row = 0) {
		size_t rows = line_rows(editor, line0);

		read_line(drawing, line0);
		for (; row < rows && drawing->y < editor->rows; row++, drawing->y++) {
			size_t from = editor->options.wrap ? row * view_width(editor) : editor->left;

			draw_columns(drawing, line0, from);
			draw_gutter(drawing, line0, row == 0, show_line && line0 == cursor_line);
			if (show_line && line0 == cursor_line)
				canvas_ground(drawing->canvas,
					      (struct rect){ drawing->y, editor->gutter, 1, editor->cols },
					      ROLE_CURSOR_LINE);
		}
	}
}

/* Where the cursor is on the screen; false: not in the window. */
static bool cursor_place(struct editor *editor, int *y, int *x)
{
	size_t column = kl_columns_of(editor->columns, cursor_at(editor));
	int rows = rows_to_cursor(editor, editor->rows);

	if (rows < 0 || rows >= editor->rows)
		return false;
	if (!editor->options.wrap && (column < editor->left || column >= editor->left + view_width(editor)))
		return false;
	*y = rows;
	*x = editor->gutter + (int)(editor->options.wrap ? column % view_width(editor) : column - editor->left);
	return true;
}

/* The message of the cursor's line, at the bottom of the text: what the mark in the gutter means. */
static void draw_place_message(struct editor *editor, struct canvas *canvas)
{
	const struct editor_place *place = place_on(editor, kl_text_line_of(editor->text, cursor_at(editor)));
	int y = editor->rows - 1, cursor_y, cursor_x;

	if (!place || !place->message[0] || editor->rows < 4)
		return;
	if (cursor_place(editor, &cursor_y, &cursor_x) && cursor_y == y)
		y = 0;
	canvas_fill(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_STATUS);
	canvas_str_cut(canvas, y, 1, place->warning ? ROLE_WARNING : ROLE_ERROR, place->message, canvas->cols - 2);
}

void editor_draw(struct editor *editor, struct canvas *canvas, bool focused)
{
	struct drawing drawing; /* large: read_line fills what is used */
	bool bar = editor->find.bar != BAR_NONE;
	int y, x;

	editor->gutter = gutter_width(editor, canvas->cols);
	editor->rows = canvas->rows - (bar ? 1 : 0);
	editor->cols = canvas->cols - editor->gutter;
	if (editor->rows < 1 || editor->cols < 1)
		return;
	follow_cursor(editor);
	drawing.editor = editor;
	drawing.canvas = canvas;
	drawing.y = 0;
	if (!selection_get(editor, &drawing.select_start, &drawing.select_end))
		drawing.select_start = drawing.select_end = 0;
	drawing.bracket = focused && !editor->selecting ? code_bracket(editor, cursor_at(editor)) : (size_t)-1;
	/* lines below a jump are drawn from a guess first, and worked on while the person reads: editor_work */
	if (editor->highlight)
		editor->guessed = !kl_highlight_work(editor->highlight, editor->top + (size_t)editor->rows);
	draw_lines(&drawing);
	draw_place_message(editor, canvas);
	if (editor->top != editor->drawn_top && !editor->options.wrap)
		canvas_scrolled(canvas, (struct rect){ 0, 0, editor->rows, canvas->cols },
				(int)(editor->top - editor->drawn_top));
	editor->drawn_top = editor->top;
	if (cursor_place(editor, &y, &x)) {
		if (editor->completion.open)
			complete_draw(editor, canvas, y, x);
		if (focused)
			canvas_cursor(canvas, y, x);
	}
	if (bar)
		find_draw(editor, canvas, focused);
}

/* ---- mouse ---- */

size_t view_offset_at(struct editor *editor, int y, int x)
{
	size_t lines = kl_text_lines(editor->text), line0 = editor->top, row = editor->top_row;
	size_t column = x > editor->gutter ? (size_t)(x - editor->gutter) : 0;

	for (; y > 0 && line0 < lines; y--) {
		if (++row >= line_rows(editor, line0)) {
			row = 0;
			line0++;
		}
	}
	if (line0 >= lines)
		return kl_text_len(editor->text);
	column += editor->options.wrap ? row * view_width(editor) : editor->left;
	return kl_columns_find(editor->columns, line0, column, NULL);
}

enum byte_kind { KIND_WORD, KIND_BLANK, KIND_SIGN };

static enum byte_kind kind_of(int byte)
{
	return is_word_byte(byte) ? KIND_WORD : byte == ' ' || byte == '\t' ? KIND_BLANK : KIND_SIGN;
}

/* The word, the run of blanks, or the one sign at offset; nothing at a line's end. */
static void select_word(struct editor *editor, size_t offset)
{
	size_t line0 = kl_text_line_of(editor->text, offset);
	size_t first = kl_text_line_start(editor->text, line0), last = kl_text_line_end(editor->text, line0);
	enum byte_kind kind = kind_of(kl_text_byte(editor->text, offset));
	size_t start = offset, end = offset < last ? kl_text_next(editor->text, offset) : offset;

	while (kind != KIND_SIGN && end > offset && start > first &&
	       kind_of(kl_text_byte(editor->text, start - 1)) == kind)
		start--;
	while (kind != KIND_SIGN && end > offset && end < last && kind_of(kl_text_byte(editor->text, end)) == kind)
		end++;
	kl_mark_set(editor->anchor, kl_text_align(editor->text, start));
	editor->selecting = true;
	cursor_set(editor, end);
}

static void press(struct editor *editor, const struct mouse *mouse)
{
	size_t offset = view_offset_at(editor, mouse->y, mouse->x);
	size_t line0 = kl_text_line_of(editor->text, offset);

	kl_text_break(editor->text);
	editor->has_goal = false;
	editor->sticky = false;
	editor->completion.open = false;
	if (mouse->clicks == 2) {
		select_word(editor, offset);
	} else if (mouse->clicks == 3) {
		kl_mark_set(editor->anchor, kl_text_line_start(editor->text, line0));
		editor->selecting = true;
		cursor_set(editor, kl_text_line_start(editor->text, line0 + 1));
	} else {
		if (!(mouse->mods & MOD_SHIFT))
			kl_mark_set(editor->anchor, offset);
		else if (!editor->selecting)
			kl_mark_set(editor->anchor, cursor_at(editor));
		editor->selecting = (mouse->mods & MOD_SHIFT) != 0;
		kl_mark_set(editor->cursor, offset);
		editor->dragging = true;
	}
}

bool editor_mouse(struct editor *editor, const struct mouse *mouse)
{
	switch (mouse->kind) {
	case MOUSE_WHEEL:
		view_scroll(editor, mouse->wheel * 3);
		return true;
	case MOUSE_PRESS:
		if (mouse->button == MOUSE_LEFT && mouse->y < editor->rows)
			press(editor, mouse);
		return mouse->button == MOUSE_LEFT;
	case MOUSE_DRAG:
		if (editor->dragging) {
			cursor_set(editor, view_offset_at(editor, mouse->y, mouse->x));
			editor->selecting = true;
		}
		return editor->dragging;
	case MOUSE_RELEASE:
		editor->dragging = false;
		return true;
	}
	return false;
}
