/*
 * Filtering, searching, sorting. Rows get a number to be sorted by and are put in its order digit by digit: no keystroke
 * compares rows with each other. Titles have theirs from one sort in the catalogue's life.
 */

#include <kodelab/catalogue.h>

#include <kodelab/alloc.h>

#include "core/challenge/catalogue_int.h"

#define WORDS_MAX 8 /* further words of a search are not looked at */

struct query {
	char *folded; /* words with NULs between them */
	const char *words[WORDS_MAX];
	size_t count;
};

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

struct ranked {
	uint32_t key;
	uint32_t row;
};

static struct query parse_query(const char *text)
{
	struct query query = { .folded = kl_fold(text ? text : "") };
	char *rest = query.folded, *word;

	while ((word = strsep(&rest, " \t\n")))
		if (*word && query.count < WORDS_MAX)
			query.words[query.count++] = word;
	return query;
}

/* 0: the title begins with it … 4: in tags, category or summary. */
static unsigned weigh(const char *folded, const char *hit)
{
	const char *title_end = strchrnul(folded, '\n');

	if (hit == folded)
		return 0;
	if (hit < title_end)
		return hit[-1] == ' ' || hit[-1] == '-' ? 1 : 2;
	return hit <= strchrnul(title_end + 1, '\n') ? 3 : 4;
}

static bool matches_words(const struct kl_entry *entry, const struct query *query, unsigned *rank)
{
	*rank = 0;
	for (size_t i = 0; i < query->count; i++) {
		const char *hit = strstr(entry->folded, query->words[i]);

		if (!hit)
			return false;
		*rank += weigh(entry->folded, hit);
	}
	return true;
}

static bool has_word(char **words, const char *word)
{
	for (; *words; words++)
		if (!strcmp(*words, word))
			return true;
	return false;
}

static bool matches_facets(const struct kl_entry *entry, const struct kl_filter *filter)
{
	if (filter->difficulty >= 0 && filter->difficulty != (int)entry->difficulty)
		return false;
	if (filter->state >= 0 && filter->state != (int)entry->state)
		return false;
	if (filter->pack && strcmp(filter->pack, entry->pack) != 0)
		return false;
	if (filter->category && strcmp(filter->category, entry->category) != 0)
		return false;
	if (filter->tag && !has_word(entry->tags, filter->tag))
		return false;
	return !filter->language || !entry->languages[0] || has_word(entry->languages, filter->language);
}

/* What is being worked on comes first, what is done last. */
static unsigned state_key(enum kl_progress_state state)
{
	switch (state) {
	case KL_IN_PROGRESS:
		return 0;
	case KL_NOT_STARTED:
		return 1;
	case KL_COMPLETED:
		return 2;
	}
	return 3;
}

/* What rows are sorted by, smallest first. titles: for KL_SORT_TITLE. */
struct order {
	enum kl_sort sort;
	bool by_rank; /* of a search, for KL_SORT_NUMBER */
	const uint32_t *titles;
};

static uint32_t sort_key(const struct kl_entry *entry, const struct order *order, size_t row, unsigned rank)
{
	switch (order->sort) {
	case KL_SORT_NUMBER:
		return order->by_rank ? rank : (uint32_t)row;
	case KL_SORT_TITLE:
		return order->titles[row];
	case KL_SORT_DIFFICULTY:
		return entry->difficulty;
	case KL_SORT_MINUTES:
		return (uint32_t)entry->minutes;
	case KL_SORT_STATE:
		return state_key(entry->state);
	}
	return 0;
}

/* Rows that are equal in this digit stay in their order. */
static void sort_by_digit(struct ranked *to, const struct ranked *from, size_t count, unsigned shift)
{
	size_t starts[DIGITS + 1] = { 0 };

	for (size_t i = 0; i < count; i++)
		starts[(from[i].key >> shift) % DIGITS + 1]++;
	for (size_t digit = 1; digit < DIGITS; digit++)
		starts[digit] += starts[digit - 1];
	for (size_t i = 0; i < count; i++)
		to[starts[(from[i].key >> shift) % DIGITS]++] = from[i];
}

/* Sorts found, with room for as many behind them; equal ones stay in the catalogue's order. */
static const struct ranked *sort_found(struct ranked *found, size_t count, bool descending)
{
	struct ranked *spare = found + count, *swap;
	uint32_t most = 0;

	for (size_t i = 0; i < count; i++)
		most = found[i].key > most ? found[i].key : most;
	for (size_t i = 0; i < count && descending; i++)
		found[i].key = most - found[i].key;
	for (unsigned shift = 0; shift < 32 && most >> shift; shift += DIGIT_BITS) {
		sort_by_digit(spare, found, count, shift);
		swap = found;
		found = spare;
		spare = swap;
	}
	return found;
}

size_t kl_catalogue_select(const struct kl_catalogue *catalogue, const struct kl_filter *filter, size_t *rows)
{
	struct ranked *found = kl_calloc(2 * catalogue->count + 1, sizeof(*found));
	struct query query = parse_query(filter->text);
	struct order order = { .sort = filter->sort, .by_rank = query.count > 0 };
	const struct ranked *sorted;
	size_t count = 0;
	unsigned rank;

	if (order.sort == KL_SORT_TITLE)
		order.titles = kl_catalogue_title_ranks(catalogue);
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct kl_entry *entry = &catalogue->entries[i];

		if (matches_facets(entry, filter) && matches_words(entry, &query, &rank))
			found[count++] = (struct ranked){ sort_key(entry, &order, i, rank), (uint32_t)i };
	}
	sorted = sort_found(found, count, filter->descending);
	for (size_t i = 0; i < count; i++)
		rows[i] = sorted[i].row;
	free(query.folded);
	free(found);
	return count;
}
