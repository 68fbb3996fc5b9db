/*
 * Judging again. Works go into the queue by id, a few at a time and with the least priority, so that new submissions never wait for
 * them; how far it is stands in the rejudge's row, so that a restart goes on where it was.
 */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/queue.h>
#include <kodelab/store.h>
#include <kodelab/store_rejudge.h>
#include <kodelab/store_works.h>

#include "core/intake/intake_int.h"

#define OPEN_MAX    16 /* rejudges that run at the same time */
#define STEP_MAX    64 /* works of one bite */
#define RESTORE_MAX 32

/* --- beginning and cancelling ------------------------------------------------------------------------------------- */

enum kl_status kl_rejudge_begin(struct kl_rejudge *out, struct kl_intake *intake, const char *pack, const char *slug,
				int64_t version, const char *user, struct kl_error *err)
{
	struct kl_store *store = intake->use.store;
	struct kl_rejudge rejudge = { .version = version, .created_ms = kl_clock_wall_ms(intake->use.clock) };
	struct kl_rejudge open[OPEN_MAX];
	size_t count = KL_LENGTH(open);
	enum kl_status status = kl_store_rejudges_open(open, &count, store, err);

	if (status)
		return status;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(open[i].pack, pack) && !strcmp(open[i].slug, slug))
			return kl_fail(err, KL_ECONFLICT, "'%s/%s' is being judged again already: cancel that first",
				       pack, slug);
	if (count == OPEN_MAX)
		return kl_fail(err, KL_EBUSY, "%d challenges are being judged again already: wait for one", OPEN_MAX);
	kl_id_new(rejudge.id, intake->use.clock);
	rejudge.until_ms = rejudge.created_ms;
	snprintf(rejudge.pack, sizeof(rejudge.pack), "%s", pack);
	snprintf(rejudge.slug, sizeof(rejudge.slug), "%s", slug);
	snprintf(rejudge.user, sizeof(rejudge.user), "%s", user);
	if (!(status = kl_store_rejudge_works(&rejudge.total, store, &rejudge, err)))
		status = kl_store_rejudge_add(store, &rejudge, err);
	if (!status)
		*out = rejudge;
	return status;
}

enum kl_status kl_rejudge_cancel(struct kl_rejudge *out, struct kl_intake *intake, const char *id, struct kl_error *err)
{
	struct kl_rejudge rejudge;
	enum kl_status status = kl_store_rejudge_get(&rejudge, intake->use.store, id, err);

	if (status)
		return status;
	if (rejudge.state != KL_REJUDGE_RUNNING)
		return kl_fail(err, KL_ECONFLICT, "this rejudge is at its end already");
	rejudge.state = KL_REJUDGE_CANCELING;
	status = kl_store_rejudge_put(intake->use.store, &rejudge, err);
	if (!status)
		*out = rejudge;
	return status;
}

/* --- verdicts ----------------------------------------------------------------------------------------------------- */

static enum kl_status compare(bool *changed, struct kl_store *store, const struct kl_work *found, struct kl_error *err)
{
	struct kl_work before;
	enum kl_status status = kl_store_work_look(&before, store, found->id, err);

	if (status)
		return status;
	*changed = strcmp(before.verdict, found->verdict) != 0 || before.score != found->score;
	kl_work_release(&before);
	return KL_OK;
}

enum kl_status rejudge_count(bool *skip, struct kl_intake *intake, const char *id, const struct kl_work *found,
			     struct kl_error *err)
{
	struct kl_store *store = intake->use.store;
	struct kl_rejudge rejudge;
	bool changed = false;
	enum kl_status status = kl_store_rejudge_get(&rejudge, store, id, err);

	if (status)
		return status;
	*skip = rejudge.state != KL_REJUDGE_RUNNING || found->state == KL_WORK_FAILED;
	rejudge.done++;
	if (!*skip)
		status = compare(&changed, store, found, err);
	rejudge.changed += changed;
	if (!status && !*skip)
		status = kl_store_rejudge_keep(store, id, found->id, err);
	return status ? status : kl_store_rejudge_put(store, &rejudge, err);
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

static enum kl_status queue_one(struct kl_intake *intake, struct kl_rejudge *rejudge, struct kl_rejudge_work *work,
				struct kl_error *err)
{
	struct kl_queue_entry entry = { .user = work->user,
					.priority = KL_PRIORITY_RUN,
					.kind = KL_QUEUE_CLASS,
					.body = rejudge->id,
					.body_len = strlen(rejudge->id) };

