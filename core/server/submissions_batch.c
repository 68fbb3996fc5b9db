/* Several submissions in one request. */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/queue.h>

#include "core/server/judge0.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/submission.h"
#include "core/server/submissions.h"

#define BODY_MAX ((size_t)256 << 20)

static const char not_utf8[] = "some attributes for one or more submissions cannot be converted to UTF-8, use "
			       "base64_encoded=true query parameter";

/* false: 400 was answered. */
static bool check_count(struct request *request, size_t count)
{
	int64_t most = settings_int(request->server->settings, "judge0.max_submission_batch_size");

	if (!count)
		answer_error(request, 400, "there should be at least one submission in a batch");
	else if (count > (size_t)most)
		answer_error(request, 400, "number of submissions in a batch should be less than or equal to %lld",
			     (long long)most);
	return count && count <= (size_t)most;
}

/* --- create ----------------------------------------------------------------------------------------------------- */

struct item {
	size_t entry; /* where in the entries; SIZE_MAX: it is bad */
	struct kl_buf errors;
};

struct batch {
	struct item *items;
	struct kl_queue_entry *entries; /* of the good ones; bodies owned */
	size_t item_count, entry_count;
};

static void read_item(struct batch *batch, const struct request *request, const cJSON *node)
{
	const struct submission_source source = {
		.object = node,
		.base64 = request_says_true(request, "base64_encoded"),
		.settings = request->server->settings,
		.toolchains = judge0_toolchains(request->server->judge0),
	};
	struct item *item = &batch->items[batch->item_count++];
	struct submission submission;
	struct kl_buf body;

	answer_begin(&item->errors);
	item->entry = SIZE_MAX;
	if (submission_read(&submission, &source, &item->errors)) {
		kl_buf_init(&body, BODY_MAX);
		submission_pack(&body, &submission, BY_CLIENT);
		item->entry = batch->entry_count++;
		batch->entries[item->entry] =
			(struct kl_queue_entry){ .kind = submission.language_id, .body_len = body.len };
		batch->entries[item->entry].body = kl_buf_detach(&body);
	}
	submission_release(&submission);
}

static void answer_batch(struct request *request, const struct batch *batch)
{
	struct kl_buf body;

	answer_begin(&body);
	kl_buf_add_char(&body, '[');
	for (size_t i = 0; i < batch->item_count; i++) {
		const struct item *item = &batch->items[i];

		if (i)
			kl_buf_add_char(&body, ',');
		if (item->entry == SIZE_MAX)
			kl_buf_add(&body, item->errors.data, item->errors.len);
		else
			jsonout_only(&body, "token", batch->entries[item->entry].id);
	}
	kl_buf_add_char(&body, ']');
	answer_json(request, batch->entry_count ? 201 : 422, &body);
}

static void release_batch(struct batch *batch)
{
	for (size_t i = 0; i < batch->item_count; i++)
		kl_buf_release(&batch->items[i].errors);
	for (size_t i = 0; i < batch->entry_count; i++)
		free(batch->entries[i].body);
	free(batch->items);
	free(batch->entries);
}

/* What is no object was an exception there; a null is passed over. */
static bool are_objects(const cJSON *list)
{
	const cJSON *node;

	cJSON_ArrayForEach(node, list)
		if (!cJSON_IsObject(node) && !cJSON_IsNull(node))
			return false;
	return true;
}

void submissions_batch_create(struct request *request)
{
	const cJSON *list = request->fields ? cJSON_GetObjectItemCaseSensitive(request->fields, "submissions") : NULL;
	const cJSON *node;
	const char *text = cJSON_GetStringValue(list);
	struct batch batch = { .item_count = 0 };
	size_t count;

	if (text && *text) {
		answer_framework(request, 500);
		return;
	}
	count = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
	if (!check_count(request, count))
		return;
	if (!are_objects(list)) {
		answer_framework(request, 500);
		return;
	}
	batch.items = kl_calloc(count, sizeof(*batch.items));
	batch.entries = kl_calloc(count, sizeof(*batch.entries));
	cJSON_ArrayForEach(node, list)
		if (cJSON_IsObject(node))
			read_item(&batch, request, node);
	if (!batch.entry_count || submissions_add(request, batch.entries, batch.entry_count))
		answer_batch(request, &batch);
	release_batch(&batch);
}

/* --- get -------------------------------------------------------------------------------------------------------- */

static size_t count_tokens(const char *tokens)
{
	size_t count = *tokens != '\0';

	for (; *tokens; tokens++)
		count += *tokens == ',';
	return count;
}

/* false: it cannot be shown without base64. */
static bool add_one(struct kl_buf *body, const struct request *request, const char *token, size_t len,
		    const struct fields *fields, int64_t *ahead)
{
	bool base64 = request_says_true(request, "base64_encoded"), good;
	char id[KL_ID_SIZE];
	struct kl_queue_entry entry;
	struct submission submission;

	snprintf(id, sizeof(id), "%.*s", (int)(len < sizeof(id) ? len : 0), token);
	if (kl_queue_get(&entry, request->server->queue, id, NULL)) {
		kl_buf_add_str(body, "null");
		return true;
	}
	submissions_position(request, id, ahead);
	good = submission_of_entry(&submission, &entry) && (base64 || submission_plain(&submission, fields));
	if (good)
		submission_show(body, &submission, fields, base64, judge0_toolchains(request->server->judge0));
	submission_release(&submission);
	kl_queue_entry_release(&entry);
	return good;
}

void submissions_batch_get(struct request *request)
{
	const char *tokens = request_text(request, "tokens");
	struct fields fields;
	struct kl_buf body;
	int64_t ahead = -1;

	if (!tokens)
		tokens = request_header(request, "tokens");
	if (!tokens)
		tokens = "";
	if (!check_count(request, count_tokens(tokens)) || !submissions_fields(request, &fields))
		return;
	request_durable(request); /* what is shown may have been found in this very turn */
	answer_begin(&body);
	kl_buf_add_str(&body, "{\"submissions\":[");
	for (const char *at = tokens;; at++) {
		size_t len = strcspn(at, ",");

		if (!add_one(&body, request, at, len, &fields, &ahead)) {
			kl_buf_release(&body);
			answer_error(request, 400, "%s", not_utf8);
			return;
		}
		at += len;
		if (!*at)
			break;
		kl_buf_add_char(&body, ',');
	}
	kl_buf_add_str(&body, "]}");
	answer_json(request, 200, &body);
	submissions_say_position(request, ahead);
}
