#ifndef KODELAB_STORE_SQL_SYNC_H
#define KODELAB_STORE_SQL_SYNC_H

/* The statements of the class servers that the lab knows, and of what goes there and comes from there: see sql.h. */

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
	X(SQL_CLASS_SESSION_DROP, "DELETE FROM class_sessions WHERE server = $1")                                      \
	                                                                                                               \
	X(SQL_OUTBOX_READY,                                                                                            \
	  "SELECT o.id, o.kind, o.subject, o.body, o.hash, o.created_ms, o.receipt FROM outbox o"                      \
	  " WHERE o.sent_ms = 0 AND (o.account = '' OR o.account = $1)"                                                \
	  " AND EXISTS (SELECT 1 FROM class_packs p WHERE p.account = $1"                                              \
	  " AND SUBSTR(o.subject, 1, LENGTH(p.id) + 1) = p.id || '/')"                                                 \
	  " AND NOT EXISTS (SELECT 1 FROM draft_others d WHERE o.kind = 'draft'"                                       \
	  " AND o.subject = d.pack || '/' || d.slug || '/' || d.language)"                                             \
	  " ORDER BY o.created_ms, o.id LIMIT $2")                                                                     \
	X(SQL_OUTBOX_WAITING,                                                                                          \
	  "SELECT COUNT(*), COALESCE(MIN(o.created_ms), 0) FROM outbox o"                                              \
	  " WHERE o.sent_ms = 0 AND (o.account = '' OR o.account = $1)"                                                \
	  " AND EXISTS (SELECT 1 FROM class_packs p WHERE p.account = $1"                                              \
	  " AND SUBSTR(o.subject, 1, LENGTH(p.id) + 1) = p.id || '/')")                                                \
	X(SQL_OUTBOX_SENT,                                                                                             \
	  "UPDATE outbox SET id = $1, hash = $2, account = $3, receipt = $4, problem = '', doubted = 0, sent_ms = $5"  \
	  " WHERE id = $6 AND sent_ms = 0")                                                                            \
	X(SQL_OUTBOX_FORGET_SENT,                                                                                      \
	  "DELETE FROM outbox WHERE kind = $1 AND subject = $2 AND sent_ms > 0 AND id <> $3")                          \
	X(SQL_OUTBOX_REFUSED,                                                                                          \
	  "UPDATE outbox SET account = $1, problem = $2, sent_ms = $3 WHERE id = $4 AND sent_ms = 0")                  \
	X(SQL_OUTBOX_DROP, "DELETE FROM outbox WHERE id = $1 AND sent_ms = 0")                                         \
	X(SQL_OUTBOX_DOUBT,                                                                                            \
	  "UPDATE outbox SET doubted = 1 WHERE account = $1 AND receipt <> '' AND sent_ms > 0")                        \
	X(SQL_OUTBOX_DOUBTED, "SELECT id FROM outbox WHERE account = $1 AND doubted = 1 ORDER BY id LIMIT $2")         \
	X(SQL_OUTBOX_LOST, "UPDATE outbox SET doubted = 0, sent_ms = 0 WHERE id = $1 AND doubted = 1 AND body <> ''")  \
	X(SQL_OUTBOX_KNOWN, "UPDATE outbox SET doubted = 0 WHERE id = $1")                                             \
	X(SQL_OUTBOX_DELIVERY,                                                                                         \
	  "SELECT o.sent_ms, o.receipt, o.problem, o.account FROM outbox o"                                            \
	  " WHERE o.hash = $1 AND (o.subject = $2 OR o.subject = $3) AND (o.kind = 'submission' OR o.kind = 'draft')") \
	X(SQL_OUTBOX_RECEIPTS,                                                                                         \
	  "SELECT receipt FROM outbox WHERE sent_ms > 0 AND receipt <> '' ORDER BY sent_ms, id")                       \
	                                                                                                               \
	X(SQL_DRAFT_BASE_GET,                                                                                          \
	  "SELECT base_seq, base_hash, sent FROM drafts WHERE pack = $1 AND slug = $2 AND language = $3")              \
	X(SQL_DRAFT_FROM_SERVER,                                                                                       \
	  "SELECT COUNT(*) FROM drafts"                                                                                \
	  " WHERE pack = $1 AND slug = $2 AND language = $3 AND base_hash = $4 AND base_seq > 0")                      \
	X(SQL_DRAFT_BASE_PUT,                                                                                          \
	  "UPDATE drafts SET base_seq = $1, base_hash = $2, sent = ''"                                                 \
	  " WHERE pack = $3 AND slug = $4 AND language = $5")                                                          \
	/* Ten hashes: a pull lies between any two that may have arrived. */                                           \
	X(SQL_DRAFT_LEAVES,                                                                                            \
	  "UPDATE drafts SET sent = SUBSTR($1 || sent, 1, 640)"                                                        \
	  " WHERE pack = $2 AND slug = $3 AND language = $4 AND SUBSTR(sent, 1, 64) <> $1")                            \
	X(SQL_DRAFTS_UNANSWERED, "SELECT COUNT(*) FROM drafts WHERE sent <> ''")                                       \
	X(SQL_DRAFT_BASES_FORGET, "UPDATE drafts SET base_seq = 0, base_hash = '', sent = '', given_seq = 0")                     \
	X(SQL_DRAFT_GIVEN,                                                                                         \
	  "UPDATE drafts SET given_seq = $1 WHERE base_hash <> $2 AND pack = $3 AND slug = $4 AND language = $5")      \
	X(SQL_DRAFT_NEWEST_SEQ,                                                                                        \
	  "SELECT CASE WHEN given_seq > base_seq THEN given_seq ELSE base_seq END"                                     \
	  " FROM drafts WHERE pack = $1 AND slug = $2 AND language = $3")                                              \
	X(SQL_OTHER_PUT,                                                                                               \
	  "INSERT INTO draft_others (pack, slug, language, code, hash, seq, device, at_ms)"                            \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"                                                                   \
	  " ON CONFLICT (pack, slug, language) DO UPDATE SET code = excluded.code, hash = excluded.hash,"              \
	  " seq = excluded.seq, device = excluded.device, at_ms = excluded.at_ms")                                     \
	X(SQL_OTHERS,                                                                                                  \
	  "SELECT pack, slug, language, code, hash, seq, device, at_ms FROM draft_others ORDER BY pack, slug, language") \
	X(SQL_OTHER_REMOVE, "DELETE FROM draft_others WHERE pack = $1 AND slug = $2 AND language = $3")                \
	X(SQL_OTHERS_FORGET, "DELETE FROM draft_others")                                                               \
	                                                                                                               \
	X(SQL_CLASS_PACK_PUT,                                                                                          \
	  "INSERT INTO class_packs (account, id, title, version, hash, bytes, installed, problem)"                     \
	  " VALUES ($1, $2, $3, $4, $5, $6, '', '')"                                                                   \
	  " ON CONFLICT (account, id) DO UPDATE SET title = excluded.title, version = excluded.version,"               \
	  " hash = excluded.hash, bytes = excluded.bytes, problem = '', doubted = 0")                                  \
	X(SQL_CLASS_PACK_INSTALLED,                                                                                    \
	  "UPDATE class_packs SET installed = $1, problem = $2 WHERE account = $3 AND id = $4")                        \
	X(SQL_CLASS_PACK_REMOVE, "DELETE FROM class_packs WHERE account = $1 AND id = $2")                             \
	X(SQL_CLASS_PACKS,                                                                                             \
	  "SELECT id, title, version, hash, bytes, installed, problem FROM class_packs WHERE account = $1 ORDER BY id")\
	X(SQL_CLASS_PACKS_DOUBT, "UPDATE class_packs SET doubted = 1 WHERE account = $1")                              \
	X(SQL_CLASS_PACKS_UNTOLD, "DELETE FROM class_packs WHERE account = $1 AND doubted = 1")                        \
	X(SQL_CLASS_PACKS_FORGET, "DELETE FROM class_packs WHERE account = $1")                                        \
	X(SQL_CLASS_PACK_OURS,                                                                                         \
	  "SELECT COUNT(*) FROM class_packs p JOIN class_servers s ON p.account = s.server_id || '/' || s.user_id"     \
	  " WHERE s.active = 1 AND p.id = $1 AND p.installed <> ''")                                                   \
	X(SQL_CLASS_PACK_GIVEN,                                                                                \
	  "SELECT ((SELECT COUNT(*) FROM class_packs WHERE account = $1 AND id = $2)"                                  \
	  " + (SELECT COUNT(*) FROM outbox WHERE account = $1 AND receipt <> '' AND SUBSTR(subject, 1, $3) = $4))"     \
	  " * (1 - (SELECT COUNT(*) FROM pack_owners WHERE pack = $2 AND server <> SUBSTR($1, 1, 36)))")               \
	X(SQL_PACK_OWN,                                                                                                \
	  "INSERT INTO pack_owners (pack, server) VALUES ($1, SUBSTR($2, 1, 36)) ON CONFLICT (pack) DO NOTHING")       \
	X(SQL_PACK_OWNER,                                                                                              \
	  "SELECT COALESCE((SELECT s.name FROM class_servers s WHERE s.server_id = o.server), o.server)"               \
	  " FROM pack_owners o WHERE o.pack = $1 AND o.server <> SUBSTR($2, 1, 36)")                                   \
	X(SQL_PACK_OWNERS_FORGET, "DELETE FROM pack_owners WHERE server = $1")                                         \
	X(SQL_CLASS_COURSE_PUT,                                                                                        \
	  "INSERT INTO class_courses (account, id, body) VALUES ($1, $2, $3)"                                          \
	  " ON CONFLICT (account, id) DO UPDATE SET body = excluded.body, doubted = 0")                                \
	X(SQL_CLASS_COURSE_REMOVE, "DELETE FROM class_courses WHERE account = $1 AND id = $2")                         \
	X(SQL_CLASS_COURSES, "SELECT id, body FROM class_courses WHERE account = $1 ORDER BY id")                      \
	X(SQL_CLASS_COURSES_DOUBT, "UPDATE class_courses SET doubted = 1 WHERE account = $1")                          \
	X(SQL_CLASS_COURSES_UNTOLD, "DELETE FROM class_courses WHERE account = $1 AND doubted = 1")                    \
	X(SQL_CLASS_UNTOLD,                                                                                            \
	  "SELECT (SELECT COUNT(*) FROM class_packs WHERE account = $1 AND doubted = 1)"                               \
	  " + (SELECT COUNT(*) FROM class_courses WHERE account = $1 AND doubted = 1)")                                \
	X(SQL_CLASS_COURSES_FORGET, "DELETE FROM class_courses WHERE account = $1")                                    \
	                                                                                                               \
	X(SQL_ATTEMPTS_UNJUDGED,                                                                                       \
	  "SELECT COUNT(*) FROM attempts a JOIN outbox o ON o.id = a.id"                                               \
	  " WHERE a.standing = 1 AND o.receipt <> '' AND o.sent_ms > 0")                                               \
	X(SQL_ATTEMPT_JUDGED,                                                                                          \
	  "UPDATE attempts SET verdict = $1, score = $2, passed = $3, total = $4, cpu_us = $5, peak_kib = $6,"         \
	  " report = $7, standing = $8 WHERE id = $9")
/* clang-format on */

#endif
