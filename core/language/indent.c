/* Indentation from tables of words, and bracket pairs, on lines whose spans are known. */

#include <kodelab/indent.h>

#include <string.h>

#include <kodelab/alloc.h>

#define HERE ((size_t)-1)

/* clang-format off */

/* Words separated by blanks; a language without a row goes by its brackets alone. */
static const struct shape {
	const char *id;
	const char *ends;   /* the line ends with it: the next one is deeper */
	const char *begins; /* the line begins with it: the same */
	const char *closes; /* the line begins with it: it stands one step to the left */
	const char *leaves; /* the line begins with it: nothing can follow on its level */
	const char *shuts;  /* the line also ends what it began: "if x then y end" */
} shapes[] = {
	{ "python", ":", "", "elif else except finally", "return break continue pass raise", "" },
	{ "bash", "then do else in", "", "fi done esac else elif", "", "" },
	{ "ruby", "do |", "def class module if unless while until case for begin else elsif ensure rescue when",
	  "end else elsif ensure rescue when", "", "end" },
};

/* clang-format on */

static const struct shape *shape_of(const struct kl_language *language)
{
	static const struct shape none = { "", "", "", "", "", "" };

	for (size_t i = 0; language && i < KL_LENGTH(shapes); i++)
		if (!strcmp(shapes[i].id, language->id))
			return &shapes[i];
	return &none;
}

static bool is_quiet(enum kl_token token)
{
	return token == KL_TOKEN_STRING || token == KL_TOKEN_ESCAPE || token == KL_TOKEN_COMMENT;
}

bool kl_code_at(const struct kl_code_line *line, size_t at)
{
	size_t low = 0, high = line->span_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (line->spans[middle].start + line->spans[middle].len <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low == line->span_count || line->spans[low].start > at || !is_quiet(line->spans[low].token);
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool is_word_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       byte == '_' || (unsigned char)byte >= 0x80;
}

static size_t first_text(const struct kl_code_line *line)
{
	size_t at = 0;

	while (at < line->len && is_blank(line->text[at]))
		at++;
	return at;
}

/* The end of the code of the line: without comment and blanks behind it. */
static size_t code_end(const struct kl_code_line *line)
{
	size_t end = line->len, span = line->span_count;

	for (;;) {
		while (end && is_blank(line->text[end - 1]))
			end--;
		while (span && line->spans[span - 1].start >= end)
			span--;
		if (!end || !span || line->spans[span - 1].token != KL_TOKEN_COMMENT ||
		    line->spans[span - 1].start + line->spans[span - 1].len < end)
			return end;
		end = line->spans[span - 1].start;
	}
}

size_t kl_indent_columns(const char *text, size_t len, size_t tab_width)
{
	size_t columns = 0;

	for (size_t i = 0; i < len && (text[i] == ' ' || text[i] == '\t'); i++)
		columns += text[i] == '\t' ? tab_width - columns % tab_width : 1;
	return columns;
}

/* Is one of the words at this place of the line, as a whole word and as code? */
static bool has_word_at(const struct kl_code_line *line, size_t at, const char *words)
{
	while (*words) {
		size_t len = strcspn(words, " "), after = at + len;

		if (len <= line->len - at && !memcmp(line->text + at, words, len) && kl_code_at(line, at) &&
		    (!is_word_byte(words[len - 1]) || after == line->len || !is_word_byte(line->text[after])))
			return true;
		words += len + (words[len] == ' ');
	}
	return false;
}

static bool begins_with(const struct kl_code_line *line, const char *words)
{
	size_t at = first_text(line);

	return at < line->len && has_word_at(line, at, words);
}

static bool ends_with(const struct kl_code_line *line, const char *words)
{
	size_t end = code_end(line), at = end;

	if (!end)
		return false;
	if (!is_word_byte(line->text[end - 1]))
		return has_word_at(line, end - 1, words);
	while (at && is_word_byte(line->text[at - 1]))
		at--;
	return has_word_at(line, at, words);
}

/* Brackets opened and not closed again, those closed before any was opened left out; closed: how many of those. */
static size_t open_brackets(const struct kl_code_line *line, size_t *closed)
{
	size_t open = 0;

	*closed = 0;
	for (size_t at = 0; at < line->len; at++) {
		char byte = line->text[at];

		if (!byte || !strchr("([{)]}", byte) || !kl_code_at(line, at))
			continue;
		if (strchr("([{", byte))
			open++;
		else if (open)
			open--;
		else
			++*closed;
	}
	return open;
}

static bool begins_with_close(const struct kl_code_line *line)
{
	size_t at = first_text(line);

	return at < line->len && line->text[at] && strchr(")]}", line->text[at]) && kl_code_at(line, at);
}

int kl_indent_after(const struct kl_language *language, const struct kl_code_line *line)
{
	const struct shape *shape = shape_of(language);
	size_t closed, open = open_brackets(line, &closed);

	if (open || ends_with(line, shape->ends))
		return 1;
	if (begins_with(line, shape->begins) && !ends_with(line, shape->shuts))
		return 1;
	if (begins_with(line, shape->leaves))
		return -1;
	return closed && !begins_with_close(line) ? -1 : 0;
}

bool kl_indent_closes(const struct kl_language *language, const struct kl_code_line *line)
{
	return begins_with_close(line) || begins_with(line, shape_of(language)->closes);
}

size_t kl_indent_for(const struct kl_language *language, const struct kl_code_line *above,
		     const struct kl_code_line *line, size_t step, size_t tab_width)
{
	size_t columns = kl_indent_columns(above->text, above->len, tab_width);
	int steps = kl_indent_after(language, above);

	/* What follows "return" has gone back already: "else" does not go back once more. */
	if (kl_indent_closes(language, line) && !begins_with(above, shape_of(language)->leaves))
		steps--;
	if (steps > 0)
		return columns + step;
	if (steps < 0)
		return columns > step ? columns - step : 0;
	return columns;
}

bool kl_bracket_begin(struct kl_bracket *bracket, const struct kl_code_line *line, size_t at)
{
	static const char pairs[] = "()[]{}";
	const char *found = at < line->len && line->text[at] ? strchr(pairs, line->text[at]) : NULL;
	size_t index;

	if (!found || !kl_code_at(line, at))
		return false;
	index = (size_t)(found - pairs);
	*bracket = (struct kl_bracket){
		.own = pairs[index],
		.partner = pairs[index ^ 1],
		.forward = index % 2 == 0,
		.from = at,
	};
	return true;
}

bool kl_bracket_in(struct kl_bracket *bracket, const struct kl_code_line *line, size_t *at)
{
	size_t place = bracket->forward ? 0 : line->len, left = line->len;

	if (bracket->from != HERE) {
		place = bracket->from + !bracket->forward;
		left = bracket->forward ? line->len - bracket->from : place;
		bracket->from = HERE;
	}
	for (; left; left--) {
		size_t here = bracket->forward ? place++ : --place;
		char byte = line->text[here];

		if ((byte != bracket->own && byte != bracket->partner) || !kl_code_at(line, here))
			continue;
		bracket->depth += byte == bracket->own ? 1 : (size_t)-1;
		if (bracket->depth == 0) {
			*at = here;
			return true;
		}
	}
	return false;
}
