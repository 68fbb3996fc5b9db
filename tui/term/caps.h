#ifndef TUI_CAPS_H
#define TUI_CAPS_H

/*
 * What a terminal can do: terminfo (read with ncurses' library), the locale, the environment, and what the terminal
 * itself answered later. The rest of tui/term asks only this struct.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

#include "tui/ui/theme.h"

/* Control functions by their ECMA-48 names; used only when terminfo has them. */
enum caps_has {
	HAS_CUU = 1 << 0,
	HAS_CUD = 1 << 1,
	HAS_CUF = 1 << 2,
	HAS_CUB = 1 << 3,
	HAS_HPA = 1 << 4, /* CSI G */
	HAS_VPA = 1 << 5,
	HAS_EL = 1 << 6,
	HAS_ECH = 1 << 7,
	HAS_SCROLL = 1 << 8, /* lines of a region: csr, indn, rin */
	HAS_INDEX = 1 << 9, /* csr, ind, ri */
};

/* Strings of terminfo, without padding; "" when there is none. */
enum caps_string {
	STR_CUP,
	STR_CLEAR,
	STR_ENTER,
	STR_LEAVE,
	STR_KEYPAD_ON,
	STR_KEYPAD_OFF,
	STR_CURSOR_HIDE,
	STR_CURSOR_SHOW,
	STR_ACS_INIT,
	STR_ACS_ON,
	STR_ACS_OFF,
	STR_ACS_MAP,
	STR_SGR0,
	STR_BOLD,
	STR_DIM,
	STR_ITALIC,
	STR_UNDERLINE,
	STR_REVERSE,
	STR_STRIKE,
	STR_SETAF,
	STR_SETAB,
	STR_OP,
	STR_EL,
	STR_BELL,
	STR_COUNT
};

enum { CAPS_STRING_MAX = 128, CAPS_KEYS_MAX = 64 };

struct caps_key {
	const char *name; /* of terminfo: "kcuu1" */
	char bytes[16];
};

struct caps {
	char name[64]; /* TERM */
	char strings[STR_COUNT][CAPS_STRING_MAX];
	struct caps_key keys[CAPS_KEYS_MAX]; /* what it says its keys send */
	size_t key_count;
	unsigned has; /* enum caps_has */
	unsigned attrs; /* enum attr */
	enum color_depth depth;
	bool ansi; /* moves and erases by ECMA-48 */
	bool sgr; /* colours and attributes by ECMA-48 */
	bool sgr_off; /* ... one by one taken back (22, 24, 27) */
	bool bce; /* erasing takes the current background */
	bool wraps_late; /* the last column can be written without a line feed (xenl, or no am) */
	bool xterm; /* private modes of xterm may be switched on */
	bool utf8; /* of the locale */
	bool plain_font; /* few signs beyond line drawing */
	bool fallback; /* terminfo had no entry: a built-in one */
	bool asks_rgb; /* worth asking whether it has 24-bit colour */
	bool asks_modes; /* it does not show a DECRQM as text */
	/* what it answered */
	bool sync; /* DECRQM 2026 */
	bool margins; /* DECRQM 69 */
};

/* Reads the terminal's abilities. KL_EINVAL: no TERM, unknown, or without cursor addressing. */
enum kl_status caps_load(struct caps *caps, const char *term, struct kl_error *err) KL_MUST_CHECK;

/* NO_COLOR and the options: depth becomes DEPTH_MONO, or stays. */
void caps_set_color(struct caps *caps, bool color, bool force);

/* Appends a terminfo string with up to two numbers filled in. */
void caps_add(const struct caps *caps, struct kl_buf *out, enum caps_string string, int first, int second);

#endif
