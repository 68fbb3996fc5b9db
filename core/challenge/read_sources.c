/* starter/ and solution/: one file a language, named by it. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"

struct source_folder {
	int fd;
	const char *name; /* "starter" */
	struct kl_source *sources;
	size_t count, capacity;
	struct kl_error *err;
};

/* "python.py" → 6; 0: not such a name. */
static size_t language_length(const char *file)
{
	size_t len = strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789+#_-");

	return len <= 40 && file[len] == '.' && file[len + 1] && kl_file_name_valid(file + len + 1) ? len : 0;
}

static enum kl_status add(struct source_folder *folder, const char *file)
{
	struct kl_source source = { .language = NULL };
	size_t len = language_length(file);
	enum kl_status status;
	char *shown;

	if (!len)
		return kl_fail(folder->err, KL_EINVAL, "%s/%s: expected a name like 'python.py' (language and suffix)",
			       folder->name, file);
	if (folder->count == KL_SOURCES_MAX)
		return kl_fail(folder->err, KL_EMANY, "%s: over %d files", folder->name, KL_SOURCES_MAX);
	shown = kl_format("%s/%s", folder->name, file);
	status = kl_folder_read_text(&source.text, &source.len, folder->fd, file, shown, folder->err);
	free(shown);
	if (status)
		return status;
	source.language = kl_strndup(file, len);
	KL_GROW(folder->sources, folder->count, folder->capacity);
	folder->sources[folder->count++] = source;
	return KL_OK;
}

static int by_language(const void *left, const void *right)
{
	return strcmp(((const struct kl_source *)left)->language, ((const struct kl_source *)right)->language);
}

static enum kl_status sort_and_refuse_twins(struct source_folder *folder)
{
	if (folder->count)
		qsort(folder->sources, folder->count, sizeof(*folder->sources), by_language);
	for (size_t i = 1; i < folder->count; i++)
		if (!by_language(&folder->sources[i - 1], &folder->sources[i]))
			return kl_fail(folder->err, KL_EINVAL, "%s: two files for the language '%s'", folder->name,
				       folder->sources[i].language);
	return KL_OK;
}

/* Takes fd over. */
static enum kl_status read_entries(struct source_folder *folder)
{
	DIR *dir = fdopendir(folder->fd);
	enum kl_status status = KL_OK;
	const struct dirent *entry;

	if (!dir) {
		close(folder->fd);
		return kl_fail_errno(folder->err, KL_EIO, errno, "cannot read the folder '%s'", folder->name);
	}
	while (!status && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			status = add(folder, entry->d_name);
	closedir(dir);
	return status ? status : sort_and_refuse_twins(folder);
}

enum kl_status kl_challenge_read_sources(struct kl_source **out, size_t *count, int folder, const char *name,
					 struct kl_error *err)
{
	struct source_folder inner = { .name = name, .err = err };
	enum kl_status status;
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return KL_OK;
	if ((status = kl_folder_open(&inner.fd, folder, name, err)))
		return status;
	status = read_entries(&inner);
	if (status) {
		kl_sources_free(inner.sources, inner.count);
		return status;
	}
	*out = inner.sources;
	*count = inner.count;
	return KL_OK;
}

void kl_sources_free(struct kl_source *sources, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(sources[i].language);
		free(sources[i].text);
	}
	free(sources);
}
