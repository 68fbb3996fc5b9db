/* links: tui/ui/fuzzy.c tui/ui/request.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/alloc.h>

#include "tui/ui/fuzzy.h"
#include "tui/ui/request.h"

static void finds_words_and_abbreviations(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool found;
	} cases[] = {
		{ "", "anything", true },
		{ "  ", "anything", true },
		{ "sbm", "submit", true },
		{ "SUB", "submit", true },
		{ "mbs", "submit", false },
		{ "x", "", false },
		{ "gotoline", "goto-line  Go to a line by its number", true },
		{ "ntab", "next-tab", true },
		{ "xtab", "next-tab", false }, /* an abbreviation begins with a word */
		{ "save file", "save  Write the file now", true },
		{ "file save", "save  Write the file now", true },
		{ "save fool", "save  Write the file now", false },
		{ "c++", "C++", true },
		{ "theme", "restore  Take the marked attempt into the editor", false },
		{ "theme", "next-place  Jump to the next line named by a message", false },
		{ "run", "suspend  Go back to the shell for a moment (fg returns)", false },
		{ "re", "shrink  Make more of it", false }, /* a short word inside a word of the sentence */
		{ "more", "shrink  Make anymore of it", true },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		int score = fuzzy_score(cases[i].pattern, cases[i].text);

		if ((score > 0) != cases[i].found)
			fail_msg("'%s' in '%s': %d", cases[i].pattern, cases[i].text, score);
	}
}

static void prefers_what_a_person_means(void **state)
{
	static const struct {
		const char *pattern, *better, *worse;
	} cases[] = {
		{ "run", "run", "external-editor unrun" },
		{ "run", "run  Run the sample tests", "submit  Submit: run all tests" },
		{ "run", "run", "run-again" },
		{ "run", "dry-run  Try", "submit  Submit: run all tests" },
		{ "nt", "next-tab", "continue" },
		{ "hist", "history", "the list" },
		{ "go", "goto-line", "algorithm" },
		{ "set", "settings", "select" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		int better = fuzzy_score(cases[i].pattern, cases[i].better);
		int worse = fuzzy_score(cases[i].pattern, cases[i].worse);

		if (better <= worse)
			fail_msg("'%s': '%s' %d, '%s' %d", cases[i].pattern, cases[i].better, better, cases[i].worse,
				 worse);
	}
}

/* The label of a request, as the palette has it; its score for the pattern. */
static int score_of(const char *pattern, enum request request)
{
	const struct request_info *info = request_info(request);
	char *label = kl_format("%s  %s", info->name, info->help);
	int score = info->help[0] ? fuzzy_score(pattern, label) : 0;

	free(label);
	return score;
}

/* What the palette shows first for a word, and how much it shows at all. */
static void finds_commands_by_short_words(void **state)
{
	/* clang-format off */
	static const struct {
		const char *pattern, *first;
		size_t most;
	} cases[] = {
		{ "run", "run", 7 }, { "submit", "submit", 1 }, { "save", "save", 2 }, { "theme", "theme", 1 }, { "hint", "hint", 1 },
		{ "undo", "undo", 4 }, { "next", "next-challenge", 9 }, { "find", "find", 6 }, { "hist", "history", 1 },
		{ "set", "settings", 4 }, { "lang", "language", 2 }, { "quit", "quit", 1 }, { "play", "playground", 2 },
		{ "zoom", "zoom", 1 }, { "home", "home", 1 }, { "next pane", "next-pane", 1 }, { "nt", "next-tab", 7 },
		{ "gl", "goto-line", 1 }, { "sbm", "submit", 2 },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		enum request first = REQ_NONE;
		size_t shown = 0;
		int best = 0;

		for (int request = 0; request < REQ_COUNT; request++) {
			int score = score_of(cases[i].pattern, (enum request)request);

			if (score > best)
				first = (enum request)request;
			best = score > best ? score : best;
		}
		for (int request = 0; request < REQ_COUNT; request++)
			shown += score_of(cases[i].pattern, (enum request)request) >= fuzzy_least(best);
		if (strcmp(request_info(first)->name, cases[i].first) != 0 || shown > cases[i].most)
			fail_msg("'%s' shows %zu, '%s' first", cases[i].pattern, shown, request_info(first)->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_words_and_abbreviations),
		cmocka_unit_test(prefers_what_a_person_means),
		cmocka_unit_test(finds_commands_by_short_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
