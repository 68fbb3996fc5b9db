#ifndef KODELAB_JUDGE_H
#define KODELAB_JUDGE_H

/*
 * Judging: a submission goes in, per-test results come out as they are ready. This header knows no backend;
 * backends (core/judge/local.c; later judge0.c, remote.c) are rows of struct kl_judge_backend.
 * Expected values are compared here, outside any sandbox.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/challenge.h>
#include <kodelab/error.h>
#include <kodelab/language.h>

struct kl_buf;
struct kl_instances;
struct kl_judge;
struct kl_job;
struct kl_keypool;
struct kl_loop;
struct kl_paths;
struct kl_sandbox;
struct kl_store;

enum kl_verdict {
	KL_VERDICT_PENDING,
	KL_VERDICT_PASSED,
	KL_VERDICT_WRONG,
	KL_VERDICT_TIME,
	KL_VERDICT_MEMORY,
	KL_VERDICT_OUTPUT,
	KL_VERDICT_RUNTIME,
	KL_VERDICT_COMPILE,
	KL_VERDICT_INTERNAL, /* the judge's own failure: nothing is counted against the student */
	KL_VERDICT_SKIPPED, /* cancelled before it ran */
	KL_VERDICT_RAN, /* an own input without expectation: just ran */
	KL_VERDICT_COUNT,
};

const char *kl_verdict_name(enum kl_verdict verdict); /* "wrong answer": for people */
const char *kl_verdict_word(enum kl_verdict verdict); /* "wrong_answer": for JSON and the store */

struct kl_test_result {
	enum kl_verdict verdict;
	char *detail; /* one sentence: "SIGSEGV (bad memory access)", "ValueError: …", "line 2 differs"; owned, may be NULL */
	int64_t cpu_us, wall_us, peak_kib;
	int exit_code, signo;
	char *out, *err; /* the student's own stdout and stderr (bytes, NUL-terminated); owned, may be NULL */
	size_t out_len, err_len;
	bool out_cut, err_cut;
	char *actual; /* what is compared: the value as JSON, or stdout (then NULL: see out); owned */
	char *expected; /* as text, only when the disclosure lets the student see it; owned, may be NULL */
	bool show_actual, show_input; /* by disclosure */
};

enum kl_compile_state { KL_COMPILE_NONE, KL_COMPILE_OK, KL_COMPILE_FAILED };

struct kl_report {
	enum kl_verdict verdict; /* PASSED when all passed, else the first failing test's */
	enum kl_compile_state compile;
	char *messages; /* the compiler's, line numbers mapped back to the student's file; owned, may be NULL */
	struct kl_test_result *tests; /* in the order of the challenge's chosen tests */
	const struct kl_test *
		*asked; /* the tests they belong to: borrowed from the submission's challenge and own tests */
	size_t count, done, passed;
	double score; /* 0-100 */
	int64_t wall_ms;
	struct kl_error error; /* INTERNAL */
	bool later; /* INTERNAL: no judge could take it, or has judged it yet; the same may be sent again */
	char note
		[256]; /* what the judge does now, or did: "judge 'school', Python (3.8.1): one request for all tests" */
	char where[160]; /* who judged: "school, Python (3.8.1)"; "": this machine */
	bool cached; /* the results are those of an earlier run of the same */
	struct kl_test
		*stubs; /* of a report read from JSON: what asked points at (id, name, sample, own); owned, else NULL */
};

/* Places in messages and tracebacks, for jumping: lines of the student's own file. */
struct kl_place {
	int line1, column1; /* 1-based; column 0: unknown */
	bool warning;
	char *message; /* owned */
};

struct kl_submission {
	const struct kl_challenge *challenge; /* must live until done; NULL: playground (code and own tests only) */
	const struct kl_language *language;
	const char *code; /* borrowed for the call */
	size_t code_len;
	bool samples_only; /* Run; false: Submit */
	const struct kl_test *own; /* the student's own inputs; must live until done */
	size_t own_count;
	const char *only; /* id of one test; NULL: all */
	const char *
		user; /* whose it is, for a fair share of the keys; NULL: of nobody in particular. Borrowed for the call */
	size_t at_once; /* so many tests at the same time here; 0: as many as there are processors */
};

/* progress fires after each finished test (and once after compiling); done exactly once, from the loop, also after a cancel.
 * The report is borrowed for the call; kl_report_copy keeps one. */
typedef void kl_judge_progress_fn(void *ctx, const struct kl_report *report);
typedef void kl_judge_done_fn(void *ctx, const struct kl_report *report);

/* paths NULL: it opens no sandbox. Both are borrowed. */
enum kl_status kl_judge_open(struct kl_judge **out, struct kl_loop *loop, const struct kl_paths *paths,
			     struct kl_error *err) KL_MUST_CHECK; /* cheap: the sandbox is tried on first use */
void kl_judge_close(struct kl_judge *judge);
/* A sandbox that is open already and outlives the judge: it opens none of its own then. Before the first submission. */
void kl_judge_lend_sandbox(struct kl_judge *judge, struct kl_sandbox *sandbox);

/* Judge0 instances beside this machine's sandbox; all of it must outlive the judge. */
struct kl_judge_elsewhere {
	struct kl_instances *instances;
	struct kl_keypool *keys; /* NULL: none */
	struct kl_store *store; /* remembers what is under way and what was done; NULL: nothing is */
	/* "local", "judge0" (any instance), an instance's name, or "auto": local when the tools are here and the sandbox holds */
	const char *choice;
	bool erase; /* what was judged is deleted there, where that is allowed and the second secret is known */
	bool cache; /* the same program on the same input is not asked for twice */
	int64_t patience_ms; /* how long a run tries to reach an instance; 0: a minute */
};
void kl_judge_use(struct kl_judge *judge, const struct kl_judge_elsewhere *elsewhere);
/* KL_ENOTOOL: the toolchain is missing ("needs gcc: sudo apt install gcc") · KL_EINVAL: the challenge does not take this language. */
enum kl_status kl_judge_submit(struct kl_job **out, struct kl_judge *judge, const struct kl_submission *sub,
			       kl_judge_progress_fn *progress, kl_judge_done_fn *done, void *ctx,
			       struct kl_error *err) KL_MUST_CHECK;
/* When a submission in language may be taken: 0 now, else wall time; -1: by waiting it will not. */
int64_t kl_judge_ready_ms(struct kl_judge *judge, const struct kl_language *language);
void kl_judge_cancel(struct kl_job *job);
/* For one who goes away: stops the job at once; neither progress nor done fires any more. Not from inside them. */
void kl_judge_abandon(struct kl_job *job);
/* Opens the sandbox if it is not yet: its level and advice for doctor. */
int kl_judge_sandbox_level(struct kl_judge *judge, const char **advice);

struct kl_report *kl_report_copy(const struct kl_report *report);
void kl_report_free(struct kl_report *report);

/*
 * A report as JSON for the store: outputs are cut at 8 KiB per test, and left out behind the first 384 KiB of them. What the
 * disclosure hides from the student is not in it. out stays as it was where the whole does not fit: 1 MiB is enough for any but
 * the oddest of a thousand tests.
 */
void kl_report_json(const struct kl_report *report, struct kl_buf *out);
/* Reads it back; kl_report_free. KL_ECORRUPT: it is no report. */
enum kl_status kl_report_from_json(struct kl_report **out, const char *text, size_t len,
				   struct kl_error *err) KL_MUST_CHECK;

/* Places named in text (compiler messages, a traceback), at most max; returns how many. Release each message with free(). */
size_t kl_report_places(const struct kl_language *language, const char *text, struct kl_place *places, size_t max);

#endif
