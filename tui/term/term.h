#ifndef TUI_TERM_H
#define TUI_TERM_H

/*
 * The terminal as the app sees it: open, draw, hear, close. Behind it stand keys.c (bytes to keys), screen.c
 * (cells to bytes), tty.c (modes, signals) and output.c (never blocks); or, for tests, nothing at all: the headless terminal
 * shares everything above the bytes.
 *
 * Events come from the loop. Drawing happens in the loop's idle hook:
 *
 *     if (dirty && term_ready(term)) {
 *             struct canvas canvas = term_begin(term);
 *             ... draw on canvas ...
 *             term_end(term);
 *     }
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <kodelab/error.h>

#include "tui/ui/canvas.h"
#include "tui/ui/key.h"
#include "tui/ui/mouse.h"
#include "tui/ui/theme.h"

struct kl_loop;
struct term;

enum term_event_kind {
	TERM_KEY,
	TERM_PASTE, /* text: as it came, CR and CRLF as newlines, controls other than tab and newline taken out */
	TERM_MOUSE,
	TERM_FOCUS, /* focused says which */
	TERM_RESIZE, /* a new size, or everything has to be drawn again */
	TERM_READY, /* a slow line has taken the first part of a frame: draw again */
	TERM_TERMINATE, /* SIGTERM, SIGINT from outside: save and leave; signo says which */
	TERM_HANGUP, /* the terminal is gone: save and leave, nothing can be shown any more */
};

struct term_event {
	enum term_event_kind kind;
	struct key key;
	struct mouse mouse;
	const char *text; /* borrowed for the call */
	size_t len;
	bool focused;
	int signo;
};

typedef void term_event_fn(void *ctx, const struct term_event *event);

struct term_options {
	struct theme *
		theme; /* borrowed, and set to the terminal's depth; must live until it is replaced by term_set_theme */
	bool mouse;
	bool color; /* false: as NO_COLOR */
	bool force_color; /* colour although NO_COLOR is set */
	bool title; /* set the window's title */
	bool clipboard; /* term_copy may write OSC 52 */
};

/*
 * Takes the terminal of standard input and output. fn is called from the loop only.
 * KL_EINVAL: not a terminal, or one that cannot show a full screen; the sentence names the subcommands (exit status 2).
 */
enum kl_status term_open(struct term **out, struct kl_loop *loop, const struct term_options *options, term_event_fn *fn,
			 void *ctx, struct kl_error *err) KL_MUST_CHECK;
/* A terminal that is only a grid of cells, for tests: see script.h for how it is fed. */
struct term *term_open_headless(struct kl_loop *loop, const struct term_options *options, int rows, int cols,
				term_event_fn *fn, void *ctx);
/* Gives the terminal back exactly as it was found. NULL is fine. */
void term_close(struct term *term);

/* Nobody sees it: a script looks at it. */
bool term_is_headless(const struct term *term);
int term_rows(const struct term *term);
int term_cols(const struct term *term);

/*
 * True when a frame may be drawn: false while the terminal has not taken the last one (or is lent or suspended). What was
 * just typed does not wait for that: then a frame may be drawn, and only the cursor's row of it is sent.
 */
bool term_ready(const struct term *term);
/* An empty canvas of the whole screen in ROLE_TEXT. */
struct canvas term_begin(struct term *term);
/*
 * Instead, when little changed: the last frame, to be changed through canvas_renew; without its cursor. False: it has to be drawn
 * from the beginning.
 */
bool term_keep(struct term *term, struct canvas *canvas);
/* Sends what differs from the last frame: one write. */
void term_end(struct term *term);
/* Forgets what the terminal shows: the next frame draws everything. */
void term_redraw(struct term *term);

void term_set_theme(struct term *term, struct theme *theme);
void term_set_mouse(struct term *term, bool on);
/* The window's title: control characters are taken out; sent only when it changes. */
void term_set_title(struct term *term, const char *title);
void term_bell(struct term *term);
/* Gives text to the terminal's clipboard (OSC 52). KL_EFULL: too long for terminals; KL_EINVAL: switched off or not possible. */
enum kl_status term_copy(struct term *term, const char *text, size_t len, struct kl_error *err) KL_MUST_CHECK;

/* C-z: gives the terminal back, stops the process group, and takes it again after fg. False: nobody could wake us, nothing was done. */
bool term_suspend(struct term *term);
/* For a child program: gives the terminal back until term_take. */
void term_lend(struct term *term);
void term_take(struct term *term);

/* One line about the terminal for `kodelab doctor`: name, size, colours, what it answered. */
void term_describe(const struct term *term, char *text, size_t size);

#endif
