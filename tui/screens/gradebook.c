/*
 * The gradebook: students down, assignments across; both scroll, names stay. One column of one student is marked: it is sorted by it, and Enter
 * opens the student at that assignment. One key writes it all to a file for a spreadsheet.
 */
#include "screens.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { HEAD_ROWS = 2, TOTAL_COLS = 10, CELL_COLS = 12, CELL_COLS_MAX = 24 };
enum { COLUMN_NAME, COLUMN_TOTAL, COLUMN_FIRST }; /* COLUMN_FIRST: the first assignment, and so on */

struct entry { /* a row of the book that is shown */
	size_t at; /* its place there */
	char *name; /* folded, owned */
};

struct gradebook {
	char id[KL_ID_SIZE]; /* of the course */
	char title[KL_COURSE_TITLE_MAX + 1];
	struct kl_gradebook book;
	struct kl_gradebook next; /* comes in, while book is shown */
	bool there; /* book has come, all of it */
	struct entry *entries; /* in the order that they are shown in */
	size_t count; /* of them */
	char wanted[64]; /* what their names have; "": all */
	size_t column; /* the marked one */
	size_t sort; /* a column */
	bool falling;
	struct scroll scroll;
	size_t left; /* the first assignment that is drawn */
	int shown, cell_cols; /* how many have room, each in so many columns */
	struct asking asking;
};

/* --- which rows, in which order ----------------------------------------------------------------------------------- */

static const char *name_of(const struct kl_gradebook_row *row)
{
	return *row->display ? row->display : row->name;
}

/* NULL: none is. */
static const struct kl_gradebook_row *marked(const struct gradebook *grades)
{
	return grades->scroll.selected < grades->count ? &grades->book.rows[grades->entries[grades->scroll.selected].at]
						       : NULL;
}

static double score_of(const struct kl_gradebook_row *row, size_t column)
{
	return column == COLUMN_TOTAL ? row->total : row->scores[column - COLUMN_FIRST];
}

static int by_score(const struct kl_gradebook_row *one, const struct kl_gradebook_row *other, size_t column)
{
	double a = score_of(one, column), b = score_of(other, column);

	return (a > b) - (a < b);
}

/* Those who are the same by the column are in the order of their names. */
static int compare(const void *a, const void *b, void *ctx)
{
	const struct gradebook *grades = ctx;
	const struct entry *one = a, *other = b;
	const struct kl_gradebook_row *rows = grades->book.rows;
	int names = strcmp(one->name, other->name);
	int order = grades->sort == COLUMN_NAME ? names : by_score(&rows[one->at], &rows[other->at], grades->sort);

	return !order ? names : grades->falling ? -order : order;
}

static void forget_entries(struct gradebook *grades)
{
	while (grades->count)
		free(grades->entries[--grades->count].name);
	free(grades->entries);
	grades->entries = NULL;
}

/* Those whose names have what is wanted, whatever its case and accents. */
static void choose_entries(struct gradebook *grades)
{
	const struct kl_gradebook *book = &grades->book;
	char *wanted = kl_fold(grades->wanted);

	forget_entries(grades);
	grades->entries = kl_calloc(book->row_count + 1, sizeof(*grades->entries));
	for (size_t i = 0; i < book->row_count; i++) {
		char *name = kl_fold(name_of(&book->rows[i]));

		if (strstr(name, wanted) || strstr(book->rows[i].name, wanted))
			grades->entries[grades->count++] = (struct entry){ i, name };
		else
			free(name);
	}
	free(wanted);
}

/* The student of this id is marked, as long as he is shown. */
static void arrange(struct gradebook *grades, const char *id)
{
	const struct kl_gradebook *book = &grades->book;
	size_t columns = COLUMN_FIRST + book->column_count;

	grades->sort = grades->sort < columns ? grades->sort : COLUMN_NAME;
	grades->column = grades->column < columns ? grades->column : COLUMN_NAME;
	choose_entries(grades);
	qsort_r(grades->entries, grades->count, sizeof(*grades->entries), compare, grades);
	for (size_t i = 0; *id && i < grades->count; i++)
		if (!strcmp(book->rows[grades->entries[i].at].id, id))
			grades->scroll.selected = i;
	scroll_list_by(&grades->scroll, grades->count, 0);
}

