/* kodelab edit */
#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "tui/app.h"
#include "tui/work.h"

static enum kl_status find_file(char **path, struct cli *cli, const struct command_args *args, struct kl_error *err)
{
	struct kl_challenge *challenge;
	const struct kl_language *language;
	enum kl_status status = cli_challenge(&challenge, NULL, cli, args->words[0], err);

	if (status)
		return status;
	language = work_language(challenge, args->options[EDIT_LANGUAGE], cli->store, &cli->paths,
				 kl_config_string(cli->config, "language"));
	status = language ? work_file(path, &cli->paths, cli->store, challenge, language, err) :
			    kl_fail(err, KL_EINVAL, "'%s' cannot be solved in '%s'", challenge->slug,
				    args->options[EDIT_LANGUAGE] ? args->options[EDIT_LANGUAGE] : "any language known here");
	kl_challenge_free(challenge);
	return status;
}

static int use_editor(struct cli *cli, const char *path)
{
	const char *option = kl_config_string(cli->config, "editor.program");
	const char *program = *option ? option : getenv("VISUAL") ? getenv("VISUAL") : getenv("EDITOR");
	/* the person's own setting may hold options: a shell reads it, as with git */
	char *command = kl_format("exec %s \"$1\"", program && *program ? program : "vi");
	struct kl_error err;

	execl("/bin/sh", "sh", "-c", command, "kodelab", path, (char *)NULL);
	kl_fail_errno(&err, KL_ENOTOOL, errno, "could not start '%s'", program ? program : "vi");
	free(command);
	return cli_fail(cli, &err);
}

int command_edit(struct cli *cli, const struct command_args *args)
{
	struct app_start start = { .challenge = args->words[0] ? args->words[0] : ".",
				   .language = args->options[EDIT_LANGUAGE] };
	struct kl_error err;
	char *path;
	int status = EXIT_DONE;

	if (!args->options[EDIT_EXTERNAL] && !args->options[EDIT_PATH]) {
		struct kl_challenge *challenge;

		if (cli_challenge(&challenge, NULL, cli, args->words[0], &err))
			return cli_fail(cli, &err);
		kl_challenge_free(challenge);
		return app_run(&start);
	}
	if (find_file(&path, cli, args, &err))
		return cli_fail(cli, &err);
	if (args->options[EDIT_PATH])
		puts(path);
	else
		status = use_editor(cli, path);
	free(path);
	return status;
}
