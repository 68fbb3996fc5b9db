/* kodelab new */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/authoring.h>

/* Where a challenge goes when no pack is named: into the pack one stands in, else into the person's own, where the lab finds it. */
static char *pack_folder(const struct cli *cli, const struct command_args *args)
{
	char *packs, *own;

	if (args->options[NEW_PACK] || kl_path_exists("pack.json"))
		return kl_strdup(args->options[NEW_PACK] ? args->options[NEW_PACK] : ".");
	packs = kl_path_join(cli->paths.data, "packs");
	own = kl_path_join(packs, "own");
	free(packs);
	return own;
}

static void tell(struct cli *cli, const char *dir, const char *slug)
{
	size_t index;

	cli_say(cli, "Made %s. Edit its files, then: kodelab check %s\n", dir, dir);
	if (cli_find(&index, cli, dir, NULL))
		cli_say(cli, "The lab opens packs in %s/packs: put this one there to solve it.\n", cli->paths.data);
	else
		cli_say(cli, "To solve it: kodelab edit %s/%s\n", kl_catalogue_at(cli->catalogue, index)->pack, slug);
}

int command_new(struct cli *cli, const struct command_args *args)
{
	const char *kind = args->options[NEW_KIND];
	struct kl_new_challenge spec = { .slug = args->words[0], .title = args->options[NEW_TITLE] };
	enum kl_status status;
	struct kl_error err;
	char *pack, *dir;

	if (kind && strcmp(kind, "program") == 0)
		spec.kind = KL_KIND_PROGRAM;
	else if (kind && strcmp(kind, "function") != 0)
		return cli_fail_usage(cli, args->command, "'%s' is no kind; choose function or program", kind);
	spec.pack_dir = pack = pack_folder(cli, args);
	status = kl_challenge_new(&dir, &spec, &err);
	free(pack);
	if (status)
		return cli_fail(cli, &err);
	tell(cli, dir, spec.slug);
	free(dir);
	return EXIT_DONE;
}
