#ifndef KODELAB_STORE_H
#define KODELAB_STORE_H

/*
 * The lab's memory: one SQLite file. The only header whose implementation speaks SQL. Calls are short
 * (budget 5 ms); what changes several things does so in one transaction. Everything the class server will want
 * also goes into the outbox, in that same transaction.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/clock.h>
#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

enum kl_store_kind { KL_STORE_LAB, KL_STORE_SERVER }; /* whose tables: kodelab's or kodelabd's */
enum kl_store_mode { KL_STORE_WAL, KL_STORE_NETWORK }; /* NETWORK: rollback journal, short transactions (NFS) */

struct kl_store_opened {
	bool rebuilt; /* the database was damaged: set aside and begun anew */
	char set_aside[512]; /* where the damaged one lies now */
	enum kl_store_mode mode;
};

/*
 * Opens or creates path (its folder too), migrates it. path NULL: in memory, gone with kl_store_close: for a home that
 * cannot be written. what may be NULL.
 * Damaged, and nobody else has it open: renamed to path.damaged-<time>, a new one is made and what says so;
 * kl_store_rebuild then fills it from the work files. A clean start looks at nothing; after a process that did not
 * close, the file is looked through for 100 ms at most. Beside path lie -wal and -shm (or -journal), and path.lock.
 * KL_EBUSY: locked for 2 s · KL_ECONFLICT: of a newer schema, untouched · KL_EDENIED: not to be written · KL_EFULL ·
 * KL_ECORRUPT: damaged while another process has it open.
 * Any later call may give KL_ECORRUPT too, when the damage is met only then: nothing is written; the next open looks
 * through everything and begins anew.
 */
