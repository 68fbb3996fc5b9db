/* The terminal for tests: see emulator.h. */
#include "emulator.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

enum { RAW_MAX = 64 << 20, SMALL_MAX = 1 << 20 };
enum { GROUND, ESCAPE, CSI, STRING, STRING_ESCAPE };

static void take_answer(const char *bytes, size_t len, void *ctx)
{
	struct emulator *emulator = ctx;

	if (!(emulator->features & FEATURE_MUTE))
		kl_buf_add(&emulator->answers, bytes, len);
}

void emulator_init(struct emulator *emulator, int rows, int cols, unsigned features)
{
	*emulator = (struct emulator){ .features = features, .rows = rows, .cols = cols };
	kl_buf_init(&emulator->raw, RAW_MAX);
	kl_buf_init(&emulator->answers, SMALL_MAX);
	kl_buf_init(&emulator->clipboard, SMALL_MAX);
	kl_buf_init(&emulator->sequence, SMALL_MAX);
	emulator->vt = vterm_new(rows, cols);
	vterm_set_utf8(emulator->vt, 1);
	vterm_output_set_callback(emulator->vt, take_answer, emulator);
	emulator->screen = vterm_obtain_screen(emulator->vt);
	vterm_screen_enable_altscreen(emulator->screen, 1);
	vterm_screen_reset(emulator->screen, 1);
}

void emulator_release(struct emulator *emulator)
{
	vterm_free(emulator->vt);
	kl_buf_release(&emulator->raw);
	kl_buf_release(&emulator->answers);
	kl_buf_release(&emulator->clipboard);
	kl_buf_release(&emulator->sequence);
}

void emulator_resize(struct emulator *emulator, int rows, int cols)
{
	emulator->rows = rows;
	emulator->cols = cols;
	vterm_set_size(emulator->vt, rows, cols);
}

/* ---- scanning -------------------------------------------------------------------------------------------------- */

static void set_mode(struct emulator *emulator, int mode, bool on)
{
	size_t at = 0;

	while (at < emulator->mode_count && emulator->modes[at] != mode)
		at++;
	if (on && at == emulator->mode_count && at < MODES_MAX)
		emulator->modes[emulator->mode_count++] = mode;
	if (!on && at < emulator->mode_count)
		emulator->modes[at] = emulator->modes[--emulator->mode_count];
}

static void set_modes(struct emulator *emulator, const char *at, bool on)
{
	while (*at >= '0' && *at <= '9') {
		char *end;

		set_mode(emulator, (int)strtol(at, &end, 10), on);
		at = *end == ';' ? end + 1 : end;
	}
}

static void answer(struct emulator *emulator, unsigned feature, const char *text)
{
	if (emulator->features & feature)
		kl_buf_add_str(&emulator->answers, text);
}

/* A whole CSI sequence; true when libvterm shall see it. */
static bool scan_csi(struct emulator *emulator)
{
	const char *text = emulator->sequence.data + 2;
	char final = emulator->sequence.data[emulator->sequence.len - 1];

	if (strcmp(text, "?2026$p") == 0) {
		answer(emulator, FEATURE_SYNC, "\033[?2026;2$y");
		return !(emulator->features & FEATURE_SYNC);
	}
	if (text[0] == '?' && (final == 'h' || final == 'l'))
		set_modes(emulator, text + 1, final == 'h');
	if (final != 'u' || text[0] == 'u')
		return true;
	if (text[0] == '?')
		answer(emulator, FEATURE_KITTY, "\033[?0u");
	if (text[0] == '>')
		emulator->kitty++;
	if (text[0] == '<')
		emulator->kitty--;
	return false;
}

static void scan_string(struct emulator *emulator)
{
	const char *text = emulator->sequence.data + 1;
	const char *clip = "]52;c;";

	if (strncmp(text, "]2;", 3) == 0 || strncmp(text, "]0;", 3) == 0)
		emulator->titles++;
	if (strncmp(text, clip, strlen(clip)) == 0) {
		kl_buf_clear(&emulator->clipboard);
		kl_buf_add_str(&emulator->clipboard, text + strlen(clip));
	}
}

static void finish(struct emulator *emulator, bool forward)
{
	if (forward)
		vterm_input_write(emulator->vt, emulator->sequence.data, emulator->sequence.len);
	kl_buf_clear(&emulator->sequence);
	emulator->state = GROUND;
}

static void scan_escape(struct emulator *emulator, char byte)
{
	if (byte == '[')
		emulator->state = CSI;
	else if (strchr("]P_^", byte))
		emulator->state = STRING;
	else if (byte >= 0x30)
		finish(emulator, true);
}

