/* How a course stands, over HTTP: the gradebook, as JSON or for a spreadsheet; the leaderboard; who is where. */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/coursework.h>
#include <kodelab/csv.h>

#include "core/server/api.h"
#include "core/server/class/courses.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/stream.h"

#define FAILING_MAX   20
#define GRADES_A_TURN 2000 /* about 3 ms of work */
#define NAME_SIZE     65 /* of an account */

/* --- the gradebook ------------------------------------------------------------------------------------------------ */

struct column {
	const char *id; /* of the assignment */
	size_t at; /* among the assignments, which are in their own order */
};

struct book;
typedef void row_fn(struct book *book);

/* Grades come student by student, and of each those assignments alone that he has begun: the others are filled in. */
struct book {
	struct server *server;
	char course[KL_ID_SIZE];
	struct kl_assignment *assignments;
	struct column *columns; /* by id */
	size_t count;
	struct kl_buf *out;
	row_fn *end_row; /* writes the student's scores and ends his row */
	void (*begin_row)(struct book *book, const struct kl_grade *grade);
	char user[KL_ID_SIZE]; /* whose row is being written; "": nobody's */
	char last[NAME_SIZE]; /* who has had one; "": nobody */
	int64_t students; /* how many have, since write_rows was called */
	double total;
	double *scores; /* one for each assignment; below 0: not begun */
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct column *)a)->id, ((const struct column *)b)->id);
}

static void end_row(struct book *book)
{
	if (*book->user)
		book->end_row(book);
	*book->user = '\0';
}

static void take_grade(void *ctx, const struct kl_grade *grade)
{
	struct column wanted = { grade->assignment, 0 }, *column;
	struct book *book = ctx;

	if (strcmp(book->user, grade->user) != 0) {
		end_row(book);
		snprintf(book->user, sizeof(book->user), "%s", grade->user);
		snprintf(book->last, sizeof(book->last), "%s", grade->name);
		book->students++;
		book->total = grade->total;
		for (size_t i = 0; i < book->count; i++)
			book->scores[i] = -1;
		book->begin_row(book, grade);
	}
	column = bsearch(&wanted, book->columns, book->count, sizeof(*column), by_id);
	if (column)
		book->scores[column->at] = grade->score;
}

static enum kl_status open_book(struct book *book, struct request *request, struct kl_error *err)
{
	const char *course = request_argument(request, "course");
	enum kl_status status = kl_store_assignments(&book->assignments, &book->count, request->server->store, course,
						     request->actor.id, 0, err);

	book->server = request->server;
	snprintf(book->course, sizeof(book->course), "%s", course);
	if (status)
		return status;
	book->scores = kl_calloc(book->count + 1, sizeof(*book->scores));
	book->columns = kl_calloc(book->count + 1, sizeof(*book->columns));
	for (size_t i = 0; i < book->count; i++)
		book->columns[i] = (struct column){ book->assignments[i].id, i };
	qsort(book->columns, book->count, sizeof(*book->columns), by_id);
	return KL_OK;
}

/* Of those behind the last who had one. */
static enum kl_status write_rows(struct book *book, int64_t skip, int64_t max, struct kl_error *err)
{
	char after[NAME_SIZE];
	struct kl_grades_wanted wanted = { .course = book->course, .after = after, .skip = skip, .max = max };
	enum kl_status status;

	memcpy(after, book->last, sizeof(after));
	book->students = 0;
	status = kl_store_grades(book->server->store, &wanted, take_grade, book, err);
	if (!status)
		end_row(book);
	return status;
}

static void close_book(struct book *book)
{
	kl_assignments_free(book->assignments, book->count);
	free(book->columns);
	free(book->scores);
}

/* --- …as JSON ----------------------------------------------------------------------------------------------------- */

static void begin_json_row(struct book *book, const struct kl_grade *grade)
{
	jsonout_object(book->out, NULL);
	jsonout_text(book->out, "id", grade->user);
	jsonout_text(book->out, "name", grade->name);
	jsonout_text(book->out, "display", grade->display);
	courses_number(book->out, "total", book->total);
}

static void end_json_row(struct book *book)
{
	char digits[64];

	jsonout_list(book->out, "scores");
	for (size_t i = 0; i < book->count; i++) {
		if (book->scores[i] < 0)
			snprintf(digits, sizeof(digits), "null");
		else
			snprintf(digits, sizeof(digits), "%.2f", book->scores[i]);
		kl_buf_addf(book->out, i ? ",%s" : "%s", digits);
	}
	kl_buf_add_str(book->out, "]}");
}

static void show_columns(struct kl_buf *body, const struct book *book)
{
	jsonout_list(body, "assignments");
	for (size_t i = 0; i < book->count; i++) {
		jsonout_object(body, NULL);
		jsonout_text(body, "id", book->assignments[i].id);
		jsonout_text(body, "title", book->assignments[i].title);
		jsonout_int(body, "points", kl_assignment_points(&book->assignments[i]));
		kl_buf_add_char(body, '}');
	}
	kl_buf_add_char(body, ']');
}

