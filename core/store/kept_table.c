/* Runs that no judge could take yet: they wait here to become attempts. */

#include <kodelab/store_kept.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct rows {
	struct kl_kept_run *items;
	size_t count, capacity;
};

static void take_row(void *ctx, const struct sql_row *row)
{
	struct rows *rows = ctx;
	struct kl_kept_run *run;

	KL_GROW(rows->items, rows->count, rows->capacity);
	run = &rows->items[rows->count++];
	*run = (struct kl_kept_run){ .pack = row_text(row, 1),
				     .slug = row_text(row, 2),
				     .language = row_text(row, 3),
				     .kind = (enum kl_attempt_kind)row_int(row, 4),
				     .at_ms = row_int(row, 5),
				     .why = row_text(row, 7) };
	row_copy(row, 0, run->id, sizeof(run->id));
	run->code = row_bytes(row, 6, &run->code_len);
}

enum kl_status kl_store_kept(struct kl_kept_run **out, size_t *count, struct kl_store *store, struct kl_error *err)
{
	struct rows rows = { .items = NULL };
	enum kl_status status = store_select(store, SQL_KEPT_ALL, NO_ARGS, take_row, &rows, err);

	if (status) {
		kl_kept_runs_free(rows.items, rows.count);
		return status;
	}
	*out = rows.items;
	*count = rows.count;
	return KL_OK;
}

void kl_kept_runs_free(struct kl_kept_run *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].pack);
		free(rows[i].slug);
		free(rows[i].language);
		free(rows[i].code);
		free(rows[i].why);
	}
	free(rows);
}

/* --- keeping ------------------------------------------------------------------------------------------------------ */

static void take_same(void *ctx, const struct sql_row *row)
{
	struct kl_kept_run *run = ctx;

	row_copy(row, 0, run->id, sizeof(run->id));
	run->at_ms = row_int(row, 1);
}

/* The same submit once more: *run gets what is known of it; else its id is "". */
static enum kl_status find_same(struct kl_kept_run *run, struct kl_store *store, struct kl_error *err)
{
	run->id[0] = '\0';
	if (run->kind != KL_ATTEMPT_SUBMIT)
		return KL_OK;
	return store_select(store, SQL_KEPT_SAME,
			    ARGS(ARG_TEXT(run->pack), ARG_TEXT(run->slug), ARG_TEXT(run->language),
				 ARG_BYTES(run->code, run->code_len)),
			    take_same, run, err);
}

static enum kl_status put_new(struct kl_store *store, struct kl_kept_run *run, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	int64_t count = 0;

	if (run->kind == KL_ATTEMPT_RUN)
		status = store_run(store, SQL_KEPT_REPLACE, ARGS(ARG_TEXT(run->pack), ARG_TEXT(run->slug)), err);
	if (status || (status = store_select(store, SQL_KEPT_COUNT, NO_ARGS, row_number, &count, err)))
		return status;
	if (count >= KL_KEPT_MAX)
		return kl_fail(err, KL_EFULL, "%d runs are kept already: 'kodelab judge kept' lists them", KL_KEPT_MAX);
	kl_id_new(run->id, &store->clock);
	run->at_ms = kl_clock_wall_ms(&store->clock);
	return store_run(store, SQL_KEPT_PUT,
			 ARGS(ARG_TEXT(run->id), ARG_TEXT(run->pack), ARG_TEXT(run->slug), ARG_TEXT(run->language),
			      ARG_INT(run->kind), ARG_INT(run->at_ms), ARG_BYTES(run->code, run->code_len),
			      ARG_TEXT(run->why)),
			 err);
}

enum kl_status kl_store_kept_put(struct kl_store *store, struct kl_kept_run *run, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = find_same(run, store, err);
	if (!status && !run->id[0])
		status = put_new(store, run, err);
	status = store_end(store, status, err);
	if (status)
		run->id[0] = '\0';
	return status;
}

enum kl_status kl_store_kept_failed(struct kl_store *store, const char *id, const char *why, struct kl_error *err)
{
	return store_run(store, SQL_KEPT_WHY, ARGS(ARG_TEXT(why), ARG_TEXT(id)), err);
}

/* --- its end ------------------------------------------------------------------------------------------------------ */

/* In a transaction. */
static enum kl_status take_away(struct kl_store *store, const char *id, struct kl_error *err)
{
	enum kl_status status;
	int64_t count = 0;

	if ((status = store_select(store, SQL_KEPT_HAS, ARGS(ARG_TEXT(id)), row_number, &count, err)))
		return status;
	if (!count)
		return kl_fail(err, KL_ENOENT, "there is no kept run '%s': 'kodelab judge kept' lists them", id);
	return store_run(store, SQL_KEPT_REMOVE, ARGS(ARG_TEXT(id)), err);
}

enum kl_status kl_store_kept_drop(struct kl_store *store, const char *id, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, take_away(store, id, err), err);
}

enum kl_status kl_store_kept_settle(struct kl_store *store, struct kl_attempt *attempt, bool *first_pass,
				    struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);
	bool completed = false;

	if (status)
		return status;
	status = take_away(store, attempt->id, err);
	if (!status)
		status = store_attempt_put(store, attempt, &completed, err);
	status = store_end(store, status, err);
	if (!status && first_pass)
		*first_pass = completed;
	return status;
}
