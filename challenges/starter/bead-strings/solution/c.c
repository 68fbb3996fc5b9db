#include "kodelab.h"

#include <stdlib.h>
#include <string.h>

enum { LETTERS = 26, MAX_BEADS = 7, MAX_STRINGS = 5040 };

static const char *strings[MAX_STRINGS];
static size_t string_count;

static int left[LETTERS]; /* how many beads of each letter are left */
static char thread[MAX_BEADS + 1];

/* Fills the thread from place at on, in all ways. */
static void fill(int at, int beads)
{
	if (at == beads) {
		char *copy = malloc(MAX_BEADS + 1);

		strings[string_count++] = strcpy(copy, thread);
		return;
	}
	for (int letter = 0; letter < LETTERS; letter++) {
		if (left[letter] == 0)
			continue;
		left[letter]--;
		thread[at] = (char)('a' + letter);
		fill(at + 1, beads);
		left[letter]++; /* take it back before the next one */
	}
}

struct string_array bead_strings(const char *beads)
{
	for (const char *bead = beads; *bead; bead++)
		left[*bead - 'a']++;
	fill(0, (int)strlen(beads));
	return (struct string_array){ strings, string_count };
}
