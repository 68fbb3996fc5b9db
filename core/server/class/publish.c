/*
 * Publishing: the archive goes to a helper process (take_pack.c), which says what it found; then the version is written to the
 * store in the turn's transaction, and its folder takes its place. What a version changes is told, also without
 * publishing it (?check_only=true).
 */

#include "core/server/class/packs.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/json.h>
#include <kodelab/loop.h>
#include <kodelab/pack.h>
#include <kodelab/path.h>
#include <kodelab/store_courses.h>
#include <kodelab/worker.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define AT_ONCE_MAX 2 /* each may need 500 MiB for the largest pack there may be */
#define DEADLINE_MS 60000
#define FOUND_MAX   ((size_t)32 << 20) /* bytes the helper may say */

struct publishing {
	struct publishing *next;
	struct request *request;
	struct packs *packs;
	struct kl_worker *worker; /* NULL: it has ended */
	char *folder; /* data/packs/.new-…: removed at the end */
	char *wanted; /* the pack's id must be this; NULL: any. Owned */
	char *course; /* which it is kept for; NULL: none. Owned */
	bool check_only;
};

/* What the helper found, read. Texts are the document's. */
struct found {
	struct kl_json *doc;
	struct kl_published row;
	struct kl_pack_part *parts;
	size_t part_count;
};

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void add_findings(struct kl_buf *body, const struct found *found, const char *name)
{
	jsonout_key(body, name);
	kl_json_print(found->doc, cJSON_GetObjectItemCaseSensitive(kl_json_root(found->doc), "findings"), body);
}

static void refuse_findings(struct request *request, const struct found *found, int64_t errors)
{
	struct kl_buf body;
	char *message = kl_format("the pack has %lld error%s: 'kodelab check' shows them", (long long)errors,
				  errors == 1 ? "" : "s");

	kl_buf_init(&body, SIZE_MAX / 2);
	kl_buf_add_char(&body, '{');
	add_findings(&body, found, "findings");
	kl_buf_add_char(&body, '}');
	api_error_details(request, API_INVALID, body.data, message);
	kl_buf_release(&body);
	free(message);
}

static void refuse_status(struct request *request, enum kl_status status, const char *sentence)
{
	switch ((int)status) {
	case KL_EINVAL:
	case KL_ECORRUPT:
	case KL_ENOENT:
		api_error(request, API_INVALID, "%s", sentence);
		break;
	case KL_EFULL:
		api_error(request, API_TOO_LARGE, "%s", sentence);
		break;
	default:
		eventlog(KL_LOG_ERROR, "pack_not_taken", EVENTLOG_TEXT("error", sentence));
		api_error(request, API_INTERNAL, "the pack could not be looked through: the server's log says why");
	}
}

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
	if (!status && !(status = place_folder(publishing, found->row.pack, *version + 1, err)) &&
	    !(status = server_write(server, err)))
		status = kl_store_pack_publish(version, server->store, &publication, err);
	if (!status)
		status = audit_note(publishing->request, "pack.publish", found->row.pack, err, "version %lld",
				    (long long)*version);
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

/* Of a removed one, too: its name is its owner's. */
static const struct kl_published *published(const struct packs *packs, const char *pack)
{
	for (size_t i = 0; i < packs->count; i++)
		if (!strcmp(packs->rows[i].pack, pack))
			return &packs->rows[i];
	return NULL;
}

static bool is_his(const struct kl_published *row, const struct actor *actor)
{
	return actor->role == ROLE_ADMIN || (*actor->id && !strcmp(actor->id, row->owner));
}

static bool may(const struct publishing *publishing, const struct found *found, const struct kl_published *row)
{
	struct request *request = publishing->request;

	if (publishing->wanted && strcmp(publishing->wanted, found->row.pack) != 0)
		api_error(request, API_INVALID, "the archive holds the pack '%s', not '%s'", found->row.pack,
			  publishing->wanted);
	else if (row && !is_his(row, &request->actor))
		api_error(request, API_CONFLICT,
			  "there is a pack '%s' of somebody else: give yours another id in pack.json", found->row.pack);
	else
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
	add_findings(&body, found, "findings");
	kl_buf_add_char(&body, ',');
	kl_buf_add(&body, changes->data, changes->len);
	kl_buf_add_char(&body, '}');
	request_durable(request);
	api_end(request, done ? 201 : 200, &body);
}

