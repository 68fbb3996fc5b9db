/* Lines of styled text: see lines.h. */
#include "lines.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

enum { LINE_MAX_BYTES = 4096 }; /* of one formatted piece */

void lines_clear(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		free(lines->items[i].text);
		free(lines->items[i].spans);
	}
	free(lines->items);
	*lines = (struct lines){ 0 };
}

struct line *lines_new(struct lines *lines, int value)
{
	KL_GROW(lines->items, lines->count, lines->capacity);
	lines->items[lines->count] = (struct line){ .text = kl_strdup(""), .symbol = SYMBOL_COUNT, .value = value };
	return &lines->items[lines->count++];
}

static void add_span(struct line *line, size_t len, enum role role)
{
	struct line_span *last = line->span_count ? &line->spans[line->span_count - 1] : NULL;

	if (last && last->role == role) {
		last->len += len;
		return;
	}
	KL_GROW(line->spans, line->span_count, line->span_capacity);
	line->spans[line->span_count++] = (struct line_span){ .start = line->len, .len = len, .role = role };
}

void line_add(struct line *line, enum role role, const char *text, size_t len)
{
	if (len == 0)
		return;
	add_span(line, len, role);
	if (line->len + len + 1 > line->capacity) {
		line->capacity = 2 * line->capacity > line->len + len + 1 ? 2 * line->capacity : line->len + len + 1;
		line->text = kl_realloc_array(line->text, line->capacity, 1);
	}
	memcpy(line->text + line->len, text, len);
	line->len += len;
	line->text[line->len] = '\0';
}

void line_str(struct line *line, enum role role, const char *text)
{
	line_add(line, role, text, strlen(text));
}

void line_printf(struct line *line, enum role role, const char *fmt, ...)
{
	struct kl_buf buf;
	va_list args;

	kl_buf_init(&buf, LINE_MAX_BYTES);
	va_start(args, fmt);
	kl_buf_vaddf(&buf, fmt, args);
	va_end(args);
	line_add(line, role, buf.data, buf.len);
	kl_buf_release(&buf);
}

void line_symbol(struct line *line, enum role role, enum symbol symbol)
{
	line->symbol = symbol;
	line->symbol_role = role;
}

void lines_text(struct lines *lines, int value, enum role role, const char *indent, const char *text, size_t len,
		size_t max)
{
	size_t from = 0, count = 0;

	while (from < len && count < max) {
		const char *newline = memchr(text + from, '\n', len - from);
		size_t end = newline ? (size_t)(newline - text) : len;
		struct line *line = lines_new(lines, value);

		line_str(line, role, indent);
		line_add(line, role, text + from, end - from);
		from = end + 1;
		count++;
	}
	if (from < len)
		line_printf(lines_new(lines, value), ROLE_DIM, "%s(%zu more bytes)", indent, len - from);
}

/* Bytes of text that go on a line of cols columns: up to the last blank, or a part of a long word. */
static size_t words_that_fit(const char *text, int cols)
{
	size_t len = strcspn(text, "\n"), fit = canvas_fit(text, len, cols), cut = fit;

	if (fit == len)
		return len;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	return cut ? cut : fit ? fit : 1;
}

void lines_wrapped(struct lines *lines, int value, enum role role, const char *indent, const char *text, int width)
{
	int cols = width - canvas_width(indent, strlen(indent));

	while (*text) {
		size_t len = words_that_fit(text, cols < 10 ? 10 : cols);
		struct line *line = lines_new(lines, value);

		line_str(line, role, indent);
		line_add(line, role, text, len);
		text += len;
		text += *text == ' ' || *text == '\n';
	}
}

static void draw_line(const struct line *line, struct canvas *canvas, int y, int left)
{
	int x = -left;

	if (line->symbol != SYMBOL_COUNT) {
		canvas_symbol(canvas, y, x, line->symbol_role, line->symbol);
		x += 2;
	}
	for (size_t i = 0; i < line->span_count; i++)
		x += canvas_text(canvas, y, x, line->spans[i].role, line->text + line->spans[i].start,
				 line->spans[i].len, -1);
}

void lines_draw(const struct lines *lines, struct canvas *canvas, size_t top, int left, size_t selected)
{
	for (int y = 0; y < canvas->rows && top + (size_t)y < lines->count; y++) {
		draw_line(&lines->items[top + (size_t)y], canvas, y, left);
		if (top + (size_t)y == selected)
			canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
	}
}
