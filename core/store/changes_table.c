/* The change log: see kodelab/store_changes.h. */

#include <kodelab/store_changes.h>

#include "core/store/store_int.h"

struct telling {
	kl_store_change_fn *fn;
	void *ctx;
};

enum kl_status kl_store_change_note(struct kl_store *store, const char *audience, const char *kind, const char *subject,
				    struct kl_error *err)
{
	return store_run(store, SQL_CHANGE_NOTE, ARGS(ARG_TEXT(audience), ARG_TEXT(kind), ARG_TEXT(subject)), err);
}

static void tell(void *ctx, const struct sql_row *row)
{
	struct telling *telling = ctx;
	char *kind = row_text(row, 1), *subject = row_text(row, 2);

	telling->fn(telling->ctx, row_int(row, 0), kind, subject);
	free(kind);
	free(subject);
}

enum kl_status kl_store_changes(struct kl_store *store, const char *audience, int64_t after, size_t max,
				kl_store_change_fn *fn, void *ctx, struct kl_error *err)
{
	struct telling telling = { fn, ctx };

	return store_select(store, SQL_CHANGES, ARGS(ARG_TEXT(audience), ARG_INT(after), ARG_INT((int64_t)max)), tell,
			    &telling, err);
}

static void take_seq(void *ctx, const struct sql_row *row)
{
	*(int64_t *)ctx = row_int(row, 0);
}

enum kl_status kl_store_changes_newest(int64_t *seq, struct kl_store *store, struct kl_error *err)
{
	return store_select(store, SQL_CHANGES_NEWEST, NO_ARGS, take_seq, seq, err);
}
