/* Workers. */

#include "core/server/executor.h"

#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>
#include <kodelab/queue.h>
#include <kodelab/sandbox.h>

#include <kodelab/store_works.h>

#include "core/server/class/classjudge.h"
#include "core/server/dispatch.h"
#include "core/server/eventlog.h"
#include "core/server/job.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/submission.h"
#include "core/server/toolchain.h"

#define RESULT_MAX ((size_t)256 << 20)
#define RETRY_MS   1000
#define PAUSE_MS   5000 /* at most, when nobody elsewhere can take anything */

struct worker {
	struct executor *executor;
	struct kl_box *box; /* NULL: to be opened */
	struct job *job; /* NULL: idle, or it is judged elsewhere */
	struct dispatch *dispatch; /* NULL: it is not */
	struct classjudge *class; /* NULL: it is of the Judge0 API */
	struct kl_queue_entry entry;
	struct submission submission;
};

/* A result on its way to the disk. */
struct outcome {
	TAILQ_ENTRY(outcome) link;
	struct kl_queue_entry entry;
	struct kl_work *found; /* of the class; NULL: entry has the result */
	bool written; /* in this turn's transaction */
};

TAILQ_HEAD(outcomes, outcome);

struct executor {
	struct executor_use use;
	struct worker *workers;
	struct outcomes outcomes;
	struct kl_timer *retry; /* the disk refused, or the queue, or everybody elsewhere; NULL: all is well */
	int64_t expected_ms; /* what is judged elsewhere takes so long; 0: not known */
	bool closing;
};

/* --- results ---------------------------------------------------------------------------------------------------- */

static void free_outcome(struct executor *executor, struct outcome *outcome)
{
	TAILQ_REMOVE(&executor->outcomes, outcome, link);
	kl_queue_entry_release(&outcome->entry);
	classjudge_forget(outcome->found);
	free(outcome);
}

static void on_retry(void *ctx);

static void retry_in(struct executor *executor, int64_t pause_ms)
{
	if (!executor->retry && !executor->closing)
		executor->retry = kl_loop_add_timer(executor->use.server->loop, pause_ms, on_retry, executor);
}

static void retry_later(struct executor *executor)
{
	retry_in(executor, RETRY_MS);
}

static enum kl_status write_result(struct executor *executor, const struct outcome *outcome, struct kl_error *err)
{
	struct server *server = executor->use.server;
	const struct kl_queue_entry *entry = &outcome->entry;
	enum kl_status status = server_write(server, err);

	if (status)
		return status;
	if (outcome->found) {
		status = classjudge_write(server, entry, outcome->found, err);
		failpoint_pass(&server->failpoint, "found");
		return status;
	}
	status = kl_queue_finish(server->queue, entry->id, entry->epoch, entry->state, entry->outcome, entry->result,
				 entry->result_len, err);
	if (!status)
		executor->use.written(executor->use.ctx, entry);
	return status;
}

static void write_outcome(struct executor *executor, struct outcome *outcome)
{
	struct kl_queue_entry *entry = &outcome->entry;
	struct kl_error err;
	enum kl_status status = write_result(executor, outcome, &err);

	outcome->written = !status;
	if (status == KL_ECONFLICT) { /* somebody else has it now: nothing is judged twice */
		eventlog(KL_LOG_WARN, "result_dropped", EVENTLOG_TEXT("token", entry->id),
			 EVENTLOG_TEXT("error", err.message));
		free_outcome(executor, outcome);
	} else if (status) {
		eventlog(KL_LOG_ERROR, "result_not_written", EVENTLOG_TEXT("token", entry->id),
			 EVENTLOG_TEXT("error", err.message));
		retry_later(executor);
	}
}

static void on_retry(void *ctx)
{
	struct executor *executor = ctx;
	struct outcome *outcome, *next;

	executor->retry = NULL;
	if (executor->use.server->storage_full) {
		retry_later(executor);
		return;
	}
	for (outcome = TAILQ_FIRST(&executor->outcomes); outcome; outcome = next) {
		next = TAILQ_NEXT(outcome, link);
		if (!outcome->written)
			write_outcome(executor, outcome);
	}
}

