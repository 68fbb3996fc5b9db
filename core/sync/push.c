/*
 * The outbox goes to the server in batches. An item is sent as it was made, by the same id and hash, until there is a receipt: the
 * server takes the second one for the first. A receipt counts when its signature is the pinned key's and when it is about this item.
 */

#include "core/sync/sync_int.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <utf8proc.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/log.h>
#include <kodelab/receipt.h>

enum { ITEMS_MAX = 100, BYTES_MAX = 1 << 20, RESPONSE_MAX = 1 << 20, DEADLINE_MS = 120000, PATIENCE_MS = 3000 };

void push_release(struct kl_sync *sync)
{
	kl_outbox_free(sync->items, sync->item_count);
	sync->items = NULL;
	sync->item_count = 0;
}

/* --- what is sent ------------------------------------------------------------------------------------------------- */

/* Members of the outbox's bodies that the wire has. */
/* clang-format off */
static const struct kind {
	const char *name;
	const char *members[12];
} kinds[] = {
	{ "submission", { "pack", "slug", "language", "code", "code_base64", "version", "course", "assignment" } },
	{ "draft",      { "pack", "slug", "language" } },
	{ "progress",   { "pack", "slug", "at_ms", "state", "attempts", "hints", "first_ms", "completed_ms", "spent_ms", "best_score", "best_attempt" } },
	{ "hint",       { "pack", "slug", "revealed", "at_ms" } },
	{ "rating",     { "pack", "slug", "stars", "comment" } },
};
/* clang-format on */

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

/* JSON holds text; what is none goes as base64. */
static bool is_text(const char *code, size_t len)
{
	utf8proc_int32_t point = 0;
	utf8proc_ssize_t used;
	size_t at = 0;

	while (at < len) {
		used = utf8proc_iterate((const utf8proc_uint8_t *)code + at, (utf8proc_ssize_t)(len - at), &point);
		if (used <= 0 || !point)
			return false;
		at += (size_t)used;
	}
	return true;
}

static void add_draft(cJSON *body, const struct kl_outbox_item *item, const char *device)
{
	char *encoded;

	if (is_text(item->code, item->code_len)) {
		cJSON_AddStringToObject(body, "code", item->code);
	} else {
		encoded = kl_base64(item->code, item->code_len);
		cJSON_AddStringToObject(body, "code_base64", encoded);
		free(encoded);
	}
	cJSON_AddNumberToObject(body, "seq", (double)item->seq);
	cJSON_AddNumberToObject(body, "cursor", (double)item->cursor);
	if (device)
		cJSON_AddStringToObject(body, "device", device);
}

static int64_t made_at(const struct kl_outbox_item *item, const cJSON *body)
{
	int64_t at_ms = wire_int(body, "at_ms", 0);

	return at_ms > 0 ? at_ms : item->at_ms;
}

cJSON *push_item(const struct kl_outbox_item *item, const char *device)
{
	const struct kind *kind = find_kind(item->kind);
	cJSON *from = cJSON_Parse(item->body), *node, *body;
	char at[KL_UTC_SIZE];

	if (!kind || !from) {
		cJSON_Delete(from);
		return NULL;
	}
	node = cJSON_CreateObject();
	kl_clock_print_utc(at, made_at(item, from));
	cJSON_AddStringToObject(node, "id", item->id);
	cJSON_AddStringToObject(node, "kind", item->kind);
	cJSON_AddStringToObject(node, "hash", item->hash);
	cJSON_AddStringToObject(node, "at", at);
	body = cJSON_AddObjectToObject(node, "body");
	for (const char *const *name = kind->members; *name; name++) {
		cJSON *member = cJSON_DetachItemFromObjectCaseSensitive(from, *name);

		if (member)
			cJSON_AddItemToObject(body, *name, member);
	}
	if (item->code)
		add_draft(body, item, device);
	if (*item->receipt)
		cJSON_AddItemToObject(node, "before", cJSON_Parse(item->receipt));
	cJSON_Delete(from);
	return node;
}

