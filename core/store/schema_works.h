#ifndef KODELAB_STORE_SCHEMA_WORKS_H
#define KODELAB_STORE_SCHEMA_WORKS_H

static const char works[] =
	/* Who this server is to those who hold its receipts, and the keys it ever signed with, the newest last. No secret is here. */
	"CREATE TABLE server_keys ("
	" number BIGINT PRIMARY KEY, server_id TEXT NOT NULL, public_key TEXT NOT NULL, since_ms BIGINT NOT NULL);"
	/* Written to find out whether the disk takes anything again: see kl_store_try_room. */
	"CREATE TABLE room (number BIGINT PRIMARY KEY, content TEXT NOT NULL);"
	/*
	 * Everything that labs ever handed over, once. id: the sender's; hash: of a submission's or draft's code, of others as
	 * the sender says; at_ms: when the sender says it was made; signature: of the receipt, which so stays the same for ever.
	 */
	"CREATE TABLE intake ("
	" id TEXT PRIMARY KEY, user_id TEXT NOT NULL, kind TEXT NOT NULL, hash TEXT NOT NULL, subject TEXT NOT NULL,"
	" at_ms BIGINT NOT NULL, received_ms BIGINT NOT NULL, serial BIGINT NOT NULL, signature TEXT NOT NULL);"
	"CREATE UNIQUE INDEX intake_by_serial ON intake (serial);"
	/*
	 * Submissions (id: of intake). state: enum kl_work_state; version: of the pack; judgings: how often a verdict was
	 * written; what the judge found is of the newest. What is queued or being judged has a row in queue as well.
	 */
	"CREATE TABLE works ("
	" id TEXT PRIMARY KEY, user_id TEXT NOT NULL, pack TEXT NOT NULL, slug TEXT NOT NULL, version BIGINT NOT NULL,"
	" language TEXT NOT NULL, course TEXT NOT NULL, assignment TEXT NOT NULL,"
	" at_ms BIGINT NOT NULL, received_ms BIGINT NOT NULL, judged_ms BIGINT NOT NULL,"
	" state BIGINT NOT NULL, judgings BIGINT NOT NULL,"
	" verdict TEXT NOT NULL, score DOUBLE PRECISION NOT NULL, passed BIGINT NOT NULL, total BIGINT NOT NULL,"
	" cpu_us BIGINT NOT NULL, peak_kib BIGINT NOT NULL, code TEXT NOT NULL, report TEXT NOT NULL);"
	"CREATE INDEX works_by_user ON works (user_id, received_ms, id);"
	"CREATE INDEX works_by_challenge ON works (pack, slug, id);"
	"CREATE INDEX works_by_subject ON works (user_id, pack, slug, received_ms, id);"
	/* What is known of a user and a challenge; state: enum kl_progress_state. Only verdicts of this server complete it. */
	"CREATE TABLE user_progress ("
	" user_id TEXT NOT NULL, pack TEXT NOT NULL, slug TEXT NOT NULL,"
	" state BIGINT NOT NULL, submissions BIGINT NOT NULL, hints BIGINT NOT NULL,"
	" first_ms BIGINT NOT NULL, completed_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL, spent_ms BIGINT NOT NULL,"
	" best_score DOUBLE PRECISION NOT NULL, best_work TEXT NOT NULL, last_language TEXT NOT NULL,"
	" PRIMARY KEY (user_id, pack, slug));"
	/* The newest draft by the sender's own count (seq), and those that came too late or were followed by a newer one. */
	"CREATE TABLE user_drafts ("
	" user_id TEXT NOT NULL, pack TEXT NOT NULL, slug TEXT NOT NULL, language TEXT NOT NULL,"
	" id TEXT NOT NULL, seq BIGINT NOT NULL, device TEXT NOT NULL, hash TEXT NOT NULL, cursor_at BIGINT NOT NULL,"
	" at_ms BIGINT NOT NULL, received_ms BIGINT NOT NULL, code TEXT NOT NULL,"
	" PRIMARY KEY (user_id, pack, slug, language));"
	"CREATE TABLE user_drafts_old ("
	" id TEXT PRIMARY KEY, user_id TEXT NOT NULL, pack TEXT NOT NULL, slug TEXT NOT NULL, language TEXT NOT NULL,"
	" seq BIGINT NOT NULL, device TEXT NOT NULL, hash TEXT NOT NULL, cursor_at BIGINT NOT NULL,"
	" at_ms BIGINT NOT NULL, received_ms BIGINT NOT NULL, code TEXT NOT NULL);"
	"CREATE INDEX user_drafts_old_by_subject ON user_drafts_old (user_id, pack, slug, language, seq, received_ms);"
	/* What users think of challenges: stars 1 to 5. */
	"CREATE TABLE ratings ("
	" user_id TEXT NOT NULL, pack TEXT NOT NULL, slug TEXT NOT NULL,"
	" stars BIGINT NOT NULL, comment TEXT NOT NULL, at_ms BIGINT NOT NULL,"
	" PRIMARY KEY (user_id, pack, slug));"
	"CREATE INDEX ratings_by_challenge ON ratings (pack, slug, stars);"
	/*
	 * Judging again what was judged: state: enum kl_rejudge_state; version 0: all; until_ms: what came later is left alone;
	 * last_id: the newest that was queued again, they go by id.
	 */
	"CREATE TABLE rejudges ("
	" id TEXT PRIMARY KEY, pack TEXT NOT NULL, slug TEXT NOT NULL, version BIGINT NOT NULL, user_id TEXT NOT NULL,"
	" created_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, state BIGINT NOT NULL,"
	" total BIGINT NOT NULL, queued BIGINT NOT NULL, done BIGINT NOT NULL, changed BIGINT NOT NULL,"
	" last_id TEXT NOT NULL);"
	"CREATE INDEX rejudges_by_state ON rejudges (state, created_ms);"
	/* What was found before, as long as the rejudge may still be taken back. */
	"CREATE TABLE works_before ("
	" rejudge_id TEXT NOT NULL, id TEXT NOT NULL, judged_ms BIGINT NOT NULL, state BIGINT NOT NULL,"
	" verdict TEXT NOT NULL, score DOUBLE PRECISION NOT NULL, passed BIGINT NOT NULL, total BIGINT NOT NULL,"
	" cpu_us BIGINT NOT NULL, peak_kib BIGINT NOT NULL, report TEXT NOT NULL, PRIMARY KEY (rejudge_id, id));";

