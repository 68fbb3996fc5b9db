/* Moves, looks and glyphs as bytes: see pen.h. */
#include "pen.h"

#include <string.h>

#include <kodelab/alloc.h>

#include "caps.h"
#include "tui/ui/canvas.h"
#include "tui/ui/grid.h"

enum { MOVE_MAX = 48, STEPS_MAX = 3, CODES_MAX = 128 };

void pen_init(struct pen *pen, const struct caps *caps)
{
	*pen = (struct pen){ .caps = caps };
	pen_forget(pen);
}

void pen_lose(struct pen *pen)
{
	pen->y = pen->x = -1;
}

void pen_forget(struct pen *pen)
{
	pen_lose(pen);
	pen->look_known = false;
	pen->line_drawing = false;
}

/* ---- moves ----------------------------------------------------------------------------------------------------- */

/* A way that is being built; len < 0: there is no such way. */
struct way {
	char bytes[MOVE_MAX];
	int len;
};

static void way_none(struct way *way)
{
	way->len = -1;
}

static void way_repeat(struct way *way, char byte, int count)
{
	for (int i = 0; i < count && way->len < MOVE_MAX; i++)
		way->bytes[way->len++] = byte;
}

/* Rows and columns of a terminal: a frame tries many of them, and printf costs more than all else here. */
static void way_number(struct way *way, int number)
{
	char digits[12];
	int at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	memcpy(way->bytes + way->len, digits + at, sizeof(digits) - (size_t)at);
	way->len += (int)sizeof(digits) - at;
}

/* CSI number final, without the number when it is 1. */
static void way_csi(struct way *way, int number, char final)
{
	way_repeat(way, '\033', 1);
	way_repeat(way, '[', 1);
	if (number != 1)
		way_number(way, number);
	way_repeat(way, final, 1);
}

static void keep_shorter(struct way *best, const struct way *other)
{
	if (other->len >= 0 && (best->len < 0 || other->len < best->len))
		*best = *other;
}

/* Within a column: by delta rows. */
static struct way vertical(const struct caps *caps, int from, int to)
{
	struct way best = { .len = 0 }, other = { .len = 0 };
	int delta = to - from;

	if (delta == 0)
		return best;
	way_none(&best);
	if (delta > 0 && delta <= STEPS_MAX) {
		way_repeat(&other, '\n', delta);
		return other;
	}
	if (caps->has & (delta > 0 ? HAS_CUD : HAS_CUU)) {
		way_csi(&other, delta > 0 ? delta : -delta, delta > 0 ? 'B' : 'A');
		keep_shorter(&best, &other);
	}
	if (caps->has & HAS_VPA) {
		other.len = 0;
		way_csi(&other, to + 1, 'd');
		keep_shorter(&best, &other);
	}
	return best;
}

static void try_step(struct way *best, const struct caps *caps, int delta)
{
	struct way other = { .len = 0 };

	if (delta < 0 && -delta <= STEPS_MAX)
		way_repeat(&other, '\b', -delta);
	else if (delta < 0 && (caps->has & HAS_CUB))
		way_csi(&other, -delta, 'D');
	else if (delta > 0 && (caps->has & HAS_CUF))
		way_csi(&other, delta, 'C');
	else
		return;
	keep_shorter(best, &other);
}

static struct way horizontal(const struct caps *caps, int from, int to)
{
	struct way best = { .len = 0 }, other = { .len = 0 };

	if (from == to)
		return best;
	way_none(&best);
	try_step(&best, caps, to - from);
	if (to == 0 || (caps->has & HAS_CUF)) {
		way_repeat(&other, '\r', 1);
		if (to > 0)
			way_csi(&other, to, 'C');
		keep_shorter(&best, &other);
	}
	if (caps->has & HAS_HPA) {
		other.len = 0;
		way_csi(&other, to + 1, 'G');
		keep_shorter(&best, &other);
	}
	return best;
}

static struct way absolute(int y, int x)
{
	struct way way = { .len = 0 };

	if (x == 0) {
		way_csi(&way, y + 1, 'H');
		return way;
	}
	way_repeat(&way, '\033', 1);
	way_repeat(&way, '[', 1);
	way_number(&way, y + 1);
	way_repeat(&way, ';', 1);
	way_number(&way, x + 1);
	way_repeat(&way, 'H', 1);
	return way;
}

static void move_ansi(struct pen *pen, int y, int x)
{
	struct way best = absolute(y, x);

	if (pen->y >= 0 && pen->x >= 0) {
		struct way down = vertical(pen->caps, pen->y, y), across = horizontal(pen->caps, pen->x, x);

		if (down.len >= 0 && across.len >= 0 && down.len + across.len < best.len) {
			kl_buf_add(pen->out, down.bytes, (size_t)down.len);
			best = across;
		}
	}
	kl_buf_add(pen->out, best.bytes, (size_t)best.len);
}

