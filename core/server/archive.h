#ifndef CORE_SERVER_ARCHIVE_H
#define CORE_SERVER_ARCHIVE_H

/*
 * additional_files: a zip, unpacked in memory. Entries that lead outside, links, encrypted ones and what is over a bound
 * are left out; sizes are counted while unpacking, never believed.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/challenge.h>

struct archive {
	struct kl_file *files; /* names and texts owned */
	size_t count, capacity;
	size_t bytes;
};

struct archive_limits {
	size_t file_max; /* a larger one is cut there, and those after it are missing */
	size_t all_max; /* of all files together */
	size_t count_max;
};

/* false: it is no zip; out is empty then. */
bool archive_read(struct archive *out, const void *zip, size_t len, const struct archive_limits *limits);
void archive_release(struct archive *archive);

#endif
