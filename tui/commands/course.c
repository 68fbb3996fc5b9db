/* kodelab course ACTION: courses of the class server, for those who are in them. */
#include "course.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/grapheme.h>
#include <kodelab/json.h>

#include "commands.h"

enum { ID_SHOWN = 8, ID_TYPED_MIN = 4, NAME_COLS_MIN = 20, PAGE = 100, PAGES_MAX = 200, NAMES_MAX = 320 };

/* --- asking ------------------------------------------------------------------------------------------------------- */

void course_thing_release(struct course_thing *thing)
{
	cJSON_Delete(thing->node);
	thing->node = NULL;
}

int course_ask(cJSON **data, struct cli *cli, const char *method, char *path, cJSON *body)
{
	char *text = body ? cJSON_PrintUnformatted(body) : NULL;
	struct kl_class_ask ask = { .method = method, .path = path, .body = text };
	int status;

	ask.body_len = text ? strlen(text) : 0;
	status = classroom_ask(data, cli, &ask);
	cJSON_free(text);
	cJSON_Delete(body);
	free(path);
	return status;
}

int course_list(cJSON **all, struct cli *cli, char *path)
{
	cJSON *page, *item;
	int status = EXIT_DONE, got = PAGE;

	*all = cJSON_CreateArray();
	for (int number = 1; !status && got == PAGE && number <= PAGES_MAX; number++) {
		status = course_ask(&page, cli, "GET", kl_format("%slimit=%d&page=%d", path, PAGE, number), NULL);
		got = cJSON_GetArraySize(page);
		while ((item = cJSON_DetachItemFromArray(page, 0)))
			cJSON_AddItemToArray(*all, item);
		cJSON_Delete(page);
	}
	free(path);
	if (!status)
		return EXIT_DONE;
	cJSON_Delete(*all);
	*all = NULL;
	return status;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

void course_when(char text[20], const cJSON *node, const char *name, const char *none)
{
	int64_t wall_ms;

	if (kl_clock_read_utc(&wall_ms, kl_json_text_of(node, name)))
		kl_clock_format(wall_ms, text, 20);
	else
		snprintf(text, 20, "%s", none);
}

int course_name_cols(const cJSON *all)
{
	int cols = NAME_COLS_MIN;
	const cJSON *node;

	cJSON_ArrayForEach(node, all) {
		const char *name = kl_json_text_of(node, "name");
		int width = (int)kl_text_width(name, strlen(name), 0);

		cols = width > cols ? width : cols;
	}
	return cols;
}

int course_name_bytes(const char *name, int cols)
{
	size_t len = strlen(name);

	return cols + (int)len - (int)kl_text_width(name, len, 0);
}

const char *course_short_id(const cJSON *node)
{
	const char *id = kl_json_text_of(node, "id");
	size_t len = strlen(id);

	return len > ID_SHOWN ? id + len - ID_SHOWN : id;
}

/* --- which one ---------------------------------------------------------------------------------------------------- */

/* What things are called, and where they are listed. */
struct sort {
	const char *one, *many; /* "course", "courses" */
	const char *name; /* member that people know them by */
	const char *where; /* "'kodelab course list' shows yours" */
	bool begins; /* the begin of a name will do */
};

static bool is_named(const cJSON *node, const struct sort *sort, const char *name)
{
	return !strcmp(kl_json_text_of(node, sort->name), name);
}

static bool is_meant(const cJSON *node, const struct sort *sort, const char *name)
{
	const char *id = kl_json_text_of(node, "id");
	size_t len = strlen(name), id_len = strlen(id);

	if (!name[0] || !strcasecmp(kl_json_text_of(node, sort->name), name))
		return true;
	return len >= ID_TYPED_MIN && len <= id_len && !strcmp(id + id_len - len, name);
}

/* In whatever case, as search has it. */
static bool begins_with(const cJSON *node, const struct sort *sort, const char *name)
{
	char *whole = kl_fold(kl_json_text_of(node, sort->name)), *begin = kl_fold(name);
	bool begins = *begin && !strncmp(whole, begin, strlen(begin));

	free(whole);
	free(begin);
	return begins;
}

typedef bool meant_fn(const cJSON *node, const struct sort *sort, const char *name);

/* How many are meant; the last of them, and the names of all, each once more said by its id. */
static int matches(const cJSON **found, struct kl_buf *names, const cJSON *all, const struct sort *sort,
		   const char *name, meant_fn *meant)
{
	const cJSON *node;
	int count = 0;

	kl_buf_clear(names);
	cJSON_ArrayForEach(node, all) {
		if (!meant(node, sort, name))
			continue;
		*found = node;
		kl_buf_addf(names, "%s'%s' (%s)", count++ ? ", " : "", kl_json_text_of(node, sort->name),
			    course_short_id(node));
	}
	return count;
}

static void fail_choice(struct kl_error *err, int count, const char *names, const struct sort *sort, const char *name)
{
	if (count > 1 && *name)
		kl_fail(err, KL_EINVAL, "'%s' may be %d %s: %s; name one by its id", name, count, sort->many, names);
	else if (count > 1)
		kl_fail(err, KL_EINVAL, "there are %d %s: name one; %s", count, sort->many, sort->where);
	else if (*name)
		kl_fail(err, KL_ENOENT, "there is no %s '%s': %s", sort->one, name, sort->where);
	else
		kl_fail(err, KL_ENOENT, "there is no %s that is open: %s", sort->one, sort->where);
}

/* The name letter by letter, else in whatever case or the end of the id, else the begin of a name that only one has. */
static int choose(struct course_thing *out, struct cli *cli, const cJSON *all, const struct sort *sort,
		  const char *name)
{
	const cJSON *found = NULL;
	struct kl_error err;
	struct kl_buf names;
	int count, status = EXIT_DONE;

	kl_buf_init(&names, NAMES_MAX);
	count = *name ? matches(&found, &names, all, sort, name, is_named) : 0;
	if (!count)
		count = matches(&found, &names, all, sort, name, is_meant);
	if (!count && sort->begins)
		count = matches(&found, &names, all, sort, name, begins_with);
	if (count == 1 && kl_id_valid(kl_json_text_of(found, "id"))) {
		snprintf(out->id, sizeof(out->id), "%s", kl_json_text_of(found, "id"));
		out->node = cJSON_Duplicate(found, true);
	} else {
		fail_choice(&err, count, names.data, sort, name);
		status = cli_fail(cli, &err);
	}
	kl_buf_release(&names);
	return status;
}

static int find(struct course_thing *out, struct cli *cli, char *path, const struct sort *sort, const char *name)
{
	cJSON *all;
	int status = course_list(&all, cli, path);

	if (status)
		return status;
	status = choose(out, cli, all, sort, name ? name : "");
	cJSON_Delete(all);
	return status;
}

int course_find(struct course_thing *out, struct cli *cli, const char *name)
{
	static const struct sort sort = { "course", "courses", "title", "'kodelab course list' shows yours", true };

	return find(out, cli, kl_format("/api/courses?archived=%s&", name ? "true" : "false"), &sort, name);
}

int course_find_assignment(struct course_thing *out, struct cli *cli, const char *course, const char *name)
{
	static const struct sort sort = { "assignment", "assignments", "title", "'kodelab course show' lists them",
					  false };
	cJSON *all;
	int status = course_ask(&all, cli, "GET", kl_format("/api/courses/%s/assignments", course), NULL);

	if (status)
		return status;
	status = choose(out, cli, all, &sort, name);
	cJSON_Delete(all);
	return status;
}

int course_find_member(struct course_thing *out, struct cli *cli, const char *course, const char *name)
{
	static const struct sort sort = { "member", "members", "name", "'kodelab course students' lists them", false };

	return find(out, cli, kl_format("/api/courses/%s/students?", course), &sort, name);
}

/* --- for everybody ------------------------------------------------------------------------------------------------ */

static void print_course(const struct cli *cli, const cJSON *node)
{
	cli_say(cli, "%s  %-18s  %8.0f  %s%s\n", course_short_id(node), kl_json_text_of(node, "role"),
		kl_json_number_of(node, "students"), kl_json_text_of(node, "title"),
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(node, "archived")) ? " (archived)" : "");
}

