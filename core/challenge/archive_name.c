/* Names in archives: which may be, and which are the same to somebody's file system. */

#include "core/challenge/archive_int.h"

#include <utf8proc.h>

#include <kodelab/alloc.h>

#define SHOWN_MAX 120 /* bytes of a name in a sentence */

static bool is_control(utf8proc_int32_t rune)
{
	return rune < 0x20 || (rune >= 0x7f && rune < 0xa0) || rune == '\\';
}

/* UTF-8 without control characters. A backslash parts folders elsewhere. */
static bool is_text(const char *name, size_t len)
{
	for (size_t at = 0; at < len;) {
		utf8proc_int32_t rune;
		utf8proc_ssize_t step =
			utf8proc_iterate((const utf8proc_uint8_t *)name + at, (utf8proc_ssize_t)(len - at), &rune);

		if (step <= 0 || is_control(rune))
			return false;
		at += (size_t)step;
	}
	return true;
}

static enum kl_status check_parts(bool *hidden, const char *name, const struct kl_archive_limits *limits,
				  struct kl_error *err)
{
	size_t depth = 0;

	*hidden = false;
	for (const char *part = name; part; depth++) {
		size_t len = strcspn(part, "/");

		if (!len || (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.'))
			return kl_fail(err, KL_EINVAL, "the archive's name '%.*s' leads elsewhere", SHOWN_MAX, name);
		if (len > KL_ARCHIVE_PART_MAX)
			return kl_fail(err, KL_EINVAL, "the archive's name '%.*s…' is too long", SHOWN_MAX, name);
		*hidden |= part[0] == '.';
		part = part[len] ? part + len + 1 : NULL;
	}
	if (depth > limits->depth_max)
		return kl_fail(err, KL_EMANY, "the archive's folders are too deep: '%.*s'", SHOWN_MAX, name);
	return KL_OK;
}

enum kl_status kl_archive_name(char **out, bool *hidden, const char *name, size_t len,
			       const struct kl_archive_limits *limits, struct kl_error *err)
{
	enum kl_status status;
	char *copy;

	if (!is_text(name, len))
		return kl_fail(err, KL_EINVAL, "a name in the archive holds bytes that no name may have");
	while (len >= 2 && name[0] == '.' && name[1] == '/') {
		name += 2;
		len -= 2;
	}
	if (len && name[len - 1] == '/')
		len--;
	if (len > KL_ARCHIVE_NAME_MAX)
		return kl_fail(err, KL_EINVAL, "the archive's name '%.*s…' is too long", SHOWN_MAX, name);
	copy = kl_strndup(name, len);
	status = check_parts(hidden, copy, limits, err);
	if (status)
		free(copy);
	else
		*out = copy;
	return status;
}

/* --- twins -------------------------------------------------------------------------------------------------------- */

struct place { /* a file, or a folder that a file is in */
	char *folded;
	const char *name;
	size_t len;
	bool file;
};

static int by_fold(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	return strcmp(a->folded, b->folded);
}

/* Without case, and accents composed: as the strangest file system compares. */
static char *fold(const char *name, size_t len)
{
	utf8proc_uint8_t *folded = NULL;
	char *copy;

	utf8proc_map((const utf8proc_uint8_t *)name, (utf8proc_ssize_t)len, &folded,
		     UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE | UTF8PROC_STABLE | UTF8PROC_IGNORE);
	copy = folded ? kl_strdup((const char *)folded) : kl_strndup(name, len);
	free(folded);
	return copy;
}

static enum kl_status compare(const struct place *a, const struct place *b, struct kl_error *err)
{
	if (a->len == b->len && !memcmp(a->name, b->name, a->len)) {
		if (!a->file && !b->file)
			return KL_OK;
		return kl_fail(err, KL_EINVAL, "'%.*s' is in the archive twice", (int)a->len, a->name);
	}
	return kl_fail(err, KL_EINVAL, "the archive's names '%.*s' and '%.*s' are one name to some file systems",
		       (int)a->len, a->name, (int)b->len, b->name);
}

static size_t count_places(const struct kl_archive *archive)
{
	size_t count = 0;

	for (size_t i = 0; i < archive->count; i++) {
		count++;
		for (const char *at = archive->files[i].name; *at; at++)
			count += *at == '/';
	}
	return count;
}

enum kl_status kl_archive_refuse_twins(const struct kl_archive *archive, struct kl_error *err)
{
	size_t most = count_places(archive), count = 0;
	struct place *places = kl_calloc(most + 1, sizeof(*places));
	enum kl_status status = KL_OK;

	for (size_t i = 0; i < archive->count; i++) {
		const char *name = archive->files[i].name;

		for (size_t len = strcspn(name, "/");; len += 1 + strcspn(name + len + 1, "/")) {
			places[count++] = (struct place){ fold(name, len), name, len, !name[len] };
			if (!name[len])
				break;
		}
	}
	qsort(places, count, sizeof(*places), by_fold);
	for (size_t i = 1; i < count && !status; i++)
		if (!by_fold(&places[i - 1], &places[i]))
			status = compare(&places[i - 1], &places[i], err);
	for (size_t i = 0; i < count; i++)
		free(places[i].folded);
	free(places);
	return status;
}
