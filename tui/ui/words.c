/* Words of a line: see words.h. */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

enum { WORD_MAX = 64 * 1024 };

void words_clear(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct words){ 0 };
}

/* Takes word. */
static void add(struct words *words, char *word)
{
	words->items = kl_realloc_array(words->items, words->count + 2, sizeof(*words->items));
	words->items[words->count++] = word;
	words->items[words->count] = NULL;
}

/* Reads one word from *text, which moves behind it. False: a quote is not closed. */
static bool read_word(struct kl_buf *word, const char **text)
{
	char quote = '\0';

	for (; **text && (quote || **text != ' '); (*text)++) {
		char byte = **text;

		if (byte == quote) {
			quote = '\0';
		} else if (!quote && (byte == '\'' || byte == '"')) {
			quote = byte;
		} else {
			if (byte == '\\' && quote != '\'' && (*text)[1])
				(*text)++;
			kl_buf_add(word, *text, 1);
		}
	}
	return !quote;
}

enum kl_status words_split(struct words *words, const char *text, struct kl_error *err)
{
	words_clear(words);
	while (*(text += strspn(text, " "))) {
		struct kl_buf word;
		bool whole;

		kl_buf_init(&word, WORD_MAX);
		whole = read_word(&word, &text);
		add(words, kl_buf_detach(&word));
		kl_buf_release(&word);
		if (!whole) {
			words_clear(words);
			return kl_fail(err, KL_EINVAL, "a quote is not closed: write \\' for the sign itself");
		}
	}
	return KL_OK;
}

static void add_quoted(struct kl_buf *line, const char *word)
{
	if (*word && !strpbrk(word, " '\"\\")) {
		kl_buf_add_str(line, word);
		return;
	}
	kl_buf_add_str(line, "\"");
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			kl_buf_add_str(line, "\\");
		kl_buf_add(line, word, 1);
	}
	kl_buf_add_str(line, "\"");
}

char *words_line(const struct words *words)
{
	struct kl_buf line;

	kl_buf_init(&line, 2 * WORD_MAX);
	for (size_t i = 0; i < words->count; i++) {
		if (i > 0)
			kl_buf_add_str(&line, " ");
		add_quoted(&line, words->items[i]);
	}
	return kl_buf_detach(&line);
}

char *words_rows(const struct words *words)
{
	struct kl_buf rows;

	kl_buf_init(&rows, 2 * WORD_MAX);
	for (size_t i = 0; i < words->count; i++) {
		kl_buf_add(&rows, words->items[i], strcspn(words->items[i], "\n"));
		kl_buf_add_str(&rows, "\n");
	}
	return kl_buf_detach(&rows);
}

void words_of_rows(struct words *words, const char *rows)
{
	words_clear(words);
	for (size_t len; *rows; rows += len + (rows[len] == '\n')) {
		len = strcspn(rows, "\n");
		add(words, kl_strndup(rows, len));
	}
}
