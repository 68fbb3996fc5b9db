/* kodelab portfolio log|push|path */
#include "commands.h"

#include <string.h>

#include <kodelab/portfolio.h>

#include "judging.h"

enum { MAX_DEFAULT = 20, MAX_MOST = 1000, FIELD_MAX = 256 };

struct waiting {
	struct cli *cli;
	struct kl_portfolio *portfolio;
	int status;
	bool log, interrupted;
};

/* A line of the log, "1a2b3c4  2026-03-01 12:05  Solve …", as an object. */
static cJSON *commit_json(const char *line, size_t len)
{
	char commit[16] = "", day[16] = "", minute[16] = "", text[FIELD_MAX] = "";
	cJSON *node = cJSON_CreateObject();
	struct kl_buf copy;

	kl_buf_init(&copy, 4096);
	kl_buf_add(&copy, line, len);
	sscanf(copy.data, "%15s %15s %15s %255[^\n]", commit, day, minute, text);
	kl_buf_release(&copy);
	cJSON_AddStringToObject(node, "commit", commit);
	cJSON_AddStringToObject(node, "day", day);
	cJSON_AddStringToObject(node, "time", minute);
	cJSON_AddStringToObject(node, "text", text);
	return node;
}

static cJSON *log_json(const char *text)
{
	cJSON *commits = cJSON_CreateArray();

	while (*text) {
		size_t len = strcspn(text, "\n");

		cJSON_AddItemToArray(commits, commit_json(text, len));
		text += len + (text[len] == '\n');
	}
	return commits;
}

static void print_json(const struct waiting *waiting, const char *text)
{
	cJSON *root = cJSON_CreateObject();

	if (waiting->log)
		cJSON_AddItemToObject(root, "commits", log_json(text));
	else
		cJSON_AddStringToObject(root, "text", text);
	cli_print_json(root);
}

static void done(void *ctx, const struct kl_portfolio_result *result)
{
	struct waiting *waiting = ctx;
	const char *text = result->text ? result->text : "";

	kl_loop_stop(waiting->cli->loop);
	if (waiting->interrupted) {
		waiting->status = EXIT_INTERRUPTED;
		return;
	}
	if (result->error.status) {
		waiting->status = cli_fail(waiting->cli, &result->error);
		if (result->error.status == KL_EDENIED && !waiting->log)
			waiting->status = EXIT_REFUSED;
		return;
	}
	waiting->status = EXIT_DONE;
	if (waiting->cli->json) {
		print_json(waiting, text);
		return;
	}
	cli_print(stdout, waiting->cli, text, strlen(text));
	if (*text && text[strlen(text) - 1] != '\n')
		putchar('\n');
}

static void interrupted(void *ctx, int signo)
{
	struct waiting *waiting = ctx;

	(void)signo;
	waiting->interrupted = true;
	kl_portfolio_cancel(waiting->portfolio);
}

static int print_path(const struct cli *cli, const struct kl_portfolio *portfolio)
{
	cJSON *root;

	if (!cli->json) {
		puts(kl_portfolio_path(portfolio)); /* as it is: scripts use it */
		return EXIT_DONE;
	}
	root = cJSON_CreateObject();
	cJSON_AddStringToObject(root, "path", kl_portfolio_path(portfolio));
	return cli_print_json(root);
}

static int work(struct cli *cli, struct kl_portfolio *portfolio, const char *remote, bool log, size_t max)
{
	struct waiting waiting = { .cli = cli, .portfolio = portfolio, .log = log };
	struct kl_error err;
	enum kl_status status = log ? kl_portfolio_log(portfolio, max, done, &waiting, &err)
				    : kl_portfolio_push(portfolio, remote, done, &waiting, &err);

	if (status)
		return cli_fail(cli, &err);
	judging_catch(cli, interrupted, &waiting);
	kl_loop_run(cli->loop);
	judging_catch(cli, NULL, NULL);
	return waiting.status;
}

int command_portfolio(struct cli *cli, const struct command_args *args)
{
	const char *what = args->words[0] ? args->words[0] : "log";
	bool log = strcmp(what, "log") == 0, path = strcmp(what, "path") == 0;
	struct kl_portfolio *portfolio;
	struct kl_error err;
	long max;
	int status;

	if (!cli_number(&max, args->options[PORTFOLIO_MAX], MAX_DEFAULT, MAX_MOST))
		return cli_fail_usage(cli, args->command, "--max wants a number from 1 to %d, not '%s'", MAX_MOST,
				      args->options[PORTFOLIO_MAX]);
	if (!log && !path && strcmp(what, "push") != 0)
		return cli_fail_usage(cli, args->command, "'%s' is not known here; choose log, push or path", what);
	if (cli_loop(cli, &err))
		return cli_fail(cli, &err);
	portfolio = kl_portfolio_open(cli->loop, &cli->paths, cli->config);
	status = path ? print_path(cli, portfolio)
		      : work(cli, portfolio, args->options[PORTFOLIO_REMOTE], log, (size_t)max);
	kl_portfolio_close(portfolio);
	return status;
}
