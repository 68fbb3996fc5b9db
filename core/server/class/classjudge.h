#ifndef CORE_SERVER_CLASS_CLASSJUDGE_H
#define CORE_SERVER_CLASS_CLASSJUDGE_H

/* A work of the class judged with all tests of its challenge: what job.h is for a submission of the Judge0 API. */

#include <stdint.h>

#include <kodelab/error.h>

struct classjudge;
struct kl_queue_entry;
struct kl_work;
struct server;

enum classjudge_end {
	CLASSJUDGE_JUDGED, /* found is for good: a verdict, or a refusal that no other try would change */
	CLASSJUDGE_FAILED, /* the judge itself failed: found is for good when there is no further try */
	CLASSJUDGE_OUTDATED, /* its tests were corrected meanwhile: it is to be judged by those, and that was no try */
	CLASSJUDGE_NOBODY, /* nobody can take it before retry_ms (wall; 0: not known) */
};

struct classjudge_result {
	enum classjudge_end end;
	const char *sentence; /* FAILED, NOBODY: borrowed for the call */
	int64_t retry_ms;
	struct kl_work
		*found; /* as kl_intake_judged has it; the receiver's: classjudge_forget. NULL: OUTDATED, NOBODY */
};

/* Fires exactly once, from the loop, or from inside classjudge_close; not from inside classjudge_start. */
typedef void classjudge_done_fn(void *ctx, const struct classjudge_result *result);

/* entry is borrowed until done. */
struct classjudge *classjudge_start(struct server *server, const struct kl_queue_entry *entry, classjudge_done_fn *done,
				    void *ctx);
void classjudge_close(struct classjudge *judging); /* ends as NOBODY */
void classjudge_forget(struct kl_work *found); /* NULL is fine */

/* The report of a work that is not tried any more, because the server died with it each time; malloc'd. */
char *classjudge_given_up(void);

/* In this turn's transaction: the verdict and the end of the claim. KL_ECONFLICT: somebody else has the claim. */
enum kl_status classjudge_write(struct server *server, const struct kl_queue_entry *entry, const struct kl_work *found,
				struct kl_error *err) KL_MUST_CHECK;
/* It is on the disk: whoever waits for it is told. */
void classjudge_tell(struct server *server, const struct kl_queue_entry *entry, const struct kl_work *found);

#endif
