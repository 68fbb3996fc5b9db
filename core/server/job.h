#ifndef CORE_SERVER_JOB_H
#define CORE_SERVER_JOB_H

/*
 * One submission in one box: compile, run as often as asked for, verdict. Everything runs under bash, as Judge0 does it:
 * its users see exit code 139 for a crash and can use quotes in their arguments.
 */

#include <stdbool.h>

#include <kodelab/error.h>

struct job;
struct kl_box;
struct settings;
struct submission;
struct toolchain;

/*
 * Fires exactly once, from the loop, not from inside job_start; the job is freed afterwards. failure NULL: submission has
 * status_id and everything that the judge gives; else the sandbox itself failed and nothing is said about the program.
 */
typedef void job_done_fn(void *ctx, const char *failure);

/* submission is borrowed until done, and so is language. On failure done does not fire. */
enum kl_status job_start(struct job **out, struct kl_box *box, struct submission *submission,
			 const struct toolchain *language, const struct settings *settings, job_done_fn *done,
			 void *ctx, struct kl_error *err) KL_MUST_CHECK;

#endif
