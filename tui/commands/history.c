/* kodelab history */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "tui/work.h"

enum { MAX_DEFAULT = 20, MAX_MOST = 1000 };

static cJSON *attempt_json(const struct kl_attempt *attempt)
{
	cJSON *node = cJSON_CreateObject();

	cJSON_AddStringToObject(node, "id", attempt->id);
	cJSON_AddStringToObject(node, "pack", attempt->pack);
	cJSON_AddStringToObject(node, "slug", attempt->slug);
	cJSON_AddStringToObject(node, "language", attempt->language);
	cJSON_AddStringToObject(node, "kind", attempt->kind == KL_ATTEMPT_SUBMIT ? "submit" : "run");
	cJSON_AddStringToObject(node, "verdict", attempt->verdict);
	cJSON_AddNumberToObject(node, "score", attempt->score);
	cJSON_AddNumberToObject(node, "passed", attempt->passed);
	cJSON_AddNumberToObject(node, "total", attempt->total);
	cJSON_AddNumberToObject(node, "at_ms", (double)attempt->at_ms);
	cJSON_AddStringToObject(node, "class", work_standing(attempt));
	if (*attempt->refusal)
		cJSON_AddStringToObject(node, "refusal", attempt->refusal);
	return node;
}

static void print_code_json(const struct kl_attempt *attempt)
{
	cJSON *root = attempt_json(attempt);

	cJSON_AddStringToObject(root, "code", attempt->code);
	cli_print_json(root);
}

/* To a terminal made harmless; into a pipe or file as it was. */
static int print_code(struct cli *cli, const char *id)
{
	struct kl_attempt attempt = { 0 };
	struct kl_error err;

	if (kl_store_attempt_get(&attempt, cli->store, id, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		print_code_json(&attempt);
	else if (isatty(STDOUT_FILENO))
		cli_print(stdout, cli, attempt.code, attempt.code_len);
	else
		fwrite(attempt.code, 1, attempt.code_len, stdout);
	kl_attempt_release(&attempt);
	return EXIT_DONE;
}

/* The stored word as people say it. */
static const char *verdict_name(const char *word)
{
	for (int i = 0; i < KL_VERDICT_COUNT; i++) {
		if (strcmp(kl_verdict_word((enum kl_verdict)i), word) == 0)
			return kl_verdict_name((enum kl_verdict)i);
	}
	return word;
}

static int print_rows(const struct cli *cli, struct kl_attempt *rows, size_t count)
{
	cJSON *root = cli->json ? cJSON_CreateArray() : NULL;

	for (size_t i = 0; i < count; i++) {
		const char *standing = work_standing(&rows[i]);
		char when[20];

		if (root) {
			cJSON_AddItemToArray(root, attempt_json(&rows[i]));
			continue;
		}
		kl_clock_format(rows[i].at_ms, when, sizeof(when));
		cli_say(cli, "%s  %s  %-6s  %3d of %-3d  %-19s  %-10s  %s/%s%s%s%s%s\n", rows[i].id, when,
			rows[i].kind == KL_ATTEMPT_SUBMIT ? "submit" : "run", rows[i].passed, rows[i].total,
			verdict_name(rows[i].verdict), rows[i].language, rows[i].pack, rows[i].slug,
			*standing ? ": " : "", standing, *rows[i].refusal ? ": " : "", rows[i].refusal);
	}
	if (!root && count == 0)
		puts("No attempts yet.");
	return root ? cli_print_json(root) : EXIT_DONE;
}

static int print_history(struct cli *cli, const char *challenge, size_t max)
{
	const char *pack = NULL, *slug = NULL;
	struct kl_attempt *rows;
	struct kl_error err;
	size_t count = 0, index;
	int status;

	if (challenge) {
		if (cli_find(&index, cli, challenge, &err))
			return cli_fail(cli, &err);
		pack = kl_catalogue_at(cli->catalogue, index)->pack;
		slug = kl_catalogue_at(cli->catalogue, index)->slug;
	}
	rows = kl_calloc(max, sizeof(*rows));
	if (kl_store_attempts(rows, &count, max, 0, cli->store, pack, slug, &err))
		status = cli_fail(cli, &err);
	else
		status = print_rows(cli, rows, count);
	for (size_t i = 0; i < count; i++)
		kl_attempt_release(&rows[i]);
	free(rows);
	return status;
}

int command_history(struct cli *cli, const struct command_args *args)
{
	struct kl_error err;
	long max;

	if (!cli_number(&max, args->options[HISTORY_MAX], MAX_DEFAULT, MAX_MOST))
		return cli_fail_usage(cli, args->command, "--max wants a number from 1 to %d, not '%s'", MAX_MOST,
				      args->options[HISTORY_MAX]);
	if (cli_store(cli, &err))
		return cli_fail(cli, &err);
	if (args->options[HISTORY_CODE])
		return print_code(cli, args->options[HISTORY_CODE]);
	return print_history(cli, args->words[0], (size_t)max);
}
