/*
 * Who may do what: every route that the program itself prints is asked by everybody there can be, and what comes is what its
 * word promises. Where a path names something, somebody else's and something that is not there are one answer.
 */

#include <signal.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>

#include "tests/server/harness.h"

#define CONFIG    "accounts.registration = open\njudge.enabled = false\n"
#define NOT_THERE "there is no such thing, or it is not yours to see"
#define UNKNOWN   "sign in first: 'kodelab login', or send Authorization: Bearer TOKEN"
#define NO_ID     "01900000-0000-7000-8000-000000000000"
#define DAY_MS    INT64_C(86400000)

/* --- routes ----------------------------------------------------------------------------------------------------------- */

struct row { /* of kodelabd --routes */
	char method[8], path[128], word[64];
};

struct rows {
	struct row *items;
	size_t count, capacity;
};

static void read_rows(struct rows *rows)
{
	char *program = kl_format("%s/kodelabd", build_folder);
	char *const argv[] = { program, (char[]){ "--routes" }, NULL };
	char *text = output_of(argv), *rest = text, *line;

	*rows = (struct rows){ .items = NULL };
	while ((line = strsep(&rest, "\n"))) {
		struct row row;

		if (sscanf(line, "%7[^\t]\t%127[^\t]\t%63[^\n]", row.method, row.path, row.word) != 3)
			continue;
		KL_GROW(rows->items, rows->count, rows->capacity);
		rows->items[rows->count++] = row;
	}
	CHECK(rows->count > 40, "few routes: %s", text);
	free(text);
	free(program);
}

/* "PUT /api/users/<id>/role": the first name in the path stands for first, every other for id. Owned by the caller. */
static char *target_with(const struct row *row, const char *first, const char *id)
{
	struct kl_buf target;

	kl_buf_init(&target, 1024);
	kl_buf_addf(&target, "%s ", row->method);
	for (const char *at = row->path; *at;) {
		if (*at == ':') {
			kl_buf_add_str(&target, first);
			first = id;
			at += strcspn(at, "/");
		} else {
			kl_buf_add_char(&target, *at++);
		}
	}
	return kl_buf_detach(&target);
}

static char *target_of(const struct row *row, const char *id)
{
	return target_with(row, id, id);
}

/* The head alone: an answer may be a stream that does not end. */
static void ask_head(struct reply *out, const struct daemon *daemon, const char *target, const char *headers)
{
	char *text =
		kl_format("%s HTTP/1.1\r\nHost: test\r\n%sContent-Length: 0\r\n\r\n", target, headers ? headers : "");
	char head[65536];
	size_t len = 0;
	ssize_t got;
	int fd = client_connect(daemon);

	client_text(fd, text);
	head[0] = '\0';
	while (len < sizeof(head) - 1 && !strstr(head, "\r\n\r\n") &&
	       (got = read(fd, head + len, sizeof(head) - 1 - len)) > 0)
		head[len += (size_t)got] = '\0';
	close(fd);
	free(text);
	*out = (struct reply){ .head = kl_strdup(head), .body = kl_strdup("") };
	if (!strncmp(head, "HTTP/1.1 ", 9))
		out->status = (int)strtol(head + 9, NULL, 10);
}

/* --- everybody there can be ------------------------------------------------------------------------------------------- */

enum who { NOBODY, DISABLED, EXPIRED, REVOKED, STUDENT, INSTRUCTOR, ADMIN, WHO_COUNT };

static const char *const who_words[] = { "nobody", "disabled", "expired", "revoked", "student", "instructor", "admin" };

struct people {
	char *headers[WHO_COUNT]; /* NULL: nobody */
};

/*
 * Which of them, at least, a word lets through: those below get 403, who is not known 401. Further words say what one must be
 * to an object; here the path names none that is there, so everybody who is known gets 404.
 */
static const struct word {
	const char *word;
	enum who least;
} role_words[] = {
	{ "everybody", NOBODY },      { "signed in", STUDENT },   { "user", STUDENT },
	{ "instructor", INSTRUCTOR }, { "administrator", ADMIN },
};

