/* Judges' keys: what is known of them, their sealed secrets apart, who used them, what exams keep back, notices. */

#include <kodelab/store_keys.h>

#include <kodelab/alloc.h>
#include <kodelab/store_turn.h>

#include "core/store/store_int.h"

enum kl_status kl_store_keys_change(struct kl_store *store, kl_store_keys_fn *fn, void *ctx, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, fn(ctx, err), err);
}

/* Rows of one kind being collected. */
struct rows {
	char *items;
	size_t count, capacity, size; /* size: bytes of one */
};

static void *next_row(struct rows *rows)
{
	if (rows->count == rows->capacity) {
		rows->capacity = rows->capacity ? 2 * rows->capacity : 8;
		rows->items = kl_realloc_array(rows->items, rows->capacity, rows->size);
	}
	return memset(rows->items + rows->count++ * rows->size, 0, rows->size);
}

/* --- keys ------------------------------------------------------------------------------------------------------- */

void kl_key_info_release(struct kl_key_info *key)
{
	free(key->instance);
	free(key->owner);
	free(key->label);
	free(key->why);
	*key = (struct kl_key_info){ .instance = NULL };
}

void kl_key_infos_free(struct kl_key_info *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kl_key_info_release(&keys[i]);
	free(keys);
}

static void take_key(void *ctx, const struct sql_row *row)
{
	struct kl_key_info *key = next_row(ctx);

	row_copy(row, 0, key->id, sizeof(key->id));
	key->instance = row_text(row, 1);
	key->owner = row_text(row, 2);
	key->label = row_text(row, 3);
	row_copy(row, 4, key->last4, sizeof(key->last4));
	key->state = (enum kl_key_state)row_int(row, 5);
	key->share = (enum kl_key_share)row_int(row, 6);
	key->daily_limit = row_int(row, 7);
	key->reserve = row_int(row, 8);
	key->used_today = row_int(row, 9);
	key->used_ever = row_int(row, 10);
	key->failed_ever = row_int(row, 11);
	key->reset_ms = row_int(row, 12);
	row_copy(row, 13, key->zone, sizeof(key->zone));
	key->added_ms = row_int(row, 14);
	key->validated_ms = row_int(row, 15);
	key->consented_ms = row_int(row, 16);
	key->why = row_text(row, 17);
	key->paused = row_int(row, 18) != 0;
	key->turn = row_int(row, 19);
}

enum kl_status kl_store_keys(struct kl_key_info **keys, size_t *count, struct kl_store *store, const char *instance,
			     struct kl_error *err)
{
	struct rows rows = { .size = sizeof(**keys) };
	enum kl_status status =
		instance ? store_select(store, SQL_KEYS_OF, ARGS(ARG_TEXT(instance)), take_key, &rows, err)
			 : store_select(store, SQL_KEYS, NO_ARGS, take_key, &rows, err);

	if (status) {
		kl_key_infos_free((void *)rows.items, rows.count);
		return status;
	}
	*keys = (void *)rows.items;
	*count = rows.count;
	return KL_OK;
}

enum kl_status kl_store_key_add(struct kl_store *store, const struct kl_key_info *key, const char *consent,
				const char *sealed, struct kl_error *err)
{
	enum kl_status status = store_run(
		store, SQL_KEY_ADD,
		ARGS(ARG_TEXT(key->id), ARG_TEXT(key->instance), ARG_TEXT(key->owner), ARG_TEXT(key->label),
		     ARG_TEXT(key->last4), ARG_INT(key->state), ARG_INT(key->share), ARG_INT(key->daily_limit),
		     ARG_INT(key->reserve), ARG_INT(key->used_today), ARG_INT(key->used_ever),
		     ARG_INT(key->failed_ever), ARG_INT(key->reset_ms), ARG_TEXT(key->zone), ARG_INT(key->added_ms),
		     ARG_INT(key->validated_ms), ARG_INT(key->consented_ms), ARG_TEXT(key->why), ARG_INT(key->paused),
		     ARG_INT(key->turn), ARG_TEXT(consent)),
		err);

	if (status)
		return status;
	return store_run(store, SQL_KEY_SECRET_ADD, ARGS(ARG_TEXT(key->id), ARG_TEXT(sealed)), err);
}

enum kl_status kl_store_key_put(struct kl_store *store, const struct kl_key_info *key, struct kl_error *err)
{
	return store_run(store, SQL_KEY_PUT,
			 ARGS(ARG_TEXT(key->label), ARG_INT(key->state), ARG_INT(key->share), ARG_INT(key->daily_limit),
			      ARG_INT(key->reserve), ARG_INT(key->used_today), ARG_INT(key->used_ever),
			      ARG_INT(key->failed_ever), ARG_INT(key->reset_ms), ARG_TEXT(key->zone),
			      ARG_INT(key->validated_ms), ARG_TEXT(key->why), ARG_INT(key->paused), ARG_INT(key->turn),
			      ARG_TEXT(key->id)),
			 err);
}

