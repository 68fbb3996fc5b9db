/* Jobs: from a submission to done, exactly once, by whatever backend. */

#include "core/judge/judge_int.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/instance.h>
#include <kodelab/path.h>

enum { HERE, ELSEWHERE };

/* Another judge (a class server) is another row. */
static const struct kl_judge_backend *const backends[] = { [HERE] = &judge_local, [ELSEWHERE] = &judge_judge0 };

enum kl_status kl_judge_open(struct kl_judge **out, struct kl_loop *loop, const struct kl_paths *paths,
			     struct kl_error *err)
{
	struct kl_judge *judge = kl_calloc(1, sizeof(*judge));

	(void)err;
	judge->loop = loop;
	judge->paths = paths;
	LIST_INIT(&judge->jobs);
	*out = judge;
	return KL_OK;
}

enum kl_status judge_sandbox(struct kl_sandbox **out, struct kl_judge *judge, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	if (!judge->sandbox && !judge->paths)
		return kl_fail(err, KL_ENOTOOL, "no program is run on this machine, not even a checker of answers");
	if (!judge->sandbox)
		status = kl_sandbox_open(&judge->sandbox, judge->loop, judge->paths, err);
	if (!status)
		*out = judge->sandbox;
	return status;
}

void kl_judge_lend_sandbox(struct kl_judge *judge, struct kl_sandbox *sandbox)
{
	judge->sandbox = sandbox;
	judge->lent = true;
}

int kl_judge_sandbox_level(struct kl_judge *judge, const char **advice)
{
	static const char missing[] = "the sandbox cannot be opened: reinstall kodelab";
	struct kl_sandbox *sandbox = NULL;

	if (judge_sandbox(&sandbox, judge, NULL)) {
		if (advice)
			*advice = missing;
		return KL_SANDBOX_RLIMITS;
	}
	if (advice)
		*advice = kl_sandbox_advice(sandbox);
	return (int)kl_sandbox_level(sandbox);
}

void kl_judge_use(struct kl_judge *judge, const struct kl_judge_elsewhere *elsewhere)
{
	judge->elsewhere = *elsewhere;
}

/* Can this machine do it as it should be done? */
static bool works_here(struct kl_judge *judge, const struct kl_language *language)
{
	return kl_language_find(language->id) == language && kl_language_ready(language, NULL, 0) &&
	       kl_judge_sandbox_level(judge, NULL) < KL_SANDBOX_RLIMITS;
}

static size_t place_for(struct kl_judge *judge, const struct kl_language *language)
{
	const struct kl_judge_elsewhere *elsewhere = &judge->elsewhere;

	if (!elsewhere->instances || !strcmp(elsewhere->choice, "local"))
		return HERE;
	if (strcmp(elsewhere->choice, "auto") != 0)
		return ELSEWHERE;
	return works_here(judge, language) || !kl_instances_count(elsewhere->instances) ? HERE : ELSEWHERE;
}

/* The instance that is asked for by name; NULL: any. */
static char *only_for(const struct kl_judge *judge)
{
	const char *choice = judge->elsewhere.choice;

	return !choice || !strcmp(choice, "auto") || !strcmp(choice, "judge0") ? NULL : kl_strdup(choice);
}

int64_t kl_judge_ready_ms(struct kl_judge *judge, const struct kl_language *language)
{
	struct kl_instance_want want = { .language = language };
	int64_t ready_ms;
	char *only;

	if (place_for(judge, language) == HERE)
		return 0;
	only = only_for(judge);
	want.only = only;
	ready_ms = kl_instances_ready_ms(judge->elsewhere.instances, &want);
	free(only);
	return ready_ms;
}

/* --- jobs --------------------------------------------------------------------------------------------------------- */

static void free_job(struct kl_job *job)
{
	judge_plan_release(&job->plan);
	kl_report_free(job->report);
	free(job->only);
	free(job->user);
	free(job);
}

/* Stops what still runs, then tells. */
static void finish(struct kl_job *job)
{
	job->ending = true;
	LIST_REMOVE(job, link);
	job->backend->release(job);
	kl_timer_cancel(job->end);
	judge_report_end(job->report, job->canceled);
	job->report->wall_ms = kl_clock_mono_ms() - job->start_ms;
	job->done(job->ctx, job->report);
	free_job(job);
}

static void on_end(void *ctx)
{
	struct kl_job *job = ctx;

	job->end = NULL;
	finish(job);
}

void judge_job_end(struct kl_job *job)
{
	if (job->ending)
		return;
	job->ending = true;
	job->end = kl_loop_add_timer(job->judge->loop, 0, on_end, job);
}

void judge_job_progress(struct kl_job *job)
{
	if (job->progress && !job->ending)
		job->progress(job->ctx, job->report);
}

void judge_job_note(struct kl_job *job, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(job->report->note, sizeof(job->report->note), fmt, args);
	va_end(args);
	judge_job_progress(job);
}

enum kl_status kl_judge_submit(struct kl_job **out, struct kl_judge *judge, const struct kl_submission *sub,
			       kl_judge_progress_fn *progress, kl_judge_done_fn *done, void *ctx, struct kl_error *err)
{
	struct judge_plan plan;
	struct kl_job *job;
	size_t place = place_for(judge, sub->language);
	enum kl_status status = judge_plan_make(&plan, sub, place == HERE, err);

	if (status)
		return status;
	job = kl_calloc(1, sizeof(*job));
	*job = (struct kl_job){ .judge = judge,
				.backend = backends[place],
				.plan = plan,
				.samples = sub->samples_only || !sub->challenge,
				.only = place == HERE ? NULL : only_for(judge),
				.user = kl_strdup(sub->user ? sub->user : ""),
				.at_once = sub->at_once,
				.progress = progress,
				.done = done,
				.ctx = ctx,
				.start_ms = kl_clock_mono_ms() };
	job->report = judge_report_new(&job->plan);
	status = job->backend->start(job, err);
	if (status) {
		job->ending = true;
		job->backend->release(job);
		free_job(job);
		return status;
	}
	LIST_INSERT_HEAD(&judge->jobs, job, link);
	*out = job;
	return KL_OK;
}

void kl_judge_cancel(struct kl_job *job)
{
	if (job->canceled || job->ending)
		return;
	job->canceled = true;
	job->backend->cancel(job);
}

static void tell_nobody(void *ctx, const struct kl_report *report)
{
	(void)ctx;
	(void)report;
}

void kl_judge_abandon(struct kl_job *job)
{
	job->progress = NULL;
	job->done = tell_nobody;
	job->canceled = job->canceled || !job->ending;
	finish(job);
}

void kl_judge_close(struct kl_judge *judge)
{
	if (!judge)
		return;
	while (!LIST_EMPTY(&judge->jobs)) {
		struct kl_job *job = LIST_FIRST(&judge->jobs);

		job->canceled = job->canceled || !job->ending; /* NOLINT: finish() takes the job from the list */
		finish(job);
	}
	if (!judge->lent)
		kl_sandbox_close(judge->sandbox);
	free(judge);
}
