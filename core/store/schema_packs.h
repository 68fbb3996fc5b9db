#ifndef KODELAB_STORE_SCHEMA_PACKS_H
#define KODELAB_STORE_SCHEMA_PACKS_H

static const char packs[] =
	/* Published packs; owner and publisher: user ids, "" for the administrator's program. See kodelab/store_packs.h. */
	"CREATE TABLE packs ("
	" pack TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,"
	" version BIGINT NOT NULL, created_ms BIGINT NOT NULL, changed_ms BIGINT NOT NULL, removed_ms BIGINT NOT NULL);"
	/* Hashes: of the whole pack, and of the students' view ("" when there is none). */
	"CREATE TABLE pack_versions ("
	" pack TEXT NOT NULL, version BIGINT NOT NULL, hash TEXT NOT NULL, view_hash TEXT NOT NULL,"
	" bytes BIGINT NOT NULL, view_bytes BIGINT NOT NULL, challenges BIGINT NOT NULL, shown BIGINT NOT NULL,"
	" publisher TEXT NOT NULL, published_ms BIGINT NOT NULL, PRIMARY KEY (pack, version));"
	/* The archives, in base64: apart, so that no listing reads them. view: 0 the whole, 1 the students'. */
	"CREATE TABLE pack_contents ("
	" pack TEXT NOT NULL, version BIGINT NOT NULL, view BIGINT NOT NULL, content TEXT NOT NULL,"
	" PRIMARY KEY (pack, version, view));"
	/* task: the hash of what students see of a challenge. */
	"CREATE TABLE pack_parts ("
	" pack TEXT NOT NULL, version BIGINT NOT NULL, number BIGINT NOT NULL, slug TEXT NOT NULL,"
	" hash TEXT NOT NULL, task TEXT NOT NULL, shown BIGINT NOT NULL, PRIMARY KEY (pack, version, number));"
	"CREATE INDEX pack_parts_by_slug ON pack_parts (pack, slug, version, task);";

#endif
