/*
 * The tables. A migration is a new row here, never an edit of one that was ever released; each runs in a transaction
 * of its own together with the new version number. Only what SQLite and PostgreSQL both understand.
 *
 * Words: times are milliseconds since 1970 UTC, 0 for "never"; a day is the number of the local calendar day since
 * 1970-01-01 at the place and time of writing, so that a later change of time zone moves nothing. Truth is 0 or 1.
 */

#include "core/store/store_int.h"

#include <kodelab/alloc.h>

#include "core/store/schema_accounts.h"
#include "core/store/schema_changes.h"
#include "core/store/schema_packs.h"
#include "core/store/schema_sync.h"
#include "core/store/schema_works.h"
#include "core/store/schema_courses.h"
#include "core/store/schema_stats.h"

static const char attempts_and_progress[] =
	/* One Run (kind 0) or Submit (kind 1). Never changed but for published: it is in the portfolio. */
	"CREATE TABLE attempts ("
	" id TEXT PRIMARY KEY,"
	" pack TEXT NOT NULL, slug TEXT NOT NULL, language TEXT NOT NULL,"
	" kind BIGINT NOT NULL, verdict TEXT NOT NULL, score DOUBLE PRECISION NOT NULL,"
	" passed BIGINT NOT NULL, total BIGINT NOT NULL,"
	" cpu_us BIGINT NOT NULL, peak_kib BIGINT NOT NULL,"
	" at_ms BIGINT NOT NULL, day BIGINT NOT NULL,"
	" code TEXT NOT NULL, report TEXT NOT NULL,"
	" published BIGINT NOT NULL);"
	/* Pages of the history, newest first, of everything and of one challenge. */
	"CREATE INDEX attempts_by_time ON attempts (at_ms, id);"
	"CREATE INDEX attempts_by_challenge ON attempts (pack, slug, at_ms, id);"
	/* The calendar is counted from this index alone. */
	"CREATE INDEX attempts_by_day ON attempts (day, kind, total, passed);"
	"CREATE INDEX attempts_to_publish ON attempts (published, kind, at_ms);"
	/* What is known of a challenge; absent: never opened. state: enum kl_progress_state. */
	"CREATE TABLE progress ("
	" pack TEXT NOT NULL, slug TEXT NOT NULL,"
	" state BIGINT NOT NULL, attempts BIGINT NOT NULL, hints BIGINT NOT NULL,"
	" first_ms BIGINT NOT NULL, completed_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL,"
	" spent_ms BIGINT NOT NULL, best_score DOUBLE PRECISION NOT NULL,"
	" best_attempt TEXT NOT NULL, last_language TEXT NOT NULL,"
	" PRIMARY KEY (pack, slug));"
	/* The newest text of the editor; cursor_at: bytes from its start. */
	"CREATE TABLE drafts ("
	" pack TEXT NOT NULL, slug TEXT NOT NULL, language TEXT NOT NULL,"
	" code TEXT NOT NULL, cursor_at BIGINT NOT NULL, at_ms BIGINT NOT NULL,"
	" PRIMARY KEY (pack, slug, language));";

static const char own_things[] =
	/* The student's own test inputs. */
	"CREATE TABLE inputs ("
	" id TEXT PRIMARY KEY, pack TEXT NOT NULL, slug TEXT NOT NULL,"
	" name TEXT NOT NULL, input TEXT NOT NULL, expected TEXT NOT NULL, has_expected BIGINT NOT NULL);"
	"CREATE INDEX inputs_by_challenge ON inputs (pack, slug, id);"
	/* Small values the lab remembers. */
	"CREATE TABLE settings (name TEXT PRIMARY KEY, content TEXT NOT NULL);"
	/* The playground's saved programs; argv: one argument a line. */
	"CREATE TABLE snippets ("
	" id TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, code TEXT NOT NULL,"
	" input TEXT NOT NULL, argv TEXT NOT NULL, at_ms BIGINT NOT NULL);";

static const char outbox[] =
	/*
	 * What the class server will want, written with the thing itself. hash: SHA-256 of body, or, for a draft,
	 * of the text in drafts that body only names. subject: pack/slug, for a draft with its language.
	 */
	"CREATE TABLE outbox ("
	" id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,"
	" hash TEXT NOT NULL, created_ms BIGINT NOT NULL, sent_ms BIGINT NOT NULL);"
	"CREATE INDEX outbox_to_send ON outbox (sent_ms, kind, subject);";

/*
 * Submissions under way at judges elsewhere. work: in the lab SHA-256 of what was sent, in the server the id in the queue;
 * token "": perhaps it arrived.
 */
#define JUDGE_TICKETS                                                                                                  \
	"CREATE TABLE judge_tickets ("                                                                                 \
	" work TEXT PRIMARY KEY, instance TEXT NOT NULL, token TEXT NOT NULL, nonce TEXT NOT NULL,"                    \
	" at_ms BIGINT NOT NULL);"                                                                                     \
	"CREATE INDEX judge_tickets_by_time ON judge_tickets (at_ms);"

