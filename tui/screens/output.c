/* The output pane: tabs, a marked line, scrolling. What the tabs hold is built in results.c when it is first looked at. */
#include "workspace_int.h"

#include <string.h>

#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"

enum { TAB_GAP = 2 };

static const char *const tab_names[TAB_COUNT] = {
	[TAB_TESTS] = "tests", [TAB_CONSOLE] = "console", [TAB_COMPILER] = "compiler",
	[TAB_HINTS] = "hints", [TAB_HISTORY] = "history",
};

const char *output_tab_name(enum tab tab)
{
	return tab_names[tab];
}

void output_stale(struct workspace *workspace)
{
	for (int i = 0; i < TAB_COUNT; i++)
		workspace->stale[i] = true;
}

void output_close(struct workspace *workspace)
{
	for (int i = 0; i < TAB_COUNT; i++)
		lines_clear(&workspace->lines[i]);
}

void output_show(struct workspace *workspace, enum tab tab)
{
	workspace->tab = tab;
	output_stale(workspace);
	workspace->scrolls[tab] = (struct scroll){ 0 };
	if (tab == TAB_TESTS && workspace->open_test >= 0) {
		results_build(workspace, tab);
		for (size_t i = 0; i < workspace->lines[tab].count; i++) {
			if (workspace->lines[tab].items[i].value == workspace->open_test) {
				workspace->scrolls[tab].selected = i;
				break;
			}
		}
	}
	/* where problem and output share a place, the output is what one wants to see now */
	if (workspace->hidden & (1u << AREA_OUTPUT))
		workspace->hidden = 0;
	workspace->show_output = true;
	app_dirty(workspace->app);
}

/* The first tab shown: in a narrow pane the row of names moves so that the current one is seen. */
static int first_tab(const struct workspace *workspace, int cols)
{
	int width = 0, first = (int)workspace->tab;

	while (first >= 0 && width + (int)strlen(tab_names[first]) + TAB_GAP <= cols)
		width += (int)strlen(tab_names[first--]) + TAB_GAP;
	return first + 1 > (int)workspace->tab ? (int)workspace->tab : first + 1;
}

static int draw_tabs(const struct workspace *workspace, struct canvas *canvas, bool focused)
{
	int x = 1, first = first_tab(workspace, canvas->cols - 1), shown = first;

	for (int i = first; i < TAB_COUNT; i++) {
		bool current = workspace->tab == (enum tab)i;
		enum role role = !current ? ROLE_TAB : focused ? ROLE_TAB_FOCUS : ROLE_TITLE;

		if (x + (int)strlen(tab_names[i]) > canvas->cols)
			break;
		x += canvas_str(canvas, 0, x, role, tab_names[i]) + TAB_GAP;
		shown = i;
	}
	if (first > 0)
		canvas_symbol(canvas, 0, 0, ROLE_SCROLLBAR, SYMBOL_ARROW_LEFT);
	if (shown + 1 < TAB_COUNT)
		canvas_symbol(canvas, 0, canvas->cols - 1, ROLE_SCROLLBAR, SYMBOL_ARROW_RIGHT);
	return 1;
}

/* Not further to the side than the longest line needs. */
static void keep_left(struct scroll *scroll, const struct lines *lines, int cols)
{
	int widest = 0;

	for (size_t i = 0; i < lines->count; i++) {
		int width = canvas_width(lines->items[i].text, lines->items[i].len) + 2;

		widest = width > widest ? width : widest;
	}
	if (scroll->left > widest - cols)
		scroll->left = widest > cols ? widest - cols : 0;
}

void output_draw(struct workspace *workspace, struct canvas *canvas, bool focused)
{
	struct scroll *scroll = &workspace->scrolls[workspace->tab];
	struct lines *lines = &workspace->lines[workspace->tab];
	int head = canvas->rows > 2 ? draw_tabs(workspace, canvas, focused) : 0;
	struct canvas body = canvas_sub(canvas, (struct rect){ head, 1, canvas->rows - head, canvas->cols - 1 });

	if (workspace->output_width != body.cols)
		output_stale(workspace); /* lines are wrapped to it */
	workspace->output_width = body.cols;
	if (workspace->stale[workspace->tab])
		results_build(workspace, workspace->tab);
	scroll->rows = body.rows;
	if (scroll->left > 0)
		keep_left(scroll, lines, body.cols);
	scroll_keep(scroll, lines->count);
	lines_draw(lines, &body, scroll->top, scroll->left, focused ? scroll->selected : (size_t)-1);
}

static int selected_value(const struct workspace *workspace)
{
	const struct lines *lines = &workspace->lines[workspace->tab];
	size_t at = workspace->scrolls[workspace->tab].selected;

	return at < lines->count ? lines->items[at].value : -1;
}

static void toggle_test(struct workspace *workspace)
{
	int test = selected_value(workspace);

	if (test < 0)
		return;
	workspace->open_test = workspace->open_test == test ? -1 : test;
	workspace->stale[TAB_TESTS] = true;
	results_build(workspace, TAB_TESTS);
	for (size_t i = 0; i < workspace->lines[TAB_TESTS].count; i++) {
		if (workspace->lines[TAB_TESTS].items[i].value == test) {
			workspace->scrolls[TAB_TESTS].selected = i;
			break;
		}
	}
}

/* The line marked may name a place in the source, as compilers and tracebacks do. */
static bool jump_from_line(struct workspace *workspace)
{
	const struct lines *lines = &workspace->lines[workspace->tab];
	size_t at = workspace->scrolls[workspace->tab].selected;

	return at < lines->count && run_go_to(workspace, lines->items[at].text);
}

static void select_line(struct workspace *workspace)
{
	struct history_arg arg = { workspace->challenge->pack, workspace->challenge->slug };

	switch (workspace->tab) {
	case TAB_TESTS:
		if (!jump_from_line(workspace))
			toggle_test(workspace);
		break;
	case TAB_HISTORY:
		app_go(workspace->app, &history_ops, &arg);
		break;
	case TAB_COMPILER:
	case TAB_CONSOLE:
		if (!jump_from_line(workspace))
			run_next_place(workspace);
		break;
	case TAB_HINTS:
	case TAB_COUNT:
		break;
	}
}

bool output_request(struct workspace *workspace, enum request request)
{
	if (request == REQ_SELECT) {
		select_line(workspace);
		return true;
	}
	return scroll_list(&workspace->scrolls[workspace->tab], workspace->lines[workspace->tab].count, request);
}

bool output_mouse(struct workspace *workspace, const struct mouse *mouse, struct rect area)
{
	struct scroll *scroll = &workspace->scrolls[workspace->tab];
	int y = mouse->y - area.y, x = mouse->x - area.x, at = 1, first = first_tab(workspace, area.cols - 1);

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(scroll, workspace->lines[workspace->tab].count, mouse->wheel * 3L);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS)
		return false;
	for (int i = first; y == 0 && i < TAB_COUNT; i++) {
		int width = (int)strlen(tab_names[i]);

		if (x >= at && x < at + width)
			output_show(workspace, (enum tab)i);
		at += width + TAB_GAP;
	}
	if (y > 0) {
		scroll->selected = scroll->top + (size_t)(y - 1);
		if (mouse->clicks == 2 || workspace->tab == TAB_TESTS)
			select_line(workspace);
	}
	return true;
}
