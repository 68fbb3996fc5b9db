/* Thin over libsodium. */

#include <kodelab/crypto.h>

#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

#include <kodelab/alloc.h>

/* libsodium's own start: finds out what the CPU has. Cheap when it was done already. */
static void ready(void)
{
	if (sodium_init() < 0)
		kl_die("kodelab: libsodium does not start");
}

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

void kl_random(void *bytes, size_t len)
{
	ready();
	randombytes_buf(bytes, len);
}

bool kl_same_secret(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void kl_mark(unsigned char mark[KL_MARK_SIZE], const unsigned char key[KL_MARK_KEY_SIZE], const void *bytes, size_t len)
{
	_Static_assert(KL_MARK_SIZE == crypto_shorthash_siphashx24_BYTES, "a mark");
	_Static_assert(KL_MARK_KEY_SIZE == crypto_shorthash_siphashx24_KEYBYTES, "its key");
	crypto_shorthash_siphashx24(mark, bytes, len, key);
}

/* --- secret memory ---------------------------------------------------------------------------------------------- */

/* RLIMIT_CORE alone is not enough: the kernel does not ask it when cores go to a program (core_pattern "|…"). */
static void forbid_dumps(void)
{
	static const struct rlimit none = { 0, 0 };

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
}

void *kl_secret_alloc(size_t size)
{
	void *secret;

	ready();
	forbid_dumps();
	secret = sodium_malloc(size ? size : 1);
	if (!secret)
		kl_die("kodelab: out of memory (%zu secret bytes wanted)", size);
	sodium_memzero(secret, size ? size : 1);
	return secret;
}

void kl_secret_free(void *secret)
{
	sodium_free(secret);
}

char *kl_secret_copy(const char *text, size_t len)
{
	char *copy = kl_secret_alloc(len + 1);

	memcpy(copy, text, len);
	return copy;
}

/* --- passwords -------------------------------------------------------------------------------------------------- */

bool kl_password_hash(char hash[KL_PASSWORD_HASH_SIZE], const char *password, size_t len,
		      const struct kl_password_cost *cost)
{
	_Static_assert(KL_PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "the text of a hash fits");
	ready();
	return crypto_pwhash_str_alg(hash, password, len, cost->passes, cost->kib << 10,
				     crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool kl_password_is(const char *hash, const char *password, size_t len)
{
	ready();
	return crypto_pwhash_str_verify(hash, password, len) == 0;
}

bool kl_password_differs(const char *hash, const struct kl_password_cost *cost)
{
	return crypto_pwhash_str_needs_rehash(hash, cost->passes, cost->kib << 10) != 0;
}

/* --- tokens and codes ------------------------------------------------------------------------------------------- */

static void write_token(char token[KL_TOKEN_SIZE], const char *prefix, const unsigned char bytes[32])
{
	memcpy(token, prefix, 4);
	sodium_bin2base64(token + 4, KL_TOKEN_SIZE - 4, bytes, 32, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void kl_token_make(char token[KL_TOKEN_SIZE], const char *prefix)
{
	unsigned char bytes[32];

	kl_random(bytes, sizeof(bytes));
	write_token(token, prefix, bytes);
	kl_wipe(bytes, sizeof(bytes));
}

void kl_token_derive(char token[KL_TOKEN_SIZE], const char *prefix, const char *secret, const char *seed,
		     const char *word)
{
	const char *const parts[] = { prefix, seed, word };
	unsigned char bytes[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	ready();
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
	for (size_t i = 0; i < KL_LENGTH(parts); i++) /* each with its NUL, so that none runs into the next */
		crypto_auth_hmacsha256_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
	crypto_auth_hmacsha256_final(&state, bytes);
	write_token(token, prefix, bytes);
	kl_wipe(bytes, sizeof(bytes));
	kl_wipe(&state, sizeof(state));
}

#define CODE_GROUP 4

static const char code_letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

void kl_code_make(char code[KL_CODE_SIZE], int groups)
{
	unsigned char dice[KL_CODE_SIZE];
	size_t len = 0;

	kl_random(dice, sizeof(dice));
	for (int i = 0; i < groups * CODE_GROUP; i++) {
		if (i && i % CODE_GROUP == 0)
			code[len++] = '-';
		code[len++] = code_letters[dice[i] % 32];
	}
	code[len] = '\0';
	kl_wipe(dice, sizeof(dice));
}

bool kl_code_read(char code[KL_CODE_SIZE], const char *text, int groups)
{
	char out[KL_CODE_SIZE];
	int count = 0;
	size_t len = 0;

	for (; *text; text++) {
		char letter = *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;

		if (letter == '-' || letter == ' ')
			continue;
		if (!strchr(code_letters, letter) || count == groups * CODE_GROUP)
			return false;
		if (count && count % CODE_GROUP == 0)
			out[len++] = '-';
		out[len++] = letter;
		count++;
	}
	out[len] = '\0';
	if (count != groups * CODE_GROUP)
		return false;
	memcpy(code, out, len + 1);
	return true;
}

/* --- authenticated encryption ----------------------------------------------------------------------------------- */

bool kl_aead_available(enum kl_aead algorithm)
{
	ready();
	switch (algorithm) {
	case KL_AEAD_AES256GCM:
		return crypto_aead_aes256gcm_is_available() == 1;
	case KL_AEAD_XCHACHA20POLY1305:
		return true;
	}
	return false; /* a number from a file */
}

size_t kl_aead_nonce_size(enum kl_aead algorithm)
{
	return algorithm == KL_AEAD_AES256GCM ? crypto_aead_aes256gcm_NPUBBYTES
					      : crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
}

void kl_aead_seal(unsigned char *out, const struct kl_aead_use *use, const void *text, size_t len)
{
	int failed;

	ready();
	if (use->algorithm == KL_AEAD_AES256GCM)
		failed = crypto_aead_aes256gcm_encrypt(out, NULL, text, len, use->extra, use->extra_len, NULL,
						       use->nonce, use->key);
	else
		failed = crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, text, len, use->extra, use->extra_len,
								    NULL, use->nonce, use->key);
	if (failed)
		kl_die("kodelab: cannot encrypt");
}

bool kl_aead_open(unsigned char *out, const struct kl_aead_use *use, const void *sealed, size_t len)
{
	if (len < KL_AEAD_TAG_SIZE)
		return false;
	ready();
	if (use->algorithm == KL_AEAD_AES256GCM)
		return crypto_aead_aes256gcm_decrypt(out, NULL, NULL, sealed, len, use->extra, use->extra_len,
						     use->nonce, use->key) == 0;
	return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed, len, use->extra, use->extra_len,
							  use->nonce, use->key) == 0;
}

/* --- signatures ------------------------------------------------------------------------------------------------- */

void kl_sign_make(unsigned char *secret)
{
	unsigned char public_key[KL_SIGN_PUBLIC_SIZE];

	ready();
	crypto_sign_keypair(public_key, secret);
}

void kl_sign(unsigned char signature[KL_SIGN_SIZE], const unsigned char *secret, const void *text, size_t len)
{
	ready();
	crypto_sign_detached(signature, NULL, text, len, secret);
}

bool kl_sign_holds(const unsigned char *signature, const unsigned char *public_key, const void *text, size_t len)
{
	ready();
	return crypto_sign_verify_detached(signature, text, len, public_key) == 0;
}

/* --- sealed boxes ------------------------------------------------------------------------------------------------ */

bool kl_envelope_seal(unsigned char *out, const unsigned char *public_key, const void *text, size_t len)
{
	unsigned char key[crypto_box_PUBLICKEYBYTES];

	_Static_assert(KL_ENVELOPE_EXTRA == crypto_box_SEALBYTES, "as libsodium has it");
	ready();
	return crypto_sign_ed25519_pk_to_curve25519(key, public_key) == 0 && crypto_box_seal(out, text, len, key) == 0;
}

bool kl_envelope_open(unsigned char *out, const unsigned char *secret, const void *sealed, size_t len)
{
	unsigned char key[crypto_box_PUBLICKEYBYTES], own[crypto_box_SECRETKEYBYTES];
	bool opened;

	if (len < KL_ENVELOPE_EXTRA)
		return false;
	ready();
	opened = crypto_sign_ed25519_pk_to_curve25519(key, secret + KL_SIGN_SECRET_SIZE - KL_SIGN_PUBLIC_SIZE) == 0 &&
		 crypto_sign_ed25519_sk_to_curve25519(own, secret) == 0 &&
		 crypto_box_seal_open(out, sealed, len, key, own) == 0;
	kl_wipe(own, sizeof(own));
	return opened;
}
