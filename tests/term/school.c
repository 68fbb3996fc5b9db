/* The class: a pack, students, a course in which everything is set. */

#include "tests/term/term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/archive.h>
#include <kodelab/buf.h>

#define TEXT_MAX ((size_t)1 << 20)
#define PAGE     100

const char term_config[] = "accounts.registration = open\naccounts.requests_per_minute = 0\n"
			   "accounts.submissions_per_minute = 0\naccounts.hash_kib = 8\naccounts.hash_passes = 1\n"
			   "limits.connections_per_address = 2048\n";

/* --- the pack ----------------------------------------------------------------------------------------------------- */

static void add(struct kl_archive *archive, const char *slug, const char *name, const char *text)
{
	char *path = kl_format("%s/%s", slug, name);

	kl_archive_add(archive, path, text, strlen(text));
	free(path);
}

/* clang-format off */
static const char about[] = "{\"format\":1,\"title\":\"Echo\",\"summary\":\"Say it again.\",\"difficulty\":\"BEGINNER\","
			    "\"category\":\"basics\",\"minutes\":5,\"kind\":\"program\",\"languages\":[\"bash\"]}";
static const char tests[] = "{\"tests\":[{\"id\":\"one\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"1\"},"
			    "{\"id\":\"two\",\"stdin\":\"2\",\"stdout\":\"2\",\"weight\":2}]}";
/* clang-format on */

static void fill(struct kl_archive *archive, const struct term *term)
{
	struct kl_buf list;
	char slug[8];

	kl_buf_init(&list, TEXT_MAX);
	kl_buf_add_str(&list, "{\"format\":1,\"id\":\"" TERM_PACK "\",\"title\":\"Term\",\"challenges\":[");
	for (size_t i = 0; i < term->challenges; i++) {
		term_slug(slug, i);
		kl_buf_addf(&list, "%s\"%s\"", i ? "," : "", slug);
		add(archive, slug, "challenge.json", about);
		add(archive, slug, "statement.md", "Print whatever comes in, every line of it, exactly as it is.\n");
		add(archive, slug, "tests.json", tests);
		add(archive, slug, "starter/bash.sh", "true\n");
		add(archive, slug, "solution/bash.sh", "cat\n");
	}
	kl_buf_add_str(&list, "]}");
	kl_archive_add(archive, "pack.json", list.data, list.len);
	kl_buf_release(&list);
	kl_archive_sort(archive);
}

static void publish(const struct term_school *school, const struct term *term)
{
	char *headers = kl_format("%sContent-Type: application/gzip\r\n", school->teacher), *bytes;
	struct kl_archive archive = { .files = NULL };
	struct reply reply;
	size_t len;

	fill(&archive, term);
	CHECK(!kl_archive_write(&bytes, &len, &archive, NULL), "the archive cannot be written");
	ask_bytes(&reply, &school->daemon, "POST /api/packs", headers, bytes, len);
	check_has(&reply, 201, "\"" TERM_PACK "\"");
	reply_release(&reply);
	kl_archive_release(&archive);
	free(headers);
	free(bytes);
}

/* --- the course --------------------------------------------------------------------------------------------------- */

/* The text of a member of the answer; owned by the caller. */
static char *made(const struct term_school *school, const char *who, const char *target, const char *body,
		  const char *member)
{
	char *headers = kl_format("%s" JSON, who), *text;
	struct reply reply;

	ask(&reply, &school->daemon, target, headers, body);
	CHECK(reply.status == 200 || reply.status == 201, "%s: %d %s", target, reply.status, reply.body);
	text = member_of(reply.body, member);
	reply_release(&reply);
	free(headers);
	return text;
}

