/* One line of text being typed: see field.h. */
#include "field.h"

#include <stdint.h>
#include <string.h>

#include <kodelab/grapheme.h>

#include "canvas.h"

static void remove_span(struct field *field, size_t from, size_t to)
{
	memmove(field->text + from, field->text + to, field->len - to + 1);
	field->len -= to - from;
	field->cursor = from;
}

void field_set(struct field *field, const char *text)
{
	*field = (struct field){ 0 };
	field_insert(field, text, strlen(text));
}

void field_insert(struct field *field, const char *utf8, size_t len)
{
	while (len > 0) {
		size_t step = kl_grapheme_next(utf8, len);
		bool blank = *utf8 == '\n' || *utf8 == '\t' || (step == 2 && *utf8 == '\r');
		char byte = blank ? ' ' : *utf8;

		if (blank && step == 2) { /* "\r\n" */
			utf8++;
			len--;
			step = 1;
		}
		if (field->len + step > FIELD_MAX)
			return;
		if ((unsigned char)byte >= ' ' && byte != 0x7f) {
			memmove(field->text + field->cursor + step, field->text + field->cursor,
				field->len - field->cursor + 1);
			memcpy(field->text + field->cursor, utf8, step);
			if (step == 1)
				field->text[field->cursor] = byte;
			field->len += step;
			field->cursor += step;
		}
		utf8 += step;
		len -= step;
	}
}

static size_t before(const struct field *field, size_t at)
{
	return at - kl_grapheme_last(field->text, at);
}

static size_t after(const struct field *field, size_t at)
{
	return at + kl_grapheme_next(field->text + at, field->len - at);
}

static size_t word_before(const struct field *field, size_t at)
{
	while (at > 0 && field->text[at - 1] == ' ')
		at--;
	while (at > 0 && field->text[at - 1] != ' ')
		at--;
	return at;
}

static size_t word_after(const struct field *field, size_t at)
{
	while (at < field->len && field->text[at] != ' ')
		at++;
	while (at < field->len && field->text[at] == ' ')
		at++;
	return at;
}

static bool erase_request(struct field *field, enum request request)
{
	size_t at = field->cursor;

	if (request == REQ_BACKSPACE)
		remove_span(field, before(field, at), at);
	else if (request == REQ_DELETE_WORD)
		remove_span(field, word_before(field, at), at);
	else if (request == REQ_DELETE_LINE)
		remove_span(field, 0, field->len);
	else if (request == REQ_DELETE)
		remove_span(field, at, after(field, at));
	else
		return false;
	return true;
}

bool field_request(struct field *field, enum request request)
{
	size_t at = field->cursor;

	if (request == REQ_LEFT)
		field->cursor = before(field, at);
	else if (request == REQ_RIGHT)
		field->cursor = after(field, at);
	else if (request == REQ_WORD_LEFT)
		field->cursor = word_before(field, at);
	else if (request == REQ_WORD_RIGHT)
		field->cursor = word_after(field, at);
	else if (request == REQ_LINE_START)
		field->cursor = 0;
	else if (request == REQ_LINE_END)
		field->cursor = field->len;
	else
		return erase_request(field, request);
	return true;
}

void field_draw(const struct field *field, struct canvas *canvas, int y, int x, int cols, enum role role, bool focused)
{
	size_t from = 0;

	if (cols < 1)
		return;
	canvas_fill(canvas, (struct rect){ y, x, 1, cols }, role);
	while (canvas_width(field->text + from, field->cursor - from) >= cols)
		from = after(field, from);
	canvas_text(canvas, y, x, role, field->text + from, field->len - from, cols);
	if (focused)
		canvas_cursor(canvas, y, x + canvas_width(field->text + from, field->cursor - from));
}
