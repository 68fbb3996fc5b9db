/*
 * The difference of two grids as bytes: see screen.h. A row that is not open is the same in both; an open one is compared cell
 * by cell. What differs is written, short equal gaps are written over when that is shorter than a move, blank ends are erased.
 * A row of several colours is also tried colour by colour, and the shorter way is sent. A rectangle that was shifted is shifted
 * by the terminal when it can: shift.c.
 */
#include "screen_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "caps.h"

enum {
	GAP_MAX = 3, /* equal cells written over instead of moved over */
	EDGE_MAX = 2, /* the same, at the left edge */
	BLANKS_MIN = 10, /* a run of blanks worth an ECH */
	TAIL_MIN = 4, /* a blank end worth an EL */
	PASSES_MAX = 8, /* colours of a row that are written one after the other */
	HIDE_ROWS = 2, /* the cursor is hidden while more rows than this change */
};

static const struct cell unknown_cell = SCREEN_UNKNOWN;

/* ---- life ------------------------------------------------------------------------------------------------------ */

struct screen *screen_new(const struct caps *caps, int rows, int cols)
{
	struct screen *screen = kl_calloc(1, sizeof(*screen));

	screen->caps = caps;
	screen->glyphs = glyphs_new();
	grid_init(&screen->front, screen->glyphs, rows, cols);
	grid_init(&screen->back, screen->glyphs, rows, cols);
	pen_init(&screen->pen, caps);
	screen_forget(screen);
	return screen;
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	grid_release(&screen->front);
	grid_release(&screen->back);
	glyphs_free(screen->glyphs);
	free(screen);
}

void screen_resize(struct screen *screen, int rows, int cols)
{
	grid_release(&screen->front);
	grid_release(&screen->back);
	grid_init(&screen->front, screen->glyphs, rows, cols);
	grid_init(&screen->back, screen->glyphs, rows, cols);
	screen->drawn = false;
	screen_forget(screen);
}

void screen_forget(struct screen *screen)
{
	pen_forget(&screen->pen);
	screen->cursor_known = false;
	screen->cleared = false;
}

static void forget_cells(struct grid *grid)
{
	size_t count = (size_t)grid->rows * (size_t)grid->cols;

	for (size_t i = 0; i < count; i++)
		grid->cells[i] = unknown_cell;
}

void screen_lose_look(struct screen *screen)
{
	screen->pen.look_known = false;
}

void screen_lose_cells(struct screen *screen)
{
	forget_cells(&screen->front);
	grid_open_rows(&screen->back, 0, screen->back.rows);
}

struct canvas screen_begin(struct screen *screen)
{
	if (glyphs_crowded(screen->glyphs)) {
		glyphs_clear(screen->glyphs);
		screen_forget(screen);
	}
	grid_clear(&screen->back);
	screen->drawn = true;
	return grid_canvas(&screen->back);
}

bool screen_keep(struct screen *screen, struct canvas *canvas)
{
	if (!screen->drawn || glyphs_crowded(screen->glyphs))
		return false;
	screen->back.cursor_y = screen->back.cursor_x = -1;
	screen->back.hint_count = 0;
	*canvas = grid_canvas(&screen->back);
	return true;
}

const struct grid *screen_grid(const struct screen *screen)
{
	return &screen->back;
}

/* ---- looks ----------------------------------------------------------------------------------------------------- */

static struct look look_of(struct screen *screen, const struct cell *cell)
{
	if (!screen->look_cached || screen->last.role != cell->role || screen->last.ground != cell->ground ||
	    screen->last.attrs != cell->attrs) {
		screen->look = theme_look(screen->theme, cell->role, cell->ground, cell->attrs);
		screen->look.attrs &= screen->caps->attrs;
		screen->last = *cell;
		screen->look_cached = true;
	}
	return screen->look;
}

struct look screen_root_look(const struct screen *screen)
{
	return theme_look(screen->theme, ROLE_TEXT, ROLE_TEXT, 0);
}

static bool blank_alike(struct screen *screen, const struct cell *a, const struct cell *b)
{
	return look_blank_same(look_of(screen, a), look_of(screen, b));
}

