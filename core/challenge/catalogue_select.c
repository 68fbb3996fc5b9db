/*
 * Filtering, searching, sorting. Rows get a number to be sorted by, so that sorting compares integers; texts are only
 * looked at when these are equal.
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

struct ranked {
	uint64_t key;
	const struct kl_entry *entry;
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
	if (filter->category && strcmp(filter->category, entry->category) != 0)
		return false;
	if (filter->tag && !has_word(entry->tags, filter->tag))
		return false;
	return !filter->language || !entry->languages[0] || has_word(entry->languages, filter->language);
}

static uint64_t title_key(const char *folded)
{
	uint64_t key = 0;

	for (int i = 0; i < 8; i++) {
		key = key << 8 | (unsigned char)*folded;
		folded += *folded && *folded != '\n';
	}
	return key;
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

static uint64_t sort_key(const struct kl_entry *entry, enum kl_sort sort, unsigned rank)
{
	switch (sort) {
	case KL_SORT_NUMBER:
		return rank;
	case KL_SORT_TITLE:
		return title_key(entry->folded);
	case KL_SORT_DIFFICULTY:
		return entry->difficulty;
	case KL_SORT_MINUTES:
		return (uint64_t)entry->minutes;
	case KL_SORT_STATE:
		return state_key(entry->state);
	}
	return 0;
}

static int compare(const void *left, const void *right, void *context)
{
	const struct kl_filter *filter = context;
	const struct ranked *a = left, *b = right;
	int order = (a->key > b->key) - (a->key < b->key);

	if (!order && filter->sort == KL_SORT_TITLE)
		order = strcmp(a->entry->folded, b->entry->folded);
	if (!order && filter->sort == KL_SORT_NUMBER && !filter->text)
		order = (a->entry > b->entry) - (a->entry < b->entry);
	if (order)
		return filter->descending ? -order : order;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

size_t kl_catalogue_select(const struct kl_catalogue *catalogue, const struct kl_filter *filter, size_t *rows)
{
	struct ranked *found = kl_calloc(catalogue->count, sizeof(*found));
	struct query query = parse_query(filter->text);
	struct kl_filter order = *filter;
	size_t count = 0;
	unsigned rank;

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct kl_entry *entry = &catalogue->entries[i];

		if (matches_facets(entry, filter) && matches_words(entry, &query, &rank))
			found[count++] = (struct ranked){ sort_key(entry, filter->sort, rank), entry };
	}
	if (!query.count)
		order.text = NULL;
	if (count && (query.count || order.sort != KL_SORT_NUMBER || order.descending))
		qsort_r(found, count, sizeof(*found), compare, &order);
	for (size_t i = 0; i < count; i++)
		rows[i] = (size_t)(found[i].entry - catalogue->entries);
	free(query.folded);
	free(found);
	return count;
}
