/*
 * Work that travels as a file: only the server opens it, its ids are the outbox's, and of what comes back only the server's own word on
 * what waits here counts.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/sync_scene.h"

#include <kodelab/file.h>
#include <kodelab/parcel.h>

static const struct act nobody[] = { { 0 } };

/* What waits, as a file's text; owned by the caller. */
static char *pack(size_t *items)
{
	struct kl_buf text;
	struct kl_error err = { .message = "" };
	size_t left = 99;

	open_lab(nobody);
	kl_buf_init(&text, KL_PARCEL_MAX);
	if (kl_parcel_pack(&text, items, &left, scene.class, "this lab", &err))
		fail_msg("%s", err.message);
	assert_int_equal(left, 0);
	return kl_buf_detach(&text);
}

/* What the server finds in the file's only batch; owned by the caller. */
static char *unsealed(const char *text)
{
	const char *line = strchr(text, '\n') + 1;
	char *encoded = kl_strndup(line, strcspn(line, "\n")), *sealed, *out;
	size_t len;

	assert_true(kl_base64_decode(&sealed, &len, encoded));
	out = kl_calloc(len - KL_ENVELOPE_EXTRA + 1, 1);
	assert_true(kl_envelope_open((unsigned char *)out, secret, sealed, len));
	free(encoded);
	free(sealed);
	return out;
}

static void only_the_server_opens_it(void **state)
{
	unsigned char other[KL_SIGN_SECRET_SIZE], out[1 << 12];
	char id[KL_ID_SIZE], *text, *inside, *mark, *sealed, *encoded;
	size_t items = 0, len;

	(void)state;
	class_has("pack");
	submit(id, "pack", "int x;");
	type("a draft");
	text = pack(&items);
	assert_int_equal(items, 3);
	assert_true(!strncmp(text, "kodelab outbox 1 " SERVER_ID "\n", 18 + KL_ID_SIZE - 1));
	inside = unsealed(text);
	mark = kl_format("\"id\":\"%s\",\"kind\":\"submission\"", id);
	assert_non_null(strstr(inside, mark));
	assert_non_null(strstr(inside, "\"user\":\"" USER_ID "\",\"token\":\"klr_first\""));
	assert_non_null(strstr(inside, "\"code\":\"a draft\",\"seq\":1"));
	kl_sign_make(other);
	encoded = kl_strndup(strchr(text, '\n') + 1, strcspn(strchr(text, '\n') + 1, "\n"));
	assert_true(kl_base64_decode(&sealed, &len, encoded) && len < sizeof(out));
	assert_false(kl_envelope_open(out, other, sealed, len));
	assert_int_equal(waiting(), 3); /* until there are receipts */
	free(sealed);
	free(encoded);
	free(mark);
	free(inside);
	free(text);
}

/* A file of receipts as the scene's server gives them, written and read. */
static struct kl_parcel receipts_file(const char *answer)
{
	const char *line = strstr(answer, "\"data\":") + 7;
	char *data = kl_strndup(line, strlen(line) - 1), *path = kl_path_join(scratch, "receipts");
	const char *const lines[] = { data };
	struct kl_parcel parcel;
	struct kl_buf text;

	kl_buf_init(&text, KL_PARCEL_MAX);
	kl_parcel_write(&text, SERVER_ID, lines, 1);
	assert_false(kl_file_write(path, text.data, text.len, 0600, NULL));
	assert_true(kl_parcel_is(path));
	assert_false(kl_parcel_read(&parcel, path, NULL));
	assert_int_equal(parcel.kind, KL_PARCEL_RECEIPTS);
	assert_int_equal(parcel.count, 1);
	kl_buf_release(&text);
	free(path);
	free(data);
	return parcel;
}

static struct kl_parcel_taken take(const char *answer)
{
	struct kl_parcel parcel = receipts_file(answer);
	struct kl_parcel_taken taken;

	open_lab(nobody);
	assert_false(kl_parcel_take(&taken, scene.class, &parcel, NULL));
	kl_parcel_release(&parcel);
	return taken;
}

static void only_its_word_on_what_waits_counts(void **state)
{
	static const enum wrong cases[] = { OTHER_KEY, OTHER_HASH, OTHER_USER, OTHER_ID };
	struct kl_parcel_taken taken;
	char id[KL_ID_SIZE];

	(void)state;
	class_has("pack");
	submit(id, "pack", "int x;");
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		taken = take(receipts("stored", cases[i]));
		assert_int_equal(taken.received, 0);
		assert_int_equal(taken.strange, 2);
		assert_int_equal(waiting(), 2);
	}
	taken = take(receipts("stored", NO_RECEIPT));
	assert_int_equal(taken.refused, 2);
	taken = take(refusal(id, "VALIDATION_ERROR")); /* nobody signed that */
	assert_int_equal(taken.refused, 1);
	assert_int_equal(waiting(), 2);
	taken = take(receipts("stored", RIGHT));
	assert_int_equal(taken.received, 2);
	assert_int_equal(waiting(), 0);
}

static void a_text_that_left_in_a_file_keeps_its_number(void **state)
{
	size_t items;

	(void)state;
	class_has("pack");
	type("first");
	free(pack(&items));
	type("second"); /* the file may arrive: this is the newer one, whatever becomes of it */
	push_draft("stored");
	assert_true(heard("\"seq\":2"));
}

static void what_is_not_whole_is_refused(void **state)
{
	char id[KL_ID_SIZE], *text, *path = kl_path_join(scratch, "outbox"), *sentence;
	struct kl_parcel parcel;
	struct kl_error err;
	size_t items, len;

	(void)state;
	class_has("pack");
	submit(id, "pack", "int x;");
	text = pack(&items);
	len = strlen(text);
	sentence = kl_format("'%s' is cut off or was changed: copy it again, or export it once more", path);
	for (size_t cut = 0; cut < len; cut += cut < 100 || cut > len - 80 ? 1 : 37) {
		assert_false(kl_file_write(path, text, cut, 0600, NULL));
		assert_int_equal(kl_parcel_read(&parcel, path, &err), KL_ECORRUPT);
		assert_string_equal(err.message, sentence);
	}
	for (size_t at = 0; at < len; at += 11) {
		text[at] ^= 1;
		assert_false(kl_file_write(path, text, len, 0600, NULL));
		assert_int_equal(kl_parcel_read(&parcel, path, &err), KL_ECORRUPT);
		assert_string_equal(err.message, sentence);
		text[at] ^= 1;
	}
	assert_false(kl_file_write(path, text, len, 0600, NULL));
	assert_false(kl_parcel_read(&parcel, path, &err));
	kl_parcel_release(&parcel);
	free(sentence);
	free(text);
	free(path);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(only_the_server_opens_it),
		CASE(only_its_word_on_what_waits_counts),
		CASE(a_text_that_left_in_a_file_keeps_its_number),
		CASE(what_is_not_whole_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
