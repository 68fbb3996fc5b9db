#ifndef TUI_KEY_H
#define TUI_KEY_H

/*
 * A key as the keymap sees it: what it is and what was held. Names go both ways: "C-s", "M-x", "S-Up", "F5",
 * "C-S-p", "Enter", "Space", "M-Backspace". Modifiers are written in the order C- M- S- W- (W: super).
 *
 * Always in one form: a Ctrl letter is lower case ("C-s"; with Shift held "C-S-s", seen only with the kitty
 * protocol); a shifted character without Ctrl is that character without MOD_SHIFT ("A", "?"); Ctrl-I is Tab,
 * Ctrl-M Enter, Ctrl-[ Esc unless the terminal tells them apart; Ctrl-Space is "C-Space".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Codes up to 0x10ffff are the character typed. */
enum key_code {
	KEY_NONE = 0,
	KEY_TAB = '\t',
	KEY_ENTER = '\r',
	KEY_ESC = 0x1b,
	KEY_SPACE = ' ',
	KEY_BACKSPACE = 0x7f,
	KEY_UP = 0x110000,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_INSERT,
	KEY_DELETE,
	KEY_CENTER, /* the 5 of a keypad without NumLock */
	KEY_MENU,
	KEY_F1,
	KEY_F24 = KEY_F1 + 23,
	KEY_END_OF_CODES,
};

enum key_mod {
	MOD_SHIFT = 1 << 0,
	MOD_ALT = 1 << 1,
	MOD_CTRL = 1 << 2,
	MOD_SUPER = 1 << 3,
};

struct key {
	uint32_t code; /* enum key_code or a character */
	unsigned mods; /* enum key_mod */
};

enum { KEY_NAME_MAX = 32, KEYS_NAME_MAX = 128 };

static inline bool key_same(struct key a, struct key b)
{
	return a.code == b.code && a.mods == b.mods;
}

/* True when the key types text (a character without Ctrl, Alt or super). */
bool key_is_text(struct key key);
/* The UTF-8 of a key that is text, into text of 4 bytes (no NUL). Returns its length; 0: it is no text. */
size_t key_text(char *text, struct key key);
/* The one form described above: what the keymap is asked for. */
struct key key_normal(struct key key);
/* The name into text of KEY_NAME_MAX bytes. Returns text. */
const char *key_name(char *text, struct key key);
/* Parses one name of len bytes ("C-s"); false when it is none. Case matters only for single characters. */
bool key_parse(struct key *out, const char *name, size_t len);
/* Parses names parted by blanks ("C-x C-s"): at most max keys. Returns their number, 0 when one is wrong. */
size_t key_parse_sequence(struct key *keys, size_t max, const char *sequence);

#endif
