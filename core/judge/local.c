/*
 * The sandbox of this machine as a judge: one box compiles and keeps, then the tests are spread over as many boxes
 * ("lanes") as there are cores. A lane takes the next test when it is free; a crash costs its own test and no other.
 * A checker program has a box of its own (checking.c).
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

struct local {
	struct kl_job *job;
	struct lane lanes[LANES_MAX];
	size_t lane_count;
	size_t next; /* test to run */
	struct judge_checks *checks; /* NULL: there is no checker program */
	bool closing;
};

static void go_on(struct local *local);

/* --- ending ------------------------------------------------------------------------------------------------------- */

static bool is_idle(const struct local *local)
{
	for (size_t i = 0; i < local->lane_count; i++)
		if (local->lanes[i].busy)
			return false;
	return judge_checks_idle(local->checks);
}

/* The judge itself cannot go on. */
static void give_up(struct local *local, const struct kl_error *why)
{
	struct kl_report *report = local->job->report;

	report->error = *why;
	report->verdict = KL_VERDICT_INTERNAL;
	local->next = local->job->plan.count;
	if (is_idle(local))
		judge_job_end(local->job);
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
	for (size_t i = 0; i < local->lane_count; i++)
		if (local->lanes[i].busy)
			kl_box_cancel(local->lanes[i].box);
	judge_checks_cancel(local->checks);
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
		struct kl_error err;

		test->verdict = KL_VERDICT_PENDING;
		if (judge_checks_add(local->checks, lane->index, result, &err))
			give_up(local, &err);
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
	if (local->job->canceled)
		local->next = local->job->plan.count;
	status = feed_lanes(local, &err);
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

	if (local->job->at_once && local->job->at_once < count)
		count = local->job->at_once;
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

/* The checker is ready, or has judged something. */
static void on_moved(void *ctx, const struct kl_error *why)
{
	struct local *local = ctx;

	if (local->closing)
		return;
	if (why)
		give_up(local, why);
	else if (!local->lanes[0].busy && !local->next)
		start_tests(local);
	else
		go_on(local);
}

/* The checker, when there is one, is made ready before the first test. */
static enum kl_status prepare_checker(struct local *local, struct kl_error *err)
{
	enum kl_status status = judge_checks_open(&local->checks, local->job, on_moved, local, err);

	if (!status && judge_checks_idle(local->checks))
		start_tests(local);
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
	judge_checks_close(local->checks);
	free(local);
	job->state = NULL;
}

const struct kl_judge_backend judge_local = {
	.name = "local",
	.start = local_start,
	.cancel = local_cancel,
	.release = local_release,
};