static enum kl_status count_students(int64_t *students, struct request *request, struct kl_error *err)
{
	struct kl_course course;
	enum kl_status status = kl_store_course_get(&course, request->server->store,
						    request_argument(request, "course"), request->actor.id, err);

	if (status)
		return status;
	*students = course.students;
	kl_course_release(&course);
	return KL_OK;
}

static void gradebook_get(struct request *request)
{
	const char *course = request_argument(request, "course");
	struct book book = { .begin_row = begin_json_row, .end_row = end_json_row };
	struct api_page page;
	struct kl_error err;
	struct kl_buf body;
	int64_t students;
	bool computing;

	if (!api_page(&page, request))
		return;
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	book.out = &body;
	if (count_students(&students, request, &err) ||
	    kl_store_rescoring(&computing, request->server->store, course, &err) || open_book(&book, request, &err)) {
		api_fail_unseen(request, &err);
	} else {
		api_bool(&body, "computing", computing);
		show_columns(&body, &book);
		jsonout_list(&body, "students");
		if (write_rows(&book, page.skip, page.limit, &err)) {
			api_fail_unseen(request, &err);
		} else {
			kl_buf_add_str(&body, "]}");
			api_end_page(request, &body, &page, students);
		}
	}
	kl_buf_release(&body);
	close_book(&book);
}

/* --- …for a spreadsheet ------------------------------------------------------------------------------------------- */

static void begin_csv_row(struct book *book, const struct kl_grade *grade)
{
	kl_csv_text(book->out, grade->name);
	kl_csv_text(book->out, grade->display);
}

static void end_csv_row(struct book *book)
{
	for (size_t i = 0; i < book->count; i++) {
		if (book->scores[i] < 0)
			kl_csv_text(book->out, "");
		else
			kl_csv_number(book->out, book->scores[i]);
	}
	kl_csv_number(book->out, book->total);
	kl_csv_end(book->out);
}

static void write_headings(struct kl_buf *out, const struct book *book)
{
	char *heading;

	kl_csv_text(out, "Name");
	kl_csv_text(out, "Display name");
	for (size_t i = 0; i < book->count; i++) {
		heading = kl_format("%s (%lld)", book->assignments[i].title,
				    (long long)kl_assignment_points(&book->assignments[i]));
		kl_csv_text(out, heading);
		free(heading);
	}
	kl_csv_text(out, "Total");
	kl_csv_end(out);
}

/* As many students as a turn has time for. *all: there are no more. */
static enum kl_status write_csv_rows(struct book *book, struct kl_buf *out, bool *all, struct kl_error *err)
{
	int64_t max = GRADES_A_TURN / ((int64_t)book->count + 1) + 1;
	enum kl_status status;

	book->out = out;
	status = write_rows(book, 0, max, err);
	*all = book->students < max;
	return status;
}

static enum kl_status begin_csv(struct book *book, struct kl_buf *out, bool *all, struct kl_error *err)
{
	write_headings(out, book);
	return write_csv_rows(book, out, all, err);
}

static enum stream_more more_csv(void *ctx, struct kl_buf *out)
{
	struct kl_error err;
	bool all;

	if (!write_csv_rows(ctx, out, &all, &err))
		return all ? STREAM_LAST : STREAM_MORE;
	eventlog(KL_LOG_ERROR, "gradebook_broken", EVENTLOG_TEXT("error", err.message));
	return STREAM_BROKEN;
}

static void free_book(void *ctx)
{
	close_book(ctx);
	free(ctx);
}

/* Of a large class only the first rows are made here: the others as they are taken, each of its own moment. */
static void gradebook_csv(struct request *request)
{
	static const char type[] = "text/csv; charset=utf-8";
	struct book *book = kl_calloc(1, sizeof(*book));
	struct kl_error err;
	struct kl_buf out;
	bool all;

	book->begin_row = begin_csv_row;
	book->end_row = end_csv_row;
	answer_begin(&out);
	if (open_book(book, request, &err) || begin_csv(book, &out, &all, &err)) {
		free_book(book);
		api_fail_unseen(request, &err);
	} else if (all) {
		free_book(book);
		answer_text(request, 200, out.data);
		request->answer.type = type;
	} else {
		stream_write(stream_pull(request, type, more_csv, free_book, book), out.data, out.len);
	}
	if (request->answer.status == 200)
		answer_header(request, "Content-Disposition", "attachment; filename=\"gradebook.csv\"");
	kl_buf_release(&out);
}

/* --- the leaderboard ---------------------------------------------------------------------------------------------- */

struct leaders {
	struct kl_member *rows;
	size_t count;
	int64_t skip, ahead; /* students on the pages before; students with more than the first of these */
};

static void show_leader(struct kl_buf *body, const struct kl_member *row, int64_t rank, const char *me)
{
	jsonout_object(body, NULL);
	jsonout_int(body, "rank", rank);
	jsonout_text(body, "display", *row->display ? row->display : row->name);
	jsonout_text(body, "team", *row->team ? row->team : NULL);
	courses_number(body, "total", row->total);
	api_bool(body, "me", !strcmp(row->user, me));
	kl_buf_add_char(body, '}');
}

