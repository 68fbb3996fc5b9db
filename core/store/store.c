/* Opening, closing, and beginning anew. A clean start reads a handful of pages and checks nothing else. */

#include "core/store/store_int.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

#define CHECK_SUSPECT_MS 100 /* the last process did not close: SQLite mends its log, we look for what is left */
#define CHECK_DAMAGED_MS 5000 /* it read damage */

static void close_database(struct kl_store *store)
{
	for (size_t i = 0; i < SQL_COUNT; i++) {
		if (store->statements[i])
			store->driver->finalize(store->statements[i]);
		store->statements[i] = NULL;
	}
	if (store->db)
		store->driver->close(store->db);
	store->db = NULL;
}

static enum kl_status open_database(struct kl_store *store, const struct store_guard *guard, struct kl_error *err)
{
	enum kl_status status = store->driver->open(&store->db, store->path, &store->mode, err);

	if (!status && store->kind == KL_STORE_SERVER)
		store->driver->expect_much(store->db);
	if (!status && guard->suspect)
		status = store->driver->check(store->db, guard->damaged ? CHECK_DAMAGED_MS : CHECK_SUSPECT_MS, err);
	if (!status)
		status = store_migrate(store, err);
	if (!status && guard->suspect)
		status = store_prepare_all(store, err);
	if (status)
		close_database(store);
	return status;
}

static enum kl_status begin_anew(struct kl_store *store, struct kl_store_opened *what, struct kl_error *err)
{
	struct store_guard fresh = { .fd = -1 };
	enum kl_status status =
		guard_set_aside(what->set_aside, sizeof(what->set_aside), store->path, &store->clock, err);

	if (status)
		return status;
	what->rebuilt = true;
	return open_database(store, &fresh, err);
}

static enum kl_status make_folder(const char *path, struct kl_error *err)
{
	char *folder = kl_format("%.*s.", (int)(kl_path_name(path) - path), path);
	enum kl_status status = kl_path_make(folder, err);

	free(folder);
	return status;
}

/* The file with a mode of its own: what a student writes is nobody else's to read. */
static void make_file(const char *path)
{
	/* Only when new: closing a descriptor of a file in use would drop SQLite's locks on it. */
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

static bool fill(const struct kl_store *store, const char *path)
{
	enum kl_store_mode mode = store->mode;
	bool good;
	void *db;

	make_file(path);
	if (store->driver->open(&db, path, &mode, NULL))
		return false;
	good = store->driver->script(db, STORE_FIRST_TABLE, NULL) == KL_OK;
	store->driver->close(db);
	return good;
}

/*
 * A new database gets its name when it is one: an empty file of that name is a sign that everything in it was lost, and the
 * first start may be killed anywhere. Where it does not work, opening says why.
 */
static void make_database(const struct kl_store *store)
{
	char *fresh = kl_format("%s.new", store->path);

	if (!kl_path_exists(store->path)) {
		unlink(fresh); /* of a start that was killed */
		if (!fill(store, fresh) || rename(fresh, store->path) < 0)
			unlink(fresh);
	}
	make_file(store->path);
	free(fresh);
}

/* It was used before, and all of it is gone: SQLite would take an empty file for a new database and say nothing. */
static bool is_emptied(const char *path)
{
	char *lock = kl_format("%s.lock", path);
	struct stat info;
	bool emptied = kl_path_exists(lock) && stat(path, &info) == 0 && S_ISREG(info.st_mode) && !info.st_size;

	free(lock);
	return emptied;
}

static enum kl_status open_guarded(struct kl_store *store, struct kl_store_opened *what, struct kl_error *err)
{
	struct store_guard guard;
	bool emptied = is_emptied(store->path);
	enum kl_status status = make_folder(store->path, err);

	if (status)
		return status;
	status = guard_open(&guard, store->path, err);
	if (status)
		return status;
	store->lock_fd = guard.fd;
	if (store->kind == KL_STORE_SERVER && guard.fd >= 0 && !guard.alone && !store->guest)
		guard_wait_alone(&guard, store->path);
	if (guard.alone || guard.fd < 0)
		make_database(store);
	if (store->kind == KL_STORE_SERVER && guard.fd >= 0 && !guard.alone && !store->guest)
		return kl_fail(err, KL_EBUSY, "another kodelabd has '%s' open: stop that one first", store->path);
	store->guest &= !guard.alone;
	status = emptied && guard.alone ? KL_ECORRUPT : open_database(store, &guard, err);
	if (status == KL_ECORRUPT && store->kind == KL_STORE_SERVER)
		status = kl_fail(err, KL_ECORRUPT, "'%s' is damaged: keep a copy of it and restore the newest backup",
				 store->path);
	else if (status == KL_ECORRUPT && guard.alone)
		status = begin_anew(store, what, err);
	else if (status == KL_ECORRUPT)
		status = kl_fail(err, KL_ECORRUPT,
				 "'%s' is damaged and another lab has it open: close that one and start again",
				 store->path);
	if (!status)
		guard_unmark(&guard);
	guard_share(&guard);
	return status;
}

static int64_t fault_from_environment(void)
{
	const char *text = getenv("KL_FAULT");

	return text ? strtoll(text, NULL, 10) : 0;
}

static enum kl_status open_kind(struct kl_store **out, struct kl_store_opened *what, enum kl_store_kind kind,
				bool guest, const char *path, const struct kl_clock *clock, struct kl_error *err)
{
	const char *network = getenv("KL_STORE_NETWORK");
	struct kl_store *store = kl_calloc(1, sizeof(*store));
	struct kl_store_opened seen = { .rebuilt = false };
	struct store_guard none = { .fd = -1 };
	enum kl_status status;

	store->driver = &store_sqlite;
	store->kind = kind;
	store->guest = guest;
	store->path = kl_strdup(path);
	store->clock = *clock;
	store->lock_fd = -1;
	store->steps_to_fault = fault_from_environment();
	if (path && ((network && !strcmp(network, "1")) || kl_path_is_network(path)))
		store->mode = KL_STORE_NETWORK;
	status = path ? open_guarded(store, &seen, err) : open_database(store, &none, err);
	if (status) {
		kl_store_close(store);
		return status;
	}
	seen.mode = store->mode;
	if (what)
		*what = seen;
	*out = store;
	return KL_OK;
}

enum kl_status kl_store_open(struct kl_store **out, struct kl_store_opened *what, const char *path,
			     const struct kl_clock *clock, struct kl_error *err)
{
	return open_kind(out, what, KL_STORE_LAB, false, path, clock, err);
}

enum kl_status kl_store_open_server(struct kl_store **out, const char *path, const struct kl_clock *clock,
				    struct kl_error *err)
{
	return open_kind(out, NULL, KL_STORE_SERVER, false, path, clock, err);
}

enum kl_status kl_store_open_beside(struct kl_store **out, const char *path, const struct kl_clock *clock,
				    struct kl_error *err)
{
	return open_kind(out, NULL, KL_STORE_SERVER, true, path, clock, err);
}

void kl_store_close(struct kl_store *store)
{
	if (!store)
		return;
	close_database(store);
	if (store->lock_fd >= 0)
		close(store->lock_fd); /* after the database: until then we are in */
	free(store->path);
	free(store);
}
