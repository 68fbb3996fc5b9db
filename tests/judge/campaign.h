#ifndef TESTS_JUDGE_CAMPAIGN_H
#define TESTS_JUDGE_CAMPAIGN_H

/*
 * The campaign: students, each with a home, a store, keys and a client of their own, have programs judged by real
 * kodelabds through chaos proxies. What happens to whom is a pure function of the seed (campaign_plan.c), so that a
 * student whose run failed can be made again; the moments in which things meet are not.
 *
 * A run ends well, or is kept (the judge's failure, in words): then it is sent again in calm weather, and ends well.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/judge.h>

#define CAMPAIGN_RUNS    5 /* of a student, one after the other */
#define CAMPAIGN_TESTS   3 /* of every challenge: the first two are samples */
#define CAMPAIGN_SERVERS 2
#define CAMPAIGN_TOKEN   "token-of-the-campaign" /* which the servers want */

extern const char *const campaign_names[CAMPAIGN_SERVERS]; /* of the instances */
extern const char *const campaign_languages[CAMPAIGN_SERVERS]; /* Judge0's ids; the second has no C: no runner */

/* --- campaign_plan.c ---------------------------------------------------------------------------------------------- */

enum campaign_challenge { CAMPAIGN_FUNCTION, CAMPAIGN_PROGRAM, CAMPAIGN_SHORT, CAMPAIGN_CHALLENGES };

/* The two files of a challenge. */
const char *campaign_meta(enum campaign_challenge challenge);
const char *campaign_tests(enum campaign_challenge challenge);

struct campaign_program { /* with known verdicts */
	const char *name, *language, *code;
	enum campaign_challenge challenge;
	enum kl_verdict verdicts[CAMPAIGN_TESTS]; /* all COMPILE: it is refused before any test */
};

struct campaign_run {
	const struct campaign_program *program;
	char *code; /* owned; no two runs have the same, but for those that say so */
	bool samples; /* Run, not Submit */
	bool again; /* the same as the run before */
};

void campaign_run_of(struct campaign_run *out, uint64_t seed, size_t student, size_t run);

struct campaign_student {
	size_t profile; /* of the proxies */
	bool tls;
	unsigned servers; /* which of them: bits */
	uint64_t weather; /* seed of the proxies */
	bool cache;
	size_t kill_run; /* the client is killed in that run; CAMPAIGN_RUNS: in none */
	bool kill_at_token; /* so long after it got a token, else after it began */
	int kill_ms;
};

void campaign_student_of(struct campaign_student *out, uint64_t seed, size_t student);

/* A server is killed after so many ends of runs from the last time, and is away for so long. */
struct campaign_blow {
	size_t after, server;
	int away_ms;
};

struct campaign_blow campaign_blow_of(uint64_t seed, size_t n);

/* --- campaign_client.c -------------------------------------------------------------------------------------------- */

/*
 * The student's side: a process of its own. Lines in: "run N"; the end of input ends it. Lines out: "sent N";
 * "end N good|kept|wrong MS TURN_US BUSY_US WORDS" (the longest turn of the loop so far without the time in which it waited for
 * a processor, and the processor time of the longest turn of this run); at the end "used NAME REQUESTS" for each key.
 * argv: HOME SEED STUDENT PATIENCE_MS CA NAME=URL…
 */
int campaign_client(int argc, char **argv);

#endif
