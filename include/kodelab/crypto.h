#ifndef KODELAB_CRYPTO_H
#define KODELAB_CRYPTO_H

/* Fingerprints: the only door to libsodium. */

#include <stdbool.h>
#include <stddef.h>

#define KL_SHA256_SIZE 65 /* 64 hex digits and a NUL */

/* SHA-256 of len bytes as lower-case hex digits. */
void kl_sha256(char hex[KL_SHA256_SIZE], const void *bytes, size_t len);
/* Standard base64 with padding; owned by the caller. */
char *kl_base64(const void *bytes, size_t len);
/* The bytes of text (owned by the caller, a NUL added); false: text is not base64, nothing is made. */
bool kl_base64_decode(char **bytes, size_t *len, const char *text);
/* Overwrites a secret, so that the compiler does not leave it out. */
void kl_wipe(void *bytes, size_t len);

#endif
