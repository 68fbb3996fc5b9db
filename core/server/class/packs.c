/* Which packs there are, and their folders. */

#include "core/server/class/packs.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/file.h>
#include <kodelab/pack.h>
#include <kodelab/path.h>
#include <kodelab/store_courses.h>

#include "core/server/class/kept_packs.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/settings.h"
#include "core/server/shared.h"

#define ANSWERS_MAX        512
#define ANSWERS_BYTES_MAX  ((size_t)16 << 20)
#define ARCHIVES_MAX       64
#define ARCHIVES_BYTES_MAX ((size_t)64 << 20)

/* --- folders ------------------------------------------------------------------------------------------------------ */

static enum kl_status unpack_content(const struct packs *packs, const char *pack, int64_t version,
				     enum kl_pack_content which, const char *dir, struct kl_error *err)
{
	struct kl_archive archive = { .files = NULL };
	char *bytes = NULL;
	size_t len = 0;
	enum kl_status status = kl_store_pack_content(&bytes, &len, packs->server->store, pack, version, which, err);

	if (!status && !(status = kl_archive_read(&archive, bytes, len, &kl_pack_archive_limits, err)))
		status = kl_archive_unpack(&archive, dir, false, err);
	kl_archive_release(&archive);
	free(bytes);
	return status;
}

/* Both parts of a version, in the fresh folder dir. A pack of private challenges has no view. */
static enum kl_status unpack_version(const struct packs *packs, const char *pack, int64_t version, const char *dir,
				     struct kl_error *err)
{
	char *full = kl_path_join(dir, "full"), *view = kl_path_join(dir, "view");
	enum kl_status status = kl_file_remove_tree(dir, err);

	if (!status && !(status = kl_path_make(dir, err)) &&
	    !(status = unpack_content(packs, pack, version, KL_PACK_WHOLE, full, err))) {
		status = unpack_content(packs, pack, version, KL_PACK_VIEW, view, err);
		status = status == KL_ENOENT ? KL_OK : status;
	}
	free(full);
	free(view);
	return status;
}

enum kl_status packs_folder(char **dir, struct packs *packs, const char *pack, int64_t version, struct kl_error *err)
{
	char *place = kl_path_join(packs->folder, pack);
	char *path = kl_format("%s/%lld", place, (long long)version);
	char *fresh = kl_format("%s/.new-%lld", place, (long long)version);
	enum kl_status status = KL_OK;

	if (!kl_path_exists(path)) {
		status = unpack_version(packs, pack, version, fresh, err);
		if (!status && rename(fresh, path) < 0)
			status = kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", path);
		if (status && kl_file_remove_tree(fresh, NULL))
			eventlog(KL_LOG_WARN, "pack_left_over", EVENTLOG_TEXT("folder", fresh));
	}
	free(place);
	free(fresh);
	if (status)
		free(path);
	else
		*dir = path;
	return status;
}

/* --- what there is ------------------------------------------------------------------------------------------------ */

/* The views that students choose from; *count folders, owned. */
static char **view_folders(struct packs *packs, size_t *count)
{
	char **dirs = kl_calloc(packs->count + 1, sizeof(*dirs));

	for (size_t i = 0; i < packs->count; i++) {
		const struct kl_published *row = &packs->rows[i];
		struct kl_error err;
		char *dir;

		if (row->removed_ms || !row->shown)
			continue;
		if (packs_folder(&dir, packs, row->pack, row->version, &err)) {
			eventlog(KL_LOG_ERROR, "pack_not_unpacked", EVENTLOG_TEXT("pack", row->pack),
				 EVENTLOG_TEXT("error", err.message));
			continue;
		}
		dirs[(*count)++] = kl_path_join(dir, "view");
		free(dir);
	}
	return dirs;
}

static int by_name(const void *left, const void *right)
{
	const struct kl_entry *a = *(const struct kl_entry *const *)left, *b = *(const struct kl_entry *const *)right;
	int order = strcmp(a->pack, b->pack);

	return order ? order : strcmp(a->slug, b->slug);
}

