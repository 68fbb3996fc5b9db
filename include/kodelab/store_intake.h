#ifndef KODELAB_STORE_INTAKE_H
#define KODELAB_STORE_INTAKE_H

/* The class server's rows of all that was ever handed over, and of the keys its receipts are signed with. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/crypto.h>
#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

#define KL_INTAKE_KIND_SIZE      24
#define KL_INTAKE_SIGNATURE_SIZE 96

struct kl_intake_row {
	char id[KL_ID_SIZE], user[KL_ID_SIZE];
	char kind[KL_INTAKE_KIND_SIZE];
	char hash[KL_SHA256_SIZE];
	const char *subject; /* "pack/slug", of a draft with its language; borrowed when added, not read */
	int64_t at_ms, received_ms; /* when it was made, as its sender says; when it came */
	int64_t serial;
	char signature[KL_INTAKE_SIGNATURE_SIZE];
	bool conflicts; /* its id came again with something else */
};

#define KL_INTAKE_ROW_BYTES 1024 /* what a row counts for, with what follows from it */
#define KL_INTAKE_SPENT_MAX 100 /* rows of one user, kind and subject that kl_store_intake_trim leaves */

/* An id is its user's. KL_ENOENT */
enum kl_status kl_store_intake_get(struct kl_intake_row *out, struct kl_store *store, const char *user, const char *id,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_intake_add(struct kl_store *store, const struct kl_intake_row *row,
				   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_intake_conflict(struct kl_store *store, const char *user, const char *id,
					struct kl_error *err) KL_MUST_CHECK;
/* Forgets what rows of the same user, kind and subject have followed: for kinds of which the newest counts. */
enum kl_status kl_store_intake_trim(struct kl_store *store, const struct kl_intake_row *row,
				    struct kl_error *err) KL_MUST_CHECK;
/* How much is kept of a user: rows, and the code of his works and drafts. */
enum kl_status kl_store_intake_kept(int64_t *bytes, struct kl_store *store, const char *user,
				    struct kl_error *err) KL_MUST_CHECK;
/* The newest serial that was given, or may have been. */
enum kl_status kl_store_intake_newest(int64_t *serial, struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;
/*
 * The serials of after the backup are not known, and must not be given again: from here on they are larger than the time, in ms. So many
 * have never been given, and the next restore comes later. Belongs into no transaction.
 */
enum kl_status kl_store_intake_restored(struct kl_store *store, int64_t now_ms, struct kl_error *err) KL_MUST_CHECK;

struct kl_server_key { /* borrowed for the call */
	const char *server_id, *public_key;
	int64_t since_ms;
};
typedef void kl_store_server_key_fn(void *ctx, const struct kl_server_key *key);

enum kl_status kl_store_server_key_add(struct kl_store *store, const struct kl_server_key *key,
				       struct kl_error *err) KL_MUST_CHECK;
/* The newest last; fn must not call the store. */
enum kl_status kl_store_server_keys(struct kl_store *store, kl_store_server_key_fn *fn, void *ctx,
				    struct kl_error *err) KL_MUST_CHECK;

#endif
