/* People: registering, signing in and out, tokens that go round. */

#include <signal.h>

#include <kodelab/alloc.h>

#include "tests/server/harness.h"

#define OPEN    "accounts.registration = open\njudge.enabled = false\n"
#define REFUSED "{\"success\":false,\"error\":{\"message\":\"%s\",\"code\":\"%s\",\"details\":{}}}"
#define WRONG   "the name or the password is wrong"
#define UNKNOWN "sign in first: 'kodelab login', or send Authorization: Bearer TOKEN"

/* --- asking --------------------------------------------------------------------------------------------------------- */

static void expect(const struct daemon *daemon, const char *target, const char *headers, const char *body, int status,
		   const char *part)
{
	char *all = kl_format("%s%s", headers ? headers : "", body ? JSON : "");
	struct reply reply;

	ask(&reply, daemon, target, all, body);
	CHECK(reply.status == status && strstr(reply.body, part), "%s %s\n  expected %d %s\n       got %d %s", target,
	      body ? body : "", status, part, reply.status, reply.body);
	reply_release(&reply);
	free(all);
}

static void refused(const struct daemon *daemon, const char *target, const char *headers, const char *body, int status,
		    const char *code, const char *message)
{
	char *whole = kl_format(REFUSED, message, code),
	     *all = kl_format("%s%s", headers ? headers : "", body ? JSON : "");
	struct reply reply;

	ask(&reply, daemon, target, all, body);
	check_is(&reply, status, whole);
	reply_release(&reply);
	free(whole);
	free(all);
}

struct tokens {
	char *bearer; /* the header */
	char *refresh;
};

static void tokens_release(struct tokens *tokens)
{
	free(tokens->bearer);
	free(tokens->refresh);
}

/* Asks for tokens and takes them. */
static void take_tokens(struct tokens *out, const struct daemon *daemon, const char *target, const char *body,
			int status)
{
	struct reply reply;
	char *token;

	ask(&reply, daemon, target, JSON, body);
	check_has(&reply, status, "\"token\":\"kls_");
	token = member_of(reply.body, "token");
	out->bearer = kl_format("Authorization: Bearer %s\r\n", token);
	out->refresh = member_of(reply.body, "refresh_token");
	reply_release(&reply);
	free(token);
}

static void refresh(struct tokens *out, const struct daemon *daemon, const char *token, const char *nonce)
{
	char *body = nonce ? kl_format("{\"refresh_token\":\"%s\",\"nonce\":\"%s\"}", token, nonce)
			   : kl_format("{\"refresh_token\":\"%s\"}", token);

	take_tokens(out, daemon, "POST /api/auth/refresh", body, 200);
	free(body);
}

static void refresh_refused(const struct daemon *daemon, const char *token, const char *message)
{
	char *body = kl_format("{\"refresh_token\":\"%s\"}", token);

	refused(daemon, "POST /api/auth/refresh", NULL, body, 401, "UNAUTHORIZED", message);
	free(body);
}

/* --- coming and going ------------------------------------------------------------------------------------------------- */

