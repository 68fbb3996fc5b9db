/* Late work: when it counts as done, and how much of its points it is then worth. */

#include <kodelab/course.h>

#define DAY_MS   INT64_C(86400000)
#define FULL     100 /* percent */
#define DAYS_MAX FULL /* a day costs at least one percent: after so many, nothing more changes */

static bool is_share(int percent)
{
	return percent >= 0 && percent <= FULL;
}

enum kl_status kl_late_check(const struct kl_late *late, int64_t due_ms, struct kl_error *err)
{
	if (late->kind != KL_LATE_NONE && !due_ms)
		return kl_fail(err, KL_EINVAL, "a late policy needs a time when the assignment is due");
	if (!is_share(late->percent) || !is_share(late->floor))
		return kl_fail(err, KL_EINVAL, "percent and floor are whole numbers from 0 to 100");
	if (late->until_ms && late->until_ms < due_ms)
		return kl_fail(err, KL_EINVAL, "late work cannot end before the assignment is due");
	return KL_OK;
}

void kl_terms_extend(struct kl_terms *terms, int64_t extended_ms)
{
	if (!terms->due_ms || extended_ms <= terms->due_ms)
		return;
	if (terms->late.until_ms)
		terms->late.until_ms += extended_ms - terms->due_ms;
	terms->due_ms = extended_ms;
}

int64_t kl_terms_moment(const struct kl_terms *terms, int64_t claimed_ms, int64_t received_ms)
{
	bool believed = terms->due_ms && received_ms > terms->due_ms && received_ms - terms->due_ms <= terms->grace_ms;

	if (!believed || !claimed_ms || claimed_ms >= received_ms)
		return received_ms;
	return claimed_ms < terms->opens_ms ? terms->opens_ms : claimed_ms;
}

static int percent_share(const struct kl_late *late, int64_t late_ms)
{
	int64_t days = (late_ms - 1) / DAY_MS + 1;
	int64_t share;

	if (days > DAYS_MAX)
		days = DAYS_MAX;
	share = FULL - days * late->percent;
	return share > late->floor ? (int)share : late->floor;
}

int kl_terms_share(const struct kl_terms *terms, int64_t moment_ms)
{
	const struct kl_late *late = &terms->late;
	bool ended = late->until_ms && moment_ms > late->until_ms;

	if (!terms->due_ms || moment_ms <= terms->due_ms)
		return FULL;
	switch (late->kind) {
	case KL_LATE_NONE:
		return FULL;
	case KL_LATE_PERCENT:
		return ended ? 0 : percent_share(late, moment_ms - terms->due_ms);
	case KL_LATE_CUT:
		return ended || !late->until_ms ? 0 : FULL;
	case KL_LATE_COUNT:
		break;
	}
	return 0;
}
