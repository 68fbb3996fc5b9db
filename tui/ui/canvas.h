#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

/*
 * Where panes draw: a rectangle of cells. A cell is one grapheme cluster with a role. Nothing here knows curses,
 * colours or escape sequences, and nothing drawn here can become one: control bytes, broken UTF-8 and bidi
 * controls are shown (as "^[", "<e9>", "<U+202E>"), never passed on.
 *
 * Rows and columns count from 0 and are the canvas's own; what lies outside is not drawn. A wide glyph is drawn
 * whole or, at an edge, not at all (a blank stands in its place).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rect.h"
#include "role.h"

struct grid;

struct canvas {
	struct grid *grid; /* borrowed: the cells of the whole screen */
	int rows, cols; /* of this canvas */
	int y, x; /* of its upper left cell in the grid; may be negative or outside */
	struct rect clip; /* what may be touched, in the grid */
};

/* Attributes that come on top of those a role has in the theme. */
enum attr {
	ATTR_BOLD = 1 << 0,
	ATTR_DIM = 1 << 1,
	ATTR_ITALIC = 1 << 2,
	ATTR_UNDERLINE = 1 << 3,
	ATTR_REVERSE = 1 << 4,
	ATTR_STRIKE = 1 << 5,
};

/*
 * Signs that every terminal has in some form: X(constant, Unicode, VT100 line drawing or 0, ASCII).
 * Chosen when the frame leaves, not when it is drawn.
 */
/* clang-format off */
#define SYMBOL_MAP(X) \
	X(SYMBOL_HLINE,        0x2500, 'q', '-') \
	X(SYMBOL_VLINE,        0x2502, 'x', '|') \
	X(SYMBOL_UPPER_LEFT,   0x250c, 'l', '+') \
	X(SYMBOL_UPPER_RIGHT,  0x2510, 'k', '+') \
	X(SYMBOL_LOWER_LEFT,   0x2514, 'm', '+') \
	X(SYMBOL_LOWER_RIGHT,  0x2518, 'j', '+') \
	X(SYMBOL_TEE_RIGHT,    0x251c, 't', '+') \
	X(SYMBOL_TEE_LEFT,     0x2524, 'u', '+') \
	X(SYMBOL_TEE_DOWN,     0x252c, 'w', '+') \
	X(SYMBOL_TEE_UP,       0x2534, 'v', '+') \
	X(SYMBOL_CROSSING,     0x253c, 'n', '+') \
	X(SYMBOL_BULLET,       0x2022, 0,   '*') \
	X(SYMBOL_ELLIPSIS,     0x2026, 0,   '~') \
	X(SYMBOL_PASSED,       0x2713, 0,   '+') \
	X(SYMBOL_FAILED,       0x2717, 0,   'x') \
	X(SYMBOL_SKIPPED,      0x25cb, 0,   'o') \
	X(SYMBOL_RUNNING,      0x25cf, 0,   '*') \
	X(SYMBOL_OPEN,         0x25be, 0,   'v') \
	X(SYMBOL_CLOSED,       0x25b8, 0,   '>') \
	X(SYMBOL_ARROW_LEFT,   0x2190, 0,   '<') \
	X(SYMBOL_ARROW_RIGHT,  0x2192, 0,   '>') \
	X(SYMBOL_ARROW_UP,     0x2191, 0,   '^') \
	X(SYMBOL_ARROW_DOWN,   0x2193, 0,   'v') \
	X(SYMBOL_MARK,         0x203a, 0,   '>') \
	X(SYMBOL_STAR,         0x2605, 0,   '*') \
	X(SYMBOL_SPACE,        0x00b7, 0,   '.') \
	X(SYMBOL_TAB,          0x2192, 0,   '>') \
	X(SYMBOL_NEWLINE,      0x21b5, 0,   '$') \
	X(SYMBOL_NO_NEWLINE,   0x2205, 0,   '\\') \
	X(SYMBOL_BLOCK,        0x2588, 0,   '#') \
	X(SYMBOL_SHADE,        0x2591, 0,   '.') \
	X(SYMBOL_BAR_1,        0x2581, 0,   '_') \
	X(SYMBOL_BAR_2,        0x2582, 0,   '_') \
	X(SYMBOL_BAR_3,        0x2583, 0,   '.') \
	X(SYMBOL_BAR_4,        0x2584, 0,   '-') \
	X(SYMBOL_BAR_5,        0x2585, 0,   '=') \
	X(SYMBOL_BAR_6,        0x2586, 0,   '+') \
	X(SYMBOL_BAR_7,        0x2587, 0,   '*') \
	X(SYMBOL_BAR_8,        0x2588, 0,   '#') \
	X(SYMBOL_HEAT,         0x25a0, 0,   '#')
