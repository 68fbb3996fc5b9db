/* The student's own test inputs. */

#include "core/store/store_int.h"

#include <kodelab/alloc.h>

enum kl_status kl_store_input_put(struct kl_store *store, const char *pack, const char *slug,
				  struct kl_own_input *input, struct kl_error *err)
{
	bool made_id = !input->id[0];
	enum kl_status status;

	if (made_id)
		kl_id_new(input->id, &store->clock);
	status = store_run(store, SQL_INPUT_PUT,
			   ARGS(ARG_TEXT(input->id), ARG_TEXT(pack), ARG_TEXT(slug), ARG_TEXT(input->name),
				ARG_TEXT(input->input), ARG_TEXT(input->expected), ARG_INT(input->expected != NULL)),
			   err);
	if (status && made_id)
		input->id[0] = '\0';
	return status;
}

enum kl_status kl_store_input_remove(struct kl_store *store, const char *id, struct kl_error *err)
{
	return store_run(store, SQL_INPUT_REMOVE, ARGS(ARG_TEXT(id)), err);
}

struct list {
	struct kl_own_input *rows;
	size_t count, capacity;
};

static void take_input(void *ctx, const struct sql_row *row)
{
	struct list *list = ctx;
	struct kl_own_input *input;

	KL_GROW(list->rows, list->count, list->capacity);
	input = &list->rows[list->count++];
	row_copy(row, 0, input->id, sizeof(input->id));
	input->name = row_text(row, 1);
	input->input = row_text(row, 2);
	input->expected = row_int(row, 4) ? row_text(row, 3) : NULL;
}

enum kl_status kl_store_inputs(struct kl_own_input **rows, size_t *count, struct kl_store *store, const char *pack,
			       const char *slug, struct kl_error *err)
{
	struct list list = { .rows = NULL };
	enum kl_status status =
		store_select(store, SQL_INPUTS, ARGS(ARG_TEXT(pack), ARG_TEXT(slug)), take_input, &list, err);

	if (status) {
		kl_own_inputs_free(list.rows, list.count);
		return status;
	}
	*rows = list.rows;
	*count = list.count;
	return KL_OK;
}

void kl_own_inputs_free(struct kl_own_input *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].name);
		free(rows[i].input);
		free(rows[i].expected);
	}
	free(rows);
}
