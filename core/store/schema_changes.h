#ifndef KODELAB_STORE_SCHEMA_CHANGES_H
#define KODELAB_STORE_SCHEMA_CHANGES_H

static const char changes[] =
	/* What labs have not seen yet; audience: "*", "u:<user>", "c:<course>". See kodelab/store_changes.h. */
	"CREATE TABLE changes ("
	" seq BIGINT NOT NULL, audience TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,"
	" PRIMARY KEY (audience, kind, subject));"
	"CREATE UNIQUE INDEX changes_by_seq ON changes (seq);"
	"CREATE INDEX changes_to_tell ON changes (audience, seq, kind, subject);";

static const char change_epoch[] =
	/* One row at most: which life of the database this is; made anew by a restore, which gives numbers again. None: 0. */
	"CREATE TABLE change_epoch (epoch BIGINT NOT NULL);";

#endif
