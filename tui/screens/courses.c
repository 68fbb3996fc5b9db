/* One's courses, as they were pulled last. Enter shows what is set; a code joins another one. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { DUE_COLS = 28, ROLE_COLS = 12, SCORE_COLS = 17, ROOMY_COLS = 78, COLS_MAX = 110 };

struct courses {
	struct courselist list;
	struct scroll scroll;
	struct asking asking;
	char id[KL_ID_SIZE]; /* the one that a question is about */
};

static const struct kl_coursework *marked(const struct courses *courses)
{
	return courses->scroll.selected < courses->list.count ? &courses->list.rows[courses->scroll.selected] : NULL;
}

static void read_courses(struct pane *pane)
{
	struct courses *courses = pane->state;

	courselist_read(&courses->list, pane->app);
	scroll_list_by(&courses->scroll, courses->list.count, 0);
	app_dirty(pane->app);
}

static enum kl_status open_courses(struct pane *pane, const void *arg, struct kl_error *err)
{
	(void)arg;
	(void)err;
	read_courses(pane);
	return KL_OK;
}

static void close_courses(struct pane *pane)
{
	struct courses *courses = pane->state;

	asking_close(&courses->asking);
	courselist_release(&courses->list);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

/* What is due in this one next, or what there is to say for those who teach it. */
static enum role next_of(char text[KL_DUE_SIZE + 16], const struct kl_coursework *work, int64_t now_ms)
{
	struct kl_due due;
	char words[KL_DUE_SIZE];

	text[0] = '\0';
	if (kl_course_is_staff(&work->course)) {
		snprintf(text, KL_DUE_SIZE + 16, "%lld student%s", (long long)work->course.students,
			 work->course.students == 1 ? "" : "s");
	} else if (kl_courseworks_due(&due, 1, work, 1, now_ms)) {
		int64_t due_ms = work->assignments[due.assignment].terms.due_ms;

		kl_due_words(words, due_ms, now_ms);
		snprintf(text, KL_DUE_SIZE + 16, "%s %s", due_ms < now_ms ? "was due" : "due", words);
		return due_ms < now_ms ? ROLE_WARNING : ROLE_STRONG;
	}
	return ROLE_DIM;
}

static void draw_course(const struct kl_coursework *work, struct canvas *canvas, int y, int64_t now_ms)
{
	char next[KL_DUE_SIZE + 16];
	enum role role = next_of(next, work, now_ms);
	int cols = canvas->cols < COLS_MAX ? canvas->cols : COLS_MAX;
	bool roomy = cols >= ROOMY_COLS;
	int due_cols = cols / 2 < DUE_COLS ? cols / 2 : DUE_COLS;
	int right = cols - (roomy ? ROLE_COLS + SCORE_COLS : 0) - due_cols;

	canvas_str_cut(canvas, y, 2, ROLE_TEXT, work->course.title, right - 4);
	canvas_str_cut(canvas, y, right, role, next, due_cols - 1);
	if (!roomy)
		return;
	canvas_str(canvas, y, right + due_cols, ROLE_DIM, kl_course_role_name(work->course.role));
	if (!kl_course_is_staff(&work->course))
		canvas_printf(canvas, y, cols - SCORE_COLS, ROLE_TEXT, "%8.2f points", work->course.total);
}

static const char *nothing(const struct courses *courses)
{
	if (courses->list.instructor)
		return "You teach no course yet. Leave the lab (C-q) and begin one: kodelab course create TITLE. It prints the "
		       "code that your students join with. With + you join another one's.";
	return courses->list.known
		       ? "You are in no course yet. Press + and type the code that your teacher gives out."
		       : "You are in no class yet. Leave the lab (C-q) and log in to your class server: kodelab login "
			 "ADDRESS. Its courses are then shown here, also when you are offline.";
}

static void draw_courses(struct pane *pane, struct canvas *canvas)
{
	struct courses *courses = pane->state;
	int64_t now_ms = kl_clock_wall_ms(&pane->app->clock);
	char from[160];

	courses->scroll.rows = canvas->rows - 2;
	scroll_keep(&courses->scroll, courses->list.count);
	if (!courses->list.count)
		canvas_wrapped(canvas, (struct rect){ 1, 2, canvas->rows - 2, canvas->cols - 4 }, ROLE_TEXT,
			       nothing(courses));
	for (int y = 0; y < courses->scroll.rows && courses->scroll.top + (size_t)y < courses->list.count; y++) {
		size_t at = courses->scroll.top + (size_t)y;

		draw_course(&courses->list.rows[at], canvas, y, now_ms);
		if (at == courses->scroll.selected)
			canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
	}
	if (!courses->list.known)
		return;
	courselist_from(from, sizeof(from), &courses->list);
	canvas_str_cut(canvas, canvas->rows - 1, 2, ROLE_DIM, from, canvas->cols - 4);
}

/* --- joining and leaving ------------------------------------------------------------------------------------------ */

static void joined(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	(void)page;
	app_say(pane->app, ROLE_SUCCESS, "You have joined '%.100s'.", kl_json_text_of(answer->data, "title"));
	classwork_wake(pane->app);
}

static void code_typed(struct app *app, void *ctx, const char *text)
{
	struct pane *pane = ctx;
	struct courses *courses = pane->state;
	struct asking_wish wish = { .method = "POST" };

	(void)app;
	if (!*text)
		return;
	wish.path = kl_strdup("/api/courses/join");
	wish.body = cJSON_CreateObject();
	cJSON_AddStringToObject(wish.body, "code", text);
	asking_begin(&courses->asking, pane, &wish, joined);
}

static void left(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	(void)answer;
	(void)page;
	app_say(pane->app, ROLE_SUCCESS, "You have left it. What you did there stays.");
	classwork_wake(pane->app);
}

static void leave_chosen(struct app *app, void *ctx, intptr_t yes)
{
	struct pane *pane = ctx;
	struct courses *courses = pane->state;
	struct asking_wish wish = { .method = "POST" };

	(void)app;
	if (!yes)
		return;
	wish.path = kl_format("/api/courses/%s/leave", courses->id);
	wish.body = cJSON_CreateObject();
	asking_begin(&courses->asking, pane, &wish, left);
}

static void ask_leave(struct pane *pane)
{
	static const struct menu_item items[] = {
		{ .label = "No, stay in it", .value = 0 },
		{ .label = "Yes, leave it; what you did there stays", .value = 1 },
	};
	struct courses *courses = pane->state;
	char *title = kl_format(" Leave %s? ", marked(courses)->course.title);

	memcpy(courses->id, marked(courses)->course.id, KL_ID_SIZE);
	menu_open(pane->app, title, items, KL_LENGTH(items), 0, leave_chosen, pane);
	free(title);
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

/* Of the marked course; false: it is none of these. */
static bool course_request(struct pane *pane, enum request request)
{
	static const struct {
		enum request request;
		const struct pane_ops *ops;
		bool staff;
	} screens[] = {
		{ REQ_SELECT, &assignments_ops, false },
		{ REQ_LEADERBOARD, &leaderboard_ops, false },
		{ REQ_CLASS, &classview_ops, true },
		{ REQ_GRADES, &gradebook_ops, true },
	};
	const struct kl_coursework *work = marked(pane->state);

	for (size_t i = 0; work && i < KL_LENGTH(screens); i++) {
		if (screens[i].request != request)
			continue;
		if (screens[i].staff && !kl_course_is_staff(&work->course))
			return false;
		app_go(pane->app, screens[i].ops, work->course.id);
		return true;
	}
	return false;
}

static enum request courses_request(struct pane *pane, enum request request)
{
	struct courses *courses = pane->state;

	if (request == REQ_BACK && asking_stop(&courses->asking))
		return REQ_NONE;
	if (request == REQ_ADD && courses->list.known)
		prompt_open(pane->app, "Code of the course:", NULL, code_typed, pane);
	else if (request == REQ_REMOVE && marked(courses))
		ask_leave(pane);
	else if (request == REQ_REFRESH)
		classwork_wake(pane->app);
	else if (!course_request(pane, request) && !scroll_list(&courses->scroll, courses->list.count, request))
		return request;
	return REQ_NONE;
}

static bool courses_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct courses *courses = pane->state;
	size_t row = courses->scroll.top + (size_t)mouse->y;

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(&courses->scroll, courses->list.count, mouse->wheel);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS || mouse->y >= courses->scroll.rows || row >= courses->list.count)
		return false;
	courses->scroll.selected = row;
	app_request(pane->app, REQ_SELECT);
	return true;
}

