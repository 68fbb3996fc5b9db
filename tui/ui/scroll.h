#ifndef TUI_SCROLL_H
#define TUI_SCROLL_H

/* The window on something long: text that is read (the window moves) and lists (a mark moves, the window follows). */

#include <stdbool.h>
#include <stddef.h>

#include "request.h"

struct scroll {
	size_t top; /* first line shown */
	size_t selected; /* lists: the marked line */
	int left; /* columns scrolled to the side */
	int rows; /* of the window; set by who draws */
};

/* Moves by lines and stays inside count lines. */
void scroll_text_by(struct scroll *scroll, size_t count, long lines);
void scroll_list_by(struct scroll *scroll, size_t count, long lines);
/* Takes the requests that move; false: something else. */
bool scroll_text(struct scroll *scroll, size_t count, enum request request);
bool scroll_list(struct scroll *scroll, size_t count, enum request request);
/* Lists: brings the mark into the window; call before drawing, with rows set. */
void scroll_keep(struct scroll *scroll, size_t count);

#endif
