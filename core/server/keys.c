/*
 * Opening and closing, and the daily trial: one key at a time, at steps that spread all of them over the day, by a
 * request that runs nothing. A key whose judge cannot be reached is asked for again when its turn comes back.
 */

#include "core/server/keys.h"

#include <string.h>
#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/instance.h>
#include <kodelab/keycheck.h>
#include <kodelab/keypool.h>
#include <kodelab/loop.h>
#include <kodelab/store.h>
#include <kodelab/store_instances.h>
#include <kodelab/vault.h>

#include "core/server/api.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/metrics.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"

#define DAY_MS      INT64_C(86400000)
#define STEP_MIN_MS 1000

struct trial { /* one key being tried */
	TAILQ_ENTRY(trial) link;
	struct keys *keys;
	struct kl_key_check *check;
	struct request *request; /* NULL: nobody waits, it is the daily one */
	char id[KL_ID_SIZE];
};

struct keys {
	bool astray; /* the instances are not those of the store: a commit failed */
	struct server *server;
	struct kl_vault *vault;
	struct kl_keypool *pool;
	struct kl_instances *instances;
	struct kl_timer *daily; /* NULL: stopped */
	char last[KL_ID_SIZE]; /* tried last by the timer; "": none */
	TAILQ_HEAD(trials, trial) trials;
};

struct kl_keypool *keys_pool(const struct keys *keys)
{
	return keys->pool;
}

struct kl_instances *keys_instances(const struct keys *keys)
{
	return keys->instances;
}

/* --- trying ------------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct { enum kl_status status; const char *word; } verdicts[] = {
	{ KL_OK,      "works" },
	{ KL_EDENIED, "refused" },
	{ KL_EMANY,   "exhausted" },
	{ KL_ENET,    "unknown" },
};
/* clang-format on */

static const char *verdict_word(enum kl_status status)
{
	for (size_t i = 0; i < KL_LENGTH(verdicts); i++)
		if (verdicts[i].status == status)
			return verdicts[i].word;
	return "unknown";
}

static void answer_trial(struct request *request, const struct trial *trial, enum kl_status status,
			 const char *sentence)
{
	struct kl_buf body;

	api_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "id", trial->id);
	jsonout_text(&body, "verdict", verdict_word(status));
	jsonout_text(&body, "message", sentence);
	kl_buf_add_char(&body, '}');
	request_durable(request);
	api_end(request, 200, &body);
	request_answered(request);
}

static void on_checked(void *ctx, enum kl_status status, const char *sentence)
{
	struct trial *trial = ctx;

	TAILQ_REMOVE(&trial->keys->trials, trial, link);
	eventlog(status && status != KL_ENET ? KL_LOG_WARN : KL_LOG_INFO, "key_tried", EVENTLOG_TEXT("key", trial->id),
		 EVENTLOG_TEXT("verdict", verdict_word(status)), EVENTLOG_TEXT("message", sentence));
	if (trial->request)
		answer_trial(trial->request, trial, status, sentence);
	free(trial);
}

static enum kl_status start_trial(struct keys *keys, struct request *request, const char *id, const char *owner,
				  struct kl_error *err)
{
	struct trial *trial = kl_calloc(1, sizeof(*trial));
	const struct kl_key_check_spec spec = { .instances = keys->instances,
						.pool = keys->pool,
						.id = id,
						.owner = owner,
						.done = on_checked,
						.ctx = trial };
	enum kl_status status;

	*trial = (struct trial){ .keys = keys, .request = request };
	snprintf(trial->id, sizeof(trial->id), "%s", id);
	status = kl_key_check(&trial->check, &spec, err);
	if (status)
		free(trial);
	else
		TAILQ_INSERT_TAIL(&keys->trials, trial, link);
	return status;
}

void keys_check(struct keys *keys, struct request *request, const char *id, const char *owner)
{
	struct kl_error err;

	if (!start_trial(keys, request, id, owner, &err)) {
		request_wait(request, NULL, NULL);
		return;
	}
	eventlog(KL_LOG_ERROR, "key_not_tried", EVENTLOG_TEXT("key", id), EVENTLOG_TEXT("error", err.message));
	api_error(request, API_INTERNAL, "the key cannot be tried here: the server's log says why");
}

enum kl_status keys_check_all(struct keys *keys, size_t max, size_t *started, struct kl_error *err)
{
	struct kl_key_info *all;
	size_t count;
	enum kl_status status = kl_keypool_list(&all, &count, keys->pool, NULL, err);

	if (status)
		return status;
	*started = 0;
	for (size_t i = 0; i < count && *started < max; i++)
		if (!all[i].paused && !start_trial(keys, NULL, all[i].id, NULL, NULL))
			++*started;
	kl_key_infos_free(all, count);
	return KL_OK;
}

/* --- once a day --------------------------------------------------------------------------------------------------- */

static void on_daily(void *ctx);

/* So long between two keys that all of them get their turn within a day. */
static void plan_next(struct keys *keys, size_t due)
{
	int64_t step_ms = 1000 * settings_int(keys->server->settings, "keys.check_s");

	if (due && DAY_MS / (int64_t)due < step_ms)
		step_ms = DAY_MS / (int64_t)due;
	keys->daily =
		kl_loop_add_timer(keys->server->loop, step_ms < STEP_MIN_MS ? STEP_MIN_MS : step_ms, on_daily, keys);
}

