/*
 * Keys of judges elsewhere in the class server: who may do what, what is told, what is never told. The judge elsewhere is
 * a second kodelabd that wants a token.
 */

#include <dirent.h>
#include <signal.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/crypto.h>
#include <kodelab/file.h>
#include <kodelab/keypool.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_keys.h>

#include "tests/server/harness.h"

#define ADMIN     "the-administrators-token"
#define CONFIG    "authz.tokens = " ADMIN "\njudge.enabled = false\n"
#define REFUSED   "{\"success\":false,\"error\":{\"message\":\"%s\",\"code\":\"%s\",\"details\":{}}}"
#define UNKNOWN   "sign in first: 'kodelab login', or send Authorization: Bearer TOKEN"
#define NO_KEY    "there is no such key of yours: GET /api/keys lists them"
#define KEY_CHARS 40
#define AS(user)  "X-Auth-User: " ADMIN "\r\nX-KodeLab-User: " user "\r\n"

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* user NULL: the administrator himself. */
static void api(struct reply *out, const struct daemon *daemon, const char *target, const char *user, const char *body)
{
	char *headers = kl_format("X-Auth-User: " ADMIN "\r\n%s%s%s%s", user ? "X-KodeLab-User: " : "",
				  user ? user : "", user ? "\r\n" : "", body ? JSON : "");

	ask(out, daemon, target, headers, body);
	free(headers);
}

static void expect(const struct daemon *daemon, const char *target, const char *user, const char *body, int status,
		   const char *part)
{
	struct reply reply;

	api(&reply, daemon, target, user, body);
	CHECK(reply.status == status && strstr(reply.body, part), "%s %s\n  expected %d %s\n       got %d %s", target,
	      body ? body : "", status, part, reply.status, reply.body);
	reply_release(&reply);
}

static void refused(const struct daemon *daemon, const char *target, const char *user, const char *body, int status,
		    const char *code, const char *message)
{
	char *whole = kl_format(REFUSED, message, code);
	struct reply reply;

	api(&reply, daemon, target, user, body);
	check_is(&reply, status, whole);
	reply_release(&reply);
	free(whole);
}

