/* What judges found: the work, its user's progress and the change log, in one transaction with the end of the claim. */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/queue.h>
#include <kodelab/store.h>
#include <kodelab/store_changes.h>
#include <kodelab/store_works.h>

#include "core/intake/intake_int.h"

struct writing {
	struct kl_intake *intake;
	const struct kl_intake_claim *claim;
	const struct kl_work *found;
};

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static enum kl_status tell_labs(struct kl_store *store, const struct kl_work *work, struct kl_error *err)
{
	char *audience = kl_format("u:%s", work->user), *subject = kl_format("%s/%s", work->pack, work->slug);
	enum kl_status status = kl_store_change_note(store, audience, "result", work->item, err);

	if (!status)
		status = kl_store_change_note(store, audience, "progress", subject, err);
	free(audience);
	free(subject);
	return status;
}

/* What follows from the work as it stands now. */
enum kl_status verdict_follow_up(struct kl_intake *intake, const char *id, const char *report, struct kl_error *err)
{
	struct kl_store *store = intake->use.store;
	struct kl_work work;
	enum kl_status status = kl_store_work_look(&work, store, id, err);

	if (status)
		return status;
	if (!(status = progress_count(intake, &work, err)) && !(status = tell_labs(store, &work, err)) &&
	    intake->use.scored)
		status = intake->use.scored(intake->use.ctx, &work, report, err);
	kl_work_release(&work);
	return status;
}

static enum kl_status write_found(void *ctx, struct kl_error *err)
{
	const struct writing *writing = ctx;
	enum kl_status status;
	bool skip = false;

	if (*writing->claim->rejudge &&
	    ((status = rejudge_count(&skip, writing->intake, writing->claim->rejudge, writing->found, err)) || skip))
		return status;
	status = kl_store_work_end(writing->intake->use.store, writing->found, err);
	return status ? status : verdict_follow_up(writing->intake, writing->found->id, writing->found->report, err);
}

enum kl_status kl_intake_judged(struct kl_intake *intake, const struct kl_intake_claim *claim,
				const struct kl_work *work, struct kl_error *err)
{
	struct writing writing = { intake, claim, work };

	return kl_queue_settle(intake->use.queue, claim->id, claim->epoch, write_found, &writing, err);
}

/* --- without a verdict -------------------------------------------------------------------------------------------- */

struct buried {
	struct row {
		char id[KL_ID_SIZE], rejudge[KL_ID_SIZE];
	} * rows;
	size_t count, capacity;
};

static void take_buried(void *ctx, const char *id, const char *body)
{
	struct buried *buried = ctx;
	struct row *row;

	KL_GROW(buried->rows, buried->count, buried->capacity);
	row = &buried->rows[buried->count++];
	snprintf(row->id, sizeof(row->id), "%s", id);
	snprintf(row->rejudge, sizeof(row->rejudge), "%s", body);
}

static enum kl_status bury(struct kl_intake *intake, const struct row *row, char *report, struct kl_error *err)
{
	struct kl_work nothing = { .state = KL_WORK_FAILED, .judged_ms = kl_clock_wall_ms(intake->use.clock) };
	enum kl_status status;
	bool skip = false;

	snprintf(nothing.id, sizeof(nothing.id), "%s", row->id);
	nothing.verdict = (char[]){ "judge_error" };
	nothing.report = report;
	if (*row->rejudge && ((status = rejudge_count(&skip, intake, row->rejudge, &nothing, err)) || skip))
		return status ? status : kl_store_queue_remove(intake->use.store, row->id, err);
	if ((status = kl_store_work_end(intake->use.store, &nothing, err)) ||
	    (status = verdict_follow_up(intake, row->id, NULL, err)))
		return status;
	return kl_store_queue_remove(intake->use.store, row->id, err);
}

enum kl_status kl_intake_bury(size_t *count, struct kl_intake *intake, const char *report, struct kl_error *err)
{
	struct buried buried = { .rows = NULL };
	enum kl_status status = kl_store_part_begin(intake->use.store, err);
	char *told;

	if (status)
		return status;
	told = kl_strdup(report);
	status = kl_store_works_buried(intake->use.store, take_buried, &buried, err);
	for (size_t i = 0; !status && i < buried.count; i++)
		status = bury(intake, &buried.rows[i], told, err);
	status = kl_store_part_end(intake->use.store, status, err);
	if (!status)
		*count = buried.count;
	free(buried.rows);
	free(told);
	return status;
}
