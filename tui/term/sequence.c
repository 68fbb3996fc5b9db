/*
 * What finished sequences mean: xterm and its many children, modifyOtherKeys, the kitty protocol, rxvt, the Linux
 * console, the VT100 keypad; mouse, focus and answers. What is in no table means nothing and is dropped.
 */
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "keys_int.h"

enum { PARAMS_MAX = 16, PARAM_LIMIT = 1 << 24 };

struct csi {
	char prefix; /* one of < = > ?, or 0 */
	char intermediate; /* the last one, or 0 */
	char final;
	int params[PARAMS_MAX];
	int subs[PARAMS_MAX]; /* the first value after a colon */
	size_t count;
};

struct named_code {
	int name;
	uint32_t code;
};

/* CSI 1;m A, SS3 A */
/* clang-format off */
static const struct named_code letters[] = {
	{ 'A', KEY_UP },       { 'B', KEY_DOWN },   { 'C', KEY_RIGHT }, { 'D', KEY_LEFT },    { 'E', KEY_CENTER },
	{ 'F', KEY_END },      { 'H', KEY_HOME },   { 'P', KEY_F1 },    { 'Q', KEY_F1 + 1 },  { 'R', KEY_F1 + 2 },
	{ 'S', KEY_F1 + 3 },
};
/* clang-format on */

/* SS3: the keypad of a VT100 */
/* clang-format off */
static const struct named_code keypad[] = {
	{ 'M', KEY_ENTER }, { 'I', KEY_TAB }, { ' ', ' ' }, { 'X', '=' }, { 'j', '*' }, { 'k', '+' }, { 'l', ',' },
	{ 'm', '-' },       { 'n', '.' },     { 'o', '/' }, { 'p', '0' }, { 'q', '1' }, { 'r', '2' }, { 's', '3' },
	{ 't', '4' },       { 'u', '5' },     { 'v', '6' }, { 'w', '7' }, { 'x', '8' }, { 'y', '9' },
};
/* clang-format on */

/* CSI n ~ */
/* clang-format off */
static const struct named_code numbers[] = {
	{ 1, KEY_HOME },       { 2, KEY_INSERT },     { 3, KEY_DELETE },     { 4, KEY_END },        { 5, KEY_PAGE_UP },
	{ 6, KEY_PAGE_DOWN },  { 7, KEY_HOME },       { 8, KEY_END },        { 11, KEY_F1 },        { 12, KEY_F1 + 1 },
	{ 13, KEY_F1 + 2 },    { 14, KEY_F1 + 3 },    { 15, KEY_F1 + 4 },    { 17, KEY_F1 + 5 },    { 18, KEY_F1 + 6 },
	{ 19, KEY_F1 + 7 },    { 20, KEY_F1 + 8 },    { 21, KEY_F1 + 9 },    { 23, KEY_F1 + 10 },   { 24, KEY_F1 + 11 },
	{ 25, KEY_F1 + 12 },   { 26, KEY_F1 + 13 },   { 28, KEY_F1 + 14 },   { 29, KEY_MENU },      { 31, KEY_F1 + 16 },
	{ 32, KEY_F1 + 17 },   { 33, KEY_F1 + 18 },   { 34, KEY_F1 + 19 },
};
/* clang-format on */

/* CSI n u: the private codes of the kitty protocol (its keypad is like the other keys) */
/* clang-format off */
static const struct named_code kitty[] = {
	{ 57363, KEY_MENU },  { 57409, '.' },          { 57410, '/' },            { 57411, '*' },
	{ 57412, '-' },       { 57413, '+' },          { 57414, KEY_ENTER },      { 57415, '=' },
	{ 57416, ',' },       { 57417, KEY_LEFT },     { 57418, KEY_RIGHT },      { 57419, KEY_UP },
	{ 57420, KEY_DOWN },  { 57421, KEY_PAGE_UP },  { 57422, KEY_PAGE_DOWN },  { 57423, KEY_HOME },
	{ 57424, KEY_END },   { 57425, KEY_INSERT },   { 57426, KEY_DELETE },     { 57427, KEY_CENTER },
};
/* clang-format on */

