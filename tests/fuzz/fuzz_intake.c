/*
 * Fuzzes what labs hand over, and receipts as labs read them: bytes that are JSON, whatever it says.
 *
 * What is refused must say why; what is read is what it should be throughout, and a receipt that is read is written again
 * in the same bytes and signed over nine lines.
 */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/buf.h>
#include <kodelab/challenge.h>
#include <kodelab/crypto.h>
#include <kodelab/intake.h>
#include <kodelab/json.h>
#include <kodelab/receipt.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_item(const struct kl_intake_item *item)
{
	char hash[KL_SHA256_SIZE];

	assert(item->kind >= 0 && item->kind < KL_INTAKE_KIND_COUNT);
	assert(kl_id_valid(item->id) && strlen(item->hash) == KL_SHA256_SIZE - 1);
	assert(kl_slug_valid(item->pack) && kl_slug_valid(item->slug));
	assert(item->language && item->course && item->assignment && item->device && item->comment);
	assert(item->at_ms >= 0 && item->hints >= 0 && item->hints <= 1000);
	if (item->kind == KL_INTAKE_RATING)
		assert(item->stars >= 1 && item->stars <= 5);
	if (item->kind != KL_INTAKE_SUBMISSION && item->kind != KL_INTAKE_DRAFT) {
		assert(!item->code);
		return;
	}
	assert(item->code && *item->language);
	kl_sha256(hash, item->code, item->code_len);
	assert(!strcmp(hash, item->hash));
}

static void check_receipt(const struct kl_receipt *receipt)
{
	struct kl_buf text, again;
	struct kl_receipt read;
	struct kl_json *doc;
	size_t lines = 0;

	kl_buf_init(&text, 4096);
	kl_buf_init(&again, 4096);
	kl_receipt_json(&text, receipt);
	assert(!kl_json_parse(&doc, text.data, text.len, 4096, "receipt", NULL));
	assert(!kl_receipt_read(&read, kl_json_root(doc), NULL));
	kl_receipt_json(&again, &read);
	assert(!strcmp(text.data, again.data));
	kl_json_free(doc);
	kl_buf_clear(&text);
	kl_receipt_text(&text, receipt);
	for (const char *at = text.data; *at; at++)
		lines += *at == '\n';
	assert(lines == 9 && !text.truncated);
	kl_buf_release(&text);
	kl_buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kl_error err = { .message = "" };
	struct kl_intake_item item;
	struct kl_receipt receipt;
	struct kl_json *doc;

	if (kl_json_parse(&doc, (const char *)data, size, 1 << 20, "body", NULL))
		return 0;
	if (kl_intake_read(&item, kl_json_root(doc), NULL, &err)) {
		assert(err.status == KL_EINVAL && err.message[0]);
	} else {
		check_item(&item);
		kl_intake_item_release(&item);
	}
	if (kl_receipt_read(&receipt, kl_json_root(doc), &err))
		assert(err.status == KL_EINVAL && err.message[0]);
	else
		check_receipt(&receipt);
	kl_json_free(doc);
	return 0;
}