	memcpy(entry.id, work->id, sizeof(entry.id));
	memcpy(rejudge->last, work->id, sizeof(rejudge->last));
	rejudge->queued++;
	return kl_queue_admit(intake->use.queue, &entry, NULL, NULL, err);
}

/* What a rejudge that was cancelled has left in the queue is passed over when it ends: only then is it queued for this one. */
static bool is_left(const struct kl_intake *intake, const struct kl_rejudge_work *work)
{
	return kl_queue_has(intake->use.queue, work->id);
}

static enum kl_status feed(bool *more, struct kl_intake *intake, struct kl_rejudge *rejudge, size_t at_once,
			   struct kl_error *err)
{
	struct kl_rejudge_work works[STEP_MAX];
	size_t waiting = (size_t)(rejudge->queued - rejudge->done), count = STEP_MAX, at = 0;
	enum kl_status status;

	if (waiting >= at_once)
		return KL_OK;
	count = at_once - waiting < count ? at_once - waiting : count;
	if ((status = kl_store_rejudge_next(works, &count, intake->use.store, rejudge, err)))
		return status;
	while (!status && at < count && !is_left(intake, &works[at]))
		status = queue_one(intake, rejudge, &works[at++], err);
	if (!status && !count && rejudge->queued == rejudge->done) {
		rejudge->state = KL_REJUDGE_DONE;
		rejudge->ended_ms = kl_clock_wall_ms(intake->use.clock);
		status = kl_store_rejudge_forget(intake->use.store, rejudge->id, err);
	}
	*more |= at > 0;
	return status ? status : kl_store_rejudge_put(intake->use.store, rejudge, err);
}

static enum kl_status put_one_back(struct kl_intake *intake, const char *rejudge, const char *id, struct kl_error *err)
{
	struct kl_store *store = intake->use.store;
	struct kl_work work;
	enum kl_status status = kl_store_rejudge_restore(store, rejudge, id, err);

	if (status || (status = kl_store_work_get(&work, store, id, err)))
		return status;
	status = verdict_follow_up(intake, id, work.report, err);
	kl_work_release(&work);
	return status;
}

/* What waits still comes to its end in the queue; its result is passed over. */
static enum kl_status put_back(bool *more, struct kl_intake *intake, struct kl_rejudge *rejudge, struct kl_error *err)
{
	struct kl_store *store = intake->use.store;
	char ids[RESTORE_MAX][KL_ID_SIZE];
	size_t count = RESTORE_MAX;
	enum kl_status status = kl_store_rejudge_kept(ids, &count, store, rejudge->id, err);

	for (size_t i = 0; !status && i < count; i++)
		status = put_one_back(intake, rejudge->id, ids[i], err);
	if (status || count) {
		*more |= count > 0;
		return status;
	}
	rejudge->state = KL_REJUDGE_CANCELED;
	rejudge->ended_ms = kl_clock_wall_ms(intake->use.clock);
	return kl_store_rejudge_put(store, rejudge, err);
}

enum kl_status kl_rejudge_step(bool *more, struct kl_intake *intake, size_t at_once, struct kl_error *err)
{
	struct kl_rejudge open[OPEN_MAX];
	size_t count = KL_LENGTH(open);
	enum kl_status status = kl_store_rejudges_open(open, &count, intake->use.store, err);

	*more = false;
	for (size_t i = 0; !status && i < count; i++) {
		if ((status = kl_store_part_begin(intake->use.store, err)))
			break;
		status = open[i].state == KL_REJUDGE_RUNNING ? feed(more, intake, &open[i], at_once, err)
							     : put_back(more, intake, &open[i], err);
		status = kl_store_part_end(intake->use.store, status, err);
	}
	return status;
}
