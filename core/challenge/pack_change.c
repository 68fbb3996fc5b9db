/*
 * One challenge put into a pack's archive, or taken out of it: its folder, and its line in pack.json. Everything else of the pack
 * stays byte for byte, so that the same challenge once more is the same pack.
 */

#include <kodelab/pack.h>

#include <stdlib.h>
#include <assert.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>

#include "core/challenge/challenge_int.h"

#define PACK_JSON "pack.json"

/* --- files -------------------------------------------------------------------------------------------------------- */

static bool is_in(const struct kl_file *file, const char *slug)
{
	size_t len;

	assert(slug);
	len = strlen(slug);
	return !strncmp(file->name, slug, len) && file->name[len] == '/';
}

static void drop_file(struct kl_archive *archive, size_t index)
{
	free(archive->files[index].name);
	free(archive->files[index].text);
	archive->count--;
	memmove(&archive->files[index], &archive->files[index + 1], (archive->count - index) * sizeof(*archive->files));
}

static void drop_folder(struct kl_archive *archive, const char *slug)
{
	for (size_t i = archive->count; i > 0; i--)
		if (is_in(&archive->files[i - 1], slug))
			drop_file(archive, i - 1);
}

static void replace_file(struct kl_archive *archive, const char *name, const char *text)
{
	for (size_t i = archive->count; i > 0; i--)
		if (!strcmp(archive->files[i - 1].name, name))
			drop_file(archive, i - 1);
	kl_archive_add(archive, name, text, strlen(text));
	kl_archive_sort(archive);
}

/* --- pack.json ---------------------------------------------------------------------------------------------------- */

/* As a tree of its own, to be changed; *root is owned. */
static enum kl_status read_pack(cJSON **root, const struct kl_archive *archive, struct kl_error *err)
{
	const struct kl_file *file = kl_archive_find(archive, PACK_JSON);
	struct kl_json *doc = NULL;
	enum kl_status status;

	if (!file)
		return kl_fail(err, KL_EINVAL, "the archive holds no pack: there is no pack.json in it");
	status = kl_json_parse(&doc, file->text, file->len, KL_PACK_JSON_MAX, PACK_JSON, err);
	if (status == KL_EFULL) /* too large; it is no disk that is full */
		status = kl_fail(err, KL_EMANY, "%s: too large (over %u KiB)", PACK_JSON, KL_PACK_JSON_MAX >> 10);
	if (!status && !cJSON_IsObject(kl_json_root(doc)))
		status = kl_json_fail(doc, kl_json_root(doc), err, "expected an object");
	if (!status)
		*root = cJSON_Duplicate(kl_json_root(doc), true);
	kl_json_free(doc);
	return status;
}

static void write_pack(struct kl_archive *archive, const cJSON *root)
{
	char *text = cJSON_Print(root), *line = kl_format("%s\n", text);

	replace_file(archive, PACK_JSON, line);
	free(line);
	cJSON_free(text);
}

/* The place of the slug in the list; -1: it is not there. */
static int place_of(const cJSON *list, const char *slug)
{
	const cJSON *node;
	int place = 0;

	cJSON_ArrayForEach(node, list) {
		if (cJSON_IsString(node) && !strcmp(node->valuestring, slug))
			return place;
		place++;
	}
	return -1;
}

/* As a pack of that challenge alone. */
static void list_only(cJSON *root, const char *slug)
{
	cJSON *list = cJSON_CreateArray();

	cJSON_AddItemToArray(list, cJSON_CreateString(slug));
	cJSON_DeleteItemFromObjectCaseSensitive(root, "challenges");
	cJSON_AddItemToObject(root, "challenges", list);
}

/* The author's words about a pack that is not there yet, or as few as there must be. */
static enum kl_status begin_pack(struct kl_archive *pack, const char *id, const struct kl_archive *one,
				 const char *slug, struct kl_error *err)
{
	cJSON *root = NULL;
	enum kl_status status = KL_OK;

	if (kl_archive_find(one, PACK_JSON)) {
		status = read_pack(&root, one, err);
	} else {
		char *title = kl_title_make(id);

		root = cJSON_CreateObject();
		cJSON_AddNumberToObject(root, "format", 1);
		cJSON_AddStringToObject(root, "id", id);
		cJSON_AddStringToObject(root, "title", title);
		free(title);
	}
	if (!status) {
		list_only(root, slug);
		write_pack(pack, root);
	}
	cJSON_Delete(root);
	return status;
}

static enum kl_status list_too(struct kl_archive *pack, const char *slug, struct kl_error *err)
{
	cJSON *root = NULL, *list;
	enum kl_status status = read_pack(&root, pack, err);

	if (status)
		return status;
	list = cJSON_GetObjectItemCaseSensitive(root, "challenges");
	if (place_of(list, slug) < 0) {
		cJSON_AddItemToArray(list, cJSON_CreateString(slug));
		write_pack(pack, root);
	}
	cJSON_Delete(root);
	return KL_OK;
}

/* --- the challenge ------------------------------------------------------------------------------------------------ */

/* The one folder of the archive; *slug is owned. */
static enum kl_status find_slug(char **slug, const struct kl_archive *one, struct kl_error *err)
{
	char *found = NULL;
	bool good = true;

	for (size_t i = 0; i < one->count && good; i++) {
		const struct kl_file *file = &one->files[i];

		if (!strcmp(file->name, PACK_JSON))
			continue;
		if (!found)
			found = kl_strndup(file->name, strcspn(file->name, "/"));
		good = is_in(file, found);
	}
	if (found && good && kl_slug_valid(found)) {
		*slug = found;
		return KL_OK;
	}
	free(found);
	return kl_fail(err, KL_EINVAL,
		       "the archive must hold the folder of one challenge, and beside it nothing but a pack.json");
}

enum kl_status kl_pack_put(struct kl_archive *pack, char **slug, const char *id, const struct kl_archive *one,
			   struct kl_error *err)
{
	char *found = NULL;
	enum kl_status status = find_slug(&found, one, err);

	if (!status)
		status = pack->count ? list_too(pack, found, err) : begin_pack(pack, id, one, found, err);
	if (status) {
		free(found);
		return status;
	}
	drop_folder(pack, found);
	for (size_t i = 0; i < one->count; i++)
		if (is_in(&one->files[i], found))
			kl_archive_add(pack, one->files[i].name, one->files[i].text, one->files[i].len);
	kl_archive_sort(pack);
	*slug = found;
	return KL_OK;
}

enum kl_status kl_pack_take_out(struct kl_archive *pack, const char *slug, struct kl_error *err)
{
	cJSON *root = NULL, *list;
	enum kl_status status = read_pack(&root, pack, err);
	int place;

	if (status)
		return status;
	list = cJSON_GetObjectItemCaseSensitive(root, "challenges");
	place = place_of(list, slug);
	if (place >= 0 && cJSON_GetArraySize(list) == 1) {
		status = kl_fail(err, KL_ECONFLICT, "'%s' is the only challenge of the pack: remove the pack", slug);
	} else if (place >= 0) {
		cJSON_DeleteItemFromArray(list, place);
		write_pack(pack, root);
		drop_folder(pack, slug);
	}
	cJSON_Delete(root);
	return status;
}
