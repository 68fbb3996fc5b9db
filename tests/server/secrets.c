/* A12: what lets somebody in is planted, and looked for wherever the server writes, tells or shows something. */

#include <signal.h>
#include <stdint.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/keypool.h>

#include "tests/server/harness.h"

#define OPEN  "accounts.registration = open\njudge.enabled = false\n"
#define WRONG "the name or the password is wrong"

static void never_in(const char *where, const char *text, size_t len, const char *secret)
{
	CHECK(!memmem(text, len, secret, strlen(secret)), "%s has a secret", where);
}

static void never_in_file(const char *path, const char *secret)
{
	struct kl_buf text;

	kl_buf_init(&text, (size_t)64 << 20);
	if (!kl_file_read(&text, path, NULL))
		never_in(path, text.data, text.len, secret);
	kl_buf_release(&text);
}

/* Also in what lies below it: backups, temporary files. */
static void never_in_folder(const struct daemon *daemon, const char *secret)
{
	char *const argv[] = { (char[]){ "/bin/grep" },
			       (char[]){ "-rlaF" },
			       (char[]){ "-e" },
			       (char *)(uintptr_t)secret,
			       (char *)(uintptr_t)daemon->folder,
			       NULL };
	char *found = output_of(argv);

	CHECK(!*found, "a secret is in %s", found);
	free(found);
}

/* The server and its children: what others can see of a process, and that it leaves no core. */
static void never_in_processes(const struct daemon *daemon, const char *secret)
{
	static const char *const names[] = { "cmdline", "environ" };
	char *command = kl_format("pgrep -P %d", (int)daemon->pid);
	char *const argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, command, NULL };
	char *children = output_of(argv), *all = kl_format("%d\n%s", (int)daemon->pid, children), *rest = all, *word;
	int count = 0;

	while ((word = strsep(&rest, "\n")) && *word) {
		struct kl_buf limits;
		char *path;

		for (size_t i = 0; i < KL_LENGTH(names); i++) {
			path = kl_format("/proc/%s/%s", word, names[i]);
			never_in_file(path, secret);
			free(path);
		}
		path = kl_format("/proc/%s/limits", word);
		kl_buf_init(&limits, 65536);
		CHECK(!kl_file_read(&limits, path, NULL) &&
			      strstr(limits.data, "Max core file size        0                    0 "),
		      "%s may leave a core: %s", word, limits.data);
		kl_buf_release(&limits);
		free(path);
		count++;
	}
	CHECK(count >= 2, "the search finds no process: %s", all); /* the server, and who hashes */
	free(all);
	free(children);
	free(command);
}

static char *part(struct reply *reply, const char *name)
{
	char *text = member_of(reply->body, name);

	CHECK(reply->status < 300, "%d %s", reply->status, reply->body);
	return text;
}

#define SECRETS 20
#define KEY     "judge-key-0123456789abcdef"

/* The last line of a file of keys: the key itself. */
static char *key_in(const struct daemon *daemon, const char *name)
{
	char *path = kl_format("%s-keys/%s", daemon->folder, name), *key;
	struct kl_buf text;

	kl_buf_init(&text, 65536);
	CHECK(!kl_file_read(&text, path, NULL) && text.len > 32, "%s has no key", path);
	text.data[text.len - 1] = '\0'; /* the newline */
	key = kl_strdup(strrchr(text.data, '\n') ? strrchr(text.data, '\n') + 1 : text.data);
	kl_buf_release(&text);
	free(path);
	return key;
}

/* A judge's key, and the keys of the server; tokens that took the place of others; what was tried in vain. */
static void plant_more(char *secrets[SECRETS], const struct daemon *daemon, const char *admin)
{
	char *refresh = kl_format("{\"refresh_token\":\"%s\"}", secrets[2]), *bearer, *key;
	struct reply reply;

	ask(&reply, daemon, "POST /api/auth/refresh", JSON, refresh);
	secrets[9] = part(&reply, "token");
	secrets[10] = part(&reply, "refresh_token");
	reply_release(&reply);
	bearer = kl_format("Authorization: Bearer %s\r\n" JSON, secrets[9]);
	expect_has(daemon, "POST /api/instances", admin, "{\"name\":\"far\",\"url\":\"http://127.0.0.1:1\"}", 201,
		   "far");
	key = kl_format("{\"instance\":\"far\",\"key\":\"" KEY "\",\"share\":\"private\",\"consent\":\"%s\"}",
			kl_keypool_consent(KL_KEY_PRIVATE));
	expect_has(daemon, "POST /api/keys", bearer, key, 201, "\"success\":true");
	secrets[11] = kl_strdup(KEY);
	secrets[12] = key_in(daemon, "master.key");
	secrets[13] = key_in(daemon, "receipt.key");
	secrets[14] = kl_strdup(admin + strlen("Authorization: Bearer "));
	*strchr(secrets[14], '\r') = '\0';
	secrets[15] = kl_strdup("kls_presented-by-nobody-45");
	expect_has(daemon, "GET /api/auth/me", "Authorization: Bearer kls_presented-by-nobody-45\r\n", NULL, 401,
		   "sign in");
	secrets[16] = kl_strdup("klr_presented-by-nobody-46");
	expect_has(daemon, "POST /api/auth/refresh", JSON, "{\"refresh_token\":\"klr_presented-by-nobody-46\"}", 401,
		   "");
	secrets[17] = kl_strdup("changed-horse-battery-47");
	expect_has(daemon, "POST /api/auth/reset", JSON,
		   "{\"name\":\"ada\",\"code\":\"PLNT-EDCD-4848\",\"new\":\"changed-horse-battery-47\"}", 401, "");
	secrets[18] = kl_strdup("PLNT-EDCD-4848");
	secrets[19] = kl_strdup("device-code-of-nobody-49");
	expect_has(daemon, "POST /api/auth/device/token", JSON, "{\"device_code\":\"device-code-of-nobody-49\"}", 400,
		   "");
	free(refresh);
	free(bearer);
	free(key);
}

