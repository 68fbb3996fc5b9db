#ifndef KODELAB_RECEIPT_H
#define KODELAB_RECEIPT_H

/*
 * Receipts: the class server's word, signed, that it has something on its disk. Whoever holds one can prove it with the server's
 * public key and nothing else. What is signed is a text of nine lines (kl_receipt_text, docs/class-server.md); the receipt
 * travels as JSON with the same members.
 */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/buf.h>
#include <kodelab/crypto.h>
#include <kodelab/error.h>
#include <kodelab/id.h>

struct cJSON;

#define KL_RECEIPT_KIND_SIZE 24
#define KL_RECEIPT_SIGN_SIZE 89 /* base64 of KL_SIGN_SIZE bytes and a NUL */
#define KL_RECEIPT_KEY_SIZE  45 /* base64 of a public key and a NUL */

struct kl_receipt {
	char id[KL_ID_SIZE]; /* made by who sent it */
	char kind[KL_RECEIPT_KIND_SIZE]; /* "submission": letters a-z */
	char hash[KL_SHA256_SIZE]; /* of a submission's or draft's code; of others as the sender says */
	char user[KL_ID_SIZE]; /* whose it is */
	char server[KL_ID_SIZE];
	int64_t received_ms; /* wall, the server's */
	int64_t serial; /* rises with everything the server ever took, from 1; leaps at a restore */
	char signature[KL_RECEIPT_SIGN_SIZE];
};

/* The text that is signed. */
void kl_receipt_text(struct kl_buf *out, const struct kl_receipt *receipt);
/* Fills in signature; the same receipt and key give the same one. secret: as kl_sign. */
void kl_receipt_sign(struct kl_receipt *receipt, const unsigned char *secret);
/* {"id":…,"kind":…,"hash":…,"user":…,"server":…,"received":…,"serial":…,"signature":…}, always in these bytes. */
void kl_receipt_json(struct kl_buf *out, const struct kl_receipt *receipt);

/* From its JSON object, strictly. KL_EINVAL: the sentence names the member. Says nothing of the signature. */
enum kl_status kl_receipt_read(struct kl_receipt *out, const struct cJSON *object, struct kl_error *err) KL_MUST_CHECK;
/* public_key: base64, as GET /api/server gives it. KL_EDENIED: another key signed it, or something was changed · KL_EINVAL: that is no key. */
enum kl_status kl_receipt_check(const struct kl_receipt *receipt, const char *public_key,
				struct kl_error *err) KL_MUST_CHECK;

#endif
