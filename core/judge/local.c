/*
 * The sandbox of this machine as a judge: one box compiles and keeps, then the tests are spread over as many boxes
 * ("lanes") as there are cores. A lane takes the next test when it is free; a crash costs its own test and no other.
 * A checker program has a box of its own, which never sees the student's program, only its output.
 */

#include "core/judge/judge_int.h"

#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#define LANES_MAX 8

struct local;

struct lane {
	struct local *local;
	struct kl_box *box;
	size_t index; /* of the test it runs */
	bool busy, again; /* again: the same test for the second time */
};

struct check { /* an output that waits for the checker program */
	size_t index;
	char *output;
	size_t len;
};

struct local {
	struct kl_job *job;
	struct lane lanes[LANES_MAX];
	size_t lane_count;
	size_t next; /* test to run */
	struct kl_box *checker;
	char **checker_compile, **checker_run;
	struct check *checks;
	size_t check_count, check_next, check_capacity;
	size_t checked; /* the test whose output the checker program looks at */
	bool checking;
	bool closing;
};

static void go_on(struct local *local);

/* --- ending ------------------------------------------------------------------------------------------------------- */

static bool is_idle(const struct local *local)
{
	for (size_t i = 0; i < local->lane_count; i++)
		if (local->lanes[i].busy)
			return false;
	return !local->checking;
}

/* The judge itself cannot go on. */
static void give_up(struct local *local, const struct kl_error *why)
{
	struct kl_report *report = local->job->report;

	report->error = *why;
	report->verdict = KL_VERDICT_INTERNAL;
	local->next = local->job->plan.count;
	local->check_next = local->check_count;
	if (is_idle(local))
		judge_job_end(local->job);
}

/* --- the checker program ------------------------------------------------------------------------------------------ */

static void on_checked(void *ctx, const struct kl_box_result *result)
{
	struct local *local = ctx;
	struct kl_report *report = local->job->report;

	local->checking = false;
	if (result->end != KL_END_CANCELED && report->compile != KL_COMPILE_FAILED) {
		judge_verdict_checked(&report->tests[local->checked], result);
		judge_report_count(report, local->checked);
		judge_job_progress(local->job);
	}
	go_on(local);
}

/* "checker input answer feedback_dir < output"; what is compiled lies in the box already. */
static enum kl_status run_check(struct local *local, struct kl_error *err)
{
	static char names[][16] = { "input", "answer", "feedback/none" };
	static char nothing[1];
	const struct judge_plan *plan = &local->job->plan;
	const struct check *check = &local->checks[local->check_next++];
	const struct judge_run *run = &plan->runs[check->index];
	size_t own = local->checker_compile ? 0 : plan->checker.file_count, count = own + KL_LENGTH(names);
	struct kl_file *files = kl_calloc(count, sizeof(*files));
	struct kl_box_run box = { .argv = (const char *const *)local->checker_run,
				  .files = files,
				  .file_count = count,
				  .input = check->output,
				  .input_len = check->len,
				  .cpu_ms = 10000,
				  .memory_kib = (int64_t)1 << 20,
				  .output_max = JUDGE_STREAM_MAX };
	enum kl_status status;

	if (own)
		memcpy(files, plan->checker.files, own * sizeof(*files));
	files[own] = (struct kl_file){ names[0], run->input, run->input_len };
	files[own + 1] =
		(struct kl_file){ names[1], run->test->output ? run->test->output : nothing, run->test->output_len };
	files[own + 2] = (struct kl_file){ names[2], nothing, 0 };
	status = kl_box_run(local->checker, &box, on_checked, local, err);
	local->checking = !status;
	local->checked = check->index;
	free(files);
	return status;
}

static void queue_check(struct local *local, size_t index, const struct kl_box_result *result)
{
	KL_GROW(local->checks, local->check_count, local->check_capacity);
	local->checks[local->check_count++] =
		(struct check){ index, kl_strndup(result->out, result->out_len), result->out_len };
}

/* --- the tests ---------------------------------------------------------------------------------------------------- */

