/* The routes of judging again, and its steps. */

#include "core/server/class/rejudge.h"

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>
#include <kodelab/intake.h>
#include <kodelab/loop.h>
#include <kodelab/queue.h>
#include <kodelab/store_rejudge.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/works.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define AT_ONCE  8 /* works that wait in the queue for one rejudge */
#define PAUSE_MS 1000 /* after a step that failed */

static const char *const states[] = { [KL_REJUDGE_RUNNING] = "running",
				      [KL_REJUDGE_CANCELING] = "canceling",
				      [KL_REJUDGE_DONE] = "done",
				      [KL_REJUDGE_CANCELED] = "canceled" };

/* --- steps -------------------------------------------------------------------------------------------------------- */

static void on_again(void *ctx)
{
	struct server *server = ctx;

	server->works->again = NULL;
	server->works->rejudge = true;
}

static void again_in(struct server *server, int64_t pause_ms)
{
	if (!server->works->again)
		server->works->again = kl_loop_add_timer(server->loop, pause_ms, on_again, server);
}

void rejudge_moved(struct server *server)
{
	again_in(server, 0);
}

void rejudge_turn(struct server *server)
{
	struct kl_error err;
	struct kl_rejudge open;
	size_t count = 1;
	bool more = false;
	enum kl_status status;

	if (!server->works->rejudge || server->stopping)
		return;
	server->works->rejudge = false;
	status = kl_store_rejudges_open(&open, &count, server->store, &err);
	if (!status && count && !(status = server_write(server, &err)))
		status = kl_rejudge_step(&more, server->works->intake, AT_ONCE, &err);
	if (!status) {
		if (more)
			again_in(server, 0);
		return;
	}
	again_in(server, PAUSE_MS);
	eventlog(KL_LOG_ERROR, "rejudge_failed", EVENTLOG_TEXT("error", err.message));
	server_reads_queue_again(server);
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

static void show(void *ctx, const struct kl_rejudge *rejudge)
{
	struct kl_buf *body = ctx;

	jsonout_object(body, NULL);
	jsonout_text(body, "id", rejudge->id);
	jsonout_text(body, "pack", rejudge->pack);
	jsonout_text(body, "slug", rejudge->slug);
	api_number(body, "version", rejudge->version);
	jsonout_text(body, "user", *rejudge->user ? rejudge->user : NULL);
	jsonout_text(body, "state", states[rejudge->state]);
	jsonout_int(body, "total", rejudge->total);
	jsonout_int(body, "done", rejudge->done);
	jsonout_int(body, "changed", rejudge->changed);
	api_time(body, "created", rejudge->created_ms);
	api_time(body, "ended", rejudge->ended_ms);
	kl_buf_add_char(body, '}');
}

static void answer(struct request *request, int status, const struct kl_rejudge *rejudge)
{
	struct kl_buf body;

	api_begin(&body);
	show(&body, rejudge);
	request_durable(request);
	api_end(request, status, &body);
}

/* --- routes ------------------------------------------------------------------------------------------------------- */

static void rejudge_add(struct request *request)
{
	struct server *server = request->server;
	const char *pack = "", *slug = "";
	int64_t version = 0;
	const struct api_field fields[] = { { "pack", .text = &pack },
					    { "slug", .text = &slug },
					    { "version", .number = &version } };
	struct kl_rejudge rejudge;
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return;
	if (!kl_slug_valid(pack) || !kl_slug_valid(slug)) {
		api_error(request, API_INVALID, "'pack' and 'slug' must name a challenge");
		return;
	}
	if (server_write(server, &err) ||
	    kl_rejudge_begin(&rejudge, server->works->intake, pack, slug, version, request->actor.id, &err) ||
	    audit_note(request, "rejudge.begin", rejudge.id, &err, "%s/%s", pack, slug)) {
		api_fail(request, &err);
		return;
	}
	eventlog(KL_LOG_INFO, "rejudge", EVENTLOG_TEXT("rejudge", rejudge.id), EVENTLOG_TEXT("pack", pack),
		 EVENTLOG_TEXT("slug", slug), EVENTLOG_TEXT("user", request->actor.name));
	rejudge_moved(server);
	answer(request, 201, &rejudge);
}

static void rejudge_get(struct request *request)
{
	struct kl_rejudge rejudge;
	struct kl_error err;

	if (kl_store_rejudge_get(&rejudge, request->server->store, request_argument(request, "rejudge"), &err))
		api_fail(request, &err);
	else
		answer(request, 200, &rejudge);
}

static void rejudge_cancel(struct request *request)
{
	struct server *server = request->server;
	struct kl_rejudge rejudge;
	struct kl_error err;

	if (server_write(server, &err) ||
	    kl_rejudge_cancel(&rejudge, server->works->intake, request_argument(request, "rejudge"), &err) ||
	    audit_note(request, "rejudge.cancel", rejudge.id, &err, "%s/%s", rejudge.pack, rejudge.slug)) {
		api_fail(request, &err);
		return;
	}
	rejudge_moved(server);
	answer(request, 200, &rejudge);
}

static void rejudge_list(struct request *request)
{
	struct api_list list;

	if (!api_list_begin_page(&list, request))
		return;
	request_durable(request);
	api_list_end(&list, kl_store_rejudges(&list.total, request->server->store, list.page.skip, list.page.limit,
					      show, &list.body, &list.err));
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",    "/api/admin/rejudge",          0, rejudge_list,   ACCESS_ADMIN },
	{ "POST",   "/api/admin/rejudge",          0, rejudge_add,    ACCESS_ADMIN },
	{ "GET",    "/api/admin/rejudge/:rejudge", 0, rejudge_get,    ACCESS_ADMIN },
	{ "DELETE", "/api/admin/rejudge/:rejudge", 0, rejudge_cancel, ACCESS_ADMIN },
};
/* clang-format on */

const struct route_area rejudge_area = { "/api/admin", rows, KL_LENGTH(rows) };