enum kl_status kl_store_key_consent(struct kl_store *store, const char *id, const char *consent, int64_t at_ms,
				    struct kl_error *err)
{
	return store_run(store, SQL_KEY_CONSENT, ARGS(ARG_TEXT(consent), ARG_INT(at_ms), ARG_TEXT(id)), err);
}

static void take_text(void *ctx, const struct sql_row *row)
{
	*(char **)ctx = row_text(row, 0);
}

enum kl_status kl_store_key_sealed(char **sealed, struct kl_store *store, const char *id, struct kl_error *err)
{
	char *found = NULL;
	enum kl_status status = store_select(store, SQL_KEY_SECRET_GET, ARGS(ARG_TEXT(id)), take_text, &found, err);

	if (status) {
		free(found);
		return status;
	}
	if (!found)
		return kl_fail(err, KL_ENOENT, "this key was removed: see 'kodelab keys list'");
	*sealed = found;
	return KL_OK;
}

enum kl_status kl_store_key_seal(struct kl_store *store, const char *id, const char *sealed, struct kl_error *err)
{
	return store_run(store, SQL_KEY_SECRET_PUT, ARGS(ARG_TEXT(sealed), ARG_TEXT(id)), err);
}

/* A text of the same length takes the same place in the page. */
static enum kl_status overwrite(struct kl_store *store, const char *id, struct kl_error *err)
{
	char *sealed = NULL;
	enum kl_status status = kl_store_key_sealed(&sealed, store, id, err);

	if (status || !sealed)
		return status;
	memset(sealed, '0', strlen(sealed));
	status = kl_store_key_seal(store, id, sealed, err);
	free(sealed);
	return status;
}

enum kl_status kl_store_key_remove(struct kl_store *store, const char *id, struct kl_error *err)
{
	static const enum sql parts[] = { SQL_KEY_SECRET_REMOVE, SQL_KEY_USES_REMOVE, SQL_KEY_NOTICES_REMOVE,
					  SQL_KEY_REMOVE };
	enum kl_status status = overwrite(store, id, err);

	for (size_t i = 0; !status && i < KL_LENGTH(parts); i++)
		status = store_run(store, parts[i], ARGS(ARG_TEXT(id)), err);
	return status;
}

enum kl_status kl_store_keys_shred(struct kl_store *store, struct kl_error *err)
{
	if (store->batch)
		return kl_fail(err, KL_EBUSY, "'%s' is being written: its log is emptied later",
			       store->path ? store->path : "the store");
	kl_store_turn_end(store);
	return store->path ? store->driver->empty_log(store->db, err) : KL_OK;
}

/* --- uses ------------------------------------------------------------------------------------------------------- */

enum kl_status kl_store_key_use(struct kl_store *store, const char *user, const struct kl_key_day *more,
				struct kl_error *err)
{
	return store_run(store, SQL_KEY_USE,
			 ARGS(ARG_TEXT(more->key_id), ARG_TEXT(user), ARG_INT(more->day_ms), ARG_INT(more->used),
			      ARG_INT(more->failed)),
			 err);
}

static void take_day(void *ctx, const struct sql_row *row)
{
	struct kl_key_day *day = next_row(ctx);

	row_copy(row, 0, day->key_id, sizeof(day->key_id));
	day->day_ms = row_int(row, 1);
	day->used = row_int(row, 2);
	day->failed = row_int(row, 3);
}

enum kl_status kl_store_key_days(struct kl_key_day **days, size_t *count, struct kl_store *store, int64_t since_ms,
				 struct kl_error *err)
{
	struct rows rows = { .size = sizeof(**days) };
	enum kl_status status = store_select(store, SQL_KEY_DAYS, ARGS(ARG_INT(since_ms)), take_day, &rows, err);

	if (status) {
		free(rows.items);
		return status;
	}
	*days = (void *)rows.items;
	*count = rows.count;
	return KL_OK;
}

enum kl_status kl_store_key_taken(int64_t *used, struct kl_store *store, const char *instance, const char *user,
				  struct kl_error *err)
{
	return store_select(store, SQL_KEY_TAKEN, ARGS(ARG_TEXT(instance), ARG_TEXT(user)), row_number, used, err);
}

enum kl_status kl_store_key_takers(int64_t *users, struct kl_store *store, const char *instance, const char *user,
				   int64_t since_ms, struct kl_error *err)
{
	return store_select(store, SQL_KEY_TAKERS, ARGS(ARG_TEXT(instance), ARG_TEXT(user), ARG_INT(since_ms)),
			    row_number, users, err);
}

