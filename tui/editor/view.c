/*
 * What is seen: lines, gutter, selection, matches. Drawing costs what is on screen, never what is in the text; and drawing
 * again costs the lines that changed: struct editor_drawn keeps what the rows on the screen were made of, and a row made of
 * the same is left as it is.
 */
#include "editor_int.h"

#include <stdio.h>
#include <string.h>

#include <kodelab/highlight.h>
#include <kodelab/syntax.h>

#include "tui/ui/canvas.h"

enum {
	SPANS_MAX = 512,
	MATCHES_MAX = 256,
	ROW_BYTES_MAX = 4096, /* of one screen row that are read; a row of 300 cells has fewer */
};

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
	bool focused;
	bool all; /* the canvas is empty; else it holds rows that may stay */
	size_t cursor_line, bracket_line;
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
	size_t line_end = drawing->line_end, offset = drawing->line_start, column = 0, width = window_width(editor);
	struct rect rect = { drawing->y, editor->gutter, 1, (int)width };
	struct canvas area = canvas_sub(drawing->canvas, rect), whole;
	size_t tab = (size_t)editor->options.tab_width;
	char bytes[ROW_BYTES_MAX];
	size_t len;

	if (from > 0)
		offset = kl_columns_find(editor->columns, line0, from, &column);
	len = kl_text_copy(editor->text, offset, bytes,
			   line_end - offset < sizeof(bytes) ? line_end - offset : sizeof(bytes));
	rect.cols = editor->cols; /* one more when lines are wrapped: see window_width */
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

/* ---- what may stay ---- */

static void add_changed(struct editor_drawn *drawn, size_t from, size_t to)
{
	if (from >= to)
		return;
	if (drawn->from == drawn->to)
		drawn->from = from;
	drawn->from = from < drawn->from ? from : drawn->from;
	drawn->to = to > drawn->to ? to : drawn->to;
}

void view_changed(struct editor *editor, const struct kl_text_change *change)
{
	if (change->lines_removed || change->lines_added)
		editor->drawn.rows_good = false; /* lines move */
	add_changed(&editor->drawn, change->line0, change->line0 + 1);
}

/* One line in each row, and nothing above them that struct editor_drawn knows nothing of. */
static bool is_simple(const struct drawing *drawing)
{
	const struct editor *editor = drawing->editor;

	return drawing->focused && editor->find.bar == BAR_NONE && !editor->completion.open && !editor->selecting &&
	       !editor->options.wrap && !editor->guessed && !place_on(editor, drawing->cursor_line);
}

static bool may_keep_rows(const struct drawing *drawing)
{
	const struct editor *editor = drawing->editor;
	const struct editor_drawn *drawn = &editor->drawn;

	return drawn->rows_good && is_simple(drawing) && drawn->rows == editor->rows && drawn->cols == editor->cols &&
	       drawn->gutter == editor->gutter && drawn->top == editor->top && drawn->left == editor->left;
}

static bool is_stale(const struct drawing *drawing, size_t line0)
{
	const struct editor_drawn *drawn = &drawing->editor->drawn;

	if (drawing->all || (line0 >= drawn->from && line0 < drawn->to) || line0 == drawn->bracket_line ||
	    line0 == drawing->bracket_line)
		return true;
	return drawing->editor->options.cursor_line && (line0 == drawn->cursor_line || line0 == drawing->cursor_line);
}

static void note_drawn(const struct drawing *drawing)
{
	struct editor *editor = drawing->editor;

	editor->drawn = (struct editor_drawn){
		.rows_good = is_simple(drawing),
		.bar = editor->find.bar != BAR_NONE,
		.rows = editor->rows,
		.cols = editor->cols,
		.gutter = editor->gutter,
		.top = editor->top,
		.left = editor->left,
		.cursor_line = drawing->cursor_line,
		.bracket_line = drawing->bracket_line,
	};
}

/* ---- drawing all lines ---- */

