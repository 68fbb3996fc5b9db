/*
 * Published packs: who may publish, what students get, and above all what they do not: marks are planted in all that must
 * stay on the server, and looked for in every answer.
 */

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/archive.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tests/server/ledger.h"

#define CONFIG "authz.tokens = the-program\njudge.enabled = false\n"
#define GZIP   "Content-Type: application/gzip\r\n"
#define MARK   "zq7"
#define ABSENT                                                                                                         \
	"{\"success\":false,\"error\":{\"message\":\"there is no such thing, or it is not yours to see\","             \
	"\"code\":\"NOT_FOUND\",\"details\":{}}}"

/* --- packs -------------------------------------------------------------------------------------------------------- */

#define PROGRAM "\"difficulty\":\"beginner\",\"category\":\"basics\",\"minutes\":5,\"kind\":\"program\""

/* clang-format off */
static const struct { const char *name, *text; } files[] = {
	{ "pack.json", "{\"format\":1,\"id\":\"marked\",\"title\":\"Marked\",\"challenges\":[\"say\",\"inner-part\",\"ask\"]}" },
	{ "ask/challenge.json", "{\"format\":1,\"title\":\"Ask\",\"summary\":\"Ask for it.\",\"tags\":[\"input\",\"text\"],\"difficulty\":\"advanced\","
				"\"category\":\"input\",\"minutes\":9,\"kind\":\"program\",\"hints\":[\"Ask.\"]}" },
	{ "ask/statement.md", "Ask for a number, wait for it, and print the number that was given.\n" },
	{ "ask/tests.json", "{\"tests\":[{\"id\":\"a\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"1\"},"
			    "{\"id\":\"b\",\"sample\":true,\"stdin\":\"2\",\"stdout\":\"2\"},{\"id\":\"zq7\",\"stdin\":\"zq7\",\"stdout\":\"zq7\"}]}" },
	{ "ask/solution/python.py", "print(input())  # zq7\n" },
	{ "say/challenge.json", "{\"format\":1,\"title\":\"Say\",\"summary\":\"Say it.\",\"tags\":[\"text\"],\"prerequisites\":[\"inner-part\"],"
				"\"checker\":{\"type\":\"program\",\"language\":\"python\",\"file\":\"zq7.py\"},\"hints\":[\"Say.\"]," PROGRAM "}" },
	{ "say/statement.md", "Say something, whatever it may be, and then say it again, twice.\n" },
	{ "say/tests.json", "{\"tests\":[{\"id\":\"a\",\"sample\":true,\"stdin\":\"\",\"stdout\":\"x\"},"
			    "{\"id\":\"zq7\",\"name\":\"zq7\",\"stdin\":\"zq7\",\"stdout\":\"zq7\",\"files\":{\"zq7\":\"zq7\"}}]}" },
	{ "say/zq7.py", "open('/tmp/kodelab-zq7-was-run', 'w')\n" },
	{ "say/starter/python.py", "pass\n" },
	{ "say/solution/python.py", "print('zq7')\n" },
	{ "inner-part/challenge.json", "{\"format\":1,\"title\":\"zq7\",\"summary\":\"zq7\",\"public\":false," PROGRAM "}" },
	{ "inner-part/statement.md", "zq7\n" },
	{ "inner-part/tests.json", "{\"tests\":[{\"id\":\"a\",\"sample\":true,\"stdout\":\"zq7\"}]}" },
};
/* clang-format on */

/* The archive of the marked pack, one of its files with another text. */
static void make_pack(char **bytes, size_t *len, const char *other, const char *text)
{
	struct kl_archive archive = { .files = NULL };

	for (size_t i = 0; i < KL_LENGTH(files); i++) {
		const char *content = other && !strcmp(other, files[i].name) ? text : files[i].text;

		kl_archive_add(&archive, files[i].name, content, strlen(content));
	}
	kl_archive_sort(&archive);
	CHECK(kl_archive_write(bytes, len, &archive, NULL) == KL_OK, "the archive cannot be written");
	kl_archive_release(&archive);
}

