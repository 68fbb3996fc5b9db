/* kodelab config [NAME [VALUE]] */
#include "commands.h"

#include <string.h>

#include <kodelab/suggest.h>

/* A secret is never shown, not even to its owner: only that it is there. */
static const char *shown(const struct cli *cli, const struct kl_option *option)
{
	const char *value = kl_config_string(cli->config, option->name);

	return option->secret && *value ? "********" : value;
}

static int unknown(struct cli *cli, const struct command_args *args)
{
	const char *names[256] = { NULL };
	const char *near;

	for (size_t i = 0; i < kl_option_count() && i < 255; i++)
		names[i] = kl_option_at(i)->name;
	near = kl_suggest(args->words[0], names);
	return cli_fail_usage(cli, args->command, near ? "there is no setting '%s', did you mean '%s'?" :
						      "there is no setting '%s'; 'kodelab config' lists them%s",
			      args->words[0], near ? near : "");
}

static int print_all(const struct cli *cli)
{
	cJSON *root = cli->json ? cJSON_CreateObject() : NULL;

	for (size_t i = 0; i < kl_option_count(); i++) {
		const struct kl_option *option = kl_option_at(i);

		if (root)
			cJSON_AddStringToObject(root, option->name, shown(cli, option));
		else
			printf("%c %-24s %-20s  %s\n", kl_config_is_default(cli->config, option->name) ? ' ' : '*',
			       option->name, *shown(cli, option) ? shown(cli, option) : "-", option->help);
	}
	return root ? cli_print_json(root) : EXIT_DONE;
}

int command_config(struct cli *cli, const struct command_args *args)
{
	const struct kl_option *option = args->words[0] ? kl_option_find(args->words[0]) : NULL;
	struct kl_error err;
	enum kl_status status;

	if (!args->words[0])
		return print_all(cli);
	if (!option)
		return unknown(cli, args);
	if (args->word_count == 1) {
		cJSON *root;

		if (!cli->json)
			return puts(shown(cli, option)) < 0 ? EXIT_COULD_NOT : EXIT_DONE;
		root = cJSON_CreateObject();
		cJSON_AddStringToObject(root, option->name, shown(cli, option));
		return cli_print_json(root);
	}
	status = *args->words[1] ? kl_config_set(cli->config, option->name, args->words[1], &err) :
				   kl_config_unset(cli->config, option->name, &err);
	return status ? cli_fail(cli, &err) : EXIT_DONE;
}