static struct outcome *add_outcome(struct worker *worker)
{
	struct executor *executor = worker->executor;
	struct outcome *outcome = kl_calloc(1, sizeof(*outcome));

	outcome->entry = worker->entry;
	worker->entry = (struct kl_queue_entry){ .body = NULL };
	TAILQ_INSERT_TAIL(&executor->outcomes, outcome, link);
	return outcome;
}

static void judged(struct worker *worker)
{
	struct outcome *outcome = add_outcome(worker);
	struct kl_buf result;

	kl_buf_init(&result, RESULT_MAX);
	submission_pack(&result, &worker->submission, BY_JUDGE);
	outcome->entry.state = KL_COMPLETED;
	outcome->entry.outcome = worker->submission.status_id;
	outcome->entry.finished_ms = kl_clock_wall_ms(&worker->executor->use.server->clock);
	free(outcome->entry.result); /* of a row without one it is "" */
	outcome->entry.result_len = result.len;
	outcome->entry.result = kl_buf_detach(&result);
	write_outcome(worker->executor, outcome);
}

/* The sandbox failed, or the judge elsewhere: once more, in a new box, or never again after queue.tries. */
static void give_back(struct worker *worker, const char *failure)
{
	struct server *server = worker->executor->use.server;
	struct kl_error err;
	enum kl_status status;

	kl_box_close(worker->box);
	worker->box = NULL;
	if (!worker->executor->closing)
		eventlog(KL_LOG_ERROR, worker->executor->use.sandbox ? "sandbox_failed" : "judge_failed",
			 EVENTLOG_TEXT("token", worker->entry.id), EVENTLOG_TEXT("error", failure));
	if (!(status = server_write(server, &err)))
		status = kl_queue_requeue(server->queue, worker->entry.id, worker->entry.epoch, &err);
	if (status)
		eventlog(KL_LOG_ERROR, "not_queued_again", EVENTLOG_TEXT("token", worker->entry.id),
			 EVENTLOG_TEXT("error", err.message));
	else if (kl_queue_position(server->queue, worker->entry.id, NULL) < 0) {
		struct outcome *outcome = add_outcome(worker);

		outcome->entry.state = KL_FAILED;
		outcome->written = true;
		worker->executor->use.written(worker->executor->use.ctx, &outcome->entry);
	}
}

static void on_done(void *ctx, const char *failure)
{
	struct worker *worker = ctx;

	worker->job = NULL;
	if (failure)
		give_back(worker, failure);
	else
		judged(worker);
	kl_queue_entry_release(&worker->entry);
	submission_release(&worker->submission);
}

/* Nobody can take it now: it waits in its old place, and nothing more is claimed for a moment. */
static void postpone(struct worker *worker, const struct dispatch_result *result)
{
	struct server *server = worker->executor->use.server;
	int64_t pause_ms = result->retry_ms - kl_clock_wall_ms(&server->clock);
	struct kl_error err;

	if (!worker->executor->closing)
		eventlog(KL_LOG_WARN, "nobody_judges", EVENTLOG_TEXT("token", worker->entry.id),
			 EVENTLOG_TEXT("error", result->sentence));
	if (server_write(server, &err) || kl_queue_postpone(server->queue, worker->entry.id, worker->entry.epoch, &err))
		eventlog(KL_LOG_ERROR, "not_queued_again", EVENTLOG_TEXT("token", worker->entry.id),
			 EVENTLOG_TEXT("error", err.message));
	retry_in(worker->executor, !result->retry_ms || pause_ms < RETRY_MS ? RETRY_MS
				   : pause_ms > PAUSE_MS                    ? PAUSE_MS
									    : pause_ms);
}

/* --- works of the class ----------------------------------------------------------------------------------------- */