static void send_pack(struct reply *out, const struct daemon *daemon, const char *target, const char *who,
		      const char *other, const char *text)
{
	char *bytes, *headers = kl_format("%s" GZIP, who);
	size_t len;

	make_pack(&bytes, &len, other, text);
	ask_bytes(out, daemon, target, headers, bytes, len);
	free(headers);
	free(bytes);
}

static void publish(const struct daemon *daemon, const char *target, const char *who, const char *other,
		    const char *text, int status, const char *part)
{
	struct reply reply;

	send_pack(&reply, daemon, target, who, other, text);
	check_has(&reply, status, part);
	reply_release(&reply);
}

static void expect(const struct daemon *daemon, const char *target, const char *who, int status, const char *part)
{
	struct reply reply;

	ask(&reply, daemon, target, who, NULL);
	check_has(&reply, status, part);
	reply_release(&reply);
}

static void expect_is(const struct daemon *daemon, const char *target, const char *who, int status, const char *body)
{
	struct reply reply;

	ask(&reply, daemon, target, who, NULL);
	check_is(&reply, status, body);
	reply_release(&reply);
}

/* A header's value out of an answer; owned by the caller. */
static char *header_of(const struct reply *reply, const char *name)
{
	char *mark = kl_format("\r\n%s: ", name);
	const char *at = strstr(reply->head, mark);

	CHECK(at, "no %s in %s", name, reply->head);
	at += strlen(mark);
	free(mark);
	return kl_strndup(at, strcspn(at, "\r"));
}

/* --- what stays on the server ------------------------------------------------------------------------------------- */

static void look_for_marks(const char *where, const char *bytes, size_t len)
{
	static const char slug[] = "inner-part"; /* where it was not asked for */

	CHECK(strstr(where, "private slug") || !memmem(bytes, len, slug, strlen(slug)), "%s names a private challenge",
	      where);
	CHECK(!memmem(bytes, len, MARK, strlen(MARK)), "%s tells a mark: %.*s", where, (int)(len < 2000 ? len : 2000),
	      bytes);
	CHECK(!memmem(bytes, len, "solution", 8), "%s tells of solutions", where);
}

static void look_into(const char *where, const struct reply *reply)
{
	struct kl_archive archive = { .files = NULL };

	look_for_marks(where, reply->head, strlen(reply->head));
	look_for_marks(where, reply->body, reply->len);
	if (reply->len < 2 || (unsigned char)reply->body[0] != 0x1f)
		return;
	CHECK(kl_archive_read(&archive, reply->body, reply->len, &kl_pack_archive_limits, NULL) == KL_OK,
	      "%s is no archive", where);
	CHECK(archive.count == 8, "%s has %zu files", where, archive.count);
	for (size_t i = 0; i < archive.count; i++) {
		look_for_marks(archive.files[i].name, archive.files[i].name, strlen(archive.files[i].name));
		look_for_marks(archive.files[i].name, archive.files[i].text, archive.files[i].len);
	}
	kl_archive_release(&archive);
}

/* Fills each ":name" of a route with what the marked pack has; owned by the caller. */
static char *filled(const char *path, const char *slug)
{
	struct kl_buf out;

	kl_buf_init(&out, 1000);
	while (*path) {
		size_t len = strcspn(path, ":");

		kl_buf_add(&out, path, len);
		path += len;
		if (!*path)
			break;
		kl_buf_add_str(&out, !strncmp(path, ":pack", 5)      ? "marked"
				     : !strncmp(path, ":slug", 5)    ? slug
				     : !strncmp(path, ":version", 8) ? "1"
								     : "marked");
		path += strcspn(path, "/");
	}
	return kl_buf_detach(&out);
}

