/* From what a person says to a challenge; and the challenges that the lab proposes by itself. */

#include <kodelab/catalogue.h>

#include <limits.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/suggest.h>

#include "core/challenge/catalogue_int.h"

#define NONE SIZE_MAX

static size_t find_in_pack(const struct kl_catalogue *catalogue, const char *pack, size_t pack_len, const char *slug,
			   size_t slug_len)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct kl_entry *entry = &catalogue->entries[i];

		if (!strncmp(entry->slug, slug, slug_len) && !entry->slug[slug_len] &&
		    !strncmp(entry->pack, pack, pack_len) && !entry->pack[pack_len])
			return i;
	}
	return NONE;
}

/* --- by slug or number -------------------------------------------------------------------------------------------- */

static bool is_number(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits && digits <= 6 && !name[digits];
}

/* Each pack counts from 1: without a pack's name the first pack that has the number is meant, so that numbers of the lab's own
 * challenges stay what they are when somebody adds a pack. */
static size_t find_by_number(const struct kl_catalogue *catalogue, const char *pack, size_t pack_len,
			     const char *number)
{
	int wanted = (int)strtol(number, NULL, 10);

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct kl_entry *entry = &catalogue->entries[i];

		if (entry->number == wanted &&
		    (!pack || (!strncmp(entry->pack, pack, pack_len) && !entry->pack[pack_len])))
			return i;
	}
	return NONE;
}

/* *index stays NONE when nothing is called so. KL_ECONFLICT: several packs have one. */
static enum kl_status find_by_slug(size_t *index, const struct kl_catalogue *catalogue, const char *name,
				   struct kl_error *err)
{
	size_t found = NONE;

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct kl_entry *entry = &catalogue->entries[i], *first;

		if (strcmp(entry->slug, name) != 0)
			continue;
		if (found == NONE) {
			found = i;
			continue;
		}
		first = &catalogue->entries[found];
		return kl_fail(err, KL_ECONFLICT, "'%s' is in several packs: say '%s/%s' or '%s/%s'", name, first->pack,
			       first->slug, entry->pack, entry->slug);
	}
	*index = found;
	return KL_OK;
}

/* --- by path ------------------------------------------------------------------------------------------------------ */

/* What follows "dir/" in path; NULL: path is not below dir. */
static const char *below(const char *path, const char *dir)
{
	size_t len = dir ? strlen(dir) : 0;

	return len && !strncmp(path, dir, len) && path[len] == '/' ? path + len + 1 : NULL;
}

static size_t find_in_work(const struct kl_catalogue *catalogue, const char *path, const char *work_dir)
{
	char *real = work_dir ? realpath(work_dir, NULL) : NULL;
	const char *pack = real ? below(path, real) : NULL;
	size_t index = NONE, pack_len;

	free(real);
	if (!pack)
		return NONE;
	pack_len = strcspn(pack, "/");
	if (pack[pack_len]) {
		const char *slug = pack + pack_len + 1;

		index = find_in_pack(catalogue, pack, pack_len, slug, strcspn(slug, "/"));
	}
	return index;
}

static size_t find_by_path(const struct kl_catalogue *catalogue, const char *name, const char *work_dir)
{
	char *path = realpath(name, NULL);
	size_t index = path ? find_in_work(catalogue, path, work_dir) : NONE;

	for (size_t i = 0; path && index == NONE && i < catalogue->pack_count; i++) {
		const struct kl_pack_row *pack = &catalogue->packs[i];
		const char *slug = below(path, pack->real_dir);

		if (slug)
			index = find_in_pack(catalogue, pack->id, strlen(pack->id), slug, strcspn(slug, "/"));
	}
	free(path);
	return index;
}

/* --- nothing found ------------------------------------------------------------------------------------------------ */

/* The slug that a person began to write: nearer than one that only looks alike. */
static const char *begun(const char *const *slugs, const char *name)
{
	size_t len = strlen(name);

	for (; len >= 3 && *slugs; slugs++)
		if (!strncmp(*slugs, name, len))
			return *slugs;
	return NULL;
}

