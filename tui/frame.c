/*
 * One frame: the title, the topmost screen, the overlays above it, and the line at the bottom (news, else key hints).
 * Drawn once per turn, in the loop's idle hook, when something changed and the terminal can take it. What the focused pane
 * changed by itself it draws into the frame before; everything else is drawn anew.
 */
#include "app_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "classwork.h"
#include "term/term.h"
#include "ui/canvas.h"
#include "ui/grid.h"

enum { ROWS_MIN = 4, COLS_MIN = 20, HINT_GAP = 2 };

static void draw_title(struct app *app, struct pane *screen, struct canvas *canvas)
{
	char title[256], words[CLASSWORK_WORDS];
	enum role role =
		screen->ops->badge ? screen->ops->badge(screen, words, sizeof(words)) : classwork_words(words, app);
	int width = (int)canvas_width(words, strlen(words));

	app_title(screen, title, sizeof(title));
	canvas_fill(canvas, (struct rect){ 0, 0, 1, canvas->cols }, ROLE_TITLE);
	if (width > canvas->cols / 2)
		width = 0; /* the title is more important */
	if (width)
		canvas_str(canvas, 0, canvas->cols - 1 - width, role, words);
	canvas_str_cut(canvas, 0, 1, ROLE_TITLE, title, canvas->cols - 2 - (width ? width + 1 : 0));
	term_set_title(app->term, title);
}

static void draw_hints(const struct app *app, const struct pane *pane, struct canvas *canvas, int y)
{
	char keys[KEYS_NAME_MAX];
	int x = 1;

	for (const enum request *hint = pane->ops->hints; hint && *hint != REQ_NONE; hint++) {
		const char *word = pane->ops->hint ? pane->ops->hint(pane, *hint) : NULL;
		const char *name = word ? word : request_info(*hint)->name;
		int width;

		keymap_name(keys, app->keymap, app_scope(pane), *hint);
		width = (int)(strlen(keys) + strlen(name)) + 1;
		if (!keys[0] || !*name || x + width > canvas->cols - 1)
			continue;
		x += canvas_str(canvas, y, x, ROLE_HINT_KEY, keys) + 1;
		x += canvas_str(canvas, y, x, ROLE_HINT, name) + HINT_GAP;
	}
}

/* Too long for the row, it is cut in the middle: paths stand there, and the reason at the end. */
static void draw_status(const struct app *app, struct canvas *canvas, int y)
{
	const char *text = app->status, *tail = text + strlen(text);
	int cols = canvas->cols - 2, head = cols / 3, x;

	if (canvas_width(text, strlen(text)) <= cols) {
		canvas_str(canvas, y, 1, app->status_role, text);
		return;
	}
	x = 1 + canvas_str_cut(canvas, y, 1, app->status_role, text, head);
	while (tail > text && canvas_width(tail, strlen(tail)) < cols + 1 - x) {
		do
			tail--;
		while (tail > text && ((unsigned char)*tail & 0xc0) == 0x80);
	}
	canvas_str_cut(canvas, y, x, app->status_role, tail, cols + 1 - x);
}

static void draw_bottom(const struct app *app, const struct pane *pane, struct canvas *canvas)
{
	int y = canvas->rows - 1;

	canvas_fill(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_STATUS);
	if (app->status[0])
		draw_status(app, canvas, y);
	else
		draw_hints(app, pane, canvas, y);
}

static void draw_pane(struct pane *pane, struct canvas *canvas, bool focused)
{
	pane->focused = focused;
	pane->ops->draw(pane, canvas);
}

static bool is_too_small(const struct canvas *canvas)
{
	return canvas->rows < ROWS_MIN || canvas->cols < COLS_MIN;
}

/* Between title and bottom. */
static struct canvas body_of(const struct canvas *canvas)
{
	return canvas_sub(canvas, (struct rect){ 1, 0, canvas->rows - 2, canvas->cols });
}

static void draw_frame(struct app *app, struct canvas *canvas)
{
	size_t screen = app->depth;
	struct canvas body;

	if (is_too_small(canvas)) {
		canvas_str_cut(canvas, 0, 0, ROLE_WARNING, "The window is too small.", canvas->cols);
		return;
	}
	while (screen > 1 && app->stack[screen - 1]->overlay)
		screen--;
	body = body_of(canvas);
	draw_title(app, app->stack[screen - 1], canvas);
	draw_bottom(app, app_top(app), canvas);
	for (size_t i = screen - 1; i < app->depth; i++)
		draw_pane(app->stack[i], &body, i + 1 == app->depth);
}

static void draw_all(struct app *app)
{
	struct canvas canvas = term_begin(app->term);

	draw_frame(app, &canvas);
}

/* Into the frame before; false: more than the focused pane is to be drawn. */
static bool draw_change(struct app *app, struct canvas *canvas)
{
	struct pane *top = app_top(app);
	struct canvas body;

	if (!top->ops->redraw || !term_keep(app->term, canvas) || is_too_small(canvas))
		return false;
	body = body_of(canvas);
	return top->ops->redraw(top, &body);
}

/* For scripts: what a change made of the last frame is what drawing all makes. */
static void check_change(struct app *app, const struct grid *grid)
{
	size_t count = (size_t)grid->rows * (size_t)grid->cols;
	struct cell *cells = kl_alloc(count * sizeof(*cells));
	int y = grid->cursor_y, x = grid->cursor_x;

	memcpy(cells, grid->cells, count * sizeof(*cells));
	draw_all(app);
	for (size_t i = 0; i < count; i++)
		if (!cell_same(&cells[i], &grid->cells[i]))
			kl_die("frame: row %zu, column %zu was not drawn again", i / (size_t)grid->cols,
			       i % (size_t)grid->cols);
	if (y != grid->cursor_y || x != grid->cursor_x)
		kl_die("frame: the cursor was drawn at %d %d, is at %d %d", y, x, grid->cursor_y, grid->cursor_x);
	free(cells);
}

/* What a frame left over is done in bites between events; when it is done the frame is drawn once more. */
static void work_on(void *ctx)
{
	struct app *app = ctx;
	struct pane *top = app->depth ? app_top(app) : NULL;

	app->work = NULL;
	if (top && top->ops->work && top->ops->work(top))
		app->work = kl_loop_add_timer(app->loop, 0, work_on, app);
	else
		app_dirty(app);
}

static void plan_work(struct app *app)
{
	struct pane *top = app_top(app);

	if (!app->work && top->ops->work && top->ops->work(top))
		app->work = kl_loop_add_timer(app->loop, 0, work_on, app);
}

void frame_idle(void *ctx)
{
	struct app *app = ctx;
	enum dirty dirty = app->dirty;
	struct canvas canvas;

	if (dirty == DIRTY_NOT || app->depth == 0 || !app->term || !term_ready(app->term))
		return;
	app->dirty = DIRTY_NOT;
	if (dirty == DIRTY_ALL || !draw_change(app, &canvas))
		draw_all(app);
	else if (term_is_headless(app->term))
		check_change(app, canvas.grid);
	term_end(app->term);
	plan_work(app);
}
