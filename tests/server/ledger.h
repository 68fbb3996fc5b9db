#ifndef TESTS_SERVER_LEDGER_H
#define TESTS_SERVER_LEDGER_H

/*
 * Handing things in, and the oracle of it: every receipt a client holds verifies, names a stored row with that hash, there is
 * one row for each id, and one final verdict for each submission. The ledger lies in memory that children of the test
 * share, so that many clients write into one.
 */

#include "tests/server/harness.h"

#include <kodelab/crypto.h>
#include <kodelab/id.h>

#define LEDGER_MAX (1 << 17) /* memory is taken as it fills */

struct ledger_entry {
	char id[KL_ID_SIZE];
	char hash[KL_SHA256_SIZE];
	char receipt[1024]; /* as the server gave it; "": none yet */
	bool conflict; /* two answers gave different ones */
};

struct ledger {
	char public_key[64], server[KL_ID_SIZE];
	size_t count;
	struct ledger_entry entries[LEDGER_MAX];
};

struct ledger *ledger_new(const struct daemon *daemon); /* asks who the server is; shared with children */

/* --- items -------------------------------------------------------------------------------------------------------- */

/* {"id","kind","hash","body"} of a submission of code to the pack "tiny"; owned by the caller. */
char *submission_item(const char *id, const char *slug, const char *code);
/* Any kind; body: JSON; code: what the hash is of. */
char *any_item(const char *id, const char *kind, const char *code, const char *body);
void new_id(char id[KL_ID_SIZE]);
/* JSON text of it, quotes included; owned by the caller. */
char *json_of(const char *text);

/* Hands one submission in and writes the receipt down. Its status; 0: no answer came. who: headers. */
int hand_in(struct ledger *ledger, const struct daemon *daemon, const char *who, size_t index, const char *slug,
	    const char *code);
/*
 * A Python program for version 1 of a challenge, and what is answered. What is not there for somebody cannot be handed in by him either, not
 * even for a version: its verdict tells of its tests.
 */
void hands_in(const struct daemon *daemon, const char *who, const char *pack, const char *slug, int status,
	      const char *part);
/* A new entry; its index. */
size_t ledger_add(struct ledger *ledger, const char *code);

/* --- listening (listening.c) --------------------------------------------------------------------------------------- */

/* A stream of events that has begun. */
int listen_for(const struct daemon *daemon, const char *who);
/* Reads it until part has come. */
void await_event(int fd, const char *part);

/* --- the oracle --------------------------------------------------------------------------------------------------- */

/* Until nothing waits to be judged. */
void await_verdicts(const struct daemon *daemon);
/* The server must not run. Fails the test when something does not hold; judged: each submission has had exactly one verdict. */
void ledger_check(const struct ledger *ledger, const struct daemon *daemon, bool judged);

/* --- the class ---------------------------------------------------------------------------------------------------- */

/* Challenges of the pack "tiny", solved in bash: "echo" (prints its input, 3 tests, one hidden), "slow" (the same, and the sample takes
 * as long as the program wants), "check" (a program looks at the answer). Published by an instructor. */
void publish_tiny(const struct daemon *daemon);
void publish_tiny_with(const struct daemon *daemon, const char *name,
		       const char *text); /* with another text of that file */

/* Neither bounds nor costs of people; only bash. */
#define CLASS_CONFIG                                                                                                   \
	"judge.languages = 46\naccounts.requests_per_minute = 0\naccounts.submissions_per_minute = 0\n"                \
	"accounts.hash_kib = 8\naccounts.hash_passes = 1\n"

/* A server with that configuration and the pack, its ledger, and a student who is signed in. */
void class_start(struct daemon *daemon, struct ledger **ledger, char **who, const char *extra);
#define BOSS "X-Auth-User: the-program\r\n" /* of a server with "authz.tokens = the-program" */
/* The class judge of near, whose executor is remote, gets the judge at far's port: with a key that is lent to all, by BOSS. */
void class_lends(const struct daemon *near, const struct daemon *far, const char *key);
/* All is judged, once; the ledger holds. */
void class_finish(struct daemon *daemon, struct ledger *ledger, char *who);

#define GOOD_ECHO "cat\n"
#define BAD_ECHO  "echo no\n"

#endif
