/* The judge: its sandbox, and what it may be. */

#include "core/server/judge0.h"

#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>
#include <kodelab/queue.h>
#include <kodelab/sandbox.h>

#include "core/server/eventlog.h"
#include "core/server/server.h"
#include "core/server/settings.h"

struct judge0 {
	struct server *server;
	struct kl_sandbox *sandbox; /* NULL: no programs are run here */
};

/* Nobody types this by accident. */
static const char unsafe_sentence[] = "I accept that programs of strangers run here with weaker walls";

/* --- limits ----------------------------------------------------------------------------------------------------- */

static size_t worker_count(const struct server *server)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = (size_t)settings_int(server->settings, "judge.workers");

	return wanted ? wanted : cores > 0 ? (size_t)cores : 1;
}

void judge0_queue_limits(const struct server *server, struct kl_queue_limits *out)
{
	int64_t rate = settings_int(server->settings, "queue.rate_per_minute");

	*out = (struct kl_queue_limits){
		.queued_max = (size_t)settings_int(server->settings, "queue.max"),
		.in_flight_max = worker_count(server),
		.user_in_flight_max = worker_count(server),
		.rate_per_minute = rate ? (int)rate : -1,
		.tries_max = (int)settings_int(server->settings, "queue.tries"),
	};
}

/* --- walls ------------------------------------------------------------------------------------------------------ */

/*
 * Level 0 is what a class server should have. Levels 1 and 2 are taken when the administrator says so in words; level 3
 * never: programs there can read whatever the server can.
 */
static enum kl_status accept_level(const struct judge0 *judge, struct kl_error *err)
{
	enum kl_sandbox_level level = kl_sandbox_level(judge->sandbox);
	const char *said = settings_string(judge->server->settings, "judge.unsafe");

	eventlog(KL_LOG_INFO, "sandbox", EVENTLOG_NUMBER("level", level),
		 EVENTLOG_TEXT("advice", kl_sandbox_advice(judge->sandbox)));
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
		       "Delegate=yes, or read \"judge.unsafe\" in kodelabd(8), or set judge.enabled = false",
		       (int)level);
}

static enum kl_status open_sandbox(struct judge0 *judge, struct kl_error *err)
{
	struct kl_paths paths;
	enum kl_status status = kl_paths_init(&paths, err);

	if (status)
		return status;
	free(paths.cache);
	paths.cache = kl_strdup(settings_string(judge->server->settings, "data"));
	status = kl_sandbox_open(&judge->sandbox, judge->server->loop, &paths, err);
	kl_paths_release(&paths);
	return status ? status : accept_level(judge, err);
}

/* --- all -------------------------------------------------------------------------------------------------------- */

enum kl_status judge0_open(struct judge0 **out, struct server *server, struct kl_error *err)
{
	struct judge0 *judge = kl_calloc(1, sizeof(*judge));
	enum kl_status status = KL_OK;

	judge->server = server;
	if (settings_bool(server->settings, "judge.enabled"))
		status = open_sandbox(judge, err);
	if (status)
		judge0_close(judge);
	else
		*out = judge;
	return status;
}

void judge0_close(struct judge0 *judge)
{
	if (!judge)
		return;
	kl_sandbox_close(judge->sandbox);
	free(judge);
}

void judge0_turn(struct judge0 *judge)
{
	(void)judge;
}

void judge0_committed(struct judge0 *judge, bool committed)
{
	(void)judge;
	(void)committed;
}

void judge0_reload(struct judge0 *judge)
{
	struct kl_queue_limits limits;

	judge0_queue_limits(judge->server, &limits);
	kl_queue_set_limits(judge->server->queue, &limits);
}

void judge0_stop(struct judge0 *judge)
{
	(void)judge;
}

bool judge0_busy(const struct judge0 *judge)
{
	(void)judge;
	return false;
}

void judge0_look(const struct judge0 *judge, struct judge0_state *out)
{
	*out = (struct judge0_state){ .enabled = judge->sandbox != NULL, .workers = worker_count(judge->server) };
	if (judge->sandbox) {
		out->level = (int)kl_sandbox_level(judge->sandbox);
		out->advice = kl_sandbox_advice(judge->sandbox);
	}
}
