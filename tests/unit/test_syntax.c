/* The lexer: what each syntax file makes of a sample, what a bad file is told, and that nothing hostile gets far. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/syntax.h>

enum { SPANS = 512 };

static struct kl_paths paths;
static char folder[] = "/tmp/kodelab-syntax-XXXXXX";

static struct kl_syntax *open_named(const char *name)
{
	char *path = kl_format("%s/themes/syntax/%s.syntax", paths.share, name);
	struct kl_syntax *syntax = NULL;
	struct kl_error err = { 0 };

	if (kl_syntax_open(&syntax, path, &err))
		fail_msg("%s", err.message);
	free(path);
	return syntax;
}

/* Writes a syntax file of the given text and opens it. */
static enum kl_status open_text(struct kl_syntax **out, const char *text, struct kl_error *err)
{
	char *path = kl_format("%s/try.syntax", folder);
	enum kl_status status = kl_file_write(path, text, strlen(text), 0600, err);

	if (!status)
		status = kl_syntax_open(out, path, err);
	free(path);
	return status;
}

/* The tokens of a line as a letter for each byte, blanks at the end left out. Owned. */
static char *mask_of(struct kl_syntax *syntax, const char *line, size_t len, uint32_t *lexer_state)
{
	static const char letters[KL_TOKEN_COUNT + 1] = " ktcnse#pfova!";
	struct kl_span spans[SPANS];
	size_t count = kl_syntax_line(syntax, *lexer_state, line, len, spans, SPANS, lexer_state), at = 0;
	char *mask = kl_alloc(len + 1);

	memset(mask, ' ', len);
	for (size_t i = 0; i < count; i++) {
		assert_true(spans[i].len > 0 && spans[i].start >= at && spans[i].start + spans[i].len <= len);
		assert_true(spans[i].token > KL_TOKEN_TEXT && spans[i].token < KL_TOKEN_COUNT);
		at = spans[i].start + spans[i].len;
		memset(mask + spans[i].start, letters[spans[i].token], spans[i].len);
	}
	mask[at] = '\0';
	return mask;
}

/* Cuts the next line off *text; NULL at the end. */
static char *next_line(char **text)
{
	char *line = *text, *end = line ? strchr(line, '\n') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return line;
}

/* A golden file holds pairs of lines: code, and under each byte the letter of its token. */
static void check_golden(const char *name)
{
	struct kl_syntax *syntax = open_named(name);
	char *path = kl_format("%s/tests/unit/syntax/%s.golden", paths.share, name), *line, *want, *rest;
	uint32_t lexer_state = KL_SYNTAX_START;
	struct kl_error err = { 0 };
	struct kl_buf golden;

	kl_buf_init(&golden, 1 << 20);
	if (kl_file_read(&golden, path, &err))
		fail_msg("%s", err.message);
	rest = golden.data;
	while ((line = next_line(&rest)) && (want = next_line(&rest))) {
		char *mask = mask_of(syntax, line, strlen(line), &lexer_state);

		if (strcmp(mask, want) != 0)
			fail_msg("%s:\n%s\n%s (now)\n%s (wanted)", name, line, mask, want);
		free(mask);
	}
	assert_string_equal(rest, "");
	kl_buf_release(&golden);
	kl_syntax_close(syntax);
	free(path);
}

static void goldens(void **state)
{
	static const char *const names[] = {
		"bash", "c",      "cpp",  "diff", "go",  "java",       "javascript",
		"json", "python", "ruby", "rust", "sql", "typescript",
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(names); i++)
		check_golden(names[i]);
}

static void every_pattern_compiles(void **state)
{
	static const char *const names[] = {
		"bash", "c",     "cpp",    "diff", "go",   "java", "javascript",
		"json", "plain", "python", "ruby", "rust", "sql",  "typescript",
	};
	struct kl_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(names); i++) {
		struct kl_syntax *syntax = open_named(names[i]);

		if (kl_syntax_check(syntax, &err))
			fail_msg("%s", err.message);
		kl_syntax_close(syntax);
	}
}

