/*
 * Several things asked at once: lines of text, choices, a secret, an agreement. An overlay. What the marked one means stands
 * below all of them. A secret lies in secret memory and is drawn as stars; the lab's clipboard never gets it.
 */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#include "tui/ui/canvas.h"
#include "tui/ui/field.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { FORM_COLS_MAX = 76, LABEL_COLS = 12, HELP_ROWS_MAX = 4, FRAME = 2, STARS_MAX = 256 };

struct form_row {
	char *label, *help, *choices; /* owned */
	enum form_kind kind;
	struct field *field; /* owned; a secret's: secret memory */
};

struct form {
	char *title, *button;
	struct form_row *rows;
	size_t count;
	struct scroll scroll; /* the button is the last row */
	char complaint[512]; /* stands in the help's place until the next key; "" none */
	struct rect area; /* of the rows when drawn last */
	form_fn *fn;
	void *ctx;
};

struct form_arg {
	const char *title, *button;
	const struct form_field *fields;
	size_t count;
	form_fn *fn;
	void *ctx;
};

static void open_row(struct form_row *row, const struct form_field *from)
{
	*row = (struct form_row){ .label = kl_strdup(from->label),
				  .help = kl_strdup(from->help),
				  .choices = kl_strdup(from->kind == FORM_AGREE ? "no yes" : from->choices),
				  .kind = from->kind };
	row->field =
		from->kind == FORM_SECRET ? kl_secret_alloc(sizeof(*row->field)) : kl_calloc(1, sizeof(*row->field));
	field_set(row->field, from->kind == FORM_AGREE ? "no" : from->initial ? from->initial : "");
}

static enum kl_status open_form(struct pane *pane, const void *arg, struct kl_error *err)
{
	const struct form_arg *from = arg;
	struct form *form = pane->state;

	(void)err;
	*form = (struct form){ .title = kl_strdup(from->title),
			       .button = kl_format("[ %s ]", from->button),
			       .rows = kl_calloc(from->count, sizeof(*form->rows)),
			       .count = from->count,
			       .fn = from->fn,
			       .ctx = from->ctx };
	for (size_t i = 0; i < from->count; i++)
		open_row(&form->rows[i], &from->fields[i]);
	return KL_OK;
}

static void close_form(struct pane *pane)
{
	struct form *form = pane->state;

	for (size_t i = 0; i < form->count; i++) {
		struct form_row *row = &form->rows[i];

		if (row->kind == FORM_SECRET)
			kl_secret_free(row->field);
		else
			free(row->field);
		free(row->label);
		free(row->help);
		free(row->choices);
	}
	free(form->rows);
	free(form->button);
	free(form->title);
}

const char *form_value(const struct pane *pane, size_t at)
{
	const struct form *form = pane->state;

	return form->rows[at].field->text;
}

void form_complain(struct pane *pane, const char *sentence)
{
	struct form *form = pane->state;

	snprintf(form->complaint, sizeof(form->complaint), "%s", sentence);
}

/* NULL: the button. */
static struct form_row *focused_row(const struct form *form)
{
	return form->scroll.selected < form->count ? &form->rows[form->scroll.selected] : NULL;
}

static bool is_typed(const struct form_row *row)
{
	return row && (row->kind == FORM_TEXT || row->kind == FORM_SECRET);
}

/* --- drawing ---------------------------------------------------------------------------------------------------- */

static void draw_secret(const struct field *field, struct canvas *canvas, int y, int x, int cols, bool focused)
{
	static const char stars[STARS_MAX + 1] = "****************************************************************"
						 "****************************************************************"
						 "****************************************************************"
						 "****************************************************************";
	int width = canvas_width(field->text, field->len), shown = width < cols ? width : cols - 1;

	canvas_fill(canvas, (struct rect){ y, x, 1, cols }, ROLE_FIELD);
	canvas_text(canvas, y, x, ROLE_FIELD, stars, (size_t)(shown < STARS_MAX ? shown : STARS_MAX), cols);
	if (focused)
		canvas_cursor(canvas, y, x + (shown < STARS_MAX ? shown : STARS_MAX));
}

static void draw_choice(const struct form_row *row, struct canvas *canvas, int y, int x, int cols, bool focused)
{
	char text[128];

	canvas_fill(canvas, (struct rect){ y, x, 1, cols }, ROLE_FIELD);
	snprintf(text, sizeof(text), "< %.100s >", row->field->text);
	canvas_str_cut(canvas, y, x, focused ? ROLE_BUTTON_FOCUS : ROLE_FIELD, text, cols);
}

static void draw_row(const struct form_row *row, struct canvas *canvas, int y, int cols, bool focused)
{
	int x = LABEL_COLS;

	canvas_str_cut(canvas, y, 0, focused ? ROLE_STRONG : ROLE_DIALOG, row->label, LABEL_COLS - 1);
	if (row->kind == FORM_TEXT)
		field_draw(row->field, canvas, y, x, cols - x, ROLE_FIELD, focused);
	else if (row->kind == FORM_SECRET)
		draw_secret(row->field, canvas, y, x, cols - x, focused);
	else
		draw_choice(row, canvas, y, x, cols - x, focused);
}

static struct rect box_of(const struct form *form, const struct canvas *canvas)
{
	int rows = (int)form->count + 1 + HELP_ROWS_MAX + 1 + FRAME;
	int cols = canvas->cols > FORM_COLS_MAX + 2 ? FORM_COLS_MAX : canvas->cols;

	rows = rows > canvas->rows ? canvas->rows : rows;
	return (struct rect){ (canvas->rows - rows) / 3, (canvas->cols - cols) / 2, rows, cols };
}