/* Every GET route there is, as a student, with the slugs that are seen and the one that is not. */
static void walk(const struct daemon *daemon, const char *who)
{
	static const char *const slugs[] = { "say", "ask", "inner-part" };
	char *text, *rest, *line;
	size_t walked = 0;

	CHECK(daemon_command(daemon, "--routes", NULL, &text) == 0, "no routes: %s", text);
	rest = text;
	while ((line = strsep(&rest, "\n")) && *line) {
		char *method = strsep(&line, "\t"), *path = strsep(&line, "\t");

		if (strcmp(method, "GET") != 0 || strstr(path, "events"))
			continue;
		for (size_t i = 0; i < KL_LENGTH(slugs); i++) {
			char *there = filled(path, slugs[i]), *target = kl_format("GET %s", there);
			struct reply reply;

			ask(&reply, daemon, target, who, NULL);
			look_into(i == 2 ? "a route with the private slug" : target, &reply);
			CHECK(strcmp(path, "/api/challenges/:pack/:slug") != 0 || reply.status == (i == 2 ? 404 : 200),
			      "%s: %d", target, reply.status);
			reply_release(&reply);
			free(target);
			free(there);
			walked++;
		}
	}
	CHECK(walked > 60, "only %zu routes were walked", walked);
	free(text);
}

static void hidden_content_stays(void)
{
	static const char *const more[] = { "GET /api/challenges?search=zq7", "GET /api/challenges?tags=zq7",
					    "GET /api/challenges?category=basics&sort=-title&limit=100",
					    "GET /api/packs/marked/archive?version=1",
					    "GET /api/challenges/marked/say?version=1" };
	struct daemon daemon = { .pid = 0 };
	char *teacher, *student;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	student = signed_in(&daemon, "student", "student");
	publish(&daemon, "POST /api/packs", teacher, NULL, NULL, 201, "\"version\":1,");
	walk(&daemon, student);
	for (size_t i = 0; i < KL_LENGTH(more); i++) {
		struct reply reply;

		ask(&reply, &daemon, more[i], student, NULL);
		CHECK(reply.status == 200, "%s: %d", more[i], reply.status);
		look_into("an answer", &reply);
		reply_release(&reply);
	}
	/* Of its author the list of versions alone tells what the whole is, by its hash. */
	expect(&daemon, "GET /api/packs/marked/versions", teacher, 200, "\"challenges\":3,\"shown\":2,");
	expect(&daemon, "GET /api/packs/marked/versions", student, 403, "\"code\":\"FORBIDDEN\"");
	expect_is(&daemon, "GET /api/challenges/marked/inner-part", student, 404, ABSENT);
	expect_is(&daemon, "GET /api/challenges/marked/zq7-none", student, 404, ABSENT);
	hands_in(&daemon, student, "marked", "say", 201, "\"end\":\"stored\"");
	hands_in(&daemon, student, "marked", "inner-part", 404, "the server has no challenge 'marked/inner-part'");
	expect_is(&daemon, "GET /api/challenges/marked/..", student, 404, ABSENT);
	free(teacher);
	free(student);
	daemon_remove(&daemon);
}

/* --- versions ----------------------------------------------------------------------------------------------------- */

