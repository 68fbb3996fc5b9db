/* Drawing: text becomes clusters, clusters become cells, and nothing leaves the clip. */
#include "canvas.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <kodelab/buf.h>
#include <kodelab/grapheme.h>
#include <kodelab/visible.h>

#include "grid.h"

enum { TAB_COLS = 8, PRINTF_MAX = 4096, CLUSTER_COLS_MAX = 2 };

/* ---- rectangles ------------------------------------------------------------------------------------------------ */

static int at_least(int a, int b)
{
	return a > b ? a : b;
}

static int at_most(int a, int b)
{
	return a < b ? a : b;
}

static struct rect intersect(struct rect a, struct rect b)
{
	int y = at_least(a.y, b.y), x = at_least(a.x, b.x);
	int rows = at_most(a.y + a.rows, b.y + b.rows) - y;
	int cols = at_most(a.x + a.cols, b.x + b.cols) - x;

	if (rows <= 0 || cols <= 0)
		return (struct rect){ y, x, 0, 0 };
	return (struct rect){ y, x, rows, cols };
}

/* The part of area (of the canvas) that may be touched, in the grid. */
static struct rect visible_area(const struct canvas *canvas, struct rect area)
{
	area.rows = at_least(area.rows, 0);
	area.cols = at_least(area.cols, 0);
	area.y += canvas->y;
	area.x += canvas->x;
	return intersect(area, canvas->clip);
}

struct canvas canvas_sub(const struct canvas *canvas, struct rect area)
{
	return (struct canvas){
		.grid = canvas->grid,
		.rows = at_least(area.rows, 0),
		.cols = at_least(area.cols, 0),
		.y = canvas->y + area.y,
		.x = canvas->x + area.x,
		.clip = visible_area(canvas, area),
	};
}

/* ---- cells ----------------------------------------------------------------------------------------------------- */

static void blank_glyph(struct cell *cell)
{
	cell->glyph = GLYPH_BLANK;
	cell->cols = 1;
}

/* The columns [x, x + cols) of the grid are about to change: no half of a wide glyph may stay behind. */
static void split_wide(struct grid *grid, int y, int x, int cols)
{
	if (x > 0 && grid_cell(grid, y, x)->cols == 0)
		blank_glyph(grid_cell(grid, y, x - 1));
	if (x + cols < grid->cols && grid_cell(grid, y, x + cols)->cols == 0)
		blank_glyph(grid_cell(grid, y, x + cols));
}

static void put_cell(struct grid *grid, int y, int x, enum role role, uint32_t glyph, int cols)
{
	struct cell *cell = grid_cell(grid, y, x);

	split_wide(grid, y, x, cols);
	*cell = (struct cell){ .glyph = glyph, .role = (uint8_t)role, .cols = (uint8_t)cols };
	if (cols == 2)
		cell[1] = (struct cell){ .glyph = GLYPH_REST, .role = (uint8_t)role };
}

