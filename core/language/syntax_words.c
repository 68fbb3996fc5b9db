/* Keyword lists as one hash table: a match is looked up once, however many words the language has. */

#include "core/language/syntax_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <kodelab/alloc.h>

static size_t hash_of(const struct syntax_words *words, const char *text, size_t len)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		hash = (hash ^ (words->ignore_case ? (unsigned)tolower(byte) : byte)) * 16777619u;
	}
	return hash;
}

/* The slot that holds the word, or the free one where it would go. */
static struct syntax_word *slot_of(const struct syntax_words *words, const char *text, size_t len)
{
	size_t mask = words->size - 1, at = hash_of(words, text, len) & mask;

	for (;; at = (at + 1) & mask) {
		struct syntax_word *slot = &words->slots[at];

		if (!slot->text)
			return slot;
		if (slot->len == len &&
		    !(words->ignore_case ? strncasecmp(slot->text, text, len) : memcmp(slot->text, text, len)))
			return slot;
	}
}

static void grow(struct syntax_words *words)
{
	struct syntax_words bigger = *words;

	bigger.size = words->size ? 2 * words->size : 64;
	bigger.slots = kl_calloc(bigger.size, sizeof(*bigger.slots));
	for (size_t i = 0; i < words->size; i++)
		if (words->slots[i].text)
			*slot_of(&bigger, words->slots[i].text, words->slots[i].len) = words->slots[i];
	free(words->slots);
	*words = bigger;
}

void syntax_words_add(struct syntax_words *words, const char *text, size_t len, enum kl_token token)
{
	struct syntax_word *slot;

	if (2 * (words->count + 1) > words->size)
		grow(words);
	slot = slot_of(words, text, len);
	if (!slot->text) {
		slot->text = kl_strndup(text, len);
		slot->len = len;
		words->count++;
	}
	slot->token = token;
}

enum kl_token syntax_words_find(const struct syntax_words *words, const char *text, size_t len, enum kl_token otherwise)
{
	const struct syntax_word *slot = words->size ? slot_of(words, text, len) : NULL;

	return slot && slot->text ? slot->token : otherwise;
}

void syntax_words_release(struct syntax_words *words)
{
	for (size_t i = 0; i < words->size; i++)
		free(words->slots[i].text);
	free(words->slots);
}