/* The text between mark and the next quote; owned by the caller. */
static char *part_of(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	CHECK(at, "no %s in %s", mark, text);
	at += strlen(mark);
	return kl_strndup(at, strcspn(at, "\""));
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

/* By chance, so that it stands nowhere but where it was sent. */
static void make_key(char key[KEY_CHARS + 1])
{
	unsigned char dice[KEY_CHARS];

	kl_random(dice, sizeof(dice));
	for (size_t i = 0; i < KEY_CHARS; i++)
		key[i] = (char)('a' + dice[i] % 26);
	key[KEY_CHARS] = '\0';
}

static void add_instance(const struct daemon *daemon, const char *name, int port)
{
	char *body =
		kl_format("{\"name\":\"%s\",\"kind\":\"self-hosted\",\"url\":\"http://127.0.0.1:%d\"}", name, port);

	expect(daemon, "POST /api/instances", NULL, body, 201, "{\"success\":true,\"data\":{\"name\":\"");
	free(body);
}

/* extra: further members, beginning with a comma. The id; owned by the caller. */
static char *give(const struct daemon *daemon, const char *user, const char *secret, enum kl_key_share share,
		  const char *extra)
{
	char *body = kl_format("{\"instance\":\"far\",\"key\":\"%s\",\"share\":\"%s\",\"consent\":\"%s\"%s}", secret,
			       kl_key_share_word(share), kl_keypool_consent(share), extra);
	struct reply reply;
	char *id;

	api(&reply, daemon, "POST /api/keys", user, body);
	check_has(&reply, 201, "{\"success\":true,\"data\":{\"id\":\"");
	CHECK(!strstr(reply.body, secret), "the answer has the key: %s", reply.body);
	id = part_of(reply.body, "\"id\":\"");
	reply_release(&reply);
	free(body);
	return id;
}

/* --- who may ------------------------------------------------------------------------------------------------------ */

static void test_refusals(void)
{
	static const char *const tokens[] = { NULL, "X-Auth-User: wrong\r\n", "X-Auth-User: \r\n",
					      "X-Auth-User: " ADMIN "x\r\n", "X-Auth-Token: " ADMIN "\r\n" };
	static const char *const targets[] = {
		"GET /api/keys",    "POST /api/keys", "POST /api/admin/validate-keys", "DELETE /api/instances/far",
		"GET /api/nowhere", "GET /api",       "POST /api/keys/a/b/c"
	};
	char *unknown = kl_format(REFUSED, UNKNOWN, "UNAUTHORIZED");
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, CONFIG);
	for (size_t i = 0; i < KL_LENGTH(tokens); i++) {
		for (size_t j = 0; j < KL_LENGTH(targets); j++) {
			ask(&reply, &daemon, targets[j], tokens[i], NULL);
			check_is(&reply, 401, unknown);
			reply_release(&reply);
		}
	}
	refused(&daemon, "GET /api/nowhere", NULL, NULL, 404, "NOT_FOUND",
		"there is nothing here: docs/openapi.yaml lists the routes");
	refused(&daemon, "GET /api/keys", "../etc", NULL, 400, "BAD_REQUEST",
		"X-KodeLab-User names no user: 1 to 64 letters, digits and ._@-, the first a letter or digit");
	refused(&daemon, "GET /api/keys", "@platform", NULL, 400, "BAD_REQUEST",
		"X-KodeLab-User names no user: 1 to 64 letters, digits and ._@-, the first a letter or digit");
	refused(&daemon, "POST /api/keys", "ada", "{\"key\":", 400, "BAD_REQUEST", "the body is no JSON");
	for (size_t i = 0; i < 4; i++)
		refused(&daemon,
			(const char *const[]){ "POST /api/instances", "DELETE /api/instances/far",
					       "POST /api/instances/far/probe", "POST /api/holds" }[i],
			"ada", NULL, 403, "FORBIDDEN",
			"only administrators of the class server can do this; ask one of them");
	refused(&daemon, "POST /api/instances/far/probe", NULL, NULL, 404, "NOT_FOUND",
		"there is no such instance: GET /api/instances lists them");
	refused(&daemon, "DELETE /api/instances/far", NULL, NULL, 404, "NOT_FOUND",
		"there is no such instance: GET /api/instances lists them");
	add_instance(&daemon, "twin", 1);
	refused(&daemon, "POST /api/instances", NULL, "{\"name\":\"twin\",\"url\":\"http://127.0.0.1:1\"}", 409,
		"CONFLICT", "there is an instance of this name: remove it first");
	refused(&daemon, "DELETE /api/keys/none", "ada", NULL, 404, "NOT_FOUND", NO_KEY);
	refused(&daemon, "PUT /api/keys/none", "ada", "{}", 422, "VALIDATION_ERROR",
		"nothing to change: send 'share' or 'suspended'");
	refused(&daemon, "POST /api/keys", "ada", "{\"share\":\"all\"}", 422, "VALIDATION_ERROR",
		"'share' must be private, pool or backup");
	refused(&daemon, "POST /api/keys", "ada", "{\"key\":7}", 422, "VALIDATION_ERROR", "'key' must be a text");
	refused(&daemon, "POST /api/keys", "ada", "{\"daily_limit\":1.5,\"share\":\"pool\"}", 422, "VALIDATION_ERROR",
		"'daily_limit' must be a whole number, 0 or more");
	refused(&daemon, "POST /api/keys", "ada", "{\"shared\":\"pool\"}", 422, "VALIDATION_ERROR",
		"'shared' is not known here: leave it out");
	refused(&daemon, "PUT /api/keys/none", "ada", "{\"share\":\"private\",\"suspended\":1}", 422,
		"VALIDATION_ERROR", "'suspended' must be true or false");
	refused(&daemon, "POST /api/instances", NULL, "{\"address\":\"http://127.0.0.1:1\"}", 422, "VALIDATION_ERROR",
		"'address' is not known here: leave it out");
	refused(&daemon, "POST /api/holds", NULL, "{\"until\":\"tomorrow\"}", 422, "VALIDATION_ERROR",
		"'until' is not known here: leave it out");
	refused(&daemon, "POST /api/holds", NULL, "{\"from\":\"tomorrow\"}", 422, "VALIDATION_ERROR",
		"'from' must be a time such as 2026-11-20T11:34:01Z");
	daemon_remove(&daemon);
	free(unknown);
}

