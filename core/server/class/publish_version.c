/*
 * A version, as the helper has made it: what it changes is told, and it is written to the store in the turn's transaction, its folder
 * taking its place.
 */

#include "core/server/class/publish_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/json.h>
#include <kodelab/path.h>
#include <kodelab/store_courses.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

/* --- what a version changes --------------------------------------------------------------------------------------- */

static const struct kl_pack_part *part_named(const struct kl_pack_part *parts, size_t count, const char *slug)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(parts[i].slug, slug))
			return &parts[i];
	return NULL;
}

/* Those of parts that others do not have. */
static void add_missing(struct kl_buf *body, const char *name, const struct kl_pack_part *parts, size_t count,
			const struct kl_pack_part *others, size_t other_count)
{
	const char *before = "";

	jsonout_key(body, name);
	kl_buf_add_char(body, '[');
	for (size_t i = 0; i < count; i++) {
		if (part_named(others, other_count, parts[i].slug))
			continue;
		kl_buf_add_str(body, before);
		jsonout_string(body, parts[i].slug, strlen(parts[i].slug));
		before = ",";
	}
	kl_buf_add_char(body, ']');
}

/* task: students see the change; else it is in tests, solutions or checker alone. */
static void add_changed(struct kl_buf *body, const struct found *found, const struct kl_pack_part *before, size_t count)
{
	const char *comma = "";

	jsonout_key(body, "changed");
	kl_buf_add_char(body, '[');
	for (size_t i = 0; i < found->part_count; i++) {
		const struct kl_pack_part *part = &found->parts[i];
		const struct kl_pack_part *old = part_named(before, count, part->slug);

		if (!old || !strcmp(old->hash, part->hash))
			continue;
		kl_buf_add_str(body, comma);
		kl_buf_add_char(body, '{');
		jsonout_text(body, "slug", part->slug);
		api_bool(body, "task", strcmp(old->task, part->task) != 0);
		kl_buf_add_char(body, '}');
		comma = ",";
	}
	kl_buf_add_char(body, ']');
}

static enum kl_status add_changes(struct kl_buf *body, const struct packs *packs, const struct found *found,
				  const struct kl_published *row, struct kl_error *err)
{
	struct kl_pack_part *before = NULL;
	size_t count = 0;
	enum kl_status status = KL_OK;

	if (row)
		status = kl_store_pack_parts(&before, &count, packs->server->store, row->pack, row->version, err);
	if (status)
		return status;
	jsonout_key(body, "changes");
	kl_buf_add_char(body, '{');
	add_missing(body, "added", found->parts, found->part_count, before, count);
	add_changed(body, found, before, count);
	add_missing(body, "removed", before, count, found->parts, found->part_count);
	kl_buf_add_char(body, '}');
	kl_pack_parts_free(before, count);
	return KL_OK;
}

/* --- into the store ----------------------------------------------------------------------------------------------- */

static enum kl_status read_archive(struct kl_buf *out, const struct publishing *publishing, const char *name,
				   struct kl_error *err)
{
	char *path = kl_path_join(publishing->folder, name);
	enum kl_status status;

	kl_buf_init(out, SIZE_MAX / 2);
	status = kl_file_read(out, path, err);
	free(path);
	return status;
}

/* The folder of a version that was never committed may be there. */
static enum kl_status place_folder(const struct publishing *publishing, const char *pack, int64_t version,
				   struct kl_error *err)
{
	char *place = kl_path_join(publishing->packs->folder, pack);
	char *to = kl_format("%s/%lld", place, (long long)version), *from = kl_path_join(publishing->folder, "version");
	enum kl_status status;

	if (!(status = kl_path_make(place, err)) && !(status = kl_file_remove_tree(to, err)) && rename(from, to) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", to);
	free(place);
	free(to);
	free(from);
	return status;
}

static enum kl_status note_version(const struct publishing *publishing, const struct found *found, int64_t version,
				   struct kl_error *err)
{
	static const char *const actions[] = { "pack.publish", "challenge.publish", "challenge.remove" };
	char *subject = kl_format("%s%s%s", found->row.pack, *found->slug ? "/" : "", found->slug);
	enum kl_status status = audit_note(publishing->request, actions[publishing->what], subject, err, "version %lld",
					   (long long)version);

	free(subject);
	return status;
}

/* The folder first: without its row nobody looks at it, and the next publication takes its place. */
static enum kl_status write_version(int64_t *version, const struct publishing *publishing, const struct found *found,
				    struct kl_error *err)
{
	struct server *server = publishing->packs->server;
	struct kl_pack_publication publication = { .row = &found->row,
						   .publisher = publishing->request->actor.id,
						   .course = publishing->course,
						   .parts = found->parts,
						   .part_count = found->part_count };
	struct kl_buf whole, view;
	enum kl_status status = read_archive(&whole, publishing, "whole.tar.gz", err);

