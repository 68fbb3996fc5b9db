/* What is still to be told. */

#include <kodelab/store_callbacks.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

enum kl_status kl_store_callback_put(struct kl_store *store, const struct kl_callback *row, struct kl_error *err)
{
	return store_run(store, SQL_CALLBACK_PUT,
			 ARGS(ARG_TEXT(row->id), ARG_TEXT(row->host), ARG_INT(row->tries), ARG_INT(row->due_ms)), err);
}

enum kl_status kl_store_callback_remove(struct kl_store *store, const char *id, struct kl_error *err)
{
	return store_run(store, SQL_CALLBACK_REMOVE, ARGS(ARG_TEXT(id)), err);
}

struct telling {
	kl_store_callback_fn *fn;
	void *ctx;
};

static void tell(void *ctx, const struct sql_row *row)
{
	const struct telling *telling = ctx;
	char *host = row_text(row, 1);
	struct kl_callback callback = { .host = host, .tries = row_int(row, 2), .due_ms = row_int(row, 3) };

	row_copy(row, 0, callback.id, sizeof(callback.id));
	telling->fn(telling->ctx, &callback);
	free(host);
}

enum kl_status kl_store_callbacks_each(struct kl_store *store, kl_store_callback_fn *fn, void *ctx,
				       struct kl_error *err)
{
	struct telling telling = { fn, ctx };

	return store_select(store, SQL_CALLBACKS, NO_ARGS, tell, &telling, err);
}
