/* kodelab keys ACTION: the student's own keys of judges. A key itself is read from standard input and printed nowhere. */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/instance.h>
#include <kodelab/store_instances.h>

enum { ID_SHOWN = 8, LIMIT_MAX = 1000000000 };

/* --- which key -------------------------------------------------------------------------------------------------- */

const char *keys_short_id(const struct kl_key_info *key)
{
	return key->id + strlen(key->id) - ID_SHOWN;
}

/* By label, by its last four characters, by its id or the end of that. */
static bool is_meant(const struct kl_key_info *key, const char *name)
{
	size_t len = strlen(name), id_len = strlen(key->id);

	if ((*key->label && !strcmp(key->label, name)) || (*key->last4 && !strcmp(key->last4, name)))
		return true;
	return len >= 4 && len <= id_len && !strcmp(key->id + id_len - len, name);
}

enum kl_status keys_find(struct kl_key_info *out, struct cli *cli, const char *name, struct kl_error *err)
{
	struct kl_key_info *keys;
	size_t count, found = 0, at = 0;
	enum kl_status status = kl_keypool_list(&keys, &count, cli->keyring.pool, KEYS_OWNER, err);

	if (status)
		return status;
	for (size_t i = 0; i < count; i++)
		if (is_meant(&keys[i], name)) {
			at = i;
			found++;
		}
	if (found == 1) {
		*out = keys[at];
		keys[at] = (struct kl_key_info){ .instance = NULL };
	} else if (found) {
		status = kl_fail(err, KL_EINVAL,
				 "%zu keys are called '%s': name one by its id, as 'kodelab keys list' shows it", found,
				 name);
	} else {
		status = kl_fail(err, KL_ENOENT, "there is no key '%s': 'kodelab keys list' shows yours", name);
	}
	kl_key_infos_free(keys, count);
	return status;
}

/* --- add -------------------------------------------------------------------------------------------------------- */

static bool number_option(int64_t *out, const char *text)
{
	long number;

	*out = -1;
	if (!text)
		return true;
	if (!strcmp(text, "0")) {
		*out = 0;
		return true;
	}
	if (!cli_number(&number, text, 0, LIMIT_MAX))
		return false;
	*out = number;
	return true;
}

static int read_share(enum kl_key_share *share, struct cli *cli, const struct command_args *args, const char *word)
{
	*share = KL_KEY_PRIVATE;
	if (!word || kl_key_share_read(share, word))
		return EXIT_DONE;
	return cli_fail_usage(cli, args->command, "'%s' is no way to share: choose private, pool or backup", word);
}

static int read_new(struct kl_key_new *key, struct cli *cli, const struct command_args *args)
{
	const char *const *options = args->options;

	*key = (struct kl_key_new){ .instance = args->words[1],
				    .owner = KEYS_OWNER,
				    .label = options[KEYS_LABEL] ? options[KEYS_LABEL] : "",
				    .zone = options[KEYS_ZONE] };
	if (!number_option(&key->daily_limit, options[KEYS_LIMIT]) ||
	    !number_option(&key->reserve, options[KEYS_RESERVE]))
		return cli_fail_usage(cli, args->command, "--limit and --reserve want numbers from 0 to %d", LIMIT_MAX);
	return read_share(&key->share, cli, args, options[KEYS_SHARE]);
}

/* It may be added before its judge is; a name that was mistyped is told. */
static void warn_no_instance(struct cli *cli, const char *keys)
{
	const char *suffix = strstr(keys, KL_INSTANCE_USER);
	char *name = kl_strndup(keys, suffix ? (size_t)(suffix - keys) : strlen(keys));
	struct kl_instance_row *rows;
	bool found = false;
	size_t count = 0;

	if (!kl_store_instances(&rows, &count, cli->store, NULL)) {
		for (size_t i = 0; i < count && !found; i++)
			found = !strcmp(rows[i].name, name);
		kl_instance_rows_free(rows, count);
		if (!found)
			cli_warn(cli, "there is no judge '%s' yet: the key waits for it", name);
	}
	free(name);
}

static int say_added(struct cli *cli, const char *id, const char *instance)
{
	cJSON *root;

	warn_no_instance(cli, instance);
	if (!cli->json) {
		cli_say(cli, "The key %s for '%s' is kept, encrypted. 'kodelab keys test' tries it.\n",
			id + strlen(id) - ID_SHOWN, instance);
		return EXIT_DONE;
	}
	root = cJSON_CreateObject();
	cJSON_AddStringToObject(root, "id", id);
	return cli_print_json(root);
}

static int keys_add(struct cli *cli, const struct command_args *args)
{
	struct kl_key_new key;
	char id[KL_ID_SIZE], *secret = NULL;
	struct kl_error err;
	int status = read_new(&key, cli, args);

	if (status)
		return status;
	if (cli->forgets) {
		kl_fail(&err, KL_EIO, "a key cannot be kept here: nothing can be written");
		return cli_fail(cli, &err);
	}
	key.consented = args->options[KEYS_YES] || cli_agrees(cli, kl_keypool_consent(key.share));
	if (!key.consented) {
		kl_fail(&err, KL_EDENIED,
			"a key is only taken with its owner's consent: read it and agree, or give --yes");
		cli_fail(cli, &err);
		return EXIT_REFUSED;
	}
	if (cli_secret(&secret, "Key", &err))
		return cli_fail(cli, &err);
	key.secret = secret;
	status = kl_keypool_add(id, cli->keyring.pool, &key, &err) ? cli_fail(cli, &err)
								   : say_added(cli, id, key.instance);
	kl_secret_free(secret);
	return status;
}

