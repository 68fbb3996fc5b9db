/* Untrusted bytes made visible: one table of what never passes, and the context that combining characters need. */

#include <kodelab/visible.h>

#include <stdint.h>
#include <utf8proc.h>

#include <kodelab/alloc.h>

#include "core/text/grapheme_int.h"

/* Ranges that are shown although Unicode's categories (Cc, Cf, Cs, Zl, Zp) do not say so. */
static const struct {
	int first, last;
} hidden[] = {
	{ 0x034f, 0x034f }, /* combining grapheme joiner */
	{ 0x115f, 0x1160 }, /* Hangul fillers: letters that cannot be seen */
	{ 0x17b4, 0x17b5 }, /* Khmer inherent vowels: the same */
	{ 0x3164, 0x3164 }, /* Hangul filler */
	{ 0xfdd0, 0xfdef }, /* noncharacters */
	{ 0xffa0, 0xffa0 }, /* halfwidth Hangul filler */
	{ 0xe0000, 0xe007f }, /* tags: a whole ASCII text can hide in them */
};

/* --- UTF-8 ------------------------------------------------------------------------------------------------------ */

size_t kl_utf8_decode(int *code, const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t size = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
	static const int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int value;

	*code = at[0];
	if (at[0] < 0x80)
		return 1;
	*code = -1;
	if (at[0] < 0xc2 || at[0] > 0xf4 || len < size)
		return 1;
	value = at[0] & (0x7f >> size);
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (at[i] & 0x3f);
	}
	if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 1;
	*code = value;
	return size;
}

size_t kl_utf8_fit(const char *bytes, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max && ((unsigned char)bytes[max] & 0xc0) == 0x80)
		max--;
	return max;
}

bool kl_utf8_valid(const char *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		int code;

		at += kl_utf8_decode(&code, bytes + at, len - at);
		if (code < 0)
			return false;
	}
	return true;
}

/* --- what passes ------------------------------------------------------------------------------------------------ */

static bool is_hidden(int code)
{
	if ((code & 0xfffe) == 0xfffe)
		return true; /* the last two of every plane are noncharacters */
	for (size_t i = 0; i < KL_LENGTH(hidden); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return false;
}

static bool is_joiner(int code)
{
	return code == 0x200c || code == 0x200d || (code >= 0xfe00 && code <= 0xfe0f) ||
	       (code >= 0xe0100 && code <= 0xe01ef) || (code >= 0x180b && code <= 0x180d);
}

/* A joiner does its work between letters of scripts that need it, and in emoji ("1" + U+FE0F + U+20E3 is one). */
static bool may_join(int code, int before)
{
	if (before >= 0x80)
		return true;
	return code == 0xfe0f && before > 0 && strchr("0123456789#*", before);
}

bool kl_code_passes(int code, int before, unsigned flags)
{
	if (code < 0)
		return false;
	if (code == '\n')
		return flags & KL_VISIBLE_NEWLINE;
	if (code == '\t')
		return flags & KL_VISIBLE_TAB;
	if (code < 0x80)
		return code >= 0x20 && code != 0x7f;
	if (flags & KL_VISIBLE_ASCII)
		return false;
	if (is_joiner(code))
		return may_join(code, before);
	switch (utf8proc_category(code)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return false;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
		return before >= 0x20 && !is_hidden(code); /* without a letter it would sit on a stranger's */
	default:
		return !is_hidden(code);
	}
}

size_t kl_code_form(char form[KL_VISIBLE_MAX], int code, char byte)
{
	int len;

	if (code < 0)
		len = snprintf(form, KL_VISIBLE_MAX, "<%02x>", (unsigned char)byte);
	else if (code < 0x20 || code == 0x7f)
		len = snprintf(form, KL_VISIBLE_MAX, "^%c", code ^ 0x40);
	else
		len = snprintf(form, KL_VISIBLE_MAX, "<U+%04X>", (unsigned)code);
	return (size_t)len;
}

/* --- whole texts ------------------------------------------------------------------------------------------------ */

static size_t plain_run(const char *bytes, size_t len)
{
	size_t run = 0;

	while (run < len && bytes[run] >= 0x20 && bytes[run] < 0x7f)
		run++;
	return run;
}

bool kl_visible(struct kl_buf *out, const char *bytes, size_t len, unsigned flags)
{
	int before = -1; /* the code point this one would combine with */
	bool fits = true;

	for (size_t at = 0; at < len && fits;) {
		size_t size = plain_run(bytes + at, len - at);
		char form[KL_VISIBLE_MAX];
		int code;

		if (size) {
			fits = kl_buf_add(out, bytes + at, size);
			at += size;
			before = (unsigned char)bytes[at - 1];
			continue;
		}
		size = kl_utf8_decode(&code, bytes + at, len - at);
		if (kl_code_passes(code, before, flags)) {
			fits = kl_buf_add(out, bytes + at, size);
			before = code;
		} else {
			fits = kl_buf_add(out, form, kl_code_form(form, code, bytes[at]));
			before = -1;
		}
		at += size;
	}
	return fits;
}

char *kl_visible_dup(const char *text, unsigned flags)
{
	struct kl_buf out;

	kl_buf_init(&out, SIZE_MAX - 1);
	kl_visible(&out, text, strlen(text), flags);
	return kl_buf_detach(&out);
}

size_t kl_visible_char(char form[KL_VISIBLE_MAX], const char *bytes, size_t len, unsigned flags)
{
	const int some_letter = 0x3b1; /* after it, joiners and marks may pass */
	int code;
	size_t size = kl_utf8_decode(&code, bytes, len);

	form[0] = '\0';
	if (!kl_code_passes(code, some_letter, flags))
		kl_code_form(form, code, bytes[0]);
	return size;
}
