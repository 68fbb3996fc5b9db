/*
 * Matching for menus and the palette. A label is a head (a command's name), then perhaps two blanks and a sentence. What a
 * person types are words: each must stand in the label as it is typed, or abbreviate the head ("nt" is next-tab, "sbm" is
 * submit). Letters scattered over a sentence are no match: with a short word nearly every sentence would be one.
 */
#include "fuzzy.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum {
	HEAD_MAX = 64, /* bytes of a head that are looked at for abbreviations */
	SHORT_WORD = 2, /* so short a word is found at the start of words only, but for the head */
	SCORE_HEAD = 1000, /* is the head */
	SCORE_HEAD_START = 900, /* begins the head */
	SCORE_HEAD_WORD = 800, /* begins a word of the head */
	SCORE_INITIALS = 700, /* abbreviates the head, nothing skipped inside a word: "nt" is next-tab */
	SCORE_SENTENCE_WORD = 500,
	SCORE_HEAD_INSIDE = 400,
	SCORE_SENTENCE_INSIDE = 200,
	SCORE_SKIPPING = 150, /* abbreviates the head all the same: "sbm" is submit */
	COST_SKIP = 20,
	SCORE_MIN = 50,
};

static int fold(char byte)
{
	return tolower((unsigned char)byte);
}

static bool is_letter(char byte)
{
	return isalnum((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

static bool begins_word(const char *text, size_t at)
{
	return at == 0 || !is_letter(text[at - 1]);
}

static size_t head_length(const char *text)
{
	const char *end = strstr(text, "  ");

	return end ? (size_t)(end - text) : strlen(text);
}

static bool stands_at(const char *word, size_t len, const char *text, size_t at)
{
	for (size_t i = 0; i < len; i++)
		if (!text[at + i] || fold(text[at + i]) != fold(word[i]))
			return false;
	return true;
}

static int place_score(size_t len, const char *text, size_t at, size_t head)
{
	if (at == 0)
		return len == head ? SCORE_HEAD : SCORE_HEAD_START;
	if (begins_word(text, at))
		return at < head ? SCORE_HEAD_WORD : SCORE_SENTENCE_WORD;
	if (at < head)
		return SCORE_HEAD_INSIDE;
	return len > SHORT_WORD ? SCORE_SENTENCE_INSIDE : 0;
}

/* The word as it is typed, at the best place. */
static int whole_score(const char *word, size_t len, const char *text, size_t head)
{
	int best = 0;

	for (size_t at = 0; text[at]; at++) {
		int score = stands_at(word, len, text, at) ? place_score(len, text, at, head) : 0;

		if (score > best)
			best = score;
	}
	return best;
}

/* The fewest letters skipped so far when the next one lies on at; before[] are those of the letter before, -1: it cannot. */
static int fewest_skips(const int *before, const char *text, size_t at)
{
	bool same_word = true;
	int fewest = -1;

	for (size_t from = at; from-- > 0;) {
		bool skips = from + 1 < at && !begins_word(text, at);
		int count = before[from] + skips;

		same_word = same_word && is_letter(text[from]);
		if (before[from] >= 0 && (same_word || !skips) && (fewest < 0 || count < fewest))
			fewest = count;
	}
	return fewest;
}

/* The word's letters in the head: each begins a word, follows the one before, or stands later in the same word. */
static int abbreviation_score(const char *word, size_t len, const char *text, size_t head)
{
	int rows[2][HEAD_MAX], best = -1, score;
	int *last = rows[0];

	head = head < HEAD_MAX ? head : HEAD_MAX;
	for (size_t at = 0; at < head; at++)
		last[at] = fold(text[at]) == fold(word[0]) && begins_word(text, at) ? 0 : -1;
	for (size_t i = 1; i < len; i++) {
		int *now = rows[i % 2];

		for (size_t at = 0; at < head; at++)
			now[at] = fold(text[at]) == fold(word[i]) ? fewest_skips(last, text, at) : -1;
		last = now;
	}
	for (size_t at = 0; at < head; at++)
		if (last[at] >= 0 && (best < 0 || last[at] < best))
			best = last[at];
	if (best <= 0)
		return best < 0 ? 0 : SCORE_INITIALS;
	score = SCORE_SKIPPING - best * COST_SKIP;
	return score > SCORE_MIN ? score : SCORE_MIN;
}

static int word_score(const char *word, size_t len, const char *text, size_t head)
{
	int whole = whole_score(word, len, text, head), abbreviation = abbreviation_score(word, len, text, head);

	return whole > abbreviation ? whole : abbreviation;
}

int fuzzy_score(const char *pattern, const char *text)
{
	size_t head = head_length(text);
	int sum = 0;

	while (*(pattern += strspn(pattern, " "))) {
		size_t len = strcspn(pattern, " ");
		int score = word_score(pattern, len, text, head);

		if (score == 0)
			return 0;
		sum += score;
		pattern += len;
	}
	return sum ? sum : 1; /* nothing is asked for */
}

int fuzzy_least(int best)
{
	return best / 3 > 1 ? best / 3 : 1;
}
