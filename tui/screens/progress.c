/* How it is going: solved by difficulty and category, the calendar of half a year, the weeks. */
#include "screens.h"

#include <kodelab/progress.h>

#include "tui/app_int.h"
#include "tui/ui/chart.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { WORK_COLS = 60, CHART_COLS_MAX = 70, CALENDAR_ROWS = 7 };

struct progress {
	struct kl_stats stats;
	bool ready;
	struct scroll scroll;
	int rows; /* of the whole drawing */
};

static void read_stats(struct pane *pane)
{
	struct progress *progress = pane->state;
	struct kl_error err;

	if (progress->ready)
		kl_stats_release(&progress->stats);
	progress->ready = false;
	if (!pane->app->store)
		return;
	if (kl_stats_read(&progress->stats, pane->app->store, app_catalogue(pane->app), &pane->app->clock, &err))
		app_say_error(pane->app, &err);
	else
		progress->ready = true;
}

static enum kl_status open_progress(struct pane *pane, const void *arg, struct kl_error *err)
{
	(void)arg;
	if (!pane->app->store)
		return kl_fail(err, KL_EIO, "Progress is not to be had: the database is not open.");
	read_stats(pane);
	return KL_OK;
}

static void close_progress(struct pane *pane)
{
	struct progress *progress = pane->state;

	if (progress->ready)
		kl_stats_release(&progress->stats);
}

static int draw_summary(const struct kl_stats *stats, struct canvas *canvas, int y)
{
	int x = 1 + canvas_printf(canvas, y + 1, 1, ROLE_TEXT, "%d attempt%s, %d submitted, %d passed", stats->attempts,
				  stats->attempts == 1 ? "" : "s", stats->submits, stats->passes);

	canvas_printf(canvas, y, 1, ROLE_HEADING, "%d of %d solved", stats->completed, stats->total);
	if (canvas->cols >= WORK_COLS)
		canvas_printf(canvas, y + 1, x, ROLE_TEXT, ", %lld h %lld min of work",
			      (long long)(stats->spent_ms / 3600000), (long long)(stats->spent_ms / 60000 % 60));
	canvas_printf(canvas, y + 2, 1, stats->streak ? ROLE_STREAK : ROLE_DIM, "Streak: %d day%s (longest: %d)",
		      stats->streak, stats->streak == 1 ? "" : "s", stats->longest_streak);
	return y + 4;
}

static int draw_bars(const struct kl_stats *stats, struct canvas *canvas, int y, int cols)
{
	canvas_str(canvas, y++, 1, ROLE_COLUMN, "By difficulty");
	for (int i = 0; i < KL_DIFFICULTY_COUNT; i++)
		chart_bar(canvas, y++, 1, cols, stats->by_difficulty[i].name, stats->by_difficulty[i].completed,
			  stats->by_difficulty[i].total);
	y++;
	canvas_str(canvas, y++, 1, ROLE_COLUMN, "By category");
	for (size_t i = 0; i < stats->category_count; i++)
		chart_bar(canvas, y++, 1, cols, stats->by_category[i].name, stats->by_category[i].completed,
			  stats->by_category[i].total);
	return y + 1;
}

static int draw_calendar(struct pane *pane, struct canvas *canvas, int y, int x)
{
	const struct kl_stats *stats = &((struct progress *)pane->state)->stats;
	int64_t today = kl_clock_local_day_number(kl_clock_wall_ms(&pane->app->clock)) - stats->heatmap_first_day;

	canvas_str(canvas, y++, x, ROLE_COLUMN, "Attempts a day, up to today");
	chart_calendar(canvas, y, x, canvas->cols - x, stats->heatmap, KL_HEATMAP_DAYS, (int)today);
	y += CALENDAR_ROWS + 1;
	canvas_str(canvas, y++, x, ROLE_COLUMN, "Solved a week");
	chart_spark(canvas, y, x, stats->weekly, KL_HEATMAP_WEEKS);
	canvas_printf(canvas, y, x + KL_HEATMAP_WEEKS + 1, ROLE_DIM, "this week: %d",
		      stats->weekly[KL_HEATMAP_WEEKS - 1]);
	return y + 2;
}

static void draw_progress(struct pane *pane, struct canvas *canvas)
{
	struct progress *progress = pane->state;
	bool beside = canvas->cols >= 130;
	int cols = beside ? canvas->cols / 2 - 4 : canvas->cols - 2, y, top = (int)progress->scroll.top;

	if (!progress->ready)
		return;
	progress->scroll.rows = canvas->rows;
	y = draw_summary(&progress->stats, canvas, -top);
	if (beside) {
		draw_calendar(pane, canvas, y, canvas->cols / 2);
		y = draw_bars(&progress->stats, canvas, y, cols > CHART_COLS_MAX ? CHART_COLS_MAX : cols);
	} else {
		y = draw_calendar(pane, canvas, y, 1);
		y = draw_bars(&progress->stats, canvas, y, cols > CHART_COLS_MAX ? CHART_COLS_MAX : cols);
	}
	progress->rows = y + top;
}

static enum request progress_request(struct pane *pane, enum request request)
{
	struct progress *progress = pane->state;

	return scroll_text(&progress->scroll, (size_t)progress->rows, request) ? REQ_NONE : request;
}

static bool progress_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct progress *progress = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_text_by(&progress->scroll, (size_t)progress->rows, mouse->wheel * 3L);
	return true;
}

static const enum request progress_hints[] = { REQ_HISTORY, REQ_BROWSE, REQ_BACK, REQ_HELP, REQ_NONE };

const struct pane_ops progress_ops = {
	.name = "Progress",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct progress),
	.open = open_progress,
	.draw = draw_progress,
	.request = progress_request,
	.mouse = progress_mouse,
	.hints = progress_hints,
	.refresh = read_stats,
	.close = close_progress,
};
