#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

/*
 * Cells to bytes. Two grids: what the terminal shows and what it shall show; screen_frame writes the cheapest bytes
 * known that lead from one to the other, into a buffer. It sends nothing itself and knows terminals only by struct caps.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>

#include "tui/ui/canvas.h"

struct caps;
struct screen;
struct theme;

/* caps: borrowed for the screen's life (may be NULL: headless, frames have no bytes). */
struct screen *screen_new(const struct caps *caps, int rows, int cols);
void screen_free(struct screen *screen);
/* A new size; all is to be drawn again. */
void screen_resize(struct screen *screen, int rows, int cols);
/* What the terminal shows is not known any more. */
void screen_forget(struct screen *screen);
/* Somebody changed the terminal's colours or attributes. */
void screen_lose_look(struct screen *screen);
/* The theme's roles have other colours from now on: all is written anew over what stands there, without clearing it first. */
void screen_lose_cells(struct screen *screen);

/* An empty canvas for the next frame. */
struct canvas screen_begin(struct screen *screen);
/*
 * For a frame that changes a part of the last one: a canvas that holds it, without its cursor; what changes is drawn through canvas_renew.
 * False: there is none to go on from.
 */
bool screen_keep(struct screen *screen, struct canvas *canvas);
/*
 * Appends the bytes of the frame to out (none when nothing changed). theme has the terminal's depth. When more than about
 * max bytes are needed, the cursor's row goes first and the rest waits: false is returned, and the next frame goes on. 0: only that row.
 */
bool screen_frame(struct screen *screen, const struct theme *theme, struct kl_buf *out, size_t max);

/* The grid that was framed last, for tests: its text and roles. */
const struct grid *screen_grid(const struct screen *screen);

#endif
