#ifndef KODELAB_CLASS_H
#define KODELAB_CLASS_H

/*
 * The client of a class server's API: one request at a time, in order, over kl_http on the loop. Reads the envelope, tells what
 * came back from what is no answer of the server (a portal's page, a proxy's error: that is being offline), renews the session
 * once when it has run out, and tries again where that is safe.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/http.h>
#include <kodelab/store_class.h>

struct cJSON;
struct kl_class;
struct kl_class_call;
struct kl_class_login;
struct kl_clock;
struct kl_loop;
struct kl_store;
struct kl_vault;

struct kl_class_parts { /* borrowed as long as the client lives */
	struct kl_loop *loop;
	struct kl_store *store;
	struct kl_vault *vault;
	const struct kl_clock *clock;
	const char *folder; /* the lab's data: a lock file there lets one process at a time renew the session */
};

/* The client of a server that is known: name NULL: the active one. KL_ENOENT: none · KL_ENOTOOL: no libcurl. */
enum kl_status kl_class_open(struct kl_class **out, const struct kl_class_parts *parts, const char *name,
			     struct kl_error *err) KL_MUST_CHECK;
/* The client of a server to log in to: name, addresses, ca_file and proxy of server (copied). KL_EINVAL: a bad address. */
enum kl_status kl_class_open_new(struct kl_class **out, const struct kl_class_parts *parts,
				 const struct kl_class_server *server, struct kl_error *err) KL_MUST_CHECK;
void kl_class_close(struct kl_class *class); /* pending calls end as CANCELED first; NULL is fine */

/* As it was read when the client was opened, or at its login since. */
const struct kl_class_server *kl_class_server(const struct kl_class *class);
/* "server id/user id", as the store has it. Lives as long as the client. */
const char *kl_class_account(const struct kl_class *class);
/* "class.example.org:443": the address that is used now. */
const char *kl_class_address(const struct kl_class *class);
/* A sentence when passwords and tokens would go in the clear to another machine, or "". */
const char *kl_class_warning(const struct kl_class *class);

/* ---- calls ---- */

enum kl_class_end {
	KL_CLASS_DONE, /* data, or body when raw was asked for */
	KL_CLASS_REFUSED, /* the server says no: status, code */
	KL_CLASS_LOGIN, /* nobody is logged in, or the session has ended */
	KL_CLASS_BUSY, /* it is there, and asks to be left alone: retry_after_ms */
	KL_CLASS_OFFLINE, /* not reached, or what answered is no class server */
	KL_CLASS_UNTRUSTED, /* its certificate is bad */
	KL_CLASS_CANCELED,
};

struct kl_class_ask { /* borrowed for the call that begins it */
	const char *method, *path; /* "GET", "/api/courses?page=2" */
	const void *body; /* NULL: none */
	size_t body_len;
	const char *type; /* of the body; NULL: application/json */
	const struct kl_http_header *headers; /* further ones */
	size_t header_count;
	const char *raw; /* the answer is no envelope but of this media type; NULL: an envelope */
	const char *
		known; /* the ETag of the answer that one has: it is not sent again (status 304, no data); NULL: none */
	bool open; /* needs no login */
	const char *token; /* open: this one is sent; NULL: none */
	bool repeatable; /* the server takes it as one when it comes twice, as it does all but POST */
	int64_t patience_ms; /* how long to try again what failed for now; 0: once */
	int64_t deadline_ms; /* of one try; 0: 30 s */
	size_t response_max; /* 0: 8 MiB */
};

struct kl_class_answer { /* borrowed for the call */
	enum kl_class_end end;
	int status; /* of HTTP; 0: none came */
	const struct cJSON *data, *pagination; /* DONE; pagination may be NULL, data with status 304 */
	const char *code; /* REFUSED: "CONFLICT"; else "" */
	const struct cJSON *details; /* REFUSED; may be NULL */
	const char *body; /* DONE, raw; OFFLINE, when status is 206: what came of it */
	size_t body_len;
	const struct kl_http_result *http; /* for kl_http_header; NULL: none came */
	int64_t retry_after_ms; /* BUSY; -1: not said */
	/* Not DONE: one sentence for the person, which may hold the server's words. status: KL_ENET when it is the network's or
	 * the server's fault, KL_EDENIED for LOGIN and 403, KL_ENOENT, KL_ECONFLICT, KL_EINVAL by what was refused. */
	struct kl_error error;
};

typedef void kl_class_done_fn(void *ctx, const struct kl_class_answer *answer);

/* done fires exactly once, from the loop, also after kl_class_cancel. On success *out lives until done returns. */
enum kl_status kl_class_call(struct kl_class_call **out, struct kl_class *class, const struct kl_class_ask *ask,
			     kl_class_done_fn *done, void *ctx, struct kl_error *err) KL_MUST_CHECK;
void kl_class_cancel(struct kl_class_call *call);
/* The same, but done is not called any more. */
void kl_class_forget(struct kl_class_call *call);

/* The pause before try number tries (from 1): 1, 2, 4 … 36 s and up to half of it more by chance (0 to 1). */
int64_t kl_class_pause_ms(int tries, double chance);

/* ---- logging in and out ---- */

enum kl_class_way {
	KL_CLASS_DEVICE,
	KL_CLASS_GITHUB,
	KL_CLASS_BIND_GITHUB, /* who is logged in stays so; GitHub is a way in from now on */
	KL_CLASS_PASSWORD,
	KL_CLASS_REGISTER,
	KL_CLASS_RESET, /* the password is the one from now on */
	KL_CLASS_TOKEN,
};

struct kl_class_login_spec { /* borrowed for the call; secrets are copied into secret memory */
	enum kl_class_way way;
	const char *device; /* what the server calls this terminal */
	const char *user, *password; /* PASSWORD, REGISTER, RESET */
	const char *code; /* RESET: the instructor's */
	const char *display, *invitation; /* REGISTER; the invitation also GITHUB; NULL: none */
	const char *token; /* TOKEN: an access or a refresh token */
};

struct kl_class_code { /* DEVICE, GITHUB, BIND_GITHUB: what the person is to do. Borrowed for the call */
	const char *address, *code; /* outside texts */
	int64_t until_ms; /* wall */
};

typedef void kl_class_code_fn(void *ctx, const struct kl_class_code *code);
/* error->status KL_OK: logged in, the client is that user's from now on, and the server is the active one (BIND_GITHUB: bound, all else is as it was). */
typedef void kl_class_login_fn(void *ctx, const struct kl_error *error);

/*
 * Asks who the server is, holds it to the key that it had at an earlier login (KL_ECONFLICT), and logs in. show (may be NULL
 * but for DEVICE) is called when there is a code; done fires exactly once, from the loop, also after kl_class_login_cancel.
 */
enum kl_status kl_class_login(struct kl_class_login **out, struct kl_class *class,
			      const struct kl_class_login_spec *spec, kl_class_code_fn *show, kl_class_login_fn *done,
			      void *ctx, struct kl_error *err) KL_MUST_CHECK;
void kl_class_login_cancel(struct kl_class_login *login);

/* Forgets the session here, whether or not the server hears of it: done tells what came of that. */
enum kl_status kl_class_logout(struct kl_class *class, kl_class_done_fn *done, void *ctx,
			       struct kl_error *err) KL_MUST_CHECK;

#endif
