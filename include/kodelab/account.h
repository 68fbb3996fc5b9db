#ifndef KODELAB_ACCOUNT_H
#define KODELAB_ACCOUNT_H

/*
 * People of the class server, as far as HTTP has nothing to do with it: what they may be called, what may be a password, how
 * a session begins, goes on and ends, one-time codes, devices that ask to be let in, and the log of who did what.
 * The rows are in kodelab/store_accounts.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/error.h>
#include <kodelab/store_accounts.h>

struct kl_store;

/* ---- names ---- */

#define KL_NAME_MAX     64 /* letters */
#define KL_PASSWORD_MIN 8 /* characters */
#define KL_PASSWORD_MAX 256 /* bytes */

/*
 * A name to sign in with: letters, digits and ._@- of ASCII after compatibility forms were made plain (NFKC), beginning with a letter or
 * digit. name: as it is shown; key: the same for all names that a reader takes for it (Ada, ada; b0b, bob; l1z, liz). Both owned.
 * KL_EINVAL says what is wrong.
 */
enum kl_status kl_name_read(char **name, char **key, const char *text, struct kl_error *err) KL_MUST_CHECK;
/* Do both sign in the same user: equal but for case? */
bool kl_name_same(const char *a, const char *b);

/*
 * A name, or anything else of one line, to be shown: composed (NFC), blanks trimmed, at most KL_NAME_MAX characters. Owned. what: for the
 * sentence ("the display name"). KL_EINVAL: control, bidi, invisible or unassigned characters, piles of accents, or letters of scripts that
 * look alike mixed in one word.
 */
enum kl_status kl_line_read(char **line, const char *what, const char *text, struct kl_error *err) KL_MUST_CHECK;

/*
 * A password that may be chosen: composed (NFC), so that every keyboard makes the same bytes of it. In secret memory:
 * kl_secret_free. name: of whom; NULL: somebody who has one already signs in, nothing but the form is asked for.
 */
enum kl_status kl_password_read(char **password, const char *text, const char *name,
				struct kl_error *err) KL_MUST_CHECK;

/* ---- sessions ---- */

#define KL_ACCESS_MS  (24 * INT64_C(3600000))
#define KL_REFRESH_MS (30 * 24 * INT64_C(3600000))

struct kl_tokens { /* what a session's holder has; wipe it */
	char access[KL_TOKEN_SIZE], refresh[KL_TOKEN_SIZE];
	int64_t access_until_ms, refresh_until_ms;
	char session[KL_ID_SIZE];
};

/* device: what it is called; from: its address. The user's oldest session ends when there are too many. */
enum kl_status kl_session_begin(struct kl_tokens *tokens, struct kl_store *store, const char *user, const char *device,
				const char *from, const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;

/*
 * Other tokens for the refresh token; it is spent then. Spent twice, the session ends for everybody who has a token of it: one of them is a
 * thief. nonce (may be NULL): made by chance for this exchange and sent again when its answer was lost; the same nonce gets the same tokens
 * as long as they are the newest.
 * KL_EDENIED: not known, over, or its user is disabled · KL_ECONFLICT: it was spent before, and the session has ended now; tokens->session
 * names it then.
 */
enum kl_status kl_session_refresh(struct kl_tokens *tokens, struct kl_store *store, const char *refresh,
				  const char *nonce, const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;

/* Whose token is it? KL_EDENIED: nobody's, or it is over, or its user is disabled. */
enum kl_status kl_session_find(struct kl_session_holder *holder, struct kl_store *store, const char *access,
			       const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;

/*
 * Who held this token, an access token or a refresh token, spent or not, of a session that nobody has ended, whether or not it has run out
 * meanwhile? For what was made with it at another time; it lets nobody in. KL_EDENIED: nobody who is known.
 */
enum kl_status kl_session_owner(char user[KL_ID_SIZE], struct kl_store *store, const char *token,
				struct kl_error *err) KL_MUST_CHECK;

/* ---- devices: a terminal shows a code, a person lets it in by a web page (RFC 8628) ---- */

#define KL_DEVICE_MS         (10 * INT64_C(60000))
#define KL_DEVICE_INTERVAL_S 5

struct kl_device_codes {
	char device[KL_TOKEN_SIZE]; /* what the terminal asks with; wipe it */
	char user[KL_CODE_SIZE]; /* what it shows */
	int64_t interval_s; /* at least between two questions */
};

/* How many more may ask at this moment: who begins one has looked. */
enum kl_status kl_device_places(int64_t *left, struct kl_store *store, const struct kl_clock *clock,
				struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_device_begin(struct kl_device_codes *codes, struct kl_store *store, const char *device,
			       const char *from, const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;

enum kl_device_answer {
	KL_DEVICE_PENDING,
	KL_DEVICE_SLOW_DOWN, /* asked too soon: five seconds more from now on */
	KL_DEVICE_EXPIRED, /* over, had its tokens already, or never was */
	KL_DEVICE_REFUSED, /* by the person */
	KL_DEVICE_GRANTED, /* once: tokens and user are given */
};
enum kl_status kl_device_poll(enum kl_device_answer *answer, struct kl_tokens *tokens, char user[KL_ID_SIZE],
			      struct kl_store *store, const char *device_code, const char *from,
			      const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;

/* The terminal that shows this code and asks still; text as a person typed it. KL_ENOENT: none. */
enum kl_status kl_device_find(struct kl_device *out, struct kl_store *store, const char *text,
			      const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;
/* code: the fingerprint in struct kl_device. KL_ENOENT: it asks no more: over, or somebody has decided. */
enum kl_status kl_device_decide(struct kl_device *out, struct kl_store *store, const char *code, const char *user,
				bool approved, const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;

/* ---- audit ---- */

struct kl_audit_check {
	int64_t rows; /* that were looked at, up to the first that is wrong */
	int64_t wrong; /* number of that row; 0: all are as they were written */
	char why[128];
	char head[KL_SHA256_SIZE]; /* of the last good row */
};

/* One row more: number, time and chain are made here. In the transaction of what it tells of. */
enum kl_status kl_audit_add(struct kl_store *store, const struct kl_audit_row *row, const struct kl_clock *clock,
			    struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_audit_verify(struct kl_audit_check *out, struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

#endif
