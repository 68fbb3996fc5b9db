/* Checkers: what passes, and the sentence when it does not. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>
#include <time.h>

#define LINES                                                                                                          \
	{                                                                                                              \
		.kind = KL_CHECK_LINES                                                                                 \
	}
#define EXACT                                                                                                          \
	{                                                                                                              \
		.kind = KL_CHECK_EXACT                                                                                 \
	}
#define TOKENS                                                                                                         \
	{                                                                                                              \
		.kind = KL_CHECK_TOKENS                                                                                \
	}
#define ANY_CASE                                                                                                       \
	{                                                                                                              \
		.kind = KL_CHECK_TOKENS, .ignore_case = true                                                           \
	}
#define UNORDERED                                                                                                      \
	{                                                                                                              \
		.kind = KL_CHECK_UNORDERED                                                                             \
	}
#define FLOAT                                                                                                          \
	{                                                                                                              \
		.kind = KL_CHECK_FLOAT, .abs_tol = 1e-6, .rel_tol = 1e-6                                               \
	}
#define REGEX                                                                                                          \
	{                                                                                                              \
		.kind = KL_CHECK_REGEX                                                                                 \
	}
#define JSON                                                                                                           \
	{                                                                                                              \
		.kind = KL_CHECK_JSON                                                                                  \
	}

struct row {
	struct kl_checker checker;
	const char *want, *got;
	const char *why; /* NULL: passes */
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		struct kl_buf why;
		bool passes;

		kl_buf_init(&why, 500);
		passes = kl_checker_passes(&row->checker, row->want, strlen(row->want), row->got, strlen(row->got),
					   &why);
		assert_string_equal(why.data, row->why ? row->why : "");
		assert_int_equal(passes, row->why == NULL);
		assert_int_equal(kl_checker_passes(&row->checker, row->want, strlen(row->want), row->got,
						   strlen(row->got), NULL),
				 passes);
		kl_buf_release(&why);
	}
}

static void exact(void **state)
{
	/* clang-format off */
	static const struct row rows[] = {
		{ EXACT, "", "", NULL },
		{ EXACT, "a\nb\n", "a\nb\n", NULL },
		{ EXACT, "a\nb\n", "a\nb", "line 2, column 2: expected a new line, got the end of the output" },
		{ EXACT, "a\nb", "a\nb\n", "line 2, column 2: expected the end of the output, got a new line" },
		{ EXACT, "a b\n", "a  b\n", "line 1, column 3: expected 'b', got a space" },
		{ EXACT, "a\tb", "a b", "line 1, column 2: expected a tab, got a space" },
		{ EXACT, "a\nb", "a\r\nb", "line 1, column 2: expected a new line, got a carriage return" },
		{ EXACT, "x\n\xc3\xa9\xc3\xa4z\n", "x\n\xc3\xa9\xc3\xb6z\n", "line 2, column 2: expected '\xc3\xa9\xc3\xa4z', got '\xc3\xa9\xc3\xb6z'" },
	};
	/* clang-format on */

	(void)state;
	check(rows, KL_LENGTH(rows));
}

static void lines(void **state)
{
	/* clang-format off */
	static const struct row rows[] = {
		{ LINES, "1\n2\n", "1  \r\n2\t\n\n \n", NULL },
		{ LINES, "", "\n\n", NULL },
		{ LINES, "a\n\nb\n", "a\nb\n", "line 2, column 1: expected the end of the line, got 'b'" },
		{ LINES, "1\n2\nab 12 c\n", "1\n2\nab 13 c\n", "line 3, column 5: expected '12', got '13'" },
		{ LINES, "1\n2\n", "1\n", "line 2: expected '2', but the output ends" },
		{ LINES, "1\n", "1\n2 3\n", "line 2: expected the end of the output, got '2 3'" },
		{ LINES, "1\n", "", "line 1: expected '1', but the output ends" },
		{ LINES, " 1\n", "1\n", "line 1, column 1: expected a space, got '1'" },
		{ LINES, "ab\n", "abc\n", "line 1, column 3: expected the end of the line, got 'abc'" },
		{ LINES, "a\n", "\x1b[31ma\n", "line 1, column 1: expected 'a', got '\\x1b[31ma'" },
		{ LINES, "a\n", "\xff\xc2\x9b\n", "line 1, column 1: expected 'a', got '\\xff\\xc2\\x9b'" },
		{ LINES, "a", "0123456789012345678901234567890123456789012345678901234567890123456789",
		  "line 1, column 1: expected 'a', got '012345678901234567890123456789012345678901234567890123456789…'" },
	};
	/* clang-format on */

	(void)state;
	check(rows, KL_LENGTH(rows));
}

