/* The window on something long: see scroll.h. */
#include "scroll.h"

enum { SIDE_STEP = 8, LEFT_MAX = 4096 };

void scroll_text_by(struct scroll *scroll, size_t count, long lines)
{
	long last = (long)count - (scroll->rows > 0 ? scroll->rows : 1), to = (long)scroll->top + lines;

	if (to > last)
		to = last;
	scroll->top = to < 0 ? 0 : (size_t)to;
}

void scroll_list_by(struct scroll *scroll, size_t count, long lines)
{
	long to = (long)scroll->selected + lines;

	if (to >= (long)count)
		to = (long)count - 1;
	scroll->selected = to < 0 ? 0 : (size_t)to;
}

static bool scroll_by_request(struct scroll *scroll, size_t count, enum request request,
			      void (*by)(struct scroll *, size_t, long))
{
	long page = scroll->rows > 2 ? scroll->rows - 1 : 1, all = (long)count;

	if (request == REQ_UP)
		by(scroll, count, -1);
	else if (request == REQ_DOWN)
		by(scroll, count, 1);
	else if (request == REQ_PAGE_UP)
		by(scroll, count, -page);
	else if (request == REQ_PAGE_DOWN)
		by(scroll, count, page);
	else if (request == REQ_TOP)
		by(scroll, count, -all);
	else if (request == REQ_BOTTOM)
		by(scroll, count, all);
	else if (request == REQ_SCROLL_UP)
		scroll_text_by(scroll, count, -1);
	else if (request == REQ_SCROLL_DOWN)
		scroll_text_by(scroll, count, 1);
	else
		return false;
	return true;
}

static bool scroll_side(struct scroll *scroll, enum request request)
{
	if (request == REQ_LEFT)
		scroll->left = scroll->left > SIDE_STEP ? scroll->left - SIDE_STEP : 0;
	else if (request == REQ_RIGHT)
		scroll->left += scroll->left < LEFT_MAX ? SIDE_STEP : 0;
	else
		return false;
	return true;
}

bool scroll_text(struct scroll *scroll, size_t count, enum request request)
{
	return scroll_by_request(scroll, count, request, scroll_text_by) || scroll_side(scroll, request);
}

/* The window was moved: the mark stays in it. */
static void pull_mark(struct scroll *scroll)
{
	size_t last = scroll->top + (size_t)(scroll->rows > 0 ? scroll->rows : 1) - 1;

	if (scroll->selected < scroll->top)
		scroll->selected = scroll->top;
	else if (scroll->selected > last)
		scroll->selected = last;
}

bool scroll_list(struct scroll *scroll, size_t count, enum request request)
{
	if (scroll_by_request(scroll, count, request, scroll_list_by)) {
		if (request == REQ_SCROLL_UP || request == REQ_SCROLL_DOWN)
			pull_mark(scroll);
		scroll_keep(scroll, count);
		return true;
	}
	return scroll_side(scroll, request);
}

void scroll_keep(struct scroll *scroll, size_t count)
{
	size_t rows = (size_t)(scroll->rows > 0 ? scroll->rows : 1);

	if (scroll->selected >= count)
		scroll->selected = count ? count - 1 : 0;
	if (scroll->selected < scroll->top)
		scroll->top = scroll->selected;
	if (scroll->selected >= scroll->top + rows)
		scroll->top = scroll->selected - rows + 1;
	if (scroll->top + rows > count) /* the list shrank: the window is filled */
		scroll->top = count > rows ? count - rows : 0;
}
