/* What is set in a course: due when, how it stands, what it came to. Enter opens one. */
#include "screens.h"

#include <stdio.h>
#include <string.h>

#include "tui/app_int.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum {
	DUE_COLS = 22,
	SCORE_COLS = 16,
	STATE_COLS = 10,
	NARROW_COLS = 60,
	COLS_MAX = 110,
	ABOUT_ROWS = 3,
	LOW_ROWS = 12
};

struct assignments {
	char id[KL_ID_SIZE]; /* of the course */
	struct courselist list;
	struct scroll scroll;
};

/* NULL: he has left it meanwhile. */
static const struct kl_coursework *course_of(const struct assignments *assignments)
{
	return courselist_find(&assignments->list, assignments->id);
}

static size_t count_of(const struct assignments *assignments)
{
	const struct kl_coursework *work = course_of(assignments);

	return work ? work->count : 0;
}

static const struct kl_assignment *marked(const struct assignments *assignments)
{
	const struct kl_coursework *work = course_of(assignments);

	return work && assignments->scroll.selected < work->count ? &work->assignments[assignments->scroll.selected]
								  : NULL;
}

static void read_assignments(struct pane *pane)
{
	struct assignments *assignments = pane->state;

	courselist_read(&assignments->list, pane->app);
	scroll_list_by(&assignments->scroll, count_of(assignments), 0);
	app_dirty(pane->app);
}

static enum kl_status open_assignments(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct assignments *assignments = pane->state;

	(void)err;
	snprintf(assignments->id, sizeof(assignments->id), "%s", (const char *)arg);
	read_assignments(pane);
	return KL_OK;
}