/* Once more, if it may: in its old place, and with another epoch. */
static void try_again(struct worker *worker, const char *failure)
{
	struct server *server = worker->executor->use.server;
	struct kl_error err;
	enum kl_status status = server_write(server, &err);

	eventlog(KL_LOG_WARN, "judge_failed", EVENTLOG_TEXT("work", worker->entry.id), EVENTLOG_TEXT("error", failure),
		 EVENTLOG_NUMBER("try", worker->entry.tries));
	if (!status)
		status = kl_queue_requeue(server->queue, worker->entry.id, worker->entry.epoch, &err);
	if (status)
		eventlog(KL_LOG_ERROR, "not_queued_again", EVENTLOG_TEXT("work", worker->entry.id),
			 EVENTLOG_TEXT("error", err.message));
}

/* By the tests as they are now, as if it had not been begun. */
static void begin_anew(struct worker *worker)
{
	struct server *server = worker->executor->use.server;
	struct kl_error err;

	eventlog(KL_LOG_INFO, "tests_changed", EVENTLOG_TEXT("work", worker->entry.id));
	if (server_write(server, &err) || kl_queue_postpone(server->queue, worker->entry.id, worker->entry.epoch, &err))
		eventlog(KL_LOG_ERROR, "not_queued_again", EVENTLOG_TEXT("work", worker->entry.id),
			 EVENTLOG_TEXT("error", err.message));
}

static void on_class_judged(void *ctx, const struct classjudge_result *result)
{
	struct worker *worker = ctx;
	struct server *server = worker->executor->use.server;
	bool last = worker->entry.tries >= settings_int(server->settings, "queue.tries");

	worker->class = NULL;
	if (result->end == CLASSJUDGE_NOBODY) {
		postpone(worker, &(struct dispatch_result){ DISPATCH_NOBODY, result->sentence, result->retry_ms });
	} else if (result->end == CLASSJUDGE_OUTDATED) {
		begin_anew(worker);
	} else if (result->end == CLASSJUDGE_JUDGED || last) {
		struct outcome *outcome = add_outcome(worker);

		outcome->found = result->found;
		write_outcome(worker->executor, outcome);
	} else {
		try_again(worker, result->sentence);
		classjudge_forget(result->found);
	}
	kl_queue_entry_release(&worker->entry);
}

/* --- claims ----------------------------------------------------------------------------------------------------- */

/* Nothing can be run of it: a language that is no longer here, or bytes that are not ours. */
static void refuse(struct worker *worker, const char *message)
{
	worker->submission.status_id = STATUS_INTERNAL;
	submission_set(&worker->submission, ATTRIBUTE_MESSAGE, message, strlen(message));
	on_done(worker, NULL);
}

static void on_dispatched(void *ctx, const struct dispatch_result *result)
{
	struct worker *worker = ctx;

	worker->dispatch = NULL;
	switch (result->end) {
	case DISPATCH_JUDGED:
		on_done(worker, NULL);
		return;
	case DISPATCH_REFUSED:
		refuse(worker, result->sentence);
		return;
	case DISPATCH_FAILED:
		on_done(worker, result->sentence);
		return;
	case DISPATCH_NOBODY:
		break;
	}
	postpone(worker, result);
	kl_queue_entry_release(&worker->entry);
	submission_release(&worker->submission);
}

static void start_elsewhere(struct worker *worker, const struct toolchain *language)
{
	struct executor *executor = worker->executor;

	worker->dispatch = dispatch_start(&(struct dispatch_spec){ .server = executor->use.server,
								   .entry = &worker->entry,
								   .submission = &worker->submission,
								   .language = language->name,
								   .expected_ms = &executor->expected_ms,
								   .done = on_dispatched,
								   .ctx = worker });
}

static void start(struct worker *worker)
{
	const struct executor_use *use = &worker->executor->use;
	const struct toolchain *language;
	struct kl_error err;
	enum kl_status status = KL_OK;

	if (worker->entry.kind == KL_QUEUE_CLASS) {
		worker->class = classjudge_start(use->server, &worker->entry, on_class_judged, worker);
		return;
	}
	if (!submission_of_entry(&worker->submission, &worker->entry)) {
		refuse(worker, "The stored submission is damaged.");
		return;
	}
	language = toolchain_find(use->toolchains, worker->entry.kind);
	if (!language || language->archived) {
		refuse(worker, "The language is no longer installed.");
		return;
	}
	if (!use->sandbox) {
		start_elsewhere(worker, language);
		return;
	}
	if (!worker->box)
		status = kl_box_open(&worker->box, use->sandbox, toolchain_binds(), &err);
	if (!status)
		status = job_start(&worker->job, worker->box, &worker->submission, language, use->server->settings,
				   on_done, worker, &err);
	if (status)
		on_done(worker, err.message);
}

