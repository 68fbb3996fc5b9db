/* The terminal's life and what comes from it: see term.h. */
#include "term_int.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/loop.h>
#include <kodelab/visible.h>

#include "clipboard.h"
#include "script_int.h"

enum {
	READ_SIZE = 4096,
	READS_PER_TURN = 16,
	DRAIN_MS = 300,
	LAST_ANSWER_MS = 500,
	LONG_WAIT_MS = 100, /* for the rest of a sequence */
	DOUBLE_CLICK_MS = 400,
	TITLE_MAX = 200,
	FRAME_MAX = 8 << 20,
};

/* ---- events ---------------------------------------------------------------------------------------------------- */

void term_emit(struct term *term, const struct term_event *event)
{
	term->fn(term->ctx, event);
}

void term_gone(struct term *term)
{
	if (term->gone)
		return;
	term->gone = true;
	kl_watch_remove(term->watch);
	term->watch = NULL;
	flow_reset(term);
	tty_rescue_clear();
	term_emit(term, &(struct term_event){ .kind = TERM_HANGUP });
}

static void on_output(void *ctx, bool failed)
{
	if (failed)
		term_gone(ctx);
}

static void count_clicks(struct term *term, struct mouse *mouse)
{
	int64_t now_ms = kl_clock_mono_ms();
	bool again = now_ms - term->press_ms < DOUBLE_CLICK_MS && mouse->button == term->press.button &&
		     mouse->y == term->press.y && mouse->x == term->press.x;

	if (mouse->kind != MOUSE_PRESS)
		return;
	mouse->clicks = again ? term->press.clicks % 3 + 1 : 1;
	term->press = *mouse;
	term->press_ms = now_ms;
}

static void emit_mouse(struct term *term, struct mouse mouse)
{
	if (!term->mouse || mouse.y >= term->rows || mouse.x >= term->cols)
		return;
	count_clicks(term, &mouse);
	term_emit(term, &(struct term_event){ .kind = TERM_MOUSE, .mouse = mouse });
}

static void on_input(void *ctx, const struct input *input)
{
	struct term *term = ctx;

	if (!term->taken && input->kind != INPUT_ANSWER)
		return; /* typed while the last answers were waited for */
	switch (input->kind) {
	case INPUT_KEY:
		flow_key(term, input->key);
		term_emit(term, &(struct term_event){ .kind = TERM_KEY, .key = input->key });
		break;
	case INPUT_MOUSE:
		emit_mouse(term, input->mouse);
		break;
	case INPUT_PASTE:
		term_emit(term, &(struct term_event){ .kind = TERM_PASTE, .text = input->text, .len = input->len });
		break;
	case INPUT_FOCUS:
		term_emit(term, &(struct term_event){ .kind = TERM_FOCUS, .focused = input->value });
		break;
	case INPUT_ANSWER:
		modes_answer(term, input);
		break;
	}
}

static void esc_timeout(void *ctx)
{
	struct term *term = ctx;

	term->esc_timer = NULL;
	keys_timeout(&term->keys);
}

void term_feed(struct term *term, const char *bytes, size_t len)
{
	int64_t delay_ms = flow_esc_delay_ms(term);

	kl_timer_cancel(term->esc_timer);
	term->esc_timer = NULL;
	keys_feed(&term->keys, bytes, len);
	if (keys_waiting(&term->keys) == KEYS_WAIT_LONG)
		delay_ms = LONG_WAIT_MS;
	if (keys_waiting(&term->keys) != KEYS_WAIT_NONE)
		term->esc_timer = kl_loop_add_timer(term->loop, delay_ms, esc_timeout, term);
}

static void read_input(void *ctx, int fd, short revents)
{
	struct term *term = ctx;
	char bytes[READ_SIZE];

	for (int i = 0; i < READS_PER_TURN && !term->gone && term->taken; i++) {
		ssize_t got = read(fd, bytes, sizeof(bytes));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (got <= 0) {
			term_gone(term);
			return;
		}
		term_feed(term, bytes, (size_t)got);
		kl_wipe(bytes, (size_t)got); /* a secret may be typed */
		if ((size_t)got < sizeof(bytes))
			break;
	}
	if ((revents & (POLLHUP | POLLERR | POLLNVAL)) && !(revents & POLLIN))
		term_gone(term);
}

