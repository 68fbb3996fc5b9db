#ifndef TUI_LINES_H
#define TUI_LINES_H

/* Lines of styled text: what prose, test results, differences and help are made of. Built once, drawn often. */

#include <stddef.h>

#include "canvas.h"
#include "role.h"

struct kl_buf;

struct line_span {
	size_t start, len; /* bytes of the line's text */
	enum role role;
};

struct line {
	char *text; /* UTF-8, NUL-terminated; may hold control bytes: the canvas shows them */
	size_t len, capacity; /* bytes, and how many there is room for */
	struct line_span *spans; /* in order, without gaps */
	size_t span_count, span_capacity;
	enum symbol symbol; /* drawn in front, two columns wide; SYMBOL_COUNT: none */
	enum role symbol_role;
	int value; /* the owner's: what the line stands for */
};

struct lines {
	struct line *items;
	size_t count, capacity;
};

void lines_clear(struct lines *lines);
/* A new last line; valid until the next one. */
struct line *lines_new(struct lines *lines, int value);
void line_add(struct line *line, enum role role, const char *text, size_t len);
void line_str(struct line *line, enum role role, const char *text);
void line_printf(struct line *line, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void line_symbol(struct line *line, enum role role, enum symbol symbol);
/* Each line of text as a line of its own, behind indent; at most max of them, then one that says how many are left. */
void lines_text(struct lines *lines, int value, enum role role, const char *indent, const char *text, size_t len,
		size_t max);

/* Words of text broken into lines of at most width columns, each behind indent. */
void lines_wrapped(struct lines *lines, int value, enum role role, const char *indent, const char *text, int width);

/* Draws lines from `top` on into the whole canvas, scrolled `left` columns; selected: that line is marked ((size_t)-1: none). */
void lines_draw(const struct lines *lines, struct canvas *canvas, size_t top, int left, size_t selected);

#endif
