/*
 * When to ask for a result: first when it is likely to be there, by what runs of that language took on that instance, then with
 * growing pauses. A poll is a request, and some providers count it.
 */

#include "core/judge/judge0/judge0_int.h"

#define FIRST_MS   400 /* of a language that was never run there */
#define LEAST_MS   100
#define STEP_MS    200
#define LONGEST_MS 2000

void judge0_pace_learn(struct judge0_pace *pace, int64_t took_ms)
{
	pace->expected_ms = pace->expected_ms ? (3 * pace->expected_ms + took_ms) / 4 : took_ms;
}

int64_t judge0_pace_ms(const struct judge0_pace *pace, int polls, int64_t elapsed_ms)
{
	int64_t expected_ms = pace->expected_ms ? pace->expected_ms : FIRST_MS, pause_ms = STEP_MS;

	if (!polls) {
		pause_ms = expected_ms - elapsed_ms;
		return pause_ms < LEAST_MS ? LEAST_MS : pause_ms > LONGEST_MS ? LONGEST_MS : pause_ms;
	}
	for (int i = 1; i < polls && pause_ms < LONGEST_MS; i++)
		pause_ms = pause_ms * 3 / 2;
	return pause_ms < LONGEST_MS ? pause_ms : LONGEST_MS;
}
