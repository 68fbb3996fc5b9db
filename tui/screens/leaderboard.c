/* Who stands where in a course. Everybody decides for himself whether he stands there. */
#include "screens.h"

#include <stdio.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { HEAD_ROWS = 3, RANK_COLS = 6, SCORE_COLS = 12, COLS_MAX = 76 };

struct leaderboard {
	char id[KL_ID_SIZE]; /* of the course */
	char title[KL_COURSE_TITLE_MAX + 1];
	bool student, hidden; /* he may stand there; he does not want to */
	cJSON *all; /* rows; NULL: not there yet */
	struct scroll scroll;
	struct asking asking;
};

static void take_page(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct leaderboard *board = pane->state;
	const cJSON *node;

	if (page == 1) {
		cJSON_Delete(board->all);
		board->all = cJSON_CreateArray();
	}
	cJSON_ArrayForEach(node, answer->data) {
		cJSON_AddItemToArray(board->all, cJSON_Duplicate(node, true));
	}
}

static void ask_rows(struct pane *pane)
{
	struct leaderboard *board = pane->state;
	const struct asking_wish wish = { .path = kl_format("/api/courses/%s/leaderboard?", board->id), .pages = true };

	asking_begin(&board->asking, pane, &wish, take_page);
}

static enum kl_status open_leaderboard(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct leaderboard *board = pane->state;
	struct courselist list = { .rows = NULL };
	const struct kl_coursework *work;

	(void)err;
	snprintf(board->id, sizeof(board->id), "%s", (const char *)arg);
	courselist_read(&list, pane->app);
	work = courselist_find(&list, board->id);
	if (work) {
		snprintf(board->title, sizeof(board->title), "%s", work->course.title);
		board->student = work->course.role == KL_COURSE_STUDENT;
		board->hidden = work->course.hidden;
	}
	courselist_release(&list);
	board->asking.later = true;
	return KL_OK;
}

static bool work_leaderboard(struct pane *pane)
{
	struct leaderboard *board = pane->state;

	if (!asking_due(&board->asking))
		return false;
	ask_rows(pane);
	return true;
}

static void close_leaderboard(struct pane *pane)
{
	struct leaderboard *board = pane->state;

	asking_close(&board->asking);
	cJSON_Delete(board->all);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static void draw_row(const cJSON *node, struct canvas *canvas, int y, int cols)
{
	struct kl_leader leader;
	enum role role;
	char name[160];

	kl_leader_read(&leader, node);
	role = leader.me ? ROLE_STRONG : ROLE_TEXT;
	snprintf(name, sizeof(name), "%.140s%s", leader.display, leader.me ? " (you)" : "");
	canvas_printf(canvas, y, 1, role, "%4lld", (long long)leader.rank);
	canvas_str_cut(canvas, y, 1 + RANK_COLS, role, name, cols - RANK_COLS - SCORE_COLS - 2);
	canvas_printf(canvas, y, cols - SCORE_COLS, role, "%10.2f", leader.total);
}

static void draw_head(const struct leaderboard *board, struct pane *pane, struct canvas *canvas)
{
	char key[KEYS_NAME_MAX], line[384];

	keymap_name(key, pane->app->keymap, SCOPE_VIEW, REQ_STAND);
	if (!board->student)
		snprintf(
			line, sizeof(line),
			"Students by what they have; who hid himself is in no rank. A team's score is the mean of its members' (kodelab course teams).");
	else if (board->hidden)
		snprintf(line, sizeof(line),
			 "You are hidden here and in no rank; your work counts. %s shows you again.", key);
	else
		snprintf(
			line, sizeof(line),
			"You stand here for all in the course: %s hides you, and you are in no rank. A team's score is the mean of its members' (kodelab course teams).",
			key);
	canvas_wrapped(canvas, (struct rect){ 0, 1, HEAD_ROWS, canvas->cols - 2 }, ROLE_DIM, line);
}

static void draw_leaderboard(struct pane *pane, struct canvas *canvas)
{
	struct leaderboard *board = pane->state;
	size_t count = (size_t)cJSON_GetArraySize(board->all), at = 0;
	int cols = canvas->cols < COLS_MAX ? canvas->cols : COLS_MAX;
	const cJSON *node;

	draw_head(board, pane, canvas);
	if (!count)
		canvas_wrapped(canvas, (struct rect){ HEAD_ROWS, 1, canvas->rows - HEAD_ROWS, canvas->cols - 2 },
			       *board->asking.problem ? ROLE_WARNING : ROLE_TEXT,
			       *board->asking.problem ? board->asking.problem
			       : board->all           ? "Nobody stands here yet."
						      : "");
	board->scroll.rows = canvas->rows - HEAD_ROWS;
	scroll_text_by(&board->scroll, count, 0);
	cJSON_ArrayForEach(node, board->all) {
		if (at >= board->scroll.top && at < board->scroll.top + (size_t)board->scroll.rows)
			draw_row(node, canvas, HEAD_ROWS + (int)(at - board->scroll.top), cols);
		at++;
	}
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

static void changed(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct leaderboard *board = pane->state;

	(void)answer;
	(void)page;
	board->hidden = !board->hidden;
	classwork_wake(pane->app);
	ask_rows(pane);
	app_say(pane->app, ROLE_SUCCESS, board->hidden ? "You are hidden now." : "You stand there again.");
}

static void change(struct pane *pane)
{
	struct leaderboard *board = pane->state;
	struct asking_wish wish = { .method = "PUT", .path = kl_format("/api/courses/%s/leaderboard", board->id) };

	wish.body = cJSON_CreateObject();
	cJSON_AddBoolToObject(wish.body, "shown", board->hidden);
	asking_begin(&board->asking, pane, &wish, changed);
}

static enum request leaderboard_request(struct pane *pane, enum request request)
{
	struct leaderboard *board = pane->state;

	if (request == REQ_BACK && asking_stop(&board->asking))
		return REQ_NONE;
	if (request == REQ_STAND && board->student)
		change(pane);
	else if (request == REQ_REFRESH || request == REQ_LEADERBOARD)
		ask_rows(pane);
	else if (!scroll_text(&board->scroll, (size_t)cJSON_GetArraySize(board->all), request))
		return request;
	return REQ_NONE;
}

static bool leaderboard_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct leaderboard *board = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_text_by(&board->scroll, (size_t)cJSON_GetArraySize(board->all), mouse->wheel * 3L);
	return true;
}

static void leaderboard_title(struct pane *pane, char *text, size_t size)
{
	snprintf(text, size, "Leaderboard: %s", ((struct leaderboard *)pane->state)->title);
}

static const enum request leaderboard_hints[] = { REQ_STAND, REQ_REFRESH, REQ_BACK, REQ_HELP, REQ_NONE };

static const char *leaderboard_hint(const struct pane *pane, enum request request)
{
	const struct leaderboard *board = pane->state;

	if (request != REQ_STAND)
		return NULL;
	return !board->student ? "" : board->hidden ? "show-me" : NULL;
}

const struct pane_ops leaderboard_ops = {
	.name = "Leaderboard",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct leaderboard),
	.open = open_leaderboard,
	.draw = draw_leaderboard,
	.request = leaderboard_request,
	.mouse = leaderboard_mouse,
	.title = leaderboard_title,
	.hints = leaderboard_hints,
	.hint = leaderboard_hint,
	.work = work_leaderboard,
	.close = close_leaderboard,
};