/* Who stands at the top looks at the top, whoever is there then. */
static void keep_mark(char id[KL_ID_SIZE], const struct gradebook *grades)
{
	const struct kl_gradebook_row *row = marked(grades);

	snprintf(id, KL_ID_SIZE, "%s", row && grades->scroll.selected ? row->id : "");
}

static void arrange_again(struct gradebook *grades)
{
	char id[KL_ID_SIZE];

	keep_mark(id, grades);
	arrange(grades, id);
}

static void sort_by_marked(struct gradebook *grades)
{
	grades->sort = grades->column;
	grades->falling = grades->sort != COLUMN_NAME; /* the best first */
	arrange_again(grades);
}

static void name_typed(struct app *app, void *ctx, const char *text)
{
	struct gradebook *grades = ((struct pane *)ctx)->state;

	snprintf(grades->wanted, sizeof(grades->wanted), "%s", text);
	arrange_again(grades);
	if (!grades->count)
		app_say(app, ROLE_INFO, "No name has '%s': a shows all again.", grades->wanted);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static void take_next(struct gradebook *grades)
{
	char id[KL_ID_SIZE];

	keep_mark(id, grades);
	kl_gradebook_release(&grades->book);
	grades->book = grades->next;
	grades->next = (struct kl_gradebook){ .columns = NULL };
	arrange(grades, id);
}

/* The first time what has come is shown at once, later the whole when it is there. */
static void take_page(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct gradebook *grades = pane->state;
	bool last = !grades->asking.path;

	if (page == 1)
		kl_gradebook_release(&grades->next);
	if (grades->there) {
		kl_gradebook_add(&grades->next, answer->data);
	} else {
		kl_gradebook_add(&grades->book, answer->data);
		arrange_again(grades);
	}
	if (grades->there && last)
		take_next(grades);
	grades->there = grades->there || last;
}

static void ask_book(struct pane *pane)
{
	struct gradebook *grades = pane->state;
	const struct asking_wish wish = { .path = kl_format("/api/courses/%s/gradebook?", grades->id), .pages = true };

	if (!grades->there) { /* what came of a first time that was stopped */
		forget_entries(grades);
		kl_gradebook_release(&grades->book);
	}
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
	grades->asking.later = true;
	return KL_OK;
}

static bool work_gradebook(struct pane *pane)
{
	struct gradebook *grades = pane->state;

	if (!asking_due(&grades->asking))
		return false;
	ask_book(pane);
	return true;
}

static void close_gradebook(struct pane *pane)
{
	struct gradebook *grades = pane->state;

	asking_close(&grades->asking);
	kl_gradebook_release(&grades->book);
	kl_gradebook_release(&grades->next);
	forget_entries(grades);
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static int name_cols(const struct canvas *canvas)
{
	return canvas->cols < 60 ? 14 : canvas->cols < 120 ? 22 : 34;
}

/* Room is given to the assignments evenly; the marked one is among those that have some. */
static void place_columns(struct gradebook *grades, const struct canvas *canvas)
{
	int room = canvas->cols - name_cols(canvas) - TOTAL_COLS, count = (int)grades->book.column_count;
	size_t at = grades->column < COLUMN_FIRST ? grades->left : grades->column - COLUMN_FIRST;

	grades->cell_cols = count && room / count > CELL_COLS ? room / count : CELL_COLS;
	if (grades->cell_cols > CELL_COLS_MAX)
		grades->cell_cols = CELL_COLS_MAX;
	grades->shown = room / grades->cell_cols > 0 ? room / grades->cell_cols : 1;
	if (at < grades->left)
		grades->left = at;
	if (at >= grades->left + (size_t)grades->shown)
		grades->left = at + 1 - (size_t)grades->shown;
	while (grades->left && grades->left + (size_t)grades->shown > grades->book.column_count)
		grades->left--;
}

static void draw_head(const struct gradebook *grades, struct canvas *canvas, int x, size_t at, int cols)
{
	const struct kl_gradebook_column *column = at < COLUMN_FIRST ? NULL : &grades->book.columns[at - COLUMN_FIRST];
	char title[KL_COURSE_TITLE_MAX + 8];

	snprintf(title, sizeof(title), "%s", at == COLUMN_NAME ? "Student" : "   Total");
	if (column && canvas_width(column->title, strlen(column->title)) < cols)
		snprintf(title, sizeof(title), "%s", column->title);
	else if (column) /* titles are often the same up to here: Assignment 1, Assignment 2 */
		snprintf(title, sizeof(title), "%zu %s", at - COLUMN_FIRST + 1, column->title);
	canvas_str_cut(canvas, 0, x, ROLE_COLUMN, title, cols - 1);
	if (column)
		canvas_printf(canvas, 1, x, ROLE_DIM, "of %lld", (long long)column->points);
	if (at == grades->sort)
		canvas_symbol(canvas, 1, x + cols - 3, ROLE_COLUMN,
			      grades->falling ? SYMBOL_ARROW_DOWN : SYMBOL_ARROW_UP);
	if (at == grades->column)
		canvas_ground(canvas, (struct rect){ 0, x, HEAD_ROWS, cols - 1 }, ROLE_SELECTED);
}

static void draw_heads(const struct gradebook *grades, struct canvas *canvas)
{
	int x = name_cols(canvas);
	size_t last = grades->left + (size_t)grades->shown;

	draw_head(grades, canvas, 1, COLUMN_NAME, x - 1);
	draw_head(grades, canvas, x, COLUMN_TOTAL, TOTAL_COLS - 1);
	if (grades->left > 0)
		canvas_symbol(canvas, 1, x + TOTAL_COLS - 2, ROLE_SCROLLBAR, SYMBOL_ARROW_LEFT);
	x += TOTAL_COLS;
	for (size_t i = grades->left; i < last && i < grades->book.column_count; i++, x += grades->cell_cols)
		draw_head(grades, canvas, x, COLUMN_FIRST + i, grades->cell_cols);
	if (last < grades->book.column_count)
		canvas_symbol(canvas, 1, canvas->cols - 1, ROLE_SCROLLBAR, SYMBOL_ARROW_RIGHT);
}

static void draw_row(const struct gradebook *grades, struct canvas *canvas, int y, size_t at)
{
	const struct kl_gradebook_row *row = &grades->book.rows[grades->entries[at].at];
	size_t last = grades->left + (size_t)grades->shown;
	int x = name_cols(canvas);

	canvas_str_cut(canvas, y, 1, ROLE_TEXT, name_of(row), x - 2);
	canvas_printf(canvas, y, x, ROLE_STRONG, "%8.2f", row->total);
	x += TOTAL_COLS;
	for (size_t i = grades->left; i < last && i < grades->book.column_count; i++, x += grades->cell_cols) {
		if (row->scores[i] < 0)
			canvas_str(canvas, y, x + 2, ROLE_DIM, "-");
		else
			canvas_printf(canvas, y, x, ROLE_TEXT, "%6.2f", row->scores[i]);
	}
	if (at == grades->scroll.selected)
		canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
}

/* What is marked, in full: columns cut names and titles. */
static void draw_marked(const struct gradebook *grades, struct canvas *canvas, int y)
{
	const struct kl_gradebook_row *row = marked(grades);
	const struct kl_gradebook_column *column =
		grades->column < COLUMN_FIRST ? NULL : &grades->book.columns[grades->column - COLUMN_FIRST];
	char line[512];

	if (!row)
		return;
	if (!column)
		snprintf(line, sizeof(line), "%zu of %zu: %.2f points, %.100s (%.80s)", grades->scroll.selected + 1,
			 grades->count, row->total, name_of(row), row->name);
	else if (score_of(row, grades->column) < 0)
		snprintf(line, sizeof(line), "Not begun: %.100s, %.200s", name_of(row), column->title);
	else
		snprintf(line, sizeof(line), "%.2f of %lld: %.100s, %.200s", score_of(row, grades->column),
			 (long long)column->points, name_of(row), column->title);
	canvas_str_cut(canvas, y, 1, ROLE_DIM, line, canvas->cols - 2);
}

static void draw_gradebook(struct pane *pane, struct canvas *canvas)
{
	struct gradebook *grades = pane->state;
	int notes = grades->book.computing;

	if (!grades->book.row_count) {
		canvas_wrapped(canvas, (struct rect){ 1, 1, canvas->rows - 1, canvas->cols - 2 },
			       *grades->asking.problem ? ROLE_WARNING : ROLE_TEXT,
			       *grades->asking.problem ? grades->asking.problem
			       : grades->there         ? "This course has no students yet."
						       : "");
		return;
	}
	place_columns(grades, canvas);
	draw_heads(grades, canvas);
	grades->scroll.rows = canvas->rows - HEAD_ROWS - notes - 1;
	scroll_keep(&grades->scroll, grades->count);
	for (int y = 0; y < grades->scroll.rows && grades->scroll.top + (size_t)y < grades->count; y++)
		draw_row(grades, canvas, HEAD_ROWS + y, grades->scroll.top + (size_t)y);
	draw_marked(grades, canvas, canvas->rows - 1 - notes);
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

static bool step_aside(struct gradebook *grades, enum request request)
{
	if (request == REQ_LEFT && grades->column > 0)
		grades->column--;
	else if (request == REQ_RIGHT && grades->column + 1 < COLUMN_FIRST + grades->book.column_count)
		grades->column++;
	return request == REQ_LEFT || request == REQ_RIGHT;
}

static void open_row(struct pane *pane, const struct kl_gradebook_row *row)
{
	struct gradebook *grades = pane->state;
	struct student_arg arg = { .course = grades->id, .id = row->id, .name = name_of(row) };

	if (grades->column >= COLUMN_FIRST)
		arg.assignment = grades->book.columns[grades->column - COLUMN_FIRST].id;
	app_go(pane->app, &student_ops, &arg);
}

/* Sorting and searching; false: it is neither. */
static bool arrange_request(struct pane *pane, enum request request)
{
	struct gradebook *grades = pane->state;

	switch ((int)request) {
	case REQ_SORT:
		sort_by_marked(grades);
		return true;
	case REQ_SORT_TURN:
		grades->falling = !grades->falling;
		arrange_again(grades);
		return true;
	case REQ_SEARCH:
		prompt_open(pane->app, "Names that have:", grades->wanted, name_typed, pane);
		return true;
	case REQ_FILTER_CLEAR:
		name_typed(pane->app, pane, "");
		return true;
	default:
		return false;
	}
}

static enum request gradebook_request(struct pane *pane, enum request request)
{
	struct gradebook *grades = pane->state;
	const struct kl_gradebook_row *row = marked(grades);

	if (request == REQ_BACK && asking_stop(&grades->asking))
		return REQ_NONE;
	if (request == REQ_SELECT && row)
		open_row(pane, row);
	else if (request == REQ_EXPORT)
		export_book(pane);
	else if (request == REQ_REFRESH || request == REQ_GRADES)
		ask_book(pane);
	else if (request == REQ_CLASS)
		app_go(pane->app, &classview_ops, grades->id);
	else if (!arrange_request(pane, request) && !step_aside(grades, request) &&
		 !scroll_list(&grades->scroll, grades->count, request))
		return request;
	return REQ_NONE;
}

static bool gradebook_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct gradebook *grades = pane->state;
	size_t row = grades->scroll.top + (size_t)(mouse->y - HEAD_ROWS);

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(&grades->scroll, grades->count, mouse->wheel);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS || mouse->y < HEAD_ROWS || mouse->y >= HEAD_ROWS + grades->scroll.rows ||
	    row >= grades->count)
		return false;
	grades->scroll.selected = row;
	return true;
}

static void gradebook_title(struct pane *pane, char *text, size_t size)
{
	const struct gradebook *grades = pane->state;

	if (*grades->wanted)
		snprintf(text, size, "Gradebook: %.120s - %zu of %zu have '%s'", grades->title, grades->count,
			 grades->book.row_count, grades->wanted);
	else
		snprintf(text, size, "Gradebook: %s", grades->title);
}

static const enum request gradebook_hints[] = { REQ_SELECT,  REQ_SORT,  REQ_SEARCH, REQ_FILTER_CLEAR, REQ_EXPORT,
						REQ_REFRESH, REQ_CLASS, REQ_BACK,   REQ_HELP,         REQ_NONE };

/* The row has no room for all: while some are hidden, the way back to all is more wanted than a second look. */
static const char *gradebook_hint(const struct pane *pane, enum request request)
{
	bool some = *((const struct gradebook *)pane->state)->wanted;

	if (request == REQ_FILTER_CLEAR)
		return some ? NULL : "";
	return some && (request == REQ_REFRESH || request == REQ_CLASS) ? "" : NULL;
}

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
	.hint = gradebook_hint,
	.work = work_gradebook,
	.close = close_gradebook,
};
