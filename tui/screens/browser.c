/* All challenges: a list with search as one types, filters, sorting; beside it what the marked one is about. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/app_int.h"
#include "tui/languages.h"
#include "tui/ui/canvas.h"
#include "tui/ui/field.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"
#include "tui/work.h"

enum { HEAD_ROWS = 2, DETAIL_COLS = 40, WIDE_COLS = 100, LEVEL_COLS = 12, CATEGORY_COLS = 18 };

struct browser {
	struct kl_filter filter;
	struct field search;
	bool searching; /* the search line has the keys */
	int level; /* the person's, that the list begins with; -1: none, or they chose otherwise */
	size_t *rows;
	size_t count;
	struct scroll scroll;
};

static const enum request browser_hints[] = { REQ_SELECT,   REQ_SEARCH, REQ_DIFFICULTY, REQ_STATUS,
					      REQ_CATEGORY, REQ_SORT,   REQ_BACK,       REQ_NONE };

static const char *const state_names[] = { "new", "begun", "solved" };
static const char *const sort_names[] = { "number", "title", "difficulty", "minutes", "state" };

static void select_rows(struct pane *pane)
{
	struct browser *browser = pane->state;
	const struct kl_catalogue *catalogue = app_catalogue(pane->app);

	browser->filter.text = browser->search.text;
	if (browser->level >= 0) /* who searches means all challenges */
		browser->filter.difficulty = browser->search.len > 0 ? -1 : browser->level;
	browser->count = kl_catalogue_select(catalogue, &browser->filter, browser->rows);
	scroll_keep(&browser->scroll, browser->count);
}

static enum kl_status open_browser(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct browser *browser = pane->state;

	(void)arg;
	(void)err;
	app_judge(pane->app, false); /* where things run */
	browser->rows = kl_calloc(kl_catalogue_count(app_catalogue(pane->app)) + 1, sizeof(*browser->rows));
	browser->level = browser->filter.difficulty = work_level(pane->app->config);
	browser->filter.state = -1;
	select_rows(pane);
	if (browser->count == 0) { /* nobody wants to begin with an empty list */
		browser->level = browser->filter.difficulty = -1;
		select_rows(pane);
	}
	if (browser->filter.difficulty >= 0) {
		char keys[KEYS_NAME_MAX];

		app_say(pane->app, ROLE_INFO, "These are of your level; %s shows all.",
			keymap_name(keys, pane->app->keymap, SCOPE_VIEW, REQ_FILTER_CLEAR));
	}
	if (kl_catalogue_problem_count(app_catalogue(pane->app)) > 0)
		app_say(pane->app, ROLE_WARNING, "%s", kl_catalogue_problem(app_catalogue(pane->app), 0));
	return KL_OK;
}

static void close_browser(struct pane *pane)
{
	free(((struct browser *)pane->state)->rows);
}

/* ---- drawing ---- */

static void draw_filters(const struct browser *browser, struct canvas *canvas, bool focused)
{
	const struct kl_filter *filter = &browser->filter;
	int x = 2 + canvas_str(canvas, 0, 1, ROLE_DIM, "Search:"), width = canvas->cols > 90 ? 30 : 18;

	field_draw(&browser->search, canvas, 0, x, width, ROLE_FIELD, focused && browser->searching);
	if (!browser->search.len && !browser->searching)
		canvas_str_cut(canvas, 0, x, ROLE_PLACEHOLDER, "press /", width);
	x += width + 2;
	canvas_printf(canvas, 0, x, ROLE_DIM, "%zu shown%s%s%s%s%s%s%s%s, by %s%s", browser->count,
		      filter->pack ? " - " : "", filter->pack ? filter->pack : "", filter->difficulty >= 0 ? " - " : "",
		      filter->difficulty >= 0 ? kl_difficulty_name((enum kl_difficulty)filter->difficulty) : "",
		      filter->state >= 0 ? " - " : "", filter->state >= 0 ? state_names[filter->state] : "",
		      filter->category ? " - " : "", filter->category ? filter->category : "", sort_names[filter->sort],
		      filter->descending ? ", turned" : "");
}

