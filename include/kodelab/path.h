#ifndef KODELAB_PATH_H
#define KODELAB_PATH_H

/*
 * Where things lie: the XDG base directories, and the read-only data that came with the program.
 * Spec: XDG Base Directory Specification 0.8 (a relative XDG_* value is ignored, as it says).
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

struct kl_paths {
	char *config; /* ~/.config/kodelab */
	char *data; /* ~/.local/share/kodelab: lab.db, packs/ */
	char *state; /* ~/.local/state/kodelab: journals, logs */
	char *cache; /* ~/.cache/kodelab */
	char *work; /* ~/kodelab, or KODELAB_WORK: the student's visible files */
	char *share; /* themes/, challenges/: KODELAB_SHARE, else beside the program (build tree), else PREFIX/share/kodelab */
	char *libexec; /* helper programs: KODELAB_LIBEXEC, else beside the program, else PREFIX/libexec/kodelab */
};

/* Fills paths (owned strings, absolute). KL_EINVAL: HOME is unset and there is no entry for the user. */
enum kl_status kl_paths_init(struct kl_paths *paths, struct kl_error *err) KL_MUST_CHECK;
void kl_paths_release(struct kl_paths *paths);

/* base + "/" + name, owned by the caller. */
char *kl_path_join(const char *base, const char *name);
/* The part after the last slash (a pointer into path). */
const char *kl_path_name(const char *path);
/* mkdir -p, mode 0700 for what is created. */
enum kl_status kl_path_make(const char *path, struct kl_error *err) KL_MUST_CHECK;
/* A folder that was made stays through a power cut: its name gets onto the disk. Some network file systems refuse; they keep it their way. */
void kl_path_sync_name(const char *folder);
bool kl_path_exists(const char *path);
/* True when path (or its nearest existing parent) lies on a file system without reliable locks and change
 * events: NFS, SMB, 9p, AFS, sshfs and other FUSE (statfs magic numbers, linux/magic.h). */
bool kl_path_is_network(const char *path);
/* The file system's name for people: "ext4", "NFS", …; "unknown (0x…)" into name. */
void kl_path_fs_name(const char *path, char *name, size_t size);

#endif
