/*
 * Who else has the store open, and was the last one well. path.lock carries a flock: shared by everybody who is in,
 * exclusive while one opens. Who gets it exclusively is alone: then a log that still holds something was left by a process that
 * did not close, and a damaged file may be renamed without pulling it from under anybody. A lock file that is not empty
 * is a note from a process that read damage.
 */

#include "core/store/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

#define WAIT_MS 2000
#define NAP_NS  2000000

static const char *const companions[] = { "-wal", "-shm", "-journal" };

static bool holds_something(const char *path, const char *suffix)
{
	char *name = kl_format("%s%s", path, suffix);
	struct stat st;
	bool found = stat(name, &st) == 0 && st.st_size > 0;

	free(name);
	return found;
}

/* Another process that is just opening holds the lock for a moment. */
static enum kl_status wait_shared(int fd, const char *path, struct kl_error *err)
{
	int64_t end_ms = kl_clock_mono_ms() + WAIT_MS;
	struct timespec nap = { .tv_nsec = NAP_NS };

	while (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		if (kl_clock_mono_ms() > end_ms)
			return kl_fail(err, KL_EBUSY,
				       "another lab has been opening '%s' for 2 seconds: end it, or try again", path);
		nanosleep(&nap, NULL);
	}
	return KL_OK;
}

/* Alone: how the last process went. */
static void look_back(struct store_guard *guard, const char *path)
{
	struct stat st;

	guard->damaged = guard->alone && fstat(guard->fd, &st) == 0 && st.st_size > 0;
	guard->suspect = guard->damaged;
	for (size_t i = 0; i < KL_LENGTH(companions); i++)
		if (guard->alone && strcmp(companions[i], "-shm") != 0 && holds_something(path, companions[i]))
			guard->suspect = true;
}

enum kl_status guard_open(struct store_guard *guard, const char *path, struct kl_error *err)
{
	char *name = kl_format("%s.lock", path);
	enum kl_status status = KL_OK;

	*guard = (struct store_guard){ .fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) };
	free(name);
	if (guard->fd < 0) /* a full or read-only disk: the database itself says that better */
		return KL_OK;
	if (flock(guard->fd, LOCK_EX | LOCK_NB) == 0)
		guard->alone = true;
	else if (errno == EWOULDBLOCK)
		status = wait_shared(guard->fd, path, err);
	if (status) {
		close(guard->fd);
		guard->fd = -1;
		return status;
	}
	look_back(guard, path);
	return KL_OK;
}

void guard_wait_alone(struct store_guard *guard, const char *path)
{
	int64_t end_ms = kl_clock_mono_ms() + WAIT_MS;
	struct timespec nap = { .tv_nsec = NAP_NS };

	while (!(guard->alone = flock(guard->fd, LOCK_EX | LOCK_NB) == 0) && kl_clock_mono_ms() < end_ms)
		nanosleep(&nap, NULL);
	look_back(guard, path);
}

void guard_share(struct store_guard *guard)
{
	if (guard->fd >= 0 && guard->alone)
		flock(guard->fd, LOCK_SH | LOCK_NB);
}

void guard_mark(int fd)
{
	static const char note[] = "damage was seen\n";

	/* Best effort: on a full disk the damage is met again when it is read again. */
	if (fd >= 0 && pwrite(fd, note, sizeof(note) - 1, 0) > 0)
		fsync(fd);
}

void guard_unmark(const struct store_guard *guard)
{
	if (guard->damaged && ftruncate(guard->fd, 0) == 0)
		fsync(guard->fd);
}

/* A name that is not taken: path.damaged-20261124-115523, then with -2, -3, … */
static char *free_name(const char *path, const struct kl_clock *clock)
{
	time_t now = (time_t)(kl_clock_wall_ms(clock) / 1000);
	char stamp[32];
	struct tm tm;
	char *name;

	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	name = kl_format("%s.damaged-%s", path, stamp);
	for (int i = 2; kl_path_exists(name) && i < 1000; i++) {
		free(name);
		name = kl_format("%s.damaged-%s-%d", path, stamp, i);
	}
	return name;
}

enum kl_status guard_set_aside(char *set_aside, size_t size, const char *path, const struct kl_clock *clock,
			       struct kl_error *err)
{
	char *aside = free_name(path, clock);
	enum kl_status status = KL_OK;

	/* The log first: should the machine stop here, the damaged file without it is found again, and set aside then. */
	for (size_t i = 0; i < KL_LENGTH(companions); i++) {
		char *from = kl_format("%s%s", path, companions[i]), *to = kl_format("%s%s", aside, companions[i]);

		if (rename(from, to) < 0 && errno != ENOENT && !status)
			status = kl_fail_errno(err, KL_EIO, errno, "cannot move the damaged '%s' away", from);
		free(from);
		free(to);
	}
	if (!status && rename(path, aside) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot move the damaged '%s' away", path);
	if (!status)
		snprintf(set_aside, size, "%s", aside);
	free(aside);
	return status;
}
