/* One challenge of a published pack: put into it, replaced, taken out; and what publishing does when the server dies or its disk is full. */

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/archive.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tests/server/ledger.h"

#define CONFIG "judge.enabled = false\naccounts.hash_kib = 8\naccounts.hash_passes = 1\n"
#define GZIP   "Content-Type: application/gzip\r\n"
#define ABSENT                                                                                                         \
	"{\"success\":false,\"error\":{\"message\":\"there is no such thing, or it is not yours to see\","             \
	"\"code\":\"NOT_FOUND\",\"details\":{}}}"
#define NO_CHANGE "\"changes\":{\"added\":[],\"changed\":[],\"removed\":[]}"

/* --- challenges as they are sent ---------------------------------------------------------------------------------- */

/* clang-format off */
static const struct { const char *name, *text; } files[] = {
	{ "challenge.json", "{\"format\":1,\"title\":\"A task\",\"summary\":\"Print it.\",\"difficulty\":\"beginner\","
			    "\"category\":\"basics\",\"minutes\":5,\"kind\":\"program\",\"hints\":[\"Print.\"]}" },
	{ "tests.json", "{\"tests\":[{\"id\":\"a\",\"sample\":true,\"stdin\":\"\",\"stdout\":\"x\"},"
			"{\"id\":\"b\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"x\"}]}" },
	{ "starter/python.py", "pass\n" },
	{ "solution/python.py", "print('x')\n" },
};
/* clang-format on */

#define STATEMENT "Print the letter x, once, and nothing else at all.\n"

static void add_challenge(struct kl_archive *archive, const char *slug, const char *statement)
{
	char *name = kl_format("%s/statement.md", slug);

	kl_archive_add(archive, name, statement, strlen(statement));
	free(name);
	for (size_t i = 0; i < KL_LENGTH(files); i++) {
		name = kl_format("%s/%s", slug, files[i].name);
		kl_archive_add(archive, name, files[i].text, strlen(files[i].text));
		free(name);
	}
}

static void send_archive(struct reply *out, const struct daemon *daemon, const char *target, const char *who,
			 struct kl_archive *archive)
{
	char *headers = kl_format("%s" GZIP, who), *bytes;
	size_t len;

	kl_archive_sort(archive);
	CHECK(!kl_archive_write(&bytes, &len, archive, NULL), "the archive cannot be written");
	ask_bytes(out, daemon, target, headers, bytes, len);
	kl_archive_release(archive);
	free(headers);
	free(bytes);
}

static void put(struct reply *out, const struct daemon *daemon, const char *target, const char *who, const char *slug,
		const char *statement)
{
	struct kl_archive archive = { .files = NULL };

	add_challenge(&archive, slug, statement);
	send_archive(out, daemon, target, who, &archive);
}

static void puts_in(const struct daemon *daemon, const char *target, const char *who, const char *slug,
		    const char *statement, int status, const char *part)
{
	struct reply reply;

	put(&reply, daemon, target, who, slug, statement);
	check_has(&reply, status, part);
	reply_release(&reply);
}

static void expect(const struct daemon *daemon, const char *target, const char *who, int status, const char *part)
{
	expect_has(daemon, target, who, NULL, status, part);
}

/* --- one by one --------------------------------------------------------------------------------------------------- */

static void check_refusals(const struct daemon *daemon, const char *teacher, const char *student)
{
	static const char other[] = "{\"format\":1,\"id\":\"other\",\"title\":\"O\",\"challenges\":[]}";
	struct kl_archive archive = { .files = NULL };
	struct reply reply;

	puts_in(daemon, "POST /api/challenges?pack=small-things", "", "one", STATEMENT, 401, "UNAUTHORIZED");
	puts_in(daemon, "POST /api/challenges?pack=small-things", student, "one", STATEMENT, 403,
		"only instructors can do this; an administrator of the class server can make you one");
	puts_in(daemon, "POST /api/challenges", teacher, "one", STATEMENT, 422, "say which pack it is of: ?pack=ID");
	puts_in(daemon, "POST /api/challenges?pack=../etc", teacher, "one", STATEMENT, 422, "say which pack it is of");
	ask_bytes(&reply, daemon, "POST /api/challenges?pack=small-things", teacher, "x", 1);
	check_has(&reply, 415, "send the challenge as a .tar.gz: Content-Type: application/gzip");
	reply_release(&reply);
	add_challenge(&archive, "one", STATEMENT);
	add_challenge(&archive, "two", STATEMENT);
	send_archive(&reply, daemon, "POST /api/challenges?pack=small-things", teacher, &archive);
	check_has(&reply, 422,
		  "the archive must hold the folder of one challenge, and beside it nothing but a pack.json");
	reply_release(&reply);
	kl_archive_add(&archive, "pack.json", other, strlen(other));
	add_challenge(&archive, "one", STATEMENT);
	send_archive(&reply, daemon, "POST /api/challenges?pack=small-things", teacher, &archive);
	check_has(&reply, 422, "the archive holds the pack 'other', not 'small-things'");
	reply_release(&reply);
	kl_archive_add(&archive, "one/challenge.json", "{}", 2);
	send_archive(&reply, daemon, "POST /api/challenges?pack=small-things", teacher, &archive);
	check_has(&reply, 422, "\"details\":{\"findings\":[");
	reply_release(&reply);
	expect(daemon, "GET /api/packs", teacher, 200, "\"data\":[],");
}

