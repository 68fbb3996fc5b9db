/*
 * For those who teach: one student in one course, what is set as it stands for him. Enter on a challenge shows what he handed in,
 * code and tests; x gives more time.
 */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/json.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/courselist.h"
#include "tui/figures.h"
#include "tui/ui/canvas.h"
#include "tui/ui/lines.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum {
	SCORE_COLS = 18,
	STATE_COLS = 10,
	DUE_COLS = 20,
	NARROW_COLS = 60,
	COLS_MAX = 110,
	TRIES_MAX = 50,
	CODE_LINES_MAX = 5000
};

#define WHOLE SIZE_MAX /* a row's item: the assignment itself */

struct row {
	size_t assignment, item;
};

struct student {
	char course[KL_ID_SIZE], id[KL_ID_SIZE];
	char name[160];
	char first[KL_ID_SIZE]; /* the assignment that is marked at first; "": none */
	struct kl_assignment *set;
	size_t set_count;
	struct row *rows;
	size_t count, capacity;
	char **titles; /* of the rows, owned */
	cJSON *tries; /* of one challenge, to choose from; NULL: none */
	bool there; /* it has come */
	struct scroll scroll;
	struct asking asking;
};

static bool is_marked(const struct student *student)
{
	return student->scroll.selected < student->count;
}

/* The assignment that is marked, or that the marked challenge is of. */
static const struct kl_assignment *marked(const struct student *student)
{
	return &student->set[student->rows[student->scroll.selected].assignment];
}

/* NULL: the row is the assignment itself. */
static const struct kl_assignment_item *item_of(const struct student *student, size_t at)
{
	const struct row *row = &student->rows[at];

	return row->item != WHOLE ? &student->set[row->assignment].items[row->item] : NULL;
}

/* --- how he stands ------------------------------------------------------------------------------------------------ */

static void forget(struct student *student)
{
	for (size_t i = 0; i < student->count; i++)
		free(student->titles[i]);
	free(student->titles);
	student->titles = NULL;
	student->count = 0;
	kl_assignments_free(student->set, student->set_count);
	student->set = NULL;
	student->set_count = 0;
}

static void add_rows(struct student *student, size_t assignment)
{
	for (size_t item = 0; item <= student->set[assignment].item_count; item++) {
		KL_GROW(student->rows, student->count, student->capacity);
		student->rows[student->count++] = (struct row){ assignment, item ? item - 1 : WHOLE };
	}
}

static void read_titles(struct student *student, struct app *app)
{
	student->titles = kl_calloc(student->count + 1, sizeof(*student->titles));
	for (size_t i = 0; i < student->count; i++) {
		const struct kl_assignment_item *item = item_of(student, i);

		if (!item)
			student->titles[i] = kl_strdup(student->set[student->rows[i].assignment].title);
		else if (!(student->titles[i] = courselist_title(app, item->pack, item->slug)))
			student->titles[i] = kl_format("%s/%s", item->pack, item->slug);
	}
}

static void mark_first(struct student *student)
{
	for (size_t i = 0; *student->first && i < student->count; i++)
		if (student->rows[i].item == WHOLE &&
		    !strcmp(student->set[student->rows[i].assignment].id, student->first))
			student->scroll.selected = i;
	student->first[0] = '\0';
}

static void take_set(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct student *student = pane->state;
	const cJSON *node;
	struct kl_error err;

	(void)page;
	forget(student);
	student->set = kl_calloc((size_t)cJSON_GetArraySize(answer->data) + 1, sizeof(*student->set));
	cJSON_ArrayForEach(node, answer->data) {
		if (kl_assignment_read(&student->set[student->set_count], node, &err)) {
			app_say_error(pane->app, &err);
			continue;
		}
		add_rows(student, student->set_count++);
	}
	read_titles(student, pane->app);
	mark_first(student);
	student->there = true;
}

static void ask_set(struct pane *pane)
{
	struct student *student = pane->state;
	const struct asking_wish wish = { .method = "GET",
					  .path = kl_format("/api/courses/%s/students/%s/assignments", student->course,
							    student->id) };

	asking_begin(&student->asking, pane, &wish, take_set);
}

