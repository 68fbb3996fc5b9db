/* Published packs: see kodelab/store_packs.h. */

#include <kodelab/store_packs.h>

#include <kodelab/alloc.h>
#include <kodelab/store_changes.h>
#include <kodelab/store_courses.h>

#include "core/store/store_int.h"

struct rows {
	void *items;
	size_t count, capacity;
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void take_pack(void *ctx, const struct sql_row *row)
{
	struct rows *rows = ctx;
	struct kl_published *packs = rows->items, *to;

	KL_GROW(packs, rows->count, rows->capacity);
	rows->items = packs;
	to = &packs[rows->count++];
	*to = (struct kl_published){ .pack = row_text(row, 0),
				     .owner = row_text(row, 1),
				     .title = row_text(row, 2),
				     .description = row_text(row, 3),
				     .version = row_int(row, 4),
				     .created_ms = row_int(row, 5),
				     .changed_ms = row_int(row, 6),
				     .removed_ms = row_int(row, 7),
				     .view_bytes = row_int(row, 10),
				     .shown = row_int(row, 11) };
	row_copy(row, 8, to->hash, sizeof(to->hash));
	row_copy(row, 9, to->view_hash, sizeof(to->view_hash));
}

enum kl_status kl_store_packs(struct kl_published **rows, size_t *count, struct kl_store *store, struct kl_error *err)
{
	struct rows taken = { .items = NULL };
	enum kl_status status = store_select(store, SQL_PACKS, NO_ARGS, take_pack, &taken, err);

	if (status) {
		kl_published_free(taken.items, taken.count);
		return status;
	}
	*rows = taken.items;
	*count = taken.count;
	return KL_OK;
}

void kl_published_free(struct kl_published *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].pack);
		free(rows[i].owner);
		free(rows[i].title);
		free(rows[i].description);
	}
	free(rows);
}

static void take_version(void *ctx, const struct sql_row *row)
{
	struct rows *rows = ctx;
	struct kl_pack_version *versions = rows->items, *to;

	KL_GROW(versions, rows->count, rows->capacity);
	rows->items = versions;
	to = &versions[rows->count++];
	*to = (struct kl_pack_version){ .version = row_int(row, 0),
					.bytes = row_int(row, 3),
					.view_bytes = row_int(row, 4),
					.challenges = row_int(row, 5),
					.shown = row_int(row, 6),
					.publisher = row_text(row, 7),
					.published_ms = row_int(row, 8) };
	row_copy(row, 1, to->hash, sizeof(to->hash));
	row_copy(row, 2, to->view_hash, sizeof(to->view_hash));
}

enum kl_status kl_store_pack_versions(struct kl_pack_version **rows, size_t *count, struct kl_store *store,
				      const char *pack, struct kl_error *err)
{
	struct rows taken = { .items = NULL };
	enum kl_status status = store_select(store, SQL_PACK_VERSIONS, ARGS(ARG_TEXT(pack)), take_version, &taken, err);

	if (status) {
		kl_pack_versions_free(taken.items, taken.count);
		return status;
	}
	*rows = taken.items;
	*count = taken.count;
	return KL_OK;
}

void kl_pack_versions_free(struct kl_pack_version *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(rows[i].publisher);
	free(rows);
}

static void take_part(void *ctx, const struct sql_row *row)
{
	struct rows *rows = ctx;
	struct kl_pack_part *parts = rows->items, *to;

	KL_GROW(parts, rows->count, rows->capacity);
	rows->items = parts;
	to = &parts[rows->count++];
	*to = (struct kl_pack_part){ .number = row_int(row, 0), .slug = row_text(row, 1), .shown = row_int(row, 4) };
	row_copy(row, 2, to->hash, sizeof(to->hash));
	row_copy(row, 3, to->task, sizeof(to->task));
}

enum kl_status kl_store_pack_parts(struct kl_pack_part **rows, size_t *count, struct kl_store *store, const char *pack,
				   int64_t version, struct kl_error *err)
{
	struct rows taken = { .items = NULL };
	enum kl_status status =
		store_select(store, SQL_PACK_PARTS, ARGS(ARG_TEXT(pack), ARG_INT(version)), take_part, &taken, err);

	if (status) {
		kl_pack_parts_free(taken.items, taken.count);
		return status;
	}
	*rows = taken.items;
	*count = taken.count;
	return KL_OK;
}

void kl_pack_parts_free(struct kl_pack_part *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(rows[i].slug);
	free(rows);
}

struct bytes {
	char *data;
	size_t len;
	bool good;
};

static void take_content(void *ctx, const struct sql_row *row)
{
	struct bytes *bytes = ctx;
	char *text = row_text(row, 0);

	bytes->good = kl_base64_decode(&bytes->data, &bytes->len, text);
	free(text);
}

enum kl_status kl_store_pack_content(char **bytes, size_t *len, struct kl_store *store, const char *pack,
				     int64_t version, enum kl_pack_content which, struct kl_error *err)
{
	struct bytes taken = { .data = NULL };
	enum kl_status status =
		store_select(store, SQL_PACK_CONTENT, ARGS(ARG_TEXT(pack), ARG_INT(version), ARG_INT((int64_t)which)),
			     take_content, &taken, err);

	if (!status && !taken.good)
		status = kl_fail(err, KL_ENOENT, "there is no version %lld of the pack '%s'", (long long)version, pack);
	if (status) {
		free(taken.data);
		return status;
	}
	*bytes = taken.data;
	*len = taken.len;
	return KL_OK;
}

