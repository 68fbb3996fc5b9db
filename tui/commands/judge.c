/* kodelab judge ACTION: judges elsewhere (Judge0 or kodelabd), where they are and how one gets in. */
#include "judge.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#include "tui/judges.h"

enum { WEIGHT_MAX = 100, NAME_WIDTH = 14, KIND_WIDTH = 13 };

/* --- list ------------------------------------------------------------------------------------------------------- */

static const char *state_of(const struct kl_instance_health *health)
{
	static const char *const states[] = { [KL_BREAKER_CLOSED] = "good",
					      [KL_BREAKER_OPEN] = "failed",
					      [KL_BREAKER_HALF_OPEN] = "failed, tried next" };

	return !health->probed_ms && health->breaker == KL_BREAKER_CLOSED ? "not asked yet" : states[health->breaker];
}

static cJSON *judge_json(const struct kl_instance *judge)
{
	const struct kl_instance_spec *spec = kl_instance_spec(judge);
	struct kl_instance_health health;
	cJSON *node = cJSON_CreateObject();
	size_t languages;

	kl_instance_health(&health, judge);
	(void)kl_instance_languages(judge, &languages);
	cJSON_AddStringToObject(node, "name", spec->name);
	cJSON_AddStringToObject(node, "kind", spec->kind);
	cJSON_AddStringToObject(node, "address", spec->url);
	cJSON_AddNumberToObject(node, "weight", spec->weight);
	cJSON_AddStringToObject(node, "state", state_of(&health));
	cJSON_AddStringToObject(node, "version", health.version);
	cJSON_AddNumberToObject(node, "languages", (double)languages);
	cJSON_AddNumberToObject(node, "latency_ms", (double)health.latency_us / 1000);
	cJSON_AddNumberToObject(node, "asked_ms", (double)health.probed_ms);
	cJSON_AddStringToObject(node, "last_failure", health.last_failure);
	return node;
}

static void print_judge(const struct cli *cli, const struct kl_instance *judge)
{
	const struct kl_instance_spec *spec = kl_instance_spec(judge);
	struct kl_instance_health health;
	char latency[24];
	size_t languages;

	kl_instance_health(&health, judge);
	(void)kl_instance_languages(judge, &languages);
	cli_say(cli, "%-*s  %-*s  %s\n", NAME_WIDTH, spec->name, KIND_WIDTH, spec->kind, spec->url);
	cli_say(cli, "%-*s  %s", NAME_WIDTH, "", state_of(&health));
	if (health.probed_ms)
		cli_say(cli, ", version %s, %zu language%s, %s", *health.version ? health.version : "not told",
			languages, languages == 1 ? "" : "s", judges_latency(latency, sizeof(latency), &health));
	if (*health.last_failure)
		cli_say(cli, ": %s", health.last_failure);
	cli_say(cli, "\n");
}

static int judge_list(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	cJSON *root = cli->json ? cJSON_CreateArray() : NULL;

	(void)args;
	for (size_t i = 0; i < kl_instances_count(judges); i++) {
		if (root)
			cJSON_AddItemToArray(root, judge_json(kl_instances_at(judges, i)));
		else
			print_judge(cli, kl_instances_at(judges, i));
	}
	if (root)
		return cli_print_json(root);
	if (!kl_instances_count(judges))
		cli_say(cli,
			"Programs run in the sandbox of this machine. 'kodelab judge add NAME ADDRESS' adds a judge.\n");
	return EXIT_DONE;
}

/* --- add -------------------------------------------------------------------------------------------------------- */

/* Asks for the secrets and their owner's consent, before anything is written. NULL: it is not wanted. */
static int ask_keys(char **secret, char **user, struct cli *cli, const struct command_args *args)
{
	bool wanted = args->options[JUDGE_KEY] != NULL, user_wanted = args->options[JUDGE_USER_KEY] != NULL;
	struct kl_error err;

	*secret = *user = NULL;
	if (!wanted && !user_wanted)
		return EXIT_DONE;
	if (!args->options[JUDGE_YES] && !cli_agrees(cli, kl_keypool_consent(KL_KEY_PRIVATE))) {
		kl_fail(&err, KL_EDENIED,
			"a key is only taken with its owner's consent: read it and agree, or give --yes");
		cli_fail(cli, &err);
		return EXIT_REFUSED;
	}
	if ((wanted && cli_secret(secret, "Key", &err)) || (user_wanted && cli_secret(user, "Second secret", &err)))
		return cli_fail(cli, &err);
	return EXIT_DONE;
}

static int say_added(struct cli *cli, const struct kl_instance *judge, bool has_key)
{
	const char *name = kl_instance_spec(judge)->name;

	if (*kl_instance_warning(judge))
		cli_warn(cli, "%s", kl_instance_warning(judge));
	if (cli->json)
		return cli_print_json(judge_json(judge));
	cli_say(cli, "The judge '%s' is added. 'kodelab judge doctor %s' asks it what it can do.\n", name, name);
	if (kl_instance_kind(judge)->needs_key && !has_key)
		cli_say(cli, "It wants a key: kodelab keys add %s\n", name);
	return EXIT_DONE;
}

