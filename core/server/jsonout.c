/* JSON, written. */

#include "core/server/jsonout.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <kodelab/visible.h>

static bool plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void add_escape(struct kl_buf *out, unsigned char byte)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *found = byte ? strchr(from, byte) : NULL;

	if (found)
		kl_buf_addf(out, "\\%c", to[found - from]);
	else
		kl_buf_addf(out, "\\u%04x", byte);
}

void jsonout_string(struct kl_buf *out, const char *text, size_t len)
{
	kl_buf_add_char(out, '"');
	for (size_t at = 0; at < len;) {
		size_t run = at, step;
		int code;

		while (run < len && plain((unsigned char)text[run]))
			run++;
		kl_buf_add(out, text + at, run - at);
		at = run;
		if (at == len)
			break;
		if ((unsigned char)text[at] < 0x80) {
			add_escape(out, (unsigned char)text[at++]);
			continue;
		}
		step = kl_utf8_decode(&code, text + at, len - at);
		kl_buf_add(out, code < 0 ? "\xef\xbf\xbd" : text + at, code < 0 ? 3 : step);
		at += step;
	}
	kl_buf_add_char(out, '"');
}

void jsonout_key(struct kl_buf *out, const char *name)
{
	char last = out->len ? out->data[out->len - 1] : '{';

	kl_buf_add_str(out, last == '{' || last == '[' ? "\"" : ",\"");
	kl_buf_add_str(out, name);
	kl_buf_add_str(out, "\":");
}

static void open_bracket(struct kl_buf *out, const char *name, char bracket)
{
	if (name)
		jsonout_key(out, name);
	else if (out->len && !strchr("{[:", out->data[out->len - 1]))
		kl_buf_add_char(out, ',');
	kl_buf_add_char(out, bracket);
}

void jsonout_object(struct kl_buf *out, const char *name)
{
	open_bracket(out, name, '{');
}

void jsonout_list(struct kl_buf *out, const char *name)
{
	open_bracket(out, name, '[');
}

void jsonout_text(struct kl_buf *out, const char *name, const char *text)
{
	jsonout_key(out, name);
	if (text)
		jsonout_string(out, text, strlen(text));
	else
		kl_buf_add_str(out, "null");
}

void jsonout_int(struct kl_buf *out, const char *name, int64_t value)
{
	jsonout_key(out, name);
	kl_buf_add_int(out, value);
}

void jsonout_float(struct kl_buf *out, double value)
{
	char text[40];

	snprintf(text, sizeof(text), "%.15g", value);
	kl_buf_add_str(out, text);
	if (!strpbrk(text, ".e"))
		kl_buf_add_str(out, ".0");
}

void jsonout_only(struct kl_buf *out, const char *name, const char *text)
{
	kl_buf_add_char(out, '{');
	jsonout_text(out, name, text);
	kl_buf_add_char(out, '}');
}

static void put_digits(char *at, int count, int value)
{
	for (; count; value /= 10)
		at[--count] = (char)('0' + value % 10);
}

/* Each line of the log begins with one: digit by digit that is a tenth of what strftime and snprintf take. */
void jsonout_time(char text[JSONOUT_TIME_SIZE], int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	memcpy(text, "0000-00-00T00:00:00.000Z", 25);
	put_digits(text, 4, tm.tm_year + 1900);
	put_digits(text + 5, 2, tm.tm_mon + 1);
	put_digits(text + 8, 2, tm.tm_mday);
	put_digits(text + 11, 2, tm.tm_hour);
	put_digits(text + 14, 2, tm.tm_min);
	put_digits(text + 17, 2, tm.tm_sec);
	put_digits(text + 20, 3, (int)(wall_ms % 1000));
}
