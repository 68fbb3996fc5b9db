#ifndef TESTS_JUDGE_CHAOS_PLAN_H
#define TESTS_JUDGE_CHAOS_PLAN_H

/*
 * What the chaos proxy does to connection number n: a pure function of profile, seed and n, so that a run that failed can
 * be made again from its seed, and shown beforehand (chaos --plan).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chaos_fault {
	CHAOS_NONE,
	CHAOS_DELAY, /* the request waits before it is passed on */
	CHAOS_DROP_BEFORE, /* closed, the server has heard nothing */
	CHAOS_DROP_AFTER, /* the server did it, the answer is lost */
	CHAOS_RESET, /* the answer is lost, too, by a reset connection */
	CHAOS_DUPLICATE, /* the server gets the request twice */
	CHAOS_TRUNCATE, /* the answer ends early */
	CHAOS_DRIP, /* the answer comes in small pieces */
	CHAOS_429, /* these four come in storms, too */
	CHAOS_500,
	CHAOS_502,
	CHAOS_503,
	CHAOS_JSON, /* the server did it, the answer is garbled */
	CHAOS_PORTAL, /* a page to log in, with status 200 */
	CHAOS_HALF_OPEN, /* nothing comes, nothing closes */
	CHAOS_TLS_CUT, /* raw mode, for TLS: closed in the handshake */
	CHAOS_TLS_PLAIN, /* the handshake is answered in plain text */
	CHAOS_TLS_FLIP, /* one bit of what the server says is turned */
	CHAOS_FAULTS,
};

struct chaos_plan {
	enum chaos_fault fault;
	int request; /* of the connection, from 0: the earlier ones pass, and it is the last */
	bool forward; /* where it is not said by the fault: the server hears of it all the same */
	int delay_ms;
	int permille; /* TRUNCATE, FLIP: where in the answer */
	int retry_after_s; /* 429, 503; -1: not said */
};

const char *chaos_fault_name(enum chaos_fault fault); /* "drop-after" */

/* Profiles by name: calm, slow, cut, storm, liar, twice, third, tls, all. */
size_t chaos_profile_count(void);
const char *chaos_profile_name(size_t index);
bool chaos_profile_find(size_t *index, const char *name);

/* raw: of the faults that need no HTTP only. */
struct chaos_plan chaos_plan_of(size_t profile, uint64_t seed, uint64_t n, bool raw);

#endif
