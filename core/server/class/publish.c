/*
 * Publishing: the archive of a pack, or of one challenge for a pack that is published, goes to a helper process (take_pack.c), which says
 * what it found; the version is published then (publish_version.c). With ?check_only=true it is only told what would change.
 */

#include "core/server/class/publish_int.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>
#include <kodelab/file.h>
#include <kodelab/json.h>
#include <kodelab/loop.h>
#include <kodelab/pack.h>
#include <kodelab/path.h>
#include <kodelab/worker.h>

#include "core/server/api.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define AT_ONCE_MAX 2 /* each may need 500 MiB for the largest pack there may be */
#define DEADLINE_MS 60000
#define FOUND_MAX   ((size_t)32 << 20) /* bytes the helper may say */

/* --- answers ------------------------------------------------------------------------------------------------------ */

void publish_findings(struct kl_buf *body, const struct found *found)
{
	jsonout_key(body, "findings");
	kl_json_print(found->doc, cJSON_GetObjectItemCaseSensitive(kl_json_root(found->doc), "findings"), body);
}

static void refuse_findings(struct request *request, const struct found *found, int64_t errors)
{
	struct kl_buf body;
	char *message = kl_format("the pack has %lld error%s: 'kodelab check' shows them", (long long)errors,
				  errors == 1 ? "" : "s");

	kl_buf_init(&body, SIZE_MAX / 2);
	kl_buf_add_char(&body, '{');
	publish_findings(&body, found);
	kl_buf_add_char(&body, '}');
	api_error_details(request, API_INVALID, body.data, message);
	kl_buf_release(&body);
	free(message);
}

static void refuse_status(struct request *request, enum kl_status status, const char *sentence)
{
	struct kl_error err;

	switch ((int)status) {
	case KL_EINVAL:
	case KL_ECORRUPT:
	case KL_ENOENT:
		api_error(request, API_INVALID, "%s", sentence);
		break;
	case KL_ECONFLICT:
		api_error(request, API_CONFLICT, "%s", sentence);
		break;
	case KL_EMANY:
		api_error(request, API_TOO_LARGE, "%s", sentence);
		break;
	case KL_EFULL: /* the disk: 503 */
		kl_fail(&err, status, "%s", sentence);
		api_fail(request, &err);
		break;
	default:
		eventlog(KL_LOG_ERROR, "pack_not_taken", EVENTLOG_TEXT("error", sentence));
		api_error(request, API_INTERNAL, "the pack could not be looked through: the server's log says why");
	}
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

	found->slug = "";
	if ((status = kl_json_get_string(&id, found->doc, root, "id", KL_JSON_REQUIRED, err)) ||
	    (status = kl_json_get_string(&title, found->doc, root, "title", KL_JSON_REQUIRED, err)) ||
	    (status = kl_json_get_string(&description, found->doc, root, "description", KL_JSON_REQUIRED, err)) ||
	    (status = kl_json_get_string(&found->slug, found->doc, root, "slug", KL_JSON_OPTIONAL, err)) ||
	    (status = read_hash(found->row.hash, found->doc, root, "hash", err)) ||
	    (status = read_hash(found->row.view_hash, found->doc, root, "view_hash", err)))
		return status;
	found->row.pack = (char *)(uintptr_t)id;
	found->row.title = (char *)(uintptr_t)title;
	found->row.description = (char *)(uintptr_t)description;
	return read_parts(found, root, err);
}

static void take_found(struct publishing *publishing, struct found *found)
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
		publish_version(publishing, found);
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
	free(publishing->slug);
	free(publishing->course);
	free(publishing->base);
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

static bool can_begin(struct request *request, enum publish_what what)
{
	if (what != PUBLISH_WITHOUT && !is_gzip(request)) {
		api_error(request, API_MEDIA_TYPE, "send the %s as a .tar.gz: Content-Type: application/gzip",
			  what == PUBLISH_PACK ? "pack" : "challenge");
	} else if (packs_of(request->server)->publishing_count == AT_ONCE_MAX) {
		answer_header(request, "Retry-After", "2");
		api_error(request, API_TOO_MANY, "other packs are being looked through: try again in 2 s");
	} else {
		return true;
	}
	return false;
}

