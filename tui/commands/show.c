/* kodelab show */
#include "commands.h"

#include <string.h>

#include "tui/ui/keymap.h"
#include "tui/ui/keytext.h"

enum { STATEMENT_MAX = 2 << 20 };

static int show_json(const struct kl_challenge *challenge)
{
	cJSON *root = cJSON_CreateObject(), *list;

	cJSON_AddStringToObject(root, "pack", challenge->pack);
	cJSON_AddStringToObject(root, "slug", challenge->slug);
	cJSON_AddNumberToObject(root, "number", challenge->number);
	cJSON_AddStringToObject(root, "title", challenge->title);
	cJSON_AddStringToObject(root, "difficulty", kl_difficulty_name(challenge->difficulty));
	cJSON_AddStringToObject(root, "category", challenge->category);
	cJSON_AddNumberToObject(root, "minutes", challenge->minutes);
	cJSON_AddStringToObject(root, "kind", challenge->kind == KL_KIND_FUNCTION ? "function" : "program");
	cJSON_AddNumberToObject(root, "tests", (double)challenge->test_count);
	cJSON_AddStringToObject(root, "statement", challenge->statement);
	cJSON_AddStringToObject(root, "author", challenge->author ? challenge->author : "");
	cJSON_AddStringToObject(root, "licence", challenge->licence ? challenge->licence : "");
	list = cJSON_AddArrayToObject(root, "languages");
	for (size_t i = 0; i < kl_language_count(); i++) {
		if (kl_challenge_takes(challenge, kl_language_at(i)->id))
			cJSON_AddItemToArray(list, cJSON_CreateString(kl_language_at(i)->id));
	}
	return cli_print_json(root);
}

static void show_statement(const struct cli *cli, const struct kl_challenge *challenge)
{
	struct keymap *keymap = keymap_new(cli->config, NULL);
	struct kl_buf text;

	kl_buf_init(&text, STATEMENT_MAX);
	keytext_add(&text, keymap, challenge->statement);
	cli_print(stdout, cli, text.data, text.len);
	if (text.len && text.data[text.len - 1] != '\n')
		putchar('\n');
	kl_buf_release(&text);
	keymap_free(keymap);
}

static void show_text(const struct cli *cli, const struct kl_challenge *challenge)
{
	const char *comma = "";

	cli_say(cli, "%s/%s  %s, %s, about %d minutes, %zu tests\n", challenge->pack, challenge->slug,
		kl_difficulty_name(challenge->difficulty), challenge->category, challenge->minutes,
		challenge->test_count);
	printf("In: ");
	for (size_t i = 0; i < kl_language_count(); i++) {
		if (!kl_challenge_takes(challenge, kl_language_at(i)->id))
			continue;
		printf("%s%s", comma, kl_language_at(i)->name);
		comma = ", ";
	}
	printf("\n\n");
	show_statement(cli, challenge);
	if (challenge->author && challenge->licence)
		cli_say(cli, "\n(%s; %s)\n", challenge->author, challenge->licence);
}

int command_show(struct cli *cli, const struct command_args *args)
{
	struct kl_challenge *challenge;
	struct kl_error err;
	int status = EXIT_DONE;

	if (cli_challenge(&challenge, NULL, cli, args->words[0], &err))
		return cli_fail(cli, &err);
	if (cli->json)
		status = show_json(challenge);
	else
		show_text(cli, challenge);
	kl_challenge_free(challenge);
	return status;
}