/* x is the canvas's. Whole when it fits into the clip, blanks for the part of it that does. */
static void put_glyph(const struct canvas *canvas, int y, int x, enum role role, uint32_t glyph, int cols)
{
	struct rect part = visible_area(canvas, (struct rect){ y, x, 1, cols });

	if (part.rows == 0)
		return;
	if (part.cols == cols)
		put_cell(canvas->grid, part.y, part.x, role, glyph, cols);
	else
		put_cell(canvas->grid, part.y, part.x, role, GLYPH_BLANK, 1);
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static bool is_plain_ascii(const char *utf8, size_t len)
{
	return utf8[0] >= 0x20 && utf8[0] < 0x7f && (len == 1 || (unsigned char)utf8[1] < 0x80);
}

struct cluster canvas_cluster(const char *utf8, size_t len)
{
	struct cluster cluster = { .len = 1, .cols = 1, .plain = true };
	char form[KL_VISIBLE_MAX];

	if (is_plain_ascii(utf8, len))
		return cluster;
	if (utf8[0] == '\t') {
		cluster.cols = 0;
		return cluster;
	}
	if ((unsigned char)utf8[0] < 0x20) { /* also \r\n: each is shown by itself */
		cluster.cols = 2;
		cluster.plain = false;
		return cluster;
	}
	cluster.len = kl_grapheme_next(utf8, len);
	kl_visible_char(form, utf8, cluster.len, 0);
	cluster.cols = kl_grapheme_width(utf8, cluster.len, 0);
	cluster.plain = form[0] == '\0' && cluster.cols <= CLUSTER_COLS_MAX;
	return cluster;
}

/* Draws the visible form of what must not pass; at most cols columns. */
static void put_form(const struct canvas *canvas, int y, int x, const char *utf8, struct cluster cluster)
{
	struct kl_buf form;

	kl_buf_init(&form, KL_GRAPHEME_CODES * KL_VISIBLE_MAX);
	kl_visible(&form, utf8, cluster.len, KL_VISIBLE_ASCII);
	for (int i = 0; i < cluster.cols && i < (int)form.len; i++)
		put_glyph(canvas, y, x + i, ROLE_CONTROL, (unsigned char)form.data[i], 1);
	kl_buf_release(&form);
}

static void put_cluster(const struct canvas *canvas, int y, int x, enum role role, const char *utf8,
			struct cluster cluster)
{
	if (cluster.plain)
		put_glyph(canvas, y, x, role, glyphs_find(canvas->grid->glyphs, utf8, cluster.len), cluster.cols);
	else
		put_form(canvas, y, x, utf8, cluster);
}

size_t canvas_plain(const char *utf8, size_t len)
{
	size_t run = 0;

	while (run < len && utf8[run] >= 0x20 && utf8[run] < 0x7f)
		run++;
	if (run > 0 && run < len && (unsigned char)utf8[run] >= 0x80)
		run--; /* what follows may belong to it */
	return run;
}

void canvas_put(const struct canvas *canvas, int y, int x, enum role role, const char *ascii, int cols)
{
	struct rect part = visible_area(canvas, (struct rect){ y, x, 1, cols });
	struct cell *at, cell = { .role = (uint8_t)role, .cols = 1 };

	if (part.rows == 0)
		return;
	split_wide(canvas->grid, part.y, part.x, part.cols);
	at = grid_cell(canvas->grid, part.y, part.x);
	ascii += part.x - (canvas->x + x);
	for (int i = 0; i < part.cols; i++) {
		cell.glyph = (unsigned char)ascii[i];
		at[i] = cell;
	}
}

static int tab_cols(int used)
{
	return TAB_COLS - used % TAB_COLS;
}

int canvas_text(struct canvas *canvas, int y, int x, enum role role, const char *utf8, size_t len, int max_cols)
{
	int room = canvas->cols - x, used = 0;

	if (max_cols >= 0 && max_cols < room)
		room = max_cols;
	while (len > 0 && used < room) {
		size_t run = canvas_plain(utf8, len < (size_t)(room - used) ? len : (size_t)(room - used) + 1);
		struct cluster cluster;
		int cols;

		if (run > 0) {
			cols = at_most((int)run, room - used);
			canvas_put(canvas, y, x + used, role, utf8, cols);
			used += cols;
			utf8 += run;
			len -= run;
			continue;
		}
		cluster = canvas_cluster(utf8, len);
		cols = cluster.cols;
		if (cols == 0)
			cols = at_most(tab_cols(used), room - used);
		if (cols > room - used)
			cols = room - used; /* a wide glyph gives way to blanks, a form is cut */
		if (cluster.cols == 0 || (cluster.plain && cols < cluster.cols))
			canvas_fill(canvas, (struct rect){ y, x + used, 1, cols }, role);
		else
			put_cluster(canvas, y, x + used, role, utf8,
				    (struct cluster){ cluster.len, cols, cluster.plain });
		used += cols;
		utf8 += cluster.len;
		len -= cluster.len;
	}
	return used;
}

int canvas_str(struct canvas *canvas, int y, int x, enum role role, const char *text)
{
	return canvas_text(canvas, y, x, role, text, strlen(text), -1);
}

int canvas_wrapped(struct canvas *canvas, struct rect area, enum role role, const char *text)
{
	int y = area.y;

	while (*text && area.cols > 0 && y < area.y + area.rows) {
		size_t fit = canvas_fit(text, strlen(text), area.cols), cut = fit;

		while (text[fit] && cut > 0 && text[cut] != ' ')
			cut--;
		if (cut == 0)
			cut = fit ? fit : 1;
		canvas_text(canvas, y++, area.x, role, text, cut, area.cols);
		text += cut;
		text += strspn(text, " ");
	}
	return y;
}

int canvas_printf(struct canvas *canvas, int y, int x, enum role role, const char *fmt, ...)
{
	char text[PRINTF_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return canvas_str(canvas, y, x, role, text);
}

int canvas_str_cut(struct canvas *canvas, int y, int x, enum role role, const char *text, int max_cols)
{
	size_t len = strlen(text);
	int used;

	if (max_cols <= 0)
		return 0;
	if (canvas_fit(text, len, max_cols) == len)
		return canvas_text(canvas, y, x, role, text, len, max_cols);
	used = canvas_text(canvas, y, x, role, text, canvas_fit(text, len, max_cols - 1), max_cols - 1);
	canvas_symbol(canvas, y, x + used, role, SYMBOL_ELLIPSIS);
	return used + 1;
}

int canvas_width(const char *utf8, size_t len)
{
	int used = 0;

	while (len > 0) {
		struct cluster cluster = canvas_cluster(utf8, len);

		if (used > INT_MAX / 2)
			break;
		used += cluster.cols ? cluster.cols : tab_cols(used);
		utf8 += cluster.len;
		len -= cluster.len;
	}
	return used;
}

size_t canvas_fit(const char *utf8, size_t len, int max_cols)
{
	size_t at = 0;
	int used = 0;

	while (at < len) {
		struct cluster cluster = canvas_cluster(utf8 + at, len - at);

		used += cluster.cols ? cluster.cols : tab_cols(used);
		if (used > max_cols)
			break;
		at += cluster.len;
	}
	return at;
}

/* ---- areas, lines, signs --------------------------------------------------------------------------------------- */

void canvas_fill(struct canvas *canvas, struct rect area, enum role role)
{
	struct rect part = visible_area(canvas, area);

	for (int y = part.y; y < part.y + part.rows; y++) {
		split_wide(canvas->grid, y, part.x, part.cols);
		for (int x = part.x; x < part.x + part.cols; x++)
			*grid_cell(canvas->grid, y, x) =
				(struct cell){ .glyph = GLYPH_BLANK, .role = (uint8_t)role, .cols = 1 };
	}
}

struct canvas canvas_renew(struct canvas *canvas, struct rect area)
{
	struct rect part = visible_area(canvas, area);

	canvas_fill(canvas, area, ROLE_TEXT);
	grid_open_rows(canvas->grid, part.y, part.rows);
	return canvas_sub(canvas, area);
}

void canvas_clear(struct canvas *canvas, enum role role)
{
	canvas_fill(canvas, (struct rect){ 0, 0, canvas->rows, canvas->cols }, role);
}

void canvas_symbol(struct canvas *canvas, int y, int x, enum role role, enum symbol symbol)
{
	put_glyph(canvas, y, x, role, GLYPH_SYMBOL | (uint32_t)symbol, 1);
}

void canvas_hline(struct canvas *canvas, int y, int x, int cols, enum role role)
{
	for (int i = 0; i < cols; i++)
		canvas_symbol(canvas, y, x + i, role, SYMBOL_HLINE);
}

void canvas_vline(struct canvas *canvas, int y, int x, int rows, enum role role)
{
	for (int i = 0; i < rows; i++)
		canvas_symbol(canvas, y + i, x, role, SYMBOL_VLINE);
}

void canvas_box(struct canvas *canvas, struct rect area, enum role role)
{
	int bottom = area.y + area.rows - 1, right = area.x + area.cols - 1;

	if (area.rows < 2 || area.cols < 2)
		return;
	canvas_hline(canvas, area.y, area.x + 1, area.cols - 2, role);
	canvas_hline(canvas, bottom, area.x + 1, area.cols - 2, role);
	canvas_vline(canvas, area.y + 1, area.x, area.rows - 2, role);
	canvas_vline(canvas, area.y + 1, right, area.rows - 2, role);
	canvas_symbol(canvas, area.y, area.x, role, SYMBOL_UPPER_LEFT);
	canvas_symbol(canvas, area.y, right, role, SYMBOL_UPPER_RIGHT);
	canvas_symbol(canvas, bottom, area.x, role, SYMBOL_LOWER_LEFT);
	canvas_symbol(canvas, bottom, right, role, SYMBOL_LOWER_RIGHT);
}

/* Both halves of a wide glyph look alike: an area that cuts one takes the other half in as well. */
static struct rect whole_glyphs(const struct grid *grid, struct rect part, int y)
{
	if (part.x > 0 && grid_cell(grid, y, part.x)->cols == 0) {
		part.x--;
		part.cols++;
	}
	if (part.x + part.cols < grid->cols && grid_cell(grid, y, part.x + part.cols)->cols == 0)
		part.cols++;
	return part;
}

void canvas_ground(struct canvas *canvas, struct rect area, enum role ground)
{
	struct rect part = visible_area(canvas, area);

	for (int y = part.y; part.cols > 0 && y < part.y + part.rows; y++) {
		struct rect row = whole_glyphs(canvas->grid, part, y);

		for (int x = row.x; x < row.x + row.cols; x++)
			grid_cell(canvas->grid, y, x)->ground = (uint8_t)ground;
	}
}

void canvas_attr(struct canvas *canvas, struct rect area, unsigned attrs)
{
	struct rect part = visible_area(canvas, area);

	for (int y = part.y; part.cols > 0 && y < part.y + part.rows; y++) {
		struct rect row = whole_glyphs(canvas->grid, part, y);

		for (int x = row.x; x < row.x + row.cols; x++)
			grid_cell(canvas->grid, y, x)->attrs |= (uint8_t)attrs;
	}
}

void canvas_cursor(struct canvas *canvas, int y, int x)
{
	bool seen = visible_area(canvas, (struct rect){ y, x, 1, 1 }).rows > 0;

	canvas->grid->cursor_y = seen ? canvas->y + y : -1;
	canvas->grid->cursor_x = seen ? canvas->x + x : -1;
}

void canvas_scrolled(struct canvas *canvas, struct rect area, int lines)
{
	struct rect part = visible_area(canvas, area);
	struct grid *grid = canvas->grid;

	if (lines && part.rows > 1 && grid->hint_count < SCROLL_HINTS_MAX)
		grid->hints[grid->hint_count++] = (struct scroll_hint){ part, lines };
}
