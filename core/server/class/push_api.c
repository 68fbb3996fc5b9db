/*
 * What labs hand over. Each item is taken or refused alone; none is answered before the turn's transaction, which has all of them,
 * is on the disk.
 */

#include "core/server/class/push.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>
#include <kodelab/intake.h>
#include <kodelab/language.h>
#include <kodelab/store_courses.h>
#include <kodelab/store_packs.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/events.h"
#include "core/server/class/kept_packs.h"
#include "core/server/class/packs.h"
#include "core/server/class/works.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define ITEMS_MAX 100
#define IDS_MAX   1000
#define BODY_MAX  ((size_t)4 << 20)
#define RETRY_S   60 /* when too many of one user wait */

struct outcome { /* of one item */
	struct kl_intake_answer answer; /* REFUSED: err says why */
	char id[KL_ID_SIZE]; /* "": it has none that is good */
	struct kl_error err;
	enum api_code code;
};

/* --- one item ----------------------------------------------------------------------------------------------------- */

static void refuse(struct outcome *out, enum api_code code)
{
	out->answer.end = KL_INTAKE_REFUSED;
	out->code = code;
}

/*
 * Is there such a challenge, for him? What students no longer see is taken from those who had it: a lab that was offline says for which version it
 * handed in. What they never saw is not.
 */
static enum kl_status find_challenge(struct request *request, const struct kl_intake_item *item, struct kl_error *err)
{
	bool shown = class_challenge_offered(request->server, item->pack, item->slug);
	enum kl_status status = KL_OK;

	if (!shown && (item->kind != KL_INTAKE_SUBMISSION || item->version))
		status = kl_store_pack_was_shown(&shown, request->server->store, item->pack, item->slug, err);
	if (!status && !(shown && kept_packs_show(request, item->pack)))
		status = kl_fail(err, KL_ENOENT, "the server has no challenge '%s/%s'", item->pack, item->slug);
	return status;
}

/* *takes: is it solved in that language? */
static enum kl_status look_at_language(bool *takes, struct server *server, const struct kl_intake_item *item,
				       struct kl_error *err)
{
	const struct kl_challenge *challenge = NULL;
	enum kl_status status = KL_OK;

	*takes = !*item->language || kl_language_find(item->language);
	if (!*takes || item->kind != KL_INTAKE_SUBMISSION)
		return KL_OK;
	status = class_challenge(&challenge, NULL, server, item->pack, item->slug, item->version, err);
	*takes = !status && kl_challenge_takes(challenge, item->language);
	class_challenge_drop(server, challenge);
	return status;
}

static bool may_hand_in(struct outcome *out, struct request *request, const struct kl_intake_item *item)
{
	enum kl_status status = find_challenge(request, item, &out->err);
	bool takes = false;

	if (!status)
		status = look_at_language(&takes, request->server, item, &out->err);
	if (takes)
		return true;
	if (!status)
		kl_fail(&out->err, KL_EINVAL, "'%s/%s' is not solved in %s here", item->pack, item->slug,
			item->language);
	refuse(out, status == KL_ENOENT ? API_NOT_FOUND : status ? API_INTERNAL : API_INVALID);
	return false;
}

static void note_conflict(struct request *request, const struct kl_intake_item *item)
{
	struct kl_error err;

	if (server_write(request->server, &err) || audit_note(request, "intake.conflict", item->id, &err, "%s of %s/%s",
							      kl_intake_kind_word(item->kind), item->pack, item->slug))
		eventlog(KL_LOG_ERROR, "not_audited", EVENTLOG_TEXT("error", err.message));
	eventlog(KL_LOG_WARN, "intake_conflict", EVENTLOG_TEXT("id", request->id), EVENTLOG_TEXT("item", item->id),
		 EVENTLOG_TEXT("user", request->actor.id), EVENTLOG_TEXT("kind", kl_intake_kind_word(item->kind)));
}

static enum api_code code_of(const struct kl_error *err)
{
	switch ((int)err->status) {
	case KL_EFULL:
		return API_STORAGE_FULL;
	case KL_EBUSY:
	case KL_EMANY:
		return API_TOO_MANY;
	default:
		return API_INTERNAL;
	}
}

