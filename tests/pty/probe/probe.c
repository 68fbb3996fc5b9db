/*
 * The smallest program on tui/term: three panes and a text field, to hold the terminal layer to its manners without
 * the lab around it. usage: probe [file [theme [script]]]; C-q leaves, C-z suspends, C-c copies the line, PageDown and the wheel scroll.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>

#include "tui/term/script.h"
#include "tui/term/term.h"

enum { LINES_MAX = 20000, TEXT_MAX = 1 << 20 };

struct probe {
	struct kl_loop *loop;
	struct term *term;
	struct kl_buf text; /* what was typed */
	struct kl_buf file;
	const char *lines[LINES_MAX];
	int line_count, top, drawn_top;
	char last[64];
	bool dirty;
};

static void type(struct probe *probe, struct key key)
{
	char utf8[4];

	kl_buf_add(&probe->text, utf8, key_text(utf8, key));
	if (key.code == KEY_BACKSPACE && probe->text.len)
		kl_buf_cut(&probe->text, probe->text.len - 1);
	if (key.code == KEY_ENTER)
		kl_buf_clear(&probe->text);
	if (key.code == KEY_PAGE_DOWN)
		probe->top += term_rows(probe->term) - 2;
	if (key.code == KEY_PAGE_UP)
		probe->top -= term_rows(probe->term) - 2;
	if (key.code == KEY_DOWN)
		probe->top++;
	if (key.code == KEY_UP)
		probe->top--;
	if (probe->top < 0)
		probe->top = 0;
}

static void on_key(struct probe *probe, struct key key)
{
	struct kl_error err;

	key_name(probe->last, key);
	if (strcmp(probe->last, "C-q") == 0)
		kl_loop_stop(probe->loop);
	else if (strcmp(probe->last, "C-z") == 0)
		term_suspend(probe->term);
	else if (strcmp(probe->last, "C-c") == 0 && term_copy(probe->term, probe->text.data, probe->text.len, &err))
		snprintf(probe->last, sizeof(probe->last), "%.60s", err.message);
	else
		type(probe, key);
}

static void on_event(void *ctx, const struct term_event *event)
{
	struct probe *probe = ctx;

	probe->dirty = true;
	switch (event->kind) {
	case TERM_KEY:
		on_key(probe, event->key);
		break;
	case TERM_PASTE:
		kl_buf_add(&probe->text, event->text, event->len);
		break;
	case TERM_MOUSE:
		probe->top += event->mouse.wheel * 3;
		probe->top = probe->top < 0 ? 0 : probe->top;
		snprintf(probe->last, sizeof(probe->last), "mouse %d %d %d", event->mouse.y, event->mouse.x,
			 event->mouse.clicks);
		break;
	case TERM_FOCUS:
		snprintf(probe->last, sizeof(probe->last), "focus %s", event->focused ? "in" : "out");
		break;
	case TERM_RESIZE:
	case TERM_READY:
		break;
	case TERM_TERMINATE:
	case TERM_HANGUP:
		kl_loop_stop(probe->loop);
		break;
	}
}

static void draw_file(struct probe *probe, struct canvas *canvas)
{
	for (int y = 0; y < canvas->rows && probe->top + y < probe->line_count; y++) {
		const char *line = probe->lines[probe->top + y];

		canvas_printf(canvas, y, 0, ROLE_GUTTER, "%5d", probe->top + y + 1);
		canvas_text(canvas, y, 6, ROLE_OF_TOKEN((probe->top + y) % 3), line, strcspn(line, "\n"), -1);
	}
	if (probe->drawn_top != probe->top)
		canvas_scrolled(canvas, (struct rect){ 0, 0, canvas->rows, canvas->cols }, probe->top - probe->drawn_top);
	probe->drawn_top = probe->top;
}

static void draw(void *ctx)
{
	struct probe *probe = ctx;
	struct canvas all, pane;
	int left, used;

	if (!probe->dirty || !term_ready(probe->term))
		return;
	probe->dirty = false;
	all = term_begin(probe->term);
	left = all.cols * 3 / 10;
	canvas_str(&all, 0, 0, ROLE_TITLE, "probe ready");
	canvas_vline(&all, 1, left, all.rows - 2, ROLE_BORDER);
	canvas_vline(&all, 1, left + left + left / 2, all.rows - 2, ROLE_BORDER);
	pane = canvas_sub(&all, (struct rect){ 1, left + 1, all.rows - 2, left + left / 2 - 1 });
	draw_file(probe, &pane);
	canvas_fill(&all, (struct rect){ all.rows - 1, 0, 1, all.cols }, ROLE_STATUS);
	canvas_str(&all, all.rows - 1, all.cols - 20, ROLE_STATUS, probe->last);
	used = canvas_text(&all, all.rows - 1, 0, ROLE_FIELD, probe->text.data, probe->text.len, all.cols - 22);
	canvas_cursor(&all, all.rows - 1, used);
	term_end(probe->term);
}

static void read_file(struct probe *probe, const char *path)
{
	struct kl_error err;

	kl_buf_init(&probe->file, TEXT_MAX);
	if (!path || kl_file_read(&probe->file, path, &err))
		return;
	for (const char *at = probe->file.data; at && *at && probe->line_count < LINES_MAX;) {
		probe->lines[probe->line_count++] = at;
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
}

static enum kl_status open_terminal(struct probe *probe, const struct term_options *options, const char *script,
				    struct kl_error *err)
{
	if (script)
		return script_open(&probe->term, probe->loop, options, script, on_event, probe, err);
	return term_open(&probe->term, probe->loop, options, on_event, probe, err);
}

int main(int argc, char **argv)
{
	static struct probe probe = { .dirty = true };
	struct term_options options = { .mouse = true, .color = true, .title = true, .clipboard = true };
	struct kl_error err;
	int status;

	setlocale(LC_ALL, "");
	kl_buf_init(&probe.text, TEXT_MAX);
	read_file(&probe, argc > 1 ? argv[1] : NULL);
	if (argc > 2 && theme_open(&options.theme, argv[2], &err))
		fprintf(stderr, "%s\n", err.message);
	if (!options.theme)
		options.theme = theme_builtin(true);
	if (kl_loop_open(&probe.loop, &err) || open_terminal(&probe, &options, argc > 3 ? argv[3] : NULL, &err)) {
		fprintf(stderr, "probe: %s\n", err.message);
		return 2;
	}
	kl_loop_on_idle(probe.loop, draw, &probe);
	term_set_title(probe.term, "probe");
	kl_loop_run(probe.loop);
	status = argc > 3 ? script_status(probe.term) : 0;
	term_close(probe.term);
	theme_free(options.theme);
	kl_loop_close(probe.loop);
	kl_buf_release(&probe.text);
	kl_buf_release(&probe.file);
	return status;
}
