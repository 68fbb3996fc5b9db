#ifndef TUI_TERM_INT_H
#define TUI_TERM_INT_H

/* What term.c (life and events), frame.c (frames and back-pressure) and modes.c (modes, questions, answers) share. */

#include <stdint.h>

#include <kodelab/buf.h>

#include "caps.h"
#include "keys.h"
#include "output.h"
#include "screen.h"
#include "term.h"
#include "tty.h"

struct kl_timer;
struct kl_watch;
struct script;

/* How fast the terminal is, from its answers to our DSR. */
struct flow {
	bool answers; /* it answers questions at all */
	bool asked; /* a DSR is under way: no frame before its answer */
	struct kl_timer *patience; /* ends asked */
	int64_t asked_ms;
	size_t unanswered; /* bytes since the last answer was asked for */
	int64_t round_trip_ms; /* the shortest seen; -1: none */
	size_t budget; /* bytes a frame may have; SIZE_MAX: any */
	bool incomplete; /* the last frame was cut off at the budget */
	bool echo; /* a letter was typed while the answer is under way: its row may go */
	size_t echoed; /* bytes of such rows since it was asked */
};

struct term {
	struct kl_loop *loop;
	term_event_fn *fn;
	void *ctx;
	struct term_options options;
	bool headless;
	struct tty tty;
	struct caps caps;
	struct keys keys;
	struct screen *screen;
	struct output *output;
	struct kl_watch *watch; /* input */
	struct kl_timer *esc_timer;
	int rows, cols;
	struct flow flow;
	bool taken; /* the terminal is ours: modes are on */
	bool gone; /* hung up */
	bool asked; /* the questions of the start have been sent */
	bool kitty; /* the kitty keyboard is pushed */
	bool mouse;
	char *title; /* owned; as last sent */
	int64_t press_ms; /* of the last press, for double clicks */
	struct mouse press;
	struct kl_buf scratch; /* a frame being made */
	struct script *script; /* headless: what sits at the keyboard; owned, may be NULL */
};

/* term.c */
void term_emit(struct term *term, const struct term_event *event);
void term_gone(struct term *term);

/* modes.c: they queue bytes and send nothing. */
void modes_enter(struct term *term);
void modes_leave(struct term *term);
void modes_mouse(struct term *term, bool on);
void modes_ask(struct term *term);
void modes_answer(struct term *term, const struct input *input);
/* Prepares what a crash writes. */
void modes_rescue(struct term *term);

/* frame.c */
void flow_init(struct flow *flow);
void flow_answer(struct term *term);
void flow_reset(struct term *term);
/* A key has come. */
void flow_key(struct term *term, struct key key);
/* How long a lone ESC waits for its sequence. */
int64_t flow_esc_delay_ms(const struct term *term);

/* ---- for script.c: a headless terminal's keyboard and picture ---- */

void term_feed(struct term *term, const char *bytes, size_t len);
void term_resize(struct term *term, int rows, int cols);
const struct grid *term_grid(const struct term *term);

#endif
