/* kodelab edit: in the lab, in another editor, or just where the file is */
#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "tui/work.h"

/* What the person set, in the order people expect; it may hold options ("code --wait"). */
static const char *editor_program(const struct cli *cli)
{
	const char *const choices[] = { kl_config_string(cli->config, "editor.program"), getenv("VISUAL"),
					getenv("EDITOR") };

	for (size_t i = 0; i < KL_LENGTH(choices); i++) {
		if (choices[i] && *choices[i])
			return choices[i];
	}
	return "vi";
}

static int use_editor(struct cli *cli, const char *path)
{
	/* the person's own setting, read by a shell, as with git; the path is an argument, never part of the text */
	char *command = kl_format("exec %s \"$1\"", editor_program(cli));
	struct kl_error err;

	execl("/bin/sh", "sh", "-c", command, "kodelab", path, (char *)NULL);
	kl_fail_errno(&err, KL_ENOTOOL, errno, "could not start '%s'", editor_program(cli));
	free(command);
	return cli_fail(cli, &err);
}

static int edit_file(struct cli *cli, const struct command_args *args, const struct kl_challenge *challenge)
{
	const struct kl_language *language;
	struct kl_error err;
	int status = EXIT_DONE;
	char *path;

	if (cli_language(&language, cli, challenge, args->options[EDIT_LANGUAGE], &err) ||
	    work_file(&path, &cli->paths, cli->store, challenge, language, &err))
		return cli_fail(cli, &err);
	if (args->options[EDIT_PATH])
		puts(path); /* as it is: scripts use it */
	else
		status = use_editor(cli, path);
	free(path);
	return status;
}

/* What can be refused is refused here, before the screen is taken. */
static int edit_in_lab(struct cli *cli, const struct command_args *args, const struct kl_challenge *challenge)
{
	const char *wanted = args->options[EDIT_LANGUAGE];
	const struct kl_language *language;
	struct kl_error err;
	char *name;
	int status;

	if (wanted && cli_language(&language, cli, challenge, wanted, &err))
		return cli_fail(cli, &err);
	name = kl_format("%s/%s", challenge->pack, challenge->slug);
	status = cli_open_lab(cli, name, wanted);
	free(name);
	return status;
}

int command_edit(struct cli *cli, const struct command_args *args)
{
	struct kl_challenge *challenge;
	struct kl_error err;
	int status;

	if (cli_challenge(&challenge, NULL, cli, args->words[0], &err))
		return cli_fail(cli, &err);
	if (args->options[EDIT_EXTERNAL] || args->options[EDIT_PATH])
		status = edit_file(cli, args, challenge);
	else
		status = edit_in_lab(cli, args, challenge);
	kl_challenge_free(challenge);
	return status;
}
