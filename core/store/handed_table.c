/* What goes to the class server: rows of the outbox as they are sent, and the receipts that come back. */

#include <kodelab/store_sync.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>

#include "core/store/store_int.h"

enum kl_status kl_store_sync_change(struct kl_store *store, kl_store_sync_fn *fn, void *ctx, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, fn(ctx, err), err);
}

/* --- what is ready ------------------------------------------------------------------------------------------------ */

void kl_outbox_free(struct kl_outbox_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(items[i].kind);
		free(items[i].subject);
		free(items[i].body);
		free(items[i].receipt);
		free(items[i].code);
	}
	free(items);
}

struct list {
	struct kl_outbox_item *items;
	size_t count, capacity;
};

static void take_item(void *ctx, const struct sql_row *row)
{
	struct list *list = ctx;
	struct kl_outbox_item *item;

	KL_GROW(list->items, list->count, list->capacity);
	item = &list->items[list->count++];
	*item = (struct kl_outbox_item){ .kind = row_text(row, 1),
					 .subject = row_text(row, 2),
					 .body = row_text(row, 3),
					 .at_ms = row_int(row, 5),
					 .receipt = row_text(row, 6) };
	row_copy(row, 0, item->row, sizeof(item->row));
	row_copy(row, 0, item->id, sizeof(item->id));
	row_copy(row, 4, item->hash, sizeof(item->hash));
}

static void copy_text(char *to, size_t size, const cJSON *body, const char *name)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(body, name);

	if (cJSON_IsString(node) && strlen(node->valuestring) == size - 1)
		memcpy(to, node->valuestring, size);
}

/* Rows of before the class server was there have an id and a hash of their own: on the wire they are the attempt's. */
static void name_submission(struct kl_outbox_item *item, const cJSON *body)
{
	copy_text(item->id, sizeof(item->id), body, "attempt");
	copy_text(item->hash, sizeof(item->hash), body, "code_sha256");
}

/* NULL: it has none, or it is no text. */
static const char *member(const cJSON *body, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, name));
}

/* *gone: the text is not what the row stands for any more. */
static enum kl_status add_draft(struct kl_outbox_item *item, bool *gone, struct kl_store *store, const cJSON *body,
				struct kl_error *err)
{
	const char *pack = member(body, "pack"), *slug = member(body, "slug"), *language = member(body, "language");
	char hash[KL_SHA256_SIZE] = "";
	enum kl_status status;
	struct kl_error why;

	status = kl_store_draft_get(&item->code, &item->code_len, &item->cursor, store, pack ? pack : "",
				    slug ? slug : "", language ? language : "", &why);
	if (status && status != KL_ENOENT)
		return kl_fail(err, status, "%s", why.message);
	if (!status)
		kl_sha256(hash, item->code, item->code_len);
	*gone = strcmp(hash, item->hash) != 0;
	if (*gone)
		return KL_OK;
	status = store_select(store, SQL_DRAFT_NEWEST_SEQ, ARGS(ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(language)),
			      row_number, &item->seq, err);
	item->seq++;
	return status;
}

static enum kl_status complete(struct kl_outbox_item *item, bool *gone, struct kl_store *store, struct kl_error *err)
{
	cJSON *body = cJSON_Parse(item->body);
	enum kl_status status = KL_OK;

	*gone = !body;
	if (body && !strcmp(item->kind, "submission"))
		name_submission(item, body);
	if (body && !strcmp(item->kind, "draft"))
		status = add_draft(item, gone, store, body, err);
	cJSON_Delete(body);
	return status;
}

static void drop_item(struct list *list, size_t at)
{
	struct kl_outbox_item *gone = kl_calloc(1, sizeof(*gone));

	*gone = list->items[at];
	memmove(list->items + at, list->items + at + 1, (list->count - at - 1) * sizeof(*list->items));
	list->count--;
	kl_outbox_free(gone, 1);
}

static enum kl_status complete_all(struct list *list, struct kl_store *store, size_t bytes, struct kl_error *err)
{
	size_t used = 0, at = 0;
	enum kl_status status;
	bool gone;

	while (at < list->count) {
		struct kl_outbox_item *item = &list->items[at];

		if ((status = complete(item, &gone, store, err)))
			return status;
		if (gone) {
			if ((status = store_run(store, SQL_OUTBOX_DROP, ARGS(ARG_TEXT(item->row)), err)))
				return status;
			drop_item(list, at);
			continue;
		}
		used += strlen(item->body) + item->code_len + item->code_len / 3;
		if (at && used > bytes)
			break;
		at++;
	}
	while (list->count > at)
		drop_item(list, list->count - 1);
	return KL_OK;
}