static enum kl_status start(struct publishing *publishing, struct kl_error *err)
{
	static const char *const words[] = { "pack", "challenge", "without" };
	const struct request *request = publishing->request;
	const char *argv[] = { "/proc/self/exe",
			       TAKE_PACK,
			       publishing->folder,
			       words[publishing->what],
			       publishing->base ? publishing->base : "",
			       publishing->wanted ? publishing->wanted : "",
			       publishing->slug ? publishing->slug : "",
			       NULL };
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

/* The version that a challenge is changed in. */
static enum kl_status find_base(struct publishing *publishing, struct kl_error *err)
{
	const struct kl_published *row =
		publishing->what == PUBLISH_PACK ? NULL : packs_find(publishing->packs, publishing->wanted);
	enum kl_status status;
	char *dir;

	if (!row)
		return KL_OK;
	publishing->base_version = row->version;
	status = packs_folder(&dir, publishing->packs, row->pack, row->version, err);
	if (!status) {
		publishing->base = kl_path_join(dir, "full");
		free(dir);
	}
	return status;
}

static char *copy_of(const char *text)
{
	return text ? kl_strdup(text) : NULL;
}

/* like: what, wanted, slug and course, borrowed. */
static void begin(struct request *request, const struct publishing *like)
{
	struct packs *packs = packs_of(request->server);
	struct publishing *publishing;
	struct kl_error err;

	if (!can_begin(request, like->what))
		return;
	publishing = kl_calloc(1, sizeof(*publishing));
	*publishing = (struct publishing){ .next = packs->publishing,
					   .request = request,
					   .packs = packs,
					   .what = like->what,
					   .wanted = copy_of(like->wanted),
					   .slug = copy_of(like->slug),
					   .course = copy_of(like->course),
					   .folder = kl_path_join(packs->folder, ".new-XXXXXX"),
					   .check_only = request_says_true(request, "check_only") };
	packs->publishing = publishing;
	packs->publishing_count++;
	if (find_base(publishing, &err) || start(publishing, &err)) {
		api_fail(request, &err);
		publishing_free(publishing);
		return;
	}
	request_wait(request, NULL, NULL);
}

static char *argument(const struct request *request, const char *name)
{
	return (char *)(uintptr_t)request_argument(request, name);
}

void packs_publish(struct request *request)
{
	begin(request, &(struct publishing){ .what = PUBLISH_PACK });
}

void packs_publish_again(struct request *request)
{
	begin(request, &(struct publishing){ .what = PUBLISH_PACK, .wanted = argument(request, "pack") });
}

void packs_publish_kept(struct request *request)
{
	begin(request, &(struct publishing){ .what = PUBLISH_PACK, .course = argument(request, "course") });
}

/* --- one challenge of a pack -------------------------------------------------------------------------------------- */

/* What is wrong with a challenge in a pack tells what else is there: the pack of somebody else is not looked at. */
void packs_put_challenge(struct request *request)
{
	const char *pack = request_query(request, "pack");

	if (!pack || !kl_slug_valid(pack))
		api_error(request, API_INVALID, "say which pack it is of: ?pack=ID, of small letters, digits and '-'");
	else if (!publish_is_foreign(request, pack))
		begin(request, &(struct publishing){ .what = PUBLISH_CHALLENGE, .wanted = (char *)(uintptr_t)pack });
}

/* Of the newest version, or, ever: of any. false: it was answered that it is not. */
static bool challenge_is_there(struct request *request, bool ever)
{
	const char *pack = request_argument(request, "pack"), *slug = request_argument(request, "slug");
	struct server *server = request->server;
	int64_t version = 0;
	struct kl_error err;
	bool same;
	enum kl_status status = kl_store_pack_judged_by(&version, &same, server->store, pack, slug, 0, &err);

	if (status && status != KL_ENOENT)
		api_fail(request, &err);
	else if (status || (!ever && version != packs_find(packs_of(server), pack)->version))
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
	else
		return true;
	return false;
}

void packs_replace_challenge(struct request *request)
{
	if (challenge_is_there(request, false))
		begin(request, &(struct publishing){ .what = PUBLISH_CHALLENGE,
						     .wanted = argument(request, "pack"),
						     .slug = argument(request, "slug") });
}

/* Once more after it was taken out is fine: the answer may have been lost. */
void packs_take_out_challenge(struct request *request)
{
	if (challenge_is_there(request, true))
		begin(request, &(struct publishing){ .what = PUBLISH_WITHOUT,
						     .wanted = argument(request, "pack"),
						     .slug = argument(request, "slug") });
}

/* The loop runs no more: the helpers die with the server. */
void publishing_close(struct packs *packs)
{
	for (struct publishing *at = packs->publishing, *next; at; at = next) {
		next = at->next;
		publishing_free(at);
	}
}
