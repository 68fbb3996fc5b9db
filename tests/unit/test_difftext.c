/*
 * Differences as text: "«" and "»" stand around what is in ROLE_DIFF_MARK, "‹" and "›" around ROLE_WHITESPACE.
 *
 * links: tui/ui/difftext.c tui/ui/lines.c tui/ui/canvas.c tui/ui/grid.c tui/ui/role.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tui/ui/difftext.h"

enum { TEXT_MAX = 64 << 20, CPU_MAX_MS = 2000 /* a twentieth of that is used; sanitizers need more */ };

static void add_line(struct kl_buf *out, const struct line *line)
{
	for (size_t i = 0; i < line->span_count; i++) {
		const struct line_span *span = &line->spans[i];
		bool mark = span->role == ROLE_DIFF_MARK, blank = span->role == ROLE_WHITESPACE;

		kl_buf_add_str(out, mark ? "«" : blank ? "‹" : "");
		kl_buf_add(out, line->text + span->start, span->len);
		kl_buf_add_str(out, mark ? "»" : blank ? "›" : "");
	}
	kl_buf_add_char(out, '\n');
}

static void assert_diff(struct difftext *diff, const char *expected, size_t differing)
{
	struct lines lines = { 0 };
	struct kl_buf is;

	kl_buf_init(&is, TEXT_MAX);
	assert_int_equal(difftext_add(&lines, diff), differing);
	for (size_t i = 0; i < lines.count; i++)
		add_line(&is, &lines.items[i]);
	assert_string_equal(is.data, expected);
	kl_buf_release(&is);
	lines_clear(&lines);
}

struct example {
	const char *want, *got, *diff;
	size_t differing;
};

static void assert_examples(const struct example *cases, size_t count, bool ascii, bool code)
{
	for (size_t i = 0; i < count; i++) {
		struct difftext diff = { .want = cases[i].want,
					 .want_len = strlen(cases[i].want),
					 .got = cases[i].got,
					 .got_len = strlen(cases[i].got),
					 .ascii = ascii,
					 .code = code };

		assert_diff(&diff, cases[i].diff, cases[i].differing);
	}
}

static void the_first_difference_is_marked(void **state)
{
	static const struct example cases[] = {
		{ "", "", "", 0 },
		{ "a\n", "a\n", "  a\n", 0 },
		{ "abc\n", "abd\n", "- ab«c»\n+ ab«d»\n", 2 },
		{ "abc\n", "ab\n", "- ab«c»\n+ ab«↵»\n", 2 },
		{ "1\n2\n3\n", "1\n5\n3\n", "  1\n- «2»\n+ «5»\n  3\n", 2 },
		{ "1\n2\n3\n", "1\n3\n", "  1\n- «2»\n  3\n", 1 },
		{ "1\n3\n", "1\n2\n3\n", "  1\n+ «2»\n  3\n", 1 },
		{ "a\nb\nc\n", "x\nb\ny\n", "- «a»\n+ «x»\n  b\n- c\n+ y\n", 4 },
		{ "a\n", "", "- «a»\n", 1 },
		{ "", "a\n", "+ «a»\n", 1 },
		{ "\n", "", "- «↵»\n", 1 },
	};

	(void)state;
	assert_examples(cases, KL_LENGTH(cases), false, false);
}

static void what_cannot_be_seen_is_shown(void **state)
{
	static const struct example cases[] = {
		{ "a\n", "a  \n", "- a«↵»\n+ a«·»‹·›\n", 2 },
		{ "a b\n", "a\tb\n", "- a« »b\n+ a«→»b\n", 2 },
		{ "a\n", "a\r\n", "- a«↵»\n+ a«^M»\n", 2 },
		{ "a", "a\n", "- a«∅»  (no newline at the end)\n+ a«↵»\n", 2 },
		{ "x\ny", "z\ny", "- «x»\n+ «z»\n  y\n", 2 },
		{ "a\n", " a\n", "- «a»\n+ « »a\n", 2 },
	};
	static const struct example plain[] = {
		{ "a\n", "a\t \n", "- a«$»\n+ a«>»‹.›\n", 2 },
		{ "a", "a\n", "- a«\\»  (no newline at the end)\n+ a«$»\n", 2 },
	};
	static const struct example code[] = {
		{ "a\n", "a  \n", "- a\n+ a  \n", 2 },
		{ "\ta", "\tb", "- \ta\n+ \tb\n", 2 },
	};

	(void)state;
	assert_examples(cases, KL_LENGTH(cases), false, false);
	assert_examples(plain, KL_LENGTH(plain), true, false);
	assert_examples(code, KL_LENGTH(code), false, true);
}

