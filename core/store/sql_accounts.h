#ifndef KODELAB_STORE_SQL_ACCOUNTS_H
#define KODELAB_STORE_SQL_ACCOUNTS_H

/* The statements about people: see sql.h. */

/* clang-format off */
#define SQL_USER_COLUMNS                                                                                               \
	"SELECT id, name, look, display, email, password, role, disabled, created_ms, signed_in_ms FROM users"
#define SQL_SESSION_COLUMNS                                                                                            \
	"SELECT id, user_id, device, origin, created_ms, used_ms, access, access_until_ms, refresh, refresh_until_ms," \
	" prior, nonce, seed, ended_ms FROM sessions"
#define SQL_DEVICE_COLUMNS                                                                                             \
	"SELECT code, user_code, device, origin, created_ms, until_ms, polled_ms, interval_s, state, user_id FROM devices"
#define SQL_AUDIT_COLUMNS "SELECT number, at_ms, actor, name, action, subject, detail, origin, chain FROM audit"

#define SQL_USERS_WHERE                                                                                                \
	" WHERE ($1 = '' OR LOWER(name) LIKE $1 ESCAPE '!' OR LOWER(display) LIKE $1 ESCAPE '!')"                      \
	" AND ($2 = 0 OR role = $2)"
#define SQL_AUDIT_WHERE " WHERE ($1 = '' OR action = $1) AND ($2 = '' OR subject = $2) AND ($3 = '' OR name = $3)"

