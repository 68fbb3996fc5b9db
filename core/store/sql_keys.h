#ifndef KODELAB_STORE_SQL_KEYS_H
#define KODELAB_STORE_SQL_KEYS_H

/* The statements of the judges' keys, which every kind of store has: see sql.h. */

/* clang-format off */
#define SQL_KEYS_MAP(X)                                                                                                \
	X(SQL_KEYS,                                                                                                    \
	  "SELECT id, instance, owner, label, last4, state, share, daily_limit, reserve, used_today, used_ever,"       \
	  " failed_ever, reset_ms, zone, added_ms, validated_ms, consented_ms, why, paused, turn"                      \
	  " FROM judge_keys ORDER BY instance, added_ms, id")                                                                 \
	X(SQL_KEYS_OF,                                                                                                 \
	  "SELECT id, instance, owner, label, last4, state, share, daily_limit, reserve, used_today, used_ever,"       \
	  " failed_ever, reset_ms, zone, added_ms, validated_ms, consented_ms, why, paused, turn"                      \
	  " FROM judge_keys WHERE instance = $1 ORDER BY added_ms, id")                                                \
	X(SQL_KEY_ADD,                                                                                                 \
	  "INSERT INTO judge_keys (id, instance, owner, label, last4, state, share, daily_limit, reserve, used_today," \
	  " used_ever, failed_ever, reset_ms, zone, added_ms, validated_ms, consented_ms, why, paused, turn, consent)" \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)")  \
	X(SQL_KEY_PUT,                                                                                                 \
	  "UPDATE judge_keys SET label = $1, state = $2, share = $3, daily_limit = $4, reserve = $5, used_today = $6," \
	  " used_ever = $7, failed_ever = $8, reset_ms = $9, zone = $10, validated_ms = $11, why = $12, paused = $13," \
	  " turn = $14 WHERE id = $15")                                                                                \
	X(SQL_KEY_CONSENT, "UPDATE judge_keys SET consent = $1, consented_ms = $2 WHERE id = $3")                      \
	X(SQL_KEY_REMOVE, "DELETE FROM judge_keys WHERE id = $1")                                                      \
	X(SQL_KEY_SECRET_ADD, "INSERT INTO judge_key_secrets (key_id, sealed) VALUES ($1, $2)")                        \
	X(SQL_KEY_SECRET_GET, "SELECT sealed FROM judge_key_secrets WHERE key_id = $1")                                \
	X(SQL_KEY_SECRET_PUT, "UPDATE judge_key_secrets SET sealed = $1 WHERE key_id = $2")                            \
	X(SQL_KEY_SECRET_REMOVE, "DELETE FROM judge_key_secrets WHERE key_id = $1")                                    \
	                                                                                                               \
	X(SQL_KEY_USE,                                                                                                 \
	  "INSERT INTO judge_key_uses (key_id, user_id, day_ms, used, failed) VALUES ($1, $2, $3, $4, $5)"             \
	  " ON CONFLICT (key_id, user_id, day_ms) DO UPDATE SET used = judge_key_uses.used + excluded.used,"           \
	  " failed = judge_key_uses.failed + excluded.failed")                                                         \
	X(SQL_KEY_DAYS,                                                                                                \
	  "SELECT key_id, day_ms, SUM(used), SUM(failed) FROM judge_key_uses WHERE day_ms > $1"                        \
	  " GROUP BY key_id, day_ms ORDER BY day_ms, key_id")                                                          \
	X(SQL_KEY_TAKEN,                                                                                               \
	  "SELECT COALESCE(SUM(u.used), 0) FROM judge_key_uses u JOIN judge_keys k ON k.id = u.key_id"                 \
	  " WHERE k.instance = $1 AND u.user_id = $2 AND k.owner <> u.user_id AND k.reset_ms = u.day_ms")              \
	X(SQL_KEY_TAKERS,                                                                                              \
	  "SELECT COUNT(DISTINCT u.user_id) FROM judge_key_uses u JOIN judge_keys k ON k.id = u.key_id"                \
	  " WHERE k.instance = $1 AND u.user_id <> $2 AND k.owner <> u.user_id AND u.day_ms > $3 AND u.used > 0")      \
	X(SQL_KEY_USES_FORGET, "DELETE FROM judge_key_uses WHERE day_ms < $1")                                         \
	X(SQL_KEY_USES_REMOVE, "DELETE FROM judge_key_uses WHERE key_id = $1")                                         \
	                                                                                                               \
	X(SQL_KEY_HOLDS,                                                                                               \
	  "SELECT id, instance, exam, from_ms, to_ms, requests, used FROM judge_key_holds ORDER BY from_ms, id")       \
	X(SQL_KEY_HOLDS_OF,                                                                                            \
	  "SELECT id, instance, exam, from_ms, to_ms, requests, used FROM judge_key_holds WHERE instance = $1"         \
	  " ORDER BY from_ms, id")                                                                                     \
	X(SQL_KEY_HOLD_ADD,                                                                                            \
	  "INSERT INTO judge_key_holds (id, instance, exam, from_ms, to_ms, requests, used)"                           \
	  " VALUES ($1, $2, $3, $4, $5, $6, 0)")                                                                       \
	X(SQL_KEY_HOLD_USE, "UPDATE judge_key_holds SET used = used + $1 WHERE id = $2")                               \
	X(SQL_KEY_HOLD_REMOVE, "DELETE FROM judge_key_holds WHERE id = $1")                                            \
	                                                                                                               \
	X(SQL_KEY_NOTICE_ADD,                                                                                          \
	  "INSERT INTO judge_key_notices (id, key_id, owner, event, at_ms, sentence, seen_ms)"                         \
	  " VALUES ($1, $2, $3, $4, $5, $6, 0)")                                                                       \
	X(SQL_KEY_NOTICES,                                                                                             \
	  "SELECT id, key_id, owner, event, at_ms, sentence FROM judge_key_notices"                                    \
	  " WHERE owner = $1 AND seen_ms = 0 ORDER BY at_ms, id")                                                      \
	X(SQL_KEY_NOTICE_SEEN, "UPDATE judge_key_notices SET seen_ms = $1 WHERE id = $2")                              \
	X(SQL_KEY_NOTICES_FORGET, "DELETE FROM judge_key_notices WHERE at_ms < $1 AND seen_ms > 0")                    \
	X(SQL_KEY_NOTICES_REMOVE, "DELETE FROM judge_key_notices WHERE key_id = $1")
/* clang-format on */

#endif
