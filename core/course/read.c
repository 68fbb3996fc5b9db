/* Courses as the class server tells of them: JSON into structs. */

#include <kodelab/coursework.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/json.h>
#include <kodelab/log.h>
#include <kodelab/store_sync.h>

#define MINUTE_MS    60000
#define FULL         100 /* percent */
#define WHOLE_MAX    9007199254740992.0 /* whole numbers are exact up to here */
#define COURSE_BYTES (16 << 20)
#define GRACE_MAX    (366 * 24 * 60) /* minutes */
#define CELLS_MAX    (8 << 20) /* of a gradebook: 64 MiB */

/* --- members ------------------------------------------------------------------------------------------------------ */

static const cJSON *member(const cJSON *node, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(node, key);
}

/* NULL: there is none. */
static const cJSON *list_of(const cJSON *node, const char *key)
{
	const cJSON *list = member(node, key);

	return cJSON_IsArray(list) ? list : NULL;
}

static bool is_said(const cJSON *node, const char *key)
{
	return cJSON_IsTrue(member(node, key));
}

static int64_t whole(const cJSON *node, const char *key)
{
	double number = kl_json_number_of(node, key);

	return fabs(number) <= WHOLE_MAX ? (int64_t)number : 0;
}

static int within(const cJSON *node, const char *key, int max)
{
	int64_t number = whole(node, key);

	return number < 0 ? 0 : number > max ? max : (int)number;
}

/* In percent, which it cannot leave. */
static int share(const cJSON *node, const char *key)
{
	return within(node, key, FULL);
}

static int64_t moment(const cJSON *node, const char *key)
{
	int64_t wall_ms = 0;

	return kl_clock_read_utc(&wall_ms, kl_json_text_of(node, key)) ? wall_ms : 0;
}

static bool read_id(char id[KL_ID_SIZE], const cJSON *node, const char *key)
{
	const char *text = kl_json_text_of(node, key);

	if (!kl_id_valid(text))
		return false;
	memcpy(id, text, KL_ID_SIZE);
	return true;
}

/* --- assignments -------------------------------------------------------------------------------------------------- */

static void read_item(struct kl_assignment_item *item, const cJSON *node)
{
	int64_t points = whole(node, "points");

	*item = (struct kl_assignment_item){ .pack = kl_strdup(kl_json_text_of(node, "pack")),
					     .slug = kl_strdup(kl_json_text_of(node, "slug")),
					     .points = points,
					     .tries = whole(node, "tries"),
					     .offered = is_said(node, "published") };
	if (points > 0)
		item->counted = FULL * kl_json_number_of(node, "score") / (double)points;
}

static void read_terms(struct kl_terms *terms, const cJSON *node)
{
	*terms = (struct kl_terms){ .opens_ms = moment(node, "opens_at"),
				    .due_ms = moment(node, "due_at"),
				    .grace_ms = (int64_t)within(node, "grace_minutes", GRACE_MAX) * MINUTE_MS,
				    .late = { .percent = share(node, "late_percent"),
					      .floor = share(node, "late_floor"),
					      .until_ms = moment(node, "late_until") } };
	if (!kl_late_read(&terms->late.kind, kl_json_text_of(node, "late")))
		terms->late.kind = KL_LATE_NONE;
}

enum kl_status kl_assignment_read(struct kl_assignment *out, const cJSON *node, struct kl_error *err)
{
	const cJSON *items = list_of(node, "items"), *item;
	struct kl_assignment assignment = { .score = kl_json_number_of(node, "score"),
					    .solved = whole(node, "solved"),
					    .tried = whole(node, "tried"),
					    .late = is_said(node, "was_late"),
					    .extended_ms = moment(node, "extended_at"),
					    .last_ms = moment(node, "last_at") };
	int count = cJSON_GetArraySize(items);

