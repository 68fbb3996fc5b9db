/* /health and /metrics. */

#include "core/server/ops.h"

#include <kodelab/clock.h>
#include <kodelab/queue.h>

#include "core/server/class/accounts.h"
#include "core/server/class/events.h"
#include "core/server/http.h"
#include "core/server/judge0.h"
#include "core/server/jsonout.h"
#include "core/server/keys.h"
#include "core/server/request.h"
#include "core/server/server.h"

static const char *health_word(const struct server *server, bool judged)
{
	if (server->stopping)
		return "stopping";
	if (server->storage_full)
		return "degraded";
	return judged ? "ok" : "no judge";
}

void ops_health(struct request *request)
{
	struct server *server = request->server;
	struct judge0_state judge;
	struct kl_queue_counts counts;
	struct kl_buf body;

	judge0_look(server->judge0, &judge);
	kl_queue_counts(&counts, server->queue);
	answer_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "status", health_word(server, judge.enabled));
	jsonout_int(&body, "queue_length", (int64_t)counts.queued);
	jsonout_int(&body, "processing", (int64_t)counts.processing);
	jsonout_int(&body, "max_concurrent", (int64_t)judge.workers);
	jsonout_int(&body, "uptime", (kl_clock_mono_ms() - server->started_ms) / 1000);
	if (server->storage_full)
		jsonout_text(&body, "storage", "full");
	if (judge.elsewhere)
		jsonout_text(&body, "executor", "remote");
	if (judge.enabled && !judge.elsewhere) {
		jsonout_int(&body, "sandbox_level", judge.level);
		jsonout_text(&body, "sandbox_advice", *judge.advice ? judge.advice : NULL);
	}
	kl_buf_add_char(&body, '}');
	answer_json(request, server->stopping ? 503 : 200, &body);
}

void ops_metrics(struct request *request)
{
	struct server *server = request->server;
	struct judge0_state judge;
	struct kl_queue_counts counts;
	struct kl_buf body;

	judge0_look(server->judge0, &judge);
	kl_queue_counts(&counts, server->queue);
	answer_begin(&body);
	metrics_print(&server->metrics, &body);
	metrics_gauge(&body, "kodelabd_queue_length", "Submissions that wait", (double)counts.queued);
	metrics_gauge(&body, "kodelabd_processing", "Submissions being judged", (double)counts.processing);
	metrics_gauge(&body, "kodelabd_queue_oldest_seconds", "How long the oldest one waits",
		      (double)counts.oldest_wait_ms / 1000);
	metrics_gauge(&body, "kodelabd_run_mean_seconds", "Moving mean of a submission's time in work",
		      (double)counts.mean_run_ms / 1000);
	metrics_gauge(&body, "kodelabd_workers", "Submissions that may be judged at the same time",
		      (double)judge.workers);
	metrics_gauge(&body, "kodelabd_active_requests", "Requests being received, worked on or sent",
		      (double)http_active(server->http));
	metrics_gauge(&body, "kodelabd_uptime_seconds", "Since the start",
		      (double)(kl_clock_mono_ms() - server->started_ms) / 1000);
	keys_metrics(server->keys, &body);
	accounts_metrics(server, &body);
	events_metrics(server, &body);
	answer_json(request, 200, &body);
	request->answer.type = "text/plain; version=0.0.4; charset=utf-8";
}
