/* Copies of the server's database, and back: see kodelab/store_backup.h. */

#include <kodelab/store_backup.h>

#include "core/store/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/store_changes.h>
#include <kodelab/store_intake.h>
#include <kodelab/store_turn.h>

#define CHUNK        ((size_t)1 << 20)
#define WHOLE_MS     (INT64_C(24) * 3600 * 1000) /* a check of all of it has no hurry */
#define NOT_A_BACKUP "'%s' is no backup of a class server, or it is damaged: take another one"

/* --- files -------------------------------------------------------------------------------------------------------- */

static enum kl_status sync_file(const char *path, struct kl_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum kl_status status = KL_OK;

	if (fd < 0 || fsync(fd) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "'%s' does not get onto the disk", path);
	if (fd >= 0)
		close(fd);
	return status;
}

/* Its new name is on the disk, too. */
static enum kl_status sync_folder_of(const char *path, struct kl_error *err)
{
	char *folder = kl_format("%.*s.", (int)(kl_path_name(path) - path), path);
	enum kl_status status = sync_file(folder, err);

	free(folder);
	return status;
}

static enum kl_status pour(struct kl_file_writer *writer, const char *from, struct kl_error *err)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum kl_status status = KL_OK;
	ssize_t count = 0;
	char *bytes;

	if (fd < 0)
		return kl_fail_errno(err, errno == ENOENT ? KL_ENOENT : KL_EIO, errno, "cannot read '%s'", from);
	bytes = kl_alloc(CHUNK);
	while (!status && (count = read(fd, bytes, CHUNK)) > 0)
		status = kl_file_add(writer, bytes, (size_t)count, err);
	if (!status && count < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot read '%s'", from);
	free(bytes);
	close(fd);
	return status;
}

static enum kl_status copy_file(const char *to, const char *from, struct kl_error *err)
{
	struct kl_file_writer *writer;
	enum kl_status status = kl_file_begin(&writer, to, 0600, err);

	if (status)
		return status;
	status = pour(writer, from, err);
	if (!status)
		return kl_file_commit(writer, err);
	kl_file_abandon(writer);
	return status;
}

static void unlink_companions(const char *path)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < KL_LENGTH(suffixes); i++) {
		char *name = kl_format("%s%s", path, suffixes[i]);

		unlink(name);
		free(name);
	}
}

/* --- looking at it ------------------------------------------------------------------------------------------------ */

enum kl_status kl_store_check_all(struct kl_store *store, struct kl_error *err)
{
	return store->driver->check(store->db, WHOLE_MS, err);
}

static void ignore(void *ctx, const struct sql_row *row)
{
	(void)ctx;
	(void)row;
}

/* Opens a file that nobody else has, looks through it, brings it to our schema, and does then. It is closed again. */
static enum kl_status prove(const char *path, const struct kl_clock *clock,
			    enum kl_status (*then)(struct kl_store *, struct kl_error *), struct kl_error *err)
{
	struct kl_store *store = kl_calloc(1, sizeof(*store));
	struct kl_error inner;
	enum kl_status status;

	store->driver = &store_sqlite;
	store->kind = KL_STORE_SERVER;
	store->path = kl_strdup(path);
	store->clock = *clock;
	store->lock_fd = -1;
	status = store->driver->open(&store->db, path, &store->mode, &inner);
	if (!status)
		status = kl_store_check_all(store, &inner);
	if (!status) /* of a class server, and not of a lab */
		status = store_select(store, SQL_QUEUE_NEWEST, NO_ARGS, ignore, NULL, &inner);
	if (!status)
		status = store_migrate(store, &inner);
	if (!status && then)
		status = then(store, &inner);
	if (!status) /* closing does it, too, and says nothing when there is no room: the file goes on without its log */
		status = store->driver->empty_log(store->db, &inner);
	kl_store_close(store);
	if (status == KL_ECORRUPT)
		return kl_fail(err, KL_ECORRUPT, NOT_A_BACKUP, path);
	return status ? kl_fail(err, status, "%s", inner.message) : KL_OK;
}

/* --- backup ------------------------------------------------------------------------------------------------------- */

static enum kl_status name_it(const char *path, const char *part, struct kl_error *err)
{
	enum kl_status status = sync_file(part, err);

	if (status)
		return status;
	if (link(part, path) < 0) /* unlike rename: never over another file */
		status = kl_fail_errno(err, errno == EEXIST ? KL_EEXIST : KL_EIO, errno,
				       "the backup cannot be called '%s'", path);
	else
		status = sync_folder_of(path, err);
	return status;
}

