#ifndef CORE_SERVER_SERVER_H
#define CORE_SERVER_SERVER_H

/* kodelabd's parts, owned by main.c and passed to whoever needs more than one of them. */

#include <stdbool.h>
#include <stdint.h>

#include <kodelab/clock.h>
#include <kodelab/error.h>

#include "core/server/failpoint.h"
#include "core/server/metrics.h"

struct accounts;
struct admin;
struct courses;
struct http;
struct judge0;
struct packs;
struct keys;
struct server;
struct kl_loop;
struct kl_queue;
struct kl_store;
struct settings;
struct works;

/* The API that is spoken; clients decide by it what they may ask for. */
#define SERVER_JUDGE0_VERSION "1.13.1"

/*
 * A part of the class server (people, intake, courses): what it does when. Each may be NULL. The list is in server.c; parts
 * are opened in its order and closed in reverse.
 */
struct server_part {
	const char *name;
	enum kl_status (*open)(struct server *server, struct kl_error *err);
	void (*turn)(struct server *server); /* before the turn's writes are committed */
	void (*committed)(struct server *server, bool committed); /* and after: what depends on them may be told */
	void (*reload)(struct server *server); /* other settings */
	void (*stop)(struct server *server); /* no new work */
	bool (*busy)(const struct server *server); /* what it began must still end */
	void (*close)(struct server *server); /* also after an open that failed */
};

struct server {
	struct kl_loop *loop;
	struct settings *settings;
	const char *config_path; /* NULL: none */
	struct kl_clock clock;
	struct metrics metrics;
	struct failpoint failpoint;
	bool told; /* answers that waited for a commit may leave since the last turn */
	struct http *http;
	struct kl_store *store;
	struct kl_queue *queue;
	struct keys *keys;
	struct judge0 *judge0;
	struct accounts *accounts; /* class/accounts.h */
	struct admin *admin; /* class/admin.h */
	struct courses *courses;
	struct packs *packs; /* class/packs.h */
	struct works *works; /* core/server/class/works.h; NULL: not open */
	bool queue_stale; /* it could not be read again after a batch that failed: once more in each turn */
	bool storage_full; /* the newest write found no room */
	bool probing; /* this turn tries whether there is some again */
	struct kl_timer *full; /* of the next try; NULL: nothing is full */
	int64_t started_ms; /* monotonic */
	bool stopping; /* no new work */
	struct kl_timer *deadline; /* of stopping */
	struct kl_timer *house; /* forgets what is old */
	char *statistics; /* the newest answer of GET /statistics; NULL: none */
	int64_t statistics_until_ms; /* wall */
};

/* master: from kl_vault_take_environment, borrowed for the call; NULL: none. */
enum kl_status server_open(struct server *server, const char *master, struct kl_error *err) KL_MUST_CHECK;
/* The configuration read again. KL_EINVAL: something is wrong with it, and everything stays as it was. */
enum kl_status server_reload(struct server *server, struct kl_error *err) KL_MUST_CHECK;
/* What a part of the turn's transaction that was taken back did to it: if that fails now, it is done in the next turn. */
void server_reads_queue_again(struct server *server);
void server_run(struct server *server); /* until it was told to stop */
void server_close(struct server *server);

/*
 * Called before anything is written to the store: from then on this turn's writes are one transaction, which is
 * committed when the turn ends.
 */
enum kl_status server_write(struct server *server, struct kl_error *err) KL_MUST_CHECK;
/* A write found no room on the disk: told once, and tried again until there is some. */
void server_is_full(struct server *server, const char *why);
bool server_writes(const struct server *server); /* something was written in this turn */
int64_t server_database_bytes(const struct server *server);

#endif
