/* For those who teach: how challenges fare on the class server, those first that most have tried. Enter looks at one. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/figures.h"
#include "tui/ui/canvas.h"
#include "tui/ui/chart.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { HEAD_ROWS = 1, SHARE_COLS = 24, FIGURE_COLS = 10, NARROW_COLS = 60, COLS_MAX = 120 };

struct analytics {
	cJSON *all; /* rows; NULL: not there yet */
	struct scroll scroll;
	struct asking asking;
};

static size_t count_of(const struct analytics *analytics)
{
	return (size_t)cJSON_GetArraySize(analytics->all);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static void take_page(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct analytics *analytics = pane->state;
	const cJSON *node;

	if (page == 1) {
		cJSON_Delete(analytics->all);
		analytics->all = cJSON_CreateArray();
	}
	cJSON_ArrayForEach(node, answer->data) {
		cJSON_AddItemToArray(analytics->all, cJSON_Duplicate(node, true));
	}
}

static void ask_all(struct pane *pane)
{
	struct analytics *analytics = pane->state;
	const struct asking_wish wish = { .path = kl_strdup("/api/analytics/instructor/challenges?"), .pages = true };

	asking_begin(&analytics->asking, pane, &wish, take_page);
}

static enum kl_status open_analytics(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct analytics *analytics = pane->state;

	(void)arg;
	(void)err;
	analytics->asking.later = true;
	return KL_OK;
}

static bool work_analytics(struct pane *pane)
{
	struct analytics *analytics = pane->state;

	if (!asking_due(&analytics->asking))
		return false;
	ask_all(pane);
	return true;
}

static void close_analytics(struct pane *pane)
{
	struct analytics *analytics = pane->state;

	asking_close(&analytics->asking);
	cJSON_Delete(analytics->all);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

/* Columns of the name; the share comes after it, and where there is room two figures. */
static int name_cols(const struct canvas *canvas)
{
	int cols = canvas->cols < COLS_MAX ? canvas->cols : COLS_MAX;

	return cols - SHARE_COLS - (cols >= NARROW_COLS ? 2 * FIGURE_COLS : 0) - 2;
}

static void draw_head(struct canvas *canvas)
{
	int x = name_cols(canvas);

	canvas_str_cut(canvas, 0, 1, ROLE_COLUMN, "Challenge", x - 2);
	canvas_str(canvas, 0, x, ROLE_COLUMN, "Solved, of who tried");
	if (canvas->cols < NARROW_COLS)
		return;
	canvas_printf(canvas, 0, x + SHARE_COLS, ROLE_COLUMN, "%*s", FIGURE_COLS, "handed in");
	canvas_printf(canvas, 0, x + SHARE_COLS + FIGURE_COLS, ROLE_COLUMN, "%*s", FIGURE_COLS, "passed");
}

static void draw_row(struct canvas *canvas, int y, const cJSON *node)
{
	int x = name_cols(canvas);
	char name[200];

	figures_name(name, sizeof(name), node);
	canvas_str_cut(canvas, y, 1, ROLE_TEXT, name, x - 2);
	chart_share(canvas, y, x, SHARE_COLS, figures_count(node, "solved"), figures_count(node, "tried"));
	if (canvas->cols < NARROW_COLS)
		return;
	canvas_printf(canvas, y, x + SHARE_COLS, ROLE_TEXT, "%*d", FIGURE_COLS, figures_count(node, "submissions"));
	canvas_printf(canvas, y, x + SHARE_COLS + FIGURE_COLS, ROLE_TEXT, "%*d%%", FIGURE_COLS - 1,
		      figures_count(node, "pass_percent"));
}

static void draw_analytics(struct pane *pane, struct canvas *canvas)
{
	struct analytics *analytics = pane->state;
	const char *nothing = analytics->all ? "Nobody has handed in anything yet." : "";
	size_t count = count_of(analytics), at = 0;
	const cJSON *node;

	analytics->scroll.rows = canvas->rows - HEAD_ROWS;
	scroll_keep(&analytics->scroll, count);
	if (!count) {
		canvas_wrapped(canvas, (struct rect){ 1, 1, canvas->rows - 1, canvas->cols - 2 },
			       *analytics->asking.problem ? ROLE_WARNING : ROLE_TEXT,
			       *analytics->asking.problem ? analytics->asking.problem : nothing);
		return;
	}
	draw_head(canvas);
	cJSON_ArrayForEach(node, analytics->all) {
		int y = HEAD_ROWS + (int)(at - analytics->scroll.top);

		if (at >= analytics->scroll.top && y < canvas->rows) {
			draw_row(canvas, y, node);
			if (at == analytics->scroll.selected)
				canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
		}
		at++;
	}
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

static void look_closer(struct pane *pane)
{
	struct analytics *analytics = pane->state;
	const cJSON *node = cJSON_GetArrayItem(analytics->all, (int)analytics->scroll.selected);

	if (node)
		app_go(pane->app, &challengestats_ops, node);
}

static enum request analytics_request(struct pane *pane, enum request request)
{
	struct analytics *analytics = pane->state;

	if (request == REQ_BACK && asking_stop(&analytics->asking))
		return REQ_NONE;
	if (request == REQ_SELECT)
		look_closer(pane);
	else if (request == REQ_REFRESH || request == REQ_ANALYTICS)
		ask_all(pane);
	else if (!scroll_list(&analytics->scroll, count_of(analytics), request))
		return request;
	return REQ_NONE;
}

static bool analytics_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct analytics *analytics = pane->state;
	size_t row = analytics->scroll.top + (size_t)mouse->y - HEAD_ROWS;

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(&analytics->scroll, count_of(analytics), mouse->wheel);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS || mouse->y < HEAD_ROWS || row >= count_of(analytics))
		return false;
	analytics->scroll.selected = row;
	app_request(pane->app, REQ_SELECT);
	return true;
}

static const enum request analytics_hints[] = { REQ_SELECT, REQ_REFRESH, REQ_BACK, REQ_HELP, REQ_NONE };

const struct pane_ops analytics_ops = {
	.name = "How challenges fare",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct analytics),
	.open = open_analytics,
	.draw = draw_analytics,
	.request = analytics_request,
	.mouse = analytics_mouse,
	.hints = analytics_hints,
	.work = work_analytics,
	.close = close_analytics,
};
