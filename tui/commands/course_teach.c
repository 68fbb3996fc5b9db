/* kodelab course create, assign, change, extend, roster, role, code, archive: for those who teach. */
#include "course.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>
#include <kodelab/clock.h>
#include <kodelab/coursework.h>
#include <kodelab/file.h>
#include <kodelab/id.h>
#include <kodelab/json.h>

#include "commands.h"

enum {
	POINTS_DEFAULT = 10,
	POINTS_MAX = 10000,
	PERCENT_MAX = 100,
	GRACE_MAX = 10080,
	ROSTER_MAX = 4 << 20,
	SENTENCE_SIZE = 1024
};

/* The answer as it is with --json (data is taken), else a sentence. */
static int KL_PRINTF(4, 5) tell(struct cli *cli, int status, cJSON *data, const char *fmt, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list args;

	if (!status && cli->json)
		return cli_print_json(data);
	cJSON_Delete(data);
	if (status)
		return status;
	va_start(args, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	cli_say(cli, "%s\n", sentence);
	return EXIT_DONE;
}

/* --- a course ----------------------------------------------------------------------------------------------------- */

int course_create(struct cli *cli, const struct command_args *args)
{
	cJSON *body = cJSON_CreateObject(), *data;
	char *code, id[KL_ID_SIZE];
	int status;

	kl_id_new(id,
		  &cli->clock); /* so that it is there once, also when something on the way sends the request twice */
	cJSON_AddStringToObject(body, "id", id);
	cJSON_AddStringToObject(body, "title", args->words[1]);
	status = course_ask(&data, cli, "POST", kl_strdup("/api/courses"), body);
	code = kl_strdup(kl_json_text_of(data, "code"));
	status = tell(cli, status, data, "Students join it with: kodelab course join %s", code);
	free(code);
	return status;
}

int course_change_code(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL };
	int status = course_find(&course, cli, args->words[1]);
	cJSON *data = NULL;
	char *code;

	if (!status)
		status = course_ask(&data, cli, "POST", kl_format("/api/courses/%s/code", course.id),
				    cJSON_CreateObject());
	code = kl_strdup(kl_json_text_of(data, "code"));
	course_thing_release(&course);
	status = tell(cli, status, data, "The former code is worth nothing now; the new one is %s.", code);
	free(code);
	return status;
}

/* archive, and reopen */
int course_archive(struct cli *cli, const struct command_args *args)
{
	bool archived = !strcmp(args->words[0], "archive");
	struct course_thing course = { .node = NULL };
	int status = course_find(&course, cli, args->words[1]);
	cJSON *body, *data = NULL;

	if (status)
		return status;
	body = cJSON_CreateObject();
	cJSON_AddBoolToObject(body, "archived", archived);
	status = course_ask(&data, cli, "PUT", kl_format("/api/courses/%s", course.id), body);
	status =
		tell(cli, status, data,
		     archived ? "'%s' is archived: nobody can join it, and lists leave it out." : "'%s' is open again.",
		     kl_json_text_of(course.node, "title"));
	course_thing_release(&course);
	return status;
}

/* keep, and release: is a pack for the course alone? Its name goes into a path, so it must be one. */
int course_keep(struct cli *cli, const struct command_args *args)
{
	bool kept = !strcmp(args->words[0], "keep");
	const char *pack = args->words[2];
	struct course_thing course = { .node = NULL };
	cJSON *data = NULL;
	int status;

	if (!kl_slug_valid(pack))
		return cli_fail_usage(cli, args->command, "'%s' is no name of a pack", pack);
	status = course_find(&course, cli, args->words[1]);
	if (!status)
		status = course_ask(&data, cli, kept ? "PUT" : "DELETE",
				    kl_format("/api/courses/%s/packs/%s", course.id, pack),
				    kept ? cJSON_CreateObject() : NULL);
	course_thing_release(&course);
	return tell(cli, status, data,
		    kept ? "The pack '%s' is for this course alone." : "The pack '%s' is for everybody.", pack);
}

/* --- assignments -------------------------------------------------------------------------------------------------- */

/* "basics/hello=20" */
static int add_item(cJSON *items, const struct cli *cli, const struct command_args *args, const char *word)
{
	const char *slash = strchr(word, '/'), *sign = strchr(word, '=');
	cJSON *item;
	long points;
	char *text;

	if (!slash || slash == word || (sign && sign < slash))
		return cli_fail_usage(cli, args->command, "name a challenge by its pack: PACK/SLUG, not '%s'", word);
	if (!cli_number(&points, sign ? sign + 1 : NULL, POINTS_DEFAULT, POINTS_MAX))
		return cli_fail_usage(cli, args->command, "points are a whole number from 1 to %d: '%s'", POINTS_MAX,
				      word);
	item = cJSON_CreateObject();
	text = kl_strndup(word, (size_t)(slash - word));
	cJSON_AddStringToObject(item, "pack", text);
	free(text);
	text = sign ? kl_strndup(slash + 1, (size_t)(sign - slash - 1)) : kl_strdup(slash + 1);
	cJSON_AddStringToObject(item, "slug", text);
	free(text);
	cJSON_AddNumberToObject(item, "points", (double)points);
	cJSON_AddItemToArray(items, item);
	return EXIT_DONE;
}

