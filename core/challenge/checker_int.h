#ifndef CORE_CHALLENGE_CHECKER_INT_H
#define CORE_CHALLENGE_CHECKER_INT_H

/* The checkers behind the table in checker.c, and how they speak of what they found. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/challenge.h>

struct kl_text { /* borrowed bytes */
	const char *at;
	size_t len;
};

/* True: actual passes. Else why (never NULL here) gets one sentence. */
typedef bool kl_check_fn(const struct kl_checker *checker, struct kl_text want, struct kl_text actual,
			 struct kl_buf *why);

kl_check_fn kl_check_exact;
kl_check_fn kl_check_lines;
kl_check_fn kl_check_unordered;
kl_check_fn kl_check_tokens;
kl_check_fn kl_check_float;
kl_check_fn kl_check_regex;
kl_check_fn kl_check_json;

/* text in single quotes, cut after 60 bytes; control bytes and broken UTF-8 as "\x1b". */
void kl_show(struct kl_text text, struct kl_buf *out);
/* Takes the next line off text, without its newline and trailing blanks; false: there is none. */
bool kl_take_line(struct kl_text *line, struct kl_text *text);
/* Without trailing blanks and empty lines. */
struct kl_text kl_trim_end(struct kl_text text);

#endif