/* terminfo's names */
/* clang-format off */
static const struct {
	const char *name;
	struct key key;
} terminfo_keys[] = {
	{ "kcuu1", { KEY_UP, 0 } },            { "kcud1", { KEY_DOWN, 0 } },
	{ "kcub1", { KEY_LEFT, 0 } },          { "kcuf1", { KEY_RIGHT, 0 } },
	{ "khome", { KEY_HOME, 0 } },          { "kend", { KEY_END, 0 } },
	{ "kpp", { KEY_PAGE_UP, 0 } },         { "knp", { KEY_PAGE_DOWN, 0 } },
	{ "kich1", { KEY_INSERT, 0 } },        { "kdch1", { KEY_DELETE, 0 } },
	{ "kcbt", { KEY_TAB, MOD_SHIFT } },    { "kb2", { KEY_CENTER, 0 } },
	{ "kent", { KEY_ENTER, 0 } },          { "kUP", { KEY_UP, MOD_SHIFT } },
	{ "kDN", { KEY_DOWN, MOD_SHIFT } },    { "kri", { KEY_UP, MOD_SHIFT } },
	{ "kind", { KEY_DOWN, MOD_SHIFT } },   { "kLFT", { KEY_LEFT, MOD_SHIFT } },
	{ "kRIT", { KEY_RIGHT, MOD_SHIFT } },  { "kHOM", { KEY_HOME, MOD_SHIFT } },
	{ "kEND", { KEY_END, MOD_SHIFT } },    { "kPRV", { KEY_PAGE_UP, MOD_SHIFT } },
	{ "kNXT", { KEY_PAGE_DOWN, MOD_SHIFT } }, { "kDC", { KEY_DELETE, MOD_SHIFT } },
};
/* clang-format on */

/* ---- small parts ----------------------------------------------------------------------------------------------- */

static uint32_t find_code(const struct named_code *table, size_t count, int name)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].name == name)
			return table[i].code;
	return KEY_NONE;
}

#define FIND_CODE(table, name) find_code(table, KL_LENGTH(table), name)

/* The number after the modifiers' one: 1 + bits (shift 1, alt 2, ctrl 4, super 8, hyper 16, meta 32, locks). */
static unsigned decode_mods(int number)
{
	unsigned bits = number > 0 ? (unsigned)number - 1 : 0;
	unsigned mods = 0;

	if (bits & 1)
		mods |= MOD_SHIFT;
	if (bits & (2 | 32))
		mods |= MOD_ALT;
	if (bits & 4)
		mods |= MOD_CTRL;
	if (bits & 8)
		mods |= MOD_SUPER;
	return mods;
}

static void emit_if(struct keys *keys, uint32_t code, unsigned mods)
{
	if (code != KEY_NONE)
		keys_emit_key(keys, code, mods);
}

static uint32_t function_key(int number)
{
	return number >= 1 && number <= 24 ? (uint32_t)(KEY_F1 + number - 1) : (uint32_t)KEY_NONE;
}

/* A number that stands for a character, as modifyOtherKeys and kitty send them. */
static uint32_t character(int code)
{
	if (code == '\t' || code == '\r' || code == 0x1b || code == 0x7f)
		return (uint32_t)code;
	if (code == '\n')
		return KEY_ENTER;
	if (code == '\b')
		return KEY_BACKSPACE;
	return code >= 0x20 && code < 0x80                                           ? (uint32_t)code
	       : code >= 0xa0 && code < 0x110000 && (code < 0xd800 || code > 0xf8ff) ? (uint32_t)code
										     : (uint32_t)KEY_NONE;
}

void keys_add_string(struct keys *keys, const char *name, const char *bytes)
{
	struct keys_string *string = &keys->strings[keys->string_count];
	struct key key = { 0 };
	size_t len = strlen(bytes);

	if (strcmp(name, "kbs") == 0 && len == 1)
		keys->erase = bytes[0];
	if (name[0] == 'k' && name[1] == 'f')
		key.code = function_key((int)strtol(name + 2, NULL, 10));
	for (size_t i = 0; i < KL_LENGTH(terminfo_keys); i++)
		if (strcmp(terminfo_keys[i].name, name) == 0)
			key = terminfo_keys[i].key;
	if (key.code == KEY_NONE || len < 3 || bytes[0] != 0x1b || len > sizeof(string->bytes) ||
	    keys->string_count == KEYS_STRINGS_MAX)
		return;
	memcpy(string->bytes, bytes, len);
	string->len = len;
	string->key = key;
	keys->string_count++;
}

