#ifndef KODELAB_STORE_SQL_WORKS_H
#define KODELAB_STORE_SQL_WORKS_H

/* The statements of intake and works: see sql.h. */

/* clang-format off */
#define SQL_WORK_LIGHT                                                                                                 \
	"id, user_id, pack, slug, version, language, course, assignment, at_ms, received_ms, judged_ms, state,"        \
	" judgings, verdict, score, passed, total, cpu_us, peak_kib"
/* Read, it has its sender's id as well. */
#define SQL_WORK_SEEN                                                                                                  \
	SQL_WORK_LIGHT ", COALESCE((SELECT r.item FROM works_renamed r WHERE r.work = works.id), id)"

#define SQL_DRAFT_ALL                                                                                                  \
	"id, user_id, pack, slug, language, seq, device, hash, cursor_at, at_ms, received_ms, code"

#define SQL_REJUDGE_ALL                                                                                                \
	"id, pack, slug, version, user_id, created_ms, ended_ms, until_ms, state, total, queued, done, changed, last_id"

#define SQL_WORKS_MAP(X)                                                                                               \
	X(SQL_SERVER_KEY_ADD,                                                                                          \
	  "INSERT INTO server_keys (number, server_id, public_key, since_ms)"                                          \
	  " VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM server_keys), $1, $2, $3)")                              \
	X(SQL_SERVER_KEYS, "SELECT server_id, public_key, since_ms FROM server_keys ORDER BY number")                  \
	X(SQL_ROOM_PUT,                                                                                                \
	  "INSERT INTO room (number, content) VALUES (1, $1)"                                                          \
	  " ON CONFLICT (number) DO UPDATE SET content = excluded.content")                                            \
	X(SQL_INTAKE_ADD,                                                                                              \
	  "INSERT INTO intake (id, user_id, kind, hash, subject, at_ms, received_ms, serial, signature, conflicts)"    \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)")                                                           \
	X(SQL_INTAKE_GET,                                                                                              \
	  "SELECT id, user_id, kind, hash, at_ms, received_ms, serial, signature, conflicts FROM intake"               \
	  " WHERE user_id = $1 AND id = $2")                                                                           \
	X(SQL_INTAKE_CONFLICT, "UPDATE intake SET conflicts = 1 WHERE user_id = $1 AND id = $2")                       \
	X(SQL_INTAKE_KEPT, "SELECT bytes FROM intake_kept WHERE user_id = $1")                                         \
	X(SQL_INTAKE_KEEP,                                                                                             \
	  "INSERT INTO intake_kept (user_id, bytes) VALUES ($1, $2)"                                                   \
	  " ON CONFLICT (user_id) DO UPDATE SET bytes = intake_kept.bytes + excluded.bytes")                           \
	X(SQL_INTAKE_SPENT,                                                                                            \
	  "SELECT COUNT(*), COALESCE(MAX(serial), 0) FROM (SELECT serial FROM intake WHERE user_id = $1 AND kind = $2" \
	  " AND subject = $3 ORDER BY serial DESC LIMIT 1000 OFFSET $4) spent")                                        \
	X(SQL_INTAKE_TRIM, "DELETE FROM intake WHERE user_id = $1 AND kind = $2 AND subject = $3 AND serial <= $4")    \
	X(SQL_INTAKE_NEWEST,                                                                                           \
	  "SELECT COALESCE(MAX(serial), 0) FROM (SELECT MAX(serial) AS serial FROM intake"                             \
	  " UNION ALL SELECT serial FROM serials_given) given")                                                        \
	X(SQL_SERIALS_GIVEN_CLEAR, "DELETE FROM serials_given")                                                        \
	X(SQL_SERIALS_GIVEN_PUT, "INSERT INTO serials_given (serial) VALUES ($1)")                                     \
	X(SQL_WORK_ADD,                                                                                                \
	  "INSERT INTO works (" SQL_WORK_LIGHT ", code, report)"                                                       \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, '', 0, 0, 0, 0, 0, $11, '')")                    \
	X(SQL_WORK_GET, "SELECT " SQL_WORK_SEEN ", code, report FROM works WHERE id = $1")                            \
	X(SQL_WORK_TAKEN,                                                                                              \
	  "SELECT (SELECT COUNT(*) FROM works WHERE id = $1) + (SELECT COUNT(*) FROM queue WHERE id = $1)")            \
	X(SQL_WORK_RENAME, "INSERT INTO works_renamed (user_id, item, work) VALUES ($1, $2, $3)")                      \
	X(SQL_WORK_OF, "SELECT work FROM works_renamed WHERE user_id = $1 AND item = $2")                              \
	X(SQL_WORK_LOOK, "SELECT " SQL_WORK_SEEN " FROM works WHERE id = $1")                                         \
	X(SQL_WORK_END,                                                                                                \
	  "UPDATE works SET judged_ms = $1, state = $2, judgings = judgings + 1, verdict = $3, score = $4,"            \
	  " passed = $5, total = $6, cpu_us = $7, peak_kib = $8, report = $9 WHERE id = $10")                          \
	X(SQL_WORKS_OF_USER,                                                                                           \
	  "SELECT " SQL_WORK_SEEN " FROM works WHERE user_id = $1 AND ($2 = '' OR pack = $2) AND ($3 = '' OR slug = $3)" \
	  " AND ($4 = '' OR assignment = $4) ORDER BY received_ms DESC, id DESC LIMIT $5 OFFSET $6")                   \
	X(SQL_WORKS_OF_USER_COUNT,                                                                                     \
	  "SELECT COUNT(*) FROM works WHERE user_id = $1 AND ($2 = '' OR pack = $2) AND ($3 = '' OR slug = $3)"        \
	  " AND ($4 = '' OR assignment = $4)")                                                                         \
	X(SQL_WORKS_OF_SUBJECT,                                                                                        \
	  "SELECT " SQL_WORK_SEEN " FROM works WHERE user_id = $1 AND pack = $2 AND slug = $3"                        \
	  " ORDER BY received_ms, id")                                                                                 \
	X(SQL_WORKS_TO_REJUDGE,                                                                                        \
	  "SELECT id, user_id FROM works WHERE pack = $1 AND slug = $2 AND id > $3 AND ($4 = 0 OR version = $4)"       \
	  " AND received_ms <= $5 AND state >= 2 ORDER BY id LIMIT $6")                                                \
	X(SQL_WORKS_TO_REJUDGE_COUNT,                                                                                  \
	  "SELECT COUNT(*) FROM works WHERE pack = $1 AND slug = $2 AND ($3 = 0 OR version = $3)"                      \
	  " AND received_ms <= $4 AND state >= 2")                                                                     \
	X(SQL_WORK_BEST,                                                                                               \
	  "SELECT COUNT(*), COALESCE(MAX(score), 0), COALESCE(MIN(CASE WHEN total > 0 AND passed = total"              \
	  " THEN received_ms END), 0) FROM works WHERE user_id = $1 AND pack = $2 AND slug = $3 AND state = 2")          \
	X(SQL_WORK_BEST_ID,                                                                                            \
	  "SELECT COALESCE((SELECT r.item FROM works_renamed r WHERE r.work = works.id), id) FROM works"               \
	  " WHERE user_id = $1 AND pack = $2 AND slug = $3 AND state = 2 ORDER BY score DESC, received_ms, id LIMIT 1")                                                             \
	X(SQL_REJUDGE_ADD,                                                                                             \
	  "INSERT INTO rejudges (" SQL_REJUDGE_ALL ") VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 0, $8, 0, 0, 0, '')")     \
	X(SQL_REJUDGE_PUT,                                                                                             \
	  "UPDATE rejudges SET ended_ms = $1, state = $2, queued = $3, done = $4, changed = $5, last_id = $6"          \
	  " WHERE id = $7")                                                                                            \
	X(SQL_REJUDGE_GET, "SELECT " SQL_REJUDGE_ALL " FROM rejudges WHERE id = $1")                                   \
	X(SQL_REJUDGES, "SELECT " SQL_REJUDGE_ALL " FROM rejudges ORDER BY created_ms DESC, id DESC LIMIT $1 OFFSET $2") \
	X(SQL_REJUDGES_OPEN,                                                                                           \
	  "SELECT " SQL_REJUDGE_ALL " FROM rejudges WHERE state < 2 ORDER BY created_ms, id LIMIT $1")                 \
	X(SQL_REJUDGES_COUNT, "SELECT COUNT(*) FROM rejudges")                                                         \
	X(SQL_BEFORE_KEEP,                                                                                             \
	  "INSERT INTO works_before (rejudge_id, id, judged_ms, state, verdict, score, passed, total, cpu_us,"         \
	  " peak_kib, report) SELECT $1, id, judged_ms, state, verdict, score, passed, total, cpu_us, peak_kib,"       \
	  " report FROM works WHERE id = $2 ON CONFLICT (rejudge_id, id) DO NOTHING")                                  \
	X(SQL_BEFORE_RESTORE,                                                                                          \
	  "UPDATE works SET (judged_ms, state, verdict, score, passed, total, cpu_us, peak_kib, report) ="             \
	  " (SELECT judged_ms, state, verdict, score, passed, total, cpu_us, peak_kib, report FROM works_before"       \
	  " WHERE rejudge_id = $1 AND works_before.id = $2) WHERE id = $2")                                            \
	X(SQL_BEFORE_REMOVE, "DELETE FROM works_before WHERE rejudge_id = $1 AND id = $2")                             \
	X(SQL_BEFORE_IDS, "SELECT id FROM works_before WHERE rejudge_id = $1 ORDER BY id LIMIT $2")                    \
	X(SQL_BEFORE_FORGET, "DELETE FROM works_before WHERE rejudge_id = $1")                                         \
	X(SQL_WORKS_BURIED, "SELECT id, body FROM queue WHERE kind = -1 AND state >= 2 ORDER BY number")               \
	X(SQL_USER_PROGRESS_GET,                                                                                       \
	  "SELECT pack, slug, state, submissions, hints, first_ms, completed_ms, last_ms, spent_ms, best_score,"       \
	  " best_work, last_language FROM user_progress WHERE user_id = $1 AND pack = $2 AND slug = $3")               \
	X(SQL_USER_PROGRESS_ALL,                                                                                       \
	  "SELECT pack, slug, state, submissions, hints, first_ms, completed_ms, last_ms, spent_ms, best_score,"       \
	  " best_work, last_language FROM user_progress WHERE user_id = $1 ORDER BY pack, slug LIMIT $2 OFFSET $3")    \
	X(SQL_USER_PROGRESS_COUNT, "SELECT COUNT(*) FROM user_progress WHERE user_id = $1")                            \
	X(SQL_USER_PROGRESS_PUT,                                                                                       \
	  "INSERT INTO user_progress (user_id, pack, slug, state, submissions, hints, first_ms, completed_ms, last_ms,"\
	  " spent_ms, best_score, best_work, last_language) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"\
	  " $13) ON CONFLICT (user_id, pack, slug) DO UPDATE SET state = excluded.state,"                              \
	  " submissions = excluded.submissions, hints = excluded.hints, first_ms = excluded.first_ms,"                 \
	  " completed_ms = excluded.completed_ms, last_ms = excluded.last_ms, spent_ms = excluded.spent_ms,"           \
	  " best_score = excluded.best_score, best_work = excluded.best_work, last_language = excluded.last_language") \
	X(SQL_USER_DRAFT_GET,                                                                                          \
	  "SELECT " SQL_DRAFT_ALL " FROM user_drafts WHERE user_id = $1 AND pack = $2 AND slug = $3 AND language = $4")\
	X(SQL_USER_DRAFT_PUT,                                                                                          \
	  "INSERT INTO user_drafts (" SQL_DRAFT_ALL ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"     \
	  " ON CONFLICT (user_id, pack, slug, language) DO UPDATE SET id = excluded.id, seq = excluded.seq,"           \
	  " device = excluded.device, hash = excluded.hash, cursor_at = excluded.cursor_at, at_ms = excluded.at_ms,"   \
	  " received_ms = excluded.received_ms, code = excluded.code")                                                 \
	/* Nothing: it came so long ago that intake forgot it, and once more. */                                        \
	X(SQL_USER_DRAFT_KEEP,                                                                                         \
	  "INSERT INTO user_drafts_old (" SQL_DRAFT_ALL ", size)"                                                      \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (user_id, id) DO NOTHING")     \
	X(SQL_USER_DRAFTS_SPENT,                                                                                       \
	  "SELECT COALESCE(SUM(size), 0) FROM (SELECT size FROM user_drafts_old WHERE user_id = $1 AND pack = $2"      \
	  " AND slug = $3 AND language = $4 ORDER BY received_ms DESC, id DESC LIMIT 1000 OFFSET $5) spent")           \
	X(SQL_USER_DRAFTS_OLD,                                                                                         \
	  "SELECT " SQL_DRAFT_ALL " FROM user_drafts_old WHERE user_id = $1 AND pack = $2 AND slug = $3"               \
	  " AND language = $4 ORDER BY received_ms DESC, id DESC")                                                     \
	X(SQL_USER_DRAFTS_TRIM,                                                                                        \
	  "DELETE FROM user_drafts_old WHERE user_id = $1 AND id IN (SELECT id FROM user_drafts_old WHERE user_id = $1 AND pack = $2"   \
	  " AND slug = $3 AND language = $4 ORDER BY received_ms DESC, id DESC LIMIT 1000 OFFSET $5)")                 \
	X(SQL_RATING_PUT,                                                                                              \
	  "INSERT INTO ratings (user_id, pack, slug, stars, comment, at_ms) VALUES ($1, $2, $3, $4, $5, $6)"           \
	  " ON CONFLICT (user_id, pack, slug) DO UPDATE SET stars = excluded.stars, comment = excluded.comment,"       \
	  " at_ms = excluded.at_ms")                                                                                   \
	X(SQL_RATING_SUMS,                                                                                             \
	  "SELECT COUNT(*), COALESCE(SUM(stars), 0) FROM ratings WHERE pack = $1 AND slug = $2")
/* clang-format on */

#endif
