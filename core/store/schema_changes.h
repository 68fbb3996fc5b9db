#ifndef KODELAB_STORE_SCHEMA_CHANGES_H
#define KODELAB_STORE_SCHEMA_CHANGES_H

static const char changes[] =
	/* What labs have not seen yet; audience: "*", "u:<user>", "c:<course>". See kodelab/store_changes.h. */
	"CREATE TABLE changes ("
	" seq BIGINT NOT NULL, audience TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,"
	" PRIMARY KEY (audience, kind, subject));"
	"CREATE UNIQUE INDEX changes_by_seq ON changes (seq);"
	"CREATE INDEX changes_to_tell ON changes (audience, seq, kind, subject);";

#endif
