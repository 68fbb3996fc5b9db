#ifndef KODELAB_STORE_SCHEMA_SYNC_H
#define KODELAB_STORE_SCHEMA_SYNC_H

/* The lab's tables of class servers: see schema.c. Included there alone. */

static const char class_servers[] =
	/*
	 * Class servers and who is logged in there; one at most is active. cursor_at: how far its changes were taken.
	 * account, here and below: server_id/user_id.
	 */
	"CREATE TABLE class_servers ("
	" name TEXT PRIMARY KEY, addresses TEXT NOT NULL, ca_file TEXT NOT NULL, proxy TEXT NOT NULL,"
	" server_id TEXT NOT NULL, title TEXT NOT NULL, public_key TEXT NOT NULL,"
	" user_id TEXT NOT NULL, user_name TEXT NOT NULL, display TEXT NOT NULL, role TEXT NOT NULL,"
	" active BIGINT NOT NULL, added_ms BIGINT NOT NULL, cursor_at BIGINT NOT NULL, synced_ms BIGINT NOT NULL);"
	/* Sealed by the vault: apart, so that no listing ever reads them. nonce: of the renewal that is under way; "": none. */
	"CREATE TABLE class_sessions ("
	" server TEXT PRIMARY KEY, token TEXT NOT NULL, refresh TEXT NOT NULL,"
	" token_until_ms BIGINT NOT NULL, refresh_until_ms BIGINT NOT NULL, nonce TEXT NOT NULL);";

static const char handed_over[] =
	/*
	 * Whose it is: work of one account is never sent as another's; "": nobody was logged in, whoever comes first takes it.
	 * receipt: the server's, checked ("": it has none yet); problem: why the server does not take it.
	 */
	"ALTER TABLE outbox ADD COLUMN account TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE outbox ADD COLUMN receipt TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE outbox ADD COLUMN problem TEXT NOT NULL DEFAULT '';"
	"CREATE INDEX outbox_by_hash ON outbox (hash);"
	/* enum kl_attempt_standing */
	"ALTER TABLE attempts ADD COLUMN standing BIGINT NOT NULL DEFAULT 0;"
	"CREATE INDEX attempts_by_standing ON attempts (standing, id);"
	/* The version that this machine and the server last had in common. */
	"ALTER TABLE drafts ADD COLUMN base_seq BIGINT NOT NULL DEFAULT 0;"
	"ALTER TABLE drafts ADD COLUMN base_hash TEXT NOT NULL DEFAULT '';"
	/* Drafts of another machine that do not follow from the one here: the person is to choose. */
	"CREATE TABLE draft_others ("
	" pack TEXT NOT NULL, slug TEXT NOT NULL, language TEXT NOT NULL,"
	" code TEXT NOT NULL, hash TEXT NOT NULL, seq BIGINT NOT NULL, device TEXT NOT NULL, at_ms BIGINT NOT NULL,"
	" PRIMARY KEY (pack, slug, language));"
	/* Packs that the class publishes. hash: of what students get; installed: of what is here; problem: why it is not. */
	"CREATE TABLE class_packs ("
	" account TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, version BIGINT NOT NULL, hash TEXT NOT NULL,"
	" bytes BIGINT NOT NULL, installed TEXT NOT NULL, problem TEXT NOT NULL, PRIMARY KEY (account, id));"
	/* Courses as the server tells of them (JSON), assignments included. */
	"CREATE TABLE class_courses ("
	" account TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (account, id));";

static const char doubts[] =
	/* 1: the server was restored from a backup and has not said since that it has this. */
	"ALTER TABLE outbox ADD COLUMN doubted BIGINT NOT NULL DEFAULT 0;"
	"ALTER TABLE class_packs ADD COLUMN doubted BIGINT NOT NULL DEFAULT 0;"
	"ALTER TABLE class_courses ADD COLUMN doubted BIGINT NOT NULL DEFAULT 0;";

static const char pack_owners[] =
	/* Whose an id of a pack is: the server's that announced it first, until that one is forgotten. */
	"CREATE TABLE pack_owners (pack TEXT PRIMARY KEY, server TEXT NOT NULL);"
	"INSERT INTO pack_owners (pack, server) SELECT id, MIN(SUBSTR(account, 1, 36)) FROM class_packs GROUP BY id;";

static const char sent_drafts[] =
	/* SHA-256 of what was sent since base_seq and may have arrived, newest first: the answer was lost. */
	"ALTER TABLE drafts ADD COLUMN sent TEXT NOT NULL DEFAULT '';";

static const char given[] =
	/* The highest number that a text had when it left this machine in a file; what comes later gets a higher one. */
	"ALTER TABLE drafts ADD COLUMN given_seq BIGINT NOT NULL DEFAULT 0;";

#endif
