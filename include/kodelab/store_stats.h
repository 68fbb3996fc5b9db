#ifndef KODELAB_STORE_STATS_H
#define KODELAB_STORE_STATS_H

/*
 * Counts of judged works in the class server's store: what analytics show. They change in the transaction that writes a
 * verdict, and back when it is judged anew, so asking costs the same for ten works and a million. Only works with a verdict count:
 * what the judge itself could not run is nobody's failure.
 */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

struct kl_store;

struct kl_challenge_stats {
	int64_t works, passed; /* judged submissions, and those that passed all tests */
	int64_t tried, solved; /* users */
	int64_t last_ms; /* the newest one's arrival; 0: never */
};

/* All zero when nobody has tried it. */
enum kl_status kl_store_stats_challenge(struct kl_challenge_stats *out, struct kl_store *store, const char *pack,
					const char *slug, struct kl_error *err) KL_MUST_CHECK;
/* Those that were tried, most users first; borrowed for the call, as everywhere here. fn must not call the store. */
typedef void kl_stats_challenge_fn(void *ctx, const char *pack, const char *slug,
				   const struct kl_challenge_stats *stats);
enum kl_status kl_store_stats_challenges(struct kl_store *store, kl_stats_challenge_fn *fn, void *ctx,
					 struct kl_error *err) KL_MUST_CHECK;

/*
 * Counts of a challenge by what and name, each kind together, the largest first: "verdict" and kl_verdict_word; "test" and the id of a test
 * that was failed; "tries" and the number of works until a user's first pass; "time:<language>" and n: the processor time of the slowest test was at
 * most 2^n ms.
 */
typedef void kl_stats_count_fn(void *ctx, const char *what, const char *name, int64_t total);
enum kl_status kl_store_stats_counts(struct kl_store *store, const char *pack, const char *slug, kl_stats_count_fn *fn,
				     void *ctx, struct kl_error *err) KL_MUST_CHECK;

/* at: the week's or day's number since 1970-01-01 UTC; weeks begin on Monday. solved: first passes. */
typedef void kl_stats_period_fn(void *ctx, int64_t at, int64_t works, int64_t passed, int64_t solved);
enum kl_status kl_store_stats_weeks(struct kl_store *store, const char *pack, const char *slug, int64_t from_week,
				    kl_stats_period_fn *fn, void *ctx, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_stats_days(struct kl_store *store, const char *user, int64_t from_day, kl_stats_period_fn *fn,
				   void *ctx, struct kl_error *err) KL_MUST_CHECK;
int64_t kl_stats_day(int64_t wall_ms);
int64_t kl_stats_week(int64_t wall_ms);
int64_t kl_stats_week_begins_ms(int64_t week);

typedef void kl_stats_language_fn(void *ctx, const char *language, int64_t works, int64_t passed);
enum kl_status kl_store_stats_languages(struct kl_store *store, const char *user, kl_stats_language_fn *fn, void *ctx,
					struct kl_error *err) KL_MUST_CHECK;

#endif
