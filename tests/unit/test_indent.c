/* Indentation and brackets on lines coloured by the real syntax files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/indent.h>
#include <kodelab/path.h>

enum { SPANS = 64 };

static struct kl_paths paths;

static struct kl_syntax *syntax_of(const char *id)
{
	char *path = kl_format("%s/themes/syntax/%s.syntax", paths.share, id);
	struct kl_syntax *syntax = NULL;
	struct kl_error err = { 0 };

	if (kl_syntax_open(&syntax, path, &err))
		fail_msg("%s", err.message);
	free(path);
	return syntax;
}

static struct kl_code_line coloured(const char *id, const char *text, struct kl_span *spans)
{
	struct kl_code_line line = { .text = text, .len = strlen(text), .spans = spans };
	struct kl_syntax *syntax = syntax_of(id);
	uint32_t next;

	line.span_count = kl_syntax_line(syntax, KL_SYNTAX_START, text, line.len, spans, SPANS, &next);
	kl_syntax_close(syntax);
	return line;
}

static void lines_below(void **state)
{
	static const struct {
		const char *id, *above, *line;
		size_t step, columns;
	} cases[] = {
		{ "c", "int main(void) {", "", 4, 4 },
		{ "c", "int main(void) {", "}", 4, 0 },
		{ "c", "    x = f(a,", "", 4, 8 },
		{ "c", "        b);", "", 4, 4 },
		{ "c", "    x = 1;", "}", 4, 0 },
		{ "c", "    } else {", "", 4, 8 },
		{ "c", "    }", "", 4, 4 },
		{ "c", "    puts(\"{\");", "", 4, 4 },
		{ "c", "    x = '{'; // {", "", 4, 4 },
		{ "c", "\tif (x) {", "", 8, 16 },
		{ "c", "", "", 4, 0 },
		{ "c", "x;", "}", 4, 0 },
		{ "java", "    int[] a = {", "};", 4, 4 },
		{ "python", "def f(x):", "", 4, 4 },
		{ "python", "    if x:  # why", "", 4, 8 },
		{ "python", "    s = 'a:'", "", 4, 4 },
		{ "python", "        return x", "", 4, 4 },
		{ "python", "        return x", "    else:", 4, 4 },
		{ "python", "        y = 2", "elif z:", 4, 4 },
		{ "python", "        returned = 1", "", 4, 8 },
		{ "python", "    a = [", "", 4, 8 },
		{ "python", "    a = [", "]", 4, 4 },
		{ "python", "return", "", 4, 0 },
		{ "bash", "if [ $x ]; then", "", 4, 4 },
		{ "bash", "for x in a; do", "done", 4, 0 },
		{ "bash", "    echo then # do", "", 4, 8 },
		{ "bash", "case $x in", "", 4, 4 },
		{ "bash", "if a; then b; fi", "", 4, 0 },
		{ "ruby", "  def push(x)", "", 2, 4 },
		{ "ruby", "  items.each do |x|", "", 2, 4 },
		{ "ruby", "    x = 1", "end", 2, 2 },
		{ "ruby", "  x = 1 if y", "", 2, 2 },
		{ "ruby", "  if x then y end", "", 2, 2 },
		{ "ruby", "    x = 1", "endless = 2", 2, 4 },
		{ "sql", "CREATE TABLE t (", "", 4, 4 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_span above_spans[SPANS], spans[SPANS];
		struct kl_code_line above = coloured(cases[i].id, cases[i].above, above_spans);
		struct kl_code_line line = coloured(cases[i].id, cases[i].line, spans);
		size_t columns = kl_indent_for(kl_language_find(cases[i].id), &above, &line, cases[i].step, 8);

		if (columns != cases[i].columns)
			fail_msg("%s: '%s' below '%s': %zu columns, not %zu", cases[i].id, cases[i].line,
				 cases[i].above, columns, cases[i].columns);
	}
}

static void columns(void **state)
{
	(void)state;
	assert_int_equal(kl_indent_columns("  \tx", 4, 8), 8);
	assert_int_equal(kl_indent_columns("\t  x", 4, 4), 6);
	assert_int_equal(kl_indent_columns("   ", 3, 8), 3);
	assert_int_equal(kl_indent_columns("", 0, 8), 0);
}

static void plain_text_has_brackets(void **state)
{
	struct kl_code_line line = { .text = "a (b", .len = 4 };

	(void)state;
	assert_int_equal(kl_indent_after(NULL, &line), 1);
	assert_true(kl_code_at(&line, 0));
	line = (struct kl_code_line){ .text = ")", .len = 1 };
	assert_true(kl_indent_closes(NULL, &line));
}

/* The partner of the bracket at (line, at) among lines; false: none. */
static bool partner(const char *const *texts, size_t count, size_t *line, size_t *at)
{
	struct kl_bracket bracket;
	bool begun = false;
	size_t i = *line;

	for (; i < count; bracket.forward ? i++ : i--) { /* going back from line 0 ends the loop too */
		struct kl_span spans[SPANS];
		struct kl_code_line code = coloured("c", texts[i], spans);

		if (!begun && !(begun = kl_bracket_begin(&bracket, &code, *at)))
			return false;
		if (kl_bracket_in(&bracket, &code, at)) {
			*line = i;
			return true;
		}
	}
	return false;
}

static void brackets(void **state)
{
	static const char *const texts[] = { "int f(int (*g)(void)) {", "\tputs(\"}\"); // }", "\treturn a[b[0]];",
					     "} )" };
	static const struct {
		size_t line, at, to_line, to_at;
	} cases[] = {
		{ 0, 5, 0, 20 }, { 0, 20, 0, 5 },  { 0, 10, 0, 13 }, { 0, 22, 3, 0 }, { 3, 0, 0, 22 },
		{ 2, 9, 2, 14 }, { 2, 13, 2, 11 }, { 1, 5, 1, 9 },   { 1, 9, 1, 5 },
	};
	static const struct {
		size_t line, at;
	} none[] = { { 1, 7 }, { 1, 15 }, { 3, 2 }, { 0, 0 }, { 3, 3 }, { 3, 99 } };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		size_t line = cases[i].line, at = cases[i].at;

		assert_true(partner(texts, KL_LENGTH(texts), &line, &at));
		assert_int_equal(line, cases[i].to_line);
		assert_int_equal(at, cases[i].to_at);
	}
	for (size_t i = 0; i < KL_LENGTH(none); i++) {
		size_t line = none[i].line, at = none[i].at;

		assert_false(partner(texts, KL_LENGTH(texts), &line, &at));
	}
}

static int set_up(void **state)
{
	(void)state;
	return kl_paths_init(&paths, NULL) != KL_OK;
}

static int tear_down(void **state)
{
	(void)state;
	kl_paths_release(&paths);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_below),
		cmocka_unit_test(columns),
		cmocka_unit_test(plain_text_has_brackets),
		cmocka_unit_test(brackets),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
