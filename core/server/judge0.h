#ifndef CORE_SERVER_JUDGE0_H
#define CORE_SERVER_JUDGE0_H

/*
 * The judge behind the Judge0 API: sandbox or judges elsewhere, languages, executor, waiting clients, callbacks; one for
 * the server.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

struct fields;
struct judge0;
struct kl_loop;
struct kl_queue_limits;
struct kl_sandbox;
struct request;
struct server;
struct settings;
struct toolchains;

/*
 * The sandbox, if its walls are what a server should have, or what the configuration accepts in words: KL_EDENIED else, with *out
 * opened all the same.
 */
enum kl_status judge0_open_sandbox(struct kl_sandbox **out, struct kl_loop *loop, const struct settings *settings,
				   struct kl_error *err) KL_MUST_CHECK;
void judge0_queue_limits(const struct server *server, struct kl_queue_limits *out);
enum kl_status judge0_open(struct judge0 **out, struct server *server, struct kl_error *err) KL_MUST_CHECK;
void judge0_close(struct judge0 *judge); /* NULL is fine; what runs is killed and queued again */
/* Once a turn: takes what may be taken from the queue. */
void judge0_turn(struct judge0 *judge);
/* The turn's transaction has ended: results may be told. */
void judge0_committed(struct judge0 *judge, bool committed);
void judge0_reload(struct judge0 *judge); /* other settings */
/* Who waits for what will not be begun any more gets what there is: a token to ask for after the restart. */
void judge0_stop(struct judge0 *judge);
bool judge0_busy(const struct judge0 *judge);

struct judge0_state {
	bool enabled; /* programs are judged */
	bool elsewhere; /* and not here */
	size_t workers;
	int level; /* enum kl_sandbox_level */
	const char *advice; /* what is weaker; "" */
};
void judge0_look(const struct judge0 *judge, struct judge0_state *out);
struct kl_sandbox *judge0_sandbox(const struct judge0 *judge); /* NULL: no programs are run here */
const struct toolchains *judge0_toolchains(struct judge0 *judge);
/* An instance is new, or has a new key: if programs are judged elsewhere, its languages are asked for until it tells. */
void judge0_learn(struct judge0 *judge);

/* request is answered when the submission is finished, or after limits.wait_s with what there is. */
void judge0_wait(struct judge0 *judge, struct request *request, const char *token, const struct fields *fields,
		 bool base64);

#endif