static void decide(const struct publishing *publishing, struct found *found)
{
	struct packs *packs = packs_of(publishing->packs->server);
	const struct kl_published *row = published(packs, found->row.pack);
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

/* --- what the helper says ----------------------------------------------------------------------------------------- */

static enum kl_status read_hash(char hash[KL_SHA256_SIZE], const struct kl_json *doc, const cJSON *from,
				const char *key, struct kl_error *err)
{
	const char *text = "";
	enum kl_status status = kl_json_get_string(&text, doc, from, key, KL_JSON_REQUIRED, err);

	if (!status)
		snprintf(hash, KL_SHA256_SIZE, "%s", text);
	return status;
}

static enum kl_status read_part(struct kl_pack_part *part, const struct kl_json *doc, const cJSON *node,
				struct kl_error *err)
{
	const char *slug = "";
	enum kl_status status;

	if ((status = kl_json_get_string(&slug, doc, node, "slug", KL_JSON_REQUIRED, err)) ||
	    (status = read_hash(part->hash, doc, node, "hash", err)) ||
	    (status = read_hash(part->task, doc, node, "task", err)) ||
	    (status = kl_json_get_bool(&part->shown, doc, node, "shown", KL_JSON_REQUIRED, err)))
		return status;
	part->slug = (char *)(uintptr_t)slug;
	return KL_OK;
}

static enum kl_status read_parts(struct found *found, const cJSON *root, struct kl_error *err)
{
	const cJSON *list = NULL, *node;
	enum kl_status status = kl_json_get_array(&list, found->doc, root, "parts", KL_JSON_REQUIRED, err);

	if (status)
		return status;
	found->parts = kl_calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*found->parts));
	cJSON_ArrayForEach(node, list) {
		struct kl_pack_part *part = &found->parts[found->part_count];

		if ((status = read_part(part, found->doc, node, err)))
			return status;
		part->number = (int64_t)++found->part_count;
		found->row.shown += part->shown;
	}
	return KL_OK;
}

static enum kl_status read_pack(struct found *found, const cJSON *root, struct kl_error *err)
{
	const char *id = "", *title = "", *description = "";
	enum kl_status status;

	if ((status = kl_json_get_string(&id, found->doc, root, "id", KL_JSON_REQUIRED, err)) ||
	    (status = kl_json_get_string(&title, found->doc, root, "title", KL_JSON_REQUIRED, err)) ||
	    (status = kl_json_get_string(&description, found->doc, root, "description", KL_JSON_REQUIRED, err)) ||
	    (status = read_hash(found->row.hash, found->doc, root, "hash", err)) ||
	    (status = read_hash(found->row.view_hash, found->doc, root, "view_hash", err)))
		return status;
	found->row.pack = (char *)(uintptr_t)id;
	found->row.title = (char *)(uintptr_t)title;
	found->row.description = (char *)(uintptr_t)description;
	return read_parts(found, root, err);
}

static void take_found(const struct publishing *publishing, struct found *found)
{
	const cJSON *root = kl_json_root(found->doc);
	const char *sentence = NULL;
	int64_t status = 0, errors = 0;
	struct kl_error err = { .message = "" };

	if (kl_json_get_string(&sentence, found->doc, root, "error", KL_JSON_OPTIONAL, &err) ||
	    kl_json_get_int(&status, found->doc, root, "status", 0, INT32_MAX, KL_JSON_OPTIONAL, &err) ||
	    kl_json_get_int(&errors, found->doc, root, "errors", 0, INT32_MAX, KL_JSON_OPTIONAL, &err))
		refuse_status(publishing->request, KL_EIO, err.message);
	else if (sentence)
		refuse_status(publishing->request, (enum kl_status)status, sentence);
	else if (errors)
		refuse_findings(publishing->request, found, errors);
	else if (read_pack(found, root, &err))
		refuse_status(publishing->request, KL_EIO, err.message);
	else
		decide(publishing, found);
}

