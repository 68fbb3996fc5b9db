/* kodelab reset: the starter again; what was there is set aside, never thrown away */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/work.h"

/* solution.py → solution.py.old, .old2 … : the first name that is free. */
static enum kl_status set_aside(const char *path, char **where, struct kl_error *err)
{
	for (int i = 1; i < 1000; i++) {
		char *name = i == 1 ? kl_format("%s.old", path) : kl_format("%s.old%d", path, i);

		if (!kl_path_exists(name)) {
			*where = name;
			return rename(path, name) == 0
				       ? KL_OK
				       : kl_fail_errno(err, KL_EIO, errno, "could not set '%s' aside", path);
		}
		free(name);
	}
	return kl_fail(err, KL_EFULL, "there are too many old files beside '%s'; remove some", path);
}

/* There is no starter to take its place: the text is where it was. */
static void put_back(const char *path, const char *old)
{
	if (!kl_path_exists(path) && rename(old, path) < 0)
		errno = 0; /* then it stays beside it, under the name of old texts */
}

static enum kl_status reset(struct cli *cli, const struct kl_challenge *challenge, const struct command_args *args,
			    struct kl_error *err)
{
	const struct kl_language *language;
	enum kl_status status = cli_language(&language, cli, challenge, args->options[RESET_LANGUAGE], err);
	char *path, *made = NULL, *old = NULL;

	if (status)
		return status;
	path = work_path(&cli->paths, challenge, language);
	if (kl_path_exists(path))
		status = set_aside(path, &old, err);
	if (!status && (status = work_file(&made, &cli->paths, NULL, challenge, language, err)) && old)
		put_back(path, old);
	if (!status && args->options[RESET_PROGRESS])
		status = kl_store_reset(cli->store, challenge->pack, challenge->slug, err);
	if (!status)
		cli_say(cli, "%s is the starter again.%s%s\n", path, old ? " Your text is in " : "", old ? old : "");
	if (!status && args->options[RESET_PROGRESS])
		cli_say(cli, "The progress of %s/%s is forgotten; its attempts stay in the history.\n", challenge->pack,
			challenge->slug);
	free(old);
	free(made);
	free(path);
	return status;
}

int command_reset(struct cli *cli, const struct command_args *args)
{
	struct kl_challenge *challenge;
	struct kl_error err;
	enum kl_status status;

	if (cli_challenge(&challenge, NULL, cli, args->words[0], &err))
		return cli_fail(cli, &err);
	status = reset(cli, challenge, args, &err);
	kl_challenge_free(challenge);
	return status ? cli_fail(cli, &err) : EXIT_DONE;
}
