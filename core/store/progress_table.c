/* What is known of each challenge. Read, changed here, written back: inside one transaction. */

#include "core/store/store_int.h"

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>

static void take_progress(void *ctx, const struct sql_row *row)
{
	struct kl_progress *out = ctx;

	out->state = (int)row_int(row, 0);
	out->attempts = (int)row_int(row, 1);
	out->hints = (int)row_int(row, 2);
	out->first_ms = row_int(row, 3);
	out->completed_ms = row_int(row, 4);
	out->last_ms = row_int(row, 5);
	out->spent_ms = row_int(row, 6);
	out->best_score = row_real(row, 7);
	row_copy(row, 8, out->best_attempt, sizeof(out->best_attempt));
	row_copy(row, 9, out->last_language, sizeof(out->last_language));
}

enum kl_status kl_store_progress_get(struct kl_progress *out, struct kl_store *store, const char *pack,
				     const char *slug, struct kl_error *err)
{
	struct kl_progress found = { .state = KL_NOT_STARTED };
	enum kl_status status =
		store_select(store, SQL_PROGRESS_GET, ARGS(ARG_TEXT(pack), ARG_TEXT(slug)), take_progress, &found, err);

	if (!status)
		*out = found;
	return status;
}

struct each {
	kl_store_progress_fn *fn;
	void *ctx;
};

static void give_progress(void *ctx, const struct sql_row *row)
{
	struct each *each = ctx;
	struct kl_progress progress;
	char *pack = row_text(row, 10), *slug = row_text(row, 11);

	take_progress(&progress, row);
	each->fn(each->ctx, pack, slug, &progress);
	free(pack);
	free(slug);
}

enum kl_status kl_store_progress_each(struct kl_store *store, kl_store_progress_fn *fn, void *ctx, struct kl_error *err)
{
	struct each each = { fn, ctx };

	return store_select(store, SQL_PROGRESS_ALL, NO_ARGS, give_progress, &each, err);
}

enum kl_status progress_put(struct kl_store *store, const char *pack, const char *slug,
			    const struct kl_progress *progress, struct kl_error *err)
{
	return store_run(store, SQL_PROGRESS_PUT,
			 ARGS(ARG_TEXT(pack), ARG_TEXT(slug), ARG_INT(progress->state), ARG_INT(progress->attempts),
			      ARG_INT(progress->hints), ARG_INT(progress->first_ms), ARG_INT(progress->completed_ms),
			      ARG_INT(progress->last_ms), ARG_INT(progress->spent_ms), ARG_REAL(progress->best_score),
			      ARG_TEXT(progress->best_attempt), ARG_TEXT(progress->last_language)),
			 err);
}

enum kl_status progress_report(struct kl_store *store, const char *pack, const char *slug,
			       const struct kl_progress *progress, struct kl_error *err)
{
	static const char *const states[] = { "NOT_STARTED", "IN_PROGRESS", "COMPLETED" };
	struct cJSON *body = outbox_body(pack, slug, kl_clock_wall_ms(&store->clock));

	cJSON_AddStringToObject(body, "state", states[progress->state]);
	cJSON_AddNumberToObject(body, "attempts", progress->attempts);
	cJSON_AddNumberToObject(body, "hints", progress->hints);
	cJSON_AddNumberToObject(body, "first_ms", (double)progress->first_ms);
	cJSON_AddNumberToObject(body, "completed_ms", (double)progress->completed_ms);
	cJSON_AddNumberToObject(body, "spent_ms", (double)progress->spent_ms);
	cJSON_AddNumberToObject(body, "best_score", progress->best_score);
	cJSON_AddStringToObject(body, "best_attempt", progress->best_attempt);
	/* The newest says all: what was not sent yet is replaced. */
	return outbox_add(
		store,
		&(struct outbox_entry){ .kind = "progress", .pack = pack, .slug = slug, .body = body, .replace = true },
		err);
}

/* --- changes ---------------------------------------------------------------------------------------------------- */

struct change {
	const char *language; /* opened in it */
	int64_t spent_ms; /* added */
	int hints; /* revealed now */
	bool report; /* the class server hears of it */
};

static void apply(struct kl_progress *progress, const struct change *change, int64_t now_ms)
{
	if (progress->state == KL_NOT_STARTED)
		progress->state = KL_IN_PROGRESS;
	if (change->language)
		snprintf(progress->last_language, sizeof(progress->last_language), "%s", change->language);
	if (change->hints > progress->hints)
		progress->hints = change->hints;
	progress->spent_ms += change->spent_ms;
	progress->last_ms = now_ms;
}

/* An update of one row, and its row in the outbox when the state changes or the change asks for it. */
static enum kl_status update(struct kl_store *store, const char *pack, const char *slug, const struct change *change,
			     struct kl_error *err)
{
	enum kl_status status;
	struct kl_progress progress;
	int before;

	status = kl_store_progress_get(&progress, store, pack, slug, err);
	if (status)
		return status;
	before = progress.state;
	apply(&progress, change, kl_clock_wall_ms(&store->clock));
	status = progress_put(store, pack, slug, &progress, err);
	if (!status && (change->report || progress.state != before))
		status = progress_report(store, pack, slug, &progress, err);
	return status;
}

static enum kl_status change_one(struct kl_store *store, const char *pack, const char *slug,
				 const struct change *change, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	return store_end(store, update(store, pack, slug, change, err), err);
}

enum kl_status kl_store_opened(struct kl_store *store, const char *pack, const char *slug, const char *language,
			       struct kl_error *err)
{
	return change_one(store, pack, slug, &(struct change){ .language = language }, err);
}

enum kl_status kl_store_spent_add(struct kl_store *store, const char *pack, const char *slug, int64_t ms,
				  struct kl_error *err)
{
	return ms <= 0 ? KL_OK : change_one(store, pack, slug, &(struct change){ .spent_ms = ms }, err);
}

static enum kl_status hint_put(struct kl_store *store, const char *pack, const char *slug, int revealed,
			       struct kl_error *err)
{
	struct cJSON *body;
	enum kl_status status = update(store, pack, slug, &(struct change){ .hints = revealed, .report = true }, err);

	if (status)
		return status;
	body = outbox_body(pack, slug, kl_clock_wall_ms(&store->clock));
	cJSON_AddNumberToObject(body, "revealed", revealed);
	return outbox_add(store, &(struct outbox_entry){ .kind = "hint", .pack = pack, .slug = slug, .body = body },
			  err);
}

enum kl_status kl_store_hint_add(struct kl_store *store, const char *pack, const char *slug, int revealed,
				 struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	return store_end(store, hint_put(store, pack, slug, revealed, err), err);
}

static enum kl_status forget(struct kl_store *store, const char *pack, const char *slug, struct kl_error *err)
{
	static const struct kl_progress nothing = { .state = KL_NOT_STARTED };
	enum kl_status status;

	status = store_run(store, SQL_PROGRESS_REMOVE, ARGS(ARG_TEXT(pack), ARG_TEXT(slug)), err);
	if (!status)
		status = store_run(store, SQL_DRAFTS_REMOVE, ARGS(ARG_TEXT(pack), ARG_TEXT(slug)), err);
	return status ? status : progress_report(store, pack, slug, &nothing, err);
}

enum kl_status kl_store_reset(struct kl_store *store, const char *pack, const char *slug, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	return store_end(store, forget(store, pack, slug, err), err);
}
