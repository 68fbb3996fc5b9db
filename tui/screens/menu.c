/* Choosing from a list by typing a part of it: the palette, languages, filters. An overlay. */
#include "screens.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/ui/canvas.h"
#include "tui/ui/field.h"
#include "tui/ui/fuzzy.h"
#include "tui/ui/mouse.h"

enum { MENU_COLS_MAX = 76, MENU_COLS_MIN = 24, FRAME = 2 };

struct menu_row {
	size_t item;
	int score;
};

struct menu {
	char *title;
	struct menu_item *items; /* label and note owned */
	size_t count;
	struct menu_row *rows; /* items that match, best first */
	size_t row_count, chosen, top;
	struct field filter;
	menu_fn *fn;
	void *ctx;
	struct rect area; /* of the list when drawn last */
};

static int by_score(const void *a, const void *b)
{
	const struct menu_row *one = a, *other = b;

	if (one->score != other->score)
		return one->score > other->score ? -1 : 1;
	return one->item < other->item ? -1 : one->item > other->item;
}

static void match_items(struct menu *menu)
{
	int best = 0;

	menu->row_count = menu->chosen = menu->top = 0;
	for (size_t i = 0; i < menu->count; i++) {
		int score = fuzzy_score(menu->filter.text, menu->items[i].label);

		best = score > best ? score : best;
		if (score > 0)
			menu->rows[menu->row_count++] = (struct menu_row){ i, score };
	}
	qsort(menu->rows, menu->row_count, sizeof(*menu->rows), by_score);
	while (menu->row_count > 0 && menu->rows[menu->row_count - 1].score < fuzzy_least(best))
		menu->row_count--;
}

struct menu_arg {
	const char *title;
	const struct menu_item *items;
	size_t count;
	intptr_t chosen;
	menu_fn *fn;
	void *ctx;
};

static enum kl_status open_menu(struct pane *pane, const void *arg, struct kl_error *err)
{
	const struct menu_arg *from = arg;
	struct menu *menu = pane->state;

	(void)err;
	menu->title = kl_strdup(from->title);
	menu->items = kl_calloc(from->count + 1, sizeof(*menu->items));
	menu->rows = kl_calloc(from->count + 1, sizeof(*menu->rows));
	menu->count = from->count;
	menu->fn = from->fn;
	menu->ctx = from->ctx;
	for (size_t i = 0; i < from->count; i++) {
		menu->items[i] = from->items[i];
		menu->items[i].label = kl_strdup(from->items[i].label);
		menu->items[i].note = kl_strdup(from->items[i].note);
	}
	match_items(menu);
	for (size_t i = 0; i < menu->row_count; i++) {
		if (menu->items[menu->rows[i].item].value == from->chosen)
			menu->chosen = i;
	}
	return KL_OK;
}

static void close_menu(struct pane *pane)
{
	struct menu *menu = pane->state;

	for (size_t i = 0; i < menu->count; i++) {
		free((char *)(uintptr_t)menu->items[i].label);
		free((char *)(uintptr_t)menu->items[i].note);
	}
	free(menu->items);
	free(menu->rows);
	free(menu->title);
}

static int widest(const struct menu *menu)
{
	int most = MENU_COLS_MIN;

	for (size_t i = 0; i < menu->count; i++) {
		const struct menu_item *item = &menu->items[i];
		int cols = canvas_width(item->label, strlen(item->label)) +
			   (item->note ? canvas_width(item->note, strlen(item->note)) + 3 : 0) + 2 + FRAME;

		most = cols > most ? cols : most;
	}
	return most;
}

static void draw_row(const struct menu *menu, struct canvas *canvas, int y, const struct menu_item *item, bool chosen)
{
	enum role role = chosen ? ROLE_MENU_SELECTED : item->dim ? ROLE_DIM : ROLE_MENU;
	int cols = menu->area.cols, x = menu->area.x;
	int note = item->note ? canvas_width(item->note, strlen(item->note)) : 0;

	canvas_fill(canvas, (struct rect){ y, x, 1, cols }, role);
	if (note + 6 > cols)
		note = cols > 12 ? cols / 2 : 0;
	canvas_str_cut(canvas, y, x + 1, role, item->label, cols - 2 - (note ? note + 1 : 0));
	if (note)
		canvas_str_cut(canvas, y, x + cols - 1 - note, chosen ? role : ROLE_MENU_KEY, item->note, note);
}

static void keep_in_view(struct menu *menu, int rows)
{
	if (menu->chosen < menu->top)
		menu->top = menu->chosen;
	if (rows > 0 && menu->chosen >= menu->top + (size_t)rows)
		menu->top = menu->chosen - (size_t)rows + 1;
}

