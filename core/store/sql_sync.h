#ifndef KODELAB_STORE_SQL_SYNC_H
#define KODELAB_STORE_SQL_SYNC_H

/* The statements of the class servers that the lab knows: see sql.h. */

/* clang-format off */
#define SQL_SYNC_MAP(X)                                                                                       \
	X(SQL_CLASS_ALL,                                                                                               \
	  "SELECT s.name, s.addresses, s.ca_file, s.proxy, s.server_id, s.title, s.public_key, s.user_id, s.user_name," \
	  " s.display, s.role, s.active, s.added_ms, s.cursor_at, s.synced_ms,"                                        \
	  " (SELECT COUNT(*) FROM class_sessions t WHERE t.server = s.name)"                                           \
	  " FROM class_servers s ORDER BY s.name")                                                                     \
	X(SQL_CLASS_PUT,                                                                                               \
	  "INSERT INTO class_servers (name, addresses, ca_file, proxy, server_id, title, public_key, user_id,"         \
	  " user_name, display, role, active, added_ms, cursor_at, synced_ms)"                                         \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, 0, 0)"                                       \
	  " ON CONFLICT (name) DO UPDATE SET addresses = excluded.addresses, ca_file = excluded.ca_file,"              \
	  " proxy = excluded.proxy, server_id = excluded.server_id, title = excluded.title,"                           \
	  " public_key = excluded.public_key, user_id = excluded.user_id, user_name = excluded.user_name,"             \
	  " display = excluded.display, role = excluded.role")                                                         \
	X(SQL_CLASS_RESTART, "UPDATE class_servers SET cursor_at = 0, synced_ms = 0 WHERE name = $1")                  \
	X(SQL_CLASS_REST, "UPDATE class_servers SET active = 0 WHERE name <> $1")                                      \
	X(SQL_CLASS_ACTIVATE, "UPDATE class_servers SET active = 1 WHERE name = $1")                                   \
	X(SQL_CLASS_REMOVE, "DELETE FROM class_servers WHERE name = $1")                                               \
	X(SQL_CLASS_CURSOR, "UPDATE class_servers SET cursor_at = $1, synced_ms = $2 WHERE name = $3")                 \
	X(SQL_CLASS_SESSION,                                                                                           \
	  "SELECT token, refresh, token_until_ms, refresh_until_ms, nonce FROM class_sessions WHERE server = $1")             \
	X(SQL_CLASS_SESSION_PUT,                                                                                       \
	  "INSERT INTO class_sessions (server, token, refresh, token_until_ms, refresh_until_ms, nonce)"               \
	  " VALUES ($1, $2, $3, $4, $5, $6)"                                                                           \
	  " ON CONFLICT (server) DO UPDATE SET token = excluded.token, refresh = excluded.refresh,"                    \
	  " token_until_ms = excluded.token_until_ms, refresh_until_ms = excluded.refresh_until_ms,"                   \
	  " nonce = excluded.nonce")                                                                                   \
	X(SQL_CLASS_SESSION_DROP, "DELETE FROM class_sessions WHERE server = $1")
/* clang-format on */

#endif
