#ifndef TESTS_PTY_CHILD_H
#define TESTS_PTY_CHILD_H

/* A program on a pty with the emulator at the other end, in a home of its own. */

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

#include "emulator.h"

enum { ENV_MAX = 16, EXIT_TIMEOUT = -1 };

struct start {
	const char *const *argv; /* NULL: the lab */
	const char *term; /* NULL: xterm-256color */
	const char *env[ENV_MAX]; /* "NAME=value", after the usual ones */
	const char *home; /* NULL: a new one */
	int rows, cols; /* 0: 24x80 */
	unsigned features;
};

struct child {
	pid_t pid;
	int fd;
	struct emulator emulator;
	struct termios before; /* modes of the tty before the program */
	char home[64];
	bool own_home;
	int status; /* as by waitpid, when it has ended */
	bool ended;
	bool sent; /* something it may not have seen yet */
	long switches; /* its count when that was sent */
};

/* What every test starts: set by main. */
struct places {
	const char *lab; /* the program */
	const char *share; /* themes/, challenges/ */
};

void child_start(struct child *child, const struct places *places, const struct start *start);
/* Kills what still runs and removes the home. */
void child_stop(struct child *child);
/* Removes nothing: for tests that start again in the same home. */
void child_stop_keep(struct child *child);

/* Reads what comes for ms. */
void child_pump(struct child *child, int ms);
/* Until text is on the screen; false: not in time. */
bool child_wait_text(struct child *child, const char *text, int ms);
/* Until FEATURE_LATE holds an answer back. */
bool child_wait_answers(struct child *child, int ms);
bool child_wait_gone(struct child *child, const char *text, int ms);
/* Until one of them is. */
bool child_wait_either(struct child *child, const char *text, const char *other, int ms);
/* Does it wait for something, with all it has written read? */
bool child_rests(struct child *child);
/* Until nothing came for ms, and it has rested all that time: how slow the machine is does not matter. */
void child_wait_quiet(struct child *child, int ms);
/* Until it has ended: its exit status, 128 + signal, or EXIT_TIMEOUT. */
int child_wait_exit(struct child *child, int ms);
/* Sends the answers that FEATURE_LATE held back, and holds back no more. */
void child_answer(struct child *child);
void child_send(struct child *child, const char *bytes);
void child_send_bytes(struct child *child, const char *bytes, size_t len);
void child_resize(struct child *child, int rows, int cols);
void child_signal(struct child *child, int signo);
/* Closes the terminal's end. */
void child_hang_up(struct child *child);
struct termios child_modes(const struct child *child);

#endif