/* The code to join with; owned by the caller. */
static char *begin_course(struct term_school *school, const struct term *term)
{
	char *target, *code;
	struct kl_buf body;

	school->course = made(school, school->teacher, "POST /api/courses", "{\"title\":\"The term\"}", "id");
	target = kl_format("GET /api/courses/%s", school->course);
	code = made(school, school->teacher, target, NULL, "code");
	free(target);
	kl_buf_init(&body, TEXT_MAX);
	kl_buf_add_str(&body, "{\"title\":\"All of it\",\"items\":[");
	for (size_t i = 0; i < term->challenges; i++) {
		char slug[8];

		term_slug(slug, i);
		kl_buf_addf(&body, "%s{\"pack\":\"" TERM_PACK "\",\"slug\":\"%s\",\"points\":%d}", i ? "," : "", slug,
			    TERM_POINTS);
	}
	kl_buf_add_str(&body, "]}");
	target = kl_format("POST /api/courses/%s/assignments", school->course);
	free(made(school, school->teacher, target, body.data, "id"));
	free(target);
	kl_buf_release(&body);
	return code;
}

static void enroll(const struct term_school *school, struct term *term, const char *code)
{
	char *join = kl_format("{\"code\":\"%s\"}", code);

	for (size_t i = 0; i < term->students; i++) {
		char name[16], *body, *token, *who, *id;

		term_name(name, i);
		body = kl_format("{\"name\":\"%s\",\"password\":\"" PASSWORD "\"}", name);
		token = made(school, "", "POST /api/auth/register", body, "token");
		who = kl_format("Authorization: Bearer %s\r\n", token);
		id = made(school, who, "GET /api/auth/me", NULL, "id");
		snprintf(term->users[i], sizeof(term->users[i]), "%s", id);
		free(made(school, who, "POST /api/courses/join", join, "id"));
		free(id);
		free(who);
		free(token);
		free(body);
	}
	free(join);
}

void term_school_open(struct term_school *school, struct term *term, const char *folder, int port)
{
	char *text, *code;

	*school = (struct term_school){ .daemon = { .port = port } };
	snprintf(school->daemon.folder, sizeof(school->daemon.folder), "%s", folder);
	school->teacher = signed_in(&school->daemon, "teacher", "instructor");
	text = made(school, "", "GET /api/server", NULL, "public_key");
	snprintf(term->public_key, sizeof(term->public_key), "%s", text);
	free(text);
	text = made(school, "", "GET /api/server", NULL, "id");
	snprintf(term->server, sizeof(term->server), "%s", text);
	free(text);
	publish(school, term);
	code = begin_course(school, term);
	enroll(school, term, code);
	free(code);
}

void term_school_release(struct term_school *school)
{
	free(school->teacher);
	free(school->course);
}

/* --- the gradebook ------------------------------------------------------------------------------------------------ */

static void take_page(double *totals, const struct term *term, const cJSON *data)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, cJSON_GetObjectItem(data, "students")) {
		const char *id = cJSON_GetStringValue(cJSON_GetObjectItem(row, "id"));

		for (size_t i = 0; i < term->students; i++)
			if (id && !strcmp(term->users[i], id))
				totals[i] = cJSON_GetNumberValue(cJSON_GetObjectItem(row, "total"));
	}
}

void term_grades(double *totals, const struct term *term, const struct term_school *school)
{
	char *first = kl_format("GET /api/courses/%s/gradebook?limit=1", school->course);

	for (size_t i = 0; i < term->students; i++)
		totals[i] = -1; /* not in it */
	ask_until(&school->daemon, first, school->teacher, "\"computing\":false");
	for (size_t page = 1; page <= (term->students + PAGE - 1) / PAGE; page++) {
		char *target = kl_format("GET /api/courses/%s/gradebook?limit=%d&page=%zu", school->course, PAGE, page);
		struct reply reply;
		cJSON *root;

		ask(&reply, &school->daemon, target, school->teacher, NULL);
		check_has(&reply, 200, "\"students\":[");
		root = cJSON_Parse(reply.body);
		take_page(totals, term, cJSON_GetObjectItem(root, "data"));
		cJSON_Delete(root);
		reply_release(&reply);
		free(target);
	}
	free(first);
}