/* none: "never" says that there is no such time. */
static int add_time(cJSON *body, const struct cli *cli, const struct command_args *args, const char *name, int option,
		    bool none)
{
	const char *given = args->options[option];
	char text[KL_UTC_SIZE];
	int64_t wall_ms;

	if (!given)
		return EXIT_DONE;
	if (none && !strcmp(given, "never")) {
		cJSON_AddNullToObject(body, name);
		return EXIT_DONE;
	}
	if (!(option == COURSE_OPENS ? kl_opens_read : kl_due_read)(&wall_ms, given))
		return cli_fail_usage(cli, args->command, "'%s' is no time: write 2026-10-01 or \"2026-10-01 22:00\"%s",
				      given, none ? ", or never" : "");
	kl_clock_print_utc(text, wall_ms);
	cJSON_AddStringToObject(body, name, text);
	return EXIT_DONE;
}

static int add_count(cJSON *body, const struct cli *cli, const struct command_args *args, const char *name, int option,
		     long max)
{
	long number;

	if (!args->options[option])
		return EXIT_DONE;
	if (!cli_number(&number, args->options[option], 1, max) && strcmp(args->options[option], "0") != 0)
		return cli_fail_usage(cli, args->command, "'%s' must be a whole number from 0 to %ld",
				      args->options[option], max);
	cJSON_AddNumberToObject(body, name, (double)number);
	return EXIT_DONE;
}

static int add_instructions(cJSON *body, const struct cli *cli, const char *path)
{
	struct kl_error err;
	struct kl_buf text;
	int status = EXIT_DONE;

	if (!path)
		return EXIT_DONE;
	kl_buf_init(&text, 1 << 20);
	if (kl_file_read(&text, path, &err))
		status = cli_fail(cli, &err);
	else
		cJSON_AddStringToObject(body, "instructions", text.data);
	kl_buf_release(&text);
	return status;
}

/* title may be NULL, as everything else may be left out. */
static int read_assignment(cJSON *body, const struct cli *cli, const struct command_args *args, const char *title)
{
	const char *late = args->options[COURSE_LATE];
	cJSON *items = args->word_count > 3 ? cJSON_AddArrayToObject(body, "items") : NULL;
	int status = EXIT_DONE;

	if (title)
		cJSON_AddStringToObject(body, "title", title);
	for (size_t i = 3; !status && i < args->word_count; i++)
		status = add_item(items, cli, args, args->words[i]);
	if (late)
		cJSON_AddStringToObject(body, "late", late);
	if (status || (status = add_time(body, cli, args, "opens_at", COURSE_OPENS, true)) ||
	    (status = add_time(body, cli, args, "due_at", COURSE_DUE, true)) ||
	    (status = add_time(body, cli, args, "late_until", COURSE_UNTIL, true)) ||
	    (status = add_count(body, cli, args, "late_percent", COURSE_PERCENT, PERCENT_MAX)) ||
	    (status = add_count(body, cli, args, "late_floor", COURSE_FLOOR, PERCENT_MAX)) ||
	    (status = add_count(body, cli, args, "grace_minutes", COURSE_GRACE, GRACE_MAX)))
		return status;
	return add_instructions(body, cli, args->options[COURSE_INSTRUCTIONS]);
}

/* One may be set before it is published; more often its name is wrong. */
static void tell_unpublished(const struct cli *cli, const cJSON *data)
{
	struct kl_assignment assignment;

	if (kl_assignment_read(&assignment, data, NULL))
		return;
	for (size_t i = 0; i < assignment.item_count; i++)
		if (!assignment.items[i].offered)
			cli_say(cli, "%s/%s is not published: until it is, nobody can open it.\n",
				assignment.items[i].pack, assignment.items[i].slug);
	kl_assignment_release(&assignment);
}

int course_assign(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL };
	cJSON *body = cJSON_CreateObject(), *data = NULL;
	const char *late = args->options[COURSE_LATE];
	int status = read_assignment(body, cli, args, args->words[2]);

	if (!status && late && !strcmp(late, "percent") && !args->options[COURSE_PERCENT])
		status = cli_fail_usage(cli, args->command, "say how many percent less a day begun is with --percent");
	if (!status)
		status = course_find(&course, cli, args->words[1]);
	if (status) {
		cJSON_Delete(body);
		return status;
	}
	status = course_ask(&data, cli, "POST", kl_format("/api/courses/%s/assignments", course.id), body);
	course_thing_release(&course);
	if (!status && !cli->json)
		tell_unpublished(cli, data);
	return tell(cli, status, data, "'%s' is set.", args->words[2]);
}

