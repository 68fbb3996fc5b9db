#ifndef TUI_SCREEN_INT_H
#define TUI_SCREEN_INT_H

/* What screen.c (rows, frames) and shift.c (scrolling) share. */

#include "pen.h"
#include "screen.h"
#include "tui/ui/grid.h"
#include "tui/ui/theme.h"

/* A cell that the terminal may show anything in. */
#define SCREEN_UNKNOWN                                                                                                 \
	{                                                                                                              \
		.glyph = 0xffffffffu, .cols = 1                                                                        \
	}

struct screen {
	const struct caps *caps;
	struct glyphs *glyphs;
	struct grid front, back; /* what is shown; what shall be shown */
	struct pen pen;
	const struct theme *theme; /* of the frame being made */
	struct look look; /* cache: of last */
	struct cell last;
	bool look_cached;
	bool cursor_shown, cursor_known;
	bool cleared; /* front is known: the terminal has been cleared */
	bool drawn; /* back holds a frame */
};

/* Of the theme's ground. */
struct look screen_root_look(const struct screen *screen);

/* shift.c: lets the terminal shift what has moved, if it can and that pays; the rows of the area are open then. */
void shift_hint(struct screen *screen, const struct scroll_hint *hint);

#endif
