/* What was judged, by whom, on what machine. */

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/queue.h>
#include <kodelab/store_queue.h>

#include "core/server/judge0.h"
#include "core/server/judge0_routes.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/submission.h"
#include "core/server/toolchain.h"

#define DAY_MS        ((int64_t)24 * 3600 * 1000)
#define CACHE_MS      (10 * 60 * 1000) /* counting a year's submissions takes a while */
#define CPUINFO_BYTES ((size_t)1 << 20)

/* --- statistics ------------------------------------------------------------------------------------------------- */

struct counting {
	struct kl_buf *body;
	const struct toolchains *toolchains;
	int64_t today, total, of_today; /* days since 1970 */
};

static void add_language(void *ctx, int64_t id, int64_t count)
{
	struct counting *counting = ctx;

	kl_buf_add_str(counting->body,
		       counting->body->data[counting->body->len - 1] == '[' ? "{\"language\":{" : ",{\"language\":{");
	jsonout_int(counting->body, "id", id);
	jsonout_text(counting->body, "name", toolchain_name(counting->toolchains, id));
	kl_buf_addf(counting->body, "},\"count\":%lld}", (long long)count);
}

static void add_status(void *ctx, int64_t id, int64_t count)
{
	struct counting *counting = ctx;

	if (!status_description(id)[0])
		return;
	kl_buf_add_str(counting->body,
		       counting->body->data[counting->body->len - 1] == '[' ? "{\"status\":{" : ",{\"status\":{");
	jsonout_int(counting->body, "id", id);
	jsonout_text(counting->body, "name", status_description(id));
	kl_buf_addf(counting->body, "},\"count\":%lld}", (long long)count);
}

static void add_day(void *ctx, int64_t day, int64_t count)
{
	struct counting *counting = ctx;
	char text[JSONOUT_TIME_SIZE];

	counting->total += count;
	if (day == counting->today)
		counting->of_today += count;
	if (day <= counting->today - 30)
		return;
	jsonout_time(text, day * DAY_MS);
	text[10] = '\0'; /* the day alone */
	jsonout_int(counting->body, text, count);
}

static enum kl_status build(struct counting *counting, struct server *server, int64_t now_ms, struct kl_error *err)
{
	struct kl_buf *body = counting->body;
	char from[JSONOUT_TIME_SIZE], until[JSONOUT_TIME_SIZE];
	enum kl_status status;
	int64_t bytes;

	jsonout_time(from, now_ms);
	jsonout_time(until, now_ms + CACHE_MS);
	kl_buf_add_char(body, '{');
	jsonout_text(body, "created_at", from);
	jsonout_text(body, "cached_until", until);
	kl_buf_add_str(body, ",\"submissions\":{\"last_30_days\":{");
	if ((status = kl_store_queue_counts(server->store, KL_QUEUE_BY_DAY, add_day, counting, err)))
		return status;
	kl_buf_addf(body, "},\"total\":%lld,\"today\":%lld},\"languages\":[", (long long)counting->total,
		    (long long)counting->of_today);
	if ((status = kl_store_queue_counts(server->store, KL_QUEUE_BY_KIND, add_language, counting, err)))
		return status;
	kl_buf_add_str(body, "],\"statuses\":[");
	if ((status = kl_store_queue_counts(server->store, KL_QUEUE_BY_OUTCOME, add_status, counting, err)))
		return status;
	bytes = server_database_bytes(server);
	kl_buf_addf(body, "],\"database\":{\"size_pretty\":\"%lld kB\",\"size_in_bytes\":%lld}}",
		    (long long)(bytes / 1024), (long long)bytes);
	return KL_OK;
}

void info_statistics(struct request *request)
{
	struct server *server = request->server;
	int64_t now_ms = kl_clock_wall_ms(&server->clock);
	struct kl_buf body;
	struct counting counting = { .body = &body,
				     .toolchains = judge0_toolchains(server->judge0),
				     .today = now_ms / DAY_MS };

	if (server->statistics && now_ms < server->statistics_until_ms &&
	    !request_says_true(request, "invalidate_cache")) {
		answer_begin(&body);
		kl_buf_add_str(&body, server->statistics);
		answer_json(request, 200, &body);
		return;
	}
	answer_begin(&body);
	if (build(&counting, server, now_ms, NULL)) {
		kl_buf_release(&body);
		answer_framework(request, 500);
		return;
	}
	free(server->statistics);
	server->statistics = kl_strdup(body.data);
	server->statistics_until_ms = now_ms + CACHE_MS;
	answer_json(request, 200, &body);
}

