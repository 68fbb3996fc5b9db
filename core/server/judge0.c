/* The judge: what it needs, who waits for it. */

#include "core/server/judge0.h"

#include <sys/queue.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/instance.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/queue.h>
#include <kodelab/sandbox.h>

#include "core/server/callback.h"
#include "core/server/eventlog.h"
#include "core/server/executor.h"
#include "core/server/keys.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/submission.h"
#include "core/server/submissions.h"
#include "core/server/toolchain.h"

#define SWEEP_MS     1000
#define LEARN_MIN_MS 1000 /* between two tries to learn an instance's languages */
#define LEARN_MAX_MS 300000

struct waiter {
	TAILQ_ENTRY(waiter) link;
	char token[KL_ID_SIZE];
	struct request *request;
	struct fields fields;
	bool base64;
	bool stored; /* the submission is on the disk */
	int64_t until_ms; /* monotonic */
};

TAILQ_HEAD(waiters, waiter);

struct judge0 {
	struct server *server;
	struct kl_sandbox *sandbox; /* NULL: no programs are run here */
	bool elsewhere; /* they are run by other judges */
	struct kl_timer *learn; /* NULL: all instances have told their languages, or they are of no interest */
	int64_t learn_ms; /* the next pause */
	int64_t known; /* stands for what the instances said when the languages were last taken from them */
	struct toolchains *toolchains;
	struct executor *executor; /* NULL likewise */
	struct callbacks *callbacks;
	struct waiters waiters;
	struct kl_timer *sweep; /* NULL: nobody waits */
};

/* Nobody types this by accident. */
static const char unsafe_sentence[] = "I accept that programs of strangers run here with weaker walls";

/* --- limits ----------------------------------------------------------------------------------------------------- */

static size_t worker_count(const struct server *server, bool elsewhere)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = (size_t)settings_int(server->settings, elsewhere ? "judge.remote_workers" : "judge.workers");

	return wanted ? wanted : cores > 0 ? (size_t)cores : 1;
}

void judge0_queue_limits(const struct server *server, struct kl_queue_limits *out)
{
	int64_t rate = settings_int(server->settings, "queue.rate_per_minute");
	size_t workers = worker_count(server, server->judge0 && server->judge0->elsewhere);

	*out = (struct kl_queue_limits){
		.queued_max = (size_t)settings_int(server->settings, "queue.max"),
		.bytes_max = (size_t)settings_int(server->settings, "queue.max_mib") << 20,
		.unfair = !settings_bool(server->settings, "queue.fair"),
		.in_flight_max = workers,
		.user_in_flight_max = workers,
		.rate_per_minute = rate ? (int)rate : -1,
		.tries_max = (int)settings_int(server->settings, "queue.tries"),
	};
}

/* --- walls ------------------------------------------------------------------------------------------------------ */

/*
 * Level 0 is what a class server should have. Levels 1 and 2 are taken when the administrator says so in words; level 3
 * never: programs there can read whatever the server can.
 */
static enum kl_status accept_level(const struct kl_sandbox *sandbox, const char *said, struct kl_error *err)
{
	enum kl_sandbox_level level = kl_sandbox_level(sandbox);

	if (level == KL_SANDBOX_CGROUP)
		return KL_OK;
	if (level == KL_SANDBOX_RLIMITS)
		return kl_fail(err, KL_EDENIED,
			       "this machine has no walls for programs of strangers (sandbox level 3): see "
			       "docs/sandbox.md, or set judge.enabled = false");
	if (!strcmp(said, unsafe_sentence))
		return KL_OK;
	return kl_fail(err, KL_EDENIED,
		       "the judge wants sandbox level 0 and has level %d: start kodelabd as a service with "
		       "Delegate=yes, or read about judge.unsafe in kodelabd(8), or set judge.enabled = false",
		       (int)level);
}

/* The sandbox's own words say how the lab is to be started. */
static const char *advice_of(const struct kl_sandbox *sandbox)
{
	return kl_sandbox_level(sandbox) == KL_SANDBOX_NAMESPACES
		       ? "memory is watched every 10 ms instead of being limited by the kernel: start kodelabd as a "
			 "service with Delegate=yes"
		       : kl_sandbox_advice(sandbox);
}

