#ifndef KODELAB_STORE_SQL_H
#define KODELAB_STORE_SQL_H

/*
 * Every statement of the store beside its name, in the dialect SQLite and PostgreSQL share. Parameters are $1, $2, …
 * in the order of their first use (checked when prepared), always bound. A column that both sides of an upsert have
 * carries its table's name, as PostgreSQL asks for.
 *
 * A list for each kind of store, and two for what all kinds have; the server's own stands in sql_server.h, that of the
 * judges' keys in sql_keys.h.
 */

#include "core/store/sql_accounts.h"
#include "core/store/sql_changes.h"
#include "core/store/sql_courses.h"
#include "core/store/sql_instances.h"
#include "core/store/sql_judge.h"
#include "core/store/sql_keys.h"
#include "core/store/sql_packs.h"
#include "core/store/sql_server.h"
#include "core/store/sql_stats.h"
#include "core/store/sql_sync.h"
#include "core/store/sql_works.h"

/* clang-format off */
#define SQL_EVERY_MAP(X)                                                                                               \
	X(SQL_PART_BEGIN, "SAVEPOINT part")                                                                            \
	X(SQL_PART_END, "RELEASE part")                                                                                \
	X(SQL_TURN_BEGIN, "BEGIN")                                                                                     \
	X(SQL_TURN_END, "COMMIT")                                                                                      \
	X(SQL_VERSION_GET, "SELECT version FROM schema_version")                                                       \
	X(SQL_VERSION_CLEAR, "DELETE FROM schema_version")                                                             \
	X(SQL_VERSION_PUT, "INSERT INTO schema_version (version) VALUES ($1)")

/* How an attempt stands with the class server: its standing, whether it was received (enum kl_delivery), and why it was not. */
#define SQL_ATTEMPT_CLASS                                                                                              \
	"standing, COALESCE((SELECT CASE WHEN o.receipt <> '' AND o.sent_ms > 0 THEN 2 WHEN o.problem <> '' THEN 3 ELSE 1 END"           \
	" FROM outbox o WHERE o.id = attempts.id), 0),"                                                                \
	" COALESCE((SELECT o.problem FROM outbox o WHERE o.id = attempts.id), '')"

