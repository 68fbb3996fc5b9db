#ifndef TESTS_JUDGE_CAMPAIGN_LAB_H
#define TESTS_JUDGE_CAMPAIGN_LAB_H

/* What a client of judges elsewhere stands on: a store, the keys, the instances, the judge. Whatever fails ends the program. */

#include <stdio.h>
#include <stdlib.h>

#include <kodelab/clock.h>
#include <kodelab/id.h>
#include <kodelab/instance.h>
#include <kodelab/judge.h>
#include <kodelab/keypool.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/vault.h>

#include "tests/judge/campaign.h"

#define CAMPAIGN_MASTER "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="

struct campaign_lab {
	struct kl_loop *loop;
	struct kl_paths paths;
	struct kl_clock clock;
	struct kl_store *store;
	struct kl_vault *vault;
	struct kl_keypool *keys;
	struct kl_instances *instances;
	struct kl_judge *judge;
};

static inline void must(enum kl_status status, const struct kl_error *err)
{
	if (!status)
		return;
	fprintf(stderr, "campaign: %s\n", err->message);
	exit(1);
}

/* db: NULL: in memory. */
static inline void campaign_lab_open(struct campaign_lab *lab, const char *db, const char *master)
{
	struct kl_error err;

	kl_clock_init(&lab->clock);
	must(kl_loop_open(&lab->loop, &err), &err);
	must(kl_paths_init(&lab->paths, &err), &err);
	must(kl_store_open(&lab->store, NULL, db, &lab->clock, &err), &err);
	must(kl_vault_open(&lab->vault, master, CAMPAIGN_MASTER, &err), &err);
	must(kl_keypool_open(&lab->keys, lab->store, lab->vault, &lab->clock, KL_KEYS_OWNER_FIRST, &err), &err);
	must(kl_instances_open(&lab->instances, lab->loop, lab->store, &lab->clock, lab->keys, &err), &err);
	must(kl_judge_open(&lab->judge, lab->loop, &lab->paths, &err), &err);
}

/* With a key for it; known already when this is not the first time. ca_file: may be NULL. */
static inline void campaign_lab_add(struct campaign_lab *lab, const char *name, const char *url, const char *ca_file)
{
	struct kl_instance_spec spec = { .name = name, .kind = "self-hosted", .url = url, .ca_file = ca_file };
	struct kl_key_new key = {
		.instance = name, .owner = "", .label = "", .secret = CAMPAIGN_TOKEN, .reserve = -1, .consented = true
	};
	char id[KL_ID_SIZE];
	struct kl_error err;

	if (kl_instances_find(lab->instances, name))
		return;
	must(kl_keypool_add(id, lab->keys, &key, &err), &err);
	must(kl_instances_add(lab->instances, &spec, NULL, &err), &err);
}

static inline void campaign_lab_close(struct campaign_lab *lab)
{
	kl_judge_close(lab->judge);
	kl_instances_close(lab->instances);
	kl_keypool_close(lab->keys);
	kl_vault_close(lab->vault);
	kl_store_close(lab->store);
	kl_paths_release(&lab->paths);
	kl_loop_close(lab->loop);
}

#endif
