/* The repository: made whole or not at all, opened by one job at a time, refused when the student is in the middle of something. */

#include "core/portfolio/git/git_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#define LOCK_WAIT_MS 10000
#define NAP_NS       10000000

enum kl_status fail_git(struct kl_error *err, enum kl_status status, const char *sentence)
{
	const git_error *error = git_error_last();

	if (errno == ENOSPC || errno == EDQUOT)
		status = KL_EFULL;
	return kl_fail(err, status, "%s: %s", sentence,
		       error && error->message ? error->message : "libgit2 does not say why");
}

/* --- making one ------------------------------------------------------------------------------------------------- */

/* Made aside and moved in by one rename: a death leaves a repository or none. */
static enum kl_status make_repository(const char *path, struct kl_error *err)
{
	git_repository_init_options options;
	char *aside = kl_path_join(path, ".kodelab-new"), *made = kl_path_join(aside, ".git");
	char *final = kl_path_join(path, ".git");
	git_repository *git = NULL;
	enum kl_status status;

	git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	options.flags = GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
	options.initial_head = "main";
	if ((status = kl_path_make(path, err)) || (status = kl_file_remove_tree(aside, err)))
		goto out;
	if (git_repository_init_ext(&git, aside, &options) < 0)
		status = fail_git(err, KL_EIO, "cannot make the portfolio");
	else if (rename(made, final) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot make the portfolio '%s'", path);
	git_repository_free(git);
	if (kl_file_remove_tree(aside, NULL))
		errno = 0; /* nothing hangs on it: the next one to be made removes it */
out:
	free(aside);
	free(made);
	free(final);
	return status;
}

static enum kl_status open_or_make(struct repo *repo, bool make, struct kl_error *err)
{
	unsigned flags = GIT_REPOSITORY_OPEN_NO_SEARCH;
	int code = git_repository_open_ext(&repo->git, repo->path, flags, NULL);
	enum kl_status status;

	if (code == GIT_ENOTFOUND && make) {
		status = make_repository(repo->path, err);
		if (status)
			return status;
		code = git_repository_open_ext(&repo->git, repo->path, flags, NULL);
	}
	if (code == GIT_ENOTFOUND)
		return kl_fail(err, KL_ENOENT,
			       "there is no portfolio at '%s' yet: it begins with the first challenge you pass",
			       repo->path);
	if (code == GIT_EOWNER)
		return kl_fail(
			err, KL_EDENIED,
			"the portfolio at '%s' belongs to somebody else: choose another folder as portfolio.path",
			repo->path);
	return code < 0 ? fail_git(err, KL_EIO, "cannot open the portfolio") : KL_OK;
}

/* --- one job at a time ------------------------------------------------------------------------------------------ */

static enum kl_status lock(struct repo *repo, struct kl_error *err)
{
	int64_t end_ms = kl_clock_mono_ms() + LOCK_WAIT_MS;
	struct timespec nap = { .tv_nsec = NAP_NS };
	enum kl_status status;
	char *path;

