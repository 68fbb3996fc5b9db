/* The machine that cuts input into characters, sequences and pastes: see keys.h. sequence.c knows what they mean. */
#include "keys.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/visible.h>

#include "keys_int.h"

static const char paste_end[] = "\033[201~";

enum { ESC = 0x1b, BEL = 0x07, CAN = 0x18, SUB = 0x1a, DEL = 0x7f, X10_LEN = 6 };

void keys_init(struct keys *keys, bool utf8, keys_fn *fn, void *ctx)
{
	*keys = (struct keys){ .fn = fn, .ctx = ctx, .utf8 = utf8, .erase = DEL };
	kl_buf_init(&keys->paste, KEYS_PASTE_MAX);
}

void keys_release(struct keys *keys)
{
	kl_buf_release(&keys->paste);
}

/* ---- giving out ------------------------------------------------------------------------------------------------ */

static void flush_wheel(struct keys *keys)
{
	struct input input = { .kind = INPUT_MOUSE, .mouse = keys->wheel };

	if (!keys->wheel.wheel)
		return;
	keys->wheel.wheel = 0;
	keys->fn(keys->ctx, &input);
}

static bool joins_wheel(const struct keys *keys, const struct input *input)
{
	return input->kind == INPUT_MOUSE && input->mouse.kind == MOUSE_WHEEL && input->mouse.y == keys->wheel.y &&
	       input->mouse.x == keys->wheel.x && input->mouse.mods == keys->wheel.mods &&
	       (input->mouse.wheel > 0) == (keys->wheel.wheel > 0);
}

void keys_emit(struct keys *keys, const struct input *input)
{
	if (keys->wheel.wheel && joins_wheel(keys, input)) {
		keys->wheel.wheel += input->mouse.wheel;
		return;
	}
	flush_wheel(keys);
	if (input->kind == INPUT_MOUSE && input->mouse.kind == MOUSE_WHEEL)
		keys->wheel = input->mouse;
	else
		keys->fn(keys->ctx, input);
}

void keys_emit_key(struct keys *keys, uint32_t code, unsigned mods)
{
	struct input input = { .kind = INPUT_KEY, .key = { code, mods } };

	if (keys->alt)
		input.key.mods |= MOD_ALT;
	input.key = key_normal(input.key);
	keys_emit(keys, &input);
}

struct key keys_control(const struct keys *keys, unsigned char byte)
{
	if (byte == DEL || byte == (unsigned char)keys->erase)
		return (struct key){ KEY_BACKSPACE, 0 };
	if (byte == '\t' || byte == '\r' || byte == ESC)
		return (struct key){ byte, 0 };
	if (byte == 0)
		return (struct key){ KEY_SPACE, MOD_CTRL };
	return (struct key){ byte <= 26 ? (uint32_t)byte | 0x60 : (uint32_t)byte | 0x40, MOD_CTRL };
}

static void begin(struct keys *keys, enum keys_state state)
{
	keys->state = state;
	keys->len = 0;
	keys->alt = false;
}

static void keep(struct keys *keys, unsigned char byte)
{
	if (keys->len < KEYS_SEQUENCE_MAX)
		keys->pending[keys->len] = (char)byte;
	if (keys->len <= KEYS_SEQUENCE_MAX)
		keys->len++;
}

/* ---- plain characters ------------------------------------------------------------------------------------------ */

static void take_ground(struct keys *keys, unsigned char byte)
{
	struct key key;

	if (byte == ESC) {
		begin(keys, KEYS_ESC);
		keep(keys, byte);
	} else if (byte < 0x20 || byte == DEL) {
		key = keys_control(keys, byte);
		keys_emit_key(keys, key.code, key.mods);
	} else if (byte < 0x80) {
		keys_emit_key(keys, byte, 0);
	} else if (!keys->utf8) {
		if (byte >= 0xa0)
			keys_emit_key(keys, byte, 0);
	} else if (byte >= 0xc2 && byte <= 0xf4) {
		keys->len = 0;
		keys->state = KEYS_UTF8;
		keep(keys, byte);
	}
}

