/* Opening the student's keys: where the master key is, and the setting that says how one of several is chosen. */
#include "keyring.h"

#include <stdlib.h>

#include <kodelab/alloc.h>
#include <kodelab/config.h>
#include <kodelab/path.h>

enum kl_status keyring_open(struct keyring *ring, const struct keyring_parts *parts, struct kl_error *err)
{
	enum kl_key_strategy strategy = KL_KEYS_OWNER_FIRST;
	enum kl_status status;
	char *path;

	if (ring->pool)
		return KL_OK;
	if (!parts->store)
		return kl_fail(err, KL_EIO, "Keys are not to be had: the database is not open.");
	kl_key_strategy_read(&strategy, kl_config_string(parts->config, "keys.strategy"));
	path = kl_path_join(parts->paths->config, "master.key");
	status = kl_vault_open(&ring->vault, path, parts->master, err);
	free(path);
	if (!status)
		status = kl_keypool_open(&ring->pool, parts->store, ring->vault, parts->clock, strategy, err);
	if (status)
		keyring_close(ring);
	return status;
}

void keyring_close(struct keyring *ring)
{
	kl_keypool_close(ring->pool);
	kl_vault_close(ring->vault);
	*ring = (struct keyring){ .pool = NULL };
}