/* Who may begin one is told how: there is nobody to get a code from. closed: there are archived ones. */
static void print_none(const struct cli *cli, bool closed)
{
	const char *role = kl_class_server(cli->class)->role;

	if (closed)
		cli_say(cli, "None of your courses is open. 'kodelab course list --archived' shows them.\n");
	else if (!strcmp(role, "INSTRUCTOR") || !strcmp(role, "ADMIN"))
		cli_say(cli, "You teach no course yet. 'kodelab course create TITLE' begins one and prints its code; "
			     "'kodelab course join CODE' joins one.\n");
	else
		cli_say(cli, "You are in no course yet. 'kodelab course join CODE' joins one.\n");
}

static int list_none(struct cli *cli)
{
	cJSON *all;
	int status = course_list(&all, cli, kl_strdup("/api/courses?archived=true&"));

	if (status)
		return status;
	print_none(cli, cJSON_GetArraySize(all) > 0);
	cJSON_Delete(all);
	return EXIT_DONE;
}

static int list(struct cli *cli, const struct command_args *args)
{
	const char *archived = args->options[COURSE_ARCHIVED] ? "true" : "false";
	const cJSON *node;
	cJSON *all;
	int status = course_list(&all, cli, kl_format("/api/courses?archived=%s&", archived));

	if (status)
		return status;
	if (cli->json)
		return cli_print_json(all);
	if (!cJSON_GetArraySize(all)) {
		cJSON_Delete(all);
		return list_none(cli);
	}
	cli_say(cli, "id        role                students  course\n");
	cJSON_ArrayForEach(node, all) {
		print_course(cli, node);
	}
	cJSON_Delete(all);
	return EXIT_DONE;
}

