#ifndef KODELAB_FILE_H
#define KODELAB_FILE_H

/* Whole files: read with a maximum, written so that a crash leaves the old or the new, never half. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

/* Appends the file to out; KL_EFULL when it is larger than out's room, KL_EINVAL when not a regular file. */
enum kl_status kl_file_read(struct kl_buf *out, const char *path, struct kl_error *err) KL_MUST_CHECK;

/*
 * Replaces path with the bytes: temporary file beside it, fsync, rename, fsync of the folder. A symbolic link is
 * followed (its target is replaced); mode: that of the old file, else mode. KL_EFULL: disk or quota full, old file intact.
 */
enum kl_status kl_file_write(const char *path, const void *bytes, size_t len, unsigned mode,
			     struct kl_error *err) KL_MUST_CHECK;

/* Removes a file or a whole folder without following links or leaving the file system; absent is fine. */
enum kl_status kl_file_remove_tree(const char *path, struct kl_error *err) KL_MUST_CHECK;

#endif
