#ifndef TUI_KEYRING_H
#define TUI_KEYRING_H

/* The student's keys of judges, opened the same way by the full screen and by subcommands, when they are first needed. */

#include <kodelab/keypool.h>
#include <kodelab/vault.h>

struct kl_config;
struct kl_paths;

struct keyring { /* zeroed: closed */
	struct kl_vault *vault;
	struct kl_keypool *pool; /* NULL: not open */
};

struct keyring_parts { /* all borrowed, as long as it is open */
	const struct kl_paths *paths;
	const struct kl_config *config;
	struct kl_store *store; /* NULL: KL_EIO */
	const struct kl_clock *clock;
	const char *master; /* from kl_vault_take_environment; NULL: none */
};

/* Does nothing when it is open. On failure it stays closed. */
enum kl_status keyring_open(struct keyring *ring, const struct keyring_parts *parts,
			    struct kl_error *err) KL_MUST_CHECK;
/* Before its store is closed. */
void keyring_close(struct keyring *ring);

#endif
