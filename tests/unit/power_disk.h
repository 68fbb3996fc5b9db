#ifndef TESTS_UNIT_POWER_DISK_H
#define TESTS_UNIT_POWER_DISK_H

/*
 * A disk that loses its power. What a child of the test, and whoever it forks, does to the files of a folder is recorded call by
 * call (by ptrace, so below SQLite and below everything of ours): writes, cuts, syncs, names. Any moment of it can then be made
 * again in another folder, as a disk would be found whose power went away at that moment: what was synced is there, and of
 * everything else as much as the test says.
 *
 * It promises no more than POSIX does: to sync a file makes its bytes last, not its name; to sync a folder makes the names in
 * it last. A sector of 512 bytes is written whole or not at all; a file is cut at once. Names that were not synced are lost from the end: the journals
 * of file systems keep them in their order. Files that end in -shm are memory, and are nowhere after a power cut.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum power_loss {
	POWER_LOSES_ALL, /* whatever was not synced is as it was when it was */
	POWER_KEEPS_ALL, /* nothing is lost but what was still to be done */
	POWER_KEEPS_SOME, /* each file is as at a moment of its own since it was synced */
	POWER_TEARS, /* each sector of each file is */
	POWER_LOSSES,
};

struct power_cut {
	size_t at; /* the step before which it comes */
	enum power_loss loss;
	uint64_t seed; /* of moments */
};

struct power_disk;

/* Does work, from begin to end; it may assert nothing, only fail. The folder is empty. NULL: this machine lets nobody trace; it says so. */
struct power_disk *power_record(const char *folder, bool (*work)(void *ctx), void *ctx);
void power_free(struct power_disk *disk);

/* In the work: remembered among the steps. */
void power_mark(const char *text);

size_t power_count(const struct power_disk *disk); /* of steps, the first is 0; a cut at count comes after all */
bool power_is_sync(const struct power_disk *disk, size_t step);
const char *power_mark_of(const struct power_disk *disk, size_t step); /* NULL: it is no mark */

/* The folder is empty. */
void power_restore(const struct power_disk *disk, const char *folder, const struct power_cut *cut);

/*
 * Hands cuts to check, one after the other, in folder, which is emptied between: before each sync, after the last step, and elsewhere
 * so many times, each with torn sectors and one other loss. KL_POWER=n in the environment: before every step, with every loss, n times
 * with those that are left to chance. How many cuts that was.
 */
size_t power_every_cut(const struct power_disk *disk, const char *folder, size_t elsewhere,
		       void (*check)(void *ctx, const struct power_cut *cut), void *ctx);

#endif
