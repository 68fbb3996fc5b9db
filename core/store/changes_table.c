/* The change log: see kodelab/store_changes.h. */

#include <kodelab/store_changes.h>

#include <kodelab/crypto.h>

#include "core/store/store_int.h"

/* 2^52 is less than what a double tells apart. */
#define SEQ_BITS   32
#define EPOCH_BITS 20

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

enum kl_status kl_store_changes_newest(int64_t *seq, struct kl_store *store, struct kl_error *err)
{
	return store_select(store, SQL_CHANGES_NEWEST, NO_ARGS, row_number, seq, err);
}

/* --- epochs ------------------------------------------------------------------------------------------------------- */

int64_t kl_changes_cursor(int64_t epoch, int64_t seq)
{
	return epoch * (INT64_C(1) << SEQ_BITS) + seq;
}

int64_t kl_changes_after(int64_t cursor, int64_t epoch, int64_t newest)
{
	int64_t seq = cursor - kl_changes_cursor(epoch, 0);

	return seq < 0 || seq > newest ? 0 : seq;
}

enum kl_status kl_store_changes_epoch(int64_t *epoch, struct kl_store *store, struct kl_error *err)
{
	return store_select(store, SQL_CHANGES_EPOCH, NO_ARGS, row_number, epoch, err);
}

static enum kl_status put_epoch(struct kl_store *store, int64_t epoch, struct kl_error *err)
{
	enum kl_status status = store_run(store, SQL_CHANGES_EPOCH_CLEAR, NO_ARGS, err);

	return status ? status : store_run(store, SQL_CHANGES_EPOCH_PUT, ARGS(ARG_INT(epoch)), err);
}

enum kl_status kl_store_changes_new_epoch(struct kl_store *store, struct kl_error *err)
{
	int64_t before = 0, epoch;
	uint32_t random;
	enum kl_status status = kl_store_changes_epoch(&before, store, err);

	do {
		kl_random(&random, sizeof(random));
		epoch = random & ((1U << EPOCH_BITS) - 1);
	} while (!epoch || epoch == before);
	if (!status)
		status = store_begin(store, err);
	return status ? status : store_end(store, put_epoch(store, epoch, err), err);
}
