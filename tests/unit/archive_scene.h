#ifndef TESTS_UNIT_ARCHIVE_SCENE_H
#define TESTS_UNIT_ARCHIVE_SCENE_H

/* Archives as nobody's tar would write them: each entry with whatever type, name and text the test wants. */

#include "tests/unit/scratch.h"

#include <zlib.h>

#include <kodelab/archive.h>
#include <kodelab/buf.h>

#include "core/challenge/archive_int.h"

static inline void tar_begin(struct kl_buf *tar)
{
	kl_buf_init(tar, (size_t)256 << 20);
}

static inline struct kl_tar_header tar_header(const char *name, char type, size_t size)
{
	struct kl_tar_header header = { .type = type };

	memcpy(header.name, name, strnlen(name, sizeof(header.name)));
	memcpy(header.magic, "ustar\00000", 8);
	kl_tar_put(header.size, sizeof(header.size) - 1, size);
	return header;
}

static inline void tar_put(struct kl_buf *tar, struct kl_tar_header *header, const void *text, size_t len)
{
	static const char zeros[KL_TAR_BLOCK];

	kl_tar_put(header->checksum, 6, kl_tar_checksum(header));
	kl_buf_add(tar, header, sizeof(*header));
	kl_buf_add(tar, text, len);
	kl_buf_add(tar, zeros, (KL_TAR_BLOCK - len % KL_TAR_BLOCK) % KL_TAR_BLOCK);
}

static inline void tar_add(struct kl_buf *tar, const char *name, char type, const char *text)
{
	struct kl_tar_header header = tar_header(name, type, strlen(text));

	tar_put(tar, &header, text, strlen(text));
}

static inline void tar_end(struct kl_buf *tar)
{
	static const char zeros[2 * KL_TAR_BLOCK];

	kl_buf_add(tar, zeros, sizeof(zeros));
}

/* Empties tar into out. */
static inline void tar_zip(struct kl_buf *out, struct kl_buf *tar)
{
	z_stream stream = { .next_in = (unsigned char *)tar->data, .avail_in = (unsigned)tar->len };
	char *room = kl_alloc(tar->len + (tar->len >> 3) + 1024);

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_out = (unsigned char *)room;
	stream.avail_out = (unsigned)(tar->len + (tar->len >> 3) + 1024);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	kl_buf_init(out, (size_t)256 << 20);
	kl_buf_add(out, room, stream.total_out);
	deflateEnd(&stream);
	free(room);
	kl_buf_release(tar);
}

#endif