	if (!read_id(assignment.id, node, "id") || count > KL_COURSE_ITEMS_MAX)
		return kl_fail(err, KL_EINVAL, "the class server's answer is no assignment");
	assignment.title = kl_strdup(kl_json_text_of(node, "title"));
	assignment.instructions = kl_strdup(kl_json_text_of(node, "instructions"));
	read_terms(&assignment.terms, node);
	assignment.items = kl_calloc((size_t)count + 1, sizeof(*assignment.items));
	cJSON_ArrayForEach(item, items) {
		read_item(&assignment.items[assignment.item_count++], item);
	}
	*out = assignment;
	return KL_OK;
}

/* --- courses ------------------------------------------------------------------------------------------------------ */

static enum kl_status read_course(struct kl_course *course, const cJSON *node, struct kl_error *err)
{
	*course = (struct kl_course){ .archived = is_said(node, "archived"),
				      .students = whole(node, "students"),
				      .hidden = !is_said(node, "on_leaderboard"),
				      .total = kl_json_number_of(node, "total"),
				      .created_ms = moment(node, "created_at"),
				      .joined_ms = moment(node, "joined_at") };
	if (!read_id(course->id, node, "id"))
		return kl_fail(err, KL_EINVAL, "the class server's answer is no course");
	read_id(course->team, node, "team");
	if (!kl_course_role_read(&course->role, kl_json_text_of(node, "role")))
		course->role = KL_COURSE_NONE;
	if (!kl_joining_read(&course->joining, kl_json_text_of(node, "joining")))
		course->joining = KL_JOINING_CLOSED;
	if (!kl_course_code_read(course->code, kl_json_text_of(node, "code")))
		course->code[0] = '\0';
	course->title = kl_strdup(kl_json_text_of(node, "title"));
	return KL_OK;
}

enum kl_status kl_coursework_read(struct kl_coursework *out, const cJSON *node, struct kl_error *err)
{
	const cJSON *list = list_of(node, "assignments"), *item;
	struct kl_coursework work = { .assignments = NULL };
	int count = cJSON_GetArraySize(list);
	enum kl_status status = read_course(&work.course, node, err);

	if (status)
		return status;
	work.assignments = kl_calloc((size_t)count + 1, sizeof(*work.assignments));
	cJSON_ArrayForEach(item, list) {
		status = status ? status : kl_assignment_read(&work.assignments[work.count], item, err);
		work.count += !status;
	}
	if (status)
		kl_coursework_release(&work);
	else
		*out = work;
	return status;
}

void kl_coursework_release(struct kl_coursework *work)
{
	kl_course_release(&work->course);
	kl_assignments_free(work->assignments, work->count);
	*work = (struct kl_coursework){ .assignments = NULL };
}

/* --- those that were pulled --------------------------------------------------------------------------------------- */

struct pulled {
	struct kl_coursework *rows;
	size_t count, capacity;
};

static enum kl_status read_pulled(struct kl_coursework *work, const char *body, struct kl_error *err)
{
	struct kl_json *doc;
	enum kl_status status = kl_json_parse(&doc, body, strlen(body), COURSE_BYTES, "course", err);

	if (status)
		return status;
	status = kl_coursework_read(work, kl_json_root(doc), err);
	kl_json_free(doc);
	return status;
}

/* One that cannot be read takes none of the others away. */
static void add_pulled(void *ctx, const char *id, const char *body)
{
	struct pulled *pulled = ctx;
	struct kl_coursework work;
	struct kl_error err;

	if (read_pulled(&work, body, &err)) {
		kl_log(KL_LOG_WARN, "course", "course %s is left out: %s", id, err.message);
	} else if (work.course.archived) {
		kl_coursework_release(&work);
	} else {
		KL_GROW(pulled->rows, pulled->count, pulled->capacity);
		pulled->rows[pulled->count++] = work;
	}
}

static int by_title(const void *a, const void *b)
{
	const struct kl_coursework *one = a, *other = b;
	int order = strcmp(one->course.title, other->course.title);

	return order ? order : strcmp(one->course.id, other->course.id);
}

enum kl_status kl_courseworks(struct kl_coursework **rows, size_t *count, struct kl_store *store, const char *account,
			      struct kl_error *err)
{
	struct pulled pulled = { .rows = NULL };
	enum kl_status status = kl_store_class_courses(store, account, add_pulled, &pulled, err);