/* clang-format on */

enum symbol {
#define X(id, unicode, acs, ascii) id,
	SYMBOL_MAP(X)
#undef X
		SYMBOL_COUNT
};

/* The part of canvas inside area (its coordinates), with its own origin. */
struct canvas canvas_sub(const struct canvas *canvas, struct rect area);

/*
 * Draws at most len bytes of UTF-8 from (y, x) on, in at most max_cols columns (negative: to the right edge).
 * A tab goes to the next multiple of 8 columns counted from x. Returns the columns used, also of what was clipped at the left.
 */
int canvas_text(struct canvas *canvas, int y, int x, enum role role, const char *utf8, size_t len, int max_cols);
/* The same for NUL-terminated text up to the right edge. */
int canvas_str(struct canvas *canvas, int y, int x, enum role role, const char *text);
/* Words of text in as many rows of area as they need; what does not fit is left out. Returns the row behind. */
int canvas_wrapped(struct canvas *canvas, struct rect area, enum role role, const char *text);
int canvas_printf(struct canvas *canvas, int y, int x, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* As canvas_str in at most max_cols columns; what does not fit ends with SYMBOL_ELLIPSIS. */
int canvas_str_cut(struct canvas *canvas, int y, int x, enum role role, const char *text, int max_cols);

/*
 * For a frame that keeps what the one before drew (term_keep): an empty canvas for area, as a new frame has it. Outside of such areas
 * nothing may be drawn.
 */
struct canvas canvas_renew(struct canvas *canvas, struct rect area);

/* Blanks in the given role. */
void canvas_fill(struct canvas *canvas, struct rect area, enum role role);
void canvas_clear(struct canvas *canvas, enum role role);
void canvas_symbol(struct canvas *canvas, int y, int x, enum role role, enum symbol symbol);
void canvas_hline(struct canvas *canvas, int y, int x, int cols, enum role role);
void canvas_vline(struct canvas *canvas, int y, int x, int rows, enum role role);
void canvas_box(struct canvas *canvas, struct rect area, enum role role);

/*
 * Lays a ground under what is drawn: the cells keep their role and get the background and attributes of ground as well, and
 * its foreground when the theme gives it one (selection, cursor line, match). ROLE_TEXT takes it away.
 */
void canvas_ground(struct canvas *canvas, struct rect area, enum role ground);
/* Adds attributes (enum attr) to what is drawn. */
void canvas_attr(struct canvas *canvas, struct rect area, unsigned attrs);

/* Shows the terminal's cursor here; the last call of a frame wins. Without a call, or outside, it is hidden. */
void canvas_cursor(struct canvas *canvas, int y, int x);

/*
 * A hint: since the last frame the content of area has moved up by lines (negative: down). The cells are drawn
 * as always; a terminal that can shift a rectangle then does so instead of getting it all again. A wrong hint costs bytes, never the picture.
 */
void canvas_scrolled(struct canvas *canvas, struct rect area, int lines);

/* The columns canvas_text would use from column 0. */
int canvas_width(const char *utf8, size_t len);
/* The bytes of whole clusters that fit in max_cols columns. */
size_t canvas_fit(const char *utf8, size_t len, int max_cols);

/* What canvas_text takes next from a text: for panes that place every cluster themselves (the editor). */
struct cluster {
	size_t len; /* bytes, at least 1 */
	int cols; /* columns on the canvas; 0 only for a tab, whose width the caller knows */
	bool plain; /* drawn as it is; else as a visible form in ROLE_CONTROL's look */
};

/* len: at least 1. */
struct cluster canvas_cluster(const char *utf8, size_t len);

/* How many of the first bytes are a cluster of one cell each: nearly all of what is ever drawn. */
size_t canvas_plain(const char *utf8, size_t len);
/* Draws as many bytes as cols, of which canvas_plain says that. */
void canvas_put(const struct canvas *canvas, int y, int x, enum role role, const char *ascii, int cols);

#endif
