#ifndef KODELAB_STORE_SQL_SERVER_H
#define KODELAB_STORE_SQL_SERVER_H

/* The statements of the class server's own tables: see sql.h. */

/* clang-format off */
#define SQL_SERVER_MAP(X)                                                                                              \
	X(SQL_QUEUE_ADD,                                                                                               \
	  "INSERT INTO queue (id, number, user_id, priority, kind, state, epoch, tries, outcome, created_ms,"          \
	  " started_ms, finished_ms, body, result, size)"                                                              \
	  " VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, $6, 0, 0, $7, '', $8)")                                            \
	X(SQL_QUEUE_MOVE,                                                                                              \
	  "UPDATE queue SET state = $1, epoch = $2, tries = $3, started_ms = $4 WHERE id = $5")                        \
	X(SQL_QUEUE_END,                                                                                               \
	  "UPDATE queue SET state = $1, outcome = $2, finished_ms = $3, result = $4 WHERE id = $5 AND epoch = $6")     \
	X(SQL_QUEUE_GET,                                                                                               \
	  "SELECT id, number, user_id, priority, kind, state, epoch, tries, outcome, created_ms, started_ms,"          \
	  " finished_ms, body, result FROM queue WHERE id = $1")                                                       \
	X(SQL_QUEUE_LIST,                                                                                              \
	  "SELECT id, number, user_id, priority, kind, state, epoch, tries, outcome, created_ms, started_ms,"          \
	  " finished_ms, body, result FROM queue WHERE kind >= 0 ORDER BY number DESC LIMIT $1 OFFSET $2")                             \
	X(SQL_QUEUE_OPEN,                                                                                              \
	  "SELECT id, number, user_id, priority, kind, state, epoch, tries, outcome, created_ms, started_ms,"          \
	  " finished_ms, size FROM queue WHERE state <= 1 ORDER BY +number") /* by state, of which few are open */     \
	X(SQL_QUEUE_NEWEST, "SELECT COALESCE(MAX(number), 0) FROM queue")                                              \
	X(SQL_QUEUE_REMOVE, "DELETE FROM queue WHERE id = $1")                                                         \
	X(SQL_QUEUE_OLD, "SELECT id, state FROM queue WHERE finished_ms > 0 AND finished_ms < $1"                      \
	  " ORDER BY finished_ms LIMIT $2")                                                                            \
	X(SQL_QUEUE_BY_STATE, "SELECT state, COUNT(*) FROM queue WHERE kind >= 0 GROUP BY state ORDER BY state")                       \
	X(SQL_QUEUE_BY_KIND, "SELECT kind, COUNT(*) FROM queue WHERE kind >= 0 GROUP BY kind ORDER BY kind")                           \
	X(SQL_QUEUE_BY_OUTCOME, "SELECT outcome, COUNT(*) FROM queue WHERE kind >= 0 GROUP BY outcome ORDER BY outcome")               \
	X(SQL_QUEUE_BY_DAY,                                                                                            \
	  "SELECT created_ms / 86400000, COUNT(*) FROM queue WHERE kind >= 0 GROUP BY created_ms / 86400000 ORDER BY 1") \
	X(SQL_CALLBACK_PUT,                                                                                            \
	  "INSERT INTO callbacks (id, host, tries, due_ms) VALUES ($1, $2, $3, $4)"                                    \
	  " ON CONFLICT (id) DO UPDATE SET tries = excluded.tries, due_ms = excluded.due_ms")                          \
	X(SQL_CALLBACK_REMOVE, "DELETE FROM callbacks WHERE id = $1")                                                  \
	X(SQL_CALLBACKS, "SELECT id, host, tries, due_ms FROM callbacks ORDER BY due_ms, id")
/* clang-format on */

#endif
