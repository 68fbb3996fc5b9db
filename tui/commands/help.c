/* kodelab help: from the command table */
#include "commands.h"

#include <string.h>

static void print_option(const struct command_option *option)
{
	char letter[8] = "    ", name[48];

	if (option->letter)
		snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	snprintf(name, sizeof(name), "%s%s%s", option->name, option->value ? " " : "",
		 option->value ? option->value : "");
	printf("  %s%-22s %s\n", letter, name, option->help);
}

/* One line each, those that teach after the others. */
static void print_actions(const struct command_action *actions, unsigned teaches)
{
	int cols = 0;

	for (const struct command_action *action = actions; action->name; action++) {
		int len = (int)(strlen(action->name) + strlen(action->wants));

		cols = len > cols ? len : cols;
	}
	puts(teaches ? "\nFor those who teach:" : "\nActions:");
	for (const struct command_action *action = actions; action->name; action++)
		if ((action->flags & ACTION_TEACHES) == teaches)
			printf("  %s %-*s  %s\n", action->name, cols - (int)strlen(action->name), action->wants,
			       action->help);
}

static void print_command(const struct command *command)
{
	bool options = command->options || (command->flags & COMMAND_JSON);

	printf("Usage: kodelab %s%s%s%s\n\n%s.\n", command->name, options ? " [OPTION...]" : "",
	       *command->arguments ? " " : "", command->arguments, command->help);
	if (command->detail)
		printf("\n%s\n", command->detail);
	if (command_actions(command)) {
		print_actions(command_actions(command), 0);
		print_actions(command_actions(command), ACTION_TEACHES);
	}
	if (options)
		putchar('\n');
	for (const struct command_option *option = command->options; option && option->name; option++)
		print_option(option);
	if (command->flags & COMMAND_JSON)
		printf("      %-22s %s\n", "--json", "machine-readable output");
	if (strstr(command->arguments, "CHALLENGE"))
		printf("\nCHALLENGE is a slug (welcome), pack/slug (starter/welcome), a number of 'kodelab list',\n"
		       "or a path. Without it: %s.\n",
		       command->flags & COMMAND_OR_ALL ? "all of them" : "the challenge of the current folder");
}

static void print_overview(void)
{
	puts("Usage: kodelab [COMMAND [OPTION...] [ARGUMENT...]]\n\n"
	     "Without a command the full-screen lab opens. Commands:\n");
	for (size_t i = 0; i < command_count(); i++)
		printf("  %-11s %s\n", command_at(i)->name, command_at(i)->help);
	puts("\n'kodelab help COMMAND' tells more; 'man kodelab' is the manual; --version is the version.\n"
	     "Exit status: 0 done, all passed; 1 tests failed; 2 usage; 3 could not run;\n"
	     "4 network; 5 refused; 6 a conflict waits; 130 interrupted.");
}

int command_help(struct cli *cli, const struct command_args *args)
{
	const struct command *command = args->words[0] ? command_find(args->words[0]) : NULL;

	if (args->words[0] && !command && command_suggest(args->words[0]))
		return cli_fail_usage(cli, NULL, "there is no command '%s', did you mean '%s'?", args->words[0],
				      command_suggest(args->words[0]));
	if (args->words[0] && !command)
		return cli_fail_usage(cli, NULL, "there is no command '%s'", args->words[0]);
	if (command)
		print_command(command);
	else
		print_overview();
	return EXIT_DONE;
}
