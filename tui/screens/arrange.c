/*
 * Where problem, editor and output lie. Three arrangements by room: wide (problem beside editor over output), medium
 * (problem and output share the left), small (one at a time). The person's shares are kept per arrangement.
 */
#include "workspace_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/editor/editor.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"

enum { WIDE_COLS = 110, WIDE_ROWS = 20, MEDIUM_COLS = 64, GROW_PERCENT = 5 };

enum { WIDE, MEDIUM, SMALL, ARRANGEMENTS };

static const struct layout_node wide_nodes[LAYOUT_NODES_MAX] = {
	{ .kind = LAYOUT_ROW, .first = 1, .second = 2, .share = 40 },
	{ .kind = LAYOUT_PANE, .pane = AREA_PROBLEM },
	{ .kind = LAYOUT_COLUMN, .first = 3, .second = 4, .share = 62 },
	{ .kind = LAYOUT_PANE, .pane = AREA_CODE },
	{ .kind = LAYOUT_PANE, .pane = AREA_OUTPUT },
};

static const struct layout_node wide_swapped[LAYOUT_NODES_MAX] = {
	{ .kind = LAYOUT_ROW, .first = 2, .second = 1, .share = 60 },
	{ .kind = LAYOUT_PANE, .pane = AREA_PROBLEM },
	{ .kind = LAYOUT_COLUMN, .first = 3, .second = 4, .share = 62 },
	{ .kind = LAYOUT_PANE, .pane = AREA_CODE },
	{ .kind = LAYOUT_PANE, .pane = AREA_OUTPUT },
};

static const struct layout_node medium_nodes[LAYOUT_NODES_MAX] = {
	{ .kind = LAYOUT_ROW, .first = 1, .second = 2, .share = 42 },
	{ .kind = LAYOUT_TABS, .first = 3, .second = 4 },
	{ .kind = LAYOUT_PANE, .pane = AREA_CODE },
	{ .kind = LAYOUT_PANE, .pane = AREA_PROBLEM },
	{ .kind = LAYOUT_PANE, .pane = AREA_OUTPUT },
};

static const struct layout_node medium_swapped[LAYOUT_NODES_MAX] = {
	{ .kind = LAYOUT_ROW, .first = 2, .second = 1, .share = 58 },
	{ .kind = LAYOUT_TABS, .first = 3, .second = 4 },
	{ .kind = LAYOUT_PANE, .pane = AREA_CODE },
	{ .kind = LAYOUT_PANE, .pane = AREA_PROBLEM },
	{ .kind = LAYOUT_PANE, .pane = AREA_OUTPUT },
};

static const struct layout_node small_nodes[LAYOUT_NODES_MAX] = {
	{ .kind = LAYOUT_TABS, .first = 1, .second = 2 }, { .kind = LAYOUT_PANE, .pane = AREA_CODE },
	{ .kind = LAYOUT_TABS, .first = 3, .second = 4 }, { .kind = LAYOUT_PANE, .pane = AREA_PROBLEM },
	{ .kind = LAYOUT_PANE, .pane = AREA_OUTPUT },
};

static const struct layout_node *const arrangements[ARRANGEMENTS][2] = {
	[WIDE] = { wide_nodes, wide_swapped },
	[MEDIUM] = { medium_nodes, medium_swapped },
	[SMALL] = { small_nodes, small_nodes },
};

static const char *const area_names[AREA_COUNT] = {
	[AREA_PROBLEM] = "problem",
	[AREA_CODE] = "code",
	[AREA_OUTPUT] = "output",
};

static struct layout layout_of(struct workspace *workspace)
{
	return (struct layout){ arrangements[workspace->arrangement][workspace->swapped],
				workspace->shares[workspace->arrangement] };
}

/* ---- remembered between sessions ---- */

void arrange_restore(struct workspace *workspace)
{
	char *value = NULL;
	int wide[2] = { 40, 62 }, medium = 42;

	if (workspace->app->store && !kl_store_setting_get(&value, workspace->app->store, "workspace.shares", NULL)) {
		char *end = value;

		wide[0] = (int)strtol(end, &end, 10);
		wide[1] = (int)strtol(end, &end, 10);
		medium = (int)strtol(end, &end, 10);
		workspace->swapped = strtol(end, &end, 10) == 1;
	}
	free(value);
	workspace->shares[WIDE][0] = wide[0] < 15 || wide[0] > 85 ? 40 : wide[0];
	workspace->shares[WIDE][2] = wide[1] < 15 || wide[1] > 85 ? 62 : wide[1];
	workspace->shares[MEDIUM][0] = medium < 15 || medium > 85 ? 42 : medium;
	workspace->dragged = -1;
}

