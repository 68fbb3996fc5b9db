/*
 * The SQLite driver. Durability first: every commit is on the disk when it returns (synchronous=FULL). Locally a
 * write-ahead log; on a network file system, where shared memory and fine locks cannot be trusted, a rollback journal that
 * is cut to nothing after each transaction, and transactions that keep everybody else out while they last.
 */

#include "core/store/store_int.h"

#include <errno.h>
#include <unistd.h>

#include <sqlite3.h>

#include <kodelab/alloc.h>

#define BUSY_MS     2000
#define NAP_MS      2
#define CHECK_STEPS 5000 /* virtual machine steps between two looks at the clock: well under 1 ms */

#define SAY_DAMAGED  "is damaged: leave the lab and start it again, then it is begun anew from your files"
#define SAY_READONLY "cannot be written: make the file and its folder writable"
#define SAY_FULL     "has no space left on its disk: free some space and try again"

/* clang-format off */
static const struct meaning {
	int code; /* primary result code of SQLite */
	enum kl_status status;
	const char *sentence; /* after the name of the file */
} meanings[] = {
	{ SQLITE_BUSY,     KL_EBUSY,    "has been in use by another program for 2 seconds: close that, or try again" },
	{ SQLITE_LOCKED,   KL_EBUSY,    "is in use: try again" },
	{ SQLITE_FULL,     KL_EFULL,    SAY_FULL },
	{ SQLITE_TOOBIG,   KL_EINVAL,   "cannot hold a text this long: make it shorter" },
	{ SQLITE_CORRUPT,  KL_ECORRUPT, SAY_DAMAGED },
	{ SQLITE_NOTADB,   KL_ECORRUPT, SAY_DAMAGED },
	{ SQLITE_SCHEMA,   KL_ECORRUPT, SAY_DAMAGED },
	{ SQLITE_READONLY, KL_EDENIED,  SAY_READONLY },
	{ SQLITE_PERM,     KL_EDENIED,  SAY_READONLY },
};
/* clang-format on */

static const char *path_of(sqlite3 *db)
{
	const char *path = db ? sqlite3_db_filename(db, "main") : NULL;

	return path && *path ? path : "the lab's memory";
}

/* A database that is on a read-only disk: of what SQLite would put beside it, it only says that it is not there. */
static bool is_on_read_only(const char *path)
{
	return access(path, W_OK) != 0 && errno == EROFS;
}

static enum kl_status fail_system(const char *path, int errnum, struct kl_error *err)
{
	if (errnum == ENOENT && is_on_read_only(path))
		errnum = EROFS;
	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
		return kl_fail(err, KL_EFULL, "'%s' " SAY_FULL, path);
	case EROFS:
	case EACCES:
	case EPERM:
		return kl_fail(err, KL_EDENIED, "'%s' " SAY_READONLY, path);
	case 0:
		return kl_fail(err, KL_EIO, "'%s' cannot be read or written: see whether its disk is well", path);
	default:
		return kl_fail_errno(err, KL_EIO, errnum, "'%s' cannot be read or written", path);
	}
}

/* path NULL: as the connection knows it. */
static enum kl_status fail_at(sqlite3 *db, const char *path, int code, struct kl_error *err)
{
	int primary = code & 0xff;

	/* A file that this process may not make larger (RLIMIT_FSIZE): SQLite knows a full disk alone. */
	if (code == SQLITE_IOERR_WRITE && errno == EFBIG)
		primary = SQLITE_FULL;
	path = path ? path : path_of(db);
	for (size_t i = 0; i < KL_LENGTH(meanings); i++)
		if (meanings[i].code == primary)
			return kl_fail(err, meanings[i].status, "'%s' %s", path, meanings[i].sentence);
	if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
		return fail_system(path, db ? sqlite3_system_errno(db) : 0, err);
	return kl_fail(err, KL_EIO, "'%s' cannot be used: %s", path, db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
}

static enum kl_status fail(sqlite3 *db, int code, struct kl_error *err)
{
	return fail_at(db, NULL, code, err);
}

static enum kl_status script(void *db, const char *text, struct kl_error *err)
{
	int code = sqlite3_exec(db, text, NULL, NULL, NULL);