static const char judges[] = JUDGE_TICKETS
	/* Results that need not be asked for twice; work: SHA-256 of what was run. */
	"CREATE TABLE judge_results ("
	" work TEXT PRIMARY KEY, content TEXT NOT NULL, size BIGINT NOT NULL, used_ms BIGINT NOT NULL);"
	"CREATE INDEX judge_results_by_use ON judge_results (used_ms, work, size);"
	/* What was done where, counted. */
	"CREATE TABLE judge_counts ("
	" instance TEXT NOT NULL, language TEXT NOT NULL, what TEXT NOT NULL, total BIGINT NOT NULL,"
	" PRIMARY KEY (instance, language, what));";

static const char queue[] =
	/*
	 * What the class judge is to do, is doing and has done. number: the order of arrival. state: enum kl_queue_state.
	 * epoch: grows with every claim; a result counts only for the newest. kind, outcome, body and result are the
	 * judge's own (a Judge0 language, a Judge0 status, the request, the answer).
	 */
	"CREATE TABLE queue ("
	" id TEXT PRIMARY KEY, number BIGINT NOT NULL,"
	" user_id TEXT NOT NULL, priority BIGINT NOT NULL, kind BIGINT NOT NULL,"
	" state BIGINT NOT NULL, epoch BIGINT NOT NULL, tries BIGINT NOT NULL, outcome BIGINT NOT NULL,"
	" created_ms BIGINT NOT NULL, started_ms BIGINT NOT NULL, finished_ms BIGINT NOT NULL,"
	" body TEXT NOT NULL, result TEXT NOT NULL);"
	"CREATE UNIQUE INDEX queue_by_number ON queue (number);"
	"CREATE INDEX queue_by_state ON queue (state, number);"
	"CREATE INDEX queue_by_end ON queue (finished_ms);";

static const char instances[] =
	/*
	 * Judge instances. Where they are and how to get in ("": as its kind has it); what they said when last asked, as
	 * they sent it; how they fared. See kodelab/store_instances.h. No secret is here.
	 */
	"CREATE TABLE judge_instances ("
	" name TEXT PRIMARY KEY, kind TEXT NOT NULL, url TEXT NOT NULL,"
	" key_header TEXT NOT NULL, user_header TEXT NOT NULL, host TEXT NOT NULL,"
	" ca_file TEXT NOT NULL, proxy TEXT NOT NULL, weight BIGINT NOT NULL, added_ms BIGINT NOT NULL,"
	" probed_ms BIGINT NOT NULL, about TEXT NOT NULL, config TEXT NOT NULL, workers TEXT NOT NULL,"
	" machine TEXT NOT NULL, languages TEXT NOT NULL, skew_ms BIGINT NOT NULL,"
	" latency_us BIGINT NOT NULL, failures BIGINT NOT NULL, openings BIGINT NOT NULL,"
	" open_until_ms BIGINT NOT NULL, failure TEXT NOT NULL);";

static const char keys[] =
	/*
	 * Keys of judge instances: donated, the student's own, the platform's. What they are, without the secret; enums
	 * are those of kodelab/store_keys.h. consent: the text that was agreed to at consented_ms.
	 */
	"CREATE TABLE judge_keys ("
	" id TEXT PRIMARY KEY, instance TEXT NOT NULL, owner TEXT NOT NULL, label TEXT NOT NULL, last4 TEXT NOT NULL,"
	" state BIGINT NOT NULL, share BIGINT NOT NULL, daily_limit BIGINT NOT NULL, reserve BIGINT NOT NULL,"
	" used_today BIGINT NOT NULL, used_ever BIGINT NOT NULL, failed_ever BIGINT NOT NULL,"
	" reset_ms BIGINT NOT NULL, zone TEXT NOT NULL,"
	" added_ms BIGINT NOT NULL, validated_ms BIGINT NOT NULL, consented_ms BIGINT NOT NULL, consent TEXT NOT NULL,"
	" why TEXT NOT NULL, paused BIGINT NOT NULL, turn BIGINT NOT NULL);"
	"CREATE INDEX judge_keys_by_instance ON judge_keys (instance, added_ms, id);"
	/* Sealed by the vault: apart, so that no listing ever reads them. */
	"CREATE TABLE judge_key_secrets (key_id TEXT PRIMARY KEY, sealed TEXT NOT NULL);"
	/* Requests of one user by one key on one of its days; day_ms: the day's end. */
	"CREATE TABLE judge_key_uses ("
	" key_id TEXT NOT NULL, user_id TEXT NOT NULL, day_ms BIGINT NOT NULL,"
	" used BIGINT NOT NULL, failed BIGINT NOT NULL, PRIMARY KEY (key_id, user_id, day_ms));"
	"CREATE INDEX judge_key_uses_by_day ON judge_key_uses (day_ms, key_id);"
	/* Requests kept back for an exam in its window. */
	"CREATE TABLE judge_key_holds ("
	" id TEXT PRIMARY KEY, instance TEXT NOT NULL, exam TEXT NOT NULL,"
	" from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, requests BIGINT NOT NULL, used BIGINT NOT NULL);"
	/* What a key's owner should know; seen_ms 0: not shown yet. */
	"CREATE TABLE judge_key_notices ("
	" id TEXT PRIMARY KEY, key_id TEXT NOT NULL, owner TEXT NOT NULL, event BIGINT NOT NULL,"
	" at_ms BIGINT NOT NULL, sentence TEXT NOT NULL, seen_ms BIGINT NOT NULL);"
	"CREATE INDEX judge_key_notices_to_show ON judge_key_notices (owner, seen_ms, at_ms);";

