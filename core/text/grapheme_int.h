#ifndef CORE_TEXT_GRAPHEME_INT_H
#define CORE_TEXT_GRAPHEME_INT_H

/* What visible.c and grapheme.c know of single code points. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/visible.h>

/* May code (-1: no UTF-8) go to the terminal as it is, after the passed code point before (-1: none)? */
bool kl_code_passes(int code, int before, unsigned flags);

/* Writes the visible form of code (byte: what stands there when code is -1); returns its length. */
size_t kl_code_form(char form[KL_VISIBLE_MAX], int code, char byte);

#endif