	return code == SQLITE_OK ? KL_OK : fail(db, code, err);
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

static int take_word(void *ctx, int count, char **values, char **names)
{
	(void)names;
	snprintf(ctx, 16, "%s", count && values[0] ? values[0] : "");
	return 0;
}

static enum kl_status use_wal(sqlite3 *db, enum kl_store_mode *mode, struct kl_error *err)
{
	char word[16] = "";
	int code = sqlite3_exec(db, "PRAGMA journal_mode = WAL", take_word, word, NULL);

	if (code != SQLITE_OK)
		return fail(db, code, err);
	if (strcmp(word, "wal") != 0)
		*mode = KL_STORE_NETWORK; /* no shared memory here: what SQLite answers is a rollback journal */
	return KL_OK;
}

/* A database left in WAL mode must be read without shared memory once, to be turned: that needs exclusive locking. */
static const char use_rollback[] = "PRAGMA mmap_size = 0;"
				   "PRAGMA locking_mode = EXCLUSIVE;"
				   "PRAGMA journal_mode = TRUNCATE;"
				   "PRAGMA locking_mode = NORMAL;"
				   "SELECT COUNT(*) FROM sqlite_master;"; /* the lock goes with the next read */

/* SQLite's own handler naps up to 100 ms and so may never meet the gap between two busy writers. */
static int wait_a_little(void *ctx, int count)
{
	struct timespec nap = { .tv_nsec = NAP_MS * 1000000L };

	(void)ctx;
	if (count >= BUSY_MS / NAP_MS)
		return 0;
	nanosleep(&nap, NULL);
	return 1;
}

static enum kl_status set_up(sqlite3 *db, bool in_memory, enum kl_store_mode *mode, struct kl_error *err)
{
	enum kl_status status;

	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_handler(db, wait_a_little, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	status = script(db, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON", err);
	if (status || in_memory)
		return status;
	if (*mode == KL_STORE_WAL)
		status = use_wal(db, mode, err);
	if (!status && *mode == KL_STORE_NETWORK)
		status = script(db, use_rollback, err);
	return status;
}

static enum kl_status open_file(void **out, const char *path, enum kl_store_mode *mode, struct kl_error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	sqlite3 *db = NULL;
	int code = sqlite3_open_v2(path ? path : ":memory:", &db, flags, NULL);
	enum kl_status status;

	status = code == SQLITE_OK ? set_up(db, !path, mode, err) : fail_at(db, path, code, err);
	if (status) {
		sqlite3_close(db);
		return status;
	}
	*out = db;
	return KL_OK;
}

static void close_file(void *db)
{
	sqlite3_close(db);
}

/* --- statements ------------------------------------------------------------------------------------------------- */

static enum kl_status begin(void *db, enum kl_store_mode mode, struct kl_error *err)
{
	return script(db, mode == KL_STORE_NETWORK ? "BEGIN EXCLUSIVE" : "BEGIN IMMEDIATE", err);
}

static enum kl_status commit(void *db, struct kl_error *err)
{
	return script(db, "COMMIT", err);
}

static void rollback(void *db)
{
	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

/*
 * The log is copied into the file four times as rarely as usual: what is written again and again meanwhile is copied once. What a part of
 * a batch would be undone with is kept in memory: in a file it costs a quarter of the time of a row.
 */
static void expect_much(void *db)
{
	sqlite3_exec(db, "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY",
		     NULL, NULL, NULL);
}

/* With WAL only: a rollback journal that was not waited for may damage the file. */
static void wait_for_disk(void *db, bool wait)
{
	sqlite3_exec(db, wait ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
}

static uint32_t version(void *db)
{
	uint32_t number = 0;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_DATA_VERSION, &number);
	return number;
}

/* $1 must be the first parameter, $2 the second: SQLite numbers names by first use, PostgreSQL by the digits. */
static bool numbered(sqlite3_stmt *statement)
{
	char want[16];

	for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++) {
		snprintf(want, sizeof(want), "$%d", i);
		if (strcmp(want, sqlite3_bind_parameter_name(statement, i)) != 0)
			return false;
	}
	return true;
}

static bool writes(void *statement)
{
	return !sqlite3_stmt_readonly(statement);
}

static enum kl_status prepare(void **out, void *db, const char *text, struct kl_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);

	/* Our own text against our own schema: when it does not fit, the file is not what it should be. */
	if (code == SQLITE_ERROR)
		code = SQLITE_CORRUPT;
	if (code != SQLITE_OK)
		return fail(db, code, err);
	if (!numbered(statement))
		kl_die("kodelab: parameters out of order in: %s", text);
	*out = statement;
	return KL_OK;
}

static enum kl_status bind(void *statement, int at1, const struct sql_arg *arg, struct kl_error *err)
{
	const char *text = arg->text ? arg->text : "";
	int code = SQLITE_MISUSE;