static void versions_and_authors(void)
{
	static const char other_tests[] =
		"{\"tests\":[{\"id\":\"a\",\"sample\":true,\"stdin\":\"\",\"stdout\":\"x\"}]}";
	struct daemon daemon = { .pid = 0 };
	char *teacher, *colleague, *student;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	colleague = signed_in(&daemon, "colleague", "instructor");
	student = signed_in(&daemon, "student", "student");
	publish(&daemon, "POST /api/packs", student, NULL, NULL, 403, "\"code\":\"FORBIDDEN\"");
	publish(&daemon, "POST /api/packs", "", NULL, NULL, 401, "\"code\":\"UNAUTHORIZED\"");
	publish(&daemon, "PUT /api/packs/marked", teacher, NULL, NULL, 404, "NOT_FOUND");
	publish(&daemon, "POST /api/packs?check_only=true", teacher, NULL, NULL, 200,
		"\"changes\":{\"added\":[\"say\",\"inner-part\",\"ask\"],\"changed\":[],\"removed\":[]}");
	expect(&daemon, "GET /api/packs", teacher, 200, "\"data\":[],");
	publish(&daemon, "POST /api/packs", teacher, NULL, NULL, 201, "\"version\":1,");
	/* The same again is no new version: a lost answer may be asked for anew. */
	publish(&daemon, "POST /api/packs", teacher, NULL, NULL, 200, "\"version\":1,");
	publish(&daemon, "POST /api/packs", colleague, NULL, NULL, 409,
		"there is a pack 'marked' of somebody else: give yours another id in pack.json");
	publish(&daemon, "PUT /api/packs/marked", colleague, NULL, NULL, 403,
		"only the pack's author can do this; publish yours under another id");
	publish(&daemon, "PUT /api/packs/marked", teacher, "pack.json",
		"{\"format\":1,\"id\":\"other\",\"title\":\"O\",\"challenges\":[\"say\",\"inner-part\",\"ask\"]}", 422,
		"the archive holds the pack 'other', not 'marked'");
	publish(&daemon, "PUT /api/packs/marked", teacher, "say/solution/python.py", "print('zq7zq7')\n", 201,
		"\"changed\":[{\"slug\":\"say\",\"task\":false}]");
	publish(&daemon, "PUT /api/packs/marked", teacher, "say/tests.json", other_tests, 201,
		"\"changed\":[{\"slug\":\"say\",\"task\":false}]");
	publish(&daemon, "PUT /api/packs/marked", teacher, "say/statement.md",
		"Say something else, whatever it may be, and then again, twice.\n", 201,
		"\"changed\":[{\"slug\":\"say\",\"task\":true}]");
	expect(&daemon, "GET /api/packs", student, 200, "\"version\":4,\"challenges\":2,");
	expect(&daemon, "GET /api/challenges/marked/say", student, 200, "Say something else");
	expect(&daemon, "GET /api/challenges/marked/say?version=3", teacher, 200, "Say something, whatever");
	expect(&daemon, "GET /api/challenges/marked/say?version=4", student, 200, "Say something else");
	/* Former versions are their author's. */
	expect_is(&daemon, "GET /api/challenges/marked/say?version=3", student, 404, ABSENT);
	expect_is(&daemon, "GET /api/packs/marked/archive?version=3", student, 404, ABSENT);
	expect_is(&daemon, "GET /api/packs/marked/archive?version=3", colleague, 404, ABSENT);
	expect(&daemon, "GET /api/challenges/marked/say?version=5", student, 422, "from 1 to 4");
	expect(&daemon, "DELETE /api/packs/marked", colleague, 403, "FORBIDDEN");
	expect(&daemon, "DELETE /api/packs/marked", teacher, 200, "\"removed\":true");
	expect_is(&daemon, "GET /api/packs/marked", student, 404, ABSENT);
	expect_is(&daemon, "GET /api/challenges/marked/say", student, 404, ABSENT);
	expect_is(&daemon, "GET /api/packs/marked/archive", student, 404, ABSENT);
	expect(&daemon, "GET /api/challenges", student, 200, "\"data\":[],");
	/* Its name stays its author's. */
	publish(&daemon, "POST /api/packs", colleague, NULL, NULL, 409, "CONFLICT");
	publish(&daemon, "POST /api/packs", teacher, NULL, NULL, 201, "\"version\":5,");
	free(teacher);
	free(colleague);
	free(student);
	daemon_remove(&daemon);
}

