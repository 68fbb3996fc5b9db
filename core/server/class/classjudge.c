/* One work: its challenge, a job of the judge, a lease; and what the report says of it. */

#include "core/server/class/classjudge.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/intake.h>
#include <kodelab/judge.h>
#include <kodelab/language.h>
#include <kodelab/loop.h>
#include <kodelab/queue.h>
#include <kodelab/store_packs.h>
#include <kodelab/store_works.h>

#include "core/server/class/events.h"
#include "core/server/class/packs.h"
#include "core/server/class/rejudge.h"
#include "core/server/class/works.h"
#include "core/server/eventlog.h"
#include "core/server/judge0.h"
#include "core/server/settings.h"

#define REPORT_MAX     ((size_t)1 << 20)
#define LEASE_BASE_MS  120000 /* compiling, and a busy machine */
#define LEASE_TEST_MS  5000
#define LEASE_MAX_MS   3600000
#define DEFAULT_CPU_MS 10000 /* of a test that says nothing: more than the judge gives it */

struct classjudge {
	struct server *server;
	const struct kl_queue_entry *entry;
	classjudge_done_fn *done;
	void *ctx;
	struct kl_work work; /* with its code */
	const struct kl_challenge *challenge; /* held in memory until it is dropped; NULL: not yet */
	int64_t version; /* of its pack */
	struct kl_job *job; /* NULL: ended, or never begun */
	struct kl_timer *lease; /* it must have ended by then */
	struct kl_timer *soon; /* tells of what ended at once */
	struct classjudge_result result; /* of that */
	char sentence[512];
};

/* --- what was found ----------------------------------------------------------------------------------------------- */

void classjudge_forget(struct kl_work *found)
{
	if (!found)
		return;
	kl_work_release(found);
	free(found);
}

static char *report_text(const struct kl_report *report)
{
	struct kl_buf text;

	kl_buf_init(&text, REPORT_MAX);
	kl_report_json(report, &text);
	return kl_buf_detach(&text);
}

static struct kl_work *found_of(const struct classjudge *judging, const struct kl_report *report)
{
	struct kl_work *found = kl_calloc(1, sizeof(*found));

	memcpy(found->id, judging->work.id, sizeof(found->id));
	memcpy(found->item, judging->work.item, sizeof(found->item));
	memcpy(found->user, judging->work.user, sizeof(found->user));
	found->pack = kl_strdup(judging->work.pack);
	found->slug = kl_strdup(judging->work.slug);
	found->judged_ms = kl_clock_wall_ms(&judging->server->clock);
	found->state = report->verdict == KL_VERDICT_INTERNAL ? KL_WORK_FAILED : KL_WORK_DONE;
	found->verdict = kl_strdup(kl_verdict_word(report->verdict));
	found->score = report->score;
	found->passed = (int64_t)report->passed;
	found->total = (int64_t)report->count;
	found->report = report_text(report);
	for (size_t i = 0; i < report->count; i++) {
		found->cpu_us = report->tests[i].cpu_us > found->cpu_us ? report->tests[i].cpu_us : found->cpu_us;
		found->peak_kib =
			report->tests[i].peak_kib > found->peak_kib ? report->tests[i].peak_kib : found->peak_kib;
	}
	return found;
}

/* No test was run. */
static struct kl_work *nothing_found(const struct classjudge *judging, const char *sentence)
{
	struct kl_report report = { .verdict = KL_VERDICT_INTERNAL };

	kl_fail(&report.error, KL_EIO, "%s", sentence);
	return found_of(judging, &report);
}

