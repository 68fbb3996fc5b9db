/*
 * Fuzzes the reading of archives. The first byte says whether the rest is a .tar.gz, or a tar that is packed here: else
 * nearly nothing would come through zlib's checksum.
 *
 * What is refused must say why; what is read has names that stay inside, in order, each once, and survives being written.
 */

#include <assert.h>
#include <stdint.h>

#include <zlib.h>

#include <kodelab/alloc.h>
#include <kodelab/archive.h>

static const struct kl_archive_limits limits = { 1 << 20, 1 << 20, 200, 1000, 6 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Packs the bytes without making them smaller: quickly. */
static char *pack(size_t *len, const uint8_t *data, size_t size)
{
	z_stream stream = { .next_in = (z_const unsigned char *)(uintptr_t)data, .avail_in = (unsigned)size };
	size_t room = size + 4096;
	char *out = kl_alloc(room);

	assert(deflateInit2(&stream, 0, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	stream.next_out = (unsigned char *)out;
	stream.avail_out = (unsigned)room;
	assert(deflate(&stream, Z_FINISH) == Z_STREAM_END);
	*len = stream.total_out;
	deflateEnd(&stream);
	return out;
}

static void check_name(const char *name)
{
	assert(*name && *name != '/' && strlen(name) <= KL_ARCHIVE_NAME_MAX);
	for (const char *at = name; *at; at++) {
		bool begins = at == name || at[-1] == '/';

		assert((unsigned char)*at >= 0x20 && *at != 0x7f && *at != '\\');
		assert(!begins || (*at != '.' && *at != '/'));
	}
	assert(name[strlen(name) - 1] != '/');
}

static void check_round_trip(const struct kl_archive *archive)
{
	char before[KL_SHA256_SIZE], after[KL_SHA256_SIZE], *bytes;
	static const struct kl_archive_limits wide = { 1 << 24, 1 << 24, SIZE_MAX, 2000, 6 };
	struct kl_archive again;
	size_t len;

	if (kl_archive_write(&bytes, &len, archive, NULL)) /* a name that a tar cannot part */
		return;
	assert(kl_archive_read(&again, bytes, len, &wide, NULL) == KL_OK);
	kl_archive_hash(before, archive);
	kl_archive_hash(after, &again);
	assert(!strcmp(before, after));
	kl_archive_release(&again);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kl_error err = { .message = "" };
	struct kl_archive archive;
	size_t len = size - 1;
	char *packed = NULL;

	if (!size)
		return 0;
	if (data[0] & 1)
		packed = pack(&len, data + 1, size - 1);
	if (kl_archive_read(&archive, packed ? packed : (const char *)data + 1, len, &limits, &err)) {
		assert(err.message[0]);
	} else {
		for (size_t i = 0; i < archive.count; i++) {
			check_name(archive.files[i].name);
			assert(!i || strcmp(archive.files[i - 1].name, archive.files[i].name) < 0);
		}
		check_round_trip(&archive);
		kl_archive_release(&archive);
	}
	free(packed);
	return 0;
}
