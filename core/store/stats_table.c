/* Counts of judged works, kept with each verdict: see kodelab/store_stats.h. */

#include <kodelab/store_stats.h>

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>
#include <kodelab/store_works.h>

#include "core/store/store_int.h"

#define DAY_MS      INT64_C(86400000)
#define MONDAY      3 /* 1970-01-01 was a Thursday: days before it that its week had */
#define REPORT_MAX  ((size_t)1 << 20)
#define FAILED_MAX  500 /* tests of one work that are counted */
#define BUCKET_MAX  20 /* 2^20 ms: 17 minutes */
#define NUMBER_SIZE 24

/* --- calendar ----------------------------------------------------------------------------------------------------- */

int64_t kl_stats_day(int64_t wall_ms)
{
	return wall_ms >= 0 ? wall_ms / DAY_MS : -((-wall_ms + DAY_MS - 1) / DAY_MS);
}

int64_t kl_stats_week(int64_t wall_ms)
{
	return (kl_stats_day(wall_ms) + MONDAY) / 7;
}

int64_t kl_stats_week_begins_ms(int64_t week)
{
	return (week * 7 - MONDAY) * DAY_MS;
}

/* --- one work ----------------------------------------------------------------------------------------------------- */

static bool has_passed(const struct kl_work *work)
{
	return work->total > 0 && work->passed == work->total;
}

static enum kl_status count(struct kl_store *store, const struct kl_work *work, const char *what, const char *name,
			    int64_t by, struct kl_error *err)
{
	return store_run(store, SQL_STAT_COUNT_ADD,
			 ARGS(ARG_TEXT(work->pack), ARG_TEXT(work->slug), ARG_TEXT(what), ARG_TEXT(name), ARG_INT(by)),
			 err);
}

static enum kl_status count_number(struct kl_store *store, const struct kl_work *work, const char *what, int64_t number,
				   int64_t by, struct kl_error *err)
{
	char name[NUMBER_SIZE];

	snprintf(name, sizeof(name), "%lld", (long long)number);
	return count(store, work, what, name, by, err);
}

static enum kl_status count_failed_tests(struct kl_store *store, const struct kl_work *work, int64_t by,
					 struct kl_error *err)
{
	enum kl_status status = KL_OK;
	const cJSON *tests, *test;
	struct kl_json *report;
	int left = FAILED_MAX;

	if (kl_json_parse(&report, work->report, strlen(work->report), REPORT_MAX, "report", NULL))
		return KL_OK; /* none, or of a shape that this program does not know */
	tests = cJSON_GetObjectItemCaseSensitive(kl_json_root(report), "tests");
	cJSON_ArrayForEach(test, tests) {
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(test, "id");
		const cJSON *verdict = cJSON_GetObjectItemCaseSensitive(test, "verdict");

		if (status || !left || !cJSON_IsString(id) || !cJSON_IsString(verdict) ||
		    !strcmp(verdict->valuestring, "passed"))
			continue;
		status = count(store, work, "test", id->valuestring, by, err);
		left--;
	}
	kl_json_free(report);
	return status;
}

static int64_t bucket_of(int64_t cpu_us)
{
	int64_t bucket = 0;

	while (bucket < BUCKET_MAX && (INT64_C(1000) << bucket) < cpu_us)
		bucket++;
	return bucket;
}

/* by: 1 or -1. A work without a verdict counts for nothing. */
static enum kl_status count_work(struct kl_store *store, const struct kl_work *work, int64_t by, struct kl_error *err)
{
	int64_t passed = has_passed(work) ? by : 0;
	char time[64];
	enum kl_status status;

