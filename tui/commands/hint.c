/* kodelab hint */
#include "commands.h"

#include <string.h>

static int print_hints(const struct cli *cli, const struct kl_challenge *challenge, int from, int to)
{
	cJSON *root = cli->json ? cJSON_CreateArray() : NULL;

	for (int i = from; i < to; i++) {
		if (root) {
			cJSON_AddItemToArray(root, cJSON_CreateString(challenge->hints[i]));
			continue;
		}
		printf("Hint %d: ", i + 1);
		cli_print(stdout, cli, challenge->hints[i], strlen(challenge->hints[i]));
		putchar('\n');
	}
	if (root)
		return cli_print_json(root);
	if (from == to)
		puts(to == 0 ? "No hint has been revealed." : "These were all the hints.");
	return EXIT_DONE;
}

int command_hint(struct cli *cli, const struct command_args *args)
{
	struct kl_challenge *challenge;
	struct kl_progress progress = { 0 };
	struct kl_error err;
	int count = 0, status;

	if (cli_challenge(&challenge, NULL, cli, args->words[0], &err))
		return cli_fail(cli, &err);
	while (challenge->hints[count])
		count++;
	if (kl_store_progress_get(&progress, cli->store, challenge->pack, challenge->slug, &err)) {
		status = cli_fail(cli, &err);
	} else if (args->options[HINT_ALL]) {
		status = print_hints(cli, challenge, 0, progress.hints < count ? progress.hints : count);
	} else if (progress.hints >= count) {
		status = print_hints(cli, challenge, count, count);
	} else if (kl_store_hint_add(cli->store, challenge->pack, challenge->slug, progress.hints + 1, &err)) {
		status = cli_fail(cli, &err);
	} else {
		status = print_hints(cli, challenge, progress.hints, progress.hints + 1);
	}
	kl_challenge_free(challenge);
	return status;
}
