/* kodelab stats */
#include "commands.h"

#include <kodelab/progress.h>

static void print_share(const struct cli *cli, const struct kl_share *share)
{
	cli_say(cli, "  %-20s %3d of %3d\n", share->name, share->completed, share->total);
}

static void print_stats(const struct cli *cli, const struct kl_stats *stats)
{
	printf("%d of %d solved, %d begun\n", stats->completed, stats->total, stats->in_progress);
	printf("attempts: %d (%d submitted, %d of them passed)\n", stats->attempts, stats->submits, stats->passes);
	printf("streak: %d day%s (longest: %d)\n\n", stats->streak, stats->streak == 1 ? "" : "s",
	       stats->longest_streak);
	for (int i = 0; i < KL_DIFFICULTY_COUNT; i++)
		print_share(cli, &stats->by_difficulty[i]);
	putchar('\n');
	for (size_t i = 0; i < stats->category_count; i++)
		print_share(cli, &stats->by_category[i]);
}

static void add_share(cJSON *list, const struct kl_share *share)
{
	cJSON *node = cJSON_CreateObject();

	cJSON_AddStringToObject(node, "name", share->name);
	cJSON_AddNumberToObject(node, "completed", share->completed);
	cJSON_AddNumberToObject(node, "in_progress", share->in_progress);
	cJSON_AddNumberToObject(node, "total", share->total);
	cJSON_AddItemToArray(list, node);
}

static int print_json(const struct kl_stats *stats)
{
	cJSON *root = cJSON_CreateObject(), *list;

	cJSON_AddNumberToObject(root, "completed", stats->completed);
	cJSON_AddNumberToObject(root, "in_progress", stats->in_progress);
	cJSON_AddNumberToObject(root, "total", stats->total);
	cJSON_AddNumberToObject(root, "attempts", stats->attempts);
	cJSON_AddNumberToObject(root, "submits", stats->submits);
	cJSON_AddNumberToObject(root, "passes", stats->passes);
	cJSON_AddNumberToObject(root, "streak", stats->streak);
	cJSON_AddNumberToObject(root, "longest_streak", stats->longest_streak);
	cJSON_AddNumberToObject(root, "spent_ms", (double)stats->spent_ms);
	list = cJSON_AddArrayToObject(root, "by_difficulty");
	for (int i = 0; i < KL_DIFFICULTY_COUNT; i++)
		add_share(list, &stats->by_difficulty[i]);
	list = cJSON_AddArrayToObject(root, "by_category");
	for (size_t i = 0; i < stats->category_count; i++)
		add_share(list, &stats->by_category[i]);
	cJSON_AddItemToObject(root, "heatmap", cJSON_CreateIntArray(stats->heatmap, KL_HEATMAP_DAYS));
	cJSON_AddItemToObject(root, "weekly", cJSON_CreateIntArray(stats->weekly, KL_HEATMAP_WEEKS));
	return cli_print_json(root);
}

int command_stats(struct cli *cli, const struct command_args *args)
{
	struct kl_stats stats;
	struct kl_error err;
	int status = EXIT_DONE;

	(void)args;
	if (cli_catalogue(cli, &err) || kl_stats_read(&stats, cli->store, cli->catalogue, &cli->clock, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		status = print_json(&stats);
	else
		print_stats(cli, &stats);
	kl_stats_release(&stats);
	return status;
}
