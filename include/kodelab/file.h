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

/*
 * The same for bytes that come in pieces. begin gives *out (ended by exactly one of commit and abandon, which free it);
 * nothing of the old file changes before commit has succeeded.
 */
struct kl_file_writer;

enum kl_status kl_file_begin(struct kl_file_writer **out, const char *path, unsigned mode,
			     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_file_add(struct kl_file_writer *writer, const void *bytes, size_t len,
			   struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_file_commit(struct kl_file_writer *writer, struct kl_error *err) KL_MUST_CHECK;
void kl_file_abandon(struct kl_file_writer *writer);

/* Removes a file or a whole folder without following links or leaving the file system; absent is fine. */
enum kl_status kl_file_remove_tree(const char *path, struct kl_error *err) KL_MUST_CHECK;

#endif