static void test_consent(void)
{
	char *body =
		kl_format("{\"instance\":\"far\",\"key\":\"0123456789abcdef\",\"share\":\"pool\",\"consent\":\"%s\"}",
			  kl_keypool_consent(KL_KEY_PRIVATE));
	char *whole = kl_format(
		"{\"success\":false,\"error\":{\"message\":\"a key is only taken with its owner's consent: show "
		"the text in details, and send it back as 'consent' once it is agreed to\",\"code\":"
		"\"FORBIDDEN\",\"details\":{\"consent\":\"%s\"}}}",
		kl_keypool_consent(KL_KEY_POOL));
	struct daemon daemon;
	struct reply reply;
	char *id, *target;

	daemon_start(&daemon, CONFIG);
	add_instance(&daemon, "far", 1);
	api(&reply, &daemon, "POST /api/keys", "ada", body); /* the text of another share */
	check_is(&reply, 403, whole);
	reply_release(&reply);
	expect(&daemon, "GET /api/keys", "ada", NULL, 200, "{\"success\":true,\"data\":[]}");
	expect(&daemon, "GET /api/keys/consent", "ada", NULL, 200, kl_keypool_consent(KL_KEY_POOL));
	id = give(&daemon, "ada", "0123456789abcdef", KL_KEY_PRIVATE, "");
	target = kl_format("PUT /api/keys/%s", id);
	api(&reply, &daemon, target, "ada", "{\"share\":\"pool\"}");
	check_is(&reply, 403, whole);
	reply_release(&reply);
	expect(&daemon, "GET /api/keys", "ada", NULL, 200, "\"share\":\"private\"");
	daemon_remove(&daemon);
	free(target);
	free(id);
	free(whole);
	free(body);
}

/* --- an owner's keys ---------------------------------------------------------------------------------------------- */

static void test_own(void)
{
	char secret[KEY_CHARS + 1], *last4, *id, *target, *whole;
	struct daemon daemon;
	struct reply reply;

	make_key(secret);
	last4 = kl_format("\"last4\":\"%s\"", secret + KEY_CHARS - 4);
	daemon_start(&daemon, CONFIG "keys.daily_limit = 20\nkeys.reserve = 3\n");
	add_instance(&daemon, "far", 1);
	id = give(&daemon, "ada", secret, KL_KEY_POOL, ",\"label\":\"mine\"");
	refused(&daemon, "DELETE /api/profile/judge0-key", "bob", NULL, 404, "NOT_FOUND", NO_KEY);
	expect(&daemon, "GET /api/keys", "ada", NULL, 200, last4);
	expect(&daemon, "GET /api/keys", "ada", NULL, 200,
	       "\"share\":\"pool\",\"daily_limit\":20,\"reserve\":3,\"used_today\":0");
	expect(&daemon, "GET /api/keys", "bob", NULL, 200, "\"data\":[]");
	expect(&daemon, "GET /api/keys", NULL, NULL, 200, "\"data\":[]"); /* the platform's, not everybody's */
	api(&reply, &daemon, "GET /api/keys/pool", NULL, NULL);
	check_has(&reply, 200, "\"owner\":\"ada\",\"state\":\"active\"");
	CHECK(!strstr(reply.body, secret + KEY_CHARS - 4) && !strstr(reply.body, "mine"), "too much is told: %s",
	      reply.body);
	reply_release(&reply);
	api(&reply, &daemon, "GET /api/keys/pool", "bob", NULL);
	check_has(&reply, 200, "{\"keys\":{\"active\":1,\"exhausted\":0,\"invalid\":0,\"suspended\":0},\"limit\":20,");
	CHECK(!strstr(reply.body, "ada"), "an owner is told to others: %s", reply.body);
	reply_release(&reply);

	whole = kl_format("{\"instance\":\"far\",\"key\":\"%s\",\"share\":\"pool\",\"consent\":\"%s\"}", secret,
			  kl_keypool_consent(KL_KEY_POOL));
	refused(&daemon, "POST /api/keys", "ada", whole, 409, "CONFLICT",
		"this key is there already: GET /api/keys lists it");
	target = kl_format("PUT /api/keys/%s", id);
	refused(&daemon, target, "bob", "{\"suspended\":true}", 404, "NOT_FOUND", NO_KEY);
	expect(&daemon, target, "ada", "{\"suspended\":true}", 200, "\"changed\":true");
	expect(&daemon, "GET /api/keys", "ada", NULL, 200,
	       "\"state\":\"suspended\",\"why\":\"is held back by its owner\"");
	expect(&daemon, target, "ada", "{\"suspended\":false,\"share\":\"private\"}", 200, "\"changed\":true");
	expect(&daemon, "GET /api/keys", "ada", NULL, 200, "\"state\":\"active\",\"why\":\"\",\"share\":\"private\"");
	daemon_stop(&daemon, SIGTERM);
	daemon_start_again(&daemon);
	expect(&daemon, "GET /api/keys", "ada", NULL, 200, last4);
	expect(&daemon, "DELETE /api/profile/judge0-key", "ada", NULL, 200, "\"removed\":true}");
	expect(&daemon, "GET /api/keys", "ada", NULL, 200, "\"data\":[]");
	expect(&daemon, "POST /api/profile/judge0-key", "ada", whole, 201, last4);
	expect(&daemon, "POST /api/admin/validate-keys", NULL, NULL, 200, "\"data\":{\"started\":1}");
	daemon_remove(&daemon);
	free(whole);
	free(target);
	free(last4);
	free(id);
}

