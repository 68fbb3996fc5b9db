#ifndef CORE_SERVER_EXECUTOR_H
#define CORE_SERVER_EXECUTOR_H

/*
 * Takes submissions from the queue into warm boxes, or to judges elsewhere, as many at once as there are workers, and
 * writes what was found. Who waits is told when the transaction with the result is on the disk.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

struct executor;
struct kl_queue_entry;
struct kl_sandbox;
struct server;
struct toolchains;

/* entry is as it stands in the store now, result included; borrowed for the call. */
typedef void executor_done_fn(void *ctx, const struct kl_queue_entry *entry);

struct executor_use { /* borrowed for as long as the executor lives */
	struct server *server;
	struct kl_sandbox *sandbox; /* NULL: everything is judged elsewhere */
	const struct toolchains *toolchains;
	size_t workers;
	executor_done_fn *written; /* with its result, in this turn's transaction; again when that fails */
	executor_done_fn *done; /* that is on the disk */
	void *ctx;
};

enum kl_status executor_open(struct executor **out, const struct executor_use *use, struct kl_error *err) KL_MUST_CHECK;
void executor_close(struct executor *executor); /* kills what runs and gives it back to the queue; NULL is fine */
void executor_turn(struct executor *executor); /* claims */
void executor_committed(struct executor *executor, bool committed); /* tells */
bool executor_busy(const struct executor *executor);

#endif