static const struct word *find_word(const char *word)
{
	for (size_t i = 0; i < KL_LENGTH(role_words); i++)
		if (!strcmp(role_words[i].word, word))
			return &role_words[i];
	return NULL;
}

static void disable(const struct daemon *daemon, const char *name)
{
	char *words = kl_format("user disable %s", name);

	CHECK(!daemon_command(daemon, words, NULL, NULL), "%s", words);
	free(words);
}

/* A day passes, then all but one sign in anew. */
static void gather(struct people *people, struct daemon *daemon)
{
	*people = (struct people){ .headers = { NULL } };
	people->headers[EXPIRED] = signed_in(daemon, "xavier", "admin");
	daemon_stop(daemon, SIGTERM);
	daemon->clock_ms += DAY_MS + 1;
	daemon_start_again(daemon);
	people->headers[DISABLED] = signed_in(daemon, "dora", "admin");
	people->headers[REVOKED] = signed_in(daemon, "rita", "admin");
	people->headers[STUDENT] = signed_in(daemon, "sam", "student");
	people->headers[INSTRUCTOR] = signed_in(daemon, "ines", "instructor");
	people->headers[ADMIN] = signed_in(daemon, "ada", "admin");
	disable(daemon, "dora");
	expect_has(daemon, "POST /api/auth/logout", people->headers[REVOKED], NULL, 200, "\"signed_out\":true");
}

static void scatter(struct people *people)
{
	for (size_t i = 0; i < WHO_COUNT; i++)
		free(people->headers[i]);
}

/* --- A01 ---------------------------------------------------------------------------------------------------------------- */

/* The one status that must come; 0: any but a refusal of who asks. */
static int wanted(const struct row *row, enum who who)
{
	const struct word *word = find_word(row->word);

	if (word && word->least == NOBODY)
		return 0;
	if (who < STUDENT)
		return 401;
	if (!word)
		return 404;
	return who < word->least ? 403 : 0;
}

static void check_route(const struct daemon *daemon, const struct row *row, const struct people *people, enum who who)
{
	bool signs_in = !strncmp(row->path, "/api/auth/", 10); /* there 401 is also what a wrong password gets */
	char *target = target_of(row, NO_ID);
	int status = wanted(row, who);
	struct reply reply;

	ask_head(&reply, daemon, target, people->headers[who]);
	if (status) /* or, instead of 404: it is for no one of his role at all */
		CHECK(reply.status == status || (status == 404 && reply.status == 403), "%s by %s: %d, not %d", target,
		      who_words[who], reply.status, status);
	else
		CHECK(reply.status >= 200 && reply.status < 500 && reply.status != 403 &&
			      (reply.status != 401 || signs_in),
		      "%s by %s: %d, but it is for: %s", target, who_words[who], reply.status, row->word);
	reply_release(&reply);
	free(target);
}

/* Signing out last: who did it is nobody afterwards. */
static bool is_last(const struct row *row)
{
	return !strcmp(row->path, "/api/auth/logout");
}

static void test_every_route(void)
{
	struct kl_clock clock;
	struct people people;
	struct daemon daemon;
	struct rows rows;

	kl_clock_init(&clock);
	read_rows(&rows);
	daemon_prepare(&daemon, CONFIG);
	daemon.clock_ms = kl_clock_wall_ms(&clock);
	daemon_start_again(&daemon);
	gather(&people, &daemon);
	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i < rows.count; i++)
			for (enum who who = NOBODY; who < WHO_COUNT; who++)
				if (is_last(&rows.items[i]) == (last == 1) && !strncmp(rows.items[i].path, "/api/", 5))
					check_route(&daemon, &rows.items[i], &people, who);
	scatter(&people);
	daemon_remove(&daemon);
	free(rows.items);
}

static char *member_at(const struct daemon *daemon, const char *target, const char *headers, const char *name)
{
	struct reply reply;
	char *text;

	ask(&reply, daemon, target, headers, NULL);
	check_has(&reply, 200, "\"success\":true");
	text = member_of(reply.body, name);
	reply_release(&reply);
	return text;
}