static void test_holds(void)
{
	static const char hold[] =
		"{\"instance\":\"far\",\"exam\":\"algebra\",\"from\":\"2026-11-20T10:00:00Z\",\"to\":"
		"\"2026-11-20T12:00:00.000Z\",\"requests\":30}";
	struct daemon daemon;
	struct reply reply;
	char *id, *target;

	daemon_start(&daemon, CONFIG);
	refused(&daemon, "POST /api/holds", NULL, hold, 404, "NOT_FOUND",
		"there is no instance of the name in 'instance': GET /api/instances lists them");
	add_instance(&daemon, "far", 1);
	api(&reply, &daemon, "POST /api/holds", NULL, hold);
	check_has(&reply, 201,
		  "\"instance\":\"far\",\"exam\":\"algebra\",\"from\":\"2026-11-20T10:00:00.000Z\",\"to\":"
		  "\"2026-11-20T12:00:00.000Z\",\"requests\":30,\"used\":0}}");
	id = part_of(reply.body, "\"id\":\"");
	reply_release(&reply);
	expect(&daemon, "GET /api/holds", NULL, NULL, 200, "\"data\":[{\"id\":\"");
	target = kl_format("DELETE /api/holds/%s", id);
	expect(&daemon, target, NULL, NULL, 200, "\"removed\":true");
	expect(&daemon, "GET /api/holds", NULL, NULL, 200, "\"data\":[]");
	daemon_remove(&daemon);
	free(target);
	free(id);
}

/* --- is a key good? ----------------------------------------------------------------------------------------------- */