enum kl_status judge0_open_sandbox(struct kl_sandbox **out, struct kl_loop *loop, const struct settings *settings,
				   struct kl_error *err)
{
	struct kl_paths paths;
	enum kl_status status = kl_paths_init(&paths, err);

	if (status)
		return status;
	free(paths.cache);
	paths.cache = kl_strdup(settings_string(settings, "data"));
	status = kl_sandbox_open(out, loop, &paths, err);
	kl_paths_release(&paths);
	return status ? status : accept_level(*out, settings_string(settings, "judge.unsafe"), err);
}

static enum kl_status open_sandbox(struct judge0 *judge, struct kl_error *err)
{
	enum kl_status status = judge0_open_sandbox(&judge->sandbox, judge->server->loop, judge->server->settings, err);
	enum kl_sandbox_level level;

	if (!judge->sandbox)
		return status;
	level = kl_sandbox_level(judge->sandbox);
	eventlog(level == KL_SANDBOX_CGROUP ? KL_LOG_INFO : KL_LOG_WARN, "sandbox",
		 EVENTLOG_NUMBER("sandbox_level", level), EVENTLOG_TEXT("advice", advice_of(judge->sandbox)));
	return status;
}

/* --- who waits -------------------------------------------------------------------------------------------------- */

static void release_waiter(struct judge0 *judge, struct waiter *waiter)
{
	struct request *request = waiter->request;

	TAILQ_REMOVE(&judge->waiters, waiter, link);
	free(waiter);
	request_answered(request);
}

static void answer_waiter(struct judge0 *judge, struct waiter *waiter, const struct kl_queue_entry *entry)
{
	submissions_answer(waiter->request, 201, entry, &waiter->fields, waiter->base64);
	release_waiter(judge, waiter);
}

/* Who has waited long enough gets what there is. */
static void give_up(struct judge0 *judge, struct waiter *waiter)
{
	struct kl_queue_entry entry;

	if (kl_queue_get(&entry, judge->server->queue, waiter->token, NULL)) {
		answer_framework(waiter->request, 500);
		release_waiter(judge, waiter);
		return;
	}
	answer_waiter(judge, waiter, &entry);
	kl_queue_entry_release(&entry);
}

/* Its place is free at once; the submission stays. */
static void on_gone(void *ctx, struct request *request)
{
	struct judge0 *judge = ctx;
	struct waiter *waiter;

	TAILQ_FOREACH(waiter, &judge->waiters, link)
		if (waiter->request == request) {
			give_up(judge, waiter);
			return;
		}
}

static void sweep(void *ctx)
{
	struct judge0 *judge = ctx;
	struct waiter *waiter, *next;
	int64_t now_ms = kl_clock_mono_ms();

	judge->sweep = NULL;
	for (waiter = TAILQ_FIRST(&judge->waiters); waiter; waiter = next) {
		next = TAILQ_NEXT(waiter, link);
		if (waiter->until_ms <= now_ms)
			give_up(judge, waiter);
	}
	if (!TAILQ_EMPTY(&judge->waiters))
		judge->sweep = kl_loop_add_timer(judge->server->loop, SWEEP_MS, sweep, judge);
}

void judge0_wait(struct judge0 *judge, struct request *request, const char *token, const struct fields *fields,
		 bool base64)
{
	struct waiter *waiter = kl_calloc(1, sizeof(*waiter));

	*waiter = (struct waiter){ .request = request, .fields = *fields, .base64 = base64 };
	snprintf(waiter->token, sizeof(waiter->token), "%s", token);
	waiter->until_ms = kl_clock_mono_ms() + 1000 * settings_int(judge->server->settings, "limits.wait_s");
	TAILQ_INSERT_TAIL(&judge->waiters, waiter, link);
	request_wait(request, on_gone, judge);
	if (!judge->sweep)
		judge->sweep = kl_loop_add_timer(judge->server->loop, SWEEP_MS, sweep, judge);
}

/* --- results ---------------------------------------------------------------------------------------------------- */

