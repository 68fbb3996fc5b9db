#ifndef KODELAB_VAULT_H
#define KODELAB_VAULT_H

/*
 * Secrets at rest. A secret is sealed (encrypted and authenticated) with a master key before it is stored; the sealed
 * text names its own algorithm and master key, and opens only in the context it was sealed for, so that it cannot be
 * moved to another row.
 *
 * The master key is the first of a short list; the others are old ones, held until everything is sealed anew. The list
 * comes from, in this order: the environment variable KODELAB_MASTER_KEY, the systemd credential "kodelab-master-key",
 * a file of the user's own with mode 0600, which is made when something is first sealed. It is text: a key is 32 bytes
 * in base64; keys are apart by spaces, commas or lines; a line that begins with # is a comment.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/crypto.h>
#include <kodelab/error.h>

struct kl_vault;

#define KL_VAULT_SECRET_MAX 4096 /* bytes of one secret */

/*
 * Takes KODELAB_MASTER_KEY out of the environment, overwriting it there so that /proc/<pid>/environ has it no more
 * either. The first thing main does, before any child can be born. Secret memory; NULL: it is not set.
 */
char *kl_vault_take_environment(void);

/*
 * path: the master key's file, borrowed for the call. taken: from kl_vault_take_environment, borrowed; NULL: none.
 * KL_EDENIED: the file can be read by others or is not ours · KL_EINVAL: what is there is no key.
 */
enum kl_status kl_vault_open(struct kl_vault **out, const char *path, const char *taken,
			     struct kl_error *err) KL_MUST_CHECK;
void kl_vault_close(struct kl_vault *vault); /* NULL is fine */

/* The list as it is now: of a file that another process may have changed. Before sealing inside a transaction. */
enum kl_status kl_vault_refresh(struct kl_vault *vault, struct kl_error *err) KL_MUST_CHECK;
/* What new secrets are sealed with: AES-256-GCM where the CPU has it, unless told otherwise here. */
void kl_vault_prefer(struct kl_vault *vault, enum kl_aead algorithm);
/* For people: "the file '…'", "the environment variable KODELAB_MASTER_KEY", … Lives as long as the vault. */
const char *kl_vault_source(const struct kl_vault *vault);

/*
 * context: what the secret belongs to, "judge key <id>"; the same to open it. *sealed: text, owned by the caller, nothing
 * to hide. KL_EINVAL: over KL_VAULT_SECRET_MAX.
 */
enum kl_status kl_vault_seal(char **sealed, struct kl_vault *vault, const void *secret, size_t len, const char *context,
			     struct kl_error *err) KL_MUST_CHECK;
/*
 * *secret: secret memory with a NUL behind *len bytes (may be NULL), to be kl_secret_free'd.
 * KL_ENOENT: its master key is not here · KL_ECORRUPT: changed, or of another context · KL_ENOTOOL: AES, not on this CPU.
 */
enum kl_status kl_vault_unseal(char **secret, size_t *len, struct kl_vault *vault, const char *sealed,
			       const char *context, struct kl_error *err) KL_MUST_CHECK;

/*
 * Rotation: begin (a new key comes first, the old ones stay) · seal everything anew, in a transaction, with
 * kl_vault_reseal · end (the old ones go). Killed anywhere, every secret can be opened: with the old or the new key.
 * begin, KL_EDENIED: the key is not in a file of ours: whoever set it must give the new and the old one, "NEW OLD".
 */
enum kl_status kl_vault_rotate_begin(struct kl_vault *vault, struct kl_error *err) KL_MUST_CHECK;
/* *anew: owned by the caller; NULL when sealed is of the newest key already. */
enum kl_status kl_vault_reseal(char **anew, struct kl_vault *vault, const char *sealed, const char *context,
			       struct kl_error *err) KL_MUST_CHECK;
/* Once the transaction is on the disk. Drops what is older than the key that was the newest at the last refresh. */
enum kl_status kl_vault_rotate_end(struct kl_vault *vault, struct kl_error *err) KL_MUST_CHECK;
/* More than one key is held: a rotation was begun and not ended. */
bool kl_vault_rotating(const struct kl_vault *vault);

#endif