enum kl_status kl_store_pack_judged_by(int64_t *judged, bool *same, struct kl_store *store, const char *pack,
				       const char *slug, int64_t version, struct kl_error *err)
{
	int64_t found = 0;
	enum kl_status status =
		store_select(store, SQL_PACK_SAME_TASK, ARGS(ARG_TEXT(pack), ARG_TEXT(slug), ARG_INT(version)),
			     row_number, &found, err);

	*same = found > 0;
	if (!status && !found)
		status = store_select(store, SQL_PACK_LAST_WITH, ARGS(ARG_TEXT(pack), ARG_TEXT(slug)), row_number,
				      &found, err);
	if (status)
		return status;
	if (!found)
		return kl_fail(err, KL_ENOENT, "there is no challenge '%s/%s'", pack, slug);
	*judged = found;
	return KL_OK;
}

enum kl_status kl_store_pack_was_shown(bool *shown, struct kl_store *store, const char *pack, const char *slug,
				       struct kl_error *err)
{
	int64_t most = 0;
	enum kl_status status =
		store_select(store, SQL_PACK_SHOWN, ARGS(ARG_TEXT(pack), ARG_TEXT(slug)), row_number, &most, err);

	if (!status)
		*shown = most > 0;
	return status;
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

static enum kl_status put_content(struct kl_store *store, const char *pack, int64_t version, enum kl_pack_content which,
				  const char *bytes, size_t len, struct kl_error *err)
{
	char *text = kl_base64(bytes, len);
	enum kl_status status =
		store_run(store, SQL_PACK_CONTENT_ADD,
			  ARGS(ARG_TEXT(pack), ARG_INT(version), ARG_INT((int64_t)which), ARG_TEXT(text)), err);

	free(text);
	return status;
}

static enum kl_status put_parts(struct kl_store *store, int64_t version, const struct kl_pack_publication *publication,
				struct kl_error *err)
{
	enum kl_status status = KL_OK;

	for (size_t i = 0; i < publication->part_count && !status; i++) {
		const struct kl_pack_part *part = &publication->parts[i];

		status = store_run(store, SQL_PACK_PART_ADD,
				   ARGS(ARG_TEXT(publication->row->pack), ARG_INT(version), ARG_INT(part->number),
					ARG_TEXT(part->slug), ARG_TEXT(part->hash), ARG_TEXT(part->task),
					ARG_INT(part->shown)),
				   err);
	}
	return status;
}

static enum kl_status publish(int64_t *version, struct kl_store *store, const struct kl_pack_publication *publication,
			      struct kl_error *err)
{
	const struct kl_published *row = publication->row;
	int64_t now_ms = kl_clock_wall_ms(&store->clock);
	enum kl_status status;

	if ((status = store_run(store, SQL_PACK_PUT,
				ARGS(ARG_TEXT(row->pack), ARG_TEXT(row->owner), ARG_TEXT(row->title),
				     ARG_TEXT(row->description), ARG_INT(now_ms)),
				err)) ||
	    (status = store_select(store, SQL_PACK_NEWEST, ARGS(ARG_TEXT(row->pack)), row_number, version, err)) ||
	    (status = store_run(store, SQL_PACK_VERSION_ADD,
				ARGS(ARG_TEXT(row->pack), ARG_INT(*version), ARG_TEXT(row->hash),
				     ARG_TEXT(row->view_hash), ARG_INT((int64_t)publication->whole_len),
				     ARG_INT((int64_t)publication->view_len), ARG_INT((int64_t)publication->part_count),
				     ARG_INT(row->shown), ARG_TEXT(publication->publisher), ARG_INT(now_ms)),
				err)) ||
	    (status = put_parts(store, *version, publication, err)) ||
	    (status = kl_store_change_note(store, KL_CHANGES_EVERYBODY, "pack", row->pack, err)) ||
	    (publication->course &&
	     (status = kl_store_course_keep(store, publication->course, row->pack, true, err))) ||
	    (status = put_content(store, row->pack, *version, KL_PACK_WHOLE, publication->whole, publication->whole_len,
				  err)) ||
	    !publication->view)
		return status;
	return put_content(store, row->pack, *version, KL_PACK_VIEW, publication->view, publication->view_len, err);
}

enum kl_status kl_store_pack_publish(int64_t *version, struct kl_store *store,
				     const struct kl_pack_publication *publication, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);
	int64_t made = 0;

	if (status)
		return status;
	status = store_end(store, publish(&made, store, publication, err), err);
	if (!status)
		*version = made;
	return status;
}

enum kl_status kl_store_pack_remove(struct kl_store *store, const char *pack, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = store_run(store, SQL_PACK_REMOVE, ARGS(ARG_INT(kl_clock_wall_ms(&store->clock)), ARG_TEXT(pack)), err);
	if (!status)
		status = kl_store_change_note(store, KL_CHANGES_EVERYBODY, "pack", pack, err);
	return store_end(store, status, err);
}
