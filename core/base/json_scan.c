/*
 * The guard in front of cJSON: RFC 8259 to the letter, valid UTF-8, at most KL_JSON_DEPTH_MAX levels, and for
 * each value its line and digits. What passes here, cJSON parses, into a tree whose nodes come in the same order.
 */

#include <stdbool.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>

#include "core/base/json_int.h"

struct scanner {
	const char *name;
	const unsigned char *text, *at, *end;
	int line;
	const unsigned char *line_start;
	int depth;
	struct kl_json_scan *out;
	struct kl_error *err;
};

static enum kl_status scan_value(struct scanner *scan);

static enum kl_status refuse(struct scanner *scan, const char *sentence)
{
	size_t column = 1;

	for (const unsigned char *at = scan->line_start; at < scan->at; at++)
		column += (*at & 0xc0) != 0x80; /* a character's first byte */
	return kl_fail(scan->err, KL_EINVAL, "%s:%d: %s at column %zu", scan->name, scan->line, sentence, column);
}

static int peek(const struct scanner *scan)
{
	return scan->at < scan->end ? *scan->at : -1;
}

static void skip_blanks(struct scanner *scan)
{
	for (int byte; (byte = peek(scan)) == ' ' || byte == '\t' || byte == '\r' || byte == '\n';) {
		scan->at++;
		if (byte == '\n') {
			scan->line++;
			scan->line_start = scan->at;
		}
	}
}

/* --- strings ---------------------------------------------------------------------------------------------------- */