static void on_written(void *ctx, const struct kl_queue_entry *entry)
{
	struct judge0 *judge = ctx;

	callbacks_keep(judge->callbacks, entry);
}

static void on_finished(void *ctx, const struct kl_queue_entry *entry)
{
	struct judge0 *judge = ctx;
	struct waiter *waiter, *next;

	for (waiter = TAILQ_FIRST(&judge->waiters); waiter; waiter = next) {
		next = TAILQ_NEXT(waiter, link);
		if (!strcmp(waiter->token, entry->id))
			answer_waiter(judge, waiter, entry);
	}
	callbacks_begin(judge->callbacks, entry);
}

void judge0_turn(struct judge0 *judge)
{
	if (judge->elsewhere)
		(void)judge0_toolchains(judge); /* as the instances have them now */
	if (judge->executor)
		executor_turn(judge->executor);
}

void judge0_committed(struct judge0 *judge, bool committed)
{
	struct waiter *waiter, *next;

	for (waiter = TAILQ_FIRST(&judge->waiters); waiter; waiter = next) {
		next = TAILQ_NEXT(waiter, link);
		if (committed || waiter->stored) {
			waiter->stored = true;
			continue;
		}
		answer_framework(waiter->request, 500);
		release_waiter(judge, waiter);
	}
	if (judge->executor)
		executor_committed(judge->executor, committed);
}

/* --- all -------------------------------------------------------------------------------------------------------- */

static enum kl_status open_executor(struct judge0 *judge, struct kl_error *err)
{
	const struct executor_use use = {
		.server = judge->server,
		.sandbox = judge->sandbox,
		.toolchains = judge->toolchains,
		.workers = worker_count(judge->server, judge->elsewhere),
		.written = on_written,
		.done = on_finished,
		.ctx = judge,
	};

	return executor_open(&judge->executor, &use, err);
}

/* Where programs are run: here if the walls are good enough, or by other judges. */
static enum kl_status choose_place(struct judge0 *judge, struct kl_error *err)
{
	const char *said = settings_string(judge->server->settings, "judge.executor");
	enum kl_status status = KL_OK;

	judge->elsewhere = !strcmp(said, "remote");
	if (!judge->elsewhere)
		status = open_sandbox(judge, err);
	if (!status || strcmp(said, "auto") != 0)
		return status;
	eventlog(KL_LOG_WARN, "judged_elsewhere", EVENTLOG_TEXT("why", err->message));
	kl_sandbox_close(judge->sandbox);
	judge->sandbox = NULL;
	judge->elsewhere = true;
	return KL_OK;
}

enum kl_status judge0_open(struct judge0 **out, struct server *server, struct kl_error *err)
{
	struct judge0 *judge = kl_calloc(1, sizeof(*judge));
	const char *only = settings_string(server->settings, "judge.languages");
	bool enabled = settings_bool(server->settings, "judge.enabled");
	enum kl_status status;

	judge->server = server;
	TAILQ_INIT(&judge->waiters);
	status = enabled ? choose_place(judge, err) : KL_OK;
	if (!status && judge->sandbox)
		status = toolchains_open(&judge->toolchains, server->loop, judge->sandbox, only, err);
	else if (!status)
		judge->toolchains = toolchains_none();
	if (!status && enabled)
		status = open_executor(judge, err);
	if (!status)
		status = callbacks_open(&judge->callbacks, server, err);
	if (status) {
		judge0_close(judge);
		return status;
	}
	judge0_learn(judge);
	*out = judge;
	return KL_OK;
}

void judge0_close(struct judge0 *judge)
{
	struct waiter *waiter;

	if (!judge)
		return;
	kl_timer_cancel(judge->sweep);
	kl_timer_cancel(judge->learn);
	executor_close(judge->executor);
	while ((waiter = TAILQ_FIRST(
			&judge->waiters))) { /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it leaves the list */
		answer_framework(waiter->request, 503);
		release_waiter(judge, waiter);
	}
	callbacks_free(judge->callbacks);
	toolchains_free(judge->toolchains);
	kl_sandbox_close(judge->sandbox);
	free(judge);
}

