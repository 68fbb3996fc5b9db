/* The newest text per challenge and language. */

#include "core/store/store_int.h"

#include <cjson/cJSON.h>

struct draft {
	bool found;
	char *text;
	size_t len, cursor;
};

static void take_draft(void *ctx, const struct sql_row *row)
{
	struct draft *draft = ctx;

	draft->found = true;
	draft->text = row_bytes(row, 0, &draft->len);
	draft->cursor = (size_t)row_int(row, 1);
}

static enum kl_status read_draft(struct draft *draft, struct kl_store *store, const char *pack, const char *slug,
				 const char *language, struct kl_error *err)
{
	enum kl_status status;

	*draft = (struct draft){ .found = false };
	status = store_select(store, SQL_DRAFT_GET, ARGS(ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(language)),
			      take_draft, draft, err);
	if (status)
		free(draft->text);
	return status;
}

enum kl_status kl_store_draft_get(char **text, size_t *len, size_t *cursor, struct kl_store *store, const char *pack,
				  const char *slug, const char *language, struct kl_error *err)
{
	struct draft draft;
	enum kl_status status = read_draft(&draft, store, pack, slug, language, err);

	if (status)
		return status;
	if (!draft.found)
		return kl_fail(err, KL_ENOENT, "there is no draft of '%s' in %s", slug, language);
	*text = draft.text;
	*len = draft.len;
	if (cursor)
		*cursor = draft.cursor < draft.len ? draft.cursor : draft.len;
	return KL_OK;
}

struct writing {
	const char *pack, *slug, *language, *text;
	size_t len, cursor;
};

static enum kl_status write_draft(struct kl_store *store, const struct writing *draft, struct kl_error *err)
{
	int64_t now_ms = kl_clock_wall_ms(&store->clock);
	struct cJSON *body;
	enum kl_status status;

	status = store_run(store, SQL_DRAFT_PUT,
			   ARGS(ARG_TEXT(draft->pack), ARG_TEXT(draft->slug), ARG_TEXT(draft->language),
				ARG_BYTES(draft->text, draft->len), ARG_INT((int64_t)draft->cursor), ARG_INT(now_ms)),
			   err);
	if (status)
		return status;
	body = outbox_body(draft->pack, draft->slug, now_ms);
	cJSON_AddStringToObject(body, "language", draft->language);
	cJSON_AddNumberToObject(body, "bytes", (double)draft->len);
	return outbox_add(store,
			  &(struct outbox_entry){ .kind = "draft",
						  .pack = draft->pack,
						  .slug = draft->slug,
						  .language = draft->language,
						  .body = body,
						  .bytes = draft->text,
						  .len = draft->len,
						  .replace = true },
			  err);
}

/* Saving what has not changed costs a read; when only the cursor moved, the server need not hear of it. */
static enum kl_status put_in_transaction(struct kl_store *store, const struct writing *draft, struct kl_error *err)
{
	struct draft old;
	enum kl_status status = read_draft(&old, store, draft->pack, draft->slug, draft->language, err);
	bool same;

	if (status)
		return status;
	same = old.found && old.len == draft->len && !memcmp(old.text, draft->text, draft->len);
	free(old.text);
	if (!same)
		return write_draft(store, draft, err);
	if (old.cursor == draft->cursor)
		return KL_OK;
	return store_run(store, SQL_DRAFT_CURSOR,
			 ARGS(ARG_INT((int64_t)draft->cursor), ARG_TEXT(draft->pack), ARG_TEXT(draft->slug),
			      ARG_TEXT(draft->language)),
			 err);
}

enum kl_status draft_put(struct kl_store *store, const char *pack, const char *slug, const char *language,
			 const char *text, size_t len, struct kl_error *err)
{
	return put_in_transaction(store, &(struct writing){ pack, slug, language, text, len, 0 }, err);
}

enum kl_status kl_store_draft_put(struct kl_store *store, const char *pack, const char *slug, const char *language,
				  const char *text, size_t len, size_t cursor, struct kl_error *err)
{
	struct writing draft = { pack, slug, language, text ? text : "", len, cursor };
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	return store_end(store, put_in_transaction(store, &draft, err), err);
}
