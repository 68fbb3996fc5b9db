/* kodelab new */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/authoring.h>

int command_new(struct cli *cli, const struct command_args *args)
{
	const char *kind = args->options[NEW_KIND];
	struct kl_new_challenge spec = { .pack_dir = args->options[NEW_PACK] ? args->options[NEW_PACK] : ".",
					 .slug = args->words[0],
					 .title = args->options[NEW_TITLE] };
	struct kl_error err;
	char *dir;

	if (kind && strcmp(kind, "program") == 0)
		spec.kind = KL_KIND_PROGRAM;
	else if (kind && strcmp(kind, "function") != 0)
		return cli_fail_usage(cli, args->command, "'%s' is no kind; choose function or program", kind);
	if (kl_challenge_new(&dir, &spec, &err))
		return cli_fail(cli, &err);
	cli_say(cli, "Made %s. Edit its files, then: kodelab check %s\n", dir, dir);
	free(dir);
	return EXIT_DONE;
}
