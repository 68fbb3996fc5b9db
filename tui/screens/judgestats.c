/* What judges elsewhere did: how many runs, how they ended and how long they took, by judge and language, and what is left of the day's requests. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/instance.h>
#include <kodelab/keypool.h>
#include <kodelab/language.h>

#include "tui/app_int.h"
#include "tui/tally.h"
#include "tui/ui/chart.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { CHART_COLS_MAX = 70, TWO_COLUMNS = 130, GROUPS_MAX = 200, NAME_COLS = 18, FIGURE_COLS = 10 };

struct group { /* lines of one judge, or of one language */
	const char *id; /* the tally's */
	const char *name; /* of the language, for people; else the id */
	struct tally_line sum;
};

struct quota { /* a judge's requests of today */
	char *name; /* owned */
	struct kl_key_totals keys;
};

struct judgestats {
	struct tally tally;
	struct tally_line all;
	struct group judges[GROUPS_MAX], languages[GROUPS_MAX];
	size_t judge_count, language_count;
	struct quota *quotas;
	size_t quota_count;
	struct scroll scroll;
	int rows; /* of the whole drawing */
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

static struct group *add_group(struct group *groups, size_t *count, const char *id, const struct tally_line *sum)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(groups[i].id, id) == 0)
			return &groups[i];
	if (*count == GROUPS_MAX)
		return &groups[GROUPS_MAX - 1];
	groups[*count] = (struct group){ .id = id, .name = id, .sum = *sum };
	return &groups[(*count)++];
}

static int by_runs(const void *a, const void *b)
{
	const struct group *one = a, *other = b;
	int64_t more = other->sum.counts[TALLY_RUNS] - one->sum.counts[TALLY_RUNS];

	return more ? (more > 0 ? 1 : -1) : strcmp(one->name, other->name);
}

static void drop_quotas(struct judgestats *stats)
{
	for (size_t i = 0; i < stats->quota_count; i++)
		free(stats->quotas[i].name);
	free(stats->quotas);
	stats->quotas = NULL;
	stats->quota_count = 0;
}

static void read_quotas(struct judgestats *stats, struct app *app)
{
	size_t count = kl_instances_count(app->elsewhere.instances);

	drop_quotas(stats);
	if (!app->keyring.pool)
		return;
	stats->quotas = kl_calloc(count + 1, sizeof(*stats->quotas));
	for (size_t i = 0; i < count; i++) {
		const char *name = kl_instance_spec(kl_instances_at(app->elsewhere.instances, i))->name;
		struct quota *quota = &stats->quotas[stats->quota_count];

		if (kl_keypool_totals(&quota->keys, app->keyring.pool, name, "", NULL) || !quota->keys.limit)
			continue;
		quota->name = kl_strdup(name);
		stats->quota_count++;
	}
}

static void add_line(struct judgestats *stats, const struct app *app, const struct tally_line *line)
{
	const struct kl_language *language = kl_instances_language(app->elsewhere.instances, line->language);
	struct tally_line of_judge = tally_sum(&stats->tally, line->judge, NULL);
	struct tally_line of_language = tally_sum(&stats->tally, NULL, line->language);
	struct group *group = add_group(stats->languages, &stats->language_count, line->language, &of_language);

	if (language)
		group->name = language->name;
	add_group(stats->judges, &stats->judge_count, line->judge, &of_judge);
}

static void read_judgestats(struct pane *pane)
{
	struct judgestats *stats = pane->state;
	struct kl_error err;

	stats->judge_count = stats->language_count = 0;
	if (tally_read(&stats->tally, pane->app->store, &err))
		app_say_error(pane->app, &err);
	stats->all = tally_sum(&stats->tally, NULL, NULL);
	for (size_t i = 0; i < stats->tally.count; i++)
		add_line(stats, pane->app, &stats->tally.lines[i]);
	qsort(stats->judges, stats->judge_count, sizeof(*stats->judges), by_runs);
	qsort(stats->languages, stats->language_count, sizeof(*stats->languages), by_runs);
	read_quotas(stats, pane->app);
}

