#ifndef TUI_COLOR_H
#define TUI_COLOR_H

/* Colours as themes write them, and the nearest ones that a terminal has. */

#include <stdbool.h>
#include <stddef.h>

#include "theme.h"

/* "default", "red", "bright-red", "0" to "255", "#rrggbb". */
bool color_parse(struct color *out, const char *text, size_t len);

/* The nearest colour, as the eye sees it (OKLab), that a terminal of depth has. COLOR_DEFAULT and COLOR_UNSET stay. */
struct color color_reduce(struct color color, enum color_depth depth);

/* fg, or black or white where fg could not be read on bg. Both are of depth already; unknown colours are trusted. */
struct color color_readable(struct color fg, struct color bg, enum color_depth depth);

#endif