	switch (arg->type) {
	case SQL_TYPE_INT:
		code = sqlite3_bind_int64(statement, at1, arg->integer);
		break;
	case SQL_TYPE_REAL:
		code = sqlite3_bind_double(statement, at1, arg->real);
		break;
	case SQL_TYPE_TEXT:
		code = sqlite3_bind_text64(statement, at1, text, arg->len == SIZE_MAX ? strlen(text) : arg->len,
					   SQLITE_STATIC, SQLITE_UTF8);
		break;
	}
	return code == SQLITE_OK ? KL_OK : fail(sqlite3_db_handle(statement), code, err);
}

static enum kl_status step(bool *row, void *statement, struct kl_error *err)
{
	int code = sqlite3_step(statement);

	*row = code == SQLITE_ROW;
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return KL_OK;
	return fail(sqlite3_db_handle(statement), code, err);
}

static void reset(void *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

static void finalize(void *statement)
{
	sqlite3_finalize(statement);
}

static int64_t column_int(void *statement, int at0)
{
	return sqlite3_column_int64(statement, at0);
}

static double column_real(void *statement, int at0)
{
	return sqlite3_column_double(statement, at0);
}

static const char *column_text(void *statement, int at0, size_t *len)
{
	const unsigned char *text = sqlite3_column_text(statement, at0);

	*len = (size_t)sqlite3_column_bytes(statement, at0);
	return text ? (const char *)text : "";
}

/* --- looking for damage ----------------------------------------------------------------------------------------- */

static int out_of_time(void *ctx)
{
	return kl_clock_mono_ms() > *(int64_t *)ctx;
}

static enum kl_status check(void *db, int64_t budget_ms, struct kl_error *err)
{
	int64_t end_ms = kl_clock_mono_ms() + budget_ms;
	char word[16] = "ok";
	int code;

	sqlite3_progress_handler(db, CHECK_STEPS, out_of_time, &end_ms);
	code = sqlite3_exec(db, "PRAGMA quick_check(1)", take_word, word, NULL);
	sqlite3_progress_handler(db, 0, NULL, NULL);
	if (code == SQLITE_INTERRUPT) /* too large to look at whole: what is bad is found when it is read */
		return KL_OK;
	if (code == SQLITE_OK && strcmp(word, "ok") != 0)
		code = SQLITE_CORRUPT;
	return code == SQLITE_OK ? KL_OK : fail(db, code, err);
}

/* --- copying ------------------------------------------------------------------------------------------------------ */

/* VACUUM INTO reads in one transaction, so others may write meanwhile, and leaves out what was deleted. */
static enum kl_status copy(void *db, const char *path, struct kl_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, "VACUUM INTO $1", -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? KL_OK : fail_at(db, path, code, err);
}

/* --- the log ------------------------------------------------------------------------------------------------------ */

/* A rollback journal is cut to nothing after each transaction: only a write-ahead log keeps anything. */
static enum kl_status empty_log(void *db, struct kl_error *err)
{
	int code = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	return code == SQLITE_OK ? KL_OK : fail(db, code, err);
}

const struct store_driver store_sqlite = {
	.name = "sqlite",
	.open = open_file,
	.close = close_file,
	.script = script,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.version = version,
	.writes = writes,
	.expect_much = expect_much,
	.wait = wait_for_disk,
	.prepare = prepare,
	.bind = bind,
	.step = step,
	.reset = reset,
	.finalize = finalize,
	.column_int = column_int,
	.column_real = column_real,
	.column_text = column_text,
	.check = check,
	.copy = copy,
	.empty_log = empty_log,
};