static void bad_files(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "", "try.syntax: has no context" },
		{ "# nothing\n\n", "try.syntax: has no context" },
		{ "colour red\n", "try.syntax:1: expected a directive or a token, found 'colour'" },
		{ "context\n", "try.syntax:1: expected the name of a context, found ''" },
		{ "context a blue\n", "try.syntax:1: expected a token or 'line', found 'blue'" },
		{ "\nstring /x/\n", "try.syntax:2: a rule must stand in a context: 'string /x/'" },
		{ "context a\nstring x\n", "try.syntax:2: expected a token or a /pattern/, found 'x'" },
		{ "context a\nstring\n", "try.syntax:2: expected a token or a /pattern/, found ''" },
		{ "context a\nstring /x\n", "try.syntax:2: expected a /pattern/, found '/x'" },
		{ "context a\nstring //\n", "try.syntax:2: expected a /pattern/, found '//'" },
		{ "context a\nstring /x/ jump b\n",
		  "try.syntax:2: expected push, pop, set, next, keep, mark or same, found 'jump'" },
		{ "context a\nstring /x/ pop pop\n",
		  "try.syntax:2: expected push, pop, set, next, keep, mark or same, found 'pop'" },
		{ "context a\nstring /x/ push\n", "try.syntax:2: expected a context after 'push'" },
		{ "context a\n\nstring /x/ push b\n", "try.syntax:3: no context 'b'" },
		{ "context a\ninclude b\n", "try.syntax:2: no context 'b'" },
		{ "include b\n", "try.syntax:1: expected a context to include, in a context, found 'b'" },
		{ "words nouns if\n", "try.syntax:1: expected a token, found 'nouns'" },
		{ "words keyword if\nignore-case\n", "try.syntax:2: must stand before the first words: 'ignore-case'" },
		{ "define /x/\n", "try.syntax:1: expected a name to define, found '/x/'" },
		{ "context a\nstring /@{id}/\n", "try.syntax:2: nothing is defined as 'id'" },
		{ "extends ../c\n", "try.syntax:1: expected the name of a syntax, found '../c'" },
		{ "context a\nextends c\n", "try.syntax:2: cannot be extended here: 'c'" },
		{ "extends try\n", "try.syntax:1: cannot be extended here: 'try'" },
	};
	struct kl_syntax *syntax = NULL;
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		assert_int_equal(open_text(&syntax, cases[i].text, &err), KL_EINVAL);
		assert_string_equal(err.message, cases[i].sentence);
		assert_null(syntax);
	}
	assert_int_equal(open_text(&syntax, "extends nothing\n", &err), KL_ENOENT);
	assert_non_null(strstr(err.message, "nothing.syntax"));
}

static void bad_patterns_are_left_out(void **state)
{
	static const char text[] = "context a\n\tnumber /[0-9]+/\n\tstring /(x/\n\tkeyword /if/\n";
	struct kl_syntax *syntax;
	struct kl_error err;
	uint32_t lexer_state = KL_SYNTAX_START;
	char *mask;

	(void)state;
	assert_int_equal(open_text(&syntax, text, &err), KL_OK);
	mask = mask_of(syntax, "if (x 42", 8, &lexer_state);
	assert_string_equal(mask, "kk    nn");
	assert_int_equal(kl_syntax_check(syntax, &err), KL_EINVAL);
	assert_string_equal(err.message, "try.syntax:3: bad pattern: missing closing parenthesis at character 3");
	free(mask);
	kl_syntax_close(syntax);
}

static void states_come_back(void **state)
{
	struct kl_syntax *syntax = open_named("python");
	struct kl_span spans[SPANS];
	uint32_t open, again, shut, other;

	(void)state;
	kl_syntax_line(syntax, KL_SYNTAX_START, "x = \"\"\"a", 8, spans, SPANS, &open);
	kl_syntax_line(syntax, KL_SYNTAX_START, "yy = \"\"\"", 8, spans, SPANS, &again);
	kl_syntax_line(syntax, KL_SYNTAX_START, "x = '''a", 8, spans, SPANS, &other);
	kl_syntax_line(syntax, open, "\"\"\" + 'a", 8, spans, SPANS, &shut);
	assert_int_not_equal(open, KL_SYNTAX_START);
	assert_int_equal(open, again);
	assert_int_not_equal(open, other);
	assert_int_equal(shut, KL_SYNTAX_START);
	/* a number that is no state of this syntax is the start, not a crash */
	assert_int_equal(kl_syntax_line(syntax, 4000000000u, "if", 2, spans, SPANS, &shut), 1);
	kl_syntax_close(syntax);
}

static void the_next_state_needs_no_spans(void **state)
{
	struct kl_syntax *syntax = open_named("c");
	struct kl_span span;
	uint32_t with, without;

	(void)state;
	assert_int_equal(kl_syntax_line(syntax, 0, "int x; /* a", 11, &span, 1, &with), 1);
	assert_int_equal(span.token, KL_TOKEN_TYPE);
	assert_int_equal(kl_syntax_line(syntax, 0, "int x; /* a", 11, NULL, 0, &without), 0);
	assert_int_equal(with, without);
	assert_int_not_equal(with, KL_SYNTAX_START);
	kl_syntax_close(syntax);
}

