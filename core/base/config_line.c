/* The form of configuration files: reading a line, and changing one without touching the others. */

#include "core/base/config_int.h"

#include <kodelab/alloc.h>

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

struct cursor {
	const char *text;
	size_t at, end;
};

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && is_blank(cursor->text[cursor->at]))
		cursor->at++;
}

static void trim_end(struct cursor *cursor)
{
	while (cursor->end > cursor->at && is_blank(cursor->text[cursor->end - 1]))
		cursor->end--;
}

/* Ends the cursor before a comment that begins after a blank at or after from. */
static void cut_comment(struct cursor *cursor, size_t from, struct kl_config_line *out)
{
	for (size_t i = from; i < cursor->end; i++) {
		if (cursor->text[i] == '#' && i && is_blank(cursor->text[i - 1])) {
			cursor->end = i;
			break;
		}
	}
	trim_end(cursor);
	out->comment = cursor->end;
}

static void bad(struct kl_config_line *out, const char *fault)
{
	kl_config_line_release(out);
	out->kind = KL_LINE_BAD;
	out->fault = fault;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* "a \"b\" \\" : the cursor stands on the first quote. */
static bool read_quoted(struct cursor *cursor, struct kl_config_line *out)
{
	size_t at = cursor->at + 1, len = 0;
	char *value = kl_alloc(cursor->end - cursor->at + 1);

	for (; at < cursor->end && cursor->text[at] != '"'; at++) {
		if (cursor->text[at] == '\\' && at + 1 < cursor->end)
			at++;
		value[len++] = cursor->text[at];
	}
	value[len] = '\0';
	out->value = value;
	if (at >= cursor->end)
		return false;
	out->comment = cursor->at = at + 1;
	skip_blanks(cursor);
	return cursor->at == cursor->end || cursor->text[cursor->at] == '#';
}

static void read_option(struct cursor *cursor, struct kl_config_line *out)
{
	const char *equals = memchr(cursor->text + cursor->at, '=', cursor->end - cursor->at);
	struct cursor name = { cursor->text, cursor->at, equals ? (size_t)(equals - cursor->text) : cursor->at };

	trim_end(&name);
	if (name.end == name.at) {
		bad(out, "expected 'name = value'");
		return;
	}
	out->kind = KL_LINE_OPTION;
	out->name = kl_strndup(name.text + name.at, name.end - name.at);
	cursor->at = (size_t)(equals - cursor->text) + 1;
	skip_blanks(cursor);
	if (cursor->at < cursor->end && cursor->text[cursor->at] == '"') {
		if (!read_quoted(cursor, out))
			bad(out, "expected one text in double quotes");
		return;
	}
	cut_comment(cursor, cursor->at, out);
	out->value = kl_strndup(cursor->text + cursor->at, cursor->end - cursor->at);
}

/* The first word is always a key, even '#'; the last word is the request. */
static void read_bind(struct cursor *cursor, struct kl_config_line *out)
{
	size_t request;

	cursor->at += strlen("bind");
	skip_blanks(cursor);
	cut_comment(cursor, cursor->at + 1, out);
	for (request = cursor->end; request > cursor->at && !is_blank(cursor->text[request - 1]);)
		request--;
	out->value = kl_strndup(cursor->text + request, cursor->end - request);
	cursor->end = request;
	trim_end(cursor);
	if (cursor->end <= cursor->at) {
		bad(out, "expected 'bind <keys> <request>'");
		return;
	}
	out->kind = KL_LINE_BIND;
	out->name = kl_strndup(cursor->text + cursor->at, cursor->end - cursor->at);
}

static bool is_bind(const struct cursor *cursor)
{
	size_t left = cursor->end - cursor->at;
	const char *at = cursor->text + cursor->at;

	return left >= 4 && !memcmp(at, "bind", 4) && (left == 4 || is_blank(at[4]));
}

void kl_config_line_read(struct kl_config_line *out, const char *line, size_t len)
{
	struct cursor cursor = { line, 0, len };

	*out = (struct kl_config_line){ .kind = KL_LINE_EMPTY, .comment = len };
	skip_blanks(&cursor);
	trim_end(&cursor);
	if (cursor.at == cursor.end || cursor.text[cursor.at] == '#')
		return;
	if (memchr(line, '\0', len))
		bad(out, "this line holds a NUL byte");
	else if (is_bind(&cursor))
		read_bind(&cursor, out);
	else
		read_option(&cursor, out);
}

void kl_config_line_release(struct kl_config_line *line)
{
	free(line->name);
	free(line->value);
	*line = (struct kl_config_line){ .kind = KL_LINE_EMPTY };
}

void kl_config_line_print(const char *name, const char *value, struct kl_buf *out)
{
	size_t len = strlen(value);
	bool quote = !len || is_blank(value[0]) || is_blank(value[len - 1]) || strpbrk(value, "#\"");

	kl_buf_addf(out, "%s = %s", name, quote ? "\"" : value);
	if (!quote)
		return;
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			kl_buf_add_char(out, '\\');
		kl_buf_add_char(out, *value);
	}
	kl_buf_add_char(out, '"');
}

/* --- editing ------------------------------------------------------------------------------------------------------ */

static bool sets(const char *line, size_t len, const char *name)
{
	struct kl_config_line parsed;
	bool same;

	kl_config_line_read(&parsed, line, len);
	same = parsed.kind == KL_LINE_OPTION && !strcmp(parsed.name, name);
	kl_config_line_release(&parsed);
	return same;
}

/* The line with its newline, which only the last may lack. */
static size_t line_length(const char *text, size_t len)
{
	const char *newline = memchr(text, '\n', len);

	return newline ? (size_t)(newline - text) + 1 : len;
}

static size_t without_newline(const char *line, size_t len)
{
	return len && line[len - 1] == '\n' ? len - 1 : len;
}

/* The last line that sets name counts when the file is read: it is the one to change. */
static const char *last_that_sets(const char *text, size_t len, const char *name)
{
	const char *found = NULL;

	for (size_t at = 0, step; at < len; at += step) {
		step = line_length(text + at, len - at);
		if (sets(text + at, without_newline(text + at, step), name))
			found = text + at;
	}
	return found;
}

static void print_changed(const char *line, size_t len, const char *name, const char *value, struct kl_buf *out)
{
	size_t bare = without_newline(line, len);
	struct kl_config_line parsed;

	kl_config_line_read(&parsed, line, bare);
	kl_config_line_print(name, value, out);
	if (parsed.comment < bare) {
		if (!is_blank(line[parsed.comment]))
			kl_buf_add_char(out, ' ');
		kl_buf_add(out, line + parsed.comment, bare - parsed.comment);
	}
	kl_buf_add_char(out, '\n');
	kl_config_line_release(&parsed);
}

void kl_config_edit(const char *text, size_t len, const char *name, const char *value, struct kl_buf *out)
{
	const char *change = last_that_sets(text, len, name);

	for (size_t at = 0, step; at < len; at += step) {
		const char *line = text + at;

		step = line_length(line, len - at);
		if (value && line == change)
			print_changed(line, step, name, value, out);
		else if (value || !sets(line, without_newline(line, step), name))
			kl_buf_add(out, line, step);
	}
	if (!value || change)
		return;
	if (out->len && out->data[out->len - 1] != '\n')
		kl_buf_add_char(out, '\n');
	kl_config_line_print(name, value, out);
	kl_buf_add_char(out, '\n');
}
