/* kodelabd keys rotate: a new master key for the keys of judges elsewhere. The server may go on meanwhile. */

#include <unistd.h>

#include <kodelab/account.h>
#include <kodelab/alloc.h>
#include <kodelab/keypool.h>
#include <kodelab/store.h>
#include <kodelab/vault.h>

#include "core/server/commands/commands.h"
#include "core/server/keys.h"

static enum kl_status note(struct opened *opened, size_t sealed, struct kl_error *err)
{
	char *detail = kl_format("%zu sealed anew", sealed);
	const struct kl_audit_row row = {
		.actor = "", .name = "@command", .action = "keys.rotate", .subject = "", .detail = detail, .from = ""
	};
	enum kl_status status = kl_audit_add(opened->store, &row, &opened->clock, err);

	free(detail);
	return status;
}

/* Without the file a new key would be made that opens nothing. */
static enum kl_status check_file(const char *path, struct kl_error *err)
{
	if (access(path, F_OK) == 0)
		return KL_OK;
	return kl_fail(err, KL_ENOENT,
		       "there is no master key in '%s': where it comes from the environment or a credential, give the "
		       "new and the old one there, as 'NEW OLD', and restart kodelabd",
		       path);
}

static enum kl_status rotate(struct opened *opened, size_t *sealed, size_t *lost, struct kl_error *err)
{
	char *path = keys_master_path(opened->settings);
	struct kl_vault *vault = NULL;
	struct kl_keypool *pool = NULL;
	enum kl_status status;

	if (!(status = check_file(path, err)) && !(status = kl_vault_open(&vault, path, NULL, err)) &&
	    !(status = kl_keypool_open(&pool, opened->store, vault, &opened->clock, KL_KEYS_OWNER_FIRST, err)) &&
	    !(status = kl_keypool_rotate(sealed, lost, pool, err)))
		status = note(opened, *sealed, err);
	kl_keypool_close(pool);
	kl_vault_close(vault);
	free(path);
	return status;
}

static int run(const struct command *command, int argc, char **argv, const char *config)
{
	struct opened opened;
	size_t sealed, lost;
	struct kl_error err;
	enum kl_status status;

	if (argc != 2 || strcmp(argv[1], "rotate") != 0)
		return command_usage(command);
	if (!opened_open(&opened, config))
		return EXIT_CANNOT;
	status = rotate(&opened, &sealed, &lost, &err);
	opened_close(&opened);
	if (status)
		return command_failed(&err);
	if (lost)
		fprintf(stderr,
			"kodelabd: %zu key%s cannot be opened with any master key here: remove and add %s again\n",
			lost, lost == 1 ? "" : "s", lost == 1 ? "it" : "them");
	printf("A new master key is in use; %zu key%s sealed anew.\n", sealed, sealed == 1 ? " is" : "s are");
	return lost ? EXIT_NOT_SO : EXIT_DONE;
}

const struct command keys_command = { "keys", "rotate", run };