static void test_sign_in(void)
{
	struct tokens ada, again;
	struct daemon daemon;

	daemon_start(&daemon, OPEN);
	refused(&daemon, "GET /api/auth/me", NULL, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	refused(&daemon, "GET /api/auth/me", "Authorization: Bearer kls_aaaa\r\n", NULL, 401, "UNAUTHORIZED", UNKNOWN);
	take_tokens(&ada, &daemon, "POST /api/auth/register",
		    "{\"name\":\"ada\",\"password\":\"first of all\",\"display\":\"Ada L.\"}", 201);
	expect(&daemon, "GET /api/auth/me", ada.bearer, NULL, 200,
	       "\"name\":\"ada\",\"display\":\"Ada L.\",\"role\":\"STUDENT\"");
	refused(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"ada\",\"password\":\"first of al\"}", 401,
		"UNAUTHORIZED", WRONG);
	refused(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"bob\",\"password\":\"first of all\"}", 401,
		"UNAUTHORIZED", WRONG);
	take_tokens(&again, &daemon, "POST /api/auth/login", "{\"name\":\"ADA\",\"password\":\"first of all\"}", 200);
	daemon_stop(&daemon, SIGTERM);
	daemon_start_again(&daemon); /* sessions are on the disk */
	expect(&daemon, "GET /api/auth/me", again.bearer, NULL, 200, "\"device\":\"a terminal\"");
	expect(&daemon, "POST /api/auth/logout", ada.bearer, NULL, 200,
	       "{\"success\":true,\"data\":{\"signed_out\":true}}");
	refused(&daemon, "GET /api/auth/me", ada.bearer, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	refresh_refused(&daemon, ada.refresh, "this session is over: sign in again");
	expect(&daemon, "GET /api/auth/me", again.bearer, NULL, 200, "\"name\":\"ada\"");
	tokens_release(&ada);
	tokens_release(&again);
	daemon_remove(&daemon);
}

static void test_reuse(void)
{
	struct tokens first, second, third;
	struct daemon daemon;

	daemon_start(&daemon, OPEN);
	take_tokens(&first, &daemon, "POST /api/auth/register", "{\"name\":\"ada\",\"password\":\"first of all\"}",
		    201);
	refresh(&second, &daemon, first.refresh, NULL);
	refused(&daemon, "GET /api/auth/me", first.bearer, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	refresh(&third, &daemon, second.refresh, NULL);
	expect(&daemon, "GET /api/auth/me", third.bearer, NULL, 200, "\"name\":\"ada\"");
	refresh_refused(
		&daemon, first.refresh,
		"this refresh token was used before: the session was ended, because somebody else may have it; sign "
		"in again");
	refused(&daemon, "GET /api/auth/me", third.bearer, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	refresh_refused(&daemon, third.refresh, "this session is over: sign in again");
	tokens_release(&first);
	tokens_release(&second);
	tokens_release(&third);
	daemon_remove(&daemon);
}

/* An answer that was lost can be had again, by who asked for it; not by a thief of the old token. */
static void test_refresh_again(void)
{
	static const char nonce[] = "made by chance, 22 chars";
	struct tokens first, second, same;
	struct daemon daemon;

	daemon_start(&daemon, OPEN);
	take_tokens(&first, &daemon, "POST /api/auth/register", "{\"name\":\"ada\",\"password\":\"first of all\"}",
		    201);
	refused(&daemon, "POST /api/auth/refresh", NULL, "{\"refresh_token\":\"x\",\"nonce\":\"short\"}", 422,
		"VALIDATION_ERROR", "'nonce' must have 16 to 128 characters, made by chance");
	refresh(&second, &daemon, first.refresh, nonce);
	daemon_stop(&daemon, SIGTERM);
	daemon_start_again(&daemon);
	refresh(&same, &daemon, first.refresh, nonce);
	CHECK(!strcmp(same.bearer, second.bearer) && !strcmp(same.refresh, second.refresh), "other tokens: %s %s",
	      same.bearer, second.bearer);
	expect(&daemon, "GET /api/auth/me", second.bearer, NULL, 200, "\"name\":\"ada\"");
	tokens_release(&same);
	refused(&daemon, "POST /api/auth/refresh", NULL,
		"{\"refresh_token\":\"none\",\"nonce\":\"another that is long\"}", 401, "UNAUTHORIZED",
		"this session is over: sign in again");
	refresh_refused(
		&daemon, first.refresh,
		"this refresh token was used before: the session was ended, because somebody else may have it; sign "
		"in again");
	refused(&daemon, "GET /api/auth/me", second.bearer, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	tokens_release(&first);
	tokens_release(&second);
	daemon_remove(&daemon);
}

const struct test accounts_tests[] = {
	{ "accounts_sign_in", test_sign_in },
	{ "A07_reuse_of_a_refresh_token", test_reuse },
	{ "accounts_refresh_again", test_refresh_again },
	{ NULL, NULL },
};