int course_change(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL }, assignment = { .node = NULL };
	cJSON *body = cJSON_CreateObject(), *data = NULL;
	int status = read_assignment(body, cli, args, args->options[COURSE_TITLE]);
	char *title;

	if (!status && !body->child)
		status = cli_fail_usage(cli, args->command,
					"say what is to change: challenges, --title, --due or another option");
	if (!status && !(status = course_find(&course, cli, args->words[1])) &&
	    !(status = course_find_assignment(&assignment, cli, course.id, args->words[2]))) {
		status = course_ask(&data, cli, "PUT",
				    kl_format("/api/courses/%s/assignments/%s", course.id, assignment.id), body);
		body = NULL;
	}
	cJSON_Delete(body);
	course_thing_release(&course);
	course_thing_release(&assignment);
	if (!status && !cli->json)
		tell_unpublished(cli, data);
	title = kl_strdup(kl_json_text_of(data, "title"));
	status = tell(cli, status, data, "'%s' is changed.", title);
	free(title);
	return status;
}

int course_unassign(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL }, assignment = { .node = NULL };
	cJSON *data = NULL;
	int status = course_find(&course, cli, args->words[1]);

	if (!status)
		status = course_find_assignment(&assignment, cli, course.id, args->words[2]);
	if (!status)
		status = course_ask(&data, cli, "DELETE",
				    kl_format("/api/courses/%s/assignments/%s", course.id, assignment.id), NULL);
	status = tell(cli, status, data, "'%s' is not set any more. What was handed in stays.",
		      kl_json_text_of(assignment.node, "title"));
	course_thing_release(&course);
	course_thing_release(&assignment);
	return status;
}

int course_extend(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL }, assignment = { .node = NULL }, student = { .node = NULL };
	cJSON *body = cJSON_CreateObject(), *data = NULL;
	int status = add_time(body, cli, args, "due_at", COURSE_DUE, false);

	if (!status && !args->options[COURSE_DUE])
		status = cli_fail_usage(cli, args->command, "say until when with --due");
	if (args->options[COURSE_REASON])
		cJSON_AddStringToObject(body, "reason", args->options[COURSE_REASON]);
	if (!status && !(status = course_find(&course, cli, args->words[1])) &&
	    !(status = course_find_assignment(&assignment, cli, course.id, args->words[2])) &&
	    !(status = course_find_member(&student, cli, course.id, args->words[3]))) {
		status = course_ask(
			&data, cli, "PUT",
			kl_format("/api/courses/%s/assignments/%s/extensions/%s", course.id, assignment.id, student.id),
			body);
		body = NULL;
	}
	cJSON_Delete(body);
	course_thing_release(&course);
	course_thing_release(&assignment);
	course_thing_release(&student);
	return tell(cli, status, data, "%s has longer.", args->words[3]);
}

/* --- people ------------------------------------------------------------------------------------------------------- */

static int import_roster(struct cli *cli, const char *course, const char *path)
{
	struct kl_class_ask ask = { .method = "POST", .type = "text/csv; charset=utf-8" };
	char *where = kl_format("/api/courses/%s/roster", course), *count;
	struct kl_error err;
	struct kl_buf text;
	cJSON *data = NULL;
	int status;

	kl_buf_init(&text, ROSTER_MAX);
	if (kl_file_read(&text, path, &err)) {
		status = cli_fail(cli, &err);
	} else {
		ask.path = where;
		ask.body = text.data;
		ask.body_len = text.len;
		status = classroom_ask(&data, cli, &ask);
	}
	kl_buf_release(&text);
	free(where);
	count = kl_format("%.0f", kl_json_number_of(data, "names"));
	status = tell(cli, status, data, "%s names of '%s' are on the roster.", count, path); /* others stay */
	free(count);
	return status;
}

static void print_roster(const struct cli *cli, const cJSON *all)
{
	const cJSON *node;

	if (!cJSON_GetArraySize(all))
		cli_say(cli, "The roster is empty. 'kodelab course roster COURSE FILE' takes names from a CSV file.\n");
	cJSON_ArrayForEach(node, all) {
		bool joined = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(node, "joined"));

		cli_say(cli, "%s  %-20s  %s\n", joined ? "joined" : "      ", kl_json_text_of(node, "name"),
			kl_json_text_of(node, "display"));
	}
}

