/* kodelab history */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

enum { MAX_DEFAULT = 20, MAX_MOST = 1000 };

static int print_code(struct cli *cli, const char *id)
{
	struct kl_attempt attempt = { 0 };
	struct kl_error err;

	if (kl_store_attempt_get(&attempt, cli->store, id, &err))
		return cli_fail(cli, &err);
	fwrite(attempt.code, 1, attempt.code_len, stdout);
	kl_attempt_release(&attempt);
	return EXIT_DONE;
}

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
	return node;
}

static int print_rows(const struct cli *cli, struct kl_attempt *rows, size_t count)
{
	cJSON *root = cli->json ? cJSON_CreateArray() : NULL;

	for (size_t i = 0; i < count; i++) {
		char when[20];

		if (root) {
			cJSON_AddItemToArray(root, attempt_json(&rows[i]));
			continue;
		}
		kl_clock_format(rows[i].at_ms, when, sizeof(when));
		printf("%s  %s  %-6s %3d/%-3d  %-10s  %s/%s\n", rows[i].id, when,
		       rows[i].kind == KL_ATTEMPT_SUBMIT ? "submit" : "run", rows[i].passed, rows[i].total,
		       rows[i].language, rows[i].pack, rows[i].slug);
	}
	if (!root && count == 0)
		puts("No attempts yet.");
	return root ? cli_print_json(root) : EXIT_DONE;
}

int command_history(struct cli *cli, const struct command_args *args)
{
	const char *most = args->options[HISTORY_MAX], *pack = NULL, *slug = NULL;
	long max = most ? strtol(most, NULL, 10) : MAX_DEFAULT;
	struct kl_attempt *rows;
	struct kl_error err;
	size_t count = 0, index;
	int status;

	if (max < 1 || max > MAX_MOST)
		return cli_fail_usage(cli, args->command, "--max wants a number from 1 to %d", MAX_MOST);
	if (cli_catalogue(cli, &err))
		return cli_fail(cli, &err);
	if (args->options[HISTORY_CODE])
		return print_code(cli, args->options[HISTORY_CODE]);
	if (args->words[0]) {
		if (kl_catalogue_find(&index, cli->catalogue, args->words[0], cli->paths.work, &err))
			return cli_fail(cli, &err);
		pack = kl_catalogue_at(cli->catalogue, index)->pack;
		slug = kl_catalogue_at(cli->catalogue, index)->slug;
	}
	rows = kl_calloc((size_t)max, sizeof(*rows));
	if (kl_store_attempts(rows, &count, (size_t)max, 0, cli->store, pack, slug, &err))
		status = cli_fail(cli, &err);
	else
		status = print_rows(cli, rows, count);
	for (size_t i = 0; i < count; i++)
		kl_attempt_release(&rows[i]);
	free(rows);
	return status;
}
