/* People: registering, signing in and out, tokens that go round. */

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

#include "tests/server/harness.h"

#define OPEN    "accounts.registration = open\njudge.enabled = false\n"
#define WRONG   "the name or the password is wrong"
#define UNKNOWN "sign in first: 'kodelab login', or send Authorization: Bearer TOKEN"

/* --- asking --------------------------------------------------------------------------------------------------------- */

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

	expect_refused(daemon, "POST /api/auth/refresh", NULL, body, 401, "UNAUTHORIZED", message);
	free(body);
}

/* --- coming and going ------------------------------------------------------------------------------------------------- */

static void test_sign_in(void)
{
	struct tokens ada, again;
	struct daemon daemon;

	daemon_start(&daemon, OPEN);
	expect_refused(&daemon, "GET /api/auth/me", NULL, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	expect_refused(&daemon, "GET /api/auth/me", "Authorization: Bearer kls_aaaa\r\n", NULL, 401, "UNAUTHORIZED",
		       UNKNOWN);
	take_tokens(&ada, &daemon, "POST /api/auth/register",
		    "{\"name\":\"ada\",\"password\":\"first of all\",\"display\":\"Ada L.\"}", 201);
	expect_has(&daemon, "GET /api/auth/me", ada.bearer, NULL, 200,
		   "\"name\":\"ada\",\"display\":\"Ada L.\",\"role\":\"STUDENT\"");
	expect_refused(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"ada\",\"password\":\"first of al\"}", 401,
		       "UNAUTHORIZED", WRONG);
	expect_refused(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"bob\",\"password\":\"first of all\"}", 401,
		       "UNAUTHORIZED", WRONG);
	take_tokens(&again, &daemon, "POST /api/auth/login", "{\"name\":\"ADA\",\"password\":\"first of all\"}", 200);
	daemon_stop(&daemon, SIGTERM);
	daemon_start_again(&daemon); /* sessions are on the disk */
	expect_has(&daemon, "GET /api/auth/me", again.bearer, NULL, 200, "\"device\":\"a terminal\"");
	expect_has(&daemon, "POST /api/auth/logout", ada.bearer, NULL, 200,
		   "{\"success\":true,\"data\":{\"signed_out\":true}}");
	expect_refused(&daemon, "GET /api/auth/me", ada.bearer, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	refresh_refused(&daemon, ada.refresh, "this session is over: sign in again");
	expect_has(&daemon, "GET /api/auth/me", again.bearer, NULL, 200, "\"name\":\"ada\"");
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
	expect_refused(&daemon, "GET /api/auth/me", first.bearer, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	refresh(&third, &daemon, second.refresh, NULL);
	expect_has(&daemon, "GET /api/auth/me", third.bearer, NULL, 200, "\"name\":\"ada\"");
	refresh_refused(
		&daemon, first.refresh,
		"this refresh token was used before: the session was ended, because somebody else may have it; sign "
		"in again");
	expect_refused(&daemon, "GET /api/auth/me", third.bearer, NULL, 401, "UNAUTHORIZED", UNKNOWN);
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
	expect_refused(&daemon, "POST /api/auth/refresh", NULL, "{\"refresh_token\":\"x\",\"nonce\":\"short\"}", 422,
		       "VALIDATION_ERROR", "'nonce' must have 16 to 128 characters, made by chance");
	refresh(&second, &daemon, first.refresh, nonce);
	daemon_stop(&daemon, SIGTERM);
	daemon_start_again(&daemon);
	refresh(&same, &daemon, first.refresh, nonce);
	CHECK(!strcmp(same.bearer, second.bearer) && !strcmp(same.refresh, second.refresh), "other tokens: %s %s",
	      same.bearer, second.bearer);
	expect_has(&daemon, "GET /api/auth/me", second.bearer, NULL, 200, "\"name\":\"ada\"");
	tokens_release(&same);
	expect_refused(&daemon, "POST /api/auth/refresh", NULL,
		       "{\"refresh_token\":\"none\",\"nonce\":\"another that is long\"}", 401, "UNAUTHORIZED",
		       "this session is over: sign in again");
	refresh_refused(
		&daemon, first.refresh,
		"this refresh token was used before: the session was ended, because somebody else may have it; sign "
		"in again");
	expect_refused(&daemon, "GET /api/auth/me", second.bearer, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	tokens_release(&first);
	tokens_release(&second);
	daemon_remove(&daemon);
}

/* --- registering ------------------------------------------------------------------------------------------------------ */

static void test_invitations(void)
{
	char *admin, *code, *id, *body, *target;
	struct tokens tokens;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, "judge.enabled = false\n"); /* by invitation, when nothing else is said */
	expect_refused(&daemon, "POST /api/auth/register", NULL, "{\"name\":\"ada\",\"password\":\"first of all\"}",
		       403, "FORBIDDEN", "registering needs an invitation: ask your instructor for its code");
	expect_refused(&daemon, "POST /api/auth/register", NULL,
		       "{\"name\":\"ada\",\"password\":\"first of all\",\"invitation\":\"ABCD-EFGH-JKLM\"}", 404,
		       "NOT_FOUND", "this invitation is not known, used up or over: ask for another");
	admin = signed_in(&daemon, "root", "admin");
	expect_refused(&daemon, "POST /api/invitations", admin, "{\"role\":\"ADMIN\"}", 422, "VALIDATION_ERROR",
		       "'role' must be STUDENT or INSTRUCTOR");
	expect_refused(&daemon, "POST /api/invitations", admin, "{\"uses\":0}", 422, "VALIDATION_ERROR",
		       "'uses' must be 1 to 10000");
	body = kl_format("%s%s", admin, JSON);
	ask(&reply, &daemon, "POST /api/invitations", body, "{\"role\":\"INSTRUCTOR\",\"note\":\"for Bob\"}");
	check_has(&reply, 201, "\"role\":\"INSTRUCTOR\",\"uses\":1,\"used\":0,");
	code = member_of(reply.body, "code");
	id = member_of(reply.body, "id");
	reply_release(&reply);
	free(body);
	expect_has(&daemon, "GET /api/invitations", admin, NULL, 200, "\"note\":\"for Bob\"");
	for (char *at = code; *at; at++) /* as a person types it */
		*at = *at == '-' ? ' ' : *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	body = kl_format("{\"name\":\"bob\",\"password\":\"second of all\",\"invitation\":\"%s\"}", code);
	take_tokens(&tokens, &daemon, "POST /api/auth/register", body, 201);
	expect_has(&daemon, "GET /api/auth/me", tokens.bearer, NULL, 200, "\"role\":\"INSTRUCTOR\"");
	free(body);
	body = kl_format("{\"name\":\"eve\",\"password\":\"second of all\",\"invitation\":\"%s\"}", code);
	expect_refused(&daemon, "POST /api/auth/register", NULL, body, 404, "NOT_FOUND",
		       "this invitation is not known, used up or over: ask for another");
	target = kl_format("DELETE /api/invitations/%s", id);
	expect_has(&daemon, target, admin, NULL, 200, "{\"success\":true,\"data\":{\"removed\":true}}");
	expect_refused(&daemon, target, admin, NULL, 404, "NOT_FOUND",
		       "there is no such thing, or it is not yours to see");
	expect_has(&daemon, "GET /api/invitations", admin, NULL, 200, "{\"success\":true,\"data\":[]}");
	daemon_stop(&daemon, SIGTERM);
	daemon_configure(&daemon, "accounts.registration = closed\njudge.enabled = false\n");
	daemon_start_again(&daemon);
	expect_refused(&daemon, "POST /api/auth/register", NULL, body, 403, "FORBIDDEN",
		       "nobody can register here: ask the administrator for an account");
	tokens_release(&tokens);
	daemon_remove(&daemon);
	free(target);
	free(body);
	free(code);
	free(id);
	free(admin);
}

/* Two take one name at the same time: who comes second has his invitation still. */
static void test_same_name_at_once(void)
{
	char *admin, *headers, *code, *body, *text;
	struct daemon daemon;
	struct reply reply;
	int fds[2], made = 0;

	daemon_start(&daemon, "judge.enabled = false\naccounts.hash_kib = 65536\naccounts.hash_workers = 1\n");
	admin = signed_in(&daemon, "root", "admin");
	headers = kl_format("%s%s", admin, JSON);
	ask(&reply, &daemon, "POST /api/invitations", headers, "{\"uses\":2}");
	code = member_of(reply.body, "code");
	reply_release(&reply);
	body = kl_format("{\"name\":\"bob\",\"password\":\"second of all\",\"invitation\":\"%s\"}", code);
	text = kl_format("POST /api/auth/register HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" JSON
			 "Content-Length: %zu\r\n\r\n%s",
			 strlen(body), body);
	for (size_t i = 0; i < 2; i++) {
		fds[i] = client_connect(&daemon);
		client_text(fds[i], text);
	}
	for (size_t i = 0; i < 2; i++) {
		client_read(&reply, fds[i]);
		made += reply.status == 201;
		CHECK(reply.status == 201 || (reply.status == 409 && strstr(reply.body, "this name is taken")), "%d %s",
		      reply.status, reply.body);
		reply_release(&reply);
		close(fds[i]);
	}
	CHECK(made == 1, "%d were made", made);
	expect_has(&daemon, "GET /api/invitations", admin, NULL, 200, "\"uses\":2,\"used\":1,");
	daemon_remove(&daemon);
	free(text);
	free(body);
	free(code);
	free(headers);
	free(admin);
}

/* A10: one person, one name; what cannot be seen or is taken for something else is no name. */
static void test_names(void)
{
	/* clang-format off */
	static const struct { const char *name, *display; int status; const char *code, *message; } cases[] = {
		{ "ADA", "", 409, "CONFLICT", "this name is taken, or looks like one that is: choose another" },
		{ "\xef\xbd\x81\xef\xbd\x84\xef\xbd\x81", "", 409, "CONFLICT", "this name is taken, or looks like one that is: choose another" }, /* full width */
		{ "b0b1", "", 409, "CONFLICT", "this name is taken, or looks like one that is: choose another" },
		{ "\xd0\xb0" "da", "", 422, "VALIDATION_ERROR", "a name has 1 to 64 letters (a-z), digits and ._@-, and begins with a letter or digit" }, /* Cyrillic a */
		{ "ada\\u0000x", "", 400, "BAD_REQUEST", "the body is no JSON" },
		{ "ada\\u0007", "", 422, "VALIDATION_ERROR", "a name has 1 to 64 letters (a-z), digits and ._@-, and begins with a letter or digit" },
		{ "ada\\u200b", "", 422, "VALIDATION_ERROR", "a name has 1 to 64 letters (a-z), digits and ._@-, and begins with a letter or digit" },
		{ "@root", "", 422, "VALIDATION_ERROR", "a name has 1 to 64 letters (a-z), digits and ._@-, and begins with a letter or digit" },
		{ "eve", "\\u202eadA", 422, "VALIDATION_ERROR", "the display name has a character that cannot be seen" },
		{ "eve", "a\\u001b[2Jb", 422, "VALIDATION_ERROR", "the display name has a character that cannot be seen" },
		{ "eve", "\xd0\x90" "da", 422, "VALIDATION_ERROR", "the display name mixes letters of alphabets that look alike" },
		{ "eve", "e\\u0301\\u0301\\u0301\\u0301\\u0301", 422, "VALIDATION_ERROR", "the display name has too many accents on one letter" },
	};
	/* clang-format on */
	struct tokens tokens;
	struct daemon daemon;

	daemon_start(&daemon, OPEN);
	take_tokens(&tokens, &daemon, "POST /api/auth/register", "{\"name\":\"ada\",\"password\":\"first of all\"}",
		    201);
	tokens_release(&tokens);
	take_tokens(&tokens, &daemon, "POST /api/auth/register", "{\"name\":\"bobl\",\"password\":\"first of all\"}",
		    201);
	tokens_release(&tokens);
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		char *body = kl_format("{\"name\":\"%s\",\"display\":\"%s\",\"password\":\"second of all\"}",
				       cases[i].name, cases[i].display);

		expect_refused(&daemon, "POST /api/auth/register", NULL, body, cases[i].status, cases[i].code,
			       cases[i].message);
		free(body);
	}
	take_tokens(
		&tokens, &daemon, "POST /api/auth/register",
		"{\"name\":\"ren\",\"display\":\" \xe9\x88\xb4\xe6\x9c\xa8 Re\xcc\x81n\",\"password\":\"first of all\"}",
		201);
	expect_has(&daemon, "GET /api/auth/me", tokens.bearer, NULL, 200,
		   "\"display\":\"\xe9\x88\xb4\xe6\x9c\xa8 R\xc3\xa9n\"");
	tokens_release(&tokens);
	/* a name that only looks like his is not his */
	expect_refused(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"b0bl\",\"password\":\"first of all\"}", 401,
		       "UNAUTHORIZED", WRONG);
	daemon_remove(&daemon);
}

/* --- passwords -------------------------------------------------------------------------------------------------------- */

static void test_password(void)
{
	struct tokens ada, other;
	struct daemon daemon;

	daemon_start(&daemon, OPEN);
	expect_refused(&daemon, "POST /api/auth/register", NULL, "{\"name\":\"ada\",\"password\":\"short\"}", 422,
		       "VALIDATION_ERROR", "a password has at least 8 characters: take three or four words");
	expect_refused(&daemon, "POST /api/auth/register", NULL,
		       "{\"name\":\"adalovelace\",\"password\":\"AdaLovelace\"}", 422, "VALIDATION_ERROR",
		       "the password must not be the name");
	/* the same letters, by one keyboard and by another */
	take_tokens(&ada, &daemon, "POST /api/auth/register", "{\"name\":\"ada\",\"password\":\"caf\xc3\xa9 noir\"}",
		    201);
	take_tokens(&other, &daemon, "POST /api/auth/login", "{\"name\":\"ada\",\"password\":\"cafe\xcc\x81 noir\"}",
		    200);
	expect_refused(&daemon, "POST /api/auth/password", ada.bearer,
		       "{\"old\":\"caf\xc3\xa9 blanc\",\"new\":\"second of all\"}", 403, "FORBIDDEN",
		       "the old password is wrong");
	expect_has(&daemon, "POST /api/auth/password", ada.bearer,
		   "{\"old\":\"caf\xc3\xa9 noir\",\"new\":\"second of all\"}", 200,
		   "{\"success\":true,\"data\":{\"changed\":true}}");
	expect_has(&daemon, "GET /api/auth/me", ada.bearer, NULL, 200, "\"name\":\"ada\"");
	expect_refused(&daemon, "GET /api/auth/me", other.bearer, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	expect_refused(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"ada\",\"password\":\"caf\xc3\xa9 noir\"}",
		       401, "UNAUTHORIZED", WRONG);
	tokens_release(&other);
	take_tokens(&other, &daemon, "POST /api/auth/login", "{\"name\":\"ada\",\"password\":\"second of all\"}", 200);
	tokens_release(&ada);
	tokens_release(&other);
	daemon_remove(&daemon);
}

static char *id_of(const struct daemon *daemon, const char *bearer)
{
	struct reply reply;
	char *id;

	ask(&reply, daemon, "GET /api/auth/me", bearer, NULL);
	check_has(&reply, 200, "\"id\":\"");
	id = member_of(reply.body, "id");
	reply_release(&reply);
	return id;
}

static void test_reset(void)
{
	static const char gone[] = "this code is not good for that name, or over: ask for another";
	char *admin, *ada, *id, *target, *code, *body;
	struct tokens tokens;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, OPEN);
	admin = signed_in(&daemon, "root", "admin");
	ada = signed_in(&daemon, "ada", "student");
	id = id_of(&daemon, ada);
	target = kl_format("POST /api/users/%s/reset-code", id);
	expect_refused(&daemon, target, ada, NULL, 404, "NOT_FOUND",
		       "there is no such thing, or it is not yours to see");
	ask(&reply, &daemon, target, admin, NULL);
	check_has(&reply, 201, "\"code\":\"");
	code = member_of(reply.body, "code");
	reply_release(&reply);
	expect_refused(&daemon, "POST /api/auth/reset", NULL,
		       "{\"name\":\"ada\",\"code\":\"ABCD-EFGH-JKLM\",\"new\":\"second of all\"}", 401, "UNAUTHORIZED",
		       gone);
	body = kl_format("{\"name\":\"root\",\"code\":\"%s\",\"new\":\"second of all\"}", code);
	expect_refused(&daemon, "POST /api/auth/reset", NULL, body, 401, "UNAUTHORIZED", gone);
	free(body);
	body = kl_format("{\"name\":\"nobody\",\"code\":\"%s\",\"new\":\"second of all\"}", code);
	expect_refused(&daemon, "POST /api/auth/reset", NULL, body, 401, "UNAUTHORIZED", gone);
	free(body);
	body = kl_format("{\"name\":\"ada\",\"code\":\"%s\",\"new\":\"second of all\"}", code);
	take_tokens(&tokens, &daemon, "POST /api/auth/reset", body, 200);
	expect_refused(&daemon, "GET /api/auth/me", ada, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	expect_refused(&daemon, "POST /api/auth/reset", NULL, body, 401, "UNAUTHORIZED", gone);
	tokens_release(&tokens);
	take_tokens(&tokens, &daemon, "POST /api/auth/login", "{\"name\":\"ada\",\"password\":\"second of all\"}", 200);
	tokens_release(&tokens);
	daemon_remove(&daemon);
	free(body);
	free(code);
	free(target);
	free(id);
	free(ada);
	free(admin);
}

/* --- sessions ---------------------------------------------------------------------------------------------------------- */

static int send_json(const struct daemon *daemon, const char *target, const char *headers, const char *body)
{
	char *text =
		kl_format("%s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n%s" JSON "Content-Length: %zu\r\n\r\n%s",
			  target, headers, strlen(body), body);
	int fd = client_connect(daemon);

	client_text(fd, text);
	free(text);
	return fd;
}

static void answered(int fd, int status, const char *part)
{
	struct reply reply;

	client_read(&reply, fd);
	check_has(&reply, status, part);
	reply_release(&reply);
	close(fd);
}

/* The old password is looked at while the new one is being set: it lets nobody in any more, and sets no other one. */
static void test_password_meanwhile(void)
{
	static const char slow[] =
		OPEN "accounts.hash_kib = 32768\naccounts.hash_passes = 4\naccounts.hash_workers = 1\n";
	static const char old[] = "{\"name\":\"ada\",\"password\":\"" PASSWORD "\"}";
	static const char change[] = "{\"old\":\"" PASSWORD "\",\"new\":\"the thief's one\"}";
	char *admin, *ada, *id, *target, *code, *body;
	struct daemon daemon;
	struct reply reply;
	int reset, signing_in, changing;

	daemon_start(&daemon, slow);
	admin = signed_in(&daemon, "root", "admin");
	ada = signed_in(&daemon, "ada", "student");
	id = id_of(&daemon, ada);
	target = kl_format("POST /api/users/%s/reset-code", id);
	ask(&reply, &daemon, target, admin, NULL);
	code = member_of(reply.body, "code");
	reply_release(&reply);
	body = kl_format("{\"name\":\"ada\",\"code\":\"%s\",\"new\":\"hers alone\"}", code);
	changing = send_json(&daemon, "POST /api/auth/password", ada, change);
	reset = send_json(&daemon, "POST /api/auth/reset", "", body);
	signing_in = send_json(&daemon, "POST /api/auth/login", "", old);
	answered(reset, 200, "\"token\":\"kls_");
	answered(signing_in, 401, WRONG);
	answered(changing, 403, "the old password is wrong");
	expect_has(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"ada\",\"password\":\"hers alone\"}", 200,
		   "\"name\":\"ada\"");
	daemon_remove(&daemon);
	free(admin);
	free(ada);
	free(id);
	free(target);
	free(code);
	free(body);
}

static void test_sessions(void)
{
	char *ada, *bob, *second, *id, *target, *token;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, OPEN);
	ada = signed_in(&daemon, "ada", "student");
	bob = signed_in(&daemon, "bob", "student");
	ask(&reply, &daemon, "POST /api/auth/login", JSON,
	    "{\"name\":\"ada\",\"password\":\"" PASSWORD "\",\"device\":\"lab-pc-12\"}");
	token = member_of(reply.body, "token");
	second = kl_format("Authorization: bearer  %s\r\n", token);
	reply_release(&reply);
	expect_has(&daemon, "GET /api/users/me/sessions", ada, NULL, 200,
		   "\"device\":\"a terminal\",\"from\":\"127.0.0.1\"");
	ask(&reply, &daemon, "GET /api/users/me/sessions", second, NULL);
	check_has(&reply, 200, "\"this\":true},{\"id\":\""); /* the newest first */
	check_has(&reply, 200, "[{\"id\":\"");
	id = member_of(reply.body, "id");
	reply_release(&reply);
	target = kl_format("DELETE /api/users/me/sessions/%s", id);
	expect_refused(&daemon, target, bob, NULL, 404, "NOT_FOUND",
		       "there is no such thing, or it is not yours to see");
	expect_has(&daemon, target, ada, NULL, 200, "{\"success\":true,\"data\":{\"ended\":true}}");
	expect_refused(&daemon, "GET /api/auth/me", second, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	expect_refused(&daemon, target, ada, NULL, 404, "NOT_FOUND",
		       "there is no such thing, or it is not yours to see");
	expect_has(&daemon, "PUT /api/users/me/profile", ada, "{\"display\":\"Ada L.\"}", 200,
		   "\"display\":\"Ada L.\"");
	expect_has(&daemon, "PUT /api/users/me/profile", ada, "{\"email\":\"ada@example.org\"}", 200,
		   "\"display\":\"Ada L.\",\"role\":\"STUDENT\",\"email\":\"ada@example.org\"");
	expect_has(&daemon, "GET /api/users/me/profile", ada, NULL, 200, "\"email\":\"ada@example.org\"");
	daemon_remove(&daemon);
	free(target);
	free(token);
	free(id);
	free(second);
	free(bob);
	free(ada);
}

/* --- the command line ---------------------------------------------------------------------------------------------------- */

static void test_command(void)
{
	char *text, *database;
	struct daemon daemon;
	struct stat st;

	daemon_prepare(&daemon, OPEN);
	if (geteuid() == 0) /* root makes nothing in the folder that its owner could not write */
		CHECK(chown(daemon.folder, 61500, 61500) == 0, "chown");
	CHECK(daemon_command(&daemon, "user add ada --role king", PASSWORD "\n", &text) == 3 &&
		      !strcmp(text, "kodelabd: a role is student, instructor or admin, not 'king'\n"),
	      "%s", text);
	free(text);
	CHECK(daemon_command(&daemon, "user add ada", "", &text) == 3 &&
		      !strcmp(text,
			      "kodelabd: the password is read from the standard input, as one line: there was none\n"),
	      "%s", text);
	free(text);
	CHECK(daemon_command(&daemon, "user", NULL, &text) == 2 && strstr(text, "usage: kodelabd user add NAME"), "%s",
	      text);
	free(text);
	CHECK(daemon_command(&daemon, "user role ada admin", NULL, &text) == 3 &&
		      !strcmp(text, "kodelabd: there is no user 'ada': 'kodelabd user list' shows who there is\n"),
	      "%s", text);
	free(text);
	CHECK(!daemon_command(&daemon, "user add ada --role Admin", PASSWORD "\n", &text) &&
		      !strcmp(text, "ada may sign in now\n"),
	      "%s", text);
	free(text);
	database = kl_path_join(daemon.folder, "kodelabd.db");
	CHECK(stat(database, &st) == 0 && (geteuid() != 0 || st.st_uid == 61500), "%s is of %u", database,
	      (unsigned)st.st_uid);
	CHECK(!daemon_command(&daemon, "user list", NULL, &text) &&
		      strstr(text, "ada                      ADMIN      active\n"),
	      "%s", text);
	free(text);
	free(database);
	daemon_remove(&daemon);
}

/* JSON that is no object, from somebody unknown. */
static void test_bodies(void)
{
	static const char *const others[] = { "[1]", "[]", "\"name\"", "17", "null", "true", "[{\"name\":\"ada\"}]" };
	struct daemon daemon = { .port = 0 };

	daemon_start(&daemon, NULL);
	for (size_t i = 0; i < KL_LENGTH(others); i++) {
		expect_refused(&daemon, "POST /api/auth/login", NULL, others[i], 422, "VALIDATION_ERROR",
			       "the body must be a JSON object");
		expect_refused(&daemon, "POST /api/auth/device", NULL, others[i], 422, "VALIDATION_ERROR",
			       "the body must be a JSON object");
	}
	daemon_remove(&daemon);
}

const struct test accounts_tests[] = {
	{ "accounts_bodies", test_bodies },
	{ "accounts_sign_in", test_sign_in },
	{ "A07_reuse_of_a_refresh_token", test_reuse },
	{ "accounts_refresh_again", test_refresh_again },
	{ "same_name_at_once", test_same_name_at_once },
	{ "accounts_invitations", test_invitations },
	{ "A10_names", test_names },
	{ "accounts_password", test_password },
	{ "accounts_reset", test_reset },
	{ "accounts_old_password_meanwhile", test_password_meanwhile },
	{ "accounts_sessions", test_sessions },
	{ "accounts_command", test_command },
	{ NULL, NULL },
};
