/* Output as bytes and as lines. */

#include <kodelab/alloc.h>

#include "core/challenge/checker_int.h"

static bool is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* The word of text around at, which is none of its blanks. */
static struct kl_text word_around(struct kl_text text, size_t at)
{
	size_t start = at, end = at;

	while (start && !is_space(text.at[start - 1]))
		start--;
	while (end < text.len && !is_space(text.at[end]))
		end++;
	return (struct kl_text){ text.at + start, end - start };
}

/* clang-format off */
static const struct { char byte; const char *name; } blanks[] = {
	{ ' ', "a space" }, { '\t', "a tab" }, { '\n', "a new line" }, { '\r', "a carriage return" },
	{ '\f', "a form feed" }, { '\v', "a vertical tab" },
};
/* clang-format on */

static void show_at(struct kl_text text, size_t at, const char *end, struct kl_buf *out)
{
	if (at >= text.len) {
		kl_buf_add_str(out, end);
		return;
	}
	for (size_t i = 0; i < KL_LENGTH(blanks); i++) {
		if (text.at[at] == blanks[i].byte) {
			kl_buf_add_str(out, blanks[i].name);
			return;
		}
	}
	kl_show(word_around(text, at), out);
}

/* The first byte of the first character that differs. */
static size_t first_difference(struct kl_text left, struct kl_text right)
{
	size_t at = 0;

	while (at < left.len && at < right.len && left.at[at] == right.at[at])
		at++;
	while (at && at < left.len && (left.at[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static size_t column_of(const char *line, size_t len)
{
	size_t column = 1;

	for (size_t i = 0; i < len; i++)
		column += (line[i] & 0xc0) != 0x80;
	return column;
}

bool kl_check_exact(const struct kl_checker *checker, struct kl_text want, struct kl_text actual, struct kl_buf *why)
{
	size_t at = first_difference(want, actual), start = 0, line = 1;

	(void)checker;
	if (want.len == actual.len && at == want.len)
		return true;
	for (size_t i = 0; i < at; i++) {
		if (want.at[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	kl_buf_addf(why, "line %zu, column %zu: expected ", line, column_of(want.at + start, at - start));
	show_at(want, at, "the end of the output", why);
	kl_buf_add_str(why, ", got ");
	show_at(actual, at, "the end of the output", why);
	return false;
}

bool kl_check_lines(const struct kl_checker *checker, struct kl_text want, struct kl_text actual, struct kl_buf *why)
{
	struct kl_text left = { "", 0 }, right = { "", 0 };
	size_t at;

	(void)checker;
	want = kl_trim_end(want);
	actual = kl_trim_end(actual);
	for (size_t line = 1;; line++) {
		bool more = kl_take_line(&left, &want), got = kl_take_line(&right, &actual);

		if (!more && !got)
			return true;
		if (!more || !got) {
			kl_buf_addf(why,
				    more ? "line %zu: expected " : "line %zu: expected the end of the output, got ",
				    line);
			kl_show(more ? left : right, why);
			kl_buf_add_str(why, more ? ", but the output ends" : "");
			return false;
		}
		at = first_difference(left, right);
		if (left.len == right.len && at == left.len)
			continue;
		kl_buf_addf(why, "line %zu, column %zu: expected ", line, column_of(left.at, at));
		show_at(left, at, "the end of the line", why);
		kl_buf_add_str(why, ", got ");
		show_at(right, at, "the end of the line", why);
		return false;
	}
}

/* --- any order ---------------------------------------------------------------------------------------------------- */

static int by_text(const void *left, const void *right)
{
	const struct kl_text *a = left, *b = right;
	size_t least = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->at, b->at, least);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

static struct kl_text *sorted_lines(struct kl_text text, size_t *count)
{
	struct kl_text *lines = NULL, line;
	size_t capacity = 0;

	*count = 0;
	text = kl_trim_end(text);
	while (kl_take_line(&line, &text)) {
		KL_GROW(lines, *count, capacity);
		lines[(*count)++] = line;
	}
	if (*count)
		qsort(lines, *count, sizeof(*lines), by_text);
	return lines;
}

bool kl_check_unordered(const struct kl_checker *checker, struct kl_text want, struct kl_text actual,
			struct kl_buf *why)
{
	size_t count, got, i = 0;
	struct kl_text *left = sorted_lines(want, &count), *right = sorted_lines(actual, &got);
	bool same;

	(void)checker;
	while (i < count && i < got && !by_text(&left[i], &right[i]))
		i++;
	same = i == count && i == got;
	if (!same && i < count && (i == got || by_text(&left[i], &right[i]) < 0)) {
		kl_buf_add_str(why, "the line ");
		kl_show(left[i], why);
		kl_buf_add_str(why, " is missing");
	} else if (!same) {
		kl_buf_add_str(why, "the line ");
		kl_show(right[i], why);
		kl_buf_add_str(why,
			       i && !by_text(&right[i], &right[i - 1]) ? " is there too often" : " was not expected");
	}
	free(left);
	free(right);
	return same;
}
