#ifndef KODELAB_STORE_SCHEMA_STATS_H
#define KODELAB_STORE_SCHEMA_STATS_H

static const char stats[] =
	/*
	 * Counts of judged works, kept with each verdict, so that asking costs the same for ten works and a million. week, day:
	 * number since 1970-01-01 UTC (weeks begin on Monday). solved: users whose first pass it was.
	 */
	"CREATE TABLE stat_challenges ("
	" pack TEXT NOT NULL, slug TEXT NOT NULL, works BIGINT NOT NULL, passed BIGINT NOT NULL,"
	" tried BIGINT NOT NULL, solved BIGINT NOT NULL, last_ms BIGINT NOT NULL, PRIMARY KEY (pack, slug));"
	"CREATE TABLE stat_weeks ("
	" pack TEXT NOT NULL, slug TEXT NOT NULL, week BIGINT NOT NULL, works BIGINT NOT NULL, passed BIGINT NOT NULL,"
	" solved BIGINT NOT NULL, PRIMARY KEY (pack, slug, week));"
	/* what: 'verdict', 'test' (failed), 'tries' (works until the first pass), 'time:<language>' (2^n ms). */
	"CREATE TABLE stat_counts ("
	" pack TEXT NOT NULL, slug TEXT NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, total BIGINT NOT NULL,"
	" PRIMARY KEY (pack, slug, what, name));"
	"CREATE TABLE stat_user_days ("
	" user_id TEXT NOT NULL, day BIGINT NOT NULL, works BIGINT NOT NULL, passed BIGINT NOT NULL,"
	" solved BIGINT NOT NULL, PRIMARY KEY (user_id, day));"
	"CREATE TABLE stat_user_languages ("
	" user_id TEXT NOT NULL, language TEXT NOT NULL, works BIGINT NOT NULL, passed BIGINT NOT NULL,"
	" PRIMARY KEY (user_id, language));";

#endif
