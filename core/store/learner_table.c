/* A user and a challenge: progress, drafts, ratings. */

#include <kodelab/store_learner.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

/* --- progress ----------------------------------------------------------------------------------------------------- */

void kl_user_progress_release(struct kl_user_progress *progress)
{
	free(progress->pack);
	free(progress->slug);
	*progress = (struct kl_user_progress){ .pack = NULL };
}

static void read_progress(struct kl_user_progress *to, const struct sql_row *row)
{
	*to = (struct kl_user_progress){ .pack = row_text(row, 0),
					 .slug = row_text(row, 1),
					 .state = (int)row_int(row, 2),
					 .submissions = row_int(row, 3),
					 .hints = row_int(row, 4),
					 .first_ms = row_int(row, 5),
					 .completed_ms = row_int(row, 6),
					 .last_ms = row_int(row, 7),
					 .spent_ms = row_int(row, 8),
					 .best_score = row_real(row, 9) };
	row_copy(row, 10, to->best_work, sizeof(to->best_work));
	row_copy(row, 11, to->last_language, sizeof(to->last_language));
}

static void take_progress(void *ctx, const struct sql_row *row)
{
	read_progress(ctx, row);
}

enum kl_status kl_store_user_progress_get(struct kl_user_progress *out, struct kl_store *store, const char *user,
					  const char *pack, const char *slug, struct kl_error *err)
{
	struct kl_user_progress found = { .pack = NULL };
	enum kl_status status =
		store_select(store, SQL_USER_PROGRESS_GET, ARGS(ARG_TEXT(user), ARG_TEXT(pack), ARG_TEXT(slug)),
			     take_progress, &found, err);

	if (status) {
		kl_user_progress_release(&found);
		return status;
	}
	if (!found.pack) {
		found.pack = kl_strdup(pack);
		found.slug = kl_strdup(slug);
	}
	*out = found;
	return KL_OK;
}

enum kl_status kl_store_user_progress_put(struct kl_store *store, const char *user,
					  const struct kl_user_progress *progress, struct kl_error *err)
{
	return store_run(store, SQL_USER_PROGRESS_PUT,
			 ARGS(ARG_TEXT(user), ARG_TEXT(progress->pack), ARG_TEXT(progress->slug),
			      ARG_INT(progress->state), ARG_INT(progress->submissions), ARG_INT(progress->hints),
			      ARG_INT(progress->first_ms), ARG_INT(progress->completed_ms), ARG_INT(progress->last_ms),
			      ARG_INT(progress->spent_ms), ARG_REAL(progress->best_score),
			      ARG_TEXT(progress->best_work), ARG_TEXT(progress->last_language)),
			 err);
}

struct progress_telling {
	kl_store_user_progress_fn *fn;
	void *ctx;
};

static void tell_progress(void *ctx, const struct sql_row *row)
{
	const struct progress_telling *telling = ctx;
	struct kl_user_progress progress;

	read_progress(&progress, row);
	telling->fn(telling->ctx, &progress);
	kl_user_progress_release(&progress);
}

enum kl_status kl_store_user_progress_list(int64_t *total, struct kl_store *store,
					   const struct kl_user_progress_wanted *wanted, kl_store_user_progress_fn *fn,
					   void *ctx, struct kl_error *err)
{
	struct progress_telling telling = { fn, ctx };
	const struct store_page page = { SQL_USER_PROGRESS_COUNT, SQL_USER_PROGRESS_ALL, wanted->skip, wanted->max };

	return store_select_page(total, store, &page, ARGS(ARG_TEXT(wanted->user)), tell_progress, &telling, err);
}

/* --- drafts ------------------------------------------------------------------------------------------------------- */

void kl_user_draft_release(struct kl_user_draft *draft)
{
	free(draft->pack);
	free(draft->slug);
	free(draft->language);
	free(draft->device);
	free(draft->code);
	*draft = (struct kl_user_draft){ .pack = NULL };
}

static void read_draft(struct kl_user_draft *to, const struct sql_row *row)
{
	*to = (struct kl_user_draft){ .pack = row_text(row, 2),
				      .slug = row_text(row, 3),
				      .language = row_text(row, 4),
				      .seq = row_int(row, 5),
				      .device = row_text(row, 6),
				      .cursor = row_int(row, 8),
				      .at_ms = row_int(row, 9),
				      .received_ms = row_int(row, 10) };
	row_copy(row, 0, to->id, sizeof(to->id));
	row_copy(row, 1, to->user, sizeof(to->user));
	row_copy(row, 7, to->hash, sizeof(to->hash));
	to->code = row_bytes(row, 11, &to->code_len);
}

static void take_draft(void *ctx, const struct sql_row *row)
{
	read_draft(ctx, row);
}

enum kl_status kl_store_user_draft_get(struct kl_user_draft *out, struct kl_store *store, const char *user,
				       const char *pack, const char *slug, const char *language, struct kl_error *err)
{
	struct kl_user_draft found = { .pack = NULL };
	enum kl_status status = store_select(store, SQL_USER_DRAFT_GET,
					     ARGS(ARG_TEXT(user), ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(language)),
					     take_draft, &found, err);

	if (!status && !found.pack)
		status = kl_fail(err, KL_ENOENT, "there is no draft of '%s/%s' in %s", pack, slug, language);
	if (status)
		kl_user_draft_release(&found);
	else
		*out = found;
	return status;
}

