#ifndef CORE_SYNC_CLASS_INT_H
#define CORE_SYNC_CLASS_INT_H

/* The client in parts: class.c (opening, the server's row), call.c (requests), who.c (whose an address is), session.c (tokens), login.c. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <kodelab/class.h>
#include <kodelab/clock.h>

enum { CLASS_ADDRESSES_MAX = 8 };

struct kl_class_call {
	TAILQ_ENTRY(kl_class_call) link;
	struct kl_class *class;
	struct kl_class_ask ask; /* everything in it is the call's own */
	char *url, *authorization; /* secret memory */
	struct kl_http_request *request; /* NULL: not on its way */
	struct kl_timer *timer; /* to the next try, or to the end that is known already */
	bool renewed; /* the session was renewed for it, or taken from another process */
	int tries, hops; /* hops: to further addresses, since the last pause */
	int64_t give_up_ms; /* monotonic */
	kl_class_done_fn *done;
	void *ctx;
};

TAILQ_HEAD(class_calls, kl_class_call);

struct kl_class {
	struct kl_class_parts parts;
	struct kl_class_server server;
	struct kl_http *http;
	char **addresses; /* of the server, without a slash at the end; owned */
	size_t address_count, address; /* address: the one in use */
	bool known[CLASS_ADDRESSES_MAX]; /* the server has answered there, with its key: who.c */
	char *account, *host;
	char warning[160];
	char *token; /* secret memory; NULL: not read yet, or none */
	struct class_calls calls; /* in order; the first one is on its way */
	bool working; /* it is */
	struct session_renewal *renewal; /* NULL: the session is not being renewed */
	bool closing;
};

/* ---- class.c ---- */

/* From the store again: after a login. */
enum kl_status class_read(struct kl_class *class, const char *name, struct kl_error *err) KL_MUST_CHECK;
void class_next_address(struct kl_class *class);

/* ---- call.c ---- */

/* What is not inside kl_http any more ends as canceled. */
void class_cancel_all(struct kl_class *class);
/* Authority and proxy. */
void class_fill_spec(struct kl_http_spec *spec, const struct kl_class *class);
double class_chance(void); /* 0 to 1 */
/* What a result of HTTP is; everything in answer is borrowed from doc (owned by the caller: kl_json_free) and result. */
struct kl_json;
void class_read_answer(struct kl_class_answer *answer, struct kl_json **doc, const struct kl_class_ask *ask,
		       const struct kl_http_result *result, int64_t wall_ms);

/* ---- who.c ---- */

/* May a token go to the address in use? Else it is asked who is there first. */
bool who_known(const struct kl_class *class);
enum kl_status who_ask(struct kl_http_request **out, struct kl_class *class, kl_http_done_fn *done, void *ctx,
		       struct kl_error *err) KL_MUST_CHECK;
/* Its answer: DONE, and the address is known; else OFFLINE (also when it is another server), BUSY, UNTRUSTED or CANCELED. */
void who_read(struct kl_class_answer *answer, struct kl_json **doc, struct kl_class *class,
	      const struct kl_http_result *result);

/* ---- session.c ---- */

/* The token into class->token. KL_ENOENT: nobody is logged in; KL_ETIME: it has run out, and can be renewed. */
enum kl_status session_read(struct kl_class *class, struct kl_error *err) KL_MUST_CHECK;
void session_forget(struct kl_class *class); /* in memory */
/*
 * What proves to the server, without asking it, whose session this is: the refresh token, or else the access token, whether or not it has
 * run out. In secret memory, owned by the caller. KL_EDENIED: logged out.
 */
enum kl_status session_proof(char **secret, struct kl_class *class, struct kl_error *err) KL_MUST_CHECK;
/* Seals and stores what a login or a renewal was answered with. */
enum kl_status session_keep(struct kl_class *class, const char *name, const struct cJSON *data,
			    struct kl_error *err) KL_MUST_CHECK;
/*
 * Renews the session, or takes what another process renewed meanwhile. Then done: error->status KL_OK, KL_EDENIED (it is over),
 * KL_ENET.
 */
typedef void session_renewed_fn(struct kl_class *class, const struct kl_error *error);
void session_renew(struct kl_class *class, session_renewed_fn *done);
void session_stop(struct kl_class *class); /* done is not called any more */

/* ---- wire.c: members of what a server sent ---- */

/* A member by name and type; otherwise when it is absent or something else. */
const char *wire_text(const struct cJSON *object, const char *name, const char *otherwise);
int64_t wire_int(const struct cJSON *object, const char *name, int64_t otherwise);
double wire_real(const struct cJSON *object, const char *name, double otherwise);
bool wire_bool(const struct cJSON *object, const char *name, bool otherwise);
int64_t wire_time(const struct cJSON *object, const char *name); /* wall; 0: absent, or no time */
const struct cJSON *wire_member(const struct cJSON *object, const char *name);

#endif
