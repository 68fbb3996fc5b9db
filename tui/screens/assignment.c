/*
 * One assignment: when it is due and what late work is worth, its challenges (Enter opens one in the workspace), and its instructions,
 * which page keys scroll.
 */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/app_int.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"
#include "tui/ui/prose.h"
#include "tui/ui/scroll.h"

enum { SCORE_COLS = 18, TRIES_COLS = 10, NARROW_COLS = 60, COLS_MAX = 110, PROSE_COLS_MAX = 100 };

struct item { /* a challenge of it */
	char *name; /* "pack/slug" */
	char *title; /* in the catalogue; NULL: it is not here */
};

struct assignment {
	char course[KL_ID_SIZE], id[KL_ID_SIZE];
	struct courselist list;
	const struct kl_assignment *what; /* in list; NULL: it was taken back */
	bool staff; /* he teaches it: what it comes to for himself is not told */
	struct item *items; /* as many as it has */
	struct scroll scroll, text;
	int head; /* rows above its challenges, as they were drawn last */
	struct prose prose;
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void drop_items(struct assignment *assignment)
{
	for (size_t i = 0; assignment->what && i < assignment->what->item_count; i++) {
		free(assignment->items[i].name);
		free(assignment->items[i].title);
	}
	free(assignment->items);
	assignment->items = NULL;
}

static size_t count_of(const struct assignment *assignment)
{
	return assignment->what ? assignment->what->item_count : 0;
}

static void read_assignment(struct pane *pane)
{
	struct assignment *assignment = pane->state;
	const struct kl_coursework *work;

	drop_items(assignment);
	assignment->what = NULL;
	courselist_read(&assignment->list, pane->app);
	work = courselist_find(&assignment->list, assignment->course);
	assignment->staff = work && kl_course_is_staff(&work->course);
	for (size_t i = 0; work && i < work->count; i++)
		if (!strcmp(work->assignments[i].id, assignment->id))
			assignment->what = &work->assignments[i];
	assignment->items = kl_calloc(count_of(assignment) + 1, sizeof(*assignment->items));
	for (size_t i = 0; i < count_of(assignment); i++) {
		const struct kl_assignment_item *item = &assignment->what->items[i];

		assignment->items[i].name = kl_format("%s/%s", item->pack, item->slug);
		assignment->items[i].title = courselist_title(pane->app, item->pack, item->slug);
	}
	assignment->prose.width = 0;
	scroll_list_by(&assignment->scroll, count_of(assignment), 0);
	app_dirty(pane->app);
}

static enum kl_status open_assignment(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct assignment *assignment = pane->state;
	const struct assignment_arg *from = arg;

	(void)err;
	snprintf(assignment->course, sizeof(assignment->course), "%s", from->course);
	snprintf(assignment->id, sizeof(assignment->id), "%s", from->assignment);
	read_assignment(pane);
	return KL_OK;
}

static void close_assignment(struct pane *pane)
{
	struct assignment *assignment = pane->state;

	drop_items(assignment);
	prose_release(&assignment->prose);
	courselist_release(&assignment->list);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

/* Two lines, and what late work is worth: that, too, is read whole. Returns how many rows it took. */
static int draw_head(const struct assignment *assignment, struct canvas *canvas, int64_t now_ms)
{
	const struct kl_assignment *what = assignment->what;
	const struct standing *standing = courselist_standing(what, assignment->staff, now_ms);
	long long points = kl_assignment_points(what);
	char due[KL_DUE_WHOLE_SIZE], late[KL_LATE_SIZE], line[256];
	int cols = canvas->cols - 2, rows;

	kl_due_whole(due, what->terms.due_ms, now_ms);
	kl_late_words(late, &what->terms);
	if (assignment->staff)
		snprintf(line, sizeof(line), "%s, %lld point%s", standing->word, points, points == 1 ? "" : "s");
	else
		snprintf(line, sizeof(line), "%s, %.2f of %lld points%s", standing->word, what->score, points,
			 what->late ? ", some of it late" : "");
	canvas_str_cut(canvas, 0, 1, standing->role == ROLE_WARNING ? ROLE_WARNING : ROLE_STRONG, line, cols);
	snprintf(line, sizeof(line), "%s%s%s",
		 !*due                         ? "never due"
		 : what->terms.due_ms < now_ms ? "was due "
					       : "due ",
		 due, what->extended_ms ? ", for you" : "");
	canvas_str_cut(canvas, 1, 1, ROLE_TEXT, line, cols);
	rows = !*late ? 0 : cols > 0 && canvas_width(late, strlen(late)) > cols ? 2 : 1;
	canvas_wrapped(canvas, (struct rect){ 2, 1, rows, cols }, ROLE_DIM, late);
	return 2 + rows;
}

static void draw_worth(const struct kl_assignment_item *what, struct canvas *canvas, int y, int x, bool tries)
{
	canvas_printf(canvas, y, x, ROLE_TEXT, "%7.2f of %lld", (double)what->points * what->counted / 100,
		      (long long)what->points);
	if (tries && what->tries)
		canvas_printf(canvas, y, x + SCORE_COLS, ROLE_DIM, "%lld %s", (long long)what->tries,
			      what->tries == 1 ? "try" : "tries");
}

static void draw_item(const struct assignment *assignment, size_t at, struct canvas *canvas, int y)
{
	const struct item *item = &assignment->items[at];
	const struct kl_assignment_item *what = &assignment->what->items[at];
	int cols = canvas->cols < COLS_MAX ? canvas->cols : COLS_MAX;
	bool roomy = cols >= NARROW_COLS;
	int right = cols - SCORE_COLS - (roomy ? TRIES_COLS : 0);
	bool begun = what->tries && !assignment->staff, done = what->counted >= 100 && !assignment->staff;
	enum role role = !item->title ? ROLE_DIM : done ? ROLE_DONE : begun ? ROLE_BEGUN : ROLE_NEW;

	canvas_symbol(canvas, y, 1, role, done ? SYMBOL_PASSED : begun ? SYMBOL_RUNNING : SYMBOL_SKIPPED);
	canvas_str_cut(canvas, y, 3, item->title ? ROLE_TEXT : ROLE_DIM, item->title ? item->title : item->name,
		       right - 4);
	if (assignment->staff)
		canvas_printf(canvas, y, right, ROLE_TEXT, "%7lld point%s", (long long)what->points,
			      what->points == 1 ? "" : "s");
	else
		draw_worth(what, canvas, y, right, roomy);
}

static void draw_text(struct assignment *assignment, struct canvas *canvas, int y)
{
	struct canvas inner = canvas_sub(canvas, (struct rect){ y, 1, canvas->rows - y, canvas->cols - 2 });
	int width = inner.cols < PROSE_COLS_MAX ? inner.cols : PROSE_COLS_MAX;
	const char *text = assignment->what->instructions;

	if (assignment->prose.width != width)
		prose_set(&assignment->prose, text, strlen(text), width);
	assignment->text.rows = inner.rows;
	scroll_text_by(&assignment->text, assignment->prose.lines.count, 0);
	lines_draw(&assignment->prose.lines, &inner, assignment->text.top, 0, (size_t)-1);
	if (assignment->text.top + (size_t)inner.rows < assignment->prose.lines.count)
		canvas_symbol(canvas, canvas->rows - 1, canvas->cols - 1, ROLE_SCROLLBAR, SYMBOL_ARROW_DOWN);
}

static void draw_assignment(struct pane *pane, struct canvas *canvas)
{
	struct assignment *assignment = pane->state;
	size_t count = count_of(assignment);
	int half, y0;

	if (!assignment->what) {
		canvas_wrapped(canvas, (struct rect){ 1, 2, canvas->rows - 1, canvas->cols - 4 }, ROLE_TEXT,
			       "This assignment is not set any more.");
		return;
	}
	assignment->head = y0 = draw_head(assignment, canvas, kl_clock_wall_ms(&pane->app->clock));
	half = (canvas->rows - y0) / 2;
	assignment->scroll.rows = (int)count < half ? (int)count : half;
	scroll_keep(&assignment->scroll, count);
	for (int y = 0; y < assignment->scroll.rows; y++) {
		size_t at = assignment->scroll.top + (size_t)y;

		draw_item(assignment, at, canvas, y0 + y);
		if (at == assignment->scroll.selected)
			canvas_ground(canvas, (struct rect){ y0 + y, 0, 1, canvas->cols }, ROLE_SELECTED);
	}
	canvas_hline(canvas, y0 + assignment->scroll.rows, 0, canvas->cols, ROLE_BORDER);
	draw_text(assignment, canvas, y0 + assignment->scroll.rows + 1);
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

/* Before one hands in, not after. */
static void warn_late(struct app *app, const struct kl_assignment *what)
{
	int64_t now_ms = kl_clock_wall_ms(&app->clock);
	char due[KL_DUE_SIZE], late[KL_LATE_SIZE];

	kl_due_words(due, what->terms.due_ms, now_ms);
	kl_late_words(late, &what->terms);
	if (courselist_standing(what, false, now_ms)->role == ROLE_WARNING)
		app_say(app, ROLE_WARNING, "It was due %s: %s.", due, late);
	else if (!strcmp(kl_assignment_state(what, now_ms), "closed"))
		app_say(app, ROLE_WARNING, "It was due %s, and counts nothing any more.", due);
}

static void say_why_not_here(const struct assignment *assignment, struct app *app)
{
	const char *name = assignment->items[assignment->scroll.selected].name;

	if (assignment->what->items[assignment->scroll.selected].offered)
		app_say(app, ROLE_INFO, "%.50s is not here yet: R asks for it.", name);
	else
		app_say(app, ROLE_INFO, "%.35s is not published yet: %s", name,
			assignment->staff ? "publish its pack." : "your teacher has to.");
}

static void open_item(struct pane *pane)
{
	struct assignment *assignment = pane->state;
	const struct item *item = &assignment->items[assignment->scroll.selected];

	if (!item->title) {
		say_why_not_here(assignment, pane->app);
		return;
	}
	app_open_assigned(pane->app, item->name, assignment->course, assignment->id);
	if (!assignment->staff)
		warn_late(pane->app, assignment->what);
}

static enum request assignment_request(struct pane *pane, enum request request)
{
	struct assignment *assignment = pane->state;
	size_t lines = assignment->prose.lines.count, count = count_of(assignment);

	switch ((int)request) {
	case REQ_SELECT:
		if (assignment->scroll.selected < count)
			open_item(pane);
		return REQ_NONE;
	case REQ_REFRESH:
		classwork_wake(pane->app);
		return REQ_NONE;
	case REQ_UP:
	case REQ_DOWN:
		return count && scroll_list(&assignment->scroll, count, request) ? REQ_NONE : request;
	default:
		return scroll_text(&assignment->text, lines, request) ? REQ_NONE : request;
	}
}

static bool assignment_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct assignment *assignment = pane->state;
	size_t row = assignment->scroll.top + (size_t)(mouse->y - assignment->head);

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_text_by(&assignment->text, assignment->prose.lines.count, mouse->wheel * 3L);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS || mouse->y < assignment->head ||
	    mouse->y >= assignment->head + assignment->scroll.rows || row >= count_of(assignment))
		return false;
	assignment->scroll.selected = row;
	app_request(pane->app, REQ_SELECT);
	return true;
}

static void assignment_title(struct pane *pane, char *text, size_t size)
{
	const struct assignment *assignment = pane->state;

	if (assignment->what)
		snprintf(text, size, "%s", assignment->what->title);
}

static const enum request assignment_hints[] = { REQ_SELECT, REQ_PAGE_DOWN, REQ_BACK, REQ_HELP, REQ_NONE };

const struct pane_ops assignment_ops = {
	.name = "Assignment",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct assignment),
	.open = open_assignment,
	.draw = draw_assignment,
	.request = assignment_request,
	.mouse = assignment_mouse,
	.title = assignment_title,
	.hints = assignment_hints,
	.refresh = read_assignment,
	.close = close_assignment,
};