static bool emit_string(struct keys *keys)
{
	for (size_t i = 0; i < keys->string_count; i++) {
		const struct keys_string *string = &keys->strings[i];

		if (string->len == keys->len && memcmp(string->bytes, keys->pending, keys->len) == 0) {
			keys_emit_key(keys, string->key.code, string->key.mods);
			return true;
		}
	}
	return false;
}

/* ---- CSI ------------------------------------------------------------------------------------------------------- */

static int add_digit(int value, char digit)
{
	return value < PARAM_LIMIT ? value * 10 + (digit - '0') : PARAM_LIMIT;
}

static void parse_param(struct csi *csi, const char *at, const char *end)
{
	int *value = &csi->params[csi->count];
	int colons = 0;

	for (; at < end; at++) {
		if (*at == ':') {
			value = &csi->subs[csi->count];
			if (++colons > 1)
				break;
		} else if (*at >= '0' && *at <= '9') {
			*value = add_digit(*value, *at);
		}
	}
	csi->count++;
}

static bool parse_csi(struct csi *csi, const char *bytes, size_t len)
{
	const char *at = bytes + 2, *end = bytes + len - 1;

	memset(csi, 0, sizeof(*csi));
	csi->final = *end;
	if (at < end && *at >= '<' && *at <= '?')
		csi->prefix = *at++;
	while (end > at && end[-1] >= 0x20 && end[-1] < 0x30)
		csi->intermediate = *--end;
	while (at < end) {
		const char *stop = memchr(at, ';', (size_t)(end - at));

		if (csi->count == PARAMS_MAX)
			return false;
		stop = stop ? stop : end;
		parse_param(csi, at, stop);
		at = stop < end ? stop + 1 : end;
	}
	return true;
}

/* SGR mouse: button bits; 4 shift, 8 alt, 16 ctrl, 32 motion, 64 wheel. */
static void emit_mouse(struct keys *keys, const struct csi *csi)
{
	struct input input = { .kind = INPUT_MOUSE };
	struct mouse *mouse = &input.mouse;
	int bits = csi->params[0];

	if (csi->count != 3 || csi->params[1] < 1 || csi->params[2] < 1 || bits >= 128)
		return;
	mouse->x = csi->params[1] - 1;
	mouse->y = csi->params[2] - 1;
	mouse->mods = (bits & 4 ? MOD_SHIFT : 0u) | (bits & 8 ? MOD_ALT : 0u) | (bits & 16 ? MOD_CTRL : 0u);
	if (bits & 64) {
		if ((bits & 3) > 1 || csi->final != 'M')
			return;
		mouse->kind = MOUSE_WHEEL;
		mouse->wheel = bits & 1 ? 1 : -1;
	} else if (csi->final == 'm') {
		mouse->kind = MOUSE_RELEASE;
		mouse->button = (bits & 3) == 3 ? keys->pressed : (enum mouse_button)((bits & 3) + 1);
		if (keys->pressed == MOUSE_NONE)
			return; /* never pressed here */
		keys->pressed = MOUSE_NONE;
	} else if ((bits & 3) == 3) {
		return; /* moved without a button */
	} else {
		mouse->kind = bits & 32 ? MOUSE_DRAG : MOUSE_PRESS;
		mouse->button = (enum mouse_button)((bits & 3) + 1);
		keys->pressed = mouse->button;
	}
	keys_emit(keys, &input);
}

static void emit_answer(struct keys *keys, enum answer answer, int mode, int value)
{
	keys_emit(keys, &(struct input){ .kind = INPUT_ANSWER, .answer = answer, .mode = mode, .value = value });
}

static void emit_tilde(struct keys *keys, const struct csi *csi)
{
	if (csi->params[0] == 27 && csi->count == 3) /* modifyOtherKeys: CSI 27 ; mods ; code ~ */
		emit_if(keys, character(csi->params[2]), decode_mods(csi->params[1]));
	else
		emit_if(keys, FIND_CODE(numbers, csi->params[0]), decode_mods(csi->params[1]));
}

static void emit_kitty(struct keys *keys, const struct csi *csi)
{
	int code = csi->params[0];
	uint32_t found = character(code);

	if (csi->subs[1] == 3)
		return; /* a release */
	if (code >= 57376 && code <= 57387)
		found = function_key(13 + code - 57376);
	else if (code >= 57399 && code <= 57408)
		found = (uint32_t)('0' + code - 57399);
	else if (found == KEY_NONE)
		found = FIND_CODE(kitty, code);
	emit_if(keys, found, decode_mods(csi->params[1]));
}