static enum role level_role(enum kl_difficulty difficulty)
{
	return (enum role)(ROLE_BEGINNER + (int)difficulty);
}

static void draw_entry(const struct browser *browser, struct canvas *canvas, const struct kl_entry *entry, int y,
		       int cols, bool chosen)
{
	static const enum symbol symbols[] = { SYMBOL_SKIPPED, SYMBOL_RUNNING, SYMBOL_PASSED };
	static const enum role roles[] = { ROLE_NEW, ROLE_BEGUN, ROLE_DONE };
	bool wide = cols > 60;
	int title = cols - 8 - (wide ? LEVEL_COLS + 2 + CATEGORY_COLS : 4);

	(void)browser;
	canvas_symbol(canvas, y, 1, roles[entry->state], symbols[entry->state]);
	canvas_printf(canvas, y, 3, ROLE_DIM, "%3d", entry->number);
	canvas_str_cut(canvas, y, 7, ROLE_TEXT, entry->title, title);
	if (wide) {
		canvas_str_cut(canvas, y, 8 + title, level_role(entry->difficulty),
			       kl_difficulty_name(entry->difficulty), LEVEL_COLS);
		canvas_str_cut(canvas, y, 10 + title + LEVEL_COLS, ROLE_TAG, entry->category, CATEGORY_COLS - 2);
	} else {
		canvas_text(canvas, y, 8 + title, level_role(entry->difficulty), kl_difficulty_name(entry->difficulty),
			    3, 3);
	}
	if (chosen)
		canvas_ground(canvas, (struct rect){ y, 0, 1, cols }, ROLE_SELECTED);
}

static void draw_detail(const struct app *app, const struct kl_entry *entry, struct canvas *canvas)
{
	char where[64];
	int y = canvas_wrapped(canvas, (struct rect){ 0, 0, canvas->rows - 0, canvas->cols - 1 }, ROLE_HEADING,
			       entry->title) +
		1,
	    x = 0;

	y = canvas_wrapped(canvas, (struct rect){ y, 0, canvas->rows - y, canvas->cols - 1 }, ROLE_TEXT,
			   entry->summary ? entry->summary : "") +
	    1;
	canvas_printf(canvas, y++, 0, level_role(entry->difficulty), "%s, about %d min",
		      kl_difficulty_name(entry->difficulty), entry->minutes);
	canvas_printf(canvas, y++, 0, ROLE_DIM, "%s, of the pack %s", entry->category, entry->pack);
	languages_place_any(where, sizeof(where), app, entry->languages);
	if (where[0])
		canvas_printf(canvas, y++, 0, ROLE_DIM, "%s", where);
	for (char **tag = entry->tags; *tag; tag++) {
		int width = canvas_width(*tag, strlen(*tag));

		if (x + width > canvas->cols) {
			x = 0;
			y++;
		}
		x += canvas_str(canvas, y, x, ROLE_TAG, *tag) + 2;
	}
}

/* While the search line has the keys a letter would only be one more letter. */
static void draw_nothing(struct pane *pane, struct canvas *canvas)
{
	const struct browser *browser = pane->state;
	const struct keymap *keymap = pane->app->keymap;
	char back[KEYS_NAME_MAX], all[KEYS_NAME_MAX], text[2 * KEYS_NAME_MAX + 64];

	keymap_name(back, keymap, SCOPE_FIELD, REQ_BACK);
	keymap_name(all, keymap, SCOPE_VIEW, REQ_FILTER_CLEAR);
	if (browser->searching)
		snprintf(text, sizeof(text), "Nothing fits. %s, then %s shows all again.", back, all);
	else
		snprintf(text, sizeof(text), "Nothing fits. %s shows all again.", all);
	canvas_str_cut(canvas, HEAD_ROWS + 1, 3, ROLE_DIM, text, canvas->cols - 4);
}

