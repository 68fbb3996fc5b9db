/* links: tui/ui/fuzzy.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>

#include "tui/ui/fuzzy.h"

static void finds_letters_in_order(void **state)
{
	(void)state;
	assert_true(fuzzy_score("", "anything") > 0);
	assert_true(fuzzy_score("sbm", "submit") > 0);
	assert_true(fuzzy_score("SUB", "submit") > 0);
	assert_int_equal(fuzzy_score("mbs", "submit"), 0);
	assert_int_equal(fuzzy_score("x", ""), 0);
}

static void prefers_what_a_person_means(void **state)
{
	static const struct {
		const char *pattern, *better, *worse;
	} cases[] = {
		{ "run", "run", "external-editor unrun" },
		{ "nt", "next-tab", "continue" },
		{ "hist", "history", "the list" },
		{ "go", "goto-line", "algorithm" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_true(fuzzy_score(cases[i].pattern, cases[i].better) >
			    fuzzy_score(cases[i].pattern, cases[i].worse));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_letters_in_order),
		cmocka_unit_test(prefers_what_a_person_means),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