#define SQL_LAB_MAP(X)                                                                                                 \
	X(SQL_ATTEMPT_ADD,                                                                                             \
	  "INSERT INTO attempts (id, pack, slug, language, kind, verdict, score, passed, total, cpu_us, peak_kib,"     \
	  " at_ms, day, code, report, published, standing)"                                                            \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16)")                        \
	X(SQL_ATTEMPT_GET,                                                                                             \
	  "SELECT id, pack, slug, language, kind, verdict, score, passed, total, cpu_us, peak_kib, at_ms,"     \
	  " " SQL_ATTEMPT_CLASS ", code, report"                                                                       \
	  " FROM attempts WHERE id = $1")                                                                              \
	X(SQL_ATTEMPTS,                                                                                                \
	  "SELECT id, pack, slug, language, kind, verdict, score, passed, total, cpu_us, peak_kib, at_ms,"             \
	  " " SQL_ATTEMPT_CLASS                                                                                        \
	  " FROM attempts ORDER BY at_ms DESC, id DESC LIMIT $1 OFFSET $2")                                            \
	X(SQL_ATTEMPTS_OF_PACK,                                                                                        \
	  "SELECT id, pack, slug, language, kind, verdict, score, passed, total, cpu_us, peak_kib, at_ms,"             \
	  " " SQL_ATTEMPT_CLASS                                                                                        \
	  " FROM attempts WHERE pack = $1 ORDER BY at_ms DESC, id DESC LIMIT $2 OFFSET $3")                            \
	X(SQL_ATTEMPTS_OF,                                                                                             \
	  "SELECT id, pack, slug, language, kind, verdict, score, passed, total, cpu_us, peak_kib, at_ms,"             \
	  " " SQL_ATTEMPT_CLASS                                                                                        \
	  " FROM attempts WHERE pack = $1 AND slug = $2 ORDER BY at_ms DESC, id DESC LIMIT $3 OFFSET $4")              \
	X(SQL_ATTEMPT_SUMS,                                                                                            \
	  "SELECT COUNT(*), SUM(CASE WHEN kind = 1 THEN 1 ELSE 0 END),"                                                \
	  " SUM(CASE WHEN kind = 1 AND total > 0 AND passed = total AND standing <> 1 THEN 1 ELSE 0 END) FROM attempts")                 \
	X(SQL_DAYS,                                                                                                    \
	  "SELECT day, COUNT(*), SUM(CASE WHEN kind = 1 AND total > 0 AND passed = total THEN 1 ELSE 0 END)"           \
	  " FROM attempts WHERE day >= $1 GROUP BY day ORDER BY day")                                                  \
	X(SQL_UNPUBLISHED,                                                                                             \
	  "SELECT id FROM attempts"                                                                                    \
	  " WHERE published = 0 AND kind = 1 AND standing <> 1 AND total > 0 AND passed = total ORDER BY at_ms, id LIMIT $1")            \
	X(SQL_PUBLISHED, "UPDATE attempts SET published = 1 WHERE id = $1")                                            \
	                                                                                                               \
	X(SQL_PROGRESS_GET,                                                                                            \
	  "SELECT state, attempts, hints, first_ms, completed_ms, last_ms, spent_ms, best_score, best_attempt,"        \
	  " last_language FROM progress WHERE pack = $1 AND slug = $2")                                                \
	X(SQL_PROGRESS_ALL,                                                                                            \
	  "SELECT state, attempts, hints, first_ms, completed_ms, last_ms, spent_ms, best_score, best_attempt,"        \
	  " last_language, pack, slug FROM progress ORDER BY pack, slug")                                              \
	X(SQL_PROGRESS_PUT,                                                                                            \
	  "INSERT INTO progress (pack, slug, state, attempts, hints, first_ms, completed_ms, last_ms, spent_ms,"       \
	  " best_score, best_attempt, last_language)"                                                                  \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"                                                \
	  " ON CONFLICT (pack, slug) DO UPDATE SET state = excluded.state, attempts = excluded.attempts,"              \
	  " hints = excluded.hints, first_ms = excluded.first_ms, completed_ms = excluded.completed_ms,"               \
	  " last_ms = excluded.last_ms, spent_ms = excluded.spent_ms, best_score = excluded.best_score,"               \
	  " best_attempt = excluded.best_attempt, last_language = excluded.last_language")                             \
	X(SQL_PROGRESS_REMOVE, "DELETE FROM progress WHERE pack = $1 AND slug = $2")                                   \
	                                                                                                               \
	X(SQL_DRAFT_GET, "SELECT code, cursor_at FROM drafts WHERE pack = $1 AND slug = $2 AND language = $3")         \
	X(SQL_DRAFT_PUT,                                                                                               \
	  "INSERT INTO drafts (pack, slug, language, code, cursor_at, at_ms) VALUES ($1, $2, $3, $4, $5, $6)"          \
	  " ON CONFLICT (pack, slug, language) DO UPDATE SET code = excluded.code, cursor_at = excluded.cursor_at,"    \
	  " at_ms = excluded.at_ms")                                                                                   \
	X(SQL_DRAFT_CURSOR,                                                                                            \
	  "UPDATE drafts SET cursor_at = $1 WHERE pack = $2 AND slug = $3 AND language = $4")                          \
	X(SQL_DRAFTS_REMOVE, "DELETE FROM drafts WHERE pack = $1 AND slug = $2")                                       \
	                                                                                                               \
	X(SQL_INPUT_PUT,                                                                                               \
	  "INSERT INTO inputs (id, pack, slug, name, input, expected, has_expected)"                                   \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7)"                                                                       \
	  " ON CONFLICT (id) DO UPDATE SET name = excluded.name, input = excluded.input,"                              \
	  " expected = excluded.expected, has_expected = excluded.has_expected")                                       \
	X(SQL_INPUT_REMOVE, "DELETE FROM inputs WHERE id = $1")                                                        \
	X(SQL_INPUTS,                                                                                                  \
	  "SELECT id, name, input, expected, has_expected FROM inputs WHERE pack = $1 AND slug = $2 ORDER BY id")      \
	                                                                                                               \
	X(SQL_SETTING_GET, "SELECT content FROM settings WHERE name = $1")                                             \
	X(SQL_SETTING_PUT,                                                                                             \
	  "INSERT INTO settings (name, content) VALUES ($1, $2)"                                                       \
	  " ON CONFLICT (name) DO UPDATE SET content = excluded.content")                                              \
	                                                                                                               \
	X(SQL_SNIPPET_PUT,                                                                                             \
	  "INSERT INTO snippets (id, name, language, code, input, argv, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)"    \
	  " ON CONFLICT (id) DO UPDATE SET name = excluded.name, language = excluded.language, code = excluded.code,"  \
	  " input = excluded.input, argv = excluded.argv, at_ms = excluded.at_ms")                                     \
	X(SQL_SNIPPET_REMOVE, "DELETE FROM snippets WHERE id = $1")                                                    \
	X(SQL_SNIPPETS, "SELECT id, name, language, code, input, argv, at_ms FROM snippets ORDER BY at_ms DESC, id DESC") \
	                                                                                                               \
	X(SQL_OUTBOX_ADD,                                                                                              \
	  "INSERT INTO outbox (id, kind, subject, body, hash, created_ms, sent_ms, account)"                           \
	  " VALUES ($1, $2, $3, $4, $5, $6, 0, COALESCE("                                                              \
	  "(SELECT s.server_id || '/' || s.user_id FROM class_servers s WHERE s.active = 1), ''))")                    \
	X(SQL_OUTBOX_REPLACE, "DELETE FROM outbox WHERE kind = $1 AND subject = $2 AND sent_ms = 0")                   \
	X(SQL_OUTBOX_COUNT, "SELECT COUNT(*) FROM outbox WHERE sent_ms = 0")
/* clang-format on */

/*
 * The class server's, one list for each area: each area's header is included above. Users and sessions are written by those of SQL_ACCOUNTS_MAP
 * alone: what was read of them is good until one of these writes (kodelab/store_turn.h).
 */
#define SQL_CLASS_MAP(X) SQL_CHANGES_MAP(X) SQL_PACKS_MAP(X) SQL_WORKS_MAP(X) SQL_COURSES_MAP(X) SQL_STATS_MAP(X)

#define SQL_MAP(X)                                                                                                     \
	SQL_EVERY_MAP(X)                                                                                               \
	SQL_INSTANCES_MAP(X)                                                                                           \
	SQL_KEYS_MAP(X)                                                                                                \
	SQL_TICKETS_MAP(X)                                                                                             \
	SQL_LAB_MAP(X) SQL_JUDGE_MAP(X) SQL_SYNC_MAP(X) SQL_SERVER_MAP(X) SQL_CLASS_MAP(X) SQL_ACCOUNTS_MAP(X)

#define X(name, text) name,
enum sql { SQL_MAP(X) SQL_COUNT };
#undef X

#endif
