/* Titles, names and messages come from packs and servers: nothing of them is to break a line, a table or a path. */

#include "core/portfolio/git/git_int.h"

#include <ctype.h>

#include <utf8proc.h>

#define NAME_MAX_BYTES 80

/* The next character: its bytes, or one invalid byte with point -1. */
static size_t next(int32_t *point, const char *text, size_t left)
{
	utf8proc_int32_t found = -1;
	utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)left, &found);

	*point = len > 0 ? found : -1;
	return len > 0 ? (size_t)len : 1;
}

static bool is_control(int32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
	       (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

void plain_line(struct kl_buf *out, const char *text, size_t max)
{
	size_t left = strlen(text), start = out->len, len;
	int32_t point;

	for (; left; text += len, left -= len) {
		len = next(&point, text, left);
		if (out->len - start + len > max)
			return;
		if (point < 0)
			kl_buf_add_char(out, '?');
		else if (is_control(point))
			kl_buf_add_char(out, ' ');
		else
			kl_buf_add(out, text, len);
	}
}

void plain_markdown(struct kl_buf *out, const char *text)
{
	struct kl_buf line;

	kl_buf_init(&line, 4096);
	plain_line(&line, text, line.max);
	for (const char *at = line.data; *at; at++) {
		if (*at == '&') {
			kl_buf_add_str(out, "&amp;");
			continue;
		}
		if (strchr("\\`*_{}[]<>()#+-.!|~@:", *at))
			kl_buf_add_char(out, '\\');
		kl_buf_add_char(out, *at);
	}
	kl_buf_release(&line);
}

/* A dot only behind a letter or digit: no hidden names, no "..". What is replaced becomes one dash. */
static bool fits_name(const struct kl_buf *name, char byte)
{
	unsigned char last = name->len ? (unsigned char)name->data[name->len - 1] : '.';

	if ((unsigned char)byte >= 0x80)
		return false;
	return isalnum((unsigned char)byte) || strchr("-_+", byte) || (byte == '.' && isalnum(last));
}

char *name_safe(const char *text)
{
	struct kl_buf name;
	bool replaced = false;

	kl_buf_init(&name, NAME_MAX_BYTES);
	for (; *text; text++) {
		bool fits = fits_name(&name, *text);

		if (fits || !replaced)
			kl_buf_add_char(&name, fits ? *text : '-');
		replaced = !fits;
	}
	while (name.len && name.data[name.len - 1] == '.') /* Windows drops it */
		kl_buf_cut(&name, name.len - 1);
	if (!name.len)
		kl_buf_add_str(&name, "untitled");
	return kl_buf_detach(&name);
}