/* Close to its limit, or the sandbox failed: once more, before it is said. */
static bool deserves_another(const struct lane *lane, const struct kl_box_result *result)
{
	const struct judge_run *run = &lane->local->job->plan.runs[lane->index];

	if (lane->again || lane->local->job->canceled)
		return false;
	if (result->end == KL_END_FAILED)
		return true;
	return (result->end == KL_END_EXITED || result->end == KL_END_SIGNALED) && result->cpu_us > 1000 * run->cpu_ms;
}

static enum kl_status run_lane(struct lane *lane, struct kl_error *err);

/* Nothing more is started, what runs is stopped; the job goes on to its end as the boxes report back. */
static void stop_all(struct local *local)
{
	local->next = local->job->plan.count;
	local->check_next = local->check_count;
	for (size_t i = 0; i < local->lane_count; i++)
		if (local->lanes[i].busy)
			kl_box_cancel(local->lanes[i].box);
	if (local->checking)
		kl_box_cancel(local->checker);
}

static void take_result(struct lane *lane, const struct kl_box_result *result)
{
	struct local *local = lane->local;
	struct kl_job *job = local->job;
	struct kl_test_result *test = &job->report->tests[lane->index];

	if (!judge_report_ran(job->report, &job->plan, lane->index, result)) {
		stop_all(local);
		judge_job_progress(job);
		return;
	}
	if (test->verdict == KL_VERDICT_PASSED && job->plan.checker_language) {
		queue_check(local, lane->index, result);
		test->verdict = KL_VERDICT_PENDING;
		return;
	}
	if (result->end == KL_END_CANCELED)
		return;
	judge_report_count(job->report, lane->index);
	judge_job_progress(job);
}

static void on_ran(void *ctx, const struct kl_box_result *result)
{
	struct lane *lane = ctx;
	bool again = deserves_another(lane, result);

	lane->busy = false;
	if (again && !lane->local->closing) {
		lane->again = true;
		if (!run_lane(lane, NULL))
			return;
	}
	lane->again = false;
	take_result(lane, result);
	go_on(lane->local);
}

static enum kl_status run_lane(struct lane *lane, struct kl_error *err)
{
	const struct judge_plan *plan = &lane->local->job->plan;
	struct kl_file *files;
	struct kl_box_run run = judge_test_run(plan, &plan->runs[lane->index], &files);
	enum kl_status status = kl_box_run(lane->box, &run, on_ran, lane, err);

	lane->busy = !status;
	free(files);
	return status;
}

static enum kl_status feed_lanes(struct local *local, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	for (size_t i = 0; i < local->lane_count && !status; i++) {
		struct lane *lane = &local->lanes[i];

		if (lane->busy || local->next == local->job->plan.count)
			continue;
		lane->index = local->next++;
		status = run_lane(lane, err);
	}
	return status;
}

/* Gives work to what is free; ends the job when there is none left. */
static void go_on(struct local *local)
{
	struct kl_error err = { .message = "" };
	enum kl_status status = KL_OK;

	if (local->closing)
		return;
	if (local->job->canceled) {
		local->next = local->job->plan.count;
		local->check_next = local->check_count;
	}
	status = feed_lanes(local, &err);
	if (!status && !local->checking && local->check_next < local->check_count)
		status = run_check(local, &err);
	if (status)
		give_up(local, &err);
	else if (is_idle(local))
		judge_job_end(local->job);
}

/* --- before the tests --------------------------------------------------------------------------------------------- */

static size_t wanted_lanes(const struct local *local)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = cores < 1 ? 1 : cores > LANES_MAX ? LANES_MAX : (size_t)cores;

	return count < local->job->plan.count ? count : local->job->plan.count;
}

/* A lane that cannot be had is no failure: the others do the work. */
static void open_lanes(struct local *local)
{
	size_t wanted = wanted_lanes(local);

	while (local->lane_count < wanted &&
	       !kl_box_clone(&local->lanes[local->lane_count].box, local->lanes[0].box, NULL))
		local->lanes[local->lane_count++].local = local;
}

static void start_tests(struct local *local)
{
	open_lanes(local);
	go_on(local);
}

