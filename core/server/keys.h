#ifndef CORE_SERVER_KEYS_H
#define CORE_SERVER_KEYS_H

/* The class's keys of judges elsewhere: vault, pool, instances, and trying each key once a day. */

#include <stdbool.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

struct keys;
struct kl_instances;
struct kl_keypool;
struct request;
struct server;
struct settings;

/* Owner of what the administrator gives; no user can be called so. */
#define KEYS_PLATFORM "@platform"

/* taken: from kl_vault_take_environment, borrowed for the call; NULL: none. */
/* The file of the master key, wherever that comes from. Owned by the caller. */
char *keys_master_path(const struct settings *settings);
enum kl_status keys_open(struct keys **out, struct server *server, const char *taken,
			 struct kl_error *err) KL_MUST_CHECK;
void keys_stop(struct keys *keys); /* no further key is tried */
void keys_close(struct keys *keys); /* NULL is fine; who waits for an answer gets one */
void keys_reload(struct keys *keys); /* other settings */
/*
 * The turn's transaction has ended: what was removed in it is wiped from the database's log, too; and
 * when it came to nothing, the instances are those of the store again. */
void keys_committed(struct keys *keys, bool committed);
/*
 * A change of instances or holds and its row in the audit log are made together or not at all: between begin and end, which
 * is given how it went and gives it back. What was changed in memory is put back, too.
 */
enum kl_status keys_change_begin(struct keys *keys, struct kl_error *err) KL_MUST_CHECK;
enum kl_status keys_change_end(struct keys *keys, enum kl_status status, struct kl_error *err) KL_MUST_CHECK;
void keys_metrics(struct keys *keys, struct kl_buf *body);

struct kl_keypool *keys_pool(const struct keys *keys);
struct kl_instances *keys_instances(const struct keys *keys);

/* The answer comes when the instance has answered. owner NULL: anybody's key. */
void keys_check(struct keys *keys, struct request *request, const char *id, const char *owner);

/* Begins to try all keys that are not held back, max at most; nobody waits for them. */
enum kl_status keys_check_all(struct keys *keys, size_t max, size_t *started, struct kl_error *err) KL_MUST_CHECK;

/* --- handlers ----------------------------------------------------------------------------------------------------- */

void keys_list(struct request *request);
void keys_give(struct request *request);
void keys_consent(struct request *request);
void keys_usage(struct request *request);
void keys_change(struct request *request);
void keys_remove(struct request *request);
void keys_remove_only(struct request *request); /* the user's one key */
void keys_validate(struct request *request);
void keys_validate_all(struct request *request);
void keys_notices(struct request *request);

void holds_list(struct request *request);
void holds_add(struct request *request);
void holds_remove(struct request *request);

void instances_list(struct request *request);
void instances_add(struct request *request);
void instances_remove(struct request *request);
void instances_probe(struct request *request);

#endif