char *classjudge_given_up(void)
{
	struct kl_report report = { .verdict = KL_VERDICT_INTERNAL };

	kl_fail(&report.error, KL_EIO,
		"the class server was stopped each time it judged this: hand it in once more, and tell your teacher if "
		"that does not help");
	return report_text(&report);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static void end(struct classjudge *judging, const struct classjudge_result *result)
{
	classjudge_done_fn *done = judging->done;
	void *ctx = judging->ctx;

	kl_timer_cancel(judging->lease);
	kl_timer_cancel(judging->soon);
	class_challenge_drop(judging->server, judging->challenge);
	kl_work_release(&judging->work);
	done(ctx, result);
	free(judging);
}

static void on_soon(void *ctx)
{
	struct classjudge *judging = ctx;
	const struct classjudge_result result = judging->result;

	judging->soon = NULL;
	end(judging, &result);
}

/* It cannot even be begun: told from the loop. */
static void end_soon(struct classjudge *judging, enum classjudge_end how, const char *sentence)
{
	snprintf(judging->sentence, sizeof(judging->sentence), "%s", sentence);
	judging->result = (struct classjudge_result){ .end = how, .sentence = judging->sentence };
	if (how != CLASSJUDGE_NOBODY)
		judging->result.found = nothing_found(judging, sentence);
	judging->soon = kl_loop_add_timer(judging->server->loop, 0, on_soon, judging);
}

/*
 * Nobody can take it now: it waits, and that is no try. Elsewhere that is also when there is no judge at all, or no key that may be
 * used until tomorrow, or until the administrator gives another one.
 */
static bool can_wait(const struct classjudge *judging, const struct kl_report *report)
{
	enum kl_status status = report->error.status;

	if (report->verdict != KL_VERDICT_INTERNAL)
		return report->verdict == KL_VERDICT_SKIPPED;
	return report->later || (!judge0_sandbox(judging->server->judge0) &&
				 (status == KL_ENOENT || status == KL_EMANY || status == KL_EDENIED));
}

/* Was another version published meanwhile, which this work is judged by now? */
static bool is_outdated(const struct classjudge *judging)
{
	const struct kl_work *work = &judging->work;
	int64_t newest;
	bool same;

	return !kl_store_pack_judged_by(&newest, &same, judging->server->store, work->pack, work->slug, work->version,
					NULL) &&
	       newest != judging->version;
}

static void on_done(void *ctx, const struct kl_report *report)
{
	struct classjudge *judging = ctx;
	struct classjudge_result result = { .end = CLASSJUDGE_JUDGED, .sentence = report->error.message };
	const struct kl_language *language = kl_language_find(judging->work.language);

	judging->job = NULL;
	if (can_wait(judging, report)) {
		result.end = CLASSJUDGE_NOBODY;
		result.retry_ms = language ? kl_judge_ready_ms(judging->server->works->judge, language) : 0;
		result.retry_ms = result.retry_ms < 0 ? 0 : result.retry_ms;
	} else if (is_outdated(judging)) {
		result.end = CLASSJUDGE_OUTDATED;
	} else {
		result.end = report->verdict == KL_VERDICT_INTERNAL ? CLASSJUDGE_FAILED : CLASSJUDGE_JUDGED;
		result.found = found_of(judging, report);
	}
	end(judging, &result);
}

/* Whatever holds it up (a stopped process, a lost one) does not hold the student up. */
static void on_late(void *ctx)
{
	static const char sentence[] = "the judge was not done in time and was given up";
	struct classjudge *judging = ctx;
	struct kl_job *job = judging->job;

	judging->lease = NULL;
	judging->job = NULL;
	if (job)
		kl_judge_abandon(job);
	end(judging, &(struct classjudge_result){ .end = CLASSJUDGE_FAILED,
						  .sentence = sentence,
						  .found = nothing_found(judging, sentence) });
}

void classjudge_close(struct classjudge *judging)
{
	struct kl_job *job = judging->job;

	classjudge_forget(judging->result.found);
	judging->job = NULL;
	if (job)
		kl_judge_abandon(job);
	end(judging, &(struct classjudge_result){ .end = CLASSJUDGE_NOBODY, .sentence = "stopped" });
}

/* --- the beginning ------------------------------------------------------------------------------------------------ */

/* Longer than all of it can take where it is judged by one test after the other. */
static int64_t lease_ms(const struct classjudge *judging)
{
	const struct kl_challenge *challenge = judging->challenge;
	int64_t said_s = settings_int(judging->server->settings, "class.lease_s"), ms = LEASE_BASE_MS;

	if (said_s)
		return 1000 * said_s;
	for (size_t i = 0; i < challenge->test_count && ms < LEASE_MAX_MS; i++) {
		int64_t cpu_ms = challenge->tests[i].limits.cpu_ms;

		cpu_ms = cpu_ms ? cpu_ms : challenge->limits.cpu_ms ? challenge->limits.cpu_ms : DEFAULT_CPU_MS;
		ms += 10 * cpu_ms +
		      LEASE_TEST_MS; /* slower languages have a multiple of the limit; wall is three times cpu */
	}
	return ms < LEASE_MAX_MS ? ms : LEASE_MAX_MS;
}

static enum kl_status begin(struct classjudge *judging, struct kl_error *err)
{
	struct kl_judge *judge = judging->server->works->judge;
	struct kl_submission sub = { .challenge = judging->challenge,
				     .language = kl_language_find(judging->work.language),
				     .code = judging->work.code,
				     .code_len = judging->work.code_len,
				     .user = judging->work.user,
				     .at_once = 1 };

	if (!sub.language)
		return kl_fail(err, KL_EINVAL, "the server does not know the language '%s'", judging->work.language);
	return kl_judge_submit(&judging->job, judge, &sub, NULL, on_done, judging, err);
}

static enum kl_status find(struct classjudge *judging, struct kl_error *err)
{
	const struct kl_work *work = &judging->work;
	enum kl_status status = kl_store_work_get(&judging->work, judging->server->store, judging->entry->id, err);

	return status ? status
		      : class_challenge(&judging->challenge, &judging->version, judging->server, work->pack, work->slug,
					work->version, err);
}

struct classjudge *classjudge_start(struct server *server, const struct kl_queue_entry *entry, classjudge_done_fn *done,
				    void *ctx)
{
	struct classjudge *judging = kl_calloc(1, sizeof(*judging));
	struct kl_error err;
	enum kl_status status;

	*judging = (struct classjudge){ .server = server, .entry = entry, .done = done, .ctx = ctx };
	snprintf(judging->work.id, sizeof(judging->work.id), "%s", entry->id);
	status = find(judging, &err);
	if (!status)
		status = begin(judging, &err);
	if (!status)
		judging->lease = kl_loop_add_timer(server->loop, lease_ms(judging), on_late, judging);
	else if (status == KL_ENOENT || status == KL_EINVAL || status == KL_ENOTOOL)
		end_soon(judging, CLASSJUDGE_JUDGED, err.message);
	else
		end_soon(judging, CLASSJUDGE_FAILED, err.message);
	return judging;
}

/* --- writing and telling ------------------------------------------------------------------------------------------ */

enum kl_status classjudge_write(struct server *server, const struct kl_queue_entry *entry, const struct kl_work *found,
				struct kl_error *err)
{
	const struct kl_intake_claim claim = { .id = entry->id,
					       .epoch = entry->epoch,
					       .rejudge = entry->body ? entry->body : "" };

	return kl_intake_judged(server->works->intake, &claim, found, err);
}

/* What is found when a work is judged again may not count: its judge failed, or the rejudge was cancelled. */
static void tell_what_stands(struct server *server, const char *id)
{
	struct kl_work work;

	if (kl_store_work_look(&work, server->store, id, NULL))
		return; /* whoever asks is told */
	events_result(server, &work);
	kl_work_release(&work);
}

void classjudge_tell(struct server *server, const struct kl_queue_entry *entry, const struct kl_work *found)
{
	eventlog(found->state == KL_WORK_DONE ? KL_LOG_INFO : KL_LOG_WARN, "judged", EVENTLOG_TEXT("work", found->id),
		 EVENTLOG_TEXT("verdict", found->verdict), EVENTLOG_NUMBER("epoch", entry->epoch),
		 EVENTLOG_NUMBER("us", 1000 * (found->judged_ms - entry->started_ms)));
	if (entry->body_len) {
		tell_what_stands(server, found->id);
		rejudge_moved(server);
	} else {
		events_result(server, found);
	}
}
