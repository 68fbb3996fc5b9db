#ifndef KODELAB_STORE_INT_H
#define KODELAB_STORE_INT_H

/*
 * Between the store's files. A table family says what it wants in terms of enum sql, bound arguments and a function per
 * row (statement.c); a driver knows one database engine (sqlite.c); store.c opens, closes, and begins anew.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/clock.h>
#include <kodelab/store.h>

#include "core/store/sql.h"

/* ---- one database engine ---- */

enum sql_type { SQL_TYPE_INT, SQL_TYPE_REAL, SQL_TYPE_TEXT };

struct sql_arg { /* borrowed for the statement */
	enum sql_type type;
	int64_t integer;
	double real;
	const char *text;
	size_t len; /* bytes; SIZE_MAX: to the NUL */
};

/* Columns of the row under the cursor; texts live until the next step. */
struct sql_row {
	const struct store_driver *driver;
	void *statement;
};

struct store_driver {
	const char *name;
	/* path NULL: in memory. *mode may become NETWORK when WAL is not to be had. On failure nothing is left open. */
	enum kl_status (*open)(void **db, const char *path, enum kl_store_mode *mode, struct kl_error *err);
	void (*close)(void *db);
	/* Several statements without parameters or rows. */
	enum kl_status (*script)(void *db, const char *text, struct kl_error *err);
	enum kl_status (*begin)(void *db, enum kl_store_mode mode, struct kl_error *err);
	enum kl_status (*commit)(void *db, struct kl_error *err);
	void (*rollback)(void *db);
	uint32_t (*version)(void *db); /* another one after each commit that this connection has made or seen */
	bool (*writes)(void *statement);
	void (*expect_much)(void *db); /* it will be large, and written all the time: memory for that */
	void (*wait)(void *db, bool wait); /* shall commits wait for the disk? Not inside a transaction */
	enum kl_status (*prepare)(void **statement, void *db, const char *text, struct kl_error *err);
	enum kl_status (*bind)(void *statement, int at1, const struct sql_arg *arg, struct kl_error *err);
	/* *row: there is one. */
	enum kl_status (*step)(bool *row, void *statement, struct kl_error *err);
	void (*reset)(void *statement);
	void (*finalize)(void *statement);
	int64_t (*column_int)(void *statement, int at0);
	double (*column_real)(void *statement, int at0);
	const char *(*column_text)(void *statement, int at0, size_t *len);
	/* Looks through the whole file for at most budget_ms; KL_ECORRUPT when something is wrong. */
	enum kl_status (*check)(void *db, int64_t budget_ms, struct kl_error *err);
	/* Writes all of it, as it is at one moment, into a new file. */
	enum kl_status (*copy)(void *db, const char *path, struct kl_error *err);
	/* Leaves nothing of earlier contents in the log. KL_EBUSY: somebody still reads it. */
	enum kl_status (*empty_log)(void *db, struct kl_error *err);
};

extern const struct store_driver store_sqlite;

struct kl_store {
	const struct store_driver *driver;
	void *db;
	char *path; /* NULL: in memory */
	enum kl_store_kind kind;
	enum kl_store_mode mode;
	struct kl_clock clock;
	void *statements[SQL_COUNT]; /* prepared when first needed */
	int lock_fd; /* holds a shared flock as long as the store is open; -1: none */
	int64_t steps_to_fault; /* KL_FAULT: counts down, fails at 1; 0: never */
	bool guest; /* may be beside a server; then it migrates nothing */
	bool damage_seen; /* the next start shall look closely */
	bool writes[SQL_COUNT]; /* of those that are prepared */
	int depth; /* of transactions that write */
	bool in_turns, reading; /* kodelab/store_turn.h: shall what is read be a transaction; is there one */
	uint64_t people; /* kl_store_people_version */
	uint32_t version; /* the driver's, when it was looked at last */
	bool batch; /* between kl_store_batch_begin and _end */
	bool batch_failed; /* a part of it could not be undone */
};

/* What every database has, before any migration. */
#define STORE_FIRST_TABLE "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"

/* ---- statement.c ---- */

#define ARG_INT(value)                                                                                                 \
	{                                                                                                              \
		.type = SQL_TYPE_INT, .integer = (value)                                                               \
	}
#define ARG_REAL(value)                                                                                                \
	{                                                                                                              \
		.type = SQL_TYPE_REAL, .real = (value)                                                                 \
	}
#define ARG_TEXT(value)                                                                                                \
	{                                                                                                              \
		.type = SQL_TYPE_TEXT, .text = (value), .len = SIZE_MAX                                                \
	} /* NULL: "" */
#define ARG_BYTES(value, size)                                                                                         \
	{                                                                                                              \
		.type = SQL_TYPE_TEXT, .text = (value), .len = (size)                                                  \
	}

struct sql_args {
	const struct sql_arg *items;
	size_t count;
};
#define ARGS(...)                                                                                                      \
	((struct sql_args){ (const struct sql_arg[]){ __VA_ARGS__ },                                                   \
			    sizeof((const struct sql_arg[]){ __VA_ARGS__ }) / sizeof(struct sql_arg) })
#define NO_ARGS ((struct sql_args){ NULL, 0 })

typedef void store_row_fn(void *ctx, const struct sql_row *row);

/* fn gets each row; it must not call the store. */
enum kl_status store_select(struct kl_store *store, enum sql which, struct sql_args args, store_row_fn *fn, void *ctx,
			    struct kl_error *err) KL_MUST_CHECK;
