/* kodelabd's own commands for the administrator: backup and restore while the class works, and the check. */

#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tests/server/ledger.h"

#define PLAIN "judge.enabled = false\n"
#define FEW   "judge.languages = 46\nqueue.rate_per_minute = 0\n"

/* Runs `kodelabd --config … word [file]` with the daemon's configuration; what it said, status in front. Owned by the caller. */
static char *command(const struct daemon *daemon, const char *word, const char *file)
{
	char *script = kl_format("HOME='%s' '%s/kodelabd' --config '%s/conf' %s %s 2>&1; echo \"ended $?\"",
				 daemon->folder, build_folder, daemon->folder, word, file ? file : "");
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, script, NULL }, *said = output_of(argv);

	free(script);
	return said;
}

static void expect(const struct daemon *daemon, const char *word, const char *file, const char *part)
{
	char *said = command(daemon, word, file);

	CHECK(strstr(said, part), "kodelabd %s: '%s' was expected in %s", word, part, said);
	free(said);
}

/* --- backup under load -------------------------------------------------------------------------------------------- */

static int total(const struct daemon *daemon)
{
	struct reply reply;
	const char *at;
	int count;

	ask(&reply, daemon, "GET /statistics?invalidate_cache=true", NULL, NULL);
	at = strstr(reply.body, "\"total\":");
	CHECK(at, "no total in %s", reply.body);
	count = (int)strtol(at + 8, NULL, 10);
	reply_release(&reply);
	return count;
}

/* Submits for ever; one byte into the pipe for each that was taken. */
static KL_NORETURN void submit_for_ever(const struct daemon *daemon, int taken)
{
	struct reply reply;

	for (;;) {
		ask(&reply, daemon, "POST /submissions", JSON, "{\"language_id\":46,\"source_code\":\":\"}");
		CHECK(reply.status == 201 && write(taken, "x", 1) == 1, "status %d: %s", reply.status, reply.body);
		reply_release(&reply);
	}
}

static int drain(int fd)
{
	char bytes[512];
	ssize_t count = read(fd, bytes, sizeof(bytes));

	CHECK(count > 0, "the client ended");
	return (int)count;
}

/* R16: every submission that was acknowledged before the backup began is in it, and it opens elsewhere. */
static void test_r16_backup_under_load(void)
{
	struct daemon daemon, elsewhere;
	int ends[2], before = 0, after;
	char *file;
	pid_t pid;

	daemon_start(&daemon, FEW);
	CHECK(pipe(ends) == 0, "pipe");
	pid = fork();
	if (!pid)
		submit_for_ever(&daemon, ends[1]);
	close(ends[1]);
	while (before < 200)
		before += drain(ends[0]);
	file = kl_path_join(daemon.folder, "copy.db");
	expect(&daemon, "backup", file, "bytes, looked through\nended 0");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	after = total(&daemon);
	expect(&daemon, "backup", file, "already: choose another name\nended 3");
	expect(&daemon, "restore", file, "open: stop it first\nended 3");
	daemon_prepare(&elsewhere, FEW);
	expect(&elsewhere, "restore", file, "ended 0");
	daemon_start_again(&elsewhere);
	CHECK(total(&elsewhere) >= before && total(&elsewhere) <= after, "%d before, %d in the backup, %d after",
	      before, total(&elsewhere), after);
	daemon_stop(&elsewhere, SIGTERM);
	expect(&elsewhere, "restore", file, "what was there before is kept: ");
	daemon_remove(&elsewhere);
	daemon_remove(&daemon);
	free(file);
	close(ends[0]);
}

/* --- labs after a restore ------------------------------------------------------------------------------------------ */

static void draft(const struct daemon *daemon, const char *who, const char *slug)
{
	char *body =
		kl_format("{\"pack\":\"tiny\",\"slug\":\"%s\",\"language\":\"bash\",\"code\":\"x\",\"seq\":1}", slug);
	char *headers = kl_format("%s" JSON, who), id[KL_ID_SIZE], *item, *items;
	struct reply reply;

	new_id(id);
	item = any_item(id, "draft", "x", body);
	items = kl_format("{\"items\":[%s]}", item);
	ask(&reply, daemon, "POST /api/sync/push", headers, items);
	check_has(&reply, 200, "\"end\":\"stored\"");
	reply_release(&reply);
	free(headers);
	free(items);
	free(item);
	free(body);
}

