/* Thin over libsodium. */

#include <kodelab/crypto.h>

#include <sodium.h>

#include <kodelab/alloc.h>

void kl_sha256(char hex[KL_SHA256_SIZE], const void *bytes, size_t len)
{
	unsigned char digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, bytes, len);
	sodium_bin2hex(hex, KL_SHA256_SIZE, digest, sizeof(digest));
}

char *kl_base64(const void *bytes, size_t len)
{
	size_t size = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);

	return sodium_bin2base64(kl_alloc(size), size, bytes, len, sodium_base64_VARIANT_ORIGINAL);
}