static const char owners[] =
	/*
	 * An id is its sender's: two users may hand in different things under one. size: bytes of the code; conflicts: 1: the id came
	 * again with something else.
	 */
	"CREATE TABLE intake_of_users ("
	" id TEXT NOT NULL, user_id TEXT NOT NULL, kind TEXT NOT NULL, hash TEXT NOT NULL, subject TEXT NOT NULL,"
	" at_ms BIGINT NOT NULL, received_ms BIGINT NOT NULL, serial BIGINT NOT NULL, signature TEXT NOT NULL,"
	" conflicts BIGINT NOT NULL, PRIMARY KEY (user_id, id));"
	"INSERT INTO intake_of_users (id, user_id, kind, hash, subject, at_ms, received_ms, serial, signature, conflicts)"
	" SELECT id, user_id, kind, hash, subject, at_ms, received_ms, serial, signature, 0 FROM intake;"
	"DROP TABLE intake;"
	"ALTER TABLE intake_of_users RENAME TO intake;"
	"CREATE UNIQUE INDEX intake_by_serial ON intake (serial);"
	"CREATE INDEX intake_by_subject ON intake (user_id, kind, subject, serial);"
	/* Works that could not keep their sender's id (item), because somebody else's had it before. */
	"CREATE TABLE works_renamed ("
	" user_id TEXT NOT NULL, item TEXT NOT NULL, work TEXT NOT NULL, PRIMARY KEY (user_id, item));"
	"CREATE UNIQUE INDEX works_renamed_by_work ON works_renamed (work);"
	"CREATE TABLE user_drafts_of_users ("
	" id TEXT NOT NULL, user_id TEXT NOT NULL, pack TEXT NOT NULL, slug TEXT NOT NULL, language TEXT NOT NULL,"
	" seq BIGINT NOT NULL, device TEXT NOT NULL, hash TEXT NOT NULL, cursor_at BIGINT NOT NULL,"
	" at_ms BIGINT NOT NULL, received_ms BIGINT NOT NULL, size BIGINT NOT NULL, code TEXT NOT NULL,"
	" PRIMARY KEY (user_id, id));"
	"INSERT INTO user_drafts_of_users (id, user_id, pack, slug, language, seq, device, hash, cursor_at, at_ms,"
	" received_ms, size, code) SELECT id, user_id, pack, slug, language, seq, device, hash, cursor_at, at_ms,"
	" received_ms, LENGTH(code), code FROM user_drafts_old;"
	"DROP TABLE user_drafts_old;"
	"ALTER TABLE user_drafts_of_users RENAME TO user_drafts_old;"
	"CREATE INDEX user_drafts_old_by_subject ON user_drafts_old (user_id, pack, slug, language, seq, received_ms);"
	/* How much the server keeps of a user: KL_INTAKE_ROW_BYTES for each row of intake, and the code of his works and drafts. */
	"CREATE TABLE intake_kept (user_id TEXT PRIMARY KEY, bytes BIGINT NOT NULL);"
	"INSERT INTO intake_kept (user_id, bytes) SELECT i.user_id, 1024 * COUNT(*)"
	" + COALESCE((SELECT SUM(LENGTH(w.code)) FROM works w WHERE w.user_id = i.user_id), 0)"
	" + COALESCE((SELECT SUM(LENGTH(d.code)) FROM user_drafts d WHERE d.user_id = i.user_id), 0)"
	" + COALESCE((SELECT SUM(o.size) FROM user_drafts_old o WHERE o.user_id = i.user_id), 0)"
	" FROM intake i GROUP BY i.user_id;";

static const char serials_given[] =
	/* One row at most: no serial up to this one is given any more, whatever is there; made by a restore. None: 0. */
	"CREATE TABLE serials_given (serial BIGINT NOT NULL);";

#endif