enum kl_status kl_store_open(struct kl_store **out, struct kl_store_opened *what, const char *path,
			     const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;
void kl_store_close(struct kl_store *store);
/*
 * The same for the class server's file. It is never begun anew: KL_ECORRUPT is told and the file stays as it is.
 * KL_EBUSY: another server has had it open for 2 s.
 */
enum kl_status kl_store_open_server(struct kl_store **out, const char *path, const struct kl_clock *clock,
				    struct kl_error *err) KL_MUST_CHECK;

/*
 * The same for a command that may run while the server does. KL_ECONFLICT: the server that has it open is older than this
 * program: restart it first.
 */
enum kl_status kl_store_open_beside(struct kl_store **out, const char *path, const struct kl_clock *clock,
				    struct kl_error *err) KL_MUST_CHECK;

/*
 * Many changes as one transaction with one wait for the disk: the server opens a batch with the first write of a turn of
 * its loop, ends it in the idle hook, and only then answers. In between every call of the store is still all or
 * nothing. When end fails, nothing since begin has happened. Batches do not nest.
 */
enum kl_status kl_store_batch_begin(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_batch_end(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;
bool kl_store_in_batch(const struct kl_store *store);
/* Writes 256 KiB over those of the last time: does the disk take so much? Only for the server's store. */
enum kl_status kl_store_try_room(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;
/*
 * Several calls inside a batch as one: all or nothing, undone without the rest. end: status so far; on KL_OK they stay,
 * else they are undone and it is what end gives. Parts nest.
 */
enum kl_status kl_store_part_begin(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_part_end(struct kl_store *store, enum kl_status status, struct kl_error *err) KL_MUST_CHECK;

/*
 * Until it is taken back, a write does not wait for the disk: it survives this process at once, a power cut a little later. For
 * what costs a request when it is lost, and never for the student's work. A batch waits all the same, as does a network file
 * system. Calls do not nest.
 */
void kl_store_lightly(struct kl_store *store, bool lightly);

/*
 * Takes up work found as files: <work>/<pack>/<slug>/<source> becomes a draft and "in progress". *count: how many.
 * Links, hidden names, unknown suffixes and files over 1 MiB are passed over.
 */
enum kl_status kl_store_rebuild(size_t *count, struct kl_store *store, const char *work_dir,
				struct kl_error *err) KL_MUST_CHECK;

/* ---- attempts: one Run or Submit ---- */

enum kl_attempt_kind { KL_ATTEMPT_RUN, KL_ATTEMPT_SUBMIT };

enum kl_attempt_standing {
	KL_STANDING_OWN, /* judged here or by a judge elsewhere, and that is all */
	KL_STANDING_PROVISIONAL, /* judged here on the samples, until the class server has judged it */
	KL_STANDING_CLASS, /* by the class server */
};

enum kl_delivery {
	KL_DELIVERY_NONE,
	KL_DELIVERY_WAITING,
	KL_DELIVERY_RECEIVED, /* there is a receipt */
	KL_DELIVERY_REFUSED,
	KL_DELIVERY_FROM_SERVER, /* it came from there, made elsewhere: there is no receipt of it here */
};

struct kl_attempt {
	char id[KL_ID_SIZE]; /* empty: made by kl_store_attempt_add */
	char *pack, *slug, *language;
	enum kl_attempt_kind kind;
	char *verdict; /* kl_verdict_word */
	double score;
	int passed, total;
	int64_t cpu_us, peak_kib; /* the largest of its tests */
	int64_t at_ms; /* wall clock */
	char *code;
	size_t code_len;
	char *report; /* JSON: per-test results, for looking at it again */
	char *course, *assignment; /* ids: it is for this one. When it is added; NULL: for none, and when it is read */
	enum kl_attempt_standing standing; /* set by the store when it is added */
	enum kl_delivery
		delivery; /* to the class server; when it is read. RECEIVED: a receipt for this very code is here */
	char *refusal; /* REFUSED: the server's words; when it is read */
};

/*
 * Records the attempt, progress (attempts, first, completion, best) and the outbox rows: one transaction.
 * A submit with all its tests passed (and at least one) completes the challenge; first_pass (may be NULL): this one did.
 * best is of submits only. at_ms 0: now. Strings that are NULL count as "". A submit of a pack of the class is provisional: it
 * completes nothing before the server has judged it.
 */
enum kl_status kl_store_attempt_add(struct kl_store *store, struct kl_attempt *attempt, bool *first_pass,
				    struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_attempt_get(struct kl_attempt *out, struct kl_store *store, const char *id,
				    struct kl_error *err) KL_MUST_CHECK; /* KL_ENOENT */
void kl_attempt_release(struct kl_attempt *attempt);
/* What was found here of a provisional attempt: verdict, score, counts, report. Nothing when it is none, or not any more. */
enum kl_status kl_store_attempt_found(struct kl_store *store, const struct kl_attempt *attempt,
				      struct kl_error *err) KL_MUST_CHECK;
/* Newest first, without code and report; slug NULL: all of the pack; pack NULL too: all. A page: skip, max; *count: how many.
 * Each row is the caller's to kl_attempt_release. */
enum kl_status kl_store_attempts(struct kl_attempt *rows, size_t *count, size_t max, size_t skip,
				 struct kl_store *store, const char *pack, const char *slug,
				 struct kl_error *err) KL_MUST_CHECK;

struct kl_attempt_totals {
	int attempts, submits, passes; /* passes: submits with all tests passed */
};
enum kl_status kl_store_attempt_totals(struct kl_attempt_totals *out, struct kl_store *store,
				       struct kl_error *err) KL_MUST_CHECK;

/* ---- drafts: the newest text per challenge and language, cursor included ---- */

enum kl_status kl_store_draft_put(struct kl_store *store, const char *pack, const char *slug, const char *language,
				  const char *text, size_t len, size_t cursor, struct kl_error *err) KL_MUST_CHECK;
/* *text owned by the caller; KL_ENOENT: none. */
enum kl_status kl_store_draft_get(char **text, size_t *len, size_t *cursor, struct kl_store *store, const char *pack,
				  const char *slug, const char *language, struct kl_error *err) KL_MUST_CHECK;

/* ---- progress ---- */

struct kl_progress {
	int state; /* enum kl_progress_state */
	int attempts, hints; /* hints revealed */
	int64_t first_ms, completed_ms, last_ms; /* 0: never */
	int64_t spent_ms; /* time in the workspace */
	double best_score;
	char best_attempt[KL_ID_SIZE];
	char last_language[32];
};

enum kl_status kl_store_progress_get(struct kl_progress *out, struct kl_store *store, const char *pack,
				     const char *slug, struct kl_error *err) KL_MUST_CHECK; /* all zero when unknown */
typedef void kl_store_progress_fn(void *ctx, const char *pack, const char *slug, const struct kl_progress *progress);
/* By pack and slug; fn must not call the store. */
enum kl_status kl_store_progress_each(struct kl_store *store, kl_store_progress_fn *fn, void *ctx,
				      struct kl_error *err) KL_MUST_CHECK;
/* The challenge was opened (state becomes at least in progress) in language. */
enum kl_status kl_store_opened(struct kl_store *store, const char *pack, const char *slug, const char *language,
			       struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_spent_add(struct kl_store *store, const char *pack, const char *slug, int64_t ms,
				  struct kl_error *err) KL_MUST_CHECK;
/* A hint was revealed (count of revealed ones now); recorded in the outbox too. */
enum kl_status kl_store_hint_add(struct kl_store *store, const char *pack, const char *slug, int revealed,
				 struct kl_error *err) KL_MUST_CHECK;
/* Forgets progress and drafts of one challenge (attempts stay in the history). */
enum kl_status kl_store_reset(struct kl_store *store, const char *pack, const char *slug,
			      struct kl_error *err) KL_MUST_CHECK;

/*
 * Attempts per local day for the heatmap: counts[0] is first_day (kl_clock_local_day_number), passes likewise (either may
 * be NULL). The day is the one it was where and when the attempt was made.
 */
enum kl_status kl_store_days(int *counts, int *passes, size_t days, int64_t first_day, struct kl_store *store,
			     struct kl_error *err) KL_MUST_CHECK;

/* The days from first_day on that have an attempt, rising; fn must not call the store. */
typedef void kl_store_day_fn(void *ctx, int64_t day, int attempts, int passes);
enum kl_status kl_store_days_each(struct kl_store *store, int64_t first_day, kl_store_day_fn *fn, void *ctx,
				  struct kl_error *err) KL_MUST_CHECK;

/* ---- own inputs, settings, snippets ---- */

struct kl_own_input {
	char id[KL_ID_SIZE];
	char *name, *input,
		*expected; /* owned; input: stdin text, or the arguments as a JSON object; expected NULL: just run it */
};
enum kl_status kl_store_input_put(struct kl_store *store, const char *pack, const char *slug,
				  struct kl_own_input *input, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_input_remove(struct kl_store *store, const char *id, struct kl_error *err) KL_MUST_CHECK;
/* *rows and contents owned by the caller: kl_own_inputs_free. */
enum kl_status kl_store_inputs(struct kl_own_input **rows, size_t *count, struct kl_store *store, const char *pack,
			       const char *slug, struct kl_error *err) KL_MUST_CHECK;
void kl_own_inputs_free(struct kl_own_input *rows, size_t count);

/* Small values that the lab itself remembers (last challenge, pane sizes): *value owned; KL_ENOENT. */
enum kl_status kl_store_setting_put(struct kl_store *store, const char *key, const char *value,
				    struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_setting_get(char **value, struct kl_store *store, const char *key,
				    struct kl_error *err) KL_MUST_CHECK;

struct kl_snippet {
	char id[KL_ID_SIZE];
	char *name, *language, *code, *input, *argv; /* argv: one per line */
	int64_t at_ms;
};
enum kl_status kl_store_snippet_put(struct kl_store *store, struct kl_snippet *snippet,
				    struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_snippet_remove(struct kl_store *store, const char *id, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_snippets(struct kl_snippet **rows, size_t *count, struct kl_store *store,
				 struct kl_error *err) KL_MUST_CHECK;
void kl_snippets_free(struct kl_snippet *rows, size_t count);

/* ---- portfolio queue and outbox ---- */

/* Completed attempts that are not yet committed (published = 0), oldest first: ids. */
enum kl_status kl_store_unpublished(char (*ids)[KL_ID_SIZE], size_t *count, size_t max, struct kl_store *store,
				    struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_published(struct kl_store *store, const char *attempt_id, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_outbox_count(size_t *count, struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

#endif
