/* Searching and replacing: what is found, where it goes round, and what ends before anybody waits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/search.h>
#include <kodelab/text.h>
#include <time.h>

static struct kl_search *open_search(const char *pattern, unsigned flags)
{
	struct kl_search *search = NULL;
	struct kl_error err;

	if (kl_search_open(&search, pattern, flags, &err))
		fail_msg("%s", err.message);
	return search;
}

static void assert_holds(const struct kl_text *text, const char *want)
{
	char *bytes = kl_text_dup(text, NULL);

	assert_string_equal(bytes, want);
	free(bytes);
}

/* In pieces of three bytes, so that nothing lies together. */
static struct kl_text *in_pieces(const char *bytes)
{
	struct kl_text *text = kl_text_new("", 0);

	for (size_t len = strlen(bytes); len; len -= len < 3 ? len : 3) {
		size_t part = len < 3 ? len : 3;

		kl_text_insert(text, 0, bytes + len - part, part);
	}
	return text;
}

#define NONE ((size_t)-1)

static void next_and_prev(void **state)
{
	static const struct {
		const char *text, *pattern;
		unsigned flags;
		size_t from, next, prev; /* starts; NONE */
		bool next_wraps, prev_wraps;
	} cases[] = {
		{ "one two one", "one", 0, 1, 8, 0, false, false },
		{ "one two one", "one", 0, 9, 0, 8, true, false },
		{ "one two one", "one", 0, 0, 0, 8, false, true },
		{ "one two one", "two", 0, 4, 4, 4, false, true },
		{ "one two one", "four", 0, 0, NONE, NONE, false, false },
		{ "a.c abc", "a.c", 0, 0, 0, 0, false, true },
		{ "a.c abc", "a.c", KL_SEARCH_REGEX, 1, 4, 0, false, false },
		{ "Word word", "word", KL_SEARCH_CASE, 0, 5, 5, false, true },
		{ "Word word", "word", KL_SEARCH_SMART_CASE, 0, 0, 5, false, true },
		{ "word Word", "Word", KL_SEARCH_SMART_CASE, 0, 5, 5, false, true },
		{ "word Word", "\\Wword", KL_SEARCH_SMART_CASE | KL_SEARCH_REGEX, 0, 4, 4, false, true },
		{ "\xc3\x89 \xc3\xa9", "\xc3\xa9", 0, 2, 3, 0, false, false },
		{ "cat concat cat", "cat", KL_SEARCH_WORD, 1, 11, 0, false, false },
		{ "r\xc3\xa9"
		  "a a",
		  "a", KL_SEARCH_WORD, 0, 5, 5, false, true },
		{ "a+b a b", "a+b", KL_SEARCH_WORD, 0, 0, 0, false, true },
		{ "x\ny\nx", "^x$", KL_SEARCH_REGEX, 1, 4, 0, false, false },
		{ "x\r\ny\r\nx", "y$", KL_SEARCH_REGEX, 0, 3, 3, false, true },
		{ "ab\ncd", "b\\nc", KL_SEARCH_REGEX, 0, 1, 1, false, true },
		{ "a\xff"
		  "b\xfe"
		  "c",
		  "c", 0, 0, 4, 4, false, true },
		{ "a\xff"
		  "b",
		  "a.b", KL_SEARCH_REGEX, 0, NONE, NONE, false, false },
		{ "", "^", KL_SEARCH_REGEX, 0, 0, 0, false, true },
		{ "foobar", "(?<=foo)bar", KL_SEARCH_REGEX, 3, 3, 3, false, true },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_search *search = open_search(cases[i].pattern, cases[i].flags);
		struct kl_text *text = in_pieces(cases[i].text);
		struct kl_match match = { 0 };
		enum kl_status status;

		status = kl_search_next(&match, search, text, cases[i].from, NULL);
		assert_int_equal(status, cases[i].next == NONE ? KL_ENOENT : KL_OK);
		if (!status) {
			assert_int_equal(match.start, cases[i].next);
			assert_int_equal(match.wrapped, cases[i].next_wraps);
		}
		status = kl_search_prev(&match, search, text, cases[i].from, NULL);
		assert_int_equal(status, cases[i].prev == NONE ? KL_ENOENT : KL_OK);
		if (!status) {
			assert_int_equal(match.start, cases[i].prev);
			assert_int_equal(match.wrapped, cases[i].prev_wraps);
		}
		kl_text_free(text);
		kl_search_close(search);
	}
}

