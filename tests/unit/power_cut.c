/* A disk as it would be found: what was synced, and of the rest as much as was asked for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tests/unit/power_int.h"

#define SECTOR 512

/* --- what is left --------------------------------------------------------------------------------------------------- */

struct left { /* of a file, or of the names */
	size_t synced; /* steps before this one last */
	size_t loose; /* how many since */
	size_t seen; /* of these, while they are gone through */
	bool uncut; /* a cut did not happen: what was written after it is lost with it */
	char *bytes;
	size_t len, size; /* what was written at most, and what the file is long */
};

static uint64_t mix(uint64_t seed, uint64_t more)
{
	seed ^= more + UINT64_C(0x9e3779b97f4a7c15) + (seed << 6);
	seed = (seed ^ seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	seed = (seed ^ seed >> 27) * UINT64_C(0x94d049bb133111eb);
	return seed ^ seed >> 31;
}

/* So many of the loose steps of a file happened, to this sector of it. */
static size_t moment(const struct power_cut *cut, const struct left *left, size_t file, size_t sector)
{
	uint64_t chance = mix(cut->seed, file);

	switch (cut->loss) {
	case POWER_LOSES_ALL:
		return 0;
	case POWER_TEARS:
		chance = mix(chance, sector);
		break;
	case POWER_KEEPS_SOME:
		break;
	case POWER_KEEPS_ALL:
	case POWER_LOSSES:
		return left->loose;
	}
	return (size_t)(chance % (left->loose + 1));
}

/* Of a name: that of the folder it is in. */
static bool is_in(const char *name, const char *folder)
{
	size_t len = (size_t)(kl_path_name(name) - name);

	return (len ? len - 1 : 0) == strlen(folder) && !strncmp(name, folder, strlen(folder));
}

static const char *place_named(const struct step *step)
{
	return step->name ? step->name : step->former;
}

/* Does a name last: was its folder synced before the power went? */
static bool name_lasts(const struct power_disk *disk, size_t at, size_t step)
{
	for (size_t i = step + 1; i < at; i++)
		if (disk->steps[i].kind == SYNC_FOLDER && is_in(place_named(&disk->steps[step]), disk->steps[i].name))
			return true;
	return false;
}

static void count_loose(const struct power_disk *disk, const struct power_cut *cut, struct left *left)
{
	for (size_t i = 0; i < cut->at; i++) {
		const struct step *step = &disk->steps[i];

		if (step->kind == SYNC) {
			left[step->file].synced = i;
			left[step->file].loose = 0;
		} else if (step->kind == WRITE || step->kind == CUT) {
			left[step->file].loose++;
		}
	}
}

/* What is cut off is gone at once, and so is its length: that is one entry of a file system. */
static void cut_off(struct left *left, size_t len)
{
	if (len < left->len)
		memset(left->bytes + len, 0, left->len - len);
	left->size = len;
}

static void write_sector(struct left *left, const struct step *step, size_t sector)
{
	size_t begin = sector * SECTOR, end = begin + SECTOR;

	if (begin < step->from)
		begin = step->from;
	if (end > step->from + step->len)
		end = step->from + step->len;
	memcpy(left->bytes + begin, step->bytes + (begin - step->from), end - begin);
}

static void make_room(struct left *left, size_t len)
{
	if (len <= left->len)
		return;
	left->bytes = kl_realloc_array(left->bytes, len, 1);
	memset(left->bytes + left->len, 0, len - left->len);
	left->len = len;
}

static void change_file(const struct power_cut *cut, struct left *left, const struct step *step, size_t number)
{
	size_t file = step->file, end = step->from + step->len;
	bool loose = number >= left->synced;
	size_t order = loose ? left->seen++ : 0;
	bool happened = !loose || order < moment(cut, left, file, NOTHING);

	if (left->uncut)
		return;
	if (step->kind == CUT) {
		left->uncut = !happened;
		if (happened)
			cut_off(left, step->len);
		return;
	}
	make_room(left, end);
	for (size_t at = step->from; at < end; at = (at / SECTOR + 1) * SECTOR)
		if (!loose || order < moment(cut, left, file, at / SECTOR))
			write_sector(left, step, at / SECTOR);
	if (happened && left->size < end)
		left->size = end;
}

/* Which name is whose at the end: names[file] is borrowed; a file may have several, so each step has its own. */
static bool name_counts(const struct power_disk *disk, const struct power_cut *cut, size_t number, struct left *names)
{
	if (name_lasts(disk, cut->at, number))
		return true;
	return names->seen++ < moment(cut, names, disk->file_count, 0);
}

static void put_file(const char *folder, const char *name, const struct file *file, const struct left *left)
{
	char *path = kl_path_join(folder, name);
	int fd;

	if (file->folder) {
		assert_true(mkdir(path, 0700) == 0 || errno == ENOENT || errno == EEXIST);
	} else if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) >= 0) { /* its folder is there */
		size_t len = left->len < left->size ? left->len : left->size;

		assert_int_equal(write(fd, left->bytes ? left->bytes : "", len), len);
		assert_int_equal(ftruncate(fd, (off_t)left->size), 0);
		close(fd);
	}
	free(path);
}

