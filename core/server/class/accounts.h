#ifndef CORE_SERVER_CLASS_ACCOUNTS_H
#define CORE_SERVER_CLASS_ACCOUNTS_H

/* People, as the server's parts see them: who asks, what is counted of whom, and what the hashing of a password waits for. */

#include <stdbool.h>
#include <stdint.h>

#include <kodelab/account.h>
#include <kodelab/error.h>
#include <kodelab/limiter.h>

#include "core/server/route.h"
#include "core/server/server.h"

struct kl_buf;
struct github;
struct kl_hasher;
struct kl_holders;
struct request;

extern const struct server_part accounts_part;
extern const struct route_area auth_area, users_area, invitations_area, audit_area, device_area, github_area;

struct accounts {
	struct kl_hasher *hasher;
	struct kl_holders *holders; /* of the sessions that ask */
	struct kl_limiter *failures; /* wrong passwords of an address for an account */
	struct kl_limiter *requests, *submissions; /* of a user */
	struct kl_limiter *codes; /* wrong user codes of a user; devices of an address */
	struct kl_limiter *places; /* devices of an address, as long as a code may be asked with */
	struct device_page *page; /* device_page.c */
	struct github *github; /* github_api.c */
	struct kl_timer *house; /* forgets what is over; NULL: not opened */
};

void accounts_metrics(const struct server *server, struct kl_buf *body);

#define FROM_SIZE 64
/* Whose request it is: the address, or what a proxy of access.proxies says it is. */
void accounts_from(char from[FROM_SIZE], const struct request *request);
/* The same for counting: of IPv6 the network of 64 bits, because one host has all the addresses in it. */
void accounts_site(char site[FROM_SIZE], const struct request *request);

/* --- rates.c ------------------------------------------------------------------------------------------------------- */

/* Counts the request of the user who asks, and says in headers how he stands. false: 429 was answered. */
bool rates_pass(struct request *request);
/* So many submissions of his more, for the area that takes them. false: 429 was answered. */
bool rates_take_submissions(struct request *request, int64_t count);
/* One more terminal of this address begins something, of so many in a minute. false: 429 was answered. */
bool rates_begin(struct request *request, const char *what, int64_t most);
/* The same while its code may be asked with, where so many more have room: none has more than is left for all others. */
bool rates_has_place(struct request *request, int64_t left);
/* 429, and when to come again. */
void rates_refuse(struct request *request, int64_t wait_ms, const char *message);

/* --- hashing.c: what a request knows while its password is hashed ------------------------------------------------- */

struct hashing {
	struct request *request;
	char user[KL_ID_SIZE]; /* "": none is known by that name */
	char *name, *key, *display, *email, *device, *code; /* owned; NULL: not asked for */
	char *password; /* in secret memory: the one that comes next */
	char held
		[KL_SHA256_SIZE]; /* fingerprint of the text that the user's password is kept as, when it was looked at */
	char from[FROM_SIZE], site[FROM_SIZE];
	bool counted; /* as a try: attempt_begins */
	bool by_code; /* the try is one with a code for a new password: counted apart, it is the way out of too many others */
	/* Gives the answer, or asks for another hash. hash: as kl_hasher_fn has it. Not called when the pool failed: that was answered. */
	void (*then)(struct hashing *hashing, bool right, const char *hash);
};

struct hashing *hashing_new(struct request *request);
/* The request waits. password: borrowed. hash NULL: there is none to be right. */
void hashing_check(struct hashing *hashing, const char *password, const char *hash,
		   void (*then)(struct hashing *hashing, bool right, const char *hash));
void hashing_make(struct hashing *hashing, const char *password,
		  void (*then)(struct hashing *hashing, bool right, const char *hash));
/* For one that never asked for a hash. */
void hashing_free(struct hashing *hashing);

/* --- what several files of the area need --------------------------------------------------------------------------- */

/* Counts a try of hashing->site for hashing->key. false: there were too many wrong ones, and 429 was answered. */
bool attempt_begins(struct hashing *hashing);
/* Nobody has looked whether the password is right. */
void attempt_is_none(struct hashing *hashing);
void attempt_succeeds(struct hashing *hashing);

/* {"token":…,"user":{…}}: the answer to whoever signed in. user: by his id. */
void answer_tokens(struct request *request, int status, struct kl_tokens *tokens, const char *user);
void answer_done(struct request *request, const char *what); /* {"what":true} */
/* Members of a user, without braces. */
void show_user(struct kl_buf *body, const struct kl_user *user);
/* No longer in the memory that the request came in. */
void wipe_body(struct request *request);

/* Who did what, into the audit log and the server's own: in the transaction of what is done. */
enum kl_status audit_note(struct request *request, const char *action, const char *subject, struct kl_error *err,
			  const char *fmt, ...) KL_PRINTF(5, 6);

/* A session for hashing->user, who is signed in by the answer. */
void signing_begin(struct hashing *hashing, int status);
/* hashing->device of what the client calls it; "": "a terminal". */
enum kl_status signing_device(struct hashing *hashing, const char *text, struct kl_error *err) KL_MUST_CHECK;
/* The answer to what never asked for a hash. */
void signing_failed(struct hashing *hashing, const struct kl_error *err);
/* hashing->user of its name, and the text of his password (owned); "" and NULL: there is nobody of that name. */
enum kl_status signing_find(char **hash, struct hashing *hashing, struct kl_error *err) KL_MUST_CHECK;
/* Is there a user, and may he sign in just now? He may have been disabled while the password was hashed. */
bool signing_still_there(const struct hashing *hashing);
/* The same, and is his password still the one whose fingerprint this is? Another one may have been set since. */
bool signing_holds(struct server *server, const char *user, const char held[KL_SHA256_SIZE]);
/* Notes which password it is that is looked at. */
void signing_hold(struct hashing *hashing, const struct kl_user *user);

/* --- registering.c: new accounts ----------------------------------------------------------------------------------- */

struct newcomer { /* borrowed for the call */
	const char *name, *key; /* kl_name_read */
	const char *display, *email;
	const char *password; /* the Argon2id text; "": none, and nobody signs in by one */
	const char *invitation; /* its fingerprint; NULL: none is needed */
};

/* Is he let in? *invitation (owned) is the fingerprint of the code then, when there is one. text: as it was sent, "": none. */
enum kl_status registering_allowed(char **invitation, const struct request *request, const char *text,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status registering_name_is_free(const struct request *request, const char *key,
					struct kl_error *err) KL_MUST_CHECK;
/* The account, the use of the invitation, and the row of the audit log. KL_EEXIST: the name is taken. */
enum kl_status registering_add(char id[KL_ID_SIZE], struct request *request, const struct newcomer *newcomer,
			       struct kl_error *err) KL_MUST_CHECK;

/* --- handlers in a file beside that of their routes ---------------------------------------------------------------- */

route_fn auth_password, auth_reset;

/* --- device_page.c: what a browser sees of a terminal that asks to be let in --------------------------------------- */

struct device_page *device_page_new(void);
void device_page_free(struct device_page *page); /* NULL is fine */
/* A refusal as a page. */
void device_page_refuse(struct request *request, int status, const char *message);
route_fn device_page_get, device_page_post, device_page_answer, device_page_style;

/* --- github_api.c: signing in by GitHub ------------------------------------------------------------------------------ */

struct github *github_new(struct server *server);
void github_free(struct github *github); /* who waits gets an answer; NULL is fine */

#endif
