/* The gradebook: students down, assignments across; both scroll, names stay. One key writes it to a file for a spreadsheet. */
#include "screens.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { HEAD_ROWS = 2, NAME_COLS = 22, NAME_COLS_NARROW = 14, TOTAL_COLS = 10, CELL_COLS = 12, NARROW_COLS = 60 };

struct gradebook {
	char id[KL_ID_SIZE]; /* of the course */
	char title[KL_COURSE_TITLE_MAX + 1];
	struct kl_gradebook book;
	bool there; /* it has come */
	struct scroll scroll;
	size_t left; /* the first assignment that is drawn */
	int shown; /* how many have room */
	struct asking asking;
	bool to_ask; /* once the screen is drawn */
};

static void take_page(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct gradebook *grades = pane->state;

	if (page == 1)
		kl_gradebook_release(&grades->book);
	kl_gradebook_add(&grades->book, answer->data);
	grades->there = true;
}

static void ask_book(struct pane *pane)
{
	struct gradebook *grades = pane->state;
	const struct asking_wish wish = { .path = kl_format("/api/courses/%s/gradebook?", grades->id), .pages = true };

	asking_begin(&grades->asking, pane, &wish, take_page);
}

static enum kl_status open_gradebook(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct gradebook *grades = pane->state;
	struct courselist list = { .rows = NULL };
	const struct kl_coursework *work;

	(void)err;
	snprintf(grades->id, sizeof(grades->id), "%s", (const char *)arg);
	courselist_read(&list, pane->app);
	work = courselist_find(&list, grades->id);
	if (work)
		snprintf(grades->title, sizeof(grades->title), "%s", work->course.title);
	courselist_release(&list);
	grades->to_ask = true;
	return KL_OK;
}

static bool work_gradebook(struct pane *pane)
{
	struct gradebook *grades = pane->state;
	bool to_ask = grades->to_ask;

	grades->to_ask = false;
	if (to_ask)
		ask_book(pane);
	return to_ask;
}

