/* What reaches a terminal: nothing that it would obey, nothing that deceives the eye. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/visible.h>

static void forms(void **state)
{
	static const struct {
		const char *text;
		unsigned flags;
		const char *want;
	} cases[] = {
		{ "plain", 0, "plain" },
		{ "a\nb\tc", 0, "a^Jb^Ic" },
		{ "a\nb\tc", KL_VISIBLE_NEWLINE | KL_VISIBLE_TAB, "a\nb\tc" },
		{ "\x1b[31m\a\r\x7f", 0, "^[[31m^G^M^?" },
		{ "\x9b"
		  "31m",
		  0, "<9b>31m" },
		{ "\xc2\x9b"
		  "31m",
		  0, "<U+009B>31m" },
		{ "\xc2\x85\xc2\xa0", 0, "<U+0085>\xc2\xa0" },
		{ "if (x\xe2\x80\xae)", 0, "if (x<U+202E>)" },
		{ "\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8f\xd8\x9c", 0, "<U+2066><U+2069><U+200F><U+061C>" },
		{ "a\xe2\x80\x8b"
		  "b\xef\xbb\xbf"
		  "c\xc2\xad",
		  0, "a<U+200B>b<U+FEFF>c<U+00AD>" },
		{ "a\xe2\x80\xa8"
		  "b",
		  0, "a<U+2028>b" },
		{ "caf\xc3\xa9 \xe4\xb8\x96", 0, "caf\xc3\xa9 \xe4\xb8\x96" },
		{ "caf\xc3\xa9", KL_VISIBLE_ASCII, "caf<U+00E9>" },
		{ "\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80", 0, "<ff><c0><af><ed><a0><80><f4><90><80><80>" },
		{ "\xe2\x82", 0, "<e2><82>" },
		{ "\xef\xbf\xbe\xef\xb7\x90", 0, "<U+FFFE><U+FDD0>" },
		{ "\xf3\xa0\x81\xa1", 0, "<U+E0061>" },
		{ "\xe3\x85\xa4", 0, "<U+3164>" },
		/* joiners: between letters that want them, not between ASCII */
		{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7", 0, "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7" },
		{ "pass\xe2\x80\x8dword", 0, "pass<U+200D>word" },
		{ "1\xef\xb8\x8f\xe2\x83\xa3", 0, "1\xef\xb8\x8f\xe2\x83\xa3" },
		{ "a\xef\xb8\x8f", 0, "a<U+FE0F>" },
		/* a mark needs something to sit on */
		{ "e\xcc\x81", 0, "e\xcc\x81" },
		{ "\xcc\x81", 0, "<U+0301>" },
		{ "\x01\xcc\x81", 0, "^A<U+0301>" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		char *got = kl_visible_dup(cases[i].text, cases[i].flags);

		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

/* No byte string whatever gives a control byte, and what comes out is UTF-8 (or ASCII when asked). */
static void nothing_gets_through(void **state)
{
	uint32_t seed = 99;
	struct kl_buf out;
	char bytes[64];

	(void)state;
	kl_buf_init(&out, 4096);
	for (int round = 0; round < 20000; round++) {
		unsigned flags = round & 1 ? KL_VISIBLE_ASCII : 0;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (char)(seed >> 24);
			if (round & 2 && seed >> 23 & 1)
				bytes[i] = "\xe2\x80\xc2\x9b\x1b\xef\xbb"[seed >> 16 & 7 ? seed >> 16 & 3 : 6];
		}
		kl_buf_clear(&out);
		assert_true(kl_visible(&out, bytes, sizeof(bytes), flags));
		assert_true(kl_utf8_valid(out.data, out.len));
		for (size_t at = 0, size; at < out.len; at += size) {
			int code;

			size = kl_utf8_decode(&code, out.data + at, out.len - at);
			assert_true(code >= 0x20 && code != 0x7f && (code < 0x80 || code > 0x9f));
			assert_true(!flags || code < 0x80);
		}
	}
	kl_buf_release(&out);
}

static void one_character(void **state)
{
	char form[KL_VISIBLE_MAX];

	(void)state;
	assert_int_equal(kl_visible_char(form, "\x1b[", 2, 0), 1);
	assert_string_equal(form, "^[");
	assert_int_equal(kl_visible_char(form, "\xe2\x80\xae", 3, 0), 3);
	assert_string_equal(form, "<U+202E>");
	assert_int_equal(kl_visible_char(form, "\xe2\x80\x8d", 3, 0), 3);
	assert_string_equal(form, "");
	assert_int_equal(kl_visible_char(form, "\xf4\x8f\xbf\xbf", 4, KL_VISIBLE_ASCII), 4);
	assert_string_equal(form, "<U+10FFFF>");
	assert_int_equal(kl_visible_char(form, "x", 1, 0), 1);
	assert_string_equal(form, "");
}

static void maximum_holds(void **state)
{
	struct kl_buf out;

	(void)state;
	kl_buf_init(&out, 5);
	assert_false(kl_visible(&out, "abc\x1b\x1b", 5, 0));
	assert_string_equal(out.data, "abc^[");
	assert_true(out.truncated);
	kl_buf_release(&out);
}

static void no_half_of_a_character(void **state)
{
	static const char accents[] = "e\xcc\x81\xf0\x9f\x98\x80";

	(void)state;
	assert_int_equal(kl_utf8_fit(accents, 7, 7), 7);
	assert_int_equal(kl_utf8_fit(accents, 7, 100), 7);
	assert_int_equal(kl_utf8_fit(accents, 7, 6), 3);
	assert_int_equal(kl_utf8_fit(accents, 7, 3), 3);
	assert_int_equal(kl_utf8_fit(accents, 7, 2), 1);
	assert_int_equal(kl_utf8_fit("\x81\x81\x81", 3, 2), 0);
	assert_int_equal(kl_utf8_fit("", 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(nothing_gets_through),
		cmocka_unit_test(one_character),
		cmocka_unit_test(maximum_holds),
		cmocka_unit_test(no_half_of_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