	if (status) {
		kl_courseworks_free(pulled.rows, pulled.count);
		return status;
	}
	if (pulled.count)
		qsort(pulled.rows, pulled.count, sizeof(*pulled.rows), by_title);
	*rows = pulled.rows;
	*count = pulled.count;
	return KL_OK;
}

void kl_courseworks_free(struct kl_coursework *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kl_coursework_release(&rows[i]);
	free(rows);
}

/* --- rows of lists ------------------------------------------------------------------------------------------------ */

void kl_leader_read(struct kl_leader *out, const cJSON *node)
{
	*out = (struct kl_leader){ .rank = whole(node, "rank"),
				   .total = kl_json_number_of(node, "total"),
				   .display = kl_json_text_of(node, "display"),
				   .me = is_said(node, "me") };
}

void kl_seen_read(struct kl_seen *out, const cJSON *node)
{
	*out = (struct kl_seen){ .name = kl_json_text_of(node, "name"),
				 .display = kl_json_text_of(node, "display"),
				 .pack = kl_json_text_of(node, "pack"),
				 .slug = kl_json_text_of(node, "slug"),
				 .what = kl_json_text_of(node, "what"),
				 .at_ms = moment(node, "at"),
				 .best = cJSON_IsNumber(member(node, "best")) ? kl_json_number_of(node, "best") : -1 };
}

void kl_failing_read(struct kl_failing *out, const cJSON *node)
{
	*out = (struct kl_failing){ .pack = kl_json_text_of(node, "pack"),
				    .slug = kl_json_text_of(node, "slug"),
				    .test = kl_json_text_of(node, "test"),
				    .students = whole(node, "students") };
}

/* --- the gradebook ------------------------------------------------------------------------------------------------ */

static void read_columns(struct kl_gradebook *book, const cJSON *list)
{
	const cJSON *node;

	book->columns = kl_calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*book->columns));
	cJSON_ArrayForEach(node, list) {
		struct kl_gradebook_column *column = &book->columns[book->column_count++];

		read_id(column->id, node, "id");
		column->title = kl_strdup(kl_json_text_of(node, "title"));
		column->points = whole(node, "points");
	}
}

static void read_row(struct kl_gradebook_row *row, size_t columns, const cJSON *node)
{
	const cJSON *scores = list_of(node, "scores"), *score;
	size_t at = 0;

	*row = (struct kl_gradebook_row){ .name = kl_strdup(kl_json_text_of(node, "name")),
					  .display = kl_strdup(kl_json_text_of(node, "display")),
					  .total = kl_json_number_of(node, "total"),
					  .scores = kl_calloc(columns + 1, sizeof(*row->scores)) };
	read_id(row->id, node, "id");
	for (size_t i = 0; i < columns; i++)
		row->scores[i] = -1;
	cJSON_ArrayForEach(score, scores) {
		if (at < columns && cJSON_IsNumber(score))
			row->scores[at] = score->valuedouble;
		at++;
	}
}

void kl_gradebook_add(struct kl_gradebook *book, const cJSON *page)
{
	const cJSON *list = list_of(page, "students"), *node;

	if (!book->columns)
		read_columns(book, list_of(page, "assignments"));
	book->computing = book->computing || is_said(page, "computing");
	cJSON_ArrayForEach(node, list) {
		if ((book->row_count + 1) * (book->column_count + 1) > CELLS_MAX)
			return; /* of no class that there is */
		KL_GROW(book->rows, book->row_count, book->row_capacity);
		read_row(&book->rows[book->row_count++], book->column_count, node);
	}
}

void kl_gradebook_release(struct kl_gradebook *book)
{
	for (size_t i = 0; i < book->column_count; i++)
		free(book->columns[i].title);
	for (size_t i = 0; i < book->row_count; i++) {
		free(book->rows[i].name);
		free(book->rows[i].display);
		free(book->rows[i].scores);
	}
	free(book->columns);
	free(book->rows);
	*book = (struct kl_gradebook){ .columns = NULL };
}