/* --- what he handed in -------------------------------------------------------------------------------------------- */

/* What was found, for people; as long as nothing was: whether it waits. */
static const char *verdict_of(const cJSON *work)
{
	const char *word = kl_json_text_of(work, "verdict");

	return *word ? figures_verdict(word) : kl_json_text_of(work, "state");
}

static void when_of(char text[20], const cJSON *node, const char *name)
{
	int64_t wall_ms;

	if (kl_clock_read_utc(&wall_ms, kl_json_text_of(node, name)))
		kl_clock_format(wall_ms, text, 20);
	else
		snprintf(text, 20, "?");
}

static void show_work(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	const cJSON *work = answer->data, *report = cJSON_GetObjectItemCaseSensitive(work, "report");
	const char *code = kl_json_text_of(work, "code");
	char *text = cJSON_IsObject(report) ? cJSON_PrintUnformatted(report) : NULL;
	char at[20], received[20];
	struct lines lines = { 0 };

	(void)page;
	when_of(at, work, "at");
	when_of(received, work, "received");
	line_printf(lines_new(&lines, 0), ROLE_HEADING, "%.60s/%.60s in %.20s", kl_json_text_of(work, "pack"),
		    kl_json_text_of(work, "slug"), kl_json_text_of(work, "language"));
	line_printf(lines_new(&lines, 0), ROLE_TEXT, "Handed in %s, received %s", at, received);
	line_printf(lines_new(&lines, 0), ROLE_TEXT, "%.20s: %.0f of %.0f tests passed, score %.0f", verdict_of(work),
		    kl_json_number_of(work, "passed"), kl_json_number_of(work, "total"),
		    kl_json_number_of(work, "score"));
	lines_new(&lines, 0);
	outcome_tests(&lines, text);
	if (*code)
		lines_text(&lines, 0, ROLE_CODE, "", code, strlen(code), CODE_LINES_MAX);
	else
		line_str(lines_new(&lines, 0), ROLE_DIM, "It has no text to show.");
	viewer_open(pane->app, " Submission ", &lines);
	lines_clear(&lines);
	cJSON_free(text);
}

/* value: its place among the tries. */
static void try_chosen(struct app *app, void *ctx, intptr_t value)
{
	struct pane *pane = ctx;
	struct student *student = pane->state;
	const cJSON *work = cJSON_GetArrayItem(student->tries, (int)value);
	const struct asking_wish wish = { .method = "GET",
					  .path = kl_format("/api/submissions/%s", kl_json_text_of(work, "id")) };

	(void)app;
	asking_begin(&student->asking, pane, &wish, show_work);
}

static void choose_try(struct pane *pane, const cJSON *tries)
{
	struct menu_item items[TRIES_MAX];
	char labels[TRIES_MAX][80], at[20];
	const cJSON *work;
	size_t count = 0;

	cJSON_ArrayForEach(work, tries) {
		if (count == TRIES_MAX)
			break;
		when_of(at, work, "received");
		snprintf(labels[count], sizeof(labels[count]), "%s  %-16.16s  %3.0f of %.0f tests", at,
			 verdict_of(work), kl_json_number_of(work, "passed"), kl_json_number_of(work, "total"));
		items[count] = (struct menu_item){ .label = labels[count], .value = (intptr_t)count };
		count++;
	}
	menu_open(pane->app, " Which submission? ", items, count, 0, try_chosen, pane);
}

static void take_tries(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct student *student = pane->state;

	(void)page;
	cJSON_Delete(student->tries);
	student->tries = cJSON_Duplicate(answer->data, true);
	if (!cJSON_GetArraySize(student->tries))
		app_say(pane->app, ROLE_INFO, "%.100s has handed in nothing here.", student->name);
	else if (cJSON_GetArraySize(student->tries) == 1)
		try_chosen(pane->app, pane, 0);
	else
		choose_try(pane, student->tries);
}

