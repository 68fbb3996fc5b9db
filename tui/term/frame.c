/*
 * Frames and back-pressure. A frame is made in memory and written with one call. After a big one the terminal is asked
 * whether it is there (DSR): until it answers, nothing more is drawn, so that a slow line never holds more than one frame and a
 * key's echo never stands behind a flood. What changes meanwhile is drawn once, as it is then. The time of the answers tells how much a
 * slow line takes in a blink; a frame larger than that is drawn in parts, the cursor's row first. A letter typed while the
 * answer is under way is shown at once: its row goes, within ECHO_MAX, and the rest comes with the next frame.
 */
#include "term_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>

enum {
	ASK_AFTER = 1024, /* bytes without an answer */
	SYNC_FROM = 256, /* bytes of a frame worth a synchronized update */
	PATIENCE_MS = 10000, /* for an answer */
	SLOW_MS = 100, /* an answer later than the round trip by this: a slow line */
	BLINK_MS = 150, /* what a frame may take on a slow line */
	BUDGET_MIN = 200,
	ECHO_MAX = 256, /* bytes sent while an answer is under way */
	FRAME_MAX = 8 << 20,
	ESC_MIN_MS = 25,
	ESC_MAX_MS = 100,
};

#define SYNC_ON  "\033[?2026h"
#define SYNC_OFF "\033[?2026l"
#define DSR      "\033[5n"

void flow_init(struct flow *flow)
{
	*flow = (struct flow){ .round_trip_ms = -1, .budget = SIZE_MAX };
}

void flow_reset(struct term *term)
{
	kl_timer_cancel(term->flow.patience);
	term->flow.patience = NULL;
	term->flow.asked = term->flow.echo = false;
	term->flow.unanswered = term->flow.echoed; /* behind what has been answered */
	term->flow.echoed = 0;
}

void flow_key(struct term *term, struct key key)
{
	term->flow.echo |= term->flow.asked && (key_is_text(key) || key.code == KEY_BACKSPACE);
}

int64_t flow_esc_delay_ms(const struct term *term)
{
	int64_t delay_ms = term->flow.round_trip_ms;

	return delay_ms < ESC_MIN_MS ? ESC_MIN_MS : delay_ms > ESC_MAX_MS ? ESC_MAX_MS : delay_ms;
}

/* What was drawn while the terminal was not ready is still to come by itself; the rest of a cut frame is asked for. */
static void say_ready(struct term *term)
{
	if (term->flow.incomplete && term_ready(term))
		term_emit(term, &(struct term_event){ .kind = TERM_READY });
}

static void learn_speed(struct flow *flow, int64_t took_ms)
{
	int64_t extra_ms;

	if (flow->round_trip_ms < 0 || took_ms < flow->round_trip_ms)
		flow->round_trip_ms = took_ms;
	extra_ms = took_ms - flow->round_trip_ms;
	flow->budget = SIZE_MAX;
	if (extra_ms < SLOW_MS)
		return;
	flow->budget = flow->unanswered * BLINK_MS / (size_t)extra_ms;
	if (flow->budget < BUDGET_MIN)
		flow->budget = BUDGET_MIN;
}

void flow_answer(struct term *term)
{
	if (!term->flow.asked)
		return;
	learn_speed(&term->flow, kl_clock_mono_ms() - term->flow.asked_ms);
	flow_reset(term);
	say_ready(term);
}

static void lose_patience(void *ctx)
{
	struct term *term = ctx;

	flow_reset(term);
	term->flow.answers = false; /* not asked again */
	term->flow.budget = SIZE_MAX;
	say_ready(term);
}

static void ask_if_there(struct term *term)
{
	struct flow *flow = &term->flow;
	size_t limit = flow->budget < ASK_AFTER ? flow->budget : ASK_AFTER;

	if (!flow->answers || flow->asked || flow->unanswered < limit)
		return;
	output_add(term->output, DSR, strlen(DSR));
	flow->asked = true;
	flow->asked_ms = kl_clock_mono_ms();
	flow->patience = kl_loop_add_timer(term->loop, PATIENCE_MS, lose_patience, term);
}

bool term_ready(const struct term *term)
{
	if (term->headless)
		return true;
	if (!term->taken || term->gone || output_stuck(term->output))
		return false;
	return !term->flow.asked || (term->flow.echo && term->flow.echoed < ECHO_MAX);
}

struct canvas term_begin(struct term *term)
{
	return screen_begin(term->screen);
}

bool term_keep(struct term *term, struct canvas *canvas)
{
	return screen_keep(term->screen, canvas);
}

static void send_frame(struct term *term, const struct kl_buf *frame)
{
	bool sync = term->caps.sync && frame->len >= SYNC_FROM;

	if (sync)
		output_add(term->output, SYNC_ON, strlen(SYNC_ON));
	output_add(term->output, frame->data, frame->len);
	if (sync)
		output_add(term->output, SYNC_OFF, strlen(SYNC_OFF));
	if (term->flow.asked)
		term->flow.echoed += frame->len;
	else
		term->flow.unanswered += frame->len;
	ask_if_there(term);
}

void term_end(struct term *term)
{
	struct kl_buf *frame = &term->scratch;

	if (term->headless || term->gone || !term->taken)
		return;
	kl_buf_clear(frame);
	term->flow.incomplete =
		!screen_frame(term->screen, term->options.theme, frame, term->flow.asked ? 0 : term->flow.budget);
	term->flow.echo = false;
	if (frame->len)
		send_frame(term, frame);
	if (!term->asked)
		modes_ask(term);
	output_send(term->output);
}
