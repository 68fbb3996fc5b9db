/*
 * Sealed texts: base64 of version, algorithm, id of the master key, nonce, ciphertext with its tag. All before the
 * ciphertext, and the context, are associated data: nothing of it can be changed.
 */

#include <kodelab/vault.h>

#include <assert.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "core/base/vault_int.h"

#define VERSION     1
#define CONTEXT_MAX 1024

enum { AT_VERSION, AT_ALGORITHM, AT_MASTER, AT_NONCE = AT_MASTER + MASTER_ID_SIZE };

#define HEAD_MAX   (AT_NONCE + KL_AEAD_NONCE_MAX)
#define SEALED_MAX (HEAD_MAX + KL_VAULT_SECRET_MAX + KL_AEAD_TAG_SIZE)

enum kl_status kl_vault_open(struct kl_vault **out, const char *path, const char *taken, struct kl_error *err)
{
	struct kl_vault *vault = kl_calloc(1, sizeof(*vault));
	enum kl_status status = master_open(vault, path, taken, err);

	if (status) {
		kl_vault_close(vault);
		return status;
	}
	vault->algorithm = kl_aead_available(KL_AEAD_AES256GCM) ? KL_AEAD_AES256GCM : KL_AEAD_XCHACHA20POLY1305;
	*out = vault;
	return KL_OK;
}

void kl_vault_close(struct kl_vault *vault)
{
	if (!vault)
		return;
	kl_secret_free(vault->list);
	free(vault->path);
	free(vault->source);
	free(vault);
}

enum kl_status kl_vault_refresh(struct kl_vault *vault, struct kl_error *err)
{
	return master_refresh(vault, err);
}

void kl_vault_prefer(struct kl_vault *vault, enum kl_aead algorithm)
{
	vault->algorithm = algorithm;
}

const char *kl_vault_source(const struct kl_vault *vault)
{
	return vault->source;
}

/* --- sealing ---------------------------------------------------------------------------------------------------- */

/* head_len bytes of head, then the context. */
static struct kl_buf associated(const unsigned char *head, size_t head_len, const char *context)
{
	struct kl_buf extra;

	kl_buf_init(&extra, HEAD_MAX + CONTEXT_MAX);
	kl_buf_add(&extra, head, head_len);
	kl_buf_add_str(&extra, context);
	assert(!extra.truncated);
	return extra;
}

static char *seal(const struct kl_vault *vault, const void *secret, size_t len, const char *context)
{
	const struct master_key *master = &vault->list->keys[0];
	size_t head_len = AT_NONCE + kl_aead_nonce_size(vault->algorithm);
	size_t sealed_len = head_len + len + KL_AEAD_TAG_SIZE;
	unsigned char *sealed = kl_alloc(sealed_len);
	struct kl_buf extra;
	char *text;

	sealed[AT_VERSION] = VERSION;
	sealed[AT_ALGORITHM] = (unsigned char)vault->algorithm;
	memcpy(sealed + AT_MASTER, master->id, MASTER_ID_SIZE);
	kl_random(sealed + AT_NONCE, head_len - AT_NONCE);
	extra = associated(sealed, head_len, context);
	kl_aead_seal(sealed + head_len,
		     &(struct kl_aead_use){ .algorithm = vault->algorithm,
					    .key = master->bytes,
					    .nonce = sealed + AT_NONCE,
					    .extra = extra.data,
					    .extra_len = extra.len },
		     secret, len);
	text = kl_base64(sealed, sealed_len);
	kl_buf_release(&extra);
	free(sealed);
	return text;
}

enum kl_status kl_vault_seal(char **sealed, struct kl_vault *vault, const void *secret, size_t len, const char *context,
			     struct kl_error *err)
{
	enum kl_status status;

	if (len > KL_VAULT_SECRET_MAX)
		return kl_fail(err, KL_EINVAL, "a secret of %zu bytes is too long: %d at most", len,
			       KL_VAULT_SECRET_MAX);
	status = master_refresh(vault, err);
	if (!status && !vault->list->count)
		status = master_make(vault, err);
	if (status)
		return status;
	*sealed = seal(vault, secret, len, context);
	return KL_OK;
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

static enum kl_status fail_damaged(struct kl_error *err)
{
	return kl_fail(err, KL_ECORRUPT, "this secret is damaged: remove it and add it again");
}

struct record {
	unsigned char *bytes; /* owned */
	size_t len, head_len;
	enum kl_aead algorithm;
};

/* record->bytes is the caller's to free, whatever comes back. */
static enum kl_status read_record(struct record *record, const char *sealed, struct kl_error *err)
{
	char *bytes = NULL;

