/* Running what enum sql names: prepared once, bound always; the only callers of the driver's statements. */

#include "core/store/store_int.h"

#include <assert.h>

#include <kodelab/alloc.h>

#define EVERY  (1U << KL_STORE_LAB | 1U << KL_STORE_SERVER)
#define LAB    (1U << KL_STORE_LAB)
#define SERVER (1U << KL_STORE_SERVER)
#define PEOPLE (1U << 31) /* its writes change what was read of accounts and sessions */

#define PAGE_ARGS 8 /* of a list, with max and skip */

static const struct {
	unsigned kinds; /* bits of enum kl_store_kind: whose schema it fits */
	const char *text;
} statements[SQL_COUNT] = {
#define X(name, text) [name] = { EVERY, text },
	SQL_EVERY_MAP(X) SQL_INSTANCES_MAP(X) SQL_KEYS_MAP(X) SQL_TICKETS_MAP(X)
#undef X
#define X(name, text) [name] = { LAB, text },
		SQL_LAB_MAP(X) SQL_JUDGE_MAP(X) SQL_SYNC_MAP(X)
#undef X
#define X(name, text) [name] = { SERVER, text },
			SQL_SERVER_MAP(X) SQL_CLASS_MAP(X)
#undef X
#define X(name, text) [name] = { SERVER | PEOPLE, text },
				SQL_ACCOUNTS_MAP(X)
#undef X
};

/* KL_FAULT=n in the environment: the n-th step of this store fails, so that tests can walk through all of them. */
static enum kl_status fault(struct kl_store *store, struct kl_error *err)
{
	if (!store->steps_to_fault || --store->steps_to_fault)
		return KL_OK;
	return kl_fail(err, KL_EIO, "'%s' cannot be read or written: a fault was asked for",
		       store->path ? store->path : "the lab's memory");
}

/* Remembers that damage was seen: the next start looks at the whole file. */
static enum kl_status noted(struct kl_store *store, enum kl_status status)
{
	if (status == KL_ECORRUPT && !store->damage_seen) {
		store->damage_seen = true;
		guard_mark(store->lock_fd);
	}
	return status;
}

static enum kl_status prepare(struct kl_store *store, enum sql which, struct kl_error *err)
{
	enum kl_status status =
		store->driver->prepare(&store->statements[which], store->db, statements[which].text, err);

	store->writes[which] = !status && store->driver->writes(store->statements[which]);
	return status;
}

static enum kl_status ready(void **out, struct kl_store *store, enum sql which, struct sql_args args,
			    struct kl_error *err)
{
	enum kl_status status = KL_OK;

	if (!store->statements[which])
		status = prepare(store, which, err);
	for (size_t i = 0; !status && i < args.count; i++)
		status = store->driver->bind(store->statements[which], (int)i + 1, &args.items[i], err);
	*out = store->statements[which];
	return status;
}

enum kl_status store_select(struct kl_store *store, enum sql which, struct sql_args args, store_row_fn *fn, void *ctx,
			    struct kl_error *err)
{
	void *statement;
	enum kl_status status = ready(&statement, store, which, args, err);
	struct sql_row row = { store->driver, statement };
	bool more = true;

	if (!status)
		store_turn_before(store, store->writes[which]);
	while (!status && more) {
		status = fault(store, err);
		if (!status)
			status = store->driver->step(&more, statement, err);
		if (!status && more && fn)
			fn(ctx, &row);
	}
	if (statement)
		store->driver->reset(statement);
	store->people += store->writes[which] && (statements[which].kinds & PEOPLE);
	return noted(store, status);
}

enum kl_status store_select_page(int64_t *total, struct kl_store *store, const struct store_page *page,
				 struct sql_args args, store_row_fn *fn, void *ctx, struct kl_error *err)
{
	struct sql_arg items[PAGE_ARGS] = { ARG_INT(0) };
	int64_t counted = 0;
	enum kl_status status = KL_OK;

	assert(args.count + 2 <= PAGE_ARGS);
	for (size_t i = 0; i < args.count; i++)
		items[i] = args.items[i];
	items[args.count] = (struct sql_arg)ARG_INT(page->max);
	items[args.count + 1] = (struct sql_arg)ARG_INT(page->skip);
	if (total)
		status = store_select(store, page->count, args, row_number, &counted, err);
	if (!status)
		status = store_select(store, page->list, (struct sql_args){ items, args.count + 2 }, fn, ctx, err);
	if (!status && total)
		*total = counted;
	return status;
}

enum kl_status store_run(struct kl_store *store, enum sql which, struct sql_args args, struct kl_error *err)
{
	return store_select(store, which, args, NULL, NULL, err);
}

