/* kodelab edit: in the lab, in another editor, or just where the file is */
#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
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

/* Programs that draw on the terminal: without one they wait for ever. */
static bool wants_terminal(const char *program)
{
	static const char *const names[] = { "vi",    "vim", "nvim",   "nano", "pico",
					     "micro", "joe", "mcedit", "hx",   "helix" };
	size_t len = strcspn(program, " \t"), start = len;

	while (start > 0 && program[start - 1] != '/')
		start--;
	for (size_t i = 0; i < KL_LENGTH(names); i++)
		if (strlen(names[i]) == len - start && !strncmp(names[i], program + start, len - start))
			return true;
	return false;
}

static int use_editor(struct cli *cli, const char *path)
{
	const char *program = editor_program(cli);
	/* the person's own setting, read by a shell, as with git; the path is an argument, never part of the text */
	char *command = kl_format("exec %s \"$1\"", program);
	struct kl_error err;

	if (wants_terminal(program) && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
		free(command);
		kl_fail(&err, KL_EINVAL,
			"%s needs a terminal: set EDITOR to a program that does not, or take the file's path from 'kodelab edit --path'",
			program);
		return cli_fail(cli, &err);
	}
	execl("/bin/sh", "sh", "-c", command, "kodelab", path, (char *)NULL);
	kl_fail_errno(&err, KL_ENOTOOL, errno, "could not start '%s'", program);
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
