#ifndef KODELAB_INDENT_H
#define KODELAB_INDENT_H

/*
 * What the shape of code says about lines and brackets: pure functions on single lines. Brackets and words in strings
 * and comments do not count, which the spans of the line tell (without spans all of it is code).
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/language.h>
#include <kodelab/syntax.h>

struct kl_code_line { /* all borrowed */
	const char *text; /* no newline */
	size_t len; /* bytes */
	const struct kl_span *spans;
	size_t span_count;
};

/* Is the byte at this offset code, in no string and no comment? */
bool kl_code_at(const struct kl_code_line *line, size_t at);

/* Columns of the blanks a line begins with. */
size_t kl_indent_columns(const char *text, size_t len, size_t tab_width);

/*
 * Steps by which the line after this one is moved: 1 after an open bracket, "if x:" or "then"; -1 after "return" in
 * Python or the line that closes a bracket opened above; else 0. language may be NULL: only brackets count.
 */
int kl_indent_after(const struct kl_language *language, const struct kl_code_line *line);

/* Does this line stand one step to the left of those before it ("}", "end", "else:")? Asked while it is typed. */
bool kl_indent_closes(const struct kl_language *language, const struct kl_code_line *line);

/*
 * Columns for a line below above (the last one that is not blank), of which text is what it holds already (len 0: nothing).
 * step: columns of one indentation.
 */
size_t kl_indent_for(const struct kl_language *language, const struct kl_code_line *above,
		     const struct kl_code_line *line, size_t step, size_t tab_width);

/* Looking for a bracket's partner, line by line: begin at the bracket, then go on with its own line, then the next ones. */
struct kl_bracket {
	char own, partner;
	bool forward; /* the partner is further down */
	size_t depth; /* brackets of the kind still open */
	size_t from; /* where in its own line the search begins; (size_t)-1 on later lines */
};

/* False: there is no bracket at this offset, or it is in a string or comment. */
bool kl_bracket_begin(struct kl_bracket *bracket, const struct kl_code_line *line, size_t at);
/* Looks through the line; true: *at is the partner's offset. Else give it the next line (the previous one when not forward). */
bool kl_bracket_in(struct kl_bracket *bracket, const struct kl_code_line *line, size_t *at);

#endif