static void emit_private(struct keys *keys, const struct csi *csi)
{
	if (csi->prefix == '<' && (csi->final == 'M' || csi->final == 'm'))
		emit_mouse(keys, csi);
	if (csi->prefix != '?')
		return;
	if (csi->final == 'u')
		emit_answer(keys, ANSWER_KITTY, 0, csi->params[0]);
	else if (csi->final == 'c')
		emit_answer(keys, ANSWER_DEVICE, 0, csi->params[0]);
	else if (csi->final == 'y' && csi->intermediate == '$')
		emit_answer(keys, ANSWER_MODE, csi->params[0], csi->params[1]);
}

static void emit_plain(struct keys *keys, const struct csi *csi)
{
	unsigned mods = decode_mods(csi->params[1]);

	if (csi->intermediate)
		return;
	switch (csi->final) {
	case '~':
		emit_tilde(keys, csi);
		break;
	case '^': /* rxvt */
		emit_if(keys, FIND_CODE(numbers, csi->params[0]), MOD_CTRL);
		break;
	case '@':
		emit_if(keys, FIND_CODE(numbers, csi->params[0]), MOD_CTRL | MOD_SHIFT);
		break;
	case 'u':
		emit_kitty(keys, csi);
		break;
	case 'Z':
		keys_emit_key(keys, KEY_TAB, mods | MOD_SHIFT);
		break;
	case 'I':
	case 'O':
		keys_emit(keys, &(struct input){ .kind = INPUT_FOCUS, .value = csi->final == 'I' });
		break;
	case 'n':
		if (csi->params[0] == 0)
			emit_answer(keys, ANSWER_STATUS, 0, 0);
		break;
	case 'a': /* rxvt: Shift and an arrow */
	case 'b':
	case 'c':
	case 'd':
		if (csi->count == 0)
			emit_if(keys, FIND_CODE(letters, csi->final - 0x20), MOD_SHIFT);
		break;
	default:
		emit_if(keys, FIND_CODE(letters, csi->final), mods);
	}
}

void sequence_csi(struct keys *keys)
{
	struct csi csi;

	if (emit_string(keys) || !parse_csi(&csi, keys->pending, keys->len))
		return;
	if (csi.prefix)
		emit_private(keys, &csi);
	else
		emit_plain(keys, &csi);
}

bool sequence_rxvt_shift(struct keys *keys)
{
	int number = 0;

	for (size_t i = 2; i + 1 < keys->len; i++) {
		if (keys->pending[i] < '0' || keys->pending[i] > '9')
			return false;
		number = add_digit(number, keys->pending[i]);
	}
	emit_if(keys, FIND_CODE(numbers, number), MOD_SHIFT);
	return true;
}

/* ---- the others ------------------------------------------------------------------------------------------------ */

void sequence_ss3(struct keys *keys)
{
	char final = keys->pending[keys->len - 1];
	int number = 0;
	uint32_t code;

	if (emit_string(keys))
		return;
	for (size_t i = 2; i + 1 < keys->len; i++)
		number = add_digit(number, keys->pending[i]);
	if (final >= 'a' && final <= 'd') { /* rxvt: Ctrl and an arrow */
		emit_if(keys, FIND_CODE(letters, final - 0x20), MOD_CTRL);
		return;
	}
	code = FIND_CODE(letters, final);
	emit_if(keys, code ? code : FIND_CODE(keypad, final), decode_mods(number));
}

/* ESC [ [ A to E: F1 to F5 */
void sequence_linux(struct keys *keys)
{
	char final = keys->pending[keys->len - 1];

	if (!emit_string(keys) && final >= 'A' && final <= 'E')
		keys_emit_key(keys, function_key(final - 'A' + 1), 0);
}

/* ESC P 1 $ r ... m: an answer to DECRQSS */
void sequence_string(struct keys *keys)
{
	const char *begin = "\033P1$r";
	size_t skip = strlen(begin);
	struct input input = { .kind = INPUT_ANSWER, .answer = ANSWER_STYLE };

	if (keys->len <= skip || memcmp(keys->pending, begin, skip) != 0)
		return;
	input.text = keys->pending + skip;
	input.len = keys->len - skip;
	keys_emit(keys, &input);
}
