/* Runs and submits: the history that never changes, and what each does to progress, calendar and outbox. */

#include "core/store/store_int.h"

#include <cjson/cJSON.h>
#include <utf8proc.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/crypto.h>
#include <kodelab/store_sync.h>

/* A provisional one does not: only the class server's verdict counts. */
static bool counts(const struct kl_attempt *attempt)
{
	return attempt->kind == KL_ATTEMPT_SUBMIT && attempt->standing != KL_STANDING_PROVISIONAL;
}

static bool passes(const struct kl_attempt *attempt)
{
	return counts(attempt) && attempt->total > 0 && attempt->passed == attempt->total;
}

/* --- adding ----------------------------------------------------------------------------------------------------- */

static enum kl_status attempt_put(struct kl_store *store, const struct kl_attempt *attempt, struct kl_error *err)
{
	return store_run(store, SQL_ATTEMPT_ADD,
			 ARGS(ARG_TEXT(attempt->id), ARG_TEXT(attempt->pack), ARG_TEXT(attempt->slug),
			      ARG_TEXT(attempt->language), ARG_INT(attempt->kind), ARG_TEXT(attempt->verdict),
			      ARG_REAL(attempt->score), ARG_INT(attempt->passed), ARG_INT(attempt->total),
			      ARG_INT(attempt->cpu_us), ARG_INT(attempt->peak_kib), ARG_INT(attempt->at_ms),
			      ARG_INT(kl_clock_local_day_number(attempt->at_ms)),
			      ARG_BYTES(attempt->code, attempt->code ? attempt->code_len : 0),
			      ARG_TEXT(attempt->report), ARG_INT(attempt->standing)),
			 err);
}

static void count_verdict(struct kl_progress *progress, const struct kl_attempt *attempt)
{
	if (passes(attempt) && progress->state != KL_COMPLETED) {
		progress->state = KL_COMPLETED;
		progress->completed_ms = attempt->at_ms;
	}
	if (counts(attempt) && (!progress->best_attempt[0] || attempt->score > progress->best_score)) {
		progress->best_score = attempt->score;
		snprintf(progress->best_attempt, sizeof(progress->best_attempt), "%s", attempt->id);
	}
}

static void count_attempt(struct kl_progress *progress, const struct kl_attempt *attempt)
{
	progress->attempts++;
	if (progress->state == KL_NOT_STARTED)
		progress->state = KL_IN_PROGRESS;
	if (!progress->first_ms)
		progress->first_ms = attempt->at_ms;
	if (attempt->at_ms > progress->last_ms)
		progress->last_ms = attempt->at_ms;
	count_verdict(progress, attempt);
	snprintf(progress->last_language, sizeof(progress->last_language), "%s", attempt->language);
}

/* JSON holds text; what is none (bytes that are not UTF-8, a NUL) goes as base64. */
static void add_code(cJSON *body, const char *code, size_t len)
{
	utf8proc_ssize_t used;
	utf8proc_int32_t point = 0;
	char *encoded;
	size_t at = 0;

	while (at < len) {
		used = utf8proc_iterate((const utf8proc_uint8_t *)code + at, (utf8proc_ssize_t)(len - at), &point);
		if (used <= 0 || point == 0)
			break;
		at += (size_t)used;
	}
	if (at == len) {
		cJSON_AddStringToObject(body, "code", code ? code : "");
		return;
	}
	encoded = kl_base64(code, len);
	cJSON_AddStringToObject(body, "code_base64", encoded);
	free(encoded);
}

static enum kl_status submission_report(struct kl_store *store, const struct kl_attempt *attempt, struct kl_error *err)
{
	struct cJSON *body = outbox_body(attempt->pack, attempt->slug, attempt->at_ms);
	char hash[KL_SHA256_SIZE];

