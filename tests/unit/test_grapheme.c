/* Clusters and widths, by tables: what a person would call one character, and the cells it takes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/grapheme.h>
#include <kodelab/visible.h>

#define FAMILY  "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7"
#define FLAG_DE "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"
#define FLAG_FR "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7"

static void single_clusters(void **state)
{
	static const struct {
		const char *cluster;
		int width, ascii_width;
	} cases[] = {
		{ "a", 1, 1 },
		{ "\n", 0, 0 },
		{ "\r\n", 0, 0 },
		{ "\t", 1, 1 },
		{ "\x1b", 2, 2 },
		{ "\x7f", 2, 2 },
		{ "\xff", 4, 4 },
		{ "\xc2\x9b", 8, 8 },
		{ "\xc3\xa9", 1, 8 },
		{ "e\xcc\x81", 1, 9 },
		{ "\xe4\xb8\x96", 2, 8 }, /* CJK */
		{ "\xef\xbc\xa1", 2, 8 }, /* fullwidth A */
		{ "\xea\xb0\x80", 2, 8 }, /* Hangul syllable */
		{ "\xe1\x84\x80\xe1\x85\xa1", 2, 16 }, /* the same in jamo */
		{ "\xf0\x9f\x98\x80", 2, 9 }, /* emoji */
		{ FAMILY, 2, 43 },
		{ FLAG_DE, 2, 18 },
		{ "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", 2, 18 }, /* skin tone */
		{ "\xe2\x9d\xa4\xef\xb8\x8f", 2, 16 }, /* heart, emoji form */
		{ "\xe2\x9d\xa4", 1, 8 }, /* heart, text form */
		{ "1\xef\xb8\x8f\xe2\x83\xa3", 2, 17 }, /* keycap */
		{ "\xe2\x80\xae", 8, 8 }, /* bidi override, shown */
		{ "\xcc\x81", 8, 8 }, /* a mark alone, shown */
		{ "\xe2\x96\xbd", 1, 8 }, /* ambiguous: narrow */
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		size_t len = strlen(cases[i].cluster);
		char text[64];

		snprintf(text, sizeof(text), "%sz", cases[i].cluster);
		assert_int_equal(kl_grapheme_next(text, len + 1), len);
		assert_int_equal(kl_grapheme_next(text, len), len);
		assert_int_equal(kl_grapheme_last(text, len), len);
		assert_int_equal(kl_grapheme_last(text, len + 1), 1);
		assert_int_equal(kl_grapheme_width(text, len, 0), cases[i].width);
		assert_int_equal(kl_grapheme_width(text, len, KL_VISIBLE_ASCII), cases[i].ascii_width);
	}
	assert_int_equal(kl_grapheme_next("", 0), 0);
	assert_int_equal(kl_grapheme_last("", 0), 0);
}

static void neighbours(void **state)
{
	static const struct {
		const char *text;
		size_t first;
	} cases[] = {
		{ FLAG_DE FLAG_FR, 8 }, { "\xcc\x81z", 2 },        { "\x1b\xcc\x81", 1 }, { "\xff\xcc\x81", 1 },
		{ "a\xe2\x80\xae", 1 }, { "\xc3\xa9\xc3\xa9", 2 }, { FAMILY FAMILY, 18 }, { "\r\r\n", 1 },
		{ "\n\r", 1 },          { "e\xcc\x81\xff", 3 },    { "\xe2\x82", 1 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_int_equal(kl_grapheme_next(cases[i].text, strlen(cases[i].text)), cases[i].first);
}

static void towers_are_cut(void **state)
{
	char tower[1 + 2 * 1000];
	size_t clusters = 0;

	(void)state;
	tower[0] = 'e';
	for (size_t i = 0; i < 1000; i++)
		memcpy(tower + 1 + 2 * i, "\xcc\x81", 2);
	for (size_t at = 0, size; at < sizeof(tower); at += size, clusters++) {
		size = kl_grapheme_next(tower + at, sizeof(tower) - at);
		assert_true(size > 0 && size <= KL_GRAPHEME_MAX);
	}
	assert_int_equal(clusters, (1001 + KL_GRAPHEME_CODES - 1) / KL_GRAPHEME_CODES);
}

/* The width of a cluster is the width of what kl_visible makes of it: the screen and the cursor agree. */
static void widths_agree_with_what_is_shown(void **state)
{
	static const char *const parts[] = {
		"a",
		"\xcc\x81",
		"\x1b",
		"\xff",
		"\xe4\xb8\x96",
		"\xe2\x80\x8d",
		"\xf0\x9f\x91\xa9",
		"\xef\xb8\x8f",
		"\xc2\x9b",
		"1",
		"\xf0\x9f\x87\xa9",
		"\xe2\x80\xae",
		"\xe1\x85\xa1",
		" ",
	};
	uint32_t seed = 5;
	struct kl_buf out;

	(void)state;
	kl_buf_init(&out, 1000);
	for (int round = 0; round < 20000; round++) {
		char text[64] = "";
		size_t len = 0;

		for (int i = 0; i < 8; i++) {
			const char *part;

			seed = seed * 1664525 + 1013904223;
			part = parts[(seed >> 16) % KL_LENGTH(parts)];
			memcpy(text + len, part, strlen(part));
			len += strlen(part);
		}
		for (size_t at = 0, size; at < len; at += size) {
			size_t shown = 0;

			size = kl_grapheme_next(text + at, len - at);
			kl_buf_clear(&out);
			kl_visible(&out, text + at, size, 0);
			for (size_t i = 0, step; i < out.len; i += step) {
				step = kl_grapheme_next(out.data + i, out.len - i);
				shown += (size_t)kl_grapheme_width(out.data + i, step, 0);
			}
			assert_int_equal(kl_grapheme_width(text + at, size, 0), shown);
		}
	}
	kl_buf_release(&out);
}

static void whole_texts(void **state)
{
	size_t used;

	(void)state;
	assert_int_equal(kl_text_width("abc", 3, 0), 3);
	assert_int_equal(kl_text_width("a\xe4\xb8\x96"
				       "e\xcc\x81" FAMILY,
				       1 + 3 + 3 + 18, 0),
			 6);
	assert_int_equal(kl_text_fit("abc", 3, 2, 0, &used), 2);
	assert_int_equal(used, 2);
	assert_int_equal(kl_text_fit("a\xe4\xb8\x96"
				     "b",
				     5, 2, 0, &used),
			 1); /* never half a character */
	assert_int_equal(used, 1);
	assert_int_equal(kl_text_fit("e\xcc\x81x", 4, 1, 0, &used), 3);
	assert_int_equal(kl_text_fit("", 0, 5, 0, NULL), 0);
	assert_int_equal(kl_text_fit("abc", 3, 0, 0, &used), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_clusters), cmocka_unit_test(neighbours),
		cmocka_unit_test(towers_are_cut),  cmocka_unit_test(widths_agree_with_what_is_shown),
		cmocka_unit_test(whole_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