static char *batch_json(const struct kl_sync *sync)
{
	cJSON *root = cJSON_CreateObject(), *items = cJSON_AddArrayToObject(root, "items");
	char *text;

	for (size_t i = 0; i < sync->item_count; i++) {
		cJSON *node = push_item(&sync->items[i], sync->parts.device);

		if (node)
			cJSON_AddItemToArray(items, node);
	}
	text = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	if (!text)
		kl_die("kodelab: out of memory");
	return text;
}

/* Drafts are known again when they come back, although the answer may be lost. */
static enum kl_status note_all(void *ctx, struct kl_error *err)
{
	const struct kl_sync *sync = ctx;
	enum kl_status status = KL_OK;

	for (size_t i = 0; !status && i < sync->item_count; i++)
		status = kl_store_outbox_leaves(sync->parts.store, &sync->items[i], err);
	return status;
}

/* --- what was answered -------------------------------------------------------------------------------------------- */

struct taking {
	struct kl_sync *sync;
	const cJSON *answers;
	size_t done; /* items that need not be sent again */
	bool received[ITEMS_MAX]; /* a good receipt came */
};

static const cJSON *answer_of(const cJSON *answers, const char *id)
{
	const cJSON *node;

	cJSON_ArrayForEach(node, answers) {
		if (!strcmp(wire_text(node, "id", ""), id))
			return node;
	}
	return NULL;
}

enum kl_status push_check_receipt(const struct kl_class *class, const struct kl_outbox_item *item, const cJSON *node,
				  struct kl_error *err)
{
	const struct kl_class_server *server = kl_class_server(class);
	struct kl_receipt receipt;
	enum kl_status status = kl_receipt_read(&receipt, node, err);

	if (!status)
		status = kl_receipt_check(&receipt, server->public_key, err);
	if (status)
		return status;
	if (strcmp(receipt.id, item->id) != 0 || strcmp(receipt.kind, item->kind) != 0 ||
	    strcmp(receipt.hash, item->hash) != 0 || strcmp(receipt.user, server->user_id) != 0 ||
	    strcmp(receipt.server, server->server_id) != 0)
		return kl_fail(err, KL_ECORRUPT, "the receipt is about something else");
	return KL_OK;
}

static enum kl_status keep_receipt(struct taking *taking, const struct kl_outbox_item *item, const cJSON *node,
				   bool stale, struct kl_error *err)
{
	struct kl_sync *sync = taking->sync;
	char *text = cJSON_PrintUnformatted(node);
	enum kl_status status =
		kl_store_outbox_sent(sync->parts.store, item, kl_class_account(sync->parts.class), text, stale, err);

	cJSON_free(text);
	if (status)
		return status;
	taking->received[item - sync->items] = true;
	taking->done++;
	sync->state.sent++;
	return KL_OK;
}

/* What will be refused for ever, too; everything else is sent again, later. */
static bool is_final(const char *code)
{
	static const char *const codes[] = { "BAD_REQUEST", "VALIDATION_ERROR", "NOT_FOUND",
					     "FORBIDDEN",   "CONFLICT",         "PAYLOAD_TOO_LARGE" };

	for (size_t i = 0; i < KL_LENGTH(codes); i++)
		if (!strcmp(codes[i], code))
			return true;
	return false;
}

static enum kl_status keep_refusal(struct taking *taking, const struct kl_outbox_item *item, const cJSON *error,
				   struct kl_error *err)
{
	struct kl_sync *sync = taking->sync;
	const char *code = wire_text(error, "code", ""), *words = wire_text(error, "message", "");
	enum kl_status status;

	kl_log(KL_LOG_WARN, "sync", "%s %s is not taken: %s %s", item->kind, item->subject, code, words);
	if (!is_final(code))
		return KL_OK;
	status = kl_store_outbox_refused(sync->parts.store, item, kl_class_account(sync->parts.class), words, err);
	if (status)
		return status;
	taking->done++;
	sync->state.refused++;
	return KL_OK;
}