/* Who has as much as the first of this page shares his rank, perhaps with some of the page before. */
static void show_leaders(struct kl_buf *body, const struct leaders *leaders, const char *me)
{
	double *totals = kl_calloc(leaders->count + 1, sizeof(*totals));
	size_t *ranks = kl_calloc(leaders->count + 1, sizeof(*ranks));

	for (size_t i = 0; i < leaders->count; i++)
		totals[i] = leaders->rows[i].total;
	kl_ranks(ranks, totals, leaders->count);
	for (size_t i = 0; i < leaders->count; i++)
		show_leader(body, &leaders->rows[i],
			    (int64_t)ranks[i] + (ranks[i] == 1 ? leaders->ahead : leaders->skip), me);
	free(totals);
	free(ranks);
}

static enum kl_status get_leaders(struct leaders *leaders, struct api_list *list)
{
	struct kl_store *store = list->request->server->store;
	struct kl_members_wanted wanted = { .course = request_argument(list->request, "course"),
					    .least = KL_COURSE_STUDENT,
					    .most = KL_COURSE_STUDENT,
					    .shown = true,
					    .order = KL_MEMBER_BY_TOTAL,
					    .skip = list->page.skip,
					    .max = list->page.limit };
	enum kl_status status =
		kl_store_members(&leaders->rows, &leaders->count, &list->total, store, &wanted, &list->err);

	leaders->skip = wanted.skip;
	if (!status && leaders->count)
		status = kl_store_members_ahead(&leaders->ahead, store, wanted.course, leaders->rows[0].total,
						&list->err);
	return status;
}

static void leaderboard_get(struct request *request)
{
	struct leaders leaders = { .rows = NULL };
	struct api_list list;
	enum kl_status status;

	if (!api_list_begin_page(&list, request))
		return;
	status = get_leaders(&leaders, &list);
	show_leaders(&list.body, &leaders, request->actor.id);
	kl_members_free(leaders.rows, leaders.count);
	api_list_end(&list, status);
}

/* Everybody decides for himself whether he stands there. */
static void leaderboard_put(struct request *request)
{
	const char *course = request_argument(request, "course");
	bool shown = true;
	const struct api_field fields[] = { { "shown", .flag = &shown, .needed = true } };
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return;
	if (server_write(request->server, &err) ||
	    kl_store_member_hide(request->server->store, course, request->actor.id, !shown, &err))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", course, "changed");
}

/* --- who is where ------------------------------------------------------------------------------------------------- */

static void show_seen(struct kl_buf *body, const struct kl_member *member)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "id", member->user);
	jsonout_text(body, "name", member->name);
	jsonout_text(body, "display", member->display);
	jsonout_text(body, "pack", member->seen_ms ? member->seen_pack : NULL);
	jsonout_text(body, "slug", member->seen_ms ? member->seen_slug : NULL);
	jsonout_text(body, "what", member->seen_ms ? member->seen_what : NULL);
	api_time(body, "at", member->seen_ms);
	if (member->seen_best < 0)
		jsonout_text(body, "best", NULL);
	else
		courses_number(body, "best", member->seen_best);
	kl_buf_add_char(body, '}');
}

static void activity_get(struct request *request)
{
	struct kl_members_wanted wanted = { .course = request_argument(request, "course"),
					    .least = KL_COURSE_STUDENT,
					    .most = KL_COURSE_STUDENT,
					    .order = KL_MEMBER_BY_SEEN };

	members_answer(request, &wanted, show_seen);
}

static void show_failing(void *ctx, const struct kl_failing *failing)
{
	struct kl_buf *body = ctx;

	jsonout_object(body, NULL);
	jsonout_text(body, "pack", failing->pack);
	jsonout_text(body, "slug", failing->slug);
	jsonout_text(body, "test", failing->test);
	jsonout_int(body, "students", failing->students);
	kl_buf_add_char(body, '}');
}

static void failing_get(struct request *request)
{
	const char *assignment = request_argument(request, "assignment");
	struct api_list list;

	api_list_begin(&list, request);
	api_list_end(&list, kl_store_failing(request->server->store, assignment, FAILING_MAX, show_failing, &list.body,
					     &list.err));
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET", "/api/courses/:course/gradebook",     0, gradebook_get,   ACCESS_COURSE_STAFF },
	{ "GET", "/api/courses/:course/gradebook.csv", 0, gradebook_csv,   ACCESS_COURSE_STAFF },
	{ "GET", "/api/courses/:course/leaderboard",   0, leaderboard_get, ACCESS_COURSE_MEMBER },
	{ "PUT", "/api/courses/:course/leaderboard",   0, leaderboard_put, ACCESS_COURSE_MEMBER },
	{ "GET", "/api/courses/:course/activity",      0, activity_get,    ACCESS_COURSE_STAFF },
	{ "GET", "/api/courses/:course/assignments/:assignment/failing", 0, failing_get, ACCESS_ASSIGNMENT_STAFF },
};
/* clang-format on */

const struct route_area gradebook_area = { "/api/courses", rows, KL_LENGTH(rows) };