#define SQL_ACCOUNTS_MAP(X)                                                                                            \
	X(SQL_USER_ADD,                                                                                                \
	  "INSERT INTO users (id, name, look, display, email, password, role, disabled, created_ms, signed_in_ms)"     \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)")                                                           \
	X(SQL_USER_GET, SQL_USER_COLUMNS " WHERE id = $1")                                                             \
	X(SQL_USER_NAMED, SQL_USER_COLUMNS " WHERE look = $1")                                                         \
	X(SQL_USER_PROFILE, "UPDATE users SET display = $1, email = $2 WHERE id = $3")                                 \
	X(SQL_USER_PASSWORD, "UPDATE users SET password = $1 WHERE id = $2")                                           \
	X(SQL_USER_ROLE, "UPDATE users SET role = $1 WHERE id = $2")                                                   \
	X(SQL_USER_DISABLE, "UPDATE users SET disabled = $1 WHERE id = $2")                                            \
	X(SQL_USER_SIGNED_IN, "UPDATE users SET signed_in_ms = $1 WHERE id = $2")                                      \
	X(SQL_USERS_OF_ROLE, "SELECT COUNT(*) FROM users WHERE role = $1 AND disabled = 0")                            \
	X(SQL_USERS, SQL_USER_COLUMNS SQL_USERS_WHERE " ORDER BY name, id LIMIT $3 OFFSET $4")                         \
	X(SQL_USERS_COUNT, "SELECT COUNT(*) FROM users" SQL_USERS_WHERE)                                               \
                                                                                                                       \
	X(SQL_SESSION_ADD,                                                                                             \
	  "INSERT INTO sessions (id, user_id, device, origin, created_ms, used_ms, access, access_until_ms, refresh,"  \
	  " refresh_until_ms, prior, nonce, seed, ended_ms)"                                                           \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)")                                       \
	X(SQL_SESSION_HOLDER,                                                                                          \
	  "SELECT users.id, sessions.id, users.name, users.role, sessions.access_until_ms FROM sessions"               \
	  " JOIN users ON users.id = sessions.user_id"                                                                 \
	  " WHERE sessions.access = $1 AND sessions.access_until_ms > $2 AND sessions.ended_ms = 0"                    \
	  " AND users.disabled = 0")                                                                                   \
	X(SQL_SESSION_GET, SQL_SESSION_COLUMNS " WHERE id = $1")                                                       \
	X(SQL_SESSION_REFRESHED, SQL_SESSION_COLUMNS " WHERE refresh = $1")                                            \
	X(SQL_SESSION_SPENT,                                                                                           \
	  SQL_SESSION_COLUMNS " WHERE id = (SELECT session_id FROM session_spent WHERE refresh = $1)")                 \
	X(SQL_SESSION_SPEND, "INSERT INTO session_spent (refresh, session_id) VALUES ($1, $2)")                        \
	X(SQL_SESSION_ROTATE,                                                                                          \
	  "UPDATE sessions SET used_ms = $1, access = $2, access_until_ms = $3, refresh = $4, refresh_until_ms = $5,"  \
	  " prior = $6, nonce = $7, seed = $8 WHERE id = $9")                                                          \
	X(SQL_SESSION_END, "UPDATE sessions SET ended_ms = $1 WHERE id = $2 AND ended_ms = 0")                         \
	X(SQL_SESSIONS_END, "UPDATE sessions SET ended_ms = $1 WHERE user_id = $2 AND id <> $3 AND ended_ms = 0")      \
	X(SQL_SESSIONS_TRIM,                                                                                           \
	  "UPDATE sessions SET ended_ms = $1 WHERE user_id = $2 AND ended_ms = 0 AND id NOT IN"                        \
	  " (SELECT id FROM sessions WHERE user_id = $2 AND ended_ms = 0 ORDER BY used_ms DESC, id DESC LIMIT $3)")    \
	X(SQL_SESSIONS,                                                                                                \
	  SQL_SESSION_COLUMNS " WHERE user_id = $1 AND ended_ms = 0 AND refresh_until_ms > $2"                         \
	  " ORDER BY used_ms DESC, id DESC")                                                                           \
	X(SQL_SESSION_SPENT_FORGET,                                                                                    \
	  "DELETE FROM session_spent WHERE session_id IN (SELECT id FROM sessions WHERE refresh_until_ms < $1)")       \
	X(SQL_SESSIONS_FORGET, "DELETE FROM sessions WHERE refresh_until_ms < $1")                                     \
                                                                                                                       \
	X(SQL_INVITATION_ADD,                                                                                          \
	  "INSERT INTO invitations (id, code, note, made_by, role, uses, used, created_ms, until_ms)"                  \
	  " VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)")                                                               \
	X(SQL_INVITATION_LOOK,                                                                                         \
	  "SELECT role FROM invitations WHERE code = $1 AND used < uses AND until_ms > $2")                            \
	X(SQL_INVITATION_USE, "UPDATE invitations SET used = used + 1 WHERE code = $1")                                \
	X(SQL_INVITATION_REMOVE, "DELETE FROM invitations WHERE id = $1")                                              \
	X(SQL_INVITATION_GET, "SELECT 1 FROM invitations WHERE id = $1")                                               \
	X(SQL_INVITATIONS,                                                                                             \
	  "SELECT id, note, made_by, role, uses, used, created_ms, until_ms FROM invitations"                          \
	  " ORDER BY created_ms DESC, id DESC LIMIT 1000")                                                             \
	X(SQL_INVITATIONS_FORGET, "DELETE FROM invitations WHERE until_ms < $1")                                       \
                                                                                                                       \
	X(SQL_RESET_PUT,                                                                                               \
	  "INSERT INTO reset_codes (user_id, code, until_ms) VALUES ($1, $2, $3)"                                      \
	  " ON CONFLICT (user_id) DO UPDATE SET code = excluded.code, until_ms = excluded.until_ms")                   \
	X(SQL_RESET_LOOK, "SELECT 1 FROM reset_codes WHERE user_id = $1 AND code = $2 AND until_ms > $3")              \
	X(SQL_RESET_REMOVE, "DELETE FROM reset_codes WHERE user_id = $1")                                              \
	X(SQL_RESETS_FORGET, "DELETE FROM reset_codes WHERE until_ms < $1")                                            \
                                                                                                                       \
	X(SQL_GITHUB_USER, "SELECT user_id FROM github_accounts WHERE github = $1")                                    \
	X(SQL_GITHUB_OF, "SELECT user_id FROM github_accounts WHERE user_id = $1")                                     \
	X(SQL_GITHUB_BIND, "INSERT INTO github_accounts (github, user_id, created_ms) VALUES ($1, $2, $3)")            \
                                                                                                                       \
	X(SQL_DEVICE_ADD,                                                                                              \
	  "INSERT INTO devices (code, user_code, device, origin, created_ms, until_ms, polled_ms, interval_s, state,"  \
	  " user_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")                                                \
	X(SQL_DEVICES_COUNT, "SELECT COUNT(*) FROM devices WHERE until_ms > $1")                                       \
	X(SQL_DEVICE_GET, SQL_DEVICE_COLUMNS " WHERE code = $1")                                                       \
	X(SQL_DEVICE_SHOWN, SQL_DEVICE_COLUMNS " WHERE user_code = $1")                                                \
	X(SQL_DEVICE_PUT,                                                                                              \
	  "UPDATE devices SET polled_ms = $1, interval_s = $2, state = $3, user_id = $4 WHERE code = $5")              \
	/* Those that were let in and have not come yet are not let in: states of kodelab/store_accounts.h. */             \
	X(SQL_DEVICES_DENY, "UPDATE devices SET state = 2 WHERE user_id = $1 AND state = 1")                           \
	X(SQL_DEVICES_FORGET, "DELETE FROM devices WHERE until_ms < $1")                                               \
                                                                                                                       \
	X(SQL_AUDIT_ADD,                                                                                               \
	  "INSERT INTO audit (number, at_ms, actor, name, action, subject, detail, origin, chain)"                     \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")                                                              \
	X(SQL_AUDIT_HEAD, "SELECT number, chain FROM audit_head WHERE one = 1")                                        \
	X(SQL_AUDIT_HEAD_PUT,                                                                                          \
	  "INSERT INTO audit_head (one, number, chain) VALUES (1, $1, $2)"                                             \
	  " ON CONFLICT (one) DO UPDATE SET number = excluded.number, chain = excluded.chain")                         \
	X(SQL_AUDIT_EACH, SQL_AUDIT_COLUMNS " WHERE number > $1 ORDER BY number LIMIT $2")                             \
	X(SQL_AUDIT_LIST, SQL_AUDIT_COLUMNS SQL_AUDIT_WHERE " ORDER BY number DESC LIMIT $4 OFFSET $5")                \
	X(SQL_AUDIT_COUNT, "SELECT COUNT(*) FROM audit" SQL_AUDIT_WHERE)
/* clang-format on */

#endif
