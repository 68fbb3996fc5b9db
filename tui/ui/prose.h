#ifndef TUI_PROSE_H
#define TUI_PROSE_H

/*
 * Markdown as lines of styled text, wrapped to a width: what the problem pane, hints and help show. Parsed by md4c;
 * headings, emphasis, lists, tables, quotes, code blocks and links are known, HTML is shown as text.
 */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/syntax.h>

#include "lines.h"

/*
 * Colours a line of a code block whose fence names a language: fills at most max spans, returns how many. *state is 0 on a
 * block's first line and is carried from line to line.
 */
typedef size_t prose_code_fn(void *ctx, const char *language, const char *line, size_t len, uint32_t *state,
			     struct kl_span *spans, size_t max);

struct prose {
	struct lines lines;
	int width; /* they were wrapped to */
	prose_code_fn *code; /* set by the owner; NULL: code has one look */
	void *code_ctx;
};

/* Wraps markdown to width columns (at least 10). Texts over 1 MiB are cut with a last line that says so. */
void prose_set(struct prose *prose, const char *markdown, size_t len, int width);
void prose_release(struct prose *prose);
#endif
