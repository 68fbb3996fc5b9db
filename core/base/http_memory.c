/*
 * The allocator that libcurl is given. It builds requests in buffers that it grows and frees as it likes, with the keys
 * in them; so every block remembers its size and is wiped when it goes. Called from libcurl's resolver thread, too.
 */

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>

#include <kodelab/crypto.h>

#include "core/base/http_int.h"

union block {
	size_t size; /* of what follows */
	max_align_t align;
};

void *kl_wiped_alloc(size_t size)
{
	union block *block;

	if (size > SIZE_MAX - sizeof(*block) || !(block = malloc(sizeof(*block) + size))) {
		errno = ENOMEM;
		return NULL; /* libcurl has a way to fail */
	}
	block->size = size;
	return block + 1;
}

void *kl_wiped_calloc(size_t count, size_t size)
{
	void *ptr = size && count > SIZE_MAX / size ? NULL : kl_wiped_alloc(count * size);

	return ptr ? memset(ptr, 0, count * size) : NULL;
}

void kl_wiped_free(void *ptr)
{
	union block *block = ptr;

	if (!ptr)
		return;
	block--;
	kl_wipe(ptr, block->size);
	free(block);
}

void *kl_wiped_realloc(void *ptr, size_t size)
{
	const union block *block = ptr;
	void *larger = kl_wiped_alloc(size);

	if (!larger || !ptr)
		return larger;
	block--;
	memcpy(larger, ptr, block->size < size ? block->size : size);
	kl_wiped_free(ptr);
	return larger;
}

char *kl_wiped_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = kl_wiped_alloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}
