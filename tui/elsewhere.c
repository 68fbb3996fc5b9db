/* Judges elsewhere: opened when there are any. */
#include "elsewhere.h"

#include <string.h>

#include <kodelab/config.h>
#include <kodelab/instance.h>
#include <kodelab/judge.h>
#include <kodelab/store_instances.h>

static bool has_judges(struct kl_store *store)
{
	struct kl_instance_row *rows;
	size_t count;

	if (kl_store_instances(&rows, &count, store, NULL))
		return false;
	kl_instance_rows_free(rows, count);
	return count > 0;
}

enum kl_status elsewhere_open(struct elsewhere *elsewhere, struct kl_loop *loop, struct keyring *ring,
			      const struct keyring_parts *parts, struct kl_error *err)
{
	enum kl_status status;

	if (elsewhere->instances)
		return KL_OK;
	if ((status = keyring_open(ring, parts, err)))
		return status;
	return kl_instances_open(&elsewhere->instances, loop, parts->store, parts->clock, ring->pool, err);
}

enum kl_status elsewhere_use(struct elsewhere *elsewhere, struct kl_judge *judge, struct kl_loop *loop,
			     struct keyring *ring, const struct keyring_parts *parts, struct kl_error *err)
{
	const char *choice = kl_config_string(parts->config, "judge");
	struct kl_judge_elsewhere means = {
		.store = parts->store,
		.choice = choice,
		.cache = !elsewhere->fresh && kl_config_bool(parts->config, "judge.cache"),
		.patience_ms = 1000 * kl_config_int(parts->config, "judge.patience_s"),
	};
	bool wanted = strcmp(choice, "local") != 0 &&
		      (strcmp(choice, "auto") != 0 || (parts->store && has_judges(parts->store)));
	enum kl_status status = KL_OK;

	if (wanted)
		status = elsewhere_open(elsewhere, loop, ring, parts, err);
	means.instances = elsewhere->instances; /* once open always given: another run may still be there */
	means.keys = ring->pool;
	kl_judge_use(judge, &means);
	return status;
}

void elsewhere_close(struct elsewhere *elsewhere)
{
	kl_instances_close(elsewhere->instances);
	elsewhere->instances = NULL;
}
