#ifndef KODELAB_STORE_SQL_CHANGES_H
#define KODELAB_STORE_SQL_CHANGES_H

/* The statements of the class server's change log: see sql.h. */

/* clang-format off */
#define SQL_CHANGES_MAP(X)                                                                                             \
	/* The row that moves still counts for MAX: a seq is never given twice. */                                     \
	X(SQL_CHANGE_NOTE,                                                                                             \
	  "INSERT INTO changes (seq, audience, kind, subject)"                                                         \
	  " VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM changes), $1, $2, $3)"                                      \
	  " ON CONFLICT (audience, kind, subject) DO UPDATE SET seq = excluded.seq")                                   \
	X(SQL_CHANGES,                                                                                                 \
	  "SELECT seq, kind, subject FROM changes WHERE audience = $1 AND seq > $2 ORDER BY seq LIMIT $3")             \
	X(SQL_CHANGES_NEWEST, "SELECT COALESCE(MAX(seq), 0) FROM changes")                                             \
	X(SQL_CHANGES_EPOCH, "SELECT COALESCE(MAX(epoch), 0) FROM change_epoch")                                       \
	X(SQL_CHANGES_EPOCH_CLEAR, "DELETE FROM change_epoch")                                                         \
	X(SQL_CHANGES_EPOCH_PUT, "INSERT INTO change_epoch (epoch) VALUES ($1)")
/* clang-format on */

#endif
