#ifndef KODELAB_WORKER_H
#define KODELAB_WORKER_H

/*
 * A helper process with a deadline: what can block or be hostile runs there. Our own helpers speak JSON lines
 * (one object a line); other programs (compilers' doctors, editors) just have their output collected.
 *
 * The child gets its own process group, default signals, only descriptors 0-2, and exactly the environment
 * given. It is killed by group at the deadline, on kl_worker_cancel, and when the lab dies (PR_SET_PDEATHSIG).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

struct kl_loop;
struct kl_worker;

struct kl_worker_result {
	bool started; /* false: exec failed; error says why */
	bool timed_out;
	bool canceled;
	int wait_status; /* as by waitpid */
	struct kl_buf *out; /* what it wrote to stdout and was not taken as lines; borrowed for the call */
	struct kl_buf *err; /* its stderr; borrowed for the call */
	struct kl_error error;
};

/* line: without the newline, NUL-terminated. */
typedef void kl_worker_line_fn(void *ctx, const char *line, size_t len);
typedef void kl_worker_done_fn(void *ctx, const struct kl_worker_result *result);

struct kl_worker_spec {
	const char *const *argv; /* NULL-terminated; argv[0] is a path, or looked up in PATH */
	const char *const *env; /* NULL-terminated "NAME=value"; NULL: an empty environment with PATH, HOME, LANG */
	const char *dir; /* working folder; NULL: the current one */
	const void *input; /* written to its stdin, which is then closed; borrowed for the call, copied */
	size_t input_len;
	bool open_input; /* its stdin stays open: kl_worker_send */
	int64_t deadline_ms; /* from the start; 0: none */
	size_t output_max; /* bytes kept of each stream; 0: 1 MiB. Lines longer than this end the worker */
	kl_worker_line_fn *on_line; /* NULL: stdout is collected instead */
	kl_worker_done_fn *on_done; /* fires exactly once, from the loop, also after kl_worker_cancel */
	void *ctx;
};

/* On success *out lives until on_done returns; a program that cannot be run is told there (KL_ENOTOOL: not found). */
enum kl_status kl_worker_start(struct kl_worker **out, struct kl_loop *loop, const struct kl_worker_spec *spec,
			       struct kl_error *err) KL_MUST_CHECK;
/*
 * More for the stdin of a worker that was started with open_input; copied, and overwritten once it is written. Dropped when the
 * worker has closed its stdin: its end is told.
 */
void kl_worker_send(struct kl_worker *worker, const void *bytes, size_t len);
/* Kills the group now; on_done follows from the loop with canceled set. */
void kl_worker_cancel(struct kl_worker *worker);
/* The same, and waits until it is dead: on_done has returned then. For who will not turn the loop again; not from a callback of the worker. */
void kl_worker_end(struct kl_worker *worker);

/* In a child before its exec, also after vfork (system calls only): no handler, nothing ignored, nothing blocked. */
void kl_child_reset_signals(void);

#endif
