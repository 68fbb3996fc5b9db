#ifndef KODELAB_STORE_SCHEMA_ACCOUNTS_H
#define KODELAB_STORE_SCHEMA_ACCOUNTS_H

static const char accounts[] =
	/* People. look: the same for names that are taken for each other. See kodelab/store_accounts.h. */
	"CREATE TABLE users ("
	" id TEXT PRIMARY KEY, name TEXT NOT NULL, look TEXT NOT NULL UNIQUE,"
	" display TEXT NOT NULL, email TEXT NOT NULL, password TEXT NOT NULL,"
	" role BIGINT NOT NULL, disabled BIGINT NOT NULL, created_ms BIGINT NOT NULL, signed_in_ms BIGINT NOT NULL);"
	"CREATE INDEX users_by_name ON users (name, id);"
	"CREATE INDEX users_by_role ON users (role, disabled);"
	/* Fingerprints of a session's two tokens. An ended one stays until its refresh token would have ended. */
	"CREATE TABLE sessions ("
	" id TEXT PRIMARY KEY, user_id TEXT NOT NULL, device TEXT NOT NULL, origin TEXT NOT NULL,"
	" created_ms BIGINT NOT NULL, used_ms BIGINT NOT NULL,"
	" access TEXT NOT NULL, access_until_ms BIGINT NOT NULL, refresh TEXT NOT NULL, refresh_until_ms BIGINT NOT NULL,"
	" prior TEXT NOT NULL, nonce TEXT NOT NULL, seed TEXT NOT NULL, ended_ms BIGINT NOT NULL);"
	"CREATE UNIQUE INDEX sessions_by_access ON sessions (access);"
	"CREATE UNIQUE INDEX sessions_by_refresh ON sessions (refresh);"
	"CREATE INDEX sessions_by_user ON sessions (user_id, ended_ms, used_ms);"
	"CREATE INDEX sessions_by_end ON sessions (refresh_until_ms);"
	/* Refresh tokens that a session had before. */
	"CREATE TABLE session_spent (refresh TEXT PRIMARY KEY, session_id TEXT NOT NULL);"
	"CREATE INDEX session_spent_by_session ON session_spent (session_id);"
	"CREATE TABLE invitations ("
	" id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, note TEXT NOT NULL, made_by TEXT NOT NULL, role BIGINT NOT NULL,"
	" uses BIGINT NOT NULL, used BIGINT NOT NULL, created_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL);"
	"CREATE TABLE reset_codes (user_id TEXT PRIMARY KEY, code TEXT NOT NULL, until_ms BIGINT NOT NULL);"
	/* Terminals that ask to be let in. state: enum kl_device_state. */
	"CREATE TABLE devices ("
	" code TEXT PRIMARY KEY, user_code TEXT NOT NULL UNIQUE, device TEXT NOT NULL, origin TEXT NOT NULL,"
	" created_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, polled_ms BIGINT NOT NULL, interval_s BIGINT NOT NULL,"
	" state BIGINT NOT NULL, user_id TEXT NOT NULL);"
	"CREATE INDEX devices_by_end ON devices (until_ms);"
	/* Who did what. chain: SHA-256 of the row and the chain of the row before it; the head remembers the last. */
	"CREATE TABLE audit ("
	" number BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, actor TEXT NOT NULL, name TEXT NOT NULL,"
	" action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, origin TEXT NOT NULL, chain TEXT NOT NULL);"
	"CREATE INDEX audit_by_action ON audit (action, number);"
	"CREATE INDEX audit_by_subject ON audit (subject, number);"
	"CREATE TABLE audit_head (one BIGINT PRIMARY KEY, number BIGINT NOT NULL, chain TEXT NOT NULL);";

static const char github_accounts[] =
	/* github: the account's number there, which stays when its name changes. One account here for each, and the other way round. */
	"CREATE TABLE github_accounts ("
	" github BIGINT PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, created_ms BIGINT NOT NULL);";

#endif
