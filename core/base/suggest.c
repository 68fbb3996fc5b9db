/* The nearest word, by the distance of Damerau and Levenshtein (neighbours may be swapped once). */

#include <kodelab/suggest.h>

#include <stdint.h>

#define WORD_MAX 64

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

size_t kl_edit_distance(const char *from, const char *to)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t height = strlen(from), width = strlen(to);

	if (height > WORD_MAX || width > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= width; j++)
		before[j] = last[j] = j;
	for (size_t i = 1; i <= height; i++) {
		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + (from[i - 1] != to[j - 1]));
			if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
				row[j] = least(row[j], before[j - 2] + 1, row[j]);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[width];
}

const char *kl_suggest(const char *word, const char *const *known)
{
	size_t len = strlen(word), allowed = len / 3 + 1; /* farther words are other words */
	const char *found = NULL;

	for (; *known; known++) {
		size_t other = strlen(*known);
		size_t edits;

		if (other > len + allowed || len > other + allowed)
			continue;
		edits = kl_edit_distance(word, *known);
		if (edits > allowed || (found && edits == allowed))
			continue;
		allowed = edits;
		found = *known;
	}
	return found;
}
