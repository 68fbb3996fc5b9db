/* From the commit to the work tree. What the student changed there and did not commit is never written over. */

#include "core/portfolio/git/git_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

struct change *change_add(struct change_list *list, char *path)
{
	struct change *change;

	KL_GROW(list->rows, list->count, list->capacity);
	change = &list->rows[list->count++];
	*change = (struct change){ .path = path };
	kl_buf_init(&change->text, TEXT_MAX);
	return change;
}

void change_release(struct change_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->rows[i].path);
		kl_buf_release(&list->rows[i].text);
	}
	free(list->rows);
	*list = (struct change_list){ .rows = NULL };
}

/* --- looking ---------------------------------------------------------------------------------------------------- */

enum file_state file_state(const struct repo *repo, const char *path, const git_oid *before, const git_oid *want)
{
	char *full = kl_path_join(repo->path, path);
	enum file_state state = FILE_CHANGED;
	struct stat st;
	git_oid now;

	if (lstat(full, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
		state = FILE_ABSENT;
	else if (S_ISREG(st.st_mode) && st.st_size <= (off_t)TEXT_MAX &&
		 git_odb_hashfile(&now, full, GIT_OBJECT_BLOB) == 0) {
		if (git_oid_equal(&now, want))
			state = FILE_AS_WANTED;
		else if (before && git_oid_equal(&now, before))
			state = FILE_AS_BEFORE;
	}
	free(full);
	return state;
}

/* Every folder above path is a folder, and none is a link: we write nowhere but inside the portfolio. */
static enum kl_status check_way(const struct repo *repo, const char *path, bool make, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	char *full = kl_path_join(repo->path, path);
	struct stat st;

	for (char *slash = full + strlen(repo->path) + 1; !status && (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (lstat(full, &st) == 0 && !S_ISDIR(st.st_mode))
			status = kl_fail(err, KL_ECONFLICT,
					 "'%s' is in the way: the portfolio needs a folder of that name", full);
		else if (make && mkdir(full, 0777) < 0 && errno != EEXIST)
			status = kl_fail_errno(err, KL_EIO, errno, "cannot make the folder '%s'", full);
		*slash = '/';
	}
	if (!status && lstat(full, &st) == 0 && S_ISDIR(st.st_mode))
		status = kl_fail(err, KL_ECONFLICT,
				 "the folder '%s' is in the way: the portfolio needs a file of that name", full);
	free(full);
	return status;
}

enum kl_status change_check(const struct repo *repo, const struct change_list *list, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	for (size_t i = 0; !status && i < list->count; i++)
		status = check_way(repo, list->rows[i].path, false, err);
	return status;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

/* Written in our own folder first: a death leaves no half file among the student's. */
enum kl_status file_place(const struct repo *repo, const char *path, const char *bytes, size_t len,
			  struct kl_error *err)
{
	char *fresh = kl_path_join(repo->notes, "tmp/new"), *full = kl_path_join(repo->path, path);
	enum kl_status status = check_way(repo, path, true, err);

	if (!status)
		status = kl_file_write(fresh, bytes, len, 0666, err);
	if (!status && (chmod(fresh, 0644) < 0 || rename(fresh, full) < 0))
		status = kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", full);
	free(fresh);
	free(full);
	return status;
}

/* Without the change time: git then looks into the file once more, and enters it itself. */
static void stamp_entry(git_index_entry *entry, const struct stat *st)
{
	entry->mtime.seconds = (int32_t)st->st_mtim.tv_sec;
	entry->mtime.nanoseconds = (uint32_t)st->st_mtim.tv_nsec;
	entry->dev = (uint32_t)st->st_dev;
	entry->ino = (uint32_t)st->st_ino;
	entry->uid = st->st_uid;
	entry->gid = st->st_gid;
	entry->file_size = (uint32_t)st->st_size;
}

enum kl_status index_enter(git_index *index, const struct repo *repo, const char *path, const git_oid *id, bool clean,
			   struct kl_error *err)
{
	git_index_entry entry = { .mode = GIT_FILEMODE_BLOB, .id = *id, .path = path };
	char *full = kl_path_join(repo->path, path);
	struct stat st;

	if (clean && lstat(full, &st) == 0)
		stamp_entry(&entry, &st);
	free(full);
	return git_index_add(index, &entry) < 0 ? fail_git(err, KL_EIO, "cannot enter a file into git's index") : KL_OK;
}

/* --- what the student changed ----------------------------------------------------------------------------------- */

/* The student's file goes to <file>.yours-<time>, a name that is free. */
static enum kl_status keep_copy(const struct repo *repo, const char *path, struct kl_buf *text, struct kl_error *err)
{
	char *full = kl_path_join(repo->path, path), *kept = NULL, stamp[32];
	struct tm tm;
	time_t now = time(NULL);
	enum kl_status status = KL_OK;
	struct stat st;

	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	for (int i = 1; i < 1000; i++) {
		free(kept);
		kept = i == 1 ? kl_format("%s.yours-%s", full, stamp) : kl_format("%s.yours-%s-%d", full, stamp, i);
		if (lstat(kept, &st) < 0)
			break;
	}
	if (rename(full, kept) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot keep your changes to '%s'", full);
	else
		kl_buf_addf(text, "your changes to %s are kept as %s\n", path, kl_path_name(kept));
	free(kept);
	free(full);
	return status;
}

static bool same_bytes(const char *left, size_t left_len, const char *right, size_t right_len)
{
	return left_len == right_len && !memcmp(left, right, left_len);
}

/* True when the part that is ours was left alone in theirs: it is as in before, or there is none. */
static bool section_untouched(const char *theirs, const char *before)
{
	size_t their_len = 0, old_len = 0;
	const char *their = readme_find(theirs, &their_len), *old = readme_find(before, &old_len);

	return !their || (old && same_bytes(their, their_len, old, old_len));
}

/* The student's own words around our section stay, uncommitted, where they are. */
static enum kl_status place_section(const struct repo *repo, const struct change *change, struct kl_buf *text,
				    struct kl_error *err)
{
	struct kl_buf theirs, before, merged;
	char *full = kl_path_join(repo->path, change->path);
	size_t len = 0;
	const char *found = readme_find(change->text.data, &len);
	char *section = kl_strndup(found ? found : "", len);
	enum kl_status status;

	kl_buf_init(&theirs, TEXT_MAX);
	kl_buf_init(&before, TEXT_MAX);
	kl_buf_init(&merged, TEXT_MAX);
	status = kl_file_read(&theirs, full, err);
	if (!status && change->had_old)
		status = repo_text(&before, repo, &change->old_id, err);
	if (!status && !section_untouched(theirs.data, before.data))
		status = keep_copy(repo, change->path, text, err);
	readme_section(&merged, theirs.data, section);
	if (!status)
		status = file_place(repo, change->path, merged.data, merged.len, err);
	kl_buf_release(&theirs);
	kl_buf_release(&before);
	kl_buf_release(&merged);
	free(section);
	free(full);
	return status;
}

static bool is_regular(const struct repo *repo, const char *path)
{
	char *full = kl_path_join(repo->path, path);
	struct stat st;
	bool regular = lstat(full, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < (off_t)TEXT_MAX;

	free(full);
	return regular;
}

static enum kl_status apply_one(bool *clean, const struct repo *repo, const struct change *change, struct kl_buf *text,
				struct kl_error *err)
{
	const git_oid *before = change->had_old ? &change->old_id : NULL;
	enum kl_status status = KL_OK;

	*clean = true;
	switch (file_state(repo, change->path, before, &change->id)) {
	case FILE_AS_WANTED:
		return KL_OK;
	case FILE_CHANGED:
		if (change->section && is_regular(repo, change->path)) {
			*clean = false;
			return place_section(repo, change, text, err);
		}
		status = keep_copy(repo, change->path, text, err);
		break;
	case FILE_ABSENT:
	case FILE_AS_BEFORE:
		break;
	}
	return status ? status : file_place(repo, change->path, change->text.data, change->text.len, err);
}

enum kl_status change_apply(const struct repo *repo, const struct change_list *list, struct kl_buf *text,
			    struct kl_error *err)
{
	enum kl_status status = KL_OK;
	git_index *index = NULL;
	bool clean;

	if (git_repository_index(&index, repo->git) < 0)
		return fail_git(err, KL_EIO, "cannot read git's index");
	for (size_t i = 0; !status && i < list->count; i++) {
		status = apply_one(&clean, repo, &list->rows[i], text, err);
		if (!status)
			status = index_enter(index, repo, list->rows[i].path, &list->rows[i].id, clean, err);
	}
	if (!status && git_index_write(index) < 0)
		status = fail_git(err, KL_EBUSY, "cannot write git's index");
	git_index_free(index);
	return status;
}