int course_roster(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL };
	int status = course_find(&course, cli, args->words[1]);
	cJSON *all = NULL;

	if (!status && args->words[2])
		status = import_roster(cli, course.id, args->words[2]);
	else if (!status && !(status = course_list(&all, cli, kl_format("/api/courses/%s/roster?", course.id))) &&
		 cli->json)
		status = cli_print_json(cJSON_Duplicate(all, true));
	else if (!status)
		print_roster(cli, all);
	cJSON_Delete(all);
	course_thing_release(&course);
	return status;
}

/* clang-format off */
static const struct { const char *typed, *word; } roles[] = {
	{ "student",    "STUDENT" },
	{ "assistant",  "TEACHING_ASSISTANT" },
	{ "instructor", "INSTRUCTOR" },
};
/* clang-format on */

int course_role(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL }, member = { .node = NULL };
	cJSON *body, *data = NULL;
	const char *word = NULL;
	int status;

	for (size_t i = 0; i < KL_LENGTH(roles); i++)
		if (!strcmp(roles[i].typed, args->words[3]))
			word = roles[i].word;
	if (!word)
		return cli_fail_usage(cli, args->command, "a role is student, assistant or instructor, not '%s'",
				      args->words[3]);
	status = course_find(&course, cli, args->words[1]);
	if (!status)
		status = course_find_member(&member, cli, course.id, args->words[2]);
	if (!status) {
		body = cJSON_CreateObject();
		cJSON_AddStringToObject(body, "role", word);
		status = course_ask(&data, cli, "PUT", kl_format("/api/courses/%s/students/%s", course.id, member.id),
				    body);
	}
	course_thing_release(&course);
	course_thing_release(&member);
	return tell(cli, status, data, "%s has another role now.", args->words[2]);
}

/* Shown once: the server keeps no more than what it is known again by. */
int course_reset(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL }, member = { .node = NULL };
	int status = course_find(&course, cli, args->words[1]);
	cJSON *data = NULL;
	char *code, until[20];

	if (!status)
		status = course_find_member(&member, cli, course.id, args->words[2]);
	if (!status)
		status = course_ask(&data, cli, "POST", kl_format("/api/users/%s/reset-code", member.id), NULL);
	code = kl_strdup(kl_json_text_of(data, "code"));
	course_when(until, data, "expires_at", "");
	status = tell(cli, status, data, "Once, until %s: kodelab login --reset %s --user %s ADDRESS", until, code,
		      kl_json_text_of(member.node, "name"));
	free(code);
	course_thing_release(&course);
	course_thing_release(&member);
	return status;
}

/* The team of that name: its id, owned; NULL: there is none yet. */
static int find_team(char **id, struct cli *cli, const char *course, const char *name)
{
	const cJSON *node;
	cJSON *all;
	int status = course_ask(&all, cli, "GET", kl_format("/api/courses/%s/teams", course), NULL);

	*id = NULL;
	if (status)
		return status;
	cJSON_ArrayForEach(node, all) {
		if (!*id && !strcmp(kl_json_text_of(node, "name"), name))
			*id = kl_strdup(kl_json_text_of(node, "id"));
	}
	cJSON_Delete(all);
	return EXIT_DONE;
}

/* Ids of the students of these names into body's list. */
static int name_members(cJSON *body, struct cli *cli, const char *course, const struct command_args *args)
{
	cJSON *list = cJSON_AddArrayToObject(body, "members");
	int status = EXIT_DONE;

	for (size_t i = 3; !status && i < args->word_count; i++) {
		struct course_thing member = { .node = NULL };

		status = course_find_member(&member, cli, course, args->words[i]);
		if (!status)
			cJSON_AddItemToArray(list, cJSON_CreateString(member.id));
		course_thing_release(&member);
	}
	return status;
}

/* One request, so that there is no team that only some have joined. */
static int put_team(char **id, struct cli *cli, const char *course, const struct command_args *args)
{
	cJSON *body = cJSON_CreateObject(), *made = NULL;
	int status = name_members(body, cli, course, args);

	if (!status)
		status = find_team(id, cli, course, args->words[2]);
	if (status) {
		cJSON_Delete(body);
	} else if (*id) {
		status = course_ask(NULL, cli, "PUT", kl_format("/api/courses/%s/teams/%s", course, *id), body);
	} else {
		cJSON_AddStringToObject(body, "name", args->words[2]);
		status = course_ask(&made, cli, "POST", kl_format("/api/courses/%s/teams", course), body);
		if (!status)
			*id = kl_strdup(kl_json_text_of(made, "id"));
		cJSON_Delete(made);
	}
	return status;
}

int course_team(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL };
	int status = course_find(&course, cli, args->words[1]);
	char *team = NULL;
	cJSON *data;

	if (!status)
		status = put_team(&team, cli, course.id, args);
	data = cJSON_CreateObject();
	cJSON_AddStringToObject(data, "id", team ? team : "");
	free(team);
	course_thing_release(&course);
	return tell(cli, status, data, "%s: %zu joined.", args->words[2], args->word_count - 3);
}