static void on_checker_compiled(void *ctx, const struct kl_box_result *result)
{
	struct local *local = ctx;
	struct kl_error err;

	local->checking = false;
	if (local->closing)
		return;
	if (local->job->canceled || (result->end == KL_END_EXITED && !result->exit_code)) {
		start_tests(local);
		return;
	}
	kl_fail(&err, KL_EINVAL, "the checker program does not compile: run 'kodelab check'");
	give_up(local, &err);
}

/* The checker, when there is one, is made ready before the first test. */
static enum kl_status prepare_checker(struct local *local, struct kl_error *err)
{
	static char words[][16] = { "input", "answer", "feedback" };
	static char *const arguments[] = { words[0], words[1], words[2] };
	struct judge_plan *plan = &local->job->plan;
	struct kl_sandbox *sandbox;
	struct kl_box_run run;
	enum kl_status status = judge_sandbox(&sandbox, local->job->judge, err);

	if (status || (status = kl_box_open(&local->checker, sandbox, plan->checker_language->binds, err)))
		return status;
	local->checker_compile = judge_argv(plan->checker.compile, (int64_t)1 << 20, NULL, 0);
	local->checker_run = judge_argv(plan->checker.run, (int64_t)1 << 20, arguments, KL_LENGTH(arguments));
	if (!local->checker_compile) {
		start_tests(local);
		return KL_OK;
	}
	run = judge_compile_run(plan->checker_language, &plan->checker, local->checker_compile);
	status = kl_box_run(local->checker, &run, on_checker_compiled, local, err);
	local->checking = !status;
	return status;
}

static void on_compiled(void *ctx, const struct kl_box_result *result)
{
	struct local *local = ctx;
	struct kl_error err = { .message = "" };

	local->lanes[0].busy = false;
	if (local->closing)
		return;
	if (!judge_report_compiled(local->job->report, &local->job->plan, result)) {
		judge_job_end(local->job);
		return;
	}
	judge_job_progress(local->job);
	if (!local->job->plan.checker_language || local->job->canceled)
		start_tests(local);
	else if (prepare_checker(local, &err))
		give_up(local, &err);
}

static enum kl_status first_step(struct local *local, struct kl_error *err)
{
	const struct judge_plan *plan = &local->job->plan;
	struct kl_box_run run;
	enum kl_status status;

	if (!plan->compile) {
		if (plan->checker_language)
			return prepare_checker(local, err);
		start_tests(local);
		return KL_OK;
	}
	run = judge_compile_run(plan->language, &plan->harness, plan->compile);
	status = kl_box_run(local->lanes[0].box, &run, on_compiled, local, err);
	local->lanes[0].busy = !status;
	return status;
}

/* --- the row ------------------------------------------------------------------------------------------------------ */

static enum kl_status local_start(struct kl_job *job, struct kl_error *err)
{
	struct local *local = kl_calloc(1, sizeof(*local));
	struct kl_sandbox *sandbox;
	enum kl_status status = judge_sandbox(&sandbox, job->judge, err);

	job->state = local;
	local->job = job;
	if (status || (status = kl_box_open(&local->lanes[0].box, sandbox, job->plan.language->binds, err)))
		return status;
	local->lanes[0].local = local;
	local->lane_count = 1;
	return first_step(local, err);
}

static void local_cancel(struct kl_job *job)
{
	struct local *local = job->state;

	stop_all(local);
	if (is_idle(local))
		judge_job_end(job);
}

/* Closing a box fires its pending callback first: it finds closing set. */
static void local_release(struct kl_job *job)
{
	struct local *local = job->state;

	if (!local)
		return;
	local->closing = true;
	for (size_t i = 0; i < local->lane_count; i++)
		kl_box_close(local->lanes[i].box);
	kl_box_close(local->checker);
	for (size_t i = 0; i < local->check_count; i++)
		free(local->checks[i].output);
	free(local->checks);
	judge_argv_free(local->checker_compile);
	judge_argv_free(local->checker_run);
	free(local);
	job->state = NULL;
}

const struct kl_judge_backend judge_local = {
	.name = "local",
	.start = local_start,
	.cancel = local_cancel,
	.release = local_release,
};