static void index_entries(struct packs *packs)
{
	size_t count = kl_catalogue_count(packs->catalogue);

	free(packs->entries);
	packs->entries = kl_calloc(count + 1, sizeof(const struct kl_entry *));
	for (size_t i = 0; i < count; i++)
		packs->entries[i] = kl_catalogue_at(packs->catalogue, i);
	qsort(packs->entries, count, sizeof(const struct kl_entry *), by_name);
}

const struct kl_entry *packs_entry(const struct packs *packs, const char *pack, const char *slug)
{
	const struct kl_entry named = { .pack = (char *)(uintptr_t)pack, .slug = (char *)(uintptr_t)slug };
	const struct kl_entry *key = &named, **found;

	found = bsearch(&key, packs->entries, kl_catalogue_count(packs->catalogue), sizeof(const struct kl_entry *),
			by_name);
	return found ? *found : NULL;
}

static void open_catalogue(struct packs *packs)
{
	char *cache = kl_path_join(packs->folder, ".catalogue");
	size_t count = 0;
	char **dirs = view_folders(packs, &count);

	kl_catalogue_close(packs->catalogue);
	packs->catalogue = kl_catalogue_open((const char *const *)dirs, count, cache);
	index_entries(packs);
	for (size_t i = 0; i < kl_catalogue_problem_count(packs->catalogue); i++)
		eventlog(KL_LOG_WARN, "pack_problem",
			 EVENTLOG_TEXT("problem", kl_catalogue_problem(packs->catalogue, i)));
	for (size_t i = 0; i < count; i++)
		free(dirs[i]);
	free(dirs);
	free(cache);
}

/* From him who is in no course all of them are hidden. */
static enum kl_status look_for_kept(struct packs *packs, struct kl_error *err)
{
	char **names;
	size_t count;
	enum kl_status status = kl_store_packs_hidden(&names, &count, packs->server->store, "",
						      kl_clock_wall_ms(&packs->server->clock), err);

	if (status)
		return status;
	packs->some_kept = count > 0;
	kl_pack_names_free(names, count);
	return KL_OK;
}

static enum kl_status refresh(struct packs *packs, struct kl_error *err)
{
	struct kl_published *rows;
	size_t count;
	enum kl_status status = look_for_kept(packs, err);

	if (status || (status = kl_store_packs(&rows, &count, packs->server->store, err)))
		return status;
	kl_published_free(packs->rows, packs->count);
	packs->rows = rows;
	packs->count = count;
	packs->stale = false;
	shelf_clear(packs->answers);
	shelf_clear(packs->archives);
	open_catalogue(packs);
	return KL_OK;
}

struct packs *packs_of(struct server *server)
{
	struct packs *packs = server->packs;
	struct kl_error err;

	if (packs->stale && refresh(packs, &err))
		eventlog(KL_LOG_ERROR, "packs_not_read", EVENTLOG_TEXT("error", err.message));
	return packs;
}

void packs_changed(struct server *server)
{
	server->packs->stale = true;
}

