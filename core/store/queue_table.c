/* The class judge's queue: one row for each thing that was ever asked for and is not yet forgotten. */

#include <kodelab/store_queue.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

void kl_queue_entry_release(struct kl_queue_entry *row)
{
	free(row->user);
	free(row->body);
	free(row->result);
	*row = (struct kl_queue_entry){ .user = NULL };
}

static enum kl_status add(struct kl_store *store, const struct kl_queue_entry *row, struct kl_error *err)
{
	return store_run(store, SQL_QUEUE_ADD,
			 ARGS(ARG_TEXT(row->id), ARG_INT(row->number), ARG_TEXT(row->user), ARG_INT(row->priority),
			      ARG_INT(row->kind), ARG_INT(row->created_ms), ARG_BYTES(row->body, row->body_len),
			      ARG_INT((int64_t)row->body_len)),
			 err);
}

enum kl_status kl_store_queue_add(struct kl_store *store, const struct kl_queue_entry *rows, size_t count,
				  struct kl_error *err)
{
	enum kl_status status;

	if (count == 1) /* one statement is all or nothing by itself */
		return add(store, rows, err);
	if ((status = store_begin(store, err)))
		return status;
	for (size_t i = 0; i < count && !status; i++)
		status = add(store, &rows[i], err);
	return store_end(store, status, err);
}

enum kl_status kl_store_queue_move(struct kl_store *store, const struct kl_queue_entry *row, struct kl_error *err)
{
	return store_run(store, SQL_QUEUE_MOVE,
			 ARGS(ARG_INT(row->state), ARG_INT(row->epoch), ARG_INT(row->tries), ARG_INT(row->started_ms),
			      ARG_TEXT(row->id)),
			 err);
}

enum kl_status kl_store_queue_end(struct kl_store *store, const struct kl_queue_entry *row, struct kl_error *err)
{
	return store_run(store, SQL_QUEUE_END,
			 ARGS(ARG_INT(row->state), ARG_INT(row->outcome), ARG_INT(row->finished_ms),
			      ARG_BYTES(row->result, row->result_len), ARG_TEXT(row->id), ARG_INT(row->epoch)),
			 err);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void read_numbers(struct kl_queue_entry *to, const struct sql_row *row)
{
	row_copy(row, 0, to->id, sizeof(to->id));
	to->number = row_int(row, 1);
	to->priority = (enum kl_queue_priority)row_int(row, 3);
	to->kind = row_int(row, 4);
	to->state = (enum kl_queue_state)row_int(row, 5);
	to->epoch = row_int(row, 6);
	to->tries = row_int(row, 7);
	to->outcome = row_int(row, 8);
	to->created_ms = row_int(row, 9);
	to->started_ms = row_int(row, 10);
	to->finished_ms = row_int(row, 11);
}

struct rows {
	struct kl_queue_entry *items;
	size_t count;
	size_t bytes_left; /* 0: further rows are left off, and not even read from the disk */
};

static void take_row(void *ctx, const struct sql_row *row)
{
	struct rows *rows = ctx;
	struct kl_queue_entry *to = &rows->items[rows->count];
	size_t bytes;

	if (!rows->bytes_left)
		return;
	read_numbers(to, row);
	to->user = row_text(row, 2);
	to->body = row_bytes(row, 12, &to->body_len);
	to->result = row_bytes(row, 13, &to->result_len);
	bytes = to->body_len + to->result_len;
	rows->bytes_left -= bytes < rows->bytes_left ? bytes : rows->bytes_left;
	rows->count++;
}

static enum kl_status drop(struct rows *rows, enum kl_status status)
{
	for (size_t i = 0; i < rows->count; i++)
		kl_queue_entry_release(&rows->items[i]);
	return status;
}

enum kl_status kl_store_queue_get(struct kl_queue_entry *out, struct kl_store *store, const char *id,
				  struct kl_error *err)
{
	struct kl_queue_entry row;
	struct rows rows = { &row, 0, SIZE_MAX };
	enum kl_status status = store_select(store, SQL_QUEUE_GET, ARGS(ARG_TEXT(id)), take_row, &rows, err);

