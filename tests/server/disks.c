/*
 * R13 and R14 for every route that writes: on a disk that is full, and on one that does not get anything onto it, the answer says
 * so, nothing of it is there, and the same request does what it is for as soon as the disk is well. A row that would do
 * nothing anyway fails, and so does a route that writes and is in no list.
 */

#include <signal.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tests/server/ledger.h"

#define CONFIG      CLASS_CONFIG "accounts.registration = open\njudge.enabled = false\n"
#define NOT_WRITTEN "nothing was written: the server's log says why; try again"
#define SLOTS       32

/* --- the rows ------------------------------------------------------------------------------------------------------- */

/*
 * {slot} in target and body is what an answer before gave; keeps "slot=member" keeps something of this one. {new} is a new id. Each row
 * follows from those before it.
 */
/* clang-format off */
static const struct row {
	const char *who; /* a user by name; NULL: nobody */
	const char *target, *body; /* body NULL: none; of "name,": CSV */
	const char *keeps; /* NULL: nothing */
} rows[] = {
	{ NULL, "POST /api/auth/register", "{\"name\":\"newcomer\",\"password\":\"first of all\"}", NULL },
	{ NULL, "POST /api/auth/login", "{\"name\":\"newcomer\",\"password\":\"first of all\"}", "refresh=refresh_token" },
	{ NULL, "POST /api/auth/refresh", "{\"refresh_token\":\"{refresh}\"}", NULL },
	{ "root", "POST /api/users/{ada}/reset-code", NULL, "reset=code" },
	{ NULL, "POST /api/auth/reset", "{\"name\":\"ada\",\"code\":\"{reset}\",\"new\":\"" PASSWORD "\"}", NULL },
	{ "ben", "PUT /api/users/me/profile", "{\"display\":\"Ben B.\"}", NULL },
	{ "ben", "POST /api/auth/password", "{\"old\":\"" PASSWORD "\",\"new\":\"second of all\"}", NULL },
	{ "root", "PUT /api/users/{eve}/role", "{\"role\":\"INSTRUCTOR\"}", NULL },
	{ "root", "PUT /api/users/{eve}/state", "{\"state\":\"disabled\"}", NULL },
	{ "root", "POST /api/invitations", "{\"uses\":2}", "invitation=id" },
	{ "root", "DELETE /api/invitations/{invitation}", NULL, NULL },
	{ "root", "POST /api/instances", "{\"name\":\"far\",\"url\":\"http://127.0.0.1:1\"}", NULL },
	{ "root", "DELETE /api/instances/far", NULL, NULL },
	{ "teacher", "POST /api/courses", "{\"title\":\"Programming I\",\"joining\":\"code\"}", "course=id" },
	{ "teacher", "POST /api/courses/{course}/code", "{}", "code=code" },
	{ "ben", "POST /api/courses/join", "{\"code\":\"{code}\"}", NULL },
	{ "ben", "POST /api/courses/{course}/leave", "{}", NULL },
	{ "ben", "POST /api/courses/{course}/enroll", "{\"code\":\"{code}\"}", NULL },
	{ "ben", "PUT /api/courses/{course}/leaderboard", "{\"shown\":false}", NULL },
	{ "teacher", "PUT /api/courses/{course}", "{\"title\":\"Programming II\"}", NULL },
	{ "teacher", "POST /api/courses/{course}/roster", "name,display\nzoe,Zoe\n", NULL },
	{ "teacher", "DELETE /api/courses/{course}/roster/zoe", NULL, NULL },
	{ "teacher", "POST /api/courses/{course}/assignments",
	  "{\"title\":\"Week 1\",\"items\":[{\"pack\":\"tiny\",\"slug\":\"echo\",\"points\":10}]}", "assignment=id" },
	{ "teacher", "PUT /api/courses/{course}/assignments/{assignment}", "{\"due_at\":\"2026-10-01T00:00:00Z\"}", NULL },
	{ "teacher", "PUT /api/courses/{course}/assignments/{assignment}/extensions/{ben}",
	  "{\"due_at\":\"2026-10-03T00:00:00Z\",\"reason\":\"ill\"}", NULL },
	{ "teacher", "DELETE /api/courses/{course}/assignments/{assignment}/extensions/{ben}", NULL, NULL },
	{ "teacher", "DELETE /api/courses/{course}/assignments/{assignment}", NULL, NULL },
	{ "teacher", "POST /api/courses/{course}/teams", "{\"name\":\"Red\"}", "team=id" },
	{ "teacher", "PUT /api/courses/{course}/teams/{team}", "{\"name\":\"Blue\"}", NULL },
	{ "teacher", "DELETE /api/courses/{course}/teams/{team}", NULL, NULL },
	{ "teacher", "PUT /api/courses/{course}/packs/tiny", "{}", NULL },
	{ "teacher", "DELETE /api/courses/{course}/packs/tiny", NULL, NULL },
	{ "teacher", "PUT /api/courses/{course}/students/{ben}", "{\"role\":\"TEACHING_ASSISTANT\"}", NULL },
	{ "teacher", "DELETE /api/courses/{course}/students/{ben}", NULL, NULL },
	{ "ada2", "POST /api/submissions", "{submission}", NULL },
	{ "ada2", "POST /api/sync/push", "{\"items\":[{another}]}", NULL },
	{ "root", "POST /api/admin/rejudge", "{\"pack\":\"tiny\",\"slug\":\"echo\"}", NULL },
	{ "teacher", "DELETE /api/packs/tiny", NULL, NULL },
	{ "ada2", "POST /api/auth/logout", NULL, NULL },
};

