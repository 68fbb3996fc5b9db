#ifndef TUI_FIELD_H
#define TUI_FIELD_H

/* One line of text being typed: find bars, prompts, filters. */

#include <stdbool.h>
#include <stddef.h>

#include "request.h"
#include "role.h"

enum { FIELD_MAX = 1000 }; /* bytes */

struct canvas;

struct field {
	char text[FIELD_MAX + 1]; /* UTF-8, NUL-terminated */
	size_t len, cursor; /* bytes; cursor at a character boundary */
};

void field_set(struct field *field, const char *text); /* cursor at the end */
/* Control characters are dropped, newlines become blanks, what does not fit is left out. */
void field_insert(struct field *field, const char *utf8, size_t len);
/* True when the request moved or changed something here. */
bool field_request(struct field *field, enum request request);
/* Draws it into cols cells at (y, x), scrolled so that the cursor is seen; sets the canvas cursor when focused. */
void field_draw(const struct field *field, struct canvas *canvas, int y, int x, int cols, enum role role, bool focused);

#endif