static int join(struct cli *cli, const struct command_args *args)
{
	cJSON *body = cJSON_CreateObject(), *course;
	int status;

	cJSON_AddStringToObject(body, "code", args->words[1]);
	status = course_ask(&course, cli, "POST", kl_strdup("/api/courses/join"), body);
	if (status)
		return status;
	if (cli->json)
		return cli_print_json(course);
	cli_say(cli, "You have joined '%s'.\n", kl_json_text_of(course, "title"));
	cJSON_Delete(course);
	return EXIT_DONE;
}

static int leave(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL };
	int status = course_find(&course, cli, args->words[1]);

	if (!status)
		status = course_ask(NULL, cli, "POST", kl_format("/api/courses/%s/leave", course.id),
				    cJSON_CreateObject());
	if (!status && !cli->json)
		cli_say(cli, "You have left '%s'. What you did there stays.\n", kl_json_text_of(course.node, "title"));
	else if (!status)
		status = cli_print_json(cJSON_Duplicate(course.node, true));
	course_thing_release(&course);
	return status;
}

/* --- the actions -------------------------------------------------------------------------------------------------- */

enum {
	SET = 1 << COURSE_DUE | 1 << COURSE_OPENS | 1 << COURSE_LATE | 1 << COURSE_PERCENT | 1 << COURSE_FLOOR |
	      1 << COURSE_UNTIL | 1 << COURSE_GRACE | 1 << COURSE_INSTRUCTIONS,
	TEACH = ACTION_TEACHES,
	CHANGE = ACTION_TEACHES | ACTION_CHANGES
};