/* Length of the well-formed sequence at the scanner (RFC 3629: no overlong forms, surrogates, or > U+10FFFF); 0: none. */
static size_t utf8_length(const struct scanner *scan)
{
	const unsigned char *at = scan->at;
	size_t left = (size_t)(scan->end - at);
	unsigned char low = 0x80, high = 0xbf;
	size_t len = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;

	if (*at < 0xc2 || *at > 0xf4 || left < len)
		return 0;
	if (*at == 0xe0)
		low = 0xa0;
	else if (*at == 0xed)
		high = 0x9f;
	else if (*at == 0xf0)
		low = 0x90;
	else if (*at == 0xf4)
		high = 0x8f;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static int hex_digit(int byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

/* The four digits after "\u" at offset; -1 when they are not there. */
static int hex_at(const struct scanner *scan, size_t offset)
{
	int unit = 0;

	if ((size_t)(scan->end - scan->at) < offset + 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int digit = hex_digit(scan->at[offset + i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static enum kl_status scan_unicode(struct scanner *scan)
{
	int unit = hex_at(scan, 2);
	int second;

	if (unit < 0)
		return refuse(scan, "expected four hexadecimal digits after '\\u'");
	if (unit == 0)
		return refuse(scan, "'\\u0000' cannot be part of a text");
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return refuse(scan, "half a surrogate pair");
	if (unit < 0xd800 || unit > 0xdbff) {
		scan->at += 6;
		return KL_OK;
	}
	second = scan->end - scan->at >= 12 && scan->at[6] == '\\' && scan->at[7] == 'u' ? hex_at(scan, 8) : -1;
	if (second < 0xdc00 || second > 0xdfff)
		return refuse(scan, "half a surrogate pair");
	scan->at += 12;
	return KL_OK;
}

static enum kl_status scan_escape(struct scanner *scan)
{
	int byte = scan->end - scan->at > 1 ? scan->at[1] : -1;

	if (byte == 'u')
		return scan_unicode(scan);
	if (byte < 1 || !strchr("\"\\/bfnrt", byte))
		return refuse(scan, "unknown escape (write '\\\\' for a backslash)");
	scan->at += 2;
	return KL_OK;
}

static enum kl_status scan_string(struct scanner *scan)
{
	scan->at++;
	for (int byte; (byte = peek(scan)) != '"';) {
		if (byte < 0 || byte == '\n')
			return refuse(scan, "a text without its closing '\"'");
		if (byte < 0x20)
			return refuse(scan, "a control character in a text (write '\\t', '\\n', ...)");
		if (byte == '\\') {
			enum kl_status status = scan_escape(scan);

			if (status)
				return status;
		} else {
			size_t len = byte < 0x80 ? 1 : utf8_length(scan);

			if (!len)
				return refuse(scan, "not valid UTF-8");
			scan->at += len;
		}
	}
	scan->at++;
	return KL_OK;
}

/* --- numbers and words ------------------------------------------------------------------------------------------ */

static bool skip_digits(struct scanner *scan)
{
	const unsigned char *start = scan->at;

	while (peek(scan) >= '0' && peek(scan) <= '9')
		scan->at++;
	return scan->at > start;
}

static enum kl_status scan_number(struct scanner *scan, struct kl_json_value *value)
{
	const unsigned char *start = scan->at;

	if (peek(scan) == '-')
		scan->at++;
	if (peek(scan) == '0' && scan->end - scan->at > 1 && scan->at[1] >= '0' && scan->at[1] <= '9')
		return refuse(scan, "a number must not begin with '0'");
	if (!skip_digits(scan))
		return refuse(scan, "expected a digit");
	if (peek(scan) == '.') {
		scan->at++;
		if (!skip_digits(scan))
			return refuse(scan, "expected a digit after '.'");
	}
	if (peek(scan) == 'e' || peek(scan) == 'E') {
		scan->at++;
		if (peek(scan) == '+' || peek(scan) == '-')
			scan->at++;
		if (!skip_digits(scan))
			return refuse(scan, "expected a digit in the exponent");
	}
	value->digits = (size_t)(start - scan->text);
	value->digits_len = (size_t)(scan->at - start);
	return KL_OK;
}

static enum kl_status scan_word(struct scanner *scan)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < KL_LENGTH(words); i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(scan->end - scan->at) >= len && !memcmp(scan->at, words[i], len)) {
			scan->at += len;
			return KL_OK;
		}
	}
	if (scan->at == scan->end)
		return refuse(scan, "the text ends where a value is expected");
	return refuse(scan, "expected a value");
}

/* --- arrays and objects ----------------------------------------------------------------------------------------- */

static enum kl_status scan_member(struct scanner *scan)
{
	enum kl_status status;

	if (peek(scan) != '"')
		return refuse(scan, "expected a key in '\"'");
	status = scan_string(scan);
	if (status)
		return status;
	skip_blanks(scan);
	if (peek(scan) != ':')
		return refuse(scan, "expected ':'");
	scan->at++;
	skip_blanks(scan);
	return scan_value(scan);
}

static enum kl_status scan_items(struct scanner *scan, char close)
{
	enum kl_status status;

	scan->at++;
	skip_blanks(scan);
	if (peek(scan) == close) {
		scan->at++;
		return KL_OK;
	}
	for (;;) {
		status = close == '}' ? scan_member(scan) : scan_value(scan);
		if (status)
			return status;
		skip_blanks(scan);
		if (peek(scan) == close) {
			scan->at++;
			return KL_OK;
		}
		if (peek(scan) != ',')
			return refuse(scan, close == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
		scan->at++;
		skip_blanks(scan);
		if (peek(scan) == close)
			return refuse(scan, "a ',' with nothing after it");
	}
}

static enum kl_status scan_nested(struct scanner *scan, char close)
{
	enum kl_status status;

	if (scan->depth == KL_JSON_DEPTH_MAX)
		return refuse(scan, "nested too deeply (over 64 levels)");
	scan->depth++;
	status = scan_items(scan, close);
	scan->depth--;
	return status;
}

static enum kl_status scan_value(struct scanner *scan)
{
	struct kl_json_scan *out = scan->out;
	struct kl_json_value *value;
	int byte = peek(scan);

	KL_GROW(out->values, out->count, out->capacity);
	value = &out->values[out->count++];
	*value = (struct kl_json_value){ .line = scan->line, .digits = KL_JSON_NO_DIGITS };
	if (byte == '{' || byte == '[')
		return scan_nested(scan, byte == '{' ? '}' : ']');
	if (byte == '"')
		return scan_string(scan);
	if (byte == '-' || (byte >= '0' && byte <= '9'))
		return scan_number(scan, value);
	return scan_word(scan);
}

enum kl_status kl_json_scan(struct kl_json_scan *out, const char *text, size_t len, const char *name,
			    struct kl_error *err)
{
	const unsigned char *bytes = (const unsigned char *)text;
	struct scanner scan = { .name = name,
				.text = bytes,
				.at = bytes,
				.end = bytes + len,
				.line = 1,
				.line_start = bytes,
				.out = out,
				.err = err };
	enum kl_status status;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		return refuse(&scan, "a byte order mark (save the file as plain UTF-8)");
	skip_blanks(&scan);
	status = scan_value(&scan);
	if (status)
		return status;
	skip_blanks(&scan);
	if (scan.at < scan.end)
		return refuse(&scan, "text after the end of the value");
	return KL_OK;
}
