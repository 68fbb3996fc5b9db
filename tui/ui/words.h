#ifndef TUI_WORDS_H
#define TUI_WORDS_H

/*
 * Words typed on one line, as program arguments are: blanks part them; '...' and "..." hold blanks, a backslash takes the
 * next character as it is (not within '...'). Nothing else is special: no shell ever sees them.
 */

#include <stddef.h>

#include <kodelab/error.h>

struct words {
	char **items; /* owned, as what they point at; NULL-terminated */
	size_t count;
};

/* Fills words (in any state but wild). KL_EINVAL: "a quote is not closed"; words is empty then. */
enum kl_status words_split(struct words *words, const char *text, struct kl_error *err) KL_MUST_CHECK;
/* The line that splits into these words; owned by the caller. */
char *words_line(const struct words *words);
/* For keeping: each word with a newline behind it (a word that has one itself is cut there); owned by the caller. */
char *words_rows(const struct words *words);
void words_of_rows(struct words *words, const char *rows);
void words_clear(struct words *words);

#endif
