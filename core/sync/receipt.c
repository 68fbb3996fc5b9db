/*
 * Receipts. Every value is of letters that need no escaping, in the text as in JSON, so both are told by printf alone and
 * nothing can be read in two ways.
 */

#include <kodelab/receipt.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>

#define TEXT_MAX 1024

/* --- values ------------------------------------------------------------------------------------------------------- */

/* As it is printed, and in no other way. */
static bool read_time(int64_t *wall_ms, const char *text)
{
	char again[KL_UTC_SIZE];

	if (!kl_clock_read_utc(wall_ms, text))
		return false;
	kl_clock_print_utc(again, *wall_ms);
	return !strcmp(again, text);
}

static bool is_of(const char *text, const char *letters, size_t min, size_t max)
{
	size_t len = strlen(text);

	return len >= min && len <= max && strspn(text, letters) == len;
}

static bool is_kind(const char *text)
{
	return is_of(text, "abcdefghijklmnopqrstuvwxyz", 1, KL_RECEIPT_KIND_SIZE - 1);
}

static bool is_hash(const char *text)
{
	return is_of(text, "0123456789abcdef", KL_SHA256_SIZE - 1, KL_SHA256_SIZE - 1);
}

static bool is_signature(const char *text)
{
	return is_of(text,
		     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", KL_RECEIPT_SIGN_SIZE - 1,
		     KL_RECEIPT_SIGN_SIZE - 1);
}

/* --- making ------------------------------------------------------------------------------------------------------- */

void kl_receipt_text(struct kl_buf *out, const struct kl_receipt *receipt)
{
	char received[KL_UTC_SIZE];

	assert(kl_id_valid(receipt->id) && is_kind(receipt->kind) && is_hash(receipt->hash));
	assert(kl_id_valid(receipt->user) && kl_id_valid(receipt->server));
	kl_clock_print_utc(received, receipt->received_ms);
	kl_buf_addf(out,
		    "kodelab receipt 1\nid %s\nkind %s\nhash %s\nuser %s\nserver %s\nreceived %s\nserial %lld\nend\n",
		    receipt->id, receipt->kind, receipt->hash, receipt->user, receipt->server, received,
		    (long long)receipt->serial);
}

void kl_receipt_sign(struct kl_receipt *receipt, const unsigned char *secret)
{
	unsigned char signature[KL_SIGN_SIZE];
	struct kl_buf text;
	char *encoded;

	kl_buf_init(&text, TEXT_MAX);
	kl_receipt_text(&text, receipt);
	kl_sign(signature, secret, text.data, text.len);
	encoded = kl_base64(signature, sizeof(signature));
	snprintf(receipt->signature, sizeof(receipt->signature), "%s", encoded);
	free(encoded);
	kl_buf_release(&text);
}

void kl_receipt_json(struct kl_buf *out, const struct kl_receipt *receipt)
{
	char received[KL_UTC_SIZE];

	kl_clock_print_utc(received, receipt->received_ms);
	kl_buf_addf(out,
		    "{\"id\":\"%s\",\"kind\":\"%s\",\"hash\":\"%s\",\"user\":\"%s\",\"server\":\"%s\","
		    "\"received\":\"%s\",\"serial\":%lld,\"signature\":\"%s\"}",
		    receipt->id, receipt->kind, receipt->hash, receipt->user, receipt->server, received,
		    (long long)receipt->serial, receipt->signature);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static enum kl_status take(char *to, size_t size, const cJSON *object, const char *name, bool (*good)(const char *),
			   struct kl_error *err)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	if (!text || !good(text))
		return kl_fail(err, KL_EINVAL, "the receipt's '%s' is missing or not what it should be", name);
	snprintf(to, size, "%s", text);
	return KL_OK;
}

static enum kl_status take_numbers(struct kl_receipt *out, const cJSON *object, struct kl_error *err)
{
	const char *received = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "received"));
	const cJSON *serial = cJSON_GetObjectItemCaseSensitive(object, "serial");

	if (!received || !read_time(&out->received_ms, received))
		return kl_fail(err, KL_EINVAL, "the receipt's 'received' is missing or no time");
	if (!cJSON_IsNumber(serial) || serial->valuedouble < 1 || serial->valuedouble > 9007199254740991.0 ||
	    (double)(int64_t)serial->valuedouble != serial->valuedouble)
		return kl_fail(err, KL_EINVAL, "the receipt's 'serial' is missing or no number from 1");
	out->serial = (int64_t)serial->valuedouble;
	return KL_OK;
}

enum kl_status kl_receipt_read(struct kl_receipt *out, const struct cJSON *object, struct kl_error *err)
{
	struct kl_receipt read = { .serial = 0 };
	enum kl_status status;

	if ((status = take(read.id, sizeof(read.id), object, "id", kl_id_valid, err)) ||
	    (status = take(read.kind, sizeof(read.kind), object, "kind", is_kind, err)) ||
	    (status = take(read.hash, sizeof(read.hash), object, "hash", is_hash, err)) ||
	    (status = take(read.user, sizeof(read.user), object, "user", kl_id_valid, err)) ||
	    (status = take(read.server, sizeof(read.server), object, "server", kl_id_valid, err)) ||
	    (status = take(read.signature, sizeof(read.signature), object, "signature", is_signature, err)) ||
	    (status = take_numbers(&read, object, err)))
		return status;
	*out = read;
	return KL_OK;
}

static enum kl_status decode(unsigned char *to, size_t size, const char *text, const char *what, struct kl_error *err)
{
	char *bytes;
	size_t len;

	if (!kl_base64_decode(&bytes, &len, text))
		return kl_fail(err, KL_EINVAL, "%s is not base64", what);
	if (len == size)
		memcpy(to, bytes, size);
	free(bytes);
	return len == size ? KL_OK : kl_fail(err, KL_EINVAL, "%s is not of %zu bytes", what, size);
}

enum kl_status kl_receipt_check(const struct kl_receipt *receipt, const char *public_key, struct kl_error *err)
{
	unsigned char key[KL_SIGN_PUBLIC_SIZE], signature[KL_SIGN_SIZE];
	enum kl_status status = decode(key, sizeof(key), public_key, "the server's public key", err);
	struct kl_buf text;

	if (status || (status = decode(signature, sizeof(signature), receipt->signature, "the signature", err)))
		return status;
	kl_buf_init(&text, TEXT_MAX);
	kl_receipt_text(&text, receipt);
	if (!kl_sign_holds(signature, key, text.data, text.len))
		status = kl_fail(err, KL_EDENIED,
				 "this receipt was not signed by this server, or was changed: it proves nothing");
	kl_buf_release(&text);
	return status;
}
