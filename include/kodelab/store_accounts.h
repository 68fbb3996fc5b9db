#ifndef KODELAB_STORE_ACCOUNTS_H
#define KODELAB_STORE_ACCOUNTS_H

/*
 * Rows about people in the class server's store. Of passwords, tokens and codes only what cannot be turned back is kept: an
 * Argon2id text, SHA-256 of what chance made. Rules are in kodelab/account.h; here rows are put and found.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/crypto.h>
#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

/* ---- users ---- */

struct kl_user { /* texts are owned in rows that are read: kl_user_release */
	char id[KL_ID_SIZE];
	char *name, *key; /* kl_name_read */
	char *display, *email; /* "": none */
	char *password; /* the Argon2id text */
	int64_t role; /* enum role of the server */
	bool disabled;
	int64_t created_ms, signed_in_ms; /* 0: never */
};

void kl_user_release(struct kl_user *user);
/* KL_EEXIST: the name is taken, or one that looks like it. */
enum kl_status kl_store_user_add(struct kl_store *store, const struct kl_user *user,
				 struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT */
enum kl_status kl_store_user_get(struct kl_user *out, struct kl_store *store, const char *id,
				 struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_user_named(struct kl_user *out, struct kl_store *store, const char *key,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_user_profile(struct kl_store *store, const char *id, const char *display, const char *email,
				     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_user_password(struct kl_store *store, const char *id, const char *password,
				      struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_user_role(struct kl_store *store, const char *id, int64_t role,
				  struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_user_disable(struct kl_store *store, const char *id, bool disabled,
				     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_user_signed_in(struct kl_store *store, const char *id, int64_t at_ms,
				       struct kl_error *err) KL_MUST_CHECK;
/* How many of a role may sign in: the last administrator stays one. */
enum kl_status kl_store_users_of_role(int64_t *count, struct kl_store *store, int64_t role,
				      struct kl_error *err) KL_MUST_CHECK;

typedef void kl_store_user_fn(void *ctx, const struct kl_user *user); /* must not call the store */
struct kl_user_filter {
	const char *part; /* of name or display, in any case; "": all */
	int64_t role; /* 0: all */
	int64_t skip, max;
};
/* By name. *total: on all pages. */
enum kl_status kl_store_users(int64_t *total, struct kl_store *store, const struct kl_user_filter *filter,
			      kl_store_user_fn *fn, void *ctx, struct kl_error *err) KL_MUST_CHECK;

/* Whose account is bound to that one of GitHub, by its number there. KL_ENOENT: nobody's. */
enum kl_status kl_store_github_user(char user[KL_ID_SIZE], struct kl_store *store, int64_t github,
				    struct kl_error *err) KL_MUST_CHECK;
/* Again is fine. KL_EEXIST: one of them is bound to another one. */
enum kl_status kl_store_github_bind(struct kl_store *store, int64_t github, const char *user, int64_t at_ms,
				    struct kl_error *err) KL_MUST_CHECK;

/* ---- sessions ---- */

struct kl_session_row { /* texts are owned in rows that are read: kl_session_row_release */
	char id[KL_ID_SIZE], user[KL_ID_SIZE];
	char *device, *from;
	int64_t created_ms, used_ms; /* used: begun or refreshed */
	char access[KL_SHA256_SIZE], refresh[KL_SHA256_SIZE]; /* fingerprints */
	int64_t access_until_ms, refresh_until_ms;
	char prior[KL_SHA256_SIZE]; /* the refresh token that refresh was given for; "": the first */
	char nonce[KL_SHA256_SIZE]; /* of that exchange; "": none */
	char seed[KL_SHA256_SIZE]; /* what the tokens were derived with; "": by chance alone */
	int64_t ended_ms; /* 0: it goes on */
};

struct kl_session_holder { /* whom an access token lets in */
	char user[KL_ID_SIZE], session[KL_ID_SIZE];
	char name[65];
	int64_t role;
	int64_t until_ms;
};

void kl_session_row_release(struct kl_session_row *row);
enum kl_status kl_store_session_add(struct kl_store *store, const struct kl_session_row *row,
				    struct kl_error *err) KL_MUST_CHECK;
/* By the fingerprint of an access token; KL_ENOENT: none that goes on at now_ms, of a user who is not disabled. */
enum kl_status kl_store_session_holder(struct kl_session_holder *out, struct kl_store *store, const char *access,
				       int64_t now_ms, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_session_get(struct kl_session_row *out, struct kl_store *store, const char *id,
				    struct kl_error *err) KL_MUST_CHECK;
/* By the fingerprint of its refresh token, or of any that it had before (*spent then). KL_ENOENT */
enum kl_status kl_store_session_refreshed(struct kl_session_row *out, bool *spent, struct kl_store *store,
					  const char *refresh, struct kl_error *err) KL_MUST_CHECK;
/* Its tokens, times, prior, nonce and seed; what was its refresh token is spent. */
enum kl_status kl_store_session_rotate(struct kl_store *store, const struct kl_session_row *row,
				       struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_session_end(struct kl_store *store, const char *id, int64_t at_ms,
				    struct kl_error *err) KL_MUST_CHECK;
/* All of a user but one (NULL: none is kept), and what he has let in that has not come for its tokens yet. */
enum kl_status kl_store_sessions_end(struct kl_store *store, const char *user, const char *kept, int64_t at_ms,
				     struct kl_error *err) KL_MUST_CHECK;
/* Ends the oldest of a user's sessions until max go on. */
enum kl_status kl_store_sessions_trim(struct kl_store *store, const char *user, int64_t max, int64_t at_ms,
				      struct kl_error *err) KL_MUST_CHECK;
typedef void kl_store_session_fn(void *ctx, const struct kl_session_row *row); /* must not call the store */
/* Those of a user that go on, the newest first. */
enum kl_status kl_store_sessions(struct kl_store *store, const char *user, int64_t now_ms, kl_store_session_fn *fn,
				 void *ctx, struct kl_error *err) KL_MUST_CHECK;

/* ---- codes: of invitations, and for a new password ---- */

struct kl_invitation { /* texts are owned in rows that are read */
	char id[KL_ID_SIZE];
	char code[KL_SHA256_SIZE]; /* fingerprint */
	char *note, *by; /* by: id of who made it */
	int64_t role, uses, used, created_ms, until_ms;
};

void kl_invitation_release(struct kl_invitation *invitation);
enum kl_status kl_store_invitation_add(struct kl_store *store, const struct kl_invitation *invitation,
				       struct kl_error *err) KL_MUST_CHECK;
/* One use of it. KL_ENOENT: no such code, used up, or over. */
enum kl_status kl_store_invitation_take(int64_t *role, struct kl_store *store, const char *code, int64_t now_ms,
					struct kl_error *err) KL_MUST_CHECK;
/* Is it good, without using it? The same answers. */
enum kl_status kl_store_invitation_look(int64_t *role, struct kl_store *store, const char *code, int64_t now_ms,
					struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_invitation_remove(struct kl_store *store, const char *id, struct kl_error *err) KL_MUST_CHECK;
typedef void kl_store_invitation_fn(void *ctx, const struct kl_invitation *invitation); /* must not call the store */
enum kl_status kl_store_invitations(struct kl_store *store, kl_store_invitation_fn *fn, void *ctx,
				    struct kl_error *err) KL_MUST_CHECK;

/* A user's one code for a new password; a newer one replaces it. */
enum kl_status kl_store_reset_put(struct kl_store *store, const char *user, const char *code, int64_t until_ms,
				  struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT: not this one, or over. */
enum kl_status kl_store_reset_look(struct kl_store *store, const char *user, const char *code, int64_t now_ms,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_reset_remove(struct kl_store *store, const char *user, struct kl_error *err) KL_MUST_CHECK;

/* ---- devices that ask to be let in (RFC 8628) ---- */

enum kl_device_state { KL_DEVICE_ASKS, KL_DEVICE_APPROVED, KL_DEVICE_DENIED, KL_DEVICE_DONE };

struct kl_device { /* texts are owned in rows that are read: kl_device_release */
	char code[KL_SHA256_SIZE], user_code[KL_SHA256_SIZE]; /* fingerprints */
	char *device, *from;
	int64_t created_ms, until_ms;
	int64_t polled_ms, interval_s;
	enum kl_device_state state;
	char user[KL_ID_SIZE]; /* who approved; "": nobody yet */
};

void kl_device_release(struct kl_device *device);
enum kl_status kl_store_device_add(struct kl_store *store, const struct kl_device *device,
				   struct kl_error *err) KL_MUST_CHECK;
/* How many ask at now_ms. */
enum kl_status kl_store_devices_count(int64_t *count, struct kl_store *store, int64_t now_ms,
				      struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT */
enum kl_status kl_store_device_get(struct kl_device *out, struct kl_store *store, const char *code,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_device_shown(struct kl_device *out, struct kl_store *store, const char *user_code,
				     struct kl_error *err) KL_MUST_CHECK;
/* polled_ms, interval_s, state and user. */
enum kl_status kl_store_device_put(struct kl_store *store, const struct kl_device *device,
				   struct kl_error *err) KL_MUST_CHECK;

/* Sessions, codes and devices that were over at before_ms. */
enum kl_status kl_store_accounts_forget(struct kl_store *store, int64_t before_ms, struct kl_error *err) KL_MUST_CHECK;

/* ---- audit ---- */

struct kl_audit_row { /* texts are borrowed where a row is added or told */
	int64_t number, at_ms; /* made when it is added */
	const char *actor; /* id of who did it; "": the administrator's program, or the command line */
	const char *name; /* what he was called then */
	const char *action; /* "user.role": one of few words */
	const char *subject; /* id or name of what it was done to */
	const char *detail; /* one line; never a secret */
	const char *from; /* address */
	char chain[KL_SHA256_SIZE]; /* of this row and the chain of the one before */
};

enum kl_status kl_store_audit_put(struct kl_store *store, const struct kl_audit_row *row,
				  struct kl_error *err) KL_MUST_CHECK;
/* number and chain of the last row as the head of the chain remembers it; 0 and "": none. */
enum kl_status kl_store_audit_head(int64_t *number, char chain[KL_SHA256_SIZE], struct kl_store *store,
				   struct kl_error *err) KL_MUST_CHECK;
typedef void kl_store_audit_fn(void *ctx, const struct kl_audit_row *row); /* must not call the store */
/* Rising, those behind after, at most max. */
enum kl_status kl_store_audit_each(struct kl_store *store, int64_t after, int64_t max, kl_store_audit_fn *fn, void *ctx,
				   struct kl_error *err) KL_MUST_CHECK;
struct kl_audit_filter {
	const char *action, *subject, *name; /* "": all */
	int64_t skip, max;
};
/* The newest first. *total: on all pages. */
enum kl_status kl_store_audit_list(int64_t *total, struct kl_store *store, const struct kl_audit_filter *filter,
				   kl_store_audit_fn *fn, void *ctx, struct kl_error *err) KL_MUST_CHECK;

#endif
