/*
 * Markdown in, lines out. The tests write a line's roles around what they look like: *emphasis* **strong** `code`
 * {link} [dim] #heading# are spans in that role; text stays plain.
 *
 * links: tui/ui/prose.c tui/ui/prose_table.c tui/ui/prose_entity.c
 * links: tui/ui/lines.c tui/ui/canvas.c tui/ui/grid.c tui/ui/role.c
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

#include "tui/ui/prose.h"

enum { OUT_MAX = 64 << 20, CPU_MAX_MS = 2000 /* a twentieth of that is used; sanitizers need more */ };

static const struct {
	enum role role;
	const char *open, *close;
} signs[] = {
	{ ROLE_EMPHASIS, "*", "*" }, { ROLE_STRONG, "**", "**" }, { ROLE_CODE, "`", "`" },    { ROLE_LINK, "{", "}" },
	{ ROLE_DIM, "[", "]" },      { ROLE_HEADING, "#", "#" },  { ROLE_QUOTE, "\"", "\"" },
};

static void add_span(struct kl_buf *out, const struct line *line, const struct line_span *span)
{
	size_t i = 0;

	while (i < KL_LENGTH(signs) && signs[i].role != span->role)
		i++;
	kl_buf_add_str(out, i < KL_LENGTH(signs) ? signs[i].open : "");
	kl_buf_add(out, line->text + span->start, span->len);
	kl_buf_add_str(out, i < KL_LENGTH(signs) ? signs[i].close : "");
}

static void assert_prose(const char *markdown, size_t len, int width, const char *expected)
{
	struct prose prose = { .width = 0 };
	struct kl_buf is;

	kl_buf_init(&is, OUT_MAX);
	prose_set(&prose, markdown, len, width);
	for (size_t i = 0; i < prose.lines.count; i++) {
		const struct line *line = &prose.lines.items[i];

		for (size_t j = 0; j < line->span_count; j++)
			add_span(&is, line, &line->spans[j]);
		kl_buf_add_char(&is, '\n');
	}
	assert_string_equal(is.data, expected);
	kl_buf_release(&is);
	prose_release(&prose);
}

struct example {
	const char *markdown, *lines;
};

static void assert_examples(const struct example *cases, size_t count, int width)
{
	for (size_t i = 0; i < count; i++)
		assert_prose(cases[i].markdown, strlen(cases[i].markdown), width, cases[i].lines);
}

static void paragraphs_and_headings(void **state)
{
	static const struct example cases[] = {
		{ "", "" },
		{ "one two three four five", "one two three four\nfive\n" },
		{ "a\nb", "a b\n" },
		{ "a  \nb", "a\nb\n" },
		{ "a\n\nb", "a\n\nb\n" },
		{ "# One\ntext", "#One#\n\ntext\n" },
		{ "Two\n---\ntext", "#Two#\n\ntext\n" },
		{ "a\n\n***\n\nb", "a\n\n* * *\n\nb\n" },
		{ "0123456789012345678901234567", "01234567890123456789\n01234567\n" },
		{ "漢字漢字漢字漢字漢字漢字", "漢字漢字漢字漢字漢字\n漢字\n" },
	};

	(void)state;
	assert_examples(cases, KL_LENGTH(cases), 20);
}

static void spans_have_roles(void **state)
{
	static const struct example cases[] = {
		{ "*a* **b** `c` ~~d~~", "*a* **b** `c` [d]\n" },
		{ "**a *b* c**", "**a ***b*** c**\n" },
		{ "[text](https://x.org)", "{text}[ (https://x.org)]\n" },
		{ "<https://x.org>", "{https://x.org}\n" },
		{ "![a cat](cat.png)", "[[picture: a cat]]\n" },
		{ "<b>bold</b>", "<b>bold</b>\n" },
		{ "`a  b`", "`a  b`\n" },
		{ "2 * 3 * 4", "2 * 3 * 4\n" },
	};

	(void)state;
	assert_examples(cases, KL_LENGTH(cases), 60);
}

static void entities_are_characters(void **state)
{
	static const struct example cases[] = {
		{ "a &lt; b &amp;&amp; c &le; d", "a < b && c ≤ d\n" },
		{ "&#65;&#x42;&#X43;", "ABC\n" },
		{ "&#0; &#x110000; &#xd800;", "&#0; &#x110000; &#xd800;\n" },
		{ "&nosuch; & ;", "&nosuch; & ;\n" },
		{ "`&lt;`", "`&lt;`\n" },
		{ "&#27;[31m", "\x1b[31m\n" }, /* the canvas shows it */
	};

	(void)state;
	assert_examples(cases, KL_LENGTH(cases), 60);
}

