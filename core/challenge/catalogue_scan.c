/* Packs on disk into the catalogue: what the cache knows and has not changed costs one stat, everything else is read. */

#include "core/challenge/catalogue_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

#include "core/challenge/challenge_int.h"

#define PACKS_MAX 256

void kl_catalogue_complain(struct kl_catalogue *catalogue, const char *fmt, ...)
{
	va_list args;
	struct kl_buf text;

	kl_buf_init(&text, 1000);
	va_start(args, fmt);
	kl_buf_vaddf(&text, fmt, args);
	va_end(args);
	KL_GROW(catalogue->problems, catalogue->problem_count, catalogue->problem_capacity);
	catalogue->problems[catalogue->problem_count++] = kl_buf_detach(&text);
}

/* --- one challenge ------------------------------------------------------------------------------------------------ */

/* The pack that is being read. */
struct scan {
	struct kl_catalogue *catalogue;
	int folder;
	size_t pack; /* index in the catalogue's packs */
	const struct kl_cached_pack *last; /* as the cache has it; NULL: not at all */
	char *cursor; /* in last's records: where the next one is looked for first */
};

static enum kl_status read_record(char **record, int pack_folder, const char *slug, const struct kl_stamp *stamp,
				  struct kl_error *err)
{
	struct kl_challenge *challenge = kl_calloc(1, sizeof(*challenge));
	struct kl_json *doc = NULL;
	int folder = -1;
	enum kl_status status;

	if (!(status = kl_folder_open(&folder, pack_folder, slug, err)) &&
	    !(status = kl_folder_read_json(&doc, folder, "challenge.json", KL_CHALLENGE_JSON_MAX, err)) &&
	    !(status = kl_challenge_read_meta(challenge, doc, err)))
		*record = kl_record_build(slug, challenge, stamp);
	if (folder >= 0)
		close(folder);
	kl_json_free(doc);
	kl_challenge_free(challenge);
	return status;
}

/* The cached record of slug; the order is mostly that of last time, so it is next to the one before. */
static char *find_cached(struct scan *scan, const char *slug)
{
	const struct kl_cached_pack *last = scan->last;
	char *at = scan->cursor;

	for (uint32_t tried = 0; last && tried < last->count; tried++) {
		char *record = at == last->end ? last->records : at;

		at = record + kl_record_head(record).len;
		if (!strcmp(kl_record_slug(record), slug)) {
			scan->cursor = at;
			return record;
		}
	}
	return NULL;
}

static bool still_good(const struct scan *scan, const char *record, const struct kl_stamp *stamp)
{
	struct kl_record_head head = kl_record_head(record);

	return !head.hole && kl_stamp_same(&head.stamp, stamp) &&
	       kl_stamp_trusted(stamp, scan->catalogue->cache.written_ns);
}

