/* Panes in a rectangle: see layout.h. Recursion is as deep as the tree, which is a constant of the program. */
#include "layout.h"

#include <stddef.h>
#include <string.h>

enum { SHARE_MIN = 15, SHARE_MAX = 85 };

struct placing {
	struct layout_places *out;
	const struct layout *layout;
	int focus;
	unsigned hidden;
};

static bool is_pane_hidden(const struct placing *placing, int pane)
{
	return pane != placing->focus && (placing->hidden & (1u << pane));
}

static bool is_hidden(const struct placing *placing, int node)
{
	const struct layout_node *at = &placing->layout->nodes[node];

	if (at->kind == LAYOUT_PANE)
		return is_pane_hidden(placing, at->pane);
	return is_hidden(placing, at->first) && is_hidden(placing, at->second);
}

static bool holds_pane(const struct layout *layout, int node, int pane)
{
	const struct layout_node *at = &layout->nodes[node];

	if (at->kind == LAYOUT_PANE)
		return at->pane == pane;
	return holds_pane(layout, at->first, pane) || holds_pane(layout, at->second, pane);
}

static void add_divider(struct placing *placing, int node, struct rect area, struct rect whole)
{
	struct layout_places *out = placing->out;

	if (out->divider_count < LAYOUT_DIVIDERS_MAX)
		out->dividers[out->divider_count++] =
			(struct layout_divider){ .area = area,
						 .whole = whole,
						 .node = node,
						 .vertical = placing->layout->nodes[node].kind == LAYOUT_ROW };
}

/* How many of `whole` cells the first part gets; one goes to the divider. */
static int first_part(int whole, int share)
{
	int part = (whole - 1) * share / 100;

	if (part < 1)
		part = 1;
	return part > whole - 2 ? whole - 2 : part;
}

static void place_node(struct placing *placing, int node, struct rect area);

static void place_split(struct placing *placing, int node, struct rect area)
{
	const struct layout_node *at = &placing->layout->nodes[node];
	bool vertical = at->kind == LAYOUT_ROW;
	int whole = vertical ? area.cols : area.rows;
	struct rect first = area, second = area, divider = area;
	int part;

	if (whole < 3 || is_hidden(placing, at->second)) {
		place_node(placing, at->first, area);
		return;
	}
	if (is_hidden(placing, at->first)) {
		place_node(placing, at->second, area);
		return;
	}
	part = first_part(whole, placing->layout->shares[node]);
	if (vertical) {
		first.cols = part;
		divider.x = area.x + part;
		divider.cols = 1;
		second.x = divider.x + 1;
		second.cols = area.cols - part - 1;
	} else {
		first.rows = part;
		divider.y = area.y + part;
		divider.rows = 1;
		second.y = divider.y + 1;
		second.rows = area.rows - part - 1;
	}
	add_divider(placing, node, divider, area);
	place_node(placing, at->first, first);
	place_node(placing, at->second, second);
}

static void place_node(struct placing *placing, int node, struct rect area)
{
	const struct layout_node *at = &placing->layout->nodes[node];

	switch (at->kind) {
	case LAYOUT_PANE:
		placing->out->panes[at->pane] = area;
		break;
	case LAYOUT_TABS:
		place_node(placing, holds_pane(placing->layout, at->second, placing->focus) ? at->second : at->first,
			   area);
		break;
	case LAYOUT_ROW:
	case LAYOUT_COLUMN:
		place_split(placing, node, area);
		break;
	}
}

void layout_place(struct layout_places *out, const struct layout *layout, struct rect area, int focus, unsigned hidden,
		  bool zoomed)
{
	struct placing placing = { .out = out, .layout = layout, .focus = focus, .hidden = hidden };

	memset(out, 0, sizeof(*out));
	if (area.rows < 1 || area.cols < 1)
		return;
	if (zoomed)
		out->panes[focus] = area;
	else
		place_node(&placing, 0, area);
}

static void set_share(struct layout *layout, int node, int share)
{
	layout->shares[node] = share < SHARE_MIN ? SHARE_MIN : share > SHARE_MAX ? SHARE_MAX : share;
}

/* The innermost split around pane; -1: none. */
static int split_around(const struct layout *layout, int node, int pane)
{
	const struct layout_node *at = &layout->nodes[node];
	int inner;

	if (at->kind == LAYOUT_PANE || !holds_pane(layout, node, pane))
		return -1;
	inner = split_around(layout, holds_pane(layout, at->first, pane) ? at->first : at->second, pane);
	if (inner >= 0)
		return inner;
	return at->kind == LAYOUT_TABS ? -1 : node;
}

bool layout_resize(struct layout *layout, int pane, int percent)
{
	int node = split_around(layout, 0, pane);

	if (node < 0)
		return false;
	if (!holds_pane(layout, layout->nodes[node].first, pane))
		percent = -percent;
	set_share(layout, node, layout->shares[node] + percent);
	return true;
}

void layout_drag(struct layout *layout, const struct layout_divider *divider, int y, int x)
{
	int whole = divider->vertical ? divider->whole.cols : divider->whole.rows;
	int part = divider->vertical ? x - divider->whole.x : y - divider->whole.y;

	if (whole > 3)
		set_share(layout, divider->node, (part * 100 + whole - 2) / (whole - 1));
}

int layout_divider_at(const struct layout_places *places, int y, int x)
{
	for (int i = 0; i < places->divider_count; i++) {
		if (rect_holds(places->dividers[i].area, y, x))
			return i;
	}
	return -1;
}

int layout_pane_at(const struct layout_places *places, int y, int x)
{
	for (int i = 0; i < LAYOUT_PANES_MAX; i++) {
		if (places->panes[i].rows && rect_holds(places->panes[i], y, x))
			return i;
	}
	return -1;
}
