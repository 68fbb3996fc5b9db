#ifndef CORE_SERVER_CALLBACK_H
#define CORE_SERVER_CALLBACK_H

/*
 * Results sent to where the client asked for: HTTP PUT, tried again after growing pauses when the connection fails; any
 * answer is one. What is still to be told lies in the store with the result itself, so that a restart goes on with it; one
 * killed between the answer and the note of it tells twice.
 *
 * Whoever can submit could otherwise make this machine talk to whatever it can reach: only hosts of callbacks.allow are
 * called, by http or https, redirects are not followed, and a name that stands for an inner address is not called unless
 * callbacks.networks has it.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kodelab/error.h>

struct callbacks;
struct kl_queue_entry;
struct peer;
struct server;

/* The first calls are made when the loop runs. */
enum kl_status callbacks_open(struct callbacks **out, struct server *server, struct kl_error *err) KL_MUST_CHECK;
void callbacks_free(struct callbacks *callbacks); /* NULL is fine */
bool callbacks_busy(const struct callbacks *callbacks); /* one is under way */
/* entry has ended, in this turn's transaction: a call that it asks for is noted in the same one. */
void callbacks_keep(struct callbacks *callbacks, const struct kl_queue_entry *entry);
/* The transaction is on the disk. */
void callbacks_begin(struct callbacks *callbacks, const struct kl_queue_entry *entry);

#define CALLBACK_HOST_SIZE 256

/* ---- callback_where.c ---- */

/* false: url is none, or not one that can be read in one way alone. */
bool callback_host(const char *url, char host[CALLBACK_HOST_SIZE]);
/* Is it an address, not a name? */
bool callback_is_literal(const char *host);
/* Is url one of hosts that the blank-separated list allows ("host", "host:port", "*.host")? */
bool callback_allowed(const char *list, const char *url);
/* Is it in a network that is somebody's inside, or nobody's? */
bool callback_is_inner(const struct peer *peer);
/* After so many tries that failed; chance: 0 to 255. */
int64_t callback_pause_ms(int64_t first_ms, int64_t tries, unsigned char chance);

#endif
