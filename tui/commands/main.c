/* `kodelab COMMAND …`: finds the row, parses, runs, gives everything back. */
#include "commands.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/suggest.h>
#include <kodelab/visible.h>

static int unknown(struct cli *cli, const char *name)
{
	const char *names[65] = { NULL };
	const char *near;

	for (size_t i = 0; i < command_count() && i < 64; i++)
		names[i] = command_at(i)->name;
	near = kl_suggest(name, names);
	return near ? cli_fail_usage(cli, NULL, "there is no command '%s', did you mean '%s'?", name, near) :
		      cli_fail_usage(cli, NULL, "there is no command '%s'", name);
}

static void release(struct cli *cli)
{
	kl_judge_close(cli->judge);
	kl_catalogue_close(cli->catalogue);
	kl_store_close(cli->store);
	kl_loop_close(cli->loop);
	kl_config_close(cli->config);
	kl_paths_release(&cli->paths);
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

int command_main(int argc, char **argv)
{
	struct cli cli = { 0 };
	struct kl_error err;
	int status;

	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return puts("kodelab " KL_VERSION) < 0 ? EXIT_COULD_NOT : EXIT_DONE;
	argv[1] = (char *)(uintptr_t)spelled(argv[1]);
	kl_clock_init(&cli.clock);
	cli.color = isatty(STDOUT_FILENO) && !(getenv("NO_COLOR") && *getenv("NO_COLOR"));
	cli.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (kl_paths_init(&cli.paths, &err))
		return cli_fail(&cli, &err);
	cli.config = kl_config_open(&cli.paths);
	for (size_t i = 0; i < kl_config_problem_count(cli.config); i++)
		fprintf(stderr, "kodelab: %s\n", kl_config_problem(cli.config, i));
	status = run(&cli, argc, argv);
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = EXIT_COULD_NOT;
	release(&cli);
	return status;
}
