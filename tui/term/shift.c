/* Scrolling: the terminal shifts a rectangle instead of getting it all again, and `front` follows. */
#include "screen_int.h"

#include <string.h>

#include "caps.h"

enum { SCROLL_MIN = 30 }; /* cells a scroll must save */

static const struct cell unknown = SCREEN_UNKNOWN;
static const struct cell blank = { .glyph = GLYPH_BLANK, .role = ROLE_TEXT, .ground = ROLE_TEXT, .cols = 1 };

static bool same_cells(const struct grid *a, int ay, const struct grid *b, int by, struct rect area)
{
	return memcmp(grid_cell(a, ay, area.x), grid_cell(b, by, area.x), (size_t)area.cols * sizeof(struct cell)) == 0;
}

static int count_ink(const struct grid *grid, int y, struct rect area)
{
	int ink = 0;

	for (int x = area.x; x < area.x + area.cols; x++)
		ink += grid_cell(grid, y, x)->glyph != GLYPH_BLANK;
	return ink;
}

/* Rows of the terminal that would have to be written again, and need not be after the shift. */
static bool scroll_pays(const struct screen *screen, const struct scroll_hint *hint)
{
	int saved = 0;

	for (int y = hint->area.y; y < hint->area.y + hint->area.rows; y++) {
		int from = y + hint->lines;

		if (from < hint->area.y || from >= hint->area.y + hint->area.rows)
			continue;
		if (same_cells(&screen->front, y, &screen->back, y, hint->area))
			saved -= count_ink(&screen->back, y, hint->area);
		else if (same_cells(&screen->front, from, &screen->back, y, hint->area))
			saved += count_ink(&screen->back, y, hint->area);
	}
	return saved >= SCROLL_MIN;
}

static bool cuts_wide(const struct grid *grid, struct rect area)
{
	for (int y = area.y; y < area.y + area.rows; y++) {
		if (grid_cell(grid, y, area.x)->cols == 0)
			return true;
		if (area.x + area.cols < grid->cols && grid_cell(grid, y, area.x + area.cols)->cols == 0)
			return true;
	}
	return false;
}

/* fresh: what the rows hold that come into the area. */
static void shift_front(struct screen *screen, const struct scroll_hint *hint, struct cell fresh)
{
	struct rect area = hint->area;
	int first = hint->lines > 0 ? area.y : area.y + area.rows - 1, step = hint->lines > 0 ? 1 : -1;

	for (int i = 0; i < area.rows; i++) {
		int y = first + i * step, from = y + hint->lines;
		struct cell *to = grid_cell(&screen->front, y, area.x);

		if (from >= area.y && from < area.y + area.rows)
			memcpy(to, grid_cell(&screen->front, from, area.x), (size_t)area.cols * sizeof(*to));
		else
			for (int x = 0; x < area.cols; x++)
				to[x] = fresh;
	}
}

/* The region is set; shift it. */
static void add_shift(struct screen *screen, struct rect area, int lines)
{
	int count = lines > 0 ? lines : -lines;
	struct kl_buf *out = screen->pen.out;

	if (screen->caps->has & HAS_SCROLL) {
		if (count == 1)
			kl_buf_add_str(out, lines > 0 ? "\033[S" : "\033[T");
		else
			kl_buf_addf(out, "\033[%d%c", count, lines > 0 ? 'S' : 'T');
		return;
	}
	kl_buf_addf(out, "\033[%dH", lines > 0 ? area.y + area.rows : area.y + 1);
	for (int i = 0; i < count; i++)
		kl_buf_add_str(out, lines > 0 ? "\n" : "\033M");
}

static bool full_width(const struct screen *screen, struct rect area)
{
	return area.x == 0 && area.cols == screen->back.cols;
}

static bool can_shift(const struct screen *screen, struct rect area)
{
	const unsigned any = HAS_SCROLL | HAS_INDEX;

	if (!screen->caps->ansi || !(screen->caps->has & any))
		return false;
	return full_width(screen, area) || (screen->caps->margins && (screen->caps->has & HAS_SCROLL));
}

/* Margins are on only for the shift. Setting and resetting them moves the cursor home. */
void shift_hint(struct screen *screen, const struct scroll_hint *hint)
{
	struct kl_buf *out = screen->pen.out;
	struct rect area = hint->area;
	struct look root = screen_root_look(screen);
	bool sides = !full_width(screen, area);
	int count = hint->lines > 0 ? hint->lines : -hint->lines;

	if (count >= area.rows || !can_shift(screen, area) || !scroll_pays(screen, hint) ||
	    cuts_wide(&screen->front, area))
		return;
	if (!screen->pen.look_known || !look_blank_same(screen->pen.look, root))
		pen_look(&screen->pen, root); /* what comes in has the pen's ground */
	if (sides)
		kl_buf_addf(out, "\033[?69h\033[%d;%ds", area.x + 1, area.x + area.cols);
	kl_buf_addf(out, "\033[%d;%dr", area.y + 1, area.y + area.rows);
	add_shift(screen, area, hint->lines);
	kl_buf_add_str(out, sides ? "\033[?69l\033[r" : "\033[r");
	pen_lose(&screen->pen);
	shift_front(screen, hint, pen_erases(&screen->pen, root) ? blank : unknown);
	grid_open_rows(&screen->back, area.y, area.rows);
}