/* A page of a list: what counts it and what lists it take the same arguments; the list takes max and skip behind them. */
struct store_page {
	enum sql count, list;
	int64_t skip, max;
};
/* fn as above gets the page's rows. *total: rows on all pages, when there are both; NULL: nobody asks. */
enum kl_status store_select_page(int64_t *total, struct kl_store *store, const struct store_page *page,
				 struct sql_args args, store_row_fn *fn, void *ctx, struct kl_error *err) KL_MUST_CHECK;
enum kl_status store_run(struct kl_store *store, enum sql which, struct sql_args args,
			 struct kl_error *err) KL_MUST_CHECK;
/* One without arguments, whose rows nobody wants; no fault is asked for in it. */
enum kl_status store_run_bare(struct kl_store *store, enum sql which, struct kl_error *err) KL_MUST_CHECK;
enum kl_status store_script(struct kl_store *store, const char *text, struct kl_error *err) KL_MUST_CHECK;
/* A transaction that writes: begin, … , end with the status so far. end commits on KL_OK, else rolls back and gives status. */
enum kl_status store_begin(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;
enum kl_status store_end(struct kl_store *store, enum kl_status status, struct kl_error *err) KL_MUST_CHECK;

/* Tries every statement against the schema: KL_ECORRUPT when one does not fit. */
enum kl_status store_prepare_all(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

int64_t row_int(const struct sql_row *row, int at0);
void row_number(void *ctx, const struct sql_row *row); /* a store_row_fn: the first column into an int64_t */
double row_real(const struct sql_row *row, int at0);
char *row_text(const struct sql_row *row, int at0); /* owned by the caller */
char *row_bytes(const struct sql_row *row, int at0, size_t *len); /* the same, may hold NULs */
void row_copy(const struct sql_row *row, int at0, char *to, size_t size);

/* ---- turn.c ---- */

/* Before each statement outside of a transaction: begins the turn's one, or ends it. */
void store_turn_before(struct kl_store *store, bool writes);
/* After a commit of our own, and where those of others are seen for the first time. */
void store_note_own(struct kl_store *store);
void store_note_others(struct kl_store *store);

/* ---- attempts.c ---- */

/* In a transaction: the attempt, with its id and time, and all that it changes. Sets its standing. */
enum kl_status store_attempt_put(struct kl_store *store, struct kl_attempt *attempt, bool *first_pass,
				 struct kl_error *err) KL_MUST_CHECK;

/* ---- intake_table.c ---- */

/* So many bytes more are kept of the user; below 0: fewer. */
enum kl_status store_intake_keep(struct kl_store *store, const char *user, int64_t bytes,
				 struct kl_error *err) KL_MUST_CHECK;

/* ---- stats_table.c ---- */

/*
 * Counts a work and what its user has at the challenge, by 1, or takes that back, by -1: the former before, the latter after each change of
 * a verdict, in its transaction.
 */
enum kl_status stats_count(struct kl_store *store, const char *work_id, int by, struct kl_error *err) KL_MUST_CHECK;

/* ---- schema.c ---- */

int store_schema_newest(enum kl_store_kind kind);
enum kl_status store_migrate(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

/* ---- guard.c: who else is here, and was the last one well ---- */

struct store_guard {
	int fd; /* of path.lock; -1: no such file can be made here */
	bool alone; /* no other process has the store open */
	bool suspect; /* alone, and the last process did not close, or saw damage */
	bool damaged; /* that process saw damage: look at everything */
};

enum kl_status guard_open(struct store_guard *guard, const char *path, struct kl_error *err) KL_MUST_CHECK;
/*
 * For who wants nobody beside it: a child of a process that was killed between vfork and exec has the lock for a moment. Not alone
 * after two seconds: somebody else is in.
 */
void guard_wait_alone(struct store_guard *guard, const char *path);
/* From now on others may come in; the lock stays shared until fd is closed. */
void guard_share(struct store_guard *guard);
/* For the next start: look closely. unmark: it was done. */
void guard_mark(int fd);
void guard_unmark(const struct store_guard *guard);
/* Renames path and what belongs to it to path.damaged-<time>; the new name into set_aside. */
enum kl_status guard_set_aside(char *set_aside, size_t size, const char *path, const struct kl_clock *clock,
			       struct kl_error *err) KL_MUST_CHECK;

/* ---- families that others need ---- */

/*
 * Adds body (taken, freed) to the outbox, inside the caller's transaction. bytes: what the hash is of, NULL for the
 * body itself. replace: an unsent one of the same kind and subject goes.
 */
struct outbox_entry {
	const char *kind;
	const char *id; /* NULL: made here */
	const char *pack, *slug, *language; /* language NULL: not part of the subject */
	struct cJSON *body;
	const char *bytes;
	size_t len;
	bool replace;
};
enum kl_status outbox_add(struct kl_store *store, const struct outbox_entry *entry, struct kl_error *err) KL_MUST_CHECK;
/* {"pack":…,"slug":…,"at_ms":…} to be filled. */
struct cJSON *outbox_body(const char *pack, const char *slug, int64_t at_ms);

/* In a transaction: as kl_store_draft_put. */
enum kl_status draft_put(struct kl_store *store, const char *pack, const char *slug, const char *language,
			 const char *text, size_t len, struct kl_error *err) KL_MUST_CHECK;

enum kl_status progress_put(struct kl_store *store, const char *pack, const char *slug,
			    const struct kl_progress *progress, struct kl_error *err) KL_MUST_CHECK;

/* Tells the outbox how a challenge stands now. */
enum kl_status progress_report(struct kl_store *store, const char *pack, const char *slug,
			       const struct kl_progress *progress, struct kl_error *err) KL_MUST_CHECK;

#endif
