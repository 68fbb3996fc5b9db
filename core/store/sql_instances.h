#ifndef KODELAB_STORE_SQL_INSTANCES_H
#define KODELAB_STORE_SQL_INSTANCES_H

/* The statements of the judge instances, in the lab's store and the class server's: see sql.h. */

/* clang-format off */
#define SQL_INSTANCES_MAP(X)                                                                                               \
	X(SQL_INSTANCES,                                                                                               \
	  "SELECT name, kind, url, key_header, user_header, host, ca_file, proxy, weight, added_ms, probed_ms, about," \
	  " config, workers, machine, languages, skew_ms, latency_us, failures, openings, open_until_ms, failure"      \
	  " FROM judge_instances ORDER BY name")                                                                       \
	X(SQL_INSTANCE_PUT,                                                                                            \
	  "INSERT INTO judge_instances (name, kind, url, key_header, user_header, host, ca_file, proxy, weight,"       \
	  " added_ms, probed_ms, about, config, workers, machine, languages, skew_ms, latency_us, failures, openings," \
	  " open_until_ms, failure)"                                                                                   \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,"   \
	  " $22) ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, url = excluded.url,"                           \
	  " key_header = excluded.key_header, user_header = excluded.user_header, host = excluded.host,"               \
	  " ca_file = excluded.ca_file, proxy = excluded.proxy, weight = excluded.weight")                             \
	X(SQL_INSTANCE_SAID,                                                                                           \
	  "UPDATE judge_instances SET probed_ms = $1, about = $2, config = $3, workers = $4, machine = $5,"            \
	  " languages = $6, skew_ms = $7 WHERE name = $8")                                                             \
	X(SQL_INSTANCE_FARED,                                                                                          \
	  "UPDATE judge_instances SET latency_us = $1, failures = $2, openings = $3, open_until_ms = $4, failure = $5" \
	  " WHERE name = $6")                                                                                          \
	X(SQL_INSTANCE_REMOVE, "DELETE FROM judge_instances WHERE name = $1")
/* clang-format on */

#endif