static enum kl_status open_judgestats(struct pane *pane, const void *arg, struct kl_error *err)
{
	enum kl_status status = app_judges(pane->app, err);

	(void)arg;
	if (!status)
		read_judgestats(pane);
	return status;
}

static void close_judgestats(struct pane *pane)
{
	struct judgestats *stats = pane->state;

	tally_release(&stats->tally);
	drop_quotas(stats);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static int clipped(int64_t value)
{
	return value > INT32_MAX ? INT32_MAX : (int)value;
}

static int draw_summary(const struct judgestats *stats, struct canvas *canvas, int y)
{
	const int64_t *counts = stats->all.counts;
	int64_t ended = counts[TALLY_RUNS] + counts[TALLY_FAILED];
	char line[256];

	snprintf(line, sizeof(line), "%lld run%s elsewhere, %.1f %% went well", (long long)ended, ended == 1 ? "" : "s",
		 ended ? 100.0 * (double)counts[TALLY_RUNS] / (double)ended : 0.0);
	canvas_str_cut(canvas, y, 1, ROLE_HEADING, line, canvas->cols - 2);
	snprintf(line, sizeof(line),
		 "%lld program%s sent with %lld request%s; %lld result%s reused, for which nothing was "
		 "sent",
		 (long long)counts[TALLY_SENT], counts[TALLY_SENT] == 1 ? "" : "s", (long long)counts[TALLY_REQUESTS],
		 counts[TALLY_REQUESTS] == 1 ? "" : "s", (long long)counts[TALLY_REUSED],
		 counts[TALLY_REUSED] == 1 ? "" : "s");
	return canvas_wrapped(canvas, (struct rect){ y + 1, 1, 3, canvas->cols - 2 }, ROLE_TEXT, line) + 1;
}

/* "up to 0.5 s" */
static void name_part(char *text, size_t size, size_t part)
{
	double seconds = strtod(tally_bound(part), NULL) / 1000;

	if (part + 1 < TALLY_TIMES)
		snprintf(text, size, "up to %g s", seconds);
	else
		snprintf(text, size, "longer");
}

static int draw_times(const struct judgestats *stats, struct canvas *canvas, int y, int x, int cols)
{
	int64_t all = 0;

	for (size_t part = 0; part < TALLY_TIMES; part++)
		all += stats->all.times[part];
	canvas_str_cut(canvas, y++, x, ROLE_COLUMN, "How long a run took", cols);
	for (size_t part = 0; part < TALLY_TIMES; part++) {
		char name[32];

		name_part(name, sizeof(name), part);
		chart_bar(canvas, y++, x, cols, name, clipped(stats->all.times[part]), clipped(all));
	}
	return y + 1;
}

static int draw_quotas(const struct judgestats *stats, struct canvas *canvas, int y, int x, int cols)
{
	if (!stats->quota_count)
		return y;
	canvas_str_cut(canvas, y++, x, ROLE_COLUMN, "Requests of today", cols);
	for (size_t i = 0; i < stats->quota_count; i++)
		chart_bar(canvas, y++, x, cols, stats->quotas[i].name, clipped(stats->quotas[i].keys.used),
			  clipped(stats->quotas[i].keys.limit));
	return y + 1;
}

/* One row of a table: a name, figures right-aligned, as many as there is room for. */
static void draw_figures(struct canvas *canvas, int y, int x, int cols, enum role role, const char *const cells[6])
{
	canvas_str_cut(canvas, y, x, role, cells[0], NAME_COLS - 1);
	for (int i = 1, end = NAME_COLS + FIGURE_COLS; i < 6 && end <= cols; i++, end += FIGURE_COLS)
		canvas_str(canvas, y, x + end - canvas_width(cells[i], strlen(cells[i])), role, cells[i]);
}

static void draw_group(struct canvas *canvas, int y, int x, int cols, const struct group *group)
{
	const int64_t *counts = group->sum.counts;
	size_t half = tally_half(&group->sum);
	char figures[4][24], within[32] = "";

	snprintf(figures[0], sizeof(figures[0]), "%lld", (long long)counts[TALLY_RUNS]);
	snprintf(figures[1], sizeof(figures[1]), "%lld", (long long)counts[TALLY_FAILED]);
	snprintf(figures[2], sizeof(figures[2]), "%lld", (long long)counts[TALLY_REQUESTS]);
	snprintf(figures[3], sizeof(figures[3]), "%lld", (long long)counts[TALLY_REUSED]);
	if (half + 1 < TALLY_TIMES)
		snprintf(within, sizeof(within), "%g s", strtod(tally_bound(half), NULL) / 1000);
	else if (half < TALLY_TIMES)
		snprintf(within, sizeof(within), "> 30 s");
	draw_figures(canvas, y, x, cols, ROLE_TEXT,
		     (const char *const[6]){ group->name, figures[0], within, figures[1], figures[2], figures[3] });
}

static int draw_groups(struct canvas *canvas, int y, struct rect area, const char *title, const struct group *groups,
		       size_t count)
{
	draw_figures(canvas, y++, area.x, area.cols, ROLE_COLUMN,
		     (const char *const[6]){ title, "runs", "half in", "failed", "requests", "reused" });
	for (size_t i = 0; i < count; i++)
		draw_group(canvas, y++, area.x, area.cols, &groups[i]);
	return y + 1;
}

static void draw_judgestats(struct pane *pane, struct canvas *canvas)
{
	struct judgestats *stats = pane->state;
	bool beside = canvas->cols >= TWO_COLUMNS;
	int cols = beside ? canvas->cols / 2 - 4 : canvas->cols - 2, top = (int)stats->scroll.top, y, right;
	struct rect tables = { 0, beside ? canvas->cols / 2 : 1, 0, cols };

	stats->scroll.rows = canvas->rows;
	if (!stats->tally.count) {
		canvas_wrapped(canvas, (struct rect){ 1, 2, canvas->rows - 1, canvas->cols - 4 }, ROLE_TEXT,
			       "No judge elsewhere has run anything for you yet. When one does, this screen shows how "
			       "often, how fast, and how many requests it took.");
		return;
	}
	cols = cols > CHART_COLS_MAX ? CHART_COLS_MAX : cols;
	y = right = draw_summary(stats, canvas, -top);
	y = draw_times(stats, canvas, y, 1, cols);
	y = draw_quotas(stats, canvas, y, 1, cols);
	right = draw_groups(canvas, beside ? right : y, tables, "By judge", stats->judges, stats->judge_count);
	right = draw_groups(canvas, right, tables, "By language", stats->languages, stats->language_count);
	stats->rows = (right > y ? right : y) + top - 1;
}

static enum request judgestats_request(struct pane *pane, enum request request)
{
	struct judgestats *stats = pane->state;

	return scroll_text(&stats->scroll, (size_t)stats->rows, request) ? REQ_NONE : request;
}

static bool judgestats_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct judgestats *stats = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_text_by(&stats->scroll, (size_t)stats->rows, mouse->wheel * 3L);
	return true;
}

static const enum request judgestats_hints[] = { REQ_PAGE_DOWN, REQ_JUDGES, REQ_KEYS, REQ_BACK, REQ_HELP, REQ_NONE };

const struct pane_ops judgestats_ops = {
	.name = "Judges: what they did",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct judgestats),
	.open = open_judgestats,
	.draw = draw_judgestats,
	.request = judgestats_request,
	.mouse = judgestats_mouse,
	.hints = judgestats_hints,
	.refresh = read_judgestats,
	.close = close_judgestats,
};