static void scan(struct emulator *emulator, char byte)
{
	if (emulator->state == GROUND && byte != 0x1b) {
		emulator->bells += byte == '\a';
		vterm_input_write(emulator->vt, &byte, 1);
		return;
	}
	kl_buf_add_char(&emulator->sequence, byte);
	switch (emulator->state) {
	case GROUND:
		emulator->state = ESCAPE;
		break;
	case ESCAPE:
		scan_escape(emulator, byte);
		break;
	case CSI:
		if (byte >= 0x40 && byte < 0x7f)
			finish(emulator, scan_csi(emulator));
		break;
	case STRING:
		if (byte == 0x1b)
			emulator->state = STRING_ESCAPE;
		if (byte != '\a')
			break;
		scan_string(emulator);
		finish(emulator, true);
		break;
	default:
		scan_string(emulator);
		finish(emulator, true);
	}
}

void emulator_feed(struct emulator *emulator, const char *bytes, size_t len)
{
	kl_buf_add(&emulator->raw, bytes, len);
	for (size_t i = 0; i < len; i++)
		scan(emulator, bytes[i]);
	vterm_screen_flush_damage(emulator->screen);
}

/* ---- looking --------------------------------------------------------------------------------------------------- */

bool emulator_mode(const struct emulator *emulator, int mode)
{
	for (size_t i = 0; i < emulator->mode_count; i++)
		if (emulator->modes[i] == mode)
			return true;
	return false;
}

size_t emulator_count(const struct emulator *emulator, const char *bytes)
{
	const char *at = emulator->raw.data, *end = at + emulator->raw.len;
	size_t count = 0, len = strlen(bytes);

	while ((at = memmem(at, (size_t)(end - at), bytes, len))) {
		at += len;
		count++;
	}
	return count;
}

bool emulator_wrote(const struct emulator *emulator, const char *bytes)
{
	return emulator_count(emulator, bytes) > 0;
}

static void add_utf8(struct kl_buf *out, uint32_t code)
{
	if (code < 0x80) {
		kl_buf_add_char(out, (char)code);
	} else if (code < 0x800) {
		kl_buf_addf(out, "%c%c", 0xc0 | code >> 6, 0x80 | (code & 63));
	} else if (code < 0x10000) {
		kl_buf_addf(out, "%c%c%c", 0xe0 | code >> 12, 0x80 | (code >> 6 & 63), 0x80 | (code & 63));
	} else {
		kl_buf_addf(out, "%c%c%c%c", 0xf0 | code >> 18, 0x80 | (code >> 12 & 63), 0x80 | (code >> 6 & 63),
			    0x80 | (code & 63));
	}
}

static VTermScreenCell cell_at(const struct emulator *emulator, int y, int x)
{
	VTermScreenCell cell;

	memset(&cell, 0, sizeof(cell));
	vterm_screen_get_cell(emulator->screen, (VTermPos){ .row = y, .col = x }, &cell);
	return cell;
}

void emulator_row(const struct emulator *emulator, int y, struct kl_buf *out)
{
	size_t end = out->len;

	for (int x = 0; x < emulator->cols; x++) {
		VTermScreenCell cell = cell_at(emulator, y, x);

		if (cell.chars[0] == (uint32_t)-1)
			continue;
		if (cell.chars[0] == 0)
			kl_buf_add_char(out, ' ');
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			add_utf8(out, cell.chars[i]);
		if (cell.chars[0] != 0 && cell.chars[0] != ' ')
			end = out->len;
	}
	kl_buf_cut(out, end);
}

void emulator_text(const struct emulator *emulator, struct kl_buf *out)
{
	for (int y = 0; y < emulator->rows; y++) {
		emulator_row(emulator, y, out);
		kl_buf_add_char(out, '\n');
	}
}

bool emulator_has(const struct emulator *emulator, const char *text)
{
	struct kl_buf picture;
	bool found;

	kl_buf_init(&picture, SMALL_MAX);
	emulator_text(emulator, &picture);
	found = strstr(picture.data, text) != NULL;
	kl_buf_release(&picture);
	return found;
}

VTermPos emulator_cursor(const struct emulator *emulator)
{
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(emulator->vt), &pos);
	return pos;
}

/* The kind of colour that the parameters of one SGR set. */
static int sgr_colors(const char *at)
{
	int most = 0, last = 0;

	while (*at == ';' || (*at >= '0' && *at <= '9')) {
		int value = (int)strtol(at, NULL, 10);

		if ((last == 38 || last == 48) && value == 2)
			return 2;
		if ((value >= 30 && value <= 38) || (value >= 40 && value <= 48) || (value >= 90 && value <= 107))
			most = 1;
		last = value;
		at += strspn(at, "0123456789");
		at += *at == ';';
	}
	return *at == 'm' ? most : 0;
}

int emulator_colors(const struct emulator *emulator)
{
	const char *question = "48;2;1;2;3m\033P$qm", *at = emulator->raw.data;
	int most = 0;

	while ((at = strstr(at, "\033["))) {
		at += 2;
		if (strncmp(at, question, strlen(question)) != 0 && sgr_colors(at) > most)
			most = sgr_colors(at);
	}
	return most;
}