	kl_buf_init(&view, 0);
	if (!status && found->row.shown)
		status = read_archive(&view, publishing, "view.tar.gz", err);
	publication.whole = whole.data;
	publication.whole_len = whole.len;
	publication.view = found->row.shown ? view.data : NULL;
	publication.view_len = view.len;
	failpoint_arm(&server->failpoint);
	if (!status && !(status = place_folder(publishing, found->row.pack, *version + 1, err)) &&
	    !(status = server_write(server, err)))
		status = kl_store_pack_publish(version, server->store, &publication, err);
	if (!status)
		status = note_version(publishing, found, *version, err);
	if (!status && publishing->course)
		status = audit_note(publishing->request, "pack.keep", found->row.pack, err, "in course %s",
				    publishing->course);
	kl_buf_release(&whole);
	kl_buf_release(&view);
	return status;
}

/* Of the newest version, which is there already: as PUT /api/courses/:course/packs/:pack. */
static enum kl_status keep_version(const struct publishing *publishing, const char *pack, struct kl_error *err)
{
	struct server *server = publishing->packs->server;
	enum kl_status status = server_write(server, err);

	if (!status)
		status = kl_store_course_keep(server->store, publishing->course, pack, true, err);
	return status ? status
		      : audit_note(publishing->request, "pack.keep", pack, err, "in course %s", publishing->course);
}

/* --- deciding ----------------------------------------------------------------------------------------------------- */

/* 0: there is none that anybody sees. */
static int64_t newest_of(const struct kl_published *row)
{
	return row && !row->removed_ms ? row->version : 0;
}

bool publish_is_foreign(struct request *request, const char *pack)
{
	const struct kl_published *row = packs_ever(packs_of(request->server), pack);

	if (!row || packs_is_author(row, &request->actor))
		return false;
	api_error(request, API_CONFLICT, "there is a pack '%s' of somebody else: give yours another id in pack.json",
		  pack);
	return true;
}

static bool may(const struct publishing *publishing, const struct found *found, const struct kl_published *row)
{
	struct request *request = publishing->request;

	if (publishing->wanted && strcmp(publishing->wanted, found->row.pack) != 0)
		api_error(request, API_INVALID, "the archive holds the pack '%s', not '%s'", found->row.pack,
			  publishing->wanted);
	else if (publishing->slug && strcmp(publishing->slug, found->slug) != 0)
		api_error(request, API_INVALID, "the archive holds the challenge '%s', not '%s'", found->slug,
			  publishing->slug);
	else if (publish_is_foreign(request, found->row.pack))
		return false;
	else if (publishing->what != PUBLISH_PACK && publishing->base_version != newest_of(row)) {
		answer_header(request, "Retry-After", "1");
		api_error(request, API_TOO_MANY,
			  "the pack '%s' has got another version meanwhile: send it again in 1 s", found->row.pack);
	} else
		return true;
	return false;
}

static void answer_version(const struct publishing *publishing, const struct found *found, struct kl_buf *changes,
			   int64_t version, bool done)
{
	struct request *request = publishing->request;
	struct kl_buf body;

	api_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "pack", found->row.pack);
	jsonout_text(&body, "title", found->row.title);
	jsonout_int(&body, "version", version);
	jsonout_text(&body, "hash", found->row.hash);
	jsonout_int(&body, "challenges", (int64_t)found->part_count);
	jsonout_int(&body, "shown", found->row.shown);
	api_bool(&body, "published", done);
	publish_findings(&body, found);
	kl_buf_add_char(&body, ',');
	kl_buf_add(&body, changes->data, changes->len);
	kl_buf_add_char(&body, '}');
	request_durable(request);
	api_end(request, done && publishing->what != PUBLISH_WITHOUT ? 201 : 200, &body);
}

void publish_version(struct publishing *publishing, struct found *found)
{
	struct packs *packs = packs_of(publishing->packs->server);
	const struct kl_published *row = packs_ever(packs, found->row.pack); /* its name stays its owner's */
	bool same = row && !row->removed_ms && !strcmp(row->hash, found->row.hash);
	int64_t version = row ? row->version : 0;
	struct kl_buf changes;
	struct kl_error err;
	enum kl_status status;

	if (!may(publishing, found, row))
		return;
	kl_buf_init(&changes, SIZE_MAX / 2);
	status = add_changes(&changes, packs, found, row, &err);
	if (!status && !same && !publishing->check_only) {
		found->row.owner = publishing->request->actor.id;
		status = write_version(&version, publishing, found, &err);
		packs_changed(packs->server);
	} else if (!status && publishing->course && !publishing->check_only) {
		status = keep_version(publishing, found->row.pack, &err);
		packs_changed(packs->server);
	}
	if (status)
		api_fail(publishing->request, &err);
	else
		answer_version(publishing, found, &changes, version, !same && !publishing->check_only);
	kl_buf_release(&changes);
}
