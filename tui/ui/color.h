#ifndef TUI_COLOR_H
#define TUI_COLOR_H

/* Colours as themes write them, and the nearest ones that a terminal has. */

#include <stdbool.h>
#include <stddef.h>

#include "theme.h"

/* "default", "red", "bright-red", "0" to "255", "#rrggbb". */
bool color_parse(struct color *out, const char *text, size_t len);

struct lab {
	double l, a, b;
};

/* The colours of terminals of one depth, made ready for comparing. */
struct palette {
	enum color_depth depth;
	uint32_t first, count; /* numbers to choose from: first to count - 1 */
	struct lab labs[256];
};

void palette_init(struct palette *palette, enum color_depth depth);
/* The nearest colour, as the eye sees it (OKLab), that the terminal has. COLOR_DEFAULT and COLOR_UNSET stay. */
struct color palette_nearest(const struct palette *palette, struct color color);

/* Can everybody tell these two apart at a glance? */
bool color_differs(struct color a, struct color b);

/* fg, or black or white where fg could not be read on bg. Both are of depth already; unknown colours are trusted. */
struct color color_readable(struct color fg, struct color bg, enum color_depth depth);

#endif
