/* Rows of the audit log; how they are chained is core/account/audit.c's. */

#include <kodelab/store_accounts.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

enum kl_status kl_store_audit_put(struct kl_store *store, const struct kl_audit_row *row, struct kl_error *err)
{
	enum kl_status status = store_run(store, SQL_AUDIT_ADD,
					  ARGS(ARG_INT(row->number), ARG_INT(row->at_ms), ARG_TEXT(row->actor),
					       ARG_TEXT(row->name), ARG_TEXT(row->action), ARG_TEXT(row->subject),
					       ARG_TEXT(row->detail), ARG_TEXT(row->from), ARG_TEXT(row->chain)),
					  err);

	if (status)
		return status;
	return store_run(store, SQL_AUDIT_HEAD_PUT, ARGS(ARG_INT(row->number), ARG_TEXT(row->chain)), err);
}

struct head {
	int64_t number;
	char chain[KL_SHA256_SIZE];
};

static void take_head(void *ctx, const struct sql_row *row)
{
	struct head *head = ctx;

	head->number = row_int(row, 0);
	row_copy(row, 1, head->chain, sizeof(head->chain));
}

enum kl_status kl_store_audit_head(int64_t *number, char chain[KL_SHA256_SIZE], struct kl_store *store,
				   struct kl_error *err)
{
	struct head head = { .number = 0 };
	enum kl_status status = store_select(store, SQL_AUDIT_HEAD, NO_ARGS, take_head, &head, err);

	if (status)
		return status;
	*number = head.number;
	memcpy(chain, head.chain, sizeof(head.chain));
	return KL_OK;
}

struct telling {
	kl_store_audit_fn *fn;
	void *ctx;
};

static void tell(void *ctx, const struct sql_row *row)
{
	const struct telling *telling = ctx;
	struct kl_audit_row told = { .number = row_int(row, 0), .at_ms = row_int(row, 1) };
	char *texts[6];

	for (int i = 0; i < 6; i++)
		texts[i] = row_text(row, 2 + i);
	told.actor = texts[0];
	told.name = texts[1];
	told.action = texts[2];
	told.subject = texts[3];
	told.detail = texts[4];
	told.from = texts[5];
	row_copy(row, 8, told.chain, sizeof(told.chain));
	telling->fn(telling->ctx, &told);
	for (int i = 0; i < 6; i++)
		free(texts[i]);
}

enum kl_status kl_store_audit_each(struct kl_store *store, int64_t after, int64_t max, kl_store_audit_fn *fn, void *ctx,
				   struct kl_error *err)
{
	struct telling telling = { fn, ctx };

	return store_select(store, SQL_AUDIT_EACH, ARGS(ARG_INT(after), ARG_INT(max)), tell, &telling, err);
}

enum kl_status kl_store_audit_list(int64_t *total, struct kl_store *store, const struct kl_audit_filter *filter,
				   kl_store_audit_fn *fn, void *ctx, struct kl_error *err)
{
	struct telling telling = { fn, ctx };
	const struct store_page page = { SQL_AUDIT_COUNT, SQL_AUDIT_LIST, filter->skip, filter->max };

	return store_select_page(total, store, &page,
				 ARGS(ARG_TEXT(filter->action), ARG_TEXT(filter->subject), ARG_TEXT(filter->name)),
				 tell, &telling, err);
}