	if (work->state != KL_WORK_DONE)
		return KL_OK;
	snprintf(time, sizeof(time), "time:%.48s", work->language);
	status = store_run(store, SQL_STAT_CHALLENGE_ADD,
			   ARGS(ARG_TEXT(work->pack), ARG_TEXT(work->slug), ARG_INT(by), ARG_INT(passed), ARG_INT(0),
				ARG_INT(0), ARG_INT(work->received_ms)),
			   err);
	if (!status)
		status = store_run(store, SQL_STAT_WEEK_ADD,
				   ARGS(ARG_TEXT(work->pack), ARG_TEXT(work->slug),
					ARG_INT(kl_stats_week(work->received_ms)), ARG_INT(by), ARG_INT(passed),
					ARG_INT(0)),
				   err);
	if (!status)
		status = store_run(store, SQL_STAT_DAY_ADD,
				   ARGS(ARG_TEXT(work->user), ARG_INT(kl_stats_day(work->received_ms)), ARG_INT(by),
					ARG_INT(passed), ARG_INT(0)),
				   err);
	if (!status)
		status = store_run(store, SQL_STAT_LANGUAGE_ADD,
				   ARGS(ARG_TEXT(work->user), ARG_TEXT(work->language), ARG_INT(by), ARG_INT(passed)),
				   err);
	if (!status)
		status = count(store, work, "verdict", work->verdict, by, err);
	if (!status && has_passed(work))
		status = count_number(store, work, time, bucket_of(work->cpu_us), by, err);
	return status ? status : count_failed_tests(store, work, by, err);
}

/* --- one user at one challenge ------------------------------------------------------------------------------------ */

/* That he tried it, when he first passed, and how many works that took. */
static enum kl_status count_subject(struct kl_store *store, const struct kl_work *work, int64_t by,
				    struct kl_error *err)
{
	struct kl_works_sum sum = { .count = 0 };
	enum kl_status status = kl_store_works_sum(&sum, store, work->user, work->pack, work->slug, err);
	int64_t tries = 0, solved = sum.first_pass_ms ? by : 0;

	if (status || !sum.count)
		return status;
	status = store_run(store, SQL_STAT_CHALLENGE_ADD,
			   ARGS(ARG_TEXT(work->pack), ARG_TEXT(work->slug), ARG_INT(0), ARG_INT(0), ARG_INT(by),
				ARG_INT(solved), ARG_INT(0)),
			   err);
	if (status || !solved)
		return status;
	status = store_select(
		store, SQL_STAT_TRIES,
		ARGS(ARG_TEXT(work->user), ARG_TEXT(work->pack), ARG_TEXT(work->slug), ARG_INT(sum.first_pass_ms)),
		row_number, &tries, err);
	if (!status)
		status = count_number(store, work, "tries", tries, by, err);
	if (!status)
		status = store_run(store, SQL_STAT_WEEK_ADD,
				   ARGS(ARG_TEXT(work->pack), ARG_TEXT(work->slug),
					ARG_INT(kl_stats_week(sum.first_pass_ms)), ARG_INT(0), ARG_INT(0), ARG_INT(by)),
				   err);
	if (!status)
		status = store_run(store, SQL_STAT_DAY_ADD,
				   ARGS(ARG_TEXT(work->user), ARG_INT(kl_stats_day(sum.first_pass_ms)), ARG_INT(0),
					ARG_INT(0), ARG_INT(by)),
				   err);
	return status;
}

enum kl_status stats_count(struct kl_store *store, const char *work_id, int by, struct kl_error *err)
{
	struct kl_work work;
	enum kl_status status = kl_store_work_get(&work, store, work_id, err);

