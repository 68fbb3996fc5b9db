/* Published packs over HTTP: lists, versions, archives for students, removing. Publishing itself is in publish.c. */

#include "core/server/class/packs.h"

#include <string.h>

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/kept_packs.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/shared.h"

static bool is_staff(const struct request *request)
{
	return request->actor.role >= ROLE_INSTRUCTOR;
}

/* Without braces. What the whole pack is, its author alone is told. */
static void show(struct kl_buf *body, const struct request *request, const struct kl_published *row)
{
	jsonout_text(body, "pack", row->pack);
	jsonout_text(body, "title", row->title);
	jsonout_text(body, "description", row->description);
	jsonout_int(body, "version", row->version);
	jsonout_int(body, "challenges", row->shown);
	jsonout_text(body, "hash", *row->view_hash ? row->view_hash : NULL);
	jsonout_int(body, "bytes", row->view_bytes);
	api_time(body, "published_at", row->changed_ms);
	api_bool(body, "mine", packs_is_author(row, &request->actor));
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static void list(struct request *request)
{
	const struct packs *packs = packs_of(request->server);
	struct hidden_packs hidden;
	struct api_list list;

	if (!hidden_packs_ask(&hidden, request))
		return;
	if (api_list_begin_page(&list, request)) {
		for (size_t i = 0; i < packs->count; i++) {
			const struct kl_published *row = &packs->rows[i];

			if (row->removed_ms || !(row->shown || is_staff(request)) ||
			    hidden_packs_has(&hidden, row->pack) || !api_list_next(&list))
				continue;
			jsonout_object(&list.body, NULL);
			show(&list.body, request, row);
			kl_buf_add_char(&list.body, '}');
		}
		api_list_end(&list, KL_OK);
	}
	hidden_packs_release(&hidden);
}

static void get(struct request *request)
{
	const struct kl_published *row = packs_find(packs_of(request->server), request_argument(request, "pack"));
	struct kl_buf body;

	api_begin(&body);
	kl_buf_add_char(&body, '{');
	show(&body, request, row);
	kl_buf_add_char(&body, '}');
	api_end(request, 200, &body);
}

static void show_version(struct kl_buf *body, const struct kl_pack_version *version)
{
	jsonout_object(body, NULL);
	jsonout_int(body, "version", version->version);
	jsonout_text(body, "hash", version->hash);
	jsonout_text(body, "view_hash", *version->view_hash ? version->view_hash : NULL);
	jsonout_int(body, "bytes", version->bytes);
	jsonout_int(body, "view_bytes", version->view_bytes);
	jsonout_int(body, "challenges", version->challenges);
	jsonout_int(body, "shown", version->shown);
	jsonout_text(body, "publisher", *version->publisher ? version->publisher : NULL);
	api_time(body, "published_at", version->published_ms);
	kl_buf_add_char(body, '}');
}

static void versions(struct request *request)
{
	struct kl_pack_version *rows = NULL;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	if (!api_list_begin_page(&list, request))
		return;
	status = kl_store_pack_versions(&rows, &count, request->server->store, request_argument(request, "pack"),
					&list.err);
	for (size_t i = 0; i < count; i++)
		if (api_list_next(&list))
			show_version(&list.body, &rows[i]);
	kl_pack_versions_free(rows, count);
	api_list_end(&list, status);
}

/* --- archives ----------------------------------------------------------------------------------------------------- */

/* What was published by mistake and corrected stays with who published it. */
bool packs_version(int64_t *out, struct request *request, const struct kl_published *row)
{
	*out = row->version;
	if (!api_query_number(out, request, "version", 1, row->version))
		return false;
	if (*out == row->version || packs_is_author(row, &request->actor))
		return true;
	api_error(request, API_NOT_FOUND, API_NOT_THERE);
	return false;
}

static struct shared *read_view(const struct packs *packs, const char *pack, int64_t version, struct kl_error *err)
{
	struct kl_buf body;
	char *bytes;
	size_t len;

	if (kl_store_pack_content(&bytes, &len, packs->server->store, pack, version, KL_PACK_VIEW, err))
		return NULL;
	kl_buf_init(&body, len);
	body.data = bytes; /* it ends in a NUL, as a buffer's does */
	body.len = len;
	body.capacity = len + 1;
	return shared_new(&body, "application/gzip", true);
}

static void archive(struct request *request)
{
	const struct packs *packs = packs_of(request->server);
	const struct kl_published *row = packs_find(packs, request_argument(request, "pack"));
	struct shared *found, *fresh = NULL;
	struct kl_error err;
	int64_t version;
	char *key;

	if (!packs_version(&version, request, row))
		return;
	key = kl_format("%s %lld", row->pack, (long long)version);
	found = shelf_find(packs->archives, key);
	if (!found)
		found = fresh = read_view(packs, row->pack, version, &err);
	if (fresh)
		shelf_put(packs->archives, key, fresh);
	if (found)
		answer_ranges(request, found);
	else if (err.status == KL_ENOENT)
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
	else
		api_fail(request, &err);
	shared_drop(fresh);
	free(key);
}

/* --- removing ----------------------------------------------------------------------------------------------------- */

static void remove_pack(struct request *request)
{
	const char *pack = request_argument(request, "pack");
	struct server *server = request->server;
	struct kl_error err;

	if (server_write(server, &err) || kl_store_pack_remove(server->store, pack, &err) ||
	    audit_note(request, "pack.remove", pack, &err, "taken back"))
		api_fail(request, &err);
	else
		api_done(request, 200, "pack", pack, "removed");
	packs_changed(server);
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",    "/api/packs",                0, list,                ACCESS_SIGNED_IN },
	{ "POST",   "/api/packs",                0, packs_publish,       ACCESS_INSTRUCTOR },
	{ "GET",    "/api/packs/:pack",          0, get,                 ACCESS_PACK_READER },
	{ "PUT",    "/api/packs/:pack",          0, packs_publish_again, ACCESS_PACK_AUTHOR },
	{ "DELETE", "/api/packs/:pack",          0, remove_pack,         ACCESS_PACK_AUTHOR },
	{ "GET",    "/api/packs/:pack/versions", 0, versions,            ACCESS_PACK_AUTHOR },
	{ "GET",    "/api/packs/:pack/archive",  0, archive,             ACCESS_PACK_READER },
};
/* clang-format on */

const struct route_area packs_area = { "/api/packs", rows, KL_LENGTH(rows) };
