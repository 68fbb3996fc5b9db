#ifndef KODELAB_STORE_SQL_JUDGE_H
#define KODELAB_STORE_SQL_JUDGE_H

/* The statements of what is remembered of judges elsewhere, tickets by the class server as well: see sql.h. */

/* clang-format off */
#define SQL_TICKETS_MAP(X)                                                                                      \
	X(SQL_TICKET_PUT,                                                                                              \
	  "INSERT INTO judge_tickets (work, instance, token, nonce, at_ms) VALUES ($1, $2, $3, $4, $5)"                \
	  " ON CONFLICT (work) DO UPDATE SET instance = excluded.instance, token = excluded.token,"                    \
	  " nonce = excluded.nonce, at_ms = excluded.at_ms")                                                           \
	X(SQL_TICKET_GET, "SELECT instance, token, nonce, at_ms FROM judge_tickets WHERE work = $1")                   \
	X(SQL_TICKET_REMOVE, "DELETE FROM judge_tickets WHERE work = $1")                                              \
	X(SQL_TICKETS_EXPIRE, "DELETE FROM judge_tickets WHERE at_ms < $1")

#define SQL_JUDGE_MAP(X)                                                                                               \
	X(SQL_RESULT_PUT,                                                                                              \
	  "INSERT INTO judge_results (work, content, size, used_ms) VALUES ($1, $2, $3, $4)"                           \
	  " ON CONFLICT (work) DO UPDATE SET content = excluded.content, size = excluded.size,"                        \
	  " used_ms = excluded.used_ms")                                                                               \
	X(SQL_RESULT_GET, "SELECT content FROM judge_results WHERE work = $1")                                         \
	X(SQL_RESULT_USED, "UPDATE judge_results SET used_ms = $1 WHERE work = $2")                                    \
	X(SQL_RESULT_TOTALS, "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM judge_results")                             \
	X(SQL_RESULTS_TRIM,                                                                                            \
	  "DELETE FROM judge_results WHERE work IN"                                                                    \
	  " (SELECT work FROM judge_results ORDER BY used_ms, work LIMIT $1)")                                         \
	X(SQL_RESULTS_CLEAR, "DELETE FROM judge_results")                                                              \
	X(SQL_COUNT_ADD,                                                                                               \
	  "INSERT INTO judge_counts (instance, language, what, total) VALUES ($1, $2, $3, $4)"                         \
	  " ON CONFLICT (instance, language, what) DO UPDATE SET total = judge_counts.total + excluded.total")         \
	X(SQL_COUNTS, "SELECT instance, language, what, total FROM judge_counts ORDER BY instance, language, what")    \
	X(SQL_KEPT_ALL,                                                                                                \
	  "SELECT id, pack, slug, language, kind, at_ms, code, why FROM kept_runs ORDER BY at_ms, id")                 \
	X(SQL_KEPT_PUT,                                                                                                \
	  "INSERT INTO kept_runs (id, pack, slug, language, kind, at_ms, code, why)"                                   \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")                                                                  \
	X(SQL_KEPT_SAME,                                                                                               \
	  "SELECT id, at_ms FROM kept_runs"                                                                            \
	  " WHERE pack = $1 AND slug = $2 AND language = $3 AND code = $4 AND kind = 1")                               \
	X(SQL_KEPT_COUNT, "SELECT COUNT(*) FROM kept_runs")                                                            \
	X(SQL_KEPT_HAS, "SELECT COUNT(*) FROM kept_runs WHERE id = $1")                                                \
	X(SQL_KEPT_WHY, "UPDATE kept_runs SET why = $1 WHERE id = $2")                                                 \
	X(SQL_KEPT_REMOVE, "DELETE FROM kept_runs WHERE id = $1")                                                      \
	X(SQL_KEPT_REPLACE, "DELETE FROM kept_runs WHERE pack = $1 AND slug = $2 AND kind = 0")                        \
	X(SQL_KEPT_OUTDATE, "DELETE FROM kept_runs WHERE pack = $1 AND slug = $2 AND kind = 0 AND at_ms <= $3")
/* clang-format on */

#endif
