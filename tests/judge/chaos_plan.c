/* Plans of the chaos proxy: numbers from the seed, weights from the profile. */

#include "tests/judge/chaos_plan.h"

#include <string.h>

#define STORM_LENGTH 8 /* connections of one storm */

static const struct {
	const char *name;
	bool raw; /* needs no HTTP */
} faults[CHAOS_FAULTS] = {
	[CHAOS_NONE] = { "none", true },
	[CHAOS_DELAY] = { "delay", true },
	[CHAOS_DROP_BEFORE] = { "drop-before", true },
	[CHAOS_DROP_AFTER] = { "drop-after", false },
	[CHAOS_RESET] = { "reset", true },
	[CHAOS_DUPLICATE] = { "duplicate", false },
	[CHAOS_TRUNCATE] = { "truncate", false },
	[CHAOS_DRIP] = { "drip", false },
	[CHAOS_429] = { "429", false },
	[CHAOS_500] = { "500", false },
	[CHAOS_502] = { "502", false },
	[CHAOS_503] = { "503", false },
	[CHAOS_JSON] = { "json", false },
	[CHAOS_PORTAL] = { "portal", false },
	[CHAOS_HALF_OPEN] = { "half-open", true },
	[CHAOS_TLS_CUT] = { "tls-cut", true },
	[CHAOS_TLS_PLAIN] = { "tls-plain", true },
	[CHAOS_TLS_FLIP] = { "tls-flip", true },
};

static const struct {
	const char *name;
	int every; /* only each so many-th connection, at its first request; 0: by chance */
	int storms; /* of 100 groups of STORM_LENGTH connections so many are a storm */
	int weights[CHAOS_FAULTS];
} profiles[] = {
	{ .name = "calm", .weights = { [CHAOS_NONE] = 1 } },
	{ .name = "slow", .weights = { [CHAOS_NONE] = 2, [CHAOS_DELAY] = 4, [CHAOS_DRIP] = 4 } },
	{ .name = "cut",
	  .weights = { [CHAOS_NONE] = 5,
		       [CHAOS_DROP_BEFORE] = 2,
		       [CHAOS_DROP_AFTER] = 2,
		       [CHAOS_RESET] = 2,
		       [CHAOS_TRUNCATE] = 2,
		       [CHAOS_HALF_OPEN] = 1 } },
	{ .name = "storm",
	  .storms = 40,
	  .weights = { [CHAOS_NONE] = 6, [CHAOS_429] = 1, [CHAOS_500] = 1, [CHAOS_502] = 1, [CHAOS_503] = 1 } },
	{ .name = "liar", .weights = { [CHAOS_NONE] = 5, [CHAOS_JSON] = 3, [CHAOS_PORTAL] = 2 } },
	{ .name = "twice", .weights = { [CHAOS_NONE] = 5, [CHAOS_DUPLICATE] = 4, [CHAOS_DROP_AFTER] = 1 } },
	{ .name = "third", .every = 3, .weights = { [CHAOS_DROP_AFTER] = 1 } },
	{ .name = "tls",
	  .weights = { [CHAOS_NONE] = 4,
		       [CHAOS_TLS_CUT] = 1,
		       [CHAOS_TLS_PLAIN] = 1,
		       [CHAOS_TLS_FLIP] = 2,
		       [CHAOS_RESET] = 1,
		       [CHAOS_HALF_OPEN] = 1 } },
	{ .name = "all",
	  .storms = 10,
	  .weights = { [CHAOS_NONE] = 30,
		       [CHAOS_DELAY] = 6,
		       [CHAOS_DROP_BEFORE] = 4,
		       [CHAOS_DROP_AFTER] = 4,
		       [CHAOS_RESET] = 4,
		       [CHAOS_DUPLICATE] = 4,
		       [CHAOS_TRUNCATE] = 4,
		       [CHAOS_DRIP] = 4,
		       [CHAOS_429] = 3,
		       [CHAOS_500] = 3,
		       [CHAOS_502] = 3,
		       [CHAOS_503] = 3,
		       [CHAOS_JSON] = 3,
		       [CHAOS_PORTAL] = 3,
		       [CHAOS_HALF_OPEN] = 2,
		       [CHAOS_TLS_CUT] = 4,
		       [CHAOS_TLS_PLAIN] = 4,
		       [CHAOS_TLS_FLIP] = 4 } },
};

const char *chaos_fault_name(enum chaos_fault fault)
{
	return faults[fault].name;
}

size_t chaos_profile_count(void)
{
	return sizeof(profiles) / sizeof(profiles[0]);
}

const char *chaos_profile_name(size_t index)
{
	return profiles[index].name;
}

bool chaos_profile_find(size_t *index, const char *name)
{
	for (size_t i = 0; i < chaos_profile_count(); i++) {
		if (!strcmp(profiles[i].name, name)) {
			*index = i;
			return true;
		}
	}
	return false;
}

/* splitmix64: every number of the sequence from its place alone. */
static uint64_t number_at(uint64_t seed, uint64_t place)
{
	uint64_t z = seed + (place + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Several numbers for one connection. */
static int draw(uint64_t seed, uint64_t n, uint64_t which, int below)
{
	return (int)(number_at(number_at(seed, n), which) % (uint64_t)below);
}

static enum chaos_fault draw_fault(size_t profile, uint64_t seed, uint64_t n, bool raw)
{
	const int *weights = profiles[profile].weights;
	int sum = 0, drawn;

	for (int i = 0; i < CHAOS_FAULTS; i++)
		sum += faults[i].raw || !raw ? weights[i] : 0;
	if (!raw) /* those of TLS are no HTTP */
		sum -= weights[CHAOS_TLS_CUT] + weights[CHAOS_TLS_PLAIN] + weights[CHAOS_TLS_FLIP];
	if (sum == 0 || (profiles[profile].every && (n + 1) % (uint64_t)profiles[profile].every))
		return CHAOS_NONE;
	drawn = draw(seed, n, 1, sum);
	for (int i = 0; i < CHAOS_FAULTS; i++) {
		bool can = raw ? faults[i].raw : i < CHAOS_TLS_CUT;

		if (can && (drawn -= weights[i]) < 0)
			return (enum chaos_fault)i;
	}
	return CHAOS_NONE;
}

struct chaos_plan chaos_plan_of(size_t profile, uint64_t seed, uint64_t n, bool raw)
{
	static const enum chaos_fault storms[] = { CHAOS_429, CHAOS_500, CHAOS_502, CHAOS_503 };
	uint64_t group = n / STORM_LENGTH;
	struct chaos_plan plan = {
		.fault = draw_fault(profile, seed, n, raw),
		.request = draw(seed, n, 2, 3),
		.forward = draw(seed, n, 3, 2) == 0,
		.delay_ms = 5 + draw(seed, n, 4, 300),
		.permille = draw(seed, n, 5, 1000),
		.retry_after_s = draw(seed, n, 6, 3) - 1,
	};

	if (profiles[profile].every)
		plan.request = 0;
	if (!raw && draw(~seed, group, 1, 100) < profiles[profile].storms) {
		plan.fault = storms[draw(~seed, group, 2, 4)];
		plan.request = 0;
	}
	if (plan.fault == CHAOS_429 || plan.fault == CHAOS_503)
		plan.forward = false; /* they say that nothing was done */
	return plan;
}