static void check_replacing(const struct daemon *daemon, const char *teacher, const char *colleague)
{
	static const char other[] = "Print the letter x, twice, and nothing else at all.\n";
	static const char one[] = "PUT /api/challenges/small-things/one";

	puts_in(daemon, "PUT /api/challenges/small-things/one?check_only=true", teacher, "one", other, 200,
		"\"version\":2,");
	puts_in(daemon, one, colleague, "one", other, 403,
		"only the pack's author can do this; publish yours under another id");
	puts_in(daemon, one, teacher, "two", other, 422, "the archive holds the challenge 'two', not 'one'");
	puts_in(daemon, one, teacher, "one", other, 201, "\"changed\":[{\"slug\":\"one\",\"task\":true}]");
	puts_in(daemon, one, teacher, "one", other, 200, NO_CHANGE);
	puts_in(daemon, "PUT /api/challenges/small-things/three", teacher, "three", other, 404, "NOT_FOUND");
	puts_in(daemon, "PUT /api/challenges/other/one", teacher, "one", other, 404, "NOT_FOUND");
	puts_in(daemon, "POST /api/challenges?pack=small-things", colleague, "one", other, 409,
		"there is a pack 'small-things' of somebody else");
	expect(daemon, "GET /api/challenges/small-things/one", colleague, 200, "twice, and nothing else");
	expect(daemon, "GET /api/challenges/small-things/two", colleague, 200, "once, and nothing else");
}

static void check_removing(const struct daemon *daemon, const char *teacher, const char *student)
{
	static const char one[] = "DELETE /api/challenges/small-things/one";
	struct reply reply;

	expect(daemon, one, student, 403, "only the pack's author can do this; publish yours under another id");
	expect(daemon, "DELETE /api/challenges/small-things/never", teacher, 404, "NOT_FOUND");
	expect(daemon, "DELETE /api/challenges/small-things/one?check_only=true", teacher, 200,
	       "\"changes\":{\"added\":[],\"changed\":[],\"removed\":[\"one\"]}");
	expect(daemon, "GET /api/packs/small-things", teacher, 200, "\"version\":3,");
	expect(daemon, one, teacher, 200, "\"version\":4,");
	expect(daemon, one, teacher, 200, NO_CHANGE); /* the answer may have been lost */
	expect(daemon, "GET /api/packs/small-things", student, 200, "\"version\":4,\"challenges\":1,");
	ask(&reply, daemon, "GET /api/challenges/small-things/one", student, NULL);
	check_is(&reply, 404, ABSENT);
	reply_release(&reply);
	expect(daemon, "GET /api/challenges/small-things/one?version=3", teacher, 200, "twice, and nothing else");
	expect_refused(daemon, "DELETE /api/challenges/small-things/two", teacher, NULL, 409, "CONFLICT",
		       "'two' is the only challenge of the pack: remove the pack");
	puts_in(daemon, "POST /api/challenges?pack=small-things", teacher, "one", STATEMENT, 201,
		"\"changes\":{\"added\":[\"one\"]");
}

/* A challenge with more members in its challenge.json. */
static void puts_in_with(const struct daemon *daemon, const char *who, const char *slug, const char *more, int status,
			 const char *part)
{
	struct kl_archive archive = { .files = NULL };
	char *about = kl_format("%s/challenge.json", slug), *text = kl_format("{%s,%s", more, files[0].text + 1);
	struct reply reply;

	add_challenge(&archive, slug, STATEMENT);
	for (size_t i = 0; i < archive.count; i++)
		if (!strcmp(archive.files[i].name, about)) {
			free(archive.files[i].text);
			archive.files[i].text = kl_strdup(text);
			archive.files[i].len = strlen(text);
		}
	send_archive(&reply, daemon, "POST /api/challenges?pack=small-things", who, &archive);
	check_has(&reply, status, part);
	reply_release(&reply);
	free(about);
	free(text);
}

