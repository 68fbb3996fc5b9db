/* Runs that no judge could take, kept and sent: see kept.h. */
#include "kept.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>

#include "languages.h"

enum { WORDS_MAX = 600 };

enum kl_status kept_keep(char id[KL_ID_SIZE], struct kl_store *store, const struct work_record *record,
			 struct kl_error *err)
{
	struct kl_kept_run run = { .kind = record->kind, .code_len = record->code_len };
	enum kl_status status;

	id[0] = '\0';
	if (!store || record->report->verdict != KL_VERDICT_INTERNAL || !record->report->later)
		return KL_OK;
	run.pack = kl_strdup(record->challenge->pack);
	run.slug = kl_strdup(record->challenge->slug);
	run.language = kl_strdup(record->language->id);
	run.code = kl_strndup(record->code, record->code_len);
	run.why = kl_strdup(record->report->error.message);
	status = kl_store_kept_put(store, &run, err);
	if (!status)
		memcpy(id, run.id, KL_ID_SIZE);
	free(run.pack);
	free(run.slug);
	free(run.language);
	free(run.code);
	free(run.why);
	return status;
}

void kept_time(char text[KEPT_TIME_SIZE], const struct kl_kept_run *run, int64_t now_ms)
{
	char whole[KEPT_TIME_SIZE];
	const char *time;

	kl_clock_format(run->at_ms, whole, sizeof(whole));
	time = strchr(whole, ' ');
	snprintf(text, KEPT_TIME_SIZE, "%s",
		 time && kl_clock_local_day(run->at_ms) == kl_clock_local_day(now_ms) ? time + 1 : whole);
}

/* --- sending one -------------------------------------------------------------------------------------------------- */

struct kept_sending {
	struct kept_means means;
	struct kl_kept_run *run; /* an array of one */
	struct kl_challenge *challenge;
	const struct kl_language *language;
	struct kl_test *own;
	size_t own_count;
	struct kl_job *job; /* NULL: not there yet, or ended */
	struct kl_timer *timer; /* begins */
	kept_sent_fn *done;
	void *ctx;
};

static void free_sending(struct kept_sending *sending)
{
	kl_timer_cancel(sending->timer);
	work_own_tests_free(sending->own, sending->own_count, sending->challenge);
	kl_challenge_free(sending->challenge);
	kl_kept_runs_free(sending->run, 1);
	free(sending);
}

static void tell(struct kept_sending *sending, enum kept_end end, const struct kl_report *report, bool first_pass,
		 const char *what)
{
	char words[WORDS_MAX], time[KEPT_TIME_SIZE];

	kept_time(time, sending->run, kl_clock_wall_ms(sending->means.clock));
	snprintf(words, sizeof(words), "your %s of %s from %s %s",
		 sending->run->kind == KL_ATTEMPT_SUBMIT ? "submit" : "run", sending->run->slug, time, what);
	sending->done(sending->ctx, &(struct kept_news){ .end = end,
							 .run = sending->run,
							 .challenge = sending->challenge,
							 .report = report,
							 .first_pass = first_pass,
							 .words = words });
	free_sending(sending);
}

/* It stays; the store learns why. */
static void tell_kept(struct kept_sending *sending, enum kept_end end, const struct kl_report *report, const char *why)
{
	char what[WORDS_MAX];
	struct kl_error err;

	snprintf(what, sizeof(what), "%s: %s", end == KEPT_WAITS ? "is still kept" : "cannot be judged", why);
	if (kl_store_kept_failed(sending->means.store, sending->run->id, why, &err))
		snprintf(what, sizeof(what), "is still kept: %s", err.message);
	tell(sending, end, report, false, what);
}

static void tell_judged(struct kept_sending *sending, const struct kl_report *report, bool first_pass)
{
	char what[WORDS_MAX];

	if (report->compile == KL_COMPILE_FAILED)
		snprintf(what, sizeof(what), "was judged: it does not compile");
	else
		snprintf(what, sizeof(what), "was judged: %zu of %zu tests passed%s", report->passed,
			 work_judged(report), first_pass ? ", and the challenge is solved" : "");
	tell(sending, KEPT_JUDGED, report, first_pass, what);
}

static void judged(void *ctx, const struct kl_report *report)
{
	struct kept_sending *sending = ctx;
	struct work_record record = { .challenge = sending->challenge,
				      .language = sending->language,
				      .code = sending->run->code,
				      .code_len = sending->run->code_len,
				      .kind = sending->run->kind,
				      .report = report,
				      .kept = sending->run };
	char id[KL_ID_SIZE];
	bool first_pass = false;
	struct kl_error err;
	enum kl_status status;

	sending->job = NULL;
	if (report->verdict == KL_VERDICT_INTERNAL) {
		tell_kept(sending, report->later ? KEPT_WAITS : KEPT_STUCK, report, report->error.message);
		return;
	}
	status = work_record(id, &first_pass, sending->means.store, &record, &err);
	if (status == KL_ENOENT)
		tell(sending, KEPT_GONE, report, false, "was judged or dropped elsewhere meanwhile");
	else if (status)
		tell_kept(sending, KEPT_STUCK, report, err.message);
	else if (!id[0])
		tell_kept(sending, KEPT_WAITS, report, "the judging was stopped");
	else
		tell_judged(sending, report, first_pass);
}

static enum kl_status find(struct kept_sending *sending, struct kl_error *err)
{
	const struct kept_means *means = &sending->means;
	const struct kl_kept_run *run = sending->run;
	char *name = kl_format("%s/%s", run->pack, run->slug);
	enum kl_status status;
	size_t index;

	status = kl_catalogue_find(&index, means->catalogue, name, means->work, err);
	free(name);
	if (status || (status = kl_catalogue_load(&sending->challenge, means->catalogue, index, err)))
		return status;
	sending->language = languages_named(means->instances, run->language);
	if (!sending->language)
		return kl_fail(err, KL_ENOTOOL, "no judge is known to have its language, '%s'", run->language);
	if (run->kind == KL_ATTEMPT_SUBMIT)
		return KL_OK;
	return work_own_tests(&sending->own, &sending->own_count, means->store, sending->challenge, err);
}

static void begin(void *ctx)
{
	struct kept_sending *sending = ctx;
	struct kl_submission submission = { .code = sending->run->code,
					    .code_len = sending->run->code_len,
					    .samples_only = sending->run->kind == KL_ATTEMPT_RUN };
	struct kl_error err;
	enum kl_status status = find(sending, &err);

	sending->timer = NULL;
	submission.challenge = sending->challenge;
	submission.language = sending->language;
	submission.own = sending->own;
	submission.own_count = sending->own_count;
	if (!status)
		status = kl_judge_submit(&sending->job, sending->means.judge, &submission, NULL, judged, sending, &err);
	if (status)
		tell_kept(sending, KEPT_STUCK, NULL, err.message);
}

struct kept_sending *kept_send(const struct kept_means *means, struct kl_kept_run *run, kept_sent_fn *done, void *ctx)
{
	struct kept_sending *sending = kl_calloc(1, sizeof(*sending));

	*sending = (struct kept_sending){ .means = *means, .done = done, .ctx = ctx };
	sending->run = kl_calloc(1, sizeof(*run));
	*sending->run = *run;
	*run = (struct kl_kept_run){ .pack = NULL };
	sending->timer = kl_loop_add_timer(means->loop, 0, begin, sending);
	return sending;
}

void kept_stop(struct kept_sending *sending)
{
	if (!sending)
		return;
	if (sending->job)
		kl_judge_abandon(sending->job);
	free_sending(sending);
}