enum kl_status kl_store_outbox_ready(struct kl_outbox_item **items, size_t *count, struct kl_store *store,
				     const char *account, size_t max, size_t bytes, struct kl_error *err)
{
	struct list list = { .items = NULL };
	enum kl_status status = store_select(store, SQL_OUTBOX_READY, ARGS(ARG_TEXT(account), ARG_INT((int64_t)max)),
					     take_item, &list, err);

	if (!status)
		status = complete_all(&list, store, bytes, err);
	if (status) {
		kl_outbox_free(list.items, list.count);
		return status;
	}
	*items = list.items;
	*count = list.count;
	return KL_OK;
}

struct waiting {
	int64_t count, since_ms;
};

static void take_waiting(void *ctx, const struct sql_row *row)
{
	*(struct waiting *)ctx = (struct waiting){ row_int(row, 0), row_int(row, 1) };
}

enum kl_status kl_store_outbox_waiting(size_t *count, int64_t *since_ms, struct kl_store *store, const char *account,
				       struct kl_error *err)
{
	struct waiting waiting = { 0, 0 };
	enum kl_status status =
		store_select(store, SQL_OUTBOX_WAITING, ARGS(ARG_TEXT(account)), take_waiting, &waiting, err);

	if (!status) {
		*count = (size_t)waiting.count;
		*since_ms = waiting.since_ms;
	}
	return status;
}

/* --- what has become of it ---------------------------------------------------------------------------------------- */

static bool newest_counts(const struct kl_outbox_item *item)
{
	return !strcmp(item->kind, "draft") || !strcmp(item->kind, "progress");
}

/* Of a draft's challenge and language: the statement's number and text come first. */
static enum kl_status run_base(struct kl_store *store, enum sql sql, const struct kl_outbox_item *item,
			       struct kl_error *err)
{
	cJSON *body = cJSON_Parse(item->body);
	const char *pack = member(body, "pack"), *slug = member(body, "slug"), *language = member(body, "language");
	enum kl_status status = store_run(
		store, sql,
		ARGS(ARG_INT(item->seq), ARG_TEXT(item->hash), ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(language)),
		err);

	cJSON_Delete(body);
	return status;
}

enum kl_status kl_store_outbox_leaves(struct kl_store *store, const struct kl_outbox_item *item, struct kl_error *err)
{
	cJSON *body = strcmp(item->kind, "draft") ? NULL : cJSON_Parse(item->body);
	const char *pack = member(body, "pack"), *slug = member(body, "slug"), *language = member(body, "language");
	enum kl_status status = KL_OK;

	if (body)
		status = store_run(store, SQL_DRAFT_LEAVES,
				   ARGS(ARG_TEXT(item->hash), ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(language)), err);
	cJSON_Delete(body);
	return status;
}

enum kl_status kl_store_outbox_given(struct kl_store *store, const struct kl_outbox_item *item, struct kl_error *err)
{
	return strcmp(item->kind, "draft") != 0 ? KL_OK : run_base(store, SQL_DRAFT_GIVEN, item, err);
}

enum kl_status kl_store_outbox_sent(struct kl_store *store, const struct kl_outbox_item *item, const char *account,
				    const char *receipt, bool stale, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	if (newest_counts(item)) /* an older receipt of the same thing says nothing any more */
		status = store_run(store, SQL_OUTBOX_FORGET_SENT,
				   ARGS(ARG_TEXT(item->kind), ARG_TEXT(item->subject), ARG_TEXT(item->row)), err);
	if (!status)
		status = store_run(store, SQL_OUTBOX_SENT,
				   ARGS(ARG_TEXT(item->id), ARG_TEXT(item->hash), ARG_TEXT(account), ARG_TEXT(receipt),
					ARG_INT(kl_clock_wall_ms(&store->clock)), ARG_TEXT(item->row)),
				   err);
	if (status || stale || strcmp(item->kind, "draft") != 0)
		return status;
	return run_base(store, SQL_DRAFT_BASE_PUT, item, err);
}

enum kl_status kl_store_outbox_refused(struct kl_store *store, const struct kl_outbox_item *item, const char *account,
				       const char *why, struct kl_error *err)
{
	return store_run(store, SQL_OUTBOX_REFUSED,
			 ARGS(ARG_TEXT(account), ARG_TEXT(*why ? why : "refused"),
			      ARG_INT(kl_clock_wall_ms(&store->clock)), ARG_TEXT(item->row)),
			 err);
}

struct receipts {
	kl_store_receipt_fn *fn;
	void *ctx;
};

static void give_receipt(void *ctx, const struct sql_row *row)
{
	struct receipts *receipts = ctx;
	char *text = row_text(row, 0);

	receipts->fn(receipts->ctx, text);
	free(text);
}

enum kl_status kl_store_receipts(struct kl_store *store, kl_store_receipt_fn *fn, void *ctx, struct kl_error *err)
{
	struct receipts receipts = { fn, ctx };

	return store_select(store, SQL_OUTBOX_RECEIPTS, NO_ARGS, give_receipt, &receipts, err);
}