static void lists_nest(void **state)
{
	static const struct example cases[] = {
		{ "- a\n- b", "[ - ]a\n[ - ]b\n" },
		{ "1. a\n2. b", "[ 1. ]a\n[ 2. ]b\n" },
		{ "99. a\n100. b", "[99. ]a\n[100. ]b\n" },
		{ "- one two three four\n- b", "[ - ]one two three\n[   ]four\n[ - ]b\n" },
		{ "- a\n  - b\n    1. c\n- d", "[ - ]a\n[    - ]b\n[       1. ]c\n[ - ]d\n" },
		{ "- [x] a\n- [ ] b", "[[x] ]a\n[[ ] ]b\n" },
		{ "text\n\n- a\n\ntext", "text\n\n[ - ]a\n\ntext\n" },
		{ "- a\n\n  b\n\n- c", "[ - ]a\n\n[   ]b\n\n[ - ]c\n" },
	};

	(void)state;
	assert_examples(cases, KL_LENGTH(cases), 18);
}

static void quotes_have_a_bar(void **state)
{
	static const struct example cases[] = {
		{ "> a", "[| ]a\n" },     { "> a\n>\n> b", "[| ]a\n[| ]\n[| ]b\n" },  { "> a\n\nb", "[| ]a\n\nb\n" },
		{ "> > a", "[| | ]a\n" }, { "> - a\n> - b", "[|  - ]a\n[|  - ]b\n" },
	};

	(void)state;
	/* the role of a quote is not that of plain text: it is looked at here as it is */
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct prose prose = { .width = 0 };
		struct kl_buf is;

		kl_buf_init(&is, OUT_MAX);
		prose_set(&prose, cases[i].markdown, strlen(cases[i].markdown), 30);
		for (size_t j = 0; j < prose.lines.count; j++) {
			const struct line *line = &prose.lines.items[j];

			for (size_t k = 0; k < line->span_count; k++) {
				struct line_span span = line->spans[k];

				if (span.role == ROLE_QUOTE)
					span.role = ROLE_TEXT;
				add_span(&is, line, &span);
			}
			kl_buf_add_char(&is, '\n');
		}
		assert_string_equal(is.data, cases[i].lines);
		kl_buf_release(&is);
		prose_release(&prose);
	}
}

static void code_is_not_wrapped(void **state)
{
	static const struct example cases[] = {
		{ "```\nlong line of code that is wide\n\n\tx\n```",
		  "`  long line of code that is wide`\n`  `\n`      x`\n" },
		{ "    indented\n\ntext", "`  indented`\n\ntext\n" },
		{ "a\n```\nb\n```\nc", "a\n\n`  b`\n\nc\n" },
		{ "- a\n  ```\n  b\n  ```", "[ - ]a\n[   ]`  b`\n" },
		{ "```\n*a* &lt;\n```", "`  *a* &lt;`\n" },
		{ "```\nopen", "`  open`\n" },
	};

	(void)state;
	assert_examples(cases, KL_LENGTH(cases), 20);
}

static void assert_plain(const char *markdown, int width, const char *expected)
{
	struct prose prose = { .width = 0 };
	struct kl_buf is;

	kl_buf_init(&is, OUT_MAX);
	prose_set(&prose, markdown, strlen(markdown), width);
	for (size_t i = 0; i < prose.lines.count; i++)
		kl_buf_addf(&is, "%s|\n", prose.lines.items[i].text);
	assert_string_equal(is.data, expected);
	kl_buf_release(&is);
	prose_release(&prose);
}

static void tables_fit(void **state)
{
	(void)state;
	assert_plain("| a | b |\n|---|---|\n| 1 | 22 |", 20, "a  b|\n-  --|\n1  22|\n");
	assert_plain("| a | b |\n|--:|:-:|\n| 1 | 2 |", 20, "a  b|\n-  -|\n1  2|\n");
	assert_plain("| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |", 20, "a  b|\n-  -|\n1  |\n1  2|\n");
	assert_plain("| name | meaning |\n|---|---|\n| x | the number that is given |", 20,
		     "name  meaning|\n----  --------------|\nx     the number|\n      that is given|\n");
	assert_plain("| a |\n|---|\n| 漢字漢字漢字漢 |", 11, "a|\n-----------|\n漢字漢字漢|\n字漢|\n");
	assert_plain("| a |\n|---|\n| 1&#10;2 |", 20, "a|\n---|\n1 2|\n");
	/* too many columns: the table is wider, and whole */
	assert_plain("|a|b|c|d|\n|---|---|---|---|\n|aaaaaa|b|c|dddd|", 10,
		     "a    b  c  d|\n---  -  -  ---|\naaa  b  c  ddd|\naaa        d|\n");
}

static void a_break_behind_a_carriage_return_breaks(void **state)
{
	(void)state;
	assert_plain("one&#13;\\\ntwo", 20, "one\r|\ntwo|\n");
}