static void tokens(void **state)
{
	/* clang-format off */
	static const struct row rows[] = {
		{ TOKENS, "1 2 3\n", "  1\n2\t3", NULL },
		{ TOKENS, "Yes", "yes", "word 1 (line 1): expected 'Yes', got 'yes'" },
		{ ANY_CASE, "Yes @", "yEs @", NULL },
		{ ANY_CASE, "@", "`", "word 1 (line 1): expected '@', got '`'" },
		{ TOKENS, "1 2\n3", "1\n2 4", "word 3 (line 2): expected '3', got '4'" },
		{ TOKENS, "1 2 3", "1 2", "word 3 (line 1): expected '3', but the output ends" },
		{ TOKENS, "1 2", "1 2\n\n3", "word 3 (line 3): expected the end of the output, got '3'" },
		{ FLOAT, "0.5 x 1e3", "0.5000004 x 1000.0005", NULL },
		{ FLOAT, "0.5", ".5", NULL },
		{ FLOAT, "0.5", "0.6", "word 1 (line 1): expected '0.5', got '0.6'" },
		{ FLOAT, "x", "y", "word 1 (line 1): expected 'x', got 'y'" },
		{ FLOAT, "1", "0x1", "word 1 (line 1): expected '1', got '0x1'" },
		{ FLOAT, "1", "nan", "word 1 (line 1): expected '1', got 'nan'" },
		{ FLOAT, "1", "1e999", "word 1 (line 1): expected '1', got '1e999'" },
		{ FLOAT, "nan -inf", "nan -inf", NULL },
	};
	/* clang-format on */

	(void)state;
	check(rows, KL_LENGTH(rows));
}

static void unordered(void **state)
{
	/* clang-format off */
	static const struct row rows[] = {
		{ UNORDERED, "b\na\n", "a \nb\n\n", NULL },
		{ UNORDERED, "", "", NULL },
		{ UNORDERED, "a\nb\nc\n", "c\na\n", "the line 'b' is missing" },
		{ UNORDERED, "a\nb\n", "b\na\nc\n", "the line 'c' was not expected" },
		{ UNORDERED, "a\nb\n", "b\nb\na\n", "the line 'b' is there too often" },
		{ UNORDERED, "a\n", "", "the line 'a' is missing" },
	};
	/* clang-format on */

	(void)state;
	check(rows, KL_LENGTH(rows));
}

static void regex(void **state)
{
	/* clang-format off */
	static const struct row rows[] = {
		{ REGEX, "a+b?", "aaab\n", NULL },
		{ REGEX, "a+\n", "aa\n\n", NULL },
		{ REGEX, "(\\d+\\n)*", "1\n22\n333\n", "the output does not match the expected pattern" },
		{ REGEX, "a|ab", "ab", NULL },
		{ REGEX, "a+", "xaa", "the output does not match the expected pattern" },
		{ REGEX, "a+", "aax", "the output does not match the expected pattern" },
		{ REGEX, ".", "\xc3\xa9", NULL },
		{ REGEX, ".*", "\xff", "the output is not UTF-8 text" },
		{ REGEX, "(", "a", "the challenge's pattern is wrong: missing closing parenthesis at byte 1" },
	};
	/* clang-format on */

	(void)state;
	check(rows, KL_LENGTH(rows));
}

/* Exponential patterns end by the limits, soon. */
static void patterns_that_run_away(void **state)
{
	static const struct kl_checker regex_checker = REGEX;
	static const char *const patterns[] = { "(a+)+b", "(a|aa)+b", "(a*)*b", "(?:(?:a?){30}a{30}){20}b",
						"(?R)?a+b" };
	clock_t begin = clock();
	char text[2001];
	struct kl_buf why;

	(void)state;
	memset(text, 'a', 2000);
	memcpy(text + 1998, "cb", 3); /* without a 'b' PCRE2 sees at once that there is no match */
	kl_buf_init(&why, 500);
	for (size_t i = 0; i < KL_LENGTH(patterns); i++)
		assert_false(kl_checker_passes(&regex_checker, patterns[i], strlen(patterns[i]), text, 2000, &why));
	assert_in_range((clock() - begin) / CLOCKS_PER_SEC, 0, 5); /* of this process: a busy machine does not count */
	kl_buf_clear(&why);
	assert_false(kl_checker_passes(&regex_checker, "(a+)+b", 6, text, 2000, &why));
	assert_string_equal(why.data, "the output is too hard to match against the expected pattern");
	kl_buf_release(&why);
}

