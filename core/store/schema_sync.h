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

#endif
