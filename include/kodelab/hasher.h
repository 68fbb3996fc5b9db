#ifndef KODELAB_HASHER_H
#define KODELAB_HASHER_H

/*
 * Passwords hashed beside the loop: a process for each processor, a queue with a bound and a deadline. A hash costs 64 MiB and
 * tens of milliseconds by intent, so the processes are nice to whatever else the machine does. When the queue is
 * long, one address gets no more of it than what it leaves to the others.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/crypto.h>
#include <kodelab/error.h>

struct kl_hasher;
struct kl_loop;

struct kl_hasher_spec {
	const char *const *argv; /* a program that calls kl_hasher_work; NULL-terminated, kept */
	const char *const *env; /* as in kl_worker_spec, kept */
	size_t workers; /* 0: as many as there are processors */
	size_t queue_max; /* jobs that wait */
	int64_t patience_ms; /* a job that waited longer is not begun */
	struct kl_password_cost cost;
};

/*
 * Fires exactly once, from the loop. KL_OK: hash is what was made, or, for a check that found the password right and
 * the hash made at another cost, a new one; else "". KL_EDENIED: it is not the password · KL_ETIME: waited too long ·
 * KL_EIO: the process failed · KL_ECANCELED: the pool was closed.
 */
typedef void kl_hasher_fn(void *ctx, enum kl_status status, const char *hash);

enum kl_status kl_hasher_open(struct kl_hasher **out, struct kl_loop *loop, const struct kl_hasher_spec *spec,
			      struct kl_error *err) KL_MUST_CHECK;
void kl_hasher_close(struct kl_hasher *hasher); /* NULL is fine; every job that is left fires, KL_ECANCELED */
void kl_hasher_cost(struct kl_hasher *hasher, const struct kl_password_cost *cost); /* for jobs from now on */

struct kl_hasher_job { /* borrowed for the call */
	const char *password;
	size_t len;
	const char *hash; /* check: against this; NULL: there is none to be right, the work is done all the same */
	const char *from; /* whose share of the queue it takes: an address */
};

/* KL_EMANY: the queue is full, or from has its share of it: ask again later. */
enum kl_status kl_hasher_make(struct kl_hasher *hasher, const struct kl_hasher_job *job, kl_hasher_fn *fn, void *ctx,
			      struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_hasher_check(struct kl_hasher *hasher, const struct kl_hasher_job *job, kl_hasher_fn *fn, void *ctx,
			       struct kl_error *err) KL_MUST_CHECK;

/*
 * Nobody waits any more for the job that was asked for with ctx: it fires now, KL_ECANCELED, and gives its place in the queue to others. Nothing
 * happens when there is none.
 */
void kl_hasher_drop(struct kl_hasher *hasher, const void *ctx);

struct kl_hasher_figures {
	size_t waiting, running;
	int64_t done, refused, failed; /* since it was opened */
	int64_t wait_s; /* what a job that came now would wait, by the pace of the last ones */
};
void kl_hasher_figures(struct kl_hasher_figures *out, const struct kl_hasher *hasher);

/* What such a process does: lines from its standard input, answers to its standard output, until the input ends. */
void kl_hasher_work(void);

#endif
