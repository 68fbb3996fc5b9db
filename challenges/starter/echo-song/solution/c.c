#include "kodelab.h"

#include <string.h>

/*
 * A suffix automaton: its states stand for all passages of the song, grouped by the places
 * where they end. It grows by one character at a time, in linear time.
 */
enum { MAX_SONG = 60000, LETTERS = 27 };

static struct state {
	int next[LETTERS]; /* 0: none (nothing leads back to the start) */
	int link;          /* the state of the longest shorter ending; -1: the start's */
	int length;        /* of its longest passage */
	int end;           /* where that ends for the first time */
	bool twice;        /* it appears more than once */
} states[2 * MAX_SONG + 1];
static int count = 1, last;

static void split(int p, int c)
{
	int q = states[p].next[c], clone = count++;

	states[clone] = states[q];
	states[clone].length = states[p].length + 1;
	states[q].link = clone;
	for (; p >= 0 && states[p].next[c] == q; p = states[p].link)
		states[p].next[c] = clone;
}

static void add(int c, int end)
{
	int cur = count++, p = last;

	states[cur].length = states[last].length + 1;
	states[cur].end = end;
	for (; p >= 0 && !states[p].next[c]; p = states[p].link)
		states[p].next[c] = cur;
	if (p >= 0) {
		if (states[states[p].next[c]].length != states[p].length + 1)
			split(p, c);
		states[cur].link = states[p].next[c];
	}
	last = cur;
}

const char *longest_echo(const char *song)
{
	static char echo[MAX_SONG + 1];
	int best = 0; /* the empty passage */

	states[0].link = -1;
	for (int i = 0; song[i]; i++)
		add(song[i] == ' ' ? 26 : song[i] - 'a', i + 1);

	/* What is a shorter ending of another passage ends there, too: at two places or more. */
	for (int i = 1; i < count; i++)
		states[states[i].link].twice = true;
	for (int i = 1; i < count; i++) {
		const struct state *now = &states[i], *then = &states[best];

		if (!now->twice || now->length < then->length)
			continue;
		if (now->length > then->length || now->end < then->end)
			best = i;
	}
	memcpy(echo, song + states[best].end - states[best].length, (size_t)states[best].length);
	return echo;
}
