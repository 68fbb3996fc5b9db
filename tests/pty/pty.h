#ifndef TESTS_PTY_PTY_H
#define TESTS_PTY_PTY_H

/* A test on a pty: says what is wrong by returning false after REFUSE, with the screen kept for the report. */

#include "child.h"

struct pty {
	const struct places *places;
	struct child child;
	char trouble[512];
};

struct pty_test {
	const char *name;
	bool (*run)(struct pty *pty);
};

/* Ended by a NULL name. */
extern const struct pty_test matrix_tests[], more_tests[], picture_tests[], kill_tests[], hands_tests[], bytes_tests[];

#define REFUSE(pty, ...) (snprintf((pty)->trouble, sizeof((pty)->trouble), __VA_ARGS__), false)
#define REQUIRE(pty, condition)                                                                                        \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			return REFUSE(pty, "%s:%d: %s", __FILE__, __LINE__, #condition);                               \
	} while (0)

/* The lab as a child, until its first screen is there. */
bool pty_lab(struct pty *pty, const struct start *start);
/* ... and its first challenge is open, the editor with the focus. */
bool pty_workspace(struct pty *pty, const struct start *start);
/* Leaves the lab by its key and looks whether all is as before. */
bool pty_leave(struct pty *pty);
/* Are all modes off, and the tty as it was? */
bool pty_clean(struct pty *pty);
/* The picture as text, owned by the caller. */
char *pty_picture(struct pty *pty);

#endif