/* Routes that are not in it: they write nothing to the store, or another test has their disks. */
static const char *const others[] = {
	/* nothing is written; or by a process beside the server */
	"POST /authenticate", "POST /authorize", "POST /api/instances/:name/probe", "POST /api/admin/reload",
	"POST /api/admin/backup", "POST /api/sync/lacks",
	/* sealed: what is in it is taken as by POST /api/sync/push */
	"POST /api/sync/parcel",
	/* codes of terminals and logins at GitHub are in memory until one is let in */
	"POST /api/auth/device", "POST /api/auth/device/token", "POST /device", "POST /device/answer",
	"POST /api/auth/github", "POST /api/auth/github/token",
	/* pool_faults: every step of them fails */
	"POST /api/keys", "PUT /api/keys/:id", "DELETE /api/keys/:id", "POST /api/keys/:id/validate",
	"POST /api/profile/judge0-key", "DELETE /api/profile/judge0-key", "POST /api/admin/validate-keys",
	"POST /api/holds", "DELETE /api/holds/:id", "POST /api/notices/take",
	/* faults, R13_full_disk_while_publishing */
	"POST /submissions", "POST /submissions/batch", "DELETE /submissions/:token",
	"POST /api/packs", "PUT /api/packs/:pack", "POST /api/courses/:course/packs",
	"POST /api/challenges", "PUT /api/challenges/:pack/:slug", "DELETE /api/challenges/:pack/:slug",
	/* as those beside them */
	"DELETE /api/users/me/sessions/:session", "DELETE /api/admin/rejudge/:rejudge",
};
/* clang-format on */

/* --- who and what ----------------------------------------------------------------------------------------------------- */

struct scene {
	struct daemon daemon;
	struct slot {
		char *name, *value;
	} slots[SLOTS]; /* a user's name with a dot: his header */
	size_t count;
};

static const char *slot(const struct scene *scene, const char *name, size_t len)
{
	for (size_t i = scene->count; i--;)
		if (strlen(scene->slots[i].name) == len && !strncmp(scene->slots[i].name, name, len))
			return scene->slots[i].value;
	test_failed(__FILE__, __LINE__, "nothing is kept as %.*s", (int)len, name);
}

static void keep(struct scene *scene, char *name, char *value)
{
	CHECK(scene->count < SLOTS, "too few slots");
	scene->slots[scene->count++] = (struct slot){ name, value };
}