	path = kl_path_join(repo->notes, "tmp");
	status = kl_path_make(path, err);
	free(path);
	if (status)
		return status;
	path = kl_path_join(repo->notes, "lock");
	repo->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(path);
	if (repo->lock_fd < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot write to the portfolio '%s'", repo->path);
	while (flock(repo->lock_fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		if (kl_clock_mono_ms() > end_ms)
			return kl_fail(err, KL_EBUSY, "another lab is working on the portfolio '%s': try again",
				       repo->path);
		nanosleep(&nap, NULL);
	}
	errno = 0;
	return KL_OK;
}

/* --- where it stands -------------------------------------------------------------------------------------------- */

static enum kl_status refuse_unready(const struct repo *repo, struct kl_error *err)
{
	if (git_repository_is_bare(repo->git))
		return kl_fail(err, KL_EINVAL,
			       "the portfolio '%s' is a bare repository: choose one with files as portfolio.path",
			       repo->path);
	if (git_repository_state(repo->git) != GIT_REPOSITORY_STATE_NONE)
		return kl_fail(err, KL_ECONFLICT,
			       "a merge or rebase is under way in '%s': finish it with git, then try again",
			       repo->path);
	if (git_repository_head_detached(repo->git) == 1)
		return kl_fail(err, KL_ECONFLICT,
			       "the portfolio '%s' is on no branch: run git switch main there, then try again",
			       repo->path);
	return KL_OK;
}

static enum kl_status find_branch(struct repo *repo, struct kl_error *err)
{
	git_reference *head = NULL;
	enum kl_status status = KL_OK;

	if (git_reference_lookup(&head, repo->git, "HEAD") < 0)
		return fail_git(err, KL_ECORRUPT, "the portfolio has no HEAD");
	if (git_reference_type(head) == GIT_REFERENCE_SYMBOLIC)
		repo->branch = kl_strdup(git_reference_symbolic_target(head));
	else
		status = kl_fail(err, KL_ECONFLICT, "the portfolio '%s' is on no branch", repo->path);
	git_reference_free(head);
	return status;
}

static enum kl_status find_head(struct repo *repo, struct kl_error *err)
{
	git_oid id;
	int code;
	enum kl_status status = refuse_unready(repo, err);

	if (!status)
		status = find_branch(repo, err);
	if (status)
		return status;
	code = git_reference_name_to_id(&id, repo->git, repo->branch);
	if (code == GIT_ENOTFOUND)
		return KL_OK; /* nothing was committed yet */
	if (code < 0 || git_commit_lookup(&repo->head, repo->git, &id) < 0 ||
	    git_commit_tree(&repo->tree, repo->head) < 0)
		return fail_git(err, KL_ECORRUPT, "cannot read the portfolio's newest commit");
	return KL_OK;
}

enum kl_status repo_open(struct repo *repo, const struct kl_json *job, bool make, struct kl_error *err)
{
	const char *path = NULL;
	enum kl_status status;

	*repo = (struct repo){ .lock_fd = -1 };
	status = kl_json_get_string(&path, job, kl_json_root(job), "path", KL_JSON_REQUIRED, err);
	if (status)
		return status;
	if (path[0] != '/')
		return kl_fail(err, KL_EINVAL, "portfolio.path must begin with '/'");
	repo->path =
		kl_strndup(path, strlen(path) > 1 && path[strlen(path) - 1] == '/' ? strlen(path) - 1 : strlen(path));
	status = open_or_make(repo, make, err);
	if (!status) {
		repo->notes = kl_path_join(git_repository_path(repo->git), "kodelab");
		status = lock(repo, err);
	}
	if (!status)
		status = find_head(repo, err);
	if (!status)
		status = pending_mend(repo, err);
	if (status)
		repo_close(repo);
	return status;
}

void repo_close(struct repo *repo)
{
	git_tree_free(repo->tree);
	git_commit_free(repo->head);
	git_repository_free(repo->git);
	if (repo->lock_fd >= 0)
		close(repo->lock_fd);
	free(repo->branch);
	free(repo->notes);
	free(repo->path);
	*repo = (struct repo){ .lock_fd = -1 };
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

bool repo_blob(git_oid *id, const struct repo *repo, const char *path)
{
	git_tree_entry *entry = NULL;
	bool found = repo->tree && git_tree_entry_bypath(&entry, repo->tree, path) == 0 &&
		     git_tree_entry_type(entry) == GIT_OBJECT_BLOB;

	if (found)
		git_oid_cpy(id, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	return found;
}

enum kl_status repo_text(struct kl_buf *out, const struct repo *repo, const git_oid *id, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	git_blob *blob;

	if (git_blob_lookup(&blob, repo->git, id) < 0)
		return fail_git(err, KL_ECORRUPT, "cannot read a file of the portfolio");
	if (!kl_buf_add(out, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob)))
		status = kl_fail(err, KL_EFULL, "a file of the portfolio is larger than %zu MiB", out->max >> 20);
	git_blob_free(blob);
	return status;
}
