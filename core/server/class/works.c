/* The part: intake, the judge of the class, who listens; and what is done between turns. */

#include "core/server/class/works.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/course.h>
#include <kodelab/instance.h>
#include <kodelab/intake.h>
#include <kodelab/judge.h>
#include <kodelab/loop.h>
#include <kodelab/queue.h>
#include <kodelab/store.h>
#include <kodelab/store_works.h>

#include "core/server/class/classjudge.h"
#include "core/server/class/events.h"
#include "core/server/class/rejudge.h"
#include "core/server/eventlog.h"
#include "core/server/judge0.h"
#include "core/server/keys.h"
#include "core/server/settings.h"

/* --- opening and closing ------------------------------------------------------------------------------------------ */

/* Beside the data folder and not in it: a copy of the folder signs nothing. */
static char *key_path(const struct server *server)
{
	const char *said = settings_string(server->settings, "class.receipt_key");

	return *said ? kl_strdup(said) : kl_format("%s-keys/receipt.key", settings_string(server->settings, "data"));
}

/* Ids of the tests that it failed; owned, as long as report lives. NULL: not known. */
static const char **failed_tests(size_t *count, const struct kl_report *report)
{
	const char **ids = kl_calloc(report->count + 1, sizeof(*ids));

	*count = 0;
	for (size_t i = 0; i < report->count; i++)
		if (report->tests[i].verdict != KL_VERDICT_PASSED)
			ids[(*count)++] = report->asked[i]->id;
	return ids;
}

/* Courses keep scores of works, and which tests fail most. */
static enum kl_status on_scored(void *ctx, const struct kl_work *work, const char *text, struct kl_error *err)
{
	const struct server *server = ctx;
	struct kl_verdict_news news = { .work = work->id, .user = work->user, .pack = work->pack, .slug = work->slug };
	struct kl_report *report = NULL;
	const char **failed = NULL;
	enum kl_status status;

	if (text && work->state == KL_WORK_DONE && !kl_report_from_json(&report, text, strlen(text), NULL))
		failed = failed_tests(&news.failed_count, report);
	news.failed = failed;
	status = kl_course_scored(server->store, &news, err);
	free(failed);
	kl_report_free(report);
	return status;
}

static enum kl_status open_intake(struct server *server, struct kl_error *err)
{
	char *path = key_path(server);
	const struct kl_intake_use use = {
		.store = server->store,
		.queue = server->queue,
		.clock = &server->clock,
		.key_path = path,
		.waiting_max = (size_t)settings_int(server->settings, "class.waiting_max"),
		.kept_max = settings_int(server->settings, "class.kept_mib") << 20,
		.scored = on_scored,
		.ctx = server,
	};
	bool renewed = false;
	enum kl_status status = kl_intake_open(&server->works->intake, &renewed, &use, err);

	if (renewed)
		eventlog(KL_LOG_WARN, "receipt_key_is_new", EVENTLOG_TEXT("file", path),
			 EVENTLOG_TEXT("advice", "labs know the former key: restore the file from a copy"));
	free(path);
	return status;
}

/* In the sandbox that the Judge0 API has, or with the class's keys on judges elsewhere. */
static enum kl_status open_judge(struct server *server, struct kl_error *err)
{
	struct works *works = server->works;
	struct kl_sandbox *sandbox = judge0_sandbox(server->judge0);
	struct judge0_state state;
	enum kl_status status;

	judge0_look(server->judge0, &state);
	if (!state.enabled)
		return KL_OK;
	if ((status = kl_judge_open(&works->judge, server->loop, NULL, err)))
		return status;
	if (sandbox)
		kl_judge_lend_sandbox(works->judge, sandbox);
	kl_judge_use(works->judge, &(struct kl_judge_elsewhere){ .instances = keys_instances(server->keys),
								 .keys = keys_pool(server->keys),
								 .choice = sandbox ? "local" : "judge0" });
	return KL_OK;
}

static enum kl_status open_works(struct server *server, struct kl_error *err)
{
	enum kl_status status;

	server->works = kl_calloc(1, sizeof(*server->works));
	server->works->bury = server->works->rejudge = true;
	server->works->events = events_new(server);
	if (!(status = open_intake(server, err)))
		status = open_judge(server, err);
	return status;
}

static void close_works(struct server *server)
{
	struct works *works = server->works;

	if (!works)
		return;
	kl_timer_cancel(works->again);
	events_free(works->events);
	kl_judge_close(works->judge); /* what runs is queued again */
	kl_intake_close(works->intake);
	free(works);
	server->works = NULL;
}

static void stop_works(struct server *server)
{
	events_end(server->works->events);
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

static void count_buried(void *ctx, const char *id, const char *body)
{
	(void)id;
	(void)body;
	++*(size_t *)ctx;
}

/* What died with the server too often, or with a transaction: told, not tried for ever. */
static void bury(struct server *server)
{
	struct kl_error err;
	size_t count = 0;
	enum kl_status status = kl_store_works_buried(server->store, count_buried, &count, &err);
	char *report = classjudge_given_up();

	if (!status && count && !(status = server_write(server, &err)))
		status = kl_intake_bury(&count, server->works->intake, report, &err);
	free(report);
	if (status)
		eventlog(KL_LOG_ERROR, "not_buried", EVENTLOG_TEXT("error", err.message));
	else if (count)
		eventlog(KL_LOG_WARN, "judge_gave_up", EVENTLOG_NUMBER("works", count));
	server->works->bury = false;
}

static void turn_works(struct server *server)
{
	if (server->works->bury && !server->storage_full)
		bury(server);
	rejudge_turn(server);
}

static void committed_works(struct server *server, bool committed)
{
	struct kl_error err;

	if (committed)
		return;
	server->works->bury = server->works->rejudge = true;
	if (kl_intake_reload(server->works->intake, &err))
		eventlog(KL_LOG_ERROR, "intake_reload_failed", EVENTLOG_TEXT("error", err.message));
}

const struct server_part works_part = {
	.name = "works",
	.open = open_works,
	.turn = turn_works,
	.committed = committed_works,
	.stop = stop_works,
	.close = close_works,
};