/* --- workers ---------------------------------------------------------------------------------------------------- */

void info_workers(struct request *request)
{
	struct judge0_state judge;
	struct kl_queue_counts counts;
	struct kl_buf body;
	int64_t workers, working;

	judge0_look(request->server->judge0, &judge);
	kl_queue_counts(&counts, request->server->queue);
	workers = judge.enabled ? (int64_t)judge.workers : 0;
	working = (int64_t)counts.processing;
	answer_begin(&body);
	kl_buf_add_str(&body, "[{");
	jsonout_text(&body, "queue", SERVER_JUDGE0_VERSION);
	jsonout_int(&body, "size", (int64_t)counts.queued);
	jsonout_int(&body, "available", workers);
	jsonout_int(&body, "idle", workers > working ? workers - working : 0);
	jsonout_int(&body, "working", working);
	jsonout_int(&body, "paused", 0);
	jsonout_int(&body, "failed", 0);
	kl_buf_add_str(&body, "}]");
	answer_json(request, 200, &body);
}

/* --- the machine ------------------------------------------------------------------------------------------------ */

/* The value of "name : value" in a text; "": none. */
static void find_line(char *value, size_t size, const char *text, const char *name)
{
	size_t len = strlen(name);

	*value = '\0';
	for (const char *at = text; at && *at; at = strchr(at, '\n'), at += at != NULL) {
		const char *colon = at + strcspn(at, ":\n");

		if (strncmp(at, name, len) != 0 || *colon != ':' || at + len + strspn(at + len, " \t") != colon)
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(colon, "\n"), colon);
		return;
	}
}

static void add_file_line(struct kl_buf *body, const char *key, const char *path, const char *name)
{
	struct kl_buf text;
	char value[200];

	kl_buf_init(&text, CPUINFO_BYTES);
	(void)!kl_file_read(&text, path, NULL);
	find_line(value, sizeof(value), text.data, name);
	if (*value)
		jsonout_text(body, key, value);
	kl_buf_release(&text);
}

/* "3.8Gi", as free -h. */
static void add_memory(struct kl_buf *body, const char *key, const char *line)
{
	struct kl_buf text;
	char value[64], pretty[32];

	kl_buf_init(&text, CPUINFO_BYTES);
	(void)!kl_file_read(&text, "/proc/meminfo", NULL);
	find_line(value, sizeof(value), text.data, line);
	snprintf(pretty, sizeof(pretty), "%.1fGi", strtod(value, NULL) / (1 << 20));
	jsonout_text(body, key, pretty);
	kl_buf_release(&text);
}

void info_system(struct request *request)
{
	struct utsname machine = { .machine = "" };
	struct kl_buf body;
	char cpus[24];

	uname(&machine);
	snprintf(cpus, sizeof(cpus), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	answer_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "Architecture", machine.machine);
	jsonout_text(&body, "CPU(s)", cpus);
	add_file_line(&body, "Vendor ID", "/proc/cpuinfo", "vendor_id");
	add_file_line(&body, "Model name", "/proc/cpuinfo", "model name");
	add_file_line(&body, "CPU family", "/proc/cpuinfo", "cpu family");
	add_file_line(&body, "Model", "/proc/cpuinfo", "model");
	add_file_line(&body, "Stepping", "/proc/cpuinfo", "stepping");
	add_file_line(&body, "CPU MHz", "/proc/cpuinfo", "cpu MHz");
	add_file_line(&body, "BogoMIPS", "/proc/cpuinfo", "bogomips");
	add_file_line(&body, "Flags", "/proc/cpuinfo", "flags");
	add_memory(&body, "Mem", "MemTotal");
	add_memory(&body, "Swap", "SwapTotal");
	kl_buf_add_char(&body, '}');
	answer_json(request, 200, &body);
}
