/* Zips of strangers. */

#include "core/server/archive.h"

#include <sys/stat.h>
#include <zip.h>

#include <kodelab/alloc.h>

#define NAME_MAX_BYTES 200
#define DEPTH_MAX      16
#define CHUNK          ((size_t)64 << 10)
#define ENTRIES_EACH   4 /* looked at for each file that may be taken */

/* A relative name that stays inside, printable, without empty or dotted parts. "./run" is "run". */
static const char *good_name(const char *name)
{
	size_t depth = 0;

	while (!strncmp(name, "./", 2))
		name += 2;
	if (!*name || strlen(name) > NAME_MAX_BYTES)
		return NULL;
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f || *at == '\\')
			return NULL;
	for (const char *part = name; part; depth++) {
		size_t len = strcspn(part, "/");

		if (!len || (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.'))
			return NULL;
		part = part[len] ? part + len + 1 : NULL;
	}
	return depth <= DEPTH_MAX ? name : NULL;
}

/* Links and devices are no files; zips of other systems do not say. */
static bool is_regular(zip_t *zip, zip_uint64_t index)
{
	zip_uint8_t made_on;
	zip_uint32_t attributes;
	mode_t mode;

	if (zip_file_get_external_attributes(zip, index, 0, &made_on, &attributes) < 0 || made_on != ZIP_OPSYS_UNIX)
		return true;
	mode = (mode_t)(attributes >> 16);
	return !(mode & S_IFMT) || S_ISREG(mode);
}

/* The same name, or one a folder of the other. */
static bool clash(const char *a, const char *b)
{
	size_t len = strlen(a), other = strlen(b), shared = len < other ? len : other;

	if (memcmp(a, b, shared) != 0)
		return false;
	return len == other || (len < other ? b : a)[shared] == '/';
}

static bool known(const struct archive *archive, const char *name)
{
	for (size_t i = 0; i < archive->count; i++)
		if (clash(archive->files[i].name, name))
			return true;
	return false;
}

/* false: cut, or broken. */
static bool unpack(struct kl_file *file, zip_file_t *from, size_t most)
{
	size_t room = 0;
	zip_int64_t got = 1;

	while (got > 0) {
		size_t step;

		if (file->len == room) {
			room = room ? 2 * room : CHUNK;
			file->text = kl_realloc_array(file->text, room + 1, 1);
		}
		step = room - file->len;
		if (step > most - file->len + 1)
			step = most - file->len + 1; /* one more than may be: then it is too large */
		got = zip_fread(from, file->text + file->len, step);
		if (got > 0)
			file->len += (size_t)got;
		if (file->len > most) {
			file->len = most;
			break;
		}
	}
	file->text[file->len] = '\0';
	return got == 0;
}

/* Entries that lie over each other would make many large ones of few bytes: packed they are no more than the zip. */
static bool pay(size_t *budget, zip_t *zip, zip_uint64_t index)
{
	zip_stat_t st;

	if (zip_stat_index(zip, index, 0, &st) < 0 || !(st.valid & ZIP_STAT_COMP_SIZE) || st.comp_size > *budget)
		return false;
	*budget -= st.comp_size;
	return true;
}

/* false: nothing after it is taken. */
static bool take(struct archive *out, zip_t *zip, zip_uint64_t index, const struct archive_limits *limits,
		 size_t *budget)
{
	const char *name = zip_get_name(zip, index, ZIP_FL_ENC_RAW);
	size_t left = limits->all_max - out->bytes, most = limits->file_max < left ? limits->file_max : left;
	struct kl_file file = { .name = NULL };
	zip_file_t *from;
	bool whole;

	if (!name || !(name = good_name(name)) || !is_regular(zip, index) || known(out, name))
		return true;
	if (out->count == limits->count_max || !pay(budget, zip, index))
		return false;
	from = zip_fopen_index(zip, index, 0);
	if (!from) /* encrypted, or a way of packing nobody knows */
		return true;
	whole = unpack(&file, from, most);
	zip_fclose(from);
	file.name = kl_strdup(name);
	KL_GROW(out->files, out->count, out->capacity);
	out->files[out->count++] = file;
	out->bytes += file.len;
	return whole;
}

bool archive_read(struct archive *out, const void *zip, size_t len, const struct archive_limits *limits)
{
	zip_error_t error;
	zip_source_t *source;
	zip_t *opened = NULL;
	zip_int64_t count;
	size_t budget = len;

	*out = (struct archive){ .count = 0 };
	zip_error_init(&error);
	source = zip_source_buffer_create(zip, len, 0, &error);
	if (source)
		opened = zip_open_from_source(source, ZIP_RDONLY, &error);
	if (!opened) {
		if (source)
			zip_source_free(source);
		zip_error_fini(&error);
		return false;
	}
	count = zip_get_num_entries(opened, 0);
	if (count > ENTRIES_EACH * (zip_int64_t)limits->count_max) /* each is compared with those before it */
		count = ENTRIES_EACH * (zip_int64_t)limits->count_max;
	for (zip_int64_t i = 0; i < count; i++)
		if (!take(out, opened, (zip_uint64_t)i, limits, &budget))
			break;
	zip_discard(opened);
	zip_error_fini(&error);
	return true;
}

void archive_release(struct archive *archive)
{
	for (size_t i = 0; i < archive->count; i++) {
		free(archive->files[i].name);
		free(archive->files[i].text);
	}
	free(archive->files);
	*archive = (struct archive){ .count = 0 };
}
