/* kodelab config [NAME [VALUE]] */
#include "commands.h"

#include <string.h>

#include <kodelab/crypto.h>
#include <kodelab/suggest.h>

#include "tui/setting.h"

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
	if (near)
		return cli_fail_usage(cli, args->command, "there is no setting '%s', did you mean '%s'?",
				      args->words[0], near);
	return cli_fail_usage(cli, args->command, "there is no setting '%s'; 'kodelab config' lists them",
			      args->words[0]);
}

static int print_all(const struct cli *cli)
{
	cJSON *root = cli->json ? cJSON_CreateObject() : NULL;

	for (size_t i = 0; i < kl_option_count(); i++) {
		const struct kl_option *option = kl_option_at(i);

		if (root)
			cJSON_AddStringToObject(root, option->name, shown(cli, option));
		else
			cli_say(cli, "%c %-20s %-8s  %s. %s\n",
				kl_config_is_default(cli->config, option->name) ? ' ' : '*', option->name,
				*shown(cli, option) ? shown(cli, option) : "-", option->title, option->help);
	}
	if (root)
		return cli_print_json(root);
	cli_say(cli, "\n* is set in %s\n", kl_config_path(cli->config));
	return EXIT_DONE;
}

static int print_one(const struct cli *cli, const struct kl_option *option)
{
	cJSON *root;

	if (!cli->json) {
		cli_say(cli, "%s\n", shown(cli, option));
		return EXIT_DONE;
	}
	root = cJSON_CreateObject();
	cJSON_AddStringToObject(root, option->name, shown(cli, option));
	return cli_print_json(root);
}

static int set(struct cli *cli, const struct command_args *args, const struct kl_option *option)
{
	const char *value = args->words[1];
	char *secret = NULL;
	struct kl_error err;
	enum kl_status status;

	if (option->secret && *value && strcmp(value, "-") != 0)
		return cli_fail_usage(
			cli, args->command,
			"a secret on the command line is seen by everybody here: type 'kodelab config %s -', then the value",
			option->name);
	if (option->secret && *value) {
		if (cli_secret(&secret, option->title, &err))
			return cli_fail(cli, &err);
		value = secret;
	}
	if (!*value)
		status = kl_config_unset(cli->config, option->name, &err);
	else if (!(status = setting_check(&cli->paths, option, value, &err)))
		status = kl_config_set(cli->config, option->name, value, &err);
	kl_secret_free(secret);
	return status ? cli_fail(cli, &err) : EXIT_DONE;
}

int command_config(struct cli *cli, const struct command_args *args)
{
	const struct kl_option *option = args->words[0] ? kl_option_find(args->words[0]) : NULL;

	if (!args->words[0])
		return print_all(cli);
	if (!option)
		return unknown(cli, args);
	return args->word_count == 1 ? print_one(cli, option) : set(cli, args, option);
}