/* Nothing of a pack is looked at for who is not its author: what is wrong with his challenge there would tell what else is there. */
static void into_a_pack_of_somebody_else(void)
{
	struct daemon daemon = { .pid = 0 };
	char *teacher, *colleague;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	colleague = signed_in(&daemon, "colleague", "instructor");
	puts_in_with(&daemon, teacher, "hidden-one", "\"public\":false", 201, "\"version\":1,");
	puts_in_with(&daemon, teacher, "mine", "\"prerequisites\":[\"hiden-one\"]", 422, "did you mean 'hidden-one'?");
	puts_in_with(
		&daemon, colleague, "mine", "\"prerequisites\":[\"hiden-one\"]", 409,
		"\"message\":\"there is a pack 'small-things' of somebody else: give yours another id in pack.json\","
		"\"code\":\"CONFLICT\",\"details\":{}");
	free(teacher);
	free(colleague);
	daemon_remove(&daemon);
}

static void one_by_one(void)
{
	struct daemon daemon = { .pid = 0 };
	char *teacher, *colleague, *student, *root;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	colleague = signed_in(&daemon, "colleague", "instructor");
	student = signed_in(&daemon, "student", "student");
	root = signed_in(&daemon, "root", "admin");
	check_refusals(&daemon, teacher, student);
	puts_in(&daemon, "POST /api/challenges?pack=small-things", teacher, "one", STATEMENT, 201,
		"\"pack\":\"small-things\",\"title\":\"Small things\",\"version\":1,");
	puts_in(&daemon, "POST /api/challenges?pack=small-things", teacher, "one", STATEMENT, 200, NO_CHANGE);
	puts_in(&daemon, "POST /api/challenges?pack=small-things", teacher, "two", STATEMENT, 201,
		"\"changes\":{\"added\":[\"two\"],\"changed\":[],\"removed\":[]}");
	check_replacing(&daemon, teacher, colleague);
	check_removing(&daemon, teacher, student);
	expect(&daemon, "GET /api/sync", student, 200, "\"version\":5,");
	expect(&daemon, "GET /api/audit?action=challenge.publish&limit=1", root, 200,
	       "\"subject\":\"small-things/one\",\"detail\":\"version 5\"");
	expect(&daemon, "GET /api/audit?action=challenge.remove", root, 200,
	       "\"subject\":\"small-things/one\",\"detail\":\"version 4\"");
	puts_in(&daemon, "PUT /api/challenges/small-things/two", root, "two", "Print x, once, as root would have it.\n",
		201, "\"version\":6,");
	free(teacher);
	free(colleague);
	free(student);
	free(root);
	daemon_remove(&daemon);
}

/* What was handed in for it stays, is judged anew when that is asked for, and what is under way is still taken. */
static void removed_with_work(void)
{
	struct daemon daemon = { .pid = 0 };
	struct ledger *ledger;
	static const char body[] =
		"{\"pack\":\"tiny\",\"slug\":\"echo\",\"version\":1,\"language\":\"bash\",\"code\":\"cat\\n\"}";
	char *teacher, *ada, *root, *target, *item, id[KL_ID_SIZE];

	daemon_start(&daemon, CLASS_CONFIG);
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	teacher = signed_in(&daemon, "teacher", "instructor");
	ada = signed_in(&daemon, "ada", "student");
	root = signed_in(&daemon, "root", "admin");
	CHECK(hand_in(ledger, &daemon, ada, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201, "not taken");
	await_verdicts(&daemon);
	expect(&daemon, "DELETE /api/challenges/tiny/echo", teacher, 200, "\"removed\":[\"echo\"]");
	target = kl_format("GET /api/submissions/%s", ledger->entries[0].id);
	expect(&daemon, target, ada, 200, "\"verdict\":\"passed\"");
	expect(&daemon, "GET /api/users/me/progress", ada, 200, "\"slug\":\"echo\",\"state\":\"COMPLETED\"");
	expect_has(&daemon, "POST /api/admin/rejudge", root, "{\"pack\":\"tiny\",\"slug\":\"echo\"}", 201,
		   "\"total\":1,");
	ask_until(&daemon, "GET /api/admin/rejudge", root, "\"state\":\"done\"");
	new_id(id);
	item = any_item(id, "submission", GOOD_ECHO, body);
	expect_has(&daemon, "POST /api/submissions", ada, item, 201, "\"end\":\"stored\"");
	await_verdicts(&daemon);
	expect(&daemon, "GET /api/users/me/submissions?limit=1", ada, 200, "\"verdict\":\"passed\"");
	expect(&daemon, "GET /api/users/me/submissions", ada, 200, "\"total\":2,");
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, false);
	free(target);
	free(item);
	free(teacher);
	free(ada);
	free(root);
	daemon_remove(&daemon);
}

