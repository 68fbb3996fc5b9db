/* pack.json: whose challenges these are and in which order. */

#include <kodelab/challenge.h>

#include <fcntl.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"

#define CHALLENGES_MAX 20000

static enum kl_status read_fields(struct kl_pack *pack, const struct kl_reading *from)
{
	static const char *const known[] = { "format",  "id",      "title",      "description", "author",
					     "licence", "version", "challenges", NULL };
	static const struct kl_span_limits title = { 1, 80 }, text = { 0, 1000 }, many = { 1, CHALLENGES_MAX };
	enum kl_status status;

	if (!cJSON_IsObject(from->object))
		return kl_json_fail(from->doc, from->object, from->err, "expected an object");
	if ((status = kl_json_only(from->doc, from->object, known, from->err)) || (status = kl_read_format(from)) ||
	    (status = kl_read_slug(&pack->id, from, "id", KL_JSON_REQUIRED)) ||
	    (status = kl_read_line(&pack->title, from, "title", KL_JSON_REQUIRED, title)) ||
	    (status = kl_read_line(&pack->description, from, "description", KL_JSON_OPTIONAL, text)) ||
	    (status = kl_read_line(&pack->author, from, "author", KL_JSON_OPTIONAL, text)) ||
	    (status = kl_read_line(&pack->licence, from, "licence", KL_JSON_OPTIONAL, text)) ||
	    (status = kl_read_line(&pack->version, from, "version", KL_JSON_OPTIONAL, text)))
		return status;
	return kl_read_slugs(&pack->challenges, from, "challenges", many);
}

enum kl_status kl_pack_read(struct kl_pack **out, const char *dir, struct kl_error *err)
{
	struct kl_reading from = { .err = err };
	struct kl_json *doc = NULL;
	struct kl_pack *pack;
	int folder = -1;
	enum kl_status status = kl_folder_open(&folder, AT_FDCWD, dir, err);

	if (status)
		return status;
	pack = kl_calloc(1, sizeof(*pack));
	pack->dir = kl_strdup(dir);
	pack->description = kl_strdup("");
	pack->author = kl_strdup("");
	pack->licence = kl_strdup("");
	pack->version = kl_strdup("");
	status = kl_folder_read_json(&doc, folder, "pack.json", KL_PACK_JSON_MAX, err);
	if (!status) {
		from.doc = doc;
		from.object = kl_json_root(doc);
		status = read_fields(pack, &from);
	}
	while (!status && pack->challenges[pack->challenge_count])
		pack->challenge_count++;
	if (status)
		kl_pack_free(pack);
	else
		*out = pack;
	kl_json_free(doc);
	close(folder);
	return status;
}

void kl_pack_free(struct kl_pack *pack)
{
	if (!pack)
		return;
	free(pack->dir);
	free(pack->id);
	free(pack->title);
	free(pack->description);
	free(pack->author);
	free(pack->licence);
	free(pack->version);
	kl_strings_free(pack->challenges);
	free(pack);
}
