/* The catalogue's life, and what can be asked of it in one step. */

#include <kodelab/catalogue.h>

#include <kodelab/alloc.h>

#include "core/challenge/catalogue_int.h"

struct kl_words_lists { /* made when first asked for */
	const char **packs, **categories, **tags; /* NULL-terminated; NULL: not yet */
	uint32_t *title_ranks; /* beside entries */
};

struct kl_catalogue *kl_catalogue_open(const char *const *dirs, size_t dir_count, const char *cache)
{
	struct kl_catalogue *catalogue = kl_calloc(1, sizeof(*catalogue));
	size_t cached;

	catalogue->lists = kl_calloc(1, sizeof(*catalogue->lists));
	if (cache)
		kl_cache_load(&catalogue->cache, cache);
	for (size_t i = 0; i < dir_count; i++)
		kl_catalogue_scan(catalogue, dirs[i], dirs + i + 1, dir_count - i - 1);
	cached = catalogue->cache.pack_count;
	if (cache && (catalogue->changed || cached != catalogue->pack_count))
		kl_cache_save(catalogue, cache);
	return catalogue;
}

void kl_catalogue_close(struct kl_catalogue *catalogue)
{
	if (!catalogue)
		return;
	for (size_t i = 0; i < catalogue->count; i++)
		free(catalogue->rows[i].block);
	for (size_t i = 0; i < catalogue->record_count; i++)
		if (catalogue->all_records[i].own_record)
			free(catalogue->all_records[i].record);
	for (size_t i = 0; i < catalogue->pack_count; i++) {
		free(catalogue->packs[i].dir);
		free(catalogue->packs[i].real_dir);
		free(catalogue->packs[i].id);
	}
	for (size_t i = 0; i < catalogue->problem_count; i++)
		free(catalogue->problems[i]);
	free(catalogue->entries);
	free(catalogue->rows);
	free(catalogue->all_records);
	free(catalogue->packs);
	free(catalogue->problems);
	free(catalogue->lists->packs);
	free(catalogue->lists->categories);
	free(catalogue->lists->tags);
	free(catalogue->lists->title_ranks);
	free(catalogue->lists);
	kl_cache_release(&catalogue->cache);
	free(catalogue);
}

size_t kl_catalogue_count(const struct kl_catalogue *catalogue)
{
	return catalogue->count;
}

const struct kl_entry *kl_catalogue_at(const struct kl_catalogue *catalogue, size_t index)
{
	return index < catalogue->count ? &catalogue->entries[index] : NULL;
}

size_t kl_catalogue_problem_count(const struct kl_catalogue *catalogue)
{
	return catalogue->problem_count;
}

const char *kl_catalogue_problem(const struct kl_catalogue *catalogue, size_t index)
{
	return index < catalogue->problem_count ? catalogue->problems[index] : NULL;
}

void kl_catalogue_set_state(struct kl_catalogue *catalogue, size_t index, enum kl_progress_state state)
{
	if (index < catalogue->count)
		catalogue->entries[index].state = state;
}

enum kl_status kl_catalogue_load(struct kl_challenge **out, const struct kl_catalogue *catalogue, size_t index,
				 struct kl_error *err)
{
	const struct kl_entry *entry = kl_catalogue_at(catalogue, index);
	enum kl_status status;

	if (!entry)
		return kl_fail(err, KL_ENOENT, "there is no such challenge");
	status = kl_challenge_read(out, entry->pack, entry->dir, entry->number, err);
	if (status && err)
		kl_error_prefix(err, "%s/%s", entry->pack, entry->slug);
	return status;
}

/* --- words in use ------------------------------------------------------------------------------------------------- */

struct words {
	const char **items;
	size_t count, capacity;
};

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void add_word(struct words *words, const char *word)
{
	if (words->count && !strcmp(words->items[words->count - 1], word)) /* cheap, and often so for categories */
		return;
	KL_GROW(words->items, words->count, words->capacity);
	words->items[words->count++] = word;
}

/* Sorted, each once, NULL at the end. Owned. */
static const char **finish(struct words *words)
{
	size_t kept = 0;

	if (words->count)
		qsort(words->items, words->count, sizeof(*words->items), by_text);
	for (size_t i = 0; i < words->count; i++)
		if (!kept || strcmp(words->items[kept - 1], words->items[i]) != 0)
			words->items[kept++] = words->items[i];
	words->items = kl_realloc_array(words->items, kept + 1, sizeof(*words->items));
	words->items[kept] = NULL;
	return words->items;
}

const char *const *kl_catalogue_packs(const struct kl_catalogue *catalogue)
{
	struct words words = { .items = NULL };

	if (catalogue->lists->packs)
		return catalogue->lists->packs;
	for (size_t i = 0; i < catalogue->count; i++)
		add_word(&words, catalogue->entries[i].pack);
	catalogue->lists->packs = finish(&words);
	return catalogue->lists->packs;
}

const char *const *kl_catalogue_categories(const struct kl_catalogue *catalogue)
{
	struct words words = { .items = NULL };

	if (catalogue->lists->categories)
		return catalogue->lists->categories;
	for (size_t i = 0; i < catalogue->count; i++)
		add_word(&words, catalogue->entries[i].category);
	catalogue->lists->categories = finish(&words);
	return catalogue->lists->categories;
}

const char *const *kl_catalogue_tags(const struct kl_catalogue *catalogue)
{
	struct words words = { .items = NULL };

	if (catalogue->lists->tags)
		return catalogue->lists->tags;
	for (size_t i = 0; i < catalogue->count; i++)
		for (char **tag = catalogue->entries[i].tags; *tag; tag++)
			add_word(&words, *tag);
	catalogue->lists->tags = finish(&words);
	return catalogue->lists->tags;
}

/* --- titles in order ---------------------------------------------------------------------------------------------- */

struct titled {
	uint64_t key; /* the first letters: mostly they decide */
	const char *folded;
	size_t row;
};

static uint64_t title_key(const char *folded)
{
	uint64_t key = 0;

	for (int i = 0; i < 8; i++) {
		key = key << 8 | (unsigned char)*folded;
		folded += *folded && *folded != '\n';
	}
	return key;
}

static int by_title(const void *left, const void *right)
{
	const struct titled *a = left, *b = right;
	int order = (a->key > b->key) - (a->key < b->key);

	return order ? order : strcmp(a->folded, b->folded);
}

const uint32_t *kl_catalogue_title_ranks(const struct kl_catalogue *catalogue)
{
	size_t count = catalogue->count;
	struct titled *titles;
	uint32_t rank = 0, *ranks;

	if (catalogue->lists->title_ranks || !count)
		return catalogue->lists->title_ranks;
	titles = kl_calloc(count, sizeof(*titles));
	ranks = kl_calloc(count, sizeof(*ranks));
	for (size_t i = 0; i < count; i++) {
		const char *folded = catalogue->entries[i].folded;

		titles[i] = (struct titled){ title_key(folded), folded, i };
	}
	qsort(titles, count, sizeof(*titles), by_title);
	for (size_t i = 0; i < count; i++) {
		rank += i > 0 && by_title(&titles[i - 1], &titles[i]) != 0;
		ranks[titles[i].row] = rank;
	}
	free(titles);
	catalogue->lists->title_ranks = ranks;
	return ranks;
}
