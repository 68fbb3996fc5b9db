#ifndef KODELAB_ARCHIVE_H
#define KODELAB_ARCHIVE_H

/*
 * Files in one piece: a .tar.gz, mostly of strangers. It is read in memory and under bounds, whole or not at all, before
 * anything of it reaches a disk, and nothing in it is ever run. What is written is canonical: the same files always give
 * the same bytes.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/challenge.h>
#include <kodelab/crypto.h>
#include <kodelab/error.h>

struct kl_archive {
	struct kl_file *files; /* owned, in the order of their names; a text may hold NULs and has one behind it */
	size_t count, capacity;
};

struct kl_archive_limits {
	size_t packed_max; /* bytes of the .tar.gz */
	size_t total_max; /* bytes that come out of it, headers of the tar included */
	size_t ratio_max; /* unpacked bytes for each packed one, from the first MiB on */
	size_t count_max; /* entries, those that are left out included */
	size_t depth_max; /* parts of a name */
};

/* For packs: what a class writes in years, and less than a small machine's memory. */
extern const struct kl_archive_limits kl_pack_archive_limits;

#define KL_ARCHIVE_NAME_MAX 200 /* bytes of a name */
#define KL_ARCHIVE_PART_MAX 100 /* bytes between two slashes */

/*
 * Reads one gzip member that holds one tar (ustar, pax or GNU) of files and folders, and nothing behind either. Refused
 * as a whole: links, devices, pipes, sparse files; names that are absolute, hold "..", control characters or what is no
 * UTF-8; a name twice, or two that a file system without case, or one that composes accents, would take for one.
 * Hidden files (".git/…") are left out.
 * KL_EINVAL: it is refused · KL_ECORRUPT: it is damaged or cut off · KL_EMANY: over a limit.
 */
enum kl_status kl_archive_read(struct kl_archive *out, const void *bytes, size_t len,
			       const struct kl_archive_limits *limits, struct kl_error *err) KL_MUST_CHECK;
void kl_archive_release(struct kl_archive *archive);

/* Adds a file; name and text are copied. Call kl_archive_sort when all are there. */
void kl_archive_add(struct kl_archive *archive, const char *name, const char *text, size_t len);
void kl_archive_sort(struct kl_archive *archive);
/* NULL: there is no such file. */
const struct kl_file *kl_archive_find(const struct kl_archive *archive, const char *name);
/* When all files lie in one folder and none is named name there: takes that folder away. */
void kl_archive_lift(struct kl_archive *archive, const char *name);

/* The .tar.gz. *bytes is owned by the caller. KL_EINVAL: a name is too long for a tar. */
enum kl_status kl_archive_write(char **bytes, size_t *len, const struct kl_archive *archive,
				struct kl_error *err) KL_MUST_CHECK;
/* SHA-256 of names and contents, however they were packed. */
void kl_archive_hash(char hex[KL_SHA256_SIZE], const struct kl_archive *archive);

/*
 * Makes the folder dir, which must not be there, and all files in it. durable: they are on the disk when it returns, which
 * may take seconds where others write much.
 */
enum kl_status kl_archive_unpack(const struct kl_archive *archive, const char *dir, bool durable,
				 struct kl_error *err) KL_MUST_CHECK;

#endif