static void close_assignments(struct pane *pane)
{
	courselist_release(&((struct assignments *)pane->state)->list);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

/* staff: what the class has to do; points of one's own mean nothing there. */
static void draw_one(const struct kl_assignment *assignment, bool staff, struct canvas *canvas, int y, int64_t now_ms)
{
	const struct standing *state = courselist_standing(assignment, staff, now_ms);
	long long points = kl_assignment_points(assignment);
	int cols = canvas->cols < COLS_MAX ? canvas->cols : COLS_MAX;
	bool roomy = cols >= NARROW_COLS;
	int due_cols = roomy ? DUE_COLS : cols / 2;
	int right = cols - due_cols - (roomy ? SCORE_COLS + STATE_COLS : 0);
	char due[KL_DUE_SIZE];

	kl_due_words(due, assignment->terms.due_ms, now_ms);
	canvas_symbol(canvas, y, 1, state->role, state->symbol);
	canvas_str_cut(canvas, y, 3, ROLE_TEXT, assignment->title, right - 4);
	canvas_str_cut(canvas, y, right, state->role, due, due_cols - 1);
	if (!roomy)
		return;
	if (staff)
		canvas_printf(canvas, y, right + due_cols, ROLE_TEXT, "%7lld point%s", points, points == 1 ? "" : "s");
	else
		canvas_printf(canvas, y, right + due_cols, ROLE_TEXT, "%7.2f of %lld", assignment->score, points);
	canvas_str(canvas, y, cols - STATE_COLS, state->role, state->word);
}

/* The marked one in words, below. */
static void draw_about(const struct assignments *assignments, struct canvas *canvas, int y, int64_t now_ms)
{
	const struct kl_assignment *assignment = marked(assignments);
	bool staff = assignment && kl_course_is_staff(&course_of(assignments)->course);
	char late[KL_LATE_SIZE], due[KL_DUE_SIZE], line[320];

	if (!assignment)
		return;
	kl_due_words(due, assignment->terms.due_ms, now_ms);
	kl_late_words(late, &assignment->terms);
	snprintf(line, sizeof(line), "%s%s%s%s%s%s", courselist_standing(assignment, staff, now_ms)->word,
		 !*due                               ? ""
		 : assignment->terms.due_ms < now_ms ? ", was due "
						     : ", due ",
		 due, assignment->extended_ms ? " (for you)" : "", *late ? "; " : "", late);
	canvas_hline(canvas, y, 0, canvas->cols, ROLE_BORDER);
	canvas_wrapped(canvas, (struct rect){ y + 1, 1, ABOUT_ROWS - 1, canvas->cols - 2 }, ROLE_DIM, line);
}

static void draw_assignments(struct pane *pane, struct canvas *canvas)
{
	struct assignments *assignments = pane->state;
	const struct kl_coursework *work = course_of(assignments);
	int64_t now_ms = kl_clock_wall_ms(&pane->app->clock);
	int below = canvas->rows >= LOW_ROWS ? ABOUT_ROWS + 1 : ABOUT_ROWS;
	char from[160];

	assignments->scroll.rows = canvas->rows - below;
	scroll_keep(&assignments->scroll, count_of(assignments));
	if (!count_of(assignments))
		canvas_wrapped(canvas, (struct rect){ 1, 2, canvas->rows - below, canvas->cols - 4 }, ROLE_TEXT,
			       work ? "Nothing is set yet." : "You are not in this course any more.");
	for (int y = 0; y < assignments->scroll.rows; y++) {
		size_t at = assignments->scroll.top + (size_t)y;

		if (!work || at >= work->count)
			break;
		draw_one(&work->assignments[at], kl_course_is_staff(&work->course), canvas, y, now_ms);
		if (at == assignments->scroll.selected)
			canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
	}
	draw_about(assignments, canvas, canvas->rows - below, now_ms);
	if (below == ABOUT_ROWS)
		return;
	courselist_from(from, sizeof(from), &assignments->list);
	canvas_str_cut(canvas, canvas->rows - 1, 1, ROLE_DIM, from, canvas->cols - 2);
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

static enum request assignments_request(struct pane *pane, enum request request)
{
	struct assignments *assignments = pane->state;
	const struct kl_coursework *work = course_of(assignments);
	bool staff = work && kl_course_is_staff(&work->course);

	if (request == REQ_SELECT && marked(assignments)) {
		const struct assignment_arg arg = { assignments->id, marked(assignments)->id };

		app_go(pane->app, &assignment_ops, &arg);
	} else if (request == REQ_LEADERBOARD && work) {
		app_go(pane->app, &leaderboard_ops, assignments->id);
	} else if (request == REQ_CLASS && staff) {
		app_go(pane->app, &classview_ops, assignments->id);
	} else if (request == REQ_GRADES && staff) {
		app_go(pane->app, &gradebook_ops, assignments->id);
	} else if (request == REQ_REFRESH) {
		classwork_wake(pane->app);
	} else if (!scroll_list(&assignments->scroll, count_of(assignments), request)) {
		return request;
	}
	return REQ_NONE;
}

static bool assignments_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct assignments *assignments = pane->state;
	size_t row = assignments->scroll.top + (size_t)mouse->y;

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(&assignments->scroll, count_of(assignments), mouse->wheel);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS || mouse->y >= assignments->scroll.rows || row >= count_of(assignments))
		return false;
	assignments->scroll.selected = row;
	app_request(pane->app, REQ_SELECT);
	return true;
}

static void assignments_title(struct pane *pane, char *text, size_t size)
{
	const struct kl_coursework *work = course_of(pane->state);

	if (work)
		snprintf(text, size, "%s", work->course.title);
}

static const enum request assignments_hints[] = { REQ_SELECT, REQ_LEADERBOARD, REQ_GRADES, REQ_CLASS,
						  REQ_BACK,   REQ_HELP,        REQ_NONE };

static const char *assignments_hint(const struct pane *pane, enum request request)
{
	const struct kl_coursework *work = course_of(pane->state);
	bool teach = request == REQ_GRADES || request == REQ_CLASS;

	return teach && !(work && kl_course_is_staff(&work->course)) ? "" : NULL;
}

const struct pane_ops assignments_ops = {
	.name = "Assignments",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct assignments),
	.open = open_assignments,
	.draw = draw_assignments,
	.request = assignments_request,
	.mouse = assignments_mouse,
	.title = assignments_title,
	.hints = assignments_hints,
	.hint = assignments_hint,
	.refresh = read_assignments,
	.close = close_assignments,
};