#define KEPT 64 /* challenges that nobody works on are kept so many */

static void publish_many(const struct daemon *daemon, const char *teacher)
{
	struct kl_archive archive = { .files = NULL };
	struct kl_buf about;
	struct reply reply;

	kl_buf_init(&about, 65536);
	kl_buf_add_str(&about, "{\"format\":1,\"id\":\"many\",\"title\":\"Many\",\"challenges\":[");
	for (int i = 0; i < KEPT + 2; i++) {
		char slug[16];

		snprintf(slug, sizeof(slug), "task-%02d", i);
		kl_buf_addf(&about, "%s\"%s\"", i ? "," : "", slug);
		add_challenge(&archive, slug, STATEMENT);
	}
	kl_buf_add_str(&about, "]}");
	kl_archive_add(&archive, "pack.json", about.data, about.len);
	send_archive(&reply, daemon, "POST /api/packs", teacher, &archive);
	check_has(&reply, 201, "\"many\"");
	reply_release(&reply);
	kl_buf_release(&about);
}

/* Those that were used last are in memory, the others are read again: seen when the files are elsewhere for a while. */
static void kept_in_memory(void)
{
	struct daemon daemon;
	char *teacher, *ada, *full, *away;

	daemon_start(&daemon, CONFIG "accounts.requests_per_minute = 0\naccounts.submissions_per_minute = 0\n");
	daemon.errors = "challenge_not_read api_failed";
	teacher = signed_in(&daemon, "teacher", "instructor");
	ada = signed_in(&daemon, "ada", "student");
	publish_many(&daemon, teacher);
	for (int i = 0; i < KEPT + 2; i++) {
		char slug[16];

		snprintf(slug, sizeof(slug), "task-%02d", i);
		hands_in(&daemon, ada, "many", slug, 201, "\"end\":\"stored\"");
	}
	full = kl_format("%s/packs/many/1/full", daemon.folder);
	away = kl_format("%s.away", full);
	CHECK(!rename(full, away), "%s is not there", full);
	hands_in(&daemon, ada, "many", "task-02", 201, "\"end\":\"stored\"");
	hands_in(&daemon, ada, "many", "task-65", 201, "\"end\":\"stored\"");
	hands_in(&daemon, ada, "many", "task-01", 500,
		 "\"the server cannot read 'many/task-01' now: try again later, or tell your instructor\"");
	CHECK(!rename(away, full), "%s cannot come back", full);
	hands_in(&daemon, ada, "many", "task-01", 201, "\"end\":\"stored\"");
	daemon_remove(&daemon);
	free(teacher);
	free(ada);
	free(full);
	free(away);
}

/* Two at the same moment, by two clients: none of them undoes the other. */
static void two_at_once(void)
{
	static const char *const slugs[] = { "two", "three" };
	struct daemon daemon = { .pid = 0 };
	char *teacher;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	puts_in(&daemon, "POST /api/challenges?pack=small-things", teacher, "one", STATEMENT, 201, "\"version\":1,");
	for (size_t i = 0; i < KL_LENGTH(slugs); i++) {
		struct reply reply = { .status = 429 };

		if (fork())
			continue;
		while (reply.status == 429) {
			put(&reply, &daemon, "POST /api/challenges?pack=small-things", teacher, slugs[i], STATEMENT);
			if (reply.status == 429)
				CHECK(strstr(reply.body, "has got another version meanwhile: send it again in 1 s") &&
					      strstr(reply.head, "\r\nRetry-After: 1\r\n"),
				      "%s", reply.body);
			else
				check_has(&reply, 201, "\"changed\":[],\"removed\":[]}");
		}
		_exit(0);
	}
	for (size_t i = 0; i < KL_LENGTH(slugs); i++) {
		int status;

		CHECK(wait(&status) > 0 && !status, "a client failed");
	}
	expect(&daemon, "GET /api/packs/small-things", teacher, 200, "\"version\":3,\"challenges\":3,");
	free(teacher);
	daemon_remove(&daemon);
}

