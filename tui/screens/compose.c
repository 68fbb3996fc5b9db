/* Several lines of text in a box: an own test input. An overlay around an editor. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/text.h>

#include "tui/editor/editor.h"
#include "tui/editor/host.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"

struct compose {
	char *title;
	struct kl_text *text;
	struct editor *editor;
	struct rect area;
	prompt_fn *fn;
	void *ctx;
};

struct compose_arg {
	const char *title, *initial;
	prompt_fn *fn;
	void *ctx;
};

static enum kl_status open_compose(struct pane *pane, const void *arg, struct kl_error *err)
{
	const struct compose_arg *from = arg;
	struct compose *compose = pane->state;
	const char *initial = from->initial ? from->initial : "";

	(void)err;
	compose->title = kl_strdup(from->title);
	compose->fn = from->fn;
	compose->ctx = from->ctx;
	compose->text = kl_text_new(initial, strlen(initial));
	compose->editor = host_editor(pane->app, compose->text, NULL, NULL);
	if (pane->app->composed && strcmp(initial, pane->app->composed) == 0)
		editor_set_cursor(compose->editor, pane->app->composed_cursor);
	return KL_OK;
}

static void close_compose(struct pane *pane)
{
	struct compose *compose = pane->state;

	editor_free(compose->editor);
	kl_text_free(compose->text);
	free(compose->title);
}

static void draw_compose(struct pane *pane, struct canvas *canvas)
{
	struct compose *compose = pane->state;
	int rows = canvas->rows > 16 ? 14 : canvas->rows, cols = canvas->cols > 76 ? 72 : canvas->cols;
	struct rect box = { (canvas->rows - rows) / 2, (canvas->cols - cols) / 2, rows, cols };
	char go_on[KEYS_NAME_MAX], leave[KEYS_NAME_MAX], hint[2 * KEYS_NAME_MAX + 32];
	struct canvas inner;

	compose->area = (struct rect){ box.y + 1, box.x + 1, rows - 2, cols - 2 };
	canvas_fill(canvas, box, ROLE_TEXT);
	canvas_box(canvas, box, ROLE_BORDER_FOCUS);
	canvas_str_cut(canvas, box.y, box.x + 2, ROLE_DIALOG_TITLE, compose->title, cols - 4);
	keymap_name(go_on, pane->app->keymap, SCOPE_EDITOR, REQ_SAVE);
	keymap_name(leave, pane->app->keymap, SCOPE_EDITOR, REQ_BACK);
	snprintf(hint, sizeof(hint), " %s goes on   %s leaves ", go_on, leave);
	canvas_str_cut(canvas, box.y + rows - 1, box.x + 2, ROLE_HINT, hint, cols - 4);
	inner = canvas_sub(canvas, compose->area);
	editor_draw(compose->editor, &inner, pane->focused);
}

static void take(struct pane *pane)
{
	struct compose *compose = pane->state;
	struct app *app = pane->app;
	prompt_fn *fn = compose->fn;
	void *ctx = compose->ctx;
	char *text = kl_text_dup(compose->text, NULL);

	app->composed = text;
	app->composed_cursor = editor_cursor(compose->editor);
	app_close(app, pane);
	fn(app, ctx, text);
	app->composed = NULL;
	free(text);
}

static enum request compose_request(struct pane *pane, enum request request)
{
	struct compose *compose = pane->state;

	request = editor_request(compose->editor, request);
	if (request != REQ_SAVE && request != REQ_RUN)
		return request;
	take(pane);
	return REQ_NONE;
}

static void compose_text(struct pane *pane, const char *utf8, size_t len, bool pasted)
{
	editor_insert(((struct compose *)pane->state)->editor, utf8, len, pasted);
}

static enum scope compose_scope(const struct pane *pane)
{
	return editor_scope(((const struct compose *)pane->state)->editor);
}

static bool compose_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct compose *compose = pane->state;
	struct mouse inner = *mouse;

	inner.y -= compose->area.y;
	inner.x -= compose->area.x;
	return editor_mouse(compose->editor, &inner);
}

static const struct pane_ops compose_ops = {
	.name = "compose",
	.scope = SCOPE_EDITOR,
	.scope_now = compose_scope,
	.state_size = sizeof(struct compose),
	.open = open_compose,
	.draw = draw_compose,
	.request = compose_request,
	.text = compose_text,
	.mouse = compose_mouse,
	.close = close_compose,
	.overlay = true,
};

void compose_open(struct app *app, const char *title, const char *initial, prompt_fn *fn, void *ctx)
{
	struct compose_arg arg = { title, initial, fn, ctx };

	app_go(app, &compose_ops, &arg);
}
