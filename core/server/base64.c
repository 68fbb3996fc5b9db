/* base64, Ruby's way (pack("m"), unpack("m")): that is what clients of Judge0 were written against. */

#include "core/server/base64.h"

#include <stdint.h>

#include <kodelab/alloc.h>

#define LINE_BYTES 45 /* make 60 characters */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 52;
	return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

char *base64_take(size_t *len, const char *text, size_t text_len)
{
	char *bytes = kl_alloc(text_len / 4 * 3 + 4);
	uint32_t bits = 0;
	unsigned count = 0;

	*len = 0;
	for (size_t i = 0; i < text_len && text[i] != '='; i++) {
		int value = value_of(text[i]);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		bytes[(*len)++] = (char)(bits >> count & 0xff);
	}
	bytes[*len] = '\0';
	return bytes;
}

/* At most three bytes. */
static void put(char to[4], const unsigned char *bytes, size_t len)
{
	uint32_t bits = (uint32_t)bytes[0] << 16 | (len > 1 ? (uint32_t)bytes[1] << 8 : 0) | (len > 2 ? bytes[2] : 0U);

	to[0] = digits[bits >> 18];
	to[1] = digits[bits >> 12 & 63];
	to[2] = len > 1 ? digits[bits >> 6 & 63] : '=';
	to[3] = len > 2 ? digits[bits & 63] : '=';
}

void base64_json(struct kl_buf *out, const char *bytes, size_t len)
{
	kl_buf_add_char(out, '"');
	for (size_t at = 0; at < len; at += LINE_BYTES) {
		size_t count = len - at < LINE_BYTES ? len - at : LINE_BYTES, used = 0;
		char line[LINE_BYTES / 3 * 4 + 4];

		for (size_t i = 0; i < count; i += 3, used += 4)
			put(line + used, (const unsigned char *)bytes + at + i, count - i);
		kl_buf_add(out, line, used);
		kl_buf_add(out, "\\n", 2);
	}
	kl_buf_add_char(out, '"');
}