static void ask_tries(struct pane *pane, const struct kl_assignment_item *item)
{
	struct student *student = pane->state;
	const struct asking_wish wish = { .method = "GET",
					  .path = kl_format(
						  "/api/courses/%s/students/%s/submissions?pack=%s&slug=%s&limit=%d",
						  student->course, student->id, item->pack, item->slug, TRIES_MAX) };

	asking_begin(&student->asking, pane, &wish, take_tries);
}

/* --- more time ---------------------------------------------------------------------------------------------------- */

static void extended(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct student *student = pane->state;

	(void)page;
	ask_set(pane);
	app_say(pane->app, ROLE_SUCCESS,
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer->data, "removed"))
			? "For %.100s it is due as for all again."
			: "%.100s has more time.",
		student->name);
}

static void time_typed(struct app *app, void *ctx, const char *text)
{
	struct pane *pane = ctx;
	struct student *student = pane->state;
	struct asking_wish wish = { .method = *text ? "PUT" : "DELETE" };
	char due[KL_UTC_SIZE];
	int64_t due_ms;

	if (!is_marked(student))
		return;
	if (*text && !kl_due_read(&due_ms, text)) {
		app_say(app, ROLE_ERROR, "'%.40s' is no time: write 2026-10-01 or 2026-10-01 22:00", text);
		return;
	}
	if (*text) {
		kl_clock_print_utc(due, due_ms);
		wish.body = cJSON_CreateObject();
		cJSON_AddStringToObject(wish.body, "due_at", due);
	}
	wish.path = kl_format("/api/courses/%s/assignments/%s/extensions/%s", student->course, marked(student)->id,
			      student->id);
	asking_begin(&student->asking, pane, &wish, extended);
}

static void ask_time(struct pane *pane)
{
	struct student *student = pane->state;
	const struct kl_assignment *assignment = marked(student);
	char due[20];

	if (!assignment->terms.due_ms) {
		app_say(pane->app, ROLE_INFO, "It is never due: nobody needs more time.");
		return;
	}
	kl_clock_format(assignment->terms.due_ms, due, sizeof(due));
	prompt_open(pane->app, "Due for this one (empty: as for all):", due, time_typed, pane);
}

/* --- opening and closing ------------------------------------------------------------------------------------------ */

static enum kl_status open_student(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct student *student = pane->state;
	const struct student_arg *from = arg;

	(void)err;
	snprintf(student->course, sizeof(student->course), "%s", from->course);
	snprintf(student->id, sizeof(student->id), "%s", from->id);
	snprintf(student->name, sizeof(student->name), "%s", from->name);
	snprintf(student->first, sizeof(student->first), "%s", from->assignment ? from->assignment : "");
	student->asking.later = true;
	return KL_OK;
}

static bool work_student(struct pane *pane)
{
	struct student *student = pane->state;

	if (!asking_due(&student->asking))
		return false;
	ask_set(pane);
	return true;
}

