/* What the class server will want, exactly once: an id made here, a body, and a fingerprint of what it stands for. */

#include "core/store/store_int.h"

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

struct cJSON *outbox_body(const char *pack, const char *slug, int64_t at_ms)
{
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "pack", pack);
	cJSON_AddStringToObject(body, "slug", slug);
	cJSON_AddNumberToObject(body, "at_ms", (double)at_ms);
	return body;
}

static char *subject_of(const struct outbox_entry *entry)
{
	return kl_format("%s/%s%s%s", entry->pack, entry->slug, entry->language ? "/" : "",
			 entry->language ? entry->language : "");
}

static enum kl_status put(struct kl_store *store, const struct outbox_entry *entry, const char *text,
			  struct kl_error *err)
{
	char id[KL_ID_SIZE], hash[KL_SHA256_SIZE];
	char *subject = subject_of(entry);
	enum kl_status status = KL_OK;

	if (entry->id)
		snprintf(id, sizeof(id), "%s", entry->id);
	else
		kl_id_new(id, &store->clock);
	if (entry->bytes)
		kl_sha256(hash, entry->bytes, entry->len);
	else
		kl_sha256(hash, text, strlen(text));
	if (entry->replace)
		status = store_run(store, SQL_OUTBOX_REPLACE, ARGS(ARG_TEXT(entry->kind), ARG_TEXT(subject)), err);
	if (!status)
		status = store_run(store, SQL_OUTBOX_ADD,
				   ARGS(ARG_TEXT(id), ARG_TEXT(entry->kind), ARG_TEXT(subject), ARG_TEXT(text),
					ARG_TEXT(hash), ARG_INT(kl_clock_wall_ms(&store->clock))),
				   err);
	free(subject);
	return status;
}

enum kl_status outbox_add(struct kl_store *store, const struct outbox_entry *entry, struct kl_error *err)
{
	char *text = cJSON_PrintUnformatted(entry->body);
	enum kl_status status;

	cJSON_Delete(entry->body);
	if (!text)
		kl_die("kodelab: out of memory");
	status = put(store, entry, text, err);
	cJSON_free(text);
	return status;
}

static void take_count(void *ctx, const struct sql_row *row)
{
	*(size_t *)ctx = (size_t)row_int(row, 0);
}

enum kl_status kl_store_outbox_count(size_t *count, struct kl_store *store, struct kl_error *err)
{
	return store_select(store, SQL_OUTBOX_COUNT, NO_ARGS, take_count, count, err);
}