static void json(void **state)
{
	/* clang-format off */
	static const struct row rows[] = {
		{ JSON, "{\"a\": 1, \"b\": [true, null]}", "{\"b\":[true,null],\n\"a\":1.0}\n", NULL },
		{ JSON, "100000000000000000001", "100000000000000000001.0", NULL },
		{ JSON, "100000000000000000001", "100000000000000000002", "expected 100000000000000000001, got 100000000000000000002" },
		{ JSON, "[1e2, 0.010, -0, 1200e-2]", "[100, 1.0E-2, 0.0, 12]", NULL },
		{ JSON, "[1, 2]", "[1, 3]", "[1]: expected 2, got 3" },
		{ JSON, "{\"a\": {\"b\": [0, \"x\"]}}", "{\"a\": {\"b\": [0, \"y\"]}}", "a.b[1]: expected \"x\", got \"y\"" },
		{ JSON, "[1, 2]", "[1]", "expected an array of 2, got an array of 1" },
		{ JSON, "{\"a\": 1, \"b\": 2}", "{\"a\": 1}", "the key 'b' is missing" },
		{ JSON, "{\"o\": {\"b\": 2}}", "{\"o\": {\"a\": 1, \"b\": 2}}", "o: the key 'a' was not expected" },
		{ JSON, "true", "\"true\"", "expected true, got \"true\"" },
		{ JSON, "true", "false", "expected true, got false" },
		{ JSON, "[null]", "[{}]", "[0]: expected null, got an object of 0" },
		{ JSON, "1", "1,", "output:1: text after the end of the value at column 2" },
		{ JSON, "1e999999999999999999999", "1e999999999999999999998", NULL },
	};
	/* clang-format on */

	(void)state;
	check(rows, KL_LENGTH(rows));
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static void read_value(struct kl_value *value, const struct kl_type *type, const char *text)
{
	struct kl_json *doc;

	assert_int_equal(kl_json_parse(&doc, text, strlen(text), 10000, "t", NULL), KL_OK);
	assert_int_equal(kl_value_from_json(value, type, doc, kl_json_root(doc), "v", NULL), KL_OK);
	kl_json_free(doc);
}

static void values(void **state)
{
	/* clang-format off */
	static const struct { enum kl_checker_kind kind; const char *type, *want, *got, *why; } rows[] = {
		{ KL_CHECK_VALUE, "int", "28", "28", NULL },
		{ KL_CHECK_VALUE, "int", "28", "52", "expected 28, got 52" },
		{ KL_CHECK_VALUE, "string?", "null", "\"a\"", "expected null, got \"a\"" },
		{ KL_CHECK_VALUE, "int[]", "[1, 2]", "[1, 3]", "[1]: expected 2, got 3" },
		{ KL_CHECK_VALUE, "int[]", "[1, 2]", "[1]", "expected 2 elements, got 1: expected [1, 2], got [1]" },
		{ KL_CHECK_VALUE, "int[][]", "[[1], [2]]", "[[1], []]", "[1]: expected 1 element, got 0: expected [2], got []" },
		{ KL_CHECK_FLOAT, "double[]", "[0.5]", "[0.5000000001]", NULL },
		{ KL_CHECK_FLOAT, "double[]", "[0.5]", "[0.6]", "[0]: expected 0.5, got 0.6" },
		{ KL_CHECK_UNORDERED, "int[]", "[1, 2]", "[2, 1]", NULL },
		{ KL_CHECK_UNORDERED, "int[]", "[1, 2]", "[2, 2]", "in any order: expected [1, 2], got [2, 2]" },
		{ KL_CHECK_UNORDERED, "int[]", "[1, 2]", "[2]", "expected 2 elements, got 1: expected [1, 2], got [2]" },
		{ KL_CHECK_JSON, "string", "\"{\\\"a\\\": [1]}\"", "\"{ \\\"a\\\":[1.0]}\"", NULL },
		{ KL_CHECK_JSON, "string", "\"[1]\"", "\"[2]\"", "[0]: expected 1, got 2" },
		{ KL_CHECK_JSON, "int[]", "[1]", "[1]", NULL },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		struct kl_checker checker = { .kind = rows[i].kind };
		struct kl_value want, got;
		struct kl_type type;
		struct kl_buf why;

		checker.abs_tol = checker.kind == KL_CHECK_FLOAT ? 1e-6 : 0;
		kl_buf_init(&why, 500);
		assert_int_equal(kl_type_parse(&type, rows[i].type, NULL, 0, NULL), KL_OK);
		read_value(&want, &type, rows[i].want);
		read_value(&got, &type, rows[i].got);
		assert_int_equal(kl_checker_takes_value(&checker, &type, &want, &got, &why), rows[i].why == NULL);
		assert_string_equal(why.data, rows[i].why ? rows[i].why : "");
		kl_value_release(&want);
		kl_value_release(&got);
		kl_type_release(&type);
		kl_buf_release(&why);
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(kl_checker_name(KL_CHECK_TOKENS), "tokens");
	assert_string_equal(kl_checker_help(KL_CHECK_TOKENS), "the same words, however spaced");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact),     cmocka_unit_test(lines),  cmocka_unit_test(tokens),
		cmocka_unit_test(unordered), cmocka_unit_test(regex),  cmocka_unit_test(patterns_that_run_away),
		cmocka_unit_test(json),      cmocka_unit_test(values), cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
