#ifndef TUI_PROSE_H
#define TUI_PROSE_H

/*
 * Markdown as lines of styled text, wrapped to a width: what the problem pane, hints and help show. Parsed by md4c;
 * headings, emphasis, lists, tables, quotes, code blocks and links are known, HTML is shown as text.
 */

#include <stddef.h>

#include "lines.h"

struct prose {
	struct lines lines;
	int width; /* they were wrapped to */
};

/* Wraps markdown to width columns (at least 10). Texts over 1 MiB are cut with a last line that says so. */
void prose_set(struct prose *prose, const char *markdown, size_t len, int width);
void prose_release(struct prose *prose);
#endif