static void draw_browser(struct pane *pane, struct canvas *canvas)
{
	struct browser *browser = pane->state;
	const struct kl_catalogue *catalogue = app_catalogue(pane->app);
	bool wide = canvas->cols >= WIDE_COLS;
	int cols = wide ? canvas->cols - DETAIL_COLS - 2 : canvas->cols;

	draw_filters(browser, canvas, pane->focused);
	browser->scroll.rows = canvas->rows - HEAD_ROWS;
	scroll_keep(&browser->scroll, browser->count);
	for (int y = 0; y < browser->scroll.rows && browser->scroll.top + (size_t)y < browser->count; y++) {
		size_t row = browser->scroll.top + (size_t)y;

		draw_entry(browser, canvas, kl_catalogue_at(catalogue, browser->rows[row]), HEAD_ROWS + y, cols,
			   row == browser->scroll.selected);
	}
	if (browser->count == 0)
		draw_nothing(pane, canvas);
	if (wide && browser->count > 0) {
		struct canvas detail = canvas_sub(
			canvas, (struct rect){ HEAD_ROWS, cols + 2, canvas->rows - HEAD_ROWS, DETAIL_COLS - 1 });

		canvas_vline(canvas, HEAD_ROWS, cols, canvas->rows - HEAD_ROWS, ROLE_BORDER);
		draw_detail(pane->app, kl_catalogue_at(catalogue, browser->rows[browser->scroll.selected]), &detail);
	}
}

/* ---- requests ---- */

static void open_chosen(struct pane *pane)
{
	struct browser *browser = pane->state;
	const struct kl_entry *entry;
	char *name;

	if (browser->count == 0)
		return;
	entry = kl_catalogue_at(app_catalogue(pane->app), browser->rows[browser->scroll.selected]);
	name = kl_format("%s/%s", entry->pack, entry->slug);
	app_open_challenge(pane->app, name, NULL);
	free(name);
}

static void category_chosen(struct app *app, void *ctx, intptr_t value)
{
	struct pane *pane = ctx;

	((struct browser *)pane->state)->filter.category =
		value < 0 ? NULL : kl_catalogue_categories(app_catalogue(app))[value];
	select_rows(pane);
}

static void tag_chosen(struct app *app, void *ctx, intptr_t value)
{
	struct pane *pane = ctx;

	((struct browser *)pane->state)->filter.tag = value < 0 ? NULL : kl_catalogue_tags(app_catalogue(app))[value];
	select_rows(pane);
}

static void pack_chosen(struct app *app, void *ctx, intptr_t value)
{
	struct pane *pane = ctx;

	((struct browser *)pane->state)->filter.pack = value < 0 ? NULL : kl_catalogue_packs(app_catalogue(app))[value];
	select_rows(pane);
}

static void choose_name(struct pane *pane, const char *title, const char *const *names, menu_fn *fn)
{
	size_t count = 0;
	struct menu_item *items;

	while (names[count])
		count++;
	items = kl_calloc(count + 1, sizeof(*items));
	items[0] = (struct menu_item){ .label = "all", .value = -1 };
	for (size_t i = 0; i < count; i++)
		items[i + 1] = (struct menu_item){ .label = names[i], .value = (intptr_t)i };
	menu_open(pane->app, title, items, count + 1, -1, fn, pane);
	free(items);
}

