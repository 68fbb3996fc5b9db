/* Submissions under way at judges elsewhere, results worth keeping, and counts. */

#include <kodelab/store_judge.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

/* --- under way ---------------------------------------------------------------------------------------------------- */

enum kl_status kl_store_ticket_put(struct kl_store *store, const char *work, const struct kl_judge_ticket *ticket,
				   struct kl_error *err)
{
	return store_run(store, SQL_TICKET_PUT,
			 ARGS(ARG_TEXT(work), ARG_TEXT(ticket->instance), ARG_TEXT(ticket->token),
			      ARG_TEXT(ticket->nonce), ARG_INT(kl_clock_wall_ms(&store->clock))),
			 err);
}

static void take_ticket(void *ctx, const struct sql_row *row)
{
	struct kl_judge_ticket *ticket = ctx;

	*ticket = (struct kl_judge_ticket){ .instance = row_text(row, 0),
					    .token = row_text(row, 1),
					    .nonce = row_text(row, 2),
					    .at_ms = row_int(row, 3) };
}

enum kl_status kl_store_ticket_get(struct kl_judge_ticket *out, struct kl_store *store, const char *work,
				   struct kl_error *err)
{
	struct kl_judge_ticket found = { .instance = NULL };
	enum kl_status status = store_select(store, SQL_TICKET_GET, ARGS(ARG_TEXT(work)), take_ticket, &found, err);

	if (!status && !found.instance)
		status = kl_fail(err, KL_ENOENT, "nothing of this is under way");
	if (status)
		kl_judge_ticket_release(&found);
	else
		*out = found;
	return status;
}

enum kl_status kl_store_ticket_remove(struct kl_store *store, const char *work, struct kl_error *err)
{
	return store_run(store, SQL_TICKET_REMOVE, ARGS(ARG_TEXT(work)), err);
}

enum kl_status kl_store_tickets_expire(struct kl_store *store, int64_t then_ms, struct kl_error *err)
{
	return store_run(store, SQL_TICKETS_EXPIRE, ARGS(ARG_INT(then_ms)), err);
}

void kl_judge_ticket_release(struct kl_judge_ticket *ticket)
{
	free(ticket->instance);
	free(ticket->token);
	free(ticket->nonce);
	*ticket = (struct kl_judge_ticket){ .instance = NULL };
}

/* --- results ------------------------------------------------------------------------------------------------------ */

struct totals {
	int64_t rows, bytes;
};

static void take_totals(void *ctx, const struct sql_row *row)
{
	struct totals *totals = ctx;

	totals->rows = row_int(row, 0);
	totals->bytes = row_int(row, 1);
}

/* The oldest go, a few at a time, until all of it fits. */
static enum kl_status trim(struct kl_store *store, struct kl_error *err)
{
	struct totals totals = { 0, 0 };
	enum kl_status status = store_select(store, SQL_RESULT_TOTALS, NO_ARGS, take_totals, &totals, err);

	while (!status && (totals.rows > KL_RESULTS_ROWS || totals.bytes > (int64_t)KL_RESULTS_BYTES)) {
		if (!(status = store_run(store, SQL_RESULTS_TRIM, ARGS(ARG_INT(totals.rows > 16 ? 16 : 1)), err)))
			status = store_select(store, SQL_RESULT_TOTALS, NO_ARGS, take_totals, &totals, err);
	}
	return status;
}

enum kl_status kl_store_result_put(struct kl_store *store, const char *work, const char *bytes, size_t len,
				   struct kl_error *err)
{
	enum kl_status status;

	if (len > KL_RESULT_MAX)
		return KL_OK;
	if ((status = store_begin(store, err)))
		return status;
	status = store_run(store, SQL_RESULT_PUT,
			   ARGS(ARG_TEXT(work), ARG_BYTES(bytes, len), ARG_INT((int64_t)len),
				ARG_INT(kl_clock_wall_ms(&store->clock))),
			   err);
	if (!status)
		status = trim(store, err);
	return store_end(store, status, err);
}

struct result {
	char *bytes;
	size_t len;
};

static void take_result(void *ctx, const struct sql_row *row)
{
	struct result *result = ctx;

	result->bytes = row_bytes(row, 0, &result->len);
}

enum kl_status kl_store_result_get(char **bytes, size_t *len, struct kl_store *store, const char *work,
				   struct kl_error *err)
{
	struct result found = { NULL, 0 };
	enum kl_status status = store_select(store, SQL_RESULT_GET, ARGS(ARG_TEXT(work)), take_result, &found, err);

	if (!status && !found.bytes)
		status = kl_fail(err, KL_ENOENT, "this was not run before");
	if (!status)
		status = store_run(store, SQL_RESULT_USED,
				   ARGS(ARG_INT(kl_clock_wall_ms(&store->clock)), ARG_TEXT(work)), err);
	if (status) {
		free(found.bytes);
		return status;
	}
	*bytes = found.bytes;
	*len = found.len;
	return KL_OK;
}

enum kl_status kl_store_results_clear(struct kl_store *store, struct kl_error *err)
{
	return store_run(store, SQL_RESULTS_CLEAR, NO_ARGS, err);
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

enum kl_status kl_store_count_add(struct kl_store *store, const char *instance, const char *language, const char *what,
				  int64_t by, struct kl_error *err)
{
	return store_run(store, SQL_COUNT_ADD,
			 ARGS(ARG_TEXT(instance), ARG_TEXT(language), ARG_TEXT(what), ARG_INT(by)), err);
}

struct counting {
	kl_store_count_fn *fn;
	void *ctx;
};

static void take_count(void *ctx, const struct sql_row *row)
{
	const struct counting *counting = ctx;
	char *instance = row_text(row, 0), *language = row_text(row, 1), *what = row_text(row, 2);

	counting->fn(counting->ctx, &(struct kl_judge_count){ instance, language, what, row_int(row, 3) });
	free(instance);
	free(language);
	free(what);
}

enum kl_status kl_store_counts_each(struct kl_store *store, kl_store_count_fn *fn, void *ctx, struct kl_error *err)
{
	struct counting counting = { fn, ctx };

	return store_select(store, SQL_COUNTS, NO_ARGS, take_count, &counting, err);
}