static void test_validation(void)
{
	char good[KEY_CHARS + 1], *config, *id, *bad, *target;
	struct daemon far, daemon;

	make_key(good);
	config = kl_format("authn.tokens = %s\njudge.enabled = false\n", good);
	daemon_start(&far, config);
	daemon_start(&daemon, CONFIG);
	add_instance(&daemon, "far", far.port);
	id = give(&daemon, "ada", good, KL_KEY_POOL, "");
	bad = give(&daemon, "bob", "this-key-was-never-right", KL_KEY_POOL, "");
	expect(&daemon, "POST /api/notices/take", "ada", NULL, 200, "\"data\":[]");

	target = kl_format("POST /api/keys/%s/validate", id);
	refused(&daemon, target, "bob", NULL, 404, "NOT_FOUND", NO_KEY);
	expect(&daemon, target, "ada", NULL, 200, "\"verdict\":\"works\",\"message\":\"the key works\"}}");
	expect(&daemon, "POST /api/notices/take", "ada", NULL, 200,
	       "\"event\":\"validated\",\"text\":\"your key for 'far' was tried and works\"");
	expect(&daemon, "POST /api/notices/take", "ada", NULL, 200, "\"data\":[]"); /* told once */
	free(target);
	target = kl_format("POST /api/keys/%s/validate", bad);
	expect(&daemon, target, NULL, NULL, 200, "\"verdict\":\"refused\"");
	expect(&daemon, "GET /api/keys", "bob", NULL, 200, "\"state\":\"invalid\"");
	expect(&daemon, "POST /api/notices/take", "bob", NULL, 200,
	       "\"event\":\"failed\",\"text\":\"your key for 'far' is refused by its provider (401): it is wrong or was "
	       "withdrawn\"");

	daemon_stop(&far, SIGTERM); /* nobody there: nothing is said about the key */
	free(target);
	target = kl_format("POST /api/keys/%s/validate", id);
	expect(&daemon, target, "ada", NULL, 200, "\"verdict\":\"unknown\"");
	expect(&daemon, "GET /api/keys", "ada", NULL, 200, "\"state\":\"active\"");
	daemon_remove(&daemon);
	daemon_remove(&far);
	free(target);
	free(config);
	free(id);
	free(bad);
}

/* By itself, one after the other; what was not tried yet is due. */
static void test_daily(void)
{
	char good[KEY_CHARS + 1], *config;
	struct daemon far, daemon;

	make_key(good);
	config = kl_format("authn.tokens = %s\njudge.enabled = false\n", good);
	daemon_start(&far, config);
	daemon_start(&daemon, CONFIG "keys.check_s = 1\n");
	add_instance(&daemon, "far", far.port);
	free(give(&daemon, "ada", good, KL_KEY_POOL, ""));
	free(give(&daemon, "bob", "this-key-was-never-right", KL_KEY_PRIVATE, ""));
	ask_until(&daemon, "GET /api/keys", AS("bob"), "\"state\":\"invalid\"");
	ask_until(&daemon, "GET /api/keys", AS("ada"), "\"validated_at\":\"20");
	expect(&daemon, "POST /api/notices/take", "bob", NULL, 200, "\"event\":\"failed\"");
	expect(&daemon, "GET /api/keys", "ada", NULL, 200, "\"used_today\":0"); /* it cost nothing */
	daemon_remove(&daemon);
	daemon_remove(&far);
	free(config);
}

/* --- what is never told ------------------------------------------------------------------------------------------- */

static void never_in(const char *where, const char *text, size_t len, const char *secret)
{
	CHECK(!memmem(text, len, secret, strlen(secret)), "%s has a secret", where);
}

static void never_in_file(const char *path, const char *secret, bool must_be_there)
{
	struct kl_buf text;
	struct kl_error err;

	kl_buf_init(&text, (size_t)64 << 20);
	if (!kl_file_read(&text, path, &err))
		never_in(path, text.data, text.len, secret);
	else
		CHECK(!must_be_there, "%s", err.message);
	kl_buf_release(&text);
}

/* In any file of the folder: database, its log, the server's log, the configuration. */
static bool folder_has(const struct daemon *daemon, const char *secret)
{
	DIR *folder = opendir(daemon->folder);
	bool found = false;

	for (struct dirent *entry; (entry = readdir(folder));) {
		char *path = kl_path_join(daemon->folder, entry->d_name);
		struct kl_buf text;
		struct kl_error err;

		kl_buf_init(&text, (size_t)64 << 20);
		if (entry->d_type == DT_REG) {
			CHECK(!kl_file_read(&text, path, &err), "%s", err.message);
			found |= memmem(text.data, text.len, secret, strlen(secret)) != NULL;
		}
		kl_buf_release(&text);
		free(path);
	}
	closedir(folder);
	return found;
}

static void never_in_folder(const struct daemon *daemon, const char *secret)
{
	CHECK(!folder_has(daemon, secret), "a file in %s has a secret", daemon->folder);
}