/* ---- taking and giving back ------------------------------------------------------------------------------------ */

static void nothing(void *ctx)
{
	(void)ctx;
}

static void take(struct term *term)
{
	tty_set_raw(&term->tty);
	term->taken = true;
	screen_forget(term->screen);
	modes_enter(term);
	modes_rescue(term);
	kl_loop_add_timer(term->loop, 0, nothing, NULL); /* a turn comes at once, and the first frame with it */
	if (!term->watch)
		term->watch = kl_loop_add_fd(term->loop, term->tty.fd, POLLIN, read_input, term);
}

static bool answer_is_due(const struct term *term)
{
	bool first = term->asked && !term->flow.answers;

	return term->flow.asked || (first && kl_clock_mono_ms() - term->flow.asked_ms < LAST_ANSWER_MS);
}

/* An answer that is still under way would be read by the shell as if it had been typed. */
static void await_answers(struct term *term)
{
	int64_t end_ms = kl_clock_mono_ms() + LAST_ANSWER_MS;
	struct pollfd ready = { .fd = term->tty.fd, .events = POLLIN };
	char bytes[READ_SIZE];

	while (answer_is_due(term)) {
		int64_t left_ms = end_ms - kl_clock_mono_ms();
		ssize_t got;

		if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) <= 0)
			return;
		got = read(term->tty.fd, bytes, sizeof(bytes));
		if (got <= 0)
			return;
		keys_feed(&term->keys, bytes, (size_t)got);
	}
}

static void give_back(struct term *term)
{
	if (!term->taken)
		return;
	term->taken = false;
	kl_timer_cancel(term->esc_timer);
	term->esc_timer = NULL;
	kl_watch_remove(term->watch);
	term->watch = NULL;
	if (!term->gone) {
		modes_leave(term);
		output_send(term->output);
		output_drain(term->output, DRAIN_MS);
		await_answers(term);
		tty_restore(&term->tty);
	}
	flow_reset(term);
	free(term->title);
	term->title = NULL;
	tty_rescue_clear();
}

static void look_at_size(struct term *term)
{
	int rows, cols;

	tty_size(&term->tty, &rows, &cols);
	if (rows == term->rows && cols == term->cols)
		return;
	term->rows = rows;
	term->cols = cols;
	screen_resize(term->screen, rows, cols);
}

static void resized(struct term *term)
{
	term_emit(term, &(struct term_event){ .kind = TERM_RESIZE });
}

static void take_again(struct term *term)
{
	look_at_size(term);
	take(term);
	resized(term);
}

void term_lend(struct term *term)
{
	if (!term->headless)
		give_back(term);
}

void term_take(struct term *term)
{
	if (term->headless)
		resized(term);
	else if (!term->taken && !term->gone)
		take_again(term);
}

/* ---- signals --------------------------------------------------------------------------------------------------- */

static void on_resize(void *ctx, int signo)
{
	struct term *term = ctx;
	int rows = term->rows, cols = term->cols;

	(void)signo;
	if (!term->taken)
		return;
	look_at_size(term);
	if (rows != term->rows || cols != term->cols)
		resized(term);
}

static void on_stop(void *ctx, int signo)
{
	(void)signo;
	term_suspend(ctx);
}

/* Somebody stopped us without asking (SIGSTOP): the shell has had the terminal meanwhile. */
static void on_continue(void *ctx, int signo)
{
	struct term *term = ctx;
	bool kitty = term->kitty;

	(void)signo;
	if (!term->taken)
		return;
	term->kitty = false; /* what was pushed still is: not twice */
	take_again(term);
	term->kitty = kitty;
	modes_rescue(term);
}

static void on_hangup(void *ctx, int signo)
{
	(void)signo;
	term_gone(ctx);
}

static void on_terminate(void *ctx, int signo)
{
	term_emit(ctx, &(struct term_event){ .kind = TERM_TERMINATE, .signo = signo });
}