/* The next one after the last, round and round. */
static const struct kl_key_info *whose_turn(const struct keys *keys, const struct kl_key_info *due, size_t count)
{
	const struct kl_key_info *next = NULL, *first = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!first || strcmp(due[i].id, first->id) < 0)
			first = &due[i];
		if (strcmp(due[i].id, keys->last) > 0 && (!next || strcmp(due[i].id, next->id) < 0))
			next = &due[i];
	}
	return next ? next : first;
}

static void on_daily(void *ctx)
{
	struct keys *keys = ctx;
	const struct kl_key_info *key;
	struct kl_key_info *due = NULL;
	struct kl_error err;
	size_t count = 0;

	keys->daily = NULL;
	if (settings_bool(keys->server->settings, "keys.validate") && kl_keypool_due(&due, &count, keys->pool, &err))
		eventlog(KL_LOG_ERROR, "keys_not_tried", EVENTLOG_TEXT("error", err.message));
	key = whose_turn(keys, due, count);
	if (key) {
		snprintf(keys->last, sizeof(keys->last), "%s", key->id);
		if (start_trial(keys, NULL, key->id, NULL, &err))
			eventlog(KL_LOG_WARN, "key_not_tried", EVENTLOG_TEXT("key", key->id),
				 EVENTLOG_TEXT("error", err.message));
	}
	kl_key_infos_free(due, count);
	plan_next(keys, count);
}

/* --- opening and closing ------------------------------------------------------------------------------------------ */

/* Beside the data folder and not in it: a copy of the folder does not open the keys. */
char *keys_master_path(const struct settings *settings)
{
	const char *said = settings_string(settings, "keys.master_file");

	return *said ? kl_strdup(said) : kl_format("%s-keys/master.key", settings_string(settings, "data"));
}

static enum kl_key_strategy strategy_of(const struct server *server)
{
	enum kl_key_strategy strategy = KL_KEYS_OWNER_FIRST;

	kl_key_strategy_read(&strategy, settings_string(server->settings, "keys.strategy"));
	return strategy;
}

void keys_reload(struct keys *keys)
{
	kl_keypool_set_rules(keys->pool, strategy_of(keys->server), settings_bool(keys->server->settings, "keys.fair"));
}

enum kl_status keys_open(struct keys **out, struct server *server, const char *taken, struct kl_error *err)
{
	struct keys *keys = kl_calloc(1, sizeof(*keys));
	char *path = keys_master_path(server->settings);
	enum kl_status status;

	keys->server = server;
	TAILQ_INIT(&keys->trials);
	if ((status = kl_vault_open(&keys->vault, path, taken, err)) ||
	    (status = kl_keypool_open(&keys->pool, server->store, keys->vault, &server->clock, strategy_of(server),
				      err)) ||
	    (status =
		     kl_instances_open(&keys->instances, server->loop, server->store, &server->clock, keys->pool, err)))
		goto out;
	keys_reload(keys);
	plan_next(keys, 0);
	*out = keys;
out:
	free(path);
	if (status)
		keys_close(keys);
	return status;
}

void keys_stop(struct keys *keys)
{
	kl_timer_cancel(keys->daily);
	keys->daily = NULL;
}

void keys_close(struct keys *keys)
{
	if (!keys)
		return;
	kl_timer_cancel(keys->daily);
	kl_instances_close(keys->instances); /* ends the trials */
	kl_keypool_close(keys->pool);
	kl_vault_close(keys->vault);
	free(keys);
}

/* One that is being asked stays until it has answered. */
static void put_back(struct keys *keys)
{
	struct kl_instance_row *rows;
	size_t count;

	if (kl_instances_refresh(NULL, keys->instances, NULL) ||
	    kl_store_instances(&rows, &count, keys->server->store, NULL))
		return;
	keys->astray = kl_instances_count(keys->instances) > count;
	kl_instance_rows_free(rows, count);
}

enum kl_status keys_change_begin(struct keys *keys, struct kl_error *err)
{
	enum kl_status status = server_write(keys->server, err);

	return status ? status : kl_store_part_begin(keys->server->store, err);
}

enum kl_status keys_change_end(struct keys *keys, enum kl_status status, struct kl_error *err)
{
	status = kl_store_part_end(keys->server->store, status, err);
	if (status) {
		keys->astray = true;
		put_back(keys);
	}
	return status;
}

void keys_committed(struct keys *keys, bool committed)
{
	keys->astray |= !committed;
	if (keys->astray)
		put_back(keys);
	if (kl_keypool_traces(keys->pool))
		kl_keypool_shred(keys->pool);
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

void keys_metrics(struct keys *keys, struct kl_buf *body)
{
	struct kl_key_totals totals;

	if (kl_keypool_totals(&totals, keys->pool, NULL, NULL, NULL))
		return;
	kl_buf_add_str(body, "# HELP kodelabd_keys Keys of judges elsewhere\n# TYPE kodelabd_keys gauge\n");
	for (int state = 0; state < KL_KEY_STATE_COUNT; state++)
		kl_buf_addf(body, "kodelabd_keys{state=\"%s\"} %zu\n", kl_key_state_word((enum kl_key_state)state),
			    totals.keys[state]);
	metrics_gauge(body, "kodelabd_key_requests_used", "Requests of today by keys with a limit",
		      (double)totals.used);
	metrics_gauge(body, "kodelabd_key_requests_limit", "What those keys may do a day", (double)totals.limit);
	metrics_gauge(body, "kodelabd_key_requests_held", "Requests kept back for exams", (double)totals.held);
}
