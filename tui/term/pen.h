#ifndef TUI_PEN_H
#define TUI_PEN_H

/*
 * Where the terminal's cursor is and how it writes just now, and the shortest bytes from there to somewhere else. What the
 * pen knows stays true from frame to frame, so a letter typed behind the last one costs one byte.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kodelab/buf.h>

#include "tui/ui/theme.h"

struct caps;
struct glyphs;

struct pen {
	const struct caps *caps; /* borrowed */
	struct kl_buf *out; /* borrowed, set for each frame */
	int y, x; /* -1: not known */
	struct look look;
	bool look_known;
	bool line_drawing; /* the VT100 character set is on */
};

void pen_init(struct pen *pen, const struct caps *caps);
/* Nothing is known any more: somebody else wrote to the terminal. */
void pen_forget(struct pen *pen);
/* The position is not known any more. */
void pen_lose(struct pen *pen);

void pen_move(struct pen *pen, int y, int x);
void pen_look(struct pen *pen, struct look look);
/* Writes a glyph of cols columns at the pen's place. glyphs: of the grid. */
void pen_glyph(struct pen *pen, struct glyphs *glyphs, uint32_t glyph, int cols);
/* True when erasing gives blanks of this look. */
bool pen_erases(const struct pen *pen, struct look look);

bool look_same(struct look a, struct look b);
/* For blanks, which differ only in what is seen of them: ground, underline, reverse. */
bool look_blank_same(struct look a, struct look b);

#endif