static void refusals(void **state)
{
	static const struct {
		const char *pattern, *sentence;
	} cases[] = {
		{ "", "there is nothing to search for" },
		{ "(a", "the pattern is wrong at 2: missing closing parenthesis" },
		{ "a\\C", "the pattern is wrong at 3: using \\C is disabled by the application" },
	};
	struct kl_search *search = NULL;
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		assert_int_equal(kl_search_open(&search, cases[i].pattern, KL_SEARCH_REGEX, &err), KL_EINVAL);
		assert_string_equal(err.message, cases[i].sentence);
		assert_null(search);
	}
}

static void exploding_patterns_end(void **state)
{
	static const char *const patterns[] = {
		"(a+)+$",
		"(a|aa)+$",
		"(a|a?)+b",
		"(.*)*x",
		"^(([a-z])+.)+[A-Z]([a-z])+$",
		"(?:a*)*\\1?(\\w+\\s?)+!",
		"[\\s\\S]*zzz",
		"(\\w|\\W)*?zzz(?=(a+)+$)",
	};
	char *line = kl_alloc(200001);
	struct kl_text *text;
	int ended = 0; /* by the limit */

	(void)state;
	memset(line, 'a', 200000);
	line[200000] = '\0';
	for (size_t at = 3000; at < 200000; at += 5000)
		line[at] = '\n';
	text = kl_text_new(line, 200000);
	for (size_t i = 0; i < KL_LENGTH(patterns); i++) {
		struct kl_search *search = open_search(patterns[i], KL_SEARCH_REGEX | KL_SEARCH_CASE);
		clock_t begin = clock();
		int64_t took_ms;
		struct kl_match match;
		struct kl_error err = { 0 };
		enum kl_status status = kl_search_next(&match, search, text, 0, &err);

		took_ms = (int64_t)(clock() - begin) / (CLOCKS_PER_SEC / 1000);
		ended += status == KL_ETIME;
		if (status == KL_ETIME)
			assert_string_equal(err.message, "the pattern takes too long on this text: make it simpler");
		if (took_ms > 1000) /* the goal is 50; under a sanitizer it takes more */
			fail_msg("%s took %d ms", patterns[i], (int)took_ms);
		kl_search_close(search);
	}
	assert_true(ended > 0);
	kl_text_free(text);
	free(line);
}

static void matches_across_windows(void **state)
{
	size_t len = 1200000;
	char *bytes = kl_alloc(len);
	struct kl_search *search;
	struct kl_match match;
	struct kl_text *text;

	(void)state;
	memset(bytes, '.', len);
	for (size_t at = 200000; at + 70 < len; at += 50021) {
		memset(bytes + at, 'x', 60);
		bytes[at + 60] = 'E';
	}
	text = kl_text_new(bytes, len); /* one line */
	search = open_search("x+E", KL_SEARCH_REGEX | KL_SEARCH_CASE);
	for (size_t at = 200000, from = 0; at + 70 < len; at += 50021, from = match.end) {
		assert_int_equal(kl_search_next(&match, search, text, from, NULL), KL_OK);
		assert_int_equal(match.start, at);
		assert_int_equal(match.end, at + 61);
		assert_false(match.wrapped);
	}
	for (size_t from = len, count = 0; count < 19; count++, from = match.start)
		assert_int_equal(kl_search_prev(&match, search, text, from, NULL), KL_OK);
	kl_search_close(search);
	search = open_search("x+E.{40000}", KL_SEARCH_REGEX | KL_SEARCH_CASE); /* ends in the next window */
	assert_int_equal(kl_search_next(&match, search, text, 240000, NULL), KL_OK);
	assert_int_equal(match.start, 250021);
	assert_int_equal(match.end, 250021 + 61 + 40000);
	kl_search_close(search);
	kl_text_free(text);
	free(bytes);
}

static void all_in_a_range(void **state)
{
	struct kl_text *text = in_pieces("aXbXcXd");
	struct kl_search *search = open_search("x", 0);
	struct kl_match matches[8];

	(void)state;
	assert_int_equal(kl_search_all(matches, 8, search, text, 0, 99), 3);
	assert_int_equal(matches[2].start, 5);
	assert_int_equal(kl_search_all(matches, 8, search, text, 2, 5), 1);
	assert_int_equal(matches[0].start, 3);
	assert_int_equal(kl_search_all(matches, 2, search, text, 0, 99), 2);
	kl_search_close(search);
	search = open_search("z*", KL_SEARCH_REGEX);
	assert_int_equal(kl_search_all(matches, 8, search, text, 0, 99), 7);
	kl_search_close(search);
	kl_text_free(text);
}