/* What is published is there after a kill, and after the folders are gone: the store has it. */
static void survives(void)
{
	struct daemon daemon = { .pid = 0 };
	char *teacher, *folder;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	publish(&daemon, "POST /api/packs", teacher, NULL, NULL, 201, "\"version\":1,");
	daemon_end(&daemon, SIGKILL);
	daemon_start_again(&daemon);
	expect(&daemon, "GET /api/challenges/marked/say", teacher, 200, "Say something");
	daemon_end(&daemon, SIGKILL);
	folder = kl_format("%s/packs", daemon.folder);
	CHECK(kl_path_exists(folder), "no folder '%s'", folder);
	CHECK(!kl_file_remove_tree(folder, NULL), "cannot remove '%s'", folder);
	daemon_start_again(&daemon);
	expect(&daemon, "GET /api/challenges/marked/say", teacher, 200, "Say something");
	expect(&daemon, "GET /api/challenges", teacher, 200, "\"total\":2,");
	free(folder);
	free(teacher);
	daemon_remove(&daemon);
}

/* --- archives that are refused ------------------------------------------------------------------------------------ */

static void F03_refused_archives_change_nothing(void)
{
	struct daemon daemon = { .pid = 0 };
	char *teacher, *headers, *bytes;
	struct kl_archive none = { .files = NULL };
	struct reply reply;
	size_t len;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	headers = kl_format("%s" GZIP, teacher);
	publish(&daemon, "POST /api/packs", teacher, NULL, NULL, 201, "\"version\":1,");
	make_pack(&bytes, &len, "say/statement.md", "Another statement, which is long enough to be taken for one.\n");
	bytes[len - 7] ^= 1;
	ask_bytes(&reply, &daemon, "PUT /api/packs/marked", headers, bytes, len);
	check_has(&reply, 422, "the archive is damaged");
	reply_release(&reply);
	bytes[len - 7] ^= 1;
	ask_bytes(&reply, &daemon, "PUT /api/packs/marked", headers, bytes, len - 9);
	check_has(&reply, 422, "the archive is cut off");
	reply_release(&reply);
	ask_bytes(&reply, &daemon, "PUT /api/packs/marked", JSON, bytes, len);
	check_has(&reply, 401, "UNAUTHORIZED");
	reply_release(&reply);
	ask_bytes(&reply, &daemon, "PUT /api/packs/marked", teacher, bytes, len);
	check_has(&reply, 415, "send the pack as a .tar.gz: Content-Type: application/gzip");
	reply_release(&reply);
	free(bytes);
	kl_archive_add(&none, "../../evil", "x", 1);
	CHECK(!kl_archive_write(&bytes, &len, &none, NULL), "cannot write");
	ask_bytes(&reply, &daemon, "POST /api/packs", headers, bytes, len);
	check_has(&reply, 422, "the archive's name '../../evil' leads elsewhere");
	reply_release(&reply);
	free(bytes);
	free(none.files[0].name);
	none.files[0].name = kl_strdup("readme");
	CHECK(!kl_archive_write(&bytes, &len, &none, NULL), "cannot write");
	ask_bytes(&reply, &daemon, "POST /api/packs", headers, bytes, len);
	check_has(&reply, 422, "the archive holds no pack: there is no pack.json in it");
	reply_release(&reply);
	free(bytes);
	publish(&daemon, "PUT /api/packs/marked", teacher, "say/tests.json", "{\"tests\":[]}", 422,
		"\"message\":\"the pack has 1 error: 'kodelab check' shows them\",\"code\":\"VALIDATION_ERROR\",\"details\":{\"findings\":[");
	expect(&daemon, "GET /api/packs", teacher, 200, "\"version\":1,");
	expect(&daemon, "GET /api/challenges/marked/say", teacher, 200, "Say something");
	free(headers);
	free(teacher);
	kl_archive_release(&none);
	daemon_remove(&daemon);
}

