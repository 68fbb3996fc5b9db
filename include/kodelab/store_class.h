#ifndef KODELAB_STORE_CLASS_H
#define KODELAB_STORE_CLASS_H

/*
 * Class servers that the lab is, or was, logged in to. One at most is active: what is done in the lab is done for its account.
 * An account is one user of one server: "<server id>/<user id>". Secrets come here sealed and leave sealed, as in store_keys.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

struct kl_class_server { /* texts are owned in rows that are read, borrowed in those that are put; NULL counts as "" */
	char *name; /* what the person calls it */
	char *addresses; /* of the one server, apart by blanks: the first is tried first */
	char *ca_file; /* further authority, PEM; "": none */
	char *proxy; /* as in struct kl_http_spec; "": what the environment says, "none": none */
	char *server_id, *title, *public_key; /* as the server said at the first login; the key is pinned */
	char *user_id, *user_name, *display, *role; /* who is logged in */
	bool active;
	bool session; /* it has tokens: nobody has logged out. Not put */
	int64_t added_ms;
	int64_t cursor; /* how far its changes were taken. Not put */
	int64_t synced_ms; /* when it last answered; 0: never. Not put */
};

/*
 * Adds or changes the server of that name, and makes it the active one. Another account than before begins at the first of the
 * server's changes, and what was taken of the old account goes.
 */
enum kl_status kl_store_class_put(struct kl_store *store, const struct kl_class_server *server,
				  struct kl_error *err) KL_MUST_CHECK;
/* By name. */
enum kl_status kl_store_class_servers(struct kl_class_server **rows, size_t *count, struct kl_store *store,
				      struct kl_error *err) KL_MUST_CHECK;
void kl_class_servers_free(struct kl_class_server *rows, size_t count);
/* name NULL: the active one. KL_ENOENT: there is none. */
enum kl_status kl_store_class_get(struct kl_class_server *out, struct kl_store *store, const char *name,
				  struct kl_error *err) KL_MUST_CHECK;
void kl_class_server_release(struct kl_class_server *server);
/* KL_ENOENT */
enum kl_status kl_store_class_activate(struct kl_store *store, const char *name, struct kl_error *err) KL_MUST_CHECK;
/* With its session and all that was taken from it. What waits for it in the outbox stays. */
enum kl_status kl_store_class_remove(struct kl_store *store, const char *name, struct kl_error *err) KL_MUST_CHECK;

struct kl_class_session {
	char *token, *refresh; /* sealed; owned in what is read, borrowed in what is put */
	int64_t token_until_ms, refresh_until_ms; /* wall */
	char nonce[KL_ID_SIZE]; /* of a renewal whose answer was not seen yet; "": none */
};

void kl_class_session_release(struct kl_class_session *session);
/* KL_ENOENT: logged out. */
enum kl_status kl_store_class_session(struct kl_class_session *out, struct kl_store *store, const char *name,
				      struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_class_session_put(struct kl_store *store, const char *name,
					  const struct kl_class_session *session, struct kl_error *err) KL_MUST_CHECK;
/* Nothing when there is none. */
enum kl_status kl_store_class_session_drop(struct kl_store *store, const char *name,
					   struct kl_error *err) KL_MUST_CHECK;

/* What a token is sealed for: "class token <name>" or "class refresh <name>"; owned by the caller. */
char *kl_class_context(const char *name, bool refresh);

#endif