	kl_sha256(hash, attempt->code ? attempt->code : "", attempt->code ? attempt->code_len : 0);
	cJSON_AddStringToObject(body, "attempt", attempt->id);
	cJSON_AddStringToObject(body, "language", attempt->language);
	cJSON_AddStringToObject(body, "verdict", attempt->verdict ? attempt->verdict : "");
	cJSON_AddNumberToObject(body, "score", attempt->score);
	cJSON_AddNumberToObject(body, "passed", attempt->passed);
	cJSON_AddNumberToObject(body, "total", attempt->total);
	cJSON_AddNumberToObject(body, "cpu_us", (double)attempt->cpu_us);
	cJSON_AddNumberToObject(body, "peak_kib", (double)attempt->peak_kib);
	cJSON_AddStringToObject(body, "code_sha256", hash);
	if (attempt->course && attempt->assignment) {
		cJSON_AddStringToObject(body, "course", attempt->course);
		cJSON_AddStringToObject(body, "assignment", attempt->assignment);
	}
	add_code(body, attempt->code, attempt->code ? attempt->code_len : 0);
	return outbox_add(store,
			  &(struct outbox_entry){ .kind = "submission",
						  .id = attempt->id,
						  .pack = attempt->pack,
						  .slug = attempt->slug,
						  .body = body,
						  .bytes = attempt->code ? attempt->code : "",
						  .len = attempt->code ? attempt->code_len : 0 },
			  err);
}

/* A kept run that is older than an attempt of the same challenge has nothing to say any more. */
static enum kl_status outdate_kept(struct kl_store *store, const struct kl_attempt *attempt, struct kl_error *err)
{
	return store_run(store, SQL_KEPT_OUTDATE,
			 ARGS(ARG_TEXT(attempt->pack), ARG_TEXT(attempt->slug), ARG_INT(attempt->at_ms)), err);
}

enum kl_status store_attempt_put(struct kl_store *store, struct kl_attempt *attempt, bool *first_pass,
				 struct kl_error *err)
{
	struct kl_progress progress;
	enum kl_status status;
	int before;

	attempt->standing = attempt->kind == KL_ATTEMPT_SUBMIT && kl_store_class_judges(store, attempt->pack)
				    ? KL_STANDING_PROVISIONAL
				    : KL_STANDING_OWN;
	if ((status = kl_store_progress_get(&progress, store, attempt->pack, attempt->slug, err)) ||
	    (status = attempt_put(store, attempt, err)) || (status = outdate_kept(store, attempt, err)))
		return status;
	before = progress.state;
	count_attempt(&progress, attempt);
	*first_pass = progress.state == KL_COMPLETED && before != KL_COMPLETED;
	status = progress_put(store, attempt->pack, attempt->slug, &progress, err);
	if (status || (attempt->kind == KL_ATTEMPT_RUN && progress.state == before))
		return status;
	status = progress_report(store, attempt->pack, attempt->slug, &progress, err);
	if (!status && attempt->kind == KL_ATTEMPT_SUBMIT)
		status = submission_report(store, attempt, err);
	return status;
}

enum kl_status kl_store_attempt_add(struct kl_store *store, struct kl_attempt *attempt, bool *first_pass,
				    struct kl_error *err)
{
	bool made_id = !attempt->id[0];
	bool completed = false;
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	if (made_id)
		kl_id_new(attempt->id, &store->clock);
	if (!attempt->at_ms)
		attempt->at_ms = kl_clock_wall_ms(&store->clock);
	status = store_end(store, store_attempt_put(store, attempt, &completed, err), err);
	if (status && made_id)
		attempt->id[0] = '\0';
	if (!status && first_pass)
		*first_pass = completed;
	return status;
}

/* --- what the class says of it, later ----------------------------------------------------------------------------- */

static enum kl_status write_found(struct kl_store *store, const struct kl_attempt *attempt,
				  enum kl_attempt_standing standing, struct kl_error *err)
{
	return store_run(store, SQL_ATTEMPT_JUDGED,
			 ARGS(ARG_TEXT(attempt->verdict), ARG_REAL(attempt->score), ARG_INT(attempt->passed),
			      ARG_INT(attempt->total), ARG_INT(attempt->cpu_us), ARG_INT(attempt->peak_kib),
			      ARG_TEXT(attempt->report), ARG_INT(standing), ARG_TEXT(attempt->id)),
			 err);
}

static enum kl_status put_found(struct kl_store *store, const struct kl_attempt *attempt, struct kl_error *err)
{
	struct kl_attempt before = { .pack = NULL };
	enum kl_status status = kl_store_attempt_get(&before, store, attempt->id, err);

	if (status)
		return status;
	if (before.standing == KL_STANDING_PROVISIONAL)
		status = write_found(store, attempt, KL_STANDING_PROVISIONAL, err);
	kl_attempt_release(&before);
	return status;
}