static void never_in_process(const struct daemon *daemon, const char *secret)
{
	static const char *const names[] = { "environ", "cmdline" };

	for (size_t i = 0; i < KL_LENGTH(names); i++) {
		char *path = kl_format("/proc/%d/%s", (int)daemon->pid, names[i]);

		never_in_file(path, secret, geteuid() == 0); /* the server is not dumpable: root alone may look */
		free(path);
	}
}

static void test_secrets(void)
{
	static const char *const asked[] = { "GET /api/keys", "GET /api/keys/pool", "GET /api/instances",
					     "GET /metrics",  "GET /health",        "POST /api/notices/take",
					     "POST /api/keys" };
	unsigned char bytes[32];
	char secret[KEY_CHARS + 1], *master, *id, *target, *config;
	struct daemon far, daemon;
	struct reply reply;

	make_key(secret);
	kl_random(bytes, sizeof(bytes));
	master = kl_base64(bytes, sizeof(bytes));
	config = kl_format("authn.tokens = %s\njudge.enabled = false\n", secret);
	daemon_start(&far, config);
	daemon_prepare(&daemon, CONFIG "log.level = debug\n");
	daemon.master = master;
	daemon.errors = "key_not_tried"; /* when it is started without */
	daemon_start_again(&daemon);
	add_instance(&daemon, "far", far.port);
	id = give(&daemon, "ada", secret, KL_KEY_POOL, "");
	target = kl_format("POST /api/keys/%s/validate", id);
	expect(&daemon, target, "ada", NULL, 200, "\"verdict\":\"works\"");
	expect(&daemon, "POST /api/instances/far/probe", NULL, NULL, 200, "\"version\":\"1.13.1\"");
	for (size_t i = 0; i < KL_LENGTH(asked); i++)
		for (int own = 0; own < 2; own++) {
			char *body = kl_format(
				"{\"instance\":\"far\",\"key\":\"%s\",\"share\":\"private\",\"consent\":\"%s\"}",
				secret, kl_keypool_consent(KL_KEY_PRIVATE));

			api(&reply, &daemon, asked[i], own ? "ada" : NULL, *asked[i] == 'P' && !own ? NULL : body);
			never_in(asked[i], reply.head, strlen(reply.head), secret);
			never_in(asked[i], reply.body, reply.len, secret);
			never_in(asked[i], reply.body, reply.len, master);
			reply_release(&reply);
			free(body);
		}
	CHECK(folder_has(&far, secret), "the search does not find what is there");
	never_in_process(&daemon, secret);
	never_in_process(&daemon, master);
	never_in_folder(&daemon, secret);
	never_in_folder(&daemon, master);
	daemon_stop(&daemon, SIGTERM);
	never_in_folder(&daemon, secret);
	daemon.master = NULL; /* another master key: nothing opens, and nothing is lost */
	daemon_start_again(&daemon);
	refused(&daemon, target, "ada", NULL, 500, "INTERNAL_SERVER_ERROR",
		"the key cannot be tried here: the server's log says why");
	expect(&daemon, "GET /api/keys", "ada", NULL, 200, "\"state\":\"active\"");
	daemon_remove(&daemon);
	daemon_remove(&far);
	free(config);
	free(target);
	free(id);
	free(master);
}

/* What lies in the row of a key; owned by the caller. */
static char *sealed_of(const struct daemon *daemon, const char *id)
{
	char *path = kl_path_join(daemon->folder, "kodelabd.db"), *sealed = NULL;
	struct kl_clock clock;
	struct kl_store *store;
	struct kl_error err;

	kl_clock_init(&clock);
	CHECK(!kl_store_open_server(&store, path, &clock, &err) && !kl_store_key_sealed(&sealed, store, id, &err), "%s",
	      err.message);
	kl_store_close(store);
	free(path);
	return sealed;
}