/* ---- hostile texts ---------------------------------------------------------------------------------------------- */

static void assert_quick(const char *markdown, size_t len)
{
	struct prose prose = { .width = 0 };
	clock_t begin = clock();

	prose_set(&prose, markdown, len, 40);
	assert_in_range((clock() - begin) / (CLOCKS_PER_SEC / 1000), 0, CPU_MAX_MS);
	prose_release(&prose);
}

static void nesting_and_repeating_cost_little(void **state)
{
	static const struct {
		const char *text;
		size_t times;
	} cases[] = {
		{ ">", 100000 },     { "> ", 100000 },          { "- ", 100000 },        { "[", 100000 },
		{ "![](", 100000 },  { "*", 100000 },           { "*a ", 100000 },       { "`", 100000 },
		{ "`a`` ", 20000 },  { "1. ", 100000 },         { "#", 100000 },         { "|", 100000 },
		{ "|a", 100000 },    { "&", 100000 },           { "&lt;", 100000 },      { "<a ", 100000 },
		{ "\\", 100000 },    { "a\n", 100000 },         { "a ", 100000 },        { "\t", 100000 },
		{ "[a](b)", 50000 }, { "~~~\n", 100000 },       { "e\xcc\x81", 100000 }, { "> - ", 50000 },
		{ "**_", 50000 },    { "|a|\n|---|\n", 20000 }, { "\xff", 100000 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_buf text;

		kl_buf_init(&text, OUT_MAX);
		for (size_t j = 0; j < cases[i].times; j++)
			kl_buf_add_str(&text, cases[i].text);
		assert_quick(text.data, text.len);
		kl_buf_release(&text);
	}
}

static void deep_lists_are_flattened_not_lost(void **state)
{
	struct prose prose = { .width = 0 };
	struct kl_buf text;

	(void)state;
	kl_buf_init(&text, OUT_MAX);
	for (int i = 0; i < 30; i++)
		kl_buf_addf(&text, "%*s- item %d\n", 2 * i, "", i);
	prose_set(&prose, text.data, text.len, 60);
	assert_int_equal(prose.lines.count, 30);
	assert_non_null(strstr(prose.lines.items[29].text, "item 29"));
	kl_buf_release(&text);
	prose_release(&prose);
}

static void wide_lines_and_nuls(void **state)
{
	struct prose prose = { .width = 0 };
	char *text = kl_alloc(10001);

	(void)state;
	memset(text, 'x', 10000);
	text[10000] = '\n';
	assert_quick(text, 10001);
	prose_set(&prose, text, 10001, 100);
	assert_int_equal(prose.lines.count, 100);
	memcpy(text, "```\n", 4);
	prose_set(&prose, text, 10001, 100);
	assert_int_equal(prose.lines.count, 1);
	prose_set(&prose, "a\0b\n\n    \0\n", 11, 40);
	assert_int_equal(prose.lines.items[0].len, 3);
	prose_set(&prose, "text", 4, -5); /* ten columns at least */
	assert_int_equal(prose.width, 10);
	prose_release(&prose);
	free(text);
}

static void too_long_a_text_ends_with_a_sentence(void **state)
{
	struct prose prose = { .width = 0 };
	struct kl_buf text;

	(void)state;
	kl_buf_init(&text, OUT_MAX);
	for (int i = 0; i < 300000; i++)
		kl_buf_add_str(&text, "word\n\n");
	prose_set(&prose, text.data, text.len, 40);
	assert_string_equal(prose.lines.items[prose.lines.count - 1].text, "(the text is too long and ends here)");
	/* links whose address is repeated by every use */
	kl_buf_clear(&text);
	kl_buf_add_str(&text, "[a]: /");
	for (int i = 0; i < 1500; i++)
		kl_buf_add_char(&text, 'x');
	kl_buf_add_str(&text, "\n\n");
	for (int i = 0; i < 100000; i++)
		kl_buf_add_str(&text, "[a] ");
	assert_quick(text.data, text.len);
	kl_buf_release(&text);
	prose_release(&prose);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paragraphs_and_headings),
		cmocka_unit_test(spans_have_roles),
		cmocka_unit_test(entities_are_characters),
		cmocka_unit_test(lists_nest),
		cmocka_unit_test(quotes_have_a_bar),
		cmocka_unit_test(code_is_not_wrapped),
		cmocka_unit_test(tables_fit),
		cmocka_unit_test(a_break_behind_a_carriage_return_breaks),
		cmocka_unit_test(nesting_and_repeating_cost_little),
		cmocka_unit_test(deep_lists_are_flattened_not_lost),
		cmocka_unit_test(wide_lines_and_nuls),
		cmocka_unit_test(too_long_a_text_ends_with_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
