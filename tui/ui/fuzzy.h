#ifndef TUI_FUZZY_H
#define TUI_FUZZY_H

/* Fuzzy matching for the palette: the pattern's letters occur in order; word starts and runs score higher. */

#include <stddef.h>

/* 0: no match; else the higher the better. Case is ignored (ASCII). An empty pattern matches everything with 1. */
int fuzzy_score(const char *pattern, const char *text);

#endif