/* clang-format off */
const struct command_action course_actions[] = {
	{ "list",        1, 1,  "",                    list, 1 << COURSE_ARCHIVED, 0, "your courses; done without an action" },
	{ "show",        1, 2,  "[COURSE]",            course_show, 0, 0,            "what is set, and how far you are" },
	{ "join",        2, 2,  "CODE",                join, 0, ACTION_CHANGES,      "join one, by the code given out" },
	{ "leave",       2, 2,  "COURSE",              leave, 0, ACTION_CHANGES,     "leave one; what you did stays" },
	{ "leaderboard", 1, 3,  "[COURSE [show|hide]]", course_leaderboard, 0, 0,    "who stands where; show or hide you" },
	{ "teams",       1, 2,  "[COURSE]",            course_teams, 0, 0,           "which team stands where" },
	{ "create",      2, 2,  "TITLE",               course_create, 0, CHANGE,     "begin one, and print its code" },
	{ "assign",      4, 64, "COURSE TITLE ITEM...", course_assign, SET, CHANGE,  "set challenges under a title" },
	{ "change",      3, 64, "COURSE ASSIGNMENT [ITEM...]", course_change, SET | 1 << COURSE_TITLE, CHANGE, "what is given; 'never' ends a time" },
	{ "unassign",    3, 3,  "COURSE ASSIGNMENT",   course_unassign, 0, CHANGE,   "take it back; what came stays" },
	{ "extend",      4, 4,  "COURSE ASSIGNMENT STUDENT", course_extend, 1 << COURSE_DUE | 1 << COURSE_REASON, TEACH, "give one more time, with --due" },
	{ "students",    1, 2,  "[COURSE]",            course_students, 0, TEACH,    "who is in it" },
	{ "activity",    1, 2,  "[COURSE]",            course_activity, 0, TEACH,    "who is where" },
	{ "challenges",  1, 2,  "[PACK/SLUG]",         course_challenges, 0, TEACH,  "how they fare on the server" },
	{ "roster",      2, 3,  "COURSE [FILE]",       course_roster, 0, TEACH,      "names expected; FILE is CSV" },
	{ "role",        4, 4,  "COURSE MEMBER ROLE",  course_role, 0, TEACH,        "student, assistant, instructor" },
	{ "team",        4, 64, "COURSE TEAM MEMBER...", course_team, 0, TEACH,      "put them in a team" },
	{ "reset",       3, 3,  "COURSE STUDENT",      course_reset, 0, TEACH,       "a code for a forgotten password" },
	{ "keep",        3, 3,  "COURSE PACK",         course_keep, 0, TEACH,        "the pack is for this course alone" },
	{ "release",     3, 3,  "COURSE PACK",         course_keep, 0, TEACH,        "the pack is for everybody again" },
	{ "code",        2, 2,  "COURSE",              course_change_code, 0, TEACH, "another code to join with" },
	{ "archive",     2, 2,  "COURSE",              course_archive, 0, CHANGE,    "close it, and leave it out of lists" },
	{ "reopen",      2, 2,  "COURSE",              course_archive, 0, CHANGE,    "open an archived one again" },
	{ NULL,          0, 0,  NULL,                  NULL, 0, 0,                   NULL },
};
/* clang-format on */

static const struct command_action *find_action(const char *name)
{
	for (const struct command_action *action = course_actions; action->name; action++)
		if (!strcmp(action->name, name))
			return action;
	return NULL;
}

/* "'--late' is for assign and change, not for extend" */
static int refuse_option(struct cli *cli, const struct command_args *args, const struct command_action *action,
			 size_t option)
{
	size_t left = 0;
	struct kl_buf names;
	int status;

	kl_buf_init(&names, NAMES_MAX);
	for (const struct command_action *other = course_actions; other->name; other++)
		left += other->options >> option & 1;
	for (const struct command_action *other = course_actions; other->name; other++) {
		if (!(other->options >> option & 1))
			continue;
		left--;
		kl_buf_addf(&names, "%s%s", names.len == 0 ? "" : left ? ", " : " and ", other->name);
	}
	status = cli_fail_usage(cli, args->command, "'%s' is for %s, not for %s", args->command->options[option].name,
				names.data, action->name);
	kl_buf_release(&names);
	return status;
}

/* What it does not take is refused before anybody is asked: who gives it expects that it does something. */
static int check(struct cli *cli, const struct command_args *args, const struct command_action *action)
{
	for (size_t i = 0; args->command->options[i].name; i++)
		if (args->options[i] && !(action->options >> i & 1))
			return refuse_option(cli, args, action, i);
	if (args->word_count >= action->words_min && args->word_count <= action->words_max)
		return EXIT_DONE;
	return cli_fail_usage(cli, args->command, "it is: kodelab course %s%s%s%s", action->name,
			      *action->wants ? " " : "", action->wants,
			      strstr(action->wants, "ITEM") ? "; ITEM is PACK/SLUG[=POINTS]" : "");
}

int command_course(struct cli *cli, const struct command_args *args)
{
	struct command_args with_default = *args;
	const struct command_action *action;
	int status;

	if (!args->word_count)
		with_default.words[with_default.word_count++] = "list";
	action = find_action(with_default.words[0]);
	if (!action)
		return cli_fail_usage(cli, args->command, "'%s' is not known here: 'kodelab help course' lists what is",
				      args->words[0]);
	status = check(cli, &with_default, action);
	if (status)
		return status;
	status = action->run(cli, &with_default);
	if (!status && action->flags & ACTION_CHANGES)
		sync_quietly(cli);
	return status;
}