/* A course of whose, with a code if joins is not NULL, who then assists there. Owned by the caller. */
static char *open_course(const struct daemon *daemon, const char *whose, const char *joins)
{
	char *headers = kl_format("%s%s", whose, JSON), *id, *code, *body, *me, *target;
	struct reply reply;

	ask(&reply, daemon, "POST /api/courses", headers, "{\"title\":\"Programming\",\"joining\":\"code\"}");
	check_has(&reply, 201, "\"code\":\"");
	id = member_of(reply.body, "id");
	code = member_of(reply.body, "code");
	reply_release(&reply);
	if (joins) {
		body = kl_format("{\"code\":\"%s\"}", code);
		expect_has(daemon, "POST /api/courses/join", joins, body, 201, "STUDENT");
		me = member_at(daemon, "GET /api/auth/me", joins, "id");
		target = kl_format("PUT /api/courses/%s/students/%s", id, me);
		expect_has(daemon, target, headers, "{\"role\":\"TEACHING_ASSISTANT\"}", 200, "\"changed\":true");
		free(body);
		free(me);
		free(target);
	}
	free(headers);
	free(code);
	return id;
}

static int status_of(const struct daemon *daemon, const char *target, const char *headers)
{
	struct reply reply;
	int status;

	ask_head(&reply, daemon, target, headers);
	status = reply.status;
	reply_release(&reply);
	return status;
}

/*
 * Every route of a course that is there: who assists in another one is told what he would be of one that is not there, and a token that is
 * good no longer is nobody's, whoever it was.
 */
static void test_other_assistant(void)
{
	struct kl_clock clock;
	struct people people;
	struct daemon daemon;
	char *course, *other, *target, *none;
	struct rows rows;
	size_t asked = 0;

	kl_clock_init(&clock);
	read_rows(&rows);
	daemon_prepare(&daemon, CONFIG);
	daemon.clock_ms = kl_clock_wall_ms(&clock);
	daemon_start_again(&daemon);
	gather(&people, &daemon);
	course = open_course(&daemon, people.headers[INSTRUCTOR], NULL);
	other = open_course(&daemon, people.headers[INSTRUCTOR], people.headers[STUDENT]);
	for (size_t i = 0; i < rows.count; i++) {
		if (strncmp(rows.items[i].path, "/api/courses/:", 14) != 0)
			continue;
		target = target_with(&rows.items[i], course, NO_ID);
		none = target_of(&rows.items[i], NO_ID);
		for (enum who who = NOBODY; who <= STUDENT; who++) {
			int status = status_of(&daemon, target, people.headers[who]);

			CHECK(who == STUDENT ? status >= 403 && status < 500 : status == 401, "%s by %s: %d", target,
			      who_words[who], status);
			CHECK(status == status_of(&daemon, none, people.headers[who]),
			      "%s by %s: %d, not as what is not there", target, who_words[who], status);
		}
		free(target);
		free(none);
		asked++;
	}
	CHECK(asked > 20, "only %zu routes of a course", asked);
	target = kl_format("GET /api/courses/%s/students", other);
	CHECK(status_of(&daemon, target, people.headers[STUDENT]) == 200, "%s: he assists there", target);
	scatter(&people);
	daemon_remove(&daemon);
	free(rows.items);
	free(target);
	free(course);
	free(other);
}

