/* The playground's saved programs. */

#include "core/store/store_int.h"

#include <kodelab/alloc.h>

enum kl_status kl_store_snippet_put(struct kl_store *store, struct kl_snippet *snippet, struct kl_error *err)
{
	bool made_id = !snippet->id[0];
	enum kl_status status;

	if (made_id)
		kl_id_new(snippet->id, &store->clock);
	if (!snippet->at_ms)
		snippet->at_ms = kl_clock_wall_ms(&store->clock);
	status = store_run(store, SQL_SNIPPET_PUT,
			   ARGS(ARG_TEXT(snippet->id), ARG_TEXT(snippet->name), ARG_TEXT(snippet->language),
				ARG_TEXT(snippet->code), ARG_TEXT(snippet->input), ARG_TEXT(snippet->argv),
				ARG_INT(snippet->at_ms)),
			   err);
	if (status && made_id)
		snippet->id[0] = '\0';
	return status;
}

enum kl_status kl_store_snippet_remove(struct kl_store *store, const char *id, struct kl_error *err)
{
	return store_run(store, SQL_SNIPPET_REMOVE, ARGS(ARG_TEXT(id)), err);
}

struct list {
	struct kl_snippet *rows;
	size_t count, capacity;
};

static void take_snippet(void *ctx, const struct sql_row *row)
{
	struct list *list = ctx;
	struct kl_snippet *snippet;

	KL_GROW(list->rows, list->count, list->capacity);
	snippet = &list->rows[list->count++];
	row_copy(row, 0, snippet->id, sizeof(snippet->id));
	snippet->name = row_text(row, 1);
	snippet->language = row_text(row, 2);
	snippet->code = row_text(row, 3);
	snippet->input = row_text(row, 4);
	snippet->argv = row_text(row, 5);
	snippet->at_ms = row_int(row, 6);
}

enum kl_status kl_store_snippets(struct kl_snippet **rows, size_t *count, struct kl_store *store, struct kl_error *err)
{
	struct list list = { .rows = NULL };
	enum kl_status status = store_select(store, SQL_SNIPPETS, NO_ARGS, take_snippet, &list, err);

	if (status) {
		kl_snippets_free(list.rows, list.count);
		return status;
	}
	*rows = list.rows;
	*count = list.count;
	return KL_OK;
}

void kl_snippets_free(struct kl_snippet *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].name);
		free(rows[i].language);
		free(rows[i].code);
		free(rows[i].input);
		free(rows[i].argv);
	}
	free(rows);
}