static size_t utf8_size(unsigned char lead)
{
	return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

static void take_utf8(struct keys *keys, unsigned char byte)
{
	int code;

	if ((byte & 0xc0) != 0x80) { /* broken off: drop it, begin anew */
		begin(keys, KEYS_GROUND);
		take_ground(keys, byte);
		return;
	}
	keep(keys, byte);
	if (keys->len < utf8_size((unsigned char)keys->pending[0]))
		return;
	keys->state = KEYS_GROUND;
	if (kl_utf8_decode(&code, keys->pending, keys->len) == keys->len && code >= 0xa0)
		keys_emit_key(keys, (uint32_t)code, 0);
	keys->alt = false;
}

/* ---- sequences ------------------------------------------------------------------------------------------------- */

/* DCS, OSC, APC, PM. No terminal sends SOS (ESC X), and Alt-X is a key. */
static bool opens_string(unsigned char byte)
{
	return byte == 'P' || byte == ']' || byte == '_' || byte == '^';
}

static void take_alt(struct keys *keys, unsigned char byte)
{
	begin(keys, KEYS_GROUND);
	keys->alt = true;
	take_ground(keys, byte);
	if (keys->state == KEYS_GROUND)
		keys->alt = false;
}

static void take_esc(struct keys *keys, unsigned char byte)
{
	if (byte == ESC) {
		if (keys->alt)
			keys_emit(keys, &(struct input){ .kind = INPUT_KEY, .key = { KEY_ESC, 0 } });
		keys->alt = true;
		return;
	}
	keep(keys, byte);
	if (byte == '[')
		keys->state = KEYS_CSI;
	else if (byte == 'O')
		keys->state = KEYS_SS3;
	else if (opens_string(byte))
		keys->state = KEYS_STRING;
	else
		take_alt(keys, byte);
}

/* A control inside a sequence: CAN and SUB end it, ESC begins another, others are keys of their own. */
static void take_control_inside(struct keys *keys, unsigned char byte)
{
	begin(keys, KEYS_GROUND);
	if (byte != CAN && byte != SUB)
		take_ground(keys, byte);
}

static void begin_paste(struct keys *keys)
{
	begin(keys, KEYS_PASTE);
	keys->matched = 0;
	keys->after_cr = false;
	kl_buf_clear(&keys->paste);
}

static bool is_pending(const struct keys *keys, const char *text)
{
	return keys->len == strlen(text) && memcmp(keys->pending, text, keys->len) == 0;
}

static void finish_csi(struct keys *keys)
{
	if (is_pending(keys, "\033[200~")) {
		begin_paste(keys);
		return;
	}
	if (is_pending(keys, "\033[M")) {
		keys->state = KEYS_X10;
		return;
	}
	if (keys->len <= KEYS_SEQUENCE_MAX)
		sequence_csi(keys);
	begin(keys, KEYS_GROUND);
}

static void take_csi(struct keys *keys, unsigned char byte)
{
	bool rxvt =
		keys->len > 3 && keys->len <= KEYS_SEQUENCE_MAX && keys->pending[keys->len - 1] == '$' && byte != 'y';

	if (rxvt && sequence_rxvt_shift(keys)) {
		begin(keys, KEYS_GROUND);
		take_ground(keys, byte);
		return;
	}
	if (byte < 0x20 || byte >= DEL) {
		take_control_inside(keys, byte);
		return;
	}
	keep(keys, byte);
	if (byte == '[' && keys->len == 3)
		keys->state = KEYS_LINUX;
	else if (byte >= 0x40)
		finish_csi(keys);
}

static void take_ss3(struct keys *keys, unsigned char byte)
{
	if (byte < 0x20 || byte >= DEL) {
		take_control_inside(keys, byte);
		return;
	}
	keep(keys, byte);
	if (byte >= '0' && byte <= '9')
		return;
	if (keys->len <= KEYS_SEQUENCE_MAX)
		sequence_ss3(keys);
	begin(keys, KEYS_GROUND);
}

static void take_string(struct keys *keys, unsigned char byte)
{
	if (byte == ESC) {
		keys->state = KEYS_STRING_ESC;
	} else if (byte == BEL) {
		begin(keys, KEYS_GROUND);
	} else if (byte < 0x08 || byte == CAN || byte == SUB) {
		take_control_inside(keys, byte); /* C-c gets a person out of a string that never ends */
	} else {
		keep(keys, byte);
	}
}

static void take_string_esc(struct keys *keys, unsigned char byte)
{
	if (byte == '\\' && keys->len <= KEYS_SEQUENCE_MAX)
		sequence_string(keys);
	begin(keys, KEYS_GROUND);
	if (byte == '\\')
		return;
	take_ground(keys, ESC);
	take_esc(keys, byte);
}

/* ---- paste ----------------------------------------------------------------------------------------------------- */

static void give_paste(struct keys *keys)
{
	struct input input = { .kind = INPUT_PASTE, .text = keys->paste.data, .len = keys->paste.len };

	keys_emit(keys, &input);
	kl_wipe(keys->paste.data, keys->paste.len); /* it may have been a secret */
	kl_buf_clear(&keys->paste);
}

/* One byte of what was pasted: newlines in one form, no controls. */
static void paste_byte(struct keys *keys, unsigned char byte)
{
	bool newline = byte == '\n' && keys->after_cr; /* the second half of CRLF */

	keys->after_cr = byte == '\r';
	if (newline || (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == DEL)
		return;
	if (keys->paste.len + 1 >= KEYS_PASTE_MAX)
		give_paste(keys);
	kl_buf_add_char(&keys->paste, byte == '\r' ? '\n' : (char)byte);
}

static void take_paste(struct keys *keys, unsigned char byte)
{
	if (byte == (unsigned char)paste_end[keys->matched]) {
		if (paste_end[++keys->matched])
			return;
		give_paste(keys);
		kl_buf_release(&keys->paste);
		kl_buf_init(&keys->paste, KEYS_PASTE_MAX);
		begin(keys, KEYS_GROUND);
		return;
	}
	for (size_t i = 0; i < keys->matched; i++)
		paste_byte(keys, (unsigned char)paste_end[i]);
	keys->matched = byte == ESC;
	if (!keys->matched)
		paste_byte(keys, byte);
}

/* ---- the machine ----------------------------------------------------------------------------------------------- */

static void take(struct keys *keys, unsigned char byte)
{
	switch (keys->state) {
	case KEYS_GROUND:
		take_ground(keys, byte);
		break;
	case KEYS_UTF8:
		take_utf8(keys, byte);
		break;
	case KEYS_ESC:
		take_esc(keys, byte);
		break;
	case KEYS_CSI:
		take_csi(keys, byte);
		break;
	case KEYS_SS3:
		take_ss3(keys, byte);
		break;
	case KEYS_LINUX:
		keep(keys, byte);
		sequence_linux(keys);
		begin(keys, KEYS_GROUND);
		break;
	case KEYS_X10:
		keep(keys, byte);
		if (keys->len == X10_LEN)
			begin(keys, KEYS_GROUND);
		break;
	case KEYS_STRING:
		take_string(keys, byte);
		break;
	case KEYS_STRING_ESC:
		take_string_esc(keys, byte);
		break;
	case KEYS_PASTE:
		take_paste(keys, byte);
		break;
	}
}

void keys_feed(struct keys *keys, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		take(keys, (unsigned char)bytes[i]);
	flush_wheel(keys);
}

/* ---- what waits ------------------------------------------------------------------------------------------------ */

enum keys_wait keys_waiting(const struct keys *keys)
{
	if (keys->state == KEYS_ESC)
		return KEYS_WAIT_SHORT;
	if (keys->len == 2 && (keys->state == KEYS_CSI || keys->state == KEYS_SS3 || keys->state == KEYS_STRING))
		return KEYS_WAIT_LONG;
	if (keys->state == KEYS_CSI && keys->len > 3 && keys->len <= KEYS_SEQUENCE_MAX &&
	    keys->pending[keys->len - 1] == '$')
		return KEYS_WAIT_LONG;
	return KEYS_WAIT_NONE;
}

void keys_timeout(struct keys *keys)
{
	const struct input esc = { .kind = INPUT_KEY, .key = { KEY_ESC, 0 } };

	if (keys_waiting(keys) == KEYS_WAIT_NONE)
		return;
	if (keys->state == KEYS_ESC) {
		if (keys->alt) /* Esc twice, quickly */
			keys_emit(keys, &esc);
		keys_emit(keys, &esc);
	} else if (keys->len == 2) {
		keys_emit_key(keys, (unsigned char)keys->pending[1], MOD_ALT);
	} else {
		sequence_rxvt_shift(keys);
	}
	begin(keys, KEYS_GROUND);
	flush_wheel(keys);
}