	if (status)
		return status;
	status = count_subject(store, &work, by, err);
	if (!status)
		status = count_work(store, &work, by, err);
	kl_work_release(&work);
	return status;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static struct kl_challenge_stats stats_at(const struct sql_row *row, int at0)
{
	return (struct kl_challenge_stats){ row_int(row, at0), row_int(row, at0 + 1), row_int(row, at0 + 2),
					    row_int(row, at0 + 3), row_int(row, at0 + 4) };
}

static void take_stats(void *ctx, const struct sql_row *row)
{
	*(struct kl_challenge_stats *)ctx = stats_at(row, 0);
}

enum kl_status kl_store_stats_challenge(struct kl_challenge_stats *out, struct kl_store *store, const char *pack,
					const char *slug, struct kl_error *err)
{
	*out = (struct kl_challenge_stats){ .works = 0 };
	return store_select(store, SQL_STAT_CHALLENGE, ARGS(ARG_TEXT(pack), ARG_TEXT(slug)), take_stats, out, err);
}

/* Who is told of each row: one of the four kinds of function. */
struct telling {
	union {
		kl_stats_challenge_fn *challenge;
		kl_stats_count_fn *count;
		kl_stats_period_fn *period;
		kl_stats_language_fn *language;
	} fn;
	void *ctx;
};

static void tell_challenge(void *ctx, const struct sql_row *row)
{
	struct telling *telling = ctx;
	struct kl_challenge_stats stats = stats_at(row, 2);
	char *pack = row_text(row, 0), *slug = row_text(row, 1);

	telling->fn.challenge(telling->ctx, pack, slug, &stats);
	free(pack);
	free(slug);
}

enum kl_status kl_store_stats_challenges(struct kl_store *store, kl_stats_challenge_fn *fn, void *ctx,
					 struct kl_error *err)
{
	struct telling telling = { { .challenge = fn }, ctx };

	return store_select(store, SQL_STAT_CHALLENGES, NO_ARGS, tell_challenge, &telling, err);
}

static void tell_count(void *ctx, const struct sql_row *row)
{
	struct telling *telling = ctx;
	char *what = row_text(row, 0), *name = row_text(row, 1);

	telling->fn.count(telling->ctx, what, name, row_int(row, 2));
	free(what);
	free(name);
}

enum kl_status kl_store_stats_counts(struct kl_store *store, const char *pack, const char *slug, kl_stats_count_fn *fn,
				     void *ctx, struct kl_error *err)
{
	struct telling telling = { { .count = fn }, ctx };

	return store_select(store, SQL_STAT_COUNTS, ARGS(ARG_TEXT(pack), ARG_TEXT(slug)), tell_count, &telling, err);
}

static void tell_period(void *ctx, const struct sql_row *row)
{
	struct telling *telling = ctx;

	telling->fn.period(telling->ctx, row_int(row, 0), row_int(row, 1), row_int(row, 2), row_int(row, 3));
}

enum kl_status kl_store_stats_weeks(struct kl_store *store, const char *pack, const char *slug, int64_t from_week,
				    kl_stats_period_fn *fn, void *ctx, struct kl_error *err)
{
	struct telling telling = { { .period = fn }, ctx };

	return store_select(store, SQL_STAT_WEEKS, ARGS(ARG_TEXT(pack), ARG_TEXT(slug), ARG_INT(from_week)),
			    tell_period, &telling, err);
}

enum kl_status kl_store_stats_days(struct kl_store *store, const char *user, int64_t from_day, kl_stats_period_fn *fn,
				   void *ctx, struct kl_error *err)
{
	struct telling telling = { { .period = fn }, ctx };

	return store_select(store, SQL_STAT_DAYS, ARGS(ARG_TEXT(user), ARG_INT(from_day)), tell_period, &telling, err);
}

static void tell_language(void *ctx, const struct sql_row *row)
{
	struct telling *telling = ctx;
	char *language = row_text(row, 0);

	telling->fn.language(telling->ctx, language, row_int(row, 1), row_int(row, 2));
	free(language);
}

enum kl_status kl_store_stats_languages(struct kl_store *store, const char *user, kl_stats_language_fn *fn, void *ctx,
					struct kl_error *err)
{
	struct telling telling = { { .language = fn }, ctx };

	return store_select(store, SQL_STAT_LANGUAGES, ARGS(ARG_TEXT(user)), tell_language, &telling, err);
}