static void add_user(struct scene *scene, const char *name, const char *role)
{
	char *header = signed_in(&scene->daemon, name, role);
	struct reply reply;

	ask(&reply, &scene->daemon, "GET /api/auth/me", header, NULL);
	keep(scene, kl_strdup(name), member_of(reply.body, "id"));
	keep(scene, kl_format("%s.", name), header);
	reply_release(&reply);
}

/* With what the slots hold. Owned by the caller; NULL: text is. */
static char *filled(const struct scene *scene, const char *text)
{
	struct kl_buf out;

	if (!text)
		return NULL;
	kl_buf_init(&out, 65536);
	while (*text) {
		size_t len = text[0] == '{' ? strspn(text + 1, "abcdefghijklmnopqrstuvwxyz") : 0;

		if (len && text[len + 1] == '}') {
			kl_buf_add_str(&out, slot(scene, text + 1, len));
			text += len + 2;
		} else {
			kl_buf_add_char(&out, *text++);
		}
	}
	return kl_buf_detach(&out);
}

static void keep_of(struct scene *scene, const char *keeps, const char *body)
{
	size_t len = strcspn(keeps, "=");

	keep(scene, kl_strndup(keeps, len), member_of(body, keeps + len + 1));
}

static void ask_row(struct reply *out, const struct scene *scene, const struct row *row)
{
	char *target = filled(scene, row->target), *body = filled(scene, row->body), *name = NULL;
	const char *type = !body ? "" : *body == '{' ? JSON : "Content-Type: text/csv\r\n", *who = "";
	char *headers;

	if (row->who) {
		name = kl_format("%s.", row->who);
		who = slot(scene, name, strlen(name));
	}
	headers = kl_format("%s%s", who, type);
	ask(out, &scene->daemon, target, headers, body);
	free(headers);
	free(target);
	free(body);
	free(name);
}

/* --- disks ------------------------------------------------------------------------------------------------------------ */

static void fill_up(const struct daemon *daemon, bool bad)
{
	daemon_set_room(daemon, bad ? 4096 : 0);
}

static void stop_syncing(const struct daemon *daemon, bool bad)
{
	char *path = kl_path_join(daemon->folder, "bad");

	CHECK(bad ? !kl_file_write(path, "", 0, 0600, NULL) : !unlink(path), "%s", path);
	free(path);
}

struct disk {
	void (*make)(const struct daemon *daemon, bool bad);
	const char *preload, *errors;
	int status;
	const char *code, *message;
};

/* All that is in the database but what it tries its room with, as text; owned by the caller. */
static char *all_of(const struct daemon *daemon)
{
	char *path = kl_path_join(daemon->folder, "kodelabd.db"), *text;
	char *const argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" },
			       (char[]){ "sqlite3 -readonly \"$0\" .dump | grep -v '^INSERT INTO room '" }, path,
			       NULL };

	text = output_of(argv);
	CHECK(strstr(text, "COMMIT;"), "the database cannot be read: %s", text);
	free(path);
	return text;
}

/* The line of after that is another one. */
static const char *difference(const char *before, const char *after)
{
	size_t at = 0;

	while (before[at] && before[at] == after[at])
		at++;
	while (at && after[at - 1] != '\n')
		at--;
	return after + at;
}

static void try_row(struct scene *scene, const struct row *row, const struct disk *disk)
{
	char *before, *after;
	struct reply reply;

	before = all_of(&scene->daemon);
	disk->make(&scene->daemon, true);
	ask_row(&reply, scene, row);
	after = all_of(&scene->daemon);
	disk->make(&scene->daemon, false);
	CHECK(reply.status == disk->status && strstr(reply.body, disk->code) && strstr(reply.body, disk->message),
	      "%s on a bad disk: %d %s", row->target, reply.status, reply.body);
	CHECK(!strcmp(before, after), "%s has written something: %.300s", row->target, difference(before, after));
	reply_release(&reply);
	free(before);
	free(after);
	ask_row(&reply, scene, row);
	CHECK(reply.status == 200 || reply.status == 201, "%s on a good disk: %d %s", row->target, reply.status,
	      reply.body);
	if (row->keeps)
		keep_of(scene, row->keeps, reply.body);
	reply_release(&reply);
}

