/*
 * For those who teach a course: which student is where, the last seen first, and the tests that most students' newest submissions fail,
 * of one assignment at a time. As long as it is in front it looks every few seconds whether something is new.
 */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>
#include <kodelab/loop.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/chart.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { FAILING_ROWS = 7, FAILING_COLS_MAX = 100, TWO_COLUMNS = 130, LOW_ROWS = 16, LOOK_MS = 5000, MINUTE_MS = 60000 };

struct classview {
	char id[KL_ID_SIZE]; /* of the course */
	struct courselist list;
	size_t at; /* the assignment whose tests are shown */
	cJSON **seen; /* the students, each owned; the last seen first */
	size_t count, capacity;
	bool there; /* they have come */
	cJSON *failing; /* rows; NULL: not there yet */
	struct scroll scroll;
	struct asking asking;
	struct asking_tag seen_tag, failing_tag;
	struct kl_timer *timer; /* the next look */
	int64_t minute; /* that the ages were drawn in */
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

static void forget_failing(struct classview *view)
{
	cJSON_Delete(view->failing);
	view->failing = NULL;
	view->failing_tag = (struct asking_tag){ .text = "" };
}

static void take_failing(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct classview *view = pane->state;

	(void)page;
	if (!answer->data)
		return;
	cJSON_Delete(view->failing);
	view->failing = cJSON_Duplicate(answer->data, true);
}

/* tag NULL: a person waits for it. */
static void ask_failing(struct pane *pane, struct asking_tag *tag)
{
	struct classview *view = pane->state;
	struct asking_wish wish = { .method = "GET", .tag = tag };

	if (!assignment_of(view))
		return;
	wish.path = kl_format("/api/courses/%s/assignments/%s/failing", view->id, assignment_of(view)->id);
	asking_begin(&view->asking, pane, &wish, take_failing);
}

static void forget_seen(struct classview *view)
{
	while (view->count)
		cJSON_Delete(view->seen[--view->count]);
	view->seen_tag = (struct asking_tag){ .text = "" };
}

static void add_seen(struct classview *view, cJSON *node)
{
	KL_GROW(view->seen, view->count, view->capacity);
	view->seen[view->count++] = node;
}

/* Where the student of this row is in the list; count: nowhere. */
static size_t find_seen(const struct classview *view, const cJSON *node)
{
	const char *id = kl_json_text_of(node, "id");
	size_t at = 0;

	while (at < view->count && strcmp(kl_json_text_of(view->seen[at], "id"), id) != 0)
		at++;
	return at;
}

static void take_seen(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct classview *view = pane->state;
	const cJSON *node;

	if (page == 1)
		forget_seen(view);
	cJSON_ArrayForEach(node, answer->data) {
		add_seen(view, cJSON_Duplicate(node, true));
	}
	view->there = true;
	if (!view->asking.path) /* that was the last one */
		ask_failing(pane, NULL);
}

static void ask_all(struct pane *pane)
{
	struct classview *view = pane->state;
	const struct asking_wish wish = { .path = kl_format("/api/courses/%s/activity?", view->id), .pages = true };

	forget_failing(view);
	asking_begin(&view->asking, pane, &wish, take_seen);
}

/* --- looking again ------------------------------------------------------------------------------------------------ */

/* The one that is marked stays marked, wherever it is now. */
static void mark(struct classview *view, const char *id)
{
	for (size_t i = 0; *id && i < view->count; i++)
		if (!strcmp(kl_json_text_of(view->seen[i], "id"), id))
			view->scroll.selected = i;
}

/* Those seen last come before all others, in their order. rows: at most ASKING_PAGE (asking.c). */
static void merge(struct classview *view, const cJSON *rows)
{
	struct classview merged = { .seen = NULL };
	const cJSON *node;
	size_t at;

	cJSON_ArrayForEach(node, rows) {
		at = find_seen(view, node);
		if (at < view->count) {
			cJSON_Delete(view->seen[at]);
			for (view->count--; at < view->count; at++)
				view->seen[at] = view->seen[at + 1];
		}
		add_seen(&merged, cJSON_Duplicate(node, true));
	}
	for (size_t i = 0; i < view->count; i++)
		add_seen(&merged, view->seen[i]);
	free(view->seen);
	view->seen = merged.seen;
	view->count = merged.count;
	view->capacity = merged.capacity;
}

/* The hundred seen last: of a course with more, the others are as they were when R was pressed. */
static void take_recent(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct classview *view = pane->state;
	char marked[KL_ID_SIZE] = "";

	(void)page;
	if (answer->data && view->scroll.selected < view->count)
		snprintf(marked, sizeof(marked), "%s", kl_json_text_of(view->seen[view->scroll.selected], "id"));
	if (answer->data)
		merge(view, answer->data);
	mark(view, marked);
	if (answer->data && kl_json_number_of(answer->pagination, "total") != (double)view->count)
		ask_all(pane); /* somebody joined or left */
	else
		ask_failing(pane, &view->failing_tag);
}

static void plan_look(struct pane *pane);

static void look(void *ctx)
{
	struct pane *pane = ctx;
	struct classview *view = pane->state;
	int64_t minute = kl_clock_wall_ms(&pane->app->clock) / MINUTE_MS;
	struct asking_wish wish = { .method = "GET", .tag = &view->seen_tag };

	view->timer = NULL;
	plan_look(pane);
	if (app_top(pane->app) != pane || pane->app->lent || view->asking.call || !view->there)
		return;
	if (minute != view->minute)
		app_dirty(pane->app);
	wish.path = kl_format("/api/courses/%s/activity?limit=%d&page=1", view->id, ASKING_PAGE);
	asking_begin(&view->asking, pane, &wish, take_recent);
}

static void plan_look(struct pane *pane)
{
	((struct classview *)pane->state)->timer = kl_loop_add_timer(pane->app->loop, LOOK_MS, look, pane);
}

/* --- which assignment --------------------------------------------------------------------------------------------- */

/* Another assignment, step further. */
static void turn(struct pane *pane, int step)
{
	struct classview *view = pane->state;
	const struct kl_coursework *work = course_of(view);

	if (!work || !work->count)
		return;
	view->at = (view->at + work->count + (size_t)step) % work->count;
	forget_failing(view);
	ask_failing(pane, NULL);
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

/* --- opening and closing ------------------------------------------------------------------------------------------ */

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
	view->asking.later = true;
	plan_look(pane);
	return KL_OK;
}

static bool work_classview(struct pane *pane)
{
	struct classview *view = pane->state;

	if (!asking_due(&view->asking))
		return false;
	ask_all(pane);
	return true;
}

static void close_classview(struct pane *pane)
{
	struct classview *view = pane->state;

	kl_timer_cancel(view->timer);
	asking_close(&view->asking);
	courselist_release(&view->list);
	forget_seen(view);
	free(view->seen);
	cJSON_Delete(view->failing);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

enum { CELLS = 5 };

/* Student, is at, did, best, when: what has no column has no room. */
static const struct shape {
	int least; /* columns of the window */
	int cols[CELLS];
} shapes[] = {
	{ 110, { 30, 34, 12, 7, 17 } }, { 92, { 25, 28, 12, 7, 17 } }, { 78, { 18, 24, 11, 6, 17 } },
	{ 60, { 18, 24, 0, 0, 17 } },   { 36, { 12, 12, 0, 0, 16 } },  { 0, { 10, 20, 0, 0, 0 } },
};

static void draw_cells(struct canvas *canvas, int y, const char *const cells[CELLS], enum role role)
{
	const struct shape *shape = shapes;
	int x = 1;

	while (shape->least > canvas->cols)
		shape++;
	for (int i = 0; i < CELLS; i++) {
		int room = canvas->cols - x, cols = shape->cols[i];

		if (cols)
			canvas_str_cut(canvas, y, x, role, cells[i], room < cols - 1 ? room : cols - 1);
		x += cols;
	}
}

static void draw_seen(const cJSON *node, struct canvas *canvas, int y, int64_t now_ms)
{
	struct kl_seen seen;
	char at[KL_AGO_SIZE], where[200] = "", best[16] = "";

	kl_seen_read(&seen, node);
	kl_ago_words(at, seen.at_ms, now_ms);
	if (seen.at_ms)
		snprintf(where, sizeof(where), "%.90s/%.90s", seen.pack, seen.slug);
	if (seen.best >= 0)
		snprintf(best, sizeof(best), "%3.0f%%", seen.best);
	draw_cells(canvas, y,
		   (const char *const[CELLS]){ *seen.display ? seen.display : seen.name, where, seen.what, best, at },
		   seen.at_ms ? ROLE_TEXT : ROLE_DIM);
}

static void draw_students(struct classview *view, struct canvas *canvas, int64_t now_ms)
{
	static const char *const names[CELLS] = { "Student", "is at", "did", "best", "when" };
	const char *nothing = view->there ? "This course has no students yet." : "";

	view->minute = now_ms / MINUTE_MS;
	draw_cells(canvas, 0, names, ROLE_COLUMN);
	if (!view->count)
		canvas_wrapped(canvas, (struct rect){ 1, 1, canvas->rows - 1, canvas->cols - 2 },
			       *view->asking.problem ? ROLE_WARNING : ROLE_TEXT,
			       *view->asking.problem ? view->asking.problem : nothing);
	view->scroll.rows = canvas->rows - 1;
	scroll_keep(&view->scroll, view->count);
	for (int y = 1; y < canvas->rows && view->scroll.top + (size_t)y <= view->count; y++) {
		size_t at = view->scroll.top + (size_t)y - 1;

		draw_seen(view->seen[at], canvas, y, now_ms);
		if (at == view->scroll.selected)
			canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
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
				  (int)view->count > failing.students ? (int)view->count : (int)failing.students);
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

	draw_students(view, &part, kl_clock_wall_ms(&pane->app->clock));
	if (!beside)
		canvas_hline(canvas, canvas->rows - failing - 1, 0, canvas->cols, ROLE_BORDER);
	part = canvas_sub(canvas,
			  beside ? (struct rect){ 0, canvas->cols / 2, canvas->rows, canvas->cols - canvas->cols / 2 }
				 : (struct rect){ canvas->rows - failing, 0, failing, canvas->cols });
	draw_failing(view, pane, &part);
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

static void open_marked(struct pane *pane)
{
	struct classview *view = pane->state;
	struct kl_seen seen;

	kl_seen_read(&seen, view->seen[view->scroll.selected]);
	app_go(pane->app, &student_ops,
	       &(struct student_arg){ .course = view->id,
				      .id = kl_json_text_of(view->seen[view->scroll.selected], "id"),
				      .name = *seen.display ? seen.display : seen.name });
}

static enum request classview_request(struct pane *pane, enum request request)
{
	struct classview *view = pane->state;

	if (request == REQ_BACK && asking_stop(&view->asking))
		return REQ_NONE;
	if (request == REQ_SELECT && view->scroll.selected < view->count)
		open_marked(pane);
	else if (request == REQ_NEXT_TAB || request == REQ_PREV_TAB)
		turn(pane, request == REQ_NEXT_TAB ? 1 : -1);
	else if (request == REQ_REFRESH || request == REQ_CLASS)
		ask_all(pane);
	else if (request == REQ_GRADES)
		app_go(pane->app, &gradebook_ops, view->id);
	else if (request == REQ_LEADERBOARD)
		app_go(pane->app, &leaderboard_ops, view->id);
	else if (!scroll_list(&view->scroll, view->count, request))
		return request;
	return REQ_NONE;
}

static bool classview_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct classview *view = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_list_by(&view->scroll, view->count, mouse->wheel);
	return true;
}

static void classview_title(struct pane *pane, char *text, size_t size)
{
	const struct kl_coursework *work = course_of(pane->state);

	if (work)
		snprintf(text, size, "%s: who is where", work->course.title);
}

static const enum request classview_hints[] = { REQ_SELECT, REQ_NEXT_TAB, REQ_GRADES, REQ_ANALYTICS,
						REQ_BACK,   REQ_HELP,     REQ_NONE };

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