static void long_lines_are_cut(void **state)
{
	struct kl_syntax *syntax = open_named("c");
	struct kl_span spans[SPANS];
	char line[KL_SYNTAX_LINE_MAX + 10];
	uint32_t next;
	size_t count;

	(void)state;
	line[0] = '"';
	for (size_t i = 1; i < sizeof(line); i++)
		line[i] = i % 2 ? '\xc3' : '\xa9';
	count = kl_syntax_line(syntax, 0, line, sizeof(line), spans, SPANS, &next);
	assert_int_equal(count, 1);
	assert_int_equal(spans[0].len, KL_SYNTAX_LINE_MAX - 1); /* no half character */
	kl_syntax_close(syntax);
}

static void nesting_is_bounded(void **state)
{
	struct kl_syntax *syntax = open_named("javascript");
	struct kl_span spans[SPANS];
	uint32_t lexer_state = KL_SYNTAX_START;
	char line[3000];

	(void)state;
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = "`${"[i % 3];
	for (int i = 0; i < 50; i++)
		kl_syntax_line(syntax, lexer_state, line, sizeof(line), spans, SPANS, &lexer_state);
	kl_syntax_close(syntax);
}

/* Each heredoc has an end mark of its own; when the memory for stacks is full they are no longer entered. */
static void marks_are_bounded(void **state)
{
	struct kl_syntax *syntax = open_named("bash");
	struct kl_span spans[SPANS];
	uint32_t next = 1;
	char line[128];

	(void)state;
	for (int i = 0; i < 30000; i++) {
		int len = snprintf(line, sizeof(line), "cat <<E%d", i);

		kl_syntax_line(syntax, 0, line, (size_t)len, spans, SPANS, &next);
		assert_true(next != KL_SYNTAX_START || i > 10000);
	}
	assert_int_equal(next, KL_SYNTAX_START);
	kl_syntax_close(syntax);
}

/* Two bytes over and over make the worst of most patterns; it must only end, and keep its spans in order. */
static void hostile_lines_end(void **state)
{
	static const char bytes[] = "\"'`/\\([{<$#*%ab1 \t\n\xff\xc3";
	static const char *const names[] = { "bash", "c", "cpp", "javascript", "python", "ruby", "rust", "sql" };
	char line[KL_SYNTAX_LINE_MAX];

	(void)state;
	for (size_t n = 0; n < KL_LENGTH(names); n++) {
		struct kl_syntax *syntax = open_named(names[n]);
		uint32_t lexer_state = KL_SYNTAX_START;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			for (size_t k = 0; k < sizeof(line); k++)
				line[k] = bytes[k % 2 ? i : (i * 7 + 3) % sizeof(bytes)];
			free(mask_of(syntax, line, sizeof(line), &lexer_state));
		}
		kl_syntax_close(syntax);
	}
}

/* A pattern that would need exponential time is stopped by the match limit: the rest of the line is plain. */
static void endless_patterns_stop(void **state)
{
	struct kl_syntax *syntax;
	uint32_t lexer_state = KL_SYNTAX_START;
	struct kl_error err;
	char *mask;

	(void)state;
	assert_int_equal(open_text(&syntax, "context a\n\tkeyword /if/\n\tstring /(a+)+b/\n", &err), KL_OK);
	mask = mask_of(syntax, "if aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa if", 56, &lexer_state);
	assert_string_equal(mask, "kk");
	free(mask);
	kl_syntax_close(syntax);
}

static void words_for_completion(void **state)
{
	struct kl_syntax *syntax = open_named("cpp");
	const char *const *words = kl_syntax_words(syntax);
	bool from_c = false, own = false;
	size_t count = 0;

	(void)state;
	for (; words[count]; count++) {
		assert_true(!count || strcmp(words[count - 1], words[count]) < 0);
		from_c |= !strcmp(words[count], "while");
		own |= !strcmp(words[count], "nullopt");
	}
	assert_true(from_c && own && count > 150);
	kl_syntax_close(syntax);
	syntax = open_named("plain");
	assert_null(kl_syntax_words(syntax)[0]);
	kl_syntax_close(syntax);
}

static int set_up(void **state)
{
	struct kl_error err;

	(void)state;
	return kl_paths_init(&paths, &err) || !mkdtemp(folder);
}

static int tear_down(void **state)
{
	(void)state;
	kl_paths_release(&paths);
	return kl_file_remove_tree(folder, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goldens),
		cmocka_unit_test(every_pattern_compiles),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(bad_patterns_are_left_out),
		cmocka_unit_test(states_come_back),
		cmocka_unit_test(the_next_state_needs_no_spans),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(marks_are_bounded),
		cmocka_unit_test(hostile_lines_end),
		cmocka_unit_test(endless_patterns_stop),
		cmocka_unit_test(words_for_completion),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