static void draw_lines(struct drawing *drawing)
{
	struct editor *editor = drawing->editor;
	size_t lines = kl_text_lines(editor->text), cursor_line = drawing->cursor_line;
	bool show_line = editor->options.cursor_line && !editor->selecting; /* costs bytes on every line moved */
	size_t row = editor->top_row;

	for (size_t line0 = editor->top; line0 < lines && drawing->y < editor->rows; line0++, row = 0) {
		size_t rows;

		if (!is_stale(drawing, line0)) {
			drawing->y++;
			continue;
		}
		if (!drawing->all)
			canvas_renew(drawing->canvas, (struct rect){ drawing->y, 0, 1, drawing->canvas->cols });
		rows = window_line_rows(editor, line0);
		read_line(drawing, line0);
		for (; row < rows && drawing->y < editor->rows; row++, drawing->y++) {
			size_t from = editor->options.wrap ? row * window_width(editor) : editor->left;

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
	int rows = window_rows_to_cursor(editor, editor->rows);

	if (rows < 0 || rows >= editor->rows)
		return false;
	if (!editor->options.wrap && (column < editor->left || column >= editor->left + window_width(editor)))
		return false;
	*y = rows;
	*x = editor->gutter + (int)(editor->options.wrap ? column % window_width(editor) : column - editor->left);
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

/* Everything but the cells. False: there is no room. */
static bool prepare(struct drawing *drawing, struct editor *editor, struct canvas *canvas, bool focused)
{
	size_t cursor = cursor_at(editor), from, to;

	editor->gutter = gutter_width(editor, canvas->cols);
	editor->rows = canvas->rows - (editor->find.bar != BAR_NONE ? 1 : 0);
	editor->cols = canvas->cols - editor->gutter;
	editor->drawn.rows_good &= editor->rows > 0 && editor->cols > 0;
	if (editor->rows < 1 || editor->cols < 1)
		return false;
	window_follow(editor);
	drawing->editor = editor;
	drawing->canvas = canvas;
	drawing->y = 0;
	drawing->focused = focused;
	if (!selection_get(editor, &drawing->select_start, &drawing->select_end))
		drawing->select_start = drawing->select_end = 0;
	drawing->cursor_line = kl_text_line_of(editor->text, cursor);
	drawing->bracket = focused && !editor->selecting ? code_bracket(editor, cursor) : (size_t)-1;
	drawing->bracket_line =
		drawing->bracket == (size_t)-1 ? (size_t)-1 : kl_text_line_of(editor->text, drawing->bracket);
	if (!editor->highlight)
		return true;
	/* lines below a jump are drawn from a guess first, and worked on while the person reads: editor_work */
	editor->guessed = !kl_highlight_work(editor->highlight, editor->top + (size_t)editor->rows);
	kl_highlight_changed(editor->highlight, &from, &to);
	add_changed(&editor->drawn, from, to);
	return true;
}

static void draw_prepared(struct drawing *drawing)
{
	struct editor *editor = drawing->editor;
	struct canvas *canvas = drawing->canvas;
	int y, x;

	draw_lines(drawing);
	draw_place_message(editor, canvas);
	if (editor->top != editor->drawn.top && !editor->options.wrap)
		canvas_scrolled(canvas, (struct rect){ 0, 0, editor->rows, canvas->cols },
				(int)(editor->top - editor->drawn.top));
	note_drawn(drawing);
	if (cursor_place(editor, &y, &x)) {
		if (editor->completion.open)
			complete_draw(editor, canvas, y, x);
		if (drawing->focused)
			canvas_cursor(canvas, y, x);
	}
	if (editor->find.bar != BAR_NONE)
		find_draw(editor, canvas, drawing->focused);
}

void editor_draw(struct editor *editor, struct canvas *canvas, bool focused)
{
	struct drawing drawing; /* large: read_line fills what is used */

	drawing.all = true;
	if (prepare(&drawing, editor, canvas, focused))
		draw_prepared(&drawing);
}

bool editor_redraw(struct editor *editor, struct canvas *canvas)
{
	struct drawing drawing;
	bool has_room;

	if (editor->find.bar != BAR_NONE || editor->drawn.bar)
		return false; /* the keys shown below are others */
	has_room = prepare(&drawing, editor, canvas, true);
	drawing.all = !has_room || !may_keep_rows(&drawing);
	if (drawing.all)
		canvas_renew(canvas, (struct rect){ 0, 0, canvas->rows, canvas->cols });
	if (has_room)
		draw_prepared(&drawing);
	return true;
}
