/* kodelab course challenges: how challenges fare on the class server, for those who teach. */
#include "course.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>
#include <kodelab/json.h>

#include "commands.h"
#include "tui/figures.h"

static void print_fare(const struct cli *cli, const cJSON *node)
{
	cli_say(cli, "%6d  %6d  %9d  %4d%%  %s/%s  %s\n", figures_count(node, "tried"), figures_count(node, "solved"),
		figures_count(node, "submissions"), figures_count(node, "pass_percent"), kl_json_text_of(node, "pack"),
		kl_json_text_of(node, "slug"), kl_json_text_of(node, "title"));
}

static int list_fares(struct cli *cli)
{
	const cJSON *node;
	cJSON *all = NULL;
	int status = course_list(&all, cli, kl_strdup("/api/analytics/instructor/challenges?"));

	if (status)
		return status;
	if (cli->json)
		return cli_print_json(all);
	cli_say(cli, cJSON_GetArraySize(all) ? " tried  solved  handed in  passed  challenge\n"
					     : "Nobody has handed in anything yet.\n");
	cJSON_ArrayForEach(node, all) {
		print_fare(cli, node);
	}
	cJSON_Delete(all);
	return EXIT_DONE;
}

static void print_part(const struct cli *cli, const cJSON *data, const struct figures_part *part)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(data, part->list), *row;
	char label[FIGURES_LABEL];

	if (!cJSON_GetArraySize(rows))
		return;
	cli_say(cli, "\n%s:\n", part->title);
	cJSON_ArrayForEach(row, rows) {
		part->label(label, row);
		cli_say(cli, "%6d of %-6d  %s\n", figures_count(row, part->count), figures_count(data, part->whole),
			label);
	}
}

static int show_fare(struct cli *cli, const char *name)
{
	cJSON *data = NULL;
	int status = course_ask(&data, cli, "GET", kl_format("/api/analytics/challenge/%s", name), NULL);

	if (status)
		return status;
	if (cli->json)
		return cli_print_json(data);
	cli_say(cli, "%s\n", kl_json_text_of(data, "title"));
	cli_say(cli, "%d of %d who tried it solved it (%d%%); %d of %d submissions passed (%d%%).\n",
		figures_count(data, "solved"), figures_count(data, "tried"), figures_count(data, "solved_percent"),
		figures_count(data, "passed"), figures_count(data, "submissions"), figures_count(data, "pass_percent"));
	for (int i = 0; i < FIGURES_PARTS; i++)
		print_part(cli, data, &figures_parts[i]);
	cJSON_Delete(data);
	return EXIT_DONE;
}

/* "basics/hello"; both are slugs, so that they are a path as they stand. */
static bool is_challenge(const char *name)
{
	const char *slash = strchr(name, '/');
	char *pack = slash ? kl_strndup(name, (size_t)(slash - name)) : NULL;
	bool good = pack && kl_slug_valid(pack) && kl_slug_valid(slash + 1);

	free(pack);
	return good;
}

int course_challenges(struct cli *cli, const struct command_args *args)
{
	const char *name = args->words[1];

	if (!name)
		return list_fares(cli);
	if (!is_challenge(name))
		return cli_fail_usage(cli, args->command, "name a challenge by its pack: PACK/SLUG, not '%s'", name);
	return show_fare(cli, name);
}
