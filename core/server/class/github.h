#ifndef CORE_SERVER_CLASS_GITHUB_H
#define CORE_SERVER_CLASS_GITHUB_H

/*
 * What kodelabd asks GitHub: the three questions of its device flow, on the loop. Nothing here knows of accounts.
 *
 * docs.github.com, "Authorizing OAuth apps", device flow: POST /login/device/code with client_id gives device_code, user_code,
 * verification_uri, expires_in (900 s) and interval (5 s); POST /login/oauth/access_token with client_id, device_code and grant_type
 * urn:ietf:params:oauth:grant-type:device_code gives access_token, or, with status 200 as well, error: authorization_pending,
 * slow_down (five seconds more from then on; the answer has the new interval), expired_token, access_denied, or what is wrong with
 * the app. No client secret is needed. GET /user of the API ("Get the authenticated user") says whose token it is, also to one without any
 * scope; id is the number that stays when the login changes. The API wants a User-Agent.
 */

#include <stdint.h>

#include <kodelab/error.h>

struct kl_http;
struct server;

enum github_end {
	GITHUB_GAVE, /* what was asked for */
	GITHUB_PENDING,
	GITHUB_SLOW_DOWN,
	GITHUB_EXPIRED,
	GITHUB_DENIED,
	GITHUB_FAILED, /* not reached, or it makes no sense: perhaps the next time */
	GITHUB_REFUSED, /* and never will: the app is not one that may do this */
	GITHUB_CANCELED, /* this server stops */
};

struct github_answer { /* borrowed for the call; of what was not asked for nothing is set */
	enum github_end end;
	const char *why; /* FAILED, REFUSED: for the log, never a secret */
	const char *device_code, *user_code, *verification_uri;
	int64_t expires_s;
	int64_t interval_s; /* also of SLOW_DOWN; 0: it does not say */
	const char *token;
	int64_t id; /* of the account, over 0 */
	const char *login;
};

typedef void github_fn(void *ctx, const struct github_answer *answer);

/*
 * Each calls fn exactly once, from the loop. *http is opened when it is NULL. Addresses and client id are the server's options.
 * KL_ENOTOOL, KL_EINVAL: fn is not called.
 */
enum kl_status github_ask_codes(struct kl_http **http, struct server *server, github_fn *fn, void *ctx,
				struct kl_error *err) KL_MUST_CHECK;
enum kl_status github_ask_token(struct kl_http **http, struct server *server, const char *device_code, github_fn *fn,
				void *ctx, struct kl_error *err) KL_MUST_CHECK;
enum kl_status github_ask_user(struct kl_http **http, struct server *server, const char *token, github_fn *fn,
			       void *ctx, struct kl_error *err) KL_MUST_CHECK;

#endif