void arrange_store(struct workspace *workspace)
{
	char value[64];

	snprintf(value, sizeof(value), "%d %d %d %d", workspace->shares[WIDE][0], workspace->shares[WIDE][2],
		 workspace->shares[MEDIUM][0], workspace->swapped);
	if (workspace->app->store && kl_store_setting_put(workspace->app->store, "workspace.shares", value, NULL))
		return; /* a preference that could not be kept is no news */
}

/* ---- drawing ---- */

static void draw_area(struct workspace *workspace, enum area area, struct canvas *canvas, bool focused)
{
	switch (area) {
	case AREA_PROBLEM:
		problem_draw(workspace, canvas);
		break;
	case AREA_CODE:
		editor_draw(workspace->document.editor, canvas, focused);
		break;
	case AREA_OUTPUT:
		output_draw(workspace, canvas, focused);
		break;
	case AREA_COUNT:
		break;
	}
}

static void draw_dividers(const struct workspace *workspace, struct canvas *canvas)
{
	for (int i = 0; i < workspace->places.divider_count; i++) {
		const struct layout_divider *divider = &workspace->places.dividers[i];

		if (divider->vertical)
			canvas_vline(canvas, divider->area.y, divider->area.x, divider->area.rows, ROLE_BORDER);
		else
			canvas_hline(canvas, divider->area.y, divider->area.x, divider->area.cols, ROLE_BORDER);
	}
}

/* With room for one pane only, the others are names in a row. */
static struct rect draw_area_tabs(struct workspace *workspace, struct canvas *canvas, struct rect area)
{
	int x = 1;

	if (area.rows < 6)
		return area;
	for (int i = 0; i < AREA_COUNT; i++) {
		x += canvas_printf(canvas, 0, x, (enum area)i == workspace->focus ? ROLE_TAB_FOCUS : ROLE_TAB, "%d %s",
				   i + 1, area_names[i]);
		x += 2;
	}
	return (struct rect){ 1, 0, area.rows - 1, area.cols };
}

/* The pane a group of tabs shows beside the focused editor: what was asked for last. */
static int shown_pane(const struct workspace *workspace)
{
	if (workspace->arrangement == MEDIUM && workspace->focus == AREA_CODE && !workspace->hidden)
		return workspace->show_output ? AREA_OUTPUT : AREA_PROBLEM;
	return workspace->focus;
}

void arrange_draw(struct workspace *workspace, struct canvas *canvas, bool focused)
{
	struct rect area = { 0, 0, canvas->rows, canvas->cols };
	struct layout layout;

	workspace->arrangement = canvas->cols >= WIDE_COLS && canvas->rows >= WIDE_ROWS ? WIDE
				 : canvas->cols >= MEDIUM_COLS && canvas->rows >= 8     ? MEDIUM
											: SMALL;
	layout = layout_of(workspace);
	if (workspace->arrangement == SMALL && !workspace->zoomed)
		area = draw_area_tabs(workspace, canvas, area);
	layout_place(&workspace->places, &layout, area,
		     workspace->zoomed ? (int)workspace->focus : shown_pane(workspace), workspace->hidden,
		     workspace->zoomed);
	draw_dividers(workspace, canvas);
	for (int i = 0; i < AREA_COUNT; i++) {
		struct canvas inner;

		if (workspace->places.panes[i].rows == 0)
			continue;
		inner = canvas_sub(canvas, workspace->places.panes[i]);
		draw_area(workspace, (enum area)i, &inner, focused && workspace->focus == (enum area)i);
	}
}

bool arrange_redraw(struct workspace *workspace, struct canvas *canvas)
{
	struct rect place = workspace->places.panes[AREA_CODE];
	struct canvas inner = canvas_sub(canvas, place);

	return workspace->focus == AREA_CODE && place.rows > 0 && editor_redraw(workspace->document.editor, &inner);
}

bool arrange_hides_problem(const struct workspace *workspace)
{
	return workspace->arrangement == MEDIUM && workspace->show_output && workspace->focus == AREA_CODE;
}

/* ---- requests ---- */

void arrange_focus(struct workspace *workspace, enum area area)
{
	workspace->focus = area;
	if (workspace->hidden & (1u << area))
		workspace->hidden = 0;
	if (area != AREA_CODE)
		workspace->show_output = area == AREA_OUTPUT;
	app_dirty(workspace->app);
}