static void publishing_free(struct publishing *publishing)
{
	struct publishing **at = &publishing->packs->publishing;

	while (*at != publishing)
		at = &(*at)->next;
	*at = publishing->next;
	publishing->packs->publishing_count--;
	if (publishing->folder && kl_file_remove_tree(publishing->folder, NULL))
		eventlog(KL_LOG_WARN, "pack_left_over", EVENTLOG_TEXT("folder", publishing->folder));
	free(publishing->folder);
	free(publishing->wanted);
	free(publishing->course);
	free(publishing);
}

static void on_done(void *ctx, const struct kl_worker_result *result)
{
	struct publishing *publishing = ctx;
	struct request *request = publishing->request;
	struct found found = { .doc = NULL };
	struct kl_error err = { .message = "" };

	publishing->worker = NULL;
	if (result->timed_out)
		api_error(request, API_INVALID, "looking through the pack took longer than %d s: make it smaller",
			  DEADLINE_MS / 1000);
	else if (!result->started || result->wait_status || result->out->truncated)
		refuse_status(request, KL_EIO, result->started ? "the helper ended badly" : result->error.message);
	else if (kl_json_parse(&found.doc, result->out->data, result->out->len, FOUND_MAX, "the helper", &err))
		refuse_status(request, KL_EIO, err.message);
	else
		take_found(publishing, &found);
	kl_json_free(found.doc);
	free(found.parts);
	publishing_free(publishing);
	request_answered(request);
}

/* --- beginning ---------------------------------------------------------------------------------------------------- */

static bool is_gzip(const struct request *request)
{
	const char *type = request_header(request, "Content-Type");

	return type && (!strcasecmp(type, "application/gzip") || !strcasecmp(type, "application/x-gzip"));
}

static bool can_begin(struct request *request, const struct packs *packs)
{
	if (!is_gzip(request)) {
		api_error(request, API_MEDIA_TYPE, "send the pack as a .tar.gz: Content-Type: application/gzip");
	} else if (packs->publishing_count == AT_ONCE_MAX) {
		answer_header(request, "Retry-After", "2");
		api_error(request, API_TOO_MANY, "other packs are being looked through: try again in 2 s");
	} else {
		return true;
	}
	return false;
}

static enum kl_status start(struct publishing *publishing, struct kl_error *err)
{
	const struct request *request = publishing->request;
	const char *argv[] = { "/proc/self/exe", TAKE_PACK, publishing->folder, NULL };
	const struct kl_worker_spec spec = { .argv = argv,
					     .input = request->body.data,
					     .input_len = request->body.len,
					     .deadline_ms = DEADLINE_MS,
					     .output_max = FOUND_MAX,
					     .on_done = on_done,
					     .ctx = publishing };

	if (!mkdtemp(publishing->folder))
		return kl_fail_errno(err, KL_EIO, errno, "cannot write into '%s'", publishing->packs->folder);
	return kl_worker_start(&publishing->worker, publishing->packs->server->loop, &spec, err);
}

static void begin(struct request *request, const char *wanted, const char *course)
{
	struct packs *packs = packs_of(request->server);
	struct publishing *publishing;
	struct kl_error err;

	if (!can_begin(request, packs))
		return;
	publishing = kl_calloc(1, sizeof(*publishing));
	*publishing = (struct publishing){ .next = packs->publishing,
					   .request = request,
					   .packs = packs,
					   .wanted = wanted ? kl_strdup(wanted) : NULL,
					   .course = course ? kl_strdup(course) : NULL,
					   .folder = kl_path_join(packs->folder, ".new-XXXXXX"),
					   .check_only = request_says_true(request, "check_only") };
	packs->publishing = publishing;
	packs->publishing_count++;
	if (start(publishing, &err)) {
		api_fail(request, &err);
		publishing_free(publishing);
		return;
	}
	request_wait(request, NULL, NULL);
}

void packs_publish(struct request *request)
{
	begin(request, NULL, NULL);
}

void packs_publish_again(struct request *request)
{
	begin(request, request_argument(request, "pack"), NULL);
}

void packs_publish_kept(struct request *request)
{
	begin(request, NULL, request_argument(request, "course"));
}

/* The loop runs no more: the helpers die with the server. */
void publishing_close(struct packs *packs)
{
	for (struct publishing *at = packs->publishing, *next; at; at = next) {
		next = at->next;
		publishing_free(at);
	}
}