/* A blank between two words is written in the colour of the first: no bytes for a colour that is not seen. */
static bool pen_will_do(struct screen *screen, const struct cell *cell)
{
	const struct pen *pen = &screen->pen;

	if (!pen->look_known)
		return false;
	if (cell->glyph == GLYPH_BLANK)
		return look_blank_same(pen->look, look_of(screen, cell));
	return look_same(pen->look, look_of(screen, cell));
}

static bool shows_same(struct screen *screen, const struct cell *front, const struct cell *back)
{
	if (cell_same(front, back))
		return true;
	return front->glyph == GLYPH_BLANK && back->glyph == GLYPH_BLANK && blank_alike(screen, front, back);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void put_cell(struct screen *screen, int y, int x)
{
	const struct cell *cell = grid_cell(&screen->back, y, x);
	int cols = cell->cols ? cell->cols : 1;
	bool at_edge = x + cols >= screen->back.cols;

	if (at_edge && y == screen->back.rows - 1 && !screen->caps->wraps_late)
		return; /* it would scroll */
	if (!pen_will_do(screen, cell))
		pen_look(&screen->pen, look_of(screen, cell));
	pen_glyph(&screen->pen, screen->glyphs, cell->cols ? cell->glyph : GLYPH_BLANK, cols);
	if (at_edge)
		pen_lose(&screen->pen);
}

/* Cells that need nothing but a byte each. */
static bool is_plain(struct screen *screen, int y, int from, int to)
{
	for (int i = from; i < to; i++) {
		const struct cell *cell = grid_cell(&screen->back, y, i);

		if (cell->glyph >= 0x7f || cell->cols != 1 || !pen_will_do(screen, cell))
			return false;
	}
	return true;
}

/* Equal cells between the pen and x that are cheaper written again than moved over. */
static bool gap_is_cheap(struct screen *screen, int y, int x)
{
	int from = screen->pen.x;

	return screen->pen.y == y && from >= 0 && from < x && x - from <= GAP_MAX && is_plain(screen, y, from, x);
}

/* The same between the edge and x: a move to the edge is shorter than one to x. */
static bool edge_is_cheap(struct screen *screen, int y, int x)
{
	bool far = screen->pen.y != y || screen->pen.x < 0 || screen->pen.x > x + EDGE_MAX;

	return far && x > 0 && x <= EDGE_MAX && is_plain(screen, y, 0, x);
}

static void go_to(struct screen *screen, int y, int x)
{
	if (edge_is_cheap(screen, y, x))
		pen_move(&screen->pen, y, 0);
	else if (!gap_is_cheap(screen, y, x))
		pen_move(&screen->pen, y, x);
	while (screen->pen.x < x)
		put_cell(screen, y, screen->pen.x);
}

/* The number of cells from x on that are blank and look like the one at x. */
static int blank_run(struct screen *screen, int y, int x)
{
	const struct cell *first = grid_cell(&screen->back, y, x);
	int end = x;

	while (end < screen->back.cols) {
		const struct cell *cell = grid_cell(&screen->back, y, end);

		if (cell->glyph != GLYPH_BLANK || !blank_alike(screen, cell, first))
			break;
		end++;
	}
	return end - x;
}

/* Erases blanks at (y, x) if that is short; returns how many. */
static int erase_run(struct screen *screen, int y, int x)
{
	const struct cell *cell = grid_cell(&screen->back, y, x);
	struct look look = look_of(screen, cell);
	bool to_end;
	int run;

	if (!pen_erases(&screen->pen, look))
		return 0;
	run = blank_run(screen, y, x);
	to_end = x + run == screen->back.cols;
	if (!(to_end && run >= TAIL_MIN && (screen->caps->has & HAS_EL)) &&
	    !(run >= BLANKS_MIN && (screen->caps->has & HAS_ECH)))
		return 0;
	go_to(screen, y, x);
	if (!pen_will_do(screen, cell))
		pen_look(&screen->pen, look);
	if (to_end && (screen->caps->has & HAS_EL))
		kl_buf_add_str(screen->pen.out, "\033[K");
	else
		kl_buf_addf(screen->pen.out, "\033[%dX", run);
	return run;
}

/* What a pass over a row writes: all, or only cells of one look and the blanks that come on the way. */
static bool is_of_pass(struct screen *screen, int y, int x, const struct look *only)
{
	const struct cell *cell = grid_cell(&screen->back, y, x);

	if (!only)
		return true;
	if (cell->glyph == GLYPH_BLANK)
		return screen->pen.y == y && screen->pen.x == x && pen_will_do(screen, cell);
	return look_same(look_of(screen, cell), *only);
}

/* only: NULL, or the look of this pass; then front learns what has been written. */
static void draw_cells(struct screen *screen, int y, const struct look *only)
{
	struct cell *front = grid_cell(&screen->front, y, 0);
	const struct cell *back = grid_cell(&screen->back, y, 0);
	int x = 0;

	while (x < screen->back.cols) {
		int done = 1;

		if (shows_same(screen, &front[x], &back[x]) || !is_of_pass(screen, y, x, only)) {
			x++;
			continue;
		}
		if (back[x].glyph == GLYPH_BLANK)
			done = erase_run(screen, y, x);
		if (done == 0 || back[x].glyph != GLYPH_BLANK) {
			go_to(screen, y, x);
			put_cell(screen, y, x);
			done = back[x].cols ? back[x].cols : 1;
		}
		if (only)
			memcpy(front + x, back + x, (size_t)done * sizeof(*front));
		x += done;
	}
}

struct passes {
	struct look looks[PASSES_MAX];
	int count;
};

/*
 * The looks of what is to be written. False: each comes once, or there are too many, or a glyph is not ASCII: where terminals
 * disagree about a width, what stands to the right must be written later.
 */
static bool find_passes(struct screen *screen, int y, struct passes *passes)
{
	const struct cell *front = grid_cell(&screen->front, y, 0), *back = grid_cell(&screen->back, y, 0);
	int runs = 0, at = -1;

	passes->count = 0;
	for (int x = 0; x < screen->back.cols; x++) {
		struct look look;

		if (back[x].glyph == GLYPH_BLANK || cell_same(&front[x], &back[x]))
			continue;
		look = look_of(screen, &back[x]);
		if (at >= 0 && back[x].glyph < 0x7f && look_same(passes->looks[at], look))
			continue;
		for (at = 0; at < passes->count && !look_same(passes->looks[at], look); at++)
			;
		if (at == PASSES_MAX || back[x].glyph >= 0x7f || back[x].cols != 1)
			return false;
		if (at == passes->count)
			passes->looks[passes->count++] = look;
		runs++;
	}
	return runs > passes->count;
}

static int find_look(const struct passes *passes, struct look look)
{
	int at = passes->count - 1;

	while (at >= 0 && !look_same(passes->looks[at], look))
		at--;
	return at;
}

/*
 * Each colour of the row is chosen once: first the one the pen has, else the leftmost, then the others as they appear. Last comes one that
 * the next row is likely to have, too, and to begin with: the leftmost (of the line's number), or that of plain text.
 */
static void draw_in_passes(struct screen *screen, int y, const struct passes *passes)
{
	int first = screen->pen.look_known ? find_look(passes, screen->pen.look) : -1, last;

	if (first < 0)
		first = 0;
	last = first ? 0 : find_look(passes, screen_root_look(screen));
	draw_cells(screen, y, &passes->looks[first]);
	for (int i = 0; i < passes->count; i++)
		if (i != first && i != last)
			draw_cells(screen, y, &passes->looks[i]);
	if (last >= 0 && last != first)
		draw_cells(screen, y, &passes->looks[last]);
	draw_cells(screen, y, NULL); /* the blanks that are left */
}

/* From left to right, or colour by colour when that is shorter: a change of colour costs twice what a move does. */
static void draw_row(struct screen *screen, int y)
{
	struct kl_buf *out = screen->pen.out;
	struct pen before = screen->pen, ordered;
	size_t begun = out->len, middle;
	struct passes passes;
	bool several = find_passes(screen, y, &passes);

	draw_cells(screen, y, NULL);
	if (several) {
		ordered = screen->pen;
		middle = out->len;
		screen->pen = before;
		draw_in_passes(screen, y, &passes);
		if (out->len - middle < middle - begun) {
			memmove(out->data + begun, out->data + middle, out->len - middle);
			kl_buf_cut(out, begun + out->len - middle);
		} else {
			kl_buf_cut(out, middle);
			screen->pen = ordered;
		}
	}
	memcpy(grid_cell(&screen->front, y, 0), grid_cell(&screen->back, y, 0),
	       (size_t)screen->back.cols * sizeof(struct cell));
	screen->back.open[y] = false;
}

static bool row_differs(const struct screen *screen, int y)
{
	return memcmp(grid_cell(&screen->front, y, 0), grid_cell(&screen->back, y, 0),
		      (size_t)screen->back.cols * sizeof(struct cell)) != 0;
}

/* ---- frames ---------------------------------------------------------------------------------------------------- */

static void clear_terminal(struct screen *screen)
{
	struct look root = screen_root_look(screen);

	pen_look(&screen->pen, root);
	if (screen->caps->ansi)
		kl_buf_add_str(screen->pen.out, "\033[H\033[J");
	else
		caps_add(screen->caps, screen->pen.out, STR_CLEAR, 0, 0);
	screen->pen.y = screen->pen.x = 0;
	if (pen_erases(&screen->pen, root))
		grid_clear(&screen->front);
	else
		forget_cells(&screen->front);
	grid_open_rows(&screen->back, 0, screen->back.rows);
	screen->cleared = true;
}

static void show_cursor(struct screen *screen, bool show)
{
	const char *text = show ? "\033[?25h" : "\033[?25l";

	if (screen->cursor_known && screen->cursor_shown == show)
		return;
	if (!screen->caps->strings[STR_CURSOR_HIDE][0])
		return;
	if (screen->caps->xterm)
		kl_buf_add_str(screen->pen.out, text);
	else
		caps_add(screen->caps, screen->pen.out, show ? STR_CURSOR_SHOW : STR_CURSOR_HIDE, 0, 0);
	screen->cursor_shown = show;
	screen->cursor_known = true;
}

static void place_cursor(struct screen *screen)
{
	const struct grid *grid = &screen->back;
	bool shown = grid->cursor_y >= 0;

	if (shown)
		pen_move(&screen->pen, grid->cursor_y, grid->cursor_x);
	else if (!screen->caps->strings[STR_CURSOR_HIDE][0])
		pen_move(&screen->pen, grid->rows - 1, 0); /* it cannot be hidden: out of the way */
	show_cursor(screen, shown);
}

/* Closes the rows that were drawn as they are; the number of those that stay open. */
static int close_rows(struct screen *screen)
{
	int count = 0;

	for (int y = 0; y < screen->back.rows; y++) {
		if (screen->back.open[y])
			screen->back.open[y] = row_differs(screen, y);
		count += screen->back.open[y];
	}
	return count;
}

/* True when all rows are done. */
static bool draw_rows(struct screen *screen, size_t max)
{
	size_t start = screen->pen.out->len;

	if (screen->back.cursor_y >= 0 && max < SIZE_MAX && screen->back.open[screen->back.cursor_y])
		draw_row(screen, screen->back.cursor_y);
	for (int y = 0; y < screen->back.rows; y++) {
		if (!screen->back.open[y])
			continue;
		if (screen->pen.out->len - start >= max)
			return false;
		draw_row(screen, y);
	}
	return true;
}

bool screen_frame(struct screen *screen, const struct theme *theme, struct kl_buf *out, size_t max)
{
	bool complete;
	int count;

	screen->theme = theme;
	screen->look_cached = false;
	screen->pen.out = out;
	if (!screen->caps || screen->back.rows == 0 || screen->back.cols == 0)
		return true;
	if (!screen->cleared)
		clear_terminal(screen);
	for (size_t i = 0; i < screen->back.hint_count; i++)
		shift_hint(screen, &screen->back.hints[i]);
	count = close_rows(screen);
	if (max > 0 && count > HIDE_ROWS)
		show_cursor(screen, false);
	complete = draw_rows(screen, max);
	place_cursor(screen);
	screen->pen.out = NULL;
	return complete;
}