static const enum request courses_hints[] = { REQ_SELECT, REQ_LEADERBOARD, REQ_GRADES, REQ_CLASS, REQ_ADD,
					      REQ_REMOVE, REQ_BACK,        REQ_HELP,   REQ_NONE };

/* Who teaches the marked one leaves it more seldom than he looks at it: the row has no room for both. */
static const char *courses_hint(const struct pane *pane, enum request request)
{
	const struct courses *courses = pane->state;
	const struct kl_coursework *work = marked(courses);
	bool staff = work && kl_course_is_staff(&work->course);

	switch ((int)request) {
	case REQ_GRADES:
	case REQ_CLASS:
		return staff ? NULL : "";
	case REQ_SELECT:
	case REQ_LEADERBOARD:
		return work ? NULL : "";
	case REQ_REMOVE:
		return work && !staff ? "leave" : "";
	case REQ_ADD:
		return courses->list.known ? "join" : "";
	default:
		return NULL;
	}
}

const struct pane_ops courses_ops = {
	.name = "Courses",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct courses),
	.open = open_courses,
	.draw = draw_courses,
	.request = courses_request,
	.mouse = courses_mouse,
	.hints = courses_hints,
	.hint = courses_hint,
	.refresh = read_courses,
	.close = close_courses,
};
