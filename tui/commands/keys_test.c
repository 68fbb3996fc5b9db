/* kodelab keys test [KEY]: asks each key's judge, all at once, whether the key is good. */
#include "keys.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/instance.h>
#include <kodelab/keycheck.h>

#include "judging.h"

struct tried { /* a key being tried */
	struct trial *trial;
	const struct kl_key_info *key;
	struct kl_key_check *check; /* NULL: not begun, or over */
	enum kl_status status;
	char *sentence; /* owned */
};

struct trial {
	struct cli *cli;
	struct tried *items;
	size_t count, pending;
	bool interrupted;
};

static void finish(struct tried *tried, enum kl_status status, const char *sentence)
{
	tried->check = NULL;
	tried->status = status;
	tried->sentence = kl_strdup(sentence);
}

static void checked(void *ctx, enum kl_status status, const char *sentence)
{
	struct tried *tried = ctx;

	finish(tried, status, sentence);
	if (--tried->trial->pending == 0)
		kl_loop_stop(tried->trial->cli->loop);
}

static void interrupted(void *ctx, int signo)
{
	struct trial *trial = ctx;

	(void)signo;
	trial->interrupted = true;
	for (size_t i = 0; i < trial->count; i++)
		if (trial->items[i].check)
			kl_key_check_cancel(trial->items[i].check);
}

static void begin(struct tried *tried, struct kl_instances *instances)
{
	struct cli *cli = tried->trial->cli;
	const struct kl_key_check_spec spec = { .instances = instances,
						.pool = cli->keyring.pool,
						.id = tried->key->id,
						.owner = KEYS_OWNER,
						.done = checked,
						.ctx = tried };
	struct kl_error err;

	if (kl_key_check(&tried->check, &spec, &err))
		finish(tried, err.status, err.message);
	else
		tried->trial->pending++;
}

/* --- telling ---------------------------------------------------------------------------------------------------- */

/* The worst of all: a refused key before one that could not be asked. */
static int exit_of(const struct trial *trial)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < trial->count; i++) {
		enum kl_status one = trial->items[i].status;

		if (one == KL_EDENIED || one == KL_EMANY)
			return EXIT_REFUSED;
		if (one)
			status = cli_exit_status(one);
	}
	return status;
}

static void tell(const struct trial *trial)
{
	cJSON *root = trial->cli->json ? cJSON_CreateArray() : NULL;

	for (size_t i = 0; i < trial->count; i++) {
		const struct tried *tried = &trial->items[i];
		cJSON *node;

		if (!root) {
			cli_say(trial->cli, "%s  %-14s  %s\n", keys_short_id(tried->key), tried->key->instance,
				tried->sentence);
			continue;
		}
		node = cJSON_CreateObject();
		cJSON_AddStringToObject(node, "id", tried->key->id);
		cJSON_AddStringToObject(node, "judge", tried->key->instance);
		cJSON_AddBoolToObject(node, "works", tried->status == KL_OK);
		cJSON_AddStringToObject(node, "text", tried->sentence);
		cJSON_AddItemToArray(root, node);
	}
	if (root)
		cli_print_json(root);
	else if (!trial->count)
		cli_say(trial->cli, "There is no key yet. 'kodelab keys add JUDGE' takes one.\n");
}

/* --- the command ------------------------------------------------------------------------------------------------- */

static int try_all(struct cli *cli, const struct kl_key_info *keys, size_t count)
{
	struct trial trial = { .cli = cli, .count = count };
	struct kl_instances *instances = NULL;
	struct kl_error err;
	int status;

	if (cli_loop(cli, &err) ||
	    kl_instances_open(&instances, cli->loop, cli->store, &cli->clock, cli->keyring.pool, &err))
		return cli_fail(cli, &err);
	trial.items = kl_calloc(count ? count : 1, sizeof(*trial.items));
	for (size_t i = 0; i < count; i++) {
		trial.items[i].trial = &trial;
		trial.items[i].key = &keys[i];
		begin(&trial.items[i], instances);
	}
	judging_catch(cli, interrupted, &trial);
	if (trial.pending)
		kl_loop_run(cli->loop);
	judging_catch(cli, NULL, NULL);
	tell(&trial);
	status = trial.interrupted ? EXIT_INTERRUPTED : exit_of(&trial);
	for (size_t i = 0; i < count; i++)
		free(trial.items[i].sentence);
	free(trial.items);
	kl_instances_close(instances);
	return status;
}

int keys_test(struct cli *cli, const struct command_args *args)
{
	struct kl_key_info *keys, one;
	struct kl_error err;
	size_t count;
	int status;

	if (args->words[1]) {
		if (keys_find(&one, cli, args->words[1], &err))
			return cli_fail(cli, &err);
		status = try_all(cli, &one, 1);
		kl_key_info_release(&one);
		return status;
	}
	if (kl_keypool_list(&keys, &count, cli->keyring.pool, KEYS_OWNER, &err))
		return cli_fail(cli, &err);
	status = try_all(cli, keys, count);
	kl_key_infos_free(keys, count);
	return status;
}
