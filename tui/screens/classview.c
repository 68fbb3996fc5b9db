/*
 * For those who teach a course: which student is where, the last seen first, and the tests that most students' newest submissions fail,
 * of one assignment at a time.
 */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/chart.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { FAILING_ROWS = 7, FAILING_COLS_MAX = 100, TWO_COLUMNS = 130, LOW_ROWS = 16 };

struct classview {
	char id[KL_ID_SIZE]; /* of the course */
	struct courselist list;
	size_t at; /* the assignment whose tests are shown */
	cJSON *seen, *failing; /* rows; NULL: not there yet */
	struct scroll scroll;
	struct asking asking;
	bool to_ask; /* once the screen is drawn */
};

static const struct kl_coursework *course_of(const struct classview *view)
{
	return courselist_find(&view->list, view->id);
}

static const struct kl_assignment *assignment_of(const struct classview *view)
{
	const struct kl_coursework *work = course_of(view);

	return work && view->at < work->count ? &work->assignments[view->at] : NULL;
}

/* --- asking: students first, then tests --------------------------------------------------------------------------- */

static void take_failing(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct classview *view = pane->state;

	(void)page;
	cJSON_Delete(view->failing);
	view->failing = cJSON_Duplicate(answer->data, true);
}

static void ask_failing(struct pane *pane)
{
	struct classview *view = pane->state;
	struct asking_wish wish = { .method = "GET" };

	if (!assignment_of(view))
		return;
	wish.path = kl_format("/api/courses/%s/assignments/%s/failing", view->id, assignment_of(view)->id);
	asking_begin(&view->asking, pane, &wish, take_failing);
}

static void take_seen(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct classview *view = pane->state;
	const cJSON *node;

	if (page == 1) {
		cJSON_Delete(view->seen);
		view->seen = cJSON_CreateArray();
	}
	cJSON_ArrayForEach(node, answer->data) {
		cJSON_AddItemToArray(view->seen, cJSON_Duplicate(node, true));
	}
	if (!view->asking.path) /* that was the last one */
		ask_failing(pane);
}

static void ask_all(struct pane *pane)
{
	struct classview *view = pane->state;
	const struct asking_wish wish = { .path = kl_format("/api/courses/%s/activity?", view->id), .pages = true };

	asking_begin(&view->asking, pane, &wish, take_seen);
}

/* Another assignment, step further. */
static void turn(struct pane *pane, int step)
{
	struct classview *view = pane->state;
	const struct kl_coursework *work = course_of(view);

	if (!work || !work->count)
		return;
	view->at = (view->at + work->count + (size_t)step) % work->count;
	cJSON_Delete(view->failing);
	view->failing = NULL;
	ask_failing(pane);
}

/* The one that students are most likely at: the last that has opened, and if there is one, that is not over. */
static size_t likely(const struct kl_coursework *work, int64_t now_ms)
{
	size_t opened = 0, running = SIZE_MAX;

	for (size_t i = 0; work && i < work->count; i++) {
		const struct kl_terms *terms = &work->assignments[i].terms;

		if (terms->opens_ms > now_ms)
			continue;
		opened = i;
		if (!terms->due_ms || terms->due_ms > now_ms)
			running = i;
	}
	return running == SIZE_MAX ? opened : running;
}

static void read_classview(struct pane *pane)
{
	struct classview *view = pane->state;

	courselist_read(&view->list, pane->app);
	app_dirty(pane->app);
}

static enum kl_status open_classview(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct classview *view = pane->state;

	(void)err;
	snprintf(view->id, sizeof(view->id), "%s", (const char *)arg);
	read_classview(pane);
	view->at = likely(course_of(view), kl_clock_wall_ms(&pane->app->clock));
	view->to_ask = true;
	return KL_OK;
}

static bool work_classview(struct pane *pane)
{
	struct classview *view = pane->state;
	bool to_ask = view->to_ask;

	view->to_ask = false;
	if (to_ask)
		ask_all(pane);
	return to_ask;
}

