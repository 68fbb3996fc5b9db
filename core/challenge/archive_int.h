#ifndef CORE_CHALLENGE_ARCHIVE_INT_H
#define CORE_CHALLENGE_ARCHIVE_INT_H

/* Between the files that read and write archives. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/archive.h>
#include <kodelab/buf.h>

#define KL_TAR_BLOCK 512

/* POSIX 1003.1-2017, pax, "ustar Interchange Format"; all of it text. */
struct kl_tar_header {
	char name[100];
	char mode[8], uid[8], gid[8];
	char size[12], mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[8]; /* "ustar\0" "00", or GNU's "ustar  \0" */
	char user[32], group[32];
	char device_major[8], device_minor[8];
	char prefix[155];
	char unused[12];
};

/* Of the header's bytes with blanks for the checksum. */
unsigned kl_tar_checksum(const struct kl_tar_header *header);
/* The last digits of value, octal, without a NUL. */
void kl_tar_put(char *field, size_t digits, size_t value);

/*
 * Brings name into the form that files have here: no "./" in front, no slash behind. *hidden: a part begins with a dot.
 * KL_EINVAL says what is wrong with it.
 */
enum kl_status kl_archive_name(char **out, bool *hidden, const char *name, size_t len,
			       const struct kl_archive_limits *limits, struct kl_error *err) KL_MUST_CHECK;
/* KL_EINVAL: two names that are one somewhere. */
enum kl_status kl_archive_refuse_twins(const struct kl_archive *archive, struct kl_error *err) KL_MUST_CHECK;

#endif