/* --- after a restore ---------------------------------------------------------------------------------------------- */

static enum kl_status run_each(struct kl_store *store, const enum sql parts[], size_t count, const char *account,
			       struct kl_error *err)
{
	enum kl_status status = KL_OK;

	for (size_t i = 0; !status && i < count; i++)
		status = store_run(store, parts[i], ARGS(ARG_TEXT(account)), err);
	return status;
}

enum kl_status kl_store_doubt(struct kl_store *store, const char *account, struct kl_error *err)
{
	static const enum sql parts[] = { SQL_OUTBOX_DOUBT, SQL_CLASS_PACKS_DOUBT, SQL_CLASS_COURSES_DOUBT };

	return run_each(store, parts, KL_LENGTH(parts), account, err);
}

enum kl_status kl_store_doubt_end(bool *gone, struct kl_store *store, const char *account, struct kl_error *err)
{
	static const enum sql parts[] = { SQL_CLASS_PACKS_UNTOLD, SQL_CLASS_COURSES_UNTOLD };
	int64_t count = 0;
	enum kl_status status = store_select(store, SQL_CLASS_UNTOLD, ARGS(ARG_TEXT(account)), row_number, &count, err);

	*gone = count > 0;
	return status || !count ? status : run_each(store, parts, KL_LENGTH(parts), account, err);
}

struct ids {
	char (*ids)[KL_ID_SIZE];
	size_t count;
};

static void take_id(void *ctx, const struct sql_row *row)
{
	struct ids *ids = ctx;

	row_copy(row, 0, ids->ids[ids->count++], KL_ID_SIZE);
}

enum kl_status kl_store_doubted(char (*ids)[KL_ID_SIZE], size_t *count, size_t max, struct kl_store *store,
				const char *account, struct kl_error *err)
{
	struct ids list = { ids, 0 };
	enum kl_status status = store_select(store, SQL_OUTBOX_DOUBTED, ARGS(ARG_TEXT(account), ARG_INT((int64_t)max)),
					     take_id, &list, err);

	*count = list.count;
	return status;
}

enum kl_status kl_store_doubt_item(struct kl_store *store, const char *id, bool lacks, struct kl_error *err)
{
	enum kl_status status = lacks ? store_run(store, SQL_OUTBOX_LOST, ARGS(ARG_TEXT(id)), err) : KL_OK;

	return status ? status : store_run(store, SQL_OUTBOX_KNOWN, ARGS(ARG_TEXT(id)), err);
}

/* --- of these very bytes ------------------------------------------------------------------------------------------ */

struct delivered {
	struct kl_delivered out;
	const char *account;
};

/* The best of what is known: received, then waiting, then refused. */
static void take_delivered(void *ctx, const struct sql_row *row)
{
	struct delivered *delivered = ctx;
	char account[2 * KL_ID_SIZE], receipt[8], problem[256];

	row_copy(row, 1, receipt, sizeof(receipt));
	row_copy(row, 2, problem, sizeof(problem));
	row_copy(row, 3, account, sizeof(account));
	if (*account && strcmp(account, delivered->account) != 0)
		return;
	if (*receipt && row_int(row, 0)) {
		delivered->out.delivery = KL_DELIVERY_RECEIVED;
		delivered->out.at_ms = row_int(row, 0);
	} else if (delivered->out.delivery == KL_DELIVERY_RECEIVED) {
		return;
	} else if (!*problem) {
		delivered->out.delivery = KL_DELIVERY_WAITING;
	} else if (delivered->out.delivery == KL_DELIVERY_NONE) {
		delivered->out.delivery = KL_DELIVERY_REFUSED;
		memcpy(delivered->out.problem, problem, sizeof(problem));
	}
}

enum kl_status kl_store_delivered(struct kl_delivered *out, struct kl_store *store, const char *account,
				  const char *pack, const char *slug, const char *language, const char *hash,
				  struct kl_error *err)
{
	struct delivered delivered = { .account = account };
	int64_t from_server = 0;
	char *challenge = kl_format("%s/%s", pack, slug), *draft = kl_format("%s/%s/%s", pack, slug, language);
	enum kl_status status =
		store_select(store, SQL_OUTBOX_DELIVERY, ARGS(ARG_TEXT(hash), ARG_TEXT(challenge), ARG_TEXT(draft)),
			     take_delivered, &delivered, err);

	free(challenge);
	free(draft);
	if (!status && delivered.out.delivery == KL_DELIVERY_NONE)
		status = store_select(store, SQL_DRAFT_FROM_SERVER,
				      ARGS(ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(language), ARG_TEXT(hash)),
				      row_number, &from_server, err);
	if (from_server)
		delivered.out.delivery = KL_DELIVERY_FROM_SERVER;
	if (!status)
		*out = delivered.out;
	return status;
}