enum kl_status kl_store_backup(int64_t *bytes, struct kl_store *store, const char *path, struct kl_error *err)
{
	char *part = kl_format("%s.part", path);
	struct kl_clock clock = store->clock;
	enum kl_status status = KL_OK;
	struct stat st;

	if (kl_path_exists(path))
		status = kl_fail(err, KL_EEXIST, "there is a file '%s' already: choose another name", path);
	if (!status) {
		unlink(part); /* of a backup that was killed */
		kl_store_turn_end(store);
		status = store->driver->copy(store->db, part, err);
	}
	if (!status && chmod(part, 0600) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot keep '%s' from others", part);
	if (!status)
		status = prove(part, &clock, NULL, err);
	if (!status)
		status = name_it(path, part, err);
	if (!status && bytes)
		*bytes = stat(path, &st) == 0 ? st.st_size : 0;
	unlink(part);
	unlink_companions(part);
	free(part);
	return status;
}

/* --- restore ------------------------------------------------------------------------------------------------------ */

/* A name that is not taken: path.before-20261124-115523. */
static char *name_for_kept(const char *path, const struct kl_clock *clock)
{
	time_t now = (time_t)(kl_clock_wall_ms(clock) / 1000);
	char stamp[32];
	struct tm tm;
	char *name;

	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	name = kl_format("%s.before-%s", path, stamp);
	for (int i = 2; kl_path_exists(name) && i < 1000; i++) {
		free(name);
		name = kl_format("%s.before-%s-%d", path, stamp, i);
	}
	return name;
}

/* What is still in the log of the old database goes into it, if it is well; else the log is kept beside it. */
static void fold_log(const char *path, const char *kept)
{
	struct kl_store store = { .driver = &store_sqlite };
	char *log = kl_format("%s-wal", path), *kept_log = kl_format("%s-wal", kept);

	if (store_sqlite.open(&store.db, path, &store.mode, NULL) == KL_OK) {
		(void)!store_sqlite.empty_log(store.db, NULL);
		store_sqlite.close(store.db);
	}
	if (kl_path_exists(log))
		rename(log, kept_log);
	unlink_companions(path);
	free(log);
	free(kept_log);
}

/* The old one gets a second name before it loses its first: there is never a moment without a database. */
static enum kl_status replace(char *kept, size_t size, const char *path, const char *fresh,
			      const struct kl_clock *clock, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	char *name;

	*kept = '\0';
	if (kl_path_exists(path)) {
		name = name_for_kept(path, clock);
		fold_log(path, name);
		if (link(path, name) < 0)
			status = copy_file(name, path, err);
		if (!status)
			snprintf(kept, size, "%s", name);
		free(name);
	}
	if (!status && rename(fresh, path) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot put the backup in the place of '%s'", path);
	return status ? status : sync_folder_of(path, err);
}

/* Numbers of changes are given again: who pulled those that are lost must notice. Serials of receipts are not. */
static enum kl_status begin_life(struct kl_store *store, struct kl_error *err)
{
	enum kl_status status = kl_store_changes_new_epoch(store, err);

	return status ? status : kl_store_intake_restored(store, kl_clock_wall_ms(&store->clock), err);
}

static enum kl_status restore(char *kept, size_t size, const char *path, const char *from, const struct kl_clock *clock,
			      struct kl_error *err)
{
	char *fresh = kl_format("%s.restoring", path), *log = kl_format("%s-wal", from);
	enum kl_status status = KL_OK;
	struct stat st;

	if (stat(log, &st) == 0 && st.st_size)
		status = kl_fail(err, KL_EBUSY, "'%s' was not closed: a backup is made by 'kodelabd backup'", from);
	if (!status)
		status = copy_file(fresh, from, err);
	if (!status)
		status = prove(fresh, clock, begin_life, err);
	if (status == KL_ECORRUPT) /* by the name that the administrator knows */
		status = kl_fail(err, KL_ECORRUPT, NOT_A_BACKUP, from);
	if (!status)
		status = replace(kept, size, path, fresh, clock, err);
	unlink(fresh);
	unlink_companions(fresh);
	free(fresh);
	free(log);
	return status;
}

enum kl_status kl_store_restore(char *kept, size_t size, const char *path, const char *from,
				const struct kl_clock *clock, struct kl_error *err)
{
	struct store_guard guard;
	enum kl_status status = guard_open(&guard, path, err);

	if (status)
		return status;
	if (guard.fd >= 0 && !guard.alone)
		status = kl_fail(err, KL_EBUSY, "a kodelabd has '%s' open: stop it first", path);
	else
		status = restore(kept, size, path, from, clock, err);
	if (!status)
		guard_unmark(&guard);
	if (guard.fd >= 0)
		close(guard.fd);
	return status;
}
