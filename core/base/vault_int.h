#ifndef KODELAB_VAULT_INT_H
#define KODELAB_VAULT_INT_H

/* Between vault.c (sealed texts) and master.c (the list of master keys and where it comes from). */

#include <kodelab/vault.h>

#define MASTER_ID_SIZE 8 /* bytes */
#define MASTER_MAX     8 /* the newest, and those of rotations that were not ended */

struct master_key {
	unsigned char bytes[KL_AEAD_KEY_SIZE];
	unsigned char id[MASTER_ID_SIZE]; /* of its fingerprint: says nothing about the bytes */
};

struct master_list { /* in secret memory; newest first */
	struct master_key keys[MASTER_MAX];
	size_t count;
};

struct kl_vault {
	char *path; /* of the file; NULL: the list was given and stays as it is */
	char *source; /* for people */
	struct master_list *list;
	enum kl_aead algorithm; /* for new secrets */
};

/* Fills vault->path, source and list. */
enum kl_status master_open(struct kl_vault *vault, const char *path, const char *taken,
			   struct kl_error *err) KL_MUST_CHECK;
/* Reads the file again; keeps the list on failure. */
enum kl_status master_refresh(struct kl_vault *vault, struct kl_error *err) KL_MUST_CHECK;
/* The first key, when there is none yet. */
enum kl_status master_make(struct kl_vault *vault, struct kl_error *err) KL_MUST_CHECK;
const struct master_key *master_find(const struct kl_vault *vault, const unsigned char id[MASTER_ID_SIZE]);

#endif