static enum kl_status not_found(const struct kl_catalogue *catalogue, const char *name, struct kl_error *err)
{
	const char **slugs = kl_calloc(catalogue->count + 1, sizeof(*slugs));
	const char *slash = strrchr(name, '/'), *slug = slash ? slash + 1 : name, *guess;
	enum kl_status status;

	for (size_t i = 0; i < catalogue->count; i++)
		slugs[i] = catalogue->entries[i].slug;
	guess = begun(slugs, slug);
	if (!guess)
		guess = kl_suggest(slug, slugs);
	if (!catalogue->count)
		status = kl_fail(err, KL_ENOENT, "no challenge '%s': there are no packs here", name);
	else if (guess)
		status = kl_fail(err, KL_ENOENT, "no challenge '%s', did you mean '%s'?", name, guess);
	else
		status = kl_fail(err, KL_ENOENT, "no challenge '%s' ('kodelab list' shows all)", name);
	free(slugs);
	return status;
}

enum kl_status kl_catalogue_find(size_t *index, const struct kl_catalogue *catalogue, const char *name,
				 const char *work_dir, struct kl_error *err)
{
	bool here = !name || !strcmp(name, ".");
	const char *slash = here ? NULL : strchr(name, '/');
	size_t found = NONE;
	enum kl_status status;

	if (slash)
		found = find_in_pack(catalogue, name, (size_t)(slash - name), slash + 1, strlen(slash + 1));
	if (slash && found == NONE && is_number(slash + 1))
		found = find_by_number(catalogue, name, (size_t)(slash - name), slash + 1);
	if (!here && !slash) {
		status = find_by_slug(&found, catalogue, name, err);
		if (status)
			return status;
		if (found == NONE && is_number(name))
			found = find_by_number(catalogue, NULL, 0, name);
	}
	if (found == NONE)
		found = find_by_path(catalogue, here ? "." : name, work_dir);
	if (found == NONE && here)
		return kl_fail(err, KL_ENOENT,
			       "this folder belongs to no challenge: name one ('kodelab list' shows all)");
	if (found == NONE)
		return not_found(catalogue, name, err);
	*index = found;
	return KL_OK;
}

/* --- proposals ---------------------------------------------------------------------------------------------------- */

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash * 0x100000001b3u; /* a separator */
}

static uint64_t hash_of_day(const struct kl_entry *entry, int64_t day_number)
{
	char day[24];
	uint64_t hash;

	snprintf(day, sizeof(day), "%lld", (long long)day_number);
	hash = hash_text(hash_text(hash_text(0xcbf29ce484222325u, entry->pack), entry->slug), day);
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu; /* FNV alone leaves the order of days visible */
	return hash ^ hash >> 33;
}

size_t kl_catalogue_daily(const struct kl_catalogue *catalogue, int64_t day_number)
{
	uint64_t best[2] = { UINT64_MAX, UINT64_MAX }; /* not completed, completed */
	size_t found[2] = { NONE, NONE };

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct kl_entry *entry = &catalogue->entries[i];
		uint64_t hash = hash_of_day(entry, day_number);
		int done = entry->state == KL_COMPLETED;

		if (found[done] == NONE || hash < best[done]) {
			best[done] = hash;
			found[done] = i;
		}
	}
	return found[0] != NONE ? found[0] : found[1];
}

static size_t next_of_level(const struct kl_catalogue *catalogue, size_t after, int level)
{
	size_t first = after == NONE ? 0 : after + 1;

	for (size_t i = 0; i < catalogue->count; i++) {
		size_t at = (first + i) % catalogue->count;
		const struct kl_entry *entry = &catalogue->entries[at];

		if (entry->state != KL_COMPLETED && (level < 0 || (int)entry->difficulty == level))
			return at;
	}
	return NONE;
}

size_t kl_catalogue_next(const struct kl_catalogue *catalogue, size_t after, int level)
{
	size_t found = next_of_level(catalogue, after, level);

	for (int harder = level + 1; level >= 0 && found == NONE && harder < KL_DIFFICULTY_COUNT; harder++)
		found = next_of_level(catalogue, after, harder);
	for (int easier = level - 1; found == NONE && easier >= 0; easier--)
		found = next_of_level(catalogue, after, easier);
	return found;
}
