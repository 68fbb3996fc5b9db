#ifndef TESTS_PTY_EMULATOR_H
#define TESTS_PTY_EMULATOR_H

/*
 * A terminal for tests: libvterm keeps the picture; a scanner beside it keeps what libvterm does not tell (modes, titles,
 * the clipboard, bells, the kitty stack) and answers the questions of a modern terminal when the test wants that.
 */

#include <stdbool.h>
#include <stddef.h>

#include <vterm.h>

#include <kodelab/buf.h>

enum feature {
	FEATURE_SYNC = 1 << 0, /* answers DECRQM 2026 with 2 */
	FEATURE_KITTY = 1 << 1, /* answers CSI ? u */
	FEATURE_MUTE = 1 << 2, /* answers nothing at all */
	FEATURE_LATE = 1 << 3, /* a slow line: child_answer() brings the answers */
};

enum { MODES_MAX = 64 };

struct emulator {
	VTerm *vt;
	VTermScreen *screen;
	unsigned features;
	int rows, cols;
	struct kl_buf raw; /* all that was ever written */
	struct kl_buf answers; /* to be sent to the program */
	struct kl_buf clipboard; /* base64 of the last OSC 52 */
	struct kl_buf sequence; /* being scanned */
	int state;
	int modes[MODES_MAX]; /* private modes that are set */
	size_t mode_count;
	int kitty; /* depth of the keyboard stack */
	int titles, bells;
};

void emulator_init(struct emulator *emulator, int rows, int cols, unsigned features);
void emulator_release(struct emulator *emulator);
void emulator_feed(struct emulator *emulator, const char *bytes, size_t len);
void emulator_resize(struct emulator *emulator, int rows, int cols);
bool emulator_mode(const struct emulator *emulator, int mode);
/* Was this ever written? */
bool emulator_wrote(const struct emulator *emulator, const char *bytes);
size_t emulator_count(const struct emulator *emulator, const char *bytes);
/* One row as UTF-8, blanks at the end cut; the whole picture. */
void emulator_row(const struct emulator *emulator, int y, struct kl_buf *out);
void emulator_text(const struct emulator *emulator, struct kl_buf *out);
bool emulator_has(const struct emulator *emulator, const char *text);
VTermPos emulator_cursor(const struct emulator *emulator);
/* The largest kind of colour ever written: 0 none, 1 numbered, 2 24-bit (the question whether it can be had apart). */
int emulator_colors(const struct emulator *emulator);

#endif
