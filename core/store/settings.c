/* Small values that the lab itself remembers. */

#include "core/store/store_int.h"

enum kl_status kl_store_setting_put(struct kl_store *store, const char *key, const char *value, struct kl_error *err)
{
	return store_run(store, SQL_SETTING_PUT, ARGS(ARG_TEXT(key), ARG_TEXT(value)), err);
}

static void take_value(void *ctx, const struct sql_row *row)
{
	*(char **)ctx = row_text(row, 0);
}

enum kl_status kl_store_setting_get(char **value, struct kl_store *store, const char *key, struct kl_error *err)
{
	char *found = NULL;
	enum kl_status status = store_select(store, SQL_SETTING_GET, ARGS(ARG_TEXT(key)), take_value, &found, err);

	if (status) {
		free(found);
		return status;
	}
	if (!found)
		return kl_fail(err, KL_ENOENT, "nothing is remembered as '%s'", key);
	*value = found;
	return KL_OK;
}
