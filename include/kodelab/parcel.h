#ifndef KODELAB_PARCEL_H
#define KODELAB_PARCEL_H

/*
 * Work of a machine without a network travels as a file: what waits, sealed to the server's pinned key, so that who finds the file learns
 * nothing and changes nothing. Any lab that is logged in at that server hands it in, and puts what was answered into a second file, which
 * goes back. Both are lines of text:
 *
 *     kodelab outbox 1 SERVER-ID            kodelab receipts 1 SERVER-ID
 *     a sealed batch in base64 …            an answer of POST /api/sync/parcel …
 *     end SHA-256 of all that is above      end …
 *
 * Ids and hashes are those of the outbox, so what arrives by both ways, or twice, arrives once.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_class;

#define KL_PARCEL_MAX ((size_t)64 << 20) /* bytes of a file */

enum kl_parcel_kind { KL_PARCEL_OUTBOX, KL_PARCEL_RECEIPTS };

struct kl_parcel { /* texts are owned: kl_parcel_release */
	enum kl_parcel_kind kind;
	char server_id[KL_ID_SIZE];
	char *text; /* the whole file; its lines end in NUL */
	char **lines;
	size_t count;
};

/* Is the file one of these? By its first words. */
bool kl_parcel_is(const char *path);
/* KL_ECORRUPT: cut off, changed, or of another version · KL_EFULL: larger than one can be · KL_ENOENT, KL_EIO. */
enum kl_status kl_parcel_read(struct kl_parcel *out, const char *path, struct kl_error *err) KL_MUST_CHECK;
void kl_parcel_release(struct kl_parcel *parcel);

/*
 * What waits for the client's account, the oldest first, as a file's text into out (initialised, of KL_PARCEL_MAX). *items: how many, *left: how
 * many did not fit. Nothing is asked over the network. KL_EDENIED: logged out.
 */
enum kl_status kl_parcel_pack(struct kl_buf *out, size_t *items, size_t *left, struct kl_class *class,
			      const char *device, struct kl_error *err) KL_MUST_CHECK;
/* A file of receipts into out: lines of JSON. */
void kl_parcel_write(struct kl_buf *out, const char *server_id, const char *const *lines, size_t count);

struct kl_parcel_taken {
	size_t received; /* now marked as sent */
	size_t strange; /* receipts that are no good, or of nothing that waits */
	size_t refused; /* the server's words, which are not signed, change nothing: they wait */
};
/* Takes the receipts of the file: each counts when the pinned key signed it and it is about what waits here. */
enum kl_status kl_parcel_take(struct kl_parcel_taken *taken, struct kl_class *class, const struct kl_parcel *parcel,
			      struct kl_error *err) KL_MUST_CHECK;

#endif
