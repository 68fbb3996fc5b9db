#ifndef KODELAB_STORE_SQL_PACKS_H
#define KODELAB_STORE_SQL_PACKS_H

/* The statements of published packs: see sql.h. */

/* clang-format off */
#define SQL_PACKS_MAP(X)                                                                                               \
	X(SQL_PACKS,                                                                                                   \
	  "SELECT p.pack, p.owner, p.title, p.description, p.version, p.created_ms, p.changed_ms, p.removed_ms,"       \
	  " v.hash, v.view_hash, v.view_bytes, v.shown"                                                                \
	  " FROM packs p JOIN pack_versions v ON v.pack = p.pack AND v.version = p.version ORDER BY p.pack")           \
	X(SQL_PACK_PUT,                                                                                                \
	  "INSERT INTO packs (pack, owner, title, description, version, created_ms, changed_ms, removed_ms)"           \
	  " VALUES ($1, $2, $3, $4, 1, $5, $5, 0) ON CONFLICT (pack) DO UPDATE SET title = excluded.title,"            \
	  " description = excluded.description, version = packs.version + 1, changed_ms = excluded.changed_ms,"        \
	  " removed_ms = 0")                                                                                           \
	X(SQL_PACK_NEWEST, "SELECT version FROM packs WHERE pack = $1")                                                \
	X(SQL_PACK_REMOVE, "UPDATE packs SET removed_ms = $1 WHERE pack = $2")                                         \
	X(SQL_PACK_VERSION_ADD,                                                                                        \
	  "INSERT INTO pack_versions (pack, version, hash, view_hash, bytes, view_bytes, challenges, shown, publisher,"\
	  " published_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")                                           \
	X(SQL_PACK_VERSIONS,                                                                                           \
	  "SELECT version, hash, view_hash, bytes, view_bytes, challenges, shown, publisher, published_ms"             \
	  " FROM pack_versions WHERE pack = $1 ORDER BY version DESC")                                                 \
	X(SQL_PACK_CONTENT_ADD, "INSERT INTO pack_contents (pack, version, view, content) VALUES ($1, $2, $3, $4)")    \
	X(SQL_PACK_CONTENT, "SELECT content FROM pack_contents WHERE pack = $1 AND version = $2 AND view = $3")        \
	X(SQL_PACK_PART_ADD,                                                                                           \
	  "INSERT INTO pack_parts (pack, version, number, slug, hash, task, shown)"                                    \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7)")                                                                      \
	X(SQL_PACK_PARTS,                                                                                              \
	  "SELECT number, slug, hash, task, shown FROM pack_parts WHERE pack = $1 AND version = $2 ORDER BY number")   \
	X(SQL_PACK_SAME_TASK,                                                                                          \
	  "SELECT COALESCE(MAX(n.version), 0) FROM pack_parts o"                                                       \
	  " JOIN pack_parts n ON n.pack = o.pack AND n.slug = o.slug AND n.task = o.task"                              \
	  " WHERE o.pack = $1 AND o.slug = $2 AND o.version = $3")                                                     \
	X(SQL_PACK_LAST_WITH, "SELECT COALESCE(MAX(version), 0) FROM pack_parts WHERE pack = $1 AND slug = $2")        \
	X(SQL_PACK_SHOWN, "SELECT COALESCE(MAX(shown), 0) FROM pack_parts WHERE pack = $1 AND slug = $2")
/* clang-format on */

#endif
