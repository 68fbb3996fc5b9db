#ifndef TUI_KEPT_H
#define TUI_KEPT_H

/* Runs that no judge could take: kept, and sent later, by the open lab (keeper.h) or by `kodelab judge send`. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/store_kept.h>

#include "work.h"

struct kl_instances;

/*
 * Keeps what was judged in vain, when it may be judged later: id is "" when not. record->report says why. What is kept
 * becomes an attempt with the time of now.
 */
enum kl_status kept_keep(char id[KL_ID_SIZE], struct kl_store *store, const struct work_record *record,
			 struct kl_error *err) KL_MUST_CHECK;

/* "10:12", on another day "2026-03-01 10:12". */
#define KEPT_TIME_SIZE 24
void kept_time(char text[KEPT_TIME_SIZE], const struct kl_kept_run *run, int64_t now_ms);

enum kept_end {
	KEPT_JUDGED, /* it is an attempt now */
	KEPT_GONE, /* somebody else has judged, replaced or dropped it: nothing to tell */
	KEPT_WAITS, /* no judge could take it: it stays */
	KEPT_STUCK, /* it cannot be judged as things are, whatever judge works: it stays */
};

struct kept_news { /* borrowed for the call */
	enum kept_end end;
	const struct kl_kept_run *run;
	const struct kl_challenge *challenge; /* NULL: is not there any more */
	const struct kl_report *report; /* NULL: it was not sent */
	bool first_pass;
	const char *
		words; /* one sentence for the student: "your run of welcome from 10:12 was judged: 3 of 5 tests passed" */
};

struct kept_means { /* borrowed, as long as something is on its way */
	struct kl_loop *loop;
	const struct kl_clock *clock;
	struct kl_store *store;
	struct kl_catalogue *catalogue;
	struct kl_judge *judge;
	const struct kl_instances *instances; /* NULL: none */
	const char *work; /* the folder of the student's files */
};

struct kept_sending;
typedef void kept_sent_fn(void *ctx, const struct kept_news *news);

/* Sends one; run is taken, with its strings. done fires exactly once, from the loop, unless it is stopped. */
struct kept_sending *kept_send(const struct kept_means *means, struct kl_kept_run *run, kept_sent_fn *done, void *ctx);
/* Nothing is lost: it stays kept. NULL is fine. */
void kept_stop(struct kept_sending *sending);

#endif
