/* links: tui/ui/key.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/alloc.h>

#include "tui/ui/key.h"

static void names_go_both_ways(void **state)
{
	static const struct {
		const char *name;
		struct key key;
	} cases[] = {
		{ "a", { 'a', 0 } },
		{ "A", { 'A', 0 } },
		{ "-", { '-', 0 } },
		{ "é", { 0xe9, 0 } },
		{ "世", { 0x4e16, 0 } },
		{ "😀", { 0x1f600, 0 } },
		{ "C-s", { 's', MOD_CTRL } },
		{ "C--", { '-', MOD_CTRL } },
		{ "C-S-p", { 'p', MOD_CTRL | MOD_SHIFT } },
		{ "M-x", { 'x', MOD_ALT } },
		{ "M-X", { 'X', MOD_ALT } },
		{ "C-M-S-W-Up", { KEY_UP, MOD_CTRL | MOD_ALT | MOD_SHIFT | MOD_SUPER } },
		{ "S-Up", { KEY_UP, MOD_SHIFT } },
		{ "F1", { KEY_F1, 0 } },
		{ "S-F12", { KEY_F1 + 11, MOD_SHIFT } },
		{ "F24", { KEY_F24, 0 } },
		{ "Enter", { KEY_ENTER, 0 } },
		{ "C-Space", { KEY_SPACE, MOD_CTRL } },
		{ "S-Tab", { KEY_TAB, MOD_SHIFT } },
		{ "M-Backspace", { KEY_BACKSPACE, MOD_ALT } },
		{ "PageDown", { KEY_PAGE_DOWN, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		char text[KEY_NAME_MAX];
		struct key key = { 0 };

		assert_true(key_parse(&key, cases[i].name, strlen(cases[i].name)));
		assert_true(key_same(key, cases[i].key));
		assert_string_equal(key_name(text, cases[i].key), cases[i].name);
	}
}

static void other_spellings_are_understood(void **state)
{
	static const struct {
		const char *name, *shown;
	} cases[] = {
		{ "pgdn", "PageDown" }, { "RETURN", "Enter" }, { "Escape", "Esc" }, { "Del", "Delete" },
		{ "f5", "F5" },         { "C-S", "C-s" },      { "S-a", "A" },      { "S-?", "?" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		char text[KEY_NAME_MAX];
		struct key key;

		assert_true(key_parse(&key, cases[i].name, strlen(cases[i].name)));
		assert_string_equal(key_name(text, key), cases[i].shown);
	}
}

static void nonsense_is_refused(void **state)
{
	static const char *const cases[] = { "", "C-", "ab", "F0", "F25", "X-a", "C-foo", "\033", "\xff", "\xc3" };
	struct key key = { 0 };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_false(key_parse(&key, cases[i], strlen(cases[i])));
}

static void sequences_are_parsed_whole_or_not(void **state)
{
	struct key keys[3];

	(void)state;
	assert_int_equal(key_parse_sequence(keys, 3, " C-x  C-s "), 2);
	assert_int_equal(keys[1].code, 's');
	assert_int_equal(key_parse_sequence(keys, 3, "C-x nonsense"), 0);
	assert_int_equal(key_parse_sequence(keys, 3, "a b c d"), 0);
	assert_int_equal(key_parse_sequence(keys, 3, ""), 0);
}

static void text_is_what_types_itself(void **state)
{
	char text[4];

	(void)state;
	assert_int_equal(key_text(text, (struct key){ 'a', 0 }), 1);
	assert_int_equal(key_text(text, (struct key){ 0xe9, 0 }), 2);
	assert_memory_equal(text, "é", 2);
	assert_int_equal(key_text(text, (struct key){ 0x4e16, 0 }), 3);
	assert_int_equal(key_text(text, (struct key){ 0x1f600, 0 }), 4);
	assert_memory_equal(text, "😀", 4);
	assert_int_equal(key_text(text, (struct key){ 'a', MOD_CTRL }), 0);
	assert_int_equal(key_text(text, (struct key){ KEY_UP, 0 }), 0);
	assert_int_equal(key_text(text, (struct key){ KEY_BACKSPACE, 0 }), 0);
	assert_int_equal(key_text(text, (struct key){ KEY_TAB, 0 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_both_ways),        cmocka_unit_test(other_spellings_are_understood),
		cmocka_unit_test(nonsense_is_refused),       cmocka_unit_test(sequences_are_parsed_whole_or_not),
		cmocka_unit_test(text_is_what_types_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
