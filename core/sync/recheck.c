/*
 * After the server was restored from a backup: it is asked, by ids alone, which of the items that it gave receipts for it lacks now. They wait
 * again, and go there once more by the same id and hash, with their receipts, which say when they were received.
 */

#include "core/sync/sync_int.h"

#include <string.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/log.h>

enum { IDS_MAX = 1000, PATIENCE_MS = 3000 };

struct checked {
	struct kl_store *store;
	const cJSON *asked, *lacks;
};

static bool is_in(const cJSON *list, const char *id)
{
	const cJSON *node;

	cJSON_ArrayForEach(node, list) {
		if (cJSON_IsString(node) && !strcmp(node->valuestring, id))
			return true;
	}
	return false;
}

static enum kl_status note_all(void *ctx, struct kl_error *err)
{
	const struct checked *checked = ctx;
	enum kl_status status = KL_OK;
	const cJSON *node;

	cJSON_ArrayForEach(node, checked->asked) {
		if (!status)
			status = kl_store_doubt_item(checked->store, node->valuestring,
						     is_in(checked->lacks, node->valuestring), err);
	}
	return status;
}

static void on_answer(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_sync *sync = ctx;
	const cJSON *lacks = cJSON_GetObjectItemCaseSensitive(answer->data, "lacks");
	struct checked checked = { sync->parts.store, sync->doubted, lacks };
	struct kl_error err;

	sync->call = NULL;
	if (answer->end != KL_CLASS_DONE) {
		sync_end_answer(sync, answer);
	} else if (!cJSON_IsArray(lacks) || cJSON_GetArraySize(lacks) > cJSON_GetArraySize(sync->doubted)) {
		kl_fail(&err, KL_ENET, "the class server does not say what it lacks: it is of another version");
		sync_end(sync, &err);
	} else if (kl_store_sync_change(sync->parts.store, note_all, &checked, &err)) {
		sync_end(sync, &err);
	} else {
		if (cJSON_GetArraySize(lacks)) {
			kl_log(KL_LOG_WARN, "sync",
			       "the class server was restored from a backup and lacks %d items: they are sent again",
			       cJSON_GetArraySize(lacks));
			sync->pushed = false;
			sync_count(sync);
		}
		recheck_begin(sync); /* the next ones */
	}
}

static void ask(struct kl_sync *sync)
{
	cJSON *root = cJSON_CreateObject();
	struct kl_class_ask ask = {
		.method = "POST", .path = "/api/sync/lacks", .repeatable = true, .patience_ms = PATIENCE_MS
	};
	struct kl_error err;
	char *text;

	cJSON_AddItemReferenceToObject(root, "ids", sync->doubted);
	text = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	if (!text)
		kl_die("kodelab: out of memory");
	ask.body = text;
	ask.body_len = strlen(text);
	if (kl_class_call(&sync->call, sync->parts.class, &ask, on_answer, sync, &err)) {
		sync->call = NULL;
		sync_end(sync, &err);
	}
	cJSON_free(text);
}

void recheck_release(struct kl_sync *sync)
{
	cJSON_Delete(sync->doubted);
	sync->doubted = NULL;
}

void recheck_begin(struct kl_sync *sync)
{
	char(*ids)[KL_ID_SIZE] = kl_calloc(IDS_MAX, sizeof(*ids));
	struct kl_error err;
	size_t count = 0;
	enum kl_status status =
		kl_store_doubted(ids, &count, IDS_MAX, sync->parts.store, kl_class_account(sync->parts.class), &err);

	recheck_release(sync);
	sync->doubted = cJSON_CreateArray();
	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(sync->doubted, cJSON_CreateString(ids[i]));
	free(ids);
	if (status)
		sync_end(sync, &err);
	else if (count)
		ask(sync);
	else
		sync_next(sync, KL_SYNC_PULLS);
}