const struct kl_published *packs_ever(const struct packs *packs, const char *pack)
{
	size_t low = 0, high = packs->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(packs->rows[middle].pack, pack);

		if (!order)
			return &packs->rows[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct kl_published *packs_find(const struct packs *packs, const char *pack)
{
	const struct kl_published *row = packs_ever(packs, pack);

	return row && !row->removed_ms ? row : NULL;
}

bool packs_is_author(const struct kl_published *row, const struct actor *actor)
{
	return actor->role == ROLE_ADMIN || (*actor->id && !strcmp(actor->id, row->owner));
}

enum relation packs_relation(struct request *request)
{
	const struct kl_published *row = packs_find(packs_of(request->server), request_argument(request, "pack"));
	const struct actor *actor = &request->actor;

	if (!row)
		return RELATION_NONE;
	if (packs_is_author(row, actor))
		return RELATION_OWNER;
	if (!kept_packs_show(request, row->pack))
		return RELATION_NONE;
	return row->shown || actor->role >= ROLE_INSTRUCTOR ? RELATION_READER : RELATION_NONE;
}

void packs_tell(struct server *server, const char *pack, struct kl_buf *body)
{
	const struct kl_published *row = packs_find(packs_of(server), pack);

	if (!row || !row->shown) {
		kl_buf_add_str(body, "null");
		return;
	}
	kl_buf_add_char(body, '{');
	jsonout_text(body, "pack", row->pack);
	jsonout_text(body, "title", row->title);
	jsonout_int(body, "version", row->version);
	jsonout_text(body, "hash", row->view_hash);
	jsonout_int(body, "bytes", row->view_bytes);
	jsonout_int(body, "challenges", row->shown);
	kl_buf_add_char(body, '}');
}

/* --- the part ----------------------------------------------------------------------------------------------------- */

/* Which start of the machine this is; "" when the system does not say. Owned. */
static char *read_boot(const char *path)
{
	struct kl_buf id;

	kl_buf_init(&id, 64);
	if (kl_file_read(&id, path, NULL))
		kl_buf_clear(&id);
	return kl_buf_detach(&id);
}

/* What a publication left behind that never ended; and after a start of the machine everything. */
static enum kl_status tidy(const struct packs *packs, bool keep, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	DIR *dir = opendir(packs->folder);
	const struct dirent *entry;

	while (!status && dir && (entry = readdir(dir))) {
		char *path;

		if (entry->d_name[0] == '.' ? strncmp(entry->d_name, ".new-", 5) != 0 : keep)
			continue;
		path = kl_path_join(packs->folder, entry->d_name);
		status = kl_file_remove_tree(path, err);
		free(path);
	}
	if (dir)
		closedir(dir);
	return status;
}

/*
 * Nobody waited for the disk when the folders were written: they are trusted as long as the machine has not started anew
 * since.
 */
static enum kl_status tidy_folders(const struct packs *packs, struct kl_error *err)
{
	char *noted = kl_path_join(packs->folder, ".boot");
	char *now = read_boot("/proc/sys/kernel/random/boot_id"), *then = read_boot(noted);
	bool keep = *now && !strcmp(now, then);
	enum kl_status status = tidy(packs, keep, err);

	if (!status && !keep)
		status = kl_file_write(noted, now, strlen(now), 0600, err);
	free(noted);
	free(now);
	free(then);
	return status;
}

static enum kl_status open_part(struct server *server, struct kl_error *err)
{
	struct packs *packs = kl_calloc(1, sizeof(*packs));
	enum kl_status status;

	server->packs = packs;
	packs->server = server;
	packs->folder = kl_path_join(settings_string(server->settings, "data"), "packs");
	packs->answers = shelf_open(ANSWERS_MAX, ANSWERS_BYTES_MAX);
	packs->archives = shelf_open(ARCHIVES_MAX, ARCHIVES_BYTES_MAX);
	packs->challenges = class_challenges_open();
	if ((status = kl_path_make(packs->folder, err)))
		return status;
	status = tidy_folders(packs, err);
	return status ? status : refresh(packs, err);
}

/* What was told of a publication that is not to be after all is told no more. */
static void on_committed(struct server *server, bool committed)
{
	if (committed)
		return;
	packs_changed(server);
	class_challenges_forget(server->packs->challenges);
}

static bool is_busy(const struct server *server)
{
	return server->packs->publishing_count > 0;
}

static void close_part(struct server *server)
{
	struct packs *packs = server->packs;

	if (!packs)
		return;
	publishing_close(packs);
	class_challenges_close(packs->challenges);
	shelf_close(packs->answers);
	shelf_close(packs->archives);
	kl_catalogue_close(packs->catalogue);
	free(packs->entries);
	kl_published_free(packs->rows, packs->count);
	free(packs->folder);
	free(packs);
	server->packs = NULL;
}

const struct server_part packs_part = {
	.name = "packs",
	.open = open_part,
	.committed = on_committed,
	.busy = is_busy,
	.close = close_part,
};
