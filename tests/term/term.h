#ifndef TESTS_TERM_TERM_H
#define TESTS_TERM_TERM_H

/*
 * A term: students with a lab on each of two machines, a real class server, and a chaos proxy between each machine's room and it. They
 * edit, submit and sync, on line and off it; labs and the server are killed, lines are cut. What somebody does is a pure function of the
 * seed; the moments in which things meet are not. In the end all becomes quiet, and the oracle looks at every lab and at the server.
 *
 * A room is a process, where it is permitted in a network namespace of its own; a session is a child of it that has the labs of a few
 * students open, as many programs would.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/crypto.h>
#include <kodelab/id.h>

#include "tests/server/harness.h"

#define TERM_MACHINES       2
#define TERM_STUDENTS_MAX   2000
#define TERM_CHALLENGES_MAX 99
#define TERM_GROUP          8 /* students of one session */
#define TERM_POINTS         10 /* of each challenge */
#define TERM_PACK           "term"
#define TERM_COMMANDS       10 /* one student of so many does everything with the program kodelab */

struct term_counts {
	atomic_long sessions, killed; /* processes with labs in them */
	atomic_long submits, drafts, hints;
	atomic_long rounds, broken; /* of syncing; those that did not reach the end */
	atomic_long commands; /* kodelab … */
	atomic_long settled; /* drafts of two machines, decided about */
	atomic_long restless; /* labs that had something to do in this pass of the evening */
	atomic_long failed; /* sessions that met what must not be */
};

struct term { /* in memory that all processes share */
	size_t students, challenges, rounds;
	uint64_t seed;
	bool net; /* rooms are in network namespaces */
	char folder[128], build[256];
	char address[TERM_MACHINES][64]; /* of the class server as it is seen from the room */
	char server[KL_ID_SIZE], public_key[64];
	char users[TERM_STUDENTS_MAX][KL_ID_SIZE];
	struct term_counts counts;
};

/* --- plan.c --------------------------------------------------------------------------------------------------------- */

/* A number below below; what: which of the many numbers about this. */
enum term_what { TERM_MODE, TERM_CHOICE, TERM_TEXT, TERM_SUBMITS, TERM_HINTS, TERM_KILLS, TERM_MOMENT, TERM_WEATHER };
int term_draw(const struct term *term, enum term_what what, const size_t at[3], int below);

enum term_mode {
	TERM_AWAY, /* works, and does not sync */
	TERM_THEN_SYNC, /* works off line, then syncs */
	TERM_ON_LINE, /* syncs, works, syncs */
	TERM_AND_ON, /* works, syncs, and works on without */
	TERM_MODES,
};

/* Is it a challenge of this round? */
bool term_takes(const struct term *term, size_t challenge, size_t round);
/* What is written there: owned. */
char *term_text(const struct term *term, size_t student, size_t machine, size_t round, size_t challenge);
void term_slug(char slug[8], size_t challenge);
void term_name(char name[16], size_t student);

/* --- lab.c ---------------------------------------------------------------------------------------------------------- */

char *term_home(const struct term *term, size_t student, size_t machine); /* owned */
char *term_home_file(const struct term *term, size_t student, size_t machine, const char *name); /* owned */

/* One session of a room: the process' whole life. calm: it is evening: nobody works, all sync until there is nothing left to do. */
_Noreturn void term_session(struct term *term, size_t machine, size_t round, size_t first, bool calm);

/* --- command.c: a lab that is used by the program kodelab ------------------------------------------------------------ */

struct term_lab {
	struct term *term;
	size_t student, machine, round;
};

void term_command_work(const struct term_lab *lab);
/* true: nothing was left to do. */
bool term_command_sync(const struct term_lab *lab, bool calm);
/* Puts the text into the student's file. */
void term_write(const struct term_lab *lab, const char *slug, const char *name, const char *text, size_t len);
bool term_submits(const struct term_lab *lab, size_t challenge);

/* --- room.c --------------------------------------------------------------------------------------------------------- */

struct term_room {
	pid_t pid;
	int say, hear; /* a letter to it: (d)ays, (e)vening; one from it: done */
};

void term_room_start(struct term_room *room, struct term *term, size_t machine);

/* --- school.c: the class, over HTTP ---------------------------------------------------------------------------------- */

struct term_school {
	struct daemon daemon; /* port and folder only */
	char *teacher; /* header */
	char *course;
};

extern const char term_config[]; /* of the server */
void term_school_open(struct term_school *school, struct term *term, const char *folder, int port);
void term_school_release(struct term_school *school);

/* --- oracle.c ------------------------------------------------------------------------------------------------------- */

/* The gradebook as the server tells it, by student. */
void term_grades(double *totals, const struct term *term, const struct term_school *school);
/* The server must not run. Fails the test when something does not hold; tells what it looked at. */
void term_judge(const struct term *term, const char *database, const double *totals);

#endif