static bool filter_request(struct pane *pane, enum request request)
{
	struct browser *browser = pane->state;
	struct kl_filter *filter = &browser->filter;

	switch ((int)request) {
	case REQ_SEARCH:
		browser->searching = true;
		return true;
	case REQ_DIFFICULTY:
		browser->level = -1;
		filter->difficulty = filter->difficulty + 1 < KL_DIFFICULTY_COUNT ? filter->difficulty + 1 : -1;
		break;
	case REQ_STATUS:
		filter->state = filter->state < KL_COMPLETED ? filter->state + 1 : -1;
		break;
	case REQ_CATEGORY:
		choose_name(pane, " Category ", kl_catalogue_categories(app_catalogue(pane->app)), category_chosen);
		return true;
	case REQ_PACK:
		choose_name(pane, " Pack ", kl_catalogue_packs(app_catalogue(pane->app)), pack_chosen);
		return true;
	case REQ_TAG:
		choose_name(pane, " Tag ", kl_catalogue_tags(app_catalogue(pane->app)), tag_chosen);
		return true;
	case REQ_SORT:
		filter->sort = filter->sort < KL_SORT_STATE ? (enum kl_sort)(filter->sort + 1) : KL_SORT_NUMBER;
		break;
	case REQ_SORT_TURN:
		filter->descending = !filter->descending;
		break;
	case REQ_FILTER_CLEAR:
		browser->level = -1;
		*filter = (struct kl_filter){ .difficulty = -1, .state = -1 };
		field_set(&browser->search, "");
		break;
	default:
		return false;
	}
	browser->scroll.selected = 0;
	select_rows(pane);
	return true;
}

/* The filters stay: they were chosen apart. */
static void clear_search(struct pane *pane)
{
	struct browser *browser = pane->state;

	field_set(&browser->search, "");
	browser->scroll.selected = 0;
	select_rows(pane);
}

/* While the search line has the keys: arrows still move in the list, Enter opens, Esc gives the keys back. */
static bool search_request(struct pane *pane, enum request request)
{
	struct browser *browser = pane->state;

	if (!browser->searching)
		return false;
	if (request == REQ_BACK) {
		browser->searching = false;
		return true;
	}
	if (!field_request(&browser->search, request))
		return false;
	browser->scroll.selected = 0;
	select_rows(pane);
	return true;
}

static enum request browser_request(struct pane *pane, enum request request)
{
	struct browser *browser = pane->state;

	if (search_request(pane, request))
		return REQ_NONE;
	if (request == REQ_SELECT)
		open_chosen(pane);
	else if (request == REQ_BACK && browser->search.len > 0)
		clear_search(pane);
	else if (!scroll_list(&browser->scroll, browser->count, request) && !filter_request(pane, request))
		return request;
	return REQ_NONE;
}

static void browser_text(struct pane *pane, const char *utf8, size_t len, bool pasted)
{
	struct browser *browser = pane->state;

	(void)pasted;
	if (!browser->searching)
		return;
	field_insert(&browser->search, utf8, len);
	browser->scroll.selected = 0;
	select_rows(pane);
}

static enum scope browser_scope(const struct pane *pane)
{
	return ((const struct browser *)pane->state)->searching ? SCOPE_FIELD : SCOPE_VIEW;
}

static bool browser_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct browser *browser = pane->state;
	size_t row = browser->scroll.top + (size_t)(mouse->y - HEAD_ROWS);

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(&browser->scroll, browser->count, mouse->wheel * 3L);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS)
		return false;
	browser->searching = mouse->y == 0;
	if (mouse->y >= HEAD_ROWS && row < browser->count) {
		bool again = browser->scroll.selected == row;

		browser->scroll.selected = row;
		if (again || mouse->clicks == 2)
			open_chosen(pane);
	}
	return true;
}

static void refresh_browser(struct pane *pane)
{
	select_rows(pane);
}

const struct pane_ops browser_ops = {
	.name = "Challenges",
	.scope = SCOPE_VIEW,
	.scope_now = browser_scope,
	.state_size = sizeof(struct browser),
	.open = open_browser,
	.draw = draw_browser,
	.request = browser_request,
	.text = browser_text,
	.mouse = browser_mouse,
	.hints = browser_hints,
	.refresh = refresh_browser,
	.close = close_browser,
};