/* clang-format off */
static const struct {
	int signo;
	kl_loop_signal_fn *fn;
} signals[] = {
	{ SIGWINCH, on_resize }, { SIGTSTP, on_stop },      { SIGCONT, on_continue },
	{ SIGHUP, on_hangup },   { SIGTERM, on_terminate }, { SIGINT, on_terminate },
	{ SIGQUIT, on_terminate },
};
/* clang-format on */

static void ignore_signal(void *ctx, int signo)
{
	(void)ctx;
	(void)signo;
}

/* Stops the process group as the tty's C-z would. In an orphaned group the kernel ignores that, and no SIGCONT follows. */
static bool stop_here(void)
{
	struct sigaction normal = { .sa_handler = SIG_DFL };
	struct timespec none = { 0 };
	sigset_t stop, cont;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigemptyset(&cont);
	sigaddset(&cont, SIGCONT);
	sigaction(SIGTSTP, &normal, NULL);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL); /* here we stand still */
	sigprocmask(SIG_BLOCK, &stop, NULL);
	return sigtimedwait(&cont, NULL, &none) == SIGCONT;
}

bool term_suspend(struct term *term)
{
	bool stopped;

	if (term->headless || !term->taken || term->gone)
		return false;
	give_back(term);
	stopped = stop_here();
	take_again(term);
	return stopped;
}

/* ---- life ------------------------------------------------------------------------------------------------------ */

static struct term *term_new(struct kl_loop *loop, const struct term_options *options, term_event_fn *fn, void *ctx)
{
	struct term *term = kl_calloc(1, sizeof(*term));

	term->loop = loop;
	term->options = *options;
	term->mouse = options->mouse;
	term->fn = fn;
	term->ctx = ctx;
	flow_init(&term->flow);
	kl_buf_init(&term->scratch, FRAME_MAX);
	return term;
}

static void open_keys(struct term *term)
{
	keys_init(&term->keys, term->caps.utf8, on_input, term);
	if (term->tty.saved.c_cc[VERASE] == '\b')
		term->keys.erase = '\b';
	for (size_t i = 0; i < term->caps.key_count; i++)
		keys_add_string(&term->keys, term->caps.keys[i].name, term->caps.keys[i].bytes);
}

enum kl_status term_open(struct term **out, struct kl_loop *loop, const struct term_options *options, term_event_fn *fn,
			 void *ctx, struct kl_error *err)
{
	struct term *term = term_new(loop, options, fn, ctx);
	enum kl_status status;

	if ((status = tty_open(&term->tty, err)))
		goto refused;
	if ((status = caps_load(&term->caps, getenv("TERM"), err))) {
		tty_close(&term->tty);
		goto refused;
	}
	caps_set_color(&term->caps, options->color, options->force_color);
	theme_set_depth(options->theme, term->caps.depth);
	open_keys(term);
	tty_size(&term->tty, &term->rows, &term->cols);
	term->screen = screen_new(&term->caps, term->rows, term->cols);
	term->output = output_new(loop, term->tty.fd, on_output, term);
	for (size_t i = 0; i < KL_LENGTH(signals); i++)
		kl_loop_on_signal(loop, signals[i].signo, signals[i].fn, term);
	take(term);
	*out = term;
	return KL_OK;
refused:
	kl_buf_release(&term->scratch);
	free(term);
	return status;
}

struct term *term_open_headless(struct kl_loop *loop, const struct term_options *options, int rows, int cols,
				term_event_fn *fn, void *ctx)
{
	struct term *term = term_new(loop, options, fn, ctx);

	term->headless = term->taken = true;
	term->rows = rows;
	term->cols = cols;
	term->screen = screen_new(NULL, rows, cols);
	keys_init(&term->keys, true, on_input, term);
	return term;
}

