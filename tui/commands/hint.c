/* kodelab hint */
#include "commands.h"

#include <string.h>

#include "tui/ui/prose.h"

enum { HINT_COLS = 76 };

static int print_json(const struct kl_challenge *challenge, int from, int to, int count)
{
	cJSON *root = cJSON_CreateObject(), *hints;

	cJSON_AddNumberToObject(root, "revealed", to);
	cJSON_AddNumberToObject(root, "of", count);
	hints = cJSON_AddArrayToObject(root, "hints");
	for (int i = from; i < to; i++)
		cJSON_AddItemToArray(hints, cJSON_CreateString(challenge->hints[i]));
	return cli_print_json(root);
}

/* A hint is short, and read, not piped: its Markdown is taken out. */
static void print_hint(const struct cli *cli, const char *hint, int number, int count)
{
	struct prose prose = { 0 };

	cli_say(cli, "Hint %d of %d\n", number, count);
	prose_set(&prose, hint, strlen(hint), HINT_COLS);
	for (size_t i = 0; i < prose.lines.count; i++)
		cli_say(cli, "  %s\n", prose.lines.items[i].text ? prose.lines.items[i].text : "");
	prose_release(&prose);
}

static int print_hints(const struct cli *cli, const struct kl_challenge *challenge, int from, int to, int count)
{
	if (cli->json)
		return print_json(challenge, from, to, count);
	for (int i = from; i < to; i++)
		print_hint(cli, challenge->hints[i], i + 1, count);
	if (count == 0)
		puts("This challenge has no hints.");
	else if (to == 0)
		puts("No hint has been revealed yet.");
	else if (from == to)
		puts("All hints have been revealed; 'kodelab hint --all' shows them again.");
	return EXIT_DONE;
}

static int hint(struct cli *cli, const struct kl_challenge *challenge, bool all)
{
	struct kl_progress progress = { 0 };
	struct kl_error err;
	int count = 0;

	while (challenge->hints[count])
		count++;
	if (kl_store_progress_get(&progress, cli->store, challenge->pack, challenge->slug, &err))
		return cli_fail(cli, &err);
	if (progress.hints > count)
		progress.hints = count; /* the pack had more once */
	if (all)
		return print_hints(cli, challenge, 0, progress.hints, count);
	if (progress.hints == count)
		return print_hints(cli, challenge, count, count, count);
	if (kl_store_hint_add(cli->store, challenge->pack, challenge->slug, progress.hints + 1, &err))
		return cli_fail(cli, &err);
	return print_hints(cli, challenge, progress.hints, progress.hints + 1, count);
}

int command_hint(struct cli *cli, const struct command_args *args)
{
	struct kl_challenge *challenge;
	struct kl_error err;
	int status;

	if (cli_challenge(&challenge, NULL, cli, args->words[0], &err))
		return cli_fail(cli, &err);
	status = hint(cli, challenge, args->options[HINT_ALL] != NULL);
	kl_challenge_free(challenge);
	return status;
}
