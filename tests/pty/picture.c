/*
 * Frames against libvterm: whatever is drawn, scrolled and cut, the terminal shows exactly the grid. Random, with fixed seeds;
 * each kind of terminal has other means (margins, erasing, line drawing, colours).
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "pty.h"
#include "tui/term/caps.h"
#include "tui/term/picture.h"
#include "tui/term/screen.h"
#include "tui/ui/canvas.h"
#include "tui/ui/grid.h"
#include "tui/ui/theme.h"

enum { ROWS = 18, COLS = 61, FRAMES = 500, TEXT_MAX = 1 << 20 };

struct picture {
	struct caps caps;
	struct screen *screen;
	struct theme *theme;
	struct kl_buf frame;
	unsigned seed;
	int top; /* of the scrolled pane */
};

static int dice(struct picture *picture, int sides)
{
	picture->seed = picture->seed * 1103515245u + 12345u;
	return (int)(picture->seed >> 16) % sides;
}

static void draw_words(struct picture *picture, struct canvas *canvas)
{
	static const char *const words[] = { "if (x)", "世界", "e\xcc\x81t", "   ", "return 0;",
					     "\t|",    "ﾊﾝ",   "──",         "",    "\033[2J" };

	for (int i = dice(picture, 6); i > 0; i--)
		canvas_str(canvas, dice(picture, ROWS), dice(picture, COLS + 4) - 4,
			   (enum role)dice(picture, ROLE_COUNT), words[dice(picture, (int)KL_LENGTH(words))]);
}

static void draw_shapes(struct picture *picture, struct canvas *canvas)
{
	struct rect area = { dice(picture, ROWS), dice(picture, COLS), dice(picture, 8), dice(picture, 20) };

	if (dice(picture, 3) == 0)
		canvas_fill(canvas, area, (enum role)dice(picture, ROLE_COUNT));
	if (dice(picture, 3) == 0)
		canvas_box(canvas, area, ROLE_BORDER);
	if (dice(picture, 3) == 0)
		canvas_ground(canvas, area, ROLE_SELECTION);
	if (dice(picture, 4) == 0)
		canvas_attr(canvas, area, (unsigned)dice(picture, 64));
}

/* A pane that scrolls, told by a hint that is sometimes wrong. */
static void draw_pane(struct picture *picture, struct canvas *canvas, struct rect area)
{
	struct canvas pane = canvas_sub(canvas, area);
	int lines = dice(picture, 3) ? dice(picture, 9) - 4 : 0;

	picture->top += lines;
	for (int y = 0; y < area.rows; y++) {
		int line = picture->top + y;

		canvas_printf(&pane, y, 0, ROLE_GUTTER, "%4d", line);
		canvas_printf(&pane, y, 5, (enum role)(ROLE_TOKEN_TEXT + (line & 7)), "line %d 世 of %d words", line,
			      line * 7 % 13);
	}
	canvas_scrolled(&pane, (struct rect){ 0, 0, area.rows, area.cols }, dice(picture, 8) ? lines : 2);
}

/* Some places of the last frame are drawn anew, with words that reach beyond them; a pane is said to have scrolled that has not. */
static void draw_parts(struct picture *picture, struct canvas *canvas, struct rect pane)
{
	if (dice(picture, 4) == 0)
		canvas_scrolled(canvas, pane, 1);
	for (int i = dice(picture, 4); i > 0; i--) {
		struct rect area = { dice(picture, ROWS + 2) - 2, dice(picture, COLS) - 4, dice(picture, 4),
				     dice(picture, COLS) };
		struct canvas part = canvas_renew(canvas, area);

		draw_words(picture, &part);
		draw_shapes(picture, &part);
	}
	if (dice(picture, 4))
		canvas_cursor(canvas, dice(picture, ROWS), dice(picture, COLS));
}

static void draw(struct picture *picture, struct rect pane)
{
	struct canvas canvas;

	if (dice(picture, 2) && screen_keep(picture->screen, &canvas)) {
		draw_parts(picture, &canvas, pane);
		return;
	}
	canvas = screen_begin(picture->screen);
	draw_pane(picture, &canvas, pane);
	if (dice(picture, 2)) {
		draw_words(picture, &canvas);
		draw_shapes(picture, &canvas);
	}
	if (dice(picture, 4))
		canvas_cursor(&canvas, dice(picture, ROWS), dice(picture, COLS));
}

static bool same_rows(struct pty *pty, struct picture *picture, int frame)
{
	const struct grid *grid = screen_grid(picture->screen);
	struct kl_buf is, should;
	bool same = true;

	kl_buf_init(&is, TEXT_MAX);
	kl_buf_init(&should, TEXT_MAX);
	for (int y = 0; same && y < ROWS; y++) {
		kl_buf_clear(&is);
		kl_buf_clear(&should);
		emulator_row(&pty->child.emulator, y, &is);
		picture_row(grid, y, &should);
		same = strcmp(is.data, should.data) == 0;
		if (!same)
			(void)REFUSE(pty, "frame %d row %d is '%s', should be '%s'", frame, y, is.data, should.data);
	}
	kl_buf_release(&is);
	kl_buf_release(&should);
	return same;
}