static void focus_next(struct workspace *workspace, int step)
{
	arrange_focus(workspace, (enum area)((workspace->focus + AREA_COUNT + (unsigned)step) % AREA_COUNT));
}

static void grow(struct workspace *workspace, int percent)
{
	struct layout layout = layout_of(workspace);

	if (workspace->zoomed || !layout_resize(&layout, workspace->focus, percent))
		app_say(workspace->app, ROLE_INFO, "There is only one pane.");
	else
		arrange_store(workspace);
}

static void collapse(struct workspace *workspace)
{
	if (workspace->hidden) {
		workspace->hidden = 0;
		return;
	}
	workspace->hidden = workspace->arrangement == MEDIUM && workspace->focus != AREA_CODE
				    ? 1u << AREA_PROBLEM | 1u << AREA_OUTPUT
				    : /* they share a place */
				    1u << workspace->focus;
	arrange_focus(workspace, workspace->focus == AREA_CODE ? AREA_PROBLEM : AREA_CODE);
	app_say(workspace->app, ROLE_INFO, "The pane is hidden; the same key shows it again.");
}

bool arrange_request(struct workspace *workspace, enum request request)
{
	switch ((int)request) {
	case REQ_NEXT_PANE:
		focus_next(workspace, 1);
		return true;
	case REQ_PREV_PANE:
		focus_next(workspace, -1);
		return true;
	case REQ_PROBLEM:
		arrange_focus(workspace, AREA_PROBLEM);
		return true;
	case REQ_CODE:
		arrange_focus(workspace, AREA_CODE);
		return true;
	case REQ_OUTPUT:
		arrange_focus(workspace, AREA_OUTPUT);
		return true;
	case REQ_ZOOM:
		workspace->zoomed = !workspace->zoomed;
		return true;
	case REQ_GROW:
		grow(workspace, GROW_PERCENT);
		return true;
	case REQ_SHRINK:
		grow(workspace, -GROW_PERCENT);
		return true;
	case REQ_SWAP:
		workspace->swapped = !workspace->swapped;
		workspace->shares[WIDE][0] = 100 - workspace->shares[WIDE][0];
		workspace->shares[MEDIUM][0] = 100 - workspace->shares[MEDIUM][0];
		arrange_store(workspace);
		return true;
	case REQ_COLLAPSE:
		collapse(workspace);
		return true;
	case REQ_NEXT_TAB:
	case REQ_PREV_TAB:
		output_show(workspace,
			    (enum tab)((workspace->tab + (request == REQ_NEXT_TAB ? 1 : TAB_COUNT - 1)) % TAB_COUNT));
		return true;
	}
	return false;
}

/* ---- mouse ---- */

static bool drag(struct workspace *workspace, const struct mouse *mouse)
{
	struct layout layout = layout_of(workspace);

	if (mouse->kind == MOUSE_RELEASE) {
		workspace->dragged = -1;
		arrange_store(workspace);
	} else {
		layout_drag(&layout, &workspace->places.dividers[workspace->dragged], mouse->y, mouse->x);
	}
	return true;
}

static bool area_mouse(struct workspace *workspace, enum area area, const struct mouse *mouse)
{
	struct rect rect = workspace->places.panes[area];
	struct mouse inner = *mouse;

	inner.y -= rect.y;
	inner.x -= rect.x;
	if (mouse->kind == MOUSE_PRESS)
		arrange_focus(workspace, area);
	if (area == AREA_CODE)
		return editor_mouse(workspace->document.editor, &inner);
	if (area == AREA_OUTPUT)
		return output_mouse(workspace, mouse, rect);
	if (mouse->kind == MOUSE_WHEEL)
		problem_wheel(workspace, mouse->wheel * 3);
	return true;
}

bool arrange_mouse(struct workspace *workspace, const struct mouse *mouse)
{
	int divider = layout_divider_at(&workspace->places, mouse->y, mouse->x);
	int area = layout_pane_at(&workspace->places, mouse->y, mouse->x);

	if (workspace->dragged >= 0)
		return drag(workspace, mouse);
	if (mouse->kind == MOUSE_PRESS && divider >= 0) {
		workspace->dragged = divider;
		return true;
	}
	if (mouse->kind == MOUSE_DRAG || mouse->kind == MOUSE_RELEASE)
		area = AREA_CODE; /* a selection that leaves the pane */
	return area >= 0 && area_mouse(workspace, (enum area)area, mouse);
}
