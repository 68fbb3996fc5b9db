/* Counts of judges elsewhere, added up: see tally.h. */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/store_judge.h>

static const char *const words[TALLY_WHAT_COUNT] = {
	[TALLY_RUNS] = "run",         [TALLY_FAILED] = "failed", [TALLY_SENT] = "submission",
	[TALLY_REQUESTS] = "request", [TALLY_REUSED] = "cached",
};

static const char *const times[TALLY_TIMES] = {
	"ms 100", "ms 200", "ms 500", "ms 1000", "ms 2000", "ms 5000", "ms 10000", "ms 30000", "ms more",
};

/* The line of a judge and language: the last one, or a new one behind it, as rows come in order. */
static struct tally_line *line_of(struct tally *tally, const struct kl_judge_count *count)
{
	if (tally->count) {
		struct tally_line *last = &tally->lines[tally->count - 1];

		if (!strcmp(last->judge, count->instance) && !strcmp(last->language, count->language))
			return last;
	}
	KL_GROW(tally->lines, tally->count, tally->capacity);
	tally->lines[tally->count] =
		(struct tally_line){ .judge = kl_strdup(count->instance), .language = kl_strdup(count->language) };
	return &tally->lines[tally->count++];
}

static void take(void *ctx, const struct kl_judge_count *count)
{
	struct tally_line *line = line_of(ctx, count);

	for (size_t i = 0; i < TALLY_WHAT_COUNT; i++)
		if (!strcmp(words[i], count->what))
			line->counts[i] += count->count;
	for (size_t i = 0; i < TALLY_TIMES; i++)
		if (!strcmp(times[i], count->what))
			line->times[i] += count->count;
}

enum kl_status tally_read(struct tally *tally, struct kl_store *store, struct kl_error *err)
{
	enum kl_status status;

	tally_release(tally);
	status = kl_store_counts_each(store, take, tally, err);
	if (status)
		tally_release(tally);
	return status;
}

void tally_release(struct tally *tally)
{
	for (size_t i = 0; i < tally->count; i++) {
		free(tally->lines[i].judge);
		free(tally->lines[i].language);
	}
	free(tally->lines);
	*tally = (struct tally){ .lines = NULL };
}

struct tally_line tally_sum(const struct tally *tally, const char *judge, const char *language)
{
	struct tally_line sum = { .judge = NULL };

	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_line *line = &tally->lines[i];

		if ((judge && strcmp(judge, line->judge) != 0) || (language && strcmp(language, line->language) != 0))
			continue;
		for (size_t what = 0; what < TALLY_WHAT_COUNT; what++)
			sum.counts[what] += line->counts[what];
		for (size_t part = 0; part < TALLY_TIMES; part++)
			sum.times[part] += line->times[part];
	}
	return sum;
}

const char *tally_bound(size_t part)
{
	return times[part] + strlen("ms ");
}

size_t tally_half(const struct tally_line *line)
{
	int64_t all = 0, seen = 0;
	size_t part = 0;

	for (size_t i = 0; i < TALLY_TIMES; i++)
		all += line->times[i];
	if (!all)
		return TALLY_TIMES;
	for (seen = line->times[0]; 2 * seen < all; seen += line->times[part])
		part++;
	return part;
}