/* The class view of his courses says where he is. */
static enum kl_status note_seen(struct request *request, const struct kl_intake_item *item, struct kl_error *err)
{
	static const char *const words[] = { [KL_INTAKE_SUBMISSION] = "submitted",
					     [KL_INTAKE_DRAFT] = "draft",
					     [KL_INTAKE_PROGRESS] = "progress",
					     [KL_INTAKE_HINT] = "hint",
					     [KL_INTAKE_RATING] = "rating" };

	return kl_store_member_seen(request->server->store, request->actor.id, item->pack, item->slug,
				    words[item->kind], kl_clock_wall_ms(&request->server->clock), err);
}

static void store(struct outcome *out, struct request *request, const struct kl_intake_item *item)
{
	struct server *server = request->server;
	enum kl_status status = server_write(server, &out->err);

	failpoint_arm(&server->failpoint);
	if (!status)
		status = kl_intake_take(&out->answer, server->works->intake, request->actor.id, item, &out->err);
	if (!status && out->answer.end == KL_INTAKE_STORED)
		status = note_seen(request, item, &out->err);
	if (status) {
		out->answer.receipt.signature[0] = '\0';
		refuse(out, code_of(&out->err));
		if (status == KL_EFULL)
			server_is_full(server, out->err.message);
		else if (out->code == API_INTERNAL)
			eventlog(KL_LOG_ERROR, "not_taken", EVENTLOG_TEXT("id", request->id),
				 EVENTLOG_TEXT("error", out->err.message));
	} else if (out->answer.end == KL_INTAKE_CONFLICT) {
		if (out->answer.first_conflict) /* told once: it must not fill the log */
			note_conflict(request, item);
		kl_fail(&out->err, KL_ECONFLICT, "this id was handed in before, with something else: that stays");
		out->code = API_CONFLICT;
	} else if (out->answer.end == KL_INTAKE_STORED && item->kind == KL_INTAKE_SUBMISSION) {
		events_watch(server, request->actor.id, out->answer.work, item->id);
	}
}

static void take(struct outcome *out, struct request *request, const cJSON *node, const char *kind)
{
	struct kl_intake_item item;
	bool known = false;

	*out = (struct outcome){ .code = API_INVALID };
	if (kl_intake_read(&item, node, kind, &out->err)) {
		const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(node, "id"));

		if (id && kl_id_valid(id))
			snprintf(out->id, sizeof(out->id), "%s", id);
		refuse(out, API_INVALID);
		return;
	}
	snprintf(out->id, sizeof(out->id), "%s", item.id);
	known = kl_intake_knows(request->server->works->intake, request->actor.id,
				item.id); /* whatever has become of its challenge */
	if (known || may_hand_in(out, request, &item))
		store(out, request, &item);
	kl_intake_item_release(&item);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void show(struct kl_buf *body, const struct outcome *outcome)
{
	bool receipt = outcome->answer.receipt.signature[0] != '\0';

	jsonout_text(body, "id", *outcome->id ? outcome->id : NULL);
	jsonout_text(body, "end", kl_intake_end_word(outcome->answer.end));
	jsonout_key(body, "receipt");
	if (receipt)
		kl_receipt_json(body, &outcome->answer.receipt);
	else
		kl_buf_add_str(body, "null");
	if (outcome->answer.newest)
		jsonout_int(body, "newest", outcome->answer.newest);
	jsonout_key(body, "error");
	if (receipt) {
		kl_buf_add_str(body, "null");
		return;
	}
	kl_buf_add_char(body, '{');
	jsonout_text(body, "message", outcome->err.message);
	jsonout_text(body, "code", api_code_word(outcome->code));
	kl_buf_add_char(body, '}');
}

