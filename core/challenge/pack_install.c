/*
 * An archive becomes a pack's folder. It is made beside the old one under a hidden name, which no reader of packs looks at, and the
 * two change places by one rename. Where the file system cannot exchange two folders (NFS), the old one steps
 * aside first: a crash between the two renames is mended by the next install.
 */

#include <kodelab/pack.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

struct install {
	char *target; /* packs_dir/<id> */
	char *fresh, *aside; /* hidden, beside it */
	int lock; /* of packs_dir; -1: none */
	struct kl_error *err;
};

static enum kl_status take_lock(struct install *install, const char *packs_dir)
{
	char *path = kl_path_join(packs_dir, ".lock");

	install->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	free(path);
	if (install->lock < 0)
		return kl_fail_errno(install->err, KL_EIO, errno, "cannot write into '%s'", packs_dir);
	if (flock(install->lock, LOCK_EX | LOCK_NB) == 0 ||
	    errno != EWOULDBLOCK) /* no lock is to be had there: without */
		return KL_OK;
	close(install->lock);
	install->lock = -1; /* what is half made is the other one's */
	return kl_fail(install->err, KL_EBUSY, "another lab is installing packs: try again when it is done");
}

/* What a killed install left. */
static enum kl_status mend(const struct install *install)
{
	enum kl_status status = kl_file_remove_tree(install->fresh, install->err);

	if (status)
		return status;
	if (kl_path_exists(install->target))
		return kl_file_remove_tree(install->aside, install->err);
	if (rename(install->aside, install->target) < 0 && errno != ENOENT)
		return kl_fail_errno(install->err, KL_EIO, errno, "cannot write '%s'", install->target);
	return KL_OK;
}

static enum kl_status begin(struct install *install, const char *packs_dir, const char *id, struct kl_error *err)
{
	enum kl_status status;

	*install = (struct install){ .lock = -1, .err = err };
	if (!kl_slug_valid(id))
		return kl_fail(err, KL_EINVAL, "'%.80s' cannot be the id of a pack", id);
	if ((status = kl_path_make(packs_dir, err)))
		return status;
	install->target = kl_path_join(packs_dir, id);
	install->fresh = kl_format("%s/.new-%s", packs_dir, id);
	install->aside = kl_format("%s/.old-%s", packs_dir, id);
	if ((status = take_lock(install, packs_dir)))
		return status;
	return mend(install);
}

static void end(struct install *install)
{
	if (install->lock >= 0)
		close(install->lock);
	free(install->target);
	free(install->fresh);
	free(install->aside);
}

/* --- looking through it ------------------------------------------------------------------------------------------- */

static enum kl_status try_challenges(const struct install *install, const struct kl_pack *pack)
{
	enum kl_status status = KL_OK;

	for (size_t i = 0; i < pack->challenge_count && !status; i++) {
		char *dir = kl_path_join(install->fresh, pack->challenges[i]);
		struct kl_challenge *challenge = NULL;

		status = kl_challenge_read(&challenge, pack->id, dir, (int)i + 1, install->err);
		if (status && install->err)
			kl_error_prefix(install->err, "%s", pack->challenges[i]);
		kl_challenge_free(challenge);
		free(dir);
	}
	return status;
}

static enum kl_status try_pack(const struct install *install, const struct kl_pack_wanted *wanted)
{
	struct kl_pack *pack = NULL;
	enum kl_status status = kl_pack_read(&pack, install->fresh, install->err);

	if (status)
		return status;
	if (strcmp(pack->id, wanted->id) != 0)
		status = kl_fail(install->err, KL_EINVAL, "the archive holds the pack '%s', not '%s'", pack->id,
				 wanted->id);
	else
		status = try_challenges(install, pack);
	kl_pack_free(pack);
	return status;
}

/* --- the change --------------------------------------------------------------------------------------------------- */

static enum kl_status step_aside(const struct install *install)
{
	if (rename(install->target, install->aside) < 0)
		return kl_fail_errno(install->err, KL_EIO, errno, "cannot replace '%s'", install->target);
	if (rename(install->fresh, install->target) == 0)
		return KL_OK;
	kl_fail_errno(install->err, KL_EIO, errno, "cannot replace '%s'", install->target);
	rename(install->aside, install->target);
	return KL_EIO;
}

static enum kl_status change_places(const struct install *install)
{
	if (!kl_path_exists(install->target)) {
		if (rename(install->fresh, install->target) == 0)
			return KL_OK;
		return kl_fail_errno(install->err, KL_EIO, errno, "cannot write '%s'", install->target);
	}
	if (renameat2(AT_FDCWD, install->fresh, AT_FDCWD, install->target, RENAME_EXCHANGE) == 0)
		return KL_OK;
	if (errno == EINVAL || errno == ENOSYS)
		return step_aside(install);
	return kl_fail_errno(install->err, KL_EIO, errno, "cannot replace '%s'", install->target);
}

static enum kl_status unpack(const struct install *install, const struct kl_pack_wanted *wanted, const void *bytes,
			     size_t len)
{
	struct kl_archive archive = { .files = NULL };
	char hash[KL_SHA256_SIZE];
	enum kl_status status = kl_archive_read(&archive, bytes, len, &kl_pack_archive_limits, install->err);

	if (status)
		return status;
	kl_archive_lift(&archive, "pack.json");
	kl_archive_hash(hash, &archive);
	if (wanted->hash && strcmp(wanted->hash, hash) != 0)
		status = kl_fail(install->err, KL_ECORRUPT,
				 "the pack '%s' is not what the server announced: get it again", wanted->id);
	else
		status = kl_archive_unpack(&archive, install->fresh, true, install->err);
	kl_archive_release(&archive);
	return status;
}

enum kl_status kl_pack_install(const char *packs_dir, const struct kl_pack_wanted *wanted, const void *bytes,
			       size_t len, struct kl_error *err)
{
	struct install install;
	enum kl_status status = begin(&install, packs_dir, wanted->id, err);

	if (!status && !(status = unpack(&install, wanted, bytes, len)) && !(status = try_pack(&install, wanted)))
		status = change_places(&install);
	if (install.lock >= 0) {
		/* The new one after a failure, the old one after a change: nobody reads them any more. */
		if (kl_file_remove_tree(install.fresh, NULL) == KL_OK)
			(void)!kl_file_remove_tree(install.aside, NULL);
	}
	end(&install);
	return status;
}

enum kl_status kl_pack_uninstall(const char *packs_dir, const char *id, struct kl_error *err)
{
	struct install install;
	enum kl_status status = begin(&install, packs_dir, id, err);

	/* Out of sight in one step, then gone. */
	if (!status && rename(install.target, install.aside) < 0 && errno != ENOENT)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot remove '%s'", install.target);
	if (!status)
		status = kl_file_remove_tree(install.aside, err);
	end(&install);
	return status;
}
