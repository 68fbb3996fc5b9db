/* Lines of text to read, in a box over the screen. An overlay. */
#include "screens.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/ui/lines.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

struct viewer {
	char *title;
	struct lines lines;
	struct scroll scroll;
};

struct viewer_arg {
	const char *title;
	const struct lines *lines;
};

static void copy_line(struct lines *to, const struct line *from)
{
	struct line *line = lines_new(to, from->value);

	for (size_t i = 0; i < from->span_count; i++)
		line_add(line, from->spans[i].role, from->text + from->spans[i].start, from->spans[i].len);
	line->symbol = from->symbol;
	line->symbol_role = from->symbol_role;
}

static enum kl_status open_viewer(struct pane *pane, const void *arg, struct kl_error *err)
{
	const struct viewer_arg *from = arg;
	struct viewer *viewer = pane->state;

	(void)err;
	viewer->title = kl_strdup(from->title);
	for (size_t i = 0; i < from->lines->count; i++)
		copy_line(&viewer->lines, &from->lines->items[i]);
	return KL_OK;
}

static void close_viewer(struct pane *pane)
{
	struct viewer *viewer = pane->state;

	lines_clear(&viewer->lines);
	free(viewer->title);
}

static void draw_viewer(struct pane *pane, struct canvas *canvas)
{
	struct viewer *viewer = pane->state;
	struct rect box = { 0, 0, canvas->rows, canvas->cols };
	char keys[KEYS_NAME_MAX];
	struct canvas inner;

	if (canvas->cols > 90)
		box = (struct rect){ 1, (canvas->cols - 88) / 2, canvas->rows - 2, 88 };
	canvas_fill(canvas, box, ROLE_TEXT);
	canvas_box(canvas, box, ROLE_BORDER_FOCUS);
	canvas_str_cut(canvas, box.y, box.x + 2, ROLE_DIALOG_TITLE, viewer->title, box.cols - 4);
	keymap_name(keys, pane->app->keymap, SCOPE_VIEW, REQ_BACK);
	canvas_printf(canvas, box.y + box.rows - 1, box.x + 2, ROLE_HINT, " %s closes ", keys);
	inner = canvas_sub(canvas, (struct rect){ box.y + 1, box.x + 2, box.rows - 2, box.cols - 3 });
	viewer->scroll.rows = inner.rows;
	lines_draw(&viewer->lines, &inner, viewer->scroll.top, viewer->scroll.left, (size_t)-1);
	if (viewer->scroll.top + (size_t)inner.rows < viewer->lines.count)
		canvas_symbol(canvas, box.y + box.rows - 1, box.x + box.cols - 3, ROLE_SCROLLBAR, SYMBOL_ARROW_DOWN);
}

static enum request viewer_request(struct pane *pane, enum request request)
{
	struct viewer *viewer = pane->state;

	if (request == REQ_SELECT || request == REQ_HELP)
		app_close(pane->app, pane);
	else if (!scroll_text(&viewer->scroll, viewer->lines.count, request))
		return request;
	return REQ_NONE;
}

static bool viewer_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct viewer *viewer = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_text_by(&viewer->scroll, viewer->lines.count, mouse->wheel * 3L);
	return true;
}

static const struct pane_ops viewer_ops = {
	.name = "viewer",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct viewer),
	.open = open_viewer,
	.draw = draw_viewer,
	.request = viewer_request,
	.mouse = viewer_mouse,
	.close = close_viewer,
	.overlay = true,
};

void viewer_open(struct app *app, const char *title, const struct lines *lines)
{
	struct viewer_arg arg = { title, lines };

	app_go(app, &viewer_ops, &arg);
}