/* Pulls behind *cursor and moves it, as a lab does; the answer. */
static void pull(struct reply *reply, const struct daemon *daemon, const char *who, int64_t *cursor)
{
	char *target = kl_format("GET /api/sync?cursor=%lld", (long long)*cursor);
	const char *at;

	ask(reply, daemon, target, who, NULL);
	check_has(reply, 200, "\"more\":false");
	at = strstr(reply->body, "],\"cursor\":"); /* not a draft's */
	CHECK(at, "no cursor in %s", reply->body);
	*cursor = strtoll(at + 11, NULL, 10);
	free(target);
}

/* Numbers of changes that a lab has pulled are given again after a restore, to other changes: it hears of those, too. */
static void test_pull_after_restore(void)
{
	struct daemon daemon;
	struct reply reply;
	int64_t cursor = 0, seen;
	char *file, *who;

	daemon_start(&daemon, CLASS_CONFIG PLAIN);
	publish_tiny(&daemon);
	who = signed_in(&daemon, "ada", "student");
	file = kl_path_join(daemon.folder, "copy.db");
	expect(&daemon, "backup", file, "ended 0");
	draft(&daemon, who, "echo");
	pull(&reply, &daemon, who, &cursor);
	check_has(&reply, 200, "\"subject\":\"tiny/echo/bash\"");
	reply_release(&reply);
	daemon_stop(&daemon, SIGTERM);
	expect(&daemon, "restore", file, "ended 0");
	daemon_start_again(&daemon);
	draft(&daemon, who, "slow"); /* has the number that the lost one had */
	pull(&reply, &daemon, who, &cursor);
	check_has(&reply, 200, "\"subject\":\"tiny/slow/bash\"");
	check_has(&reply, 200, "\"kind\":\"pack\",\"subject\":\"tiny\"");
	reply_release(&reply);
	seen = cursor;
	pull(&reply, &daemon, who, &cursor); /* once */
	check_has(&reply, 200, "{\"changes\":[],");
	CHECK(cursor == seen, "the cursor went from %lld to %lld", (long long)seen, (long long)cursor);
	reply_release(&reply);
	daemon_remove(&daemon);
	free(file);
	free(who);
}

/* Hands in one hint; before: JSON of a receipt, or NULL. The receipt's "received"; owned by the caller. */
static char *hint(char **receipt, const struct daemon *daemon, const char *who, const char *id, const char *before)
{
	char *headers = kl_format("%s" JSON, who), *item, *items, *received;
	struct reply reply;
	const char *at;

	item = any_item(id, "hint", "x", "{\"pack\":\"tiny\",\"slug\":\"echo\",\"revealed\":1}");
	items = kl_format("{\"items\":[%.*s%s%s}]}", (int)strlen(item) - 1, item, before ? ",\"before\":" : "",
			  before ? before : "");
	ask(&reply, daemon, "POST /api/sync/push", headers, items);
	check_has(&reply, 200, "\"end\":\"stored\"");
	received = member_of(reply.body, "received");
	at = strstr(reply.body, "\"receipt\":{");
	CHECK(at, "no receipt in %s", reply.body);
	if (receipt)
		*receipt = kl_strndup(at + 10, strcspn(at + 10, "}") + 1);
	reply_release(&reply);
	free(headers);
	free(items);
	free(item);
	return received;
}

static void lacks(const struct daemon *daemon, const char *who, const char *ids, int status, const char *part)
{
	char *headers = kl_format("%s" JSON, who), *body = kl_format("{\"ids\":%s}", ids);
	struct reply reply;

	ask(&reply, daemon, "POST /api/sync/lacks", headers, body);
	check_has(&reply, status, part);
	reply_release(&reply);
	free(headers);
	free(body);
}

