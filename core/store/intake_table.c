/* All that was ever handed over, and who signs for it. */

#include <kodelab/store_intake.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

#define ROOM_SIZE ((size_t)256 << 10)

/* --- intake ------------------------------------------------------------------------------------------------------- */

static void take_row(void *ctx, const struct sql_row *row)
{
	struct kl_intake_row *out = ctx;

	row_copy(row, 0, out->id, sizeof(out->id));
	row_copy(row, 1, out->user, sizeof(out->user));
	row_copy(row, 2, out->kind, sizeof(out->kind));
	row_copy(row, 3, out->hash, sizeof(out->hash));
	out->at_ms = row_int(row, 4);
	out->received_ms = row_int(row, 5);
	out->serial = row_int(row, 6);
	row_copy(row, 7, out->signature, sizeof(out->signature));
	out->conflicts = row_int(row, 8) != 0;
}

enum kl_status kl_store_intake_get(struct kl_intake_row *out, struct kl_store *store, const char *user, const char *id,
				   struct kl_error *err)
{
	struct kl_intake_row found = { .subject = NULL };
	enum kl_status status =
		store_select(store, SQL_INTAKE_GET, ARGS(ARG_TEXT(user), ARG_TEXT(id)), take_row, &found, err);

	if (status)
		return status;
	if (!found.id[0])
		return kl_fail(err, KL_ENOENT, "nothing was handed over as '%s'", id);
	*out = found;
	return KL_OK;
}

enum kl_status kl_store_intake_add(struct kl_store *store, const struct kl_intake_row *row, struct kl_error *err)
{
	enum kl_status status =
		store_run(store, SQL_INTAKE_ADD,
			  ARGS(ARG_TEXT(row->id), ARG_TEXT(row->user), ARG_TEXT(row->kind), ARG_TEXT(row->hash),
			       ARG_TEXT(row->subject), ARG_INT(row->at_ms), ARG_INT(row->received_ms),
			       ARG_INT(row->serial), ARG_TEXT(row->signature)),
			  err);

	return status ? status : store_intake_keep(store, row->user, KL_INTAKE_ROW_BYTES, err);
}

enum kl_status kl_store_intake_conflict(struct kl_store *store, const char *user, const char *id, struct kl_error *err)
{
	return store_run(store, SQL_INTAKE_CONFLICT, ARGS(ARG_TEXT(user), ARG_TEXT(id)), err);
}

struct spent {
	int64_t count, serial;
};

static void take_spent(void *ctx, const struct sql_row *row)
{
	*(struct spent *)ctx = (struct spent){ row_int(row, 0), row_int(row, 1) };
}

enum kl_status kl_store_intake_trim(struct kl_store *store, const struct kl_intake_row *row, struct kl_error *err)
{
	struct spent spent = { 0, 0 };
	enum kl_status status = store_select(
		store, SQL_INTAKE_SPENT,
		ARGS(ARG_TEXT(row->user), ARG_TEXT(row->kind), ARG_TEXT(row->subject), ARG_INT(KL_INTAKE_SPENT_MAX)),
		take_spent, &spent, err);

	if (status || !spent.count)
		return status;
	status = store_run(
		store, SQL_INTAKE_TRIM,
		ARGS(ARG_TEXT(row->user), ARG_TEXT(row->kind), ARG_TEXT(row->subject), ARG_INT(spent.serial)), err);
	return status ? status : store_intake_keep(store, row->user, -KL_INTAKE_ROW_BYTES * spent.count, err);
}

enum kl_status kl_store_intake_newest(int64_t *serial, struct kl_store *store, struct kl_error *err)
{
	return store_select(store, SQL_INTAKE_NEWEST, NO_ARGS, row_number, serial, err);
}

static enum kl_status put_given(struct kl_store *store, int64_t serial, struct kl_error *err)
{
	enum kl_status status = store_run(store, SQL_SERIALS_GIVEN_CLEAR, NO_ARGS, err);

	return status ? status : store_run(store, SQL_SERIALS_GIVEN_PUT, ARGS(ARG_INT(serial)), err);
}

enum kl_status kl_store_intake_restored(struct kl_store *store, int64_t now_ms, struct kl_error *err)
{
	int64_t newest = 0;
	enum kl_status status = kl_store_intake_newest(&newest, store, err);

	if (status || newest >= now_ms || (status = store_begin(store, err)))
		return status;
	return store_end(store, put_given(store, now_ms, err), err);
}

enum kl_status kl_store_intake_kept(int64_t *bytes, struct kl_store *store, const char *user, struct kl_error *err)
{
	*bytes = 0;
	return store_select(store, SQL_INTAKE_KEPT, ARGS(ARG_TEXT(user)), row_number, bytes, err);
}

enum kl_status store_intake_keep(struct kl_store *store, const char *user, int64_t bytes, struct kl_error *err)
{
	return bytes ? store_run(store, SQL_INTAKE_KEEP, ARGS(ARG_TEXT(user), ARG_INT(bytes)), err) : KL_OK;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

enum kl_status kl_store_server_key_add(struct kl_store *store, const struct kl_server_key *key, struct kl_error *err)
{
	return store_run(store, SQL_SERVER_KEY_ADD,
			 ARGS(ARG_TEXT(key->server_id), ARG_TEXT(key->public_key), ARG_INT(key->since_ms)), err);
}

enum kl_status kl_store_try_room(struct kl_store *store, struct kl_error *err)
{
	char *text = kl_alloc(ROOM_SIZE);
	enum kl_status status;

	memset(text, ' ', ROOM_SIZE);
	status = store_run(store, SQL_ROOM_PUT, ARGS(ARG_BYTES(text, ROOM_SIZE)), err);
	free(text);
	return status;
}

struct telling {
	kl_store_server_key_fn *fn;
	void *ctx;
};

static void tell_key(void *ctx, const struct sql_row *row)
{
	const struct telling *telling = ctx;
	char *server_id = row_text(row, 0), *public_key = row_text(row, 1);

	telling->fn(telling->ctx, &(struct kl_server_key){ server_id, public_key, row_int(row, 2) });
	free(server_id);
	free(public_key);
}

enum kl_status kl_store_server_keys(struct kl_store *store, kl_store_server_key_fn *fn, void *ctx, struct kl_error *err)
{
	struct telling telling = { fn, ctx };

	return store_select(store, SQL_SERVER_KEYS, NO_ARGS, tell_key, &telling, err);
}