static enum kl_status take_one(struct taking *taking, const struct kl_outbox_item *item, struct kl_error *err)
{
	const cJSON *answer = answer_of(taking->answers, item->id);
	const char *end = wire_text(answer, "end", "");
	bool stale = !strcmp(end, "stale");
	struct kl_error why;

	if (!answer) /* not a word about it: it is sent again */
		return KL_OK;
	if (strcmp(end, "stored") != 0 && strcmp(end, "duplicate") != 0 && !stale)
		return keep_refusal(taking, item, wire_member(answer, "error"), err);
	if (push_check_receipt(taking->sync->parts.class, item, wire_member(answer, "receipt"), &why)) {
		kl_log(KL_LOG_WARN, "sync", "a receipt for %s %s is no good: %s", item->kind, item->subject,
		       why.message);
		return KL_OK;
	}
	return keep_receipt(taking, item, wire_member(answer, "receipt"), stale, err);
}

/* In one transaction: either all that was answered is known, or the batch is sent again. */
static enum kl_status take_all(void *ctx, struct kl_error *err)
{
	struct taking *taking = ctx;
	enum kl_status status = KL_OK;

	for (size_t i = 0; !status && i < taking->sync->item_count; i++)
		status = take_one(taking, &taking->sync->items[i], err);
	return status;
}

/* Told once it is true: after the transaction. */
static void tell_all(struct taking *taking)
{
	struct kl_sync *sync = taking->sync;

	for (size_t i = 0; i < sync->item_count; i++) {
		const struct kl_outbox_item *item = &sync->items[i];
		const cJSON *answer = answer_of(taking->answers, item->id);
		const cJSON *error = wire_member(answer, "error");

		if (taking->received[i])
			sync_tell(sync, KL_NEWS_RECEIVED, item->subject, NULL);
		else if (error && is_final(wire_text(error, "code", "")))
			sync_tell(sync, KL_NEWS_REFUSED, item->subject, wire_text(error, "message", ""));
	}
}

static void on_answer(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_sync *sync = ctx;
	struct taking taking = { .sync = sync, .answers = cJSON_GetObjectItemCaseSensitive(answer->data, "items") };
	struct kl_error err;

	sync->call = NULL;
	if (answer->end != KL_CLASS_DONE) {
		sync_end_answer(sync, answer);
		return;
	}
	if (kl_store_sync_change(sync->parts.store, take_all, &taking, &err)) {
		sync_end(sync, &err);
		return;
	}
	tell_all(&taking);
	sync_count(sync);
	sync_tell_state(sync);
	push_release(sync);
	if (taking.done)
		push_begin(sync); /* the next batch */
	else
		sync_next(sync, KL_SYNC_PUSHES); /* what is left is for another time */
}

void push_begin(struct kl_sync *sync)
{
	struct kl_class_ask ask = { .method = "POST",
				    .path = "/api/sync/push",
				    .repeatable = true,
				    .patience_ms = PATIENCE_MS,
				    .deadline_ms = DEADLINE_MS,
				    .response_max = RESPONSE_MAX };
	struct kl_error err;
	enum kl_status status;
	char *text;

	status = kl_store_outbox_ready(&sync->items, &sync->item_count, sync->parts.store,
				       kl_class_account(sync->parts.class), ITEMS_MAX, BYTES_MAX, &err);
	if (!status)
		status = kl_store_sync_change(sync->parts.store, note_all, sync, &err);
	if (status) {
		sync_end(sync, &err);
		return;
	}
	if (!sync->item_count) {
		sync_next(sync, KL_SYNC_PUSHES);
		return;
	}
	text = batch_json(sync);
	ask.body = text;
	ask.body_len = strlen(text);
	if (kl_class_call(&sync->call, sync->parts.class, &ask, on_answer, sync, &err)) {
		sync->call = NULL;
		sync_end(sync, &err);
	}
	cJSON_free(text);
}
