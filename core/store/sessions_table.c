/* Sessions, by the fingerprints of their tokens, and terminals that ask for one. */

#include <kodelab/store_accounts.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

void kl_session_row_release(struct kl_session_row *row)
{
	free(row->device);
	free(row->from);
	*row = (struct kl_session_row){ .device = NULL };
}

enum kl_status kl_store_session_add(struct kl_store *store, const struct kl_session_row *row, struct kl_error *err)
{
	return store_run(store, SQL_SESSION_ADD,
			 ARGS(ARG_TEXT(row->id), ARG_TEXT(row->user), ARG_TEXT(row->device), ARG_TEXT(row->from),
			      ARG_INT(row->created_ms), ARG_INT(row->used_ms), ARG_TEXT(row->access),
			      ARG_INT(row->access_until_ms), ARG_TEXT(row->refresh), ARG_INT(row->refresh_until_ms),
			      ARG_TEXT(row->prior), ARG_TEXT(row->nonce), ARG_TEXT(row->seed)),
			 err);
}

/* --- finding -------------------------------------------------------------------------------------------------------- */

static void take_holder(void *ctx, const struct sql_row *row)
{
	struct kl_session_holder *holder = ctx;

	row_copy(row, 0, holder->user, sizeof(holder->user));
	row_copy(row, 1, holder->session, sizeof(holder->session));
	row_copy(row, 2, holder->name, sizeof(holder->name));
	holder->role = row_int(row, 3);
	holder->until_ms = row_int(row, 4);
}

enum kl_status kl_store_session_holder(struct kl_session_holder *out, struct kl_store *store, const char *access,
				       int64_t now_ms, struct kl_error *err)
{
	struct kl_session_holder holder = { .role = 0 };
	enum kl_status status = store_select(store, SQL_SESSION_HOLDER, ARGS(ARG_TEXT(access), ARG_INT(now_ms)),
					     take_holder, &holder, err);

	if (status)
		return status;
	if (!*holder.user)
		return kl_fail(err, KL_ENOENT, "this token lets nobody in: sign in again");
	*out = holder;
	return KL_OK;
}

static void take_session(void *ctx, const struct sql_row *row)
{
	struct kl_session_row *session = ctx;

	row_copy(row, 0, session->id, sizeof(session->id));
	row_copy(row, 1, session->user, sizeof(session->user));
	session->device = row_text(row, 2);
	session->from = row_text(row, 3);
	session->created_ms = row_int(row, 4);
	session->used_ms = row_int(row, 5);
	row_copy(row, 6, session->access, sizeof(session->access));
	session->access_until_ms = row_int(row, 7);
	row_copy(row, 8, session->refresh, sizeof(session->refresh));
	session->refresh_until_ms = row_int(row, 9);
	row_copy(row, 10, session->prior, sizeof(session->prior));
	row_copy(row, 11, session->nonce, sizeof(session->nonce));
	row_copy(row, 12, session->seed, sizeof(session->seed));
	session->ended_ms = row_int(row, 13);
}

static enum kl_status find_session(struct kl_session_row *out, struct kl_store *store, enum sql which, const char *text,
				   struct kl_error *err)
{
	struct kl_session_row session = { .device = NULL };
	enum kl_status status = store_select(store, which, ARGS(ARG_TEXT(text)), take_session, &session, err);

	if (!status && !session.device)
		status = kl_fail(err, KL_ENOENT, "there is no such session");
	if (status)
		kl_session_row_release(&session);
	else
		*out = session;
	return status;
}

enum kl_status kl_store_session_get(struct kl_session_row *out, struct kl_store *store, const char *id,
				    struct kl_error *err)
{
	return find_session(out, store, SQL_SESSION_GET, id, err);
}

enum kl_status kl_store_session_refreshed(struct kl_session_row *out, bool *spent, struct kl_store *store,
					  const char *refresh, struct kl_error *err)
{
	enum kl_status status = find_session(out, store, SQL_SESSION_REFRESHED, refresh, err);

	*spent = false;
	if (status != KL_ENOENT)
		return status;
	*spent = true;
	return find_session(out, store, SQL_SESSION_SPENT, refresh, err);
}

struct telling {
	kl_store_session_fn *fn;
	void *ctx;
};

static void tell_session(void *ctx, const struct sql_row *row)
{
	const struct telling *telling = ctx;
	struct kl_session_row session = { .device = NULL };

	take_session(&session, row);
	telling->fn(telling->ctx, &session);
	kl_session_row_release(&session);
}

enum kl_status kl_store_sessions(struct kl_store *store, const char *user, int64_t now_ms, kl_store_session_fn *fn,
				 void *ctx, struct kl_error *err)
{
	struct telling telling = { fn, ctx };

	return store_select(store, SQL_SESSIONS, ARGS(ARG_TEXT(user), ARG_INT(now_ms)), tell_session, &telling, err);
}

