/*
 * What the work tree is still owed. Before the branch moves, the files of the commit and what they were before are
 * written down; when all lie in place the note goes. A note that is found belongs to a job that died: a file that still is as it was
 * before gets what the branch now says, one the student has changed since is left alone.
 */

#include "core/portfolio/git/git_int.h"

#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#define STALE_SECONDS 60 /* longer than the deadline of any job that writes */

static char *note_path(const struct repo *repo)
{
	return kl_path_join(repo->notes, "pending");
}

static cJSON *note_of(const struct change_list *list)
{
	cJSON *note = cJSON_CreateArray();
	char hex[GIT_OID_HEXSZ + 1];

	for (size_t i = 0; i < list->count; i++) {
		cJSON *file = cJSON_CreateObject();

		cJSON_AddStringToObject(file, "path", list->rows[i].path);
		if (list->rows[i].had_old)
			cJSON_AddStringToObject(file, "before", git_oid_tostr(hex, sizeof(hex), &list->rows[i].old_id));
		cJSON_AddItemToArray(note, file);
	}
	return note;
}

enum kl_status pending_write(const struct repo *repo, const struct change_list *list, struct kl_error *err)
{
	cJSON *note = note_of(list);
	char *text = cJSON_PrintUnformatted(note), *path = note_path(repo);
	enum kl_status status = kl_file_write(path, text, strlen(text), 0600, err);

	cJSON_free(text);
	cJSON_Delete(note);
	free(path);
	return status;
}

void pending_done(const struct repo *repo)
{
	char *path = note_path(repo);

	unlink(path);
	free(path);
}

/* --- mending ---------------------------------------------------------------------------------------------------- */

/* A lock file of git that the dead job left: made while it was writing. Git's own, of another time, are let be. */
static void remove_stale_lock(const char *path, const struct stat *note)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtim.tv_sec >= note->st_mtim.tv_sec &&
	    st.st_mtim.tv_sec <= note->st_mtim.tv_sec + STALE_SECONDS)
		unlink(path);
}

static void remove_stale_locks(const struct repo *repo, const struct stat *note)
{
	const char *folder = git_repository_path(repo->git);
	char *index = kl_path_join(folder, "index.lock"), *head = kl_path_join(folder, "HEAD.lock");
	char *branch = kl_format("%s%s.lock", folder, repo->branch);

	remove_stale_lock(index, note);
	remove_stale_lock(head, note);
	remove_stale_lock(branch, note);
	free(index);
	free(head);
	free(branch);
}

static enum kl_status mend_file(git_index *index, const struct repo *repo, const cJSON *file, struct kl_error *err)
{
	const char *path = text_of(file, "path");
	git_oid want, before;
	bool had_old = git_oid_fromstr(&before, text_of(file, "before")) == 0;
	enum file_state state;
	struct kl_buf text;
	enum kl_status status = KL_OK;

	if (!*path || !repo_blob(&want, repo, path))
		return KL_OK;
	state = file_state(repo, path, had_old ? &before : NULL, &want);
	if (state == FILE_CHANGED)
		return index_enter(index, repo, path, &want, false, err);
	kl_buf_init(&text, TEXT_MAX);
	if (state != FILE_AS_WANTED)
		status = repo_text(&text, repo, &want, err);
	if (!status && state != FILE_AS_WANTED)
		status = file_place(repo, path, text.data, text.len, err);
	kl_buf_release(&text);
	return status ? status : index_enter(index, repo, path, &want, true, err);
}

static enum kl_status mend_all(const struct repo *repo, const cJSON *note, struct kl_error *err)
{
	git_index *index = NULL;
	enum kl_status status = KL_OK;
	const cJSON *file;

	if (git_repository_index(&index, repo->git) < 0)
		return fail_git(err, KL_EIO, "cannot read git's index");
	for (file = first_of(note); file && !status; file = file->next)
		status = mend_file(index, repo, file, err);
	if (!status && git_index_write(index) < 0)
		status = fail_git(err, KL_EBUSY, "cannot write git's index");
	git_index_free(index);
	return status;
}

static void remove_halves(const struct repo *repo)
{
	char *folder = kl_path_join(repo->notes, "tmp");

	if (kl_file_remove_tree(folder, NULL) == KL_OK)
		mkdir(folder, 0700);
	free(folder);
}

enum kl_status pending_mend(const struct repo *repo, struct kl_error *err)
{
	char *path = note_path(repo);
	struct kl_json *doc = NULL;
	enum kl_status status = KL_OK;
	struct stat st;

	if (stat(path, &st) == 0) {
		remove_stale_locks(repo, &st);
		remove_halves(repo);
		if (kl_json_read(&doc, path, TEXT_MAX, NULL) == KL_OK)
			status = mend_all(repo, kl_json_root(doc), err);
		kl_json_free(doc);
		if (!status)
			pending_done(repo);
	}
	free(path);
	return status;
}
