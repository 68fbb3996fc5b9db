/* links: tui/ui/words.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <kodelab/alloc.h>

#include "tui/ui/words.h"

static void splits_as_a_person_means(void **state)
{
	static const struct {
		const char *line, *rows;
	} cases[] = {
		{ "", "" },
		{ "   ", "" },
		{ "one", "one\n" },
		{ "  one  two ", "one\ntwo\n" },
		{ "one 'two words' \"three's\"", "one\ntwo words\nthree's\n" },
		{ "a\\ b 'c\\d' \"e\\\"f\"", "a b\nc\\d\ne\"f\n" },
		{ "'' \"\"", "\n\n" },
		{ "pre'fix'ed", "prefixed\n" },
		{ "$HOME `ls` *.c ;rm", "$HOME\n`ls`\n*.c\n;rm\n" },
		{ "back\\", "back\\\n" },
		{ "é 作", "é\n作\n" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct words words = { 0 };
		char *rows;

		assert_int_equal(words_split(&words, cases[i].line, NULL), KL_OK);
		rows = words_rows(&words);
		assert_string_equal(rows, cases[i].rows);
		free(rows);
		words_clear(&words);
	}
}

static void goes_round(void **state)
{
	static const char *const cases[] = { "", "one\n", "\n", "two words\n\n'\"\\\n", "-x\n--y=1\n" };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct words words = { 0 };
		char *line, *rows;

		words_of_rows(&words, cases[i]);
		line = words_line(&words);
		assert_int_equal(words_split(&words, line, NULL), KL_OK);
		rows = words_rows(&words);
		assert_string_equal(rows, cases[i]);
		free(line);
		free(rows);
		words_clear(&words);
	}
}

static void refuses_an_open_quote(void **state)
{
	struct words words = { 0 };
	struct kl_error err;

	(void)state;
	assert_int_equal(words_split(&words, "one 'two", &err), KL_EINVAL);
	assert_string_equal(err.message, "a quote is not closed: write \\' for the sign itself");
	assert_int_equal(words.count, 0);
	assert_null(words.items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_as_a_person_means),
		cmocka_unit_test(goes_round),
		cmocka_unit_test(refuses_an_open_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