static struct kl_stamp challenge_stamp(const struct scan *scan, const char *slug)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/challenge.json", slug);
	if (fstatat(scan->folder, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return (struct kl_stamp){ 0 };
	return kl_stamp_of(&st);
}

static void add_challenge(struct scan *scan, const char *slug, char *cached, int number)
{
	struct kl_catalogue *catalogue = scan->catalogue;
	struct kl_stamp stamp = challenge_stamp(scan, slug);
	struct kl_row row = { .record = cached, .pack = scan->pack };
	struct kl_error err;

	if (!cached || !still_good(scan, cached, &stamp)) {
		bool was_hole = cached && kl_record_head(cached).hole;

		row.record = NULL;
		row.own_record = true;
		if (read_record(&row.record, scan->folder, slug, &stamp, &err)) {
			kl_catalogue_complain(catalogue, "%s/%s: %s", catalogue->packs[scan->pack].id, slug,
					      err.message);
			row.record = kl_record_build(slug, NULL, &stamp);
			catalogue->changed = catalogue->changed || !was_hole;
		} else {
			catalogue->changed = true;
		}
	}
	KL_GROW(catalogue->all_records, catalogue->record_count, catalogue->record_capacity);
	catalogue->all_records[catalogue->record_count++] = row;
	if (!kl_record_head(row.record).hole)
		kl_catalogue_add(catalogue, &row, number);
}

/* --- folders that pack.json does not name ------------------------------------------------------------------------- */

static int by_slug(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static const char **sorted_slugs(const struct kl_catalogue *catalogue, const struct kl_pack_row *pack)
{
	const char **slugs = kl_calloc(pack->count, sizeof(*slugs));

	for (size_t i = 0; i < pack->count; i++)
		slugs[i] = kl_record_slug(catalogue->all_records[pack->first + i].record);
	qsort(slugs, pack->count, sizeof(*slugs), by_slug);
	return slugs;
}

static bool is_folder(int folder, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_name[0] == '.')
		return false;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Takes the folder over. */
static bool all_named(struct scan *scan, const struct kl_pack_row *pack)
{
	const char **slugs = sorted_slugs(scan->catalogue, pack);
	DIR *dir = fdopendir(scan->folder);
	const struct dirent *entry;
	bool clean = true;

	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (!is_folder(scan->folder, entry) || bsearch(&name, slugs, pack->count, sizeof(*slugs), by_slug))
			continue;
		kl_catalogue_complain(scan->catalogue, "%s: the folder '%s' is not among the challenges of pack.json",
				      pack->id, name);
		clean = false;
	}
	if (dir)
		closedir(dir);
	else
		close(scan->folder);
	free(slugs);
	return clean;
}

/* --- one pack ----------------------------------------------------------------------------------------------------- */

static const struct kl_cached_pack *cached_pack(const struct kl_cache *cache, const char *dir)
{
	for (size_t i = 0; i < cache->pack_count; i++)
		if (!strcmp(cache->packs[i].dir, dir))
			return &cache->packs[i];
	return NULL;
}

/* NULL: id is free. */
static const struct kl_pack_row *pack_with_id(const struct kl_catalogue *catalogue, const char *id)
{
	for (size_t i = 0; i < catalogue->pack_count; i++)
		if (!strcmp(catalogue->packs[i].id, id))
			return &catalogue->packs[i];
	return NULL;
}

static bool begin_pack(struct scan *scan, struct kl_pack_row *row, const char *id)
{
	struct kl_catalogue *catalogue = scan->catalogue;
	const struct kl_pack_row *twin = pack_with_id(catalogue, id);

	if (twin) {
		kl_catalogue_complain(catalogue, "%s: the pack in '%s' has the same id '%s' and is used", row->dir,
				      twin->dir, id);
		return false;
	}
	row->id = kl_strdup(id);
	row->real_dir = realpath(row->dir, NULL);
	row->first = catalogue->record_count;
	KL_GROW(catalogue->packs, catalogue->pack_count, catalogue->pack_capacity);
	scan->pack = catalogue->pack_count;
	catalogue->packs[catalogue->pack_count++] = *row;
	return true;
}

static bool add_as_cached(struct scan *scan, struct kl_pack_row *row)
{
	char *record = scan->last->records;

	if (!begin_pack(scan, row, scan->last->id))
		return false;
	for (uint32_t i = 0; i < scan->last->count; i++) {
		add_challenge(scan, kl_record_slug(record), record, (int)i + 1);
		record += kl_record_head(record).len;
	}
	return true;
}

static bool add_as_read(struct scan *scan, struct kl_pack_row *row)
{
	struct kl_pack *pack;
	struct kl_error err;
	bool added;

	scan->catalogue->changed = true;
	if (kl_pack_read(&pack, row->dir, &err)) {
		kl_catalogue_complain(scan->catalogue, "%s: %s", row->dir, err.message);
		return false;
	}
	added = begin_pack(scan, row, pack->id);
	for (size_t i = 0; added && i < pack->challenge_count; i++)
		add_challenge(scan, pack->challenges[i], find_cached(scan, pack->challenges[i]), (int)i + 1);
	kl_pack_free(pack);
	return added;
}

static bool unchanged(const struct kl_catalogue *catalogue, const struct kl_stamp *then, const struct kl_stamp *now)
{
	return kl_stamp_same(then, now) && kl_stamp_trusted(now, catalogue->cache.written_ns);
}

static bool stamp_pack(struct kl_pack_row *row, int folder)
{
	struct stat st;

	if (fstatat(folder, "pack.json", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	row->json_stamp = kl_stamp_of(&st);
	if (fstat(folder, &st) < 0)
		return false;
	row->dir_stamp = kl_stamp_of(&st);
	return true;
}

/* False: dir is no pack. */
static bool scan_pack(struct kl_catalogue *catalogue, const char *dir)
{
	struct scan scan = { .catalogue = catalogue, .last = cached_pack(&catalogue->cache, dir) };
	struct kl_pack_row row = { .dir = kl_strdup(dir) };
	struct kl_pack_row *added;
	bool known;

	scan.folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (scan.folder < 0 || !stamp_pack(&row, scan.folder)) {
		if (scan.folder >= 0)
			close(scan.folder);
		free(row.dir);
		return false;
	}
	scan.cursor = scan.last ? scan.last->records : NULL;
	known = scan.last && unchanged(catalogue, &scan.last->json_stamp, &row.json_stamp);
	if (!(known ? add_as_cached(&scan, &row) : add_as_read(&scan, &row))) {
		close(scan.folder);
		free(row.dir);
		return true;
	}
	added = &catalogue->packs[scan.pack];
	added->count = catalogue->record_count - added->first;
	if (known && scan.last->clean && unchanged(catalogue, &scan.last->dir_stamp, &row.dir_stamp)) {
		added->clean = true;
		close(scan.folder);
		return true;
	}
	added->clean = all_named(&scan, added);
	catalogue->changed = catalogue->changed || added->clean;
	return true;
}

/* --- a folder of packs -------------------------------------------------------------------------------------------- */

static int by_name(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static int no_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* A pack of this folder's name in a later place: what a class published takes the place of what was shipped. */
static bool is_covered(const char *name, const char *const *later, size_t later_count)
{
	bool covered = false;

	for (size_t i = 0; i < later_count && !covered; i++) {
		char *json = kl_format("%s/%s/pack.json", later[i], name);

		covered = kl_path_exists(json);
		free(json);
	}
	return covered;
}

void kl_catalogue_scan(struct kl_catalogue *catalogue, const char *dir, const char *const *later, size_t later_count)
{
	struct dirent **entries = NULL;
	int count;

	if (scan_pack(catalogue, dir))
		return;
	count = scandir(dir, &entries, no_hidden, by_name);
	if (count < 0 && errno != ENOENT)
		kl_catalogue_complain(catalogue, "%s: %s", dir, strerror(errno));
	for (int i = 0; i < count; i++) {
		char *inner = kl_path_join(dir, entries[i]->d_name);

		if (i < PACKS_MAX && !is_covered(entries[i]->d_name, later, later_count))
			scan_pack(catalogue, inner);
		free(inner);
		free(entries[i]);
	}
	free(entries);
}
