/* Writing into packs: names out of titles, and a line in pack.json. */

#include <ctype.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "core/challenge/catalogue_int.h"
#include "core/challenge/challenge_int.h"

#define SLUG_MAX 64

char *kl_slug_make(const char *text)
{
	char *folded = kl_fold(text), *slug = kl_alloc(SLUG_MAX + 1);
	size_t len = 0;

	for (const char *at = folded; *at && len < SLUG_MAX; at++) {
		bool plain = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9');

		if (plain)
			slug[len++] = *at;
		else if (len && slug[len - 1] != '-')
			slug[len++] = '-';
	}
	while (len && slug[len - 1] == '-')
		len--;
	slug[len] = '\0';
	free(folded);
	if (len)
		return slug;
	free(slug);
	return NULL;
}

char *kl_title_make(const char *slug)
{
	char *title = kl_strdup(slug);

	for (char *at = title; *at; at++)
		if (*at == '-')
			*at = ' ';
	title[0] = (char)toupper((unsigned char)title[0]);
	return title;
}

enum kl_status kl_folder_put(const char *dir, const char *name, const char *text, size_t len, struct kl_error *err)
{
	char *path = kl_path_join(dir, name);
	char *folder = kl_strndup(path, (size_t)(kl_path_name(path) - path));
	enum kl_status status = kl_path_make(folder, err);

	if (!status)
		status = kl_file_write(path, text, len, 0644, err);
	free(folder);
	free(path);
	return status;
}

/* --- pack.json ---------------------------------------------------------------------------------------------------- */

static void print_string(const char *text, struct kl_buf *out)
{
	kl_json_print_string(text, strlen(text), out);
}

static void print_field(const char *key, const char *value, struct kl_buf *out)
{
	if (!*value)
		return;
	kl_buf_addf(out, "\t\"%s\": ", key);
	print_string(value, out);
	kl_buf_add_str(out, ",\n");
}

static void print_pack(const struct kl_pack *pack, const char *slug, struct kl_buf *out)
{
	kl_buf_add_str(out, "{\n\t\"format\": 1,\n");
	print_field("id", pack->id, out);
	print_field("title", pack->title, out);
	print_field("description", pack->description, out);
	print_field("author", pack->author, out);
	print_field("licence", pack->licence, out);
	print_field("version", pack->version, out);
	kl_buf_add_str(out, "\t\"challenges\": [\n");
	for (size_t i = 0; i < pack->challenge_count; i++)
		kl_buf_addf(out, "\t\t\"%s\",\n", pack->challenges[i]);
	kl_buf_addf(out, "\t\t\"%s\"\n\t]\n}\n", slug);
}

static enum kl_status write_pack(const struct kl_pack *pack, const char *dir, const char *slug, struct kl_error *err)
{
	struct kl_buf text;
	enum kl_status status;

	kl_buf_init(&text, KL_PACK_JSON_MAX);
	print_pack(pack, slug, &text);
	status = text.truncated ? kl_fail(err, KL_EFULL, "pack.json: no room for another challenge")
				: kl_folder_put(dir, "pack.json", text.data, text.len, err);
	kl_buf_release(&text);
	return status;
}

static enum kl_status make_pack(const char *dir, const char *slug, struct kl_error *err)
{
	char *real = realpath(dir, NULL);
	char *id = kl_slug_make(kl_path_name(real ? real : dir));
	char none[] = "", fallback[] = "pack";
	struct kl_pack pack = {
		.id = id ? id : fallback, .description = none, .author = none, .licence = none, .version = none
	};
	enum kl_status status;

	pack.title = kl_title_make(pack.id);
	status = write_pack(&pack, dir, slug, err);
	free(pack.title);
	free(id);
	free(real);
	return status;
}

enum kl_status kl_pack_add(const char *pack_dir, const char *slug, struct kl_error *err)
{
	char *file = kl_path_join(pack_dir, "pack.json");
	bool there = kl_path_exists(file);
	struct kl_pack *pack;
	enum kl_status status;

	free(file);
	if (!there)
		return make_pack(pack_dir, slug, err);
	status = kl_pack_read(&pack, pack_dir, err);
	if (status)
		return status;
	for (size_t i = 0; i < pack->challenge_count; i++)
		there = there && strcmp(pack->challenges[i], slug) != 0;
	if (there)
		status = write_pack(pack, pack_dir, slug, err);
	kl_pack_free(pack);
	return status;
}
