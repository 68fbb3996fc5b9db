#ifndef KODELAB_SEARCH_H
#define KODELAB_SEARCH_H

/*
 * Searching and replacing in a text, by PCRE2 or literally. A pattern is matched against windows of whole lines, so
 * a match may span lines but at most KL_SEARCH_SPAN bytes; a pattern that explodes is stopped, with a sentence.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

struct kl_text;
struct kl_search;

#define KL_SEARCH_SPAN    ((size_t)64 * 1024) /* bytes a match may span at least */
#define KL_SEARCH_GROUPS  10 /* $0 … $9 */
#define KL_SEARCH_TIME_MS 50 /* a call ends after about this of a processor, also on a pattern that explodes */

enum kl_search_flags {
	KL_SEARCH_REGEX = 1 << 0, /* else literal */
	KL_SEARCH_CASE = 1 << 1, /* minds upper and lower case */
	KL_SEARCH_SMART_CASE = 1 << 2, /* minds it only when the pattern has an upper-case letter */
	KL_SEARCH_WORD = 1 << 3, /* whole words only */
};

struct kl_match {
	size_t start, end; /* offsets; equal for an empty match */
	struct {
		size_t start, end; /* group $1 is groups[1]; (size_t)-1: took no part */
	} groups[KL_SEARCH_GROUPS];
	bool wrapped; /* found behind the end (before the start) of the text */
};

/* KL_EINVAL: "the pattern is wrong at 3: missing closing parenthesis". An empty pattern is KL_EINVAL, too. */
enum kl_status kl_search_open(struct kl_search **out, const char *pattern, unsigned flags,
			      struct kl_error *err) KL_MUST_CHECK;
void kl_search_close(struct kl_search *search);

/*
 * The first match that starts at from or after it, going round the end of the text once.
 * KL_ENOENT: there is none · KL_ETIME: the pattern takes too long.
 */
enum kl_status kl_search_next(struct kl_match *out, struct kl_search *search, const struct kl_text *text, size_t from,
			      struct kl_error *err) KL_MUST_CHECK;
/* The last match that starts before from, going round the start of the text once. */
enum kl_status kl_search_prev(struct kl_match *out, struct kl_search *search, const struct kl_text *text, size_t from,
			      struct kl_error *err) KL_MUST_CHECK;

/* Fills matches that start in [from, to), at most max; returns their number. For highlighting what is on screen: errors count as none. */
size_t kl_search_all(struct kl_match *matches, size_t max, struct kl_search *search, const struct kl_text *text,
		     size_t from, size_t to);

/* Has kl_search_all found the pattern too slow? Then it finds nothing more with this search. */
bool kl_search_gave_up(const struct kl_search *search);

/*
 * Puts with in the place of match, as one revision. In regex mode $1 … $9, $0 and ${1} stand for groups, $$ for '$',
 * \n \t \\ for themselves; literally otherwise. *end: offset behind what was put in.
 */
enum kl_status kl_search_replace(size_t *end, struct kl_search *search, struct kl_text *text,
				 const struct kl_match *match, const char *with, struct kl_error *err) KL_MUST_CHECK;
/*
 * All matches that start in [from, to), as one revision; *count: how many. KL_ETIME: stopped after 2 s of a processor or by an exploding pattern;
 * then nothing has been changed.
 */
enum kl_status kl_search_replace_all(size_t *count, struct kl_search *search, struct kl_text *text, size_t from,
				     size_t to, const char *with, struct kl_error *err) KL_MUST_CHECK;

#endif
