/* Taking up the student's files after a damaged database: <work>/<pack>/<slug>/<source>. */

#include "core/store/store_int.h"

#include <dirent.h>
#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/language.h>
#include <kodelab/path.h>

#define SOURCE_MAX ((size_t)1 << 20) /* bytes; nobody writes more by hand */

struct rebuild {
	struct kl_store *store;
	size_t count;
	const char *pack, *slug; /* of the folder being walked */
};

typedef enum kl_status entry_fn(struct rebuild *rebuild, const char *path, const char *name, struct kl_error *err);

/* Calls fn for each entry of type S_IFDIR or S_IFREG; links and hidden names are not ours. What cannot be read is skipped. */
static enum kl_status walk(struct rebuild *rebuild, const char *folder, mode_t type, entry_fn *fn, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	struct dirent **names = NULL;
	int count = scandir(folder, &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char *path = kl_path_join(folder, names[i]->d_name);
		struct stat st;

		if (!status && names[i]->d_name[0] != '.' && lstat(path, &st) == 0 && (st.st_mode & S_IFMT) == type)
			status = fn(rebuild, path, names[i]->d_name, err);
		free(path);
		free(names[i]);
	}
	free(names);
	return status;
}

static enum kl_status take_source(struct rebuild *rebuild, const char *path, const char *name, struct kl_error *err)
{
	const struct kl_language *language = kl_language_of_file(name);
	enum kl_status status = KL_OK;
	struct kl_buf text;

	kl_buf_init(&text, SOURCE_MAX);
	if (language && kl_file_read(&text, path, NULL) == KL_OK) {
		status = kl_store_draft_put(rebuild->store, rebuild->pack, rebuild->slug, language->id, text.data,
					    text.len, 0, err);
		if (!status)
			status = kl_store_opened(rebuild->store, rebuild->pack, rebuild->slug, language->id, err);
		if (!status)
			rebuild->count++;
	}
	kl_buf_release(&text);
	return status;
}

static enum kl_status take_challenge(struct rebuild *rebuild, const char *path, const char *name, struct kl_error *err)
{
	rebuild->slug = name;
	return walk(rebuild, path, S_IFREG, take_source, err);
}

static enum kl_status take_pack(struct rebuild *rebuild, const char *path, const char *name, struct kl_error *err)
{
	rebuild->pack = name;
	return walk(rebuild, path, S_IFDIR, take_challenge, err);
}

enum kl_status kl_store_rebuild(size_t *count, struct kl_store *store, const char *work_dir, struct kl_error *err)
{
	struct rebuild rebuild = { .store = store };
	enum kl_status status = walk(&rebuild, work_dir, S_IFDIR, take_pack, err);

	if (!status)
		*count = rebuild.count;
	return status;
}