	*record = (struct record){ .bytes = NULL };
	if (strlen(sealed) > SEALED_MAX * 2 || !kl_base64_decode(&bytes, &record->len, sealed))
		return fail_damaged(err);
	record->bytes = (unsigned char *)bytes;
	if (record->len <= AT_NONCE)
		return fail_damaged(err);
	if (record->bytes[AT_VERSION] != VERSION)
		return kl_fail(err, KL_ECONFLICT, "this secret was sealed by a newer KodeLab: update this one");
	record->algorithm = (enum kl_aead)record->bytes[AT_ALGORITHM];
	if (record->algorithm != KL_AEAD_AES256GCM && record->algorithm != KL_AEAD_XCHACHA20POLY1305)
		return fail_damaged(err);
	record->head_len = AT_NONCE + kl_aead_nonce_size(record->algorithm);
	if (record->len < record->head_len + KL_AEAD_TAG_SIZE)
		return fail_damaged(err);
	if (!kl_aead_available(record->algorithm))
		return kl_fail(err, KL_ENOTOOL,
			       "this secret was sealed with AES-256-GCM, which this computer's CPU lacks: use the "
			       "computer it was added on, or add it again here");
	return KL_OK;
}

static enum kl_status open_record(char **secret, size_t *len, const struct record *record,
				  const struct master_key *master, const char *context, struct kl_error *err)
{
	struct kl_buf extra = associated(record->bytes, record->head_len, context);
	size_t text_len = record->len - record->head_len - KL_AEAD_TAG_SIZE;
	char *text = kl_secret_alloc(text_len + 1);
	bool good = kl_aead_open((unsigned char *)text,
				 &(struct kl_aead_use){ .algorithm = record->algorithm,
							.key = master->bytes,
							.nonce = record->bytes + AT_NONCE,
							.extra = extra.data,
							.extra_len = extra.len },
				 record->bytes + record->head_len, record->len - record->head_len);

	kl_buf_release(&extra);
	if (!good) {
		kl_secret_free(text);
		return kl_fail(err, KL_ECORRUPT,
			       "this secret was changed or moved since it was sealed: remove it and add it again");
	}
	*secret = text;
	if (len)
		*len = text_len;
	return KL_OK;
}

static enum kl_status fail_no_master(const struct kl_vault *vault, struct kl_error *err)
{
	return kl_fail(err, KL_ENOENT,
		       "the master key this secret was sealed with is not in %s: put it back there, or remove the "
		       "secret and add it again",
		       vault->source);
}

enum kl_status kl_vault_unseal(char **secret, size_t *len, struct kl_vault *vault, const char *sealed,
			       const char *context, struct kl_error *err)
{
	const struct master_key *master = NULL;
	struct record record;
	enum kl_status status = read_record(&record, sealed, err);

	if (!status)
		master = master_find(vault, record.bytes + AT_MASTER);
	if (!status && !master) { /* another process may have rotated */
		status = master_refresh(vault, err);
		master = master_find(vault, record.bytes + AT_MASTER);
	}
	if (!status)
		status = master ? open_record(secret, len, &record, master, context, err) : fail_no_master(vault, err);
	free(record.bytes);
	return status;
}

static enum kl_status seal_again(char **anew, const struct kl_vault *vault, const struct record *record,
				 const char *context, struct kl_error *err)
{
	const struct master_key *master = master_find(vault, record->bytes + AT_MASTER);
	char *secret = NULL;
	size_t len = 0;
	enum kl_status status;

	if (!master)
		return fail_no_master(vault, err);
	if (master == &vault->list->keys[0]) {
		*anew = NULL;
		return KL_OK;
	}
	status = open_record(&secret, &len, record, master, context, err);
	if (status)
		return status;
	*anew = seal(vault, secret, len, context);
	kl_secret_free(secret);
	return KL_OK;
}

/* Never reads the list again: all of one rotation must be of one newest key. */
enum kl_status kl_vault_reseal(char **anew, struct kl_vault *vault, const char *sealed, const char *context,
			       struct kl_error *err)
{
	struct record record;
	enum kl_status status = read_record(&record, sealed, err);

	if (!status)
		status = seal_again(anew, vault, &record, context, err);
	free(record.bytes);
	return status;
}