static const char kept[] =
	/* Runs and submits (kind as in attempts) that no judge could take yet; id and at_ms: of the attempt each will be. */
	"CREATE TABLE kept_runs ("
	" id TEXT PRIMARY KEY, pack TEXT NOT NULL, slug TEXT NOT NULL, language TEXT NOT NULL, kind BIGINT NOT NULL,"
	" at_ms BIGINT NOT NULL, code TEXT NOT NULL, why TEXT NOT NULL);"
	"CREATE INDEX kept_runs_by_time ON kept_runs (at_ms, id);"
	"CREATE INDEX kept_runs_by_challenge ON kept_runs (pack, slug, kind);";

static const char judging[] = JUDGE_TICKETS
	/* Bytes of the body. */
	"ALTER TABLE queue ADD COLUMN size BIGINT NOT NULL DEFAULT 0;"
	/* Whom to tell what was found: id of the queue, how often it was tried, when it is tried again. */
	"CREATE TABLE callbacks ("
	" id TEXT PRIMARY KEY, host TEXT NOT NULL, tries BIGINT NOT NULL, due_ms BIGINT NOT NULL);";

struct migration {
	int version;
	const char *script;
};

static const struct migration lab[] = {
	/* clang-format off */
	{ 1, attempts_and_progress },
	{ 2, own_things },
	{ 3, outbox },
	{ 4, judges },
	{ 5, instances },
	{ 6, keys },
	{ 7, kept },
	{ 8, class_servers },
	{ 9, handed_over },
	{ 10, doubts },
	{ 11, pack_owners },
	{ 12, sent_drafts },
	{ 13, given },
	/* clang-format on */
};

static const struct migration server[] = {
	/* clang-format off */
	{ 1, queue },
	{ 2, instances },
	{ 3, keys },
	{ 4, judging },
	{ 10, changes },
	{ 11, accounts },
	{ 12, packs },
	{ 13, works },
	{ 14, courses },
	{ 15, stats },
	{ 16, change_epoch },
	{ 17, owners },
	{ 18, github_accounts },
	{ 19, one_index_less },
	{ 20, roster_looks },
	{ 21, serials_given },
	/* clang-format on */
};

static const struct schema {
	const struct migration *migrations;
	size_t count;
} schemas[] = {
	[KL_STORE_LAB] = { lab, KL_LENGTH(lab) },
	[KL_STORE_SERVER] = { server, KL_LENGTH(server) },
};

int store_schema_newest(enum kl_store_kind kind)
{
	return schemas[kind].migrations[schemas[kind].count - 1].version;
}

static enum kl_status version_get(int64_t *version, struct kl_store *store, struct kl_error *err)
{
	*version = 0;
	return store_select(store, SQL_VERSION_GET, NO_ARGS, row_number, version, err);
}

static enum kl_status migrate_one(struct kl_store *store, const struct migration *migration, struct kl_error *err)
{
	enum kl_status status = store_begin(store, err);
	int64_t version;

	if (status)
		return status;
	status = version_get(&version, store, err);
	if (!status && version >= migration->version) /* another process was here meanwhile */
		return store_end(store, KL_OK, err);
	if (!status)
		status = store_script(store, migration->script, err);
	if (!status)
		status = store_run(store, SQL_VERSION_CLEAR, NO_ARGS, err);
	if (!status)
		status = store_run(store, SQL_VERSION_PUT, ARGS(ARG_INT(migration->version)), err);
	return store_end(store, status, err);
}

enum kl_status store_migrate(struct kl_store *store, struct kl_error *err)
{
	const struct schema *schema = &schemas[store->kind];
	enum kl_status status;
	int64_t version;

	status = store_script(store, STORE_FIRST_TABLE, err);
	if (!status)
		status = version_get(&version, store, err);
	if (!status && version > store_schema_newest(store->kind))
		return kl_fail(err, KL_ECONFLICT,
			       "'%s' was written by a newer KodeLab (schema %lld, this one knows %d): "
			       "use that one, or update this one; nothing was changed",
			       store->path, (long long)version, store_schema_newest(store->kind));
	if (!status && store->guest && version < store_schema_newest(store->kind))
		return kl_fail(err, KL_ECONFLICT, "'%s' is open in an older kodelabd: restart that one first",
			       store->path);
	for (size_t i = 0; !status && i < schema->count; i++)
		if (schema->migrations[i].version > version)
			status = migrate_one(store, &schema->migrations[i], err);
	return status;
}