/* --- changing ------------------------------------------------------------------------------------------------------- */

enum kl_status kl_store_session_rotate(struct kl_store *store, const struct kl_session_row *row, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = store_run(store, SQL_SESSION_SPEND, ARGS(ARG_TEXT(row->prior), ARG_TEXT(row->id)), err);
	if (!status)
		status = store_run(store, SQL_SESSION_ROTATE,
				   ARGS(ARG_INT(row->used_ms), ARG_TEXT(row->access), ARG_INT(row->access_until_ms),
					ARG_TEXT(row->refresh), ARG_INT(row->refresh_until_ms), ARG_TEXT(row->prior),
					ARG_TEXT(row->nonce), ARG_TEXT(row->seed), ARG_TEXT(row->id)),
				   err);
	return store_end(store, status, err);
}

enum kl_status kl_store_session_end(struct kl_store *store, const char *id, int64_t at_ms, struct kl_error *err)
{
	return store_run(store, SQL_SESSION_END, ARGS(ARG_INT(at_ms), ARG_TEXT(id)), err);
}

enum kl_status kl_store_sessions_end(struct kl_store *store, const char *user, const char *kept, int64_t at_ms,
				     struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	if (status)
		return status;
	status = store_run(store, SQL_SESSIONS_END, ARGS(ARG_INT(at_ms), ARG_TEXT(user), ARG_TEXT(kept)), err);
	if (!status)
		status = store_run(store, SQL_DEVICES_DENY, ARGS(ARG_TEXT(user)), err);
	return store_end(store, status, err);
}

enum kl_status kl_store_sessions_trim(struct kl_store *store, const char *user, int64_t max, int64_t at_ms,
				      struct kl_error *err)
{
	return store_run(store, SQL_SESSIONS_TRIM, ARGS(ARG_INT(at_ms), ARG_TEXT(user), ARG_INT(max)), err);
}

/* --- devices -------------------------------------------------------------------------------------------------------- */

void kl_device_release(struct kl_device *device)
{
	free(device->device);
	free(device->from);
	*device = (struct kl_device){ .device = NULL };
}

enum kl_status kl_store_device_add(struct kl_store *store, const struct kl_device *device, struct kl_error *err)
{
	return store_run(store, SQL_DEVICE_ADD,
			 ARGS(ARG_TEXT(device->code), ARG_TEXT(device->user_code), ARG_TEXT(device->device),
			      ARG_TEXT(device->from), ARG_INT(device->created_ms), ARG_INT(device->until_ms),
			      ARG_INT(device->polled_ms), ARG_INT(device->interval_s), ARG_INT(device->state),
			      ARG_TEXT(device->user)),
			 err);
}

enum kl_status kl_store_devices_count(int64_t *count, struct kl_store *store, int64_t now_ms, struct kl_error *err)
{
	return store_select(store, SQL_DEVICES_COUNT, ARGS(ARG_INT(now_ms)), row_number, count, err);
}

static void take_device(void *ctx, const struct sql_row *row)
{
	struct kl_device *device = ctx;

	row_copy(row, 0, device->code, sizeof(device->code));
	row_copy(row, 1, device->user_code, sizeof(device->user_code));
	device->device = row_text(row, 2);
	device->from = row_text(row, 3);
	device->created_ms = row_int(row, 4);
	device->until_ms = row_int(row, 5);
	device->polled_ms = row_int(row, 6);
	device->interval_s = row_int(row, 7);
	device->state = (enum kl_device_state)row_int(row, 8);
	row_copy(row, 9, device->user, sizeof(device->user));
}

static enum kl_status find_device(struct kl_device *out, struct kl_store *store, enum sql which, const char *code,
				  struct kl_error *err)
{
	struct kl_device device = { .device = NULL };
	enum kl_status status = store_select(store, which, ARGS(ARG_TEXT(code)), take_device, &device, err);

	if (!status && !device.device)
		status = kl_fail(err, KL_ENOENT, "no terminal asks with this code: see what it shows");
	if (status)
		kl_device_release(&device);
	else
		*out = device;
	return status;
}

enum kl_status kl_store_device_get(struct kl_device *out, struct kl_store *store, const char *code,
				   struct kl_error *err)
{
	return find_device(out, store, SQL_DEVICE_GET, code, err);
}

enum kl_status kl_store_device_shown(struct kl_device *out, struct kl_store *store, const char *user_code,
				     struct kl_error *err)
{
	return find_device(out, store, SQL_DEVICE_SHOWN, user_code, err);
}

enum kl_status kl_store_device_put(struct kl_store *store, const struct kl_device *device, struct kl_error *err)
{
	return store_run(store, SQL_DEVICE_PUT,
			 ARGS(ARG_INT(device->polled_ms), ARG_INT(device->interval_s), ARG_INT(device->state),
			      ARG_TEXT(device->user), ARG_TEXT(device->code)),
			 err);
}
