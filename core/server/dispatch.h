#ifndef CORE_SERVER_DISPATCH_H
#define CORE_SERVER_DISPATCH_H

/*
 * A submission run on a judge elsewhere, with a key of the pool: what job.h is for one that runs here. Where it lies, and
 * under which token, is in the store until its result is: one that was sent is not sent again after a restart.
 */

#include <stdint.h>

struct dispatch;
struct kl_queue_entry;
struct server;
struct submission;

enum dispatch_end {
	DISPATCH_JUDGED, /* submission has status_id and everything that the judge gave */
	DISPATCH_REFUSED, /* it is no use to try again: sentence, for its sender */
	DISPATCH_FAILED, /* it was sent in vain: sentence */
	DISPATCH_NOBODY, /* nobody can take it before retry_ms (wall; 0: not known): sentence */
};

struct dispatch_result { /* borrowed for the call */
	enum dispatch_end end;
	const char *sentence;
	int64_t retry_ms;
};

/* Fires exactly once, from the loop, or from inside dispatch_close. */
typedef void dispatch_done_fn(void *ctx, const struct dispatch_result *result);

struct dispatch_spec { /* pointers borrowed until done */
	struct server *server;
	const struct kl_queue_entry *entry;
	struct submission *submission;
	const char *language; /* its name */
	int64_t *expected_ms; /* as in kodelab/relay.h */
	dispatch_done_fn *done;
	void *ctx;
};

struct dispatch *dispatch_start(const struct dispatch_spec *spec);
void dispatch_close(struct dispatch *dispatch);

#endif