/* --- remove, share, suspend, resume ------------------------------------------------------------------------------- */

static int keys_remove(struct cli *cli, const struct command_args *args)
{
	struct kl_key_info key;
	struct kl_error err;
	enum kl_status status = keys_find(&key, cli, args->words[1], &err);

	if (status)
		return cli_fail(cli, &err);
	status = kl_keypool_remove(cli->keyring.pool, key.id, KEYS_OWNER, &err);
	if (!status && kl_keypool_traces(cli->keyring.pool))
		cli_warn(cli,
			 "another lab has the database open: what is left of the key in its log goes when that ends");
	if (!status && !cli->json)
		cli_say(cli, "The key for '%s' is removed and overwritten.\n", key.instance);
	kl_key_info_release(&key);
	return status ? cli_fail(cli, &err) : EXIT_DONE;
}

static int keys_share(struct cli *cli, const struct command_args *args)
{
	const char *word = args->words[2] ? args->words[2] : args->options[KEYS_SHARE];
	enum kl_key_share share;
	struct kl_key_info key;
	struct kl_error err;
	bool consented;
	int status;

	if (!word)
		return cli_fail_usage(cli, args->command, "say how: kodelab keys share %s private|pool|backup",
				      args->words[1]);
	status = read_share(&share, cli, args, word);
	if (status)
		return status;
	if (keys_find(&key, cli, args->words[1], &err))
		return cli_fail(cli, &err);
	consented = share == KL_KEY_PRIVATE || args->options[KEYS_YES] || cli_agrees(cli, kl_keypool_consent(share));
	if (kl_keypool_share(cli->keyring.pool, key.id, KEYS_OWNER, share, consented, &err)) {
		status = cli_fail(cli, &err);
		if (err.status == KL_EDENIED)
			status = EXIT_REFUSED;
	}
	kl_key_info_release(&key);
	return status;
}

static int set_paused(struct cli *cli, const struct command_args *args, bool paused)
{
	struct kl_key_info key;
	struct kl_error err;
	enum kl_status status = keys_find(&key, cli, args->words[1], &err);

	if (status)
		return cli_fail(cli, &err);
	status = paused ? kl_keypool_suspend(cli->keyring.pool, key.id, KEYS_OWNER, &err)
			: kl_keypool_resume(cli->keyring.pool, key.id, KEYS_OWNER, &err);
	kl_key_info_release(&key);
	return status ? cli_fail(cli, &err) : EXIT_DONE;
}

static int keys_suspend(struct cli *cli, const struct command_args *args)
{
	return set_paused(cli, args, true);
}

static int keys_resume(struct cli *cli, const struct command_args *args)
{
	return set_paused(cli, args, false);
}

/* --- rotate ----------------------------------------------------------------------------------------------------- */

static int keys_rotate(struct cli *cli, const struct command_args *args)
{
	size_t sealed, lost;
	struct kl_error err;
	cJSON *root;

	(void)args;
	if (kl_keypool_rotate(&sealed, &lost, cli->keyring.pool, &err)) {
		int status = cli_fail(cli, &err);

		return err.status == KL_EDENIED ? EXIT_REFUSED : status;
	}
	if (lost)
		cli_warn(cli, "%zu key%s cannot be opened with any master key here: remove and add %s again", lost,
			 lost == 1 ? "" : "s", lost == 1 ? "it" : "them");
	if (!cli->json) {
		cli_say(cli, "A new master key is in use; %zu key%s sealed anew.\n", sealed,
			sealed == 1 ? " is" : "s are");
		return EXIT_DONE;
	}
	root = cJSON_CreateObject();
	cJSON_AddNumberToObject(root, "sealed", (double)sealed);
	cJSON_AddNumberToObject(root, "lost", (double)lost);
	return cli_print_json(root);
}

/* --- the actions ------------------------------------------------------------------------------------------------ */

/* clang-format off */
static const struct action {
	const char *name;
	size_t words_min, words_max; /* with the action itself */
	const char *wants; /* for the sentence when there are too few or too many */
	command_fn *run;
} actions[] = {
	{ "list",    1, 1, "",                          keys_list },
	{ "add",     2, 2, " JUDGE",                    keys_add },
	{ "remove",  2, 2, " KEY",                      keys_remove },
	{ "share",   2, 3, " KEY private|pool|backup",  keys_share },
	{ "suspend", 2, 2, " KEY",                      keys_suspend },
	{ "resume",  2, 2, " KEY",                      keys_resume },
	{ "test",    1, 2, " [KEY]",                    keys_test },
	{ "rotate",  1, 1, "",                          keys_rotate },
	{ "usage",   1, 1, "",                          keys_usage },
	{ "notices", 1, 1, "",                          keys_notices },
};
/* clang-format on */

static const struct action *find_action(const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(actions); i++)
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	return NULL;
}

int command_keys(struct cli *cli, const struct command_args *args)
{
	struct command_args with_default = *args;
	const struct action *action;
	struct kl_error err;

	if (!args->word_count)
		with_default.words[with_default.word_count++] = "list";
	action = find_action(with_default.words[0]);
	if (!action)
		return cli_fail_usage(cli, args->command,
				      "'%s' is not known here; choose list, add, remove, share, suspend, resume, test, "
				      "rotate, usage or notices",
				      args->words[0]);
	if (with_default.word_count < action->words_min || with_default.word_count > action->words_max)
		return cli_fail_usage(cli, args->command, "it is: kodelab keys %s%s", action->name, action->wants);
	if (cli_keypool(cli, &err))
		return cli_fail(cli, &err);
	return action->run(cli, &with_default);
}
