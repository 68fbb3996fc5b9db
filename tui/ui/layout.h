#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

/*
 * How panes share a rectangle: a small tree of rows (side by side), columns (one above the other) and tabs
 * (one at a time). Pure geometry: who lies where is computed, nothing is drawn and nobody is asked.
 *
 * A split keeps its first part's share in percent, so a resized terminal keeps the proportions.
 */

#include <stdbool.h>

#include "rect.h"

enum { LAYOUT_NODES_MAX = 16, LAYOUT_PANES_MAX = 8, LAYOUT_DIVIDERS_MAX = 8 };

enum layout_kind { LAYOUT_PANE, LAYOUT_ROW, LAYOUT_COLUMN, LAYOUT_TABS };

struct layout_node {
	enum layout_kind kind;
	int pane; /* PANE: its number */
	int first, second; /* the children; TABS too (nest for more) */
	int share; /* ROW, COLUMN: percent of the first */
};

struct layout {
	const struct layout_node *nodes; /* node 0 is the root; borrowed */
	int *shares; /* per node, may be changed by layout_resize; borrowed */
};

struct layout_divider {
	struct rect area; /* one column or one row */
	struct rect whole; /* of the split it belongs to */
	int node; /* that split */
	bool vertical;
};

struct layout_places {
	struct rect panes[LAYOUT_PANES_MAX]; /* rows 0: not shown */
	struct layout_divider dividers[LAYOUT_DIVIDERS_MAX];
	int divider_count;
};

/* Places the panes in area. focus: the pane a tab group shows; hidden: bits of panes that are collapsed. The focused
 * pane is never hidden. zoomed: the focused pane gets everything. */
void layout_place(struct layout_places *out, const struct layout *layout, struct rect area, int focus, unsigned hidden,
		  bool zoomed);

/* Gives pane `percent` more of the nearest split around it; false when there is none. Shares stay within 15-85. */
bool layout_resize(struct layout *layout, int pane, int percent);
/* Moves a divider to screen position (y, x), as a mouse drags it. */
void layout_drag(struct layout *layout, const struct layout_divider *divider, int y, int x);

/* The divider at (y, x), or -1; the pane at (y, x), or -1. */
int layout_divider_at(const struct layout_places *places, int y, int x);
int layout_pane_at(const struct layout_places *places, int y, int x);

#endif
