/* kodelab list, kodelab search */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

static const char *const state_names[] = { "new", "begun", "solved" };
static const char *const sort_names[] = { "number", "title", "difficulty", "minutes", "state" };

static int find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

static int read_filter(struct kl_filter *filter, struct cli *cli, const struct command_args *args)
{
	const char *level = args->options[LIST_DIFFICULTY], *state = args->options[LIST_STATE],
		   *sort = args->options[LIST_SORT], *language = args->options[LIST_LANGUAGE];
	enum kl_difficulty difficulty;

	*filter = (struct kl_filter){
		.difficulty = -1,
		.state = -1,
		.pack = args->options[LIST_PACK],
		.category = args->options[LIST_CATEGORY],
		.tag = args->options[LIST_TAG],
	};
	if (level) {
		if (!kl_difficulty_parse(&difficulty, level))
			return cli_fail_usage(
				cli, args->command,
				"'%s' is no difficulty; choose beginner, intermediate, advanced or expert", level);
		filter->difficulty = (int)difficulty;
	}
	if (state && (filter->state = find_name(state_names, KL_LENGTH(state_names), state)) < 0)
		return cli_fail_usage(cli, args->command, "'%s' is no state; choose new, begun or solved", state);
	if (sort) {
		int found = find_name(sort_names, KL_LENGTH(sort_names), sort);

		if (found < 0)
			return cli_fail_usage(cli, args->command,
					      "'%s' is no column; choose number, title, difficulty, minutes or state",
					      sort);
		filter->sort = (enum kl_sort)found;
	}
	if (language && !kl_language_find(language))
		return cli_fail_usage(cli, args->command, "there is no language '%s'; 'kodelab doctor' lists them",
				      language);
	filter->language = language ? kl_language_find(language)->id : NULL;
	return 0;
}

static cJSON *entry_json(const struct kl_entry *entry)
{
	cJSON *node = cJSON_CreateObject();
	cJSON *tags;

	cJSON_AddStringToObject(node, "pack", entry->pack);
	cJSON_AddStringToObject(node, "slug", entry->slug);
	cJSON_AddNumberToObject(node, "number", entry->number);
	cJSON_AddStringToObject(node, "title", entry->title);
	cJSON_AddStringToObject(node, "summary", entry->summary ? entry->summary : "");
	cJSON_AddStringToObject(node, "difficulty", kl_difficulty_name(entry->difficulty));
	cJSON_AddStringToObject(node, "category", entry->category);
	cJSON_AddNumberToObject(node, "minutes", entry->minutes);
	cJSON_AddStringToObject(node, "state", state_names[entry->state]);
	tags = cJSON_AddArrayToObject(node, "tags");
	for (char **tag = entry->tags; *tag; tag++)
		cJSON_AddItemToArray(tags, cJSON_CreateString(*tag));
	return node;
}

static void print_entry(const struct cli *cli, const struct kl_entry *entry)
{
	static const char *const marks[] = { " ", "~", "*" };

	cli_say(cli, "%s %3d  %-12s  %-18s  %s\n", marks[entry->state], entry->number,
		kl_difficulty_name(entry->difficulty), entry->slug, entry->title);
}

static int list(struct cli *cli, const struct kl_filter *filter)
{
	size_t *rows = kl_calloc(kl_catalogue_count(cli->catalogue) + 1, sizeof(*rows));
	size_t count = kl_catalogue_select(cli->catalogue, filter, rows);
	cJSON *root = cli->json ? cJSON_CreateArray() : NULL;

	for (size_t i = 0; i < count; i++) {
		const struct kl_entry *entry = kl_catalogue_at(cli->catalogue, rows[i]);

		if (root)
			cJSON_AddItemToArray(root, entry_json(entry));
		else
			print_entry(cli, entry);
	}
	if (!root && count == 0)
		puts("No challenge fits.");
	free(rows);
	for (size_t i = 0; i < kl_catalogue_problem_count(cli->catalogue); i++)
		cli_warn(cli, "%s", kl_catalogue_problem(cli->catalogue, i));
	return root ? cli_print_json(root) : EXIT_DONE;
}

int command_list(struct cli *cli, const struct command_args *args)
{
	struct kl_filter filter;
	struct kl_buf words;
	struct kl_error err;
	int status = read_filter(&filter, cli, args);

	if (status)
		return status;
	if (cli_catalogue(cli, &err))
		return cli_fail(cli, &err);
	kl_buf_init(&words, 4096);
	for (size_t i = 0; i < args->word_count; i++)
		kl_buf_addf(&words, "%s%s", i ? " " : "", args->words[i]);
	filter.text = words.data;
	status = list(cli, &filter);
	kl_buf_release(&words);
	return status;
}

int command_search(struct cli *cli, const struct command_args *args)
{
	return command_list(cli, args);
}
