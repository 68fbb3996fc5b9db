#ifndef CORE_JUDGE_JUDGE_INT_H
#define CORE_JUDGE_JUDGE_INT_H

/*
 * What the files of the judge share. A submission becomes a plan (plan.c: one compile and a run per test), a backend
 * carries it out (local.c), results become verdicts in a report (report.c). judge.c holds the jobs.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <kodelab/buf.h>
#include <kodelab/harness.h>
#include <kodelab/judge.h>
#include <kodelab/loop.h>
#include <kodelab/sandbox.h>

#define JUDGE_CODE_MAX     ((size_t)1 << 20)
#define JUDGE_MESSAGES_MAX ((size_t)64 << 10) /* of a compiler's messages */
#define JUDGE_STREAM_MAX   ((size_t)64 << 10) /* kept of a test's stdout and stderr */
#define JUDGE_TEXT_MAX     ((size_t)256 << 10) /* of an actual or expected value as text */

/* --- plan.c ------------------------------------------------------------------------------------------------------- */

struct judge_run {
	const struct kl_test *test; /* borrowed */
	char **argv; /* owned */
	char *input; /* owned */
	size_t input_len;
	int64_t cpu_ms; /* the limit that is told: scaled for the language */
	int64_t memory_kib; /* likewise; runtimes with a heap of their own get more from the box */
	int64_t output_bytes;
};

struct judge_plan {
	const struct kl_challenge *challenge; /* borrowed, may be NULL */
	const struct kl_language *language;
	bool function;
	struct kl_harness harness;
	char **compile; /* filled in, owned; NULL: nothing to compile */
	struct judge_run *runs;
	size_t count;
	const struct kl_language *checker_language; /* NULL: no checker program */
	struct kl_harness checker;
};

/* here: it will run on this machine, whose tools are needed then. KL_EINVAL, KL_ENOTOOL as kl_judge_submit. */
enum kl_status judge_plan_make(struct judge_plan *out, const struct kl_submission *sub, bool here,
			       struct kl_error *err) KL_MUST_CHECK;
void judge_plan_release(struct judge_plan *plan);
/* Compiling with the plan's (or the checker's) harness; argv is borrowed. */
struct kl_box_run judge_compile_run(const struct kl_language *language, const struct kl_harness *harness,
				    char *const *argv);
/* The run of one test; files gets the list it points at, which the caller frees after kl_box_run. */
struct kl_box_run judge_test_run(const struct judge_plan *plan, const struct judge_run *run, struct kl_file **files);
/* argv with {memory_mib} filled in, owned: judge_argv_free. NULL gives NULL. */
char **judge_argv(char *const *argv, int64_t memory_kib, char *const *more, size_t more_count);
void judge_argv_free(char **argv);

/* --- report.c, verdict.c, failure.c ------------------------------------------------------------------------------- */

struct kl_report *judge_report_new(const struct judge_plan *plan);
/* What compiling gave. False: the tests cannot run. */
bool judge_report_compiled(struct kl_report *report, const struct judge_plan *plan, const struct kl_box_result *result);
/*
 * What a run of the test at index gave: its verdict, not counted yet (a checker program may have the last word).
 * False: the language has no compiler, and the run says that the source could not be read. The whole is COMPILE now, as
 * if a compiler had said so: nothing more need run, and what still comes back is not looked at.
 */
bool judge_report_ran(struct kl_report *report, const struct judge_plan *plan, size_t index,
		      const struct kl_box_result *result);
/* Counts the finished test at index: hides what its disclosure hides, updates done, passed, score. */
void judge_report_count(struct kl_report *report, size_t index);
/* All is done, or was cancelled: the verdict of the whole; what did not run is SKIPPED. */
void judge_report_end(struct kl_report *report, bool canceled);

/* One test's result. A checker program, if there is one, has the last word: judge_verdict_checked. */
void judge_verdict(struct kl_test_result *out, const struct judge_plan *plan, const struct judge_run *run,
		   const struct kl_box_result *result);