enum kl_status kl_store_key_uses_forget(struct kl_store *store, int64_t before_ms, struct kl_error *err)
{
	enum kl_status status = store_run(store, SQL_KEY_USES_FORGET, ARGS(ARG_INT(before_ms)), err);

	return status ? status : store_run(store, SQL_KEY_NOTICES_FORGET, ARGS(ARG_INT(before_ms)), err);
}

/* --- holds ------------------------------------------------------------------------------------------------------ */

void kl_key_holds_free(struct kl_key_hold *holds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(holds[i].instance);
		free(holds[i].exam);
	}
	free(holds);
}

static void take_hold(void *ctx, const struct sql_row *row)
{
	struct kl_key_hold *hold = next_row(ctx);

	row_copy(row, 0, hold->id, sizeof(hold->id));
	hold->instance = row_text(row, 1);
	hold->exam = row_text(row, 2);
	hold->from_ms = row_int(row, 3);
	hold->to_ms = row_int(row, 4);
	hold->requests = row_int(row, 5);
	hold->used = row_int(row, 6);
}

enum kl_status kl_store_key_holds(struct kl_key_hold **holds, size_t *count, struct kl_store *store,
				  const char *instance, struct kl_error *err)
{
	struct rows rows = { .size = sizeof(**holds) };
	enum kl_status status =
		instance ? store_select(store, SQL_KEY_HOLDS_OF, ARGS(ARG_TEXT(instance)), take_hold, &rows, err)
			 : store_select(store, SQL_KEY_HOLDS, NO_ARGS, take_hold, &rows, err);

	if (status) {
		kl_key_holds_free((void *)rows.items, rows.count);
		return status;
	}
	*holds = (void *)rows.items;
	*count = rows.count;
	return KL_OK;
}

enum kl_status kl_store_key_hold_add(struct kl_store *store, const struct kl_key_hold *hold, struct kl_error *err)
{
	return store_run(store, SQL_KEY_HOLD_ADD,
			 ARGS(ARG_TEXT(hold->id), ARG_TEXT(hold->instance), ARG_TEXT(hold->exam),
			      ARG_INT(hold->from_ms), ARG_INT(hold->to_ms), ARG_INT(hold->requests)),
			 err);
}

enum kl_status kl_store_key_hold_use(struct kl_store *store, const char *id, int64_t more, struct kl_error *err)
{
	return store_run(store, SQL_KEY_HOLD_USE, ARGS(ARG_INT(more), ARG_TEXT(id)), err);
}

enum kl_status kl_store_key_hold_remove(struct kl_store *store, const char *id, struct kl_error *err)
{
	return store_run(store, SQL_KEY_HOLD_REMOVE, ARGS(ARG_TEXT(id)), err);
}

/* --- notices ---------------------------------------------------------------------------------------------------- */

void kl_key_notices_free(struct kl_key_notice *notices, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(notices[i].owner);
		free(notices[i].text);
	}
	free(notices);
}

static void take_notice(void *ctx, const struct sql_row *row)
{
	struct kl_key_notice *notice = next_row(ctx);

	row_copy(row, 0, notice->id, sizeof(notice->id));
	row_copy(row, 1, notice->key_id, sizeof(notice->key_id));
	notice->owner = row_text(row, 2);
	notice->event = (enum kl_key_event)row_int(row, 3);
	notice->at_ms = row_int(row, 4);
	notice->text = row_text(row, 5);
}

enum kl_status kl_store_key_notices(struct kl_key_notice **notices, size_t *count, struct kl_store *store,
				    const char *owner, struct kl_error *err)
{
	struct rows rows = { .size = sizeof(**notices) };
	enum kl_status status = store_select(store, SQL_KEY_NOTICES, ARGS(ARG_TEXT(owner)), take_notice, &rows, err);

	if (status) {
		kl_key_notices_free((void *)rows.items, rows.count);
		return status;
	}
	*notices = (void *)rows.items;
	*count = rows.count;
	return KL_OK;
}

enum kl_status kl_store_key_notice_add(struct kl_store *store, const struct kl_key_notice *notice, struct kl_error *err)
{
	return store_run(store, SQL_KEY_NOTICE_ADD,
			 ARGS(ARG_TEXT(notice->id), ARG_TEXT(notice->key_id), ARG_TEXT(notice->owner),
			      ARG_INT(notice->event), ARG_INT(notice->at_ms), ARG_TEXT(notice->text)),
			 err);
}

enum kl_status kl_store_key_notice_seen(struct kl_store *store, const char *id, int64_t at_ms, struct kl_error *err)
{
	return store_run(store, SQL_KEY_NOTICE_SEEN, ARGS(ARG_INT(at_ms), ARG_TEXT(id)), err);
}
