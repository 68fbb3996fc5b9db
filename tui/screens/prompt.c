/* One line of text at the bottom of the screen. An overlay. */
#include "screens.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/ui/canvas.h"
#include "tui/ui/field.h"

struct prompt {
	char *title;
	struct field field;
	prompt_fn *fn;
	void *ctx;
};

struct prompt_arg {
	const char *title, *initial;
	prompt_fn *fn;
	void *ctx;
};

static enum kl_status open_prompt(struct pane *pane, const void *arg, struct kl_error *err)
{
	const struct prompt_arg *from = arg;
	struct prompt *prompt = pane->state;

	(void)err;
	prompt->title = kl_strdup(from->title);
	prompt->fn = from->fn;
	prompt->ctx = from->ctx;
	field_set(&prompt->field, from->initial ? from->initial : "");
	return KL_OK;
}

static void close_prompt(struct pane *pane)
{
	free(((struct prompt *)pane->state)->title);
}

static void draw_prompt(struct pane *pane, struct canvas *canvas)
{
	struct prompt *prompt = pane->state;
	int y = canvas->rows - 1, x;

	canvas_fill(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_DIALOG);
	x = 1 + canvas_str_cut(canvas, y, 1, ROLE_DIALOG_TITLE, prompt->title, canvas->cols / 2);
	field_draw(&prompt->field, canvas, y, x + 1, canvas->cols - x - 2, ROLE_FIELD, pane->focused);
}

static enum request prompt_request(struct pane *pane, enum request request)
{
	struct prompt *prompt = pane->state;
	struct app *app = pane->app;

	if (request == REQ_SELECT) {
		prompt_fn *fn = prompt->fn;
		void *ctx = prompt->ctx;
		char *text = kl_strdup(prompt->field.text);

		app_close(app, pane);
		fn(app, ctx, text);
		free(text);
		return REQ_NONE;
	}
	if (request == REQ_PASTE && app->clipboard)
		field_insert(&prompt->field, app->clipboard, app->clipboard_len);
	else if (!field_request(&prompt->field, request))
		return request;
	return REQ_NONE;
}

static void prompt_text(struct pane *pane, const char *utf8, size_t len, bool pasted)
{
	(void)pasted;
	field_insert(&((struct prompt *)pane->state)->field, utf8, len);
}

static const enum request prompt_hints[] = { REQ_SELECT, REQ_BACK, REQ_NONE };

static const char *prompt_hint(const struct pane *pane, enum request request)
{
	(void)pane;
	return request == REQ_SELECT ? "done" : NULL;
}

static const struct pane_ops prompt_ops = {
	.name = "prompt",
	.scope = SCOPE_FIELD,
	.state_size = sizeof(struct prompt),
	.open = open_prompt,
	.draw = draw_prompt,
	.request = prompt_request,
	.text = prompt_text,
	.hints = prompt_hints,
	.hint = prompt_hint,
	.close = close_prompt,
	.overlay = true,
};

void prompt_open(struct app *app, const char *title, const char *initial, prompt_fn *fn, void *ctx)
{
	struct prompt_arg arg = { title, initial, fn, ctx };

	app_go(app, &prompt_ops, &arg);
}