static void characters_are_not_cut(void **state)
{
	static const struct example cases[] = {
		{ "aé\n", "aè\n", "- a«é»\n+ a«è»\n", 2 },
		{ "漢字\n", "漢学\n", "- 漢«字»\n+ 漢«学»\n", 2 },
		{ "\xc3\n", "\xc3\xa9\n", "- «\xc3»\n+ «\xc3\xa9»\n", 2 },
		{ "\xc3\xa9\n", "\xc3\n", "- «\xc3\xa9»\n+ «\xc3»\n", 2 },
		{ "😀x\n", "😀y\n", "- 😀«x»\n+ 😀«y»\n", 2 },
		{ "\xff\x80\x80\x80\x80\x80\n", "x\n", "- «\xff\x80\x80\x80»\x80\x80\n+ «x»\n", 2 },
	};

	(void)state;
	assert_examples(cases, KL_LENGTH(cases), false, false);
}

static void lines_far_from_a_difference_are_counted(void **state)
{
	static const struct example cases[] = {
		{ "1\n2\n3\n4\n5\nx\n1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\ny\n1\n2\n3\n4\n5\n",
		  "  (2 same lines)\n  3\n  4\n  5\n- «x»\n+ «y»\n  1\n  2\n  3\n  (2 same lines)\n", 2 },
		{ "x\n1\n2\n3\n4\n5\n6\n7\n8\nx\n", "y\n1\n2\n3\n4\n5\n6\n7\n8\ny\n",
		  "- «x»\n+ «y»\n  1\n  2\n  3\n  (2 same lines)\n  6\n  7\n  8\n- x\n+ y\n", 4 },
		{ "1\n2\n3\n4\n", "1\n2\n3\n4\n", "  (4 same lines)\n", 0 },
	};

	(void)state;
	assert_examples(cases, KL_LENGTH(cases), false, false);
}

static void signs_and_numbers_are_the_callers(void **state)
{
	struct difftext diff = { .want = "a\nb\nc\n",
				 .want_len = 6,
				 .got = "a\nx\ny\n",
				 .got_len = 6,
				 .want_sign = "W ",
				 .got_sign = "G ",
				 .same_sign = "S ",
				 .max_lines = 3 };

	(void)state;
	assert_diff(&diff, "S a\nW «b»\nW c\nS (the rest is not shown)\n", 4);
	diff.max_lines = 5;
	assert_diff(&diff, "S a\nW «b»\nW c\nG «x»\nG y\n", 4);
}

static void assert_quick(const char *want, size_t want_len, const char *got, size_t got_len)
{
	struct difftext diff = { .want = want, .want_len = want_len, .got = got, .got_len = got_len };
	clock_t begin = clock();
	struct lines lines = { 0 };
	size_t bytes = 0;

	assert_true(difftext_add(&lines, &diff) > 0);
	assert_in_range(lines.count, 1, 401);
	for (size_t i = 0; i < lines.count; i++)
		bytes += lines.items[i].len;
	assert_in_range(bytes, 1, 3 * (want_len + got_len) + 100000);
	assert_in_range((clock() - begin) / (CLOCKS_PER_SEC / 1000), 0, CPU_MAX_MS);
	lines_clear(&lines);
}

static char *repeat(const char *text, size_t times, size_t *len)
{
	struct kl_buf out;

	kl_buf_init(&out, TEXT_MAX);
	for (size_t i = 0; i < times; i++)
		kl_buf_add_str(&out, text);
	*len = out.len;
	return kl_buf_detach(&out);
}

static void huge_inputs_are_bounded(void **state)
{
	static const struct {
		const char *want, *got;
		size_t times;
	} cases[] = {
		{ "a\n", "b\n", 1000000 },
		{ "abc ", "abd ", 1000000 },
		{ "\n", "x\n", 300000 },
		{ "a\nb\n", "b\na\n", 900 },
		{ " ", "\t", 500000 },
		{ "\xff", "\xfe", 1000000 },
		{ "same line\n", "same line\r\n", 200000 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		size_t want_len, got_len;
		char *want = repeat(cases[i].want, cases[i].times, &want_len);
		char *got = repeat(cases[i].got, cases[i].times, &got_len);

		assert_quick(want, want_len, got, got_len);
		assert_quick(want, want_len, "", 0);
		assert_quick("", 0, got, got_len);
		free(want);
		free(got);
	}
}

static void nul_bytes_are_bytes(void **state)
{
	struct difftext diff = { .want = "a\0b\n", .want_len = 4, .got = "a\0c\n", .got_len = 4 };
	struct lines lines = { 0 };

	(void)state;
	assert_int_equal(difftext_add(&lines, &diff), 2);
	assert_int_equal(lines.items[0].len, 5);
	assert_memory_equal(lines.items[1].text, "+ a\0c", 5);
	lines_clear(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_difference_is_marked),
		cmocka_unit_test(what_cannot_be_seen_is_shown),
		cmocka_unit_test(characters_are_not_cut),
		cmocka_unit_test(lines_far_from_a_difference_are_counted),
		cmocka_unit_test(signs_and_numbers_are_the_callers),
		cmocka_unit_test(huge_inputs_are_bounded),
		cmocka_unit_test(nul_bytes_are_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