void judge0_reload(struct judge0 *judge)
{
	struct kl_queue_limits limits;

	judge0_queue_limits(judge->server, &limits);
	kl_queue_set_limits(judge->server->queue, &limits);
}

void judge0_stop(struct judge0 *judge)
{
	struct waiter *waiter, *next;

	for (waiter = TAILQ_FIRST(&judge->waiters); waiter; waiter = next) {
		next = TAILQ_NEXT(waiter, link);
		if (kl_queue_position(judge->server->queue, waiter->token, NULL) >= 0)
			give_up(judge, waiter);
	}
}

bool judge0_busy(const struct judge0 *judge)
{
	return (judge->executor && executor_busy(judge->executor)) || callbacks_busy(judge->callbacks);
}

void judge0_look(const struct judge0 *judge, struct judge0_state *out)
{
	*out = (struct judge0_state){ .enabled = judge->executor != NULL,
				      .elsewhere = judge->elsewhere,
				      .workers = worker_count(judge->server, judge->elsewhere),
				      .advice = "" };
	if (judge->sandbox) {
		out->level = (int)kl_sandbox_level(judge->sandbox);
		out->advice = advice_of(judge->sandbox);
	}
}

struct kl_sandbox *judge0_sandbox(const struct judge0 *judge)
{
	return judge->sandbox;
}

/* --- languages elsewhere ------------------------------------------------------------------------------------------ */

static int64_t stamp_of(const struct kl_instances *instances)
{
	struct kl_instance_health health;
	int64_t stamp = 0;

	for (size_t i = 0; i < kl_instances_count(instances); i++) {
		kl_instance_health(&health, kl_instances_at(instances, i));
		stamp = stamp * 31 % 1000000007 + health.probed_ms + 1;
	}
	return stamp;
}

static void take_languages(struct judge0 *judge, const struct kl_instances *instances)
{
	const char *only = settings_string(judge->server->settings, "judge.languages");

	toolchains_forget(judge->toolchains);
	for (size_t i = 0; i < kl_instances_count(instances); i++) {
		const struct kl_instance_language *list;
		size_t count = 0;

		list = kl_instance_languages(kl_instances_at(instances, i), &count);
		for (size_t j = 0; j < count; j++)
			toolchains_add(judge->toolchains, list[j].id, list[j].name, only);
	}
}

const struct toolchains *judge0_toolchains(struct judge0 *judge)
{
	const struct kl_instances *instances = keys_instances(judge->server->keys);
	int64_t stamp = judge->elsewhere ? stamp_of(instances) : 0;

	if (stamp != judge->known)
		take_languages(judge, instances);
	judge->known = stamp;
	return judge->toolchains;
}

static void on_learned(void *ctx, struct kl_instance *instance, const struct kl_error *error)
{
	(void)ctx;
	eventlog(error->status ? KL_LOG_WARN : KL_LOG_INFO, "instance_asked",
		 EVENTLOG_TEXT("instance", kl_instance_spec(instance)->name), EVENTLOG_TEXT("error", error->message));
}

static void on_learn(void *ctx)
{
	struct judge0 *judge = ctx;
	const struct kl_instances *instances = keys_instances(judge->server->keys);
	bool unknown = false;

	judge->learn = NULL;
	for (size_t i = 0; i < kl_instances_count(instances); i++) {
		struct kl_instance *instance = kl_instances_at(instances, i);
		struct kl_instance_ask *asking;

		if (kl_instance_facts(instance))
			continue;
		unknown = true;
		(void)!kl_instance_probe(&asking, instance, on_learned, NULL, NULL);
	}
	if (!unknown)
		return;
	judge->learn = kl_loop_add_timer(judge->server->loop, judge->learn_ms, on_learn, judge);
	judge->learn_ms = 2 * judge->learn_ms < LEARN_MAX_MS ? 2 * judge->learn_ms : LEARN_MAX_MS;
}

void judge0_learn(struct judge0 *judge)
{
	if (!judge->elsewhere)
		return;
	kl_timer_cancel(judge->learn);
	judge->learn_ms = LEARN_MIN_MS;
	judge->learn = kl_loop_add_timer(judge->server->loop, 0, on_learn, judge);
}