static void draw_rows(struct form *form, struct canvas *inner, bool focused)
{
	scroll_keep(&form->scroll, form->count + 1);
	for (int y = 0; y < form->scroll.rows && form->scroll.top + (size_t)y <= form->count; y++) {
		size_t at = form->scroll.top + (size_t)y;
		bool here = at == form->scroll.selected;

		if (at < form->count)
			draw_row(&form->rows[at], inner, y, inner->cols, here && focused);
		else
			canvas_str_cut(inner, y, LABEL_COLS, here ? ROLE_BUTTON_FOCUS : ROLE_BUTTON, form->button,
				       inner->cols - LABEL_COLS);
	}
}

static void draw_form(struct pane *pane, struct canvas *canvas)
{
	struct form *form = pane->state;
	const struct form_row *row = focused_row(form);
	struct rect box = box_of(form, canvas);
	struct canvas inner = canvas_sub(canvas, (struct rect){ box.y + 1, box.x + 2, box.rows - 2, box.cols - 4 });
	struct rect below;
	int help = inner.rows > 2 * HELP_ROWS_MAX ? HELP_ROWS_MAX : inner.rows / 2;

	canvas_fill(canvas, box, ROLE_DIALOG);
	canvas_box(canvas, box, ROLE_BORDER_FOCUS);
	canvas_str_cut(canvas, box.y, box.x + 2, ROLE_DIALOG_TITLE, form->title, box.cols - 4);
	form->scroll.rows = inner.rows - help - 1;
	form->area = (struct rect){ box.y + 1, box.x + 2, form->scroll.rows, inner.cols };
	draw_rows(form, &inner, pane->focused);
	canvas_hline(&inner, form->scroll.rows, 0, inner.cols, ROLE_BORDER);
	below = (struct rect){ form->scroll.rows + 1, 0, help, inner.cols };
	if (form->complaint[0])
		canvas_wrapped(&inner, below, ROLE_ERROR, form->complaint);
	else
		canvas_wrapped(&inner, below, ROLE_DIALOG,
			       row ? row->help : "Enter does it. Up goes back; Esc leaves everything as it was.");
}

/* --- doing ------------------------------------------------------------------------------------------------------ */

/* The choice that comes by places behind the one that is taken, round the list. */
static void turn(struct form_row *row, int by)
{
	char *words = kl_strdup(row->choices), *word, *rest = NULL;
	const char *all[32];
	int count = 0, now = 0;

	for (word = strtok_r(words, " ", &rest); word && count < 32; word = strtok_r(NULL, " ", &rest)) {
		if (strcmp(word, row->field->text) == 0)
			now = count;
		all[count++] = word;
	}
	if (count)
		field_set(row->field, all[(now + by + count) % count]);
	free(words);
}

static void submit(struct pane *pane)
{
	struct form *form = pane->state;

	form->fn(pane->app, pane, form->ctx);
}

static bool change_row(struct pane *pane, struct form_row *row, enum request request)
{
	struct app *app = pane->app;

	if (!row)
		return false;
	if (is_typed(row) && request == REQ_PASTE) {
		if (app->clipboard)
			field_insert(row->field, app->clipboard, app->clipboard_len);
		return true;
	}
	if (is_typed(row))
		return field_request(row->field, request);
	if (request == REQ_LEFT || request == REQ_RIGHT)
		turn(row, request == REQ_LEFT ? -1 : 1);
	return request == REQ_LEFT || request == REQ_RIGHT;
}

static enum request form_request(struct pane *pane, enum request request)
{
	struct form *form = pane->state;
	struct form_row *row = focused_row(form);

	form->complaint[0] = '\0';
	if (request == REQ_RUN || request == REQ_SUBMIT || (request == REQ_SELECT && !row))
		submit(pane);
	else if (request == REQ_SELECT || request == REQ_NEXT_TAB || request == REQ_DOWN)
		scroll_list_by(&form->scroll, form->count + 1, 1);
	else if (request == REQ_PREV_TAB || request == REQ_UP)
		scroll_list_by(&form->scroll, form->count + 1, -1);
	else if (!change_row(pane, row, request))
		return request;
	return REQ_NONE;
}

static void form_text(struct pane *pane, const char *utf8, size_t len, bool pasted)
{
	struct form *form = pane->state;
	struct form_row *row = focused_row(form);

	(void)pasted;
	form->complaint[0] = '\0';
	if (is_typed(row))
		field_insert(row->field, utf8, len);
	else if (row && len == 1 && *utf8 == ' ')
		turn(row, 1);
}

static bool form_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct form *form = pane->state;
	size_t at = form->scroll.top + (size_t)(mouse->y - form->area.y);

	if (mouse->kind != MOUSE_PRESS || !rect_holds(form->area, mouse->y, mouse->x) || at > form->count)
		return false;
	form->scroll.selected = at;
	if (at == form->count)
		submit(pane);
	else if (!is_typed(&form->rows[at]))
		turn(&form->rows[at], 1);
	return true;
}

static const enum request form_hints[] = { REQ_SELECT, REQ_NEXT_TAB, REQ_BACK, REQ_NONE };

static const struct pane_ops form_ops = {
	.name = "form",
	.scope = SCOPE_FIELD,
	.state_size = sizeof(struct form),
	.open = open_form,
	.draw = draw_form,
	.request = form_request,
	.text = form_text,
	.mouse = form_mouse,
	.hints = form_hints,
	.close = close_form,
	.overlay = true,
};

void form_open(struct app *app, const char *title, const char *button, const struct form_field *fields, size_t count,
	       form_fn *fn, void *ctx)
{
	struct form_arg arg = { title, button, fields, count, fn, ctx };

	app_go(app, &form_ops, &arg);
}
