/* The command line, read by the rows of the command table: --name VALUE, --name=VALUE, -n VALUE, --, words in any order. */
#include "command.h"

#include <string.h>

#include <kodelab/suggest.h>

static const struct command_option *option_at(const struct command *command, size_t index)
{
	if (!command->options || !command->options[index].name)
		return NULL;
	return &command->options[index];
}

/* The option's place in the table, or -1. */
static int find_long(const struct command *command, const char *name, size_t len)
{
	for (size_t i = 0; option_at(command, i); i++) {
		const char *own = command->options[i].name + 2;

		if (strlen(own) == len && memcmp(own, name, len) == 0)
			return (int)i;
	}
	return -1;
}

static int find_letter(const struct command *command, char letter)
{
	for (size_t i = 0; option_at(command, i); i++) {
		if (command->options[i].letter && command->options[i].letter == letter)
			return (int)i;
	}
	return -1;
}

struct reading {
	struct command_args *args;
	struct cli *cli;
	int argc, at;
	char **argv;
};

static int refuse(const struct reading *reading, const char *problem, const char *what)
{
	return cli_fail_usage(reading->cli, reading->args->command, "%s '%s'", problem, what);
}

/* Takes the value of option `index`: the text after '=', or the next word. */
static int take_value(struct reading *reading, int index, const char *attached)
{
	const struct command_option *option = &reading->args->command->options[index];
	const char **slot = &reading->args->options[index];

	if (!option->value) {
		if (attached)
			return refuse(reading, "this option takes no value:", option->name);
		*slot = "";
		return 0;
	}
	if (attached) {
		*slot = attached;
		return 0;
	}
	if (reading->at + 1 >= reading->argc)
		return refuse(reading, "a value is missing after", option->name);
	*slot = reading->argv[++reading->at];
	return 0;
}

static int unknown_option(const struct reading *reading, const char *word)
{
	const struct command *command = reading->args->command;
	/* without the dashes, which make any two options look alike */
	const char *names[COMMAND_OPTIONS_MAX + 3] = { "json", "help" }, *near;

	for (size_t i = 0; option_at(command, i) && i < COMMAND_OPTIONS_MAX; i++)
		names[i + 2] = command->options[i].name + 2;
	near = word[1] == '-' ? kl_suggest(word + 2, command->flags & COMMAND_JSON ? names : names + 1) : NULL;
	if (!near)
		return refuse(reading, "unknown option", word);
	return cli_fail_usage(reading->cli, command, "unknown option '%s', did you mean '--%s'?", word, near);
}

static int take_option(struct reading *reading, const char *word)
{
	const struct command *command = reading->args->command;
	const char *equals = strchr(word, '=');
	int index;

	if (strcmp(word, "--json") == 0 && (command->flags & COMMAND_JSON))
		return 0; /* seen by look_for_json */
	if (word[1] == '-') {
		size_t len = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;

		index = find_long(command, word + 2, len);
		return index < 0 ? unknown_option(reading, word)
				 : take_value(reading, index, equals ? equals + 1 : NULL);
	}
	index = find_letter(command, word[1]);
	if (index < 0 || (word[2] && !command->options[index].value))
		return unknown_option(reading, word);
	return take_value(reading, index, word[2] ? word + 2 : NULL);
}

static int take_word(struct reading *reading, const char *word)
{
	struct command_args *args = reading->args;

	if (args->word_count >= args->command->words_max || args->word_count + 1 >= COMMAND_WORDS_MAX)
		return refuse(reading, "one argument too many:", word);
	args->words[args->word_count++] = word;
	return 0;
}

/* Before anything is refused: refusals are JSON, too. */
static void look_for_json(struct cli *cli, const struct command *command, int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		cli->json = cli->json || ((command->flags & COMMAND_JSON) && strcmp(argv[i], "--json") == 0);
}

int command_parse(struct command_args *args, struct cli *cli, const struct command *command, int argc, char **argv)
{
	struct reading reading = { .args = args, .cli = cli, .argc = argc, .argv = argv };
	bool words_only = false;
	int status = 0;

	memset(args, 0, sizeof(*args));
	args->command = command;
	look_for_json(cli, command, argc, argv);
	for (; reading.at < argc && !status; reading.at++) {
		const char *word = argv[reading.at];

		if (!words_only && strcmp(word, "--") == 0)
			words_only = true;
		else if (!words_only && word[0] == '-' && word[1])
			status = take_option(&reading, word);
		else
			status = take_word(&reading, word);
	}
	if (!status && args->word_count < command->words_min)
		return cli_fail_usage(cli, command, "an argument is missing: kodelab %s %s", command->name,
				      command->arguments);
	return status;
}