/* What the backup lacks is taken again, as received when the server's own word says so, and nobody else's. */
static void test_push_after_restore(void)
{
	char kept[KL_ID_SIZE], lost[KL_ID_SIZE], *first, *again, *file, *who, *other, *ids, *part, *receipt = NULL,
												   *forged;
	struct daemon daemon;

	daemon_prepare(&daemon, CLASS_CONFIG PLAIN);
	daemon.clock_ms = INT64_C(1795953600000);
	daemon_start_again(&daemon);
	publish_tiny(&daemon);
	who = signed_in(&daemon, "ada", "student");
	other = signed_in(&daemon, "bob", "student");
	new_id(kept);
	new_id(lost);
	free(hint(NULL, &daemon, who, kept, NULL));
	file = kl_path_join(daemon.folder, "copy.db");
	expect(&daemon, "backup", file, "ended 0");
	first = hint(&receipt, &daemon, who, lost, NULL);
	daemon_stop(&daemon, SIGTERM);
	expect(&daemon, "restore", file, "ended 0");
	daemon.clock_ms += 3600000;
	daemon_start_again(&daemon);
	ids = kl_format("[\"%s\",\"%s\"]", kept, lost);
	part = kl_format("{\"success\":true,\"data\":{\"lacks\":[\"%s\"]}}", lost);
	lacks(&daemon, who, ids, 200, part);
	lacks(&daemon, other, ids, 200, kept); /* it is not his: nothing is said of it */
	lacks(&daemon, who, "[\"x\"]", 422, "'ids' must be a list of at most 1000 ids of items");
	lacks(&daemon, who, "7", 422, "'ids' must be a list of at most 1000 ids of items");
	again = hint(NULL, &daemon, who, lost, receipt);
	CHECK(!strcmp(first, again), "received %s, and again %s", first, again);
	lacks(&daemon, who, ids, 200, "{\"lacks\":[]}");
	new_id(lost);
	forged = kl_strdup(receipt);
	memcpy(strstr(forged, "\"id\":\"") + 6, lost, KL_ID_SIZE - 1); /* for another item */
	free(again);
	again = hint(NULL, &daemon, who, lost, forged);
	CHECK(strcmp(first, again) < 0, "a forged receipt was believed: %s", again);
	daemon_remove(&daemon);
	free(first);
	free(again);
	free(file);
	free(who);
	free(other);
	free(ids);
	free(part);
	free(receipt);
	free(forged);
}

/* --- by HTTP ------------------------------------------------------------------------------------------------------ */

static void test_admin_routes(void)
{
	static const char admin[] = "X-Auth-User: admin\r\n";
	struct daemon daemon;
	struct reply reply;
	char *name, *path;

	daemon_start(&daemon, PLAIN "authz.tokens = admin\n");
	ask(&reply, &daemon, "POST /api/admin/backup", admin, NULL);
	check_has(&reply, 200, "{\"success\":true,\"data\":{\"file\":\"kodelabd-");
	name = member_of(reply.body, "file");
	reply_release(&reply);
	path = kl_format("%s/backups/%s", daemon.folder, name);
	CHECK(kl_path_exists(path), "there is no %s", path);
	free(path);
	free(name);
	ask(&reply, &daemon, "POST /api/admin/reload", admin, NULL);
	check_is(&reply, 200, "{\"success\":true,\"data\":{\"reloaded\":true}}");
	reply_release(&reply);
	daemon.errors = "config_problem";
	daemon_configure(&daemon, "nonsense = 1\n");
	ask(&reply, &daemon, "POST /api/admin/reload", admin, NULL);
	check_has(&reply, 422, "the configuration stays as it was: conf:");
	reply_release(&reply);
	ask(&reply, &daemon, "POST /api/admin/reload", NULL, NULL);
	CHECK(reply.status == 401, "status %d", reply.status);
	reply_release(&reply);
	daemon_remove(&daemon);
}

/* Its helper processes; owned by the caller. */
static char *children_of(pid_t pid)
{
	char *path = kl_format("/proc/%d/task/%d/children", (int)pid, (int)pid);
	struct kl_buf text;

	kl_buf_init(&text, 4096);
	CHECK(!kl_file_read(&text, path, NULL), "%s cannot be read", path);
	free(path);
	return kl_buf_detach(&text);
}

/* Asks for a backup and stops the process that makes it, which is the first of the server's. The connection on which the answer is awaited. */
static int begin_stopped_backup(const struct daemon *daemon, pid_t *helper)
{
	int fd = client_connect(daemon);

	client_text(fd,
		    "POST /api/admin/backup HTTP/1.1\r\nHost: x\r\nX-Auth-User: admin\r\nContent-Length: 0\r\n\r\n");
	*helper = 0;
	for (int i = 0; i < 1000000 && !*helper; i++) {
		char *children = children_of(daemon->pid);

		*helper = (pid_t)strtol(children, NULL, 10);
		free(children);
	}
	CHECK(*helper && !kill(*helper, SIGSTOP), "the backup was made too fast");
	return fd;
}

/* Until two requests for a backup have ended: the one that was refused, and the one whose client has gone. */
static void await_two_ends(const struct daemon *daemon)
{
	static const char part[] = "\"path\":\"/api/admin/backup\"";
	const char *first = NULL;
	bool both = false;

	for (int i = 0; i < 1000 && !both; i++) {
		char *log = daemon_log(daemon);

		first = strstr(log, part);
		both = first && strstr(first + 1, part);
		free(log);
		ask_until(daemon, "GET /about", NULL, "version");
	}
	CHECK(both, "the server never saw that the client has gone");
}