void push_one(struct request *request)
{
	struct outcome outcome;
	struct kl_buf body;

	if (!rates_take_submissions(request, 1))
		return;
	take(&outcome, request, request->fields, "submission");
	request_durable(request);
	if (outcome.code == API_STORAGE_FULL) {
		api_fail(request, &outcome.err);
		return;
	}
	if (!outcome.answer.receipt.signature[0]) {
		if (outcome.code == API_TOO_MANY)
			answer_header(request, "Retry-After", "%d", RETRY_S);
		api_error(request, outcome.code, "%s", outcome.err.message);
		return;
	}
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	show(&body, &outcome);
	kl_buf_add_char(&body, '}');
	api_end(request, outcome.answer.end == KL_INTAKE_DUPLICATE ? 200 : 201, &body);
}

/* No answer of one item says that the disk is full: whoever sent all of them sends all of them again. */
void push_items(struct request *request, const cJSON *items)
{
	struct outcome outcome = { .code = API_INVALID };
	bool full = false;
	struct kl_buf body;
	const cJSON *node;
	size_t count = 0;

	api_begin(&body);
	kl_buf_add_str(&body, "{\"items\":[");
	cJSON_ArrayForEach(node, items) {
		take(&outcome, request, node, NULL);
		if ((full = outcome.answer.end == KL_INTAKE_REFUSED && outcome.code == API_STORAGE_FULL))
			break;
		kl_buf_add_str(&body, count++ ? ",{" : "{");
		show(&body, &outcome);
		kl_buf_add_char(&body, '}');
	}
	kl_buf_add_str(&body, "]}");
	request_durable(request);
	if (full) {
		kl_buf_release(&body);
		api_fail(request, &outcome.err);
	} else {
		api_end(request, 200, &body);
	}
}

bool push_is_list(const cJSON *items)
{
	return cJSON_IsArray(items) && cJSON_GetArraySize(items) <= ITEMS_MAX;
}

void push_many(struct request *request)
{
	static const struct api_field fields[] = { { .name = "items" } };
	const cJSON *items;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return;
	items = cJSON_GetObjectItemCaseSensitive(request->fields, "items");
	if (!push_is_list(items))
		api_error(request, API_INVALID, "'items' must be a list of at most %d", ITEMS_MAX);
	else if (request->received > BODY_MAX)
		api_error(request, API_TOO_LARGE, "at most %zu MiB at once: send fewer items", BODY_MAX >> 20);
	else
		push_items(request, items);
}

/* --- after a restore ---------------------------------------------------------------------------------------------- */

static void tell_lacking(struct request *request, const cJSON *ids)
{
	struct kl_buf body;
	const cJSON *node;
	size_t count = 0;

	api_begin(&body);
	kl_buf_add_str(&body, "{\"lacks\":[");
	cJSON_ArrayForEach(node, ids) {
		if (kl_intake_knows(request->server->works->intake, request->actor.id, node->valuestring))
			continue;
		kl_buf_add_str(&body, count++ ? "," : "");
		jsonout_string(&body, node->valuestring, strlen(node->valuestring));
	}
	kl_buf_add_str(&body, "]}");
	request_durable(request); /* what this turn took may not come to be */
	api_end(request, 200, &body);
}

/* Which of these did a restore lose? Only they are sent again. */
static void push_lacking(struct request *request)
{
	static const struct api_field fields[] = { { .name = "ids" } };
	const cJSON *ids, *node;
	bool good;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return;
	ids = cJSON_GetObjectItemCaseSensitive(request->fields, "ids");
	good = cJSON_IsArray(ids) && cJSON_GetArraySize(ids) <= IDS_MAX;
	cJSON_ArrayForEach(node, ids) {
		good = good && cJSON_IsString(node) && kl_id_valid(node->valuestring);
	}
	if (good)
		tell_lacking(request, ids);
	else
		api_error(request, API_INVALID, "'ids' must be a list of at most %d ids of items", IDS_MAX);
}

/* clang-format off */
static const struct route rows[] = {
	{ "POST", "/api/sync/push",  0, push_many,    ACCESS_USER },
	{ "POST", "/api/sync/lacks", 0, push_lacking, ACCESS_USER },
};
/* clang-format on */

const struct route_area push_area = { "/api/sync", rows, KL_LENGTH(rows) };
