/* Packs that are for a course alone. */

#include <kodelab/store_courses.h>

#include <kodelab/alloc.h>

#include "core/store/courses_int.h"
#include "core/store/store_int.h"

struct names {
	char **items;
	size_t count, capacity;
};

static void take_name(void *ctx, const struct sql_row *row)
{
	struct names *names = ctx;

	KL_GROW(names->items, names->count, names->capacity);
	names->items[names->count++] = row_text(row, 0);
}

void kl_pack_names_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static enum kl_status get_names(char ***out, size_t *count, struct kl_store *store, enum sql which,
				struct sql_args args, struct kl_error *err)
{
	struct names names = { .items = NULL };
	enum kl_status status = store_select(store, which, args, take_name, &names, err);

	if (status) {
		kl_pack_names_free(names.items, names.count);
		return status;
	}
	*out = names.items;
	*count = names.count;
	return KL_OK;
}

enum kl_status kl_store_course_packs(char ***names, size_t *count, struct kl_store *store, const char *course,
				     struct kl_error *err)
{
	return get_names(names, count, store, SQL_KEPT_PACKS, ARGS(ARG_TEXT(course)), err);
}

enum kl_status kl_store_packs_hidden(char ***names, size_t *count, struct kl_store *store, const char *user,
				     int64_t now_ms, struct kl_error *err)
{
	return get_names(names, count, store, SQL_HIDDEN_PACKS, ARGS(ARG_TEXT(user), ARG_INT(now_ms)), err);
}

enum kl_status kl_store_pack_hidden(bool *hidden, struct kl_store *store, const char *pack, const char *user,
				    int64_t now_ms, struct kl_error *err)
{
	int64_t count = 0;
	enum kl_status status = store_select(
		store, SQL_HIDDEN_PACK, ARGS(ARG_TEXT(pack), ARG_TEXT(user), ARG_INT(now_ms)), row_number, &count, err);

	if (!status)
		*hidden = count > 0;
	return status;
}

enum kl_status course_note_packs(struct kl_store *store, const char *course, const char *user, struct kl_error *err)
{
	char audience[KL_ID_SIZE + 2], **names;
	size_t count;
	enum kl_status status = kl_store_course_packs(&names, &count, store, course, err);

	if (status)
		return status;
	snprintf(audience, sizeof(audience), "%s:%s", user ? "u" : "c", user ? user : course);
	for (size_t i = 0; !status && i < count; i++)
		status = kl_store_change_note(store, audience, "pack", names[i], err);
	kl_pack_names_free(names, count);
	return status;
}

static enum kl_status keep(struct kl_store *store, const char *course, const char *pack, bool kept,
			   struct kl_error *err)
{
	const struct sql_args which = ARGS(ARG_TEXT(pack), ARG_TEXT(course));
	int64_t has = 0;
	enum kl_status status = store_select(store, SQL_KEPT_PACK_HAS, which, row_number, &has, err);

	if (!status && !kept && !has)
		status = kl_fail(err, KL_ENOENT, "this course does not keep this pack");
	if (!status)
		status = store_run(store, kept ? SQL_KEPT_PACK_ADD : SQL_KEPT_PACK_REMOVE, which, err);
	return status ? status : kl_store_change_note(store, KL_CHANGES_EVERYBODY, "pack", pack, err);
}

enum kl_status kl_store_course_keep(struct kl_store *store, const char *course, const char *pack, bool kept,
				    struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, keep(store, course, pack, kept, err), err);
}
