#ifndef TUI_GRID_H
#define TUI_GRID_H

/*
 * The cells behind a canvas. For canvas.c, which fills them, and for the terminal, which sends them.
 *
 * A glyph is a code point, or one of the kinds below. The right half of a wide glyph is a cell of its own with glyph
 * GLYPH_REST and cols 0; both halves have the same role.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rect.h"
#include "role.h"

#define GLYPH_REST    0u
#define GLYPH_SYMBOL  0x40000000u /* | enum symbol */
#define GLYPH_CLUSTER 0x80000000u /* | number in the glyph table: more than one code point */
#define GLYPH_BLANK   ((uint32_t)' ')

struct cell {
	uint32_t glyph;
	uint8_t role; /* enum role */
	uint8_t ground; /* enum role; ROLE_TEXT: none */
	uint8_t attrs; /* enum attr */
	uint8_t cols; /* 1 or 2; 0: GLYPH_REST */
};

/* Clusters of more than one code point; shared by the grids of one screen, so that equal glyphs are equal numbers. */
struct glyphs;

struct glyphs *glyphs_new(void);
void glyphs_free(struct glyphs *glyphs);
/* The glyph of a cluster (UTF-8, len > 0, made of characters that may pass). U+FFFD when the table is full. */
uint32_t glyphs_find(struct glyphs *glyphs, const char *utf8, size_t len);
/* The bytes of a glyph that is a code point or a cluster; not NUL-terminated; borrowed until the next call. */
const char *glyphs_text(struct glyphs *glyphs, uint32_t glyph, size_t *len);
/* True when little room is left: time to forget all glyphs, and with them all grids. */
bool glyphs_crowded(const struct glyphs *glyphs);
void glyphs_clear(struct glyphs *glyphs);

struct scroll_hint {
	struct rect area;
	int lines; /* up; negative: down */
};

enum { SCROLL_HINTS_MAX = 4 };

struct grid {
	int rows, cols;
	struct cell *cells; /* rows * cols, owned */
	bool *open; /* per row, owned: drawn since it was compared with another grid; set by who draws, not by each cell */
	struct glyphs *glyphs; /* borrowed */
	int cursor_y, cursor_x; /* -1: hidden */
	struct scroll_hint hints[SCROLL_HINTS_MAX];
	size_t hint_count;
};

void grid_init(struct grid *grid, struct glyphs *glyphs, int rows, int cols);
void grid_release(struct grid *grid);
/* Blank, cursor hidden, no hints; all rows are open. */
void grid_clear(struct grid *grid);
/* Rows [y, y + rows), which must be there, are open. */
void grid_open_rows(struct grid *grid, int y, int rows);

static inline struct cell *grid_cell(const struct grid *grid, int y, int x)
{
	return &grid->cells[(size_t)y * (size_t)grid->cols + (size_t)x];
}

static inline bool cell_same(const struct cell *a, const struct cell *b)
{
	return a->glyph == b->glyph && a->role == b->role && a->ground == b->ground && a->attrs == b->attrs &&
	       a->cols == b->cols;
}

struct canvas;
/* The canvas of the whole grid. */
struct canvas grid_canvas(struct grid *grid);

#endif
