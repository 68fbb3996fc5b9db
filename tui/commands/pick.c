/* kodelab next, kodelab random, kodelab daily: one challenge, named or opened */
#include "commands.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/id.h>

#include "tui/app.h"

static int open_lab(const struct kl_entry *entry)
{
	char *name = kl_format("%s/%s", entry->pack, entry->slug);
	struct app_start start = { .challenge = name };
	int status = app_run(&start);

	free(name);
	return status;
}

static int tell(struct cli *cli, const struct command_args *args, size_t index, const char *nothing)
{
	const struct kl_entry *entry;
	cJSON *root;

	if (index == SIZE_MAX) {
		struct kl_error err;

		kl_fail(&err, KL_ENOENT, "%s", nothing);
		return cli_fail(cli, &err);
	}
	entry = kl_catalogue_at(cli->catalogue, index);
	if (args->options[PICK_OPEN])
		return open_lab(entry);
	if (!cli->json) {
		printf("%s/%s  ", entry->pack, entry->slug);
		cli_print(stdout, cli, entry->title, strlen(entry->title));
		printf(" (%s, about %d minutes)\n", kl_difficulty_name(entry->difficulty), entry->minutes);
		return EXIT_DONE;
	}
	root = cJSON_CreateObject();
	cJSON_AddStringToObject(root, "pack", entry->pack);
	cJSON_AddStringToObject(root, "slug", entry->slug);
	cJSON_AddStringToObject(root, "title", entry->title);
	cJSON_AddStringToObject(root, "difficulty", kl_difficulty_name(entry->difficulty));
	cJSON_AddNumberToObject(root, "minutes", entry->minutes);
	return cli_print_json(root);
}

int command_next(struct cli *cli, const struct command_args *args)
{
	struct kl_error err;

	if (cli_catalogue(cli, &err))
		return cli_fail(cli, &err);
	return tell(cli, args, kl_catalogue_next(cli->catalogue, SIZE_MAX), "everything is solved; well done");
}

int command_random(struct cli *cli, const struct command_args *args)
{
	char id[KL_ID_SIZE];
	struct kl_error err;
	size_t count;

	if (cli_catalogue(cli, &err))
		return cli_fail(cli, &err);
	count = kl_catalogue_count(cli->catalogue);
	kl_id_new(id, &cli->clock); /* its last digits are random */
	return tell(cli, args, count ? strtoul(id + KL_ID_SIZE - 9, NULL, 16) % count : SIZE_MAX,
		    "there are no challenges; 'kodelab doctor' says where they are looked for");
}

int command_daily(struct cli *cli, const struct command_args *args)
{
	struct kl_error err;

	if (cli_catalogue(cli, &err))
		return cli_fail(cli, &err);
	return tell(cli, args,
		    kl_catalogue_daily(cli->catalogue, kl_clock_local_day_number(kl_clock_wall_ms(&cli->clock))),
		    "there are no challenges; 'kodelab doctor' says where they are looked for");
}
