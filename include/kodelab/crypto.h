#ifndef KODELAB_CRYPTO_H
#define KODELAB_CRYPTO_H

/* Fingerprints, secret memory, authenticated encryption, signatures: the only door to libsodium. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

#define KL_SHA256_SIZE 65 /* 64 hex digits and a NUL */

/* SHA-256 of len bytes as lower-case hex digits. */
void kl_sha256(char hex[KL_SHA256_SIZE], const void *bytes, size_t len);
/* Standard base64 with padding; owned by the caller. */
char *kl_base64(const void *bytes, size_t len);
/* The bytes of text (owned by the caller, a NUL added); false: text is not base64, nothing is made. */
bool kl_base64_decode(char **bytes, size_t *len, const char *text);
/* Overwrites a secret, so that the compiler does not leave it out. */
void kl_wipe(void *bytes, size_t len);
/* Bytes nobody can guess. */
void kl_random(void *bytes, size_t len);
/* Whether the first len bytes are the same, in a time that does not depend on them. */
bool kl_same_secret(const void *a, const void *b, size_t len);

#define KL_MARK_SIZE     16 /* bytes */
#define KL_MARK_KEY_SIZE 16

/*
 * A mark of len bytes that nobody can make or read anything out of who lacks the key (SipHash-2-4, 128 bits): for looking a secret up in a
 * table of this process that shall not hold it. A tenth of what kl_sha256 costs.
 */
void kl_mark(unsigned char mark[KL_MARK_SIZE], const unsigned char key[KL_MARK_KEY_SIZE], const void *bytes,
	     size_t len);

/* ---- secret memory ---- */

/*
 * size bytes, zeroed: kept out of swap and core dumps where the system allows it, between pages that trap, wiped when
 * freed. The first one also makes the whole process undumpable (no core file, no tracer but root's), because copies of
 * a secret pass through other memory: libcurl's, the kernel's. Never NULL.
 */
void *kl_secret_alloc(size_t size);
void kl_secret_free(void *secret); /* NULL is fine */
/*
 * A line of the standard input, at most max bytes, without a NUL; nothing of it stays in a buffer. KL_EFULL: it is longer.
 * kl_input_hidden is for a terminal: it is not shown. KL_ECANCELED: C-c; the terminal is as before · KL_EIO: it is no terminal.
 */
enum kl_status kl_input_line(char *line, size_t *len, size_t max) KL_MUST_CHECK;
enum kl_status kl_input_hidden(char *line, size_t *len, size_t max) KL_MUST_CHECK;
/* The text and a NUL in secret memory. */
char *kl_secret_copy(const char *text, size_t len);

/* ---- passwords ---- */

#define KL_PASSWORD_HASH_SIZE 128 /* of the text a password is kept as, with its NUL */

struct kl_password_cost { /* of Argon2id */
	unsigned passes;
	size_t kib; /* memory, 8 at least */
};

/* Takes as long as cost says: for a process that nobody waits for. false: so much memory is not to be had. */
bool kl_password_hash(char hash[KL_PASSWORD_HASH_SIZE], const char *password, size_t len,
		      const struct kl_password_cost *cost);
/* Is it the one that hash was made of? Costs what hash says. */
bool kl_password_is(const char *hash, const char *password, size_t len);
/* Was hash made at another cost? */
bool kl_password_differs(const char *hash, const struct kl_password_cost *cost);

/* ---- tokens and codes: nobody can guess them; only their fingerprints (kl_sha256) are kept ---- */

#define KL_TOKEN_SIZE 48 /* four characters of a prefix, 32 bytes in base64url, a NUL */

void kl_token_make(char token[KL_TOKEN_SIZE], const char *prefix);
/* The same token for the same secret, seed and word; nobody who lacks one of them can know it. */
void kl_token_derive(char token[KL_TOKEN_SIZE], const char *prefix, const char *secret, const char *seed,
		     const char *word);

#define KL_CODE_SIZE 20 /* of up to four groups, with its NUL */

/* "WDJB-MJHT" for two groups: five bits a character, none that is taken for another. */
void kl_code_make(char code[KL_CODE_SIZE], int groups);
/* As a person typed it: in any case, with or without hyphens and blanks. false: it is no such code. */
bool kl_code_read(char code[KL_CODE_SIZE], const char *text, int groups);

/* ---- authenticated encryption with associated data ---- */

enum kl_aead { KL_AEAD_AES256GCM = 1, KL_AEAD_XCHACHA20POLY1305 = 2 }; /* numbers are in files: never changed */

#define KL_AEAD_KEY_SIZE  32
#define KL_AEAD_TAG_SIZE  16 /* what is sealed is longer than the text by this */
#define KL_AEAD_NONCE_MAX 24

struct kl_aead_use { /* borrowed for the call */
	enum kl_aead algorithm; /* available here, see kl_aead_available */
	const unsigned char *key; /* KL_AEAD_KEY_SIZE */
	const unsigned char *nonce; /* kl_aead_nonce_size, never twice with one key */
	const void *extra; /* associated data: not kept, but must be the same to open */
	size_t extra_len;
};

/* AES only where the CPU has instructions for it: without them it would be slow and leak through its timing. */
bool kl_aead_available(enum kl_aead algorithm);
size_t kl_aead_nonce_size(enum kl_aead algorithm);
/* out: room for len + KL_AEAD_TAG_SIZE. */
void kl_aead_seal(unsigned char *out, const struct kl_aead_use *use, const void *text, size_t len);
/* out: room for len - KL_AEAD_TAG_SIZE. false: another key, other associated data, or a changed byte; out is zeroed. */
bool kl_aead_open(unsigned char *out, const struct kl_aead_use *use, const void *sealed, size_t len);

/* ---- signatures: Ed25519 (RFC 8032) ---- */

#define KL_SIGN_SECRET_SIZE 64 /* the seed and the public key, as libsodium keeps it */
#define KL_SIGN_PUBLIC_SIZE 32
#define KL_SIGN_SIZE        64

/* A new pair; secret: in secret memory. Its last KL_SIGN_PUBLIC_SIZE bytes are the public key. */
void kl_sign_make(unsigned char *secret);
/* The same text and key give the same signature. */
void kl_sign(unsigned char signature[KL_SIGN_SIZE], const unsigned char *secret, const void *text, size_t len);
bool kl_sign_holds(const unsigned char *signature, const unsigned char *public_key, const void *text, size_t len);

/* ---- sealed boxes: for the holder of a signing key alone (X25519 and XSalsa20-Poly1305; its sender is not known by it) ---- */

#define KL_ENVELOPE_EXTRA 48 /* what is sealed is longer than the text by this */

/* out: room for len + KL_ENVELOPE_EXTRA. false: that is no public key. */
bool kl_envelope_seal(unsigned char *out, const unsigned char *public_key, const void *text, size_t len);
/* out: room for len - KL_ENVELOPE_EXTRA. false: for another key, or a byte was changed. */
bool kl_envelope_open(unsigned char *out, const unsigned char *secret, const void *sealed, size_t len);

#endif
