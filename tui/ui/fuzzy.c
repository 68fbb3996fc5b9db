/*
 * Fuzzy matching. Greedy with one look-back is not enough ("rs" in "first run, reset"), so the best placing is
 * found by dynamic programming over (pattern letter, text letter); both are short.
 */
#include "fuzzy.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum {
	FUZZY_PATTERN_MAX = 32,
	FUZZY_TEXT_MAX = 160,
	SCORE_LETTER = 8,
	SCORE_RUN = 12, /* follows the letter matched before */
	SCORE_START = 10, /* begins a word */
	SCORE_FIRST = 6, /* begins the text */
	COST_GAP = 1, /* each letter skipped in between, at most COST_GAP_MAX */
	COST_GAP_MAX = 6,
};

static int fold(char byte)
{
	return tolower((unsigned char)byte);
}

static int place_bonus(const char *text, size_t at)
{
	if (at == 0)
		return SCORE_START + SCORE_FIRST;
	return isalnum((unsigned char)text[at - 1]) ? 0 : SCORE_START;
}

/* Best score of the pattern so far when its current letter lies on `at`; before[] are those of the letter before. */
static int best_at(const int *before, const char *text, size_t at, bool first)
{
	int best = 0;

	if (first)
		return SCORE_LETTER + place_bonus(text, at);
	for (size_t from = 0; from < at; from++) {
		int gap = (int)(at - from - 1) * COST_GAP;
		int score = before[from];

		if (score == 0)
			continue;
		score += gap == 0 ? SCORE_RUN : -(gap < COST_GAP_MAX ? gap : COST_GAP_MAX);
		if (score > best)
			best = score;
	}
	return best ? best + SCORE_LETTER + place_bonus(text, at) : 0;
}

int fuzzy_score(const char *pattern, const char *text)
{
	int rows[2][FUZZY_TEXT_MAX] = { { 0 } };
	size_t text_len = strnlen(text, FUZZY_TEXT_MAX);
	size_t letters = 0;
	int best = 1;

	for (const char *p = pattern; *p && letters < FUZZY_PATTERN_MAX; p++) {
		const int *before = rows[letters % 2];
		int *now = rows[(letters + 1) % 2];

		if (*p == ' ')
			continue;
		best = 0;
		for (size_t at = 0; at < text_len; at++) {
			now[at] = fold(text[at]) == fold(*p) ? best_at(before, text, at, letters == 0) : 0;
			if (now[at] > best)
				best = now[at];
		}
		if (best == 0)
			return 0;
		letters++;
	}
	return best;
}