/* Its client has gone, the server is told to stop: what was begun ends. */
static void test_backup_outlives_a_stop(void)
{
	struct daemon daemon;
	pid_t helper;
	char *log;
	int fd;

	daemon_start(&daemon, PLAIN "authz.tokens = admin\n");
	fd = begin_stopped_backup(&daemon, &helper);
	expect_refused(&daemon, "POST /api/admin/backup", "X-Auth-User: admin\r\n", NULL, 409, "CONFLICT",
		       "a backup is being made: wait for its end");
	close(fd);
	await_two_ends(&daemon);
	kill(daemon.pid, SIGTERM);
	daemon_expect(&daemon, "STOPPING=1");
	kill(helper, SIGCONT);
	daemon_stop(&daemon, 0);
	log = daemon_log(&daemon);
	CHECK(strstr(log, "\"event\":\"backup\""), "no backup was made: %s", log);
	free(log);
	daemon_remove(&daemon);
}

/* --- check -------------------------------------------------------------------------------------------------------- */

static void test_check(void)
{
	struct daemon daemon;
	char *database;

	daemon_prepare(&daemon, PLAIN);
	expect(&daemon, "chek", NULL, "kodelabd: there is no command 'chek'; it is:\nusage: kodelabd ");
	expect(&daemon, "chek", NULL, "ended 2");
	expect(&daemon, "check", NULL, "bad   database    '");
	expect(&daemon, "check", NULL, "is not there yet: the first start makes it");
	daemon_start_again(&daemon);
	expect(&daemon, "check", NULL, "ended 0"); /* beside the running server */
	daemon_stop(&daemon, SIGTERM);
	expect(&daemon, "check", NULL, "good  audit log\n");
	daemon_configure(&daemon, PLAIN "tls.key = /nowhere\n");
	expect(&daemon, "check", NULL, "bad   TLS         TLS needs both: tls.certificate and tls.key");
	daemon_configure(&daemon, "nonsense = 1\n");
	expect(&daemon, "check", NULL, "bad   settings    conf:");
	daemon_configure(&daemon, PLAIN);
	database = kl_path_join(daemon.folder, "kodelabd.db");
	CHECK(kl_file_write(database, "nonsense", 8, 0600, NULL) == KL_OK, "write");
	expect(&daemon, "check", NULL, "is damaged: keep a copy of it and restore the newest backup");
	expect(&daemon, "check", NULL, "ended 1");
	daemon_remove(&daemon);
	free(database);
}

/* Root restores for the account that the server runs under, which must be able to open it. */
static void test_restored_by_root(void)
{
	struct daemon daemon;
	char *file, *database, *script;
	struct stat st;

	if (geteuid() != 0)
		return;
	daemon_start(&daemon, PLAIN);
	file = kl_path_join(daemon.folder, "copy.db");
	database = kl_path_join(daemon.folder, "kodelabd.db");
	expect(&daemon, "backup", file, "ended 0");
	daemon_stop(&daemon, SIGTERM);
	script = kl_format("chown -R 61500:61500 '%s' && echo done", daemon.folder);
	free(output_of((char *[]){ (char[]){ "/bin/sh" }, (char[]){ "-c" }, script, NULL }));
	expect(&daemon, "restore", file, "ended 0");
	CHECK(stat(database, &st) == 0 && st.st_uid == 61500, "%s is of %u", database, (unsigned)st.st_uid);
	daemon_remove(&daemon);
	free(script);
	free(database);
	free(file);
}

/* Root looks as the account that the server runs under: root itself could read and write everything. */
static void test_checked_by_root(void)
{
	struct daemon daemon;
	char *script;

	if (geteuid() != 0)
		return;
	daemon_start(&daemon, PLAIN);
	daemon_stop(&daemon, SIGTERM);
	script = kl_format("chown -R 61500:61500 '%s' && chown 0 '%s/kodelabd.db' && chmod 600 '%s/kodelabd.db' && "
			   "echo done",
			   daemon.folder, daemon.folder, daemon.folder);
	free(output_of((char *[]){ (char[]){ "/bin/sh" }, (char[]){ "-c" }, script, NULL }));
	expect(&daemon, "check", NULL, "good  folder\n");
	expect(&daemon, "check", NULL, "bad   database    ");
	expect(&daemon, "check", NULL, "ended 1");
	daemon_remove(&daemon);
	free(script);
}

const struct test backup_tests[] = {
	{ "R16_backup_under_load", test_r16_backup_under_load },
	{ "pull_after_restore", test_pull_after_restore },
	{ "push_after_restore", test_push_after_restore },
	{ "admin_routes", test_admin_routes },
	{ "restored_by_root", test_restored_by_root },
	{ "backup_outlives_a_stop", test_backup_outlives_a_stop },
	{ "checked_by_root", test_checked_by_root },
	{ "check", test_check },
	{ NULL, NULL },
};
