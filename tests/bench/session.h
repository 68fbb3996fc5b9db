#ifndef TESTS_BENCH_SESSION_H
#define TESTS_BENCH_SESSION_H

/*
 * One program on a pty, watched: libvterm keeps the screen and answers the program's questions as a terminal would. Times are of the
 * monotonic clock, and end when the awaited change is on the screen, not when bytes come.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <vterm.h>

enum { SCREEN_ROWS = 24, SCREEN_COLS = 80 };

/* Keys that a terminal encodes by its mode: one byte each in a string of keys; other bytes are sent as they are. */
#define KEY_UP    "\xf8"
#define KEY_DOWN  "\xf9"
#define KEY_LEFT  "\xfa"
#define KEY_RIGHT "\xfb"
#define KEY_PAGE  "\xfc"
#define KEY_END   "\xfd"
#define KEY_ZOOM  "\xfe" /* F2 */

struct session {
	pid_t pid;
	int fd;
	VTerm *vt;
	VTermScreen *screen;
	VTermPos cursor;
	unsigned changes; /* of cells or the cursor, counted */
	unsigned cells; /* of cells */
	size_t bytes; /* written by the program so far */
	int64_t start_us; /* just before exec */
};

/* What the process and its children cost so far. */
struct usage {
	int64_t cpu_ns, wakeups, pss_kib;
};

typedef bool session_test_fn(struct session *session, const void *ctx);

void session_start(struct session *session, const char *const *argv, const char *home);
/* Kills it. */
void session_stop(struct session *session);

/* Sends without waiting (but takes what comes when the pty is full). */
void session_send(struct session *session, const char *keys);
/* Waits until test holds: microseconds from from_us, or -1 after limit_ms. */
int64_t session_wait(struct session *session, session_test_fn *test, const void *ctx, int64_t from_us, int limit_ms);
/* Takes what comes until nothing came for ms. */
void session_settle(struct session *session, int ms);
void session_pump(struct session *session, int ms);
/* The screen, to stderr: for when what was waited for does not come. */
void session_dump(struct session *session);
struct usage session_usage(const struct session *session);

/* ---- tests: ctx is what they say ---- */

bool session_has_text(struct session *session, const void *text);
bool session_changed(struct session *session, const void *changes_before);
bool session_drew(struct session *session, const void *cells_before);

struct expected_cell {
	VTermPos pos;
	uint32_t code;
};
bool session_has_cell(struct session *session, const void *expected_cell);
bool session_cursor_moved(struct session *session, const void *pos_before);

#endif
