/* What who does when: numbers from the seed. */

#include "tests/term/term.h"

#include <stdio.h>

#include <kodelab/alloc.h>

/* splitmix64 */
static uint64_t mix(uint64_t seed, uint64_t place)
{
	uint64_t z = seed + (place + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int term_draw(const struct term *term, enum term_what what, const size_t at[3], int below)
{
	uint64_t number = mix(term->seed, what);

	for (size_t i = 0; i < 3; i++)
		number = mix(number, at[i]);
	return (int)(number % (uint64_t)below);
}

bool term_takes(const struct term *term, size_t challenge, size_t round)
{
	if (term->challenges < term->rounds)
		return round % term->challenges == challenge;
	return challenge % term->rounds == round;
}

char *term_text(const struct term *term, size_t student, size_t machine, size_t round, size_t challenge)
{
	static const char *const programs[] = { "cat", "cat", "echo 1", "echo no", "exit 3" };
	const size_t at[] = { student, machine, round * TERM_CHALLENGES_MAX + challenge };

	return kl_format("# student %zu, machine %zu, round %zu, challenge %zu\n%s\n", student, machine, round,
			 challenge, programs[term_draw(term, TERM_TEXT, at, KL_LENGTH(programs))]);
}

void term_slug(char slug[8], size_t challenge)
{
	snprintf(slug, 8, "c%02zu", challenge % 100);
}

void term_name(char name[16], size_t student)
{
	snprintf(name, 16, "student%zu", student % 100000);
}
