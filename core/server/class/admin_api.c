/* What the administrator does by HTTP: a backup, and the configuration read again. */

#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/worker.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/admin.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/route.h"
#include "core/server/server.h"
#include "core/server/settings.h"

#define BACKUP_MS (INT64_C(3600) * 1000) /* a backup that takes longer hangs */

/* --- backup ------------------------------------------------------------------------------------------------------- */

struct admin {
	struct server *server;
	struct kl_worker *worker; /* the one backup under way; NULL: none */
	struct request *request; /* who waits for it; NULL: went away */
	char *path;
};

static void answer_backup(struct request *request, const char *path)
{
	struct kl_buf body;
	struct stat st;

	api_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "file", kl_path_name(path));
	jsonout_int(&body, "bytes", stat(path, &st) == 0 ? st.st_size : 0);
	kl_buf_add_char(&body, '}');
	api_end(request, 200, &body);
}

static void on_backup(void *ctx, const struct kl_worker_result *result)
{
	struct admin *admin = ctx;
	struct request *request = admin->request;
	bool good = result->started && !result->timed_out && !result->canceled && result->wait_status == 0;

	if (good)
		eventlog(KL_LOG_INFO, "backup", EVENTLOG_TEXT("file", admin->path));
	else
		eventlog(KL_LOG_ERROR, "backup_failed", EVENTLOG_TEXT("error", result->err ? result->err->data : ""));
	if (request && good)
		answer_backup(request, admin->path);
	else if (request)
		api_error(request, API_INTERNAL, "the backup failed: the server's log says why");
	admin->worker = NULL;
	admin->request = NULL;
	free(admin->path);
	admin->path = NULL;
	if (request)
		request_answered(request);
}

static void on_gone(void *ctx, struct request *request)
{
	struct admin *admin = ctx;

	admin->request = NULL;
	api_error(request, API_INTERNAL, "the backup goes on: the server's log will say how it ends");
	request_answered(request);
}

/* data/backups/kodelabd-20261129-131500.db; owned by the caller. */
static char *new_name(const struct server *server)
{
	time_t now = (time_t)(kl_clock_wall_ms(&server->clock) / 1000);
	char *folder = kl_path_join(settings_string(server->settings, "data"), "backups"), *path;
	char name[64];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(name, sizeof(name), "kodelabd-%Y%m%d-%H%M%S.db", &tm);
	(void)mkdir(folder, 0700); /* if that fails, the backup says so */
	path = kl_path_join(folder, name);
	free(folder);
	return path;
}

static void backup(struct request *request)
{
	struct admin *admin = request->server->admin;
	const char *config = request->server->config_path;
	const char *argv[] = { "/proc/self/exe", "--config", config ? config : "/dev/null", "backup", NULL, NULL };
	const struct kl_worker_spec spec = {
		.argv = argv, .deadline_ms = BACKUP_MS, .on_done = on_backup, .ctx = admin
	};
	struct kl_error err;

	if (!api_read_nothing(request))
		return;
	if (admin->worker) {
		api_error(request, API_CONFLICT, "a backup is being made: wait for its end");
		return;
	}
	admin->path = new_name(request->server);
	argv[4] = admin->path;
	if (kl_worker_start(&admin->worker, request->server->loop, &spec, &err)) {
		api_fail(request, &err);
		free(admin->path);
		admin->path = NULL;
		return;
	}
	admin->request = request;
	if (audit_note(request, "server.backup", kl_path_name(admin->path), &err, "begun"))
		eventlog(KL_LOG_ERROR, "not_audited", EVENTLOG_TEXT("error", err.message));
	request_wait(request, on_gone, admin);
}

/* --- reload ------------------------------------------------------------------------------------------------------- */

static void reload(struct request *request)
{
	struct kl_error err;
	struct kl_buf body;

	if (!api_read_nothing(request))
		return;
	if (server_reload(request->server, &err)) {
		api_error(request, API_INVALID, "%s", err.message);
		return;
	}
	if (audit_note(request, "server.reload", "", &err, "the configuration")) {
		api_fail(request, &err);
		return;
	}
	request_durable(request);
	api_begin(&body);
	kl_buf_add_str(&body, "{\"reloaded\":true}");
	api_end(request, 200, &body);
}

/* --- the part ----------------------------------------------------------------------------------------------------- */

static enum kl_status admin_open(struct server *server, struct kl_error *err)
{
	(void)err;
	server->admin = kl_calloc(1, sizeof(*server->admin));
	server->admin->server = server;
	return KL_OK;
}

/* A backup that was begun is made, whoever asked for it. */
static bool is_busy(const struct server *server)
{
	return server->admin->worker;
}

static void admin_close(struct server *server)
{
	struct admin *admin = server->admin;

	if (!admin)
		return;
	if (admin->worker)
		kl_worker_cancel(admin->worker);
	while (admin->worker)
		kl_loop_turn(server->loop, 10);
	free(admin);
	server->admin = NULL;
}

const struct server_part admin_part = {
	.name = "administration",
	.open = admin_open,
	.busy = is_busy,
	.close = admin_close,
};

/* clang-format off */
static const struct route rows[] = {
	{ "POST", "/api/admin/backup", 0, backup, ACCESS_ADMIN },
	{ "POST", "/api/admin/reload", 0, reload, ACCESS_ADMIN },
};
/* clang-format on */

const struct route_area admin_area = { "/api/admin", rows, KL_LENGTH(rows) };