enum kl_status store_script(struct kl_store *store, const char *text, struct kl_error *err)
{
	enum kl_status status = fault(store, err);

	store_turn_before(store, true);
	return noted(store, status ? status : store->driver->script(store->db, text, err));
}

enum kl_status store_prepare_all(struct kl_store *store, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	void *statement;

	for (int which = 0; !status && which < SQL_COUNT; which++)
		if (statements[which].kinds & 1U << store->kind)
			status = ready(&statement, store, (enum sql)which, NO_ARGS, err);
	return status;
}

/* --- transactions ----------------------------------------------------------------------------------------------- */

enum kl_status store_run_bare(struct kl_store *store, enum sql which, struct kl_error *err)
{
	void *statement;
	bool more;
	enum kl_status status = ready(&statement, store, which, NO_ARGS, err);

	if (!status)
		status = store->driver->step(&more, statement, err);
	if (statement)
		store->driver->reset(statement);
	return status;
}

/* Inside a batch each transaction is a part of it that can still be undone alone. */
static enum kl_status open_transaction(struct kl_store *store, struct kl_error *err)
{
	store_turn_before(store, true);
	return store->batch ? store_run_bare(store, SQL_PART_BEGIN, err)
			    : store->driver->begin(store->db, store->mode, err);
}

static enum kl_status close_transaction(struct kl_store *store, struct kl_error *err)
{
	return store->batch ? store_run_bare(store, SQL_PART_END, err) : store->driver->commit(store->db, err);
}

/* In a batch: what cannot be undone alone is undone with the whole. */
static void undo_transaction(struct kl_store *store)
{
	store->people++;
	if (!store->batch)
		store->driver->rollback(store->db);
	else if (store->driver->script(store->db, "ROLLBACK TO part; RELEASE part", NULL))
		store->batch_failed = true;
}

enum kl_status store_begin(struct kl_store *store, struct kl_error *err)
{
	enum kl_status status = fault(store, err);

	if (!status)
		status = noted(store, open_transaction(store, err));
	if (!status && !store->depth++)
		store_note_others(store);
	return status;
}

enum kl_status store_end(struct kl_store *store, enum kl_status status, struct kl_error *err)
{
	if (!status)
		status = fault(store, err);
	if (!status)
		status = noted(store, close_transaction(store, err));
	if (status)
		undo_transaction(store);
	if (!--store->depth)
		store_note_own(store);
	return status;
}

enum kl_status kl_store_batch_begin(struct kl_store *store, struct kl_error *err)
{
	enum kl_status status;

	assert(!store->batch);
	status = store_begin(store, err);
	store->batch = !status;
	store->batch_failed = false;
	return status;
}

enum kl_status kl_store_batch_end(struct kl_store *store, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	assert(store->batch);
	store->batch = false;
	if (store->batch_failed)
		status = kl_fail(err, KL_EIO, "'%s' could not take back a part of a change: all of it was taken back",
				 store->path ? store->path : "the store");
	return store_end(store, status, err);
}

enum kl_status kl_store_part_begin(struct kl_store *store, struct kl_error *err)
{
	assert(store->batch);
	return store_begin(store, err);
}

enum kl_status kl_store_part_end(struct kl_store *store, enum kl_status status, struct kl_error *err)
{
	return store_end(store, status, err);
}

bool kl_store_in_batch(const struct kl_store *store)
{
	return store->batch;
}

void kl_store_lightly(struct kl_store *store, bool lightly)
{
	store_turn_before(store, true);
	if (store->path && store->mode == KL_STORE_WAL && !store->batch)
		store->driver->wait(store->db, !lightly);
}

/* --- columns ---------------------------------------------------------------------------------------------------- */

int64_t row_int(const struct sql_row *row, int at0)
{
	return row->driver->column_int(row->statement, at0);
}

void row_number(void *ctx, const struct sql_row *row)
{
	*(int64_t *)ctx = row_int(row, 0);
}

double row_real(const struct sql_row *row, int at0)
{
	return row->driver->column_real(row->statement, at0);
}

char *row_bytes(const struct sql_row *row, int at0, size_t *len)
{
	const char *text = row->driver->column_text(row->statement, at0, len);
	char *copy = kl_alloc(*len + 1);

	memcpy(copy, text, *len);
	copy[*len] = '\0';
	return copy;
}

char *row_text(const struct sql_row *row, int at0)
{
	size_t len;

	return row_bytes(row, at0, &len);
}

void row_copy(const struct sql_row *row, int at0, char *to, size_t size)
{
	size_t len;

	snprintf(to, size, "%s", row->driver->column_text(row->statement, at0, &len));
}
