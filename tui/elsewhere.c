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
	elsewhere->no_keys.status = KL_OK;
	if (!parts->store)
		return keyring_open(ring, parts, err); /* says so */
	(void)!keyring_open(ring, parts, &elsewhere->no_keys);
	if (!elsewhere->instances)
		return kl_instances_open(&elsewhere->instances, loop, parts->store, parts->clock, ring->pool, err);
	kl_instances_use_keys(elsewhere->instances, ring->pool);
	return kl_instances_refresh(NULL, elsewhere->instances, err);
}

bool elsewhere_more(struct elsewhere *elsewhere, struct kl_store *store)
{
	bool more = false;

	if (elsewhere->instances)
		return kl_instances_refresh(&more, elsewhere->instances, NULL) == KL_OK && more;
	more = elsewhere->none && has_judges(store);
	elsewhere->none = elsewhere->none && !more;
	return more;
}

enum kl_status elsewhere_use(struct elsewhere *elsewhere, struct kl_judge *judge, struct kl_loop *loop,
			     struct keyring *ring, const struct keyring_parts *parts, struct kl_error *err)
{
	const char *choice = kl_config_string(parts->config, "judge");
	struct kl_judge_elsewhere means = {
		.store = parts->store,
		.choice = choice,
		.cache = !elsewhere->fresh && kl_config_bool(parts->config, "judge.cache"),
		.erase = kl_config_bool(parts->config, "judge.delete"),
		.patience_ms = 1000 * kl_config_int(parts->config, "judge.patience_s"),
	};
	bool wanted;
	enum kl_status status = KL_OK;

	elsewhere->none = !parts->store || !has_judges(parts->store);
	wanted = strcmp(choice, "local") != 0 && (strcmp(choice, "auto") != 0 || !elsewhere->none);
	if (wanted)
		status = elsewhere_open(elsewhere, loop, ring, parts, err);
	if (wanted && !status && elsewhere->no_keys.status) { /* told: a judge may want one */
		*err = elsewhere->no_keys;
		status = err->status;
	}
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
