#ifndef KODELAB_PROGRESS_H
#define KODELAB_PROGRESS_H

/* What the numbers in the store mean: streaks, completion by category and difficulty, the calendar. No drawing. */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/catalogue.h>
#include <kodelab/store.h>

#define KL_HEATMAP_WEEKS 26
#define KL_HEATMAP_DAYS  (KL_HEATMAP_WEEKS * 7)

struct kl_share { /* completed of all */
	const char *name; /* of the catalogue's life */
	int completed, in_progress, total;
};

struct kl_stats {
	int completed, in_progress, total, attempts, submits, passes;
	int streak, longest_streak; /* days in a row with an attempt; today may still be empty */
	struct kl_share by_difficulty[KL_DIFFICULTY_COUNT];
	struct kl_share *by_category; /* owned */
	size_t category_count;
	int heatmap[KL_HEATMAP_DAYS]; /* attempts per day; the last column is the current week, Monday first */
	int64_t heatmap_first_day; /* day number of heatmap[0], a Monday */
	int weekly[KL_HEATMAP_WEEKS]; /* completed per week */
	int64_t spent_ms;
};

enum kl_status kl_stats_read(struct kl_stats *out, struct kl_store *store, const struct kl_catalogue *catalogue,
			     const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;
void kl_stats_release(struct kl_stats *stats);

/* Copies the progress states of the store into the catalogue. */
enum kl_status kl_progress_apply(struct kl_catalogue *catalogue, struct kl_store *store,
				 struct kl_error *err) KL_MUST_CHECK;

#endif