/* The table in the documentation is the program's, row by row, and no row more. */
static void test_table_in_docs(void)
{
	size_t documented = 0, asked = 0;
	struct rows rows;
	struct kl_buf page;

	kl_buf_init(&page, 1 << 20);
	CHECK(!kl_file_read(&page, "docs/class-server.md", NULL), "docs/class-server.md cannot be read");
	read_rows(&rows);
	for (size_t i = 0; i < rows.count; i++) {
		char *line =
			kl_format("\n| `%s %s` | %s |", rows.items[i].method, rows.items[i].path, rows.items[i].word);

		if (strcmp(rows.items[i].word, "by its gates") != 0) {
			CHECK(strstr(page.data, line), "docs/class-server.md lacks %s", line + 1);
			asked++;
		}
		free(line);
	}
	for (const char *at = page.data; (at = strstr(at, "\n| `")); at++) {
		const char *word = at + 4 + strspn(at + 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		documented += !strncmp(word, " /api/", 6) || !strncmp(word, " /device", 8);
	}
	CHECK(documented == asked, "docs/class-server.md has %zu routes, the program %zu", documented, asked);
	kl_buf_release(&page);
	free(rows.items);
}

/* --- A02 ---------------------------------------------------------------------------------------------------------------- */

/* Somebody else's and nobody's: byte for byte the same refusal. */
static void check_hidden(const struct daemon *daemon, const char *method, const char *before, const char *id,
			 const char *after, const char *headers)
{
	char *theirs = kl_format("%s %s%s%s", method, before, id, after);
	char *none = kl_format("%s %s" NO_ID "%s", method, before, after);

	expect_refused(daemon, theirs, headers, NULL, 404, "NOT_FOUND", NOT_THERE);
	expect_refused(daemon, none, headers, NULL, 404, "NOT_FOUND", NOT_THERE);
	free(theirs);
	free(none);
}

static void test_hidden(void)
{
	char *sam, *ines, *session, *id;
	struct daemon daemon;

	daemon_start(&daemon, CONFIG);
	sam = signed_in(&daemon, "sam", "student");
	ines = signed_in(&daemon, "ines", "instructor");
	session = member_at(&daemon, "GET /api/users/me/sessions", sam, "id");
	id = member_at(&daemon, "GET /api/auth/me", sam, "id");
	check_hidden(&daemon, "DELETE", "/api/users/me/sessions/", session, "", ines);
	check_hidden(&daemon, "POST", "/api/users/", id, "/reset-code", ines); /* he teaches nobody */
	check_hidden(&daemon, "POST", "/api/users/", id, "/reset-code", sam); /* nor does one help oneself */
	daemon_remove(&daemon);
	free(session);
	free(id);
	free(ines);
	free(sam);
}

/* One's students, and only those who are no more than that. */
static void test_teaching(void)
{
	char *ines, *sam, *root, *joining, *sam_id, *root_id, *headers, *code;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, CONFIG);
	ines = signed_in(&daemon, "ines", "instructor");
	sam = signed_in(&daemon, "sam", "student");
	root = signed_in(&daemon, "root", "admin");
	headers = kl_format("%s%s", ines, JSON);
	ask(&reply, &daemon, "POST /api/courses", headers, "{\"title\":\"Programming I\",\"joining\":\"code\"}");
	check_has(&reply, 201, "\"code\":\"");
	code = member_of(reply.body, "code");
	reply_release(&reply);
	joining = kl_format("{\"code\":\"%s\"}", code);
	sam_id = member_at(&daemon, "GET /api/auth/me", sam, "id");
	root_id = member_at(&daemon, "GET /api/auth/me", root, "id");
	check_hidden(&daemon, "POST", "/api/users/", sam_id, "/reset-code", ines);
	expect_has(&daemon, "POST /api/courses/join", sam, joining, 201, "\"success\":true");
	expect_has(&daemon, "POST /api/courses/join", root, joining, 201, "\"success\":true");
	check_hidden(&daemon, "POST", "/api/users/", root_id, "/reset-code", ines);
	free(joining);
	joining = kl_format("POST /api/users/%s/reset-code", sam_id);
	expect_has(&daemon, joining, ines, NULL, 201, "\"code\":\"");
	expect_refused(&daemon, joining, sam, NULL, 404, "NOT_FOUND", NOT_THERE);
	daemon_remove(&daemon);
	free(headers);
	free(joining);
	free(sam_id);
	free(root_id);
	free(code);
	free(root);
	free(ines);
	free(sam);
}

/* --- A03 ---------------------------------------------------------------------------------------------------------------- */