static void test_shredding(void)
{
	char secret[KEY_CHARS + 1], *id, *sealed, *target;
	struct daemon daemon;

	make_key(secret);
	daemon_start(&daemon, CONFIG);
	add_instance(&daemon, "far", 1);
	id = give(&daemon, "ada", secret, KL_KEY_POOL, "");
	daemon_stop(&daemon, SIGTERM);
	sealed = sealed_of(&daemon, id);
	daemon_start_again(&daemon);
	CHECK(folder_has(&daemon, sealed), "the sealed key is not where it should be");
	target = kl_format("DELETE /api/keys/%s", id);
	expect(&daemon, target, "ada", NULL, 200, "\"removed\":true");
	never_in_folder(&daemon, sealed); /* while it runs: rows, free pages and the write-ahead log */
	daemon_remove(&daemon);
	free(target);
	free(sealed);
	free(id);
}

/* What `kodelabd keys rotate` prints, both ways; owned by the caller. */
static char *rotate(const struct daemon *daemon)
{
	char *program = kl_path_join(build_folder, "kodelabd"), *config = kl_path_join(daemon->folder, "conf");
	char *command = kl_format("%s --config %s keys rotate 2>&1", program, config);
	char *const argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, command, NULL };
	char *said = output_of(argv);

	free(command);
	free(config);
	free(program);
	return said;
}

static char *master_of(const struct daemon *daemon)
{
	char *path = kl_format("%s-keys/master.key", daemon->folder);
	struct kl_buf text;

	kl_buf_init(&text, 1 << 16);
	CHECK(!kl_file_read(&text, path, NULL), "no %s", path);
	free(path);
	return kl_buf_detach(&text);
}

/* A new master key beside the server, which goes on; the old one opens nothing any more. */
static void test_rotation(void)
{
	char good[KEY_CHARS + 1], *config, *id, *target, *said, *before, *after, *sealed;
	struct daemon far, daemon;

	make_key(good);
	config = kl_format("authn.tokens = %s\njudge.enabled = false\n", good);
	daemon_start(&far, config);
	daemon_start(&daemon, CONFIG);
	said = rotate(&daemon);
	CHECK(strstr(said, "kodelabd: there is no master key in '") &&
		      strstr(said, "as 'NEW OLD', and restart kodelabd\n"),
	      "%s", said);
	free(said);
	add_instance(&daemon, "far", far.port);
	id = give(&daemon, "ada", good, KL_KEY_POOL, "");
	target = kl_format("POST /api/keys/%s/validate", id);
	expect(&daemon, target, "ada", NULL, 200, "\"verdict\":\"works\"");
	before = master_of(&daemon);
	daemon_stop(&daemon, SIGTERM);
	sealed = sealed_of(&daemon, id);
	daemon_start_again(&daemon);
	expect(&daemon, target, "ada", NULL, 200, "\"verdict\":\"works\"");
	said = rotate(&daemon);
	CHECK(!strcmp(said, "A new master key is in use; 1 key is sealed anew.\n"), "%s", said);
	after = master_of(&daemon);
	CHECK(strcmp(before, after) != 0 && strlen(before) == strlen(after), "not one other key: %s", after);
	expect(&daemon, target, "ada", NULL, 200, "\"verdict\":\"works\"");
	free(give(&daemon, "bob", good, KL_KEY_POOL, "")); /* sealed with the new one */
	daemon_stop(&daemon, SIGTERM);
	never_in_folder(&daemon, sealed);
	never_in_folder(&daemon, good);
	free(said);
	said = rotate(&daemon);
	CHECK(!strcmp(said, "A new master key is in use; 2 keys are sealed anew.\n"), "%s", said);
	daemon_start_again(&daemon);
	expect(&daemon, target, "ada", NULL, 200, "\"verdict\":\"works\"");
	daemon_remove(&daemon);
	daemon_remove(&far);
	free(said);
	free(before);
	free(after);
	free(sealed);
	free(target);
	free(config);
	free(id);
}

const struct test keys_tests[] = {
	{ "keys_refusals", test_refusals },
	{ "keys_consent", test_consent },
	{ "keys_own", test_own },
	{ "keys_holds", test_holds },
	{ "keys_validation", test_validation },
	{ "keys_daily", test_daily },
	{ "keys_secrets", test_secrets },
	{ "keys_shredding", test_shredding },
	{ "keys_rotation", test_rotation },
	{ NULL, NULL },
};
