#ifndef TUI_FUZZY_H
#define TUI_FUZZY_H

/* Matching for menus and the palette: words of the pattern stand in the text, or abbreviate its head (up to two blanks). */

/* 0: no match; else the higher the better. Case is ignored (ASCII). An empty pattern matches everything with 1. */
int fuzzy_score(const char *pattern, const char *text);
/* Where best is the best score in a list, what scores less than this only hides it. */
int fuzzy_least(int best);

#endif
