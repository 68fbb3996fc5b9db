#ifndef TUI_RECT_H
#define TUI_RECT_H

/* A rectangle of cells. */

#include <stdbool.h>

struct rect {
	int y, x; /* of its upper left cell, from 0 */
	int rows, cols; /* 0: nothing */
};

static inline bool rect_holds(struct rect rect, int y, int x)
{
	return y >= rect.y && y < rect.y + rect.rows && x >= rect.x && x < rect.x + rect.cols;
}

#endif
