#ifndef CORE_BASE_WORKER_INT_H
#define CORE_BASE_WORKER_INT_H

/* Starting a process, apart from watching it. */

#include <sys/types.h>

#include <kodelab/error.h>

struct kl_worker_spec;

struct kl_spawned {
	pid_t pid;
	int in, out, err; /* our ends, non-blocking, close-on-exec; the caller closes them */
	int exec_errno; /* not 0: the program could not be run; pid is there to be reaped all the same */
};

/* Starts spec's program in its own process group. Fails when there are no descriptors or processes left. */
enum kl_status kl_spawn(struct kl_spawned *out, const struct kl_worker_spec *spec, struct kl_error *err) KL_MUST_CHECK;

#endif