/* Members that would raise somebody, where they are not asked for: refused by name, and nothing comes of them. */
static void test_smuggling(void)
{
	/* clang-format off */
	static const struct { const char *target, *good; } bodies[] = {
		{ "POST /api/auth/register",     "\"name\":\"eve\",\"password\":\"first of all\"" },
		{ "POST /api/auth/login",        "\"name\":\"sam\",\"password\":\"" PASSWORD "\"" },
		{ "PUT /api/users/me/profile",   "\"display\":\"Sam\"" },
		{ "POST /api/auth/password",     "\"old\":\"" PASSWORD "\",\"new\":\"second of all\"" },
		{ "POST /api/auth/reset",        "\"name\":\"sam\",\"code\":\"ABCD-EFGH-JKLM\",\"new\":\"second of all\"" },
		{ "POST /api/auth/refresh",      "\"refresh_token\":\"klr_\"" },
	};
	static const char *const members[] = { "role", "user_id", "score", "extra_time", "id", "state", "disabled" };
	/* clang-format on */
	struct daemon daemon;
	char *sam;

	daemon_start(&daemon, CONFIG);
	sam = signed_in(&daemon, "sam", "student");
	for (size_t i = 0; i < KL_LENGTH(bodies); i++)
		for (size_t j = 0; j < KL_LENGTH(members); j++) {
			char *body = kl_format("{%s,\"%s\":\"ADMIN\"}", bodies[i].good, members[j]);
			char *message = kl_format("'%s' is not known here: leave it out", members[j]);

			expect_refused(&daemon, bodies[i].target, sam, body, 422, "VALIDATION_ERROR", message);
			free(body);
			free(message);
		}
	expect_has(&daemon, "GET /api/auth/me", sam, NULL, 200, "\"role\":\"STUDENT\"");
	expect_refused(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"eve\",\"password\":\"first of all\"}", 401,
		       "UNAUTHORIZED", "the name or the password is wrong");
	daemon_remove(&daemon);
	free(sam);
}

/* --- the administrator ------------------------------------------------------------------------------------------------- */

static void test_administration(void)
{
	char *ada, *sam, *id, *target;
	struct daemon daemon;

	daemon_start(&daemon, CONFIG);
	ada = signed_in(&daemon, "ada", "admin");
	sam = signed_in(&daemon, "sam", "student");
	expect_has(&daemon, "GET /api/users?limit=1&page=2", ada, NULL, 200,
		   "\"name\":\"sam\",\"display\":\"sam\",\"role\":\"STUDENT\",\"email\":\"\",\"state\":\"active\"");
	expect_has(&daemon, "GET /api/users?search=SA", ada, NULL, 200,
		   "\"pagination\":{\"page\":1,\"limit\":20,\"total\":1,\"pages\":1}");
	expect_has(&daemon, "GET /api/users?search=%25", ada, NULL, 200, "\"data\":[]"); /* no pattern of ours */
	expect_has(&daemon, "GET /api/users?role=INSTRUCTOR", ada, NULL, 200, "\"data\":[]");
	expect_refused(&daemon, "GET /api/users?role=KING", ada, NULL, 422, "VALIDATION_ERROR",
		       "'role' must be STUDENT, INSTRUCTOR or ADMIN");
	id = member_at(&daemon, "GET /api/users?search=sam", ada, "id");
	target = kl_format("PUT /api/users/%s/role", id);
	expect_has(&daemon, target, ada, "{\"role\":\"INSTRUCTOR\"}", 200, "\"role\":\"INSTRUCTOR\"");
	expect_has(&daemon, "GET /api/auth/me", sam, NULL, 200, "\"role\":\"INSTRUCTOR\""); /* at once */
	free(target);
	target = kl_format("PUT /api/users/%s/state", id);
	expect_has(&daemon, target, ada, "{\"state\":\"disabled\"}", 200, "\"state\":\"disabled\"");
	expect_refused(&daemon, "GET /api/auth/me", sam, NULL, 401, "UNAUTHORIZED", UNKNOWN);
	expect_refused(&daemon, "POST /api/auth/login", NULL, "{\"name\":\"sam\",\"password\":\"" PASSWORD "\"}", 401,
		       "UNAUTHORIZED", "the name or the password is wrong");
	expect_has(&daemon, target, ada, "{\"state\":\"active\"}", 200, "\"state\":\"active\"");
	expect_refused(&daemon, "GET /api/auth/me", sam, NULL, 401, "UNAUTHORIZED",
		       UNKNOWN); /* that session has ended */
	free(target);
	free(id);
	id = member_at(&daemon, "GET /api/auth/me", ada, "id");
	target = kl_format("PUT /api/users/%s/role", id);
	expect_refused(&daemon, target, ada, "{\"role\":\"STUDENT\"}", 409, "CONFLICT",
		       "this is the last administrator: make another one first");
	expect_has(&daemon, "GET /api/audit?action=user.role", ada, NULL, 200,
		   "\"name\":\"ada\",\"action\":\"user.role\"");
	expect_has(&daemon, "GET /api/audit?limit=2", ada, NULL, 200,
		   "\"detail\":\"sam: active\",\"from\":\"127.0.0.1\"");
	daemon_remove(&daemon);
	free(target);
	free(id);
	free(sam);
	free(ada);
}

