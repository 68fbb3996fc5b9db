/*
 * The numbers of the progress screen. A day is a local calendar day, known by its number; so a day of 23 or 25 hours is a
 * day like any other. A week begins on Monday.
 */

#include <kodelab/progress.h>

#include <kodelab/alloc.h>

struct known { /* a row of the store */
	char *pack, *slug;
	enum kl_progress_state state;
	int64_t completed_ms, spent_ms;
};

struct known_list {
	struct known *rows; /* sorted by pack and slug once read */
	size_t count, capacity;
};

static void take_progress(void *ctx, const char *pack, const char *slug, const struct kl_progress *progress)
{
	struct known_list *list = ctx;

	KL_GROW(list->rows, list->count, list->capacity);
	list->rows[list->count++] = (struct known){
		.pack = kl_strdup(pack),
		.slug = kl_strdup(slug),
		.state = (enum kl_progress_state)progress->state,
		.completed_ms = progress->completed_ms,
		.spent_ms = progress->spent_ms,
	};
}

static int by_name(const void *left, const void *right)
{
	const struct known *a = left, *b = right;
	int order = strcmp(a->pack, b->pack);

	return order ? order : strcmp(a->slug, b->slug);
}

static void release(struct known_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->rows[i].pack);
		free(list->rows[i].slug);
	}
	free(list->rows);
}

static enum kl_status read_known(struct known_list *list, struct kl_store *store, struct kl_error *err)
{
	enum kl_status status;

	*list = (struct known_list){ .rows = NULL };
	status = kl_store_progress_each(store, take_progress, list, err);
	if (status)
		release(list);
	else if (list->count)
		qsort(list->rows, list->count, sizeof(*list->rows), by_name);
	return status;
}

static enum kl_progress_state state_of(const struct known_list *list, const struct kl_entry *entry)
{
	struct known key = { .pack = entry->pack, .slug = entry->slug };
	const struct known *found = list->count ? bsearch(&key, list->rows, list->count, sizeof(key), by_name) : NULL;

	return found ? found->state : KL_NOT_STARTED;
}

enum kl_status kl_progress_apply(struct kl_catalogue *catalogue, struct kl_store *store, struct kl_error *err)
{
	struct known_list list;
	enum kl_status status = read_known(&list, store, err);

	if (status)
		return status;
	for (size_t i = 0; i < kl_catalogue_count(catalogue); i++)
		kl_catalogue_set_state(catalogue, i, state_of(&list, kl_catalogue_at(catalogue, i)));
	release(&list);
	return KL_OK;
}

/* --- shares ----------------------------------------------------------------------------------------------------- */

static void count_share(struct kl_share *share, enum kl_progress_state state)
{
	share->total++;
	share->completed += state == KL_COMPLETED;
	share->in_progress += state == KL_IN_PROGRESS;
}

static void begin_shares(struct kl_stats *stats, const struct kl_catalogue *catalogue)
{
	const char *const *names = kl_catalogue_categories(catalogue);

	for (int i = 0; i < KL_DIFFICULTY_COUNT; i++)
		stats->by_difficulty[i].name = kl_difficulty_name((enum kl_difficulty)i);
	while (names[stats->category_count])
		stats->category_count++;
	stats->by_category = kl_calloc(stats->category_count + 1, sizeof(*stats->by_category));
	for (size_t i = 0; i < stats->category_count; i++)
		stats->by_category[i].name = names[i];
}

static int by_share_name(const void *left, const void *right)
{
	const struct kl_share *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static void count_shares(struct kl_stats *stats, const struct kl_catalogue *catalogue, const struct known_list *list)
{
	struct kl_share all = { .name = "" };

	begin_shares(stats, catalogue);
	for (size_t i = 0; i < kl_catalogue_count(catalogue); i++) {
		const struct kl_entry *entry = kl_catalogue_at(catalogue, i);
		struct kl_share key = { .name = entry->category ? entry->category : "" };
		struct kl_share *category =
			bsearch(&key, stats->by_category, stats->category_count, sizeof(key), by_share_name);
		enum kl_progress_state state = state_of(list, entry);

		count_share(&all, state);
		count_share(&stats->by_difficulty[entry->difficulty], state);
		if (category)
			count_share(category, state);
	}
	stats->completed = all.completed;
	stats->in_progress = all.in_progress;
	stats->total = all.total;
}

/* --- calendar --------------------------------------------------------------------------------------------------- */

struct calendar {
	struct kl_stats *stats;
	int64_t today, last_day; /* last_day: the newest with an attempt */
	int run; /* days in a row up to last_day */
};

static int64_t monday_of(int64_t day)
{
	int64_t since_monday = (day + 3) % 7; /* 1970-01-01 was a Thursday */

	return day - (since_monday < 0 ? since_monday + 7 : since_monday);
}

static void take_day(void *ctx, int64_t day, int attempts, int passes)
{
	struct calendar *calendar = ctx;
	struct kl_stats *stats = calendar->stats;
	int64_t at = day - stats->heatmap_first_day;

	(void)passes;
	if (at >= 0 && at < KL_HEATMAP_DAYS)
		stats->heatmap[at] = attempts;
	if (day > calendar->today) /* a clock that was ahead once: no streak into the future */
		return;
	calendar->run = calendar->run && day == calendar->last_day + 1 ? calendar->run + 1 : 1;
	calendar->last_day = day;
	if (calendar->run > stats->longest_streak)
		stats->longest_streak = calendar->run;
}

static enum kl_status count_days(struct kl_stats *stats, struct kl_store *store, int64_t today, struct kl_error *err)
{
	struct calendar calendar = { .stats = stats, .today = today };
	enum kl_status status = kl_store_days_each(store, INT64_MIN, take_day, &calendar, err);

	if (!status && calendar.run && calendar.last_day >= today - 1)
		stats->streak = calendar.run;
	return status;
}

static void count_weeks(struct kl_stats *stats, const struct known_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct known *row = &list->rows[i];
		int64_t at = kl_clock_local_day_number(row->completed_ms) - stats->heatmap_first_day;

		stats->spent_ms = kl_sum_ms(stats->spent_ms, row->spent_ms > 0 ? row->spent_ms : 0);
		if (row->state == KL_COMPLETED && at >= 0 && at < KL_HEATMAP_DAYS)
			stats->weekly[at / 7]++;
	}
}

static enum kl_status count_attempts(struct kl_stats *stats, struct kl_store *store, struct kl_error *err)
{
	struct kl_attempt_totals totals = { .attempts = 0 };
	enum kl_status status = kl_store_attempt_totals(&totals, store, err);

	stats->attempts = totals.attempts;
	stats->submits = totals.submits;
	stats->passes = totals.passes;
	return status;
}

enum kl_status kl_stats_read(struct kl_stats *out, struct kl_store *store, const struct kl_catalogue *catalogue,
			     const struct kl_clock *clock, struct kl_error *err)
{
	int64_t today = kl_clock_local_day_number(kl_clock_wall_ms(clock));
	struct kl_stats stats = { .heatmap_first_day = monday_of(today) - (KL_HEATMAP_WEEKS - 1) * 7 };
	struct known_list list;
	enum kl_status status;

	if ((status = count_attempts(&stats, store, err)) || (status = count_days(&stats, store, today, err)) ||
	    (status = read_known(&list, store, err)))
		return status;
	count_weeks(&stats, &list);
	count_shares(&stats, catalogue, &list);
	release(&list);
	*out = stats;
	return KL_OK;
}

void kl_stats_release(struct kl_stats *stats)
{
	free(stats->by_category);
	stats->by_category = NULL;
	stats->category_count = 0;
}