#define DRAFT_ARGS(draft)                                                                                              \
	ARG_TEXT((draft)->id), ARG_TEXT((draft)->user), ARG_TEXT((draft)->pack), ARG_TEXT((draft)->slug),              \
		ARG_TEXT((draft)->language), ARG_INT((draft)->seq), ARG_TEXT((draft)->device),                         \
		ARG_TEXT((draft)->hash), ARG_INT((draft)->cursor), ARG_INT((draft)->at_ms),                            \
		ARG_INT((draft)->received_ms), ARG_BYTES((draft)->code, (draft)->code_len)

static enum kl_status put_newest(struct kl_store *store, const struct kl_user_draft *draft, struct kl_error *err)
{
	return store_run(store, SQL_USER_DRAFT_PUT, ARGS(DRAFT_ARGS(draft)), err);
}

static enum kl_status put_old(struct kl_store *store, const struct kl_user_draft *draft, struct kl_error *err)
{
	return store_run(store, SQL_USER_DRAFT_KEEP, ARGS(DRAFT_ARGS(draft), ARG_INT((int64_t)draft->code_len)), err);
}

/* Of the old ones only so many stay. */
static enum kl_status trim_drafts(struct kl_store *store, const struct kl_user_draft *draft, struct kl_error *err)
{
	const struct sql_args args = ARGS(ARG_TEXT(draft->user), ARG_TEXT(draft->pack), ARG_TEXT(draft->slug),
					  ARG_TEXT(draft->language), ARG_INT(KL_DRAFTS_OLD_MAX));
	int64_t bytes = 0;
	enum kl_status status = store_select(store, SQL_USER_DRAFTS_SPENT, args, row_number, &bytes, err);

	if (!status)
		status = store_run(store, SQL_USER_DRAFTS_TRIM, args, err);
	return status ? status : store_intake_keep(store, draft->user, -bytes, err);
}

enum kl_status kl_store_user_draft_put(bool *stale, int64_t *newest, struct kl_store *store,
				       const struct kl_user_draft *draft, struct kl_error *err)
{
	struct kl_user_draft before = { .pack = NULL };
	enum kl_status status =
		kl_store_user_draft_get(&before, store, draft->user, draft->pack, draft->slug, draft->language, err);
	bool known = !status, late;
	int64_t highest;

	if (status && status != KL_ENOENT)
		return status;
	late = known && draft->seq <= before.seq;
	highest = late ? before.seq : draft->seq;
	status = store_intake_keep(store, draft->user, (int64_t)draft->code_len, err);
	if (!status && known)
		status = put_old(store, late ? draft : &before, err);
	if (!status && !late)
		status = put_newest(store, draft, err);
	if (!status && known)
		status = trim_drafts(store, draft, err);
	kl_user_draft_release(&before);
	if (status)
		return status;
	*stale = late;
	*newest = highest;
	return KL_OK;
}

struct draft_rows {
	struct kl_user_draft *items;
	size_t count, room;
};

static void take_draft_row(void *ctx, const struct sql_row *row)
{
	struct draft_rows *rows = ctx;

	if (rows->count < rows->room)
		read_draft(&rows->items[rows->count++], row);
}

enum kl_status kl_store_user_drafts_old(struct kl_user_draft *out, size_t *count, struct kl_store *store,
					const char *user, const char *pack, const char *slug, const char *language,
					struct kl_error *err)
{
	struct draft_rows rows = { out, 0, *count };
	enum kl_status status = store_select(store, SQL_USER_DRAFTS_OLD,
					     ARGS(ARG_TEXT(user), ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(language)),
					     take_draft_row, &rows, err);

	if (!status)
		*count = rows.count;
	while (status && rows.count)
		kl_user_draft_release(&out[--rows.count]);
	return status;
}

/* --- ratings ------------------------------------------------------------------------------------------------------ */

enum kl_status kl_store_rating_put(struct kl_store *store, const char *user, const char *pack, const char *slug,
				   int stars, const char *comment, int64_t at_ms, struct kl_error *err)
{
	return store_run(
		store, SQL_RATING_PUT,
		ARGS(ARG_TEXT(user), ARG_TEXT(pack), ARG_TEXT(slug), ARG_INT(stars), ARG_TEXT(comment), ARG_INT(at_ms)),
		err);
}

struct sums {
	int64_t count, stars;
};

static void take_sums(void *ctx, const struct sql_row *row)
{
	*(struct sums *)ctx = (struct sums){ row_int(row, 0), row_int(row, 1) };
}

enum kl_status kl_store_rating_sums(int64_t *count, int64_t *stars, struct kl_store *store, const char *pack,
				    const char *slug, struct kl_error *err)
{
	struct sums sums = { 0, 0 };
	enum kl_status status =
		store_select(store, SQL_RATING_SUMS, ARGS(ARG_TEXT(pack), ARG_TEXT(slug)), take_sums, &sums, err);

	if (status)
		return status;
	*count = sums.count;
	*stars = sums.stars;
	return KL_OK;
}