static bool same_color(const struct color *color, const VTermColor *shown)
{
	if (color->kind != COLOR_RGB)
		return true;
	return VTERM_COLOR_IS_RGB(shown) && shown->rgb.red == (color->value >> 16 & 255) &&
	       shown->rgb.green == (color->value >> 8 & 255) && shown->rgb.blue == (color->value & 255);
}

static bool same_looks(struct pty *pty, struct picture *picture, int frame)
{
	const struct grid *grid = screen_grid(picture->screen);

	for (int y = 0; y < ROWS; y++) {
		for (int x = 0; x < COLS; x++) {
			const struct cell *cell = grid_cell(grid, y, x);
			struct look look = theme_look(picture->theme, cell->role, cell->ground, cell->attrs);
			VTermScreenCell shown;
			bool blank = cell->glyph == GLYPH_BLANK;

			vterm_screen_get_cell(pty->child.emulator.screen, (VTermPos){ .row = y, .col = x }, &shown);
			if (!same_color(&look.bg, &shown.bg) ||
			    (cell->cols && !blank && !same_color(&look.fg, &shown.fg)))
				return REFUSE(pty, "frame %d cell %d %d (%s) has another colour", frame, y, x,
					      role_name(cell->role));
			if (cell->cols && !blank &&
			    (shown.attrs.bold != !!(look.attrs & ATTR_BOLD) ||
			     shown.attrs.reverse != !!(look.attrs & ATTR_REVERSE) ||
			     (shown.attrs.underline != 0) != !!(look.attrs & ATTR_UNDERLINE)))
				return REFUSE(pty, "frame %d cell %d %d has other attributes", frame, y, x);
		}
	}
	return true;
}

static bool same_cursor(struct pty *pty, struct picture *picture)
{
	const struct grid *grid = screen_grid(picture->screen);
	VTermPos pos = emulator_cursor(&pty->child.emulator);

	return grid->cursor_y < 0 || (pos.row == grid->cursor_y && pos.col == grid->cursor_x);
}

static bool one_frame(struct pty *pty, struct picture *picture, int frame, struct rect pane)
{
	size_t max = dice(picture, 10) == 0 ? 200 : SIZE_MAX;
	bool complete;

	draw(picture, pane);
	do {
		kl_buf_clear(&picture->frame);
		complete = screen_frame(picture->screen, picture->theme, &picture->frame, max);
		emulator_feed(&pty->child.emulator, picture->frame.data, picture->frame.len);
	} while (!complete);
	if (!same_cursor(pty, picture))
		return REFUSE(pty, "frame %d has the cursor elsewhere", frame);
	if (!same_rows(pty, picture, frame))
		return false;
	return picture->caps.depth != DEPTH_RGB || same_looks(pty, picture, frame);
}

static bool frames(struct pty *pty, const char *term, enum color_depth depth, bool margins, struct rect pane)
{
	struct picture picture = { .seed = 42 };
	struct kl_error err;
	bool good = true;

	setlocale(LC_ALL, "C.UTF-8");
	if (caps_load(&picture.caps, term, &err))
		return REFUSE(pty, "%s", err.message);
	picture.caps.depth = depth;
	picture.caps.margins = margins;
	picture.caps.plain_font = false;
	picture.theme = theme_builtin(true);
	theme_set_depth(picture.theme, depth);
	picture.screen = screen_new(&picture.caps, ROWS, COLS);
	kl_buf_init(&picture.frame, TEXT_MAX);
	emulator_init(&pty->child.emulator, ROWS, COLS, 0);
	pty->child.ended = true;
	pty->child.fd = -1;
	for (int i = 0; good && i < FRAMES; i++)
		good = one_frame(pty, &picture, i, pane);
	screen_free(picture.screen);
	theme_free(picture.theme);
	kl_buf_release(&picture.frame);
	return good;
}

static const struct rect split = { 1, 20, ROWS - 2, 24 }, whole = { 1, 0, ROWS - 2, COLS };

static bool picture_xterm(struct pty *pty)
{
	return frames(pty, "xterm-256color", DEPTH_256, false, whole);
}

static bool picture_margins(struct pty *pty)
{
	return frames(pty, "xterm-256color", DEPTH_RGB, true, split);
}

static bool picture_screen(struct pty *pty)
{
	return frames(pty, "screen-256color", DEPTH_256, false, whole);
}

static bool picture_linux(struct pty *pty)
{
	return frames(pty, "linux", DEPTH_8, false, whole);
}

static bool picture_vt100(struct pty *pty)
{
	return frames(pty, "vt100", DEPTH_MONO, false, whole);
}

const struct pty_test picture_tests[] = {
	{ "picture-xterm", picture_xterm },   { "picture-margins", picture_margins },
	{ "picture-screen", picture_screen }, { "picture-linux", picture_linux },
	{ "picture-vt100", picture_vt100 },   { NULL, NULL },
};
