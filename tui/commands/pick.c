/* kodelab next, kodelab random, kodelab daily: one challenge, named or opened */
#include "commands.h"

#include <stdint.h>
#include <stdlib.h>

#include <kodelab/alloc.h>
#include <kodelab/id.h>

#include "tui/work.h"

static int open_entry(struct cli *cli, const struct kl_entry *entry)
{
	char *name = kl_format("%s/%s", entry->pack, entry->slug);
	int status = cli_open_lab(cli, name, NULL);

	free(name);
	return status;
}

static int print_json(const struct kl_entry *entry)
{
	cJSON *root = cJSON_CreateObject();

	cJSON_AddStringToObject(root, "pack", entry->pack);
	cJSON_AddStringToObject(root, "slug", entry->slug);
	cJSON_AddStringToObject(root, "title", entry->title);
	cJSON_AddStringToObject(root, "difficulty", kl_difficulty_name(entry->difficulty));
	cJSON_AddNumberToObject(root, "minutes", entry->minutes);
	return cli_print_json(root);
}

static int tell(struct cli *cli, const struct command_args *args, size_t index)
{
	const struct kl_entry *entry = kl_catalogue_at(cli->catalogue, index);

	if (args->options[PICK_OPEN])
		return open_entry(cli, entry);
	if (cli->json)
		return print_json(entry);
	cli_say(cli, "%s/%s  %s (%s, about %d minutes)\n", entry->pack, entry->slug, entry->title,
		kl_difficulty_name(entry->difficulty), entry->minutes);
	return EXIT_DONE;
}

/* The catalogue, with something in it. */
static enum kl_status open_filled(struct cli *cli, struct kl_error *err)
{
	enum kl_status status = cli_catalogue(cli, err);

	if (!status && kl_catalogue_count(cli->catalogue) == 0)
		status = kl_fail(err, KL_ENOENT,
				 "there are no challenges; 'kodelab doctor' says where they are looked for");
	return status;
}

int command_next(struct cli *cli, const struct command_args *args)
{
	struct kl_error err;
	size_t index;

	if (open_filled(cli, &err))
		return cli_fail(cli, &err);
	index = kl_catalogue_next(cli->catalogue, SIZE_MAX, work_level(cli->config));
	if (index != SIZE_MAX)
		return tell(cli, args, index);
	if (cli->json)
		return cli_print_json(cJSON_CreateNull());
	puts("Everything is solved. Well done!");
	return EXIT_DONE;
}

int command_random(struct cli *cli, const struct command_args *args)
{
	char id[KL_ID_SIZE];
	struct kl_error err;

	if (open_filled(cli, &err))
		return cli_fail(cli, &err);
	kl_id_new(id, &cli->clock); /* its last digits are random */
	return tell(cli, args, strtoul(id + KL_ID_SIZE - 9, NULL, 16) % kl_catalogue_count(cli->catalogue));
}

int command_daily(struct cli *cli, const struct command_args *args)
{
	struct kl_error err;

	if (open_filled(cli, &err))
		return cli_fail(cli, &err);
	return tell(cli, args,
		    kl_catalogue_daily(cli->catalogue, kl_clock_local_day_number(kl_clock_wall_ms(&cli->clock))));
}
