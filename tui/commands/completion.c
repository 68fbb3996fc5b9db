/*
 * kodelab completion bash|zsh|fish: scripts made from the command table. Names of challenges, languages and settings are
 * asked of kodelab itself when they are needed, so that the scripts never grow old.
 */
#include "commands.h"

#include <string.h>

#include <kodelab/alloc.h>

/* What a shell runs to get the slugs of all challenges, one a line. */
static const char slugs[] = "kodelab list --json 2>/dev/null | sed -n 's/.*\"slug\":[[:space:]]*\"\\(.*\\)\".*/\\1/p'";

/* Words known now. Those of languages, commands and settings come from their tables. */
static const char *const fixed_words[] = {
	[COMPLETE_DIFFICULTY] = "beginner intermediate advanced expert",
	[COMPLETE_STATE] = "new begun solved",
	[COMPLETE_SHELL] = "bash zsh fish",
	[COMPLETE_SORT] = "number title difficulty minutes state",
	[COMPLETE_KIND] = "function program",
	[COMPLETE_PORTFOLIO] = "log push path",
	[COMPLETE_JUDGE] = "list add test remove doctor languages stats kept send drop",
	[COMPLETE_JUDGE_KIND] = "self-hosted rapidapi allthingsdev",
	[COMPLETE_KEYS] = "list add remove share suspend resume test rotate usage notices",
	[COMPLETE_SHARE] = "private pool backup",
};

static void print_words(enum completion kind)
{
	switch (kind) {
	case COMPLETE_LANGUAGE:
		for (size_t i = 0; i < kl_language_count(); i++)
			printf("%s%s", i ? " " : "", kl_language_at(i)->id);
		break;
	case COMPLETE_COMMAND:
		for (size_t i = 0; i < command_count(); i++)
			printf("%s%s", i ? " " : "", command_at(i)->name);
		break;
	case COMPLETE_OPTION_NAME:
		for (size_t i = 0; i < kl_option_count(); i++)
			printf("%s%s", i ? " " : "", kl_option_at(i)->name);
		break;
	case COMPLETE_DIFFICULTY:
	case COMPLETE_STATE:
	case COMPLETE_SHELL:
	case COMPLETE_SORT:
	case COMPLETE_KIND:
	case COMPLETE_PORTFOLIO:
	case COMPLETE_JUDGE:
	case COMPLETE_JUDGE_KIND:
	case COMPLETE_KEYS:
	case COMPLETE_SHARE:
		printf("%s", fixed_words[kind]);
		break;
	case COMPLETE_NONE:
	case COMPLETE_CHALLENGE:
	case COMPLETE_FILE:
		break;
	}
}

static void print_option_names(const struct command *command)
{
	for (const struct command_option *option = command->options; option && option->name; option++)
		printf("%s ", option->name);
	printf("%s--help", command->flags & COMMAND_JSON ? "--json " : "");
}

/* The words of a bash or zsh reply: a list known now, or a command that is run then. */
static void print_reply(enum completion kind)
{
	if (kind == COMPLETE_CHALLENGE)
		printf("$(%s)", slugs);
	else
		print_words(kind);
}

static void bash_command(const struct command *command)
{
	printf("\t%s)\n\t\tcase $prev in\n", command->name);
	for (const struct command_option *option = command->options; option && option->name; option++) {
		if (!option->value)
			continue;
		printf("\t\t%s", option->name);
		if (option->letter)
			printf("|-%c", option->letter);
		if (option->completion == COMPLETE_FILE) {
			printf(") compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n");
			continue;
		}
		printf(") words=\"");
		print_reply(option->completion);
		printf("\" ;;\n");
	}
	printf("\t\t*) case $cur in -*) words=\"");
	print_option_names(command);
	printf("\" ;; *) ");
	if (command->completion == COMPLETE_FILE) {
		printf("compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;");
	} else {
		printf("words=\"");
		print_reply(command->completion);
		printf("\" ;;");
	}
	printf(" esac ;;\n\t\tesac ;;\n");
}

static void print_bash(void)
{
	puts("# kodelab completions for bash: eval \"$(kodelab completion bash)\"\n"
	     "_kodelab() {\n"
	     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
	     "\tCOMPREPLY=()\n"
	     "\tif [ \"$COMP_CWORD\" -eq 1 ]; then");
	printf("\t\twords=\"");
	print_words(COMPLETE_COMMAND);
	puts(" --help --version\"\n\telse\n\tcase ${COMP_WORDS[1]} in");
	for (size_t i = 0; i < command_count(); i++)
		bash_command(command_at(i));
	puts("\tesac\n\tfi\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	     "}\n"
	     "complete -F _kodelab kodelab");
}