/* --- the server dies ---------------------------------------------------------------------------------------------- */

static void nothing_left_over(const struct daemon *daemon)
{
	char *folder = kl_path_join(daemon->folder, "packs");
	const struct dirent *entry;
	DIR *dir = opendir(folder);

	CHECK(dir, "no folder '%s'", folder);
	while ((entry = readdir(dir)))
		CHECK(strncmp(entry->d_name, ".new-", 5) != 0, "'%s' was left over", entry->d_name);
	closedir(dir);
	free(folder);
}

/* Dies at place while a challenge is put into a pack of one; then it is sent again, twice. */
static void die_publishing(const char *place, int status)
{
	struct daemon daemon = { .pid = 0 };
	char *teacher;
	int end;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	puts_in(&daemon, "POST /api/challenges?pack=small-things", teacher, "one", STATEMENT, 201, "\"version\":1,");
	daemon_stop(&daemon, SIGTERM);
	daemon.kill = place;
	daemon_start_again(&daemon);
	daemon.kill = NULL;
	puts_in(&daemon, "POST /api/challenges?pack=small-things", teacher, "two", STATEMENT, 0, "");
	CHECK(waitpid(daemon.pid, &end, 0) == daemon.pid && WIFSIGNALED(end) && WTERMSIG(end) == SIGKILL, "it lives");
	daemon.pid = 0;
	daemon_start_again(&daemon);
	nothing_left_over(&daemon);
	expect(&daemon, "GET /api/packs/small-things/versions", teacher, 200,
	       status == 200 ? "\"total\":2," : "\"total\":1,");
	puts_in(&daemon, "POST /api/challenges?pack=small-things", teacher, "two", STATEMENT, status, "\"version\":2,");
	puts_in(&daemon, "POST /api/challenges?pack=small-things", teacher, "two", STATEMENT, 200, NO_CHANGE);
	expect(&daemon, "GET /api/packs/small-things/versions", teacher, 200, "\"total\":2,");
	expect(&daemon, "GET /api/challenges/small-things/two", teacher, 200, "once, and nothing else");
	free(teacher);
	daemon_remove(&daemon);
}

static void R01_published_before_it_died(void)
{
	die_publishing("committed:1", 200);
}

static void R02_died_before_it_was_published(void)
{
	die_publishing("commit:1", 201);
}

/* --- a full disk -------------------------------------------------------------------------------------------------- */

/* Also where the helper writes: that is the disk, and no archive that is too large. */
static void R13_full_disk(void)
{
	struct daemon daemon = { .pid = 0 };
	char statement[8000];
	struct reply reply;
	char *teacher;

	memset(statement, 'x', sizeof(statement) - 1);
	statement[sizeof(statement) - 1] = '\0';
	daemon_start(&daemon, CLASS_CONFIG);
	daemon.errors = "storage_full";
	teacher = signed_in(&daemon, "teacher", "instructor");
	daemon_set_room(&daemon, 4096);
	put(&reply, &daemon, "POST /api/challenges?pack=small-things", teacher, "one", statement);
	check_has(&reply, 503, "\"code\":\"STORAGE_FULL\"");
	CHECK(strstr(reply.head, "\r\nRetry-After: "), "%s", reply.head);
	reply_release(&reply);
	expect(&daemon, "GET /health", NULL, 200, "\"status\":\"degraded\"");
	expect(&daemon, "GET /api/packs", teacher, 200, "\"data\":[],");
	daemon_set_room(&daemon, 0);
	ask_until(&daemon, "GET /health", NULL, "\"status\":\"ok\"");
	puts_in(&daemon, "POST /api/challenges?pack=small-things", teacher, "one", statement, 201, "\"version\":1,");
	nothing_left_over(&daemon);
	free(teacher);
	daemon_remove(&daemon);
}

const struct test challenges_tests[] = {
	{ "challenges_one_by_one", one_by_one },
	{ "challenges_into_a_pack_of_somebody_else", into_a_pack_of_somebody_else },
	{ "challenges_removed_with_work", removed_with_work },
	{ "challenges_kept_in_memory", kept_in_memory },
	{ "challenges_two_at_once", two_at_once },
	{ "R01_published_before_it_died", R01_published_before_it_died },
	{ "R02_died_before_it_was_published", R02_died_before_it_was_published },
	{ "R13_full_disk_while_publishing", R13_full_disk },
	{ NULL, NULL },
};