void judge_verdict_checked(struct kl_test_result *out, const struct kl_box_result *result);
/* Hides from out what the disclosure of test hides. */
void judge_disclose(struct kl_test_result *out, const struct kl_test *test);

/* What a program that failed said: "ValueError: no pair", from its standard error. False: nothing one can name. */
bool judge_failure_said(const struct kl_language *language, const char *err, size_t len, struct kl_buf *out);
/* "SIGSEGV: bad memory access". */
void judge_signal_text(int signo, struct kl_buf *out);
/* Does the failure say that there was no memory? */
bool judge_is_no_memory(const char *said);

/* places.c: does text say that the source could not be read? Adds its words to out, quoted lines as they are in code (may be NULL). */
bool judge_refused(const struct kl_language *language, const char *code, const char *text, struct kl_buf *out);

/* Text of a compiler or program with paths of the box made the student's own: "/box/solution.py" → "solution.py". Owned. */
char *judge_own_paths(const char *text, size_t len, size_t *out_len);

/* --- checking.c: answers that a checker program judges ------------------------------------------------------------- */

struct judge_checks;

/* Something was checked, or (why not NULL) nothing more can be. */
typedef void judge_checks_fn(void *ctx, const struct kl_error *why);

/* Makes the job's checker program ready; moved tells when it is. */
enum kl_status judge_checks_open(struct judge_checks **out, struct kl_job *job, judge_checks_fn *moved, void *ctx,
				 struct kl_error *err) KL_MUST_CHECK;
void judge_checks_close(struct judge_checks *checks); /* NULL is fine, here and below */
/* The answer of the test at index, which is counted when it is checked; result is borrowed for the call. */
enum kl_status judge_checks_add(struct judge_checks *checks, size_t index, const struct kl_box_result *result,
				struct kl_error *err) KL_MUST_CHECK;
void judge_checks_cancel(struct judge_checks *checks);
bool judge_checks_idle(
	const struct judge_checks *checks); /* nothing is being made ready or checked, and nothing waits */

/* --- judge.c ------------------------------------------------------------------------------------------------------ */

/*
 * A backend carries a job's plan out: fills the report, tells progress, and ends the job exactly once with
 * judge_job_end, from the loop, also after cancel. release frees what is left in job->state and must stop everything.
 */
struct kl_judge_backend {
	const char *name;
	enum kl_status (*start)(struct kl_job *job, struct kl_error *err);
	void (*cancel)(struct kl_job *job);
	void (*release)(struct kl_job *job);
};

struct kl_job {
	struct kl_judge *judge;
	const struct kl_judge_backend *backend;
	void *state; /* the backend's */
	struct judge_plan plan;
	struct kl_report *report;
	kl_judge_progress_fn *progress; /* may be NULL */
	kl_judge_done_fn *done;
	void *ctx;
	bool samples; /* a run, not a submit: nobody keeps its verdict */
	char *only; /* the instance that is to judge it; NULL: any; owned */
	char *user; /* owned, "": nobody in particular */
	size_t at_once; /* as in struct kl_submission */
	bool canceled, ending;
	int64_t start_ms;
	struct kl_timer *end; /* fires done */
	LIST_ENTRY(kl_job) link;
};

struct kl_judge {
	struct kl_loop *loop;
	const struct kl_paths *paths;
	struct kl_sandbox *sandbox; /* NULL: not tried yet */
	bool lent; /* it is somebody else's */
	struct kl_judge_elsewhere elsewhere; /* instances NULL: none */
	LIST_HEAD(judge_jobs, kl_job) jobs;
};

void judge_job_progress(struct kl_job *job);
/* What it does now, for people; tells progress. */
void judge_job_note(struct kl_job *job, const char *fmt, ...) KL_PRINTF(2, 3);
void judge_job_end(struct kl_job *job);
/* The sandbox, opened on first use. */
enum kl_status judge_sandbox(struct kl_sandbox **out, struct kl_judge *judge, struct kl_error *err) KL_MUST_CHECK;

extern const struct kl_judge_backend judge_local, judge_judge0;

#endif
