/* Submissions to the class server. */

#include <kodelab/store_works.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

void kl_work_release(struct kl_work *work)
{
	free(work->pack);
	free(work->slug);
	free(work->language);
	free(work->course);
	free(work->assignment);
	free(work->verdict);
	free(work->code);
	free(work->report);
	*work = (struct kl_work){ .pack = NULL };
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static enum kl_status rename_work(struct kl_store *store, const struct kl_work *work, struct kl_error *err)
{
	if (!*work->item || !strcmp(work->id, work->item))
		return KL_OK;
	return store_run(store, SQL_WORK_RENAME, ARGS(ARG_TEXT(work->user), ARG_TEXT(work->item), ARG_TEXT(work->id)),
			 err);
}

enum kl_status kl_store_work_add(struct kl_store *store, const struct kl_work *work, struct kl_error *err)
{
	enum kl_status status = store_run(store, SQL_WORK_ADD,
					  ARGS(ARG_TEXT(work->id), ARG_TEXT(work->user), ARG_TEXT(work->pack),
					       ARG_TEXT(work->slug), ARG_INT(work->version), ARG_TEXT(work->language),
					       ARG_TEXT(work->course), ARG_TEXT(work->assignment), ARG_INT(work->at_ms),
					       ARG_INT(work->received_ms), ARG_BYTES(work->code, work->code_len)),
					  err);

	if (!status)
		status = store_intake_keep(store, work->user, (int64_t)work->code_len, err);
	return status ? status : rename_work(store, work, err);
}

static enum kl_status write_end(struct kl_store *store, const struct kl_work *work, struct kl_error *err)
{
	return store_run(store, SQL_WORK_END,
			 ARGS(ARG_INT(work->judged_ms), ARG_INT(work->state), ARG_TEXT(work->verdict),
			      ARG_REAL(work->score), ARG_INT(work->passed), ARG_INT(work->total), ARG_INT(work->cpu_us),
			      ARG_INT(work->peak_kib), ARG_TEXT(work->report), ARG_TEXT(work->id)),
			 err);
}

enum kl_status kl_store_work_end(struct kl_store *store, const struct kl_work *work, struct kl_error *err)
{
	enum kl_status status = stats_count(store, work->id, -1, err);

	if (!status)
		status = write_end(store, work, err);
	return status ? status : stats_count(store, work->id, 1, err);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void read_light(struct kl_work *to, const struct sql_row *row)
{
	*to = (struct kl_work){ .pack = row_text(row, 2),
				.slug = row_text(row, 3),
				.version = row_int(row, 4),
				.language = row_text(row, 5),
				.course = row_text(row, 6),
				.assignment = row_text(row, 7),
				.at_ms = row_int(row, 8),
				.received_ms = row_int(row, 9),
				.judged_ms = row_int(row, 10),
				.state = (enum kl_work_state)row_int(row, 11),
				.judgings = row_int(row, 12),
				.verdict = row_text(row, 13),
				.score = row_real(row, 14),
				.passed = row_int(row, 15),
				.total = row_int(row, 16),
				.cpu_us = row_int(row, 17),
				.peak_kib = row_int(row, 18) };
	row_copy(row, 0, to->id, sizeof(to->id));
	row_copy(row, 1, to->user, sizeof(to->user));
	row_copy(row, 19, to->item, sizeof(to->item));
}

static void take_light(void *ctx, const struct sql_row *row)
{
	read_light(ctx, row);
}

static void take_whole(void *ctx, const struct sql_row *row)
{
	struct kl_work *to = ctx;

	read_light(to, row);
	to->code = row_bytes(row, 20, &to->code_len);
	to->report = row_text(row, 21);
}

static enum kl_status get(struct kl_work *out, struct kl_store *store, const char *id, enum sql which,
			  struct kl_error *err)
{
	struct kl_work found = { .pack = NULL };
	enum kl_status status = store_select(store, which, ARGS(ARG_TEXT(id)),
					     which == SQL_WORK_GET ? take_whole : take_light, &found, err);

	if (!status && !found.pack)
		status = kl_fail(err, KL_ENOENT, "there is no submission '%s'", id);
	if (status)
		kl_work_release(&found);
	else
		*out = found;
	return status;
}

enum kl_status kl_store_work_get(struct kl_work *out, struct kl_store *store, const char *id, struct kl_error *err)
{
	return get(out, store, id, SQL_WORK_GET, err);
}

enum kl_status kl_store_work_look(struct kl_work *out, struct kl_store *store, const char *id, struct kl_error *err)
{
	return get(out, store, id, SQL_WORK_LOOK, err);
}

static void take_id(void *ctx, const struct sql_row *row)
{
	row_copy(row, 0, ctx, KL_ID_SIZE);
}

enum kl_status kl_store_work_of(char id[KL_ID_SIZE], struct kl_store *store, const char *user, const char *item,
				struct kl_error *err)
{
	snprintf(id, KL_ID_SIZE, "%s", item);
	return store_select(store, SQL_WORK_OF, ARGS(ARG_TEXT(user), ARG_TEXT(item)), take_id, id, err);
}

enum kl_status kl_store_work_taken(bool *taken, struct kl_store *store, const char *id, struct kl_error *err)
{
	int64_t count = 0;
	enum kl_status status = store_select(store, SQL_WORK_TAKEN, ARGS(ARG_TEXT(id)), row_number, &count, err);

	*taken = count > 0;
	return status;
}

struct telling {
	kl_store_work_fn *fn;
	void *ctx;
};

static void tell(void *ctx, const struct sql_row *row)
{
	const struct telling *telling = ctx;
	struct kl_work work;

	read_light(&work, row);
	telling->fn(telling->ctx, &work);
	kl_work_release(&work);
}

enum kl_status kl_store_works_of_user(int64_t *total, struct kl_store *store, const struct kl_works_filter *filter,
				      kl_store_work_fn *fn, void *ctx, struct kl_error *err)
{
	struct telling telling = { fn, ctx };
	const struct store_page page = { SQL_WORKS_OF_USER_COUNT, SQL_WORKS_OF_USER, filter->skip, filter->max };

	return store_select_page(total, store, &page,
				 ARGS(ARG_TEXT(filter->user), ARG_TEXT(filter->pack), ARG_TEXT(filter->slug),
				      ARG_TEXT(filter->assignment)),
				 tell, &telling, err);
}

enum kl_status kl_store_works_of_subject(struct kl_store *store, const char *user, const char *pack, const char *slug,
					 kl_store_work_fn *fn, void *ctx, struct kl_error *err)
{
	struct telling telling = { fn, ctx };

	return store_select(store, SQL_WORKS_OF_SUBJECT, ARGS(ARG_TEXT(user), ARG_TEXT(pack), ARG_TEXT(slug)), tell,
			    &telling, err);
}

struct burying {
	kl_store_buried_fn *fn;
	void *ctx;
};

static void tell_buried(void *ctx, const struct sql_row *row)
{
	const struct burying *burying = ctx;
	char *id = row_text(row, 0), *body = row_text(row, 1);

	burying->fn(burying->ctx, id, body);
	free(id);
	free(body);
}

enum kl_status kl_store_works_buried(struct kl_store *store, kl_store_buried_fn *fn, void *ctx, struct kl_error *err)
{
	struct burying burying = { fn, ctx };

	return store_select(store, SQL_WORKS_BURIED, NO_ARGS, tell_buried, &burying, err);
}

/* --- sums --------------------------------------------------------------------------------------------------------- */

static void take_sum(void *ctx, const struct sql_row *row)
{
	struct kl_works_sum *sum = ctx;

	sum->count = row_int(row, 0);
	sum->best_score = row_real(row, 1);
	sum->first_pass_ms = row_int(row, 2);
}

static void take_best(void *ctx, const struct sql_row *row)
{
	struct kl_works_sum *sum = ctx;

	row_copy(row, 0, sum->best, sizeof(sum->best));
}

enum kl_status kl_store_works_sum(struct kl_works_sum *out, struct kl_store *store, const char *user, const char *pack,
				  const char *slug, struct kl_error *err)
{
	const struct sql_args args = ARGS(ARG_TEXT(user), ARG_TEXT(pack), ARG_TEXT(slug));
	struct kl_works_sum sum = { .count = 0 };
	enum kl_status status = store_select(store, SQL_WORK_BEST, args, take_sum, &sum, err);

	if (!status)
		status = store_select(store, SQL_WORK_BEST_ID, args, take_best, &sum, err);
	if (!status)
		*out = sum;
	return status;
}
