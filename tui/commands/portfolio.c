/* kodelab portfolio log|push|path */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/portfolio.h>

enum { MAX_DEFAULT = 20, MAX_MOST = 10000 };

struct waiting {
	struct cli *cli;
	int status;
};

static void done(void *ctx, const struct kl_portfolio_result *result)
{
	struct waiting *waiting = ctx;
	const char *text = result->text ? result->text : "";

	if (result->error.status) {
		waiting->status = cli_fail(waiting->cli, &result->error);
	} else if (waiting->cli->json) {
		cJSON *root = cJSON_CreateObject();

		cJSON_AddStringToObject(root, "text", text);
		waiting->status = cli_print_json(root);
	} else {
		cli_print(stdout, waiting->cli, text, strlen(text));
		if (*text && text[strlen(text) - 1] != '\n')
			putchar('\n');
	}
	kl_loop_stop(waiting->cli->loop);
}

int command_portfolio(struct cli *cli, const struct command_args *args)
{
	const char *what = args->words[0] ? args->words[0] : "log", *most = args->options[PORTFOLIO_MAX];
	long max = most ? strtol(most, NULL, 10) : MAX_DEFAULT;
	struct waiting waiting = { cli, EXIT_DONE };
	struct kl_portfolio *portfolio;
	enum kl_status status;
	struct kl_error err;

	if (max < 1 || max > MAX_MOST)
		return cli_fail_usage(cli, args->command, "--max wants a number from 1 to %d", MAX_MOST);
	if (strcmp(what, "log") != 0 && strcmp(what, "push") != 0 && strcmp(what, "path") != 0)
		return cli_fail_usage(cli, args->command, "'%s' is not known here; choose log, push or path", what);
	if (cli_loop(cli, &err))
		return cli_fail(cli, &err);
	portfolio = kl_portfolio_open(cli->loop, &cli->paths, cli->config);
	if (strcmp(what, "path") == 0) {
		puts(kl_portfolio_path(portfolio));
		kl_portfolio_close(portfolio);
		return EXIT_DONE;
	}
	status = strcmp(what, "push") == 0 ?
			 kl_portfolio_push(portfolio, args->options[PORTFOLIO_REMOTE], done, &waiting, &err) :
			 kl_portfolio_log(portfolio, (size_t)max, done, &waiting, &err);
	if (status)
		waiting.status = cli_fail(cli, &err);
	else
		kl_loop_run(cli->loop);
	kl_portfolio_close(portfolio);
	return waiting.status;
}
