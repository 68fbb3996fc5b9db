/*
 * The terminal's modes: switched on when the lab takes it, off in reverse order when it gives it back. Private modes
 * go only to terminals that are like xterm by their terminfo entry; what needs an answer is asked for after the first
 * frame and used when the answer comes. Nothing ever waits for one.
 */
#include "term_int.h"

#include <string.h>

#include <kodelab/clock.h>

#define MOUSE_ON     "\033[?1000h\033[?1002h\033[?1006h"
#define MOUSE_OFF    "\033[?1006l\033[?1002l\033[?1000l"
#define INPUT_ON     "\033[?2004h\033[?1004h"
#define INPUT_OFF    "\033[?1004l\033[?2004l"
#define KITTY_PUSH   "\033[>1u"
#define KITTY_POP    "\033[<u"
#define TITLE_SAVE   "\033[22;2t"
#define TITLE_RETURN "\033[23;2t"

enum { MODE_SYNC = 2026, MODE_MARGINS = 69, MODES_MAX = TTY_RESCUE_MAX };

static void add(struct term *term, const char *text)
{
	output_add(term->output, text, strlen(text));
}

static void add_string(struct term *term, enum caps_string string)
{
	struct kl_buf text;

	kl_buf_init(&text, CAPS_STRING_MAX);
	caps_add(&term->caps, &text, string, 0, 0);
	output_add(term->output, text.data, text.len);
	kl_buf_release(&text);
}

void modes_enter(struct term *term)
{
	add_string(term, STR_ENTER);
	add_string(term, STR_ACS_INIT);
	add_string(term, STR_KEYPAD_ON);
	if (!term->caps.xterm)
		return;
	add(term, INPUT_ON);
	if (term->mouse)
		add(term, MOUSE_ON);
	if (term->kitty)
		add(term, KITTY_PUSH);
}

void modes_mouse(struct term *term, bool on)
{
	if (term->caps.xterm && term->taken)
		add(term, on ? MOUSE_ON : MOUSE_OFF);
}

/* All that ends the lab's time on the terminal. */
static void compose_leave(struct term *term, struct kl_buf *out)
{
	const struct caps *caps = &term->caps;

	if (term->title)
		kl_buf_add_str(out, TITLE_RETURN);
	if (caps->xterm)
		kl_buf_add_str(out, term->kitty ? KITTY_POP MOUSE_OFF INPUT_OFF : MOUSE_OFF INPUT_OFF);
	if (caps->sync)
		kl_buf_add_str(out, "\033[?2026l");
	if (caps->margins)
		kl_buf_add_str(out, "\033[?69l");
	caps_add(caps, out, STR_ACS_OFF, 0, 0);
	kl_buf_add_str(out, caps->sgr ? "\033[m" : "");
	if (!caps->sgr)
		caps_add(caps, out, STR_SGR0, 0, 0);
	if (!caps->strings[STR_ENTER][0]) /* no second screen: leave a clean one */
		caps_add(caps, out, STR_CLEAR, 0, 0);
	caps_add(caps, out, STR_KEYPAD_OFF, 0, 0);
	caps_add(caps, out, STR_LEAVE, 0, 0);
	caps_add(caps, out, STR_CURSOR_SHOW, 0, 0);
}

void modes_leave(struct term *term)
{
	struct kl_buf out;

	kl_buf_init(&out, MODES_MAX);
	compose_leave(term, &out);
	output_add(term->output, out.data, out.len);
	kl_buf_release(&out);
}

void modes_rescue(struct term *term)
{
	struct kl_buf out;

	kl_buf_init(&out, TTY_RESCUE_MAX);
	if (term->caps.xterm)
		kl_buf_add_str(&out, "\033\\"); /* ends what was half sent */
	compose_leave(term, &out);
	tty_rescue_set(&term->tty, out.data, out.len);
	kl_buf_release(&out);
}

/* ---- questions and answers ------------------------------------------------------------------------------------- */

void modes_ask(struct term *term)
{
	term->asked = true;
	if (!term->caps.xterm)
		return;
	add(term, "\033[?u");
	if (term->caps.asks_modes)
		add(term, "\033[?2026$p\033[?69$p");
	if (term->caps.asks_rgb) {
		add(term, "\033[48;2;1;2;3m\033P$qm\033\\");
		screen_lose_look(term->screen);
	}
	add(term, "\033[c"); /* answered by all: the end of the answers */
	term->flow.asked_ms = kl_clock_mono_ms();
}

static void learn_style(struct term *term, const struct input *input)
{
	static const char *const forms[] = { "48:2:1:2:3", "48;2;1;2;3", "48:2::1:2:3" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!memmem(input->text, input->len, forms[i], strlen(forms[i])) || term->caps.depth != DEPTH_256)
			continue;
		term->caps.depth = DEPTH_RGB;
		theme_set_depth(term->options.theme, DEPTH_RGB);
		screen_lose_cells(term->screen); /* what stands there has those of before */
		term_emit(term, &(struct term_event){ .kind = TERM_RESIZE });
	}
}

/* DECRPM: 1 set, 2 reset; 3 and 4 cannot be changed, 0 is unknown. */
static void learn_mode(struct term *term, int mode, int value)
{
	bool usable = value == 1 || value == 2;

	if (mode == MODE_SYNC)
		term->caps.sync = usable;
	if (mode == MODE_MARGINS)
		term->caps.margins = usable;
}

static void learn_kitty(struct term *term)
{
	if (term->kitty || !term->asked)
		return;
	term->kitty = true;
	if (!term->taken)
		return; /* the answer came with the key that lent the terminal: pushed when it is taken again */
	modes_rescue(term); /* first: a crash right after the push must pop */
	add(term, KITTY_PUSH);
	output_send(term->output);
}

void modes_answer(struct term *term, const struct input *input)
{
	if (!term->caps.xterm)
		return;
	switch (input->answer) {
	case ANSWER_KITTY:
		learn_kitty(term);
		break;
	case ANSWER_MODE:
		learn_mode(term, input->mode, input->value);
		break;
	case ANSWER_STYLE:
		learn_style(term, input);
		break;
	case ANSWER_DEVICE:
		if (!term->flow.answers)
			term->flow.round_trip_ms = kl_clock_mono_ms() - term->flow.asked_ms;
		term->flow.answers = true;
		break;
	case ANSWER_STATUS:
		flow_answer(term);
		return;
	case ANSWER_CURSOR:
		return;
	}
	if (term->taken)
		modes_rescue(term);
}
