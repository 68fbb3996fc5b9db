/* For those who teach: how one challenge fares: what was found, which tests fail, how many tries it takes, how long programs run. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>
#include <kodelab/json.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/figures.h"
#include "tui/ui/canvas.h"
#include "tui/ui/chart.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { WEEKS_MAX = 26, CHART_COLS_MAX = 70, TWO_COLUMNS = 130 };

struct challengestats {
	char name[200];
	char *path; /* what is asked */
	cJSON *data; /* ChallengeAnalytics; NULL: not there yet */
	struct scroll scroll;
	int rows; /* of the whole drawing */
	struct asking asking;
};

/* --- asking ------------------------------------------------------------------------------------------------------- */

static void take(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct challengestats *stats = pane->state;

	(void)page;
	cJSON_Delete(stats->data);
	stats->data = cJSON_Duplicate(answer->data, true);
}

static void ask(struct pane *pane)
{
	struct challengestats *stats = pane->state;
	const struct asking_wish wish = { .method = "GET", .path = kl_strdup(stats->path) };

	asking_begin(&stats->asking, pane, &wish, take);
}

/* arg: the row of the list that it is about. */
static enum kl_status open_challengestats(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct challengestats *stats = pane->state;
	const char *pack = kl_json_text_of(arg, "pack"), *slug = kl_json_text_of(arg, "slug");

	if (!kl_slug_valid(pack) || !kl_slug_valid(slug))
		return kl_fail(err, KL_ENOENT, "The class server does not say which challenge that is.");
	figures_name(stats->name, sizeof(stats->name), arg);
	stats->path = kl_format("/api/analytics/challenge/%s/%s", pack, slug);
	stats->asking.later = true;
	return KL_OK;
}

static bool work_challengestats(struct pane *pane)
{
	struct challengestats *stats = pane->state;

	if (!asking_due(&stats->asking))
		return false;
	ask(pane);
	return true;
}

static void close_challengestats(struct pane *pane)
{
	struct challengestats *stats = pane->state;

	asking_close(&stats->asking);
	cJSON_Delete(stats->data);
	free(stats->path);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static int draw_summary(const cJSON *data, struct canvas *canvas, int y)
{
	int tried = figures_count(data, "tried"), submissions = figures_count(data, "submissions");

	canvas_printf(canvas, y, 1, ROLE_HEADING, "%d of %d who tried it solved it (%d%%)",
		      figures_count(data, "solved"), tried, figures_count(data, "solved_percent"));
	canvas_printf(canvas, y + 1, 1, ROLE_TEXT, "%d submission%s, %d passed (%d%%)", submissions,
		      submissions == 1 ? "" : "s", figures_count(data, "passed"), figures_count(data, "pass_percent"));
	return y + 3;
}

static int draw_weeks(const cJSON *data, struct canvas *canvas, int y, int x)
{
	int weeks[WEEKS_MAX] = { 0 }, count = 0;
	const cJSON *node;

	cJSON_ArrayForEach(node, cJSON_GetObjectItemCaseSensitive(data, "weeks")) {
		if (count == WEEKS_MAX)
			break;
		weeks[count++] = figures_count(node, "submissions");
	}
	if (!count)
		return y;
	canvas_str(canvas, y, x, ROLE_COLUMN, "Submissions a week, up to this one");
	chart_spark(canvas, y + 1, x, weeks, count);
	canvas_printf(canvas, y + 1, x + count + 1, ROLE_DIM, "the last: %d", weeks[count - 1]);
	return y + 3;
}

static int draw_part(const struct figures_part *part, const cJSON *data, struct canvas *canvas, int y, int x, int cols)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(data, part->list), *row;
	int whole = figures_count(data, part->whole);
	char label[FIGURES_LABEL];

	if (!cJSON_GetArraySize(rows))
		return y;
	canvas_str_cut(canvas, y++, x, ROLE_COLUMN, part->title, cols);
	cJSON_ArrayForEach(row, rows) {
		part->label(label, row);
		chart_bar(canvas, y++, x, cols, label, figures_count(row, part->count), whole);
	}
	return y + 1;
}

/* One below the other, or where it is wide two beside two. */
static void draw_challengestats(struct pane *pane, struct canvas *canvas)
{
	struct challengestats *stats = pane->state;
	bool beside = canvas->cols >= TWO_COLUMNS;
	int cols = beside ? canvas->cols / 2 - 4 : canvas->cols - 2, top = (int)stats->scroll.top, y, right;

	stats->scroll.rows = canvas->rows;
	if (!stats->data) {
		canvas_wrapped(canvas, (struct rect){ 1, 1, canvas->rows - 1, canvas->cols - 2 }, ROLE_WARNING,
			       stats->asking.problem);
		return;
	}
	cols = cols > CHART_COLS_MAX ? CHART_COLS_MAX : cols;
	y = right = draw_weeks(stats->data, canvas, draw_summary(stats->data, canvas, -top), 1);
	for (int i = 0; i < FIGURES_PARTS; i++) {
		if (beside && i >= FIGURES_PARTS / 2)
			right = draw_part(&figures_parts[i], stats->data, canvas, right, canvas->cols / 2, cols);
		else
			y = draw_part(&figures_parts[i], stats->data, canvas, y, 1, cols);
	}
	stats->rows = (right > y ? right : y) + top - 1;
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

static enum request challengestats_request(struct pane *pane, enum request request)
{
	struct challengestats *stats = pane->state;

	if (request == REQ_BACK && asking_stop(&stats->asking))
		return REQ_NONE;
	if (request == REQ_REFRESH)
		ask(pane);
	else if (!scroll_text(&stats->scroll, (size_t)stats->rows, request))
		return request;
	return REQ_NONE;
}

static bool challengestats_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct challengestats *stats = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_text_by(&stats->scroll, (size_t)stats->rows, mouse->wheel * 3L);
	return true;
}

static void challengestats_title(struct pane *pane, char *text, size_t size)
{
	snprintf(text, size, "%s", ((struct challengestats *)pane->state)->name);
}

static const enum request challengestats_hints[] = { REQ_REFRESH, REQ_BACK, REQ_HELP, REQ_NONE };

const struct pane_ops challengestats_ops = {
	.name = "How a challenge fares",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct challengestats),
	.open = open_challengestats,
	.draw = draw_challengestats,
	.request = challengestats_request,
	.mouse = challengestats_mouse,
	.title = challengestats_title,
	.hints = challengestats_hints,
	.work = work_challengestats,
	.close = close_challengestats,
};