static void draw_menu(struct pane *pane, struct canvas *canvas)
{
	struct menu *menu = pane->state;
	int cols = widest(menu), rows = (int)menu->count + 3;
	struct rect box;

	if (cols > MENU_COLS_MAX)
		cols = MENU_COLS_MAX;
	if (cols > canvas->cols)
		cols = canvas->cols;
	if (rows > canvas->rows)
		rows = canvas->rows;
	box = (struct rect){ (canvas->rows - rows) / 3, (canvas->cols - cols) / 2, rows, cols };
	menu->area = (struct rect){ box.y + 2, box.x + 1, rows - 3, cols - FRAME };
	keep_in_view(menu, menu->area.rows);
	canvas_fill(canvas, box, ROLE_MENU);
	canvas_box(canvas, box, ROLE_BORDER_FOCUS);
	canvas_str_cut(canvas, box.y, box.x + 2, ROLE_DIALOG_TITLE, menu->title, cols - 4);
	field_draw(&menu->filter, canvas, box.y + 1, box.x + 2, cols - 4, ROLE_FIELD, pane->focused);
	if (menu->filter.len == 0)
		canvas_str_cut(canvas, box.y + 1, box.x + 2, ROLE_PLACEHOLDER, "type to find", cols - 4);
	for (int i = 0; i < menu->area.rows && menu->top + (size_t)i < menu->row_count; i++) {
		size_t row = menu->top + (size_t)i;

		draw_row(menu, canvas, menu->area.y + i, &menu->items[menu->rows[row].item], row == menu->chosen);
	}
	if (menu->row_count == 0)
		canvas_str_cut(canvas, menu->area.y, menu->area.x + 1, ROLE_DIM, "nothing fits", menu->area.cols - 2);
}

static void choose(struct pane *pane)
{
	struct menu *menu = pane->state;
	struct app *app = pane->app;
	menu_fn *fn = menu->fn;
	void *ctx = menu->ctx;
	intptr_t value;

	if (menu->row_count == 0)
		return;
	value = menu->items[menu->rows[menu->chosen].item].value;
	app_close(app, pane);
	fn(app, ctx, value);
}

static void move_by(struct menu *menu, long by)
{
	long to = (long)menu->chosen + by;

	if (menu->row_count == 0)
		return;
	if (to < 0)
		to = by == -1 ? (long)menu->row_count - 1 : 0;
	else if (to >= (long)menu->row_count)
		to = by == 1 ? 0 : (long)menu->row_count - 1;
	menu->chosen = (size_t)to;
}

static enum request menu_request(struct pane *pane, enum request request)
{
	struct menu *menu = pane->state;
	int page = menu->area.rows > 1 ? menu->area.rows - 1 : 1;

	if (request == REQ_UP || request == REQ_PREV_TAB)
		move_by(menu, -1);
	else if (request == REQ_DOWN || request == REQ_NEXT_TAB)
		move_by(menu, 1);
	else if (request == REQ_PAGE_UP)
		move_by(menu, -page);
	else if (request == REQ_PAGE_DOWN)
		move_by(menu, page);
	else if (request == REQ_SELECT)
		choose(pane);
	else if (request == REQ_PALETTE)
		app_close(pane->app, pane);
	else if (field_request(&menu->filter, request))
		match_items(menu);
	else
		return request;
	return REQ_NONE;
}

static void menu_text(struct pane *pane, const char *utf8, size_t len, bool pasted)
{
	struct menu *menu = pane->state;

	(void)pasted;
	field_insert(&menu->filter, utf8, len);
	match_items(menu);
}

static bool menu_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct menu *menu = pane->state;
	size_t row = menu->top + (size_t)(mouse->y - menu->area.y);

	if (mouse->kind == MOUSE_WHEEL) {
		move_by(menu, mouse->wheel > 0 ? 2 : -2);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS)
		return false;
	if (!rect_holds(menu->area, mouse->y, mouse->x)) {
		app_close(pane->app, pane);
	} else if (row < menu->row_count) {
		menu->chosen = row;
		choose(pane);
	}
	return true;
}

static const enum request menu_hints[] = { REQ_SELECT, REQ_BACK, REQ_NONE };

static const struct pane_ops menu_ops = {
	.name = "menu",
	.scope = SCOPE_FIELD,
	.state_size = sizeof(struct menu),
	.open = open_menu,
	.draw = draw_menu,
	.request = menu_request,
	.text = menu_text,
	.mouse = menu_mouse,
	.hints = menu_hints,
	.close = close_menu,
	.overlay = true,
};

void menu_open(struct app *app, const char *title, const struct menu_item *items, size_t count, intptr_t chosen,
	       menu_fn *fn, void *ctx)
{
	struct menu_arg arg = { title, items, count, chosen, fn, ctx };

	app_go(app, &menu_ops, &arg);
}