/* Texts in single quotes: none of ours holds one, but a later row might. */
static void print_quoted(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			printf("'\\''");
		else if (*text == ':' || *text == '[' || *text == ']')
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void zsh_values(enum completion kind)
{
	if (kind == COMPLETE_FILE)
		printf("_files");
	else if (kind == COMPLETE_CHALLENGE)
		printf("_kodelab_challenges");
	else {
		printf("(");
		print_words(kind);
		printf(")");
	}
}

static void zsh_command(const struct command *command)
{
	printf("\t%s) _arguments", command->name);
	for (const struct command_option *option = command->options; option && option->name; option++) {
		printf(" '%s[", option->name);
		print_quoted(option->help);
		printf("]");
		if (option->value) {
			printf(":%s:", option->value);
			zsh_values(option->completion);
		}
		printf("'");
	}
	if (command->flags & COMMAND_JSON)
		printf(" '--json[machine-readable output]'");
	if (command->words_max > 0) {
		printf(" '*:word:");
		zsh_values(command->completion);
		printf("'");
	}
	printf(" ;;\n");
}

static void print_zsh(void)
{
	puts("#compdef kodelab\n"
	     "# kodelab completions for zsh: as _kodelab in a folder of $fpath\n"
	     "_kodelab_challenges() {\n"
	     "\tlocal -a slugs");
	printf("\tslugs=(${(f)\"$(%s)\"})\n", slugs);
	puts("\t_describe challenge slugs\n}\n"
	     "_kodelab() {\n"
	     "\tif (( CURRENT == 2 )); then\n"
	     "\t\tlocal -a commands\n"
	     "\t\tcommands=(");
	for (size_t i = 0; i < command_count(); i++) {
		printf("\t\t\t'%s:", command_at(i)->name);
		print_quoted(command_at(i)->help);
		puts("'");
	}
	puts("\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
	     "\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $command in");
	for (size_t i = 0; i < command_count(); i++)
		zsh_command(command_at(i));
	puts("\tesac\n}\n"
	     "if [ \"$funcstack[1]\" = _kodelab ]; then _kodelab \"$@\"; else compdef _kodelab kodelab; fi");
}

static void fish_command(const struct command *command)
{
	printf("complete -c kodelab -n __fish_use_subcommand -f -a %s -d '%s'\n", command->name, command->help);
	if (command->completion != COMPLETE_NONE && command->completion != COMPLETE_FILE) {
		printf("complete -c kodelab -n '__fish_seen_subcommand_from %s' -f -a \"", command->name);
		if (command->completion == COMPLETE_CHALLENGE)
			printf("(__kodelab_challenges)");
		else
			print_words(command->completion);
		printf("\"\n");
	}
	for (const struct command_option *option = command->options; option && option->name; option++) {
		printf("complete -c kodelab -n '__fish_seen_subcommand_from %s' -l %s", command->name,
		       option->name + 2);
		if (option->letter)
			printf(" -s %c", option->letter);
		if (option->value && option->completion != COMPLETE_FILE) {
			printf(" -x -a \"");
			print_words(option->completion);
			printf("\"");
		} else if (option->value) {
			printf(" -r");
		}
		printf(" -d \"%s\"\n", option->help);
	}
	if (command->flags & COMMAND_JSON)
		printf("complete -c kodelab -n '__fish_seen_subcommand_from %s' -l json -d 'machine-readable output'\n",
		       command->name);
}

static void print_fish(void)
{
	puts("# kodelab completions for fish: as kodelab.fish in ~/.config/fish/completions\n"
	     "function __kodelab_challenges");
	printf("\t%s\n", slugs);
	puts("end");
	for (size_t i = 0; i < command_count(); i++)
		fish_command(command_at(i));
}

static const struct {
	const char *name;
	void (*print)(void);
} shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };

int command_completion(struct cli *cli, const struct command_args *args)
{
	for (size_t i = 0; i < KL_LENGTH(shells); i++) {
		if (strcmp(shells[i].name, args->words[0]) == 0) {
			shells[i].print();
			return EXIT_DONE;
		}
	}
	return cli_fail_usage(cli, args->command, "'%s' is no shell known here; choose bash, zsh or fish",
			      args->words[0]);
}
