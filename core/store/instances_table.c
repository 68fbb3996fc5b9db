/* Judge instances: where they are, what they said, how they fared. */

#include <kodelab/store_instances.h>

#include "core/store/store_int.h"

#include <kodelab/alloc.h>

struct list {
	struct kl_instance_row *rows;
	size_t count, capacity;
};

static void take_instance(void *ctx, const struct sql_row *row)
{
	struct list *list = ctx;
	struct kl_instance_row *to;

	KL_GROW(list->rows, list->count, list->capacity);
	to = &list->rows[list->count++];
	to->name = row_text(row, 0);
	to->kind = row_text(row, 1);
	to->url = row_text(row, 2);
	to->key_header = row_text(row, 3);
	to->user_header = row_text(row, 4);
	to->host = row_text(row, 5);
	to->ca_file = row_text(row, 6);
	to->proxy = row_text(row, 7);
	to->weight = (int)row_int(row, 8);
	to->added_ms = row_int(row, 9);
	to->probed_ms = row_int(row, 10);
	to->about = row_text(row, 11);
	to->config = row_text(row, 12);
	to->workers = row_text(row, 13);
	to->machine = row_text(row, 14);
	to->languages = row_text(row, 15);
	to->skew_ms = row_int(row, 16);
	to->latency_us = row_int(row, 17);
	to->failures = (int)row_int(row, 18);
	to->openings = (int)row_int(row, 19);
	to->open_until_ms = row_int(row, 20);
	to->failure = row_text(row, 21);
}

enum kl_status kl_store_instances(struct kl_instance_row **rows, size_t *count, struct kl_store *store,
				  struct kl_error *err)
{
	struct list list = { .rows = NULL };
	enum kl_status status = store_select(store, SQL_INSTANCES, NO_ARGS, take_instance, &list, err);

	if (status) {
		kl_instance_rows_free(list.rows, list.count);
		return status;
	}
	*rows = list.rows;
	*count = list.count;
	return KL_OK;
}

enum kl_status kl_store_instance_put(struct kl_store *store, const struct kl_instance_row *row, struct kl_error *err)
{
	return store_run(store, SQL_INSTANCE_PUT,
			 ARGS(ARG_TEXT(row->name), ARG_TEXT(row->kind), ARG_TEXT(row->url), ARG_TEXT(row->key_header),
			      ARG_TEXT(row->user_header), ARG_TEXT(row->host), ARG_TEXT(row->ca_file),
			      ARG_TEXT(row->proxy), ARG_INT(row->weight), ARG_INT(row->added_ms),
			      ARG_INT(row->probed_ms), ARG_TEXT(row->about), ARG_TEXT(row->config),
			      ARG_TEXT(row->workers), ARG_TEXT(row->machine), ARG_TEXT(row->languages),
			      ARG_INT(row->skew_ms), ARG_INT(row->latency_us), ARG_INT(row->failures),
			      ARG_INT(row->openings), ARG_INT(row->open_until_ms), ARG_TEXT(row->failure)),
			 err);
}

enum kl_status kl_store_instance_said(struct kl_store *store, const struct kl_instance_row *row, struct kl_error *err)
{
	return store_run(store, SQL_INSTANCE_SAID,
			 ARGS(ARG_INT(row->probed_ms), ARG_TEXT(row->about), ARG_TEXT(row->config),
			      ARG_TEXT(row->workers), ARG_TEXT(row->machine), ARG_TEXT(row->languages),
			      ARG_INT(row->skew_ms), ARG_TEXT(row->name)),
			 err);
}

enum kl_status kl_store_instance_fared(struct kl_store *store, const struct kl_instance_row *row, struct kl_error *err)
{
	return store_run(store, SQL_INSTANCE_FARED,
			 ARGS(ARG_INT(row->latency_us), ARG_INT(row->failures), ARG_INT(row->openings),
			      ARG_INT(row->open_until_ms), ARG_TEXT(row->failure), ARG_TEXT(row->name)),
			 err);
}

enum kl_status kl_store_instance_remove(struct kl_store *store, const char *name, struct kl_error *err)
{
	return store_run(store, SQL_INSTANCE_REMOVE, ARGS(ARG_TEXT(name)), err);
}

void kl_instance_row_release(struct kl_instance_row *row)
{
	free(row->name);
	free(row->kind);
	free(row->url);
	free(row->key_header);
	free(row->user_header);
	free(row->host);
	free(row->ca_file);
	free(row->proxy);
	free(row->about);
	free(row->config);
	free(row->workers);
	free(row->machine);
	free(row->languages);
	free(row->failure);
	*row = (struct kl_instance_row){ .name = NULL };
}

void kl_instance_rows_free(struct kl_instance_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kl_instance_row_release(&rows[i]);
	free(rows);
}
