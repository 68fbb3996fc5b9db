/* Keys and their names: see key.h. */
#include "key.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <kodelab/alloc.h>
#include <kodelab/visible.h>

/* The first name of a code is the one that is shown; the others are understood. */
/* clang-format off */
static const struct {
	const char *name;
	uint32_t code;
} names[] = {
	{ "Tab", KEY_TAB },           { "Enter", KEY_ENTER },       { "Return", KEY_ENTER },
	{ "Esc", KEY_ESC },           { "Escape", KEY_ESC },        { "Space", KEY_SPACE },
	{ "Backspace", KEY_BACKSPACE }, { "Up", KEY_UP },           { "Down", KEY_DOWN },
	{ "Left", KEY_LEFT },         { "Right", KEY_RIGHT },       { "Home", KEY_HOME },
	{ "End", KEY_END },           { "PageUp", KEY_PAGE_UP },    { "PgUp", KEY_PAGE_UP },
	{ "PageDown", KEY_PAGE_DOWN }, { "PgDn", KEY_PAGE_DOWN },   { "Insert", KEY_INSERT },
	{ "Ins", KEY_INSERT },        { "Delete", KEY_DELETE },     { "Del", KEY_DELETE },
	{ "Center", KEY_CENTER },     { "Menu", KEY_MENU },
};
/* clang-format on */

/* clang-format off */
static const struct {
	char letter;
	unsigned mod;
} prefixes[] = {
	{ 'C', MOD_CTRL },
	{ 'M', MOD_ALT },
	{ 'S', MOD_SHIFT },
	{ 'W', MOD_SUPER },
};
/* clang-format on */

bool key_is_text(struct key key)
{
	return key.code >= 0x20 && key.code < KEY_UP && key.code != KEY_BACKSPACE && !(key.mods & ~(unsigned)MOD_SHIFT);
}

/* ---- the one form ---------------------------------------------------------------------------------------------- */

static bool is_letter(uint32_t code)
{
	return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}

static bool is_character(uint32_t code)
{
	return code > 0x20 && code < KEY_UP && code != KEY_BACKSPACE;
}

struct key key_normal(struct key key)
{
	if (is_letter(key.code) && (key.mods & MOD_CTRL)) {
		key.code |= 0x20;
	} else if (is_letter(key.code) && (key.mods & MOD_SHIFT)) {
		key.code &= ~0x20u;
		key.mods &= ~(unsigned)MOD_SHIFT;
	} else if (is_character(key.code) && !(key.mods & MOD_CTRL)) {
		key.mods &= ~(unsigned)MOD_SHIFT;
	}
	return key;
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

static size_t encode_utf8(char *text, uint32_t code)
{
	if (code < 0x80) {
		text[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		text[0] = (char)(0xc0 | code >> 6);
		text[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		text[0] = (char)(0xe0 | code >> 12);
		text[1] = (char)(0x80 | (code >> 6 & 0x3f));
		text[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	text[0] = (char)(0xf0 | code >> 18);
	text[1] = (char)(0x80 | (code >> 12 & 0x3f));
	text[2] = (char)(0x80 | (code >> 6 & 0x3f));
	text[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

size_t key_text(char *text, struct key key)
{
	return key_is_text(key) ? encode_utf8(text, key.code) : 0;
}

static void name_code(char *text, size_t size, uint32_t code)
{
	char utf8[5] = "";

	for (size_t i = 0; i < KL_LENGTH(names); i++) {
		if (names[i].code == code) {
			snprintf(text, size, "%s", names[i].name);
			return;
		}
	}
	if (code >= KEY_F1 && code <= KEY_F24) {
		snprintf(text, size, "F%u", (unsigned)(code - KEY_F1 + 1));
	} else if (code >= 0x20 && code < KEY_UP) {
		utf8[encode_utf8(utf8, code)] = '\0';
		snprintf(text, size, "%s", utf8);
	} else {
		snprintf(text, size, "?");
	}
}

const char *key_name(char *text, struct key key)
{
	size_t len = 0;

	for (size_t i = 0; i < KL_LENGTH(prefixes); i++) {
		if (key.mods & prefixes[i].mod) {
			text[len++] = prefixes[i].letter;
			text[len++] = '-';
		}
	}
	name_code(text + len, KEY_NAME_MAX - len, key.code);
	return text;
}

static bool parse_modifier(unsigned *mods, const char *name, size_t len)
{
	if (len < 3 || name[1] != '-')
		return false;
	for (size_t i = 0; i < KL_LENGTH(prefixes); i++) {
		if (prefixes[i].letter == name[0]) {
			*mods |= prefixes[i].mod;
			return true;
		}
	}
	return false;
}

static bool parse_function_key(uint32_t *code, const char *name, size_t len)
{
	unsigned number = 0;

	if (len < 2 || len > 3 || (name[0] != 'F' && name[0] != 'f'))
		return false;
	for (size_t i = 1; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		number = number * 10 + (unsigned)(name[i] - '0');
	}
	if (number < 1 || number > 24)
		return false;
	*code = KEY_F1 + number - 1;
	return true;
}

static bool parse_code(uint32_t *code, const char *name, size_t len)
{
	int character;

	for (size_t i = 0; i < KL_LENGTH(names); i++) {
		if (strlen(names[i].name) == len && strncasecmp(names[i].name, name, len) == 0) {
			*code = names[i].code;
			return true;
		}
	}
	if (parse_function_key(code, name, len))
		return true;
	if (len == 0 || kl_utf8_decode(&character, name, len) != len || character <= 0x20 || character == 0x7f)
		return false;
	*code = (uint32_t)character;
	return true;
}

bool key_parse(struct key *out, const char *name, size_t len)
{
	struct key key = { 0 };

	while (parse_modifier(&key.mods, name, len)) {
		name += 2;
		len -= 2;
	}
	if (!parse_code(&key.code, name, len))
		return false;
	*out = key_normal(key);
	return true;
}

size_t key_parse_sequence(struct key *keys, size_t max, const char *sequence)
{
	size_t count = 0;

	for (;;) {
		size_t len;

		sequence += strspn(sequence, " ");
		len = strcspn(sequence, " ");
		if (len == 0)
			return count;
		if (count == max || !key_parse(&keys[count], sequence, len))
			return 0;
		count++;
		sequence += len;
	}
}
