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
	ANSWER_STATUS,     /* CSI 0 n */
	ANSWER_CURSOR,     /* CSI r ; c R: value is the column, from 1 */
	ANSWER_DEVICE,     /* CSI ? ... c */
	ANSWER_MODE,       /* DECRQM: mode and value (0 to 4) */
	ANSWER_KITTY,      /* CSI ? flags u: value */
	ANSWER_STYLE,      /* DECRQSS of SGR: text, len */
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

struct keys {
	keys_fn *fn;
	void *ctx;
	unsigned char pending[KEYS_SEQUENCE_MAX]; /* the beginning of a sequence, or of a character */
	size_t pending_len;
	bool skipping;       /* inside a sequence that grew too long: wait for its end */
	unsigned char skip_until; /* what ends it: 0 a final byte, else ST or BEL */
	bool pasting;
	struct kl_buf paste;
	bool paste_after_cr; /* the last byte of the paste so far was CR */
	bool utf8;           /* the locale's encoding */
	unsigned char erase; /* what the Backspace key sends */
	struct keys_string strings[KEYS_STRINGS_MAX];
	size_t string_count;
	int press_y, press_x; /* of the last mouse press, for the button of a release */
	enum mouse_button pressed;
};

/* utf8: bytes from 0x80 on are UTF-8, else each is a character of Latin-1. */
void keys_init(struct keys *keys, bool utf8, keys_fn *fn, void *ctx);
void keys_release(struct keys *keys);
/* A string of terminfo for a key: looked at before all other rules. Ignored when it is a single printable byte. */
void keys_add_string(struct keys *keys, const char *bytes, struct key key);
/* Decodes; fn is called for each thing found. */
void keys_feed(struct keys *keys, const char *bytes, size_t len);
/* True when a lone ESC (or the start of a sequence) waits to be told from a longer one: call keys_timeout after the delay. */
bool keys_waiting(const struct keys *keys);
/* Nothing more came: what waits is what it is (ESC a key, ESC [ Alt-[). */
void keys_timeout(struct keys *keys);

#endif