static void F04_nothing_is_run(void)
{
	struct daemon daemon = { .pid = 0 };
	char *teacher;

	unlink("/tmp/kodelab-zq7-was-run");
	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	publish(&daemon, "POST /api/packs", teacher, NULL, NULL, 201, "\"version\":1,");
	expect(&daemon, "GET /api/challenges/marked/say", teacher, 200, "\"checker\":\"class\"");
	CHECK(!kl_path_exists("/tmp/kodelab-zq7-was-run"), "the checker program was run");
	free(teacher);
	daemon_remove(&daemon);
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

static void lists_and_filters(void)
{
	/* clang-format off */
	static const struct { const char *query; int status; const char *part; } rows[] = {
		{ "",                              200, "\"total\":2,\"pages\":1}" },
		{ "?limit=1",                      200, "\"slug\":\"say\"" },
		{ "?limit=1&page=2",               200, "\"slug\":\"ask\"" },
		{ "?limit=1&page=3",               200, "\"data\":[],\"pagination\":{\"page\":3,\"limit\":1,\"total\":2,\"pages\":2}" },
		{ "?page=1000000000",              422, "'page' must be a whole number" },
		{ "?limit=-1",                     422, "'limit' must be a whole number from 1 to 100" },
		{ "?limit=101",                    422, "'limit' must be a whole number from 1 to 100" },
		{ "?page=0",                       422, "'page' must be a whole number" },
		{ "?difficulty=advanced",          200, "\"data\":[{\"id\":\"marked/ask\"" },
		{ "?difficulty=hard",              422, "'difficulty' must be BEGINNER, INTERMEDIATE, ADVANCED or EXPERT" },
		{ "?category=input",               200, "\"total\":1," },
		{ "?pack=marked&limit=1",          200, "\"total\":2," },
		{ "?pack=other",                   200, "\"total\":0," },
		{ "?category=nothing",             200, "\"total\":0," },
		{ "?tags=text",                    200, "\"total\":2," },
		{ "?tags=text,input",              200, "\"total\":1," },
		{ "?tags=a,b,c,d,e,f,g,h,i",       422, "'tags' must be at most 8 tags" },
		{ "?search=ASK",                   200, "\"total\":1," },
		{ "?search=number",                200, "\"total\":0," }, /* statements are not searched */
		{ "?sort=-minutes&limit=1",        200, "\"slug\":\"ask\"" },
		{ "?sort=title&limit=1",           200, "\"slug\":\"ask\"" },
		{ "?sort=solution",                422, "'sort' must be number, title, difficulty or minutes" },
		{ "?sort=number;DROP%20TABLE%20packs", 422, "'sort' must be" },
		{ "?search=%27%20OR%201=1%20--",   200, "\"total\":0," },
		{ "?category=%22;DELETE%20FROM%20packs", 200, "\"total\":0," },
		{ "?search=%1b%5d52;c;x%07",       200, "\"total\":0," },
		{ "?search=%ff%fe",                200, "\"total\":0," },
	};
	/* clang-format on */
	struct daemon daemon = { .pid = 0 };
	char *teacher, *log;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	publish(&daemon, "POST /api/packs", teacher, NULL, NULL, 201, "\"version\":1,");
	for (int twice = 0; twice < 2; twice++) /* made, and as it was kept */
		for (size_t i = 0; i < KL_LENGTH(rows); i++) {
			char *target = kl_format("GET /api/challenges%s", rows[i].query);

			expect(&daemon, target, teacher, rows[i].status, rows[i].part);
			free(target);
		}
	expect_is(&daemon, "GET /api/challenges/categories", teacher, 200,
		  "{\"success\":true,\"data\":[{\"category\":\"basics\",\"challenges\":1},"
		  "{\"category\":\"input\",\"challenges\":1}]}");
	expect(&daemon, "GET /api/challenges", "", 401, "UNAUTHORIZED");
	log = daemon_log(&daemon);
	CHECK(!strchr(log, '\x1b'), "the log has a control sequence: %s", log);
	free(log);
	free(teacher);
	daemon_remove(&daemon);
}

/* What is asked for, and what comes: the first and the last byte of the whole (len bytes); -1: the end. */
static void check_ranges(const struct daemon *daemon, const char *who, const struct reply *whole)
{
	/* clang-format off */
	static const struct { const char *range; int status; long first, last; } rows[] = {
		{ "bytes=0-",    206, 0, -1 },  { "bytes=5-9",   206, 5, 9 },   { "bytes=-7", 206, -7, -1 },
		{ "bytes=0-999999999", 206, 0, -1 }, { "bytes=-999999999", 206, 0, -1 }, { "bytes=-0", 416, 0, 0 },
		{ "bytes=9-5",   200, 0, -1 },  { "bytes=1-2,4-5", 200, 0, -1 }, { "bytes=--5", 200, 0, -1 },
		{ "bytes= 5-9",  200, 0, -1 },  { "lines=5-9",   200, 0, -1 },  { "bytes=", 200, 0, -1 },
		{ "bytes=99999999999999999999-", 200, 0, -1 },
	};
	/* clang-format on */
	long end = (long)whole->len;

	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		char *headers = kl_format("%sRange: %s\r\n", who, rows[i].range);
		long first = rows[i].first < 0 ? end + rows[i].first : rows[i].first;
		long last = rows[i].last < 0 ? end + rows[i].last : rows[i].last;
		struct reply reply;

		ask(&reply, daemon, "GET /api/packs/marked/archive", headers, NULL);
		CHECK(reply.status == rows[i].status, "%s: %d", rows[i].range, reply.status);
		CHECK(reply.status == 416 || ((long)reply.len == last - first + 1 &&
					      !memcmp(reply.body, whole->body + first, reply.len)),
		      "%s: %zu bytes", rows[i].range, reply.len);
		reply_release(&reply);
		free(headers);
	}
}

