/*
 * Scores are kept, not computed when they are asked for: with each verdict, one student at one challenge; after an assignment was
 * changed, all its students, a few in a turn. Either way all tries are looked at again, so that doing it twice, or after
 * a verdict was taken back, comes to the same.
 */

#include <kodelab/course.h>

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

/* --- one student -------------------------------------------------------------------------------------------------- */

static enum kl_status mark_with(struct kl_store *store, const struct kl_mark_place *place, const char *user,
				const struct kl_try *tries, size_t count, struct kl_error *err)
{
	struct kl_terms terms = place->terms;
	struct kl_mark mark;

	kl_terms_extend(&terms, place->extended_ms);
	kl_mark_of(&mark, tries, count, &terms);
	return kl_store_mark_put(store, place, user, &mark, err);
}

/* Of all that he handed in the newest says which tests he fails, in whatever order their verdicts come. */
static enum kl_status put_failures(struct kl_store *store, const struct kl_verdict_news *news,
				   const struct kl_try *tries, size_t count, struct kl_error *err)
{
	size_t failed = news->failed_count < KL_COURSE_FAILED_MAX ? news->failed_count : KL_COURSE_FAILED_MAX;

	if (!news->failed || !count || strcmp(tries[count - 1].work, news->work) != 0)
		return KL_OK;
	return kl_store_failures_put(store, news->user, news->pack, news->slug, news->failed, failed, err);
}

/* The same tries, wherever the challenge is set. */
static enum kl_status mark_places(struct kl_store *store, const struct kl_verdict_news *news,
				  const struct kl_mark_place *places, size_t count, struct kl_error *err)
{
	struct kl_try *tries;
	size_t try_count;
	enum kl_status status = kl_store_tries(&tries, &try_count, store, news->user, news->pack, news->slug, err);

	if (status)
		return status;
	status = put_failures(store, news, tries, try_count, err);
	for (size_t i = 0; !status && i < count; i++) {
		status = mark_with(store, &places[i], news->user, tries, try_count, err);
		if (!status)
			status =
				kl_store_mark_sum(store, places[i].course, places[i].assignment, news->user, true, err);
	}
	free(tries);
	return status;
}

enum kl_status kl_course_scored(struct kl_store *store, const struct kl_verdict_news *news, struct kl_error *err)
{
	struct kl_mark_place *places;
	size_t count;
	enum kl_status status = kl_store_mark_places(&places, &count, store, news->user, news->pack, news->slug, err);

	if (status)
		return status;
	if (count)
		status = mark_places(store, news, places, count, err);
	kl_mark_places_free(places, count);
	return status;
}

static enum kl_status mark_item(struct kl_store *store, const struct kl_mark_place *place, const char *user,
				struct kl_error *err)
{
	struct kl_try *tries;
	size_t count;
	enum kl_status status = kl_store_tries(&tries, &count, store, user, place->pack, place->slug, err);

	if (status)
		return status;
	status = mark_with(store, place, user, tries, count, err);
	free(tries);
	return status;
}

enum kl_status kl_course_assignment_scored(struct kl_store *store, const char *course, const char *assignment,
					   const char *user, struct kl_error *err)
{
	struct kl_mark_place *places;
	size_t count;
	enum kl_status status = kl_store_mark_places_of(&places, &count, store, user, assignment, err);

	if (status)
		return status;
	for (size_t i = 0; !status && i < count; i++)
		status = mark_item(store, &places[i], user, err);
	if (!status)
		status = kl_store_mark_sum(store, course, assignment, user, false, err);
	kl_mark_places_free(places, count);
	return status;
}

/* A course may set 20,000 challenges: those alone that he has tried can come to something. */
enum kl_status kl_course_joined(struct kl_store *store, const char *course, const char *user, struct kl_error *err)
{
	char(*ids)[KL_ID_SIZE];
	size_t count;
	enum kl_status status = kl_store_assignments_tried(&ids, &count, store, course, user, err);

	if (status)
		return status;
	for (size_t i = 0; !status && i < count; i++)
		status = kl_course_assignment_scored(store, course, ids[i], user, err);
	free(ids);
	return status;
}

/* --- all students ------------------------------------------------------------------------------------------------- */

static enum kl_status rescore_some(struct kl_store *store, struct kl_rescore *rescore, char (*users)[KL_ID_SIZE],
				   size_t max, struct kl_error *err)
{
	size_t count;
	enum kl_status status = kl_store_rescore_users(users, &count, max, store, rescore, err);

	if (status)
		return status;
	for (size_t i = 0; !status && i < count; i++)
		status = kl_course_assignment_scored(store, rescore->course, rescore->assignment, users[i], err);
	if (status)
		return status;
	if (count < max)
		*rescore->after = '\0';
	else
		memcpy(rescore->after, users[count - 1], KL_ID_SIZE);
	return kl_store_rescore_moved(store, rescore, err);
}

enum kl_status kl_course_rescore(bool *more, struct kl_store *store, size_t max, struct kl_error *err)
{
	struct kl_rescore rescore;
	char(*users)[KL_ID_SIZE];
	enum kl_status status = kl_store_rescore_next(&rescore, store, err);

	if (status == KL_ENOENT) {
		*more = false;
		return KL_OK;
	}
	if (status)
		return status;
	users = kl_calloc(max, KL_ID_SIZE);
	status = rescore_some(store, &rescore, users, max, err);
	free(users);
	if (!status)
		*more = true;
	return status;
}
