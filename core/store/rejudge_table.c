/* Judging again. */

#include <kodelab/store_rejudge.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

/* --- rejudges ----------------------------------------------------------------------------------------------------- */

enum kl_status kl_store_rejudge_add(struct kl_store *store, const struct kl_rejudge *rejudge, struct kl_error *err)
{
	return store_run(store, SQL_REJUDGE_ADD,
			 ARGS(ARG_TEXT(rejudge->id), ARG_TEXT(rejudge->pack), ARG_TEXT(rejudge->slug),
			      ARG_INT(rejudge->version), ARG_TEXT(rejudge->user), ARG_INT(rejudge->created_ms),
			      ARG_INT(rejudge->until_ms), ARG_INT(rejudge->total)),
			 err);
}

enum kl_status kl_store_rejudge_put(struct kl_store *store, const struct kl_rejudge *rejudge, struct kl_error *err)
{
	return store_run(store, SQL_REJUDGE_PUT,
			 ARGS(ARG_INT(rejudge->ended_ms), ARG_INT(rejudge->state), ARG_INT(rejudge->queued),
			      ARG_INT(rejudge->done), ARG_INT(rejudge->changed), ARG_TEXT(rejudge->last),
			      ARG_TEXT(rejudge->id)),
			 err);
}

struct rows {
	struct kl_rejudge *items;
	size_t count;
};

static void take_row(void *ctx, const struct sql_row *row)
{
	struct rows *rows = ctx;
	struct kl_rejudge *to = &rows->items[rows->count++];

	*to = (struct kl_rejudge){ .version = row_int(row, 3),
				   .created_ms = row_int(row, 5),
				   .ended_ms = row_int(row, 6),
				   .until_ms = row_int(row, 7),
				   .state = (enum kl_rejudge_state)row_int(row, 8),
				   .total = row_int(row, 9),
				   .queued = row_int(row, 10),
				   .done = row_int(row, 11),
				   .changed = row_int(row, 12) };
	row_copy(row, 0, to->id, sizeof(to->id));
	row_copy(row, 1, to->pack, sizeof(to->pack));
	row_copy(row, 2, to->slug, sizeof(to->slug));
	row_copy(row, 4, to->user, sizeof(to->user));
	row_copy(row, 13, to->last, sizeof(to->last));
}

enum kl_status kl_store_rejudge_get(struct kl_rejudge *out, struct kl_store *store, const char *id,
				    struct kl_error *err)
{
	struct kl_rejudge found;
	struct rows rows = { &found, 0 };
	enum kl_status status = store_select(store, SQL_REJUDGE_GET, ARGS(ARG_TEXT(id)), take_row, &rows, err);

	if (status)
		return status;
	if (!rows.count)
		return kl_fail(err, KL_ENOENT, "there is no rejudge '%s'", id);
	*out = found;
	return KL_OK;
}

struct telling {
	kl_store_rejudge_fn *fn;
	void *ctx;
};

static void tell(void *ctx, const struct sql_row *row)
{
	const struct telling *telling = ctx;
	struct kl_rejudge rejudge;

	take_row(&(struct rows){ &rejudge, 0 }, row);
	telling->fn(telling->ctx, &rejudge);
}

enum kl_status kl_store_rejudges(int64_t *total, struct kl_store *store, int64_t skip, int64_t max,
				 kl_store_rejudge_fn *fn, void *ctx, struct kl_error *err)
{
	struct telling telling = { fn, ctx };
	const struct store_page page = { SQL_REJUDGES_COUNT, SQL_REJUDGES, skip, max };

	return store_select_page(total, store, &page, NO_ARGS, tell, &telling, err);
}

enum kl_status kl_store_rejudges_open(struct kl_rejudge *out, size_t *count, struct kl_store *store,
				      struct kl_error *err)
{
	struct rows rows = { out, 0 };
	enum kl_status status =
		store_select(store, SQL_REJUDGES_OPEN, ARGS(ARG_INT((int64_t)*count)), take_row, &rows, err);

	if (!status)
		*count = rows.count;
	return status;
}

/* --- their works -------------------------------------------------------------------------------------------------- */

struct works {
	struct kl_rejudge_work *items;
	size_t count;
};

static void take_work(void *ctx, const struct sql_row *row)
{
	struct works *works = ctx;
	struct kl_rejudge_work *to = &works->items[works->count++];

	row_copy(row, 0, to->id, sizeof(to->id));
	row_copy(row, 1, to->user, sizeof(to->user));
}

enum kl_status kl_store_rejudge_next(struct kl_rejudge_work *out, size_t *count, struct kl_store *store,
				     const struct kl_rejudge *rejudge, struct kl_error *err)
{
	struct works works = { out, 0 };
	enum kl_status status =
		store_select(store, SQL_WORKS_TO_REJUDGE,
			     ARGS(ARG_TEXT(rejudge->pack), ARG_TEXT(rejudge->slug), ARG_TEXT(rejudge->last),
				  ARG_INT(rejudge->version), ARG_INT(rejudge->until_ms), ARG_INT((int64_t)*count)),
			     take_work, &works, err);

	if (!status)
		*count = works.count;
	return status;
}

enum kl_status kl_store_rejudge_works(int64_t *count, struct kl_store *store, const struct kl_rejudge *rejudge,
				      struct kl_error *err)
{
	return store_select(store, SQL_WORKS_TO_REJUDGE_COUNT,
			    ARGS(ARG_TEXT(rejudge->pack), ARG_TEXT(rejudge->slug), ARG_INT(rejudge->version),
				 ARG_INT(rejudge->until_ms)),
			    row_number, count, err);
}

/* --- what was found before ---------------------------------------------------------------------------------------- */

enum kl_status kl_store_rejudge_keep(struct kl_store *store, const char *rejudge, const char *work,
				     struct kl_error *err)
{
	return store_run(store, SQL_BEFORE_KEEP, ARGS(ARG_TEXT(rejudge), ARG_TEXT(work)), err);
}

enum kl_status kl_store_rejudge_restore(struct kl_store *store, const char *rejudge, const char *work,
					struct kl_error *err)
{
	enum kl_status status = stats_count(store, work, -1, err);

	if (!status)
		status = store_run(store, SQL_BEFORE_RESTORE, ARGS(ARG_TEXT(rejudge), ARG_TEXT(work)), err);
	if (!status)
		status = stats_count(store, work, 1, err);
	return status ? status : store_run(store, SQL_BEFORE_REMOVE, ARGS(ARG_TEXT(rejudge), ARG_TEXT(work)), err);
}

struct ids {
	char (*items)[KL_ID_SIZE];
	size_t count;
};

static void take_id(void *ctx, const struct sql_row *row)
{
	struct ids *ids = ctx;

	row_copy(row, 0, ids->items[ids->count++], KL_ID_SIZE);
}

enum kl_status kl_store_rejudge_kept(char (*out)[KL_ID_SIZE], size_t *count, struct kl_store *store,
				     const char *rejudge, struct kl_error *err)
{
	struct ids ids = { out, 0 };
	enum kl_status status = store_select(store, SQL_BEFORE_IDS, ARGS(ARG_TEXT(rejudge), ARG_INT((int64_t)*count)),
					     take_id, &ids, err);

	if (!status)
		*count = ids.count;
	return status;
}

enum kl_status kl_store_rejudge_forget(struct kl_store *store, const char *rejudge, struct kl_error *err)
{
	return store_run(store, SQL_BEFORE_FORGET, ARGS(ARG_TEXT(rejudge)), err);
}
