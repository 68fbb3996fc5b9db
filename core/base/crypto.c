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

bool kl_base64_decode(char **bytes, size_t *len, const char *text)
{
	size_t size = strlen(text) / 4 * 3 + 4, got;
	char *out = kl_alloc(size);

	if (sodium_base642bin((unsigned char *)out, size - 1, text, strlen(text), NULL, &got, NULL,
			      sodium_base64_VARIANT_ORIGINAL) < 0) {
		free(out);
		return false;
	}
	out[got] = '\0';
	*bytes = out;
	*len = got;
	return true;
}

void kl_wipe(void *bytes, size_t len)
{
	sodium_memzero(bytes, len);
}