/* Everything that lets somebody in, as it comes by; each is told once, to whom it is for. */
static void plant(char *secrets[SECRETS], const struct daemon *daemon, const char *admin)
{
	char *id, *target, *headers = kl_format("%s%s", admin, JSON);
	struct reply reply;

	secrets[0] = kl_strdup("correct-horse-battery-42");
	ask(&reply, daemon, "POST /api/auth/register", JSON,
	    "{\"name\":\"ada\",\"password\":\"correct-horse-battery-42\"}");
	secrets[1] = part(&reply, "token");
	secrets[2] = part(&reply, "refresh_token");
	id = part(&reply, "id");
	reply_release(&reply);
	target = kl_format("POST /api/users/%s/reset-code", id);
	ask(&reply, daemon, target, headers, NULL);
	secrets[3] = part(&reply, "code");
	reply_release(&reply);
	ask(&reply, daemon, "POST /api/invitations", headers, "{}");
	secrets[4] = part(&reply, "code");
	reply_release(&reply);
	ask(&reply, daemon, "POST /api/auth/device", JSON, "{\"device\":\"lab-pc-12\"}");
	secrets[5] = part(&reply, "device_code");
	secrets[6] = part(&reply, "user_code");
	reply_release(&reply);
	secrets[7] = kl_strdup("wrong-horse-battery-43");
	expect_has(daemon, "POST /api/auth/login", NULL, "{\"name\":\"ada\",\"password\":\"wrong-horse-battery-43\"}",
		   401, WRONG);
	secrets[8] = kl_strdup("command-horse-battery-44");
	CHECK(!daemon_command(daemon, "user add carl", "command-horse-battery-44\n", NULL), "user add");
	free(headers);
	free(target);
	free(id);
}

static void test_secrets(void)
{
	static const char *const asked[] = {
		"GET /api/auth/me",     "GET /api/users",        "GET /api/users/me/sessions",
		"GET /api/invitations", "GET /api/audit",        "GET /metrics",
		"GET /health",          "GET /api/keys",         "GET /api/instances",
		"GET /api/server",      "POST /api/admin/backup"
	};
	char *secrets[SECRETS], *admin, *bearer;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, OPEN "log.level = debug\n");
	admin = signed_in(&daemon, "root", "admin");
	plant(secrets, &daemon, admin);
	plant_more(secrets, &daemon, admin);
	bearer = kl_format("Authorization: Bearer %s\r\n", secrets[9]);
	ask(&reply, &daemon, "GET /api/auth/me", bearer, NULL);
	check_has(&reply, 200, "\"name\":\"ada\"");
	reply_release(&reply);
	for (size_t i = 0; i < KL_LENGTH(asked); i++) {
		ask(&reply, &daemon, asked[i], admin, NULL);
		check_has(&reply, 200, "");
		for (size_t j = 0; j < SECRETS; j++)
			never_in(asked[i], reply.body, reply.len, secrets[j]);
		reply_release(&reply);
	}
	for (int stopped = 0; stopped < 2; stopped++) {
		for (size_t i = 0; i < SECRETS; i++) {
			never_in_folder(&daemon, secrets[i]);
			if (!stopped)
				never_in_processes(&daemon, secrets[i]);
		}
		if (!stopped)
			daemon_stop(&daemon, SIGTERM);
	}
	daemon_remove(&daemon);
	for (size_t i = 0; i < SECRETS; i++)
		free(secrets[i]);
	free(bearer);
	free(admin);
}

const struct test secrets_tests[] = {
	{ "A12_planted_secrets", test_secrets },
	{ NULL, NULL },
};