static int judge_add(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	const char *const *options = args->options;
	const char *name = args->words[1];
	struct kl_instance_spec spec = {
		.name = name,
		.kind = options[JUDGE_KIND] ? options[JUDGE_KIND] : "self-hosted",
		.url = args->words[2],
		.key_header = options[JUDGE_KEY_HEADER],
		.user_header = options[JUDGE_USER_HEADER],
		.host = options[JUDGE_HOST],
		.ca_file = options[JUDGE_CA],
		.proxy = options[JUDGE_PROXY],
	};
	char *secret = NULL, *user = NULL;
	struct kl_error err;
	long weight;
	int status;

	if (!cli_number(&weight, options[JUDGE_WEIGHT], 0, WEIGHT_MAX))
		return cli_fail_usage(cli, args->command, "--weight wants a number from 1 to %d", WEIGHT_MAX);
	spec.weight = (int)weight;
	if (cli->forgets) {
		kl_fail(&err, KL_EIO, "a judge cannot be kept here: nothing can be written");
		return cli_fail(cli, &err);
	}
	status = ask_keys(&secret, &user, cli, args);
	if (status)
		; /* said */
	else if (judges_add(judges, cli->keyring.pool, &spec, &(struct judge_secrets){ secret, user }, &err))
		status = cli_fail(cli, &err);
	else
		status = say_added(cli, kl_instances_find(judges, name), secret != NULL);
	kl_secret_free(secret);
	kl_secret_free(user);
	return status;
}

/* --- remove ----------------------------------------------------------------------------------------------------- */

static int judge_remove(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	const char *name = args->words[1];
	struct kl_key_info *keys;
	struct kl_error err;
	size_t count, left = 0, len = strlen(name);

	if (kl_instances_remove(judges, name, &err))
		return cli_fail(cli, &err);
	if (!cli->json)
		cli_say(cli, "The judge '%s' is removed.\n", name);
	if (kl_keypool_list(&keys, &count, cli->keyring.pool, "", &err))
		return EXIT_DONE;
	for (size_t i = 0; i < count; i++)
		left += !strncmp(keys[i].instance, name, len) &&
			(!keys[i].instance[len] || !strcmp(keys[i].instance + len, KL_INSTANCE_USER));
	kl_key_infos_free(keys, count);
	if (left)
		cli_warn(cli,
			 "%zu key%s for it %s still kept: 'kodelab keys list' shows, 'kodelab keys remove' shreds %s",
			 left, left == 1 ? "" : "s", left == 1 ? "is" : "are", left == 1 ? "it" : "them");
	return EXIT_DONE;
}

/* --- the actions ------------------------------------------------------------------------------------------------ */

/* clang-format off */
static const struct action {
	const char *name;
	size_t words_min, words_max; /* with the action itself */
	const char *wants; /* for the sentence when there are too few or too many */
	judge_action_fn *run;
} actions[] = {
	{ "list",      1, 1, "",                judge_list },
	{ "add",       2, 3, " NAME [ADDRESS]", judge_add },
	{ "test",      2, 2, " NAME",           judge_test },
	{ "remove",    2, 2, " NAME",           judge_remove },
	{ "doctor",    1, 2, " [NAME]",         judge_doctor },
	{ "languages", 1, 2, " [NAME]",         judge_languages },
	{ "stats",     1, 1, "",                judge_stats },
	{ "kept",      1, 1, "",                judge_kept },
	{ "send",      1, 1, "",                judge_send },
	{ "drop",      2, 2, " KEPT|all",       judge_drop },
};
/* clang-format on */

int command_judge(struct cli *cli, const struct command_args *args)
{
	struct command_args with_default = *args;
	const struct action *action = NULL;
	struct kl_instances *judges;
	struct kl_error err;
	int status;

	if (!args->word_count)
		with_default.words[with_default.word_count++] = "list";
	for (size_t i = 0; i < KL_LENGTH(actions) && !action; i++)
		if (!strcmp(actions[i].name, with_default.words[0]))
			action = &actions[i];
	if (!action)
		return cli_fail_usage(
			cli, args->command,
			"'%s' is not known here; choose list, add, test, remove, doctor, languages, stats, kept, send or drop",
			args->words[0]);
	if (with_default.word_count < action->words_min || with_default.word_count > action->words_max)
		return cli_fail_usage(cli, args->command, "it is: kodelab judge %s%s", action->name, action->wants);
	if (cli_loop(cli, &err) || cli_keypool(cli, &err) ||
	    kl_instances_open(&judges, cli->loop, cli->store, &cli->clock, cli->keyring.pool, &err))
		return cli_fail(cli, &err);
	status = action->run(cli, judges, &with_default);
	kl_instances_close(judges);
	return status;
}