	if (status)
		return drop(&rows, status);
	if (!rows.count)
		return kl_fail(err, KL_ENOENT, "there is no submission '%s'", id);
	*out = row;
	return KL_OK;
}

enum kl_status kl_store_queue_list(struct kl_queue_entry *out, size_t *count, size_t skip, size_t bytes_max,
				   struct kl_store *store, struct kl_error *err)
{
	struct rows rows = { out, 0, bytes_max };
	enum kl_status status = store_select(
		store, SQL_QUEUE_LIST, ARGS(ARG_INT((int64_t)*count), ARG_INT((int64_t)skip)), take_row, &rows, err);

	if (status)
		return drop(&rows, status);
	*count = rows.count;
	return KL_OK;
}

struct telling {
	kl_store_queue_fn *fn;
	void *ctx;
};

static void tell_open(void *ctx, const struct sql_row *row)
{
	const struct telling *telling = ctx;
	struct kl_queue_entry open = { .body_len = 0 };

	read_numbers(&open, row);
	open.user = row_text(row, 2);
	open.body_len = (size_t)row_int(row, 12);
	telling->fn(telling->ctx, &open);
	free(open.user);
}

enum kl_status kl_store_queue_open_rows(struct kl_store *store, kl_store_queue_fn *fn, void *ctx, struct kl_error *err)
{
	struct telling telling = { fn, ctx };

	return store_select(store, SQL_QUEUE_OPEN, NO_ARGS, tell_open, &telling, err);
}

enum kl_status kl_store_queue_newest(int64_t *number, struct kl_store *store, struct kl_error *err)
{
	return store_select(store, SQL_QUEUE_NEWEST, NO_ARGS, row_number, number, err);
}

/* --- forgetting --------------------------------------------------------------------------------------------------- */

enum kl_status kl_store_queue_remove(struct kl_store *store, const char *id, struct kl_error *err)
{
	return store_run(store, SQL_QUEUE_REMOVE, ARGS(ARG_TEXT(id)), err);
}

struct old { /* ids and states: the rows cannot go while they are being read */
	struct kl_queue_entry *rows;
	size_t count, capacity;
};

static void take_old(void *ctx, const struct sql_row *row)
{
	struct old *old = ctx;

	KL_GROW(old->rows, old->count, old->capacity);
	old->rows[old->count] = (struct kl_queue_entry){ .state = (enum kl_queue_state)row_int(row, 1) };
	row_copy(row, 0, old->rows[old->count].id, KL_ID_SIZE);
	old->count++;
}

enum kl_status kl_store_queue_expire(struct kl_store *store, int64_t wall_ms, size_t max, kl_store_queue_fn *fn,
				     void *ctx, struct kl_error *err)
{
	struct old old = { .rows = NULL };
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = store_select(store, SQL_QUEUE_OLD, ARGS(ARG_INT(wall_ms), ARG_INT((int64_t)max)), take_old, &old, err);
	for (size_t i = 0; !status && i < old.count; i++)
		status = store_run(store, SQL_QUEUE_REMOVE, ARGS(ARG_TEXT(old.rows[i].id)), err);
	status = store_end(store, status, err);
	for (size_t i = 0; !status && i < old.count; i++)
		fn(ctx, &old.rows[i]);
	free(old.rows);
	return status;
}

/* --- counting ----------------------------------------------------------------------------------------------------- */

struct counting {
	kl_store_queue_count_fn *fn;
	void *ctx;
};

static void tell_count(void *ctx, const struct sql_row *row)
{
	const struct counting *counting = ctx;

	counting->fn(counting->ctx, row_int(row, 0), row_int(row, 1));
}

enum kl_status kl_store_queue_counts(struct kl_store *store, enum kl_store_queue_by by, kl_store_queue_count_fn *fn,
				     void *ctx, struct kl_error *err)
{
	static const enum sql statements[] = {
		[KL_QUEUE_BY_STATE] = SQL_QUEUE_BY_STATE,
		[KL_QUEUE_BY_KIND] = SQL_QUEUE_BY_KIND,
		[KL_QUEUE_BY_OUTCOME] = SQL_QUEUE_BY_OUTCOME,
		[KL_QUEUE_BY_DAY] = SQL_QUEUE_BY_DAY,
	};
	struct counting counting = { fn, ctx };

	return store_select(store, statements[by], NO_ARGS, tell_count, &counting, err);
}
