/* `kodelab COMMAND …`: finds the row, parses, runs, gives everything back. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROBLEMS_SHOWN = 3 };

/* `kodelab --json list`: options come after the command. */
static int unknown(struct cli *cli, const char *name)
{
	const char *near = command_suggest(name);
	size_t index;

	if (name[0] == '-')
		return cli_fail_usage(cli, NULL, "'%s' comes after a command: kodelab list --json", name);
	if (!near && !cli_catalogue(cli, NULL) && !kl_catalogue_find(&index, cli->catalogue, name, NULL, NULL))
		return cli_fail_usage(cli, NULL, "there is no command '%s', but a challenge: kodelab edit %s", name,
				      name);
	return near ? cli_fail_usage(cli, NULL, "there is no command '%s', did you mean '%s'?", name, near)
		    : cli_fail_usage(cli, NULL, "there is no command '%s'", name);
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	}
	return false;
}

static int run(struct cli *cli, int argc, char **argv)
{
	const struct command *command = command_find(argv[1]);
	struct command_args args = { 0 };
	int status;

	if (!command)
		return unknown(cli, argv[1]);
	if (wants_help(argc, argv)) {
		args.words[args.word_count++] = command->name;
		return command_help(cli, &args);
	}
	status = command_parse(&args, cli, command, argc - 2, argv + 2);
	return status ? status : command->run(cli, &args);
}

/* What people type everywhere. */
static const char *spelled(const char *word)
{
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	return word;
}

/* A file of rubbish has as many mistakes as lines: the first ones are enough to see that. */
static void tell_problems(const struct cli *cli)
{
	size_t count = kl_config_problem_count(cli->config), shown = count > PROBLEMS_SHOWN ? PROBLEMS_SHOWN : count;

	for (size_t i = 0; i < shown; i++)
		cli_warn(cli, "%s", kl_config_problem(cli->config, i));
	if (count > shown)
		cli_warn(cli, "… and %zu more mistakes in your settings: kodelab doctor lists them", count - shown);
}

int command_main(int argc, char **argv, const char *master)
{
	const char *no_color = getenv("NO_COLOR");
	struct cli cli = { .master = master };
	struct kl_error err;
	int status;

	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("kodelab " KL_VERSION);
		return cli_finish_output(&cli, EXIT_DONE);
	}
	argv[1] = (char *)(uintptr_t)spelled(argv[1]);
	kl_clock_init(&cli.clock);
	cli.color = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	cli.ascii = !cli_locale_is_utf8();
	if (kl_paths_init(&cli.paths, &err))
		return cli_fail(&cli, &err);
	cli.config = kl_config_open(&cli.paths);
	tell_problems(&cli);
	status = cli_finish_output(&cli, run(&cli, argc, argv));
	cli_close(&cli);
	return status;
}
