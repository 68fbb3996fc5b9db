/* Which of many tries counts, and who stands where. */

#include <kodelab/course.h>

#include <string.h>

#define FULL 100.0

static void take_id(char to[KL_ID_SIZE], const char from[KL_ID_SIZE])
{
	memcpy(to, from, KL_ID_SIZE);
}

void kl_mark_of(struct kl_mark *mark, const struct kl_try *tries, size_t count, const struct kl_terms *terms)
{
	int64_t best_ms = 0, moment_ms;
	double counted;

	*mark = (struct kl_mark){ .tries = 0 };
	for (size_t i = 0; i < count; i++) {
		moment_ms = kl_terms_moment(terms, tries[i].claimed_ms, tries[i].received_ms);
		if (moment_ms < terms->opens_ms)
			continue;
		mark->tries++;
		if (tries[i].received_ms >= mark->last_ms) {
			mark->last_ms = tries[i].received_ms;
			take_id(mark->last, tries[i].work);
		}
		counted = tries[i].score * kl_terms_share(terms, moment_ms) / FULL;
		if (*mark->work && (counted < mark->counted || (counted == mark->counted && moment_ms >= best_ms)))
			continue;
		take_id(mark->work, tries[i].work);
		mark->score = tries[i].score;
		mark->counted = counted;
		mark->late = terms->due_ms && moment_ms > terms->due_ms;
		best_ms = moment_ms;
	}
}

double kl_team_score(const double *scores, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += scores[i];
	return count ? sum / (double)count : 0;
}

void kl_ranks(size_t *ranks, const double *scores, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ranks[i] = i && scores[i] == scores[i - 1] ? ranks[i - 1] : i + 1;
}

const char *kl_assignment_stage(const struct kl_assignment *assignment, int64_t now_ms)
{
	const struct kl_terms *terms = &assignment->terms;

	if (now_ms < terms->opens_ms)
		return "upcoming";
	if (!kl_terms_share(terms, now_ms))
		return "closed";
	return terms->due_ms && now_ms > terms->due_ms ? "past due" : "open";
}

const char *kl_assignment_state(const struct kl_assignment *assignment, int64_t now_ms)
{
	struct kl_terms terms = assignment->terms;

	kl_terms_extend(&terms, assignment->extended_ms);
	if (now_ms < terms.opens_ms)
		return "upcoming";
	if (assignment->item_count && assignment->solved == (int64_t)assignment->item_count)
		return "done";
	if (!kl_terms_share(&terms, now_ms))
		return "closed";
	if (terms.due_ms && now_ms > terms.due_ms)
		return "overdue";
	return assignment->tried ? "started" : "open";
}