enum kl_status kl_store_attempt_found(struct kl_store *store, const struct kl_attempt *attempt, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, put_found(store, attempt, err), err);
}

static char *writable(const char *text)
{
	return (char *)(uintptr_t)text; /* only read */
}

/* In a transaction. */
static enum kl_status take_verdict(bool *first_pass, struct kl_store *store, const struct kl_attempt *attempt,
				   bool failed, struct kl_error *err)
{
	struct kl_progress progress;
	enum kl_status status = write_found(store, attempt, KL_STANDING_CLASS, err);
	bool solved;

	if (status || failed || (status = kl_store_progress_get(&progress, store, attempt->pack, attempt->slug, err)))
		return status;
	solved = progress.state == KL_COMPLETED;
	count_verdict(&progress, attempt);
	*first_pass = progress.state == KL_COMPLETED && !solved;
	return progress_put(store, attempt->pack, attempt->slug, &progress, err);
}

enum kl_status kl_store_taken_result(bool *known, bool *first_pass, struct kl_store *store, const char *account,
				     const struct kl_taken_result *result, struct kl_error *err)
{
	struct kl_attempt before = { .pack = NULL }, judged;
	struct kl_error why;
	enum kl_status status = kl_store_attempt_get(&before, store, result->id, &why);

	*known = *first_pass = false;
	if (status)
		return status == KL_ENOENT ? KL_OK : kl_fail(err, status, "%s", why.message);
	status = kl_store_class_gave(known, store, account, before.pack, err);
	if (status || !*known) {
		kl_attempt_release(&before);
		return status;
	}
	judged = before;
	judged.verdict = writable(result->verdict);
	judged.report = writable(result->report);
	judged.score = result->score;
	judged.passed = result->passed;
	judged.total = result->total;
	judged.cpu_us = result->cpu_us;
	judged.peak_kib = result->peak_kib;
	judged.standing = KL_STANDING_CLASS;
	status = take_verdict(first_pass, store, &judged, result->failed, err);
	kl_attempt_release(&before);
	return status;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

void kl_attempt_release(struct kl_attempt *attempt)
{
	free(attempt->pack);
	free(attempt->slug);
	free(attempt->language);
	free(attempt->verdict);
	free(attempt->code);
	free(attempt->report);
	free(attempt->course);
	free(attempt->assignment);
	free(attempt->refusal);
	*attempt = (struct kl_attempt){ .pack = NULL };
}

static void take_light(struct kl_attempt *out, const struct sql_row *row)
{
	*out = (struct kl_attempt){
		.pack = row_text(row, 1),
		.slug = row_text(row, 2),
		.language = row_text(row, 3),
		.kind = (enum kl_attempt_kind)row_int(row, 4),
		.verdict = row_text(row, 5),
		.score = row_real(row, 6),
		.passed = (int)row_int(row, 7),
		.total = (int)row_int(row, 8),
		.cpu_us = row_int(row, 9),
		.peak_kib = row_int(row, 10),
		.at_ms = row_int(row, 11),
		.refusal = row_text(row, 14),
	};
	row_copy(row, 0, out->id, sizeof(out->id));
	out->standing = (enum kl_attempt_standing)row_int(row, 12);
	out->delivery = (enum kl_delivery)row_int(row, 13);
}

static void take_whole(void *ctx, const struct sql_row *row)
{
	struct kl_attempt *out = ctx;

	take_light(out, row);
	out->code = row_bytes(row, 15, &out->code_len);
	out->report = row_text(row, 16);
}

enum kl_status kl_store_attempt_get(struct kl_attempt *out, struct kl_store *store, const char *id,
				    struct kl_error *err)
{
	struct kl_attempt found = { .pack = NULL };
	enum kl_status status = store_select(store, SQL_ATTEMPT_GET, ARGS(ARG_TEXT(id)), take_whole, &found, err);

	if (status) {
		kl_attempt_release(&found);
		return status;
	}
	if (!found.pack)
		return kl_fail(err, KL_ENOENT, "there is no attempt '%s': see kodelab history", id);
	*out = found;
	return KL_OK;
}

struct page {
	struct kl_attempt *rows;
	size_t count, max;
};

static void take_row(void *ctx, const struct sql_row *row)
{
	struct page *page = ctx;

	if (page->count < page->max)
		take_light(&page->rows[page->count++], row);
}

enum kl_status kl_store_attempts(struct kl_attempt *rows, size_t *count, size_t max, size_t skip,
				 struct kl_store *store, const char *pack, const char *slug, struct kl_error *err)
{
	struct page page = { .rows = rows, .max = max };
	struct sql_arg size = ARG_INT((int64_t)max), from = ARG_INT((int64_t)skip);
	enum kl_status status;

	if (pack && slug)
		status = store_select(store, SQL_ATTEMPTS_OF, ARGS(ARG_TEXT(pack), ARG_TEXT(slug), size, from),
				      take_row, &page, err);
	else if (pack)
		status = store_select(store, SQL_ATTEMPTS_OF_PACK, ARGS(ARG_TEXT(pack), size, from), take_row, &page,
				      err);
	else
		status = store_select(store, SQL_ATTEMPTS, ARGS(size, from), take_row, &page, err);
	if (!status) {
		*count = page.count;
		return KL_OK;
	}
	while (page.count)
		kl_attempt_release(&rows[--page.count]);
	return status;
}

static void take_totals(void *ctx, const struct sql_row *row)
{
	struct kl_attempt_totals *out = ctx;

	out->attempts = (int)row_int(row, 0);
	out->submits = (int)row_int(row, 1);
	out->passes = (int)row_int(row, 2);
}

enum kl_status kl_store_attempt_totals(struct kl_attempt_totals *out, struct kl_store *store, struct kl_error *err)
{
	return store_select(store, SQL_ATTEMPT_SUMS, NO_ARGS, take_totals, out, err);
}

/* --- calendar --------------------------------------------------------------------------------------------------- */

struct days {
	kl_store_day_fn *fn;
	void *ctx;
};

static void give_day(void *ctx, const struct sql_row *row)
{
	struct days *days = ctx;

	days->fn(days->ctx, row_int(row, 0), (int)row_int(row, 1), (int)row_int(row, 2));
}

enum kl_status kl_store_days_each(struct kl_store *store, int64_t first_day, kl_store_day_fn *fn, void *ctx,
				  struct kl_error *err)
{
	struct days days = { fn, ctx };

	return store_select(store, SQL_DAYS, ARGS(ARG_INT(first_day)), give_day, &days, err);
}

struct calendar {
	int *counts, *passes;
	size_t days;
	int64_t first_day;
};

static void fill_day(void *ctx, int64_t day, int count, int passed)
{
	struct calendar *calendar = ctx;
	uint64_t at = (uint64_t)(day - calendar->first_day);

	if (at >= calendar->days)
		return;
	if (calendar->counts)
		calendar->counts[at] = count;
	if (calendar->passes)
		calendar->passes[at] = passed;
}

enum kl_status kl_store_days(int *counts, int *passes, size_t days, int64_t first_day, struct kl_store *store,
			     struct kl_error *err)
{
	struct calendar calendar = { counts, passes, days, first_day };

	if (counts)
		memset(counts, 0, days * sizeof(*counts));
	if (passes)
		memset(passes, 0, days * sizeof(*passes));
	return kl_store_days_each(store, first_day, fill_day, &calendar, err);
}

/* --- what the portfolio still lacks ----------------------------------------------------------------------------- */

struct ids {
	char (*rows)[KL_ID_SIZE];
	size_t count, max;
};

static void take_id(void *ctx, const struct sql_row *row)
{
	struct ids *ids = ctx;

	if (ids->count < ids->max)
		row_copy(row, 0, ids->rows[ids->count++], KL_ID_SIZE);
}

enum kl_status kl_store_unpublished(char (*ids)[KL_ID_SIZE], size_t *count, size_t max, struct kl_store *store,
				    struct kl_error *err)
{
	struct ids found = { .rows = ids, .max = max };
	enum kl_status status = store_select(store, SQL_UNPUBLISHED, ARGS(ARG_INT((int64_t)max)), take_id, &found, err);

	if (!status)
		*count = found.count;
	return status;
}

enum kl_status kl_store_published(struct kl_store *store, const char *attempt_id, struct kl_error *err)
{
	return store_run(store, SQL_PUBLISHED, ARGS(ARG_TEXT(attempt_id)), err);
}