static void known_and_resumed(void)
{
	struct daemon daemon = { .pid = 0 };
	struct reply whole, reply;
	char *teacher, *etag, *headers;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	publish(&daemon, "POST /api/packs", teacher, NULL, NULL, 201, "\"version\":1,");
	ask(&whole, &daemon, "GET /api/challenges", teacher, NULL);
	etag = header_of(&whole, "ETag");
	headers = kl_format("%sIf-None-Match: %s\r\n", teacher, etag);
	ask(&reply, &daemon, "GET /api/challenges", headers, NULL);
	CHECK(reply.status == 304 && !reply.len, "%d, %zu bytes", reply.status, reply.len);
	reply_release(&reply);
	reply_release(&whole);
	free(headers);
	free(etag);
	ask(&whole, &daemon, "GET /api/packs/marked/archive", teacher, NULL);
	check_ranges(&daemon, teacher, &whole);
	etag = header_of(&whole, "ETag");
	headers = kl_format("%sRange: bytes=100-\r\nIf-Range: %s\r\n", teacher, etag);
	ask(&reply, &daemon, "GET /api/packs/marked/archive", headers, NULL);
	CHECK(reply.status == 206 && reply.len == whole.len - 100 && !memcmp(reply.body, whole.body + 100, reply.len),
	      "%d, %zu of %zu bytes", reply.status, reply.len, whole.len);
	reply_release(&reply);
	publish(&daemon, "PUT /api/packs/marked", teacher, "ask/statement.md",
		"Ask for a number, wait for it, and print what was given to you.\n", 201, "\"version\":2,");
	ask(&reply, &daemon, "GET /api/packs/marked/archive", headers, NULL); /* it is another one now */
	CHECK(reply.status == 200 && (unsigned char)reply.body[0] == 0x1f, "%d", reply.status);
	reply_release(&reply);
	free(headers);
	headers = kl_format("%sRange: bytes=1000000-\r\n", teacher);
	ask(&reply, &daemon, "GET /api/packs/marked/archive", headers, NULL);
	CHECK(reply.status == 416, "%d", reply.status);
	reply_release(&reply);
	reply_release(&whole);
	free(headers);
	free(etag);
	free(teacher);
	daemon_remove(&daemon);
}

/* --- from the lab ------------------------------------------------------------------------------------------------- */

static void put_files(const struct daemon *daemon)
{
	for (size_t i = 0; i < KL_LENGTH(files); i++) {
		char *path = kl_format("%s/pack/%s", daemon->folder, files[i].name);
		char *folder = kl_strndup(path, (size_t)(kl_path_name(path) - path));

		CHECK(!kl_path_make(folder, NULL) &&
			      !kl_file_write(path, files[i].text, strlen(files[i].text), 0644, NULL),
		      "cannot write '%s'", path);
		free(folder);
		free(path);
	}
}

