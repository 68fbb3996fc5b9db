#ifndef TUI_KEYS_H
#define TUI_KEYS_H

/*
 * Bytes from a terminal to keys, mouse, paste, focus and answers. A machine of its own state: no descriptors, no
 * clock, no allocation except for a paste, so any bytes can be thrown at it. Whatever is not understood is
 * swallowed whole and never becomes text.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>

#include "tui/ui/key.h"
#include "tui/ui/mouse.h"

enum { KEYS_SEQUENCE_MAX = 512, KEYS_STRINGS_MAX = 96, KEYS_PASTE_MAX = 64 << 20 };

enum input_kind {
	INPUT_KEY,
	INPUT_MOUSE,
	INPUT_PASTE, /* text, len: cleaned */
	INPUT_FOCUS, /* value: 1 in, 0 out */
	INPUT_ANSWER,
};

/* What a terminal answered. */
enum answer {
	ANSWER_STATUS, /* CSI 0 n */
	ANSWER_CURSOR, /* CSI r ; c R: value is the column, from 1 */
	ANSWER_DEVICE, /* CSI ? ... c */
	ANSWER_MODE, /* DECRQM: mode and value (0 to 4) */
	ANSWER_KITTY, /* CSI ? flags u: value */
	ANSWER_STYLE, /* DECRQSS of SGR: text, len */
};

struct input {
	enum input_kind kind;
	struct key key;
	struct mouse mouse;
	enum answer answer;
	int mode, value;
	const char *text; /* borrowed for the call */
	size_t len;
};

typedef void keys_fn(void *ctx, const struct input *input);

struct keys_string {
	char bytes[16]; /* of terminfo: what a key sends */
	size_t len;
	struct key key;
};

enum keys_state {
	KEYS_GROUND,
	KEYS_UTF8, /* inside a character */
	KEYS_ESC,
	KEYS_CSI,
	KEYS_SS3,
	KEYS_LINUX, /* ESC [ [ */
	KEYS_X10, /* ESC [ M: three bytes follow */
	KEYS_STRING, /* DCS, OSC, APC, PM: up to ST or BEL */
	KEYS_STRING_ESC,
	KEYS_PASTE,
};

struct keys {
	keys_fn *fn;
	void *ctx;
	enum keys_state state;
	char pending[KEYS_SEQUENCE_MAX]; /* the sequence or character so far, its ESC included */
	size_t len; /* of pending; more than KEYS_SEQUENCE_MAX: too long, to be dropped */
	bool alt; /* one more ESC stands before the sequence */
	size_t matched; /* bytes of the end marker of a paste seen so far */
	bool after_cr; /* the last byte of the paste was CR */
	struct kl_buf paste;
	bool utf8; /* the locale's encoding */
	char erase; /* what the Backspace key sends, besides DEL */
	struct keys_string strings[KEYS_STRINGS_MAX];
	size_t string_count;
	enum mouse_button pressed;
	struct mouse wheel; /* turns of this burst; wheel.wheel 0: none */
};

/* utf8: bytes from 0x80 on are UTF-8, else each is a character of Latin-1. */
void keys_init(struct keys *keys, bool utf8, keys_fn *fn, void *ctx);
void keys_release(struct keys *keys);
/* A string of terminfo ("kcuu1" sends bytes): looked at before all other rules. Unknown names are ignored. */
void keys_add_string(struct keys *keys, const char *name, const char *bytes);
/* Decodes; fn is called for each thing found. */
void keys_feed(struct keys *keys, const char *bytes, size_t len);

enum keys_wait {
	KEYS_WAIT_NONE,
	KEYS_WAIT_SHORT, /* a lone ESC: the delay a person may notice */
	KEYS_WAIT_LONG, /* the beginning of a sequence, which hardly anybody types */
};

/* Whether something waits to be told from a longer sequence: call keys_timeout after a delay without input. */
enum keys_wait keys_waiting(const struct keys *keys);
/* Nothing more came: what waits is what it is (ESC a key, ESC [ Alt-[). */
void keys_timeout(struct keys *keys);

#endif