void term_close(struct term *term)
{
	if (!term)
		return;
	if (!term->headless) {
		give_back(term);
		for (size_t i = 0; i < KL_LENGTH(signals); i++)
			kl_loop_on_signal(term->loop, signals[i].signo, ignore_signal, NULL);
		output_free(term->output);
		tty_close(&term->tty);
	}
	kl_timer_cancel(term->esc_timer);
	script_free(term->script);
	screen_free(term->screen);
	keys_release(&term->keys);
	kl_buf_release(&term->scratch);
	free(term->title);
	free(term);
}

/* ---- small services -------------------------------------------------------------------------------------------- */

bool term_is_headless(const struct term *term)
{
	return term->headless;
}

int term_rows(const struct term *term)
{
	return term->rows;
}

int term_cols(const struct term *term)
{
	return term->cols;
}

void term_redraw(struct term *term)
{
	screen_forget(term->screen);
}

void term_resize(struct term *term, int rows, int cols)
{
	term->rows = rows;
	term->cols = cols;
	screen_resize(term->screen, rows, cols);
	resized(term);
}

const struct grid *term_grid(const struct term *term)
{
	return screen_grid(term->screen);
}

void term_set_theme(struct term *term, struct theme *theme)
{
	term->options.theme = theme;
	if (!term->headless)
		theme_set_depth(theme, term->caps.depth);
	screen_forget(term->screen);
}

void term_set_mouse(struct term *term, bool on)
{
	if (term->mouse == on)
		return;
	term->mouse = on;
	if (term->headless)
		return;
	modes_mouse(term, on);
	output_send(term->output);
}

static void add(struct term *term, const char *text)
{
	output_add(term->output, text, strlen(text));
}

/* GNU screen takes OSC strings for its own use. */
static bool has_title(const struct term *term)
{
	return !term->headless && term->options.title && term->caps.xterm && term->taken &&
	       strncmp(term->caps.name, "screen", strlen("screen")) != 0;
}

void term_set_title(struct term *term, const char *title)
{
	char *clean;

	if (!has_title(term))
		return;
	clean = kl_visible_dup(title, term->caps.utf8 ? 0 : KL_VISIBLE_ASCII);
	/* half a character would take the end of the sequence with it */
	clean[kl_utf8_fit(clean, strlen(clean), TITLE_MAX)] = '\0';
	if (term->title && strcmp(term->title, clean) == 0) {
		free(clean);
		return;
	}
	if (!term->title)
		add(term, "\033[22;2t"); /* the title that was there is kept by the terminal */
	free(term->title);
	term->title = clean;
	add(term, "\033]2;");
	add(term, clean);
	add(term, "\033\\");
	modes_rescue(term);
}

void term_bell(struct term *term)
{
	if (term->headless || !term->taken)
		return;
	add(term, "\a");
	output_send(term->output);
}

enum kl_status term_copy(struct term *term, const char *text, size_t len, struct kl_error *err)
{
	enum kl_status status;
	struct kl_buf sequence;

	if (term->headless || !term->options.clipboard || !term->caps.xterm || !term->taken)
		return kl_fail(err, KL_EINVAL,
			       "this terminal's clipboard is not used; it can be pasted inside the lab");
	kl_buf_init(&sequence, (size_t)2 * CLIPBOARD_MAX);
	status = clipboard_sequence(&sequence, text, len, err);
	if (!status) {
		output_add(term->output, sequence.data, sequence.len);
		output_send(term->output);
	}
	kl_buf_release(&sequence);
	return status;
}

void term_describe(const struct term *term, char *text, size_t size)
{
	static const char *const depths[] = {
		[DEPTH_MONO] = "no colours", [DEPTH_8] = "8 colours",       [DEPTH_16] = "16 colours",
		[DEPTH_256] = "256 colours", [DEPTH_RGB] = "24-bit colour",
	};

	if (term->headless) {
		snprintf(text, size, "no terminal, %dx%d", term->cols, term->rows);
		return;
	}
	snprintf(text, size, "%s%s, %dx%d, %s%s%s%s", term->caps.name, term->caps.fallback ? " (built-in entry)" : "",
		 term->cols, term->rows, depths[term->caps.depth], term->caps.sync ? ", synchronized output" : "",
		 term->caps.margins ? ", left and right margins" : "", term->kitty ? ", kitty keyboard" : "");
}
