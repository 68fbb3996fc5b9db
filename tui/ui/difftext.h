#ifndef TUI_DIFFTEXT_H
#define TUI_DIFFTEXT_H

/*
 * Expected against actual as lines: "-" what was expected, "+" what came, the rest as it is. What the eye cannot see is
 * made visible in lines that differ: trailing blanks, tabs, carriage returns, a missing last newline; the first
 * difference is marked to the character.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lines.h"

struct difftext {
	const char *want, *got;
	size_t want_len, got_len;
	bool ascii; /* signs for blanks and tabs in ASCII */
	bool code; /* old and new versions of a file instead of expected and actual: no signs for blanks */
	const char *want_sign, *got_sign, *same_sign; /* in front of a line; NULL: "- ", "+ ", "  " */
	size_t max_lines; /* 0: 400 */
	int value; /* of the lines made */
};

/* Appends the difference to out. Returns the number of lines that differ. */
size_t difftext_add(struct lines *out, const struct difftext *diff);

#endif
