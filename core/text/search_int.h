#ifndef CORE_TEXT_SEARCH_INT_H
#define CORE_TEXT_SEARCH_INT_H

/* Finding from inside: what search.c and search_replace.c share. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/search.h>

/* Each call begins with this. */
void search_begin(struct kl_search *search);
/* Starts the clock anew: in a long call, with each match. */
void search_renew(struct kl_search *search);

/* The first match that starts in [from, limit]. KL_ENOENT and KL_ETIME as kl_search_next. */
enum kl_status search_find(struct kl_match *out, struct kl_search *search, const struct kl_text *text, size_t from,
			   size_t limit, struct kl_error *err);
/* Where to look on after match (an empty one must not be found again). */
size_t search_after(const struct kl_text *text, const struct kl_match *match);
bool search_is_regex(const struct kl_search *search);
/* Highest group number of the pattern. */
size_t search_groups(const struct kl_search *search);

#endif