static void close_gradebook(struct pane *pane)
{
	struct gradebook *grades = pane->state;

	asking_close(&grades->asking);
	kl_gradebook_release(&grades->book);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static int name_cols(const struct canvas *canvas)
{
	return canvas->cols < NARROW_COLS ? NAME_COLS_NARROW : NAME_COLS;
}

static void draw_columns(const struct gradebook *grades, struct canvas *canvas)
{
	int x = name_cols(canvas);
	size_t last = grades->left + (size_t)grades->shown;

	canvas_str(canvas, 0, 1, ROLE_COLUMN, "Student");
	canvas_str(canvas, 0, x + TOTAL_COLS - 7, ROLE_COLUMN, "Total");
	x += TOTAL_COLS;
	for (size_t i = grades->left; i < last && i < grades->book.column_count; i++, x += CELL_COLS) {
		const struct kl_gradebook_column *column = &grades->book.columns[i];

		canvas_str_cut(canvas, 0, x, ROLE_COLUMN, column->title, CELL_COLS - 1);
		canvas_printf(canvas, 1, x, ROLE_DIM, "of %lld", (long long)column->points);
	}
	if (grades->left > 0)
		canvas_symbol(canvas, 1, name_cols(canvas) + TOTAL_COLS - 2, ROLE_SCROLLBAR, SYMBOL_ARROW_LEFT);
	if (last < grades->book.column_count)
		canvas_symbol(canvas, 1, canvas->cols - 1, ROLE_SCROLLBAR, SYMBOL_ARROW_RIGHT);
}

static void draw_row(const struct gradebook *grades, struct canvas *canvas, int y, size_t at)
{
	const struct kl_gradebook_row *row = &grades->book.rows[at];
	int x = name_cols(canvas);

	canvas_str_cut(canvas, y, 1, ROLE_TEXT, *row->display ? row->display : row->name, x - 2);
	canvas_printf(canvas, y, x, ROLE_STRONG, "%8.2f", row->total);
	x += TOTAL_COLS;
	for (size_t i = grades->left; i < grades->left + (size_t)grades->shown; i++, x += CELL_COLS) {
		if (i >= grades->book.column_count)
			break;
		if (row->scores[i] < 0)
			canvas_str(canvas, y, x, ROLE_DIM, "-");
		else
			canvas_printf(canvas, y, x, ROLE_TEXT, "%.2f", row->scores[i]);
	}
	if (at == grades->scroll.selected)
		canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
}

static void draw_gradebook(struct pane *pane, struct canvas *canvas)
{
	struct gradebook *grades = pane->state;
	int room = (canvas->cols - name_cols(canvas) - TOTAL_COLS) / CELL_COLS, notes = grades->book.computing;

	grades->shown = room > 0 ? room : 1;
	if (!grades->book.row_count) {
		canvas_wrapped(canvas, (struct rect){ 1, 1, canvas->rows - 1, canvas->cols - 2 },
			       *grades->asking.problem ? ROLE_WARNING : ROLE_TEXT,
			       *grades->asking.problem ? grades->asking.problem
			       : grades->there         ? "This course has no students yet."
						       : "");
		return;
	}
	draw_columns(grades, canvas);
	grades->scroll.rows = canvas->rows - HEAD_ROWS - notes;
	scroll_keep(&grades->scroll, grades->book.row_count);
	for (int y = 0; y < grades->scroll.rows && grades->scroll.top + (size_t)y < grades->book.row_count; y++)
		draw_row(grades, canvas, HEAD_ROWS + y, grades->scroll.top + (size_t)y);
	if (notes)
		canvas_str_cut(canvas, canvas->rows - 1, 1, ROLE_WARNING,
			       "An assignment was changed: some scores are being computed anew (R asks again).",
			       canvas->cols - 2);
}

/* --- a file for a spreadsheet ------------------------------------------------------------------------------------- */

/* "Programming I" → "programming-i": what outside texts may be of a file's name. */
static char *file_name(const struct gradebook *grades)
{
	char name[64];
	size_t len = 0;

	for (const char *at = grades->title; *at && len < sizeof(name) - 1; at++) {
		if (isalnum((unsigned char)*at))
			name[len++] = (char)tolower((unsigned char)*at);
		else if (len && name[len - 1] != '-')
			name[len++] = '-';
	}
	while (len && name[len - 1] == '-')
		len--;
	name[len] = '\0';
	return kl_format("grades-%s.csv", len ? name : grades->id);
}

static void take_csv(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct gradebook *grades = pane->state;
	char *name = file_name(grades), *path = kl_path_join(pane->app->paths.work, name);
	struct kl_error err;

	(void)page;
	if (kl_path_make(pane->app->paths.work, &err) ||
	    kl_file_write(path, answer->body, answer->body_len, 0600, &err))
		app_say_error(pane->app, &err);
	else
		app_say(pane->app, ROLE_SUCCESS, "The gradebook is in %s", path);
	free(path);
	free(name);
}

static void export_book(struct pane *pane)
{
	struct gradebook *grades = pane->state;
	const struct asking_wish wish = { .method = "GET",
					  .path = kl_format("/api/courses/%s/gradebook.csv", grades->id),
					  .raw = "text/csv" };

	asking_begin(&grades->asking, pane, &wish, take_csv);
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

static bool scroll_aside(struct gradebook *grades, enum request request)
{
	if (request == REQ_LEFT && grades->left > 0)
		grades->left--;
	else if (request == REQ_RIGHT && grades->left + (size_t)grades->shown < grades->book.column_count)
		grades->left++;
	return request == REQ_LEFT || request == REQ_RIGHT;
}

static enum request gradebook_request(struct pane *pane, enum request request)
{
	struct gradebook *grades = pane->state;

	if (request == REQ_BACK && asking_stop(&grades->asking))
		return REQ_NONE;
	if (request == REQ_EXPORT)
		export_book(pane);
	else if (request == REQ_REFRESH || request == REQ_GRADES)
		ask_book(pane);
	else if (request == REQ_CLASS)
		app_go(pane->app, &classview_ops, grades->id);
	else if (!scroll_aside(grades, request) && !scroll_list(&grades->scroll, grades->book.row_count, request))
		return request;
	return REQ_NONE;
}

static bool gradebook_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct gradebook *grades = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_list_by(&grades->scroll, grades->book.row_count, mouse->wheel);
	return true;
}

static void gradebook_title(struct pane *pane, char *text, size_t size)
{
	snprintf(text, size, "Gradebook: %s", ((struct gradebook *)pane->state)->title);
}

static const enum request gradebook_hints[] = { REQ_EXPORT, REQ_RIGHT, REQ_REFRESH, REQ_CLASS,
						REQ_BACK,   REQ_HELP,  REQ_NONE };

const struct pane_ops gradebook_ops = {
	.name = "Gradebook",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct gradebook),
	.open = open_gradebook,
	.draw = draw_gradebook,
	.request = gradebook_request,
	.mouse = gradebook_mouse,
	.title = gradebook_title,
	.hints = gradebook_hints,
	.work = work_gradebook,
	.close = close_gradebook,
};
