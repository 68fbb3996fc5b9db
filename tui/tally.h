#ifndef TUI_TALLY_H
#define TUI_TALLY_H

/* What judges elsewhere did, added up from the store's counts: for `kodelab judge stats` and the screen. */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

struct kl_store;

enum tally_what {
	TALLY_RUNS, /* that ended with a verdict */
	TALLY_FAILED, /* that ended without one: the judge's fault */
	TALLY_SENT, /* submissions */
	TALLY_REQUESTS,
	TALLY_REUSED, /* results kept from before, for which nothing was sent */
	TALLY_WHAT_COUNT
};

enum { TALLY_TIMES = 9 }; /* parts of the histogram */

struct tally_line { /* of one judge and language */
	char *judge, *language; /* owned; NULL in a sum of several */
	int64_t counts[TALLY_WHAT_COUNT], times[TALLY_TIMES];
};

struct tally { /* zeroed: empty; by judge, then language */
	struct tally_line *lines;
	size_t count, capacity;
};

/* Reads it anew. On failure it is empty. */
enum kl_status tally_read(struct tally *tally, struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;
void tally_release(struct tally *tally);

/* All lines of the judge and the language together; NULL: whatever it is. */
struct tally_line tally_sum(const struct tally *tally, const char *judge, const char *language);

/* "500", milliseconds that a part of the histogram reaches up to; "more" for the last one. */
const char *tally_bound(size_t part);
/* The part that the faster half of the runs ends in; TALLY_TIMES: nothing ran. */
size_t tally_half(const struct tally_line *line);

#endif
