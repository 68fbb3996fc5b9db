#ifndef KODELAB_SUGGEST_H
#define KODELAB_SUGGEST_H

/* "did you mean …?": the known word nearest to a mistyped one. */

#include <stddef.h>

/* Edits (insert, delete, change, swap of neighbours) from one word to the other; longer words than 64 bytes are infinitely far. */
size_t kl_edit_distance(const char *from, const char *to);
/* The word of known (NULL-terminated) with the fewest edits, one in three letters and one more at most; NULL: none is near. */
const char *kl_suggest(const char *word, const char *const *known);

#endif