/* The administrator's program asks for somebody: with his rights and no others. */
static void test_for_a_user(void)
{
	struct daemon daemon;
	char *ines;

	daemon_start(&daemon, CONFIG "authz.tokens = the-administrators-token\n");
	ines = signed_in(&daemon, "ines", "instructor");
	expect_has(&daemon, "GET /api/auth/me", "X-Auth-User: the-administrators-token\r\nX-KodeLab-User: Ines\r\n",
		   NULL, 200, "\"name\":\"ines\",\"display\":\"ines\",\"role\":\"INSTRUCTOR\"");
	expect_refused(&daemon, "GET /api/users", "X-Auth-User: the-administrators-token\r\nX-KodeLab-User: ines\r\n",
		       NULL, 403, "FORBIDDEN", "only administrators of the class server can do this; ask one of them");
	expect_has(&daemon, "GET /api/users", "X-Auth-User: the-administrators-token\r\n", NULL, 200, "\"total\":1");
	expect_refused(&daemon, "GET /api/auth/me", "X-Auth-User: the-administrators-token\r\n", NULL, 403, "FORBIDDEN",
		       "only a user can do this, not a program with a token of authz.tokens: sign in");
	expect_refused(&daemon, "GET /api/users", "X-KodeLab-User: ines\r\n", NULL, 401, "UNAUTHORIZED", UNKNOWN);
	disable(&daemon, "ines");
	expect_refused(&daemon, "GET /api/auth/me", "X-Auth-User: the-administrators-token\r\nX-KodeLab-User: ines\r\n",
		       NULL, 401, "UNAUTHORIZED", UNKNOWN);
	daemon_remove(&daemon);
	free(ines);
}

/* Keys of judges: one's own with one's own session, the rest for who administers. */
static void test_keys_by_session(void)
{
	struct daemon daemon;
	char *ada, *sam;

	daemon_start(&daemon, CONFIG "authz.tokens = the-administrators-token\n");
	ada = signed_in(&daemon, "ada", "admin");
	sam = signed_in(&daemon, "sam", "student");
	expect_refused(&daemon, "POST /api/instances", sam, "{\"name\":\"far\",\"url\":\"http://127.0.0.1:1\"}", 403,
		       "FORBIDDEN", "only administrators of the class server can do this; ask one of them");
	expect_has(&daemon, "POST /api/instances", ada,
		   "{\"name\":\"far\",\"kind\":\"self-hosted\",\"url\":\"http://127.0.0.1:1\"}", 201,
		   "\"name\":\"far\"");
	expect_has(&daemon, "POST /api/keys", sam,
		   "{\"instance\":\"far\",\"key\":\"0123456789abcdef\",\"share\":\"private\"}", 403, "\"consent\"");
	expect_has(&daemon, "GET /api/keys", sam, NULL, 200, "\"data\":[]");
	expect_has(&daemon, "GET /api/holds", ada, NULL, 200, "\"data\":[]");
	daemon_remove(&daemon);
	free(ada);
	free(sam);
}

const struct test rights_tests[] = {
	{ "A01_every_route_by_everybody", test_every_route },
	{ "A01_assistant_of_another_course", test_other_assistant },
	{ "A01_table_in_docs", test_table_in_docs },
	{ "A02_hidden_as_if_not_there", test_hidden },
	{ "A02_codes_for_ones_students", test_teaching },
	{ "A03_smuggling", test_smuggling },
	{ "rights_administration", test_administration },
	{ "rights_for_a_user", test_for_a_user },
	{ "rights_keys_by_session", test_keys_by_session },
	{ NULL, NULL },
};
