/* Class servers: where they are, who is logged in, the sealed tokens apart. */

#include <kodelab/store_class.h>

#include <kodelab/alloc.h>

#include "core/store/store_int.h"

/* --- reading ------------------------------------------------------------------------------------------------------ */

void kl_class_server_release(struct kl_class_server *server)
{
	free(server->name);
	free(server->addresses);
	free(server->ca_file);
	free(server->proxy);
	free(server->server_id);
	free(server->title);
	free(server->public_key);
	free(server->user_id);
	free(server->user_name);
	free(server->display);
	free(server->role);
	*server = (struct kl_class_server){ .name = NULL };
}

void kl_class_servers_free(struct kl_class_server *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kl_class_server_release(&rows[i]);
	free(rows);
}

struct list {
	struct kl_class_server *rows;
	size_t count, capacity;
};

static void take_server(void *ctx, const struct sql_row *row)
{
	struct list *list = ctx;

	KL_GROW(list->rows, list->count, list->capacity);
	list->rows[list->count++] = (struct kl_class_server){
		.name = row_text(row, 0),
		.addresses = row_text(row, 1),
		.ca_file = row_text(row, 2),
		.proxy = row_text(row, 3),
		.server_id = row_text(row, 4),
		.title = row_text(row, 5),
		.public_key = row_text(row, 6),
		.user_id = row_text(row, 7),
		.user_name = row_text(row, 8),
		.display = row_text(row, 9),
		.role = row_text(row, 10),
		.active = row_int(row, 11) != 0,
		.added_ms = row_int(row, 12),
		.cursor = row_int(row, 13),
		.synced_ms = row_int(row, 14),
		.session = row_int(row, 15) != 0,
	};
}

enum kl_status kl_store_class_servers(struct kl_class_server **rows, size_t *count, struct kl_store *store,
				      struct kl_error *err)
{
	struct list list = { .rows = NULL };
	enum kl_status status = KL_OK;

	if (store->kind == KL_STORE_LAB) /* the server itself is logged in nowhere */
		status = store_select(store, SQL_CLASS_ALL, NO_ARGS, take_server, &list, err);
	if (status) {
		kl_class_servers_free(list.rows, list.count);
		return status;
	}
	*rows = list.rows;
	*count = list.count;
	return KL_OK;
}

enum kl_status kl_store_class_get(struct kl_class_server *out, struct kl_store *store, const char *name,
				  struct kl_error *err)
{
	struct kl_class_server *rows;
	size_t count, at = 0;
	enum kl_status status = kl_store_class_servers(&rows, &count, store, err);

	if (status)
		return status;
	while (at < count && (name ? strcmp(rows[at].name, name) != 0 : !rows[at].active))
		at++;
	if (at < count) {
		*out = rows[at];
		rows[at] = (struct kl_class_server){ .name = NULL };
	} else {
		status = name ? kl_fail(err, KL_ENOENT,
					"there is no class server '%s' here: 'kodelab whoami --all' lists them", name)
			      : kl_fail(err, KL_ENOENT, "you are not logged in: kodelab login ADDRESS");
	}
	kl_class_servers_free(rows, count);
	return status;
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

static bool same_account(const struct kl_class_server *a, const struct kl_class_server *b)
{
	return !strcmp(a->server_id, b->server_id ? b->server_id : "") &&
	       !strcmp(a->user_id, b->user_id ? b->user_id : "");
}

/* What drafts have in common they have with one server: with another one nothing is known of that. In a transaction. */
static enum kl_status forget_drafts(struct kl_store *store, const char *name, struct kl_error *err)
{
	static const enum sql parts[] = { SQL_OTHERS_FORGET, SQL_DRAFT_BASES_FORGET };
	enum kl_status status = store_run(store, SQL_CLASS_RESTART, ARGS(ARG_TEXT(name)), err);

	for (size_t i = 0; !status && i < KL_LENGTH(parts); i++)
		status = store_run(store, parts[i], NO_ARGS, err);
	return status;
}

/* In a transaction. KL_ENOENT */
static enum kl_status make_active(struct kl_store *store, const char *name, struct kl_error *err)
{
	struct kl_class_server server = { .name = NULL };
	enum kl_status status = kl_store_class_get(&server, store, name, err);

	if (!status && !server.active)
		status = forget_drafts(store, name, err);
	kl_class_server_release(&server);
	if (!status)
		status = store_run(store, SQL_CLASS_REST, ARGS(ARG_TEXT(name)), err);
	return status ? status : store_run(store, SQL_CLASS_ACTIVATE, ARGS(ARG_TEXT(name)), err);
}

/* What was taken for the account of this row goes, and its changes are counted from the first again. In a transaction. */
static enum kl_status forget_account(struct kl_store *store, const struct kl_class_server *server, struct kl_error *err)
{
	static const enum sql lists[] = { SQL_CLASS_PACKS_FORGET, SQL_CLASS_COURSES_FORGET };
	char *account = kl_format("%s/%s", server->server_id, server->user_id);
	enum kl_status status = forget_drafts(store, server->name, err);