static void in_lab(const struct daemon *daemon, const char *words, const char *part)
{
	lab_says(daemon, words, PASSWORD, part);
}

static void published_from_the_lab(void)
{
	struct daemon daemon = { .pid = 0 };
	char *teacher, *colleague, *login, *statement;

	daemon_start(&daemon, CONFIG);
	teacher = signed_in(&daemon, "teacher", "instructor");
	colleague = signed_in(&daemon, "colleague", "instructor");
	put_files(&daemon);
	login = kl_format("login --password --user teacher http://127.0.0.1:%d", daemon.port);
	in_lab(&daemon, login, "You are teacher at");
	in_lab(&daemon, "publish --fast --check-only pack", "not published yet\n  + say\n  + inner-part\n  + ask\n");
	in_lab(&daemon, "publish --fast pack", "say --yes to publish without being asked");
	expect(&daemon, "GET /api/packs", teacher, 200, "\"data\":[],");
	in_lab(&daemon, "publish --fast --yes pack",
	       "kodelab: this pack is new: say who sees it, --course COURSE or --everybody\nTry 'kodelab help publish'.");
	in_lab(&daemon, "publish --fast --yes --course X --everybody pack",
	       "kodelab: --course and --everybody are two answers: give one");
	in_lab(&daemon, "publish --fast --yes --everybody pack",
	       "Published version 1: 3 challenges, 2 of them for students.");
	in_lab(&daemon, "publish --fast --yes pack/say", "Nothing to publish: version 1 is the same.");
	statement = kl_format("%s/pack/say/statement.md", daemon.folder);
	CHECK(!kl_file_write(statement, "Say something else.\n", 20, 0644, NULL), "cannot write");
	in_lab(&daemon, "publish --fast --check-only pack", "  ~ say (students see the change)\n");
	/* One challenge alone: the others stay as they are published. */
	in_lab(&daemon, "publish --fast --yes --course x pack/say", "--course is for a whole pack");
	in_lab(&daemon, "publish --fast --yes pack/ask", "Nothing to publish: version 1 is the same.");
	in_lab(&daemon, "publish --fast --yes pack/say", "  ~ say (students see the change)\nPublished version 2:");
	in_lab(&daemon, "publish --yes --remove ask pack", "  - ask\nPublished version 3: 2 challenges, 1 of them");
	in_lab(&daemon, "publish --yes --remove ask pack", "Nothing to publish: version 3 is the same.");
	CHECK(!unlink(statement), "cannot remove");
	in_lab(&daemon, "publish --fast --yes pack", "the pack has 1 error and was not sent");
	in_lab(&daemon, "publish --fast --yes pack/say", "the challenge has 1 error and was not sent");
	expect(&daemon, "GET /api/packs", teacher, 200, "\"version\":3,");
	free(login);
	free(statement);
	login = kl_format("login --password --user colleague http://127.0.0.1:%d", daemon.port);
	in_lab(&daemon, login, "You are colleague at");
	put_files(&daemon);
	in_lab(&daemon, "publish --fast --yes pack", "there is a pack 'marked' of somebody else");
	free(login);
	free(teacher);
	free(colleague);
	daemon_remove(&daemon);
}

const struct test packs_tests[] = {
	{ "hidden_content_stays", hidden_content_stays },
	{ "versions_and_authors", versions_and_authors },
	{ "what_is_published_survives", survives },
	{ "F03_refused_archives_change_nothing", F03_refused_archives_change_nothing },
	{ "F04_nothing_is_run", F04_nothing_is_run },
	{ "lists_and_filters", lists_and_filters },
	{ "known_and_resumed", known_and_resumed },
	{ "published_from_the_lab", published_from_the_lab },
	{ NULL, NULL },
};