static void replacing(void **state)
{
	static const struct {
		const char *text, *pattern;
		unsigned flags;
		const char *with, *want;
		size_t count;
	} cases[] = {
		{ "one two one", "one", 0, "1", "1 two 1", 2 },
		{ "one two", "(\\w+) (\\w+)", KL_SEARCH_REGEX, "$2-$1$$\\n${1}!$0", "two-one$\none!one two", 1 },
		{ "a.b", ".", 0, "$1\\n", "a$1\\nb", 1 },
		{ "aaa", "a", 0, "aa", "aaaaaa", 3 },
		{ "a b  c", " +", KL_SEARCH_REGEX, "", "abc", 2 },
		{ "x\ny", "^", KL_SEARCH_REGEX, "> ", "> x\n> y", 2 },
		{ "ab", "(x)?b", KL_SEARCH_REGEX, "[$1]", "a[]", 1 },
		{ "none", "x", 0, "y", "none", 0 },
		{ "\xc3\xa9\xc3\xa9", "\xc3\xa9", 0, "e", "ee", 2 },
		{ "cost $", "cost", KL_SEARCH_REGEX, "$x \\d", "$x \\d $", 1 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_search *search = open_search(cases[i].pattern, cases[i].flags);
		struct kl_text *text = in_pieces(cases[i].text);
		size_t count = 99, revisions = kl_text_revisions(text);

		assert_int_equal(kl_search_replace_all(&count, search, text, 0, SIZE_MAX, cases[i].with, NULL), 0);
		assert_int_equal(count, cases[i].count);
		assert_holds(text, cases[i].want);
		assert_int_equal(kl_text_revisions(text), revisions + (count ? 1 : 0));
		if (count)
			assert_true(kl_text_undo(text, NULL));
		assert_holds(text, cases[i].text);
		kl_text_free(text);
		kl_search_close(search);
	}
}

static void replacing_one(void **state)
{
	struct kl_search *search = open_search("(o)n", KL_SEARCH_REGEX);
	struct kl_text *text = in_pieces("one on");
	struct kl_match match;
	struct kl_error err;
	size_t end = 0;

	(void)state;
	assert_int_equal(kl_search_next(&match, search, text, 1, NULL), KL_OK);
	assert_int_equal(kl_search_replace(&end, search, text, &match, "<$1>", NULL), KL_OK);
	assert_int_equal(end, 7);
	assert_holds(text, "one <o>");
	assert_int_equal(kl_search_replace(&end, search, text, &match, "$2", &err), KL_EINVAL);
	assert_string_equal(err.message, "the pattern has no group $2");
	assert_holds(text, "one <o>");
	kl_text_free(text);
	kl_search_close(search);
}

/* Searching has a time to keep: on a slow machine a large text may be too much, and that is told. */
static bool in_time(enum kl_status status, const struct kl_error *err, const char *otherwise)
{
	if (!status)
		return true;
	assert_int_equal(status, KL_ETIME);
	assert_string_equal(err->message, otherwise);
	return false;
}

static void a_large_text(void **state)
{
	size_t len = 20 << 20, count = 0;
	char *bytes = kl_alloc(len);
	struct kl_search *search = open_search("needle", 0);
	struct kl_match match;
	struct kl_text *text;
	struct kl_error err;
	int64_t start_us;

	(void)state;
	for (size_t i = 0; i < len; i++)
		bytes[i] = i % 61 == 60 ? '\n' : (char)('a' + i % 26);
	memcpy(bytes + len - 10, "needle", 6);
	text = kl_text_new(bytes, len);
	free(bytes);
	start_us = kl_clock_mono_us();
	if (in_time(kl_search_next(&match, search, text, 0, &err), &err,
		    "the pattern takes too long on this text: make it simpler"))
		assert_int_equal(match.start, len - 10);
	print_message("# 20 MB searched in %d us\n", (int)(kl_clock_mono_us() - start_us));
	kl_search_close(search);
	search = open_search("abcdefg", 0);
	start_us = kl_clock_mono_us();
	if (in_time(kl_search_replace_all(&count, search, text, 0, 1 << 20, "ABC", &err), &err,
		    "there is too much to replace; nothing was changed"))
		assert_true(count > 30000 && kl_text_len(text) == len - 4 * count);
	else
		assert_int_equal(kl_text_len(text), len);
	print_message("# %zu replaced in %d us\n", count, (int)(kl_clock_mono_us() - start_us));
	kl_search_close(search);
	kl_text_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_and_prev),          cmocka_unit_test(refusals),
		cmocka_unit_test(exploding_patterns_end), cmocka_unit_test(matches_across_windows),
		cmocka_unit_test(all_in_a_range),         cmocka_unit_test(replacing),
		cmocka_unit_test(replacing_one),          cmocka_unit_test(a_large_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
