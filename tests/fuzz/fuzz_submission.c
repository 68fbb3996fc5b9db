/*
 * Fuzzes what strangers send to kodelabd, by a first byte: a zip of additional files, a submission as JSON, plain or base64,
 * or what stands for one in the queue's rows. No file of a zip leads outside or is larger than it may be, and what was read
 * of a submission is the same when it was packed and unpacked.
 *
 * links: core/server/?*.c core/server/class/?*.c core/server/commands/?*.c
 */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/json.h>

#include "core/server/archive.h"
#include "core/server/settings.h"
#include "core/server/submission.h"
#include "core/server/toolchain.h"

#define FILE_MAX 5000
#define ALL_MAX  20000
#define COUNT    20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_zip(const char *bytes, size_t len)
{
	const struct archive_limits limits = { .file_max = FILE_MAX, .all_max = ALL_MAX, .count_max = COUNT };
	struct archive archive;
	size_t all = 0;

	(void)archive_read(&archive, bytes, len, &limits);
	assert(archive.count <= COUNT);
	for (size_t i = 0; i < archive.count; i++) {
		const struct kl_file *file = &archive.files[i];

		assert(file->len <= FILE_MAX && file->text[file->len] == '\0');
		assert(*file->name && *file->name != '/' && !strstr(file->name, "//"));
		assert(strncmp(file->name, "../", 3) != 0 && strcmp(file->name, "..") != 0 &&
		       !strstr(file->name, "/../"));
		all += file->len;
	}
	assert(all == archive.bytes && all <= ALL_MAX);
	archive_release(&archive);
}

static void check_copy(const struct submission *submission)
{
	struct submission copy = { .language_id = submission->language_id };
	struct kl_buf packed;

	kl_buf_init(&packed, (size_t)1 << 24);
	submission_pack(&packed, submission, BY_CLIENT);
	assert(submission_unpack(&copy, packed.data, packed.len));
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
		const struct value *value = &submission->values[i];

		if (attribute_table[i].owner != BY_CLIENT)
			continue;
		assert(value->len == copy.values[i].len && !value->bytes == !copy.values[i].bytes);
		assert(!value->bytes || !memcmp(value->bytes, copy.values[i].bytes, value->len));
	}
	submission_release(&copy);
	kl_buf_release(&packed);
}

static void fuzz_json(const char *text, size_t len, bool base64)
{
	static struct settings *settings;
	static struct toolchains *toolchains;
	struct submission_source source = { .base64 = base64 };
	struct submission submission;
	struct fields all;
	struct kl_json *json;
	struct kl_buf out;

	if (!settings) {
		settings = settings_load(NULL);
		toolchains = toolchains_none();
		for (size_t i = 0; i < toolchains->count; i++) /* or nothing would ever be good */
			toolchains->list[i].archived = i % 2;
	}
	if (kl_json_parse(&json, text, len, (size_t)1 << 20, "body", NULL))
		return;
	kl_buf_init(&out, (size_t)1 << 24);
	source.object = kl_json_root(json);
	source.settings = settings;
	source.toolchains = toolchains;
	if (submission_read(&submission, &source, &out))
		check_copy(&submission);
	else
		assert(out.data[0] == '{' && out.data[out.len - 1] == '}');
	kl_buf_clear(&out);
	assert(fields_read(&all, "*", &out));
	submission_show(&out, &submission, &all, base64, toolchains);
	submission_release(&submission);
	kl_buf_release(&out);
	kl_json_free(json);
}

static void fuzz_row(const char *bytes, size_t len)
{
	struct submission submission = { .language_id = 0 };

	(void)!submission_unpack(&submission, bytes, len);
	submission_release(&submission);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;

	if (!size)
		return 0;
	if (data[0] == 'z')
		fuzz_zip(bytes, size - 1);
	else if (data[0] == 'j' || data[0] == 'b')
		fuzz_json(bytes, size - 1, data[0] == 'b');
	else
		fuzz_row(bytes, size - 1);
	return 0;
}
