/* A pack's files out of an author's folder: what is read when the pack is read, by name, and nothing else. */

#include <kodelab/pack.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"

struct collection {
	struct kl_archive *out;
	struct kl_error *err;
};

/* The file name of folder, as place ("two-sum/starter/") and name. */
static enum kl_status add_file(const struct collection *to, int folder, const char *place, const char *name, size_t max)
{
	char *full = kl_format("%s%s", place, name);
	struct kl_buf text;
	enum kl_status status;

	kl_buf_init(&text, max);
	status = kl_folder_read(&text, folder, name, full, to->err);
	if (!status)
		kl_archive_add(to->out, full, text.data, text.len);
	kl_buf_release(&text);
	free(full);
	return status;
}

/* All files of the folder fd, which is taken over; the challenge's reader has seen that they are sources. */
static enum kl_status add_all(const struct collection *to, int fd, const char *place)
{
	DIR *dir = fdopendir(fd);
	enum kl_status status = KL_OK;
	const struct dirent *entry;

	if (!dir) {
		close(fd);
		return kl_fail_errno(to->err, KL_EIO, errno, "cannot read the folder '%s'", place);
	}
	while (!status && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			status = add_file(to, fd, place, entry->d_name, KL_SOURCE_MAX);
	closedir(dir);
	return status;
}

static enum kl_status add_sources(const struct collection *to, int folder, const char *slug, const char *name,
				  size_t count)
{
	enum kl_status status;
	char *place;
	int fd;

	if (!count)
		return KL_OK;
	if ((status = kl_folder_open(&fd, folder, name, to->err)))
		return status;
	place = kl_format("%s/%s/", slug, name);
	status = add_all(to, fd, place);
	free(place);
	return status;
}

static enum kl_status add_files(const struct collection *to, int folder, const struct kl_challenge *challenge)
{
	char *place = kl_format("%s/", challenge->slug);
	enum kl_status status;

	if (!(status = add_file(to, folder, place, "challenge.json", KL_CHALLENGE_JSON_MAX)) &&
	    !(status = add_file(to, folder, place, "statement.md", KL_STATEMENT_MAX)) &&
	    !(status = add_file(to, folder, place, "tests.json", KL_TESTS_JSON_MAX)) && challenge->checker.file)
		status = add_file(to, folder, place, challenge->checker.file, KL_SOURCE_MAX);
	free(place);
	if (status)
		return status;
	if ((status = add_sources(to, folder, challenge->slug, "starter", challenge->starter_count)))
		return status;
	return add_sources(to, folder, challenge->slug, "solution", challenge->solution_count);
}

static enum kl_status add_challenge(const struct collection *to, const struct kl_pack *pack, int pack_folder,
				    size_t index)
{
	char *dir = kl_format("%s/%s", pack->dir, pack->challenges[index]);
	struct kl_challenge *challenge = NULL;
	enum kl_status status = kl_challenge_read(&challenge, pack->id, dir, (int)index + 1, to->err);
	int folder = -1;

	if (status && to->err)
		kl_error_prefix(to->err, "%s", pack->challenges[index]);
	if (!status && !(status = kl_folder_open(&folder, pack_folder, pack->challenges[index], to->err)))
		status = add_files(to, folder, challenge);
	if (folder >= 0)
		close(folder);
	kl_challenge_free(challenge);
	free(dir);
	return status;
}

/* only NULL: all challenges. */
static enum kl_status add_challenges(const struct collection *to, const struct kl_pack *pack, int folder,
				     const char *only)
{
	enum kl_status status = KL_OK;
	size_t added = 0;

	for (size_t i = 0; i < pack->challenge_count && !status; i++) {
		if (only && strcmp(only, pack->challenges[i]) != 0)
			continue;
		status = add_challenge(to, pack, folder, i);
		added++;
	}
	if (!status && !added)
		status = kl_fail(to->err, KL_ENOENT, "the pack.json around '%s' does not name it", only);
	return status;
}

enum kl_status kl_pack_collect(struct kl_archive *out, const char *dir, const char *only, struct kl_error *err)
{
	struct kl_archive made = { .files = NULL };
	const struct collection to = { &made, err };
	struct kl_pack *pack = NULL;
	enum kl_status status = kl_pack_read(&pack, dir, err);
	int folder = -1;

	if (status)
		return status;
	status = kl_folder_open(&folder, AT_FDCWD, dir, err);
	if (!status)
		status = add_file(&to, folder, "", "pack.json", KL_PACK_JSON_MAX);
	if (!status)
		status = add_challenges(&to, pack, folder, only);
	if (folder >= 0)
		close(folder);
	kl_pack_free(pack);
	kl_archive_sort(&made);
	if (status)
		kl_archive_release(&made);
	else
		*out = made;
	return status;
}

bool kl_pack_challenge_hash(char hex[KL_SHA256_SIZE], const struct kl_archive *archive, const char *slug)
{
	char *place = kl_format("%s/", slug);
	struct kl_archive part = { .files = NULL };

	/* Neighbours, because files are sorted: the part borrows them. */
	for (size_t i = 0; i < archive->count; i++) {
		if (strncmp(archive->files[i].name, place, strlen(place)) != 0)
			continue;
		if (!part.count++)
			part.files = &archive->files[i];
	}
	free(place);
	if (part.count)
		kl_archive_hash(hex, &part);
	return part.count > 0;
}