static bool claim(struct worker *worker)
{
	struct server *server = worker->executor->use.server;
	struct kl_error err;
	enum kl_status status = server_write(server, &err);

	if (!status)
		status = kl_queue_claim(&worker->entry, server->queue, &err);
	if (status && status != KL_ENOENT) {
		eventlog(KL_LOG_ERROR, "claim_failed", EVENTLOG_TEXT("error", err.message));
		retry_later(worker->executor);
	}
	if (!status) {
		failpoint_arm(&server->failpoint);
		failpoint_pass(&server->failpoint, "claimed");
	}
	return !status;
}

static bool is_busy(const struct worker *worker)
{
	return worker->job || worker->dispatch || worker->class;
}

void executor_turn(struct executor *executor)
{
	struct kl_queue_counts counts;

	for (size_t i = 0; i < executor->use.workers; i++) {
		struct worker *worker = &executor->workers[i];

		kl_queue_counts(&counts, executor->use.server->queue);
		if (!counts.queued || executor->retry || executor->use.server->stopping ||
		    executor->use.server->storage_full)
			return;
		if (!is_busy(worker) && claim(worker))
			start(worker);
	}
}

/* --- telling ---------------------------------------------------------------------------------------------------- */

void executor_committed(struct executor *executor, bool committed)
{
	struct outcome *outcome, *next;

	for (outcome = TAILQ_FIRST(&executor->outcomes); outcome; outcome = next) {
		next = TAILQ_NEXT(outcome, link);
		if (!outcome->written)
			continue;
		if (committed) {
			if (outcome->found)
				classjudge_tell(executor->use.server, &outcome->entry, outcome->found);
			else
				executor->use.done(executor->use.ctx, &outcome->entry);
			free_outcome(executor, outcome);
		} else {
			outcome->written = false;
			retry_later(executor);
		}
	}
}

bool executor_busy(const struct executor *executor)
{
	for (size_t i = 0; i < executor->use.workers; i++)
		if (is_busy(&executor->workers[i]))
			return true;
	return !TAILQ_EMPTY(&executor->outcomes);
}

/* --- opening and closing ---------------------------------------------------------------------------------------- */

enum kl_status executor_open(struct executor **out, const struct executor_use *use, struct kl_error *err)
{
	struct executor *executor = kl_calloc(1, sizeof(*executor));
	enum kl_status status = KL_OK;

	executor->use = *use;
	TAILQ_INIT(&executor->outcomes);
	executor->workers = kl_calloc(use->workers, sizeof(*executor->workers));
	for (size_t i = 0; i < use->workers && !status; i++) {
		executor->workers[i].executor = executor;
		if (use->sandbox)
			status = kl_box_open(&executor->workers[i].box, use->sandbox, toolchain_binds(), err);
	}
	if (status)
		executor_close(executor);
	else
		*out = executor;
	return status;
}

void executor_close(struct executor *executor)
{
	struct outcome *outcome;

	if (!executor)
		return;
	executor->closing = true;
	kl_timer_cancel(executor->retry);
	for (size_t i = 0; i < executor->use.workers; i++) {
		struct kl_box *box = executor->workers[i].box;

		executor->workers[i].box = NULL; /* give_back must not close it a second time */
		kl_box_close(box);
		if (executor->workers[i].dispatch)
			dispatch_close(executor->workers[i].dispatch);
		if (executor->workers[i].class)
			classjudge_close(executor->workers[i].class);
	}
	while ((outcome = TAILQ_FIRST(&executor->outcomes)))
		free_outcome(executor, outcome); /* NOLINT(clang-analyzer-unix.Malloc): it does leave the list */
	free(executor->workers);
	free(executor);
}
