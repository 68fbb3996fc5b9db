/* A user's progress: from what his labs say, and from the verdicts. */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/store_learner.h>
#include <kodelab/store_works.h>

#include "core/intake/intake_int.h"

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

enum kl_status progress_merge(struct kl_intake *intake, const char *user, const struct kl_intake_item *item,
			      int64_t received_ms, struct kl_error *err)
{
	struct kl_store *store = intake->use.store;
	struct kl_user_progress progress;
	enum kl_status status = kl_store_user_progress_get(&progress, store, user, item->pack, item->slug, err);

	if (status)
		return status;
	if (item->begun && progress.state == KL_NOT_STARTED)
		progress.state = KL_IN_PROGRESS;
	progress.hints = larger(progress.hints, item->hints);
	progress.spent_ms = larger(progress.spent_ms, item->spent_ms);
	if (item->first_ms && (!progress.first_ms || item->first_ms < progress.first_ms))
		progress.first_ms = item->first_ms;
	progress.last_ms = larger(progress.last_ms, received_ms);
	status = kl_store_user_progress_put(store, user, &progress, err);
	kl_user_progress_release(&progress);
	return status;
}

/* From all verdicts there are: so it is right after another judging, too. */
static void count(struct kl_user_progress *progress, const struct kl_works_sum *sum, const struct kl_work *work)
{
	progress->submissions = sum->count;
	progress->best_score = sum->best_score;
	progress->completed_ms = sum->first_pass_ms;
	progress->state = sum->first_pass_ms ? KL_COMPLETED : KL_IN_PROGRESS;
	snprintf(progress->best_work, sizeof(progress->best_work), "%s", sum->best);
	if (!progress->first_ms || work->received_ms < progress->first_ms)
		progress->first_ms = work->received_ms;
	if (work->received_ms >= progress->last_ms) {
		progress->last_ms = work->received_ms;
		snprintf(progress->last_language, sizeof(progress->last_language), "%s", work->language);
	}
}

enum kl_status progress_count(struct kl_intake *intake, const struct kl_work *work, struct kl_error *err)
{
	struct kl_store *store = intake->use.store;
	struct kl_user_progress progress;
	struct kl_works_sum sum;
	enum kl_status status = kl_store_works_sum(&sum, store, work->user, work->pack, work->slug, err);

	if (status || (status = kl_store_user_progress_get(&progress, store, work->user, work->pack, work->slug, err)))
		return status;
	count(&progress, &sum, work);
	status = kl_store_user_progress_put(store, work->user, &progress, err);
	kl_user_progress_release(&progress);
	return status;
}
