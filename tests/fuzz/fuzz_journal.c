/*
 * Fuzzes the journal's replay. The first byte chooses: even, the rest is a journal as it lies on the disk; odd, the rest is
 * records (type, length in two bytes, payload) that get a right header and right CRCs, so that the fuzzer is
 * not stopped by checksums it cannot guess.
 *
 * What is replayed must be a text that can be walked to its revisions and back, and written out and replayed again.
 */

#include <assert.h>
#include <stdint.h>

#include <kodelab/alloc.h>
#include <kodelab/text.h>

#include "core/text/journal_int.h"

#define BASE      "int main(void)\n{\n}\n"
#define BYTES_MAX ((size_t)64 << 20)
#define WALKS     8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void build_journal(struct kl_buf *out, const uint8_t *data, size_t size)
{
	struct kl_text *base = kl_text_new(BASE, sizeof(BASE) - 1);
	struct identity identity = { sizeof(BASE) - 1, text_crc(base), 0 };

	kl_text_free(base);
	put_header(out, "/fuzz", &identity, 1);
	while (size >= 3) {
		size_t len = (size_t)data[1] | (size_t)data[2] << 8, start;

		if (len > size - 3)
			len = size - 3;
		start = record_begin(out, (enum record_type)data[0]);
		kl_buf_add(out, data + 3, len);
		record_end(out, start);
		data += 3 + len;
		size -= 3 + len;
	}
}

static void replay_once(struct kl_text *text, struct replay *replay, const struct kl_buf *journal)
{
	struct journal_header header;

	*replay = (struct replay){ .resumed = false };
	if (get_header(&header, journal->data, journal->len) == KL_OK)
		journal_replay(replay, text, journal->data, journal->len, &header);
}

/* The bytes of a branch never visited are only known to fit by length. */
static void walk(struct kl_text *text)
{
	size_t here = kl_text_revision(text), len = kl_text_len(text);

	for (size_t i = 0; i < kl_text_revisions(text) && i < WALKS; i++)
		kl_text_go_to(text, i, NULL);
	kl_text_go_to(text, here, NULL);
	assert(kl_text_len(text) == len);
}

static void round_trip(const struct kl_text *text, const struct replay *replay)
{
	struct kl_text *second = kl_text_new(BASE, sizeof(BASE) - 1);
	struct identity saved = replay->saved;
	struct replay again;
	struct kl_buf bytes;
	size_t len;
	char *before, *after;

	kl_buf_init(&bytes, BYTES_MAX);
	saved.revision = text->saved;
	put_header(&bytes, "/fuzz", &saved, 1);
	put_everything(&bytes, text, &saved, 0, true);
	patch_header(&bytes);
	replay_once(second, &again, &bytes);
	assert(again.resumed && again.good == bytes.len);
	before = kl_text_dup(text, &len);
	after = kl_text_dup(second, NULL);
	assert(kl_text_len(second) == len && !memcmp(before, after, len));
	free(before);
	free(after);
	free(again.recovered);
	kl_buf_release(&bytes);
	kl_text_free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kl_text *text = kl_text_new(BASE, sizeof(BASE) - 1);
	struct kl_buf journal;
	struct replay replay;

	kl_buf_init(&journal, BYTES_MAX);
	if (size && data[0] & 1)
		build_journal(&journal, data + 1, size - 1);
	else if (size)
		kl_buf_add(&journal, data + 1, size - 1);
	replay_once(text, &replay, &journal);
	if (replay.resumed)
		round_trip(text, &replay);
	walk(text);
	free(replay.recovered);
	kl_buf_release(&journal);
	kl_text_free(text);
	return 0;
}