void pen_move(struct pen *pen, int y, int x)
{
	if (pen->y == y && pen->x == x)
		return;
	if (pen->caps->ansi)
		move_ansi(pen, y, x);
	else
		caps_add(pen->caps, pen->out, STR_CUP, y, x);
	pen->y = y;
	pen->x = x;
}

/* ---- looks ----------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
	unsigned attr;
	int on, off;
	enum caps_string string;
} attr_codes[] = {
	{ ATTR_BOLD, 1, 22, STR_BOLD },           { ATTR_DIM, 2, 22, STR_DIM },
	{ ATTR_ITALIC, 3, 23, STR_ITALIC },       { ATTR_UNDERLINE, 4, 24, STR_UNDERLINE },
	{ ATTR_REVERSE, 7, 27, STR_REVERSE },     { ATTR_STRIKE, 9, 29, STR_STRIKE },
};
/* clang-format on */

static bool color_same(struct color a, struct color b)
{
	return a.kind == b.kind && a.value == b.value;
}

bool look_same(struct look a, struct look b)
{
	return a.attrs == b.attrs && color_same(a.fg, b.fg) && color_same(a.bg, b.bg);
}

bool look_blank_same(struct look a, struct look b)
{
	const unsigned seen = ATTR_UNDERLINE | ATTR_REVERSE | ATTR_STRIKE;

	if ((a.attrs | b.attrs) & seen)
		return look_same(a, b);
	return a.bg.kind == b.bg.kind && a.bg.value == b.bg.value;
}

bool pen_erases(const struct pen *pen, struct look look)
{
	if (look.attrs & (ATTR_UNDERLINE | ATTR_REVERSE | ATTR_STRIKE))
		return false;
	return pen->caps->bce || look.bg.kind == COLOR_DEFAULT;
}

static const struct look plain_look = { { COLOR_DEFAULT, 0 }, { COLOR_DEFAULT, 0 }, 0 };

struct codes {
	char text[CODES_MAX];
	int len;
};

static void add_code(struct codes *codes, int code)
{
	if (codes->len)
		codes->text[codes->len++] = ';';
	if (code >= 100)
		codes->text[codes->len++] = (char)('0' + code / 100);
	if (code >= 10)
		codes->text[codes->len++] = (char)('0' + code / 10 % 10);
	codes->text[codes->len++] = (char)('0' + code % 10);
}

/* base: 30 for the foreground, 40 for the background. */
static void add_color(struct codes *codes, struct color color, int base)
{
	int value = (int)color.value;

	if (color.kind == COLOR_RGB) {
		add_code(codes, base + 8);
		add_code(codes, 2);
		add_code(codes, value >> 16 & 255);
		add_code(codes, value >> 8 & 255);
		add_code(codes, value & 255);
	} else if (color.kind != COLOR_INDEX) {
		add_code(codes, base + 9);
	} else if (value < 16) {
		add_code(codes, value < 8 ? base + value : base + 60 + value - 8);
	} else {
		add_code(codes, base + 8);
		add_code(codes, 5);
		add_code(codes, value);
	}
}

/* Takes back the attributes that are on and not wanted. Returns those that are left. */
static unsigned drop_attrs(struct codes *codes, unsigned attrs, unsigned wanted)
{
	unsigned extra = attrs & ~wanted;
	int last = 0;

	for (size_t i = 0; i < KL_LENGTH(attr_codes); i++) {
		if ((extra & attr_codes[i].attr) && attr_codes[i].off != last) {
			last = attr_codes[i].off;
			add_code(codes, last);
		}
	}
	if (extra & (ATTR_BOLD | ATTR_DIM))
		attrs &= ~(unsigned)(ATTR_BOLD | ATTR_DIM); /* 22 takes both */
	return attrs & wanted;
}

/* From one look to another, step by step. */
static void add_change(struct codes *codes, struct look from, struct look to)
{
	from.attrs = drop_attrs(codes, from.attrs, to.attrs);
	for (size_t i = 0; i < KL_LENGTH(attr_codes); i++)
		if (to.attrs & ~from.attrs & attr_codes[i].attr)
			add_code(codes, attr_codes[i].on);
	if (!color_same(from.fg, to.fg))
		add_color(codes, to.fg, 30);
	if (!color_same(from.bg, to.bg))
		add_color(codes, to.bg, 40);
}