static void close_classview(struct pane *pane)
{
	struct classview *view = pane->state;

	asking_close(&view->asking);
	courselist_release(&view->list);
	cJSON_Delete(view->seen);
	cJSON_Delete(view->failing);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

enum { CELLS = 5 };

/* When stands last but is drawn from 60 columns on; what is not there has no room. */
static void draw_cells(struct canvas *canvas, int y, const char *const cells[CELLS], enum role role)
{
	static const int widths[CELLS] = { 18, 24, 11, 6, 17 };
	static const int least[CELLS] = { 0, 0, 54, 62, 78 }; /* columns of the window, to be shown at all */
	int x = 1;

	for (int i = 0; i < CELLS && canvas->cols >= least[i]; i++) {
		int room = canvas->cols - x;

		canvas_str_cut(canvas, y, x, role, cells[i], room < widths[i] - 1 ? room : widths[i] - 1);
		x += widths[i];
	}
}

static void draw_seen(const cJSON *node, struct canvas *canvas, int y)
{
	struct kl_seen seen;
	char at[20] = "never", where[200] = "", best[16] = "";

	kl_seen_read(&seen, node);
	if (seen.at_ms) {
		kl_clock_format(seen.at_ms, at, sizeof(at));
		snprintf(where, sizeof(where), "%.90s/%.90s", seen.pack, seen.slug);
	}
	if (seen.best >= 0)
		snprintf(best, sizeof(best), "%3.0f%%", seen.best);
	draw_cells(canvas, y,
		   (const char *const[CELLS]){ *seen.display ? seen.display : seen.name, where, seen.what, best, at },
		   seen.at_ms ? ROLE_TEXT : ROLE_DIM);
}

static void draw_students(struct classview *view, struct canvas *canvas)
{
	static const char *const names[CELLS] = { "Student", "is at", "did", "best", "when" };
	size_t count = (size_t)cJSON_GetArraySize(view->seen), at = 0;
	const char *nothing = view->seen ? "This course has no students yet." : "";
	const cJSON *node;

	draw_cells(canvas, 0, names, ROLE_COLUMN);
	if (!count)
		canvas_wrapped(canvas, (struct rect){ 1, 1, canvas->rows - 1, canvas->cols - 2 },
			       *view->asking.problem ? ROLE_WARNING : ROLE_TEXT,
			       *view->asking.problem ? view->asking.problem : nothing);
	view->scroll.rows = canvas->rows - 1;
	scroll_text_by(&view->scroll, count, 0);
	cJSON_ArrayForEach(node, view->seen) {
		if (at >= view->scroll.top && at < view->scroll.top + (size_t)view->scroll.rows)
			draw_seen(node, canvas, 1 + (int)(at - view->scroll.top));
		at++;
	}
}

static void draw_failing(const struct classview *view, struct pane *pane, struct canvas *canvas)
{
	const struct kl_coursework *work = course_of(view);
	const struct kl_assignment *assignment = assignment_of(view);
	int cols = canvas->cols - 2 < FAILING_COLS_MAX ? canvas->cols - 2 : FAILING_COLS_MAX, y = 0;
	char line[512], key[KEYS_NAME_MAX];
	const cJSON *node;

	keymap_name(key, pane->app->keymap, SCOPE_VIEW, REQ_NEXT_TAB);
	if (assignment)
		snprintf(line, sizeof(line), "Tests that fail most: %.200s%s%s%s", assignment->title,
			 work->count > 1 ? " (" : "", work->count > 1 ? key : "", work->count > 1 ? ": the next)" : "");
	else
		snprintf(line, sizeof(line), "Nothing is set yet.");
	canvas_str_cut(canvas, y++, 1, ROLE_COLUMN, line, canvas->cols - 2);
	if (view->failing && !cJSON_GetArraySize(view->failing))
		canvas_str_cut(canvas, y, 1, ROLE_DIM, "None that is known.", canvas->cols - 2);
	cJSON_ArrayForEach(node, view->failing) {
		struct kl_failing failing;

		kl_failing_read(&failing, node);
		snprintf(line, sizeof(line), "%.100s: %.100s", failing.slug, failing.test);
		if (y < canvas->rows)
			chart_bar(canvas, y++, 1, cols, line, (int)failing.students,
				  work && work->course.students > failing.students ? (int)work->course.students
										   : (int)failing.students);
	}
}

static void draw_classview(struct pane *pane, struct canvas *canvas)
{
	struct classview *view = pane->state;
	bool beside = canvas->cols >= TWO_COLUMNS;
	int failing = canvas->rows >= LOW_ROWS ? FAILING_ROWS : canvas->rows / 2 - 1;
	struct canvas part =
		canvas_sub(canvas, beside ? (struct rect){ 0, 0, canvas->rows, canvas->cols / 2 }
					  : (struct rect){ 0, 0, canvas->rows - failing - 1, canvas->cols });

	draw_students(view, &part);
	if (!beside)
		canvas_hline(canvas, canvas->rows - failing - 1, 0, canvas->cols, ROLE_BORDER);
	part = canvas_sub(canvas,
			  beside ? (struct rect){ 0, canvas->cols / 2, canvas->rows, canvas->cols - canvas->cols / 2 }
				 : (struct rect){ canvas->rows - failing, 0, failing, canvas->cols });
	draw_failing(view, pane, &part);
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

static enum request classview_request(struct pane *pane, enum request request)
{
	struct classview *view = pane->state;

	if (request == REQ_BACK && asking_stop(&view->asking))
		return REQ_NONE;
	if (request == REQ_NEXT_TAB || request == REQ_PREV_TAB)
		turn(pane, request == REQ_NEXT_TAB ? 1 : -1);
	else if (request == REQ_REFRESH || request == REQ_CLASS)
		ask_all(pane);
	else if (request == REQ_GRADES)
		app_go(pane->app, &gradebook_ops, view->id);
	else if (request == REQ_LEADERBOARD)
		app_go(pane->app, &leaderboard_ops, view->id);
	else if (!scroll_text(&view->scroll, (size_t)cJSON_GetArraySize(view->seen), request))
		return request;
	return REQ_NONE;
}

static bool classview_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct classview *view = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_text_by(&view->scroll, (size_t)cJSON_GetArraySize(view->seen), mouse->wheel * 3L);
	return true;
}

static void classview_title(struct pane *pane, char *text, size_t size)
{
	const struct kl_coursework *work = course_of(pane->state);

	if (work)
		snprintf(text, size, "%s: who is where", work->course.title);
}

static const enum request classview_hints[] = { REQ_REFRESH, REQ_NEXT_TAB, REQ_GRADES, REQ_BACK, REQ_HELP, REQ_NONE };

const struct pane_ops classview_ops = {
	.name = "Class",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct classview),
	.open = open_classview,
	.draw = draw_classview,
	.request = classview_request,
	.mouse = classview_mouse,
	.title = classview_title,
	.hints = classview_hints,
	.work = work_classview,
	.refresh = read_classview,
	.close = close_classview,
};