static void take_away(const char *folder, const char *name)
{
	char *path = kl_path_join(folder, name);

	if (unlink(path) < 0)
		rmdir(path);
	free(path);
}

static void put_names(const struct power_disk *disk, const char *folder, const struct power_cut *cut,
		      const struct left *left)
{
	struct left names = { .synced = 0 };

	for (size_t i = 0; i < cut->at; i++)
		names.loose += disk->steps[i].kind == NAME && !name_lasts(disk, cut->at, i);
	for (size_t i = 0; i < cut->at; i++) {
		const struct step *step = &disk->steps[i];

		if (step->kind != NAME || !name_counts(disk, cut, i, &names))
			continue;
		if (step->former)
			take_away(folder, step->former);
		if (step->name)
			put_file(folder, step->name, &disk->files[step->file], &left[step->file]);
	}
}

void power_restore(const struct power_disk *disk, const char *folder, const struct power_cut *cut)
{
	struct left *left = kl_calloc(disk->file_count + 1, sizeof(*left));

	count_loose(disk, cut, left);
	for (size_t i = 0; i < cut->at; i++) {
		const struct step *step = &disk->steps[i];

		if (step->kind == WRITE || step->kind == CUT)
			change_file(cut, &left[step->file], step, i);
	}
	put_names(disk, folder, cut, left);
	for (size_t i = 0; i < disk->file_count; i++)
		free(left[i].bytes);
	free(left);
}

/* --- every cut ------------------------------------------------------------------------------------------------------ */

static void cut_once(const struct power_disk *disk, const char *folder, const struct power_cut *cut,
		     void (*check)(void *ctx, const struct power_cut *cut), void *ctx)
{
	assert_int_equal(mkdir(folder, 0700), 0);
	power_restore(disk, folder, cut);
	check(ctx, cut);
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
}

/* How often a cut is made before a step with a loss; turn: how many steps were cut before already. */
static int times(enum power_loss loss, size_t turn)
{
	const char *said = getenv("KL_POWER");

	if (said)
		return loss < POWER_KEEPS_SOME ? 1 : (int)strtol(said, NULL, 10);
	return loss == POWER_TEARS || loss == turn % POWER_TEARS;
}

size_t power_every_cut(const struct power_disk *disk, const char *folder, size_t elsewhere,
		       void (*check)(void *ctx, const struct power_cut *cut), void *ctx)
{
	size_t every = getenv("KL_POWER") ? 1 : disk->step_count / (elsewhere + 1) + 1, turn = 0, count = 0;

	for (size_t at = 0; at <= disk->step_count; at++) {
		if (at < disk->step_count && !power_is_sync(disk, at) && at % every)
			continue;
		for (int loss = 0; loss < POWER_LOSSES; loss++)
			for (int i = 0; i < times((enum power_loss)loss, turn); i++, count++) {
				const struct power_cut cut = { at, (enum power_loss)loss, mix(at, (uint64_t)i) };

				cut_once(disk, folder, &cut, check, ctx);
			}
		turn++;
	}
	return count;
}