/* By a reset, or step by step where that is possible and not longer. */
static void look_ansi(struct pen *pen, struct look look)
{
	struct codes reset = { .len = 0 }, change = { .len = 0 };
	const struct codes *best = &reset;
	bool possible = pen->look_known && (pen->caps->sgr_off || !(pen->look.attrs & ~look.attrs));

	if (!look_same(look, plain_look)) { /* else CSI m */
		add_code(&reset, 0);
		add_change(&reset, plain_look, look);
	}
	if (possible) {
		add_change(&change, pen->look, look);
		best = change.len <= reset.len ? &change : &reset;
	}
	kl_buf_add_str(pen->out, "\033[");
	kl_buf_add(pen->out, best->text, (size_t)best->len);
	kl_buf_add_char(pen->out, 'm');
}

static void look_terminfo(struct pen *pen, struct look look)
{
	caps_add(pen->caps, pen->out, STR_SGR0, 0, 0);
	for (size_t i = 0; i < KL_LENGTH(attr_codes); i++)
		if (look.attrs & attr_codes[i].attr)
			caps_add(pen->caps, pen->out, attr_codes[i].string, 0, 0);
	if (look.fg.kind == COLOR_INDEX)
		caps_add(pen->caps, pen->out, STR_SETAF, (int)look.fg.value, 0);
	if (look.bg.kind == COLOR_INDEX)
		caps_add(pen->caps, pen->out, STR_SETAB, (int)look.bg.value, 0);
	pen->line_drawing = false; /* sgr0 often ends it */
}

void pen_look(struct pen *pen, struct look look)
{
	look.attrs &= pen->caps->attrs;
	if (pen->look_known && look_same(pen->look, look))
		return;
	if (pen->caps->sgr)
		look_ansi(pen, look);
	else
		look_terminfo(pen, look);
	pen->look = look;
	pen->look_known = true;
}

/* ---- glyphs ---------------------------------------------------------------------------------------------------- */

static const struct {
	uint32_t unicode;
	char acs, ascii;
} symbols[] = {
#define X(id, unicode, acs, ascii) [id] = { unicode, acs, ascii },
	SYMBOL_MAP(X)
#undef X
};

/* What the terminal's own line drawing has for a VT100 letter; 0: nothing. */
static char find_acs(const struct caps *caps, char letter)
{
	const char *map = caps->strings[STR_ACS_MAP];

	if (!letter || !caps->strings[STR_ACS_ON][0])
		return 0;
	for (; map[0] && map[1]; map += 2)
		if (map[0] == letter)
			return map[1];
	return 0;
}

static void set_line_drawing(struct pen *pen, bool on)
{
	if (pen->line_drawing == on)
		return;
	caps_add(pen->caps, pen->out, on ? STR_ACS_ON : STR_ACS_OFF, 0, 0);
	pen->line_drawing = on;
}

static void put_text(struct pen *pen, struct glyphs *glyphs, uint32_t glyph, int cols)
{
	size_t len;
	const char *text;

	set_line_drawing(pen, false);
	if (glyph < 0x80) {
		kl_buf_add_char(pen->out, (char)glyph);
	} else if (pen->caps->utf8) {
		text = glyphs_text(glyphs, glyph, &len);
		kl_buf_add(pen->out, text, len);
	} else {
		kl_buf_add(pen->out, "??", (size_t)cols);
	}
}

static void put_symbol(struct pen *pen, struct glyphs *glyphs, uint32_t symbol)
{
	char acs = find_acs(pen->caps, symbols[symbol].acs);

	if (pen->caps->utf8 && (!pen->caps->plain_font || symbols[symbol].acs)) {
		put_text(pen, glyphs, symbols[symbol].unicode, 1);
	} else if (acs) {
		set_line_drawing(pen, true);
		kl_buf_add_char(pen->out, acs);
	} else {
		put_text(pen, glyphs, (unsigned char)symbols[symbol].ascii, 1);
	}
}

/* Terminals disagree about the width of these; after them the place is not known, so the next move is absolute. */
static bool is_doubtful(uint32_t glyph)
{
	if (glyph & GLYPH_SYMBOL)
		return false;
	return (glyph & GLYPH_CLUSTER) || glyph >= 0x1f000 || (glyph >= 0x2300 && glyph < 0x2500) ||
	       (glyph >= 0x2600 && glyph < 0x2c00);
}

void pen_glyph(struct pen *pen, struct glyphs *glyphs, uint32_t glyph, int cols)
{
	if (glyph & GLYPH_SYMBOL)
		put_symbol(pen, glyphs, glyph & ~GLYPH_SYMBOL);
	else
		put_text(pen, glyphs, glyph, cols);
	if (pen->caps->utf8 && is_doubtful(glyph))
		pen_lose(pen);
	else
		pen->x += cols;
}
