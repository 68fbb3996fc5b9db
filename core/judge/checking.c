/*
 * Checker programs: they see the answer of a program, and what was expected. So they run here, whoever ran the
 * student's program, in a box of their own that never sees it, one answer after the other.
 */

#include "core/judge/judge_int.h"

#include <string.h>

#include <kodelab/alloc.h>

#define CHECKER_KIB ((int64_t)1 << 20)

struct check { /* an output that waits for the checker program */
	size_t index;
	char *output;
	size_t len;
};

struct judge_checks {
	struct kl_job *job;
	struct kl_box *box;
	char **compile, **run;
	struct check *list;
	size_t count, next, capacity;
	size_t checked; /* the test whose output is being looked at */
	bool busy, ready, closing;
	judge_checks_fn *moved;
	void *ctx;
};

static enum kl_status go_on(struct judge_checks *checks, struct kl_error *err);

static void on_checked(void *ctx, const struct kl_box_result *result)
{
	struct judge_checks *checks = ctx;
	struct kl_report *report = checks->job->report;
	struct kl_error err = { .message = "" };
	enum kl_status status;

	checks->busy = false;
	if (checks->closing)
		return;
	if (result->end != KL_END_CANCELED && report->compile != KL_COMPILE_FAILED) {
		judge_verdict_checked(&report->tests[checks->checked], result);
		judge_report_count(report, checks->checked);
		judge_job_progress(checks->job);
	}
	status = go_on(checks, &err);
	checks->moved(checks->ctx, status ? &err : NULL);
}

/* "checker input answer feedback_dir < output"; what is compiled lies in the box already. */
static enum kl_status run_check(struct judge_checks *checks, struct kl_error *err)
{
	static char names[][16] = { "input", "answer", "feedback/none" };
	static char nothing[1];
	const struct judge_plan *plan = &checks->job->plan;
	const struct check *check = &checks->list[checks->next++];
	const struct judge_run *run = &plan->runs[check->index];
	size_t own = checks->compile ? 0 : plan->checker.file_count, count = own + KL_LENGTH(names);
	struct kl_file *files = kl_calloc(count, sizeof(*files));
	struct kl_box_run box = { .argv = (const char *const *)checks->run,
				  .files = files,
				  .file_count = count,
				  .input = check->output,
				  .input_len = check->len,
				  .cpu_ms = 10000,
				  .memory_kib = CHECKER_KIB,
				  .output_max = JUDGE_STREAM_MAX };
	enum kl_status status;

	if (own)
		memcpy(files, plan->checker.files, own * sizeof(*files));
	files[own] = (struct kl_file){ names[0], run->input, run->input_len };
	files[own + 1] =
		(struct kl_file){ names[1], run->test->output ? run->test->output : nothing, run->test->output_len };
	files[own + 2] = (struct kl_file){ names[2], nothing, 0 };
	status = kl_box_run(checks->box, &box, on_checked, checks, err);
	checks->busy = !status;
	checks->checked = check->index;
	free(files);
	return status;
}

static enum kl_status go_on(struct judge_checks *checks, struct kl_error *err)
{
	if (checks->job->canceled)
		checks->next = checks->count;
	return checks->ready && !checks->busy && checks->next < checks->count ? run_check(checks, err) : KL_OK;
}

static void on_compiled(void *ctx, const struct kl_box_result *result)
{
	struct judge_checks *checks = ctx;
	struct kl_error err = { .message = "" };
	enum kl_status status = KL_OK;

	checks->busy = false;
	if (checks->closing)
		return;
	checks->ready = result->end == KL_END_EXITED && !result->exit_code;
	if (checks->ready)
		status = go_on(checks, &err);
	else if (!checks->job->canceled)
		status = kl_fail(&err, KL_EINVAL, "the checker program does not compile: run 'kodelab check'");
	checks->moved(checks->ctx, status ? &err : NULL);
}

static enum kl_status prepare(struct judge_checks *checks, struct kl_error *err)
{
	static char words[][16] = { "input", "answer", "feedback" };
	static char *const arguments[] = { words[0], words[1], words[2] };
	struct judge_plan *plan = &checks->job->plan;
	struct kl_sandbox *sandbox;
	struct kl_box_run run;
	enum kl_status status = judge_sandbox(&sandbox, checks->job->judge, err);

	if (status || (status = kl_box_open(&checks->box, sandbox, plan->checker_language->binds, err)))
		return status;
	checks->compile = judge_argv(plan->checker.compile, CHECKER_KIB, NULL, 0);
	checks->run = judge_argv(plan->checker.run, CHECKER_KIB, arguments, KL_LENGTH(arguments));
	checks->ready = !checks->compile;
	if (checks->ready)
		return KL_OK;
	run = judge_compile_run(plan->checker_language, &plan->checker, checks->compile);
	status = kl_box_run(checks->box, &run, on_compiled, checks, err);
	checks->busy = !status;
	return status;
}

enum kl_status judge_checks_open(struct judge_checks **out, struct kl_job *job, judge_checks_fn *moved, void *ctx,
				 struct kl_error *err)
{
	struct judge_checks *checks = kl_calloc(1, sizeof(*checks));
	enum kl_status status;

	*checks = (struct judge_checks){ .job = job, .moved = moved, .ctx = ctx };
	status = prepare(checks, err);
	if (status)
		judge_checks_close(checks);
	else
		*out = checks;
	return status;
}

void judge_checks_close(struct judge_checks *checks)
{
	if (!checks)
		return;
	checks->closing = true;
	kl_box_close(checks->box);
	for (size_t i = 0; i < checks->count; i++)
		free(checks->list[i].output);
	free(checks->list);
	judge_argv_free(checks->compile);
	judge_argv_free(checks->run);
	free(checks);
}

enum kl_status judge_checks_add(struct judge_checks *checks, size_t index, const struct kl_box_result *result,
				struct kl_error *err)
{
	KL_GROW(checks->list, checks->count, checks->capacity);
	checks->list[checks->count++] =
		(struct check){ index, kl_strndup(result->out, result->out_len), result->out_len };
	return go_on(checks, err);
}

void judge_checks_cancel(struct judge_checks *checks)
{
	if (!checks)
		return;
	checks->next = checks->count;
	if (checks->busy)
		kl_box_cancel(checks->box);
}

bool judge_checks_idle(const struct judge_checks *checks)
{
	return !checks || (!checks->busy && checks->next >= checks->count);
}
