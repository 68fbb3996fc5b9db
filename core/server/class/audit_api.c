/* The audit log, for the administrator: who did what, the newest first. `kodelabd audit verify` looks whether it is as it was written. */

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

static void show_row(void *ctx, const struct kl_audit_row *row)
{
	struct kl_buf *body = ctx;

	jsonout_object(body, NULL);
	jsonout_int(body, "number", row->number);
	api_time(body, "at", row->at_ms);
	jsonout_text(body, "actor", *row->actor ? row->actor : NULL);
	jsonout_text(body, "name", row->name);
	jsonout_text(body, "action", row->action);
	jsonout_text(body, "subject", row->subject);
	jsonout_text(body, "detail", row->detail);
	jsonout_text(body, "from", row->from);
	jsonout_text(body, "chain", row->chain);
	kl_buf_add_char(body, '}');
}

static const char *query(const struct request *request, const char *name)
{
	const char *text = request_query(request, name);

	return text ? text : "";
}

static void audit_list(struct request *request)
{
	struct kl_audit_filter filter = { .action = query(request, "action"),
					  .subject = query(request, "subject"),
					  .name = query(request, "name") };
	struct api_list list;

	if (!api_list_begin_page(&list, request))
		return;
	filter.skip = list.page.skip;
	filter.max = list.page.limit;
	api_list_end(&list, kl_store_audit_list(&list.total, request->server->store, &filter, show_row, &list.body,
						&list.err));
}

static const struct route routes[] = {
	{ "GET", "/api/audit", 0, audit_list, ACCESS_ADMIN },
};

const struct route_area audit_area = { "/api/audit", routes, KL_LENGTH(routes) };