static void try_all(const struct disk *disk)
{
	static const char *const students[] = { "ada", "ben", "eve", "ada2" };
	struct scene scene = { .count = 0 };
	char id[KL_ID_SIZE];

	daemon_prepare(&scene.daemon, CONFIG);
	scene.daemon.errors = disk->errors;
	scene.daemon.preload = disk->preload;
	daemon_start_again(&scene.daemon);
	publish_tiny(&scene.daemon);
	add_user(&scene, "teacher", "instructor");
	add_user(&scene, "root", "admin");
	for (size_t i = 0; i < KL_LENGTH(students); i++)
		add_user(&scene, students[i], "student");
	new_id(id);
	keep(&scene, kl_strdup("submission"), submission_item(id, "echo", GOOD_ECHO));
	new_id(id);
	keep(&scene, kl_strdup("another"), submission_item(id, "echo", GOOD_ECHO));
	for (size_t i = 0; i < KL_LENGTH(rows); i++)
		try_row(&scene, &rows[i], disk);
	daemon_stop(&scene.daemon, SIGTERM);
	daemon_remove(&scene.daemon);
	for (size_t i = 0; i < scene.count; i++) {
		free(scene.slots[i].name);
		free(scene.slots[i].value);
	}
}

static void R13_every_route_on_a_full_disk(void)
{
	try_all(&(struct disk){ fill_up, NULL, "storage_full", 503, "\"code\":\"STORAGE_FULL\"",
				"the server's disk is full: nothing was taken" });
}

static void R14_every_route_when_syncing_fails(void)
{
	try_all(&(struct disk){ stop_syncing, "bad_disk.so", "commit_failed", 500, "\"code\":\"INTERNAL_SERVER_ERROR\"",
				NOT_WRITTEN });
}

/* --- all of them ------------------------------------------------------------------------------------------------------ */

/* "PUT /api/a/{b}" is of the route "PUT", "/api/a/:c". */
static bool is_of(const char *target, const char *method, const char *path)
{
	size_t len = strlen(method);

	if (strncmp(target, method, len) != 0 || target[len] != ' ')
		return false;
	for (target += len + 1; *target && *path; target++, path++) {
		if (*path == ':') {
			target += strcspn(target, "/") - 1;
			path += strcspn(path, "/") - 1;
		} else if (*target != *path) {
			return false;
		}
	}
	return !*target && !*path;
}

static bool is_listed(const char *method, const char *path)
{
	for (size_t i = 0; i < KL_LENGTH(rows); i++)
		if (is_of(rows[i].target, method, path))
			return true;
	for (size_t i = 0; i < KL_LENGTH(others); i++)
		if (is_of(others[i], method, path))
			return true;
	return false;
}

static void test_every_route_that_writes(void)
{
	char *program = kl_format("%s/kodelabd", build_folder), *text, *rest, *line;
	char *const argv[] = { program, (char[]){ "--routes" }, NULL };
	size_t count = 0;

	text = rest = output_of(argv);
	while ((line = strsep(&rest, "\n"))) {
		char method[8], path[128];

		if (sscanf(line, "%7[^\t]\t%127[^\t]", method, path) != 2 || !strcmp(method, "GET"))
			continue;
		CHECK(is_listed(method, path), "%s %s has no row: what comes of it on a full disk?", method, path);
		count++;
	}
	CHECK(count > 50, "few routes: %s", text);
	free(program);
}

const struct test disks_tests[] = {
	{ "R13_every_route_on_a_full_disk", R13_every_route_on_a_full_disk },
	{ "R14_every_route_when_syncing_fails", R14_every_route_when_syncing_fails },
	{ "R13_R14_every_route_that_writes", test_every_route_that_writes },
	{ NULL, NULL },
};
