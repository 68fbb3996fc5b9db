#ifndef KODELAB_GRAPHEME_H
#define KODELAB_GRAPHEME_H

/*
 * What a person calls a character (UAX 29 extended grapheme clusters, by utf8proc), and how many cells it takes.
 *
 * An invalid byte and a control character are clusters of their own, as wide as their visible form (visible.h).
 * A cluster never has more than KL_GRAPHEME_CODES code points: a tower of combining marks is cut into several.
 */

#include <stddef.h>

#define KL_GRAPHEME_CODES 24 /* code points of one cluster */
#define KL_GRAPHEME_MAX   (4 * KL_GRAPHEME_CODES) /* bytes of one cluster */

/* Bytes of the first cluster; 0 when len is 0. To be sure of the answer give KL_GRAPHEME_MAX bytes, or all there are. */
size_t kl_grapheme_next(const char *bytes, size_t len);

/* Bytes of the last cluster; 0 when len is 0. bytes must begin at a cluster (a line's start is one). */
size_t kl_grapheme_last(const char *bytes, size_t len);

/*
 * Cells of one cluster: 0 to 2, or the length of its visible form. A tab is the caller's (here: 1), a newline is 0.
 * flags: of enum kl_visible_flags; with KL_VISIBLE_ASCII everything else is shown, and so wide.
 */
int kl_grapheme_width(const char *cluster, size_t len, unsigned flags);

/* Cells of a whole text without tabs and newlines. */
size_t kl_text_width(const char *bytes, size_t len, unsigned flags);

/* Bytes of the longest part of whole clusters from the front that fits in cells; *used (may be NULL): cells it takes. */
size_t kl_text_fit(const char *bytes, size_t len, size_t cells, unsigned flags, size_t *used);

#endif