static void close_student(struct pane *pane)
{
	struct student *student = pane->state;

	asking_close(&student->asking);
	cJSON_Delete(student->tries);
	forget(student);
	free(student->rows);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static void draw_assignment(const struct kl_assignment *assignment, struct canvas *canvas, int y, int64_t now_ms)
{
	const struct standing *standing = courselist_standing(assignment, false, now_ms);
	int cols = canvas->cols < COLS_MAX ? canvas->cols : COLS_MAX;
	int right = cols - SCORE_COLS - (cols >= NARROW_COLS ? STATE_COLS + DUE_COLS : 0);
	char due[KL_DUE_SIZE];

	kl_due_words(due, assignment->terms.due_ms, now_ms);
	canvas_str_cut(canvas, y, 1, ROLE_STRONG, assignment->title, right - 2);
	canvas_printf(canvas, y, cols - SCORE_COLS, ROLE_STRONG, "%7.2f of %lld%s", assignment->score,
		      (long long)kl_assignment_points(assignment), assignment->late ? " late" : "");
	if (cols < NARROW_COLS)
		return;
	canvas_str_cut(canvas, y, right, standing->role, standing->word, STATE_COLS - 1);
	canvas_printf(canvas, y, right + STATE_COLS, standing->role, "%.*s%s", DUE_COLS - 2, due,
		      assignment->extended_ms ? "+" : "");
}

static void draw_item(const struct student *student, const struct kl_assignment_item *item, size_t at,
		      struct canvas *canvas, int y)
{
	int cols = canvas->cols < COLS_MAX ? canvas->cols : COLS_MAX;
	int right = cols - SCORE_COLS - (cols >= NARROW_COLS ? STATE_COLS : 0);
	enum role role = item->counted >= 100 ? ROLE_DONE : item->tries ? ROLE_BEGUN : ROLE_DIM;

	canvas_symbol(canvas, y, 3, role,
		      item->counted >= 100 ? SYMBOL_PASSED
		      : item->tries        ? SYMBOL_RUNNING
					   : SYMBOL_SKIPPED);
	canvas_str_cut(canvas, y, 5, ROLE_TEXT, student->titles[at], right - 6);
	canvas_printf(canvas, y, cols - SCORE_COLS, ROLE_TEXT, "%7.2f of %lld",
		      (double)item->points * item->counted / 100, (long long)item->points);
	if (cols >= NARROW_COLS && item->tries)
		canvas_printf(canvas, y, right, ROLE_DIM, "%lld %s", (long long)item->tries,
			      item->tries == 1 ? "try" : "tries");
}

static void draw_student(struct pane *pane, struct canvas *canvas)
{
	struct student *student = pane->state;
	const char *nothing = student->there ? "Nothing is set yet." : "";
	int64_t now_ms = kl_clock_wall_ms(&pane->app->clock);

	student->scroll.rows = canvas->rows;
	scroll_keep(&student->scroll, student->count);
	if (!student->count)
		canvas_wrapped(canvas, (struct rect){ 1, 1, canvas->rows - 1, canvas->cols - 2 },
			       *student->asking.problem ? ROLE_WARNING : ROLE_TEXT,
			       *student->asking.problem ? student->asking.problem : nothing);
	for (int y = 0; y < canvas->rows && student->scroll.top + (size_t)y < student->count; y++) {
		size_t at = student->scroll.top + (size_t)y;
		const struct kl_assignment_item *item = item_of(student, at);

		if (item)
			draw_item(student, item, at, canvas, y);
		else
			draw_assignment(&student->set[student->rows[at].assignment], canvas, y, now_ms);
		if (at == student->scroll.selected)
			canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
	}
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

static void look_closer(struct pane *pane)
{
	struct student *student = pane->state;
	const struct kl_assignment_item *item = item_of(student, student->scroll.selected);

	if (item)
		ask_tries(pane, item);
	else
		scroll_list(&student->scroll, student->count, REQ_DOWN); /* to its challenges */
}

static enum request student_request(struct pane *pane, enum request request)
{
	struct student *student = pane->state;

	if (request == REQ_BACK && asking_stop(&student->asking))
		return REQ_NONE;
	if (request == REQ_SELECT && is_marked(student))
		look_closer(pane);
	else if (request == REQ_EXTEND && is_marked(student))
		ask_time(pane);
	else if (request == REQ_REFRESH)
		ask_set(pane);
	else if (!scroll_list(&student->scroll, student->count, request))
		return request;
	return REQ_NONE;
}

static bool student_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct student *student = pane->state;
	size_t row = student->scroll.top + (size_t)mouse->y;

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(&student->scroll, student->count, mouse->wheel);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS || row >= student->count)
		return false;
	student->scroll.selected = row;
	app_request(pane->app, REQ_SELECT);
	return true;
}

static void student_title(struct pane *pane, char *text, size_t size)
{
	snprintf(text, size, "%s", ((struct student *)pane->state)->name);
}

static const enum request student_hints[] = { REQ_SELECT, REQ_EXTEND, REQ_REFRESH, REQ_BACK, REQ_HELP, REQ_NONE };

const struct pane_ops student_ops = {
	.name = "Student",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct student),
	.open = open_student,
	.draw = draw_student,
	.request = student_request,
	.mouse = student_mouse,
	.title = student_title,
	.hints = student_hints,
	.work = work_student,
	.close = close_student,
};
