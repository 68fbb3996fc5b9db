#ifndef TUI_PICTURE_H
#define TUI_PICTURE_H

/* A grid as text, for tests: UTF-8, symbols as their Unicode characters, blanks at the ends of lines cut. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>

struct grid;

void picture_row(const struct grid *grid, int y, struct kl_buf *out);
/* All rows, each with a newline. */
void picture_text(const struct grid *grid, struct kl_buf *out);
/* Does text stand on one row of the screen? */
bool picture_has(const struct grid *grid, const char *text);

#endif