	for (size_t i = 0; !status && i < KL_LENGTH(lists); i++)
		status = store_run(store, lists[i], ARGS(ARG_TEXT(account)), err);
	free(account);
	return status;
}

static enum kl_status begin_again(struct kl_store *store, const struct kl_class_server *server, struct kl_error *err)
{
	struct kl_class_server before = { .name = NULL };
	struct kl_error why;
	enum kl_status status = kl_store_class_get(&before, store, server->name, &why);

	if (status == KL_ENOENT)
		return KL_OK;
	if (status)
		return kl_fail(err, status, "%s", why.message);
	if (!same_account(&before, server))
		status = forget_account(store, &before, err);
	kl_class_server_release(&before);
	return status;
}

static enum kl_status put_server(struct kl_store *store, const struct kl_class_server *server, struct kl_error *err)
{
	enum kl_status status = begin_again(store, server, err);

	if (!status)
		status = store_run(store, SQL_CLASS_PUT,
				   ARGS(ARG_TEXT(server->name), ARG_TEXT(server->addresses), ARG_TEXT(server->ca_file),
					ARG_TEXT(server->proxy), ARG_TEXT(server->server_id), ARG_TEXT(server->title),
					ARG_TEXT(server->public_key), ARG_TEXT(server->user_id),
					ARG_TEXT(server->user_name), ARG_TEXT(server->display), ARG_TEXT(server->role),
					ARG_INT(server->added_ms)),
				   err);
	return status ? status : make_active(store, server->name, err);
}

enum kl_status kl_store_class_put(struct kl_store *store, const struct kl_class_server *server, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, put_server(store, server, err), err);
}

enum kl_status kl_store_class_activate(struct kl_store *store, const char *name, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, make_active(store, name, err), err);
}

static enum kl_status remove_server(struct kl_store *store, const char *name, struct kl_error *err)
{
	struct kl_class_server server = { .name = NULL };
	enum kl_status status = kl_store_class_get(&server, store, name, err);

	if (!status)
		status = forget_account(store, &server, err);
	if (!status)
		status = kl_store_class_session_drop(store, name, err);
	if (!status)
		status = store_run(store, SQL_PACK_OWNERS_FORGET, ARGS(ARG_TEXT(server.server_id)), err);
	kl_class_server_release(&server);
	return status ? status : store_run(store, SQL_CLASS_REMOVE, ARGS(ARG_TEXT(name)), err);
}

enum kl_status kl_store_class_remove(struct kl_store *store, const char *name, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);

	return status ? status : store_end(store, remove_server(store, name, err), err);
}

/* --- sessions ----------------------------------------------------------------------------------------------------- */

char *kl_class_context(const char *name, bool refresh)
{
	return kl_format("class %s %s", refresh ? "refresh" : "token", name);
}

void kl_class_session_release(struct kl_class_session *session)
{
	free(session->token);
	free(session->refresh);
	*session = (struct kl_class_session){ .token = NULL };
}

static void take_session(void *ctx, const struct sql_row *row)
{
	struct kl_class_session *session = ctx;

	*session = (struct kl_class_session){ .token = row_text(row, 0),
					      .refresh = row_text(row, 1),
					      .token_until_ms = row_int(row, 2),
					      .refresh_until_ms = row_int(row, 3) };
	row_copy(row, 4, session->nonce, sizeof(session->nonce));
}

enum kl_status kl_store_class_session(struct kl_class_session *out, struct kl_store *store, const char *name,
				      struct kl_error *err)
{
	struct kl_class_session found = { .token = NULL };
	enum kl_status status = store_select(store, SQL_CLASS_SESSION, ARGS(ARG_TEXT(name)), take_session, &found, err);

	if (!status && !found.token)
		status = kl_fail(err, KL_ENOENT, "you are logged out of '%s': kodelab login", name);
	if (status)
		kl_class_session_release(&found);
	else
		*out = found;
	return status;
}

enum kl_status kl_store_class_session_put(struct kl_store *store, const char *name,
					  const struct kl_class_session *session, struct kl_error *err)
{
	return store_run(store, SQL_CLASS_SESSION_PUT,
			 ARGS(ARG_TEXT(name), ARG_TEXT(session->token), ARG_TEXT(session->refresh),
			      ARG_INT(session->token_until_ms), ARG_INT(session->refresh_until_ms),
			      ARG_TEXT(session->nonce)),
			 err);
}

enum kl_status kl_store_class_session_drop(struct kl_store *store, const char *name, struct kl_error *err)
{
	return store_run(store, SQL_CLASS_SESSION_DROP, ARGS(ARG_TEXT(name)), err);
}
