/* Receipts: the text that is signed, and that nothing of it can be changed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/receipt.h>

#define ID     "01920a3c-5f00-7abc-8def-0123456789ab"
#define USER   "01920a3c-5f00-7abc-8def-0123456789ac"
#define SERVER "01920a3c-5f00-7abc-8def-0123456789ad"
#define HASH   "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static const struct kl_receipt example = { .id = ID,
					   .kind = "submission",
					   .hash = HASH,
					   .user = USER,
					   .server = SERVER,
					   .received_ms = INT64_C(1796040000123),
					   .serial = 42 };

static unsigned char *new_secret(char **public_key)
{
	unsigned char *secret = kl_secret_alloc(KL_SIGN_SECRET_SIZE);

	kl_sign_make(secret);
	*public_key = kl_base64(secret + KL_SIGN_SECRET_SIZE - KL_SIGN_PUBLIC_SIZE, KL_SIGN_PUBLIC_SIZE);
	return secret;
}

static void the_text_is_what_the_docs_say(void **state)
{
	struct kl_buf text;

	(void)state;
	kl_buf_init(&text, 1024);
	kl_receipt_text(&text, &example);
	assert_string_equal(text.data, "kodelab receipt 1\n"
				       "id " ID "\n"
				       "kind submission\n"
				       "hash " HASH "\n"
				       "user " USER "\n"
				       "server " SERVER "\n"
				       "received 2026-11-30T12:00:00.123Z\n"
				       "serial 42\n"
				       "end\n");
	kl_buf_release(&text);
}

static void there_and_back(void **state)
{
	struct kl_receipt receipt = example, again, read;
	struct kl_buf json;
	struct kl_error err;
	char *public_key;
	unsigned char *secret = new_secret(&public_key);
	cJSON *object;

	(void)state;
	kl_receipt_sign(&receipt, secret);
	again = example;
	kl_receipt_sign(&again, secret);
	assert_string_equal(receipt.signature, again.signature);
	kl_buf_init(&json, 4096);
	kl_receipt_json(&json, &receipt);
	object = cJSON_Parse(json.data);
	assert_non_null(object);
	assert_int_equal(kl_receipt_read(&read, object, &err), KL_OK);
	assert_int_equal(kl_receipt_check(&read, public_key, &err), KL_OK);
	assert_int_equal(read.received_ms, example.received_ms);
	assert_int_equal(read.serial, 42);
	kl_buf_clear(&json);
	cJSON_Delete(object);
	kl_buf_release(&json);
	kl_secret_free(secret);
	free(public_key);
}

static void nothing_can_be_changed(void **state)
{
	struct kl_receipt receipt = example, changed[8];
	struct kl_error err;
	char *public_key, *other_key;
	unsigned char *secret = new_secret(&public_key), *other = new_secret(&other_key);

	(void)state;
	kl_receipt_sign(&receipt, secret);
	for (size_t i = 0; i < KL_LENGTH(changed); i++)
		changed[i] = receipt;
	changed[0].id[35] = 'c';
	changed[1].kind[0] = 'a';
	changed[2].hash[0] = 'a';
	changed[3].user[35] = 'b';
	changed[4].server[35] = 'b';
	changed[5].received_ms++;
	changed[6].serial++;
	changed[7].signature[0] = changed[7].signature[0] == 'A' ? 'B' : 'A';
	assert_int_equal(kl_receipt_check(&receipt, public_key, &err), KL_OK);
	for (size_t i = 0; i < KL_LENGTH(changed); i++)
		assert_int_equal(kl_receipt_check(&changed[i], public_key, &err), KL_EDENIED);
	assert_int_equal(kl_receipt_check(&receipt, other_key, &err), KL_EDENIED);
	assert_int_equal(kl_receipt_check(&receipt, "AAAA", &err), KL_EINVAL);
	assert_int_equal(kl_receipt_check(&receipt, "no key", &err), KL_EINVAL);
	kl_secret_free(secret);
	kl_secret_free(other);
	free(public_key);
	free(other_key);
}

static void wrong_receipts_are_named(void **state)
{
	static const struct {
		const char *name, *value; /* JSON; NULL: the member is missing */
	} wrong[] = {
		{ "id", "\"1\"" },
		{ "id", NULL },
		{ "kind", "\"two\\nlines\"" },
		{ "kind", "\"\"" },
		{ "hash", "\"" HASH "0\"" },
		{ "hash", "17" },
		{ "user", "\"../etc\"" },
		{ "server", "null" },
		{ "received", "\"2026-11-30T12:00:00Z\"" },
		{ "received", "\"2026-02-30T12:00:00.000Z\"" },
		{ "serial", "0" },
		{ "serial", "1.5" },
		{ "serial", "\"1\"" },
		{ "signature", "\"AAAA\"" },
	};
	struct kl_receipt receipt = example, read = { .serial = 7 };
	char *public_key, *part;
	unsigned char *secret = new_secret(&public_key);
	struct kl_error err;
	struct kl_buf json;

	(void)state;
	kl_receipt_sign(&receipt, secret);
	kl_buf_init(&json, 4096);
	kl_receipt_json(&json, &receipt);
	for (size_t i = 0; i < KL_LENGTH(wrong); i++) {
		cJSON *object = cJSON_Parse(json.data);

		cJSON_DeleteItemFromObjectCaseSensitive(object, wrong[i].name);
		if (wrong[i].value)
			cJSON_AddItemToObject(object, wrong[i].name, cJSON_Parse(wrong[i].value));
		assert_int_equal(kl_receipt_read(&read, object, &err), KL_EINVAL);
		part = kl_format("'%s'", wrong[i].name);
		assert_non_null(strstr(err.message, part));
		assert_int_equal(read.serial, 7);
		free(part);
		cJSON_Delete(object);
	}
	kl_buf_release(&json);
	kl_secret_free(secret);
	free(public_key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_is_what_the_docs_say),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(nothing_can_be_changed),
		cmocka_unit_test(wrong_receipts_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
