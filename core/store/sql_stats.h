#ifndef KODELAB_STORE_SQL_STATS_H
#define KODELAB_STORE_SQL_STATS_H

/* The statements of the counts of judged works: see sql.h. */

/* clang-format off */
#define SQL_STATS_MAP(X)                                                                                               \
	X(SQL_STAT_CHALLENGE_ADD,                                                                                      \
	  "INSERT INTO stat_challenges (pack, slug, works, passed, tried, solved, last_ms)"                            \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (pack, slug) DO UPDATE SET"                                \
	  " works = stat_challenges.works + excluded.works, passed = stat_challenges.passed + excluded.passed,"        \
	  " tried = stat_challenges.tried + excluded.tried, solved = stat_challenges.solved + excluded.solved,"        \
	  " last_ms = CASE WHEN excluded.last_ms > stat_challenges.last_ms THEN excluded.last_ms"                      \
	  " ELSE stat_challenges.last_ms END")                                                                         \
	X(SQL_STAT_WEEK_ADD,                                                                                           \
	  "INSERT INTO stat_weeks (pack, slug, week, works, passed, solved) VALUES ($1, $2, $3, $4, $5, $6)"           \
	  " ON CONFLICT (pack, slug, week) DO UPDATE SET works = stat_weeks.works + excluded.works,"                   \
	  " passed = stat_weeks.passed + excluded.passed, solved = stat_weeks.solved + excluded.solved")               \
	X(SQL_STAT_COUNT_ADD,                                                                                          \
	  "INSERT INTO stat_counts (pack, slug, what, name, total) VALUES ($1, $2, $3, $4, $5)"                        \
	  " ON CONFLICT (pack, slug, what, name) DO UPDATE SET total = stat_counts.total + excluded.total")            \
	X(SQL_STAT_DAY_ADD,                                                                                            \
	  "INSERT INTO stat_user_days (user_id, day, works, passed, solved) VALUES ($1, $2, $3, $4, $5)"               \
	  " ON CONFLICT (user_id, day) DO UPDATE SET works = stat_user_days.works + excluded.works,"                   \
	  " passed = stat_user_days.passed + excluded.passed, solved = stat_user_days.solved + excluded.solved")       \
	X(SQL_STAT_LANGUAGE_ADD,                                                                                       \
	  "INSERT INTO stat_user_languages (user_id, language, works, passed) VALUES ($1, $2, $3, $4)"                 \
	  " ON CONFLICT (user_id, language) DO UPDATE SET works = stat_user_languages.works + excluded.works,"         \
	  " passed = stat_user_languages.passed + excluded.passed")                                                    \
	X(SQL_STAT_TRIES,                                                                                              \
	  "SELECT COUNT(*) FROM works WHERE user_id = $1 AND pack = $2 AND slug = $3 AND state = 2"                    \
	  " AND received_ms <= $4")                                                                                    \
	X(SQL_STAT_CHALLENGE,                                                                                          \
	  "SELECT works, passed, tried, solved, last_ms FROM stat_challenges WHERE pack = $1 AND slug = $2")           \
	X(SQL_STAT_CHALLENGES,                                                                                         \
	  "SELECT pack, slug, works, passed, tried, solved, last_ms FROM stat_challenges WHERE works > 0"              \
	  " ORDER BY tried DESC, pack, slug")                                                                          \
	X(SQL_STAT_WEEKS,                                                                                              \
	  "SELECT week, works, passed, solved FROM stat_weeks WHERE pack = $1 AND slug = $2 AND week >= $3"            \
	  " AND works > 0 ORDER BY week")                                                                              \
	X(SQL_STAT_COUNTS,                                                                                             \
	  "SELECT what, name, total FROM stat_counts WHERE pack = $1 AND slug = $2 AND total > 0"                      \
	  " ORDER BY what, total DESC, name")                                                                          \
	X(SQL_STAT_DAYS,                                                                                               \
	  "SELECT day, works, passed, solved FROM stat_user_days WHERE user_id = $1 AND day >= $2 AND works > 0"       \
	  " ORDER BY day")                                                                                             \
	X(SQL_STAT_LANGUAGES,                                                                                          \
	  "SELECT language, works, passed FROM stat_user_languages WHERE user_id = $1 AND works > 0"                   \
	  " ORDER BY works DESC, language")
/* clang-format on */

#endif
